"""Teaching in the window: its command, its line at the foot, captions photo after photo, words as chips."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

from photosearch.core import messages, note_messages
from photosearch.core import teaching_messages as teaching
from photosearch.core.teaching import Word
from photosearch.gui.captions.caption_reads import without_captions, written
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.query.understood import Understood
from photosearch.gui.shell.window import Window
from photosearch.gui.teach.bar import TeachBar
from photosearch.gui.teach.teaching_client import TeachingClient
from photosearch.gui.widgets.actions import make_action
from photosearch.i18n import tr
from photosearch.store.reader import Reader

if TYPE_CHECKING:
    from photosearch.gui.captions.mode import CaptionMode
    from photosearch.gui.teach.dialog import TeachDialog
    from photosearch.gui.teach.words_popover import WordPopover

OFFERED_FROM = 20  # photos that the person captioned
OFFER_MS = 1500
_OFFER = "teach_offer"  # what is noted of it: nothing, or "over"
_SEEN = "lesson_seen"  # the last one whose end was told


class TeachController(QObject):
    """Adds teaching to a window: its command, its line at the foot, caption mode, words as chips."""

    def __init__(
        self, window: Window, link: EngineLink, reader: LibraryReader, preferences: Preferences
    ) -> None:
        super().__init__(window)
        self._window, self._link, self._reader, self._preferences = window, link, reader, preferences
        self._was_running = False
        self.client = TeachingClient(link)
        self.bar = TeachBar()
        self.open = make_action(
            window, lambda: tr("Teach it your words"), "Ctrl+T", self.open_dialog, "teach"
        )
        caption_all = make_action(
            window.grid,
            lambda: tr("Caption photo after photo"),
            "Shift+C",
            self.caption_many,
            "pencil",
            local=True,
        )
        window.viewer.actions.on_results = (*window.viewer.actions.on_results, caption_all)
        window.lines.insertWidget(0, self.bar)
        self._offer_timer = QTimer(self, interval=OFFER_MS, singleShot=True)
        self._offer_timer.timeout.connect(self._consider_offer)
        self._connect()

    def _connect(self) -> None:
        window = self._window
        window.library.sidebar.teach.clicked.connect(self.open_dialog)
        window.search.word_chosen.connect(self._edit_word)
        self._link.event_received.connect(self._on_event)
        self.client.state_changed.connect(self._on_state_changed)
        self.bar.show_wanted.connect(self.open_dialog)
        self.bar.dismissed.connect(self._on_dismissed)
        self.client.refused.connect(self._on_refused)

    # Each is imported and made when it is first wanted, so that the window is there sooner.

    @cached_property
    def dialog(self) -> TeachDialog:
        """The dialog, made when it is first wanted."""
        from photosearch.gui.teach.dialog import TeachDialog

        dialog = TeachDialog(self.client, self._reader, self._window)
        dialog.captions_wanted.connect(self._caption_next)
        dialog.folder_wanted.connect(self._window.choose_folder)
        dialog.finished.connect(lambda _: self._update_bar())
        return dialog

    @cached_property
    def captions(self) -> CaptionMode:
        """Caption mode, made when it is first wanted."""
        from photosearch.gui.captions.mode import CaptionMode

        viewer = self._window.viewer
        captions = CaptionMode(self._reader, viewer.previews, viewer.notes, self._window)
        captions.closed.connect(self._on_captions_closed)
        captions.teach_wanted.connect(self.open_dialog)
        return captions

    @cached_property
    def popover(self) -> WordPopover:
        """The popover of a word, made when it is first wanted."""
        from photosearch.gui.teach.words_popover import WordPopover

        popover = WordPopover(self._window)
        popover.changed.connect(self.client.set_word)
        popover.closed.connect(self._window.focus_field)
        return popover

    def _in_view(self, name: str) -> bool:
        """Whether one of them is, without making it."""
        made: QWidget | None = self.__dict__.get(name)
        return made is not None and made.isVisible()

    def open_dialog(self) -> None:
        """Open the dialog, at a report that was not seen yet if there is one."""
        self._end_offer()
        self.dialog.open_()
        if self._unseen:
            self.dialog.show_report()
        self._update_bar()

    # --- captions

    def caption_many(self) -> None:
        """Caption the selected photos; else those shown that have no caption, from where one is."""
        grid = self._window.grid
        selected = grid.selected_ids
        if len(selected) > 1:
            self._caption(selected.tolist())
            return
        ids, current = grid.ids, grid.current_id
        if current is not None and current in ids:
            ids = np.roll(ids, -int(np.flatnonzero(ids == current)[0]))
        self._reader.ask(self, lambda reader: without_captions(reader, ids), self._caption)

    def _caption_next(self) -> None:
        """Those that help most, else any without a caption."""
        self.dialog.close()
        readiness = self.client.readiness
        if readiness is not None and readiness.next:
            self._caption(readiness.next)
        else:
            self._reader.ask(self, _all_without_captions, self._caption)

    def _caption(self, ids: Sequence[int]) -> None:
        if len(ids):
            self.captions.start(ids)
        else:
            self._window.status.show_problem(tr("Every photo here has a caption."))

    def _on_captions_closed(self) -> None:
        if self._window.grid.isVisible():
            self._window.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- the line at the foot

    def _on_state_changed(self) -> None:
        self._update_bar()
        self._was_running = self.client.state.phase == "running"

    @property
    def _unseen(self) -> bool:
        """What was learnt has not been told yet, perhaps because there was no window."""
        state = self.client.state
        return state.phase == "done" and state.lesson != self._preferences.text(_SEEN)

    def _update_bar(self) -> None:
        """Only while its window is closed."""
        state = self.client.state
        told = state.phase == "running" or self._unseen or (self._was_running and state.phase == "failed")
        looks = self._in_view("dialog")
        if looks and state.phase == "done":
            self._preferences.note(_SEEN, state.lesson)
        self.bar.show_state(state if told and not looks else None)

    def _on_dismissed(self) -> None:
        if self.client.state.phase == "done":
            self._preferences.note(_SEEN, self.client.state.lesson)
        self._end_offer()

    def _on_event(self, event: messages.AnyEvent) -> None:
        match event:
            case note_messages.NotesChanged():
                if self._preferences.text(_OFFER) == "" and not self._offer_timer.isActive():
                    self._offer_timer.start()
            case teaching.LessonsChanged():
                self._window.search.runner.ask_again()

    def _consider_offer(self) -> None:
        def on_lessons(reply: teaching.LessonList, captions: int) -> None:
            if not reply.lessons and self.client.state.phase == "idle" and not self._in_view("dialog"):
                self.bar.offer(captions)

        def on_count(captions: int) -> None:
            if captions >= OFFERED_FROM and not self._in_view("captions"):
                self._link.order(
                    self,
                    teaching.GetLessons(),
                    lambda reply: on_lessons(reply, captions),
                    lambda sentence: None,
                )

        self._reader.ask(self, written, on_count)

    def _end_offer(self) -> None:
        if self.bar.offers:
            self.bar.offer(0)
            self._preferences.note(_OFFER, "over")

    def _on_refused(self, sentence: str) -> None:
        if not self._in_view("dialog"):  # else it says so itself
            self._window.status.show_problem(sentence)

    # --- words in a search

    def _edit_word(self, piece: Understood) -> None:
        header = self._window.header
        chip = next((chip for chip in header.chips.chips if chip.understood == piece), None)
        if chip is None or piece.word is None:
            return
        use = piece.word

        def open_popover(reply: teaching.Words) -> None:
            if chip in header.chips.chips and header.isAncestorOf(self._window.focusWidget() or chip):
                word = next((word for word in reply.words if word.name == use.name), None)
                self.popover.open_at(word or Word(use.name, use.phrase), chip)

        self._link.order(self, teaching.GetWords(), open_popover)


def _all_without_captions(reader: Reader) -> list[int]:
    return without_captions(reader, reader.living()[::-1])
