"""Every screen, in both languages and both themes: measured, walked by Tab, and kept as a picture.

PHOTOSEARCH_SCREENS names the folder that the pictures go to; else they go where pytest keeps its own.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui import app
from photosearch.gui.desktop import language
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets import theme
from photosearch.paths import Library
from tests.helpers import gallery as galleries
from tests.helpers import looks
from tests.helpers.gallery import Gallery
from tests.helpers.screens import SCREENS, Screen, Stage

USUAL, LARGE, NARROW = QSize(1280, 800), QSize(2560, 1440), QSize(480, 700)
THEMES = {"light": theme.LIGHT, "dark": theme.DARK}
LOOKS = [  # the theme changes once only, as that takes longest
    ("en", "light", USUAL),
    ("en", "light", NARROW),
    ("zh_CN", "light", USUAL),
    ("zh_CN", "light", LARGE),
    ("zh_CN", "dark", USUAL),
    ("en", "dark", USUAL),
]


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return galleries.hang(Library(tmp_path_factory.mktemp("gallery") / "library"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wanted = os.environ.get("PHOTOSEARCH_SCREENS")
    made = Path(wanted) if wanted else tmp_path_factory.mktemp("screens")
    made.mkdir(parents=True, exist_ok=True)
    return made


@pytest.fixture
def stage(
    qapp: QApplication, qtbot: QtBot, gallery: Gallery, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Stage]:
    before = set(threading.enumerate())
    shown: Screen = request.getfixturevalue("shown")
    engine = galleries.engine(gallery if shown.photos else Gallery(gallery.library))
    if not shown.photos:
        engine.status = type(engine.status)(
            "model", True, "cpu", "float32", 0, 0, 0, [], galleries.IDLE, True
        )
    library = gallery.library if shown.photos else Library(tmp_path / "library")
    window = app.build(library, connect=engine.connect)
    window.resize(USUAL)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    yield Stage(window, gallery, engine, qtbot)
    language.change("en")
    window.close()
    window.deleteLater()
    qapp.processEvents()
    assert not [thread for thread in set(threading.enumerate()) - before if thread.is_alive()]


@pytest.mark.parametrize("shown", SCREENS, ids=[screen.name for screen in SCREENS])
def test_a_screen_is_whole_and_readable(
    shown: Screen, stage: Stage, qapp: QApplication, folder: Path
) -> None:
    found, other = [], shown.show(stage)
    for place, (spoken, colours, size) in enumerate(LOOKS):
        if (size is LARGE and not shown.walked) or (size is NARROW and not shown.narrow):
            continue
        look = f"{shown.name}-{spoken}-{colours}-{size.width()}"
        theme.apply(qapp, THEMES[colours])
        language.change(spoken)
        stage.window.resize(size)
        if place and other is not None:  # what is asked in passing does not change its language
            other.close()
            stage.window.activateWindow()
            stage.wait(stage.window.isActiveWindow)
            other = shown.show(stage)
        subject = other or stage.window
        stage.settle()
        with looks.watched() as painted:
            picture = subject.grab()
        whole = looks.pixels(_picture(stage.window, picture, other).toImage())
        Image.fromarray(whole).save(folder / f"{look}.jpg", quality=88, subsampling=0)
        found += [f"{look}: {fault}" for fault in (*looks.faults(subject), *painted.faults)]
        found += [f"{look}: {fault}" for fault in looks.pale(subject, picture.toImage())]
        if spoken != "en":
            english = looks.english(subject, stage.gallery.names, painted.texts)
            found += [f"{look}: not translated: {text!r}" for text in english]
        if shown.walked and size == USUAL and spoken == "en":
            found += [f"{look}: {fault}" for fault in looks.unmarked(subject)[0]]
    assert not found, "\n".join(found)


def _picture(window: Window, picture: QPixmap, other: QWidget | None) -> QPixmap:
    """What a person would see: a dialog or menu over the window."""
    if other is None:
        return picture
    whole = window.grab()
    where = (
        other.pos() - window.pos()
        if isinstance(other, QMenu)
        else QPoint((window.width() - other.width()) // 2, (window.height() - other.height()) // 2)
    )
    with QPainter(whole) as painter:
        painter.drawPixmap(where, picture)
    return whole


@pytest.mark.parametrize("colours", [*THEMES.values(), theme.DARKROOM], ids=[*THEMES, "darkroom"])
def test_every_pair_of_colours_that_meet_can_be_read(colours: theme.Theme) -> None:
    texts = {
        colours.text: (colours.bg, colours.surface, colours.sunken, colours.soft),
        colours.text2: (colours.bg, colours.surface, colours.sunken),
        colours.accent: (colours.bg, colours.surface, colours.soft),
        colours.danger: (colours.bg, colours.surface),
        colours.on_accent: (colours.accent,),
    }
    for text, grounds in texts.items():
        for ground in grounds:
            assert looks.contrast(text, ground) >= 4.5, (text, ground)
    for ground in (colours.bg, colours.surface, colours.sunken):
        assert looks.contrast(colours.edge, ground) >= 3, ground
