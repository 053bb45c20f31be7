from pytestqt.qtbot import QtBot

from photosearch.gui.library.status import Offer, StatusLine


def test_what_was_just_done_is_said_before_a_problem_that_stays(qtbot: QtBot) -> None:
    line, taken = StatusLine(), []
    qtbot.addWidget(line)
    line.show_problem("dog.jpg was not put back.")
    line.show_message("5 stars for 51 photos", Offer(lambda: "Undo", lambda: taken.append("undo")))
    assert (line.text.text(), line.offer.text()) == ("5 stars for 51 photos", "Undo")
    line.offer.click()
    assert taken == ["undo"]
    assert line.text.text() == "dog.jpg was not put back."
    line.show_message("5 stars for 51 photos")
    line.show_problem("cat.jpg was not put back.")
    assert line.text.text() == "cat.jpg was not put back."
