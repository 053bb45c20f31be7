"""What the window knows and how it comes to know it, in the background: the engine, the library, pictures.

Any room but widgets may import from here; no widget is made here.
"""
