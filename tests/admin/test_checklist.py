"""The checklist on paper: what it says, filled and blank, in both languages, and who may have it."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from models import (
    AuditEvent,
    ContactEntry,
    Dispatch,
    Document,
    Employee,
    FollowUpSettings,
    Milestone,
    QuestionSet,
    User,
    now,
)
from services import milestones
from tests.front import Browser, pdf_text
from tests.world import World

DAY = dt.timedelta(days=1)


def _words(content: bytes) -> str:
    """The paper's text in one line, without foot and page numbers."""
    return " ".join(pdf_text(content).split())


def _row(world: World, code: str) -> Milestone:
    return Milestone.get(Milestone.case == world.per_case, Milestone.code == code)


def _day(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


@pytest.fixture
def kari(client: FlaskClient, library: World) -> Browser:
    milestones.refresh(library.per_case)
    return Browser(client, "kari")


def _paper(browser: Browser, query: str) -> bytes:
    answer = browser.get(f"/admin/milepeler/checklist/?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'inline; filename="sjekkliste.pdf"'
    return bytes(answer.data)


def _letter(world: World, key: str, day: dt.date) -> None:
    document = Document(
        municipality=world.storvik, case=world.per_case, unit=world.home_care, kind="letter", title="Brev",
        mime="application/pdf", size=1, sha256="0", author=world.kari,
    )  # fmt: skip
    document.seal("content", b"x")
    document.save(force_insert=True)
    Dispatch.create(
        municipality=world.storvik, case=world.per_case, document=document, unit=world.home_care, letter=key,
        recipient="employee", how="post", sent_on=day, sent_by=world.siri,
    )  # fmt: skip


def test_filled_from_the_case(kari: Browser, library: World) -> None:
    case, first = library.per_case, library.per_case.first_day
    Employee.update(resource_number="4711").where(Employee.id == library.per_employee.id).execute()
    entry = ContactEntry(
        municipality=library.storvik, case=case, at=now() - 2 * DAY, kind="phone", author=library.kari
    )  # fmt: skip
    entry.seal("text", "Ringte")
    entry.save(force_insert=True)
    milestones.refresh(case)
    kari.post("/admin/milepeler/done/", {"id": _row(library, "activity").id})
    row = _row(library, "nav_need")
    kari.post(f"/admin/milepeler/?id={row.id}", {"what": "not_relevant", "reason": "Snart frisk", "revision": 1})
    row = _row(library, "plan")
    kari.post(f"/admin/milepeler/?id={row.id}", {
        "what": "exempt", "reason_code": "back_soon", "reason": "Snart frisk", "talked": "y", "revision": row.revision,
    })  # fmt: skip
    _letter(library, "innkalling-dialogmote-ansatt", library.today - 3 * DAY)
    text = _words(_paper(kari, f"case={case.id}"))
    number = library.per_employee.unseal("national_id")
    for words in (
        "Sjekkliste for oppfølging av sykmeldt Lovens minimum 2026",
        f"Navn Per Ås Fnr. {number} Ressursnr. 4711",
        "Arbeidssted Hjemmetjenesten Funksjon/stilling Fagarbeider Stillingsstørrelse 100 %",
        "Tidspunkt Hva gjøres Dato Sign leder Sendt",
        f"frist {_day(first + 7 * DAY)} Ta kontakt og hør hvordan det går",
        f"{_day(library.today - 2 * DAY)} Kari Leder", f"{_day(library.today)} Kari Leder", "ikke aktuelt Kari Leder",
        "unntak: åpenbart unødvendig Kari Leder", _day(library.today - 3 * DAY), "Storvik", "Side 1 av",
    ):  # fmt: skip
        assert words in text, words
    assert "Snart frisk" not in text
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).get()
    assert (event.tag, event.case_id, event.actor_id) == ("checklist:printed", case.id, library.kari.id)


def test_blank_of_a_case_has_its_head_and_no_dates(kari: Browser, library: World) -> None:
    kari.post("/admin/milepeler/done/", {"id": _row(library, "contact").id})
    text = _words(_paper(kari, f"case={library.per_case.id}&blank=1"))
    assert "Navn Per Ås" in text
    assert "Ta kontakt og hør hvordan det går" in text
    assert set(re.findall(r"\d\d\.\d\d\.\d{4}", text)) == {_day(library.today)}  # in the foot: when it was printed
    assert "Kari" not in text


def test_blank_from_the_schedule_is_about_nobody(app: Flask, library: World) -> None:
    for who in ("anne", "siri", "kari"):
        text = _words(_paper(Browser(app.test_client(), who), "blank=1"))
        assert "Navn Fnr. Ressursnr." in text
        assert "Per" not in text.split()
        assert not re.findall(r"\d\d\.\d\d\.\d{4}", text)
        event = AuditEvent.select().order_by(AuditEvent.id.desc()).get()
        assert (event.tag, event.case_id, event.subject) == ("checklist:printed", None, "checklist")


def _notteroy(world: World) -> None:
    """Let the municipality use the schedule of the handbook."""
    shipped = QuestionSet.get_or_none(QuestionSet.municipality == world.storvik, QuestionSet.base == "notteroy")
    key = shipped.key if shipped else "notteroy"
    FollowUpSettings.create(municipality=world.storvik, schedule=key)


def test_the_handbooks_checklist_has_all_its_rows_on_several_pages(kari: Browser, library: World) -> None:
    _notteroy(library)
    content = _paper(kari, "blank=1")
    text = _words(content)
    for words in ("1. fraværsdag", "8. fraværsdag", "9. fraværsdag", "2. fraværsuke", "3. fraværsuke", "4. fraværsuke",
                  "38. fraværsuke", "92. fraværsuke", "Samtykkeerklæring", "«Hva videre?»", "Avtales i planen",
                  "1 uke etter planen", "7 uker helt sykmeldt", "26 uker etter første dag",
                  "1 uke før: Dialogmøte 2 hos Nav"):  # fmt: skip
        assert words in text, words
    assert "6. fraværsuke Oppfølgingsplan utarbeidet" not in text  # repealed in 2011
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) >= 2
    for page in pages:
        assert "Tidspunkt Hva gjøres Dato Sign leder Sendt" in " ".join(page.extract_text().split())
        fonts = page["/Resources"]["/Font"].values()
        used = [font.get_object() for font in fonts]
        assert any("SourceSansPro" in font["/BaseFont"] and "/FontDescriptor" in font for font in used)


def test_in_nynorsk(kari: Browser, library: World) -> None:
    User.update(language="nn").where(User.id == library.kari.id).execute()
    text = _words(_paper(kari, f"case={library.per_case.id}"))
    for words in ("Minstekrava i lova 2026", "Ta kontakt og høyr korleis det går", "Aktivitetskravet"):
        assert words in text


@pytest.mark.parametrize(("who", "query", "status"), [
    ("ola", "case={case}", 404), ("per", "case={case}", 403), ("anne", "case={case}", 404),
    ("aud", "case={case}", 403), ("tone", "case={case}", 404), ("siri", "case={case}", 200),
    ("per", "blank=1", 403), ("aud", "blank=1", 403), ("kari", "case=x", 404), ("kari", "case=9999999", 404),
])  # fmt: skip
def test_who_may_have_it(app: Flask, kari: Browser, library: World, who: str, query: str, status: int) -> None:
    browser = kari if who == "kari" else Browser(app.test_client(), who)
    path = f"/admin/milepeler/checklist/?{query.format(case=library.per_case.id)}"
    assert browser.get(path).status_code == status


def test_the_same_paper_when_asked_twice_and_each_plan_has_its_line(kari: Browser, library: World) -> None:
    kari.finished_plan(library.per_case)
    first = _words(_paper(kari, f"case={library.per_case.id}"))
    assert _words(_paper(kari, f"case={library.per_case.id}")) == first
    assert first.count("Skriv ut planen og signer sammen") == 1
    assert f"{_day(library.today)} Kari Leder" in first  # the plan, and who finished it
