"""Conditions held against the questions they read: what is missing, hidden, comes too late or can never be so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from forms.conditions import COMPARISONS
from forms.conditions.subjects import NO, ORDERED, YES, Placed, Subject, can_be, read
from forms.fault_words import short
from forms.format import ANSWERABLE, Item, say
from forms.texts import N_, Note

_KIND_NAMES: dict[str, Note] = {
    "boolean": Note("ja eller nei"), "number": Note("et tall"), "date": Note("en dato"),
    "time": Note("et klokkeslett"), "text": Note("tekst"), "choice": Note("ett av valgene"),
    "choices": Note("ett eller flere av valgene"), "rows": Note("rader i en tabell"),
}  # fmt: skip
Find = Callable[[str], Subject | None]


def named(item: Item) -> str:
    """The item as it is known to those who edit the set."""
    return short(say(item.text, "nb") or item.id)


def unreadable(name: str, read: Placed | None, reader: Placed, *, came_before: bool) -> Iterator[Note]:
    """Why a condition of `reader` cannot read the question `name`, which is `read`."""
    if read is None:
        yield Note("viser til spørsmålet «%(name)s», som ikke finnes", {"name": short(name)})
        return
    question = {"question": named(read.item)}
    if not came_before:
        yield Note("viser til «%(question)s», som ikke kommer før", question)
    if read.item.type not in ANSWERABLE:
        yield Note("viser til «%(question)s», som ikke har noe svar", question)
    elif read.hidden and not reader.hidden:
        yield Note("viser til «%(question)s», som er skjult", question)
    elif read.paper and not reader.hidden:
        yield Note("viser til «%(question)s», som bare finnes på papir", question)


def misfits(rule: Any, find: Find) -> Iterator[Note]:
    """What a condition of right shape compares that can never be so: a number with text, an option that is gone."""
    stack = [(rule, True)]
    while stack:
        node, decides = stack.pop()
        if not isinstance(node, dict):
            continue
        ((name, operands),) = node.items()
        parts = operands if isinstance(operands, list) else [operands]
        if name == "var" and decides:
            yield from _as_yes_no(find(operands))
        elif name == "in":
            yield from _among(parts[0], parts[1], find)
        elif name in COMPARISONS:
            yield from _compared(name, parts[0], parts[1], find)
        stack += [(part, name in ("and", "or", "!")) for part in reversed(parts)]


def _as_yes_no(subject: Subject | None) -> Iterator[Note]:
    if subject is not None and subject.kind != "boolean":
        yield Note("bruker «%(question)s» som ja eller nei, men svaret er %(kind)s", _about(subject))


def _compared(name: str, left: Any, right: Any, find: Find) -> Iterator[Note]:
    one, other = read(left, find), read(right, find)
    unordered = [s for s in (one, other) if s and s.kind not in ORDERED and name not in ("==", "!=")]
    if unordered:
        why = N_("spør om «%(question)s» er mer eller mindre enn noe, men svaret er %(kind)s")
        yield from (Note(why, _about(subject)) for subject in unordered)
    elif one and other:
        if one.kind != other.kind:
            yield Note(_UNLIKE, {**_about(one), "value": _label(other)})
    elif one or other:
        yield from _against(one, right) if one else _against(other, left)


def _among(left: Any, right: Any, find: Find) -> Iterator[Note]:
    """`left` is one of a list, one of several choices or a part of a text."""
    one, other = read(left, find), read(right, find)
    if isinstance(right, list):
        for part in right:
            yield from _compared("==", left, part, find)
    elif other and other.kind == "choices" and (one is None or one.kind == "choice"):
        yield from [] if one or isinstance(left, dict) else _fits(other, left)
    elif other and not (other.kind == "text" and (one.kind == "text" if one else isinstance(left, str | dict))):
        value = _label(one) if one else _said(left)
        why = N_("spør om «%(value)s» er med i «%(question)s», men svaret er %(kind)s")
        yield Note(why, {**_about(other), "value": value})


def _against(subject: Subject | None, value: Any) -> Iterator[Note]:
    if subject is None or isinstance(value, dict):
        return
    if subject.kind != "choices":
        yield from _fits(subject, value)
    elif isinstance(value, list):
        for part in value:
            yield from [] if isinstance(part, dict) else _fits(subject, part)
    else:
        yield Note(_UNLIKE, {**_about(subject), "value": _said(value)})


_UNLIKE = N_("sammenligner «%(question)s» med «%(value)s», men svaret er %(kind)s")


def _fits(subject: Subject, value: Any) -> Iterator[Note]:
    values = {**_about(subject), "value": _said(value)}
    if not can_be(subject.kind, value):
        yield Note(_UNLIKE, values)
    elif subject.kind in ("choice", "choices") and value not in dict(subject.values):
        yield Note("sammenligner «%(question)s» med «%(value)s», som ikke er et av valgene", values)


def _about(subject: Subject) -> dict[str, Any]:
    return {"question": _label(subject), "kind": _KIND_NAMES[subject.kind]}


def _label(subject: Subject) -> str | Note:
    return subject.label if isinstance(subject.label, Note) else short(say(subject.label, "nb"))


def _said(value: Any) -> str | Note:
    """A value of a condition in words."""
    if isinstance(value, bool):
        return YES if value else NO
    return Note("ingenting") if value is None else short(value)
