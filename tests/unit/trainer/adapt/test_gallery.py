import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from photosearch.core.errors import KnownError
from photosearch.core.vectors import l2_normed
from tests.helpers.pairs_folder import photo_folder
from trainer.adapt.gallery import embed_gallery, read_gallery

LABELS = ["1", "2", "3"]


def gallery(folder: Path, **changes) -> Path:
    tensors = {
        "vectors": l2_normed(np.random.default_rng(0).standard_normal((3, 8)).astype(np.float32)).astype(
            np.float16
        ),
        "bias": np.array([0.1, 0.2, 0.3], np.float32),
    }
    labels = changes.pop("labels", json.dumps(LABELS))
    tensors |= changes
    path = folder / "gallery.safetensors"
    save_file(
        {name: tensor for name, tensor in tensors.items() if tensor is not None}, path, {"labels": labels}
    )
    return path


def test_reads_vectors_bias_and_labels(tmp_path: Path) -> None:
    found = read_gallery(gallery(tmp_path), 8)
    assert found.labels == LABELS
    assert (found.find("2"), found.find("7")) == (1, None)
    np.testing.assert_allclose(np.linalg.norm(found.photos, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found.bias, [0.1, 0.2, 0.3], atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"vectors": np.ones((3, 5), np.float32)}, "another model"),
        ({"vectors": np.empty((0, 8), np.float32)}, "no photos"),
        ({"vectors": np.zeros((3, 8), np.float32)}, "do not fit"),
        ({"vectors": np.full((3, 8), np.nan, np.float32)}, "do not fit"),
        ({"bias": np.zeros(2, np.float32)}, "do not fit"),
        ({"bias": None}, "not a gallery"),
        ({"labels": '["1", "2", "2"]'}, "do not fit"),
        ({"labels": '["1", "2"]'}, "do not fit"),
        ({"labels": "[1, 2, 3]"}, "not a gallery"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, changes, sentence: str) -> None:
    with pytest.raises(KnownError, match=sentence):
        read_gallery(gallery(tmp_path, **changes), 8)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gallery.safetensors").write_bytes(b"no tensors")
    with pytest.raises(KnownError, match="not a gallery"):
        read_gallery(tmp_path / "gallery.safetensors", 8)
    with pytest.raises(KnownError, match="There is no gallery file"):
        read_gallery(tmp_path / "none", 8)


def test_embeds_each_photo_once_and_leaves_out_what_is_broken(tmp_path: Path) -> None:
    folder = photo_folder(tmp_path, "a.jpg", "trip/b.jpg", "trip/c.png")
    (folder / "again.jpg").write_bytes((folder / "a.jpg").read_bytes())
    (folder / "broken.jpg").write_bytes(b"no photo")
    (folder / "notes.txt").write_text("no photo either")

    def embed(files):
        readable = [file for file in files if file.name != "broken.jpg"]
        return np.eye(len(readable), 8, dtype=np.float32), [
            i for i, f in enumerate(files) if f not in readable
        ]

    found = embed_gallery(folder, embed, lambda photos: np.zeros(len(photos), np.float32))
    assert found.labels == ["a.jpg", "trip/b.jpg", "trip/c.png"]
    assert found.find("again.jpg") == found.find("a.jpg") == 0
    assert found.find("b.jpg") == found.find("trip/b.jpg") == 1
    assert found.find("broken.jpg") is None and found.find("none.jpg") is None
    assert list(map(str, found.notes)) == ["1 photo(s) cannot be read and were left out."]


def test_no_photos_are_refused(tmp_path: Path) -> None:
    def never(photos):
        raise AssertionError

    for folder, sentence in ((tmp_path, "no photos"), (tmp_path / "none", "is not a folder")):
        with pytest.raises(KnownError, match=sentence):
            embed_gallery(folder, never, never)
