"""JPEG XL, read by libjxl where the extra is installed; what the binding cannot write was written by cjxl."""

import io
import os
import random
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from photosearch import programs
from photosearch.decode.damage import open_as_far_as_it_goes
from photosearch.decode.image import DecodeError, Limits, open_image, read_facts
from photosearch.decode.pool import DecoderPool
from tests.helpers.decoding import PREPROCESSING, always
from tests.helpers.photos import ORIENTATION, picture

pylibjxl = pytest.importorskip("pylibjxl", reason="the extra jxl has no wheel for every system")

SEEN = picture(1, (60, 40))
PIXELS = np.asarray(SEEN)
TAKEN = 0x9003
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>'
)
# Flat pictures of 8 x 8 pixels: (200, 50, 50) in Display P3 and in linear BT.2020; 40,000 in grey of 16 bits.
P3 = "ff0a414040263702080201005c004b188b15c249c2e505220018f295680000000000000000"
BT_2020 = "ff0a4140401e2d02080201005c004b188b15c249c2e505220018f295680000000000000000"
OF_16_BITS = (
    "0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20000000096a786c6c0a000000296a786c63ff0a41f0"
    "03141702080201004c004b188b15428a027102e2000000000000000000"
)
TRANSPARENT_GREY = "ff0a41c0a2b810080810005c004b188b15c241015ee0004000d0b7070000000000000000"
ZEROS = (  # 200 MB of them, compressed by Brotli
    "cfffff7f002400e2b14072effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7"
    "fffcffff074002200e0b40f7fe9fffffff004800c46101e8defff3ffff1f000980382c00ddfb7ffeffff032001108705a07b"
    "ffcfffff7f002400e2b00074effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800ba"
    "f7fff9ffff074002200e0b40f7fe0f"
)
# Two frames: transparent, then blue.
ANIMATION = (
    "ff0a41040358505c12080880000024004b188b15820b4800000808400000"
    "54004b188b15c249415e400200fa030000000000000000"
)


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x010F], made[0x0110], made[ORIENTATION] = "Canon", "EOS R5", orientation
    made.get_ifd(0x8769)[TAKEN] = "2024:07:14 18:03:59"
    return made


def jpeg(image: Image.Image, orientation: int = 1) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95, subsampling=0, exif=exif(orientation))
    return file.getvalue()


def difference(image: Image.Image, other: Image.Image) -> float:
    assert image.size == other.size
    return float(np.abs(np.asarray(image, dtype=int) - np.asarray(other, dtype=int)).mean())


def bits(*parts: tuple[int, int]) -> bytes:
    """(value, bits) each, as a header of JPEG XL has them."""
    number = place = 0
    for value, count in parts:
        number |= value << place
        place += count
    return number.to_bytes((place + 7) // 8, "little")


@pytest.mark.parametrize("contained", [False, True])
@pytest.mark.parametrize("lossless", [False, True])
def test_its_picture_is_read(contained: bool, lossless: bool) -> None:
    data = pylibjxl.encode(PIXELS, lossless=lossless, xmp=XMP if contained else None)
    assert data.startswith(b"\xff\x0a") != contained
    image, facts = open_image(data, at_least=512)
    assert difference(image, SEEN) < (0.01 if lossless else 4)
    assert (facts.format, facts.width, facts.height, facts.rating) == (
        "JXL",
        60,
        40,
        4 if contained else None,
    )


def test_a_picture_may_reach_to_the_end_of_its_file() -> None:
    bare = pylibjxl.encode(PIXELS, lossless=True)
    beginning = bytes.fromhex("0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20")
    image, _ = open_image(beginning + struct.pack(">I4s", 0, b"jxlc") + bare, at_least=512)
    assert difference(image, SEEN) == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_in_it_lies_upright_with_its_facts(orientation: int) -> None:
    as_jpeg = jpeg(SEEN, orientation)
    data = pylibjxl.jpeg_to_jxl(as_jpeg)
    assert b"brob" in data  # its EXIF is compressed
    image, facts = open_image(data, at_least=512)
    upright, known = open_image(as_jpeg, at_least=512)
    assert difference(image, upright) < 2
    assert (facts.width, facts.height) == image.size == (known.width, known.height)
    assert (facts.camera, facts.taken_at) == ("Canon EOS R5", "2024-07-14T18:03:59")
    assert read_facts(data).taken_at == facts.taken_at


def test_exif_turns_no_picture_that_was_written_upright() -> None:
    tags = exif(6).tobytes()
    for tags in (exif(6).tobytes(), exif(6).tobytes()[6:]):  # with the mark that JPEG has before them, too
        image, facts = open_image(pylibjxl.encode(PIXELS, lossless=True, exif=tags), at_least=512)
        assert difference(image, SEEN) == 0
        assert (facts.camera, facts.width, facts.height) == ("Canon EOS R5", 60, 40)


def test_metadata_that_cannot_be_read_cost_no_photo() -> None:
    data = pylibjxl.encode(PIXELS, lossless=True)
    contained = pylibjxl.encode(PIXELS, lossless=True, xmp=XMP)
    broken = contained + struct.pack(">I4s", 40, b"brob") + b"Exif" + b"\xff" * 28
    assert difference(open_image(broken, at_least=512)[0], open_image(data, at_least=512)[0]) == 0


def test_metadata_that_unpack_to_more_than_there_is_room_cost_no_photo(tmp_path: Path) -> None:
    packed = b"xml " + bytes.fromhex(ZEROS)
    data = pylibjxl.encode(PIXELS, exif=exif().tobytes())
    file = tmp_path / "a.jxl"
    file.write_bytes(data + struct.pack(">I4s", 8 + len(packed), b"brob") + packed)
    with DecoderPool(PREPROCESSING, 1, Limits(memory_bytes=256 << 20)) as pool:
        decoded = pool.decode(os.fsencode(file), always)
    assert decoded.picture and decoded.picture.facts.width == 60
    assert decoded.picture.facts.camera is None


def test_grey_transparent_and_deep_pictures() -> None:
    grey = np.array(SEEN.convert("L"))
    shown, _ = open_image(pylibjxl.encode(grey, lossless=True), at_least=512)
    assert difference(shown, SEEN.convert("L").convert("RGB")) == 0
    transparent = pylibjxl.encode(np.dstack([PIXELS, np.zeros_like(grey)]), lossless=True)
    for data in (transparent, bytes.fromhex(TRANSPARENT_GREY)):
        shown, _ = open_image(data, at_least=512)
        assert shown.getextrema() == ((255, 255),) * 3  # on white paper
    deep, _ = open_image(bytes.fromhex(OF_16_BITS), at_least=512)
    assert np.allclose(deep.getpixel((4, 4)), 156, atol=1)


def test_of_an_animation_a_frame_is_shown_that_can_be_seen() -> None:
    shown, facts = open_image(bytes.fromhex(ANIMATION), at_least=512)
    assert shown.getpixel((4, 4))[2] > 250 and shown.getpixel((4, 4))[0] < 5
    assert (facts.width, facts.height) == (8, 8)


def test_colours_are_those_that_the_header_or_a_profile_means() -> None:
    in_p3, _ = open_image(bytes.fromhex(P3), at_least=512)
    assert np.allclose(in_p3.getpixel((4, 4)), (218, 24, 40), atol=2)
    linear, _ = open_image(bytes.fromhex(BT_2020), at_least=512)
    assert np.allclose(linear.getpixel((4, 4)), (255, 98, 119), atol=2)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    renamed = srgb.replace("sRGB".encode("utf-16-be"), "none".encode("utf-16-be"))
    swapped = renamed.replace(b"rXYZ", b"temp").replace(b"gXYZ", b"rXYZ").replace(b"temp", b"gXYZ")
    for lossless in (True, False):
        data = pylibjxl.encode(np.full((8, 8, 3), (200, 50, 50), np.uint8), lossless=lossless, icc=swapped)
        assert np.allclose(open_image(data, at_least=512)[0].getpixel((4, 4)), (50, 200, 50), atol=4)


def test_a_picture_that_is_too_large_is_refused_by_its_header(tmp_path: Path) -> None:
    bomb = b"\xff\x0a" + bits((0, 1), (2, 2), (59_999, 18), (1, 3), (1, 1), (1, 1)) + bytes(100)
    with pytest.raises(DecodeError, match="3600 megapixels, the limit is 300"):
        open_image(bomb, at_least=512)
    file = tmp_path / "bomb.jxl"
    file.write_bytes(bomb)
    with DecoderPool(PREPROCESSING, 1) as pool, pytest.raises(DecodeError, match="3600 megapixels"):
        pool.decode(os.fsencode(file), always)


def test_one_that_ends_early_says_so() -> None:
    data = pylibjxl.jpeg_to_jxl(jpeg(SEEN))
    for part in (0.5, 0.9, 0.99):
        with pytest.raises(DecodeError, match="the file is truncated"):
            open_as_far_as_it_goes(data[: int(len(data) * part)], at_least=512, limits=Limits())
    bare = pylibjxl.encode(PIXELS)
    with pytest.raises(DecodeError, match="the file is damaged"):
        open_as_far_as_it_goes(bare[: len(bare) // 2], at_least=512, limits=Limits())


def test_damaged_files_cost_no_decoder(tmp_path: Path) -> None:
    sound = [
        pylibjxl.encode(PIXELS, lossless=True),
        pylibjxl.encode(np.dstack([PIXELS, PIXELS[..., :1]]), xmp=XMP),
        pylibjxl.jpeg_to_jxl(jpeg(SEEN, 6)),
        bytes.fromhex(ANIMATION),
        bytes.fromhex(OF_16_BITS),
    ]
    chance, path, said = random.Random(7), tmp_path / "a.jxl", set()
    with DecoderPool(PREPROCESSING, 1, Limits(memory_bytes=1 << 30)) as pool:
        for number in range(300):
            data = bytearray(sound[number % len(sound)])
            for _ in range(chance.choice((1, 2, 8))):
                data[chance.randrange(len(data) if chance.random() < 0.5 else min(64, len(data)))] = (
                    chance.randrange(256)
                )
            path.write_bytes(data[: chance.randrange(1, len(data))] if chance.random() < 0.2 else data)
            try:
                pool.decode(os.fsencode(path), always)
            except DecodeError as error:
                said.add(str(error.reason))
    assert said & {"the file is damaged", "the file is truncated"}
    assert "the decoder crashed on it" not in said and not any("killed" in reason for reason in said)


@pytest.mark.parametrize("frozen", [False, True])
def test_without_the_extra_a_sentence_says_what_to_do(frozen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylibjxl", None)
    monkeypatch.setattr(programs, "FROZEN", frozen)
    data = pylibjxl.encode(PIXELS)
    for read in (lambda: open_image(data, at_least=512), lambda: read_facts(data)):
        with pytest.raises(DecodeError) as caught:
            read()
        assert caught.value.passing is not frozen  # and so it is tried again
        assert ("this package" if frozen else "pip install 'photosearch[jxl]'") in str(caught.value)
