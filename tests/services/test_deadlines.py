"""The law's points of time by the regime of a case, a municipality's own, and how dates are said around midnight."""

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
from forms.library import load_steps
from services import clock, law
from services.absence import Period
from services.deadlines import Facts, Plan, Rule, Step, next_step, steps
from services.steps import rules_of

FIRST = dt.date(2026, 3, 2)  # a Monday
# As the law has it, whatever a municipality ships.
LEGAL = (
    Rule("contact", 7, done_by="contact"),
    Rule("plan", 28, done_by="plan", legal=True),
    Rule("sign", 7, "plan_day", done_by="signature"),
    Rule("evaluate", None, "agreed_day", done_by="evaluation"),
    Rule("dialogue_1", 49, "full_day", done_by="meeting", applies="sick_leave", meeting=1, legal=True),
    Rule("activity", 56, "full_day", applies="sick_leave", who="nav", legal=True),
    Rule("dialogue_2", 182, done_by="meeting", applies="sick_leave", meeting=2, who="nav", legal=True),
)


def _day(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def _period(first: int, last: int | None, grade: int = 100, kind: str = "sick") -> Period:
    return Period(_day(first), None if last is None else _day(last), grade, kind)


def _facts(**changed: Any) -> Facts:
    known: dict[str, Any] = {"kind": "sick_leave", "first_day": FIRST, "periods": [_period(0, None)]}
    return Facts(**{**known, **changed})


def _due(facts: Facts, rules: tuple[Rule, ...] = LEGAL) -> dict[str, int]:
    """Days from the first day, by code."""
    return {step.code: (step.due - facts.first_day).days for step in steps(facts, rules) if step.due}


def _done(facts: Facts, rules: tuple[Rule, ...] = LEGAL) -> dict[str, int]:
    return {step.code: (step.done_on - facts.first_day).days for step in steps(facts, rules) if step.done_on}


# ---------------------------------------------------------------- the law, by the time of the case


@pytest.mark.parametrize(("first", "due"), [
    ("2006-05-01", {"plan": 42, "dialogue_1": 84, "activity": 56, "dialogue_2": 182}),  # nothing older is known
    ("2007-03-01", {"plan": 42, "dialogue_1": 84, "activity": 56, "dialogue_2": 182}),
    ("2011-06-30", {"plan": 42, "dialogue_1": 84, "activity": 56, "dialogue_2": 182}),
    ("2011-07-01", {"plan": 28, "dialogue_1": 49, "activity": 56, "report_9_weeks": 63, "dialogue_2": 182}),
    ("2014-06-30", {"plan": 28, "dialogue_1": 49, "activity": 56, "report_9_weeks": 63, "dialogue_2": 182}),
    ("2014-07-01", {"plan": 28, "dialogue_1": 49, "activity": 56, "dialogue_2": 182}),
    ("2026-08-24", {"plan": 28, "dialogue_1": 49, "activity": 56, "dialogue_2": 182}),
    ("2028-02-29", {"plan": 28, "dialogue_1": 49, "activity": 56, "dialogue_2": 182}),
])  # fmt: skip
def test_every_row_of_the_law_by_regime(first: str, due: dict[str, int]) -> None:
    day = dt.date.fromisoformat(first)
    assert {row.code: row.days for row in law.demanded(day)} == due
    report = Rule("report_9_weeks", 63, "full_day", legal=True, valid_from=dt.date(2011, 7, 1),
                  valid_to=dt.date(2014, 6, 30))  # fmt: skip
    rules = (*(rule for rule in LEGAL if rule.legal), report)
    assert _due(Facts("sick_leave", day, periods=[Period(day, None, 100)]), rules) == due


@pytest.mark.parametrize("row", law.ROWS, ids=lambda row: f"{row.code}-{row.valid_from.year}")
def test_every_row_names_its_law_and_its_time(row: law.Row) -> None:
    assert row.law.startswith(("aml § ", "ftrl § "))
    assert row.valid_from <= row.valid_to
    assert law.limit(row.code, row.valid_from) == law.limit(row.code, row.valid_to) == row.days
    others = [other for other in law.ROWS if other is not row and other.code == row.code]
    assert all(other.valid_to < row.valid_from or other.valid_from > row.valid_to for other in others)


@pytest.mark.parametrize(("code", "days"), [
    ("contact", 7), ("plan", 28), ("dialogue_1", 49), ("activity", 56), ("nav_need", 112), ("plan_for_nav", 175),
    ("dialogue_2", 182), ("nav_39_weeks", 273), ("sick_pay_end", 361),
])  # fmt: skip
def test_every_point_of_the_shipped_minimum(code: str, days: int) -> None:
    found = _due(_facts(), rules_of(load_steps("lovens-minimum")))
    assert found[code] == days
    assert len(found) == 9


def test_what_a_graded_absence_has() -> None:
    """Aml § 4-6: the plan also for one who is partly away; the meeting, and activity, only fully."""
    assert _due(_facts(periods=[_period(0, None, 50)])) == {"contact": 7, "plan": 28, "dialogue_2": 182}
    later = _facts(periods=[_period(0, 20, 50), _period(21, None)])
    assert _due(later) == {"contact": 7, "plan": 28, "dialogue_1": 21 + 49, "activity": 21 + 56, "dialogue_2": 182}


def test_a_preventive_case_has_no_meetings() -> None:
    assert _due(_facts(kind="preventive", periods=[])) == {"contact": 7, "plan": 28}


def test_sick_pay_ends_as_nav_says_or_as_estimated() -> None:
    rules = (Rule("end", 0, "sick_pay_end"), Rule("talk", -90, "end"))
    assert _due(_facts(), rules) == {"end": 361, "talk": 271}
    assert _due(_facts(sick_pay_end=_day(300)), rules) == {"end": 300, "talk": 210}
    assert _due(_facts(kind="preventive"), rules) == {}


# ---------------------------------------------------------------- a municipality's own


@pytest.mark.parametrize(("own", "due"), [
    (Rule("plan", 21, done_by="plan", legal=True), 21), (Rule("plan", 0, done_by="plan", legal=True), 0),
    (Rule("plan", 29, done_by="plan", legal=True), 28), (Rule("plan", 400, done_by="plan", legal=True), 28),
    (Rule("dialogue_1", 42, "full_day", done_by="meeting", legal=True), 42),
    (Rule("dialogue_1", 84, "full_day", done_by="meeting", legal=True), 49),
    (Rule("dialogue_2", 200, done_by="meeting", meeting=2, legal=True), 182),
    (Rule("contact", 30, done_by="contact"), 30),  # no law on it
    (Rule("plan", 400, done_by="plan"), 400),  # of the same name, but not the law's
])  # fmt: skip
def test_a_municipality_is_stricter_than_the_law_never_milder(own: Rule, due: int) -> None:
    assert _due(_facts(), (own,)) == {own.code: due}


def test_an_old_case_keeps_the_municipalitys_stricter_days() -> None:
    old = dt.date(2008, 9, 1)
    facts = Facts("sick_leave", old, periods=[Period(old, None, 100)])
    assert _due(facts, (Rule("plan", 28, legal=True),)) == {"plan": 42}
    assert _due(facts, (Rule("plan", 21, legal=True),)) == {"plan": 21}


@given(st.integers(0, 700), st.integers(0, 700), st.dates(dt.date(1999, 1, 1), dt.date(2060, 1, 1)))
def test_whatever_a_municipality_writes_the_law_holds(plan: int, meeting: int, first: dt.date) -> None:
    rules = (Rule("plan", plan, legal=True), Rule("dialogue_1", meeting, "full_day", legal=True))
    due = _due(Facts("sick_leave", first, periods=[Period(first, None, 100)]), rules)
    assert due["plan"] <= (law.limit("plan", first) or 0)
    assert due["dialogue_1"] <= (law.limit("dialogue_1", first) or 0)


@pytest.mark.parametrize(("rule", "facts", "there"), [
    (Rule("x", 5, applies="sick_leave"), {}, True), (Rule("x", 5, applies="preventive"), {}, False),
    (Rule("x", 5, applies="preventive"), {"kind": "preventive"}, True),
    (Rule("x", 5, only_if="occupational_health"), {}, False),
    (Rule("x", 5, only_if="occupational_health"), {"occupational_health": True}, True),
    (Rule("x", 5, valid_from=_day(0)), {}, True), (Rule("x", 5, valid_from=_day(1)), {}, False),
    (Rule("x", 5, valid_to=_day(0)), {}, True), (Rule("x", 5, valid_to=_day(-1)), {}, False),
    (Rule("x", None), {}, False), (Rule("x", 5, "gone"), {}, False), (Rule("x", 5, "x"), {}, False),
    (Rule("x", 5, "agreed_day"), {}, False), (Rule("x", 5, "plan_day"), {}, False),
    (Rule("x", 5, "plan_day"), {"plans": [Plan(1, _day(3))]}, True),
    (Rule("x", 5, "agreed_day"), {"plans": [Plan(1, _day(3), None, _day(40))]}, True),
])  # fmt: skip
def test_what_a_milestone_applies_to(rule: Rule, facts: dict[str, Any], there: bool) -> None:
    assert ("x" in _due(_facts(**facts), (rule,))) is there


@pytest.mark.parametrize(("periods", "there"), [
    ([_period(0, None)], True), ([_period(0, None, 50)], False), ([], False),
    ([_period(0, 20), _period(21, None, 50)], False),  # no longer fully away when it is due
    ([_period(0, 41), _period(42, None, 50)], True),  # until then
    ([_period(0, 20, 50), _period(21, None)], True),
    ([_period(0, 20)], True),  # as it stands if the last known period goes on
    ([_period(0, 20), _period(21, 30, kind="holiday")], True),
    ([_period(0, 35), _period(45, None)], False),  # at work that day
])  # fmt: skip
def test_only_for_those_fully_away(periods: list[Period], there: bool) -> None:
    own = (Rule("x", 42, only_if="full_sick"), Rule("y", 7, "x"))
    assert _due(_facts(periods=periods), own) == ({"x": 42, "y": 49} if there else {})
    signed = (Rule("s", 7, "plan_day", done_by="signature", only_if="full_sick"),)
    assert bool(_due(_facts(periods=periods, plans=[Plan(1, _day(35))]), signed)) is there


def test_milestones_that_count_from_each_other() -> None:
    chain = (Rule("c", -7, "b"), Rule("b", 14, "a"), Rule("a", 28), Rule("d", 3, "e"), Rule("e", 10, "evaluate"),
             Rule("evaluate", None, "agreed_day", done_by="evaluation"))  # fmt: skip
    assert _due(_facts(), chain) == {"a": 28, "b": 42, "c": 35}
    planned = _facts(plans=[Plan(1, _day(20), None, _day(60))])
    assert _due(planned, chain) == {"a": 28, "b": 42, "c": 35, "evaluate": 60, "e": 70, "d": 73}


def test_a_circle_of_milestones_counts_nothing_and_ends() -> None:
    circle = (Rule("a", 1, "b"), Rule("b", 1, "c"), Rule("c", 1, "a"), Rule("d", 1, "a"), Rule("e", 1))
    assert _due(_facts(), circle) == {"e": 1}


def test_a_hundred_in_a_row() -> None:
    row = (Rule("m0", 1), *(Rule(f"m{n}", 1, f"m{n - 1}") for n in range(1, 100)))
    assert _due(_facts(), row[::-1])["m99"] == 100


def test_the_last_of_two_with_one_code_holds() -> None:
    assert _due(_facts(), (Rule("a", 1), Rule("a", 2))) == {"a": 2}


# ---------------------------------------------------------------- what has been done


@pytest.mark.parametrize(("facts", "done"), [
    ({}, {}),
    ({"contacts": [_day(5), _day(2)]}, {"contact": 2}),
    ({"contacts": [_day(40)]}, {"contact": 40}),  # late is also done
    ({"plans": [Plan(1, _day(20))]}, {"plan": 20}),
    ({"plans": [Plan(1, _day(20), _day(23))]}, {"plan": 20, "sign": 23}),
    ({"plans": [Plan(1, _day(20), _day(23), _day(50))]}, {"plan": 20, "sign": 23}),
    ({"meetings": {1: [_day(45)]}}, {"dialogue_1": 45}),
    ({"meetings": {2: [_day(170)]}}, {"dialogue_2": 170}),
    ({"meetings": {3: [_day(170)]}}, {}),
])  # fmt: skip
def test_what_is_seen_to_be_done(facts: dict[str, Any], done: dict[str, int]) -> None:
    assert _done(_facts(**facts)) == done


def test_signature_and_evaluation_come_with_every_plan() -> None:
    """A later plan settles what was left of the earlier one."""
    facts = _facts(plans=[Plan(1, _day(20), None, _day(50)), Plan(2, _day(48), _day(49), _day(90))])
    rounds = [(s.code, s.round, (s.due - FIRST).days if s.due else None, s.done_on)
              for s in steps(facts, LEGAL) if s.code in ("sign", "evaluate")]  # fmt: skip
    assert rounds == [
        ("sign", 1, 27, _day(48)), ("evaluate", 1, 50, _day(48)), ("sign", 2, 55, _day(49)), ("evaluate", 2, 90, None),
    ]  # fmt: skip


def test_each_of_a_sort_is_done_in_its_own_time() -> None:
    talks = (Rule("w1", 0, done_by="contact"), Rule("w2", 7, done_by="contact"), Rule("w4", 21, done_by="contact"))
    assert _done(_facts(contacts=[_day(0)]), talks) == {"w1": 0}
    assert _done(_facts(contacts=[_day(3)]), talks) == {"w1": 3, "w2": 3}
    assert _done(_facts(contacts=[_day(0), _day(6), _day(14)]), talks) == {"w1": 0, "w2": 6, "w4": 14}


def test_a_plan_for_nav_is_another_one_than_the_first() -> None:
    both = (Rule("plan", 28, done_by="plan", letters=("a",)), Rule("for_nav", 175, done_by="plan", letters=("b",)))
    assert _done(_facts(plans=[Plan(1, _day(20))]), both) == {"plan": 20}
    assert _done(_facts(plans=[Plan(1, _day(20)), Plan(2, _day(150))]), both) == {"plan": 20, "for_nav": 150}


def test_letters_do_what_they_belong_to() -> None:
    rules = (Rule("l1", 56, done_by="letter", letters=("info",)), Rule("l2", 266, done_by="letter", letters=("a", "b")),
             Rule("l3", 300, done_by="letter", letters=("info",)))  # fmt: skip
    assert _done(_facts(letters={"info": [_day(50)], "b": [_day(200)], "c": [_day(1)]}), rules) == {"l1": 50, "l2": 200}
    assert _done(_facts(letters={"info": [_day(50), _day(280)]}), rules) == {"l1": 50, "l3": 280}


@pytest.mark.parametrize(("facts", "code"), [
    ({}, "contact"), ({"contacts": [FIRST]}, "plan"),
    ({"plans": [Plan(1, FIRST)]}, "sign"),  # a plan made together is a contact
    ({"plans": [Plan(1, FIRST, FIRST)]}, "dialogue_1"),
    ({"plans": [Plan(1, FIRST, FIRST)], "meetings": {1: [_day(40)]}}, "dialogue_2"),  # activity is for Nav to look at
    ({"plans": [Plan(1, FIRST, FIRST, _day(30))]}, "evaluate"),
    ({"kind": "preventive", "periods": [], "plans": [Plan(1, FIRST, FIRST)]}, None),
])  # fmt: skip
def test_the_next_step(facts: dict[str, Any], code: str | None) -> None:
    found = next_step(steps(_facts(**facts), LEGAL))
    assert (found.code if found else None) == code


def test_nobody_here_is_told_to_do_what_nav_does() -> None:
    assert next_step([Step("a", FIRST, who="nav"), Step("b", FIRST, who="certifier"), Step("c", _day(9))]) == Step(
        "c", _day(9)
    )
    assert next_step([Step("a", FIRST, who="nav", done_by="meeting")]) is not None


# ---------------------------------------------------------------- time goes forward

_grades = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([30, 50, 100, 100])), min_size=1, max_size=6)
_ALL = (
    *(rule for rule in LEGAL if rule.code != "contact"),
    Rule("own", 40, only_if="full_sick"), Rule("after", 7, "dialogue_1"), Rule("talk", 10, done_by="contact"),
)  # fmt: skip


def _stretches(parts: list[tuple[int, int]]) -> list[Period]:
    found, day = [], 0
    for length, grade in parts:
        found.append(_period(day, day + length - 1, grade))
        day += length
    return found


@given(_grades, _grades, st.lists(st.integers(0, 200), max_size=3))
def test_more_days_of_the_same_absence_move_nothing_back(
    known: list[tuple[int, int]], more: list[tuple[int, int]], contacts: list[int]
) -> None:
    shared: dict[str, Any] = {"contacts": [_day(n) for n in contacts], "plans": [Plan(1, _day(9), None, _day(30))]}
    before = {(s.code, s.round): s for s in steps(_facts(periods=_stretches(known), **shared), _ALL)}
    after = {(s.code, s.round): s for s in steps(_facts(periods=_stretches(known + more), **shared), _ALL)}
    for key in before.keys() & after.keys():
        assert before[key].due <= after[key].due
        assert after[key].done_on == before[key].done_on
    assert before.keys() - after.keys() <= {(code, 0) for code in ("dialogue_1", "activity", "own", "after")}


@given(_grades, st.permutations(_ALL))
def test_the_order_of_rows_and_asking_twice_is_of_no_matter(known: list[tuple[int, int]], rules: list[Rule]) -> None:
    facts = _facts(periods=_stretches(known), plans=[Plan(1, _day(9), None, _day(30))], contacts=[_day(3)])
    assert steps(facts, rules) == steps(facts, rules) == steps(facts, _ALL)


# ---------------------------------------------------------------- midnight in Norway


@pytest.mark.parametrize(("moment", "day"), [
    ("2026-01-10T22:59:59+00:00", "2026-01-10"), ("2026-01-10T23:00:00+00:00", "2026-01-11"),
    ("2026-07-10T21:59:59+00:00", "2026-07-10"), ("2026-07-10T22:00:00+00:00", "2026-07-11"),
    ("2026-12-31T23:00:00+00:00", "2027-01-01"),
    ("2026-03-28T23:00:00+00:00", "2026-03-29"), ("2026-03-29T22:00:00+00:00", "2026-03-30"),  # 23 hours
    ("2026-10-24T22:00:00+00:00", "2026-10-25"), ("2026-10-25T23:00:00+00:00", "2026-10-26"),  # 25
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
