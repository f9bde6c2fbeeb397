"""How a letter and the steps look: filled in, and the deadlines as dates, for a person who does not exist."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from flask_babel import gettext as _

from admin.timeline import Point
from admin.words import format_short
from forms.example import EMPLOYEE, LEADER
from forms.flat.properties import ONLY_IF
from forms.letters import FilledBlock, Letter, fill
from forms.library import load_steps, steps_keys
from forms.sheet import day_text
from forms.steps import Steps
from forms.texts import N_, translator
from services import absence, deadlines, steps
from services.clock import today

_UNIT, _POST, _ROOM = N_("Eksempelavdelingen"), N_("Helsefagarbeider"), N_("Møterom 2")
_DOCTOR = "Lege Eksempel"
_EVALUATED = dt.timedelta(weeks=6)  # after the plan was ready


def sample_values(language: str, municipality: str, day: dt.date) -> dict[str, str]:
    """What the fields of a letter become for a person who does not exist, on `day`."""
    _ = translator(language)

    def written(days: int) -> str:
        return day_text((day + dt.timedelta(days=days)).isoformat(), language)

    return {
        "navn": EMPLOYEE, "fodselsnummer": "158580 •••••", "stilling": _(_POST), "enhet": _(_UNIT), "leder": LEADER,
        "kommune": municipality, "sykmelder": _DOCTOR, "forste_dag": written(-40), "dagens_dato": written(0),
        "dato": written(9), "klokkeslett": "10.00", "sted": _(_ROOM),
    }  # fmt: skip


class Look(NamedTuple):
    """A block as the letter shows it; `when` tells when it is part of the letter, if not always."""

    id: str
    block: FilledBlock
    when: str


def blocks(letter: Letter, language: str, values: dict[str, str]) -> list[Look]:
    """The letter's blocks with values put in, without the hidden ones."""
    shown = letter.without_hidden()
    return [
        Look(part.id, block, _(ONLY_IF[part.only_if]) if part.only_if else "")
        for part, block in zip(shown.blocks, fill(shown, language, values), strict=True)
    ]


def points(content: Steps, language: str) -> list[Point]:
    """The dates of a case that begins today with full sick leave, where the plan is ready on its last day."""
    first, rules = today(), steps.rules_of(content)
    names, law = steps.names_of(content, language), {step.code: step.due for step in _counted(first, _LAW)}
    found = [Point("done", _("Første dag"), format_short(first))]
    for step in _counted(first, rules):
        state = "next" if len(found) == 1 else "todo"
        found.append(Point(state, names[step.code], _dated(step, (step.due - first).days if step.due else 0, law)))
    return found


_LAW = steps.rules_of(load_steps(steps_keys()[0]))


def _counted(first: dt.date, rules: Sequence[deadlines.Rule]) -> list[deadlines.Step]:
    facts = deadlines.Facts("sick_leave", first, periods=[absence.Period(first, None, 100)], occupational_health=True)
    due = {step.code: step.due for step in deadlines.steps(facts, rules)}.get("plan")
    ready = due or first + dt.timedelta(days=28)
    plan = deadlines.Plan(1, ready, None, ready + _EVALUATED)
    return [replace(step, done_on=None) for step in deadlines.steps(replace(facts, plans=[plan]), rules)]


def _dated(step: deadlines.Step, day: int, law: dict[str, dt.date | None]) -> str:
    """When, and what the law would have given."""
    shown: dict[str, str | int] = {"day": format_short(step.due), "number": day}
    if step.done_by == "evaluation":
        return _("avtales i planen, for eksempel %(day)s", **shown)
    if step.done_by == "signature":
        return _("innen %(day)s, hvis planen er ferdig på siste dag", **shown)
    if law.get(step.code, step.due) != step.due and step.code in ("plan", "dialogue_1", "dialogue_2"):
        return _("innen %(day)s, dag %(number)s (loven: %(law)s)", law=format_short(law[step.code]), **shown)
    return _("innen %(day)s, dag %(number)s", **shown)
