"""photosearch models use, pause, resume, cancel and compare: from one model to another."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Sequence

from photosearch.cli.arguments import positive
from photosearch.cli.connect import engine, open_reader, require
from photosearch.cli.text import as_json, count, escaped, say, share, worded
from photosearch.core import messages, model_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.model_messages import Compared, Model
from photosearch.engine.client import Client
from photosearch.paths import Library


def add_actions(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The actions of `photosearch models` that change the model, but for `use`, which knows lessons too."""
    pause = actions.add_parser("pause", help="let the next model's reading of photos, or a download, wait")
    pause.set_defaults(run=lambda options: _order(options, model_messages.PauseChange(True)))
    resume = actions.add_parser("resume", help="let the next model's reading of photos go on")
    resume.set_defaults(run=lambda options: _order(options, model_messages.PauseChange(False)))
    cancel = actions.add_parser("cancel", help="go on with the present model; the next one reads no more")
    cancel.add_argument(
        "--forget", action="store_true", help="also forget what the next model has read (default: keep it)"
    )
    cancel.set_defaults(run=lambda options: _order(options, model_messages.CancelChange(not options.forget)))
    compare = actions.add_parser(
        "compare", help="print the first photos of searches by another model and by the present one"
    )
    compare.add_argument(
        "query", metavar="QUERY", nargs="*", help="each is one search (default: those saved, and the latest)"
    )
    compare.add_argument(
        "--with",
        dest="other",
        metavar="MODEL",
        default="",
        help="its name or id (default: the next model, else the one before)",
    )
    compare.add_argument("-k", type=positive, default=5, metavar="N", help="photos of each (default: 5)")
    compare.add_argument("--json", action="store_true", help="print one JSON object")
    compare.set_defaults(run=_compare)


def use(client: Client, name: str) -> None:
    """Have a model answer, and say since when it does."""
    client.call(model_messages.ChangeModel(name))
    found = client.call(model_messages.GetModels())
    watching = client.call(messages.GetStatus()).watching
    model = next((model for model in found.models if model.state in ("reading", "paused")), None)
    if model is None:
        say(Sentence("It answers from now on."))
        _say_beside(found.models)
        return
    say(
        Sentence(
            "It knows {far} and answers once it knows every one that can be read; {who_reads}",
            far=share(model.photos, count(found.photos, "photo")),
            who_reads=_reads(watching=watching),
        )
    )


def _reads(*, watching: bool) -> Sentence:
    return Sentence("it reads them now.") if watching else Sentence("photosearch index FOLDER reads them.")


def _say_beside(models: Sequence[Model]) -> None:
    for model in models:
        if model.beside:
            unknown = count(model.beside, "photo")
            say(
                Sentence(
                    "{photos} that it does not know yet: {model} answers.", photos=unknown, model=model.name
                )
            )


def _order(
    options: argparse.Namespace, request: model_messages.PauseChange | model_messages.CancelChange
) -> None:
    require(options.library)
    with engine(options.library) as client:
        if not client.call(messages.GetStatus()).next_model:
            _pause_download(client, request)
            return
        client.call(request)
        watching = client.call(messages.GetStatus()).watching
    match request:
        case model_messages.PauseChange(paused=True):
            say(Sentence("Its reading waits; to go on: photosearch models resume."))
        case model_messages.PauseChange():
            say(Sentence("Its reading goes on: {who_reads}", who_reads=_reads(watching=watching)))
        case model_messages.CancelChange(keep=True):
            say(Sentence("The present model goes on answering; what the other one has read is kept."))
        case model_messages.CancelChange():
            say(Sentence("The present model goes on answering; what the other one has read is forgotten."))


def _pause_download(
    client: Client, request: model_messages.PauseChange | model_messages.CancelChange
) -> None:
    """Where no model is being changed to, what is downloaded can wait.

    Raises:
        KnownError: nothing is, or something else is wanted.
    """
    adding = client.call(model_messages.GetModels()).adding
    go_on = f"photosearch models get {adding.source}"
    if request == model_messages.PauseChange(True) and adding.phase == "adding":
        client.call(model_messages.PauseAdding())
        say(
            Sentence(
                "The download of {source} waits; to go on: {command}", source=adding.source, command=go_on
            )
        )
    elif adding.phase in ("adding", "paused"):
        raise KnownError(
            "No other model is being changed to. A download is paused by photosearch models pause, gone on "
            "with by {command}, and given up by photosearch models delete {source}.",
            command=go_on,
            source=adding.source,
        )
    else:
        raise KnownError("No other model is being changed to, and none is being downloaded.")


def _compare(options: argparse.Namespace) -> int:
    require(options.library)
    queries = list(dict.fromkeys(options.query)) or _queries(options.library)
    if not queries:
        raise KnownError("No search is saved or remembered; name one.")
    with engine(options.library) as client:
        reads = bool(client.call(messages.GetStatus()).next_model)
        found: dict[str, Compared] = {}
        for query in queries:
            try:
                found[query] = client.call(model_messages.CompareModels(query, options.other, options.k))
            except KnownError:
                if options.query:
                    raise  # of the person's own searches, those that only choose rank nothing
    if not found:
        raise KnownError("None of the saved and remembered searches ranks photos; name one that does.")
    paths = _paths(options.library, found.values())
    if options.json:
        print(as_json({"searches": [_fields(query, one, paths) for query, one in found.items()]}))
    else:
        if reads:
            say(Sentence("A model still reads photos: only those are compared that both know."))
            say("")
        print("\n\n".join(_lines(query, one, paths) for query, one in found.items()))
    return 0


def _queries(library: Library) -> list[str]:
    """The person's searches, those saved first."""
    with open_reader(library) as reader:
        saved = [search.text for search in reader.saved_searches()]
        return list(dict.fromkeys([*saved, *reader.recent_searches()]))


def _paths(library: Library, found: Collection[Compared]) -> dict[int, str]:
    ids = {photo_id for one in found for photo_id in (*one.by_other, *one.by_answering)}
    with open_reader(library) as reader:
        return {photo.photo_id: os.fsdecode(photo.path_bytes) for photo in reader.photos(sorted(ids))}


def _fields(query: str, compared: Compared, paths: dict[int, str]) -> dict[str, object]:
    return {
        "query": query,
        "photos": compared.photos,
        "models": [
            {"name": name, "paths": [paths[photo_id] for photo_id in ids if photo_id in paths]}
            for name, ids in _sides(compared)
        ],
    }


def _lines(query: str, compared: Compared, paths: dict[int, str]) -> str:
    lines = [escaped(query)]
    if not compared.photos:
        none = Sentence(
            "{other} and {answering} both know no photo of it.",
            other=compared.other,
            answering=compared.answering,
        )
        return "\n".join([*lines, f"  {worded(none)}"])
    for (name, ids), (_, others) in zip(_sides(compared), reversed(_sides(compared)), strict=True):
        lines.append(f"  {escaped(name)}")
        lines += [
            f"    {' ' if photo_id in others else '+'} {escaped(paths[photo_id])}"
            for photo_id in ids
            if photo_id in paths
        ]
    return "\n".join(lines)


def _sides(compared: Compared) -> list[tuple[str, tuple[int, ...]]]:
    return [(compared.other, compared.by_other), (compared.answering, compared.by_answering)]
