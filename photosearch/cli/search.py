"""photosearch search QUERY"""

import argparse
import io
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from msgspec.structs import replace

from photosearch.cli import gui, preview, progress
from photosearch.cli.arguments import MOST_HITS, add_paths, least, path, positive
from photosearch.cli.asked import as_typed, complain_of, place_typed, places_of, understood
from photosearch.cli.connect import engine, require
from photosearch.cli.text import as_json, escaped, note, padded, print_paths
from photosearch.core import length, messages, search_messages
from photosearch.core.errors import KnownError, QueryError, Sentence
from photosearch.core.photo import Confidence, Hit
from photosearch.engine.client import Client
from photosearch.i18n import translated
from photosearch.search.filters import KEYS
from photosearch.search.query import of_path, parse

NAME = "search"
HELP = "print the photos that answer a query best"
EXAMPLES = (
    "photosearch search two dogs on a beach",
    "photosearch search lake.jpg snow            (photos like a picture, with snow)",
    "photosearch search two dogs --open          (in the window)",
    "photosearch search two dogs --preview -n 12 (in the terminal)",
    "photosearch search dogs --here --min likely --paths0 | xargs -0 cp -t /tmp/dogs",
    'photosearch search "dogs -people +beach date:2023-06..2023-08"',
    "photosearch search '\"Pelican Cove\" rating:>=4' --sort date",
    'photosearch search "like:lake.jpg snow^2" -k 3 --json',
    "photosearch search -- -people               (a query that begins with -)",
    "photosearch search - < queries.txt          (one query a line in, one JSON object a line out)",
    "photosearch search - < lake.jpg             (photos like the picture on stdin)",
)

WIDTH = 100  # of a line of the help
FEW = 20  # photos, where nobody says how many


def _filters() -> str:
    """An example of each filter, with all its values where those are few words."""
    shown = ["folder:holidays", "folder:. (this one)", 'album:"Summer 2023"']
    for key in KEYS.values():
        name, _, value = key.example.partition(":")
        shown.append(f"{name}:{'|'.join(key.values)}" if value in key.values else key.example)
    lines = [""]
    for each in shown:
        if len(lines[-1]) + len(each) > WIDTH:
            lines.append("")
        lines[-1] += f"  {each}"
    return "\n".join(lines)


LANGUAGE = f"""\
queries:
  two dogs on a beach           what the photo shows, as one sentence; what is named so comes first
  +beach  beach^2  -people      towards it, more of it (0.1 to 5), away from it; -(red car) for several words
  "Pelican Cove"                these words exactly, in caption, keywords or file name
  like:lake.jpg                 what is like a picture; -like: away from it
{_filters()}
  Filters choose exactly; - before one turns it round: -has:caption. Without words, the newest come first.
"""

_WHY: dict[str, Sentence] = {
    Confidence.STRONG: Sentence("strong"),
    Confidence.LIKELY: Sentence("likely"),
    Confidence.WEAK: Sentence("weak"),
    "caption": Sentence("caption"),
    "name": Sentence("name"),
    "text": Sentence("text"),
    "folder": Sentence("folder"),
    "album": Sentence("album"),
    "place": Sentence("place"),
    "camera": Sentence("camera"),
}

_log = logging.getLogger(__name__)
_BEGINNINGS = (b"\xff\xd8\xff", b"GIF8")  # of pictures, where they hold no NUL


def add_arguments(parser: argparse.ArgumentParser, words: str = "+") -> None:
    parser.add_argument(
        "query",
        metavar="QUERY",
        nargs=words,
        help='what to look for: words, and pictures by the names of their files; "-" reads queries, or a '
        "picture, from stdin",
    )
    parser.add_argument(
        "-k",
        "-n",
        type=positive,
        metavar="N",
        help=f"how many photos (default: {FEW}; with --min all that are good enough)",
    )
    parser.add_argument(
        "--min",
        type=least,
        metavar="strong|likely|weak|SCORE",
        help="only photos whose pictures are at least this good an answer, or have this score, "
        "whatever names say",
    )
    parser.add_argument("--here", action="store_true", help="only photos in the present folder, as folder:.")
    parser.add_argument(
        "--sort",
        choices=get_args(search_messages.Sort),
        default="relevance",
        help="the order of the best N; other orders leave weak ones last (default: relevance)",
    )
    printed = parser.add_mutually_exclusive_group()
    printed.add_argument("--json", action="store_true", help="print one JSON object")
    printed.add_argument(
        "--preview",
        action="store_true",
        help="show the photos as well: in a terminal that draws pictures, else as a contact sheet in a file",
    )
    printed.add_argument(
        "--sheet", metavar="FILE", type=path, help="as --preview, as a contact sheet in this file"
    )
    printed.add_argument(
        "--open", action="store_true", help="show them in the window, which has all that answer the query"
    )
    add_paths(parser, printed, "print paths alone")
    parser.epilog = f"{LANGUAGE}\n{parser.epilog}"


def run(options: argparse.Namespace) -> int:
    options.preview = options.preview or options.sheet is not None
    if options.open and options.query == ["-"]:
        raise KnownError(
            "The window takes a picture by the name of its file; save what comes from stdin first."
        )
    if options.query != ["-"]:
        return _answer_query(options.query, options)
    if _stdin_is_picture():
        with tempfile.NamedTemporaryFile(prefix="photosearch-") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.flush()
            return _answer_query([of_path("like", file.name)], options)
    require(options.library)
    with engine(options.library, lingers=True) as client:
        return _answer_lines(client, options)


def _answer_query(arguments: Sequence[str], options: argparse.Namespace) -> int:
    taken = list(map(as_typed, arguments))
    text = joined = " ".join(taken)
    try:
        text = understood(joined, here=options.here)
        require(options.library)
        with engine(options.library, lingers=True) as client:
            with progress.warming_up(client):
                result = _answer(client, text, options)
            status, jobs = client.call(messages.GetStatus()), client.call(messages.GetJobs()).jobs
            pictures = preview.pictures(client, result.hits, options.library) if options.preview else []
    except QueryError as error:
        if options.json:
            raise
        return _complain_of(error, text, arguments, taken)
    if result.caveat:
        note(result.caveat)
    if _is_reading(status, jobs) and progress.is_shown():
        note(
            Sentence(
                "Folders are not read to their ends yet; this search knew {photos:,} photos.",
                photos=status.searchable + status.beside,
            )
        )
    if options.json:
        print(as_json(fields(result)))
        return 0 if result.hits else 1
    if result.hits and options.open:
        gui.open_window(options.library, text)
        return 0
    if result.hits:
        if options.min is not None and progress.is_shown():
            note(Sentence("Photos that are good enough answers: {photos:,}.", photos=len(result.hits)))
        _print_hits(result, options)
        if pictures:
            preview.show(pictures, options.sheet)
        return 0
    if result.searched and options.min is not None:
        raise KnownError("No photo is as good an answer as --min asks for.")
    if options.here:
        _refuse_elsewhere(status)
    if result.searched and status.photos:
        raise KnownError("The photos that answer it have just left the library; search again.")
    typed = {piece.text: joined[slice(*piece.span)] for piece in parse(joined, base=Path.cwd).pieces}
    pieces = tuple(replace(piece, text=typed.get(piece.text, piece.text)) for piece in result.pieces)
    raise KnownError(replace(result, pieces=pieces).nothing_found(status.photos))


def _refuse_elsewhere(status: messages.Status) -> None:
    """
    Raises:
        KnownError: no folder of the library is the present one, holds it or lies in it.
    """
    from photosearch.store.folders import contains

    here = os.fsencode(Path.cwd())
    if any(contains(each.path_bytes, here) or contains(here, each.path_bytes) for each in status.folders):
        return
    raise KnownError(
        "{folder} is not in this library; add it and search in it: photosearch here . WORDS",
        folder=Path.cwd(),
    )


def _is_reading(status: messages.Status, jobs: Sequence[messages.Job]) -> bool:
    """Whether photos are on their way into the library; those that only another model reads are in it."""
    read = {path for job in jobs for path in job.folders}
    unread = any(folder.unread and folder.path_bytes in read for folder in status.folders)
    return unread or (status.progress.total > status.progress.done and not status.next_model)


def _complain_of(error: QueryError, text: str, arguments: Sequence[str], taken: Sequence[str]) -> int:
    """Say what is wrong with a query, `text`, where it was typed; -> the exit status."""
    typed, joined, place = " ".join(arguments), " ".join(taken), error.span
    if text != joined:  # it was understood, so that paths in it are whole
        pieces = parse(joined, base=Path.cwd).pieces
        place = place_typed(place, [(piece.span, piece.text) for piece in pieces], joined)
    place = place_typed(place, list(zip(places_of(arguments), taken, strict=True)), typed)
    return complain_of(QueryError(error.sentence, place), typed)


def fields(result: search_messages.SearchResult) -> dict[str, Any]:
    """What --json prints of a result; photos that filters alone chose have no score and no label."""
    ranked = result.ranks
    return {
        "query": result.query,
        "model": result.model,
        "took_ms": {"encode": round(result.encode_ms, 3), "rank": round(result.rank_ms, 3)},
        "hits": [
            {
                "path": hit.path,
                "score": round(hit.score, 6) if ranked else None,
                "confidence": str(hit.confidence) if ranked else None,
                "found_in": hit.found_in,
                "line": hit.line or None,
                "at_seconds": hit.at_ms / 1000 if hit.at_ms is not None else None,
            }
            for hit in result.hits
        ],
        "searched": result.searched,
        "labels": {
            "strong": result.labels.strong,
            "likely": result.labels.likely,
            "weak": result.labels.weak,
            "named": result.labels.named,
            "behind": result.labels.behind,
        }
        if ranked
        else None,
        "terms": [
            {"kind": piece.kind, "text": piece.text} for piece in result.pieces if piece.kind != "filter"
        ],
        "filters": [piece.text for piece in result.pieces if piece.kind == "filter"],
        "learnt": [{"name": use.name, "phrase": use.phrase} for use in result.learnt],
        "caveat": translated(result.caveat) if result.caveat else None,
    }


def _stdin_is_picture() -> bool:
    """Whether it is no text; nothing is taken from it."""
    assert isinstance(sys.stdin.buffer, io.BufferedReader)
    begins = sys.stdin.buffer.peek(16)[:16]
    return b"\0" in begins or begins.startswith(_BEGINNINGS)


def _answer(client: Client, text: str, options: argparse.Namespace) -> search_messages.SearchResult:
    """The engine's, without the photos that --min leaves out."""
    most = options.k or (FEW if options.min is None else MOST_HITS)
    result = client.call(search_messages.Search(text, most, sort=options.sort))
    _log.info(
        "Understood as: %s; encoded in %.0f ms, %d photos ranked in %.0f ms",
        *(result.query, result.encode_ms, result.searched, result.rank_ms),
    )
    if options.min is None or not result.ranks:
        return result
    return replace(result, hits=[hit for hit in result.hits if suffices(hit, options.min)])


def suffices(hit: Hit, least: Confidence | float) -> bool:
    """Whether a hit's picture is good enough; a folder's name says little of each photo in it."""
    if isinstance(least, Confidence):
        order = list(Confidence)
        return order.index(hit.confidence) <= order.index(least)
    return hit.score >= least


def _print_hits(result: search_messages.SearchResult, options: argparse.Namespace) -> None:
    if options.paths or options.paths0:
        print_paths((hit.path_bytes for hit in result.hits), b"\0" if options.paths0 else b"\n")
    else:
        line = _line if result.ranks else _path
        numbers = [f"{number:4}  " if options.preview else "" for number in range(1, len(result.hits) + 1)]
        print("\n".join(number + line(hit) for number, hit in zip(numbers, result.hits, strict=True)))


def _answer_lines(client: Client, options: argparse.Namespace) -> int:
    """One object for each line that is not empty; for one that is no query it has "error", and the exit
    status is 1.

    Raises:
        KnownError: there is no line.
    """
    code = None
    for line in filter(str.strip, sys.stdin):
        code = code or 0
        try:
            answer = fields(_answer(client, understood(line, here=options.here), options))
        except KnownError as error:
            code = 1
            empty = search_messages.SearchResult(line[:1000].strip(), "", 0.0, 0.0, 0, [])
            answer = fields(empty) | {"error": translated(error.sentence)}
        print(as_json(answer), flush=True)
    if code is None:
        raise KnownError("There is no query and no picture on standard input.")
    return code


def _line(hit: Hit) -> str:
    why = padded(translated(_WHY[hit.found_in or hit.confidence]), 7)
    found = f"{hit.score:7.3f}  {why}  {_path(hit)}"
    if hit.at_ms is None:
        return found
    return f"{found}  {translated(Sentence('(at {time})', time=length.shown(hit.at_ms / 1000)))}"


def _path(hit: Hit) -> str:
    line = f"  “{escaped(hit.line)}”" if hit.line else ""
    return escaped(os.fsdecode(hit.path_bytes)) + line
