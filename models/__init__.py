"""Rows. The whole list stands here so that migrations, tests and the demo see every table."""

from models.base import BaseModel, db, fold, now, sort_key
from models.cases import AbsencePeriod, Case, ContactEntry, Measure
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
from models.sealing import keyring
from models.trail import AuditEvent

TABLES: list[type[BaseModel]] = [
    Municipality, Unit, Employee, User, UserRole, LeaderRelation, LoginSession, LoginAttempt, ParkedForm,
    Case, AbsencePeriod, Measure, ContactEntry,
    QuestionSet, QuestionSetVersion, SetDraft, SetDraftState, Plan, Answer, Document, Signature,
    AuditEvent,
]  # fmt: skip

__all__ = [
    "TABLES", "AbsencePeriod", "Answer", "AuditEvent", "BaseModel", "Case", "ContactEntry", "Document", "Employee",
    "LeaderRelation", "LoginAttempt", "LoginSession", "Measure", "Municipality", "ParkedForm", "Plan", "QuestionSet",
    "QuestionSetVersion", "SetDraft", "SetDraftState", "Signature", "Unit", "User", "UserRole", "db",
    "fold", "keyring", "now", "sort_key",
]  # fmt: skip
