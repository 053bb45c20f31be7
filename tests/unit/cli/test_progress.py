import sys
from typing import Any

import pytest

from photosearch.cli.progress import line, warming_up
from photosearch.core.messages import Status
from photosearch.core.progress import Progress
from photosearch.engine.client import Client


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (Progress("idle"), "warming up …"),
        (Progress("scanning"), "looking for photos …"),
        (Progress("paused", done=5, total=10), "paused at 5 of 10 photos"),
        (Progress("indexing", done=5, total=7000, images_per_second=82.3), "5 of 7,000 photos · 82/s"),
        (
            Progress("indexing", done=5, total=7000, failed=2, images_per_second=82.3, seconds_left=85.0),
            "5 of 7,000 photos · 82/s · 2 failed · 1 min 25 s left",
        ),
    ],
)
def test_a_line_says_where_the_job_stands(progress: Progress, shown: str) -> None:
    assert line(progress) == shown


@pytest.mark.parametrize("ready", [True, False])
@pytest.mark.parametrize("terminal", [True, False])
def test_a_cold_start_is_said_on_a_terminal(
    terminal: bool, ready: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Answering(Client):
        def __init__(self) -> None:
            """No line to an engine."""

        def call(self, request: Any) -> Any:
            return Status("m", ready, "cpu", "float32", 0, 0, 0, [], Progress("idle"), watching=False)

    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    with warming_up(Answering()):
        assert ("warming up" in capsys.readouterr().err) == (terminal and not ready)
    assert bool(capsys.readouterr().err) == (terminal and not ready)  # and is taken back
