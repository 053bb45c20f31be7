"""What may be changed over HTTP where the person allowed it: notes of a photo, and jobs."""

from __future__ import annotations

from typing import Any

import msgspec

from photosearch.core import history_messages, messages, note_messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.message import Request
from photosearch.serve import shapes
from photosearch.serve.saying import Call, ChangedElsewhere, Refused, living


def set_caption(call: Call, asked: shapes.OfPhoto, body: shapes.SetCaption) -> shapes.Done:
    """Give a photo the person's own caption; an empty one says that it has none.

    Where the caption is not what was said that it is, it stays and is told: another wrote it meanwhile.
    """
    was = None if body.was is msgspec.UNSET else body.was or ""
    try:
        return _change(call, asked, note_messages.SetCaption((asked.photo_id,), body.text, was))
    except Refused:
        raise
    except KnownError as error:
        if was is None:
            raise
        with call.asking.reader() as reader:
            present = reader.caption(asked.photo_id) or ""
        if present == was:
            raise
        raise ChangedElsewhere(error.sentence, present) from error


def set_rating(call: Call, asked: shapes.OfPhoto, body: shapes.SetRating) -> shapes.Done:
    """Give a photo the person's own stars."""
    return _change(call, asked, note_messages.SetRating((asked.photo_id,), body.stars))


def set_favourite(call: Call, asked: shapes.OfPhoto, body: shapes.SetFavourite) -> shapes.Done:
    """Put a photo among the favourites, or take it out."""
    return _change(call, asked, note_messages.SetFavourite((asked.photo_id,), body.favourite))


def undo(call: Call, asked: shapes.Asked) -> shapes.Done:
    """Take back the latest change that stands, whoever made it, and say which that was."""
    turned = call.asking.call(history_messages.Undo())
    if turned.files:  # only a face on that computer can move files
        call.asking.call(history_messages.RecordTrash(turned.files, 0, turned.change.change_id))
        raise Refused(
            409, Sentence("The latest change moved photos to the trash; bring them back on that computer.")
        )
    return shapes.Done(call.say(Sentence("Undone: {change}", change=turned.change.says)))


def pause_job(call: Call, asked: shapes.JobAsked) -> shapes.Done:
    """Let indexing wait; jobs run one at a time, so that all wait with this one."""
    _job(call, asked.job_id)
    call.asking.call(messages.SetPaused(True))
    return shapes.Done()


def resume_job(call: Call, asked: shapes.JobAsked) -> shapes.Done:
    """Let indexing go on."""
    _job(call, asked.job_id)
    call.asking.call(messages.SetPaused(False))
    return shapes.Done()


def cancel_job(call: Call, asked: shapes.JobAsked) -> shapes.Done:
    """End a job, or take it out of the queue; what it has done stays done."""
    _job(call, asked.job_id)
    call.asking.call(messages.CancelJob(asked.job_id))
    return shapes.Done()


def _change(call: Call, asked: shapes.OfPhoto, change: Request[Any]) -> shapes.Done:
    with call.asking.reader() as reader:
        living(reader, asked.photo_id)
    call.asking.call(change)
    return shapes.Done()


def _job(call: Call, job_id: int) -> None:
    if all(job.job_id != job_id for job in call.asking.call(messages.GetJobs()).jobs):
        raise Refused(404, Sentence("That job is over."))
