"""Who did what, when, with which row: names of fields, never their values. Append-only (a trigger refuses change)."""

from __future__ import annotations

import peewee as pw

from models.base import BaseModel
from models.people import Municipality, User


class AuditEvent(BaseModel):
    municipality = pw.ForeignKeyField(Municipality, null=True, on_delete="RESTRICT")
    actor = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")
    tag = pw.CharField(max_length=60)
    subject = pw.CharField(max_length=40, default="")
    subject_id = pw.IntegerField(null=True)
    case_id = pw.IntegerField(null=True)
    fields = pw.TextField(default="")

    class Meta:
        table_name = "audit_event"
        indexes = (
            (("municipality", "created_at"), False),
            (("case_id", "created_at"), False),
            (("tag", "created_at"), False),
        )
