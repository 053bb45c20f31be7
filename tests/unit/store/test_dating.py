"""What a photo is dated by, and that it stays right as its files come, go and are renamed."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from photosearch.core.errors import Sentence
from photosearch.store.dating import date_in_name, local_time
from photosearch.store.reader import Reader
from photosearch.store.rows import Failure, Folder
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file

MTIME_NS = 1_700_000_000 * 10**9  # of every file of the helpers
WRITTEN = local_time(MTIME_NS)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("IMG-20200101-WA0001.jpg", "2020-01-01"),
        ("IMG_20200815_123001.jpg", "2020-08-15T12:30:01"),
        ("IMG_20200815_123001_HDR.jpg", "2020-08-15T12:30:01"),
        ("IMG_20200815_123001789.jpg", "2020-08-15T12:30:01"),
        ("20200815_123001(0).jpg", "2020-08-15T12:30:01"),
        ("DJI_20200815123001_0042_D.JPG", "2020-08-15T12:30:01"),
        ("微信图片_20200815123001.jpg", "2020-08-15T12:30:01"),
        ("Screenshot_20200815-123001_Chrome.png", "2020-08-15T12:30:01"),
        ("Screenshot_2020-08-15-12-30-01-789_com.app.png", "2020-08-15T12:30:01"),
        ("Screenshot from 2020-08-15 12-30-01.png", "2020-08-15T12:30:01"),
        ("Screenshot 2020-08-15 at 1.30.01 PM.png", "2020-08-15T13:30:01"),
        ("Screenshot 2020-08-15 at 12.30.01\u202fAM.png", "2020-08-15T00:30:01"),
        ("截屏2020-08-15 下午1.30.01.png", "2020-08-15T13:30:01"),
        ("屏幕截图 2020-08-15 123001.png", "2020-08-15T12:30:01"),
        ("Bildschirmfoto 2020-08-15 um 12.30.01.png", "2020-08-15T12:30:01"),
        ("2020年08月15日 12.30.01.png", "2020-08-15T12:30:01"),
        ("signal-2020-08-15-123001.jpg", "2020-08-15T12:30:01"),
        ("signal-2020-08-15-12-30-01-789.jpg", "2020-08-15T12:30:01"),
        ("WhatsApp Image 2020-08-15 at 12.30.01 (1).jpeg", "2020-08-15T12:30:01"),
        ("2020-08-15 12.30.01.jpg", "2020-08-15T12:30:01"),
        ("2020-08-15.jpg", "2020-08-15"),
        ("1965-08-15 Ana's wedding.jpg", "1965-08-15"),
        ("IMG_20200815_0042.jpg", "2020-08-15"),
        ("IMG_20200815_999999.jpg", "2020-08-15"),
        ("12345678_20200815.jpg", "2020-08-15"),
        ("DSC01234.jpg", None),
        ("20201301.jpg", None),
        ("20230229.jpg", None),
        ("2014053012_5c8f.jpg", None),  # a number, not a day and an hour
        ("120200815.jpg", None),
        ("2020-0815.jpg", None),
        ("photo 2020.jpg", None),
        ("20990815.jpg", None),
        ("\udcff.jpg", None),
    ],
)
def test_days_in_names(name: str, told: str | None) -> None:
    assert date_in_name(b"/photos/1999-09-09/" + name.encode("utf-8", "surrogateescape")) == told


def test_names_that_tell_another_time_than_that_of_the_place() -> None:
    here = datetime(2020, 8, 15, 12, 30, 1, tzinfo=UTC).astimezone().replace(tzinfo=None).isoformat()
    assert date_in_name(b"PXL_20200815_123001789.jpg") == here
    assert date_in_name(b"mmexport1597494601000.jpg") == here


def test_a_day_that_has_not_come_is_no_day() -> None:
    ahead = [date.today() + timedelta(days=days) for days in (1, 2)]
    names = [f"IMG_{day:%Y%m%d}.jpg".encode() for day in ahead]
    assert [date_in_name(name) for name in names] == [ahead[0].isoformat(), None]


def test_times_of_writing_before_the_epoch_and_in_the_future() -> None:
    day = 86_400 * 10**9
    assert local_time(-40 * 365 * day)[:4] == "1930"
    assert local_time(-1)[:10] in ("1969-12-31", "1970-01-01")
    assert local_time(-(2**63) + 1) == "1970-01-01T00:00:00"  # what NTFS keeps for none, as far as 64 bits go
    assert local_time(2**63 - 1) <= datetime.fromtimestamp(time.time()).isoformat()


def dated(reader: Reader, photo_id: int) -> tuple[str, str]:
    details = reader.details(photo_id)
    assert details is not None
    return details.dated_at, details.dated_from


def add(writer: Writer, folder: Folder, name: str, seed: int = 1, **facts: object) -> int:
    path = f"/photos/{name}".encode()
    file = indexed_file(seed, folder_id=folder.folder_id, path=path)
    (photo_id,) = writer.commit([replace(file, facts=replace(file.facts, **facts))], MODEL)
    return photo_id


def link(writer: Writer, folder: Folder, name: str, photo_id: int, mtime_ns: int = MTIME_NS) -> None:
    writer.link(folder.folder_id, f"/photos/{name}".encode(), 1, mtime_ns, photo_id)


@pytest.mark.parametrize(
    ("taken_at", "dated_at"),
    [
        ("1965", "1965-01-01"),
        ("1965-08", "1965-08-01"),
        ("1965-08-15", "1965-08-15"),
        ("1965-08-15T12:30", "1965-08-15T12:30"),
    ],
)
def test_photos_are_in_order_of_days_that_are_hardly_known(
    writer: Writer, reader: Reader, folder: Folder, taken_at: str, dated_at: str
) -> None:
    photo_id = add(writer, folder, "a.jpg", taken_at=taken_at, taken_from="xmp")
    assert dated(reader, photo_id) == (dated_at, "xmp")
    before = add(writer, folder, "b.jpg", 2, taken_at="1964-12-31T12:00:00", taken_from="exif")
    after = add(writer, folder, "c.jpg", 3, taken_at="1965-08-16", taken_from="exif")
    assert reader.timeline()[0].tolist() == [after, photo_id, before]
    assert [day.value for day in reader.days()] == ["1965-08-16", dated_at[:10], "1964-12-31"]


def test_metadata_go_before_a_name_and_a_name_before_the_time_of_writing(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    photo_id = add(writer, folder, "IMG-20200101-WA0001.jpg")
    assert dated(reader, photo_id) == ("2020-01-01", "name")
    facts = indexed_file(1, folder_id=1, taken_at="2019-12-31T23:00:00", taken_from="exif").facts
    writer.describe(photo_id, facts, None)
    assert dated(reader, photo_id) == ("2019-12-31T23:00:00", "exif")
    link(writer, folder, "2018-01-01.jpg", photo_id)
    assert dated(reader, photo_id) == ("2019-12-31T23:00:00", "exif")
    writer.describe(photo_id, replace(facts, taken_at=None, taken_from=None), None)  # doubted by now
    assert dated(reader, photo_id) == ("2018-01-01", "name")


def test_a_file_that_is_renamed_tells_its_new_day(writer: Writer, reader: Reader, folder: Folder) -> None:
    photo_id = add(writer, folder, "a.jpg")
    assert dated(reader, photo_id) == (WRITTEN, "file")
    link(writer, folder, "2020-08-15 12.30.00.jpg", photo_id)
    writer.forget([b"/photos/a.jpg"])
    assert dated(reader, photo_id) == ("2020-08-15T12:30:00", "name")
    link(writer, folder, "2020-08-16.jpg", photo_id)
    writer.forget([b"/photos/2020-08-15 12.30.00.jpg"])
    assert dated(reader, photo_id) == ("2020-08-16", "name")
    link(writer, folder, "b.jpg", photo_id)
    writer.forget([b"/photos/2020-08-16.jpg"])
    assert dated(reader, photo_id) == (WRITTEN, "file")


def test_of_several_files_the_earliest_day_holds(writer: Writer, reader: Reader, folder: Folder) -> None:
    photo_id = add(writer, folder, "IMG-20200505-WA0001.jpg")
    link(writer, folder, "IMG-20200101-WA0007.jpg", photo_id)
    link(writer, folder, "c.jpg", photo_id, MTIME_NS // 10)
    assert dated(reader, photo_id) == ("2020-01-01", "name")
    link(writer, folder, "Screenshot_20200101-123000.png", photo_id)  # of the same day, and knows the time
    assert dated(reader, photo_id) == ("2020-01-01T12:30:00", "name")


def test_a_copy_makes_a_photo_no_younger(writer: Writer, reader: Reader, folder: Folder) -> None:
    photo_id = add(writer, folder, "a.jpg")
    link(writer, folder, "copy.jpg", photo_id, MTIME_NS + 10**15)
    writer.forget([b"/photos/a.jpg"])
    assert dated(reader, photo_id) == (WRITTEN, "file")
    link(writer, folder, "old.jpg", photo_id, MTIME_NS - 10**15)
    assert dated(reader, photo_id) == (local_time(MTIME_NS - 10**15), "file")


def test_a_name_that_goes_over_to_another_photo_dates_that(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    first = add(writer, folder, "2020-08-15.jpg")
    link(writer, folder, "a.jpg", first)
    second = add(writer, folder, "2020-08-15.jpg", 2)
    assert dated(reader, first) == (WRITTEN, "file")
    assert dated(reader, second) == ("2020-08-15", "name")


def test_a_photo_that_no_file_holds_keeps_its_date(writer: Writer, reader: Reader, folder: Folder) -> None:
    photo_id = add(writer, folder, "2020-08-15.jpg")
    assert writer.forget([b"/photos/2020-08-15.jpg", b"/photos/unknown.jpg"]) == 1
    assert dated(reader, photo_id) == ("2020-08-15", "name")


def test_a_name_that_is_no_more_dates_no_copy(writer: Writer, reader: Reader, folder: Folder) -> None:
    photo_id = add(writer, folder, "a.jpg")
    other = writer.add_folder(b"/copies", "")
    link(writer, other, "../copies/2020-08-15.jpg", photo_id)
    assert dated(reader, photo_id) == ("2020-08-15", "name")
    writer.remove_folder(b"/copies")
    assert dated(reader, photo_id) == (WRITTEN, "file")
    link(writer, folder, "2020-08-16.jpg", photo_id)
    writer.fail([Failure(folder.folder_id, b"/photos/2020-08-16.jpg", "decode", Sentence("broken"), 9, 9)])
    assert dated(reader, photo_id) == (WRITTEN, "file")


def test_people_and_titles_are_found_by_their_words(writer: Writer, reader: Reader, folder: Folder) -> None:
    people = ("Ana María", "Béla")
    photo_id = add(writer, folder, "a.jpg", title="Pelican Cove", people=people, keywords=("dog",))
    for words in ("ana", "Bela", "pelican cove", "dog"):
        assert reader.with_caption(words, 9, word_for_word=True).tolist() == [photo_id]
    assert not reader.with_caption("maria bela", 9, word_for_word=True).size
    writer.set_caption(photo_id, "mine")
    assert reader.with_caption("ana", 9, word_for_word=True).tolist() == [photo_id]
