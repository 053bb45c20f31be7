"""What photos are tagged with, what the person takes away from them, and the list of tags."""

import pytest

from photosearch import settings
from photosearch.core.errors import KnownError
from photosearch.core.query import Tagged
from photosearch.core.tags import shipped
from photosearch.store import tags
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file


def commit(writer: Writer, folder: Folder, *numbers: int, **facts: object) -> list[int]:
    files = [indexed_file(number, folder_id=folder.folder_id, **facts) for number in numbers]
    return writer.commit(files, MODEL)


def found(reader: Reader, name: str) -> list[int]:
    return reader.matching([Tagged(tags=tuple(reader.tags_called(name)), keyword=name)]).tolist()


def counts(reader: Reader) -> dict[str, int]:
    return {tag.name: photos for tag, photos in reader.tag_counts()}


def named(reader: Reader, photo_id: int) -> list[str]:
    return [tag.name for tag in reader.tags_of(photo_id)]


def test_photos_are_counted_and_found_by_their_tags(writer: Writer, reader: Reader, folder: Folder) -> None:
    a, b, c = commit(writer, folder, 1, 2, 3)
    writer.keep_tags([(a, ["dog", "beach"]), (b, ["dog"]), (c, [])], 7)
    assert counts(reader) == {"dog": 2, "beach": 1}
    assert named(reader, a) == ["dog", "beach"]
    assert named(reader, c) == []
    for name in ("dog", "Dogs", "puppy", "狗"):
        assert found(reader, name) == [a, b]
    assert sorted(reader.looked_at_for_tags(7).tolist()) == [a, b, c]
    assert reader.looked_at_for_tags(8).tolist() == []


def test_what_was_tagged_before_goes_when_it_is_looked_at_anew(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    a, b = commit(writer, folder, 1, 2)
    writer.keep_tags([(a, ["dog", "beach"]), (b, ["dog"])], 7)
    writer.keep_tags([(a, ["beach", "snow"])], 8)
    assert (named(reader, a), named(reader, b)) == (["beach", "snow"], ["dog"])
    assert reader.looked_at_for_tags(8).tolist() == [a]


def test_photos_that_no_file_holds_are_not_counted(writer: Writer, reader: Reader, folder: Folder) -> None:
    a, b = commit(writer, folder, 1, 2)
    writer.keep_tags([(a, ["dog"]), (b, ["dog", "snow"])], 7)
    photo = reader.photo(b)
    assert photo
    writer.forget([photo.path_bytes])
    assert counts(reader) == {"dog": 1}
    assert found(reader, "dog") == [a]


def test_a_keyword_of_the_file_is_found_by_the_same_word_and_is_no_tag(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    (a,) = commit(writer, folder, 1, keywords=("Dog", "hot dog stand"))
    (b,) = commit(writer, folder, 2, keywords=("Pelican Cove",), caption="a dog")
    assert found(reader, "dog") == [a]
    assert found(reader, "pelican cove") == [b]
    assert counts(reader) == {}


def test_a_tag_that_was_taken_away_stays_away_until_that_is_undone(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    a, b = commit(writer, folder, 1, 2)
    writer.keep_tags([(a, ["dog", "snow"]), (b, ["dog"])], 7)
    writer.deny_tag([a], "dog")
    writer.keep_tags([(a, ["dog", "snow"])], 8)  # another model says so, too
    assert named(reader, a) == ["snow"]
    assert counts(reader) == {"dog": 1, "snow": 1}
    assert found(reader, "dog") == [b]
    assert str(writer.undo().change.says) == "“dog” taken away from 1 photo"
    assert found(reader, "dog") == [a, b]
    writer.redo()
    assert found(reader, "dog") == [b]


def test_a_tag_that_was_taken_away_stays_away_from_an_edit(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    (a,) = commit(writer, folder, 1)
    writer.deny_tag([a], "dog")
    photo = reader.photo(a)
    assert photo
    (b,) = commit(writer, folder, 2)
    writer.keep_tags([(b, ["dog"])], 7)
    assert named(reader, b) == ["dog"]
    writer.forget([photo.path_bytes], [(a, b)])
    assert named(reader, b) == []


def test_the_persons_own_tags_come_after_the_list(writer: Writer, reader: Reader, folder: Folder) -> None:
    (a,) = commit(writer, folder, 1)
    assert writer.add_tag(" Rusty ", ["a brown dog", " "]) == "Rusty"
    writer.keep_tags([(a, ["Rusty", "dog"])], 7)
    assert [tag.name for tag in reader.own_tags()] == ["Rusty"]
    assert reader.own_tags()[0].texts(()) == ("a brown dog",)
    assert named(reader, a) == ["dog", "Rusty"]
    assert found(reader, "rusty") == [a]
    writer.remove_tag("Rusty")
    assert reader.own_tags() == []
    assert named(reader, a) == ["dog"]
    writer.undo()
    assert named(reader, a) == ["dog", "Rusty"]


def test_a_tag_that_is_off_is_not_shown_until_it_is_put_back(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    (a,) = commit(writer, folder, 1)
    writer.keep_tags([(a, ["dog", "snow"])], 7)
    writer.remove_tag("dog")
    assert reader.tags_off() == {"dog"}
    assert len(reader.tags()) == len(shipped()) - 1
    assert named(reader, a) == ["snow"]
    assert counts(reader) == {"snow": 1}
    assert reader.tags_called("dog") == []
    writer.restore_tag("dog")
    assert named(reader, a) == ["dog", "snow"]
    writer.undo()
    assert named(reader, a) == ["snow"]


def test_none_is_shown_where_tags_are_switched_off(writer: Writer, reader: Reader, folder: Folder) -> None:
    (a,) = commit(writer, folder, 1)
    writer.keep_tags([(a, ["dog"])], 7)
    writer.set_setting(settings.TAGS, settings.NO)
    assert (reader.tags(), named(reader, a), counts(reader)) == ([], [], {})
    writer.set_setting(settings.TAGS, settings.YES)
    assert named(reader, a) == ["dog"]


def test_names_that_cannot_be_are_refused(writer: Writer, reader: Reader) -> None:
    for name, asked, says in (
        ("  ", [], "Write a name"),
        ("x" * 61, [], "at most 60"),
        ("Puppy", [], "on the list already"),
        ("Rusty", ["a dog"] * 11, "at most 10 texts"),
    ):
        with pytest.raises(KnownError, match=says):
            writer.add_tag(name, asked)
    with pytest.raises(KnownError, match="no tag “Rusty”"):
        writer.remove_tag("Rusty")
    with pytest.raises(KnownError, match="not in the library"):
        writer.deny_tag([99], "dog")
    assert reader.changes() == []


def test_an_own_tag_is_renamed_with_all_that_was_said_of_it(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    files = [indexed_file(number, folder_id=folder.folder_id) for number in range(2)]
    shown, wrong = writer.commit(files, MODEL)
    for name in ("Rusty", "Bella"):
        writer.add_tag(name)
    writer.keep_tags([(shown, ["Rusty"]), (wrong, ["Rusty"])], 1)
    writer.deny_tag([wrong], "Rusty")
    for name, why in (("Bella", "already"), ("dog", "already"), (" ", "name")):
        with pytest.raises(KnownError, match=why):
            writer.rename_tag("Rusty", name)
    with pytest.raises(KnownError, match="no tag of your own"):
        writer.rename_tag("dog", "Hound")
    writer.rename_tag("Rusty", "Max")
    (tag,) = reader.tags_of(shown)
    assert (tag.name, tag.ask) == ("Max", ("Rusty",))
    assert not reader.tags_of(wrong)
    writer.undo()
    assert {tag.name for tag in reader.own_tags()} == {"Rusty", "Bella"}
    assert (named(reader, shown), named(reader, wrong)) == (["Rusty"], [])


def test_what_an_own_tag_is_asked_for_can_be_changed_though_there_are_the_most(
    writer: Writer, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "MOST_OWN", 2)
    for name in ("Rusty", "Max"):
        writer.add_tag(name)
    writer.add_tag("Rusty", ["a brown dog"])
    assert {tag.name: tag.ask for tag in reader.tags()}["Rusty"] == ("a brown dog",)
    with pytest.raises(KnownError, match="which is the most"):
        writer.add_tag("Bella")
