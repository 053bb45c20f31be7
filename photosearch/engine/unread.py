"""Why a filter may have found nothing: what it looks for is switched off, or not read in all photos yet."""

from collections.abc import Sequence

from photosearch import settings
from photosearch.core.errors import Sentence
from photosearch.core.photo import VIDEO_FORMATS
from photosearch.core.query import AnyFilter, Has, Lasts, OfType, Tagged, Written
from photosearch.core.stage_messages import StageState
from photosearch.search.query import Query
from photosearch.store.reader import Reader

_SWITCHED_OFF = {
    settings.TEXT: Sentence(
        "Text in photos is switched off; switch it on in the settings or by photosearch text on."
    ),
    settings.TAGS: Sentence(
        "Tags are switched off; switch them on in the settings or by photosearch tags on."
    ),
    settings.VIDEOS: Sentence(
        "Videos are switched off; switch them on in the settings or by photosearch videos on."
    ),
}


def unread(query: Query, stages: Sequence[StageState], reader: Reader) -> Sentence | None:
    """What to tell where a query's filters let nothing through; None: all was read that they look for.

    Raises:
        KnownError: the library is damaged, or its disk fails.
    """
    wanted = {key for one in query.filters if (key := _taken_by(one))}
    wanted |= {settings.TAGS for named in query.named if named.kind == "tag" and not named.negated}
    if settings.VIDEOS in wanted and (
        settings.value(settings.VIDEOS, reader.setting(settings.VIDEOS)) != settings.YES
    ):
        return _SWITCHED_OFF[settings.VIDEOS]
    for stage in stages:
        if stage.key in wanted and stage.phase == "off":
            return _SWITCHED_OFF[stage.key]
        if stage.key in wanted and stage.phase != "done":
            return _so_far(stage)
    return None


def _so_far(stage: StageState) -> Sentence:
    if stage.key == settings.TEXT:
        return Sentence(
            "Text was looked for in {done:,} of {total:,} photos so far; photosearch text now goes through "
            "the rest.",
            done=stage.done,
            total=stage.total,
        )
    return Sentence(
        "Tags were looked for in {done:,} of {total:,} photos so far; photosearch tags now goes through "
        "the rest.",
        done=stage.done,
        total=stage.total,
    )


def _taken_by(one: AnyFilter) -> str | None:
    """The switch in the settings that lets photos pass a filter at all."""
    match one:
        case Written(negated=False) | Has(negated=False, fact="text"):
            return settings.TEXT
        case Tagged(negated=False):
            return settings.TAGS
        case OfType(negated=False, formats=formats) if set(formats) <= set(VIDEO_FORMATS):
            return settings.VIDEOS
        case Lasts(negated=False):
            return settings.VIDEOS
    return None
