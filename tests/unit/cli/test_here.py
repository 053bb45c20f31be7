"""photosearch FOLDER: search what is here."""

import json
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.gui import app
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import make_photo


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Empty, beside two folders of photos, of which one is the present one."""
    library = Library(tmp_path / "library")
    copy_exported(library.models / "tiny")
    with Writer.open(library) as writer:
        writer.set_setting("model", "tiny")
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        make_photo(tmp_path / name / "1.jpg", color="red" if name == "here" else "blue")
    monkeypatch.chdir(tmp_path / "here")
    return library


def folders(library: Library) -> list[bytes]:
    with Reader.open(library) as reader:
        return [folder.path for folder in reader.folders()]


def found(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [hit["path"] for hit in json.loads(capsys.readouterr().out)["hits"]]


@pytest.mark.parametrize("way", [["."], ["here", "."], ["-q", "../here"]])
def test_a_folder_is_read_and_searched(
    way: list[str], library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--library", str(library.root)]
    assert cli.main(["index", str(tmp_path / "there"), "-q", *at]) == 0
    assert cli.main([*at, *way, "a", "dog", "--json"]) == 0
    assert found(capsys) == [str(tmp_path / "here" / "1.jpg")]
    make_photo(tmp_path / "here" / "2.jpg", color="green")
    assert cli.main([*at, *way, "--json"]) == 0  # what is new is found
    assert len(found(capsys)) == 2


def test_what_is_added_for_good_is_told(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--library", str(library.root)]
    assert cli.main([*at, ".", "a", "dog"]) == 0
    remove = f"photosearch folders remove {tmp_path / 'here'}"
    assert f"{tmp_path / 'here'} is added to the library; to undo: {remove}\n" in capsys.readouterr().err
    assert cli.main([*at, ".", "a", "dog"]) == 0  # it is known by now
    assert "is added" not in capsys.readouterr().err
    assert cli.main([*at, "..", "a", "dog"]) == 0
    undo = f"photosearch folders remove {tmp_path}; photosearch index {tmp_path / 'here'}"
    assert (
        f"{tmp_path} is added to the library, in place of {tmp_path / 'here'} inside it; to undo: {undo}\n"
        in capsys.readouterr().err
    )
    assert folders(library) == [bytes(tmp_path)]


def test_a_folder_that_is_not_there_is_told_before_a_display(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main(["here", "dog", "--library", str(library.root)]) == 1
    assert capsys.readouterr().err == f"photosearch: There is no folder {tmp_path / 'here' / 'dog'}.\n"


def test_without_a_query_the_window_shows_the_folder(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(app, "main", lambda library, model, wish: opened.append(wish) or 0)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert cli.main(["../there", "--library", str(library.root)]) == 0
    assert opened == [(bytes(tmp_path / "there"),)]
    assert folders(library) == [bytes(tmp_path / "there")]


def test_a_photo_alone_opens_the_window_on_it(
    library: Library,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[tuple[bytes, ...]] = []
    monkeypatch.setattr(app, "main", lambda library, model, wish: opened.append(wish) or 0)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    make_photo(tmp_path / "here" / "My Lake.JPG")
    for name in ("My Lake.JPG", str(tmp_path / "here" / "My Lake.JPG")):
        assert cli.main(["--library", str(library.root), name]) == 0
    assert opened == [(bytes(tmp_path / "here" / "My Lake.JPG"),)] * 2
    for unknown in (["gui", "--open", "nothing.jpg"], ["nothing.jpg"]):
        assert cli.main(["--library", str(library.root), *unknown]) == 1
        assert "There is no photo and no folder nothing.jpg" in capsys.readouterr().err


def test_a_mistake_reads_nothing(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--library", str(library.root)]
    assert cli.main([".", "date:soon", *at]) == 1
    assert "date:soon" in capsys.readouterr().err
    assert cli.main(["./nowhere", "dog", *at]) == 1
    assert f"There is no folder {tmp_path / 'here' / 'nowhere'}" in capsys.readouterr().err
    assert folders(library) == []


def test_a_command_is_no_folder(library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "here" / "status").mkdir()
    assert cli.main(["status", "--library", "../library"]) == 0
    assert "photos" in capsys.readouterr().out
