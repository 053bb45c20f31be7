"""Photos that go on by themselves: the clock, and the controls that lie over the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from photosearch.gui.widgets.controls import NumberBox
from photosearch.gui.widgets.floating import paint_ground
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr

_SECONDS, _LONGEST = 5, 60
_FROM_BELOW = 24
_OF_NUMBER = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Delete,
)


class Slideshow(QWidget):
    """Asks for the next photo each time the present one has been seen for long enough."""

    next_wanted = Signal()
    begun = Signal()
    ended = Signal()
    handled = Signal()  # by someone who wants to see the controls now

    def __init__(self, picture: QWidget) -> None:
        super().__init__(picture)
        self._picture = picture
        self._running = self._paused = False
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self.next_wanted)
        self.pause = _button(self)
        self.stop = _button(self)
        self.stop.setIcon(icon("clear", of=self.stop))
        self.seconds = _Seconds()
        self.seconds.setRange(1, _LONGEST)
        self.seconds.setValue(_SECONDS)
        self.seconds.setFixedWidth(96)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(4)
        for control in (self.pause, self.seconds, self.stop):
            row.addWidget(control)
        self.setTabOrder(self.pause, self.seconds)  # as they stand
        self.setTabOrder(self.seconds, self.stop)
        self.pause.clicked.connect(self.start_or_pause)
        self.stop.clicked.connect(self.end)
        self.seconds.valueChanged.connect(self._on_seconds)
        self.seconds.left.connect(picture.setFocus)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        paused = self._paused
        self.pause.setIcon(icon("play" if paused else "pause", of=self.pause))
        for button, text in (
            (self.pause, tr("Go on (P)") if paused else tr("Pause (P)")),
            (self.stop, tr("End the slideshow (Esc)")),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self.seconds.setSuffix(tr(" s"))
        self.seconds.setAccessibleName(tr("Seconds for each photo"))
        self.seconds.setToolTip(tr("Seconds for each photo"))

    @property
    def running(self) -> bool:
        """Whether it has begun and not ended; it may pause."""
        return self._running

    @property
    def paused(self) -> bool:
        """Whether it waits to be told to go on."""
        return self._running and self._paused

    def start_or_pause(self) -> None:
        """Begin; once it has begun, pause or go on."""
        if not self._running:
            self._running, self._paused = True, False
            self.begun.emit()
        else:
            self._paused = not self._paused
        self.count_down()
        self.retranslate()
        self.handled.emit()

    def hold(self) -> None:
        """Pause, for what needs the person's eyes on this photo."""
        if self._running and not self._paused:
            self.start_or_pause()

    def end(self) -> None:
        """Stay with the photo in view."""
        if self._running:
            self._running = False
            self._clock.stop()
            if self.isAncestorOf(self.window().focusWidget() or self.window()):
                self._picture.setFocus(Qt.FocusReason.OtherFocusReason)
            self.hide()
            self.ended.emit()

    def wait(self) -> None:
        """Another photo is on its way."""
        self._clock.stop()

    def count_down(self) -> None:
        """Another photo can be seen from now on."""
        if self._running and not self._paused:
            self._clock.start(1000 * self.seconds.value())
        else:
            self._clock.stop()

    def place(self, area: QRect) -> None:
        """Lie near the lower edge of an area."""
        self.resize(self.sizeHint())
        self.move((area.width() - self.width()) // 2, area.height() - self.height() - _FROM_BELOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_ground(self)

    def _on_seconds(self) -> None:
        if self._clock.isActive():
            self.count_down()


class _Seconds(NumberBox):
    """Takes only the keys of a number; the others are meant for the photos."""

    left = Signal()  # by Enter: the keyboard is no longer wanted here

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and not self._is_for_number(event):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_for_number(event):
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            event.ignore()

    def _is_for_number(self, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and (event.key() in _OF_NUMBER or event.text().isdigit())


def _button(parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setObjectName("bar")
    button.setIconSize(QSize(20, 20))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
