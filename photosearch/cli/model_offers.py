"""photosearch models offers and get: the models that can be had, and getting one."""

from __future__ import annotations

import argparse
from itertools import groupby
from typing import Any

from photosearch import i18n
from photosearch.cli.connect import engine, require
from photosearch.cli.progress import followed
from photosearch.cli.text import as_json, count, duration, escaped, listed, share, size, worded
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.model_messages import (
    MeasureOffers,
    Measuring,
    MeasuringChanged,
    Offer,
    OfferList,
    Recall,
    StopMeasuring,
)
from photosearch.i18n import translated

MEASURE = "photosearch models offers --measure"


def add_offers(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    offers = actions.add_parser("offers", help="print which models can be had, and what each takes here")
    offers.add_argument(
        "--measure",
        action="store_true",
        help="measure first how fast each is on this computer, from its architecture; nothing is downloaded",
    )
    offers.add_argument("--json", action="store_true", help="print one JSON object")
    offers.set_defaults(run=_offers, on_interrupt=Sentence("stopped; what was measured is remembered."))


def source_of(name: str) -> str:
    """The id of a model that a person wants to get, by that or by its name in the catalogue.

    Raises:
        KnownError: it is neither.
    """
    from photosearch.models import downloads, offers

    name = downloads.hub_id(name)
    if model := offers.named(name):
        return model.source
    if not downloads.is_hub_id(name):
        raise KnownError(
            "The catalogue has no model {name}; photosearch models offers lists them. Write another one of "
            "the hub as owner/name.",
            name=name,
        )
    return name


def _offers(options: argparse.Namespace) -> int:
    """Reads only, but where it measures."""
    from photosearch.engine.offers import offered

    if options.measure:
        _measure(options)
    found = offered(options.library, i18n.language())
    if options.json:
        print(as_json({"offers": [_fields(offer) for offer in found.offers], "photos": found.photos}))
    else:
        print("\n\n".join("\n".join(_lines(offer, found)) for offer in found.offers))
        if any(offer.ms is None for offer in found.offers):
            slow = Sentence("How fast they are here was not measured of all: {command}", command=MEASURE)
            print("\n" + worded(slow))
    return 0


def _measure(options: argparse.Namespace) -> None:
    require(options.library)
    with engine(options.library) as client:
        over = followed(
            client,
            MeasureOffers(),
            StopMeasuring(),
            MeasuringChanged,
            lambda event: _line(event.measuring),
            lambda event: Sentence(
                "Measuring how fast the models are here, {count} in all; this takes some minutes.",
                count=event.measuring.total,
            ),
        )
    if over and over.measuring.sentence:
        raise KnownError(over.measuring.sentence)


def _line(measuring: Measuring) -> str | None:
    if not measuring.source:
        return None
    return translated(
        Sentence(
            "{far} measured, now {model} …",
            far=share(measuring.done, count(measuring.total, "model")),
            model=_name(measuring.source),
        )
    )


def _name(source: str) -> str:
    from photosearch.models import offers

    known = offers.named(source)
    return known.name if known else source


def _fields(offer: Offer) -> dict[str, Any]:
    return {
        "source": offer.source,
        "name": offer.name,
        "about": translated(offer.about) if offer.about else "",
        "languages": list(offer.languages),
        "licence": offer.licence,
        "research_only": offer.research_only,
        "download_bytes": offer.download_bytes,
        "disk_bytes": offer.disk_bytes,
        "recall": [
            {
                "percent": recall.percent,
                "measure": recall.measure,
                "language": recall.language,
                "source": recall.source,
            }
            for recall in offer.recall
        ],
        "recommended": offer.recommended,
        "state": offer.state,
        "downloaded_bytes": offer.done,
        "id": offer.model_id,
        "ms_a_photo": offer.ms,
        "seconds": offer.seconds,
    }


def _lines(offer: Offer, found: OfferList) -> list[str]:
    far = share(size(offer.done), size(offer.download_bytes))
    marks = {
        "here": Sentence("here, as {id}", id=offer.model_id),
        "paused": Sentence("{far} downloaded", far=far),
        "coming": Sentence("being downloaded"),
    }
    told = [Sentence("recommended")] if offer.recommended else []
    if offer.state in marks:
        told.append(marks[offer.state])
    said = worded(Sentence("({said})", said=listed(map(translated, told))))
    lines = [f"{escaped(offer.name)}  {said}" if told else escaped(offer.name)]
    lines.append(f"  photosearch models get {offer.source}")
    if offer.about:
        lines.append(f"  {worded(offer.about)}")
    what = [licence(offer.licence)]
    if offer.research_only:
        what.append(Sentence("for research only"))
    if offer.languages:
        some = Sentence(" ".join(offer.languages))  # their codes, the same in any language
        what.append(Sentence("about 100 languages") if "*" in offer.languages else some)
    if offer.download_bytes:
        what.append(Sentence("about {size} to download", size=size(offer.download_bytes)))
    if offer.disk_bytes:
        what.append(Sentence("{size} on the disk", size=size(offer.disk_bytes)))
    lines.append(f"  {listed(map(worded, what))}")
    for source, found_by in groupby(offer.recall, key=lambda recall: recall.source):
        recalls = listed(map(_published, found_by))
        published = Sentence("published by {source}: {recalls}", source=source, recalls=recalls)
        lines.append(f"  {worded(published)}")
    if offer.ms is not None and offer.seconds is not None:
        measured = Sentence(
            "measured here: {ms:,.0f} ms a photo, {time} for {photos}",
            ms=offer.ms,
            time=duration(offer.seconds),
            photos=count(found.photos, "photo"),
        )
        lines.append(f"  {worded(measured)}")
    return lines


def licence(name: str) -> Sentence:
    """What a model may be used by; "" where nobody says."""
    return Sentence("licence {name}", name=name) if name else Sentence("licence unknown")


def _published(recall: Recall) -> str:
    return f"{recall.measure} {recall.percent:g} % ({recall.language})"
