"""The municipality's steps: worded as it likes, stricter if it likes, never milder than the law."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.definition import BadDefinition
from forms.flat import edit, step_edit
from forms.flat.compare import compare, keep_published, reused
from forms.flat.edit import EditRefused, marks, properties, read_posted
from forms.flat.overlay import derive, replay
from forms.flat.properties import fields
from forms.flat.upgrade import upgrade
from forms.library import load_steps, steps_keys
from forms.steps import (
    ANCHORS,
    DONE_BY,
    LEGAL,
    MAX_DAYS,
    MAX_STEPS,
    Steps,
    faults_of_steps,
    locked_faults,
    parse_steps,
    shape_steps,
)
from services import law
from services.steps import rules_of

LAW = load_steps("lovens-minimum")
CODES = [step.code for step in LAW.steps]
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
        if not texts:  # no guidance, or no time on paper
            assert path in ("when", "help", "avoid"), (where, path)
            continue
        assert texts["nb"].strip(), (where, path)
        assert texts["nn"].strip(), (where, path)
        assert not re.search(r"\b(ikke|hva|hvis|fra|jeg|syk\w*|uker?|noen|den ansatte|dere)\b", texts["nn"].casefold())


def test_the_limits_are_those_of_the_law_in_every_shipped_schedule() -> None:
    today = dt.date(2026, 1, 5)
    for key in steps_keys():
        steps = load_steps(key)
        limits = {step.code: step.at_most for step in steps.steps if step.legal}
        assert limits == {code: law.limit(code, today) for code in ("plan", "dialogue_1", "activity", "dialogue_2")}
        assert {step.code for step in steps.steps if step.locked} == set(LEGAL)
        assert [step.id for step in steps.steps] == [step.code for step in steps.steps]
        assert all(step.help for step in steps.steps)


def test_talks_tell_what_not_to_ask() -> None:
    for key in steps_keys():
        for step in load_steps(key).steps:
            if step.done_by in ("contact", "meeting") and not step.hidden:
                assert "iagnose" in step.avoid["nb"], (key, step.code)
                assert "iagnose" in step.avoid["nn"], (key, step.code)


def test_what_was_stored_before_schedules_is_read_with_what_its_codes_meant() -> None:
    old = {"plan": {"days": 21, "at_most": 28, "locked": True}, "contact": {"days": 3, "hidden": True},
           "sign": {"days": 7}, "evaluate": {}, "dialogue_1": {"days": 49, "at_most": 49, "locked": True},
           "dialogue_2": {"at_most": 182, "locked": True}}  # fmt: skip
    steps = shape_steps({**DATA, "steps": [
        {"id": code, "code": code, "text": {"nb": "x", "nn": "x"}, **more} for code, more in old.items()
    ]})  # fmt: skip
    assert faults_of_steps(steps) == []
    law_rules, rules = ({rule.code: rule for rule in rules_of(one)} for one in (LAW, steps))
    for code in ("sign", "evaluate", "dialogue_1", "dialogue_2"):
        assert replace(rules[code], letters=()) == replace(law_rules[code], letters=())
    assert (rules["plan"].days, rules["plan"].done_by, "contact" in rules) == (21, "plan", False)


# ---------------------------------------------------------------- what a municipality may and may not


@pytest.mark.parametrize("steps", [
    changed("plan", days=21), changed("plan", days=0), changed("plan", text={"nb": "Plan", "nn": "Plan"}),
    changed("plan", help=None), changed("dialogue_1", days=48), changed("contact", days=MAX_DAYS),
    changed("contact", hidden=True), changed("sign", hidden=True), changed("evaluate", hidden=True),
    changed("contact", hidden=True, text={}), changed("sign", days=60), changed("activity", hidden=True),
    changed("activity", days=30), changed("contact", anchor="plan", days=-MAX_DAYS),
    changed("contact", anchor="sick_pay_end", days=-60), changed("plan", letters=["info-1"], form="nav-2025", who="hr"),
    changed("nav_need", done_by="meeting", meeting=3), changed("nav_need", done_by="letter", letters=["eget-brev"]),
    changed("nav_need", recipients=["archive", "occupational_health"]),
], ids=range(19))  # fmt: skip
def test_what_is_up_to_the_municipality(steps: Steps) -> None:
    assert faults_of_steps(steps) == []
    assert locked_faults(LAW, steps) == []
    assert parse_steps(steps.model_dump(mode="json")) == steps


@pytest.mark.parametrize(("steps", "fault"), [
    (changed("plan", days=29), "plan: days: kan ikke være lenger enn 28 dager, som er lovens frist; kortere er lov"),
    (changed("dialogue_1", days=50), "dialogue_1: days: kan ikke være lenger enn 49"),
    (changed("activity", days=57), "activity: days: kan ikke være lenger enn 56"),
    (changed("plan", days=None), "plan: days: mangler"),
    (changed("contact", days=None), "contact: days: mangler"),
    (changed("plan", days=-1), "plan: days: må være fra 0 til 730"),
    (changed("contact", days=MAX_DAYS + 1), "contact: days: må være fra 0 til 730"),
    (changed("contact", days=10**30), "contact: days: må være fra 0 til 730"),
    (changed("plan_for_nav", days=-MAX_DAYS - 1), "plan_for_nav: days: må være fra -730 til 730"),
    (changed("evaluate", days=5), "evaluate: days: kan ikke settes her; datoen avtales i planen"),
    (changed("dialogue_2", days=100), "dialogue_2: days: kan ikke settes her; Nav bestemmer datoen"),
    (changed("contact", anchor="gone"), "contact: anchor: er en milepæl som ikke finnes"),
    (changed("contact", anchor="contact"), "contact: anchor: går i ring: «Ta kontakt og hør hvordan det går» telles"),
    (changed("contact", anchor="sign"), "contact: anchor: kan ikke være «Skriv ut planen og signer sammen», som kommer"),
    (changed("contact", anchor="agreed_day"), "contact: anchor: kan ikke være dagen planen avtaler"),
    (changed("sign", anchor="first_day"), "sign: anchor: må være dagen planen ble ferdig"),
    (changed("evaluate", anchor="plan_day"), "evaluate: anchor: må være dagen planen avtaler"),
    (changed("dialogue_1", meeting=None), "dialogue_1: meeting: mangler; velg hvilket møte"),
    (changed("contact", done_by="letter"), "contact: letters: mangler; velg brevet som skal sendes"),
    (changed("contact", letters=["a1", "a1"]), "contact: letters: har det samme to ganger"),
    (changed("contact", recipients=["hr", "hr"]), "contact: recipients: har det samme to ganger"),
    (changed("contact", letters=["Brev 1"]), "contact: letters: må ha små bokstaver"),
    (changed("contact", form="../x"), "contact: form: må ha små bokstaver"),
    (changed("contact", valid_from="2026-01-02", valid_to="2026-01-01"), "contact: valid_to: er før den første dagen"),
    (changed("plan", hidden=True), "plan: hidden: må være nei, for loven krever denne milepælen"),
    (changed("dialogue_1", hidden=True), "dialogue_1: hidden: "),
    (changed("dialogue_2", hidden=True), "dialogue_2: hidden: "),
    (changed("plan", locked=None), "plan: locked: må være på, med lovens frist"),
    (changed("plan", at_most=None), "plan: locked: må være på, med lovens frist"),
    (changed("plan", legal=None), "plan: locked: må være på, med lovens frist"),
    (changed("contact", code="sign"), "contact: code: er brukt i mer enn én milepæl"),
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
    (changed("plan", id="plan_2"), "plan: id: mangler; loven krever denne milepælen"),
    (changed("sign", code="evaluate"), "sign: code: følger av loven"),
    (changed("plan", anchor="plan_day"), "plan: anchor: følger av loven"),
    (changed("plan", applies="preventive"), "plan: applies: følger av loven"),
    (changed("dialogue_1", only_if="occupational_health"), "dialogue_1: only_if: følger av loven"),
    (changed("dialogue_1", done_by="tick"), "dialogue_1: done_by: følger av loven"),
    (changed("dialogue_1", meeting=2), "dialogue_1: meeting: følger av loven"),
    (changed("dialogue_2", who="leader"), "dialogue_2: who: følger av loven"),
    (changed("plan", valid_to="2020-01-01"), "plan: valid_to: følger av loven"),
    (changed("activity", anchor="first_day"), "activity: anchor: følger av loven"),
    (changed("activity", legal=None), "activity: legal: følger av loven"),
    (shape_steps({**DATA, "steps": [*DATA["steps"], {"id": "own", "code": "own", "text": {}, "legal": True}]}),
     "own: legal: kan ikke settes på kommunens egne milepæler"),
])  # fmt: skip
def test_the_law_is_not_rewritten(steps: Steps, fault: str) -> None:
    assert any(one.startswith(fault) for one in told(locked_faults(LAW, steps)))


@pytest.mark.parametrize("data", [
    {**DATA, "steps": [*DATA["steps"], DATA["steps"][0]]}, {**DATA, "kind": "plan"}, {**DATA, "extra": 1},
    {**DATA, "steps": [{**DATA["steps"][0], "code": "Dialogmøte 3"}]}, {**DATA, "steps": DATA["steps"][0]},
    {**DATA, "steps": [{**DATA["steps"][0], "days": "sju"}]}, {**DATA, "steps": [1, 2]}, {**DATA, "steps": {}},
    {**DATA, "steps": [{**DATA["steps"][0], "meeting": 4}]}, {**DATA, "steps": [{**DATA["steps"][0], "who": "boss"}]},
    {**DATA, "steps": [{**DATA["steps"][0], "letters": ["a"] * 11}]},
    {**DATA, "steps": [{**DATA["steps"][0], "recipients": ["all"]}]}, {**DATA, "steps": [{"id": "x"}] * 5000}, "[]", "{",
], ids=range(15))  # fmt: skip
def test_bad_steps_are_refused(data: Any) -> None:
    with pytest.raises(BadDefinition) as caught:
        shape_steps(data)
    assert told(caught.value.faults)


def test_what_is_on_is_counted() -> None:
    steps = write(write(changed("contact", days=3), "plan", days=21), "dialogue_1", days=42)
    assert {rule.code: rule.days for rule in rules_of(steps)}["dialogue_1"] == 42
    hidden: Any = edit.hide(edit.hide(steps, "contact").definition, "evaluate").definition  # type: ignore[arg-type]
    assert {step.code for step in steps.steps} - {rule.code for rule in rules_of(hidden)} == {"contact", "evaluate"}


def test_a_long_ring_is_told_at_each_and_what_leads_into_it_is_not() -> None:
    data = copy.deepcopy(DATA)
    names = [f"m{number}" for number in range(60)]
    for name, after in zip(names, [*names[1:], "m10"], strict=True):  # m0 … m9 lead into the ring of the others
        data["steps"].append({"id": name, "code": name, "text": {"nb": "x", "nn": "x"}, "days": 1, "anchor": after})
    found = {fault.item for fault in faults_of_steps(shape_steps(data)) if "ring" in fault.why.say(str)}
    assert found == set(names[10:])


def test_what_is_off_cannot_be_counted_from() -> None:
    steps: Any = edit.hide(write(LAW, "nav_39_weeks", anchor="nav_need"), "nav_need").definition
    assert told(faults_of_steps(steps)) == [
        "nav_39_weeks: anchor: er «Nav spør om det trengs et dialogmøte», som er av; slå den på, eller velg noe annet å "
        "telle fra"
    ]
    assert faults_of_steps(edit.hide(steps, "nav_39_weeks").definition) == []  # type: ignore[arg-type]


def test_a_schedule_has_an_end() -> None:
    data = copy.deepcopy(DATA)
    for number in range(MAX_STEPS):
        data["steps"].append({"id": f"m{number}", "code": f"m{number}", "text": {"nb": "x", "nn": "x"}, "days": 1})
    steps = shape_steps(data)
    assert ": steps: har for mange deler; høyst 100 er tillatt" in told(faults_of_steps(steps))
    with pytest.raises(EditRefused):
        step_edit.add_step(steps)


@given(st.dictionaries(st.sampled_from(CODES), st.integers(-10, 900)), st.sets(st.sampled_from(CODES)),
       st.dictionaries(st.sampled_from(CODES), st.sampled_from([*ANCHORS, *CODES])))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_what_has_no_faults_is_never_milder_than_the_law(
    days: dict[str, int], hidden: set[str], anchors: dict[str, str]
) -> None:
    data = copy.deepcopy(DATA)
    for step in data["steps"]:
        step |= {"days": days[step["id"]]} if step["id"] in days else {}
        step |= {"anchor": anchors[step["id"]]} if step["id"] in anchors else {}
        step |= {"hidden": True} if step["id"] in hidden else {}
    steps = shape_steps(data)
    if faults_of_steps(steps) == [] and locked_faults(LAW, steps) == []:
        rules = {rule.code: rule for rule in rules_of(steps)}
        assert set(LEGAL) <= set(rules)
        for code in rules.keys() & {"plan", "dialogue_1", "activity", "dialogue_2"}:
            row = law.row_of(code, dt.date(2026, 1, 5))
            assert row
            assert (rules[code].days or 0) <= row.days
            assert rules[code].anchor == row.anchor


# ---------------------------------------------------------------- editing, the same way as letters


def test_a_form_shows_what_the_municipality_decides() -> None:
    shown = {
        step.code: {field.path for field in fields(step, ["nb"]) if field.about.kind != "fixed"} for step in LAW.steps
    }
    assert {code for code, paths in shown.items() if "days" not in paths} == {"evaluate", "dialogue_2"}
    assert {code for code, paths in shown.items() if "anchor" not in paths} == {"sign", "evaluate", "activity", *LEGAL}
    assert {code for code, paths in shown.items() if "done_by" not in paths} == set(LEGAL)
    assert shown["contact"] == {
        "text.nb", "when.nb", "help.nb", "avoid.nb", "days", "anchor", "who", "done_by", "letters", "form",
        "recipients", "applies", "only_if",
    }  # fmt: skip
    assert {path.split(".")[0] for path in properties(LAW)} == {"languages", "title", "description", "source"}


@pytest.mark.parametrize(("typed", "days", "error"), [
    ("21", 21, False), (" 0 ", 0, False), ("", None, False), ("tre", None, True), ("2.5", None, True), ("731", 731, False),
    ("3 uker", 21, False), ("-1", -1, False), ("9" * 5000, None, True), ("4 uker", 28, False),
])  # fmt: skip
def test_days_as_typed(typed: str, days: int | None, error: bool) -> None:
    values, errors = read_posted(LAW.find("plan"), {"days": [typed], "at_most": ["99"], "locked": [""]})  # type: ignore[arg-type]
    assert (values, list(errors)) == ({}, ["days"]) if error else ({"days": days}, [])


def test_ticks_come_as_one_value_or_many_and_keep_their_order() -> None:
    plan: Any = LAW.find("plan")
    for given_ in (["", "certifier", "employee"], ["certifier\nemployee"], ["employee\ncertifier"]):
        values, errors = read_posted(plan, {"recipients": given_})
        assert (set(values["recipients"]), errors) == ({"certifier", "employee"}, {})
        assert edit.set_properties(LAW, "plan", values, marks(plan)).definition == LAW
    assert read_posted(plan, {"recipients": [""]})[0] == {"recipients": []}
    assert list(read_posted(plan, {"recipients": ["boss"]})[1]) == ["recipients"]


@pytest.mark.parametrize("action", [
    lambda: edit.hide(LAW, "plan"), lambda: edit.hide(LAW, "dialogue_2"), lambda: edit.delete(LAW, "contact", {"contact"}),
    lambda: write(LAW, "plan", at_most=60), lambda: write(LAW, "plan", locked=False), lambda: write(LAW, "plan", code="sign"),
    lambda: write(LAW, "dialogue_2", days=100), lambda: write(LAW, "evaluate", days=100), lambda: write(LAW, "plan", law="x"),
    lambda: write(LAW, "plan", days=True), lambda: write(LAW, "plan", days="x"), lambda: write(LAW, "plan", anchor="contact"),
    lambda: write(LAW, "plan", done_by="tick"), lambda: write(LAW, "contact", letters="info-1"),
    lambda: write(LAW, "contact", letters=["../x"]), lambda: write(LAW, "contact", anchor=None),
    lambda: write(LAW, "contact", anchor=1), lambda: write(LAW, "contact", recipients=[1]),
    lambda: step_edit.add_step(LAW, "gone"), lambda: step_edit.duplicate(LAW, "gone"), lambda: step_edit.duplicate(LAW, ""),
])  # fmt: skip
def test_what_an_edit_refuses(action: Callable[[], Any]) -> None:
    with pytest.raises(EditRefused) as caught:
        action()
    assert caught.value.note.say(str)


def test_steps_are_compared() -> None:
    new = write(write(LAW, "plan", days=21), "contact", days=10, text__nb="Ring")
    new = edit.hide(edit.move_to(new, "sign", "").definition, "evaluate").definition  # type: ignore[arg-type,assignment]
    new = write(write(new, "nav_need", anchor="plan", done_by="letter", letters=["info-1"]), "plan", who="hr")
    assert [(c.item_id, c.level, c.what.say(str), c.before, c.after) for c in compare(LAW, new)] == [
        ("sign", "minor", "Flyttet", "", ""),
        ("contact", "patch", "Endret teksten på bokmål", "Ta kontakt og hør hvordan det går", "Ring"),
        ("contact", "minor", "Endret fristen", "7 dager", "10 dager"),
        ("plan", "major", "Endret fristen", "4 uker", "3 uker"),
        ("plan", "minor", "Endret hvem som gjør det", "", "HR"),
        ("evaluate", "major", "Skjult", "", ""),
        ("nav_need", "major", "Endret det fristen telles fra", "", "Oppfølgingsplan ferdig og gitt til sykmelder"),
        ("nav_need", "major", "Endret det som teller som gjort", "", "Brevet er sendt"),
        ("nav_need", "minor", "Endret brevene", "", "INFORMASJON TIL DEN SYKMELDTE – NR. 1"),
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
        action = data.draw(
            st.sampled_from(["days", "text", "hide", "show", "move", "language", "add", "copy", "done_by"])
        )
        try:
            match action:
                case "days" | "text":
                    value: Any = data.draw(st.integers(0, 60)) if action == "days" else data.draw(st.text(max_size=5))
                    path = action if action == "days" else "text.nb"
                    edited = edit.set_properties(edited, step.id, {path: value}, marks(step)).definition
                case "hide" | "show":
                    edited = getattr(edit, action)(edited, step.id).definition
                case "add" | "copy":
                    made = step_edit.add_step if action == "add" else step_edit.duplicate
                    edited = made(edited, step.id).definition
                case "done_by":
                    value = data.draw(st.sampled_from(DONE_BY))
                    edited = edit.set_properties(edited, step.id, {"done_by": value}, marks(step)).definition
                case "move":
                    edited = edit.move_to(edited, step.id, data.draw(st.sampled_from(["", *CODES]))).definition
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
    assert ("Endret lovens frist", "4 uker", "3 uker") in [(c.what.say(str), c.before, c.after) for c in report.came_in]


def test_a_step_that_the_law_begins_to_demand_is_shown_again() -> None:
    edited: Any = edit.hide(write(LAW, "contact", days=30), "contact").definition
    new_base = stricter(contact={"locked": True, "at_most": 10, "law": "aml § 4-6"})
    report = upgrade(LAW, new_base, derive(LAW, edited))
    contact: Any = report.definition.find("contact")
    assert (contact.hidden, contact.days, report.clean) == (False, 7, True)
    assert locked_faults(new_base, report.definition) == []  # type: ignore[arg-type]
