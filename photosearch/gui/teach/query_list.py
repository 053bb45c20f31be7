"""The set-aside captions whose photo stands elsewhere now: what became worse first, each with its photos."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QVBoxLayout, QWidget

from photosearch.core.teaching import QueryChange
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.teach.strips import Strips
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.tips import tip
from photosearch.i18n import tr

_ROW = 36
_ARROW = 16


class QueryHead(QAbstractButton):
    """A caption and its photo's place before and after; pressed, it shows both searches."""

    def __init__(self, change: QueryChange) -> None:
        super().__init__()
        self._change = change
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setText(change.caption)
        self.setToolTip(tip(change.caption))
        self.retranslate()

    @property
    def _ranks(self) -> str:
        return tr("{before} → {after}", before=self._change.rank_before, after=self._change.rank_after)

    def retranslate(self) -> None:
        self.setAccessibleName(
            tr(
                "{caption}: the right photo was number {before}, now {after}",
                caption=self._change.caption,
                before=self._change.rank_before,
                after=self._change.rank_after,
            )
        )
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(320, _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        worse = self._change.rank_after > self._change.rank_before
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse() or self.hasFocus():
                ring = colours.color(QPalette.ColorRole.Highlight)
                painter.setPen(QPen(ring, 2) if self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(
                    colours.color(QPalette.ColorRole.AlternateBase)
                    if self.underMouse()
                    else Qt.BrushStyle.NoBrush
                )
                frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
                painter.drawRoundedRect(frame, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
            arrow = QRect(10, (_ROW - _ARROW) // 2, _ARROW, _ARROW)
            name = "chevron-down" if self.isChecked() else "chevron-right"
            icon(name, QPalette.ColorRole.PlaceholderText).paint(painter, arrow)
            ranks = self.fontMetrics().horizontalAdvance(self._ranks)
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            role = QPalette.ColorRole.BrightText if worse else QPalette.ColorRole.PlaceholderText
            painter.setPen(colours.color(role))
            painter.drawText(self.rect().adjusted(0, 0, -12, 0), right, self._ranks)
            room = self.rect().adjusted(36, 0, -(ranks + 28), 0)
            painter.setPen(colours.color(QPalette.ColorRole.WindowText))
            text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


class QueryList(QWidget):
    """Lists the searches whose right photo moved, those that became worse first; each opens to its photos."""

    def __init__(self, reader: LibraryReader) -> None:
        super().__init__()
        self._reader = reader
        self.heads: list[QueryHead] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_changes(self, changes: Sequence[QueryChange]) -> None:
        """Show what became of these queries, the worse ones apart."""
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.heads = []
        worse = [change for change in changes if change.rank_after > change.rank_before]
        better = [change for change in changes if change.rank_after < change.rank_before]
        for worsened, group in ((True, worse), (False, better)):
            if group:
                self._column.addWidget(_Heading(len(group), worsened=worsened))
            for change in group:
                self._add(change)

    def _add(self, change: QueryChange) -> None:
        head = QueryHead(change)
        self.heads.append(head)
        self._column.addWidget(head)
        opened: list[Strips] = []

        def toggle(on: bool) -> None:
            if on and not opened:  # photos are read only for who looks
                opened.append(Strips(change, self._reader))
                self._column.insertWidget(self._column.indexOf(head) + 1, opened[0])
            opened[0].setVisible(on)

        head.toggled.connect(toggle)


class _Heading(QLabel):
    def __init__(self, count: int, *, worsened: bool) -> None:
        super().__init__()
        self._count, self._worsened = count, worsened
        self.setFont(theme.scaled_font(0.9, semibold=True))
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setContentsMargins(8, 12, 0, 4)
        self.retranslate()

    def retranslate(self) -> None:
        name = tr("Worse now") if self._worsened else tr("Better now")
        self.setText(f"{name}  {self._count:,}")
