"""The survey sheet as items: groups within groups, tables with their columns, and what cannot be carried over, told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel

from forms.definition import MAX_DEPTH
from forms.exchange.xlsform_book import Book, Message, Row
from forms.exchange.xlsform_choices import Choices
from forms.exchange.xlsform_columns import (
    COLUMN_EXTRAS,
    EXTRAS,
    FACT_EXTRAS,
    MULTILINE,
    OWN_TYPES,
    REPEATED,
    ROW_EXTRAS,
    SIGNER_EXTRAS,
    TEXT_EXTRAS,
    Extra,
    put,
)
from forms.exchange.xlsform_rules import Rules, json_of
from forms.exchange.xlsform_texts import Languages, Names, drop_unfit, fill, tell_references, truth
from forms.exchange.xlsform_types import Control, Kind, control_of, kind_of
from forms.exchange.xpath import VARIABLE, Question, reference
from forms.format import Column, Constraint, Fact, Item, Signer
from forms.format import Row as ChecklistRow
from forms.texts import N_, Note

Data = dict[str, Any]
Tell = Callable[[Note], None]
_PARTS = {"facts": "facts", "checklist": "rows", "signatures": "signers"}
_MODELS: dict[str, tuple[type[BaseModel], tuple[Extra, ...]]] = {
    "columns": (Column, COLUMN_EXTRAS), "facts": (Fact, FACT_EXTRAS), "rows": (ChecklistRow, ROW_EXTRAS),
    "signers": (Signer, SIGNER_EXTRAS),
}  # fmt: skip
_IN_TABLE = ("string", "text", "date", "integer")


@dataclass
class _Open:
    """A begin row that has not ended."""

    control: str  # group, repeat or loop; "" for the form itself
    name: str
    items: list[Data]  # where its questions go
    depth: int  # of those
    row: int = 0
    item: Data | None = None
    takes: str = ""  # its rows are not questions but columns, facts, rows or signers of `item`


class Made(NamedTuple):
    """An item and the row that it came from."""

    item: Data
    row: Row
    question: Question


class Survey:
    """Reads the survey sheet; `items` holds the result, `messages` what there is to tell."""

    def __init__(self, book: Book, languages: Languages, messages: list[Message], *, ours: bool) -> None:
        self.languages, self.messages, self.ours = languages, messages, ours
        self.choices = Choices(book, languages, messages)
        self.items: list[Data] = []
        self.made: list[Made] = []
        self.scope: dict[str, Question] = {}
        rows = book.rows("survey")
        self.ids = Names(row.get("name") for row in rows)
        self.part_names: dict[int, Names] = {}  # by table or checklist
        self.open = [_Open("", "", self.items, 1)]
        for row in rows:
            self.row(row)
        for left in self.open[1:]:
            note = Note(N_("«%(name)s» mangler en rad som slutter. Den slutter sist i skjemaet."), {"name": left.name})
            self.messages.append(Message("survey", left.row, note))

    def teller(self, row: Row) -> Tell:
        return lambda note: self.messages.append(Message(row.sheet, row.number, note))

    def row(self, row: Row) -> None:
        tell = self.teller(row)
        kind = row.get("type")
        if truth(row.get("disabled")):
            tell(Note(N_("Raden er slått av (disabled) og er ikke tatt med.")))
        elif not kind:
            tell(Note(N_("Raden har ingen type og er ikke tatt med.")))
        elif control := control_of(kind):
            (self.begin if control.begins else self.end)(control, row, tell)
            return
        elif kind == "hidden" and row.get("name").startswith(VARIABLE):
            return
        else:
            read = kind_of(kind, row.get("control", "appearance"))
            if read.note:
                tell(read.note)
            if read.type:
                self.question(row, read, tell)
                return
        row.used |= row.cells.keys()

    def end(self, control: Control, row: Row, tell: Tell) -> None:
        row.used |= row.cells.keys()
        depths = [depth for depth, each in enumerate(self.open) if each.control == control.what]
        if not depths:
            tell(Note(N_("Raden slutter noe som ikke er begynt. Den er ikke tatt med.")))
            return
        if depths[-1] != len(self.open) - 1:
            tell(Note(N_("Raden slutter noe annet enn det som begynte sist.")))
        del self.open[depths[-1] :]

    def begin(self, control: Control, row: Row, tell: Tell) -> None:
        here, name = self.open[-1], row.get("name")
        if control.what == "repeat":
            if here.takes:
                tell(Note(N_("En tabell kan ikke stå i en annen. Den er lagt etter den.")))
            item = self.item(row, self.own_type(row, REPEATED, "table", tell), tell)
            self.repeat_count(item, row, tell)
            outer = self.place(here)
            outer.items.append(item)
            self.open.append(_Open("repeat", name, outer.items, outer.depth, row.number, item, "columns"))
            return
        if control.what == "loop":
            tell(Note(N_("En løkke (loop) finnes ikke her. Spørsmålene står én gang.")))
        if here.takes == "columns":
            tell(Note(N_("En tabell kan ikke ha grupper. Spørsmålene i gruppen er blitt kolonner.")))
            row.under("label")
            self.open.append(_Open(control.what, name, here.items, here.depth, row.number, here.item, "columns"))
            return
        self.group(control, row, tell)

    def group(self, control: Control, row: Row, tell: Tell) -> None:
        outer, name = self.place(self.open[-1]), row.get("name")
        kind = self.own_type(row, tuple(_PARTS), "group", tell)
        takes = _PARTS.get(kind, "")
        if not takes and outer.depth >= MAX_DEPTH:
            text = N_(
                "Grupper kan stå %(most)s nivåer dypt. Denne er løst opp; vilkåret på den gjelder bare overskriften."
            )
            tell(Note(text, {"most": MAX_DEPTH - 1}))
            kind = "info"
        item = self.item(row, kind, tell)
        if kind != "info" or "text" in item:
            outer.items.append(item)
        if kind == "group":
            item["items"] = []
            self.open.append(_Open(control.what, name, item["items"], outer.depth + 1, row.number, item))
        else:
            self.open.append(_Open(control.what, name, outer.items, outer.depth, row.number, item, takes))

    def place(self, here: _Open) -> _Open:
        """The nearest that takes questions."""
        return here if not here.takes else next(each for each in reversed(self.open) if not each.takes)

    def own_type(self, row: Row, fitting: tuple[str, ...], otherwise: str, tell: Tell) -> str:
        word = row.get("x", "type")
        if word in fitting and word in OWN_TYPES:
            return word
        if word:
            note = Note(N_("«%(word)s» i x::type passer ikke til typen. Den er lest som %(type)s."))
            tell(note._replace(values={"word": word, "type": row.get("type")}))
        return otherwise

    def question(self, row: Row, kind: Kind, tell: Tell) -> None:
        here = self.open[-1]
        if here.takes and here.item is not None:
            self.part(here, row, kind, tell)
            return
        own = self.own_type(row, ("calculated",) if kind.type == "info" else (), kind.type, tell)
        options, codes = list[Data](), dict[str, str]()
        if kind.list_name and own in ("choice", "multichoice"):
            options, codes = self.choices.options(kind.list_name, with_other=kind.with_other)
        item = self.item(row, own, tell, codes)
        if options:
            item["options"] = [dict(option) for option in options]
        if kind.with_other:
            tell(Note(N_("«or_other» er blitt svaret «Annet» med et eget felt.")))
        if row.get("type").split()[0].lower() == "range":
            self.range_limits(item, row)
        self.open[-1].items.append(item)

    def item(self, row: Row, kind: str, tell: Tell, codes: dict[str, str] | None = None) -> Data:
        """An item with all that stands in its own row, but its rules."""
        name = row.get("name")
        item_id = self.ids.fit(name, "sporsmal")
        if name != reference(item_id):
            told = (
                N_("«%(name)s» har fått navnet %(id)s.")
                if name
                else N_("Raden mangler name og har fått navnet %(id)s.")
            )
            tell(Note(told, {"name": name, "id": item_id}))
        item: Data = {"id": item_id, "type": kind}
        for prop, path in (
            ("text", ("label",)),
            ("help", ("hint",)),
            *((p, ("x", p)) for p, _ in TEXT_EXTRAS.values()),
        ):
            if texts := self.languages.texts(row, *path, tell=tell):
                item[prop] = texts
                if not self.ours:
                    tell_references(texts.values(), tell)
        self.guidance(item, row, tell)
        fill(item, row, EXTRAS)
        if isinstance(item.get("calculate"), dict):
            item["calculate"] = _calculation(item["calculate"])
        question = Question(item_id, kind, codes or {})
        self.scope.setdefault(name, question)
        self.made.append(Made(item, row, question))
        self.appearance(row, kind)
        return item

    def appearance(self, row: Row, kind: str) -> None:
        """All that an appearance can say here is that a text has several lines."""
        if (kind, row.get("control", "appearance")) != ("text", MULTILINE):
            row.used.discard(("control", "appearance"))

    def guidance(self, item: Data, row: Row, tell: Tell) -> None:
        """What XLSForm shows on paper only joins the help."""
        for language, text in self.languages.texts(row, "guidance_hint", tell=tell).items():
            texts = item.setdefault("help", {})
            texts[language] = "\n".join(filter(None, (texts.get(language), text)))
        if ("guidance_hint",) in {tokens[:1] for tokens in row.cells}:
            tell(Note(N_("«guidance_hint» er lagt til hjelpeteksten.")))

    def repeat_count(self, item: Data, row: Row, tell: Tell) -> None:
        count = row.get("control", "jr:count")
        if count.isdecimal() and 1 <= int(count) <= 50:
            put(item, "repeat.min", int(count))
            put(item, "repeat.max", int(count))
        elif count:
            tell(Note(N_("Antallet rader kan ikke regnes ut her. repeat_count er ikke tatt med.")))

    def range_limits(self, item: Data, row: Row) -> None:
        given = dict(part.split("=", 1) for part in row.get("parameters").replace(";", " ").split() if "=" in part)
        for name, prop in (("start", "min"), ("end", "max")):
            if given.get(name, "").lstrip("-").isdecimal():
                item.setdefault(prop, int(given[name]))

    def part(self, here: _Open, row: Row, kind: Kind, tell: Tell) -> None:
        """A row in a table, a checklist and the like: a column, a row, a fact or a signer of it."""
        assert here.item is not None  # noqa: S101
        if here.takes == "columns" and kind.type == "info":
            tell(Note(N_("Tekst kan ikke stå i en tabell. Raden er ikke tatt med.")))
            row.used |= row.cells.keys()
            return
        name = row.get("name").removeprefix(f"{here.name}.")
        part: Data = {"text": self.languages.texts(row, "label", tell=tell)}
        model, extras = _MODELS[here.takes]
        match here.takes:
            case "columns":
                part |= {"id": self.part_id(here, name, "kolonne", tell), "type": self.column_type(kind, tell)}
                self.appearance(row, part["type"])
            case "rows":
                part["id"] = self.part_id(here, name, "rad", tell)
                part["when"] = self.languages.texts(row, "hint", tell=tell)
            case "facts":
                part["source"] = ""
            case "signers":
                part["role"] = name
        fill(part, row, extras)
        drop_unfit(model, part, extras, tell)
        if here.takes != "signers" or "role" in part:
            here.item.setdefault(here.takes, []).append(part)

    def part_id(self, here: _Open, name: str, otherwise: str, tell: Tell) -> str:
        part_id = self.part_names.setdefault(id(here.item), Names()).fit(name, otherwise)
        if part_id != name:
            tell(Note(N_("«%(name)s» har fått navnet %(id)s."), {"name": name, "id": part_id}))
        return part_id

    def column_type(self, kind: Kind, tell: Tell) -> str:
        if kind.type in _IN_TABLE:
            return kind.type
        if kind.list_name:
            self.choices.used.add(kind.list_name)
        tell(Note(N_("En tabell kan ikke ha spørsmål av denne typen. Kolonnen er blitt en linje tekst.")))
        return "string"

    def apply(self, rules: Rules) -> None:
        """The rules of every item, now that all questions are known; then what the format refuses is dropped."""
        for made in self.made:
            item, row, tell = made.item, made.row, self.teller(made.row)
            if (rule := rules.relevant(row, tell)) is not None:
                item["visible_if"] = rule
            if required := rules.required(row, tell):
                item["required"] = required
            message = self.languages.texts(row, "bind", "jr:constraintMsg", tell=tell)
            if constraint := rules.constraint(row, made.question, message, tell):
                item["constraints"] = [constraint]
                drop_unfit(Constraint, constraint, (), tell)
            inner = item.pop("items", None)
            drop_unfit(Item, item, EXTRAS, tell)
            if inner is not None:
                item["items"] = inner


def _calculation(calculate: Data) -> Data:
    """A calculation that is more than a rule and weeks is kept as JSON."""
    rule, weeks = calculate.get("rule", ""), calculate.get("weeks")
    if isinstance(whole := json_of(rule), dict):
        return whole
    number = str(weeks or "").lstrip("-")
    return {**calculate, "weeks": int(weeks)} if weeks and number.isdecimal() else calculate
