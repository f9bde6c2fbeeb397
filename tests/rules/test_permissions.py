"""Role × page with ids: who reaches what, in addresses, form fields, look-ups, batches and exports."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import models
from models import (
    AuditEvent,
    Case,
    ContactEntry,
    Dispatch,
    Document,
    Employee,
    LeaderRelation,
    Measure,
    Plan,
    Unit,
    User,
    UserRole,
)
from services import access, clock, meetings
from services.access import load_actor
from services.errors import NotAllowed, NotVisible
from tests.front import Browser, plan_set, refusals, rows_by_table, said
from tests.world import World, make_case, make_employee, make_leader, make_user

ROLES = ("kari", "ola", "siri", "per", "anne", "aud", "tone", "")
STRANGER = 303


@dataclass
class Rows:
    """What the addresses below point to: all about Per, Kari's employee in Storvik."""

    world: World
    draft: Plan
    finished: Plan
    document: Document
    measure: Measure
    contact: ContactEntry
    fjell_set: Any
    meeting: models.DialogueMeeting
    letter: Dispatch

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)


@pytest.fixture
def rows(app: Flask, library: World) -> Rows:
    kari = Browser(app.test_client(), "kari")
    case = library.per_case
    finished = kari.finished_plan(case)
    draft = kari.start_plan(case)
    measure = Measure.create(municipality=library.storvik, case=case, what="Heve bordet", kind="workplace")
    contact = ContactEntry(municipality=library.storvik, case=case, at=models.now(), kind="phone", author=library.kari)
    contact.seal("text", "Ringte")
    contact.save(force_insert=True)
    document = Document.get(Document.plan == finished)
    letter = make_letter(library)
    return Rows(
        library, draft, finished, document, measure, contact, plan_set(library.fjell), make_meeting(library), letter
    )


def make_meeting(world: World) -> models.DialogueMeeting:
    """Kari's, tomorrow, with Per's certifier."""
    leader = load_actor(world.kari.id)
    assert leader
    people = {"leader": "Kari Leder", "certifier": "Lege Ly"}
    values = {"day": world.today + dt.timedelta(days=1), "time": dt.time(10), "place": "Her", "link": "",
              "agreed": True, "people": people}  # fmt: skip
    return meetings.plan_meeting(leader, world.per_case.id, 1, values)


def make_letter(world: World) -> Dispatch:
    """Sent to Per by Kari today."""
    document = Document(
        municipality=world.storvik, case=world.per_case, unit=world.home_care, kind="letter", title="Brev", size=1,
        mime="application/pdf", sha256="", author=world.kari,
    )  # fmt: skip
    document.seal("content", b"%")
    document.save(force_insert=True)
    letter: Dispatch = Dispatch.create(
        municipality=world.storvik, case=world.per_case, document=document, unit=world.home_care, letter="brev",
        recipient="employee", how="post", sent_on=world.today, sent_by=world.kari,
    )  # fmt: skip
    return letter


# Address, what it opens, and the answer to each of ROLES. Kari leads Per; Ola did until three weeks ago and leads Lise;
# Siri is HR; Per is the employee; Anne is administrator; Aud is auditor; Tone is HR of another municipality.
READ = """
                                                  kari ola siri per anne aud tone none
/admin/saker/details/?id={per_case.id}             200 404 200 200 403 403 404 303
/admin/saker/edit/?id={per_case.id}                200 404 200 403 403 403 404 303
/admin/saker/new/?employee={per_employee.id}       200 404 200 403 403 403 404 303
/admin/saker/?search=Per                           200 200 200 200 403 403 200 303
/admin/saker/export/csv/                           403 403 200 403 403 403 200 303
/admin/tall/                                       403 403 200 403 403 403 200 303
/admin/saker/export/xlsx/                          403 403 200 403 403 403 200 303
/admin/saker/export/json/                          404 404 404 404 403 403 404 303
/admin/planer/details/?id={finished.id}            200 404 200 200 403 403 404 303
/admin/planer/pdf/?id={finished.id}                200 404 200 200 403 403 404 303
/admin/planer/edit/?id={finished.id}               303 404 303 403 403 403 404 303
/admin/planer/review/?id={finished.id}             303 404 303 403 403 403 404 303
/admin/planer/sign/?id={finished.id}               200 404 200 403 403 403 404 303
/admin/planer/misregister/?id={finished.id}        403 404 200 403 403 403 404 303
/admin/planer/edit/?id={draft.id}                  200 404 200 404 403 403 404 303
/admin/planer/details/?id={draft.id}               303 404 303 404 403 403 404 303
/admin/planer/review/?id={draft.id}                200 404 200 404 403 403 404 303
/admin/planer/pdf/?id={draft.id}                   200 404 200 404 403 403 404 303
/admin/planer/sign/?id={draft.id}                  409 404 409 404 403 403 404 303
/admin/planer/document/?id={document.id}           200 404 200 200 403 403 404 303
/admin/planer/start/?case={per_case.id}            200 404 200 403 403 403 404 303
/admin/planer/export/csv/                          403 403 200 403 403 403 200 303
/admin/planer/start/?case={per_case.id}&purpose=consent 200 404 200 403 403 403 404 303
/admin/planer/start/?case={per_case.id}&purpose=minutes&meeting={meeting.id} 409 404 409 403 403 403 404 303
/admin/moter/?id={meeting.id}                      200 404 200 200 403 403 404 303
/admin/moter/new/?case={per_case.id}&number=2      200 404 200 403 403 403 404 303
/admin/moter/edit/?id={meeting.id}                 200 404 200 403 403 403 404 303
/admin/moter/result/?id={meeting.id}               200 404 200 403 403 403 404 303
/admin/moter/cancel/?id={meeting.id}               200 404 200 403 403 403 404 303
/admin/moter/answer/?id={asked.id}                 200 404 200 200 403 403 404 303
/admin/moter/answer/?id={other_asked.id}           200 404 200 403 403 403 404 303
/admin/tiltak/edit/?id={measure.id}                200 404 200 403 403 403 404 303
/admin/tiltak/new/?case={per_case.id}              200 404 200 403 403 403 404 303
/admin/tiltak/export/csv/                          403 403 200 403 403 403 200 303
/admin/kontaktlogg/new/?case={per_case.id}         200 404 200 403 403 403 404 303
/admin/kontaktlogg/new/?case={per_case.id}&corrects={contact.id} 200 404 200 403 403 403 404 303
/admin/perioder/new/?case={per_case.id}            200 404 200 403 403 403 404 303
/admin/perioder/edit/?id={per_period.id}           200 404 200 403 403 403 404 303
/admin/milepeler/?id={per_milestone.id}            200 404 200 403 404 403 404 303
/admin/milepeler/checklist/?case={per_case.id}     200 404 200 403 404 403 404 303
/admin/milepeler/checklist/?case={per_case.id}&blank=1 200 404 200 403 404 403 404 303
/admin/milepeler/checklist/?blank=1                200 200 200 403 200 403 200 303
/admin/ansatte/                                    200 200 200 403 200 403 200 303
/admin/ansatte/details/?id={per_employee.id}       200 404 200 403 200 403 404 303
/admin/ansatte/edit/?id={per_employee.id}          200 404 200 403 200 403 404 303
/admin/ansatte/new/                                403 403 200 403 200 403 200 303
/admin/ansatte/export/csv/                         403 403 200 403 403 403 200 303
/admin/enheter/                                    403 403 200 403 200 403 200 303
/admin/enheter/edit/?id={home_care.id}             403 403 403 403 200 403 403 303
/admin/enheter/new/                                403 403 403 403 200 403 403 303
/admin/brukere/                                    403 403 403 403 200 403 403 303
/admin/brukere/edit/?id={kari.id}                  403 403 403 403 200 403 403 303
/admin/brukere/new/                                403 403 403 403 200 403 403 303
/admin/skjema/                                     200 200 200 403 200 403 200 303
/admin/skjema/details/?id={own_set.id}             200 200 200 403 200 403 404 303
/admin/skjema/blank/?id={own_set.id}               200 200 200 403 200 403 404 303
/admin/skjema/publiser/?id={own_set.id}            403 403 403 403 200 403 403 303
/admin/skjema/publiser/versions/?id={own_set.id}   403 403 403 403 200 403 403 303
/admin/skjema/publiser/compare/?id={own_set.id}&from=1&to=1 403 403 403 403 200 403 403 303
/admin/skjema/fil/?id={own_set.id}                 403 403 403 403 200 403 403 303
/admin/skjema/fil/export/?id={own_set.id}          403 403 403 403 200 403 403 303
/admin/skjema/fil/export/?id={own_set.id}&form=json 403 403 403 403 200 403 403 303
/admin/skjema/vis/?id={own_set.id}                 403 403 403 403 200 403 403 303
/admin/skjema/vis/frame/?id={own_set.id}           403 403 403 403 200 403 403 303
/admin/skjema/bygg/?id={own_set.id}                403 403 403 403 200 403 403 303
/admin/skjema/publiser/upgrade/?id={own_set.id}    403 403 403 403 303 403 403 303
/admin/skjema/fil/                                 403 403 403 403 200 403 403 303
/admin/skjema/new/                                 403 403 403 403 200 403 403 303
/admin/skjema/publiser/?id={fjell_set.id}          403 403 403 403 404 403 403 303
/admin/skjema/publiser/versions/?id={fjell_set.id} 403 403 403 403 404 403 403 303
/admin/skjema/publiser/compare/?id={fjell_set.id}&from=1&to=1 403 403 403 403 404 403 403 303
/admin/skjema/publiser/upgrade/?id={fjell_set.id}  403 403 403 403 404 403 403 303
/admin/skjema/fil/?id={fjell_set.id}               403 403 403 403 404 403 403 303
/admin/skjema/fil/export/?id={fjell_set.id}&form=json 403 403 403 403 404 403 403 303
/admin/skjema/vis/?id={fjell_set.id}               403 403 403 403 404 403 403 303
/admin/skjema/vis/frame/?id={fjell_set.id}         403 403 403 403 404 403 403 303
/admin/skjema/vis/paper/?id={fjell_set.id}&as=blank 403 403 403 403 404 403 403 303
/admin/skjema/bygg/?id={fjell_set.id}              403 403 403 403 404 403 403 303
/admin/brev/                                       200 200 200 403 200 403 200 303
/admin/brev/details/?id={own_letter.id}            200 200 200 403 200 403 404 303
/admin/brev/blank/?id={own_letter.id}              200 200 200 403 200 403 404 303
/admin/brev/details/?id={own_letter.id}&version=1  403 403 403 403 200 403 404 303
/admin/brev/new/                                   403 403 403 403 200 403 403 303
/admin/brev/bygg/?id={own_letter.id}               403 403 403 403 200 403 403 303
/admin/brev/bygg/?id={fjell_letter.id}             403 403 403 403 404 403 403 303
/admin/brev/bygg/?id={own_set.id}                  403 403 403 403 404 403 403 303
/admin/brev/bygg/paper/?id={own_letter.id}         403 403 403 403 200 403 403 303
/admin/brev/bygg/paper/?id={fjell_letter.id}       403 403 403 403 404 403 403 303
/admin/skjema/bygg/?id={own_letter.id}             403 403 403 403 404 403 403 303
/admin/skjema/publiser/?id={fjell_letter.id}       403 403 403 403 404 403 403 303
/admin/lop/                                        403 403 403 403 200 403 403 303
/admin/lop/new/                                    403 403 403 403 200 403 403 303
/admin/lop/details/?id={own_steps.id}              403 403 403 403 200 403 403 303
/admin/lop/details/?id={fjell_steps.id}            403 403 403 403 404 403 403 303
/admin/lop/details/?id={own_letter.id}             403 403 403 403 404 403 403 303
/admin/skjema/bygg/?id={own_set.id}                403 403 403 403 200 403 403 303
/admin/skjema/bygg/?id={own_set.id}&item=how_now   403 403 403 403 200 403 403 303
/admin/skjema/bygg/?id={fjell_set.id}              403 403 403 403 404 403 403 303
/admin/oppfolging/                                 403 403 403 403 200 403 403 303
/admin/paminnelser/                                403 403 403 403 200 403 403 303
/admin/paminnelser/details/?id=1                   403 403 403 403 404 403 403 303
/admin/konto/                                      200 200 200 200 200 200 200 303
/admin/sakbrev/choose/?case={per_case.id}          200 404 200 403 403 403 404 303
/admin/sakbrev/write/?case={per_case.id}&key=info-1 200 404 200 403 403 403 404 303
/admin/sakbrev/write/?case={per_case.id}&key=lovens-minimum 404 404 404 403 403 403 404 303
/admin/sakbrev/write/?case={bjarte_case.id}&key=info-1 404 404 404 403 403 403 200 303
/admin/sendte-brev/                                200 200 200 403 403 403 200 303
/admin/planer/document/?id={letter.document_id}    200 404 200 200 403 403 404 303
/admin/logg/                                       403 403 403 403 403 200 403 303
/admin/logg/details/?id=1                          403 403 403 403 403 404 403 303
"""
# The same for what is sent: address | fields | answers.
WRITE = """
/admin/saker/edit/?id={per_case.id} | kind=sick_leave first_day=2026-01-05 revision=0            | 409 404 409 403 403 403 404 303
/admin/saker/close/ | id={per_case.id} revision=999 what=close                                   | 409 404 409 403 403 403 404 303
/admin/saker/national-id/ | id={per_case.id}                                                     | 200 404 200 404 403 403 404 303
/admin/perioder/remove/ | id=0                                                                   | 404 404 404 404 403 403 404 303
/admin/perioder/split/ | id={per_case.id} revision=1                                             | 409 404 409 403 403 403 404 303
/admin/perioder/edit/?id={per_period.id} | from_date=x grade=100                                 | 422 404 422 403 403 403 404 303
/admin/tiltak/edit/?id={measure.id} | what= kind=tasks status=proposed                           | 422 404 422 403 403 403 404 303
/admin/tiltak/new/?case={per_case.id} | what= kind=tasks status=proposed                         | 422 404 422 403 403 403 404 303
/admin/kontaktlogg/new/?case={per_case.id} | kind=phone                                          | 422 404 422 403 403 403 404 303
/admin/milepeler/?id={per_milestone.id} | what=done done_on=x revision=1                         | 422 404 422 403 404 403 404 303
/admin/milepeler/done/ | id={per_milestone.id} revision=999                                      | 409 404 409 403 404 403 404 303
/admin/milepeler/done/ | id={per_milestone.id}                                                   | 303 404 303 403 404 403 404 303
/admin/milepeler/undo/ | id={per_milestone.id}                                                   | 303 404 303 403 404 403 404 303
/admin/planer/start/?case={per_case.id} | set={fjell_set.id}                                     | 303 404 303 403 403 403 404 303
/admin/planer/start/?case={lise_case.id} | set={fjell_set.id}                                    | 404 404 404 404 403 403 404 303
/admin/planer/edit/?id={draft.id} | q_how_now=                                                   | 303 404 303 404 403 403 404 303
/admin/planer/finish/ | id={draft.id}                                                            | 422 404 422 404 403 403 404 303
/admin/planer/sign/?id={finished.id} | role=employer                                             | 422 404 422 403 403 403 404 303
/admin/planer/misregister/?id={finished.id} | reason=                                            | 403 404 422 403 403 403 404 303
/admin/planer/withdraw/?id={finished.id} | day=2026-01-05                                        | 409 404 409 409 403 403 404 303
/admin/moter/new/?case={per_case.id}&number=2 | day=x                                            | 422 404 422 403 403 403 404 303
/admin/moter/edit/?id={meeting.id} | day=x                                                       | 422 404 422 403 403 403 404 303
/admin/moter/told/ | id={meeting.id} role=union                                                  | 404 404 404 403 403 403 404 303
/admin/moter/answer/?id={asked.id} | answer=                                                     | 422 404 422 422 403 403 404 303
/admin/moter/answer/?id={other_asked.id} | answer=                                               | 422 404 422 403 403 403 404 303
/admin/moter/result/?id={meeting.id} | outcome=held                                              | 422 404 422 403 403 403 404 303
/admin/moter/cancel/?id={meeting.id} | revision=99                                               | 409 404 409 403 403 403 404 303
/admin/moter/reopen/ | id={meeting.id} revision=1                                                | 303 404 303 403 403 403 404 303
/admin/planer/action/ | action=print rowid={finished.id}                                         | 403 403 200 403 403 403 404 303
/admin/planer/action/ | action=delete rowid={finished.id}                                        | 403 403 403 403 403 403 403 303
/admin/saker/action/ | action=delete rowid={per_case.id}                                          | 403 403 403 403 403 403 403 303
/admin/ansatte/edit/?id={per_employee.id} | name= position_percent=100                           | 422 404 422 403 422 403 404 303
/admin/brukere/edit/?id={kari.id} | name= roles=leader                                           | 403 403 403 403 422 403 403 303
/admin/brukere/end-sessions/ | id={ola.id}                                                       | 403 403 403 403 303 403 403 303
/admin/skjema/bygg/?id={own_set.id}&item=how_now | do=nothing                                    | 403 403 403 403 422 403 403 303
/admin/skjema/bygg/?id={fjell_set.id}&item=how_now | do=nothing                                  | 403 403 403 403 404 403 403 303
/admin/brev/bygg/?id={own_letter.id} | do=nothing                                                | 403 403 403 403 422 403 403 303
/admin/brev/bygg/?id={fjell_letter.id} | do=nothing                                              | 403 403 403 403 404 403 403 303
/admin/brev/new/ | title=                                                                        | 403 403 403 403 422 403 403 303
/admin/lop/new/ | title=                                                                         | 403 403 403 403 422 403 403 303
/admin/lop/use/ | id={own_steps.id}                                                              | 403 403 403 403 303 403 403 303
/admin/lop/use/ | id={fjell_steps.id}                                                            | 403 403 403 403 404 403 403 303
/admin/lop/use/ | id={own_letter.id}                                                             | 403 403 403 403 404 403 403 303
/admin/sakbrev/write/?case={per_case.id}&key=info-1 | do=send                                    | 422 404 422 403 403 403 404 303
/admin/sakbrev/preview/?case={per_case.id}&key=info-1 | x=1                                      | 422 404 422 403 403 403 404 303
/admin/enheter/edit/?id={home_care.id} | name=                                                   | 403 403 403 403 422 403 403 303
/admin/planer/move/ | id={draft.id}                                                              | 303 404 303 404 403 403 404 303
/admin/skjema/new/ | title=                                                                      | 403 403 403 403 422 403 403 303
/admin/skjema/publiser/?id={own_set.id} | note= revision=0                                       | 403 403 403 403 409 403 403 303
/admin/skjema/publiser/?id={fjell_set.id} | note=x revision=0                                    | 403 403 403 403 404 403 403 303
/admin/skjema/publiser/restore/ | id={fjell_set.id} number=1                                     | 403 403 403 403 404 403 403 303
/admin/skjema/publiser/withdraw/ | id={fjell_set.id} number=1                                    | 403 403 403 403 404 403 403 303
/admin/skjema/publiser/withdraw/ | id={own_set.id} number=1                                      | 403 403 403 403 409 403 403 303
/admin/skjema/publiser/discard/ | id={fjell_set.id} revision=1                                   | 403 403 403 403 404 403 403 303
/admin/skjema/publiser/retire/ | id={fjell_set.id}                                               | 403 403 403 403 404 403 403 303
/admin/skjema/publiser/upgrade/?id={fjell_set.id} | x=1                                          | 403 403 403 403 404 403 403 303
/admin/skjema/fil/?id={fjell_set.id} | x=1                                                       | 403 403 403 403 404 403 403 303
/admin/oppfolging/ | remind_before=x                                                             | 403 403 403 403 422 403 403 303
/admin/konto/reminders/ | wanted=no                                                              | 303 303 303 303 303 303 303 303
/admin/konto/calendar/ | x=1                                                                     | 200 200 200 404 404 404 200 303
/admin/konto/calendar/revoke/ | x=1                                                              | 303 303 303 303 303 303 303 303
/admin/skjema/fil/take/ | id={fjell_set.id} data={{}}                                            | 403 403 403 403 404 403 403 303
"""


def _filled(text: str, rows: Rows) -> str:
    names = {name: getattr(rows.world, name) for name in rows.world.__dataclass_fields__}
    extra = {
        name: getattr(rows, name)
        for name in ("draft", "finished", "document", "measure", "contact", "fjell_set", "letter", "meeting")
    }
    people = models.MeetingParticipant.select().where(models.MeetingParticipant.meeting == rows.meeting)
    extra |= {"asked": people.where(models.MeetingParticipant.role == "employee").get(),
              "other_asked": people.where(models.MeetingParticipant.role == "certifier").get()}  # fmt: skip
    period = models.AbsencePeriod.get(models.AbsencePeriod.case == rows.world.per_case)
    milestone = models.Milestone.get(
        models.Milestone.case == rows.world.per_case, models.Milestone.code == "dialogue_1"
    )
    return text.format(**names, **extra, per_period=period, per_milestone=milestone, own_set=plan_set(rows.world.storvik),
                       own_letter=plan_set(rows.world.storvik, "info-1"),
                       fjell_letter=plan_set(rows.world.fjell, "info-1"),
                       own_steps=plan_set(rows.world.storvik, "notteroy"),
                       fjell_steps=plan_set(rows.world.fjell, "notteroy"))  # fmt: skip


def _expected(cells: list[str], role: str) -> int:
    return int(cells[ROLES.index(role)])


def _ask(browser: Browser, path: str, data: dict[str, Any] | None, role: str) -> tuple[int, int]:
    before = refusals()
    answer = browser.get(path) if data is None else browser.post(path, data)
    if role == "" and answer.status_code == STRANGER:
        assert answer.location.startswith("/login")
    return answer.status_code, refusals() - before


@pytest.mark.parametrize("role", ROLES, ids=[role or "nobody" for role in ROLES])
def test_who_may_open_what(app: Flask, rows: Rows, role: str) -> None:
    browser, faults = Browser(app.test_client(), role), []
    for line in READ.strip().splitlines()[1:]:
        path, *cells = line.split()
        wanted = _expected(cells, role)
        got, noted = _ask(browser, _filled(path, rows), None, role)
        if (got, noted) != (wanted, int(wanted in (403, 404))):
            faults.append(f"{path}: {got} with {noted} refusal(s), not {wanted}")
    assert faults == []


@pytest.mark.parametrize("role", ROLES, ids=[role or "nobody" for role in ROLES])
def test_who_may_send_what(app: Flask, rows: Rows, role: str) -> None:
    browser, faults = Browser(app.test_client(), role), []
    for line in WRITE.strip().splitlines():
        path, fields, answers = (part.strip() for part in line.split("|"))
        data = dict(pair.split("=", 1) for pair in _filled(fields, rows).split())
        wanted, before = _expected(answers.split(), role), rows_by_table()
        got, noted = _ask(browser, _filled(path, rows), data, role)
        if (got, noted) != (wanted, int(wanted in (403, 404))):
            faults.append(f"{path} {fields}: {got} with {noted} refusal(s), not {wanted}")
        if wanted in (403, 404, 303) and role == "" and rows_by_table() != before:
            faults.append(f"{path}: something was written")
    assert faults == []


def test_refusals_name_the_row_and_nothing_else(client: FlaskClient, rows: Rows) -> None:
    Browser(client, "ola").get(f"/admin/saker/details/?id={rows.per_case.id}&url=/Per")
    event = AuditEvent.select().where(AuditEvent.tag == "access:refused").order_by(AuditEvent.id.desc()).get()
    assert (event.actor_id, event.subject, event.subject_id) == (rows.ola.id, "case.details_view", rows.per_case.id)
    assert (event.municipality_id, event.fields) == (rows.storvik.id, "")


# ---------------------------------------------------------------- rows of another municipality


def test_lists_and_exports_hold_only_the_own_municipality(app: Flask, rows: Rows) -> None:
    siri, tone = Browser(app.test_client(), "siri"), Browser(app.test_client(), "tone")
    for path in (
        "/admin/saker/?status=all",
        "/admin/ansatte/",
        "/admin/planer/",
        "/admin/tiltak/",
        "/admin/",
        "/admin/saker/export/csv/?status=all",
        "/admin/ansatte/export/csv/",
        "/admin/planer/export/csv/",
    ):
        assert "Bjarte" not in siri.get(path).text
        assert "Per Ås" not in tone.get(path).text
    assert "Bjarte" in tone.get("/admin/saker/").text


def test_a_leader_sees_their_own_employees_only(app: Flask, rows: Rows) -> None:
    kari, ola = Browser(app.test_client(), "kari"), Browser(app.test_client(), "ola")
    for path in ("/admin/saker/?status=all", "/admin/ansatte/", "/admin/"):
        assert "Lise" not in kari.get(path).text
        assert "Per Ås" not in ola.get(path).text
        assert "Lise" in ola.get(path).text


def test_filters_do_not_reach_beyond_the_scope(app: Flask, rows: Rows) -> None:
    siri, kari = Browser(app.test_client(), "siri"), Browser(app.test_client(), "kari")
    foreign = siri.get(f"/admin/saker/?unit={rows.health.id}&leader={rows.jon.id}").text
    assert "Bjarte" not in foreign
    assert "Per Ås" in foreign  # an option that is not on the list is as none
    assert "Lise" not in kari.get(f"/admin/saker/?leader={rows.ola.id}&unit={rows.school.id}&status=all").text


@pytest.mark.parametrize(("who", "path", "field", "row"), [
    ("siri", "/admin/ansatte/edit/?id={}", "unit", "health"), ("anne", "/admin/ansatte/edit/?id={}", "unit", "health"),
    ("siri", "/admin/ansatte/edit/?id={}", "leader", "jon"), ("anne", "/admin/ansatte/edit/?id={}", "leader", "siri"),
    ("anne", "/admin/ansatte/edit/?id={}", "leader", "999999999999999999999"),
])  # fmt: skip
def test_forged_rows_in_the_employee_form(
    client: FlaskClient, rows: Rows, who: str, path: str, field: str, row: str
) -> None:
    employee = rows.per_employee
    value = row if row.isdecimal() else getattr(rows, row).id
    form = {"name": employee.name, "position_percent": 100, "unit": employee.unit_id, "revision": employee.revision}
    answer = Browser(client, who).post(path.format(employee.id), {**form, field: value})
    assert answer.status_code == 422
    assert "Velg ett av alternativene." in answer.text
    assert Employee.get_by_id(employee.id).unit_id == employee.unit_id
    assert LeaderRelation.select().where(LeaderRelation.leader == rows.jon).count() == 1


def test_a_leader_corrects_facts_but_moves_nobody(client: FlaskClient, rows: Rows) -> None:
    employee = rows.per_employee
    form = {
        "name": "Per Aas", "position_percent": 80, "revision": employee.revision, "unit": rows.school.id,
        "national_id": "02013299997", "leader": rows.ola.id, "active": "",
    }  # fmt: skip
    assert Browser(client, "kari").post(f"/admin/ansatte/edit/?id={employee.id}", form).status_code == 303
    after = Employee.get_by_id(employee.id)
    assert (after.name, after.position_percent) == ("Per Aas", 80)
    assert (after.unit_id, after.active, bytes(after.national_id)) == (
        employee.unit_id, True, bytes(employee.national_id),
    )  # fmt: skip
    assert (
        LeaderRelation.select().where(LeaderRelation.leader == rows.ola, LeaderRelation.to_date.is_null()).count() == 1
    )


def test_forged_parent_of_a_unit(client: FlaskClient, rows: Rows) -> None:
    form = {"name": "Skole", "parent": rows.health.id, "revision": 1}
    answer = Browser(client, "anne").post(f"/admin/enheter/edit/?id={rows.school.id}", form)
    assert answer.status_code == 422
    assert Unit.get_by_id(rows.school.id).parent_id is None


@pytest.mark.parametrize("others", ["bjarte", "fjell-plan"])
def test_a_batch_with_one_foreign_plan_prints_nothing(app: Flask, rows: Rows, others: str) -> None:
    foreign = Plan.create(
        municipality=rows.fjell, case=rows.bjarte_case, version=rows.fjell_set.versions.get(), number=1,
        status="finished" if others == "bjarte" else "draft",
    )  # fmt: skip
    siri = Browser(app.test_client(), "siri")
    before = refusals()
    answer = siri.post("/admin/planer/action/", {"action": "print", "rowid": [rows.finished.id, foreign.id]})
    assert (answer.status_code, refusals() - before) == (404, 1)
    assert AuditEvent.select().where(AuditEvent.tag == "plan:printed").count() == 0


def test_a_correction_points_within_its_own_case(app: Flask, rows: Rows) -> None:
    path = f"/admin/kontaktlogg/new/?case={rows.lise_case.id}&corrects={rows.contact.id}"
    form = {"at": "2026-01-05T10:00", "kind": "phone", "text": "x"}
    assert Browser(app.test_client(), "siri").post(path, form).status_code == 422
    assert Browser(app.test_client(), "ola").post(path, form).status_code == 404  # may not know of what it corrects
    assert ContactEntry.select().count() == 1


def test_a_users_roles_cannot_be_raised_from_below(client: FlaskClient, rows: Rows) -> None:
    form = {"name": "Kari", "roles": ["administrator"], "revision": 1}
    assert Browser(client, "kari").post(f"/admin/brukere/edit/?id={rows.kari.id}", form).status_code == 403
    assert [r.role for r in UserRole.select().where(UserRole.user == rows.kari)] == ["leader"]


def test_an_administrator_does_not_reach_users_elsewhere(client: FlaskClient, rows: Rows) -> None:
    anne = Browser(client, "anne")
    assert anne.get(f"/admin/brukere/edit/?id={rows.tone.id}").status_code == 404
    assert anne.post("/admin/brukere/end-sessions/", {"id": rows.tone.id}).status_code == 404
    assert anne.get(f"/admin/enheter/edit/?id={rows.health.id}").status_code == 404
    assert "Tone" not in anne.get("/admin/brukere/").text
    assert "Helse" not in anne.get("/admin/enheter/").text


def test_an_administrator_does_not_lock_themselves_out(client: FlaskClient, rows: Rows) -> None:
    form = {"name": "Anne", "roles": ["hr"], "active": "y", "revision": 1, "language": "nb"}
    answer = Browser(client, "anne").post(f"/admin/brukere/edit/?id={rows.anne.id}", form)
    assert answer.status_code == 422
    assert "administrator" in said(answer)


@pytest.mark.parametrize("url", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\tevil",
    "/\n/evil.example", "http:evil.example", " //evil.example",
])  # fmt: skip
def test_no_address_leads_out_of_the_site(client: FlaskClient, rows: Rows, url: str) -> None:
    employee = rows.per_employee
    form = {"name": employee.name, "position_percent": 100, "revision": employee.revision}
    query = {"id": employee.id, "url": url}
    kari = Browser(client, "kari")
    page = kari.get("/admin/ansatte/edit/", query_string=query)
    assert "evil" not in page.text.replace("?id=", "").split("<main")[1].split('action="/sprak"')[0]
    answer = kari.post("/admin/ansatte/edit/", form, query_string=query)
    assert (answer.status_code, answer.location) == (303, f"/admin/ansatte/details/?id={employee.id}")
    action = kari.post("/admin/planer/action/", {"action": "nothing", "url": url})
    assert action.status_code == 403


# ---------------------------------------------------------------- each condition of the door


def _sees(world: World, username: str, case: Case) -> bool:
    actor = load_actor(User.get(User.username == username).id)
    assert actor
    return access.cases(actor).where(Case.id == case.id).exists()


def _lead(world: World, start: int | None, end: int | None) -> None:
    """Kari leads Per from `start` to `end`, in days from today."""
    LeaderRelation.update(
        from_date=world.today + dt.timedelta(days=start or 0),
        to_date=None if end is None else world.today + dt.timedelta(days=end),
    ).where(LeaderRelation.leader == world.kari).execute()


@pytest.mark.parametrize(("start", "end", "sees"), [
    (0, None, True), (-1, None, True), (1, None, False), (-9, 0, True), (-9, 1, True), (-9, -1, False), (0, 0, True),
    (1, 5, False),
])  # fmt: skip
def test_a_leader_leads_from_and_to_the_day(world: World, start: int, end: int | None, sees: bool) -> None:
    _lead(world, start, end)
    assert _sees(world, "kari", world.per_case) is sees


@pytest.mark.parametrize(("closed", "sees"), [(-30, False), (-21, False), (-20, True), (-1, True), (0, True)])
def test_a_new_leader_does_not_see_cases_closed_before(world: World, closed: int, sees: bool) -> None:
    day = world.today + dt.timedelta(days=closed)
    Case.update(status="closed", closed_on=day).where(Case.id == world.per_case.id).execute()
    assert _sees(world, "kari", world.per_case) is sees
    assert _sees(world, "ola", world.per_case) is False
    assert _sees(world, "siri", world.per_case) is True
    assert _sees(world, "per", world.per_case) is True


def test_hr_of_a_unit_reaches_it_and_what_is_below(world: World) -> None:
    night = Unit.create(municipality=world.storvik, name="Natt", parent=world.home_care)
    deeper = Unit.create(municipality=world.storvik, name="Natt øst", parent=night)
    nina = make_employee(deeper, "Nina Natt", dt.date(1990, 1, 2))
    case = make_case(nina, world.today)
    UserRole.update(unit=world.home_care).where(UserRole.user == world.siri).execute()
    assert _sees(world, "siri", world.per_case)
    assert _sees(world, "siri", case)
    assert not _sees(world, "siri", world.lise_case)
    actor = load_actor(world.siri.id)
    assert actor
    assert {e.name for e in access.employees(actor)} == {"Per Ås", "Nina Natt"}
    with pytest.raises(NotVisible):
        access.get(actor, Employee, world.lise_employee.id, "employee.see")


def test_units_that_are_above_themselves_end(world: World) -> None:
    Unit.update(parent=world.school).where(Unit.id == world.home_care.id).execute()
    Unit.update(parent=world.home_care).where(Unit.id == world.school.id).execute()
    UserRole.update(unit=world.school).where(UserRole.user == world.siri).execute()
    assert _sees(world, "siri", world.per_case)


def test_hr_of_a_unit_and_of_all(world: World) -> None:
    UserRole.create(municipality=world.storvik, user=world.siri, role="hr", unit=world.school)
    assert _sees(world, "siri", world.per_case)
    assert _sees(world, "siri", world.lise_case)


def test_roles_add_up(world: World) -> None:
    """A leader who is employed and on sick leave sees both sides, but not the draft about themselves."""
    kari_employee = make_employee(world.home_care, "Kari Leder", dt.date(1979, 9, 9))
    case = make_case(kari_employee, world.today)
    User.update(employee=kari_employee).where(User.id == world.kari.id).execute()
    assert not _sees(world, "kari", case)
    UserRole.create(municipality=world.storvik, user=world.kari, role="employee")
    assert _sees(world, "kari", case)
    assert _sees(world, "kari", world.per_case)


def test_an_employee_without_a_person_sees_nothing(world: World) -> None:
    User.update(employee=None).where(User.id == world.per.id).execute()
    assert not _sees(world, "per", world.per_case)


def test_nobody_reads_the_draft_about_themselves(app: Flask, rows: Rows) -> None:
    """Siri is HR and, for once, Per."""
    User.update(employee=rows.per_employee).where(User.id == rows.siri.id).execute()
    actor = load_actor(rows.siri.id)
    assert actor
    assert [p.id for p in access.plans(actor)] == [rows.finished.id]
    siri = Browser(app.test_client(), "siri")
    assert siri.get(f"/admin/planer/edit/?id={rows.draft.id}").status_code == 404
    assert siri.get(f"/admin/planer/pdf/?id={rows.draft.id}").status_code == 404


def test_an_employee_does_not_read_what_was_written_on_the_wrong_person(app: Flask, rows: Rows) -> None:
    siri, per = Browser(app.test_client(), "siri"), Browser(app.test_client(), "per")
    assert per.get(f"/admin/planer/pdf/?id={rows.finished.id}").status_code == 200
    siri.post(f"/admin/planer/misregister/?id={rows.finished.id}", {"reason": "Feil person"})
    for path in (f"details/?id={rows.finished.id}", f"pdf/?id={rows.finished.id}", f"document/?id={rows.document.id}"):
        assert per.get(f"/admin/planer/{path}").status_code == 404
        assert siri.get(f"/admin/planer/{path}").status_code == 200


def test_an_inactive_user_is_nobody(world: World) -> None:
    User.update(active=False).where(User.id == world.kari.id).execute()
    assert load_actor(world.kari.id) is None
    assert load_actor(0) is None


def test_a_user_without_roles_reaches_nothing(app: Flask, world: World) -> None:
    make_user(world.storvik, "nils", "Nils Ny", "leader")
    UserRole.delete().where(UserRole.user == User.get(User.username == "nils")).execute()
    nils = Browser.__new__(Browser)
    nils.client, nils.token = app.test_client(), ""
    actor = load_actor(User.get(User.username == "nils").id)
    assert actor
    assert list(access.cases(actor)) == list(access.employees(actor)) == list(access.users(actor)) == []
    assert list(access.question_sets(actor)) == list(access.plans(actor)) == []


@pytest.mark.parametrize(
    "row_id", [None, "", "0", "-1", "1 OR 1=1", "1.0", "99999999999999999999", "١x", "abc", "1;--"]
)
def test_an_id_that_is_none_finds_nothing(world: World, row_id: Any) -> None:
    actor = load_actor(world.siri.id)
    assert actor
    with pytest.raises(NotVisible):
        access.get(actor, Case, row_id, "case.see")


def test_seeing_is_not_doing(world: World) -> None:
    actor = load_actor(world.per.id)
    assert actor
    with pytest.raises(NotAllowed):
        access.get(actor, Case, world.per_case.id, "case.write")
    with pytest.raises(ValueError, match=r"case\.eat"):
        actor.require("case.eat")


def test_a_change_of_roles_holds_at_once(client: FlaskClient, world: World) -> None:
    kari = Browser(client, "kari")
    path = f"/admin/saker/details/?id={world.per_case.id}"
    assert kari.get(path).status_code == 200
    LeaderRelation.update(to_date=clock.today() - dt.timedelta(days=1)).where(
        LeaderRelation.leader == world.kari
    ).execute()
    assert kari.get(path).status_code == 404
    make_leader(world.kari, world.per_employee, world.today)
    assert kari.get(path).status_code == 200
    UserRole.delete().where(UserRole.user == world.kari).execute()
    assert kari.get(path).status_code in (403, 404)
