"""The trail: one event per use case, in the transaction of what it tells of. Names of fields, never values."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from models import AuditEvent

if TYPE_CHECKING:
    from services.access import Actor


class Tag(StrEnum):
    LOGIN = "login:succeeded"
    LOGIN_FAILED = "login:failed"
    LOGIN_THROTTLED = "login:throttled"
    LOGOUT = "login:ended"
    SESSION_ENDED = "session:ended"
    PASSWORD_CHANGED = "password:changed"  # noqa: S105 - a name of what happened
    REFUSED = "access:refused"
    CASE_READ = "case:read"
    CASE_CREATED = "case:created"
    CASE_CHANGED = "case:changed"
    CASE_CLOSED = "case:closed"
    CASE_REOPENED = "case:reopened"
    LIST_READ = "list:read"
    EXPORTED = "list:exported"
    PERIOD_CREATED = "period:created"
    PERIOD_CHANGED = "period:changed"
    PERIOD_REMOVED = "period:removed"
    MEASURE_CREATED = "measure:created"
    MEASURE_CHANGED = "measure:changed"
    CONTACT_CREATED = "contact:created"
    CONTACT_CORRECTED = "contact:corrected"
    PLAN_STARTED = "plan:started"
    PLAN_READ = "plan:read"
    PLAN_SAVED = "plan:saved"
    PLAN_FINISHED = "plan:finished"
    PLAN_MISREGISTERED = "plan:misregistered"
    PLAN_PRINTED = "plan:printed"
    SIGNATURE_REGISTERED = "signature:registered"
    DOCUMENT_READ = "document:read"
    DOCUMENT_STORED = "document:stored"
    EMPLOYEE_READ = "employee:read"
    EMPLOYEE_CREATED = "employee:created"
    EMPLOYEE_CHANGED = "employee:changed"
    NATIONAL_ID_SHOWN = "employee:national-id-shown"
    UNIT_CREATED = "unit:created"
    UNIT_CHANGED = "unit:changed"
    USER_CREATED = "user:created"
    USER_CHANGED = "user:changed"
    LEADER_SET = "leader:set"
    SET_READ = "set:read"
    SET_CREATED = "set:created"
    SET_CHANGED = "set:changed"
    SET_DISCARDED = "set:discarded"
    SET_PUBLISHED = "set:published"
    SET_WITHDRAWN = "set:withdrawn"
    SET_RETIRED = "set:retired"
    SET_REINSTATED = "set:reinstated"
    SET_EXPORTED = "set:exported"
    PLAN_MOVED = "plan:moved"
    CONSENT_WITHDRAWN = "consent:withdrawn"
    MILESTONE_DONE = "milestone:done"
    MILESTONE_UNDONE = "milestone:undone"
    MILESTONE_NOT_RELEVANT = "milestone:not-relevant"
    MILESTONE_EXEMPT = "milestone:exempt"
    CHECKLIST_PRINTED = "checklist:printed"
    MEETING_CREATED = "meeting:created"
    MEETING_CHANGED = "meeting:changed"
    MEETING_READ = "meeting:read"
    MEETING_ANSWERED = "meeting:answered"
    LETTER_SENT = "letter:sent"
    LETTER_PREVIEWED = "letter:previewed"
    CASE_SPLIT = "case:split"
    FIGURES_READ = "figures:read"
    SETTINGS_CHANGED = "settings:changed"
    REMINDER_SENT = "reminder:sent"
    REMINDERS_MUTED = "reminder:muted"
    REMINDERS_UNMUTED = "reminder:unmuted"
    FEED_MADE = "feed:made"
    FEED_REVOKED = "feed:revoked"
    FEED_READ = "feed:read"


def record(
    tag: Tag,
    *,
    municipality: int | None,
    actor: int | None,
    subject: str = "",
    subject_id: int | None = None,
    case_id: int | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Write one event. Call it inside the transaction of the write it tells of."""
    AuditEvent.create(
        municipality=municipality, actor=actor, tag=tag.value, subject=subject, subject_id=subject_id,
        case_id=case_id, fields=" ".join(sorted(fields)),
    )  # fmt: skip


def trail(actor: Actor, tag: Tag, row: Any, case_id: int | None = None, fields: Iterable[str] = ()) -> None:
    """One audit event about `row`."""
    record(
        tag, municipality=actor.municipality_id, actor=actor.user_id, subject=row._meta.table_name, subject_id=row.id,
        case_id=case_id, fields=fields,
    )  # fmt: skip
