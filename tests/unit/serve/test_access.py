from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.serve.access import SESSION_SECONDS, Access, new_token, token_of

TOKEN = "t" * 43


def test_a_token_is_made_once_and_replaced_only_when_that_is_asked(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert token_of(library) is None
    made = new_token(library)
    assert token_of(library) == made and len(made) == 43
    assert Access(made).holds(session := Access(made).session())
    other = new_token(library)
    assert other != made and not Access(other).knows(made) and not Access(other).holds(session)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 50, b"x" * 500])
def test_a_token_that_somebody_spoilt_is_refused(tmp_path: Path, content: bytes) -> None:
    library = Library(tmp_path)
    library.serve_token.write_bytes(content)
    with pytest.raises(KnownError, match="--new-token"):
        token_of(library)


def test_a_session_ends_after_its_time() -> None:
    now = 1_000.0
    access = Access(TOKEN, lambda: now)
    session = access.session()
    now += SESSION_SECONDS - 1
    assert access.holds(session)
    now += 1
    assert not access.holds(session)


@given(st.text() | st.just(TOKEN[:-1]) | st.just(TOKEN + "t"))
def test_nothing_else_is_taken_for_a_token_or_a_session(said: str) -> None:
    access = Access(TOKEN)
    assert access.knows(said) == (said == TOKEN)
    assert not access.holds(said) and not access.holds(f"99999999999.{said}")
