"""The follow-up year of a case: its milestones, and what was sent to whom."""

from __future__ import annotations

import peewee as pw

from models.base import Sealed, UtcDateTimeField
from models.cases import Case
from models.meetings import DialogueMeeting
from models.people import Municipality, TenantModel, Unit, User
from models.plans import Document

MILESTONE_STATES = ("open", "done", "not_relevant", "exempt", "ended")
ACTORS = ("leader", "employee", "hr", "nav", "certifier")
SENT_HOW = ("handed_over", "post", "digital_post", "secure_message", "other")


class Milestone(Sealed):
    """A point of a case's timeline as it stands: made and moved by services.milestones, never losing what was done.

    `round` tells apart what comes again (signatures and evaluation of plan 1, 2, …). `reason` is sealed: why a
    milestone is not relevant, or obviously unnecessary.
    """

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT", backref="milestones")
    code = pw.CharField(max_length=60)
    round = pw.IntegerField(default=0)
    who = pw.CharField(max_length=20, default="leader")
    due = pw.DateField(null=True)
    state = pw.CharField(max_length=20, default="open")
    done_on = pw.DateField(null=True)
    by_hand = pw.BooleanField(default=False)  # ticked by a person, not seen from a plan, meeting, letter or contact
    decided_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")
    decided_at = UtcDateTimeField(null=True)
    reason_code = pw.CharField(max_length=30, default="")
    reason = pw.BlobField(null=True)
    again_on = pw.DateField(null=True)  # of an exemption: when it is asked again

    class Meta:
        table_name = "milestone"
        indexes = (
            (("case", "code", "round"), True),
            (("municipality", "state", "due", "who", "code", "case"), False),  # what waits is counted from it alone
        )


class Dispatch(TenantModel):
    """A letter that was sent: which document, to whom, how and when. It stays with the unit it was sent from."""

    case = pw.ForeignKeyField(Case, on_delete="RESTRICT", backref="dispatches")
    document = pw.ForeignKeyField(Document, on_delete="RESTRICT", backref="dispatches")
    unit = pw.ForeignKeyField(Unit, on_delete="RESTRICT")
    letter = pw.CharField(max_length=60)  # key of the letter it was made from
    recipient = pw.CharField(max_length=30)
    recipient_name = pw.CharField(max_length=120, default="")
    how = pw.CharField(max_length=20)
    sent_on = pw.DateField()
    sent_by = pw.ForeignKeyField(User, on_delete="RESTRICT")
    meeting = pw.ForeignKeyField(DialogueMeeting, null=True, on_delete="RESTRICT", backref="dispatches")

    class Meta:
        table_name = "dispatch"
        indexes = ((("case", "sent_on"), False), (("municipality", "sent_on"), False))
