"""What faces and the engine say to each other of photos that were embedded elsewhere."""

from photosearch.core.errors import Sentence
from photosearch.core.message import Reply, Request


class ImportVectors(Request["VectorsImported"], frozen=True, tag="import_vectors"):
    """Take in what a folder of Parquet files holds of photos, without reading these.

    Answered when that is done. It is a job among those that index: it can be paused and ended, and asked for
    again it goes on.
    """

    folder_bytes: bytes
    # (before, now): what lay below the first, as the files have it, lies below the second, which is added.
    places: tuple[tuple[bytes, bytes], ...] = ()


class VectorsImported(Reply, frozen=True, tag="vectors_imported"):
    """What became of the photos."""

    imported: int
    known: int  # that the library knew, with the same file and a vector
    missing: int  # whose file is not there
    changed: int  # whose file is another since
    outside: int  # that lie below no folder of the library
    refused: int  # that make no sense
    problems: tuple[Sentence, ...]


AnyRequest = ImportVectors
AnyReply = VectorsImported
