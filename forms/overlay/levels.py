"""How much a change of a published set means for those who fill it in.

patch: texts only · minor: order, something optional more, something relaxed · major: something removed, hidden or of
another type, newly required, or tighter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from forms.definition import ANSWERABLE, Item, canonical
from forms.overlay.operations import Operation
from forms.overlay.outline import KEYS, Outline, Path, Standing, is_text

Level = Literal["patch", "minor", "major"]
LEVELS: tuple[Level, ...] = ("patch", "minor", "major")
_BY_OPERATION: dict[str, Level] = {
    "remove": "major", "hide": "major", "relabel": "patch", "set_help": "patch", "require": "major", "relax": "minor",
    "remove_part": "major", "move_part": "minor", "add_language": "patch", "remove_language": "major",
}  # fmt: skip
_WORDS = {("examples",), ("source",), ("paper", "revised")}  # texts that are not in one language
_LOWER, _HIGHER = {("max",), ("max_length",), ("repeat", "max")}, {("min",), ("repeat", "min")}  # is tighter


def level_of(operation: Operation, old: Outline, new: Outline) -> Level:
    """How much an operation that made `new` of `old` means."""
    found = _level(operation, old, new)
    item = operation.item
    unseen = item in old.items and item in new.items and old.standings[item].hidden and new.standings[item].hidden
    return "minor" if unseen and found == "major" else found


def _level(operation: Operation, old: Outline, new: Outline) -> Level:
    match operation.op:
        case "add_after" | "show":
            return _if(_demands(new, operation.item))
        case "move":
            return _moved(operation.item, old, new)
        case "add_part":
            return _if(operation.path[0] == "signers" and operation.value["required"])
        case "set":
            return _of_property(operation, new)
    return _BY_OPERATION[operation.op]


def _if(major: Any) -> Level:
    return "major" if major else "minor"


def _demands(outline: Outline, item_id: str) -> bool:
    """Whether the item, or what lies in it, must be answered or signed."""
    return not outline.standings[item_id].hidden and any(map(_must, _asked(outline.items[item_id])))


def _asked(item: Item) -> Iterator[Item]:
    if not item.hidden:
        yield item
        for inner in item.items:
            yield from _asked(inner)


def _must(item: Item) -> bool:
    required = item.type in ANSWERABLE and item.required not in (False, "recommended")
    return required or any(signer.required for signer in item.signers)


def _moved(item_id: str, old: Outline, new: Outline) -> Level:
    before, after = (outline.standings[outline.parent(item_id)] for outline in (old, new))
    return _if(_seen_less(before, after) or (_seen_less(after, before) and _demands(new, item_id)))


def _seen_less(before: Standing, after: Standing) -> bool:
    less = bool(after.conditions - before.conditions or before.shown - after.shown)
    return less or (after.hidden and not before.hidden)


def _of_property(operation: Operation, new: Outline) -> Level:
    path, was, value = operation.path, operation.was, operation.value
    if is_text(path) or path in _WORDS:
        return "patch"
    if path[0] in KEYS:
        return _of_part(path, was, value)
    if path in _LOWER or path in _HIGHER:
        return _if(value is not None and (was is None or (value < was if path in _LOWER else value > was)))
    match path:
        case ("type",) | ("kind",):
            return "major"
        case ("visible_if",):
            return _if(value is not None or _demands(new, operation.item))
        case ("print", "show"):
            return _if(value != "both" or _demands(new, operation.item))
        case ("constraints",):
            before, after = ({canonical(one["expr"]) for one in rules} for rules in (was, value))
            return "patch" if before == after else _if(after - before)
        case ("facts",):
            return "patch" if [one["source"] for one in was] == [one["source"] for one in value] else "minor"
        case ("languages",):
            return "major" if set(was) - set(value) else "patch"
    return "minor"


def _of_part(path: Path, was: Any, value: Any) -> Level:
    match path[2:]:
        case ("retired",) | ("required",):
            return _if(value)
        case ("comment",):
            return _if(was is not None)
        case ("width",) | ("dead_term",) | ("milestone",) | ("repealed",):
            return "minor"
    return "major"  # another type; or parts that cannot be told apart
