"""Notes go from version to version of a picture, and the history with them."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.paths import Library
from photosearch.store import versions
from photosearch.store.reader import Reader
from photosearch.store.rows import Edit
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file

NAMES = ("a", "b")

steps = st.lists(
    st.one_of(
        st.tuples(st.just("caption"), st.sampled_from(NAMES), st.sampled_from(["", "dog", "cat"])),
        st.tuples(st.just("stars"), st.sampled_from(NAMES), st.integers(0, 5)),
        st.tuples(st.just("heart"), st.sampled_from(NAMES), st.booleans()),
        st.tuples(st.just("album"), st.sampled_from(NAMES), st.booleans()),
        st.tuples(st.just("version"), st.sampled_from(NAMES), st.integers(0, 3)),
        st.tuples(st.sampled_from(["undo", "redo"]), st.none(), st.none()),
    ),
    max_size=20,
)


class Shelf:
    """Two files whose contents are versions of one picture each, and what a person says of them."""

    def __init__(self, root: Path) -> None:
        self.library = Library(root)
        self.writer = Writer.open(self.library)
        self.writer.register_model(MODEL, "tiny", DIM)
        self.folder = self.writer.add_folder(b"/photos", "disk")
        self.reader = Reader.open(self.library)
        self.present = {name: self.write(name, 0) for name in NAMES}
        self.album = self.writer.create_album("Best", [self.present["b"], self.present["a"]])

    def close(self) -> None:
        self.reader.close()
        self.writer.close()

    def write(self, name: str, version: int, *, same_pixels: bool = True) -> int:
        """Let a file hold a version of its picture, as indexing does."""
        file = indexed_file(10 * NAMES.index(name) + version, folder_id=self.folder.folder_id)
        path = b"/photos/%s.jpg" % name.encode()
        known = self.reader.photo_id(file.content_hash)
        former = next(iter(self.reader.formers_at(path)), None)
        if known is None:
            edit = Edit(former, same_pixels) if former is not None else None
            (known,) = self.writer.commit([msgspec.structs.replace(file, path=path, edit=edit)], MODEL)
        else:
            self.writer.link(self.folder.folder_id, path, file.size, file.mtime_ns, known)
        return known

    def do(self, what: str, name: str, value: object) -> bool:
        """-> whether it is a change of the person's."""
        before = self.told()
        photo_id = self.present[name]
        match what:
            case "caption":
                self.writer.set_caption(photo_id, str(value))
            case "stars":
                self.writer.set_rating([photo_id], int(str(value)))
            case "heart":
                self.writer.set_favourite([photo_id], bool(value))
            case "album":
                change = self.writer.add_to_album if value else self.writer.remove_from_album
                change(self.album, [photo_id])
            case "version":
                self.present[name] = self.write(name, int(str(value)))
                assert self.told() == before
        return self.told() != before

    def told(self) -> tuple[list[str | None], list[tuple[str | None, int | None, bool]]]:
        names = {photo_id: name for name, photo_id in self.present.items()}
        order = [names.get(photo_id) for photo_id in self.reader.album_photos(self.album)[0].tolist()]
        details = [self.reader.details(photo_id) for photo_id in self.present.values()]
        return order, [(photo.caption, photo.rating, photo.favourite) for photo in details if photo]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "library")
    yield shelf
    assert shelf.reader.check() == []
    shelf.close()


@settings(max_examples=12, deadline=None)
@given(steps)
def test_whatever_the_files_become_each_change_is_undone_and_redone(
    todo: list[tuple[str, str, object]],
) -> None:
    with tempfile.TemporaryDirectory() as root:
        shelf = Shelf(Path(root) / "library")
        past, future = [shelf.told()], []
        for what, name, value in todo:
            if what == "undo":
                if len(past) > 1:
                    assert shelf.writer.undo().kept == 0
                    future.append(past.pop())
            elif what == "redo":
                if future:
                    assert shelf.writer.redo().kept == 0
                    past.append(future.pop())
            elif shelf.do(what, name, value):
                past.append(shelf.told())
                future.clear()
            assert shelf.told() == past[-1]
        while len(past) > 1:
            shelf.writer.undo()
            past.pop()
            assert shelf.told() == past[-1]
        assert shelf.reader.check() == []
        shelf.close()


@settings(max_examples=12, deadline=None)
@given(steps)
def test_edits_are_undone_and_redone_among_other_changes(todo: list[tuple[str, str, object]]) -> None:
    """A file becomes an edit with other pixels each time."""
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patched:
        patched.setattr(versions, "ONE_CHANGE", -1.0)
        shelf = Shelf(Path(root) / "library")
        contents = itertools.count(1)

        def stands() -> list[tuple[object, ...]]:
            ids = range(1, 2 * len(todo) + 3)
            photos = [(id_, photo) for id_ in ids if (photo := shelf.reader.details(id_))]
            return [
                (id_, photo.caption, photo.rating, photo.favourite, photo.albums) for id_, photo in photos
            ]

        def latest() -> int:
            undo = shelf.reader.history().undo
            return undo.change_id if undo else 0

        past, future = [stands()], []
        for what, name, value in todo:
            before = latest()
            if what == "undo":
                if len(past) > 1:
                    assert shelf.writer.undo().kept == 0
                    future.append(past.pop())
            elif what == "redo":
                if future:
                    assert shelf.writer.redo().kept == 0
                    past.append(future.pop())
            elif what == "version":
                new = 100 * (1 + NAMES.index(name)) + next(contents)
                shelf.present[name] = shelf.write(name, new, same_pixels=False)
                if latest() == before:  # nothing was said of it, or it is one change with the latest
                    past[-1] = stands()
            else:
                shelf.do(what, name, value)
            if latest() > before and what not in ("undo", "redo"):
                past.append(stands())
                future.clear()
            present = stands()
            assert [photo for photo in past[-1] if photo not in present] == []
        assert shelf.reader.check() == []
        shelf.close()


def says(shelf: Shelf) -> str:
    undo = shelf.reader.history().undo
    assert undo is not None
    return str(undo.says)


@pytest.mark.parametrize("together", [True, False])
def test_edits_that_follow_one_another_are_one_change(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    if not together:
        monkeypatch.setattr(versions, "ONE_CHANGE", -1.0)
    for name in NAMES:
        shelf.do("caption", name, "dog")
    for name in NAMES:
        shelf.present[name] = shelf.write(name, 1, same_pixels=False)
    assert shelf.told() == (["b", "a"], [("dog", None, False), ("dog", None, False)])
    assert says(shelf) == f"{1 + together} photo{'s' * together} edited by another program, notes kept"
    shelf.writer.undo()
    left = None if together else "dog"
    assert [caption for caption, *_ in shelf.told()[1]] == [left, None]


def test_a_change_of_many_edits_is_ended_and_another_begun(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "MOST_VERSIONS", 2)
    for name in NAMES:
        shelf.do("caption", name, "dog")
    for name, version in (("a", 1), ("b", 1), ("b", 2)):
        shelf.present[name] = shelf.write(name, version, same_pixels=False)
    for left in (["dog", None], [None, None]):
        assert says(shelf) == "1 photo edited by another program, notes kept"
        assert shelf.writer.undo().kept == 0
        assert [caption for caption, *_ in shelf.told()[1]] == left


def test_a_file_that_is_written_again_and_again_is_one_change(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "ONE_CHANGE", -1.0)
    shelf.do("stars", "a", 5)
    first = shelf.present["a"]
    for version in range(1, 5):
        shelf.present["a"] = shelf.write("a", version, same_pixels=False)
    assert shelf.told()[1][0] == (None, 5, False)
    assert says(shelf) == "1 photo edited by another program, notes kept"
    assert shelf.writer.undo().kept == 0
    assert shelf.told()[1][0] == (None, None, False)
    assert says(shelf) == "5 stars for 1 photo"
    shelf.present["a"] = shelf.write("a", 0)
    assert (shelf.present["a"], shelf.told()[1][0]) == (first, (None, 5, False))


def test_an_edit_that_is_taken_back_in_the_other_program_is_told_of_no_more(shelf: Shelf) -> None:
    for name in NAMES:
        shelf.do("stars", name, 5)
    for name in NAMES:
        shelf.present[name] = shelf.write(name, 1, same_pixels=False)
    assert says(shelf) == "2 photos edited by another program, notes kept"
    shelf.present["a"] = shelf.write("a", 0)
    assert says(shelf) == "1 photo edited by another program, notes kept"
    assert shelf.writer.undo().kept == 0
    assert [stars for _, stars, _ in shelf.told()[1]] == [5, None]


def test_notes_that_were_let_go_are_at_the_former_photo_when_it_comes_back(shelf: Shelf) -> None:
    shelf.do("stars", "a", 5)
    shelf.present["a"] = shelf.write("a", 1, same_pixels=False)
    shelf.writer.undo()
    shelf.do("stars", "a", 2)
    assert shelf.told()[1][0] == (None, 2, False)
    shelf.present["a"] = shelf.write("a", 0)
    assert shelf.told()[1][0] == (None, 5, False)


def test_the_captions_that_were_written_over_go_along(shelf: Shelf) -> None:
    shelf.do("caption", "a", "dog")
    shelf.do("caption", "a", "cat")
    before = shelf.present["a"]
    assert shelf.reader.present_version(before) == before
    shelf.present["a"] = shelf.write("a", 1)
    assert shelf.reader.present_version(before) == shelf.present["a"]
    assert [caption.photo_id for caption in shelf.reader.captions()] == [shelf.present["a"]]
    shelf.writer.undo()
    assert shelf.told()[1][0] == ("dog", None, False)


def test_a_relocated_folder_remembers_where_photos_lay(shelf: Shelf) -> None:
    shelf.do("caption", "a", "dog")
    lost = shelf.present["a"]
    shelf.writer.forget([b"/photos/a.jpg"])
    shelf.writer.relocate_folder(shelf.folder.folder_id, b"/moved", "disk", str)
    assert shelf.reader.formers_at(b"/photos/a.jpg") == []
    assert shelf.reader.formers_at(b"/moved/a.jpg") == [lost]


def test_what_lay_in_a_folder_is_found_if_something_was_said_of_it(shelf: Shelf) -> None:
    shelf.write("a", 1)  # what was said of the former is with it
    inside = indexed_file(99, folder_id=shelf.folder.folder_id, path=b"/photos/inside/c.jpg")
    (photo_id,) = shelf.writer.commit([inside], MODEL)
    shelf.writer.set_rating([photo_id], 3)
    assert shelf.reader.gone_from(b"/photos/") == []
    shelf.writer.remove_folder(b"/photos")
    gone = {shelf.reader.photo_id(indexed_file(seed, folder_id=1).content_hash) for seed in (1, 10)}
    assert set(shelf.reader.gone_from(b"/photos/")) == gone
    assert shelf.reader.gone_from(b"/photos/inside/") == [photo_id]
