"""What a schedule means: the dates of an example case, week by week or as a calendar month by month."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from flask import request
from flask_babel import format_date
from flask_babel import gettext as _

from admin import flat_steps
from admin.words import format_short
from forms.definition import say
from forms.library import load_steps
from forms.steps import StepRule, Steps
from forms.texts import N_
from services import absence, deadlines, steps
from services.clock import today

EXAMPLES = {"full": N_("Helt sykmeldt"), "graded": N_("Gradert 50 %"), "preventive": N_("Gult lys")}
VIEWS = {"weeks": N_("Uke for uke"), "months": N_("Måned for måned")}
_LEADS = {
    "full": N_("Eksempel: en ansatt som blir helt sykmeldt i dag, med lovpålagt bedriftshelsetjeneste."),
    "graded": N_("Eksempel: en ansatt som blir 50 % sykmeldt i dag, og er det hele tiden."),
    "preventive": N_("Eksempel: en ansatt der dere i dag ser fare for sykmelding (gult lys)."),
}
_EVALUATED = dt.timedelta(weeks=6)  # after the plan was ready


class Tab(NamedTuple):
    """One way to look at it."""

    key: str
    name: str
    url: str
    current: bool


class Event(NamedTuple):
    """A milestone of the example case. `text` tells more of the date, where there is something to tell."""

    id: str
    day: dt.date
    after: str  # how long after the first day
    title: str
    who: str
    done: str
    text: str
    first: bool = False  # the first day itself, which is no milestone

    @property
    def date(self) -> str:
        return str(format_date(self.day, "EEE d. MMM y" if self.day.year != today().year else "EEE d. MMM"))

    @property
    def week(self) -> int:
        """Of the year."""
        return self.day.isocalendar().week


class Week(NamedTuple):
    number: int  # of the absence
    events: tuple[Event, ...]


class Month(NamedTuple):
    name: str
    days: tuple[tuple[tuple[int, bool], ...], ...]  # weeks of (day of the month or 0, has a milestone)
    events: tuple[Event, ...]


@dataclass(frozen=True)
class ScheduleLook:
    """A schedule on an example case that begins on `first`."""

    content: Steps
    language: str
    url: Callable[..., str]  # with example and view
    first: dt.date
    linked: bool = False  # whether an event leads to the card of its milestone

    @property
    def example(self) -> str:
        asked = request.args.get("example", "")
        return asked if asked in EXAMPLES else "full"

    @property
    def view(self) -> str:
        asked = request.args.get("view", "")
        return asked if asked in VIEWS else "weeks"

    @property
    def lead(self) -> str:
        return _(_LEADS[self.example])

    @property
    def examples(self) -> list[Tab]:
        return [
            Tab(f"example-{key}", _(name), self.url(example=key, view=self.view), key == self.example)
            for key, name in EXAMPLES.items()
        ]

    @property
    def views(self) -> list[Tab]:
        return [
            Tab(f"view-{key}", _(name), self.url(example=self.example, view=key), key == self.view)
            for key, name in VIEWS.items()
        ]

    @cached_property
    def events(self) -> tuple[Event, ...]:
        return tuple(events(self.content, self.language, self.example, self.first))

    @property
    def weeks(self) -> list[Week]:
        def number(event: Event) -> int:
            return absence.week_of_absence(self.first, event.day)

        return [Week(week, tuple(found)) for week, found in groupby(self.events, key=number)]

    @property
    def months(self) -> list[Month]:
        return [_month(year, month, tuple(found)) for (year, month), found in groupby(self.events, key=_month_of)]

    @property
    def weekdays(self) -> list[str]:
        monday = dt.date(2026, 1, 5)
        return [str(format_date(monday + dt.timedelta(days=n), "EEEEE")) for n in range(7)]


def _month_of(event: Event) -> tuple[int, int]:
    return event.day.year, event.day.month


def _month(year: int, month: int, found: tuple[Event, ...]) -> Month:
    marked = {event.day.day for event in found}
    weeks = calendar.Calendar().monthdayscalendar(year, month)
    name = str(format_date(dt.date(year, month, 1), "MMMM y"))
    days = tuple(tuple((day, day in marked) for day in week) for week in weeks)
    return Month(name[:1].upper() + name[1:], days, found)


def events(content: Steps, language: str, example: str, first: dt.date) -> list[Event]:
    """The milestones of a case that begins on `first`, where the plan is ready on its last day."""
    rules, by_code = steps.rules_of(content), {step.code: step for step in content.steps}
    law = {step.code: step.due for step in counted(first, example, steps.rules_of(load_steps(steps.STANDARD)))}
    start = _("Saken opprettes") if example == "preventive" else _("Første sykedag")
    found = [Event("", first, "", start, "", "", "", first=True)]
    for step in counted(first, example, rules):
        rule = by_code[step.code]
        if step.due is not None:
            title = say(rule.text, language) or rule.code
            about = flat_steps.who(rule), flat_steps.done(rule)
            text = _more(rule, step.due, law.get(rule.code))
            days = (step.due - first).days
            after = _("etter %(span)s", span=flat_steps.span(days)) if days else ""
            found.append(Event(rule.id, step.due, after, title, *about, text))
    return sorted(found, key=lambda event: (event.day, not event.first))


def counted(first: dt.date, example: str, rules: Sequence[deadlines.Rule]) -> list[deadlines.Step]:
    """The milestones of an example case, as if nothing but the plan had been done."""
    kind = "preventive" if example == "preventive" else "sick_leave"
    grade = 50 if example == "graded" else 100
    periods = [] if kind == "preventive" else [absence.Period(first, None, grade)]
    facts = deadlines.Facts(kind, first, periods=periods, occupational_health=True)
    due = {step.code: step.due for step in deadlines.steps(facts, rules)}.get("plan")
    ready = due or first + dt.timedelta(days=28)
    plan = deadlines.Plan(1, ready, None, ready + _EVALUATED)
    return [replace(step, done_on=None) for step in deadlines.steps(replace(facts, plans=[plan]), rules)]


def _more(rule: StepRule, due: dt.date, law: dt.date | None) -> str:
    """What the date depends on, or that the law would have given longer."""
    if rule.done_by == "evaluation":
        return _("Datoen avtales i planen; dette er et eksempel.")
    if rule.done_by == "signature" or rule.anchor == "plan_day":
        return _("Hvis planen er ferdig på siste dag.")
    if rule.anchor == "sick_pay_end":
        return _("Anslag; Nav sier hvilken dag det blir.")
    if rule.legal and law is not None and due < law:
        return _("Kommunens frist. Loven: %(day)s.", day=format_short(law))
    if rule.only_if == "occupational_health":
        return _("Bare når den ansatte har lovpålagt bedriftshelsetjeneste.")
    return _("Lovens frist.") if rule.legal else ""
