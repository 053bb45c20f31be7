"""How a query that has begun might go on: filters, what there is to search by, and former searches."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH119, PTH120

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from msgspec.structs import replace

from photosearch.core.scripts import UNSPACED
from photosearch.core.search_messages import Suggestion
from photosearch.core.towns import Town
from photosearch.search.chinese import KEYS as KEYS_IN_CHINESE
from photosearch.search.chinese import english_key
from photosearch.search.filters import KEYS
from photosearch.search.query import ALBUM, FOLDER, TAG, WORDS
from photosearch.search.tokens import written
from photosearch.store.reader import Reader
from photosearch.store.rows import Album, Count, FolderCount, LiveAlbum, SavedSearch
from photosearch.store.tags import TagCount
from photosearch.store.towns import TownCount, folded_names
from photosearch.store.words import folded

FORMER, EACH = 8, 3  # suggestions: former searches for an empty field, and values of each kind
_LOOKED_AT = 12  # names of each kind: as many are counted in a part of the library, for those EACH

Kind = Literal["date", "folder", "album", "tag", "camera", "place"]

_VALUE_BEGUN = re.compile(
    r'[-－]?(?<![^\W\d_])(?P<key>[^\W\d_]+)[:：](?:"(?P<quoted>[^"]*)|(?P<bare>[^\s"]*))$'
)
_WORD = r"(?![-－+])[^\s\"“”„＂「」():：]+"
_LAST_WORDS = re.compile(rf"(?<![^\s－-]){_WORD}(?:\s+{_WORD}){{0,3}}$")
# What is typed without its key, as "video" is, may mean a value of one; days are found as names are.
_VALUES = [(key, value) for key in ("type", "has", "orientation") for value in KEYS[key].values]
_MEANT = 3  # letters, from which on
_LONG_ENOUGH = re.compile(rf"\w\w|[{UNSPACED}]")


class _Name(NamedTuple):
    """Something of the library that photos can be filtered by."""

    kind: Kind
    key: str
    value: str
    photos: int
    folded: str  # the value, as store.words has it; of a place in both languages
    whole: tuple[str, ...]  # what it is called, folded: of a place the town alone, too


_ByKind = Mapping[str, Sequence[_Name]]

# How many photos of a part of the library a filter, as it is typed, lets through.
Within = Callable[[str], int]


class PhotoNames:
    """What the photos of a library are called after, with how many each; reading it takes a while.

    Args:
        folders: all of the library, those inside others too
    """

    def __init__(
        self,
        years: Iterable[Count],
        folders: Sequence[FolderCount],
        cameras: Iterable[Count],
        towns: Sequence[TownCount] = (),
        tags: Sequence[TagCount] = (),
    ) -> None:
        self.years = _names("date", "date", ((year.value, year.photos) for year in years))
        self.folders = _names("folder", FOLDER, _by_photos(_folder_names(folders)))
        self.places = {language: _places(towns, language) for language in ("en", "zh")}
        found = [each for each in tags if each.photos]
        self.tags = {language: _tags(found, language) for language in ("en", "zh")}
        self.cameras = _names("camera", "camera", ((each.value, each.photos) for each in cameras))

    @classmethod
    def read(cls, reader: Reader) -> PhotoNames:
        """
        Raises:
            KnownError: the library is damaged, or its disk fails.
        """
        cameras, years = reader.cameras_and_years()
        return cls(years, reader.subfolders(), cameras, reader.towns(), reader.tag_counts())


class Suggester:
    """Knows what a library can be searched by, and what it was searched for."""

    def __init__(
        self,
        names: PhotoNames,
        albums: Iterable[Album | LiveAlbum] = (),
        saved: Iterable[SavedSearch] = (),
        recent: Iterable[str] = (),
    ) -> None:
        self._former = [
            *(Suggestion("saved", search.text, search.name) for search in saved if not search.live),
            *(Suggestion("recent", text, text) for text in recent),
        ]
        self._translated = {"tag": names.tags, "place": names.places}
        self._names = {
            "date": names.years,
            "folder": names.folders,
            "album": _names("album", ALBUM, _by_photos((album.name, album.photos) for album in albums)),
            "camera": names.cameras,
        }

    def suggestions(
        self, typed: str, most: int, language: str = "en", within: Within | None = None
    ) -> list[Suggestion]:
        """At most `most` ways to go on from what stands before the cursor, those that fit best first.

        Args:
            language: of the names of places and tags; those of either are known
            within: counts the photos of the part that is searched; None: all are
        """
        spoken = "zh" if language.startswith("zh") else "en"
        names = self._names | {kind: each[spoken] for kind, each in self._translated.items()}
        found = (found for found in self._found(typed, names, within) if found.text != typed)
        return list(islice(found, most))

    def _found(self, typed: str, names: _ByKind, within: Within | None) -> Iterator[Suggestion]:
        begun = _VALUE_BEGUN.search(typed)
        if begun and (key := english_key(begun["key"].lower())) in WORDS:
            before = typed[: begun.start("key")]
            return _of_key(before, key, begun["quoted"] or begun["bare"] or "", names, within)
        return self._of_words(typed, names, within) if typed.strip() else self._to_begin_with(names, within)

    def _to_begin_with(self, names: _ByKind, within: Within | None) -> Iterator[Suggestion]:
        """Some of each kind: what the library can be searched by."""
        yield from self._former[:FORMER]
        for some in names.values():
            yield from (_filter("", name) for _, name in _some([("", name) for name in some], within))

    def _of_words(self, typed: str, names: _ByKind, within: Within | None) -> Iterator[Suggestion]:
        """What the words may be the beginning of: a former search, or the last of them, a name.

        Some before the last may be a name as they stand.
        """
        if whole := folded(typed).rstrip():
            yield from islice((search for search in self._former if whole in folded(search.shown)), EACH)
        match = None if typed.count('"') % 2 else _LAST_WORDS.search(typed)
        words = list(re.compile(r"\S+").finditer(typed, match.start())) if match else []
        starts = [word.start() for word in words]
        begun = [(typed[:start], typed[start:]) for start in starts if _LONG_ENOUGH.search(typed[start:])]
        kinds = [_some(_that_go_on(begun, some), within) for some in names.values()]
        for found in sorted(filter(None, kinds), key=lambda found: len(found[0][0])):  # for most words first
            yield from (_filter(before, name) for before, name in found)
        ends = [word.end() for word in words[:-1]]
        whole_words = [(start, end) for start in starts for end in ends if start < end]
        for start, end in sorted(whole_words, key=lambda span: span[0] - span[1]):  # the most words first
            called = [(typed[:start], name) for name in _called(typed[start:end], names)]
            for before, name in _some(called, within):
                yield _filter(before, name, typed[end:])
        for before, word in begun[-1:]:
            for key in (*WORDS, *KEYS_IN_CHINESE):
                if key.startswith(word.casefold()):
                    yield Suggestion("filter", f"{before}{key}:", f"{key}:")
            for key, value in _VALUES:
                if len(word) >= _MEANT and value.startswith(word.casefold()):
                    yield Suggestion("value", f"{before}{key}:{value}", f"{key}:{value}")


def _called(words: str, names: _ByKind) -> Iterator[_Name]:
    """All that has these words for its whole name."""
    wanted = folded(words)
    if _LONG_ENOUGH.search(words):
        yield from (name for some in names.values() for name in some if wanted in name.whole)


def _some(found: Sequence[tuple[str, _Name]], within: Within | None) -> list[tuple[str, _Name]]:
    """The first of these, with what stands before each; of those that a part of the library has."""
    if within is None:
        return list(found[:EACH])
    counted = (
        (before, name._replace(photos=within(written(name.key, name.value) or "")))
        for before, name in found[:_LOOKED_AT]
    )
    return list(islice(((before, name) for before, name in counted if name.photos), EACH))


def _of_key(before: str, key: str, begun: str, names: _ByKind, within: Within | None) -> Iterator[Suggestion]:
    dated = key in ("date", "after", "before")
    for name in names.get("date" if dated else key, ()):
        if folded(begun).rstrip() in name.folded:
            photos = name.photos if within is None else within(written(name.key, name.value) or "")
            if photos or within is None:
                yield _filter(before, name._replace(key=key, photos=photos))
    values = KEYS[key].values if key in KEYS and (begun or not dated) else ()
    for value in values:
        if value.startswith(begun.casefold()):
            yield Suggestion("date" if dated else "value", f"{before}{key}:{value}", value)


def _that_go_on(begun: Sequence[tuple[str, str]], names: Sequence[_Name]) -> list[tuple[str, _Name]]:
    """What stands before it, and a name that holds what was begun; first those that hold most, or begin so.

    Args:
        begun: what stands before some words, and these; most words first
    """
    found: dict[_Name, str] = {}
    for before, words in begun:
        wanted = folded(words).rstrip()
        fitting = [name for name in names if wanted and wanted in name.folded]
        for name in sorted(fitting, key=lambda name: not name.folded.startswith(wanted)):
            found.setdefault(name, before)
    return [(before, name) for name, before in found.items()]


def _filter(before: str, name: _Name, behind: str = "") -> Suggestion:
    text = f"{before}{written(name.key, name.value)}{behind}"
    return Suggestion(name.kind, text, name.value, name.photos)


def _names(kind: Kind, key: str, counts: Iterable[tuple[str, int]]) -> list[_Name]:
    """Those that can be typed."""
    return [
        _Name(kind, key, value, photos, fold := folded(value), (fold,))
        for value, photos in counts
        if written(key, value)
    ]


def _places(towns: Sequence[TownCount], language: str) -> list[_Name]:
    """Countries and towns as one says them, most photos first; known by their names in either language."""
    counts, places = Counter[str](), dict[str, Town]()
    for town, photos in towns:
        country = replace(town, name="", name_zh="")
        for said, place in {each.said(language): each for each in (country, town)}.items():
            counts[said] += photos
            places[said] = place
    return [
        name._replace(folded=folded_names(place), whole=_alone(place))
        for name in _names("place", "place", counts.most_common())
        for place in (places[name.value],)
    ]


def _tags(tags: Sequence[TagCount], language: str) -> list[_Name]:
    """Tags as one says them, most photos first; known by all that they are called."""
    said = {tag.said(language): tag for tag, _ in tags}
    return [
        name._replace(
            folded=folded(" \n".join(said[name.value].names)),
            whole=tuple(map(folded, said[name.value].names)),
        )
        for name in _names("tag", TAG, ((tag.said(language), photos) for tag, photos in tags))
    ]


def _alone(place: Town) -> tuple[str, ...]:
    """A town without its country."""
    return folded(place.name or place.country), folded(place.name_zh or place.country_zh)


def _by_photos(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda one: -one[1])


def _folder_names(folders: Sequence[FolderCount]) -> Iterator[tuple[str, int]]:
    """What to call each: its name; where several have it, after that of the folder in which it lies."""
    names = [os.fsdecode(os.path.basename(folder.path)) for folder in folders]
    often = Counter(names)
    for folder, name in zip(folders, names, strict=True):
        above = os.fsdecode(os.path.basename(os.path.dirname(folder.path)))
        yield f"{above}/{name}" if above and often[name] > 1 else name, folder.photos
