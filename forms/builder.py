"""A question set as a WTForms form, made anew for each request, and what was posted read back question by question.

Names in the request: `q_<item>` for one value, `q_<item>__c_<option>` for the comment to an option,
`q_<item>-<n>-<column>` for a cell (n from 1), `q_<item>__<row>__done|signed|sent` for a checklist. What may be left out
of a request though it was shown (ticks, rows) has the marker `q_<item>__shown`: without it the answer is unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

from wtforms import Field, Form
from wtforms.widgets import TextArea, TextInput

from forms.answers import CHECKLIST_CELLS, check, check_all, clean, merge, sections
from forms.conditions import comparable
from forms.conditions import variables as variables_of
from forms.definition import ANSWERABLE, Item, Option, QuestionSetDefinition, say, walk
from forms.sheet import Node, Sheet, is_required, known_values, visible
from forms.texts import Note, translator

PREFIX = "q_"
SPARE_ROWS = 2  # empty rows after those of a table, for those without JavaScript
NOT_POSTED: Any = object()
_MARKED = ("boolean", "choice", "multichoice", "table", "checklist")


class FormData(Protocol):
    """What WTForms and Werkzeug call form data."""

    def getlist(self, name: str, /) -> list[str]: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...


class Posted(NamedTuple):
    """`values` may be stored (None erases); `errors` tell why the others may not; `raw` is all as it was typed."""

    values: dict[str, Any]
    errors: dict[str, list[Note]]
    raw: dict[str, list[str]]


@dataclass(frozen=True)
class Control:
    """One control of a question that has several."""

    name: str
    value: str
    label: str = ""
    kind: str = "text"  # radio, checkbox, text, string, date, integer
    checked: bool = False
    dead_term: bool = False
    comment: Control | None = None

    @property
    def type(self) -> str:
        """Of the input."""
        return control_type(self.kind, self.value)

    @property
    def id(self) -> str:
        return f"{self.name}--{self.value or 'none'}" if self.kind in ("radio", "checkbox") else self.name


def field_name(item_id: str) -> str:
    return PREFIX + item_id


def render(item: Item, value: Any) -> dict[str, list[str]]:
    """The request that a browser sends when it was shown `value` and nothing was touched."""
    name = field_name(item.id)
    sent = {f"{name}__shown": ["1"]} if item.type in _MARKED else {}
    given: dict[str, Any] = value if isinstance(value, dict) else {}
    match item.type:
        case "boolean":
            sent[name] = ["" if value is None else "yes" if value else "no"]
        case "choice" | "multichoice":
            sent[name] = [given.get("code") or ""] if item.type == "choice" else list(given.get("codes", []))
            comments = given.get("comments", {})
            sent |= {f"{name}__c_{o.code}": [comments.get(o.code, "")] for o in item.options if o.comment}
        case "table":
            for number, row in enumerate(value or [], 1):
                sent |= {f"{name}-{number}-{column.id}": [row.get(column.id, "")] for column in item.columns}
        case "checklist":
            for row in item.rows:
                cells = given.get(row.id, {})
                sent |= {f"{name}__{row.id}__{cell}": [cells.get(cell, "")] for cell in CHECKLIST_CELLS}
        case _:
            sent[name] = ["" if value is None else str(value)]
    return sent


def parse(item: Item, data: FormData) -> Any:
    """The answer in a request, not yet tidy; NOT_POSTED when the question was not part of it."""
    name = field_name(item.id)
    if f"{name}__shown" not in data and (name not in data or item.type in ("table", "checklist")):
        return NOT_POSTED
    match item.type:
        case "choice" | "multichoice":
            comments = {o.code: text for o in item.options if (text := _first(data, f"{name}__c_{o.code}"))}
            if item.type == "choice":
                return {"code": _first(data, name) or None, "comments": comments}
            return {"codes": data.getlist(name), "comments": comments}
        case "table":
            numbers = sorted(_row_numbers(name, data))
            return [{c.id: _first(data, f"{name}-{number}-{c.id}") for c in item.columns} for number in numbers]
        case "checklist":
            return {
                row.id: {cell: _first(data, f"{name}__{row.id}__{cell}") for cell in CHECKLIST_CELLS}
                for row in item.rows
            }
    return _first(data, name)


def _first(data: FormData, name: str) -> str:
    return (data.getlist(name) or [""])[0]


def _row_numbers(name: str, data: FormData) -> set[int]:
    pattern = re.compile(re.escape(name) + r"-(\d{1,5})-", re.ASCII)
    return {int(found[1]) for key in data if (found := pattern.match(key))}


def _belongs(name: str, key: str) -> bool:
    return key == name or key.startswith((f"{name}__", f"{name}-"))


class QuestionField(Field):
    """One question. `typed` is what the controls show: what was posted, else the stored answer."""

    item: Item
    typed: dict[str, list[str]]
    posted: bool

    def __init__(self, item: Item, language: str, stored: Any, readonly: bool, **kwargs: Any) -> None:
        super().__init__(label=say(item.text, language), description=say(item.help, language), **kwargs)
        self.item, self.language, self.stored, self.readonly = item, language, stored, readonly
        self.widget = _WIDGETS.get(item.type, _WIDGETS["string"])

    def process(self, formdata: Any, data: Any = None, extra_filters: Sequence[Any] | None = None) -> None:
        self.process_errors: list[str] = []
        self.object_data = self.data = self.stored
        self.typed, self.posted = render(self.item, self.stored), False
        if formdata is None or self.readonly:
            return
        value = parse(self.item, formdata)
        if value is not NOT_POSTED:
            self.posted, self.data = True, clean(self.item, value)
            self.typed = {key: formdata.getlist(key) for key in formdata if _belongs(self.name, key)}

    def _value(self) -> str:
        return self._cell(self.name, self.item.type)

    def _cell(self, name: str, kind: str) -> str:
        """As typed, but a date or time that can be read is written as its control wants it."""
        text = (self.typed.get(name) or [""])[0]
        return str(clean(_NATIVE[kind], text) or "") if kind in _NATIVE else text

    @property
    def control_type(self) -> str:
        return control_type(self.item.type, self._value())

    def choices(self) -> list[Control]:
        """The radios or checkboxes; the last radio takes the answer back."""
        ticked, kind = self.typed.get(self.name, []), "checkbox" if self.item.type == "multichoice" else "radio"
        if self.item.type == "boolean":
            return [
                Control(self.name, value, kind=kind, checked=value in (ticked or [""])) for value in ("yes", "no", "")
            ]
        stored = render(self.item, self.stored)[self.name]
        found = [
            Control(
                self.name, option.code, say(option.text, self.language), kind, option.code in ticked,
                option.dead_term, self._comment(option),
            )
            for option in self.item.options
            if not option.retired or option.code in (*stored, *ticked)
        ]  # fmt: skip
        return found if kind == "checkbox" else [*found, Control(self.name, "", kind=kind, checked=not any(ticked))]

    def _comment(self, option: Option) -> Control | None:
        name = f"{self.name}__c_{option.code}"
        label = say(option.text, self.language)
        return Control(name, self._cell(name, option.comment), label, option.comment) if option.comment else None

    def table(self) -> list[tuple[int, list[Control]]]:
        """Rows with their number: those typed in, then spare ones as far as `repeat.max` allows."""
        filled = (key for key, given in self.typed.items() if key.startswith(f"{self.name}-") and any(given))
        numbers = sorted({int(key.split("-")[1]) for key in filled})
        last, wanted = max(numbers, default=0), max(len(numbers) + SPARE_ROWS, self.item.repeat.min)
        spare = 0 if self.readonly else max(min(wanted, self.item.repeat.max) - len(numbers), 0)
        return [(number, self.row(number)) for number in [*numbers, *range(last + 1, last + 1 + spare)]]

    def unseen_rows(self) -> int:
        """How many of the last rows are only for those without JavaScript; one empty row is for everybody."""
        filled = [any(cell.value for cell in cells) for _, cells in self.table()]
        trailing = filled[::-1].index(True) if any(filled) else len(filled) - 1
        return max(min(SPARE_ROWS, trailing), 0)

    def row(self, number: int | str) -> list[Control]:
        """The cells of one row; `number` is "__i__" in the row that JavaScript copies."""
        cells = ((column, f"{self.name}-{number}-{column.id}") for column in self.item.columns)
        return [Control(name, self._cell(name, c.type), say(c.text, self.language), c.type) for c, name in cells]

    def checklist(self) -> list[tuple[str, str, list[Control]]]:
        """Rows as (when, what, [done, signed, sent]); a repealed row only where it holds something."""
        found = []
        for row in self.item.rows:
            names = [f"{self.name}__{row.id}__{cell}" for cell in CHECKLIST_CELLS]
            cells = [
                Control(n, self._cell(n, k), kind=k) for n, k in zip(names, ("date", "string", "string"), strict=True)
            ]
            if not row.repealed or any(cell.value for cell in cells):
                found.append((say(row.when, self.language), say(row.text, self.language), cells))
        return found


_WIDGETS: dict[str, Any] = {"text": TextArea(), "string": TextInput()}
_NATIVE = {kind: Item(id=kind, type=kind) for kind in ("date", "time")}  # what a browser has a control of its own for


def control_type(kind: str, value: str) -> str:
    """`type` of an input. A date or time that cannot be read is shown in a text field: a native one would drop it."""
    if kind not in _NATIVE:
        return "text"
    tidy = clean(_NATIVE[kind], value)
    return kind if tidy is None or (tidy == value and not check(_NATIVE[kind], tidy)) else "text"


class QuestionForm(Form):
    """Base of the classes that `build_form` makes."""

    definition: ClassVar[QuestionSetDefinition]
    language: ClassVar[str]
    answers: ClassVar[Mapping[str, Any]]
    variables: ClassVar[Mapping[str, Any]]

    def questions(self) -> Iterator[QuestionField]:
        return (field for field in self if isinstance(field, QuestionField))

    def question(self, item_id: str) -> QuestionField | None:
        return self._fields.get(field_name(item_id))  # type: ignore[return-value]

    def posted_answers(self) -> dict[str, Any]:
        """Tidied answers of the questions that were part of the request, valid or not."""
        return {field.item.id: field.data for field in self.questions() if field.posted}

    def notes(self) -> dict[str, list[Note]]:
        """Why posted answers cannot be stored, by item id."""
        posted = self.posted_answers()
        after = merge(self.answers, posted)
        return check_all(
            self.definition, after, self.variables, self.language, previous=self.answers, only=posted.keys()
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Messages in the form's language go to the fields' `errors`."""
        found, gettext = self.notes(), translator(self.language)
        for field in self.questions():
            field.errors = [note.say(gettext) for note in found.get(field.item.id, [])]
        return not found


def build_form(
    definition: QuestionSetDefinition,
    language: str,
    answers: Mapping[str, Any],
    variables: Mapping[str, Any],
    *,
    readonly: bool = False,
    only: str | None = None,
) -> type[QuestionForm]:
    """A new class for this request, with a field `q_<item>` for each question of the section `only`, or of all.

    `answers` are the stored ones; give the instance `formdata` to show what was posted. Raises KeyError for an unknown
    section."""
    members: dict[str, Any] = {
        field_name(item.id): _unbound(item, language, answers.get(item.id), readonly)
        for item in _items(definition, only)
    }
    members |= {"definition": definition, "language": language, "answers": answers, "variables": variables}
    return type("PlanForm", (QuestionForm,), members)


def _unbound(item: Item, language: str, stored: Any, readonly: bool) -> Any:
    return QuestionField(item, language, stored, readonly)  # WTForms binds it to each instance


def _items(definition: QuestionSetDefinition, only: str | None) -> list[Item]:
    if only is None:
        return definition.questions()
    section = {section.id: section for section in sections(definition)}[only]
    return [item for item in walk(section.items) if item.type in ANSWERABLE]


def read_posted(source: QuestionForm | FormData, definition: QuestionSetDefinition, only: str | None = None) -> Posted:
    """What a request says. Give a bound form where you can: it knows the stored answers, so that constraints between
    questions and options that were retired since are judged rightly."""
    if isinstance(source, QuestionForm):
        form = source
    else:
        form = build_form(definition, definition.languages[0], {}, {}, only=only)(source)  # type: ignore[arg-type]
    ids = {item.id for item in _items(definition, only)}
    errors = {name: notes for name, notes in form.notes().items() if name in ids}
    posted = {name: value for name, value in form.posted_answers().items() if name in ids}
    raw: dict[str, list[str]] = {}
    for field in form.questions():
        if field.posted and field.item.id in ids:
            raw |= field.typed
    return Posted({name: value for name, value in posted.items() if name not in errors}, errors, raw)


@dataclass(frozen=True)
class Question:
    """An item as a screen shows it. Rules are JSON for static/plan.js, which only mirrors what the server decided."""

    item: Item
    label: str
    help: str
    examples: tuple[str, ...]
    unit: str
    field: QuestionField | None  # for what takes an answer
    node: Node | None  # from the sheet: facts, rows of the case, calculated text
    hidden: bool
    required: Any  # True, "recommended" or False now
    visible_if: str = ""
    required_if: str = ""
    items: tuple[Question, ...] = ()
    is_new: bool = False  # came with a version that the plan has moved to


@dataclass(frozen=True)
class Screen:
    """One section on screen. `known` is JSON of the values its rules read from elsewhere."""

    id: str
    title: str
    items: tuple[Question, ...]
    known: str
    language: str


def screen(
    form: QuestionForm, section_id: str, sheet: Sheet | None = None, new: Collection[str] = frozenset()
) -> Screen:
    """What the macro `section` in plan/questions.html shows. `sheet` gives facts, tables of the case and calculated
    texts; `new` are ids to mark as new. Raises KeyError for an unknown section."""
    definition, language = form.definition, form.language
    section = {part.id: part for part in sections(definition)}[section_id]
    answers = merge(form.answers, form.posted_answers())
    known = known_values(definition, answers, form.variables)
    nodes = {node.id: node for node in _nodes(sheet.nodes)} if sheet else {}

    def question(item: Item) -> Question:
        rule = item.required["if"] if isinstance(item.required, dict) else None
        return Question(
            item, say(item.text, language), say(item.help, language), tuple(say(t, language) for t in item.examples),
            say(item.unit, language), form.question(item.id), nodes.get(item.id), not visible(item, known),
            is_required(item, known), "" if item.visible_if is None else json.dumps(item.visible_if),
            "" if rule is None else json.dumps(rule), questions(item.items), item.id in new,
        )  # fmt: skip

    def questions(items: Sequence[Item]) -> tuple[Question, ...]:
        return tuple(question(item) for item in items if item.print.show != "paper")

    title = say(section.label, language) if section.items[0].type == "group" else ""
    return Screen(section_id, title, questions(section.items), _known_elsewhere(section.items, known), language)


def _nodes(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _nodes(node.items)


def _known_elsewhere(items: Sequence[Item], known: Mapping[str, Any]) -> str:
    """Values that the rules of these items need and the browser cannot read on this screen."""
    inside = list(walk(tuple(items)))
    names = {name for item in inside for rule in (item.visible_if, item.required) for name in variables_of(rule)}
    shown = {item.id for item in inside if item.type in ANSWERABLE}
    values = {name: known[name] for name in sorted(names - shown) if known.get(name) is not None}
    # A checklist has no value of its own to compare, but it may be answered: an object says so.
    return json.dumps({name: {} if comparable(v) is None else comparable(v) for name, v in values.items()})
