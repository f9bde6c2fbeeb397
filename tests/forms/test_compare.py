"""What changed between two versions of a set, how much it means, and what must stay of what was published."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.definition import QuestionSetDefinition, faults, shape
from forms.library import load_shipped, shipped_keys
from forms.overlay.compare import Change, compare, keep_published, level, reused, stale
from forms.overlay.levels import LEVELS
from tests.forms.edits import changed, edited_from, places, put_in, shipped_sets, without
from tests.forms.strategies import definitions, envelope, question

PLAN = load_shipped("notteroy-plan")
CHECKLIST = load_shipped("notteroy-sjekkliste")
bases = shipped_sets | definitions().map(shape)
modest = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NEW = {"nb": "Ny", "nn": "Ny"}


def told(old: QuestionSetDefinition | None, new: QuestionSetDefinition) -> list[tuple[str, str, str]]:
    return [(change.item_id, change.level, change.what.say(str)) for change in compare(old, new)]


# --- compare --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", shipped_keys())
def test_the_same_set_has_no_changes(key: str) -> None:
    definition = load_shipped(key)
    assert compare(definition, definition) == []
    assert compare(definition, definition.model_copy(update={"key": "an-other", "version": 9})) == []
    assert level(compare(definition, definition)) is None


@modest
@given(st.data(), bases)
def test_what_differs_is_told_and_what_does_not_is_not(data: st.DataObject, base: QuestionSetDefinition) -> None:
    edited = data.draw(edited_from(base, rough=True))
    found = compare(base, edited)
    assert bool(found) is (edited != base)
    assert compare(edited, edited) == []
    there = {"", *(item.id for item in base.walk()), *(item.id for item in edited.walk())}
    assert {change.item_id for change in found} <= there
    order = {item_id: place for place, item_id in enumerate(["", *(item.id for item in edited.walk())])}
    places_told = [order[change.item_id] for change in found if change.item_id in order]
    assert places_told == sorted(places_told)


@modest
@given(st.data(), bases)
def test_more_changes_never_mean_less(data: st.DataObject, base: QuestionSetDefinition) -> None:
    found = compare(base, data.draw(edited_from(base, rough=True)))
    part = data.draw(st.lists(st.sampled_from(found))) if found else []
    rank = [None, *LEVELS]
    assert rank.index(level(part)) <= rank.index(level(found))
    assert level(found) is (None if not found else level(list(reversed(found))))


def test_everything_is_new_in_a_first_version() -> None:
    found = compare(None, PLAN)
    assert [change.item_id for change in found] == [item.id for item in PLAN.walk()]
    assert {change.level for change in found} == {"minor"}
    assert {"Nytt spørsmål", "Ny del"} <= {change.what.say(str) for change in found}


def _set(item_id: str, **values: Any) -> Any:
    return lambda items: items[item_id].update(values)


def _text(item_id: str, name: str = "text", **words: str) -> Any:
    return lambda items: items[item_id].setdefault(name, {}).update(words)


def _part(item_id: str, name: str, number: int, **values: Any) -> Any:
    return lambda items: items[item_id][name][number].update(values)


RULE = {"answered": "dialogue_date"}
FIRST, *_, LAST = (option.text["nb"] for item in PLAN.walk() if item.id == "goals" for option in item.options)


@pytest.mark.parametrize(
    ("change", "wanted", "what"),
    [
        (_text("goals", nb="Mål"), "patch", "Ny tekst (bokmål)"),
        (_text("goals", "help", nb="Velg ett."), "patch", "Ny hjelpetekst (bokmål)"),
        (_text("public_means", "help", nn="Vel eitt."), "patch", "Ny hjelpetekst (nynorsk)"),
        (_text("", "title", nb="Vår plan"), "patch", "Ny tittel (bokmål)"),
        (_set("goals", examples=[NEW]), "patch", "Endret: eksemplene"),
        (_set("", paper={"revised": "2026"}), "patch", None),
        (_set("goals", required="recommended"), "minor", "Må ikke lenger besvares, men bør"),
        (_set("goals", required=False), "minor", "Kan nå stå ubesvart"),
        (_set("public_means", required=True), "major", "Må nå besvares"),
        (_set("dialogue_date", required="recommended"), "major", "Bør nå besvares"),
        (_set("goals", required={"if": RULE}), "minor", "Må nå besvares i noen tilfeller"),
        (_set("goals", hidden=True), "major", "Skjult"),
        (_set("goals", visible_if=RULE), "major", "Vises nå bare i noen tilfeller"),
        (_set("goals", max_length=100), "major", None),
        (_set("goals", max_length=9000), "minor", None),
        (_set("dialogue_participants", type="text"), "major", None),
        (_set("goals", sensitivity="health"), "minor", "Endret: Hvor følsomt svaret er"),
        (_set("goals", print={"show": "paper"}), "major", None),
        (_set("goals", print={"layout": "side"}), "minor", "Endret: Oppsett på papiret"),
        (_part("goals", "options", 0, text=NEW), "patch", "Ny tekst på valget «Ny» (bokmål)"),
        (_part("goals", "options", 0, retired=True), "major", f"Valget «{FIRST}» er tatt ut av bruk"),
        (_part("goals", "options", 0, comment="text"), "minor", None),
        (_part("goals", "options", -1, comment=None), "major", None),
        (lambda i: i["goals"]["options"].pop(), "major", f"Valget «{LAST}» er fjernet"),
        (
            lambda i: i["goals"]["options"].append({"code": "ny", "text": NEW}),
            "minor",
            "Nytt valg: «Ny»",
        ),
        (
            lambda i: i["goals"]["options"].insert(0, i["goals"]["options"].pop()),
            "minor",
            f"Valget «{LAST}» er flyttet",
        ),
        (_part("sent_to_nav", "columns", 0, type="text"), "major", None),
        (_part("sent_to_nav", "columns", 0, width=7), "minor", None),
        (lambda i: i["sent_to_nav"]["columns"].pop(), "major", None),
        (lambda i: i["signatures"]["signers"].pop(), "major", None),
        (lambda i: i["employee_facts"]["facts"].pop(), "minor", "Endret: opplysningene fra saken"),
        (_part("employee_facts", "facts", 0, text=NEW), "patch", "Endret: opplysningene fra saken"),
        (_set("", kind="minutes"), "major", None),
        (lambda i: i[""]["languages"].append("en"), "patch", "Nytt språk: engelsk"),
        (lambda i: i[""]["languages"].remove("nn"), "major", "Språket nynorsk er tatt ut"),
    ],
)
def test_each_kind_of_change_has_its_level_and_its_words(change: Any, wanted: str, what: str | None) -> None:
    found = compare(PLAN, changed(PLAN, change))
    assert found
    assert level(found) == wanted
    assert what is None or found[0].what.say(str) == what
    assert compare(changed(PLAN, change), PLAN)


def test_the_way_back_has_the_opposite_level() -> None:
    stricter = changed(PLAN, _set("public_means", required=True))
    assert (level(compare(PLAN, stricter)), level(compare(stricter, PLAN))) == ("major", "minor")
    conditional = changed(PLAN, _set("dialogue_conclusion", visible_if=RULE))
    assert told(conditional, PLAN) == [("dialogue_conclusion", "minor", "Vises nå alltid")]
    conditional = changed(PLAN, _set("goals", visible_if=RULE))
    assert told(conditional, PLAN) == [("goals", "major", "Vises nå alltid")]  # and must then be answered
    hidden = changed(PLAN, _set("dialogue_meeting", hidden=True))
    assert told(hidden, PLAN) == [("dialogue_meeting", "minor", "Vises igjen")]


@pytest.mark.parametrize(
    ("more", "wanted", "what"),
    [
        ({}, "minor", "Nytt spørsmål"),
        ({"required": "recommended"}, "minor", "Nytt spørsmål"),
        ({"required": True}, "major", "Nytt spørsmål som må besvares"),
        ({"required": {"if": RULE}}, "major", "Nytt spørsmål"),
        ({"required": True, "hidden": True}, "minor", "Nytt, men skjult"),
    ],
)
def test_a_new_question_means_more_when_it_must_be_answered(more: dict[str, Any], wanted: str, what: str) -> None:
    new = put_in(PLAN, question("ny", **more), after="goals")
    assert told(PLAN, new) == [("ny", wanted, what)]


def test_one_moved_item_does_not_move_the_others() -> None:
    *rest, last = PLAN.items
    new = PLAN.model_copy(update={"items": (last, *rest)})
    (change,) = compare(PLAN, new)
    assert (change.item_id, change.level, change.what.say(str)) == (last.id, "minor", "Flyttet")
    assert change.before.startswith("Etter «")
    assert change.after == "Først i skjemaet"


def _moved_into(item_id: str, **box: Any) -> QuestionSetDefinition:
    def move(items: dict[str, Any]) -> None:
        for place in places(items[""]):
            place.siblings[:] = [item for item in place.siblings if item["id"] != item_id]
        items["dialogue_meeting"]["items"].append(items[item_id])

    return changed(changed(PLAN, _set("dialogue_meeting", **box)), move)


@pytest.mark.parametrize(
    ("box", "wanted", "what"),
    [
        ({}, "minor", "Flyttet"),
        ({"hidden": True}, "major", "Flyttet inn i noe som er skjult"),
        ({"visible_if": {"answered": "x"}}, "major", "Flyttet inn i noe som bare vises i noen tilfeller"),
    ],
)
def test_a_move_out_of_sight_is_more_than_a_move(box: dict[str, Any], wanted: str, what: str) -> None:
    old = changed(PLAN, _set("dialogue_meeting", **box))
    assert told(old, _moved_into("sent_to_nav", **box)) == [("sent_to_nav", wanted, what)]


def test_what_nobody_sees_demands_nothing() -> None:
    old = changed(PLAN, _set("dialogue_meeting", hidden=True))
    new = changed(old, _set("dialogue_date", required=True))
    assert told(old, new) == [("dialogue_date", "minor", "Må nå besvares")]


def test_removed_items_are_told_where_they_stood() -> None:
    new = without(PLAN, "dialogue_meeting")
    found = told(PLAN, new)
    assert [item_id for item_id, _, _ in found] == [
        "dialogue_meeting", "dialogue_date", "dialogue_participants", "dialogue_conclusion",
    ]  # fmt: skip
    assert {(level_, what) for _, level_, what in found} == {("major", "Tatt ut")}
    last = compare(PLAN, changed(new, _text("contact_log", nb="Loggen")))[-1]
    assert (last.item_id, last.before, last.after) == ("contact_log", PLAN.items[-1].text["nb"], "Loggen")


def test_a_language_is_one_change() -> None:
    def english(items: dict[str, Any]) -> None:
        items[""]["languages"].append("en")
        for item in items.values():
            if item.get("text"):
                item["text"]["en"] = "In English"

    (change,) = compare(PLAN, changed(PLAN, english))
    assert change.what.say(str) == "Nytt språk: engelsk"
    assert int(change.after.split(": ")[1]) > 10


def test_values_are_told_as_people_say_them() -> None:
    def edit(items: dict[str, Any]) -> None:
        items["goals"]["required"] = {"if": RULE}
        items["sent_to_nav"]["visible_if"] = RULE
        items["dialogue_participants"]["type"] = "text"
        items["signatures"]["print"]["keep_together"] = False
        items["public_means"]["sensitivity"] = "identifier"
        items["evaluation"]["calculate"] = {"rule": "sick_pay_end"}

    weeks = {"rule": "weeks_after_first_day", "weeks": 4}
    base = put_in(PLAN, question("evaluation", "calculated", calculate=weeks))
    found = {change.item_id: change for change in compare(base, changed(base, edit))}
    question_text = PLAN.find("dialogue_date").text["nb"]  # type: ignore[union-attr]
    assert found["goals"].before == "Må besvares"
    assert found["goals"].after == f"Må besvares når «{question_text}» er fylt ut"
    assert (found["sent_to_nav"].before, found["sent_to_nav"].after) == ("Alltid", f"«{question_text}» er fylt ut")
    assert (found["dialogue_participants"].before, found["dialogue_participants"].after) == (
        "Kort tekst", "Tekst over flere linjer",
    )  # fmt: skip
    assert (found["signatures"].before, found["signatures"].after) == ("Ja", "Nei")
    assert found["public_means"].after == "Sier hvem det gjelder"
    assert found["evaluation"].before == "Et antall uker etter første fraværsdag, 4"
    assert found["evaluation"].after == "Når sykepengene tar slutt"
    assert found["signatures"].label["nb"]
    loud = compare(base, changed(base, edit), language="nn", gettext=lambda text: f"{text} (omsett)")
    assert "Må besvares (omsett)" in [change.before for change in loud]


def test_an_item_without_a_text_is_called_by_its_type() -> None:
    bare = {"id": "bare", "type": "signatures", "signers": [{"role": "employee", "text": NEW}]}
    (change,) = compare(PLAN, put_in(PLAN, bare))
    assert (change.label["nb"], change.level) == ("Underskrifter", "major")


def _large(seed: int) -> QuestionSetDefinition:
    chance = random.Random(seed)
    groups = []
    for number in range(50):
        items = [
            question(f"q_{number}_{n}", help={"nb": f"{chance.random()}"}, required=chance.random() > 0.9)
            for n in range(19)
        ]
        chance.shuffle(items)
        groups.append({"id": f"g_{number}", "type": "group", "text": {"nb": "Del"}, "items": items})
    chance.shuffle(groups)
    return shape(envelope(groups))


def test_a_thousand_items_are_compared_at_once() -> None:
    one, other = _large(1), _large(2)
    begun = time.process_time()
    found = compare(one, other)
    assert time.process_time() - begun < 1
    assert len(found) > 1000


# --- translations ---------------------------------------------------------------------------------------------------


def test_a_translation_is_stale_when_its_source_changed_and_it_did_not() -> None:
    new = changed(PLAN, _text("goals", nb="Hva er målet?"))
    (one,) = stale(PLAN, new)
    before = PLAN.find("goals").text  # type: ignore[union-attr]
    assert (one.item_id, one.path, one.language) == ("goals", "text.nn", "nn")
    assert (one.source_before, one.source_after, one.text) == (before["nb"], "Hva er målet?", before["nn"])
    assert stale(PLAN, changed(PLAN, _text("goals", nb="Hva er målet?", nn="Kva er målet?"))) == []
    assert stale(PLAN, changed(PLAN, _text("goals", nn="Kva er målet?"))) == []


def test_every_text_can_be_stale() -> None:
    def reword(items: dict[str, Any]) -> None:
        items[""]["title"]["nb"] = "Ny"
        items["goals"]["options"][0]["text"]["nb"] = "Ny"
        items["employee_facts"]["facts"][1]["text"]["nb"] = "Ny"
        items["function_assessment"]["examples"][0]["nb"] = "Ny"

    code = PLAN.find("goals").options[0].code  # type: ignore[union-attr]
    assert [(one.item_id, one.path) for one in stale(PLAN, changed(PLAN, reword))] == [
        ("", "title.nn"), ("employee_facts", "facts.1.text.nn"), ("function_assessment", "examples.0.nn"),
        ("goals", f"options.{code}.text.nn"),
    ]  # fmt: skip


def test_a_list_that_only_grew_or_moved_is_not_stale() -> None:
    def more(items: dict[str, Any]) -> None:
        items["function_assessment"]["examples"].insert(0, {"nb": "Først", "nn": "Fyrst"})
        items["employee_facts"]["facts"].reverse()

    assert stale(PLAN, changed(PLAN, more)) == []


def test_without_bokmal_the_first_language_is_the_source() -> None:
    old = shape(
        envelope(
            [question("a", text={"nn": "Kva", "en": "What"})], languages=["nn", "en"], title={"nn": "T", "en": "T"}
        )
    )
    new = changed(old, _text("a", nn="Kva då"))
    assert [(one.language, one.source_after, one.text) for one in stale(old, new)] == [("en", "Kva då", "What")]
    assert stale(old, changed(old, _text("a", en="What then"))) == []


def test_a_text_that_was_not_there_is_not_stale() -> None:
    old = shape(envelope([question("a", help={"nn": "Hjelp"})], languages=["nb", "nn"]))
    assert stale(old, changed(old, _text("a", "help", nb="Ny hjelp"))) == []
    assert stale(old, changed(put_in(old, question("b")), _text("b", nb="Ny"))) == []


@modest
@given(st.data(), bases)
def test_only_translations_that_stayed_are_stale(data: st.DataObject, base: QuestionSetDefinition) -> None:
    edited = data.draw(edited_from(base, rough=True))
    assert stale(edited, edited) == []
    source = "nb" if "nb" in edited.languages else edited.languages[0]
    for one in stale(base, edited):
        assert one.language in edited.languages
        assert one.language != source
        assert one.path.endswith(f".{one.language}")
        assert one.source_before != one.source_after
        assert one.text


# --- what has been published ----------------------------------------------------------------------------------------


def test_an_id_is_never_used_for_another_type() -> None:
    new = changed(without(PLAN, "contact_log_hint"), _set("dialogue_participants", type="text"))
    (fault,) = reused([PLAN], new)
    assert (fault.item, fault.property) == ("dialogue_participants", "type")
    assert "kort tekst" in fault.why.say(str)
    assert reused([PLAN, without(PLAN, "dialogue_participants")], new) == [fault]


def test_published_options_columns_and_rows_stay() -> None:
    fewer = changed(PLAN, lambda items: (items["goals"]["options"].pop(0), items["sent_to_nav"]["columns"].pop(0)))
    assert [(fault.item, fault.property) for fault in reused([PLAN], fewer)] == [
        ("goals", "options"), ("sent_to_nav", "columns"),
    ]  # fmt: skip
    assert all(fault.why.say(str) for fault in reused([PLAN], fewer))
    (row,) = reused([CHECKLIST], changed(CHECKLIST, lambda items: items["checklist"]["rows"].pop(0)))
    assert (row.item, row.property) == ("checklist", "rows")
    retyped = changed(PLAN, _part("sent_to_nav", "columns", 0, type="text"))
    assert [fault.property for fault in reused([PLAN], retyped)] == ["columns"]
    assert reused([PLAN], changed(PLAN, _part("goals", "options", 0, retired=True))) == []


def test_what_an_import_leaves_out_comes_back_hidden_or_out_of_use() -> None:
    new = without(changed(PLAN, lambda items: items["goals"]["options"].pop(1)), "dialogue_meeting")
    kept, notes = keep_published([PLAN], new)
    assert [item.id for item in kept.walk()] == [item.id for item in PLAN.walk()]
    assert kept.find("dialogue_date").hidden  # type: ignore[union-attr]
    goals, before = kept.find("goals"), PLAN.find("goals")
    assert goals is not None
    assert before is not None
    assert [option.code for option in goals.options] == [option.code for option in before.options]
    assert [option.retired for option in goals.options].index(True) == 1
    assert len(notes) == 5
    assert "lagt tilbake" in " ".join(note.say(str) for note in notes)
    assert faults(kept) == []
    assert reused([PLAN], kept) == []


def test_what_any_version_had_comes_back() -> None:
    first = put_in(PLAN, question("gammel", text=NEW), after="goals")
    second = put_in(PLAN, question("nyere", text=NEW), after="goals")
    kept, notes = keep_published([first, second], PLAN)
    assert {"gammel", "nyere"} < {item.id for item in kept.walk()}
    assert len(notes) == 2
    assert keep_published([first, second], kept) == (kept, [])


def test_a_lock_that_a_file_lost_is_put_back() -> None:
    kept, notes = keep_published([PLAN], changed(PLAN, _set("goals", locked=False)))
    assert (kept, notes) == (PLAN, [])


def test_a_group_comes_back_only_with_something_in_it() -> None:
    def flat(items: dict[str, Any]) -> None:
        group = items["dialogue_meeting"]
        siblings = items[""]["items"]
        siblings[siblings.index(group) : siblings.index(group) + 1] = group["items"]

    kept, notes = keep_published([PLAN], changed(PLAN, flat))
    assert kept == changed(PLAN, flat)
    assert notes == []


def test_what_comes_back_stands_behind_what_is_still_there() -> None:
    group = {"id": "tom", "type": "group", "text": NEW, "items": [question("i_gruppa")]}
    old = put_in(put_in(PLAN, group, after="goals"), question("etter"), after="tom")
    new = put_in(PLAN, question("i_gruppa"), after="function_assessment")
    kept, _ = keep_published([old], new)
    order = [item.id for item in kept.walk()]
    assert order[order.index("goals") + 1] == "etter"
    assert "tom" not in order


def test_a_hidden_question_does_not_ask_for_what_no_longer_comes_before_it() -> None:
    old = changed(PLAN, lambda items: items["dialogue_conclusion"].update(visible_if=RULE, required={"if": RULE}))

    def turn(items: dict[str, Any]) -> None:
        inside = items["dialogue_meeting"]["items"]
        inside[:] = [items["dialogue_participants"], items["dialogue_date"]]

    kept, _ = keep_published([old], changed(old, turn))
    back = kept.find("dialogue_conclusion")
    assert back is not None
    assert back.hidden
    order = [item.id for item in kept.walk()]
    assert (back.visible_if is None) is (order.index("dialogue_date") > order.index("dialogue_conclusion"))
    assert faults(kept) == []


@modest
@given(st.data(), bases)
def test_nothing_published_is_lost(data: st.DataObject, base: QuestionSetDefinition) -> None:
    second = data.draw(edited_from(base))
    new = data.draw(edited_from(second, rough=True))
    kept, notes = keep_published([base, second], new)
    assert shape(kept.model_dump(mode="json")) == kept
    asked = {item.id for item in (*base.walk(), *second.walk()) if item.type != "group"}
    assert asked <= {item.id for item in kept.walk()}
    assert keep_published([base, second], kept) == (kept, [])
    assert {fault.property for fault in reused([base, second], kept)} <= {"type", "columns"}
    assert {change.level for change in compare(new, kept)} <= {"minor", "major"}
    assert bool(notes) <= (kept != new)


def _levels(found: list[Change]) -> set[str]:
    return {change.level for change in found}


def test_texts_alone_never_mean_more_than_a_patch() -> None:
    def reword(items: dict[str, Any]) -> None:
        for item in items.values():
            if item.get("text"):
                item["text"]["nb"] += " (ny)"

    assert _levels(compare(PLAN, changed(PLAN, reword))) == {"patch"}
