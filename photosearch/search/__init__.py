"""From what a person typed to photos in the order of how well they answer it.

`query.parse` understands a text, also for the window's chips; `searcher.Searcher`, which the engine holds,
answers.
"""
