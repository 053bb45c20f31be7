"""The panel at the right: all that is known of one photo, and where one rates and captions it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.viewer import information_text as told
from photosearch.gui.viewer.captioning import CaptionField
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.progress_text import size_text
from photosearch.gui.widgets.side_panel import SidePanel
from photosearch.gui.widgets.stars import INSET as STARS_INSET
from photosearch.gui.widgets.stars import Stars
from photosearch.i18n import tr
from photosearch.store.rows import Details


class Fact(QWidget):
    """A value that can be selected, under its name; hidden where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.name = _label(0.85, secondary=True)
        self.value = _label(1.0)
        self.value.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self.name)
        self._line = QHBoxLayout()
        self._line.setSpacing(4)
        self._line.addWidget(self.value, 1)
        self._column.addLayout(self._line)

    def add_button(self, button: QWidget) -> None:
        """Put a button beside the value."""
        self._line.addWidget(button)

    def tell(self, name: str, value: str) -> None:
        """Show a value under its name; nothing is shown without a value."""
        self.name.setText(name)
        self.value.setText(breakable(value))
        self.value.setAccessibleName(f"{name}: {value}")
        self.setVisible(bool(value))


class InformationPanel(SidePanel):
    """Shows what is known of one photo, and says what the person wants changed of it."""

    rated = Signal(object, object)  # photo id, stars
    captioned = Signal(object, object)  # photo id, str

    def __init__(self) -> None:
        super().__init__(lambda: tr("Information"))
        self._details: Details | None = None
        self._asked = False  # nobody has said yet whether there is a photo
        self.name = _label(1.0, semibold=True)
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.stars = Stars()
        self.caption = CaptionField()
        self._caption_name = _label(0.85, secondary=True)
        self._caption_name.setBuddy(self.caption)
        self._copy_place = QToolButton()
        self._facts = [Fact() for _ in range(11)]
        self._place = self._facts[7]
        self._build()
        self.stars.chosen.connect(self._rate)
        self.caption.written.connect(self.captioned)
        self._copy_place.clicked.connect(self._copy_coordinates)
        self.retranslate()

    def _build(self) -> None:
        column = self.column
        column.setSpacing(12)
        column.addWidget(self.name)
        stars = QHBoxLayout()
        stars.setContentsMargins(-STARS_INSET, 0, 0, 0)  # so that the first stands under the name
        stars.addWidget(self.stars)
        stars.addStretch(1)
        column.addLayout(stars)
        caption = QVBoxLayout()
        caption.setSpacing(4)
        caption.addWidget(self._caption_name)
        caption.addWidget(self.caption)
        column.addLayout(caption)
        for fact in self._facts:
            column.addWidget(fact)
        column.addStretch(1)
        self._copy_place.setObjectName("inline")
        self._copy_place.setIcon(icon("copy", QPalette.ColorRole.PlaceholderText, self._copy_place))
        self._copy_place.setIconSize(QSize(16, 16))
        self._place.add_button(self._copy_place)

    @property
    def details(self) -> Details | None:
        """What is known of the photo shown."""
        return self._details

    def show_details(self, details: Details | None) -> None:
        """Show what is known of a photo."""
        self._details, self._asked = details, True
        self.stars.show_rating(details.rating if details else None)
        self.caption.show_caption(
            details.photo_id if details else None, (details.caption or "") if details else ""
        )
        self._update_facts()

    def retranslate(self) -> None:
        super().retranslate()
        self._caption_name.setText(tr("Caption"))
        self._copy_place.setToolTip(tr("Copy the coordinates"))
        self._copy_place.setAccessibleName(tr("Copy the coordinates"))
        self._update_facts()

    def _update_facts(self) -> None:
        details = self._details
        for part in (self.stars, self._caption_name, self.caption):
            part.setVisible(details is not None)
        if details is None:
            self.name.setText(tr("No photo is selected") if self._asked else "")
            for fact in self._facts:
                fact.hide()
            return
        facts = details.facts
        name, folder = told.name_and_folder(details.files[0].path) if details.files else ("", "")
        self.name.setText(breakable(name or tr("That photo is not there any more.")))
        copies = "\n".join("/".join(reversed(told.name_and_folder(file.path))) for file in details.files[1:])
        size = size_text(details.files[0].size) if details.files else ""
        rows = (
            (tr("Folder"), folder),
            (tr("Taken") if facts.taken_at else tr("Changed"), told.date(details.dated_at)),
            (tr("Size"), "  ·  ".join(part for part in (told.dimensions(facts), size, facts.format) if part)),
            (tr("Camera"), facts.camera or ""),
            (tr("Lens"), facts.lens or ""),
            (tr("Exposure"), told.exposure(facts)),
            (tr("Focal length"), told.focal_length(facts)),
            (tr("Place"), "  ·  ".join(filter(None, (told.coordinates(facts), told.altitude(facts))))),
            (tr("Keywords"), ", ".join(facts.keywords)),
            (tr("Albums"), ", ".join(details.albums)),
            (tr("Also at"), copies),
        )
        for fact, (label, value) in zip(self._facts, rows, strict=True):
            fact.tell(label, value)

    def _rate(self, stars: int) -> None:
        if self._details is not None:
            self.rated.emit(self._details.photo_id, stars)

    def _copy_coordinates(self) -> None:
        if self._details is not None:
            QGuiApplication.clipboard().setText(told.coordinates(self._details.facts))
            where = self._copy_place.mapToGlobal(QPoint(0, self._copy_place.height()))
            QToolTip.showText(where, tr("Copied"), self._copy_place)


def breakable(text: str) -> str:
    """A path or a long name may go on in the next line behind each of its parts."""
    return text.replace("/", "/\u200b").replace("_", "_\u200b")


def _label(size: float, *, semibold: bool = False, secondary: bool = False) -> QLabel:
    label = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setFont(theme.scaled_font(size, semibold=semibold))
    if secondary:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
