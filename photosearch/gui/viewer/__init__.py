"""One photo over the whole window: its picture, zoomed and panned, and the panel of what is known of it."""
