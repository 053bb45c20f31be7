"""python -m trainer adapt"""

from __future__ import annotations

import _thread
import argparse
import contextlib
import json
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from photosearch.core.errors import Cancelled, KnownError
from trainer.cli.arguments import MODEL, add_images

if TYPE_CHECKING:
    from photosearch.core.progress import Control
    from photosearch.core.teaching import CurvePoint, TeachProgress, TeachReport
    from trainer.adapt.lesson_training import Steering

NAME = "adapt"
HELP = "teach a model a person's own words from their captions, and check whether it helped"
EXAMPLES = (
    "adapt --model bundled --images photos --captions captions.csv --out my-model",
    "adapt --model bundled --gallery photos.safetensors --captions captions.jsonl --out new --lesson-only",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="MODEL", required=True, help=MODEL)
    add_images(parser, required=False)
    parser.add_argument(
        "--gallery",
        type=Path,
        metavar="FILE",
        help="vectors of the photos instead, as the program keeps them",
    )
    parser.add_argument(
        "--captions",
        type=Path,
        metavar="FILE",
        required=True,
        help="CSV with the header filename,caption, or JSON lines with photo and caption",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the new folder to write")
    parser.add_argument(
        "--lesson-only",
        action="store_true",
        help="write the lesson and the report without a copy of the model",
    )
    parser.add_argument(
        "--words", type=Path, metavar="FILE", help="JSON list of words that you chose yourself"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print events as JSON lines; a line `stop` on stdin keeps the best so far",
    )


def run(options: argparse.Namespace) -> int:
    if bool(options.images) == bool(options.gallery):
        raise KnownError("Name the photos: either --images DIR or --gallery FILE.")
    if "numpy" not in sys.modules:
        # Each learning has a core of its own; threads of its matrix products would only wait for each other.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from trainer.adapt.lesson_training import Steering
    from trainer.adapt.output import REPORT

    steering = Steering(on_progress=_show_progress)
    if options.json:
        steering = Steering(on_progress=_print_progress, on_point=_print_point)
        threading.Thread(target=listen, args=(steering,), daemon=True).start()
    try:
        with _leaving(steering.control):
            report = _learn(options, steering)
    except (Cancelled, KeyboardInterrupt):
        sys.stdout.flush()
        os._exit(130)  # an orderly end would wait for the threads that learn
    except KnownError as error:
        if options.json:
            _print({"event": "failed", "sentence": _plain(error.sentence)})
        raise
    if options.json:
        _print({"event": "done", "verdict": report.verdict, "report": str(options.out / REPORT)})
    else:
        _print_report(report, f"The lesson is in {options.out}.")
    return 0


def _learn(options: argparse.Namespace, steering: Steering) -> TeachReport:
    from trainer.adapt.session import teach

    return teach(
        options.model,
        options.out,
        captions=options.captions,
        images=options.images,
        gallery=options.gallery,
        words=options.words,
        lesson_only=options.lesson_only,
        seed=options.seed,
        steering=steering,
    )


@contextlib.contextmanager
def _leaving(control: Control) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end it: nothing is written before the end."""

    def leave(number: int, frame: FrameType | None) -> None:
        control.cancel()  # for threads, and where a library swallows the exception
        raise KeyboardInterrupt

    names = ("SIGINT", "SIGTERM", "SIGHUP")
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, leave) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listen(steering: Steering, source: int = 0) -> None:
    """Wait for a line `stop`, or for the end of whoever holds the other side of the pipe.

    Read without a buffer: a thread that holds one cannot be left at the end.
    """
    said = b""
    while chunk := os.read(source, 4096):
        said += chunk
        if b"stop" in (line.strip() for line in said.splitlines()):
            steering.stop.set()
            said = b""
    if stat.S_ISFIFO(os.fstat(source).st_mode):  # not of /dev/null, which always is at its end
        steering.control.cancel()
        _wake_main()


def _wake_main() -> None:
    if hasattr(signal, "pthread_kill"):  # which ends its waiting, too
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    else:
        _thread.interrupt_main()


def _print_progress(progress: TeachProgress) -> None:
    _print({"event": "progress", **_plain(progress)})


def _print_point(point: CurvePoint) -> None:
    _print({"event": "point", **_plain(point)})


def _plain(struct: object) -> dict[str, Any]:
    import msgspec

    found: dict[str, Any] = msgspec.to_builtins(struct)
    return found


def _print(event: dict[str, Any]) -> None:
    try:
        print(json.dumps(event), flush=True)
    except BrokenPipeError:  # who asked is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the exit would fail again
        raise KeyboardInterrupt from None


STAGES = {
    "reading": "Reading photos and captions",
    "words": "Finding your words and what they mean",
    "adapter": "Learning how you write",
    "checking": "Checking on captions that were held out",
    "writing": "Writing",
}


def _show_progress(progress: TeachProgress) -> None:
    if not sys.stderr.isatty():
        return
    from trainer.progress_bar import duration

    of = f" {progress.done}/{progress.total}" if progress.total else ""
    left = f", {duration(progress.seconds_left)} left" if progress.seconds_left is not None else ""
    end = "\n" if progress.stage == "writing" else ""
    sys.stderr.write(f"\r\033[K{STAGES[progress.stage]}{of}{left}{end}")
    sys.stderr.flush()


def _print_report(report: TeachReport, where: str) -> None:
    from photosearch.core.teaching_report import lines

    print("\n".join([*lines(report), "", where]))
