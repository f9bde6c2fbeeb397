"""Sick leave counted as Nav counts it: cases, weeks, grade over time. Pure functions; no database, no clock.

Sources: Nav's isoppfolgingstilfelle (a gap of 16 days ends a case; holiday right after sick days counts as sick),
folketrygdloven § 8-12 (248 days of sick pay), § 8-19 (the employer's 16 days), §§ 8-24 and 8-25 (self-declared days).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

GAP_DAYS = 16  # calendar days in a row without sick leave that end a case
EMPLOYER_PERIOD_DAYS = 16
SICK_PAY_WEEKDAYS = 248
DAY = dt.timedelta(days=1)
FOREVER = dt.date.max - dt.timedelta(days=4000)  # leaves room to count from


@dataclass(frozen=True)
class Period:
    """Days away, both ends included; `to=None` is until further notice; grade in percent.

    `kind` is sick, self_declared (also sick), or holiday: sick when it comes right after sick days, else not.
    """

    from_date: dt.date
    to_date: dt.date | None
    grade: int
    kind: str = "sick"

    @property
    def end(self) -> dt.date:
        return self.to_date or FOREVER


class Stretch(NamedTuple):
    """Days in a row, both ends included, away by the same grade; `last=None` is still running. 0 is holiday."""

    first: dt.date
    last: dt.date | None
    grade: int

    @property
    def end(self) -> dt.date:
        return self.last or FOREVER

    @property
    def days(self) -> int:
        return (self.end - self.first).days + 1


@dataclass(frozen=True)
class AbsenceCase:
    """Nav's oppfølgingstilfelle: sick days with at most 15 days in a row between them."""

    stretches: tuple[Stretch, ...]  # in order, without overlap

    @property
    def first_day(self) -> dt.date:
        return self.stretches[0].first

    @property
    def last_day(self) -> dt.date | None:
        """None while it runs until further notice."""
        return self.stretches[-1].last

    def sick_days(self, until: dt.date | None = None) -> int:
        """Days that count, to and including `until`; days at work between are left out."""
        return sum(
            (min(part.end, until or part.end) - part.first).days + 1
            for part in self.stretches
            if until is None or part.first <= until
        )

    def full_since(self, days: int = 0) -> dt.date | None:
        """First day of the first stretch at 100 % that lasted `days`, or that runs when the last known period ends."""
        last = self.stretches[-1].end
        for part in joined(part for part in self.stretches if part.grade >= 100):
            if part.days >= days or part.end == last:
                return part.first
        return None


def stretches(periods: Iterable[Period]) -> list[Stretch]:
    """Every day that some period covers, once: the highest grade holds, and any grade goes before holiday.

    Works in n log n, however the periods lie.
    """
    edges: list[tuple[dt.date, int, int]] = []
    for period in periods:
        grade = 0 if period.kind == "holiday" else max(1, min(period.grade, 100))
        edges += [(period.from_date, 1, grade), (period.end + DAY, -1, grade)]
    edges.sort()
    running, found = [0] * 101, list[Stretch]()
    for number, (day, change, grade) in enumerate(edges[:-1]):
        running[grade] += change
        until = edges[number + 1][0]
        top = next((g for g in range(100, -1, -1) if running[g]), None)
        if until > day and top is not None:
            found.append(Stretch(day, until - DAY if until <= FOREVER else None, top))
    return joined(found)


def joined(parts: Iterable[Stretch]) -> list[Stretch]:
    """Stretches in order, neighbours of the same grade made one."""
    found: list[Stretch] = []
    for part in parts:
        if found and found[-1].grade == part.grade and found[-1].end + DAY == part.first:
            found[-1] = Stretch(found[-1].first, part.last, part.grade)
        else:
            found.append(part)
    return found


def cases(periods: Iterable[Period]) -> list[AbsenceCase]:
    """The cases that periods make, in order. Holiday with no sick day right before it makes none."""
    return [AbsenceCase(tuple(parts)) for parts in _grouped(stretches(periods))]


def _grouped(parts: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    """A day at work begins the gap; in it a holiday is as a day at work."""
    held: list[Stretch] = []
    for part in parts:
        touching = bool(held) and held[-1].end + DAY == part.first
        if part.grade == 0 and not touching:
            continue
        if held and (part.first - held[-1].end).days > GAP_DAYS:
            yield held
            held = []
        held.append(part)
    if held:
        yield held


def current(periods: Iterable[Period]) -> AbsenceCase | None:
    """The latest case."""
    found = cases(periods)
    return found[-1] if found else None


def grade_on(periods: Iterable[Period], day: dt.date) -> int | None:
    """Percent away that day, None when no sick leave covers it."""
    grades = [p.grade for p in periods if p.kind != "holiday" and p.from_date <= day <= p.end]
    return max(grades, default=None)


def week_of_absence(first_day: dt.date, day: dt.date) -> int:
    """By the calendar: 1 in the first seven days; never below 1."""
    return max(0, (day - first_day).days) // 7 + 1


def nav_week(case: AbsenceCase, day: dt.date) -> int:
    """As Nav counts: 1 in the first seven sick days; days at work between stand still."""
    return max(0, case.sick_days(day) - 1) // 7 + 1


def employer_period(periods: Iterable[Period]) -> tuple[dt.date, dt.date] | None:
    """First and last of the employer's 16 sick days in the latest case (§ 8-19); None while not used up."""
    found = current(periods)
    sick = [part for part in found.stretches if part.grade] if found else []
    left = EMPLOYER_PERIOD_DAYS
    for part in sick:
        if part.days >= left:
            return sick[0].first, part.first + (left - 1) * DAY
        left -= part.days
    return None


def sick_pay_end(first_day: dt.date) -> dt.date:
    """Estimated last day of sick pay: skip the employer's 16 calendar days, then the 248th weekday (§ 8-12)."""
    day = first_day + dt.timedelta(days=EMPLOYER_PERIOD_DAYS)
    weeks, rest = divmod(SICK_PAY_WEEKDAYS - 1, 5)
    while day.weekday() > 4:
        day += DAY
    day += dt.timedelta(weeks=weeks)
    while rest:
        day += DAY
        rest -= day.weekday() < 5
    return day


class SelfDeclared(NamedTuple):
    """Self-declared sick days: of the latest absence, and of the 12 months to and including a day."""

    days_now: int
    days_year: int
    times_year: int


def self_declared(periods: Sequence[Period], day: dt.date) -> SelfDeclared:
    """Used up to and including `day`; calendar days, weekends between included (§ 8-24). Within 16 days of an earlier
    one the days add up to one absence."""
    used = joined(
        part._replace(grade=1)
        for part in stretches(p for p in periods if p.kind == "self_declared" and p.from_date <= day)
    )
    used = [part._replace(last=min(part.end, day)) for part in used]
    since = _year_before(day)
    within = [part._replace(first=max(part.first, since)) for part in used if part.end >= since]
    latest: list[Stretch] = []
    for part in used:
        if latest and (part.first - latest[-1].end).days > GAP_DAYS:
            latest = []
        latest.append(part)
    return SelfDeclared(sum(p.days for p in latest), sum(p.days for p in within), len(within))


def _year_before(day: dt.date) -> dt.date:
    """The first of the twelve months that end with `day`; 28 February stands in for 29 February."""
    try:
        return day.replace(year=day.year - 1) + DAY
    except ValueError:
        return day.replace(year=day.year - 1, day=28) + DAY
