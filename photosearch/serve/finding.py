"""Answers with photos: to a query, to a picture, to a photo, and the library itself."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core import messages
from photosearch.core.errors import KnownError, QueryError, Sentence
from photosearch.core.file_names import path_of
from photosearch.core.photo import Hit, is_video
from photosearch.search.query import Query, of_path, parse
from photosearch.serve import shapes
from photosearch.serve.saying import Call
from photosearch.store.reader import Reader
from photosearch.store.rows import ListedPhoto


def search(call: Call, asked: shapes.SearchAsked) -> shapes.Found:
    """The photos that answer a query best; without one all, the newest first."""
    if not asked.q.strip():
        with call.asking.reader() as reader:
            ids, _ = reader.timeline()
            return _page([], ids, asked, reader)
    with call.asking.reader() as reader:
        _refuse_other_files(parse(asked.q), reader)
    return _found(call, messages.Search(asked.q), asked)


def search_by_picture(call: Call, asked: shapes.SearchAsked, picture: BinaryIO) -> shapes.Found:
    """The photos most like a picture that was sent, and nearest to the words beside it.

    It is decoded as any picture is that a query names: in a child, under limits, and deleted then.
    """
    if asked.q.strip():
        with call.asking.reader() as reader:
            _refuse_other_files(parse(asked.q), reader)
    with tempfile.NamedTemporaryFile(prefix="photosearch-") as file:
        while part := picture.read(1 << 20):
            file.write(part)
        file.flush()
        like = of_path("like", file.name)
        try:
            found = _found(call, messages.Search(f"{asked.q} {like}".strip()), asked)
        except QueryError as error:
            if error.span[1] <= len(asked.q):
                raise
            reason = error.sentence.values.get("reason", error.sentence)  # what it says names our own file
            raise KnownError("This picture cannot be used: {reason}.", reason=reason) from error
    return msgspec.structs.replace(found, understood=[one for one in found.understood if one.text != like])


def similar(call: Call, asked: shapes.SimilarAsked) -> shapes.Found:
    """The photos most like one, itself left out."""
    result = call.asking.call(messages.Similar(asked.photo_id, asked.limit))
    with call.asking.reader() as reader:
        hits = _hits(result, result.hits, reader)
    return shapes.Found(result.searched, hits)


def suggest(call: Call, asked: shapes.SuggestAsked) -> shapes.Suggestions:
    """How a query that begins so might go on."""
    found = call.asking.call(messages.Suggest(asked.q, asked.limit, call.language))
    return shapes.Suggestions(
        [shapes.Suggested(one.kind, one.text, one.shown, one.photos) for one in found.suggestions]
    )


def _found(call: Call, question: messages.Search, asked: shapes.SearchAsked) -> shapes.Found:
    """Those of its hits that are asked for; far behind the first they come without their scores."""
    until = asked.offset + asked.limit
    question = msgspec.structs.replace(question, k=min(until, shapes.MOST_RANKED))
    result = call.asking.call(question)
    with call.asking.reader() as reader:
        if until <= shapes.MOST_RANKED:
            hits = _hits(result, result.hits[asked.offset : until], reader)
        else:
            ids = np.frombuffer(call.asking.call(messages.RankAll(question)).ids, dtype="<i8")
            hits = [_unranked(photo) for photo in reader.listed(ids[asked.offset : until])]
    return shapes.Found(
        total=result.searched,
        hits=hits,
        understood=[shapes.Piece(piece.kind, piece.text, piece.span) for piece in result.pieces],
        message=call.say(result.caveat) if result.caveat else _nothing(call, result),
        next_offset=until if until < result.searched else None,
    )


def _nothing(call: Call, result: messages.SearchResult) -> str | None:
    """What to say where nothing was found."""
    if result.searched:
        return None
    filters = [piece.text for piece in result.pieces if piece.kind == "filter"]
    if len(filters) == 1:
        return call.say(Sentence("No photo passes the filter {filter}.", filter=filters[0]))
    if filters:
        return call.say(Sentence("No photo passes these filters; leave one of them away."))
    return call.say(
        Sentence("There are no photos in this library yet; index a folder: photosearch index FOLDER")
    )


def _page(
    understood: list[shapes.Piece], ids: NDArray[np.int64], asked: shapes.SearchAsked, reader: Reader
) -> shapes.Found:
    until = asked.offset + asked.limit
    hits = [_unranked(photo) for photo in reader.listed(ids[asked.offset : until])]
    return shapes.Found(len(ids), hits, understood, next_offset=until if until < len(ids) else None)


def _hits(result: messages.SearchResult, hits: Sequence[Hit], reader: Reader) -> list[shapes.Hit]:
    """As they are shown; photos that filters alone chose have no score and no label."""
    ranks = not result.pieces or any(piece.kind != "filter" for piece in result.pieces)
    of_photo = {photo.photo_id: photo for photo in reader.listed([hit.photo_id for hit in hits])}
    return [
        msgspec.structs.replace(
            _unranked(of_photo[hit.photo_id]),
            label=hit.confidence.value if ranks else None,
            score=round(hit.score, 6) if ranks else None,
            found_in=hit.found_in,
            line=hit.line or None,
        )
        for hit in hits
        if hit.photo_id in of_photo
    ]


def _unranked(photo: ListedPhoto) -> shapes.Hit:
    return shapes.Hit(
        photo_id=photo.photo_id,
        width=photo.width,
        height=photo.height,
        taken_at=photo.dated_at,
        kind="video" if is_video(photo.format) else "photo",
        favourite=photo.favourite,
        rating=photo.rating,
        duration=photo.seconds,
    )


def _refuse_other_files(query: Query, reader: Reader) -> None:
    """Let a query from elsewhere name the library's photos alone: no one is told what else is on the disk.

    Raises:
        QueryError: it names another file.
    """
    for like in query.like:
        path = os.path.expanduser(path_of(like.path) or like.path)  # noqa: PTH111  (names need not be Unicode)
        if reader.photo_at(os.fsencode(os.path.normpath(path))) is None:
            raise QueryError(
                "Over the network like: takes photos of the library alone, by their whole path; send any "
                "other picture itself.",
                like.span,
            )
