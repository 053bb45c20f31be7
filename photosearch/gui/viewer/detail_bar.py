"""The bar above a photo: back, its name, its marks, and what opens more."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from photosearch.core import length
from photosearch.gui.viewer import information_text as told
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.stars import Stars
from photosearch.i18n import tr
from photosearch.store.rows import Details, ShownVideo

_NARROW = 660  # below, stars and date make room for the name
_WIDEST_SCALE = 8.88  # for the room that its figure keeps


class DetailBar(QWidget):
    """The bar above a photo: the way back, its name, its marks."""

    def __init__(self) -> None:
        super().__init__()
        self.back = _button("arrow-left")
        self.favourite = _button("heart")
        self.favourite.setCheckable(True)
        self.favourite.setProperty("mark", True)
        self.stars = Stars()
        self.scale = QToolButton()
        self.scale.setObjectName("bar")
        self.scale.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.information = _button("info")
        self.information.setCheckable(True)
        self.slideshow = _button("play")
        self.full_screen = _button("full-screen")
        self.more = _button("more")
        self.name = _label(1.0, semibold=True)
        self.place = _label(0.85)
        self.place.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.name)
        words.addWidget(self.place)
        words.addStretch(1)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(4)
        row.addWidget(self.back)
        row.addSpacing(8)
        row.addLayout(words, 1)
        row.addWidget(self.stars)
        row.addSpacing(8)
        row.addWidget(self.scale)
        for button in (self.favourite, self.information, self.slideshow, self.full_screen, self.more):
            row.addWidget(button)
        self.setFixedHeight(theme.SEARCH_HEIGHT + 16)
        self._details: Details | None = None
        self._position = self._count = 0
        self._at_ms: int | None = None
        self._stars_shown = True
        self._scale = 1.0
        self.retranslate()

    def retranslate(self) -> None:
        for button, text in (
            (self.back, tr("Back to the photos (Esc)")),
            (self.favourite, tr("Favourite (F)")),
            (self.information, tr("Information (I)")),
            (self.slideshow, tr("Slideshow (P)")),
            (self.full_screen, tr("Full screen (F11)")),
            (self.more, tr("More")),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self.scale.setToolTip(tr("Whole photo or 100 % (Z)"))
        self.scale.setFixedWidth(self.fontMetrics().horizontalAdvance(_percent(_WIDEST_SCALE)) + 16)
        self.show_scale(self._scale)
        self.show_details(self._details, self._position, self._count, self._at_ms)

    def show_scale(self, scale: float) -> None:
        """Show how large the photo is, as a share of its own pixels."""
        self._scale = scale
        self.scale.setText(_percent(scale))
        self.scale.setAccessibleName(tr("Size: {percent}", percent=_percent(scale)))

    def set_stars_shown(self, shown: bool) -> None:
        """Show the stars, where there is room, or hide them."""
        self._stars_shown = shown
        self.stars.setVisible(shown and self.width() >= _NARROW)

    def show_details(
        self, details: Details | None, position: int, count: int, at_ms: int | None = None
    ) -> None:
        """Show a photo's heart, stars and place among so many.

        Args:
            at_ms: of a video, when the frame in view is; None: its poster
        """
        self._details, self._position, self._count, self._at_ms = details, position, count, at_ms
        favourite = bool(details and details.favourite)
        self.favourite.setChecked(favourite)
        role = QPalette.ColorRole.Highlight if favourite else QPalette.ColorRole.WindowText
        self.favourite.setIcon(icon("heart-filled" if favourite else "heart", role, self.favourite))
        self.stars.show_rating(details.rating if details else None)
        self._fit_words()

    def _fit_words(self) -> None:
        """The name as far as there is room, and the date only where it leaves some to the place."""
        details, roomy = self._details, self.width() >= _NARROW
        date = told.date(told.taken(details)) if details and roomy else ""
        place = tr("{position} of {count}", position=self._position + 1, count=self._count)
        lasts = self._moment(details.video) if details and details.video and details.video.seconds else ""
        self.place.setText("  ·  ".join(part for part in (date, lasts, place if self._count else "") if part))
        files = details.files if details else []
        name = told.name_and_folder(files[0].path)[0] if files else ""
        self.name.setText(
            self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, self.name.width())
        )
        self.name.setAccessibleName(name)

    def _moment(self, video: ShownVideo) -> str:
        at_ms = video.poster_ms if self._at_ms is None else self._at_ms
        return tr("{time} of {length}", time=length.shown(at_ms / 1000), length=length.shown(video.seconds))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.set_stars_shown(self._stars_shown)
        self._row.activate()
        self._fit_words()


def _percent(scale: float) -> str:
    return tr("{n} %", n=max(1, round(100 * scale)))


def _button(picture: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("bar")
    button.setIcon(icon(picture, of=button))
    button.setIconSize(QSize(20, 20))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _label(size: float, *, semibold: bool = False) -> QLabel:
    label = QLabel(textFormat=Qt.TextFormat.PlainText)
    label.setFont(theme.scaled_font(size, semibold=semibold))
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return label
