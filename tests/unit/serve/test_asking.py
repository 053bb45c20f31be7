import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from photosearch.core import messages, search_messages
from photosearch.serve.asking import Busy, Lane
from tests.helpers.served import Served


def test_slow_searches_hold_up_no_thumbnail(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = running.id_of("red.jpg")
    go, waiting = threading.Event(), threading.Semaphore(0)
    handle = running.engine.handle

    def slow(engine: object, request: messages.AnyRequest) -> Any:
        if isinstance(request, search_messages.Search):
            waiting.release()
            assert go.wait(60)
        return handle(request)

    monkeypatch.setattr(type(running.engine), "handle", slow)
    with ThreadPoolExecutor(12) as pool:
        searches = [pool.submit(running.api, f"/search?q=red+{number}") for number in range(12)]
        assert waiting.acquire(timeout=60)
        assert running.ask(f"/api/v1/photos/{photo}/thumbnail").status == 200
        assert running.api("/status")["photos"]
        assert not any(search.done() for search in searches)
        go.set()
        assert all(search.result()["total"] for search in searches)


def test_so_many_wait_and_others_are_told_to_come_again() -> None:
    async def three() -> list[object]:
        lane, go = Lane(1, 1), threading.Event()
        begun = [asyncio.ensure_future(lane.run(go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await lane.run(go.wait)
        go.set()
        return [*await asyncio.gather(*begun), await lane.run(lambda: "free again")]

    assert asyncio.run(three()) == [True, True, "free again"]
