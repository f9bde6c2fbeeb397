"""What the commands share: an open database, files, faults as one line of English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import peewee as pw
from flask import current_app

import models
from config import Settings
from forms.texts import translator
from services import database, printing
from services.errors import Invalid

Fail = click.ClickException


@contextmanager
def open_database(*, migrated: bool = True) -> Iterator[pw.Database]:
    """The database, open as long as the command runs; faults of it become one line."""
    real: pw.Database = models.db.obj
    try:
        was_closed = real.connect(reuse_if_open=True)
        try:
            if migrated and any(not applied for _, applied in database.status(real)):
                raise Fail("the database is not up to date; run: flask --app app db upgrade")
            yield real
        finally:
            if was_closed:
                real.close()
    except pw.PeeweeException as error:
        raise Fail(f"the database does not answer as it should ({type(error).__name__})") from error


def settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def write_file(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Fail(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"{path}: {len(content)} bytes")


def in_english(error: Invalid) -> Fail:
    """The messages of the screens, in English as far as the catalogue has them."""
    english = translator("en")
    return Fail("; ".join(f"{name or 'form'}: {note.say(english)}" for name, note in error.messages.items()))


def printed(make: Callable[[], bytes]) -> bytes:
    """A PDF; a refusal becomes one line."""
    try:
        return make()
    except printing.PrintRefused as error:
        raise Fail(f"it could not be printed ({error.reason})") from error
