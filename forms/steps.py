"""The steps of a follow-up as a municipality words and times them: no later than the law, and all that it demands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from forms.definition import ID, Fault, Texts
from forms.flat import Flat, Part, common_faults, parse_flat, shape_flat
from forms.letters import OnlyIf
from forms.texts import N_, Note

Anchor = Literal["first_day", "full_day", "plan_day", "agreed_day", "sick_pay_end"]
ANCHORS = ("first_day", "full_day", "plan_day", "agreed_day", "sick_pay_end")  # or the code of another milestone
DONE_BY = ("tick", "contact", "plan", "signature", "evaluation", "meeting", "letter")
WHO = ("leader", "employee", "hr", "nav", "certifier")
RECIPIENTS = ("employee", "certifier", "nav", "hr", "occupational_health", "archive")
LEGAL = {  # aml § 4-6 third and fourth paragraph, ftrl § 8-7 a
    "plan": N_("oppfølgingsplan"), "dialogue_1": N_("dialogmøte 1"), "dialogue_2": N_("dialogmøte 2"),
}  # fmt: skip
MAX_STEPS = 100
MAX_DAYS = 730
_FROM_THE_LAW = ("code", "at_most", "law", "locked", "legal")
_DECIDED_BY_LAW = ("anchor", "applies", "only_if", "done_by", "meeting", "valid_from", "valid_to")  # of locked ones


class StepRule(Part):
    """One milestone of a schedule: what shall be done, by whom, by when, and what counts as done.

    `days` count from `anchor`: a day of the case, or the due date of the milestone with that code (then they may be
    negative). The evaluation has none: its date is agreed in the plan.
    """

    TYPE: ClassVar = "code"

    code: Annotated[str, Field(pattern=ID)]
    text: Texts  # its name on screen
    when: Texts = {}  # as the paper checklist says it: "2. fraværsuke"
    help: Texts = {}  # for the one who acts: what to do
    avoid: Texts = {}  # what not to ask or write
    days: int | None = None
    anchor: str = "first_day"
    applies: Literal["both", "sick_leave", "preventive"] = "both"
    only_if: OnlyIf | None = None
    who: Literal["leader", "employee", "hr", "nav", "certifier"] = "leader"
    done_by: Literal["tick", "contact", "plan", "signature", "evaluation", "meeting", "letter"] = "tick"
    meeting: Literal[1, 2, 3] | None = None  # which dialogue meeting
    letters: tuple[str, ...] = Field(default=(), max_length=10)  # keys of letters that belong to it
    form: str = ""  # key of a form that belongs to it (plan, minutes, consent)
    recipients: tuple[Literal["employee", "certifier", "nav", "hr", "occupational_health", "archive"], ...] = ()
    at_most: int | None = None  # what the law allows today
    law: str = ""  # where the law, or the agreement, says it
    legal: bool = False  # services.law has its limit, by code
    locked: bool = False  # the law demands the step
    valid_from: dt.date | None = None  # the first days of cases that it is for, both included
    valid_to: dt.date | None = None


class Steps(Flat):
    """A municipality's steps."""

    LIST: ClassVar = "steps"
    MOST: ClassVar = MAX_STEPS

    kind: Literal["steps"]
    steps: tuple[StepRule, ...] = Field(max_length=2 * MAX_STEPS)


def parse_steps(source: str | bytes | dict[str, Any]) -> Steps:
    """Read and check steps. Raises BadDefinition with every fault found."""
    return parse_flat(Steps, source, faults_of_steps)


def shape_steps(source: str | bytes | dict[str, Any]) -> Steps:
    """Read steps that may still have faults, as a draft has. Raises BadDefinition when they have no right shape."""
    return shape_flat(Steps, source)


def faults_of_steps(steps: Steps) -> list[Fault]:
    """Everything that keeps steps of right shape from being used."""
    return [*common_faults(steps, needed=("title", "text")), *_code_faults(steps), *_step_faults(steps)]


def locked_faults(base: Steps, edited: Steps) -> list[Fault]:
    """What was changed of that which the law has decided; `base` is the shipped list."""
    return list(_locked_faults(base, edited))


def _code_faults(steps: Steps) -> Iterator[Fault]:
    there = [step.code for step in steps.steps]
    for code, name in LEGAL.items():
        if code not in there:
            yield Fault("", "steps", Note(N_("mangler %(step)s, som loven krever"), {"step": Note(name)}))
    for step in steps.steps:
        if there.count(step.code) > 1:
            yield Fault(step.id, "code", Note(N_("er brukt i mer enn ett steg")))


def _step_faults(steps: Steps) -> Iterator[Fault]:
    for step in steps.steps:
        yield from _day_faults(step)
        yield from _law_faults(step)


def _day_faults(step: StepRule) -> Iterator[Fault]:
    if step.done_by == "evaluation":
        if step.days is not None:
            yield Fault(step.id, "days", Note(N_("kan ikke settes her; datoen avtales i planen")))
    elif step.days is None:
        yield Fault(step.id, "days", Note(N_("mangler")))
    elif not (-MAX_DAYS if step.anchor not in ANCHORS else 0) <= step.days <= MAX_DAYS:
        yield Fault(step.id, "days", Note(N_("må være fra 0 til %(most)s"), {"most": MAX_DAYS}))
    elif step.at_most is not None and step.days > step.at_most:
        note = N_("kan ikke være flere enn %(most)s, som er lovens frist; færre er lov")
        yield Fault(step.id, "days", Note(note, {"most": step.at_most}))


def _law_faults(step: StepRule) -> Iterator[Fault]:
    if step.hidden and (step.locked or step.code in LEGAL):
        yield Fault(step.id, "hidden", Note(N_("må være nei, for loven krever dette steget")))
    if step.code in LEGAL and (not step.locked or step.at_most is None):
        yield Fault(step.id, "locked", Note(N_("må være på, med lovens frist")))


def _locked_faults(base: Steps, edited: Steps) -> Iterator[Fault]:
    for step in base.steps:
        own = edited.find(step.id)
        if own is None and step.locked:
            yield Fault(step.id, "id", Note(N_("mangler; loven krever dette steget")))
        decided = _FROM_THE_LAW + _DECIDED_BY_LAW if step.locked else _FROM_THE_LAW
        for name in decided if own is not None else ():
            if getattr(own, name) != getattr(step, name):
                yield Fault(step.id, name, Note(N_("følger av loven og kan ikke endres her")))
