"""What a photo says of itself, read with its picture and without."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosearch.decode.image import DecodeError, open_image, read_facts
from tests.helpers.photos import picture

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
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
