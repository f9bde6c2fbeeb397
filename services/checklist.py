"""The municipality's schedule as the paper checklist: what to do by when, filled from a case or blank to write on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import peewee as pw

from forms.definition import say
from forms.steps import StepRule, Steps
from forms.texts import N_, translator
from models import Case, DialogueMeeting, Dispatch, Document, Milestone, Plan, db
from services import access, milestones, printing, steps, tasks
from services.access import Actor
from services.audit import Tag, record, trail
from services.clock import today
from services.errors import NotAllowed
from services.national_id import masked

_AFTER = {
    "plan_day": N_("%(time)s etter planen"), "full_day": N_("%(time)s helt sykmeldt"),
    "first_day": N_("%(time)s etter første dag"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line of the checklist. What is empty is for writing on by hand."""

    when: str
    due: str
    text: str
    help: str
    done: str
    signed: str
    sent: str


@dataclass(frozen=True)
class Checklist:
    """What is printed, in one language: `facts` are (label, value), three in a line."""

    title: str
    subtitle: str
    language: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    blank: bool


def print_checklist(actor: Actor, case_id: int | str | None, language: str, *, blank: bool) -> bytes:
    """The schedule in use as PDF: of a case, or with `blank` nothing but its head. Without a case it is about nobody.

    Raises NotVisible, NotAllowed, PrintRefused.
    """
    if not case_id:
        actor.require("set.see")
        published = steps.published_steps(actor.municipality_id)
        with db.atomic():
            record(Tag.CHECKLIST_PRINTED, municipality=actor.municipality_id, actor=actor.user_id, subject="checklist")
        made = Checklist(
            *_titles(published, language), language, _facts(None, language),
            tuple(_empty(rule, published, language) for rule in _in_use(published, None)), blank=True,
        )  # fmt: skip
        return printing.render_checklist(made, printing.municipal_head(actor.municipality))
    case: Case = access.get(actor, Case, case_id, "case.write")
    if not actor.may("employee.national_id"):
        raise NotAllowed
    published = steps.published_steps(case.municipality_id)
    rules = _in_use(published, case)
    rows = [_empty(rule, published, language) for rule in rules] if blank else _filled(case, published, rules, language)
    with db.atomic():
        trail(actor, Tag.CHECKLIST_PRINTED, case, case.id)
    made = Checklist(*_titles(published, language), language, _facts(case, language), tuple(rows), blank=blank)
    head = printing.municipal_head(actor.municipality)
    return printing.render_checklist(made, head, _day(today()))


def _titles(published: Steps, language: str) -> tuple[str, str]:
    return translator(language)(N_("Sjekkliste for oppfølging av sykmeldt")), say(published.title, language)


def _in_use(published: Steps, case: Case | None) -> list[StepRule]:
    """The lines of the paper, in the order of the schedule."""
    kind = case.kind if case else "sick_leave"
    first = case.first_day if case else today()
    return [
        rule
        for rule in published.steps
        if not rule.hidden
        and rule.applies in ("both", kind)
        and (rule.valid_from or first) <= first <= (rule.valid_to or first)
    ]


def _facts(case: Case | None, language: str) -> tuple[tuple[str, str], ...]:
    """The head of the paper form, as the municipalities have it; empty lines without a case."""
    _ = translator(language)
    labels = (N_("Navn"), N_("Fnr."), N_("Ressursnr."), N_("Arbeidssted"), N_("Funksjon/stilling"),
              N_("Stillingsstørrelse"))  # fmt: skip
    values = [""] * len(labels)
    if case is not None:
        employee = case.employee
        number = employee.unseal("national_id") or masked(employee.birth_hint)
        values = [
            employee.name, number, employee.resource_number, case.unit.name, employee.position,
            f"{employee.position_percent} %",
        ]  # fmt: skip
    return tuple((_(label), value) for label, value in zip(labels, values, strict=True))


def _empty(rule: StepRule, published: Steps, language: str) -> Row:
    return Row(_when(rule, published, language), "", say(rule.text, language), say(rule.help, language), "", "", "")


def _when(rule: StepRule, published: Steps, language: str) -> str:
    """As the schedule words it, else counted from where it counts from, in whole weeks where it can be."""
    written = say(rule.when, language)
    if written:
        return written
    _ = translator(language)
    if rule.days is None:
        return _(N_("Avtales i planen"))
    if rule.days == 0 and rule.anchor == "first_day":
        return _(N_("Første dag"))
    time = _time(abs(rule.days), language)
    if rule.anchor in _AFTER:
        text = _AFTER[rule.anchor]
        return _(text) % {"time": time}
    if rule.anchor == "sick_pay_end":
        return _(N_("Når sykepengene tar slutt"))
    step = next((say(other.text, language) for other in published.steps if other.code == rule.anchor), "")
    text = N_("%(time)s før: %(step)s") if rule.days < 0 else N_("%(time)s etter: %(step)s")
    return _(text) % {"time": time, "step": step}


def _time(days: int, language: str) -> str:
    _ = translator(language)
    if days and days % 7 == 0:
        return _(N_("1 uke")) if days == 7 else _(N_("%(n)s uker")) % {"n": days // 7}
    return _(N_("1 dag")) if days == 1 else _(N_("%(n)s dager")) % {"n": days}


def _filled(case: Case, published: Steps, rules: Sequence[StepRule], language: str) -> Iterator[Row]:
    """One line for each milestone; what comes again, as signatures of each plan, has one for each."""
    rows = milestones.of_case(case)
    by_code = {rule.code: rule for rule in published.steps}
    names, sent = tasks.doers(case, rows, by_code), _sent(case)
    for rule in rules:
        found = [row for row in rows if row.code == rule.code and row.state != "ended"]
        empty = _empty(rule, published, language)
        for row in found:
            yield Row(
                empty.when, _day(row.due), empty.text, empty.help, _done(row, language), names.get(row.id, ""),
                "\n".join(_day(day) for day in _sent_of(rule, sent)),
            )  # fmt: skip
        if not found:
            yield empty


def _done(row: Milestone, language: str) -> str:
    _ = translator(language)
    match row.state:
        case "done":
            return _day(row.done_on)
        case "not_relevant":
            return _(N_("ikke aktuelt"))
        case "exempt":
            return _(N_("unntak: åpenbart unødvendig"))
    return ""


def _sent(case: Case) -> Mapping[tuple[str, object], list[dt.date]]:
    """When letters were sent, by key; plans; and what belongs to a meeting, by its number."""
    found: dict[tuple[str, object], list[dt.date]] = {}
    query: Any = (
        Dispatch.select(Dispatch.letter, Dispatch.sent_on, Plan.purpose, DialogueMeeting.number)
        .join(Document).join(Plan, pw.JOIN.LEFT_OUTER, on=(Document.plan == Plan.id))
        .switch(Dispatch).join(DialogueMeeting, pw.JOIN.LEFT_OUTER, on=(Dispatch.meeting == DialogueMeeting.id))
        .where(Dispatch.case == case).order_by(Dispatch.sent_on)
    )  # fmt: skip
    for letter, day, purpose, number in query.tuples():
        for key in (("letter", letter), ("form", purpose), ("meeting", number)):
            if key[1]:
                found.setdefault(key, []).append(day)
    return found


def _sent_of(rule: StepRule, sent: Mapping[tuple[str, object], list[dt.date]]) -> list[dt.date]:
    keys: list[tuple[str, object]] = [("letter", key) for key in rule.letters]
    if rule.done_by == "plan":
        keys.append(("form", "plan"))
    if rule.meeting:
        keys.append(("meeting", rule.meeting))
    return sorted({day for key in keys for day in sent.get(key, ())})


def _day(day: dt.date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""
