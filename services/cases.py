"""Cases and their absence periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from forms.texts import N_, Note
from models import AbsencePeriod, Case, Employee, Plan, db
from models.cases import CASE_KINDS, PERIOD_KINDS
from services import absence, absence_notes, access, milestones
from services.access import Actor
from services.audit import Tag, trail
from services.clock import today
from services.errors import Invalid, NotEditable, StaleRow
from services.milestones import refresh
from services.settings import settings_of

FURTHEST = dt.timedelta(days=366)
MAX_TEXT = 4000


def open_case(actor: Actor, employee_id: int | str, values: Mapping[str, Any]) -> Case:
    """Open a case on an employee the actor reaches. Raises NotVisible, NotAllowed, Invalid."""
    employee = access.get(actor, Employee, employee_id, "case.write")
    _check_case(values)
    with db.atomic():
        _only_open_case(employee)
        case = Case.create(
            municipality=actor.municipality_id, employee=employee, unit=employee.unit_id, kind=values["kind"],
            first_day=values["first_day"], ordinary_tasks=values.get("ordinary_tasks") or "",
        )  # fmt: skip
        trail(actor, Tag.CASE_CREATED, case, case.id)
        if values.get("grade") is not None:
            add_period(
                actor, case.id,
                {"from_date": values["first_day"], "to_date": values.get("to_date"), "grade": values["grade"]},
            )  # fmt: skip
        refresh(case)
    return case


def _only_open_case(employee: Employee) -> None:
    """Take the employee's row, so that two at once do not both find nothing. Raises Invalid."""
    Employee.update(revision=Employee.revision).where(Employee.id == employee.id).execute()
    if Case.select().where(Case.employee == employee, Case.status == "open").exists():
        raise Invalid({"employee": Note(N_("Den ansatte har allerede en åpen sak. Fortsett i den."))})


def read_case(actor: Actor, case_id: int | str) -> Case:
    """The case for showing; leaves a trail. Raises NotVisible."""
    case: Case = access.get(actor, Case, case_id, "case.see")
    trail(actor, Tag.CASE_READ, case, case.id)
    return case


def change_case(actor: Actor, case: Case, values: Mapping[str, Any], revision: int) -> Case:
    """Change first day, kind, tasks or estimated last day of sick pay. Raises StaleRow, Invalid, NotAllowed."""
    case = access.get(actor, Case, case.id, "case.write")
    _check_case({**case.__data__, **values})
    changed = apply(case, values, ("kind", "first_day", "ordinary_tasks", "sick_pay_end"))
    with db.atomic():
        write(case, revision)
        trail(actor, Tag.CASE_CHANGED, case, case.id, changed)
        refresh(case)
    return case


def close_case(actor: Actor, case_id: int | str, revision: int, *, reopen: bool = False) -> Case:
    """End the follow-up, or take it up again. Nothing is deleted."""
    case: Case = access.get(actor, Case, case_id, "case.write")
    wanted = "open" if reopen else "closed"
    if case.status == wanted:
        return case  # sent twice
    case.status, case.closed_on = wanted, None if reopen else today()
    with db.atomic():
        if reopen:
            _only_open_case(case.employee)
            case.unit = case.employee.unit_id  # open cases are where the employee is; see people.change_employee
        write(case, revision)
        trail(actor, Tag.CASE_REOPENED if reopen else Tag.CASE_CLOSED, case, case.id)
        refresh(case)
    return case


def require_open(case: Case) -> None:
    """Raises NotEditable for a closed case."""
    if case.status != "open":
        raise NotEditable(Note(N_("Saken er avsluttet. Åpne den igjen for å endre noe.")))


def apply(row: Any, values: Mapping[str, Any], allowed: Iterable[str]) -> list[str]:
    """Set the allowed values that differ; gives the names of those that did."""
    changed = [name for name in allowed if name in values and row.__data__.get(name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def write(row: Any, revision: int) -> None:
    """Save if nobody else did since `revision`. Raises StaleRow."""
    if not row.save_if_unchanged(revision):
        raise StaleRow


def _check_case(values: Mapping[str, Any]) -> None:
    faults: dict[str, Note] = {}
    if values.get("kind") not in CASE_KINDS:
        faults["kind"] = Note(N_("Velg hva slags sak dette er."))
    first = values.get("first_day")
    if first is None:
        faults["first_day"] = Note(N_("Skriv første dag."))
    elif not dt.date(2000, 1, 1) <= first <= today() + FURTHEST:
        faults["first_day"] = Note(N_("Datoen er for langt unna. Se etter om året er riktig."))
    end = values.get("sick_pay_end")
    if end is not None and not dt.date(2000, 1, 1) <= end <= today() + 2 * FURTHEST:
        faults["sick_pay_end"] = Note(N_("Datoen er for langt unna. Se etter om året er riktig."))
    if len(values.get("ordinary_tasks") or "") > MAX_TEXT:
        faults["ordinary_tasks"] = too_long(values["ordinary_tasks"], MAX_TEXT)
    if faults:
        raise Invalid(faults)


def too_long(text: str, most: int) -> Note:
    return Note(N_("Teksten er på %(n)s tegn. Den kan høyst være %(most)s."), {"n": len(text), "most": most})


# --- absence periods ---------------------------------------------------------------------------------------------


def add_period(actor: Actor, case_id: int | str, values: Mapping[str, Any]) -> AbsencePeriod:
    """Add a period to a case. Raises Invalid naming the periods it overlaps."""
    case = access.get(actor, Case, case_id, "case.write")
    require_open(case)
    values = _whole(values)
    with db.atomic():
        _check_period(case, values, None)
        before = _periods(case)
        period = AbsencePeriod.create(
            municipality=actor.municipality_id, case=case, from_date=values["from_date"],
            to_date=values.get("to_date"), grade=values["grade"], kind=values["kind"],
        )  # fmt: skip
        trail(actor, Tag.PERIOD_CREATED, period, case.id, _follow(case, before))
        refresh(case)
    return period


def change_period(actor: Actor, period: AbsencePeriod, values: Mapping[str, Any], revision: int) -> AbsencePeriod:
    """Change a period. Raises StaleRow, Invalid."""
    period = access.get(actor, AbsencePeriod, period.id, "case.write")
    require_open(period.case)
    values = _whole(values, period.kind)
    with db.atomic():
        _check_period(period.case, values, period.id)
        before = _periods(period.case)
        changed = apply(period, values, ("from_date", "to_date", "grade", "kind"))
        write(period, revision)
        case = Case.get_by_id(period.case_id)
        trail(actor, Tag.PERIOD_CHANGED, period, case.id, [*changed, *_follow(case, before)])
        refresh(case)
    return period


def remove_period(actor: Actor, period_id: int | str) -> int:
    """Take away a period that was registered by mistake; the trail keeps that it was there. Gives the case's id.

    What was done in the case stays done.
    """
    period = access.get(actor, AbsencePeriod, period_id, "case.write")
    require_open(period.case)
    with db.atomic():
        case = Case.get_by_id(period.case_id)
        before = _periods(case)
        AbsencePeriod.delete().where(AbsencePeriod.id == period.id).execute()
        trail(actor, Tag.PERIOD_REMOVED, period, case.id, _follow(case, before))
        refresh(case)
    return int(case.id)


def _whole(values: Mapping[str, Any], kind: str = "sick") -> dict[str, Any]:
    """With a kind; holiday has no grade of its own."""
    kind = values.get("kind") or kind
    return {**values, "kind": kind, "grade": 100 if kind == "holiday" else values.get("grade")}


def _periods(case: Case) -> list[absence.Period]:
    return milestones.periods_of([case.id])[case.id]


def _follow(case: Case, before: list[absence.Period]) -> list[str]:
    """Let the case's first day, from which all is counted, go with its periods; the names of what that changed.

    A case with a first day of its own keeps it, unless the absence proves to be older.
    """
    after = _periods(case)
    own = absence.begun(before, case.first_day) != case.first_day
    latest = absence.current(after)
    now = absence.begun(after, case.first_day) or (latest.first_day if latest and not own else case.first_day)
    if case.kind != "sick_leave" or now == case.first_day or (own and now > case.first_day):
        return []
    case.first_day = now
    Case.update(first_day=now, revision=Case.revision + 1).where(Case.id == case.id).execute()
    return ["first_day"]


def _check_period(case: Case, values: Mapping[str, Any], own_id: int | None) -> None:
    faults: dict[str, Note] = {}
    start, end, grade = values.get("from_date"), values.get("to_date"), values.get("grade")
    if start is None:
        faults["from_date"] = Note(N_("Skriv fra hvilken dag."))
    elif not dt.date(2000, 1, 1) <= start <= today() + FURTHEST:
        faults["from_date"] = Note(N_("Datoen er for langt unna. Se etter om året er riktig."))
    if end is not None and end > today() + FURTHEST:
        faults["to_date"] = Note(N_("Datoen er for langt unna. Se etter om året er riktig."))
    if start and end and end < start:
        faults["to_date"] = Note(
            N_("Til-datoen %(to)s er før fra-datoen %(from)s."), {"to": _day(end), "from": _day(start)}
        )
    if values["kind"] not in PERIOD_KINDS:
        faults["kind"] = Note(N_("Velg hva slags fravær dette er."))
    if grade is None or not 1 <= grade <= 100:
        faults["grade"] = Note(N_("Graden skal være et helt tall fra 1 til 100."))
    if faults:
        raise Invalid(faults)
    others = AbsencePeriod.select().where(
        AbsencePeriod.case == case,
        AbsencePeriod.id != (own_id or 0),
        AbsencePeriod.from_date <= (end or dt.date.max),
        AbsencePeriod.to_date.is_null() | (AbsencePeriod.to_date >= start),
    )
    names = [_named(p) for p in others]
    if names:
        raise Invalid({"from_date": Note(N_("Perioden overlapper med %(periods)s."), {"periods": ", ".join(names)})})


def _named(period: AbsencePeriod) -> str:
    grade = "" if period.kind == "holiday" else f" ({period.grade} %)"
    return f"{_day(period.from_date)}–{_day(period.to_date) if period.to_date else '…'}{grade}"


def _day(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


# --- Nav's rule for what is one absence ---------------------------------------------------------------------------


def warnings(case: Case) -> list[Note]:
    """What to look at in the periods of a case of sick leave, for those who write in it. Blocks nothing.

    Two queries at most. Of another case, which the reader may not know of, no date is told.
    """
    if case.kind != "sick_leave":
        return []
    rows = list(
        AbsencePeriod.select(AbsencePeriod, Case).join(Case).where(Case.employee == case.employee_id)
        .order_by(AbsencePeriod.from_date)
    )  # fmt: skip
    own = [milestones.counted(row) for row in rows if row.case_id == case.id]
    closed = [
        milestones.counted(row) for row in rows
        if row.case_id != case.id and row.case.status == "closed" and row.case.kind == "sick_leave"
    ]  # fmt: skip
    found = [*absence_notes.of_gaps(own)]
    if case.status == "open":
        found += absence_notes.of_earlier(own, closed)
    days = [period.end for period in own if period.kind == "self_declared"]
    if days:
        used = absence.self_declared([milestones.counted(row) for row in rows], min(max(days), today()))
        found += absence_notes.of_self_declared(used, settings_of(case.municipality_id))
    return found


def split_case(actor: Actor, case_id: int | str, revision: int) -> Case:
    """Move the periods of the new absence to a new case, and close the old one at its last sick day.

    What was done, written and decided stays in the old case. Raises StaleRow; NotEditable when there is no new absence.
    """
    case: Case = access.get(actor, Case, case_id, "case.write")
    require_open(case)
    with db.atomic():
        found = absence.cases(_periods(case)) if case.kind == "sick_leave" else []
        if len(found) < 2:
            raise NotEditable(Note(N_("Det er ikke 16 dager uten sykmelding i saken, så den kan ikke deles.")))
        old, first_day = found[0], found[1].first_day
        case.status, case.closed_on = "closed", max(part.end for part in old.stretches if part.grade)
        write(case, revision)
        _only_open_case(case.employee)
        new: Case = Case.create(
            municipality=case.municipality_id, employee=case.employee_id, unit=case.employee.unit_id, kind=case.kind,
            first_day=first_day, ordinary_tasks=case.ordinary_tasks,
        )  # fmt: skip
        AbsencePeriod.update(case=new).where(AbsencePeriod.case == case, AbsencePeriod.from_date >= first_day).execute()
        trail(actor, Tag.CASE_SPLIT, case, case.id)
        trail(actor, Tag.CASE_CREATED, new, new.id)
        refresh(case)
        refresh(new)
    return new


# --- what the lists show -------------------------------------------------------------------------------------------


def current_plan(case: Case) -> Plan | None:
    """The plan that counts: the newest that is neither replaced nor marked feilregistrert."""
    plan: Plan | None = (
        Plan.select()
        .where(Plan.case == case, Plan.purpose == "plan", Plan.status.not_in(("superseded", "misregistered")))
        .order_by(Plan.number.desc()).first()
    )  # fmt: skip
    return plan


class Away(NamedTuple):
    """How a case stands today: the week of the absence by the municipality's clock, and the grade, if any."""

    week: int
    grade: int | None


def away(cases: Sequence[Case]) -> dict[int, Away]:
    """How these cases of one municipality stand today, in two queries, for a page of a list."""
    if not cases:
        return {}
    day, periods = today(), milestones.periods_of([case.id for case in cases])
    by_nav = settings_of(cases[0].municipality_id).week_clock == "nav"
    found: dict[int, Away] = {}
    for case in cases:
        latest = absence.current(periods[case.id]) if by_nav else None
        week = absence.nav_week(latest, day) if latest else absence.week_of_absence(case.first_day, day)
        found[case.id] = Away(week, absence.grade_on(periods[case.id], day))
    return found
