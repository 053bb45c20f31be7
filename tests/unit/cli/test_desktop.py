import configparser
import shlex
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeDatabase

from photosearch import cli, paths, programs
from photosearch.core.photo import PHOTO_EXTENSIONS


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def entry(file: Path) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read(file, "utf-8")
    return parser["Desktop Entry"]


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def test_the_menu_entry_starts_this_program(home, capsys):
    assert cli.main(["desktop", "install"]) == 0
    menu = home / ".local/share/applications/photosearch.desktop"
    assert shlex.split(entry(menu)["Exec"]) == [str(programs.shell_program()), "%f"]
    assert (home / ".local/share/icons/hicolor/scalable/apps/photosearch.svg").exists()
    assert not (home / ".config").exists()
    assert str(menu) in capsys.readouterr().out


def test_file_managers_offer_it_for_photos_and_folders():
    kinds = entry(paths.resources() / "desktop/photosearch.desktop")["MimeType"].split(";")
    by_name = QMimeDatabase().mimeTypesForFileName
    for extension in PHOTO_EXTENSIONS - {".jfif"}:  # which is no name of a kind
        assert {kind.name() for kind in by_name(f"lake{extension}")} & set(kinds), extension
    assert "inode/directory" in kinds


def test_autostart_watches_and_is_no_second_menu_entry(home):
    cli.main(["desktop", "install", "--autostart"])
    found = entry(home / ".config/autostart/photosearch.desktop")
    assert shlex.split(found["Exec"])[1:] == ["watch"]
    assert found["NoDisplay"] == "true"


def test_another_library_is_named(home):
    cli.main(["desktop", "install", "--autostart", "--library", str(home / "my photos")])
    for folder in (".local/share/applications", ".config/autostart"):
        words = shlex.split(entry(home / folder / "photosearch.desktop")["Exec"])
        assert words[1:3] == ["--library", str(home / "my photos")]


def test_what_was_written_is_removed_and_nothing_else(home):
    (home / ".local/share/applications").mkdir(parents=True)
    (home / ".local/share/applications/other.desktop").touch()
    cli.main(["desktop", "install", "--autostart"])
    assert cli.main(["desktop", "remove"]) == 0
    assert cli.main(["desktop", "remove"]) == 0
    assert files(home) == {".local/share/applications/other.desktop"}


def test_a_program_with_a_strange_name_is_quoted(home, monkeypatch):
    monkeypatch.setattr(programs, "shell_program", lambda: Path('/opt/ana\'s "100%"/photosearch'))
    cli.main(["desktop", "install"])
    text = (home / ".local/share/applications/photosearch.desktop").read_text("utf-8")
    assert 'Exec="/opt/ana\'s \\\\"100%%\\\\"/photosearch" %f\n' in text


def test_where_a_folder_cannot_be_made_a_sentence_says_so(home, capsys):
    (home / ".local").touch()
    assert cli.main(["desktop", "install"]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_elsewhere_the_installer_has_done_it(home, system, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", system)
    assert cli.main(["desktop", "install"]) == 1
    assert "the installer" in capsys.readouterr().err
