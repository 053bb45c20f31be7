"""Packages for Linux of a frozen folder: `python -m installer.linux FOLDER --out DIR` makes what can be made.

A `.deb` and a `.tar.zst`, an `.rpm` where rpmbuild is, and an AppImage where its runtime was compiled; each
has the same files at the same places.
"""
