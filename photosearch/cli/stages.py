"""What commands share whose work is a stage: on, off, status, and going through all photos at once."""

import argparse
from collections.abc import Callable

from photosearch import settings
from photosearch.cli.connect import engine
from photosearch.cli.progress import shown_of
from photosearch.cli.text import as_json, count, left, say, share
from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.core.message import Done, Request
from photosearch.core.stage_messages import FinishStage, GetStages, PauseStage, StagesChanged, StageState
from photosearch.engine.client import Client
from photosearch.i18n import translated
from photosearch.paths import Library

_STOPPED = Sentence("stopped; run the same command again and it goes on where it was.")
NAMES = {  # as the commands
    settings.TEXT: Sentence("text"),
    settings.TAGS: Sentence("tags"),
    settings.VECTOR_STORE: Sentence("vectors"),
}
_SAYS = {
    "off": Sentence("off"),
    "waits": Sentence("waits for other work"),
    "runs": Sentence("runs"),
    "paused": Sentence("paused"),
    "done": Sentence("done"),
    "failed": Sentence("failed"),
}


def add_actions(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", key: str
) -> argparse.ArgumentParser:
    """Add on, off, status and now to a command; -> that of now.

    Args:
        key: of the stage's switch in the settings
    """
    for name, does, run in (
        ("on", "switch it on; an open window goes through the photos behind all else", _switch(settings.YES)),
        ("off", "switch it off; what was read stays", _switch(settings.NO)),
        ("status", "print how far it is", _print_status),
        ("now", "switch it on, go through all photos, and come back when that is done", _finish),
    ):
        action = actions.add_parser(name, help=does)
        action.add_argument("--json", action="store_true", help="print one JSON object")
        action.set_defaults(run=run, stage=key, on_interrupt=_STOPPED)
    return action


def _switch(value: str) -> Callable[[argparse.Namespace], int]:
    def switch(options: argparse.Namespace) -> int:
        goes_on = runs(options.library)
        with engine(options.library) as client:
            client.call(messages.ChangeSetting(options.stage, value))
            say_state(state(client, options.stage), options, goes_on=goes_on)
        return 0

    return switch


def _print_status(options: argparse.Namespace) -> int:
    goes_on = runs(options.library)
    with engine(options.library) as client:
        say_state(state(client, options.stage), options, goes_on=goes_on)
    return 0


def _finish(options: argparse.Namespace) -> int:
    with engine(options.library) as client:
        client.call(messages.ChangeSetting(options.stage, settings.YES))
        finish(client, options)
        say_state(state(client, options.stage), options)
    return 0


def finish(client: Client, options: argparse.Namespace) -> None:
    """Take a stage that is on through all photos, and show how far it is.

    Args:
        options: with `stage`, its key

    Raises:
        KnownError: it cannot go on.
    """

    def now(event: StagesChanged) -> StageState:
        return next(stage for stage in event.stages if stage.key == options.stage)

    wait_for(FinishStage(options.stage), client, options, now)


def wait_for(
    work: Request[Done],
    client: Client,
    options: argparse.Namespace,
    now: Callable[[StagesChanged], StageState],
) -> None:
    """Have a stage do some work, and show how far it is; Ctrl-C ends it.

    Args:
        options: with `stage`, its key
        now: how far the work is, when stages have changed

    Raises:
        KnownError: it cannot go on.
    """
    try:
        with shown_of(client, StagesChanged, lambda event: line(now(event))):
            client.call(work)
    except KeyboardInterrupt:
        with engine(options.library) as other:
            other.call(PauseStage(options.stage, paused=True, lasts=False))
        raise


def state(client: Client, key: str) -> StageState:
    """How the stage with this switch stands."""
    return next(stage for stage in client.call(GetStages()).stages if stage.key == key)


def at_work(client: Client) -> list[StageState]:
    """Those that are on and not done."""
    return [stage for stage in client.call(GetStages()).stages if stage.phase not in ("off", "done")]


def runs(library: Library) -> bool:
    """Whether an engine of another program runs on a library."""
    client = Client.connect(library)
    if client:
        client.close()
    return client is not None


def say_state(stage: StageState, options: argparse.Namespace, *, goes_on: bool = True) -> None:
    """Print how a stage stands, in words or as JSON.

    Args:
        goes_on: an engine runs that does not end with this command
    """
    if options.json:
        away = {"away": stage.away} if stage.away else {}
        error = {"error": translated(stage.sentence)} if stage.sentence else {}
        print(as_json({"phase": stage.phase, "done": stage.done, "total": stage.total} | away | error))
    else:
        waits = stage.phase == "waits" and not goes_on
        goes = Sentence("{done} · goes on when PhotoSearch runs", done=_done(stage))
        say(goes if waits else line(stage))


def line(stage: StageState) -> str:
    """How a stage stands, as one line of text."""
    says = _SAYS[stage.phase]
    if stage.prepared < 1:
        says = Sentence("getting ready, {percent} %", percent=int(100 * stage.prepared))
    if stage.away:
        away = count(stage.away, "photo")
        says = Sentence(
            "{phase}, but for {photos} whose folder or drive is not here", phase=says, photos=away
        )
    parts = [_done(stage), translated(says)]
    if stage.seconds_left is not None:
        parts.append(left(stage.seconds_left))
    said = " · ".join(parts)
    return translated(Sentence("{said}: {why}", said=said, why=stage.sentence)) if stage.sentence else said


def _done(stage: StageState) -> str:
    return share(stage.done, count(stage.total, "photo"))
