"""Photos and sentences as a model's embeddings, for measuring it."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from photosearch.core.encoder import Preprocessing
from photosearch.models.config import ModelConfig
from photosearch.models.lesson import LESSON, Lesson, check_fits, read_lesson
from photosearch.models.short_queries import asked
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.encoder import best_device
from photosearch.models.torch.folding import fold_batch_norms
from trainer.data.image_file import ImageFile
from trainer.data.pairs import Pairs
from trainer.evaluate.photos import Vectors, encode_photos, refuse_unreadable
from trainer.models.build import load_any
from trainer.models.folders import checkpoint_folder, model_source
from trainer.progress_bar import track

TEXT_BATCH = 64


class Opened(NamedTuple):
    """A published model, ready to measure."""

    model: DualEncoder
    config: ModelConfig
    tokenizer: Tokenizer
    lesson: Lesson | None = None  # what it was taught of a person's own words


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
    model: DualEncoder,
    preprocessing: Preprocessing,
    images: Sequence[ImageFile],
    *,
    batch_size: int | None = None,
    workers: int | None = None,
) -> tuple[Vectors, list[int]]:
    """The images that can be read, in their order (R, D), and the positions of those that cannot.

    Args:
        batch_size, workers: as `encode_photos` takes them
    """
    with evaluating(model):
        return encode_photos(
            lambda pixels: _numpy(model.encode_image(_tensor(model, pixels))),
            preprocessing,
            images,
            batch_size=batch_size,
            workers=workers,
        )


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


def embed_queries(
    texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors], prompts: Sequence[str]
) -> Vectors:
    """Queries (Q, D), L2-normed, as the program asks for them: of a short one the mean over the prompts.

    Args:
        encode: texts -> (T, D), L2-normed
    """
    ways = [asked(text, prompts) for text in texts]
    vectors = encode([way for some in ways for way in some])
    starts = np.cumsum([0, *map(len, ways[:-1])])
    sums = np.add.reduceat(vectors, starts, axis=0)
    normed: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return normed


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


def _tensor(model: nn.Module, array: NDArray[Any]) -> Tensor:
    return torch.from_numpy(array).to(next(model.parameters()).device)


def _numpy(tensor: Tensor) -> Vectors:
    return tensor.float().cpu().numpy()
