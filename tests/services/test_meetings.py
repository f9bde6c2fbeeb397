"""Dialogue meetings as services: who is called in, what is answered, what came of it, and what it does to the case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from models import AuditEvent, Case, DialogueMeeting, MeetingParticipant, Milestone
from services import clock, meetings, milestones
from services.access import Actor, load_actor
from services.cases import close_case
from services.errors import Invalid, NotAllowed, NotEditable, NotVisible, StaleRow
from tests.front import traced
from tests.world import World

TEN = dt.time(10, 0)


def actor(user: Any) -> Actor:
    found = load_actor(user.id)
    assert found
    return found


def wanted(day: dt.date, **changed: Any) -> dict[str, Any]:
    people = {"employee": "Per Ås", "leader": "Kari Leder", "certifier": "Lege Ly"}
    return {"day": day, "time": TEN, "place": "Møterom 2", "link": "", "agreed": True, "people": people, **changed}


@pytest.fixture
def kari(world: World) -> Actor:
    return actor(world.kari)


@pytest.fixture
def meeting(kari: Actor, world: World) -> DialogueMeeting:
    """Yesterday's, so that what came of it can be registered."""
    planned = meetings.plan_meeting(kari, world.per_case.id, 1, wanted(world.today - dt.timedelta(days=1)))
    return meetings.find_meeting(kari, planned.id, "case.see")


def person(meeting: DialogueMeeting, role: str) -> MeetingParticipant:
    row: MeetingParticipant = MeetingParticipant.get(
        MeetingParticipant.meeting == meeting, MeetingParticipant.role == role
    )
    return row


def faults(call: Any) -> set[str]:
    with pytest.raises(Invalid) as refused:
        call()
    return set(refused.value.messages)


# --- planning -------------------------------------------------------------------------------------------------------


def test_the_employers_is_number_one_and_navs_the_others(kari: Actor, world: World) -> None:
    day = world.today + dt.timedelta(days=5)
    made = [meetings.plan_meeting(kari, world.per_case.id, number, wanted(day)) for number in (1, 2, 3)]
    assert [m.host for m in made] == ["employer", "nav", "nav"]
    assert [m.at for m in made] == [dt.datetime.combine(day, TEN, clock.OSLO)] * 3
    with pytest.raises(NotVisible):
        meetings.plan_meeting(kari, world.per_case.id, 4, wanted(day))
    assert AuditEvent.select().where(AuditEvent.tag == "meeting:created").count() == 3


def test_the_same_sent_twice_is_one_and_another_is_refused(kari: Actor, world: World) -> None:
    day = world.today + dt.timedelta(days=5)
    first, second = (meetings.plan_meeting(kari, world.per_case.id, 1, wanted(day)) for _ in range(2))
    assert first.id == second.id
    assert faults(lambda: meetings.plan_meeting(kari, world.per_case.id, 1, wanted(day, place="Kantina"))) == {""}
    assert DialogueMeeting.select().count() == 1
    meetings.call_off(kari, first.id, "", first.revision)
    assert meetings.plan_meeting(kari, world.per_case.id, 1, wanted(day, place="Kantina")).id != first.id


@pytest.mark.parametrize(("changed", "fields"), [
    ({"day": None}, {"day"}), ({"time": None}, {"time"}), ({"day": dt.date(2001, 1, 1)}, {"day"}),
    ({"day": dt.date(2099, 1, 1)}, {"day"}), ({"place": ""}, {"place"}), ({"place": "x" * 161}, {"place"}),
    ({"link": "http://video.example"}, {"link"}), ({"link": "javascript:alert(1)"}, {"link"}),
    ({"link": "https://"}, {"link"}), ({"link": "https://x y"}, {"link"}), ({"link": "https://a@video.example"}, {"link"}),
    ({"link": "https://video.example/" + "x" * 300}, {"link"}), ({"link": "https://[::1"}, {"link"}),
    ({"link": 'https://video.example/"onclick'}, {"link"}), ({"people": {"leader": "x" * 121}}, {"name_leader"}),
    ({"day": None, "place": "", "link": "ftp://x"}, {"day", "link"}),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    kari: Actor, world: World, changed: dict[str, Any], fields: set[str]
) -> None:
    values = {**wanted(world.today + dt.timedelta(days=3)), **changed}
    assert faults(lambda: meetings.plan_meeting(kari, world.per_case.id, 1, values)) == fields
    assert DialogueMeeting.select().count() == 0


def test_a_video_link_is_place_enough(kari: Actor, world: World) -> None:
    values = wanted(world.today, place="", link="https://video.example:8443/møte?x=1#a")
    assert meetings.plan_meeting(kari, world.per_case.id, 1, values).link.startswith("https://video")


@time_machine.travel("2026-03-20T09:00:00+00:00", tick=False)
def test_the_hour_that_is_skipped_in_spring_and_the_one_that_comes_twice(world: World) -> None:
    siri = actor(world.siri)
    Case.update(first_day=dt.date(2026, 3, 1)).where(Case.id == world.per_case.id).execute()
    gone = wanted(dt.date(2026, 3, 29), time=dt.time(2, 30))
    assert faults(lambda: meetings.plan_meeting(siri, world.per_case.id, 1, gone)) == {"time"}
    before, after = wanted(dt.date(2026, 3, 29), time=dt.time(1, 59)), wanted(dt.date(2026, 3, 29), time=dt.time(3, 0))
    assert meetings.plan_meeting(siri, world.per_case.id, 2, before).at == dt.datetime(
        2026, 3, 29, 0, 59, tzinfo=dt.UTC
    )
    assert meetings.plan_meeting(siri, world.per_case.id, 3, after).at == dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC)
    twice = wanted(dt.date(2026, 10, 25), time=dt.time(2, 30))
    made = meetings.plan_meeting(siri, world.per_case.id, 1, twice)
    assert made.at == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_a_meeting_stays_at_its_hour_over_the_change_of_clocks(world: World) -> None:
    siri = actor(world.siri)
    Case.update(first_day=dt.date(2026, 3, 1)).where(Case.id == world.per_case.id).execute()
    with time_machine.travel("2026-03-20T09:00:00+00:00", tick=False):
        made = meetings.plan_meeting(siri, world.per_case.id, 1, wanted(dt.date(2026, 4, 2)))
    assert clock.local(DialogueMeeting.get_by_id(made.id).at).time() == TEN
    assert made.at.hour == 8


def test_who_is_proposed(world: World) -> None:
    case = Case.get_by_id(world.per_case.id)
    first = meetings.proposal(case, 1)
    assert first == {"employee": "Per Ås", "leader": "Kari Leder", "certifier": "Lege Ly", "occupational_health": ""}
    case.employee.occupational_health = False
    assert set(meetings.proposal(case, 1)) == {"employee", "leader", "certifier"}
    assert set(meetings.proposal(case, 2)) == {"employee", "leader", "nav"}


def test_a_closed_case_takes_no_meeting(kari: Actor, world: World) -> None:
    case = close_case(kari, world.per_case.id, Case.get_by_id(world.per_case.id).revision)
    with pytest.raises(NotEditable):
        meetings.plan_meeting(kari, case.id, 1, wanted(world.today))


# --- the certifier --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agreed", [None, False])
def test_without_the_employees_yes_the_certifier_cannot_be_called_in(kari: Actor, world: World, agreed: Any) -> None:
    made = meetings.plan_meeting(kari, world.per_case.id, 1, wanted(world.today, agreed=agreed))
    found = meetings.find_meeting(kari, made.id, "case.see")
    assert [p.role for p in meetings.taking_part(found)] == ["employee", "leader"]
    assert person(found, "certifier").agreed is agreed
    assert faults(lambda: meetings.invited(kari, made.id, "certifier", world.today)) == {""}
    assert person(found, "certifier").invited_on is None
    with pytest.raises(NotEditable):
        meetings.answer(kari, person(found, "certifier").id, "comes", "", 1)


def test_with_yes_the_certifier_is_called_in_and_let_go_when_it_is_taken_back(kari: Actor, world: World) -> None:
    day = world.today + dt.timedelta(days=3)
    made = meetings.plan_meeting(kari, world.per_case.id, 1, wanted(day))
    meetings.invited(kari, made.id, "certifier", world.today)
    assert person(made, "certifier").invited_on == world.today
    changed = meetings.change_meeting(kari, made.id, wanted(day, agreed=False), made.revision)
    assert (changed.moved, changed.certifier_out) == (False, True)
    assert person(made, "certifier").invited_on is None


def test_nav_decides_itself_who_comes_to_its_meetings(kari: Actor, world: World) -> None:
    made = meetings.plan_meeting(kari, world.per_case.id, 2, wanted(world.today, agreed=None))
    found = meetings.find_meeting(kari, made.id, "case.see")
    assert "certifier" in {p.role for p in meetings.taking_part(found)}
    without = wanted(world.today, people={"employee": "", "nav": "Nav Storvik"})
    meetings.change_meeting(kari, made.id, without, made.revision)
    roles = [p.role for p in meetings.taking_part(meetings.find_meeting(kari, made.id, "case.see"))]
    assert roles == ["employee", "nav"]


# --- moving, participants -------------------------------------------------------------------------------------------


def test_when_it_moves_everybody_is_asked_again(kari: Actor, world: World) -> None:
    day = world.today + dt.timedelta(days=3)
    made = meetings.plan_meeting(kari, world.per_case.id, 1, wanted(day))
    meetings.invited(kari, made.id, "employee", world.today)
    asked = person(made, "employee")
    meetings.answer(kari, asked.id, "other_time", "Etter klokka 12", asked.revision)
    late = person(made, "employee").revision
    same = meetings.change_meeting(kari, made.id, wanted(day, people={"leader": "Siri Personal"}), made.revision)
    assert not same.moved
    assert person(made, "employee").answer == "other_time"
    assert person(made, "leader").name == "Siri Personal"
    moved = meetings.change_meeting(kari, made.id, wanted(day, time=dt.time(12, 30)), same.meeting.revision)
    assert moved.moved
    row = person(made, "employee")
    assert (row.answer, row.answered_at, row.note, row.invited_on) == ("none", None, None, None)
    with pytest.raises(StaleRow):  # an answer to the old time, on its way
        meetings.answer(actor(world.per), row.id, "comes", "", late)
    assert person(made, "employee").answer == "none"


def test_others_keep_their_answers_when_one_of_them_goes(kari: Actor, world: World) -> None:
    people = {"employee": "", "other_1": "Ada Tolk", "other_2": "Bo Fysio"}
    made = meetings.plan_meeting(kari, world.per_case.id, 1, wanted(world.today, people=people))
    bo = MeetingParticipant.get(MeetingParticipant.name == "Bo Fysio")
    meetings.answer(kari, bo.id, "comes", "", bo.revision)
    meetings.change_meeting(
        kari, made.id, wanted(world.today, people={"employee": "", "other_1": "Bo Fysio"}), made.revision
    )
    others = list(MeetingParticipant.select().where(MeetingParticipant.role == "other"))
    assert [(p.name, p.answer) for p in others] == [("Bo Fysio", "comes")]


def test_two_who_change_at_once(kari: Actor, world: World) -> None:
    made = meetings.plan_meeting(kari, world.per_case.id, 1, wanted(world.today))
    meetings.change_meeting(kari, made.id, wanted(world.today, place="Kantina"), made.revision)
    with pytest.raises(StaleRow):
        meetings.change_meeting(actor(world.siri), made.id, wanted(world.today, place="Kontoret"), made.revision)
    assert DialogueMeeting.get_by_id(made.id).place == "Kantina"
    assert {p.role for p in MeetingParticipant.select()} == {"employee", "leader", "certifier"}


# --- answers --------------------------------------------------------------------------------------------------------


def test_the_employee_answers_only_for_themself(kari: Actor, world: World, meeting: DialogueMeeting) -> None:
    per = actor(world.per)
    own = person(meeting, "employee")
    with traced() as statements:
        meetings.answer(per, own.id, "comes", "Gjerne på morgenen", own.revision)
    assert not any("Gjerne" in sql for sql in statements)
    row = person(meeting, "employee")
    assert (row.answer, row.unseal("note"), row.answered_at is None) == ("comes", "Gjerne på morgenen", False)
    assert b"Gjerne" not in bytes(row.note)
    for role in ("leader", "certifier"):
        with pytest.raises(NotAllowed):
            meetings.answer(per, person(meeting, role).id, "comes", "", 1)
    assert faults(lambda: meetings.answer(per, own.id, "none", "", row.revision)) == {"answer"}
    assert faults(lambda: meetings.answer(per, own.id, "perhaps", "", row.revision)) == {"answer"}
    assert faults(lambda: meetings.answer(per, own.id, "other_time", " ", row.revision)) == {"note"}
    assert faults(lambda: meetings.answer(per, own.id, "comes", "x" * 501, row.revision)) == {"note"}
    meetings.answer(kari, own.id, "none", "", row.revision)  # the leader may take back what was registered
    assert person(meeting, "employee").answered_at is None


@pytest.mark.parametrize(("name", "error"), [
    ("ola", NotVisible), ("tone", NotVisible), ("jon", NotVisible), ("anne", NotVisible), ("aud", NotVisible),
])  # fmt: skip
def test_others_know_of_no_meeting(world: World, meeting: DialogueMeeting, name: str, error: type[Exception]) -> None:
    who, values = actor(getattr(world, name)), wanted(world.today)
    asked = person(meeting, "employee").id
    for call in (
        lambda: meetings.read_meeting(who, meeting.id), lambda: meetings.answer(who, asked, "comes", "", 1),
        lambda: meetings.change_meeting(who, meeting.id, values, 1), lambda: meetings.call_off(who, meeting.id, "", 1),
        lambda: meetings.plan_meeting(who, world.per_case.id, 2, values), lambda: meetings.reopen(who, meeting.id, 1),
        lambda: meetings.register_held(who, meeting.id, [asked], 1),
        lambda: meetings.invited(who, meeting.id, "employee", world.today),
    ):  # fmt: skip
        with pytest.raises(error):
            call()


def test_the_employee_sees_but_changes_nothing(world: World, meeting: DialogueMeeting) -> None:
    per = actor(world.per)
    assert meetings.read_meeting(per, meeting.id).id == meeting.id
    for call in (
        lambda: meetings.change_meeting(per, meeting.id, wanted(world.today), 1),
        lambda: meetings.register_held(per, meeting.id, [1], 1), lambda: meetings.reopen(per, meeting.id, 1),
        lambda: meetings.plan_meeting(per, world.per_case.id, 2, wanted(world.today)),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            call()


# --- what came of it ------------------------------------------------------------------------------------------------


def test_held_marks_the_milestone_done_and_reopening_takes_it_back(
    kari: Actor, library: World, meeting: DialogueMeeting
) -> None:
    milestones.refresh(Case.get_by_id(library.per_case.id))
    row = Milestone.get(Milestone.case == library.per_case, Milestone.code == "dialogue_1")
    assert row.state == "open"
    there = person(meeting, "employee").id, person(meeting, "leader").id
    held = meetings.register_held(kari, meeting.id, there, meeting.revision)
    again = meetings.register_held(kari, meeting.id, there, 1)  # sent twice
    assert (held.status, again.revision) == ("held", held.revision)
    row = Milestone.get_by_id(row.id)
    assert (row.state, row.done_on, row.by_hand) == ("done", library.today - dt.timedelta(days=1), False)
    attended = {p.role: p.attended for p in MeetingParticipant.select()}
    assert attended == {"employee": True, "leader": True, "certifier": False}
    meetings.reopen(kari, meeting.id, held.revision)
    assert Milestone.get_by_id(row.id).state == "open"
    assert {p.attended for p in MeetingParticipant.select()} == {None}


def test_navs_meeting_does_the_second_milestone(kari: Actor, library: World) -> None:
    day = library.today - dt.timedelta(days=2)
    made = meetings.plan_meeting(kari, library.per_case.id, 2, wanted(day))
    meetings.register_held(kari, made.id, [person(made, "employee").id], made.revision)
    done = Milestone.get(Milestone.case == library.per_case, Milestone.code == "dialogue_2")
    assert (done.state, done.done_on) == ("done", day)
    assert Milestone.get(Milestone.case == library.per_case, Milestone.code == "dialogue_1").state == "open"


def test_nothing_is_held_in_the_future_or_by_nobody(kari: Actor, world: World) -> None:
    made = meetings.plan_meeting(kari, world.per_case.id, 1, wanted(world.today + dt.timedelta(days=1)))
    there = [person(made, "employee").id]
    assert faults(lambda: meetings.register_held(kari, made.id, there, made.revision)) == {""}
    assert faults(lambda: meetings.register_not_held(kari, made.id, "Syk", made.revision)) == {""}
    with time_machine.travel(made.at + dt.timedelta(minutes=1), tick=False):
        assert faults(lambda: meetings.register_held(kari, made.id, [], made.revision)) == {"attended"}
        assert faults(lambda: meetings.register_held(kari, made.id, [999], made.revision)) == {"attended"}
        assert meetings.register_held(kari, made.id, there, made.revision).status == "held"


def test_not_held_says_why_and_keeps_it_sealed(kari: Actor, world: World, meeting: DialogueMeeting) -> None:
    assert faults(lambda: meetings.register_not_held(kari, meeting.id, " ", meeting.revision)) == {"reason"}
    assert faults(lambda: meetings.register_not_held(kari, meeting.id, "x" * 1001, meeting.revision)) == {"reason"}
    meetings.register_not_held(kari, meeting.id, "Per ble forhindret", meeting.revision)
    row = DialogueMeeting.get_by_id(meeting.id)
    assert (row.status, row.unseal("reason")) == ("not_held", "Per ble forhindret")
    assert b"forhindret" not in bytes(row.reason)
    with pytest.raises(NotEditable):
        meetings.change_meeting(kari, meeting.id, wanted(world.today), row.revision)
    with pytest.raises(NotEditable):
        meetings.invited(kari, meeting.id, "employee", world.today)
    with pytest.raises(NotEditable):
        meetings.answer(kari, person(meeting, "employee").id, "comes", "", 1)
    with pytest.raises(StaleRow):
        meetings.reopen(kari, meeting.id, row.revision - 1)


def test_one_that_was_called_off_is_not_reopened_beside_another(
    kari: Actor, world: World, meeting: DialogueMeeting
) -> None:
    off = meetings.call_off(kari, meeting.id, "", meeting.revision)
    meetings.plan_meeting(kari, world.per_case.id, 1, wanted(world.today))
    with pytest.raises(NotEditable):
        meetings.reopen(kari, off.id, off.revision)


def test_invitations_are_not_sent_tomorrow_nor_to_nobody(kari: Actor, world: World, meeting: DialogueMeeting) -> None:
    tomorrow = world.today + dt.timedelta(days=1)
    assert faults(lambda: meetings.invited(kari, meeting.id, "employee", tomorrow)) == {"sent_on"}
    with pytest.raises(NotVisible):
        meetings.invited(kari, meeting.id, "union", world.today)


def test_the_meetings_of_a_case_take_two_queries(kari: Actor, world: World, meeting: DialogueMeeting) -> None:
    meetings.plan_meeting(kari, world.per_case.id, 2, wanted(world.today))
    with traced() as statements:
        found = meetings.of_case(kari, world.per_case)
        shown = [(m.number, [p.name for p in m.participants]) for m in found]
    assert len(statements) == 2
    names = ["Per Ås", "Kari Leder", "Lege Ly"]
    assert shown == [(1, names), (2, names)]
    assert meetings.of_case(actor(world.per), world.per_case)
    assert meetings.of_case(actor(world.ola), world.per_case) == []


def test_a_leader_who_takes_over_sees_the_meetings_of_the_running_case(
    kari: Actor, world: World, meeting: DialogueMeeting
) -> None:
    from models import LeaderRelation

    LeaderRelation.update(to_date=world.today - dt.timedelta(days=1)).where(
        LeaderRelation.leader == world.kari
    ).execute()
    LeaderRelation.create(municipality=world.storvik, leader=world.ola, employee=world.per_employee,
                          from_date=world.today)  # fmt: skip
    assert [m.id for m in meetings.of_case(actor(world.ola), world.per_case)] == [meeting.id]
    with pytest.raises(NotVisible):
        meetings.read_meeting(kari, meeting.id)
