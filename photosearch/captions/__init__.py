"""Captions in files: read in every format that people have them in, and written.

`reading.read_captions` takes a path in any format and `writing` makes an export; the trainer also imports
the modules of single formats. Knows nothing of libraries.
"""
