"""A trained model, from wherever it is, becomes a checkpoint that the program can use, without training."""
