"""What a condition may ask about: the questions that a person answers on the screen, and what is known of the case."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from forms.format import Item, QuestionSetDefinition, Texts
from forms.texts import Note

Kind = Literal["boolean", "number", "date", "time", "text", "choice", "choices", "rows"]
ORDERED = ("number", "date", "time")  # have a before and an after
_KINDS: dict[str, Kind] = {
    "boolean": "boolean", "integer": "number", "date": "date", "time": "time", "text": "text", "string": "text",
    "choice": "choice", "multichoice": "choices", "table": "rows", "checklist": "rows",
}  # fmt: skip
YES, NO = Note("ja"), Note("nei")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class Subject(NamedTuple):
    """Something a condition may ask about. `values` are what a choice can be, retired options too."""

    id: str
    kind: Kind
    label: Texts | Note
    values: tuple[tuple[str, Texts | Note], ...] = ()


# What services/context.py knows of a plan besides its answers.
VARIABLES = {
    "plan.kind": Subject(
        "plan.kind", "choice", Note("Planen"),
        (("first", Note("Første oppfølgingsplan i perioden")), ("extension", Note("Forlengelse av tidligere plan"))),
    ),
    "case.kind": Subject(
        "case.kind", "choice", Note("Saken"),
        (("sick_leave", Note("Sykmelding")), ("preventive", Note("Gult lys (forebygging)"))),
    ),
}  # fmt: skip


class Placed(NamedTuple):
    """An item with what the groups around it make of it."""

    item: Item
    hidden: bool
    paper: bool  # only printed, so nobody answers it here


def placed(items: Sequence[Item], hidden: bool = False, paper: bool = False) -> Iterator[Placed]:
    """Every item in the order of the form."""
    for item in items:
        one = Placed(item, hidden or item.hidden, paper or item.print.show == "paper")
        yield one
        yield from placed(item.items, one.hidden, one.paper)


def subject_of(item: Item) -> Subject | None:
    """The item as a condition sees it; None when it takes no answer."""
    if item.type not in _KINDS:
        return None
    values = tuple((option.code, option.text or {"nb": option.code}) for option in item.options)
    return Subject(item.id, _KINDS[item.type], item.text or {"nb": item.id}, values)


def find_subject(definition: QuestionSetDefinition, name: str) -> Subject | None:
    """The question or variable `name`, if there is one."""
    item = definition.find(name)
    return subject_of(item) if item else VARIABLES.get(name)


def read(node: Any, find: Callable[[str], Subject | None]) -> Subject | None:
    """What a part of a condition reads, if it reads a question that exists; how many there are is a number."""
    match node:
        case {"var": str(name)}:
            return find(name)
        case {"count": str(name)}:
            subject = find(name)
            return subject and subject._replace(kind="number", values=())
    return None


def can_be(kind: Kind, value: Any) -> bool:
    """Whether an answer of this kind can be `value` (one of several, for several choices)."""
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "date":
            return isinstance(value, str) and _is_day(value)
        case "time":
            return isinstance(value, str) and _CLOCK.fullmatch(value) is not None
        case "rows":
            return False
    return isinstance(value, str)


def _is_day(value: str) -> bool:
    try:
        return dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
