from typing import Any

import pytest

from photosearch.core.history_messages import RecordTrash, TrashedFile, Undo
from tests.helpers.engine import ask
from tests.helpers.served import Served

CHANGES: list[tuple[str, str, Any]] = [
    ("PUT", "/photos/1/caption", {"text": "By the lake"}),
    ("PUT", "/photos/1/rating", {"stars": 4}),
    ("PUT", "/photos/1/favourite", {"favourite": True}),
    ("POST", "/undo", None),
    ("POST", "/jobs/1/pause", None),
    ("POST", "/jobs/1/resume", None),
    ("POST", "/jobs/1/cancel", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_nothing_is_changed_unless_that_was_allowed(
    running: Served, method: str, path: str, body: object
) -> None:
    answer = running.ask(f"/api/v1{path}", method, body)
    assert answer.status == 403 and "--allow-writes" in answer.said["sentence"]
    assert not running.api("/status")["allow_writes"]


def test_notes_of_a_photo_are_changed_and_taken_back(changing: Served) -> None:
    photo = changing.id_of("blue.jpg")
    before = changing.api(f"/photos/{photo}")
    assert changing.api("/status")["allow_writes"]
    for what, body in (
        ("caption", {"text": "By the lake"}),
        ("rating", {"stars": 4}),
        ("favourite", {"favourite": True}),
    ):
        changing.api(f"/photos/{photo}/{what}", "PUT", body)
    facts = changing.api(f"/photos/{photo}")
    assert (facts["caption"], facts["rating"], facts["favourite"]) == ("By the lake", 4, True)
    hit = changing.api("/search?q=%22by+the+lake%22")["hits"][0]
    assert (hit["photo_id"], hit["rating"], hit["favourite"]) == (photo, 4, True)
    said = [changing.api("/undo", "POST")["message"] for _ in range(3)]
    assert said[0] == "Undone: 1 photo added to Favourites" and changing.api(f"/photos/{photo}") == before
    answer = changing.ask("/api/v1/undo", "POST")
    assert answer.status == 409 and answer.said["sentence"] == "There is nothing to undo."


def test_what_is_no_change_is_refused(changing: Served) -> None:
    photo = changing.id_of("blue.jpg")
    for what, body in (
        ("rating", {"stars": 6}),
        ("rating", {}),
        ("rating", {"stars": "4"}),
        ("favourite", {"favourite": True, "all": True}),
        ("caption", {"text": "x" * 5001}),
    ):
        assert changing.ask(f"/api/v1/photos/{photo}/{what}", "PUT", body).status == 422, body
    for what, some in (
        ("rating", {"stars": 1}),
        ("favourite", {"favourite": True}),
        ("caption", {"text": "x"}),
    ):
        assert changing.ask(f"/api/v1/photos/999/{what}", "PUT", some).status == 404
    for body in (b"", b"{", b"[" * 100_000, b'{"stars": "\xff"}', b'{"stars": 1' + b" " * (10 << 20) + b"}"):
        json = {"Content-Type": "application/json"}
        assert changing.ask(f"/api/v1/photos/{photo}/rating", "PUT", body, json).status in (413, 422)
    plain = {"Content-Type": "text/plain"}
    assert changing.ask(f"/api/v1/photos/{photo}/rating", "PUT", b'{"stars": 1}', plain).status == 415


def test_what_has_to_be_sent_is_said(changing: Served) -> None:
    photo = changing.id_of("blue.jpg")
    for what, sent, needed in (("caption", {"caption": "x"}, "text"), ("rating", {"rating": 4}, "stars")):
        answer = changing.ask(f"/api/v1/photos/{photo}/{what}", "PUT", sent)
        sentence = f"{what} is not known here; what has to be sent is {needed}."
        assert (answer.status, answer.said["sentence"]) == (422, sentence)


def test_a_caption_is_not_written_over_what_another_wrote(changing: Served) -> None:
    photo = changing.id_of("blue.jpg")
    path = f"/api/v1/photos/{photo}/caption"
    assert changing.ask(path, "PUT", {"text": "Mine", "was": None}).status == 200
    for was in (None, "", "Another"):
        answer = changing.ask(path, "PUT", {"text": "Newer", "was": was})
        assert (answer.status, answer.said["present"]) == (409, "Mine") and "meanwhile" in answer.said[
            "sentence"
        ]
    assert changing.api(f"/photos/{photo}")["caption"] == "Mine"
    assert changing.ask(path, "PUT", {"text": "Mine", "was": None}).status == 200  # sent twice
    assert changing.ask(path, "PUT", {"text": "Newer", "was": "Mine"}).status == 200
    assert changing.ask(path, "PUT", {"text": "Newest"}).status == 200  # a script that does not care
    for _ in range(3):
        changing.api("/undo", "POST")
    assert changing.api(f"/photos/{photo}")["caption"] is None
    assert changing.ask("/api/v1/photos/999/caption", "PUT", {"text": "x", "was": "y"}).status == 404


def test_photos_in_the_trash_are_left_to_that_computer(changing: Served) -> None:
    ask(changing.engine, RecordTrash((TrashedFile(b"/photos/a.jpg", b"/trash/a.jpg"),), 1))
    for _ in range(2):  # it still stands
        answer = changing.ask("/api/v1/undo", "POST")
        assert answer.status == 409 and "trash" in answer.said["sentence"]
    turned = ask(changing.engine, Undo())
    ask(changing.engine, RecordTrash((), 1, turned.change.change_id))  # for who comes after: it is undone


def test_a_job_that_is_over_is_said_to_be(changing: Served) -> None:
    for what in ("pause", "resume", "cancel"):
        assert changing.ask(f"/api/v1/jobs/77/{what}", "POST").status == 404
    assert changing.api("/jobs")["jobs"] == []
