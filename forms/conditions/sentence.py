"""Conditions as sentences: what an administrator builds from questions, operators and values.

A `Sentence` and its canonical JsonLogic turn into each other without loss. What is too nested for one sentence, or asks
what the lists do not offer, can still be said in `words`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from forms.conditions import check_condition
from forms.conditions.subjects import NO, VARIABLES, YES, Subject, can_be, find_subject, placed, subject_of
from forms.conditions.tree import COUNTS, SYMBOLS, WITHOUT_VALUE, Joiner, Leaf, Many, asked, normal, operators_of
from forms.conditions.words import words
from forms.format import Condition, QuestionSetDefinition, Texts
from forms.texts import Note
from forms.tidy import clean

__all__ = [
    "WITHOUT_VALUE", "Clause", "Joiner", "Sentence", "from_sentence", "operators", "subjects", "to_sentence", "values",
    "words",
]  # fmt: skip


class Clause(NamedTuple):
    """One thing asked of one question. `value` is "" for WITHOUT_VALUE, "true" or "false" for yes and no, a whole
    number for counts, else the answer as it is stored: a code, a whole number, YYYY-MM-DD, HH:MM."""

    question: str
    operator: str
    value: str = ""


class Sentence(NamedTuple):
    """All, or any, of the clauses. One clause alone is "all"."""

    joiner: Joiner
    clauses: tuple[Clause, ...]


def subjects(
    definition: QuestionSetDefinition, item_id: str, *, itself: bool = False
) -> list[tuple[str, Texts | Note]]:
    """What a condition of the item may ask about, with labels: the questions before it, then what is known of the plan
    and its case. `itself`: the item too, as in a constraint."""
    found: list[tuple[str, Texts | Note]] = []
    for place in placed(definition.items):
        subject = None if place.hidden or place.paper else subject_of(place.item)
        if subject and (subject.id != item_id or itself):
            found.append((subject.id, subject.label))
        if place.item.id == item_id:
            break
    return found + [(name, variable.label) for name, variable in VARIABLES.items()]


def operators(definition: QuestionSetDefinition, question: str) -> list[tuple[str, Note]]:
    """What may be asked of a question, with words; empty when nothing may."""
    subject = find_subject(definition, question)
    return list(operators_of(subject).items()) if subject else []


def values(definition: QuestionSetDefinition, question: str) -> list[tuple[str, Texts | Note]]:
    """What the answer can be, with words; empty when a number, a date or a time is to be written."""
    subject = find_subject(definition, question)
    if subject and subject.kind == "boolean":
        return [("true", YES), ("false", NO)]
    return list(subject.values) if subject else []


def from_sentence(definition: QuestionSetDefinition, sentence: Sentence) -> Condition | None:
    """The condition that a sentence says; None when a clause lacks something or nothing is asked. A code that is not
    among the options is let through: `faults` tells about it."""
    rules = [_rule(definition, clause) for clause in sentence.clauses]
    whole = [rule for rule in rules if rule is not None]
    if not whole or len(whole) < len(rules):
        return None
    return whole[0] if len(whole) == 1 else {"and" if sentence.joiner == "all" else "or": whole}


def _rule(definition: QuestionSetDefinition, clause: Clause) -> dict[str, Any] | None:
    question, operator, written = clause
    subject = find_subject(definition, question)
    if subject is None or operator not in operators_of(subject):
        return None
    if operator in WITHOUT_VALUE:
        return _unless(operator == "not_answered", {"answered": question})
    value = _read(definition, subject, operator, written.strip())
    if value is None:
        return None
    if operator in ("holds", "holds_not"):
        return _unless(operator == "holds_not", {"in": [value, {"var": question}]})
    if operator in COUNTS:
        return {COUNTS[operator]: [{"count": question}, value]}
    return {SYMBOLS[operator]: [{"var": question}, value]}


def _unless(negated: bool, rule: dict[str, Any]) -> dict[str, Any]:
    return {"!": rule} if negated else rule


def _read(definition: QuestionSetDefinition, subject: Subject, operator: str, written: str) -> Any:
    """A written value as the condition holds it; None when it cannot be one."""
    if operator in COUNTS:
        return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else None
    if subject.kind == "boolean":
        return {"true": True, "false": False}.get(written)
    if subject.kind in ("choice", "choices"):
        return written or None
    item = definition.find(subject.id)
    value = clean(item, written) if item else None  # as it may be typed in an answer
    return value if can_be(subject.kind, value) else None


def to_sentence(definition: QuestionSetDefinition, rule: Condition | None) -> Sentence | None:
    """The sentence that says just what `rule` does, whatever is answered; None when there is none."""
    if rule is None or check_condition(rule):
        return None
    tree = normal(rule)
    joiner, parts = (tree.joiner, tree.parts) if isinstance(tree, Many) else ("all", (tree,))
    clauses = [_clause(definition, part) for part in parts]
    sentence = Sentence(joiner, tuple(clause for clause in clauses if clause is not None))
    again = from_sentence(definition, sentence) if None not in clauses else None
    return None if again is None or check_condition(again) else sentence


def _clause(definition: QuestionSetDefinition, part: Leaf | Many) -> Clause | None:
    found = asked(part) if isinstance(part, Leaf) else None
    subject = find_subject(definition, found.question) if found else None
    if found is None or subject is None or found.operator not in operators_of(subject):
        return None
    written = _write(subject, found.operator, found.value)
    return None if written is None else Clause(found.question, found.operator, written)


def _write(subject: Subject, operator: str, value: Any) -> str | None:
    """The opposite of `_read`."""
    if operator in WITHOUT_VALUE:
        return ""
    if operator in COUNTS or subject.kind == "number":
        return str(value) if type(value) is int else None
    if not can_be(subject.kind, value):
        return None
    return str(value).lower() if subject.kind == "boolean" else str(value)
