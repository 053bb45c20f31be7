"""What a model is without running it: its config, where it lies, its tokenizer, and lessons above it.

Any part above may import from here; nothing in this folder loads torch, which is for models/torch alone.
"""
