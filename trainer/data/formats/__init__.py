"""The formats in which data sets of photos and captions come, one module each."""
