"""The look: one table of colours for light and for dark, a QPalette made of it, one small style sheet.

Widgets take their colours from the palette alone: Window is the background, Base a surface, AlternateBase
what is sunken, Mid a border, Dark a control's edge, PlaceholderText secondary text, Highlight the accent,
Midlight the soft accent, BrightText danger.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

THUMBNAIL_RADIUS = 4
CONTROL_RADIUS = 6
CONTROL_HEIGHT = 32
SEARCH_HEIGHT = 40
MARGIN = 16
QUIET_INSET = 11  # of the words of a quiet button


@dataclass(frozen=True)
class Theme:
    """The colours of the window, as #RRGGBB."""

    bg: str
    surface: str
    sunken: str
    text: str
    text2: str
    border: str
    edge: str
    accent: str
    on_accent: str
    soft: str
    danger: str


LIGHT = Theme(
    bg="#F6F6F7",
    surface="#FFFFFF",
    sunken="#ECECEE",
    text="#1B1B1F",
    text2="#55565E",
    border="#D9D9DE",
    edge="#85868F",
    accent="#1F63C4",
    on_accent="#FFFFFF",
    soft="#E3EDFB",
    danger="#B3261E",
)
DARK = Theme(
    bg="#1B1B1E",
    surface="#242428",
    sunken="#151517",
    text="#ECECEF",
    text2="#B0B1BA",
    border="#36363C",
    edge="#7F808A",
    accent="#7CB0FF",
    on_accent="#0B1B33",
    soft="#20324F",
    danger="#FF8A80",
)
# Where one looks at a single photo, in either scheme: nothing is brighter than what is looked at.
DARKROOM = replace(DARK, bg="#0C0C0E", surface="#161618", sunken="#000000", border="#2C2C31")


def of_scheme(scheme: Qt.ColorScheme) -> Theme:
    """Return the colours of a scheme; light where it is unknown."""
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def apply(app: QApplication, theme: Theme) -> None:
    """Give the application a palette and a style sheet of these colours."""
    sheet = style_sheet(theme)
    if app.styleSheet() != sheet:  # to style every widget anew takes long
        app.setPalette(palette(theme))
        app.setStyleSheet(sheet)


def dress(widget: QWidget, theme: Theme) -> None:
    """Give a widget and all that is in it these colours, whatever those of the application are."""
    widget.setPalette(palette(theme))
    widget.setStyleSheet(style_sheet(theme))


def apply_scheme(app: QApplication, choice: str) -> None:
    """Apply the colours chosen: "light", "dark", or those of the system at this moment."""
    hints = QGuiApplication.styleHints()
    scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(choice)
    hints.setColorScheme(scheme or Qt.ColorScheme.Unknown)  # for the frames and dialogs of the system
    apply(app, of_scheme(scheme or hints.colorScheme()))


def scaled_font(factor: float, *, semibold: bool = False) -> QFont:
    """Return the system's font at a step of the type scale: caption .85, body 1, section 1.15, title 1.5."""
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * factor)
    if semibold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def palette(theme: Theme) -> QPalette:
    """Return these colours in the roles that the widgets take them from."""
    colours = QPalette()
    role = QPalette.ColorRole
    for target, colour in {
        role.Window: theme.bg,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.sunken,
        role.Text: theme.text,
        role.Button: theme.surface,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.surface,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.text2,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.BrightText: theme.danger,
        role.Light: theme.surface,
        role.Midlight: theme.soft,
        role.Mid: theme.border,
        role.Dark: theme.edge,
    }.items():
        colours.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, target, QColor(theme.edge))
    return colours


def style_sheet(theme: Theme) -> str:
    """Return what a palette cannot say: edges, corners, padding."""
    return f"""
/* By the mouse one knows where one is: what is pressed takes the keyboard, and its ring, only by Tab. */
QPushButton[focusPolicy="StrongFocus"], QCheckBox, QComboBox, QSlider {{ qproperty-focusPolicy: TabFocus; }}
QLineEdit#search {{
    background: {theme.surface}; color: {theme.text};
    border: 1px solid {theme.border}; border-radius: 10px; padding: 0 8px;
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent};
}}
QLineEdit#search:hover {{ border-color: {theme.edge}; }}
QLineEdit#search:focus {{ border: 2px solid {theme.accent}; padding: 0 7px; }}
QPushButton {{
    background: {theme.surface}; color: {theme.text};
    border: 1px solid {theme.border}; border-radius: {CONTROL_RADIUS}px;
    padding: 0 12px; min-height: {CONTROL_HEIGHT - 2}px;
}}
QPushButton:hover {{ border-color: {theme.edge}; }}
QPushButton:pressed {{ background: {theme.sunken}; }}
QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 0 11px; min-height: {CONTROL_HEIGHT - 4}px; }}
QPushButton:disabled {{ color: {theme.edge}; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton#primary {{
    background: {theme.accent}; color: {theme.on_accent}; border: 1px solid {theme.accent};
    padding: 0 20px; min-height: {SEARCH_HEIGHT - 2}px; font-weight: 600;
}}
QPushButton#primary:disabled {{ background: {theme.sunken}; color: {theme.edge};
    border-color: {theme.border}; }}
QPushButton#primary:focus {{ border: 2px solid {theme.text}; padding: 0 19px;
    min-height: {SEARCH_HEIGHT - 4}px; }}
QPushButton#quiet {{ background: transparent; border-color: transparent; padding: 0 {QUIET_INSET - 1}px;
    min-height: 24px; color: {theme.accent}; }}
QPushButton#quiet:hover {{ background: {theme.soft}; }}
QPushButton#quiet:focus {{ border: 2px solid {theme.accent}; padding: 0 {QUIET_INSET - 2}px;
    min-height: 22px; }}
QToolButton#bar {{ background: transparent; border: none; border-radius: {CONTROL_RADIUS}px;
    min-width: {CONTROL_HEIGHT}px; min-height: {CONTROL_HEIGHT}px; }}
QToolButton#bar:hover {{ background: {theme.sunken}; }}
QToolButton#bar:checked {{ background: {theme.soft}; }}
QToolButton#bar:focus {{ border: 2px solid {theme.accent}; min-width: {CONTROL_HEIGHT - 4}px;
    min-height: {CONTROL_HEIGHT - 4}px; }}
QToolButton#bar[mark="true"]:checked {{ background: transparent; }}
QToolButton#inline {{ background: transparent; border: none; border-radius: 4px; min-width: 24px;
    min-height: 24px; }}
QToolButton#inline:hover {{ background: {theme.sunken}; }}
QToolButton#inline:focus {{ border: 2px solid {theme.accent}; min-width: 20px; min-height: 20px; }}
QLineEdit#line {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.edge};
    border-radius: {CONTROL_RADIUS}px; padding: 0 8px; min-height: {CONTROL_HEIGHT - 2}px;
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
QLineEdit#line:focus {{ border: 2px solid {theme.accent}; padding: 0 7px;
    min-height: {CONTROL_HEIGHT - 4}px; }}
QPushButton#completion {{ background: transparent; border: 1px solid {theme.border}; padding: 0 10px;
    min-height: 24px; border-radius: 13px; color: {theme.text2}; }}
QPushButton#completion:hover {{ border-color: {theme.edge}; color: {theme.text}; }}
QPushButton#completion[taken="true"] {{ background: {theme.soft}; color: {theme.text}; }}
QFrame#remark {{ background: {theme.sunken}; border-radius: {CONTROL_RADIUS}px; }}
QFrame#card {{ background: {theme.surface}; border: 1px solid {theme.border}; border-radius: 10px; }}
QWidget#tabs {{ border-bottom: 1px solid {theme.border}; }}
QToolButton#tab {{ background: transparent; border: none; border-bottom: 2px solid transparent;
    color: {theme.text2}; padding: 0 12px; min-height: {SEARCH_HEIGHT}px; }}
QToolButton#tab:hover {{ color: {theme.text}; }}
QToolButton#tab:checked {{ color: {theme.text}; border-bottom-color: {theme.accent}; }}
QToolButton#tab:focus {{ background: {theme.soft}; }}
QWidget#panel {{ background: {theme.surface}; border-left: 1px solid {theme.border}; }}
QToolButton#floating {{ background: {theme.surface}; border: 1px solid {theme.border}; border-radius: 20px; }}
QToolButton#floating:hover {{ border-color: {theme.edge}; }}
QPlainTextEdit {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border};
    border-radius: {CONTROL_RADIUS}px; padding: 5px 8px;
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
QPlainTextEdit:hover {{ border-color: {theme.edge}; }}
QPlainTextEdit:focus {{ border: 2px solid {theme.accent}; padding: 4px 7px; }}
QWidget#status {{ background: {theme.surface}; border-top: 1px solid {theme.border}; }}
QSlider {{ border: 2px solid transparent; border-radius: {CONTROL_RADIUS}px; padding: 0 2px; }}
QSlider:focus {{ border-color: {theme.accent}; }}
QSlider::groove:horizontal {{ background: {theme.edge}; height: 2px; border-radius: 1px; }}
QSlider::handle:horizontal {{ background: {theme.surface}; border: 2px solid {theme.edge}; width: 12px;
    height: 12px; margin: -7px 0; border-radius: 8px; }}
QSlider::handle:horizontal:hover {{ border-color: {theme.text2}; }}
QSlider::handle:horizontal:focus {{ border-color: {theme.accent}; }}
QWidget#sidebar {{ background: {theme.bg}; }}
QWidget#sidebar QTreeView {{ background: transparent; }}
QWidget#sidebar QScrollBar:vertical {{ width: 8px; }}
QWidget#sidebar QScrollBar::handle:vertical {{ background: {theme.border}; border-radius: 2px; margin: 2px; }}
QWidget#sidebar QScrollBar::handle:vertical:hover {{ background: {theme.edge}; }}
QToolButton#quiet {{ background: transparent; border: 1px solid transparent; color: {theme.text};
    border-radius: {CONTROL_RADIUS}px; padding: 0 8px; }}
QToolButton#quiet:hover {{ background: {theme.sunken}; }}
QToolButton#quiet:focus {{ border: 2px solid {theme.accent}; padding: 0 7px; }}
QSplitter::handle {{ background: {theme.border}; }}
QTreeView#table, QTreeView#stacks {{ background: {theme.surface}; border: 1px solid {theme.border};
    border-radius: {CONTROL_RADIUS}px; outline: none;
    selection-background-color: {theme.soft}; selection-color: {theme.text}; }}
QTreeView#table:focus, QTreeView#stacks:focus {{ border-color: {theme.accent}; }}
QTreeView#table::item {{ height: 30px; padding: 0 8px; color: {theme.text}; }}
QTreeView#table::item:selected {{ background: {theme.soft}; color: {theme.text}; }}
QHeaderView {{ background: transparent; }}
QHeaderView::section {{ background: {theme.surface}; color: {theme.text2}; border: none;
    border-bottom: 1px solid {theme.border}; padding: 6px 8px; }}
QTreeView#stacks {{ padding: 0 5px; }}
QTreeView#stacks QHeaderView::section {{ padding: 6px 3px; }}
QComboBox, QSpinBox {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.edge};
    border-radius: {CONTROL_RADIUS}px; padding: 0 8px; min-height: {CONTROL_HEIGHT - 2}px; }}
QSpinBox {{ selection-background-color: {theme.soft}; selection-color: {theme.text}; }}
QComboBox:focus, QSpinBox:focus {{ border: 2px solid {theme.accent}; padding: 0 7px;
    min-height: {CONTROL_HEIGHT - 4}px; }}
QComboBox:disabled, QSpinBox:disabled {{ color: {theme.edge}; border-color: {theme.border}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QSpinBox::up-button, QSpinBox::down-button {{ border: none; width: 20px; }}
QComboBox QLineEdit {{ background: transparent; color: {theme.text}; border: none;
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox QAbstractItemView {{ background: {theme.surface}; color: {theme.text}; outline: none;
    border: 1px solid {theme.border}; padding: 4px; }}
QComboBox QAbstractItemView::item {{ min-height: {CONTROL_HEIGHT - 4}px; padding: 0 4px;
    border-radius: 4px; }}
QComboBox QAbstractItemView::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
QRadioButton {{ spacing: 8px; }}
QRadioButton::indicator {{ background: {theme.surface}; border: 1px solid {theme.edge}; border-radius: 8px;
    width: 14px; height: 14px; }}
QRadioButton::indicator:focus {{ border: 2px solid {theme.accent}; width: 12px; height: 12px; }}
QRadioButton::indicator:checked {{ background: {theme.on_accent}; border: 5px solid {theme.accent};
    width: 6px; height: 6px; }}
QRadioButton::indicator:checked:focus {{ border-color: {theme.text}; }}
QCheckBox {{ spacing: 8px; }}
QCheckBox::indicator {{ background: {theme.surface}; border: 1px solid {theme.edge}; border-radius: 3px;
    width: 14px; height: 14px; }}
QCheckBox::indicator:focus {{ border: 2px solid {theme.accent}; width: 12px; height: 12px; }}
QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent}; }}
QCheckBox::indicator:checked:focus {{ border-color: {theme.text}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QLabel#qt_msgbox_label {{ font-weight: 600; }}
QLabel#qt_msgbox_informativelabel {{ min-width: 320px; }}
QProgressBar {{ background: {theme.sunken}; border: none; border-radius: 2px; max-height: 4px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 2px; }}
QScrollBar:vertical {{ background: transparent; width: 14px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {theme.edge}; border-radius: 3px; min-height: 40px;
    margin: 4px 4px; }}
QScrollBar::handle:vertical:hover {{ background: {theme.text2}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border};
    menu-scrollable: 1; border-radius: {CONTROL_RADIUS}px; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {theme.soft}; color: {theme.text}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::item:disabled {{ color: {theme.edge}; }}
QMenu::separator {{ height: 1px; background: {theme.border}; margin: 4px 8px; }}
QLabel#bubble {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.edge};
    border-radius: {CONTROL_RADIUS}px; padding: 4px 8px; }}
QToolTip {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border};
    padding: 4px 8px; }}
"""
