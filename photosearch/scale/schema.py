"""Rows as Arrow has them: the columns of photos, and of failures."""

from collections.abc import Sequence
from typing import Any, get_args, get_origin

import msgspec
import numpy as np
import pyarrow as pa

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.file_names import shown
from photosearch.core.photo import MINIATURE_EDGE, Facts, Look
from photosearch.scale.rows import FailedRow, Header, PhotoRow, Stamp

_HEADER = b"photosearch"  # the key of a file's header among its metadata
_FORMAT = 1
_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64()}
# Unicode where the path is that, for whoever looks; the bytes stand beside it where it is not.
_PATH = [("path", pa.string()), ("path_bytes", pa.binary())]
_STAMP = [*_PATH, ("size", pa.int64()), ("mtime_ns", pa.int64())]

STAMPS = pa.schema(_STAMP)
FAILED = pa.schema([*_STAMP, ("reason", pa.string()), ("passing", pa.bool_())])


class _Marked(msgspec.Struct, frozen=True):
    """A header as it is written."""

    format: int
    header: Header


def photos(header: Header) -> pa.Schema:
    """The columns of photos, with the header among the metadata."""
    facts = [(field.name, _type_of(field.type)) for field in msgspec.structs.fields(Facts)]
    columns = [
        *_PATH,
        ("content_hash", pa.binary(20)),
        ("size", pa.int64()),
        ("mtime_ns", pa.int64()),
        *facts,
        ("damage", pa.string()),  # a Sentence, as JSON
        ("model_id", pa.string()),
        ("vector", pa.list_(pa.float16(), header.dim)),
        ("thumbnail", pa.binary()),
        ("colour", pa.binary(3)),
        ("fingerprint", pa.int64()),
        ("miniature", pa.binary(MINIATURE_EDGE**2)),
    ]
    return pa.schema(columns, metadata={_HEADER: msgspec.json.encode(_Marked(_FORMAT, header))})


def header_of(schema: pa.Schema) -> Header:
    """The header of a file of photos, whose columns are as they should be; it may have more.

    Raises:
        KnownError: it is no such file, or a newer program wrote it.
    """
    try:
        marked = msgspec.json.decode((schema.metadata or {})[_HEADER], type=_Marked)
    except (KeyError, msgspec.DecodeError):
        raise KnownError("it holds no vectors of PhotoSearch") from None
    if marked.format > _FORMAT:
        raise KnownError("a newer PhotoSearch wrote it; update this one")
    if not 0 < marked.header.dim <= 1 << 16:
        raise KnownError("it holds no vectors of PhotoSearch")
    wanted = photos(marked.header)
    for field in wanted:
        if schema.get_field_index(field.name) < 0 or schema.field(field.name).type != field.type:
            raise KnownError("its column {column} is missing, or of another type", column=field.name)
    return marked.header


def photos_table(rows: Sequence[PhotoRow], header: Header) -> pa.Table:
    """Photos as a table."""
    schema = photos(header)
    vectors = np.frombuffer(b"".join(row.vector for row in rows), "<f2")
    columns: dict[str, Any] = {
        **_stamps(rows),
        "content_hash": [row.content_hash for row in rows],
        **{name: [getattr(row.facts, name) for row in rows] for name in Facts.__struct_fields__},
        "damage": [msgspec.json.encode(row.damage).decode() if row.damage else None for row in rows],
        "model_id": [header.model_id] * len(rows),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.astype(np.float16)), header.dim),
        "thumbnail": [row.thumbnail for row in rows],
        "colour": [row.colour for row in rows],
        "fingerprint": [row.look.fingerprint for row in rows],
        "miniature": [row.look.miniature for row in rows],
    }
    return pa.table(columns, schema)


def failed_table(rows: Sequence[FailedRow]) -> pa.Table:
    """Failures as a table."""
    more = {name: [getattr(row, name) for row in rows] for name in ("reason", "passing")}
    return pa.table({**_stamps(rows), **more}, FAILED)


def stamps_table(files: Sequence[Stamp]) -> pa.Table:
    """Files as a table."""
    return pa.table(_stamps(files), STAMPS)


def photo_rows(batch: pa.RecordBatch, header: Header) -> list[PhotoRow]:
    """The photos of a batch of a file with this header.

    Raises:
        KnownError: a row is of another model.
        ValueError, msgspec.ValidationError, pa.ArrowException: a value is missing or makes no sense.
    """
    if set(batch.column("model_id").to_pylist()) - {header.model_id}:
        raise KnownError("a row is of another model than the file")
    vectors = batch.column("vector")
    if vectors.null_count:
        raise ValueError("a vector is missing")
    flat = vectors.flatten().to_numpy(zero_copy_only=False).astype("<f2").reshape(len(batch), -1)
    columns = batch.drop_columns(["vector"]).to_pylist()
    return [
        msgspec.convert(
            PhotoRow(
                path=path_of(row),
                content_hash=row["content_hash"],
                size=row["size"],
                mtime_ns=row["mtime_ns"],
                facts=msgspec.convert({name: row[name] for name in Facts.__struct_fields__}, Facts),
                colour=row["colour"],
                look=Look(row["fingerprint"], row["miniature"]),
                thumbnail=row["thumbnail"],
                vector=vector.tobytes(),
                damage=msgspec.json.decode(row["damage"], type=Sentence) if row["damage"] else None,
            ),
            PhotoRow,
        )
        for row, vector in zip(columns, flat, strict=True)
    ]


def path_of(row: dict[str, Any]) -> bytes:
    """The path of a row of any of the tables."""
    path: bytes = row["path_bytes"] if row["path_bytes"] is not None else row["path"].encode()
    return path


def stamp_of(row: dict[str, Any]) -> Stamp:
    """The file that a row of any of the tables is of."""
    return Stamp(path_of(row), row["size"], row["mtime_ns"])


def _stamps(rows: Sequence[PhotoRow | FailedRow | Stamp]) -> dict[str, Any]:
    texts = [shown(row.path) for row in rows]
    return {
        "path": texts,
        "path_bytes": [
            None if text.encode() == row.path else row.path for text, row in zip(texts, rows, strict=True)
        ],
        "size": [row.size for row in rows],
        "mtime_ns": [row.mtime_ns for row in rows],
    }


def _type_of(annotation: Any) -> pa.DataType:
    """Of a fact: text, a number, several texts, or one of a few words; any may be missing."""
    if get_origin(annotation) is tuple:
        return pa.list_(pa.string())
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)]
    return _TYPES.get(kinds[0], pa.string())
