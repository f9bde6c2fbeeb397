"""What waits for somebody on the start page: tasks by employee, their cases, and for HR what is latest of all."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import peewee as pw

from forms.steps import Steps
from models import Case, Employee, LeaderRelation, Milestone, Unit, User, db
from services import access, figures, milestones
from services.access import Actor
from services.audit import Tag, record
from services.clock import today

MOST = 100  # milestones, and cases, that a start page shows
LATEST = 8  # late cases that HR sees there
_WAITING = ("open", "exempt")


@dataclass(frozen=True)
class CaseTasks:
    """What waits for somebody in one case; `due` is the day of the first."""

    case: Case
    rows: tuple[Milestone, ...]

    @property
    def due(self) -> dt.date:
        return due_of(self.rows[0])


@dataclass(frozen=True)
class Start:
    """The start page of a leader, of HR, or of one who is both."""

    tasks: tuple[CaseTasks, ...]
    cut: bool  # more waits than is shown
    calm: tuple[Case, ...]  # the leader's cases with nothing due yet
    led: int  # the leader's open cases
    latest: tuple[CaseTasks, ...]  # of all that HR reaches
    leaders: dict[int, str]  # of the employees in `latest`, by employee
    units: dict[int, str]
    figures: figures.Figures | None  # None for one who is not HR


def read_start(actor: Actor, schedule: Steps) -> Start:
    """The start page of a leader or HR, with a trail. Raises NotAllowed for others.

    As many queries however much waits.
    """
    actor.require("case.write")
    day = today()
    tasks, cut = _tasks(actor, _week_after(day))
    calm, led = _led(actor, {task.case.id for task in tasks})
    hr = "hr" in actor.roles
    latest = _latest(figures.as_hr(actor), day) if hr else ()
    start = Start(
        tasks, cut, calm, led, latest, _leaders([task.case.employee_id for task in latest], day) if hr else {},
        {unit.id: unit.name for unit in access.units(actor).select(Unit.id, Unit.name)} if hr else {},
        figures.count(actor, schedule) if hr else None,
    )  # fmt: skip
    with db.atomic():
        record(Tag.LIST_READ, municipality=actor.municipality_id, actor=actor.user_id, subject="start")
        if hr:
            record(Tag.FIGURES_READ, municipality=actor.municipality_id, actor=actor.user_id, subject="start")
    return start


def due_of(row: Milestone) -> dt.date:
    """The day a waiting milestone is due; of one that was exempt, the day it is asked again."""
    due = row.again_on if row.state == "exempt" else row.due
    return due or dt.date.max


def _week_after(day: dt.date) -> dt.date:
    """The last day of next week."""
    return day + dt.timedelta(days=13 - day.weekday())


def _only(actor: Actor, role: str) -> Actor:
    return dataclasses.replace(actor, roles=actor.roles & {role})


def _tasks(actor: Actor, until: dt.date) -> tuple[tuple[CaseTasks, ...], bool]:
    """What the actor does in each of the roles, at most MOST; a leader's tasks are not HR's."""
    found: list[Milestone] = []
    for role in ("leader", "hr"):
        if role in actor.roles:
            reached = access.cases(_only(actor, role)).from_(Case)
            waiting = milestones.waiting(reached, until).where(
                Milestone.municipality == actor.municipality_id, Milestone.state.in_(_WAITING), Milestone.who == role
            )
            found.extend(waiting.limit(MOST + 1))
    found.sort(key=lambda row: (due_of(row), row.id))
    return _by_case(found[:MOST]), len(found) > MOST


def _by_case(rows: Iterable[Milestone]) -> tuple[CaseTasks, ...]:
    """Rows of the same case together, in the order of the first of each."""
    grouped: dict[int, list[Milestone]] = {}
    for row in rows:
        grouped.setdefault(row.case_id, []).append(row)
    return tuple(CaseTasks(found[0].case, tuple(found)) for found in grouped.values())


def _led(actor: Actor, busy: set[int]) -> tuple[tuple[Case, ...], int]:
    """The leader's open cases that are not `busy`, by what is due first, and how many open ones there are."""
    if "leader" not in actor.roles:
        return (), 0
    mine = access.cases(_only(actor, "leader")).where(Case.status == "open")
    calm = mine.where(Case.id.not_in(busy)) if busy else mine
    return tuple(calm.order_by(Case.next_due.asc(nulls="last"), Case.id).limit(MOST)), mine.count()


def _latest(hr: Actor, day: dt.date) -> tuple[CaseTasks, ...]:
    """The cases that are furthest past due, whoever of the employer should have acted."""
    chosen: Any = (
        access.cases(hr).from_(pw.Join(Milestone, Case, on=Milestone.case == Case.id))
        .select(Milestone.id).where(figures.late(hr, day)).order_by(Milestone.due, Milestone.id).limit(4 * LATEST)
    )  # fmt: skip
    ids = [number for (number,) in chosen.tuples()]
    rows = (
        Milestone.select(Milestone, Case, Employee).join(Case).join(Employee)
        .where(Milestone.id.in_(ids)).order_by(Milestone.due, Milestone.id)
    )  # fmt: skip
    return _by_case(rows)[:LATEST]


def _leaders(employees: Sequence[int], day: dt.date) -> dict[int, str]:
    """The name of the nearest leader on `day`, by employee."""
    rows: Any = LeaderRelation.select(LeaderRelation.employee, User.name).join(User).where(
        LeaderRelation.employee.in_(list(employees)), LeaderRelation.from_date <= day,
        LeaderRelation.to_date.is_null() | (LeaderRelation.to_date >= day),
    )  # fmt: skip
    return dict(rows.order_by(LeaderRelation.from_date).tuples())
