from pathlib import Path

from tests.helpers.runs import make_run
from trainer.report.figures import against_first, differing, fact_rows, figure_tables, flattened
from trainer.report.finished_run import read_runs


def test_the_best_of_each_row_is_marked_and_ranks_are_better_low(tmp_path: Path) -> None:
    weak = make_run(tmp_path / "a", name="weak", knows=0.3, steps=6)
    good = make_run(tmp_path / "b", name="good", knows=0.9, steps=6)
    running = make_run(tmp_path / "c", name="running", knows=0.2, status="running", steps=6)
    tables = figure_tables(read_runs([weak, good, running]))
    assert [title for title, _ in tables] == ["text → image", "image → text"]
    for row in tables[0][1]:
        assert [cell.best for cell in row.cells] == [False, True, False]
    recall, median = tables[0][1][0], tables[0][1][3]
    assert recall.cells[0].interval and recall.cells[1].interval and not recall.cells[2].interval
    assert float(median.cells[1].value) < float(median.cells[0].value)


def test_one_run_or_equal_figures_have_no_best(tmp_path: Path) -> None:
    one = make_run(tmp_path / "a", steps=6)
    for runs in ([one], [one, one]):
        assert not any(
            cell.best for _, rows in figure_tables(read_runs(runs)) for row in rows for cell in row.cells
        )


def test_what_a_run_cost(tmp_path: Path) -> None:
    rows = {
        row.label: row.cells[0].value for row in fact_rows(read_runs([make_run(tmp_path / "a", steps=6)]))
    }
    assert (rows["steps"], rows["peak memory"], rows["parameters"]) == ("6", "900 MiB", "91,000,000")


def test_runs_on_other_queries_or_without_a_model_are_not_compared(tmp_path: Path) -> None:
    first = make_run(tmp_path / "a", steps=6)
    other = make_run(tmp_path / "b", images=12, steps=6)
    running = make_run(tmp_path / "c", status="running", steps=6)
    found = against_first(read_runs([first, other, running, first]))
    assert "different photos" in found[0].differs
    assert "no published model" in found[1].differs
    assert [comparison.ties for _, comparison in found[2].ways] == [120, 40]


def test_settings_that_differ() -> None:
    one = {"name": "a", "training": {"lr": 0.1, "ema": None}, "losses": [{"kind": "infonce"}]}
    two = {
        "name": "b",
        "training": {"lr": 0.1, "ema": 0.9},
        "losses": [{"kind": "infonce"}, {"kind": "triplet"}],
    }
    assert differing([one, two]) == [("training.ema", ["off", "0.9"]), ("losses.1.kind", ["–", "triplet"])]
    assert flattened({"a": {"b": [True, 2]}}) == {"a.b.0": "on", "a.b.1": "2"}
