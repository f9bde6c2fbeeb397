"""Tells the demo's cases through the services, as leader and HR would have typed them, and sets their clock back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import models
from models import AbsencePeriod, Answer, Case, ContactEntry, Document, Employee, Measure, Plan, QuestionSet, Signature
from services import cases, documents, followup, milestones, plan_after, plans
from services.access import Actor
from services.clock import OSLO, today
from services.demo_data import PlannedPlan, Story
from services.demo_pictures import scan
from services.demo_texts import answers


@dataclass(frozen=True)
class Cast:
    """Who takes part in a story."""

    employee: Employee
    leader: Actor
    hr: Actor
    place: str


def tell(cast: Cast, story: Story) -> Case:
    """Open the case of `story` and let everything in it happen."""
    case = cases.open_case(cast.leader, cast.employee.id, {**story.values(), "first_day": _day(story.first)})
    for start, end, grade in story.periods:
        values = {"from_date": _day(start), "to_date": None if end is None else _day(end), "grade": grade}
        cases.add_period(cast.leader, case.id, values)
    _log(cast, case, story)
    for measure in story.measures:
        due = None if measure.due is None else _day(-measure.due)
        told = {"what": measure.what, "kind": measure.kind, "status": measure.status, "deadline": due}
        followup.add_measure(cast.leader, case.id, {**told, "responsible": measure.responsible, **measure.extra})
    for planned in story.plans:
        _plan(cast, case, planned)
    if story.closed is not None:
        cases.close_case(cast.leader, case.id, Case.get_by_id(case.id).revision)
        Case.update(closed_on=_day(story.closed)).where(Case.id == case.id).execute()
    _set_back(case, story)
    case = Case.get_by_id(case.id)
    milestones.refresh(case)
    return case


def _day(ago: int) -> dt.date:
    return today() - dt.timedelta(days=ago)


def _moment(ago: int, hour: int = 10, minute: int = 15) -> dt.datetime:
    """That time of day in Norway, in UTC; a day at work even if `ago` says a weekend, and never in the future."""
    day = _day(ago)
    day -= dt.timedelta(days=max(0, day.weekday() - 4))
    there = dt.datetime.combine(day, dt.time(hour, minute), OSLO).astimezone(dt.UTC)
    return min(there, models.now())


def _log(cast: Cast, case: Case, story: Story) -> None:
    before: ContactEntry | None = None
    for number, contact in enumerate(story.contacts):
        at = max(_moment(contact.ago, 9 + number % 5, 30 * (number % 2)), _moment_of(case.first_day))
        values = {
            "at": at, "kind": contact.kind, "participants": f"{cast.employee.name}, {cast.leader.name}",
            "text": contact.text, "result": contact.result,
        }  # fmt: skip
        corrects = before.id if contact.corrects and before else None
        if corrects and before:
            values["at"] = before.at
        before = followup.log_contact(cast.leader, case.id, values, corrects)


def _moment_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(8), OSLO).astimezone(dt.UTC)


# --- plans ----------------------------------------------------------------------------------------------------------


def _plan(cast: Cast, case: Case, planned: PlannedPlan) -> None:
    set_id = None
    if planned.set_key:
        chosen = QuestionSet.get(QuestionSet.municipality == case.municipality_id, QuestionSet.key == planned.set_key)
        set_id = chosen.id
    plan = plans.start_plan(cast.leader, case.id, set_id)
    _write(cast, plan, planned)
    if planned.finished is None:
        _date_plan(plan.id, planned)
        return
    with _moved_clock(_moment(planned.finished, 13, 40)):
        plans.finish_plan(cast.leader, plan.id)
    _date_plan(plan.id, planned)
    if planned.signed is not None:
        _sign(cast, plan.id, planned, planned.signed)
    if planned.misregistered:
        plan_after.mark_misregistered(cast.hr, plan.id, planned.misregistered)


def _write(cast: Cast, plan: Plan, planned: PlannedPlan) -> None:
    opened = plans.open_plan(cast.leader, plan.id, quiet=True)
    told = answers(
        opened.definition, plan.language, planned.story, _day(planned.saved), _day(-planned.evaluate),
        partial=planned.partial,
    )  # fmt: skip
    bases = {question: plans.base_of(opened.answers.get(question)) for question in told}
    plans.save_answers(cast.leader, plan.id, told, bases)


@contextmanager
def _moved_clock(moment: dt.datetime) -> Iterator[None]:
    """The day a plan is finished stands on its paper, which cannot be set back afterwards."""
    usual = plans.now
    plans.now = lambda: moment
    try:
        yield
    finally:
        plans.now = usual


def _date_plan(plan_id: int, planned: PlannedPlan) -> None:
    saved, started = _moment(planned.saved, 11, 5), _moment(planned.saved + 2, 9, 50)
    Plan.update(created_at=started, saved_at=saved).where(Plan.id == plan_id).execute()
    Answer.update(created_at=started, saved_at=saved).where(Answer.plan == plan_id).execute()
    if planned.finished is not None:
        finished = _moment(planned.finished, 13, 40)
        Document.update(created_at=finished).where(Document.plan == plan_id, Document.kind == "plan").execute()


def _sign(cast: Cast, plan_id: int, planned: PlannedPlan, signed: int) -> None:
    plan = Plan.get_by_id(plan_id)
    parties = (("employer", cast.leader.name), ("employee", cast.employee.name))
    for role, name in parties:
        day = max(_moment(signed).date(), plan.finished_at.date())
        with_scan = ("signert-plan.png", scan()) if planned.scan and role == "employee" else None
        values = {"role": role, "name": name, "signed_on": day, "place": cast.place}
        documents.register_signature(cast.leader, plan_id, values, with_scan)
    registered = _moment(signed, 14, 20)
    Signature.update(created_at=registered).where(Signature.plan == plan_id).execute()
    Document.update(created_at=registered).where(Document.plan == plan_id, Document.kind == "scan").execute()


def _set_back(case: Case, story: Story) -> None:
    """When the rows came about. The contact log and the trail cannot be set back: they say when the demo was made."""
    opened = _moment_of(_day(max(story.first - 1, 0)))
    Case.update(created_at=min(opened, models.now())).where(Case.id == case.id).execute()
    for period in AbsencePeriod.select().where(AbsencePeriod.case == case):
        begun = min(_moment_of(period.from_date), models.now())
        AbsencePeriod.update(created_at=begun).where(AbsencePeriod.id == period.id).execute()
    talked = _moment(story.contacts[-1].ago) if story.contacts else opened
    Measure.update(created_at=min(talked, models.now())).where(Measure.case == case).execute()
