"""What the numbers of a network's config may be, told before anything is built of them.

All are far above what any model of the hub has that finds photos, and far below what exhausts a computer.
"""

from collections.abc import Mapping
from typing import Any

from photosearch.core.errors import KnownError

LONGEST_VALUE = 40  # characters of a refused one that are shown

LARGEST_EDGE = 2048  # pixels of a photo
MOST_PATCHES = 16_384  # of a photo
_EDGE = (1, LARGEST_EDGE)
_DIM = (1, 65_536)  # of vectors between layers
_LAYERS = (1, 512)
# By the name of a field, in whatever part of a config it stands.
BOUNDS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("image_size", "img_size", "size", "crop_size", "input_size"), _EDGE),
    **dict.fromkeys(("shortest_edge", "longest_edge", "height", "max_height", "max_width"), _EDGE),
    **dict.fromkeys(("hidden_size", "intermediate_size", "projection_dim", "projection_size"), _DIM),
    **dict.fromkeys(("embed_dim", "width", "dim", "hidden_dim", "num_features", "head_width"), _DIM),
    **dict.fromkeys(("num_hidden_layers", "layers", "n_layers", "num_layers"), _LAYERS),
    **dict.fromkeys(("num_attention_heads", "heads", "n_heads"), (1, 4096)),
    **dict.fromkeys(("max_num_patches", "num_patches"), (1, MOST_PATCHES)),
    "patch_size": _EDGE,
    "vocab_size": (1, 2_000_000),
    "max_position_embeddings": (1, 32_768),
    "context_length": (1, 2048),
}


def refuse_out_of_bounds(config: Mapping[str, Any], source: str, file: str) -> None:
    """Refuse numbers that no model has.

    Args:
        config: what a JSON file says, with all its parts
        source: the model, as it is named to a person
        file: the name of that file

    Raises:
        KnownError: a size or a count is none, or is out of all bounds.
    """
    for field, value in (*config.items(), *_patches(config)):
        bounds = BOUNDS.get(field)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                refuse_out_of_bounds(each, source, file)
            elif bounds and each is not None and not _within(each, *bounds):
                raise KnownError(
                    "{source} has {field} = {value} in its {file}, where no model has other than {least} to "
                    "{most}; name another model.",
                    source=source,
                    field=field,
                    value=repr(each)[:LONGEST_VALUE],
                    file=file,
                    least=bounds[0],
                    most=bounds[1],
                )


def _patches(config: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """How many a photo has by its edge and theirs, as a field of a config."""
    edge, patch = config.get("image_size"), config.get("patch_size")
    if isinstance(edge, int) and isinstance(patch, int) and patch > 0:
        return (("num_patches", (edge // patch) ** 2),)
    return ()


def _within(value: object, least: int, most: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
