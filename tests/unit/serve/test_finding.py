import base64
import json
import re
from urllib.parse import quote, urlencode

import pytest

from photosearch.serve import guard, shapes
from tests.helpers.served import Served
from tests.helpers.tiny_encoder import COLOURS


def test_without_words_all_photos_come_newest_first_page_by_page(running: Served) -> None:
    first = running.api("/search?limit=4")
    assert first["total"] == len(COLOURS) and first["next_offset"] == 4
    assert [hit["taken_at"][:10] for hit in first["hits"]] == [f"2023-06-{28 - day}" for day in range(4)]
    assert all(hit["label"] is None and hit["score"] is None for hit in first["hits"])
    filtered = running.api("/search?limit=4&q=type:jpeg")
    assert filtered["hits"] == first["hits"] and filtered["order"] == first["order"] == "newest"
    assert running.api("/search?limit=4&q=type:jpeg+red")["order"] == "best"
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


def test_where_filters_let_nothing_through_that_is_said(running: Served) -> None:
    for query, said in (("type:png", "the filter type:png"), ("red+type:png+has:gps", "these filters")):
        found = running.api(f"/search?q={query}")
        assert (found["total"], found["hits"]) == (0, []) and said in found["message"]


def test_a_query_that_is_wrong_is_refused_with_its_place_and_what_was_meant(running: Served) -> None:
    answer = running.ask("/api/v1/search?q=lake+dat:2023")
    assert answer.status == 422
    assert answer.said["place"] == [5, 9] and answer.said["did_you_mean"] == "date:"
    assert "did you mean" in answer.said["sentence"]
    for language, same in (("zh-CN,en;q=0.8", False), ("zh,en", False), ("en-GB,zh", True), ("", True)):
        told = running.ask("/api/v1/search?q=lake+dat:2023", headers={"Accept-Language": language}).said
        assert (told["sentence"] == answer.said["sentence"]) == same, language
    assert running.ask("/api/v1/search?q=lake+dat:2023&lang=zh_CN").said["sentence"] != told["sentence"]


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


def test_similar_photos_come_page_by_page_to_the_last_one(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    red = running.id_of("red.jpg")
    whole = running.api(f"/photos/{red}/similar")
    for ranked in (shapes.MOST_RANKED, 5):  # those far behind come without their scores
        monkeypatch.setattr(shapes, "MOST_RANKED", ranked)
        pages, offset = [], 0
        while offset is not None:
            page = running.api(f"/photos/{red}/similar?limit=4&offset={offset}")
            pages += [hit["photo_id"] for hit in page["hits"]]
            offset = page["next_offset"]
        assert pages == [hit["photo_id"] for hit in whole["hits"]]
        assert len(pages) == page["total"] == len(COLOURS) - 1


@pytest.mark.parametrize(
    "question", ["/search?q=", "/search?q=type:jpeg&", "/search?q=red&", "/photos/{}/similar?"]
)
def test_where_a_photo_stands_among_all_that_are_found_is_told(running: Served, question: str) -> None:
    red = running.id_of("red.jpg")
    path = f"{question.format(red)}&limit="
    for place, hit in enumerate(running.api(f"{path}60")["hits"]):
        assert running.api(f"{path}2&place_of={hit['photo_id']}")["stands_at"] == place
    assert running.api(f"{path}2")["stands_at"] is None
    absent = red if "similar" in question else 2**62
    assert running.api(f"{path}2&place_of={absent}")["stands_at"] is None


def form(**parts: bytes | str) -> tuple[bytes, dict[str, str]]:
    """A form as browsers send it: bytes are files."""
    body = b""
    for name, value in parts.items():
        file = '; filename="a.jpg"' if isinstance(value, bytes) else ""
        content = value if isinstance(value, bytes) else value.encode()
        body += f'--edge\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        body += content + b"\r\n"
    return body + b"--edge--\r\n", {"Content-Type": "multipart/form-data; boundary=edge"}


def test_a_picture_that_is_sent_finds_what_is_like_it(running: Served) -> None:
    picture = (running.folder / "blue.jpg").read_bytes()
    answer = running.ask("/api/v1/search", "POST", *form(picture=picture, limit="2"))
    assert answer.status == 200, answer
    assert [hit["photo_id"] for hit in answer.said["hits"]][:1] == [running.id_of("blue.jpg")]
    assert len(answer.said["hits"]) == 2 and answer.said["understood"] == []
    with_words = running.ask("/api/v1/search", "POST", *form(picture=picture, q="type:jpeg")).said
    assert [piece["text"] for piece in with_words["understood"]] == ["type:jpeg"]


def test_what_is_no_picture_is_refused_in_a_sentence(running: Served) -> None:
    for parts in ({"picture": b"MZ no picture"}, {"picture": b""}):
        answer = running.ask("/api/v1/search", "POST", *form(**parts))
        assert answer.status == 422 and "picture cannot be used" in answer.said["sentence"]
        assert "photosearch-" not in answer.said["sentence"]  # the name of our own file
    for parts in ({"picture": "no file"}, {"q": "red"}, {"picture": b"x", "other": "1"}):
        assert running.ask("/api/v1/search", "POST", *form(**parts)).status == 422
    text = running.ask("/api/v1/search", "POST", *form(picture="no file", limit="3")).said
    assert text["sentence"] == "picture has to be a file; with curl: -F picture=@FILE"
    assert running.ask("/api/v1/search", "POST", b"--edge\r\nbroken", form()[1]).status == 422
    wrong = running.ask("/api/v1/search", "POST", *form(picture=b"x", q="dat:2023"))
    assert wrong.status == 422 and wrong.said["place"] == [0, 4]


def test_photos_are_shared_among_labels(running: Served) -> None:
    names = list(COLOURS)
    found = running.api("/classify", "POST", {"labels": names, "top": 2})
    assert found["counts"] == dict.fromkeys(names, 1)
    best = {photo["photo_id"]: photo["labels"][0]["label"] for photo in found["photos"]}
    assert best[running.id_of("red.jpg")] == "red"
    assert all(len(photo["labels"]) == 2 for photo in found["photos"])
    few = running.api(
        "/classify",
        "POST",
        {"labels": ["red", "blue"], "templates": ["a photo of {}"], "photo_ids": [running.id_of("blue.jpg")]},
    )
    assert few["counts"] == {"red": 0, "blue": 1}
    in_folder = {"labels": ["red", "blue"], "folder": str(running.folder), "q": "-type:png"}
    assert sum(running.api("/classify", "POST", in_folder)["counts"].values()) == len(names)
    none = running.api("/classify", "POST", {"labels": ["red", "blue"], "photo_ids": []})
    assert (none["photos"], none["counts"], none["unknown"]) == ([], {"red": 0, "blue": 0}, [])
    asked = {"labels": ["red", "blue"], "photo_ids": [9999999, running.id_of("red.jpg"), 9999999]}
    some = running.api("/classify", "POST", asked)
    assert (some["counts"], some["unread"], some["unknown"]) == ({"red": 1, "blue": 0}, 0, [9999999])
    for folder in ("Nope", "/nowhere/at/all", f"{running.folder}/none"):
        refused = running.ask("/api/v1/classify", "POST", {"labels": ["red", "blue"], "folder": folder})
        assert (
            refused.status,
            f"No folder of the library is called “{folder}”" in refused.said["sentence"],
        ) == (
            422,
            True,
        )
    for query in ("folder:/nowhere", "type:png date:1990", "type:png red"):
        empty = running.api("/classify", "POST", {"labels": ["red", "blue"], "q": query})
        assert (empty["photos"], empty["counts"]) == ([], {"red": 0, "blue": 0})
        assert empty["message"] == running.api("/search?" + urlencode({"q": query}))["message"]
    assert "No photo passes" in empty["message"] and found["message"] is none["message"] is None
    unlikely = running.api("/classify", "POST", {"labels": ["red", "blue"], "q": "xyzzy qwerty"})
    assert (unlikely["photos"], "strong or likely" in unlikely["message"]) == ([], True)
    above = {"labels": ["red", "blue"], "folder": str(running.folder.parent)}
    assert sum(running.api("/classify", "POST", above)["counts"].values()) == len(names)
    for wrong in (
        {"labels": ["red"]},
        {"labels": ["red", "red"]},
        {"labels": ["red", " "]},
        {"templates": ["a photo"]},
        {"labels": [str(number) for number in range(200)], "templates": ["{}"] * 11},
        {"photo_ids": [1], "q": "red"},
        {"photo_ids": [], "folder": str(running.folder)},
    ):
        assert running.ask("/api/v1/classify", "POST", {"labels": ["red", "blue"], **wrong}).status == 422, (
            wrong
        )


def test_clip_retrievals_questions_are_answered(running: Served) -> None:
    asked = {
        "text": "red", "image": None, "image_url": None, "embedding_input": None, "modality": "image",
        "num_images": 3, "num_result_ids": 3, "indice_name": "x", "use_mclip": False, "deduplicate": True,
    }  # fmt: skip
    answer = running.ask("/knn-service", "POST", asked)
    assert answer.status == 200 and len(answer.said) == 3
    assert answer.said[0]["id"] == running.id_of("red.jpg")
    assert answer.said[0]["url"].startswith(f"http://127.0.0.1:{running.port}/api/v1/photos/")
    assert (
        running.ask("/knn-service", "POST", json.dumps(asked).encode()).said == answer.said
    )  # as its client
    assert running.ask("/knn-service", "POST", b"{}", {"Content-Type": "text/plain"}).status == 415
    picture = base64.b64encode((running.folder / "blue.jpg").read_bytes()).decode()
    assert running.ask("/knn-service", "POST", {"image": picture}).said[0]["id"] == running.id_of("blue.jpg")
    for wrong in (
        {"image_url": "http://169.254.169.254/"},
        {"embedding_input": [1.0]},
        {"image": "?"},
        {"image": "é"},
    ):
        assert running.ask("/knn-service", "POST", wrong).status == 422
    for nothing in ({"num_images": 3}, {"text": " ", "image": ""}):
        answer = running.ask("/knn-service", "POST", nothing)
        assert answer.status == 422 and answer.said["sentence"].startswith("Neither text nor image was sent")


def test_what_a_query_might_go_on_with_and_what_there_is(running: Served) -> None:
    assert running.api("/suggest?q=type:j")["suggestions"]
    assert running.api("/folders")["folders"][0]["photos"] == len(COLOURS)
    assert running.api("/albums") == {"albums": []} and "tags" in running.api("/tags")
    status = running.api("/status")
    assert status["photos"] == status["searchable"] == len(COLOURS) and status["progress"]["state"] == "idle"
    assert running.ask("/api/v1/strings", token=None).status == 200


def test_what_is_not_understood_in_an_address_is_refused(running: Served) -> None:
    for query in ("limit=0", "limit=x", "limit=501", "offset=-1", "qq=red", f"q={'x' * 1001}", "q=%00"):
        assert running.ask(f"/api/v1/search?{query}").status == 422 or query == "q=%00"
    for query, said in (
        ("limit=0", "limit has to be a whole number from 1."),
        (f"q={'x' * 1001}", "q has to be a text of at most 1,000 characters."),
    ):
        assert running.ask(f"/api/v1/search?{query}").said["sentence"] == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"labels": ["a"]}', "labels has to be a list of at least 2."),
        (b'{"labels": ["a", 1]}', "labels[1] has to be a text."),
        (b'{"labels": "a"}', "labels has to be a list."),
        (b'{"labels": ["a", "b"], "top": 1.5}', "top has to be a whole number."),
        (b'{"labels": ["a", "b"], "limit": 10001}', "limit has to be a whole number up to 10,000."),
        (b'{"labels": ["a", "b"], "limit": -1}', "limit has to be a whole number from 0."),
        (b'{"lables": ["a", "b"]}', "lables is not known here; what has to be sent is labels."),
        (b"{}", "labels is missing; send it, too."),
        (b"[]", "what is sent has to be as /docs says."),
        (b'{"labels": ["a", "b"]', "What was sent is not one whole text of JSON; send it again."),
        (b'{"labels": ["a", "\xff"]}', "What was sent is not one whole text of JSON; send it again."),
        (b"", "What was sent is not one whole text of JSON; send it again."),
    ],
)
def test_what_is_sent_in_another_shape_is_told_by_its_field(running: Served, body: bytes, said: str) -> None:
    typed = {"Content-Type": "application/json"}
    assert running.ask("/api/v1/classify", "POST", body, typed).said["sentence"] == said
    chinese = running.ask("/api/v1/classify", "POST", body, {**typed, "Accept-Language": "zh"}).said
    assert not re.search("has to|sent|known", chinese["sentence"])


def test_forms_are_bounded_while_they_come(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    many = form(picture=b"x", **{f"field{number}": "" for number in range(20)})
    assert running.ask("/api/v1/search", "POST", *many).status == 422
    assert running.ask("/api/v1/search", "POST", *form(picture=b"x", q="x" * (20 << 10))).status == 422
    beside = f"/api/v1/search?q={'x' * 1001}"
    assert running.ask(beside, "POST", *form(picture=b"x", q="red")).status == 422
    monkeypatch.setattr(guard, "MOST_PICTURE_BYTES", 1000)
    answer = running.ask("/api/v1/search", "POST", *form(picture=b"x" * 2000))
    assert answer.status == 413 and "not taken" in answer.said["sentence"]


def test_photos_far_behind_the_first_come_in_their_order(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [hit["photo_id"] for hit in running.api("/search?q=red&limit=10")["hits"]]
    monkeypatch.setattr(shapes, "MOST_RANKED", 4)
    far = running.api("/search?q=red&limit=3&offset=5")
    assert [hit["photo_id"] for hit in far["hits"]] == whole[5:8]
    assert far["next_offset"] == 8 and all(hit["score"] is None for hit in far["hits"])
