"""photosearch status"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from photosearch import settings
from photosearch.cli import folders as folders_command
from photosearch.cli import model_getting, progress, stages
from photosearch.cli.connect import engine, require
from photosearch.cli.text import as_json, count, row
from photosearch.core import messages, model_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.stage_messages import StageState
from photosearch.i18n import translated
from photosearch.paths import Library

if TYPE_CHECKING:
    from photosearch.store.reader import Reader
    from photosearch.store.rows import Damaged, Failure

NAME = "status"
HELP = "say what the library holds, and which files could not be read or are damaged"
EXAMPLES = ("photosearch status", "photosearch status --json")
FILES_SHOWN = 10  # of those that failed, and of damaged ones


class _Stored(NamedTuple):
    """What is told of the vector store."""

    said: str  # empty: memory answers
    fields: dict[str, object]

    @classmethod
    def found(cls, library: Library, reader: Reader, model_id: str) -> _Stored:
        """As it was measured, or what is amiss with it now."""
        from photosearch.models import catalog
        from photosearch.search.stores import chosen
        from photosearch.store.reader import setting

        kind = setting(library, settings.VECTOR_STORE)
        standing = chosen.standing(library, reader, model_id)
        told = translated(chosen.said(kind, standing)) if kind != settings.MEMORY else ""
        if standing is None:
            return cls(told, {"chosen": kind, "store": settings.MEMORY})
        fields: dict[str, object] = {"chosen": kind, "store": standing.store, "recall": standing.recall}
        try:
            chosen.checked(library, reader, model_id, catalog.find(model_id, library).dim)
        except KnownError as error:
            amiss = translated(error.sentence)
            return cls(amiss, fields | {"error": amiss})
        return cls(told, fields)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object, with every such file")


def run(options: argparse.Namespace) -> int:
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
            stored = _Stored.found(library, reader, status.model)
    if options.json:
        fields = _fields(library, status, begun, stored, *problems, running=running)
        print(as_json(fields | {"stages": [_of_stage(stage) for stage in at_work]}))
    else:
        lines = _lines(library, status, jobs, begun, stored, *problems, running=running)
        print("\n".join([*lines, *(row(stages.NAMES[stage.key], stages.line(stage)) for stage in at_work)]))
    return 0


def _fields(
    library: Library,
    status: messages.Status,
    begun: list[dict[str, Any]],
    stored: _Stored,
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
        "vectors": stored.fields,
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
    stored: _Stored,
    failures: Sequence[Failure],
    damaged: Sequence[Damaged],
    *,
    running: bool,
) -> list[str]:
    name, next_name = (_model_name(library, model) for model in (status.model, status.next_model))
    known = status.searchable + status.beside
    searchable = Sentence("{photos:,}, {known:,} of them searchable", photos=status.photos, known=known)
    beside = Sentence(
        "{photos} that it cannot read now, for which the model before answers",
        photos=count(status.beside, "photo"),
    )
    none = Sentence("none that can be read; photosearch doctor says more")
    rows: list[tuple[Sentence | None, str]] = [
        (Sentence("library"), str(library.root)),
        (Sentence("photos"), f"{known:,}" if known == status.photos else translated(searchable)),
        (Sentence("model"), name or translated(none)),
        (Sentence("next"), translated(_next(next_name, status)) if next_name else ""),
        (Sentence("beside"), translated(beside) if status.beside else ""),
        (Sentence("vectors"), stored.said),
        *((Sentence("download"), model_getting.begun_line(each)) for each in begun),
        (Sentence("engine"), _engine(status) if running else translated(Sentence("not running"))),
        *((Sentence("folder"), line) for line in folders_command.lines(status.folders, jobs)),
        *((Sentence("unwatched"), translated(each.unwatched)) for each in status.folders if each.unwatched),
        *((Sentence("failed"), _failed(each)) for each in failures[:FILES_SHOWN]),
        (None, _more(failures)),
        *((Sentence("damaged"), _damaged(each)) for each in damaged[:FILES_SHOWN]),
        (None, _more(damaged)),
    ]
    return [row(name, value) for name, value in rows if value]


def _next(name: str, status: messages.Status) -> Sentence:
    done, photos = status.next_photos, count(status.photos, "photo")
    if status.next_waits:
        return Sentence(
            "{model}, whose reading waits at {done:,} of {photos}", model=name, done=done, photos=photos
        )
    return Sentence(
        "{model}, once it knows every photo that can be read; it knows {done:,} of {photos}",
        model=name,
        done=done,
        photos=photos,
    )


def _failed(file: Failure) -> str:
    return f"{os.fsdecode(file.path)}: {translated(file.reason)}"


def _damaged(file: Damaged) -> str:
    return translated(
        Sentence("{path}, shown as far as it goes: {reason}", path=os.fsdecode(file.path), reason=file.reason)
    )


def _more(files: Sequence[Failure] | Sequence[Damaged]) -> str:
    left = len(files) - FILES_SHOWN
    more = Sentence(
        "and {n:,} more file: --json lists all" if left == 1 else "and {n:,} more files: --json lists all",
        n=left,
    )
    return translated(more) if left > 0 else ""


def _engine(status: messages.Status) -> str:
    if status.progress.state != "idle":
        return progress.line(status.progress)
    state = Sentence("watching") if status.watching else Sentence("running")
    if not status.model_ready:
        return translated(Sentence("{state}, warming up", state=state))
    return translated(
        Sentence(
            "{state}, on {device} in {precision}",
            state=state,
            device=status.device,
            precision=status.precision,
        )
    )


def _model_name(library: Library, model_id: str) -> str:
    from photosearch.models import catalog

    return next((model.name for model in catalog.available(library) if model.model_id == model_id), "")
