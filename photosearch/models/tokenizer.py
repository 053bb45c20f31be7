"""Sentences into token ids."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tokenizers
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.models.config import TOKENIZER, ModelConfig, read_file
from photosearch.models.unigram import PADDING, Cut, UnigramTokenizer

CHARACTERS_PER_TOKEN = 32  # far more than any vocabulary's mean; bounds the work on a huge text


class Tokens(NamedTuple):
    """B texts as a text tower reads them."""

    ids: NDArray[np.int64]  # (B, L), L the longest of the batch
    mask: NDArray[np.int64]  # (B, L), 1 for what the model reads, 0 for padding
    truncated: int  # texts that lost their end


class Tokenizer:
    """A `tokenizer.json` of the tokenizers library, with padding to the longest and a limit of tokens.

    With `fixed_length`, as SigLIP's text tower wants it, texts are padded to the limit and the mask is 1 for
    the padding too: it is read like any token.
    """

    def __init__(self, data: bytes, max_tokens: int, fixed_length: bool = False) -> None:
        """Raises KnownError when `data` is not a tokenizer."""
        self.data = data
        self.max_tokens = max_tokens
        self._fixed_length = fixed_length
        try:
            self._pieces = UnigramTokenizer.read(data, max_tokens) or _AnyTokenizer(data, max_tokens)
        except Exception as error:  # the library raises nothing narrower
            raise KnownError(
                "The model's tokenizer cannot be read ({reason}); install the model again.", reason=error
            ) from error

    def __call__(self, texts: Sequence[str]) -> Tokens:
        limit = self.max_tokens * CHARACTERS_PER_TOKEN
        # Lone surrogates come with arguments that are not Unicode, and no tokenizer takes them.
        clean = [text[:limit].encode("utf-8", "replace").decode("utf-8") for text in texts]
        rows = self._pieces.encode(clean)
        longest = max((len(row.ids) for row in rows), default=0)
        length = self.max_tokens if self._fixed_length and rows else longest
        ids = np.full((len(rows), length), self._pieces.pad_id, np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            begin = length - len(row.ids) if self._pieces.pads_left else 0
            ids[place, begin : begin + len(row.ids)] = row.ids
            mask[place, begin : begin + len(row.ids)] = 1
        truncated = sum(len(text) > limit or row.truncated for text, row in zip(texts, rows, strict=True))
        return Tokens(ids, np.ones_like(ids) if self._fixed_length else mask, truncated)


class _AnyTokenizer:
    """What the library makes of the whole file."""

    def __init__(self, data: bytes, max_tokens: int) -> None:
        self._tokenizer = tokenizers.Tokenizer.from_str(data.decode("utf-8"))
        padding = self._tokenizer.padding or {}
        known = map(self._tokenizer.token_to_id, PADDING)
        self.pad_id = padding.get("pad_id", next((number for number in known if number is not None), 0))
        self.pads_left = padding.get("direction") == "left"
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=max_tokens)

    def encode(self, texts: Sequence[str]) -> list[Cut]:
        return [Cut(row.ids, bool(row.overflowing)) for row in self._tokenizer.encode_batch(texts)]


def read_tokenizer(folder: Path, config: ModelConfig) -> Tokenizer:
    """The tokenizer of a checkpoint folder.

    Raises:
        KnownError: its file is missing, altered, or no tokenizer.
    """
    data = read_file(folder, TOKENIZER, config.hashes.get(TOKENIZER))
    return Tokenizer(data, config.max_tokens, config.fixed_length)
