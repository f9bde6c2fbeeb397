"""Any condition in plain words, however nested: «Har dere hatt møte?» er ja, og …"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forms import format as texts
from forms.conditions import check_condition
from forms.conditions.subjects import NO, YES, Subject, find_subject, read
from forms.conditions.tree import COUNTS, Asked, Joiner, Leaf, Many, asked, normal, operators_of, opposite, relation
from forms.fault_words import short
from forms.format import QuestionSetDefinition, Texts
from forms.sheet import day_text
from forms.texts import N_, Note

_JOINED: dict[Joiner, str] = {"all": N_("%(first)s, og %(second)s"), "any": N_("%(first)s, eller %(second)s")}
_COUNTED = {
    "count_ge": N_("%(question)s har minst %(value)s kryss"),
    "count_le": N_("%(question)s har høyst %(value)s kryss"),
    "count_is": N_("%(question)s har akkurat %(value)s kryss"),
}
_NUMBER_OF = {"choices": N_("antall kryss for %(question)s"), "rows": N_("antall rader i %(question)s")}
# What "in" asks, by what is looked in; first of what is so, then of what is not.
_AMONG = {
    "choices": (Note("har kryss for"), Note("har ikke kryss for")),
    "text": (Note("inneholder"), Note("inneholder ikke")),
    "list": (Note("er en av"), Note("er ikke en av")),
}


def words(definition: QuestionSetDefinition, rule: Any, language: str, say: Callable[[str], str]) -> str:
    """`rule` as a person says it: labels of the set in `language`, the rest through `say`, a gettext. Also of faulty
    rules: a question that does not exist is called by its id."""
    speaker = _Speaker(definition, language, say)
    if check_condition(rule):
        return speaker.note(Note("en betingelse som ikke kan leses"))
    return speaker.tree(normal(rule))


@dataclass(frozen=True)
class _Speaker:
    definition: QuestionSetDefinition
    language: str
    gettext: Callable[[str], str]

    def note(self, note: Note) -> str:
        return note.say(self.gettext)

    def tree(self, node: Leaf | Many, nested: bool = False) -> str:
        if isinstance(node, Leaf):
            return self.leaf(node)
        first, *rest = (self.tree(part, nested=True) for part in node.parts)
        for part in rest:
            first = self.note(Note(_JOINED[node.joiner], {"first": first, "second": part}))
        return f"({first})" if nested else first

    def leaf(self, leaf: Leaf) -> str:
        if not isinstance(leaf.rule, dict):
            return self.note(Note("alltid") if bool(leaf.rule) is not leaf.negated else Note("aldri"))
        found = asked(leaf)
        subject = self.find(found.question) if found else None
        if found and subject and found.operator in operators_of(subject):
            return self.clause(found, subject)
        ((name, operands),) = leaf.rule.items()
        match name:
            case "answered":
                how = Note("er ikke besvart") if leaf.negated else Note("er besvart")
                return self.phrase(self.question(operands), how)
            case "var":
                return self.phrase(self.question(operands), Note("er"), self.note(NO if leaf.negated else YES))
            case "count":
                return self.compared("<" if leaf.negated else ">=", leaf.rule, 1)
            case "in":
                part, whole = operands
                return self.among(part, whole, leaf.negated)
        left, right = operands
        return self.compared(opposite(name) if leaf.negated else name, left, right)

    def clause(self, found: Asked, subject: Subject) -> str:
        question = self.question(found.question)
        if found.operator in COUNTS:
            return self.note(Note(_COUNTED[found.operator], {"question": question, "value": found.value}))
        value = "" if found.value is None else self.value(found.value, subject)
        return self.phrase(question, operators_of(subject)[found.operator], value)

    def compared(self, symbol: str, left: Any, right: Any) -> str:
        one, other = read(left, self.find), read(right, self.find)
        subject = one or other
        how = relation(symbol, subject.kind if subject else "number")
        return self.phrase(self.operand(left, subject), how, self.operand(right, subject))

    def among(self, part: Any, whole: Any, negated: bool) -> str:
        one, other = read(part, self.find), read(whole, self.find)
        if isinstance(whole, list):
            return self.phrase(self.operand(part, None), _AMONG["list"][negated], self.operand(whole, one))
        how = _AMONG["choices" if other and other.kind == "choices" else "text"][negated]
        return self.phrase(self.operand(whole, None), how, self.operand(part, other))

    def phrase(self, left: str, how: Note, right: str = "") -> str:
        values = {"left": left, "how": how, "right": right}
        return self.note(Note("%(left)s %(how)s %(right)s", values) if right else Note("%(left)s %(how)s", values))

    def operand(self, node: Any, beside: Subject | None) -> str:
        """One side of a comparison; a value is told as an answer to the question `beside` it."""
        match node:
            case {"var": str(name)}:
                return self.question(name)
            case {"count": str(name)}:
                subject = self.find(name)
                text = _NUMBER_OF.get(subject.kind if subject else "", N_("antall svar på %(question)s"))
                return self.note(Note(text, {"question": self.question(name)}))
            case dict():
                return f"({self.tree(normal(node))})"
            case list():
                return ", ".join(self.operand(part, beside) for part in node)
        return self.value(node, beside)

    def value(self, value: Any, subject: Subject | None) -> str:
        if isinstance(value, bool):
            return self.note(YES if value else NO)
        if value is None:
            return self.note(Note("ingenting"))
        if subject and subject.kind == "date":
            return day_text(str(value), self.language)
        if not isinstance(value, str) or (subject and subject.kind == "time"):
            return str(value)
        return self.quoted(dict(subject.values if subject else ()).get(value, value))

    def question(self, name: str) -> str:
        subject = self.find(name)
        if subject and isinstance(subject.label, Note):  # the plan, the case
            return self.note(subject.label)
        return self.quoted(subject.label if subject else name)

    def quoted(self, text: str | Texts | Note) -> str:
        plain = (
            text
            if isinstance(text, str)
            else self.note(text)
            if isinstance(text, Note)
            else texts.say(text, self.language)
        )
        return self.note(Note("«%(text)s»", {"text": short(plain, 120)}))

    def find(self, name: str) -> Subject | None:
        return find_subject(self.definition, name)
