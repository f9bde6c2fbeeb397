"""Migrations give exactly what the models say, and the database itself guards the trail."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import peewee as pw
import pytest
from playhouse.schema_diff import diff_models

import models
from models import AuditEvent, ContactEntry
from services import database
from tests.postgres import Server
from tests.world import World

pytestmark = pytest.mark.both_databases

COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
# A column that was added later stands elsewhere in the text of its table, so tables are compared by what they mean.
TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
LITE_INDEXES = "SELECT 'index', name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
LITE_COLUMNS = 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)'
LITE_KEYS = 'SELECT "from", "table", "to", on_update, on_delete FROM pragma_foreign_key_list(?)'
CHECK = re.compile(r"CHECK \(.*?\)(?=,|\)|$)")


@pytest.fixture
def made_from_models(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[pw.Database]:
    """A second database, whose tables come straight from the models."""
    if engine == "sqlite":
        other = database.connect(f"sqlite:///{tmp_path / 'models.db'}")
    else:
        server: Server = request.getfixturevalue("postgres")
        other = database.connect(server.create("attende_models"))
    tables = [*models.TABLES, *models.QUEUE_TABLES]
    with other.bind_ctx(tables), other:
        other.create_tables(tables)
        yield other
    if engine == "postgresql":
        other.close_all()
        server.drop("attende_models")


def _schema(opened: pw.Database) -> set[tuple[object, ...]]:
    """Everything the engine knows of the tables, but not the runner's own table."""
    if isinstance(opened, pw.SqliteDatabase):
        rows = _lite_schema(opened)
    else:
        rows = {tuple(row) for query in (COLUMNS, CONSTRAINTS, INDEXES) for row in opened.execute_sql(query).fetchall()}
    return {row for row in rows if not any("schema_migration" in str(value) for value in row)}


def _lite_schema(opened: pw.Database) -> set[tuple[object, ...]]:
    rows = {(kind, name, _plain(sql)) for kind, name, sql in opened.execute_sql(LITE_INDEXES).fetchall()}
    for table, sql in opened.execute_sql(TABLES).fetchall():
        rows |= {(table, "check", check) for check in CHECK.findall(sql)}
        for query in (LITE_COLUMNS, LITE_KEYS):
            rows |= {(table, *row) for row in opened.execute_sql(query, (table,)).fetchall()}
    return rows


def _plain(sql: str) -> str:
    return sql.replace('"', "")


def test_no_difference_is_found(db: pw.Database) -> None:
    assert str(diff_models(db, [*models.TABLES, *models.QUEUE_TABLES])) == ""


def test_types_checks_keys_and_indexes_agree(db: pw.Database, made_from_models: pw.Database) -> None:
    migrated, meant = _schema(db), _schema(made_from_models)
    assert {"missing": meant - migrated, "too much": migrated - meant} == {"missing": set(), "too much": set()}


def test_every_model_is_listed() -> None:
    def below(model: type[pw.Model]) -> Iterator[type[pw.Model]]:
        for child in model.__subclasses__():
            yield child
            yield from below(child)

    rows = {m for m in below(models.BaseModel) if m.__module__.startswith("models.") and not m.__subclasses__()}
    assert rows == set(models.TABLES)


def test_every_table_has_its_tenant() -> None:
    without = {m.__name__ for m in models.TABLES if "municipality" not in m._meta.fields}
    assert without == {"Municipality", "LoginAttempt"}


def test_nothing_is_deleted_along() -> None:
    keys = [f for m in models.TABLES for f in m._meta.sorted_fields if isinstance(f, pw.ForeignKeyField)]
    assert {key.on_delete for key in keys} == {"RESTRICT"}


def test_a_second_upgrade_does_nothing(db: pw.Database) -> None:
    assert database.upgrade(models.db) == []
    assert all(applied for _, applied in database.status(db))


@pytest.fixture
def trail(world: World) -> list[models.BaseModel]:
    """One row in each table that only grows."""
    entry = ContactEntry(
        municipality=world.storvik, case=world.per_case, at=models.now(), kind="phone", author=world.kari
    )
    entry.seal("text", "Avtalte møte.")
    entry.save()
    return [AuditEvent.create(municipality=world.storvik, actor=world.kari, tag="case.read"), entry]


def test_the_trail_cannot_be_changed(trail: list[models.BaseModel], db: pw.Database) -> None:
    for row in trail:
        model = type(row)
        with pytest.raises(pw.DatabaseError, match="append-only"), db.atomic():
            model.update(created_at=dt.datetime(2020, 1, 1)).where(model.id == row.id).execute()
        assert model.get_by_id(row.id).created_at == row.created_at


def test_the_trail_cannot_be_removed(trail: list[models.BaseModel], db: pw.Database) -> None:
    for row in trail:
        model = type(row)
        with pytest.raises(pw.DatabaseError, match="append-only"), db.atomic():
            model.delete().where(model.id == row.id).execute()
        assert model.select().where(model.id == row.id).exists()


def test_the_trail_cannot_be_emptied(trail: list[models.BaseModel], db: pw.Database, engine: str) -> None:
    if engine == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    for row in trail:
        with pytest.raises(pw.DatabaseError, match="append-only"), db.atomic():
            db.execute_sql(f"TRUNCATE {type(row)._meta.table_name} CASCADE")
        assert type(row).select().count() == 1


def test_rows_cannot_lose_what_they_point_to(world: World, db: pw.Database) -> None:
    with pytest.raises(pw.IntegrityError), db.atomic():
        world.per_employee.delete_instance()


def test_a_failed_transaction_leaves_nothing(world: World) -> None:
    def rename_and_fail() -> None:
        with database.transaction():
            models.Municipality.update(name="Halv").where(models.Municipality.id == world.storvik.id).execute()
            raise RuntimeError("in the middle")

    name = world.storvik.name
    with pytest.raises(RuntimeError):
        rename_and_fail()
    assert world.refresh().storvik.name == name


def test_moments_come_back_aware_and_in_utc(world: World) -> None:
    created = world.refresh().per_case.created_at
    assert created.tzinfo == dt.UTC
    assert abs(models.now() - created) < dt.timedelta(minutes=5)


def test_sqlite_is_durable_and_strict(db: pw.Database, engine: str) -> None:
    if engine == "postgresql":
        pytest.skip("about SQLite only")
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete", "trusted_schema")
    assert [db.pragma(name) for name in names] == ["wal", 2, 1, 5000, 1, 0]


def test_sealed_bytes_survive_the_database(world: World) -> None:
    assert world.refresh().per_employee.unseal("national_id").startswith("058380")


@pytest.mark.parametrize("url", ["mysql://a:hemmelig@b/c", "attende.db", ""])
def test_other_databases_are_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with") as refused:
        database.connect(url)
    assert "hemmelig" not in str(refused.value)


def test_no_back_reference_hides_a_column() -> None:
    """A column named as the default back reference of another table would silently keep its default for ever."""
    hidden = [
        (model.__name__, name)
        for model in models.TABLES
        for name in model._meta.fields
        if name in {key.backref for key in model._meta.backrefs}
    ]
    assert hidden == []
