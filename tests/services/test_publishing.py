"""From draft to version, and what it does to plans: nothing that was answered or printed ever changes."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import peewee as pw
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import models
from forms import edit
from forms.definition import QuestionSetDefinition, shape
from forms.library import load_shipped
from forms.texts import Note
from models import Answer, Document, Plan, QuestionSet, QuestionSetVersion, SetDraft
from services import plan_versions, plans, publishing, set_drafts
from services.access import Actor, load_actor
from services.clock import today
from services.errors import Invalid, NotEditable, NotVisible, StaleRow
from services.plans import base_of, open_plan, save_answers, start_plan
from services.publishing import outlook, publish
from services.questions import definition_of, newest_version
from services.set_drafts import OpenDraft, change, open_draft
from tests.forms.edits import edited_from
from tests.front import plan_set
from tests.world import World, make_user


@pytest.fixture
def anne(library: World) -> Actor:
    return actor(library.anne)


@pytest.fixture
def kari(library: World) -> Actor:
    return actor(library.kari)


@pytest.fixture
def the_set(library: World) -> QuestionSet:
    return plan_set(library.storvik)


def actor(user: Any) -> Actor:
    found = load_actor(user.id)
    assert found is not None
    return found


class Whole:
    """An edit that puts a whole definition in the draft."""

    def __init__(self, definition: QuestionSetDefinition) -> None:
        self.definition, self.what, self.item_id, self.conflicts = definition, Note("Prøve"), "", ()


def put(anne: Actor, the_set: QuestionSet, how: Callable[[dict[str, Any]], None]) -> OpenDraft:
    """Change the draft's JSON."""

    def apply(opened: OpenDraft) -> Whole:
        data = opened.definition.model_dump(mode="json", exclude_defaults=True)
        how(data)
        return Whole(shape(data))

    return change(anne, the_set.id, apply).opened


def item_in(data: dict[str, Any], item_id: str) -> dict[str, Any]:
    def found(items: list[dict[str, Any]]) -> Any:
        for item in items:
            if item["id"] == item_id:
                return item
            if inner := found(item.get("items", [])):
                return inner
        return None

    return found(data["items"])


def hide(item_id: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: item_in(data, item_id).update(hidden=True)


def add(item_id: str, **more: Any) -> Callable[[dict[str, Any]], None]:
    new = {"id": item_id, "type": "text", "text": {"nb": "Noe nytt?", "nn": "Noko nytt?"}, **more}
    return lambda data: data["items"][1]["items"].append(new)


def published(
    anne: Actor, the_set: QuestionSet, how: Callable[[dict[str, Any]], None], **more: Any
) -> QuestionSetVersion:
    return publish(anne, the_set.id, put(anne, the_set, how).revision, note="Prøve", **more)


def answers_of(plan: Plan) -> dict[str, str]:
    return {row.question: row.unseal("value") for row in Answer.select().where(Answer.plan == plan)}


# --- publishing -------------------------------------------------------------------------------------------------------


def test_what_is_published_is_numbered_and_new_plans_use_it(
    anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    version = published(anne, the_set, add("own_question"))
    assert (version.number, version.note, version.published_by_id) == (2, "Prøve", library.anne.id)
    assert newest_version(the_set) == version
    assert SetDraft.select().count() == 0
    plan = start_plan(kari, library.per_case.id)
    assert plan.version_id == version.id
    assert definition_of(version).find("own_question") is not None


def test_operations_are_kept_not_a_copy(anne: Actor, the_set: QuestionSet) -> None:
    version = published(anne, the_set, add("own_question"))
    opened = open_draft(anne, the_set.id)
    operations = opened.handling.read_operations(version.operations)
    assert len(operations) == 1
    replayed = opened.handling.replay(opened.base, operations)
    assert replayed.problems == ()
    assert replayed.definition.items == opened.definition.items


def test_before_publishing_one_sees_what_it_does(
    anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    plan = start_plan(kari, library.per_case.id)
    save_answers(kari, plan.id, {"how_now": "Det går bedre.", "conclusion": "Vi prøver."}, {})
    start_plan(actor(library.ola), library.lise_case.id)

    def several(data: dict[str, Any]) -> None:
        item_in(data, "how_now")["hidden"] = True
        item_in(data, "conclusion")["text"]["nb"] = "Hva ble dere enige om?"
        add("own_question")(data)

    put(anne, the_set, several)
    look = outlook(anne, the_set.id)
    assert {(c.item_id, c.level) for c in look.changes} == {
        ("how_now", "major"), ("conclusion", "patch"), ("own_question", "minor"),
    }  # fmt: skip
    assert look.level == "major"
    assert (look.drafts, look.meets) == (2, {"how_now": 1, "conclusion": 1})
    assert [(s.item_id, s.language) for s in look.stale] == [("conclusion", "nn")]
    assert look.uncovered == []


def test_parts_of_the_law_that_are_left_out_are_told(anne: Actor, library: World) -> None:
    from services.own_sets import create_set

    own = create_set(anne, "plan", "Kort plan")
    assert set(outlook(anne, own.id).uncovered) == {
        "assessment", "employer_measures", "public_measures", "follow_up",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("how", "more", "field"),
    [
        (add("own_question"), {"note": " "}, "note"),
        (add("own_question"), {"note": "x" * 301}, "note"),
        (add("own_question"), {"starts_on": today() - dt.timedelta(days=1)}, "starts_on"),
        (add("own_question"), {"starts_on": today() + dt.timedelta(days=800)}, "starts_on"),
        (add("own_question", text={"nb": "Bare bokmål"}), {}, ""),
        (hide("function_now"), {}, ""),
        (add("how_now_2", visible_if={"answered": "not_there"}), {}, ""),
    ],
)
def test_what_is_not_right_is_not_published(
    anne: Actor, the_set: QuestionSet, how: Callable[[dict[str, Any]], None], more: dict[str, Any], field: str
) -> None:
    opened = put(anne, the_set, how)
    with pytest.raises(Invalid) as refused:
        publish(anne, the_set.id, opened.revision, **{"note": "Prøve", **more})
    assert set(refused.value.messages) == {field}
    assert QuestionSetVersion.select().where(QuestionSetVersion.question_set == the_set).count() == 1
    assert open_draft(anne, the_set.id).definition == opened.definition


def test_an_unchanged_draft_is_not_published(anne: Actor, the_set: QuestionSet) -> None:
    put(anne, the_set, add("own_question"))
    opened = put(anne, the_set, lambda data: data["items"][1]["items"].pop())
    with pytest.raises(Invalid):
        publish(anne, the_set.id, opened.revision, note="Prøve")


def test_one_who_looked_at_another_draft_does_not_publish(anne: Actor, the_set: QuestionSet) -> None:
    opened = put(anne, the_set, add("own_question"))
    put(anne, the_set, add("another_question"))
    with pytest.raises(StaleRow):
        publish(anne, the_set.id, opened.revision, note="Prøve")


def test_two_publish_at_once_and_one_of_them_does(anne: Actor, library: World, the_set: QuestionSet) -> None:
    revision = put(anne, the_set, add("own_question")).revision
    arne = actor(make_user(library.storvik, "arne", "Arne Administrator", "administrator"))
    ready, told = threading.Barrier(2), []

    def go(who: Actor) -> None:
        with models.db.obj.connection_context():
            ready.wait(10)
            try:
                told.append(publish(who, the_set.id, revision, note="Prøve").number)
            except StaleRow:
                told.append("stale")

    threads = [threading.Thread(target=go, args=(who,)) for who in (anne, arne)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, told)) == ["2", "stale"]
    assert QuestionSetVersion.select().where(QuestionSetVersion.question_set == the_set).count() == 2


def test_a_version_never_changes(anne: Actor, the_set: QuestionSet) -> None:
    version = published(anne, the_set, add("own_question"))
    row = QuestionSetVersion.id == version.id
    for values in ({"definition": "{}"}, {"number": 9}, {"sha256": "0"}, {"operations": "[]x"}, {"question_set": 1}):
        with pytest.raises(pw.DatabaseError, match=r"immutable|append-only"), models.db.atomic():
            QuestionSetVersion.update(**values).where(row).execute()
    with pytest.raises(pw.DatabaseError, match=r"immutable|append-only"), models.db.atomic():
        QuestionSetVersion.delete().where(row).execute()
    assert QuestionSetVersion.get_by_id(version.id).definition == version.definition


def test_a_set_of_another_municipality_is_not_there(library: World, the_set: QuestionSet, anne: Actor) -> None:
    odd = actor(make_user(library.fjell, "odd", "Odd Administrator", "administrator"))
    revision = put(anne, the_set, add("own_question")).revision
    for verb in (
        lambda: publish(odd, the_set.id, revision, note="Kapret"), lambda: outlook(odd, the_set.id),
        lambda: publishing.restore(odd, the_set.id, 1), lambda: publishing.retire(odd, the_set.id),
        lambda: publishing.withdraw(odd, the_set.id, 1), lambda: publishing.compared(odd, the_set.id, 1, 1),
    ):  # fmt: skip
        with pytest.raises(NotVisible):
            verb()


# --- when it begins ---------------------------------------------------------------------------------------------------


def test_a_version_for_later_waits_and_can_be_withdrawn(
    anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    start = today() + dt.timedelta(days=10)
    version = published(anne, the_set, add("own_question"), starts_on=start)
    assert start_plan(kari, library.per_case.id).version.number == 1
    with time_machine.travel(dt.datetime.combine(start, dt.time(12), dt.UTC)):
        assert newest_version(the_set) == version
        with pytest.raises(NotEditable):
            publishing.withdraw(anne, the_set.id, 2)
    publishing.withdraw(anne, the_set.id, 2)
    with time_machine.travel(dt.datetime.combine(start, dt.time(12), dt.UTC)):
        assert newest_version(the_set).number == 1  # type: ignore[union-attr]
    again = published(anne, the_set, add("own_question"))
    assert again.number == 3


def test_an_old_version_comes_back_as_a_new_one(anne: Actor, the_set: QuestionSet) -> None:
    published(anne, the_set, add("own_question"))
    changed = publishing.restore(anne, the_set.id, 1)
    version = publish(anne, the_set.id, changed.opened.revision, note="Tilbake")
    assert version.number == 3
    assert definition_of(version).items == definition_of(QuestionSetVersion.get(number=1, question_set=the_set)).items
    assert {c.item_id for c in publishing.compared(anne, the_set.id, 2, 3)} == {"own_question"}
    assert publishing.compared(anne, the_set.id, 2, 2) == []


def test_a_retired_set_takes_no_new_plans_and_comes_back(
    anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    publishing.retire(anne, the_set.id)
    assert start_plan(kari, library.per_case.id).version.question_set_id != the_set.id
    publishing.reinstate(anne, the_set.id)
    assert start_plan(actor(library.ola), library.lise_case.id).version.question_set_id == the_set.id


def test_the_last_set_for_plans_stays(anne: Actor, library: World) -> None:
    rows = list(QuestionSet.select().where(QuestionSet.municipality == library.storvik, QuestionSet.kind == "plan"))
    for row in rows[:-1]:
        publishing.retire(anne, row.id)
    with pytest.raises(Invalid):
        publishing.retire(anne, rows[-1].id)


# --- open drafts of plans ---------------------------------------------------------------------------------------------


def test_a_draft_stays_until_somebody_moves_it(anne: Actor, kari: Actor, library: World, the_set: QuestionSet) -> None:
    plan = start_plan(kari, library.per_case.id)
    published(anne, the_set, add("own_question"))
    opened = open_plan(kari, plan.id, "plan.write")
    assert opened.version.number == 1
    assert opened.newer is not None
    assert opened.newer.number == 2
    plans.move_plan(kari, plan.id)
    moved = open_plan(kari, plan.id, "plan.write")
    assert (moved.version.number, moved.newer, moved.new_questions) == (2, None, {"own_question"})


def test_drafts_that_move_keep_all_and_show_what_is_new(
    anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    plan = start_plan(kari, library.per_case.id)
    given = {"how_now": "Det går bedre.", "conclusion": "Vi prøver."}
    save_answers(kari, plan.id, given, {})
    before = answers_of(plan)

    def several(data: dict[str, Any]) -> None:
        item_in(data, "how_now")["hidden"] = True
        add("own_question")(data)

    published(anne, the_set, several, move=True)
    opened = open_plan(kari, plan.id, "plan.write")
    assert opened.version.number == 2
    assert opened.new_questions == {"own_question"}
    assert opened.answers == given
    assert [(node.id, node.shown) for node in opened.earlier()] == [("how_now", "Det går bedre.")]
    assert Plan.get_by_id(plan.id).version.number == 1  # looking has changed nothing
    save_answers(kari, plan.id, {"own_question": "Nytt svar"}, {})
    stored = Plan.get_by_id(plan.id)
    assert (stored.version.number, stored.moved_from.number) == (2, 1)
    after = answers_of(plan)
    assert {question: after[question] for question in before} == before
    assert open_plan(kari, plan.id, "plan.write").new_questions == {"own_question"}


def test_an_old_page_saved_after_publishing_loses_nothing(
    anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    plan = start_plan(kari, library.per_case.id)
    page = open_plan(kari, plan.id, "plan.write")
    published(anne, the_set, hide("how_now"), move=True)
    late = open_plan(kari, plan.id, "plan.write", page=str(page.version.number))
    assert late.definition.find("how_now") is not None
    save_answers(kari, plan.id, {"how_now": "Skrevet på gammel side"}, {"how_now": base_of(None)})
    assert [node.shown for node in open_plan(kari, plan.id).earlier()] == ["Skrevet på gammel side"]


def test_an_option_out_of_use_is_still_read_where_it_was_chosen(
    anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    plan = start_plan(kari, library.per_case.id)
    save_answers(kari, plan.id, {"referred": {"codes": ["occupational_health"], "comments": {}}}, {})

    def retire(data: dict[str, Any]) -> None:
        for option in item_in(data, "referred")["options"]:
            if option["code"] == "occupational_health":
                option["retired"] = True

    published(anne, the_set, retire, move=True)
    opened = open_plan(kari, plan.id, "plan.write")
    node = next(n for n in _all(opened.sheet().nodes) if n.id == "referred")
    assert [option.code for option in node.options if option.chosen] == ["occupational_health"]


def _all(nodes: Any) -> Any:
    for node in nodes:
        yield node
        yield from _all(node.items)


def test_a_finished_plan_does_not_follow(anne: Actor, kari: Actor, library: World, the_set: QuestionSet) -> None:
    plan = start_plan(kari, library.per_case.id)
    Plan.update(status="finished").where(Plan.id == plan.id).execute()
    published(anne, the_set, add("own_question"), move=True)
    assert plan_versions.version_for(Plan.get_by_id(plan.id)).number == 1


def test_publishing_while_a_leader_saves(anne: Actor, kari: Actor, library: World, the_set: QuestionSet) -> None:
    plan = start_plan(kari, library.per_case.id)
    revision = put(anne, the_set, hide("how_now")).revision
    ready, failed = threading.Barrier(2), []

    def leader() -> None:
        with models.db.obj.connection_context():
            ready.wait(10)
            base = base_of(None)
            for number in range(5):
                try:
                    save_answers(kari, plan.id, {"how_now": f"Svar {number}"}, {"how_now": base})
                    base = base_of(f"Svar {number}")
                except Exception as error:  # told below
                    failed.append(error)

    def administrator() -> None:
        with models.db.obj.connection_context():
            ready.wait(10)
            try:
                publish(anne, the_set.id, revision, note="Midt i", move=True)
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=target) for target in (leader, administrator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert open_plan(kari, plan.id).answers["how_now"] == "Svar 4"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_published_no_answer_and_no_paper_changes(
    data: st.DataObject, anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    draft = Plan.get_or_none(Plan.case == library.per_case)
    if draft is None:
        draft = start_plan(kari, library.per_case.id)
        save_answers(kari, draft.id, {"how_now": "Det går bedre.", "other_means": {"codes": ["training"], "comments": {}}},
                     {})  # fmt: skip
        frozen = Plan.create(
            municipality=library.storvik, case=library.lise_case, version=draft.version, number=1, status="finished"
        )
        frozen.seal("snapshot", open_plan(kari, draft.id).sheet().canonical())
        frozen.save()
        document = Document(municipality=library.storvik, case=library.lise_case, plan=frozen, kind="plan", title="x",
                            mime="application/pdf", size=3, sha256="0", author=library.kari)  # fmt: skip
        document.seal("content", b"PDF")
        document.save()
    before = _everything()
    opened = open_draft(anne, the_set.id)
    edited = data.draw(edited_from(load_shipped("nordre-land-iop"), sound=True))
    edited, _told = opened.handling.keep_published(opened.published, edited)
    changed = set_drafts.change(anne, the_set.id, lambda _opened: Whole(edited)).opened
    if changed.revision:
        try:
            publish(anne, the_set.id, changed.revision, note="Prøve", move=data.draw(st.booleans()))
        except Invalid:
            set_drafts.discard(anne, the_set.id, changed.revision)
    assert _everything() == before
    again = open_plan(kari, draft.id, "plan.write")
    shown = {node.id for node in [*_all(again.sheet().nodes), *again.earlier()] if node.value is not None}
    hidden = set(again.answers) - shown
    assert hidden <= {item.id for item in again.definition.walk()}  # hidden by a condition, not lost


def _everything() -> list[Any]:
    return [
        *Answer.select(Answer.plan, Answer.question, Answer.value).order_by(Answer.id).tuples(),
        *Plan.select(Plan.id, Plan.status, Plan.snapshot, Plan.version).order_by(Plan.id).tuples(),
        *Document.select(Document.id, Document.content).order_by(Document.id).tuples(),
    ]


def test_properties_are_marked_for_merging(anne: Actor, the_set: QuestionSet) -> None:
    """What the builder posts back unchanged changes nothing."""
    opened = open_draft(anne, the_set.id)
    shown = edit.properties(opened.definition.find("conclusion"))
    marks = {path: edit.mark(value) for path, value in shown.items()}
    assert edit.set_properties(opened.definition, "conclusion", {"text.nb": shown["text.nb"]}, marks).definition == (
        opened.definition
    )


def test_a_retired_set_is_not_used_though_it_is_asked_for(
    anne: Actor, kari: Actor, library: World, the_set: QuestionSet
) -> None:
    publishing.retire(anne, the_set.id)
    with pytest.raises(Invalid):
        start_plan(kari, library.per_case.id, the_set.id)


def test_a_set_that_never_was_published_goes_with_its_draft(anne: Actor) -> None:
    from services.own_sets import create_set

    own = create_set(anne, "plan", "Forkastet")
    assert set_drafts.discard(anne, own.id, open_draft(anne, own.id).revision) is False
    assert not QuestionSet.select().where(QuestionSet.id == own.id).exists()
    with pytest.raises(NotVisible):
        open_draft(anne, own.id)


def test_steps_stay_in_use(anne: Actor, library: World) -> None:
    row = QuestionSet.get(QuestionSet.municipality == library.storvik, QuestionSet.kind == "steps")
    with pytest.raises(Invalid):
        publishing.retire(anne, row.id)
    assert QuestionSet.get_by_id(row.id).active
