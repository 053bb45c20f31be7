"""A hub folder's own image processor in our words: read exactly, or refused by what it says."""

import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
import transformers
from PIL import Image
from torch import Tensor

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError, Sentence
from photosearch.decode.fit import fit
from photosearch.models.torch.bounds import LARGEST_EDGE, refuse_out_of_bounds
from trainer.models.folders import read_json
from trainer.models.pretrained.hub_folder import BROKEN

CLOSE = 1.5  # steps of 0..255: one of rounding, and the digits of mean and std
# By Pillow's numbers. Nearest, 0, is missing: it picks single pixels, and a large photo that was decoded at a
# smaller scale has others.
_INTERPOLATIONS = {1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}


class _Unsupported(Exception):
    def __init__(self, field: str, value: object) -> None:
        super().__init__()
        self.what = Sentence("{field} = {value}", field=field, value=value)


def hub_preprocessing(folder: Path, source: str) -> Preprocessing:
    """What a folder's own image processor does, in our words.

    What its fields say is tried on a made photo, so that a processor with habits beside them is refused.

    Raises:
        KnownError: there is no processor, it does what we do not, or its sizes are out of all bounds.
    """
    for name in ("preprocessor_config.json", "processor_config.json"):
        if (folder / name).is_file():
            refuse_out_of_bounds(read_json(folder / name), source, name)
    try:
        # In Pillow, as the networks were trained and as we resample; torchvision rounds otherwise.
        processor = transformers.AutoImageProcessor.from_pretrained(
            folder, trust_remote_code=False, backend="pil"
        )
    except (*BROKEN, ImportError) as error:
        raise KnownError(
            "{source} does not say how its images are prepared: {reason}", source=source, reason=error
        ) from error
    try:
        return _read(processor)
    except _Unsupported as unsupported:
        raise KnownError(
            "{source} prepares its images in a way that is not supported: its preprocessor_config.json has "
            "{unsupported}. Supported is do_resize to a square, or of the shortest_edge with a square "
            "center_crop no larger than it, by any resample but nearest (0), and then rescale and normalize; "
            "name another model.",
            source=source,
            unsupported=unsupported.what,
        ) from unsupported


def _read(processor: Any) -> Preprocessing:
    fit_to, size, edge = _shape(processor)
    if processor.resample not in _INTERPOLATIONS:
        raise _Unsupported("resample", processor.resample)
    # By which mean and standard deviation black and white become what it gives.
    black, white = (
        _prepared(processor, Image.new("RGB", (size, size), (value,) * 3)).mean(dim=(1, 2))
        for value in (0, 255)
    )
    std = 255 / (white - black)
    preprocessing = msgspec.convert(
        {
            "size": size,
            "fit": fit_to,
            "interpolation": _INTERPOLATIONS[processor.resample],
            "mean": [round(value, 4) for value in (0 - black * std).tolist()],
            "std": [round(value, 4) for value in std.tolist()],
            "zoom": size / edge,
        },
        Preprocessing,
    )
    if not _agrees(processor, preprocessing):
        raise _other(processor)
    return preprocessing


def _shape(processor: Any) -> tuple[str, int, int]:
    """The fit, the edge of the square, and the short edge before the crop, pixels."""
    if not processor.do_resize:
        raise _Unsupported("do_resize", processor.do_resize)
    if getattr(processor, "do_pad", None) and processor.pad_size:
        raise _Unsupported("pad_size", dict(processor.pad_size))
    if _in_patches(processor):  # any grid of patches; the largest square of them is ours
        edge = processor.patch_size * math.isqrt(processor.max_num_patches)
        if edge > LARGEST_EDGE:
            raise _Unsupported("max_num_patches", processor.max_num_patches)
        return "squash", edge, edge
    resized = dict(processor.size or {})
    if set(resized) == {"shortest_edge"}:
        fit_to, edge = "crop", resized["shortest_edge"]
    else:
        fit_to, edge = "squash", _square("size", resized)
    crops = getattr(processor, "do_center_crop", None)
    if not crops:
        if fit_to == "crop":  # photos of any shape
            raise _Unsupported("do_center_crop", crops)
        return fit_to, edge, edge
    cropped = dict(processor.crop_size or {})
    size = _square("crop_size", cropped)
    if size > edge:  # black at the sides
        raise _Unsupported("crop_size", cropped)
    return fit_to, size, edge


def _square(field: str, size: dict[str, int]) -> int:
    if set(size) != {"height", "width"} or size["height"] != size["width"]:
        raise _Unsupported(field, size)
    return size["height"]


def _in_patches(processor: Any) -> bool:
    """Whether it is of SigLIP2's kind."""
    return hasattr(processor, "max_num_patches")


def _prepared(processor: Any, image: Image.Image) -> Tensor:
    """What a processor makes of a photo, float64 (3, size, size)."""
    try:
        pixels: Tensor = processor(images=[image], return_tensors="pt")["pixel_values"].double()
    except (*BROKEN, AttributeError, LookupError) as error:
        raise _other(processor) from error
    _, size, _ = _shape(processor)
    if _in_patches(processor):
        patch = processor.patch_size
        rows = size // patch
        patches = pixels[:, : rows * rows].reshape(-1, rows, rows, patch, patch, 3)
        pixels = patches.permute(0, 5, 1, 3, 2, 4).reshape(-1, 3, size, size)
    if pixels.shape != (1, 3, size, size):
        raise _other(processor)
    return pixels[0]


def _agrees(processor: Any, preprocessing: Preprocessing) -> bool:
    """Whether a processor and `preprocessing` make the same of noise, which hides no difference."""
    edge = round(preprocessing.size / preprocessing.zoom)
    long, short = 2 * edge + 5, edge + edge // 3
    shapes = [(short, short)] if _in_patches(processor) else [(long, short), (short, long)]
    mean, std = (
        torch.tensor(channels, dtype=torch.float64).view(3, 1, 1)
        for channels in (preprocessing.mean, preprocessing.std)
    )
    for shape in shapes:
        image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8))
        ours = torch.from_numpy(fit(image, preprocessing)).permute(2, 0, 1)
        steps = (_prepared(processor, image) * std + mean - ours).abs()  # of 0..255
        if not bool((steps <= CLOSE).all()):  # not a number is none either
            return False
    return True


def _other(processor: Any) -> _Unsupported:
    name = processor.__class__.__name__.removesuffix("Pil")
    said = Sentence("{name}, which does more than its other fields say", name=name)
    return _Unsupported("image_processor_type", said)
