from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.models import loading
from photosearch.models.config import read_config
from tests.helpers.exported_models import EXPORTED
from tests.helpers.pairs_folder import photo_folder
from trainer.adapt.general import FILE, read_general
from trainer.adapt.prepare_general import prepare_general


def test_keeps_vectors_of_photos_and_one_caption_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "accelerator_is_here", lambda: False)
    model = EXPORTED / "tiny"
    photo_folder(tmp_path / "images", "1.jpg", "2.jpg", "3.jpg")
    rows = [f"{n}.jpg,{text} {n}" for n in (1, 2, 3) for text in ("a cat on a sofa", "two dogs run")]
    (tmp_path / "train.csv").write_text("\n".join(["filename,caption", *rows]))
    prepare_general(tmp_path, tmp_path, str(model))
    found = read_general(tmp_path / FILE, read_config(model).model_id, lambda v: np.zeros(len(v)))
    assert found is not None
    assert found.texts.shape == found.photos.shape == (3, 56)
    (tmp_path / "images" / "2.jpg").unlink()
    with pytest.raises(KnownError, match="cannot be read"):
        prepare_general(tmp_path, tmp_path, str(model))
