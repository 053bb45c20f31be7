"""A process of the program's that is going to be killed."""

import contextlib
import os
import signal
import subprocess
import threading
from typing import Any

import psutil

from photosearch.engine.client import Client
from photosearch.paths import Library
from tests.helpers.processes import PATIENCE, client_of, start
from tests.torture.tally import Tally


class Life:
    """A command of the program, from its start to its end by SIGKILL. A context manager."""

    def __init__(self, module: str, *arguments: str | os.PathLike[str], **how: Any) -> None:
        self.killed = threading.Event()  # set before it happens
        self._process = start(module, *arguments, **how)
        self._children: list[psutil.Process] = []
        self._timer: threading.Timer | None = None

    @classmethod
    def of_engine(cls, library: Library, *more: str, **how: Any) -> "Life":
        """Args: how: as of `processes.start`."""
        return cls("photosearch.engine", "--library", library.root, "--linger", "60", *more, **how)

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def client(self, library: Library) -> Client:
        """A face of this engine, once it listens."""
        return client_of(library, self._process)

    def kill_after(self, seconds: float) -> None:
        """Have it killed in so many seconds."""
        self._timer = threading.Timer(seconds, self.kill)
        self._timer.start()

    def kill(self) -> None:
        """End it as a power cut would; what it started is to go by itself."""
        self.killed.set()
        with contextlib.suppress(psutil.NoSuchProcess):  # a command that was through
            self._children = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()

    def end(self, tally: Tally) -> None:
        """Wait for the kill to be done, and look whether what it had started is gone."""
        if self._timer:
            self._timer.join()
        self._process.communicate(timeout=PATIENCE)
        _, alive = psutil.wait_procs(self._children, timeout=PATIENCE)
        tally.check("decoders and trainers end with a killed engine", not alive, alive)

    def stop(self) -> int:
        """End it as the system does at its own end; -> the exit status."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=PATIENCE)
        return self._process.returncode

    def __enter__(self) -> "Life":
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer.join()
        if self._process.poll() is None:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.communicate(timeout=PATIENCE)
