"""What photos are tagged with: the list that ships with the program, and what the person adds to it."""

from __future__ import annotations

import functools
import tomllib

import msgspec

from photosearch.paths import resources

FILE = "tags.toml"


class Tag(msgspec.Struct, frozen=True):
    """A thing that photos show.

    Attributes:
        name: in English, or as the person wrote it; a library knows it by this
        also: other names that it is found by
        ask: what a model is asked in place of the name; English
        group: "" of one of the person's own
    """

    name: str
    name_zh: str = ""
    also: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    group: str = ""

    @property
    def own(self) -> bool:
        """Whether the person added it."""
        return not self.group

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called."""
        return tuple(name for name in (self.name, self.name_zh, *self.also) if name)

    def said(self, language: str) -> str:
        """Its name in this language."""
        return (language.startswith("zh") and self.name_zh) or self.name

    def texts(self, languages: tuple[str, ...]) -> tuple[str, ...]:
        """What to ask a model that reads these languages; of one that reads others alone, the English.

        Args:
            languages: their codes; none: it is not known
        """
        english = not languages or any(language.partition("-")[0] == "en" for language in languages)
        if not english and self.name_zh and any(language.startswith("zh") for language in languages):
            return (self.name_zh,)
        return self.ask or (self.name,)


class TagGroup(msgspec.Struct, frozen=True):
    """Tags of one kind."""

    key: str
    name: str
    name_zh: str
    tags: tuple[Tag, ...]


@functools.cache
def groups() -> tuple[TagGroup, ...]:
    """The list that ships with the program."""
    table = tomllib.loads((resources() / FILE).read_text(encoding="utf-8"))
    return tuple(
        TagGroup(
            key,
            group["en"],
            group["zh"],
            tuple(
                Tag(name, line["zh"], tuple(line.get("also", ())), tuple(line.get("ask", ())), key)
                for name, line in group["tags"].items()
            ),
        )
        for key, group in table.items()
    )


@functools.cache
def shipped() -> tuple[Tag, ...]:
    """All tags that ship with the program, in the order of the list."""
    return tuple(tag for group in groups() for tag in group.tags)


def said(name: str, language: str) -> str:
    """A tag's name in a language; itself for one of the person's own."""
    return next((tag.said(language) for tag in shipped() if tag.name == name), name)
