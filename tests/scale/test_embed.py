"""One run of Ray, which takes seconds to come up, and what goes before and behind it."""

import contextlib
import io
import socket
import threading
from pathlib import Path

import filelock
import msgspec
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from photosearch import scale
from photosearch.cli import embed as command
from photosearch.cli import export_vectors, import_vectors, parser
from photosearch.core.errors import KnownError
from photosearch.core.progress import Progress
from photosearch.models import catalog
from photosearch.scale.cluster import Worker, look_for
from photosearch.scale.embed import Plan, Summary, embed
from photosearch.scale.embedding import Embedder
from photosearch.scale.frames import Chunk, Refused, Shares, Task
from photosearch.scale.parts import photos as files_of_photos
from photosearch.scale.rows import Header, Stamp
from photosearch.scale.sources import find
from tests.helpers.photos import make_photo
from tests.helpers.processes import wait_for
from tests.scale.conftest import PHOTOS


def run(plan: Plan, told: list[Progress]) -> Summary:
    return embed(plan, io.BytesIO(), told.append)


def paths(out: Path) -> list[str]:
    return [path for part in files_of_photos(out) for path in pq.read_table(part)["path"].to_pylist()]


@pytest.fixture
def plan(photos: Path, info: catalog.ModelInfo, tmp_path: Path) -> Plan:
    return Plan((str(photos),), tmp_path / "out", info, info.path, workers=2)


def workers() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found += [child] if "MapWorker" in " ".join(child.cmdline()) else []
    return found


def kill_a_worker() -> None:
    """The first that comes up."""
    wait_for(lambda: bool(workers()))
    workers()[0].kill()


def test_a_killed_worker_and_a_killed_run_cost_no_photo(plan: Plan, embedder: Embedder, out: Path) -> None:
    many = plan.out.parent / "many"
    many.mkdir()
    for seed in range(40):
        make_photo(many / f"{seed}.png", seed)
    plan = Plan((*plan.sources, str(many)), plan.out, plan.model, plan.checkpoint, workers=2)
    # What a run that was killed has left: a finished part, and one that was being written.
    first = tuple(file for _, file in find(str(many), io.BytesIO()))[:5]
    embedder.embed(Chunk(90, first))
    plan.out.mkdir()
    (out / "part-run-000090.parquet").rename(plan.out / "part-0.parquet")
    (plan.out / ".photosearch-0123456789ab.partial").touch()
    killer = threading.Thread(target=kill_a_worker)
    killer.start()
    told: list[Progress] = []
    summary = run(plan, told)
    killer.join()
    assert (summary.embedded, summary.failed, summary.lost) == (PHOTOS + 35, 1, 0)
    assert (summary.workers, summary.skipped) == (2, 5)
    assert len(paths(plan.out)) == len(set(paths(plan.out))) == PHOTOS + 40
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert told[-1].total == told[-1].done == PHOTOS + 36
    assert not list(plan.out.glob(".photosearch-*"))
    assert not workers(), "Ray ends with its work"
    again = run(plan, [])
    assert (again.embedded, again.failed, again.skipped, again.failed_before) == (0, 0, PHOTOS + 40, 1)


def test_a_worker_says_what_ends_the_run(header: Header, tmp_path: Path) -> None:
    task = Task(str(tmp_path), "run", header, str(tmp_path / "nowhere"), Shares(1, 1, 0))
    worker = Worker(msgspec.msgpack.encode(task))
    chunk = Chunk(0, (Stamp(b"/photos/1.jpg", 1, 2),))
    (answer,) = worker(pa.table({"frame": [msgspec.msgpack.encode(chunk)]}))["frame"].to_pylist()
    refused = msgspec.msgpack.decode(answer, type=Refused)
    assert "nowhere" in str(refused.sentence)


def test_a_cluster_that_is_not_there_is_told_at_once() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        for named in (address, f"ray://{address}"):
            with pytest.raises(KnownError, match=f"There is no Ray cluster at {named} "):
                look_for(named)
        with pytest.raises(KnownError, match="There is no Ray cluster at nowhere:x "):
            look_for("nowhere:x")
        bound.listen()
        look_for(address)
    look_for("auto")


def test_what_is_mistyped_is_told_and_leaves_nothing(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="There is no file or folder"):
        run(msgspec.structs.replace(plan, sources=("/nowhere/photos",)), [])
    assert not plan.out.exists()
    (tmp_path / "file").touch()
    with pytest.raises(KnownError, match="file is a file; name a folder"):
        run(msgspec.structs.replace(plan, out=tmp_path / "file"), [])


def test_nothing_to_embed_is_told_and_leaves_nothing(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source, told in ((str(tmp_path / "empty"), "There are no photos in /.*/empty"), ("-", "in the list")):
        with pytest.raises(KnownError, match=told):
            run(msgspec.structs.replace(plan, sources=(source,)), [])
    assert not plan.out.exists()


def test_two_commands_do_not_write_into_one_folder(plan: Plan) -> None:
    plan.out.mkdir()
    with filelock.FileLock(plan.out / ".lock"), pytest.raises(KnownError, match="Another command is writing"):
        run(plan, [])


def test_a_summary_is_a_sentence() -> None:
    summary = Summary(1200, 3, 40, 4, 5, 2, 4, 60.0)
    assert command.sentence(summary, "vectors") == (
        "Embedded 1,200 photos into vectors in 1 min 0 s (20 a second, 2 workers); 40 done before, 3 failed "
        "(see vectors/failed), 4 failed before (not tried again until they change), 5 left, as their "
        "worker died each time; run it again."
    )
    assert command.sentence(Summary(skipped=7), "v") == "Embedded 0 photos into v; 7 done before."
    assert command.sentence(Summary(), "v") == "Embedded 0 photos into v; there are none in the archives."


@pytest.mark.parametrize(
    ("summary", "status"),
    [
        (Summary(embedded=3, failed=1), 0),
        (Summary(skipped=250, failed_before=4), 0),
        (Summary(skipped=100, failed=2), 0),
        (Summary(failed=1), 1),
        (Summary(failed_before=1), 1),
        (Summary(), 1),
        (Summary(embedded=3, lost=1), 1),
    ],
)
def test_it_ends_well_where_photos_are_there_and_none_was_left(summary: Summary, status: int) -> None:
    assert command.status(summary) == status


def test_its_help_says_that_a_part_may_be_of_fewer_photos(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["embed", "--help"])
    assert "at most (default: 512); fewer where" in " ".join(capsys.readouterr().out.split())


def test_the_examples_work_one_after_another() -> None:
    kept: dict[str, str] = {}
    for example in (*command.EXAMPLES, *export_vectors.EXAMPLES):
        words = example.partition("   ")[0].rpartition("| ")[2].split()
        options = parser().parse_args(words[words.index("photosearch") + 1 :])
        if options.run is import_vectors.run:
            assert options.folder, "a new library has none of the photos' folders"
        else:
            assert kept.setdefault(options.out, options.format) == options.format


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "find_spec", lambda name: None)
    with pytest.raises(KnownError, match=r"pip install 'photosearch\[scale\]'"):
        scale.require()
    monkeypatch.setattr(scale, "find_spec", lambda name: None if name == "lancedb" else object())
    scale.require(scale.PARQUET)
    with pytest.raises(KnownError, match=r"pip install 'photosearch\[scale,stores\]'"):
        scale.require(scale.LANCE)
