"""Embedding at scale: folders, lists, shards and buckets into Parquet by way of Ray Data, and back.

The command line takes `embed.embed`; `parts` writes and reads the Parquet. The engine takes `rows` and
`frames`, and starts `python -m photosearch.scale`, which reads Parquet for it, as that may be anybody's. Only
in this room are Ray and Arrow imported, the extra `scale`.
"""

from importlib.util import find_spec

from photosearch.core.errors import KnownError


def require() -> None:
    """See to it that what this room takes is installed.

    Raises:
        KnownError: it is not.
    """
    if find_spec("ray") is None or find_spec("pyarrow") is None:
        raise KnownError("This takes Ray and Arrow, which are not here: pip install 'photosearch[scale]'")
