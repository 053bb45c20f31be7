"""What can be wrong with how a window looks, found by measuring it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, takewhile
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QColor, QFontMetrics, QImage, QPainter, QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSplitterHandle,
    QToolButton,
    QWidget,
)

from photosearch.gui.widgets.controls import Line
from photosearch.gui.widgets.drops import DropOverlay

_SLACK = 1  # pixels, of rounding
_ARROW = 40  # of a choice, with its margins
_LEAST_CONTRAST = 4.5  # of text, as WCAG 2 has it
_WORD = re.compile(r"[A-Za-z]{2,}")
# Names of keys, of formats and of the program; units.
_INTERNATIONAL = frozenset(
    _WORD.findall(
        "PhotoSearch Qt Ctrl Shift Alt Meta Esc Del Ins Home End PgUp PgDown Space Return Enter Left "
        "Right Up Down Tab Backspace UTF GBK CSV JSON JPEG RAW PNG ISO MB GB kB MP mm km CUDA CPU GPU "
        "float32 bundled English Torch ID Hub EXIF UTC gif jpg xmp XMP photosearchignore digiKam Lightroom"
        " LanceDB Qdrant QDRANT_API_KEY http localhost"
    )
)


def shown(root: QWidget) -> list[QWidget]:
    """The root and what is visible in it, other windows left out."""
    return [
        root,
        *(each for each in root.findChildren(QWidget) if each.isVisible() and each.window() is root.window()),
    ]


# --- geometry


def faults(root: QWidget) -> list[str]:
    """What is cut off, outside, on top of another, or empty."""
    found = []
    for widget in shown(root):
        text = _text(widget)
        if isinstance(widget, QLabel | QAbstractButton):
            found += _emptiness(widget, text)
        if text and not isinstance(widget, Line):
            found += [f"{_name(widget)} is cut off: {text!r}"] if _cut_off(widget, text) else []
            found += (
                [f"{_name(widget)} is outside of what holds it: {text!r}"] if _outside(widget, root) else []
            )
    return found + _overlaps(root)


def _text(widget: QWidget) -> str:
    if isinstance(widget, QLabel) and widget.textFormat() == Qt.TextFormat.RichText:
        return QTextDocumentFragment.fromHtml(widget.text()).toPlainText()
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.text()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return ""


def _emptiness(widget: QLabel | QAbstractButton, text: str) -> list[str]:
    if isinstance(widget, Line) or widget.width() <= 1 or widget.height() <= 1:
        return []
    if isinstance(widget, QLabel) and widget.wordWrap():
        return []  # the place of a sentence that is not said now
    pictured = not widget.pixmap().isNull() if isinstance(widget, QLabel) else not widget.icon().isNull()
    named = bool(widget.accessibleName() or widget.toolTip())
    if not text and not pictured and not (isinstance(widget, QAbstractButton) and named):
        return [f"{_name(widget)} shows nothing"]
    if isinstance(widget, QAbstractButton) and not text and not named:
        return [f"{_name(widget)} has no name"]
    return []


def _cut_off(widget: QWidget, text: str) -> bool:
    if isinstance(widget, QComboBox):
        return widget.fontMetrics().horizontalAdvance(text) + _ARROW > widget.width()
    if isinstance(widget, QToolButton) and widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
        return False
    if not isinstance(widget, QLabel):
        return (
            widget.sizeHint().width() > widget.width() + _SLACK
            or widget.height() < QFontMetrics(widget.font()).height()
        )
    room = widget.contentsRect()
    flags = Qt.TextFlag.TextWordWrap if widget.wordWrap() else Qt.TextFlag.TextSingleLine
    if "\n" in text and not widget.wordWrap():
        flags = Qt.TextFlag.TextExpandTabs
    need = widget.fontMetrics().boundingRect(QRect(0, 0, room.width(), 10_000), flags, text)
    return need.width() > room.width() + _SLACK or need.height() > room.height() + _SLACK


def _outside(widget: QWidget, root: QWidget) -> bool:
    """Whether a parent cuts a piece off; what one can scroll to is not cut off."""
    area, parent = widget.rect(), widget.parentWidget()
    while widget is not root and parent is not None:
        area = area.translated(widget.pos())
        around = parent.parentWidget()
        if isinstance(around, QAbstractScrollArea) and parent is around.viewport():
            return area.left() < -_SLACK or area.right() > parent.width() + _SLACK
        if not parent.rect().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK).contains(area):
            return True
        widget, parent = parent, around
    return False


def _overlaps(root: QWidget) -> list[str]:
    found = []
    texts = [widget for widget in shown(root) if _text(widget)]
    for place, one in enumerate(texts):
        for other in texts[place + 1 :]:
            if one.parent() is other.parent() and one.geometry().adjusted(1, 1, -1, -1).intersects(
                other.geometry()
            ):
                found.append(f"{_name(one)} {_text(one)!r} lies over {_name(other)} {_text(other)!r}")
    return found


def _name(widget: QWidget) -> str:
    return f"{type(widget).__name__} in {type(widget.parent()).__name__}"


# --- what paints itself


class Painted(NamedTuple):
    texts: list[str]
    faults: list[str]  # what was shortened, or drawn where it has no room


@contextmanager
def watched() -> Iterator[Painted]:
    """Notes the text that widgets of ours paint by themselves meanwhile."""
    painted = Painted([], [])
    elided, draw = QFontMetrics.elidedText, QPainter.drawText

    def note_elided(metrics: QFontMetrics, text: str, mode: Any, width: int, flags: int = 0) -> str:
        short = elided(metrics, text, mode, width, flags)
        if short != text:
            painted.faults.append(f"shortened to {short!r}: {text!r}")
        return short

    def note_drawn(painter: QPainter, where: Any, *rest: Any) -> Any:
        text = next(each for each in reversed(rest) if isinstance(each, str))
        painted.texts.append(text)
        if hasattr(where, "toAlignedRect"):
            where = where.toAlignedRect()
        if isinstance(where, QRect) and text:
            need = painter.fontMetrics().boundingRect(where, int(rest[0]), text)
            room = where.adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK)
            if need.width() > room.width() or need.height() > room.height():
                painted.faults.append(f"drawn where it has no room: {text!r}")
        return draw(painter, where, *rest)

    QFontMetrics.elidedText, QPainter.drawText = note_elided, note_drawn  # type: ignore[method-assign, assignment]
    try:
        yield painted
    finally:
        QFontMetrics.elidedText, QPainter.drawText = elided, draw  # type: ignore[method-assign]


# --- colours


def contrast(one: str | QColor, other: str | QColor) -> float:
    """As WCAG 2 has it, from 1 to 21."""
    light, dark = sorted((_luminance(QColor(one)), _luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def pale(root: QWidget, picture: QImage) -> list[str]:
    """Labels and buttons whose colour stands out too little from their ground, in a picture of the root.

    The colour is the palette's, so that it does not matter which fonts there are to draw the text with.
    """
    if any(overlay.isVisible() for overlay in root.findChildren(DropOverlay)):
        return []
    rows, found = pixels(picture), []
    scale = picture.devicePixelRatio()
    for widget in shown(root):
        text = _text(widget)
        corner = widget.mapTo(root, QPoint(0, 0))
        area = QRect(corner, widget.size()).intersected(root.rect())
        if not text or not widget.isEnabled() or area.width() < 4 or area.height() < 4:
            continue
        if root.childAt(area.center()) is not widget:
            continue  # something lies over it
        left, top = round(area.left() * scale), round(area.top() * scale)
        part = rows[top : round(top + area.height() * scale), left : round(left + area.width() * scale)]
        ratio = contrast(widget.palette().color(widget.foregroundRole()), _ground(part))
        if ratio < _LEAST_CONTRAST:
            found.append(f"{_name(widget)} is pale, {ratio:.1f}:1: {text!r}")
    return found


def _ground(part: NDArray[np.uint8]) -> QColor:
    """The colour that most of a picture's pixels have."""
    red, green, blue = np.moveaxis(part.astype(np.uint32), -1, 0)
    # Numbers sort many times as fast as rows.
    colours, counts = np.unique(red << 16 | green << 8 | blue, return_counts=True)
    return QColor.fromRgb(int(colours[counts.argmax()]))


def pixels(picture: QImage) -> NDArray[np.uint8]:
    """-> (H, W, 3)"""
    plain = picture.convertToFormat(QImage.Format.Format_RGBX8888)
    flat = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine() // 4, 4)
    return flat[:, : plain.width(), :3].copy()


# --- words


def english(root: QWidget, names: str, painted: list[str]) -> list[str]:
    """Texts that have English words although another language is spoken; `names` need no translation."""
    known = _INTERNATIONAL | set(_WORD.findall(names))
    return sorted(
        {text for text in (*_texts(root), *painted) if any(word not in known for word in _WORD.findall(text))}
    )


def _texts(root: QWidget) -> Iterator[str]:
    for widget in shown(root):
        yield _text(widget)
        yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
        if isinstance(widget, QLineEdit | QPlainTextEdit):
            yield widget.placeholderText()
        if isinstance(widget, QAbstractItemView):
            yield from _cells(widget.model())
        if isinstance(widget, QMenu):
            yield from (action.text() for action in widget.actions())
    for action in root.findChildren(QAction):
        yield action.text()
    yield root.windowTitle()


def _cells(model: QAbstractItemModel, parent: QModelIndex | None = None) -> Iterator[str]:
    parent = parent or QModelIndex()
    for row in range(model.rowCount(parent)):
        cells = (model.index(row, column, parent) for column in count())
        for cell in takewhile(QModelIndex.isValid, cells):
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                yield str(model.data(cell, role) or "")
        yield from _cells(model, model.index(row, 0, parent))


# --- the keyboard


def unmarked(root: QWidget, most: int = 60) -> tuple[list[str], list[QWidget]]:
    """Walk by Tab: -> widgets that look the same with and without the keyboard, and all that had it."""
    found, walked = [], list[QWidget]()
    before = root.focusWidget()
    if before is not None:
        QTest.keyClick(before, Qt.Key.Key_Tab)  # the mouse leads elsewhere without a ring
    for _ in range(most):
        here = root.focusWidget()
        if here is None or here in walked:
            break
        walked.append(here)
        QApplication.processEvents()
        with_it = _part(root, here)
        QTest.keyClick(here, Qt.Key.Key_Tab)
        QApplication.processEvents()
        if root.focusWidget() is here:
            break  # it keeps the keyboard
        if with_it == _part(root, here) and not isinstance(here, QSplitterHandle):
            found.append(f"{_name(here)} does not show that it has the keyboard")
    if before is not None:
        before.setFocus(Qt.FocusReason.OtherFocusReason)
    return found, walked


def _part(root: QWidget, widget: QWidget) -> QImage:
    corner = widget.mapTo(root, QPoint(0, 0))
    return root.grab(QRect(corner, widget.size()).adjusted(-4, -4, 4, 4).intersected(root.rect())).toImage()
