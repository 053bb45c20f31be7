"""What XMP says of a picture: a packet in its file, or alone in a file beside it."""

import re
import struct

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from photosearch.decode import dates, rdf
from photosearch.decode.rdf import Value
from photosearch.decode.said import Position, Said, as_caption, as_words, number, one_line, stars

_NAMESPACES = {
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
_HIERARCHIES = (
    ("lr:hierarchicalSubject", "|"),
    ("digiKam:TagsList", "/"),
    ("MicrosoftPhoto:LastKeywordXMP", "/"),
)
_INTERNAL = "_digikam_internal_tags_"
_DEGREES = re.compile(
    r"([+-]?\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?(?:,(\d+(?:\.\d+)?))?\s*([NSEW])?", re.IGNORECASE
)


_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_HEADER = struct.Struct(">32sII")  # digest and size of the whole, and where in it the part belongs


def said(image: Image.Image) -> Said:
    """What an opened image's packet says; nothing where it is missing or damaged."""
    packet = image.info.get("xmp")
    if not isinstance(packet, bytes):
        return Said()
    found = rdf.properties(packet)
    digest = "".join(_texts(found, "xmpNote:HasExtendedXMP")).encode("ascii", errors="replace")
    if digest and isinstance(image, JpegImageFile):
        found = rdf.properties(_extended(image, digest)) | found
    return _said(found)


def parse(packet: bytes) -> Said:
    """What a packet says that stands alone; nothing where it is damaged. It is not to be trusted."""
    return _said(rdf.properties(packet))


def _extended(image: JpegImageFile, digest: bytes) -> bytes:
    """What did not fit into a segment of 64 KB, joined; empty where a part is missing (XMP, part 3)."""
    begin = len(_EXTENSION) + _HEADER.size
    parts: dict[int, bytes] = {}
    size = 0
    for kind, segment in image.applist:
        if kind == "APP1" and segment.startswith(_EXTENSION) and len(segment) >= begin:
            whose, whole, start = _HEADER.unpack_from(segment, len(_EXTENSION))
            if whose == digest:
                size = whole
                parts[start] = segment[begin:]
    joined = b"".join(parts[start] for start in sorted(parts))
    return joined if len(joined) == size <= rdf.LARGEST else b""


def _said(found: dict[str, Value]) -> Said:

    def first(*names: str) -> str:
        """The first text of the first property that has one."""
        return next((text for name in names for text in _texts(found, name)), "")

    return Said(
        taken=dates.moment(first("exif:DateTimeOriginal")) or dates.moment(first("photoshop:DateCreated")),
        digitized=dates.moment(first("xmp:CreateDate")) or dates.moment(first("exif:DateTimeDigitized")),
        position=_position(
            first("exif:GPSLatitude"),
            first("exif:GPSLongitude"),
            first("exif:GPSAltitude"),
            first("exif:GPSAltitudeRef"),
        ),
        rating=stars(first("xmp:Rating"), first("MicrosoftPhoto:Rating")),
        title=as_caption(first("dc:title")),
        caption=as_caption(*_texts(found, "dc:description")),
        keywords=as_words([*_texts(found, "dc:subject"), *_levels(found)]),
        people=as_words(_people(found)),
        make=one_line(first("tiff:Make")),
        model=one_line(first("tiff:Model")),
        lens=one_line(first("exifEX:LensModel", "aux:Lens")) or None,
    )


def _levels(found: dict[str, Value]) -> list[str]:
    """The words of hierarchies, "Places|Portugal|Lisbon": whoever looks for one of them means it."""
    return [
        level
        for name, between in _HIERARCHIES
        for path in _texts(found, name)
        if not path.casefold().startswith(_INTERNAL)
        for level in reversed(path.split(between))
    ]


def _people(found: dict[str, Value]) -> list[str]:
    """Names at faces, as the Metadata Working Group and Microsoft have them, then names without a face."""
    names: list[str] = []
    for regions in rdf.structures(found.get(_full("mwg-rs:Regions"))):
        for region in rdf.structures(regions.get(_full("mwg-rs:RegionList"))):
            kind = _texts(region, "mwg-rs:Type")
            if not kind or kind[0].casefold() == "face":
                names += _texts(region, "mwg-rs:Name")[:1]
    for regions in rdf.structures(found.get(_full("MP:RegionInfo"))):
        for region in rdf.structures(regions.get(_full("MPRI:Regions"))):
            names += _texts(region, "MPReg:PersonDisplayName")[:1]
    return names + _texts(found, "Iptc4xmpExt:PersonInImage")


def _position(latitude: str, longitude: str, altitude: str, reference: str) -> Position:
    north, east = _degrees(latitude, "NS", 90), _degrees(longitude, "EW", 180)
    if north is None or east is None or north == east == 0:
        return Position()
    metres = number(altitude)
    if metres is None or abs(metres) > 1e5:
        return Position(north, east)
    return Position(north, east, -metres if reference.strip() in ("1", "3") else metres)


def _degrees(written: str, hemispheres: str, limit: float) -> float | None:
    """Of "41,24.2N", "41,24,12N" or "41.403333": degrees; without a letter a number of its own sign."""
    found = _DEGREES.fullmatch(written.strip())
    if found is None:
        return None
    letter = (found[4] or "").upper()
    if letter not in hemispheres or (not letter and found[2]):
        return None
    degrees = abs(float(found[1])) + float(found[2] or 0) / 60 + float(found[3] or 0) / 3600
    negative = letter in ("S", "W") or found[1].startswith("-")
    return round(-degrees if negative else degrees, 7) if degrees <= limit else None


def _texts(found: dict[str, Value], name: str) -> list[str]:
    return rdf.texts(found.get(_full(name)))


def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return rdf.name(_NAMESPACES[prefix], local)
