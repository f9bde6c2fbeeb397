"""The follow-up year: milestones, dialogue meetings, letters sent, settings, reminders, feeds and the queue."""

import peewee as pw


class Row(pw.Model):
    revision = pw.IntegerField()
    created_at = pw.DateTimeField()

    class Meta:
        legacy_table_names = False


class SealedRow(Row):
    uid = pw.CharField(max_length=32, unique=True)


class Municipality(Row):
    class Meta:
        table_name = "municipality"


class Unit(Row):
    class Meta:
        table_name = "unit"


class User(Row):
    class Meta:
        table_name = "app_user"


class Case(Row):
    class Meta:
        table_name = "followup_case"


class Document(Row):
    class Meta:
        table_name = "document"


class DialogueMeeting(SealedRow):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT")
    number = pw.IntegerField(constraints=[pw.Check("number BETWEEN 1 AND 3")])
    host = pw.CharField(max_length=20)
    at = pw.DateTimeField()
    place = pw.CharField(max_length=160)
    link = pw.CharField(max_length=300)
    status = pw.CharField(max_length=20)
    reason = pw.BlobField(null=True)

    class Meta:
        table_name = "dialogue_meeting"
        indexes = ((("case", "number"), False),)


class MeetingParticipant(SealedRow):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    meeting = pw.ForeignKeyField(DialogueMeeting, on_delete="RESTRICT")
    role = pw.CharField(max_length=30)
    name = pw.CharField(max_length=120)
    agreed = pw.BooleanField(null=True)
    invited_on = pw.DateField(null=True)
    answer = pw.CharField(max_length=20)
    answered_at = pw.DateTimeField(null=True)
    note = pw.BlobField(null=True)
    attended = pw.BooleanField(null=True)

    class Meta:
        table_name = "meeting_participant"


class Milestone(SealedRow):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT")
    code = pw.CharField(max_length=60)
    round = pw.IntegerField()
    who = pw.CharField(max_length=20)
    due = pw.DateField(null=True)
    state = pw.CharField(max_length=20)
    done_on = pw.DateField(null=True)
    by_hand = pw.BooleanField()
    decided_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")
    decided_at = pw.DateTimeField(null=True)
    reason_code = pw.CharField(max_length=30)
    reason = pw.BlobField(null=True)
    again_on = pw.DateField(null=True)

    class Meta:
        table_name = "milestone"
        indexes = (
            (("case", "code", "round"), True),
            (("municipality", "state", "due", "who", "code", "case"), False),
        )


class Dispatch(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT")
    document = pw.ForeignKeyField(Document, on_delete="RESTRICT")
    unit = pw.ForeignKeyField(Unit, on_delete="RESTRICT")
    letter = pw.CharField(max_length=60)
    recipient = pw.CharField(max_length=30)
    recipient_name = pw.CharField(max_length=120)
    how = pw.CharField(max_length=20)
    sent_on = pw.DateField()
    sent_by = pw.ForeignKeyField(User, on_delete="RESTRICT")
    meeting = pw.ForeignKeyField(DialogueMeeting, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "dispatch"
        indexes = ((("case", "sent_on"), False), (("municipality", "sent_on"), False))


class FollowUpSettings(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT", unique=True)
    schedule = pw.CharField(max_length=60)
    week_clock = pw.CharField(max_length=10)
    self_declared_days = pw.IntegerField()
    self_declared_year_days = pw.IntegerField(null=True)
    self_declared_times = pw.IntegerField(null=True)
    remind = pw.BooleanField()
    remind_before = pw.IntegerField()
    remind_late_every = pw.IntegerField()
    remind_leaders = pw.BooleanField()
    remind_hr = pw.BooleanField()

    class Meta:
        table_name = "follow_up_settings"


class Reminder(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    user = pw.ForeignKeyField(User, on_delete="RESTRICT")
    day = pw.DateField()
    state = pw.CharField(max_length=20)
    tries = pw.IntegerField()
    fault = pw.CharField(max_length=60)
    tried_at = pw.DateTimeField(null=True)
    sent_at = pw.DateTimeField(null=True)

    class Meta:
        table_name = "reminder"
        indexes = ((("user", "day"), True), (("municipality", "day"), False))


class ReminderItem(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    reminder = pw.ForeignKeyField(Reminder, on_delete="RESTRICT")
    user = pw.ForeignKeyField(User, on_delete="RESTRICT")
    milestone = pw.ForeignKeyField(Milestone, on_delete="RESTRICT")
    stage = pw.CharField(max_length=20)

    class Meta:
        table_name = "reminder_item"
        indexes = ((("user", "milestone", "stage"), True),)


class CalendarFeed(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    user = pw.ForeignKeyField(User, on_delete="RESTRICT")
    token_hash = pw.CharField(max_length=64, unique=True)
    revoked_at = pw.DateTimeField(null=True)

    class Meta:
        table_name = "calendar_feed"


class Queued(pw.Model):
    queue = pw.CharField(max_length=40)

    class Meta:
        legacy_table_names = False


class QueueTask(Queued):
    data = pw.BlobField()
    priority = pw.FloatField()

    class Meta:
        table_name = "queue_task"
        indexes = ((("queue", "priority"), False),)


class QueueSchedule(Queued):
    data = pw.BlobField()
    timestamp = pw.TimestampField(resolution=1000)

    class Meta:
        table_name = "queue_schedule"
        indexes = ((("queue", "timestamp"), False),)


class QueueValue(Queued):
    key = pw.CharField(max_length=255)
    value = pw.BlobField()

    class Meta:
        table_name = "queue_value"
        primary_key = pw.CompositeKey("queue", "key")


class QueueCounter(Queued):
    key = pw.CharField(max_length=255)
    value = pw.IntegerField()

    class Meta:
        table_name = "queue_counter"
        primary_key = pw.CompositeKey("queue", "key")


NEW = (
    DialogueMeeting, MeetingParticipant, Milestone, Dispatch, FollowUpSettings, Reminder, ReminderItem, CalendarFeed,
    QueueTask, QueueSchedule, QueueValue, QueueCounter,
)  # fmt: skip


def up(migrator, db):
    truth = "INTEGER" if isinstance(db, pw.SqliteDatabase) else "BOOLEAN"
    db.bind([Municipality, Unit, User, Case, Document, *NEW])
    db.create_tables(NEW, safe=False)
    _add(db, "app_user", f"reminders {truth} NOT NULL DEFAULT TRUE")
    _add(db, "absence_period", "kind VARCHAR(20) NOT NULL DEFAULT 'sick'")
    _add(db, "followup_case", f"plan_in_time {truth}")
    _add(db, "followup_case", f"dialogue_in_time {truth}")
    _add(db, "followup_case", "plan_limit DATE")
    _add(db, "followup_case", "dialogue_limit DATE")
    _add(db, "plan", "purpose VARCHAR(20) NOT NULL DEFAULT 'plan'")
    _add(db, "plan", "withdrawn_on DATE")
    for table, column, other in (
        ("plan", "meeting_id", "dialogue_meeting"), ("plan", "withdrawn_by_id", "app_user"),
        ("document", "unit_id", "unit"),
    ):  # fmt: skip
        _add(db, table, f"{column} INTEGER REFERENCES {other} (id) ON DELETE RESTRICT")
        db.execute_sql(f'CREATE INDEX "{table}_{column}" ON "{table}" ("{column}")')
    db.execute_sql('DROP INDEX "followup_case_municipality_id_unit_id"')
    db.execute_sql(
        'CREATE INDEX "followup_case_municipality_id_unit_id_status_first_day_p_38f8fcf" ON "followup_case" '
        '("municipality_id", "unit_id", "status", "first_day", "plan_limit", "plan_in_time", "dialogue_limit", '
        '"dialogue_in_time")'
    )
    db.execute_sql('DROP INDEX "plan_case_id_number"')
    db.execute_sql('CREATE UNIQUE INDEX "plan_case_id_purpose_number" ON "plan" ("case_id", "purpose", "number")')


def _add(db, table, column):
    db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
