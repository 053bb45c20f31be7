"""How good a model is: embeddings, recall, zero-shot classification, intervals and comparisons.

Runs, teaching, reports and commands measure with it: `embed.open_model` opens a model, `recall` ranks.
"""
