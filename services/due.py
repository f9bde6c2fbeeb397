"""What is due for whom in a whole municipality, in a fixed number of queries: what reminders are made from.

Leaders have their own: milestones with who=leader in the cases of those they lead that day. HR is told of what is
late in its units, whether the leader or HR should have done it, where the municipality has chosen so.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import peewee as pw

from models import Case, FollowUpSettings, LeaderRelation, Milestone, Unit, User, UserRole
from services.milestones import waits

LONGEST_BEFORE = 60  # days ahead that any municipality may remind


class Task(NamedTuple):
    """A milestone that waits; `due` is the day it is asked again when it was exempt. `own`: the person's to do."""

    milestone_id: int
    due: dt.date
    own: bool


@dataclass(frozen=True)
class Person:
    """One who gets mail; `units` are those they are HR of, None for the whole municipality."""

    user_id: int
    leads: bool
    hr: bool
    units: frozenset[int] | None


def people(municipality_id: int) -> list[Person]:
    """Active leaders and HR with an e-mail address who have not turned reminders off."""
    rows = (
        UserRole.select(UserRole.user, UserRole.role, UserRole.unit).join(User)
        .where(
            UserRole.municipality == municipality_id, UserRole.role.in_(("leader", "hr")), User.active, User.reminders,
            User.email != "",
        )
    )  # fmt: skip
    leaders: set[int] = set()
    hr: dict[int, set[int | None]] = defaultdict(set)
    for row in rows:
        if row.role == "leader":
            leaders.add(row.user_id)
        else:
            hr[row.user_id].add(row.unit_id)
    below = _children(municipality_id) if any(None not in units for units in hr.values()) else {}
    everybody = sorted(leaders | hr.keys())
    return [Person(user, user in leaders, user in hr, _reach(hr.get(user, set()), below)) for user in everybody]


def _children(municipality_id: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    lower = (Unit.municipality == municipality_id) & Unit.parent.is_null(False)
    for unit in Unit.select(Unit.id, Unit.parent).where(lower):
        found[unit.parent_id].append(unit.id)
    return found


def _reach(units: set[int | None], below: dict[int, list[int]]) -> frozenset[int] | None:
    """The units and all below them."""
    found: set[int] = set()
    waiting = list(units)
    while waiting:
        unit = waiting.pop()
        if unit is None:
            return None
        if unit not in found:
            found.add(unit)
            waiting += below.get(unit, [])
    return frozenset(found)


def waiting(municipality_id: int, day: dt.date, ahead: int) -> pw.ModelSelect[Milestone]:
    """Milestones for leaders and HR in open cases that wait, and are due at most `ahead` days after `day`."""
    return (
        Milestone.select(Milestone, Case).join(Case)
        .where(
            Milestone.municipality == municipality_id, Milestone.who.in_(("leader", "hr")), Case.status == "open",
            waits(day), (Milestone.state == "exempt") | (Milestone.due <= day + dt.timedelta(days=ahead)),
        )
    )  # fmt: skip


def tasks(settings: FollowUpSettings, day: dt.date, told: Iterable[Person]) -> dict[int, list[Task]]:
    """By user id, what each of these people is to be told of on `day`, the earliest first. No entry: nothing."""
    told = list(told)
    columns = (
        Milestone.id, Milestone.who, Milestone.state, Milestone.due, Milestone.again_on, Case.employee, Case.unit,
    )  # fmt: skip
    leaders = _leaders(settings, day, [p.user_id for p in told if p.leads]) if settings.remind_leaders else {}
    overseers = [p for p in told if p.hr] if settings.remind_hr else []
    found: dict[int, dict[int, Task]] = defaultdict(dict)
    rows: Any = waiting(settings.municipality_id, day, settings.remind_before).select(*columns).tuples()
    for milestone, who, state, due, again_on, employee, unit in rows if leaders or overseers else ():
        day_due = again_on if state == "exempt" else due
        for user in leaders.get(employee, ()) if who == "leader" else ():
            found[user][milestone] = Task(milestone, day_due, own=True)
        for person in overseers if day_due < day else ():
            if person.units is None or unit in person.units:
                found[person.user_id].setdefault(milestone, Task(milestone, day_due, own=False))
    return {user: sorted(by_id.values(), key=lambda task: (task.due, task[0])) for user, by_id in found.items()}


def _leaders(settings: FollowUpSettings, day: dt.date, among: list[int]) -> dict[int, set[int]]:
    """By employee, the leaders of that day."""
    found: dict[int, set[int]] = defaultdict(set)
    known = set(among)
    rows: Any = LeaderRelation.select(LeaderRelation.leader, LeaderRelation.employee).where(
        LeaderRelation.municipality == settings.municipality_id,
        LeaderRelation.from_date <= day,
        LeaderRelation.to_date.is_null() | (LeaderRelation.to_date >= day),
    )
    for leader, employee in rows.tuples():
        if leader in known:
            found[employee].add(leader)
    return found
