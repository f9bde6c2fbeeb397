"""An example case for looking at a question set: the answers, facts and rows of a person who does not exist.

The same set gives the same example. A set under construction may have faults; `presentable` says how much of it can be
shown, and what is made here is made for that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, cycle
from typing import Any, NamedTuple

from forms.answers import check
from forms.checks import ID, every_fault
from forms.conditions import holds, variables
from forms.definition import ANSWERABLE, Item, Option, QuestionSetDefinition, without_hidden
from forms.sheet import Context, day_text, visible
from forms.texts import N_, translator
from forms.tidy import clean

EMPLOYEE, LEADER = "Ola Eksempel", "Kari Eksempel"
FIRST_DAY = dt.date(2026, 1, 5)
MEETING, EVALUATION = FIRST_DAY + dt.timedelta(weeks=3), FIRST_DAY + dt.timedelta(weeks=8)
_SICK_PAY_END = FIRST_DAY + dt.timedelta(days=364)
_MOST = 12  # values of one question that are tried
_FARTHEST = 52 * 20  # weeks

# Parts that another type than theirs would be answered by.
_OWNERS = {"options": ("choice", "multichoice"), "rows": ("checklist",)}

_WORKING = N_("Medisinrunder, dokumentasjon og opplæring av nyansatte.")
_FACILITATION = N_("Faste dagvakter på fem timer, med pause midt på dagen.")
_FOLLOW_UP = N_("Vi snakkes hver fredag og ser på planen om fire uker.")
_BY_NAV_FIELD = {
    "typicalWorkday": N_("Stell, medisinrunder og måltider. Dagvakt og kveldsvakt annenhver uke."),
    "tasksThatCanStillBeDone": _WORKING,
    "tasksThatCanNotBeDone": N_("Tunge løft alene, og vakter på mer enn fem timer."),
    "previousFacilitation": N_("Vi har prøvd kortere vakter. Det gikk bra på dagtid."),
    "plannedFacilitation": _FACILITATION,
    "otherFacilitationOptions": N_("Kontorarbeid to dager i uka, hvis dagvaktene blir for tunge."),
    "followUp": _FOLLOW_UP,
    "employeeHasNotContributedToPlanDescription": N_("Den ansatte ønsket at leder skrev et forslag først."),
}
_BY_LAW_PART = {
    "assessment": _WORKING, "employer_measures": _FACILITATION, "follow_up": _FOLLOW_UP,
    "public_measures": N_("Bedriftshelsetjenesten gir råd om arbeidsteknikk."),
}  # fmt: skip
_TEXTS = (
    N_("Vi har snakket om dette og er enige."), N_("Dette går bedre enn sist. Vi ser på det igjen om fire uker."),
    N_("Leder ordner dette innen fredag, og gir beskjed til gruppa."),
)  # fmt: skip
_SHORT, _COMMENT = N_("Et kort svar som eksempel"), N_("En kommentar som eksempel")


class Presentable(NamedTuple):
    """The part of a set that screens and paper can show, and the items that lost a faulty id or rule on the way."""

    definition: QuestionSetDefinition
    mended: tuple[Item, ...]


def presentable(definition: QuestionSetDefinition) -> Presentable:
    """What plans would run on, were it published; of a draft with faults, what can be shown of it.

    A question whose condition is faulty is shown always, one whose id is faulty or taken gets another. Never raises.
    """
    broken = {(fault.item, fault.property.partition(".")[0]) for fault in every_fault(definition)}
    taken = {item.id for item in definition.walk()}
    spare = (name for n in count(1) if (name := f"unnamed_{n}") not in taken)
    seen: set[str] = set()
    mended: list[Item] = []

    def mend(item: Item) -> Item:
        changes: dict[str, Any] = {}
        if item.id in seen or not ID.match(item.id):
            changes["id"] = next(spare)
        seen.add(item.id)
        if item.visible_if is not None and (item.id, "visible_if") in broken:
            changes["visible_if"] = None
        if isinstance(item.required, dict) and (item.id, "required") in broken:
            changes["required"] = False
        if changes:
            mended.append(item)
        if (item.id, "constraints") in broken:
            changes["constraints"] = ()
        changes |= {part: () for part, owners in _OWNERS.items() if item.type not in owners}
        return item.model_copy(update={**changes, "items": tuple(map(mend, item.items))})

    shown = without_hidden(definition)
    return Presentable(shown.model_copy(update={"items": tuple(map(mend, shown.items))}), tuple(mended))


def example_answers(
    definition: QuestionSetDefinition, language: str, kind: str = "first", case: str = "sick_leave"
) -> dict[str, Any]:
    """Answers, as they are stored, to every question that can be seen with them.

    Where a question decides whether others are shown, it is answered so that as many as possible are. Only a question
    that no answer fits is left out. `kind` is the plan's: first or extension; `case`: sick_leave or preventive.
    """
    shown = presentable(definition).definition
    author = _Author(shown, language, _variables(kind, case))
    author.write(shown.items)
    return author.answers


def example_context(
    definition: QuestionSetDefinition, language: str, kind: str = "first", case: str = "sick_leave"
) -> Context:
    """What the example takes from its case: facts, variables, measures, log, periods and calculated days."""
    return Context(
        facts=_facts(language, kind), variables=_variables(kind, case), measures=_measures(language),
        contacts=_contacts(language),
        absence=[
            {"from": _day(FIRST_DAY, language), "to": _day(MEETING, language), "grade": "100 %"},
            {"from": _day(MEETING + dt.timedelta(days=1), language), "to": _day(EVALUATION, language), "grade": "50 %"},
        ],
        calculated={
            item.id: _calculated(item.calculate, language)
            for item in definition.walk()
            if item.type == "calculated" and item.calculate
        },
    )  # fmt: skip


# --- the case -------------------------------------------------------------------------------------------------------


def _variables(kind: str, case: str) -> dict[str, Any]:
    return {"plan.kind": kind, "case.kind": case}


def _day(value: dt.date, language: str) -> str:
    return day_text(value.isoformat(), language)


def _facts(language: str, kind: str) -> dict[str, str]:
    _ = translator(language)
    first_day = _day(FIRST_DAY, language)
    kinds = {"first": N_("Første oppfølgingsplan i perioden"), "extension": N_("Forlengelse av tidligere plan")}
    return {
        "employee.name": EMPLOYEE, "employee.national_id": "158580 •••••", "employee.resource_number": "000000",
        "employee.address": _(N_("Eksempelveien 1")), "employee.postal": _(N_("0000 Eksempelby")),
        "employee.phone_private": "00 00 00 01", "employee.phone_work": "00 00 00 02",
        "employee.position": _(N_("Helsefagarbeider")), "employee.position_percent": "80 %",
        "employee.nav_office": _(N_("Nav Eksempel")), "employee.certifier": _(N_("Lege Eksempel")),
        "municipality.name": _(N_("Eksempel kommune")), "municipality.org_number": "000000000",
        "unit.name": _(N_("Eksempelavdelingen")), "unit.phone": "00 00 00 03", "leader.name": LEADER,
        "leader.phone": "00 00 00 03", "case.first_day": first_day, "case.grade": "50 %",
        "case.sick_pay_end": _day(_SICK_PAY_END, language), "case.ordinary_tasks": _(_BY_NAV_FIELD["typicalWorkday"]),
        "case.period": f"{first_day} – {_day(EVALUATION, language)}", "plan.kind": _(kinds.get(kind, kinds["first"])),
        "meeting.number": _(N_("Dialogmøte %(number)s")) % {"number": 1}, "meeting.date": _day(MEETING, language),
        "meeting.time": "10.00", "meeting.place": _(N_("Møterommet på Eksempelavdelingen")),
        "meeting.present": f"{EMPLOYEE}, {LEADER}",
    }  # fmt: skip


def _measures(language: str) -> list[dict[str, str]]:
    _ = translator(language)
    return [
        {
            "what": _(N_("Faste dagvakter på fem timer")), "kind": _(N_("Arbeidstid")), "responsible": LEADER,
            "deadline": _day(MEETING + dt.timedelta(weeks=1), language), "status": _(N_("avtalt")), "effect": "",
        },
        {
            "what": _(N_("Arbeidsplassvurdering")), "kind": _(N_("Bedriftshelsetjenesten")), "responsible": LEADER,
            "deadline": _day(MEETING + dt.timedelta(weeks=2), language), "status": _(N_("foreslått")), "effect": "",
        },
    ]  # fmt: skip


def _contacts(language: str) -> list[dict[str, str]]:
    _ = translator(language)
    both = f"{EMPLOYEE}, {LEADER}"
    return [
        {
            "date": _day(FIRST_DAY + dt.timedelta(weeks=1), language), "kind": _(N_("Telefon")), "participants": both,
            "text": _(N_("Vi snakket om hva som skal til.")), "result": _(N_("Vi møtes om to uker.")),
        },
        {
            "date": _day(MEETING, language), "kind": _(N_("Samtale")), "participants": both,
            "text": _(N_("Vi gikk gjennom oppgavene en for en.")), "result": _(N_("Vi lager en plan.")),
        },
    ]  # fmt: skip


def _calculated(rule: Mapping[str, Any], language: str) -> str:
    match rule.get("rule"):
        case "weeks_after_first_day":
            weeks = rule.get("weeks", 0)
            near = type(weeks) is int and abs(weeks) <= _FARTHEST
            return _day(FIRST_DAY + dt.timedelta(weeks=weeks), language) if near else ""
        case "sick_pay_end":
            return _day(_SICK_PAY_END, language)
        case "previous_contact":
            return _day(MEETING, language)
        case "evaluation_date":
            return _day(EVALUATION, language)
    return ""


# --- the answers ----------------------------------------------------------------------------------------------------


class _Author:
    """Writes the answers, from the first question to the last, since conditions look backwards."""

    def __init__(self, definition: QuestionSetDefinition, language: str, known: Mapping[str, Any]) -> None:
        self.say = translator(language)
        self.known = dict(known)
        self.answers: dict[str, Any] = {}
        self.texts = cycle(_TEXTS)
        self.written: set[str] = set()
        self.days = (MEETING + dt.timedelta(days=n % 28) for n in count())
        self.readers: dict[str, list[Any]] = {}  # conditions by the id they read
        for item in definition.walk():
            for name in set(variables(item.visible_if)):
                self.readers.setdefault(name, []).append(item.visible_if)

    def write(self, items: Sequence[Item]) -> None:
        for item in items:
            if visible(item, self.known):
                value = self.answer(item) if item.type in ANSWERABLE else None
                if value is not None:
                    self.answers[item.id] = self.known[item.id] = value
                self.write(item.items)

    def answer(self, item: Item) -> Any:
        """The value that fits and shows most of what comes after; of equals, the likeliest."""
        readers = self.readers.get(item.id, [])[:_MOST]
        named = [part for rule in (*readers, *(c.expr for c in item.constraints)) for part in _constants(rule)]
        tried = (clean(item, value) for value in self.values(item, list(dict.fromkeys(named))[:_MOST]))
        fitting = (value for value in tried if value is not None and not check(item, value, known=self.known))
        if not readers:
            return next(fitting, None)
        return max(fitting, key=lambda value: self.shows(readers, item.id, value), default=None)

    def shows(self, readers: Sequence[Any], item_id: str, value: Any) -> int:
        """How many conditions the value makes true; one that it leaves open counts half."""
        known = {**self.known, item_id: value}
        return sum({True: 2, None: 1, False: 0}[holds(rule, known)] for rule in readers)

    def values(self, item: Item, named: Sequence[Any]) -> Iterator[Any]:
        """What may be answered, the likeliest first; `named` stands in conditions about the question."""
        match item.type:
            case "text" | "string":
                yield from (text[: item.max_length] for text in (self.text(item), *filter(_is_text, named)))
            case "integer":
                yield from _numbers(item, [n for n in named if type(n) is int])
            case "date":
                yield from _dates(EVALUATION if item.nav_field == "evaluationDate" else next(self.days), named)
            case "time":
                yield from ("09:30", *named)
            case "boolean":
                yield from (True, False)
            case "choice" | "multichoice":
                yield from self.choices(item, [o for o in item.options if not o.retired], named)
            case "table":
                yield [self.row(item, n) for n in range(1, min(max(2, item.repeat.min), item.repeat.max) + 1)]
            case "checklist":
                yield self.checklist(item)

    def text(self, item: Item) -> str:
        """About what the question is for, where the set tells; no text of that sort twice."""
        fit = _SHORT if item.type == "string" else _BY_LAW_PART.get(item.law_part or "", "")
        fit = _BY_NAV_FIELD.get(item.nav_field or "", fit)
        text = next(self.texts) if not fit or fit in self.written else fit
        if item.type == "text":
            self.written.add(text)
        return self.say(text)

    def choices(self, item: Item, live: Sequence[Option], named: Sequence[Any]) -> Iterator[Any]:
        """Terms no longer in use come last; of several, one with a comment is among the first that are tried."""
        options = sorted(live, key=lambda o: o.dead_term)
        told = [o for o in options if o.code in named]
        single = [[o] for o in (*options[:1], *told, *options[1:_MOST])]
        if item.type == "choice":
            yield from ({"code": o.code, "comments": self.comments(item, [o])} for (o,) in single)
            return
        second = [o for o in options[1:] if o.comment][:1] or options[1:2]
        for picked in ([*options[:1], *second], told, *single):
            yield {"codes": [o.code for o in picked], "comments": self.comments(item, picked)}

    def comments(self, item: Item, picked: Sequence[Option]) -> dict[str, str]:
        kinds = {"date": MEETING.isoformat(), "text": self.say(_COMMENT)[: item.max_length]}
        return {o.code: kinds[o.comment] for o in picked if o.comment}

    def row(self, item: Item, number: int) -> dict[str, str]:
        short = self.say(N_("Eksempel %(number)s")) % {"number": number}
        cells = {
            "date": (MEETING + dt.timedelta(days=number)).isoformat(), "integer": str(number),
            "string": short[: item.max_length], "text": self.say(_TEXTS[0])[: item.max_length],
        }  # fmt: skip
        return {column.id: cells[column.type] for column in item.columns}

    def checklist(self, item: Item) -> dict[str, dict[str, str]]:
        """The first two rows are done; the rest is still to come."""
        rows = [row for row in item.rows if not row.repealed]
        done = {"done": MEETING.isoformat(), "signed": LEADER, "sent": self.say(N_("Sykmelder"))}
        return {row.id: done for row in rows[:2]}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _numbers(item: Item, named: Sequence[int]) -> Iterator[int]:
    usual = 50 if "%" in "".join(item.unit.values()) else 2
    usual = usual if item.min is None else max(usual, item.min)
    yield usual if item.max is None else min(usual, item.max)
    yield from (number + step for number in named for step in (0, 1, -1))


def _dates(usual: dt.date, named: Sequence[Any]) -> Iterator[str]:
    yield from (day.isoformat() for day in (usual, EVALUATION, EVALUATION + dt.timedelta(weeks=8), FIRST_DAY))
    for text in filter(_is_text, named):
        try:
            day = dt.date.fromisoformat(text)
            yield from ((day + dt.timedelta(days=step)).isoformat() for step in (0, 1, -1))
        except (ValueError, OverflowError):
            continue


def _constants(rule: Any) -> Iterator[str | int]:
    """Texts and whole numbers that a condition compares with."""
    for part in rule if isinstance(rule, list) else [rule]:
        if isinstance(part, dict):
            yield from (found for name, inner in part.items() if name != "var" for found in _constants(inner))
        elif isinstance(part, list):
            yield from _constants(part)
        elif isinstance(part, str) or type(part) is int:
            yield part
