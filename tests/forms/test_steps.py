"""The municipality's steps: worded as it likes, stricter if it likes, never milder than the law."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.definition import BadDefinition
from forms.flat import edit
from forms.flat.compare import compare, keep_published, reused
from forms.flat.edit import EditRefused, marks, properties, read_posted
from forms.flat.overlay import derive, replay
from forms.flat.properties import fields
from forms.flat.upgrade import upgrade
from forms.library import load_steps, steps_keys
from forms.steps import (
    LEGAL,
    MAX_DAYS,
    STEP_CODES,
    Steps,
    faults_of_steps,
    locked_faults,
    parse_steps,
    shape_steps,
    step_days,
)
from services import deadlines
from services.deadlines import StepDays

LAW = load_steps("lovens-minimum")
DATA: dict[str, Any] = LAW.model_dump(mode="json", exclude_defaults=True)


def changed(step_id: str, **values: Any) -> Steps:
    """The law's steps with another value in one of them; None takes it away."""
    data = copy.deepcopy(DATA)
    for step in data["steps"]:
        if step["id"] == step_id:
            step.update(values)
            for name in [name for name, value in values.items() if value is None]:
                del step[name]
    return shape_steps(data)


def told(faults: Any) -> list[str]:
    return [f"{fault.item}: {fault.property}: {fault.why.say(str)}" for fault in faults]


def write(steps: Steps, step_id: str, **values: Any) -> Steps:
    paths = {path.replace("__", "."): value for path, value in values.items()}
    done = edit.set_properties(steps, step_id, paths, marks(steps.find(step_id) if step_id else steps))
    assert done.conflicts == ()
    made: Any = done.definition
    return made


# ---------------------------------------------------------------- the shipped list


@pytest.mark.parametrize("key", steps_keys())
def test_shipped_steps_are_without_faults_in_both_languages(key: str) -> None:
    steps = load_steps(key)
    assert (steps.key, steps.kind, faults_of_steps(steps)) == (key, "steps", [])
    for where, path, texts in steps.texts():
        assert texts["nb"].strip(), (where, path)
        assert texts["nn"].strip(), (where, path)
        assert not re.search(r"\b(ikke|hva|hvis|fra|jeg|syk\w*|uker?|noen|den ansatte|dere)\b", texts["nn"].casefold())


def test_lovens_minimum_is_what_the_product_counts_by_itself() -> None:
    assert StepDays(**step_days(LAW)) == StepDays() == deadlines.LAW
    limits = {step.code: step.at_most for step in LAW.steps if step.locked}
    assert limits == {"plan": deadlines.PLAN_DAYS, "dialogue_1": deadlines.DIALOGUE_1_DAYS,
                      "dialogue_2": deadlines.DIALOGUE_2_DAYS}  # fmt: skip
    assert tuple(LEGAL) == deadlines.LEGAL_STEPS


def test_lovens_minimum_has_a_name_and_guidance_for_every_step() -> None:
    assert {step.id: step.text["nb"] for step in LAW.steps} == {
        "contact": "Ta kontakt og hør hvordan det går", "plan": "Oppfølgingsplan ferdig og gitt til sykmelder",
        "sign": "Skriv ut planen og signer sammen", "evaluate": "Evaluer planen sammen", "dialogue_1": "Dialogmøte 1",
        "dialogue_2": "Dialogmøte 2 hos Nav",
    }  # fmt: skip
    assert [step.id for step in LAW.steps] == [step.code for step in LAW.steps] == list(STEP_CODES)
    assert all(step.help for step in LAW.steps)


# ---------------------------------------------------------------- what a municipality may and may not


@pytest.mark.parametrize("steps", [
    changed("plan", days=21), changed("plan", days=0), changed("plan", text={"nb": "Plan", "nn": "Plan"}),
    changed("plan", help=None), changed("dialogue_1", days=48), changed("contact", days=MAX_DAYS),
    changed("contact", hidden=True), changed("sign", hidden=True), changed("evaluate", hidden=True),
    changed("contact", hidden=True, text={}), changed("sign", days=60),
], ids=range(11))  # fmt: skip
def test_what_is_up_to_the_municipality(steps: Steps) -> None:
    assert faults_of_steps(steps) == []
    assert locked_faults(LAW, steps) == []
    assert parse_steps(steps.model_dump(mode="json")) == steps


@pytest.mark.parametrize(("steps", "fault"), [
    (changed("plan", days=29), "plan: days: kan ikke være flere enn 28, som er lovens frist; færre er lov"),
    (changed("dialogue_1", days=50), "dialogue_1: days: kan ikke være flere enn 49"),
    (changed("plan", days=None), "plan: days: mangler"),
    (changed("contact", days=None), "contact: days: mangler"),
    (changed("plan", days=-1), "plan: days: må være fra 0 til 730"),
    (changed("contact", days=MAX_DAYS + 1), "contact: days: må være fra 0 til 730"),
    (changed("contact", days=10**30), "contact: days: må være fra 0 til 730"),
    (changed("evaluate", days=5), "evaluate: days: kan ikke settes her; datoen avtales i planen"),
    (changed("dialogue_2", days=100), "dialogue_2: days: kan ikke settes her; Nav bestemmer datoen"),
    (changed("plan", hidden=True), "plan: hidden: må være nei, for loven krever dette steget"),
    (changed("dialogue_1", hidden=True), "dialogue_1: hidden: "),
    (changed("dialogue_2", hidden=True), "dialogue_2: hidden: "),
    (changed("plan", locked=None), "plan: locked: må være på, med lovens frist"),
    (changed("plan", at_most=None), "plan: locked: må være på, med lovens frist"),
    (changed("contact", code="sign"), "contact: code: er brukt i mer enn ett steg"),
    (changed("plan", code="contact"), ": steps: mangler oppfølgingsplan, som loven krever"),
    (changed("plan", text={"nb": "x"}), "plan: text: har ingen tekst på nynorsk"),
    (changed("plan", text={}), "plan: text: har ingen tekst på bokmål"),
    (changed("plan", help={"nb": "x"}), "plan: help: har ingen tekst på nynorsk"),
    (changed("contact", id="Plan"), "Plan: id: må ha små bokstaver"),
    (shape_steps({**DATA, "steps": []}), ": steps: mangler dialogmøte 1, som loven krever"),
    (shape_steps({**DATA, "steps": []}), ": steps: har ingenting som vises"),
    (shape_steps({**DATA, "languages": ["en"]}), ": languages: må ha med bokmål eller nynorsk"),
])  # fmt: skip
def test_what_is_refused_in_plain_words(steps: Steps, fault: str) -> None:
    found = told(faults_of_steps(steps))
    assert any(one.startswith(fault) for one in found), found
    with pytest.raises(BadDefinition):
        parse_steps(steps.model_dump(mode="json"))


@pytest.mark.parametrize(("steps", "fault"), [
    (changed("plan", at_most=60), "plan: at_most: følger av loven"),
    (changed("plan", locked=None), "plan: locked: følger av loven"),
    (changed("plan", law="Vår egen"), "plan: law: følger av loven"),
    (changed("contact", at_most=3), "contact: at_most: følger av loven"),
    (changed("plan", id="plan_2"), "plan: id: mangler; loven krever dette steget"),
    (changed("sign", code="evaluate"), "sign: code: følger av loven"),
])  # fmt: skip
def test_the_law_is_not_rewritten(steps: Steps, fault: str) -> None:
    assert any(one.startswith(fault) for one in told(locked_faults(LAW, steps)))


@pytest.mark.parametrize("data", [
    {**DATA, "steps": [*DATA["steps"], DATA["steps"][0]]}, {**DATA, "kind": "plan"}, {**DATA, "extra": 1},
    {**DATA, "steps": [{**DATA["steps"][0], "code": "dialogue_3"}]}, {**DATA, "steps": DATA["steps"][0]},
    {**DATA, "steps": [{**DATA["steps"][0], "days": "sju"}]}, {**DATA, "steps": [{"id": "x"}] * 5000}, "[]", "{",
], ids=range(9))  # fmt: skip
def test_bad_steps_are_refused(data: Any) -> None:
    with pytest.raises(BadDefinition) as caught:
        shape_steps(data)
    assert told(caught.value.faults)


def test_days_for_counting() -> None:
    steps = changed("contact", days=3)
    steps = write(write(steps, "plan", days=21), "dialogue_1", days=42)
    assert StepDays(**step_days(steps)) == StepDays(contact=3, plan=21, dialogue_1=42)
    hidden: Any = edit.hide(edit.hide(steps, "contact").definition, "evaluate").definition  # type: ignore[arg-type]
    rules = StepDays(**step_days(hidden))
    assert rules.unused == {"contact", "evaluate"}
    assert not rules.uses("contact")


@given(st.dictionaries(st.sampled_from(STEP_CODES), st.integers(-10, 900)), st.sets(st.sampled_from(STEP_CODES)))
@settings(max_examples=150, deadline=None)
def test_what_has_no_faults_is_never_milder_than_the_law(days: dict[str, int], hidden: set[str]) -> None:
    data = copy.deepcopy(DATA)
    for step in data["steps"]:
        step |= {"days": days[step["id"]]} if step["id"] in days else {}
        step |= {"hidden": True} if step["id"] in hidden else {}
    steps = shape_steps(data)
    if faults_of_steps(steps) == [] and locked_faults(LAW, steps) == []:
        rules = StepDays(**step_days(steps))
        assert rules.plan <= deadlines.PLAN_DAYS
        assert rules.dialogue_1 <= deadlines.DIALOGUE_1_DAYS
        assert not rules.unused & set(LEGAL)


# ---------------------------------------------------------------- editing, the same way as letters


def test_a_form_shows_days_only_where_the_municipality_sets_them() -> None:
    shown = {step.code: {field.path for field in fields(step, ["nb"])} for step in LAW.steps}
    assert {code for code, paths in shown.items() if "days" in paths} == {"contact", "plan", "sign", "dialogue_1"}
    assert {field.path for field in fields(LAW.steps[0], ["nb"]) if field.about.kind != "fixed"} == {
        "text.nb", "help.nb", "days",
    }  # fmt: skip
    assert {path.split(".")[0] for path in properties(LAW)} == {"languages", "title", "description", "source"}


@pytest.mark.parametrize(("typed", "days", "error"), [
    ("21", 21, False), (" 0 ", 0, False), ("", None, False), ("tre", None, True), ("2.5", None, True), ("731", None, True),
    ("-1", None, True), ("9" * 5000, None, True),
])  # fmt: skip
def test_days_as_typed(typed: str, days: int | None, error: bool) -> None:
    values, errors = read_posted(LAW.find("plan"), {"days": [typed], "at_most": ["99"], "locked": [""]})  # type: ignore[arg-type]
    assert (values, list(errors)) == ({}, ["days"]) if error else ({"days": days}, [])


@pytest.mark.parametrize("action", [
    lambda: edit.hide(LAW, "plan"), lambda: edit.hide(LAW, "dialogue_2"), lambda: edit.delete(LAW, "contact", {"contact"}),
    lambda: write(LAW, "plan", at_most=60), lambda: write(LAW, "plan", locked=False), lambda: write(LAW, "plan", code="sign"),
    lambda: write(LAW, "dialogue_2", days=100), lambda: write(LAW, "evaluate", days=100), lambda: write(LAW, "plan", law="x"),
    lambda: write(LAW, "plan", days=True), lambda: write(LAW, "plan", days="x"),
])  # fmt: skip
def test_what_an_edit_refuses(action: Callable[[], Any]) -> None:
    with pytest.raises(EditRefused) as caught:
        action()
    assert caught.value.note.say(str)


def test_steps_are_compared() -> None:
    new = write(write(LAW, "plan", days=21), "contact", days=10, text__nb="Ring")
    new = edit.hide(edit.move_to(new, "sign", "").definition, "evaluate").definition  # type: ignore[arg-type,assignment]
    assert [(c.item_id, c.level, c.what.say(str), c.before, c.after) for c in compare(LAW, new)] == [
        ("sign", "minor", "Flyttet", "", ""),
        ("contact", "patch", "Endret teksten på bokmål", "Ta kontakt og hør hvordan det går", "Ring"),
        ("contact", "minor", "Endret antall dager", "7", "10"),
        ("plan", "major", "Endret antall dager", "28", "21"),
        ("evaluate", "major", "Skjult", "", ""),
    ]
    assert reused([LAW], changed("sign", code="evaluate"))[0].item == "sign"
    without: Any = edit.delete(LAW, "contact", ()).definition
    kept, notes = keep_published([LAW], without)
    assert (kept.find("contact").hidden, len(notes)) == (True, 1)  # type: ignore[union-attr]


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_the_changes_done_again_give_the_same_steps(data: st.DataObject) -> None:
    edited: Any = LAW
    for _ in range(data.draw(st.integers(0, 6))):
        step = data.draw(st.sampled_from(edited.steps))
        action = data.draw(st.sampled_from(["days", "text", "hide", "show", "move", "language"]))
        try:
            match action:
                case "days" | "text":
                    value: Any = data.draw(st.integers(0, 60)) if action == "days" else data.draw(st.text(max_size=5))
                    path = action if action == "days" else "text.nb"
                    edited = edit.set_properties(edited, step.id, {path: value}, marks(step)).definition
                case "hide" | "show":
                    edited = getattr(edit, action)(edited, step.id).definition
                case "move":
                    edited = edit.move_to(edited, step.id, data.draw(st.sampled_from(["", *STEP_CODES]))).definition
                case _:
                    edited = edit.add_language(edited, data.draw(st.sampled_from(["en", "se"]))).definition
        except EditRefused:
            continue
    operations = derive(LAW, edited)
    assert replay(LAW, operations).definition == edited
    if not any(fault.property == "days" for fault in faults_of_steps(edited)):  # an upgrade mends what breaks the law
        assert upgrade(LAW, LAW, operations).definition == edited
    assert locked_faults(LAW, edited) == []


# ---------------------------------------------------------------- a new edition, as when the law changes


def stricter(**changes: dict[str, Any]) -> Steps:
    new = LAW
    for step_id, values in changes.items():
        data = new.model_dump(mode="json", exclude_defaults=True)
        data["steps"] = [step | (values if step["id"] == step_id else {}) for step in data["steps"]]
        new = shape_steps({**data, "version": 2})
    return new


@pytest.mark.parametrize(("own", "days", "choices"), [
    (25, 21, []),  # later than the law now allows: the law comes in
    (14, 14, ["plan.days"]),  # stricter than both: kept, but shown
])  # fmt: skip
def test_a_law_that_became_stricter_wins_over_what_is_milder(own: int, days: int, choices: list[str]) -> None:
    new_base = stricter(plan={"days": 21, "at_most": 21})
    report = upgrade(LAW, new_base, derive(LAW, write(LAW, "plan", days=own, text__nb="Vår plan")))
    plan: Any = report.definition.find("plan")
    assert (plan.days, plan.at_most, plan.text["nb"]) == (days, 21, "Vår plan")
    assert [choice.id for choice in report.choices] == choices
    assert faults_of_steps(report.definition) == locked_faults(new_base, report.definition) == []  # type: ignore[arg-type]
    assert ("Endret lovens frist", "28", "21") in [(c.what.say(str), c.before, c.after) for c in report.came_in]


def test_a_step_that_the_law_begins_to_demand_is_shown_again() -> None:
    edited: Any = edit.hide(write(LAW, "contact", days=30), "contact").definition
    new_base = stricter(contact={"locked": True, "at_most": 10, "law": "aml § 4-6"})
    report = upgrade(LAW, new_base, derive(LAW, edited))
    contact: Any = report.definition.find("contact")
    assert (contact.hidden, contact.days, report.clean) == (False, 7, True)
    assert locked_faults(new_base, report.definition) == []  # type: ignore[arg-type]
