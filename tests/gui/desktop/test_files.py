"""What is asked of the desktop, where there is none."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.desktop import files


def test_a_folder_is_looked_for_among_the_pictures_where_there_are_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures, home = tmp_path / "Pictures", tmp_path / "home"
    monkeypatch.setattr(files.QStandardPaths, "writableLocation", lambda _: os.fspath(pictures))
    monkeypatch.setattr(Path, "home", lambda: home)
    assert files.pictures_folder() == os.fspath(home)
    pictures.mkdir()
    assert files.pictures_folder() == os.fspath(pictures)


if sys.platform not in ("win32", "darwin"):  # these have a choice of programs of their own
    from PySide6.QtDBus import QDBusConnection

    @pytest.fixture
    def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QWidget:
        nobody = SimpleNamespace(sessionBus=lambda: QDBusConnection("nobody"))
        monkeypatch.setattr(files, "QDBusConnection", nobody)
        made = QWidget()
        qtbot.addWidget(made)
        return made

    @pytest.mark.parametrize("name", ["dog.jpg", "gone.jpg"])
    def test_a_desktop_that_offers_no_choice_of_programs_is_told_of(
        qtbot: QtBot, window: QWidget, tmp_path: Path, name: str
    ) -> None:
        (tmp_path / "dog.jpg").write_bytes(b"dog")
        refused: list[bool] = []
        files.choose_program(os.fsencode(tmp_path / name), window, lambda: refused.append(True))
        qtbot.waitUntil(lambda: refused == [True])
        if sys.platform == "linux":
            qtbot.waitUntil(lambda: not is_open(tmp_path / name))

    def is_open(path: Path) -> bool:
        """By this process; other tests' threads open and close files of their own meanwhile."""
        return any(
            Path(f"/proc/self/fd/{number}").resolve() == path for number in os.listdir("/proc/self/fd")
        )
