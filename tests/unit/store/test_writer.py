import os
import threading

import pytest
from msgspec.structs import replace

from photosearch.core.errors import Sentence
from photosearch.paths import Library
from photosearch.store.folders import contains
from photosearch.store.reader import Reader
from photosearch.store.rows import Failure, Folder
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file


def failure(folder: Folder, path: bytes, **changes: object) -> Failure:
    values = {"stage": "decode", "reason": Sentence("the file is truncated"), "size": 1, "mtime_ns": 2}
    return Failure(folder_id=folder.folder_id, path=path, **(values | changes))  # type: ignore[arg-type]


def test_the_same_bytes_in_two_files_are_one_photo(writer: Writer, reader: Reader, folder: Folder) -> None:
    one = indexed_file(1, folder_id=folder.folder_id)
    copy = indexed_file(1, folder_id=folder.folder_id, path=b"/photos/copy \xff\n.jpg")
    first, second = writer.commit([one, copy], MODEL)
    assert first == second
    assert reader.living().tolist() == [first]
    assert len(reader.stamps(folder.folder_id)) == 2
    writer.forget([one.path])
    photo = reader.photo(first)
    assert photo is not None
    assert photo.path_bytes == copy.path


def test_a_photo_without_files_is_kept_but_not_shown(writer: Writer, reader: Reader, folder: Folder) -> None:
    file = indexed_file(1, folder_id=folder.folder_id)
    (photo_id,) = writer.commit([file], MODEL)
    assert writer.forget([file.path, b"/photos/never was"]) == 1
    assert reader.photo(photo_id) is None
    assert reader.photos([photo_id]) == []
    assert reader.timeline()[0].size == 0
    assert reader.photo_id(file.content_hash) == photo_id
    assert reader.has_vector(photo_id, MODEL)
    assert reader.thumbnail(photo_id) == file.thumbnail
    writer.link(folder.folder_id, b"/photos/back.jpg", file.size, file.mtime_ns, photo_id)
    assert reader.living().tolist() == [photo_id]


def test_a_file_whose_content_changes_is_another_photo(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    (old,) = writer.commit([indexed_file(1, folder_id=folder.folder_id, path=b"/photos/a.jpg")], MODEL)
    (new,) = writer.commit([indexed_file(2, folder_id=folder.folder_id, path=b"/photos/a.jpg")], MODEL)
    assert new != old
    assert reader.living().tolist() == [new]
    assert reader.stamps(folder.folder_id)[b"/photos/a.jpg"].photo_id == new


def test_vectors_of_two_models_lie_side_by_side(writer: Writer, reader: Reader, folder: Folder) -> None:
    file = indexed_file(1, folder_id=folder.folder_id)
    (photo_id,) = writer.commit([file], MODEL)
    assert not reader.has_vector(photo_id, "another")
    writer.register_model("another", "a", 3)
    assert reader.counts("another").searchable == 0
    assert writer.commit([indexed_file(1, folder_id=folder.folder_id, dim=3)], "another") == [photo_id]
    assert reader.counts("another").searchable == 1
    assert [rows.vectors.shape for rows in reader.vectors(MODEL)] == [(1, DIM)]
    assert [rows.vectors.shape for rows in reader.vectors("another")] == [(1, 3)]


def test_failures_count_attempts_until_success(writer: Writer, reader: Reader, folder: Folder) -> None:
    path = b"/photos/1.jpg"
    writer.fail([failure(folder, path, retry_at=5.0)])
    late = Sentence("it took longer than {seconds:g} s", seconds=20.0)
    writer.fail([failure(folder, path, reason=late)])
    (known,) = reader.failures()
    assert (known.attempts, known.reason, known.retry_at) == (2, late, None)
    stamp = reader.stamps(folder.folder_id)[path]
    assert (stamp.photo_id, stamp.attempts, stamp.size, stamp.mtime_ns) == (None, 2, 1, 2)
    (photo_id,) = writer.commit([indexed_file(1, folder_id=folder.folder_id)], MODEL)
    assert reader.failures() == []
    writer.fail([failure(folder, path)])
    writer.link(folder.folder_id, path, 1, 2, photo_id)
    assert reader.failures() == []


def test_a_failure_drops_the_photo_only_when_its_file_changed(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    file = indexed_file(1, folder_id=folder.folder_id)
    (photo_id,) = writer.commit([file], MODEL)
    writer.fail([failure(folder, file.path, size=file.size, mtime_ns=file.mtime_ns)])
    assert reader.living().tolist() == [photo_id]
    assert reader.stamps(folder.folder_id)[file.path].photo_id is None
    writer.fail([failure(folder, file.path, size=file.size + 1)])
    assert reader.living().size == 0
    writer.forget([file.path])
    assert reader.failures() == []


@pytest.mark.parametrize(
    ("stage", "kept"), [("read", True), ("scan", True), ("decode", False), ("encode", False)]
)
def test_a_change_time_alone_drops_the_photo_only_where_other_bytes_were_read(
    writer: Writer, reader: Reader, folder: Folder, stage: str, kept: bool
) -> None:
    file = replace(indexed_file(1, folder_id=folder.folder_id), ctime_ns=5)
    writer.commit([file], MODEL)
    assert reader.stamps(folder.folder_id)[file.path].ctime_ns == 5
    writer.fail([failure(folder, file.path, stage=stage, size=file.size, mtime_ns=file.mtime_ns, ctime_ns=6)])
    assert (reader.living().size == 1) is kept
    assert reader.stamps(folder.folder_id)[file.path].ctime_ns == 6


def test_failures_are_tried_again_in_the_folders_that_are_named(
    writer: Writer, reader: Reader, folder: Folder
) -> None:
    other = writer.add_folder(b"/other", "disk")
    writer.fail([failure(folder, b"/photos/1.jpg"), failure(other, b"/other/1.jpg")])
    writer.retry_in([b"/other", b"/nowhere"])
    assert [known.retry_at for known in reader.failures()] == [0.0, None]


def test_a_folder_inside_a_known_one_adds_nothing(writer: Writer, reader: Reader, folder: Folder) -> None:
    assert writer.add_folder(b"/photos", "disk") == folder
    assert writer.add_folder(b"/photos/2024", "disk") == folder
    assert writer.add_folder(b"/photos2", "disk") != folder
    assert [known.path for known in reader.folders()] == [b"/photos", b"/photos2"]


def test_a_parent_takes_over_the_files_of_known_folders(writer: Writer, reader: Reader) -> None:
    a, b = writer.add_folder(b"/home/a", ""), writer.add_folder(b"/home/b", "")
    ids = writer.commit(
        [
            indexed_file(1, folder_id=a.folder_id, path=b"/home/a/1.jpg"),
            indexed_file(2, folder_id=b.folder_id, path=b"/home/b/2.jpg"),
            indexed_file(2, folder_id=b.folder_id, path=b"/home/b/copy.jpg"),
        ],
        MODEL,
    )
    writer.fail([failure(b, b"/home/b/bad.jpg")])
    parent = writer.add_folder(b"/home", "")
    assert reader.folders() == [parent]
    assert reader.living().tolist() == sorted(set(ids))
    assert reader.folder_counts() == {parent.folder_id: 2}, "photos, not files"
    names = (b"a/1.jpg", b"b/2.jpg", b"b/copy.jpg", b"b/bad.jpg")
    assert reader.stamps(parent.folder_id).keys() == {b"/home/" + name for name in names}


def test_a_parent_leaves_alone_what_is_away_or_on_a_drive_of_its_own(writer: Writer, reader: Reader) -> None:
    drive, away = writer.add_folder(b"/home/drive", "stick"), writer.add_folder(b"/home/away", "disk")
    writer.set_away(away.folder_id, True)
    parent = writer.add_folder(b"/home", "disk")
    assert [folder.path for folder in reader.folders()] == [b"/home", b"/home/away", b"/home/drive"]
    assert writer.add_folder(b"/home/drive/2024", "stick") == drive
    assert writer.add_folder(b"/home/drives", "disk") == parent


def test_a_removed_folder_forgets_its_files_only(writer: Writer, reader: Reader, folder: Folder) -> None:
    other = writer.add_folder(b"/other", "")
    shared, alone = writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in (1, 2)], MODEL)
    writer.link(other.folder_id, b"/other/1.jpg", 1, 1, shared)
    writer.fail([failure(folder, b"/photos/bad.jpg")])
    assert writer.remove_folder(b"/photos")
    assert not writer.remove_folder(b"/photos")
    assert reader.living().tolist() == [shared]
    assert reader.failures() == []
    assert reader.has_vector(alone, MODEL)


def test_what_comes_for_a_removed_folder_is_dropped(writer: Writer, reader: Reader, folder: Folder) -> None:
    writer.remove_folder(folder.path)
    (photo_id,) = writer.commit([indexed_file(1, folder_id=folder.folder_id)], MODEL)
    writer.link(folder.folder_id, b"/photos/2.jpg", 1, 1, photo_id)
    writer.fail([failure(folder, b"/photos/3.jpg")])
    assert reader.living().size == 0
    assert reader.failures() == []
    assert reader.has_vector(photo_id, MODEL)


def test_a_folder_that_is_away_keeps_its_photos(writer: Writer, reader: Reader, folder: Folder) -> None:
    file = indexed_file(1, folder_id=folder.folder_id)
    (photo_id,) = writer.commit([file], MODEL)
    writer.set_away(folder.folder_id, True)
    photo = reader.photo(photo_id)
    assert photo is not None
    assert photo.away
    here = writer.add_folder(b"/here", "")
    writer.link(here.folder_id, b"/here/1.jpg", 1, 1, photo_id)
    photo = reader.photo(photo_id)
    assert photo is not None
    assert (photo.path_bytes, photo.away) == (b"/here/1.jpg", False)
    writer.set_away(folder.folder_id, False, volume="renamed")
    assert [(known.away, known.volume) for known in reader.folders() if known.path == b"/photos"] == [
        (False, "renamed")
    ]


def test_a_commit_that_fails_writes_nothing(writer: Writer, reader: Reader, folder: Folder) -> None:
    good = indexed_file(1, folder_id=folder.folder_id)
    bad = indexed_file(2, folder_id=folder.folder_id, path=None)
    broken = replace(bad, facts=replace(bad.facts, format=None))
    with pytest.raises(Exception, match="NOT NULL"):
        writer.commit([good, broken], MODEL)
    assert reader.photo_id(good.content_hash) is None
    assert reader.counts(MODEL).photos == 0


def test_threads_share_a_writer(library: Library, writer: Writer, reader: Reader, folder: Folder) -> None:
    def work(worker: int) -> None:
        for seed in range(10):
            writer.commit([indexed_file(worker * 5 + seed, folder_id=folder.folder_id)], MODEL)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reader.counts(MODEL).photos == 25
    assert reader.check() == []


def test_settings(writer: Writer, reader: Reader) -> None:
    assert reader.setting("theme") is None
    writer.set_setting("theme", "dark")
    writer.set_setting("theme", "light")
    assert reader.setting("theme") == "light"


@pytest.mark.parametrize("mtime_ns", [-(2**62), -1, 0, 2**62])
def test_any_file_time_is_taken(writer: Writer, reader: Reader, folder: Folder, mtime_ns: int) -> None:
    file = indexed_file(1, folder_id=folder.folder_id, mtime_ns=mtime_ns)
    writer.commit([file], MODEL)
    assert reader.stamps(folder.folder_id)[file.path].mtime_ns == mtime_ns


def test_what_lies_in_a_folder() -> None:
    separator = os.fsencode(os.sep)
    assert contains(separator, separator + b"a")
    assert contains(separator + b"a", separator + b"a")
    assert contains(separator + b"a" + separator, separator.join([b"", b"a", b"b"]))
    assert not contains(separator + b"a", separator + b"ab")
    assert not contains(separator.join([b"", b"a", b"b"]), separator + b"a")
