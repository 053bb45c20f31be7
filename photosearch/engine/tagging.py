"""Tags photos with what they show, by the vectors that are known of them: a stage; and requests of tags."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core.errors import Cancelled
from photosearch.core.tag_messages import AddTag, DenyTag, RemoveTag, RenameTag, RestoreTag, TagsChanged
from photosearch.core.tags import Tag, shipped
from photosearch.engine.handlers import Handlers
from photosearch.engine.model import LoadedModel
from photosearch.engine.stages import switched_on
from photosearch.models.catalog import ModelInfo
from photosearch.models.tagging import directions, levels, shares, spread_of
from photosearch.paths import Library
from photosearch.search.searcher import Searcher
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer

VERSION = 3  # of how photos are tagged; with another, all are tagged anew
_PHOTOS_AT_ONCE = 1000  # a tenth of a second of a core
_TAGS_AT_ONCE = 40  # that a model is asked for: a second of a core at most
_LOOKED_AT = 2000  # photos, evenly from all, that tell how far apart a model's cosines lie
_GROWN = 4  # times as many photos as at the last look are worth another one

Vectors = NDArray[np.float32]


class _Asked(NamedTuple):
    """What photos are to be tagged by."""

    model: LoadedModel
    own: tuple[Tag, ...]
    version: int
    spread: float


class TagStage:
    """Goes through the photos that the answering model knows and that were not tagged by it yet.

    Args:
        load: waits for the model that answers
        answering: what is known of it; None where there is none
        tagged: called when photos have other tags than before
    """

    key = settings.TAGS

    def __init__(
        self,
        library: Library,
        writer: Writer,
        load: Callable[[], LoadedModel],
        answering: Callable[[], ModelInfo | None],
        tagged: Callable[[], object],
    ) -> None:
        self._library, self._writer = library, writer
        self._load, self._answering, self._tagged = load, answering, tagged
        self._closing = False
        self._listed_for = ""  # id of the model that the list's tags were encoded by
        self._listed: list[Vectors] = []  # as far as that has come
        self._left: NDArray[np.int64] = np.empty(0, np.int64)
        self._left_for = 0  # the version in which these are to be tagged

    @property
    def prepared(self) -> float:
        """See Stage: the share of the list that the model was asked for."""
        return sum(map(len, self._listed)) / len(shipped())

    def is_on(self, reader: Reader) -> bool:
        """See Stage."""
        return switched_on(self.key, reader)

    def count(self, reader: Reader) -> tuple[int, int]:
        """See Stage."""
        info = self._answering()
        if info is None:
            return 0, 0
        searchable = reader.counts(info.model_id).searchable
        done = reader.count_looked_at_for_tags(_version(info.model_id, reader))
        return min(done, searchable), searchable

    def away(self, reader: Reader) -> int:
        """None: no file is read for it."""
        return 0

    def do_some(self) -> bool:
        """See Stage."""
        info = self._answering()
        if info is None:
            return False
        with Reader.open(self._library) as reader:
            version = _version(info.model_id, reader)
            if self._left_for != version or not len(self._left):
                self._left, self._left_for = _untagged(info.model_id, version, reader), version
            if not len(self._left):
                return False
            own = tuple(reader.own_tags())
            spread = _spread(info.model_id, reader)
            outgrown = spread and len(reader.vector_ids(info.model_id)) >= _GROWN * spread.photos
        model = self._load()
        if self._closing:
            raise Cancelled
        if model.encoder.model_id != info.model_id:
            return True  # another one took its place meanwhile
        if not self._listed_ready(model):
            return True
        if spread is None or outgrown:
            self._measure_spread(info.model_id)
        else:
            self._tag(_Asked(model, own, version, spread.deviation))
        return True

    def close(self) -> None:
        """See Stage."""
        self._closing = True

    def _listed_ready(self, model: LoadedModel) -> bool:
        """Have the model asked for some more tags of the list; True once it was for all."""
        encoder = model.encoder
        if self._listed_for != encoder.model_id:
            self._listed_for, self._listed = encoder.model_id, []
        done = sum(map(len, self._listed))
        if some := shipped()[done : done + _TAGS_AT_ONCE]:
            prompts = encoder.calibration.prompts
            self._listed.append(directions(some, encoder.encode_texts, encoder.languages, prompts))
            return False
        return True

    def _measure_spread(self, model_id: str) -> None:
        with Reader.open(self._library) as reader:
            known = reader.vector_ids(model_id)
            sample = known[:: -(-len(known) // _LOOKED_AT)]
            rows = [rows.vectors.astype(np.float32) for rows in reader.vectors_of(sample, model_id)]
        photos = np.concatenate(rows)
        spread = spread_of(np.concatenate(self._listed), photos[np.isfinite(photos).all(axis=1)])
        kept = _Spread(model_id, max(round(spread, 4), 1e-4), len(known))
        self._writer.set_setting(settings.TAG_SPREAD, msgspec.json.encode(kept).decode())

    def _tag(self, asked: _Asked) -> None:
        some, self._left = self._left[:_PHOTOS_AT_ONCE], self._left[_PHOTOS_AT_ONCE:]
        searcher = asked.model.searcher
        own = _own_directions(asked.own, searcher)
        tags = (*shipped(), *asked.own)
        level = levels().of(tags)
        listed = np.concatenate(self._listed)
        found: list[tuple[int, list[str]]] = []
        moments: list[tuple[str, int, int]] = []

        def shares_of(half: NDArray[np.float16]) -> Vectors:
            """Of tags in pictures (N, D), (N, T)."""
            return shares(np.nan_to_num(half.astype(np.float32)), listed, own, asked.spread)

        with Reader.open(self._library) as reader:
            videos, _ = reader.videos()
            for ids, half, _ in reader.vectors_of(some, searcher.model_id):
                shown = shares_of(half) >= level
                for place in np.flatnonzero(np.isin(ids, videos)):  # by any frame, as it is found by any
                    video = int(ids[place])
                    at_ms, frames = reader.frame_vectors_of(video, searcher.model_id)
                    if not len(frames):
                        continue
                    of_frames = shares_of(frames)
                    shown[place] |= (of_frames >= level).any(axis=0)
                    best = at_ms[of_frames.argmax(axis=0)]
                    moments += [
                        (tags[one].name, video, int(best[one])) for one in np.flatnonzero(shown[place])
                    ]
                found += [
                    (photo_id, [tags[place].name for place in np.flatnonzero(row)])
                    for photo_id, row in zip(ids.tolist(), shown, strict=True)
                ]
        self._writer.keep_tags(found, asked.version, moments)
        self._tagged()


class TagRequests:
    """Answers what the person says of tags.

    Args:
        publish: told of every change
    """

    def __init__(self, writer: Writer, publish: Callable[[TagsChanged], object]) -> None:
        self._writer = writer
        self._publish = publish

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here.

        They are refused where there is no such photo or tag, or a name cannot be one.
        """
        writer = self._writer
        handlers.do(DenyTag, lambda asked: self._do(lambda: writer.deny_tag(asked.photo_ids, asked.name)))
        handlers.do(AddTag, lambda asked: self._do(lambda: writer.add_tag(asked.name, asked.asked)))
        handlers.do(RenameTag, lambda asked: self._do(lambda: writer.rename_tag(asked.name, asked.new_name)))
        handlers.do(RemoveTag, lambda asked: self._do(lambda: writer.remove_tag(asked.name)))
        handlers.do(RestoreTag, lambda asked: self._do(lambda: writer.restore_tag(asked.name)))

    def _do(self, change: Callable[[], object]) -> None:
        change()
        self._publish(TagsChanged())


class _Spread(msgspec.Struct, frozen=True):
    """How far apart a model's cosines of tags and photos lie, as the library keeps it."""

    model_id: str
    deviation: float
    photos: float  # that it knew then


def _version(model_id: str, reader: Reader) -> int:
    """32 bits that differ once photos would be tagged in another way."""
    own = [(tag.name, tag.ask) for tag in reader.own_tags()]
    by = (VERSION, model_id, levels(), _spread(model_id, reader), own)
    lesson = reader.setting(settings.LESSON) if own else None  # the list's tags need none
    return zlib.crc32(msgspec.json.encode((*by, lesson)))


def _spread(model_id: str, reader: Reader) -> _Spread | None:
    """None: it is to be measured."""
    if model_id == levels().model_id:
        return _Spread(model_id, levels().spread, math.inf)
    kept = reader.setting(settings.TAG_SPREAD)
    spread = msgspec.json.decode(kept, type=_Spread) if kept else None
    return spread if spread and spread.model_id == model_id else None


def _untagged(model_id: str, version: int, reader: Reader) -> NDArray[np.int64]:
    known = np.intersect1d(reader.living(), reader.vector_ids(model_id))
    return np.setdiff1d(known, reader.looked_at_for_tags(version))


def _own_directions(own: tuple[Tag, ...], searcher: Searcher) -> Vectors:
    """(O, D): each is asked as a search would be, by the words that the person taught, too."""
    found = np.zeros((len(own), searcher.dim), np.float32)
    for place, tag in enumerate(own):
        mean = np.mean([searcher.text_vector(text) for text in tag.texts(())], axis=0)
        found[place] = mean / max(float(np.linalg.norm(mean)), 1e-6)
    return found
