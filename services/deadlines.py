"""The follow-up timeline: which milestones a case has, by when, and what has been done. Pure functions of dates.

What the law demands comes from services/law.py, what the municipality demands from its schedule. The law's limits hold
whatever a schedule says: a step that the law demands comes no later and is never left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services import absence, law
from services.absence import AbsenceCase, Period

ANCHORS = ("first_day", "full_day", "plan_day", "agreed_day", "sick_pay_end")


@dataclass(frozen=True)
class Rule:
    """A milestone of a schedule, as counting needs it.

    `anchor` is one of ANCHORS or the code of another milestone, whose due date is counted from; `days` may be negative
    there. `legal` names the law's own limit (a code of services.law), if it has one.
    """

    code: str
    days: int | None = 0
    anchor: str = "first_day"
    done_by: str = "tick"  # tick | contact | plan | signature | evaluation | meeting | letter
    who: str = "leader"
    applies: str = "both"  # both | sick_leave | preventive
    only_if: str = ""  # full_sick | occupational_health
    meeting: int | None = None
    letters: tuple[str, ...] = ()
    legal: bool = False
    valid_from: dt.date | None = None  # the first days of a case for which the row holds, both included
    valid_to: dt.date | None = None


@dataclass(frozen=True)
class Plan:
    """A finished follow-up plan of the case."""

    number: int
    finished_on: dt.date
    signed_on: dt.date | None = None  # when the last who must, signed
    evaluate_on: dt.date | None = None
    signatures: Sequence[dt.date] = ()  # each of them, also when a later plan has taken its place


@dataclass(frozen=True)
class Facts:
    """What decides the milestones of a case. Dates of what happened, in any order."""

    kind: str  # sick_leave | preventive
    first_day: dt.date
    open: bool = True
    periods: Sequence[Period] = ()
    plans: Sequence[Plan] = ()  # finished, by number; without those marked feilregistrert
    contacts: Sequence[dt.date] = ()
    meetings: Mapping[int, Sequence[dt.date]] = field(default_factory=dict)  # held, by number
    letters: Mapping[str, Sequence[dt.date]] = field(default_factory=dict)  # sent, by key
    occupational_health: bool = False
    sick_pay_end: dt.date | None = None  # as Nav says; else it is estimated


@dataclass(frozen=True)
class Step:
    """A milestone of one case: `code` and `round` name it, `due` is the last day, `done_on` when it happened."""

    code: str
    due: dt.date | None
    done_on: dt.date | None = None
    round: int = 0
    who: str = "leader"
    done_by: str = "tick"

    @property
    def done(self) -> bool:
        return self.done_on is not None


def steps(facts: Facts, rules: Iterable[Rule]) -> list[Step]:
    """The milestones that this case has, by due date. Same facts and rules give the same list."""
    return sorted(_Counted(facts, tuple(rules)).steps(), key=lambda s: (s.due or dt.date.max, s.round, s.code))


def next_step(found: Iterable[Step]) -> Step | None:
    """What to do first. A contact that was never logged yields once something after it is done.

    What Nav or the certifier does by themselves, and nothing in the case tells of, is for nobody here to do.
    """
    waiting, done = list[Step](), dt.date.min
    for step in found:
        if step.done and step.due:
            done = max(done, step.due)
        elif not step.done and not (step.done_by == "tick" and step.who in ("nav", "certifier")):
            waiting.append(step)
    return next((s for s in waiting if s.done_by != "contact" or not s.due or s.due > done), None)


class _Counted:
    """One counting: what each rule gives, the rules it counts from first."""

    def __init__(self, facts: Facts, rules: Sequence[Rule]) -> None:
        self.facts = facts
        self.rules = {rule.code: rule for rule in rules if _holds(rule, facts)}
        self.case: AbsenceCase | None = absence.current(facts.periods) if facts.kind == "sick_leave" else None
        self._dues: dict[str, dt.date | None] = {}

    def steps(self) -> list[Step]:
        found: list[Step] = []
        for rule in self.rules.values():
            if rule.done_by in ("signature", "evaluation"):
                found += self._of_plans(rule)
            elif (due := self.due(rule.code)) is not None:
                found.append(Step(rule.code, due, self._done(rule), 0, rule.who, rule.done_by))
            elif rule.done_by == "meeting" and (held := happened(self.facts, rule)):
                # Nobody had to (graded leave, say), but it was held, and that shows.
                found.append(Step(rule.code, None, min(held), 0, rule.who, rule.done_by))
        return [step for step in found if self._applies(self.rules[step.code], step.due)]

    def due(self, code: str, above: frozenset[str] = frozenset()) -> dt.date | None:
        """The last day; None when it does not apply (yet), or counts from itself."""
        if code in above or code not in self.rules:
            return None
        if code not in self._dues:
            self._dues[code] = self._counted(self.rules[code], above | {code})
        return self._dues[code]

    def _counted(self, rule: Rule, above: frozenset[str]) -> dt.date | None:
        days = self._days(rule)
        anchor = None if days is None else self._anchor(rule, days, above)
        if anchor is None or days is None:
            return None
        due = _after(anchor, days)
        return due if self._applies(rule, due) else None

    def _applies(self, rule: Rule, due: dt.date | None) -> bool:
        """What is only for those fully away, is so if they are that until it is due."""
        if rule.only_if != "full_sick" or due is None:
            return True
        return self.case is not None and self.case.grade_as_known(due - absence.DAY) >= 100

    def _days(self, rule: Rule) -> int | None:
        """The schedule's days, no more than the law gives; the law's own follow the time of the case."""
        limit = law.limit(rule.code, self.facts.first_day) if rule.legal else None
        if rule.days is None:
            return 0 if rule.anchor == "agreed_day" else None
        if limit is None:
            return rule.days
        newest = law.limit(rule.code, dt.date.max) or limit
        return limit if rule.days >= newest else min(rule.days, limit)

    def _anchor(self, rule: Rule, days: int, above: frozenset[str]) -> dt.date | None:
        match rule.anchor:
            case "first_day":
                return self.facts.first_day
            case "full_day":
                return self.case.full_since(days) if self.case else None
            case "plan_day":
                return max((plan.finished_on for plan in self.facts.plans), default=None)
            case "agreed_day":
                return max((plan.evaluate_on for plan in self.facts.plans if plan.evaluate_on), default=None)
            case "sick_pay_end" if self.facts.kind == "sick_leave":
                return self.facts.sick_pay_end or absence.sick_pay_end(self.facts.first_day)
        return self.due(rule.anchor, above)

    def _of_plans(self, rule: Rule) -> list[Step]:
        """Signatures and evaluation come once for each finished plan; a later plan settles those of the earlier."""
        found: list[Step] = []
        for plan, later in zip(self.facts.plans, [*self.facts.plans[1:], None], strict=False):
            due = _after(plan.finished_on, rule.days or 0) if rule.done_by == "signature" else plan.evaluate_on
            done = plan.signed_on if rule.done_by == "signature" else None
            if due is not None:
                settled = done or (later.finished_on if later else None)
                found.append(Step(rule.code, due, settled, plan.number, rule.who, rule.done_by))
        return found

    def _done(self, rule: Rule) -> dt.date | None:
        """The first time it happened since the milestone of the same sort before it was due."""
        since = self._since(rule)
        return min((day for day in happened(self.facts, rule) if day >= since), default=None)

    def _since(self, rule: Rule) -> dt.date:
        own = self.due(rule.code) or dt.date.max
        alike = (r.code for r in self.rules.values() if r is not rule and _alike(r, rule))
        return max((day + absence.DAY for code in alike if (day := self.due(code)) and day < own), default=dt.date.min)


def happened(facts: Facts, rule: Rule) -> list[dt.date]:
    """When something happened that counts as doing the milestone, however often."""
    match rule.done_by:
        case "contact":
            return [*facts.contacts]
        case "plan":
            return [plan.finished_on for plan in facts.plans]
        case "signature" | "evaluation":
            days = ((plan.signed_on, plan.finished_on, *plan.signatures) for plan in facts.plans)
            return [day for each in days for day in each if day]
        case "meeting":
            return [*facts.meetings.get(rule.meeting or 1, ())]
        case "letter":
            return [day for key in rule.letters for day in facts.letters.get(key, ())]
    return []


def _holds(rule: Rule, facts: Facts) -> bool:
    """Whether the row is for this sort of case, and of the case's time."""
    if rule.applies not in ("both", facts.kind):
        return False
    if rule.valid_from and facts.first_day < rule.valid_from:
        return False
    if rule.valid_to and facts.first_day > rule.valid_to:
        return False
    return rule.only_if != "occupational_health" or facts.occupational_health


def _alike(one: Rule, other: Rule) -> bool:
    """Whether the same sort of thing does both, so that each is to be done in its own time."""
    if one.done_by != other.done_by:
        return False
    match one.done_by:
        case "meeting":
            return (one.meeting or 1) == (other.meeting or 1)
        case "letter":
            return one.letters == other.letters
    return one.done_by in ("contact", "plan")


def _after(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days)
