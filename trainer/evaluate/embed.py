"""Photos and sentences as a model's embeddings, for measuring it."""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.decode.fit import fit
from photosearch.decode.image import DecodeError, open_image
from photosearch.models.config import ModelConfig
from photosearch.models.lesson import LESSON, Lesson, check_fits, read_lesson
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.encoder import best_device
from photosearch.models.torch.folding import fold_batch_norms
from trainer.data.image_file import ImageFile
from trainer.data.pairs import Pairs
from trainer.models.build import checkpoint_folder, load_any
from trainer.progress_bar import track

IMAGE_BATCH = 32
TEXT_BATCH = 64

Vectors = NDArray[np.float32]


class Opened(NamedTuple):
    """A published model, ready to measure."""

    model: DualEncoder
    config: ModelConfig
    tokenizer: Tokenizer
    lesson: Lesson | None = None  # what it was taught of a person's own words


def model_source(name: str) -> str:
    """The model that a name, a folder or a run's folder stands for, as `load_any` takes it.

    Raises:
        KnownError: the run has published no model.
    """
    if not (Path(name) / "run.json").is_file():
        return name
    published = Path(name) / "model"
    if not published.is_dir():
        raise KnownError(f"The run {name} has published no model yet; let it reach its first validation.")
    return str(published)


def own_folder(name: str) -> Path:
    """The checkpoint folder of a model of ours, named as `open_model` takes it.

    Raises:
        KnownError: it is none of ours, or the run has published no model.
    """
    folder = checkpoint_folder(model_source(name))
    if folder is None:
        raise KnownError(
            f"{name} is no model of PhotoSearch's; name the folder of one, or a name such as bundled."
        )
    return folder


def open_model(name: str) -> Opened:
    """A model by its folder, by the folder of the run that made it, or as `load_any` takes it.

    It is in float32, on the best device there is.

    Raises:
        KnownError: there is no such model, or its folder is broken.
    """
    source = model_source(name)
    built = load_any(source)
    model, config, tokenizer = built.model, built.config, built.tokenizer
    size = config.preprocessing.size
    folded = fold_batch_norms(model.image_tower, torch.zeros(1, size, size, 3, dtype=torch.uint8))
    model.image_tower = folded.to(memory_format=torch.channels_last)  # both: twice as fast on a CPU
    return Opened(model.to(best_device()), config, tokenizer, _lesson(source, config))


def _lesson(source: str, config: ModelConfig) -> Lesson | None:
    """What lies beside the model in its folder."""
    folder = checkpoint_folder(source)
    if folder is None or not (folder / LESSON).exists():
        return None
    lesson = read_lesson(folder / LESSON)
    check_fits(lesson, config.model_id, config.dim)
    return lesson


def embed(
    model: DualEncoder,
    config: ModelConfig,
    tokenizer: Tokenizer,
    pairs: Pairs,
    lesson: Lesson | None = None,
) -> tuple[Vectors, Vectors]:
    """Every image (N, D) and every caption (T, D) of `pairs`, L2-normed, on the model's own device.

    Raises:
        KnownError: a photo cannot be read.
    """
    images, unreadable = embed_images(model, config.preprocessing, pairs.images)
    refuse_unreadable(unreadable, pairs.images)
    texts, _ = embed_texts(model, tokenizer, pairs.captions, lesson)
    return images, texts


def embed_images(
    model: DualEncoder, preprocessing: Preprocessing, images: Sequence[ImageFile]
) -> tuple[Vectors, list[int]]:
    """The images that can be read, in their order (R, D), and the positions of those that cannot."""
    found: list[Vectors] = []
    unreadable: list[int] = []
    starts = range(0, len(images), IMAGE_BATCH)
    with evaluating(model), ThreadPoolExecutor() as readers:
        for start in track(starts, len(starts), f"Encoding photos, batches of {IMAGE_BATCH}"):
            batch = images[start : start + IMAGE_BATCH]
            squares = list(readers.map(lambda image: _pixels(image, preprocessing), batch))
            unreadable += [start + i for i, square in enumerate(squares) if square is None]
            readable = [square for square in squares if square is not None]
            if readable:
                found.append(_numpy(model.encode_image(_tensor(model, np.stack(readable)))))
    return np.concatenate(found) if found else np.empty((0, 0), np.float32), unreadable


def embed_texts(
    model: DualEncoder, tokenizer: Tokenizer, texts: Sequence[str], lesson: Lesson | None = None
) -> tuple[Vectors, int]:
    """Sentences (T, D), as the lesson reads them, and how many were cut at the model's limit of tokens."""
    if lesson is not None:
        vectors, truncated = embed_texts(model, tokenizer, [lesson.rewrite(text) for text in texts])
        return lesson.adapt(vectors, texts), truncated
    order = np.argsort([len(text) for text in texts], kind="stable")  # little padding in a batch
    found: list[Vectors] = []
    truncated = 0
    starts = range(0, len(order), TEXT_BATCH)
    with evaluating(model):
        for start in track(starts, len(starts), f"Encoding texts, batches of {TEXT_BATCH}"):
            tokens = tokenizer([texts[row] for row in order[start : start + TEXT_BATCH]])
            truncated += tokens.truncated
            found.append(_numpy(model.encode_text(_tensor(model, tokens.ids), _tensor(model, tokens.mask))))
    in_order = np.concatenate(found)
    vectors = np.empty_like(in_order)
    vectors[order] = in_order
    return vectors, truncated


@contextlib.contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """In eval mode and without gradients; afterwards each module is in the mode it had."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for module, training in modes.items():  # not model.train(): a frozen batch norm stays in eval
            module.training = training


def image_bias(model: DualEncoder, images: Vectors) -> Vectors:
    """Each photo's hubness, to be taken off its cosines; (N, D) -> (N,)."""
    with evaluating(model):
        return _numpy(model.image_bias(_tensor(model, images)))


def refuse_unreadable(unreadable: Sequence[int], images: Sequence[ImageFile]) -> None:
    """Raises KnownError if any image, by position, is unreadable."""
    if unreadable:
        raise KnownError(
            f"{len(unreadable)} photo(s) that the captions name cannot be read, the first is "
            f"{images[unreadable[0]]}; repair them or remove them from the captions."
        )


def _pixels(image: ImageFile, preprocessing: Preprocessing) -> NDArray[np.uint8] | None:
    # The person named these photos, so this process may decode them itself.
    try:
        return fit(open_image(image.read_bytes(), at_least=preprocessing.size)[0], preprocessing)
    except (DecodeError, OSError):
        return None


def _tensor(model: nn.Module, array: NDArray[Any]) -> Tensor:
    return torch.from_numpy(array).to(next(model.parameters()).device)


def _numpy(tensor: Tensor) -> Vectors:
    return tensor.float().cpu().numpy()
