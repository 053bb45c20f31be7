import json
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from trainer.models.pretrained.image_network import image_base


def network(folder: Path, interpolation: str) -> str:
    """A timm network's own description, as the hub has it."""
    described = {"architecture": "test_resnet", "pretrained_cfg": {"interpolation": interpolation}}
    (folder / "config.json").write_text(json.dumps(described))
    return str(folder)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos"])
def test_photos_are_resized_as_a_network_says(tmp_path: Path, interpolation: str) -> None:
    base = image_base(network(tmp_path, interpolation), pretrained=False)
    assert base.preprocessing.interpolation == interpolation


def test_an_interpolation_that_is_not_done_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"test_resnet .* its interpolation is 'nearest'"):
        image_base(network(tmp_path, "nearest"), pretrained=False)
