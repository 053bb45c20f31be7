"""photosearch vectors [status|use|now]"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from photosearch import settings
from photosearch.cli import stages
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.text import as_json, say
from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.i18n import translated

if TYPE_CHECKING:
    from photosearch.search.stores.chosen import Standing

NAME = "vectors"
HELP = "say where searches look for the nearest photos, or choose a vector store for that"
EXAMPLES = (
    "photosearch vectors                (what answers, and how much of the best it finds)",
    "photosearch vectors use lance      (a store in the library; it is built behind all else)",
    "photosearch vectors now            (build it, or bring it up to date, at once)",
    "photosearch settings set qdrant_address http://localhost:6333 && photosearch vectors use qdrant",
    "photosearch vectors use memory     (as it was at first)",
)
_STORES = (settings.MEMORY, settings.LANCE, settings.QDRANT)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    status = actions.add_parser("status", help="print what answers, and how much of the best it finds")
    use = actions.add_parser(
        "use", help="choose memory, lance or qdrant; until it is built the one before answers"
    )
    use.add_argument("store", metavar="STORE", choices=_STORES, help=f"one of {', '.join(_STORES)}")
    now = actions.add_parser("now", help="build the store, or bring it up to date, and come back after that")
    for action, does in ((status, run), (use, _use), (now, _now)):
        action.add_argument("--json", action="store_true", help="print one JSON object")
        action.set_defaults(
            run=does,
            stage=settings.VECTOR_STORE,
            on_interrupt=Sentence("stopped; run the same command again and it goes on where it was."),
        )


def run(options: argparse.Namespace) -> int:
    """Reads only; no engine is started for it."""
    from photosearch.engine.loading import chosen_model
    from photosearch.search.stores import chosen
    from photosearch.store.reader import setting

    require(options.library)
    model = chosen_model(options.library)
    with open_reader(options.library) as reader:
        standing = chosen.checked(options.library, reader, model.model_id, model.dim)
    _say(setting(options.library, settings.VECTOR_STORE), standing, options)
    return 0


def _use(options: argparse.Namespace) -> int:
    """A store that cannot be had is not chosen."""
    from photosearch.engine.loading import chosen_model
    from photosearch.search.stores import chosen

    require(options.library)
    model = chosen_model(options.library)
    with open_reader(options.library) as reader:
        store = chosen.named(options.store, reader)
    chosen.require(options.library, model.model_id, model.dim, store)
    with engine(options.library) as client:
        client.call(messages.ChangeSetting(settings.VECTOR_STORE, options.store))
    return run(options)


def _now(options: argparse.Namespace) -> int:
    with engine(options.library) as client:
        stages.finish(client, options)
    return run(options)


def _say(kind: str, standing: Standing | None, options: argparse.Namespace) -> None:
    from photosearch.search.stores.chosen import said

    if options.json:
        measured = {"store": standing.store, "recall": standing.recall} if standing else {}
        print(as_json({"chosen": kind} | measured))
    else:
        say(translated(said(kind, standing)))
