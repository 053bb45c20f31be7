"""The language of the window, changed without a restart.

Whatever shows words sets them in a method `retranslate()`, which its constructor calls too.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from photosearch import i18n

SYSTEM = "system"
_QT_LANGUAGE = "photosearch-language"


def use(language: str) -> None:
    """Speak this language, or the system's, from the next text on; for a start, when nothing is shown yet."""
    i18n.use(QLocale.system().uiLanguages()[0] if language == SYSTEM else language)
    _install_qt_translator(i18n.language())


def change(language: str) -> None:
    """Change the language of everything that is open: Qt is told, then each `retranslate()` is called."""
    before = i18n.language()
    use(language)
    application = QApplication.instance()
    if application is None or i18n.language() == before:
        return
    QCoreApplication.sendEvent(application, QEvent(QEvent.Type.LanguageChange))
    for top in QApplication.topLevelWidgets():
        if top.parent() is None:
            _retranslate(top)


def _install_qt_translator(language: str) -> None:
    """The words of Qt's own menus and dialogs; they are English where it has no others."""
    application = QCoreApplication.instance()
    if application is None or application.property(_QT_LANGUAGE) == language:
        return
    application.setProperty(_QT_LANGUAGE, language)
    for before in application.findChildren(QTranslator):
        application.removeTranslator(before)
        before.deleteLater()
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if language != "en" and translator.load(QLocale(language), "qtbase", "_", folder):
        application.installTranslator(_Gaps(translator, i18n.load(language), application))  # asked last
        application.installTranslator(translator)


class _Gaps(QTranslator):
    """Knows what Qt's catalogue lacks: texts that got a key since, as they were without it, and our words."""

    def __init__(self, catalogue: QTranslator, words: dict[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._catalogue, self._words = catalogue, words

    def translate(
        self, context: str, sourceText: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """See Qt; None where it is unknown, as an empty text would be shown."""
        plain = sourceText.replace("&", "")
        return self._catalogue.translate(context, plain, disambiguation, n) or self._words.get(plain)


def _retranslate(top: QObject) -> None:
    """A parent before its children, as it may set words in them."""
    for shown in (top, *top.findChildren(QObject)):
        if not isValid(shown):
            continue  # one before it, which makes its own anew, has deleted it
        retranslate = getattr(shown, "retranslate", None)
        if callable(retranslate):
            retranslate()
