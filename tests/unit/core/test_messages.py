"""Frames between faces and engine."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core import messages
from photosearch.core.photo import Confidence, Hit


@given(path=st.binary(max_size=300), text=st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_any_path_and_any_text_survive(path: bytes, text: str) -> None:
    hit = Hit(photo_id=2**40, path_bytes=path, score=0.25, confidence=Confidence.LIKELY)
    reply = messages.SearchResult(text, "model", 1.0, 2.0, 3, [hit])
    assert messages.decode_reply(messages.encode(reply)) == reply
    request = messages.Index([path])
    assert messages.decode_request(messages.encode(request)) == request


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
