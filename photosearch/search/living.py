"""The photos that still have a file, in the orders that no model is asked for."""

import threading

import numpy as np
from numpy.typing import NDArray

from photosearch.core.search_messages import Labels, Ranked, Sort
from photosearch.search.arrangement import all_in_order, by_name
from photosearch.search.names import FolderName, folder_names
from photosearch.store.browsing import Shown
from photosearch.store.reader import Reader


class LivingPhotos:
    """Reads each order once, and again only after some photos came, went or moved. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: NDArray[np.int64] | None = None  # by file name; None: not sorted yet
        self._timeline: Shown | None = None  # None: not read yet
        self._folders: list[FolderName] | None = None  # None: not read yet

    def came(self) -> None:
        """Take in that there are more of them, in folders that were there."""
        with self._lock:
            self._names = self._timeline = None

    def changed(self) -> None:
        """Take in that any of them and their folders may have come, gone or moved."""
        with self._lock:
            self._names = self._timeline = self._folders = None

    def folders(self, reader: Reader) -> list[FolderName]:
        """All folders by their names."""
        with self._lock:
            if self._folders is None:
                self._folders = folder_names(folder.path for folder in reader.subfolders())
            return self._folders

    def newest(self, among: NDArray[np.int64] | None, reader: Reader) -> NDArray[np.int64]:
        """Their ids, newest first; of those in `among` only, where given."""
        ids, _ = self._newest_first(reader)
        return ids if among is None else ids[np.isin(ids, among, kind="table")]

    def in_order(self, ids: NDArray[np.int64], sort: Sort, reader: Reader) -> NDArray[np.int64]:
        """These photos (N,), newest first, by name where that is asked for."""
        if sort != "name":
            return ids
        names = self._by_name(reader)
        return names[np.isin(names, ids, kind="table")]

    def ranked(self, ids: NDArray[np.int64], labels: Labels, sort: Sort, reader: Reader) -> Ranked:
        """Those of some photos (N,), best first, that are living still, and how they are shown."""
        timeline = self._newest_first(reader)
        order = None if sort == "relevance" else timeline[0] if sort == "date" else self._by_name(reader)
        ends = (labels.named, labels.sure - labels.behind, labels.sure)
        (ids, aspects), (named, pictures, sure) = all_in_order(ids, ends, order, timeline)
        strong = min(labels.strong, pictures - named)
        shown = Labels(strong, pictures - named - strong, len(ids) - sure, named, sure - pictures)
        return Ranked(ids.tobytes(), aspects.tobytes(), shown)

    def _newest_first(self, reader: Reader) -> Shown:
        with self._lock:
            self._timeline = self._timeline or reader.timeline()
            return self._timeline

    def _by_name(self, reader: Reader) -> NDArray[np.int64]:
        with self._lock:
            if self._names is None:
                self._names = by_name(reader)
            return self._names
