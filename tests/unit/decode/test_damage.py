"""What is shown of files that other programs damaged, and what is said of it."""

import contextlib
import io
import os
import struct
import zlib

import numpy as np
import pi_heif
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, PngImagePlugin

from photosearch.decode.damage import Opened, open_as_far_as_it_goes, read_facts
from photosearch.decode.image import DecodeError, Limits
from tests.helpers.heic import tiled_heic
from tests.helpers.photos import picture

pillow_heif.register_heif_opener()  # writes them
pi_heif.register_heif_opener()  # reads them, as in the program

pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\b")  # see test_image

SIZE = (256, 192)
PICTURE = picture(1, SIZE)
TRUNCATED, TEXTS = "the file is truncated", "the texts in it cannot be read"
BEFORE, ANOTHER_SIZE = "other bytes stand before the picture", "it is not as large as it says"


def encoded(fmt: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    PICTURE.save(buffer, fmt, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Opened:
    return open_as_far_as_it_goes(data, at_least=192, limits=Limits(megapixels=4))


def rows_alike(image: Image.Image) -> float:
    """How much of the picture, from its first row on, is the one that was written; 0 to 1."""
    assert image.size == SIZE
    away = np.abs(np.asarray(image, dtype=int) - np.asarray(PICTURE, dtype=int)).mean(axis=(1, 2)) > 12
    return float(np.argmax(away)) / len(away) if away.any() else 1.0


def chunk(kind: bytes, body: bytes, *, wrong: int = 0) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body) ^ wrong)


def png_with(*chunks: bytes) -> bytes:
    data = encoded("PNG")
    return data[:33] + b"".join(chunks) + data[33:]


def heic_of(width: int, height: int) -> bytes:
    data = bytearray(encoded("HEIF"))
    struct.pack_into(">II", data, data.index(b"ispe") + 8, width, height)
    return bytes(data)


def test_a_sound_file_is_not_said_to_be_damaged() -> None:
    for fmt in ("JPEG", "PNG", "WEBP", "HEIF"):
        image, facts, damage = opened(encoded(fmt))
        assert (rows_alike(image), facts.format, damage) == (1.0, fmt, None)


@pytest.mark.parametrize(
    ("fmt", "options", "kept", "shown"),
    [
        ("JPEG", {}, -2, 1.0),
        ("JPEG", {}, 0.6, 0.4),
        ("JPEG", {"progressive": True}, -2, 1.0),
        ("JPEG", {"progressive": True}, 0.6, 0.9),
        ("PNG", {}, 0.6, 0.4),
        ("PNG", {}, -2, 1.0),
        ("BMP", {}, -2, 0.0),  # from its last row on
        ("TIFF", {}, -2, 0.9),
        ("WEBP", {}, 0.6, 0.2),
        ("WEBP", {"lossless": True}, 0.6, 0.3),
        ("HEIF", {}, 0.8, 0.3),
    ],
)
def test_a_file_that_was_cut_is_shown_as_far_as_it_goes(
    fmt: str, options: dict[str, bool], kept: float, shown: float
) -> None:
    data = encoded(fmt, **options)
    image, facts, damage = opened(data[:kept] if kept < 0 else data[: int(kept * len(data))])
    assert (str(damage), facts.format, facts.width) == (TRUNCATED, fmt, 256)
    assert rows_alike(image) >= shown


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF", "HEIF"])
def test_of_a_file_that_ends_before_its_pixels_nothing_is_shown_and_it_is_said_why(fmt: str) -> None:
    with pytest.raises(DecodeError, match=TRUNCATED):
        opened(encoded(fmt)[:30] if fmt != "HEIF" else encoded(fmt)[:300])


@pytest.mark.parametrize(
    "before", [b"\n", b"HTTP/1.1 200 OK\r\n\r\n", bytes(128)], ids=["blank", "http", "mac"]
)
@pytest.mark.parametrize("fmt", ["JPEG", "PNG"])
def test_what_stands_before_a_picture_is_passed_over(fmt: str, before: bytes) -> None:
    image, facts, damage = opened(before + encoded(fmt))
    assert (rows_alike(image), facts.format, str(damage)) == (1.0, fmt, BEFORE)
    assert read_facts(before + encoded(fmt)).width == 256


def test_bytes_before_and_none_at_the_end() -> None:
    image, _, damage = opened(b"\n" + encoded("JPEG")[:-2])
    assert (rows_alike(image), str(damage)) == (1.0, TRUNCATED)


@pytest.mark.parametrize(
    "other",
    [
        b"%PDF-1.7\n" + encoded("JPEG"),
        b"8BPS" + bytes(60) + encoded("JPEG") + bytes(100_000),
        b"x" * 5_000 + encoded("JPEG"),
    ],
    ids=["a document", "another program's picture", "far behind"],
)
def test_a_picture_inside_another_file_is_not_shown_for_it(other: bytes) -> None:
    with pytest.raises(DecodeError, match="not an image of a kind that can be read"):
        opened(other)


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>'
    b'<rdf:li xml:lang="x-default">two dogs</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF>'
    b"</x:xmpmeta>"
)
SWOLLEN = zlib.compress(bytes(2 << 20))


@pytest.mark.parametrize(
    "bad",
    [
        chunk(b"tEXt", b"Comment\0a beach", wrong=1),
        chunk(b"zTXt", b"Comment\0\0" + SWOLLEN),
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + SWOLLEN),
        chunk(b"zTXt", b"Comment\0\7" + SWOLLEN[:40]),
        chunk(b"iCCP", b"profile\0\0" + SWOLLEN),
    ],
    ids=["sum", "swollen", "swollen unicode", "unknown packing", "swollen profile"],
)
def test_a_text_that_cannot_be_read_costs_a_png_that_text_alone(
    monkeypatch: pytest.MonkeyPatch, bad: bytes
) -> None:
    monkeypatch.setattr(PngImagePlugin, "MAX_TEXT_CHUNK", 1 << 20)
    sound = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    data = png_with(bad, sound)
    image, facts, damage = opened(data)
    assert (rows_alike(image), str(damage), facts.caption) == (1.0, TEXTS, "two dogs")
    assert read_facts(data) == facts


def test_a_png_whose_size_may_be_wrong_is_not_shown_sheared() -> None:
    data = bytearray(encoded("PNG"))
    data[19] ^= 8
    with pytest.raises(DecodeError, match="the file is damaged"):
        opened(bytes(data))


@pytest.mark.parametrize("size", [(240, 192), (300, 200), (192, 256), (8, 8), (100_000, 100_000)])
def test_a_heic_is_as_large_as_it_is_coded(size: tuple[int, int]) -> None:
    image, facts, damage = opened(heic_of(*size))
    assert (rows_alike(image), (facts.width, facts.height), str(damage)) == (1.0, SIZE, ANOTHER_SIZE)
    assert read_facts(heic_of(*size)).width == 256


TILED = tiled_heic(PICTURE, 64)


def test_of_a_heic_of_tiles_those_are_shown_that_are_there() -> None:
    image, facts, damage = opened(TILED)
    assert (rows_alike(image), (facts.width, facts.height), damage) == (1.0, SIZE, None)
    image, _, damage = opened(TILED[: len(TILED) * 8 // 10])
    assert rows_alike(image) >= 2 / 3
    assert str(damage) == TRUNCATED


def test_tiles_are_as_large_as_they_are_coded() -> None:
    data = bytearray(TILED)
    struct.pack_into(">II", data, data.index(b"ispe") + 8, 72, 64)
    image, _, damage = opened(bytes(data))
    assert (rows_alike(image), str(damage)) == (1.0, ANOTHER_SIZE)


@pytest.mark.parametrize("after", [b"SEFH" + bytes(20) + b"SEFT", bytes(70_000)], ids=["telephone", "zeros"])
@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_what_follows_a_picture_is_no_damage(fmt: str, after: bytes) -> None:
    assert opened(encoded(fmt) + after).damage is None


def free_boxes(size: int) -> bytes:
    return struct.pack(">I4s", 8, b"free") * (size // 8)


@pytest.mark.parametrize(
    "hostile",
    [
        encoded("HEIF")[:24] + free_boxes(40 << 20),
        TILED[:-9] + free_boxes(40 << 20),
        TILED.replace(b"ipma", b"ipma" + bytes(4) + b"\xff" * 4, 1),
    ],
    ids=["boxes", "boxes after a picture", "items"],
)
def test_files_of_endless_parts_end_soon(hostile: bytes) -> None:
    with contextlib.suppress(DecodeError):
        opened(hostile)
    with contextlib.suppress(DecodeError):
        read_facts(hostile)


def test_a_bmp_is_believed_by_its_pixels_and_not_by_the_length_it_says() -> None:
    data = bytearray(encoded("BMP"))
    struct.pack_into("<I", data, 2, 1 << 24)
    assert opened(bytes(data)).damage is None


def test_a_size_that_the_coding_pads_is_right() -> None:
    """225 x 171 is coded as 232 x 176, of which a window is shown."""
    buffer = io.BytesIO()
    picture(2, (225, 171)).save(buffer, "HEIF")
    assert opened(buffer.getvalue()).damage is None


def test_a_fault_that_memory_may_mend_is_left_to_the_last_try() -> None:
    data = bytearray(encoded("PNG"))
    data[len(data) // 2] ^= 8
    with pytest.raises(DecodeError, match="damaged") as caught:
        open_as_far_as_it_goes(bytes(data), at_least=192, limits=Limits(), last_try=False)
    assert caught.value.for_memory
    assert str(opened(bytes(data)).damage) == "the file is damaged"


def test_the_limits_hold_for_damaged_files_too() -> None:
    with pytest.raises(DecodeError, match=r"1 megapixels, the limit is 0\.01"):
        open_as_far_as_it_goes(b"\n" + encoded("JPEG"), at_least=192, limits=Limits(megapixels=0.01))


KINDS = {fmt: encoded(fmt) for fmt in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")}


@pytest.mark.parametrize("fmt", KINDS)
@given(st.data())
@settings(max_examples=int(os.environ.get("CORRUPT_EXAMPLES", 20)), deadline=None)
def test_any_damage_gives_a_picture_or_a_reason_and_nothing_else(fmt: str, draws: st.DataObject) -> None:
    data = bytearray(KINDS[fmt])
    for place in draws.draw(st.lists(st.integers(0, len(data) - 1), max_size=4), label="flipped"):
        data[place] ^= 1 << draws.draw(st.integers(0, 7), label="bit")
    before = draws.draw(st.binary(max_size=40), label="before")
    cut = draws.draw(st.none() | st.integers(0, len(data)), label="cut")
    try:
        image, facts, _ = opened(before + bytes(data[:cut]))
    except DecodeError as error:
        assert str(error.reason)
    else:
        assert image.mode == "RGB" and facts.width > 0
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
