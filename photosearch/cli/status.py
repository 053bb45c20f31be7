"""photosearch status"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from photosearch.cli import folders as folders_command
from photosearch.cli import model_getting, progress, stages
from photosearch.cli.connect import engine, require
from photosearch.cli.text import as_json, count, escaped
from photosearch.core import messages, model_messages
from photosearch.core.stage_messages import StageState
from photosearch.i18n import translated
from photosearch.paths import Library

if TYPE_CHECKING:
    from photosearch.search.stores.chosen import Standing
    from photosearch.store.rows import Damaged, Failure

NAME = "status"
HELP = "say what the library holds, and which files could not be read or are damaged"
EXAMPLES = ("photosearch status", "photosearch status --json")
_ANSWERED = "that it cannot read now, for which the model before answers"
FILES_SHOWN = 10  # of those that failed, and of damaged ones


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object, with every such file")


def run(options: argparse.Namespace) -> int:
    from photosearch.search.stores.chosen import standing
    from photosearch.store.reader import Reader

    library: Library = options.library
    require(library)
    running = stages.runs(library)
    with engine(library) as client:
        status, jobs = client.call(messages.GetStatus()), client.call(messages.GetJobs()).jobs
        at_work = stages.at_work(client) if running else []
        begun = model_getting.begun(library, client.call(model_messages.GetModels()).adding)
        with Reader.open(library) as reader:
            problems = reader.failures(), reader.damaged()
            stored = standing(library, reader, status.model)
    if options.json:
        fields = _fields(library, status, begun, stored, *problems, running=running)
        print(as_json(fields | {"stages": [_of_stage(stage) for stage in at_work]}))
    else:
        lines = _lines(library, status, jobs, begun, stored, *problems, running=running)
        print("\n".join([*lines, *(f"{stage.key:<9} {stages.line(stage)}" for stage in at_work)]))
    return 0


def _fields(
    library: Library,
    status: messages.Status,
    begun: list[dict[str, Any]],
    stored: Standing | None,
    failures: Sequence[Failure],
    damaged: Sequence[Damaged],
    *,
    running: bool,
) -> dict[str, object]:
    return {
        "library": str(library.root),
        "model": status.model,
        "model_name": _model_name(library, status.model),
        "next_model": status.next_model,
        "next_waits": status.next_waits,
        "next_photos": status.next_photos,
        "beside": status.beside,
        "downloads": begun,
        "vectors": {"store": stored.store, "recall": stored.recall} if stored else {"store": "memory"},
        "photos": status.photos,
        "searchable": status.searchable + status.beside,
        "running": running,
        "watching": status.watching,
        "state": status.progress.state,
        "folders": folders_command.fields(status.folders),
        "failures": [
            {
                "path": os.fsdecode(row.path),
                "stage": row.stage,
                "reason": str(row.reason),
                "attempts": row.attempts,
            }
            for row in failures
        ],
        "damaged": [{"path": os.fsdecode(row.path), "reason": str(row.reason)} for row in damaged],
    }


def _of_stage(stage: StageState) -> dict[str, object]:
    left = stage.seconds_left
    return {
        "stage": stage.key,
        "phase": stage.phase,
        "done": stage.done,
        "total": stage.total,
        "seconds_left": None if left is None else round(left),
    }


def _lines(
    library: Library,
    status: messages.Status,
    jobs: Sequence[messages.Job],
    begun: list[dict[str, Any]],
    stored: Standing | None,
    failures: Sequence[Failure],
    damaged: Sequence[Damaged],
    *,
    running: bool,
) -> list[str]:
    name, next_name = (_model_name(library, model) for model in (status.model, status.next_model))
    known = status.searchable + status.beside
    searchable = "" if known == status.photos else f", {known:,} of them searchable"
    lines = [
        f"library   {escaped(str(library.root))}",
        f"photos    {status.photos:,}{searchable}",
        f"model     {name or 'none that can be read; photosearch doctor says more'}",
        *([f"next      {next_name}, {_when(status)}"] if next_name else []),
        *([f"beside    {count(status.beside, 'photo')} {_ANSWERED}"] if status.beside else []),
        *([f"vectors   {escaped(translated(stored.said()))}"] if stored else []),
        *(f"download  {model_getting.begun_line(each)}" for each in begun),
        f"engine    {_engine(status) if running else 'not running'}",
        *(f"folder    {line}" for line in folders_command.lines(status.folders, jobs)),
        *(f"unwatched {escaped(translated(row.unwatched))}" for row in status.folders if row.unwatched),
    ]
    lines += _files("failed    {path}: {reason}", failures)
    lines += _files("damaged   {path}, shown as far as it goes: {reason}", damaged)
    return lines


def _when(status: messages.Status) -> str:
    far = f"{status.next_photos:,} of {count(status.photos, 'photo')}"
    if status.next_waits:
        return f"whose reading waits at {far}"
    return f"once it knows every photo that can be read; it knows {far}"


def _files(line: str, rows: Sequence[Failure] | Sequence[Damaged]) -> list[str]:
    lines = [
        line.format(path=escaped(os.fsdecode(row.path)), reason=escaped(translated(row.reason)))
        for row in rows[:FILES_SHOWN]
    ]
    if len(rows) > FILES_SHOWN:
        lines.append(f"          and {count(len(rows) - FILES_SHOWN, 'more file')}: --json lists all")
    return lines


def _engine(status: messages.Status) -> str:
    if status.progress.state != "idle":
        return progress.line(status.progress)
    place = f", on {status.device} in {status.precision}" if status.model_ready else ", warming up"
    return ("watching" if status.watching else "running") + place


def _model_name(library: Library, model_id: str) -> str:
    from photosearch.models import catalog

    return next((model.name for model in catalog.available(library) if model.model_id == model_id), "")
