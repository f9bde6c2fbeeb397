"""Reading a question-set definition: every fault of its shape, and what forms/checks.py finds, at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from forms.checks import ID, MAX_FAULTS, MAX_OPTIONS, bounded, every_fault, faults
from forms.fault_words import SEVERAL_SHAPES, property_name, shape_note
from forms.format import (
    ANSWERABLE,
    BOUND_COLUMNS,
    CALCULATIONS,
    FACTS,
    LANGUAGES,
    LAW_PARTS,
    NAV_FIELDS,
    BadDefinition,
    Column,
    Condition,
    Constraint,
    Fact,
    Fault,
    Item,
    ItemType,
    Option,
    Paper,
    Print,
    QuestionSetDefinition,
    Repeat,
    Row,
    Signer,
    Strict,
    Texts,
    canonical,
    say,
    walk,
)
from forms.texts import Note

__all__ = [
    "ANSWERABLE", "BOUND_COLUMNS", "CALCULATIONS", "FACTS", "ID", "LANGUAGES", "LAW_PARTS", "MAX_BYTES", "MAX_DEPTH",
    "MAX_FAULTS", "MAX_ITEMS", "MAX_OPTIONS", "NAV_FIELDS", "BadDefinition", "Column", "Condition", "Constraint",
    "Fact", "Fault", "Item", "ItemType", "Option", "Paper", "Print", "QuestionSetDefinition", "Repeat", "Row", "Signer",
    "Strict", "Texts", "canonical", "faults", "parse", "property_name", "read_object", "say", "shape", "walk",
    "without_hidden",
]  # fmt: skip

MAX_ITEMS = 1000
MAX_DEPTH = 8
MAX_BYTES = 2_000_000
# Deeper than this, or with more items, a definition is not read any further.
_UNREAD_DEPTH, _UNREAD_ITEMS = 5 * MAX_DEPTH, 10 * MAX_ITEMS
_UNREAD_LEVELS = 150  # of JSON: pydantic writes some 250


def parse(source: str | bytes | dict[str, Any]) -> QuestionSetDefinition:
    """Read and check a definition. Raises BadDefinition with every fault found; time is bounded by MAX_*."""
    definition = shape(source, strictly=True)
    _refuse(every_fault(definition))
    return definition


def shape(source: str | bytes | dict[str, Any], *, strictly: bool = False) -> QuestionSetDefinition:
    """Read a definition that may still have `faults`, as a draft has. Raises BadDefinition when it has no right shape
    or is too large; `strictly` then also tells what else is wrong."""
    data = read_object(source)
    found = _too_large(data)
    try:
        definition = QuestionSetDefinition.model_validate(data)
    except ValidationError as error:
        told = _shape_faults(error, data)
        found += [*told, *(_faults_behind(error, data, told) if strictly else [])]
        _refuse(found)
    _refuse([*found, *(every_fault(definition) if strictly and found else [])])
    return definition


def without_hidden(definition: QuestionSetDefinition) -> QuestionSetDefinition:
    """What is asked and printed: the set without hidden items, and without what lies in them."""

    def shown(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(item.model_copy(update={"items": shown(item.items)}) for item in items if not item.hidden)

    if not any(item.hidden for item in definition.walk()):
        return definition
    return definition.model_copy(update={"items": shown(definition.items)})


def _refuse(found: Iterable[Fault]) -> None:
    if told := bounded(found):
        raise BadDefinition(told)


def read_object(source: str | bytes | dict[str, Any]) -> dict[str, Any]:
    """The JSON object in `source`, not yet checked. Raises BadDefinition when it is none or too large."""
    if isinstance(source, dict):
        return source
    if len(source) > MAX_BYTES:
        raise _bad_file(Note("er større enn %(most)s byte", {"most": MAX_BYTES}))
    try:
        data = json.loads(source)
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise _bad_file(Note("er ikke gyldig JSON (linje %(line)s, kolonne %(column)s)", where)) from error
    except UnicodeDecodeError as error:
        raise _bad_file(Note("er ikke gyldig JSON (tegnene er ikke UTF-8)")) from error
    except (ValueError, RecursionError) as error:
        raise _bad_file(Note("er ikke gyldig JSON (for mange nivåer eller for store tall)")) from error
    if not isinstance(data, dict):
        raise _bad_file(Note("er ikke et JSON-objekt"))
    return data


def _bad_file(why: Note) -> BadDefinition:
    return BadDefinition([Fault("", "file", why)])


def _too_large(data: dict[str, Any]) -> list[Fault]:
    """Count without recursion before pydantic recurses. Raises BadDefinition when it is too much to read further."""
    count, deepest, queue = 0, 0, [(data.get("items"), 1)]
    while queue:
        items, depth = queue.pop()
        if not isinstance(items, list):
            continue
        count += len(items)
        deepest = max(deepest, depth if items else 0)
        queue += [(item.get("items"), depth + 1) for item in items if isinstance(item, dict)]
    found = []
    if count > MAX_ITEMS:
        values = {"count": count, "most": MAX_ITEMS}
        found.append(Fault("", "items", Note("har %(count)s punkter; høyst %(most)s er tillatt", values)))
    if deepest > MAX_DEPTH:
        values = {"deep": deepest, "most": MAX_DEPTH}
        found.append(Fault("", "items", Note("har %(deep)s nivåer i hverandre; høyst %(most)s er tillatt", values)))
    if count > _UNREAD_ITEMS or deepest > _UNREAD_DEPTH or _deeper_than(data, _UNREAD_LEVELS):
        raise BadDefinition(found or [Fault("", "items", Note("har regler med for mange nivåer i hverandre"))])
    return found


def _deeper_than(data: Any, most: int) -> bool:
    """Whether JSON nests deeper than what reads and writes it can follow; looked at without recursion."""
    level = [data]
    for _ in range(most):
        level = [
            inner for node in level if isinstance(node, dict | list)
            for inner in (node.values() if isinstance(node, dict) else node)
        ]  # fmt: skip
        if not level:
            return False
    return True


def _faults_behind(error: ValidationError, data: dict[str, Any], told: list[Fault]) -> list[Fault]:
    """What else is wrong, read from a copy without the properties of items that have no right shape. Nothing when the
    rest cannot be read; nothing of items told about already, which lack something in the copy."""
    try:
        rest = json.loads(json.dumps(data))
    except (TypeError, ValueError, RecursionError):
        return []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        node, holder, name = rest, None, None
        for step in detail["loc"]:
            if isinstance(step, str) and isinstance(node, dict) and (holder is None or "type" in node):
                holder, name = node, step
            node = node.get(step) if isinstance(node, dict) else node[step] if _has(node, step) else None
        if holder is not None and name not in ("id", "items"):
            holder.pop(name, None)
            if name == "type":
                holder["type"] = "info"
    try:
        found = list(every_fault(QuestionSetDefinition.model_validate(rest)))
    except ValidationError:
        return []
    unsure = {fault.item for fault in told}
    return [fault for fault in found if fault.item not in unsure or fault.property == "visible_if"]


def _has(node: Any, step: Any) -> bool:
    return isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node)


# How pydantic names the branches of a union in the path of an error.
_UNION = re.compile(r"\[|^bool$")


def _shape_faults(error: ValidationError, data: dict[str, Any]) -> list[Fault]:
    """One fault for each value: several errors at one place mean that none of the kinds it may be fits."""
    found: dict[tuple[int | str, ...], Fault] = {}
    for detail in error.errors(include_url=False):
        place, item_id, prop = _place(detail["loc"], data)
        found[place] = Fault(item_id, prop, SEVERAL_SHAPES if place in found else shape_note(detail))
    return list(found.values())


_NOTHING = object()


def _place(loc: tuple[int | str, ...], data: Any) -> tuple[tuple[int | str, ...], str, str]:
    """Where an error is: its path in the data, the id of the item and the property of that item."""
    node, item_id, path, steps = data, "", list[str](), list[int | str]()
    for number, step in enumerate(loc):
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            node = _NOTHING
        is_item = number > 0 and loc[number - 1] == "items" and isinstance(node, dict)
        if is_item and isinstance(node.get("id"), str):
            item_id, path = node["id"], []
        elif node is not _NOTHING or (number == len(loc) - 1 and not _UNION.search(str(step))):
            path.append(str(step))
        else:
            continue
        steps.append(step)
    return tuple(steps), item_id, ".".join(path) or "value"
