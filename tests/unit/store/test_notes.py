"""Captions, favourites and ratings belong to a photo's content, and nothing the person wrote is lost."""

import sqlite3
from contextlib import closing

import pytest

from photosearch.core.errors import KnownError
from photosearch.core.photo import LONGEST_CAPTION
from photosearch.core.query import Says
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file


def commit(writer: Writer, folder: Folder, seed: int = 1, **facts: object) -> int:
    (photo_id,) = writer.commit([indexed_file(seed, folder_id=folder.folder_id, **facts)], MODEL)
    return photo_id


def shown(reader: Reader) -> list[tuple[int, str, str]]:
    return [(caption.photo_id, caption.text, caption.source) for caption in reader.captions()]


def found(reader: Reader, phrase: str) -> list[int]:
    return reader.matching([Says(phrase=phrase)]).tolist()


def test_the_persons_caption_goes_before_the_files(writer: Writer, reader: Reader, folder: Folder) -> None:
    photo_id = commit(writer, folder, caption="from the camera")
    assert shown(reader) == [(photo_id, "from the camera", "embedded")]
    writer.set_caption(photo_id, "  Rusty\nat the sea ")
    assert shown(reader) == [(photo_id, "Rusty\nat the sea", "person")]
    assert found(reader, "rusty at") == [photo_id]
    assert found(reader, "camera") == []
    writer.set_caption(photo_id, "")
    assert shown(reader) == []
    assert found(reader, "camera") == found(reader, "rusty") == []


def test_captions_that_were_written_over_are_kept(
    library: Library, writer: Writer, reader: Reader, folder: Folder
) -> None:
    photo_id = commit(writer, folder)
    for text in ("one", "two", "two", "", "three"):
        writer.set_caption(photo_id, text)
    with closing(sqlite3.connect(library.database)) as database:
        former = "SELECT text FROM captions WHERE replaced_at IS NOT NULL AND text <> '' ORDER BY caption_id"
        assert database.execute(former).fetchall() == [("one",), ("two",)]
    assert shown(reader) == [(photo_id, "three", "person")]


def test_imported_captions_are_all_shown_where_the_person_wrote_none(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    a, b = commit(writer, folder, 1, caption="in the file"), commit(writer, folder, 2)
    writer.set_caption(b, "mine")
    captions = [(a, "a dog"), (a, "a brown dog"), (a, "a dog"), (b, "a cat"), (b, " ")]
    assert writer.import_captions(captions, dry_run=True) == [a, a, b]
    assert shown(reader) == [(a, "in the file", "embedded"), (b, "mine", "person")]
    assert writer.import_captions(captions) == [a, a, b]
    assert writer.import_captions(captions) == []
    assert shown(reader) == [(a, "a dog", "imported"), (a, "a brown dog", "imported"), (b, "mine", "person")]
    assert found(reader, "brown dog") == [a]
    assert found(reader, "dog a") == []  # no phrase reaches from one caption into the next
    assert found(reader, "cat") == []


def test_an_import_is_wanted_even_where_there_was_to_be_no_caption(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    photo_id = commit(writer, folder, caption="SAMSUNG")
    writer.set_caption(photo_id, "")
    writer.import_captions([(photo_id, "a dog")])
    assert shown(reader) == [(photo_id, "a dog", "imported")]


def test_what_is_shown_already_is_not_imported_again(writer: Writer, reader: Reader, folder: Folder) -> None:
    a, b = commit(writer, folder, 1, caption="in the file"), commit(writer, folder, 2)
    writer.set_caption(b, "mine")
    assert writer.import_captions([(a, "in the file"), (b, "mine")]) == []
    assert writer.import_captions([(a, "in the file"), (a, "a dog")]) == [a, a]  # one source is shown
    assert [text for _, text, _ in shown(reader)] == ["in the file", "a dog", "mine"]


def test_files_and_captions_in_them(writer: Writer, reader: Reader, folder: Folder, monkeypatch) -> None:
    monkeypatch.setattr("photosearch.store.details._CHUNK", 2)
    ids = [commit(writer, folder, seed, caption="in the file" if seed else None) for seed in range(3)]
    assert list(reader.files()) == [(b"/photos/%d.jpg" % seed, id_) for seed, id_ in enumerate(ids)]
    assert reader.described_below(b"/photos") == 2
    assert reader.described_below(b"/photo") == 0
    assert reader.holds(b"/photos/1.jpg", 1001, 1_700_000_000 * 10**9, None) == ids[1]
    assert reader.holds(b"/photos/1.jpg", 1002, 1_700_000_000 * 10**9, None) is None
    writer.link(folder.folder_id, b"/photos/1.jpg", 1001, 5, ids[1], ctime_ns=6)
    assert [reader.holds(b"/photos/1.jpg", 1001, 5, ctime_ns) for ctime_ns in (6, None, 7)] == [
        ids[1],
        ids[1],
        None,
    ]


def test_an_import_is_whole_or_nothing(writer: Writer, reader: Reader, folder: Folder) -> None:
    photo_id = commit(writer, folder)
    with pytest.raises(KnownError, match="not in the library"):
        writer.import_captions([(photo_id, "a dog"), (99, "a cat")])
    assert shown(reader) == []


def test_several_photos_get_one_caption_and_one_undo_takes_it_back(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    ids = [commit(writer, folder, seed) for seed in range(3)]
    writer.set_caption(ids[0], "mine")
    writer.set_captions(ids, "Rusty")
    assert [text for _, text, _ in shown(reader)] == ["Rusty"] * 3
    writer.undo()
    assert [text for _, text, _ in shown(reader)] == ["mine"]


def test_captions_come_in_chunks(
    writer: Writer, reader: Reader, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.store.details._CHUNK", 2)
    ids = [commit(writer, folder, seed) for seed in range(3)]
    writer.import_captions([(photo_id, f"{photo_id}, {n}") for photo_id in ids for n in range(3)])
    assert [text for _, text, _ in shown(reader)] == [
        f"{photo_id}, {n}" for photo_id in ids for n in range(3)
    ]
    assert {caption.path for caption in reader.captions()} == {
        b"/photos/0.jpg",
        b"/photos/1.jpg",
        b"/photos/2.jpg",
    }


def test_captions_of_any_letters(writer: Writer, reader: Reader, folder: Folder) -> None:
    photo_id = commit(writer, folder)
    writer.set_caption(photo_id, "a\udc80b\0c")
    assert shown(reader) == [(photo_id, "a?b c", "person")]
    with pytest.raises(KnownError, match="shorten it"):
        writer.set_caption(photo_id, "x" * (LONGEST_CAPTION + 1))


def test_what_is_not_there_takes_no_notes(writer: Writer, folder: Folder) -> None:
    for note in (
        lambda: writer.set_caption(99, "x"),
        lambda: writer.set_favourite([99], True),
        lambda: writer.set_rating([99], 3),
    ):
        with pytest.raises(KnownError, match="not in the library"):
            note()


@pytest.mark.parametrize("stars", [-1, 6])
def test_there_are_five_stars(writer: Writer, folder: Folder, stars: int) -> None:
    with pytest.raises(KnownError, match="0 to 5 stars"):
        writer.set_rating([commit(writer, folder)], stars)


def test_notes_and_albums_outlive_the_folder_and_the_move(
    library: Library, writer: Writer, reader: Reader, folder: Folder
) -> None:
    photo_id = commit(writer, folder, rating=2)
    writer.set_caption(photo_id, "Rusty")
    writer.set_favourite([photo_id], True)
    writer.set_rating([photo_id], 4)
    album = writer.create_album("Dogs")
    writer.add_to_album(album, [photo_id])
    writer.remove_folder(b"/photos")
    assert reader.matching([Says(phrase="rusty")]).size == 0
    assert [known.photos for known in reader.albums()] == [0]
    assert list(reader.captions()) == []

    other = writer.add_folder(b"/elsewhere", "disk")
    (again,) = writer.commit(
        [indexed_file(1, folder_id=other.folder_id, path=b"/elsewhere/x.jpg", rating=2)], MODEL
    )
    assert again == photo_id
    details = reader.details(photo_id)
    assert details is not None
    assert details.caption == "Rusty"
    assert (details.favourite, details.rating, details.facts.rating) == (True, 4, 2)
    assert details.albums == {album: "Dogs"}
    assert [file.path for file in details.files] == [b"/elsewhere/x.jpg"]
    assert reader.album_photos(album)[0].tolist() == [photo_id]
    assert found(reader, "rusty") == [photo_id]
    assert reader.check() == []


def test_stars_are_the_persons_own_else_the_files(writer: Writer, reader: Reader, folder: Folder) -> None:
    own, embedded, none, taken_away = (
        commit(writer, folder, seed, rating=rating) for seed, rating in enumerate((2, 4, None, 5))
    )
    writer.set_rating([own], 1)
    writer.set_rating([taken_away], 0)
    ids, stars = reader.stars()
    assert (ids.tolist(), stars.tolist()) == ([own, embedded], [1, 4])
    writer.set_rating([none], 3)
    assert [array.tolist() for array in reader.stars()] == [[own, embedded, none], [1, 4, 3]]
