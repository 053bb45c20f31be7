"""The answer in the grid: its photos to the last one, what was understood, and the line that says it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from photosearch.core import search_messages
from photosearch.core.query import InFolder
from photosearch.gui.data.engine_link import EngineLink, Question
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.query import examples, results
from photosearch.gui.query.chips import PICTURE, Chip
from photosearch.gui.query.header import Header
from photosearch.gui.query.nothing_found import NothingFoundPage
from photosearch.gui.query.rest import RestOfAnswer
from photosearch.gui.query.understood import filters, understood
from photosearch.gui.widgets.announce import announce
from photosearch.i18n import tr, translated
from photosearch.search.named import file_choice


class ShownAnswer(QObject):
    """Shows an answer, and goes on with it as its rest arrives and as photos come and go.

    Args:
        nothing: the page that stands there where nothing was found
    """

    begun = Signal()  # a first answer is about to take the timeline's place
    shown = Signal()  # another one, or the same anew
    page_wanted = Signal(object)  # QWidget: the grid, or `nothing`
    nothing_yet = Signal()  # there is nothing to search

    def __init__(
        self,
        link: EngineLink,
        reader: LibraryReader,
        header: Header,
        grid: PhotoGrid,
        nothing: NothingFoundPage,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._reader, self._header, self._grid, self._nothing = reader, header, grid, nothing
        self._shown: tuple[Question, search_messages.SearchResult] | None = None  # None: the timeline
        self._by_now: search_messages.SearchResult | None = None  # what the answer would be
        self._ranked: search_messages.Ranked | None = None  # all photos of the answer, once they are known
        self._living: NDArray[np.int64] | None = None  # the photos since then (N,); None: as it says
        self._photos = results.NO_RESULTS  # what of them the grid shows
        self._rest = RestOfAnswer(link, self)
        self._rest.arrived.connect(self._on_rest)
        header.refresh_wanted.connect(self.show_by_now)

    @property
    def question(self) -> Question | None:
        """The question that the grid answers; None while it shows the timeline."""
        return self._shown[0] if self._shown else None

    def retranslate(self) -> None:
        self._show(keep_place=True)

    def show(self, question: Question, result: search_messages.SearchResult) -> None:
        """Show an answer: from its top, or in its place where it is one to the question of before."""
        again = self.question == question
        if self._shown is None:
            self.begun.emit()
        self._shown, self._ranked, self._living = (question, result), None, None
        if result.searched > len(result.hits):
            self._rest.want(question)
        self._forget_by_now()
        self._header.error("", None)
        self._show(keep_place=again)

    def await_another(self) -> None:
        """Another question was asked: this one's answer stays, as it is."""
        self._rest.drop()
        self._forget_by_now()

    def offer(self, question: Question, result: search_messages.SearchResult) -> None:
        """Offer what the answer is by now; where no photo stands there it is shown."""
        if self._shown is not None and self._shown[0] == question:
            self._by_now = result
            self._tell_of_by_now()

    def _tell_of_by_now(self) -> None:
        if self._shown is None or self._by_now is None:
            return
        shown = self._shown[1]
        if not len(self._photos.ids) and (shown.hits or self._by_now.hits):  # nothing can be pulled away
            self.show_by_now()
            return
        if self._living is not None:
            shown, _ = results.without_gone(shown, self._ranked, self._living)
        new = results.new_matches(self._photos, self._by_now)
        self._header.new_matches(new, has_fewer=results.lacks(shown, self._by_now))

    def show_by_now(self) -> None:
        """Show what was offered."""
        if self._shown is not None and self._by_now is not None:
            self.show(self._shown[0], self._by_now)

    def leave_out_gone(self) -> None:
        """Photos that have gone, such as into the trash, leave the answer; those that come back are in it.

        Who searches a folder looks at its files: copies elsewhere do not keep a photo there.
        """
        shown = self._shown

        def on_read(living: NDArray[np.int64]) -> None:
            if self._shown is shown:
                self._living = living
                self._show_living()

        if shown is not None:
            within = shown[0].within if isinstance(shown[0], search_messages.Search) else ()
            folders = file_choice("", within).folders
            there = [InFolder(tuple(folders))] if folders else []
            self._reader.ask(self, lambda reader: reader.matching(there), on_read)

    def clear(self) -> None:
        """Show no answer any more; its photos stay until others take their place."""
        self._shown = self._ranked = None
        self._grid.facts.show_lines({})
        self._grid.facts.show_moments({})
        self._rest.drop()
        self._header.chips.show_pieces(())
        self._header.order.hide()
        self._header.models.hide()
        self._header.everywhere.hide()
        self._header.error("", None)

    def _forget_by_now(self) -> None:
        self._by_now = None
        self._header.new_matches(0)

    def _show(self, *, keep_place: bool) -> None:
        if self._shown is None:
            return
        question, result = self._shown
        if not keep_place and self._header.field.hasFocus():  # another question: ↓ leads to its best answer
            self._grid.leave_current()
        self._grid.facts.show_lines({hit.photo_id: hit.line for hit in result.hits if hit.line})
        self._show_photos(results.shown_results(question, result, self._ranked), keep_place=keep_place)
        self._header.chips.show_pieces(understood(question, result.pieces, result.learnt))
        self._load_pictures()
        line = results.line(question, result)
        self._header.say(line)
        self._header.order.call_usual("" if results.ranks(question, result) else tr("Newest first"))
        announce(self._grid, line)
        self.shown.emit()
        self._header.models.setVisible(bool(result.hits and result.caveat))
        self._choose_page(question, result)

    def _choose_page(self, question: Question, result: search_messages.SearchResult) -> None:
        """The grid, or where no photo is left what can be done about that."""
        found = bool(len(self._photos.ids))
        self._header.order.setVisible(found)
        left = filters(result)
        within = isinstance(question, search_messages.Search) and question.within
        scope = self._header.field.scope_name if within else ""
        self._header.everywhere.setVisible(bool(scope and found) and not results.is_sure(result))
        if found:
            self.page_wanted.emit(self._grid)
        elif left or scope:
            why = translated(result.caveat) if result.caveat else ""
            self._nothing.show_filters(left, scope, result.everywhere, why)
            self.page_wanted.emit(self._nothing)
        else:
            self.nothing_yet.emit()

    def _on_rest(self, ranked: search_messages.Ranked) -> None:
        if self._shown is not None:
            self._ranked = ranked
            self._show_living()

    def _show_living(self) -> None:
        """The answer with what is known of it by now, in its place."""
        if self._shown is None:
            return
        (question, result), ranked = self._shown, self._ranked
        if self._living is not None:
            result, ranked = results.without_gone(result, ranked, self._living)
        photos = results.shown_results(question, result, ranked)
        if not np.array_equal(photos.ids, self._photos.ids):
            self._header.say(results.line(question, result))
            self._show_photos(photos, keep_place=True)
            self._choose_page(question, result)
        self._tell_of_by_now()

    def _show_photos(self, photos: results.ShownResults, *, keep_place: bool) -> None:
        self._photos = photos
        hits = self._shown[1].hits if self._shown else ()
        self._grid.facts.show_moments({hit.photo_id: hit.at_ms for hit in hits if hit.at_ms is not None})
        self._grid.show_photos(*photos, keep_place=keep_place)

    def _load_pictures(self) -> None:
        for chip in self._header.chips.chips:
            picture = chip.understood.picture
            if picture is not None:
                self._load_picture(chip, picture)

    def _load_picture(self, chip: Chip, picture: int | str | bytes) -> None:
        edge = round(PICTURE * chip.devicePixelRatioF())

        def show(tiny: QImage | None) -> None:
            if tiny is not None and chip in self._header.chips.chips:
                chip.set_picture(tiny)

        self._reader.ask(self, lambda reader: examples.tiny(reader, picture, edge), show)
