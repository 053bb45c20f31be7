"""The words that all parts share: photos, queries, errors, messages between face and engine.

Any part may import any module of it; it imports no other part, and nothing that takes long to load.
"""
