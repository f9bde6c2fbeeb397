"""What a municipality changed in a shipped set, as operations on ids: kept beside the set, done again on the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from forms.definition import Item, QuestionSetDefinition, Strict, Texts
from forms.overlay.outline import (
    KEYS,
    Outline,
    Path,
    alike,
    anchored,
    is_leaf,
    is_text,
    keyed,
    parts,
    properties,
    rising,
)

Op = Literal[
    "add_after", "move", "remove", "hide", "show", "relabel", "set_help", "require", "relax",  # an item
    "add_part", "move_part", "remove_part",  # an option, column, row or signer
    "add_language", "remove_language",
    "set",  # any other property
]  # fmt: skip
_STRENGTH = {False: 0, "recommended": 1, True: 3}


class Operation(Strict):
    """One change. `item` is "" for the set; `was` is what the municipality saw there, `label` and `part` what the item
    and the part were called, for people to read.

    add_after: `value` is the item without those in it, put in group `parent` after sibling `after` ("" for first) ·
    move: to `parent` and `after`; `was` has both · add_part, move_part: after the part `after` · the others give the
    property at `path` (as in forms/overlay/outline.py) the `value`; None takes a text away.
    """

    op: Op
    item: str = ""
    path: Path = ()
    value: Any = None
    was: Any = None
    parent: str = ""
    after: str = ""
    label: Texts = {}
    part: Texts = {}


def derive(base: QuestionSetDefinition, edited: QuestionSetDefinition) -> tuple[Operation, ...]:
    """The operations that make `edited` of `base`, in the order of the form; done in this order they fit."""
    return tuple(derived(Outline(base), Outline(edited)))


def derived(before: Outline, after: Outline) -> Iterator[Operation]:
    """As `derive`, of outlines."""
    if not before.same(after, ""):
        yield from _changed("", before.data(""), after.data(""), after.definition.title)
    stayed = anchored(before, after)
    for item_id, item in after.items.items():
        spot = after.spots[item_id]
        if item_id not in before.items:
            value = item.model_dump(mode="json", exclude={"items"}, exclude_defaults=True)
            yield Operation(op="add_after", item=item_id, value=value, label=item.text, **spot._asdict())
            continue
        if item_id not in stayed:
            was = before.spots[item_id]._asdict()
            yield Operation(op="move", item=item_id, was=was, label=item.text, **spot._asdict())
        if not before.same(after, item_id):
            yield from _changed(item_id, before.data(item_id), after.data(item_id), item.text)
    for item_id, item in reversed(before.items.items()):  # what lies in a group goes before it
        if item_id not in after.items:
            yield Operation(op="remove", item=item_id, label=item.text)


def _changed(item: str, before: Mapping[str, Any], after: Mapping[str, Any], label: Texts) -> Iterator[Operation]:
    """What to do with the properties of one item, or of the set."""
    if not item:
        yield from _languages(before["languages"], after["languages"], label)
    named = [name for name in KEYS if keyed(before, name) and keyed(after, name)]
    was_parts, now_parts = ({name: parts(data, name) for name in named} for data in (before, after))
    for name in named:
        yield from _parts(item, name, was_parts[name], now_parts[name], label)
    whole = KEYS.keys() - set(named)
    old, new = properties(before, whole), properties(after, whole)
    for path in dict.fromkeys((*new, *old)):
        was, value = old.get(path), new.get(path)
        if alike(was, value) or path == ("languages",):
            continue
        part: Texts = {}
        if path[0] in named:
            if path[1] not in was_parts[path[0]] or path[1] not in now_parts[path[0]]:
                continue  # it came or went as a whole
            part = now_parts[path[0]][path[1]]["text"]
        yield Operation(op=_name(path, was, value), item=item, path=path, value=value, was=was, label=label, part=part)


def _languages(before: list[str], after: list[str], label: Texts) -> Iterator[Operation]:
    if before == after:
        return
    came, went = [x for x in after if x not in before], [x for x in before if x not in after]
    if [x for x in before if x in after] + came == after:
        yield from (Operation(op="add_language", value=language, label=label) for language in came)
        yield from (Operation(op="remove_language", was=language, label=label) for language in went)
    else:  # another order, or one of them twice
        yield Operation(op="set", path=("languages",), value=after, was=before, label=label)


def _parts(
    item: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any], label: Texts
) -> Iterator[Operation]:
    stayed = rising([key for key in before if key in after], [key for key in after if key in before])
    last = ""
    for key, part in after.items():
        where: dict[str, Any] = {"item": item, "path": (name, key), "after": last, "label": label, "part": part["text"]}
        if key not in before:
            yield Operation(op="add_part", value=part, **where)
        elif key not in stayed:
            yield Operation(op="move_part", **where)
        last = key
    for key, part in before.items():
        if key not in after:
            yield Operation(op="remove_part", item=item, path=(name, key), was=part, label=label, part=part["text"])


def _name(path: Path, was: Any, value: Any) -> Op:
    match path:
        case ("hidden",):
            return "hide" if value else "show"
        case ("text" | "title", _):
            return "relabel"
        case ("help", _):
            return "set_help"
        case ("required",):
            return "require" if strength(value) >= strength(was) else "relax"
    return "set"


def strength(required: Any) -> int:
    """How much `required` demands."""
    return 2 if isinstance(required, dict) else _STRENGTH[required]


# --- what an operation may hold -------------------------------------------------------------------------------------

_HEAD = {"schema_version": 1, "key": "a-set", "version": 1, "kind": "plan", "languages": [], "title": {}, "items": []}
_ITEM = {"id": "an_item", "type": "info"}
_PARTS: dict[str, dict[str, Any]] = {
    "options": {"text": {}}, "columns": {"type": "string", "text": {}}, "rows": {"when": {}, "text": {}},
    "signers": {"text": {}},
}  # fmt: skip


def fits(operation: Operation) -> bool:
    """Whether what the operation puts in has a right shape, so that it can never spoil a definition.

    The format judges every property by itself; so an item that is empty but for this one tells.
    """
    op, path = operation.op, operation.path
    try:
        match op:
            case "move" | "remove":
                return bool(operation.item)
            case "add_after":
                return bool(operation.item) and Item.model_validate(operation.value).id == operation.item
            case "add_language":
                return _accepted("", {"languages": [operation.value]})
            case "add_part" | "move_part" | "remove_part":
                named = bool(operation.item) and len(path) == 2 and path[0] in KEYS  # the set itself has no parts
                return named and (op != "add_part" or bool(whole_part(operation)))
            case "remove_language":
                return True
        part, steps = (path[:2], path[2:]) if path[0] in KEYS and len(path) > 1 else ((), path)
        value = nested(steps, "" if is_text(path) and operation.value is None else operation.value)
        return is_leaf(steps) and _accepted(operation.item, _with_part(part, value) if part else value)
    except (ValueError, LookupError, TypeError):  # pydantic's own is a ValueError
        return False


def whole_part(operation: Operation) -> dict[str, Any]:
    """The part that `add_part` adds, without its name and with all it can have. Raises ValueError, LookupError or
    TypeError when it has no right shape."""
    name, key = operation.path
    item = Item.model_validate({**_ITEM, **_with_part((name, key), operation.value)})
    return parts(item.model_dump(mode="json"), name)[key]


def _with_part(path: Path, value: Mapping[str, Any]) -> dict[str, Any]:
    name, key = path
    if KEYS[name] in value or not key:
        raise ValueError("a part keeps its name")
    return {name: [{**_PARTS[name], **value, KEYS[name]: key}]}


def _accepted(item_id: str, data: Mapping[str, Any]) -> bool:
    model, least = (Item, _ITEM) if item_id else (QuestionSetDefinition, _HEAD)
    return bool(model.model_validate({**least, **data}))


def nested(path: Path, value: Any) -> Any:
    """("print", "layout") and "side" → {"print": {"layout": "side"}}"""
    for step in reversed(path):
        value = {step: value}
    return value
