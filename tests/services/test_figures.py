"""Figures: what they count, whose they are, and that no number under five can be seen or worked out."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest

from forms.library import load_steps, steps_keys
from models import AuditEvent, Case, Milestone, Unit, UserRole
from services import deadlines, figures
from services.absence import Period
from services.access import Actor, load_actor
from services.errors import NotAllowed
from services.figures import FEW, WITHHELD, Count, Figures, months_until, protected
from services.limits import limits
from services.milestones import refresh
from tests.world import World, make_case, make_employee

DAY = dt.timedelta(days=1)
SCHEDULE = load_steps(steps_keys()[0])


def _actor(user: Any) -> Actor:
    found = load_actor(user.id)
    assert found is not None
    return found


def _counted(world: World, user: Any = None) -> Figures:
    return figures.read_figures(_actor(user or world.siri), SCHEDULE)


_NUMBERS = itertools.count(1)


def _cases(unit: Unit, count: int, first_day: dt.date, **columns: Any) -> list[Case]:
    """Cases as counting left them, with the columns that figures read."""
    made = []
    for _ in range(count):
        number = next(_NUMBERS)
        employee = make_employee(unit, f"Ansatt {number}", dt.date(1950, 1, 1) + dt.timedelta(days=number))
        case = make_case(employee, first_day)
        Case.update(**columns).where(Case.id == case.id).execute() if columns else None
        made.append(Case.get_by_id(case.id))
    return made


def _milestone(case: Case, code: str = "plan", days: int = -3, **columns: Any) -> Milestone:
    due = figures.today() + dt.timedelta(days=days)
    return Milestone.create(municipality=case.municipality_id, case=case, code=code, due=due, **columns)


# ---------------------------------------------------------------- small numbers


@pytest.mark.parametrize(("numbers", "cells", "total"), [
    ([], [], FEW),
    ([0], [FEW], FEW),
    ([4], [FEW], FEW),
    ([5], [Count(5)], Count(5)),
    ([5, 6, 70], [Count(5), Count(6), Count(70)], Count(81)),
    # One small part would be the sum less the others: the smallest other goes too.
    ([3, 9, 7, 20], [FEW, Count(9), WITHHELD, Count(20)], Count(39)),
    ([0, 6, 8, 30], [FEW, WITHHELD, Count(8), Count(30)], Count(44)),
    # With seven as its upper end, 5 + 0 has no other reading than … 0, so one more is withheld.
    ([0, 5, 8, 30], [FEW, WITHHELD, WITHHELD, Count(30)], Count(43)),
    # Two small parts hide each other, unless their sum leaves one reading only.
    ([2, 3, 40], [FEW, FEW, Count(40)], Count(45)),
    ([0, 0, 6, 9], [FEW, FEW, WITHHELD, Count(9)], Count(15)),
    ([4, 4, 6, 9], [FEW, FEW, WITHHELD, Count(9)], Count(23)),
    ([1, 0], [FEW, FEW], FEW),
    # Nothing left to withhold: the sum goes.
    ([4, 4], [FEW, FEW], WITHHELD),
    ([0, 5], [FEW, WITHHELD], WITHHELD),
    ([2, 9], [FEW, WITHHELD], Count(11)),
])  # fmt: skip
def test_what_is_hidden(numbers: list[int], cells: list[Count], total: Count) -> None:
    assert protected(numbers) == (cells, total)


def _readings(cells: list[Count], total: Count) -> list[tuple[int, ...]]:
    """Every set of small parts that agrees with what is shown: fewer than five each, withheld ones five or more."""
    shown = sum(cell.number or 0 for cell in cells)
    few, withheld = cells.count(FEW), cells.count(WITHHELD)
    readings = []
    for small in itertools.product(range(5), repeat=few):
        left = (total.number or 0) - shown - sum(small)
        if total.number is None or (left >= 5 * withheld if withheld else left == 0):
            readings.append(small)
    return readings


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_no_small_number_can_be_worked_out(length: int) -> None:
    """Every table of up to four parts: each small part has more than one reading."""
    for numbers in itertools.product((0, 1, 2, 3, 4, 5, 6, 9, 40), repeat=length):
        cells, total = protected(numbers)
        assert all(cell.number is None or cell.number >= 5 for cell in [*cells, total]), numbers
        readings = _readings(cells, total)
        for place in range(cells.count(FEW)):
            assert len({reading[place] for reading in readings}) > 1, numbers


# ---------------------------------------------------------------- what is counted


def test_by_unit(world: World) -> None:
    today = world.today
    on_time = {"plan_limit": today - DAY, "plan_in_time": True}
    _cases(world.home_care, 6, today - 60 * DAY, **on_time)
    _cases(world.home_care, 2, today - 60 * DAY, plan_limit=today - DAY, plan_in_time=None)
    _cases(world.school, 8, today - 60 * DAY, dialogue_limit=today - DAY, dialogue_in_time=False, **on_time)
    found = _counted(world)
    rows = {row.name: row for row in found.units}
    assert list(rows) == ["Hjemmetjenesten", "Skole"]
    assert rows["Hjemmetjenesten"].open == Count(9)
    assert rows["Hjemmetjenesten"].plan == 75
    assert rows["Hjemmetjenesten"].dialogue is None
    assert (rows["Skole"].plan, rows["Skole"].dialogue) == (100, 0)
    assert found.total.open == Count(18)
    assert found.total.plan == 88  # 14 of 16
    assert found.whole


def test_a_share_of_fewer_than_five_is_not_shown(world: World) -> None:
    _cases(world.home_care, 4, world.today - 60 * DAY, plan_limit=world.today - DAY, plan_in_time=True)
    assert _counted(world).total.plan is None
    _cases(world.home_care, 1, world.today - 60 * DAY, plan_limit=world.today - DAY, plan_in_time=True)
    assert _counted(world).total.plan == 100


def test_a_limit_that_has_not_passed_is_not_counted(world: World) -> None:
    _cases(world.home_care, 9, world.today - 10 * DAY, plan_limit=world.today, plan_in_time=True)
    assert _counted(world).total.plan is None


def test_months(world: World) -> None:
    months = months_until(world.today)
    assert len(months) == 12
    assert months[-1] == world.today.replace(day=1)
    done = {"plan_limit": world.today - DAY, "plan_in_time": True}
    _cases(world.home_care, 5, months[3], **done)
    _cases(world.home_care, 5, months[4] - DAY, plan_limit=world.today - DAY)
    _cases(world.home_care, 7, months[0] - DAY, **done)  # too old for the shares, still open
    found = _counted(world)
    assert [month.plan for month in found.months[:6]] == [None, None, None, 50, None, None]
    assert found.total.plan == 50
    assert found.total.open == Count(19)


@pytest.mark.parametrize(("day", "first", "last"), [
    (dt.date(2026, 1, 31), dt.date(2025, 2, 1), dt.date(2026, 1, 1)),
    (dt.date(2024, 2, 29), dt.date(2023, 3, 1), dt.date(2024, 2, 1)),
    (dt.date(2026, 12, 31), dt.date(2026, 1, 1), dt.date(2026, 12, 1)),
])  # fmt: skip
def test_twelve_months(day: dt.date, first: dt.date, last: dt.date) -> None:
    assert (months_until(day)[0], months_until(day)[-1]) == (first, last)


def test_closed_cases_count_in_the_shares_and_not_as_open(world: World) -> None:
    day = world.today
    _cases(world.home_care, 6, day - 90 * DAY, status="closed", closed_on=day, plan_limit=day - 60 * DAY)
    found = _counted(world)
    assert found.total.plan == 0
    assert found.total.open == FEW  # Per's and Lise's


def test_why_it_is_late(world: World) -> None:
    for case in _cases(world.home_care, 6, world.today - 60 * DAY):
        _milestone(case, "plan")
        _milestone(case, "dialogue_1")
        _milestone(case, "contact", days=0)  # due today is not late
        _milestone(case, "dialogue_2", who="nav")  # not the employer's
        _milestone(case, "evaluate", state="done")
    found = _counted(world)
    assert found.reasons == (("meeting", Count(6)), ("plan", Count(6)))
    assert found.total.late == Count(12)


def test_a_milestone_that_left_the_schedule_is_counted_among_the_others(world: World) -> None:
    for case in _cases(world.home_care, 6, world.today - 60 * DAY):
        _milestone(case, "gone")
    assert _counted(world).reasons == (("tick", Count(6)),)


def test_small_reasons_are_hidden_with_the_smallest_other(world: World) -> None:
    cases = _cases(world.home_care, 9, world.today - 60 * DAY)
    for place, case in enumerate(cases):
        _milestone(case, "plan")
        if place < 7:
            _milestone(case, "dialogue_1")
        if place < 2:
            _milestone(case, "contact")
    assert _counted(world).reasons == (("plan", Count(9)), ("meeting", WITHHELD), ("contact", FEW))


def test_reasons_do_not_tell_a_sum_that_is_withheld(world: World) -> None:
    """Four late in each of two units: the sum would tell both; so would the one reason."""
    for unit in (world.home_care, world.school):
        for case in _cases(unit, 4, world.today - 60 * DAY):
            _milestone(case, "plan")
    found = _counted(world)
    assert [row.late for row in found.units] == [FEW, FEW]
    assert found.total.late == WITHHELD
    assert found.reasons == (("plan", WITHHELD),)


def test_exempt_and_not_relevant_are_counted_apart(world: World) -> None:
    for case in _cases(world.home_care, 6, world.today - 60 * DAY):
        _milestone(case, "plan", state="exempt", again_on=world.today + DAY)
        _milestone(case, "contact", state="not_relevant")
    closed = _cases(world.home_care, 1, world.today - 60 * DAY, status="closed", closed_on=world.today)[0]
    _milestone(closed, "plan", state="exempt")
    found = _counted(world)
    assert (found.exempt, found.not_relevant) == (Count(6), Count(6))
    assert found.total.late == FEW
    assert found.reasons == ()


# ---------------------------------------------------------------- whose they are


def test_hr_of_a_unit_sees_that_unit_and_those_below(world: World) -> None:
    below = Unit.create(municipality=world.storvik, name="Sone nord", parent=world.home_care)
    UserRole.update(unit=world.home_care).where(UserRole.user == world.siri).execute()
    _cases(below, 6, world.today - 60 * DAY)
    _cases(world.school, 6, world.today - 60 * DAY)
    found = _counted(world)
    assert [row.name for row in found.units] == ["Hjemmetjenesten", "Sone nord"]
    assert not found.whole


def test_another_municipality_is_not_counted(world: World) -> None:
    for case in _cases(world.health, 7, world.today - 60 * DAY, plan_limit=world.today - DAY):
        _milestone(case)
    ours = _counted(world)
    assert (ours.total.open, ours.total.late, ours.total.plan, ours.reasons) == (FEW, FEW, None, ())
    theirs = _counted(world, world.tone)
    assert (theirs.total.open, theirs.total.late, theirs.total.plan) == (Count(8), Count(7), 0)


def test_a_leader_who_is_hr_of_a_unit_does_not_see_those_led_elsewhere(world: World) -> None:
    UserRole.create(municipality=world.storvik, user=world.ola, role="hr", unit=world.home_care)
    assert [row.name for row in _counted(world, world.ola).units] == ["Hjemmetjenesten"]


def test_only_hr(world: World) -> None:
    for user in (world.kari, world.per, world.anne, world.aud):
        with pytest.raises(NotAllowed):
            _counted(world, user)
    assert not AuditEvent.select().where(AuditEvent.tag == "figures:read").exists()


def test_reading_leaves_a_trail(world: World) -> None:
    _counted(world)
    event = AuditEvent.get(AuditEvent.tag == "figures:read")
    assert (event.actor_id, event.municipality_id, event.subject) == (world.siri.id, world.storvik.id, "figures")


def test_nothing_there(world: World) -> None:
    Case.update(municipality=world.fjell).execute()
    found = _counted(world)
    assert found.units == ()
    assert (found.total.open, found.total.plan, found.reasons) == (FEW, None, ())
    assert {month.plan for month in found.months} == {None}


# ---------------------------------------------------------------- the law's last day


FIRST = dt.date(2026, 3, 2)


@pytest.mark.parametrize(("periods", "plan", "dialogue"), [
    ([(0, None, 100)], 28, 49),
    ([(0, None, 50)], 28, None),  # never fully away
    ([(0, 28, 100)], None, None),  # over on the last day
    ([(0, 29, 100)], 28, None),
    ([(0, 49, 100)], 28, None),
    ([(0, 50, 100)], 28, 49),
    ([(0, 9, 50), (10, None, 100)], 28, 59),
])  # fmt: skip
def test_limits(periods: list[tuple[int, int | None, int]], plan: int | None, dialogue: int | None) -> None:
    held = [Period(FIRST + a * DAY, None if b is None else FIRST + b * DAY, grade) for a, b, grade in periods]
    known = deadlines.Facts("sick_leave", FIRST, periods=held)
    expected = tuple(None if days is None else FIRST + days * DAY for days in (plan, dialogue))
    assert limits(known, None, ()) == expected


def test_limits_of_what_was_not_demanded() -> None:
    known = deadlines.Facts("sick_leave", FIRST, periods=[Period(FIRST, None, 100)])
    plan, dialogue = FIRST + 28 * DAY, FIRST + 49 * DAY
    assert limits(known, plan, ()) == (None, None)
    assert limits(known, plan + DAY, ()) == (plan, None)
    assert limits(known, None, {"plan"}) == (None, dialogue)
    assert limits(known, None, {"dialogue_1"}) == (plan, None)
    assert limits(deadlines.Facts("preventive", FIRST), None, ()) == (None, None)


def test_counting_a_case_keeps_its_limits(world: World) -> None:
    case = _cases(world.home_care, 1, world.today - 60 * DAY)[0]
    refresh(case)
    kept = Case.get_by_id(case.id)
    assert (kept.plan_limit, kept.dialogue_limit) == (world.today - 32 * DAY, world.today - 11 * DAY)
    Milestone.update(state="exempt", again_on=world.today + DAY).where(
        Milestone.case == case, Milestone.code == "plan"
    ).execute()
    refresh(Case.get_by_id(case.id))
    assert Case.get_by_id(case.id).plan_limit is None
