"""Sound pictures of every format that the program reads, and ways to damage them."""

import io
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pillow_heif
import tifffile
from PIL import Image, PngImagePlugin, TiffImagePlugin

from photosearch.core.photo import RAW_FORMATS
from tests.helpers import raw_files
from tests.helpers.photos import picture

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_HEADER = 600  # bytes; where most of what a decoder believes stands
_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>'
)


def sound_pictures() -> list[tuple[str, bytes]]:
    """(name, content) of small pictures: each format in the forms that take other paths through a decoder."""
    rgb = picture(1, (120, 90))
    rgba = rgb.convert("RGBA")
    rgba.putalpha(picture(2, rgb.size).convert("L"))
    grey = rgb.convert("L")
    grey16 = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    grey_floats = Image.fromarray(np.asarray(grey, np.float32) / 255)
    exif = _exif()
    text = PngImagePlugin.PngInfo()
    text.add_text("Description", "a beach")
    text.add_text("Comment", "much " * 200, zip=True)
    text.add_itxt("Title", "海滩", zip=True)
    text.add_text("XML:com.adobe.xmp", _XMP.decode())

    made: list[tuple[str, Image.Image, dict[str, Any]]] = [
        ("plain.jpg", rgb, {"exif": exif, "xmp": _XMP, "quality": 80, "comment": b"of a beach"}),
        ("progressive.jpg", rgb, {"progressive": True, "subsampling": 0}),
        ("cmyk.jpg", rgb.convert("CMYK"), {}),
        ("grey.jpg", grey, {"icc_profile": b"no profile " * 20}),
        ("rgb.png", rgb, {"pnginfo": text, "exif": exif}),
        ("rgba.png", rgba, {}),
        ("palette.png", rgb.quantize(64), {"transparency": 3}),
        ("bits.png", grey.convert("1"), {}),
        ("grey-alpha.png", rgba.convert("LA"), {}),
        ("grey16.png", grey16, {}),
        ("lossy.webp", rgb, {"exif": exif, "xmp": _XMP}),
        ("lossless.webp", rgba, {"lossless": True}),
        ("moving.webp", rgb, {"save_all": True, "append_images": [picture(3, rgb.size)]}),
        ("palette.gif", rgb.quantize(32), {}),
        ("moving.gif", rgb.quantize(32), {"save_all": True, "append_images": [grey.quantize(16)]}),
        ("rgb.bmp", rgb, {}),
        ("palette.bmp", rgb.quantize(16), {}),
        ("rgba.bmp", rgba, {}),
        ("bits.bmp", grey.convert("1"), {}),
        ("rgb.avif", rgb, {"exif": exif, "xmp": _XMP}),
        ("rgba.avif", rgba, {}),
        ("rgb.heic", rgb, {"exif": exif, "quality": 50}),
        ("rgba.heic", rgba, {"quality": 50}),
        ("grey16.tif", grey16, {}),
        ("floats-grey.tif", grey_floats, {}),
        ("cmyk.tif", rgb.convert("CMYK"), {"compression": "tiff_lzw"}),
        ("fax.tif", grey.convert("1"), {"compression": "group4"}),
    ]
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "lzma", "zstd"):
        made.append((f"{compression}.tif", rgb, {"compression": compression, "tiffinfo": _tags()}))
    whole = np.asarray(rgb, np.uint16) * 257
    numbers = [
        ("planes16.tif", np.moveaxis(whole, -1, 0), {"planarconfig": "separate", "rowsperstrip": 20}),
        ("floats.tif", whole.astype(np.float32) / 65535, {"tile": (32, 32)}),
        ("whole32.tif", whole.astype(np.uint32) << 16, {"compression": "zlib"}),
    ]
    sound = [(name, _saved(name, image, options)) for name, image, options in made]
    for name, values, options in numbers:
        file = io.BytesIO()
        tifffile.imwrite(file, values, photometric="rgb", **options)
        sound.append((name, file.getvalue()))
    raw = [kind.lower() for kind in RAW_FORMATS if kind != "RAW"]
    return sound + [(f"preview.{kind}", getattr(raw_files, kind)(rgb, rgb)) for kind in raw]


def damaged(rng: random.Random, sound: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """One of the pictures, damaged in one to three ways."""
    name, content = rng.choice(sound)
    data = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        if data:
            rng.choice(_WAYS)(rng, data, sound)
    return name, bytes(data)


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif[0x010E] = "a caption"
    exif[0x0110] = "camera"
    exif[0x4746] = 3  # stars
    exif.get_ifd(0x8769)[0x9003] = "2024:07:14 10:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 1.0), 3: "E", 4: (8.0, 32.0, 1.0)})
    return exif.tobytes()


def _tags() -> TiffImagePlugin.ImageFileDirectory_v2:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270] = "a caption"
    tags[274] = 3
    return tags


def _saved(name: str, image: Image.Image, options: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    if name.endswith(".heic"):  # not through Pillow, which would know of it in the whole process
        pillow_heif.from_pillow(image).save(file, **options)
        return file.getvalue()
    image.save(file, Image.registered_extensions()["." + name.rpartition(".")[2]], **options)
    return file.getvalue()


def _place(rng: random.Random, data: bytearray) -> int:
    return rng.randrange(min(len(data), _HEADER) if rng.random() < 0.4 else len(data))


def _flip(rng: random.Random, data: bytearray, sound: list[tuple[str, bytes]]) -> None:
    for _ in range(rng.choice((1, 1, 4, 32))):
        data[_place(rng, data)] ^= 1 << rng.randrange(8)


def _number(rng: random.Random, data: bytearray, sound: list[tuple[str, bytes]]) -> None:
    place, size = _place(rng, data), rng.choice((1, 2, 4))
    number = rng.choice(_NUMBERS) & (256**size - 1)
    data[place : place + size] = number.to_bytes(size, rng.choice(("big", "little")))


def _cut(rng: random.Random, data: bytearray, sound: list[tuple[str, bytes]]) -> None:
    del data[rng.randrange(len(data)) :]


def _take_out(rng: random.Random, data: bytearray, sound: list[tuple[str, bytes]]) -> None:
    place = _place(rng, data)
    del data[place : place + rng.randint(1, 64)]


def _repeat(rng: random.Random, data: bytearray, sound: list[tuple[str, bytes]]) -> None:
    start, place = _place(rng, data), _place(rng, data)
    data[place:place] = data[start : start + rng.randint(1, 256)] * rng.choice((1, 1, 20))


def _blank(rng: random.Random, data: bytearray, sound: list[tuple[str, bytes]]) -> None:
    place, size = _place(rng, data), rng.choice((8, 64, 512, 4096))
    blank = rng.choice((b"\0", b"\xff")) * min(size, len(data) - place)
    data[place : place + size] = blank


def _splice(rng: random.Random, data: bytearray, sound: list[tuple[str, bytes]]) -> None:
    """Go on as another picture does."""
    other = rng.choice(sound)[1]
    data[_place(rng, data) :] = other[rng.randrange(len(other)) :]


_WAYS: list[Callable[[random.Random, bytearray, list[tuple[str, bytes]]], None]] = [
    _flip, _flip, _number, _number, _cut, _take_out, _repeat, _blank, _splice,
]  # fmt: skip
