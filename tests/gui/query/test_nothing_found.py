"""The page where a query leaves no photo."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from photosearch.gui.query.nothing_found import NothingFoundPage
from photosearch.gui.query.understood import Understood


def test_words_in_marks_are_no_filter_that_somebody_set(qtbot: QtBot) -> None:
    page = NothingFoundPage()
    qtbot.addWidget(page)
    page.show_filters([(Understood("text", "“dog”"), 0)])
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Nothing is called “dog”, or captioned so" in said and "without the marks" in said
    page.show_filters([(Understood("marks", "date: 2018"), 0)])
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "No photos match the filters" in said and "There is no photo of this kind here." in said
    page.show_filters([(Understood("text", "has: text"), 0)], why="Text in photos is switched off.")
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Text in photos is switched off." in said and "no photo of this kind" not in said
