"""The demo's data: every state a case can be in, nobody who exists, made once and thrown away only where allowed."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import peewee as pw
import pytest
from PIL import Image
from pypdf import PdfReader

import models
from forms import answers as rules
from forms.library import letter_keys, load_shipped, shipped_keys, steps_keys
from models import (
    AbsencePeriod,
    Case,
    ContactEntry,
    DialogueMeeting,
    Document,
    Employee,
    LeaderRelation,
    Measure,
    Milestone,
    Municipality,
    Plan,
    QuestionSet,
    Signature,
    Unit,
    User,
    UserRole,
)
from services import (
    access,
    database,
    deadlines,
    demo,
    demo_texts,
    documents,
    milestones,
    national_id,
    passwords,
    people,
    plans,
    steps,
)
from services.clock import today
from services.demo_cases import STORIES
from services.demo_data import EMPLOYEES, USERS
from services.demo_pictures import scan, shield
from services.milestones import facts

HEALTH = re.compile(r"diagnos|depre|angst|kreft|prolaps|brudd|smerte|migrene|utbrent|operasjon|medikament", re.I)


@pytest.fixture(scope="module")
def seeded_file(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database filled once for the whole module."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    shutil.copyfile(_sqlite_template, path)
    opened = database.initialize(f"sqlite:///{path}")
    opened.connect()
    try:
        demo.seed()
    finally:
        opened.close()
    return path


@pytest.fixture
def seeded(seeded_file: Path, tmp_path: Path) -> Iterator[pw.Database]:
    path = tmp_path / "demo.db"
    shutil.copyfile(seeded_file, path)
    opened = database.initialize(f"sqlite:///{path}")
    opened.connect()
    yield opened
    opened.close()


def _state(case: Case) -> tuple[str, str, bool | None]:
    """Next step, plan, and whether the step is late."""
    return case.next_step, case.plan_status, case.next_due < today() if case.next_due else None


def _case(name: str) -> Case:
    return Case.select().join(Employee).where(Employee.name == name).get()


def test_there_are_enough_people_of_every_kind(seeded: pw.Database) -> None:
    assert sorted(m.language for m in Municipality.select()) == ["nb", "nn"]
    assert Unit.select().where(Unit.parent.is_null(False)).count() >= 3
    assert Employee.select().count() == len(EMPLOYEES) == 40
    roles = [row.role for row in UserRole.select()]
    assert roles.count("leader") >= 4
    assert {"administrator", "hr", "auditor", "employee"} <= set(roles)
    assert UserRole.select().where(UserRole.role == "hr", UserRole.unit.is_null(False)).count() == 1


def test_names_try_the_alphabets(seeded: pw.Database) -> None:
    names = [*(e.name for e in Employee.select()), *(u.name for u in User.select())]
    assert set("æøåÅØÆÁČáđŊ-'ł") <= set("".join(names))


def test_every_national_id_is_synthetic_and_unique(seeded: pw.Database) -> None:
    numbers = [e.unseal("national_id") for e in Employee.select()]
    assert len(set(numbers)) == 40
    assert all(81 <= int(number[2:4]) <= 92 for number in numbers)
    assert all(national_id.fault(number, allow_synthetic=True) is None for number in numbers)
    assert all(national_id.fault(number, allow_synthetic=False) is not None for number in numbers)
    assert all(e.birth_hint == e.unseal("national_id")[:6] for e in Employee.select())


def test_phones_and_addresses_reach_nobody(seeded: pw.Database) -> None:
    assert all(e.phone_private.startswith("00 00 ") and e.postal.startswith("0000 ") for e in Employee.select())
    assert all(user.email.endswith(".example") for user in User.select())


def test_everybody_has_a_leader_today_and_some_had_another(seeded: pw.Database) -> None:
    running = LeaderRelation.select().where(LeaderRelation.to_date.is_null())
    assert {row.employee_id for row in running} == {e.id for e in Employee.select()}
    assert LeaderRelation.select().where(LeaderRelation.to_date.is_null(False)).count() == 2


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Per Eksempelsen", ("contact", "none", False)),
        ("Ingebjørg Tenktsen-Næss", ("contact", "none", True)),
        ("Mohamed Al-Prøve", ("plan", "none", False)),
        ("Áile Ovdamearka", ("plan", "draft", True)),
        ("Siv-Åse D'Arcy", ("sign", "finished", False)),
        ("Døme Ødegård", ("evaluate", "signed", False)),
        ("Håkon Tøysing", ("evaluate", "signed", False)),
        ("Máret Dáhpáhus", ("dialogue_1", "signed", False)),
        ("Bjørn-Åge Påfunn", ("plan", "draft", True)),
        ("Vilde Aas-Fiksjon", ("plan", "draft", False)),
        ("Nils-Ánde Iskkus", ("", "none", None)),
        ("Sjúrđur Dømi", ("sign", "finished", True)),
        ("Steinar Utkastdal", ("plan_for_nav", "signed", False)),
    ],
)
def test_each_case_stands_where_its_story_says(seeded: pw.Database, name: str, state: tuple[str, str, bool]) -> None:
    assert _state(_case(name)) == state


def test_days_are_counted_from_today(seeded: pw.Database) -> None:
    assert _case("Per Eksempelsen").first_day == today() - dt.timedelta(days=1)
    assert _case("Håkon Tøysing").next_due == today()
    assert _case("Máret Dáhpáhus").next_due == today() + dt.timedelta(days=3)


def test_every_state_of_every_row_is_there(seeded: pw.Database) -> None:
    assert {c.kind for c in Case.select()} == set(models.cases.CASE_KINDS)
    assert {c.status for c in Case.select()} == set(models.cases.CASE_STATUSES)
    assert {p.status for p in Plan.select()} == set(models.plans.PLAN_STATUSES)
    assert {p.kind for p in Plan.select()} == set(models.plans.PLAN_KINDS)
    assert {m.status for m in Measure.select()} == set(models.cases.MEASURE_STATUSES)
    assert {m.declined_by for m in Measure.select()} == {"", *models.cases.PARTIES}
    assert {p.grade for p in AbsencePeriod.select()} >= {100, 50}
    assert ContactEntry.select().where(ContactEntry.corrects.is_null(False)).count() == 1
    assert {d.kind for d in Document.select()} == {"plan", "scan", "letter", "minutes"}
    assert {m.status for m in DialogueMeeting.select()} == {"planned", "held"}
    assert {m.state for m in Milestone.select()} == set(models.followup.MILESTONE_STATES)
    assert {p.language for p in Plan.select()} == {"nb", "nn"}


def test_lists_agree_with_the_cases(seeded: pw.Database) -> None:
    for case in Case.select():
        found = deadlines.steps(facts(case), steps.rules_for(case.municipality_id))
        rows = {(row.code, row.round, row.due, row.state == "done") for row in milestones.of_case(case)}
        assert rows >= {(step.code, step.round, step.due, step.done) for step in found if step.due}
        held = {(row.code, row.round): row for row in milestones.of_case(case)}
        again = {key: row.again_on for key, row in held.items() if row.state == "exempt"}
        found = [
            replace(step, due=again.get((step.code, step.round), step.due))
            for step in found
            if held[step.code, step.round].state != "not_relevant"
        ]
        found.sort(key=lambda step: step.due or dt.date.max)
        step = deadlines.next_step(found) if case.status == "open" else None
        assert (case.next_step, case.next_due) == ((step.code, step.due) if step else ("", None))


def test_a_chain_of_plans_ends_in_one_that_counts(seeded: pw.Database) -> None:
    chain = list(_case("Håkon Tøysing").plans.order_by(Plan.number))
    assert [(p.number, p.kind, p.status) for p in chain] == [
        (1, "first", "superseded"), (2, "extension", "superseded"), (3, "extension", "signed"),
    ]  # fmt: skip
    moments = [p.finished_at for p in chain]
    assert moments == sorted(moments)


def test_nothing_has_happened_in_the_future_or_in_the_wrong_order(seeded: pw.Database) -> None:
    moment = models.now()
    assert all(entry.at <= moment for entry in ContactEntry.select())
    for plan in Plan.select():
        assert plan.created_at <= plan.saved_at <= moment
        assert plan.finished_at is None or plan.saved_at <= plan.finished_at <= moment
    for signature in Signature.select(Signature, Plan).join(Plan):
        assert signature.plan.finished_at.date() <= signature.signed_on <= today()
    for case in Case.select():
        assert case.closed_on is None or case.first_day <= case.closed_on <= today()


def test_finished_plans_are_whole_and_on_paper(seeded: pw.Database) -> None:
    finished = list(Plan.select().where(Plan.finished_at.is_null(False)))
    assert 1 <= len(finished) <= 11
    for plan in finished:
        sheet = plans.frozen_sheet(plan)
        assert sheet.sha256() == plan.snapshot_hash
        document = Document.get(Document.plan == plan, Document.kind == plan.purpose)
        assert PdfReader(io.BytesIO(document.unseal_bytes("content"))).pages


def test_the_paper_bears_the_day_the_plan_was_finished(seeded: pw.Database) -> None:
    plan = _case("Døme Ødegård").plans.get()
    document = Document.get(Document.plan == plan, Document.kind == "plan")
    text = PdfReader(io.BytesIO(document.unseal_bytes("content"))).pages[0].extract_text()
    assert f"{plan.finished_at.day}. " in text
    assert str(plan.finished_at.year) in text
    assert plan.finished_at.date() < today()


def test_answers_are_such_as_the_form_accepts(seeded: pw.Database) -> None:
    for plan in Plan.select():
        definition = plans.definition_of(plan.version)
        stored = {row.question: plans.json.loads(row.unseal("value")) for row in plan.answers}
        assert stored
        variables = {"plan.kind": plan.kind, "case.kind": plan.case.kind}
        assert rules.check_all(definition, stored, variables, "nb", previous={}) == {}


def test_no_text_speaks_of_health(seeded: pw.Database) -> None:
    texts = [e.unseal("text") + e.unseal("result") for e in ContactEntry.select()]
    texts += [m.what + m.declined_reason + m.effect for m in Measure.select()]
    texts += [row.unseal("value") for row in models.Answer.select()]
    texts += [c.ordinary_tasks for c in Case.select()]
    assert [text for text in texts if HEALTH.search(text)] == []


def test_every_login_works_and_reaches_something(seeded: pw.Database) -> None:
    for login in demo.LOGINS:
        user = User.get(User.username == login.username)
        assert passwords.verify(user.password_hash, login.password)
        assert passwords.fault(login.password, user.username, user.name, user.municipality.name) is None
        actor = access.load_actor(user.id)
        assert actor is not None
        if actor.roles & {"leader", "hr", "employee"}:
            assert access.cases(actor).exists()
            assert access.cases(actor).count() < Case.select().count()


def test_a_login_is_what_the_page_shows() -> None:
    name, role, username, password = demo.LOGINS[0]
    assert (name, username) == (USERS[0].name, USERS[0].username)
    assert role
    assert len(password) >= 12


def test_the_employee_sees_the_own_signed_plan(seeded: pw.Database) -> None:
    actor = access.load_actor(User.get(User.username == "dome").id)
    assert actor is not None
    assert [(p.purpose, p.status) for p in access.plans(actor)] == [("plan", "signed"), ("minutes", "finished")]


def test_hr_of_units_sees_what_is_below_them(seeded: pw.Database) -> None:
    actor = access.load_actor(User.get(User.username == "jorunn").id)
    assert actor is not None
    assert {case.unit.name for case in access.cases(actor)} == {"Hjemmetjenesten", "Hjemmetjenesten sør"}


def test_each_municipality_has_every_set_and_a_logo(seeded: pw.Database) -> None:
    for municipality in Municipality.select():
        keys = {row.key for row in QuestionSet.select().where(QuestionSet.municipality == municipality)}
        assert keys == {*shipped_keys(), *letter_keys(), *steps_keys()}
        assert municipality.standard_set in keys
        assert Image.open(io.BytesIO(bytes(municipality.logo))).size == (160, 192)


def test_a_second_seed_does_nothing_or_is_refused(seeded: pw.Database) -> None:
    before = {model: model.select().count() for model in models.TABLES}
    assert demo.seed(if_empty=True) == list(demo.LOGINS)
    with pytest.raises(demo.AlreadyThere):
        demo.seed()
    assert {model: model.select().count() for model in models.TABLES} == before


def test_a_seed_that_fails_leaves_nothing(db: pw.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(demo, "_make_employee", break_off)
    with pytest.raises(RuntimeError):
        demo.seed()
    assert not Municipality.select().exists()
    assert not models.AuditEvent.select().exists()


def test_reset_makes_the_same_world_again(seeded: pw.Database) -> None:
    numbers = [e.unseal("national_id") for e in Employee.select().order_by(Employee.id)]
    people.create_unit(access.load_actor(User.get(User.username == "anne").id), {"name": "Ny enhet"})
    demo.reset(allowed=True)
    assert not Unit.select().where(Unit.name == "Ny enhet").exists()
    assert [e.unseal("national_id") for e in Employee.select().order_by(Employee.id)] == numbers
    assert all(applied for _, applied in database.status(seeded))
    assert seeded.pragma("foreign_keys") == 1
    with pytest.raises(pw.DatabaseError, match="append-only"):
        models.AuditEvent.delete().where(models.AuditEvent.id > 0).execute()


def test_reset_is_refused_where_it_is_not_allowed(seeded: pw.Database) -> None:
    with pytest.raises(demo.NotHere):
        demo.reset(allowed=False)
    assert Employee.select().count() == 40


@pytest.mark.both_databases
def test_seeding_works_on_either_database(db: pw.Database) -> None:
    demo.seed()
    assert Case.select().count() == len(STORIES)


@pytest.mark.parametrize("key", shipped_keys())
@pytest.mark.parametrize("language", ["nb", "nn"])
def test_any_set_can_be_answered(key: str, language: str) -> None:
    definition = load_shipped(key)
    meeting, evaluation = dt.date(2026, 3, 5), dt.date(2026, 4, 5)
    for story in demo_texts.STORIES:
        told = demo_texts.answers(definition, language, story, meeting, evaluation, partial=False)
        variables = {"plan.kind": "first", "case.kind": "sick_leave"}
        assert [m for m in rules.missing(definition, told, variables) if m.required is True] == []
        assert rules.check_all(definition, told, variables, language, previous={}) == {}


def test_pictures_are_pictures() -> None:
    assert documents.check_scan("ark.png", scan()) == "image/png"
    assert shield("#0b5c63", "wave") != shield("#0b5c63", "mountain")
    assert shield("#0b5c63", "wave") == shield("#0b5c63", "wave")
