"""Photos of an older library get the facts that their files say, with no picture decoded and none encoded."""

import os
import sqlite3
from contextlib import closing

import pytest
from PIL import Image

from photosearch.core.errors import Cancelled
from photosearch.core.photo import FACTS_VERSION
from photosearch.core.progress import Control
from photosearch.core.query import Has
from photosearch.store.reader import Reader
from tests.helpers.photos import make_photo, picture
from tests.unit.index.index_under_test import Index

RATING, GPS_IFD = 0x4746, 0x8825


def make_rated(index: Index, count: int) -> None:
    for number in range(count):
        exif = Image.Exif()
        exif[RATING] = number % 6
        exif.get_ifd(GPS_IFD).update({1: "N", 2: (47.0, 0.0, 0.0), 3: "E", 4: (19.0, 0.0, 0.0)})
        picture(number).save(index.root / f"{number:02}.jpg", exif=exif.tobytes())


def grow_old(index: Index) -> None:
    """Let the library know no more than one of the first schema did."""
    index.writer.close()
    with closing(sqlite3.connect(index.library.database)) as database, database:
        database.execute(
            """UPDATE photos SET facts_version = 0, rating = NULL, latitude = NULL, longitude = NULL,
            colour = NULL"""
        )
    index.writer = type(index.writer).open(index.library)


def described(index: Index) -> int:
    with Reader.open(index.library) as reader:
        return sum(map(reader.is_described, range(1, 20)))


def test_facts_are_read_once_and_only_facts(index):
    make_rated(index, 8)
    index.run()
    with Reader.open(index.library) as reader:
        ids = reader.living()
        fresh = [reader.details(photo_id) for photo_id in ids.tolist()]
        colours = reader.colours(ids)
    assert {details.facts.rating for details in fresh} == set(range(6))
    grow_old(index)
    index.writer.set_caption(1, "mine")
    index.pool.read.clear()
    index.pool.decoded.clear()

    report = index.run()
    assert (report.indexed, report.unchanged, report.failed) == (0, 8, 0)
    assert len(index.pool.read) == 8
    assert (len(index.pool.decoded), index.encoder.encoded) == (0, 8)
    with Reader.open(index.library) as reader:
        assert [reader.details(photo_id).facts for photo_id in ids.tolist()] == [d.facts for d in fresh]
        assert reader.colours(ids).tolist() == colours.tolist()
        assert reader.matching([Has(fact="gps")]).tolist() == ids.tolist()
        assert reader.details(1).caption == "mine"
    index.run()
    assert len(index.pool.read) == 8


XMP = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"><rdf:Description xmp:Rating="4"
    photoshop:DateCreated="1965-08" dc:description="of the file"><i:PersonInImage><rdf:Bag>
    <rdf:li>Ana</rdf:li></rdf:Bag></i:PersonInImage></rdf:Description></rdf:RDF>"""


def test_a_library_of_the_first_version_of_facts_takes_the_new_ones(index):
    """What the person said stays before what the file says; what only a name tells is taken up, too."""
    for name, packet in (("a.jpg", XMP), ("b.jpg", XMP), ("IMG-20200101-WA0001.jpg", "")):
        picture(ord(name[0])).save(index.root / name, xmp=packet.encode())
    index.run()
    with Reader.open(index.library) as reader:
        a, b, named = (
            reader.photo_at(os.fsencode(index.root / name))
            for name in ("a.jpg", "b.jpg", "IMG-20200101-WA0001.jpg")
        )
    index.writer.set_caption(a, "mine")
    index.writer.set_rating([a], 2)
    index.writer.close()
    with closing(sqlite3.connect(index.library.database)) as database, database:
        database.execute(
            """UPDATE photos SET facts_version = 1, taken_at = NULL, dated_at = '2024-05-01T10:00:00',
            dated_from = 'file', people = '', rating = NULL"""
        )
        database.execute("DELETE FROM captions WHERE source = 'embedded'")
        database.execute("DELETE FROM photo_words")
    index.writer = type(index.writer).open(index.library)
    index.run()
    with Reader.open(index.library) as reader:
        mine, files, dated = (reader.details(photo_id) for photo_id in (a, b, named))
        assert (mine.caption, mine.rating, mine.facts.people) == ("mine", 2, ("Ana",))
        assert (mine.facts.caption, mine.facts.rating) == ("of the file", 4)
        assert (files.caption, files.rating) == ("of the file", 4)
        assert (files.facts.taken_at, files.dated_at, files.dated_from) == ("1965-08", "1965-08-01", "xmp")
        assert (dated.dated_at, dated.dated_from) == ("2020-01-01", "name")
        assert sorted(reader.with_caption("ana", 9, word_for_word=True).tolist()) == sorted([a, b])
        assert reader.with_caption("mine", 9, word_for_word=True).tolist() == [a]
        assert not reader.undescribed().size


def test_a_pass_that_is_cancelled_goes_on_where_it_was(index):
    make_rated(index, 12)
    index.run()
    grow_old(index)
    index.pool.read.clear()
    control = Control()
    describe = index.writer.describe

    def describe_and_cancel(*arguments):
        describe(*arguments)
        if described(index) == 5:
            control.cancel()

    index.writer.describe = describe_and_cancel
    with pytest.raises(Cancelled):
        index.run(control)
    done = described(index)
    assert 5 <= done < 12
    index.pool.read.clear()
    index.run()
    assert described(index) == 12
    assert len(index.pool.read) == 12 - done


def test_files_that_are_away_wait(index):
    make_rated(index, 2)
    index.run()
    grow_old(index)
    away = index.root.with_name("away")
    index.root.rename(away)
    index.run()
    assert described(index) == 0
    away.rename(index.root)
    index.run()
    assert described(index) == 2
    assert index.encoder.encoded == 2


def test_another_model_brings_the_facts_along(index):
    make_rated(index, 2)
    index.run()
    grow_old(index)
    index.encoder.model_id = "another model"
    index.run()
    assert described(index) == 2
    assert index.encoder.encoded == 4


def test_a_photo_that_broke_meanwhile_is_a_failure_like_any_other(index):
    make_rated(index, 2)
    index.run()
    grow_old(index)
    (index.root / "00.jpg").write_bytes(b"\xff\xd8broken")
    report = index.run()
    assert report.failed == 1
    assert list(index.failures()) == ["00.jpg"]
    assert described(index) == 1


def test_a_copy_of_a_photo_with_old_facts_brings_them(index):
    photo = make_photo(index.root / "a.jpg")
    index.run()
    grow_old(index)
    (index.root / "b.jpg").write_bytes(photo.read_bytes())
    os.utime(photo)
    assert index.run().failed == 0
    assert described(index) == 1
    with Reader.open(index.library) as reader:
        assert reader.is_described(1)
        assert FACTS_VERSION > 0
