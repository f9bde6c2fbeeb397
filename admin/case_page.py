"""All that the case page shows, gathered in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_babel import gettext as _

from admin import doing, words
from admin.meeting_pages import STATUS_TONES
from admin.start import absence_words
from admin.timeline import NextStep, Point, next_of, timeline
from admin.words import format_short
from forms.texts import Note
from models import (
    AbsencePeriod,
    Case,
    ContactEntry,
    DialogueMeeting,
    Dispatch,
    Document,
    Measure,
    MeetingParticipant,
    Plan,
)
from services import absence, access, cases, context, dispatches, meetings, milestones, steps
from services.absence import Stretch
from services.access import Actor
from services.cases import Away
from services.clock import today
from services.deadlines import Facts
from services.plan_purposes import forms_of_case
from services.settings import settings_of


class Weeks(NamedTuple):
    """Week of absence on the municipality's clock; `other` is the other clock's, when it shows another week."""

    number: int
    clock: str  # calendar | nav
    other: int | None


class Bar(NamedTuple):
    """A stretch of the absence as a bar: x and width of 1000, height of 100."""

    x: int
    width: int
    grade: int


@dataclass(frozen=True)
class CasePage:
    """All the case page shows."""

    case: Case
    weeks: Weeks | None
    grade: int | None
    leader: str
    sick_to: str
    sick_pay_end: Any
    estimated: bool
    employer_period: tuple[dt.date, dt.date] | None
    next: NextStep | None
    timeline: list[Point]
    periods: list[AbsencePeriod]
    bars: list[Bar]
    grades: str
    measures: list[Measure]
    contacts: list[ContactEntry]
    plans: list[Plan]
    consents: list[Plan]
    documents: list[Document]
    draft: Plan | None
    meetings: list[DialogueMeeting]
    minutes: dict[int, Plan]
    letters: list[Dispatch]
    own_meetings: dict[int, MeetingParticipant]  # by meeting: whose answer the reader gives as the employee
    warnings: list[Note]
    splits: bool  # the absence is two by Nav's rule

    @property
    def tones(self) -> dict[str, str]:
        """Of a meeting's status."""
        return STATUS_TONES

    @property
    def headline(self) -> str:
        """uke 5 · 100 %, or gult lys."""
        return absence_words(self.case, Away(self.weeks.number if self.weeks else 0, self.grade))

    @property
    def weeks_text(self) -> str:
        """uke 7 (Nav: uke 6)."""
        if self.weeks is None or self.weeks.other is None:
            return _("uke %(n)s", n=self.weeks.number) if self.weeks else ""
        numbers = {"n": self.weeks.number, "other": self.weeks.other}
        if self.weeks.clock == "nav":
            return _("uke %(n)s (kalender: uke %(other)s)", **numbers)
        return _("uke %(n)s (Nav: uke %(other)s)", **numbers)


def case_page(who: Actor, case: Case) -> CasePage:
    """Gather the page; reading only."""
    known, writes = milestones.facts(case), who.may("case.write")
    rows = milestones.of_case(case)
    for row in rows:
        row.case = case
    periods = list(AbsencePeriod.select().where(AbsencePeriod.case == case).order_by(AbsencePeriod.from_date.desc()))
    contacts = list(access.contacts(who).where(ContactEntry.case == case).order_by(ContactEntry.at.desc()))
    forms = forms_of_case(who, case)
    plans = forms.plans
    leader = context.leader_of(case.employee)
    counting = next((p for p in plans if p.status not in ("superseded", "misregistered")), None)
    published = steps.published_steps(who.municipality_id)
    held = meetings.of_case(who, case)
    where = _places(case, counting, held)
    sick = absence.current(known.periods)
    return CasePage(
        case=case, weeks=_weeks(case, known), grade=absence.grade_on(known.periods, today()),
        leader=leader.name if leader else "", sick_to=_sick_to(periods),
        sick_pay_end=case.sick_pay_end or absence.sick_pay_end(case.first_day), estimated=case.sick_pay_end is None,
        employer_period=absence.employer_period(known.periods),
        next=next_of(case, rows, counting, published, where) if writes else None,
        timeline=timeline(who, case, rows, published, where), periods=periods,
        bars=_bars(sick.stretches if sick else ()), grades=_in_words(sick.stretches if sick else ()),
        measures=_measures(who, case), contacts=contacts, plans=plans,
        consents=[*forms.consents, *(form for form in forms.misregistered if form.purpose == "consent")],
        documents=list(access.documents(who).where(Document.case == case).order_by(Document.id.desc())),
        draft=next((p for p in plans if p.status == "draft"), None), meetings=held,
        minutes=forms.minutes,
        letters=dispatches.of_case(who, case), own_meetings=_own(who, case, held),
        warnings=cases.warnings(case) if writes and case.status == "open" else [],
        splits=writes and case.status == "open" and len(absence.cases(known.periods)) > 1,
    )  # fmt: skip


def _sick_to(periods: Iterable[AbsencePeriod]) -> str:
    """The last day of the latest sick leave in words; empty when none is known."""
    latest = next((period for period in periods if period.kind != "holiday"), None)
    if latest is None:
        return ""
    return words.format_day(latest.to_date) if latest.to_date else _("inntil videre")


def _places(case: Case, plan: Plan | None, held: Iterable[DialogueMeeting]) -> doing.Places:
    """As `doing.places`, of what the page has read already."""
    return doing.Places(
        {case.id: plan.id} if plan else {}, {(case.id, m.number): m.id for m in held if m.status == "planned"}
    )


def _weeks(case: Case, known: Facts) -> Weeks | None:
    """Both clocks (reference 3.5): by the calendar from the first day, and as Nav counts, sick days only."""
    if case.kind != "sick_leave":
        return None
    found = absence.current(known.periods)
    calendar = absence.week_of_absence(case.first_day, today())
    nav = absence.nav_week(found, today()) if found else calendar
    clock = settings_of(case.municipality_id).week_clock
    number, other = (nav, calendar) if clock == "nav" else (calendar, nav)
    return Weeks(number, clock, other if other != number else None)


def _until(part: Stretch) -> dt.date:
    return part.last or max(today(), part.first)


def _bars(parts: Sequence[Stretch]) -> list[Bar]:
    """The absence drawn to scale, to today when it runs until further notice; nothing to draw of a single grade."""
    if len(parts) < 2:
        return []
    first, last = parts[0].first, max(map(_until, parts))
    days = (last - first).days + 1
    return [
        Bar(
            1000 * (part.first - first).days // days, max(2, 1000 * ((_until(part) - part.first).days + 1) // days - 2),
            part.grade,
        )
        for part in parts
    ]  # fmt: skip


def _in_words(parts: Sequence[Stretch]) -> str:
    """The same for those who do not see it."""
    told = [
        _("%(grade)s %% fra %(first)s til %(last)s", grade=p.grade, first=format_short(p.first),
          last=format_short(p.last) or _("videre"))
        for p in parts
    ]  # fmt: skip
    return "; ".join(told)


def _own(who: Actor, case: Case, held: Iterable[DialogueMeeting]) -> dict[int, MeetingParticipant]:
    """The reader's own seat in planned meetings about the reader."""
    if case.employee_id != who.employee_id or not who.may("meeting.answer"):
        return {}
    return {m.id: p for m in held if m.status == "planned" for p in m.participants if p.role == "employee"}


def _measures(who: Actor, case: Case) -> list[Measure]:
    query = access.measures(who).where(Measure.case == case)
    return list(query.order_by(Measure.deadline.asc(nulls="last"), Measure.id))
