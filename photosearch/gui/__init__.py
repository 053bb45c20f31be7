"""The window. Only this package reaches Qt; it asks the engine and reads the store, and never writes."""
