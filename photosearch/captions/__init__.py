"""Captions in files: read in every format that people have them in, and written."""
