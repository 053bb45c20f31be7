"""A model as a row of a card: its name, what is known of it, how far something is, what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from photosearch.core.model_messages import Model, Offer
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.model_text import licence_text, model_name, speed_text
from photosearch.gui.widgets.progress_text import size_text
from photosearch.i18n import tr, tr_n, translated

_ROOM_FOR_BUTTONS = 480  # logical pixels: in a narrower row they stand below the texts


class CardRow(QWidget):
    """A row of a card of models.

    Attributes:
        remark: why it stands out, above the name
        about: a sentence
        facts, terms, here: what it takes, on what terms, and what that is here
        fault: what went wrong
        main: the button of what is mostly done; its word changes, so that it keeps the keyboard
        second: a quiet one before it
    """

    def __init__(self) -> None:
        super().__init__()
        self.remark, self.about, self.facts, self.terms, self.here, self.fault = (
            QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True) for _ in range(6)
        )
        self.name = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.name.setFont(theme.scaled_font(1.0, semibold=True))
        self.remark.setFont(theme.scaled_font(0.85, semibold=True))
        self.remark.setForegroundRole(QPalette.ColorRole.Highlight)
        for label in (self.about, self.facts, self.terms, self.here, self.fault):
            label.setFont(theme.scaled_font(0.9))
        for label in (self.facts, self.terms, self.here):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.fault.setForegroundRole(QPalette.ColorRole.BrightText)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(4)
        self.second, self.main = self.buttons = QPushButton(autoDefault=False), QPushButton(autoDefault=False)
        self.second.setObjectName("quiet")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        facts = (self.facts, self.terms, self.here)
        for part in (self.remark, self.name, self.about, *facts, self.bar, self.fault):
            texts.addWidget(part)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        for button in self.buttons:
            self._buttons.addWidget(button)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(12, 10, 12, 10)
        self._row.setSpacing(8)
        self._row.addLayout(texts, 1)
        self._row.addLayout(self._buttons)
        self._row.setAlignment(self._buttons, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        beside = event.size().width() >= _ROOM_FOR_BUTTONS
        self._row.setDirection(
            QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        )

    def say(self, *texts: tuple[QLabel, str]) -> None:
        """Show these texts; a label whose text is empty takes no room."""
        for label, text in texts:
            label.setText(text)
            label.setVisible(bool(text))

    def offer_to(self, name: str, *, second: str, main: str) -> None:
        """Show what can be done with the model of a name; a button without a word is not there."""
        for button, text in zip(self.buttons, (second, main), strict=True):
            button.setText(text)
            button.setAccessibleName(f"{text}: {name}")
            button.setVisible(bool(text))


class ModelRow(CardRow):
    """A model that is here."""

    def show_model(
        self, model: Model, of: Sequence[Model], photos: int, offer: Offer | None, told: str = ""
    ) -> None:
        """Show one of a library's models.

        Args:
            of: all of them
            photos: of the library
            offer: what is known of it where it was got from those on offer
            told: what else is to be said of it
        """
        name = model_name(model.name)
        reading, answers = model.state in ("reading", "paused"), model.state == "answers"
        knows = (_knows(model, of, photos), licence_text(model.licence), size_text(model.bytes))
        self.say(
            (self.remark, tr("Answers your searches") if answers else ""),
            (self.name, name),
            (self.about, translated(offer.about) if offer and offer.about else ""),
            (self.facts, "  ·  ".join(filter(None, knows))),
            (self.terms, ""),
            (self.here, told or _time(model, photos, offer)),
            (self.fault, ""),
        )
        self.bar.setVisible(reading)
        self.bar.setRange(0, max(1, photos))
        self.bar.setValue(model.photos)
        may_go = model.added and model.state in ("here", "beside")
        self.offer_to(
            name,
            second=tr("Stop") if reading else tr("Delete…") if may_go else "",
            main="" if answers else _next_step(model),
        )


def _time(model: Model, photos: int, offer: Offer | None) -> str:
    """How long it would take for all photos, where it is to read them first and was measured."""
    return speed_text(offer, photos) if offer and model.state == "here" and model.photos < photos else ""


def _next_step(model: Model) -> str:
    match model.state:
        case "reading":
            return tr("Pause")
        case "paused":
            return tr("Resume")
    return tr("Change back") if model.before else tr("Use")


def _knows(model: Model, of: Sequence[Model], photos: int) -> str:
    answering = next((model_name(other.name) for other in of if other.state == "answers"), "")
    match model.state:
        case "answers":
            return ""
        case "reading":
            return tr(
                "Reads your photos: {done} of {total}; until it knows them, {name} answers",
                done=model.photos,
                total=photos,
                name=answering,
            )
        case "paused":
            return tr("Paused at {done} of {total} photos", done=model.photos, total=photos)
        case "beside":
            return tr_n(
                "Answers for {n} photo that {name} cannot read now, as on a drive that is away",
                "Answers for {n} photos that {name} cannot read now, as on a drive that is away",
                model.beside,
                name=answering,
            )
    return tr_n("Knows {n} photo", "Knows {n} photos", model.photos) if model.photos else ""
