"""The keys under which a library remembers what the person chose."""

MODEL = "model"  # name or id; missing: the bundled one
