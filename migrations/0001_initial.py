"""The tables as they were at the beginning. A frozen copy: later changes are later files."""

import peewee as pw


class Row(pw.Model):
    revision = pw.IntegerField()
    created_at = pw.DateTimeField()

    class Meta:
        legacy_table_names = False


class Municipality(Row):
    name = pw.CharField(max_length=120)
    slug = pw.CharField(max_length=40, unique=True)
    org_number = pw.CharField(max_length=9)
    language = pw.CharField(max_length=2)
    brand_color = pw.CharField(max_length=7)
    logo = pw.BlobField(null=True)
    standard_set = pw.CharField(max_length=60)

    class Meta:
        table_name = "municipality"


class Unit(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    parent = pw.ForeignKeyField("self", null=True, on_delete="RESTRICT")
    name = pw.CharField(max_length=120)
    phone = pw.CharField(max_length=40)
    active = pw.BooleanField()

    class Meta:
        table_name = "unit"
        indexes = ((("municipality", "name"), False),)


class Employee(Row):
    uid = pw.CharField(max_length=32, unique=True)
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    unit = pw.ForeignKeyField(Unit, on_delete="RESTRICT")
    name = pw.CharField(max_length=120)
    name_fold = pw.CharField(max_length=240, index=True)
    name_sort = pw.CharField(max_length=240, index=True)
    national_id = pw.BlobField(null=True)
    national_id_index = pw.CharField(max_length=64, null=True)
    birth_hint = pw.CharField(max_length=6)
    resource_number = pw.CharField(max_length=20)
    address = pw.CharField(max_length=160)
    postal = pw.CharField(max_length=80)
    phone_private = pw.CharField(max_length=40)
    phone_work = pw.CharField(max_length=40)
    position = pw.CharField(max_length=120)
    position_percent = pw.IntegerField(constraints=[pw.Check("position_percent BETWEEN 1 AND 100")])
    nav_office = pw.CharField(max_length=120)
    certifier = pw.CharField(max_length=120)
    occupational_health = pw.BooleanField()
    language = pw.CharField(max_length=2)
    active = pw.BooleanField()

    class Meta:
        table_name = "employee"
        indexes = (
            (("municipality", "national_id_index"), True),
            (("municipality", "unit"), False),
        )


class Case(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    employee = pw.ForeignKeyField(Employee, on_delete="RESTRICT")
    unit = pw.ForeignKeyField(Unit, on_delete="RESTRICT")
    kind = pw.CharField(max_length=20)
    first_day = pw.DateField()
    status = pw.CharField(max_length=20)
    closed_on = pw.DateField(null=True)
    ordinary_tasks = pw.TextField()
    sick_pay_end = pw.DateField(null=True)
    next_step = pw.CharField(max_length=30)
    next_due = pw.DateField(null=True)
    plan_status = pw.CharField(max_length=20)

    class Meta:
        table_name = "followup_case"
        indexes = (
            (("municipality", "status", "next_due"), False),
            (("municipality", "next_due"), False),
            (("municipality", "unit"), False),
            (("employee", "first_day"), False),
        )


class AbsencePeriod(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT")
    from_date = pw.DateField()
    to_date = pw.DateField(null=True)
    grade = pw.IntegerField(constraints=[pw.Check("grade BETWEEN 1 AND 100")])

    class Meta:
        table_name = "absence_period"
        indexes = ((("case", "from_date"), False),)


class QuestionSet(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    key = pw.CharField(max_length=60)
    kind = pw.CharField(max_length=20)
    title = pw.CharField(max_length=200)
    shipped = pw.BooleanField()
    active = pw.BooleanField()

    class Meta:
        table_name = "question_set"
        indexes = ((("municipality", "key"), True),)


class QuestionSetVersion(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    question_set = pw.ForeignKeyField(QuestionSet, on_delete="RESTRICT")
    number = pw.IntegerField()
    status = pw.CharField(max_length=20)
    definition = pw.TextField()
    sha256 = pw.CharField(max_length=64)
    note = pw.CharField(max_length=300)
    published_at = pw.DateTimeField(null=True)

    class Meta:
        table_name = "question_set_version"
        indexes = ((("question_set", "number"), True),)


class User(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    username = pw.CharField(max_length=60, unique=True)
    name = pw.CharField(max_length=120)
    email = pw.CharField(max_length=160)
    password_hash = pw.CharField(max_length=200)
    language = pw.CharField(max_length=2)
    active = pw.BooleanField()
    employee = pw.ForeignKeyField(Employee, null=True, on_delete="RESTRICT")
    page_size = pw.IntegerField()

    class Meta:
        table_name = "app_user"


class Plan(Row):
    uid = pw.CharField(max_length=32, unique=True)
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT")
    version = pw.ForeignKeyField(QuestionSetVersion, on_delete="RESTRICT")
    number = pw.IntegerField()
    kind = pw.CharField(max_length=20)
    status = pw.CharField(max_length=20)
    language = pw.CharField(max_length=2)
    saved_at = pw.DateTimeField(null=True)
    saved_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")
    finished_at = pw.DateTimeField(null=True)
    finished_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")
    snapshot = pw.BlobField(null=True)
    snapshot_hash = pw.CharField(max_length=64)
    misregistered_reason = pw.CharField(max_length=300)
    evaluate_on = pw.DateField(null=True)

    class Meta:
        table_name = "plan"
        indexes = (
            (("case", "number"), True),
            (("municipality", "status"), False),
        )


class Answer(Row):
    uid = pw.CharField(max_length=32, unique=True)
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    plan = pw.ForeignKeyField(Plan, on_delete="RESTRICT")
    question = pw.CharField(max_length=60)
    value = pw.BlobField(null=True)
    saved_at = pw.DateTimeField()
    saved_by = pw.ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        table_name = "answer"
        indexes = ((("plan", "question"), True),)


class AuditEvent(Row):
    municipality = pw.ForeignKeyField(Municipality, null=True, on_delete="RESTRICT")
    actor = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")
    tag = pw.CharField(max_length=60)
    subject = pw.CharField(max_length=40)
    subject_id = pw.IntegerField(null=True)
    case_id = pw.IntegerField(null=True)
    fields = pw.TextField()

    class Meta:
        table_name = "audit_event"
        indexes = (
            (("municipality", "created_at"), False),
            (("case_id", "created_at"), False),
            (("tag", "created_at"), False),
        )


class ContactEntry(Row):
    uid = pw.CharField(max_length=32, unique=True)
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT")
    at = pw.DateTimeField()
    kind = pw.CharField(max_length=20)
    participants = pw.CharField(max_length=200)
    text = pw.BlobField(null=True)
    result = pw.BlobField(null=True)
    author = pw.ForeignKeyField(User, on_delete="RESTRICT")
    corrects = pw.ForeignKeyField("self", null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "contact_entry"
        indexes = ((("case", "at"), False),)


class Document(Row):
    uid = pw.CharField(max_length=32, unique=True)
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT")
    plan = pw.ForeignKeyField(Plan, null=True, on_delete="RESTRICT")
    kind = pw.CharField(max_length=20)
    title = pw.CharField(max_length=200)
    mime = pw.CharField(max_length=60)
    size = pw.IntegerField()
    sha256 = pw.CharField(max_length=64)
    content = pw.BlobField(null=True)
    author = pw.ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        table_name = "document"
        indexes = ((("case", "created_at"), False),)


class LeaderRelation(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    leader = pw.ForeignKeyField(User, on_delete="RESTRICT")
    employee = pw.ForeignKeyField(Employee, on_delete="RESTRICT")
    from_date = pw.DateField()
    to_date = pw.DateField(null=True)

    class Meta:
        table_name = "leader_relation"
        indexes = (
            (("leader", "employee"), False),
            (("employee", "from_date"), False),
        )


class LoginAttempt(Row):
    user_hash = pw.CharField(max_length=64)
    address_hash = pw.CharField(max_length=64)
    succeeded = pw.BooleanField()

    class Meta:
        table_name = "login_attempt"
        indexes = (
            (("user_hash", "created_at"), False),
            (("address_hash", "created_at"), False),
        )


class LoginSession(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    user = pw.ForeignKeyField(User, on_delete="RESTRICT")
    token_hash = pw.CharField(max_length=64, unique=True)
    last_seen_at = pw.DateTimeField()
    closed_at = pw.DateTimeField(null=True)
    closed_because = pw.CharField(max_length=20)
    agent = pw.CharField(max_length=200)

    class Meta:
        table_name = "login_session"


class Measure(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT")
    what = pw.TextField()
    kind = pw.CharField(max_length=30)
    responsible = pw.CharField(max_length=120)
    deadline = pw.DateField(null=True)
    status = pw.CharField(max_length=20)
    declined_by = pw.CharField(max_length=20)
    declined_reason = pw.TextField()
    effect = pw.TextField()

    class Meta:
        table_name = "measure"
        indexes = ((("case", "deadline"), False),)


class ParkedForm(Row):
    uid = pw.CharField(max_length=32, unique=True)
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    user = pw.ForeignKeyField(User, on_delete="RESTRICT")
    path = pw.CharField(max_length=200)
    fields = pw.BlobField(null=True)

    class Meta:
        table_name = "parked_form"
        indexes = ((("user", "path"), False),)


class Signature(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    plan = pw.ForeignKeyField(Plan, on_delete="RESTRICT")
    role = pw.CharField(max_length=20)
    name = pw.CharField(max_length=120)
    signed_on = pw.DateField()
    place = pw.CharField(max_length=120)
    scan = pw.ForeignKeyField(Document, null=True, on_delete="RESTRICT")
    registered_by = pw.ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        table_name = "signature"
        indexes = ((("plan", "role"), True),)


class UserRole(Row):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    user = pw.ForeignKeyField(User, on_delete="RESTRICT")
    role = pw.CharField(
        max_length=20, constraints=[pw.Check("role IN ('administrator', 'hr', 'leader', 'employee', 'auditor')")]
    )
    unit = pw.ForeignKeyField(Unit, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "user_role"
        indexes = ((("user", "role", "unit"), True),)


TABLES = [
    Municipality,
    Unit,
    Employee,
    Case,
    AbsencePeriod,
    QuestionSet,
    QuestionSetVersion,
    User,
    Plan,
    Answer,
    AuditEvent,
    ContactEntry,
    Document,
    LeaderRelation,
    LoginAttempt,
    LoginSession,
    Measure,
    ParkedForm,
    Signature,
    UserRole,
]


def up(migrator, db):
    db.bind(TABLES)
    db.create_tables(TABLES, safe=False)
