"""Embedding at scale: folders, lists, shards and buckets into Parquet or Lance by way of Ray Data, and back.

The command line takes `embed.embed`; `parts` writes and reads what both are kept in. The engine takes `rows`
and `frames`, and starts `python -m photosearch.scale`, which reads such folders for it, as they may be
anybody's. Only in this room are Ray and Arrow imported, the extra `scale`; `lance` takes the extra `stores`.
"""

from importlib.util import find_spec

from photosearch.core.errors import KnownError

PARQUET, LANCE = "parquet", "lance"
FORMATS = (PARQUET, LANCE)


def require(format_name: str = PARQUET) -> None:
    """See to it that what this room takes is installed.

    Args:
        format_name: of the files, one of FORMATS

    Raises:
        KnownError: it is not.
    """
    if find_spec("ray") is None or find_spec("pyarrow") is None:
        raise KnownError("This takes Ray and Arrow, which are not here: pip install 'photosearch[scale]'")
    if format_name == LANCE and find_spec("lancedb") is None:
        raise KnownError("This takes LanceDB, which is not here: pip install 'photosearch[scale,stores]'")
