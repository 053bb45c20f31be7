"""The field one types into: it takes pictures too, and underlines what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPalette,
    QResizeEvent,
    QTextCharFormat,
)
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QSizePolicy

from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.core.scripts import reads
from photosearch.gui.desktop.files import pictures_folder
from photosearch.gui.query import examples
from photosearch.gui.query.chips import Chip
from photosearch.gui.query.understood import Span, Understood
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import make_menu
from photosearch.gui.widgets.drops import take_copy
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import tr
from photosearch.search.query import of_path

_WIDEST = 760
_BY_HAND = (
    Qt.FocusReason.MouseFocusReason,
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_GLASS = 36  # logical pixels that the glass and the blank beside it take


class SearchField(QLineEdit):
    """The search field; it emits what it does not do itself."""

    left_downwards = Signal()
    cleared = Signal()  # by its cross
    suggestions_wanted = Signal()
    entered = Signal()  # by a person's hand: a click, Tab, a shortcut
    key_pressed = Signal(object)  # QKeyEvent, before the field sees it; accepted: it never does
    left = Signal()  # by the keyboard or the mouse
    picture_given = Signal(object)  # bytes: the file of a picture
    pictures_added = Signal()
    scope_removed = Signal()  # to search everywhere

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setFixedHeight(theme.SEARCH_HEIGHT)
        self.setMaximumWidth(_WIDEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(theme.scaled_font(1.08))
        self.setMaxLength(10_000)  # far beyond what the engine takes, which says so
        self.setAcceptDrops(True)
        self._composing = False
        self.scope: Chip | None = None  # shows where one searches; None: everywhere
        self.scope_name = ""
        self.languages: tuple[str, ...] = ()  # that the model reads; none: unknown
        self.underlined: Span | None = None  # of the text, without the blanks before it
        secondary = QPalette.ColorRole.PlaceholderText
        self._glass = QAction(icon("search", secondary), "", self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._picture = QAction(icon("picture", secondary), "", self)
        self._picture.triggered.connect(self.open_picture_menu)
        self.addAction(self._picture, QLineEdit.ActionPosition.TrailingPosition)
        self._clear = QAction(icon("clear", secondary), "", self)
        self._clear.triggered.connect(self.cleared)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)  # only heeded once it is added
        self.textChanged.connect(self._changed)
        self.retranslate()

    def enter(self) -> None:
        """Take the keyboard by a shortcut, also where it is here already, with what is typed selected."""
        had_focus = self.hasFocus()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        if had_focus:
            self.entered.emit()

    def begin(self, text: str) -> None:
        """Take the keyboard with what was typed elsewhere, in place of what stands here."""
        self.enter()
        self.insert(text)

    def set_languages(self, languages: tuple[str, ...]) -> None:
        """Invite to what the model reads: codes of languages; none: unknown."""
        self.languages = languages
        self.retranslate()

    def retranslate(self) -> None:
        understood = reads(self.languages, tr("two dogs on a beach"))
        self.setPlaceholderText(
            tr("Describe a photo: {example}", example=tr("two dogs on a beach"))
            if understood
            else tr("Describe a photo in English: {example}", example="two dogs on a beach")
        )
        self.setAccessibleName(tr("Search"))
        self._glass.setText(tr("Search"))
        self._picture.setText(tr("Search by a picture"))
        self._picture.setToolTip(tr("Search by a picture: choose one, paste one, or drop one here"))
        self._clear.setText(tr("Clear"))
        self._clear.setToolTip(tr("Clear"))
        self.show_scope(self.scope_name)

    def show_scope(self, name: str) -> None:
        """Say with a chip before the text where one searches; empty: everywhere."""
        self.scope_name = name
        text = tr("in: {place}", place=name) if name else ""
        if text == (self.scope.understood.text if self.scope else ""):
            return
        if self.scope is not None:
            if self.scope.hasFocus():
                self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.scope.hide()
            self.scope.deleteLater()
        self.scope = self._scope_chip(text) if text else None
        self._place_scope()

    def _scope_chip(self, text: str) -> Chip:
        chip = Chip(Understood("scope", text), self)
        what = tr("Only here is searched. × or Backspace searches everywhere.")
        chip.setToolTip(tip(f"{text}\n{what}"))
        chip.setAccessibleDescription(what)
        chip.removed.connect(self.scope_removed)
        chip.chosen.connect(lambda: self.setFocus(Qt.FocusReason.OtherFocusReason))
        chip.show()
        return chip

    def _place_scope(self) -> None:
        """Between the glass and the text."""
        if self.scope is None:
            self.setTextMargins(0, 0, 0, 0)
            return
        width = min(self.scope.sizeHint().width(), self.width() * 2 // 5)
        self.scope.setFixedWidth(width)
        self.scope.move(_GLASS, (self.height() - self.scope.height()) // 2)
        self.setTextMargins(width + 4, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_scope()

    def underline(self, span: Span | None) -> None:
        """Mark a piece of the text, without the blanks before it, as wrong; the next change ends that."""
        if self._composing or (span is None and self.underlined is None):
            return
        self.underlined = span
        attributes = []
        if span is not None:
            start, end = self._places(span)
            wrong = QTextCharFormat()
            wrong.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wrong.setUnderlineColor(self.palette().color(QPalette.ColorRole.BrightText))
            attributes.append(
                QInputMethodEvent.Attribute(
                    QInputMethodEvent.AttributeType.TextFormat,
                    start - self.cursorPosition(),
                    max(1, end - start),
                    wrong,
                )
            )
        # Input methods mark what they compose in this way; it is the only one that a line edit has.
        super().inputMethodEvent(QInputMethodEvent("", attributes))

    def select_piece(self, span: Span) -> None:
        """Select a piece of what is typed and take the keyboard."""
        start, end = self._places(span)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setSelection(start, end - start)

    def add(self, piece: str) -> None:
        """Type a piece behind what is there."""
        self.setText(f"{self.text().rstrip()} {piece}".strip())

    def _places(self, span: Span) -> tuple[int, int]:
        """Where Qt finds a span of what is typed, which has no blanks before it."""
        text = self.text()
        blanks = len(text) - len(text.lstrip())
        start, end = (_utf16(text[: blanks + place]) for place in span)
        return start, end

    def _changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self.underline(None)

    def open_picture_menu(self) -> None:
        """Offer to search by a picture that is chosen or pasted."""
        menu = self.picture_menu()
        menu.popup(self.mapToGlobal(self.rect().bottomRight()) - QPoint(menu.sizeHint().width(), -4))

    def picture_menu(self) -> QMenu:
        """The ways to search by a picture; it deletes itself when closed."""
        menu = make_menu(self)
        menu.addAction(icon("folder"), tr("Choose a picture…")).triggered.connect(self._choose_pictures)
        paste = menu.addAction(icon("copy"), tr("Paste a picture"))
        paste.triggered.connect(self._paste_pictures)
        paste.setEnabled(examples.holds_picture(_pasted()))
        return menu

    def _choose_pictures(self) -> None:
        dialog = QFileDialog(self, tr("Search by a picture"), pictures_folder())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        endings = " ".join(f"*{ending}" for ending in sorted(PHOTO_EXTENSIONS))
        dialog.setNameFilter(tr("Pictures ({endings})", endings=endings))
        # Not urlsSelected, which Qt's own dialog, where the desktop has none, does not emit.
        dialog.accepted.connect(lambda: self._add_chosen(dialog.selectedUrls()))
        dialog.open()

    def _add_chosen(self, urls: Sequence[QUrl]) -> None:
        chosen = QMimeData()
        chosen.setUrls(urls)
        self._add_pictures(chosen)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _paste_pictures(self) -> bool:
        pasted = _pasted()
        if self.hasSelectedText() and examples.holds_picture(pasted):
            self.del_()  # as text that is pasted takes its place
        return self._add_pictures(pasted)

    def _add_pictures(self, mime: QMimeData) -> bool:
        """Add the pictures that were dropped or pasted; -> whether there were any."""
        paths = examples.paths_of(mime)
        for path in paths:
            self.add(of_path("like", path))
        if not paths and mime.hasImage():
            image = mime.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self.picture_given.emit(examples.as_file(image))
        added = bool(paths) or mime.hasImage()
        if added:
            self.pictures_added.emit()
        return added

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo = event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable()
            redo = event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable()
            if undo or redo:
                event.ignore()  # nothing was typed that they could turn: the window's own are meant
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.key_pressed.emit(event)
        if event.isAccepted():
            return
        event.accept()
        if event.matches(QKeySequence.StandardKey.Paste) and self._paste_pictures():
            return
        if self.scope is not None and event.key() == Qt.Key.Key_Backspace and self._at_start:
            self.scope_removed.emit()
        elif event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.suggestions_wanted.emit()
        elif event.key() == Qt.Key.Key_Down:
            (self.left_downwards if self.text().strip() else self.suggestions_wanted).emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.text().strip():
            self.left_downwards.emit()  # nothing to search for: into what is shown
        else:
            super().keyPressEvent(event)

    @property
    def _at_start(self) -> bool:
        return self.cursorPosition() == 0 and not self.hasSelectedText()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _BY_HAND:
            self.entered.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        had_focus = self.hasFocus()
        super().mousePressEvent(event)
        if had_focus:
            self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        self._composing = bool(event.preeditString())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if examples.holds_picture(event.mimeData()):
            take_copy(event)
        elif event.mimeData().hasUrls():
            event.ignore()  # the window adds folders
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if examples.holds_picture(event.mimeData()):
            take_copy(event)
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if self._add_pictures(event.mimeData()):
            take_copy(event)
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().dropEvent(event)


def _pasted() -> QMimeData:
    """What is in the clipboard; Qt gives None where it was never used."""
    return QGuiApplication.clipboard().mimeData() or QMimeData()


def _utf16(text: str) -> int:
    """How many units Qt counts where Python counts code points."""
    return len(text) + sum(character > "\uffff" for character in text)
