"""The milestones of cases as rows: made and moved when something changes, never losing what was done."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import peewee as pw

from models import (
    AbsencePeriod,
    Case,
    ContactEntry,
    DialogueMeeting,
    Dispatch,
    Employee,
    Milestone,
    Municipality,
    Plan,
    Signature,
    db,
)
from services import deadlines, law, steps
from services.absence import Period
from services.clock import local, today
from services.limits import limits

ASKED_AGAIN = dt.timedelta(days=28)  # after an exemption, while the absence goes on
_CHUNK = 200  # cases counted anew in one transaction, so that nobody waits long for the database
_COUNTED = ("due", "who", "state", "done_on", "by_hand", "again_on")  # what counting may change in a row
_KEPT = (
    "next_step", "next_due", "plan_status", "plan_in_time", "dialogue_in_time", "plan_limit", "dialogue_limit",
)  # fmt: skip
_Grouped = defaultdict[int, list[Any]]


def waits(day: dt.date) -> Any:
    """The condition that a milestone waits for somebody on `day`: open, or exempt until that day at most."""
    return (Milestone.state == "open") | ((Milestone.state == "exempt") & (Milestone.again_on <= day))


def of_case(case: Case) -> list[Milestone]:
    """Every milestone of a case, by date; also those that no longer apply (state "ended")."""
    rows = Milestone.select().where(Milestone.case == case).order_by(
        Milestone.due.asc(nulls="last"), Milestone.round, Milestone.code
    )  # fmt: skip
    return list(rows)


# --- what is known --------------------------------------------------------------------------------------------------


def facts(case: Case) -> deadlines.Facts:
    """What decides the milestones of one case."""
    return facts_of([case])[case.id]


def facts_of(cases: Sequence[Case]) -> dict[int, deadlines.Facts]:
    """What decides the milestones of these cases, in as many queries as for one."""
    ids = [case.id for case in cases]
    periods, contacts, meetings, letters = periods_of(ids), _contacts(ids), _meetings(ids), _letters(ids)
    plans = _plans(ids)
    health = {
        row.id: row.occupational_health
        for row in Employee.select(Employee.id, Employee.occupational_health).where(
            Employee.id.in_([case.employee_id for case in cases])
        )
    }
    return {
        case.id: deadlines.Facts(
            kind=case.kind, first_day=case.first_day, open=case.status == "open", periods=periods[case.id],
            plans=plans[case.id], contacts=[local(c.at).date() for c in contacts[case.id]],
            meetings=_held(meetings[case.id], contacts[case.id]), letters=_by_key(letters[case.id]),
            occupational_health=health.get(case.employee_id, False), sick_pay_end=case.sick_pay_end,
        )
        for case in cases
    }  # fmt: skip


def counted(row: AbsencePeriod) -> Period:
    """A period as the counting wants it."""
    return Period(row.from_date, row.to_date, row.grade, row.kind)


def periods_of(ids: list[int]) -> _Grouped:
    """The periods of these cases, by case."""
    found = _Grouped(list)
    for row in AbsencePeriod.select().where(AbsencePeriod.case.in_(ids)).order_by(AbsencePeriod.from_date):
        found[row.case_id].append(counted(row))
    return found


def _grouped(rows: Iterable[Any]) -> _Grouped:
    found = _Grouped(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _contacts(ids: list[int]) -> _Grouped:
    """The log as it stands: a corrected entry has given way to its correction."""
    columns = (ContactEntry.id, ContactEntry.case, ContactEntry.kind, ContactEntry.at, ContactEntry.corrects)
    rows = list(ContactEntry.select(*columns).where(ContactEntry.case.in_(ids)).order_by(ContactEntry.at))
    corrected = {row.corrects_id for row in rows}
    return _grouped(row for row in rows if row.id not in corrected)


def _meetings(ids: list[int]) -> _Grouped:
    columns = (DialogueMeeting.case, DialogueMeeting.number, DialogueMeeting.at)
    return _grouped(
        DialogueMeeting.select(*columns).where(DialogueMeeting.case.in_(ids), DialogueMeeting.status == "held")
    )


def _letters(ids: list[int]) -> _Grouped:
    return _grouped(Dispatch.select(Dispatch.case, Dispatch.letter, Dispatch.sent_on).where(Dispatch.case.in_(ids)))


def _plans(ids: list[int]) -> _Grouped:
    rows = (
        Plan.select(Plan.id, Plan.case, Plan.number, Plan.status, Plan.finished_at, Plan.evaluate_on)
        .where(Plan.case.in_(ids), Plan.purpose == "plan", Plan.status.in_(("finished", "signed", "superseded")))
        .order_by(Plan.number)
    )  # fmt: skip
    held = list(rows)
    signed = _Grouped(list)
    for row in (
        Signature.select(Signature.plan, Signature.signed_on)
        .where(Signature.plan.in_([plan.id for plan in held])).order_by(Signature.signed_on)
    ):  # fmt: skip
        signed[row.plan_id].append(row.signed_on)
    found = _Grouped(list)
    for plan in held:
        if plan.finished_at is None:
            continue
        days = signed[plan.id]
        by, finished = days[-1] if days and plan.status == "signed" else None, local(plan.finished_at).date()
        found[plan.case_id].append(deadlines.Plan(plan.number, finished, by, plan.evaluate_on, days))
    return found


def _held(meetings: Iterable[Any], contacts: Iterable[Any]) -> dict[int, list[dt.date]]:
    """Held by number; a dialogue meeting that only the log tells of is the employer's."""
    found = defaultdict[int, list[dt.date]](list)
    for meeting in meetings:
        found[meeting.number].append(local(meeting.at).date())
    found[1] += [local(c.at).date() for c in contacts if c.kind == "dialogue_meeting"]
    return dict(found)


def _by_key(letters: Iterable[Any]) -> dict[str, list[dt.date]]:
    found = defaultdict[str, list[dt.date]](list)
    for letter in letters:
        found[letter.letter].append(letter.sent_on)
    return dict(found)


# --- counting -------------------------------------------------------------------------------------------------------


def refresh(case: Case, rules: Sequence[deadlines.Rule] | None = None) -> None:
    """Count a case anew. Call it in the transaction of every write to the case.

    `rules` are the municipality's, when the caller has them already.
    """
    refresh_all([case], rules if rules is not None else steps.rules_for(case.municipality_id))


def refresh_all(cases: Sequence[Case], rules: Sequence[deadlines.Rule]) -> None:
    """Count several cases of one municipality anew, reading in as many queries as for one and writing what differs.

    Doing it twice changes nothing.
    """
    ids = [case.id for case in cases]
    known, drafts, stored = facts_of(cases), _open_plans(ids), _stored(ids)
    rows = _grouped(Milestone.select().where(Milestone.case.in_(ids)))
    made: list[Milestone] = []
    for case in cases:
        step = _recompute(case, known[case.id], rules, rows[case.id], made)
        case.plan_limit, case.dialogue_limit = limits(known[case.id], case.closed_on, _spared(rows[case.id]))
        _keep(case, known[case.id], step, drafts.get(case.id, ""), stored.get(case.id))
    for start in range(0, len(made), _CHUNK):
        new = [row.__data__ for row in made[start : start + _CHUNK]]
        Milestone.insert_many(new).on_conflict_ignore().execute()  # somebody else may have counted the same


def _stored(ids: list[int]) -> dict[int, tuple[Any, ...]]:
    """What is kept on the cases now, whatever the caller's rows say."""
    columns = [getattr(Case, name) for name in _KEPT]
    rows: Any = Case.select(Case.id, *columns).where(Case.id.in_(ids)).tuples()
    return {row[0]: row[1:] for row in rows}


def _open_plans(ids: list[int]) -> dict[int, str]:
    """The state of the plan that counts, by case."""
    rows = (
        Plan.select(Plan.case, Plan.status)
        .where(Plan.case.in_(ids), Plan.purpose == "plan", Plan.status.not_in(("superseded", "misregistered")))
        .order_by(Plan.number)
    )  # fmt: skip
    return {row.case_id: row.status for row in rows}


def _recompute(
    case: Case, known: deadlines.Facts, rules: Sequence[deadlines.Rule], rows: list[Milestone], made: list[Milestone]
) -> deadlines.Step | None:
    """Bring the rows of a case up to date; those that are new go to `made`. Gives what to do next."""
    counted = {(step.code, step.round): step for step in deadlines.steps(known, rules)}
    by_code = {rule.code: rule for rule in rules}
    held = {(row.code, row.round): row for row in rows}
    found: list[deadlines.Step] = []
    for (code, number), step in counted.items():
        row = held.get((code, number))
        if row is None:
            row = Milestone(municipality=case.municipality_id, case=case.id, code=code, round=number, done_on=None)
            made.append(row)
        before = dict(row.__data__)
        _bring(row, step, known, by_code[code])
        _save(row, before)
        if row.state in ("open", "done"):
            found.append(deadlines.Step(code, row.due, row.done_on, number, row.who, step.done_by))
        elif row.state == "exempt" and row.again_on:  # it comes back as something to decide on
            found.append(deadlines.Step(code, row.again_on, None, number, row.who, step.done_by))
    for key, row in held.items():
        if key not in counted and (_waited(row) or _was_only_seen(row, by_code.get(row.code), known)):
            before = dict(row.__data__)
            row.state = "ended"
            _save(row, before)
    found.sort(key=lambda s: (s.due or dt.date.max, s.round, s.code))
    return deadlines.next_step(found) if known.open else None


def _waited(row: Milestone) -> bool:
    return row.state == "open" or (row.state == "exempt" and row.again_on is not None)


def _was_only_seen(row: Milestone, rule: deadlines.Rule | None, known: deadlines.Facts) -> bool:
    """Done, but what it was seen from is gone."""
    seen = row.state == "done" and not row.by_hand and rule is not None
    return seen and rule is not None and row.done_on not in deadlines.happened(known, rule)


def _bring(row: Milestone, step: deadlines.Step, known: deadlines.Facts, rule: deadlines.Rule) -> None:
    """One row as the counting has it. What was done stays done, unless what it was seen from is gone.

    What happens afterwards settles an exemption too, and what was put aside as not relevant, but for a mere contact.
    """
    row.due, row.who = step.due or row.due, step.who  # of a meeting that nobody has to hold any more, the day it had
    gone = row.state == "done" and not row.by_hand and row.done_on not in deadlines.happened(known, rule)
    settled = row.state == "done" or (row.state == "not_relevant" and rule.done_by == "contact")
    if step.done_on is not None and (gone or not settled):
        row.state, row.done_on, row.by_hand, row.again_on = "done", step.done_on, False, None
    elif gone:
        row.state, row.done_on = "open", None
    if row.state in ("open", "ended"):
        was_exempt = row.again_on is not None  # before the milestone ceased to apply
        row.state = ("exempt" if was_exempt else "open") if known.open else "ended"


def _save(row: Milestone, before: dict[str, Any]) -> None:
    """Write what counting changed in a row that is there already."""
    changed = [getattr(Milestone, name) for name in _COUNTED if row.__data__.get(name) != before.get(name)]
    if row.id is not None and changed:
        row.save(only=changed)


def _spared(rows: Iterable[Any]) -> set[str]:
    """Codes that somebody decided need not be done."""
    return {row.code for row in rows if row.state in ("exempt", "not_relevant")}


def _keep(
    case: Case, known: deadlines.Facts, step: deadlines.Step | None, plan_status: str, stored: tuple[Any, ...] | None
) -> None:
    """What lists sort and filter by, and figures count."""
    case.next_step, case.next_due = (step.code, step.due) if step else ("", None)
    case.plan_status = plan_status or "none"
    case.plan_in_time, case.dialogue_in_time = in_time(known)
    values = {name: getattr(case, name) for name in _KEPT}
    if tuple(values.values()) != stored:
        Case.update(**values).where(Case.id == case.id).execute()


def in_time(known: deadlines.Facts) -> tuple[bool | None, bool | None]:
    """Whether the plan and the first dialogue meeting came within the law's limits; None while they have not come."""
    found: list[bool | None] = []
    for code, done_by in (("plan", "plan"), ("dialogue_1", "meeting")):
        row = law.row_of(code, known.first_day)
        rule = deadlines.Rule(
            code, row.days if row else None, row.anchor if row else "first_day", done_by, legal=True, meeting=1
        )
        step = next(iter(deadlines.steps(known, [rule])), None)
        done = step.done_on if step and known.kind == "sick_leave" else None
        found.append(None if done is None or step is None or step.due is None else done <= step.due)
    return found[0], found[1]


def recount(municipality: Municipality) -> int:
    """Count every open case anew, after the municipality's schedule changed; how many there were."""
    return _count(municipality, Case.status == "open")


def count_first(municipality: Municipality) -> int:
    """Count the cases that never were, as those from before there were milestones; how many there were."""
    return _count(municipality, Case.id.not_in(Milestone.select(Milestone.case)))


def _count(municipality: Municipality, which: Any) -> int:
    rules = steps.rules_for(municipality.id)
    ids = [row.id for row in Case.select(Case.id).where(Case.municipality == municipality, which)]
    for start in range(0, len(ids), _CHUNK):
        with db.atomic():
            refresh_all(list(Case.select().where(Case.id.in_(ids[start : start + _CHUNK]))), rules)
    return len(ids)


def waiting(cases: pw.ModelSelect[Case], until: dt.date) -> pw.ModelSelect[Milestone]:
    """Milestones of these cases (a scoped query) that wait and are due by `until`, with case and employee joined."""
    return (
        Milestone.select(Milestone, Case, Employee).join(Case).join(Employee)
        .where(Milestone.case.in_(cases.select(Case.id)), Case.status == "open", waits(today()), Milestone.due <= until)
        .order_by(Milestone.due, Milestone.id)
    )  # fmt: skip
