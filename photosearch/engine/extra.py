"""Fetching extras for a person who asked for one, by children, into a folder of its own.

Pip finds what is needed, `wheels` downloads it, pip unpacks it. It is built in a hidden folder beside its
place and takes that place once it is whole, so half of it is never used. What was downloaded is kept there,
so that after a kill or a lost connection it goes on; but only when it is asked for again.
"""

import contextlib
import importlib.metadata
import importlib.util
import logging
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import filelock
import msgspec

from photosearch import programs
from photosearch.core import extra_messages, messages
from photosearch.core.errors import Cancelled, KnownError, Sentence, system_reason
from photosearch.core.extra_messages import Extra, ExtraStatus, FetchProgress
from photosearch.core.reading import decode_json, exists
from photosearch.engine import children, wheels
from photosearch.engine.handlers import Handlers
from photosearch.extras import Fetchable
from photosearch.paths import Library

SECONDS_BETWEEN_LOOKS = 0.3  # at how far pip has come
# In the hidden folder: what is to take its place or has lost it, the wheels, pip's cache and its scratch
# space, what it found, what it must keep to and what it is to unpack.
PACKAGES, REMOVED, WHEELS, CACHE, SCRATCH = "packages", "removed", "wheels", "cache", "scratch"
REPORT, CONSTRAINTS, PINNED = "report.json", "constraints.txt", "pinned.txt"
INSTALLERS = ("pip", "setuptools", "wheel")  # every environment has some, old ones too; no model runs them

_STEP = re.compile(r"^(?:Collecting|Processing) (\S+)", re.MULTILINE)
_log = logging.getLogger(__name__)


class ExtraJob:
    """Fetches and removes one extra, on a thread of its own. Thread-safe.

    Args:
        publish: hands an event to the faces
        go_on: takes in the model that it was fetched for, or keeps it for later where that did not come
    """

    def __init__(
        self,
        extra: Fetchable,
        library: Library,
        publish: Callable[[messages.AnyEvent], None],
        go_on: Callable[[str], object] = lambda model: None,
    ) -> None:
        self._extra = extra
        self._library = library
        self._publish = publish
        self._go_on = go_on
        self._model = ""  # that it is fetched for
        self._changing = threading.RLock()
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._progress: FetchProgress | None = None  # None: nothing is being done
        self._failure: Sentence | None = None
        self._cancelled = False
        self._closing = False

    @property
    def name(self) -> str:
        """Of the extra."""
        return self._extra.name

    @property
    def state(self) -> Extra:
        name = self._extra.name
        if self._progress:
            return Extra("changing", progress=self._progress, model=self._model, name=name)
        if version := self._extra.installed():
            return Extra("installed", version, name=name)
        if version := self._extra.fetched():
            return Extra("fetched", version, sentence=self._failure, name=name)
        return Extra("missing", sentence=self._failure, name=name)

    def add(self, folder: str = "", model: str = "") -> None:
        """Begin to fetch it in the background.

        Args:
            folder: of wheels that were brought; then nothing is asked of the network
            model: that is taken in once it is here; empty: none

        Raises:
            KnownError: it is here, or on its way or being removed; there is no pip, or no such folder.
            Cancelled: the engine is closing.
        """
        if self._extra.installed() or self._extra.fetched():
            raise KnownError("{package} is here already.", package=self._extra.title)
        if importlib.util.find_spec("pip") is None:
            raise KnownError(
                "To fetch {package} takes pip, which this PhotoSearch came without; install PhotoSearch anew "
                "by pip: {command}.",
                package=self._extra.said,
                command=f"pip install 'photosearch[{self._extra.name}]'",
            )
        if folder and not (exists(folder) and Path(folder).is_dir()):
            raise KnownError("There is no folder {folder}.", folder=folder)
        self._begin(FetchProgress("finding"), lambda hidden: self._fetch(hidden, folder), self._failed, model)

    def remove(self) -> None:
        """Delete in the background what was fetched, and what is left of a fetching that broke off.

        Raises:
            KnownError: it is on its way or being removed.
            Cancelled: the engine is closing.
        """
        self._begin(FetchProgress("removing"), self._remove, self._not_removed)

    def stop(self) -> None:
        """End fetching, and delete what was downloaded; nothing where none runs."""
        self._cancelled = True
        self._end()

    def close(self) -> None:
        """End it; what was downloaded is kept for the next time it is asked for."""
        with self._changing:
            self._closing = True
        self._end()

    def _begin(
        self,
        progress: FetchProgress,
        work: Callable[[Path], None],
        failed: Callable[[str | Sentence], Sentence],
        model: str = "",
    ) -> None:
        with self._changing:
            if self._closing:
                raise Cancelled
            if self._progress:
                raise KnownError(
                    "{package} is being fetched or removed; wait until that is done, or stop it.",
                    package=self._extra.title,
                )
            self._cancelled = False
            self._failure = None
            self._model = model
            self._show(progress)
            # To delete takes its time, and what is left of it when the program ends is deleted the next time.
            self._thread = threading.Thread(
                target=self._run, args=(work, failed), name="engine-extra", daemon=True
            )
            self._thread.start()

    def _end(self) -> None:
        with self._changing:
            thread, running, progress = self._thread, self._child, self._progress
        children.end(running)
        if thread and progress and progress.stage != "removing":
            thread.join()

    def _run(self, work: Callable[[Path], None], failed: Callable[[str | Sentence], Sentence]) -> None:
        failure: Sentence | None = None
        try:
            with self._locked():
                work(self._hidden)
        except Cancelled:
            if not self._closing:
                shutil.rmtree(self._hidden, ignore_errors=True)
        except KnownError as error:
            failure = error.sentence
        except OSError as error:
            failure = failed(system_reason(error))
        except Exception as error:  # noqa: BLE001  (it must not look as if it ran for ever)
            _log.exception("Fetching or removing failed")
            failure = failed(type(error).__name__)
        with self._changing:
            self._failure = failure
            model, self._model = self._model, ""
            self._show(None)
        if failure:
            self._publish(messages.Problem(failure))  # whoever asked for it does other things by now
        if model and not self._cancelled:
            self._go_on(model)

    def _remove(self, hidden: Path) -> None:
        """
        Raises:
            OSError: it cannot be deleted.
        """
        hidden.mkdir(parents=True, exist_ok=True)
        _clear(hidden / REMOVED)
        if self._extra.folder().exists():
            self._extra.folder().rename(hidden / REMOVED)  # as a whole, or not at all
        _clear(hidden)

    def _fetch(self, hidden: Path, folder: str) -> None:
        """
        Raises:
            Cancelled, KnownError, OSError
        """
        for name in (PACKAGES, SCRATCH, REMOVED):
            _clear(hidden / name)
        (hidden / SCRATCH).mkdir(parents=True)
        # What is installed stays as it is and is not fetched again; the rest must go with it.
        installed = {found.name: found.version for found in importlib.metadata.distributions()}
        here = [f"{name}=={version}" for name, version in installed.items() if name not in INSTALLERS]
        (hidden / CONSTRAINTS).write_text("\n".join(here), encoding="utf-8")
        source = ["--no-index", "--find-links", folder] if folder else []
        report = hidden / REPORT
        self._pip(
            hidden,
            *("--dry-run", "--report", str(report), "--constraint", str(hidden / CONSTRAINTS)),
            *("--cache-dir", str(hidden / CACHE), *source, *self._extra.requirements()),
            stage="finding",
        )
        self._run_child(hidden, "photosearch.engine.wheels", str(report), str(hidden / WHEELS))
        pinned = [
            f"{wheel.name} @ {wheel.file(hidden / WHEELS).as_uri()} --hash=sha256:{wheel.sha256}\n"
            for wheel in wheels.found(report)
        ]
        (hidden / PINNED).write_text("".join(pinned), encoding="utf-8")
        self._pip(
            hidden,
            *("--no-index", "--no-deps", "--require-hashes", "--no-cache-dir"),
            *("--target", str(hidden / PACKAGES), "--requirement", str(hidden / PINNED)),
            stage="installing",
        )
        _clear(
            self._extra.folder()
        )  # something without its package, as that would have been found to be here
        (hidden / PACKAGES).rename(self._extra.folder())
        _clear(hidden)

    def _pip(self, hidden: Path, *arguments: str, stage: Literal["finding", "installing"]) -> None:
        """Let pip install something.

        Raises:
            KnownError: it could not.
            Cancelled
        """
        self._show(FetchProgress(stage))
        # Wheels only: to build something would run code of its author.
        usual = ("--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--no-user")
        self._run_child(hidden, "photosearch.engine.pip", "install", *usual, *arguments)

    def _run_child(self, hidden: Path, module: str, *arguments: str) -> None:
        """
        Raises:
            KnownError: it could not do it.
            Cancelled
        """
        self._library.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._log_file.open("wb") as said:
            with self._changing:
                self._checkpoint()
                self._child = children.start(
                    [*programs.command(module), *arguments],
                    stdout=said,
                    stderr=said,
                    cwd=hidden,
                    env=_environment(hidden / SCRATCH),
                )
            try:
                while (code := _ended(self._child)) is None:
                    self._show(_progress(self._said(), self._progress, hidden / SCRATCH))
            finally:
                children.end(self._child)  # one that has ended stays so
        if self._child.stdin:
            self._child.stdin.close()
        self._checkpoint()
        if code:
            raise KnownError(self._why(code))

    def _said(self) -> str:
        return self._log_file.read_text("utf-8", errors="replace")

    @property
    def _log_file(self) -> Path:
        return self._library.logs / f"extra-{self._extra.name}.txt"

    def _checkpoint(self) -> None:
        if self._cancelled or self._closing:
            raise Cancelled

    def _show(self, progress: FetchProgress | None) -> None:
        self._progress = progress
        self._publish(extra_messages.ExtraChanged(self.state))

    @property
    def _hidden(self) -> Path:
        """Where it is built."""
        return self._extra.folder().with_name(f".{self._extra.folder().name}")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """
        Raises:
            KnownError: the engine of another library fetches it.
        """
        place = self._extra.folder()
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(place.with_name(f".{place.name}.lock"), timeout=0):
                yield
        except filelock.Timeout:
            raise KnownError(
                "Another PhotoSearch is fetching {package}; wait until it has finished.",
                package=self._extra.said,
            ) from None

    def _why(self, code: int) -> Sentence:
        """The sentence for a child that failed."""
        said = self._said()
        if "connection broken by" in said:  # as pip says it
            return Sentence(
                "{package} could not be fetched, as its packages cannot be reached. Without a network, bring "
                "them: where there is one, on the same system, {download}; then here {add}.",
                package=self._extra.title,
                download=self._extra.to_bring(),
                add=self._extra.add_from,
            )
        *_, last = said.splitlines() or [""]
        with contextlib.suppress(msgspec.MsgspecError):
            return self._failed(decode_json(last.encode(), Sentence))
        errors = re.findall(r"^ERROR: (.+)", said, re.MULTILINE)
        return self._failed(errors[0] if errors else f"pip: {code}")

    def _failed(self, reason: str | Sentence) -> Sentence:
        return Sentence(
            "{package} could not be fetched ({reason}); try again, and it goes on where it was.",
            package=self._extra.title,
            reason=reason,
        )

    def _not_removed(self, reason: str | Sentence) -> Sentence:
        return Sentence(
            "What was fetched in {folder} cannot be deleted ({reason}); close PhotoSearch and try again.",
            folder=self._extra.folder(),
            reason=reason,
        )


def serve(jobs: Sequence[ExtraJob], handlers: Handlers) -> None:
    """Take the requests that are answered here."""
    by_name = {job.name: job for job in jobs}

    def of(name: str) -> ExtraJob:
        if name not in by_name:
            raise KnownError("There is no extra {name}.", name=name)
        return by_name[name]

    handlers.answer(extra_messages.GetExtra, lambda request: ExtraStatus(of(request.name).state))
    handlers.do(
        extra_messages.AddExtra,
        lambda request: of(request.name).add(
            os.fsdecode(request.folder_bytes), os.fsdecode(request.model_bytes)
        ),
    )
    handlers.do(extra_messages.StopExtra, lambda request: of(request.name).stop())
    handlers.do(extra_messages.RemoveExtra, lambda request: of(request.name).remove())


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _environment(scratch: Path) -> dict[str, str]:
    """Torch is larger than many a /tmp."""
    return {**os.environ, **dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(scratch))}


def _ended(pip: "subprocess.Popen[bytes]") -> int | None:
    """Wait a moment; -> its exit code once it has ended."""
    try:
        return pip.wait(SECONDS_BETWEEN_LOOKS)
    except subprocess.TimeoutExpired:
        return None


def _progress(said: str, before: FetchProgress | None, scratch: Path) -> FetchProgress:
    """How far a child is, by what it said."""
    *_, last = said.splitlines() or [""]
    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.json.decode(last, type=FetchProgress)
    if before is None or before.stage != "finding":
        return before or FetchProgress("installing")
    steps: Sequence[str] = _STEP.findall(said)
    at = re.split(r"[-=<>!~ ]", Path(steps[-1]).name)[0] if steps else ""
    # An index that does not tell what a package needs is asked for the package itself.
    return FetchProgress("finding", at, bytes=_size(scratch))


def _size(folder: Path) -> int:
    total = 0
    for inside, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):  # pip took it away meanwhile, as os.walk expects of folders
                total += Path(inside, name).stat().st_size
    return total
