"""The follow-up timeline of the law: pure functions of dates. No database, no clock.

Sources: arbeidsmiljøloven § 4-6 (plan within four weeks, dialogue meeting within seven when fully away),
folketrygdloven § 8-7 a (Nav's meeting within 26 weeks), § 8-12 (248 days of sick pay after the employer's 16).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

EMPLOYER_PERIOD_DAYS = 16
SICK_PAY_WEEKDAYS = 248
CONTACT_DAYS, PLAN_DAYS, DIALOGUE_1_DAYS, DIALOGUE_2_DAYS = 7, 28, 49, 182
SIGN_DAYS = 7
LEGAL_STEPS = ("plan", "dialogue_1", "dialogue_2")  # aml § 4-6 third and fourth paragraph, ftrl § 8-7 a


@dataclass(frozen=True)
class Period:
    """Days away, both ends included; `to=None` is until further notice; grade in percent."""

    from_date: dt.date
    to_date: dt.date | None
    grade: int


@dataclass(frozen=True)
class Facts:
    """What decides the next step of a case."""

    kind: str  # sick_leave | preventive
    first_day: dt.date
    open: bool
    periods: Sequence[Period]
    plan_status: str  # none | draft | finished | signed
    plan_finished_on: dt.date | None = None
    evaluate_on: dt.date | None = None
    contacted_on: dt.date | None = None  # the first time
    dialogue_on: dt.date | None = None


@dataclass(frozen=True)
class Step:
    """A point on the timeline: `code` names it, `due` is the last day, `done_on` when it happened."""

    code: str
    due: dt.date | None
    done_on: dt.date | None = None

    @property
    def done(self) -> bool:
        return self.done_on is not None


@dataclass(frozen=True)
class StepDays:
    """A municipality's own days per step, and the steps it does not use.

    The law's limits hold whatever is written here: a step that the law demands comes no later and is never left out.
    """

    contact: int = CONTACT_DAYS  # after the first day
    plan: int = PLAN_DAYS  # after the first day
    sign: int = SIGN_DAYS  # after the plan was finished
    dialogue_1: int = DIALOGUE_1_DAYS  # after the first day fully away
    unused: frozenset[str] = frozenset()

    def uses(self, code: str) -> bool:
        return code not in self.unused or code in LEGAL_STEPS


LAW = StepDays()


def week_of_absence(first_day: dt.date, day: dt.date) -> int:
    """1 in the first seven days; never below 1."""
    return max(0, (day - first_day).days) // 7 + 1


def grade_on(periods: Sequence[Period], day: dt.date) -> int | None:
    """Percent away that day, None when no period covers it."""
    return next((p.grade for p in periods if p.from_date <= day and (p.to_date is None or day <= p.to_date)), None)


def full_since(periods: Sequence[Period]) -> dt.date | None:
    """First day of the stretch at 100 % that is the latest one; None when never fully away."""
    start: dt.date | None = None
    end: dt.date | None = None
    for period in sorted(periods, key=lambda p: p.from_date):
        if period.grade < 100:
            continue
        if start is None or (end is not None and period.from_date > end + dt.timedelta(days=1)):
            start = period.from_date
        end = period.to_date or dt.date.max - dt.timedelta(days=1)
    return start


def sick_pay_end(first_day: dt.date) -> dt.date:
    """Estimated last day of sick pay: skip the employer's 16 calendar days, then the 248th weekday (§ 8-12)."""
    day = first_day + dt.timedelta(days=EMPLOYER_PERIOD_DAYS)
    weeks, rest = divmod(SICK_PAY_WEEKDAYS - 1, 5)
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    day += dt.timedelta(weeks=weeks)
    while rest:
        day += dt.timedelta(days=1)
        rest -= day.weekday() < 5
    return day


def steps(facts: Facts, rules: StepDays | None = None) -> list[Step]:
    """The points that this case has, by due date; `rules` are the municipality's own days, or else the law's."""
    rules, first = rules or LAW, facts.first_day
    plan_done = facts.plan_finished_on if facts.plan_status in ("finished", "signed") else None
    found = [
        Step("contact", _after(first, rules.contact), facts.contacted_on),
        Step("plan", _after(first, min(rules.plan, PLAN_DAYS)), plan_done),
    ]
    if facts.plan_status == "finished" and facts.plan_finished_on:
        found.append(Step("sign", _after(facts.plan_finished_on, rules.sign)))
    if facts.evaluate_on and plan_done:
        found.append(Step("evaluate", facts.evaluate_on))
    if facts.kind == "sick_leave":
        full = full_since(facts.periods)
        if full:
            found.append(Step("dialogue_1", _after(full, min(rules.dialogue_1, DIALOGUE_1_DAYS)), facts.dialogue_on))
        found.append(Step("dialogue_2", _after(first, DIALOGUE_2_DAYS)))
    used = (step for step in found if rules.uses(step.code))
    return sorted(used, key=lambda step: (step.due or dt.date.max, step.code))


def next_step(facts: Facts, rules: StepDays | None = None) -> Step | None:
    """What to do first; None for a closed case. A contact that was never logged yields once the plan is made."""
    if not facts.open:
        return None
    waiting = [step for step in steps(facts, rules) if not step.done]
    if facts.plan_status in ("finished", "signed"):
        waiting = [step for step in waiting if step.code != "contact"]
    return waiting[0] if waiting else None


def _after(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days)
