import sys

import pytest

from trainer.progress_bar import Bar, duration, track


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


def test_a_run_has_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Bar(4) as bar:
        bar.show(1, {"loss - ln(batch)": "-0.100"})
        bar.show(2, {"R@1": "12.3"})
    line = capsys.readouterr().err.split("\r\033[K")[-1]
    assert line.startswith("██████████░░░░░░░░░░ 2/4  loss - ln(batch) -0.100  R@1 12.3")
    assert line.endswith("left\n")


def test_a_run_that_nobody_watches_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(4) as bar:
        bar.show(1, {"loss": "1"})
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "said"), [(45, "45 s"), (720, "12 min"), (12_000, "3 h 20 min"), (3_660, "1 h 01 min")]
)
def test_durations_in_words(seconds: float, said: str) -> None:
    assert duration(seconds) == said
