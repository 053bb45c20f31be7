"""What the window shares with the desktop it runs on: files, clipboard, trash, settings, language, crashes."""
