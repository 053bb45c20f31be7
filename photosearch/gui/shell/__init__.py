"""The window itself and what joins its rooms: commands, settings, tray, notifications."""
