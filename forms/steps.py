"""The steps of a follow-up as a municipality words and times them: no later than the law, and all that it demands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from forms.definition import Fault, Texts
from forms.flat import Flat, Part, common_faults, parse_flat, shape_flat
from forms.texts import N_, Note

StepCode = Literal["contact", "plan", "sign", "evaluate", "dialogue_1", "dialogue_2"]
STEP_CODES = ("contact", "plan", "sign", "evaluate", "dialogue_1", "dialogue_2")
LEGAL = {  # aml § 4-6 third and fourth paragraph, ftrl § 8-7 a
    "plan": N_("oppfølgingsplan"), "dialogue_1": N_("dialogmøte 1"), "dialogue_2": N_("dialogmøte 2"),
}  # fmt: skip
DATED_ELSEWHERE = {
    "evaluate": N_("kan ikke settes her; datoen avtales i planen"),
    "dialogue_2": N_("kan ikke settes her; Nav bestemmer datoen"),
}
MAX_STEPS = len(STEP_CODES)
MAX_DAYS = 730
_FROM_THE_LAW = ("code", "at_most", "law", "locked")


class StepRule(Part):
    """One step. `days` count from the first day (contact, plan), the first day fully away (dialogue_1) or the day the
    plan was finished (sign)."""

    TYPE: ClassVar = "code"

    code: StepCode
    text: Texts  # its name on screen
    help: Texts = {}  # for the leader: what to do, and what not to ask
    days: int | None = None
    at_most: int | None = None  # what the law allows
    law: str = ""  # where the law says it
    locked: bool = False  # the law demands the step


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


def step_days(steps: Steps) -> dict[str, Any]:
    """What services.deadlines.StepDays is made of: days by code, and the codes that are not in use."""
    shown = {step.code: step for step in steps.steps if not step.hidden}
    days: dict[str, Any] = {code: step.days for code, step in shown.items() if step.days is not None}
    return {**days, "unused": frozenset(code for code in STEP_CODES if code not in shown)}


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
    if step.code in DATED_ELSEWHERE:
        if step.days is not None:
            yield Fault(step.id, "days", Note(DATED_ELSEWHERE[step.code]))
    elif step.days is None:
        yield Fault(step.id, "days", Note(N_("mangler")))
    elif not 0 <= step.days <= MAX_DAYS:
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
        for name in _FROM_THE_LAW if own is not None else ():
            if getattr(own, name) != getattr(step, name):
                yield Fault(step.id, name, Note(N_("følger av loven og kan ikke endres her")))
