"""Widgets and looks that know nothing of photos or the engine: colours, icons, dialogs, small controls.

Any room may import from here; it imports from none.
"""
