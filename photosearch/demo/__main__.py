"""`make demo`: index photographs, ask for some, show what was found."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from photosearch import i18n
from photosearch.cli import gui, progress
from photosearch.cli import index as index_command
from photosearch.cli.connect import engine
from photosearch.cli.text import escaped, worded
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.search_messages import Search, SearchResult
from photosearch.demo import photos
from photosearch.paths import Library

SAMPLE_QUERIES = (
    "a cat",
    "a cup of coffee",
    "a red motorcycle",
    "a rocket on a launch pad",
    "a man taking a photo",
    "flowers",
    "a palace",
    "qwrt zzyx plomf",  # shows what nothing looks like
)
OWN_QUERIES = (
    "two dogs running on a beach",
    "a man on a skateboard",
    "children playing in water",
    "a snowy mountain",
    "a group of people",
    "flowers",
)
SHOWN = 5  # photos a query


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo as the arguments say; -> the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m photosearch.demo",
        description="Index photographs, run several queries, then open the window or, without a display, "
        "write a contact sheet.",
        epilog="examples:\n  python -m photosearch.demo\n  python -m photosearch.demo --photos ~/Pictures",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--photos", type=Path, metavar="DIR", help="your own (default: sample photographs)")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("build/demo"),
        metavar="DIR",
        help="where library, sample photographs and contact sheet go (default: %(default)s)",
    )
    options = parser.parse_args(argv)
    i18n.use(i18n.of_environment())
    try:
        return run(options.photos, options.output)
    except KnownError as error:
        print(f"demo: {worded(error.sentence)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(own: Path | None, output: Path) -> int:
    """Index the photos, answer several queries and show both; -> the exit status."""
    folder = own or photos.gather(output / "photos")
    library = Library(output.absolute() / ("library-own" if own else "library"))
    print(worded(Sentence("Indexing the photos in {folder}", folder=folder)))
    results = search(library, folder, OWN_QUERIES if own else SAMPLE_QUERIES)
    try:
        gui.check_display()
    except KnownError as no_window:
        sheet = output / "contact-sheet.png"
        draw(library, results, sheet)
        print(f"\n{worded(no_window.sentence)}")
        print(worded(Sentence("The contact sheet shows all that was found: {sheet}", sheet=sheet)))
        return 0
    print(f"\n{worded(Sentence('Opening the window; close it to end the demo.'))}")
    from photosearch.gui.app import main as open_window

    return open_window(library, None)


def search(library: Library, folder: Path, queries: Sequence[str]) -> list[SearchResult]:
    """Index `folder`, then print and return the best photos of each query."""
    with engine(library) as client:
        report = progress.indexed(client, [os.fsencode(folder.absolute())])
        print(index_command.sentence(report))
        results = [client.call(Search(query, SHOWN)) for query in queries]
    for result in results:
        print(f"\n{result.query}  ({result.encode_ms + result.rank_ms:.0f} ms)")
        for hit in result.hits:
            print(f"  {hit.score:6.3f}  {hit.confidence:6}  {escaped(Path(hit.path).name)}")
    return results


def draw(library: Library, results: Sequence[SearchResult], target: Path) -> None:
    """Write the results to `target` as a contact sheet."""
    from photosearch.demo import contact_sheet
    from photosearch.store.reader import Reader

    with Reader.open(library) as reader:
        rows = [
            contact_sheet.Row(
                result.query,
                [
                    contact_sheet.Tile(jpeg, hit.score, hit.confidence)
                    for hit in result.hits
                    if (jpeg := reader.thumbnail(hit.photo_id))
                ],
            )
            for result in results
        ]
    contact_sheet.draw(rows, target)


if __name__ == "__main__":
    sys.exit(main())
