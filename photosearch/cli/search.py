"""photosearch search QUERY"""

import argparse
import os
import sys
import unicodedata
from typing import Any, get_args

from photosearch.cli.connect import engine, require
from photosearch.cli.text import as_json, escaped
from photosearch.core import messages
from photosearch.core.errors import KnownError, QueryError
from photosearch.core.photo import Hit
from photosearch.engine.client import Client
from photosearch.i18n import translated
from photosearch.search.query import parse

NAME = "search"
HELP = "print the photos that answer a query best"
EXAMPLES = (
    'photosearch search "two dogs on a beach"',
    'photosearch search "dogs -people +beach date:2023-06..2023-08"',
    "photosearch search '\"Pelican Cove\" rating:>=4' --sort date",
    'photosearch search "like:lake.jpg snow^2" -k 3 --json',
    "photosearch search -- -people               (a query that begins with -)",
    "photosearch search - < queries.txt          (one query a line in, one JSON object a line out)",
)

LANGUAGE = """\
queries:
  two dogs on a beach           what the photo shows, as one sentence
  +beach  beach^2  -people      towards it, more of it (0.1 to 5), away from it; -(red car) for several words
  "Pelican Cove"                these words exactly, in caption, keywords or file name
  like:lake.jpg                 what is like a picture; -like: away from it
  date:2023  date:2023-06..2023-08  date:yesterday  after:2023-06-14  before:2023
  folder:holidays  album:"Summer 2023"  camera:canon  type:jpeg  rating:4  rating:>=3
  has:gps|caption|keywords|rating|camera|favourite  near:46.5,8.0,50 (latitude, longitude, kilometres)
  orientation:portrait|landscape|square  away:yes
  Filters choose exactly; - before one turns it round: -has:caption. Without words, the newest come first.
"""

MOST_HITS = 1_000_000
LONGEST_SHOWN = 200  # characters of a query in which the place of an error is pointed to


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="QUERY", help='what to look for; "-" reads queries from stdin')
    parser.add_argument("-k", type=positive, default=20, metavar="N", help="how many photos (default: 20)")
    parser.add_argument(
        "--sort",
        choices=get_args(messages.Sort),
        default="relevance",
        help="the order of the best N; other orders leave weak ones last (default: relevance)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.epilog = f"{LANGUAGE}\n{parser.epilog}"


def run(options: argparse.Namespace) -> int:
    if options.query == "-":
        require(options.library)
        with engine(options.library, lingers=True) as client:
            return _answer_lines(client, options)
    text = options.query
    try:
        text = parse(text).text
        require(options.library)
        with engine(options.library, lingers=True) as client:
            result = client.call(_request(text, options))
            status = client.call(messages.GetStatus())
    except QueryError as error:
        if not text.strip() or len(text) > LONGEST_SHOWN:
            raise
        told = escaped(translated(error.sentence))
        print(f"photosearch: {told}\n{pointed(text, error.span)}", file=sys.stderr)
        return 1
    if options.json:
        print(as_json(fields(result)))
    elif result.hits:
        print("\n".join(_line(hit) for hit in result.hits))
    elif any(piece.kind == "filter" for piece in result.pieces):
        raise KnownError("No photo passes these filters; leave one of them away.")
    elif status.photos:
        raise KnownError("The present model has not read these photos yet; index their folder again.")
    else:
        raise KnownError("There are no photos in this library yet; index a folder: photosearch index FOLDER")
    return 0


def fields(result: messages.SearchResult) -> dict[str, Any]:
    """What --json prints of a result."""
    return {
        "query": result.query,
        "model": result.model,
        "took_ms": {"encode": round(result.encode_ms, 3), "rank": round(result.rank_ms, 3)},
        "hits": [
            {"path": hit.path, "score": round(hit.score, 6), "confidence": str(hit.confidence)}
            for hit in result.hits
        ],
        "searched": result.searched,
        "labels": {
            "strong": result.labels.strong,
            "likely": result.labels.likely,
            "weak": result.labels.weak,
        },
        "terms": [
            {"kind": piece.kind, "text": piece.text} for piece in result.pieces if piece.kind != "filter"
        ],
        "filters": [piece.text for piece in result.pieces if piece.kind == "filter"],
        "learnt": [{"name": use.name, "phrase": use.phrase} for use in result.learnt],
    }


def pointed(text: str, span: tuple[int, int]) -> str:
    """The query, and a line below that points to a part of it."""
    before, part = escaped(text[: span[0]]), escaped(text[span[0] : span[1]])
    return f"  {escaped(text)}\n  {' ' * _columns(before)}{'^' * max(1, _columns(part))}"


def _request(text: str, options: argparse.Namespace) -> messages.Search:
    return messages.Search(text, options.k, sort=options.sort, base_bytes=os.fsencode(os.getcwd()))  # noqa: PTH109  (bytes)


def _answer_lines(client: Client, options: argparse.Namespace) -> int:
    """One object for each line; for one that is no query it has "error", and the exit status is 1."""
    code = 0
    for line in sys.stdin:
        try:
            result = client.call(_request(parse(line).text, options))
            answer = fields(result)
        except KnownError as error:
            code = 1
            empty = messages.SearchResult(line[:1000].strip(), "", 0.0, 0.0, 0, [])
            answer = fields(empty) | {"error": str(error)}
        print(as_json(answer), flush=True)
    return code


def _line(hit: Hit) -> str:
    return f"{hit.score:7.3f}  {hit.confidence:6}  {escaped(os.fsdecode(hit.path_bytes))}"


def _columns(text: str) -> int:
    """How wide a terminal shows it."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def positive(text: str) -> int:
    """A number of hits from its text, at most `MOST_HITS`.

    Raises:
        ValueError: it is no whole number from 1 on.
    """
    number = int(text)
    if number < 1:
        raise ValueError
    return min(number, MOST_HITS)
