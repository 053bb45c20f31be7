"""What can be done wherever one is in the window: its shortcuts, the settings, help."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QMenu, QMessageBox

from photosearch import __version__
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import files
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets.actions import make_action, make_menu
from photosearch.i18n import tr
from photosearch.paths import Library

if TYPE_CHECKING:
    from photosearch.gui.shell.settings_dialog import SettingsDialog
    from photosearch.gui.shell.update_check import UpdateCheck

Dialog = TypeVar("Dialog", bound=QDialog)


class Commands(QObject):
    """The commands of the whole window, each with its shortcut; the sidebar's buttons lead here too.

    Args:
        leave: ends the program.
    """

    restore_wanted = Signal(object)  # Path: of a copy of the library, to go back to once the window has gone

    def __init__(
        self,
        window: Window,
        library: Library,
        reader: LibraryReader,
        link: EngineLink,
        preferences: Preferences,
        leave: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._reader, self._link = window, library, reader, link
        self._preferences, self._leave = preferences, leave
        self._dialogs: dict[type[QDialog], QDialog] = {}
        command = partial(make_action, window)
        command(lambda: tr("Search"), "Ctrl+F /", window.focus_field, "search")
        command(
            lambda: tr("Close what is open, then the selection, then the search"),
            "Escape",
            window.step_back,
            "arrow-left",
        )
        self.quit = command(lambda: tr("Quit"), "Ctrl+Q", leave, "clear")
        command(lambda: tr("Add a folder…"), "Ctrl+Shift+O", window.choose_folder, "folder-add")
        command(lambda: tr("Show or hide the sidebar"), "Ctrl+B", window.splitter.toggle, "sidebar")
        command(lambda: tr("Full screen"), "F11", window.viewer.toggle_full_screen, "full-screen")
        self.settings = command(lambda: tr("Settings"), "Ctrl+,", self.open_settings, "settings")
        self.shortcuts = command(lambda: tr("Keyboard shortcuts"), "? F1", self.show_shortcuts, "help")
        self.how_to = command(lambda: tr("How to search"), "Shift+F1", self.show_how_to_search, "search")
        command(
            lambda: tr("New album of the selected photos"),
            "Ctrl+N",
            window.library.edits.ask_for_album,
            "album",
        )
        command(lambda: tr("Look through all folders again"), "F5", window.library.rescan_all, "refresh")
        self.logs = command(lambda: tr("Open the folder of logs"), "", self.open_logs, "folder")
        self.restore = command(
            lambda: tr("Go back to a copy of the library…"), "", self.open_restore, "refresh"
        )
        self.updates = command(
            lambda: tr("Check for a new version"), "", lambda: self.update_check.ask(), "refresh"
        )
        self.about = command(lambda: tr("About PhotoSearch"), "", self.show_about, "info")
        window.library.sidebar.settings.clicked.connect(self.settings.trigger)
        window.library.sidebar.help.clicked.connect(self._show_help)
        window.search.model_wanted.connect(self.open_models)

    def open_settings(self) -> SettingsDialog:
        """Show the settings, or bring them to the front."""
        from photosearch.gui.shell.settings_dialog import SettingsDialog

        def make() -> SettingsDialog:
            made = SettingsDialog(self._window, self._preferences, self._library, self._reader, self._link)
            made.models.compare_wanted.connect(self._window.library.models.compare_wanted)
            return made

        return self._open_once(SettingsDialog, make)

    def open_models(self, text: str) -> SettingsDialog:
        """Show the settings where the models are, those first that read this text."""
        dialog = self.open_settings()
        dialog.show_models(text)
        return dialog

    def show_shortcuts(self) -> QDialog:
        """Show the sheet of shortcuts, or bring it to the front."""
        from photosearch.gui.shell.shortcuts import ShortcutSheet

        return self._open_once(ShortcutSheet, lambda: ShortcutSheet(self._window))

    def show_how_to_search(self) -> QDialog:
        """Explain beside the window what may be typed, or bring that to the front."""
        from photosearch.gui.query.how_to import HowToSearch

        field, search = self._window.header.field, self._window.search

        def make() -> HowToSearch:
            made = HowToSearch(self._link, self._reader, field.languages, self._window)
            made.example_chosen.connect(search.submit)
            made.picture_wanted.connect(lambda at: field.picture_menu().popup(at))
            return made

        return self._open_once(HowToSearch, make, QDialog.show)

    def help_menu(self) -> QMenu:
        """A menu of help; it deletes itself when closed. It has a new version where one can be asked for."""
        from photosearch import updates

        self.updates.setVisible(bool(updates.address()))
        menu = make_menu(self._window)
        menu.addActions([self.how_to, self.shortcuts, self.logs, self.restore])
        menu.addSeparator()
        menu.addActions([self.updates, self.about])
        return menu

    def open_restore(self) -> QDialog:
        """Let a copy of the library be chosen to go back to."""
        from photosearch.gui.shell.restore_dialog import RestoreDialog

        def make() -> RestoreDialog:
            dialog = RestoreDialog(self._window, self._library, self._reader)
            dialog.wanted.connect(self._leave_to_restore)
            return dialog

        return self._open_once(RestoreDialog, make)

    def _leave_to_restore(self, copy: Path) -> None:
        self.restore_wanted.emit(copy)
        self._leave()

    def open_logs(self) -> None:
        """Show the folder of the library's logs in the file manager."""
        files.open_file(os.fsencode(self._library.logs))

    @cached_property
    def update_check(self) -> UpdateCheck:
        """What asks for a new version, where a person wants to know."""
        from photosearch.gui.shell.update_check import UpdateCheck

        return UpdateCheck(self._window, self._window.status)

    def show_about(self) -> QMessageBox:
        """Show what this program is and its version."""
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(tr("About PhotoSearch"))
        box.setIconPixmap(self._window.windowIcon().pixmap(64, 64))
        box.setText(f"PhotoSearch {__version__}")
        box.setInformativeText(
            tr("Finds your photos by what is in them. Nothing leaves this computer.")
            + "\n\n"
            + tr("Names of places are of GeoNames, under CC BY 4.0.")
        )
        box.addButton(tr("Close"), QMessageBox.ButtonRole.AcceptRole)
        box.open()
        return box

    def _open_once(
        self,
        kind: type[Dialog],
        make: Callable[[], Dialog],
        show: Callable[[QDialog], object] = QDialog.open,
    ) -> Dialog:
        """One of each kind at a time; a second wish raises the first."""
        dialog = self._dialogs.get(kind)
        if not isinstance(dialog, kind):
            dialog = self._dialogs[kind] = make()
            dialog.finished.connect(lambda _: self._dialogs.pop(kind).deleteLater())
            show(dialog)
        dialog.raise_()
        return dialog

    def _show_help(self) -> None:
        button = self._window.library.sidebar.help
        menu = self.help_menu()
        menu.popup(button.mapToGlobal(button.rect().topLeft()) - menu.rect().bottomLeft())
