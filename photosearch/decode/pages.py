"""Which picture is shown of a file that has several: of a TIFF the largest, else the first to be seen."""

import zlib
from collections.abc import Iterator

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from photosearch.decode import tiff
from photosearch.decode.exif import BROKEN

_MOST_PAGES, _MOST_FRAMES = 32, 32  # that are looked at
_MOST_PIXELS = 100_000_000  # of frames in all
_FAINT = 32  # opacity, of 255, below which nothing is seen
_LARGEST_PAGE = 300_000_000  # pixels; more would be refused
_DAMAGE = (*BROKEN, AttributeError, AssertionError, RuntimeError, zlib.error)
_STRIPS, _TILES = 273, 324
_SUBFILE_TYPE, _REDUCED, _MASK = 254, 1, 4
_ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")


def turn_to_largest(image: Image.Image, length: int) -> None:
    """Turn a TIFF that begins with a preview to the largest of its pages.

    A first page is a preview if it says so, or if the largest is at least twice as wide and as high: pages of
    a document differ less.

    Args:
        length: of the file, bytes; a page whose pixels are said to lie behind its end is damaged
    """
    if not isinstance(image, TiffImageFile):
        return
    width, height = image.size
    is_preview = bool(_kind(image) & _REDUCED)
    best, most = 0, width * height
    for page in range(1, _MOST_PAGES):
        try:
            image.seek(page)
            of_numbers = tiff.is_of_numbers(image.tag_v2)
        except _DAMAGE:
            break
        pixels = image.width * image.height
        larger = is_preview or (image.width >= 2 * width and image.height >= 2 * height)
        fit = most < pixels <= _LARGEST_PAGE and _is_there(image, length)
        if larger and fit and not of_numbers and not _kind(image) & (_REDUCED | _MASK):
            best, most = page, pixels
    image.seek(best)


def is_later(image: Image.Image) -> bool:
    """Whether a TIFF was turned to another page than its first."""
    return isinstance(image, TiffImageFile) and image.tell() > 0


def frames_until_seen(image: Image.Image) -> Iterator[Image.Image]:
    """The image itself, then at its later frames, of an animation; a bounded number.

    The first frame of a file is often empty where the rest is drawn onto it.
    """
    yield image
    if image.format not in _ANIMATED or not getattr(image, "is_animated", False):
        return
    for frame in range(1, min(_MOST_FRAMES, 1 + _MOST_PIXELS // (image.width * image.height))):
        try:
            image.seek(frame)
            image.load()
        except _DAMAGE:
            return
        yield image


def is_seen(picture: Image.Image) -> bool:
    """Whether anything of a picture is more than faint."""
    if picture.mode != "RGBA":
        return True
    return any(count for count in picture.getchannel("A").histogram()[_FAINT:])


def _is_there(image: TiffImageFile, length: int) -> bool:
    offsets = image.tag_v2.get(_STRIPS) or image.tag_v2.get(_TILES) or ()
    return bool(offsets) and all(isinstance(offset, int) and offset < length for offset in offsets)


def _kind(image: TiffImageFile) -> int:
    kind = image.tag_v2.get(_SUBFILE_TYPE)
    return kind if isinstance(kind, int) else 0
