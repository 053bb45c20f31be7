"""All that a file says about its picture, gathered. Nothing here fails a photo."""

import math

from PIL import Image

from photosearch.core.photo import Facts
from photosearch.decode import exif as exif_tags
from photosearch.decode import iptc, xmp
from photosearch.decode.caption import caption_of

_MOST_KEYWORDS = 200
_STARS = 5


def facts_of(image: Image.Image, exif: Image.Exif, image_format: str, width: int, height: int) -> Facts:
    """The facts of an opened image, given its upright size."""
    packet = xmp.read_xmp(image)
    shot = exif_tags.shot(exif)
    position = exif_tags.position(exif)
    return Facts(
        format=image_format,
        width=width,
        height=height,
        taken_at=exif_tags.taken_at(exif),
        camera=exif_tags.camera(exif),
        lens=shot.lens,
        iso=shot.iso,
        exposure_seconds=shot.exposure_seconds,
        f_number=shot.f_number,
        focal_length_mm=shot.focal_length_mm,
        latitude=position.latitude,
        longitude=position.longitude,
        altitude_metres=position.altitude_metres,
        rating=_rating(xmp.value(packet, "xmp:Rating"), exif_tags.rating(exif)),
        caption=caption_of(image),
        keywords=_keywords([*xmp.items(packet, "dc:subject"), *iptc.texts(image, iptc.KEYWORDS)]),
    )


def _rating(in_xmp: str | None, in_exif: int | None) -> int | None:
    """Stars, 0 to 5; a picture that was rejected, which XMP writes as -1, has none."""
    try:
        stars = float(in_xmp) if in_xmp is not None else in_exif
    except ValueError:
        stars = in_exif
    if stars is None or not math.isfinite(stars) or stars > _STARS:
        return None
    return max(0, int(stars))


def _keywords(found: list[str]) -> tuple[str, ...]:
    """Tidied, each once, whatever its case."""
    once: dict[str, str] = {}
    for keyword in filter(None, map(exif_tags.one_line, found)):
        once.setdefault(keyword.casefold(), keyword)
    return tuple(once.values())[:_MOST_KEYWORDS]
