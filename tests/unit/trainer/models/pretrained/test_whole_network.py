import json
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from tests.helpers.tiny_hub import make_hub_whole
from trainer.models.pretrained.whole_network import hub_preprocessing, whole_base

CLIP = {"model_type": "clip"}


def describe(folder: Path, **values: object) -> Path:
    """An image processor's own file, as the hub has it."""
    (folder / "preprocessor_config.json").write_text(json.dumps(values))
    return folder


def test_clip_crops_the_centre_and_norms_by_its_own_mean(tmp_path):
    describe(
        tmp_path,
        image_processor_type="CLIPImageProcessor",
        size={"shortest_edge": 64},
        crop_size={"height": 48, "width": 48},
        resample=3,
        image_mean=[0.5, 0.4, 0.3],
        image_std=[0.25, 0.2, 0.1],
    )
    found = hub_preprocessing(tmp_path, "x", CLIP)
    assert (found.size, found.fit, found.interpolation, found.zoom) == (48, "crop", "bicubic", 0.75)
    assert found.mean == pytest.approx((127.5, 102.0, 76.5))
    assert found.std == pytest.approx((63.75, 51.0, 25.5))


def test_sizes_written_as_numbers_are_understood(tmp_path):
    describe(tmp_path, image_processor_type="CLIPImageProcessor", size=64, crop_size=64, resample=2)
    found = hub_preprocessing(tmp_path, "x", CLIP)
    assert (found.size, found.fit, found.interpolation, found.zoom) == (64, "crop", "bilinear", 1.0)


def test_a_processor_that_only_resizes_squashes(tmp_path):
    describe(
        tmp_path,
        image_processor_type="ChineseCLIPImageProcessor",
        size={"height": 64, "width": 64},
        do_center_crop=False,
    )
    found = hub_preprocessing(tmp_path, "x", {"model_type": "chinese_clip"})
    assert (found.size, found.fit, found.zoom) == (64, "squash", 1.0)


def test_images_that_are_not_square_are_refused(tmp_path):
    describe(tmp_path, image_processor_type="SiglipImageProcessor", size={"height": 64, "width": 32})
    with pytest.raises(KnownError, match="not square"):
        hub_preprocessing(tmp_path, "x", {"model_type": "siglip"})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("config.json", "not a model of transformers' own"),
        ("model.safetensors", "no weights as safetensors"),
        ("tokenizer.json", "has no vocabulary"),
        ("preprocessor_config.json", "does not say how its images are prepared"),
    ],
)
def test_a_missing_file_is_a_known_error(tmp_path, name: str, sentence: str):
    folder = make_hub_whole(tmp_path / "clip")
    (folder / name).unlink()
    with pytest.raises(KnownError, match=sentence):
        whole_base(str(folder), pretrained=True)
