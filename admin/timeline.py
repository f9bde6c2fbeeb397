"""The case page's timeline and its one clear next step, in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from admin.words import STEP_NAMES, format_short
from models import Case, Plan
from services import deadlines
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


def timeline(case: Case, facts: deadlines.Facts) -> list[Point]:
    """First day, then every point by date; the first that waits is 'next'."""
    points = [Point("done", _("Første dag"), format_short(case.first_day))]
    waiting = deadlines.next_step(facts)
    for step in deadlines.steps(facts):
        when = format_short(step.due)
        if step.done:
            state, text = "done", _("gjort %(day)s", day=format_short(step.done_on))
        elif not facts.open:
            state, text = "todo", when
        elif step.due and step.due < today():
            state, text = "late", _("frist %(day)s", day=when)
        else:
            state = "next" if waiting and step.code == waiting.code else "todo"
            text = _("innen %(day)s", day=when)
        points.append(Point(state, _(STEP_NAMES[step.code]), text))
    return points


def steps_of(case: Case, facts: deadlines.Facts, plan: Plan | None) -> NextStep | None:
    """The next step as the panel on the case page says it."""
    step = deadlines.next_step(facts)
    if step is None:
        return None
    title, text, button = _words(step, plan)
    where = {
        "log": (url_for("contact.create_view", case=case.id), _("Før i loggen")),
        "start": (url_for("plan.start", case=case.id), _("Start planen")),
        "next": (url_for("plan.start", case=case.id), _("Start neste plan")),
        "continue": (url_for("plan.edit_view", id=plan.id) if plan else "", _("Fortsett planen")),
        "open": (url_for("plan.details_view", id=plan.id) if plan else "", _("Åpne planen")),
    }
    return NextStep(title, text, *where[button])


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
