"""The icon in the desktop's tray, where there is one: it keeps the program at work and shows its messages."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from photosearch import settings
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.widgets.actions import make_action
from photosearch.gui.widgets.icons import app_icon
from photosearch.i18n import tr

SHOWN_MS = 10_000  # the icon that only a message needs goes after it


class Tray(QObject):
    """The icon in the desktop's tray.

    With the setting on, closing the window hides it, and the icon brings it back.
    """

    def __init__(self, window: QWidget, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._preferences = window, preferences
        self._leaving = False
        self.icon = QSystemTrayIcon(app_icon(), self)
        self.icon.setToolTip("PhotoSearch")
        self.menu = QMenu(window)
        self.open = make_action(self.menu, lambda: tr("Open PhotoSearch"), "", lambda: come_forward(window))
        self.quit = make_action(self.menu, lambda: tr("Quit"), "", self.leave)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(lambda: come_forward(window))
        self._message_timer = QTimer(self, interval=SHOWN_MS, singleShot=True)
        self._message_timer.timeout.connect(self._apply_preference)
        preferences.changed.connect(self._apply_preference)
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.commitDataRequest.connect(self._on_session_end)
        self._apply_preference()

    @property
    def stays(self) -> bool:
        """Whether the program goes on when its window is closed."""
        return self._preferences.value(settings.TRAY) == settings.YES and available()

    def say(self, title: str, text: str) -> None:
        """Show a message beside the other windows; none of them loses the keyboard to it."""
        if not available():
            return
        self.icon.show()
        self.icon.showMessage(title, text, app_icon(), SHOWN_MS)
        self._message_timer.start()

    def leave(self) -> None:
        """End the program, whether it stays or not."""
        self._leaving = True
        self.icon.hide()
        self._window.close()
        QApplication.quit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close and self.stays and not self._leaving:
            event.ignore()
            self._window.hide()
            return True
        return False

    def _apply_preference(self) -> None:
        self.icon.setVisible(self.stays or self._message_timer.isActive())
        QApplication.setQuitOnLastWindowClosed(not self.stays)

    def _on_session_end(self) -> None:
        self._leaving = True

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            come_forward(self._window)


def available() -> bool:
    """Return whether the desktop has a tray."""
    return QSystemTrayIcon.isSystemTrayAvailable()


def come_forward(window: QWidget) -> None:
    """Where the person can see it, also if it was minimised."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
