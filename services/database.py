"""Opening the database, bringing its schema up to date, and the transaction every use case runs in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast

import peewee as pw
from playhouse.db_url import connect as connect_url
from playhouse.db_url import parse
from playhouse.migrations import Runner

import models

# At debug level peewee writes each statement with its values: names, dates, addresses.
logging.getLogger("peewee").setLevel(logging.WARNING)

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

# Durable before fast; deleted text is overwritten; the schema may not run functions with side effects.
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "secure_delete": 1,
    "trusted_schema": 0,
}
POSTGRES_POOL = {"max_connections": 20, "timeout": 10, "stale_timeout": 300}


def connect(url: str) -> pw.Database:
    """A database that is not yet opened, from `sqlite:///path` or `postgresql://user:password@host/name`.

    Raises ValueError on any other kind, without repeating the address: it may hold a password.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        _make_folder(parse(url)["database"])
        # IMMEDIATE: a transaction that will write waits at its start, where busy_timeout helps, not half-way.
        return connect_url(url, pragmas=SQLITE_PRAGMAS, lock_type="IMMEDIATE")
    if scheme in ("postgres", "postgresql"):
        return connect_url(f"postgresql+pool://{rest}", unquote_user=True, unquote_password=True, **POSTGRES_POOL)
    raise ValueError("the database address must begin with sqlite:// or postgresql://")


def initialize(url: str) -> pw.Database:
    """Connect the models to the database at `url`. Nothing is opened yet; a pool that was there before is emptied."""
    database = connect(url)
    if hasattr(models.db.obj, "close_all"):
        models.db.obj.close_all()
    models.db.initialize(database)
    return database


def transaction() -> AbstractContextManager[Any]:
    """All or nothing: rolled back when an exception leaves it. May be nested."""
    return cast(AbstractContextManager[Any], models.db.atomic())


def ping() -> None:
    """Ask the database for nothing. Raises peewee.DatabaseError (or its kin) when it does not answer."""
    models.db.execute_sql("SELECT 1").fetchone()


def upgrade(database: pw.Database) -> list[str]:
    """Apply the pending migrations in order, each in a transaction of its own; their names."""
    with _opened(database) as opened:
        return list(_runner(opened).up())


def status(database: pw.Database) -> list[tuple[str, bool]]:
    """Every known migration in order, and whether this database has it."""
    with _opened(database) as opened:
        return [(migration.name, bool(migration.applied)) for migration in _runner(opened).status()]


def _runner(database: pw.Database) -> Runner:
    return Runner(database, directory=str(MIGRATIONS))


@contextmanager
def _opened(database: pw.Database) -> Iterator[pw.Database]:
    """The database itself (not the proxy that the models hold), closed afterwards if it was closed before."""
    real = database.obj if isinstance(database, pw.Proxy) else database
    was_closed = real.connect(reuse_if_open=True)
    try:
        yield real
    finally:
        if was_closed:
            real.close()


def _make_folder(file: str) -> None:
    if file != ":memory:" and not Path(file).parent.exists():
        Path(file).parent.mkdir(mode=0o700, parents=True)
