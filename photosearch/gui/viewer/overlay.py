"""What lies over the picture: arrows while the pointer moves, a sentence where one is needed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from photosearch.gui.viewer.picture import PictureView
from photosearch.gui.widgets.floating import Note, StepButton
from photosearch.i18n import said_again, tr

_HIDE_MS = 2000
_TOLD_MS = 6000
_EDGE = 16  # from the picture's to an arrow


class Overlay(QObject):
    """Lays arrows and a note over a picture, and keeps them in their places."""

    walked = Signal(object)  # int: 1 to the next photo, -1 to the one before

    def __init__(self, picture: PictureView) -> None:
        super().__init__(picture)
        self._picture = picture
        self.note = Note(picture)
        self._before, self._after = StepButton("chevron-left", picture), StepButton("chevron-right", picture)
        self._before.clicked.connect(lambda: self.walked.emit(-1))
        self._after.clicked.connect(lambda: self.walked.emit(1))
        self._standing = ("", "")
        self._told = ""
        self._told_timer = QTimer(self, interval=_TOLD_MS, singleShot=True)
        self._told_timer.timeout.connect(lambda: self.tell(""))
        self._hide_timer = QTimer(self, interval=_HIDE_MS, singleShot=True)
        self._hide_timer.timeout.connect(self._hide)
        picture.pointer_moved.connect(self._show)
        picture.installEventFilter(self)
        self.retranslate()

    def retranslate(self) -> None:
        self._before.name(tr("Previous photo"))
        self._after.name(tr("Next photo"))

    def allow_steps(self, *, before: bool, after: bool) -> None:
        """Offer only the arrows that lead somewhere."""
        self._before.setEnabled(before)
        self._after.setEnabled(after)

    def say(self, mark: str, sentence: str) -> None:
        """Show a sentence with an icon; an empty one takes it away."""
        self._standing = mark, sentence
        self._update_note()

    def tell(self, sentence: str) -> None:
        """Show what was done, for a few seconds, in place of what is said of the photo."""
        self._told = sentence
        if sentence:
            self._told_timer.start()
        self._update_note()

    def _update_note(self) -> None:
        self.note.say(*(("", said_again(self._told)) if self._told else self._standing))
        self._place()

    def _show(self) -> None:
        for button in (self._before, self._after):
            button.setVisible(button.isEnabled())
        self._hide_timer.start()

    def _hide(self) -> None:
        if self._before.underMouse() or self._after.underMouse():
            self._hide_timer.start()
            return
        self._before.hide()
        self._after.hide()

    def _place(self) -> None:
        area = self._picture.rect()
        middle = (area.height() - self._before.height()) // 2
        self._before.move(_EDGE, middle)
        self._after.move(area.width() - _EDGE - self._after.width(), middle)
        self.note.place(area)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
