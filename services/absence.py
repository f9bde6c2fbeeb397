"""Sick leave counted as Nav counts it: cases, weeks, grade over time. Pure functions; no database, no clock.

Sources: Nav's isoppfolgingstilfelle (a gap of 16 days ends a case; holiday right after sick days counts as sick),
folketrygdloven § 8-12 (248 days of sick pay), § 8-19 (the employer's 16 days), §§ 8-24 and 8-25 (self-declared days).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
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

    def graded(self) -> list[Stretch]:
        """Its stretches, where holiday, which counts as sick here, goes on with the grade of the days before it."""
        found: list[Stretch] = []
        for part in self.stretches:
            found.append(part if part.grade else part._replace(grade=found[-1].grade))
        return joined(found)

    def full_since(self, days: int = 0) -> dt.date | None:
        """First day of the first stretch at 100 % that lasted `days`, or that runs when the last known period ends."""
        parts = self.graded()
        for part in parts:
            if part.grade >= 100 and (part.days >= days or part is parts[-1]):
                return part.first
        return None

    def grade_as_known(self, day: dt.date) -> int:
        """Percent away that day as it stands if the last known period goes on; 0 on a day at work before it ends.

        Before the first day it is as on that day.
        """
        parts = self.graded()
        if day > parts[-1].end:
            return parts[-1].grade
        day = max(day, parts[0].first)
        return next((part.grade for part in parts if part.first <= day <= part.end), 0)


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


def begun(periods: Iterable[Period], day: dt.date) -> dt.date | None:
    """First day of the case that `day` belongs to: it runs then, ended less than 16 days before, or comes next."""
    found = (case for case in cases(periods) if (day - case.stretches[-1].end).days <= GAP_DAYS)
    return next((case.first_day for case in found), None)


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
    """First and last of the employer's 16 calendar days in the latest absence (§ 8-19); None while not used up.

    A new absence within 16 days goes on with the days of the last. Holiday counts between sick days only.
    """
    found = current(periods)
    parts = found.stretches if found else ()
    first = last = end = None
    left = EMPLOYER_PERIOD_DAYS
    for part, after in zip(parts, [*parts[1:], None], strict=False):
        if not part.grade and (after is None or part.end + DAY != after.first):
            continue
        if end is None or (part.first - end).days > GAP_DAYS:
            first, last, left = part.first, None, EMPLOYER_PERIOD_DAYS
        if last is None and part.days >= left:
            last = part.first + (left - 1) * DAY
        left, end = left - part.days, part.end
    return (first, last) if first and last else None


def sick_pay_end(first_day: dt.date) -> dt.date:
    """Estimated last day of sick pay: skip the employer's 16 calendar days, then the 248th weekday (§ 8-12)."""
    day = _workday(first_day + dt.timedelta(days=EMPLOYER_PERIOD_DAYS), dt.date.max)
    weeks, rest = divmod(SICK_PAY_WEEKDAYS - 1, 5)
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


def self_declared(periods: Iterable[Period], day: dt.date) -> SelfDeclared:
    """Used up to and including `day`, in calendar days; a weekend between counts (§ 8-24).

    Absences with less than 16 days between count as one, also when a doctor certified some of the days.
    """
    known = [p for p in periods if p.kind != "holiday" and p.from_date <= day]
    absences = cases(known)
    used = _over_weekends(
        part._replace(grade=1, last=min(part.end, day)) for part in stretches(p for p in known if p.kind != "sick")
    )
    since, now = _year_before(day), absences[-1].first_day if absences else day
    within = [part._replace(first=max(part.first, since)) for part in used if part.end >= since]
    return SelfDeclared(
        sum(part.days for part in used if part.first >= now), sum(part.days for part in within), len(within)
    )


def _over_weekends(parts: Iterable[Stretch]) -> list[Stretch]:
    """Stretches with nothing but a weekend between made one."""
    found: list[Stretch] = []
    for part in parts:
        if found and _workday(found[-1].end + DAY, part.first) == part.first:
            found[-1] = found[-1]._replace(last=part.last)
        else:
            found.append(part)
    return found


def _workday(day: dt.date, at_most: dt.date) -> dt.date:
    """`day` itself or the first weekday after it, at most `at_most`."""
    while day < at_most and day.weekday() > 4:
        day += DAY
    return day


def _year_before(day: dt.date) -> dt.date:
    """The first of the twelve months that end with `day`; 28 February stands in for 29 February."""
    try:
        return day.replace(year=day.year - 1) + DAY
    except ValueError:
        return day.replace(year=day.year - 1, day=28) + DAY
