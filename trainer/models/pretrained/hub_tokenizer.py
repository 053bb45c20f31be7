"""A hub tokenizer as one file that the tokenizers library runs alone."""

from pathlib import Path
from typing import Any, Literal, TypeAlias

import tokenizers
import transformers
from tokenizers import normalizers

from photosearch.core.errors import KnownError

Side: TypeAlias = Literal["left", "right"]

# Without one of these transformers makes an empty tokenizer and says nothing.
VOCABULARIES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)


def tokenizer_bytes(
    folder: Path, source: str, *, lowered: bool = False, side: Side | None = None, pad_id: int | None = None
) -> bytes:
    """A folder's tokenizer as one `tokenizer.json`, with its padding token and side.

    Args:
        lowered: texts are read in lower case, whatever the tokenizer's class makes of them
        side: where the padding stands; None: as the tokenizer's files say
        pad_id: what texts are padded with; None: the tokenizer's own token

    Raises:
        KnownError: there is none that the tokenizers library can run.
    """
    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise KnownError(
            "{source} has no vocabulary; it needs its tokenizer.json, or what it is made of.", source=source
        )
    try:
        found = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # noqa: BLE001  (tokenizers raises no other; it may want another package)
        found = _plain_tokenizer(folder, source, error)
    if not hasattr(found, "backend_tokenizer"):
        found = _plain_tokenizer(folder, source, None)
    fast = tokenizers.Tokenizer.from_str(found.backend_tokenizer.to_str())
    fast.no_truncation()
    if lowered:
        _lower(fast)
    if pad_id is None:
        pad_id = found.pad_token_id
    padding = fast.id_to_token(pad_id) if pad_id is not None else None
    if pad_id is None or padding is None:
        raise KnownError("The tokenizer of {source} has no padding token.", source=source)
    fast.enable_padding(pad_id=pad_id, pad_token=padding, direction=side or found.padding_side)
    return fast.to_str().encode("utf-8")


def _lower(tokenizer: tokenizers.Tokenizer) -> None:
    own = tokenizer.normalizer
    if own is None or own.normalize_str("A") != own.normalize_str("a"):
        tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), *([own] if own else [])])


def _plain_tokenizer(folder: Path, source: str, error: Exception | None) -> Any:
    if not (folder / "tokenizer.json").is_file():
        raise KnownError(
            "{source} has no tokenizer.json, and its own tokenizer cannot be used.", source=source
        ) from error
    try:
        return transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    except Exception as error:
        raise KnownError("The tokenizer.json of {source} makes no tokenizer.", source=source) from error
