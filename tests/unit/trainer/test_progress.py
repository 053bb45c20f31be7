import sys

import pytest

from trainer.progress import track


def test_passes_everything_on_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track(range(5), 5, "Counting")) == [0, 1, 2, 3, 4]
    assert capsys.readouterr().err == ""


def test_tells_a_person_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(track(range(3), 3, "Counting")) == [0, 1, 2]
    lines = capsys.readouterr().err.split("\r\033[K")
    assert "Counting: 1 of 3" in lines[2]
    assert lines[-1] == "Counting: 3 done\n"
