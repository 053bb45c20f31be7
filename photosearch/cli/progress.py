"""The one line that shows how indexing goes: on stderr, and only on a terminal."""

import contextlib
import shutil
import sys
import threading
from collections.abc import Iterator

from photosearch.cli.text import count, duration
from photosearch.core.messages import ProgressChanged
from photosearch.core.progress import Progress
from photosearch.engine.client import Client

CLEAR = "\r\x1b[K"


@contextlib.contextmanager
def shown(client: Client) -> Iterator[None]:
    """Show the engine's progress for the while."""
    if not sys.stderr.isatty():
        yield
        return
    over = False
    writing = threading.Lock()

    def follow() -> None:
        for event in client.events():
            with writing:
                if over:
                    return
                if isinstance(event, ProgressChanged):
                    show(line(event.progress))

    show("warming up …")
    threading.Thread(target=follow, name="progress", daemon=True).start()
    try:
        yield
    finally:
        with writing:
            over = True
            show("")


def line(progress: Progress) -> str:
    """What indexing does now, as one line of text."""
    match progress.state:
        case "idle":
            return "warming up …"
        case "scanning":
            return "looking for photos …"
        case "paused":
            return f"paused at {progress.done:,} of {count(progress.total, 'photo')}"
    parts = [f"{progress.done:,} of {count(progress.total, 'photo')}", f"{progress.images_per_second:.0f}/s"]
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    if progress.seconds_left is not None:
        parts.append(f"{duration(progress.seconds_left)} left")
    return " · ".join(parts)


def show(text: str) -> None:
    """Write the text over the terminal's last line, cut to its width."""
    width = shutil.get_terminal_size().columns - 1
    sys.stderr.write(CLEAR + text[:width])
    sys.stderr.flush()
