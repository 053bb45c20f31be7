"""The library on disk: SQLite is the truth, the flat file of vectors a cache of it. All SQL is here.

Any part above reads through `reader.Reader`, whose answers are in `rows`; only the engine and what it runs
open `writer.Writer`.
"""
