"""Sick leave counted as Nav counts it, day by day; the reference's own algorithm is the oracle."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import absence
from services.absence import DAY, Period, SelfDeclared, Stretch

FIRST = dt.date(2026, 3, 2)  # a Monday


def _day(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def _period(first: int, last: int | None, grade: int = 100, kind: str = "sick") -> Period:
    return Period(_day(first), None if last is None else _day(last), grade, kind)


def _spans(periods: list[Period]) -> list[tuple[int, int | None]]:
    """First and last day of each case, counted from FIRST."""
    return [
        ((case.first_day - FIRST).days, (case.last_day - FIRST).days if case.last_day else None)
        for case in absence.cases(periods)
    ]


# ---------------------------------------------------------------- cases


@pytest.mark.parametrize(("periods", "spans"), [
    ([], []),
    ([_period(0, 9)], [(0, 9)]),
    ([_period(0, None)], [(0, None)]),
    ([_period(0, 9), _period(25, 30)], [(0, 30)]),  # 15 days between
    ([_period(0, 9), _period(26, 30)], [(0, 9), (26, 30)]),  # 16
    ([_period(26, 30), _period(0, 9)], [(0, 9), (26, 30)]),  # in any order
    ([_period(0, 9, 20), _period(25, 30, 100)], [(0, 30)]),  # any grade is sick
    ([_period(0, 9), _period(5, 20), _period(36, 40)], [(0, 40)]),  # days are counted once
    ([_period(0, None), _period(40, 50)], [(0, None)]),
    ([_period(0, 0), _period(0, 0)], [(0, 0)]),
    ([_period(0, 2, kind="self_declared"), _period(3, 20)], [(0, 20)]),  # day 1 is the first self-declared day
    # holiday right after sick days counts as sick
    ([_period(0, 9), _period(10, 30, kind="holiday"), _period(46, 50)], [(0, 50)]),
    ([_period(0, 9), _period(10, 30, kind="holiday"), _period(47, 50)], [(0, 30), (47, 50)]),
    # after a day at work it is as a day at work
    ([_period(0, 9), _period(11, 30, kind="holiday"), _period(31, 50)], [(0, 9), (31, 50)]),
    ([_period(0, 9), _period(11, 24, kind="holiday"), _period(25, 50)], [(0, 50)]),
    # it makes no case by itself, and none grows backwards by it
    ([_period(0, 9, kind="holiday")], []),
    ([_period(0, 9, kind="holiday"), _period(10, 20)], [(10, 20)]),
    ([_period(0, 9), _period(10, 20, kind="holiday"), _period(21, 25, kind="holiday")], [(0, 25)]),
    ([_period(0, 9), _period(5, 15, kind="holiday")], [(0, 15)]),
])  # fmt: skip
def test_cases(periods: list[Period], spans: list[tuple[int, int | None]]) -> None:
    assert _spans(periods) == spans


@pytest.mark.parametrize(("last", "first", "count"), [
    ("2026-01-10", "2026-01-26", 1), ("2026-01-10", "2026-01-27", 2),  # the reference's own example
    ("2027-12-31", "2028-01-16", 1), ("2027-12-31", "2028-01-17", 2),  # over new year
    ("2028-02-20", "2028-03-07", 1), ("2028-02-20", "2028-03-08", 2),  # over 29 February
    ("2026-03-20", "2026-04-05", 1), ("2026-03-20", "2026-04-06", 2),  # the clocks go forward
    ("2026-10-20", "2026-11-05", 1), ("2026-10-20", "2026-11-06", 2),  # and back
])  # fmt: skip
def test_the_gap_is_counted_in_calendar_days(last: str, first: str, count: int) -> None:
    end, start = dt.date.fromisoformat(last), dt.date.fromisoformat(first)
    assert len(absence.cases([Period(end - 5 * DAY, end, 100), Period(start, None, 100)])) == count


def _as_nav(periods: list[Period]) -> list[list[dt.date]]:
    """The days of each case, by the algorithm of isoppfolgingstilfelle, word for word."""
    found: list[list[dt.date]] = []
    days: list[dt.date] = []
    gap = 0
    first, last = min(p.from_date for p in periods), max(p.end for p in periods)
    for number in range((last - first).days + 1):
        day = first + number * DAY
        kinds = {p.kind for p in periods if p.from_date <= day <= p.end}
        if not kinds:
            gap += 1
        elif kinds == {"holiday"}:
            if gap > 0:
                gap += 1
            elif days:
                days.append(day)
        else:
            days.append(day)
            gap = 0
        if gap >= 16 and days:
            found.append(days)
            days, gap = [], 0
    return [*found, days] if days else found


def _some_period(first: int, length: int, grade: int, kind: str) -> Period:
    return _period(first, first + length, grade, kind)


some_periods = st.lists(
    st.builds(
        _some_period, st.integers(0, 150), st.integers(0, 40), st.sampled_from([20, 50, 99, 100]),
        st.sampled_from(["sick", "sick", "self_declared", "holiday"]),
    ), min_size=1, max_size=8,
)  # fmt: skip


@given(some_periods)
def test_cases_are_navs(periods: list[Period]) -> None:
    own = [
        [part.first + n * DAY for part in case.stretches for n in range(part.days)] for case in absence.cases(periods)
    ]
    assert own == _as_nav(periods)
    assert [case.sick_days() for case in absence.cases(periods)] == [len(days) for days in _as_nav(periods)]


@given(some_periods, st.randoms())
def test_the_order_of_periods_is_of_no_matter(periods: list[Period], chance: object) -> None:
    before = absence.cases(periods)
    chance.shuffle(periods)  # type: ignore[attr-defined]
    assert absence.cases(periods) == before


def test_the_highest_grade_of_a_day_counts() -> None:
    periods = [_period(0, 20, 50), _period(5, 9, 100), _period(8, 30, 60), _period(40, 41, kind="holiday")]
    assert absence.stretches(periods) == [
        Stretch(_day(0), _day(4), 50), Stretch(_day(5), _day(9), 100), Stretch(_day(10), _day(30), 60),
        Stretch(_day(40), _day(41), 0),
    ]  # fmt: skip
    assert absence.stretches([_period(0, None, 50), _period(3, 4, 100)]) == [
        Stretch(_day(0), _day(2), 50), Stretch(_day(3), _day(4), 100), Stretch(_day(5), None, 50),
    ]  # fmt: skip


def test_three_thousand_periods_are_counted_at_once() -> None:
    periods = [_period(10 * n, 10 * n + 12, 1 + n % 100) for n in range(3000)]
    before = time.perf_counter()
    assert _spans(periods) == [(0, 30002)]
    assert time.perf_counter() - before < 1


# ---------------------------------------------------------------- grade and weeks


@pytest.mark.parametrize(("days", "grade"), [(-1, None), (0, 100), (6, 100), (7, None), (9, None), (10, 50), (99, 50)])
def test_the_grade_of_a_day_counts_both_ends(days: int, grade: int | None) -> None:
    assert absence.grade_on([_period(0, 6), _period(10, None, 50), _period(7, 9, kind="holiday")], _day(days)) == grade


@pytest.mark.parametrize(("periods", "days", "since"), [
    ([_period(0, 9, 50)], 49, None), ([_period(0, None)], 49, 0), ([_period(0, 9), _period(10, None)], 49, 0),
    ([_period(0, 9), _period(11, None)], 49, 11), ([_period(0, 9, 50), _period(10, None)], 49, 10),
    ([_period(0, 9), _period(10, 19, 50), _period(20, None)], 49, 20),
    ([_period(0, 9), _period(10, None, 99)], 49, None),  # too short, and over
    ([_period(0, 47), _period(48, None, 99)], 49, None), ([_period(0, 48), _period(49, None, 99)], 49, 0),
    ([_period(0, 9, 99), _period(10, 20)], 49, 10),  # runs when the last known period ends
    ([_period(0, 60), _period(61, 70, 50), _period(71, None)], 49, 0),  # the first that lasted
    ([_period(0, 52), _period(53, 60, 50), _period(61, None)], 56, 61),
    ([_period(0, 9), _period(10, 30, kind="holiday"), _period(31, None)], 49, 0),  # holiday goes on as before it
    ([_period(0, 9, 50), _period(10, 30, kind="holiday"), _period(31, None)], 49, 31),
    ([_period(0, 9), _period(10, 30, kind="holiday"), _period(31, None, 50)], 49, None),
])  # fmt: skip
def test_fully_away_since(periods: list[Period], days: int, since: int | None) -> None:
    found = absence.current(periods)
    assert found is not None
    assert found.full_since(days) == (None if since is None else _day(since))


@pytest.mark.parametrize(("days", "grade"), [(-5, 100), (0, 100), (10, 100), (15, 0), (20, 50), (30, 50), (300, 50)])
def test_the_grade_as_known(days: int, grade: int) -> None:
    found = absence.current([_period(0, 9), _period(10, 12, kind="holiday"), _period(20, 30, 50)])
    assert found is not None
    assert found.grade_as_known(_day(days)) == grade


@pytest.mark.parametrize(("days", "week"), [(-3, 1), (0, 1), (6, 1), (7, 2), (13, 2), (27, 4), (28, 5), (364, 53)])
def test_week_of_absence_by_the_calendar(days: int, week: int) -> None:
    assert absence.week_of_absence(FIRST, _day(days)) == week


@pytest.mark.parametrize(
    ("days", "week"), [(-3, 1), (0, 1), (6, 1), (7, 2), (9, 2), (19, 2), (20, 2), (23, 2), (24, 3)]
)
def test_week_of_absence_as_nav_counts(days: int, week: int) -> None:
    """Ten sick days, ten at work, then sick again: the clock stands still meanwhile."""
    found = absence.current([_period(0, 9), _period(20, None)])
    assert found is not None
    assert absence.nav_week(found, _day(days)) == week


@given(st.integers(0, 400))
def test_the_clocks_agree_on_one_unbroken_absence(days: int) -> None:
    found = absence.current([_period(0, None)])
    assert found is not None
    assert absence.nav_week(found, _day(days)) == absence.week_of_absence(FIRST, _day(days))


@pytest.mark.parametrize(("periods", "days", "began"), [
    ([], 0, None), ([_period(0, 9)], 0, 0), ([_period(-5, 9)], 0, -5), ([_period(3, 9)], 0, 3),
    ([_period(-20, -16)], 0, -20), ([_period(-20, -17)], 0, None), ([_period(-90, -60), _period(0, 5)], 0, 0),
])  # fmt: skip
def test_when_the_absence_of_a_day_began(periods: list[Period], days: int, began: int | None) -> None:
    assert absence.begun(periods, _day(days)) == (None if began is None else _day(began))


# ---------------------------------------------------------------- who pays, and how long


@pytest.mark.parametrize(("periods", "found"), [
    ([], None), ([_period(0, 14)], None), ([_period(0, 15)], (0, 15)), ([_period(0, None, 40)], (0, 15)),
    ([_period(0, 4), _period(20, 40)], (0, 30)),  # 15 days between: the same period goes on
    ([_period(0, 4), _period(21, 40)], (21, 36)),  # 16: a new one
    ([_period(0, 20), _period(30, 60)], (0, 15)),  # used up, and no 16 days at work since
    ([_period(0, 20), _period(37, 60)], (37, 52)),
    ([_period(0, 4), _period(5, 9, kind="holiday"), _period(10, 30)], (0, 15)),  # holiday between sick days counts
    ([_period(0, 4), _period(5, 9, kind="holiday"), _period(11, 30)], (0, 21)),  # but not before a day at work
    ([_period(0, 4), _period(5, 30, kind="holiday"), _period(32, 60)], (32, 47)),
    ([_period(0, 4), _period(5, 30, kind="holiday")], None),
])  # fmt: skip
def test_the_employers_period(periods: list[Period], found: tuple[int, int] | None) -> None:
    assert absence.employer_period(periods) == (None if found is None else (_day(found[0]), _day(found[1])))


# The first three are the reference's; the rest counted by hand: 16 calendar days, then 248 weekdays.
@pytest.mark.parametrize(("first", "last", "days"), [
    ("2026-01-05", "2027-01-01", 362), ("2026-01-07", "2027-01-05", 364), ("2026-01-09", "2027-01-06", 363),
    ("2026-03-02", "2027-02-26", 362), ("2026-03-05", "2027-03-03", 364), ("2026-02-28", "2027-02-24", 362),
    ("2028-02-29", "2029-02-26", 364),
])  # fmt: skip
def test_the_last_day_of_sick_pay(first: str, last: str, days: int) -> None:
    begins, ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    assert absence.sick_pay_end(begins) == ends
    assert (ends - begins).days + 1 == days


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31)))
def test_the_last_day_of_sick_pay_is_the_248th_weekday(first: dt.date) -> None:
    day, weekdays = first + 16 * DAY, 0
    while True:
        weekdays += day.weekday() < 5
        if weekdays == 248:
            break
        day += DAY
    assert absence.sick_pay_end(first) == day


# ---------------------------------------------------------------- self-declared days


def _own(first: int, last: int | None) -> Period:
    return _period(first, last, kind="self_declared")


@pytest.mark.parametrize(("periods", "day", "used"), [
    ([], 0, (0, 0, 0)),
    ([_period(0, 30)], 30, (0, 0, 0)),
    ([_own(0, 2)], 30, (3, 3, 1)),
    ([_own(0, None)], 4, (5, 5, 1)),  # until further notice: so far
    ([_own(0, 2)], 1, (2, 2, 1)),
    ([_own(3, 4), _own(7, 7)], 30, (5, 5, 1)),  # Thursday, Friday, and Monday: the weekend between counts
    ([_own(3, 3), _own(7, 7)], 30, (2, 2, 2)),  # Friday at work
    ([_own(0, 2), _own(18, 19)], 30, (5, 5, 2)),  # 15 days between: one absence
    ([_own(0, 2), _own(19, 20)], 30, (2, 5, 2)),  # 16 days between
    ([_own(0, 2), _period(3, 15), _own(30, 31)], 40, (5, 5, 2)),  # a doctor certified the days in the midst
    ([_own(0, 2), _period(60, 70)], 70, (0, 3, 1)),
    ([_own(0, 2), _own(364, 364)], 364, (1, 4, 2)),  # the twelve months that end that day
    ([_own(0, 2), _own(365, 365)], 365, (1, 3, 2)), ([_own(0, 2), _own(368, 368)], 368, (1, 1, 1)),
    ([_own(0, 2), _period(3, 30, kind="holiday"), _own(35, 35)], 40, (1, 4, 2)),  # on holiday nobody was ill
])  # fmt: skip
def test_self_declared_days(periods: list[Period], day: int, used: tuple[int, int, int]) -> None:
    assert absence.self_declared(periods, _day(day)) == SelfDeclared(*used)


def test_a_year_before_29_february() -> None:
    leap = dt.date(2028, 2, 29)
    periods = [Period(dt.date(2027, 2, 28), dt.date(2027, 3, 1), 100, "self_declared")]
    assert absence.self_declared(periods, leap).days_year == 1
