"""The preview of a set: every way to look at it, of the draft and of versions, and nothing that can be saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import html5lib
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from werkzeug.test import TestResponse

from admin import preview
from admin.preview import PAPER, WAYS
from forms.definition import QuestionSetDefinition, shape
from forms.example import EMPLOYEE
from forms.texts import Note
from models import AuditEvent, QuestionSet, QuestionSetVersion
from services import set_drafts
from services.access import load_actor
from services.errors import Invalid
from services.printing import PrintRefused
from tests.forms.strategies import envelope, question
from tests.forms.test_example import drafts
from tests.front import Browser, pdf_text, plan_set, rows_by_table, shown, traced
from tests.rules.test_headers import faults_of_page
from tests.world import World

PATH = "/admin/skjema/vis/"
ASK = question("talked", "boolean", text={"nb": "Har dere snakket om turnusen?", "nn": "Har de snakka om turnusen?"})
THEN = question(
    "agreed_on", text={"nb": "Hva ble dere enige om?", "nn": "Kva vart de samde om?"},
    visible_if={"==": [{"var": "talked"}, True]},
)  # fmt: skip


@pytest.fixture
def anne(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "anne")


def put(world: World, made: Callable[[dict[str, Any]], dict[str, Any]], key: str = "nordre-land-iop") -> QuestionSet:
    """Make the draft what `made` gives of it."""
    row, actor = plan_set(world.storvik, key), load_actor(world.anne.id)
    assert actor

    def edit(opened: set_drafts.OpenDraft) -> Any:
        definition = shape(made(opened.definition.model_dump(mode="json", exclude_defaults=True)))
        return SimpleNamespace(definition=definition, what=Note("Endret"))

    set_drafts.change(actor, row.id, edit)
    return row


def only(*items: dict[str, Any], **more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A draft of these items alone."""
    return lambda data: envelope(list(items), **{"languages": ["nb", "nn"], "key": data["key"], **more})


def look(browser: Browser, row: QuestionSet, part: str = "", **query: Any) -> TestResponse:
    return browser.get(f"{PATH}{part}", query_string={"id": row.id, **query})


def tree(answer: TestResponse) -> Any:
    return html5lib.parse(answer.text, treebuilder="etree", namespaceHTMLElements=False)


def read(answer: TestResponse) -> str:
    return " ".join(" ".join(tree(answer).find(".//main").itertext()).split())


def question_ids(answer: TestResponse) -> list[str]:
    return re.findall(r'data-question="(\w+)"', answer.text)


# --- each way -------------------------------------------------------------------------------------------------------


def test_the_leaders_screen_is_filled_in_and_cannot_be_sent(anne: Browser, library: World) -> None:
    row = plan_set(library.storvik)
    page = tree(look(anne, row, "frame/", section="situation"))
    areas = {area.get("name"): (area.text or "").strip() for area in page.iter("textarea")}
    assert set(areas) >= {"q_how_now", "q_function_now"}
    assert all(areas.values())
    assert page.findall(".//form") == page.findall(".//button[@type='submit']") == []
    assert page.find(".//*[@data-section='situation']") is not None
    assert [s.get("src") for s in page.iter("script")][1:] == ["/static/plan.js", "/static/preview.js"]
    assert EMPLOYEE in read(look(anne, row, "frame/"))
    assert anne.post(f"{PATH}frame/?id={row.id}", {"q_how_now": "x"}).status_code == 405


def test_the_sections_are_walked_inside_the_frame(anne: Browser, library: World) -> None:
    row = plan_set(library.storvik)
    found, address, steps = [], f"{PATH}frame/?id={row.id}&lang=nn&as=phone", 0
    while address and steps < 20:
        answer, steps = anne.get(address), steps + 1
        page = tree(answer)
        assert list(faults_of_page(answer)) == []
        found.append(page.find(".//*[@data-section]").get("data-section"))
        current = [a.get("href") for a in page.iter("a") if a.get("aria-current") == "step"]
        assert [f"section={found[-1]}" in (href or "") for href in current] == [True, True]
        following = page.find(".//a[@class='btn btn-primary']")
        address = "" if following is None else following.get("href")
        assert not address or all(part in address for part in ("lang=nn", "as=phone"))
    assert found == ["about_you", "situation", "what_is_needed", "agreed", "way_forward", "signing"]


def test_the_employee_reads_a_finished_plan(anne: Browser, library: World) -> None:
    answer = look(anne, plan_set(library.storvik), "frame/", **{"as": "employee"})
    page = tree(answer)
    assert [*page.iter("input"), *page.iter("textarea"), *page.iter("form")] == []
    said = read(answer)
    for text in ("ferdig, ikke signert", "Hvordan har du det nå?", "Arbeidsgivers signatur", "158580 •••••"):
        assert text in said


@pytest.mark.parametrize(("way", "language", "mark", "label"), [
    ("filled", "nb", "EKSEMPEL · Plan 1", "Hvordan har du det nå?"), ("blank", "nn", "DØME", "Korleis har du det no?"),
])  # fmt: skip
def test_paper_is_marked_as_an_example(
    anne: Browser, library: World, way: str, language: str, mark: str, label: str
) -> None:
    answer = look(anne, plan_set(library.storvik), "paper/", **{"as": way, "lang": language})
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    text = pdf_text(answer.data)
    assert mark in text
    assert label in text
    assert (EMPLOYEE in text) is (way == "filled")


def test_paper_is_given_to_who_asks_for_the_frame_of_it(anne: Browser, library: World) -> None:
    answer = look(anne, plan_set(library.storvik), "frame/", **{"as": "filled", "lang": "nn"})
    assert answer.status_code == 303
    assert answer.location.startswith(f"{PATH}paper/?")
    assert all(part in answer.location for part in ("as=filled", "lang=nn"))


def test_paper_that_cannot_be_made_says_so(anne: Browser, library: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> bytes:
        raise PrintRefused("warning")

    monkeypatch.setattr(preview, "render_sheet", refuse)
    answer = look(anne, plan_set(library.storvik), "paper/", **{"as": "blank"})
    assert answer.status_code == 422
    assert "Papiret kan ikke lages" in read(answer)
    assert list(faults_of_page(answer)) == []


@pytest.mark.parametrize("way", [*WAYS, "upside-down"])
def test_the_page_holds_the_frame_and_the_other_ways(anne: Browser, library: World, way: str) -> None:
    row = plan_set(library.storvik)
    answer = look(anne, row, **{"as": way, "lang": "nn", "section": "agreed"})
    page, way = tree(answer), way if way in WAYS else "leader"
    assert list(faults_of_page(answer)) == []
    (frame,) = page.iter("iframe")
    kind = "paper" if way in PAPER else "frame"
    assert frame.get("title")
    assert frame.get("src").startswith(f"{PATH}{kind}/?id={row.id}&")
    assert all(part in frame.get("src") for part in (f"as={way}", "lang=nn", "section=agreed"))
    links = {a.get("href") for a in page.iter("a")}
    assert {re.search(r"as=(\w+)", href)[1] for href in links if href.startswith(f"{PATH}?")} == set(WAYS)  # type: ignore[index]
    assert any(href.startswith(f"{PATH}paper/") for href in links) is (way in PAPER)
    assert anne.get(frame.get("src").partition("#")[0]).status_code == 200


# --- draft, versions, choices ---------------------------------------------------------------------------------------


def test_the_draft_is_shown_and_versions_stay_as_they_were(anne: Browser, library: World) -> None:
    row = plan_set(library.storvik)
    assert "Versjon 1, publisert" in read(look(anne, row))
    put(library, lambda data: data | {"items": [{"id": "new", "type": "group", "text": {"nb": "Ny", "nn": "Ny"},
                                                 "items": [ASK, THEN]}, *data["items"]]})  # fmt: skip
    page = look(anne, row)
    assert "Kladden, sist endret" in read(page)
    assert "av Anne Administrator" in read(page)
    assert question_ids(look(anne, row, "frame/")) == ["talked", "agreed_on"]
    assert question_ids(look(anne, row, "frame/", version="draft")) == ["talked", "agreed_on"]
    assert "talked" not in question_ids(look(anne, row, "frame/", version=1))
    assert "Versjon 1, publisert" in read(look(anne, row, version=1))
    assert EMPLOYEE in pdf_text(look(anne, row, "paper/", version=1, **{"as": "filled"}).data)
    for number in ("2", "0", "x", ""):
        assert look(anne, row, version=number).status_code == 404
        assert look(anne, row, "frame/", version=number).status_code == 404


def test_a_version_taken_back_can_be_looked_at(anne: Browser, library: World) -> None:
    row = put(library, only(ASK))
    QuestionSetVersion.update(status="retired").where(QuestionSetVersion.question_set == row).execute()
    assert "Versjon 1, trukket tilbake" in read(look(anne, row, version=1))


def test_the_texts_are_in_the_language_asked_for(anne: Browser, library: World) -> None:
    row = put(library, only(ASK, THEN))
    assert "Kva vart de samde om?" in read(look(anne, row, "frame/", lang="nn"))
    assert "Hva ble dere enige om?" in read(look(anne, row, "frame/", lang="nb"))
    put(library, only(ASK, languages=["nn"]))
    assert "Har de snakka om turnusen?" in read(look(anne, row, "frame/", lang="en"))
    assert not tree(look(anne, row)).findall(".//select[@name='lang']")


def test_what_conditions_ask_of_the_case_can_be_chosen(anne: Browser, library: World) -> None:
    row = put(library, only(ASK))
    assert {s.get("name") for s in tree(look(anne, row)).iter("select")} == {"version", "lang"}
    kinds = {"plan": ("plan.kind", "extension"), "case": ("case.kind", "preventive")}
    put(library, only(ASK, *(
        question(f"on_{name}", "string", visible_if={"==": [{"var": variable}, value]})
        for name, (variable, value) in kinds.items()
    )))  # fmt: skip
    assert {s.get("name") for s in tree(look(anne, row)).iter("select")} == {"version", "lang", *kinds}
    for name, (_variable, value) in kinds.items():
        assert _hidden(look(anne, row, "frame/"), f"on_{name}")
        assert not _hidden(look(anne, row, "frame/", **{name: value}), f"on_{name}")
        assert f"{name}={value}" in tree(look(anne, row, **{name: value})).find(".//iframe").get("src")
        assert look(anne, row, **{name: "<x>"}).status_code == 200


def _hidden(answer: TestResponse, item: str) -> bool:
    return tree(answer).find(f".//*[@data-question='{item}']").get("hidden") is not None


def test_what_is_hidden_in_the_draft_is_nowhere(anne: Browser, library: World) -> None:
    row = put(library, only(ASK, question("secret", text={"nb": "Skjult sak", "nn": "Skjult sak"}, hidden=True)))
    for way in ("leader", "employee"):
        assert "Skjult sak" not in look(anne, row, "frame/", **{"as": way}).text
    assert "Skjult sak" not in pdf_text(look(anne, row, "paper/", **{"as": "blank"}).data)


# --- the item that is worked on --------------------------------------------------------------------------------------


def test_the_frame_opens_where_the_item_is_and_marks_it(anne: Browser, library: World) -> None:
    row = put(library, lambda data: data | {"items": [*data["items"], {
        "id": "last", "type": "group", "text": {"nb": "Sist", "nn": "Sist"}, "items": [ASK, THEN]}]})  # fmt: skip
    for way in ("leader", "phone"):
        answer = look(anne, row, "frame/", item="agreed_on", section="situation", **{"as": way})
        assert question_ids(answer) == ["talked", "agreed_on"]
        assert 'data-marks="agreed_on last"' in answer.text
        assert "ikke synlig" not in read(answer)
    assert 'data-marks="agreed_on last"' in look(anne, row, "frame/", item="agreed_on", **{"as": "employee"}).text
    assert 'data-marks="last"' in look(anne, row, "frame/", item="last").text
    assert "data-marks" not in look(anne, row, "frame/", item="").text


@pytest.mark.parametrize("item", [
    question("odd", hidden=True), question("odd", print={"show": "paper"}),
    question("odd", visible_if={"==": [{"var": "plan.kind"}, "extension"]}),
    {"id": "g", "type": "group", "text": {"nb": "g", "nn": "g"}, "visible_if": False, "items": [question("odd")]},
])  # fmt: skip
@pytest.mark.parametrize("way", ["leader", "employee"])
def test_an_item_that_is_not_on_the_screen_is_told_of(
    anne: Browser, library: World, item: dict[str, Any], way: str
) -> None:
    row = put(library, only(ASK, item))
    answer = look(anne, row, "frame/", item="odd", **{"as": way})
    assert "Punktet du arbeider med, er ikke synlig" in read(answer)
    assert "data-marks" not in answer.text


# --- drafts with faults -----------------------------------------------------------------------------------------------


def test_a_faulty_rule_is_left_out_and_named(anne: Browser, library: World) -> None:
    lost = question("lost", text={"nb": "Når noe er slettet", "nn": "Når noko er sletta"},
                    visible_if={"==": [{"var": "gone"}, True]})  # fmt: skip
    row = put(library, only(ASK, lost))
    page = read(look(anne, row))
    assert "Disse punktene vises uten regelen som er feil: Når noe er slettet" in page
    assert not _hidden(look(anne, row, "frame/"), "lost")
    put(library, only(ASK, *({**lost, "id": f"lost{n}"} for n in range(7))))
    assert "og 2 til" in read(look(anne, row))
    assert "uten regelen" not in read(look(anne, row, version=1))
    put(library, only(ASK, question("untranslated", text={"nb": "Bare bokmål"})))
    assert "uten regelen" not in read(look(anne, row))  # it can be shown as it is


def test_a_draft_with_nothing_on_the_screen_says_so(anne: Browser, library: World) -> None:
    row = put(library, only(question("a", print={"show": "paper"}), title={}))
    for way in ("leader", "employee"):
        answer = look(anne, row, "frame/", **{"as": way})
        assert "ikke noe å vise på skjermen ennå" in read(answer)
        assert list(faults_of_page(answer)) == []
    put(library, only())
    for way in WAYS:
        frame = tree(look(anne, row, **{"as": way})).find(".//iframe")
        assert anne.get(frame.get("src").partition("#")[0]).status_code == 200


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(draft=drafts())
def test_no_draft_breaks_the_preview(anne: Browser, library: World, draft: QuestionSetDefinition) -> None:
    try:
        row = put(library, lambda data: draft.model_dump(mode="json"))
    except Invalid:  # cannot be stored, so cannot be looked at
        return
    item = next((item.id for item in draft.walk()), "")
    for language in ("nb", "en"):
        for way in WAYS:
            assert look(anne, row, **{"as": way, "lang": language}).status_code == 200
        for way in ("leader", "employee"):
            assert look(anne, row, "frame/", **{"as": way, "lang": language, "item": item}).status_code == 200
    assert look(anne, row, "paper/", **{"as": "filled"}).status_code in (200, 422)


# --- who may, and what is left behind --------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["", "frame/", "paper/"])
def test_only_administrators_of_the_municipality_look(app: Flask, library: World, part: str) -> None:
    own, other = plan_set(library.storvik), plan_set(library.fjell)
    for name, wanted in (("anne", 200), ("siri", 403), ("kari", 403), ("per", 403), ("aud", 403)):
        assert look(Browser(app.test_client(), name), own, part).status_code == wanted, name
    anne = Browser(app.test_client(), "anne")
    assert look(anne, other, part).status_code == 404
    for row_id in ("", "0", "x", "99999"):
        assert anne.get(f"{PATH}{part}?id={row_id}").status_code == 404


def test_the_page_leaves_one_trace_and_the_frame_none(anne: Browser, library: World) -> None:
    row = plan_set(library.storvik)
    before, traces = rows_by_table(), AuditEvent.select().where(AuditEvent.tag == "set:read")
    count = traces.count()
    look(anne, row, "frame/")
    look(anne, row, "frame/", **{"as": "employee"})
    look(anne, row, "paper/", **{"as": "filled"})
    assert traces.count() == count
    look(anne, row)
    assert traces.count() == count + 1
    assert traces.order_by(AuditEvent.id.desc()).get().subject_id == row.id
    assert rows_by_table() == before


def test_messages_wait_for_the_page_around_the_frame(anne: Browser, library: World) -> None:
    row = plan_set(library.storvik)
    with anne.client.session_transaction() as session:
        session["_flashes"] = [("success", "Lagret for siden rundt")]
    assert "Lagret for siden rundt" not in shown(look(anne, row, "frame/"))
    assert "Lagret for siden rundt" in shown(look(anne, row))


@pytest.mark.parametrize("part", ["", "frame/", "paper/"])
def test_only_what_stands_in_the_frame_may_be_framed(anne: Browser, library: World, part: str) -> None:
    for answer in (look(anne, plan_set(library.storvik), part), anne.get(f"{PATH}{part}?id=0")):
        policy = answer.headers["Content-Security-Policy"]
        framed_by, frames, old = ("'self'", "'none'", "SAMEORIGIN") if part else ("'none'", "'self'", "DENY")
        assert f"frame-ancestors {framed_by};" in policy
        assert f"frame-src {frames};" in policy
        assert answer.headers.getlist("X-Frame-Options") == [old]


def test_the_frame_takes_few_queries(anne: Browser, library: World) -> None:
    row = put(library, only(ASK, THEN))
    with traced() as statements:
        assert look(anne, row, "frame/").status_code == 200
    assert len(statements) <= 20
