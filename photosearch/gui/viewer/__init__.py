"""One photo over the whole window: its picture, zoomed and panned, and the panel of what is known of it.

`detail.DetailView`, `information.InformationPanel` and `picture.PictureView` are what other rooms use.
"""
