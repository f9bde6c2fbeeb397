"""The case page's timeline and its one clear next step, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, url_for
from flask_babel import gettext as _

from admin.listing import actor
from admin.set_pages import page_language
from admin.words import format_short
from forms.steps import Steps
from models import Case, Milestone, Plan
from services import deadlines, steps
from services.clock import today


@dataclass(frozen=True)
class Point:
    """A point of the timeline: state is done, late, next or todo."""

    state: str
    title: str
    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class NextStep:
    """What to do now, why and by when, and where to click."""

    title: str
    text: str
    url: str
    label: str
    help: str = ""


def step_name(code: str) -> str:
    """What the municipality calls a step; asked for once in a request."""
    if "step_names" not in g:
        g.step_names = steps.names_of(steps.published_steps(actor().municipality_id), page_language())
    return str(g.step_names.get(code, ""))


def timeline(case: Case, rows: Sequence[Milestone], published: Steps) -> list[Point]:
    """First day, then every milestone by date; the first that waits is 'next'."""
    points = [Point("done", _("Første dag"), format_short(case.first_day))]
    names = steps.names_of(published, page_language())
    for row in rows:
        if row.state in ("ended", "not_relevant"):
            continue
        when = format_short(row.due)
        if row.state == "done":
            state, text = "done", _("gjort %(day)s", day=format_short(row.done_on))
        elif case.status != "open":
            state, text = "todo", when
        elif row.due and row.due < today():
            state, text = "late", _("frist %(day)s", day=when)
        else:
            state = "next" if row.code == case.next_step else "todo"
            text = _("innen %(day)s", day=when)
        points.append(Point(state, names.get(row.code, row.code), text))
    return points


def steps_of(case: Case, plan: Plan | None, published: Steps) -> NextStep | None:
    """The next step as the panel on the case page says it; what the municipality has written itself comes first."""
    if not case.next_step or case.status != "open":
        return None
    step = deadlines.Step(case.next_step, case.next_due)
    title, text, button = _words(step, plan)
    if step.code in ("plan", "dialogue_1") and step.due and step.due >= today() and _stricter(step, published):
        text = _("Kommunens frist er %(day)s. Loven gir noe lengre tid (aml § 4-6).", day=format_short(step.due))
    own_title, own_help = steps.own_words(published, page_language()).get(step.code, ("", ""))
    where = {
        "log": (url_for("contact.create_view", case=case.id), _("Før i loggen")),
        "start": (url_for("plan.start", case=case.id), _("Start planen")),
        "next": (url_for("plan.start", case=case.id), _("Start neste plan")),
        "continue": (url_for("plan.edit_view", id=plan.id) if plan else "", _("Fortsett planen")),
        "open": (url_for("plan.details_view", id=plan.id) if plan else "", _("Åpne planen")),
    }
    return NextStep(own_title or title, text, *where[button], own_help)


def _stricter(step: deadlines.Step, published: Steps) -> bool:
    rule = next((r for r in published.steps if r.code == step.code), None)
    return rule is not None and rule.days is not None and rule.at_most is not None and rule.days < rule.at_most


def _words(step: deadlines.Step, plan: Plan | None) -> tuple[str, str, str]:
    """Title, why and by when, and which button."""
    when, number = format_short(step.due), plan.number if plan else 0
    match step.code:
        case "contact":
            return (_("Ta kontakt og hør hvordan det går"),
                    _("Du trenger ikke vite hva som feiler den ansatte. Spør hva hun eller han kan gjøre, og hva som "
                      "skal til. Ta kontakt innen %(day)s.", day=when), "log")  # fmt: skip
        case "plan" if plan is not None:
            begun = _("Plan %(number)s er påbegynt.", number=number)
            law = (
                _("Sykmelder skulle hatt den innen %(day)s (aml § 4-6).", day=when)
                if step.due and step.due < today()
                else _("Sykmelder skal ha den innen %(day)s (aml § 4-6).", day=when)
            )
            return _("Gjør ferdig oppfølgingsplanen, skriv den ut og signer sammen"), f"{begun} {law}", "continue"
        case "plan":
            law = (
                _("Den skulle vært ferdig og gitt til sykmelder innen fire uker, %(day)s (aml § 4-6).", day=when)
                if step.due and step.due < today()
                else _("Den skal være ferdig og gitt til sykmelder innen fire uker, %(day)s (aml § 4-6).", day=when)
            )
            return _("Lag oppfølgingsplanen sammen"), law, "start"
        case "sign":
            return (_("Skriv ut planen og signer sammen"),
                    _("Plan %(number)s er ferdig. Skriv den ut, signer den begge to, og registrer signaturene her.",
                      number=number), "open")  # fmt: skip
        case "evaluate":
            return (_("Evaluer planen sammen"),
                    _("Dere avtalte å se på planen igjen %(day)s. Lag en ny plan med svarene fra den forrige.",
                      day=when), "next")  # fmt: skip
        case "dialogue_1":
            return (_("Hold dialogmøte 1"),
                    _("Du kaller inn til dialogmøte innen sju uker, %(day)s, når den ansatte er helt sykmeldt "
                      "(aml § 4-6). Før møtet i loggen når det er holdt.", day=when), "log")  # fmt: skip
    return (_("Nav kaller inn til dialogmøte 2"),
            _("Møtet holdes innen 26 uker, %(day)s (folketrygdloven § 8-7 a). Oppdater planen før møtet.", day=when),
            "next")  # fmt: skip
