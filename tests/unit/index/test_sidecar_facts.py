"""What stands beside photos, from the folder to what is known of them."""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from photosearch.core.query import Says
from photosearch.index import scanner
from photosearch.store.reader import Reader
from photosearch.store.rows import Details
from tests.helpers.photos import make_photo
from tests.unit.index.index_under_test import Index


def xmp(caption: str = "", *keywords: str, rating: int | None = None, taken: str = "") -> str:
    attributes = f' xmp:Rating="{rating}"' if rating is not None else ""
    attributes += f' exif:DateTimeOriginal="{taken}"' if taken else ""
    subjects = "".join(f"<rdf:li>{word}</rdf:li>" for word in keywords)
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:exif="http://ns.adobe.com/exif/1.0/"{attributes}>
    <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{caption}</rdf:li></rdf:Alt></dc:description>
    <dc:subject><rdf:Bag>{subjects}</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"""


def takeout(caption: str = "", taken: datetime = datetime(2019, 8, 15, 12), **more) -> str:
    return json.dumps(
        {"description": caption, "photoTakenTime": {"timestamp": str(int(taken.timestamp()))}, **more}
    )


def photo_with_caption(path: Path, caption: str, taken: str = "") -> Path:
    exif = Image.Exif()
    exif[0x010E] = caption
    exif[0x0112] = 1
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    Image.new("RGB", (40, 30), (hash(caption) % 256, 90, 20)).save(path, exif=exif)
    return path


def details(index: Index, name: str) -> Details:
    with Reader.open(index.library) as reader:
        photo_id = reader.photo_at(os.fsencode(index.root / name))
        assert photo_id is not None
        found = reader.details(photo_id)
    assert found is not None
    return found


def write_later(path: Path, text: str, seconds: int) -> None:
    path.write_text(text, "utf-8")
    os.utime(path, (1_700_000_000 + seconds,) * 2)


def test_what_stands_beside_a_photo_goes_before_its_file_field_by_field(index):
    photo_with_caption(index.root / "a.jpg", "In the file", "2019:08:15 10:00:00")
    (index.root / "a.jpg.xmp").write_text(xmp("Beside it", "lake", rating=4))
    index.run()
    found = details(index, "a.jpg")
    assert (found.caption, found.facts.keywords, found.rating) == ("Beside it", ("lake",), 4)
    assert found.facts.taken_at == "2019-08-15T10:00:00"  # the file's, as nothing else says one
    with Reader.open(index.library) as reader:
        assert reader.matching([Says(phrase="lake")]).tolist() == [found.photo_id]
        assert reader.matching([Says(phrase="in the file")]).tolist() == []


def test_it_is_read_anew_when_it_changes_and_what_it_said_goes_with_it(index):
    photo_with_caption(index.root / "a.jpg", "In the file")
    index.run()
    assert details(index, "a.jpg").caption == "In the file"
    beside = index.root / "a.xmp"
    write_later(beside, xmp("First", taken="2001-02-03T04:05:06"), 0)
    index.pool.read.clear()
    index.run()
    found = details(index, "a.jpg")
    assert (found.caption, found.dated_at, found.dated_from) == ("First", "2001-02-03T04:05:06", "sidecar")
    assert index.pool.read == [os.fsencode(beside)]  # the photo needs no reading
    write_later(beside, xmp("Second"), 10)
    index.run()
    assert details(index, "a.jpg").caption == "Second"
    index.pool.read.clear()
    index.run()
    assert index.pool.read == []
    beside.unlink()
    index.run()
    found = details(index, "a.jpg")
    assert (found.caption, found.facts.taken_at, found.dated_from) == ("In the file", None, "file")


def test_of_several_the_newest_goes_first(index):
    make_photo(index.root / "a.jpg", 1)
    write_later(index.root / "a.jpg.xmp", xmp("Older", "kept"), 0)
    write_later(index.root / "a.jpg.json", takeout("Newer"), 10)
    index.run()
    found = details(index, "a.jpg")
    assert (found.caption, found.facts.keywords) == ("Newer", ("kept",))


def test_takeouts_date_fills_a_gap_or_mends_but_a_time_zone_is_no_difference(index):
    for name, taken in (("none", ""), ("zone", "2019:08:15 20:00:00"), ("wrong", "2002:01:01 12:30:00")):
        photo_with_caption(index.root / f"{name}.jpg", name, taken)
        (index.root / f"{name}.jpg.supplemental-meta.json").write_text(
            takeout(taken=datetime(2019, 8, 15, 12), people=[{"name": "Ana"}])
        )
    index.run()
    dates = {name: details(index, f"{name}.jpg").facts.taken_at for name in ("none", "zone", "wrong")}
    assert dates == {
        "none": "2019-08-15T12:00:00",
        "zone": "2019-08-15T20:00:00",
        "wrong": "2019-08-15T12:00:00",
    }
    assert details(index, "zone.jpg").facts.people == ("Ana",)


def test_what_the_person_wrote_goes_before_it(index):
    make_photo(index.root / "a.jpg", 1)
    index.run()
    photo_id = details(index, "a.jpg").photo_id
    index.writer.set_caption(photo_id, "Mine")
    index.writer.set_rating([photo_id], 5)
    (index.root / "a.jpg.xmp").write_text(xmp("Beside it", rating=1))
    index.run()
    found = details(index, "a.jpg")
    assert (found.caption, found.rating) == ("Mine", 5)


def test_it_follows_a_photo_that_moves_and_one_that_is_edited(index):
    photo_with_caption(index.root / "a.jpg", "One")
    (index.root / "a.jpg.xmp").write_text(xmp("Beside it"))
    index.run()
    (index.root / "trip").mkdir()
    for name in ("a.jpg", "a.jpg.xmp"):
        shutil.move(index.root / name, index.root / "trip" / name)
    index.run()
    assert details(index, "trip/a.jpg").caption == "Beside it"
    photo_with_caption(index.root / "trip" / "a.jpg", "Another photo")
    index.run()
    assert details(index, "trip/a.jpg").caption == "Beside it"
    (index.root / "trip" / "a.jpg.xmp").rename(index.root / "trip" / "b.jpg.xmp")
    index.run()
    assert details(index, "trip/a.jpg").caption == "Another photo"


def test_a_copy_that_stays_keeps_what_stands_beside_it_alone(index):
    photo_with_caption(index.root / "a.jpg", "In the file")
    shutil.copy(index.root / "a.jpg", index.root / "b.jpg")
    (index.root / "b.jpg.xmp").write_text(xmp("Beside it"))
    index.run()
    assert details(index, "a.jpg").caption == "Beside it"  # one photo, by its content
    (index.root / "b.jpg").unlink()
    index.run()
    assert details(index, "a.jpg").caption == "In the file"


def test_it_can_be_left_out(index):
    photo_with_caption(index.root / "a.jpg", "In the file")
    (index.root / "a.jpg.xmp").write_text(xmp("Beside it"))
    index.run()
    (index.root / ".photosearchignore").write_text("*.xmp")
    index.run()
    assert details(index, "a.jpg").caption == "In the file"


def test_what_is_damaged_costs_nothing(index, monkeypatch):
    monkeypatch.setattr(scanner, "LARGEST", 2_000)
    photo_with_caption(index.root / "a.jpg", "In the file")
    (index.root / "a.jpg.xmp").write_text("<x:xmp")
    (index.root / "a.jpg.json").write_text('{"photoTakenTime": []}')
    (index.root / "a.xmp").write_text(xmp("Too large" * 1_000))
    (index.root / "a.json").mkdir()
    report = index.run()
    assert (report.indexed, report.failed, index.failures()) == (1, 0, {})
    assert details(index, "a.jpg").caption == "In the file"
    index.pool.read.clear()
    index.run()
    assert index.pool.read == []


@pytest.mark.parametrize("taken_from", ["photo", "folder"])
def test_an_older_reading_of_a_photo_keeps_what_stands_beside_it(index, taken_from):
    photo_with_caption(index.root / "a.jpg", "In the file")
    (index.root / "a.jpg.xmp").write_text(xmp("Beside it"))
    index.run()
    found = details(index, "a.jpg")
    own = found.facts
    if taken_from == "photo":  # as when the program learns to read more
        index.writer.describe(
            found.photo_id, own.__class__(own.format, own.width, own.height, rating=2), None
        )
    else:
        index.writer.relocate_folder(1, b"/elsewhere", "", lambda typed: typed)
        index.writer.relocate_folder(
            1, os.fsencode(index.root), index.folders()[0].volume, lambda typed: typed
        )
    assert details(index, "a.jpg").caption == "Beside it"
    (index.root / "a.jpg.xmp").unlink()
    index.run()
    found = details(index, "a.jpg")
    assert (found.caption, found.rating) == ((None, 2) if taken_from == "photo" else ("In the file", None))
