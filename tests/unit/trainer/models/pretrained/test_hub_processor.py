"""Against transformers' own image processors, on real photographs."""

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from hypothesis import event, given, settings
from hypothesis import strategies as st
from PIL import Image

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import open_image
from tests.helpers.photos import sample_photos
from trainer.models.pretrained.hub_processor import hub_preprocessing

CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
HALF = [0.5, 0.5, 0.5]

# As models of the hub have them, in the forms of their years.
REAL: dict[str, dict[str, Any]] = {
    "clip": {
        "crop_size": 224,
        "do_center_crop": True,
        "do_normalize": True,
        "do_resize": True,
        "feature_extractor_type": "CLIPFeatureExtractor",
        "image_mean": CLIP_MEAN,
        "image_std": CLIP_STD,
        "resample": 3,
        "size": 224,
    },
    "altclip": {
        "crop_size": {"height": 224, "width": 224},
        "do_convert_rgb": True,
        "image_mean": CLIP_MEAN,
        "image_processor_type": "CLIPImageProcessor",
        "image_std": CLIP_STD,
        "resample": 3,
        "size": {"shortest_edge": 224},
    },
    "chinese-clip": {
        "do_center_crop": False,
        "image_mean": CLIP_MEAN,
        "image_processor_type": "ChineseCLIPImageProcessor",
        "image_std": CLIP_STD,
        "resample": 3,
        "size": {"height": 224, "width": 224},
    },
    "siglip": {
        "image_mean": HALF,
        "image_processor_type": "SiglipImageProcessor",
        "image_std": HALF,
        "resample": 3,
        "rescale_factor": 0.00392156862745098,
        "size": {"height": 384, "width": 384},
    },
    "siglip2": {
        "image_mean": HALF,
        "image_processor_type": "SiglipImageProcessorFast",
        "image_std": HALF,
        "resample": 2,
        "size": {"height": 256, "width": 256},
    },
    "align": {
        "crop_size": {"height": 289, "width": 289},
        "do_center_crop": True,
        "do_normalize": False,
        "image_processor_type": "EfficientNetImageProcessor",
        "include_top": False,
        "resample": 2,
        "rescale_factor": 0.00784313725490196,
        "rescale_offset": True,
        "size": {"height": 346, "width": 346},
    },
    "vit": {
        "feature_extractor_type": "ViTFeatureExtractor",
        "image_mean": HALF,
        "image_std": HALF,
        "resample": 2,
        "size": 224,
    },
    "blip": {
        "image_mean": CLIP_MEAN,
        "image_processor_type": "BlipImageProcessor",
        "image_std": CLIP_STD,
        "resample": 3,
        "size": {"height": 384, "width": 384},
    },
    "dinov2": {
        "crop_size": {"height": 224, "width": 224},
        "do_center_crop": True,
        "image_processor_type": "BitImageProcessor",
        "resample": 3,
        "size": {"shortest_edge": 256},
    },
    "efficientnet, without its second normalisation": {
        "image_processor_type": "EfficientNetImageProcessor",
        "include_top": False,
        "resample": 3,
        "size": {"height": 260, "width": 260},
    },
    "efficientnet, with it": {
        "image_processor_type": "EfficientNetImageProcessor",
        "include_top": True,
        "resample": 3,
        "size": {"height": 260, "width": 260},
    },
    "llava": {
        "crop_size": 336,
        "do_center_crop": True,
        "image_processor_type": "CLIPImageProcessor",
        "resample": 1,
        "size": 336,
    },
}


def describe(folder: Path, **values: object) -> Path:
    """An image processor's own file, as the hub has it."""
    (folder / "preprocessor_config.json").write_text(json.dumps(values))
    return folder


def own(folder: Path, backend: str, image: Image.Image, ours: Preprocessing) -> np.ndarray:
    """What transformers' processor makes of a photo, in steps of 0..255: (H, W, 3) float64."""
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend=backend)
    pixels = np.asarray(processor(images=[image], return_tensors="pt")["pixel_values"][0], dtype=np.float64)
    return pixels.transpose(1, 2, 0) * ours.std + ours.mean


def photographs() -> list[Image.Image]:
    """Of all shapes, most with odd edges."""
    photos = [Image.open(path).convert("RGB") for path in sample_photos()]
    upright = photos[0].crop((101, 0, 412, 509))
    return [*photos, upright, photos[4].crop((0, 100, 639, 331))]


@pytest.mark.parametrize("name", REAL)
def test_processors_of_the_hub_are_read_to_the_pixel(tmp_path: Path, name: str) -> None:
    found = hub_preprocessing(describe(tmp_path, **REAL[name]), "x")
    for photo in photographs():
        theirs = own(tmp_path, "pil", photo, found)
        assert (np.round(theirs) == fit(photo, found)).all()
        np.testing.assert_allclose(theirs, np.round(theirs), atol=0.01)  # mean and std have their digits


@pytest.mark.parametrize("name", REAL)
def test_the_fast_ones_of_torchvision_differ_by_its_rounding_alone(tmp_path: Path, name: str) -> None:
    found = hub_preprocessing(describe(tmp_path, **REAL[name]), "x")
    for photo in photographs():
        difference = np.abs(own(tmp_path, "torchvision", photo, found) - fit(photo, found))
        assert difference.max() < 8 and difference.mean() < 0.5


def config(draw: st.DrawFn) -> tuple[dict[str, Any], bool]:
    """A processor's file, and whether what it says is what we do."""
    edge = draw(st.integers(108, 240))
    size = draw(
        st.sampled_from(
            [
                {"shortest_edge": edge},
                {"shortest_edge": edge},
                {"height": edge, "width": edge},
                {"height": edge, "width": edge},
                {"height": edge, "width": edge + 1},
                {"longest_edge": edge},
                {"shortest_edge": edge, "longest_edge": 2 * edge},
                {"max_height": edge, "max_width": edge},
            ]
        )
    )
    cropped = draw(st.sampled_from([edge, edge - 1, edge - 2, edge - 33, edge // 2, edge + 1, 2 * edge]))
    crop = {"height": cropped, "width": cropped - draw(st.sampled_from([0, 0, 0, 1]))}
    values = {
        "image_processor_type": draw(
            st.sampled_from(["CLIP", "ChineseCLIP", "Siglip", "ViT", "Blip", "Bit", "DeiT", "EfficientNet"])
        )
        + "ImageProcessor",
        "do_resize": draw(st.sampled_from([True, True, True, True, False])),
        "size": size,
        "do_center_crop": draw(st.booleans()),
        "crop_size": crop,
        "resample": draw(st.integers(0, 5)),
        "do_rescale": draw(st.booleans()),
        "rescale_factor": draw(st.sampled_from([1 / 255, 1 / 127.5])),
        "do_normalize": draw(st.booleans()),
        "image_mean": draw(st.sampled_from([CLIP_MEAN, HALF])),
        "image_std": draw(st.sampled_from([CLIP_STD, HALF])),
    }
    resizes = set(size) == {"shortest_edge"} or (
        len(size) == 2 and len({*size.values()}) == 1 and "width" in size
    )
    crops = values["do_center_crop"] and len({*crop.values()}) == 1 and cropped <= edge
    keeps = not values["do_center_crop"] and "width" in size
    return values, values["do_resize"] and values["resample"] > 0 and resizes and (crops or keeps)


@given(st.composite(config)(), st.integers(0, 5), st.data())
@settings(max_examples=100)
def test_any_processor_is_read_to_the_pixel_or_refused_by_name(
    described: tuple[dict[str, Any], bool], number: int, data: st.DataObject
) -> None:
    values, supported = described
    with tempfile.TemporaryDirectory() as made:
        folder = describe(Path(made), **values)
        event("read" if supported else "refused")
        if not supported:
            with pytest.raises(
                KnownError, match=r"json has (do_resize|size|do_center_crop|crop_size|resample) ="
            ):
                hub_preprocessing(folder, "x")
            return
        found = hub_preprocessing(folder, "x")
        photo = Image.open(sample_photos()[number]).convert("RGB")
        width, height = (data.draw(st.integers(60, edge)) for edge in photo.size)
        photo = photo.crop((0, 0, width, height))
        assert (np.round(own(folder, "pil", photo, found)) == fit(photo, found)).all()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"do_resize": False}, "do_resize = False"),
        ({"resample": 0}, "resample = 0"),
        ({"do_center_crop": False}, "do_center_crop = False"),
        ({"crop_size": 65}, r"crop_size = \{'height': 65, 'width': 65\}"),
        ({"crop_size": {"height": 64, "width": 32}}, "crop_size = .*'width': 32"),
        ({"size": {"longest_edge": 64}}, r"size = \{'longest_edge': 64\}"),
        ({"size": {"shortest_edge": 64, "longest_edge": 90}}, "size = .*'longest_edge': 90"),
        ({"size": {"height": 64, "width": 32}}, "size = .*'width': 32"),
        ({"do_pad": True, "pad_size": {"height": 80, "width": 80}}, "pad_size = .*80"),
        # To 256 / 224 of what its size says.
        ({"image_processor_type": "LevitImageProcessor"}, "image_processor_type = LevitImageProcessor"),
        # Blue comes first.
        (
            {"image_processor_type": "MobileViTImageProcessor"},
            "image_processor_type = MobileViTImageProcessor",
        ),
    ],
)
def test_what_is_not_done_here_is_refused_by_its_name_and_value(
    tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    clip = {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 64}, "crop_size": 64}
    with pytest.raises(KnownError, match=rf"^a model prepares .* has {said}.*name another model\.$"):
        hub_preprocessing(describe(tmp_path, **{**clip, **values}), "a model")


def test_a_square_photo_is_read_to_the_pixel_where_siglip2_takes_any_grid(tmp_path: Path) -> None:
    found = hub_preprocessing(describe(tmp_path, image_processor_type="Siglip2ImageProcessor"), "x")
    photo = Image.open(sample_photos()[0]).convert("RGB")
    processor = transformers.Siglip2ImageProcessorPil()
    patches = processor(images=[photo], return_tensors="np")
    assert (found.size, found.fit) == (256, "squash") and patches["spatial_shapes"].tolist() == [[16, 16]]
    pixels = patches["pixel_values"].reshape(16, 16, 16, 16, 3).swapaxes(1, 2).reshape(256, 256, 3)
    assert (np.round(pixels * found.std + found.mean) == fit(photo, found)).all()


@pytest.mark.parametrize("name", ["clip", "siglip", "align", "llava"])
def test_a_large_photo_that_is_decoded_smaller_is_nearly_the_same(tmp_path: Path, name: str) -> None:
    found = hub_preprocessing(describe(tmp_path, **REAL[name]), "x")
    mosaic = Image.new("RGB", (640 * 5, 427 * 5))  # as detailed as any photo
    for number in range(25):
        tile = photographs()[number % 6].resize((640, 427))
        mosaic.paste(tile, (640 * (number % 5), 427 * (number // 5)))
    data = io.BytesIO()
    mosaic.save(data, "JPEG", quality=92)
    decoded, _ = open_image(data.getvalue(), at_least=decoding_edge(found))
    assert min(decoded.size) < min(mosaic.size)
    theirs = own(tmp_path, "pil", Image.open(data).convert("RGB"), found) - 127.5
    ours = fit(decoded, found) - 127.5
    assert np.abs(theirs - ours).mean() < 3
    assert (theirs * ours).sum() / np.sqrt((theirs**2).sum() * (ours**2).sum()) > 0.995
