from pytestqt.qtbot import QtBot

from photosearch.core.progress import Progress
from photosearch.gui.library.status import Offer, StatusLine
from tests.helpers.windows import MakeWindow


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


def test_a_problem_leaves_the_progress_in_view(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(1000, 60)
    line.show()
    line.show_progress(Progress("indexing", 144, 304, 0, 20.0, 8.0))
    progress = line.text.text()
    assert "144" in progress
    line.show_problem("Torch was not fetched.")
    assert line.text.text() == f"Torch was not fetched.\n{progress}"
    assert line.pause.isVisible()
    assert line.details.isVisible()
    assert line.retry.isVisible()
    assert line.dismiss()
    assert line.text.text() == progress
    assert not line.dismiss()


def test_what_can_be_tried_again_is_not_dismissed(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.show_problem("The search engine stopped.", retry=True)
    assert not line.dismiss()
    assert line.text.text() == "The search engine stopped."


def test_escape_takes_away_a_problem_before_the_query(make_window: MakeWindow) -> None:
    window = make_window()
    window.search.submit("two dogs")
    window.status.show_problem("Torch was not fetched.")
    window.step_back()
    assert window.header.field.text() == "two dogs"
    assert window.status.isHidden() or "Torch" not in window.status.text.text()
    window.step_back()
    assert window.header.field.text() == ""
