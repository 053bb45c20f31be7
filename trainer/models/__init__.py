"""Networks to train: built from a recipe, read from other makers' files, grouped for the optimizer.

Runs, evaluation and recipes import from here; it imports only from data, losses and the program's models.
"""
