"""Vectors in a Qdrant server, where a person set its address."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from http import HTTPStatus

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

from photosearch.core.errors import KnownError
from photosearch.search.stores import Ids, lacking, width

API_KEY = "QDRANT_API_KEY"  # of the environment; it is kept nowhere else
_SECONDS = 60  # for an answer
_SECONDS_BETWEEN_LOOKS = 1.0  # at whether what was written is indexed
_PAGE = 10_000  # ids
_AT_ONCE = 256  # points in one request
_GROWN = 10  # hundredths of the points that are worth waiting for an index over


class QdrantStore:
    """One collection of a server.

    Args:
        url: of the server
        collection: its name, which is this library's and model's alone
        dim: D of its vectors

    Raises:
        KnownError: the server does not answer, or refuses.
    """

    efforts = (128, 512, 2048)  # candidates in the graph; see hnsw_ef

    def __init__(self, url: str, collection: str, dim: int, client: QdrantClient | None = None) -> None:
        self._url, self._collection = url, collection
        self._client = client or QdrantClient(
            url=url, api_key=os.environ.get(API_KEY), timeout=_SECONDS, check_compatibility=False
        )
        self._built = 0
        with self._explained():
            if not self._client.collection_exists(collection):
                self._client.create_collection(
                    collection,
                    vectors_config=models.VectorParams(
                        size=width(dim),
                        distance=models.Distance.DOT,
                        datatype=models.Datatype.FLOAT16,
                        on_disk=True,
                    ),
                    hnsw_config=models.HnswConfigDiff(on_disk=True),
                )

    def ids(self) -> Ids:
        """See VectorStore."""
        found: list[int] = []
        after: models.ExtendedPointId | None = None
        with self._explained():
            while True:
                page, after = self._client.scroll(
                    self._collection,
                    limit=_PAGE,
                    offset=after,
                    with_payload=False,
                    with_vectors=False,
                )
                found += [point.id for point in page if isinstance(point.id, int)]
                if after is None:
                    return np.array(found, dtype=np.int64)

    def add(self, ids: Ids, points: NDArray[np.float16]) -> None:
        """See VectorStore."""
        with self._explained():
            for start in range(0, len(ids), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                self._client.upsert(
                    self._collection, models.Batch(ids=ids[part].tolist(), vectors=points[part].tolist())
                )

    def remove(self, ids: Ids) -> None:
        """See VectorStore."""
        with self._explained():
            self._client.delete(self._collection, models.PointIdsList(points=ids.tolist()))

    def nearest(self, point: NDArray[np.float32], k: int, effort: int) -> Ids:
        """See VectorStore."""
        with self._explained():
            found = self._client.query_points(
                self._collection,
                query=point.tolist(),
                limit=k,
                search_params=models.SearchParams(hnsw_ef=max(effort, k)),
                with_payload=False,
            )
        return np.array([hit.id for hit in found.points], dtype=np.int64)

    def build(self) -> bool:
        """See VectorStore: the server indexes by itself, and this waits until it has."""
        with self._explained():
            count = self._client.count(self._collection).count
            if count - self._built <= count * _GROWN // 100:
                return False
            while self._client.get_collection(self._collection).status == models.CollectionStatus.YELLOW:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
        self._built = count
        return True

    def check(self) -> int:
        """See VectorStore."""
        with self._explained():
            there = self._client.collection_exists(self._collection)
            return self._client.count(self._collection).count if there else 0

    def close(self) -> None:
        """See VectorStore."""
        self._client.close()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (ApiException, OSError) as error:
            if isinstance(error, UnexpectedResponse) and error.status_code == HTTPStatus.NOT_FOUND:
                raise lacking() from error
            raise KnownError(
                "Qdrant at {url} does not answer as it should; start it, look at its address and key, or go "
                "back to memory: photosearch vectors use memory. It says: {reason}",
                url=self._url,
                reason=str(error)[:200],
            ) from error
