"""A plan's whole life through the front door: start, fill in, save, finish, print, replace, mark."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

import pytest
from flask import Flask

import models
from models import Answer, AuditEvent, Case, Document, LoginSession, ParkedForm, Plan
from tests.admin.test_rows import NASTY
from tests.front import EVALUATION, NORDRE_LAND, Browser, pdf_text, plan_set, rows_by_table, said, shown
from tests.world import World

SITUATION = NORDRE_LAND["situation"]


@pytest.fixture
def kari(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "kari")


@pytest.fixture
def siri(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "siri")


@pytest.fixture
def draft(kari: Browser, library: World) -> Plan:
    return kari.start_plan(library.per_case)


def _answers(plan: Plan) -> dict[str, object]:
    return {a.question: json.loads(a.unseal("value")) for a in Answer.select().where(Answer.plan == plan) if a.value}


def _bases(answer: object) -> dict[str, str]:
    import re

    return dict(re.findall(r'name="(b_\w+)" value="(\w*)"', answer.text))  # type: ignore[attr-defined]


def _page(browser: Browser, plan: Plan, section: str = "situation") -> object:
    answer = browser.get(f"/admin/planer/edit/?id={plan.id}&section={section}")
    assert answer.status_code == 200
    return answer


# ---------------------------------------------------------------- start


def test_starting_twice_gives_the_same_draft(kari: Browser, library: World) -> None:
    first, second = kari.start_plan(library.per_case), kari.start_plan(library.per_case)
    assert first == second
    assert Plan.select().count() == 1
    assert (first.number, first.kind, first.language, first.status) == (1, "first", "nb", "draft")
    assert AuditEvent.select().where(AuditEvent.tag == "plan:started").count() == 1
    assert library.refresh().per_case.plan_status == "draft"
    assert f"/admin/planer/edit/?id={first.id}" in kari.get(f"/admin/saker/details/?id={library.per_case.id}").text


def test_looking_at_the_start_page_starts_nothing(kari: Browser, library: World) -> None:
    page = kari.get(f"/admin/planer/start/?case={library.per_case.id}")
    assert "brukes til vanlig" in page.text
    assert Plan.select().count() == 0


def test_choosing_set_and_language(kari: Browser, library: World) -> None:
    chosen = plan_set(library.storvik, "nav-2025")
    plan = kari.start_plan(library.per_case, set=chosen.id, language="nn")
    assert (plan.version.question_set_id, plan.language) == (chosen.id, "nn")
    assert kari.get(f"/admin/planer/edit/?id={plan.id}").status_code == 200


@pytest.mark.parametrize(("form", "status"), [
    ({"set": "999999"}, 404), ({"set": "x"}, 404), ({"set": "checklist"}, 422), ({"set": "foreign"}, 404),
    ({"language": "xx"}, 303), ({"set": ""}, 303),
])  # fmt: skip
def test_odd_starts(kari: Browser, library: World, form: dict[str, str], status: int) -> None:
    named = {"checklist": plan_set(library.storvik, "notteroy-sjekkliste"), "foreign": plan_set(library.fjell)}
    form = {key: str(getattr(named.get(value), "id", value)) for key, value in form.items()}
    assert kari.post(f"/admin/planer/start/?case={library.per_case.id}", form).status_code == status
    assert Plan.select().count() == (status == 303)


# ---------------------------------------------------------------- saving


def test_what_is_saved_stands_there_afterwards(kari: Browser, draft: Plan) -> None:
    answer = kari.save(draft, "situation", {**SITUATION, "go": "agreed"})
    assert answer.location == f"/admin/planer/edit/?id={draft.id}&section=agreed"
    assert "Det går bedre." in _page(kari, draft).text
    assert _answers(draft) == {"how_now": "Det går bedre.", "function_now": "Kan sitte."}
    event = AuditEvent.select().where(AuditEvent.tag == "plan:saved").get()
    assert event.fields == "function_now how_now"


def test_a_missing_field_is_not_an_erased_answer(kari: Browser, draft: Plan) -> None:
    kari.save(draft, "situation", SITUATION)
    bases = _bases(_page(kari, draft))
    kari.save(draft, "situation", {"q_expectations": "Ro", **bases})
    assert _answers(draft) == {"how_now": "Det går bedre.", "function_now": "Kan sitte.", "expectations": "Ro"}
    kari.save(draft, "situation", {"q_how_now": "", **_bases(_page(kari, draft))})
    assert "how_now" not in _answers(draft)  # one that was emptied is


def test_saving_the_same_twice_changes_nothing(kari: Browser, draft: Plan) -> None:
    for _ in range(2):
        assert kari.save(draft, "situation", SITUATION).status_code == 303
    assert AuditEvent.select().where(AuditEvent.tag == "plan:saved").count() == 1
    assert Answer.select().where(Answer.plan == draft).count() == 2


def test_two_who_write_at_once(kari: Browser, siri: Browser, draft: Plan) -> None:
    """Siri changes one answer under Kari; Kari gets both, and what did not collide is saved."""
    kari.save(draft, "situation", SITUATION)
    bases = _bases(_page(kari, draft))
    siri.save(draft, "situation", {"q_how_now": "Siris tekst", **_bases(_page(siri, draft))})
    answer = kari.save(draft, "situation", {"q_how_now": "Karis tekst", "q_function_now": "Kan gå", **bases})
    assert answer.status_code == 409
    text = said(answer)
    assert "Det du skrev Karis tekst Lagret av Siri Personal kl." in text
    assert "Siris tekst" in text
    assert answer.text.count("Karis tekst") == 2  # compared, and still in its field
    assert _answers(draft) == {"how_now": "Siris tekst", "function_now": "Kan gå"}
    joined = {"q_how_now": "Siris og Karis", **_bases(answer)}
    assert kari.save(draft, "situation", joined).status_code == 303
    assert _answers(draft)["how_now"] == "Siris og Karis"


def test_what_a_writer_left_alone_does_not_undo_the_other(kari: Browser, siri: Browser, draft: Plan) -> None:
    kari.save(draft, "situation", SITUATION)
    bases = _bases(_page(kari, draft))
    siri.save(draft, "situation", {"q_how_now": "Siris tekst", **_bases(_page(siri, draft))})
    answer = kari.save(draft, "situation", {**SITUATION, "q_expectations": "Ro", **bases})
    assert answer.status_code == 303
    assert _answers(draft) == {"how_now": "Siris tekst", "function_now": "Kan sitte.", "expectations": "Ro"}


def test_a_form_without_marks_overwrites_nothing(kari: Browser, draft: Plan) -> None:
    kari.save(draft, "situation", SITUATION)
    assert kari.save(draft, "situation", {"q_how_now": "Uten merke"}).status_code == 409
    assert _answers(draft)["how_now"] == "Det går bedre."


def test_autosave(kari: Browser, siri: Browser, draft: Plan) -> None:
    path = f"/admin/planer/edit/?id={draft.id}&section=situation"
    told = kari.fetch(path, SITUATION).json
    assert told["status"] == 200
    assert len(told["saved"]) == 5
    assert set(told["bases"]) == {"how_now", "function_now"}
    assert told["conflicts"] == []
    siri.save(draft, "situation", {"q_how_now": "Siris", **_bases(_page(siri, draft))})
    old = {f"b_{name}": mark for name, mark in told["bases"].items()}
    told = kari.fetch(path, {"q_how_now": "Karis", **old}).json
    assert (told["status"], told["conflicts"]) == (409, ["how_now"])
    told = kari.fetch(path, {"q_expectations": "å" * 200_000}).json
    assert told["status"] == 422
    assert "200000 tegn" in told["errors"]["expectations"][0]
    assert "x" * 100 not in json.dumps(told)


def test_autosave_of_one_who_is_logged_out(app: Flask, kari: Browser, draft: Plan) -> None:
    kari.client.delete_cookie("attende")
    answer = kari.fetch(f"/admin/planer/edit/?id={draft.id}&section=situation", SITUATION)
    assert (answer.status_code, answer.json) == (401, {"error": "login"})
    assert Answer.select().count() == 0


def test_200_000_characters_are_refused_and_stay_on_the_screen(kari: Browser, draft: Plan) -> None:
    long = "Æ" + "x" * 199_999
    answer = kari.save(draft, "situation", {**SITUATION, "q_how_now": long})
    assert answer.status_code == 422
    assert "200000 tegn; høyst" in said(answer)
    assert long in answer.text
    assert _answers(draft) == {"function_now": "Kan sitte."}  # the others are stored


@pytest.mark.parametrize("kind", NASTY)
def test_nasty_answers_are_only_texts(kari: Browser, draft: Plan, kind: str) -> None:
    typed, stored = NASTY[kind]
    assert kari.save(draft, "situation", {"q_how_now": f"Før\n{typed}", "q_function_now": typed}).status_code == 303
    assert _answers(draft) == {"how_now": f"Før\n{stored}", "function_now": stored}
    page, review = _page(kari, draft), kari.get(f"/admin/planer/review/?id={draft.id}")
    for answer in (page, review):
        assert stored in shown(answer)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
    again = kari.save(draft, "situation", {"q_function_now": stored, **_bases(page)})
    assert again.status_code == 303  # the same once more is no change
    printed = kari.get(f"/admin/planer/pdf/?id={draft.id}")
    assert printed.status_code == 200
    text = pdf_text(printed.data)
    if stored.isascii():
        assert stored.replace(" ", "") in text.replace(" ", "").replace("\n", "")


# ---------------------------------------------------------------- finishing


def test_an_incomplete_plan_lists_what_is_missing(kari: Browser, draft: Plan) -> None:
    kari.save(draft, "situation", SITUATION)
    before = rows_by_table()
    answer = kari.post("/admin/planer/finish/", {"id": draft.id})
    assert answer.status_code == 422
    for section, question in (
        ("agreed", "conclusion"),
        ("way_forward", "evaluation_date"),
        ("about_you", "meeting_date"),
    ):
        link = f"/admin/planer/edit/?id={draft.id}&section={section}#q_{question}"
        assert link in shown(answer)
        assert f'id="q_{question}' in _page(kari, draft, section).text
    assert "#q_how_now" not in answer.text.split("<h2>Sjekk planen")[0].split("error-summary")[1].split("</ul>")[0]
    assert rows_by_table() == before
    assert Plan.get_by_id(draft.id).status == "draft"


def test_finishing_freezes_and_stores_the_paper(kari: Browser, draft: Plan, library: World) -> None:
    kari.fill(draft)
    plan = kari.finish(draft)
    assert (plan.status, len(plan.snapshot_hash)) == ("finished", 64)
    assert plan.evaluate_on == EVALUATION
    case = library.refresh().per_case
    assert (case.plan_status, case.next_step) == ("finished", "sign")
    stored = Document.get(Document.plan == plan)
    assert (stored.kind, stored.mime) == ("plan", "application/pdf")
    printed = kari.get(f"/admin/planer/pdf/?id={plan.id}")
    assert printed.data == stored.unseal_bytes("content")
    assert printed.headers["Content-Disposition"] == 'inline; filename="oppfolgingsplan.pdf"'
    text = pdf_text(printed.data)
    for words in ("Per Ås", "Roligere vakter", plan.snapshot_hash[:10], "Storvik"):
        assert words in text
    models.Employee.update(name="Et annet navn", name_fold="et annet navn").execute()
    assert "Per Ås" in said(kari.get(f"/admin/planer/details/?id={plan.id}")).split("kl.")[1]
    assert kari.get(f"/admin/planer/pdf/?id={plan.id}").data == printed.data


def test_finishing_twice_gives_one_document(kari: Browser, draft: Plan) -> None:
    kari.fill(draft)
    kari.finish(draft)
    kari.finish(draft)
    assert Document.select().count() == 1
    assert AuditEvent.select().where(AuditEvent.tag == "plan:finished").count() == 1


def test_back_after_finishing_gives_the_text_back(kari: Browser, draft: Plan) -> None:
    kari.fill(draft)
    kari.finish(draft)
    before = _answers(draft)
    assert kari.get(f"/admin/planer/edit/?id={draft.id}").location == f"/admin/planer/details/?id={draft.id}"
    answer = kari.save(draft, "situation", {"q_how_now": "Skrevet for sent", "q_function_now": "Kan sitte."})
    assert answer.status_code == 409
    assert "Skrevet for sent" in answer.text
    assert "Kan sitte." not in said(answer)  # only what is not in the plan
    assert _answers(draft) == before
    told = kari.fetch(f"/admin/planer/edit/?id={draft.id}&section=situation", {"q_how_now": "Skrevet for sent"})
    assert told.status_code == 409


def test_a_closed_case_gives_the_text_back(kari: Browser, draft: Plan) -> None:
    Case.update(status="closed", closed_on=dt.date.today()).where(Case.id == draft.case_id).execute()
    answer = kari.save(draft, "situation", {"q_how_now": "Etter at saken var lukket"})
    assert answer.status_code == 409
    assert "Etter at saken var lukket" in answer.text
    assert _answers(draft) == {}
    assert kari.post("/admin/planer/finish/", {"id": draft.id}).status_code == 409


def test_a_pdf_that_cannot_be_made_leaves_a_draft(kari: Browser, draft: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from services import printing

    def refuse(*_: object, **__: object) -> bytes:
        raise printing.PrintRefused("warning")

    kari.fill(draft)
    monkeypatch.setattr(printing, "render_sheet", refuse)
    answer = kari.post("/admin/planer/finish/", {"id": draft.id})
    assert answer.status_code == 503
    assert "PDF-en kunne ikke lages nå." in answer.text
    assert Plan.get_by_id(draft.id).status == "draft"
    assert Document.select().count() == 0


def test_the_next_plan_carries_answers_forward_and_replaces(kari: Browser, library: World) -> None:
    first = kari.finished_plan(library.per_case)
    second = kari.start_plan(library.per_case)
    assert (second.number, second.kind) == (2, "extension")
    carried = _answers(second)
    assert carried["most_important"] == "Roligere vakter"
    assert library.refresh().per_case.plan_status in ("draft", "finished")
    assert Plan.get_by_id(first.id).status == "finished"  # until the next is finished
    for section, data in NORDRE_LAND.items():
        kari.save(second, section, {**data, **_bases(_page(kari, second, section))})
    kari.finish(second)
    assert [p.status for p in Plan.select().order_by(Plan.number)] == ["superseded", "finished"]
    assert "erstattet av ny plan" in said(kari.get(f"/admin/saker/details/?id={library.per_case.id}"))
    assert kari.get(f"/admin/planer/pdf/?id={first.id}").status_code == 200
    assert kari.post(f"/admin/planer/sign/?id={first.id}", {}).status_code in (409, 422)


def test_only_hr_marks_a_plan_and_says_why(kari: Browser, siri: Browser, library: World) -> None:
    plan = kari.finished_plan(library.per_case)
    path = f"/admin/planer/misregister/?id={plan.id}"
    assert kari.post(path, {"reason": "Feil person"}).status_code == 403
    assert siri.post(path, {"reason": " "}).status_code == 422
    assert siri.post(path, {"reason": "x" * 301}).status_code == 422
    for _ in range(2):
        assert siri.post(path, {"reason": "Feil person"}).status_code == 303
    after = Plan.get_by_id(plan.id)
    assert (after.status, after.misregistered_reason) == ("misregistered", "Feil person")
    assert after.snapshot is not None
    assert AuditEvent.select().where(AuditEvent.tag == "plan:misregistered").count() == 1
    assert "Planen er feilregistrert: Feil person" in said(siri.get(f"/admin/planer/details/?id={plan.id}"))
    assert "FEILREGISTRERT" in pdf_text(siri.get(f"/admin/planer/pdf/?id={plan.id}").data)
    assert library.refresh().per_case.plan_status == "none"
    assert siri.post(f"/admin/planer/sign/?id={plan.id}", {"role": "employer"}).status_code in (409, 422)


def test_a_batch_as_one_pdf(app: Flask, siri: Browser, library: World) -> None:
    kari, ola = Browser(app.test_client(), "kari"), Browser(app.test_client(), "ola")
    plans = [kari.finished_plan(library.per_case), ola.finished_plan(library.lise_case)]
    answer = siri.post("/admin/planer/action/", {"action": "print", "rowid": [p.id for p in plans]})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = pdf_text(answer.data)
    assert "Per Ås" in text
    assert "Lise Øverli-Çelik" in text
    assert AuditEvent.select().where(AuditEvent.tag == "plan:printed").count() == 2
    assert siri.post("/admin/planer/action/", {"action": "print"}).status_code == 422


# ---------------------------------------------------------------- logged out in the middle of a long text

LONG = "Lang tekst om dagen. " * 150


def _expire() -> None:
    long_ago = models.now() - dt.timedelta(minutes=31)
    LoginSession.update(last_seen_at=long_ago).where(LoginSession.closed_at.is_null()).execute()


def test_text_of_one_who_was_logged_out_is_given_back(app: Flask, kari: Browser, draft: Plan) -> None:
    bases = _bases(_page(kari, draft))
    _expire()
    answer = kari.save(draft, "situation", {"q_how_now": LONG, **bases})
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
    assert "tatt vare på" in kari.get(answer.location).text
    assert ParkedForm.select().count() == 1
    assert _answers(draft) == {}
    back = kari.log_in("kari", path=answer.location)
    assert back.location == f"/admin/planer/edit/?id={draft.id}&section=situation"
    page = kari.get(back.location)
    assert LONG.strip() in page.text
    assert "Den er ikke lagret ennå" in page.text
    assert ParkedForm.select().count() == 0
    assert kari.save(draft, "situation", {"q_how_now": LONG, **_bases(page)}).status_code == 303
    assert _answers(draft)["how_now"] == LONG.strip()
    assert LONG.strip() not in kari.get("/admin/").text


def test_the_text_is_for_its_writer_only(app: Flask, kari: Browser, draft: Plan) -> None:
    _expire()
    answer = kari.save(draft, "situation", {"q_how_now": LONG})
    other = Browser(app.test_client())
    back = other.log_in("siri", path=answer.location)
    assert LONG.strip() not in other.get(back.location).text
    assert ParkedForm.select().count() == 1


def test_text_that_collides_after_the_login_is_compared(kari: Browser, siri: Browser, draft: Plan) -> None:
    bases = _bases(_page(kari, draft))
    _expire()
    answer = kari.save(draft, "situation", {"q_how_now": LONG, **bases})
    siri.log_in("siri")
    siri.save(draft, "situation", {"q_how_now": "Siri var her", **_bases(_page(siri, draft))})
    back = kari.log_in("kari", path=answer.location)
    page = kari.get(back.location)
    answer = kari.save(draft, "situation", {"q_how_now": LONG, **_bases(page)})
    assert answer.status_code == 409
    assert "Siri var her" in answer.text
    assert LONG.strip() in answer.text
    assert _answers(draft)["how_now"] == "Siri var her"


def test_a_plan_that_was_finished_meanwhile_still_gives_the_text_back(
    kari: Browser, siri: Browser, draft: Plan
) -> None:
    kari.fill(draft)
    _expire()
    answer = kari.save(draft, "situation", {"q_how_now": LONG})
    siri.log_in("siri")
    siri.finish(draft)
    back = kari.log_in("kari", path=answer.location)
    page = kari.get(back.location)
    assert LONG.strip() in page.text


def test_other_forms_are_offered_again(kari: Browser, library: World) -> None:
    path = f"/admin/kontaktlogg/new/?case={library.per_case.id}"
    _expire()
    answer = kari.post(path, {"at": "2026-01-05T10:00", "kind": "phone", "text": LONG})
    back = kari.log_in("kari", path=answer.location)
    page = kari.get(back.location)
    assert "Teksten din er tatt vare på" in page.text
    assert LONG.strip() in page.text
    form = {"at": "2026-01-05T10:00", "kind": "phone", "text": LONG}
    assert kari.post(path, form).status_code == 303
    assert library.per_case.contacts.count() == 1


# ---------------------------------------------------------------- the machine


@pytest.mark.usefixtures("only_sqlite")
def test_a_locked_database_keeps_the_text(app: Flask, kari: Browser, draft: Plan) -> None:
    models.db.obj.pragma("busy_timeout", 50, permanent=True)
    models.db.close()
    path = app.config["SETTINGS"].database_url.removeprefix("sqlite:///")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = kari.save(draft, "situation", {"q_how_now": LONG, "b_how_now": ""})
    told = kari.fetch(f"/admin/planer/edit/?id={draft.id}&section=situation", {"q_how_now": LONG})
    other.execute("ROLLBACK")
    other.close()
    assert answer.status_code == 503
    assert LONG.strip() in answer.text
    assert 'name="b_how_now"' in answer.text
    assert (told.status_code, told.json["error"]) == (503, "busy")
    assert _answers(draft) == {}
    assert kari.save(draft, "situation", {"q_how_now": LONG, "b_how_now": ""}).status_code == 303


def test_a_draft_in_a_closed_case_gives_the_text_back(kari: Browser, library: World) -> None:
    plan = kari.start_plan(library.per_case)
    Case.update(status="closed", closed_on=library.today).where(Case.id == library.per_case.id).execute()
    late = kari.save(plan, "situation", {"q_how_now": "Dette skrev jeg for sent"})
    assert late.status_code == 409
    assert "Saken er avsluttet" in said(late)
    assert "Dette skrev jeg for sent" in said(late)
