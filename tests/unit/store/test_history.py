"""What the person changed can be taken back and made again, each photo to its own earlier value."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.core.errors import KnownError
from photosearch.core.history_messages import TrashedFile
from photosearch.core.query import Says
from photosearch.paths import Library
from photosearch.store import history
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file


@pytest.fixture
def photos(writer: Writer, folder: Folder) -> list[int]:
    return writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(4)], MODEL)


def stands(reader: Reader, photos: list[int]) -> object:
    """All that the person may have said, by photo and by album."""
    details = [reader.details(photo_id) for photo_id in photos]
    albums = [(album, reader.album_photos(album.album_id)[0].tolist()) for album in reader.albums()]
    return (
        [(photo.rating, photo.favourite, photo.caption) for photo in details if photo],
        albums,
        reader.saved_searches(),
        [(album.search_id, album.notifies) for album in reader.live_albums()],
        reader.matching([Says(phrase="dog")]).tolist(),
    )


def says(reader: Reader) -> tuple[str | None, str | None]:
    undo, redo = reader.history().undo, reader.history().redo
    return str(undo.says) if undo else None, str(redo.says) if redo else None


def test_each_photo_gets_its_own_earlier_stars_back(
    writer: Writer, reader: Reader, photos: list[int]
) -> None:
    a, b, c, _ = photos
    writer.set_rating([a], 2)
    writer.set_rating([b], 0)
    writer.set_rating([a, b, c], 5)
    assert says(reader) == ("5 stars for 3 photos", None)
    turn = writer.undo()
    assert (sorted(turn.ids), turn.kept) == ([a, b, c], 0)
    assert [reader.details(id_).rating for id_ in (a, b, c)] == [2, 0, None]  # type: ignore[union-attr]
    assert says(reader) == ("No stars for 1 photo", "5 stars for 3 photos")
    writer.redo()
    assert [reader.details(id_).rating for id_ in (a, b, c)] == [5, 5, 5]  # type: ignore[union-attr]


def test_a_newer_value_is_kept_and_counted(
    library: Library, writer: Writer, reader: Reader, photos: list[int]
) -> None:
    a, b, *_ = photos
    writer.set_rating([a, b], 5)
    with closing(sqlite3.connect(library.database)) as other:  # a program that keeps no history
        other.execute("UPDATE ratings SET stars = 1 WHERE photo_id = ?", (b,))
        other.commit()
    turn = writer.undo()
    assert (turn.ids, turn.kept) == ([a], 1)
    assert [reader.details(id_).rating for id_ in (a, b)] == [None, 1]  # type: ignore[union-attr]


def test_what_was_said_in_words(writer: Writer, reader: Reader, photos: list[int]) -> None:
    a, b, c, _ = photos
    told = []

    def tell() -> None:
        told.append(says(reader)[0])

    writer.set_favourite([a, b], True)
    tell()
    writer.set_favourite([b], False)
    tell()
    writer.set_rating([a], 1)
    tell()
    writer.set_rating([a, b], None)
    tell()
    writer.set_caption(a, "Rusty\nat the sea, " + "where the waves are " * 3)
    tell()
    writer.set_caption(a, "")
    tell()
    writer.set_captions([a, b], "Rusty")
    tell()
    writer.set_captions([a, b], "")
    tell()
    writer.import_captions([(b, "a dog"), (c, "a dog")])
    tell()
    album = writer.create_album("Best", [a])
    tell()
    writer.add_to_album(album, [a, b, c])
    tell()
    writer.order_album(album, [c])
    tell()
    writer.remove_from_album(album, [b])
    tell()
    writer.rename_album(album, "Better")
    tell()
    writer.delete_album(album)
    tell()
    search = writer.save_search("Dogs", "dog")
    tell()
    writer.save_search("Dogs", "two dogs")
    tell()
    writer.delete_search(search)
    tell()
    writer.record_trash([TrashedFile(b"/photos/1.jpg", b"/trash/1.jpg")], 1)
    tell()
    copies = [TrashedFile(b"/photos/%d.jpg" % number, b"/trash/%d.jpg" % number) for number in range(3)]
    writer.record_trash(copies, 2)
    tell()
    assert told == [
        "2 photos added to Favourites",
        "1 photo taken out of Favourites",
        "1 star for 1 photo",
        "The files' own stars for 2 photos",
        "Caption “Rusty at the sea, where the waves are w…”",
        "Caption removed",
        "Caption “Rusty” for 2 photos",
        "Captions of 2 photos removed",
        "Captions of 2 photos imported",
        "New album “Best”",
        "2 photos added to “Best”",
        "Order of “Best”",
        "1 photo taken out of “Best”",
        "Album “Best” renamed to “Better”",
        "Album “Better” deleted",
        "Search saved as “Dogs”",
        "Saved search “Dogs” replaced by another",
        "Saved search “Dogs” deleted",
        "1 photo moved to the trash",
        "3 files of 2 photos moved to the trash",
    ]


def test_what_changes_nothing_is_no_change(writer: Writer, reader: Reader, photos: list[int]) -> None:
    writer.set_rating(photos, 3)
    writer.set_rating(photos[:2], 3)
    writer.set_favourite(photos, False)
    writer.import_captions([(photos[0], "a dog")], dry_run=True)
    writer.delete_album(7)
    assert says(reader) == ("3 stars for 4 photos", None)


def test_a_new_change_takes_the_place_of_those_undone(
    writer: Writer, reader: Reader, photos: list[int]
) -> None:
    writer.set_rating(photos, 3)
    writer.undo()
    writer.set_favourite(photos, True)
    assert says(reader) == ("4 photos added to Favourites", None)
    with pytest.raises(KnownError, match="nothing to redo"):
        writer.redo()
    writer.undo()
    with pytest.raises(KnownError, match="nothing to undo"):
        writer.undo()


def test_the_history_is_there_after_a_restart(library: Library, writer: Writer, photos: list[int]) -> None:
    writer.set_rating(photos, 4)
    writer.close()
    with Writer.open(library) as again, Reader.open(library) as reader:
        again.undo()
        assert says(reader) == (None, "4 stars for 4 photos")


def test_the_history_has_bounds(
    library: Library, writer: Writer, photos: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LONGEST", 5)
    for stars in (1, 2, 3) * 3:
        writer.set_rating(photos, stars)
    assert undone(writer) == 5
    monkeypatch.setattr(history, "LARGEST", 100)
    for number in range(3):
        writer.set_caption(photos[0], str(number) * 200)
    assert undone(writer) == 1  # the latest, however large


def undone(writer: Writer) -> int:
    """Take back all that can be."""
    count = 0
    while True:
        try:
            writer.undo()
        except KnownError:
            return count
        count += 1


def test_files_in_the_trash_are_told_where_they_lie(writer: Writer) -> None:
    gone = TrashedFile(b"/photos/\xff.jpg", b"/trash/a")
    writer.record_trash([gone], 1)
    turn = writer.undo()
    assert turn.files == (gone,)
    assert writer.redo().files == (gone,)
    moved = TrashedFile(b"/photos/\xff.jpg", b"/trash/b")
    writer.record_trash([moved], 1, turn.change.change_id)
    assert writer.undo().files == (moved,)


def test_files_that_are_told_of_twice_are_one_change(writer: Writer, reader: Reader) -> None:
    gone = TrashedFile(b"/photos/a.jpg", b"/trash/a")
    writer.record_trash([gone], 1)
    writer.record_trash([gone], 0)  # by a window that was killed before it knew that this was done
    assert len(reader.changes()) == 1
    writer.undo()
    writer.record_trash([gone], 1)  # to the same place there once more
    assert len(reader.changes()) == 1 and writer.undo().files == (gone,)


@pytest.mark.parametrize("meanwhile", [False, True])
def test_what_was_not_put_back_can_be_undone_again(writer: Writer, *, meanwhile: bool) -> None:
    back, lying = TrashedFile(b"/photos/a.jpg", b"/trash/a"), TrashedFile(b"/photos/b.jpg", b"/trash/b")
    writer.record_trash([back, lying], 2)
    change = writer.undo().change
    if meanwhile:
        writer.create_album("Made while files were on their way", [])
    writer.record_trash([lying], 1, change.change_id)
    turn = writer.undo()
    assert turn.files == (lying,)
    assert meanwhile or turn.change == change


@pytest.mark.parametrize("meanwhile", [False, True])
def test_what_could_not_go_to_the_trash_again_stays_undone(writer: Writer, *, meanwhile: bool) -> None:
    gone = TrashedFile(b"/photos/a.jpg", b"/trash/a")
    writer.record_trash([gone], 1)
    writer.undo()
    change = writer.redo().change
    if meanwhile:
        writer.create_album("Made while files were on their way", [])
    writer.record_trash([], 0, change.change_id)
    if meanwhile:
        assert writer.undo().change != change
        with pytest.raises(KnownError, match="nothing to undo"):
            writer.undo()
    else:
        with pytest.raises(KnownError, match="nothing to undo"):
            writer.undo()
        assert (turn := writer.redo()).change == change and turn.files == (gone,)


photo = st.integers(0, 3)
some = st.lists(photo, max_size=4, unique=True)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("rate"), some, st.sampled_from([None, 0, 3, 5])),
        st.tuples(st.just("favour"), some, st.booleans()),
        st.tuples(st.just("caption"), photo, st.sampled_from(["", "a dog", "a cat"])),
        st.tuples(st.just("import"), photo, st.sampled_from(["a dog", "two dogs"])),
        st.tuples(st.just("album"), some, st.sampled_from(["A", "B"])),
        st.tuples(st.just("add"), some, st.just(0)),
        st.tuples(st.just("remove"), some, st.just(0)),
        st.tuples(st.just("order"), some, st.just(0)),
        st.tuples(st.just("rename"), some, st.sampled_from(["A", "B", "C"])),
        st.tuples(st.just("delete"), some, st.just(0)),
        st.tuples(st.just("save"), st.sampled_from(["S", "T"]), st.sampled_from(["dog", "cat"])),
        st.tuples(st.just("forget"), some, st.just(0)),
        st.tuples(st.just("live"), st.booleans(), st.booleans()),
        st.tuples(st.just("rename search"), some, st.sampled_from(["A", "S", "T"])),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def desk() -> Iterator[tuple[Writer, Reader, list[int]]]:
    with tempfile.TemporaryDirectory() as root:
        library = Library(Path(root))
        with Writer.open(library) as writer, Reader.open(library) as reader:
            writer.register_model(MODEL, "tiny", DIM)
            folder = writer.add_folder(b"/photos", "disk")
            files = [indexed_file(seed, folder_id=folder.folder_id) for seed in range(4)]
            yield writer, reader, writer.commit(files, MODEL)


@settings(max_examples=40)
@given(steps=steps)
def test_any_changes_are_undone_and_redone_in_their_order(
    desk: tuple[Writer, Reader, list[int]], steps: list[tuple[str, object, object]]
) -> None:
    writer, reader, photos = desk
    undone(writer)
    stood = [stands(reader, photos)]
    for step in steps:
        before = reader.history().undo
        take(writer, reader, photos, *step)
        if reader.history().undo != before:
            stood.append(stands(reader, photos))
    for expected in reversed(stood[:-1]):
        assert writer.undo().kept == 0
        assert stands(reader, photos) == expected
    for expected in stood[1:]:
        assert writer.redo().kept == 0
        assert stands(reader, photos) == expected


def take(writer: Writer, reader: Reader, photos: list[int], step: str, what: object, value: object) -> None:
    """One change, or none where there is no album to change or its name is taken."""
    ids = [photos[number] for number in what] if isinstance(what, list) else []
    first = photos[what] if isinstance(what, int) else 0
    album = next((album.album_id for album in reader.albums()), 0)
    search = next((saved.search_id for saved in reader.saved_searches()), 0)
    act = {
        "rate": lambda: writer.set_rating(ids, value),  # type: ignore[arg-type]
        "favour": lambda: writer.set_favourite(ids, bool(value)),
        "caption": lambda: writer.set_caption(first, str(value)),
        "import": lambda: writer.import_captions([(first, str(value))]),
        "album": lambda: writer.create_album(str(value), ids),
        "add": lambda: writer.add_to_album(album, ids),
        "remove": lambda: writer.remove_from_album(album, ids),
        "order": lambda: writer.order_album(album, ids),
        "rename": lambda: writer.rename_album(album, str(value)),
        "delete": lambda: writer.delete_album(album),
        "save": lambda: writer.save_search(str(what), str(value)),
        "forget": lambda: writer.delete_search(search),
        "live": lambda: writer.set_live(search, live=bool(what), notifies=bool(value)),
        "rename search": lambda: writer.rename_search(search, str(value)),
    }[step]
    try:
        act()
    except KnownError:
        assert step in ("album", "add", "remove", "order", "rename", "live", "rename search")
