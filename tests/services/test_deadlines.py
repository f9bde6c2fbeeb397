"""The law's points of time, and how they are said around midnight."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from admin.words import due_words, format_short
from services import clock
from services.deadlines import (
    DIALOGUE_1_DAYS,
    PLAN_DAYS,
    Facts,
    Period,
    StepDays,
    full_since,
    grade_on,
    next_step,
    sick_pay_end,
    steps,
    week_of_absence,
)

FIRST = dt.date(2026, 3, 2)  # a Monday


def _day(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def _facts(**changed: Any) -> Facts:
    known: dict[str, Any] = {
        "kind": "sick_leave", "first_day": FIRST, "open": True, "periods": [Period(FIRST, None, 100)],
        "plan_status": "none",
    }  # fmt: skip
    return Facts(**{**known, **changed})


@pytest.mark.parametrize(("days", "week"), [(-3, 1), (0, 1), (6, 1), (7, 2), (13, 2), (27, 4), (28, 5), (364, 53)])
def test_week_of_absence(days: int, week: int) -> None:
    assert week_of_absence(FIRST, _day(days)) == week


@pytest.mark.parametrize(("days", "grade"), [(-1, None), (0, 100), (6, 100), (7, None), (9, None), (10, 50), (99, 50)])
def test_the_grade_of_a_day_counts_both_ends(days: int, grade: int | None) -> None:
    assert grade_on([Period(FIRST, _day(6), 100), Period(_day(10), None, 50)], _day(days)) == grade


@pytest.mark.parametrize(("periods", "since"), [
    ([], None), ([(0, 9, 50)], None), ([(0, None, 100)], 0), ([(0, 9, 100), (10, None, 100)], 0),
    ([(0, 9, 100), (11, None, 100)], 11), ([(0, 9, 50), (10, None, 100)], 10), ([(10, None, 100), (0, 9, 100)], 0),
    ([(0, 9, 100), (10, 19, 50), (20, None, 100)], 20), ([(0, 9, 100), (10, None, 99)], 0),
])  # fmt: skip
def test_fully_away_since(periods: list[tuple[int, int | None, int]], since: int | None) -> None:
    rows = [Period(_day(a), None if b is None else _day(b), grade) for a, b, grade in periods]
    assert full_since(rows) == (None if since is None else _day(since))


# Counted by hand: 16 calendar days of the employer, then 248 weekdays.
@pytest.mark.parametrize(("first", "last"), [
    ("2026-03-02", "2027-02-26"), ("2026-03-05", "2027-03-03"), ("2026-02-28", "2027-02-24"),
])  # fmt: skip
def test_the_last_day_of_sick_pay(first: str, last: str) -> None:
    assert sick_pay_end(dt.date.fromisoformat(first)) == dt.date.fromisoformat(last)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)))
def test_the_last_day_of_sick_pay_is_the_248th_weekday(first: dt.date) -> None:
    day, weekdays = first + dt.timedelta(days=16), 0
    while True:
        weekdays += day.weekday() < 5
        if weekdays == 248:
            break
        day += dt.timedelta(days=1)
    assert sick_pay_end(first) == day


def test_the_points_of_a_case() -> None:
    assert [(s.code, (s.due - FIRST).days if s.due else None) for s in steps(_facts())] == [
        ("contact", 7), ("plan", 28), ("dialogue_1", 49), ("dialogue_2", 182),
    ]  # fmt: skip


def test_seven_weeks_run_from_the_first_day_fully_away() -> None:
    """Arbeidsmiljøloven § 4-6: only one who is fully away."""
    graded = _facts(periods=[Period(FIRST, _day(20), 50)])
    assert "dialogue_1" not in {s.code for s in steps(graded)}
    later = _facts(periods=[Period(FIRST, _day(20), 50), Period(_day(21), None, 100)])
    assert {s.code: s.due for s in steps(later)}["dialogue_1"] == _day(21 + 49)


def test_a_preventive_case_has_no_meetings() -> None:
    assert {s.code for s in steps(_facts(kind="preventive", periods=[]))} == {"contact", "plan"}


@pytest.mark.parametrize(("changed", "code"), [
    ({}, "contact"), ({"contacted_on": FIRST}, "plan"), ({"contacted_on": FIRST, "plan_status": "draft"}, "plan"),
    ({"plan_status": "finished", "plan_finished_on": FIRST}, "sign"),
    ({"plan_status": "signed", "plan_finished_on": FIRST}, "dialogue_1"),
    ({"plan_status": "signed", "plan_finished_on": FIRST, "dialogue_on": _day(40)}, "dialogue_2"),
    ({"plan_status": "signed", "plan_finished_on": FIRST, "evaluate_on": _day(30)}, "evaluate"),
    ({"open": False}, None),
    ({"kind": "preventive", "periods": [], "plan_status": "signed", "plan_finished_on": FIRST}, None),
])  # fmt: skip
def test_the_next_step(changed: dict[str, Any], code: str | None) -> None:
    found = next_step(_facts(**changed))
    assert (found.code if found else None) == code


# ---------------------------------------------------------------- a municipality's own days


def _due(facts: Facts, rules: StepDays | None) -> dict[str, int | None]:
    return {step.code: (step.due - FIRST).days if step.due else None for step in steps(facts, rules)}


@pytest.mark.parametrize(("rules", "due"), [
    (None, {"contact": 7, "plan": 28, "dialogue_1": 49, "dialogue_2": 182}),
    (StepDays(), {"contact": 7, "plan": 28, "dialogue_1": 49, "dialogue_2": 182}),
    (StepDays(contact=3, plan=21, dialogue_1=42), {"contact": 3, "plan": 21, "dialogue_1": 42, "dialogue_2": 182}),
    (StepDays(contact=0), {"contact": 0, "plan": 28, "dialogue_1": 49, "dialogue_2": 182}),
    (StepDays(contact=30), {"plan": 28, "contact": 30, "dialogue_1": 49, "dialogue_2": 182}),  # no law on it
    (StepDays(plan=29, dialogue_1=400), {"contact": 7, "plan": 28, "dialogue_1": 49, "dialogue_2": 182}),
    (StepDays(unused=frozenset({"contact"})), {"plan": 28, "dialogue_1": 49, "dialogue_2": 182}),
    (StepDays(unused=frozenset({"plan", "dialogue_1", "dialogue_2"})),
     {"contact": 7, "plan": 28, "dialogue_1": 49, "dialogue_2": 182}),
])  # fmt: skip
def test_a_municipality_is_stricter_than_the_law_never_milder(
    rules: StepDays | None, due: dict[str, int | None]
) -> None:
    assert list(_due(_facts(), rules).items()) == list(due.items())


@pytest.mark.parametrize(("rules", "due"), [
    (None, {"contact": 7, "sign": 17, "evaluate": 40}),
    (StepDays(sign=2), {"contact": 7, "sign": 12, "evaluate": 40}),
    (StepDays(sign=60), {"contact": 7, "sign": 70, "evaluate": 40}),
    (StepDays(unused=frozenset({"sign"})), {"contact": 7, "evaluate": 40}),
    (StepDays(unused=frozenset({"evaluate", "contact"})), {"sign": 17}),
])  # fmt: skip
def test_steps_after_the_plan_in_a_municipality(rules: StepDays | None, due: dict[str, int]) -> None:
    facts = _facts(kind="preventive", plan_status="finished", plan_finished_on=_day(10), evaluate_on=_day(40))
    found = _due(facts, rules)
    assert found.pop("plan") == 28
    assert found == due


@pytest.mark.parametrize(("changed", "rules", "code"), [
    ({}, StepDays(contact=30), "plan"),
    ({}, StepDays(unused=frozenset({"contact"})), "plan"),
    ({"plan_status": "finished", "plan_finished_on": FIRST}, StepDays(unused=frozenset({"sign"})), "dialogue_1"),
    ({"contacted_on": FIRST}, StepDays(dialogue_1=20), "dialogue_1"),
    ({"open": False}, StepDays(contact=1), None),
])  # fmt: skip
def test_the_next_step_in_a_municipality(changed: dict[str, Any], rules: StepDays, code: str | None) -> None:
    found = next_step(_facts(**changed), rules)
    assert (found.code if found else None) == code


_days = st.integers(0, 400)
_rules = st.builds(
    StepDays, contact=_days, plan=_days, sign=_days, dialogue_1=_days,
    unused=st.frozensets(st.sampled_from(["contact", "plan", "sign", "evaluate", "dialogue_1", "dialogue_2"])),
)  # fmt: skip


@given(_rules)
def test_whatever_a_municipality_writes_the_law_holds(rules: StepDays) -> None:
    due = _due(_facts(plan_status="finished", plan_finished_on=_day(10), evaluate_on=_day(40)), rules)
    assert due["plan"] is not None
    assert due["plan"] <= PLAN_DAYS
    assert due["dialogue_1"] is not None
    assert due["dialogue_1"] <= DIALOGUE_1_DAYS
    assert due["dialogue_2"] == 182
    assert not due.keys() & (rules.unused - {"plan", "dialogue_1", "dialogue_2"})


# ---------------------------------------------------------------- midnight in Norway


@pytest.mark.parametrize(("moment", "day"), [
    ("2026-01-10T22:59:59+00:00", "2026-01-10"), ("2026-01-10T23:00:00+00:00", "2026-01-11"),
    ("2026-07-10T21:59:59+00:00", "2026-07-10"), ("2026-07-10T22:00:00+00:00", "2026-07-11"),
    ("2026-12-31T23:00:00+00:00", "2027-01-01"),
])  # fmt: skip
def test_the_day_changes_at_midnight_in_norway(moment: str, day: str) -> None:
    with time_machine.travel(dt.datetime.fromisoformat(moment), tick=False):
        assert clock.today() == dt.date.fromisoformat(day)


@pytest.mark.parametrize(("days", "words", "tone"), [
    (-40, "40 dager over", "late"), (-2, "2 dager over", "late"), (-1, "1 dag over", "late"), (0, "i dag", "soon"),
    (1, "i morgen", "soon"), (2, "om 2 dager", "soon"), (7, "om 7 dager", "soon"), (8, "18. januar", "neutral"),
])  # fmt: skip
def test_deadlines_in_words(app: Flask, days: int, words: str, tone: str) -> None:
    due = dt.date(2026, 1, 10) + dt.timedelta(days=days)
    just_before = dt.datetime(2026, 1, 10, 22, 59, 59, tzinfo=dt.UTC)
    with app.test_request_context(), force_locale("nb"):
        with time_machine.travel(just_before, tick=False):
            assert due_words(due) == (words, tone)
        with time_machine.travel(just_before + dt.timedelta(seconds=1), tick=False):
            assert due_words(due + dt.timedelta(days=1))[1] == tone
            assert due_words(due) != (words, tone) or days == 8


def test_a_deadline_next_year_says_so(app: Flask) -> None:
    with app.test_request_context(), force_locale("nb"), time_machine.travel(dt.datetime(2026, 12, 1, tzinfo=dt.UTC)):
        assert format_short(dt.date(2027, 1, 5)) == "5. jan. 2027"
        assert format_short(dt.date(2026, 12, 5)) == "5. desember"
        assert due_words(None) == ("", "neutral")
