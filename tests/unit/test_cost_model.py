"""The lines of `tests.bench.costs` give back what they were drawn through, and never less for more photos."""

import math
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.cost_model import (
    Assumed,
    Line,
    Measured,
    Point,
    Prediction,
    diskann_disk_bytes,
    fitted,
    ivf_lists,
    ivf_pq_bytes,
    most_resident,
    predict,
)

COUNTS = (10**4, 10**5, 10**6)
NUMBERS = st.floats(1e-9, 1e6)


def measured(stage: float = 0.02, **lines: Line) -> Measured:
    def points(name: str, fixed: float, each: float) -> list[Point]:
        return [Point(count, lines.get(name, Line(fixed, each)).at(count)) for count in COUNTS]

    return Measured(
        dim=896,
        megabytes=4.0,
        stages={
            "read": stage,
            "decode": stage,
            "encode": stage,
            "encode in 8 bits": stage / 2,
            "store": stage,
        },
        text=0.005,
        thumbnail=20_000,
        database=points("database", 1e6, 2700),
        memory=points("memory", 1e6, 2700),
        ranking=points("ranking", 1e-4, 4e-8),
        load=1.0,
        machine="made up",
    )


@given(NUMBERS, NUMBERS)
def test_a_line_is_found_again(fixed: float, each: float) -> None:
    line = Line(fixed, each)
    found = fitted([Point(count, line.at(count)) for count in COUNTS])
    assert [found.at(count) for count in COUNTS] == pytest.approx(
        [line.at(count) for count in COUNTS], rel=1e-6
    )


@given(st.lists(NUMBERS, min_size=2, max_size=3))
def test_whatever_was_measured_more_photos_cost_no_less(values: list[float]) -> None:
    found = fitted([Point(count, value) for count, value in zip(COUNTS, values, strict=False)])
    assert found.fixed >= 0 and found.each >= 0
    errors = [found.at(count) / value - 1 for count, value in zip(COUNTS, values, strict=False)]
    assert sum(error**2 for error in errors) <= len(values)  # no worse than the line of nothing


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.sampled_from(["encode", "encode in 8 bits"]))
def test_a_larger_library_costs_no_less(one: int, other: int, encoder: str) -> None:
    few, many = (predict(photos, measured(), Assumed(), encoder) for photos in sorted((one, other)))
    whole = {"index_hours", "ranking_ms"}  # by node: they fall where one more is taken
    for field in set(Prediction.__struct_fields__) - whole:
        assert getattr(few, field) <= getattr(many, field), field
    assert few.index_hours <= 24 and many.index_hours <= 24
    assert math.isclose(few.index_hours * few.index_nodes * Assumed().cores, few.index_core_hours)


def test_what_was_measured_is_predicted() -> None:
    found = predict(10**6, measured(), Assumed(cores=1, bandwidth=1e6))
    assert found.index_core_hours == pytest.approx(10**6 * 0.08 / 3600)
    assert found.disk_gb == pytest.approx(0.001 + 2.7 + 20)
    assert found.resident_gb == pytest.approx(2.701)
    assert found.ranking_ms == pytest.approx(40.1)


@given(st.floats(1, 1000), st.integers(1, 256), st.floats(0.01, 10), st.floats(1, 1000))
def test_as_many_are_resident_as_fit_and_answer_in_time(
    memory: float, cores: int, wait: float, bandwidth: float
) -> None:
    assumed = Assumed(cores=cores, memory_gb=memory, wait=wait, bandwidth=bandwidth)
    most = most_resident(measured(), assumed)
    found = predict(most, measured(), assumed)
    assert found.resident_gb <= memory * assumed.usable * (1 + 1e-9) or most == 0
    assert found.ranking_ms <= 1e3 * wait * (1 + 1e-9)
    more = predict(most + most // 10 + 1000, measured(), assumed)
    assert more.resident_nodes > 1 or more.ranking_ms > 1e3 * wait


def test_indexes_take_what_their_papers_say() -> None:
    assert [ivf_lists(count) for count in (10**6, 10**7, 10**8, 10**9)] == [
        65_536,
        262_144,
        1_048_576,
        1_048_576,
    ]
    assert ivf_pq_bytes(1000, 896, 0, 64) == 72_000
    assert diskann_disk_bytes(896, 64) == 4096  # one node in a sector
    assert diskann_disk_bytes(128, 64) == 4096 / 5  # 772 bytes a node
    assert diskann_disk_bytes(1536, 64) == 8192
    assert msgspec.json.decode(msgspec.json.encode(measured()), type=Measured) == measured()


def test_a_file_that_is_none_of_ours_is_told(tmp_path: Path) -> None:
    (empty := tmp_path / "empty").touch()
    for path in (tmp_path / "nowhere", empty):
        command = [sys.executable, "-m", "tests.bench.costs", "--measured", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith(f"{path} is not what --json printed")
