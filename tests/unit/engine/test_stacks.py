"""Photos that belong together, through the engine: files, notes, drives, older libraries."""

import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from photosearch.core.stack_messages import FindStacks, Kind, PhotoStack, StackProgress, Stacks
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.engine import ask, engine_of
from tests.helpers.heard import Heard
from tests.helpers.photos import picture
from tests.helpers.stacked import Shown, compressed, cut, write_stacked

WHOLE = picture(1, (320, 240))
SMALL = WHOLE.resize((160, 120))
OTHER = picture(2, (320, 240))
SHOWN = (
    Shown(WHOLE, "/p/whole.jpg", 1, file_size=5000),
    Shown(SMALL, "/p/small.jpg", 1, file_size=700, caption="DSC 0815"),
    Shown(compressed(WHOLE, 50), "/p/shared.jpg", 1, file_size=900),
    Shown(OTHER, "/p/other.jpg", 2, file_size=4000),
    Shown(OTHER, "/p/other again.jpg", 2, file_size=4000),  # the same bytes
    Shown(picture(3, (320, 240)), "/p/third.jpg", 3),
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def find(library: Library, *kinds: Kind) -> Stacks:
    with engine_of(library) as engine:
        found: Stacks = ask(engine, FindStacks(kinds) if kinds else FindStacks())
        return found


def names(stack: PhotoStack) -> list[str]:
    return [Path(file.path).stem for file in stack.files]


def spare(stack: PhotoStack) -> list[str]:
    return [Path(file.path).stem for file in stack.files if file.spare]


def of_kind(found: Stacks, kind: Kind) -> PhotoStack:
    (stack,) = (stack for stack in found.stacks if stack.kind == kind)
    return stack


def test_copies_and_files_of_the_same_bytes_are_told_with_what_they_take(library: Library) -> None:
    write_stacked(library, SHOWN)
    found = find(library)
    identical, copies = found.stacks  # what frees most comes first
    assert (identical.kind, names(identical), spare(identical)) == (
        "identical",
        ["other", "other again"],
        ["other again"],
    )
    assert (copies.kind, names(copies)) == ("copies", ["whole", "shared", "small"])
    assert spare(copies) == ["shared", "small"]
    assert (identical.to_win, copies.to_win, found.to_win) == (4000, 1600, 5600)
    assert (found.searched, found.unknown) == (5, 0)
    best = copies.files[0]
    assert (best.width, best.height, best.format, best.size, best.mtime_ns) == (320, 240, "JPEG", 5000, 0)
    assert [stack.kind for stack in find(library, "copies", "raw").stacks] == ["copies"]


def test_a_photo_that_something_was_said_of_always_stays(library: Library) -> None:
    whole, small, *_ = write_stacked(library, SHOWN)
    with Writer.open(library) as writer:
        writer.set_caption(small, "the one I shared")
    copies = of_kind(find(library), "copies")
    assert names(copies)[0] == "whole" and spare(copies) == ["shared"]
    with Writer.open(library) as writer:
        writer.set_favourite([whole], True)
    copies = of_kind(find(library), "copies")
    assert names(copies)[0] == "whole" and spare(copies) == ["shared"]
    assert {Path(file.path).stem for file in copies.files if file.noted} == {"whole", "small"}
    with Writer.open(library) as writer:
        writer.undo()
        writer.undo()
    assert spare(of_kind(find(library), "copies")) == ["shared", "small"]


@pytest.mark.parametrize(
    "say",
    [
        lambda writer, photo: writer.set_rating([photo], 0),
        lambda writer, photo: writer.create_album("Shared", [photo]),
        lambda writer, photo: writer.deny_tag([photo], "dog"),
        lambda writer, photo: writer.set_captions([photo], ""),
    ],
    ids=["no stars", "an album", "no dog", "no caption"],
)
def test_whatever_was_said_of_a_copy_keeps_it(library: Library, say: Callable[[Writer, int], object]) -> None:
    _, small, *_ = write_stacked(library, SHOWN)
    with Writer.open(library) as writer:
        say(writer, small)
    copies = of_kind(find(library), "copies")
    assert spare(copies) == ["shared"]
    assert [Path(file.path).stem for file in copies.files if file.noted] == ["small"]


def test_an_older_library_is_looked_through_by_its_thumbnails(library: Library) -> None:
    write_stacked(library, SHOWN, looks=False)
    with engine_of(library) as engine:
        heard = Heard()
        engine.subscribe(heard)
        assert {stack.kind for stack in ask(engine, FindStacks()).stacks} == {"copies", "identical"}
        heard.until_any(lambda event: isinstance(event, StackProgress))


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights there")
def test_no_file_may_go_that_others_are_only_other_names_of(library: Library, tmp_path: Path) -> None:
    (photo := tmp_path / "a photo with a long name.jpg").write_bytes(b"photo")
    (tmp_path / "link.jpg").symlink_to(photo)
    (tmp_path / "hard.jpg").hardlink_to(photo)
    (tmp_path / "copy.jpg").write_bytes(b"photo")
    names = ("link", "hard", photo.stem, "copy")
    write_stacked(library, [Shown(OTHER, f"{tmp_path}/{name}.jpg", 2) for name in names])
    (identical,) = find(library).stacks
    assert Path(identical.files[0].path).stem == "link"
    assert spare(identical) == ["copy"]
    (tmp_path / "copy.jpg").unlink()
    (tmp_path / "copy.jpg").symlink_to(photo)
    assert find(library).stacks == ()


def test_what_lies_on_a_drive_that_is_away_is_neither_spare_nor_a_reason_to_be(library: Library) -> None:
    third = SHOWN[5]
    away: Sequence[Shown] = (
        Shown(WHOLE.resize((640, 480)), "/drive/large.jpg", 1, away=True),
        Shown(third.image, "/drive/third.jpg", 3, away=True, file_size=third.file_size),
    )
    write_stacked(library, (*SHOWN[:3], *SHOWN[5:], *away))
    found = find(library)
    copies, identical = of_kind(found, "copies"), of_kind(found, "identical")
    assert names(copies) == ["whole", "shared", "small", "large"]
    assert spare(copies) == ["shared", "small"]
    assert [file.away for file in identical.files] == [False, True] and spare(identical) == []


def test_of_a_damaged_photo_the_sound_copy_stays(library: Library) -> None:
    whole, small, *_ = SHOWN
    ids = write_stacked(library, [replace(whole, damaged=True), small])
    with Writer.open(library) as writer:
        writer.set_favourite(ids[:1], True)
    copies = of_kind(find(library), "copies")
    assert names(copies) == ["small", "whole"] and spare(copies) == []


def test_a_copy_that_is_better_in_something_stays_beside_the_best(library: Library) -> None:
    whole, small, shared, other, *_ = SHOWN
    torn = replace(other, image=OTHER.resize((640, 480)), path="/p/torn.jpg", damaged=True)
    write_stacked(library, [whole, replace(small, taken=1e9), shared, torn, other])
    assert {tuple(names(one)): spare(one) for one in find(library).stacks} == {
        ("whole", "shared", "small"): ["shared"],
        ("other", "torn"): [],
    }


def test_a_picture_that_is_only_away_spares_nothing(library: Library) -> None:
    write_stacked(
        library, [Shown(one.image, f"/drive/{at}.jpg", 1, away=True) for at, one in enumerate(SHOWN[:2])]
    )
    assert spare(of_kind(find(library), "copies")) == []


def test_bursts_and_raw_files_spare_nothing(library: Library) -> None:
    frames = [Shown(cut(WHOLE, at / 9, 0.5, 0.97), f"/p/img_{at}.jpg", taken=1e9 + at) for at in range(3)]
    raw = [
        Shown(OTHER, "/p/dsc_1.nef", 2, taken=2e9, raw=True, file_size=9000),
        Shown(OTHER, "/p/dsc_1.jpg", 2, taken=2e9),
    ]
    write_stacked(library, [*frames, *raw])
    found = find(library)
    assert len(of_kind(found, "burst").files) == 3
    assert names(of_kind(found, "raw")) == ["dsc_1", "dsc_1"]
    assert found.to_win == 0


def test_an_empty_library_has_none(library: Library) -> None:
    write_stacked(library, [])
    assert find(library) == Stacks((), 0, 0)


def test_photos_that_the_model_has_not_read_are_counted(library: Library) -> None:
    write_stacked(library, SHOWN)
    with closing(sqlite3.connect(library.database)) as database, database:
        database.execute("DELETE FROM vectors WHERE photo_id <= 2")
    found = find(library)
    assert (found.searched, found.unknown) == (3, 2)
    assert [stack.kind for stack in found.stacks] == ["identical"]


def test_two_who_ask_are_both_answered(library: Library) -> None:
    write_stacked(library, SHOWN)
    replies: list[Stacks] = []
    with engine_of(library) as engine:
        threads = [
            threading.Thread(target=lambda: replies.append(ask(engine, FindStacks()))) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(replies) == 2 and replies[0] == replies[1]


def test_pictures_of_one_colour_are_no_copies(library: Library) -> None:
    write_stacked(library, [Shown(Image.new("RGB", (64, 48 + at)), f"/p/{at}.jpg") for at in range(3)])
    assert find(library).stacks == ()


def test_videos_are_in_no_stack_but_of_the_same_bytes(library: Library) -> None:
    write_stacked(library, SHOWN)
    with Writer.open(library) as writer, writer._transaction(writer._database) as database:
        database.execute("UPDATE photos SET format = 'MP4'")
    found = find(library)
    assert [(stack.kind, names(stack)) for stack in found.stacks] == [("identical", ["other", "other again"])]
    assert (found.searched, found.unknown) == (0, 0)
