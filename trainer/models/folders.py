"""Which folder a model's name stands for, told without loading the model."""

from pathlib import Path
from typing import Any

import msgspec

from photosearch.core.errors import KnownError, system_reason
from photosearch.core.reading import decode_json, read_regular
from photosearch.models import catalog
from photosearch.models.lesson import LESSON

CARD = "MODEL_CARD.md"  # beside a model, for people to read
OPEN_CLIP = "open_clip_config.json"  # what describes a model in open_clip's format
LARGEST_JSON = 64 << 20  # bytes; a tokenizer may have a quarter of a million words


def model_source(name: str) -> str:
    """The model that a name, a folder or a run's folder stands for, as `load_any` takes it.

    Raises:
        KnownError: the run has published no model.
    """
    if not (Path(name) / "run.json").is_file():
        return name
    published = Path(name) / "model"
    if not published.is_dir():
        raise KnownError(
            "The run {name} has published no model yet; let it reach its first validation.", name=name
        )
    return str(published)


def own_folder(name: str) -> Path:
    """The checkpoint folder of a model of ours, named as `open_model` takes it.

    Raises:
        KnownError: it is none of ours, or the run has published no model.
    """
    folder = checkpoint_folder(model_source(name))
    if folder is None:
        raise KnownError(
            "{name} is no model of PhotoSearch's; name the folder of one, or a name such as bundled.",
            name=name,
        )
    return folder


def checkpoint_folder(source: str) -> Path | None:
    """The folder of one of our own models; None: `source` is the hub's to explain.

    Raises:
        KnownError: the catalogue has no model of that name, or it is one in 8 bits.
    """
    folder = Path(source)
    if folder.is_dir():
        return folder if is_checkpoint(folder) else None
    if "/" in source:
        return None
    info = catalog.find(source)
    if info.int8:
        raise KnownError(
            "{model} is there for searching only; name the model that it was made from.", model=source
        )
    return info.path


def is_checkpoint(folder: Path) -> bool:
    """Whether a folder is one of our own models, be it broken, and not one in a format of the hub."""
    config = folder / "config.json"
    if not config.is_file() and (folder / OPEN_CLIP).is_file():
        return False
    return not config.is_file() or "format" in read_json(config)


def refuse_taught(folder: Path) -> None:
    """Keep a lesson in a model's folder from being lost without a word by what is learnt from that model.

    Raises:
        KnownError: there is a lesson.
    """
    if (folder / LESSON).exists():
        raise KnownError(
            "{folder} was taught somebody's words, which would be lost; name the model that it was taught "
            "from, or move {lesson} out of the folder.",
            folder=folder,
            lesson=LESSON,
        )


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file of a model's folder.

    Raises:
        KnownError: it is missing, or holds no JSON object.
    """
    try:
        return decode_json(read_regular(path, LARGEST_JSON), dict[str, Any])
    except FileNotFoundError:
        raise KnownError(
            "{folder} holds no model: it has no {name}.", folder=path.parent, name=path.name
        ) from None
    except msgspec.DecodeError as error:
        raise KnownError("{path} is not as it must be: {reason}.", path=path, reason=error) from error
    except OSError as error:
        reason = system_reason(error)
        raise KnownError("{path} cannot be read: {reason}.", path=path, reason=reason) from error
