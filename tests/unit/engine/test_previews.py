"""Photos to look at, from real decoders and with no model."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.core.photo import content_hash_of
from photosearch.decode.frames import DecodedPreview
from photosearch.decode.pool import DecoderPool
from photosearch.engine.previews import PreviewDecoder
from photosearch.engine.queries_first import QueriesFirst
from photosearch.index.looked_at import LookedAt
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file
from tests.helpers.photos import make_photo

Add = Callable[..., int]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer.open(Library(tmp_path / "library")) as writer:
        writer.register_model(MODEL, "model", DIM)
        yield writer


@pytest.fixture
def add(writer: Writer, tmp_path: Path) -> Add:
    """Puts the files at these paths into the library as one photo; -> its id."""
    folder = writer.add_folder(os.fsencode(tmp_path), "a volume")

    def add(*paths: Path) -> int:
        content = next((content_hash_of(os.fsencode(path)) for path in paths if path.exists()), b"none")
        files = [
            msgspec.structs.replace(
                indexed_file(1, folder_id=folder.folder_id, path=os.fsencode(path)), content_hash=content
            )
            for path in paths
        ]
        return writer.commit(files, MODEL)[0]

    return add


@pytest.fixture
def queries() -> QueriesFirst:
    return QueriesFirst()


@pytest.fixture
def previews(writer: Writer, tmp_path: Path, queries: QueriesFirst) -> Iterator[PreviewDecoder]:
    previews = PreviewDecoder(Library(tmp_path / "library"), queries, LookedAt())
    yield previews
    previews.close()


def size(preview: messages.Previewed) -> tuple[int, int]:
    return Image.open(io.BytesIO(preview.jpeg), formats=["JPEG"]).size


def test_a_photo_comes_upright_as_large_as_asked_and_no_larger_than_it_is(
    previews: PreviewDecoder, add: Add, tmp_path: Path
) -> None:
    photo_id = add(make_photo(tmp_path / "a.jpg", size=(1200, 800), exif_orientation=6))
    small = previews.answer(messages.Preview(photo_id, 600))
    assert (small.width, small.height) == (800, 1200)
    assert size(small) == (400, 600)
    assert size(previews.answer(messages.Preview(photo_id, 100_000))) == (800, 1200)


def test_of_two_files_the_one_that_is_there_is_shown(
    previews: PreviewDecoder, add: Add, tmp_path: Path
) -> None:
    photo_id = add(tmp_path / "gone.png", make_photo(tmp_path / "here.png"))
    assert size(previews.answer(messages.Preview(photo_id, 600))) == (64, 48)


def test_what_cannot_be_shown_is_said(
    previews: PreviewDecoder, add: Add, writer: Writer, tmp_path: Path
) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(make_photo(tmp_path / "whole.jpg").read_bytes()[:300])
    photo_id = add(path)
    with pytest.raises(KnownError, match="cannot be shown: the file is damaged"):
        previews.answer(messages.Preview(photo_id, 600))
    path.unlink()
    with pytest.raises(KnownError, match=r"broken.jpg cannot be shown: the file is gone\."):
        previews.answer(messages.Preview(photo_id, 600))
    writer.set_away(writer.add_folder(os.fsencode(tmp_path), "a volume").folder_id, True)
    with pytest.raises(KnownError, match="a drive that is not connected"):
        previews.answer(messages.Preview(photo_id, 600))
    with pytest.raises(KnownError, match="not there any more"):
        previews.answer(messages.Preview(photo_id + 1, 600))


def test_a_file_that_took_a_photos_place_is_not_shown(
    previews: PreviewDecoder, add: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = make_photo(tmp_path / "mine.png"), make_photo(tmp_path / "other.png", size=(20, 10))
    photo_id = add(path)
    mine = path.read_bytes()
    refused = pytest.raises(KnownError, match=r"mine.png cannot be shown: the file is not as it was")
    path.write_bytes(other.read_bytes())
    with refused:
        previews.answer(messages.Preview(photo_id, 600))
    path.write_bytes(mine)
    os.utime(path, (1, 1))
    assert size(previews.answer(messages.Preview(photo_id, 600))) == (64, 48)  # by what it holds
    decode = DecoderPool.preview

    def decode_late(pool: DecoderPool, path: bytes, *wanted: int) -> DecodedPreview:
        other.replace(os.fsdecode(path))
        return decode(pool, path, *wanted)

    monkeypatch.setattr(DecoderPool, "preview", decode_late)
    with refused:
        previews.answer(messages.Preview(photo_id, 600))


def test_a_typed_query_goes_first(
    previews: PreviewDecoder, add: Add, queries: QueriesFirst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.engine.queries_first.LONGEST_WAIT", 60.0)
    photo_id = add(make_photo(tmp_path / "a.png"))
    done = threading.Event()

    def look() -> None:
        previews.answer(messages.Preview(photo_id, 600))
        done.set()

    looking = threading.Thread(target=look)
    with queries:
        looking.start()
        assert not done.wait(0.2)
    looking.join(60)
    assert done.is_set()
