"""What a photo says of itself, read with its picture and without."""

import io
from typing import Any

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from photosearch.core.photo import Facts
from photosearch.decode.image import DecodeError, open_image, read_facts
from tests.helpers.photos import picture

pillow_heif.register_heif_opener()  # writes them

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/">
    <rdf:Description {attributes}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta>"""
SUBJECT = "<dc:subject><rdf:Bag>{}</rdf:Bag></dc:subject>"
RATING = 0x4746


def photo(
    attributes: str = "", elements: str = "", exif: dict[int, object] | None = None, fmt: str = "JPEG"
) -> bytes:
    tags = Image.Exif()
    tags.update(exif or {})
    buffer = io.BytesIO()
    packet = XMP.format(attributes=attributes, elements=elements).encode()
    picture(1).save(buffer, fmt, exif=tags.tobytes(), xmp=packet)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("attributes", "elements", "exif", "stars"),
    [
        ('xmp:Rating="4"', "", {}, 4),
        ("", "<xmp:Rating>3</xmp:Rating>", {}, 3),
        ('xmp:Rating="-1"', "", {}, 0),  # rejected
        ('xmp:Rating="5.0"', "", {RATING: 2}, 5),
        ('xmp:Rating="many"', "", {RATING: 2}, 2),
        ('xmp:Rating="nan"', "", {}, None),
        ('xmp:Rating="99"', "", {}, None),
        ("", "", {RATING: 2}, 2),
        ("", "", {RATING: 99}, None),
        ("", "", {RATING: "x"}, None),
        ("", "", {}, None),
    ],
)
def test_rating(attributes: str, elements: str, exif: dict[int, object], stars: int | None) -> None:
    assert read_facts(photo(attributes, elements, exif)).rating == stars


def test_keywords_are_tidied_and_told_once() -> None:
    items = "".join(f"<rdf:li>{word}</rdf:li>" for word in ("Cat", " two\n words ", "cat", "", "海"))
    assert read_facts(photo(elements=SUBJECT.format(items))).keywords == ("Cat", "two words", "海")


@pytest.mark.parametrize("fmt", ["JPEG", "WEBP", "PNG", "AVIF"])
def test_facts_are_the_same_without_the_picture(fmt: str) -> None:
    data = photo('xmp:Rating="4"', exif={0x010F: "Canon", 0x0132: "2024:07:14 18:03:59"}, fmt=fmt)
    _, facts = open_image(data, at_least=32)
    assert read_facts(data) == facts
    assert facts.taken_at == "2024-07-14T18:03:59"
    assert (facts.camera, facts.format) == ("Canon", fmt)
    if fmt != "PNG":  # Pillow writes no XMP there
        assert facts.rating == 4


def with_iptc(data: bytes, *records: tuple[int, bytes]) -> bytes:
    """A JPEG with records of IPTC's second kind, and its date in no other place."""
    written = b"".join(
        b"\x1c\x02%c" % number + len(text).to_bytes(2, "big") + text for number, text in records
    )
    block = b"8BIM\x04\x04\0\0" + len(written).to_bytes(4, "big") + written + b"\0" * (len(written) % 2)
    segment = b"Photoshop 3.0\0" + block
    return data[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + data[2:]


TITLE, KEYWORD, DATE, TIME, DIGITAL_DATE, CAPTION = 5, 25, 55, 60, 62, 120


def test_what_records_of_iptc_say() -> None:
    facts = read_facts(
        with_iptc(
            photo(),
            *(
                (TITLE, b"Rusty"),
                (KEYWORD, b"dog"),
                (KEYWORD, "Möwe".encode("latin-1")),
                (CAPTION, b"Two dogs"),
            ),
            *((DATE, b"20200815"), (TIME, b"123000+0200")),
        )
    )
    assert (facts.title, facts.caption, facts.keywords) == ("Rusty", "Two dogs", ("dog", "Möwe"))
    assert (facts.taken_at, facts.taken_from, facts.utc_offset) == ("2020-08-15T12:30:00", "iptc", "+02:00")


def dates(
    exif: dict[int, object], details: dict[int, object], xmp: str = "", iptc: tuple[Any, ...] = ()
) -> Facts:
    tags = Image.Exif()
    tags.update(exif)
    tags.get_ifd(0x8769).update(details)
    buffer = io.BytesIO()
    picture(1).save(buffer, "JPEG", exif=tags.tobytes(), xmp=XMP.format(attributes=xmp, elements="").encode())
    return read_facts(with_iptc(buffer.getvalue(), *iptc))


def test_dates_are_trusted_in_one_order() -> None:
    """Each step takes away what the step before trusted most."""
    changed, original, digitized = (
        {0x0132: "2007:01:01 10:00:00"},
        {0x9003: "2001:01:01 10:00:00"},
        {0x9004: "2004:01:01 10:00:00"},
    )
    created = 'exif:DateTimeOriginal="2002-01-01T10:00:00"'
    made = 'xmp:CreateDate="2005-01-01T10:00:00"'
    iptc = ((DATE, b"20030101"), (DIGITAL_DATE, b"20060101"))
    steps = [
        (dates(changed, original | digitized, f"{created} {made}", iptc), "2001", "exif"),
        (dates(changed, digitized, f"{created} {made}", iptc), "2002", "xmp"),
        (dates(changed, digitized, made, iptc), "2003", "iptc"),
        (dates(changed, digitized, made, iptc[1:]), "2004", "exif"),
        (dates(changed, {}, made, iptc[1:]), "2005", "xmp"),
        (dates(changed, {}, "", iptc[1:]), "2006", "iptc"),
        (dates(changed, {}), "2007", "exif"),
        (dates({}, {}), None, None),
    ]
    for facts, year, source in steps:
        assert (facts.taken_at and facts.taken_at[:4], facts.taken_from) == (year, source)


def test_what_people_write_is_trusted_in_one_order() -> None:
    windows = {0x9C9B: "exif\0".encode("utf-16-le"), 0x010E: "exif too", 0x9C9E: "exif;a".encode("utf-16-le")}
    iptc = ((TITLE, b"iptc"), (CAPTION, b"iptc too"), (KEYWORD, b"iptc"), (KEYWORD, b"A"))
    elements = "<dc:title>xmp</dc:title><dc:description>xmp too</dc:description>" + SUBJECT.format(
        "<rdf:li>xmp</rdf:li>"
    )
    facts = read_facts(with_iptc(photo(elements=elements, exif=windows), *iptc))
    assert (facts.title, facts.caption) == ("xmp", "xmp too")
    assert facts.keywords == ("xmp", "iptc", "A", "exif")
    facts = read_facts(with_iptc(photo(exif=windows), *iptc))
    assert (facts.title, facts.caption, facts.keywords) == ("iptc", "iptc too", ("iptc", "A", "exif"))
    facts = read_facts(photo(exif=windows))
    assert (facts.title, facts.caption, facts.keywords) == ("exif", "exif too", ("exif", "a"))


def test_a_place_and_a_camera_of_exif_go_before_those_of_xmp() -> None:
    xmp = 'tiff:Model="Z 6" exif:GPSLatitude="1,0N" exif:GPSLongitude="2,0E"'
    tags = Image.Exif()
    tags[0x0110] = "EOS R5"
    tags.get_ifd(0x8825).update({1: "N", 2: (47.0, 0.0, 0.0), 3: "E", 4: (19.0, 0.0, 0.0)})
    buffer = io.BytesIO()
    packet = XMP.format(attributes=xmp, elements="").encode()
    picture(1).save(buffer, "JPEG", exif=tags.tobytes(), xmp=packet)
    facts = read_facts(buffer.getvalue())
    assert (facts.camera, facts.latitude, facts.longitude) == ("EOS R5", 47.0, 19.0)
    facts = read_facts(photo(xmp))
    assert (facts.camera, facts.latitude, facts.longitude) == ("Z 6", 1.0, 2.0)


def test_windows_stars_in_percent() -> None:
    assert [read_facts(photo(exif={0x4749: percent})).rating for percent in (1, 25, 50, 75, 99)] == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert read_facts(photo(exif={RATING: 2, 0x4749: 99})).rating == 2


@pytest.mark.parametrize("fmt", ["JPEG", "TIFF", "WEBP", "PNG", "AVIF", "HEIF"])
def test_every_format_tells_the_same_in_both_passes(fmt: str) -> None:
    tags = Image.Exif()
    tags.update({0x0110: "EOS R5", 0x0112: 6})
    tags.get_ifd(0x8769).update({0x9003: "2024:07:14 18:03:59", 0x9011: "+02:00"})
    buffer = io.BytesIO()
    picture(1).save(buffer, fmt, exif=tags.tobytes())
    image, facts = open_image(buffer.getvalue(), at_least=32)
    alone = read_facts(buffer.getvalue())
    assert replace(alone, width=facts.width, height=facts.height) == facts
    assert (facts.width, facts.height) == image.size
    assert (facts.camera, facts.taken_at, facts.utc_offset) == ("EOS R5", "2024-07-14T18:03:59", "+02:00")


def test_reading_facts_does_not_decode() -> None:
    data = photo('xmp:Rating="4"')
    half = data[: data.index(b"\xff\xda") + 20]  # the header, and no more of the picture than its start
    assert read_facts(half).rating == 4
    with pytest.raises(DecodeError):
        open_image(half, at_least=32)


@pytest.mark.parametrize("data", [b"", b"no image", b"\xff\xd8\xff"])
def test_what_is_no_photo(data: bytes) -> None:
    with pytest.raises(DecodeError):
        read_facts(data)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # as photosearch.decode.image does
@settings(max_examples=100)
@given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=8))
def test_damaged_metadata_fails_no_photo(at: float, junk: bytes) -> None:
    tags = Image.Exif()
    tags.update({0x010F: "Canon", 0x0110: "R5", RATING: 3})
    tags.get_ifd(0x8769).update({0x829A: 0.004, 0x9003: "2024:07:14 18:03:59", 0x8827: 200})
    tags.get_ifd(0x8825).update({1: "N", 2: (47.0, 29.0, 52.44), 3: "E", 4: (19.0, 2.0, 24.72)})
    block = bytearray(tags.tobytes())
    start = 6 + int(at * (len(block) - 6 - len(junk)))
    block[start : start + len(junk)] = junk
    buffer = io.BytesIO()
    picture(1).save(buffer, "JPEG", exif=bytes(block))
    image, facts = open_image(buffer.getvalue(), at_least=32)
    assert image.size and facts.format == "JPEG"
