from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.core.teaching import CurvePoint, QueryChange, Recalls, TeachProgress, Word
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.teach import wording
from photosearch.gui.teach.curve import Curve
from photosearch.gui.teach.dots import BeforeAndAfter
from photosearch.gui.teach.query_list import QueryList
from photosearch.gui.teach.words_list import AddWord, WordsList
from tests.helpers.shelf import Shelf


def points(*mistakes: float) -> list[CurvePoint]:
    return [CurvePoint(10 * step, 1.0 / (step + 1), share, 0.75) for step, share in enumerate(mistakes)]


def test_the_curve_names_its_first_its_last_and_its_best(qtbot: QtBot) -> None:
    curve = Curve()
    qtbot.addWidget(curve)
    curve.show_points(points(0.75, 0.4, 0.5))
    assert curve.best == points(0.75, 0.4, 0.5)[1]
    assert curve.accessibleDescription() == "before 75 %, now 50 %, best 40 %"


def test_the_curve_is_drawn_from_nothing_one_point_and_many(qtbot: QtBot) -> None:
    curve = Curve()
    qtbot.addWidget(curve)
    for shown in ([], points(0.0), points(1.0), points(0.75, 0.4, 0.5), points(*[0.5] * 400)):
        curve.show_points(shown)
        for loss in (False, True):
            curve.show_loss(loss)
            assert not curve.grab().isNull()


def test_two_arrays_have_one_denominator_of_at_most_sixty(qtbot: QtBot) -> None:
    arrays = BeforeAndAfter()
    qtbot.addWidget(arrays)
    arrays.show_recalls(Recalls(60, 5, 16, 31, 0.2), Recalls(60, 18, 30, 42, 0.4))
    assert arrays.sentence.text() == "Right photo among the first ten: 31 before, 42 after, of 60"
    assert [(dots.filled, dots.total) for dots in arrays.dots] == [(31, 60), (42, 60)]
    assert arrays.scale.isHidden()
    arrays.show_recalls(Recalls(300, 5, 16, 100, 0.2), Recalls(300, 18, 30, 200, 0.4))
    assert [(dots.filled, dots.total) for dots in arrays.dots] == [(20, 60), (40, 60)]
    assert arrays.scale.text() == "Each dot is about 5 set-aside captions."
    arrays.show_recalls(Recalls(0, 0, 0, 0, 0.0), Recalls(0, 0, 0, 0, 0.0))
    assert not arrays.grab().isNull()


def test_queries_show_what_became_worse_first_and_read_photos_when_opened(
    qtbot: QtBot, shelf: Shelf, reader: LibraryReader
) -> None:
    photos = tuple(str(photo_id) for photo_id in shelf.add(8))
    changes = [
        QueryChange("rose", "rose", photos[0], 9, 1, photos[1:], photos),
        QueryChange("fell", "fell to", photos[0], 1, 9, photos, photos[1:]),
    ]
    queries = QueryList(reader)
    qtbot.addWidget(queries)
    queries.resize(700, 600)
    queries.show()
    queries.show_changes(changes)
    assert [head.text() for head in queries.heads] == ["fell", "rose"]
    assert queries.heads[0].accessibleName() == "fell: the right photo was number 1, now 9"
    queries.heads[0].setFocus()
    QTest.keyClick(queries.heads[0], Qt.Key.Key_Space)
    (strips,) = [widget for widget in queries.findChildren(object) if type(widget).__name__ == "Strips"]
    qtbot.waitUntil(lambda: len(strips.before.images) == 8 and len(strips.after.images) == 7)
    assert strips.before.accessibleName() == "Before: the right photo is number 1"
    accent = strips.before.palette().highlight().color()
    outlined = strips.before.grab().toImage()
    assert outlined.pixelColor(QPoint(outlined.width() // 8, 1)) == accent
    queries.show_changes([])  # while photos may still be on their way


def test_a_word_is_chosen_or_typed_and_only_another_phrase_is_told(qtbot: QtBot) -> None:
    words = WordsList()
    qtbot.addWidget(words)
    words.show()
    words.show_words([Word("Rusty", "brown dog", captions=4, choices=("dog", "fox")), Word("Bo", vector=0)])
    told: list[tuple[str, str]] = []
    words.changed.connect(lambda *change: told.append(change))
    rusty = words.boxes["Rusty"]
    assert [rusty.itemText(row) for row in range(rusty.count())] == ["brown dog", "dog", "fox"]
    assert words.boxes["Bo"].line.placeholderText() == "understood by its photos"
    rusty.line.selectAll()
    QTest.keyClicks(rusty.line, " red  setter ")
    QTest.keyClick(rusty.line, Qt.Key.Key_Return)
    rusty.line.setFocus()
    words.boxes["Bo"].line.setFocus()
    assert told == [("Rusty", "red setter")]
    rusty.setCurrentIndex(1)
    rusty.activated.emit(1)
    assert told[1:] == [("Rusty", "dog")]
    rusty.line.clear()
    QTest.keyClick(rusty.line, Qt.Key.Key_Escape)
    assert rusty.phrase == "dog"
    rusty.line.clear()
    QTest.keyClick(rusty.line, Qt.Key.Key_Return)
    assert (rusty.phrase, len(told)) == ("dog", 2)


def test_words_of_a_lesson_that_is_not_used_cannot_be_changed(qtbot: QtBot) -> None:
    words = WordsList()
    qtbot.addWidget(words)
    words.show_words([Word("Rusty", "brown dog")], editable=False)
    assert words.boxes == words.removers == {}
    words.show_words([], editable=False)


def test_a_word_is_added_by_keyboard(qtbot: QtBot) -> None:
    add = AddWord()
    qtbot.addWidget(add)
    add.show()
    assert not add.button.isEnabled()
    QTest.keyClicks(add.name, " Aunt  Mabel ")
    QTest.keyClicks(add.phrase, "old woman")
    with qtbot.waitSignal(add.added) as told:
        QTest.keyClick(add.phrase, Qt.Key.Key_Return)
    assert told.args == ["Aunt Mabel", "old woman"]
    assert add.name.text() == add.phrase.text() == ""


def test_time_left_is_said_in_seconds_near_the_end() -> None:
    said = [wording.seconds_left(seconds) for seconds in (2.0, 21.0, 59.0, 200.0)]
    assert said == ["a few seconds left", "about 20 seconds left", "about 60 seconds left", "3 minutes left"]
    assert wording.progress(TeachProgress("words")) == "Finding the words that are yours"
