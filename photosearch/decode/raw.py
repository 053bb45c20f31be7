"""What cameras write before a picture is made: the preview that they put into the file, else the sensor's."""

import contextlib
import functools
import io
import struct
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms, ImageFile
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from photosearch.decode.boxes import boxes
from photosearch.decode.exif import BROKEN
from photosearch.decode.said import one_line
from photosearch.decode.tiff import UnknownTiff

_TIFF = (b"II*\0", b"MM\0*")
_BY_START = {
    b"IIRO": "ORF",
    b"IIRS": "ORF",
    b"MMOR": "ORF",
    b"IIU\0": "RW2",
}  # TIFFs but for their first word
_BY_MAKER = {"NIKON": "NEF", "SONY": "ARW", "PENTAX": "PEF", "RICOH": "PEF"}
_PHOTOMETRIC, _MAKE, _ORIENTATION, _SUB_DIRECTORIES, _XMP, _DNG_VERSION = 262, 271, 274, 330, 700, 50706
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_MOSAIC = 32803
_MOST_DIRECTORIES = 16

_RAF_PREVIEW = 84  # where its place and its size are written
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")

_GOOD_EDGE = 1000  # pixels; the colours of a preview so large are worth more than the sensor's finer detail
_MOST_TIMES = 2  # as many pixels as the sensor has, of what is a preview of it
# LibRaw's flip, of which 1 mirrors, 2 turns upside down and 4 swaps the sides -> EXIF's orientation.
_ORIENTATIONS = (1, 2, 4, 3, 5, 8, 6, 7)
_LAID_DOWN = {
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def kind_of(data: bytes) -> str | None:
    """Which of RAW_FORMATS a file is, by its content; None for any other file."""
    if data.startswith(b"FUJIFILMCCD-RAW"):
        return "RAF"
    if data[4:12] == b"ftypcrx ":
        return "CR3"
    if data[:4] not in _TIFF:
        return _BY_START.get(data[:4])
    return "CR2" if data[8:10] == b"CR" else _kind_of_tiff(data)


def _kind_of_tiff(data: bytes) -> str | None:
    """Those that a sensor's mosaic makes one: their first page alone is a small picture like any other."""
    pages = []
    with contextlib.suppress(*BROKEN, AttributeError, AssertionError):
        for page in _directories(data):
            pages.append(page)
    if pages and _DNG_VERSION in pages[0]:
        return "DNG"
    if all(page.get(_PHOTOMETRIC) != _MOSAIC for page in pages):
        return None
    maker = one_line(pages[0].get(_MAKE)).upper().split(" ")[0]
    return _BY_MAKER.get(maker, "RAW")


def _directories(data: bytes) -> Iterator[ImageFileDirectory_v2]:
    """The pages of a TIFF, each before those that it says lie below it."""
    file = io.BytesIO(data)
    ahead = [ImageFileDirectory_v2(data[:8]).next]
    for _ in range(_MOST_DIRECTORIES):
        if not ahead:
            return
        tags = ImageFileDirectory_v2(data[:8])
        file.seek(ahead.pop(0))
        tags.load(file)
        yield tags
        below = tags.get(_SUB_DIRECTORIES, ())
        ahead += [*(below if isinstance(below, tuple) else (below,)), *([tags.next] if tags.next else [])]


class RawImage(ImageFile.ImageFile):
    """Its size is the sensor's; what is loaded may be smaller, lies as the sensor's does, and is RGB or grey.

    The preview that the camera made is taken where it is large enough, or larger than half the sensor's
    size; else the sensor's picture in half its size.
    """

    format_description = "RAW"

    def _open(self) -> None:
        """
        Raises:
            UnknownTiff: LibRaw does not read it.
            OSError: it is damaged.
        """
        import rawpy  # lazily: it loads a library that most folders never need

        assert self.fp is not None
        data = self.fp.read()
        self.format = kind_of(data)
        self._raw: rawpy.RawPy | None = rawpy.RawPy()
        with _failures():
            self._raw.open_buffer(io.BytesIO(data))
            sizes = self._raw.sizes
        self._size = (sizes.width, sizes.height)
        self._mode = "RGB"
        self._edge = min(self._size)
        self._exif_of_file, packet = _metadata(data, self.format)
        self._exif_of_file[_ORIENTATION] = _ORIENTATIONS[sizes.flip & 7]
        if isinstance(packet, bytes):
            self.info["xmp"] = packet

    def getexif(self) -> Image.Exif:
        """The EXIF of the file, with the orientation of the sensor's picture."""
        return self._exif_of_file

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> None:
        """Say which short edge is enough, as of a JPEG."""
        if size:
            self._edge = min(*size, *self.size)

    def load(self) -> Any:
        """Read the picture.

        Raises:
            OSError: it is damaged.
            MemoryError: it needs more than there is.
        """
        if self._raw:
            picture, self.info["icc_profile"] = self._picture(self._raw)
            self.im, self._size, self._mode = picture.im, picture.size, picture.mode
            self._raw.close()
            self._raw = None
        return Image.Image.load(self)

    def _picture(self, raw: Any) -> tuple[Image.Image, bytes | None]:
        """-> a picture, and the profile of its colours."""
        preview = self._preview()
        if preview and min(preview.size) >= min(self._edge, _GOOD_EDGE, min(self.size) // 2):
            return self._laid(preview), preview.info.get("icc_profile")
        try:
            with _failures():
                pixels = raw.postprocess(half_size=True, use_camera_wb=True, user_flip=0)
        except OSError:
            if preview:
                return self._laid(preview), preview.info.get("icc_profile")
            raise
        return Image.fromarray(pixels), _srgb()

    def _preview(self) -> Image.Image | None:
        """What the camera made of it, its pixels not read; None where there is nothing of use."""
        import rawpy

        assert self._raw
        try:
            found = self._raw.extract_thumb()
            preview = (
                Image.open(io.BytesIO(found.data), formats=["JPEG"])
                if isinstance(found.data, bytes)
                else Image.fromarray(found.data)
            )
        except (rawpy.LibRawError, rawpy.NotSupportedError, *BROKEN):
            return None
        width, height = preview.size
        return preview if width * height <= _MOST_TIMES * self.width * self.height else None

    def _laid(self, preview: Image.Image) -> Image.Image:
        """The preview as the sensor's picture lies: some are upright already."""
        is_upright = (preview.width > preview.height) != (self.width > self.height)
        preview.draft(None, (self._edge, self._edge))
        preview.load()
        turn = _LAID_DOWN.get(self._exif_of_file[_ORIENTATION]) if is_upright else None
        return preview if turn is None else preview.transpose(turn)


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    """LibRaw's, as Pillow and Python say them."""
    import rawpy

    try:
        yield
    except rawpy.LibRawUnsufficientMemoryError as error:
        raise MemoryError from error
    except rawpy.LibRawFileUnsupportedError as error:
        raise UnknownTiff(str(error)) from error
    except (rawpy.LibRawError, rawpy.NotSupportedError) as error:
        raise OSError(str(error)) from error


def _metadata(data: bytes, kind: str | None) -> tuple[Image.Exif, object]:
    """-> EXIF, which is empty where it is damaged, and the packet of XMP."""
    exif = Image.Exif()
    try:
        if kind == "CR3":
            return exif, _read_boxes(data, exif)
        if kind == "RAF":  # has them in its preview alone
            place, size = struct.unpack_from(">II", data, _RAF_PREVIEW)
            shown = Image.open(io.BytesIO(data[place : place + size]), formats=["JPEG"])
            return shown.getexif(), shown.info.get("xmp")
        exif.load(data if data[:4] in _TIFF else b"II*\0" + data[4:])
        return exif, exif.get(_XMP)
    except BROKEN:
        return exif, None


def _read_boxes(data: bytes, exif: Image.Exif) -> bytes | None:
    """Fill the EXIF of a CR3, which has it in pieces, each a TIFF; -> the packet of XMP."""
    packet = None
    for kind, start, end in boxes(data, 0, len(data)):
        if kind == b"uuid" and data[start : start + 16] == _XMP_BOX:
            packet = data[start + 16 : end]
        if kind != b"moov":
            continue
        for below, first, last in boxes(data, start, end):
            if below == b"uuid" and data[first : first + 16] == _CANON:
                for name, begin, stop in boxes(data, first + 16, last):
                    if name == b"CMT1":
                        exif.load(data[begin:stop])
                    elif name in (b"CMT2", b"CMT4"):
                        part = Image.Exif()
                        part.load(data[begin:stop])
                        exif.get_ifd(_EXIF_IFD if name == b"CMT2" else _GPS_IFD).update(part)
    return packet


@functools.cache
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
