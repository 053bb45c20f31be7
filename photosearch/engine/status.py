"""How an engine and its library stand, as a face asks."""

from photosearch.core import messages
from photosearch.engine.indexing import Indexing
from photosearch.engine.models import ModelSlots
from photosearch.paths import Library
from photosearch.store.reader import Reader


def status(library: Library, models: ModelSlots, indexing: Indexing) -> messages.Status:
    """What is told of the models, the photos that they know and the folders.

    Raises:
        KnownError: the library is damaged.
    """
    model, building = models.answering, models.next
    loaded = model.loaded
    info = models.info_of(model)
    model_id = info.model_id if info else ""
    with Reader.open(library) as reader:
        counts = reader.counts(model_id)
        next_id = building.info().model_id if building else ""
        next_photos = reader.counts(next_id).searchable if next_id else 0
    return messages.Status(
        model=model_id,
        model_ready=loaded is not None,
        device=loaded.device if loaded else "",
        precision=loaded.precision if loaded else "",
        runtime=loaded.runtime if loaded else "",
        why=loaded.why if loaded else "",
        photos=counts.photos,
        searchable=counts.searchable,
        failures=counts.failures,
        folders=indexing.folders.status(),
        progress=indexing.progress,
        watching=indexing.folders.watching,
        next_model=next_id,
        languages=info.languages if info else (),
        next_waits=building is not None and models.waits,
        beside=sum(models.counts_beside().values()),
        next_photos=next_photos,
    )
