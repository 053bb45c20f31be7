"""Commands where nothing can be written: reading never needs to."""

import errno
import os
from pathlib import Path

import pytest

from photosearch.cli import main
from photosearch.core import note_messages
from photosearch.engine import endpoint
from photosearch.engine.service import Engine
from photosearch.paths import Library
from photosearch.store.connect import NotWritable
from photosearch.store.vectors import VectorFile
from photosearch.store.writer import Writer
from tests.helpers.colour_library import make_colour_library
from tests.helpers.colour_model import MODEL, load_colours
from tests.helpers.engine import refusal, search


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    make_colour_library(library, 6, captioned=3)
    return library


def test_a_library_that_cannot_be_written_is_read(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    why = NotWritable("It is read-only.")

    def refuse(*_: object) -> Writer:
        raise why

    monkeypatch.setattr(Writer, "open", refuse)
    at = ("--library", str(library.root))
    assert main(["status", *at]) == 0
    assert "photos    6" in capsys.readouterr().out
    assert main(["captions", "export", str(tmp_path / "out.csv"), *at]) == 0
    assert main(["backup", str(tmp_path / "copy"), *at]) == 0
    capsys.readouterr()
    assert main(["caption", "set", "/photos/0-black", "x", *at]) == 1
    assert capsys.readouterr().err == "photosearch: It is read-only.\n"
    monkeypatch.setattr(VectorFile, "open", refuse)
    with Engine(library, MODEL, background=False, only_reads=why, load=load_colours) as engine:
        assert search(engine, "red").hits[0].path.endswith("red")
        assert refusal(engine, note_messages.SetCaption((1,), "x")) == "It is read-only."


def test_a_full_disk_keeps_nobody_from_reading(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(endpoint, "publish", full)
    before = {path for path in library.root.rglob("*") if path.is_file()}
    at = ("--library", str(library.root))
    for _ in range(2):
        assert main(["status", *at]) == 0
        assert main(["captions", "export", str(tmp_path / "out.csv"), *at]) == 0
        assert main(["caption", "set", "/photos/0-black", "x", *at]) == 1
        assert "is full" in capsys.readouterr().err
    left = {path.name for path in library.root.rglob("*") if path.is_file() and path not in before}
    assert {name for name in left if "sqlite3" not in name} <= {"engine.lock", "command-line.log"}


def test_a_key_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        endpoint.publish(library, endpoint.Endpoint("nowhere", b"key"))
    assert os.listdir(tmp_path) == []
