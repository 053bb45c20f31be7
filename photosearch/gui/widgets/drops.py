"""What is dropped from elsewhere: its paths, taken as a copy, and said while it is held above."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from photosearch.core.file_names import path_of
from photosearch.gui.widgets import theme
from photosearch.i18n import said_again


def take_copy(event: QDropEvent) -> None:
    """Accept what is dropped, or held above: as a copy, so that whoever gives it keeps it."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def paths_in(mime: QMimeData) -> list[str]:
    """Return the paths of the files and folders of this computer, as os.fsdecode gives them."""
    # Not url.toLocalFile(): a name need not be Unicode.
    found = (path_of(bytes(url.toEncoded().data()).decode()) for url in mime.urls() if url.isLocalFile())
    return [path for path in found if path is not None]


class DropOverlay(QWidget):
    """Takes what is dropped on a widget; lies over it while something is held above, and says what that does.

    Args:
        says: what dropping it does; empty: it is not taken.
    """

    dropped = Signal(object)  # QMimeData

    def __init__(self, parent: QWidget, says: Callable[[QDropEvent], str]) -> None:
        super().__init__(parent)
        self._says = says
        parent.setAcceptDrops(True)
        parent.installEventFilter(self)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent):
            if text := self._says(event):
                take_copy(event)
                self._cover(text)
        elif isinstance(event, QDropEvent):  # or moves on
            take_copy(event)
            if event.type() == QEvent.Type.Drop:
                self.hide()
                self.dropped.emit(event.mimeData())
        else:
            if event.type() in (QEvent.Type.DragLeave, QEvent.Type.Resize):
                self.hide()  # what it covered is elsewhere
            return False
        return True

    def _cover(self, text: str) -> None:
        """Lie over all that is seen of the parent, and say this."""
        self.text = text
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.visibleRegion().boundingRect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        veil = colours.color(QPalette.ColorRole.Window)
        veil.setAlphaF(0.88)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), veil)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colours.color(QPalette.ColorRole.Highlight), 2))
            painter.setBrush(colours.color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(16, 16, -16, -16), 10, 10)
            painter.setFont(theme.scaled_font(1.5, semibold=True))
            painter.setPen(colours.color(QPalette.ColorRole.WindowText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, said_again(self.text))
