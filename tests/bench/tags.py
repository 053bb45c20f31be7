"""How long photos take to be tagged, and what tags take of the disk and of a query; in a core's time."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosearch import settings
from photosearch.core.query import Tagged
from photosearch.core.stage_messages import FinishStage
from photosearch.core.tags import shipped
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.models.tagging import directions
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.bench.library import fill, small_jpeg
from tests.bench.table import Row, median_seconds

PHOTOS, TAGS_OF_EACH = 20_000, 3


def measure() -> list[Row]:
    encoder = load_encoder(catalog.default()).encoder
    prompts, languages = encoder.calibration.prompts, encoder.languages
    asked = _seconds(lambda: directions(shipped(), encoder.encode_texts, languages, prompts))
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        fill(library, encoder, PHOTOS, small_jpeg())
        with Engine(library, background=False) as engine:
            tagged = _seconds(lambda: engine.handle(FinishStage(settings.TAGS)))
        before = library.database.stat().st_size
        _tag_all(library)
        grown = (library.database.stat().st_size - before) / PHOTOS
        with Reader.open(library) as reader:
            counted = median_seconds(reader.tag_counts, clock=time.process_time)
            matched = median_seconds(
                lambda: reader.matching([Tagged(("dog",), "dog")]), clock=time.process_time
            )
    return [
        Row(f"asking the model for {len(shipped())} tags", f"{asked:.1f} s"),
        Row("photos tagged", f"{PHOTOS / max(tagged - asked, 1e-3):,.0f} a second"),
        Row(f"disk, {TAGS_OF_EACH} tags a photo", f"{grown:.0f} bytes a photo"),
        Row(f"counts of all tags, {PHOTOS:,} photos", f"{1e3 * counted:.1f} ms"),
        Row(f"tag:dog, {PHOTOS:,} photos", f"{1e3 * matched:.1f} ms"),
    ]


def _tag_all(library: Library) -> None:
    """Tags at random, some far commoner than others."""
    random, names = np.random.default_rng(0), [tag.name for tag in shipped()]
    weights = 1 / np.arange(1, len(names) + 1)
    chosen = random.choice(len(names), (PHOTOS, TAGS_OF_EACH), p=weights / weights.sum())
    with Reader.open(library) as reader:
        ids = reader.living().tolist()
    with Writer.open(library) as writer:
        for start in range(0, PHOTOS, 1000):
            rows = zip(ids[start : start + 1000], chosen[start : start + 1000], strict=True)
            writer.keep_tags([(one, [names[place] for place in set(row.tolist())]) for one, row in rows], 1)


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
