"""Which vector store a library has chosen, and how well it was found to answer."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from photosearch import setting_kinds, settings
from photosearch.core.errors import KnownError, Sentence
from photosearch.paths import Library
from photosearch.search.stores import VectorStore, lacking
from photosearch.store.reader import Reader

if TYPE_CHECKING:
    from photosearch.search.stores.lance import LanceStore

LOW = 0.95  # recall below which the person is told
_EXTRA = 'pip install "photosearch[stores]"'


class Standing(msgspec.Struct, frozen=True):
    """A store that answers for a model, and how much of the exact best hundred it found when indexed."""

    store: str  # as chosen() names it
    effort: int
    recall: float
    queries: int  # by which that was measured
    photos: int  # among which

    def said(self) -> Sentence:
        """In words."""
        if self.recall < LOW:
            return Sentence(
                "{store}: finds only {recall:.3f} of the hundred best ({queries} queries, {photos:,} "
                "photos); go back to memory: photosearch vectors use memory, or choose the store once more "
                "after that, and it is built anew",
                store=self._name,
                recall=self.recall,
                queries=self.queries,
                photos=self.photos,
            )
        return Sentence(
            "{store}: finds {recall:.3f} of the hundred best ({queries} queries, {photos:,} photos)",
            store=self._name,
            recall=self.recall,
            queries=self.queries,
            photos=self.photos,
        )

    @property
    def kind(self) -> str:
        """What the setting calls it."""
        return settings.LANCE if self.store == settings.LANCE else settings.QDRANT

    @property
    def _name(self) -> str:
        return "LanceDB" if self.store == settings.LANCE else f"Qdrant, {self.store}"


def chosen(reader: Reader) -> str:
    """`memory`, `lance`, or the address of a Qdrant server.

    Raises:
        KnownError: Qdrant is chosen, and its address is not set.
    """
    return named(settings.value(settings.VECTOR_STORE, reader.setting(settings.VECTOR_STORE)), reader)


def named(kind: str, reader: Reader) -> str:
    """As chosen(), of what may be chosen.

    Args:
        kind: as the setting has it: memory, lance or qdrant
    """
    if kind != settings.QDRANT:
        return kind
    address = settings.SETTINGS[settings.QDRANT_ADDRESS]
    assert isinstance(address, setting_kinds.Address)
    url = settings.value(address.key, reader.setting(address.key)) or os.environ.get(address.variable, "")
    if not url:
        raise KnownError("Qdrant has no address; set it: photosearch settings set qdrant_address URL")
    return url


def opened(library: Library, model_id: str, dim: int, store: str) -> VectorStore:
    """The store of a model, made where there is none.

    Args:
        store: as chosen() names it, and not memory

    Raises:
        KnownError: it is not installed, or cannot be reached, read or written.
        StoreDamaged: what is there is none, or not whole.
    """
    if store == settings.LANCE:
        return _lance()(folder(library, model_id), dim)
    try:
        from photosearch.search.stores.qdrant import QdrantStore
    except ImportError:
        raise KnownError("Qdrant's client is not installed: {command}", command=_EXTRA) from None
    of = hashlib.blake2b(os.fsencode(library.root.resolve()), digest_size=6).hexdigest()
    return QdrantStore(store, f"photosearch-{of}-{model_id}", dim)


def require(library: Library, model_id: str, dim: int, store: str) -> None:
    """See to it that a store can be opened, without making one in the library.

    Raises:
        KnownError: it is not installed, or does not answer.
    """
    if store == settings.LANCE:
        _lance()
    elif store != settings.MEMORY:
        opened(library, model_id, dim, store).close()


def checked(library: Library, reader: Reader, model_id: str, dim: int) -> Standing | None:
    """standing(), of a store that was looked at.

    Raises:
        KnownError: what is chosen has no address or is not installed; it, or what answers until it is built,
            does not answer, or is damaged.
    """
    require(library, model_id, dim, chosen(reader))
    if found := standing(library, reader, model_id):
        with contextlib.closing(opened(library, model_id, dim, found.store)) as store:
            if not store.check() and found.photos:
                raise lacking()
    return found


def _lance() -> type[LanceStore]:
    try:
        from photosearch.search.stores.lance import LanceStore
    except ImportError:
        raise KnownError("LanceDB is not installed: {command}", command=_EXTRA) from None
    return LanceStore


def folder(library: Library, model_id: str) -> Path:
    """Where LanceDB keeps the vectors of a model."""
    return library.vectors / f"{model_id}.lance"


def delete(library: Library, model_id: str) -> None:
    """Delete the vectors of a model that LanceDB keeps, and that nobody searches; a server's stay."""
    shutil.rmtree(folder(library, model_id), ignore_errors=True)


def standing(library: Library, reader: Reader, model_id: str) -> Standing | None:
    """How the store that answers for a model stands; None: memory does, as it is gone or none is chosen.

    Until another that was chosen is built, the one before goes on answering.
    """
    kept = reader.setting(settings.VECTOR_STORE_OF + model_id)
    kind = settings.value(settings.VECTOR_STORE, reader.setting(settings.VECTOR_STORE))
    if not kept or kind == settings.MEMORY:
        return None
    try:
        found = msgspec.json.decode(kept, type=Standing)
    except msgspec.DecodeError:
        return None
    is_gone = found.store == settings.LANCE and not folder(library, model_id).exists()
    return None if is_gone else found


def said(kind: str, standing: Standing | None) -> Sentence:
    """What answers, in words, and what it waits for.

    Args:
        kind: the setting: memory, lance or qdrant
    """
    answers = standing.said() if standing else Sentence("memory, exact")
    if kind == (standing.kind if standing else settings.MEMORY):
        return answers
    return Sentence("{answers}, until {store} is built", answers=answers, store=kind)
