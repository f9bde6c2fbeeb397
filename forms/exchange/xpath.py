"""Conditions as the XPath that XLSForm has in `relevant`, `required` and `constraint`, and back.

`to_xpath` says every condition so that a person can read it, though XPath may mean a little less or more by it;
`from_xpath` reads the part of XPath that our conditions can say and refuses the rest with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from forms.texts import N_, Note

YES, NO = "ja", "nei"  # names of the answers to a yes/no question
VARIABLE = ("plan.", "case.")  # what a condition may read besides questions
MAX_NESTED = 40
_COMPARED = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_READ_AS = {sign: name for name, sign in _COMPARED.items()}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>-?(?:\d+(?:\.\d*)?|\.\d+)) | (?P<text>"[^"]*"|'[^']*') | \$\{\s*(?P<ref>[^{}]+?)\s*\}
        | (?P<sign><=|>=|!=|=|<|>) | (?P<word>[A-Za-z_][\w:-]*) | (?P<mark>[().,]) | (?P<end>\Z) | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)


class Question(NamedTuple):
    """A question as expressions see it; `codes`: names of its options in the sheet → their codes here."""

    id: str
    kind: str
    codes: Mapping[str, str] = {}


class Unreadable(Exception):
    """An expression that our conditions cannot say; `note` tells why."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.text)
        self.note = note


def reference(item_id: str) -> str:
    """The name of an item in a workbook: its id, but "meta" means something else in XForms."""
    return "meta." if item_id == "meta" else item_id


def to_xpath(rule: Any, kinds: Mapping[str, str], own: str = "") -> str:
    """`rule` as XPath, "true()" when nothing comes near. `kinds`: types by item id; `own`: the item it stands at."""
    try:
        return _Writer(kinds, own).condition(rule)
    except (_NoXPath, RecursionError):
        return "true()"


def from_xpath(text: str, scope: Mapping[str, Question], own: Question | None = None) -> Any:
    """The condition that `text` says. `scope`: questions by their name in the sheet. Raises Unreadable."""
    return _Reader(text, scope, own).read()


class _NoXPath(Exception):
    pass


class _Writer:
    def __init__(self, kinds: Mapping[str, str], own: str) -> None:
        self.kinds, self.own = kinds, own

    def condition(self, rule: Any) -> str:
        """`rule` where true or false is wanted."""
        if isinstance(rule, dict) and len(rule) != 1:
            raise _NoXPath
        match rule:
            case {"var": str(name)} if self.kinds.get(name) == "boolean":
                return f"{self.ref(name)} = '{YES}'"
            case {"var": str(name)} | {"answered": str(name)}:
                return f"{self.counted(name)} > 0" if self.is_table(name) else f"{self.ref(name)} != ''"
            case {"count": str(name)}:
                return f"{self.counted(name)} > 0"
            case {"and": parts} | {"or": parts}:
                (word,) = rule
                return f" {word} ".join(self.nested(part) for part in _listed(parts)) or _truth(word == "and")
            case {"!": part}:
                return f"not({self.condition(part[0] if isinstance(part, list) and len(part) == 1 else part)})"
            case {"in": [left, right]}:
                return self.within(left, right)
            case dict():
                return self.comparison(rule)
            case None | bool() | int() | float() | str():
                return _truth(bool(rule))
        raise _NoXPath

    def comparison(self, rule: dict[str, Any]) -> str:
        ((operator, operands),) = rule.items()
        match operands:
            case [left, right] if operator in _COMPARED:
                return f"{self.value(left, right)} {_COMPARED[operator]} {self.value(right, left)}"
        raise _NoXPath

    def nested(self, rule: Any) -> str:
        text = self.condition(rule)
        joins = isinstance(rule, dict) and ({"and", "or"} & rule.keys() or ("in" in rule and " or " in text))
        return f"({text})" if joins else text

    def within(self, left: Any, right: Any) -> str:
        match right:
            case {"var": str(name)} if self.kinds.get(name) == "multichoice":
                return f"selected({self.ref(name)}, {self.value(left)})"
            case list():
                return (
                    " or ".join(f"{self.value(left, part)} = {self.value(part, left)}" for part in right) or "false()"
                )
        return f"contains({self.value(right)}, {self.value(left)})"

    def value(self, rule: Any, beside: Any = None) -> str:
        """`rule` where a value is wanted; `beside`: what it is compared with."""
        match rule:
            case bool():
                return (f"'{YES}'" if rule else f"'{NO}'") if self.is_asked(beside, "boolean") else _truth(rule)
            case int() | float():
                return format(Decimal(repr(rule)), "f")
            case str():
                return f"date('{rule}')" if _DATE.fullmatch(rule) else _quoted(rule)
            case None:
                return "''"
            case {"var": str(name)}:
                return self.ref(name)
            case {"count": str(name)}:
                return self.counted(name)
            case [part] if self.is_asked(beside, "multichoice"):
                return self.value(part)
            case dict():
                return f"({self.condition(rule)})"
        raise _NoXPath

    def counted(self, name: str) -> str:
        return f"count({self.ref(name)})" if self.is_table(name) else f"count-selected({self.ref(name)})"

    def ref(self, name: str) -> str:
        if name == self.own:
            return "."
        if not _NAME.fullmatch(name):
            raise _NoXPath
        return f"${{{reference(name)}}}"

    def is_table(self, name: str) -> bool:
        return self.kinds.get(name) in ("table", "measures", "contact_log", "absence")

    def is_asked(self, rule: Any, kind: str) -> bool:
        match rule:
            case {"var": str(name)}:
                return self.kinds.get(name) == kind
        return False


def _listed(parts: Any) -> list[Any]:
    return parts if isinstance(parts, list) else [parts]


def _truth(value: bool) -> str:
    return "true()" if value else "false()"


def _quoted(text: str) -> str:
    """A literal; XPath 1 cannot escape, so that a text with both kinds of quotes is put together."""
    for quote in "'\"":
        if quote not in text:
            return f"{quote}{text}{quote}"
    return "concat(" + ', "\'", '.join(f"'{part}'" for part in text.split("'")) + ")"


class _Reader:
    def __init__(self, text: str, scope: Mapping[str, Question], own: Question | None) -> None:
        self.text, self.scope, self.own = text, scope, own
        self.tokens = [(found.lastgroup, found[found.lastgroup or ""]) for found in _TOKEN.finditer(text)]
        self.place, self.depth = 0, 0
        self.asked: dict[str, Question] = {own.id: own} if own else {}

    def read(self) -> Any:
        rule = self.truth(self.either())
        if self.peek()[0] != "end":
            raise self.unreadable()
        return rule

    def unreadable(self, why: str = "", **values: str) -> Unreadable:
        text = why or N_("«%(rule)s» kan ikke leses som et vilkår. Det er ikke tatt med.")
        return Unreadable(Note(text, {"rule": shortened(self.text), **values}))

    def peek(self) -> tuple[str | None, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def next(self) -> tuple[str | None, str]:
        token = self.peek()
        self.place += 1
        return token

    def took(self, kind: str, *words: str) -> str:
        """The next token when it is one of these, else ""."""
        found, text = self.peek()
        if found != kind or text not in words:
            return ""
        self.place += 1
        return text

    def must(self, mark: str) -> None:
        if not self.took("mark", mark):
            raise self.unreadable()

    def either(self) -> Any:
        return self.joined("or", lambda: self.joined("and", self.comparison))

    def joined(self, word: str, part: Any) -> Any:
        parts = [part()]
        while self.took("word", word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else {word: [self.truth(each) for each in parts]}

    def comparison(self) -> Any:
        left = self.operand()
        while sign := self.took("sign", *_READ_AS):
            left = self.compared(_READ_AS[sign], left, self.operand())
        return left

    def operand(self) -> Any:
        kind, text = self.next()
        match kind:
            case "number":
                return float(text) if "." in text else int(text)
            case "text":
                return text[1:-1]
            case "ref":
                return {"var": self.question(text).id}
            case "word" if self.took("mark", "("):
                return self.call(text)
            case "mark" if text == "(":
                return self.inside(self.either)
            case "mark" if text == "." and self.own:
                return {"var": self.own.id}
        raise self.unreadable()

    def inside(self, part: Any) -> Any:
        self.depth += 1
        if self.depth > MAX_NESTED:
            raise self.unreadable()
        value = part()
        self.must(")")
        self.depth -= 1
        return value

    def call(self, name: str) -> Any:
        given: list[Any] = [] if self.took("mark", ")") else self.inside(self.arguments)
        match name, given:
            case (("true" | "false"), []):
                return name == "true"
            case "not", [rule]:
                return {"!": self.truth(rule)}
            case "selected", [{"var": str(asked)}, value]:
                return self.selected(asked, value)
            case "contains", [whole, part]:
                return {"in": [self.as_asked(part, whole, chosen=True), whole]}
            case (("count" | "count-selected"), [{"var": str(asked)}]):
                return {"count": asked}
            case "date", [str(day)]:
                return day
            case "concat", _ if all(isinstance(part, str) for part in given):
                return "".join(given)
        why = N_("«%(rule)s» bruker %(function)s(…), som ikke finnes her. Vilkåret er ikke tatt med.")
        raise self.unreadable(why, function=name)

    def arguments(self) -> list[Any]:
        given = [self.either()]
        while self.took("mark", ","):
            given.append(self.either())
        return given

    def question(self, name: str) -> Question:
        found = Question(name, "variable") if name.startswith(VARIABLE) else self.scope.get(name)
        if found is None:
            why = N_("«%(rule)s» leser «%(name)s», som ikke er et spørsmål her. Vilkåret er ikke tatt med.")
            raise self.unreadable(why, name=name)
        return self.asked.setdefault(found.id, found)

    def selected(self, asked: str, value: Any) -> Any:
        read = {"var": asked}
        if self.asked[asked].kind == "multichoice":
            return {"in": [self.as_asked(value, read, chosen=True), read]}
        return self.compared("==", read, value)

    def compared(self, operator: str, left: Any, right: Any) -> Any:
        for side, other in ((left, right), (right, left)):
            if other == "" and isinstance(side, dict) and "var" in side and operator in ("==", "!="):
                answered = {"answered": side["var"]}
                return answered if operator == "!=" else {"!": answered}
        return {operator: [self.as_asked(left, right, operator), self.as_asked(right, left, operator)]}

    def as_asked(self, value: Any, beside: Any, operator: str = "==", *, chosen: bool = False) -> Any:
        """A constant as the question `beside` it answers: codes, yes and no, numbers."""
        match beside:
            case {"var": str(name)} if isinstance(value, str | int | float):
                asked = self.asked[name]
            case _:
                return value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if operator not in ("==", "!=") and (
            asked.kind in ("choice", "multichoice") or (asked.kind != "integer" and is_number)
        ):
            why = N_("«%(rule)s» leser «%(name)s» som et tall, men det er ikke et tall her. Vilkåret er ikke tatt med.")
            raise self.unreadable(why, name=name)
        match asked.kind:
            case "choice" | "multichoice":
                code = self.code(value, asked)
                return [code] if asked.kind == "multichoice" and not chosen else code
            case "boolean" if not isinstance(value, bool):
                return self.yes_or_no(value)
            case "integer" if isinstance(value, str):
                return self.number(value)
        return str(value) if is_number and asked.kind != "integer" else value

    def code(self, value: Any, asked: Question) -> str:
        if isinstance(value, bool) or str(value) not in asked.codes:
            why = N_("«%(rule)s» leser svaret «%(answer)s», som «%(name)s» ikke har. Vilkåret er ikke tatt med.")
            raise self.unreadable(why, answer=str(value), name=asked.id)
        return asked.codes[str(value)]

    def yes_or_no(self, value: Any) -> bool:
        word = str(value).lower()
        if word not in (YES, NO, "yes", "no", "true", "false", "1", "0"):
            raise self.unreadable()
        return word in (YES, "yes", "true", "1")

    def number(self, value: str) -> int | float:
        try:
            return float(value) if "." in value else int(value)
        except ValueError:
            raise self.unreadable() from None

    def truth(self, rule: Any) -> Any:
        """`rule` where true or false is wanted: a question by itself is true when it is answered."""
        match rule:
            case {"var": str(name)} if self.asked[name].kind != "boolean":
                return {"answered": name}
            case {"var": str(name)}:
                return {"==": [rule, True]}
            case {"count": _}:
                return {">": [rule, 0]}
            case dict() | bool():
                return rule
        raise self.unreadable()


def shortened(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def questions(pairs: Iterable[tuple[str, Question]]) -> dict[str, Question]:
    """A scope; where two rows have one name, the first is meant."""
    scope: dict[str, Question] = {}
    for name, question in pairs:
        scope.setdefault(name, question)
    return scope
