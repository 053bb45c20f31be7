"""How fast a model would read photos on this computer, told before it is downloaded.

Its photos' side is built from the architecture alone, with random weights, and made and run as that of a
model that was taken in: how long it takes does not hang on what its weights are. The other side is a dwarf.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import transformers
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models import catalog
from photosearch.models.config import FORMAT, TOKENIZER, HeadConfig, HubConfig, ModelConfig, TextTowerConfig
from photosearch.models.loading import load_encoder
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.export import export
from photosearch.models.torch.hub import FAMILIES
from trainer.models.pretrained.hub_folder import BROKEN, config_values
from trainer.models.pretrained.open_clip_folder import photos_side

OPEN_CLIP = "open_clip"  # the family of those whose architecture is open_clip's `model_cfg`
ROUNDS = 3  # of which the shortest counts, as neighbours take their share of the others
LONG = 5.0  # seconds after which one round is enough
DWARF = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 1}
MAX_TOKENS = 16
GREY = (127.5, 127.5, 127.5)  # mean and deviation that any photo has, nearly


def milliseconds(
    architecture: dict[str, Any],
    photos: NDArray[np.uint8],
    beside: Path,
    *,
    device: str | None = None,
    precision: str | None = None,
    threads: int | None = None,
) -> float:
    """What encoding a photo takes, all threads at work.

    Args:
        architecture: what transformers calls a model's config, as far as it is not the family's own
        photos: (N, size, size, 3) uint8 of the model's size
        beside: a folder on whose disk the model is made for the while
        device, precision, threads: see `load_encoder`

    Raises:
        KnownError: it is no architecture of a family that is known here, or cannot be run.
    """
    tokenizer = catalog.default().path / TOKENIZER
    size = photos.shape[1]
    with tempfile.TemporaryDirectory(prefix=".measured-", dir=beside) as made:
        folder = Path(made) / "model"
        config = _config(
            architecture, size, len(msgspec.json.decode(tokenizer.read_bytes())["model"]["vocab"])
        )
        checkpoint.save(folder, DualEncoder(config).eval(), config, tokenizer)
        export(folder, texts=("a dog",))
        encoder = load_encoder(
            catalog.read_info(folder), device=device, precision=precision, threads=threads, taught=False
        ).encoder
        batch = np.resize(photos, (encoder.batch_size, *photos.shape[1:]))
        encoder.encode_images(batch[:2])  # what is opened or compiled once
        fastest = np.inf
        begun = time.perf_counter()
        for _ in range(ROUNDS):
            start = time.perf_counter()
            encoder.encode_images(batch)
            fastest = min(fastest, time.perf_counter() - start)
            if time.perf_counter() - begun > LONG:
                break
    return 1000 * float(fastest) / len(batch)


def _config(architecture: dict[str, Any], size: int, words: int) -> ModelConfig:
    family = architecture.get("model_type")
    if family == OPEN_CLIP:
        return _open_clip_config(architecture, size, words)
    vision = {**architecture.get("vision_config", {}), "image_size": size}
    if family not in FAMILIES:
        raise KnownError(
            "The model is a {family}, and only {families} are known here.",
            family=family,
            families=", ".join(FAMILIES),
        )
    text = {**DWARF, "vocab_size": words, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 0}
    try:
        whole = transformers.AutoConfig.for_model(
            **{**architecture, "vision_config": vision, "text_config": text}
        )
        dim = getattr(whole, "projection_dim", None) or whole.vision_config.hidden_size
        if family.startswith("siglip"):  # whose texts have a projection and whose photos have none
            whole.text_config.projection_size = dim
    except BROKEN as error:
        raise KnownError(
            "A {family} cannot be measured here: {reason}", family=family, reason=error
        ) from error
    return ModelConfig(
        format=FORMAT,
        name="measured",
        hub=HubConfig(config_values(whole), dim),
        preprocessing=Preprocessing(size, "squash", "bicubic", GREY, GREY),
        calibration=Calibration(),
        max_tokens=MAX_TOKENS,
    )


def _open_clip_config(architecture: dict[str, Any], size: int, words: int) -> ModelConfig:
    tower = photos_side({key: value for key, value in architecture.items() if key != "model_type"})
    dim = int(architecture["embed_dim"])
    text = {"model_type": "bert", **DWARF, "vocab_size": words, "max_position_embeddings": MAX_TOKENS}
    return ModelConfig(
        format=FORMAT,
        name="measured",
        image_tower=tower,
        text_tower=TextTowerConfig(text, DWARF["hidden_size"]),
        image_head=HeadConfig(tower.dim, 0, dim, 0.0, "linear"),
        text_head=HeadConfig(DWARF["hidden_size"], 0, dim, 0.0, "linear"),
        preprocessing=Preprocessing(size, "squash", "bicubic", GREY, GREY),
        calibration=Calibration(),
        max_tokens=MAX_TOKENS,
    )
