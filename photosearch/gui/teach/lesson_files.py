"""Files of the teaching window: captions and lessons that come and go; and what is asked before."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from photosearch.core import teaching_messages as teaching
from photosearch.core.teaching import LessonInfo
from photosearch.gui.teach import wording
from photosearch.gui.teach.teaching_client import TeachingClient
from photosearch.gui.widgets import dialogs
from photosearch.i18n import tr

SUFFIX = ".lesson.safetensors"


class LessonFiles(QObject):
    """Asks for files of captions and lessons, for a new name, and before a lesson is deleted."""

    import_begun = Signal()
    captions_imported = Signal(object)  # str: what came of it

    def __init__(self, client: TeachingClient, parent: QWidget) -> None:
        super().__init__(parent)
        self._client, self._parent = client, parent

    def choose_folder(self) -> QFileDialog:
        """Ask for a folder of captions to import."""
        dialog = self._dialog(tr("Import captions"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.import_captions)
        dialog.open()
        return dialog

    def choose_captions(self) -> QFileDialog:
        """Ask for a file of captions to import."""
        dialog = self._dialog(tr("Import captions"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [
                tr("Captions ({kinds})", kinds="*.csv *.tsv *.jsonl *.json *.txt *.token"),
                tr("All files ({kinds})", kinds="*"),
            ]
        )
        dialog.fileSelected.connect(self.import_captions)
        dialog.open()
        return dialog

    def import_captions(self, path: str) -> None:
        """Import the captions of a file or folder; `captions_imported` says what became of them."""
        self.import_begun.emit()
        self._client.import_captions(path, lambda reply: self.captions_imported.emit(wording.imported(reply)))

    def choose_import(self) -> QFileDialog:
        """Ask for a lesson's file to import."""
        dialog = self._dialog(tr("Import what was learnt elsewhere"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Lessons ({kinds})", kinds="*.safetensors")])
        dialog.fileSelected.connect(self._client.import_lesson)
        dialog.open()
        return dialog

    def choose_export(self, info: LessonInfo) -> QFileDialog:
        """Ask where to write a lesson's file, and write it."""
        dialog = self._dialog(tr("Export what was learnt"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([tr("Lessons ({kinds})", kinds="*.safetensors")])
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(_file_name(info.name) + SUFFIX)
        dialog.fileSelected.connect(lambda path: self._client.export_lesson(info.lesson, path))
        dialog.open()
        return dialog

    def ask_for_name(self, info: LessonInfo) -> None:
        """Ask for another name of a lesson."""

        def rename(name: str) -> None:
            self._client.change(teaching.RenameLesson(info.lesson, name))

        dialogs.ask_name(self._parent, tr("Rename"), tr("Name"), info.name, rename)

    def ask_to_delete(self, info: LessonInfo) -> None:
        """Delete a lesson, once that is confirmed."""
        dialogs.confirm(
            self._parent,
            tr("Delete “{name}”?", name=info.name),
            tr("Your captions stay. It is in use; searches go on without it.")
            if info.in_use
            else tr("Your captions stay, and so does what is in use."),
            tr("Delete"),
            lambda: self._client.change(teaching.DeleteLesson(info.lesson)),
        )

    def _dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._parent, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def _file_name(name: str) -> str:
    """Without what file systems cannot hold."""
    kept = "".join(" " if character in '<>:"/\\|?*' or character < " " else character for character in name)
    return os.fsdecode(os.fsencode(" ".join(kept.split()).strip(". ")[:80])) or "lesson"
