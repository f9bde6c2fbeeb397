"""A municipality's schedule: the milestones of a follow-up, no later than the law and with all that it demands."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from forms.checks import bounded
from forms.definition import ID, Fault, Texts
from forms.fault_words import short
from forms.flat import Flat, Part, common_faults, label_of, parse_flat, shape_flat
from forms.letters import OnlyIf
from forms.texts import N_, Note

Anchor = Literal["first_day", "full_day", "plan_day", "agreed_day", "sick_pay_end"]
ANCHORS = ("first_day", "full_day", "plan_day", "agreed_day", "sick_pay_end")  # or the code of another milestone
DONE_BY = ("tick", "contact", "plan", "signature", "evaluation", "meeting", "letter")
WHO = ("leader", "employee", "hr", "nav", "certifier")
RECIPIENTS = ("employee", "certifier", "nav", "hr", "occupational_health", "archive")
OF_PLANS = {"signature": "plan_day", "evaluation": "agreed_day"}  # come once for each plan, counted from one day only
LEGAL = {  # aml § 4-6 third and fourth paragraph, ftrl § 8-7 a
    "plan": N_("oppfølgingsplan"), "dialogue_1": N_("dialogmøte 1"), "dialogue_2": N_("dialogmøte 2"),
}  # fmt: skip
MAX_STEPS = 100
MAX_DAYS = 730
_FROM_THE_LAW = ("code", "at_most", "law", "locked", "legal")
DECIDED_BY_LAW = ("anchor", "applies", "only_if", "done_by", "meeting", "valid_from", "valid_to")  # of locked ones
_COUNTED_BY_LAW = ("anchor", "applies", "only_if", "valid_from", "valid_to")  # of those that only have a limit
_KEY = re.compile(r"[a-z][a-z0-9-]{1,58}")
# What was understood by the code alone when there was but one list of steps, before schedules (2026).
_BEFORE: dict[str, dict[str, Any]] = {
    "contact": {"done_by": "contact"},
    "plan": {"done_by": "plan", "legal": True},
    "sign": {"done_by": "signature", "anchor": "plan_day"},
    "evaluate": {"done_by": "evaluation", "anchor": "agreed_day"},
    "dialogue_1": {"done_by": "meeting", "meeting": 1, "anchor": "full_day", "applies": "sick_leave", "legal": True},
    "dialogue_2": {
        "done_by": "meeting", "meeting": 2, "applies": "sick_leave", "who": "nav", "days": 182, "legal": True,
    },
}  # fmt: skip


class StepRule(Part):
    """One milestone of a schedule: what shall be done, by whom, by when, and what counts as done.

    `days` count from `anchor`: a day of the case, or the due date of the milestone with that code (then they may be
    negative, as they may before the end of sick pay). The evaluation has none: its date is agreed in the plan.
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
    recipients: tuple[Literal["employee", "certifier", "nav", "hr", "occupational_health", "archive"], ...] = Field(
        default=(), max_length=len(RECIPIENTS)
    )
    at_most: int | None = None  # what the law allows today
    law: str = ""  # where the law, or the agreement, says it
    legal: bool = False  # services.law has its limit, by code
    locked: bool = False  # the law demands the step
    valid_from: dt.date | None = None  # the first days of cases that it is for, both included
    valid_to: dt.date | None = None


class Steps(Flat):
    """A schedule."""

    LIST: ClassVar = "steps"
    MOST: ClassVar = MAX_STEPS

    kind: Literal["steps"]
    steps: tuple[StepRule, ...] = Field(max_length=2 * MAX_STEPS)

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, data: Any) -> Any:
        """What municipalities stored before schedules says nothing of what counts as done: the codes did."""
        steps = data.get("steps") if isinstance(data, dict) else None
        if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
            return data
        if any("done_by" in step or "legal" in step for step in steps):
            return data
        if not any(step.get("code") in LEGAL for step in steps):
            return data
        return {**data, "steps": [{**_BEFORE.get(str(step.get("code")), {}), **step} for step in steps]}


def parse_steps(source: str | bytes | dict[str, Any]) -> Steps:
    """Read and check a schedule. Raises BadDefinition with every fault found."""
    return parse_flat(Steps, source, faults_of_steps)


def shape_steps(source: str | bytes | dict[str, Any]) -> Steps:
    """Read a schedule that may still have faults, as a draft has. Raises BadDefinition when it has no right shape."""
    return shape_flat(Steps, source)


def faults_of_steps(steps: Steps) -> list[Fault]:
    """Everything that keeps a schedule of right shape from being used."""
    found = [*common_faults(steps, needed=("title", "text")), *_code_faults(steps)]
    by_code = {step.code: step for step in reversed(steps.steps)}
    for step in steps.steps:
        found += [*_anchor_faults(steps, step, by_code), *_day_faults(step), *_done_faults(step), *_law_faults(step)]
    return bounded(found)


def locked_faults(base: Steps, edited: Steps) -> list[Fault]:
    """What was changed of that which the law has decided; `base` is the shipped schedule."""
    return list(_locked_faults(base, edited))


def _code_faults(steps: Steps) -> Iterator[Fault]:
    times = Counter(step.code for step in steps.steps)
    for code, name in LEGAL.items():
        if not times[code]:
            yield Fault("", "steps", Note(N_("mangler %(step)s, som loven krever"), {"step": Note(name)}))
    for step in steps.steps:
        if times[step.code] > 1:
            yield Fault(step.id, "code", Note(N_("er brukt i mer enn én milepæl")))


def _anchor_faults(steps: Steps, step: StepRule, by_code: Mapping[str, StepRule]) -> Iterator[Fault]:
    """What it counts from must be a day that comes. Signature and evaluation have their own."""
    wanted = OF_PLANS.get(step.done_by)
    if wanted is not None and step.anchor != wanted:
        note = N_("må være dagen planen ble ferdig") if wanted == "plan_day" else N_("må være dagen planen avtaler")
        yield Fault(step.id, "anchor", Note(note))
        return
    if step.anchor == "agreed_day" and wanted is None:
        yield Fault(step.id, "anchor", Note(N_("kan ikke være dagen planen avtaler; den er bare for evalueringen")))
    if step.anchor in ANCHORS:
        return
    other = by_code.get(step.anchor)
    if other is None:
        yield Fault(step.id, "anchor", Note(N_("er en milepæl som ikke finnes; velg noe annet å telle fra")))
        return
    name = short(next(iter(filter(None, label_of(steps, other.id).values())), other.code))
    if _in_circle(step, by_code):
        note = N_("går i ring: «%(other)s» telles også fra denne, direkte eller gjennom andre")
        yield Fault(step.id, "anchor", Note(note, {"other": name}))
    elif other.done_by in OF_PLANS:
        note = N_("kan ikke være «%(other)s», som kommer én gang for hver plan")
        yield Fault(step.id, "anchor", Note(note, {"other": name}))
    elif other.hidden and not step.hidden:
        note = N_("er «%(other)s», som er av; slå den på, eller velg noe annet å telle fra")
        yield Fault(step.id, "anchor", Note(note, {"other": name}))


def _in_circle(step: StepRule, by_code: Mapping[str, StepRule]) -> bool:
    """Whether it counts from itself, by way of what it counts from. One that only leads into a circle does not."""
    seen, code = set[str](), step.anchor
    while code not in ANCHORS and code in by_code and code not in seen:
        if code == step.code:
            return True
        seen.add(code)
        code = by_code[code].anchor
    return False


def _day_faults(step: StepRule) -> Iterator[Fault]:
    low = 0 if step.anchor in ANCHORS and step.anchor != "sick_pay_end" else -MAX_DAYS
    if step.done_by == "evaluation":
        if step.days is not None:
            yield Fault(step.id, "days", Note(N_("kan ikke settes her; datoen avtales i planen")))
    elif step.days is None:
        yield Fault(step.id, "days", Note(N_("mangler")))
    elif step.locked and step.who == "nav" and step.days != step.at_most:
        yield Fault(step.id, "days", Note(N_("kan ikke settes her; Nav bestemmer datoen")))
    elif not low <= step.days <= MAX_DAYS:
        note = N_("må være fra %(low)s til %(most)s dager")
        yield Fault(step.id, "days", Note(note, {"low": low, "most": MAX_DAYS}))
    elif step.at_most is not None and step.days > step.at_most:
        note = N_("kan ikke være lenger enn %(most)s dager, som er lovens frist; kortere er lov")
        yield Fault(step.id, "days", Note(note, {"most": step.at_most}))


def _done_faults(step: StepRule) -> Iterator[Fault]:
    if step.done_by == "meeting" and step.meeting is None:
        yield Fault(step.id, "meeting", Note(N_("mangler; velg hvilket møte som skal holdes")))
    if step.done_by == "letter" and not step.letters:
        yield Fault(step.id, "letters", Note(N_("mangler; velg brevet som skal sendes")))
    for name, chosen in (("letters", step.letters), ("recipients", step.recipients)):
        if len(set(chosen)) < len(chosen):
            yield Fault(step.id, name, Note(N_("har det samme to ganger")))
    for name, keys in (("letters", step.letters), ("form", (step.form,) if step.form else ())):
        if not all(_KEY.fullmatch(key) for key in keys):
            yield Fault(step.id, name, Note(N_("må ha små bokstaver, tall og bindestrek, med en bokstav først")))
    if step.valid_from and step.valid_to and step.valid_to < step.valid_from:
        yield Fault(step.id, "valid_to", Note(N_("er før den første dagen")))


def _law_faults(step: StepRule) -> Iterator[Fault]:
    if step.hidden and (step.locked or step.code in LEGAL):
        yield Fault(step.id, "hidden", Note(N_("må være nei, for loven krever denne milepælen")))
    if step.code in LEGAL and (not step.locked or step.at_most is None or not step.legal):
        yield Fault(step.id, "locked", Note(N_("må være på, med lovens frist")))


def _locked_faults(base: Steps, edited: Steps) -> Iterator[Fault]:
    known = {step.id for step in base.steps}
    for step in base.steps:
        own = edited.find(step.id)
        if own is None and step.locked:
            yield Fault(step.id, "id", Note(N_("mangler; loven krever denne milepælen")))
        more = DECIDED_BY_LAW if step.locked else _COUNTED_BY_LAW if step.legal else ()
        decided = _FROM_THE_LAW + more
        for name in decided if own is not None else ():
            if getattr(own, name) != getattr(step, name):
                yield Fault(step.id, name, Note(N_("følger av loven og kan ikke endres her")))
        if own is not None and step.who == "nav" and step.locked and own.who != "nav":
            yield Fault(step.id, "who", Note(N_("følger av loven og kan ikke endres her")))
    for step in edited.steps:
        if step.id not in known and not step.hidden and (step.legal or step.locked):
            yield Fault(step.id, "legal", Note(N_("kan ikke settes på kommunens egne milepæler")))
