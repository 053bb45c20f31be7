"""The keys under which a library remembers what the person chose."""

MODEL = "model"  # name or id of the one that answers; missing: the bundled one
NEXT_MODEL = "next_model"  # of the one that is to take its place; empty: none
REMEMBER_SEARCHES = "remember_searches"  # "no": recent searches are not kept; missing: they are
