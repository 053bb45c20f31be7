"""The XMP packet of an image (ISO 16684-1): what photo programs write of a picture, as RDF in XML."""

import struct
import xml.etree.ElementTree as ET

from PIL import Image

_NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_LARGEST = 4 << 20  # bytes
_TIFF_TAG = 700


def read_xmp(image: Image.Image) -> ET.Element | None:
    """The packet of an opened image; None where it is missing or damaged."""
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if packet is None and hasattr(image, "tag_v2"):
        packet = image.tag_v2.get(_TIFF_TAG)
    if isinstance(packet, str):
        packet = packet.encode(errors="replace")
    if not isinstance(packet, bytes) or len(packet) > _LARGEST:
        return None
    packet = packet.strip(b"\0 \r\n\t")
    # No XMP declares a document type; entities that hold entities would fill the memory. Zeros are UTF-16,
    # in which a declaration would go unseen.
    if b"<!" in packet.replace(b"<!--", b"") or b"\0" in packet:
        return None
    try:
        return ET.fromstring(packet)
    except (ET.ParseError, ValueError, LookupError, struct.error):
        return None


def value(root: ET.Element | None, name: str) -> str | None:
    """A simple property such as "xmp:Rating", written as an attribute or as an element."""
    if root is None:
        return None
    full = _full(name)
    for description in root.iter(_full("rdf:Description")):
        if (written := description.get(full)) is not None:
            return written
        if (element := description.find(full)) is not None:
            return element.text
    return None


def items(root: ET.Element | None, name: str) -> list[str]:
    """The items of a bag, a sequence or a choice of languages, such as "dc:subject"."""
    if root is None:
        return []
    found = (element for holder in root.iter(_full(name)) for element in holder.iter(_full("rdf:li")))
    return [element.text for element in found if element.text]


def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMES[prefix]}}}{local}"
