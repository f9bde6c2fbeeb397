"""Question sets with versions, plans with answers, the documents they become and the signatures on them."""

from __future__ import annotations

import peewee as pw

from models.base import Sealed, UtcDateTimeField, now
from models.cases import Case
from models.meetings import DialogueMeeting
from models.people import Municipality, TenantModel, Unit, User

PLAN_STATUSES = ("draft", "finished", "signed", "superseded", "misregistered")
PURPOSES = ("plan", "minutes", "consent")
PLAN_KINDS = ("first", "extension")
SIGNER_ROLES = ("employer", "employee", "doctor", "assistant")


class QuestionSet(TenantModel):
    """A question set, a letter or a list of steps of a municipality; its content lies in the versions.

    `base` is the key of the shipped one it is laid over, empty for the municipality's own.
    """

    key = pw.CharField(max_length=60)
    kind = pw.CharField(max_length=20)
    title = pw.CharField(max_length=200)
    active = pw.BooleanField(default=True)
    base = pw.CharField(max_length=60, default="", constraints=[pw.Default("''")])

    class Meta:
        table_name = "question_set"
        indexes = ((("municipality", "key"), True),)

    def __str__(self) -> str:
        return self.title


class QuestionSetVersion(TenantModel):
    """Published content: numbered, and never changed (the database refuses). Only `status` may become retired.

    For a set laid over a shipped one, `base_definition` is the shipped content it was made on and `operations` what the
    municipality changed in it. New plans use the version from `starts_on`; with `moves_drafts` open drafts come along.
    """

    question_set = pw.ForeignKeyField(QuestionSet, on_delete="RESTRICT", backref="versions")
    number = pw.IntegerField()
    status = pw.CharField(max_length=20, default="published")
    definition = pw.TextField()
    sha256 = pw.CharField(max_length=64)
    note = pw.CharField(max_length=300, default="")
    published_at = UtcDateTimeField(null=True)
    operations = pw.TextField(default="[]", constraints=[pw.Default("'[]'")])
    base_definition = pw.TextField(default="", constraints=[pw.Default("''")])
    starts_on = pw.DateField(null=True)
    moves_drafts = pw.BooleanField(default=False, constraints=[pw.Default("FALSE")])
    published_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "question_set_version"
        indexes = ((("question_set", "number"), True),)


class SetDraft(TenantModel):
    """What will be the next version of a set: at most one, shared by administrators, with states to go back to."""

    question_set = pw.ForeignKeyField(QuestionSet, on_delete="RESTRICT", unique=True, backref="drafts")
    definition = pw.TextField()
    base_definition = pw.TextField(default="")
    position = pw.IntegerField(default=0)  # of the state that `definition` is
    saved_at = UtcDateTimeField(default=now)
    saved_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "set_draft"


class SetDraftState(TenantModel):
    """One state of a draft, compressed; `said` tells what the change that led here was, as a text of the catalogue."""

    draft = pw.ForeignKeyField(SetDraft, on_delete="RESTRICT", backref="states")
    position = pw.IntegerField()
    content = pw.BlobField()
    said = pw.TextField(default="")
    subject = pw.CharField(max_length=120, default="")  # changes of one subject in a row are one step back
    made_at = UtcDateTimeField(default=now)
    made_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "set_draft_state"
        indexes = ((("draft", "position"), True),)


class Plan(Sealed):
    """A form of a case that is filled in, finished and signed: the follow-up plan, or (see `purpose`) the minutes of a
    dialogue meeting or a consent, which can be withdrawn. `number` counts within case and purpose."""

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT", backref="plans")
    version = pw.ForeignKeyField(QuestionSetVersion, on_delete="RESTRICT")
    number = pw.IntegerField()
    purpose = pw.CharField(max_length=20, default="plan", constraints=[pw.Default("'plan'")])
    meeting = pw.ForeignKeyField(DialogueMeeting, null=True, on_delete="RESTRICT", backref="minutes")
    kind = pw.CharField(max_length=20, default="first")
    status = pw.CharField(max_length=20, default="draft")
    language = pw.CharField(max_length=2, default="nb")
    saved_at = UtcDateTimeField(null=True)
    saved_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")
    finished_at = UtcDateTimeField(null=True)
    finished_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT")
    snapshot = pw.BlobField(null=True)
    snapshot_hash = pw.CharField(max_length=64, default="")
    misregistered_reason = pw.CharField(max_length=300, default="")
    evaluate_on = pw.DateField(null=True)
    moved_from = pw.ForeignKeyField(QuestionSetVersion, null=True, on_delete="RESTRICT", backref="moved_plans")
    withdrawn_on = pw.DateField(null=True)  # of a consent
    withdrawn_by = pw.ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="withdrawals")

    class Meta:
        table_name = "plan"
        indexes = ((("case", "purpose", "number"), True), (("municipality", "status"), False))


class Answer(Sealed):
    """One question's answer in one plan, with its own revision: two people may write in the same plan."""

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    plan = pw.ForeignKeyField(Plan, on_delete="RESTRICT", backref="answers")
    question = pw.CharField(max_length=60)
    value = pw.BlobField(null=True)
    saved_at = UtcDateTimeField()
    saved_by = pw.ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        table_name = "answer"
        indexes = ((("plan", "question"), True),)


class Document(Sealed):
    """Bytes that never change: a printed plan, the scan of a signed one, or a letter (with the `unit` that sent it)."""

    municipality = pw.ForeignKeyField(Municipality, on_delete="RESTRICT")
    case = pw.ForeignKeyField(Case, on_delete="RESTRICT", backref="documents")
    plan = pw.ForeignKeyField(Plan, null=True, on_delete="RESTRICT", backref="documents")
    unit = pw.ForeignKeyField(Unit, null=True, on_delete="RESTRICT", backref="documents")
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


class Signature(TenantModel):
    """A party's signature on paper, as registered."""

    plan = pw.ForeignKeyField(Plan, on_delete="RESTRICT", backref="signatures")
    role = pw.CharField(max_length=20)
    name = pw.CharField(max_length=120)
    signed_on = pw.DateField()
    place = pw.CharField(max_length=120)
    scan = pw.ForeignKeyField(Document, null=True, on_delete="RESTRICT")
    registered_by = pw.ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        table_name = "signature"
        indexes = ((("plan", "role"), True),)
