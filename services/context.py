"""What a form takes from the case, as text in the plan's language: facts, measures, log, periods."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date

from forms.definition import QuestionSetDefinition
from forms.sheet import Context
from forms.texts import N_, translator
from models import (
    AbsencePeriod,
    Case,
    ContactEntry,
    DialogueMeeting,
    Employee,
    LeaderRelation,
    Measure,
    MeetingParticipant,
    Municipality,
    Plan,
    Unit,
    User,
)
from services import absence
from services.clock import local, today

LOCALES = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB", "se": "se_NO"}
PLAN_KIND_NAMES = {"first": N_("Første oppfølgingsplan i perioden"), "extension": N_("Forlengelse av tidligere plan")}
MEASURE_STATUS_NAMES = {
    "proposed": N_("foreslått"), "agreed": N_("avtalt"), "declined": N_("foreslått, ikke ønsket"), "done": N_("gjort"),
}  # fmt: skip
MEASURE_KIND_NAMES = {
    "workplace": N_("Arbeidsplassen"), "tasks": N_("Arbeidsoppgaver"), "hours": N_("Arbeidstid"),
    "equipment": N_("Utstyr og hjelpemidler"), "training": N_("Opplæring og trening"), "nav": N_("Støtte fra Nav"),
    "occupational_health": N_("Bedriftshelsetjenesten"), "other": N_("Annet"),
}  # fmt: skip
CONTACT_KIND_NAMES = {
    "phone": N_("Telefon"), "meeting": N_("Samtale"), "video": N_("Videosamtale"), "message": N_("Melding"),
    "letter": N_("Brev"), "dialogue_meeting": N_("Dialogmøte"), "other": N_("Annet"),
}  # fmt: skip
MEETING_ROLE_NAMES = {
    "employee": N_("Den ansatte"), "leader": N_("Leder"), "certifier": N_("Sykmelder"),
    "occupational_health": N_("Bedriftshelsetjenesten"), "nav": N_("Nav"), "union": N_("Tillitsvalgt"),
    "safety": N_("Verneombud"), "assistant": N_("Bistandsperson"), "other": N_("Andre"),
}  # fmt: skip
MEETING_STATUS_NAMES = {
    "planned": N_("planlagt"), "held": N_("holdt"), "not_held": N_("ikke holdt"), "cancelled": N_("avlyst"),
}  # fmt: skip
MEETING_ANSWER_NAMES = {
    "none": N_("ikke svart"), "comes": N_("kommer"), "other_time": N_("ønsker en annen tid"),
    "does_not_come": N_("kommer ikke"),
}  # fmt: skip
PARTY_NAMES = {"employee": N_("den ansatte"), "employer": N_("arbeidsgiver"), "both": N_("begge")}


def day(value: dt.date | None, language: str) -> str:
    """5. mars 2026."""
    return format_date(value, "d. MMMM y", locale=LOCALES.get(language, "nb_NO")) if value else ""


def leader_of(employee: Employee, when: dt.date | None = None) -> User | None:
    """The nearest leader that day (today when none is given)."""
    date = when or today()
    relation = (
        LeaderRelation.select(LeaderRelation, User).join(User)
        .where(LeaderRelation.employee == employee, LeaderRelation.from_date <= date,
               LeaderRelation.to_date.is_null() | (LeaderRelation.to_date >= date))
        .order_by(LeaderRelation.from_date.desc()).first()
    )  # fmt: skip
    return relation.leader if relation else None


def for_plan(plan: Plan, definition: QuestionSetDefinition) -> Context:
    """Everything the sheet of `plan` shows from its case. Seven queries, whatever the size of the case."""
    case: Case = plan.case
    language = plan.language
    sick = (AbsencePeriod.case == case) & (AbsencePeriod.kind != "holiday")
    periods = list(AbsencePeriod.select().where(sick).order_by(AbsencePeriod.from_date))
    contacts = list(ContactEntry.select().where(ContactEntry.case == case).order_by(ContactEntry.at))
    calculated = {}
    for item in definition.walk():
        if item.type == "calculated" and item.calculate:
            calculated[item.id] = _calculated(item.calculate, case, contacts, language)
    return Context(
        facts=_facts(plan, case, periods),
        variables=variables(plan),
        measures=_measures(case, language),
        contacts=_contacts(contacts, language),
        absence=[
            {"from": day(p.from_date, language), "to": day(p.to_date, language), "grade": f"{p.grade} %"}
            for p in periods
        ],
        calculated=calculated,
    )


def variables(plan: Plan) -> dict[str, object]:
    """What conditions may read beside answers."""
    return {"plan.kind": plan.kind, "case.kind": plan.case.kind}


def _facts(plan: Plan, case: Case, periods: list[AbsencePeriod]) -> dict[str, str]:
    employee: Employee = case.employee
    unit: Unit = case.unit
    municipality: Municipality = plan.municipality
    language = plan.language
    leader = leader_of(employee)
    known = [absence.Period(p.from_date, p.to_date, p.grade) for p in periods]
    grade = absence.grade_on(known, today())
    last = periods[-1].to_date if periods else None
    estimate = case.sick_pay_end or (absence.sick_pay_end(case.first_day) if case.kind == "sick_leave" else None)
    _ = translator(language)
    return {
        "employee.name": employee.name, "employee.national_id": employee.unseal("national_id"),
        "employee.resource_number": employee.resource_number, "employee.address": employee.address,
        "employee.postal": employee.postal, "employee.phone_private": employee.phone_private,
        "employee.phone_work": employee.phone_work, "employee.position": employee.position,
        "employee.position_percent": f"{employee.position_percent} %", "employee.nav_office": employee.nav_office,
        "employee.certifier": employee.certifier, "municipality.name": municipality.name,
        "municipality.org_number": municipality.org_number, "unit.name": unit.name, "unit.phone": unit.phone,
        "leader.name": leader.name if leader else "", "leader.phone": unit.phone,
        "case.first_day": day(case.first_day, language), "case.grade": f"{grade} %" if grade else "",
        "case.sick_pay_end": day(estimate, language), "case.ordinary_tasks": case.ordinary_tasks,
        "case.period": f"{day(case.first_day, language)} – {day(last, language)}",
        "plan.kind": _(PLAN_KIND_NAMES[plan.kind]), **_meeting(plan),
    }  # fmt: skip


def _meeting(plan: Plan) -> dict[str, str]:
    """The dialogue meeting that minutes are of."""
    meeting, language = plan.meeting, plan.language
    if meeting is None:
        return {}
    _ = translator(language)
    here = local(meeting.at)
    names = [
        person.name or _(MEETING_ROLE_NAMES[person.role])
        for person in MeetingParticipant.select()
        .where(MeetingParticipant.meeting == meeting, MeetingParticipant.attended).order_by(MeetingParticipant.id)
    ]  # fmt: skip
    return {
        "meeting.number": _(N_("Dialogmøte %(number)s")) % {"number": meeting.number},
        "meeting.date": day(here.date(), language), "meeting.time": f"{here:%H.%M}",
        "meeting.place": where(meeting, language), "meeting.present": ", ".join(names),
    }  # fmt: skip


def where(meeting: DialogueMeeting, language: str) -> str:
    """The place of a meeting, or that it is by video."""
    return meeting.place or (translator(language)(N_("Videomøte")) if meeting.link else "")


def _measures(case: Case, language: str) -> list[dict[str, str]]:
    _ = translator(language)
    rows = []
    for m in Measure.select().where(Measure.case == case).order_by(Measure.deadline, Measure.id):
        status = _(MEASURE_STATUS_NAMES[m.status])
        if m.status == "declined":
            status = f"{status}: {_(PARTY_NAMES.get(m.declined_by, ''))}. {m.declined_reason}"
        rows.append({
            "what": m.what, "kind": _(MEASURE_KIND_NAMES[m.kind]), "responsible": m.responsible,
            "deadline": day(m.deadline, language), "status": status, "effect": m.effect,
        })  # fmt: skip
    return rows


def _contacts(entries: list[ContactEntry], language: str) -> list[dict[str, str]]:
    _ = translator(language)
    corrected = {entry.corrects_id for entry in entries}
    return [
        {
            "date": day(local(e.at).date(), language), "kind": _(CONTACT_KIND_NAMES[e.kind]),
            "participants": e.participants, "text": e.unseal("text"), "result": e.unseal("result") or e.unseal("text"),
        }
        for e in entries
        if e.id not in corrected
    ]  # fmt: skip


def _calculated(rule: dict[str, object], case: Case, contacts: list[ContactEntry], language: str) -> str:
    match rule.get("rule"):
        case "weeks_after_first_day":
            return day(case.first_day + dt.timedelta(weeks=int(str(rule.get("weeks", 0)))), language)
        case "sick_pay_end":
            return day(case.sick_pay_end or absence.sick_pay_end(case.first_day), language)
        case "previous_contact":
            return day(local(contacts[-1].at).date(), language) if contacts else ""
        case "evaluation_date":
            dated = Plan.select().where(Plan.case == case, Plan.purpose == "plan", Plan.evaluate_on.is_null(False))
            latest = dated.order_by(Plan.number.desc()).first()
            return day(latest.evaluate_on, language) if latest else ""
    return ""
