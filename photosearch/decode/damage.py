"""Pictures of files that are damaged: what can be shown is, with what is wrong with it."""

import contextlib
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

from PIL import Image, ImageFile

from photosearch.core.errors import Sentence
from photosearch.core.photo import Facts
from photosearch.decode import image as images
from photosearch.decode import raw
from photosearch.decode.heif_size import with_coded_sizes
from photosearch.decode.image import DecodeError, Limits
from photosearch.decode.length import TIFF_MARKS, end_of_directory, missing_bytes

_NEARLY = 8  # of 255
_MOST_ZEROS = 64 << 20  # bytes that are put in place of missing ones
_BEFORE = 4096  # bytes that may stand before a picture
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_END_OF_JPEG = b"\xff\xd9"
_LONGEST_TEXT = 1 << 20  # bytes of a PNG, beside which the picture is read all the same
_MOST_CHUNKS = 1_000_000  # that are looked at
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")


class Opened(NamedTuple):
    """A picture of a file that may be damaged."""

    image: Image.Image  # upright RGB
    facts: Facts
    damage: Sentence | None  # one clause: "the file is truncated"


def open_as_far_as_it_goes(data: bytes, *, at_least: int, limits: Limits, last_try: bool = True) -> Opened:
    """Like `image.open_image`, and of a damaged file what there is of its picture.

    Args:
        last_try: no more memory can be had; without it a fault that memory may mend is raised.

    Raises:
        DecodeError: there is nothing to show.
        MemoryError: it needs more than there is.
    """
    try:
        whole = images.open_image(data, at_least=at_least, limits=limits)
        # Of a HEIC of tiles those are black that are missing. What a BMP says of its length is often wrong.
        cut = missing_bytes(data) > 0 and not data.startswith(b"BM")
        return Opened(*whole, Sentence("the file is truncated") if cut else None)
    except DecodeError as error:
        if error.passing or (error.for_memory and not last_try):
            raise
        broken = error
    mended = data
    for mended, damage in _mended(data):
        try:
            return Opened(*images.open_image(mended, at_least=at_least, limits=limits), damage)
        except DecodeError as error:
            broken = error
    with _lenient():
        try:
            image, facts = images.open_image(_padded(mended), at_least=at_least, limits=limits)
        except DecodeError:
            raise broken from None
    if _is_flat(image):
        raise broken
    return Opened(image, facts, broken.reason)


def read_facts(data: bytes) -> Facts:
    """Like `image.read_facts`, and of a damaged file what it says still.

    Raises:
        DecodeError: it says nothing.
    """
    mended = with_coded_sizes(data) or data
    try:
        return images.read_facts(mended)
    except DecodeError as error:
        for mended, _ in _mended(data):
            with contextlib.suppress(DecodeError):
                return images.read_facts(mended)
        with _lenient():
            try:
                return images.read_facts(_padded(mended))
            except DecodeError:
                raise error from None


def _is_flat(image: Image.Image) -> bool:
    """Whether it has one colour, or nearly: of a picture that broke at its beginning there is no more."""
    return all(high - low <= _NEARLY for low, high in cast(tuple[tuple[int, int], ...], image.getextrema()))


def _padded(data: bytes) -> bytes:
    """With zeros for what is missing at the end: decoders that refuse less than all get along with them."""
    return data + bytes(min(missing_bytes(data), _MOST_ZEROS))


def _mended(data: bytes) -> Iterator[tuple[bytes, Sentence]]:
    """The file with one fault less each time, and what that was."""
    mends: tuple[tuple[Callable[[bytes], bytes | None], Sentence], ...] = (
        (_from_its_beginning, Sentence("other bytes stand before the picture")),
        (_with_sound_texts, Sentence("the texts in it cannot be read")),
        (with_coded_sizes, Sentence("it is not as large as it says")),
        (_first_page_alone, Sentence("only its first page can be read")),
    )
    for mend, fault in mends:
        mended = mend(data)
        if mended is not None:
            data = mended
            yield data, fault


@contextlib.contextmanager
def _lenient() -> Iterator[None]:
    """Pillow gives what it has of a picture, for all of a process; decoders do one at a time."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _from_its_beginning(data: bytes) -> bytes | None:
    """Without what stands before a JPEG or PNG, such as the header of a transfer; None where nothing does.

    A picture that is only a small part of the file is another file's preview, and not what it shows.
    """
    places = [place for mark in (_JPEG, _PNG) if (place := data.find(mark, 0, _BEFORE)) >= 0]
    if not places or min(places) == 0 or data.startswith(b"%PDF"):
        return None
    picture = data[min(places) :]
    if picture.startswith(_JPEG):
        end = picture.find(_END_OF_JPEG, _after_segments(picture))
        if 0 <= end < len(picture) // 2:
            return None
    return picture


def _after_segments(jpeg: bytes) -> int:
    """Where the pixels begin: behind segments of known length, which may hold a picture of their own."""
    place = 2
    while jpeg[place : place + 1] == b"\xff" and place + 4 <= len(jpeg):
        place += 2 + struct.unpack_from(">H", jpeg, place + 2)[0]
        if jpeg[place : place + 2] == b"\xff\xda":
            break
    return place


def _with_sound_texts(data: bytes) -> bytes | None:
    """A PNG without the texts and the like that cannot be read; None where all can.

    The sums of what is kept are put right, as the pixels are checked by sums of their own.
    """
    if not data.startswith(_PNG):
        return None
    kept, place, dropped = [_PNG], len(_PNG), False
    for _ in range(_MOST_CHUNKS):
        if place + 12 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        rest = data[place + 8 + length : place + 12 + length]
        sound = rest == struct.pack(">I", zlib.crc32(kind + body))
        if len(rest) < 4:
            break
        if (not sound and kind[0] & 0x20) or (kind in _TEXTS and not _is_readable(kind, body)):
            dropped = True
        elif sound or kind == b"IHDR":  # a wrong size would shear the picture
            kept.append(data[place : place + 12 + length])
        else:
            dropped = True
            kept.append(struct.pack(">I4s", length, kind) + body + struct.pack(">I", zlib.crc32(kind + body)))
        place += 12 + length
    return b"".join([*kept, data[place:]]) if dropped else None


def _first_page_alone(data: bytes) -> bytes | None:
    """A TIFF that ends with its first page; None where it does already."""
    end = end_of_directory(data) if data[:4] in TIFF_MARKS and not raw.kind_of(data) else 0
    if not 4 <= end <= len(data) or not any(data[end - 4 : end]):
        return None
    return data[: end - 4] + bytes(4) + data[end:]


def _is_readable(kind: bytes, body: bytes) -> bool:
    """Whether a text or colour profile of a PNG unpacks to a size that is sensible."""
    _, _, rest = body.partition(b"\0")
    if kind == b"iTXt":
        packed, method, rest = rest[:1] == b"\1", rest[1:2], rest[2:].split(b"\0", 2)[-1]
    else:
        packed, method, rest = kind != b"tEXt", rest[:1], rest[1:]
    if not packed:
        return len(body) <= _LONGEST_TEXT
    if method != b"\0":
        return False
    unpacking = zlib.decompressobj()
    try:
        unpacking.decompress(rest, _LONGEST_TEXT)
    except zlib.error:
        return False
    return not unpacking.unconsumed_tail
