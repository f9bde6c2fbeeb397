"""Reading a question-set definition: every fault of it named at once, in bounded time."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from forms.conditions import check_condition, variables
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

__all__ = [
    "ANSWERABLE", "BOUND_COLUMNS", "CALCULATIONS", "FACTS", "ID", "LANGUAGES", "LAW_PARTS", "MAX_BYTES", "MAX_DEPTH",
    "MAX_ITEMS", "MAX_OPTIONS", "NAV_FIELDS", "BadDefinition", "Column", "Condition", "Constraint", "Fact", "Fault",
    "Item", "ItemType", "Option", "Paper", "Print", "QuestionSetDefinition", "Repeat", "Row", "Signer", "Strict",
    "Texts", "canonical", "parse", "say", "walk",
]  # fmt: skip

MAX_ITEMS = 1000
MAX_OPTIONS = 500
MAX_FAULTS = 500  # told one by one
MAX_DEPTH = 8
MAX_BYTES = 2_000_000
# Two _ in a row would make names of form fields ambiguous, see forms/builder.py.
ID = re.compile(r"(?!.*__)[a-z][a-z0-9_]{0,58}\Z")


def parse(source: str | bytes | dict[str, Any]) -> QuestionSetDefinition:
    """Read and check a definition. Raises BadDefinition with every fault found; time is bounded by MAX_*."""
    data = read_object(source)
    faults = _too_large(data)
    try:
        definition = QuestionSetDefinition.model_validate(data)
    except ValidationError as error:
        shape = _shape_faults(error, data)
        faults += [*shape, *_faults_behind(error, data, shape)]
    else:
        faults += _check(definition)
    if faults:
        more = [Fault("", "file", f"has {len(faults) - MAX_FAULTS} more faults")] if len(faults) > MAX_FAULTS else []
        raise BadDefinition(faults[:MAX_FAULTS] + more)
    return definition


def read_object(source: str | bytes | dict[str, Any]) -> dict[str, Any]:
    """The JSON object in `source`, not yet checked. Raises BadDefinition when it is none or too large."""
    if isinstance(source, dict):
        return source
    if len(source) > MAX_BYTES:
        raise BadDefinition([Fault("", "file", f"is larger than {MAX_BYTES} bytes")])
    try:
        data = json.loads(source)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else "nesting"
        raise BadDefinition([Fault("", "file", f"is not valid JSON ({where})")]) from error
    if not isinstance(data, dict):
        raise BadDefinition([Fault("", "file", "is not a JSON object")])
    return data


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
    faults = []
    if count > MAX_ITEMS:
        faults.append(Fault("", "items", f"has {count} items; at most {MAX_ITEMS} are allowed"))
    if deepest > MAX_DEPTH:
        faults.append(Fault("", "items", f"is nested {deepest} deep; at most {MAX_DEPTH} levels are allowed"))
    if count > 10 * MAX_ITEMS or deepest > MAX_DEPTH:
        raise BadDefinition(faults)
    return faults


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
        found = list(_check(QuestionSetDefinition.model_validate(rest)))
    except ValidationError:
        return []
    unsure = {fault.item for fault in told}
    return [fault for fault in found if fault.item not in unsure or fault.property == "visible_if"]


# How pydantic names the branches of a union in the path of an error.
_UNION = re.compile(r"\[|^bool$")


def _has(node: Any, step: Any) -> bool:
    return isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node)


def _shape_faults(error: ValidationError, data: dict[str, Any]) -> list[Fault]:
    faults = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        node: Any = data
        item_id, rest = "", list[str]()
        for step in detail["loc"]:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                node = None
            if isinstance(step, int) and isinstance(node, dict) and isinstance(node.get("id"), str):
                item_id, rest = node["id"], []
            elif node is not None or (step == detail["loc"][-1] and not _UNION.search(str(step))):
                rest.append(str(step))
        faults.append(Fault(item_id, ".".join(rest) or "value", detail["msg"]))
    return faults


def _check(definition: QuestionSetDefinition) -> Iterator[Fault]:
    seen: set[str] = set()
    for item in definition.walk():
        if not ID.match(item.id):
            yield Fault(item.id, "id", "must be lower-case letters, digits and single _ (at most 59), letter first")
        if item.id in seen:
            yield Fault(item.id, "id", "is used by more than one item")
        seen.add(item.id)
    if "nb" not in definition.languages and "nn" not in definition.languages:
        yield Fault("", "languages", "must hold nb or nn")
    yield from _texts("", "title", definition.title, definition)
    before: set[str] = set()
    for item in definition.walk():
        yield from _check_item(item, definition, seen, before)
        before.add(item.id)
    yield from _check_cycles(definition)


def _texts(item_id: str, prop: str, texts: Texts, definition: QuestionSetDefinition) -> Iterator[Fault]:
    for language in definition.languages:
        if not texts.get(language, "").strip():
            yield Fault(item_id, prop, f"has no text in {language}")


def _check_item(item: Item, definition: QuestionSetDefinition, ids: set[str], before: set[str]) -> Iterator[Fault]:
    yield from _check_texts(item, definition)
    yield from _check_needs(item)
    yield from _check_case(item)
    yield from _check_limits(item)
    for prop, rule in _rules(item):
        yield from _check_rule(item, prop, rule, ids, before)
    if item.nav_field is not None and item.nav_field not in NAV_FIELDS:
        yield Fault(item.id, "nav_field", f"{item.nav_field!r} is not a field of Nav's API")


def _check_texts(item: Item, definition: QuestionSetDefinition) -> Iterator[Fault]:
    if item.type not in ("facts", "signatures", "group"):
        yield from _texts(item.id, "text", item.text, definition)
    for prop in ("help", "copies_to", "unit"):
        if getattr(item, prop):
            yield from _texts(item.id, prop, getattr(item, prop), definition)
    for constraint in item.constraints:
        yield from _texts(item.id, "constraints", constraint.message, definition)
    for prop in ("options", "columns", "rows", "facts", "signers", "examples"):
        for part in getattr(item, prop):
            yield from _texts(item.id, prop, part if prop == "examples" else part.text, definition)


def _check_rule(item: Item, prop: str, rule: Condition, ids: set[str], before: set[str]) -> Iterator[Fault]:
    for why in check_condition(rule):
        yield Fault(item.id, prop, why)
    for name in variables(rule):
        if name.startswith(("plan.", "case.")):
            continue
        if name not in ids:
            yield Fault(item.id, prop, f"refers to {name!r}, which does not exist")
        elif name not in before and not (prop == "constraints" and name == item.id):
            yield Fault(item.id, prop, f"refers to {name!r}, which does not come before it")


_NEEDS = {
    "choice": "options", "multichoice": "options", "table": "columns", "measures": "columns",
    "contact_log": "columns", "absence": "columns", "checklist": "rows", "facts": "facts",
    "signatures": "signers", "group": "items", "calculated": "calculate",
}  # fmt: skip


def _check_needs(item: Item) -> Iterator[Fault]:
    """What belongs to a type is there, and nothing that belongs to another."""
    for kind, prop in _NEEDS.items():
        owners = [k for k, p in _NEEDS.items() if p == prop]
        if item.type == kind and not getattr(item, prop):
            yield Fault(item.id, prop, f"is needed by type {kind}")
        if getattr(item, prop) and item.type not in owners and kind == owners[0]:
            yield Fault(item.id, prop, f"does not belong to type {item.type}")
    for prop, names in (
        ("options", [o.code for o in item.options]),
        ("columns", [c.id for c in item.columns]),
        ("rows", [r.id for r in item.rows]),
        ("signers", [str(s.role) for s in item.signers]),
    ):
        for name in names:
            if not ID.match(name):
                yield Fault(item.id, prop, f"{name!r} must be lower-case letters, digits and single _, letter first")
        for name in (name for name, times in Counter(names).items() if times > 1):
            yield Fault(item.id, prop, f"{name!r} is used more than once")


def _check_case(item: Item) -> Iterator[Fault]:
    """What is taken from the case, or sent to Nav, exists there."""
    for column in item.columns:
        if column.id not in BOUND_COLUMNS.get(item.type, (column.id,)):
            yield Fault(item.id, "columns", f"{column.id!r} is not one of {', '.join(BOUND_COLUMNS[item.type])}")
    for fact in item.facts:
        if fact.source not in FACTS:
            yield Fault(item.id, "facts", f"{fact.source!r} is not a fact of the case")


def _check_limits(item: Item) -> Iterator[Fault]:
    if len(item.options) > MAX_OPTIONS:
        yield Fault(item.id, "options", f"has {len(item.options)} options; at most {MAX_OPTIONS} are allowed")
    if item.min is not None and item.max is not None and item.min > item.max:
        yield Fault(item.id, "min", "is larger than max")
    if item.repeat.min > item.repeat.max:
        yield Fault(item.id, "repeat", "min is larger than max")
    yield from _check_calculation(item)
    if item.type not in ANSWERABLE and item.required not in (False,):
        yield Fault(item.id, "required", f"means nothing for type {item.type}")
    if isinstance(item.required, dict) and set(item.required) != {"if"}:
        yield Fault(item.id, "required", "must be true, false, recommended or {if: condition}")


def _check_calculation(item: Item) -> Iterator[Fault]:
    if item.calculate is not None and item.calculate.get("rule") not in CALCULATIONS:
        yield Fault(item.id, "calculate", f"rule must be one of {', '.join(CALCULATIONS)}")
    weeks = item.calculate.get("weeks", 0) if item.calculate else 0
    if item.calculate and (not set(item.calculate) <= {"rule", "weeks"} or type(weeks) is not int):
        yield Fault(item.id, "calculate", "holds rule and, as a whole number, weeks; nothing else")


def _rules(item: Item) -> Iterator[tuple[str, Condition]]:
    if item.visible_if is not None:
        yield "visible_if", item.visible_if
    if isinstance(item.required, dict):
        yield "required", item.required.get("if", True)
    for constraint in item.constraints:
        yield "constraints", constraint.expr


def _check_cycles(definition: QuestionSetDefinition) -> Iterator[Fault]:
    """Groups make their content depend on what the group depends on, so a cycle may go through a parent."""
    needs: dict[str, set[str]] = {}

    def collect(items: tuple[Item, ...], inherited: set[str]) -> None:
        for item in items:
            own = set(variables(item.visible_if)) if item.visible_if is not None else set()
            needs[item.id] = own | inherited
            collect(item.items, inherited | own)

    collect(definition.items, set())
    done: set[str] = set()
    for start in needs:
        trail = {start: iter(sorted(needs[start]))}
        while trail:
            name = next(reversed(trail))
            following = next(trail[name], None)
            if following is None:
                trail.popitem()
                done.add(name)
            elif following in trail:
                names = list(trail)
                circle = " → ".join([*names[names.index(following) :], following])
                yield Fault(name, "visible_if", f"goes in a circle: {circle}")
            elif following in needs and following not in done:
                trail[following] = iter(sorted(needs[following]))
