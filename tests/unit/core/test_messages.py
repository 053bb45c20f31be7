"""Frames between faces and engine."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core import messages, search_messages
from photosearch.core.errors import Sentence
from photosearch.core.photo import Confidence, Hit


@given(path=st.binary(max_size=300), text=st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_any_path_and_any_text_survive(path: bytes, text: str) -> None:
    hit = Hit(photo_id=2**40, path_bytes=path, score=0.25, confidence=Confidence.LIKELY)
    reply = search_messages.SearchResult(text, "model", 1.0, 2.0, 3, [hit])
    assert messages.decode_reply(messages.encode(reply)) == reply
    request = messages.Index([path])
    assert messages.decode_request(messages.encode(request)) == request


def test_what_says_more_than_a_sentence_survives() -> None:
    search = search_messages.Search("dogs", 9, sort="date", group="day", liked=(1, 2), images=(b"\xff\xd8",))
    request = search_messages.Explain(search, photo_id=2**40)
    assert messages.decode_request(messages.encode(request)) == request
    result = search_messages.SearchResult(
        "dogs",
        "model",
        1.0,
        2.0,
        3,
        [],
        pieces=(search_messages.Piece("words", "dogs", (0, 4)),),
        labels=search_messages.Labels(1, 2, 3),
        groups=(search_messages.HitGroup(b"2023-06-14", 0),),
    )
    assert messages.decode_reply(messages.encode(result)) == result
    failed = messages.Failed(Sentence("Write a date."), (3, 7))
    assert messages.decode_reply(messages.encode(failed)) == failed


@pytest.mark.parametrize(
    ("kind", "union"),
    [
        (messages.Request, messages.AnyRequest),
        (messages.Reply, messages.AnyReply),
        (messages.Event, messages.AnyEvent),
    ],
)
def test_every_message_can_be_decoded(kind: type, union: Any) -> None:
    assert set(kind.__subclasses__()) == set(get_args(union))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"rubbish",
        msgspec.msgpack.encode({"type": "no such request"}),
        msgspec.msgpack.encode({"type": "search", "text": 7}),
        messages.encode(messages.Done()),
    ],
)
def test_what_is_no_request_is_refused(frame: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        messages.decode_request(frame)
