"""The engine as a process: found over its socket, killed, started again, ended."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from photosearch.core import messages, search_messages
from photosearch.core.errors import KnownError
from photosearch.engine.client import EXIT_LIBRARY_IN_USE, Client
from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.photos import make_photo
from tests.helpers.processes import PATIENCE, children, client_of, start, wait_for
from tests.helpers.runtimes import RUNTIMES


@pytest.fixture
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    copy_to_run(getattr(request, "param", RUNTIMES[0]), library.models / "tiny")
    return library


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(60):
        make_photo(folder / f"{seed}.jpg", seed)
    return folder


@contextmanager
def engine(library: Library, *more: str) -> Iterator["subprocess.Popen[str]"]:
    process = start("photosearch.engine", "--library", library.root, "--model", "tiny", *more)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=PATIENCE)[1]


@pytest.mark.parametrize("library", RUNTIMES, indirect=True)
def test_faces_search_while_it_indexes_and_a_second_engine_is_refused(library: Library, photos: Path) -> None:
    with (
        engine(library) as process,
        client_of(library, process) as first,
        client_of(library, process) as second,
    ):
        events = first.events()
        first.call(messages.AddFolder(os.fsencode(photos)))
        for event in events:
            if isinstance(event, messages.PhotosChanged) and event.photos:
                break
        assert first.call(search_messages.Search("a cat", 1)).hits
        assert second.call(search_messages.Search("a dog", 1)).hits
        report = second.call(messages.Index([os.fsencode(photos)])).report
        assert report.indexed + report.unchanged == 60

        other = start("photosearch.engine", "--library", library.root)
        _, errors = other.communicate(timeout=PATIENCE)
        assert other.returncode == EXIT_LIBRARY_IN_USE
        assert "A window of PhotoSearch, which may be in the tray" in errors

        decoders = children(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert gone(decoders)
        assert not library.engine_key.exists()
        with pytest.raises(KnownError, match="stopped"):
            first.call(messages.GetStatus())


def test_a_killed_engine_leaves_a_library_that_the_next_one_finishes(library: Library, photos: Path) -> None:
    with engine(library) as process, client_of(library, process) as client:
        events = client.events()
        client.call(messages.AddFolder(os.fsencode(photos)))
        for event in events:
            if isinstance(event, messages.PhotosChanged) and event.photos:
                break
        decoders = children(process)
        process.kill()
        process.wait(PATIENCE)
        assert gone(decoders)
    assert library.engine_key.exists()
    assert Client.connect(library) is None  # the key is stale
    with engine(library) as process, client_of(library, process) as client:
        before = client.call(messages.GetStatus()).photos
        report = client.call(messages.Index([os.fsencode(photos)])).report
        assert before > 0
        assert report.indexed <= 60 - before  # what is left, or less where the rescan at start had begun it
        assert client.call(messages.GetStatus()).searchable == 60
        assert client.call(messages.Shutdown()) == messages.Done()
        assert process.wait(PATIENCE) == 0


if sys.platform == "linux":  # which says what threads a process has, and lets one of them be chosen

    def test_a_signal_that_another_thread_is_given_ends_it_too(library: Library) -> None:
        with engine(library) as process, client_of(library, process) as client:
            assert client.call(messages.GetStatus()).photos == 0
            *_, another = (thread.id for thread in psutil.Process(process.pid).threads())
            assert another != process.pid
            assert ctypes.CDLL(None).tgkill(process.pid, another, signal.SIGTERM) == 0
            assert process.wait(PATIENCE) == 0


def test_a_face_starts_the_engine_and_it_leaves_after_the_last_face(library: Library) -> None:
    with Client.connect_or_start(library, "tiny") as one, Client.connect_or_start(library) as other:
        assert one.call(messages.GetStatus()).model == other.call(messages.GetStatus()).model
        one.call(messages.Shutdown())
        wait_for(lambda: not library.engine_key.exists())
        assert other.call(messages.GetStatus()).model  # it was started again
        other.call(messages.Shutdown())
    wait_for(lambda: not library.engine_key.exists())
    with engine(library, "--linger", "0.1") as process:
        client_of(library, process).close()
        assert process.wait(PATIENCE) == 0


def test_what_keeps_an_engine_from_starting_is_said(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    with pytest.raises(KnownError, match="no model 'nope'") as refused:
        Client.connect_or_start(library, "nope")
    assert refused.value.sentence.values["name"] == "'nope'", "its template and values, to be translated"
    (tmp_path / "file").touch()
    with pytest.raises(KnownError, match="file"):
        Client.connect_or_start(Library(tmp_path / "file"))
