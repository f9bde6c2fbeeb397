"""A municipality's changes of a shipped set: found, done again on another, held against what law demands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from forms.definition import Item, QuestionSetDefinition, faults, shape
from forms.library import load_shipped
from forms.overlay import Operation, Problem, Upgrade, derive, describe, locked_faults, replay, upgrade
from tests.forms.edits import changed, edited_from, places, put_in, shipped_sets, without
from tests.forms.strategies import definitions, envelope, question

PLAN = load_shipped("notteroy-plan")
IOP = load_shipped("nordre-land-iop")
AGREEMENT = load_shipped("avtale-tre-deler")
NAV = load_shipped("nav-2025")

OPERATIONS = TypeAdapter(tuple[Operation, ...])
bases = shipped_sets | definitions().map(shape)
modest = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ids(definition: QuestionSetDefinition) -> list[str]:
    return [item.id for item in definition.walk()]


def item_of(definition: QuestionSetDefinition, item_id: str) -> Item:
    item = definition.find(item_id)
    assert item is not None, item_id
    return item


def own(item_id: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return question(item_id, kind, text={"nb": f"Kommunens {item_id}", "nn": f"Kommunens {item_id}"}, **more)


def said(problems: tuple[Problem, ...]) -> str:
    return " ".join(problem.note.say(str) for problem in problems)


# --- derive and replay ----------------------------------------------------------------------------------------------


@modest
@given(st.data(), bases, st.booleans())
def test_operations_make_the_edited_set_again(data: st.DataObject, base: QuestionSetDefinition, rough: bool) -> None:
    edited = data.draw(edited_from(base, rough=rough))
    replayed = replay(base, derive(base, edited))
    if locked_faults(base, edited):
        assert replayed.problems
        assert locked_faults(base, replayed.definition) == []
    else:
        assert replayed.definition == edited
        assert replayed.definition.sha256() == edited.sha256()
        assert replayed.problems == ()


@modest
@given(st.data(), bases)
def test_nothing_changed_is_no_operation(data: st.DataObject, base: QuestionSetDefinition) -> None:
    edited = data.draw(edited_from(base))
    assert derive(edited, edited) == ()
    assert derive(edited, shape(json.loads(edited.model_dump_json(exclude_defaults=True)))) == ()


@modest
@given(st.data(), bases)
def test_replay_is_deterministic_also_of_stored_operations(data: st.DataObject, base: QuestionSetDefinition) -> None:
    edited, new = data.draw(edited_from(base)), data.draw(edited_from(base, rough=True))
    operations = derive(base, edited)
    stored = json.dumps([o.model_dump(mode="json", exclude_defaults=True) for o in operations])
    read = OPERATIONS.validate_json(stored)
    assert read == operations
    first, again = replay(new, operations), replay(new, read)
    assert first.definition.model_dump_json() == again.definition.model_dump_json()
    assert first.problems == again.problems


@modest
@given(st.data(), bases)
def test_whatever_the_new_base_the_result_is_whole(data: st.DataObject, base: QuestionSetDefinition) -> None:
    edited = data.draw(edited_from(base, rough=data.draw(st.booleans())))
    new = data.draw(edited_from(base, rough=True))
    definition = replay(new, derive(base, edited)).definition
    assert shape(definition.model_dump(mode="json")) == definition
    assert len(set(ids(definition))) == len(ids(definition))
    assert locked_faults(new, definition) == []


_PATHS = (
    ("text", "nb"), ("text", "xx"), ("text",), ("required",), ("required", "if"), ("visible_if",), ("hidden",), ("locked",),
    ("options", "other", "retired"), ("options", "other"), ("options",), ("options", "other", "code"), ("print", "show"),
    ("print",), ("languages",), ("id",), ("items",), ("paper", "head", "nb"), ("max_length",), ("schema_version",), (), ("x", "y"),
)  # fmt: skip
_VALUES = (
    None, True, 3, "Kurs", "recommended", [], {}, {"nb": "x"}, ["nb"], {"if": {"var": "goals"}}, {"id": "goals", "type": "text"},
    {"id": "ny", "type": "group", "items": [{"id": "goals", "type": "text"}]}, {"text": {"nb": "x"}}, {"id": 1},
)  # fmt: skip
_NAMES = ("", "goals", "dialogue_meeting", "dialogue_date", "ny", "en_annen", "workplace_measures", "Ugyldig id")
garbage = st.builds(
    Operation,
    op=st.sampled_from(Operation.model_fields["op"].annotation.__args__),  # type: ignore[union-attr]
    item=st.sampled_from(_NAMES), path=st.sampled_from(_PATHS), value=st.sampled_from(_VALUES), was=st.sampled_from(_VALUES),
    parent=st.sampled_from(_NAMES), after=st.sampled_from(_NAMES),
)  # fmt: skip


@settings(modest, max_examples=100)
@given(st.lists(garbage, max_size=6))
def test_operations_that_nobody_derived_do_no_harm(operations: list[Operation]) -> None:
    replayed = replay(PLAN, operations)
    assert shape(replayed.definition.model_dump(mode="json")) == replayed.definition
    assert len(set(ids(replayed.definition))) == len(ids(replayed.definition))
    assert locked_faults(PLAN, replayed.definition) == []
    assert {id(problem.operation) for problem in replayed.problems} <= {id(operation) for operation in operations}


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "move", "parent": "dialogue_date"}, {"op": "move", "parent": "dialogue_date", "after": "ny"}],
        [{"op": "move_part", "item": "", "path": ("options", "other")}],
        [{"op": "remove_part", "item": "", "path": ("rows", "other")}],
    ],
    ids=["after itself", "a part of the set", "a part of the set taken out"],
)
def test_operations_that_once_did_harm(operations: list[dict[str, Any]]) -> None:
    replayed = replay(PLAN, [Operation.model_validate({"item": "goals", **operation}) for operation in operations])
    assert sorted(ids(replayed.definition)) == sorted(ids(PLAN))


def test_one_move_is_one_operation() -> None:
    first, *rest = PLAN.items
    edited = PLAN.model_copy(update={"items": (*rest, first)})
    (operation,) = derive(PLAN, edited)
    assert (operation.op, operation.item, operation.after) == ("move", first.id, rest[-1].id)


def test_a_group_and_what_lies_in_it_may_change_places() -> None:
    inner = {"id": "inner", "type": "group", "text": {"nb": "I"}, "items": [question("a")]}
    base = shape(envelope([{"id": "outer", "type": "group", "text": {"nb": "O"}, "items": [inner, question("b")]}]))
    turned = {"id": "outer", "type": "group", "text": {"nb": "O"}, "items": [question("b")]}
    edited = shape(envelope([{"id": "inner", "type": "group", "text": {"nb": "I"}, "items": [turned, question("a")]}]))
    assert replay(base, derive(base, edited)).definition == edited


def test_items_with_the_same_id_are_all_kept() -> None:
    edited = shape(envelope([question("a"), question("a"), question("b")]))
    base = shape(envelope([question("b")]))
    assert ids(replay(base, derive(base, edited)).definition) == ["a", "a_2", "b"]


def test_operations_are_named_for_what_they_do() -> None:
    def edit(items: dict[str, Any]) -> None:
        items["goals"]["text"]["nb"] = "Mål"
        items["goals"]["help"] = {"nb": "Velg ett eller flere.", "nn": "Vel eitt eller fleire."}
        items["public_means"]["required"] = True
        items["sent_to_nav"]["hidden"] = True
        items["goals"]["options"].append({"code": "egen", "text": {"nb": "Kurs", "nn": "Kurs"}})
        items[""]["languages"].append("en")
        items[""]["title"]["nb"] = "Vår plan"

    edited = put_in(changed(PLAN, edit), own("egen_1"), after="goals")
    found = {operation.op: operation for operation in derive(PLAN, edited)}
    assert set(found) == {"relabel", "set_help", "require", "hide", "add_part", "add_language", "add_after"}
    assert (found["add_after"].after, found["add_after"].item) == ("goals", "egen_1")
    assert describe(found["require"]).say(str).startswith("«Virkemidler")
    assert describe(found["require"]).say(str).endswith("»: Må nå besvares")
    assert describe(found["hide"]).say(str).endswith(": Skjult")
    assert describe(found["add_part"]).say(str).endswith("Nytt valg: «Kurs»")
    assert describe(found["add_language"]).say(str) == "Skjemaet: Nytt språk: engelsk"


@modest
@given(st.data(), bases)
def test_every_operation_has_a_sentence(data: st.DataObject, base: QuestionSetDefinition) -> None:
    for operation in derive(base, data.draw(edited_from(base, rough=True))):
        sentence = describe(operation).say(str)
        assert sentence
        assert "%(" not in sentence.replace("<b>%(n)s</b>", "")


# --- on a new base --------------------------------------------------------------------------------------------------


def test_an_own_question_follows_what_it_stood_after() -> None:
    edited = put_in(IOP, own("egen_1"), inside_of(IOP, "evaluation_date"), "evaluation_date")
    new = changed(IOP, lambda items: _move(items, "evaluation_date", first_group(IOP)))
    replayed = replay(new, derive(IOP, edited))
    after = ids(replayed.definition)
    assert after.index("egen_1") == after.index("evaluation_date") + 1
    assert replayed.problems == ()


def inside_of(definition: QuestionSetDefinition, item_id: str) -> str:
    data = definition.model_dump(mode="json")
    return next((place.inside[-1] if place.inside else "" for place in places(data) if place.item["id"] == item_id), "")


def first_group(definition: QuestionSetDefinition) -> str:
    return next(item.id for item in definition.items if item.type == "group")


def _move(items: dict[str, Any], item_id: str, group: str) -> None:
    for place in places(items[""]):
        place.siblings[:] = [item for item in place.siblings if item["id"] != item_id]
    items[group]["items"].append(items[item_id])


def test_what_stood_by_something_that_is_gone_is_put_near_and_told() -> None:
    edited = put_in(PLAN, own("egen_1"), after="sent_to_nav")
    replayed = replay(without(PLAN, "sent_to_nav"), derive(PLAN, edited))
    assert "egen_1" in ids(replayed.definition)
    assert "sto ved noe som ikke finnes lenger" in said(replayed.problems)
    result = upgraded(PLAN, edited, without(PLAN, "sent_to_nav"))
    order = ids(result.definition)
    assert order[order.index("egen_1") - 1] == "shown_to_doctor"  # as sent_to_nav did
    assert "sto ved noe som Attende har tatt ut" in said(result.problems)
    assert result.clean


def test_a_change_of_what_is_gone_is_told_and_left_out() -> None:
    edited = changed(PLAN, lambda items: items["contact_log_hint"]["text"].update(nb="Se loggen"))
    replayed = replay(without(PLAN, "contact_log_hint"), derive(PLAN, edited))
    assert replayed.definition == without(PLAN, "contact_log_hint")
    assert "finnes ikke lenger" in said(replayed.problems)


def test_an_own_question_keeps_its_answers_apart_from_a_new_one_with_the_same_id() -> None:
    edited = put_in(PLAN, own("ny", "boolean"), after="goals")
    follow_up = own("oppfolging", visible_if={"==": [{"var": "ny"}, True]})
    edited = put_in(edited, follow_up, after="ny")
    new = put_in(PLAN, own("ny", "date"), after="function_assessment")
    replayed = replay(new, derive(PLAN, edited))
    assert item_of(replayed.definition, "ny").type == "date"
    assert item_of(replayed.definition, "ny_2").type == "boolean"
    assert item_of(replayed.definition, "oppfolging").visible_if == {"==": [{"var": "ny_2"}, True]}
    assert faults(replayed.definition) == []
    order = ids(replayed.definition)
    assert order[order.index("goals") :][:3] == ["goals", "ny_2", "oppfolging"]


def test_a_name_of_its_own_is_free() -> None:
    edited = put_in(put_in(PLAN, own("ny"), after="goals"), own("ny_2"), after="ny")
    replayed = replay(put_in(PLAN, own("ny", "date")), derive(PLAN, edited))
    assert {"ny", "ny_2", "ny_3"} < set(ids(replayed.definition))


def test_a_list_that_adds_the_same_twice_adds_two() -> None:
    adding = Operation(op="add_after", item="ny", value=own("ny"), after="goals")
    replayed = replay(PLAN, [adding, adding])
    order = ids(replayed.definition)
    assert order[order.index("goals") + 1 :][:2] == ["ny_2", "ny"]


def test_a_group_is_not_moved_into_what_the_new_set_put_in_it() -> None:
    box = {"id": "box", "type": "group", "text": {"nb": "Boks", "nn": "Boks"}, "items": [own("i_boks")]}
    base = put_in(PLAN, box)
    edited = changed(base, lambda items: _move(items, "dialogue_meeting", "box"))
    new = changed(base, lambda items: _move(items, "box", "dialogue_meeting"))
    replayed = replay(new, derive(base, edited))
    assert replayed.definition == new
    assert "inn i seg selv" in said(replayed.problems)


def test_a_part_that_is_gone_is_not_moved() -> None:
    edited = changed(
        PLAN, lambda items: items["public_means"]["options"].insert(0, items["public_means"]["options"].pop())
    )
    new = changed(PLAN, lambda items: items["public_means"]["options"].pop())
    replayed = replay(new, derive(PLAN, edited))
    assert replayed.definition == new
    assert "finnes ikke lenger" in said(replayed.problems)


def test_a_set_holds_no_more_items_than_it_may() -> None:
    base = shape(envelope([question("first")]))
    many = shape(envelope([question("first"), *(question(f"own_{n}") for n in range(600))]))
    full = shape(envelope([question("first"), *(question(f"q_{n}") for n in range(899))]))
    replayed = replay(full, derive(base, many))
    assert len(ids(replayed.definition)) == 1000
    assert len(replayed.problems) == 500
    assert "own_99" in ids(replayed.definition)
    assert "own_100" not in ids(replayed.definition)


def test_a_set_is_no_deeper_than_it_may_be() -> None:
    def under(depth: int) -> QuestionSetDefinition:
        items = [{"id": "section", "type": "group", "text": {"nb": "Del"}, "items": [question("leaf")]}]
        for n in range(depth):
            items = [{"id": f"level_{n}", "type": "group", "text": {"nb": "Del"}, "items": items}]
        return shape(envelope(items))

    box = {"id": "box", "type": "group", "text": {"nb": "Egen"}, "items": [question("own_1"), question("own_2")]}
    edited = put_in(under(0), box, "section", "leaf")
    replayed = replay(under(6), derive(under(0), edited))
    assert ids(replayed.definition)[-4:] == ["leaf", "box", "own_1", "own_2"]
    assert shape(replayed.definition.model_dump(mode="json")) == replayed.definition
    assert [problem.operation.item for problem in replayed.problems] == ["own_1", "own_2"]
    assert "for dypt" in said(replayed.problems)


# --- what law demands -----------------------------------------------------------------------------------------------


def _hide_around(items: dict[str, Any]) -> None:
    items[inside_of(IOP, "facilitation")]["hidden"] = True


def _move_out_of_sight(items: dict[str, Any]) -> None:
    for place in places(items[""]):
        place.siblings[:] = [item for item in place.siblings if item["id"] != "goals"]
    box = {
        "id": "skjult",
        "type": "group",
        "text": {"nb": "Skjult", "nn": "Skjult"},
        "hidden": True,
        "items": [items["goals"]],
    }
    items[""]["items"].append(box)


@pytest.mark.parametrize(
    ("base", "change", "where"),
    [
        (PLAN, lambda i: i["goals"].update(hidden=True), ("goals", "hidden")),
        (PLAN, lambda i: i["goals"].update(required="recommended"), ("goals", "required")),
        (PLAN, lambda i: i["public_means"].update(required=False), ("public_means", "required")),
        (
            PLAN,
            lambda i: i["goals"].update(visible_if={"answered": "function_assessment"}),
            ("goals", "visible_if"),
        ),
        (PLAN, lambda i: i["goals"]["print"].update(show="screen"), ("goals", "print.show")),
        (PLAN, lambda i: i["function_assessment"].update(type="string"), ("function_assessment", "type")),
        (PLAN, lambda i: i["goals"]["options"][0].update(retired=True), ("goals", "options.ordinary_work.retired")),
        (PLAN, lambda i: i["goals"]["options"].pop(0), ("goals", "options.ordinary_work")),
        (PLAN, lambda i: i["goals"].update(law_part=None), ("goals", "law_part")),
        (PLAN, lambda i: i["goals"].update(nav_field=None), ("goals", "nav_field")),
        (PLAN, lambda i: i["goals"].update(locked=False), ("goals", "locked")),
        (PLAN, _move_out_of_sight, ("skjult", "hidden")),
        (IOP, _hide_around, (inside_of(IOP, "facilitation"), "hidden")),
        (IOP, lambda i: i["measures"]["columns"].pop(0), ("measures", "columns.what")),
        (IOP, lambda i: i["measures"]["columns"][0].update(type="integer"), ("measures", "columns.what.type")),
        (PLAN, lambda i: i["goals"]["options"][-1].update(comment=None), ("goals", "options.other.comment")),
        (
            AGREEMENT,
            lambda i: i["ordinary_tasks"]["required"].update({"if": {"==": [{"var": "plan.kind"}, "extension"]}}),
            ("ordinary_tasks", "required"),
        ),
        # The question that decides whether a locked one is asked, as its own answer or as another that it reads.
        (NAV, lambda i: i["har_den_ansatte_medvirket"].update(hidden=True), ("har_den_ansatte_medvirket", "hidden")),
    ],
)
def test_what_law_demands_is_neither_hidden_nor_loosened(
    base: QuestionSetDefinition, change: Any, where: tuple[str, str]
) -> None:
    edited = changed(base, change)
    found = locked_faults(base, edited)
    assert where in [(fault.item, fault.property) for fault in found]
    assert all(fault.why.say(str) for fault in found)
    replayed = replay(base, derive(base, edited))
    assert locked_faults(base, replayed.definition) == []
    assert "Loven krever mer" in said(replayed.problems)


def test_a_locked_question_that_is_left_out_comes_back() -> None:
    edited = without(PLAN, "goals")
    assert [(fault.item, fault.property) for fault in locked_faults(PLAN, edited)] == [("goals", "items")]
    assert replay(PLAN, derive(PLAN, edited)).definition == PLAN


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (PLAN, lambda i: i["goals"]["text"].update(nb="Hva er målet?")),
        (PLAN, lambda i: i["goals"].update(help={"nb": "Velg ett.", "nn": "Vel eitt."})),
        (PLAN, lambda i: i["public_means"].update(required=True)),
        (PLAN, lambda i: i["goals"]["options"].append({"code": "egen", "text": {"nb": "Kurs", "nn": "Kurs"}})),
        (PLAN, lambda i: i["goals"]["options"][0]["text"].update(nb="Vanlig arbeid")),
        (PLAN, lambda i: i["goals"]["options"].reverse()),
        (PLAN, lambda i: i["dialogue_meeting"].update(hidden=True)),
        (AGREEMENT, lambda i: i["ordinary_tasks"].update(required=True)),
        (NAV, lambda i: i["den_ansatte_har_ikke_medvirket_begrunnelse"].update(visible_if=None)),
    ],
)
def test_what_law_demands_may_be_reworded_explained_and_made_stricter(base: QuestionSetDefinition, change: Any) -> None:
    edited = changed(base, change)
    assert edited != base
    assert locked_faults(base, edited) == []
    assert replay(base, derive(base, edited)).definition == edited


def test_a_newly_locked_question_is_shown_although_the_municipality_hid_it() -> None:
    edited = changed(PLAN, lambda items: items["sent_to_nav"].update(hidden=True))
    new = changed(PLAN, lambda items: items["sent_to_nav"].update(locked=True))
    result = upgraded(PLAN, edited, new)
    assert not item_of(result.definition, "sent_to_nav").hidden
    assert "Loven krever mer" in said(result.problems)


# --- a new version of the shipped set -------------------------------------------------------------------------------


def upgraded(
    base: QuestionSetDefinition, edited: QuestionSetDefinition, new: QuestionSetDefinition, **choices: Any
) -> Upgrade:
    return upgrade(base, new, derive(base, edited), {name.replace("__", ":"): side for name, side in choices.items()})


@modest
@given(st.data(), bases)
def test_the_same_base_again_changes_nothing(data: st.DataObject, base: QuestionSetDefinition) -> None:
    edited = data.draw(edited_from(base))
    result = upgraded(base, edited, base)
    assert result.clean
    assert result.came_in == ()
    assert result.definition == replay(base, derive(base, edited)).definition
    if not locked_faults(base, edited):
        assert (result.definition, result.problems) == (edited, ())


@modest
@given(st.data(), bases)
def test_without_own_changes_the_new_set_comes_in_whole(data: st.DataObject, base: QuestionSetDefinition) -> None:
    new = data.draw(edited_from(base, rough=True))
    result = upgraded(base, base, new)
    assert result.definition == new
    assert result.clean
    assert bool(result.came_in) is (new != base)


@modest
@given(st.data(), bases)
def test_whatever_is_chosen_the_upgraded_set_is_whole(data: st.DataObject, base: QuestionSetDefinition) -> None:
    edited = data.draw(edited_from(base, rough=data.draw(st.booleans())))
    new = data.draw(edited_from(base, rough=True))
    operations = derive(base, edited)
    first = upgrade(base, new, operations)
    assert len({choice.id for choice in first.choices}) == len(first.choices)
    chosen = {choice.id: data.draw(st.sampled_from(["ours", "theirs"])) for choice in first.choices}
    for result in (first, upgrade(base, new, operations, chosen)):
        assert result.choices == first.choices
        assert shape(result.definition.model_dump(mode="json")) == result.definition
        assert len(set(ids(result.definition))) == len(ids(result.definition))
        assert locked_faults(new, result.definition) == []
    assert upgrade(base, new, operations, {choice.id: choice.default for choice in first.choices}) == first


def test_a_new_question_comes_in_by_itself() -> None:
    edited = changed(PLAN, lambda items: items["goals"]["text"].update(nb="Hva er målet?"))
    new = put_in(PLAN, own("ny"), after="goals")
    result = upgraded(PLAN, edited, new)
    assert result.clean
    assert [(change.item_id, change.what.say(str)) for change in result.came_in] == [("ny", "Nytt spørsmål")]
    assert item_of(result.definition, "goals").text["nb"] == "Hva er målet?"
    assert "ny" in ids(result.definition)


@pytest.mark.parametrize(("side", "text"), [("ours", "Hva er målet?"), ("theirs", "Målene")])
def test_both_reworded_the_same_text(side: Any, text: str) -> None:
    edited = changed(PLAN, lambda items: items["goals"]["text"].update(nb="Hva er målet?"))
    new = changed(PLAN, lambda items: items["goals"]["text"].update(nb="Målene", nn="Måla"))
    result = upgraded(PLAN, edited, new)
    (choice,) = result.choices
    assert (choice.id, choice.conflict, choice.default) == ("goals:text.nb", True, "ours")
    assert (choice.ours, choice.theirs) == ("Hva er målet?", "Målene")
    assert "Ledetekst (bokmål)" in choice.what.say(str)
    assert [change.what.say(str) for change in result.came_in] == ["Ny tekst (nynorsk)"]
    assert not result.clean
    assert item_of(result.definition, "goals").text["nb"] == "Hva er målet?"
    decided = upgraded(PLAN, edited, new, **{"goals__text.nb": side})
    assert item_of(decided.definition, "goals").text == {"nb": text, "nn": "Måla"}
    assert decided.choices == result.choices


def test_both_did_the_same() -> None:
    def edit(items: dict[str, Any]) -> None:
        items["public_means"]["required"] = True
        items["public_means"]["options"].append({"code": "kurs", "text": {"nb": "Kurs", "nn": "Kurs"}})
        items["goals"]["hidden"] = False
        _move(items, "sent_to_nav", "dialogue_meeting")

    edited = changed(PLAN, edit)
    result = upgraded(PLAN, edited, edited)
    assert (result.clean, result.came_in, result.definition) == (True, (), edited)


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_both_reworded_the_same_option(side: Any) -> None:
    def reword(text: str) -> QuestionSetDefinition:
        return changed(PLAN, lambda items: items["goals"]["options"][-1]["text"].update(nb=text))

    (choice,) = upgraded(PLAN, reword("Andre mål"), reword("Noe annet")).choices
    assert choice.what.say(str) == "Både kommunen og Attende har endret dette: Svarvalg (bokmål), «Andre mål»"
    decided = upgraded(PLAN, reword("Andre mål"), reword("Noe annet"), **{choice.id.replace(":", "__"): side})
    assert decided.definition == reword("Andre mål" if side == "ours" else "Noe annet")


def test_what_law_newly_demands_wins_over_the_municipality() -> None:
    edited = changed(PLAN, lambda items: items["dialogue_date"].update(required="recommended"))
    new = changed(PLAN, lambda items: items["dialogue_date"].update(required=True, locked=True))
    (choice,) = upgraded(PLAN, edited, new).choices
    assert (choice.default, choice.ours, choice.theirs) == ("theirs", "Bør besvares", "Må besvares")
    insisted = upgraded(PLAN, edited, new, dialogue_date__required="ours")
    assert item_of(insisted.definition, "dialogue_date").required is True
    assert "Loven krever mer" in said(insisted.problems)


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_a_question_that_the_municipality_changed_is_taken_out(side: Any) -> None:
    edited = changed(PLAN, lambda items: items["sent_to_nav"]["text"].update(nb="Sendt til Nav"))
    new = without(PLAN, "sent_to_nav")
    result = upgraded(PLAN, edited, new)
    (choice,) = result.choices
    assert (choice.id, choice.conflict, result.came_in) == ("gone:sent_to_nav", True, ())
    decided = upgraded(PLAN, edited, new, gone__sent_to_nav=side)
    assert decided.definition == (edited if side == "ours" else new)


def test_a_question_that_only_was_hidden_or_moved_goes_without_a_word() -> None:
    edited = changed(PLAN, lambda items: items["sent_to_nav"].update(hidden=True))
    result = upgraded(PLAN, edited, without(PLAN, "sent_to_nav"))
    assert result.clean
    assert [change.what.say(str) for change in result.came_in] == ["Tatt ut"]
    assert result.definition == without(PLAN, "sent_to_nav")


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_a_question_that_an_own_condition_reads_is_taken_out(side: Any) -> None:
    follow_up = own("egen_1", visible_if={"answered": "dialogue_date"})
    edited = put_in(PLAN, follow_up, after="goals")
    new = without(PLAN, "dialogue_date")
    (choice,) = upgraded(PLAN, edited, new).choices
    assert choice.id == "gone:dialogue_date"
    assert choice.label == item_of(PLAN, "dialogue_date").text
    decided = upgraded(PLAN, edited, new, gone__dialogue_date=side).definition
    assert (decided.find("dialogue_date") is not None) is (side == "ours")
    assert (faults(decided) == []) is (side == "ours")


def test_what_the_municipality_left_out_does_not_come_in_again() -> None:
    new = changed(PLAN, lambda items: items["sent_to_nav"]["text"].update(nb="Sendt til Nav"))
    result = upgraded(PLAN, without(PLAN, "sent_to_nav"), new)
    assert (result.came_in, result.definition) == ((), without(PLAN, "sent_to_nav"))


@settings(modest, max_examples=60)
@given(st.data(), st.lists(garbage, max_size=4))
def test_operations_that_nobody_derived_do_an_upgrade_no_harm(data: st.DataObject, operations: list[Operation]) -> None:
    new = data.draw(edited_from(PLAN, rough=True))
    result = upgrade(PLAN, new, operations)
    assert shape(result.definition.model_dump(mode="json")) == result.definition
    assert locked_faults(new, result.definition) == []


def test_a_group_that_stays_keeps_what_was_in_it_and_what_that_reads() -> None:
    def edit(items: dict[str, Any]) -> None:
        items["dialogue_meeting"]["text"]["nb"] = "Møtet vårt"

    base = changed(PLAN, lambda items: items["dialogue_conclusion"].update(visible_if={"answered": "dialogue_date"}))
    edited = changed(base, edit)
    result = upgraded(base, edited, without(base, "dialogue_meeting"))
    assert [choice.id for choice in result.choices] == ["gone:dialogue_meeting"]
    assert result.definition == edited
    assert result.came_in == ()


def test_what_stood_before_may_itself_have_moved() -> None:
    edited = put_in(PLAN, own("egen_1"), after="shown_to_doctor")
    new = changed(without(PLAN, "shown_to_doctor"), lambda items: _move(items, "signatures", "dialogue_meeting"))
    order = ids(upgraded(PLAN, edited, new).definition)
    assert order[order.index("egen_1") - 1] == "goals"


def test_an_own_question_in_a_group_that_goes_stays_in_its_place() -> None:
    edited = put_in(PLAN, own("egen_1"), "dialogue_meeting", "dialogue_date")
    result = upgraded(PLAN, edited, without(PLAN, "dialogue_meeting"))
    order = ids(result.definition)
    assert order.index("absence_periods") + 1 == order.index("egen_1") == order.index("function_assessment") - 1
    assert "egen_1" in {problem.operation.item for problem in result.problems}


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_the_new_set_has_a_question_with_the_id_of_an_own(side: Any) -> None:
    edited = put_in(PLAN, own("ny", "boolean"), after="goals")
    new = put_in(PLAN, own("ny", "date"), after="goals")
    (choice,) = upgraded(PLAN, edited, new).choices
    assert (choice.id, choice.conflict) == ("taken:ny", True)
    decided = upgraded(PLAN, edited, new, taken__ny=side).definition
    assert item_of(decided, "ny").type == "date"
    assert (decided.find("ny_2") is not None) is (side == "ours")


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_both_moved_the_same_question(side: Any) -> None:
    edited = changed(PLAN, lambda items: _move(items, "sent_to_nav", "dialogue_meeting"))
    new = PLAN.model_copy(update={"items": (item_of(PLAN, "sent_to_nav"), *without(PLAN, "sent_to_nav").items)})
    (choice,) = upgraded(PLAN, edited, new).choices
    assert choice.id == "sent_to_nav:place"
    assert choice.theirs == "Først i skjemaet"
    assert choice.ours.startswith("Etter «")
    assert upgraded(PLAN, edited, new, sent_to_nav__place=side).definition == (edited if side == "ours" else new)


def test_new_questions_in_a_hidden_group_are_shown_to_the_one_who_hid_it() -> None:
    edited = changed(PLAN, lambda items: items["dialogue_meeting"].update(hidden=True))
    new = put_in(PLAN, own("ny"), "dialogue_meeting")
    result = upgraded(PLAN, edited, new)
    (choice,) = result.choices
    assert (choice.id, choice.conflict, choice.default) == ("dialogue_meeting:unseen", False, "ours")
    assert "Kommunens ny" in choice.theirs
    assert item_of(result.definition, "dialogue_meeting").hidden
    shown = upgraded(PLAN, edited, new, dialogue_meeting__unseen="theirs").definition
    assert not item_of(shown, "dialogue_meeting").hidden
    locked = changed(new, lambda items: items["ny"].update(locked=True, required=True))
    forced = upgraded(PLAN, edited, locked)
    assert not item_of(forced.definition, "dialogue_meeting").hidden
    assert "Loven krever mer" in said(forced.problems)


def test_an_option_that_an_own_condition_reads_is_retired() -> None:
    follow_up = own("egen_1", visible_if={"in": ["new_permanent", {"var": "goals"}]})
    edited = put_in(PLAN, follow_up, after="goals")
    new = changed(PLAN, lambda items: items["goals"]["options"][2].update(retired=True))
    result = upgraded(PLAN, edited, new)
    assert [change.what.say(str) for change in result.came_in] == [
        "Valget «Gradvis innføring i nye, faste arbeidsoppgaver» er tatt ut av bruk"
    ]
    assert "ikke lenger kan velges" in said(result.problems)
    assert [problem.operation.item for problem in result.problems] == ["egen_1"]


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_an_option_that_the_municipality_reworded_is_taken_out(side: Any) -> None:
    edited = changed(PLAN, lambda items: items["public_means"]["options"][5]["text"].update(nb="Reisetilskott"))
    new = changed(PLAN, lambda items: items["public_means"]["options"].pop(5))
    code = item_of(PLAN, "public_means").options[5].code
    (choice,) = upgraded(PLAN, edited, new).choices
    assert (choice.id, choice.ours) == (f"gone:public_means:options.{code}", "Reisetilskott")
    decided = upgraded(PLAN, edited, new, **{choice.id.replace(":", "__"): side}).definition
    assert decided == (edited if side == "ours" else new)


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_both_added_an_option_with_the_same_code(side: Any) -> None:
    def adding(text: str) -> Any:
        option = {"code": "kurs", "text": {"nb": text, "nn": text}}
        return lambda items: items["public_means"]["options"].append(option)

    edited, new = changed(PLAN, adding("Kurs")), changed(PLAN, adding("Opplæring"))
    (choice,) = upgraded(PLAN, edited, new).choices
    assert (choice.ours, choice.theirs, choice.default) == ("Kurs", "Opplæring", "theirs")
    decided = upgraded(PLAN, edited, new, **{choice.id.replace(":", "__"): side}).definition
    assert decided == (edited if side == "ours" else new)


def test_an_own_language_stays_and_the_new_texts_come_in() -> None:
    def english(items: dict[str, Any]) -> None:
        items[""]["languages"].append("en")
        items["goals"]["text"]["en"] = "Goals"

    new = changed(PLAN, lambda items: items["goals"]["text"].update(nb="Målene"))
    result = upgraded(PLAN, changed(PLAN, english), new)
    assert result.clean
    assert result.definition.languages == ("nb", "nn", "en")
    assert item_of(result.definition, "goals").text == {**item_of(PLAN, "goals").text, "nb": "Målene", "en": "Goals"}


def test_the_key_and_number_of_the_municipality_are_its_own() -> None:
    edited = PLAN.model_copy(update={"key": "vaar-plan", "version": 7})
    new = changed(PLAN, lambda items: items["goals"]["text"].update(nb="Målene")).model_copy(update={"version": 2})
    result = upgraded(PLAN, edited, new)
    assert result.clean
    assert (result.definition.key, result.definition.version) == ("vaar-plan", 7)
    assert [change.item_id for change in result.came_in] == ["goals"]


def test_choices_are_told_in_the_language_of_the_reader() -> None:
    edited = changed(PLAN, lambda items: items["public_means"].update(required=True))
    new = changed(PLAN, lambda items: items["public_means"].update(required=False))
    (choice,) = upgrade(PLAN, new, derive(PLAN, edited), language="nn", gettext=lambda text: f"{text} (omsett)").choices
    assert (choice.ours, choice.theirs) == ("Må besvares (omsett)", "Kan stå ubesvart (omsett)")
