"""What `config.json` of a checkpoint folder says; read here without torch."""

import hashlib
from pathlib import Path
from typing import Annotated, Any

import msgspec

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.core.errors import KnownError

FORMAT = 1
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"

Size = Annotated[int, msgspec.Meta(gt=0)]
Fraction = Annotated[float, msgspec.Meta(ge=0, lt=1)]


class ImageTowerConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    architecture: str  # a timm name
    dim: Size  # F, the length of the pooled features
    classes: Annotated[int, msgspec.Meta(ge=0)] = 0  # of the pretrained classifier; 0: it was not kept


class TextTowerConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    transformers: dict[str, Any]  # the transformers config, `model_type` included
    dim: Size  # T, the length of a token's hidden state


class HeadConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    dim_in: Size
    hidden: Size
    dim_out: Size  # the same on both sides
    dropout: Fraction


class ConSEConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    classes: Size
    dim: Size  # T: class texts live in the text tower's space
    weight: Fraction  # w, the share of the cosine that ConSE has


class ModelConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Everything about a checkpoint but its weights and its tokenizer.

    Raises:
        ValueError: the parts do not fit each other.
    """

    format: int
    name: str
    image_tower: ImageTowerConfig
    text_tower: TextTowerConfig
    image_head: HeadConfig
    text_head: HeadConfig
    preprocessing: Preprocessing
    calibration: Calibration
    max_tokens: Size  # texts are cut to this many
    conse: ConSEConfig | None = None
    bank: Annotated[int, msgspec.Meta(ge=0)] = 0  # K, texts kept for `Encoder.image_bias`
    metrics: dict[str, Any] = {}
    recipe: dict[str, Any] = {}
    hashes: dict[str, str] = {}  # BLAKE2b-256 of each file beside this one; filled by checkpoint.save

    def __post_init__(self) -> None:
        if self.image_head.dim_in != self.image_tower.dim or self.text_head.dim_in != self.text_tower.dim:
            raise ValueError("each head must take what its tower gives")
        if self.image_head.dim_out != self.text_head.dim_out:
            raise ValueError("both heads must end in one space")
        if self.conse and (self.conse.classes, self.conse.dim) != (
            self.image_tower.classes,
            self.text_tower.dim,
        ):
            raise ValueError("ConSE must have the classifier's classes and the text tower's dim")

    @property
    def dim(self) -> int:
        """D, the length of an embedding."""
        return self.image_head.dim_out + (self.conse.dim if self.conse else 0)

    @property
    def model_id(self) -> str:
        """16 hex digits over all that shapes an embedding: weights, tokenizer, preprocessing and structure.

        Name, calibration, metrics and recipe change no vector and so no id.
        """
        shaping = msgspec.structs.replace(self, name="", calibration=Calibration(), metrics={}, recipe={})
        return hashlib.blake2b(msgspec.json.encode(shaping, order="sorted"), digest_size=8).hexdigest()


class _Versioned(msgspec.Struct):
    format: int


def read_config(folder: Path) -> ModelConfig:
    """The config of a checkpoint folder.

    Raises:
        KnownError: the folder or its config is missing, unreadable, or of a newer program.
    """
    if not folder.is_dir():
        raise KnownError(f"There is no model folder {folder}.")
    try:
        text = (folder / CONFIG).read_bytes()
    except FileNotFoundError:
        raise _missing(folder, CONFIG) from None
    except OSError as error:
        raise KnownError(f"The model's file {folder / CONFIG} cannot be read: {error.strerror}.") from error
    try:
        found = msgspec.json.decode(text, type=_Versioned).format
        if found > FORMAT:
            raise KnownError(
                f"The model in {folder} was made by a newer PhotoSearch (format {found}); update PhotoSearch."
            )
        return msgspec.json.decode(text, type=ModelConfig)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KnownError(
            f"The model's file {folder / CONFIG} is not a model's config ({error}); install the model again."
        ) from error


def read_file(folder: Path, name: str, expected: str | None) -> bytes:
    """The bytes of one file of a checkpoint folder, verified against its hash in the config.

    Raises:
        KnownError: the file is missing, unreadable or altered.
    """
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        raise _missing(folder, name) from None
    except OSError as error:
        raise KnownError(f"The model's file {folder / name} cannot be read: {error.strerror}.") from error
    if file_hash(data) != expected:
        raise KnownError(
            f"The model's file {folder / name} was altered or is damaged; install the model again."
        )
    return data


def file_hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def _missing(folder: Path, name: str) -> KnownError:
    return KnownError(f"The model in {folder} lacks its file {name}; install the model again.")
