"""What the person changed, said as it happens, undone and redone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from photosearch.core.history_messages import Change, HistoryChanged, Redo, Turned, Undo
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.library.status import Offer
from photosearch.gui.widgets.actions import make_action
from photosearch.i18n import tr, tr_n, translated

_SAID = "change_said"  # the last one that came about by itself


class _Offered(NamedTuple):
    change: Change  # that is said
    offer: Offer
    next: Callable[[], Change | None]  # what would be undone or redone now


class _Step(NamedTuple):
    """A turn of the photo in view. It is no change of the library's, and has its place among them."""

    quarters: int
    beside: int  # id of the change that comes next in the history: while it does, this step comes before it


class Changes(QObject):
    """The commands Undo and Redo of a window, named after what they would take back or make again.

    The history is the library's: what was changed from the shell or another window is in it too. What came
    about by itself is said once the window is looked at, and once only. Turns of the photo in view are taken
    back in their turn, for as long as it is in view.
    """

    made = Signal(object, object)  # str: what was changed just now; Offer to take it back
    # change id, Sequence[TrashedFile], what to call once any are where they were, or in the trash again
    put_back_wanted = Signal(object, object, object)
    trash_wanted = Signal(object, object, object)
    turned = Signal(object, object)  # str: what was undone or redone just now; Offer of the contrary
    view_turned = Signal(object)  # int: quarters by which the photo in view is to be turned
    passed = Signal(object)  # Offer: by now it would undo or redo another change than was said beside it

    def __init__(self, link: EngineLink, window: QWidget) -> None:
        super().__init__(window)
        self._link = link
        self._window = window
        window.installEventFilter(self)
        self.preferences = Preferences()  # remember what was said
        self.waits: Callable[[], bool] = lambda: False  # for files on their way to the trash or back
        self._history = HistoryChanged()
        self._latest: int | None = None  # id of the latest change that was told; None: nothing was yet
        self._offered: _Offered | None = None
        self._turns: list[_Step] = []  # of the photo in view
        self._turned_back: list[_Step] = []
        self.undo = make_action(window, self._undo_text, "Ctrl+Z", self._undo, "undo")
        self.redo = make_action(window, self._redo_text, "Ctrl+Shift+Z Ctrl+Y", self._redo, "redo")
        self._show()

    def on_event(self, event: HistoryChanged) -> None:
        """Name the commands after what comes next; say a change that is new."""
        self._history = event
        self._show()
        if self._offered and self._offered.next() != self._offered.change:
            self.passed.emit(self._offered.offer)
            self._offered = None
        new = event.undo.change_id if event.undo else 0
        if event.undo and event.undo.by_itself:
            self._say_what_came_about()
        elif event.undo and self._latest is not None and new > self._latest:
            self.made.emit(translated(event.undo.says), self._undo_of(event.undo))
        redo = event.redo.change_id if event.redo else 0
        if self._latest is not None and new > self._latest:
            self._turned_back.clear()
        self._latest = max(new, redo, self._latest or 0)

    def add_turn(self, quarters: int) -> None:
        """The photo in view was turned clockwise by so many quarters."""
        self._turns.append(_Step(quarters, _id(self._history.undo)))
        self._turned_back.clear()
        self._show()

    def forget_turns(self) -> None:
        """Another photo is in view, or none."""
        self._turns.clear()
        self._turned_back.clear()
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self._say_what_came_about()
        return False

    def _say_what_came_about(self) -> None:
        change = self._history.undo
        if change is None or not change.by_itself or not self._window.isActiveWindow():
            return
        known = f"{change.change_id} {change.says}"  # it grows while more of its kind follow
        if known != self.preferences.text(_SAID):
            self.preferences.note(_SAID, known)
            self.made.emit(translated(change.says), self._undo_of(change))

    def _show(self) -> None:
        for action, change, steps in (
            (self.undo, self._history.undo, self._turns),
            (self.redo, self._history.redo, self._turned_back),
        ):
            action.retranslate()
            action.setEnabled(change is not None or _is_next(steps, change))

    def _undo(self, meant: int = 0) -> None:
        def undone(turned: Turned) -> None:
            def say() -> None:
                said = tr("Undone: {change}", change=translated(turned.change.says))
                self.turned.emit(_with_kept(said, turned), self._redo_of(turned.change))

            if turned.files:
                self.put_back_wanted.emit(turned.change.change_id, turned.files, say)
            else:
                say()

        if not meant and _is_next(self._turns, self._history.undo):
            quarters = self._turns.pop().quarters
            self._turned_back.append(_Step(quarters, _id(self._history.redo)))
            self.view_turned.emit(-quarters)
            self._show()
        elif not self.waits():
            self._link.order(self, Undo(meant), undone)

    def _redo(self, meant: int = 0) -> None:
        def redone(turned: Turned) -> None:
            def say() -> None:
                said = tr("Redone: {change}", change=translated(turned.change.says))
                self.turned.emit(_with_kept(said, turned), self._undo_of(turned.change))

            if turned.files:
                self.trash_wanted.emit(turned.change.change_id, turned.files, say)
            else:
                say()

        if not meant and _is_next(self._turned_back, self._history.redo):
            quarters = self._turned_back.pop().quarters
            self._turns.append(_Step(quarters, _id(self._history.undo)))
            self.view_turned.emit(quarters)
            self._show()
        elif not self.waits():
            self._link.order(self, Redo(meant), redone)

    def _undo_of(self, change: Change) -> Offer:
        offer = Offer(lambda: tr("Undo"), lambda: self._undo(change.change_id))
        self._offered = _Offered(change, offer, lambda: self._history.undo)
        return offer

    def _redo_of(self, change: Change) -> Offer:
        offer = Offer(lambda: tr("Redo"), lambda: self._redo(change.change_id))
        self._offered = _Offered(change, offer, lambda: self._history.redo)
        return offer

    def _undo_text(self) -> str:
        return _named(tr("Undo"), self._history.undo, self._turns)

    def _redo_text(self) -> str:
        return _named(tr("Redo"), self._history.redo, self._turned_back)


def _id(change: Change | None) -> int:
    return change.change_id if change else 0


def _is_next(steps: Sequence[_Step], change: Change | None) -> bool:
    """Whether the last of these steps comes before the change."""
    return bool(steps) and steps[-1].beside == _id(change)


def _named(command: str, change: Change | None, steps: Sequence[_Step]) -> str:
    if _is_next(steps, change):
        return tr("{command}: {change}", command=command, change=tr("view turned"))
    if change is None:
        return command
    return tr("{command}: {change}", command=command, change=translated(change.says))


def _with_kept(said: str, turned: Turned) -> str:
    """What was changed by another way since is newer: it stays, and that is said."""
    if not turned.kept:
        return said
    return tr_n(
        "{said} – {n} was changed again since and stays as it is.",
        "{said} – {n} were changed again since and stay as they are.",
        turned.kept,
        said=said,
    )
