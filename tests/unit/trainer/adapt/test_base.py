from pathlib import Path

import numpy as np
import pytest
import torch

from photosearch.core.errors import KnownError
from photosearch.models.config import read_config
from photosearch.models.lesson import LESSON, Lesson, write_lesson
from photosearch.models.torch import checkpoint
from tests.helpers.exported_models import EXPORTED, copy_exported
from trainer.adapt.base import read_base

pytestmark = pytest.mark.usefixtures("on_the_cpu")

TINY = EXPORTED / "tiny"


def test_scale_and_bank_are_the_models_own() -> None:
    base, (model, config, _) = read_base(str(TINY)), checkpoint.load(TINY)
    assert base.scale == pytest.approx(model.scale.item())
    assert base.encoder.model_id == config.model_id
    with torch.inference_mode():
        bank = torch.nn.functional.normalize(model.bank.float() * model.bank_scale[:, None], dim=1)
    np.testing.assert_allclose(base.bank, bank.numpy(), atol=1e-6)


def test_a_scale_is_bounded(tmp_path: Path) -> None:
    model, config, tokenizer = checkpoint.load(TINY)
    torch.nn.init.constant_(model.log_scale, 7.0)
    checkpoint.save(tmp_path / "steep", model, config, tokenizer.data)
    assert read_base(str(tmp_path / "steep")).scale == pytest.approx(model.scale.item()) == 100


def test_a_taught_model_is_refused(tmp_path: Path) -> None:
    folder = copy_exported(tmp_path / "taught")
    write_lesson(folder / LESSON, Lesson(read_config(folder).model_id))
    with pytest.raises(KnownError, match="was taught somebody's words"):
        read_base(str(folder))
