"""The field in which the caption of photos is written: in place, saved by Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from photosearch.i18n import tr

_LINES_LEAST, _LINES_MOST = 2, 8


class CaptionField(QPlainTextEdit):
    """A field for the caption of one photo, or of several in the same words; it grows with its lines.

    Enter saves, Shift+Enter begins a line, Esc reverts; leaving the field saves too.
    """

    written = Signal(object, object, object)  # photo ids, str, str that it replaces; None: whatever there is
    overtaken = Signal(object)  # str, the caption by now of the photo that another one is being written of
    left = Signal()  # the keyboard is no longer wanted here

    def __init__(self) -> None:
        super().__init__()
        self._photo_ids: Sequence[int] = ()
        self._saved = self._before = ""
        self._differ = self._is_video = False
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self._grow)
        self.retranslate()
        self._grow()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Caption"))
        if self._differ:
            asks = tr("Their captions differ. What is written here replaces each.")
        elif len(self._photo_ids) > 1:
            asks = tr("Say what these photos show")
        else:
            asks = tr("Say what this video shows") if self._is_video else tr("Say what this photo shows")
        self.setPlaceholderText(asks)
        self.setToolTip(tr("Enter saves, Shift+Enter begins a new line, Esc reverts"))

    def show_caption(self, photo_ids: Sequence[int], text: str | None, *, is_video: bool = False) -> None:
        """Show the caption of photos; what is being written about the same ones stays.

        Args:
            text: None: theirs differ
            is_video: whether the one photo is a video
        """
        if photo_ids == self._photo_ids and self._edited:
            if text is not None and text != self._saved:
                self._saved = text
                self.overtaken.emit(text)
            return
        self._save()
        self._photo_ids, self._saved, self._differ = photo_ids, text or "", text is None
        self._is_video = is_video
        if self.toPlainText() != self._saved:
            self.setPlainText(self._saved)
        self.setEnabled(bool(photo_ids))
        self.retranslate()

    def take_back(self, photo_ids: Sequence[int]) -> None:
        """What was written of these was refused: it stays here as it was before it was saved."""
        if photo_ids == self._photo_ids:
            self._saved = self._before

    @property
    def _edited(self) -> bool:
        return self.toPlainText().strip() != self._saved

    def _save(self) -> None:
        if self._photo_ids and self._edited:
            self._before, self._saved = self._saved, self.toPlainText().strip()
            was = self._before if len(self._photo_ids) == 1 else None
            self._differ = False
            self.written.emit(self._photo_ids, self._saved, was)

    def _revert(self) -> None:
        self.setPlainText(self._saved)

    def _grow(self) -> None:
        """As high as its lines, within bounds."""
        lines = min(max(round(self.document().size().height()), _LINES_LEAST), _LINES_MOST)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 18)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grow()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()  # Esc is ours while we have the keyboard
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._revert()
            self.left.emit()
        elif (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self._save()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own context menu
            self._save()
