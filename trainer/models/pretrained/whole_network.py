"""Whole dual encoders of transformers: CLIP, MetaCLIP2, SigLIP, SigLIP2, Chinese-CLIP, ALIGN."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.torch import hub
from trainer.models.pretrained.hub_card import languages_of, licence_of
from trainer.models.pretrained.hub_download import folder_of
from trainer.models.pretrained.hub_folder import load_transformers, read_transformers_config
from trainer.models.pretrained.hub_processor import hub_preprocessing
from trainer.models.pretrained.hub_tokenizer import tokenizer_bytes

# Tokens, in training.
CONTEXT = {"clip": 77, "metaclip_2": 77, "chinese_clip": 52, "siglip": 64, "siglip2": 64, "align": 64}


@dataclass(frozen=True)
class WholeBase:
    """A whole dual encoder of transformers with its tokenizer."""

    config: dict[str, Any]
    dim: int  # D, the length of an embedding
    longest: int  # tokens that its own training cut texts to
    preprocessing: Preprocessing
    network: Any | None  # the transformers model; None: random weights
    tokenizer: bytes
    licence: str  # empty: unknown
    languages: tuple[str, ...]  # codes of those that it reads; none: unknown


def whole_base(source: str, pretrained: bool) -> WholeBase:
    """A whole dual encoder of transformers.

    Args:
        source: an id of the hub, or a folder in its format
    Raises:
        KnownError: there is no such model, it is of a family that is not known here, or a file is missing.
    """
    folder = folder_of(source)
    config = whole_config(folder, source)
    family = config["model_type"]
    longest = min(CONTEXT[family], config["text_config"]["max_position_embeddings"])
    network = load_transformers(folder, source) if pretrained else None
    dim = config.get("projection_dim") or config["vision_config"]["hidden_size"]
    return WholeBase(
        config,
        dim,
        longest,
        hub_preprocessing(folder, source),
        network,
        # Of SigLIP2 the hub's files do neither: their class is Gemma's, which pads at the left.
        tokenizer_bytes(folder, source, lowered=family in ("siglip", "siglip2"), side="right"),
        licence_of(folder),
        languages_of(folder, config),
    )


def whole_config(folder: Path, source: str) -> dict[str, Any]:
    """The config of a whole dual encoder, whose weights need not be there yet.

    Raises:
        KnownError: there is none, or it is of a family that is not known here.
    """
    config = read_transformers_config(folder, source)
    family = config["model_type"]
    if family not in hub.FAMILIES:
        raise KnownError(
            "{source} is a {family}, not one of {families}.",
            source=source,
            family=family,
            families=", ".join(hub.FAMILIES),
        )
    return config
