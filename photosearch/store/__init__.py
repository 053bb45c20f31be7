"""The library on disk: SQLite is the truth, the flat vector file a cache of it. All SQL lives here."""
