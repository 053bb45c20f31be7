import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lancedb
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import Facts, Look
from photosearch.scale import FORMATS, LANCE, PARQUET, parts, schema
from photosearch.scale.rows import FailedRow, Header, PhotoRow, Stamp

HEADER = Header("0123456789abcdef", "tiny", 4, 2)

_texts = st.text(st.characters(codec="utf-8"), max_size=8)
_facts = st.builds(
    Facts,
    format=_texts,
    width=st.integers(1, 10**6),
    height=st.integers(1, 10**6),
    taken_at=st.none() | _texts,
    taken_from=st.none() | st.sampled_from(["exif", "xmp"]),
    camera=st.none() | _texts,
    iso=st.none() | st.integers(0, 10**6),
    latitude=st.none() | st.floats(-90, 90),
    rating=st.none() | st.integers(0, 5),
    caption=st.none() | _texts,
    keywords=st.lists(_texts, max_size=3).map(tuple),
)
rows = st.builds(
    PhotoRow,
    path=st.binary(max_size=12),
    content_hash=st.binary(min_size=20, max_size=20),
    size=st.integers(0, 2**62),
    mtime_ns=st.integers(-(2**62), 2**62),
    facts=_facts,
    colour=st.binary(min_size=3, max_size=3),
    look=st.builds(Look, st.integers(0, 2**63 - 1), st.binary(min_size=256, max_size=256)),
    thumbnail=st.binary(max_size=20),
    vector=st.lists(st.floats(-1, 1, width=16), min_size=4, max_size=4).map(
        lambda numbers: np.array(numbers, "<f2").tobytes()
    ),
    damage=st.none() | st.builds(lambda text: Sentence("it is {text}", text=text), _texts),
)


@settings(max_examples=30)
@given(st.lists(rows, min_size=1, max_size=3))
def test_rows_survive_arrow(found: list[PhotoRow]) -> None:
    (batch,) = schema.photos_table(found, HEADER).combine_chunks().to_batches()
    assert schema.photo_rows(batch, HEADER) == found


def row(number: int = 0, path: bytes = b"/photos/a.jpg") -> PhotoRow:
    vector = np.eye(4, dtype="<f2")[number % 4].tobytes()
    return PhotoRow(
        path=path,
        content_hash=bytes([number]) * 20,
        size=1000 + number,
        mtime_ns=number,
        facts=Facts("JPEG", 4, 3),
        colour=b"rgb",
        look=Look(number, bytes(256)),
        thumbnail=b"jpeg",
        vector=vector,
    )


def write(
    folder: Path,
    name: str,
    *photos: PhotoRow,
    failed: tuple[FailedRow, ...] = (),
    shard: Stamp | None = None,
    kept_in: str = PARQUET,
) -> Path:
    with parts.PartWriter(folder, name, msgspec.structs.replace(HEADER, shard=shard), kept_in) as part:
        for photo in photos:
            part.add(photo)
        for one in failed:
            part.fail(one)
    return folder / f"{name}.parquet"


def rows_in(folder: Path) -> list[PhotoRow]:
    found = []
    for path in parts.photos(folder):
        with parts.opened(path) as there:
            for batch in there.batches(3):
                found += schema.photo_rows(batch, there.header)
    return found


def test_a_part_is_read_by_others_and_says_which_model_made_it(tmp_path: Path) -> None:
    path = write(tmp_path, "part-a-0", row(1), row(2, b"/\xff.jpg"))
    table = pq.read_table(path)
    assert table["path"].to_pylist() == ["/photos/a.jpg", "/�.jpg"]
    assert table["path_bytes"].to_pylist() == [None, b"/\xff.jpg"]
    assert table["vector"].type == pa.list_(pa.float16(), 4)
    assert table["vector"][0].as_py() == [0, 1, 0, 0]
    assert set(table["model_id"].to_pylist()) == {HEADER.model_id}
    with parts.opened(path) as there:
        assert there.header == HEADER


def test_a_part_that_fails_midway_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), parts.PartWriter(tmp_path, "part-a-0", HEADER) as part:
        part.add(row())
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept_in", FORMATS)
def test_what_lies_in_parts_is_done_and_what_failed_for_good_too(tmp_path: Path, kept_in: str) -> None:
    lasting = FailedRow(b"/broken.jpg", 1, 2, "it is broken", passing=False)
    passing = FailedRow(b"/\xff.jpg", 3, 4, "no permission", passing=True)
    in_archive = FailedRow(b"/0000.tar/3.jpg", 1, 2, "it is broken", passing=False)
    archive = Stamp(b"/0000.tar", 5, 6)
    with parts.kept_for_us(tmp_path, HEADER, kept_in) as done:
        assert archive not in done and done.photos([archive]) == (0, 0)
        write(tmp_path, "part-a-0", row(1), failed=(lasting, passing), kept_in=kept_in)
        below = (row(2, b"/0000.tar/2.jpg"), row(4, b"/0000.tar/a/4.jpg"))
        write(tmp_path, "part-a-1", *below, failed=(in_archive,), shard=archive, kept_in=kept_in)
    done = parts.Done(tmp_path, HEADER, kept_in)
    assert Stamp(b"/photos/a.jpg", 1001, 1) in done
    assert Stamp(b"/photos/a.jpg", 1001, 2) not in done, "it was written since"
    assert Stamp(b"/broken.jpg", 1, 2) in done
    assert Stamp(b"/\xff.jpg", 3, 4) not in done
    assert archive in done and Stamp(b"/0000.tar", 5, 7) not in done
    assert rows_in(tmp_path) == [row(1), *below]
    told = [archive, Stamp(b"/photos/a.jpg", 1001, 1), Stamp(b"/broken.jpg", 1, 2), Stamp(b"/\xff.jpg", 3, 4)]
    assert done.photos(told) == (3, 2), "photos, also those in archives"
    (other,) = set(FORMATS) - {kept_in}
    with pytest.raises(KnownError, match=f"holds vectors in the format {kept_in}"):
        parts.Done(tmp_path, HEADER, other)


def test_lance_is_one_table_that_many_write_at_once_and_others_search(tmp_path: Path) -> None:
    failed = FailedRow(b"/broken.jpg", 1, 2, "it is broken", passing=False)
    with parts.kept_for_us(tmp_path, HEADER, LANCE), ThreadPoolExecutor(4) as workers:
        list(
            workers.map(
                lambda number: write(
                    tmp_path, f"part-{number}", row(number), failed=(failed,), kept_in=LANCE
                ),
                range(8),
            )
        )
    assert sorted(one.size for one in rows_in(tmp_path)) == list(range(1000, 1008))
    database = lancedb.connect(tmp_path)
    table = database.open_table("photos")
    assert table.schema.field("vector").type == pa.list_(pa.float16(), 4)
    nearest = table.search([0, 1, 0, 0], vector_column_name="vector").limit(2).to_arrow()
    assert sorted(nearest["size"].to_pylist()) == [1001, 1005]
    assert database.open_table("failed").to_arrow()["reason"].to_pylist() == ["it is broken"] * 8


def test_a_part_of_lance_that_fails_midway_leaves_nothing(tmp_path: Path) -> None:
    with parts.kept_for_us(tmp_path, HEADER, LANCE):
        pass
    with pytest.raises(RuntimeError), parts.PartWriter(tmp_path, "part-0", HEADER, LANCE) as part:
        part.add(row())
        raise RuntimeError
    assert rows_in(tmp_path) == []


def test_a_damaged_table_of_lance_is_told_with_its_name(tmp_path: Path) -> None:
    with parts.kept_for_us(tmp_path, HEADER, LANCE):
        write(tmp_path, "part-0", row(), kept_in=LANCE)
    (data,) = (tmp_path / "photos.lance" / "data").iterdir()
    data.write_bytes(data.read_bytes()[:-20])
    with pytest.raises(KnownError, match=r"photos\.lance cannot be read or written: "):
        parts.Done(tmp_path, HEADER, LANCE)
    for version in (tmp_path / "photos.lance" / "_versions").iterdir():
        version.write_bytes(b"no version")
    with pytest.raises(KnownError, match=r"photos\.lance cannot be read or written: "):
        parts.Done(tmp_path, HEADER, LANCE)


def test_many_rows_are_written_in_groups(tmp_path: Path) -> None:
    path = write(tmp_path, "part-a-0", *(row(number) for number in range(250)), *(row(3),) * 600)
    with pq.ParquetFile(path) as parquet:
        assert parquet.metadata.num_rows == 850
        assert parquet.metadata.num_row_groups == 2


def test_a_folder_of_another_model_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "part-a-0", row())
    other = msgspec.structs.replace(HEADER, model_id="fedcba9876543210", model="other")
    with pytest.raises(KnownError, match="holds vectors of the model tiny, not of other"):
        parts.Done(tmp_path, other)


def test_a_file_that_is_no_part_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "part-x.parquet"
    path.write_bytes(b"PAR1 this is none PAR1")
    with pytest.raises(KnownError, match=r"part-x\.parquet cannot be read, as it is damaged"):
        parts.Done(tmp_path, HEADER)
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(KnownError, match="it holds no vectors of PhotoSearch"):
        parts.Done(tmp_path, HEADER)
    pq.write_table(schema.photos_table([row()], HEADER).drop_columns(["vector"]), path)
    with pytest.raises(KnownError, match="its column vector is missing"):
        parts.Done(tmp_path, HEADER)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnownError, match="cannot be written or read: "):
        write(tmp_path / "file", "part-a-0", row())
    assert os.listdir(tmp_path) == ["file"]
