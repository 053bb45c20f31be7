"""What a person is shown of the models that can be had: the catalogue, beside what this library has of it."""

import msgspec

from photosearch.core.errors import KnownError
from photosearch.core.model_messages import Adding, Measuring, Offer, OfferList
from photosearch.engine.loading import chosen_model
from photosearch.engine.speeds import Speeds
from photosearch.models import catalog, downloads, offers
from photosearch.paths import Library
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader

IDLE, UNMEASURED = Adding(), Measuring()


def offered(
    library: Library, language: str, adding: Adding = IDLE, measuring: Measuring = UNMEASURED
) -> OfferList:
    """The models that the library can have.

    Args:
        language: the person's, by its code
        adding: how taking one in stands
        measuring: how measuring their speed stands

    Raises:
        KnownError: the library cannot be read.
    """
    photos = _photos(library)
    speeds = Speeds(library)
    known = offers.known_models()
    ms = {model.source: speeds.of(model) for model in known}
    seconds = {source: photos * each / 1000 for source, each in ms.items() if each is not None}
    best = offers.recommended(language, seconds, known, _in_use(library))
    listed = [_offer(model, ms[model.source], seconds.get(model.source), best) for model in known]
    begun = {download.source: download for download in downloads.begun(library.downloads)}
    own = [Offer(source, source) for source in begun if source not in ms]
    here = {
        info.source: info.model_id for info in catalog.available(library) if info.source and not info.int8
    }
    return OfferList(
        tuple(_with_state(offer, adding, begun.get(offer.source), here) for offer in (*listed, *own)),
        photos,
        measuring,
    )


def _offer(model: offers.KnownModel, ms: float | None, seconds: float | None, best: str) -> Offer:
    return Offer(
        model.source,
        model.name,
        model.sentence,
        model.languages,
        model.licence,
        model.research_only,
        model.download_bytes,
        model.disk_bytes,
        model.recall,
        recommended=model.source == best,
        ms=ms,
        seconds=seconds,
    )


def _with_state(
    offer: Offer, adding: Adding, begun: downloads.Download | None, here: dict[str, str]
) -> Offer:
    if offer.source in here:
        return msgspec.structs.replace(offer, state="here", model_id=here[offer.source])
    if adding.phase == "adding" and adding.source == offer.source:
        return msgspec.structs.replace(offer, state="coming", done=adding.done)
    if begun:
        return msgspec.structs.replace(offer, state="paused", done=begun.done, download_bytes=begun.total)
    return offer


def _in_use(library: Library) -> str:
    """The source of the model that answers; empty: it has none, or there is none."""
    try:
        return chosen_model(library).source
    except KnownError:
        return ""


def _photos(library: Library) -> int:
    try:
        with Reader.open(library) as reader:
            return reader.counts("").photos
    except NoLibrary:
        return 0
