"""Which picture is shown of a file that has several."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from photosearch.decode.damage import open_as_far_as_it_goes
from photosearch.decode.image import Limits, open_image, read_facts
from tests.helpers.photos import picture

CLEAR = Image.new("RGBA", (48, 32), (0, 0, 0, 0))
FAINT = Image.new("RGBA", (48, 32), (255, 0, 0, 9))
RED, BLUE = (Image.new("RGBA", (48, 32), colour) for colour in ("red", "blue"))
ANIMATED = ["GIF", "PNG", "WEBP", "AVIF"]


def animation(fmt: str, frames: list[Image.Image], **options: object) -> bytes:
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        fmt,
        save_all=True,
        append_images=frames[1:],
        duration=list(range(100, 100 + len(frames))),
        **options,
    )
    return buffer.getvalue()


def colour(data: bytes) -> tuple[float, ...]:
    image, facts = open_image(data, at_least=32)
    assert (facts.width, facts.height) == image.size == (48, 32)
    return tuple(np.asarray(image, dtype=float).mean(axis=(0, 1)))


@pytest.mark.parametrize("fmt", ANIMATED)
def test_of_an_animation_the_first_frame_is_shown_that_shows_something(fmt: str) -> None:
    assert colour(animation(fmt, [CLEAR, RED, BLUE])) == pytest.approx((255, 0, 0), abs=6)
    assert colour(animation(fmt, [BLUE, RED])) == pytest.approx((0, 0, 255), abs=6)


@pytest.mark.parametrize("fmt", ["PNG", "WEBP", "AVIF"])
def test_a_frame_that_can_hardly_be_seen_is_passed_over(fmt: str) -> None:
    assert colour(animation(fmt, [CLEAR, FAINT, BLUE])) == pytest.approx((0, 0, 255), abs=6)


@pytest.mark.parametrize("fmt", ANIMATED)
def test_an_animation_of_nothing_is_white(fmt: str) -> None:
    buffer = io.BytesIO()
    CLEAR.save(buffer, fmt)
    assert colour(buffer.getvalue()) == (255, 255, 255)


def test_so_many_frames_are_looked_at_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    data = animation("PNG", [CLEAR, FAINT, CLEAR, RED])
    assert colour(data)[1] == 0
    monkeypatch.setattr("photosearch.decode.pages._MOST_FRAMES", 2)
    assert colour(data)[1] > 240
    monkeypatch.setattr("photosearch.decode.pages._MOST_FRAMES", 32)
    monkeypatch.setattr("photosearch.decode.pages._MOST_PIXELS", 2 * 48 * 32)
    assert colour(data)[1] > 240


def test_what_an_animation_says_of_itself_is_said_whichever_frame_is_shown() -> None:
    exif = Image.Exif()
    exif[0x0110] = "Pixel"
    data = animation("WEBP", [CLEAR, RED], exif=exif.tobytes())
    _, facts = open_image(data, at_least=32)
    assert facts.camera == "Pixel"
    assert read_facts(data) == facts


def test_a_damaged_later_frame_leaves_the_first() -> None:
    data = animation("PNG", [CLEAR, picture(1, (48, 32)).convert("RGBA")])
    place = data.index(b"fdAT")
    assert colour(data[: place + 8] + bytes(200) + data[place + 208 :])[0] > 0


def tiff(*sizes: tuple[int, int], tags: dict[int, dict[int, int]] | None = None, seed: int = 1) -> bytes:
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer, True) as pages:
        for number, size in enumerate(sizes):
            info = TiffImagePlugin.ImageFileDirectory_v2()
            for tag, value in (tags or {}).get(number, {}).items():
                info[tag] = value
            picture(seed + number, size).save(pages, "TIFF", tiffinfo=info)
            pages.newFrame()
    return buffer.getvalue()


PREVIEW, MASK = {254: 1}, {254: 4}


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (tiff((40, 30), (160, 120)), (160, 120)),
        (tiff((40, 30), (80, 60), (160, 120)), (160, 120)),
        (tiff((160, 120), (40, 30)), (160, 120)),
        (tiff((100, 140), (110, 150)), (100, 140)),  # pages of a document
        (tiff((100, 140), (110, 150), tags={0: PREVIEW}), (110, 150)),
        (tiff((160, 120), (320, 240), tags={1: MASK}), (160, 120)),
        (tiff((160, 120), (320, 240), tags={1: PREVIEW}), (160, 120)),
    ],
    ids=["preview", "two previews", "page, preview", "document", "said to be one", "mask", "larger, reduced"],
)  # fmt: skip
def test_of_a_tiff_that_begins_with_a_preview_the_largest_page_is_shown(
    data: bytes, size: tuple[int, int]
) -> None:
    image, facts = open_image(data, at_least=200)
    assert image.size == size == (facts.width, facts.height)
    stored = read_facts(data)
    assert (stored.width, stored.height) == size


def test_what_either_page_says_is_said_and_the_shown_one_is_upright() -> None:
    data = tiff(
        (40, 30), (160, 120), tags={0: {0x0110: "Scanner", 0x0132: "2020:05:06 07:08:09"}, 1: {0x0112: 6}}
    )
    image, facts = open_image(data, at_least=200)
    assert image.size == (120, 160) == (facts.width, facts.height)
    assert (facts.camera, facts.taken_at) == ("Scanner", "2020-05-06T07:08:09")
    assert read_facts(data).camera == "Scanner"


def test_a_date_has_no_time_zone_of_another_pages() -> None:
    packet = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
        xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:DateTimeOriginal="2020-05-06T07:08:09+02:00"/>
        </rdf:RDF>"""
    first, later = {700: packet.encode()}, {0x0132: "2021:05:06 07:08:09"}
    _, facts = open_image(tiff((40, 30), (160, 120), tags={0: first, 1: later}), at_least=200)
    assert (facts.taken_at, facts.utc_offset) == ("2021-05-06T07:08:09", None)
    _, facts = open_image(tiff((40, 30), (160, 120), tags={0: first}), at_least=200)
    assert (facts.taken_at, facts.utc_offset) == ("2020-05-06T07:08:09", "+02:00")


def with_second_page(data: bytes, tag: int, value: int) -> bytes:
    """A TIFF whose second page says something else."""
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    second = int.from_bytes(data[first + 2 + 12 * count : first + 6 + 12 * count], "little")
    entry = data.index(struct.pack("<H", tag), second + 2)
    return data[: entry + 8] + struct.pack("<I", value) + data[entry + 12 :]


@pytest.mark.parametrize(("tag", "value"), [(256, 1 << 30), (273, 1 << 30), (259, 60_000)])
def test_a_damaged_later_page_leaves_the_first(tag: int, value: int) -> None:
    data = with_second_page(tiff((40, 30), (160, 120)), tag, value)
    image, facts = open_image(data, at_least=30)
    assert image.size == (40, 30) == (facts.width, facts.height)
    assert read_facts(data).width == 40


def test_where_a_later_page_breaks_the_first_is_shown_and_that_is_said() -> None:
    data = with_second_page(tiff((40, 30), (160, 120)), 256, 1 << 20)
    image, facts, damage = open_as_far_as_it_goes(data, at_least=30, limits=Limits())
    assert image.size == (40, 30) == (facts.width, facts.height)
    assert str(damage) == "only its first page can be read"


def test_a_page_that_follows_itself_ends_the_search() -> None:
    data = bytearray(tiff((40, 30), (160, 120)))
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    data[first + 2 + 12 * count : first + 6 + 12 * count] = first.to_bytes(4, "little")
    image, _ = open_image(bytes(data), at_least=30)
    assert image.size == (40, 30)
