"""Errors that a person is told about: one sentence, with what to do."""


class KnownError(Exception):
    """Something went wrong that we understand; its text is shown to the person as it stands.

    Anything else that escapes is a bug and is reported as one.
    """


class Cancelled(Exception):
    """The person asked a job to stop; never shown as an error."""
