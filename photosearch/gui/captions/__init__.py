"""Captioning photo after photo, with one's own words completed while typing.

`mode.CaptionMode` is what other rooms use; `caption_reads` finds the photos to begin with.
"""
