"""One teaching from files to files: read the model, the photos and the captions, learn, write."""

from pathlib import Path

import msgspec
import numpy as np

from photosearch.core.encoder import Encoder
from photosearch.core.errors import KnownError, system_reason
from photosearch.core.reading import decode_json, read_regular
from photosearch.core.teaching import TeachProgress, TeachReport, Word
from photosearch.models.lesson import check_word
from trainer.adapt.adapter import ANCHOR_PHOTOS
from trainer.adapt.adapter_training import Anchors
from trainer.adapt.base import read_base
from trainer.adapt.caption_table import read_captions
from trainer.adapt.gallery import Gallery, embed_gallery, material_of, read_gallery
from trainer.adapt.general import general_set
from trainer.adapt.lesson_training import LessonTraining, Steering
from trainer.adapt.material import Vectors, remembering
from trainer.adapt.output import output_folder, write_output
from trainer.evaluate.photos import encode_photos


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
        # Texts alone are a few thousand short sentences, not worth the start of a graphics processor.
        base = read_base(model, device=None if images else "cpu")
        encoder = base.encoder
        photos = _gallery(encoder, images, gallery)
        given = read_captions(captions, photos.find)
        encode = remembering(encoder.encode_texts, encoder.dim, steering.control)
        material = material_of(photos, given, encode, base.scale)
        general = general_set(material, encoder.model_id, encoder.image_bias)
        anchors = Anchors(base.bank if len(base.bank) else general.texts, _some(photos.photos, seed))
        teaching = LessonTraining(
            material,
            encoder.model_id,
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
        words = decode_json(read_regular(file), tuple[Word, ...])
    except msgspec.DecodeError as error:
        raise KnownError(
            "{file} is no list of words ({reason}); make it again.", file=file, reason=error
        ) from None
    except OSError as error:
        raise KnownError(
            "{path} cannot be read: {reason}.", path=file, reason=system_reason(error)
        ) from error
    for word in words:
        check_word(word.name, word.phrase)
    if len({word.name.casefold() for word in words}) < len(words):
        raise KnownError("{file} has a word twice; keep one of them.", file=file)
    return words


def _gallery(encoder: Encoder, images: Path | None, gallery: Path | None) -> Gallery:
    if gallery is not None:
        return read_gallery(gallery, encoder.dim)
    assert images is not None
    return embed_gallery(
        images,
        lambda files: encode_photos(encoder.encode_images, encoder.preprocessing, files),
        encoder.image_bias,
    )


def _some(photos: Vectors, seed: int) -> Vectors:
    return photos[np.random.default_rng(seed).permutation(len(photos))[:ANCHOR_PHOTOS]]
