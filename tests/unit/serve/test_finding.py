from urllib.parse import quote

from tests.helpers.served import Served
from tests.helpers.tiny_encoder import COLOURS


def test_without_words_all_photos_come_newest_first_page_by_page(running: Served) -> None:
    first = running.api("/search?limit=4")
    assert first["total"] == len(COLOURS) and first["next_offset"] == 4
    assert [hit["taken_at"][:10] for hit in first["hits"]] == [f"2023-06-{28 - day}" for day in range(4)]
    assert all(hit["label"] is None and hit["score"] is None for hit in first["hits"])
    last = running.api("/search?limit=4&offset=8")
    assert len(last["hits"]) == 2 and last["next_offset"] is None


def test_a_query_finds_what_it_says_and_tells_how_it_was_understood(running: Served) -> None:
    found = running.api("/search?q=red+type:jpeg&limit=3")
    best = found["hits"][0]
    assert best["photo_id"] == running.id_of("red.jpg")
    assert (best["kind"], best["favourite"], best["rating"], best["duration"]) == ("photo", False, None, None)
    assert found["total"] == len(COLOURS) and len(found["hits"]) == 3
    assert [(piece["kind"], piece["text"]) for piece in found["understood"]] == [
        ("words", "red"),
        ("filter", "type:jpeg"),
    ]
    again = running.api("/search?q=red+type:jpeg&limit=2&offset=1")
    assert [hit["photo_id"] for hit in again["hits"]] == [hit["photo_id"] for hit in found["hits"][1:]]


def test_a_query_that_is_wrong_is_refused_with_its_place_and_what_was_meant(running: Served) -> None:
    answer = running.ask("/api/v1/search?q=lake+dat:2023")
    assert answer.status == 422
    assert answer.said["place"] == [5, 9] and answer.said["did_you_mean"] == "date:"
    assert "did you mean" in answer.said["sentence"]
    in_chinese = running.ask("/api/v1/search?q=lake+dat:2023", headers={"Accept-Language": "zh-CN"}).said
    assert in_chinese["sentence"] != answer.said["sentence"]


def test_a_query_names_no_file_outside_the_library(running: Served) -> None:
    there, absent = running.library.database, "/nowhere/at/all.jpg"
    told = [running.ask(f"/api/v1/search?q=like:{quote(str(path))}") for path in (there, absent)]
    assert [answer.status for answer in told] == [422, 422]
    assert told[0].said["sentence"] == told[1].said["sentence"]
    inside = running.api(f"/search?q=like:{quote(str(running.folder / 'blue.jpg'))}")
    assert inside["hits"][0]["photo_id"] == running.id_of("blue.jpg")


def test_similar_photos_leave_out_the_one_they_are_like(running: Served) -> None:
    red = running.id_of("red.jpg")
    found = running.api(f"/photos/{red}/similar?limit=3")
    assert len(found["hits"]) == 3 and red not in [hit["photo_id"] for hit in found["hits"]]
