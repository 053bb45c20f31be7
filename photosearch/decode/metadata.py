"""All that a file says about its picture, gathered. Nothing here fails a photo."""

from collections.abc import Iterator

from PIL import Image

from photosearch.core.photo import DateSource, Facts
from photosearch.decode import exif as exif_tags
from photosearch.decode import iptc, xmp
from photosearch.decode.dates import Moment
from photosearch.decode.said import Said, as_words


def facts_of(image: Image.Image, image_format: str) -> Facts:
    """The facts of an opened image whose pixels were not read yet; the size is that of what is stored.

    docs/files.md has the order in which its sources are trusted.
    """
    exif = exif_tags.read_exif(image)
    in_exif, in_xmp, in_iptc = exif_tags.said(exif), xmp.said(image), iptc.said(image)
    written = (in_xmp, in_iptc, in_exif)  # what people write by programs, the better ones first
    shot = exif_tags.shot(exif)
    taken_from, taken = next(_dates(in_exif, in_xmp, in_iptc), (None, None))
    place = next((said.position for said in (in_exif, in_xmp) if said.position.latitude is not None), None)
    by = next((said for said in (in_exif, in_xmp) if said.make or said.model), in_exif)
    title = next((said.title for said in written if said.title), None)
    caption = next((said.caption for said in written if said.caption), title)
    return Facts(
        format=image_format,
        width=image.width,
        height=image.height,
        taken_at=taken.at if taken else None,
        taken_from=taken_from,
        utc_offset=taken.utc_offset if taken else None,
        camera=exif_tags.camera(by.make, by.model),
        lens=in_exif.lens or in_xmp.lens,
        iso=shot.iso,
        exposure_seconds=shot.exposure_seconds,
        f_number=shot.f_number,
        focal_length_mm=shot.focal_length_mm,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        altitude_metres=place.altitude_metres if place else None,
        rating=next((said.rating for said in (in_xmp, in_exif) if said.rating is not None), None),
        title=title if title != caption else None,
        caption=caption,
        keywords=as_words([word for said in written for word in said.keywords]),
        people=as_words([name for said in written for name in said.people]),
    )


def _dates(in_exif: Said, in_xmp: Said, in_iptc: Said) -> Iterator[tuple[DateSource, Moment]]:
    """The dates that a picture may have been taken at, the best first."""
    found: tuple[tuple[DateSource, Moment | None], ...] = (
        ("exif", in_exif.taken),
        ("xmp", in_xmp.taken),
        ("iptc", in_iptc.taken),
        ("exif", in_exif.digitized),
        ("xmp", in_xmp.digitized),
        ("iptc", in_iptc.digitized),
        ("exif", in_exif.changed),
        ("gps", in_exif.by_satellite),
    )
    return ((source, moment) for source, moment in found if moment)
