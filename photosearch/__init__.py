"""PhotoSearch: find your own photos by what is in them, on your own machine."""

import os

__version__ = "0.1.0"

# From its import on ONNX Runtime tells Microsoft of the programs that load it, and keeps a number for the
# computer in the person's cache; its own switch comes too late for both.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def version_numbers(version: str) -> tuple[int, ...]:
    """To compare, as 1.10 is newer than 1.9; empty where it names none. 1.0rc1 is taken for 1.0."""
    import re  # what is loaded here, Ctrl-C cannot yet end without a word

    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(map(int, found[1].split("."))) if found else ()
