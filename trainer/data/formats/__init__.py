"""Captions with their images and splits: what training adds to `photosearch.captions`."""
