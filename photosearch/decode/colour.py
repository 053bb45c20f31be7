"""From the colours that a file means to sRGB: by its profile, or by the few words that it may say instead."""

import functools
import io
import struct
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from photosearch.decode import exif as exif_tags

_STEPS = 4095  # of light, in which what is written is looked up
_BOX_WITHIN = 1 << 16  # bytes; HEIC and AVIF describe their pictures at the beginning
_WHITE = (0.3127, 0.3290)  # daylight, as sRGB has it
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

# Chromaticities of red, green, blue and white.
Primaries = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
SRGB: Primaries = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _WHITE)
_ADOBE_RGB: Primaries = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), _WHITE)
_BY_CODE: dict[int, Primaries] = {  # ITU-T H.273
    1: SRGB,
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _WHITE),  # BT.2020
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),  # the cinema's P3
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _WHITE),  # Display P3
}
SRGB_CURVE = 0.0
_GAMMA_BY_CODE = {1: SRGB_CURVE, 6: SRGB_CURVE, 13: SRGB_CURVE, 14: SRGB_CURVE, 15: SRGB_CURVE} | {
    4: 2.2,
    5: 2.8,
    8: 1.0,
}
_ADOBE_GAMMA = 563 / 256


class Space(NamedTuple):
    """What a picture's numbers mean: primaries, and the power that makes light of them."""

    primaries: Primaries
    gamma: float  # SRGB_CURVE: sRGB's own curve

    @property
    def is_srgb(self) -> bool:
        """Whether the numbers are sRGB's, as near as anybody sees."""
        near = np.abs(np.subtract(self.primaries, SRGB)).max() < 0.002
        return bool(near) and (self.gamma == SRGB_CURVE or abs(self.gamma - 2.2) < 0.02)


def are_sensible(primaries: Primaries) -> bool:
    """Whether colours can be told from each other by what a file says of its primaries."""
    if not all(0 < part < 1 for place in primaries for part in place):
        return False
    return bool(abs(np.linalg.det(np.stack([_xyz(*place) for place in primaries[:3]]))) >= 0.01)


def space_of(image: Image.Image, data: bytes, exif: Image.Exif) -> Space | None:
    """What an opened image says of its colours where it has no profile; None: nothing, or nothing known.

    A PNG says it by cICP, or gAMA and cHRM; HEIC and AVIF by nclx; a camera's JPEG by EXIF.
    """
    if image.format == "PNG":
        return _by_codes(_png_cicp(data)) or _by_png_gamma(image)
    if data[4:8] == b"ftyp":
        place = data.find(b"colrnclx", 0, _BOX_WITHIN)
        return _by_codes(struct.unpack(">HH", data[place + 8 : place + 12])) if place >= 0 else None
    return Space(_ADOBE_RGB, _ADOBE_GAMMA) if exif_tags.is_adobe_rgb(exif) else None


def to_srgb(image: Image.Image, profile: object, space: Space | None) -> Image.Image:
    """Convert to RGB through the profile, else by what is said; without where neither says anything new."""
    if isinstance(profile, bytes) and profile:
        try:
            transform = _transform_to_srgb(profile, image.mode)
            if transform is not None:
                return cast(Image.Image, ImageCms.applyTransform(image, transform))
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken profile is no reason to lose the photo
        return image.convert("RGB")
    rgb = image.convert("RGB")
    return _converted(rgb, space) if space and not space.is_srgb else rgb


@functools.lru_cache(maxsize=8)
def _transform_to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """None for sRGB itself, by far the most common."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
        return None
    return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")


def _converted(rgb: Image.Image, space: Space) -> Image.Image:
    levels = np.arange(256) / 255
    light = (_srgb_light(levels) if space.gamma == SRGB_CURVE else levels**space.gamma).astype(np.float32)
    written = np.rint(_srgb_levels(np.arange(_STEPS + 1) / _STEPS) * 255).astype(np.uint8)
    matrix = np.linalg.inv(_to_xyz(SRGB)) @ _to_xyz(space.primaries)
    linear = light[np.asarray(rgb)] @ matrix.T.astype(np.float32)  # (H, W, 3)
    return Image.fromarray(written[np.rint(linear.clip(0, 1) * _STEPS).astype(np.uint16)])


def _to_xyz(primaries: Primaries) -> NDArray[np.float64]:
    """(3, 3): from linear RGB to XYZ with sRGB's white."""
    *colours, white = (_xyz(*place) for place in primaries)
    columns = np.stack(colours, axis=1)
    matrix: NDArray[np.float64] = columns * np.linalg.solve(columns, white)
    adapted = (_BRADFORD @ _xyz(*_WHITE)) / (_BRADFORD @ white)
    result: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ (adapted[:, None] * (_BRADFORD @ matrix))
    return result


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _srgb_light(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def _srgb_levels(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _by_codes(codes: tuple[int, ...] | None) -> Space | None:
    """Of H.273: primaries and transfer."""
    if not codes or codes[0] not in _BY_CODE or codes[1] not in _GAMMA_BY_CODE:
        return None
    return Space(_BY_CODE[codes[0]], _GAMMA_BY_CODE[codes[1]])


def _png_cicp(data: bytes) -> tuple[int, ...] | None:
    """The chunk cICP of a PNG, which stands before the pixels; Pillow does not read it."""
    place = 8
    while place + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        if kind == b"cICP" and length == 4:
            return tuple(data[place + 8 : place + 12])
        if kind in (b"IDAT", b"IEND"):
            return None
        place += 12 + length
    return None


def _by_png_gamma(image: Image.Image) -> Space | None:
    gamma = image.info.get("gamma")
    if "srgb" in image.info or not isinstance(gamma, float) or not 0.1 < gamma < 10:
        return None
    said = image.info.get("chromaticity")
    primaries = SRGB
    if isinstance(said, tuple) and len(said) == 8:
        white, red, green, blue = (said[start : start + 2] for start in range(0, 8, 2))
        primaries = (red, green, blue, white)
    return Space(primaries if are_sensible(primaries) else SRGB, 1 / gamma)
