"""How a municipality counts and reminds, the reminders sent, and calendar feeds."""

from __future__ import annotations

import peewee as pw

from models.base import UtcDateTimeField
from models.followup import Milestone
from models.people import Municipality, TenantModel, User

CLOCKS = ("calendar", "nav")
REMINDER_STATES = ("waiting", "sending", "sent", "failed", "unsure")


class FollowUpSettings(TenantModel):
    """A municipality's choices for the follow-up year; one row, or the defaults while there is none."""

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT", unique=True)
    schedule = pw.CharField(max_length=60, default="lovens-minimum")  # key of the schedule in use
    week_clock = pw.CharField(max_length=10, default="calendar")
    self_declared_days = pw.IntegerField(default=3)  # per absence, ftrl § 8-24
    self_declared_year_days = pw.IntegerField(null=True)  # in 12 months, where agreed (often 24)
    self_declared_times = pw.IntegerField(null=True, default=4)  # absences in 12 months, ftrl § 8-25
    remind = pw.BooleanField(default=False)
    remind_before = pw.IntegerField(default=4)  # days before the deadline, and on the day itself
    remind_late_every = pw.IntegerField(default=7)  # days between reminders of what is late; 0: never
    remind_leaders = pw.BooleanField(default=True)
    remind_hr = pw.BooleanField(default=False)  # of what is late

    class Meta:
        table_name = "follow_up_settings"


class Reminder(TenantModel):
    """One digest to one person on one day. Its items keep anything from being told twice."""

    user = pw.ForeignKeyField(User, on_delete="RESTRICT", backref="digests")
    day = pw.DateField()
    state = pw.CharField(max_length=20, default="waiting")
    tries = pw.IntegerField(default=0)
    fault = pw.CharField(max_length=60, default="")  # a code, never the server's words
    tried_at = UtcDateTimeField(null=True)
    sent_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "reminder"
        indexes = ((("user", "day"), True), (("municipality", "day"), False))


class ReminderItem(TenantModel):
    """That this person was told of this milestone at this stage ("before", "due", "late:2026-11-30")."""

    reminder = pw.ForeignKeyField(Reminder, on_delete="RESTRICT", backref="items")
    user = pw.ForeignKeyField(User, on_delete="RESTRICT")
    milestone = pw.ForeignKeyField(Milestone, on_delete="RESTRICT")
    stage = pw.CharField(max_length=20)

    class Meta:
        table_name = "reminder_item"
        indexes = ((("user", "milestone", "stage"), True),)


class CalendarFeed(TenantModel):
    """A secret address of a person's deadlines; only its hash is kept. A new one ends the old."""

    user = pw.ForeignKeyField(User, on_delete="RESTRICT", backref="feeds")
    token_hash = pw.CharField(max_length=64, unique=True)
    revoked_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "calendar_feed"
