import io
import json
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.captions.files import FileIndex
from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import rows_of
from tests.helpers.photos import make_photo
from trainer.data.dataset import read_dataset, read_listing
from trainer.data.formats import shards
from trainer.data.images import ImageCache, pixels

SQUARE = Preprocessing(32, "squash", "bicubic", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))


def write_shard(path: Path, members: dict[str, bytes], fmt: int = tarfile.GNU_FORMAT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=fmt) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def sample(folder: Path, number: int, caption: str) -> dict[str, bytes]:
    """The three files that img2dataset writes for an image."""
    key = f"{number:09d}"
    photo = make_photo(folder / f"{key}.jpg", number).read_bytes()
    facts = json.dumps({"caption": caption, "key": key, "status": "success", "width": 64}).encode()
    return {f"{key}.jpg": photo, f"{key}.txt": caption.encode(), f"{key}.json": facts}


def test_shards_in_several_folders_are_read_in_place(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    data = tmp_path / "data"
    for number in range(12):
        folder = "train/00000.tar" if number < 5 else "train/00001.tar" if number < 10 else "val/00000.tar"
        shard = data / folder
        held = {} if not shard.exists() else unpacked(shard)
        write_shard(shard, held | sample(photos, number, f"Thing {number}, 東京"))
    assert read_listing(data).format == "webdataset shards"
    found = read_dataset(data)
    assert (len(found.train.images), len(found.val.images)) == (10, 2)
    assert found.train.captions[9] == "Thing 9, 東京"
    cache = ImageCache(found.train.images, found.train.hashes, SQUARE)
    assert (cache.rows([7])[0] == pixels(photos / "000000007.jpg", SQUARE)).all()
    assert sorted(path.name for path in data.rglob("*") if path.is_file()) == [
        "00000.tar",
        "00000.tar",
        "00001.tar",
    ]


def unpacked(shard: Path) -> dict[str, bytes]:
    with tarfile.open(shard) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isreg()}


names = st.text("abcdé0", min_size=1, max_size=9)
members = st.dictionaries(
    st.tuples(st.sampled_from(["", "d/", "a.b/", "x" * 120 + "/"]), names, st.sampled_from(["jpg", "png"])),
    st.binary(max_size=1200),
    max_size=12,
)


@settings(max_examples=40)
@given(members, st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))
def test_the_index_of_a_shard_reads_what_unpacking_gives(
    files: dict[tuple[str, str, str], bytes], fmt: int
) -> None:
    by_key = {folder + stem: (folder + stem + "." + ext, data) for (folder, stem, ext), data in files.items()}
    with tempfile.TemporaryDirectory() as folder:
        shard = write_shard(Path(folder) / "0.tar", dict(by_key.values()), fmt)
        found = {
            sample.image.member: sample.image.read_bytes() for sample in shards.read_shard(shard, []).values()
        }
        assert found == unpacked(shard) == dict(by_key.values())


def test_captions_of_json_alone_and_samples_without_an_image(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "1.jpg").read_bytes()
    members = {
        "1.jpg": photo,
        "1.json": b'{"caption": "From JSON"}',
        "2.json": b'{"caption": "Could not be fetched", "status": "failed_to_download"}',
        "3.jpg": photo,
        "3.json": b'{"caption": null}',
    }
    listing = shards.read(FileIndex(write_shard(tmp_path / "data" / "0.tar", members).parent))
    assert rows_of(listing) == {"all": [("1.jpg", "From JSON")]}
    assert len(listing.empty) == 1


def test_broken_shards_are_named(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "1.jpg").read_bytes()
    shard = write_shard(tmp_path / "0.tar", {"1.txt": b"A dog", "1.jpg": photo})
    whole = shard.read_bytes()
    for data in (whole[: len(photo)], b"not a tar" * 100):
        shard.write_bytes(data)
        with pytest.raises(KnownError, match=r"0\.tar is not a whole tar"):
            shards.read_shard(shard, [])
    write_shard(shard, {"1.txt": "狗在沙滩上".encode("gbk"), "1.jpg": photo})
    notes: list[str] = []
    assert shards.read_shard(shard, notes)["1"].text == "狗在沙滩上"
    assert len(notes) == 1 and "0.tar/1.txt is not UTF-8" in str(notes[0])


def test_other_tars_are_no_shards(tmp_path: Path) -> None:
    write_shard(tmp_path / "backup.tar", {"notes.md": b"hello"})
    assert shards.read(FileIndex(tmp_path)) is None
