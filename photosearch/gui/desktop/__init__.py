"""What the window shares with the desktop: files, clipboard, trash, preferences, language, crashes.

The rooms with widgets may import from here; it imports from data and widgets.
"""
