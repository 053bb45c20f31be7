"""RDF in XML as XMP writes it (ISO 16684-1, 7): a packet's properties as plain values."""

import functools
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Literal

# A text; the items of a Bag, Seq or Alt, an Alt's default first; or the fields of a structure, by name.
Value = str | list["Value"] | dict[str, "Value"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns"
_DEFAULT = "x-default"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
LARGEST = 4 << 20  # bytes of a packet; what lies in larger ones are depths and second pictures
_DEEPEST = 16  # structures in structures

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
          (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
_UNMARKED = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_PADDING = b"\0 \r\n\t"
# What may stand before the document's element, but for a document type, the one place that declares entities.
# Possessive: else the place of each blank is kept, to go back to, in a hundred bytes.
_PROLOG = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def properties(packet: bytes) -> dict[str, Value]:
    """The properties of a packet by their full names, as name() gives them; none where it is damaged.

    Where several descriptions have a property, the first that says something holds. A packet that declares a
    document type is refused: no XMP does, and entities that hold entities would fill the memory.
    """
    parts = markup(packet)
    if parts is None:
        return {}
    try:
        root = ET.fromstring(parts[1])
    except (ET.ParseError, ValueError):
        return {}
    found: dict[str, Value] = {}
    for full, value in _described(root):
        if not found.get(full):
            found[full] = value
    return found


def markup(packet: bytes, errors: Literal["replace", "strict"] = "replace") -> tuple[str, str] | None:
    """A packet as text: what stands before its document's element, and the rest; None where it has a type.

    Args:
        errors: what becomes of bytes that are no letters

    Raises:
        UnicodeDecodeError: there are such, and `errors` is "strict".
    """
    text = _text(packet, errors)
    prolog = _PROLOG.match(text)
    if prolog is None or text.startswith("<!", prolog.end()):
        return None
    return prolog[0], text[prolog.end() : text.rfind(">") + 1]


def writable(text: str) -> str:
    """A text with blanks for what XML cannot hold."""
    return _NO_XML.sub(" ", text)


def name(namespace: str, local: str) -> str:
    """The full name of a property; that some programs leave a namespace's last mark away makes no other."""
    return f"{{{namespace.rstrip('/#')}}}{local}"


def texts(value: Value | None) -> list[str]:
    """All texts of a value, in order: a property may be one text where another program writes several."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value] if value.strip() else []
    return [text for part in (value if isinstance(value, list) else value.values()) for text in texts(part)]


def structures(value: Value | None) -> list[dict[str, Value]]:
    """The structures of a list, or the one that stands alone."""
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, dict)]


def _text(packet: bytes, errors: str) -> str:
    if len(packet) > LARGEST:
        return ""
    encoding = next((encoding for mark, encoding in _MARKS if packet.startswith(mark)), None)
    if encoding is None:
        packet = packet.lstrip(b" \r\n\t")
        encoding = next((encoding for start, encoding in _UNMARKED if packet.startswith(start)), "utf-8")
    if encoding == "utf-8":
        packet = packet.strip(_PADDING)
    return writable(packet.decode(encoding, errors).lstrip("\ufeff"))


def _described(root: ET.Element) -> Iterator[tuple[str, Value]]:
    holder = next((element for element in root.iter() if _full(element.tag) == _rdf("RDF")), ())
    for description in holder:
        yield from _fields(description, 0).items()


def _fields(element: ET.Element, depth: int) -> dict[str, Value]:
    """Of a description or a structure: what stands in attributes, then what stands in elements."""
    found: dict[str, Value] = {
        _full(key): value for key, value in element.items() if key.startswith("{") and not _is_syntax(key)
    }
    for child in element:
        found.setdefault(_full(child.tag), _value(child, depth + 1))
    return found


def _value(element: ET.Element, depth: int) -> Value:
    """What an element says, in whichever of RDF's forms it says it."""
    if depth > _DEEPEST:
        return ""
    if not len(element) and not element.attrib:
        return element.text or ""
    if (resource := element.get(f"{{{_RDF}#}}resource")) is not None:
        return resource
    kind = element.get(f"{{{_RDF}#}}parseType")
    if kind == "Literal":
        return "".join(element.itertext())
    if kind != "Resource" and len(element) == 1 and not (element.text or "").strip():
        (child,) = element
        tag = _full(child.tag)
        if tag in (_rdf("Bag"), _rdf("Seq"), _rdf("Alt")):
            return _items(child, depth)
        if tag == _rdf("Description") or len(child) or child.attrib:
            return _plain(_fields(child, depth))
    fields = _fields(element, depth)
    return _plain(fields) if fields else element.text or ""


def _items(array: ET.Element, depth: int) -> list[Value]:
    items = list(array)
    if _full(array.tag) == _rdf("Alt"):
        items.sort(key=lambda item: item.get(_LANGUAGE, "").casefold() != _DEFAULT)
    return [value for item in items if (value := _value(item, depth + 1))]


def _plain(fields: dict[str, Value]) -> Value:
    """The value itself where a structure only qualifies one."""
    return fields.get(_rdf("value"), fields)


def _is_syntax(key: str) -> bool:
    return key.startswith((f"{{{_RDF}#}}", "{http://www.w3.org/XML/")) and not key.endswith("}value")


@functools.lru_cache(1024)
def _full(tag: str) -> str:
    namespace, _, local = tag[1:].rpartition("}")
    return name(namespace, local)


@functools.cache
def _rdf(local: str) -> str:
    return name(_RDF, local)
