"""TIFFs of numbers that Pillow reads as another picture or not at all: planes, floats, unsigned 32 bits."""

import io
import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from photosearch.decode.depth import in_8_bits
from photosearch.decode.exif import BROKEN

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIPS, _SAMPLES, _ROWS, _STRIP_BYTES = 273, 277, 278, 279
_PLANAR, _PREDICTOR, _FORMAT, _PROFILE = 284, 317, 339, 34675
_MAX_SAMPLE, _S_MAX_SAMPLE = 281, 341
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_UNSIGNED, _FLOAT = 1, 3
_RAW, _DEFLATE = 1, (8, 32946)
_PLANES, _WHITE_IS_ZERO = 2, 0


class UnknownTiff(ValueError):
    """A kind that nobody here reads, and that would be shown as another picture."""


def holds_numbers(data: bytes) -> bool:
    """Whether it is a TIFF that is for NumbersTiff."""
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return False
    try:
        return is_of_numbers(_tags(data))
    except (*BROKEN, AttributeError, AssertionError):
        return False


def is_of_numbers(tags: ImageFileDirectory_v2) -> bool:
    """Whether the page of these tags is one that Pillow would read as another picture."""
    bits, samples, kind = _layout(tags)
    if samples >= 3:
        return (bits == 16 and tags.get(_PLANAR) == _PLANES) or bits >= 32
    return bits == 32 and kind == _UNSIGNED


def white_of(tags: ImageFileDirectory_v2) -> int | None:
    """The number that is white in a page of up to 16 bits, where it says so."""
    for tag in (_MAX_SAMPLE, _S_MAX_SAMPLE):
        said = tags.get(tag)
        said = said[0] if isinstance(said, tuple) and said else said
        if isinstance(said, int | float) and 0 < said < 1 << 16:
            return int(said)
    bits = set(tags.get(_BITS, (1,)))
    return (1 << max(bits)) - 1 if max(bits) < 16 else None


class NumbersTiff(ImageFile.ImageFile):
    """Its first picture, in RGB or grey of 8 bits.

    Whole numbers of 16 bits begin at 0, floats that fit go from 0 to 1; any other range is stretched.
    """

    format = "TIFF"
    format_description = "TIFF of numbers"

    def _open(self) -> None:
        assert self.fp is not None
        self._data = self.fp.read()
        self._tags = _tags(self._data)
        self._size = (int(self._tags[_WIDTH]), int(self._tags[_HEIGHT]))
        _, samples, _ = _layout(self._tags)
        self._mode = "RGB" if samples >= 3 else "L"
        self.info["exif"] = self._data  # a TIFF's own tags are what EXIF is made of
        if isinstance(profile := self._tags.get(_PROFILE), bytes):
            self.info["icc_profile"] = profile
        self._read = False

    def load(self) -> Any:
        """Read the pixels.

        Raises:
            UnknownTiff: they are compressed in another way.
            ValueError, zlib.error: they are damaged.
        """
        if not self._read:
            self._read = True
            self.im = Image.fromarray(_in_8_bits(_samples(self._data, self._tags), self._tags)).im
        return Image.Image.load(self)


def _tags(data: bytes) -> ImageFileDirectory_v2:
    tags = ImageFileDirectory_v2(data[:8])
    file = io.BytesIO(data)
    file.seek(tags.next)
    tags.load(file)
    return tags


def _layout(tags: ImageFileDirectory_v2) -> tuple[int, int, int]:
    """-> bits of a sample, samples of a pixel, the kind of number."""
    bits, kinds = set(tags.get(_BITS, (1,))), set(tags.get(_FORMAT, (_UNSIGNED,)))
    if len(bits) != 1 or len(kinds) != 1:
        raise UnknownTiff("samples that differ")
    return int(bits.pop()), int(tags.get(_SAMPLES, 1)), int(kinds.pop())


def _samples(data: bytes, tags: ImageFileDirectory_v2) -> NDArray[Any]:
    """(H, W, 1 or 3) numbers as they are written."""
    bits, samples, kind = _layout(tags)
    order = "<" if data[:2] == b"II" else ">"
    dtype = np.dtype(f"{order}{'f' if kind == _FLOAT else 'u' if kind == _UNSIGNED else 'i'}{bits // 8}")
    width, height = int(tags[_WIDTH]), int(tags[_HEIGHT])
    planes, inside = (samples, 1) if tags.get(_PLANAR) == _PLANES else (1, samples)
    if _TILES in tags:
        wide, high, offsets, sizes = tags[_TILE_WIDTH], tags[_TILE_HEIGHT], tags[_TILES], tags[_TILE_BYTES]
    else:
        wide, high = width, min(int(tags.get(_ROWS, height)), height)
        offsets, sizes = tags[_STRIPS], tags[_STRIP_BYTES]
    across, down = math.ceil(width / wide), math.ceil(height / high)
    whole = np.zeros((height, width, samples), dtype)
    for number, (offset, size) in enumerate(zip(offsets, sizes, strict=True)):
        plane, rest = divmod(number, across * down)
        row, column = divmod(rest, across)
        if plane >= planes:
            raise ValueError("more parts than there is picture")
        top, left = row * high, column * wide
        rows = high if _TILES in tags else min(high, height - top)
        part = _part(data[offset : offset + size], tags, (rows, wide, inside), dtype)
        place = (slice(top, top + rows), slice(left, left + wide))
        channels = slice(plane, plane + 1) if planes > 1 else slice(None)
        shape = whole[place].shape
        whole[(*place, channels)] = part[: shape[0], : shape[1]]
    return whole[..., :3] if samples >= 3 else whole[..., :1]


def _part(
    data: bytes, tags: ImageFileDirectory_v2, shape: tuple[int, int, int], dtype: np.dtype[Any]
) -> NDArray[Any]:
    compression, predictor = tags.get(_COMPRESSION, _RAW), tags.get(_PREDICTOR, 1)
    differences = predictor == 2 and dtype.kind != "f"
    if compression not in (_RAW, *_DEFLATE) or not (predictor == 1 or differences):
        raise UnknownTiff("another compression")
    size = math.prod(shape) * dtype.itemsize
    if compression in _DEFLATE:
        data = zlib.decompressobj().decompress(data, size)
    numbers = np.frombuffer(data[:size], dtype).reshape(shape)
    return np.cumsum(numbers, axis=1, dtype=dtype) if differences else numbers


def _in_8_bits(numbers: NDArray[Any], tags: ImageFileDirectory_v2) -> NDArray[np.uint8]:
    """(H, W, 3) or (H, W)."""
    if numbers.dtype.kind == "u" and numbers.dtype.itemsize == 2:
        levels = in_8_bits(numbers)
    else:
        light = np.nan_to_num(numbers.astype(np.float32), posinf=0.0, neginf=0.0)
        low, high = float(light.min()), float(light.max())
        if numbers.dtype.kind == "f" and low >= 0.0 and high <= 1.0:
            low, high = 0.0, 1.0
        levels = ((light - low) * (255.0 / (high - low) if high > low else 0.0)).astype(np.uint8)
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        levels = 255 - levels
    return levels[..., 0] if levels.shape[-1] == 1 else levels
