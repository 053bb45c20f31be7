"""The one line that shows how a long job goes: on stderr, and only on a terminal."""

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from photosearch.cli.text import columns, count, is_quiet, left, note, share
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.message import Done, Event, Request
from photosearch.core.messages import CancelJob, GetJobs, GetStatus, Index, Job, ProgressChanged
from photosearch.core.progress import IndexReport, Progress
from photosearch.engine.client import Client
from photosearch.i18n import translated

CLEAR = "\r\x1b[K"
WARMING_UP = Sentence("warming up …")
SECONDS_WITHOUT_ENGINE = 0.5

Told = TypeVar("Told", bound=Event)


def is_shown() -> bool:
    """Whether somebody looks: stderr is a terminal, and no quiet was asked for."""
    return sys.stderr.isatty() and not is_quiet()


@contextlib.contextmanager
def own() -> Iterator[Callable[[Progress], None]]:
    """What shows how far this command itself is, for the while; nothing where nobody looks."""
    if not is_shown():
        yield lambda progress: None
        return
    try:
        yield lambda progress: show(line(progress))
    finally:
        show("")


@contextlib.contextmanager
def shown(client: Client) -> Iterator[None]:
    """Show the engine's progress of indexing for the while."""
    with shown_of(client, ProgressChanged, lambda event: line(event.progress)):
        yield


def indexed(client: Client, folders: Sequence[bytes]) -> IndexReport:
    """Bring folders up to date, and show how that goes; what others asked for before goes first.

    Ctrl-C ends it, be it in the engine of a window that stays.

    Raises:
        KnownError: see `Client.call`.
    """
    before = client.call(GetJobs()).jobs
    if others := [os.fsdecode(path) for job in before if job.asked for path in job.folders]:
        note(
            Sentence(
                "Another command is reading {folders}; this one waits for it.", folders=", ".join(others)
            )
        )
    with shown(client):
        try:
            return client.call(Index(list(folders))).report
        except KeyboardInterrupt:
            with contextlib.suppress(KnownError):  # an engine that is gone reads nothing
                _end(client, folders, before)
            raise


def _end(client: Client, folders: Sequence[bytes], before: Sequence[Job]) -> None:
    """End the job that reads these folders and was not there before."""
    from photosearch.store.folders import contains

    known = {job.job_id for job in before}
    wanted = [os.path.realpath(folder) for folder in folders]
    for job in client.call(GetJobs()).jobs:
        read = [path for path in wanted if any(contains(folder, path) for folder in job.folders)]
        if job.asked and job.job_id not in known and read == wanted:
            client.call(CancelJob(job.job_id))
            return


@contextlib.contextmanager
def shown_of(client: Client, kind: type[Told], line_of: Callable[[Told], str]) -> Iterator[None]:
    """Show for the while how far the engine is.

    Args:
        kind: the events that tell of it
        line_of: one line of text for one
    """
    if not is_shown():
        yield
        return
    over = threading.Event()
    writing = threading.Lock()

    def follow() -> None:
        while not over.is_set():
            with contextlib.suppress(KnownError):  # the command itself meets it
                for event in client.events():
                    with writing:
                        if over.is_set():
                            return
                        if isinstance(event, kind):
                            show(line_of(event))
            over.wait(SECONDS_WITHOUT_ENGINE)  # another takes its place

    show(translated(WARMING_UP))
    threading.Thread(target=follow, name="progress", daemon=True).start()
    try:
        yield
    finally:
        with writing:
            over.set()
            show("")


@contextlib.contextmanager
def warming_up(client: Client) -> Iterator[None]:
    """Say so for the while where the model is not loaded yet."""
    shows = is_shown() and not client.call(GetStatus()).model_ready
    if shows:
        show(translated(WARMING_UP))
    try:
        yield
    finally:
        if shows:
            show("")


def followed(
    client: Client,
    begin: Request[Done],
    stop: Request[Done],
    kind: type[Told],
    line_of: Callable[[Told], str | None],
    begun: Callable[[Told], Sentence] | None = None,
    concerns: Callable[[Told], bool] = lambda event: True,
) -> Told | None:
    """Have the engine do a job, and wait for its end; Ctrl-C stops it.

    Args:
        kind: the events that tell of it
        line_of: what it does now, as one line of text; None: it is over
        begun: what is said once where no such line is shown
        concerns: whether an event of this kind tells of this job

    Returns:
        the event that told of its end; None: the engine was closed meanwhile

    Raises:
        KnownError: it cannot be begun.
    """
    shows = is_shown()
    try:
        client.call(begin)
        for event in client.events():
            if not (isinstance(event, kind) and concerns(event)):
                continue
            text = line_of(event)
            if text is None:
                return event
            if shows:
                show(text)
            elif begun:
                note(begun(event))
                begun = None
    except KeyboardInterrupt:
        client.call(stop)
        raise
    finally:
        if shows:
            show("")
    return None


def line(progress: Progress) -> str:
    """What indexing does now, as one line of text."""
    done = share(progress.done, count(progress.total, "photo"))
    match progress.state:
        case "idle":
            return translated(WARMING_UP)
        case "scanning":
            return translated(Sentence("looking for photos …"))
        case "paused":
            return translated(Sentence("paused at {done}", done=done))
    parts = [done, f"{progress.images_per_second:.0f}/s"]
    if progress.failed:
        parts.append(translated(Sentence("{n:,} failed", n=progress.failed)))
    if progress.seconds_left is not None:
        parts.append(left(progress.seconds_left))
    return " · ".join(parts)


def show(text: str) -> None:
    """Write the text over the terminal's last line, cut to its width."""
    width = shutil.get_terminal_size().columns - 1
    text = text[:width]
    while columns(text) > width:
        text = text[:-1]
    sys.stderr.write(CLEAR + text)
    sys.stderr.flush()
