"""photosearch videos, and what other commands say of videos"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.core import messages
from photosearch.engine.server import Server
from photosearch.paths import Library
from tests.helpers.colour_model import describe_model
from tests.helpers.engine import ask, engine_of
from tests.helpers.photos import picture
from tests.helpers.videos import make_video, scene


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """With a photo and two videos, which are not read yet; served by an engine."""
    library, folder = Library(tmp_path / "library"), tmp_path / "photos"
    folder.mkdir()
    picture(1, (320, 240)).save(folder / "1.png")
    make_video(folder / "short.mp4", [scene(1)], seconds_each=5)
    make_video(folder / "long.mp4", [scene(2), scene(3), scene(4)], seconds_each=5)
    describe_model(library)
    with engine_of(library) as engine, Server(library, engine):
        ask(engine, messages.Index([os.fsencode(folder)]))
        yield library


def said(capsys: pytest.CaptureFixture[str], library: Library, *arguments: str, code: int = 0) -> str:
    assert cli.main([*arguments, "--library", os.fspath(library.root)]) == code
    return capsys.readouterr().out


def test_off_on_and_off_again(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    folder = library.root.parent / "photos"
    assert json.loads(said(capsys, library, "videos", "--json")) == {
        "videos": "off",
        "installed": True,
        "count": 0,
        "seconds": 0.0,
        "frames": 0,
        "failed": 0,
    }
    assert "off" in said(capsys, library, "videos")
    assert said(capsys, library, "videos", "list", code=1) == ""

    assert "Indexed 2 photos" in said(capsys, library, "videos", "on")

    told = json.loads(said(capsys, library, "videos", "status", "--json"))
    assert (told["videos"], told["count"], told["frames"]) == ("on", 2, 4)
    assert told["seconds"] == pytest.approx(20, abs=0.5)
    assert "2 videos, 20.0 s in all" in said(capsys, library, "videos")
    lines = said(capsys, library, "videos", "list").splitlines()
    assert [line.split() for line in lines] == [
        ["0:15", os.fspath(folder / "long.mp4")],
        ["0:05", os.fspath(folder / "short.mp4")],
    ]
    listed = json.loads(said(capsys, library, "videos", "list", "--json"))["videos"]
    assert [Path(row["path"]).name for row in listed] == ["long.mp4", "short.mp4"]

    said(capsys, library, "videos", "off")
    assert json.loads(said(capsys, library, "videos", "--json"))["count"] == 0
    back = said(capsys, library, "videos", "on")
    assert "2 videos. Indexed 0 photos" in back
    assert "1 unchanged, 2 back that were known before." in back


def test_what_other_commands_say(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, library, "videos", "on", "--json")
    long = library.root.parent / "photos" / "long.mp4"
    hits = json.loads(said(capsys, library, "search", "red type:video", "--json"))["hits"]
    assert {Path(hit["path"]).name for hit in hits} == {"long.mp4", "short.mp4"}
    of_long = next(hit for hit in hits if hit["path"] == os.fspath(long))
    assert round(of_long["at_seconds"]) in (0, 5, 10)
    lines = said(capsys, library, "search", "red", "length:>10s").splitlines()
    assert len(lines) == 1 and "(at 0:" in lines[0]
    assert "length    0:15" in said(capsys, library, "info", os.fspath(long))
    (info,) = json.loads(said(capsys, library, "info", os.fspath(long), "--json"))["photos"]
    assert info["seconds"] == pytest.approx(15, abs=0.3)


def test_all_that_cannot_be_read_are_counted(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    folder = library.root.parent / "photos"
    (folder / "a.mp4").write_bytes(b"no video")
    assert "and 1 file cannot be read" in said(capsys, library, "videos", "on")
    (folder / "b.mp4").write_bytes(b"neither")
    assert "and 2 files cannot be read" in said(capsys, library, "videos", "on")
    assert json.loads(said(capsys, library, "videos", "on", "--json"))["failed"] == 2


def test_a_program_without_the_extra_leaves_them_off(
    library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.decode.video_kind.can_be_read", lambda: False)
    assert cli.main(["videos", "on", "--library", os.fspath(library.root)]) == 1
    assert "photosearch extras add video" in capsys.readouterr().err
    assert "missing" in said(capsys, library, "videos")
    assert json.loads(said(capsys, library, "videos", "--json"))["videos"] == "off"
