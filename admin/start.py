"""The first page after login, by role: what waits for you."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, url_for
from flask_admin import AdminIndexView, expose
from flask_babel import gettext as _

from admin import words
from admin.base import actor
from admin.doing import Button, Places, button, places
from admin.figures import count_words, tiles
from admin.timeline import step_name
from forms.steps import StepRule, Steps
from models import Case
from services import access, cases, start, steps
from services.cases import Away
from services.clock import today
from services.figures import UnitFigures
from services.start import CaseTasks, due_of

UNITS = 10  # units that HR sees there; the rest stand in the figures
SHOWN = 3  # tasks of one employee; the rest stand in the case


@dataclass(frozen=True)
class TaskLine:
    """One thing to do: what, by when, and the button that does it."""

    name: str
    due: str
    tone: str
    button: Button | None = None


@dataclass(frozen=True)
class CaseLine:
    """An employee with what is to be done."""

    case: Case
    url: str
    about: str
    absence: str
    tasks: tuple[TaskLine, ...]
    more: int = 0


@dataclass(frozen=True)
class Section:
    """What is due by the same time."""

    title: str
    help: str
    tone: str
    lines: list[CaseLine]


class StartView(AdminIndexView):
    """What waits for a leader or HR; for others, the page they use most."""

    def is_accessible(self) -> bool:
        return True

    @expose("/")
    def index(self) -> Any:
        who = actor()
        if not who.roles & {"leader", "hr"}:
            return redirect(self._home(), 303)
        schedule = steps.published_steps(who.municipality_id)
        found = start.read_start(who, schedule)
        shown = [*(task.case for task in (*found.tasks, *found.latest)), *found.calm]
        away = cases.away(shown)
        make = _Lines(schedule, away, places(who, [task.case.id for task in found.tasks]), found.units)
        return self.render(
            "admin/start.html", start=found, sections=_sections(make, found.tasks),
            calm=[make.calm(case) for case in found.calm], latest=[make.late(task) for task in found.latest],
            leads="leader" in who.roles, tiles=tiles(found.figures) if found.figures else [],
            units=_worst(found.figures.units) if found.figures else [], count_words=count_words,
            heading_day=words.format_weekday(today()), week=words.week(today()), breadcrumbs=[],
        )  # fmt: skip

    @staticmethod
    def _home() -> str:
        who = actor()

        if "auditor" in who.roles:
            return url_for("audit.index_view")
        if "administrator" in who.roles:
            return url_for("user.index_view")
        own = (
            access.cases(who)
            .where(Case.employee == (who.employee_id or 0))
            .order_by(Case.status.desc(), Case.id.desc())
        )
        case = own.first()
        return url_for("case.details_view", id=case.id) if case else url_for("admin.nothing")

    @expose("/nothing/")
    def nothing(self) -> Any:
        """For one who has no case and no task."""
        return self.render("admin/nothing.html", breadcrumbs=[])


def _worst(units: Sequence[UnitFigures]) -> list[UnitFigures]:
    """The units with most that is late; those whose number is not shown come last, by name."""
    return sorted(units, key=lambda unit: (-(unit.late.number or 0), unit.name.casefold()))[:UNITS]


def _sections(make: _Lines, tasks: Iterable[CaseTasks]) -> list[Section]:
    """Over the deadline, this week, next week; each employee once, where the first task stands."""
    day = today()
    sunday = day + dt.timedelta(days=6 - day.weekday())
    found = [
        Section(_("Over fristen"), "", "late", []),
        Section(_("Denne uken"), _("til og med %(day)s", day=words.format_short(sunday)), "soon", []),
        Section(_("Neste uke"), _("uke %(n)s", n=words.week(sunday + dt.timedelta(days=1))), "neutral", []),
    ]
    for task in tasks:
        place = 0 if task.due < day else 1 if task.due <= sunday else 2
        found[place].lines.append(make.todo(task))
    return [section for section in found if section.lines]


class _Lines:
    """Makes lines of cases from what has been read for all of them."""

    def __init__(self, schedule: Steps, away: dict[int, Away], where: Places, units: dict[int, str]) -> None:
        self.rules: dict[str, StepRule] = {step.code: step for step in schedule.steps}
        self.away, self.where, self.units = away, where, units

    def todo(self, task: CaseTasks) -> CaseLine:
        shown = tuple(
            TaskLine(step_name(row.code), *words.due_words(due_of(row)),
                     button(row, self.rules.get(row.code), task.case, self.where))
            for row in task.rows[:SHOWN]
        )  # fmt: skip
        return self._line(task.case, shown, len(task.rows) - len(shown))

    def calm(self, case: Case) -> CaseLine:
        due, tone = words.due_words(case.next_due)
        step = TaskLine(step_name(case.next_step), due, tone)
        return self._line(case, (step,) if case.next_step else ())

    def late(self, task: CaseTasks) -> CaseLine:
        first = task.rows[0]
        step = TaskLine(step_name(first.code), *words.due_words(first.due))
        return self._line(task.case, (step,), len(task.rows) - 1)

    def _line(self, case: Case, tasks: tuple[TaskLine, ...], more: int = 0) -> CaseLine:
        employee = case.employee
        percent = _("%(n)s %%", n=employee.position_percent)
        about = [f"{employee.position}, {percent}" if employee.position else percent, self.units.get(case.unit_id, "")]
        return CaseLine(
            case, url_for("case.details_view", id=case.id), " · ".join(filter(None, about)),
            absence_words(case, self.away[case.id]), tasks, more,
        )  # fmt: skip


def absence_words(case: Case, away: Away, graded: bool = True) -> str:
    """uke 5 · 100 %, or Gult lys."""
    if case.kind == "preventive":
        return _("gult lys")
    if graded and away.grade:
        return _("uke %(n)s · %(grade)s %%", n=away.week, grade=away.grade)
    return _("uke %(n)s", n=away.week)
