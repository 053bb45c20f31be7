"""Answers about the library: a photo's facts, its folders, albums and tags, and what the engine is at."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH119, PTH120

from __future__ import annotations

import os

from photosearch import __version__
from photosearch.core import messages
from photosearch.core.file_names import shown
from photosearch.core.photo import is_video
from photosearch.core.progress import Progress
from photosearch.core.stage_messages import GetStages, StageState
from photosearch.search.query import of_path
from photosearch.search.tokens import written
from photosearch.serve import shapes
from photosearch.serve.saying import Call, no_photo


def photo(call: Call, asked: shapes.OfPhoto) -> shapes.Facts:
    """All that is known of a photo."""
    with call.asking.reader() as reader:
        details = reader.details(asked.photo_id)
    if details is None or not details.files:
        raise no_photo()
    file, facts, town = details.files[0], details.facts, details.town
    where = None
    if facts.latitude is not None and facts.longitude is not None:
        where = shapes.Where(facts.latitude, facts.longitude, town.said(call.language) if town else None)
    return shapes.Facts(
        photo_id=asked.photo_id,
        name=shown(os.path.basename(file.path)),
        folder=shown(os.path.dirname(file.path)),
        size=file.size,
        away=file.away,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        taken_at=details.dated_at,
        dated_from=details.dated_from,
        kind="video" if is_video(facts.format) else "photo",
        camera=facts.camera,
        lens=facts.lens,
        iso=facts.iso,
        exposure_seconds=facts.exposure_seconds,
        f_number=facts.f_number,
        focal_length_mm=facts.focal_length_mm,
        place=where,
        title=facts.title,
        caption=details.caption or None,
        keywords=list(facts.keywords),
        people=list(facts.people),
        tags=[tag.said(call.language) for tag in details.tags],
        rating=details.rating,
        favourite=details.favourite,
        albums=[
            *(shapes.Named(name) for name in details.albums.values()),
            *(shapes.Named(name, fills_itself=True) for name in details.live_albums.values()),
        ],
        lines=[line.text for line in details.lines],
        duration=details.video.seconds if details.video else None,
        damage=call.say(details.damage) if details.damage else None,
    )


def folders(call: Call, asked: shapes.Asked) -> shapes.Folders:
    """Every folder with photos in or below it."""
    with call.asking.reader() as reader:
        found = reader.subfolders()
    return shapes.Folders(
        [
            shapes.FolderCount(
                shown(folder.path), folder.photos, folder.away, of_path("folder", os.fsdecode(folder.path))
            )
            for folder in found
        ]
    )


def albums(call: Call, asked: shapes.Asked) -> shapes.Albums:
    """Every album, those too that fill themselves."""
    with call.asking.reader() as reader:
        found = [(album.name, album.photos, False) for album in reader.albums()]
        found += [(album.name, album.photos, True) for album in reader.live_albums()]
    return shapes.Albums([shapes.Album(*one, written("album", one[0])) for one in sorted(found)])


def tags(call: Call, asked: shapes.Asked) -> shapes.Tags:
    """What photos are tagged with."""
    with call.asking.reader() as reader:
        found = reader.tag_counts()
    return shapes.Tags(
        [
            shapes.TagCount(one.tag.said(call.language), one.photos, written("tag", one.tag.name))
            for one in found
            if one.photos
        ]
    )


def status(call: Call, asked: shapes.Asked) -> shapes.Status:
    """How the library and its engine stand."""
    found = call.asking.call(messages.GetStatus())
    return shapes.Status(
        version=__version__,
        photos=found.photos,
        searchable=found.searchable,
        failures=found.failures,
        model_ready=found.model_ready,
        model=found.model,
        languages=list(found.languages),
        watching=found.watching,
        progress=progress_of(found.progress),
        allow_writes=call.allow_writes,
    )


def jobs(call: Call, asked: shapes.Asked) -> shapes.Jobs:
    """What runs or waits: folders that are brought up to date, and stages."""
    return shapes.Jobs(
        jobs_of(call.asking.call(messages.GetJobs()).jobs),
        progress_of(call.asking.call(messages.GetStatus()).progress),
        stages_of(call.asking.call(GetStages()).stages),
    )


def jobs_of(found: tuple[messages.Job, ...]) -> list[shapes.Job]:
    """The engine's jobs."""
    return [shapes.Job(job.job_id, [shown(path) for path in job.folders], job.running) for job in found]


def stages_of(found: tuple[StageState, ...]) -> list[shapes.Stage]:
    """The engine's stages."""
    return [shapes.Stage(stage.key, stage.phase, stage.done, stage.total) for stage in found]


def progress_of(found: Progress) -> shapes.Progress:
    """The engine's progress."""
    return shapes.Progress(found.state, found.done, found.total, found.failed, found.seconds_left)
