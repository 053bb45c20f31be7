"""Taking a model into a library: the trainer, run as a child, makes it in a hidden folder and checks it.

Only then it gets its name, so that nobody meets half a model, and nothing is left of one that is given up.
What is downloaded for it lies in a hidden folder of its own until then, and stays where it was paused, failed
or killed: the next time goes on with it.
"""

import contextlib
import functools
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import filelock
import msgspec

from photosearch import settings
from photosearch.core import messages, model_messages
from photosearch.core.errors import Cancelled, KnownError, Sentence
from photosearch.core.model_messages import Adding
from photosearch.core.progress import Rate
from photosearch.engine import children
from photosearch.engine.handlers import Handlers
from photosearch.engine.trainer_child import TRAINER, TrainerLine, failed, read_line
from photosearch.extras import GPU
from photosearch.models import catalog, downloads, offers
from photosearch.paths import Library
from photosearch.store.connect import explained
from photosearch.store.reader import setting

_log = logging.getLogger(__name__)

SECONDS_OF_RATE = 5.0  # by which a download's rate is told: one that stands still soon has none
NOTHING: Mapping[str, str] = {}
_OF_THE_HUB = {"HF_ENDPOINT", "HF_TOKEN", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"}
OnChild = Callable[["subprocess.Popen[bytes]"], object]


def add_model(
    library: Library,
    source: str,
    *,
    name: str | None = None,
    environment: Mapping[str, str] = NOTHING,
    on_line: Callable[[TrainerLine], object] = lambda line: None,
    on_child: OnChild = lambda child: None,
    trainer: Sequence[str] = TRAINER,
) -> tuple[catalog.ModelInfo, tuple[Sentence, ...]]:
    """Make a checkpoint, a run of the trainer or a model of the hub one of the library's.

    Args:
        source: a folder, or a file of it; what is none is an id of the hub, the only thing that the network
            is asked for
        name: what the person calls it; None: what the catalogue calls it, else as it calls itself
        environment: as of `model_messages.AddModel`
        on_line: called with what the trainer says that it does
        on_child: called once with the trainer, so that another thread can end it

    Returns:
        the model, and what its user should know of it

    Raises:
        KnownError: there is no such model, it cannot be used, its name is taken, or the disk refuses.
    """
    if name is None and (known := offers.named(source)):
        name = known.name
    _refuse_taken(library, name=name or "", source=source)
    with explained(library):
        library.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        library.models.mkdir(exist_ok=True)
        library.logs.mkdir(mode=0o700, exist_ok=True)
        with _hidden_folder(library) as hidden:
            made = hidden / "model"
            named = (f"--name={name}",) if name else ()
            done = _trained(library, source, made, named, on_line, on_child, trainer, environment)
            info = catalog.read_info(made)
            _refuse_taken(library, name=info.name, model_id=info.model_id)
            folder = made.rename(library.models / info.model_id)
        downloads.forget(library.downloads, source)
    return catalog.read_info(folder), done.notes


class AddingJob:
    """At most one model at a time is taken in for the faces, on a thread of its own. Thread-safe.

    Args:
        publish: hands an event to the faces
        trainer: as of `add_model`
    """

    def __init__(
        self,
        library: Library,
        publish: Callable[[messages.AnyEvent], None],
        trainer: Sequence[str] = TRAINER,
    ) -> None:
        self._library, self._publish, self._trainer = library, publish, trainer
        self._changing = threading.RLock()
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False  # by a person, or with the engine
        self._closing = False
        paused = downloads.begun(library.downloads)
        self.state = _paused(paused[0]) if paused else Adding()

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.do(model_messages.AskModel, lambda request: self.ask(request.source))
        handlers.do(
            model_messages.AddModel,
            lambda request: self.add(os.fsdecode(request.source_bytes), request.name, request.environment),
        )
        handlers.do(model_messages.PauseAdding, lambda _: self.pause())
        handlers.do(model_messages.StopAdding, lambda request: self.stop(request.source))

    def ask(self, source: str) -> None:
        """Find out in the background how much is to be downloaded for a model of the hub.

        Raises:
            KnownError: a model is being added, or this one is here.
            Cancelled: the engine is closing.
        """
        _refuse_taken(self._library, source=source)
        self._begin(Adding("asking", source), self._ask)

    def add(self, source: str, name: str = "", environment: Mapping[str, str] = NOTHING) -> None:
        """Begin to take a model in, in the background.

        Args:
            name, environment: as of `model_messages.AddModel`

        Raises:
            KnownError, Cancelled: as `ask`.
        """
        work = functools.partial(self._add, name=name or None, environment=environment)
        self._begin(Adding("adding", source), work)

    def go_on(self, source: str) -> None:
        """Begin to take a model in that waited for torch. Where that is not here, or the engine is busy or
        closing, one of the hub's is kept as paused.
        """
        try:
            if GPU.installed() or GPU.fetched():
                self.add(source)
                return
        except (KnownError, Cancelled) as error:
            _log.info("%s is kept for later: %s", source, error)
        self._keep(source)

    def _keep(self, source: str) -> None:
        known, asked = offers.named(source), self.state.total if self.state.source == source else 0
        try:
            if downloads.is_hub_id(source) and not downloads.place(self._library.downloads, source).exists():
                downloads.begin(self._library.downloads, source, known.download_bytes if known else asked)
        except OSError as error:
            _log.warning("The wish for %s could not be kept: %s", source, error)
        with self._changing:
            if self.state.phase in ("idle", "asked"):
                self._show(self._ended_state(source))

    def pause(self) -> None:
        """End it, wait for that and keep what was downloaded; nothing where none runs."""
        self._end()

    def stop(self, source: str = "") -> None:
        """End it, wait for that, and delete what was downloaded of it; nothing where none runs.

        Args:
            source: of one that is paused, which is given up instead
        """
        running = self.state
        if not source or source == running.source:
            self._end()
        if not source and running.phase in ("asking", "asked"):  # what came earlier stays
            self._show(self._ended_state(running.source))
            return
        downloads.forget(self._library.downloads, source or running.source)
        if self.state.phase in ("asked", "paused") and self.state.source == (source or running.source):
            self._show(Adding())

    def _end(self) -> None:
        with self._changing:
            self._ended = True
            thread, child = self._thread, self._child
        children.end(child)
        if thread:
            thread.join()

    def close(self) -> None:
        """End it, and take none any more; what was downloaded stays."""
        with self._changing:
            self._closing = True
        self._end()

    def _begin(self, state: Adding, work: Callable[[str], Adding]) -> None:
        with self._changing:
            if self._closing:
                raise Cancelled
            if self.state.phase in ("asking", "adding"):
                raise KnownError("Another model is being added; let that end first.")
            self._ended = False
            self._show(state)
            self._thread = threading.Thread(
                target=self._run, args=(state.source, work), name="engine-adding", daemon=True
            )
            self._thread.start()

    def _run(self, source: str, work: Callable[[str], Adding]) -> None:
        try:
            state = work(source)
        except Cancelled:
            state = self._ended_state(source)
        except KnownError as error:
            state = self._ended_state(source)
            if not self._ended:
                state = msgspec.structs.replace(state, source=source, sentence=error.sentence)
        except Exception:  # noqa: BLE001  (it must not look as if it ran for ever)
            _log.exception("Adding a model failed")
            said = Sentence(
                "The model could not be added; {log} says more.", log=self._library.logs / "engine.log"
            )
            state = Adding(source=source, sentence=said)
        with self._changing:
            asked = self.state.phase == "asking"
            self._child = None
            self._show(state)
        if state.sentence and not asked:
            self._publish(messages.Problem(state.sentence))  # whoever asked for it does other things by now

    def _ask(self, source: str) -> Adding:
        with explained(self._library):
            self._library.logs.mkdir(parents=True, exist_ok=True)
        out = self._library.models / "nothing"
        done = _trained(
            self._library, source, out, ("--dry-run",), lambda _: None, self._on_child, self._trainer
        )
        return Adding("asked", source, total=done.total, takes_torch=done.takes_torch)

    def _add(self, source: str, name: str | None, environment: Mapping[str, str]) -> Adding:
        rate = Rate(SECONDS_OF_RATE)

        def on_line(line: TrainerLine) -> None:
            speed = rate.add(line.done) if line.total else 0.0
            self._show(Adding("adding", source, line.stage, line.done, line.total, speed))

        model, notes = add_model(
            self._library,
            source,
            name=name,
            environment=environment,
            on_line=on_line,
            on_child=self._on_child,
            trainer=self._trainer,
        )
        return Adding(source=source, added=model.name, notes=notes)

    def _on_child(self, child: "subprocess.Popen[bytes]") -> None:
        with self._changing:
            self._child = child
            if self._ended:
                raise Cancelled

    def _ended_state(self, source: str) -> Adding:
        """How it stands once it was ended: paused where a part was downloaded."""
        found = [begun for begun in downloads.begun(self._library.downloads) if begun.source == source]
        return _paused(found[0]) if found else Adding()

    def _show(self, state: Adding) -> None:
        self.state = state
        self._publish(model_messages.AddingChanged(state))


@contextlib.contextmanager
def _hidden_folder(library: Library) -> Iterator[Path]:
    """An empty folder among the models that goes at the end; what a killed process left of it goes before.

    Raises:
        KnownError: another process has it.
    """
    lock = filelock.FileLock(library.root / "adding.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise KnownError("Another model is being added; let that end first.") from None
    hidden = library.models / ".adding"
    try:
        shutil.rmtree(hidden, ignore_errors=True)
        hidden.mkdir()
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        lock.release()


def _paused(begun: downloads.Download) -> Adding:
    return Adding("paused", begun.source, done=begun.done, total=begun.total)


def _refuse_taken(library: Library, *, name: str = "", model_id: str = "", source: str = "") -> None:
    for model in catalog.available(library):
        if model_id == model.model_id or (source and source == model.source):
            raise KnownError("This model is here already, as {name}.", name=model.name)
        if name and name in (model.name, model.model_id, model.path.name):
            raise KnownError("A model named {name} is here already; give this one another name.", name=name)


def _trained(
    library: Library,
    source: str,
    folder: Path,
    options: tuple[str, ...],
    on_line: Callable[[TrainerLine], object],
    on_child: OnChild,
    trainer: Sequence[str],
    environment: Mapping[str, str] = NOTHING,
) -> TrainerLine:
    """Let the trainer publish; -> what it says in the end.

    Raises:
        KnownError: it could not.
    """
    is_here = Path(source).exists()
    command = [*trainer, "publish", "--json", "--out", str(folder), *options]
    command += [
        "--downloads",
        str(library.downloads),
        "--",
        str(Path(source).absolute()) if is_here else source,
    ]
    last = TrainerLine("")
    log = library.logs / "adding.txt"
    with (
        log.open("wb") as errors,
        children.start(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=library.root,
            env=_environment(library, environment, offline=is_here),
        ) as child,
    ):
        assert child.stdout is not None
        try:
            on_child(child)
            for line in child.stdout:
                last = read_line(line, TrainerLine) or TrainerLine("")
                if last.event == "stage":
                    on_line(last)
        except BaseException:
            children.end(child)
            raise
    if child.returncode:
        raise failed(
            child.returncode, last, Sentence("The model could not be added; {log} says more.", log=log)
        )
    return last


def of_the_hub(environment: Mapping[str, str]) -> dict[str, str]:
    """What the hub's client reads of an environment: whom to ask, through what, with which token."""
    return {name: value for name, value in environment.items() if name.upper() in _OF_THE_HUB}


def _environment(library: Library, asked: Mapping[str, str], *, offline: bool) -> dict[str, str]:
    """Ours and the face's, and for the hub's client whom to ask, and to tell nothing of this computer."""
    ours = {**os.environ, **of_the_hub(asked)}
    if offline:
        return ours | {"HF_HUB_OFFLINE": "1"}
    endpoint = setting(library, settings.HUB_MIRROR) or ours.pop("HF_ENDPOINT", "")
    if not settings.SETTINGS[settings.HUB_MIRROR].allows(endpoint):
        raise KnownError(
            "HF_ENDPOINT takes an address that begins with https:// or http://, not {address}.",
            address=endpoint,
        )
    chosen = {"HF_ENDPOINT": endpoint.rstrip("/")} if endpoint else {}  # an empty one would be asked
    return ours | {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1", **chosen}
