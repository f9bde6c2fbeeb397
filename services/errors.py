"""What can go wrong, by meaning. `admin/errors.py` maps each to an answer over HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from forms.texts import Note


class ServiceError(Exception):
    """Base of all; never carries personal data in its text."""


class NotVisible(ServiceError):
    """404: the actor may not know of it."""


class NotAllowed(ServiceError):
    """403: the actor sees it but may not do this."""


class NotEditable(ServiceError):
    """409: the row is frozen, closed or marked."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.text)
        self.note = note


class StaleRow(ServiceError):
    """409: somebody else wrote since the actor read; the actor's text is kept by the caller."""


class Invalid(ServiceError):
    """422: messages by field name ("" for the whole form)."""

    def __init__(self, messages: Mapping[str, Note]) -> None:
        super().__init__(", ".join(messages))
        self.messages = dict(messages)


class Throttled(ServiceError):
    """429: too many tries; `seconds` until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds
