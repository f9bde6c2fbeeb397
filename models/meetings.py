"""Dialogue meetings of a case, who takes part and what they answered."""

from __future__ import annotations

import peewee as pw

from models.base import Sealed, UtcDateTimeField
from models.cases import Case
from models.people import Municipality

MEETING_STATUSES = ("planned", "held", "not_held", "cancelled")
MEETING_HOSTS = ("employer", "nav")
PARTICIPANT_ROLES = (
    "employee", "leader", "certifier", "occupational_health", "nav", "union", "safety", "assistant", "other",
)  # fmt: skip
ANSWERS = ("none", "comes", "other_time", "does_not_come")


class DialogueMeeting(Sealed):
    """Dialogue meeting 1 (the employer's), 2 or 3 (Nav's). One that is moved or called off stays; `number` repeats."""

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT", backref="meetings")
    number = pw.IntegerField(constraints=[pw.Check("number BETWEEN 1 AND 3")])
    host = pw.CharField(max_length=20, default="employer")
    at = UtcDateTimeField()
    place = pw.CharField(max_length=160, default="")
    link = pw.CharField(max_length=300, default="")
    status = pw.CharField(max_length=20, default="planned")
    reason = pw.BlobField(null=True)  # why it was not held

    class Meta:
        table_name = "dialogue_meeting"
        indexes = ((("case", "number"), False),)


class MeetingParticipant(Sealed):
    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    meeting = pw.ForeignKeyField(DialogueMeeting, on_delete="RESTRICT", backref="participants")
    role = pw.CharField(max_length=30)
    name = pw.CharField(max_length=120, default="")
    agreed = pw.BooleanField(null=True)  # of the certifier: whether the employee wants them there (aml § 4-6 (4))
    invited_on = pw.DateField(null=True)
    answer = pw.CharField(max_length=20, default="none")
    answered_at = UtcDateTimeField(null=True)
    note = pw.BlobField(null=True)  # what was answered in words
    attended = pw.BooleanField(null=True)

    class Meta:
        table_name = "meeting_participant"
