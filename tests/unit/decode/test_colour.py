"""Pictures that say what their numbers mean, each in the way of its format, come out as what was meant."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from photosearch.decode.image import open_image
from tests.helpers.photos import picture

# From sRGB's light to the other's, as commonly published.
P3 = [[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]]
ADOBE_RGB = [[0.7152, 0.2848, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0412, 0.9588]]
SRGB = np.eye(3)


def meant() -> np.ndarray:
    """A picture in sRGB, (64, 64, 3) uint8, smooth, so that no codec does much to it."""
    return np.asarray(picture(5, (64, 64)))


def light(srgb: np.ndarray) -> np.ndarray:
    levels = srgb / 255
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def by_srgb_curve(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear.clip(1e-9) ** (1 / 2.4) - 0.055)


def written(matrix: object, gamma: float | None = None) -> Image.Image:
    """The same picture in another space's numbers; gamma None: sRGB's curve."""
    linear = (light(meant()) @ np.array(matrix).T).clip(0, 1)
    levels = by_srgb_curve(linear) if gamma is None else linear ** (1 / gamma)
    return Image.fromarray(np.rint(levels * 255).astype(np.uint8))


def png(image: Image.Image, **chunks: bytes) -> bytes:
    """A PNG with more chunks after its header."""
    file = io.BytesIO()
    image.save(file, "PNG")
    data = file.getvalue()
    more = b""
    for kind, body in chunks.items():
        named = kind.encode() + body
        more += struct.pack(">I", len(body)) + named + struct.pack(">I", zlib.crc32(named))
    return data[:33] + more + data[33:]


def gama(gamma: float) -> bytes:
    return struct.pack(">I", round(100_000 / gamma))


CHRM_OF_P3 = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def jpeg(image: Image.Image, **tags: int | str) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = tags["space"]
    if "interoperability" in tags:
        exif.get_ifd(0x8769)[0xA005] = {1: tags["interoperability"]}
    file = io.BytesIO()
    image.save(file, "JPEG", quality=98, subsampling=0, exif=exif.tobytes())
    return file.getvalue()


def with_nclx(image: Image.Image, fmt: str, primaries: int, transfer: int) -> bytes:
    """A HEIC or AVIF that says these, in place of what its writer says."""
    file = io.BytesIO()
    if fmt == "HEIC":
        pillow_heif.from_pillow(image).save(file, quality=98, chroma=444)
    else:
        image.save(file, "AVIF", quality=98)
    data = file.getvalue()
    place = data.index(b"colrnclx") + 8
    return data[:place] + struct.pack(">HH", primaries, transfer) + data[place + 4 :]


SAID = {
    "P3 by cICP": lambda: png(written(P3), cICP=bytes([12, 13, 0, 1])),
    "cICP goes before gAMA": lambda: png(written(P3), cICP=bytes([12, 13, 0, 1]), gAMA=gama(1.0)),
    "light by gAMA": lambda: png(written(SRGB, 1.0), gAMA=gama(1.0)),
    "P3 by cHRM": lambda: png(written(P3, 2.0), gAMA=gama(2.0), cHRM=CHRM_OF_P3),
    "what everybody writes": lambda: png(written(SRGB), gAMA=gama(2.2)),
    "sRGB goes before gAMA": lambda: png(written(SRGB), gAMA=gama(1.0), sRGB=b"\0"),
    "primaries that are none": lambda: png(written(SRGB), gAMA=gama(2.2), cHRM=bytes(32)),
    "P3 by nclx, HEIC": lambda: with_nclx(written(P3), "HEIC", 12, 13),
    "P3 by nclx, AVIF": lambda: with_nclx(written(P3), "AVIF", 12, 13),
    "unknown by nclx": lambda: with_nclx(written(SRGB), "HEIC", 2, 2),
    "Adobe RGB by EXIF": lambda: jpeg(written(ADOBE_RGB, 563 / 256), space=0xFFFF, interoperability="R03"),
    "Adobe RGB by name": lambda: jpeg(written(ADOBE_RGB, 563 / 256), space=2),
    "sRGB by EXIF": lambda: jpeg(written(SRGB), space=1, interoperability="R98"),
    "uncalibrated": lambda: jpeg(written(SRGB), space=0xFFFF),
}


@pytest.mark.parametrize("said", SAID)
def test_numbers_are_taken_for_what_they_are_said_to_be(said: str) -> None:
    image, _ = open_image(SAID[said](), at_least=64)
    away = np.abs(np.asarray(image, dtype=int) - meant())
    assert away.mean() < 2
    assert np.quantile(away, 0.99) <= 10
