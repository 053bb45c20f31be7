import threading

import pytest

from photosearch.engine import queries_first
from photosearch.engine.queries_first import QueriesFirst


def test_background_work_goes_on_once_the_last_query_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_first, "LONGEST_WAIT", 600.0)
    queries = QueriesFirst()
    went_on = threading.Event()

    def work() -> None:
        queries.wait()
        went_on.set()

    thread = threading.Thread(target=work)
    with queries:
        with queries:
            thread.start()
        assert not went_on.wait(0.05)
    assert went_on.wait(30)
    thread.join()


def test_queries_without_end_do_not_stop_background_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_first, "LONGEST_WAIT", 0.01)
    queries = QueriesFirst()
    with queries:
        queries.wait()
