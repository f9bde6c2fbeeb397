"""Schedules over HTTP: which there are, which one is in use, and how their milestones are changed and published."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from forms.library import steps_keys
from models import AuditEvent, FollowUpSettings, Milestone, QuestionSet, QuestionSetVersion
from services import access, milestones, operators, own_sets, schedules
from services import steps as services_steps
from services.errors import Invalid, NotVisible
from services.settings import settings_of
from tests.admin.flat import Builder, steps
from tests.front import Browser, plan_set, said, traced
from tests.world import World

__all__ = ["steps"]
PATH = "/admin/lop/"


@pytest.fixture
def anne(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "anne")


def actor(world: World) -> access.Actor:
    found = access.load_actor(world.anne.id)
    assert found
    return found


def own(library: World, title: str = "Vårt løp", base: str = "") -> QuestionSet:
    return own_sets.create_set(actor(library), "steps", title, base)


# --- which there are, and which one is in use -------------------------------------------------------------------------


def test_the_list_shows_every_shipped_schedule_and_marks_the_one_in_use(anne: Browser, library: World) -> None:
    page = said(anne.get(PATH))
    for title in ("Lovens minimum 2026 i bruk", "Nordre Land", "Nøtterøy", "Bruk dette løpet", "Nytt løp"):
        assert title in page
    assert page.count("Bruk dette løpet") == 2
    assert page.index("Lovens minimum") < page.index("Nordre Land") < page.index("Nøtterøy")


def test_an_older_municipality_is_given_the_schedules_it_lacks(world: World) -> None:
    assert QuestionSet.select().count() == 0
    added = dict(operators.complete_libraries())
    assert set(steps_keys()) <= set(added[world.storvik.slug])
    kinds = QuestionSet.select().where(QuestionSet.municipality == world.storvik, QuestionSet.kind == "steps")
    assert {row.key for row in kinds} == {"lovens-minimum", "nordre-land", "notteroy"}
    assert operators.complete_libraries() == []


def test_a_schedule_is_taken_into_use_and_open_cases_are_counted_anew(
    app: Flask, anne: Browser, library: World
) -> None:
    for case in (library.per_case, library.bjarte_case):
        milestones.refresh(case)
    first = library.per_case.first_day
    row = plan_set(library.storvik, "notteroy")
    answer = anne.post(f"{PATH}use/", {"id": row.id})
    assert answer.location == PATH
    assert "«Nøtterøy» er i bruk." in said(anne.get(PATH))
    assert "Nøtterøy i bruk" in said(anne.get(PATH))
    due = {m.code: m.due for m in Milestone.select().where(Milestone.case == library.per_case)}
    assert due["week_38"] == first + dt.timedelta(days=265)
    assert due["plan"] == first + dt.timedelta(days=28)
    assert not Milestone.select().where(Milestone.case == library.bjarte_case, Milestone.code == "week_38").exists()
    event = AuditEvent.get(AuditEvent.tag == "settings:changed")
    assert (event.fields, event.municipality_id) == ("schedule", library.storvik.id)
    page = said(Browser(app.test_client(), "kari").get(f"/admin/saker/details/?id={library.per_case.id}"))
    assert "Samtykkeerklæring er skrevet" in page


def test_choosing_again_changes_nothing_and_choosing_back_keeps_what_was_done(anne: Browser, library: World) -> None:
    milestones.refresh(library.per_case)
    done = Milestone.get(Milestone.case == library.per_case, Milestone.code == "contact")
    Milestone.update(state="done", done_on=library.per_case.first_day, by_hand=True).where(
        Milestone.id == done.id
    ).execute()
    for key in ("notteroy", "notteroy", "lovens-minimum"):
        anne.post(f"{PATH}use/", {"id": plan_set(library.storvik, key).id})
    assert AuditEvent.select().where(AuditEvent.tag == "settings:changed").count() == 2
    assert Milestone.get_by_id(done.id).state == "done"
    codes = {m.code: m.state for m in Milestone.select().where(Milestone.case == library.per_case)}
    assert codes["week_38"] == "ended"
    assert FollowUpSettings.select().where(FollowUpSettings.municipality == library.storvik).count() == 1


def test_other_choices_of_the_municipality_stay(library: World) -> None:
    FollowUpSettings.create(municipality=library.storvik, remind=True, remind_before=9)
    schedules.use_schedule(actor(library), plan_set(library.storvik, "nordre-land").id)
    row = settings_of(library.storvik.id)
    assert (row.schedule, row.remind, row.remind_before, row.revision) == ("nordre-land", True, 9, 2)


def test_another_municipalitys_schedule_and_other_sets_are_refused(anne: Browser, library: World) -> None:
    for row in (plan_set(library.fjell, "notteroy"), plan_set(library.storvik, "info-1")):
        assert anne.post(f"{PATH}use/", {"id": row.id}).status_code == 404
        assert anne.get(f"{PATH}details/?id={row.id}").status_code == 404
    assert anne.post(f"{PATH}use/", {"id": "x"}).status_code == 404
    with pytest.raises(NotVisible):
        schedules.read_schedule(actor(library), plan_set(library.storvik, "info-1").id, "1")
    assert FollowUpSettings.select().count() == 0


def test_what_is_not_published_cannot_be_used(anne: Browser, library: World) -> None:
    row = own(library)
    answer = anne.post(f"{PATH}use/", {"id": row.id})
    assert answer.status_code == 303
    assert "Løpet må publiseres før det kan tas i bruk." in said(anne.get(PATH))
    assert settings_of(library.storvik.id).schedule == "lovens-minimum"


def test_the_schedule_in_use_is_found_in_two_queries(library: World) -> None:
    with traced() as queries:
        assert services_steps.published_steps(library.storvik.id).key == "lovens-minimum"
    assert len(queries) == 2
    FollowUpSettings.create(municipality=library.storvik, schedule="gone")
    assert services_steps.published_steps(library.storvik.id).key == "lovens-minimum"
    FollowUpSettings.update(schedule="nordre-land").execute()
    QuestionSetVersion.update(status="retired").execute()
    assert services_steps.published_steps(library.storvik.id).key == "nordre-land"  # the shipped one


# --- the page of one --------------------------------------------------------------------------------------------------


def test_the_page_tells_days_law_and_own_words(anne: Browser, steps: Builder) -> None:
    url = f"{PATH}details/?id={steps.row.id}"
    page = said(anne.get(url))
    assert "4 uker fra første dag Loven: senest 4 uker (aml § 4-6 tredje ledd)" in page
    assert "Nav bestemmer dagen, senest 26 uker fra første dag" in page
    assert "7 dager før «Dialogmøte 2 hos Nav»" in page
    assert "Kommunen bruker dette løpet." in page
    assert "egne ord" not in page
    words = {"contact/help.nb": "Ring innen uka er omme.", "contact/help.nn": "Ring i veka."}
    steps.press("save", {"plan/days": "3 uker", **words})
    steps.press("hide:evaluate")
    assert "Fortsett på kladden" in said(anne.get(url))
    assert steps.publish().status_code == 303
    page = said(anne.get(url))
    assert "3 uker fra første dag Loven: senest 4 uker" in page
    assert "egne ord Ring innen uka er omme." in page
    assert "Evaluer planen sammen av" in page
    old = said(anne.get(f"{url}&version=1"))
    assert "Dette er versjon 1." in old
    assert "4 uker fra første dag" in old
    assert anne.get(f"{url}&version=9").status_code == 404


@pytest.mark.parametrize(("example", "there", "gone"), [
    ("full", ["Dialogmøte 1", "Aktivitetskravet", "Sykepengene tar slutt"], ["Saken opprettes"]),
    ("graded", ["Oppfølgingsplan ferdig", "Dialogmøte 2 hos Nav"], ["Dialogmøte 1 ", "Aktivitetskravet: i arbeid"]),
    ("preventive", ["Saken opprettes", "Oppfølgingsplan ferdig"], ["Dialogmøte 2 hos Nav Nav"]),
])  # fmt: skip
@pytest.mark.parametrize("view", ["weeks", "months"])
def test_the_calendar_of_an_example(
    anne: Browser, library: World, example: str, there: list[str], gone: list[str], view: str
) -> None:
    row = plan_set(library.storvik, "lovens-minimum")
    page = said(anne.get(f"{PATH}details/?id={row.id}&example={example}&view={view}"))
    look = page[page.index("Dette betyr løpet") :]
    for text in there:
        assert text in look
    for text in gone:
        assert text not in look
    assert ("Uke 5 kalenderuke" in look) is (view == "weeks")


def test_an_unknown_example_is_the_first_and_dates_are_those_of_the_law(anne: Browser, library: World) -> None:
    row = plan_set(library.storvik, "lovens-minimum")
    page = anne.get(f"{PATH}details/?id={row.id}&example=x&view=x&lang=xx").text
    for days in (7, 28, 35, 49, 56, 112, 175, 182, 273):
        assert f'datetime="{(library.today + dt.timedelta(days=days)).isoformat()}"' in page


# --- one of the municipality's own ------------------------------------------------------------------------------------


def test_a_schedule_is_begun_as_a_copy_published_and_used(app: Flask, anne: Browser, library: World) -> None:
    answer = anne.post(f"{PATH}new/", {"title": "Storviks løp", "base": "nordre-land"})
    row = plan_set(library.storvik, "storviks-lop")
    assert answer.location == f"/admin/brev/bygg/?id={row.id}"
    assert (row.base, row.kind) == ("nordre-land", "steps")
    assert anne.get(f"{PATH}details/?id={row.id}").location == f"/admin/brev/bygg/?id={row.id}"
    assert "Storviks løp ikke publisert" in said(anne.get(PATH))
    builder = Builder(app.test_client(), "anne", row)
    builder.press("save", {"pension_talk/days": "38 uker"})
    assert builder.publish().status_code == 303
    assert anne.post(f"{PATH}use/", {"id": row.id}).status_code == 303
    found = services_steps.published_steps(library.storvik.id)
    assert (found.key, found.find("pension_talk").days) == ("storviks-lop", 266)
    assert services_steps.own_words(found, "nb")["pension_talk"] == ("", "")  # as the product has it


def test_a_schedule_from_scratch_has_what_the_law_demands_and_nothing_else(
    app: Flask, anne: Browser, library: World
) -> None:
    anne.post(f"{PATH}new/", {"title": "Fra bunnen", "base": ""})
    builder = Builder(app.test_client(), "anne", plan_set(library.storvik, "fra-bunnen"))
    assert builder.ids == ["plan", "dialogue_1", "dialogue_2"]
    assert builder.opened.faults() == []
    told = builder.fetch("add:step:plan")
    assert told["focus"] == "card-milepael_1"
    builder.press("save", {"milepael_1/text.nb": "Ring", "milepael_1/text.nn": "Ring", "milepael_1/days": "10 dager"})
    assert builder.publish().status_code == 303
    assert [step.code for step in builder.draft.parts] == ["plan", "milepael_1", "dialogue_1", "dialogue_2"]


@pytest.mark.parametrize(("form", "why"), [
    ({"title": "", "base": ""}, "Skriv hva løpet skal hete."), ({"title": "x" * 201, "base": ""}, "200"),
    ({"title": "Løp", "base": "info-1"}, "Velg ett av alternativene"), ({"title": "Løp", "base": "x"}, "Velg ett av"),
])  # fmt: skip
def test_a_new_schedule_is_refused_in_plain_words(
    anne: Browser, library: World, form: dict[str, str], why: str
) -> None:
    before = QuestionSet.select().count()
    answer = anne.post(f"{PATH}new/", form)
    assert (answer.status_code, QuestionSet.select().count()) == (422, before)
    assert why in said(answer)


def test_a_schedule_is_not_begun_as_a_letter_nor_the_other_way_round(library: World) -> None:
    for kind, base in (("steps", "info-1"), ("letter", "lovens-minimum"), ("plan", "notteroy")):
        with pytest.raises(Invalid):
            own_sets.create_set(actor(library), kind, "Noe", base)
