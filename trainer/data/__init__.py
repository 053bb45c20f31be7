"""Pairs of photos and captions: reading, checking, splitting, batches."""
