"""From a recipe's [model] to a model that can be trained."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import torch
from torch import nn

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.config import (
    FORMAT,
    HeadConfig,
    HubConfig,
    ImageTowerConfig,
    ModelConfig,
    TextTowerConfig,
)
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch import checkpoint, hub
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.sketch import sketched
from trainer.bounds import Count, Fraction
from trainer.models.folders import checkpoint_folder, model_source, refuse_taught
from trainer.models.pretrained.hub_download import folder_of
from trainer.models.pretrained.image_network import ImageBase, image_base, image_dim, image_weights
from trainer.models.pretrained.open_clip_folder import is_open_clip, open_clip_base
from trainer.models.pretrained.text_network import text_base
from trainer.models.pretrained.whole_network import whole_base

Source = Annotated[str, msgspec.Meta(min_length=1)]  # where pretrained weights come from


class Towers(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="towers", kw_only=True
):
    """An image network of timm's, a text network of transformers', and a head on each."""

    image: Source  # timm:NAME, package:NAME, or a folder in the format that timm's models have on the hub
    text: Source  # an id of the hub (with @REVISION if wanted), a folder in its format, or package:NAME
    pretrained: bool = True  # False: random weights
    dim: Count = 256  # D, the length of an embedding
    head: Literal["residual", "linear", "mlp"] = "mlp"
    hidden: Count = 384  # of the residual head's MLP
    dropout: Fraction = 0.1  # in the heads
    features: Literal["pooled", "logits"] = (
        "pooled"  # of the image network; "logits": its classifier's output
    )
    pooling: Literal["mean", "cls"] = "mean"  # of the text network's tokens
    normed: bool = False  # whether the text features are L2-normed before the head
    size: Count | None = None  # edge of an image in pixels; None: what the image network was trained with
    fit: Literal["squash", "crop"] = "squash"
    max_tokens: Count = 64  # longer captions are cut
    bias: bool = False  # a learnable offset of the logits, for the sigmoid loss


class Whole(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="whole", kw_only=True
):
    """A whole trained model of a family that `hub.FAMILIES` names, or one of our own checkpoints."""

    source: Source  # an id of the hub (with @REVISION if wanted), a folder in its format, or a checkpoint
    pretrained: bool = True  # False: its structure with random weights
    max_tokens: Count | None = None  # longer captions are cut; None: where its own training cut them
    bias: bool = False  # a learnable offset of the logits, for the sigmoid loss; SigLIP's own is always kept


@dataclass(frozen=True)
class Built:
    """A model and all that `checkpoint.save` wants beside it."""

    model: DualEncoder
    config: ModelConfig
    tokenizer: Tokenizer

    @property
    def tokenizer_bytes(self) -> bytes:
        """The tokenizer's file, as `checkpoint.save` wants it."""
        return self.tokenizer.data


def build(settings: Towers | Whole, seed: int) -> Built:
    """The model of a recipe, in float32 on the CPU; what is not pretrained is drawn from `seed`.

    Of one of our own checkpoints what training makes stale is left out: its bank, calibration and metrics.

    Raises:
        KnownError: a part cannot be had, the parts do not fit each other, or a lesson would be lost.
    """
    if isinstance(settings, Towers):
        return _build_towers(settings, seed)
    if (folder := checkpoint_folder(settings.source)) is None:
        return _build_whole(settings, seed)
    refuse_taught(folder)
    built = _load_checkpoint(folder)
    built.model.set_bank(torch.empty(0, built.config.dim))
    fresh = msgspec.structs.replace(
        built.config, calibration=Calibration(), bank=0, metrics={}, recipe={}, hashes={}
    )
    return Built(built.model, fresh, built.tokenizer)


def fetch(name: str) -> None:
    """Have the files of a trained model here; what `open_model` takes and no hub gives is said at once.

    Raises:
        KnownError: there is no such model, or no way to the hub.
    """
    source = model_source(name)
    if checkpoint_folder(source) is None:
        folder_of(source)


def load_any(source: str) -> Built:
    """A trained model, ready to be measured.

    Args:
        source: a checkpoint folder, a name or id of the catalogue, a folder in the hub's format or a hub's id
    Raises:
        KnownError: there is no such model, or it cannot be read.
    """
    folder = checkpoint_folder(source)
    return _load_checkpoint(folder) if folder else _build_whole(Whole(source=source), seed=0)


def _load_checkpoint(folder: Path) -> Built:
    model, config, tokenizer = checkpoint.load(folder)
    return Built(model, config, tokenizer)


def _build_whole(settings: Whole, seed: int) -> Built:
    folder = folder_of(settings.source)
    if is_open_clip(folder):
        return _build_open_clip(settings, folder, seed)
    whole = whole_base(settings.source, settings.pretrained)
    own_bias = whole.config["model_type"] in ("siglip", "siglip2")
    config = ModelConfig(
        format=FORMAT,
        name=Path(settings.source).name,
        hub=HubConfig(whole.config, whole.dim),
        preprocessing=whole.preprocessing,
        calibration=Calibration(),
        max_tokens=min(settings.max_tokens or whole.longest, whole.longest),
        fixed_length=own_bias,
        bias=own_bias or settings.bias,
        languages=whole.languages,
        licence=whole.licence,
    )
    model = _fresh(config, seed)
    if whole.network is not None:
        parts = hub.take_apart(whole.network, whole.preprocessing)
        for name, part in parts._asdict().items():
            getattr(model, name).load_state_dict(part.state_dict())
        nn.init.constant_(model.log_scale, hub.logit_scale(whole.network))
        if model.bias is not None and (bias := hub.logit_bias(whole.network)) is not None:
            nn.init.constant_(model.bias, bias)
    return Built(model, config, Tokenizer(whole.tokenizer, config.max_tokens, config.fixed_length))


def _build_open_clip(settings: Whole, folder: Path, seed: int) -> Built:
    whole = open_clip_base(folder, settings.source)
    config = ModelConfig(
        format=FORMAT,
        name=Path(settings.source).name,
        image_tower=whole.image.tower,
        text_tower=whole.text.tower,
        image_head=whole.image.head,
        text_head=whole.text.head,
        preprocessing=whole.preprocessing,
        calibration=Calibration(),
        max_tokens=min(settings.max_tokens or whole.longest, whole.longest),
        fixed_length=whole.reads_padding,
        bias=whole.bias is not None or settings.bias,
        languages=whole.languages,
        licence=whole.licence,
    )
    parts = (whole.image.network, whole.image.projection, whole.text.network, whole.text.projection)
    shapes = [weight.shape for part in parts for weight in part.values()]
    sketched(lambda: DualEncoder(config), shapes, settings.source)
    model = _fresh(config, seed)
    if settings.pretrained:
        for tower, head, part in (
            (model.image_tower, model.image_head, whole.image),
            (model.text_tower, model.text_head, whole.text),
        ):
            try:
                tower.network.load_state_dict(part.network)
                head.load_state_dict(part.projection)
            except RuntimeError as error:
                raise KnownError(
                    "{source} cannot be loaded: {reason}", source=settings.source, reason=error
                ) from error
        nn.init.constant_(model.log_scale, whole.log_scale)
        if model.bias is not None and whole.bias is not None:
            nn.init.constant_(model.bias, whole.bias)
    return Built(model, config, Tokenizer(whole.tokenizer, config.max_tokens, config.fixed_length))


def _fresh(config: ModelConfig, seed: int) -> DualEncoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return DualEncoder(config).eval()


def _build_towers(settings: Towers, seed: int) -> Built:
    image = image_base(settings.image, settings.pretrained)
    text = text_base(settings.text, settings.pretrained)
    size = settings.size or image.preprocessing.size
    preprocessing = msgspec.structs.replace(image.preprocessing, size=size, fit=settings.fit)
    image_config = _image_config(settings, image, preprocessing)
    config = ModelConfig(
        format=FORMAT,
        name="trained",
        image_tower=image_config,
        text_tower=TextTowerConfig(text.config, text.dim, settings.pooling, settings.normed),
        image_head=_head_config(settings, image_config.dim),
        text_head=_head_config(settings, text.dim),
        preprocessing=preprocessing,
        calibration=Calibration(),
        max_tokens=min(settings.max_tokens, text.longest),
        bias=settings.bias,
    )
    model = _fresh(config, seed)
    if image.weights is not None:
        weights = image_weights(image, image_config.classes, size)
        model.image_tower.network.load_state_dict(weights)
    if text.weights is not None:
        model.text_tower.network.load_state_dict(text.weights)
    return Built(model, config, Tokenizer(text.tokenizer, config.max_tokens))


def _image_config(settings: Towers, image: ImageBase, preprocessing: Preprocessing) -> ImageTowerConfig:
    if settings.features == "logits":
        return ImageTowerConfig(image.architecture, image.classes, image.classes, "logits")
    return ImageTowerConfig(image.architecture, image_dim(image.architecture))


def _head_config(settings: Towers, dim_in: int) -> HeadConfig:
    hidden = settings.hidden if settings.head == "residual" else 0
    return HeadConfig(dim_in, hidden, settings.dim, settings.dropout, settings.head)
