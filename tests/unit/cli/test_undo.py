"""photosearch undo and redo."""

import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from photosearch import cli
from photosearch.core.history_messages import RecordTrash, TrashedFile
from photosearch.engine.client import Client
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.gui.desktop import system_trash
from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.photos import make_photo

Run = Callable[..., str]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """One with an engine, and two photos."""
    library = Library(tmp_path / "library")
    describe_model(library)
    (tmp_path / "photos").mkdir()
    for color in ("red", "blue"):
        make_photo(tmp_path / "photos" / f"{color}.png", color=color)
    with Engine(library, MODEL, background=False, load=load_colours) as engine, Server(library, engine):
        assert cli.main(["index", "-q", str(tmp_path / "photos"), "--library", str(library.root)]) == 0
        yield library


@pytest.fixture
def run(library: Library, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path, code: int = 0) -> str:
        assert cli.main([*map(str, arguments), "--library", str(library.root)]) == code
        told = capsys.readouterr()
        return told.err if code else told.out

    return run


def in_json(run: Run, *arguments: str, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code))


def test_what_was_done_is_said_in_the_language_of_the_terminal(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run("undo", "--list") == "没有可撤销的操作。\n"
    run("rate", "5", tmp_path / "photos" / "red.png")
    assert run("undo").startswith("已撤销：")
    assert run("redo").startswith("已重做：")
    assert run("words").startswith("还没有自定义词语")
    sheet = tmp_path / "sheet.jpg"
    assert run("search", "red", "--sheet", sheet).splitlines()[-1] == f"缩略图总览：{sheet}"


def test_a_change_is_taken_back_and_made_again_in_words(run: Run, tmp_path: Path) -> None:
    red, blue = tmp_path / "photos" / "red.png", tmp_path / "photos" / "blue.png"
    assert "There is nothing to undo." in run("undo", code=1)
    assert run("undo", "--list") == "There is nothing to undo.\n"
    run("rate", "5", red, blue)
    run("album", "add", "Best", red)
    assert [change["says"] for change in in_json(run, "undo", "--list")["changes"]] == [
        "New album “Best”",
        "5 stars for 2 photos",
    ]
    assert run("undo") == "Undone: New album “Best”\n"
    assert run("undo", "--list").endswith("  5 stars for 2 photos\n")
    assert in_json(run, "undo") == {"undone": "5 stars for 2 photos", "kept": 0, "files": 0}
    assert run("redo") == "Redone: 5 stars for 2 photos\n"
    assert len(run("search", "rating:5", "--paths").splitlines()) == 2
    assert in_json(run, "redo") == {"redone": "New album “Best”", "kept": 0, "files": 0}
    assert in_json(run, "album")["albums"] == [{"name": "Best", "photos": 1}]
    assert "There is nothing to redo." in run("redo", code=1)


def test_files_come_back_from_the_trash_and_go_there_again(
    run: Run, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    red, lying = tmp_path / "photos" / "red.png", tmp_path / "Trash" / "files" / "red.png"
    lying.parent.mkdir(parents=True)

    def send(path: bytes) -> bytes:
        os.rename(path, lying)  # noqa: PTH104  (bytes)
        return bytes(lying)

    def refuse(path: bytes) -> bytes:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(system_trash, "send_to_trash", send)
    trashed = TrashedFile(bytes(red), send(bytes(red)))
    with Client.connect(library) as client:  # type: ignore[union-attr]
        client.call(RecordTrash((trashed,), 1))
    run("index", red.parent)
    assert in_json(run, "undo") == {"undone": "1 photo moved to the trash", "kept": 0, "files": 1}
    assert red.exists() and not lying.exists()
    with Reader.open(library) as reader:
        assert reader.photo_at(bytes(red)) is not None  # it was looked at, too
    monkeypatch.setattr(system_trash, "send_to_trash", refuse)
    assert "red.png stays where it is" in run("redo", code=1)
    monkeypatch.setattr(system_trash, "send_to_trash", send)
    assert run("redo") == "Redone: 1 photo moved to the trash\n"  # it could be redone still
    assert lying.exists() and not red.exists()
    red.write_bytes(b"another one")
    assert "red.png was not put back: File exists" in run("undo", code=1)
    assert red.read_bytes() == b"another one"
    red.unlink()
    assert run("undo") == "Undone: 1 photo moved to the trash\n"  # it could be undone still
