"""Searching: what was typed, dropped or marked, the answers to it, and what can be done about them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from photosearch import settings
from photosearch.core import note_messages, search_messages
from photosearch.core.errors import QueryError
from photosearch.gui.data.engine_link import Answer, EngineLink, Question
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.library.places import ALL, Place, as_query
from photosearch.gui.query import examples
from photosearch.gui.query.explanation import ExplanationController
from photosearch.gui.query.header import Header
from photosearch.gui.query.nothing_found import NothingFoundPage
from photosearch.gui.query.runner import QueryRunner
from photosearch.gui.query.shown_answer import ShownAnswer
from photosearch.gui.query.suggestions import SuggestionList
from photosearch.gui.query.understood import Understood
from photosearch.gui.query.why_panel import WhyPanel
from photosearch.gui.widgets import dialogs
from photosearch.gui.widgets.actions import make_action
from photosearch.gui.widgets.announce import announce
from photosearch.gui.widgets.controls import CheckBox
from photosearch.i18n import tr
from photosearch.search.named import file_choice
from photosearch.search.query import Query, parse, without
from photosearch.search.written import sought
from photosearch.store.folders import FileChoice
from photosearch.store.rows import LiveAlbum


class SearchController(QObject):
    """Shows answers in the grid. Its owner lays out `nothing` among the pages and `why` beside them."""

    ended = Signal()  # back to the timeline
    told = Signal(object)  # str: something was done, or why it was not
    scope_changed = Signal()  # `scope` is another, or the question is
    scope_left = Signal()  # nothing is asked, and all photos are to be looked at
    model_wanted = Signal(object)  # str: one that reads this text
    word_chosen = Signal(object)  # Understood: a word of the person's own, to be changed

    def __init__(
        self, link: EngineLink, reader: LibraryReader, header: Header, grid: PhotoGrid, window: QWidget
    ) -> None:
        super().__init__(window)
        self._link, self._reader, self._header, self._grid = link, reader, header, grid
        self._window = window
        self.scope = ALL  # where questions are asked
        self._former: tuple[Place, str] | None = None  # the search from which photos like one were looked for
        self._edited = ""  # the name of the live album whose search is being changed
        self._entered_question: Question | None = None  # to be remembered once it is answered
        self.runner = QueryRunner(link)
        self.suggestions = SuggestionList(
            header.field, link, window, header, lambda: header.says_wrong, lambda: self.scope.filters
        )
        self.nothing = NothingFoundPage()
        self.answer = ShownAnswer(link, reader, header, grid, self.nothing, self)
        self.why = WhyPanel()
        self._explanation = ExplanationController(
            link, self.why, lambda: grid.current_id, lambda: self.shown, grid
        )
        self._marks = [
            make_action(grid, text, keys, partial(self._mark, liked=liked), picture, local=True)
            for text, keys, liked, picture in (
                (lambda: tr("More like this"), "+ =", True, "thumb-up"),
                (lambda: tr("Less like this"), "-", False, "thumb-down"),
            )
        ]
        why = make_action(
            grid, lambda: tr("Why this photo"), "W", self._explanation.toggle, "why", local=True
        )
        self.actions_ = [*self._marks, why]
        make_action(window, lambda: tr("Save this search"), "Ctrl+S", self.ask_for_name, "bookmark")
        pick = header.field.open_picture_menu
        make_action(window, lambda: tr("Search by a picture"), "Ctrl+Shift+P", pick, "picture")
        make_action(window, lambda: tr("Search for what was meant"), "Alt+Return Alt+Enter", self._mend)
        make_action(window, lambda: tr("Search everywhere"), "Ctrl+Shift+F", self.search_everywhere, "search")
        self._connect()
        self._allow_marks(False)
        reader.ask(
            self,
            lambda found: found.setting(settings.REMEMBER_SEARCHES) != settings.NO,
            self.suggestions.set_remembering,
        )

    def _connect(self) -> None:
        header, runner = self._header, self.runner
        header.field.textChanged.connect(runner.typed)
        header.field.returnPressed.connect(self._on_entered)
        header.field.cleared.connect(self.clear)
        header.field.picture_given.connect(lambda picture: runner.add_pictures((picture,)))
        header.mend.clicked.connect(self._mend)
        header.field.scope_removed.connect(self.search_everywhere)
        header.everywhere.clicked.connect(self.search_everywhere)
        header.models.clicked.connect(self._want_model)
        header.field.left_downwards.connect(self._grid.enter)
        header.chips.removed.connect(self.remove)
        header.chips.emptied.connect(lambda: header.field.setFocus(Qt.FocusReason.OtherFocusReason))
        header.chips.chosen.connect(self._on_chip_chosen)
        header.order.chosen.connect(lambda values: runner.set_order(*values))
        self.suggestions.accepted.connect(lambda _: self._on_entered())
        self.suggestions.saved_accepted.connect(self.submit)
        self.scope_changed.connect(self.suggestions.follow_place)
        self.suggestions.nothing_to_suggest.connect(self._grid.enter)
        runner.asked.connect(self._on_asked)
        runner.asked.connect(self.scope_changed)
        runner.answered.connect(self._on_answered)
        runner.answer_changed.connect(self.answer.offer)
        self.answer.shown.connect(self._explanation.refresh)
        runner.failed.connect(self._on_failed)
        runner.cleared.connect(self._on_cleared)
        runner.slow.connect(header.busy.set_busy)
        self._grid.opened.connect(self._remember)
        self._grid.current_changed.connect(self._explanation.refresh)
        self._explanation.told.connect(self.told)
        self.nothing.removal_wanted.connect(self._remove_from_page)
        self.nothing.everywhere_wanted.connect(self.search_everywhere)

    @property
    def shown(self) -> Question | None:
        """The question that the grid answers; None while it shows the timeline."""
        return self.answer.question

    # --- asking

    def sought(self) -> list[str]:
        """The texts that the question looks for in photos."""
        return sought(self.shown.text) if isinstance(self.shown, search_messages.Search) else []

    def file_choice(self) -> FileChoice:
        """The files by which photos are shown, where the present question is asked."""
        question = self.runner.question
        try:
            query = parse(question.text if isinstance(question, search_messages.Search) else "")
        except QueryError:
            query = Query()
        return file_choice(query.sentence, [*query.filters, *self.scope.filters])

    def find_similar(self, photo_ids: Sequence[int]) -> None:
        """Ask for photos like these, wherever they are; what was typed goes, and a step leads back to it."""
        former, shown = self._former, self.shown
        if isinstance(shown, search_messages.Search) and shown.text:
            former = (self.scope, shown.text)
        self.search_within(ALL)
        if len(photo_ids) == 1:
            self.runner.similar(photo_ids[0])
            self._header.field.clear()
        else:
            self.leave()
            self.runner.mark(tuple(photo_ids), liked=True)
        self._former = former

    def search_within(self, place: Place) -> None:
        """Ask for photos of this place, from the next question on."""
        self.scope = place
        self.runner.search_within(place.filters)
        self.scope_changed.emit()

    def search_everywhere(self) -> None:
        """Ask the present question of all photos; where there is none, look at all of them."""
        if self.scope == ALL:
            return
        self._header.field.setFocus(Qt.FocusReason.OtherFocusReason)  # what was pressed is about to go
        if self.runner.question is None and not self._header.field.text().strip():
            self.scope_left.emit()
        else:
            self.search_within(ALL)
            self.runner.submit()

    def library_changed(self) -> None:
        """See whether the answer is another one now that photos, or what is known of them, changed."""
        if self.shown is not None:
            self.runner.recheck()

    def close_open(self) -> bool:
        """Close the suggestions, else the panel; return False where neither is open."""
        return self.suggestions.close_by_hand() or self.why.leave()

    def submit(self, text: str) -> None:
        """Ask this of all photos, as if it had been typed and entered."""
        self._edited = ""
        self.search_within(ALL)
        self._ask_alone(text)

    def edit(self, album: LiveAlbum) -> None:
        """Ask what an album looks for, to be changed and saved under its name."""
        self.submit(album.text)
        self._edited = album.name
        self._header.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.told.emit(tr("Change what “{name}” looks for, then save it by Ctrl+S.", name=album.name))

    def leave(self) -> None:
        """Ask for nothing any more; the keyboard stays where it is."""
        self.runner.clear()
        self._header.field.clear()

    def step_back(self) -> None:
        """From photos like one to the search that found that one; else ask for nothing any more."""
        if self._former is None:
            self.clear()
            return
        place, text = self._former
        self.search_within(place)
        self._ask_alone(text)

    def place_gone(self, place: Place) -> None:
        """No step leads back to a search in a place that is gone."""
        if self._former is not None and self._former[0] == place:
            self._former = None

    def _ask_alone(self, text: str) -> None:
        self._header.field.setText(text)
        self.runner.ask_alone(text)
        self.answer.show_by_now()

    def clear(self) -> None:
        """Ask for nothing any more."""
        self.leave()
        self._header.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def remove(self, piece: Understood) -> None:
        """Take a piece out of the question."""
        match piece.kind:
            case "similar":
                self.runner.clear()
            case "picture":
                self.runner.remove_picture(piece.place)
            case "marks":
                self.runner.unmark()
            case "text":
                typed = self._header.field.text().strip()
                if piece.span is not None and self._is_of(typed):
                    self._header.field.setText(without(typed, piece.span))
                    self.runner.submit()

    def _remove_from_page(self, piece: Understood) -> None:
        self._header.field.setFocus(Qt.FocusReason.OtherFocusReason)  # the page is about to go
        self.remove(piece)

    def _is_of(self, typed: str) -> bool:
        """Whether the chips are of what stands in the field; if not, others come in a moment."""
        return isinstance(self.shown, search_messages.Search) and self.shown.text == typed

    def _on_chip_chosen(self, piece: Understood) -> None:
        if piece.kind == "word":
            self.word_chosen.emit(piece)
        if piece.span is not None and self._is_of(self._header.field.text().strip()):
            self._header.field.select_piece(piece.span)
        elif piece.picture is not None:
            self._show_large(piece.picture)

    def _show_large(self, picture: int | str | bytes) -> None:
        def show(image: QImage | None) -> None:
            chip = next(
                (each for each in self._header.chips.chips if each.understood.picture == picture), None
            )
            if image is not None and chip is not None:
                chip.show_large(image)

        self._reader.ask(self, lambda reader: examples.image_of(reader, picture), show)

    def _on_entered(self) -> None:
        self.runner.submit()
        self.answer.show_by_now()
        if self.shown == self.runner.question:
            self._remember()
        else:
            self._entered_question = self.runner.question

    def _remember(self) -> None:
        """Whoever presses Enter or opens a result has found something to come back to."""
        question = self.runner.question
        if isinstance(question, search_messages.Search) and question.text:
            self._link.order(self, note_messages.RememberSearch(question.text))

    def _mark(self, *, liked: bool) -> None:
        chosen = tuple(int(photo_id) for photo_id in self._grid.selected_ids)
        if chosen:
            self.runner.mark(chosen, liked=liked)

    # --- answers

    def _on_asked(self, question: Question | None) -> None:
        self.answer.await_another()
        if question is not None:
            self._header.order.take(question.sort, question.group)
        search = question if isinstance(question, search_messages.Search) else None
        if question is None or (search and search.text):
            self._former = None
        self._grid.facts.show_thumbs(search.liked if search else (), search.disliked if search else ())

    def _on_answered(self, question: Question, result: search_messages.SearchResult) -> None:
        if self._entered_question == question:
            self._remember()
        self._entered_question = None
        self._allow_marks(True)
        self.answer.show(question, result)

    def _on_failed(self, answer: Answer, by_enter: bool) -> None:
        """What was found before stays."""
        mended = ""
        if answer.span and answer.instead and isinstance(self.runner.question, search_messages.Search):
            text, (start, end) = self.runner.question.text, answer.span
            mended = f"{text[:start]}{answer.instead}{text[end:]}"
        self._header.error(answer.sentence, answer.span, mended=mended, at_once=by_enter)
        announce(self._grid, answer.sentence)

    def _mend(self) -> None:
        """Ask what was probably meant, where the query cannot be understood."""
        if self._header.mended:
            self._header.field.setText(self._header.mended)
            self._header.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self._on_entered()

    def _want_model(self) -> None:
        """One that reads what this one does not."""
        if isinstance(self.shown, search_messages.Search):
            self.model_wanted.emit(self.shown.text)

    def _on_cleared(self) -> None:
        self._edited = ""
        self._allow_marks(False)
        self.answer.clear()
        self._explanation.close()
        self.ended.emit()

    # --- keeping a search

    def ask_for_name(self) -> None:
        """Ask for a name and keep what is typed under it."""
        text = self._header.field.text().strip()
        if not text or not isinstance(self.shown, search_messages.Search):
            self.told.emit(tr("Type a search first; then it can be saved."))
            return
        whole = self.whole_text(text)
        if whole is None:
            self.told.emit(
                tr("The name of this place cannot be typed. Search everywhere, then save the search.")
            )
            return
        live = CheckBox(tr("Keep it among the albums, filled with new photos by itself"))
        live.setEnabled(self.scope.kind != "live")  # no such album looks in another
        live.setChecked(bool(self._edited))
        dialogs.ask_name(
            self._window,
            tr("Save this search"),
            tr("Its name. What it shows is looked for anew each time:"),
            self._edited or text,
            lambda name: self._save_as(name, whole, live=live.isChecked()),
            live,
        )

    def whole_text(self, text: str) -> str | None:
        """What to type to ask this where questions are asked; None where that place cannot be typed."""
        scope = as_query(self.scope, self._header.field.scope_name)
        return None if scope is None else f"{text} {scope}".strip()

    def _save_as(self, name: str, text: str, *, live: bool) -> None:
        self._link.order(self, note_messages.SaveSearch(name, text, live), takes_long=live)

    def _allow_marks(self, allowed: bool) -> None:
        """What is shown answers a question."""
        for action in self._marks:
            action.setEnabled(allowed)
