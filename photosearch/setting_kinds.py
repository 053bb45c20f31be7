"""The kinds of settings that there are: what each may be, and how that is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from photosearch.core.errors import Sentence

Text = Callable[[], str]  # in the language of the moment

LONGEST_LINES = 20_000  # characters
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What can be chosen, and what for.

    Attributes:
        kept: with the person's configuration, in the library, or by which of a model's two forms is chosen.
        restarts: it takes effect when the engine next starts; otherwise at once.
    """

    key: str
    default: str
    title: Text
    help: Text
    kept: Literal["person", "library", "model"] = "library"
    restarts: bool = False

    def allows(self, value: str) -> bool:
        """Whether the setting may have this value."""
        raise NotImplementedError

    @property
    def values(self) -> str | Sentence:
        """The values that it may have, as one writes them."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of several values."""

    options: tuple[tuple[str, Text], ...]  # value, title

    def allows(self, value: str) -> bool:
        return any(value == option for option, _ in self.options)

    @property
    def values(self) -> str:
        return ", ".join(option for option, _ in self.options)


@dataclass(frozen=True, kw_only=True)
class Switch(Setting):
    """Yes or no."""

    options: ClassVar = ("yes", "no")

    def allows(self, value: str) -> bool:
        return value in self.options

    @property
    def values(self) -> str:
        return ", ".join(self.options)


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A whole number within bounds."""

    lowest: int
    highest: int
    zero: Text | None = None  # what 0 is called

    def allows(self, value: str) -> bool:
        return value.isascii() and value.isdecimal() and self.lowest <= int(value) <= self.highest

    @property
    def values(self) -> Sentence:
        return Sentence("{lowest} to {highest}", lowest=self.lowest, highest=self.highest)


@dataclass(frozen=True, kw_only=True)
class Lines(Setting):
    """A text of several lines."""

    def allows(self, value: str) -> bool:
        return len(value) <= LONGEST_LINES

    @property
    def values(self) -> Sentence:
        return Sentence("lines of text")


@dataclass(frozen=True, kw_only=True)
class Address(Setting):
    """Where something is on the network, or nothing."""

    variable: str  # of the environment, which says it where nothing is set

    def allows(self, value: str) -> bool:
        return not value or _ADDRESS.fullmatch(value) is not None

    @property
    def values(self) -> Sentence:
        return Sentence("an address that begins with https:// or http://, or nothing")


@dataclass(frozen=True, kw_only=True)
class Model(Setting):
    """One of the catalogue's models, by id; which there are is known only where the library is."""

    def allows(self, value: str) -> bool:
        return bool(value)

    @property
    def values(self) -> Sentence:
        return Sentence("a model's name or id")
