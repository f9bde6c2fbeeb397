"""Figures for HR: how the follow-up goes by unit, what is late and why. No number tells of fewer than five cases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import peewee as pw

from forms.steps import Steps
from models import Case, Milestone, db
from services import access
from services.access import Actor
from services.audit import Tag, record
from services.clock import today

SMALLEST = 5  # the smallest number that is shown; a smaller one could point to somebody
MONTHS = 12
OURS = ("leader", "hr")  # whose milestones are the employer's: Nav's and the employee's are nobody's delay here


class Count(NamedTuple):
    """A number as it may be shown. Without `number`: `few` is fewer than SMALLEST; else it is withheld because a small
    one could be worked out from it."""

    number: int | None
    few: bool = False


FEW, WITHHELD = Count(None, few=True), Count(None)


class Share(NamedTuple):
    """How many of `of`; shown as a percentage only."""

    done: int
    of: int

    @property
    def percent(self) -> int | None:
        """Whole percent; None when it would tell of too few."""
        return round(100 * self.done / self.of) if self.of >= SMALLEST else None

    def __add__(self, other: Any) -> Share:
        return Share(self.done + other.done, self.of + other.of)


_NONE = Share(0, 0)


@dataclass(frozen=True)
class UnitFigures:
    """One unit, or all of them: open cases, late tasks, and the shares of the last twelve months."""

    unit: int | None
    name: str
    open: Count
    late: Count
    plan: int | None
    dialogue: int | None


@dataclass(frozen=True)
class Month:
    """The cases that began in a month: percent with plan and first dialogue meeting within the law's limits."""

    first: dt.date
    plan: int | None
    dialogue: int | None


@dataclass(frozen=True)
class Figures:
    """What HR may see of the units that are theirs; `whole` when that is the municipality."""

    whole: bool
    units: tuple[UnitFigures, ...]
    total: UnitFigures
    reasons: tuple[tuple[str, Count], ...]  # late tasks by what they wait for, the most first
    exempt: Count
    not_relevant: Count
    months: tuple[Month, ...]


def read_figures(actor: Actor, schedule: Steps) -> Figures:
    """The figures, with a trail. `schedule` tells what each milestone waits for. Raises NotAllowed."""
    found = count(actor, schedule)
    with db.atomic():
        record(Tag.FIGURES_READ, municipality=actor.municipality_id, actor=actor.user_id, subject="figures")
    return found


def count(actor: Actor, schedule: Steps) -> Figures:
    """The figures, without a trail: for one who leaves it. Raises NotAllowed.

    Five queries, whatever there is to count.
    """
    actor.require("figures.see")
    hr, day = as_hr(actor), today()
    months = months_until(day)
    running, shares = _by_unit(hr, months, day)
    late = _late(hr, day)
    names = {unit.id: unit.name for unit in access.units(hr)}
    ids = sorted((unit for unit in names if unit in running or unit in shares), key=lambda unit: names[unit].casefold())
    late_of = Counter[int]()
    for (unit, _code), number in late.items():
        late_of[unit] += number
    opened, all_open = protected([running[unit] for unit in ids])
    delayed, all_late = protected([late_of[unit] for unit in ids])
    return Figures(
        whole=hr.hr_units is None,
        units=tuple(
            _row(unit, names[unit], opened[place], delayed[place], shares[unit].values())
            for place, unit in enumerate(ids)
        ),
        total=_row(None, "", all_open, all_late, [pair for unit in ids for pair in shares[unit].values()]),
        reasons=_reasons(late, schedule, total_shown=all_late.number is not None),
        months=tuple(
            _month(first, [shares[unit].get(place, (_NONE, _NONE)) for unit in ids])
            for place, first in enumerate(months)
        ),
        **_spared(hr),
    )  # fmt: skip


def as_hr(actor: Actor) -> Actor:
    """The actor with what they reach as HR, and nothing of what they reach otherwise."""
    return dataclasses.replace(actor, roles=actor.roles & {"hr"})


def months_until(day: dt.date) -> list[dt.date]:
    """The first days of the last twelve months, the oldest first; the month of `day` is the last."""
    number = day.year * 12 + day.month - 1
    return [dt.date(n // 12, n % 12 + 1, 1) for n in range(number - MONTHS + 1, number + 1)]


# --- small numbers --------------------------------------------------------------------------------------------------


def of_one(number: int) -> Count:
    """A number that is part of no sum on the page."""
    return Count(number) if number >= SMALLEST else FEW


def protected(numbers: Sequence[int]) -> tuple[list[Count], Count]:
    """The parts of a sum, and the sum, so that no hidden part can be worked out from what is shown.

    Parts under SMALLEST are hidden. If the sum would give one of them away, the smallest of the others are withheld
    until it does not; if it still would, the sum is withheld.
    """
    total = sum(numbers)
    hidden = {place for place, number in enumerate(numbers) if number < SMALLEST}
    few = len(hidden)
    rest = sorted((place for place in range(len(numbers)) if place not in hidden), key=lambda place: numbers[place])
    while few and rest and _gives_away(numbers, hidden, rest, few):
        hidden.add(rest.pop(0))
    cells = [Count(n) if at not in hidden else FEW if n < SMALLEST else WITHHELD for at, n in enumerate(numbers)]
    if total < SMALLEST:
        return cells, FEW
    return cells, WITHHELD if few and _gives_away(numbers, hidden, rest, few) else Count(total)


def _gives_away(numbers: Sequence[int], hidden: Iterable[int], rest: Sequence[int], few: int) -> bool:
    """Whether only one value is left for a small part, to one who knows the sum, the rest and this rule.

    A small part is 0 to 4; a withheld one at least 5 and at most the smallest that is shown.
    """
    hidden = set(hidden)
    left, withheld = sum(numbers[place] for place in hidden), len(hidden) - few
    most = min((numbers[place] for place in rest), default=left)
    lowest = max(0, left - (few - 1) * (SMALLEST - 1) - withheld * most)
    highest = min(SMALLEST - 1, left - withheld * SMALLEST)
    return lowest >= highest


# --- counting -------------------------------------------------------------------------------------------------------


def _by_unit(
    hr: Actor, months: Sequence[dt.date], day: dt.date
) -> tuple[Counter[int], defaultdict[int, dict[int, tuple[Share, Share]]]]:
    """Open cases by unit; and by unit and month of the first day the shares of plans and meetings within the limits."""
    month: Any = pw.Case(None, [(Case.first_day >= months[at], at) for at in reversed(range(len(months)))], -1)
    month = month.alias("began_in")  # named once: PostgreSQL does not see that two texts with values are the same
    plan, dialogue = Case.plan_limit < day, Case.dialogue_limit < day
    rows: Any = (
        access.cases(hr).from_(Case)
        .select(
            Case.unit, month, _number(Case.status == "open"), _number(plan), _number(plan & Case.plan_in_time),
            _number(dialogue), _number(dialogue & Case.dialogue_in_time),
        )
        .where((Case.status == "open") | (Case.first_day >= months[0]))
        .group_by(Case.unit, month)
    )  # fmt: skip
    running, shares = Counter[int](), defaultdict[int, dict[int, tuple[Share, Share]]](dict)
    for unit, at, still_open, plans, plans_done, meetings, meetings_held in rows.tuples():
        running[unit] += still_open
        if at >= 0:
            shares[unit][at] = Share(plans_done, plans), Share(meetings_held, meetings)
    return running, shares


def _number(condition: Any) -> Any:
    return pw.fn.SUM(pw.Case(None, [(condition, 1)], 0))


def _late(hr: Actor, day: dt.date) -> dict[tuple[int, str], int]:
    """Milestones of open cases that wait for the employer and are past due, by unit and code."""
    rows: Any = (
        access.cases(hr).from_(pw.Join(Milestone, Case, on=Milestone.case == Case.id))
        .select(Case.unit, Milestone.code, pw.fn.COUNT(Milestone.id)).where(late(hr, day))
        .group_by(Case.unit, Milestone.code)
    )  # fmt: skip
    return {(unit, code): number for unit, code, number in rows.tuples()}


def late(actor: Actor, day: dt.date) -> Any:
    """The condition that a milestone of an open case waits for the employer and is past due."""
    return (
        (Milestone.municipality == actor.municipality_id) & (Milestone.state == "open") & (Milestone.due < day)
        & Milestone.who.in_(OURS) & (Case.status == "open")
    )  # fmt: skip


def _spared(hr: Actor) -> dict[str, Count]:
    """Milestones of open cases that somebody decided need not be done."""
    rows: Any = (
        access.cases(hr).from_(pw.Join(Milestone, Case, on=Milestone.case == Case.id))
        .select(Milestone.state, pw.fn.COUNT(Milestone.id))
        .where(
            Milestone.municipality == hr.municipality_id, Milestone.state.in_(("exempt", "not_relevant")),
            Case.status == "open",
        )
        .group_by(Milestone.state)
    )  # fmt: skip
    found = dict(rows.tuples())
    return {state: of_one(found.get(state, 0)) for state in ("exempt", "not_relevant")}


def _reasons(late: dict[tuple[int, str], int], schedule: Steps, *, total_shown: bool) -> tuple[tuple[str, Count], ...]:
    """Late tasks by what they wait for; all withheld when their sum is."""
    kinds = {step.code: step.done_by for step in schedule.steps}
    by_kind = Counter[str]()
    for (_unit, code), number in late.items():
        by_kind[kinds.get(code, "tick")] += number
    ordered = sorted(by_kind.items(), key=lambda item: (-item[1], item[0]))
    cells, total = protected([number for _kind, number in ordered])
    if not total_shown or total.number is None:
        cells = [FEW if number < SMALLEST else WITHHELD for _kind, number in ordered]
    return tuple((kind, cell) for (kind, _number_of), cell in zip(ordered, cells, strict=True))


def _row(unit: int | None, name: str, opened: Count, late: Count, pairs: Iterable[tuple[Share, Share]]) -> UnitFigures:
    plan, dialogue = _both(pairs)
    return UnitFigures(unit, name, opened, late, plan.percent, dialogue.percent)


def _month(first: dt.date, pairs: Iterable[tuple[Share, Share]]) -> Month:
    plan, dialogue = _both(pairs)
    return Month(first, plan.percent, dialogue.percent)


def _both(pairs: Iterable[tuple[Share, Share]]) -> tuple[Share, Share]:
    plan = dialogue = _NONE
    for one, other in pairs:
        plan, dialogue = plan + one, dialogue + other
    return plan, dialogue
