"""Conditions as data: a closed subset of JsonLogic, three-valued. The server decides, the browser mirrors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from forms.fault_words import short
from forms.texts import Note

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_MANY = ("and", "or")
READERS = ("var", "answered", "count")  # take the id of a question
OPERATORS = ("var", *COMPARISONS, *_MANY, "!", "in", "answered", "count")
MAX_DEPTH = 10
MAX_NODES = 100


def check_condition(rule: Any) -> list[Note]:
    """Why `rule` is not a condition; empty when it is."""
    faults: list[Note] = []
    stack, nodes = [(rule, 1)], 0
    while stack:
        node, depth = stack.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            limits = {"most": MAX_NODES, "deep": MAX_DEPTH}
            return [*faults, Note("er for stor (høyst %(most)s deler i %(deep)s nivåer)", limits)]
        fault, parts = _look_at(node)
        faults += [fault] if fault else []
        stack += [(part, depth + 1) for part in parts]
    return faults


def _look_at(node: Any) -> tuple[Note | None, list[Any]]:
    """Why one part of a condition is wrong in itself, and the parts it is made of."""
    if isinstance(node, list):
        return None, node
    if node is None or isinstance(node, str | int) or (isinstance(node, float) and math.isfinite(node)):
        return None, []
    if not isinstance(node, dict) or len(node) != 1:
        return Note("må i hver del ha en verdi, en liste eller én operator med det den gjelder"), []
    ((name, operands),) = node.items()
    if name not in OPERATORS:
        values = {"name": short(name), "allowed": ", ".join(OPERATORS)}
        return Note("har «%(name)s», som ikke er en operator (bruk %(allowed)s)", values), []
    if name in READERS:
        return (
            None if isinstance(operands, str) else Note("må gi %(name)s navnet på ett spørsmål", {"name": name})
        ), []
    wanted = 1 if name == "!" else 2
    given = operands if isinstance(operands, list) else [operands]
    if len(given) == wanted or (name in _MANY and given):
        return None, given
    return Note("må gi %(name)s %(count)s deler", {"name": name, "count": wanted}), given


def variables(rule: Any) -> Iterator[str]:
    """The ids that `rule` reads."""
    stack = [rule]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            for name, operands in node.items():
                if name in READERS and isinstance(operands, str):
                    yield operands
                else:
                    stack.append(operands)


def holds(rule: Any, values: Mapping[str, Any]) -> bool | None:
    """True, False, or None when an answer it needs is not given (undetermined)."""
    result = _value(rule, values)
    return result if isinstance(result, bool) or result is None else bool(result)


def comparable(answer: Any) -> Any:
    """An answer as conditions see it: a choice is its code, several choices their list of codes."""
    if isinstance(answer, dict):
        return answer.get("code", answer.get("codes"))
    return answer


def _value(rule: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(rule, list):
        return [_value(part, values) for part in rule]
    if not isinstance(rule, dict):
        return rule
    ((name, operands),) = rule.items()
    match name:
        case "var":
            return comparable(values.get(operands))
        case "answered":
            return values.get(operands) not in (None, "", [], {})
        case "count":
            given = comparable(values.get(operands))
            return len(given) if isinstance(given, list) else 0 if given in (None, "") else 1
        case "!":
            inner = holds(operands[0] if isinstance(operands, list) else operands, values)
            return None if inner is None else not inner
        case "and" | "or":
            parts = [holds(part, values) for part in (operands if isinstance(operands, list) else [operands])]
            decided = name == "or"
            return decided if decided in parts else None if None in parts else not decided
        case _:
            return _compare(name, *(_value(part, values) for part in operands))


def _compare(name: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if name == "in":
        if isinstance(right, list):
            return any(_same(left, part) for part in right) or (None if None in right else False)
        return left in right if isinstance(left, str) and isinstance(right, str) else None
    if name in ("==", "!="):
        if None in (*_parts(left), *_parts(right)):
            return None
        return _same(left, right) is (name == "==")
    kind = (int, float) if _is_number(left) else str
    if not isinstance(left, kind) or not isinstance(right, kind) or isinstance(right, bool):
        return None
    match name:
        case "<":
            return left < right  # type: ignore[operator,no-any-return]
        case "<=":
            return left <= right  # type: ignore[operator,no-any-return]
        case ">":
            return left > right  # type: ignore[operator,no-any-return]
        case _:
            return left >= right  # type: ignore[operator,no-any-return]


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(left: Any, right: Any) -> bool:
    """Equal and of one kind: yes is not 1, as in the browser."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)
