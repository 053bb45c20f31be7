"""Losses over a batch's similarity matrix; each file names its formula and its source."""
