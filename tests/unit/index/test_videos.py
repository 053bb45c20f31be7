"""Videos on their way into the library: their frames, what is part of a Live Photo, kills and switches."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch import settings
from photosearch.core.errors import Cancelled
from photosearch.core.progress import Control
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.photos import make_photo
from tests.helpers.tiny_encoder import TinyEncoder
from tests.helpers.videos import make_video, scene
from tests.unit.index.index_under_test import Index

SCRIPT = Path(__file__).with_name("indexing_process.py")


@pytest.fixture
def index(index: Index) -> Index:
    index.writer.set_setting(settings.VIDEOS, settings.YES)
    return index


def frames_of(library: Library, photo_id: int) -> list[tuple[int, bytes]]:
    """When each frame is, to the second, and its vector."""
    with Reader.open(library) as reader:
        found = reader.frame_vectors(TinyEncoder().model_id)
        assert not reader.check()
    of = found.photos == photo_id
    return [
        (round(at_ms, -3), vector.tobytes())
        for at_ms, vector in sorted(zip(found.at_ms[of].tolist(), found.vectors[of], strict=True), key=str)
    ]


def test_copies_are_shown_by_the_shortest_name_whichever_is_read_first(index):
    make_video(index.root / "clip (1).mp4", [scene(1)])
    shutil.copy(index.root / "clip (1).mp4", index.root / "clip.mp4")
    make_photo(index.root / "photo copy.png", 1)
    shutil.copy(index.root / "photo copy.png", index.root / "photo.png")
    report = index.run()
    assert (report.indexed, report.copies) == (2, 2)
    with Reader.open(index.library) as reader:
        shown = {Path(os.fsdecode(path)).name for path in reader.paths().values()}
        assert shown == {"clip.mp4", "photo.png"}
        assert {
            Path(os.fsdecode(photo.path_bytes)).name for photo in reader.photos(list(reader.paths()))
        } == shown
    assert index.run().unchanged == 4


def test_a_video_is_a_photo_with_frames(index):
    make_video(index.root / "clip.mp4", [scene(1), scene(2), scene(3)])
    make_photo(index.root / "photo.png", 1)

    report = index.run()

    assert (report.indexed, report.failed) == (2, 0)
    held = index.holds()
    assert set(held) == {"clip.mp4", "photo.png"}
    with Reader.open(index.library) as reader:
        details = reader.details(held["clip.mp4"])
        thumbnails = reader.frame_thumbnails(held["clip.mp4"])
        ids, seconds = reader.videos()
        (vector,) = next(reader.vectors_of(np.array([held["clip.mp4"]]), index.encoder.model_id)).vectors
        assert reader.details(held["photo.png"]).video is None
    assert details.facts.format == "MP4"
    assert details.video.seconds == pytest.approx(12)
    assert [round(at_ms, -3) for at_ms in details.video.frames] == [0, 4000, 8000]
    assert details.video.poster_ms in details.video.frames
    assert [at_ms for at_ms, _ in thumbnails] == list(details.video.frames)
    assert all(jpeg.startswith(b"\xff\xd8") for _, jpeg in thumbnails)
    assert (ids.tolist(), seconds.tolist()) == ([held["clip.mp4"]], [pytest.approx(12)])
    frames = frames_of(index.library, held["clip.mp4"])
    assert len({vector for _, vector in frames}) == 3
    assert vector.tobytes() in {vector for _, vector in frames}, "the poster's"


def test_nothing_is_done_twice(index):
    make_video(index.root / "clip.mp4")
    index.run()
    encoded = index.encoder.encoded
    index.pool.read.clear()
    index.run()
    assert index.pool.read == []
    shutil.copy(index.root / "clip.mp4", index.root / "copy.mp4")
    (index.root / "clip.mp4").rename(index.root / "other.mp4")
    index.run()
    assert index.encoder.encoded == encoded
    assert len(set(index.holds().values())) == 1


def test_a_video_that_is_switched_off_goes_and_comes_back_unread(index):
    make_video(index.root / "clip.mp4")
    make_photo(index.root / "photo.png", 1)
    index.run()
    before, encoded = index.holds(), index.encoder.encoded

    index.writer.set_setting(settings.VIDEOS, settings.NO)
    assert index.run().removed == 1
    assert set(index.holds()) == {"photo.png"}
    with Reader.open(index.library) as reader:
        assert reader.videos()[0].size == 0

    index.writer.set_setting(settings.VIDEOS, settings.YES)
    index.run()
    assert (index.holds(), index.encoder.encoded) == (before, encoded)


def test_no_video_is_looked_at_unasked(index):
    index.writer.set_setting(settings.VIDEOS, settings.NO)
    make_video(index.root / "clip.mp4")
    assert (index.run().indexed, index.pool.read) == (0, [])


def test_another_model_reads_the_same_frames(index):
    make_video(index.root / "clip.mp4", [scene(1), scene(2), scene(3)])
    index.run()
    (photo_id,) = index.holds().values()
    with Reader.open(index.library) as reader:
        before = reader.video(photo_id)

    index.encoder = type(index.encoder)(dim=48)
    index.run()

    with Reader.open(index.library) as reader:
        assert reader.video(photo_id) == before
        assert len(reader.frame_vectors(index.encoder.model_id).frames) == 3
        assert len(reader.frame_vectors(TinyEncoder().model_id).frames) == 3
    index.writer.forget_model(index.encoder.model_id)
    with Reader.open(index.library) as reader:
        assert len(reader.frame_vectors(index.encoder.model_id).frames) == 0
        assert len(reader.frame_vectors(TinyEncoder().model_id).frames) == 3


def test_frames_of_an_older_program_are_chosen_anew(index):
    make_video(index.root / "clip.mp4", [scene(1), scene(2), scene(3)])
    index.run()
    (photo_id,) = index.holds().values()
    with index.writer._transaction(index.writer._database) as database:
        database.execute("UPDATE videos SET version = 0")
        database.execute("UPDATE frames SET at_ms = at_ms + 500")
    index.run()
    assert [at_ms for at_ms, _ in frames_of(index.library, photo_id)] == [0, 4000, 8000]
    index.pool.read.clear()
    index.run()
    assert index.pool.read == []


def test_a_broken_video_costs_one_failure(index):
    (index.root / "broken.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(5000))
    make_video(index.root / "clip.mp4")
    report = index.run()
    assert (report.indexed, report.failed) == (1, 1)
    assert str(index.failures()["broken.mp4"].reason) == "the file is damaged"
    index.pool.read.clear()
    index.run()
    assert index.pool.read == []


class TestLivePhotos:
    """A photo, and beside it what moved."""

    def test_the_video_is_not_shown_twice(self, index):
        make_photo(index.root / "IMG_1.JPG", 1)
        make_video(index.root / "IMG_1.mov", [scene(1)], seconds_each=3)
        make_video(index.root / "IMG_2.mov", [scene(2)], seconds_each=3)
        make_photo(index.root / "IMG_3.heic.jpg", 3)
        make_video(index.root / "IMG_4.mov", [scene(4)], seconds_each=8)
        make_photo(index.root / "IMG_4.jpg", 4)

        report = index.run()

        assert set(index.holds()) == {"IMG_1.JPG", "IMG_2.mov", "IMG_3.heic.jpg", "IMG_4.jpg", "IMG_4.mov"}
        assert (report.failed, index.failures()) == (0, {})
        index.pool.read.clear()
        index.run()
        assert index.pool.read == []

    def test_one_that_says_so_may_be_longer(self, index):
        make_photo(index.root / "IMG_1.jpg", 1)
        said = {"com.apple.quicktime.content.identifier": "0B1C"}
        make_video(index.root / "IMG_1.mov", [scene(1)], seconds_each=6, metadata=said)
        index.run()
        assert set(index.holds()) == {"IMG_1.jpg"}

    def test_it_goes_when_its_photo_comes_later_and_stays_when_that_goes(self, index):
        make_video(index.root / "IMG_1.mov", [scene(1)], seconds_each=3)
        index.run()
        assert set(index.holds()) == {"IMG_1.mov"}
        encoded = index.encoder.encoded

        make_photo(index.root / "IMG_1.jpg", 1)
        index.run()
        assert set(index.holds()) == {"IMG_1.jpg"}

        (index.root / "IMG_1.jpg").unlink()
        index.run()
        assert set(index.holds()) == {"IMG_1.mov"}
        assert index.encoder.encoded == encoded + 1, "of the photo alone"

    def test_a_photo_with_a_video_in_it_is_a_photo(self, index):
        photo = make_photo(index.root / "motion.jpg", 1)
        clip = make_video(index.root / "clip.mp4", [scene(1)])
        photo.write_bytes(photo.read_bytes() + clip.read_bytes())
        clip.unlink()
        assert index.run().failed == 0
        (photo_id,) = index.holds().values()
        with Reader.open(index.library) as reader:
            assert reader.details(photo_id).video is None
            assert reader.damaged() == []


def test_a_run_that_is_cancelled_in_a_video_goes_on_with_the_next(index):
    make_video(index.root / "clip.mp4", [scene(seed) for seed in range(6)])
    control = Control()
    encode, index.encoder.batch_size = index.encoder.encode_images, 1

    def cancelling(images):
        control.cancel()
        return encode(images)

    index.encoder.encode_images = cancelling
    with pytest.raises(Cancelled):
        index.run(control)
    assert index.holds() == {}
    index.encoder.encode_images = encode
    assert index.run().indexed == 1
    (photo_id,) = index.holds().values()
    assert len(frames_of(index.library, photo_id)) == 6


def test_it_is_killed_in_the_middle_and_run_again(index, tmp_path):
    for number in range(4):
        make_video(index.root / f"{number}.mp4", [scene(10 * number + each) for each in range(6)])
    interrupted = Library(tmp_path / "interrupted")
    with Writer.open(interrupted) as writer:
        writer.set_setting(settings.VIDEOS, settings.YES)

    def start() -> subprocess.Popen:
        arguments = [sys.executable, SCRIPT, index.root, interrupted.root, tmp_path / "log"]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)

    killed = start()
    for _ in range(2):  # one batch was encoded, the next has begun
        assert killed.stdout.readline()
    killed.kill()
    killed.communicate()
    finished = start()
    finished.communicate(timeout=120)
    assert finished.returncode == 0
    index.run()

    def found(library: Library) -> set[tuple[bytes, int, bytes]]:
        with Reader.open(library) as reader:
            assert not reader.check()
            vectors = reader.frame_vectors(TinyEncoder().model_id)
            names = {photo_id: os.path.basename(path) for photo_id, path in reader.paths().items()}  # noqa: PTH119
        return {
            (names[photo_id], at_ms, vector.tobytes())
            for photo_id, at_ms, vector in zip(
                vectors.photos.tolist(), vectors.at_ms.tolist(), vectors.vectors, strict=True
            )
        }

    assert found(interrupted) == found(index.library)
    assert len(found(interrupted)) == 4 * 6


def test_a_video_that_is_dark_all_through_has_one_frame(index):
    make_video(index.root / "clip.mp4", [Image.new("RGB", (160, 90), "black")])
    index.run()
    (photo_id,) = index.holds().values()
    assert len(frames_of(index.library, photo_id)) == 1
