"""The Admin with all its views, and the menu each role sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import get_locale
from flask_babel import gettext as _

from admin import words
from admin.account import AccountView
from admin.audit import AuditView
from admin.builder import BuilderView
from admin.case_letters import CaseLetterView, DispatchView
from admin.cases import CaseView
from admin.exchange import ExchangeView
from admin.figures import FiguresView
from admin.flat_builder import FlatBuilderView
from admin.letters import LetterView
from admin.meetings import MeetingView
from admin.milestones import MilestoneView
from admin.people import EmployeeView, UnitView, UserView
from admin.plans import PlanView
from admin.preview import PreviewView
from admin.publishing import PublishingView
from admin.questions import QuestionSetView
from admin.reminders import ReminderView
from admin.rows import ContactView, MeasureView, PeriodView
from admin.settings import FollowUpView
from admin.start import StartView, absence_words
from admin.steps import StepsView
from admin.timeline import step_name
from models import (
    AbsencePeriod,
    AuditEvent,
    Case,
    ContactEntry,
    Dispatch,
    Employee,
    Measure,
    Plan,
    QuestionSet,
    Reminder,
    Unit,
    User,
)
from services import context

# Each generated view: model, class, endpoint, path.
VIEWS: tuple[tuple[type, type, str, str], ...] = (
    (Case, CaseView, "case", "saker"),
    (AbsencePeriod, PeriodView, "period", "perioder"),
    (Measure, MeasureView, "measure", "tiltak"),
    (ContactEntry, ContactView, "contact", "kontaktlogg"),
    (Plan, PlanView, "plan", "planer"),
    (Employee, EmployeeView, "employee", "ansatte"),
    (Unit, UnitView, "unit", "enheter"),
    (User, UserView, "user", "brukere"),
    (QuestionSet, QuestionSetView, "question_set", "skjema"),
    (Dispatch, DispatchView, "dispatch", "sendte-brev"),
    (Reminder, ReminderView, "reminder", "paminnelser"),
    (AuditEvent, AuditView, "audit", "logg"),
)
# Hand-made flows: class, endpoint, path.
PAGES: tuple[tuple[type, str, str], ...] = (
    (LetterView, "letter", "brev"),
    (CaseLetterView, "case_letter", "sakbrev"),
    (MeetingView, "meeting", "moter"),
    (MilestoneView, "milestone", "milepeler"),
    (StepsView, "steps", "lop"),
    (FollowUpView, "follow_up", "oppfolging"),
    (AccountView, "account", "konto"),
    (FlatBuilderView, "flat_builder", "brev/bygg"),
    (BuilderView, "builder", "skjema/bygg"),
    (PreviewView, "preview", "skjema/vis"),
    (PublishingView, "publishing", "skjema/publiser"),
    (ExchangeView, "exchange", "skjema/fil"),
    (FiguresView, "figures", "tall"),
)
_PART_OF = dict.fromkeys(("builder", "preview", "publishing", "exchange"), "question_set")
_PART_OF |= dict.fromkeys(("meeting", "case_letter"), "case") | {"reminder": "follow_up"}


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    active: bool


def init_admin(app: Flask) -> None:
    """Register the Admin and what every template may use."""
    admin = Admin(
        name="Attende", url="/admin", index_view=StartView(name="Attende", url="/admin"),
        theme=Bootstrap4Theme(base_template="base.html"),
        translations_path=str(Path(app.root_path) / "translations"),
    )  # fmt: skip
    for model, view, endpoint, path in VIEWS:
        admin.add_view(view(model, name=endpoint, endpoint=endpoint, url=f"/admin/{path}"))
    for view, endpoint, path in PAGES:
        admin.add_view(view(name=endpoint, endpoint=endpoint, url=f"/admin/{path}"))
    admin.init_app(app)
    app.context_processor(_everywhere)


def navigation() -> list[NavItem]:
    """The menu of the actor's roles."""
    who = g.get("actor")
    if who is None:
        return []
    items = [
        ("admin.index", _("Oversikt"), bool(who.roles & {"leader", "hr"})),
        ("case.index_view", _("Saker"), bool(who.roles & {"leader", "hr"})),
        ("employee.index_view", _("Ansatte"), who.may("employee.see")),
        ("plan.index_view", _("Planer"), who.may("plan.batch")),
        ("measure.index_view", _("Tiltak"), who.may("case.write")),
        ("figures.index", _("Tall"), who.may("figures.see")),
        ("unit.index_view", _("Enheter"), who.may("unit.write")),
        ("user.index_view", _("Brukere"), who.may("user.see")),
        ("question_set.index_view", _("Skjema"), who.may("set.see")),
        ("dispatch.index_view", _("Sendte brev"), "hr" in who.roles),
        ("letter.index", _("Brev"), who.may("set.write")),
        ("steps.index", _("Løp"), who.may("set.write")),
        ("follow_up.index", _("Oppfølging"), who.may("settings.write")),
        ("audit.index_view", _("Logg"), who.may("audit.see")),
    ]
    endpoint = (request.endpoint or "").partition(".")[0]
    here = g.get("menu_point") or _PART_OF.get(endpoint, endpoint)
    if here == "letter" and not who.may("set.write"):
        here = "dispatch"  # HR finds the texts by way of the letters that were sent
    return [NavItem(label, url_for(page), page.partition(".")[0] == here) for page, label, shown in items if shown]


def _everywhere() -> dict[str, Any]:
    return {
        "nav": navigation(), "html_lang": str(get_locale() or "nb")[:2], "format_day": words.format_day,
        "format_short": words.format_short, "format_moment": words.format_moment, "clock_time": words.clock_time,
        "week": words.week, "due_words": words.due_words, "words": words, "names": context,
        "absence_words": absence_words, "step_name": step_name, "home_url": url_for("admin.index"),
    }  # fmt: skip
