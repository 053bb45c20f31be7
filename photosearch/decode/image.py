"""From the bytes of an untrusted file to an upright RGB image: the one place where files are decoded."""

import io
import math
import struct
import warnings
import zlib

import msgspec
import numpy as np
from PIL import Image, PngImagePlugin, UnidentifiedImageError
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from photosearch import programs
from photosearch.core.errors import Sentence
from photosearch.core.photo import Facts
from photosearch.decode import exif as exif_tags
from photosearch.decode import jxl, pages, png, raw, tiff
from photosearch.decode.colour import space_of, to_srgb
from photosearch.decode.depth import in_8_bits
from photosearch.decode.length import missing_bytes
from photosearch.decode.metadata import facts_of

_HEIF = "HEIF"
_WHOLES = (  # facts that are of one page or of the other
    {"taken_at", "taken_from", "utc_offset"},
    {"latitude", "longitude", "altitude_metres"},
)
# Nothing else is tried: Pillow also knows formats that run other programs or that nobody has photos in.
_FORMATS = [
    *(
        str(kind.format)
        for kind in (
            JpegImageFile,
            PngImageFile,
            WebPImageFile,
            GifImageFile,
            TiffImageFile,
            BmpImageFile,
            AvifImageFile,
        )
    ),
    _HEIF,
]

_BEGINNING = 512  # bytes, of which every format needs some
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0  # of a TIFF

# What Pillow and its plugins raise on damaged files of these formats.
_DAMAGE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Limits.megapixels replaces it: it is checked for every file, and it says the numbers.
Image.MAX_IMAGE_PIXELS = None
# Pillow calls a sound picture damaged whose texts are longer than a megabyte; memory and time bound them.
PngImagePlugin.MAX_TEXT_CHUNK = 64 << 20
PngImagePlugin.MAX_TEXT_MEMORY = 256 << 20
# Pillow warns of what it can live with (odd tags, odd palettes); what it cannot is an exception.
warnings.filterwarnings("ignore", module=r"PIL\b")


class DecodeError(Exception):
    """A file that gives no picture.

    Attributes:
        reason: one clause for a person, such as "the file is truncated".
        passing: whether the same file may do better at another time.
    """

    def __init__(
        self, reason: str | Sentence, /, *, passing: bool = False, for_memory: bool = False, **values: object
    ) -> None:
        self.reason = reason if isinstance(reason, Sentence) else Sentence(reason, **values)
        super().__init__(str(self.reason))
        self.passing = passing
        self.for_memory = for_memory


class UnknownKind(DecodeError):
    """What no decoder takes for a picture of its kind."""


class Limits(msgspec.Struct, frozen=True):
    """What one photo may cost."""

    seconds: float = 20.0
    memory_bytes: int = 3 << 30  # address space of a child, where the platform can hold it to that
    together_bytes: int = 0  # of all children of a pool; 0: half of what the machine has
    megapixels: float = 300.0
    file_bytes: int = 1 << 30
    video_bytes: int = 1 << 38
    video_seconds: float = 300.0  # for a video's pictures in all; those that were found until then are kept


def open_image(data: bytes, *, at_least: int, limits: Limits | None = None) -> tuple[Image.Image, Facts]:
    """Decode a photo by its content, whatever its name.

    Of a file that has several pictures, the first frame that shows something, or the largest page.
    Transparent parts become white, as on the page they were drawn for; other colour spaces become sRGB.

    Args:
        at_least: the short edge that is needed, pixels. A larger photo may come back smaller than it is,
            but no smaller than that.

    Returns:
        An upright RGB image, and what the file says about itself.

    Raises:
        DecodeError: not an image, damaged, truncated, or over the limit of pixels.
        MemoryError: it needs more than there is.
    """
    limits = limits or Limits()
    try:
        image = _open(data)
        size = image.size
        _check_pixels(size, limits)
        facts = _facts(data, image)
        if isinstance(image, JpegImageFile | raw.RawImage):
            image.draft(None, (at_least, at_least))  # decoded at 1/2, 1/4 or 1/8, several times faster
            image.decodermaxblock = len(data)  # in one piece, 2 % faster than in Pillow's pieces of 64 KB
            image.load()
        else:
            image.load()
            size = image.size  # some containers know it only now
        exif = exif_tags.read_exif(image)  # after loading: by now Pillow has turned a TIFF, and says so
        small = _reduce(_first_seen(image), at_least)  # the costly steps come after
        space = image.space if isinstance(image, jxl.JxlImage) else space_of(image, data, exif)
        rgb = to_srgb(_on_white(small), image.info.get("icc_profile"), space)
    except UnidentifiedImageError:
        if not data:
            raise DecodeError("the file is empty") from None
        if not data[:_BEGINNING].strip(b"\0"):
            raise DecodeError(
                "it begins with zeros, as a file that is still being written", passing=True
            ) from None
        if not _looks_like_image(data):
            raise UnknownKind("not an image of a kind that can be read") from None
        raise DecodeError("the file is truncated" if missing_bytes(data) else "the file is damaged") from None
    except tiff.UnknownTiff:
        raise UnknownKind("not an image of a kind that can be read") from None
    except _DAMAGE as error:
        if "truncated" in str(error).lower() or missing_bytes(data):
            raise DecodeError("the file is truncated") from error
        # A codec that gets no memory says the same as one that meets damage: libjpeg, libwebp, dav1d.
        raise DecodeError("the file is damaged", for_memory=True) from error

    # libheif and libjxl turn by the word of the container, and of the codestream.
    turn = 1 if image.format in (_HEIF, jxl.FORMAT) else exif_tags.orientation(exif)
    width, height = size if turn < 5 else (size[1], size[0])
    facts = msgspec.structs.replace(facts, width=width, height=height)
    rgb.info = {}
    return (rgb.transpose(_UPRIGHT[turn]) if turn in _UPRIGHT else rgb), facts


def read_facts(data: bytes) -> Facts:
    """What a photo says about itself, without decoding its picture; a few milliseconds.

    The size is that of the pixels as they are stored.

    Raises:
        DecodeError: not an image, or damaged from the start.
    """
    try:
        return _facts(data, _open(data))
    except _DAMAGE as error:
        raise DecodeError("the file is damaged", for_memory=True) from error


def _facts(data: bytes, image: Image.Image) -> Facts:
    image_format = "JPEG" if isinstance(image, JpegImageFile) else str(image.format)
    facts = facts_of(image, image_format)
    if not pages.is_later(image):
        return facts
    # The first is where most programs write what they say of all pages.
    said = msgspec.structs.asdict(facts_of(_open_first(data), image_format))
    missing = {name for name in said if getattr(facts, name) in (None, ())}
    missing -= {name for whole in _WHOLES if not missing.issuperset(whole) for name in whole}
    return msgspec.structs.replace(facts, **{name: said[name] for name in missing})


def _open(data: bytes) -> Image.Image:
    """A photo, at the page that is to be shown, with its metadata at hand and its pixels not read.

    Raises what Pillow raises.
    """
    image = _open_first(data)
    pages.turn_to_largest(image, len(data))
    return image


def _open_first(data: bytes) -> Image.Image:
    if raw.kind_of(data):  # before Pillow, which would read the first, tiny page of some
        return raw.RawImage(io.BytesIO(data))
    if jxl.is_jxl(data):
        try:
            return jxl.JxlImage(io.BytesIO(data))
        except ImportError:
            raise _without_jxl() from None
    if data[4:8] == b"ftyp" and _HEIF not in Image.OPEN:
        import pi_heif  # lazily: it loads a codec that most folders never need

        pi_heif.register_heif_opener()
    if tiff.holds_numbers(data):
        return tiff.NumbersTiff(io.BytesIO(data))
    known = [name for name in _FORMATS if name in Image.OPEN]
    image = Image.open(io.BytesIO(data), formats=known)
    if isinstance(image, PngImageFile):
        png.complete(image, data)
    return image


def _without_jxl() -> DecodeError:
    if programs.FROZEN:
        return DecodeError("this package of PhotoSearch does not read JPEG XL; one installed by pip can")
    return DecodeError("JPEG XL is read with an extra: pip install 'photosearch[jxl]'", passing=True)


def _looks_like_image(data: bytes) -> bool:
    checks = (Image.OPEN[name][1] for name in _FORMATS if name in Image.OPEN)
    return any(accept is not None and accept(data[:16]) is True for accept in checks)


def _check_pixels(size: tuple[int, int], limits: Limits) -> None:
    megapixels = size[0] * size[1] / 1e6
    if megapixels > limits.megapixels:
        raise DecodeError(
            "{megapixels} megapixels, the limit is {limit:g}",
            megapixels=math.ceil(megapixels),
            limit=limits.megapixels,
        )


def _first_seen(image: Image.Image) -> Image.Image:
    """The first frame that shows something, as `_to_plain` gives it; any where none does."""
    plain = image
    for frame in pages.frames_until_seen(image):
        plain = _to_plain(frame)
        if pages.is_seen(plain):
            break
    return plain


def _to_plain(image: Image.Image) -> Image.Image:
    """Eight bits a channel and no palette: mode L, RGB, RGBA, CMYK, YCbCr, LAB or HSV."""
    if image.mode.startswith("I;16"):
        return _from_16_bits(image)
    if image.mode in ("I", "F"):
        return _stretch(image)
    if isinstance(image, BmpImageFile) and image.mode == "RGBA" and not image.getchannel("A").getbbox():
        return image.convert("RGB")  # the fourth byte was never set, and says nothing
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode == "P":
        return image.convert("RGB")
    if image.mode == "1":
        return image.convert("L")
    return image


def _from_16_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits; a TIFF may say that fewer are used, or that 0 is white."""
    values = np.asarray(image)
    if not isinstance(image, TiffImageFile):
        return Image.fromarray(in_8_bits(values))
    levels = in_8_bits(values, tiff.white_of(image.tag_v2))
    return Image.fromarray(255 - levels if image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else levels)


def _stretch(image: Image.Image) -> Image.Image:
    """Numbers of no agreed range, as scientific TIFFs hold: from darkest to lightest over 0..255."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    scale = 255.0 / (high - low) if high > low else 0.0
    return Image.fromarray(((values - low) * scale).astype(np.uint8))


def _reduce(image: Image.Image, at_least: int) -> Image.Image:
    factor = min(image.size) // at_least
    return image.reduce(factor) if factor >= 2 else image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    page = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(page, image).convert("RGB")
