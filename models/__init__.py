"""Rows. The whole list stands here so that migrations, tests and the demo see every table."""

from models.base import BaseModel, db, fold, now, sort_key
from models.cases import AbsencePeriod, Case, ContactEntry, Measure
from models.followup import Dispatch, Milestone
from models.meetings import DialogueMeeting, MeetingParticipant
from models.people import (
    Employee,
    LeaderRelation,
    LoginAttempt,
    LoginSession,
    Municipality,
    ParkedForm,
    Unit,
    User,
    UserRole,
)
from models.plans import Answer, Document, Plan, QuestionSet, QuestionSetVersion, SetDraft, SetDraftState, Signature
from models.queue import QUEUE_TABLES
from models.reminding import CalendarFeed, FollowUpSettings, Reminder, ReminderItem
from models.sealing import keyring
from models.trail import AuditEvent

TABLES: list[type[BaseModel]] = [
    Municipality, Unit, Employee, User, UserRole, LeaderRelation, LoginSession, LoginAttempt, ParkedForm,
    Case, AbsencePeriod, Measure, ContactEntry,
    QuestionSet, QuestionSetVersion, SetDraft, SetDraftState, DialogueMeeting, Plan, Answer, Document, Signature,
    MeetingParticipant, Milestone, Dispatch, FollowUpSettings, Reminder, ReminderItem, CalendarFeed, AuditEvent,
]  # fmt: skip

__all__ = [
    "QUEUE_TABLES",
    "TABLES",
    "AbsencePeriod",
    "Answer",
    "AuditEvent",
    "BaseModel",
    "CalendarFeed",
    "Case",
    "ContactEntry",
    "DialogueMeeting",
    "Dispatch",
    "Document",
    "Employee",
    "FollowUpSettings",
    "LeaderRelation",
    "LoginAttempt",
    "LoginSession",
    "Measure",
    "MeetingParticipant",
    "Milestone",
    "Municipality",
    "ParkedForm",
    "Plan",
    "QuestionSet",
    "QuestionSetVersion",
    "Reminder",
    "ReminderItem",
    "SetDraft",
    "SetDraftState",
    "Signature",
    "Unit",
    "User",
    "UserRole",
    "db",
    "fold",
    "keyring",
    "now",
    "sort_key",
]  # fmt: skip
