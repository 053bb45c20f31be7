"""A lesson: what a model learnt of the person's own words. It changes how texts become vectors, nothing else.

    text --rewrite--> base.encode_texts --adapt--> (B, D), L2-normed

A lesson belongs to one model. The vectors of photos stay as they are: it acts at once, and goes at once.
"""

import dataclasses
import functools
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from photosearch.core.encoder import Calibration, Encoder, Preprocessing
from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.core.reading import decode_json
from photosearch.core.teaching import Word as Word
from photosearch.core.vectors import l2_normed
from photosearch.core.writing import exported, written_whole
from photosearch.models.config import base_id
from photosearch.models.rewriting import Rewriter

LESSON = "lesson.safetensors"  # its name beside a model, and in a folder of its own
FORMAT = 1
# What a file may hold: many times more than a person teaches, and nothing that fills a memory.
LARGEST_FILE = 64 << 20  # bytes
MOST_WORDS = 5_000
LONGEST_NAME = 200  # characters
LONGEST_PHRASE = 500
MOST_CHOICES = 50
LARGEST_WEIGHT = 100.0
LARGEST_NUMBER = 1e4  # in a tensor; also refuses NaN

_TENSORS = {"vectors", "down", "up"}
_erf = np.vectorize(math.erf, otypes=[np.float32])


@dataclass(frozen=True, eq=False)
class Adapter:
    """A residual of low rank on a text's vector: v' = norm(v + share * up gelu(down v)).

    Houlsby et al. 2019 (adapters), on the embedding instead of inside the tower.
    """

    down: NDArray[np.float32]  # (r, D)
    up: NDArray[np.float32]  # (D, r)
    share: float  # in (0, 1]: how far to go from the model towards what was learnt

    def __call__(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """(B, D), L2-normed -> the same."""
        hidden = vectors @ self.down.T
        return l2_normed(vectors + np.float32(self.share) * ((hidden * normal_cdf(hidden)) @ self.up.T))


def normal_cdf(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of a standard normal distribution that lies below each value; gelu(x) = x * normal_cdf(x)."""
    below: NDArray[np.float32] = 0.5 * (1.0 + _erf(values / math.sqrt(2.0)))
    return below


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a model learnt of a person's own words: W vectors of names, of the model's length D."""

    base: str  # id of the model that it belongs to
    name: str = ""
    created_at: float = 0.0  # Unix time
    captions: int = 0  # that it was learnt from
    words: tuple[Word, ...] = ()
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))  # (W, D), unit
    adapter: Adapter | None = None

    def rewrite(self, text: str) -> str:
        """What the model is to read; the text itself where no name is in it."""
        return self.rewriter.rewrite(text)

    def words_in(self, text: str) -> tuple[Word, ...]:
        """The names in a text, each once."""
        return tuple({word.name: word for word, _ in self.rewriter.uses(text)}.values())

    def adapt(self, vectors: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float32]:
        """Add the names' vectors, then the adapter.

        Args:
            vectors: (B, D), L2-normed, of the rewritten texts
            texts: as they were typed, before any name was replaced

        Returns:
            (B, D), L2-normed; exactly `vectors` where no name is in a text and there is no adapter.
        """
        adapted = vectors.copy()
        for row, text in enumerate(texts):
            added = [word for word in self.words_in(text) if word.vector is not None]
            if not added:
                continue
            start = vectors[row] if self.rewrite(text) else np.zeros_like(vectors[row])
            total = start + sum(np.float32(word.weight) * self.vectors[word.vector] for word in added)
            if np.linalg.norm(total) > 1e-6:  # else the names cancel each other out
                adapted[row] = total / np.linalg.norm(total)
        return self.adapter(adapted) if self.adapter and len(adapted) else adapted

    def fits(self, model_id: str, dim: int) -> bool:
        """Whether it belongs to that model, or to the one that an 8-bit one was made from."""
        widths = {self.vectors.shape[1]} if len(self.vectors) else set()
        widths |= {self.adapter.down.shape[1]} if self.adapter else set()
        return self.base == base_id(model_id) and widths <= {dim}

    def word(self, name: str) -> Word | None:
        """The one of that name, in any case."""
        return next((word for word in self.words if word.name.casefold() == name.casefold()), None)

    def with_word(self, word: Word) -> "Lesson":
        """The same with this word, in place of one of the same name.

        Raises:
            KnownError: see check_word.
        """
        check_word(word.name, word.phrase)
        others = (other for other in self.words if other.name.casefold() != word.name.casefold())
        return dataclasses.replace(self, words=(*others, word))

    @functools.cached_property
    def rewriter(self) -> Rewriter:
        """What finds the lesson's words in a text."""
        return Rewriter(self.words)


class TaughtEncoder:
    """An encoder with a lesson, behind the Encoder protocol. Photos are encoded as ever.

    Raises:
        KnownError: the lesson belongs to another model.
    """

    def __init__(self, encoder: Encoder, lesson: Lesson) -> None:
        check_fits(lesson, encoder.model_id, encoder.dim)
        self._encoder = encoder
        self._lesson = lesson

    @property
    def model_id(self) -> str:
        return self._encoder.model_id

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dim(self) -> int:
        return self._encoder.dim

    @property
    def preprocessing(self) -> Preprocessing:
        return self._encoder.preprocessing

    @property
    def calibration(self) -> Calibration:
        return self._encoder.calibration

    def recalibrate(self, calibration: Calibration) -> None:
        self._encoder.recalibrate(calibration)

    @property
    def languages(self) -> tuple[str, ...]:
        return self._encoder.languages

    @property
    def photos_like(self) -> tuple[str, ...]:
        return self._encoder.photos_like

    @property
    def batch_size(self) -> int:
        return self._encoder.batch_size

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._encoder.encode_images(images)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        read = [self._lesson.rewrite(text) for text in texts]
        return self._lesson.adapt(self._encoder.encode_texts(read), texts)

    def image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._encoder.image_bias(vectors)

    def rest(self) -> None:
        self._encoder.rest()


def check_fits(lesson: Lesson, model_id: str, dim: int) -> None:
    """Refuse a lesson of another model; `dim` is D, the length of its vectors.

    Raises:
        KnownError: the lesson belongs to another model.
    """
    if not lesson.fits(model_id, dim):
        raise KnownError("This lesson was learnt with another model than the one in use; teach again.")


class _Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word as a file has it, within bounds."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    phrase: Annotated[str, msgspec.Meta(max_length=LONGEST_PHRASE)]
    vector: Annotated[int, msgspec.Meta(ge=0)] | None
    weight: Annotated[float, msgspec.Meta(ge=0, le=LARGEST_WEIGHT)]
    captions: Annotated[int, msgspec.Meta(ge=0)]
    edited: bool
    choices: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=LONGEST_PHRASE)], ...],
        msgspec.Meta(max_length=MOST_CHOICES),
    ]


class _Header(msgspec.Struct, frozen=True):
    base: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{16}\Z")]
    name: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
    created_at: Annotated[float, msgspec.Meta(ge=0, le=2.5e11)]  # in the years that calendars have
    captions: Annotated[int, msgspec.Meta(ge=0)]
    words: Annotated[tuple[_Word, ...], msgspec.Meta(max_length=MOST_WORDS)]
    share: Annotated[float, msgspec.Meta(ge=0, le=1)]


def write_lesson(path: Path, lesson: Lesson) -> None:
    """Write a lesson's file; a reader meets the old one or the new one, whole.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    with written_whole(path) as file:
        file.write(_encoded(lesson))


def export_lesson(path: Path, lesson: Lesson) -> None:
    """Write a lesson's file where a person said, over nothing but a lesson.

    Raises:
        KnownError: it cannot be written, or a file that is no lesson is there already.
    """
    with exported(path, _is_lesson) as file:
        file.write(_encoded(lesson))


def _is_lesson(path: Path) -> bool:
    try:
        read_lesson(path)
    except KnownError:
        return False
    return True


def _encoded(lesson: Lesson) -> bytes:
    tensors = {"vectors": lesson.vectors} if len(lesson.vectors) else {}
    if lesson.adapter:
        tensors |= {"down": lesson.adapter.down, "up": lesson.adapter.up}
    tensors = {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}
    header = msgspec.json.encode(
        {
            "base": lesson.base,
            "name": lesson.name,
            "created_at": lesson.created_at,
            "captions": lesson.captions,
            "words": lesson.words,
            "share": lesson.adapter.share if lesson.adapter else 0.0,
        }
    ).decode()
    metadata = {"format": str(FORMAT), "lesson": header, "hash": lesson_hash(header, tensors)}
    return safetensors.numpy.save(tensors, metadata)


def read_lesson(path: Path) -> Lesson:
    """The lesson of a file, which need not be trusted.

    Raises:
        KnownError: it is missing, no lesson, altered, of a newer program, or holds what no lesson may hold.
    """
    try:
        if not path.is_file():
            raise KnownError("There is no lesson {path}.", path=path)
        if path.stat().st_size > LARGEST_FILE:
            raise _refused(path, reason=Sentence("it is too large"))
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise KnownError(
            "The lesson {path} cannot be read: {reason}.", path=path, reason=system_reason(error)
        ) from error
    except (SafetensorError, TypeError, ValueError) as error:
        raise _refused(path, reason=Sentence("it is another kind of file, or damaged")) from error
    if not metadata.get("format", "").isascii() or not metadata.get("format", "").isdigit():
        raise _refused(path, reason=Sentence("it is another kind of file"))
    if int(metadata["format"][:9]) > FORMAT:
        raise KnownError("The lesson {path} was made by a newer PhotoSearch; update PhotoSearch.", path=path)
    if not tensors.keys() <= _TENSORS or any(tensor.dtype != np.float32 for tensor in tensors.values()):
        raise _refused(path, reason=Sentence("it holds what no lesson holds"))
    header = metadata.get("lesson", "")
    if metadata.get("hash") != lesson_hash(header, tensors):
        raise _refused(path, reason=Sentence("it was altered or is damaged"))
    try:
        return _built(path, decode_json(header, _Header), tensors)
    except msgspec.DecodeError as error:
        raise _refused(path, reason=Sentence("what it says of itself makes no sense")) from error


def _built(path: Path, header: _Header, tensors: dict[str, NDArray[np.float32]]) -> Lesson:
    """
    Raises:
        KnownError: the parts do not belong together.
    """
    vectors = tensors.get("vectors", np.empty((0, 0), np.float32))
    if any(tensor.ndim != 2 or not (np.abs(tensor) < LARGEST_NUMBER).all() for tensor in tensors.values()):
        raise _refused(path, reason=Sentence("its numbers make no sense"))
    if len(vectors) and not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-2):
        raise _refused(path, reason=Sentence("its vectors are not of length 1"))
    words = tuple(Word(**msgspec.structs.asdict(word)) for word in header.words)
    if any(word.vector is not None and word.vector >= len(vectors) for word in words):
        raise _refused(path, reason=Sentence("a word points to a vector that is not there"))
    for word in words:
        check_word(word.name, word.phrase)
    if len({word.name.casefold() for word in words}) < len(words):
        raise _refused(path, reason=Sentence("a name is in it twice"))
    adapter = None
    if tensors.keys() & {"down", "up"}:
        down, up = tensors.get("down"), tensors.get("up")
        if down is None or up is None or down.shape != up.T.shape or not header.share:
            raise _refused(path, reason=Sentence("its adapter is incomplete"))
        if len(vectors) and vectors.shape[1] != down.shape[1]:
            raise _refused(path, reason=Sentence("its parts are of different models"))
        adapter = Adapter(down, up, header.share)
    return Lesson(header.base, header.name, header.created_at, header.captions, words, vectors, adapter)


def check_word(name: str, phrase: str) -> None:
    """Refuse a name, or what it means, that no lesson may hold.

    Raises:
        KnownError: such a name or phrase cannot be kept.
    """
    if not any(character.isalnum() for character in name):
        raise KnownError("A name must have a letter or a digit.")
    if len(name) > LONGEST_NAME or len(phrase) > LONGEST_PHRASE:
        raise KnownError(
            "A name may have {longest_name} characters, and what it means {longest_phrase}, and no more.",
            longest_name=LONGEST_NAME,
            longest_phrase=LONGEST_PHRASE,
        )
    if not all(character.isprintable() for character in name + phrase):
        raise KnownError("A name and what it means must be one line of plain text each.")


def lesson_hash(header: str, tensors: dict[str, NDArray[np.float32]]) -> str:
    """What a file keeps against damage: BLAKE2b-128 of its header and tensors, in hexadecimal digits.

    Who wants to deceive can make it anew, so everything is checked besides.
    """
    whole = hashlib.blake2b(header.encode(errors="replace"), digest_size=16)
    for name in sorted(tensors):
        whole.update(f"{name}{tensors[name].shape}".encode())
        whole.update(tensors[name].tobytes())
    return whole.hexdigest()


def _refused(path: Path, reason: Sentence) -> KnownError:
    return KnownError("{path} is not a lesson that can be used: {reason}.", path=path, reason=reason)
