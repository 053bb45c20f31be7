"""For tests of embedding at scale: a tiny model, and photos in every kind of source."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.core.photo import FACTS_VERSION
from photosearch.models import catalog
from photosearch.scale.embedding import Embedder
from photosearch.scale.frames import Shares, Task
from photosearch.scale.rows import Header
from tests.helpers.exported_models import EXPORTED
from tests.helpers.photos import make_photo

PHOTOS, BROKEN = 7, "broken.jpg"


@pytest.fixture(scope="session")
def info() -> catalog.ModelInfo:
    return catalog.read_info(EXPORTED / "tiny")


@pytest.fixture(scope="session")
def header(info: catalog.ModelInfo) -> Header:
    return Header(info.model_id, info.name, info.dim, FACTS_VERSION)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with PHOTOS photos, one of them below, and a file that is none."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "below").mkdir()
    for seed in range(PHOTOS - 1):
        make_photo(folder / f"{seed}.jpg", seed)
    make_photo(folder / "below" / "6.png", 6)
    (folder / BROKEN).write_bytes(b"\xff\xd8\xff\xe0 no photo")
    (folder / "notes.txt").write_text("no photo at all")
    return folder


@pytest.fixture(scope="session")
def shard(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same photos in an archive, with a caption beside each as webdataset has it."""
    path = tmp_path_factory.mktemp("shards") / "0000.tar"
    with tarfile.open(path, "w") as tar:
        for seed in range(PHOTOS - 1):
            tar.add(photos / f"{seed}.jpg", f"{seed:06}.jpg")
            tar.add(photos / "notes.txt", f"{seed:06}.txt")
        tar.add(photos / "below" / "6.png", "below/6.png")
        tar.add(photos / BROKEN, BROKEN)
    return path


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vectors")


@pytest.fixture(scope="session")
def embedder(info: catalog.ModelInfo, header: Header, out: Path) -> Iterator[Embedder]:
    """Writes into the folder `out`, whose parts tests tell by their numbers."""
    one = Embedder(Task(str(out), "run", header, str(info.path), Shares(1, 1, 0), batch=3))
    yield one
    one.close()
