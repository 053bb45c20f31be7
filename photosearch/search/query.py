"""What a person typed, made fit for a tokenizer."""

import unicodedata

import msgspec

from photosearch.core.errors import KnownError

MAX_CHARACTERS = 1_000


class Query(msgspec.Struct, frozen=True):
    text: str  # NFC, one line, single spaces; never empty


def parse(typed: str) -> Query:
    """
    Raises:
        KnownError: nothing was typed, or more than 1,000 characters.
    """
    if len(typed) > MAX_CHARACTERS:
        raise KnownError(
            f"The query has {len(typed):,} characters, and at most {MAX_CHARACTERS:,} are read; shorten it."
        )
    # Bytes of an argument that are not Unicode arrive as lone surrogates, which no tokenizer takes.
    text = typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text)
    text = " ".join("".join(_readable(character) for character in text).split())
    if not text:
        raise KnownError("Type what the photo shows, for example: two dogs on a beach")
    return Query(text=text)


def _readable(character: str) -> str:
    """Itself; a space for white space, nothing for other control characters."""
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) == "Cc" else character
