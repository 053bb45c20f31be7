"""Icons are drawn in the pixels that the screen has, and in the colours of where they stand."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.widgets import icons, theme
from photosearch.gui.widgets.icons import icon


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_an_icon_has_as_many_pixels_as_the_screen_shows(qapp: QApplication, scale: float) -> None:
    pixmap = icon("info").pixmap(QSize(20, 20), scale)
    assert pixmap.size() == QSize(20, 20) * scale
    assert pixmap.deviceIndependentSize().toSize() == QSize(20, 20)


def test_an_icon_has_the_colours_of_its_widget(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    theme.dress(widget, theme.DARKROOM)
    for of, light in ((widget, True), (None, False)):
        image = icon("pause", of=of).pixmap(24).toImage()
        middle = max((image.pixelColor(x, 12) for x in range(24)), key=lambda colour: colour.alpha())
        assert (middle.lightnessF() > 0.5) is light


def test_icons_are_drawn_after_their_files_were_removed(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    icon("info").pixmap(24)  # the first one
    monkeypatch.setattr(icons, "resources", lambda: tmp_path)
    assert not icon("alert").pixmap(23).isNull()
