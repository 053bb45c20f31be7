"""What is said of models, in the words of who does not know what they are made of."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QLocale

from photosearch import i18n
from photosearch.core.model_messages import Offer, Recall
from photosearch.gui.widgets.progress_text import size_text
from photosearch.i18n import tr, tr_n
from photosearch.models import offers

BUNDLED = "bundled"  # name of the model that comes with the program


def model_name(name: str) -> str:
    """Return what a model is called in the window."""
    return tr("PhotoSearch's own model") if name == BUNDLED else name


def licence_text(licence: str, *, research_only: bool = False) -> str:
    """Return what is known of a licence; where it is empty, that nothing is."""
    if not licence:
        return tr("licence unknown")
    if research_only:
        return tr("licence {licence}, for research only", licence=licence)
    return tr("licence {licence}", licence=licence)


def languages_text(languages: Iterable[str]) -> str:
    """Return the names of languages by their codes; "*" is about a hundred."""
    known = {offers.ANY: tr("about a hundred languages"), "en": tr("English"), "zh": tr("Chinese")}
    return ", ".join(known.get(code) or QLocale(code).nativeLanguageName() for code in languages)


def offer_facts(offer: Offer) -> str:
    """Return in a line what an offered model reads, and the room that it takes."""
    reads = tr("Reads {languages}", languages=languages_text(offer.languages)) if offer.languages else ""
    download = size_text(offer.download_bytes)
    if offer.state in ("coming", "paused"):  # of which how much comes is said beside how far it is
        sizes = tr("{disk} on the disk", disk=size_text(offer.disk_bytes)) if offer.disk_bytes else ""
    elif offer.disk_bytes:
        disk = size_text(offer.disk_bytes)
        sizes = tr("{download} to download, {disk} on the disk", download=download, disk=disk)
    else:
        sizes = tr("{download} to download", download=download)
    return "  ·  ".join(filter(None, (reads, sizes if offer.download_bytes else "")))


def offer_terms(offer: Offer) -> str:
    """Return in a line how well an offered model finds photos, and its licence."""
    licence = licence_text(offer.licence, research_only=offer.research_only)
    return "  ·  ".join(filter(None, (recall_text(offer.recall), licence)))


def speed_text(offer: Offer, photos: int) -> str:
    """Return how fast a model reads photos here and how long it takes for all; empty: not measured."""
    if offer.ms is None or offer.seconds is None:
        return ""
    return tr_n(
        "Here {rate}: your {n} photo in {time}",
        "Here {rate}: your {n} photos in {time}",
        photos,
        rate=_rate(offer.ms),
        time=duration_text(offer.seconds),
    )


def recall_text(recall: tuple[Recall, ...]) -> str:
    """Return what was published of how well it finds photos by sentences in the person's language.

    Of several that by which models are ranked; `recall_source` has the others. Empty: there is none.
    """
    spoken = i18n.language().partition("_")[0]
    found = [each for each in recall if each.language == spoken]
    if not found:
        return ""
    best = next((each for each in found if each.measure == offers.RANKED_BY.get(spoken)), found[0])
    return tr(
        "Published score {percent} of 100 ({measure})",
        percent=QLocale(i18n.language()).toString(best.percent, "f", 1),
        measure=best.measure,
    )


def recall_source(recall: tuple[Recall, ...]) -> str:
    """Return every published figure with who published it, one a line."""
    return "\n".join(
        tr(
            "{measure}, {language}: {percent} ({source})",
            measure=each.measure,
            language=languages_text((each.language,)),
            percent=each.percent,
            source=each.source,
        )
        for each in recall
    )


def _rate(ms: float) -> str:
    if ms <= 1000:
        return tr_n("{n} photo a second", "{n} photos a second", max(1, round(1000 / ms)))
    return tr("{seconds} seconds for a photo", seconds=QLocale(i18n.language()).toString(ms / 1000, "f", 1))


def duration_text(seconds: float) -> str:
    """Return in words about how long so many seconds are."""
    if seconds < 90:
        return tr("about a minute")
    if seconds < 90 * 60:
        return tr_n("about {n} minute", "about {n} minutes", round(seconds / 60))
    if seconds < 48 * 3600:
        return tr_n("about {n} hour", "about {n} hours", round(seconds / 3600))
    return tr_n("about {n} day", "about {n} days", round(seconds / 86_400))
