import io
import os
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from photosearch.core.errors import KnownError
from photosearch.decode.fit import fit
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.scale import LANCE, parts, sources
from photosearch.scale.embedding import Embedder
from photosearch.scale.frames import Chunk, Report, Shares, Task
from photosearch.scale.rows import Header, Stamp
from tests.scale.conftest import BROKEN, PHOTOS


def files_of(source: Path) -> tuple[Stamp, ...]:
    return tuple(file for _, file in sources.find(str(source), io.BytesIO()))


def counts(report: Report) -> tuple[int, int]:
    return report.photos, report.failed


def part(out: Path, number: int) -> dict[str, dict[str, object]]:
    rows = pq.read_table(out / f"part-run-{number:06}.parquet").to_pylist()
    return {os.path.basename(row["path"]): row for row in rows}  # noqa: PTH119


def test_photos_become_rows_and_what_is_broken_a_failure(
    embedder: Embedder, photos: Path, out: Path, info: catalog.ModelInfo
) -> None:
    report = embedder.embed(Chunk(1, files_of(photos)))
    assert counts(report) == (PHOTOS, 1)
    assert min(report.decode_seconds, report.encode_seconds, report.write_seconds) > 0
    rows = part(out, 1)
    assert len(rows) == PHOTOS
    failed = pq.read_table(out / "failed" / "part-run-000001.parquet").to_pylist()
    assert [Path(one["path"]).name for one in failed] == [BROKEN]
    assert failed[0]["reason"] and not failed[0]["passing"]
    encoder = load_encoder(info).encoder
    for name in ("0.jpg", "6.png"):
        row = rows[name]
        path = next(photos.rglob(name))
        with Image.open(path) as image:
            pixels = fit(image.convert("RGB"), encoder.preprocessing)
        np.testing.assert_allclose(row["vector"], encoder.encode_images(pixels[None])[0], atol=1e-3)
        assert (row["width"], row["height"], row["size"]) == (64, 48, path.stat().st_size)
        assert row["thumbnail"][:2] == b"\xff\xd8"


def test_an_archive_is_one_part_and_done_as_a_whole(
    embedder: Embedder, photos: Path, shard: Path, out: Path, header: Header
) -> None:
    (stamp,) = files_of(shard)
    assert counts(embedder.embed(Chunk(2, (stamp,)))) == (PHOTOS, 1)
    rows, plain = part(out, 2), counts(embedder.embed(Chunk(3, files_of(photos))))
    assert plain == (PHOTOS, 1)
    assert rows["000003.jpg"]["vector"] == part(out, 3)["3.jpg"]["vector"]
    assert rows["000003.jpg"]["path"] == f"{shard}/000003.jpg"
    assert rows["000003.jpg"]["mtime_ns"] == int((photos / "3.jpg").stat().st_mtime) * 10**9
    assert stamp in parts.Done(out, header)


def test_an_archive_goes_into_a_table_of_lance_whole(
    embedder: Embedder, shard: Path, tmp_path: Path, header: Header, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stamp,) = files_of(shard)
    kept_in_lance = msgspec.structs.replace(embedder._task, out=str(tmp_path), format=LANCE)
    monkeypatch.setattr(embedder, "_task", kept_in_lance)
    with parts.kept_for_us(tmp_path, header, LANCE):
        assert counts(embedder.embed(Chunk(0, (stamp,)))) == (PHOTOS, 1)
    done = parts.Done(tmp_path, header, LANCE)
    assert stamp in done
    (table,) = parts.photos(tmp_path)
    with parts.opened(table) as there:
        assert there.rows == PHOTOS and there.header == header


def test_a_damaged_archive_gives_what_stands_before_the_damage(
    embedder: Embedder, shard: Path, out: Path, tmp_path: Path, header: Header
) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(shard.read_bytes()[:4000])
    (stamp,) = files_of(cut)
    photos, failed = counts(embedder.embed(Chunk(4, (stamp,))))
    assert photos >= 1 and failed >= 1
    reasons = pq.read_table(out / "failed" / "part-run-000004.parquet")["reason"].to_pylist()
    assert any("the archive is damaged" in reason for reason in reasons)
    assert stamp in parts.Done(out, header)


def test_an_archive_that_cannot_be_read_for_now_is_not_done(
    embedder: Embedder, out: Path, header: Header
) -> None:
    gone = Stamp(b"/nowhere/1.tar", 5, 6)
    assert counts(embedder.embed(Chunk(5, (gone,)))) == (0, 1)
    assert gone not in parts.Done(out, header)
    failed = pq.read_table(out / "failed" / "part-run-000005.parquet").to_pylist()
    assert failed[0]["reason"] == "the file is gone"


def test_another_model_than_the_one_that_was_asked_for_is_refused(
    info: catalog.ModelInfo, header: Header, tmp_path: Path
) -> None:
    wanted = msgspec.structs.replace(header, model_id="0" * 16)
    with pytest.raises(KnownError, match="has another model in the place of tiny"):
        Embedder(Task(str(tmp_path), "run", wanted, str(info.path), Shares(1, 1, 0)))
