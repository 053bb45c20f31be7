"""What goes into the library and comes out of it. Paths are bytes: file names need not be Unicode."""

from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import Sentence
from photosearch.core.lines import Line
from photosearch.core.photo import DateSource, Facts, Look, Told, Video
from photosearch.core.tags import Tag
from photosearch.core.towns import Town

# Written in this program, read from a file of captions, or found in the photo's own file.
CaptionSource = Literal["person", "imported", "embedded"]

# The stages of files that are well and left out: as the person wants it, or as a photo beside says it all.
TOO_SMALL = "small"
LIVE_PART = "live"  # a video that is part of a Live Photo
LEFT_OUT = (TOO_SMALL, LIVE_PART)


class Folder(msgspec.Struct, frozen=True):
    """A folder that the person added; folders never lie inside one another."""

    folder_id: int
    path: bytes
    volume: str  # names the drive, so that another drive at the same place is told apart
    away: bool  # the drive is not here; its photos stay searchable
    unread: bool = False  # it was never read to its end


class FileStamp(msgspec.Struct, frozen=True):
    """What the library knows of a path: enough to tell whether the file must be read again."""

    size: int
    mtime_ns: int
    photo_id: int | None  # None: the file is a recorded failure
    attempts: int = 0  # of a failure
    retry_at: float | None = None  # of a failure, seconds since the epoch; None: wait until the file changes
    ctime_ns: int | None = None  # None: an older program did not keep it, or the system has none
    stage: str = ""  # of a failure

    def is_of(self, size: int, mtime_ns: int, ctime_ns: int | None) -> bool:
        """Whether a file that is so now is the one that was read; None, on either side, is not compared."""
        return _is_same((self.size, self.mtime_ns, self.ctime_ns), (size, mtime_ns, ctime_ns))


class Failure(msgspec.Struct, frozen=True):
    """A file that could not be indexed, or is left out by its size."""

    folder_id: int
    path: bytes
    stage: str  # "scan", "read", "decode", "encode" or one of LEFT_OUT
    reason: Sentence  # one clause: "the file is truncated"
    size: int
    mtime_ns: int
    attempts: int = 1  # counted by the library; what a writer is given is ignored
    retry_at: float | None = None  # seconds since the epoch; None: wait until the file changes
    ctime_ns: int | None = None  # None where the system has none


class Edit(msgspec.Struct, frozen=True):
    """A photo that another program made of a known one."""

    photo_id: int  # of the known one
    same_pixels: bool  # only what the file says is other, or how it is turned


class SidecarStamp(msgspec.Struct, frozen=True):
    """What the library knows of a file beside photos."""

    size: int
    mtime_ns: int
    ctime_ns: int | None
    files: frozenset[bytes]  # paths of the photos' files

    def is_of(self, size: int, mtime_ns: int, ctime_ns: int | None) -> bool:
        """As FileStamp.is_of()."""
        return _is_same((self.size, self.mtime_ns, self.ctime_ns), (size, mtime_ns, ctime_ns))


class Sidecar(msgspec.Struct, frozen=True):
    """A file beside photos that says something of them."""

    folder_id: int
    path: bytes
    files: tuple[bytes, ...]  # paths of the photos' files
    size: int
    mtime_ns: int
    ctime_ns: int | None
    told: Told


class NotedFile(msgspec.Struct, frozen=True):
    """A file of a photo of which the person wrote something."""

    path: bytes
    folder_id: int
    away: bool


class Notes(msgspec.Struct, frozen=True):
    """What the person wrote of a photo, and where its files are."""

    caption: str | None  # "": that there is none; None: nothing was written
    rating: int | None
    files: tuple[NotedFile, ...]


class Written(msgspec.Struct, frozen=True):
    """What this program wrote into a file beside a photo, and what stood there before."""

    caption: str | None = None  # as reading gives it
    rating: int | None = None
    caption_before: str | None = None
    rating_before: int | None = None


class IndexedFrame(msgspec.Struct, frozen=True):
    """A picture of a video that was decoded and encoded."""

    at_ms: int  # from its beginning
    vector: NDArray[np.float16]  # (D,), L2-normed
    bias: float  # as of an IndexedFile
    thumbnail: bytes  # JPEG, smaller than a photo's


class IndexedVideo(msgspec.Struct, frozen=True):
    """What is known of a video beside its poster."""

    told: Video
    poster_ms: int
    frames: tuple[IndexedFrame, ...]  # the poster is one of them


class IndexedFile(msgspec.Struct, frozen=True):
    """A file that was decoded and encoded, ready to be written."""

    folder_id: int
    path: bytes
    size: int  # of the bytes that were read
    mtime_ns: int
    content_hash: bytes  # BLAKE2b-160
    facts: Facts
    colour: bytes  # the picture's average, 3 bytes of sRGB
    vector: NDArray[np.float16]  # (D,), L2-normed
    bias: float  # subtracted from cosines, see Encoder.image_bias
    thumbnail: bytes  # JPEG
    ctime_ns: int | None = None  # None where the system has none
    look: Look | None = None  # None: it is made of the thumbnail later
    damage: Sentence | None = None  # what is wrong with it, whose picture is shown as far as it goes
    edit: Edit | None = None  # None: it is another picture than those that are known
    video: IndexedVideo | None = None  # whose poster this is


class Damaged(msgspec.Struct, frozen=True):
    """A file whose photo is shown as far as it goes."""

    folder_id: int
    path: bytes
    reason: Sentence  # one clause: "the file is truncated"


class ModelVectors(msgspec.Struct, frozen=True):
    """A model that photos were read with."""

    model_id: str
    name: str
    photos: int  # that have its vector, living or not


class Caption(msgspec.Struct, frozen=True):
    """What somebody wrote about a photo."""

    photo_id: int
    path: bytes  # of one file that holds the photo
    text: str
    source: CaptionSource


class Album(msgspec.Struct, frozen=True):
    """Photos that the person put together, in an order of their own."""

    album_id: int
    name: str
    photos: int  # those that a file holds


class SavedSearch(msgspec.Struct, frozen=True):
    """A query under a name, whose photos are looked for anew each time."""

    search_id: int
    name: str
    text: str  # as it was typed
    live: bool = False  # it stands among the albums, see LiveAlbum


class LiveAlbum(msgspec.Struct, frozen=True):
    """A saved search that fills itself: it keeps the photos that were found last."""

    search_id: int
    name: str
    text: str  # as it was typed
    photos: int  # those that a file holds
    new: int  # of these, the ones that came since the person looked, edits of others left out
    seen: int  # the highest id of a photo that it could have had then
    notifies: bool  # the person wants to be told of new ones
    problem: Sentence | None = None  # why it cannot be filled; it has the photos that it had before


class FolderCount(msgspec.Struct, frozen=True):
    """How many photos a folder holds, in it and below it."""

    path: bytes
    photos: int
    away: bool


class Count(msgspec.Struct, frozen=True):
    """How many photos share a value: a camera, a year, a day."""

    value: str
    photos: int


class PhotoFile(msgspec.Struct, frozen=True):
    """A file that holds a photo."""

    path: bytes
    size: int  # bytes
    mtime_ns: int
    away: bool


class ShownVideo(NamedTuple):
    """What is shown of a video beside its poster."""

    seconds: float  # 0 where it does not say how long it is
    poster_ms: int  # where its poster is
    frames: tuple[int, ...]  # where those are that are kept, the poster too: milliseconds, ascending


class Details(msgspec.Struct, frozen=True):
    """All that is known of one photo."""

    photo_id: int
    facts: Facts  # as its file and those beside it say; `caption` and `keywords` too
    # Local time, ISO 8601, to the day or better: facts.taken_at, else what a file's name says, else the
    # earliest time at which a file was seen to be written.
    dated_at: str
    dated_from: DateSource
    files: list[PhotoFile]  # those that are here first
    caption: str | None  # the one that is shown: the person's, else an imported one, else the file's
    favourite: bool
    rating: int | None  # the person's own, else the file's; stars, 0 to 5
    albums: dict[int, str]  # names, by id
    live_albums: dict[int, str] = {}  # those that fill themselves, by the id of the search
    town: Town | None = None  # where it was taken
    tags: tuple[Tag, ...] = ()  # what a model saw in it
    damage: Sentence | None = None  # what is wrong with the file, of which there is what is shown
    lines: tuple[Line, ...] = ()  # that were read in it
    video: ShownVideo | None = None  # None: it is no video


class ListedPhoto(msgspec.Struct, frozen=True):
    """What a list shows of a photo."""

    photo_id: int
    content_hash: bytes  # BLAKE2b-160
    width: int  # upright, pixels
    height: int
    dated_at: str  # as in Details
    format: str  # as `Facts.format` has it
    rating: int | None
    seconds: float | None  # None: it is no video
    favourite: bool


class Counts(msgspec.Struct, frozen=True):
    """How much there is in a library."""

    photos: int  # with at least one file
    searchable: int  # of these, with a vector of the model asked for
    failures: int


class Vectors(NamedTuple):
    """Vectors of one model, row by row."""

    ids: NDArray[np.int64]  # (N,), of photos
    vectors: NDArray[np.float16]  # (N, D), L2-normed
    bias: NDArray[np.float32]  # (N,)


def _is_same(known: tuple[int, int, int | None], now: tuple[int, int, int | None]) -> bool:
    changed = None not in (known[2], now[2]) and known[2] != now[2]
    return known[:2] == now[:2] and not changed
