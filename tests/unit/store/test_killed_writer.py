"""A writer killed at any point leaves a sound library that holds all that it reported."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch.core.query import Favourite, Says
from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.library import MODEL, indexed_file

ROOT = Path(__file__).parents[3]


def test_kill_in_the_middle_of_commits(tmp_path: Path) -> None:
    library = Library(tmp_path)
    reported: set[int] = set()
    for life in range(5):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.commit_forever", str(tmp_path), str(life * 1_000_000)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(random.uniform(0.0, 0.05))
            child.kill()
            reported.update(life * 1_000_000 + seed for seed in range(4))
            lines = [line for line in child.stdout if line.endswith("\n")]
            reported.update(int(seed) for line in lines for seed in line.split())
        with Reader.open(library) as reader:
            assert reader.check() == []
            (folder,) = reader.folders()
            stamps = reader.stamps(folder.folder_id)
            assert {b"/photos/%d.jpg" % seed for seed in reported} <= stamps.keys()
            for path, stamp in stamps.items():
                seed = int(path.removeprefix(b"/photos/").removesuffix(b".jpg"))
                assert stamp.photo_id is not None
                assert reader.photo_id(indexed_file(seed, folder_id=1).content_hash) == stamp.photo_id
                assert reader.has_vector(stamp.photo_id, MODEL)
                assert reader.thumbnail(stamp.photo_id) == b"%d" % seed * 2000


def test_kill_in_the_middle_of_notes(tmp_path: Path) -> None:
    for life in ("first", "second", "third"):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.note_forever", str(tmp_path), life],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(random.uniform(0.0, 0.05))
            child.kill()
            last = max([0, *(int(line) for line in child.stdout if line.endswith("\n"))])
        with Reader.open(Library(tmp_path)) as reader:
            assert reader.check() == []
            captions = {(caption.photo_id, caption.text) for caption in reader.captions()}
            # What is shown is what is found, and each import is there whole or not at all.
            for photo_id, text in captions:
                assert photo_id in reader.matching([Says(phrase=text)])
            assert (last % 20 + 1, f"{life} step {last}") in captions
            found = reader.matching([Says(phrase=f"{life} import {last}")])
            assert len(found) == 20 - len(reader.matching([Says(phrase="step")]))
            assert len(reader.matching([Favourite()])) in (0, 20)
            (album,) = [album for album in reader.albums() if album.name == life]
            assert album.photos >= min(last + 1, 20)
            (live,) = reader.live_albums()
            assert live.photos in (5, 15)  # as it was filled, never with half of it
