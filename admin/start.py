"""The first page after login, by role: what waits for you."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, url_for
from flask_admin import AdminIndexView, expose
from flask_babel import gettext as _

from admin import words
from admin.base import actor
from admin.timeline import step_name
from models import Case
from services import absence, access, cases
from services.audit import Tag, record
from services.clock import today


@dataclass(frozen=True)
class Task:
    """A case as a line on the start page."""

    case: Case
    step: str
    due: str
    tone: str
    absence: str
    label: str
    url: str
    urgent: bool


class StartView(AdminIndexView):
    """What waits for a leader or HR; for others, the page they use most."""

    def is_accessible(self) -> bool:
        return True

    @expose("/")
    def index(self) -> Any:
        who = actor()
        if not who.roles & {"leader", "hr"}:
            return redirect(self._home(), 303)
        rows = list(cases.waiting(who))
        grades = cases.grades(row.id for row in rows)
        tasks = [task(row, grades.get(row.id)) for row in rows]
        record(Tag.LIST_READ, municipality=who.municipality_id, actor=who.user_id, subject="start")
        return self.render(
            "admin/start.html", tasks=[t for t in tasks if t.urgent], calm=[t for t in tasks if not t.urgent],
            total=access.cases(who).where(Case.status == "open").count(),
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


def task(case: Case, grade: int | None) -> Task:
    """The line of one case: what, by when, and the button that does it."""

    due, tone = words.due_words(case.next_due)
    page = url_for("case.details_view", id=case.id)
    label, url = {
        "contact": (_("Før i loggen"), url_for("contact.create_view", case=case.id)),
        "plan": (_("Fortsett planen") if case.plan_status == "draft" else _("Start planen"), page),
        "sign": (_("Åpne planen"), page),
    }.get(case.next_step, (_("Åpne saken"), page))
    return Task(
        case=case, step=step_name(case.next_step), due=due, tone=tone,
        absence=absence_words(case, grade), label=label, url=url, urgent=tone in ("late", "soon"),
    )  # fmt: skip


def absence_words(case: Case, grade: int | None) -> str:
    """uke 5 · 100 %, or Gult lys."""
    if case.kind == "preventive":
        return _("gult lys")
    number = absence.week_of_absence(case.first_day, today())
    return _("uke %(n)s · %(grade)s %%", n=number, grade=grade) if grade else _("uke %(n)s", n=number)
