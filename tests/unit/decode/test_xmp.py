"""XMP in every legal form, as Lightroom, digiKam, Windows, Picasa and others write it."""

import io
import struct
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosearch.decode.dates import Moment
from photosearch.decode.image import open_image, read_facts
from photosearch.decode.said import Position, Said
from photosearch.decode.xmp import parse
from tests.helpers.photos import picture

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def packet(elements: str = "", attributes: str = "") -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<!-- by hand --><x:xmpmeta '
        f'xmlns:x="adobe:ns:meta/"><rdf:RDF {DECLARED}><rdf:Description rdf:about="" {attributes}>{elements}'
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n   <?xpacket end="w"?>'
    )


def said(elements: str = "", attributes: str = "") -> Said:
    return parse(packet(elements, attributes).encode())


def listed(name: str, *items: str, kind: str = "Bag") -> str:
    inside = "".join(f"<rdf:li>{item}</rdf:li>" for item in items)
    return f"<{name}><rdf:{kind}>{inside}</rdf:{kind}></{name}>"


@pytest.mark.parametrize(
    "written",
    [
        '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Two dogs</rdf:li></rdf:Alt></dc:description>',
        '<dc:description><rdf:Alt><rdf:li xml:lang="de">Zwei Hunde</rdf:li>'
        '<rdf:li xml:lang="x-default">Two dogs</rdf:li></rdf:Alt></dc:description>',
        "<dc:description>Two dogs</dc:description>",
        "<dc:description><![CDATA[Two dogs]]></dc:description>",
        "<dc:description><rdf:Alt><rdf:li>Two <!-- black -->dogs</rdf:li></rdf:Alt></dc:description>",
        listed("dc:description", "Two dogs", kind="Seq"),
        '<dc:description rdf:parseType="Literal">Two <b>dogs</b></dc:description>',
        '<dc:description rdf:parseType="Resource"><rdf:value>Two dogs</rdf:value></dc:description>',
        "<dc:description><rdf:Description><rdf:value>Two dogs</rdf:value></rdf:Description></dc:description>",
        '<dc:description rdf:value="Two dogs"/>',
    ],
)
def test_a_text_in_each_of_its_forms(written: str) -> None:
    assert said(written).caption == "Two dogs"


def test_a_text_in_an_attribute() -> None:
    assert said(attributes='dc:description="Two dogs"').caption == "Two dogs"


def test_cdata_may_hold_what_a_declaration_is_made_of() -> None:
    written = "<dc:description><![CDATA[<!DOCTYPE cat> & <!ENTITY dog>]]></dc:description>"
    assert said(written).caption == "<!DOCTYPE cat> & <!ENTITY dog>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_packet_in_each_of_its_encodings(encoding: str) -> None:
    data = packet("<dc:description>Rusty &amp; the sea, 海</dc:description>").replace("\ufeff", "")
    assert parse(data.encode(encoding)).caption == "Rusty & the sea, 海"
    assert parse(data.encode(encoding) + b"\0\0\0\0").caption == "Rusty & the sea, 海"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32-le"])
def test_a_packet_that_declares_entities_is_refused(encoding: str) -> None:
    declared = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    body = packet("<dc:description>&b;</dc:description>").split("-->", 1)[1]
    for before in ("", "<!-- a comment -->", '<?xml version="1.0"?> '):
        assert parse((before + declared + body).encode(encoding)) == Said()


def test_prefixes_are_of_no_account() -> None:
    data = packet("<dc:title>A title</dc:title>", 'xmp:Rating="4"')
    renamed = data.replace("dc:", "ns0:").replace("xmp:", "b:").replace("rdf:", "R:")
    renamed = renamed.replace(":dc=", ":ns0=").replace(":xmp=", ":b=").replace(":rdf=", ":R=")
    found = parse(renamed.encode())
    assert (found.title, found.rating) == ("A title", 4)


def test_a_packet_without_its_wrapper_and_with_several_descriptions() -> None:
    data = (
        f'<rdf:RDF {DECLARED}><rdf:Description xmp:Rating="3"/><rdf:Description><dc:title/>'
        "</rdf:Description><rdf:Description><dc:title>A title</dc:title></rdf:Description></rdf:RDF>"
    )
    found = parse(data.encode())
    assert (found.title, found.rating) == ("A title", 3)


def test_letters_that_xml_forbids_cost_nothing_else() -> None:
    assert said("<dc:description>Two\x0b dogs\x01</dc:description>").caption == "Two dogs"


@pytest.mark.parametrize("kind", ["Bag", "Seq", "Alt"])
def test_keywords(kind: str) -> None:
    assert said(listed("dc:subject", "Cat", " two\n words ", "cat", "", "海", kind=kind)).keywords == (
        "Cat",
        "two words",
        "海",
    )


def test_words_of_hierarchies() -> None:
    found = said(
        listed("dc:subject", "Lisbon")
        + listed("lr:hierarchicalSubject", "Places|Portugal|Lisbon", "AC/DC")
        + listed("digiKam:TagsList", "Animals/Dog", "_Digikam_Internal_Tags_/Color Label None", kind="Seq")
        + listed("MicrosoftPhoto:LastKeywordXMP", "Family/Ana")
    )
    assert found.keywords == ("Lisbon", "Portugal", "Places", "AC/DC", "Dog", "Animals", "Ana", "Family")


@pytest.mark.parametrize(
    ("attributes", "stars"),
    [
        ('xmp:Rating="4"', 4),
        ('xmp:Rating="-1"', 0),  # rejected
        ('MicrosoftPhoto:Rating="0"', 0),
        ('MicrosoftPhoto:Rating="1"', 1),
        ('MicrosoftPhoto:Rating="25"', 2),
        ('MicrosoftPhoto:Rating="50"', 3),
        ('MicrosoftPhoto:Rating="75"', 4),
        ('MicrosoftPhoto:Rating="99"', 5),
        ('xmp:Rating="2" MicrosoftPhoto:Rating="99"', 2),
        ('xmp:Rating="many" MicrosoftPhoto:Rating="50"', 3),
        ('xmp:Rating="99" MicrosoftPhoto:Rating="400"', None),
        ('xmp:Rating="nan"', None),
    ],
)
def test_stars(attributes: str, stars: int | None) -> None:
    assert said(attributes=attributes).rating == stars


def test_the_namespace_of_windows_without_its_last_mark() -> None:
    data = packet(attributes='MicrosoftPhoto:Rating="50"').replace("photo/1.0/", "photo/1.0")
    assert parse(data.encode()).rating == 3


@pytest.mark.parametrize(
    ("attributes", "taken", "digitized"),
    [
        ('exif:DateTimeOriginal="2020-08-15T12:30:00+02:00"', Moment("2020-08-15T12:30:00", "+02:00"), None),
        ('photoshop:DateCreated="1965-08"', Moment("1965-08"), None),
        ('xmp:CreateDate="2020-08-15T12:30"', None, Moment("2020-08-15T12:30")),
        ('exif:DateTimeDigitized="2020-08-15"', None, Moment("2020-08-15")),
        ('xmp:ModifyDate="2020-08-15T12:30"', None, None),
        ('photoshop:DateCreated="last summer"', None, None),
    ],
)
def test_dates(attributes: str, taken: Moment | None, digitized: Moment | None) -> None:
    found = said(attributes=attributes)
    assert (found.taken, found.digitized) == (taken, digitized)


@pytest.mark.parametrize(
    ("latitude", "longitude", "height", "place"),
    [
        ("41,24.2N", "2,10.5E", "", Position(41.4033333, 2.175)),
        ("41,24,12N", "2,10,30W", "", Position(41.4033333, -2.175)),
        ("33,51.4S", "151,12.5E", 'exif:GPSAltitude="1055/10"', Position(-33.8566667, 151.2083333, 105.5)),
        (
            "41.403333 N",
            "2.175e",
            'exif:GPSAltitude="3" exif:GPSAltitudeRef="1"',
            Position(41.403333, 2.175, -3),
        ),
        ("-33.85", "151.2", 'exif:GPSAltitude="0/0"', Position(-33.85, 151.2)),
        ("41,24.2", "2,10.5E", "", Position()),  # in which half of the world?
        ("41,24.2E", "2,10.5N", "", Position()),
        ("91,0N", "2,0E", "", Position()),
        ("0,0N", "0,0E", "", Position()),
        ("north", "east", "", Position()),
    ],
)
def test_places(latitude: str, longitude: str, height: str, place: Position) -> None:
    found = said(attributes=f'exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}" {height}')
    assert found.position == place


def test_names_at_faces() -> None:
    group = """<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
        <rdf:li rdf:parseType="Resource"><mwg-rs:Name>Ana</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>
            <mwg-rs:Area stArea:x="0.5" stArea:y="0.5" stArea:unit="normalized"/></rdf:li>
        <rdf:li><rdf:Description mwg-rs:Name="Béla" mwg-rs:Type="Face"/></rdf:li>
        <rdf:li><rdf:Description mwg-rs:Name="Rusty" mwg-rs:Type="Pet"/></rdf:li>
        <rdf:li mwg-rs:Name="" mwg-rs:Type="Face"/></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"""
    windows = """<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li>
        <rdf:Description MPReg:Rectangle="0.1, 0.1, 0.2, 0.2" MPReg:PersonDisplayName="Cyd"/></rdf:li>
        <rdf:li MPReg:PersonDisplayName="ana"/></rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo>"""
    found = said(group + windows + listed("Iptc4xmpExt:PersonInImage", "Dora"))
    assert found.people == ("Ana", "Béla", "Cyd", "Dora")


def test_camera_and_lens() -> None:
    found = said(attributes='tiff:Make="Canon" tiff:Model="Canon EOS R5" aux:Lens="RF35mm F1.8"')
    assert (found.make, found.model, found.lens) == ("Canon", "Canon EOS R5", "RF35mm F1.8")


def photo(fmt: str, **extra: Any) -> bytes:
    buffer = io.BytesIO()
    picture(1).save(buffer, fmt, **extra)
    return buffer.getvalue()


def test_facts_of_a_packet_in_its_photo() -> None:
    data = packet(
        "<dc:title>Rusty</dc:title><dc:description>Two dogs</dc:description>"
        + listed("Iptc4xmpExt:PersonInImage", "Ana"),
        'photoshop:DateCreated="1965-08" exif:GPSLatitude="41,24.2N" exif:GPSLongitude="2,10.5E" '
        'tiff:Model="Scanner"',
    )
    facts = read_facts(photo("JPEG", xmp=data.encode()))
    assert (facts.title, facts.caption, facts.people) == ("Rusty", "Two dogs", ("Ana",))
    assert (facts.taken_at, facts.taken_from, facts.utc_offset) == ("1965-08", "xmp", None)
    assert (facts.latitude, facts.longitude, facts.camera) == (41.4033333, 2.175, "Scanner")


def test_a_title_alone_is_the_caption() -> None:
    facts = read_facts(photo("JPEG", xmp=packet("<dc:title>Rusty</dc:title>").encode()))
    assert (facts.title, facts.caption) == (None, "Rusty")


def with_extended(
    whole: str, *, sizes: int = 60_000, lose: int | None = None, digest: str = "A" * 32
) -> bytes:
    """A photo whose packet goes on in segments of their own, the last part first."""
    data = whole.encode()
    main = packet(attributes=f'xmp:Rating="4" xmpNote:HasExtendedXMP="{"A" * 32}"').encode()
    made = photo("JPEG", xmp=main)
    segments = b""
    for number, start in reversed(list(enumerate(range(0, len(data), sizes)))):
        if number != lose:
            head = b"http://ns.adobe.com/xmp/extension/\0" + digest.encode()
            body = head + struct.pack(">II", len(data), start) + data[start : start + sizes]
            segments += b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return made[:2] + segments + made[2:]


LONG = packet(listed("dc:subject", "Lisbon", *(f"word{number}" for number in range(20_000))))


def test_a_packet_of_more_than_a_segment_is_joined() -> None:
    data = with_extended(LONG)
    facts = read_facts(data)
    assert len(data) > 200_000
    assert (facts.rating, facts.keywords[:2], len(facts.keywords)) == (4, ("Lisbon", "word0"), 200)
    assert open_image(data, at_least=32)[1] == facts


@pytest.mark.parametrize("damage", [{"lose": 2}, {"digest": "B" * 32}])
def test_a_packet_that_lacks_a_part_is_the_first_segment_alone(damage: dict[str, Any]) -> None:
    facts = read_facts(with_extended(LONG, **damage))
    assert (facts.rating, facts.keywords) == (4, ())


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize("exif_first", [True, False])
@pytest.mark.parametrize("xmp_first", [True, False])
def test_a_png_tells_the_same_wherever_its_metadata_stands(exif_first: bool, xmp_first: bool) -> None:
    tags = Image.Exif()
    tags[0x0110] = "EOS R5"
    exif = chunk(b"eXIf", tags.tobytes()[6:])
    xmp = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet(attributes='xmp:Rating="4"').encode())
    plain = photo("PNG")
    start, end = plain.index(b"IDAT") - 4, plain.index(b"IEND") - 4
    before = exif * exif_first + xmp * xmp_first
    behind = exif * (not exif_first) + xmp * (not xmp_first)
    data = plain[:start] + before + plain[start:end] + behind + plain[end:]
    facts = read_facts(data)
    assert (facts.camera, facts.rating) == ("EOS R5", 4)
    assert open_image(data, at_least=32)[1] == facts


def test_facts_of_a_png_take_none_of_its_pixels() -> None:
    plain = photo("PNG")
    at = plain.index(b"IDAT") + 4
    assert read_facts(plain[:at] + b"\xff" * 20 + plain[at + 20 :]).format == "PNG"


@settings(max_examples=150)
@given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=6))
def test_a_damaged_packet_is_no_error(at: float, junk: bytes) -> None:
    data = packet(listed("dc:subject", "Lisbon"), 'xmp:Rating="4"').encode()
    start = int(at * len(data))
    found = parse(data[:start] + junk + data[start + len(junk) :])
    assert found.rating is None or 0 <= found.rating <= 5


@pytest.mark.parametrize("deep", [50, 5_000])
def test_structures_without_end_are_no_error(deep: int) -> None:
    assert (
        said("<a:a xmlns:a='b'>" * deep + "</a:a>" * deep + "<dc:title>A title</dc:title>").title == "A title"
    )


@pytest.mark.parametrize("filling", [b" ", b"<!---->", b"<?a?>"])
def test_a_long_beginning_is_read_in_little_memory(filling: bytes) -> None:
    data = b"<?x?>" + filling * (400_000 // len(filling)) + packet("<dc:title>A title</dc:title>").encode()
    tracemalloc.start()
    assert parse(data).title == "A title"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * len(data)


def test_a_packet_beyond_bounds_is_not_read() -> None:
    assert parse(packet(f"<dc:title>A title</dc:title><!--{'x' * (4 << 20)}-->").encode()) == Said()


def test_no_more_keywords_are_taken_than_anybody_gives() -> None:
    assert len(said(listed("dc:subject", *map(str, range(1_000)))).keywords) == 200
