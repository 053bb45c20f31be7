"""Errors that a person is told about: one sentence, with what to do.

Sentences are in English here; a face puts them into the person's language, with i18n.translated().
"""

from typing import TypeAlias

Sentence: TypeAlias = str  # what a function returns that words an error; a test finds its texts by this


class KnownError(Exception):
    """Something went wrong that we understand; its text is shown to the person as it stands.

    Anything else that escapes is a bug and is reported as one.
    """


class QueryError(KnownError):
    """A query that cannot be understood.

    Attributes:
        span: the place in the text as it was typed, from and to, in code points.
    """

    def __init__(self, sentence: str, span: tuple[int, int]) -> None:
        super().__init__(sentence)
        self.span = span


class Cancelled(Exception):
    """The person asked a job to stop; never shown as an error."""
