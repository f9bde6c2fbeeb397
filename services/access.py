"""The door: who may do what, and the only way to a case, a plan or a document for a given actor.

House rule: every condition stands on its own line, so that coverage shows it was tried.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import peewee as pw

from models import (
    AbsencePeriod,
    Case,
    ContactEntry,
    DialogueMeeting,
    Dispatch,
    Document,
    Employee,
    LeaderRelation,
    Measure,
    MeetingParticipant,
    Milestone,
    Municipality,
    Plan,
    QuestionSet,
    Reminder,
    Unit,
    User,
    UserRole,
)
from services.clock import today
from services.errors import NotAllowed, NotVisible

# Role × action. HR and leaders reach only what their scope below gives; employees only what is theirs.
MAY: dict[str, frozenset[str]] = {
    "administrator": frozenset({
        "start.see", "employee.see", "employee.write", "unit.see", "unit.write", "user.see", "user.write",
        "set.see", "set.write", "settings.write", "reminder.see", "account.own",
    }),
    "hr": frozenset({
        "start.see", "case.see", "case.write", "case.export", "plan.see", "plan.write", "plan.batch",
        "plan.misregister", "document.see", "letter.write", "consent.withdraw", "figures.see", "employee.see",
        "employee.write", "employee.national_id", "unit.see", "set.see", "account.own",
    }),
    "leader": frozenset({
        "start.see", "case.see", "case.write", "plan.see", "plan.write", "document.see", "letter.write",
        "consent.withdraw", "employee.see", "employee.correct", "employee.national_id", "set.see", "account.own",
    }),
    "employee": frozenset({
        "start.see", "case.see", "plan.see", "document.see", "meeting.answer", "consent.withdraw", "account.own",
    }),
    "auditor": frozenset({"start.see", "audit.see", "account.own"}),
}  # fmt: skip
ACTIONS = frozenset().union(*MAY.values())


@dataclass(frozen=True)
class Actor:
    """Who acts: read afresh at each request, so that a change of roles holds at once."""

    user_id: int
    username: str
    name: str
    municipality: Municipality
    roles: frozenset[str]
    hr_units: frozenset[int] | None  # None: HR for the whole municipality
    employee_id: int | None
    language: str
    page_size: int

    @property
    def municipality_id(self) -> int:
        return int(self.municipality.id)

    def may(self, action: str) -> bool:
        return any(action in MAY[role] for role in self.roles)

    def require(self, action: str) -> None:
        """Raises NotAllowed unless one of the actor's roles has `action`."""
        if action not in ACTIONS:
            raise ValueError(action)
        if not self.may(action):
            raise NotAllowed


def load_actor(user_id: int) -> Actor | None:
    """The actor of an active user, in two queries; None when there is none."""
    user = User.select(User, Municipality).join(Municipality).where(User.id == user_id, User.active).first()
    if user is None:
        return None
    rows = list(UserRole.select().where(UserRole.user == user_id))
    units = [row.unit_id for row in rows if row.role == "hr"]
    return Actor(
        user_id=user.id, username=user.username, name=user.name, municipality=user.municipality,
        roles=frozenset(row.role for row in rows), hr_units=None if None in units else _with_children(units),
        employee_id=user.employee_id, language=user.language, page_size=user.page_size,
    )  # fmt: skip


def _with_children(units: list[int]) -> frozenset[int]:
    """The named units and all below them."""
    found = set(units)
    while units:
        units = [u.id for u in Unit.select(Unit.id).where(Unit.parent.in_(units)) if u.id not in found]
        found |= set(units)
    return frozenset(found)


def _leads(actor: Actor) -> pw.Expression:
    """The relation holds today; both days count."""
    day = today()
    return (
        (LeaderRelation.leader == actor.user_id)
        & (LeaderRelation.from_date <= day)
        & (LeaderRelation.to_date.is_null() | (LeaderRelation.to_date >= day))
    )


def _nothing(model: Any) -> pw.Expression:
    return model.id == 0


def _any(model: Any, reach: list[Any]) -> Any:
    """One of the conditions; none of them reaches nothing. No spare condition: it would keep indexes out of use."""
    return reduce(operator.or_, reach) if reach else _nothing(model)


def cases(actor: Actor) -> pw.ModelSelect[Case]:
    """The cases the actor may know of, with employee and unit joined.

    A leader does not see cases that were closed before they became leader.
    """
    query = Case.select(Case, Employee, Unit).join(Employee).switch(Case).join(Unit, on=(Case.unit == Unit.id))
    # Only HR begins at the tenant. For the others "+ 0" keeps SQLite, which has no statistics, from reading all of it.
    tenant = Case.municipality if "hr" in actor.roles else Case.municipality + 0
    query = query.where(tenant == actor.municipality_id)
    reach: list[Any] = []
    if "hr" in actor.roles and actor.hr_units is None:
        return query
    if "hr" in actor.roles:
        reach.append(Case.unit.in_(actor.hr_units or {0}))
    if "leader" in actor.roles:
        lasting = (Case.status == "open") | (Case.closed_on >= LeaderRelation.from_date)
        led = LeaderRelation.select(LeaderRelation.id).where(
            _leads(actor), LeaderRelation.employee == Case.employee, lasting
        )
        # Says less than the second part and changes nothing, but an index can answer it.
        mine = Case.employee.in_(LeaderRelation.select(LeaderRelation.employee).where(_leads(actor)))
        reach.append(mine & pw.fn.EXISTS(led))
    if "employee" in actor.roles:
        reach.append(Case.employee == (actor.employee_id or 0))
    return query.where(_any(Case, reach))


def employees(actor: Actor) -> pw.ModelSelect[Employee]:
    """The employees the actor may know of, with unit joined."""
    query = Employee.select(Employee, Unit).join(Unit).where(Employee.municipality == actor.municipality_id)
    reach: list[Any] = []
    if "administrator" in actor.roles:
        return query
    if "hr" in actor.roles and actor.hr_units is None:
        return query
    if "hr" in actor.roles:
        reach.append(Employee.unit.in_(actor.hr_units or {0}))
    if "leader" in actor.roles:
        reach.append(Employee.id.in_(LeaderRelation.select(LeaderRelation.employee).where(_leads(actor))))
    return query.where(_any(Employee, reach))


def _of_cases(actor: Actor, model: Any) -> Any:
    visible = cases(actor).select(Case.id)
    return (
        model.select(model, Case, Employee).join(Case).join(Employee)
        .where(model.municipality == actor.municipality_id, model.case.in_(visible))
    )  # fmt: skip


def plans(actor: Actor) -> pw.ModelSelect[Plan]:
    """Plans of visible cases; nobody sees the draft of a plan about themselves before it is finished.

    One that is marked feilregistrert may be about somebody else: employees do not see it in their case.
    """
    return _of_cases(actor, Plan).where(_plan_shown(actor))


def _plan_shown(actor: Actor) -> Any:
    """The condition on a plan of a visible case; `Case` is its case."""
    if not actor.may("plan.write"):
        return Plan.status.not_in(("draft", "misregistered"))
    return (Plan.status != "draft") | (Case.employee != (actor.employee_id or 0))


def measures(actor: Actor) -> pw.ModelSelect[Measure]:
    return _of_cases(actor, Measure)


def contacts(actor: Actor) -> pw.ModelSelect[ContactEntry]:
    return _of_cases(actor, ContactEntry)


def periods(actor: Actor) -> pw.ModelSelect[AbsencePeriod]:
    return _of_cases(actor, AbsencePeriod)


def milestones(actor: Actor) -> pw.ModelSelect[Milestone]:
    return _of_cases(actor, Milestone)


def meetings(actor: Actor) -> pw.ModelSelect[DialogueMeeting]:
    return _of_cases(actor, DialogueMeeting)


def participants(actor: Actor) -> pw.ModelSelect[MeetingParticipant]:
    query = MeetingParticipant.select(MeetingParticipant, DialogueMeeting).join(DialogueMeeting)
    visible = meetings(actor).select(DialogueMeeting.id)
    return query.where(
        MeetingParticipant.municipality == actor.municipality_id, MeetingParticipant.meeting.in_(visible)
    )


def dispatches(actor: Actor) -> pw.ModelSelect[Dispatch]:
    """Letters that were sent, with case, employee and document (without its bytes) joined.

    A letter stays with the unit it was sent from: when the employee moves, HR of that unit still sees it and HR of the
    new one does not. A leader sees those sent since they became leader; employees those that were sent to them.
    """
    query = (
        Dispatch.select(Dispatch, Case, Employee, Document.id, Document.uid, Document.title, Document.created_at)
        .join(Case).join(Employee).switch(Dispatch).join(Document)
    )  # fmt: skip
    tenant = Dispatch.municipality if "hr" in actor.roles else Dispatch.municipality + 0  # as for cases
    query = query.where(tenant == actor.municipality_id)
    if _whole_municipality(actor):
        return query
    reach = _letter_reach(actor)
    if "hr" in actor.roles:
        reach.append(Dispatch.unit.in_(actor.hr_units or {0}))
    return query.where(_any(Dispatch, reach))


def _whole_municipality(actor: Actor) -> bool:
    return "hr" in actor.roles and actor.hr_units is None


def _letter_reach(actor: Actor) -> list[Any]:
    """Conditions on a dispatch and its case, of those who are not HR."""
    reach: list[Any] = []
    if "leader" in actor.roles:
        lasting = (Case.status == "open") | (Case.closed_on >= LeaderRelation.from_date)
        # The first is the day in UTC, where the first hours of a day in Norway belong to the day before; the second,
        # never later than the day it was registered, lets a leader see what they send in those hours.
        since = (Dispatch.created_at >= LeaderRelation.from_date) | (Dispatch.sent_on >= LeaderRelation.from_date)
        led = LeaderRelation.select(LeaderRelation.id).where(
            _leads(actor), LeaderRelation.employee == Case.employee, lasting, since
        )
        mine = Case.employee.in_(LeaderRelation.select(LeaderRelation.employee).where(_leads(actor)))
        reach.append(mine & pw.fn.EXISTS(led))
    if "employee" in actor.roles:
        reach.append((Case.employee == (actor.employee_id or 0)) & (Dispatch.recipient == "employee"))
    return reach


def documents(actor: Actor) -> pw.ModelSelect[Document]:
    """Documents of visible cases, those of a plan as the plan; letters as the sending of them."""
    query = (
        Document.select(Document, Case, Employee).join(Case).join(Employee)
        .where(Document.municipality == actor.municipality_id)
    )  # fmt: skip
    plan = Plan.select(Plan.id).where(Plan.id == Document.plan, _plan_shown(actor))
    ours = Document.case.in_(cases(actor).select(Case.id)) & (Document.plan.is_null() | pw.fn.EXISTS(plan))
    if _whole_municipality(actor):
        return query.where(ours)
    sent = Dispatch.select(Dispatch.id).where(Dispatch.document == Document.id, _any(Dispatch, _letter_reach(actor)))
    reach: list[Any] = [pw.fn.EXISTS(sent)]
    if "hr" in actor.roles:
        reach.append(Document.unit.in_(actor.hr_units or {0}))
    letters = Document.unit.is_null(False) & _any(Document, reach)
    return query.where((Document.unit.is_null() & ours) | letters)


def units(actor: Actor) -> pw.ModelSelect[Unit]:
    return Unit.select().where(Unit.municipality == actor.municipality_id)


def users(actor: Actor) -> pw.ModelSelect[User]:
    query = User.select().where(User.municipality == actor.municipality_id)
    return query if actor.may("user.see") else query.where(_nothing(User))


def reminders(actor: Actor) -> pw.ModelSelect[Reminder]:
    """Digests that were sent or not, with the person joined; nothing of what they told."""
    query = Reminder.select(Reminder, User).join(User).where(Reminder.municipality == actor.municipality_id)
    return query if actor.may("reminder.see") else query.where(_nothing(Reminder))


def question_sets(actor: Actor) -> pw.ModelSelect[QuestionSet]:
    query = QuestionSet.select().where(QuestionSet.municipality == actor.municipality_id)
    return query if actor.may("set.see") else query.where(_nothing(QuestionSet))


_SCOPES: dict[Any, Callable[[Actor], Any]] = {
    Case: cases, Employee: employees, Plan: plans, Measure: measures, ContactEntry: contacts, AbsencePeriod: periods,
    Document: documents, Dispatch: dispatches, Milestone: milestones, DialogueMeeting: meetings,
    MeetingParticipant: participants, Unit: units, User: users, QuestionSet: question_sets,
}  # fmt: skip


def number_of(given: int | str | None) -> int:
    """An id or number as an address has it; 0, which no row has, when it is none that a database can hold."""
    text = str(given or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def get(actor: Actor, model: Any, row_id: int | str | None, action: str) -> Any:
    """The one row, through the same scope as the lists.

    Raises NotVisible when the actor may not know of it, NotAllowed when they see it but may not do `action`.
    """
    row = _SCOPES[model](actor).where(model.id == number_of(row_id)).first()
    if row is None:
        raise NotVisible
    actor.require(action)
    return row
