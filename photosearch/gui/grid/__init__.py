"""The grid of photos: layout, painting, selection, keyboard and pointer, the scrubber at its side.

`grid.PhotoGrid` is what other rooms use.
"""
