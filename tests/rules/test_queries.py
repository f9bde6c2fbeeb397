"""The number of queries of a page does not depend on how many rows it shows."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

import models
from models import (
    AbsencePeriod,
    AuditEvent,
    ContactEntry,
    DialogueMeeting,
    Dispatch,
    Document,
    Measure,
    MeetingParticipant,
    Milestone,
    Plan,
    QuestionSet,
    QuestionSetVersion,
    Reminder,
    Unit,
    User,
)
from services.cases import refresh
from tests.front import Browser, plan_set, traced
from tests.world import World, make_case, make_employee, make_leader, make_user

FEW, MANY = 3, 60
PAGES = {
    "/admin/": "kari", "/admin/?as=hr": "siri", "/admin/tall/": "siri",
    "/admin/saker/": "kari", "/admin/saker/?status=all&unit=1": "siri", "/admin/planer/": "siri",
    "/admin/tiltak/": "kari", "/admin/kontaktlogg/": "kari", "/admin/perioder/": "kari", "/admin/ansatte/": "kari",
    "/admin/ansatte/?choose=1": "siri", "/admin/brukere/": "anne", "/admin/enheter/": "anne", "/admin/skjema/": "siri",
    "/admin/paminnelser/": "anne", "/admin/oppfolging/": "anne", "/admin/konto/": "kari",
    "/admin/logg/": "aud", "/admin/saker/details/?id={case}": "kari", "/admin/ansatte/details/?id={employee}": "siri",
    "/admin/milepeler/?id={milestone}": "kari", "/admin/milepeler/checklist/?case={case}": "siri",
    "/admin/ansatte/edit/?id={employee}": "siri", "/admin/planer/edit/?id={plan}": "kari",
    "/admin/planer/review/?id={plan}": "kari", "/admin/planer/?purpose=all": "siri", "/admin/moter/?id={meeting}": "kari",
    "/admin/sendte-brev/": "siri", "/admin/sakbrev/choose/?case={case}": "kari",
    "/admin/sakbrev/write/?case={case}&key=brev-8-uker": "kari",
    "/admin/saker/export/csv/": "siri", "/admin/saker/export/xlsx/": "siri",
    "/admin/ansatte/export/csv/": "siri", "/admin/planer/export/csv/": "siri", "/admin/tiltak/export/csv/": "siri",
}  # fmt: skip


def _grow(world: World, count: int, plan: Plan) -> None:
    """Give every list `count` more rows, and Per's case as many of each kind."""
    version = plan.version
    with models.db.atomic():
        for number in range(count):
            name = f"Person {count} {number}"
            unit = Unit.create(municipality=world.storvik, name=name, parent=world.home_care)
            employee = make_employee(unit, name, dt.date(1950, 1, 1) + dt.timedelta(days=count * 100 + number))
            make_leader(world.kari, employee, world.today - dt.timedelta(days=99))
            case = make_case(employee, world.today - dt.timedelta(days=number))
            user = make_user(world.storvik, f"user{count}.{number}", name, "employee")
            Reminder.create(municipality=world.storvik, user=user, day=world.today)
            Plan.create(municipality=world.storvik, case=case, version=version, number=1)
            key = f"set-{count}-{number}"
            made = QuestionSet.create(municipality=world.storvik, key=key, kind="consent", title=key)
            QuestionSetVersion.create(
                municipality=world.storvik, question_set=made, number=1, definition=version.definition,
                sha256=version.sha256,
            )  # fmt: skip
            AuditEvent.create(municipality=world.storvik, actor=world.kari, tag="case:read")
            _in_case(world, count * 100 + number)
            refresh(case)


def _in_case(world: World, number: int) -> None:
    case = world.per_case
    Measure.create(municipality=world.storvik, case=case, what=f"Tiltak {number}", kind="tasks")
    day = dt.date(2001, 1, 1) + dt.timedelta(days=number)
    AbsencePeriod.create(municipality=world.storvik, case=case, from_date=day, to_date=day, grade=50)
    entry = ContactEntry(municipality=world.storvik, case=case, at=models.now(), kind="phone", author=world.kari)
    entry.seal("text", f"Samtale {number}")
    entry.save(force_insert=True)
    row = Milestone(municipality=world.storvik, case=case, code=f"own_{number}", due=day, state="not_relevant")
    row.decided_by, row.decided_at = world.kari, models.now()
    row.seal("reason", "Trengs ikke")
    row.save(force_insert=True)
    meeting = DialogueMeeting.create(municipality=world.storvik, case=case, number=1, at=models.now(), status="held")
    MeetingParticipant.create(municipality=world.storvik, meeting=meeting, role="employee")
    first = DialogueMeeting.select().where(DialogueMeeting.case == case).order_by(DialogueMeeting.id).get()
    MeetingParticipant.create(municipality=world.storvik, meeting=first, role="other", name=f"Gjest {number}")
    version = Plan.select().where(Plan.case == case).order_by(Plan.id).get().version
    Plan.create(municipality=world.storvik, case=case, version=version, number=number + 1, purpose="minutes",
                meeting=meeting)  # fmt: skip


def _letter(world: World, case: models.Case) -> None:
    document = Document.create(
        municipality=world.storvik, case=case, unit=case.unit_id, kind="letter", title="Brev", mime="application/pdf",
        size=1, sha256="", author=world.kari,
    )  # fmt: skip
    Dispatch.create(
        municipality=world.storvik, case=case, document=document, unit=case.unit_id, letter="brev", how="post",
        recipient="employee", sent_on=world.today, sent_by=world.kari,
    )  # fmt: skip


def _counts(app: Flask, world: World, plan: Plan) -> dict[str, int]:
    User.update(page_size=100).execute()
    browsers = {name: Browser(app.test_client(), name) for name in sorted(set(PAGES.values()))}
    counts = {}
    for page, who in PAGES.items():
        milestone = Milestone.get(Milestone.case == world.per_case, Milestone.code == "dialogue_1")
        meeting = (
            DialogueMeeting.select().where(DialogueMeeting.case == world.per_case).order_by(DialogueMeeting.id).get()
        )
        path = page.format(
            meeting=meeting.id,
            milestone=milestone.id,
            case=world.per_case.id,
            employee=world.per_employee.id,
            plan=plan.id,
        )
        with traced() as statements:
            answer = browsers[who].get(path)
        assert answer.status_code == 200, path
        counts[page] = len(statements)
    return counts


def test_constant_numbers_of_queries(app: Flask, library: World) -> None:
    plan = Browser(app.test_client(), "kari").start_plan(library.per_case)
    _grow(library, FEW, plan)
    few = _counts(app, library, plan)
    _grow(library, MANY, plan)
    many = _counts(app, library, plan)
    assert many == few
    assert max(few.values()) <= 40, few


@pytest.mark.parametrize("rows", [3, 60])
def test_saving_a_section_takes_few_queries(app: Flask, library: World, rows: int) -> None:
    kari = Browser(app.test_client(), "kari")
    plan = kari.start_plan(library.per_case)
    for number in range(rows):
        _in_case(library, number)
    with traced() as statements:
        assert kari.save(plan, "situation", {"q_how_now": "Bra", "q_function_now": "Ja"}).status_code == 303
    assert len(statements) <= 32
    assert plan_set(library.storvik)
