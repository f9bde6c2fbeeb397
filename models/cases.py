"""A follow-up case and what happens in it: absence periods, measures, contact log."""

from __future__ import annotations

import peewee as pw

from models.base import Sealed, UtcDateTimeField
from models.people import Employee, Municipality, TenantModel, Unit, User

CASE_KINDS = ("sick_leave", "preventive")
CASE_STATUSES = ("open", "closed")
MEASURE_KINDS = ("workplace", "tasks", "hours", "equipment", "training", "nav", "occupational_health", "other")
MEASURE_STATUSES = ("proposed", "agreed", "declined", "done")
PERIOD_KINDS = ("sick", "self_declared", "holiday")
PARTIES = ("employee", "employer", "both")
CONTACT_KINDS = ("phone", "meeting", "video", "message", "letter", "dialogue_meeting", "other")


class Case(TenantModel):
    employee = pw.ForeignKeyField(Employee, on_delete="RESTRICT", backref="cases")
    unit = pw.ForeignKeyField(Unit, on_delete="RESTRICT")
    kind = pw.CharField(max_length=20, default="sick_leave")
    first_day = pw.DateField()
    status = pw.CharField(max_length=20, default="open")
    closed_on = pw.DateField(null=True)
    ordinary_tasks = pw.TextField(default="")
    sick_pay_end = pw.DateField(null=True)
    # Kept by services.cases so that lists sort, filter and count without reading the whole case.
    next_step = pw.CharField(max_length=30, default="")
    next_due = pw.DateField(null=True)
    plan_status = pw.CharField(max_length=20, default="none")
    # Whether plan and first dialogue meeting came within the law's limits; None while they have not come.
    plan_in_time = pw.BooleanField(null=True)
    dialogue_in_time = pw.BooleanField(null=True)
    # The law's last day for each, for figures; None when the absence ended before it, or an exemption was made.
    plan_limit = pw.DateField(null=True)
    dialogue_limit = pw.DateField(null=True)

    class Meta:
        table_name = "followup_case"
        indexes = (
            (("municipality", "status", "next_due"), False),
            (("municipality", "next_due"), False),
            # All that figures by unit are counted from, so that counting reads no rows.
            (
                (
                    "municipality", "unit", "status", "first_day", "plan_limit", "plan_in_time", "dialogue_limit",
                    "dialogue_in_time",
                ),
                False,
            ),
            (("employee", "first_day"), False),
        )  # fmt: skip


class AbsencePeriod(TenantModel):
    """Days off, both ends included; no end means until further notice."""

    case = pw.ForeignKeyField(Case, on_delete="RESTRICT", backref="periods")
    from_date = pw.DateField()
    to_date = pw.DateField(null=True)
    grade = pw.IntegerField(constraints=[pw.Check("grade BETWEEN 1 AND 100")])
    kind = pw.CharField(max_length=20, default="sick", constraints=[pw.Default("'sick'")])

    class Meta:
        table_name = "absence_period"
        indexes = ((("case", "from_date"), False),)


class Measure(TenantModel):
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT", backref="measures")
    what = pw.TextField()
    kind = pw.CharField(max_length=30, default="tasks")
    responsible = pw.CharField(max_length=120, default="")
    deadline = pw.DateField(null=True)
    status = pw.CharField(max_length=20, default="proposed")
    declined_by = pw.CharField(max_length=20, default="")
    declined_reason = pw.TextField(default="")
    effect = pw.TextField(default="")

    class Meta:
        table_name = "measure"
        indexes = ((("case", "deadline"), False),)


class ContactEntry(Sealed):
    """What was said and when. Append-only (a trigger refuses change); a correction points to what it corrects."""

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT", backref="contacts")
    at = UtcDateTimeField()
    kind = pw.CharField(max_length=20)
    participants = pw.CharField(max_length=200, default="")
    text = pw.BlobField(null=True)
    result = pw.BlobField(null=True)
    author = pw.ForeignKeyField(User, on_delete="RESTRICT")
    corrects = pw.ForeignKeyField("self", null=True, on_delete="RESTRICT", backref="corrections")

    class Meta:
        table_name = "contact_entry"
        indexes = ((("case", "at"), False),)
