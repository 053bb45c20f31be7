"""What lies over the picture: arrows and a slideshow's controls while the pointer moves, a sentence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal

from photosearch.gui.library.status import MESSAGE_MS, OFFER_MS, Offer
from photosearch.gui.viewer.picture import PictureView
from photosearch.gui.viewer.slideshow import Slideshow
from photosearch.gui.widgets.floating import Note, StepButton
from photosearch.i18n import said_again, tr

_HIDE_MS = 2000
_EDGE = 16  # from the picture's to an arrow
_ABOVE_NOTE = 8


class Overlay(QObject):
    """Lays arrows, a note and a slideshow's controls over a picture, and keeps them in their places."""

    walked = Signal(object)  # int: 1 to the next photo, -1 to the one before

    def __init__(self, picture: PictureView) -> None:
        super().__init__(picture)
        self._picture = picture
        self.note = Note(picture)
        self.slideshow = Slideshow(picture)
        self._before, self._after = StepButton("chevron-left", picture), StepButton("chevron-right", picture)
        self._before.clicked.connect(lambda: self.walked.emit(-1))
        self._after.clicked.connect(lambda: self.walked.emit(1))
        self._standing = ("", "")
        self._told = ""
        self._offer: Offer | None = None
        self.note.button.clicked.connect(self._take_offer)
        self._told_timer = QTimer(self, interval=MESSAGE_MS, singleShot=True)
        self._told_timer.timeout.connect(lambda: self.tell(""))
        self.slideshow.handled.connect(self._show)
        self._hide_timer = QTimer(self, interval=_HIDE_MS, singleShot=True)
        self._hide_timer.timeout.connect(self._hide)
        picture.pointer_moved.connect(self._show)
        picture.installEventFilter(self)
        self.retranslate()

    def retranslate(self) -> None:
        self._before.name(tr("Previous photo"))
        self._after.name(tr("Next photo"))
        self._update_note()

    def allow_steps(self, *, before: bool, after: bool) -> None:
        """Offer only the arrows that lead somewhere."""
        self._before.setEnabled(before)
        self._after.setEnabled(after)

    def say(self, mark: str, sentence: str) -> None:
        """Show a sentence with an icon; an empty one takes it away."""
        self._standing = mark, sentence
        self._update_note()

    def tell(self, sentence: str, offer: Offer | None = None) -> None:
        """Show for a few seconds what was done, and can be, in place of what is said of the photo."""
        self._told, self._offer = sentence, offer
        if sentence:
            self._told_timer.start(OFFER_MS if offer else MESSAGE_MS)
        elif self.note.button.hasFocus():
            self._picture.setFocus(Qt.FocusReason.OtherFocusReason)
        self._update_note()

    def withdraw(self, offer: Offer) -> None:
        """Take away what was told with this offer; nothing where something else is told by now."""
        if self._offer is offer:
            self.tell("")

    def _take_offer(self) -> None:
        if offer := self._offer:
            self.tell("")
            offer.take()

    def _update_note(self) -> None:
        if self._told:
            self.note.say("", said_again(self._told), self._offer.text() if self._offer else "")
        else:
            self.note.say(*self._standing)
        self._place()

    def _show(self) -> None:
        for button in (self._before, self._after):
            button.setVisible(button.isEnabled())
        self.slideshow.setVisible(self.slideshow.running)
        self._place()
        self._picture.show_pointer(True)
        self._hide_timer.start()

    def _hide(self) -> None:
        shown = (self._before, self._after, self.slideshow)
        keyboard = self._picture.window().focusWidget() or self._picture
        used = any(each.underMouse() or each.isAncestorOf(keyboard) for each in shown)
        if used or self.slideshow.paused:
            self._hide_timer.start()
            return
        for each in shown:
            each.hide()
        self._picture.show_pointer(not self.slideshow.running)

    def _place(self) -> None:
        area = self._picture.rect()
        middle = (area.height() - self._before.height()) // 2
        right = area.width() - _EDGE - self._after.width()
        self.slideshow.place(area)
        if not self.slideshow.isHidden():
            area.setBottom(self.slideshow.y())
        self.note.place(area)
        if not self.note.isHidden():  # a long one in a small window reaches the middle
            middle = max(0, min(middle, self.note.y() - _ABOVE_NOTE - self._before.height()))
        self._before.move(_EDGE, middle)
        self._after.move(right, middle)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
