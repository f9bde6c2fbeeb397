"""The case page's timeline: every milestone by date, what one can do with it, and the one clear next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flask import g, url_for
from flask_babel import gettext as _

from admin.doing import Button, Places, button
from admin.listing import actor
from admin.set_pages import page_language
from admin.words import due_words, format_short
from forms.definition import say
from forms.steps import Steps
from forms.texts import N_
from models import Case, Milestone, Plan
from services import steps, tasks
from services.access import Actor
from services.clock import local, today
from services.tasks import Task

ACTOR_NAMES = {
    "leader": N_("leder"), "employee": N_("ansatt"), "hr": N_("HR"), "nav": N_("Nav"), "certifier": N_("sykmelder"),
}  # fmt: skip
_SOON = dt.timedelta(weeks=8)
_SHOWN = ("open", "done", "not_relevant", "exempt")


@dataclass(frozen=True)
class Point:
    """A point of a timeline: state is done, late, next, todo or off (put aside). What can be done with it is only
    there for those who may write."""

    state: str
    title: str
    text: str = ""
    url: str = ""
    acts: str = ""  # who acts
    reason: str = ""
    button: Button | None = None
    undo: bool = False
    id: int = 0
    revision: int = 0


@dataclass(frozen=True)
class NextStep:
    """What to do now, why and by when, what to think of, and where to click."""

    id: int
    title: str
    text: str
    acts: str
    help: str
    avoid: str
    button: Button
    late: bool = False


def step_name(code: str) -> str:
    """What the municipality calls a step; asked for once in a request."""
    if "step_names" not in g:
        g.step_names = steps.names_of(steps.published_steps(actor().municipality_id), page_language())
    return str(g.step_names.get(code, ""))


def acts(who: str) -> str:
    """Who is to do it, as a word."""
    return _(ACTOR_NAMES[who]) if who in ACTOR_NAMES else who


def timeline(
    who: Actor, case: Case, rows: Sequence[Milestone], published: Steps, where: Places | None = None
) -> list[Point]:
    """First day, then every milestone by date; the first that waits is 'next'. As many queries however many rows."""
    rules = {rule.code: rule for rule in published.steps}
    named = tasks.doers(case, rows, rules)
    first = next_row(case, rows)
    points = [Point("done", _("Første dag"), format_short(case.first_day))]
    for row in sorted(rows, key=lambda row: row.due or row.done_on or dt.date.max):
        if row.state in _SHOWN:
            task = Task(row, rules.get(row.code))
            point = point_of(task, named.get(row.id, ""), first, where)
            points.append(point if who.may("case.write") else _for_reading(point, task))
    return points


def point_of(task: Task, name: str, first: Milestone | None = None, where: Places | None = None) -> Point:
    """One milestone for those who may write; `name` did or decided it, `first` is the case's next step."""
    row = task.row
    running = row.case.status == "open"
    decidable = running and row.state in ("open", "exempt")
    return Point(
        _state(task, first), title_of(task), told(task, name), acts=acts(row.who), id=row.id, revision=row.revision,
        url=url_for("milestone.decide", id=row.id) if decidable else "", undo=running and task.may_be_undone,
        reason=row.unseal("reason") if row.state in ("not_relevant", "exempt") else "",
        button=_button(task, where) if task.waits else None,
    )  # fmt: skip


def _button(task: Task, where: Places | None) -> Button | None:
    """What one click does it; what is only ticked off is not offered long before it is due."""
    found = button(task.row, task.rule, task.row.case, where)
    early = task.row.due is not None and task.row.due > today() + _SOON
    return None if found.post and early else found


def _for_reading(point: Point, task: Task) -> Point:
    """Without buttons, and without the reasons, which are the leader's own notes."""
    return replace(point, text=told(task, brief=True), url="", undo=False, reason="", button=None)


def title_of(task: Task) -> str:
    """What the schedule calls it."""
    return say(task.rule.text, page_language()) if task.rule else task.row.code


def told(task: Task, name: str = "", *, brief: bool = False) -> str:
    """How it stands, in words; `name` did or decided it. In brief without why and until when it was put aside."""
    row = task.row
    decided = local(row.decided_at).date() if row.decided_at else None
    match row.state:
        case "done":
            return _by(_("gjort %(day)s", day=format_short(row.done_on)), name)
        case "not_relevant":
            return _by(_("ikke aktuelt, bestemt %(day)s", day=format_short(decided)), name)
        case "exempt":
            text = _by(_("unntak %(day)s", day=format_short(decided)), name)
            if brief:
                return text
            why = _(task.exemptions[row.reason_code]) if row.reason_code in task.exemptions else ""
            again = _("Spørres igjen %(day)s.", day=format_short(row.again_on))
            if task.waits:
                again = _("Fraværet har vart i fire uker til. Er det fortsatt åpenbart unødvendig?")
            return f"{text}: {why}. {again}" if why else f"{text}. {again}"
    if row.case.status != "open" or row.due is None:
        return format_short(row.due)
    if row.due < today():
        return _("frist %(day)s, %(late)s", day=format_short(row.due), late=due_words(row.due)[0])
    return _("innen %(day)s", day=format_short(row.due))


def _by(text: str, name: str) -> str:
    return _("%(what)s av %(name)s", what=text, name=name) if name else text


def _state(task: Task, first: Milestone | None) -> str:
    row = task.row
    if row.state == "done":
        return "done"
    if not task.waits:
        return "off" if row.state in ("not_relevant", "exempt") else "todo"
    if row.due and row.due < today():
        return "late"
    return "next" if first is not None and row.id == first.id else "todo"


def next_row(case: Case, rows: Sequence[Milestone]) -> Milestone | None:
    """What lists call the next step; while that is exempt, what waits after it."""
    waiting = [row for row in rows if Task(row, None).waits]
    return next(
        (row for row in waiting if row.code == case.next_step),
        next((row for row in waiting if row.due and row.due >= today()), None),
    )


def next_of(
    case: Case, rows: Sequence[Milestone], plan: Plan | None, published: Steps, where: Places
) -> NextStep | None:
    """The next step as the panel on the case page says it, in the words of the schedule."""
    row = next_row(case, rows)
    if row is None:
        return None
    task = Task(row, next((rule for rule in published.steps if rule.code == row.code), None))
    language = page_language()
    help_text, avoid = (say(t, language) for t in (task.rule.help, task.rule.avoid)) if task.rule else ("", "")
    return NextStep(
        row.id, title_of(task), " ".join(_why(task, plan)), acts(row.who), help_text, avoid,
        button(row, task.rule, case, where), bool(row.due and row.due < today()),
    )  # fmt: skip


def _why(task: Task, plan: Plan | None) -> Iterator[str]:
    """By when, by what law, and how far it has come."""
    row, rule = task.row, task.rule
    if plan is not None and plan.status == "draft" and rule and rule.done_by in ("plan", "evaluation"):
        yield _("Plan %(number)s er påbegynt.", number=plan.number)
    if row.state == "exempt":
        yield _("Det ble gjort unntak for fire uker siden. Gjør det nå, eller bestem på nytt.")
        return
    law = f" ({rule.law})" if rule and rule.law else ""
    if row.due:
        when, tone = due_words(row.due)
        day = format_short(row.due)
        said = (
            _("Fristen var %(day)s, %(late)s", day=day, late=when)
            if tone == "late"
            else _("Fristen er %(day)s", day=day)
        )
        yield f"{said}{law}."
    if rule and rule.days is not None and rule.at_most is not None and rule.days < rule.at_most:
        yield _("Det er kommunens frist. Loven gir noe lengre tid.")
