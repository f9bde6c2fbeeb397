"""The command line: `flask --app app …`. English, one line per fault, never a traceback for what can be expected.

House rule: exit code 1 when the answer is no, 2 when the command itself was wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import peewee as pw
from flask import Flask, current_app
from flask.cli import AppGroup

import models
from admin.cli_check import run_checks
from admin.cli_text import sheet_text
from config import Settings
from forms.definition import BadDefinition, QuestionSetDefinition, parse
from forms.library import load_shipped, shipped_keys
from forms.sheet import build_sheet
from forms.texts import translator
from models.people import ROLES
from services import database, demo, operators, printing
from services.errors import Invalid, NotVisible

Fail = click.ClickException


def init_cli(app: Flask) -> None:
    """Register the commands."""
    for group in (_db, _demo, _users, _municipalities, _questions, _plans):
        app.cli.add_command(group)
    app.cli.command("check")(_check)


@contextmanager
def _database(*, migrated: bool = True) -> Iterator[pw.Database]:
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


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Fail(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"{path}: {len(content)} bytes")


def _told(error: Invalid) -> Fail:
    """The messages of the screens, in English as far as the catalogue has them."""
    english = translator("en")
    return Fail("; ".join(f"{name or 'form'}: {note.say(english)}" for name, note in error.messages.items()))


# --- database -------------------------------------------------------------------------------------------------------

_db = AppGroup("db", help="The database's schema.")


@_db.command("upgrade")
def _upgrade() -> None:
    """Apply the migrations that are waiting."""
    with _database(migrated=False) as real:
        applied = database.upgrade(real)
    click.echo("\n".join(f"applied {name}" for name in applied) or "nothing to apply")


@_db.command("status")
def _status() -> None:
    """List the migrations; exit code 1 when some are waiting."""
    with _database(migrated=False) as real:
        rows = database.status(real)
    for name, applied in rows:
        click.echo(f"{'applied' if applied else 'waiting'} {name}")
    if not all(applied for _, applied in rows):
        sys.exit(1)


# --- demo -----------------------------------------------------------------------------------------------------------

_demo = AppGroup("demo", help="Two municipalities that do not exist, to try the service on.")


def _refuse_production() -> None:
    if _settings().env == "production":
        raise Fail("the demo is not for production: its logins are public")


@_demo.command("seed")
@click.option("--if-empty", is_flag=True, help="Do nothing when the database has a municipality.")
def _seed(if_empty: bool) -> None:
    """Fill an empty database."""
    _refuse_production()
    with _database():
        try:
            logins = demo.seed(if_empty)
        except demo.AlreadyThere as error:
            raise Fail("the database is not empty; use --if-empty to skip, or demo reset to begin anew") from error
    _show(logins)


@_demo.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def _reset(yes: bool) -> None:
    """Throw away everything in the database and fill it anew."""
    _refuse_production()
    if not yes:
        click.confirm("Everything in the database will be thrown away. Go on?", abort=True)
    with _database(migrated=False):
        logins = demo.reset(allowed=_settings().env != "production")
    _show(logins)


def _show(logins: Sequence[demo.Login]) -> None:
    click.echo(f"Password of all: {logins[0].password}")
    for login in logins:
        click.echo(f"  {login.username:<10} {login.name}, {login.role}")


# --- municipalities and users ---------------------------------------------------------------------------------------

_municipalities = AppGroup("municipalities", help="The municipalities of this installation.")
_users = AppGroup("users", help="People who may log in.")


@_municipalities.command("add")
@click.argument("name")
@click.option("--slug", required=True, help="Short name in lower-case letters.")
@click.option("--org-number", required=True, help="Nine digits.")
@click.option("--language", type=click.Choice(operators.LANGUAGES), default="nb", show_default=True)
def _add_municipality(name: str, slug: str, org_number: str, language: str) -> None:
    """Add a municipality with all shipped question sets."""
    with _database():
        try:
            added = operators.add_municipality(name, slug, org_number, language)
        except Invalid as error:
            raise _told(error) from error
    click.echo(f"added {added.slug}: {added.name}")


@_users.command("add")
@click.argument("username")
@click.option("--name", required=True)
@click.option("--municipality", "slug", required=True, help="Short name of the municipality.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def _add_user(username: str, name: str, slug: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Add a user; asks for the password."""
    with _database():
        known = operators.slugs()
        if slug not in known:
            raise Fail(f"no municipality {slug!r}; there are: {', '.join(known) or 'none, add one first'}")
        if password_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            added = operators.add_user(slug, username, name, roles, password)
        except Invalid as error:
            raise _told(error) from error
    click.echo(f"added {added.username}: {', '.join(sorted(roles))}")


# --- question sets: from the shipped library, no database needed ----------------------------------------------------

_questions = AppGroup("questions", help="The shipped question sets.")
_language = click.Choice(["nb", "nn", "en", "se"])


def _shipped(key: str) -> QuestionSetDefinition:
    if key not in shipped_keys():
        raise Fail(f"no question set {key!r}; there are: {', '.join(shipped_keys())}")
    try:
        return load_shipped(key)
    except BadDefinition as error:
        raise Fail(f"{key} is damaged: {error}; run: flask --app app questions check FILE") from error


def _spoken(definition: QuestionSetDefinition, language: str) -> str:
    if language not in definition.languages:
        raise Fail(f"{definition.key} is not in {language!r}; it is in: {', '.join(definition.languages)}")
    return language


@_questions.command("list")
def _list_sets() -> None:
    """One line per set: key, kind, languages, number of questions, title."""
    for key in shipped_keys():
        one = _shipped(key)
        title = one.title.get("nb") or next(iter(one.title.values()))
        click.echo(f"{key:<28} {one.kind:<12} {','.join(one.languages):<6} {len(one.questions()):>3}  {title}")


@_questions.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def _check_file(file: Path) -> None:
    """Check a definition; prints every fault as item: property: why."""
    try:
        parse(file.read_bytes())
    except OSError as error:
        raise Fail(f"cannot read {file}: {error.strerror}") from error
    except BadDefinition as error:
        for fault in error.faults:
            click.echo(str(fault))
        sys.exit(1)
    click.echo("OK")


@_questions.command("show")
@click.argument("key")
@click.option("--lang", "language", type=_language, default="nb", show_default=True)
def _show_set(key: str, language: str) -> None:
    """The whole set as readable text."""
    definition = _shipped(key)
    click.echo(sheet_text(build_sheet(definition, _spoken(definition, language))))


@_questions.command("print")
@click.argument("key")
@click.option("--blank", is_flag=True, required=True, help="As an empty form.")
@click.option("--lang", "language", type=_language, default="nb", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path))
def _print_set(key: str, blank: bool, language: str, out: Path) -> None:
    """The set as a PDF to fill in by hand."""
    definition = _shipped(key)
    sheet = build_sheet(definition, _spoken(definition, language))
    _write(out, _printed(lambda: printing.render_sheet(sheet, printing.Head(municipality=""))))


def _printed(make: Callable[[], bytes]) -> bytes:
    try:
        return make()
    except printing.PrintRefused as error:
        raise Fail(f"it could not be printed ({error.reason})") from error


# --- plans and the whole --------------------------------------------------------------------------------------------

_plans = AppGroup("plans", help="Follow-up plans.")


@_plans.command("print")
@click.argument("plan_id", metavar="ID", type=int)
@click.option("--out", required=True, type=click.Path(path_type=Path))
def _print_plan(plan_id: int, out: Path) -> None:
    """A plan as PDF; leaves a trail."""
    with _database():
        try:
            content = _printed(lambda: operators.print_plan(plan_id))
        except NotVisible as error:
            raise Fail(f"no plan {plan_id}") from error
        except (models.sealing.BadSeal, models.sealing.NoKey) as error:
            raise Fail("the keys do not open this plan; see DATA_KEYS") from error
    _write(out, content)


def _check() -> None:
    """Look over the installation; one line each, exit code 1 when something fails."""
    findings = run_checks(_settings())
    for name, good, said in findings:
        click.echo(f"{'ok  ' if good else 'FAIL'} {name}: {said}")
    if not all(good for _, good, _ in findings):
        sys.exit(1)
