"""What a model is without running it: its config, where it lies, its tokenizer, and lessons above it.

Any part above may import from here. Only models/torch loads torch; models/runtime runs exported graphs.
"""
