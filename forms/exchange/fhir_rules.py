"""When an item is shown: our conditions as FHIR's enableWhen, where they say exactly the same, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from forms.exchange.fhir_model import EnableWhen, FhirItem
from forms.format import Condition
from forms.texts import N_, Note

FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
CODE = re.compile(r"[^\s]+( [^\s]+)*\Z")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z", re.ASCII)
_ANSWERS = {
    "boolean": "answerBoolean", "integer": "answerInteger", "date": "answerDate", "time": "answerTime",
    "string": "answerString", "text": "answerString", "choice": "answerCoding", "multichoice": "answerCoding",
}  # fmt: skip
_ORDERED = ("integer", "date", "time")


class Question(NamedTuple):
    """A question as conditions need to know it, by our id; `codes` are ours by theirs."""

    id: str
    type: str
    link: str
    codes: Mapping[str, str] = {}
    system: str = ""


def enable_when(rule: Condition | None, questions: Mapping[str, Question]) -> dict[str, Any]:
    """The properties that say `rule`; none when FHIR cannot say exactly that."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return {}
    ((joiner, parts),) = rule.items()
    if joiner not in ("and", "or"):
        behavior, clauses = _clauses(rule, questions)
    else:
        behavior = "all" if joiner == "and" else "any"
        clauses = []
        for part in parts if isinstance(parts, list) else [parts]:
            inner, found = _clauses(part, questions)
            if not found or (len(found) > 1 and inner != behavior):
                return {}
            clauses += found
    more = {"enableBehavior": behavior} if len(clauses) > 1 else {}
    return {"enableWhen": clauses} | more if clauses else {}


def _clauses(rule: Any, questions: Mapping[str, Question]) -> tuple[str, list[dict[str, Any]]]:
    """What one comparison is in FHIR, and how its clauses are joined. An answer not given makes ours undetermined, and
    what depends on it not shown; in FHIR it makes "!=" true, so that needs "exists" too."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return "all", []
    ((name, operands),) = rule.items()
    if name == "!":
        inner = operands[0] if isinstance(operands, list) and len(operands) == 1 else operands
        return _clauses(_negated(inner), questions)
    if name == "var":
        return _compared("==", operands, True, questions, ("boolean",))
    if name in ("answered", "not answered"):
        question = questions.get(operands) if isinstance(operands, str) else None
        clause = question and {"question": question.link, "operator": "exists", "answerBoolean": name == "answered"}
        return "all", [clause] if clause else []
    if not isinstance(operands, list) or len(operands) != 2:
        return "all", []
    left, right = operands
    if name in ("in", "not in"):
        if isinstance(right, list) and name == "in":
            each = [_compared("==", _read(left), value, questions, ("choice",))[1] for value in right]
            return "any", [clause for clauses in each for clause in clauses] if all(each) else []
        return _compared("==" if name == "in" else "!=", _read(right), left, questions, ("multichoice",))
    if _read(left) is None:
        name, left, right = FLIPPED.get(name, ""), right, left
    return _compared(name, _read(left), right, questions, tuple(kind for kind in _ANSWERS if kind != "multichoice"))


def _negated(rule: Any) -> Any:
    """What holds where `rule` does not, and is undetermined where it is; None when `rule` is not one comparison."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return None
    ((name, operands),) = rule.items()
    opposite = {**NEGATED, "answered": "not answered", "in": "not in"}.get(name)
    if name == "var":
        return {"==": [rule, False]}
    return {opposite: operands} if opposite else None


def _read(operand: Any) -> str | None:
    name = operand.get("var") if isinstance(operand, dict) and len(operand) == 1 else None
    return name if isinstance(name, str) else None


def _compared(
    operator: str, name: Any, value: Any, questions: Mapping[str, Question], kinds: tuple[str, ...]
) -> tuple[str, list[dict[str, Any]]]:
    question = questions.get(name) if isinstance(name, str) else None
    if question is None or question.type not in kinds or operator not in FLIPPED:
        return "all", []
    if operator not in ("==", "!=") and question.type not in _ORDERED:
        return "all", []
    answer = _answer_out(question, value)
    if answer is None:
        return "all", []
    sign = "=" if operator == "==" else operator
    clause = {"question": question.link, "operator": sign, _ANSWERS[question.type]: answer}
    given = {"question": question.link, "operator": "exists", "answerBoolean": True}
    return "all", [given, clause] if sign == "!=" else [clause]


def _answer_out(question: Question, value: Any) -> Any:
    match question.type:
        case "boolean":
            return value if isinstance(value, bool) else None
        case "integer":
            return value if type(value) is int and abs(value) < 2**31 else None
        case "date":
            return value if isinstance(value, str) and _DATE.match(value) else None
        case "time":
            return f"{value}:00" if isinstance(value, str) and _TIME.match(value) else None
        case "string" | "text":
            return value if isinstance(value, str) and value.strip() and value.isprintable() else None
    return {"system": question.system, "code": value} if isinstance(value, str) and CODE.match(value) else None


def condition(item: FhirItem, find: Callable[[str], Question | None]) -> tuple[Condition | None, list[Note]]:
    """Our condition for an item's enableWhen, and why there is none when it cannot be read."""
    parts: list[dict[str, Any]] = []
    strictly = item.enableBehavior == "all"
    given = {clause.question for clause in item.enableWhen if clause.operator == "exists" and clause.answer is True}
    negated = {clause.question for clause in item.enableWhen if clause.operator == "!="}
    for clause in item.enableWhen:
        question = find(clause.question)
        if question is None:
            note = N_("Vises etter et vilkår om «%(question)s», som ikke kan leses her. Punktet vises nå alltid.")
            return None, [Note(note, {"question": clause.question})]
        known = strictly and clause.question in given
        if known and clause.operator == "exists" and clause.answer is True and clause.question in negated:
            continue  # that it is answered is part of our "!="
        part = _part(clause, question, known)
        if part is None:
            note = N_("Vises etter et vilkår om «%(question)s» som ikke finnes hos oss. Punktet vises nå alltid.")
            return None, [Note(note, {"question": clause.question})]
        parts.append(part)
    if len(parts) < 2:
        return next(iter(parts), None), []
    return {"and" if strictly else "or": parts}, []


def _part(clause: EnableWhen, question: Question, known: bool) -> dict[str, Any] | None:
    answered = {"answered": question.id}
    if clause.operator == "exists":
        return answered if clause.answer is True else {"!": answered} if clause.answer is False else None
    operator = "==" if clause.operator == "=" else clause.operator
    value = _answer_in(question, clause.answer)
    if operator not in FLIPPED or value is None:
        return None
    read = {"var": question.id}
    if operator not in ("==", "!="):
        return {operator: [read, value]} if question.type in _ORDERED else None
    same = {"in": [value, read]} if question.type == "multichoice" else {operator: [read, value]}
    if operator == "==":
        return same
    differs = {"!": same} if question.type == "multichoice" else same
    return differs if known else {"or": [{"!": answered}, differs]}


def _answer_in(question: Question, value: Any) -> Any:
    match question.type:
        case "boolean":
            return value if isinstance(value, bool) else None
        case "integer":
            if isinstance(value, float) and value.is_integer():
                return int(value)
            return value if type(value) is int else None
        case "date":
            return value[:10] if isinstance(value, str) and _DATE.match(value[:10]) else None
        case "time":
            return value[:5] if isinstance(value, str) and _TIME.match(value[:5]) else None
        case "string" | "text":
            return value if isinstance(value, str) else None
        case "choice" | "multichoice":
            return question.codes.get(str(value.get("code") if isinstance(value, dict) else value))
    return None
