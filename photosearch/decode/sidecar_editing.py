"""A caption and stars put into a packet of XMP, of which all else stays as it was."""

from xml.dom import minidom
from xml.parsers.expat import ExpatError

import msgspec

from photosearch.decode import rdf
from photosearch.decode.frames import Edit

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_XML = "http://www.w3.org/XML/1998/namespace"
_XMLNS = "http://www.w3.org/2000/xmlns/"
LARGEST = 1 << 20  # bytes; a document takes fifty times as much
_REFERENCES = "\t\n\r"  # letters that a reader would change, were they not written as such
_STAND_INS = "\ufdd0\ufdd1\ufdd2"  # for them; no letters of any text
EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '<rdf:Description rdf:about=""/>\n</rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>\n'
).encode()


def edited(packet: bytes, edit: Edit) -> bytes | None:
    """The packet with the edit made, in UTF-8.

    None where it is damaged, larger than LARGEST, or holds what would be lost: letters of another encoding.
    """
    try:
        if len(packet) > LARGEST or (parts := rdf.markup(packet, errors="strict")) is None:
            return None
        prolog, body = parts
        if any(letter in body for letter in _STAND_INS):
            return None
        return _edited(prolog, minidom.parseString(body.encode()), edit)
    except (ExpatError, ValueError, RecursionError):
        return None


def _edited(prolog: str, document: minidom.Document, edit: Edit) -> bytes | None:
    descriptions = [
        child
        for holder in document.getElementsByTagNameNS(_RDF, "RDF")
        for child in holder.childNodes
        if isinstance(child, minidom.Element) and child.namespaceURI == _RDF
    ]
    if not descriptions:
        return None
    if edit.caption is not msgspec.UNSET:
        _describe(document, descriptions, edit.caption)
    if edit.rating is not msgspec.UNSET:
        _rate(descriptions, edit.rating)
    _stand_in(document)
    written = "".join(node.toxml() for node in document.childNodes)
    for letter, stand_in in zip(_REFERENCES, _STAND_INS, strict=True):
        written = written.replace(stand_in, f"&#{ord(letter)};")
    return (_undeclared(prolog) + written + "\n").encode()


def _describe(document: minidom.Document, descriptions: list[minidom.Element], caption: str | None) -> None:
    """Its default text; those in other languages stay."""
    held = _properties(descriptions, _DC, "description")
    lists = [alt for element in held for alt in element.getElementsByTagNameNS(_RDF, "Alt")]
    items = lists[0].getElementsByTagNameNS(_RDF, "li") if lists else []
    default = next((item for item in items if item.getAttributeNS(_XML, "lang") == "x-default"), None)
    if caption is None and default is not None and len(items) > 1:
        lists[0].removeChild(default)
        return
    if caption is None or not lists:
        _remove(descriptions, _DC, "description")
        lists = []
    if caption is None:
        return
    if not lists:
        prefix = _declared(descriptions[0], _DC, "dc")
        element = document.createElementNS(_DC, f"{prefix}:description")
        alt = document.createElementNS(_RDF, _rdf(descriptions[0], "Alt"))
        element.appendChild(alt)
        descriptions[0].appendChild(element)
        lists = [alt]
    if default is None:
        default = document.createElementNS(_RDF, _rdf(descriptions[0], "li"))
        default.setAttributeNS(_XML, "xml:lang", "x-default")
        lists[0].insertBefore(default, lists[0].firstChild)
    for node in list(default.childNodes):
        default.removeChild(node)
    default.appendChild(document.createTextNode(rdf.writable(caption)))


def _rate(descriptions: list[minidom.Element], rating: int | None) -> None:
    _remove(descriptions, _XMP, "Rating")
    if rating is not None:
        prefix = _declared(descriptions[0], _XMP, "xmp")
        descriptions[0].setAttributeNS(_XMP, f"{prefix}:Rating", str(rating))


def _properties(descriptions: list[minidom.Element], namespace: str, name: str) -> list[minidom.Element]:
    return [
        child
        for description in descriptions
        for child in description.childNodes
        if isinstance(child, minidom.Element) and (child.namespaceURI, child.localName) == (namespace, name)
    ]


def _remove(descriptions: list[minidom.Element], namespace: str, name: str) -> None:
    for description in descriptions:
        if description.hasAttributeNS(namespace, name):
            description.removeAttributeNS(namespace, name)
    for element in _properties(descriptions, namespace, name):
        assert element.parentNode is not None
        element.parentNode.removeChild(element)


def _declared(description: minidom.Element, namespace: str, usual: str) -> str:
    """A prefix that stands for the namespace there, declared if need be; another may have the usual one."""
    node: minidom.Node | None = description
    taken = set()
    while isinstance(node, minidom.Element):
        for number in range(node.attributes.length):
            attribute = node.attributes.item(number)
            assert isinstance(attribute, minidom.Attr)
            if attribute.namespaceURI == _XMLNS and attribute.prefix:
                if attribute.value == namespace and attribute.localName not in taken:
                    return str(attribute.localName)
                taken.add(attribute.localName)
        node = node.parentNode
    prefix = next(
        name for name in (usual, *(f"{usual}{number}" for number in range(99))) if name not in taken
    )
    description.setAttributeNS(_XMLNS, f"xmlns:{prefix}", namespace)
    return prefix


def _rdf(description: minidom.Element, local: str) -> str:
    return f"{description.prefix}:{local}" if description.prefix else local


def _stand_in(node: minidom.Node) -> None:
    """Let other letters stand for _REFERENCES, which Python writes as such from 3.13 on only."""
    if isinstance(node, minidom.Element):
        for number in range(node.attributes.length):
            attribute = node.attributes.item(number)
            assert isinstance(attribute, minidom.Attr)
            attribute.value = attribute.value.translate(str.maketrans(_REFERENCES, _STAND_INS))
    elif node.nodeType == minidom.Node.TEXT_NODE:
        assert isinstance(node, minidom.Text)
        node.data = node.data.replace("\r", _STAND_INS[-1])
    for child in node.childNodes:
        _stand_in(child)


def _undeclared(prolog: str) -> str:
    """What stands before a document, but for its declaration, which names another encoding."""
    start, _, rest = prolog.partition("?>")
    return rest.lstrip() if start.lstrip().startswith("<?xml ") else prolog
