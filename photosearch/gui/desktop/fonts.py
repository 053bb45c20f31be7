"""In which family Chinese stands where the system's own has no such characters."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

# Sans-serif faces with the shapes of the mainland, those that come with a system first.
_SIMPLIFIED = (
    "PingFang SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "MiSans",
    "HarmonyOS Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
)


def with_chinese(font: QFont, installed: Collection[str] | None = None) -> QFont:
    """Return the font with a family of Simplified Chinese behind its own.

    Left to itself, a system that speaks another language takes what covers a character first: often a
    Japanese face, of another weight.

    Args:
        installed: families; None: those of this system
    """
    known = QFontDatabase.families() if installed is None else installed
    found = next((family for family in _SIMPLIFIED if family in known), None)
    if found is None or found in font.families():
        return font
    both = QFont(font)
    # "Sans Serif" is no family but a wish, though Linux lists it as one: the next one would be taken to
    # fulfil it for Latin, too, with quotation marks as wide as characters.
    both.setFamilies(list(dict.fromkeys([QFontInfo(font).family(), *font.families()[1:], found])))
    return both
