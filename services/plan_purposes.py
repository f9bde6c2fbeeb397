"""What a form of a case is for: the follow-up plan, the minutes of a dialogue meeting, or a consent.

Each counts for itself. Only plans follow on each other and carry answers on; a meeting has one set of minutes; one
consent runs at a time, until it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from forms.definition import Item, QuestionSetDefinition
from forms.texts import N_, Note, translator
from models import Case, DialogueMeeting, MeetingParticipant, Plan, QuestionSet, QuestionSetVersion
from services import access, context
from services.access import Actor
from services.clock import local
from services.errors import Invalid, NotEditable, NotVisible
from services.questions import newest_version, plan_sets

PURPOSES = ("plan", "minutes", "consent")  # also the kind of set that each is made on

NO_SET = {
    "plan": N_("Kommunen har ikke noe skjema for oppfølgingsplan ennå."),
    "minutes": N_("Kommunen har ikke noe skjema for møtereferat."),
    "consent": N_("Kommunen har ikke noe skjema for samtykke."),
}
FINISHED = {
    "plan": N_("Planen er ferdigstilt og kan ikke endres. Lag en ny plan for å gå videre."),
    "minutes": N_("Referatet er ferdigstilt og kan ikke endres."),
    "consent": N_("Samtykket er ferdigstilt og kan ikke endres."),
}
CHANGED_NOW = {
    "plan": N_("Noen endret planen akkurat nå. Se over den og ferdigstill en gang til."),
    "minutes": N_("Noen endret referatet akkurat nå. Se over det og ferdigstill en gang til."),
    "consent": N_("Noen endret samtykket akkurat nå. Se over det og ferdigstill en gang til."),
}
NEW_VERSION_NOW = {
    "plan": N_("Skjemaet fikk en ny versjon akkurat nå. Se over planen en gang til."),
    "minutes": N_("Skjemaet fikk en ny versjon akkurat nå. Se over referatet en gang til."),
    "consent": N_("Skjemaet fikk en ny versjon akkurat nå. Se over samtykket en gang til."),
}
WHY_WRONG = {
    "plan": N_("Skriv hvorfor planen er feilregistrert."), "minutes": N_("Skriv hvorfor referatet er feilregistrert."),
    "consent": N_("Skriv hvorfor samtykket er feilregistrert."),
}  # fmt: skip
NOT_SIGNABLE = {
    "plan": N_("Bare en ferdigstilt plan kan signeres."), "minutes": N_("Bare et ferdigstilt referat kan signeres."),
    "consent": N_("Bare et ferdigstilt samtykke som ikke er trukket tilbake, kan signeres."),
}  # fmt: skip
SIGNED_TOO_EARLY = {
    "plan": N_("Datoen er før planen ble ferdigstilt."), "minutes": N_("Datoen er før referatet ble ferdigstilt."),
    "consent": N_("Datoen er før samtykket ble ferdigstilt."),
}  # fmt: skip
# Who was there, as the shipped minutes ask for it; those without a box of their own come under "other".
_BOXES = {"employee": "employee", "leader": "leader", "certifier": "doctor", "assistant": "assistant"}


@dataclass
class Forms:
    """All forms of a case that the actor may see, by what they are for."""

    plans: list[Plan] = field(default_factory=list)  # newest first
    minutes: dict[int, Plan] = field(default_factory=dict)  # by meeting, the set that counts
    consents: list[Plan] = field(default_factory=list)  # newest first
    misregistered: list[Plan] = field(default_factory=list)  # minutes and consents on the wrong person

    @property
    def consent(self) -> Plan | None:
        """The consent that runs, or is being filled in."""
        return next((plan for plan in self.consents if plan.withdrawn_on is None), None)


def forms_of_case(actor: Actor, case: Case) -> Forms:
    """Every form of a case, in one query."""
    found = Forms()
    for plan in access.plans(actor).where(Plan.case == case).order_by(Plan.number.desc()):
        if plan.purpose == "plan":
            found.plans.append(plan)
        elif plan.status == "misregistered":
            found.misregistered.append(plan)
        elif plan.purpose == "minutes":
            found.minutes.setdefault(plan.meeting_id, plan)
        else:
            found.consents.append(plan)
    return found


def purpose_of(text: str) -> str:
    """One of PURPOSES as an address names it. Raises NotVisible on another."""
    if (text or "plan") not in PURPOSES:
        raise NotVisible
    return text or "plan"


def meeting_for(actor: Actor, case: Case, purpose: str, meeting_id: int | str | None) -> DialogueMeeting | None:
    """The meeting that minutes are to be of. Raises NotVisible, and NotEditable while it has not been held."""
    if purpose != "minutes":
        return None
    meeting: DialogueMeeting = access.get(actor, DialogueMeeting, meeting_id, "plan.write")
    if meeting.case_id != case.id:
        raise NotVisible
    if meeting.status != "held":
        raise NotEditable(Note(N_("Registrer at møtet er holdt, før dere skriver referatet.")))
    return meeting


def running(case: Case, purpose: str, meeting: DialogueMeeting | None) -> Plan | None:
    """What is there already, so that no second one is started beside it: a draft of a plan, the minutes of the
    meeting, a consent that is not withdrawn."""
    query = Plan.select().where(Plan.case == case, Plan.purpose == purpose)
    match purpose:
        case "minutes":
            query = query.where(Plan.meeting == meeting, Plan.status != "misregistered")
        case "consent":
            query = query.where(Plan.withdrawn_on.is_null(), Plan.status != "misregistered")
        case _:
            query = query.where(Plan.status == "draft")
    found: Plan | None = query.order_by(Plan.number.desc()).first()
    return found


def version_to_use(actor: Actor, set_id: int | str | None, purpose: str) -> QuestionSetVersion:
    """The version a new form is started on. Raises NotVisible, Invalid when there is none."""
    chosen = access.get(actor, QuestionSet, set_id, "plan.write") if set_id else None
    sets = [row for row in plan_sets(actor.municipality, purpose) if chosen is None or row.id == chosen.id]
    version = newest_version(sets[0]) if sets else None
    if version is None:
        why = NO_SET[purpose]
        raise Invalid({"": Note(why)})
    return version


def paper_name(plan: Plan) -> str:
    """What stands beside the title on paper: which plan, which meeting; a first consent needs no number."""
    _ = translator(plan.language)
    if plan.purpose == "minutes" and plan.meeting is not None:
        return _(N_("Dialogmøte %(number)s")) % {"number": plan.meeting.number}
    if plan.purpose == "consent":
        return _(N_("Samtykke %(number)s")) % {"number": plan.number} if plan.number > 1 else ""
    return _(N_("Plan %(number)s")) % {"number": plan.number}


def prefilled(plan: Plan, definition: QuestionSetDefinition, author: str) -> dict[str, Any]:
    """Answers that minutes begin with, to the questions of the shipped form by their ids: where, when, who was there.

    `author` takes the minutes until somebody writes another name.
    """
    meeting = plan.meeting
    if meeting is None:
        return {}
    here = local(meeting.at)
    known: dict[str, tuple[str, Any]] = {
        "meeting_place": ("string", context.where(meeting, plan.language)),
        "meeting_date": ("date", here.date().isoformat()), "meeting_time": ("time", f"{here:%H:%M}"),
        "minute_taker": ("string", author),
    }  # fmt: skip
    found = {}
    for item in definition.questions():
        kind, value = known.get(item.id, ("", None))
        if item.type == kind and value:
            found[item.id] = value[: item.max_length] if kind == "string" else value
        elif item.id == "attendees" and item.type == "multichoice":
            rows = MeetingParticipant.select().where(MeetingParticipant.meeting == meeting)
            there = rows.where(MeetingParticipant.attended).order_by(MeetingParticipant.id)
            found[item.id] = _attendees(item, there, plan.language)
    return found


def _attendees(item: Item, people: Iterable[MeetingParticipant], language: str) -> dict[str, Any]:
    """Ticks and names; who has no box of their own stands under "other", when the form has that."""
    boxes = {option.code for option in item.options if not option.retired}
    named: dict[str, list[str]] = {}
    for person in people:
        box = _BOXES.get(person.role, "other")
        role = translator(language)(context.MEETING_ROLE_NAMES[person.role])
        name = person.name
        if box not in boxes:
            box = "other"
        if box == "other" and person.role != "other":
            name = f"{name} ({role[:1].lower() + role[1:] if person.role != 'nav' else role})" if name else role
        named.setdefault(box, []).append(name)
    codes = [option.code for option in item.options if option.code in named]
    with_text = {option.code for option in item.options if option.comment == "text"}
    comments = {code: ", ".join(filter(None, named[code])) for code in codes if code in with_text}
    return {"codes": codes, "comments": {code: text for code, text in comments.items() if text}}
