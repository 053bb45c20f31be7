"""Pairs of photos and captions: reading, checking, splitting, augmenting, batches.

The rooms above take `pairs.Pairs`, `dataset.read_dataset` and `loader.Loader` from here.
"""
