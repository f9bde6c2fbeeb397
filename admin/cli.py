"""The command line: `flask --app app …`. English, one line per fault, never a traceback for what can be expected.

House rule: exit code 1 when the answer is no, 2 when the command itself was wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

import models
from admin.cli_base import Fail, in_english, open_database, printed, settings, write_file
from admin.cli_check import run_checks
from admin.cli_questions import questions_group
from admin.cli_timeline import timeline
from admin.cli_worker import reminders_group, worker
from models.people import ROLES
from services import database, demo, operators
from services.errors import Invalid, NotVisible


def init_cli(app: Flask) -> None:
    """Register the commands."""
    for command in (_db, _demo, _users, _municipalities, questions_group, _plans, timeline, reminders_group):
        app.cli.add_command(command)
    app.cli.command("check")(_check)
    app.cli.command("worker")(worker)


# --- database -------------------------------------------------------------------------------------------------------

_db = AppGroup("db", help="The database's schema.")


@_db.command("upgrade")
def _upgrade() -> None:
    """Apply the migrations that are waiting, and give every municipality what is new in the shipped library."""
    with open_database(migrated=False) as real:
        done = [f"applied {name}" for name in database.upgrade(real)]
        done += [f"{slug}: added {', '.join(keys)}" for slug, keys in operators.complete_libraries()]
        done += [f"{slug}: counted {number} cases" for slug, number in operators.count_cases()]
    click.echo("\n".join(done) or "nothing to apply")


@_db.command("status")
def _status() -> None:
    """List the migrations; exit code 1 when some are waiting."""
    with open_database(migrated=False) as real:
        rows = database.status(real)
    for name, applied in rows:
        click.echo(f"{'applied' if applied else 'waiting'} {name}")
    if not all(applied for _, applied in rows):
        sys.exit(1)


# --- demo -----------------------------------------------------------------------------------------------------------

_demo = AppGroup("demo", help="Two municipalities that do not exist, to try the service on.")


def _refuse_production() -> None:
    if settings().env == "production":
        raise Fail("the demo is not for production: its logins are public")


@_demo.command("seed")
@click.option("--if-empty", is_flag=True, help="Do nothing when the database has a municipality.")
def _seed(if_empty: bool) -> None:
    """Fill an empty database."""
    _refuse_production()
    with open_database():
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
    with open_database(migrated=False):
        logins = demo.reset(allowed=settings().env != "production")
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
    with open_database():
        try:
            added = operators.add_municipality(name, slug, org_number, language)
        except Invalid as error:
            raise in_english(error) from error
    click.echo(f"added {added.slug}: {added.name}")


@_users.command("add")
@click.argument("username")
@click.option("--name", required=True)
@click.option("--municipality", "slug", required=True, help="Short name of the municipality.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def _add_user(username: str, name: str, slug: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Add a user; asks for the password."""
    with open_database():
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
            raise in_english(error) from error
    click.echo(f"added {added.username}: {', '.join(sorted(roles))}")


# --- plans and the whole --------------------------------------------------------------------------------------------

_plans = AppGroup("plans", help="Follow-up plans.")


@_plans.command("print")
@click.argument("plan_id", metavar="ID", type=int)
@click.option("--out", required=True, type=click.Path(path_type=Path))
def _print_plan(plan_id: int, out: Path) -> None:
    """A plan as PDF; leaves a trail."""
    with open_database():
        try:
            content = printed(lambda: operators.print_plan(plan_id))
        except NotVisible as error:
            raise Fail(f"no plan {plan_id}") from error
        except (models.sealing.BadSeal, models.sealing.NoKey) as error:
            raise Fail("the keys do not open this plan; see DATA_KEYS") from error
    write_file(out, content)


def _check() -> None:
    """Look over the installation; one line each, exit code 1 when something fails."""
    findings = run_checks(settings())
    for name, good, said in findings:
        click.echo(f"{'ok  ' if good else 'FAIL'} {name}: {said}")
    if not all(good for _, good, _ in findings):
        sys.exit(1)
