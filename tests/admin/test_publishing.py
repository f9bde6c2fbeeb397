"""Publishing, versions, upgrades and what a leader sees of them, through the front door."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

from models import AuditEvent, Plan, QuestionSet, QuestionSetVersion, SetDraft
from services.access import Actor, load_actor
from services.clock import today
from tests.front import Browser, plan_set, said, shown
from tests.services.test_publishing import add, hide, item_in, published, put
from tests.services.test_upgrades import reword, ship
from tests.world import World

__all__ = ["ship"]


@pytest.fixture
def anne(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "anne")


@pytest.fixture
def who(library: World) -> Actor:
    found = load_actor(library.anne.id)
    assert found is not None
    return found


@pytest.fixture
def the_set(library: World) -> QuestionSet:
    return plan_set(library.storvik)


def _revision(page: Any) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page.text)
    assert found
    return found[1]


def _versions(row: QuestionSet) -> int:
    return QuestionSetVersion.select().where(QuestionSetVersion.question_set == row).count()


def test_the_page_tells_what_changes_and_publishes(anne: Browser, who: Actor, the_set: QuestionSet) -> None:
    put(who, the_set, add("own_question"))
    put(who, the_set, reword_nb("conclusion", "Hva ble dere enige om?"))
    page = anne.get(f"/admin/skjema/publiser/?id={the_set.id}")
    assert "Noe nytt?" in shown(page)
    assert "<del>Konklusjon</del><ins>Hva ble dere enige om?</ins>" in shown(page)
    assert "1 tillegg, 1 endret tekst." in said(page)
    assert "Oversettelser du bør se på" in said(page)
    answer = anne.post(
        f"/admin/skjema/publiser/?id={the_set.id}", {"note": "Ny ordlyd", "revision": _revision(page), "starts_on": ""}
    )
    assert answer.status_code == 303
    assert _versions(the_set) == 2
    after = anne.get(answer.location)
    assert "Ny ordlyd" in said(after)
    assert "Anne Administrator" in said(after)
    assert AuditEvent.select().where(AuditEvent.tag == "set:published").count() == 1


def reword_nb(item_id: str, text: str) -> Any:
    return lambda data: item_in(data, item_id)["text"].update(nb=text)


def test_faults_are_listed_with_links_and_nothing_is_published(anne: Browser, who: Actor, the_set: QuestionSet) -> None:
    put(who, the_set, hide("function_now"))
    page = anne.get(f"/admin/skjema/publiser/?id={the_set.id}")
    assert f"/admin/skjema/bygg/?id={the_set.id}&item=function_now" in shown(page)
    assert "Dette må rettes før du kan publisere" in said(page)
    answer = anne.post(f"/admin/skjema/publiser/?id={the_set.id}", {"note": "x", "revision": _revision(page)})
    assert answer.status_code == 422
    assert _versions(the_set) == 1


def test_what_was_typed_comes_back_with_the_message_at_the_field(
    anne: Browser, who: Actor, the_set: QuestionSet
) -> None:
    put(who, the_set, add("own_question"))
    page = anne.get(f"/admin/skjema/publiser/?id={the_set.id}")
    yesterday = (today() - dt.timedelta(days=1)).isoformat()
    data = {"note": "Viktig endring", "revision": _revision(page), "starts_on": yesterday, "drafts": "move"}
    answer = anne.post(f"/admin/skjema/publiser/?id={the_set.id}", data)
    assert answer.status_code == 422
    assert "Velg i dag eller en dag som kommer." in said(answer)
    assert 'value="Viktig endring"' in shown(answer)
    assert re.search(r'value="move"[^>]*checked|checked[^>]*value="move"', answer.text)
    assert _versions(the_set) == 1


def test_someone_else_changed_the_draft_meanwhile(anne: Browser, who: Actor, the_set: QuestionSet) -> None:
    put(who, the_set, add("own_question"))
    page = anne.get(f"/admin/skjema/publiser/?id={the_set.id}")
    put(who, the_set, add("another_question"))
    answer = anne.post(f"/admin/skjema/publiser/?id={the_set.id}", {"note": "Ny", "revision": _revision(page)})
    assert answer.status_code == 409
    assert "Kladden ble endret av en annen" in said(answer)
    assert 'value="Ny"' in shown(answer)
    assert _versions(the_set) == 1


def test_versions_are_compared_restored_and_withdrawn(anne: Browser, who: Actor, the_set: QuestionSet) -> None:
    published(who, the_set, add("own_question"))
    published(who, the_set, add("another_question"), starts_on=today() + dt.timedelta(days=30))
    page = anne.get(f"/admin/skjema/publiser/versions/?id={the_set.id}")
    assert "planlagt" in said(page)
    compared = anne.get(f"/admin/skjema/publiser/compare/?id={the_set.id}&from=3&to=1")
    assert "Fra versjon 1 til versjon 3" in said(compared)
    assert said(compared).count("Nytt spørsmål") == 2
    assert "Versjonene er like" in said(anne.get(f"/admin/skjema/publiser/compare/?id={the_set.id}&from=2&to=2"))
    answer = anne.post("/admin/skjema/publiser/withdraw/", {"id": the_set.id, "number": 3})
    assert answer.status_code == 303
    assert "trukket tilbake" in said(anne.get(answer.location))
    answer = anne.post("/admin/skjema/publiser/restore/", {"id": the_set.id, "number": 1})
    assert answer.status_code == 303
    assert SetDraft.select().where(SetDraft.question_set == the_set).exists()
    assert "Skjult" in said(anne.get(answer.location))
    assert anne.get(f"/admin/skjema/publiser/compare/?id={the_set.id}&from=9&to=1").status_code == 404


def test_a_draft_is_discarded_only_as_it_was_seen(anne: Browser, who: Actor, the_set: QuestionSet) -> None:
    opened = put(who, the_set, add("own_question"))
    put(who, the_set, add("another_question"))
    anne.post("/admin/skjema/publiser/discard/", {"id": the_set.id, "revision": opened.revision})
    assert SetDraft.select().count() == 1
    anne.post("/admin/skjema/publiser/discard/", {"id": the_set.id, "revision": opened.revision + 1})
    assert SetDraft.select().count() == 0


def test_a_set_is_retired_and_taken_into_use_again(anne: Browser, the_set: QuestionSet) -> None:
    assert anne.post("/admin/skjema/publiser/retire/", {"id": the_set.id}).status_code == 303
    assert not QuestionSet.get_by_id(the_set.id).active
    assert the_set.title not in said(anne.get("/admin/skjema/"))
    assert "tatt ut av bruk" in said(anne.get("/admin/skjema/?used=no"))
    anne.post("/admin/skjema/publiser/retire/", {"id": the_set.id, "back": 1})
    assert QuestionSet.get_by_id(the_set.id).active


def test_an_own_set_begins_with_a_draft(anne: Browser, app: Flask, library: World) -> None:
    page = anne.get("/admin/skjema/new/")
    assert "Nordre Land" in shown(page)
    assert anne.post("/admin/skjema/new/", {"title": " ", "base": "", "kind": "plan"}).status_code == 422
    answer = anne.post("/admin/skjema/new/", {"title": "Plan for Åsen skole", "base": "", "kind": "plan"})
    assert answer.status_code == 303
    row = QuestionSet.get(QuestionSet.key == "plan-for-asen-skole")
    assert answer.location.endswith(f"id={row.id}")
    assert "har kladd" in said(anne.get("/admin/skjema/"))
    assert "Plan for Åsen skole" not in said(Browser(app.test_client(), "kari").get("/admin/skjema/"))
    again = anne.post("/admin/skjema/new/", {"title": "Plan for Åsen skole", "base": "nordre-land-iop", "kind": "plan"})
    laid = QuestionSet.get(QuestionSet.key == "plan-for-asen-skole-2")
    assert again.location.endswith(f"id={laid.id}")
    assert laid.base == "nordre-land-iop"


def test_an_upgrade_is_offered_and_taken_with_one_click(
    anne: Browser, who: Actor, the_set: QuestionSet, ship: Any
) -> None:
    published(who, the_set, add("own_question"))
    ship(reword("conclusion", "Ny ordlyd fra Attende"))
    assert "ny versjon fra Attende" in said(anne.get("/admin/skjema/"))
    assert "Attende har en ny versjon av skjemaet" in said(anne.get(f"/admin/skjema/details/?id={the_set.id}"))
    page = anne.get(f"/admin/skjema/publiser/upgrade/?id={the_set.id}")
    assert "Ny ordlyd fra Attende" in shown(page)
    assert "Ta i bruk nå" in said(page)
    answer = anne.post(f"/admin/skjema/publiser/upgrade/?id={the_set.id}", {"publish": 1})
    assert answer.status_code == 303
    assert _versions(the_set) == 3
    assert "ny versjon fra Attende" not in said(anne.get("/admin/skjema/"))


def test_a_conflict_is_chosen(anne: Browser, who: Actor, the_set: QuestionSet, ship: Any) -> None:
    published(who, the_set, reword("conclusion", "Kommunens ordlyd"))
    ship(reword("conclusion", "Ny ordlyd fra Attende"))
    page = anne.get(f"/admin/skjema/publiser/upgrade/?id={the_set.id}")
    assert "Ta i bruk nå" not in said(page)
    names = sorted(set(re.findall(r'name="(c_[^"]+)"', shown(page))))
    assert names
    answer = anne.post(f"/admin/skjema/publiser/upgrade/?id={the_set.id}", dict.fromkeys(names, "theirs"))
    assert answer.status_code == 303
    assert "<ins>Ny ordlyd fra Attende</ins>" in shown(anne.get(answer.location))
    assert anne.get(f"/admin/skjema/publiser/upgrade/?id={the_set.id}").status_code == 303


# --- what a leader sees -------------------------------------------------------------------------------------------


def test_a_leader_sees_what_is_new_and_what_is_from_before(
    anne: Browser, app: Flask, who: Actor, library: World, the_set: QuestionSet
) -> None:
    kari = Browser(app.test_client(), "kari")
    plan = kari.start_plan(library.per_case)
    kari.save(plan, "situation", {"q_how_now": "Det går bedre."})
    old_page = kari.get(f"/admin/planer/edit/?id={plan.id}&section=situation")
    mark = re.search(r'name="b_how_now" value="([^"]*)"', old_page.text)
    assert mark

    def several(data: dict[str, Any]) -> None:
        hide("how_now")(data)
        add("own_question")(data)

    published(who, the_set, several, move=True)
    page = kari.get(f"/admin/planer/edit/?id={plan.id}&section=situation")
    assert "Kommunen har endret skjemaet siden du startet planen." in said(page)
    assert "Noe nytt? nytt" in said(page)
    assert "Svar fra tidligere skjema" in said(page)
    assert "Hvordan har du det nå? Det går bedre." in said(page)
    assert Plan.get_by_id(plan.id).version.number == 1
    # the page that was open when the version began is saved without loss
    answer = kari.save(plan, "situation", {"q_how_now": "Enda bedre.", "b_how_now": mark[1], "version": "1"})
    assert answer.status_code == 303
    assert Plan.get_by_id(plan.id).version.number == 2
    assert "Enda bedre." in said(kari.get(f"/admin/planer/review/?id={plan.id}"))


def test_a_leader_may_go_over_to_the_new_version(
    anne: Browser, app: Flask, who: Actor, library: World, the_set: QuestionSet
) -> None:
    kari = Browser(app.test_client(), "kari")
    plan = kari.start_plan(library.per_case)
    published(who, the_set, add("own_question"))
    assert "Gå over til den nye" in said(kari.get(f"/admin/planer/edit/?id={plan.id}"))
    assert kari.post("/admin/planer/move/", {"id": plan.id}).status_code == 303
    page = kari.get(f"/admin/planer/edit/?id={plan.id}&section=situation")
    assert "Noe nytt? nytt" in said(page)
    assert "Gå over til den nye" not in said(page)


def test_a_finished_plan_prints_the_same_bytes_after_publishing(
    app: Flask, who: Actor, library: World, the_set: QuestionSet
) -> None:
    kari = Browser(app.test_client(), "kari")
    plan = kari.finished_plan(library.per_case)
    before = kari.get(f"/admin/planer/pdf/?id={plan.id}").data
    kari.get(f"/admin/planer/details/?id={plan.id}")  # with the message that it is finished
    page = said(kari.get(f"/admin/planer/details/?id={plan.id}"))
    published(
        who, the_set, lambda data: (hide("how_now")(data), reword_nb("conclusion", "Noe helt annet")(data)), move=True
    )
    assert kari.get(f"/admin/planer/pdf/?id={plan.id}").data == before
    assert said(kari.get(f"/admin/planer/details/?id={plan.id}")) == page


def test_a_new_set_can_be_thrown_away_before_it_is_published(anne: Browser, library: World) -> None:
    answer = anne.post("/admin/skjema/new/", {"title": "Bare en prøve", "base": "", "kind": "plan"})
    page = anne.get(answer.location)
    row = QuestionSet.get(QuestionSet.key == "bare-en-prove")
    answer = anne.post("/admin/skjema/publiser/discard/", {"id": row.id, "revision": _revision(page)})
    assert answer.status_code == 303
    assert answer.location.endswith("/admin/skjema/")
    assert not QuestionSet.select().where(QuestionSet.key == "bare-en-prove").exists()
