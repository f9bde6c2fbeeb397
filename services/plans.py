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
from models import Answer, Case, Document, Municipality, Plan, QuestionSet, QuestionSetVersion, User, db, now
from services import access, context, documents, plan_versions, printing
from services.access import Actor
from services.audit import Tag, trail
from services.cases import current_plan, require_open
from services.errors import Invalid, NotEditable, ServiceError
from services.milestones import refresh
from services.national_id import masked
from services.questions import definition_of, newest_version, plan_sets


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


def start_plan(actor: Actor, case_id: int | str, set_id: int | str | None = None, language: str = "") -> Plan:
    """Start the next plan of a case, with the answers of the previous one. A second call gives the same draft."""
    case: Case = access.get(actor, Case, case_id, "plan.write")
    require_open(case)
    with db.atomic():
        # Takes the case's row, so that two who start at once get the same draft on either database.
        Case.update(revision=Case.revision).where(Case.id == case.id).execute()
        draft: Plan | None = Plan.select().where(Plan.case == case, Plan.status == "draft").first()
        if draft is not None:
            return draft
        version = _version_for(actor, set_id)
        previous = current_plan(case)
        number = Plan.select().where(Plan.case == case).count() + 1
        plan: Plan = Plan.create(
            municipality=actor.municipality_id, case=case, version=version, number=number,
            kind="extension" if previous else "first", language=language or case.employee.language,
        )  # fmt: skip
        if previous is not None:
            carried = rules.carry_forward(
                definition_of(previous.version), _stored_values(previous), definition_of(version)
            )
            for question, value in carried.items():
                _put(actor, plan, None, question, value)
        trail(actor, Tag.PLAN_STARTED, plan, case.id)
        refresh(case)
    return plan


def _version_for(actor: Actor, set_id: int | str | None) -> QuestionSetVersion:
    chosen = access.get(actor, QuestionSet, set_id, "plan.write") if set_id else None
    sets = [row for row in plan_sets(actor.municipality) if chosen is None or row.id == chosen.id]
    version = newest_version(sets[0]) if sets else None
    if version is None:
        raise Invalid({"": Note(N_("Kommunen har ikke noe skjema for oppfølgingsplan ennå."))})
    return version


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
        raise NotEditable(Note(N_("Planen er ferdigstilt og kan ikke endres. Lag en ny plan for å gå videre.")))


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
            raise NotEditable(Note(N_("Noen endret planen akkurat nå. Se over den og ferdigstill en gang til.")))
        _lock_draft(plan)
        if plan_versions.version_for(plan).id != opened.version.id:
            raise NotEditable(Note(N_("Skjemaet fikk en ny versjon akkurat nå. Se over planen en gang til.")))
        plan_versions.follow(actor, plan)
        plan = Plan.get_by_id(plan.id)
        _supersede(case, plan)
        plan.seal("snapshot", sheet.canonical())
        plan.snapshot_hash, plan.status = sheet.sha256(), "finished"
        plan.finished_at, plan.finished_by = moment, User(id=actor.user_id)
        plan.evaluate_on = _evaluation_day(opened)
        plan.save()
        documents.store(actor, case, plan, "plan", _title(opened), "application/pdf", pdf)
        trail(actor, Tag.PLAN_FINISHED, plan, case.id)
        refresh(case)
    return plan


def _supersede(case: Case, plan: Plan) -> None:
    Plan.update(status="superseded").where(
        Plan.case == case, Plan.id != plan.id, Plan.status.in_(("finished", "signed"))
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
    return f"{title.get(opened.plan.language, title['nb'])} {opened.plan.number}"  # type: ignore[call-overload]


def _head(plan: Plan, fingerprint: str, moment: dt.datetime | None, status: str = "") -> printing.Head:
    municipality: Municipality = plan.municipality
    return printing.Head(
        municipality=municipality.name, org_number=municipality.org_number,
        logo=bytes(municipality.logo) if municipality.logo else None, number=str(plan.number),
        date=context.day(moment.date() if moment else None, plan.language), fingerprint=fingerprint[:10],
        status=translator(plan.language)(N_("FEILREGISTRERT")) if plan.status == "misregistered" else status,
    )  # fmt: skip


# --- paper ----------------------------------------------------------------------------------------------------------


def print_plan(actor: Actor, plan_id: int | str) -> bytes:
    """The PDF: the stored one of a finished plan; marked when it is a draft or registered on the wrong person."""
    opened = open_plan(actor, plan_id, quiet=True)
    plan = opened.plan
    trail(actor, Tag.PLAN_PRINTED, plan, plan.case_id)
    if plan.status == "misregistered":
        return printing.render_sheet(
            frozen_sheet(plan) if plan.snapshot is not None else opened.sheet(),
            _head(plan, plan.snapshot_hash, plan.finished_at),
        )
    stored = Document.select().where(Document.plan == plan, Document.kind == "plan").first()
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


# --- after the paper ------------------------------------------------------------------------------------------------


def mark_misregistered(actor: Actor, plan_id: int | str, reason: str) -> Plan:
    """HR marks a plan that was made on the wrong person. It stays, marked, with the reason."""
    plan: Plan = access.get(actor, Plan, plan_id, "plan.misregister")
    if plan.status == "misregistered":
        return plan  # sent twice
    if not reason.strip():
        raise Invalid({"reason": Note(N_("Skriv hvorfor planen er feilregistrert."))})
    if len(reason) > 300:
        raise Invalid({"reason": Note(N_("Teksten kan høyst være %(most)s tegn."), {"most": 300})})
    counted = plan.status in ("finished", "signed")
    with db.atomic():
        plan.status, plan.misregistered_reason = "misregistered", reason.strip()
        plan.save(only=[Plan.status, Plan.misregistered_reason])
        if counted:
            _bring_back(plan)
        trail(actor, Tag.PLAN_MISREGISTERED, plan, plan.case_id)
        refresh(Case.get_by_id(plan.case_id))
    return plan


def _bring_back(plan: Plan) -> None:
    """The plan that the misregistered one replaced counts again."""
    earlier = (
        Plan.select().where(Plan.case == plan.case_id, Plan.status == "superseded").order_by(Plan.number.desc()).first()
    )
    if earlier is not None:
        status = "signed" if documents.fully_signed(earlier) else "finished"
        Plan.update(status=status).where(Plan.id == earlier.id).execute()
