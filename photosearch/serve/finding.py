"""Answers with photos: to a query, to a picture, to a photo, and the library itself."""

from __future__ import annotations

import base64
import io
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from photosearch.core import search_messages
from photosearch.core.classify_messages import Classify
from photosearch.core.errors import KnownError, QueryError, Sentence
from photosearch.core.file_names import moved, path_of, whole_paths
from photosearch.core.photo import Hit, is_video
from photosearch.search.query import Query, of_path, parse
from photosearch.serve import API, shapes
from photosearch.serve.saying import Call, Refused, living
from photosearch.store.reader import Reader
from photosearch.store.rows import ListedPhoto


def search(call: Call, asked: shapes.SearchAsked) -> shapes.Found:
    """The photos that answer a query best; without one all, the newest first."""
    if not asked.q.strip():
        with call.asking.reader() as reader:
            ids, _ = reader.timeline()
            until = asked.offset + asked.limit
            hits = [_unranked(photo) for photo in reader.listed(ids[asked.offset : until])]
        return shapes.Found(
            len(ids),
            hits,
            "newest",
            next_offset=until if until < len(ids) else None,
            stands_at=_place(ids, asked.place_of),
        )
    with call.asking.reader() as reader:
        _refuse_other_files(parse(asked.q), reader)
    return _found(call, search_messages.Search(asked.q), asked)


def search_by_picture(call: Call, asked: shapes.SearchAsked, picture: BinaryIO) -> shapes.Found:
    """The photos most like a picture that was sent, and nearest to the words beside it.

    It is decoded as any picture is that a query names: in a child, under limits, and deleted then.
    """
    if asked.q.strip():
        with call.asking.reader() as reader:
            _refuse_other_files(parse(asked.q), reader)
    with tempfile.TemporaryDirectory(prefix="photosearch-") as folder:
        path = Path(folder) / "picture"
        with path.open("wb") as file:
            shutil.copyfileobj(picture, file, 1 << 20)
        like = of_path("like", str(path))
        try:
            found = _found(call, search_messages.Search(f"{asked.q} {like}".strip()), asked)
        except QueryError as error:
            if error.span[1] <= len(asked.q):
                raise
            reason = error.sentence.values.get("reason", error.sentence)  # what it says names our own file
            raise Refused(422, Sentence("This picture cannot be used: {reason}.", reason=reason)) from error
    return msgspec.structs.replace(found, understood=[one for one in found.understood if one.text != like])


def similar(call: Call, asked: shapes.SimilarAsked) -> shapes.Found:
    """The photos most like one, itself left out."""
    with call.asking.reader() as reader:
        living(reader, asked.photo_id)
    return _found(call, search_messages.Similar(asked.photo_id), asked)


def suggest(call: Call, asked: shapes.SuggestAsked) -> shapes.Suggestions:
    """How a query that begins so might go on."""
    found = call.asking.call(search_messages.Suggest(asked.q, asked.limit, call.language))
    return shapes.Suggestions(
        [shapes.Suggested(one.kind, one.text, one.shown, one.photos) for one in found.suggestions]
    )


def classify(call: Call, asked: shapes.Asked, body: shapes.Classify) -> shapes.Classified:
    """How likely each of some labels is for each photo, zero-shot; and how many photos each has.

    p(label | photo) = softmax over the labels of scale * cosine(photo, label), where a label is the normed
    mean of its prompts (Radford et al., 2021, "Learning Transferable Visual Models From Natural Language
    Supervision", 3.1.4) and the scale is the slope of the model's label of short queries.
    """
    text = " ".join(filter(None, (body.q.strip(), of_path("folder", body.folder) if body.folder else "")))
    if text and body.photo_ids is not None:
        raise Refused(422, Sentence("Name photos by photo_ids, or choose them by q and folder; not both."))
    named = None if body.photo_ids is None else tuple(body.photo_ids)
    question = Classify(tuple(body.labels), tuple(body.templates), named, text, body.top, body.limit)
    try:
        question.check()
    except KnownError as error:
        raise Refused(422, error.sentence) from error
    if text:
        with call.asking.reader() as reader:
            _refuse_other_files(parse(text), reader)
            _refuse_other_folders(body.folder, reader)
    found = call.asking.call(question)
    ids = np.frombuffer(found.ids, "<i8").tolist()
    places = np.frombuffer(found.labels, "<i4").reshape(-1, found.top).tolist()
    shares = np.frombuffer(found.probabilities, "<f4").reshape(-1, found.top).astype(float).tolist()
    with call.asking.reader() as reader:
        of_photo = {photo.photo_id: photo for photo in reader.listed(ids)}
        message = None
        if text and not sum(found.counts) + found.unread:
            searched = call.asking.call(search_messages.Search(text, k=1))
            message = _message(searched, reader) or Sentence("No photo is strong or likely for this query.")
    return shapes.Classified(
        [
            shapes.ClassifiedPhoto(
                **msgspec.structs.asdict(_unranked(of_photo[photo_id])),
                labels=[
                    shapes.LabelShare(body.labels[place], share) for place, share in zip(*best, strict=True)
                ],
            )
            for photo_id, *best in zip(ids, places, shares, strict=True)
            if photo_id in of_photo
        ],
        dict(zip(body.labels, found.counts, strict=True)),
        found.unread,
        list(found.unknown),
        found.scale,
        call.say(message) if message else None,
    )


def knn_service(call: Call, asked: shapes.Asked, body: shapes.Knn) -> list[shapes.Neighbour]:
    """The photos that answer a text or a picture, as clip-retrieval's service answers."""
    if body.image_url or body.embedding_input:
        raise Refused(
            422,
            Sentence("Send text, or the picture itself as image: no address is fetched, no vector taken."),
        )
    if not body.image and not (body.text or "").strip():
        raise Refused(422, Sentence("Neither text nor image was sent; send what is to be found."))
    found = shapes.SearchAsked(q=body.text or "", limit=body.num_images)
    if body.image:
        try:
            picture = io.BytesIO(base64.b64decode(body.image, validate=True))
        except ValueError as error:
            raise Refused(422, Sentence("The picture is not in base64; encode it so.")) from error
        hits = search_by_picture(call, found, picture).hits
    else:
        hits = search(call, found).hits
    with call.asking.reader() as reader:
        captions = {hit.photo_id: reader.caption(hit.photo_id) for hit in hits}
    return [
        shapes.Neighbour(
            hit.photo_id,
            hit.score or 0.0,
            f"{call.origin}{API}/photos/{hit.photo_id}/preview",
            captions[hit.photo_id] or None,
        )
        for hit in hits
    ]


def _found(
    call: Call,
    question: search_messages.Search | search_messages.Similar,
    asked: shapes.SearchAsked | shapes.SimilarAsked,
) -> shapes.Found:
    """Those of its hits that are asked for; far behind the first they come without their scores."""
    until = asked.offset + asked.limit
    question = msgspec.structs.replace(question, k=min(until, shapes.MOST_RANKED))
    result = call.asking.call(question)
    ids = np.array([hit.photo_id for hit in result.hits], dtype="<i8")
    is_far = until > shapes.MOST_RANKED
    if is_far or (asked.place_of is not None and asked.place_of not in ids):
        ids = np.frombuffer(call.asking.call(search_messages.RankAll(question)).ids, dtype="<i8")
    with call.asking.reader() as reader:
        if is_far:
            hits = [_unranked(photo) for photo in reader.listed(ids[asked.offset : until])]
        else:
            hits = _hits(result, result.hits[asked.offset : until], reader)
        message = _message(result, reader)
    return shapes.Found(
        total=result.searched,
        hits=hits,
        order="best" if result.ranks else "newest",
        understood=[shapes.Piece(piece.kind, piece.text, list(piece.span)) for piece in result.pieces],
        message=call.say(message) if message else None,
        next_offset=until if until < result.searched else None,
        stands_at=_place(ids, asked.place_of),
    )


def _message(result: search_messages.SearchResult, reader: Reader) -> Sentence | None:
    """What a person should know of an answer, as why it has no photos."""
    if result.caveat or result.searched:
        return result.caveat
    return result.nothing_found(len(reader.living()))


def _place(ids: Sequence[int] | np.ndarray, photo_id: int | None) -> int | None:
    """Where a photo stands among others; None where it does not."""
    if photo_id is None:
        return None
    places = np.flatnonzero(np.asarray(ids) == photo_id)
    return int(places[0]) if places.size else None


def _hits(result: search_messages.SearchResult, hits: Sequence[Hit], reader: Reader) -> list[shapes.Hit]:
    """As they are shown; photos that filters alone chose have no score and no label."""
    of_photo = {photo.photo_id: photo for photo in reader.listed([hit.photo_id for hit in hits])}
    return [
        msgspec.structs.replace(
            _unranked(of_photo[hit.photo_id]),
            label=hit.confidence.value if result.ranks else None,
            score=round(hit.score, 6) if result.ranks else None,
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


def _refuse_other_folders(name: str, reader: Reader) -> None:
    """A whole path is to be the library's, as a name is; "" is none.

    Raises:
        Refused: no folder of the library lies there.
    """
    known = [*(one.path for one in reader.folders()), *(one.path for one in reader.subfolders())]
    asked = whole_paths(name) if name else []
    if asked and not any(moved(path, one, one) for one in asked for path in known):
        raise Refused(422, Sentence("No folder of the library is called “{name}”.", name=name))


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
