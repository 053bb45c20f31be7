"""Packages for Linux, Windows and macOS of one frozen folder, and the test of what was made."""
