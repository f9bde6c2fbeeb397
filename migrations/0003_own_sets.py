"""Municipalities adjust their sets: drafts with states to go back to, versions that know what they were made of."""

import peewee as pw

# What a published version may never lose or change.
CONTENT = ("question_set_id", "number", "definition", "sha256", "operations", "base_definition", "published_at")
VERSIONS = "question_set_version"


class Row(pw.Model):
    class Meta:
        legacy_table_names = False


class Municipality(Row):
    class Meta:
        table_name = "municipality"


class User(Row):
    class Meta:
        table_name = "app_user"


class QuestionSet(Row):
    class Meta:
        table_name = "question_set"


class SetDraft(Row):
    revision = pw.IntegerField()
    created_at = pw.DateTimeField()
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    question_set = pw.ForeignKeyField(QuestionSet, on_delete="RESTRICT", unique=True)
    definition = pw.TextField()
    base_definition = pw.TextField()
    position = pw.IntegerField()
    saved_at = pw.DateTimeField()
    saved_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "set_draft"


class SetDraftState(Row):
    revision = pw.IntegerField()
    created_at = pw.DateTimeField()
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    draft = pw.ForeignKeyField(SetDraft, on_delete="RESTRICT")
    position = pw.IntegerField()
    content = pw.BlobField()
    said = pw.TextField()
    subject = pw.CharField(max_length=120)
    made_at = pw.DateTimeField()
    made_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "set_draft_state"
        indexes = ((("draft", "position"), True),)


def up(migrator, db):
    lite = isinstance(db, pw.SqliteDatabase)
    tables = [Municipality, User, QuestionSet, SetDraft, SetDraftState]
    db.bind(tables)
    db.create_tables([SetDraft, SetDraftState], safe=False)
    _add(db, "question_set", "base VARCHAR(60) NOT NULL DEFAULT ''")
    db.execute_sql('UPDATE question_set SET base = "key" WHERE shipped')
    db.execute_sql("ALTER TABLE question_set DROP COLUMN shipped")
    _add(db, VERSIONS, "operations TEXT NOT NULL DEFAULT '[]'")
    _add(db, VERSIONS, "base_definition TEXT NOT NULL DEFAULT ''")
    db.execute_sql("UPDATE question_set_version SET base_definition = definition")
    _add(db, VERSIONS, "starts_on DATE")
    _add(db, VERSIONS, f"moves_drafts {'INTEGER' if lite else 'BOOLEAN'} NOT NULL DEFAULT FALSE")
    _add(db, VERSIONS, "published_by_id INTEGER REFERENCES app_user (id) ON DELETE RESTRICT")
    _add(db, "plan", f"moved_from_id INTEGER REFERENCES {VERSIONS} (id) ON DELETE RESTRICT")
    for table, column in ((VERSIONS, "published_by_id"), ("plan", "moved_from_id")):
        db.execute_sql(f'CREATE INDEX "{table}_{column}" ON "{table}" ("{column}")')
    (_guard_sqlite if lite else _guard_postgresql)(db)


def _add(db, table, column):
    db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column}")


def _guard_sqlite(db):
    what = f"{VERSIONS} is immutable"
    for name, verb in (("no_change", f"UPDATE OF {', '.join(CONTENT)}"), ("no_delete", "DELETE")):
        db.execute_sql(
            f"CREATE TRIGGER {VERSIONS}_{name} BEFORE {verb} ON {VERSIONS} BEGIN SELECT RAISE(ABORT, '{what}'); END"
        )


def _guard_postgresql(db):
    """`refuse_change` was made by 0002."""
    db.execute_sql(
        f"CREATE TRIGGER {VERSIONS}_no_change BEFORE DELETE OR UPDATE OF {', '.join(CONTENT)} ON {VERSIONS} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
