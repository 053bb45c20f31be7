"""What a model is without running it: its config, where it lies, its tokenizer, and lessons above it.

Any part above may import from here; only models/torch loads torch, and only models/runtime runs exported graphs.
"""
