"""HEIC as telephones write it, of tiles, which no encoder for Python does."""

import io
import struct

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def tiled_heic(picture: Image.Image, edge: int) -> bytes:
    """A picture in square tiles; `edge`, pixels, divides its width and height, and is at least 64."""
    tiles, configuration = [], b""
    for top in range(0, picture.height, edge):
        for left in range(0, picture.width, edge):
            tile = io.BytesIO()
            picture.crop((left, top, left + edge, top + edge)).save(tile, "HEIF", quality=90)
            configuration = _inside(tile.getvalue(), b"hvcC")
            tiles.append(_inside(tile.getvalue(), b"mdat"))
    kind = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    start = len(kind) + len(_meta(picture.size, edge, configuration, tiles, 0)) + 8
    return kind + _meta(picture.size, edge, configuration, tiles, start) + _box(b"mdat", *tiles)


def _meta(
    size: tuple[int, int], edge: int, configuration: bytes, tiles: list[bytes], start: int
) -> bytes:  # fmt: skip
    whole, ids = 1, range(2, 2 + len(tiles))
    grid = struct.pack(">BBBBHH", 0, 0, size[1] // edge - 1, size[0] // edge - 1, *size)
    items = [_full(b"infe", 2, struct.pack(">HH4sx", item, 0, b"hvc1")) for item in ids]
    items.insert(0, _full(b"infe", 2, struct.pack(">HH4sx", whole, 0, b"grid")))
    properties = _box(
        b"ipco",
        _box(b"hvcC", configuration),
        _full(b"ispe", 0, struct.pack(">II", edge, edge)),
        _full(b"ispe", 0, struct.pack(">II", *size)),
    )
    which = struct.pack(">IHBB", 1 + len(tiles), whole, 1, 3)
    which += b"".join(struct.pack(">HBBB", item, 2, 0x81, 2) for item in ids)
    places = struct.pack(">HHHHHII", 1 + len(tiles), whole, 1, 0, 1, 0, len(grid))
    for item, tile in zip(ids, tiles, strict=True):
        places += struct.pack(">HHHHII", item, 0, 0, 1, start, len(tile))
        start += len(tile)
    return _full(
        b"meta",
        0,
        _full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
        _full(b"pitm", 0, struct.pack(">H", whole)),
        _full(b"iinf", 0, struct.pack(">H", len(items)), *items),
        _full(b"iref", 0, _box(b"dimg", struct.pack(f">{2 + len(tiles)}H", whole, len(tiles), *ids))),
        _box(b"iprp", properties, _full(b"ipma", 0, which)),
        _box(b"idat", grid),
        _full(b"iloc", 1, b"\x44\0", places),
    )


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24), *parts)


def _inside(data: bytes, kind: bytes) -> bytes:
    place = data.index(kind)
    return data[place + 4 : place - 4 + int.from_bytes(data[place - 4 : place], "big")]
