"""Lines that the trainer prints, and such as it never should."""

import logging

import pytest

from photosearch.core.teaching import TeachProgress
from photosearch.engine.trainer_child import TrainerLine, read_line


def test_a_line_is_read_as_what_it_is_asked_for() -> None:
    line = b'{"event": "progress", "stage": "words", "done": 1, "total": 2}'
    assert read_line(line, TrainerLine) == TrainerLine("progress", "words", 1, 2)
    assert read_line(line, TeachProgress) == TeachProgress("words", 1, 2)


@pytest.mark.parametrize(
    "line",
    [b"what?\n", b"[]", b'{"event": 1}', b'{"event": "\xff"}', b'{"event": "stage", "x": ' + b"[" * 100_000],
    ids=["no JSON", "no object", "another shape", "no UTF-8", "nested without end"],
)
def test_what_is_not_understood_is_logged(line: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert read_line(line, TrainerLine) is None
    assert "not understood" in caplog.text
