"""photosearch extras [add|remove]"""

import argparse
import os
import sys

from photosearch.cli import arguments
from photosearch.cli.connect import engine
from photosearch.cli.progress import followed, is_shown
from photosearch.cli.text import as_json, escaped, note, say, share, size, worded
from photosearch.core import extra_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.extra_messages import Extra, FetchProgress
from photosearch.core.message import Done, Request
from photosearch.extras import BY_NAME, EXPORTER, GPU, Fetchable, exports
from photosearch.i18n import translated
from photosearch.paths import Library

NAME = "extras"
HELP = "fetch or remove what packages do not bring: torch for a graphics processor, and what reads videos"
EXAMPLES = (
    "photosearch extras                              (what is here)",
    "photosearch extras add gpu                      (says first how much that is; only now, and only this)",
    "photosearch extras add gpu --from WHEELS        (without a network: from a folder that was brought)",
    "photosearch extras add video                    (then: photosearch videos on)",
    "photosearch extras remove gpu",
)


_STAGES = {
    "finding": Sentence("finding"),
    "downloading": Sentence("downloading"),
    "installing": Sentence("installing"),
    "removing": Sentence("removing"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(on_interrupt=Sentence("stopped; nothing is left of it."))
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    add = actions.add_parser("add", help="fetch one into a folder of its own; nothing else is changed")
    add.add_argument(
        "--from",
        dest="wheels",
        metavar="FOLDER",
        type=arguments.path,
        help="of wheels, in place of the network; docs/installing.md says how to fill one",
    )
    add.add_argument("--yes", action="store_true", help="do not ask on a terminal whether to go on")
    add.set_defaults(run=_add)
    remove = actions.add_parser("remove", help="delete what was fetched")
    remove.set_defaults(run=_remove)
    for action in (add, remove):
        action.add_argument("extra", choices=list(BY_NAME))


def run(options: argparse.Namespace) -> int:
    """Reads only; no engine is started for it."""
    if options.json:
        print(as_json({"extras": [fields(one) for one in BY_NAME.values()]}))
    else:
        for one in BY_NAME.values():
            print(f"{one.name:<5}  {worded(standing(one))}")
    return 0


def fields(extra: Fetchable) -> dict[str, str | None]:
    installed, fetched = extra.installed(), extra.fetched()
    folder = str(extra.folder()) if fetched else None
    return {"name": extra.name, extra.said.lower(): installed or fetched, "folder": folder}


def standing(extra: Fetchable) -> Sentence:
    """Whether one is here, and where, in a line."""
    if version := extra.installed():
        here = Sentence(
            "{package} {version}, installed beside PhotoSearch", package=extra.said, version=version
        )
    elif version := extra.fetched():
        here = Sentence(
            "{package} {version}, fetched, {size} in {folder}",
            package=extra.said,
            version=version,
            size=size(extra.size()),
            folder=extra.folder(),
        )
    else:
        return extra.missing
    if extra is not GPU or exports():
        return here
    return Sentence(
        "{here}; without {package}, models that are added run in torch alone",
        here=here,
        package=EXPORTER,
    )


def line(progress: FetchProgress) -> str:
    stage = translated(_STAGES[progress.stage])
    parts = [f"{stage} {escaped(progress.package)}".rstrip() + " …"]
    if progress.total:
        done, total = progress.done, progress.total
        parts.append(translated(Sentence("{done} of {total} packages", done=done, total=total)))
    if progress.total_bytes:
        parts.append(share(size(progress.bytes), size(progress.total_bytes)))
    elif progress.bytes:
        parts.append(translated(Sentence("{size} so far", size=size(progress.bytes))))
    return " · ".join(parts)


def can_ask() -> bool:
    """Whether somebody is there to answer: not a program, nor who wants quiet."""
    return is_shown() and sys.stdin.isatty()


def fetch(library: Library, extra: Fetchable, folder: str = "", *, agreed: bool) -> str:
    """Fetch one, having said what that is; -> its version.

    Args:
        folder: of wheels that were brought, in place of the network
        agreed: the person said yes already, and is not asked

    Raises:
        KnownError: the person says no, or it could not be fetched.
    """
    if not folder:
        note(extra.cost)
        if not (agreed or _agreed()):
            raise KnownError("Nothing was fetched.")
    over = _done(library, extra, extra_messages.AddExtra(os.fsencode(folder), name=extra.name))
    if over.phase != "fetched":
        raise KnownError(over.sentence or Sentence("Fetching was stopped; nothing is left of it."))
    return over.version


def _add(options: argparse.Namespace) -> None:
    folder = os.path.realpath(options.wheels) if options.wheels else ""
    extra = BY_NAME[options.extra]
    version = fetch(options.library, extra, folder, agreed=options.yes or not can_ask())
    if extra is GPU:
        say(Sentence("Torch {version} is here. The engine uses it from its next start on.", version=version))
    else:
        say(
            Sentence(
                "PyAV {version} is here. To read the videos of the library: photosearch videos on",
                version=version,
            )
        )


def _agreed() -> bool:
    """What the person answers."""
    print(translated(Sentence("Go on? [y/N]")), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _remove(options: argparse.Namespace) -> None:
    extra = BY_NAME[options.extra]
    over = _done(options.library, extra, extra_messages.RemoveExtra(extra.name))
    if over.sentence:
        raise KnownError(over.sentence)


def _done(library: Library, extra: Fetchable, request: Request[Done]) -> Extra:
    """How it ended."""
    with engine(library) as client:
        over = followed(
            client,
            request,
            extra_messages.StopExtra(extra.name),
            extra_messages.ExtraChanged,
            lambda event: line(event.extra.progress) if event.extra.progress else None,
            concerns=lambda event: event.extra.name == extra.name,
        )
    if over is None:
        raise KnownError(
            "PhotoSearch was closed meanwhile; fetch {package} again, and it goes on where it was.",
            package=extra.said,
        )
    return over.extra
