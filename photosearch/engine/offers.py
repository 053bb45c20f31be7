"""What a person is shown of the models that can be had: the catalogue, beside what this library has."""

from photosearch.core.model_messages import Adding, Offer, OfferList
from photosearch.models import offers
from photosearch.paths import Library
from photosearch.store.reader import Reader


def offered(library: Library, adding: Adding) -> OfferList:
    """The models that the library can have.

    Args:
        adding: how taking one in stands
    """
    with Reader.open(library) as reader:
        photos = reader.counts("").photos
    return OfferList(tuple(_offer(known, adding) for known in offers.known_models()), photos)


def _offer(known: offers.KnownModel, adding: Adding) -> Offer:
    return Offer(
        known.source,
        known.name,
        known.sentence,
        known.languages,
        known.licence,
        known.research_only,
        known.download_bytes,
        known.disk_bytes,
        known.recall,
        state="coming" if adding.phase == "adding" and adding.source == known.source else "offered",
    )
