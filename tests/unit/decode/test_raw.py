"""What cameras write before a picture is made: the preview in it is shown, and the facts are the file's."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
import rawpy
from PIL import Image

from photosearch.core.photo import RAW_FORMATS, is_raw
from photosearch.decode.image import DecodeError, Limits, open_image, read_facts
from photosearch.decode.pool import DecoderPool
from tests.helpers import raw_files
from tests.helpers.decoding import PREPROCESSING, always
from tests.helpers.photos import picture

pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\b")

SEEN, SHOWN = picture(1, (96, 64)), picture(2, (96, 64))
SMALL = SHOWN.resize((24, 16))
GREY = SEEN.convert("L").convert("RGB")  # cameras differ in how they mean colours
WRITERS = {
    "CR2": raw_files.cr2, "CR3": raw_files.cr3, "NEF": raw_files.nef, "ARW": raw_files.arw,
    "DNG": raw_files.dng, "RAF": raw_files.raf, "ORF": raw_files.orf, "RW2": raw_files.rw2,
    "PEF": raw_files.pef,
}  # fmt: skip
WITH_A_SENSOR_S_PICTURE = ["CR2", "NEF", "DNG", "ORF", "RW2", "PEF"]  # of those that are written here
CAMERAS = {
    "CR2": "Canon EOS 5D Mark II", "CR3": "Canon EOS R5", "NEF": "NIKON D750", "ARW": "SONY ILCE-7M3",
    "DNG": "LEICA Q2", "RAF": "FUJIFILM X-E1", "ORF": "OLYMPUS E-M5MarkII", "RW2": "Panasonic DMC-GX8",
    "PEF": "PENTAX K-3",
}  # fmt: skip


def difference(image: Image.Image, other: Image.Image) -> float:
    assert image.size == other.size
    return float(np.abs(np.asarray(image, dtype=int) - np.asarray(other, dtype=int)).mean())


def resemblance(image: Image.Image, other: Image.Image) -> float:
    """Correlation of their levels: what a sensor saw comes out in another light."""
    levels = [np.asarray(each.convert("L").resize(image.size)).ravel() for each in (image, other)]
    return float(np.corrcoef(*levels)[0, 1])


@pytest.mark.parametrize("kind", WRITERS)
def test_the_preview_is_shown_and_the_facts_are_the_file_s(kind: str) -> None:
    data = WRITERS[kind](SEEN, SHOWN)
    image, facts = open_image(data, at_least=512)
    assert difference(image, SHOWN) < 8
    assert (facts.format, facts.width, facts.height, facts.camera) == (kind, 96, 64, CAMERAS[kind])
    assert (facts.taken_at, facts.lens, facts.iso) == ("2024-07-14T18:03:59", "50mm F1.8", 400)
    assert (facts.exposure_seconds, facts.f_number, facts.focal_length_mm) == (0.004, 2.8, 50)
    assert read_facts(data) == facts and is_raw(facts.format)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(("orientation", "turn"), [(3, "ROTATE_180"), (6, "ROTATE_270"), (8, "ROTATE_90")])
def test_it_is_shown_upright(kind: str, orientation: int, turn: str) -> None:
    image, facts = open_image(WRITERS[kind](SEEN, SHOWN, orientation), at_least=512)
    assert difference(image, SHOWN.transpose(Image.Transpose[turn])) < 8
    assert (facts.width, facts.height) == image.size


def test_a_preview_that_is_upright_already_is_not_turned() -> None:
    upright = SHOWN.transpose(Image.Transpose.ROTATE_270)
    image, facts = open_image(raw_files.dng(SEEN, upright, 6), at_least=512)
    assert difference(image, upright) < 8 and (facts.width, facts.height) == (64, 96)


@pytest.mark.parametrize("kind", WITH_A_SENSOR_S_PICTURE)
def test_what_the_sensor_saw_is_shown_where_the_preview_is_tiny(kind: str) -> None:
    image, facts = open_image(WRITERS[kind](GREY, SMALL, 6), at_least=512)
    assert image.size == (32, 48) and (facts.width, facts.height) == (64, 96)
    assert resemblance(image, GREY.transpose(Image.Transpose.ROTATE_270)) > 0.9


@pytest.mark.parametrize("kind", ["CR3", "ARW", "RAF"])  # whose sensor's picture is none here
def test_a_tiny_preview_is_better_than_nothing(kind: str) -> None:
    image, _ = open_image(WRITERS[kind](SEEN, SMALL), at_least=512)
    assert difference(image, SMALL) < 8


def test_without_a_preview_the_first_tiny_page_is_not_what_is_shown() -> None:
    image, facts = open_image(raw_files.dng(GREY), at_least=512)
    assert image.size == (48, 32) and (facts.width, facts.height) == (96, 64)
    assert resemblance(image, GREY) > 0.9


def test_a_large_preview_is_decoded_no_larger_than_needed() -> None:
    seen, shown = Image.new("RGB", (1200, 800), "teal"), Image.new("RGB", (1200, 800), "teal")
    image, facts = open_image(raw_files.nef(seen, shown), at_least=200)
    assert image.size == (300, 200) and (facts.width, facts.height) == (1200, 800)


def test_what_a_darkroom_wrote_into_it_is_read() -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>'
    )
    for data in (raw_files.dng(SEEN, SHOWN, packet=packet), raw_files.cr3(SEEN, SHOWN, packet=packet)):
        assert read_facts(data).rating == 4


def test_a_maker_that_nobody_named_is_raw_all_the_same() -> None:
    page = raw_files.sensor(SEEN) | raw_files.shot("SAMSUNG", "NX1")
    _, facts = open_image(raw_files.tiff(page), at_least=512)
    assert (facts.format, facts.camera) == ("RAW", "SAMSUNG NX1")
    assert [is_raw(name) for name in (*RAW_FORMATS, "JPEG", "TIFF")] == [True] * 10 + [False] * 2


def test_a_sensor_s_picture_that_nobody_can_read_is_not_the_tiny_page_before_it() -> None:
    page = raw_files.tiny_page() | {raw_files.SUB_DIRECTORIES: [raw_files.sensor(picture(1, (8, 8)))]}
    with pytest.raises(DecodeError, match="not an image of a kind that can be read"):
        open_image(raw_files.tiff(page), at_least=512)


def test_its_pixels_are_counted_before_they_are_read() -> None:
    seen = picture(1, (1500, 1000))
    with pytest.raises(DecodeError, match="2 megapixels, the limit is 1"):
        open_image(raw_files.dng(seen, SHOWN), at_least=512, limits=Limits(megapixels=1))


def test_a_preview_of_far_more_pixels_than_its_photo_is_none() -> None:
    image, _ = open_image(raw_files.nef(GREY, Image.new("RGB", (1000, 800), "red")), at_least=512)
    assert resemblance(image, GREY) > 0.9


def test_in_a_child_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.NEF"
    path.write_bytes(raw_files.nef(SEEN, SHOWN, 8))
    path_bytes = os.fsencode(path)
    with DecoderPool(PREPROCESSING, workers=1) as pool:
        decoded = pool.decode(path_bytes, always)
        assert decoded.facts and (decoded.facts.format, decoded.facts.width) == ("NEF", 64)
        shown = pool.preview(path_bytes, 50)
        assert (shown.width, shown.height) == (64, 96)


def test_libraw_is_built_without_what_is_under_the_gpl() -> None:
    assert rawpy.flags and not rawpy.flags["DEMOSAIC_PACK_GPL2"] and not rawpy.flags["DEMOSAIC_PACK_GPL3"]


def test_damage_costs_its_own_photo_alone(tmp_path: Path) -> None:
    """In a child: nobody knows what LibRaw makes of it."""
    chance, path, shown = random.Random(7), tmp_path / "a.raw", 0
    with DecoderPool(PREPROCESSING, workers=1, limits=Limits(megapixels=4)) as pool:
        for kind in [*WRITERS] * 4:
            data = bytearray(WRITERS[kind](SEEN, SHOWN))
            for _ in range(chance.randint(1, 20)):
                data[chance.randrange(chance.choice((64, 1024, len(data))))] = chance.randrange(256)
            path.write_bytes(data[: chance.randrange(len(data) // 8, 2 * len(data))])
            try:
                shown += bool(pool.decode(os.fsencode(path), always).picture)
            except DecodeError as error:
                assert str(error)
    assert shown
