"""photosearch search QUERY"""

import argparse
import os
import sys
from typing import Any

from photosearch.cli.connect import engine, require
from photosearch.cli.text import as_json, escaped
from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.core.photo import Hit
from photosearch.engine.client import Client
from photosearch.search.query import parse

NAME = "search"
HELP = "print the photos that answer a sentence best"
EXAMPLES = (
    'photosearch search "two dogs on a beach"',
    'photosearch search "a snowy mountain" -k 3 --json',
    "photosearch search - < queries.txt        (one query a line in, one JSON object a line out)",
)

MOST_HITS = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="QUERY", help='what the photo shows; "-" reads queries from stdin')
    parser.add_argument("-k", type=positive, default=20, metavar="N", help="how many photos (default: 20)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    if options.query == "-":
        require(options.library)
        with engine(options.library) as client:
            return _answer_lines(client, options.k)
    text = parse(options.query).text
    require(options.library)
    with engine(options.library) as client:
        result = client.call(messages.Search(text, options.k))
    if options.json:
        print(as_json(fields(result)))
    elif result.hits:
        print("\n".join(_line(hit) for hit in result.hits))
    else:
        raise KnownError("There are no photos in this library yet; index a folder: photosearch index FOLDER")
    return 0


def fields(result: messages.SearchResult) -> dict[str, Any]:
    return {
        "query": result.query,
        "model": result.model,
        "took_ms": {"encode": round(result.encode_ms, 3), "rank": round(result.rank_ms, 3)},
        "hits": [
            {"path": hit.path, "score": round(hit.score, 6), "confidence": str(hit.confidence)}
            for hit in result.hits
        ],
    }


def _answer_lines(client: Client, k: int) -> int:
    """One object for each line; for one that is no query it has "error", and the exit status is 1."""
    code = 0
    for line in sys.stdin:
        try:
            result = client.call(messages.Search(parse(line).text, k))
            answer = fields(result)
        except KnownError as error:
            code = 1
            empty = messages.SearchResult(line[:1000].strip(), "", 0.0, 0.0, 0, [])
            answer = fields(empty) | {"error": str(error)}
        print(as_json(answer), flush=True)
    return code


def _line(hit: Hit) -> str:
    return f"{hit.score:7.3f}  {hit.confidence:6}  {escaped(os.fsdecode(hit.path_bytes))}"


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return min(number, MOST_HITS)
