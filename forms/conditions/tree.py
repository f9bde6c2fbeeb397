"""A condition without negations around groups, and what each of its leaves asks, so that it can be read and said."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from forms.conditions import COMPARISONS
from forms.conditions.subjects import VARIABLES, Kind, Subject
from forms.texts import Note

Joiner = Literal["all", "any"]


class Leaf(NamedTuple):
    rule: Any
    negated: bool


class Many(NamedTuple):
    """Several parts, none of them with the same joiner."""

    joiner: Joiner
    parts: tuple[Leaf | Many, ...]


class Asked(NamedTuple):
    """One thing asked of one question."""

    operator: str
    question: str
    value: Any  # None for operators without a value


WITHOUT_VALUE = ("answered", "not_answered")
SYMBOLS = {"is": "==", "is_not": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
COUNTS = {"count_ge": ">=", "count_le": "<=", "count_is": "=="}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}  # with the sides exchanged
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}

_GIVEN = {"answered": Note("er besvart"), "not_answered": Note("er ikke besvart")}
_FILLED = {"answered": Note("er fylt ut"), "not_answered": Note("er ikke fylt ut")}
_SAME = {"is": Note("er"), "is_not": Note("er ikke")}
_DAYS = {"lt": Note("er før"), "le": Note("er senest"), "gt": Note("er etter"), "ge": Note("er tidligst")}
_SIZE = {"lt": Note("er mindre enn"), "le": Note("er høyst"), "gt": Note("er større enn"), "ge": Note("er minst")}
_OPERATORS: dict[Kind, dict[str, Note]] = {
    "boolean": {"is": Note("er"), **_GIVEN},
    "choice": {**_SAME, **_GIVEN},
    "choices": {
        "holds": Note("har kryss for"), "holds_not": Note("har ikke kryss for"), **_GIVEN,
        "count_ge": Note("har minst så mange kryss:"), "count_le": Note("har høyst så mange kryss:"),
        "count_is": Note("har akkurat så mange kryss:"),
    },
    "number": {**_SAME, **_SIZE, **_FILLED},
    "date": {**_SAME, **_DAYS, **_FILLED}, "time": {**_SAME, **_DAYS, **_FILLED}, "text": _FILLED, "rows": _FILLED,
}  # fmt: skip


def operators_of(subject: Subject) -> dict[str, Note]:
    """What may be asked of a question, with words."""
    return _SAME if subject.id in VARIABLES else _OPERATORS[subject.kind]


def relation(symbol: str, kind: Kind) -> Note:
    """A comparison in words, also where the lists do not offer it."""
    name = next(name for name, sign in SYMBOLS.items() if sign == symbol)
    return {**_SAME, **(_DAYS if kind in ("date", "time") else _SIZE)}[name]


def opposite(symbol: str) -> str:
    """The comparison that holds where `symbol` does not; undetermined where it is."""
    return _OPPOSITE[symbol]


def normal(rule: Any, negated: bool = False) -> Leaf | Many:
    """`rule`, a condition of right shape, holding in just the same cases (also: undetermined)."""
    match rule:
        case {"!": inner}:
            return normal(_list(inner)[0], not negated)
        case {"and": parts} | {"or": parts}:
            return _joined("all" if ("and" in rule) is not negated else "any", _list(parts), negated)
        case {"in": [{"var": str()} as question, [_, *_] as codes]} if all(isinstance(c, str | int) for c in codes):
            return normal({"or": [{"==": [question, code]} for code in codes]}, negated)
    return Leaf(rule, negated)


def _joined(joiner: Joiner, rules: list[Any], negated: bool) -> Leaf | Many:
    parts: list[Leaf | Many] = []
    for rule in rules:
        part = normal(rule, negated)
        parts += part.parts if isinstance(part, Many) and part.joiner == joiner else [part]
    return parts[0] if len(parts) == 1 else Many(joiner, tuple(parts))


def asked(leaf: Leaf) -> Asked | None:
    """What a leaf asks, if it asks one thing of one question."""
    match leaf.rule:
        case {"answered": str(question)}:
            return Asked("not_answered" if leaf.negated else "answered", question, None)
        case {"in": [str(code), {"var": str(question)}]}:
            return Asked("holds_not" if leaf.negated else "holds", question, code)
        case {"var": str(question)}:
            return Asked("is", question, not leaf.negated)
    if not isinstance(leaf.rule, dict):
        return None
    ((symbol, operands),) = leaf.rule.items()
    if symbol not in COMPARISONS:
        return None
    return _compared(_OPPOSITE[symbol] if leaf.negated else symbol, operands[0], operands[1])


def _compared(symbol: str, left: Any, right: Any) -> Asked | None:
    if isinstance(right, dict):
        symbol, left, right = _TURNED[symbol], right, left
    match left:
        case {"var": str(question)} if isinstance(right, bool) and symbol in ("==", "!="):
            return Asked("is", question, right is (symbol == "=="))
        case {"var": str(question)} if isinstance(right, str | int | float):
            return Asked(next(name for name, sign in SYMBOLS.items() if sign == symbol), question, right)
        case {"count": str(question)} if type(right) is int and symbol != "!=":
            sign, number = {"<": ("<=", right - 1), ">": (">=", right + 1)}.get(symbol, (symbol, right))
            return Asked(next(name for name, one in COUNTS.items() if one == sign), question, number)
    return None


def _list(operands: Any) -> list[Any]:
    return operands if isinstance(operands, list) else [operands]
