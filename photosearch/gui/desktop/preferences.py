"""What is the person's and not a library's: language, theme, and how the window last stood."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from photosearch import settings


class Preferences(QObject):
    """What the person chose for the window, in an INI file, which Qt writes whole or not at all.

    What cannot be read there is as if it had never been set; where it cannot be written, nothing is lost but
    the memory of it.

    Args:
        file: None: remembered only as long as this object lives.
    """

    changed = Signal(object)  # str: the key of a setting that was chosen

    def __init__(self, file: Path | None = None) -> None:
        super().__init__()
        self._file = QSettings(str(file), QSettings.Format.IniFormat) if file else None
        self._values: dict[str, object] = {}

    def value(self, key: str) -> str:
        """The value of a declared setting that is the person's."""
        kept = self._kept(f"settings/{key}")
        return settings.value(key, kept if isinstance(kept, str) else None)

    def change(self, key: str, value: str) -> None:
        """Set a declared setting that is the person's; `changed` tells it.

        It is told even where the file has this value already: a shell may have written that, unheard.

        Raises:
            KnownError: there is no such setting, or it does not take this value.
        """
        settings.checked(key, value)
        self._keep(f"settings/{key}", value)
        self.changed.emit(key)

    def text(self, name: str) -> str:
        """A note of the window's to itself; empty where there is none."""
        kept = self._kept(f"window/{name}")
        return kept if isinstance(kept, str) else ""

    def note(self, name: str, text: str) -> None:
        """Remember a text of the window's under a name."""
        self._keep(f"window/{name}", text)

    def state(self, name: str) -> QByteArray:
        """What Qt said of a widget's state; empty where there is none."""
        kept = self._kept(f"window/{name}")
        return kept if isinstance(kept, QByteArray) else QByteArray()

    def note_state(self, name: str, state: QByteArray) -> None:
        """Remember a state that Qt made under a name."""
        self._keep(f"window/{name}", state)

    def save(self) -> bool:
        """Write now; Qt would do so a moment later. -> whether it could."""
        if self._file is None:
            return True
        self._file.sync()
        return self._file.status() == QSettings.Status.NoError

    def _kept(self, name: str) -> object:
        return self._values.get(name) if self._file is None else self._file.value(name)

    def _keep(self, name: str, value: object) -> None:
        if self._file is None:
            self._values[name] = value
        else:
            self._file.setValue(name, value)
