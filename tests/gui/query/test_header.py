"""The line that says what is shown."""

import pytest
from pytestqt.qtbot import QtBot

from photosearch import i18n
from photosearch.gui.query.header import Header
from photosearch.i18n import tr, tr_n


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [480, 340])
def test_no_word_of_what_is_shown_is_cut(qtbot: QtBot, language: str, width: int) -> None:
    i18n.use(language)
    header = Header()
    qtbot.addWidget(header)
    header.resize(width, 200)
    header.show()
    many = 12_345
    parts = [
        tr_n("{n} by name, caption or text", "{n} by name, caption or text", many),
        tr_n("{n} strong match", "{n} strong matches", many),
        tr_n("{n} by its folder or album", "{n} by their folder or album", many),
    ]
    header.order.show()
    header.everywhere.show()
    header.say(tr("{what} among {n} photos", what=", ".join(parts), n=99 * many))
    qtbot.waitUntil(header.count.wordWrap)
    count = header.count
    assert count.width() >= width / 2
    qtbot.waitUntil(lambda: count.height() >= count.heightForWidth(count.width()))
    assert count.heightForWidth(count.width()) > count.fontMetrics().height()
    header.say("3")
    qtbot.waitUntil(lambda: not count.wordWrap())
