"""Captions with their images and splits, in each format that data sets come in.

`dataset` tries the formats in turn; each gives a `listing.Listing`, or None where the files are not its own.
"""
