"""SIGTERM at a given place of a training."""

import os
import signal
from pkgutil import resolve_name
from typing import Any

import pytest

from trainer.cli import main


def signalling(patch: pytest.MonkeyPatch, name: str, call: int = 1) -> list[None]:
    """Send this process SIGTERM while a function is called for the given time; -> its calls."""
    function = resolve_name(name)
    calls: list[None] = []

    def signalled(*arguments: Any, **named: Any) -> Any:
        calls.append(None)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGTERM)
        return function(*arguments, **named)

    patch.setattr(name, signalled)
    return calls


def assert_heeded(patch: pytest.MonkeyPatch, arguments: list[str], stage: str, unwanted: str) -> None:
    """`python -m trainer` ends where SIGTERM comes as a stage begins, and calls no function `unwanted`."""

    def unheard(*_: object) -> None:
        raise AssertionError(f"nobody listens in {stage}")  # in place of a test run that is killed

    def not_reached(*_: object, **__: object) -> None:
        raise AssertionError(f"{stage} went on")

    begun = signalling(patch, stage)
    patch.setattr(unwanted, not_reached)
    before = signal.signal(signal.SIGTERM, unheard)
    try:
        assert main(arguments) == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    assert begun
