"""What can still happen to a form that is finished: it was made on the wrong person, or a consent is withdrawn."""

from __future__ import annotations

import datetime as dt

from forms.texts import N_, Note
from models import Case, Plan, User, db
from services import access, documents
from services import plan_purposes as purposes
from services.access import Actor
from services.audit import Tag, trail
from services.clock import local, today
from services.errors import Invalid, NotEditable
from services.milestones import refresh


def mark_misregistered(actor: Actor, plan_id: int | str, reason: str) -> Plan:
    """HR marks a plan, minutes or a consent made on the wrong person. It stays, marked, with the reason."""
    plan: Plan = access.get(actor, Plan, plan_id, "plan.misregister")
    if plan.status == "misregistered":
        return plan  # sent twice
    if not reason.strip():
        why = purposes.WHY_WRONG[plan.purpose]
        raise Invalid({"reason": Note(why)})
    if len(reason) > 300:
        raise Invalid({"reason": Note(N_("Teksten kan høyst være %(most)s tegn."), {"most": 300})})
    counted = plan.status in ("finished", "signed")
    with db.atomic():
        plan.status, plan.misregistered_reason = "misregistered", reason.strip()
        plan.save(only=[Plan.status, Plan.misregistered_reason])
        if counted and plan.purpose == "plan":
            _bring_back(plan)
        trail(actor, Tag.PLAN_MISREGISTERED, plan, plan.case_id)
        refresh(Case.get_by_id(plan.case_id))
    return plan


def _bring_back(plan: Plan) -> None:
    """The plan that the misregistered one replaced counts again."""
    earlier = (
        Plan.select().where(Plan.case == plan.case_id, Plan.purpose == "plan", Plan.status == "superseded")
        .order_by(Plan.number.desc()).first()
    )  # fmt: skip
    if earlier is not None:
        status = "signed" if documents.fully_signed(earlier) else "finished"
        Plan.update(status=status).where(Plan.id == earlier.id).execute()


def withdraw_consent(actor: Actor, plan_id: int | str, day: dt.date | None) -> Plan:
    """The employee takes a consent back from `day` on; it stays, marked, and a new one may be given.

    They may do it themselves, as easily as they gave it (GDPR art. 7 (3)). Raises NotVisible, NotAllowed, NotEditable,
    Invalid.
    """
    plan: Plan = access.get(actor, Plan, plan_id, "consent.withdraw")
    if plan.purpose != "consent" or plan.status not in ("finished", "signed"):
        raise NotEditable(Note(N_("Bare et ferdigstilt samtykke kan trekkes tilbake.")))
    if plan.withdrawn_on is not None:
        return plan  # sent twice
    if day is None:
        raise Invalid({"day": Note(N_("Skriv hvilken dag samtykket ble trukket tilbake."))})
    if day > today():
        raise Invalid({"day": Note(N_("Datoen er ikke kommet ennå."))})
    if plan.finished_at and day < local(plan.finished_at).date():
        raise Invalid({"day": Note(N_("Datoen er før samtykket ble ferdigstilt."))})
    plan.withdrawn_on, plan.withdrawn_by = day, User(id=actor.user_id)
    with db.atomic():
        plan.save(only=[Plan.withdrawn_on, Plan.withdrawn_by])
        trail(actor, Tag.CONSENT_WITHDRAWN, plan, plan.case_id)
        refresh(Case.get_by_id(plan.case_id))
    return plan
