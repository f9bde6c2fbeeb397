"""The builder of schedules over HTTP: what the law keeps, what a municipality may change, what is told of faults."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from models import Case, QuestionSetVersion, SetDraft
from services import milestones
from tests.admin.flat import Builder, steps, versions
from tests.admin.test_builder import controls
from tests.front import Browser, said, shown
from tests.world import World

__all__ = ["steps"]


# --- the law ----------------------------------------------------------------------------------------------------------


def test_a_milestone_shows_what_the_law_says_of_it(steps: Builder) -> None:
    fields = steps.open()
    assert (fields["plan/days"], fields["contact/days"], fields["sign/days"]) == ("4 uker", "7 dager", "7 dager")
    for name in (
        "evaluate/days",
        "dialogue_2/days",
        "dialogue_2/who",
        "plan/anchor",
        "plan/done_by",
        "activity/anchor",
    ):
        assert name not in fields
    page = said(steps.page)
    assert "Loven: senest 4 uker (28 dager). Kommunen kan sette kortere." in page
    assert "Låst: loven krever denne milepælen (aml § 4-6 tredje ledd)." in page
    assert "Datoen avtales i planen" in page
    assert "Nav kaller inn og bestemmer dagen, senest 182 dager fra første sykedag." in page
    assert "delete:" not in steps.page.text


def test_the_days_are_shown_as_dates(steps: Builder) -> None:
    told = steps.fetch("save", {"plan/days": "21", "contact/text.nb": "Ring den ansatte"})
    look = told["parts"]["look"]
    assert "Ring den ansatte" in look
    assert "etter 3 uker" in look
    assert "Kommunens frist. Loven: " in look
    assert "Ring den ansatte" not in steps.fetch("hide:contact")["parts"]["look"]
    told = steps.fetch("save", {"plan/days": ""})
    assert "Fristen mangler" in told["parts"]["x-r-plan/days"]


@pytest.mark.parametrize(("name", "typed", "why"), [
    ("plan/days", "29", "kan ikke være lenger enn 28 dager, som er lovens frist"), ("plan/days", "5 uker", "lovens frist"),
    ("dialogue_1/days", "50 dager", "kan ikke være lenger enn 49"), ("activity/days", "9 uker", "lenger enn 56"),
    ("plan/days", "", "mangler"), ("contact/days", "-1", "må være fra 0 til 730"), ("contact/days", "999", "til 730"),
    ("contact/anchor", "gone", "milepæl som ikke finnes"), ("contact/anchor", "sign", "én gang for hver plan"),
    ("dialogue_1/letters", "", ""),
])  # fmt: skip
def test_what_keeps_a_schedule_from_being_published_stands_at_the_field(
    steps: Builder, name: str, typed: str, why: str
) -> None:
    told = steps.fetch("save", {name: typed})
    if not why:  # that is up to the municipality
        assert "Ingen feil" in told["parts"]["builder-bar"]
        return
    assert why in told["parts"][f"x-r-{name}"]
    assert "1 feil" in told["parts"]["builder-bar"]
    assert (steps.publish().status_code, versions(steps.row)) == (422, 1)


def test_a_cycle_is_told_at_every_milestone_in_it(steps: Builder) -> None:
    told = steps.fetch("save", {"contact/anchor": "nav_need", "nav_need/anchor": "nav_39_weeks"})
    assert "Ingen feil" in told["parts"]["builder-bar"]
    told = steps.fetch("save", {"nav_39_weeks/anchor": "contact"})
    for code in ("contact", "nav_need", "nav_39_weeks"):
        assert "går i ring" in told["parts"][f"x-r-{code}/anchor"]
    answer = steps.publish()
    assert (answer.status_code, versions(steps.row)) == (422, 1)
    assert "går i ring: «Nav varsler at sykepengene tar slutt» telles også fra denne" in said(answer)


def test_two_same_codes_are_refused_with_a_message(steps: Builder) -> None:
    steps.press("copy:contact")
    assert steps.draft.find("milepael_1").code == "milepael_1"
    draft = SetDraft.get(SetDraft.question_set == steps.row)
    draft.definition = draft.definition.replace('"code":"milepael_1"', '"code":"contact"')
    draft.save()
    assert "er brukt i mer enn én milepæl" in said(steps.browser.get(steps.url))
    assert (steps.publish().status_code, versions(steps.row)) == (422, 1)


@pytest.mark.parametrize("days", ["fire", "1.5", "9999999", "2८", "2 måneder", "-"])
def test_days_that_are_no_length_stay_on_the_page(steps: Builder, days: str) -> None:
    answer = steps.press("save", {"plan/days": days, "contact/text.nb": "Ring"})
    assert answer.status_code == 422
    assert "Skriv et antall dager eller uker" in said(answer)
    assert controls(answer)["plan/days"] == days
    assert (steps.draft.find("plan").days, steps.text("contact")) == (28, "Ring")


@pytest.mark.parametrize("verb", ["hide:plan", "hide:dialogue_1", "hide:dialogue_2", "delete:plan", "delete:contact"])
def test_a_milestone_of_the_law_cannot_be_turned_off_nor_a_published_one_deleted(steps: Builder, verb: str) -> None:
    answer = steps.press(verb)
    assert answer.status_code == 422
    assert "Loven krever" in said(answer) or "kan bare slås av" in said(answer)
    assert steps.opened.revision == 0


@pytest.mark.parametrize("verb", [
    "add:paragraph:", "add:step:void", "add", "copy:void", "part:plan:items:add", "up:contact", "down:sick_pay_end",
])  # fmt: skip
def test_a_forged_button_changes_nothing(steps: Builder, verb: str) -> None:
    assert steps.press(verb).status_code == 422
    assert steps.opened.revision == 0


# --- what a municipality may change -----------------------------------------------------------------------------------


def test_every_property_of_an_own_milestone(steps: Builder) -> None:
    steps.press("add:step:contact")
    assert steps.ids[:2] == ["contact", "milepael_1"]
    fields = steps.open()
    assert fields["milepael_1/days"] == "2 uker"
    page = said(steps.page)
    for word in ("Navn på milepælen", "Telles fra", "Hvem gjør det", "Gjort når", "Ikke spør om", "Skjema som hører til",
                 "Bedriftshelsetjenesten", "Innkalling til dialogmøte", "«Ta kontakt og hør hvordan det går»"):  # fmt: skip
        assert word in page
    typed = {
        "text.nb": "Møte med HR", "text.nn": "Møte med HR", "days": "1 uke før", "anchor": "dialogue_1", "who": "hr",
        "done_by": "letter", "letters": "brev-8-uker\ninfo-1", "recipients": "hr\nnav", "form": "notteroy-samtykke",
        "applies": "sick_leave", "only_if": "full_sick", "help.nb": "Si hei", "help.nn": "Sei hei",
        "avoid.nb": "Diagnose", "avoid.nn": "Diagnose", "when.nb": "7. uke", "when.nn": "7. veke",
    }  # fmt: skip
    steps.press("save", {f"milepael_1/{name}": value for name, value in typed.items()})
    made = steps.draft.find("milepael_1")
    assert (made.days, made.anchor, made.who, made.done_by, made.form) == (
        -7, "dialogue_1", "hr", "letter", "notteroy-samtykke"
    )  # fmt: skip
    assert (set(made.letters), set(made.recipients)) == ({"brev-8-uker", "info-1"}, {"hr", "nav"})
    assert (made.applies, made.only_if, made.avoid["nb"], made.when["nn"]) == (
        "sick_leave", "full_sick", "Diagnose", "7. veke"
    )  # fmt: skip
    assert steps.opened.faults() == []
    assert controls(steps.browser.get(steps.url))["milepael_1/days"] == "7 dager før"
    steps.press("save", {"milepael_1/letters": ""})
    assert "Brevene mangler; velg brevet som skal sendes" in said(steps.browser.get(steps.url))
    steps.press("delete:milepael_1")
    assert "milepael_1" not in steps.ids


def test_what_counts_as_done_brings_its_own_fields(steps: Builder) -> None:
    told = steps.fetch("save", {"nav_need/done_by": "meeting"})
    assert "nav_need/meeting" in told["parts"]["flat-cards"]
    assert "Dialogmøtet mangler" in told["parts"]["flat-cards"]
    steps.press("save", {"nav_need/meeting": "3"})
    assert (steps.draft.find("nav_need").meeting, steps.opened.faults()) == (3, [])
    steps.press("save", {"nav_need/done_by": "signature"})
    assert (steps.draft.find("nav_need").anchor, steps.opened.faults()) == ("plan_day", [])
    steps.press("save", {"nav_need/done_by": "evaluation"})
    assert (steps.draft.find("nav_need").days, steps.opened.faults()) == (None, [])
    steps.press("save", {"nav_need/done_by": "tick"})
    assert (steps.draft.find("nav_need").days, steps.draft.find("nav_need").anchor) == (14, "first_day")


def test_milestones_are_copied_and_moved(steps: Builder) -> None:
    steps.press("copy:plan")
    copy = steps.draft.find("milepael_1")
    assert (copy.done_by, copy.locked, copy.legal, copy.at_most, copy.law) == ("plan", False, False, None, "")
    steps.press("up:plan")
    assert steps.ids[:3] == ["plan", "contact", "milepael_1"]
    assert steps.opened.faults() == []
    steps.press("undo")
    steps.press("undo")
    assert steps.draft == steps.opened.live


def test_a_milestone_that_others_count_from_is_missed(steps: Builder) -> None:
    steps.press("add:step:")
    steps.press("save", {"nav_need/anchor": "milepael_1"})
    told = steps.fetch("hide:milepael_1")
    assert "er «Ny milepæl», som er av" in told["parts"]["flat-cards"]
    told = steps.fetch("delete:milepael_1")
    assert "milepæl som ikke finnes" in told["parts"]["flat-cards"]


def test_tick_boxes_that_two_change_are_a_conflict_in_words(app: Flask, steps: Builder, library: World) -> None:
    seen = steps.open()
    other = Builder(app.test_client(), "anne", steps.row)
    other.press("save", {"contact/recipients": "hr"})
    told = steps.fetch("save", {"contact/recipients": "nav\narchive"}, seen)
    assert (told["conflicts"], told["held"]) == (["contact/recipients"], True)
    assert 'data-value="hr"' in told["parts"]["flat-cards"]
    assert steps.draft.find("contact").recipients == ("hr",)


def test_a_forged_choice_is_refused(steps: Builder) -> None:
    for name, value in (
        ("contact/recipients", "boss"), ("contact/who", "boss"), ("contact/letters", "../x"), ("contact/anchor", ""),
        ("contact/form", "<b>"), ("contact/applies", "x"),
    ):  # fmt: skip
        assert steps.fetch("save", {name: value})["errors"].keys() == {name}
    assert steps.opened.revision == 0


def test_a_stricter_deadline_counts_at_once_in_open_cases(app: Flask, steps: Builder, library: World) -> None:
    for case in (library.per_case, library.lise_case, library.bjarte_case):
        milestones.refresh(case)
    Case.update(status="closed").where(Case.id == library.lise_case.id).execute()
    first = library.per_case.first_day
    before = Case.get_by_id(library.lise_case.id).next_due
    steps.press("save", {"plan/days": "14"})
    steps.press("hide:contact")
    assert steps.publish("Strengere").status_code == 303
    library.refresh()
    assert (library.per_case.next_step, library.per_case.next_due) == ("plan", first + dt.timedelta(days=14))
    assert library.lise_case.next_due == before  # closed
    assert library.bjarte_case.next_step == "contact"  # another municipality's


def test_the_municipalitys_words_are_what_leaders_read(app: Flask, steps: Builder, library: World) -> None:
    milestones.refresh(library.per_case)
    words = {
        "contact/text.nb": "Ring den ansatte", "contact/text.nn": "Ring den tilsette",
        "dialogue_1/text.nb": "Møte med lege", "dialogue_1/text.nn": "Møte med lege",
    }  # fmt: skip
    steps.press("save", words)
    kari = Browser(app.test_client(), "kari")
    assert "Ring den ansatte" not in kari.get(f"/admin/saker/details/?id={library.per_case.id}").text
    assert steps.publish("Egne ord").status_code == 303
    page = shown(kari.get(f"/admin/saker/details/?id={library.per_case.id}"))
    assert "Ring den ansatte" in page
    assert "Møte med lege" in page
    kari.post("/sprak", {"language": "nn", "next": "/admin/"})
    assert "Ring den tilsette" in shown(kari.get(f"/admin/saker/details/?id={library.per_case.id}"))


def test_changes_take_effect_at_once_so_no_day_is_asked_for(steps: Builder) -> None:
    steps.press("hide:contact")
    page = steps.browser.get(f"/admin/skjema/publiser/?id={steps.row.id}")
    assert 'name="starts_on"' not in page.text
    assert "Endringene gjelder med en gang." in said(page)
    assert steps.publish().status_code == 303
    assert QuestionSetVersion.get(
        QuestionSetVersion.question_set == steps.row, QuestionSetVersion.number == 2
    ).starts_on is None  # fmt: skip
