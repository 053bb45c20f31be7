"""Tells of photos which of some labels fits each best, by the vectors that are known of them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from photosearch.core.classify_messages import Classified, Classify
from photosearch.engine.handlers import Handlers
from photosearch.engine.model import LoadedModel
from photosearch.models.zero_shot import classes, probabilities, scale_of
from photosearch.paths import Library
from photosearch.store.reader import Reader

_TEXTS_AT_ONCE = 16  # labels that are encoded before a query may come between


class Classifier:
    """Answers Classify, behind queries.

    Args:
        load: waits for the model that answers
        members: the photos of an album that looks for a query
        wait: returns when no query is being answered
    """

    def __init__(
        self,
        library: Library,
        load: Callable[[], LoadedModel],
        members: Callable[[str], NDArray[np.int64]],
        wait: Callable[[], None],
    ) -> None:
        self._library, self._load, self._members, self._wait = library, load, members, wait

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.answer(Classify, self._classify)

    def _classify(self, request: Classify) -> Classified:
        """
        Raises:
            KnownError: there are too few or too many labels, a template has no place for one, or the query
                cannot be understood.
        """
        request.check()
        model = self._load()
        labels = self._classes(request, model)
        scale = scale_of(model.searcher.calibration)
        top = max(1, min(request.top, len(labels)))
        counts = np.zeros(len(labels), np.int64)
        told: list[tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]] = []
        left, known = request.most, 0
        wanted = self._wanted(request)
        with Reader.open(self._library) as reader:
            for ids, half, _ in reader.vectors_of(wanted, model.searcher.model_id):
                self._wait()
                shares = probabilities(np.nan_to_num(half.astype(np.float32)), labels, scale)
                counts += np.bincount(shares.argmax(axis=1), minlength=len(labels))
                known += len(ids)
                if some := min(left, len(ids)):
                    best = np.argsort(-shares[:some], axis=1, kind="stable")[:, :top]
                    shown = np.take_along_axis(shares[:some], best, axis=1)
                    told.append((ids[:some], best.astype(np.int32), shown))
                    left -= some
        empty = (np.empty(0, np.int64), np.empty((0, top), np.int32), np.empty((0, top), np.float32))
        ids, places, shares = (np.concatenate(arrays) for arrays in zip(empty, *told, strict=True))
        return Classified(
            ids.astype("<i8").tobytes(),
            places.astype("<i4").tobytes(),
            shares.astype("<f4").tobytes(),
            top,
            tuple(counts.tolist()),
            len(wanted) - known,
            tuple(np.setdiff1d(np.array(request.photo_ids or (), np.int64), wanted).tolist()),
            scale,
        )

    def _wanted(self, request: Classify) -> NDArray[np.int64]:
        if request.text and request.photo_ids is None:
            return self._members(request.text)
        with Reader.open(self._library) as reader:
            living = reader.living()
        if request.photo_ids is None:
            return living
        asked = np.array(tuple(dict.fromkeys(request.photo_ids)), dtype=np.int64)
        return asked[np.isin(asked, living)]

    def _classes(self, request: Classify, model: LoadedModel) -> NDArray[np.float32]:
        """A direction for each label (L, D)."""
        searcher, found = model.searcher, []
        for start in range(0, len(request.labels), _TEXTS_AT_ONCE):
            self._wait()
            some = request.labels[start : start + _TEXTS_AT_ONCE]
            if request.templates:
                found.append(classes(some, request.templates, searcher.encode_texts))
            else:
                found.append(np.stack([searcher.text_vector(label) for label in some]))
        return np.concatenate(found)
