"""photosearch models get and add: a model of the hub, or one that was brought, is taken in by the engine."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from photosearch.cli import arguments, extras
from photosearch.cli.connect import engine
from photosearch.cli.model_offers import licence, source_of
from photosearch.cli.progress import followed
from photosearch.cli.text import as_json, left, note, say, share, size, worded
from photosearch.core import model_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.model_messages import Adding
from photosearch.extras import GPU
from photosearch.i18n import translated
from photosearch.models import downloads
from photosearch.paths import Library

if TYPE_CHECKING:
    from photosearch.models.catalog import ModelInfo

_STOPPED = Sentence("stopped; nothing was added.")
_BEGINNING = Sentence("beginning")
_STAGES = {  # as the trainer calls them
    "fetching": Sentence("fetching"),
    "copying": Sentence("copying"),
    "loading": Sentence("loading"),
    "building": Sentence("building"),
    "calibrating": Sentence("calibrating"),
    "exporting": Sentence("exporting"),
    "checking": Sentence("checking"),
}


def add_actions(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The actions of `photosearch models` by which a model comes in."""
    get = actions.add_parser("get", help="download a model of the hub, or go on with it, and take it in")
    get.add_argument("source", metavar="ID", help="its id on the hub, or its name in offers")
    add = actions.add_parser("add", help="take in another model: one of the hub's, or a run of the trainer")
    add.add_argument(
        "source",
        metavar="SOURCE",
        type=arguments.path,
        help="its folder, or its id on the hub, which downloads it",
    )
    for action in (get, add):
        action.add_argument("--name", metavar="NAME", help="what to call it (default: as it calls itself)")
        action.add_argument(
            "--yes", action="store_true", help="fetch torch first where it takes that, without asking"
        )
        action.add_argument("--json", action="store_true", help="print one JSON object")
        action.set_defaults(on_interrupt=_STOPPED)
    get.set_defaults(run=_get)
    add.set_defaults(run=_add)


def begun(library: Library, adding: Adding) -> list[dict[str, Any]]:
    """The models that are being downloaded or wait, each with how far it is.

    Args:
        adding: what the engine takes in; idle where none runs
    """
    found = [
        {"source": each.source, "done": each.done, "total": each.total, "running": False}
        for each in downloads.begun(library.downloads)
        if adding.phase != "adding" or each.source != adding.source
    ]
    if adding.phase == "adding" and downloads.is_hub_id(adding.source):
        running = {"source": adding.source, "done": adding.done, "total": adding.total, "running": True}
        found.insert(0, running)
    return found


def begun_line(download: dict[str, Any]) -> str:
    """How far one of `begun` is, and what can be done about it."""
    far = Sentence(
        "{source}, {done} of {total} are here",
        source=download["source"],
        done=size(download["done"]),
        total=size(download["total"]),
    )
    if download["running"]:
        return worded(Sentence("{far}; to let it wait: photosearch models pause", far=far))
    return worded(
        Sentence(
            "{far} and it waits; to go on: photosearch models get {source}",
            far=far,
            source=download["source"],
        )
    )


def _get(options: argparse.Namespace) -> int:
    return _take_in(options, source_of(options.source))


def _add(options: argparse.Namespace) -> int:
    source = options.source
    is_here = os.path.exists(source)  # noqa: PTH110  (it may be no path at all)
    return _take_in(options, os.path.abspath(source) if is_here else downloads.hub_id(source))  # noqa: PTH100  (likewise)


def _take_in(options: argparse.Namespace, source: str) -> int:
    try:
        added = _taken_in(options, source)
    except KnownError as error:
        if not (GPU.mends(error.sentence) and (options.yes or extras.can_ask())):
            raise
        note(error.sentence)
        extras.fetch(options.library, GPU, agreed=options.yes)
        added = _taken_in(options, source)
    model = _model(options, added)
    if options.json:
        told = [translated(known) for known in added.notes]
        print(as_json({"id": model.model_id, "name": model.name, "licence": model.licence, "notes": told}))
        return 0
    say(
        Sentence(
            "Added {name} ({id}): {dim} dimensions, {size}, {licence}.",
            name=model.name,
            id=model.model_id,
            dim=model.dim,
            size=size(model.bytes),
            licence=licence(model.licence),
        )
    )
    for known in added.notes:
        say(known)
    say(Sentence("To search with it: photosearch models use {id}", id=model.model_id))
    return 0


def _taken_in(options: argparse.Namespace, source: str) -> Adding:
    """Let the engine take the model in, and show how that goes; other faces see it, too.

    Raises:
        KnownError: it could not be, or another face ended it.
    """
    from photosearch.engine.adding import of_the_hub

    asked = model_messages.AddModel(os.fsencode(source), options.name or "", of_the_hub(os.environ))
    try:
        with engine(options.library) as client:
            over = followed(
                client,
                asked,
                model_messages.PauseAdding(),
                model_messages.AddingChanged,
                lambda event: _line(event.adding) if event.adding.phase == "adding" else None,
            )
    except KeyboardInterrupt:
        if source in (begun.source for begun in downloads.begun(options.library.downloads)):
            options.on_interrupt = Sentence(
                "paused; what was downloaded is kept. To go on: photosearch models get {source}. To give it "
                "up: photosearch models delete {source}.",
                source=source,
            )
        raise
    if over is None:
        raise KnownError(
            "PhotoSearch was closed meanwhile; get the model again, and it goes on where it was."
        )
    if over.adding.sentence:
        raise KnownError(over.adding.sentence)
    if over.adding.phase == "paused":
        raise KnownError(
            "It was paused elsewhere, and what was downloaded is kept. To go on: photosearch models get "
            "{source}.",
            source=source,
        )
    if not over.adding.added:
        raise KnownError("It was stopped elsewhere; nothing was added.")
    return over.adding


def _model(options: argparse.Namespace, added: Adding) -> ModelInfo:
    from photosearch.models import catalog

    return catalog.find(added.added, options.library)


def _line(adding: Adding) -> str:
    stage = f"{translated(_STAGES.get(adding.stage, _BEGINNING))} …"
    if not adding.total:
        return stage
    parts = [f"{stage} {share(size(adding.done), size(adding.total))}"]
    if adding.bytes_a_second:
        seconds = (adding.total - adding.done) / adding.bytes_a_second
        parts += [f"{size(round(adding.bytes_a_second))}/s", left(seconds)]
    elif adding.done < adding.total:
        parts.append(translated(Sentence("waiting for the hub")))
    return " · ".join(parts)
