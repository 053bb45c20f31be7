"""Sentences into token ids."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tokenizers
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.models.config import TOKENIZER, ModelConfig, read_file

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
        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(data.decode("utf-8"))
        except Exception as error:  # the library raises nothing narrower
            raise KnownError(
                "The model's tokenizer cannot be read ({reason}); install the model again.", reason=error
            ) from error
        self.max_tokens = max_tokens
        padding = self._padding()
        self._tokenizer.enable_truncation(max_length=max_tokens)
        self._tokenizer.enable_padding(**padding, length=max_tokens if fixed_length else None)
        self._fixed_length = fixed_length

    def __call__(self, texts: Sequence[str]) -> Tokens:
        limit = self.max_tokens * CHARACTERS_PER_TOKEN
        # Lone surrogates come with arguments that are not Unicode, and no tokenizer takes them.
        clean = [text[:limit].encode("utf-8", "replace").decode("utf-8") for text in texts]
        encodings = self._tokenizer.encode_batch(clean)
        truncated = sum(
            len(text) > limit or bool(e.overflowing) for text, e in zip(texts, encodings, strict=True)
        )
        shape = (len(texts), -1) if texts else (0, 0)
        ids = np.array([e.ids for e in encodings], np.int64).reshape(shape)
        mask = np.array([e.attention_mask for e in encodings], np.int64).reshape(shape)
        if self._fixed_length:
            mask = np.ones_like(ids)
        return Tokens(ids, mask, truncated)

    def _padding(self) -> dict[str, int | str]:
        if self._tokenizer.padding:
            kept = ("pad_id", "pad_token", "pad_type_id", "direction")
            return {key: self._tokenizer.padding[key] for key in kept}
        for token in ("[PAD]", "<pad>"):
            if (pad_id := self._tokenizer.token_to_id(token)) is not None:
                return {"pad_id": pad_id, "pad_token": token}
        return {}


def read_tokenizer(folder: Path, config: ModelConfig) -> Tokenizer:
    """The tokenizer of a checkpoint folder.

    Raises:
        KnownError: its file is missing, altered, or no tokenizer.
    """
    data = read_file(folder, TOKENIZER, config.hashes.get(TOKENIZER))
    return Tokenizer(data, config.max_tokens, config.fixed_length)
