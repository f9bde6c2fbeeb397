"""What people decide about milestones: the rules, the trail, and that nothing is lost or done twice."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from models import AuditEvent, Case, ContactEntry, Milestone, db, now
from services import milestones, tasks
from services.access import Actor, load_actor
from services.cases import close_case
from services.clock import today
from services.errors import Invalid, NotAllowed, NotEditable, NotVisible, StaleRow
from tests.world import World

DAY = dt.timedelta(days=1)


@pytest.fixture
def kari(world: World) -> Actor:
    milestones.refresh(world.per_case)
    found = load_actor(world.kari.id)
    assert found
    return found


def _row(world: World, code: str) -> Milestone:
    return Milestone.get(Milestone.case == world.per_case, Milestone.code == code)


def _tags() -> list[str]:
    found = AuditEvent.select().where(AuditEvent.tag.startswith("milestone:")).order_by(AuditEvent.id)
    return [event.tag for event in found]


def test_a_tick_says_who_and_when_and_moves_the_next_step(world: World, kari: Actor) -> None:
    assert Case.get_by_id(world.per_case.id).next_step == "contact"
    task = tasks.tick(kari, _row(world, "contact").id, world.today - DAY)
    row = _row(world, "contact")
    assert (row.state, row.done_on, row.by_hand) == ("done", world.today - DAY, True)
    assert (row.decided_by_id, row.decided_at is not None) == (world.kari.id, True)
    assert Case.get_by_id(world.per_case.id).next_step == "plan"
    assert tasks.doers(world.per_case, [row], {}) == {row.id: "Kari Leder"}
    again = tasks.tick(kari, row.id, world.today - DAY)  # sent twice
    assert again.row.revision == row.revision == task.row.revision
    assert _tags() == ["milestone:done"]


@pytest.mark.parametrize(
    ("days", "words"), [(1, "ikke kommet"), (-21, "før saken begynte"), (None, "Skriv hvilken dag")]
)
def test_a_tick_is_of_a_day_in_the_case(world: World, kari: Actor, days: int | None, words: str) -> None:
    day = None if days is None else world.today + days * DAY
    with pytest.raises(Invalid) as refused:
        tasks.tick(kari, _row(world, "contact").id, day)
    assert words in refused.value.messages["done_on"].text
    assert (_row(world, "contact").state, _tags()) == ("open", [])


def test_the_first_day_of_the_case_and_today_are_days_of_it(world: World, kari: Actor) -> None:
    assert tasks.tick(kari, _row(world, "contact").id, world.per_case.first_day).row.state == "done"
    assert tasks.tick(kari, _row(world, "plan").id, world.today).row.state == "done"


def test_a_tick_is_undone_once(world: World, kari: Actor) -> None:
    row = _row(world, "contact")
    tasks.tick(kari, row.id, world.today)
    tasks.undo(kari, row.id)
    tasks.undo(kari, row.id)
    after = _row(world, "contact")
    assert (after.state, after.done_on, after.by_hand, after.decided_by) == ("open", None, False, None)
    assert Case.get_by_id(world.per_case.id).next_step == "contact"
    assert _tags() == ["milestone:done", "milestone:undone"]


def test_what_happened_in_the_case_is_not_undone_here(world: World, kari: Actor) -> None:
    entry = ContactEntry(municipality=world.storvik, case=world.per_case, at=now(), kind="phone", author=world.kari)
    entry.seal("text", "Ringte")
    entry.save(force_insert=True)
    milestones.refresh(world.per_case)
    row = _row(world, "contact")
    assert (row.state, row.by_hand) == ("done", False)
    assert tasks.doers(world.per_case, [row], _rules(world)) == {row.id: "Kari Leder"}
    with pytest.raises(NotEditable):
        tasks.undo(kari, row.id)
    with pytest.raises(StaleRow):
        tasks.tick(kari, row.id, world.today - DAY)
    assert _tags() == []


def _rules(world: World) -> dict[str, tasks.StepRule]:
    from services.steps import published_steps

    return {rule.code: rule for rule in published_steps(world.storvik.id).steps}


def test_a_tick_that_is_undone_after_it_happened_stays_done(world: World, kari: Actor) -> None:
    row = _row(world, "contact")
    tasks.tick(kari, row.id, world.today)
    entry = ContactEntry(municipality=world.storvik, case=world.per_case, at=now(), kind="phone", author=world.kari)
    entry.seal("text", "Ringte")
    entry.save(force_insert=True)
    tasks.undo(kari, row.id)
    after = _row(world, "contact")
    assert (after.state, after.by_hand, after.done_on) == ("done", False, today())


def test_not_relevant_keeps_its_reason_sealed(world: World, kari: Actor) -> None:
    row = _row(world, "contact")
    tasks.not_relevant(kari, row.id, " Vi snakkes hver dag. ")
    tasks.not_relevant(kari, row.id, "Vi snakkes hver dag.")  # sent twice
    after = _row(world, "contact")
    assert (after.state, after.unseal("reason"), after.decided_by_id) == (
        "not_relevant", "Vi snakkes hver dag.", world.kari.id,
    )  # fmt: skip
    assert b"snakkes" not in bytes(after.reason)
    assert Case.get_by_id(world.per_case.id).next_step == "plan"
    milestones.refresh(world.per_case)
    assert _row(world, "contact").state == "not_relevant"
    tasks.undo(kari, row.id)
    assert (_row(world, "contact").state, _row(world, "contact").reason) == ("open", None)
    assert _tags() == ["milestone:not-relevant", "milestone:undone"]


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 2001])
def test_a_reason_is_asked_for(world: World, kari: Actor, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        tasks.not_relevant(kari, _row(world, "contact").id, reason)
    assert set(refused.value.messages) == {"reason"}
    assert _row(world, "contact").state == "open"


@pytest.mark.parametrize("code", ["plan", "dialogue_1", "dialogue_2"])
def test_what_the_law_demands_is_not_put_aside(world: World, kari: Actor, code: str) -> None:
    with pytest.raises(NotEditable):
        tasks.not_relevant(kari, _row(world, code).id, "Trengs ikke")
    assert (_row(world, code).state, _tags()) == ("open", [])


def test_only_plan_and_meetings_may_be_obviously_unnecessary(world: World, kari: Actor) -> None:
    with pytest.raises(NotEditable):
        tasks.exempt(kari, _row(world, "contact").id, "back_soon", "Tilbake på mandag", talked=True)
    assert _row(world, "contact").state == "open"


def test_only_nav_decides_on_its_meeting(world: World, kari: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        tasks.exempt(kari, _row(world, "dialogue_2").id, "back_soon", "Tilbake på mandag", talked=True)
    assert set(refused.value.messages) == {"reason_code"}
    assert _row(world, "dialogue_2").state == "open"


@pytest.mark.parametrize(("code", "reason_code"), [
    *[("plan", code) for code in tasks.EXEMPTIONS["plan"]],
    *[("dialogue_1", code) for code in tasks.EXEMPTIONS["dialogue_1"]],
    *[("dialogue_2", code) for code in tasks.EXEMPTIONS["dialogue_2"]],
])  # fmt: skip
def test_every_reason_of_the_law_is_taken_for_its_step(world: World, kari: Actor, code: str, reason_code: str) -> None:
    row = _row(world, code)
    tasks.exempt(kari, row.id, reason_code, "Avklart på telefon.", talked=reason_code not in tasks.ALONE)
    after = _row(world, code)
    assert (after.state, after.reason_code, after.again_on) == ("exempt", reason_code, world.today + 28 * DAY)
    assert (after.unseal("reason"), after.decided_by_id) == ("Avklart på telefon.", world.kari.id)
    assert _tags() == ["milestone:exempt"]


@pytest.mark.parametrize(("reason_code", "text", "talked", "fields"), [
    ("", "Tilbake", True, {"reason_code"}), ("postpone", "Tilbake", True, {"reason_code"}),
    ("back_soon", "", True, {"reason"}), ("back_soon", "Tilbake", False, {"talked"}),
    ("back_soon", " ", False, {"reason", "talked"}), ("back_soon", "x" * 2001, True, {"reason"}),
])  # fmt: skip
def test_an_exemption_from_the_plan_is_explained_and_talked_over(
    world: World, kari: Actor, reason_code: str, text: str, talked: bool, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        tasks.exempt(kari, _row(world, "plan").id, reason_code, text, talked=talked)
    assert set(refused.value.messages) == fields
    assert _row(world, "plan").state == "open"


def test_an_exemption_is_asked_again_after_four_weeks(world: World, kari: Actor) -> None:
    row = _row(world, "plan")
    tasks.exempt(kari, row.id, "back_soon", "Tilbake på mandag", talked=True)
    tasks.exempt(kari, row.id, "back_soon", "Tilbake på mandag", talked=True)  # sent twice
    assert _tags() == ["milestone:exempt"]
    with time_machine.travel(dt.datetime.now(dt.UTC) + 27 * DAY):
        assert not tasks.task_of(kari, row.id).waits
        with pytest.raises(StaleRow):  # not asked yet, and the page did not say what it showed
            tasks.exempt(kari, row.id, "unreachable", "Ikke svart", talked=False)
    with time_machine.travel(dt.datetime.now(dt.UTC) + 28 * DAY):
        assert tasks.task_of(kari, row.id).waits
        tasks.exempt(kari, row.id, "back_soon", "Tilbake på mandag", talked=True)
        assert _row(world, "plan").again_on == world.today + 56 * DAY
    with time_machine.travel(dt.datetime.now(dt.UTC) + 60 * DAY):
        tasks.tick(kari, row.id, today())
        assert (_row(world, "plan").state, _row(world, "plan").again_on) == ("done", None)
    assert _tags() == ["milestone:exempt", "milestone:exempt", "milestone:done"]


def test_an_exemption_is_undone(world: World, kari: Actor) -> None:
    row = _row(world, "plan")
    tasks.exempt(kari, row.id, "back_soon", "Tilbake på mandag", talked=True)
    tasks.undo(kari, row.id)
    after = _row(world, "plan")
    assert (after.state, after.reason_code, after.reason, after.again_on) == ("open", "", None, None)


def test_the_first_of_two_decisions_stands(world: World, kari: Actor) -> None:
    row, siri = _row(world, "contact"), load_actor(world.siri.id)
    assert siri
    tasks.not_relevant(siri, row.id, "HR har tatt det.", row.revision)
    for late in (
        lambda: tasks.tick(kari, row.id, world.today, row.revision),
        lambda: tasks.tick(kari, row.id, world.today),
        lambda: tasks.not_relevant(kari, row.id, "Noe annet", row.revision),
        lambda: tasks.undo(kari, row.id, row.revision),
    ):
        with pytest.raises(StaleRow):
            late()
    assert _row(world, "contact").unseal("reason") == "HR har tatt det."
    assert _tags() == ["milestone:not-relevant"]


def test_a_page_from_before_an_undone_decision_is_stale(world: World, kari: Actor) -> None:
    row = _row(world, "contact")
    tasks.tick(kari, row.id, world.today)
    tasks.undo(kari, row.id)
    with pytest.raises(StaleRow):
        tasks.not_relevant(kari, row.id, "Trengs ikke", row.revision)


def test_a_closed_case_is_left_as_it_was(world: World, kari: Actor) -> None:
    row = _row(world, "contact")
    tasks.tick(kari, row.id, world.today)
    close_case(kari, world.per_case.id, Case.get_by_id(world.per_case.id).revision)
    for verb in (
        lambda: tasks.undo(kari, row.id),
        lambda: tasks.tick(kari, _row(world, "plan").id, world.today),
        lambda: tasks.exempt(kari, _row(world, "plan").id, "back_soon", "Tilbake", talked=True),
    ):
        with pytest.raises(NotEditable):
            verb()
    assert _row(world, "contact").state == "done"


def test_what_no_longer_applies_is_not_decided(world: World, kari: Actor) -> None:
    row = _row(world, "contact")
    Milestone.update(state="ended").where(Milestone.id == row.id).execute()
    with pytest.raises(NotEditable):
        tasks.tick(kari, row.id, world.today)
    assert tasks.undo(kari, row.id).row.state == "ended"


@pytest.mark.parametrize(("who", "error"), [
    ("ola", NotVisible), ("per", NotAllowed), ("anne", NotVisible), ("aud", NotVisible), ("tone", NotVisible),
])  # fmt: skip
def test_only_leader_and_hr_decide(world: World, kari: Actor, who: str, error: type[Exception]) -> None:
    actor = load_actor(getattr(world, who).id)
    assert actor
    assert kari.user_id != actor.user_id
    row = _row(world, "plan")
    for verb in (
        lambda: tasks.tick(actor, row.id, world.today),
        lambda: tasks.undo(actor, row.id),
        lambda: tasks.not_relevant(actor, row.id, "Nei"),
        lambda: tasks.exempt(actor, row.id, "back_soon", "Nei", talked=True),
        lambda: tasks.task_of(actor, row.id),
    ):
        with pytest.raises(error):
            verb()
    assert _row(world, "plan").state == "open"


@pytest.mark.both_databases
def test_two_at_once_decide_once(world: World) -> None:
    from concurrent.futures import ThreadPoolExecutor

    milestones.refresh(world.per_case)
    row, actor = _row(world, "contact"), load_actor(world.kari.id)
    assert actor

    def decide(number: int) -> bool:
        with db.connection_context():
            try:
                tasks.not_relevant(actor, row.id, f"Grunn {number}", row.revision)
            except StaleRow:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(decide, range(4))) == [False, False, False, True]
    assert _tags() == ["milestone:not-relevant"]
