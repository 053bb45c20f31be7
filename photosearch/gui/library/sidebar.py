"""The sidebar: the places of the library, its albums and saved searches, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from photosearch import i18n
from photosearch.core import tags
from photosearch.core.errors import Sentence
from photosearch.core.messages import FolderStatus
from photosearch.gui.desktop import files
from photosearch.gui.library.contents import Contents, gone
from photosearch.gui.library.places import ALL, Place
from photosearch.gui.library.sidebar_nodes import all_nodes
from photosearch.gui.library.sidebar_row import Node, node_of
from photosearch.gui.library.sidebar_tree import SidebarTree
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import make_action, make_menu
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr
from photosearch.index.excluding import can_be_left_out
from photosearch.store.folders import contains
from photosearch.store.rows import LiveAlbum, SavedSearch

WIDTH = 224


class Sidebar(QWidget):
    """Leads to the places of the library; says by its signals what the person wants done with them.

    Attributes:
        contents: what it shows of the library
    """

    place_chosen = Signal(object)  # Place
    search_chosen = Signal(object)  # str: the query
    page_chosen = Signal(object)  # PROBLEMS, DUPLICATES or MAP
    add_folder_wanted = Signal()
    rescan_wanted = Signal(object)  # bytes: a folder's path; None: all of them
    leave_out_wanted = Signal(object)  # bytes: the path of a folder inside an added one
    removal_wanted = Signal(object)  # bytes: a folder's path; Album; LiveAlbum; Tag; SavedSearch; Tag
    tag_wanted = Signal()  # a new one
    tag_restored = Signal(object)  # str: its name
    relocation_wanted = Signal(object)  # bytes: the path of a folder that is elsewhere now
    album_wanted = Signal()  # a new one
    rename_wanted = Signal(object)  # bytes: a folder's path; Album; LiveAlbum; SavedSearch
    live_wanted = Signal(int, bool, bool)  # id of a saved search; whether it fills itself; whether it tells
    freeze_wanted = Signal(object)  # LiveAlbum: its photos are to be kept
    edit_wanted = Signal(object)  # LiveAlbum: what it looks for is to be changed
    retry_wanted = Signal()
    photos_dropped = Signal(object)  # Album

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tree = SidebarTree()
        self.tree.setMinimumWidth(180)  # the buttons below may want more
        self.teach = _foot_button("teach")
        self.settings = _foot_button("settings")
        self.help = _foot_button("help")
        self.may_tell: Callable[[], bool] = lambda: True  # whether messages of the desktop are wanted
        self.contents = Contents()
        self._busy: Collection[bytes] = ()  # folders that are being looked through
        self._unwatched: Mapping[bytes, Sentence] = {}  # why folders are only looked at now and then
        self._gone: frozenset[bytes] = frozenset()  # folders that are not there, while their drives are
        above = QHBoxLayout()
        above.setContentsMargins(8, 4, 8, 0)
        above.addWidget(self.teach)
        above.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 0, 8, 8)
        foot.addWidget(self.settings)
        foot.addStretch(1)
        foot.addWidget(self.help)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tree, 1)
        column.addLayout(above)
        column.addLayout(foot)
        self.tree.chosen.connect(self._chosen)
        wanted = {"folders": self.add_folder_wanted, "albums": self.album_wanted, "tags": self.tag_wanted}
        self.tree.plus_clicked.connect(lambda key: wanted[key].emit())
        self.tree.menu_wanted.connect(self.show_menu)
        make_action(self.tree, lambda: tr("Rename"), "F2", self._rename_current, "pencil", local=True)
        make_action(self.tree, lambda: tr("Delete"), "Delete", self._remove_current, "trash", local=True)
        self.tree.photos_dropped.connect(self._dropped)
        for button in (self.teach, self.settings, self.help):
            button.installEventFilter(self)
        self.retranslate()
        self.tree.choose(ALL)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows lead through the buttons as they stand; Qt takes them for Tab, which leaves the sidebar."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        match event.key():
            case Qt.Key.Key_Up:
                above = self.tree if watched is self.teach else self.teach
                above.setFocus(Qt.FocusReason.BacktabFocusReason)
            case Qt.Key.Key_Down if watched is self.teach:
                self.settings.setFocus(Qt.FocusReason.TabFocusReason)
            case Qt.Key.Key_Down if watched is self.help:
                self.help.click()  # its menu opens, as that of any button with one
            case Qt.Key.Key_Down:
                pass  # there is nothing below
            case Qt.Key.Key_Right if watched is self.help:
                pass
            case _:
                return False
        return True

    def show_contents(self, contents: Contents) -> None:
        """Show what the library has."""
        self.contents = contents
        self._show()

    def show_busy(self, folders: Iterable[bytes]) -> None:
        """Mark the folders that are being looked through."""
        self._busy = frozenset(folders)
        self._show()

    def show_status(self, folders: Sequence[FolderStatus]) -> None:
        """Say of folders why they are not here, or only looked at now and then."""
        self._unwatched = {folder.path_bytes: folder.unwatched for folder in folders if folder.unwatched}
        self._gone = gone(folders)
        self._show()

    def choose(self, place: Place | str, query: str = "") -> None:
        """Light up a place, or a page by its key, without emitting a choice.

        Args:
            query: what is asked there, the place included; a saved search that asks it is lit up for it, or
                the folder that it is of.
        """
        saved = [search for search in self.contents.searches if search.text == query]
        if not (saved and self.tree.chosen_key in saved):  # of two alike, the one that was clicked
            self.tree.choose(saved[0] if saved else self.contents.folder_asked(query) or place)

    @property
    def lit(self) -> Node | None:
        """The row that is lit up."""
        item = self.tree.item_of(self.tree.chosen_key)
        return node_of(item) if item is not None else None

    def retranslate(self) -> None:
        self.tree.setAccessibleName(tr("Library"))
        self.teach.setText(tr("Teach it your words"))
        self.teach.setToolTip(tr("Teach it your words") + " (Ctrl+T)")
        self.settings.setText(tr("Settings"))
        self.settings.setToolTip(tr("Settings") + " (Ctrl+,)")
        self.help.setText(tr("Help"))
        self._show()

    def menu(self, key: object) -> QMenu | None:
        """Return what can be done with a row, or None where there is nothing."""
        menu = make_menu(self)
        match key:
            case Place(kind="folder", path=path):
                is_gone = any(contains(each, path) for each in self._gone)
                if path in self.contents.added and not is_gone:
                    _add(menu, "refresh", tr("Look through again")).triggered.connect(
                        lambda: self.rescan_wanted.emit(path)
                    )
                if not is_gone:
                    _add(menu, "open", tr("Show in file manager")).triggered.connect(
                        lambda: files.open_file(path)
                    )
                if not self.contents.is_away(path):
                    _add(menu, "pencil", tr("Rename…"), "F2").triggered.connect(lambda: self.rename(key))
                if path not in self.contents.added and not is_gone and can_be_left_out(path):
                    menu.addSeparator()
                    _add(menu, "clear", tr("Leave this folder out")).triggered.connect(
                        lambda: self.leave_out_wanted.emit(path)
                    )
                if path in self.contents.added:
                    if self.contents.is_away(path):
                        _add(menu, "folder", tr("It is elsewhere now…")).triggered.connect(
                            lambda: self.relocation_wanted.emit(path)
                        )
                    menu.addSeparator()
                    _add(menu, "clear", tr("Remove from library…"), "Delete").triggered.connect(
                        lambda: self._remove(key)
                    )
            case Place(kind="album" | "live") | SavedSearch():
                _add(menu, "pencil", tr("Rename…"), "F2").triggered.connect(lambda: self.rename(key))
                if isinstance(key, SavedSearch):
                    _add(menu, "album-live", tr("Keep as a live album")).triggered.connect(
                        lambda: self.live_wanted.emit(key.search_id, True, False)
                    )
                elif album := self.contents.live_album(key):
                    self._add_live_actions(menu, album)
                delete = tr("Delete album") if isinstance(key, Place) else tr("Delete saved search")
                _add(menu, "trash", delete, "Delete").triggered.connect(lambda: self._remove(key))
            case Place(kind="tag") if tag := self.contents.tag(key):
                if tag.own:
                    change = tr("Rename, or change what is looked for…")
                    _add(menu, "pencil", change, "F2").triggered.connect(lambda: self.rename(key))
                said = tr("Delete this tag") if tag.own else tr("Do not look for this")
                _add(menu, "trash" if tag.own else "clear", said, "Delete").triggered.connect(
                    lambda: self._remove(key)
                )
            case "tags":
                _add(menu, "plus", tr("Add a tag…")).triggered.connect(self.tag_wanted)
                for name in self.contents.tags_off:
                    _add(
                        menu, "undo", tr("Look for “{thing}” again", thing=tags.said(name, i18n.language()))
                    ).triggered.connect(lambda _=False, name=name: self.tag_restored.emit(name))
            case "folders":
                _add(menu, "folder-add", tr("Add a folder…")).triggered.connect(self.add_folder_wanted)
                _add(menu, "refresh", tr("Look through all again")).triggered.connect(
                    lambda: self.rescan_wanted.emit(None)
                )
            case "albums":
                _add(menu, "plus", tr("New album…")).triggered.connect(self.album_wanted)
            case "problems":
                _add(menu, "refresh", tr("Try all again")).triggered.connect(self.retry_wanted)
            case _:
                return None
        return menu

    def show_menu(self, key: object, where: QPoint, more: Sequence[QAction] = ()) -> None:
        """Open the menu of a row, with more below, at a place on the screen; nothing where it has none."""
        menu = self.menu(key) or (make_menu(self) if more else None)
        if menu is None:
            return
        if more and not menu.isEmpty():
            menu.addSeparator()
        menu.addActions(more)
        menu.popup(where)

    def _add_live_actions(self, menu: QMenu, album: LiveAlbum) -> None:
        """What can be done with an album that fills itself and with no other."""
        may_tell = self.may_tell()
        text = tr("Tell me of new photos") if may_tell else tr("Tell me of new photos (off in the settings)")
        tell = menu.addAction(text)
        tell.setCheckable(True)
        tell.setChecked(album.notifies)
        tell.setEnabled(may_tell)
        tell.triggered.connect(lambda tells: self.live_wanted.emit(album.search_id, True, tells))
        _add(menu, "search", tr("Change its search")).triggered.connect(lambda: self.edit_wanted.emit(album))
        _add(menu, "album", tr("Keep these photos as an album…")).triggered.connect(
            lambda: self.freeze_wanted.emit(album)
        )
        _add(menu, "bookmark", tr("Make it a saved search again")).triggered.connect(
            lambda: self.live_wanted.emit(album.search_id, False, False)
        )

    def _rename_current(self) -> None:
        if (item := self.tree.currentItem()) is not None:
            self.rename(node_of(item).key)

    def _remove_current(self) -> None:
        if (item := self.tree.currentItem()) is not None:
            self._remove(node_of(item).key)

    def rename(self, key: object) -> None:
        """Ask for another name of a row, where it can have one."""
        match key:
            case Place(kind="folder", path=path) if not self.contents.is_away(path):
                self.rename_wanted.emit(path)
            case Place(kind="album") if album := self.contents.album(key):
                self.rename_wanted.emit(album)
            case Place(kind="live") if live := self.contents.live_album(key):
                self.rename_wanted.emit(live)
            case Place(kind="tag") if (tag := self.contents.tag(key)) and tag.own:
                self.rename_wanted.emit(tag)
            case SavedSearch():
                self.rename_wanted.emit(key)

    def _remove(self, key: object) -> None:
        match key:
            case Place(kind="folder", path=path) if path in self.contents.added:
                self.removal_wanted.emit(path)
            case Place(kind="album") if album := self.contents.album(key):
                self.removal_wanted.emit(album)
            case Place(kind="live") if live := self.contents.live_album(key):
                self.removal_wanted.emit(live)
            case Place(kind="tag") if tag := self.contents.tag(key):
                self.removal_wanted.emit(tag)
            case SavedSearch():
                self.removal_wanted.emit(key)

    def _chosen(self, key: object) -> None:
        match key:
            case Place():
                self.place_chosen.emit(key)
            case SavedSearch():
                self.search_chosen.emit(key.text)
            case str():
                self.page_chosen.emit(key)

    def _dropped(self, key: object) -> None:
        if isinstance(key, Place) and (album := self.contents.album(key)):
            self.photos_dropped.emit(album)

    def _show(self) -> None:
        self.tree.show_nodes(all_nodes(self.contents, self._busy, self._unwatched, self._gone))


def _add(menu: QMenu, picture: str, text: str, keys: str = "") -> QAction:
    """`keys`: those of the tree's own action, to be seen here."""
    action = menu.addAction(icon(picture), text)
    action.setShortcut(QKeySequence(keys))
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    return action


def _foot_button(picture: str) -> QToolButton:
    button = QToolButton(toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon, autoRaise=True)
    button.setObjectName("quiet")
    button.setIcon(icon(picture, QPalette.ColorRole.PlaceholderText))
    button.setIconSize(QSize(18, 18))
    button.setFixedHeight(theme.CONTROL_HEIGHT)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
