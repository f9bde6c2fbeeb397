"""What aml § 4-6 requires of a plan: it may be reworded, explained and made stricter; not hidden, and not loosened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from forms.conditions import variables
from forms.definition import Fault, Item, QuestionSetDefinition, canonical, say
from forms.fault_words import short
from forms.overlay.outline import Outline, Path
from forms.texts import N_, Note

_HIDDEN = N_("kan ikke være skjult, for loven krever «%(item)s»")
_SOMETIMES = N_("kan ikke vises bare i noen tilfeller, for loven krever «%(item)s»")
_NARROWED = N_("må være med både på skjerm og papir, for loven krever «%(item)s»")
_WHY: dict[str, str] = {
    "items": N_("kan ikke tas ut, for loven krever det"),
    "required": N_("må minst kreves slik loven krever det"),
    "type": N_("kan ikke endres, for loven krever dette spørsmålet"),
    "law_part": N_("kan ikke endres, for loven krever dette spørsmålet"),
    "nav_field": N_("kan ikke endres, for svaret skal til Nav"),
    "locked": N_("kan ikke låses opp, for loven krever dette spørsmålet"),
}
_PART_GONE = N_("«%(part)s» kan ikke tas ut, for loven krever dette spørsmålet")
_PART_OTHER = N_("«%(part)s» kan ikke endres slik, for loven krever dette spørsmålet")


def _told(what: str) -> Note:
    why = _WHY[what]
    return Note(why)


class Breach(NamedTuple):
    """Where an edited set gives less than law demands: which item, which property, and of whom (it, or a group)."""

    item: str
    path: Path  # ("items",): the item is gone
    cause: str
    note: Note


def locked_faults(base: QuestionSetDefinition, edited: QuestionSetDefinition) -> list[Fault]:
    """Everything in `edited` that hides or loosens what is locked in `base`; each told once, where it was done."""
    first: dict[tuple[str, Path], Breach] = {}
    for breach in breaches(Outline(base), Outline(edited)):
        first.setdefault((breach.cause, breach.path), breach)
    return [Fault(b.cause, ".".join(b.path), b.note) for b in first.values()]


def breaches(base: Outline, edited: Outline) -> Iterator[Breach]:
    """As `locked_faults`, one for each locked item."""
    for item_id, locked in _needed(base).items():
        if item_id not in edited.items:
            yield Breach(item_id, ("items",), item_id, _told("items"))
            continue
        before, after = base.items[item_id], edited.items[item_id]
        yield from _out_of_sight(base, edited, item_id)
        if before.type != after.type:
            yield _breach(item_id, "type")
        yield from _options(before, after)
        if locked:
            yield from _loosened(before, after)


def _needed(base: Outline) -> dict[str, bool]:
    """The locked items (True), and the questions that decide whether those are asked (False)."""
    found = {item_id: True for item_id, item in base.items.items() if item.locked}
    queue = list(found)
    while queue:
        for above in base.lineage(queue.pop()):
            item = base.items[above]
            required = item.required.get("if") if isinstance(item.required, dict) else None
            read = [*variables(item.visible_if), *variables(required)]
            new = [name for name in read if name in base.items and name not in found]
            found.update(dict.fromkeys(new, False))
            queue += new
    return found


def _breach(item_id: str, name: str) -> Breach:
    return Breach(item_id, (name,), item_id, _told(name))


def _out_of_sight(base: Outline, edited: Outline, item_id: str) -> Iterator[Breach]:
    """Hidden, conditional or only on paper where it was not, itself or through what it lies in."""
    before, after = base.standings[item_id], edited.standings[item_id]
    if after == before:
        return
    named = {"item": short(say(edited.items[item_id].text, "nb") or item_id)}
    for cause in edited.lineage(item_id):
        item = edited.items[cause]
        if item.hidden and not before.hidden:
            yield Breach(item_id, ("hidden",), cause, Note(_HIDDEN, named))
        if item.visible_if is not None and canonical(item.visible_if) not in before.conditions:
            yield Breach(item_id, ("visible_if",), cause, Note(_SOMETIMES, named))
        if item.print.show != "both" and before.shown - {item.print.show}:
            yield Breach(item_id, ("print", "show"), cause, Note(_NARROWED, named))


def _loosened(before: Item, after: Item) -> Iterator[Breach]:
    if not _as_strict(before.required, after.required):
        yield _breach(before.id, "required")
    for name in ("law_part", "nav_field"):
        if getattr(before, name) not in (None, getattr(after, name)):
            yield _breach(before.id, name)
    if not after.locked:
        yield _breach(before.id, "locked")
    for name in ("columns", "rows"):
        there = {part.id: part for part in getattr(after, name)}
        for part in getattr(before, name):
            if part.id not in there:
                yield _of_part(before.id, (name, part.id), _PART_GONE, say(part.text, "nb"))
            elif name == "columns" and part.type != there[part.id].type:
                yield _of_part(before.id, (name, part.id, "type"), _PART_OTHER, say(part.text, "nb"))


def _as_strict(before: object, after: object) -> bool:
    """Whether `after` demands an answer whenever `before` does."""
    if before is False or after is True:
        return True
    return canonical(before) == canonical(after)


def _options(before: Item, after: Item) -> Iterator[Breach]:
    there = {option.code: option for option in after.options}
    for option in before.options:
        now, text = there.get(option.code), say(option.text, "nb")
        if now is None:
            yield _of_part(before.id, ("options", option.code), _PART_GONE, text)
            continue
        if now.retired and not option.retired:
            yield _of_part(before.id, ("options", option.code, "retired"), _PART_GONE, text)
        if option.comment not in (None, now.comment):
            yield _of_part(before.id, ("options", option.code, "comment"), _PART_OTHER, text)


def _of_part(item_id: str, path: Path, why: str, text: str) -> Breach:
    return Breach(item_id, path, item_id, Note(why, {"part": short(text)}))
