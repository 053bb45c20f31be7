"""How good a model is: embeddings of a data set, recall, zero-shot classification, intervals and comparisons."""
