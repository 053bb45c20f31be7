"""The dual encoder: what it is, how it is stored, and how it runs. No torch at import."""
