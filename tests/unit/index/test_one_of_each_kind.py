"""A folder with one file of each kind that is read, and what is known of each by docs/files.md."""

import json
import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from photosearch.core.photo import PHOTO_EXTENSIONS, RAW_FORMATS
from photosearch.store.reader import Reader
from photosearch.store.rows import Details
from tests.helpers import raw_files
from tests.helpers.photos import picture
from tests.unit.index.index_under_test import Index

pylibjxl = pytest.importorskip("pylibjxl", reason="the extra jxl has no wheel for every system")

TAKEN = "2024:07:14 18:03:59"
WRITTEN, UPLOADED = 1_612_325_106, 1_500_000_000
SHOT = ("2024-07-14T18:03:59", "exif")
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmp:Rating="4" photoshop:DateCreated="1987-06-05">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def local_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).isoformat()


def exif() -> Image.Exif:
    made = Image.Exif()
    made[raw_files.MAKE], made[raw_files.MODEL] = "Canon", "Canon EOS R5"
    made.get_ifd(raw_files.EXIF)[raw_files.TAKEN] = TAKEN
    read = Image.Exif()  # Pillow writes into a TIFF what it has read, not what it was given
    read.load(made.tobytes())
    return read


def make_one_of_each(folder: Path) -> dict[str, tuple[str, tuple[str, str], str | None, str | None]]:
    """-> of each file its format, its date and whence that is, its camera and its caption."""
    camera = "Canon EOS R5"
    as_file = (local_time(WRITTEN), "file")
    known: dict[str, tuple[str, tuple[str, str], str | None, str | None]] = {}
    for number, (name, image_format) in enumerate(
        {
            "a.jpg": "JPEG", "a.jpeg": "JPEG", "a.jpe": "JPEG", "a.jfif": "JPEG", "a.png": "PNG",
            "a.webp": "WEBP", "a.tif": "TIFF", "a.tiff": "TIFF", "a.avif": "AVIF",
        }.items()
    ):  # fmt: skip
        picture(number).save(folder / name, image_format, exif=exif())
        known[name] = (image_format, SHOT, camera, None)
    for number, name in enumerate(("a.heic", "a.heif", "a.hif"), 20):
        pillow_heif.from_pillow(picture(number)).save(folder / name, exif=exif().tobytes())
        known[name] = ("HEIF", SHOT, camera, None)
    written = pylibjxl.encode(np.asarray(picture(23)), exif=exif().tobytes())
    (folder / "a.jxl").write_bytes(written)
    known["a.jxl"] = ("JXL", SHOT, camera, None)
    for number, (name, image_format) in enumerate({"a.gif": "GIF", "a.bmp": "BMP"}.items(), 30):
        picture(number).save(folder / name, image_format)
        known[name] = (image_format, as_file, None, None)
    for number, image_format in enumerate(name for name in RAW_FORMATS if name != "RAW"):
        name = f"a.{image_format.lower()}"
        shown = picture(40 + number, (300, 200))
        (folder / name).write_bytes(getattr(raw_files, image_format.lower())(shown, shown))
        known[name] = (image_format, SHOT, raw_camera(image_format), None)

    said = PngImagePlugin.PngInfo()
    said.add_itxt("XML:com.adobe.xmp", XMP.format("Rusty's first day"))
    picture(60).save(folder / "scan.png", pnginfo=said)
    known["scan.png"] = ("PNG", ("1987-06-05", "xmp"), None, "Rusty's first day")
    picture(61).save(folder / "IMG-20200101-WA0001.jpg")
    known["IMG-20200101-WA0001.jpg"] = ("JPEG", ("2020-01-01", "name"), None, None)
    picture(62).save(folder / "beside.jpg", exif=exif())
    (folder / "beside.jpg.xmp").write_text(XMP.format("It stands beside"), encoding="utf-8")
    known["beside.jpg"] = ("JPEG", ("1987-06-05", "sidecar"), camera, "It stands beside")
    picture(63).save(folder / "takeout.jpg")
    (folder / "takeout.jpg.supplemental-metadata.json").write_text(
        json.dumps({"description": "From the cloud", "photoTakenTime": {"timestamp": str(UPLOADED)}})
    )
    known["takeout.jpg"] = ("JPEG", (local_time(UPLOADED), "sidecar"), None, "From the cloud")
    whole = folder / "cut.jpg"
    picture(64, (300, 200)).save(whole, quality=95, exif=exif())
    whole.write_bytes(whole.read_bytes()[:-2000])
    known["cut.jpg"] = ("JPEG", SHOT, camera, None)
    for name in known:
        os.utime(folder / name, (WRITTEN, WRITTEN))
    return known


def raw_camera(image_format: str) -> str:
    return {
        "CR2": "Canon EOS 5D Mark II", "CR3": "Canon EOS R5", "NEF": "NIKON D750", "ARW": "SONY ILCE-7M3",
        "DNG": "LEICA Q2", "RAF": "FUJIFILM X-E1", "ORF": "OLYMPUS E-M5MarkII", "RW2": "Panasonic DMC-GX8",
        "PEF": "PENTAX K-3",
    }[image_format]  # fmt: skip


def all_details(index: Index) -> dict[str, Details]:
    with Reader.open(index.library) as reader:
        found = {name: reader.details(photo_id) for name, photo_id in index.holds().items()}
    return {name: details for name, details in found.items() if details is not None}


def test_a_folder_with_one_of_each_kind_has_the_right_facts(index: Index) -> None:
    known = make_one_of_each(index.root)
    assert {Path(name).suffix for name in known} >= PHOTO_EXTENSIONS
    report = index.run()
    assert index.failures() == {}
    assert report.indexed == len(known)
    found = {
        name: (
            details.facts.format,
            (details.dated_at, details.dated_from),
            details.facts.camera,
            details.caption,
        )
        for name, details in all_details(index).items()
    }
    assert found == known
    assert [damaged.path for damaged in index.damaged()] == [os.fsencode(index.root / "cut.jpg")]
