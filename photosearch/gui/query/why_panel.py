""" "Why this photo": the words and their pull, and where the photo stands among all scores."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import PurePath

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.photo import Confidence
from photosearch.core.search_messages import Explanation, Naming, Pull
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.side_panel import SidePanel
from photosearch.i18n import tr

_ROW = 28
_BAR = 8
_NAMES = 0.58  # of the width, at most
_HISTOGRAM = 96
_ARROW = 10


class Bars(QWidget):
    """Shows each pull as a bar; what pulls away goes to the left of the line."""

    def __init__(self) -> None:
        super().__init__()
        self._pulls: Sequence[Pull] = ()

    def show_pulls(self, pulls: Sequence[Pull]) -> None:
        """Show a bar for each piece of the query."""
        self._pulls = pulls
        self.setFixedHeight(_ROW * len(pulls))
        self.setAccessibleName("; ".join(f"{pull.text}: {pull.score:+.3f}" for pull in pulls))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        most = max((pull.score for pull in self._pulls), default=0.0)
        least = min((pull.score for pull in self._pulls), default=0.0)
        spread = max(most, 0.0) - min(least, 0.0) or 1.0
        measure = self.fontMetrics().horizontalAdvance
        widest = max((measure(pull.text) for pull in self._pulls), default=0)
        names = min(widest + 2, round(self.width() * _NAMES))
        room = self.width() - names - 12
        zero = names + 12 + room * max(0.0, -min(least, 0.0)) / spread
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for row, pull in enumerate(self._pulls):
                top = row * _ROW
                painter.setPen(colours.color(QPalette.ColorRole.WindowText))
                text = self.fontMetrics().elidedText(pull.text, Qt.TextElideMode.ElideMiddle, names)
                painter.drawText(QRect(0, top, names, _ROW), Qt.AlignmentFlag.AlignVCenter, text)
                length = room * pull.score / spread
                bar = QRectF(min(zero, zero + length), top + (_ROW - _BAR) / 2, max(2.0, abs(length)), _BAR)
                role = QPalette.ColorRole.Highlight if pull.score >= 0 else QPalette.ColorRole.BrightText
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colours.color(role))
                painter.drawRoundedRect(bar, 2, 2)
            if least < 0:
                painter.fillRect(
                    QRectF(zero - 0.5, 0, 1, self.height()), colours.color(QPalette.ColorRole.Dark)
                )


class Histogram(QWidget):
    """Shows how many photos have which score, and the bin in which this one stands."""

    def __init__(self) -> None:
        super().__init__()
        self._explanation: Explanation | None = None
        self.setFixedHeight(_HISTOGRAM + _ARROW)

    def show_explanation(self, explanation: Explanation) -> None:
        """Show the scores of all photos, and where this one stands."""
        self._explanation = explanation
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        found = self._explanation
        if found is None or not found.histogram:
            return
        colours = self.palette()
        bins = len(found.histogram)
        tallest = sqrt(max(*found.histogram, 1))
        step = self.width() / bins
        share = (found.score - found.lowest) / (found.highest - found.lowest)
        own = min(max(int(share * bins), 0), bins - 1)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for place, count in enumerate(found.histogram):
                # By the root, so that the few best are seen beside the many others.
                height = max(2.0, _HISTOGRAM * sqrt(count) / tallest) if count else 0.0
                role = QPalette.ColorRole.Highlight if place == own else QPalette.ColorRole.Dark
                painter.setBrush(colours.color(role))
                bar = QRectF(place * step, _ARROW + _HISTOGRAM - height, max(1.0, step - 2), height)
                painter.drawRoundedRect(bar, 1, 1)
            middle = (own + 0.5) * step - 1
            painter.setBrush(colours.color(QPalette.ColorRole.Highlight))
            height = _HISTOGRAM * sqrt(found.histogram[own]) / tallest
            tip = max(_ARROW + _HISTOGRAM - max(height, 2.0) - 3, _ARROW - 2)
            painter.drawPolygon(
                QPolygonF([QPointF(middle - 5, tip - 7), QPointF(middle + 5, tip - 7), QPointF(middle, tip)])
            )


class WhyPanel(SidePanel):
    """Explains at the right of the photos why one of them answers the question."""

    def __init__(self) -> None:
        super().__init__(lambda: tr("Why this photo"))
        self._explanation: Explanation | None = None
        self.verdict = _text(secondary=True)
        self._words_title, self._parts_title, self._all_title = _heading(), _heading(), _heading()
        self.words, self.parts, self.histogram = Bars(), Bars(), Histogram()
        self._words = _titled(self._words_title, self.words)
        self._parts = _titled(self._parts_title, self.parts)
        self._less, self._more = _caption(), _caption()
        axis = QHBoxLayout()
        axis.addWidget(self._less)
        axis.addStretch(1)
        axis.addWidget(self._more)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        for widget in (self._words, self._parts, self._all_title, self.histogram):
            body.addWidget(widget)
        body.insertSpacing(3, 8)
        body.addSpacing(4)
        body.addLayout(axis)
        body.addStretch(1)
        self.column.setSpacing(16)
        self.column.addWidget(self.verdict)
        self.column.addWidget(self._body, 1)
        self.column.addStretch(1)
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        self._words_title.setText(tr("What each word brings"))
        self.words.setToolTip(tr("How much worse the photo would match without the word."))
        self._parts_title.setText(tr("Parts of the search"))
        self._all_title.setText(tr("Among all photos"))
        self._less.setText(tr("matches less"))
        self._more.setText(tr("matches better"))
        if self._explanation is not None:
            self.explain(self._explanation)

    def explain(self, explanation: Explanation) -> None:
        """Show an explanation."""
        self._explanation = explanation
        self.verdict.setText(verdict(explanation))
        words, parts = list(explanation.words), [_named(pull) for pull in explanation.pulls]
        self._words.setVisible(bool(words))
        self._parts.setVisible(len(parts) > 1)
        self.words.show_pulls(words)
        self.parts.show_pulls(parts)
        self.histogram.show_explanation(explanation)
        self._body.setVisible(_put_first_by(explanation) is None)

    def say(self, sentence: str) -> None:
        """Show a sentence instead of an explanation."""
        self._explanation = None
        self.verdict.setText(sentence)
        self._body.hide()


def verdict(explanation: Explanation) -> str:
    """Return where the words stand that put a photo first; else how well it matches, and for which word."""
    named = _put_first_by(explanation)
    if named is None:
        return _by_picture(explanation)
    name = named.text
    return {
        "caption": tr("It comes first as its caption or keywords say “{name}”.", name=name),
        "name": tr("It comes first as its file name says “{name}”.", name=name),
        "text": tr("It comes first as “{name}” is written in it.", name=name),
        "folder": tr("It comes first as it is in the folder “{name}”.", name=name),
        "album": tr("It comes first as it is in the album “{name}”.", name=name),
        "place": tr("It comes first as its place is called “{name}”.", name=name),
        "camera": tr("It comes first as it was taken with “{name}”.", name=name),
    }[named.place]


def _put_first_by(explanation: Explanation) -> Naming | None:
    """Words outside the picture that put a photo first; what the picture shows counts for nothing then."""
    return explanation.named if explanation.rank is not None else None


def _by_picture(explanation: Explanation) -> str:
    sure = {
        Confidence.STRONG: tr("Strong match"),
        Confidence.LIKELY: tr("Likely match"),
        Confidence.WEAK: tr("Less likely"),
    }[explanation.confidence]
    if explanation.rank is None:
        return tr("{sure}, but the filters leave this photo out.", sure=sure)
    rank, n = explanation.rank, explanation.searched
    best = max(explanation.words, key=lambda pull: pull.score, default=Pull("", 0.0))
    if best.score <= 0:
        return tr("{sure}, number {rank} of {n} photos", sure=sure, rank=rank, n=n)
    return tr(
        "{sure}, number {rank} of {n} photos, above all for “{word}”",
        sure=sure,
        rank=rank,
        n=n,
        word=best.text,
    )


def _named(pull: Pull) -> Pull:
    """As the engine names the parts that were not typed."""
    names = {"": tr("the picture"), "+": tr("marked as right"), "-": tr("marked as wrong")}
    text = names.get(pull.text, pull.text)
    text = PurePath(text).name if "/" in text and " " not in text else text
    if pull.away and pull.text not in names:
        text = tr("away from: {what}", what=text)
    return Pull(text, pull.score, pull.away)


def _titled(title: QLabel, bars: Bars) -> QWidget:
    """Bars below their title, with room below them, which goes with them."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 24)
    column.setSpacing(4)
    column.addWidget(title)
    column.addWidget(bars)
    return both


def _heading() -> QLabel:
    label = QLabel()
    label.setFont(theme.scaled_font(1.0, semibold=True))
    return label


def _text(*, secondary: bool) -> QLabel:
    label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    if secondary:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def _caption() -> QLabel:
    label = QLabel()
    label.setFont(theme.scaled_font(0.85))
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
