"""Chinese has a face of its own behind the system's."""

from PySide6.QtGui import QFont, QFontInfo
from PySide6.QtWidgets import QApplication

from photosearch.gui.desktop.fonts import with_chinese


def test_a_face_of_simplified_chinese_stands_behind_the_systems(qapp: QApplication) -> None:
    installed = ["DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "WenQuanYi Zen Hei"]
    font = with_chinese(QFont("DejaVu Sans", 11), installed)
    assert font.families() == ["DejaVu Sans", "Noto Sans CJK SC"]
    assert font.pointSize() == 11


def test_latin_stays_in_the_face_that_the_systems_wish_leads_to(qapp: QApplication) -> None:
    for wish in ("A wish that is no family", "Sans Serif"):
        wished = QFont(wish)
        assert QFontInfo(wished).family() != wish
        font = with_chinese(wished, [wish, "Noto Sans CJK SC"])
        assert font.families() == [QFontInfo(wished).family(), "Noto Sans CJK SC"]


def test_a_font_that_has_it_already_stays_and_so_does_one_where_there_is_none(qapp: QApplication) -> None:
    for installed in (["Noto Sans CJK SC"], ["Noto Sans CJK JP"]):
        font = QFont("Noto Sans CJK SC")
        assert with_chinese(font, installed) == font
    assert with_chinese(QFont("DejaVu Sans"), ["Noto Sans CJK JP"]).families() == ["DejaVu Sans"]
