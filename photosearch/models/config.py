"""What `config.json` of a checkpoint folder says; read here without torch."""

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.core.errors import KnownError, system_reason
from photosearch.core.reading import decode_json, read_regular
from photosearch.core.writing import written_whole

FORMAT = 1
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
MAX_SCALE = 100.0  # of logits; CLIP's bound
IMAGE_GRAPH, TEXT_GRAPH = "image.onnx", "text.onnx"  # how ONNX Runtime computes each side
INT8_GRAPH = "image.int8.onnx"  # the same in 8 bits, which gives other vectors
GRAPHS = {IMAGE_GRAPH, TEXT_GRAPH, INT8_GRAPH}
# What stands for any calibration in a model's id; never to change, as ids are kept in libraries.
UNCALIBRATED = {"slope": 16.0, "offset": -5.7, "strong": 0.6, "likely": 0.3}

LARGEST_FILE = 64 << 30  # bytes of weights
LARGEST_OTHER = 64 << 20  # bytes of a graph, whose weights lie elsewhere, or of a tokenizer

Size = Annotated[int, msgspec.Meta(gt=0, le=10_000_000)]  # far more than any network has of anything
Fraction = Annotated[float, msgspec.Meta(ge=0, lt=1)]


class ViTConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sizes of a vision transformer that has other ones than its name says."""

    patch: Size  # edge of one, pixels
    width: Size
    depth: Size
    heads: Size
    mlp_ratio: Annotated[float, msgspec.Meta(gt=0, le=100)] = 4.0


class ImageTowerConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A timm network that makes features (B, F) of photos."""

    architecture: str  # a timm name
    dim: Size  # F, the length of the features
    classes: Annotated[int, msgspec.Meta(ge=0)] = 0  # of the pretrained classifier; 0: it was not kept
    features: Literal["pooled", "logits"] = "pooled"  # "logits": the classifier's output, as F = classes
    vit: ViTConfig | None = None  # None: the sizes that the architecture's name stands for

    def __post_init__(self) -> None:
        if self.features == "logits" and self.classes != self.dim:
            raise ValueError("features that are logits are as many as the classes")


class TextTowerConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A transformers network that makes features (B, T) of texts."""

    transformers: dict[str, Any]  # the transformers config, `model_type` included
    dim: Size  # T, the length of a token's hidden state
    # Over the tokens, of the first one, or of the first that is transformers' `eos_token_id`.
    pooling: Literal["mean", "cls", "end"] = "mean"
    normed: bool = True  # whether the features are L2-normed
    quantised: bool = False  # whether words are kept in 4 bits and its linear layers in 8


class HubConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A whole dual encoder of the transformers library, such as CLIP: both towers and both projections."""

    transformers: dict[str, Any]  # the transformers config, `model_type` included
    dim: Size  # D, the length of an embedding


class HeadConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What takes the features of one side into the common space."""

    dim_in: Size
    hidden: Annotated[int, msgspec.Meta(ge=0)]  # of the residual kind's MLP
    dim_out: Size  # the same on both sides, unless the text head gives ConSE's part too
    dropout: Fraction
    kind: Literal["residual", "linear", "mlp"] = "residual"

    def __post_init__(self) -> None:
        if self.kind == "residual" and not self.hidden:
            raise ValueError("a residual head must have a hidden layer")


class ConSEConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Photos as mixtures of class texts (Norouzi et al. 2014), beside the learnt space."""

    classes: Size
    dim: Size  # T: class texts live in a text tower's space, that of the model unless `text_head`
    weight: Fraction  # w, the share of the cosine that ConSE has
    text_head: bool = False  # the text head gives this part too, in the space of another text tower


class ModelConfig(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """Everything about a checkpoint but its weights and its tokenizer.

    A model is either two towers with a head on each, or a whole one of transformers (`hub`).

    Raises:
        ValueError: the parts do not fit each other.
    """

    format: int
    name: str
    image_tower: ImageTowerConfig | None = None
    text_tower: TextTowerConfig | None = None
    image_head: HeadConfig | None = None
    text_head: HeadConfig | None = None
    hub: HubConfig | None = None
    preprocessing: Preprocessing
    calibration: Calibration
    max_tokens: Size  # texts are cut to this many
    fixed_length: bool = False  # texts are padded to `max_tokens`, and the padding is read like any token
    bias: bool = False  # whether a learnable offset of the logits is kept, as the sigmoid loss has one
    conse: ConSEConfig | None = None
    bank: Annotated[int, msgspec.Meta(ge=0)] = 0  # K, texts kept for `Encoder.image_bias`
    languages: tuple[str, ...] = ()  # that it reads, by their codes ("en", "zh"); none: unknown
    source: str = ""  # the id on the hub that it was taken from, with @revision; empty: none
    licence: str = ""  # of the weights, as their maker names it; empty: unknown
    photos_like: tuple[str, ...] = ()  # ids of models whose photos' side is the same, weight by weight
    metrics: dict[str, Any] = {}
    recipe: dict[str, Any] = {}
    hashes: dict[str, str] = {}  # BLAKE2b-256 of weights and tokenizer; filled by checkpoint.save
    exports: dict[str, str] = {}  # BLAKE2b-256 of the graphs; filled by export.export and int8.export_int8

    def __post_init__(self) -> None:
        # Files are copied and checked by these names, which may be somebody else's words.
        if not (self.hashes.keys() <= {WEIGHTS, TOKENIZER} and self.exports.keys() <= GRAPHS):
            raise ValueError("hashes and exports must be of a model's own files")
        parts = (self.image_tower, self.text_tower, self.image_head, self.text_head)
        if self.hub is not None:
            if any((*parts, self.conse)):
                raise ValueError("a whole model must have no towers, heads or ConSE of its own")
            return
        image_tower, text_tower, image_head, text_head = parts
        if not (image_tower and text_tower and image_head and text_head):
            raise ValueError("a model must have both towers and both heads")
        if image_head.dim_in != image_tower.dim or text_head.dim_in != text_tower.dim:
            raise ValueError("each head must take what its tower gives")
        whole = self.conse is not None and self.conse.text_head
        if text_head.dim_out != (self.dim if whole else image_head.dim_out):
            raise ValueError("both heads must end in one space")
        if self.conse and image_tower.features == "logits":
            raise ValueError("ConSE must have a tower that gives pooled features")
        if self.conse and self.conse.classes != image_tower.classes:
            raise ValueError("ConSE must have the classifier's classes")
        if self.conse and not whole and self.conse.dim != text_tower.dim:
            raise ValueError("ConSE must have the text tower's dim")

    @property
    def dim(self) -> int:
        """D, the length of an embedding."""
        if self.hub is not None:
            return self.hub.dim
        assert self.image_head is not None
        return self.image_head.dim_out + (self.conse.dim if self.conse else 0)

    @property
    def max_scale(self) -> float:
        """What the logit scale never passes; SigLIP, which has a bias, has no bound."""
        return math.inf if self.bias else MAX_SCALE

    @property
    def model_id(self) -> str:
        """16 hex digits over all that shapes an embedding: weights, tokenizer, preprocessing and structure.

        Name, source, languages, licence, calibration, metrics, recipe and what is like it change no vector
        and so no id; nor do the exports, which are held to the network's own vectors when they are made.
        """
        shaping = msgspec.to_builtins(
            msgspec.structs.replace(
                self,
                name="",
                source="",
                languages=(),
                licence="",
                photos_like=(),
                metrics={},
                recipe={},
                exports={},
            )
        )
        shaping["calibration"] = UNCALIBRATED
        return hashlib.blake2b(msgspec.json.encode(shaping, order="sorted"), digest_size=8).hexdigest()

    @property
    def int8_id(self) -> str | None:
        """The id of the model whose photos are encoded in 8 bits; None where there is no graph for that."""
        graph = self.exports.get(INT8_GRAPH)
        return f"{self.model_id}-{graph[:8]}" if graph else None

    @property
    def int8_name(self) -> str:
        """The name of that model."""
        return f"{self.name}-int8"


def base_id(model_id: str) -> str:
    """The model that encodes texts as this one does: itself, or what an 8-bit one was made from."""
    return model_id.partition("-")[0]


class _Versioned(msgspec.Struct):
    format: int


def read_config(folder: Path) -> ModelConfig:
    """The config of a checkpoint folder.

    Raises:
        KnownError: the folder or its config is missing, unreadable, or of a newer program.
    """
    if not folder.is_dir():
        raise KnownError("There is no model folder {folder}.", folder=folder)
    try:
        text = read_regular(folder / CONFIG)
    except FileNotFoundError:
        raise _missing(folder, CONFIG) from None
    except OSError as error:
        raise KnownError(
            "The model's file {file} cannot be read: {reason}.",
            file=folder / CONFIG,
            reason=system_reason(error),
        ) from error
    try:
        found = decode_json(text, _Versioned).format
        if found > FORMAT:
            raise KnownError(
                "The model in {folder} was made by a newer PhotoSearch (format {format}); update "
                "PhotoSearch.",
                folder=folder,
                format=found,
            )
        return decode_json(text, ModelConfig)
    except msgspec.DecodeError as error:
        raise KnownError(
            "The model's file {file} is not a model's config ({reason}); install the model again.",
            file=folder / CONFIG,
            reason=error,
        ) from error


def encode_config(config: ModelConfig) -> bytes:
    """The bytes of a `config.json`, for people to read too."""
    return msgspec.json.format(msgspec.json.encode(config), indent=1) + b"\n"


def read_file(folder: Path, name: str, expected: str | None) -> bytes:
    """The bytes of one file of a checkpoint folder, verified against its hash in the config.

    Raises:
        KnownError: the file is missing, unreadable or altered.
    """
    data = read_unverified(folder, name)
    verify(data, folder, name, expected)
    return data


def read_unverified(folder: Path, name: str) -> bytes:
    """The bytes of one file of a checkpoint folder, which verify() is still to see.

    Raises:
        KnownError: the file is missing or unreadable.
    """
    try:
        return read_regular(folder / name, LARGEST_FILE if name == WEIGHTS else LARGEST_OTHER)
    except FileNotFoundError:
        raise _missing(folder, name) from None
    except OSError as error:
        raise KnownError(
            "The model's file {file} cannot be read: {reason}.",
            file=folder / name,
            reason=system_reason(error),
        ) from error


def verify(data: bytes, folder: Path, name: str, expected: str | None) -> None:
    """Hold the bytes of a file of a checkpoint folder to its hash in the config.

    Raises:
        KnownError: the file is altered.
    """
    if file_hash(data) != expected:
        raise KnownError(
            "The model's file {file} was altered or is damaged; install the model again.", file=folder / name
        )


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files of a checkpoint folder by name; a reader meets each as it was, or whole."""
    for name, data in files.items():
        with written_whole(folder / name) as file:
            file.write(data)


def file_hash(data: bytes) -> str:
    """BLAKE2b-256 of a file's bytes, in hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def _missing(folder: Path, name: str) -> KnownError:
    return KnownError(
        "The model in {folder} lacks its file {name}; install the model again.", folder=folder, name=name
    )
