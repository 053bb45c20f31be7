"""How good a model is: embeddings, recall, zero-shot classification, intervals and comparisons."""
