"""Files as cameras write them before a picture is made: small ones, which LibRaw opens like real ones."""

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from PIL import Image

# Of TIFF and EXIF.
KIND, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
MAKE, MODEL, STRIPS, ORIENTATION, SAMPLES, ROWS, STRIP_BYTES = 271, 272, 273, 274, 277, 278, 279
SUB_DIRECTORIES, JPEG_PLACE, JPEG_BYTES, XMP, EXIF, GPS = 330, 513, 514, 700, 34665, 34853
CFA_SHAPE, CFA_COLOURS, EXPOSURE, F_NUMBER, ISO, TAKEN, FOCAL_LENGTH, LENS = (
    33421, 33422, 33434, 33437, 34855, 36867, 37386, 42036,
)  # fmt: skip
CFA, YCBCR, RAW, OLD_JPEG, JPEG = 32803, 6, 1, 6, 7

Directory = Mapping[int, object]


@dataclass(frozen=True)
class Elsewhere:
    """Bytes that a tag points to."""

    data: bytes


def tiff(
    first: Directory, header: bytes = b"II*\0", after: bytes = b"", after_it: Directory | None = None
) -> bytes:
    """A little-endian TIFF of these tags: numbers, texts, bytes, fractions, Elsewhere, further directories.

    Args:
        after: what stands between the header and the directory, as the mark of a CR2
        after_it: the next directory
    """
    file = bytearray(header + struct.pack("<I", 8 + len(after)) + after)
    end = _write(file, first) + 2 + 12 * len(first)
    if after_it:
        struct.pack_into("<I", file, end, _write(file, after_it))
    return bytes(file)


def _write(file: bytearray, directory: Directory) -> int:
    """Append a directory and what it points to; -> its place."""
    place = len(file)
    file += bytes(2 + 12 * len(directory) + 4)
    struct.pack_into("<H", file, place, len(directory))
    for number, (tag, value) in enumerate(sorted(directory.items())):
        kind, count, data = _packed(file, value)
        if len(data) > 4:
            where = len(file)
            file += data + bytes(len(data) % 2)
            data = struct.pack("<I", where)
        struct.pack_into("<HHI4s", file, place + 2 + 12 * number, tag, kind, count, data.ljust(4, b"\0"))
    return place


def _packed(file: bytearray, value: object) -> tuple[int, int, bytes]:
    match value:
        case Elsewhere(data):
            where = len(file)
            file += data + bytes(len(data) % 2)
            return 4, 1, struct.pack("<I", where)
        case str():
            text = value.encode() + b"\0"
            return 2, len(text), text
        case bytes():
            return 7, len(value), value
        case Fraction():
            return _packed(file, (value,))
        case int():
            return (3, 1, struct.pack("<H", value)) if value < 65536 else (4, 1, struct.pack("<I", value))
        case Mapping():
            return 4, 1, struct.pack("<I", _write(file, value))
        case Sequence() if isinstance(value[0], Mapping):
            return 4, len(value), struct.pack(f"<{len(value)}I", *(_write(file, each) for each in value))
        case Sequence() if isinstance(value[0], Fraction):
            parts = [part for each in value for part in (each.numerator, each.denominator)]
            return 10, len(value), struct.pack(f"<{len(parts)}i", *parts)
        case Sequence():
            return 3, len(value), struct.pack(f"<{len(value)}H", *value)
    raise TypeError(value)


def jpeg(image: Image.Image, **options: object) -> bytes:
    """As a camera puts it into the file, as a preview."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def shot(make: str, model: str, orientation: int = 1) -> dict[int, object]:
    """What a camera says of a picture."""
    details = {
        EXPOSURE: Fraction(1, 250), F_NUMBER: Fraction(28, 10), ISO: 400,
        TAKEN: "2024:07:14 18:03:59", FOCAL_LENGTH: Fraction(50), LENS: "50mm F1.8",
    }  # fmt: skip
    return {MAKE: make, MODEL: model, ORIENTATION: orientation, EXIF: details}


def sensor(image: Image.Image) -> dict[int, object]:
    """What a sensor under a mosaic of red, green, green and blue saw of it, 16 bits, linear."""
    light = (np.asarray(image.convert("RGB")) / 255.0) ** 2.2 * 65535
    seen = light[..., 1].copy()
    seen[::2, ::2], seen[1::2, 1::2] = light[::2, ::2, 0], light[1::2, 1::2, 2]
    data = seen.astype("<u2").tobytes()
    return {
        KIND: 0, WIDTH: image.width, HEIGHT: image.height, BITS: 16, COMPRESSION: RAW, PHOTOMETRIC: CFA,
        STRIPS: Elsewhere(data), SAMPLES: 1, ROWS: image.height, STRIP_BYTES: len(data),
        CFA_SHAPE: (2, 2), CFA_COLOURS: bytes([0, 1, 1, 2]),
    }  # fmt: skip


def preview(image: Image.Image, **options: object) -> dict[int, object]:
    """A directory with a preview, as DNG has it."""
    data = jpeg(image, **options)
    return {
        KIND: 1, WIDTH: image.width, HEIGHT: image.height, BITS: (8, 8, 8), COMPRESSION: JPEG,
        PHOTOMETRIC: YCBCR, STRIPS: Elsewhere(data), SAMPLES: 3, ROWS: image.height, STRIP_BYTES: len(data),
    }  # fmt: skip


def tiny_page() -> dict[int, object]:
    """The first page of many: a few grey pixels that nobody wants to see."""
    return {
        KIND: 1, WIDTH: 16, HEIGHT: 12, BITS: (8, 8, 8), COMPRESSION: RAW, PHOTOMETRIC: 2,
        STRIPS: Elsewhere(bytes([128]) * (16 * 12 * 3)), SAMPLES: 3, ROWS: 12, STRIP_BYTES: 16 * 12 * 3,
    }  # fmt: skip


def dng(
    image: Image.Image, shown: Image.Image | None = None, orientation: int = 1, packet: str | None = None
) -> bytes:
    """A DNG, with or without a preview."""
    identity = [Fraction(int(row == column)) for row in range(3) for column in range(3)]
    page = tiny_page() | shot("Leica Camera AG", "LEICA Q2", orientation)
    return tiff(
        page
        | {
            SUB_DIRECTORIES: [sensor(image), *([preview(shown)] if shown else [])],
            50706: bytes([1, 4, 0, 0]), 50708: "LEICA Q2", 50721: identity, 50728: [Fraction(1)] * 3,
            50778: 21,
        }
        | ({XMP: packet.encode()} if packet else {})
    )  # fmt: skip


def _packed_in_12_bits(image: Image.Image) -> dict[int, object]:
    """As sensor(), two pixels in three bytes, and each four bytes reversed."""
    tags = sensor(image)
    place = tags[STRIPS]
    assert isinstance(place, Elsewhere)
    pairs = (np.frombuffer(place.data, "<u2") >> 4).astype(np.uint32).reshape(-1, 2)
    whole = pairs[:, 0] << 12 | pairs[:, 1]
    packed = np.stack([whole >> 16, whole >> 8 & 255, whole & 255], axis=1).astype(np.uint8)
    data = packed.reshape(-1, 4)[:, ::-1].tobytes()
    return tags | {BITS: 12, STRIPS: Elsewhere(data), STRIP_BYTES: len(data)}


def nef(image: Image.Image, shown: Image.Image, orientation: int = 1) -> bytes:
    return tiff(
        tiny_page()
        | shot("NIKON CORPORATION", "NIKON D750", orientation)
        | {SUB_DIRECTORIES: [_pointed_to(jpeg(shown)), sensor(image)]}
    )


def arw(image: Image.Image, shown: Image.Image, orientation: int = 1) -> bytes:
    """Its sensor's picture is none: of those of Sony, LibRaw takes compressed ones alone."""
    page = _pointed_to(jpeg(shown)) | shot("SONY", "ILCE-7M3", orientation)
    return tiff(page | {SUB_DIRECTORIES: [sensor(image)]})


def _pointed_to(data: bytes) -> dict[int, object]:
    return {KIND: 1, COMPRESSION: OLD_JPEG, JPEG_PLACE: Elsewhere(data), JPEG_BYTES: len(data)}


def pef(image: Image.Image, shown: Image.Image, orientation: int = 1) -> bytes:
    page = sensor(image) | shot("PENTAX", "PENTAX K-3", orientation)
    return tiff(page, after_it=_pointed_to(jpeg(shown)))


def rw2(image: Image.Image, shown: Image.Image, orientation: int = 1) -> bytes:
    page = sensor(image) | {
        1: b"0310", 2: image.width, 3: image.height, 4: 0, 5: 0, 6: image.height, 7: image.width, 10: 16,
        46: jpeg(shown),
    }  # fmt: skip
    return tiff(page | shot("Panasonic", "DMC-GX8", orientation), b"IIU\0")


def orf(image: Image.Image, shown: Image.Image, orientation: int = 1) -> bytes:
    page = _packed_in_12_bits(image) | shot("OLYMPUS CORPORATION", "E-M5MarkII", orientation)
    data = jpeg(shown)
    settings = {0x101: Elsewhere(data), 0x102: len(data)}
    note = bytearray(b"OLYMPUS\0II\3\0")
    _write(note, {0x2020: settings})
    page[EXIF] = {**page[EXIF], 37500: bytes(note)}
    return tiff(page, b"IIRO")


def cr2(image: Image.Image, shown: Image.Image, orientation: int = 1) -> bytes:
    data, seen = jpeg(shown), lossless_jpeg(image)
    page = shot("Canon", "Canon EOS 5D Mark II", orientation) | {
        WIDTH: shown.width, HEIGHT: shown.height, BITS: (8, 8, 8), COMPRESSION: OLD_JPEG,
        STRIPS: Elsewhere(data), STRIP_BYTES: len(data),
    }  # fmt: skip
    raw = {COMPRESSION: OLD_JPEG, STRIPS: Elsewhere(seen), STRIP_BYTES: len(seen), 50752: (0, 0, image.width)}
    return tiff(page, after=b"CR\2\0" + bytes(4), after_it=raw)


def lossless_jpeg(image: Image.Image) -> bytes:
    """The sensor's picture of 14 bits in two columns at a time (ITU-T T.81, SOF3, predictor 1)."""
    place = sensor(image)[STRIPS]
    assert isinstance(place, Elsewhere)
    seen = (np.frombuffer(place.data, "<u2") >> 2).astype(int).reshape(image.height, image.width // 2, 2)
    before = np.empty_like(seen)
    before[:, 1:] = seen[:, :-1]
    before[1:, 0] = seen[:-1, 0]
    before[0, 0] = 1 << 13
    bits = []
    for step in (seen - before).reshape(-1).tolist():
        length = abs(step).bit_length()
        bits.append(f"{length:05b}")  # of 17 lengths each has a code of five bits
        if length:
            bits.append(f"{step if step > 0 else step + (1 << length) - 1:0{length}b}")
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    scan = int(stream, 2).to_bytes(len(stream) // 8, "big").replace(b"\xff", b"\xff\0")
    codes = bytes([0, 0, 0, 0, 15, *[0] * 11, *range(15)])
    frame = struct.pack(">BHHB", 14, image.height, image.width // 2, 2) + bytes([1, 0x11, 0, 2, 0x11, 0])
    return b"".join(
        (
            b"\xff\xd8",
            b"\xff\xc4" + struct.pack(">HB", 3 + len(codes), 0) + codes,
            b"\xff\xc3" + struct.pack(">H", 2 + len(frame)) + frame,
            b"\xff\xda" + struct.pack(">HB", 10, 2) + bytes([1, 0, 2, 0, 1, 0, 0]),
            scan,
            b"\xff\xd9",
        )
    )


def raf(image: Image.Image, shown: Image.Image, orientation: int = 1) -> bytes:
    """Its EXIF stands in its preview; its sensor's picture is none."""
    exif = tiff(shot("FUJIFILM", "X-E1", orientation))
    data = jpeg(shown)
    data = data[:2] + struct.pack(">2sH6s", b"\xff\xe1", len(exif) + 8, b"Exif\0\0") + exif + data[2:]
    sizes = struct.pack(">IHHHH", 1, 0x100, 4, image.height, image.width)
    start, after = 160, 160 + len(data)
    places = struct.pack(">6I", start, len(data), after, len(sizes), after + len(sizes), 0)
    return (b"FUJIFILMCCD-RAW 0201FF123456X-E1".ljust(84, b"\0") + places).ljust(start, b"\0") + data + sizes


def cr3(image: Image.Image, shown: Image.Image, orientation: int = 1, packet: str | None = None) -> bytes:
    """Its sensor's picture is none."""
    page = shot("Canon", "Canon EOS R5", orientation)
    page |= {WIDTH: image.width, HEIGHT: image.height}
    details = page.pop(EXIF)
    assert isinstance(details, Mapping)
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    facts = _box(b"uuid", canon + _box(b"CMT1", tiff(page)) + _box(b"CMT2", tiff(details)))
    sizes = struct.pack(">4I", image.width, image.height, image.width, image.height)
    header = (
        struct.pack(">HHHH", 0xFFFF, 48, 0x100, 0) + sizes + bytes([14, 0x40, 0, 0]) + struct.pack(">I", 64)
    )
    data = jpeg(shown)
    start = _box(b"ftyp", b"crx \0\0\0\1crx isom")

    def moov(place: int) -> bytes:
        media = _box(b"JPEG", bytes(4)), _box(b"CMP1", header.ljust(48, b"\0"))
        return _box(b"moov", facts + b"".join(_track(each, place, len(data)) for each in media))

    whole = start + moov(len(start) + len(moov(0)) + 8) + _box(b"mdat", data)
    xmp = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    return whole + (_box(b"uuid", xmp + packet.encode()) if packet else b"")


def _track(media: bytes, place: int, size: int) -> bytes:
    entry = _box(b"CRAW", bytes(82) + media)
    table = (
        _box(b"stsd", struct.pack(">II", 0, 1) + entry)
        + _box(b"stsz", struct.pack(">III", 0, size, 1))
        + _box(b"co64", struct.pack(">IIQ", 0, 1, place))
    )
    handler = _box(b"hdlr", bytes(8) + b"vide" + bytes(13))
    return _box(b"trak", _box(b"mdia", handler + _box(b"minf", _box(b"stbl", table))))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content
