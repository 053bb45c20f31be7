import itertools
import os
import shutil
import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.progress import Control
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.photos import make_photo


def make_photos(folder: Path, count: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return [make_photo(folder / f"{number:02}.jpg", seed=number) for number in range(count)]


def no_index_threads() -> bool:
    return not [thread for thread in threading.enumerate() if thread.name.startswith("index")]


def test_photos_are_indexed_and_the_second_run_reads_nothing(index):
    make_photos(index.root / "a", 6)
    make_photo(index.root / "b.png", seed=100)
    report = index.run()
    assert (report.indexed, report.unchanged, report.failed) == (7, 0, 0)
    assert report.model == index.encoder.model_id
    assert len(index.holds()) == 7
    assert len(index.pool.decoded) == index.encoder.encoded == 7

    report = index.run()
    assert (report.indexed, report.unchanged) == (0, 7)
    assert len(index.pool.read) == 7


@pytest.mark.parametrize("year", [-60, 300, 470])
def test_a_file_of_any_date_is_indexed_with_the_others(index, year):
    """ext4 keeps times until 2446, XFS until 2486; the nanoseconds of 2262 are all that 64 bits hold."""
    [odd, _] = make_photos(index.root, 2)
    (index.root / "broken.jpg").write_bytes(b"no photo")
    for path in (odd, index.root / "broken.jpg"):
        os.utime(path, (0, year * 365.25 * 86_400))
    report = index.run()
    assert (report.indexed, report.failed) == (2, 1)
    report = index.run()
    assert (report.indexed, report.unchanged) == (0, 3)
    with Reader.open(index.library) as reader:
        dates = [reader.details(photo_id).dated_at for photo_id in index.holds().values()]
    assert all("1909" < date <= datetime.now().isoformat() for date in dates)


def test_what_is_committed_is_what_the_encoder_gave(index):
    make_photo(index.root / "red.png", color="red")
    committed = []
    index.run(on_commit=lambda *batch: committed.append(batch))
    [(ids, vectors, bias)] = committed
    assert ids.tolist() == list(index.holds().values())
    assert (vectors.dtype, vectors.shape, bias.dtype, bias.shape) == (
        np.float16,
        (1, index.encoder.dim),
        np.float32,
        (1,),
    )
    red = index.encoder.encode_texts(["red"])[0]
    assert float(vectors[0].astype(np.float32) @ red) > 0.99
    with Reader.open(index.library) as reader:
        [(stored_ids, stored, _)] = reader.vectors(index.encoder.model_id)
        photo = reader.photo(int(ids[0]))
        assert reader.thumbnail(int(ids[0])).startswith(b"\xff\xd8")
    assert stored_ids.tolist() == ids.tolist()
    assert np.array_equal(stored, vectors)
    assert (photo.width, photo.height) == (64, 48)


def test_a_renamed_or_moved_photo_is_neither_decoded_nor_encoded_again(index):
    first, second = make_photos(index.root, 2)
    index.run()
    before = index.holds()
    first.rename(index.root / "new name.jpg")
    (index.root / "sub").mkdir()
    second.rename(index.root / "sub" / "01.jpg")
    report = index.run()
    assert (report.indexed, report.moved, report.removed, report.unchanged) == (0, 2, 0, 0)
    assert index.holds() == {"new name.jpg": before["00.jpg"], "sub/01.jpg": before["01.jpg"]}
    assert len(index.pool.decoded) == index.encoder.encoded == 2


def test_a_photo_moved_to_another_indexed_folder_never_disappears(index, tmp_path, monkeypatch):
    [photo] = make_photos(index.root, 1)
    elsewhere = tmp_path / "zz elsewhere"
    elsewhere.mkdir()
    index.add_folder(elsewhere)
    index.run()
    photo.rename(elsewhere / "00.jpg")
    living = []
    forget = index.writer.forget

    def forget_and_look(paths, edits):
        removed = forget(paths, edits)
        with Reader.open(index.library) as reader:
            living.append(reader.living().tolist())
        return removed

    monkeypatch.setattr(index.writer, "forget", forget_and_look)
    report = index.run()
    assert (report.moved, report.removed) == (1, 0)
    assert living == [[1]]


def test_a_photo_moved_out_of_a_folder_that_is_not_read_is_no_copy(index, tmp_path):
    moved, copied = make_photos(index.root, 2)
    index.run()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved.rename(elsewhere / "00.jpg")
    shutil.copy(copied, elsewhere)
    report = index.run(folders=[index.add_folder(elsewhere)])
    assert (report.indexed, report.moved, report.copies, report.removed) == (0, 1, 1, 0)


def test_copies_share_one_photo_and_one_encoding(index):
    original = make_photo(index.root / "original.jpg")
    for number in range(9):
        shutil.copy(original, index.root / f"copy {number}.jpg")
    report = index.run()
    assert (report.indexed, report.moved, report.copies) == (1, 0, 9)
    assert len(set(index.holds().values())) == 1
    assert len(index.holds()) == 10
    assert len(index.pool.decoded) == index.encoder.encoded == 1


def test_a_file_that_was_only_touched_is_unchanged(index):
    [photo] = make_photos(index.root, 1)
    index.run()
    os.utime(photo, ns=(1, 1))
    report = index.run()
    assert (report.indexed, report.moved, report.unchanged) == (0, 0, 1)
    index.run()
    assert len(index.pool.read) == 2  # the new stamp was kept


def test_an_edited_photo_is_another_photo(index):
    photo = make_photo(index.root / "a.png", color="red")
    index.run()
    before = index.holds()["a.png"]
    make_photo(photo, color="blue", size=(32, 32))
    assert index.run().indexed == 1
    assert index.holds()["a.png"] != before


def test_deleted_photos_are_removed(index):
    photos = make_photos(index.root, 3)
    index.run()
    photos[1].unlink()
    report = index.run()
    assert (report.removed, report.unchanged) == (1, 2)
    assert sorted(index.holds()) == ["00.jpg", "02.jpg"]


def test_broken_files_are_failures_and_the_rest_goes_on(index):
    make_photos(index.root, 5)
    data = (index.root / "00.jpg").read_bytes()
    (index.root / "empty.jpg").touch()
    (index.root / "cut.jpg").write_bytes(data[:100])
    (index.root / "text.png").write_text("no picture")
    os.mkfifo(index.root / "pipe.jpg")
    report = index.run()
    assert (report.indexed, report.failed) == (5, 4)
    failures = index.failures()
    assert sorted(failures) == ["cut.jpg", "empty.jpg", "pipe.jpg", "text.png"]
    assert all(str(failure.reason) and failure.retry_at is None for failure in failures.values())

    report = index.run()
    assert (report.indexed, report.failed, report.unchanged) == (0, 0, 9)
    assert all(failure.attempts == 1 for failure in index.failures().values())


def test_a_damaged_photo_is_shown_as_far_as_it_goes_and_said_to_be_until_it_is_mended(index):
    photo = make_photo(index.root / "a.jpg", size=(320, 240))
    whole = photo.read_bytes()
    photo.write_bytes(whole[: len(whole) * 6 // 10])
    shutil.copy(photo, index.root / "copy.jpg")
    report = index.run()
    assert (report.indexed, report.copies, report.failed, index.failures()) == (1, 1, 0, {})
    assert [(Path(os.fsdecode(row.path)).name, str(row.reason)) for row in index.damaged()] == [
        ("a.jpg", "the file is truncated"),
        ("copy.jpg", "the file is truncated"),
    ]
    with Reader.open(index.library) as reader:
        assert str(reader.details(index.holds()["a.jpg"]).damage) == "the file is truncated"
    assert index.run().unchanged == 2

    photo.write_bytes(whole)
    (index.root / "copy.jpg").unlink()
    assert index.run().indexed == 1
    assert index.damaged() == []
    with Reader.open(index.library) as reader:
        assert reader.details(index.holds()["a.jpg"]).damage is None


def test_a_broken_file_is_tried_again_when_it_changed(index):
    broken = index.root / "a.jpg"
    broken.write_bytes(b"broken")
    index.run()
    make_photo(broken)
    report = index.run()
    assert (report.indexed, report.failed) == (1, 0)
    assert not index.failures()
    assert list(index.holds()) == ["a.jpg"]


def test_a_photo_that_broke_is_no_longer_shown(index):
    [photo] = make_photos(index.root, 1)
    index.run()
    photo.write_bytes(b"overwritten")
    assert index.run().failed == 1
    assert not index.holds()
    photo.unlink()
    assert index.run().removed == 0
    assert not index.failures()


def test_a_file_preallocated_with_zeros_is_tried_again_and_read_once_it_is_filled(index):
    """A download of a known size and time; the file system keeps no change time."""
    whole = make_photo(index.root / "a.jpg").read_bytes()
    time_ns = (index.root / "a.jpg").stat().st_mtime_ns
    for content in (bytes(len(whole)), whole):
        (index.root / "a.jpg").write_bytes(content)
        os.utime(index.root / "a.jpg", ns=(time_ns, time_ns))
        index.writer.retry()
        report = index.run()
    assert (report.indexed, index.failures()) == (1, {})


def test_zeros_are_a_fault_that_passes(index):
    (index.root / "a.jpg").write_bytes(bytes(5_000))
    (index.root / "b.jpg").write_bytes(bytes(600) + b"the end came first")
    assert index.run().failed == 2
    for failure in index.failures().values():
        assert str(failure.reason) == "it begins with zeros, as a file that is still being written"
        assert failure.retry_at is not None


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no change time")
def test_a_photo_whose_rights_changed_is_hashed_once_and_stays(index):
    [photo] = make_photos(index.root, 1)
    index.run()
    before = index.holds()
    ctime_ns = photo.stat().st_ctime_ns
    while photo.stat().st_ctime_ns == ctime_ns:
        photo.chmod(0o640)
    report = index.run()
    assert (report.indexed, report.unchanged, index.holds()) == (0, 1, before)
    assert (len(index.pool.read), len(index.pool.decoded)) == (2, 1)
    index.run()
    assert len(index.pool.read) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no change time")
@pytest.mark.parametrize("whole", [True, False])
def test_an_edit_that_sets_the_time_back_is_seen(index, whole):
    photo = make_photo(index.root / "a.bmp", color="red")
    index.run()
    before, status = index.holds()["a.bmp"], photo.stat()
    while photo.stat().st_ctime_ns == status.st_ctime_ns:
        make_photo(photo, color="blue")
        if not whole:
            photo.write_bytes(b"x" * status.st_size)
        os.utime(photo, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (photo.stat().st_size, photo.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    report = index.run()
    assert (report.indexed, report.failed) == (whole, not whole)
    assert index.holds().get("a.bmp") != before
    assert set(index.failures()) == (set() if whole else {"a.bmp"})


def test_copies_of_a_broken_file_fail_alike(index):
    for number in range(6):
        (index.root / f"{number}.jpg").write_bytes(b"the same rubbish")
    assert index.run().failed == 6
    assert len(index.failures()) == 6


def test_a_folder_that_goes_while_it_is_read_is_away_and_what_is_known_stays(index):
    photos = make_photos(index.root, 6)
    index.run()
    shutil.copy(photos[0], index.root / "copy.jpg")
    make_photos(index.root / "new", 20)
    known = index.holds()
    read = index.pool.decode

    def read_then_lose(path, *rest, **named):
        shutil.rmtree(index.root, ignore_errors=True)
        return read(path, *rest, **named)

    index.pool.decode = read_then_lose
    report = index.run()
    assert report.vanished and (report.moved, report.removed) == (0, 0)
    assert known.items() <= index.holds().items()
    with Reader.open(index.library) as reader:
        assert [folder.away for folder in reader.folders()] == [True]


def test_a_file_that_vanished_meanwhile_is_no_failure(index):
    photos = make_photos(index.root, 3)
    decode = index.pool.decode

    def decode_late(path, wanted, watch):
        if path == os.fsencode(photos[1]):
            photos[1].unlink()
        return decode(path, wanted, watch)

    index.pool.decode = decode_late
    report = index.run()
    assert (report.indexed, report.failed) == (2, 0)
    assert not index.failures()


def test_another_model_encodes_everything_once_more_and_keeps_the_old_vectors(index):
    make_photos(index.root, 3)
    index.run()
    old = index.encoder
    index.encoder = type(old)(dim=16)
    assert index.run().indexed == 3
    assert index.run().unchanged == 3
    with Reader.open(index.library) as reader:
        assert reader.vector_ids(old.model_id).tolist() == [1, 2, 3]
        assert reader.vector_ids(index.encoder.model_id).tolist() == [1, 2, 3]


class TestEncoderErrors:
    def test_a_batch_that_does_not_fit_is_encoded_in_parts(self, index, monkeypatch):
        make_photos(index.root, 8)
        encode = index.encoder.encode_images

        def encode_few(images):
            if len(images) > 1:
                raise RuntimeError("out of memory")
            return encode(images)

        monkeypatch.setattr(index.encoder, "encode_images", encode_few)
        assert index.run().indexed == 8

    def test_a_photo_that_fails_alone_is_a_failure(self, index, monkeypatch):
        make_photos(index.root, 7)
        make_photo(index.root / "poison.png", color=(1, 2, 3))
        encode = index.encoder.encode_images

        def encode_but_poison(images):
            if (images == (1, 2, 3)).all(axis=(1, 2, 3)).any():
                raise RuntimeError("cannot do this one.\nTraceback and more")
            return encode(images)

        monkeypatch.setattr(index.encoder, "encode_images", encode_but_poison)
        report = index.run()
        assert (report.indexed, report.failed) == (7, 1)
        failure = index.failures()["poison.png"]
        assert (failure.stage, str(failure.reason)) == ("encode", "the model failed: cannot do this one")
        assert failure.retry_at is not None

    def test_no_vector_that_is_not_finite_is_committed(self, index, monkeypatch):
        make_photos(index.root, 3)
        encode = index.encoder.encode_images

        def encode_with_nan(images):
            vectors = encode(images)
            vectors[0, 3] = np.nan
            return vectors

        monkeypatch.setattr(index.encoder, "encode_images", encode_with_nan)
        report = index.run()
        assert report.failed >= 1
        assert report.indexed + report.failed == 3
        with Reader.open(index.library) as reader:
            assert all(np.isfinite(vectors).all() for _, vectors, _ in reader.vectors(index.encoder.model_id))

    def test_an_encoder_that_never_works_ends_the_run(self, index, monkeypatch):
        make_photos(index.root, 20)

        def fail(images):
            raise RuntimeError("the device is gone")

        monkeypatch.setattr(index.encoder, "encode_images", fail)
        with pytest.raises(KnownError, match="tiny cannot run: the device is gone"):
            index.run()
        assert no_index_threads()

    def test_a_bug_in_the_encoder_is_raised_as_it_is(self, index, monkeypatch):
        make_photos(index.root, 3)
        monkeypatch.setattr(index.encoder, "encode_images", lambda images: images.no_such_thing)
        with pytest.raises(AttributeError):
            index.run()
        assert no_index_threads()


class TestStopping:
    def test_cancelled_midway_then_run_again_does_nothing_twice(self, index):
        make_photos(index.root, 20)
        gone = make_photo(index.root / "gone.jpg", seed=77)
        index.run()
        gone.unlink()
        make_photos(index.root / "more", 0)
        for number in range(20):
            make_photo(index.root / "more" / f"{number}.jpg", seed=1000 + number)
        control = Control()
        with pytest.raises(Cancelled):
            index.run(control, on_commit=lambda *batch: control.cancel())
        assert no_index_threads()
        held = index.holds()
        assert 21 < len(held) < 41
        assert "gone.jpg" in held  # an interrupted run removes nothing

        encoded = index.encoder.encoded
        report = index.run()
        assert len(held) + report.indexed == 41
        assert report.removed == 1
        assert len(index.holds()) == 40
        assert index.encoder.encoded - encoded == report.indexed

    def test_an_interrupt_from_the_keyboard_ends_every_thread(self, index):
        make_photos(index.root, 12)

        def interrupt(*batch):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            index.run(on_commit=interrupt)
        assert no_index_threads()
        assert index.holds()

    @pytest.mark.parametrize(
        "place", ["photosearch.index.pipeline.FolderScan", "photosearch.index.pipeline.decode"]
    )
    def test_the_first_error_of_any_stage_is_raised(self, index, monkeypatch, place):
        make_photos(index.root, 3)

        def broken(*args, **kwargs):
            raise ZeroDivisionError

        monkeypatch.setattr(place, broken)
        with pytest.raises(ZeroDivisionError):
            index.run()
        assert no_index_threads()

    def test_a_disk_that_is_full_ends_the_run(self, index, monkeypatch):
        make_photos(index.root, 3)

        def full(self, files, model_id):
            raise KnownError("The disk is full; free some space and index again.")

        monkeypatch.setattr(Writer, "commit", full)
        with pytest.raises(KnownError, match="disk is full"):
            index.run()
        assert no_index_threads()

    def test_pause_holds_everything_until_resumed(self, index):
        make_photos(index.root, 30)
        control = Control()
        states = []
        paused = threading.Event()

        def watch(progress):
            states.append(progress.state)
            if progress.state == "paused":
                paused.set()

        reports = []
        first_batch = threading.Event()

        def pause(*batch):
            if not first_batch.is_set():
                control.pause()
                first_batch.set()

        runner = threading.Thread(
            target=lambda: reports.append(index.run(control, on_progress=watch, on_commit=pause))
        )
        runner.start()
        assert paused.wait(30)
        encoded = index.encoder.encoded
        assert encoded < 30
        assert not reports
        control.resume()
        runner.join(30)
        assert reports[0].indexed == 30
        assert index.encoder.encoded == 30
        assert states[-1] == "idle"


class TestFoldersAway:
    def test_a_missing_folder_is_away_and_keeps_its_photos(self, index):
        make_photos(index.root, 3)
        index.run()
        index.root.rename(index.root.with_name("unplugged"))
        report = index.run()
        assert (report.removed, report.failed) == (0, 0)
        assert index.folders()[0].away
        assert len(index.holds()) == 3

        index.root.with_name("unplugged").rename(index.root)
        report = index.run()
        assert report.unchanged == 3
        assert not index.folders()[0].away

    def test_a_folder_whose_volume_got_another_name_is_here(self, index):
        make_photos(index.root, 1)
        index.run()
        folder = index.folders()[0]
        index.writer.set_away(folder.folder_id, True, "old name")
        assert index.run().unchanged == 1
        assert index.folders()[0] == folder


def test_progress_adds_up(index):
    make_photos(index.root, 6)
    (index.root / "broken.jpg").write_bytes(b"x")
    seen = []
    index.run(on_progress=seen.append)
    assert all(earlier.done <= later.done for earlier, later in itertools.pairwise(seen))
    assert all(progress.done <= progress.total for progress in seen)
    last = seen[-1]
    assert (last.state, last.done, last.total, last.failed) == ("idle", 7, 7, 1)


def test_queries_go_before_every_batch(index):
    make_photos(index.root, 9)
    encoded = []
    index.run(yield_to_queries=lambda: encoded.append(index.encoder.encoded))
    assert len(encoded) >= 3
    assert encoded[0] == 0


def test_a_single_new_photo_does_not_wait_for_a_full_batch(index, monkeypatch):
    monkeypatch.setattr("photosearch.index.encoding.PATIENCE", float("inf"))
    make_photos(index.root, 1)
    index.encoder.batch_size = 1_000
    assert index.run().indexed == 1


def test_a_decoded_photo_waits_for_slow_ones_only_so_long(index, monkeypatch):
    monkeypatch.setattr("photosearch.index.encoding.PATIENCE", 0.0)
    quick, slow = make_photos(index.root, 2)
    index.encoder.batch_size = 1_000
    decode, quick_is_in = index.pool.decode, threading.Event()

    def decode_slowly(path, wanted, watch):
        if path == os.fsencode(slow):
            assert quick_is_in.wait(30)
        return decode(path, wanted, watch)

    index.pool.decode = decode_slowly
    assert index.run(on_commit=lambda *batch: quick_is_in.set()).indexed == 2
    assert quick.exists()


def test_pictures_that_are_too_small_are_left_out_and_come_back(index):
    make_photo(index.root / "icon.png", 1, size=(40, 200))
    make_photo(index.root / "photo.png", 2, size=(80, 60))
    index.writer.set_setting("smallest_edge", "50")
    report = index.run()
    assert (set(index.holds()), report.failed, index.failures()) == ({"photo.png"}, 0, {})
    index.pool.read.clear()
    index.run()
    assert index.pool.read == []  # it is not read again
    index.writer.set_setting("smallest_edge", "61")
    index.run()
    assert (index.holds(), index.pool.read) == ({}, [])  # what is known already goes unread
    index.writer.set_setting("smallest_edge", "0")
    index.writer.retry_in([os.fsencode(index.root)])
    encoded = index.encoder.encoded
    index.run()
    assert set(index.holds()) == {"icon.png", "photo.png"}
    assert index.encoder.encoded == encoded + 1  # the one that was left out from the beginning


def test_a_copy_of_a_picture_that_is_too_small_is_left_out_too(index):
    make_photo(index.root / "a.png", 1, size=(40, 40))
    index.run()
    index.writer.set_setting("smallest_edge", "50")
    (index.root / "b.png").write_bytes((index.root / "a.png").read_bytes())
    index.run()
    assert index.holds() == {}
