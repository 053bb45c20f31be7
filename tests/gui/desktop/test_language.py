import re
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from photosearch import i18n
from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.gui.desktop import language
from photosearch.gui.shell.window import Window
from photosearch.i18n import tr
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf
from tests.helpers.shown_words import shown_words


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


def test_everything_open_changes_its_words_and_qt_is_told(qtbot: QtBot) -> None:
    greeting = Greeting()
    qtbot.addWidget(greeting)
    language.change("zh_CN")
    assert (greeting.label.text(), greeting.later.word) == ("搜索", "暂停")
    qtbot.waitUntil(lambda: QEvent.Type.LanguageChange in greeting.heard)
    language.change("en")
    assert (greeting.label.text(), greeting.later.word) == ("Search", "Pause")


class Cards(QWidget):
    """Makes what is in it anew."""

    def __init__(self) -> None:
        super().__init__()
        self.card: Greeting | None = None
        self.retranslate()

    def retranslate(self) -> None:
        if self.card is not None:
            delete(self.card)
        self.card = Greeting()
        self.card.setParent(self)


def test_what_is_made_anew_meanwhile_is_asked_for_no_words(qtbot: QtBot) -> None:
    cards = Cards()
    qtbot.addWidget(cards)
    language.change("zh_CN")
    assert cards.card is not None and cards.card.label.text() == "搜索"
    language.change("en")


def test_qts_own_menus_speak_it_too(qtbot: QtBot) -> None:
    def cancel() -> str:
        return QCoreApplication.translate("QPlatformTheme", "Cancel")

    language.change("zh_CN")
    assert cancel() == "取消"
    language.change("en")
    assert cancel() == "Cancel"


def test_no_english_stands_in_qts_dialog_of_folders(qtbot: QtBot) -> None:
    language.change("zh_CN")
    dialog = QFileDialog()
    qtbot.addWidget(dialog)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    words = [shown.text() for kind in (QLabel, QPushButton) for shown in dialog.findChildren(kind)]
    assert "查找范围：" in words and "文件类型：" in words
    assert not [text for text in words if re.search("[a-z]", text)]
    assert QCoreApplication.translate("QAbstractFileIconProvider", "Folder") == "文件夹"  # of its type
    language.change("en")
    assert QCoreApplication.translate("QFileDialog", "&Look in:") == "&Look in:"


def test_the_same_language_again_disturbs_nothing(qtbot: QtBot) -> None:
    greeting = Greeting()
    qtbot.addWidget(greeting)
    greeting.label.setText("as it is")
    language.change("en")
    assert greeting.label.text() == "as it is"


def test_the_systems_language_is_one_we_speak() -> None:
    language.use(language.SYSTEM)
    assert i18n.language() in i18n.LANGUAGES


def test_what_went_wrong_is_said_in_the_new_language(
    qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    shelf.add(3)
    window = make_window()
    qtbot.waitUntil(lambda: window.header.count.text() == "3 photos")
    reason = Sentence("Permission denied")
    engine.tell(
        messages.Problem(Sentence("{path} cannot be written: {reason}.", path="a.csv", reason=reason))
    )
    qtbot.waitUntil(lambda: window.status.text.text() == "a.csv cannot be written: Permission denied.")
    window.header.error(tr("“{name}” is away", name=tr("Photo")), None)
    window.pages.message.say(tr("This library cannot be opened"), "as it is")
    language.change("zh_CN")
    assert window.status.text.text() == "无法写入 a.csv：权限不足。"
    assert window.header.count.text() == tr("“{name}” is away", name="照片")
    assert shown_words(window.pages.message) >= {"无法打开此图库", "as it is"}
    language.change("en")
    assert window.status.text.text() == "a.csv cannot be written: Permission denied."


def test_no_english_stays_in_an_open_window(
    qtbot: QtBot, shelf: Shelf, make_window: Callable[[], Window]
) -> None:
    shelf.add(3)
    window = make_window()
    qtbot.waitUntil(lambda: window.header.count.text() == "3 photos")
    english = set(i18n.load("zh_CN"))
    assert shown_words(window) & english
    language.change("zh_CN")
    qtbot.waitUntil(lambda: window.header.count.text() == "3 张照片")
    assert shown_words(window) & english == set()
