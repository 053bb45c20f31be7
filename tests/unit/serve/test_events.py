import http.client
import json
from typing import Any

import pytest

from photosearch.core.history_messages import Undo
from photosearch.core.note_messages import SetFavourite
from photosearch.serve import broadcast
from tests.helpers.engine import ask
from tests.helpers.served import Served


def listening(running: Served) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    line.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {running.token}"})
    return line, line.getresponse()


def until(reply: http.client.HTTPResponse, kind: str) -> Any:
    while told := reply.readline():
        if told.startswith(b"data: ") and (event := json.loads(told[6:]))["type"] == kind:
            return event
    raise AssertionError(f"no {kind} was told")


def test_what_happens_is_told_as_it_happens(running: Served) -> None:
    line, reply = listening(running)
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    assert until(reply, "jobs_changed")["jobs"] == []
    photo = running.id_of("red.jpg")
    for change in (SetFavourite((photo,), True), Undo()):
        ask(running.engine, change)
        assert until(reply, "notes_changed")["photo_ids"] == [photo]
    line.close()


def test_so_many_may_listen(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "MOST_LISTENERS", 0)
    assert running.ask("/api/v1/events").status == 503


def test_head_of_the_events_ends(running: Served) -> None:
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    for method, path in (("HEAD", "/api/v1/events"), ("GET", "/api/v1/status")):
        line.request(method, path, headers={"Authorization": f"Bearer {running.token}"})
        reply = line.getresponse()
        assert reply.status == 200
        reply.read()
    line.close()
