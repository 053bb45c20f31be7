"""Full fine-tuning on a few thousand captioned photos, from files to files: a new model without a lesson."""

import time
from pathlib import Path

import msgspec
import numpy as np

from photosearch.core.errors import KnownError
from photosearch.core.teaching import TeachProgress, TeachReport
from trainer.adapt.adapt import Steering
from trainer.adapt.captions import read_captions
from trainer.adapt.full_tuning import FullTuning
from trainer.adapt.gallery import embed_gallery, material_of, photo_files
from trainer.adapt.material import Material, remembering
from trainer.adapt.output import copy_model, output_folder, write_report
from trainer.evaluate.embed import (
    Opened,
    embed_images,
    embed_texts,
    image_bias,
    model_source,
    open_model,
    own_folder,
)
from trainer.models.build import Whole
from trainer.recipe import Recipe, read_recipe

RECIPE = "teach-full"
FEWEST = 2_000  # photos with captions


def fine_tune(
    model: str, out: Path, *, captions: Path, images: Path, seed: int = 0, steering: Steering | None = None
) -> TeachReport:
    """Fine-tune a model on captioned photos and write the new one to `out`; the base itself where none helps.

    Raises:
        KnownError: there are too few photos, the model or a file is not as it must be, or the disk refuses.
        Cancelled: the person asked to stop.
    """
    steering, started = steering or Steering(), time.monotonic()
    with output_folder(out) as folder:
        steering.tell(TeachProgress("reading"))
        refuse_few(captions, images)
        source = model_source(model)
        base_folder = own_folder(model)
        recipe = read_recipe(RECIPE)
        assert isinstance(recipe, Recipe)
        recipe = msgspec.structs.replace(recipe, model=Whole(source=source))
        base = open_model(source)
        material, notes = _material(base, captions, images, steering)
        tuning = FullTuning(recipe, material, images, folder.parent / "run", seed, steering)
        share = tuning.run()
        steering.tell(TeachProgress("checking"))
        if share:
            tuning.publish(folder, time.monotonic() - started)
        else:
            copy_model(base_folder, folder)
        report = tuning.report(folder, base.config.model_id, share, started, notes)
        steering.tell(TeachProgress("writing"))
        write_report(folder, report)
    return report


def refuse_few(captions: Path, images: Path) -> None:
    """Before anything takes long.

    Raises:
        KnownError: too few photos have captions, or the captions cannot be read.
    """
    files, rows = photo_files(images), dict[Path, int]()

    def find(name: str) -> int | None:
        path = files.find(name)
        return None if path is None else rows.setdefault(path, len(rows))

    photos = len(np.unique(read_captions(captions, find).photo_of))
    if photos < FEWEST:
        raise KnownError(
            f"{photos:,} photos have captions and --full wants {FEWEST:,}: from so few the towers forget "
            "more than they learn; leave out --full, which teaches from twenty photos on."
        )


def _material(
    base: Opened, captions: Path, images: Path, steering: Steering
) -> tuple[Material, tuple[str, ...]]:
    """The whole folder as the base sees it, and notes on what was left out."""
    gallery = embed_gallery(
        images,
        lambda files: embed_images(base.model, base.config.preprocessing, files),
        lambda photos: image_bias(base.model, photos),
    )
    given = read_captions(captions, gallery.find)
    encode = remembering(
        lambda texts: embed_texts(base.model, base.tokenizer, texts)[0], base.config.dim, steering.control
    )
    material = material_of(gallery, given, encode, base.model.scale.item())
    return material, (*gallery.notes, *given.notes)
