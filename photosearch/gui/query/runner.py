"""From keystroke to answer: waits for a pause in typing, numbers each question, drops stale answers."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.core import search_messages
from photosearch.core.query import AnyFilter
from photosearch.gui.data.engine_link import Answer, EngineLink, Question

BEST = 200  # hits asked for
MOST = 10_000  # hits asked for at most where all that is sure is to be arranged
_NOTHING = search_messages.Search("", BEST)
_PAUSE_MS = 90
_SLOW_MS = 300
RECHECK_MS = 2_000  # before a growing library is asked whether the answer is another by now


class QueryRunner(QObject):
    """Asks the engine: words, pictures, marks, and the order wanted. Only the newest question is answered."""

    asked = Signal(object)  # Question | None: there is another one now
    answered = Signal(object, object)  # Question, search_messages.SearchResult
    failed = Signal(object, object)  # Answer, bool: whether it was asked for by Enter
    cleared = Signal()  # there is no question any more
    slow = Signal(bool)  # an answer is awaited for long
    answer_changed = Signal(object, object)  # Question, SearchResult: what it would be by now

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link
        self._generation = 0
        self._question: Question | None = None
        self._search = _NOTHING  # what it would be, were it asked now
        self._failed = False  # it was answered, with what is wrong
        self._waiting = False
        self._rechecks = False  # the answer awaited shows only whether there is another
        self._entered = False
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._ask_if_new)
        self._patience = QTimer(self, interval=_SLOW_MS, singleShot=True)
        self._patience.timeout.connect(lambda: self.slow.emit(True))
        self._recheck = QTimer(self, singleShot=True)
        self._recheck.timeout.connect(self._recheck_now)
        link.answered.connect(self._on_answered)

    @property
    def question(self) -> Question | None:
        """The question that the window shows or waits for."""
        return self._question

    def typed(self, text: str) -> None:
        """Ask another text after a pause. Empty text needs no engine and no pause."""
        text = text.strip()
        if text == self._search.text:
            return
        kept = {} if _continues(self._search.text, text) else {"liked": (), "disliked": ()}
        self._search = msgspec.structs.replace(self._search, text=text, **kept)
        if text:
            self._entered = False
            self._pause.start()
        elif self._search.images:
            self._ask_if_new()
        else:
            self.clear()

    def submit(self) -> None:
        """Ask what was typed, now; and again what could not be answered, which it may be by now."""
        self._entered = True
        self._ask_if_new(again=self._failed)

    def ask_alone(self, text: str) -> None:
        """Ask this text now, without the pictures and marks of what was asked before."""
        self._forget()
        self._search = msgspec.structs.replace(self._search, text=text.strip())
        self.submit()

    def similar(self, photo_id: int) -> None:
        """Ask for photos like this one; what was typed no longer counts."""
        self._forget()
        self._ask(search_messages.Similar(photo_id, BEST))

    def search_within(self, scope: tuple[AnyFilter, ...]) -> None:
        """Ask only for photos that pass these filters, from the next question on."""
        self._search = msgspec.structs.replace(self._search, within=scope)

    def add_pictures(self, pictures: tuple[bytes, ...]) -> None:
        """Ask for photos that are like these files of pictures, too."""
        self._change(images=(*self._search.images, *pictures))

    def remove_picture(self, place: int) -> None:
        """Ask without the picture at this place."""
        images = self._search.images
        self._change(images=images[:place] + images[place + 1 :])

    def mark(self, photo_ids: tuple[int, ...], *, liked: bool) -> None:
        """Ask for more like these photos, or less; marks that are there already are taken away."""
        search = self._search
        if isinstance(self._question, search_messages.Similar):  # it becomes the first of the marks
            search = msgspec.structs.replace(search, text="", liked=(self._question.photo_id,))
        here, there = (search.liked, search.disliked) if liked else (search.disliked, search.liked)
        if set(photo_ids) <= set(here):
            here = tuple(photo_id for photo_id in here if photo_id not in photo_ids)
        else:
            here += tuple(photo_id for photo_id in photo_ids if photo_id not in here)
        there = tuple(photo_id for photo_id in there if photo_id not in photo_ids)
        self._search = search
        self._change(**{"liked": here, "disliked": there} if liked else {"liked": there, "disliked": here})

    def unmark(self) -> None:
        """Ask without marks."""
        self._change(liked=(), disliked=())

    def set_order(self, sort: search_messages.Sort, group: search_messages.Group) -> None:
        """Sort and group answers in another way, until nothing, or something else alone, is asked."""
        question = self._question
        most = 0 if (sort, group) == ("relevance", "none") else MOST
        self._search = msgspec.structs.replace(self._search, sort=sort, group=group, most=most)
        if isinstance(question, search_messages.Similar):
            self._ask(msgspec.structs.replace(question, sort=sort, group=group, most=most))
        elif question is not None:
            self._ask_if_new()

    def repeat(self) -> None:
        """Ask again what the engine could not answer: it is back."""
        if self._question is not None and self._failed:
            self._ask(self._question)

    def ask_again(self) -> None:
        """Ask again what is shown: the model makes something else of words now."""
        if self._question is not None:
            self._ask(self._question)

    def recheck(self) -> None:
        """See after a while whether the answer has changed, as what is searched has."""
        if self._question is not None and not self._recheck.isActive():
            self._recheck.start(RECHECK_MS)

    def clear(self) -> None:
        """Ask nothing any more."""
        self._forget()
        self._generation += 1
        self._question = None
        self._quiet()
        self.asked.emit(None)
        self.cleared.emit()

    @property
    def _asks(self) -> bool:
        return bool(self._search.text) or self._search.has_examples

    def _forget(self) -> None:
        self._pause.stop()
        self._recheck.stop()
        self._search = msgspec.structs.replace(_NOTHING, within=self._search.within)

    def _change(self, **changes: object) -> None:
        self._search = msgspec.structs.replace(self._search, **changes)
        if self._asks:
            self._ask_if_new()
        else:
            self.clear()

    def _ask_if_new(self, *, again: bool = False) -> None:
        self._pause.stop()
        if self._asks and (again or self._question != self._search):
            self._ask(self._search)

    def _ask(self, question: Question) -> None:
        changed, self._question = question != self._question, question
        self._failed = False
        self._rechecks = False
        self._recheck.stop()
        self._patience.start()
        self._send(question)
        if changed:
            self.asked.emit(question)

    def _send(self, question: Question) -> None:
        self._waiting = True
        self._generation += 1
        self._link.ask(self._generation, question)

    def _recheck_now(self) -> None:
        if self._waiting or self._pause.isActive():
            self._recheck.start(RECHECK_MS)
        elif self._question is not None:
            self._rechecks = True
            self._send(self._question)

    def _on_answered(self, answer: Answer) -> None:
        question = self._question
        if answer.generation != self._generation or question is None:
            return
        self._quiet()
        if answer.result is None:
            if not self._rechecks:
                self._failed = True
                self.failed.emit(answer, self._entered)
        elif self._rechecks:
            self.answer_changed.emit(question, answer.result)
        else:
            self.answered.emit(question, answer.result)

    def _quiet(self) -> None:
        self._waiting = False
        self._patience.stop()
        self.slow.emit(False)


def _continues(old: str, new: str) -> bool:
    """Whether a text is the one before, worked on; marks on its photos then still make sense."""
    kept = set(old.split()).intersection(new.split())
    return new.startswith(old) or old.startswith(new) or 2 * len(kept) > len(set(old.split()))
