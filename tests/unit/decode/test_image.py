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
from PIL import Image, ImageCms

from photosearch.decode.image import DecodeError, Limits, open_image
from tests.helpers.photos import make_photo, picture, sample_photos

pillow_heif.register_heif_opener()  # writes them
pi_heif.register_heif_opener()  # reads them, as in the program

# Pillow warns of damage it can live with; see the filter in the module under test, which pytest undoes.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\b")

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF"]
ORIENTABLE = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"]
# How the pixels lie in the file of a camera that was held so, by EXIF's number.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,  # to be turned clockwise, so it lies counter-clockwise
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def encoded(image: Image.Image, fmt: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, fmt, **options)
    return buffer.getvalue()


def pixels(data: bytes, at_least: int = 512) -> np.ndarray:
    image, _ = open_image(data, at_least=at_least)
    assert image.mode == "RGB"
    return np.asarray(image, dtype=int)


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format(fmt):
    original = picture(1, (96, 64))
    data = encoded(original, fmt)
    image, facts = open_image(data, at_least=512)

    assert (facts.format, facts.width, facts.height) == (fmt, 96, 64)
    assert np.abs(np.asarray(image, dtype=int) - np.asarray(original, dtype=int)).mean() < 8


def test_real_photographs():
    for path in sample_photos():
        image, facts = open_image(path.read_bytes(), at_least=512)
        assert image.size == (facts.width, facts.height) and np.asarray(image).std() > 10


def test_format_is_told_by_content(tmp_path):
    _, facts = open_image(make_photo(tmp_path / "photo.jpg", fmt="PNG").read_bytes(), at_least=512)
    assert facts.format == "PNG"


@pytest.mark.parametrize(
    "content", [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"%PDF-1.7\n", b"hello", b"GIF"]
)
def test_what_is_not_a_photo(content):
    with pytest.raises(DecodeError, match="not an image of a kind that can be read") as caught:
        open_image(content, at_least=512)
    assert not caught.value.passing


def test_formats_outside_the_list_are_refused():
    with pytest.raises(DecodeError, match="not an image"):
        open_image(encoded(picture(1), "PPM"), at_least=512)


def test_empty():
    with pytest.raises(DecodeError, match="the file is empty"):
        open_image(b"", at_least=512)


@pytest.mark.parametrize("fmt", ORIENTABLE)
@pytest.mark.parametrize("orientation", STORED)
def test_orientation_is_applied_once(fmt, orientation):
    upright = Image.new("RGB", (96, 64), "red")
    upright.paste("blue", (48, 0, 96, 32))
    upright.paste("green", (0, 32, 48, 64))
    turn = STORED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(upright if turn is None else upright.transpose(turn), fmt, exif=exif.tobytes())
    image, facts = open_image(data, at_least=512)

    assert image.size == (facts.width, facts.height) == (96, 64)
    difference = np.asarray(image, dtype=int) - np.asarray(upright, dtype=int)
    assert np.abs(difference).mean() < 8
    assert not image.getexif()


@pytest.mark.parametrize(("fmt", "size"), [("JPEG", (1000, 750)), ("PNG", (800, 600))])
def test_a_large_photo_comes_smaller_but_no_smaller_than_needed(fmt, size):
    data = encoded(Image.new("RGB", (4000, 3000), "teal"), fmt)
    image, facts = open_image(data, at_least=512)

    assert image.size == size and (facts.width, facts.height) == (4000, 3000)
    assert np.abs(np.asarray(image, dtype=int) - (0, 128, 128)).max() <= 4


@given(width=st.integers(1, 300), height=st.integers(1, 300), at_least=st.integers(1, 200))
@settings(max_examples=40)
def test_short_edge_is_never_less_than_needed(width, height, at_least):
    data = encoded(Image.new("RGB", (width, height)), "JPEG")
    image, _ = open_image(data, at_least=at_least)
    assert min(image.size) >= min(width, height, at_least)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
@pytest.mark.parametrize("fmt", ["PNG", "TIFF"])
def test_modes_become_rgb(fmt, mode):
    gray = Image.linear_gradient("L").resize((64, 64))
    image = (
        Image.fromarray(np.asarray(gray).astype(np.uint16) * 257) if mode == "I;16" else gray.convert(mode)
    )
    seen = pixels(encoded(image, fmt))
    assert np.abs(seen.mean(axis=(1, 2)) - np.asarray(gray).mean(axis=1)).mean() < (12 if mode == "1" else 2)


@pytest.mark.parametrize("fmt", ["PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_transparent_parts_become_white(fmt):
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 32, 64))
    seen = pixels(encoded(image, fmt))
    assert np.abs(seen[:, 40:] - 255).max() <= 4 and np.abs(seen[:, :24] - (255, 0, 0)).max() <= 8


def test_transparent_colour_of_a_palette():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    assert (pixels(encoded(image, "PNG", transparency=1)) == 255).all()


@pytest.mark.parametrize("fmt", ["JPEG", "TIFF"])
def test_cmyk(fmt):
    seen = pixels(encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), fmt))
    assert seen[..., 0].min() > 220 and seen[..., 1:].max() < 60


@pytest.mark.parametrize("values", [np.linspace(0, 1, 64), np.linspace(-5e6, 5e6, 64)])
def test_numbers_of_no_agreed_range_are_stretched(values):
    image = Image.fromarray(np.tile(values.astype(np.float32), (8, 1)))
    assert np.abs(pixels(encoded(image, "TIFF"))[0, :, 0] - np.linspace(0, 255, 64)).max() <= 1


@pytest.mark.parametrize("value", [np.nan, np.inf, 3.0])
def test_flat_or_meaningless_numbers_are_black(value):
    image = Image.fromarray(np.full((8, 8), value, dtype=np.float32))
    assert (pixels(encoded(image, "TIFF")) == 0).all()


def test_first_frame_of_an_animation():
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "lime", "blue")]
    for fmt in ("GIF", "WEBP", "PNG", "TIFF", "AVIF"):
        seen = pixels(encoded(frames[0], fmt, save_all=True, append_images=frames[1:]))
        assert np.abs(seen - (255, 0, 0)).max() <= 8, fmt


def swapped_profile() -> bytes:
    """A colour profile whose red is green and whose green is red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    return profile.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_colour_profile_is_applied(fmt):
    seen = pixels(encoded(Image.new("RGB", (32, 32), (255, 0, 0)), fmt, icc_profile=swapped_profile()))
    assert np.abs(seen - (0, 255, 0)).max() <= 8


@pytest.mark.parametrize("profile", [b"nonsense", swapped_profile()[:300], b"\0" * 200])
def test_broken_colour_profile_is_ignored(profile):
    seen = pixels(encoded(Image.new("RGB", (32, 32), (255, 0, 0)), "JPEG", icc_profile=profile))
    assert np.abs(seen - (255, 0, 0)).max() <= 4


def test_facts_of_a_camera():
    exif = Image.Exif()
    exif.update({0x010F: "Canon", 0x0110: "Canon EOS R5", 0x0112: 6})
    exif.get_ifd(0x8769)[0x9003] = "2024:07:14 18:03:59"
    _, facts = open_image(encoded(picture(1, (64, 48)), "JPEG", exif=exif), at_least=512)
    assert (facts.taken_at, facts.camera) == ("2024-07-14T18:03:59", "Canon EOS R5")
    assert (facts.width, facts.height) == (48, 64)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"junk"]
)
@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_costs_only_the_facts(fmt, exif):
    _, facts = open_image(encoded(picture(1), fmt, exif=exif), at_least=512)
    assert (facts.width, facts.height, facts.taken_at, facts.camera) == (64, 48, None, None)


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_pixel_limit_is_checked_before_decoding():
    with pytest.raises(DecodeError, match="2500 megapixels, the limit is 300") as caught:
        open_image(png(50_000, 50_000), at_least=512)
    assert not caught.value.passing


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_small_file_with_a_large_picture(fmt):
    data = encoded(Image.new("RGB", (1500, 1000), "gray"), fmt)
    with pytest.raises(DecodeError, match="2 megapixels, the limit is 1"):
        open_image(data, at_least=512, limits=Limits(megapixels=1))


def test_text_that_swells():
    bomb = zlib.compress(bytes((64 << 20) + 1))
    body = b"note\0\0" + bomb
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    data = encoded(picture(1), "PNG")
    with pytest.raises(DecodeError, match="damaged"):
        open_image(data[:33] + chunk + data[33:], at_least=512)


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "HEIF"])
def test_half_a_file_is_an_error(fmt):
    data = encoded(picture(1, (256, 256)), fmt)
    with pytest.raises(DecodeError, match=r"truncated|damaged"):
        open_image(data[: len(data) // 2], at_least=512)


def test_a_jpeg_cut_short_is_told_as_such():
    with pytest.raises(DecodeError, match="the file is truncated"):
        open_image(encoded(picture(1, (256, 256)), "JPEG")[:-400], at_least=512)


def sound(fmt: str) -> bytes:
    exif = Image.Exif()
    exif.update({0x010F: "Maker", 0x0112: 6})
    exif.get_ifd(0x8769)[0x9003] = "2024:07:14 18:03:59"
    options = {} if fmt in ("GIF", "BMP") else {"exif": exif, "icc_profile": swapped_profile()}
    return encoded(picture(1, (24, 16)), fmt, **options)


SOUND = {fmt: sound(fmt) for fmt in FORMATS}


@pytest.mark.parametrize("fmt", FORMATS)
@given(st.data())
@settings(max_examples=int(os.environ.get("CORRUPT_EXAMPLES", 60)))
def test_damage_gives_a_picture_or_a_reason_and_nothing_else(fmt, draws):
    data = bytearray(SOUND[fmt])
    near_the_start = st.integers(0, min(200, len(data) - 1))  # where the structure is
    places = st.one_of(near_the_start, st.integers(0, len(data) - 1))
    for place in draws.draw(st.lists(places, max_size=4), label="flipped"):
        data[place] ^= 1 << draws.draw(st.integers(0, 7), label="bit")
    cut = draws.draw(st.none() | st.integers(0, len(data)), label="cut")
    try:
        image, _ = open_image(bytes(data[:cut]), at_least=8, limits=Limits(megapixels=4))
    except DecodeError as error:
        assert error.reason
    else:
        assert image.mode == "RGB"


@pytest.mark.parametrize(
    ("tags", "written"),
    [({}, [0, 32768, 65535]), ({262: 0}, [65535, 32767, 0]), ({281: 4095}, [0, 2048, 4095])],
    ids=["plain", "white is zero", "12 bits in 16"],
)
def test_a_grey_tiff_of_16_bits_is_read_as_it_says(tags: dict[int, int], written: list[int]) -> None:
    values = np.repeat(np.array(written, np.uint16), 40)[None].repeat(40, axis=0)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "TIFF", tiffinfo=tags)
    image, _ = open_image(buffer.getvalue(), at_least=40)
    seen = np.asarray(image)[20, [20, 60, 100], 0]
    assert np.abs(seen.astype(int) - [0, 128, 255]).max() <= 1


@pytest.mark.parametrize(("alpha", "seen"), [(0, (200, 100, 50)), (255, (200, 100, 50))])
def test_a_bmp_whose_alpha_was_never_set_is_opaque(alpha: int, seen: tuple[int, int, int]) -> None:
    pixels = bytes([50, 100, 200, alpha]) * 64 * 48
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, 64, 48, 1, 32, 3, len(pixels), 0, 0, 0, 0) + masks + bytes(52)
    data = (
        b"BM" + struct.pack("<IHHI", 14 + len(header) + len(pixels), 0, 0, 14 + len(header)) + header + pixels
    )
    with Image.open(io.BytesIO(data)) as written:
        assert written.mode == "RGBA"
    image, _ = open_image(data, at_least=48)
    assert image.getpixel((30, 20)) == seen
