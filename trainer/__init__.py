"""Makes PhotoSearch's models: data, losses, training, evaluation, teaching.

The program never imports it; it imports only the program's models, decoding, captions and core.
"""
