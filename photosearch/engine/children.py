"""Programs that the engine runs beside everything else, for long work: they give way, and end with it."""

import contextlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

NICENESS, LARGEST_NICENESS = 10, 19  # of a child, above our own
SECONDS_TO_END = 0.5  # that it has, when it is asked to


def start(
    command: Sequence[str],
    *,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    cwd: Path,
    env: Mapping[str, str],
) -> "subprocess.Popen[bytes]":
    """Start a program at low priority. It must end when its stdin closes, so that it never outlives us."""
    apart: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is for the engine to hear
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        apart = {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=stdout, stderr=stderr, cwd=cwd, env=env, **apart
    )
    if sys.platform != "win32":
        with contextlib.suppress(psutil.Error):
            psutil.Process(child.pid).nice(min(LARGEST_NICENESS, psutil.Process().nice() + NICENESS))
    return child


def end(child: "subprocess.Popen[bytes] | None") -> None:
    """Ask it to end, and see to it; nothing where there is none."""
    if child is None:
        return
    child.terminate()
    try:
        child.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
