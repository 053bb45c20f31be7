"""A walk in Chinese over a real engine and a real trainer: what goes wrong is told without English."""

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt import exceptions
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.engine.client import Client
from photosearch.gui import app
from photosearch.gui.desktop import language
from photosearch.gui.shell.window import Window
from photosearch.gui.teach.bar import TeachBar
from photosearch.gui.teach.dialog import TeachDialog
from photosearch.models.lesson import LESSON
from photosearch.paths import Library
from tests.helpers import looks
from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import make_photo

PATIENCE_MS = 120_000  # on a busy machine the engine and the trainer take their time
GOOD = 24
TYPED = "date soon like today yesterday this last week month year"  # in a query
FILES = "captions csv cut empty text damaged bomb large pipe locked jpg png"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Photos, captions of them, and one file of each kind that cannot be read."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(GOOD):
        make_photo(folder / f"{seed}.jpg", seed)
    whole = (folder / "0.jpg").read_bytes()
    png = make_photo(tmp_path / "whole.png").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("no photo")
    (folder / "damaged.png").write_bytes(png[:60] + bytes(100) + png[160:])
    (folder / "bomb.png").write_bytes(bomb(60_000))
    with (folder / "large.jpg").open("wb") as file:
        file.truncate(5 << 28)  # 1,280 MB of nothing, which take no room
    os.mkfifo(folder / "pipe.jpg")
    (folder / "locked.jpg").write_bytes(whole)
    (folder / "locked.jpg").chmod(0)
    rows = [f"{number}.jpg,小黑在海滩上奔跑 {number}" for number in range(GOOD)]
    rows += ["nowhere.jpg,小黑", "../out.jpg,小黑", "1.jpg,", "2.jpg," + "长" * 6_000]
    (tmp_path / "captions.csv").write_text("\n".join(["filename,caption", *rows]), encoding="gb18030")
    return folder


def bomb(edge: int) -> bytes:
    """A PNG of a few MB at most that is edge x edge pixels, all black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1_000)))


class Walk:
    """A window in Chinese, and what in it is English by right: names and what the person wrote."""

    def __init__(self, window: Window, qtbot: QtBot, own: Path) -> None:
        self.window, self._qtbot = window, qtbot
        self._names = f"{own} {LESSON} library models tiny photos none nowhere out {FILES} {TYPED}"

    def until(self, condition: Callable[[], object]) -> None:
        window = self.window
        try:
            self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)
        except exceptions.TimeoutError as error:
            error.add_note(
                f"The window says {window.header.count.text()!r} of {window.header.field.text()!r}, and "
                f"{window.status.text.text()!r}."
            )
            raise

    def english(self, shown: QWidget) -> list[str]:
        with looks.watched() as painted:
            shown.grab()
        return looks.english(shown, self._names, painted.texts)


@pytest.fixture
def walk(
    qapp: QApplication, qtbot: QtBot, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Walk]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    copy_exported(library.models / "tiny")
    window = app.build(library, "tiny")
    window.resize(1280, 800)
    window.show()
    language.change("zh_CN")
    yield Walk(window, qtbot, tmp_path)
    language.change("en")
    window.close()
    window.deleteLater()
    if client := Client.connect(library):
        client.call(messages.Shutdown())
        client.close()


def test_whatever_fails_is_told_in_chinese(walk: Walk, library: Library, photos: Path) -> None:
    window = walk.window
    walk.until(lambda: window.pages.currentWidget() is window.pages.welcome)
    window.add_folder(os.fspath(photos / "none"))
    walk.until(lambda: "none" in window.status.text.text())
    assert walk.english(window) == []
    window.status.retry.click()  # dismissed

    window.add_folder(os.fspath(photos))
    walk.until(lambda: window.header.count.text().startswith(f"{GOOD} "))
    problems = window.library.problems.list.model()
    window.library.sidebar.page_chosen.emit("problems")
    walk.until(lambda: problems.rowCount() == 7 + (os.geteuid() != 0))  # to root nothing is locked
    assert walk.english(window) == []

    window.step_back()
    for query in ("date:soon", f"like:{photos / 'text.jpg'}"):
        window.header.field.setText(query)
        QTest.keyClick(window.header.field, Qt.Key.Key_Return)
        walk.until(lambda: window.header.field.underlined)
        assert walk.english(window) == []

    window.library.sidebar.teach.click()
    walk.until(lambda: window.findChildren(TeachDialog))
    (dialog,) = window.findChildren(TeachDialog)
    remark = dialog.before.remark.text
    dialog.files.import_captions(os.fspath(photos.parent / "captions.csv"))
    walk.until(lambda: dialog.before.start.isEnabled() and "\n" in remark.text())
    assert walk.english(dialog) == []
    (library.models / "tiny" / LESSON).touch()
    dialog.before.start.click()
    dialog.close()
    (bar,) = window.findChildren(TeachBar)
    walk.until(lambda: LESSON in bar.text.text())
    assert walk.english(window) == []
    bar.go.click()
    assert LESSON in remark.text()
    assert walk.english(dialog) == []

    (library.models / "tiny" / LESSON).unlink()
    dialog.before.start.click()
    walk.until(lambda: dialog.learn_pages.currentWidget() is dialog.report)
    for tab in range(3):
        dialog.show_tab(tab)
        assert walk.english(dialog) == []
