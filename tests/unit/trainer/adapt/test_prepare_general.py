from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import photo_folder
from tests.helpers.tiny_model import make_tiny_checkpoint
from trainer.adapt.general import FILE, read_general
from trainer.adapt.prepare_general import prepare_general
from trainer.evaluate import embed
from trainer.evaluate.embed import open_model


def test_keeps_vectors_of_photos_and_one_caption_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "best_device", lambda: "cpu")
    model = make_tiny_checkpoint(tmp_path / "tiny")
    photo_folder(tmp_path / "images", "1.jpg", "2.jpg", "3.jpg")
    rows = [f"{n}.jpg,{text} {n}" for n in (1, 2, 3) for text in ("a cat on a sofa", "two dogs run")]
    (tmp_path / "train.csv").write_text("\n".join(["filename,caption", *rows]))
    prepare_general(tmp_path, tmp_path, str(model))
    found = read_general(tmp_path / FILE, open_model(str(model)).config.model_id, lambda v: np.zeros(len(v)))
    assert found is not None
    assert found.texts.shape == found.photos.shape == (3, 56)
    (tmp_path / "images" / "2.jpg").unlink()
    with pytest.raises(KnownError, match="cannot be read"):
        prepare_general(tmp_path, tmp_path, str(model))
