from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from photosearch import i18n
from photosearch.gui import language
from photosearch.i18n import tr


class Greeting(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.label = QLabel(self)
        self.heard: list[QEvent.Type] = []
        self.later = Later(self)
        self.retranslate()

    def retranslate(self) -> None:
        self.label.setText(tr("Search"))

    def changeEvent(self, event: QEvent) -> None:
        self.heard.append(event.type())
        super().changeEvent(event)


class Later(QObject):
    """An object that is no widget: it has words too, as actions do."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.retranslate()

    def retranslate(self) -> None:
        self.word = tr("Pause")


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    i18n.use("en")


def test_everything_open_changes_its_words_and_qt_is_told(qtbot: QtBot) -> None:
    greeting = Greeting()
    qtbot.addWidget(greeting)
    language.speak("zh_CN")
    assert (greeting.label.text(), greeting.later.word) == ("搜索", "暂停")
    qtbot.waitUntil(lambda: QEvent.Type.LanguageChange in greeting.heard)
    language.speak("en")
    assert (greeting.label.text(), greeting.later.word) == ("Search", "Pause")


def test_the_same_language_again_disturbs_nothing(qtbot: QtBot) -> None:
    greeting = Greeting()
    qtbot.addWidget(greeting)
    greeting.label.setText("as it is")
    language.speak("en")
    assert greeting.label.text() == "as it is"


def test_the_systems_language_is_one_we_speak() -> None:
    language.use(language.SYSTEM)
    assert i18n.language() in i18n.LANGUAGES
