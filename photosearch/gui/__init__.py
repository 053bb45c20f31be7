"""The window, in rooms that each import only from those below them: see docs/architecture.md.

Only this package reaches Qt. It asks the engine and reads the store, and never writes. `app.main` opens it.
"""
