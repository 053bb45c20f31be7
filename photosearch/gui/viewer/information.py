"""The panel at the right: all that is known of a photo, where one rates and captions it; or of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QToolButton,
    QToolTip,
    QVBoxLayout,
)

from photosearch import i18n
from photosearch.core import length
from photosearch.core.lines import as_text
from photosearch.core.tags import Tag
from photosearch.gui.library.places import Place
from photosearch.gui.viewer import information_text as told
from photosearch.gui.viewer import shared_text
from photosearch.gui.viewer.captioning import CaptionField
from photosearch.gui.viewer.fact import Fact, Piece, breakable, joined, label
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.progress_text import size_text
from photosearch.gui.widgets.side_panel import SidePanel
from photosearch.gui.widgets.stars import INSET as STARS_INSET
from photosearch.gui.widgets.stars import Stars
from photosearch.i18n import tr, tr_n, translated
from photosearch.search.tokens import in_marks, written
from photosearch.store.rows import Details
from photosearch.store.shared import Shared

_NEAR_KM = 5
_APART = "  ·  "
_BETWEEN_TAGS = "   "


class _NotThis(NamedTuple):
    """Where the mark behind a tag leads: away with it."""

    tag: str


class InformationPanel(SidePanel):
    """Shows what is known of one photo, or what several share; says what the person wants changed of them."""

    rated = Signal(object, object)  # photo ids, stars
    captioned = Signal(object, object, object)  # as CaptionField.written
    followed = Signal(object)  # Place, or str: a search
    denied = Signal(object, object)  # photo id, str: a tag that it is not to have

    def __init__(self) -> None:
        super().__init__(lambda: tr("Information"))
        self._details: Details | None = None
        self._shared: Shared | None = None  # of several photos, which are shown instead
        self._photo_ids: Sequence[int] = ()  # of the one, or of the several
        self._asked = False  # nobody has said yet whether there is a photo
        self.name = label(1.0, semibold=True)
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.stars = Stars()
        self.caption = CaptionField()
        self._caption_name = label(0.85, secondary=True)
        self._caption_name.setBuddy(self.caption)
        self._other: str | None = None  # the caption by now, while another one is being written
        self._of_other = label(0.85)
        self._copy_place = QToolButton()
        self._copy_text = QToolButton()
        self._facts = [Fact() for _ in range(17)]
        self._place, self._text = self._facts[8], self._facts[16]
        self._build()
        self.stars.chosen.connect(self._rate)
        self.caption.written.connect(self.captioned)
        self.caption.overtaken.connect(self._tell_of_other)
        for ends in (self.caption.written, self.caption.left):
            ends.connect(lambda *_: self._tell_of_other(None))
        self._copy_place.clicked.connect(self._copy_coordinates)
        self._copy_text.clicked.connect(self._copy_lines)
        self.retranslate()

    def _build(self) -> None:
        column = self.column
        column.setSpacing(12)
        column.addWidget(self.name)
        stars = QHBoxLayout()
        stars.addSpacing(-STARS_INSET)  # so that the first stands under the name; layouts take no such margin
        stars.addWidget(self.stars)
        stars.addStretch(1)
        column.addLayout(stars)
        caption = QVBoxLayout()
        caption.setSpacing(4)
        caption.addWidget(self._caption_name)
        caption.addWidget(self.caption)
        caption.addWidget(self._of_other)
        column.addLayout(caption)
        for fact in self._facts:
            column.addWidget(fact)
            fact.followed.connect(self._follow)
        column.addStretch(1)
        for button, beside in ((self._copy_place, self._place), (self._copy_text, self._text)):
            button.setObjectName("inline")
            button.setIcon(icon("copy", QPalette.ColorRole.PlaceholderText, button))
            button.setIconSize(QSize(16, 16))
            beside.add_button(button)

    @property
    def details(self) -> Details | None:
        """What is known of the photo shown."""
        return self._details

    def show_details(self, details: Details | None) -> None:
        """Show what is known of a photo."""
        self._details, self._shared, self._asked = details, None, True
        self._take_up((details.photo_id,) if details else ())
        self.stars.show_rating(details.rating if details else None)
        is_video = details is not None and details.video is not None
        self.caption.show_caption(
            self._photo_ids, (details.caption or "") if details else "", is_video=is_video
        )
        self._update_facts()

    @property
    def shared(self) -> Shared | None:
        """What is known of several photos; None while one is shown, or none."""
        return self._shared

    def show_shared(self, shared: Shared, photo_ids: Sequence[int]) -> None:
        """Show what several photos share: `photo_ids`."""
        self._details, self._shared, self._asked = None, shared, True
        self._take_up(tuple(photo_ids))
        alike = len(shared.stars) == 1
        self.stars.show_rating(shared.stars[0][0] if alike else None, differ=not alike)
        self.caption.show_caption(self._photo_ids, shared.caption)
        self._update_facts()

    def _take_up(self, photo_ids: Sequence[int]) -> None:
        if photo_ids != self._photo_ids:
            self._tell_of_other(None)
        self._photo_ids = photo_ids

    def _tell_of_other(self, caption: str | None) -> None:
        self._other = caption
        if caption:
            said = tr(
                "By now it has another caption: “{caption}”. Enter keeps what you wrote, Esc takes that one.",
                caption=caption,
            )
        else:
            said = tr("By now it has no caption. Enter keeps what you wrote, Esc leaves it without.")
        self._of_other.setText("" if caption is None else said)
        self._of_other.setVisible(caption is not None)

    def retranslate(self) -> None:
        super().retranslate()
        self._tell_of_other(self._other)
        self._copy_place.setToolTip(tr("Copy the coordinates"))
        self._copy_place.setAccessibleName(tr("Copy the coordinates"))
        self._copy_text.setToolTip(tr("Copy text"))
        self._copy_text.setAccessibleName(tr("Copy text"))
        self._update_facts()

    def _update_facts(self) -> None:
        details = self._details
        of_all = tr_n(
            "Caption of {n} photo. Shift+C captions one after another.",
            "The same caption for {n} photos. Shift+C captions one after another.",
            len(self._photo_ids),
        )
        self._caption_name.setText(of_all if self._shared else tr("Caption"))
        self.caption.setAccessibleDescription(of_all if self._shared else "")
        for part in (self.stars, self._caption_name, self.caption):
            part.setVisible(bool(self._photo_ids))
        if self._shared is not None:
            self.name.setText(tr_n("{n} photo", "{n} photos", self._shared.photos))
            nothing: list[tuple[str, list[Piece]]] = [("", [])] * len(self._facts)
            shared = (*shared_text.facts(self._shared), *nothing)
            for fact, (name, pieces) in zip(self._facts, shared, strict=False):
                self._tell(fact, name, pieces)
            return
        if details is None:
            self.name.setText(tr("No photo is selected") if self._asked else "")
            for fact in self._facts:
                self._tell(fact, "", ())
            return
        facts = details.facts
        name, folder = told.name_and_folder(details.files[0].path) if details.files else ("", "")
        self.name.setText(breakable(name or tr("That photo is not there any more.")))
        copies = "\n".join("/".join(reversed(told.name_and_folder(file.path))) for file in details.files[1:])
        size = size_text(details.files[0].size) if details.files else ""
        day = Piece(told.date(told.taken(details)), f"date:{told.taken(details)[:10]}")
        date = told.date_name(details.dated_from)
        camera = Piece(facts.camera or "", written("camera", facts.camera or ""))
        where = Piece(told.coordinates(facts), f"near:{facts.latitude},{facts.longitude},{_NEAR_KM}")
        said = details.town.said(i18n.language()) if details.town else ""
        town = Piece(said, written("place", said))
        keywords = (Piece(word, in_marks(word)) for word in facts.keywords)
        people = (Piece(name, in_marks(name)) for name in facts.people)
        things = (piece for tag in details.tags for piece in _of_tag(tag))
        albums = [
            *(Piece(name, Place("album", album_id)) for album_id, name in details.albums.items()),
            *(Piece(name, Place("live", search_id=id_)) for id_, name in details.live_albums.items()),
        ]
        rows = (
            (tr("Folder"), [Piece(folder, Place("folder", path=told.folder_of(details)))] if folder else []),
            (date, joined((day, Piece(told.time_zone(facts))), _APART)),
            (tr("Size"), joined(map(Piece, (told.dimensions(facts), size, facts.format)), _APART)),
            (tr("Length"), [Piece(length.shown(details.video.seconds) if details.video else "")]),
            (tr("Camera"), [camera]),
            (tr("Lens"), [Piece(facts.lens or "")]),
            (tr("Exposure"), [Piece(told.exposure(facts))]),
            (tr("Focal length"), [Piece(told.focal_length(facts))]),
            (tr("Place"), joined((town, where, Piece(told.altitude(facts))), _APART)),
            (tr("Title"), [Piece(facts.title or "")]),
            (tr("Things"), list(things)),
            (tr("Keywords"), joined(keywords, ", ")),
            (tr("People"), joined(people, ", ")),
            (tr("Albums"), joined(albums, ", ")),
            (tr("Also at"), [Piece(copies)]),
            (tr("Damaged"), [Piece(translated(details.damage) if details.damage else "")]),
            (tr("Text"), [Piece("\n".join(line.text for line in details.lines))]),
        )
        for fact, (name, pieces) in zip(self._facts, rows, strict=True):
            self._tell(fact, name, pieces)

    def _tell(self, fact: Fact, name: str, pieces: Sequence[Piece]) -> None:
        """Show or hide a fact; of one that has the keyboard and goes, as a photo's only tag, it goes home."""
        focus = self.window().focusWidget()
        if focus is not None and fact.isAncestorOf(focus) and not any(piece.text for piece in pieces):
            self.go_home()
        fact.tell(name, *pieces)

    def _rate(self, stars: int) -> None:
        if self._photo_ids:
            self.rated.emit(self._photo_ids, stars)

    def _follow(self, to: Place | str | _NotThis) -> None:
        if not isinstance(to, _NotThis):
            self.followed.emit(to)
        elif self._details is not None:
            self.denied.emit(self._details.photo_id, to.tag)

    def _copy_coordinates(self) -> None:
        if self._details is not None:
            _copy(told.coordinates(self._details.facts), self._copy_place)

    def _copy_lines(self) -> None:
        if self._details is not None:
            _copy(as_text(self._details.lines), self._copy_text)


def _copy(text: str, button: QToolButton) -> None:
    QGuiApplication.clipboard().setText(text)
    QToolTip.showText(button.mapToGlobal(QPoint(0, button.height())), tr("Copied"), button)


def _of_tag(tag: Tag) -> tuple[Piece, ...]:
    """Its name, which leads to all photos that have it, and a mark that takes it away from this one."""
    said = tag.said(i18n.language())
    away = Piece("✕", _NotThis(tag.name), tr("This is not “{thing}”", thing=said))
    return Piece(said, Place("tag", tag=tag.name)), Piece("\u00a0"), away, Piece(_BETWEEN_TAGS)
