"""What one click does a milestone: the one place that knows, for the case page and the start page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import gettext as _

from forms.steps import StepRule
from models import Case, DialogueMeeting, Milestone, Plan
from services import access
from services.access import Actor

_MADE = ("finished", "signed")


@dataclass(frozen=True)
class Button:
    """A word and where it leads; with `post` it is sent as a form, with nothing but the token in it."""

    label: str
    url: str
    post: bool = False


@dataclass(frozen=True)
class Places:
    """Where cases stand: the plan that counts by case, and the planned dialogue meeting by case and number."""

    plans: Mapping[int, int] = field(default_factory=dict)
    meetings: Mapping[tuple[int, int], int] = field(default_factory=dict)


def places(who: Actor, case_ids: Collection[int]) -> Places:
    """Where these cases stand, in two queries however many they are."""
    ids = list(case_ids)
    plans = (
        access.plans(who).select(Plan.id, Plan.case)
        .where(Plan.case.in_(ids), Plan.purpose == "plan", Plan.status.not_in(("superseded", "misregistered")))
        .order_by(Plan.number)
    )  # fmt: skip
    meetings = (
        access.meetings(who).select(DialogueMeeting.id, DialogueMeeting.case, DialogueMeeting.number)
        .where(DialogueMeeting.case.in_(ids), DialogueMeeting.status == "planned").order_by(DialogueMeeting.at)
    )  # fmt: skip
    return Places({p.case_id: p.id for p in plans}, {(m.case_id, m.number): m.id for m in meetings})


def button(row: Milestone, rule: StepRule | None, case: Case, where: Places | None = None) -> Button:
    """What one click does `row`. `where` leads straight to the plan or meeting that is there; without it, to its case.

    A milestone whose rule has left the schedule can only be ticked off.
    """
    known = where or Places()
    match rule.done_by if rule else "tick":
        case "contact":
            return Button(_("Før i loggen"), url_for("contact.create_view", case=case.id))
        case "plan":
            return _plan(case, known, _("Start neste plan") if case.plan_status in _MADE else _("Start planen"))
        case "evaluation":
            return _plan(case, known, _("Start neste plan"))
        case "signature":
            return Button(_("Åpne planen"), _plan_url("plan.details_view", case, known))
        case "meeting":
            return _meeting(rule.meeting or 1 if rule else 1, case, known)
        case "letter" if rule and rule.letters:
            return _letter(row, rule, case)
    return Button(_("Merk som gjort"), url_for("milestone.done", id=row.id, revision=row.revision), post=True)


def _plan(case: Case, known: Places, start: str) -> Button:
    if case.plan_status == "draft":
        return Button(_("Fortsett planen"), _plan_url("plan.edit_view", case, known))
    return Button(start, url_for("plan.start", case=case.id))


def _plan_url(endpoint: str, case: Case, known: Places) -> str:
    plan = known.plans.get(case.id)
    return url_for(endpoint, id=plan) if plan else url_for("case.details_view", id=case.id)


def _meeting(number: int, case: Case, known: Places) -> Button:
    planned = known.meetings.get((case.id, number))
    if planned:
        return Button(_("Åpne møtet"), url_for("meeting.details", id=planned))
    label = _("Kall inn til møtet") if number == 1 else _("Før opp Navs møte")
    return Button(label, url_for("meeting.create", case=case.id, number=number))


def _letter(row: Milestone, rule: StepRule, case: Case) -> Button:
    if len(rule.letters) > 1:
        return Button(_("Velg brev"), url_for("case_letter.choose", case=case.id, milestone=row.id))
    return Button(_("Skriv brevet"), url_for("case_letter.write", case=case.id, key=rule.letters[0], milestone=row.id))
