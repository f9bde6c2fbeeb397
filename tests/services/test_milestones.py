"""Milestones as rows: made and moved when something changes, and what was done stays done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import peewee as pw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import models
from models import (
    AbsencePeriod,
    Case,
    ContactEntry,
    DialogueMeeting,
    Dispatch,
    Document,
    Milestone,
    Plan,
    QuestionSetVersion,
    Signature,
)
from services import cases, followup, milestones
from services.access import Actor, load_actor
from services.clock import OSLO
from services.deadlines import Rule
from tests.front import changes, traced
from tests.world import World, make_case, make_employee

RULES = (
    Rule("contact", 7, done_by="contact"),
    Rule("plan", 28, done_by="plan", legal=True),
    Rule("sign", 7, "plan_day", done_by="signature"),
    Rule("evaluate", None, "agreed_day", done_by="evaluation"),
    Rule("dialogue_1", 49, "full_day", done_by="meeting", applies="sick_leave", meeting=1, legal=True),
    Rule("prepare", -7, "dialogue_1", done_by="letter", letters=("innkalling",)),
    Rule("dialogue_2", 182, done_by="meeting", applies="sick_leave", meeting=2, who="nav", legal=True),
    Rule("tick", 60),
)


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schedule of our own, so that what is shipped may change."""
    monkeypatch.setattr(milestones.steps, "rules_for", lambda _municipality: RULES)


@pytest.fixture
def kari(world: World) -> Actor:
    actor = load_actor(world.kari.id)
    assert actor
    return actor


def _counted(case: Case) -> Case:
    milestones.refresh(case)
    return Case.get_by_id(case.id)


def _rows(case: Case) -> dict[tuple[str, int], tuple[str, int | None, int | None]]:
    """State, and days from the first day to when it is due and was done, by code and round."""

    def days(day: dt.date | None) -> int | None:
        return None if day is None else (day - case.first_day).days

    return {(r.code, r.round): (r.state, days(r.due), days(r.done_on)) for r in milestones.of_case(case)}


def _row(case: Case, code: str, number: int = 0) -> Milestone:
    return Milestone.get(Milestone.case == case, Milestone.code == code, Milestone.round == number)


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), OSLO).astimezone(dt.UTC)


def _contact(case: Case, days: int, kind: str = "phone", corrects: ContactEntry | None = None) -> ContactEntry:
    entry = ContactEntry(
        municipality=case.municipality_id, case=case, at=_at(case.first_day + dt.timedelta(days=days)), kind=kind,
        author=models.User.get(models.User.username == "kari"), corrects=corrects,
    )  # fmt: skip
    entry.save(force_insert=True)
    return entry


def _plan(case: Case, number: int, days: int, status: str = "finished", evaluate: int | None = None) -> Plan:
    version = QuestionSetVersion.get_or_none() or QuestionSetVersion.create(
        municipality=case.municipality_id, question_set=models.QuestionSet.create(
            municipality=case.municipality_id, key="x", kind="plan", title="x"), number=1, definition="{}", sha256="",
    )  # fmt: skip
    finished = case.first_day + dt.timedelta(days=days)
    return Plan.create(
        municipality=case.municipality_id, case=case, version=version, number=number, status=status,
        finished_at=_at(finished), evaluate_on=None if evaluate is None else case.first_day + dt.timedelta(evaluate),
    )  # fmt: skip


def _periods(case: Case, *parts: tuple[int, int | None, int]) -> None:
    AbsencePeriod.delete().where(AbsencePeriod.case == case).execute()
    for first, last, grade in parts:
        AbsencePeriod.create(
            municipality=case.municipality_id, case=case, from_date=case.first_day + dt.timedelta(first), grade=grade,
            to_date=None if last is None else case.first_day + dt.timedelta(last),
        )  # fmt: skip


# ---------------------------------------------------------------- made, moved, ended


def test_rows_are_made(world: World) -> None:
    case = _counted(world.per_case)
    assert _rows(case) == {
        ("contact", 0): ("open", 7, None), ("plan", 0): ("open", 28, None), ("prepare", 0): ("open", 42, None),
        ("dialogue_1", 0): ("open", 49, None), ("tick", 0): ("open", 60, None), ("dialogue_2", 0): ("open", 182, None),
    }  # fmt: skip
    assert [row.code for row in milestones.of_case(case)] == [
        "contact", "plan", "prepare", "dialogue_1", "tick", "dialogue_2",
    ]  # fmt: skip
    assert len({row.uid for row in milestones.of_case(case)}) == 6
    assert (_row(case, "dialogue_2").who, _row(case, "plan").who) == ("nav", "leader")
    assert (case.next_step, case.next_due) == ("contact", case.first_day + dt.timedelta(days=7))


def test_rows_move_and_end_and_come_again_when_periods_change(world: World) -> None:
    case = _counted(world.per_case)
    names = {row.code: row.id for row in milestones.of_case(case)}
    _periods(case, (0, 20, 50), (21, None, 100))
    assert _rows(_counted(case))["dialogue_1", 0] == ("open", 70, None)
    _periods(case, (0, None, 50))
    rows = _rows(_counted(case))
    assert (rows["dialogue_1", 0][0], rows["prepare", 0][0]) == ("ended", "ended")
    _periods(case, (0, None, 100))
    assert _rows(_counted(case))["dialogue_1", 0] == ("open", 49, None)
    assert {row.code: row.id for row in milestones.of_case(case)} == names  # the same rows all the time


def test_rows_follow_the_first_day_and_the_schedule(world: World) -> None:
    case = _counted(world.per_case)
    case.first_day -= dt.timedelta(days=3)
    case.save()
    assert _rows(_counted(case))["plan", 0] == ("open", 28, None)
    milestones.refresh(case, [Rule("plan", 14, done_by="plan"), Rule("new", 5, who="hr")])
    rows = _rows(case)
    assert {key: row for key, row in rows.items() if row[0] == "open"} == {
        ("plan", 0): ("open", 14, None), ("new", 0): ("open", 5, None),
    }  # fmt: skip
    assert rows["tick", 0][0] == "ended"


def test_a_closed_case_waits_for_nothing_until_it_is_opened_again(world: World) -> None:
    case = _counted(world.per_case)
    _contact(case, 3)
    case.status = "closed"
    case.save()
    case = _counted(case)
    assert {row[0] for row in _rows(case).values()} == {"ended", "done"}
    assert (case.next_step, case.next_due) == ("", None)
    case.status = "open"
    case.save()
    case = _counted(case)
    assert {row[0] for row in _rows(case).values()} == {"open", "done"}
    assert case.next_step == "plan"


# ---------------------------------------------------------------- done


def test_what_happened_is_seen(world: World) -> None:
    case = _counted(world.per_case)
    _contact(case, 3)
    plan = _plan(case, 1, 20, "signed", 60)
    Signature.create(municipality=world.storvik, plan=plan, role="employee", name="Per", place="Storvik",
                     signed_on=case.first_day + dt.timedelta(22), registered_by=world.kari)  # fmt: skip
    for number, days in ((1, 45), (2, 180)):
        DialogueMeeting.create(municipality=world.storvik, case=case, number=number, status="held",
                               at=_at(case.first_day + dt.timedelta(days)))  # fmt: skip
    document = Document(municipality=world.storvik, case=case, kind="letter", title="x", mime="application/pdf",
                        size=1, sha256="", author=world.kari, content=b"x")  # fmt: skip
    document.save(force_insert=True)
    Dispatch.create(municipality=world.storvik, case=case, document=document, unit=world.home_care, how="post",
                    letter="innkalling", recipient="employee", sent_on=case.first_day + dt.timedelta(40),
                    sent_by=world.kari)  # fmt: skip
    rows = _rows(_counted(case))
    assert rows == {
        ("contact", 0): ("done", 7, 3), ("plan", 0): ("done", 28, 20), ("sign", 1): ("done", 27, 22),
        ("evaluate", 1): ("open", 60, None), ("prepare", 0): ("done", 42, 40), ("dialogue_1", 0): ("done", 49, 45),
        ("tick", 0): ("open", 60, None), ("dialogue_2", 0): ("done", 182, 180),
    }  # fmt: skip
    assert not any(row.by_hand for row in milestones.of_case(case))


def test_a_signature_stays_when_a_later_plan_takes_over(world: World) -> None:
    case = world.per_case
    plan = _plan(case, 1, 20, "signed")
    Signature.create(municipality=world.storvik, plan=plan, role="employee", name="Per", place="Storvik",
                     signed_on=case.first_day + dt.timedelta(22), registered_by=world.kari)  # fmt: skip
    assert _rows(_counted(case))["sign", 1] == ("done", 27, 22)
    Plan.update(status="superseded").where(Plan.id == plan.id).execute()
    _plan(case, 2, 70)
    rows = _rows(_counted(case))
    assert (rows["sign", 1], rows["sign", 2]) == (("done", 27, 22), ("open", 77, None))


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_period_deleted_after_its_milestone_was_done(world: World, kari: Actor, by_hand: bool) -> None:
    case = _counted(world.per_case)
    if by_hand:
        row = _row(case, "dialogue_1")
        row.state, row.done_on, row.by_hand = "done", case.first_day + dt.timedelta(30), True
        row.save()
    else:
        _contact(case, 30, "dialogue_meeting")
    assert _rows(_counted(case))["dialogue_1", 0] == ("done", 49, 30)
    cases.remove_period(kari, AbsencePeriod.get(AbsencePeriod.case == case).id)
    rows = _rows(case)
    assert rows["dialogue_1", 0] == ("done", 49, 30)
    assert rows["prepare", 0][0] == "ended"
    cases.add_period(kari, case.id, {"from_date": case.first_day, "to_date": None, "grade": 50})
    assert _rows(case)["dialogue_1", 0] == ("done", 49, 30)
    milestones.refresh(case, [])  # nor does a new schedule take it away
    assert _rows(case)["dialogue_1", 0] == ("done", 49, 30)


def test_a_meeting_that_nobody_had_to_hold_shows_as_held(world: World) -> None:
    """And no longer, when it turns out that it was not held."""
    case = world.per_case
    AbsencePeriod.update(grade=50).where(AbsencePeriod.case == case).execute()
    at = dt.datetime.combine(case.first_day + dt.timedelta(days=30), dt.time(12), OSLO)
    meeting = DialogueMeeting.create(municipality=world.storvik, case=case, number=1, at=at, status="held")
    assert _rows(_counted(case))["dialogue_1", 0] == ("done", None, 30)
    assert (case.dialogue_in_time, case.dialogue_limit) == (None, None)  # it does not count in the figures
    DialogueMeeting.update(status="planned").where(DialogueMeeting.id == meeting.id).execute()
    assert _rows(_counted(case))["dialogue_1", 0][0] == "ended"
    DialogueMeeting.update(status="held").where(DialogueMeeting.id == meeting.id).execute()
    assert _rows(_counted(case))["dialogue_1", 0] == ("done", None, 30)


def test_what_it_was_seen_from_may_turn_out_wrong(world: World) -> None:
    """A plan marked feilregistrert, an entry of the log that was corrected."""
    case = world.per_case
    plan, entry = _plan(case, 1, 20), _contact(case, 2)
    assert {key[0] for key, row in _rows(_counted(case)).items() if row[0] == "done"} == {"plan", "contact"}
    Plan.update(status="misregistered").where(Plan.id == plan.id).execute()
    _contact(case, 5, corrects=entry)
    rows = _rows(_counted(case))
    assert (rows["plan", 0], rows["contact", 0]) == (("open", 28, None), ("done", 7, 5))
    assert rows["sign", 1][0] == "ended"


def test_a_dialogue_meeting_that_was_no_meeting(world: World) -> None:
    case = world.per_case
    entry = _contact(case, 40, "dialogue_meeting")
    assert _rows(_counted(case))["dialogue_1", 0] == ("done", 49, 40)
    _contact(case, 40, "phone", corrects=entry)
    assert _rows(_counted(case))["dialogue_1", 0] == ("open", 49, None)


def test_a_tick_by_hand_stays_whatever_is_seen_later(world: World) -> None:
    case = _counted(world.per_case)
    row = _row(case, "contact")
    row.state, row.done_on, row.by_hand = "done", case.first_day, True
    row.save()
    _contact(case, 4)
    assert _rows(_counted(case))["contact", 0] == ("done", 7, 0)
    assert _row(case, "contact").by_hand


# ---------------------------------------------------------------- not relevant, exempt


def _decide(case: Case, code: str, state: str, again: int | None = None) -> Milestone:
    row = _row(case, code)
    row.state, row.reason_code = state, "back_soon"
    row.seal("reason", "Snart tilbake")
    row.again_on = None if again is None else case.first_day + dt.timedelta(days=again)
    row.save()
    return row


def test_an_exemption_comes_back_when_it_is_asked_again(world: World) -> None:
    case = _counted(world.per_case)
    _contact(case, 2)
    _decide(case, "plan", "exempt", again=46)
    case = _counted(case)
    assert _rows(case)["plan", 0] == ("exempt", 28, None)
    assert (case.next_step, case.next_due) == ("prepare", case.first_day + dt.timedelta(days=42))
    _decide(case, "prepare", "not_relevant")
    case = _counted(case)
    assert (case.next_step, case.next_due) == ("plan", case.first_day + dt.timedelta(days=46))


@pytest.mark.parametrize(("days", "waits"), [(45, False), (46, True), (90, True)])
def test_an_exemption_waits_from_the_day_it_is_asked_again(world: World, days: int, waits: bool) -> None:
    case = _counted(world.per_case)
    _decide(case, "plan", "exempt", again=46)
    day = case.first_day + dt.timedelta(days=days)
    found = Milestone.select().where(Milestone.case == case, milestones.waits(day))
    assert ("plan" in {row.code for row in found}) is waits


def test_an_exemption_ends_and_returns_with_what_it_was_from(world: World) -> None:
    case = _counted(world.per_case)
    uid = _decide(case, "dialogue_1", "exempt", again=60).uid
    _periods(case, (0, None, 50))
    assert _rows(_counted(case))["dialogue_1", 0][0] == "ended"
    _periods(case, (0, None, 100))
    assert _rows(_counted(case))["dialogue_1", 0] == ("exempt", 49, None)
    row = _row(case, "dialogue_1")
    assert (row.uid, row.reason_code, row.unseal("reason")) == (uid, "back_soon", "Snart tilbake")


def test_what_is_done_after_all_settles_an_exemption(world: World) -> None:
    case = _counted(world.per_case)
    _decide(case, "plan", "exempt", again=60)
    _plan(case, 1, 40)
    assert _rows(_counted(case))["plan", 0] == ("done", 28, 40)
    assert _row(case, "plan").again_on is None


def test_a_mere_contact_does_not_undo_not_relevant(world: World) -> None:
    case = _counted(world.per_case)
    _decide(case, "contact", "not_relevant")
    _decide(case, "prepare", "not_relevant")
    _contact(case, 5)
    rows = _rows(_counted(case))
    assert (rows["contact", 0][0], rows["prepare", 0][0]) == ("not_relevant", "not_relevant")


# ---------------------------------------------------------------- what the lists keep


@pytest.mark.parametrize(("plan", "meeting", "in_time"), [
    (None, None, (None, None)), (28, 49, (True, True)), (29, 50, (False, False)), (10, None, (True, None)),
])  # fmt: skip
def test_whether_plan_and_meeting_came_in_time(
    world: World, plan: int | None, meeting: int | None, in_time: tuple[bool | None, bool | None]
) -> None:
    case = world.per_case
    if plan is not None:
        _plan(case, 1, plan)
    if meeting is not None:
        _contact(case, meeting, "dialogue_meeting")
    case = _counted(case)
    assert (case.plan_in_time, case.dialogue_in_time) == in_time


def test_what_is_kept_is_right_even_for_an_old_copy_of_the_case(world: World) -> None:
    case = _counted(world.per_case)
    old = Case.get_by_id(case.id)
    _contact(case, 2)
    assert _counted(case).next_step == "plan"
    Case.update(next_step="contact", plan_status="draft").where(Case.id == case.id).execute()
    assert (_counted(old).next_step, Case.get_by_id(case.id).plan_status) == ("plan", "none")


# ---------------------------------------------------------------- many at once


def _many(world: World, count: int) -> list[Case]:
    return [
        make_case(make_employee(world.home_care, f"P {n}", dt.date(1950, 1, 1) + dt.timedelta(n)), world.today)
        for n in range(count)
    ]


def test_the_number_of_questions_does_not_grow(world: World) -> None:
    few, many = _many(world, 3), []
    with traced() as first:
        milestones.refresh_all(few, RULES)
    many = [make_case(case.employee, case.first_day, 50) for case in few * 20]
    with traced() as second:
        milestones.refresh_all(many, RULES)
    assert len([sql for sql in first if sql.startswith("SELECT")]) == len(
        [sql for sql in second if sql.startswith("SELECT")]
    )
    assert changes(second).count("INSERT milestone") <= 3
    with traced() as again:
        milestones.refresh_all(many, RULES)
    assert changes(again) == []


def test_recounting_a_municipality(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milestones, "_CHUNK", 4)
    open_cases = _many(world, 9)
    closed = make_case(open_cases[0].employee, world.today)
    Case.update(status="closed").where(Case.id == closed.id).execute()
    assert milestones.recount(world.storvik) == 9 + 2  # and those of Per and Lise
    assert {_row(case, "plan").state for case in open_cases} == {"open"}
    assert not Milestone.select().where(Milestone.case.in_([closed, world.bjarte_case])).exists()
    with traced() as again:
        assert milestones.recount(world.storvik) == 11
    assert changes(again) == []


def test_two_who_count_at_once_make_one_row(world: World) -> None:
    made = [
        Milestone(municipality=world.storvik.id, case=world.per_case.id, code="plan", round=0, done_on=None)
        for _twice in range(2)
    ]
    for row in made:
        Milestone.insert_many([row.__data__]).on_conflict_ignore().execute()
    milestones.refresh(world.per_case)
    assert Milestone.select().where(Milestone.case == world.per_case, Milestone.code == "plan").count() == 1


# ---------------------------------------------------------------- whatever happens

_doings = st.lists(st.one_of(
    st.tuples(st.just("longer"), st.integers(1, 60), st.sampled_from([40, 100])),
    st.tuples(st.just("remove"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("contact"), st.integers(0, 20), st.sampled_from([0, 1])),
    st.tuples(st.just("plan"), st.integers(0, 20), st.just(0)),
    st.tuples(st.just("tick"), st.integers(0, 7), st.just(0)),
    st.tuples(st.just("schedule"), st.integers(0, 7), st.just(0)),
), max_size=8)  # fmt: skip


def _do(world: World, kari: Actor, what: str, number: int, extra: int) -> None:
    case = Case.get_by_id(world.per_case.id)
    periods = list(AbsencePeriod.select().where(AbsencePeriod.case == case).order_by(AbsencePeriod.from_date))
    match what:
        case "longer":
            last = periods[-1].to_date if periods else case.first_day - dt.timedelta(days=1)
            values = {"from_date": last + dt.timedelta(1), "to_date": last + dt.timedelta(number), "grade": extra}
            cases.add_period(kari, case.id, values)
        case "remove" if periods:
            cases.remove_period(kari, periods[number % len(periods)].id)
        case "remove":  # nothing to take away, but the schedule may have been another
            milestones.refresh(case)
        case "contact":
            kind = "dialogue_meeting" if extra else "phone"
            day = world.today - dt.timedelta(days=1 + number % 15)
            followup.log_contact(kari, case.id, {"at": _at(day), "kind": kind, "text": "x"})
        case "plan":
            _plan(case, Plan.select().where(Plan.case == case).count() + 1, number, "superseded", number + 30)
            milestones.refresh(case)
        case "tick":
            rows = [row for row in milestones.of_case(case) if row.state == "open"]
            if rows:
                row = rows[number % len(rows)]
                row.state, row.done_on, row.by_hand = "done", case.first_day, True
                row.save()
            milestones.refresh(case)
        case "schedule":
            milestones.refresh(case, RULES[number:])


@given(doings=_doings)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_done_stays_done_and_counting_again_changes_nothing(
    world: World, kari: Actor, doings: list[tuple[Any, ...]]
) -> None:
    real: pw.Database = models.db.obj
    with real.atomic() as whole:
        first = world.per_case.first_day
        AbsencePeriod.update(to_date=first + dt.timedelta(5)).where(AbsencePeriod.case == world.per_case).execute()
        milestones.refresh(world.per_case)
        for what, number, extra in doings:
            case = Case.get_by_id(world.per_case.id)
            before = {(row.code, row.round): row for row in milestones.of_case(case)}
            _do(world, kari, what, number, extra)
            after = {(row.code, row.round): row for row in milestones.of_case(case)}
            for key, row in before.items():
                if row.state == "done":
                    assert (after[key].state, after[key].done_on) == ("done", row.done_on)
                if what == "longer" and after[key].state != "ended":
                    assert row.due is None or after[key].due >= row.due
            with traced() as again:
                case = Case.get_by_id(case.id)
                rules = RULES[number:] if what == "schedule" else RULES
                milestones.refresh(case, rules)
            assert changes(again) == []
        whole.rollback()
