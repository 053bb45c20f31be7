"""photosearch serve"""

from __future__ import annotations

import argparse
import importlib.util
import signal
import sys
from typing import TYPE_CHECKING

from photosearch.cli.connect import require, terminate
from photosearch.cli.text import as_json, note, say
from photosearch.core.errors import KnownError, Sentence
from photosearch.serve import PORT

if TYPE_CHECKING:
    from photosearch.serve.server import Options

NAME = "serve"
HELP = "let a browser, such as that of a phone, and scripts search this library over HTTP, until Ctrl-C"
EXAMPLES = (
    "photosearch serve                               (for this computer alone)",
    "photosearch serve --host 0.0.0.0                (for the phones in this network; shows a QR code)",
    "photosearch serve --show-token                  (shows the link and the QR code once more)",
    "photosearch serve --new-token                   (shuts out whoever has the one before)",
    "photosearch serve --allow-writes                (captions, stars and favourites may be changed there)",
    "photosearch serve --behind-proxy photos.example.org",
)

PACKAGES = ("starlette", "uvicorn", "python_multipart", "segno")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="listen on this address; 0.0.0.0: on all of this computer (default: 127.0.0.1, itself alone)",
    )
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"(default: {PORT})")
    parser.add_argument(
        "--allow-writes", action="store_true", help="let captions, stars, favourites and jobs be changed"
    )
    parser.add_argument(
        "--behind-proxy",
        default="",
        metavar="HOSTNAME",
        help="a proxy on this computer, which speaks TLS, is asked by this name and passes requests on",
    )
    tokens = parser.add_mutually_exclusive_group()
    tokens.add_argument("--new-token", action="store_true", help="make another token and end all sessions")
    tokens.add_argument("--show-token", action="store_true", help="show the token that there is, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object once it listens")
    parser.set_defaults(on_interrupt=Sentence("stopped serving."))


def run(options: argparse.Namespace) -> int:
    if any(importlib.util.find_spec(package) is None for package in PACKAGES):
        raise KnownError(
            "What photosearch serve needs is not installed; get it: pip install 'photosearch[serve]'"
        )
    from photosearch.serve.access import Access, new_token, token_of
    from photosearch.serve.server import Options, listening
    from photosearch.serve.server import run as serve

    def tell() -> None:
        _tell(address, shown, chosen, options.json)
        options.json = False  # its one object is told: how it ends stands on stderr alone

    require(options.library)
    chosen = Options(options.host, options.port, options.allow_writes, options.behind_proxy)
    with listening(chosen) as line:
        before = None if options.new_token else token_of(options.library)
        token = before or new_token(options.library)
        shown = token if options.show_token or not before else None
        address = _address(chosen, line.getsockname()[1])
        signal.signal(signal.SIGTERM, terminate)
        serve(options.library, Access(token), chosen, line, begun=tell)
    return 0


def _address(options: Options, port: int) -> str:
    """Where a browser finds it."""
    from photosearch.serve.server import own_address

    if options.behind_proxy:
        return f"https://{options.behind_proxy}/"
    host = own_address(options.host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _tell(address: str, token: str | None, options: Options, in_json: bool) -> None:
    """Where it is, and how to get in where that is to be shown."""
    link = f"{address}?token={token}" if token else None
    if in_json:
        print(as_json({"address": address, "link": link}), flush=True)
        return
    if options.allow_writes:
        say(Sentence("serving {address} until Ctrl-C, where notes may be changed", address=address))
    else:
        say(Sentence("serving {address} until Ctrl-C", address=address))
    if link:
        say(Sentence("open this link once, in each browser; whoever has it sees your photos:"))
        say(f"  {link}")
        if sys.stdout.isatty():
            import segno

            segno.make(link).terminal(compact=True)
    else:
        say(
            Sentence(
                "browsers that opened its link may come in; photosearch serve --show-token shows it again"
            )
        )
    if address.startswith("http:") and not options.host.startswith(("127.", "::1")):
        note(
            Sentence(
                "Without TLS others in this network could read along; docs/serve.md says how to put a proxy "
                "in front."
            )
        )
    sys.stdout.flush()
