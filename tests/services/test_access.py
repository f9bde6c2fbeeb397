"""The table role × action, and that every scope of the door is one of the lists'."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from models import QuestionSet, Unit, UserRole
from services import access
from services.access import ACTIONS, MAY, Actor, load_actor
from services.errors import NotAllowed, NotVisible
from tests.world import World

# Written out a second time on purpose: a change of who may what must be made twice.
EXPECTED = {
    "administrator": "start.see employee.see employee.write unit.see unit.write user.see user.write set.see set.write "
                     "settings.write reminder.see account.own",
    "hr": "start.see case.see case.write case.export plan.see plan.write plan.batch plan.misregister document.see "
          "letter.write consent.withdraw figures.see employee.see employee.write employee.national_id unit.see set.see account.own",
    "leader": "start.see case.see case.write plan.see plan.write document.see letter.write "
              "consent.withdraw employee.see employee.correct employee.national_id set.see account.own",
    "employee": "start.see case.see plan.see document.see meeting.answer consent.withdraw account.own",
    "auditor": "start.see audit.see account.own",
}  # fmt: skip


def _actor(world: World, name: str) -> Actor:
    actor = load_actor(getattr(world, name).id)
    assert actor
    return actor


def test_role_by_action() -> None:
    assert {role: set(actions) for role, actions in MAY.items()} == {
        role: set(actions.split()) for role, actions in EXPECTED.items()
    }


@pytest.mark.parametrize("role", EXPECTED)
def test_an_actor_may_what_its_roles_may(world: World, role: str) -> None:
    actor = dataclasses.replace(_actor(world, "kari"), roles=frozenset({role}))
    for action in ACTIONS:
        if action in EXPECTED[role].split():
            actor.require(action)
        else:
            with pytest.raises(NotAllowed):
                actor.require(action)


def test_the_administrator_reads_no_case_and_the_auditor_no_text(world: World) -> None:
    for name in ("anne", "aud"):
        actor = _actor(world, name)
        assert list(access.cases(actor)) == list(access.plans(actor)) == list(access.documents(actor)) == []
        assert list(access.contacts(actor)) == list(access.measures(actor)) == list(access.periods(actor)) == []
    assert list(access.employees(_actor(world, "aud"))) == []


@pytest.mark.parametrize(("name", "cases", "employees"), [
    ("kari", {"Per Ås"}, {"Per Ås"}), ("ola", {"Lise Øverli-Çelik"}, {"Lise Øverli-Çelik"}),
    ("siri", {"Per Ås", "Lise Øverli-Çelik"}, {"Per Ås", "Lise Øverli-Çelik"}), ("per", {"Per Ås"}, set()),
    ("anne", set(), {"Per Ås", "Lise Øverli-Çelik"}), ("aud", set(), set()), ("tone", {"Bjarte Čáhppe"}, {"Bjarte Čáhppe"}),
    ("jon", {"Bjarte Čáhppe"}, {"Bjarte Čáhppe"}),
])  # fmt: skip
def test_scopes(world: World, name: str, cases: set[str], employees: set[str]) -> None:
    actor = _actor(world, name)
    assert {c.employee.name for c in access.cases(actor)} == cases
    assert {e.name for e in access.employees(actor)} == employees
    assert {p.case.employee.name for p in access.periods(actor)} == cases


def test_units_users_and_sets_stay_in_the_municipality(library: World) -> None:
    anne, tone = _actor(library, "anne"), _actor(library, "tone")
    assert {u.name for u in access.units(anne)} == {"Hjemmetjenesten", "Skole"}
    assert {u.name for u in access.units(tone)} == {"Helse og omsorg"}
    assert {u.username for u in access.users(anne)} == {"kari", "ola", "per", "siri", "anne", "aud"}
    assert list(access.users(tone)) == []
    assert {s.municipality_id for s in access.question_sets(tone)} == {library.fjell.id}
    assert list(access.question_sets(_actor(library, "per"))) == []
    foreign = QuestionSet.get(QuestionSet.municipality == library.fjell)
    with pytest.raises(NotVisible):
        access.get(anne, QuestionSet, foreign.id, "set.see")


def test_the_actor_is_loaded_in_two_queries(world: World) -> None:
    from tests.front import traced

    with traced() as statements:
        load_actor(world.kari.id)
    assert len(statements) == 2


def test_hr_of_an_emptied_unit_reaches_nobody(world: World) -> None:
    empty = Unit.create(municipality=world.storvik, name="Ny enhet")
    UserRole.update(unit=empty).where(UserRole.user == world.siri).execute()
    actor = _actor(world, "siri")
    assert actor.hr_units == {empty.id}
    assert list(access.cases(actor)) == list(access.employees(actor)) == []


@pytest.mark.both_databases
def test_both_databases_answer_alike(world: World) -> None:
    from models import Case

    assert {c.id for c in access.cases(_actor(world, "kari"))} == {world.per_case.id}
    Case.update(status="closed", closed_on=world.today - dt.timedelta(days=300)).execute()
    assert list(access.cases(_actor(world, "kari"))) == []
    assert {p.case_id for p in access.periods(_actor(world, "siri"))} == {world.per_case.id, world.lise_case.id}
    assert list(access.plans(_actor(world, "per"))) == list(access.documents(_actor(world, "per"))) == []
