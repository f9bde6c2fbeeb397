"""Letters that were sent: who sees which when the leader or the unit changes, and what follows when people move."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest

from models import (
    AuditEvent,
    Case,
    Dispatch,
    Document,
    Employee,
    LeaderRelation,
    Unit,
    User,
    UserRole,
)
from services import access, cases, clock, dispatches, documents, people
from services.access import Actor, load_actor
from services.errors import Invalid, NotVisible
from tests.front import traced
from tests.world import World, make_leader, make_user


def actor(user: User) -> Actor:
    found = load_actor(user.id)
    assert found is not None
    return found


def sealed(
    world: World, *, unit: Unit, day: dt.date, recipient: str = "employee", author: User | None = None
) -> Dispatch:
    """A letter of Per as it lies in the database, registered at noon of `day`."""
    at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    document = Document(
        municipality=world.storvik, case=world.per_case, unit=unit, kind="letter", title="Brev", created_at=at,
        mime="application/pdf", size=1, sha256=hashlib.sha256(b"%").hexdigest(), author=author or world.siri,
    )  # fmt: skip
    document.seal("content", b"%")
    document.save(force_insert=True)
    made: Dispatch = Dispatch.create(
        municipality=world.storvik, case=world.per_case, document=document, unit=unit, letter="brev", how="post",
        recipient=recipient, sent_on=day, sent_by=author or world.siri, created_at=at,
    )  # fmt: skip
    return made


def seen(user: User) -> set[int]:
    """Ids of the letters that the user sees; as documents they are the same."""
    who = actor(user)
    found = {row.id for row in access.dispatches(who)}
    assert {row.document_id for row in Dispatch.select().where(Dispatch.id.in_(found))} == {
        row.id for row in access.documents(who) if row.unit_id is not None
    }
    for row in Dispatch.select():
        try:
            documents.read(who, row.document_id)
            assert row.id in found
        except NotVisible:
            assert row.id not in found
    return found


def hr_of(world: World, name: str, unit: Unit) -> User:
    return make_user(world.storvik, name, name.title(), "hr", unit)


# --- who sees what ----------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_letter_stays_with_the_unit_it_was_sent_from(library: World) -> None:
    former, new, wide = hr_of(library, "hr1", library.home_care), hr_of(library, "hr2", library.school), library.siri
    before = sealed(library, unit=library.home_care, day=library.today - dt.timedelta(days=5))
    assert [seen(user) for user in (former, new, wide)] == [{before.id}, set(), {before.id}]
    move(library, library.school)
    after = sealed(library, unit=library.school, day=library.today)
    assert Case.get_by_id(library.per_case.id).unit_id == library.school.id
    assert [seen(user) for user in (former, new, wide)] == [{before.id}, {after.id}, {before.id, after.id}]
    assert [case.id for case in access.cases(actor(former))] == []  # only the letter is theirs
    assert seen(library.tone) == set()


def test_hr_of_a_unit_above_sees_what_those_below_sent(library: World) -> None:
    ward = Unit.create(municipality=library.storvik, name="Sone 1", parent=library.home_care)
    letter = sealed(library, unit=ward, day=library.today)
    assert seen(hr_of(library, "above", library.home_care)) == {letter.id}
    assert seen(hr_of(library, "beside", library.school)) == set()


@pytest.mark.both_databases
@pytest.mark.parametrize(("days", "visible"), [(-1, False), (0, True), (1, True)])
def test_a_new_leader_sees_letters_from_their_first_day(library: World, days: int, visible: bool) -> None:
    first = library.today - dt.timedelta(days=20)  # Kari's first day
    letter = sealed(library, unit=library.home_care, day=first + dt.timedelta(days=days))
    assert seen(library.kari) == ({letter.id} if visible else set())
    assert seen(library.ola) == set()  # led Per until the day before
    assert seen(library.siri) == {letter.id}


def test_a_leader_sees_what_they_send_in_the_first_hours_of_their_first_day(library: World) -> None:
    """At half past midnight in Norway it is still the day before in UTC."""
    LeaderRelation.update(from_date=library.today).where(LeaderRelation.leader == library.kari).execute()
    letter = sealed(library, unit=library.home_care, day=library.today)
    early = dt.datetime.combine(library.today, dt.time(0, 30), clock.OSLO)
    Dispatch.update(created_at=early).execute()
    Document.update(created_at=early).execute()
    assert seen(library.kari) == {letter.id}


def test_a_leader_who_comes_back_sees_from_the_running_relation_on(library: World) -> None:
    old = sealed(library, unit=library.home_care, day=library.today - dt.timedelta(days=15), author=library.kari)
    LeaderRelation.update(to_date=library.today - dt.timedelta(days=10)).where(
        LeaderRelation.leader == library.kari
    ).execute()
    assert seen(library.kari) == set()
    make_leader(library.kari, library.per_employee, library.today - dt.timedelta(days=3))
    new = sealed(library, unit=library.home_care, day=library.today - dt.timedelta(days=2))
    assert seen(library.kari) == {new.id}
    assert seen(library.siri) == {old.id, new.id}


def test_a_leader_keeps_no_letters_of_cases_closed_before_their_time(library: World) -> None:
    letter = sealed(library, unit=library.home_care, day=library.today)
    Case.update(status="closed", closed_on=library.today - dt.timedelta(days=30)).where(
        Case.id == library.per_case.id
    ).execute()
    assert seen(library.kari) == set()
    assert seen(library.siri) == {letter.id}


def test_employees_see_letters_to_themselves_only(library: World) -> None:
    own = sealed(library, unit=library.home_care, day=library.today - dt.timedelta(days=19))
    sealed(library, unit=library.home_care, day=library.today, recipient="certifier")
    assert seen(library.per) == {own.id}
    other = make_user(library.storvik, "lise", "Lise", "employee")
    User.update(employee=library.lise_employee).where(User.id == other.id).execute()
    assert seen(other) == set()
    assert seen(library.anne) == seen(library.aud) == set()


def test_roles_add_up(library: World) -> None:
    """HR of another unit who also leads Per sees what the leader sees."""
    UserRole.create(municipality=library.storvik, user=library.kari, role="hr", unit=library.school)
    old = sealed(library, unit=library.school, day=library.today - dt.timedelta(days=100))
    new = sealed(library, unit=library.home_care, day=library.today)
    hidden = sealed(library, unit=library.home_care, day=library.today - dt.timedelta(days=100))
    assert seen(library.kari) == {old.id, new.id}
    assert hidden.id in seen(library.siri)


def test_reading_is_asked_of_indexes(library: World, only_sqlite: None) -> None:
    """The documents of a case begin at the case, a list of letters at what the actor reaches: no table is read through,
    and nobody but HR of everything begins at the municipality."""
    wards = [library.kari, library.per, hr_of(library, "hr1", library.home_care)]
    for user in (*wards, library.siri):
        who = actor(user)
        of_case = _steps(access.documents(who).where(Document.case == 1))
        everything = _steps(access.dispatches(who))
        assert "SEARCH t1 USING INDEX document_case_id (case_id=?)" in of_case
        assert not [step for step in of_case + everything if "SCAN" in step]
        if user in wards:
            assert not [step for step in of_case + everything if "dispatch_municipality" in step]
        assert not [step for step in of_case if "dispatch_unit" in step or "plan_municipality" in step]


def _steps(query: Any) -> list[str]:
    sql, values = query.sql()
    return [row[3] for row in Document._meta.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values)]


# --- moving ---------------------------------------------------------------------------------------------------------


def move(world: World, unit: Unit) -> None:
    employee = Employee.get_by_id(world.per_employee.id)
    plain = {"name": employee.name, "position_percent": 100, "unit": unit.id}
    people.change_employee(actor(world.siri), employee, plain, employee.revision)


def test_open_cases_follow_the_employee_and_closed_ones_stay(library: World) -> None:
    closed = Case.create(
        municipality=library.storvik, employee=library.per_employee, unit=library.home_care, status="closed",
        first_day=library.today - dt.timedelta(days=400), closed_on=library.today - dt.timedelta(days=300),
    )  # fmt: skip
    revision = Case.get_by_id(library.per_case.id).revision
    move(library, library.school)
    after = Case.get_by_id(library.per_case.id)
    assert (after.unit_id, after.revision) == (library.school.id, revision + 1)
    assert Case.get_by_id(closed.id).unit_id == library.home_care.id
    assert Case.get_by_id(library.lise_case.id).unit_id == library.school.id
    events = AuditEvent.select().where(AuditEvent.tag == "case:changed")
    assert [(e.case_id, e.fields) for e in events] == [(after.id, "unit")]


def test_a_case_that_is_opened_again_is_where_the_employee_now_is(library: World) -> None:
    who = actor(library.siri)
    closed = cases.close_case(who, library.per_case.id, Case.get_by_id(library.per_case.id).revision)
    move(library, library.school)
    assert Case.get_by_id(closed.id).unit_id == library.home_care.id
    cases.close_case(who, closed.id, closed.revision, reopen=True)
    assert Case.get_by_id(closed.id).unit_id == library.school.id


def test_nothing_moves_when_the_unit_is_the_same_or_the_change_is_refused(library: World) -> None:
    move(library, library.home_care)
    with pytest.raises(Invalid):
        move(library, library.health)
    assert Case.get_by_id(library.per_case.id).unit_id == library.home_care.id
    assert AuditEvent.select().where(AuditEvent.tag == "case:changed").count() == 0


def test_the_queries_of_a_case_do_not_grow_with_its_letters(library: World) -> None:
    def count() -> int:
        with traced() as statements:
            rows = dispatches.of_case(actor(library.kari), library.per_case)
            assert all(row.document.title for row in rows)
        return len(statements)

    sealed(library, unit=library.home_care, day=library.today)
    few = count()
    for _number in range(20):
        sealed(library, unit=library.home_care, day=library.today)
    assert count() == few
