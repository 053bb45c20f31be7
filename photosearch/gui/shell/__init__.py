"""The window itself and what joins its rooms: commands, settings, tray, notifications.

`window.Window` is what the program shows; only app and teach import from here.
"""
