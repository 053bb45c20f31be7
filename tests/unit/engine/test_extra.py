"""Fetching packages by the real pip, from tiny wheels of the tests'."""

import hashlib
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import installer
from photosearch import programs
from photosearch.core.errors import KnownError
from photosearch.core.extra_messages import (
    AddExtra,
    Extra,
    ExtraChanged,
    FetchProgress,
    GetExtra,
    RemoveExtra,
    StopExtra,
)
from photosearch.core.messages import Problem
from photosearch.core.model_messages import Adding, GetModels, StopAdding
from photosearch.decode import video_kind
from photosearch.engine.pip import ENDED
from photosearch.engine.service import Engine
from photosearch.engine.wheels import Wheel, download
from photosearch.extras import GPU, VIDEO
from photosearch.models.offers import known_models
from photosearch.paths import Library
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.engine import ask, refusal
from tests.helpers.heard import Heard
from tests.helpers.processes import PATIENCE, wait_for
from tests.helpers.wheels import SlowIndex, fetch_from_wheels, make_wheel

SIZE = 100_000  # bytes of a wheel that are more than what lies in pipes


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return fetch_from_wheels(tmp_path, monkeypatch)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    describe_model(library)
    return library


@pytest.fixture
def engine(library: Library, wheels: Path) -> Iterator[Engine]:
    with Engine(library, MODEL, background=False, load=load_colours) as engine:
        yield engine


def fetched(engine: Engine) -> Extra:
    """How fetching ended."""
    ask(engine, AddExtra())
    wait_for(lambda: state(engine).phase != "changing")
    return state(engine)


def state(engine: Engine) -> Extra:
    found: Extra = ask(engine, GetExtra()).extra
    return found


@pytest.fixture
def slow(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowIndex]:
    """A wheel that is never downloaded to its end, until the index is told to go on."""
    make_wheel(wheels, "torch_of_the_test", "2.5", code=f"# {SIZE * ' '}")
    with SlowIndex(wheels) as index:
        monkeypatch.setenv("PIP_FIND_LINKS", index.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield index


def downloading(engine: Engine, index: SlowIndex) -> psutil.Process:
    """Begin, and wait until it is amid a download."""
    ask(engine, AddExtra())
    assert index.asked.wait(PATIENCE)
    wait_for(lambda: (state(engine).progress or FetchProgress("finding")).stage == "downloading")
    (child,) = (one for one in psutil.Process().children() if "photosearch.engine.wheels" in one.cmdline())
    return child


def folders() -> list[str]:
    return [path.name for path in GPU.folder().parent.iterdir() if path.is_dir()]


@pytest.fixture(params=["by pip", "frozen"])
def installed_by(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen, one executable is all programs, as installer/program.py has it."""
    if request.param == "frozen":
        program = Path(installer.__file__).with_name("program.py")
        executable = tmp_path / "photosearch"
        executable.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n')
        executable.chmod(0o700)
        monkeypatch.setattr(programs, "FROZEN", True)
        monkeypatch.setattr(sys, "executable", str(executable))


@pytest.mark.skipif(sys.platform == "win32", reason="the executable of the test is a script")
@pytest.mark.usefixtures("installed_by")
def test_what_is_asked_for_is_fetched_and_used(engine: Engine, wheels: Path) -> None:
    make_wheel(wheels, "torch_of_the_test", "2.5", needs="its_helper")
    make_wheel(wheels, "its_helper", "1.0")
    make_wheel(wheels, "numpy", "99.0")
    assert state(engine) == Extra("missing")
    assert fetched(engine) == Extra("fetched", "2.5")
    # What is installed is neither fetched again nor changed.
    assert {path.stem for path in GPU.folder().glob("*.py")} == {"torch_of_the_test", "its_helper"}
    assert folders() == [GPU.folder().name]
    assert refusal(engine, AddExtra()) == "Torch is here already."


def test_what_reads_videos_is_fetched_beside_it_and_read_by_at_once(
    engine: Engine, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    make_wheel(wheels, "pyav_of_the_test", "18.1")
    assert not video_kind.can_be_read()
    ask(engine, AddExtra(name=VIDEO.name))
    wait_for(lambda: ask(engine, GetExtra(VIDEO.name)).extra == Extra("fetched", "18.1", name="video"))
    assert video_kind.can_be_read()
    assert state(engine) == Extra("missing")  # torch
    ask(engine, RemoveExtra(VIDEO.name))
    wait_for(lambda: ask(engine, GetExtra(VIDEO.name)).extra == Extra("missing", name="video"))
    assert not video_kind.can_be_read()
    assert refusal(engine, AddExtra(name="others")) == "There is no extra others."


def test_it_is_removed_without_a_trace(engine: Engine, wheels: Path) -> None:
    make_wheel(wheels, "torch_of_the_test", "2.5")
    fetched(engine)
    ask(engine, RemoveExtra())
    wait_for(lambda: state(engine) == Extra("missing"))
    assert not folders()


def test_a_failure_is_one_sentence_and_can_be_tried_again(engine: Engine, wheels: Path) -> None:
    make_wheel(wheels, "torch_of_the_test", "1.0")  # too old
    heard = Heard()
    engine.subscribe(heard)
    failed = fetched(engine)
    assert failed.phase == "missing"
    assert failed.sentence
    heard.until(Problem(failed.sentence))
    assert str(failed.sentence) == (
        "Torch could not be fetched (Could not find a version that satisfies the requirement "
        "torch_of_the_test>=2 (from versions: 1.0)); try again, and it goes on where it was."
    )
    make_wheel(wheels, "torch_of_the_test", "2.5")
    assert fetched(engine) == Extra("fetched", "2.5")


def test_what_cannot_be_deleted_is_named(engine: Engine, wheels: Path) -> None:
    make_wheel(wheels, "torch_of_the_test", "2.5")
    fetched(engine)
    everything = GPU.folder().parent.rename(GPU.folder().parent.with_name("elsewhere"))
    GPU.folder().parent.write_text("in its place")
    ask(engine, RemoveExtra())
    wait_for(lambda: state(engine).phase != "changing")
    assert str(state(engine).sentence).startswith(f"What was fetched in {GPU.folder()} cannot be deleted (")
    GPU.folder().parent.unlink()
    everything.rename(GPU.folder().parent)
    assert state(engine).version == "2.5"


def test_how_far_it_is_is_told(engine: Engine, slow: SlowIndex) -> None:
    heard = Heard()
    engine.subscribe(heard)
    downloading(engine, slow)
    assert refusal(engine, AddExtra()).startswith("Torch is being fetched or removed")
    assert refusal(engine, RemoveExtra()).startswith("Torch is being fetched or removed")
    slow.go_on.set()
    heard.until(ExtraChanged(Extra("fetched", "2.5")))


def test_to_stop_it_leaves_nothing(engine: Engine, slow: SlowIndex) -> None:
    child = downloading(engine, slow)
    ask(engine, StopExtra())
    assert not child.is_running()
    assert state(engine) == Extra("missing")
    assert not folders()


def test_one_that_was_killed_is_never_used_and_goes_on_where_it_was(engine: Engine, slow: SlowIndex) -> None:
    child = downloading(engine, slow)
    hidden = next(GPU.folder().parent.glob(".*/scratch")).parent
    make_wheel(hidden / "packages", "torch_of_the_test", "2.5")
    (wheel,) = slow.folder.glob("*.whl")
    half = wheel.stat().st_size // 2
    part = hidden / "wheels" / f"{wheel.name}.part"
    wait_for(lambda: part.exists() and part.stat().st_size == half)
    child.kill()
    wait_for(lambda: state(engine).phase == "missing")
    assert "could not be fetched" in str(state(engine).sentence)
    slow.go_on.set()
    assert fetched(engine) == Extra("fetched", "2.5")
    assert slow.ranges == [None, half]
    assert folders() == [GPU.folder().name]
    assert not list(GPU.folder().glob("*.whl"))


def test_what_is_not_what_its_checksum_says_is_thrown_away(engine: Engine, slow: SlowIndex) -> None:
    slow.go_on.set()
    slow.wrong = b"something else"
    assert "what came of torch_of_the_test is not what its checksum says" in str(fetched(engine).sentence)
    slow.wrong = None
    assert fetched(engine) == Extra("fetched", "2.5")


def test_nothing_is_downloaded_where_there_is_no_room_for_it(
    tmp_path: Path, slow: SlowIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    wanted = Wheel("torch_of_the_test", f"{slow.address}torch_of_the_test-2.5-py3-none-any.whl", "")
    with pytest.raises(KnownError, match="GB more on the disk of"):
        download([wanted], tmp_path / "here", lambda _: None)
    assert slow.ranges == []


def test_an_index_need_not_tell_sizes(tmp_path: Path, slow: SlowIndex) -> None:
    slow.go_on.set()
    slow.tells_sizes = False
    (wheel,) = slow.folder.glob("*.whl")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    download(
        [Wheel("torch_of_the_test", slow.address + wheel.name, sha256)], tmp_path / "here", lambda _: None
    )
    assert (tmp_path / "here" / wheel.name).read_bytes() == wheel.read_bytes()


def test_offline_it_says_how_the_files_are_brought(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:  # listens
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_RETRIES", "1")
        said = str(fetched(engine).sentence)
    assert "--dest FOLDER 'torch_of_the_test>=2' 'numpy'; then here photosearch extras add gpu --from" in said


def test_the_end_of_the_engine_ends_it(library: Library, slow: SlowIndex) -> None:
    with Engine(library, MODEL, background=False, load=load_colours) as engine:
        child = downloading(engine, slow)
    assert not child.is_running()
    with Engine(library, MODEL, background=False, load=load_colours) as engine:
        assert state(engine) == Extra("missing")  # nothing goes on unasked


def test_pip_ends_with_an_engine_that_is_killed(slow: SlowIndex) -> None:
    command = [sys.executable, "-m", "photosearch.engine.pip", "install", "--target", "there"]
    command += ["torch_of_the_test"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=slow.folder) as pip:
        assert slow.asked.wait(PATIENCE)
        pip.communicate(timeout=PATIENCE)  # closes its stdin
    assert pip.returncode == ENDED


LATER = "makers/strong"


@pytest.fixture
def getting(library: Library, wheels: Path) -> Iterator[Engine]:
    """An engine whose trainer is never done."""
    patient = 'print(\'{"event": "stage", "stage": "fetching", "done": 3, "total": 9}\', flush=True); input()'
    trainer = (sys.executable, "-c", patient)
    with Engine(library, MODEL, background=False, load=load_colours, trainer=trainer) as engine:
        yield engine


def adding(engine: Engine) -> Adding:
    found: Adding = ask(engine, GetModels()).adding
    return found


def test_a_model_that_it_is_fetched_for_is_got_by_itself(getting: Engine, slow: SlowIndex) -> None:
    ask(getting, AddExtra(model_bytes=LATER.encode()))
    assert slow.asked.wait(PATIENCE)
    assert (state(getting).model, adding(getting)) == (LATER, Adding())
    slow.go_on.set()
    wait_for(lambda: adding(getting).done == 3)
    assert (adding(getting).source, state(getting)) == (LATER, Extra("fetched", "2.5"))


def test_where_the_engine_ends_first_or_it_fails_the_model_is_kept_as_one_that_is_paused(
    library: Library, wheels: Path, slow: SlowIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Engine(library, MODEL, background=False, load=load_colours) as engine:
        ask(engine, AddExtra(model_bytes=LATER.encode()))
        assert slow.asked.wait(PATIENCE)
    with Engine(library, MODEL, background=False, load=load_colours) as engine:
        assert adding(engine) == Adding("paused", LATER)
        ask(engine, StopAdding(LATER))
        monkeypatch.setenv("PIP_FIND_LINKS", str(wheels.parent / "nowhere"))
        known = known_models()[0]
        ask(engine, AddExtra(model_bytes=known.source.encode()))
        wait_for(lambda: state(engine).sentence is not None)
        wait_for(lambda: adding(engine) == Adding("paused", known.source, total=known.download_bytes))


def test_to_stop_it_takes_the_wish_for_the_model_back(getting: Engine, slow: SlowIndex) -> None:
    ask(getting, AddExtra(model_bytes=LATER.encode()))
    assert slow.asked.wait(PATIENCE)
    ask(getting, StopExtra())
    assert (state(getting), adding(getting)) == (Extra("missing"), Adding())


def test_another_engine_does_not_fetch_it_too(engine: Engine, slow: SlowIndex, tmp_path: Path) -> None:
    downloading(engine, slow)
    other = Library(tmp_path / "other")
    describe_model(other)
    with Engine(other, MODEL, background=False, load=load_colours) as second:
        failed = fetched(second)
    assert str(failed.sentence) == "Another PhotoSearch is fetching torch; wait until it has finished."
