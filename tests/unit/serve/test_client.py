from pathlib import Path

import pytest

from photosearch.core.errors import QueryError
from photosearch.serve import happenings
from photosearch.serve.client import Client, ServiceError
from tests.helpers.served import Served
from tests.helpers.tiny_encoder import COLOURS


def client_of(service: Served) -> Client:
    return Client(f"http://127.0.0.1:{service.port}", service.token)


def test_a_library_is_searched_from_python(running: Served, tmp_path: Path) -> None:
    with client_of(running) as photos:
        red = photos.search("red", limit=1).hits[0].photo_id
        facts = photos.photo(red)
        assert (facts.name, facts.folder) == ("red.jpg", str(running.folder))
        assert len(list(photos.search_all())) == len(COLOURS)
        content = (running.folder / "red.jpg").read_bytes()
        assert photos.search_by_picture(content, limit=1).hits[0].photo_id == red
        alike = [hit.photo_id for hit in photos.similar(red).hits]
        assert photos.similar(red, limit=1, place_of=alike[-1]).stands_at == len(alike) - 1
        for query in ("", "red"):
            found = [hit.photo_id for hit in photos.search_all(query)]
            places = [photos.search(query, limit=1, place_of=one).stands_at for one in found]
            assert places == list(range(len(COLOURS)))
        assert photos.search("red").stands_at is photos.similar(red, place_of=red).stands_at is None
        assert red not in alike
        assert photos.classify(["red", "blue"], photo_ids=[red]).photos[0].labels[0].label == "red"
        assert photos.thumbnail(red).startswith(b"\xff\xd8") and photos.preview(red, 20).startswith(
            b"\xff\xd8"
        )
        photos.original(red, tmp_path / "red.jpg")
        assert (tmp_path / "red.jpg").read_bytes() == content
        assert photos.status().photos == len(COLOURS) and photos.jobs().jobs == []
        assert photos.suggest("type:j") and photos.folders() and photos.albums() == []
        assert isinstance(photos.tags(), list)


def test_notes_are_changed_from_python(changing: Served) -> None:
    with client_of(changing) as photos:
        red = photos.search("red", limit=1).hits[0].photo_id
        events = photos.events()
        next(events)
        photos.set_caption(red, "By the lake")
        with pytest.raises(ServiceError, match="meanwhile") as refused:
            photos.set_caption(red, "At the sea", was="")
        assert refused.value.status == 409
        photos.set_rating(red, 3)
        photos.set_favourite(red)
        assert any(isinstance(event, happenings.NotesChanged) for event in events)
        assert [bool(photos.undo()) for _ in range(3)] == [True] * 3
        assert photos.photo(red).caption is None


def test_what_is_refused_is_raised_with_what_to_do(running: Served) -> None:
    with client_of(running) as photos:
        with pytest.raises(QueryError, match="did you mean") as wrong:
            photos.search("dat:2023")
        assert (wrong.value.span, wrong.value.instead) == ((0, 4), "date:")
        with pytest.raises(ServiceError, match="--allow-writes") as refused:
            photos.set_rating(1, 3)
        assert refused.value.status == 403
    with Client(f"http://127.0.0.1:{running.port}", "x" * 40) as stranger, pytest.raises(ServiceError):
        list(stranger.events())
    with Client("http://127.0.0.1:1", "x") as nobody, pytest.raises(ServiceError, match="cannot be reached"):
        nobody.status()
    with (
        Client(f"https://127.0.0.1:{running.port}", "x") as secure,
        pytest.raises(ServiceError, match="does not speak TLS"),
    ):
        secure.status()
    for wrong in ("127.0.0.1:8765", "notaurl", "http://[::1", "http://127.0.0.1:port"):
        with pytest.raises(ServiceError, match="begins with") as no_address:
            Client(wrong, "x")
        assert no_address.value.status == 0
