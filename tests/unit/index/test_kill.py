"""A process killed in the middle of indexing, and run again."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.photos import make_photo
from tests.helpers.tiny_encoder import TinyEncoder

SCRIPT = Path(__file__).with_name("indexing_process.py")
PHOTOS = 30


def start(photos: Path, library: Path, log: Path) -> subprocess.Popen:
    arguments = [sys.executable, SCRIPT, photos, library, log]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def vectors(library: Path) -> dict[str, bytes]:
    """File name -> its photo's vector."""
    model_id = TinyEncoder().model_id
    with Reader.open(Library(library)) as reader:
        assert not reader.check()
        by_id = {
            int(photo_id): vector.tobytes()
            for ids, chunk, _ in reader.vectors(model_id)
            for photo_id, vector in zip(ids, chunk, strict=True)
        }
        [folder] = reader.folders()
        stamps = reader.stamps(folder.folder_id)
    return {path.decode(): by_id[stamp.photo_id] for path, stamp in stamps.items()}


def test_killed_runs_are_finished_by_the_next_with_nothing_lost_and_nothing_done_twice(tmp_path):
    photos, library, log = tmp_path / "photos", tmp_path / "library", tmp_path / "log"
    photos.mkdir()
    for number in range(PHOTOS):
        make_photo(photos / f"{number}.jpg", seed=number)

    kills_after = [1, 4, 3]  # lines of output: before the first commit, between two, in the middle of one
    for lines in kills_after:
        killed = start(photos, library, log)
        for _ in range(lines):
            assert killed.stdout.readline()
        killed.kill()
        killed.communicate()
    finished = start(photos, library, log)
    output, _ = finished.communicate(timeout=120)
    assert finished.returncode == 0
    _, indexed, unchanged = output.splitlines()[-1].split()
    assert int(indexed) + int(unchanged) == PHOTOS

    whole = start(photos, tmp_path / "other library", tmp_path / "other log")
    whole.communicate(timeout=120)
    assert vectors(library) == vectors(tmp_path / "other library")
    assert len(vectors(library)) == PHOTOS

    encoded = Counter(log.read_text().split())
    assert len(encoded) == PHOTOS
    assert encoded.total() <= PHOTOS + TinyEncoder.batch_size * len(kills_after)
