"""Saved searches that are albums: what they hold, what of it is new, and what of them is the person's."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.query import InLiveAlbum
from photosearch.store.reader import Reader
from photosearch.store.rows import Edit, Folder, LiveAlbum
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file


class Desk:
    """A library with an album that fills itself, and with photos that come one after another."""

    def __init__(self, writer: Writer, reader: Reader, folder: Folder) -> None:
        self.writer, self.reader, self.folder = writer, reader, folder
        self.photos = self.come(1, 2, 3)
        self.id = writer.save_search("Dogs", "dogs", live=True)

    def come(self, *seeds: int, edit_of: int | None = None) -> list[int]:
        edit = None if edit_of is None else Edit(edit_of, same_pixels=True)
        files = [indexed_file(seed, folder_id=self.folder.folder_id) for seed in seeds]
        return self.writer.commit([replace(file, edit=edit) for file in files], MODEL)

    @property
    def album(self) -> LiveAlbum:
        (album,) = self.reader.live_albums()
        return album

    def fill(self, *ids: int) -> bool:
        held = np.array(ids, dtype=np.int64)
        return self.writer.fill_live_album(self.album, held, self.reader.highest_photo_id())

    @property
    def held(self) -> list[int]:
        return self.reader.matching([InLiveAlbum(search_id=self.id)]).tolist()


@pytest.fixture
def desk(writer: Writer, reader: Reader, folder: Folder) -> Desk:
    return Desk(writer, reader, folder)


def test_it_has_the_photos_that_it_was_filled_with_as_long_as_files_hold_them(desk: Desk) -> None:
    a, b, c = desk.photos
    assert (desk.album.photos, desk.album.new) == (0, 0)
    assert desk.fill(a, b) and desk.fill(b, c) and not desk.fill(b, c)
    assert (desk.held, desk.album.photos, desk.album.new) == ([b, c], 2, 0)
    details = [desk.reader.details(photo_id) for photo_id in (a, b)]
    assert [photo and photo.live_albums for photo in details] == [{}, {desk.id: "Dogs"}]
    desk.writer.forget([b"/photos/3.jpg"])
    assert (desk.held, desk.album.photos) == ([b], 1)


@given(fills=st.lists(st.sets(st.integers(0, 2)), max_size=6))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_often_it_is_filled_it_has_what_it_was_filled_with_last(
    desk: Desk, fills: list[set[int]]
) -> None:
    desk.fill()
    before: list[int] = []
    for places in fills:
        ids = sorted(desk.photos[place] for place in places)
        assert desk.fill(*ids) == (ids != before)
        assert (desk.held, desk.album.photos, desk.album.new) == (ids, len(ids), 0)
        before = ids


def test_what_came_since_the_person_looked_is_new(desk: Desk) -> None:
    a, b, c = desk.photos
    desk.fill(a)
    (d,) = desk.come(4)
    assert not desk.writer.look_at_live_album(desk.id)  # it does not have that one yet
    desk.fill(a, b, d)  # b was there before: a caption, or another model, brought it here
    seen = desk.album.seen
    assert (desk.album.new, desk.reader.new_in_live_album(desk.id, seen).tolist()) == (1, [d])
    assert desk.writer.look_at_live_album(desk.id) and desk.album.new == 0
    assert not desk.writer.look_at_live_album(desk.id)
    desk.fill()
    desk.fill(a, b, c, d)  # found anew
    assert desk.album.new == 0
    desk.writer.forget([b"/photos/4.jpg"])
    desk.come(4)
    assert desk.album.new == 0  # it is back


def test_an_edit_of_a_known_photo_is_not_new(desk: Desk) -> None:
    (edited,) = desk.come(4, edit_of=desk.photos[0])
    (other,) = desk.come(5)
    desk.fill(edited, other)
    assert desk.reader.new_in_live_album(desk.id, desk.album.seen).tolist() == [other]


def test_a_person_who_wants_word_is_told_of_each_photo_once(desk: Desk) -> None:
    (d,) = desk.come(4)
    desk.fill(d)
    assert desk.writer.tell_of_live_albums() == {}  # nobody asked for it
    desk.writer.set_live(desk.id, live=True, notifies=True)
    assert desk.writer.tell_of_live_albums() == {}  # nor for those that were there
    (e,) = desk.come(5)
    desk.fill(d, e)
    assert desk.writer.tell_of_live_albums() == {"Dogs": 1}
    assert desk.writer.tell_of_live_albums() == {}
    (f,) = desk.come(6)
    desk.fill(d, e, f)
    desk.writer.look_at_live_album(desk.id)
    assert desk.writer.tell_of_live_albums() == {}


def test_what_is_said_of_it_can_be_read_alone(desk: Desk) -> None:
    """It stands on the screen with Undo beside it, and nothing else."""
    said = []
    for live, notifies in ((True, True), (True, False), (False, False)):
        desk.writer.set_live(desk.id, live=live, notifies=notifies)
        said.append(str(desk.reader.history().undo.says))  # type: ignore[union-attr]
    assert said == [
        "You will be told of new photos in “Dogs”",
        "You will no longer be told of new photos in “Dogs”",
        "Live album “Dogs” made a saved search",
    ]
    for _ in said:
        desk.writer.undo()
    assert str(desk.reader.history().undo.says) == "New album “Dogs”, which fills itself"  # type: ignore[union-attr]


def test_another_search_under_its_name_is_no_new_album_and_is_undone(desk: Desk) -> None:
    (before,) = desk.reader.live_albums()
    assert desk.writer.save_search("Dogs", "cats", live=True) == desk.id
    said = desk.reader.history().undo.says  # type: ignore[union-attr]
    assert str(said) == "Album “Dogs” filled with another search"
    desk.writer.undo()
    assert desk.reader.live_albums()[0].text == before.text


def test_it_becomes_a_saved_search_again_and_both_ways_are_undone(desk: Desk) -> None:
    desk.fill(*desk.photos)
    desk.writer.set_live(desk.id, live=False)
    assert [(search.name, search.live) for search in desk.reader.saved_searches()] == [("Dogs", False)]
    assert (desk.reader.live_albums(), desk.held) == ([], [])
    desk.writer.undo()
    assert (desk.album.name, desk.album.photos, desk.album.new) == ("Dogs", 0, 0)
    desk.writer.undo()
    assert desk.reader.saved_searches() == []
    desk.writer.redo()
    desk.writer.rename_search(desk.id, "Hounds")
    desk.writer.delete_search(desk.id)
    assert str(desk.reader.history().undo.says) == "Album “Hounds” deleted"  # type: ignore[union-attr]
    desk.writer.undo()
    assert desk.album.name == "Hounds"


@pytest.mark.parametrize(
    "end", [lambda d: d.writer.set_live(d.id, live=False), lambda d: d.writer.delete_search(d.id)]
)
def test_what_was_new_in_it_is_new_when_its_end_is_undone(desk: Desk, end: Callable[[Desk], None]) -> None:
    desk.writer.set_live(desk.id, live=True, notifies=True)
    d, e = desk.come(4, 5)
    desk.fill(*desk.photos, d, e)
    assert desk.writer.tell_of_live_albums() == {"Dogs": 2}
    end(desk)
    (f,) = desk.come(6)
    desk.writer.undo()
    assert (desk.album.photos, desk.album.notifies) == (0, True)
    desk.fill(*desk.photos, d, e, f)
    assert desk.reader.new_in_live_album(desk.id, desk.album.seen).tolist() == [d, e, f]
    assert (desk.album.new, desk.writer.tell_of_live_albums()) == (3, {"Dogs": 1})


def test_what_was_seen_meanwhile_hinders_no_undo_and_stays_seen(desk: Desk) -> None:
    desk.writer.rename_search(desk.id, "Hounds")
    (d,) = desk.come(4)
    desk.fill(d)
    desk.writer.look_at_live_album(desk.id)
    assert desk.writer.undo().kept == 0
    assert (desk.album.name, desk.album.new) == ("Dogs", 0)
    desk.writer.set_live(desk.id, live=False)
    desk.writer.undo()
    desk.fill(d, *desk.come(5))
    desk.writer.look_at_live_album(desk.id)
    assert desk.writer.redo().kept == 0
    assert desk.reader.live_albums() == []


def test_what_is_renamed_keeps_its_photos_and_what_looks_for_others_does_not(desk: Desk) -> None:
    desk.fill(*desk.photos)
    stale = desk.album
    desk.writer.rename_search(desk.id, "Hounds")
    assert desk.album.photos == 3
    desk.writer.undo()
    assert desk.album.photos == 3
    desk.writer.save_search("Dogs", "cats")
    assert (desk.album.text, desk.album.photos) == ("cats", 0)
    assert not desk.writer.fill_live_album(stale, np.array(desk.photos), 3)  # it was looked for before
    assert not desk.writer.note_live_problem(stale, Sentence("a fault"))
    assert (desk.album.photos, desk.album.problem) == (0, None)


def test_albums_of_both_kinds_have_names_of_their_own(desk: Desk) -> None:
    writer = desk.writer
    cats = writer.create_album("Cats")
    plain = writer.save_search("Cats", "cats")
    with pytest.raises(KnownError, match="an album Dogs already"):
        writer.create_album("Dogs")
    with pytest.raises(KnownError, match="an album Dogs already"):
        writer.rename_album(cats, "Dogs")
    for make in (
        lambda: writer.set_live(plain, live=True),
        lambda: writer.rename_search(desk.id, "Cats"),
        lambda: writer.save_search("Cats", "cats", live=True),
    ):
        with pytest.raises(KnownError, match="already; choose another name"):
            make()
    other = writer.save_search("Snowy", "snow", live=True)
    for search_id in (other, plain):
        with pytest.raises(KnownError, match="There is an album Dogs already"):
            writer.rename_search(search_id, "Dogs")
    pets = writer.save_search("Pets", "pets")
    with pytest.raises(KnownError, match="There is a saved search Pets already"):
        writer.rename_search(plain, "Pets")
    with pytest.raises(KnownError, match="There is a saved search Pets already"):
        writer.rename_search(other, "Pets")
    writer.delete_search(pets)
    with pytest.raises(KnownError, match="saved search is gone"):
        writer.set_live(99, live=True)


def test_what_cannot_be_filled_says_why_and_keeps_its_photos(desk: Desk) -> None:
    desk.fill(*desk.photos)
    problem = Sentence("There is no album “{name}”.", name="Lake")
    assert desk.writer.note_live_problem(desk.album, problem)
    assert not desk.writer.note_live_problem(desk.album, problem)
    assert (desk.album.problem, desk.album.photos) == (problem, 3)
    assert desk.fill(*desk.photos) and desk.album.problem is None


def test_its_photos_can_be_kept_as_a_plain_album(desk: Desk) -> None:
    a, b, c = desk.photos
    desk.fill(a, c)
    frozen = desk.writer.freeze_album(desk.id, "Dogs of May")
    desk.fill(b)
    assert desk.reader.album_photos(frozen)[0].tolist() == [c, a]
    desk.writer.undo()
    assert desk.reader.albums() == []
    with pytest.raises(KnownError, match="already"):
        desk.writer.freeze_album(desk.id, "Dogs")
    with pytest.raises(KnownError, match="live album is gone"):
        desk.writer.freeze_album(99, "Cats")


def test_only_what_may_change_the_photos_that_are_found_counts_as_a_change(desk: Desk) -> None:
    before = desk.writer.changes
    desk.fill(*desk.photos)
    desk.writer.look_at_live_album(desk.id)
    desk.writer.tell_of_live_albums()
    desk.writer.remember_search("dogs")
    desk.writer.clear_searches()
    desk.writer.set_rating([], 3)
    assert desk.writer.changes == before
    desk.writer.set_rating(desk.photos, 3)
    assert desk.writer.changes > before
