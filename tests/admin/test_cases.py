"""Opening, reading, changing and closing a case through the front door."""

from __future__ import annotations

import datetime as dt
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from models import AbsencePeriod, AuditEvent, Case, DialogueMeeting, Employee, MeetingParticipant, User, now
from services.access import load_actor
from services.cases import open_case, refresh
from services.clock import OSLO
from services.errors import Invalid
from tests.front import Browser, said, shown
from tests.world import World, make_case, make_employee, make_leader


def _new(world: World) -> Employee:
    """Kari's employee without a case."""
    employee = make_employee(world.home_care, "Nina Natt", dt.date(1990, 1, 2))
    make_leader(world.kari, employee, world.today - dt.timedelta(days=99))
    return employee


def _form(world: World, **changed: str) -> dict[str, str]:
    return {"kind": "sick_leave", "first_day": world.today.isoformat(), "grade": "60", "to_date": "",
            "ordinary_tasks": "Nattevakt", **changed}  # fmt: skip


def test_opening_a_case_begins_with_the_employee(client: FlaskClient, world: World) -> None:
    kari = Browser(client, "kari")
    employee = _new(world)
    answer = kari.get("/admin/saker/new/")
    assert (answer.status_code, answer.location) == (303, "/admin/ansatte/?choose=1")
    assert f"/admin/saker/new/?employee={employee.id}" in kari.get(answer.location).text
    page = kari.get(f"/admin/saker/new/?employee={employee.id}")
    assert "Ny sak for Nina Natt" in page.text
    answer = kari.post(f"/admin/saker/new/?employee={employee.id}", _form(world))
    case = Case.get(Case.employee == employee)
    assert (answer.status_code, answer.location) == (303, f"/admin/saker/details/?id={case.id}")
    assert (case.unit_id, case.first_day, case.next_step) == (world.home_care.id, world.today, "contact")
    period = AbsencePeriod.get(AbsencePeriod.case == case)
    assert (period.from_date, period.to_date, period.grade) == (world.today, None, 60)
    assert "Nattevakt" in kari.get(answer.location).text
    tags = [e.tag for e in AuditEvent.select().where(AuditEvent.case_id == case.id).order_by(AuditEvent.id)]
    assert tags == ["case:created", "period:created", "case:read"]


def test_a_yellow_light_has_no_period(client: FlaskClient, world: World) -> None:
    employee = _new(world)
    Browser(client, "kari").post(f"/admin/saker/new/?employee={employee.id}", _form(world, kind="preventive", grade=""))
    case = Case.get(Case.employee == employee)
    assert (case.kind, case.periods.count()) == ("preventive", 0)


def test_a_double_submit_gives_one_case(client: FlaskClient, world: World) -> None:
    kari, employee = Browser(client, "kari"), _new(world)
    path = f"/admin/saker/new/?employee={employee.id}"
    assert kari.post(path, _form(world)).status_code == 303
    again = kari.post(path, _form(world))
    assert again.status_code == 422
    assert "har allerede en åpen sak" in again.text
    assert Case.select().where(Case.employee == employee).count() == 1


@pytest.mark.both_databases
def test_two_who_open_at_once_give_one_case(world: World) -> None:
    """The service, from two connections."""
    import models

    employee, actor = _new(world), load_actor(world.kari.id)
    assert actor

    def try_it(_: int) -> bool:
        with models.db.connection_context():
            try:
                open_case(actor, employee.id, {"kind": "sick_leave", "first_day": world.today})
            except Invalid:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == [False, False, False, True]
    assert Case.select().where(Case.employee == employee).count() == 1


@pytest.mark.parametrize(("field", "value", "message"), [
    ("kind", "", "Velg ett av alternativene."), ("kind", "holiday", "Velg ett av alternativene."),
    ("first_day", "", "Dette må fylles ut."), ("first_day", "i går", "Skriv datoen som dag.måned.år"),
    ("first_day", "31.2.2026", "Skriv datoen som dag.måned.år"), ("first_day", "1999-12-31", "for langt unna"),
    ("first_day", "0001-01-01", "for langt unna"), ("first_day", "9999-12-31", "for langt unna"),
    ("grade", "101", "fra 1 til 100"), ("grade", "halv", "Skriv et helt tall."), ("grade", "-5", "fra 1 til 100"),
    ("grade", "9" * 5000, "Skriv et helt tall."), ("grade", "9" * 40, "fra 1 til 100"),
    ("to_date", "2001-01-01", "før fra-datoen"), ("to_date", "9999-12-31", "for langt unna"),
    ("ordinary_tasks", "x" * 4001, "Teksten er på 4001 tegn. Den kan høyst være 4000."),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client: FlaskClient, world: World, field: str, value: str, message: str
) -> None:
    employee = _new(world)
    form = _form(world, **{field: value})
    answer = Browser(client, "kari").post(f"/admin/saker/new/?employee={employee.id}", form)
    assert answer.status_code == 422
    assert message in shown(answer)
    assert form["ordinary_tasks"] in answer.text
    if value:
        assert value in answer.text or field == "kind"
    assert Case.select().where(Case.employee == employee).count() == 0


def test_a_grade_of_nought_is_refused(client: FlaskClient, world: World) -> None:
    employee = _new(world)
    answer = Browser(client, "kari").post(f"/admin/saker/new/?employee={employee.id}", _form(world, grade="0"))
    assert answer.status_code == 422
    assert "fra 1 til 100" in answer.text
    assert Case.select().where(Case.employee == employee).count() == 0


def test_dates_as_norwegians_type_them(client: FlaskClient, world: World) -> None:
    employee, kari = _new(world), Browser(client, "kari")
    day = world.today
    kari.post(f"/admin/saker/new/?employee={employee.id}", _form(world, first_day=f"{day.day}.{day.month}.{day.year}"))
    assert Case.get(Case.employee == employee).first_day == day


def test_the_list_shows_what_a_leader_needs_first(client: FlaskClient, world: World) -> None:
    refresh(world.per_case)
    text = said(Browser(client, "kari").get("/admin/saker/"))
    for words in ("Per Ås", "uke 3", "100 %", "Ta kontakt og hør hvordan det går", "13 dager over", "ikke begynt"):
        assert words in text
    start = said(Browser(client.application.test_client(), "kari").get("/admin/"))
    assert "Per Ås" in start
    assert "13 dager over" in start


def test_the_case_page_is_the_hub(client: FlaskClient, world: World) -> None:
    refresh(world.per_case)
    text = said(Browser(client, "kari").get(f"/admin/saker/details/?id={world.per_case.id}"))
    for words in ("Neste steg Ta kontakt og hør hvordan det går", "Om saken", "Planer og dokumenter", "Tiltak",
                  "Kontaktlogg", "Fraværsperioder", "Forløpet", "Fagarbeider, 100 %", "Kari Leder", "Lege Ly",
                  "anslag", "Stell og pleie", "Uke i fraværet uke 3", "Dialogmøter", "Brev", "Samtykke",
                  f"Arbeidsgiverperiode {world.per_case.first_day.day}. ", "13 dager over",
                  "Sjekkliste på papir: utfylt"):  # fmt: skip
        assert words in text, words


def test_the_timeline_names_who_acts_and_one_click_for_each(client: FlaskClient, world: World) -> None:
    refresh(world.per_case)
    page = Browser(client, "kari").get(f"/admin/saker/details/?id={world.per_case.id}")
    text, case = said(page), world.per_case.id
    for words in ("Dialogmøte 1 (senere)", "leder Kall inn til møtet", "Nav", "Andre valg"):
        assert words in text, words
    for path in (f"/admin/kontaktlogg/new/?case={case}", f"/admin/planer/start/?case={case}",
                 f"/admin/moter/new/?case={case}&amp;number=1", "/admin/milepeler/?id="):  # fmt: skip
        assert path in page.text, path
    assert page.text.count("btn btn-primary") == 1


def test_an_employee_reads_the_timeline_without_the_leaders_buttons(client: FlaskClient, world: World) -> None:
    refresh(world.per_case)
    page = Browser(client, "per").get(f"/admin/saker/details/?id={world.per_case.id}")
    assert "Oppfølgingsplan ferdig og gitt til sykmelder" in said(page)
    for words in ("Neste steg", "Andre valg", "Kall inn til møtet", "Merk som gjort", "Sjekkliste"):
        assert words not in said(page), words
    assert "/admin/milepeler/" not in page.text


def test_two_absences_in_one_case_are_told_of(client: FlaskClient, world: World) -> None:
    """Nav counts 16 days at work as the end of an absence; the case can then be split."""
    case, day = world.per_case, dt.timedelta(days=1)
    AbsencePeriod.update(to_date=case.first_day).where(AbsencePeriod.case == case).execute()
    AbsencePeriod.create(municipality=world.storvik, case=case, from_date=case.first_day + 17 * day, grade=100)
    page = Browser(client, "kari").get(f"/admin/saker/details/?id={case.id}")
    assert "Etter Navs regel er det et nytt sykefravær" in said(page)
    assert "Del saken" in said(page)
    per = Browser(client.application.test_client(), "per").get(f"/admin/saker/details/?id={case.id}")
    assert "Del saken" not in said(per)


def test_whole_identity_number_is_shown_on_demand_and_noted(client: FlaskClient, world: World) -> None:
    kari, number = Browser(client, "kari"), world.per_employee.unseal("national_id")
    page = kari.get(f"/admin/saker/details/?id={world.per_case.id}")
    assert number not in page.text
    answer = kari.post("/admin/saker/national-id/", {"id": world.per_case.id})
    assert number in answer.text.replace(" ", "")
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).get()
    assert (event.tag, event.subject_id) == ("employee:national-id-shown", world.per_employee.id)
    assert number not in kari.get(f"/admin/saker/details/?id={world.per_case.id}").text


# ---------------------------------------------------------------- change and close


def test_changing_a_case(client: FlaskClient, world: World) -> None:
    kari, case = Browser(client, "kari"), world.per_case
    form = {"kind": "sick_leave", "first_day": "2026-01-05", "ordinary_tasks": "Ny", "sick_pay_end": "",
            "revision": case.revision}  # fmt: skip
    assert kari.post(f"/admin/saker/edit/?id={case.id}", form).status_code == 303
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).get()
    assert (event.tag, event.fields) == ("case:changed", "first_day ordinary_tasks")


@pytest.mark.parametrize("revision", ["0", "", "x", "-1", "9" * 30, "999"])
def test_a_stale_change_shows_both_texts(client: FlaskClient, world: World, revision: str) -> None:
    kari, siri, case = Browser(client, "kari"), Browser(client.application.test_client(), "siri"), world.per_case
    first = {
        "kind": "sick_leave",
        "first_day": case.first_day,
        "revision": case.revision,
        "ordinary_tasks": "Siris tekst",
    }
    assert siri.post(f"/admin/saker/edit/?id={case.id}", first).status_code == 303
    mine = {**first, "ordinary_tasks": "Karis tekst", "revision": revision}
    answer = kari.post(f"/admin/saker/edit/?id={case.id}", mine)
    assert answer.status_code == 409
    assert "Siris tekst" in answer.text
    assert answer.text.count("Karis tekst") == 2  # beside the other, and in the field
    assert Case.get_by_id(case.id).ordinary_tasks == "Siris tekst"
    fresh = Case.get_by_id(case.id).revision
    assert f'name="revision" type="hidden" value="{fresh}"' in answer.text
    assert kari.post(f"/admin/saker/edit/?id={case.id}", {**mine, "revision": fresh}).status_code == 303
    assert Case.get_by_id(case.id).ordinary_tasks == "Karis tekst"


def test_a_field_that_was_not_sent_is_not_erased(client: FlaskClient, world: World) -> None:
    case = world.per_case
    Case.update(sick_pay_end=dt.date(2026, 12, 24)).where(Case.id == case.id).execute()
    form = {"kind": "sick_leave", "first_day": case.first_day, "revision": case.revision}
    assert Browser(client, "kari").post(f"/admin/saker/edit/?id={case.id}", form).status_code == 303
    after = Case.get_by_id(case.id)
    assert (after.ordinary_tasks, after.sick_pay_end) == ("Stell og pleie", dt.date(2026, 12, 24))


def test_closing_and_opening_again(client: FlaskClient, world: World) -> None:
    kari, case = Browser(client, "kari"), world.per_case
    form = {"id": case.id, "revision": case.revision, "what": "close"}
    assert kari.post("/admin/saker/close/", form).status_code == 303
    assert kari.post("/admin/saker/close/", form).status_code == 303  # sent twice
    closed = Case.get_by_id(case.id)
    assert (closed.status, closed.closed_on, closed.next_step) == ("closed", world.today, "")
    assert AuditEvent.select().where(AuditEvent.tag == "case:closed").count() == 1
    for path in (f"tiltak/new/?case={case.id}", f"kontaktlogg/new/?case={case.id}", f"perioder/new/?case={case.id}"):
        assert kari.get(f"/admin/{path}").status_code == 409
    assert kari.post(f"/admin/planer/start/?case={case.id}").status_code == 409
    assert "Per Ås" not in kari.get("/admin/saker/").text
    assert "Per Ås" in kari.get("/admin/saker/?status=closed").text
    again = {"id": case.id, "revision": closed.revision, "what": "reopen"}
    assert kari.post("/admin/saker/close/", again).status_code == 303
    assert Case.get_by_id(case.id).status == "open"


def test_a_case_is_not_opened_again_beside_another(client: FlaskClient, world: World) -> None:
    kari, case = Browser(client, "kari"), world.per_case
    kari.post("/admin/saker/close/", {"id": case.id, "revision": case.revision, "what": "close"})
    make_case(world.per_employee, world.today)
    answer = kari.post("/admin/saker/close/", {"id": case.id, "revision": case.revision + 1, "what": "reopen"})
    assert answer.status_code == 422
    assert "har allerede en åpen sak" in answer.text
    assert Case.get_by_id(case.id).status == "closed"


@pytest.mark.parametrize("data", [{}, {"id": "x"}, {"revision": "x"}, {"revision": "9" * 40}, {"what": "eat"}])
def test_odd_requests_are_answered(client: FlaskClient, world: World, data: dict[str, str]) -> None:
    form = {"id": str(world.per_case.id), "revision": "77", **data}
    answer = Browser(client, "kari").post("/admin/saker/close/", form)
    assert answer.status_code in (404, 409)


# ---------------------------------------------------------------- midnight, faults of the machine, language


def test_days_change_at_midnight_in_norway(app: Flask, world: World) -> None:
    """The deadline of the first contact is today one second, and over it the next."""
    due = world.per_case.first_day + dt.timedelta(days=7)
    make_leader(world.kari, world.per_employee, world.today - dt.timedelta(days=30))
    Case.update(next_due=due, next_step="contact").where(Case.id == world.per_case.id).execute()
    midnight = dt.datetime.combine(due + dt.timedelta(days=1), dt.time(), tzinfo=OSLO)
    for moment, words in ((midnight - dt.timedelta(seconds=1), "i dag"), (midnight, "1 dag over")):
        with time_machine.travel(moment, tick=False):
            assert words in said(Browser(app.test_client(), "kari").get("/admin/saker/"))


def _lock(app: Flask) -> sqlite3.Connection:
    import models

    models.db.obj.pragma("busy_timeout", 50, permanent=True)
    other = sqlite3.connect(app.config["SETTINGS"].database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


@pytest.mark.usefixtures("only_sqlite")
def test_a_locked_database_keeps_the_text(app: Flask, world: World) -> None:
    kari, case = Browser(app.test_client(), "kari"), world.per_case
    other = _lock(app)
    form = {"what": "Heve og senke bordet", "kind": "workplace", "status": "agreed"}
    answer = kari.post(f"/admin/tiltak/new/?case={case.id}", form)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert 'value="Heve og senke bordet"' in answer.text
    assert f'action="/admin/tiltak/new/?case={case.id}"' in answer.text
    assert kari.get("/admin/saker/").status_code == 503
    other.execute("ROLLBACK")
    other.close()
    assert case.measures.count() == 0
    assert kari.post(f"/admin/tiltak/new/?case={case.id}", form).status_code == 303
    assert case.measures.count() == 1


@pytest.mark.usefixtures("only_sqlite")
def test_a_full_disk_keeps_the_text_and_the_data(app: Flask, world: World) -> None:
    import models

    kari, case = Browser(app.test_client(), "kari"), world.per_case
    pages = models.db.obj.pragma("page_count")
    models.db.obj.pragma("max_page_count", pages, permanent=True)
    models.db.close()
    text = "Lang tekst. " * 300
    answer = None
    for _ in range(200):
        form = {"at": "2026-01-05T10:00", "kind": "phone", "text": text}
        answer = kari.post(f"/admin/kontaktlogg/new/?case={case.id}", form)
        if answer.status_code != 303:
            break
    assert answer is not None
    assert answer.status_code == 503
    assert "Ingenting er endret." in answer.text
    assert text.strip() in answer.text
    written = case.contacts.count()
    models.db.obj.pragma("max_page_count", 1_000_000, permanent=True)
    models.db.close()
    assert models.db.obj.pragma("integrity_check") == "ok"
    assert all(entry.unseal("text") == text.strip() for entry in case.contacts)
    assert AuditEvent.select().where(AuditEvent.tag == "contact:created").count() == written
    assert kari.post(f"/admin/kontaktlogg/new/?case={case.id}", form).status_code == 303


@pytest.mark.parametrize("path", [
    "/admin/", "/admin/saker/", "/admin/saker/details/?id={case}", "/admin/saker/edit/?id={case}", "/admin/ansatte/",
    "/admin/tiltak/", "/admin/kontaktlogg/new/?case={case}", "/admin/planer/", "/konto/passord",
])  # fmt: skip
def test_nynorsk(client: FlaskClient, world: World, path: str) -> None:
    User.update(language="nn").where(User.id == world.kari.id).execute()
    answer = Browser(client, "kari").get(path.format(case=world.per_case.id))
    assert answer.status_code == 200
    assert '<html lang="nn">' in answer.text


def test_an_employee_answers_the_invitation_from_the_case(client: FlaskClient, world: World) -> None:
    meeting = DialogueMeeting.create(
        municipality=world.storvik, case=world.per_case, number=1, at=now() + dt.timedelta(days=5), place="Rådhuset"
    )
    seat = MeetingParticipant.create(municipality=world.storvik, meeting=meeting, role="employee", name="Per Ås")
    per, path = Browser(client, "per"), f"/admin/saker/details/?id={world.per_case.id}"
    page = per.get(path)
    assert "Jeg kommer" in said(page)
    assert f"/admin/moter/answer/?id={seat.id}" in page.text
    answer = per.post(f"/admin/moter/answer/?id={seat.id}", {"answer": "comes", "revision": seat.revision})
    assert answer.status_code == 303, said(answer)
    assert "du har svart: kommer" in said(per.get(path))
    kari = said(Browser(client.application.test_client(), "kari").get(path))
    assert "Dialogmøte 1" in kari
    assert "Jeg kommer" not in kari
