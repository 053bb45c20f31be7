"""Packages for Linux of a frozen folder: `python -m installer.linux FOLDER --out DIR` makes what can be made.

A `.deb`, a `.tar.zst`, and an AppImage where appimagetool is; each has the same files at the same places.
"""
