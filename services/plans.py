"""A plan's life: draft, answers from several hands, finished and frozen, signed on paper, replaced."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from forms import answers as rules
from forms.definition import QuestionSetDefinition, canonical
from forms.sheet import Context, Node, Sheet, build_sheet, with_fact
from forms.texts import N_, Note, translator
from models import Answer, Case, Document, Municipality, Plan, QuestionSetVersion, User, db, now
from services import access, context, documents, plan_versions, printing
from services import plan_purposes as purposes
from services.access import Actor
from services.audit import Tag, trail
from services.cases import current_plan, require_open
from services.errors import Invalid, NotEditable, ServiceError
from services.milestones import refresh
from services.national_id import masked
from services.questions import definition_of


@dataclass(frozen=True)
class OpenPlan:
    """A plan with all that is needed to show it."""

    plan: Plan
    case: Case
    definition: QuestionSetDefinition
    answers: dict[str, Any]
    context: Context
    version: QuestionSetVersion  # that it is read on now; a draft may follow from the one it is pinned to

    @property
    def newer(self) -> QuestionSetVersion | None:
        """A version that new plans use, while this draft stays on its own."""
        return plan_versions.newer_version(self.plan, self.version)

    @property
    def new_questions(self) -> frozenset[str]:
        """What came with the version that the draft has moved to."""
        return plan_versions.new_questions(self.plan, self.version, self.definition)

    def earlier(self) -> tuple[Node, ...]:
        """Answers to questions that the set no longer has."""
        return plan_versions.earlier_answers(self.plan, self.definition, self.answers, self.context)

    def sheet(self) -> Sheet:
        return build_sheet(self.definition, self.plan.language, self.answers, self.context)

    def on_screen(self) -> Sheet:
        """As it was frozen, or stands now; the national identity number masked (showing it whole is its own act)."""
        sheet = frozen_sheet(self.plan) if self.plan.snapshot is not None else self.sheet()
        return with_fact(sheet, "employee.national_id", masked(self.case.employee.birth_hint))


@dataclass(frozen=True)
class Conflict:
    """Somebody else changed an answer while the actor wrote; theirs is stored, the actor's was not."""

    question: str
    theirs: Any
    mine: Any
    by: str
    at: dt.datetime


@dataclass
class Saved:
    saved_at: dt.datetime | None = None
    written: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


class Incomplete(ServiceError):
    """The plan lacks answers, or has some that do not fit together; see `lacking`."""


def base_of(value: Any) -> str:
    """A short mark of an answer as it was shown, so that a save can tell what its writer changed."""
    return "" if value is None else hashlib.sha256(canonical(value).encode()).hexdigest()[:16]


# --- starting and reading ------------------------------------------------------------------------------------------


def start_plan(
    actor: Actor, case_id: int | str, set_id: int | str | None = None, language: str = "", *,
    purpose: str = "plan", meeting_id: int | str | None = None,
) -> Plan:  # fmt: skip
    """Start the next plan of a case, with the answers of the previous one; the minutes of a meeting; or a consent.

    What is there already (see purposes.running) is given back instead, so that a second call gives the same draft.
    Raises NotVisible, NotAllowed, NotEditable, Invalid.
    """
    case: Case = access.get(actor, Case, case_id, "plan.write")
    require_open(case)
    meeting = purposes.meeting_for(actor, case, purposes.purpose_of(purpose), meeting_id)
    with db.atomic():
        # Takes the case's row, so that two who start at once get the same draft on either database.
        Case.update(revision=Case.revision).where(Case.id == case.id).execute()
        there = purposes.running(case, purpose, meeting)
        if there is not None:
            return there
        version = purposes.version_to_use(actor, set_id, purpose)
        previous = current_plan(case) if purpose == "plan" else None
        number = Plan.select().where(Plan.case == case, Plan.purpose == purpose).count() + 1
        plan: Plan = Plan.create(
            municipality=actor.municipality_id, case=case, version=version, number=number, purpose=purpose,
            meeting=meeting, kind="extension" if previous else "first", language=language or case.employee.language,
        )  # fmt: skip
        for question, value in _first_answers(actor, plan, previous).items():
            _put(actor, plan, None, question, value)
        trail(actor, Tag.PLAN_STARTED, plan, case.id)
        refresh(case)
    return plan


def _first_answers(actor: Actor, plan: Plan, previous: Plan | None) -> dict[str, Any]:
    """What a new form begins with: the answers of the plan before it, or what is known of the meeting."""
    definition = definition_of(plan.version)
    if previous is not None:
        return rules.carry_forward(definition_of(previous.version), _stored_values(previous), definition)
    return purposes.prefilled(plan, definition, actor.name)


def open_plan(
    actor: Actor, plan_id: int | str, action: str = "plan.see", *, quiet: bool = False, page: str = ""
) -> OpenPlan:
    """The plan with its answers. Leaves a trail unless `quiet` (a save right after a read). Raises NotVisible.

    `page` is the number of the version that a posted page was made of.
    """
    plan: Plan = access.get(actor, Plan, plan_id, action)
    if not quiet:
        trail(actor, Tag.PLAN_READ, plan, plan.case_id)
    version = plan_versions.page_version(plan, page)
    definition = definition_of(version)
    return OpenPlan(plan, plan.case, definition, _stored_values(plan), context.for_plan(plan, definition), version)


def move_plan(actor: Actor, plan_id: int | str) -> Plan:
    """Take an open draft to the version that new plans use. Raises NotVisible, NotAllowed, NotEditable."""
    plan: Plan = access.get(actor, Plan, plan_id, "plan.write")
    require_open(plan.case)
    with db.atomic():
        _lock_draft(plan)
        plan_versions.follow(actor, plan, plan_versions.newer_version(plan, plan.version))
    return plan


def lacking(opened: OpenPlan) -> list[tuple[str, Literal[True, "recommended"], Note | None]]:
    """What a plan still needs before it is finished, as (question, how much, what is wrong with the answer it has)."""
    variables, language = opened.context.variables, opened.plan.language
    found = rules.missing(opened.definition, opened.answers, variables)
    wrong = rules.check_all(opened.definition, opened.answers, variables, language, previous=opened.answers)
    gaps: list[tuple[str, Literal[True, "recommended"], Note | None]] = [(m.item_id, m.required, None) for m in found]
    return gaps + [(question, True, note) for question, notes in wrong.items() for note in notes]


def frozen_sheet(plan: Plan) -> Sheet:
    """The snapshot of a finished plan, as it was asked and answered."""
    return Sheet.model_validate_json(plan.unseal("snapshot"))


def _stored(plan: Plan) -> dict[str, Answer]:
    return {answer.question: answer for answer in Answer.select(Answer, User).join(User).where(Answer.plan == plan)}


def _stored_values(plan: Plan) -> dict[str, Any]:
    rows = Answer.select().where(Answer.plan == plan)
    return {row.question: json.loads(row.unseal("value")) for row in rows if row.value is not None}


# --- saving ---------------------------------------------------------------------------------------------------------


def save_answers(actor: Actor, plan_id: int | str, posted: Mapping[str, Any], bases: Mapping[str, str]) -> Saved:
    """Store what the actor changed, question by question.

    `bases` holds `base_of` each answer as it was when the actor's page was made. An answer the actor left alone is
    not touched; one that somebody else changed meanwhile is not overwritten but given back as a conflict.
    Raises NotVisible, NotAllowed, NotEditable (finished or closed).
    """
    plan: Plan = access.get(actor, Plan, plan_id, "plan.write")
    require_open(plan.case)
    saved = Saved()
    with db.atomic():
        _lock_draft(plan)
        plan_versions.follow(actor, plan)
        stored = _stored(plan)
        for question, value in posted.items():
            row = stored.get(question)
            held = json.loads(row.unseal("value")) if row is not None and row.value is not None else None
            if value == held or base_of(value) == bases.get(question, ""):
                continue
            if row is not None and base_of(held) != bases.get(question, ""):
                saved.conflicts.append(Conflict(question, held, value, row.saved_by.name, row.saved_at))
                continue
            _put(actor, plan, row, question, value)
            saved.written.append(question)
        if saved.written:
            Plan.update(saved_at=now(), saved_by=actor.user_id).where(Plan.id == plan.id).execute()
            trail(actor, Tag.PLAN_SAVED, plan, plan.case_id, saved.written)
    saved.saved_at = Plan.get_by_id(plan.id).saved_at
    return saved


def _lock_draft(plan: Plan) -> None:
    """Take the row for this transaction, on either database; refuse when it is no draft any more."""
    taken = Plan.update(revision=Plan.revision + 1).where(Plan.id == plan.id, Plan.status == "draft").execute()
    if not taken:
        why = purposes.FINISHED[plan.purpose]
        raise NotEditable(Note(why))


def _put(actor: Actor, plan: Plan, row: Answer | None, question: str, value: Any) -> None:
    answer = row or Answer(municipality=plan.municipality_id, plan=plan, question=question)
    answer.seal("value", None if value is None else canonical(value))
    answer.saved_at, answer.saved_by = now(), User(id=actor.user_id)
    answer.save(force_insert=row is None)


# --- finishing ------------------------------------------------------------------------------------------------------


def finish_plan(actor: Actor, plan_id: int | str) -> Plan:
    """Freeze the plan: snapshot, hash, stored PDF; the plan before it is superseded.

    A second call on a plan that is already finished changes nothing. Raises Incomplete, and printing.PrintRefused
    with nothing changed.
    """
    opened = open_plan(actor, plan_id, "plan.write", quiet=True)
    plan, case = opened.plan, opened.case
    if plan.status in ("finished", "signed"):
        return plan
    require_open(case)
    if any(needed is True for _question, needed, _note in lacking(opened)):
        raise Incomplete
    sheet = opened.sheet()
    moment = now()
    pdf = printing.render_sheet(sheet, _head(plan, sheet.sha256(), moment))
    with db.atomic():
        current = Plan.get_by_id(plan.id)
        if current.revision != plan.revision:
            why = purposes.CHANGED_NOW[plan.purpose]
            raise NotEditable(Note(why))
        _lock_draft(plan)
        if plan_versions.version_for(plan).id != opened.version.id:
            why = purposes.NEW_VERSION_NOW[plan.purpose]
            raise NotEditable(Note(why))
        plan_versions.follow(actor, plan)
        plan = Plan.get_by_id(plan.id)
        if plan.purpose == "plan":
            _supersede(case, plan)
        plan.seal("snapshot", sheet.canonical())
        plan.snapshot_hash, plan.status = sheet.sha256(), "finished"
        plan.finished_at, plan.finished_by = moment, User(id=actor.user_id)
        plan.evaluate_on = _evaluation_day(opened)
        plan.save()
        documents.store(actor, case, plan, plan.purpose, _title(opened), "application/pdf", pdf)
        trail(actor, Tag.PLAN_FINISHED, plan, case.id)
        refresh(case)
    return plan


def _supersede(case: Case, plan: Plan) -> None:
    Plan.update(status="superseded").where(
        Plan.case == case, Plan.purpose == "plan", Plan.id != plan.id, Plan.status.in_(("finished", "signed"))
    ).execute()


def _evaluation_day(opened: OpenPlan) -> dt.date | None:
    """The date that the plan itself says it will be looked at again."""
    for item in opened.definition.questions():
        value = opened.answers.get(item.id)
        if item.type == "date" and item.nav_field == "evaluationDate" and value:
            return dt.date.fromisoformat(value)
    return None


def _title(opened: OpenPlan) -> str:
    title = opened.definition.title
    said = title.get(opened.plan.language, title["nb"])  # type: ignore[call-overload]
    return f"{said} {opened.plan.number}" if opened.plan.purpose == "plan" else str(said)


def _head(plan: Plan, fingerprint: str, moment: dt.datetime | None, status: str = "") -> printing.Head:
    municipality: Municipality = plan.municipality
    return printing.Head(
        municipality=municipality.name, org_number=municipality.org_number,
        logo=bytes(municipality.logo) if municipality.logo else None, number=purposes.paper_name(plan),
        date=context.day(moment.date() if moment else None, plan.language), fingerprint=fingerprint[:10],
        status=_mark(plan) or status,
    )  # fmt: skip


def _mark(plan: Plan) -> str:
    """What is printed across the head of a paper that does not count any more."""
    _ = translator(plan.language)
    if plan.status == "misregistered":
        return _(N_("FEILREGISTRERT"))
    if plan.withdrawn_on is not None:
        return _(N_("TRUKKET TILBAKE")) + f" {context.day(plan.withdrawn_on, plan.language)}"
    return ""


# --- paper ----------------------------------------------------------------------------------------------------------


def print_plan(actor: Actor, plan_id: int | str) -> bytes:
    """The PDF: the stored one of a finished plan; marked when it is a draft, on the wrong person or withdrawn."""
    opened = open_plan(actor, plan_id, quiet=True)
    plan = opened.plan
    trail(actor, Tag.PLAN_PRINTED, plan, plan.case_id)
    if _mark(plan):
        return printing.render_sheet(
            frozen_sheet(plan) if plan.snapshot is not None else opened.sheet(),
            _head(plan, plan.snapshot_hash, plan.finished_at),
        )
    stored = Document.select().where(Document.plan == plan, Document.kind == plan.purpose).first()
    if stored is not None:
        return stored.unseal_bytes("content") or b""
    return printing.render_sheet(opened.sheet(), _head(plan, "", None, "UTKAST"))


def print_batch(actor: Actor, plan_ids: list[int | str]) -> bytes:
    """Chosen finished plans as one PDF. One that the actor may not see refuses the whole: raises NotVisible."""
    actor.require("plan.batch")
    plans = [access.get(actor, Plan, plan_id, "plan.batch") for plan_id in plan_ids]
    frozen = [plan for plan in plans if plan.snapshot is not None]
    if not frozen:
        raise Invalid({"": Note(N_("Velg minst én ferdigstilt plan."))})
    pdf = printing.render_batch([(frozen_sheet(p), _head(p, p.snapshot_hash, p.finished_at)) for p in frozen])
    with db.atomic():
        for plan in frozen:
            trail(actor, Tag.PLAN_PRINTED, plan, plan.case_id)
    return pdf
