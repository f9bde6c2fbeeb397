"""A definition as the rows of an XLSForm workbook: plain data, before anything is coloured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from forms.conditions import variables
from forms.exchange.xlsform_columns import (
    COLUMN_EXTRAS,
    EXACT,
    EXTRAS,
    FACT_EXTRAS,
    FORMAT,
    GROUPED,
    MULTILINE,
    OPTION_EXTRAS,
    OWN_TYPES,
    PART_EXTRAS,
    REPEATED,
    ROW_EXTRAS,
    SET_EXTRAS,
    SET_TEXTS,
    SIGNER_EXTRAS,
    SIMPLE,
    TEXT_EXTRAS,
    YES_NO,
    YES_NO_LIST,
    Extra,
    at,
    default,
    headed,
)
from forms.exchange.xpath import NO, VARIABLE, YES, Question, Unreadable, from_xpath, questions, reference, to_xpath
from forms.format import LANGUAGES, Condition, Constraint, Item, QuestionSetDefinition, canonical
from forms.tidy import clean_text

Cells = dict[str, str | int]


class Line(NamedTuple):
    """A row: its cells by heading, and what it is to the eye (locked, hidden, group, part or plain)."""

    cells: Cells
    look: str = "plain"


class Table(NamedTuple):
    """A sheet."""

    name: str
    headings: list[str]
    lines: list[Line]


def tables(definition: QuestionSetDefinition) -> list[Table]:
    """The sheets of a definition, in the order of the workbook."""
    return _Rows(definition).tables()


def scope_of(definition: QuestionSetDefinition) -> dict[str, Question]:
    """What expressions may read, by the name that it has in a workbook of ours."""
    return questions(
        (reference(item.id), Question(item.id, item.type, {option.code: option.code for option in item.options}))
        for item in definition.walk()
    )


class _Rows:
    def __init__(self, definition: QuestionSetDefinition) -> None:
        self.set = definition
        self.data = definition.model_dump(mode="json")
        found = _languages(self.data)
        self.others = [language for language in LANGUAGES if language in found - set(definition.languages)]
        self.languages = [*dict.fromkeys([*definition.languages, *self.others])] or ["nb"]
        self.kinds = {item.id: item.type for item in definition.walk()}
        self.scope = scope_of(definition)

    def tables(self) -> list[Table]:
        names = ["type", "name", *self.headed("label", "hint"), "required", "relevant", "constraint"]
        texts = [heading for name in TEXT_EXTRAS for heading in self.headed(name)]
        extras = [extra.header for extra in EXTRAS]
        parts = [extra.header for extra in PART_EXTRAS]
        survey = [*names, *self.headed("constraint_message"), "appearance", "x::type", "x::required"]
        more = ["question", "constraint", *self.headed("constraint_message"), EXACT["constraint"]]
        settings = self.settings()
        return [
            Table("survey", [*survey, *extras, *texts, *parts, *EXACT.values()], [*self.variables(), *self.survey()]),
            Table("choices", ["list_name", "name", *self.headed("label"), *_headers(OPTION_EXTRAS)], [*self.choices()]),
            Table("settings", list(settings), [Line(settings)]),
            Table("texts", ["name", *self.headed("label")], [*self.texts()]),
            Table("constraints", more, [*self.constraints()]),
            Table("examples", ["question", *self.headed("label")], [*self.examples()]),
        ]

    def headed(self, *columns: str) -> list[str]:
        return [headed(column, language) for column in columns for language in self.languages]

    def said(self, column: str, texts: Mapping[Any, str]) -> Cells:
        """The cells of a text in every language that has one."""
        cleaned = {language: clean_text(text) for language, text in texts.items()}
        return {headed(column, language): text for language, text in cleaned.items() if text}

    def settings(self) -> Cells:
        cells: Cells = {
            "form_title": self.said("title", self.set.title).get(headed("title", self.languages[0]), ""),
            "form_id": self.set.key,
            "version": self.set.version,
            "default_language": headed("", self.languages[0]).removeprefix("::"),
            "name": "attende.form",  # the root of the XForm: no table can have this name
            "x::attende": FORMAT,
            "x::languages": ", ".join(self.set.languages),
            "x::other_languages": ", ".join(self.others),
        }
        return cells | {extra.header: clean_text(at(self.data, extra.path)) for extra in SET_EXTRAS}

    def texts(self) -> Iterator[Line]:
        first = headed("label", self.languages[0])
        for name in SET_TEXTS:
            cells = self.said("label", at(self.data, name))
            if name == "title":
                cells.pop(first, None)  # it is form_title in settings
            yield Line({"name": name, **cells})

    def variables(self) -> Iterator[Line]:
        """What conditions read besides questions: XForms want a place for it."""
        read = {name for item in self.set.walk() for rule in _conditions(item) for name in variables(rule)}
        for name in sorted(read):
            if name.startswith(VARIABLE) and f"{{{name}}}" in to_xpath({"answered": name}, {}):
                yield Line({"type": "hidden", "name": name}, "part")

    def survey(self) -> Iterator[Line]:
        for item in self.set.items:
            yield from self.item(item)

    def item(self, item: Item) -> Iterator[Line]:
        name = reference(item.id)
        look = "hidden" if item.hidden else "locked" if item.locked else "group" if item.type == "group" else "plain"
        control = "group" if item.type in GROUPED else "repeat" if item.type in REPEATED else ""
        kind = f"begin_{control}" if control else self.kind(item)
        yield Line({"type": kind, "name": name, **self.properties(item)}, look)
        if control:
            yield from self.parts(item)
            for inner in item.items:
                yield from self.item(inner)
            yield Line({"type": f"end_{control}", "name": name}, look)

    def kind(self, item: Item) -> str:
        match item.type:
            case "choice":
                return f"select_one {item.id}"
            case "multichoice":
                return f"select_multiple {item.id}"
            case "boolean":
                return f"select_one {YES_NO_LIST}"
        return SIMPLE.get(item.type, "note")

    def properties(self, item: Item) -> Cells:
        data = item.model_dump(mode="json")
        cells = self.said("label", item.text) | self.said("hint", item.help)
        for header, (name, _) in TEXT_EXTRAS.items():
            cells |= self.said(header, data[name])
        if item.type == "text":
            cells["appearance"] = MULTILINE
        if item.type in OWN_TYPES:
            cells["x::type"] = item.type
        if item.visible_if is not None:
            cells |= self.rule("relevant", item.visible_if, item.visible_if)
        cells |= self.required(item)
        if item.constraints:
            cells |= self.constraint(item.constraints[0], item.id)
        cells |= _extra_cells(EXTRAS, data)
        if item.calculate is not None and not _is_plain(item.calculate):
            cells = {**cells, "x::rule": canonical(item.calculate)}
            cells.pop("x::weeks", None)
        return cells

    def required(self, item: Item) -> Cells:
        match item.required:
            case False:
                return {}
            case "recommended":
                return {"x::required": "recommended"}
            case True:
                cells: Cells = {"required": "yes"}
            case rule:
                cells = self.rule("required", rule.get("if", True), rule)
        if item.type == "checklist":  # a group, for which XLSForm has nothing to require
            cells["x::required"] = cells.pop("required")
        return cells

    def rule(self, column: str, rule: Condition, value: Any, own: str = "") -> Cells:
        """The XPath of a rule, and `value` exactly when the XPath does not say just that."""
        text = to_xpath(rule, self.kinds, own)
        try:
            read = from_xpath(text, self.scope, Question(own, self.kinds[own]) if own else None)
        except Unreadable:
            read = None
        exact = canonical(read) == canonical(rule)
        if column == "required":  # there true() is the same as yes
            exact = exact and set(value) == {"if"} and not isinstance(rule, bool)
        return {column: text} if exact else {column: text, EXACT[column]: canonical(value)}

    def constraint(self, constraint: Constraint, own: str) -> Cells:
        message = self.said("constraint_message", constraint.message)
        return self.rule("constraint", constraint.expr, constraint.expr, own) | message

    def parts(self, item: Item) -> Iterator[Line]:
        """The columns, facts, rows or signers of an item, as questions in it."""
        name = reference(item.id)
        for column in item.columns:
            cells = self.said("label", column.text) | _extra_cells(COLUMN_EXTRAS, column.model_dump(), "columns")
            cells |= {"appearance": MULTILINE} if column.type == "text" else {}
            yield Line({"type": SIMPLE[column.type], "name": f"{name}.{column.id}", **cells}, "part")
        for number, fact in enumerate(item.facts, 1):
            cells = self.said("label", fact.text) | _extra_cells(FACT_EXTRAS, fact.model_dump(), "facts")
            yield Line({"type": "text", "name": f"{name}.{number}", **cells}, "part")
        for row in item.rows:
            cells = self.said("label", row.text) | self.said("hint", row.when)
            extras = _extra_cells(ROW_EXTRAS, row.model_dump(), "rows")
            yield Line({"type": "date", "name": f"{name}.{row.id}", **cells, **extras}, "part")
        for signer in item.signers:
            cells = self.said("label", signer.text) | _extra_cells(SIGNER_EXTRAS, signer.model_dump(), "signers")
            yield Line({"type": "text", "name": f"{name}.{signer.role}", **cells}, "part")

    def choices(self) -> Iterator[Line]:
        for place, code in enumerate((YES, NO)):
            label = {language: YES_NO[language][place] for language in self.languages}
            yield Line({"list_name": YES_NO_LIST, "name": code, **self.said("label", label)}, "part")
        for item in self.set.walk():
            for option in item.options:
                extras = _extra_cells(OPTION_EXTRAS, option.model_dump(), "options")
                said = self.said("label", option.text)
                look = "hidden" if option.retired else "plain"
                yield Line({"list_name": item.id, "name": option.code, **said, **extras}, look)

    def constraints(self) -> Iterator[Line]:
        for item in self.set.walk():
            for constraint in item.constraints[1:]:
                yield Line({"question": reference(item.id), **self.constraint(constraint, item.id)})

    def examples(self) -> Iterator[Line]:
        for item in self.set.walk():
            for example in item.examples:
                yield Line({"question": reference(item.id), **self.said("label", example)})


def _headers(extras: Sequence[Extra]) -> list[str]:
    return [extra.header for extra in extras]


def _extra_cells(extras: Sequence[Extra], data: Mapping[str, Any], part: str = "") -> Cells:
    """What differs from what a property is when nothing is said."""
    cells: Cells = {}
    for extra in extras:
        value = at(data, extra.path)
        if value is None or value == default(extra.path, part):
            continue
        match value:
            case bool():
                cells[extra.header] = "yes" if value else "no"
            case int() if abs(value) < 10**15:  # as exact as a spreadsheet counts
                cells[extra.header] = value
            case _:
                cells[extra.header] = clean_text(str(value))
    return cells


def _is_plain(calculate: Mapping[str, Any]) -> bool:
    weeks = type(calculate.get("weeks", 0)) is int
    return weeks and isinstance(calculate.get("rule"), str) and set(calculate) <= {"rule", "weeks"}


def _conditions(item: Item) -> Iterator[Any]:
    yield item.visible_if
    if isinstance(item.required, dict):
        yield item.required
    yield from (constraint.expr for constraint in item.constraints)


def _languages(data: Any) -> set[str]:
    """The languages of every text in a definition."""
    found: set[str] = set()
    stack = [data]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            stack += node.values()
            if set(node) <= set(LANGUAGES) and all(isinstance(text, str) and text for text in node.values()):
                found |= set(node)
    return found
