import math
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from tests.helpers.runs import make_run
from trainer.report.finished_run import compare_runs, read_runs


def test_the_curve_is_infonce_less_the_logarithm_of_the_batch(tmp_path: Path) -> None:
    (run,) = read_runs([make_run(tmp_path / "a", knows=0.0, steps=6)])
    steps, values = run.curve()
    assert steps == [1, 2, 3, 4, 5, 6]
    # A model that knows nothing scores ln(batch), whatever the batch, and the triplet's part is not in it.
    assert values == pytest.approx([e["terms"]["infonce"] - math.log(64) for e in run.steps])
    assert max(map(abs, values)) < 0.5


def test_the_whole_loss_where_there_is_no_infonce(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "a", steps=6)
    (folder / "metrics.jsonl").write_text(
        '{"event": "step", "step": 1, "loss": 3.0, "floor": 2.0, "terms": {}}\n'
    )
    assert read_runs([folder])[0].curve() == ([1], [1.0])


def test_reads_what_a_running_or_killed_run_has_written_so_far(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "a", status="running", steps=12)
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"event": "step", "st')
    (run,) = read_runs([folder])
    assert (len(run.steps), len(run.validations), run.measured) == (12, 6, None)
    (folder / "metrics.jsonl").unlink()
    assert read_runs([folder])[0].steps == []


def test_runs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    one, two = make_run(tmp_path / "x" / "a", steps=6), make_run(tmp_path / "x" / "b", steps=6)
    three = make_run(tmp_path / "y" / "a", name="other", steps=6)
    assert [run.label for run in read_runs([one, three])] == ["hybrid-flickr8k", "other"]
    assert [run.label for run in read_runs([one, two])] == ["a", "b"]
    assert [run.label for run in read_runs([one, two, three])] == [
        "hybrid-flickr8k (1)",
        "hybrid-flickr8k (2)",
        "other (3)",
    ]


def test_the_recipes_protocol_decides_which_captions_count(tmp_path: Path) -> None:
    single = make_run(tmp_path / "a", images=10, settings={"protocol": {"captions": "single"}}, steps=6)
    (run,) = read_runs([single])
    assert run.measured is not None
    assert len(run.measured.captions) == len(run.measured.texts) == len(run.measured.ranks.t2i) == 10


def test_two_runs_compare_on_what_they_kept(tmp_path: Path) -> None:
    good = make_run(tmp_path / "good", knows=1.2, steps=6)
    weak = make_run(tmp_path / "weak", knows=0.2, seed=1, steps=6)
    assert compare_runs(weak, good)["t2i"].verdict == "better"
    assert compare_runs(good, weak)["t2i"].verdict == "worse"
    with pytest.raises(KnownError, match="different data"):
        compare_runs(good, make_run(tmp_path / "other", images=12, steps=6))
    with pytest.raises(KnownError, match="no embeddings yet"):
        compare_runs(good, make_run(tmp_path / "running", status="running", steps=6))


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="not the folder of a run"):
        read_runs([tmp_path])
    folder = make_run(tmp_path / "a", steps=6)
    (folder / "validation" / "validation.safetensors").write_bytes(b"broken")
    with pytest.raises(KnownError, match="cannot be read"):
        read_runs([folder])
