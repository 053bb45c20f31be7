"""Text networks of transformers, with their tokenizers."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from photosearch.core.errors import KnownError
from photosearch.models.torch.towers import transformers_config
from trainer.models.pretrained import base_weights
from trainer.models.pretrained.hub_download import folder_of
from trainer.models.pretrained.hub_folder import load_transformers, read_transformers_config
from trainer.models.pretrained.hub_tokenizer import tokenizer_bytes


@dataclass(frozen=True)
class TextBase:
    """A transformers text encoder with its tokenizer."""

    config: dict[str, Any]
    dim: int  # T, the length of a token's state
    longest: int  # tokens that it has positions for
    weights: dict[str, Tensor] | None
    tokenizer: bytes


def text_base(source: str, pretrained: bool) -> TextBase:
    """The text network that a recipe names.

    Args:
        source: an id of the hub, a folder in its format, or `package:all-MiniLM-L6-v2`
        pretrained: with its weights; else only its structure and its tokenizer
    Raises:
        KnownError: there is no such network, or its weights cannot be had.
    """
    if source.startswith("package:"):
        if source != "package:all-MiniLM-L6-v2":
            raise KnownError(
                "No package carries {source}; the one there is: package:all-MiniLM-L6-v2.", source=source
            )
        config, weights, tokenizer = base_weights.load_text_base()
        longest = config["max_position_embeddings"]
        return TextBase(
            config, config["hidden_size"], longest, weights if pretrained else None, tokenizer.read_bytes()
        )
    folder = folder_of(source)
    config = read_transformers_config(folder, source)
    states: dict[str, Tensor] | None = None
    if pretrained:
        network = load_transformers(folder, source)
        states = {k: v for k, v in network.state_dict().items() if not k.startswith("pooler.")}
    parsed = transformers_config(config)
    # RoBERTa's positions begin behind its padding index.
    unused = parsed.pad_token_id + 1 if "roberta" in parsed.model_type else 0
    longest = parsed.max_position_embeddings - unused
    return TextBase(config, parsed.hidden_size, longest, states, tokenizer_bytes(folder, source))
