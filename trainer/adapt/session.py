"""One teaching from files to files: read the model, the photos and the captions, learn, write."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch

from photosearch.core.errors import KnownError
from photosearch.core.teaching import TeachProgress, TeachReport, Word
from photosearch.models.config import ModelConfig
from photosearch.models.lesson import check_word
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.adapt.adapter import ANCHOR_PHOTOS
from trainer.adapt.adapter_training import Anchors
from trainer.adapt.caption_table import read_captions
from trainer.adapt.gallery import Gallery, embed_gallery, material_of, read_gallery
from trainer.adapt.general import general_set
from trainer.adapt.lesson_training import LessonTraining, Steering
from trainer.adapt.material import Vectors, remembering
from trainer.adapt.output import output_folder, write_output
from trainer.evaluate.embed import embed_images, image_bias, open_model, own_folder
from trainer.models.build import refuse_taught


class _Model:
    """The parts of a model that teaching needs; where vectors of photos are given, its texts alone."""

    def __init__(self, source: str, *, whole: bool) -> None:
        self.folder = folder = own_folder(source)
        refuse_taught(folder)
        self.model: DualEncoder
        self.config: ModelConfig
        self.tokenizer: Tokenizer
        if whole:
            self.model, self.config, self.tokenizer, _ = open_model(str(folder))
        else:
            self.model, self.config, self.tokenizer = checkpoint.load(folder)

    @torch.inference_mode()
    def texts(self, texts: Sequence[str]) -> Vectors:
        """(B, D), L2-normed; as `embed_texts`, but several threads may ask at a time."""
        tokens = self.tokenizer(texts)
        device = self.model.log_scale.device
        ids, mask = (torch.from_numpy(part).to(device) for part in (tokens.ids, tokens.mask))
        vectors: Vectors = self.model.encode_text(ids, mask).float().cpu().numpy()
        return vectors

    def bias(self, photos: Vectors) -> Vectors:
        return image_bias(self.model, photos)

    @property
    def scale(self) -> float:
        return self.model.scale.item()

    @property
    def bank(self) -> Vectors:
        """Typical sentences that the model carries (K, D), L2-normed; perhaps none."""
        bank = self.model.bank.float() * self.model.bank_scale[:, None]
        return torch.nn.functional.normalize(bank, dim=1).cpu().numpy()


def teach(
    model: str,
    out: Path,
    *,
    captions: Path,
    images: Path | None = None,
    gallery: Path | None = None,
    words: Path | None = None,
    lesson_only: bool = False,
    seed: int = 0,
    steering: Steering | None = None,
) -> TeachReport:
    """Teach a model from a table of captions and photos, or their vectors, and write the lesson to `out`.

    Args:
        model: a checkpoint folder, the folder of a run, or a name of the catalogue
        gallery: vectors of photos, as `read_gallery` takes them; else `images` are embedded
        words: a JSON list of `Word` that the person chose
    Raises:
        KnownError: the model or a file is not as it must be, or the disk refuses.
        Cancelled: the person asked to stop.
    """
    steering = steering or Steering()
    with output_folder(out) as folder:
        steering.on_progress(TeachProgress("reading"))
        edited = read_words(words) if words else ()
        base = _Model(model, whole=images is not None)
        photos = _gallery(base, images, gallery)
        given = read_captions(captions, photos.find)
        encode = remembering(base.texts, base.config.dim, steering.control)
        material = material_of(photos, given, encode, base.scale)
        general = general_set(material, base.config.model_id, base.bias)
        anchors = Anchors(base.bank if len(base.bank) else general.texts, _some(photos.photos, seed))
        teaching = LessonTraining(
            material,
            base.config.model_id,
            anchors,
            general,
            edited=edited,
            seed=seed,
            steering=steering,
            skipped=(*photos.notes, *given.notes),
        )
        lesson, report = teaching.run()
        steering.on_progress(TeachProgress("writing"))
        write_output(folder, lesson, report, None if lesson_only else base.folder)
    return report


def read_words(file: Path) -> tuple[Word, ...]:
    """The words that a person chose.

    Raises:
        KnownError: it is no such list, or holds a word that cannot be kept.
    """
    try:
        words = msgspec.json.decode(file.read_bytes(), type=tuple[Word, ...])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KnownError(f"{file} is no list of words ({error}); make it again.") from None
    except OSError as error:
        raise KnownError(f"{file} cannot be read: {error.strerror}.") from error
    for word in words:
        check_word(word.name, word.phrase)
    if len({word.name.casefold() for word in words}) < len(words):
        raise KnownError(f"{file} has a word twice; keep one of them.")
    return words


def _gallery(base: _Model, images: Path | None, gallery: Path | None) -> Gallery:
    if gallery is not None:
        return read_gallery(gallery, base.config.dim)
    assert images is not None
    return embed_gallery(
        images, lambda files: embed_images(base.model, base.config.preprocessing, files), base.bias
    )


def _some(photos: Vectors, seed: int) -> Vectors:
    return photos[np.random.default_rng(seed).permutation(len(photos))[:ANCHOR_PHOTOS]]
