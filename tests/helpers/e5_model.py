"""A file of 4-bit e5 weights at tiny widths, written as the package's own converter writes it."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIM, LAYERS, HEADS, WIDE, POSITIONS = 32, 2, 4, 64, 64
WORDS = (
    ("que", -4.0), ("ry", -4.5), ("two", -6.0), ("dog", -6.5), ("dogs", -7.0), ("beach", -7.5), ("on", -5.0),
    ("海滩", -8.0), ("狗", -7.0), ("上", -6.0), ("的", -5.0), ("两只", -8.5), ("chien", -8.0), ("Hund", -8.0),
)  # fmt: skip
PIECES = [
    ("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), (":", -3.0), ("▁", -3.5),
    *((mark + word, score) for word, score in WORDS for mark in ("", "▁")),
]  # fmt: skip
# A character, and what it is read as: space, nothing, and what NFKC makes of it.
READ_AS = {"\t": " ", "\u200b": " ", "\x01": "", "Ａ": "A", "ｄ": "d", "：": ":"}


def write_e5(path: Path, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Write the file with random weights; -> what each tensor holds, by its name in the file."""
    random = np.random.default_rng(seed)
    tensors: dict[str, tuple[int, bytes]] = {}
    values: dict[str, NDArray[np.float32]] = {}

    def add(name: str, *shape: int) -> None:
        matrix = len(shape) == 2 and name not in ("emb.pos", "emb.type")
        if matrix:
            data, values[name] = _in_blocks(random.integers(0, 16, shape), random)
        else:
            values[name] = random.normal(0, 0.2, shape).astype(np.float32) + name.endswith("ln.w")
            data = values[name].tobytes()
        tensors[name] = (int(matrix), data)

    add("emb.word", len(PIECES) + 2, DIM)
    add("emb.pos", POSITIONS, DIM)
    add("emb.type", 2, DIM)
    for part in ("emb.ln.w", "emb.ln.b"):
        add(part, DIM)
    sizes = {
        "q": (DIM, DIM),
        "k": (DIM, DIM),
        "v": (DIM, DIM),
        "ao": (DIM, DIM),
        "fi": (WIDE, DIM),
        "fo": (DIM, WIDE),
    }
    for layer in range(LAYERS):
        for part, shape in sizes.items():
            add(f"l{layer}.{part}.w", *shape)
            add(f"l{layer}.{part}.b", shape[0])
        for part in ("aln.w", "aln.b", "oln.w", "oln.b"):
            add(f"l{layer}.{part}", DIM)
    path.write_bytes(_file(tensors))
    return values


def _in_blocks(nibbles: NDArray[np.int64], random: np.random.Generator) -> tuple[bytes, NDArray[np.float32]]:
    """-> the bytes of Q4_0, and the weights that they stand for."""
    rows, columns = nibbles.shape
    scales = random.uniform(0.01, 0.03, (rows, columns // 32)).astype(np.float16)
    data = bytearray()
    for row in range(rows):
        for block in range(columns // 32):
            some = nibbles[row, 32 * block : 32 * block + 32]
            data += scales[row, block].tobytes() + bytes(int(some[j] | some[j + 16] << 4) for j in range(16))
    return bytes(data), ((nibbles - 8) * scales.astype(np.float32).repeat(32, axis=1)).astype(np.float32)


def _file(tensors: dict[str, tuple[int, bytes]]) -> bytes:
    texts = [piece.encode() for piece, _ in PIECES]
    head = b"E5S1" + struct.pack(
        "<I7ifi", 1, DIM, LAYERS, HEADS, WIDE, len(PIECES) + 2, POSITIONS, 2, 1e-12, 32
    )
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, texts)))
    head += np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    head += np.array([score for _, score in PIECES], "<f4").tobytes() + b"".join(texts)
    table = b"".join(
        struct.pack(f"<IB{len(becomes)}I", ord(character), len(becomes), *map(ord, becomes))
        for character, becomes in sorted(READ_AS.items())
    )
    head += struct.pack("<iI", len(READ_AS), len(table)) + table
    length = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, (kind, data) in tensors.items():
        start = length + len(body)
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, 0, start, len(data))
        body += data
    return head + directory + body
