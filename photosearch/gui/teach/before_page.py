"""Before learning: what there is to learn from, and what would help most."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from photosearch.core.teaching_messages import Readiness
from photosearch.gui.teach.teach_page import Remark, TeachPage, body, heading, plain, primary, quiet, title
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import Menu
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr, tr_n

_MARK = 24
_NAMES = 12


class BeforePage(TeachPage):
    """Shows what there is to learn from, and what would help most."""

    start_wanted = Signal()
    captions_wanted = Signal()  # caption mode
    import_wanted = Signal()  # from a file
    import_folder_wanted = Signal()  # from what stands beside and in photos
    folder_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._readiness: Readiness | None = None
        self._photos: int | None = None
        self._here = True
        self._title, self._what = title(), quiet()
        self.remark = Remark()
        self.captions, self.names, self.test = Item(), Item(), Item()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(4)
        self.bar.setMaximumWidth(360)
        self.more, self.import_ = QPushButton(), QPushButton()
        self.start, self.close_button = primary(), plain()
        self._cost = quiet(0.9)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 4, 0, 0)
        buttons.setSpacing(8)
        buttons.addWidget(self.more)
        buttons.addWidget(self.import_)
        buttons.addStretch(1)
        self.captions.below.addSpacing(4)
        self.captions.below.addWidget(self.bar)
        self.captions.below.addLayout(buttons)
        for widget, after in (
            (self._title, 8),
            (self._what, 24),
            (self.remark, 0),
            (self.captions, 24),
            (self.names, 24),
            (self.test, 0),
        ):
            self.column.addWidget(widget)
            self.column.addSpacing(after)
        self.column.addStretch(1)
        self.foot.addWidget(self._cost, 1)
        self.foot.addWidget(self.close_button)
        self.foot.addWidget(self.start)
        self.start.clicked.connect(self.start_wanted)
        self.more.clicked.connect(self._on_more)
        menu = Menu(self.import_)
        self.from_file = menu.addAction(icon("open"), "")
        self.from_folder = menu.addAction(icon("folder"), "")
        self.from_file.triggered.connect(self.import_wanted)
        self.from_folder.triggered.connect(self.import_folder_wanted)
        self.import_.setMenu(menu)
        self.import_.setIcon(icon("chevron-down", QPalette.ColorRole.PlaceholderText))
        self.import_.setIconSize(QSize(16, 16))
        self.import_.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the icon stands behind the text
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.retranslate()

    def show_readiness(self, readiness: Readiness | None, photos: int | None, *, here: bool) -> None:
        """`photos` of the library, None while that is not known; `here`: there is an engine."""
        self._readiness, self._photos, self._here = readiness, photos, here
        self.retranslate()

    def retranslate(self) -> None:
        found = self._readiness
        empty = self._empty
        self._title.setText(tr("Teach it your words"))
        self._what.setText(
            tr(
                "It learns the names, places and ways of speaking in your captions, so that you can "
                "search as you would say it. Everything stays on this computer, and your photos are "
                "not read again."
            )
        )
        self.more.setText(tr("Add a folder…") if empty else tr("Caption more photos"))
        self.import_.setText(tr("Import captions…"))
        self.from_file.setText(tr("From a file: CSV, JSON lines, text…"))
        self.from_folder.setText(tr("From a folder: beside photos, or in them…"))
        self.start.setText(tr("Start learning"))
        self.close_button.setText(tr("Close"))
        enough = found is not None and found.enough != "no"
        self.start.setEnabled(enough and self._here)
        self.import_.setEnabled(self._here and not empty)
        self.more.setEnabled(self._here)
        self._cost.setText(tr("It takes about a minute, and can be stopped.") if enough else "")
        self._update_captions(found, empty=empty)
        self._update_names(found)
        self.test.show_text(
            tr("A fair test"),
            tr(
                "We set aside some of your captions as a test. It never learns from these. "
                "What it learnt is used only if they are found better."
            ),
            done=enough,
        )

    @property
    def _empty(self) -> bool:
        """There are no photos."""
        found = self._readiness
        return self._photos == 0 and (found is None or not (found.photos or found.next))

    def _update_captions(self, found: Readiness | None, *, empty: bool) -> None:
        if not self._here:
            self.captions.show_text(tr("Captions"), tr("The search engine is not running."), done=False)
        elif empty:
            self.captions.show_text(
                tr("There are no photos yet"),
                tr("Add a folder first; then write what they show."),
                done=False,
            )
        elif found is None:
            self.captions.show_text(tr("Captions"), tr("Looking at your captions…"), done=False)
        else:
            told = {
                "no": tr_n(
                    "{n} more photo needs a caption before it can learn.",
                    "{n} more photos need a caption before it can learn.",
                    found.wanted,
                ),
                "few": tr_n(
                    "Enough to try. With {n} more the result is surer.",
                    "Enough to try. With {n} more the result is surer.",
                    found.wanted,
                ),
                "yes": tr("Enough to learn from."),
            }[found.enough]
            self.captions.show_text(
                tr_n("{n} photo has a caption", "{n} photos have captions", found.photos),
                told,
                done=found.enough == "yes",
            )
        counted = found is not None and not empty and self._here
        self.bar.setVisible(counted)
        if found is not None:
            self.bar.setRange(0, max(1, found.photos + found.wanted))
            self.bar.setValue(found.photos)
            self.bar.setAccessibleName(
                tr("{n} of {total}", n=found.photos, total=found.photos + found.wanted)
            )

    def _update_names(self, found: Readiness | None) -> None:
        names = found.names if found is not None else ()
        if names:
            shown = tr(", ").join(names[:_NAMES]) + (" …" if len(names) > _NAMES else "")
            self.names.show_text(tr("Words that seem to be yours"), shown, done=True)
        else:
            self.names.show_text(
                tr("No words of your own yet"),
                tr("Use names as you would say them, each in a few captions: of people, pets, places."),
                done=False,
            )

    def _on_more(self) -> None:
        (self.folder_wanted if self._empty else self.captions_wanted).emit()


class Item(QWidget):
    """One point of a list to tick off."""

    def __init__(self) -> None:
        super().__init__()
        self._done = False
        self._mark = QLabel()
        self._mark.setFixedSize(_MARK, _MARK)
        self.name, self.text = heading(), body()
        self.name.setFont(theme.scaled_font(1.0, semibold=True))
        self.text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.below = QVBoxLayout()
        self.below.setSpacing(4)
        self.below.addWidget(self.name)
        self.below.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self.below, 1)

    def show_text(self, name: str, text: str, *, done: bool) -> None:
        """Show one thing to do, and whether it is done."""
        self.name.setText(name)
        self.text.setText(text)
        role = QPalette.ColorRole.Highlight if done else QPalette.ColorRole.Dark
        self._mark.setPixmap(icon("done" if done else "todo", role).pixmap(_MARK, _MARK))
        self._mark.setAccessibleName(tr("done") if done else tr("not yet"))
