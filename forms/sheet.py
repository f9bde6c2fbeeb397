"""A question set with its answers as one person reads it in one language: what screens show, paper prints and a
finished plan freezes. One tree, so that a rule about hidden or empty answers is written once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from babel.dates import format_date

from forms.conditions import holds
from forms.definition import Item, Print, QuestionSetDefinition, Strict, canonical, say

Language = Literal["nb", "nn", "en", "se"]
_YES_NO = {"nb": ("Ja", "Nei"), "nn": ("Ja", "Nei"), "en": ("Yes", "No"), "se": ("Jo", "Ii")}
_LOCALE = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB", "se": "se_NO"}


class SheetOption(Strict):
    code: str
    text: str
    chosen: bool = False
    comment_kind: Literal["text", "date"] | None = None
    comment: str = ""


class SheetColumn(Strict):
    id: str
    text: str
    type: str
    width: int


class SheetFact(Strict):
    source: str
    label: str
    value: str
    width: int


class SheetRow(Strict):
    """A fixed row of a checklist."""

    id: str
    when: str
    text: str
    done: str = ""
    signed: str = ""
    sent: str = ""


class SheetSigner(Strict):
    role: str
    label: str
    required: bool


class Node(Strict):
    """One item, resolved: language chosen, answer put in, hidden children left out."""

    id: str
    type: str
    label: str
    help: str
    examples: tuple[str, ...] = ()
    required: bool | Literal["recommended"] = False
    value: Any = None  # the stored answer
    shown: str = ""  # the answer as text: dates written out, yes/no in words, number with unit
    options: tuple[SheetOption, ...] = ()
    columns: tuple[SheetColumn, ...] = ()
    table: tuple[dict[str, str], ...] = ()  # rows as text by column id: tables and rows of the case
    facts: tuple[SheetFact, ...] = ()
    rows: tuple[SheetRow, ...] = ()
    signers: tuple[SheetSigner, ...] = ()
    copies_to: str = ""
    unit: str = ""
    blank_rows: int = 0
    law_part: str | None = None
    print: Print = Print()
    items: tuple[Node, ...] = ()

    @property
    def answered(self) -> bool:
        return self.value not in (None, "", [], {}) or bool(self.table)


class Sheet(Strict):
    """The whole form. `blank` sheets hold every item and no answer."""

    format: Literal[1] = 1
    key: str
    version: int
    kind: str
    title: str
    subtitle: str
    language: Language
    blank: bool
    head: str = ""
    made_by: str = ""
    approved_by: str = ""
    revised: str = ""
    nodes: tuple[Node, ...] = ()

    def canonical(self) -> str:
        return canonical(self.model_dump(mode="json"))

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class Context:
    """What a sheet takes from the case. All values are text ready to read, in the sheet's language."""

    facts: Mapping[str, str] = field(default_factory=dict)  # by source, see definition.FACTS
    variables: Mapping[str, Any] = field(default_factory=dict)  # "plan.kind": first|extension, "case.kind": …
    measures: Sequence[Mapping[str, str]] = ()  # by column id, see definition.BOUND_COLUMNS
    contacts: Sequence[Mapping[str, str]] = ()
    absence: Sequence[Mapping[str, str]] = ()
    calculated: Mapping[str, str] = field(default_factory=dict)  # by item id


def build_sheet(
    definition: QuestionSetDefinition,
    language: str,
    answers: Mapping[str, Any] | None = None,
    context: Context | None = None,
) -> Sheet:
    """Resolve `definition` for reading. `answers=None` makes a blank sheet with every item shown."""
    blank = answers is None
    context = context or Context()
    known = known_values(definition, answers or {}, context.variables)
    maker = _Maker(language, blank, known, context, known)
    return Sheet(
        key=definition.key, version=definition.version, kind=definition.kind, language=language,  # type: ignore[arg-type]
        title=say(definition.title, language), subtitle=say(definition.subtitle, language), blank=blank,
        head=say(definition.paper.head, language), made_by=say(definition.paper.made_by, language),
        approved_by=say(definition.paper.approved_by, language), revised=definition.paper.revised,
        nodes=maker.nodes(definition.items),
    )  # fmt: skip


def known_values(
    definition: QuestionSetDefinition, answers: Mapping[str, Any], variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Variables and the answers that count: not those to hidden questions (a question that depends on one is then not
    answered for either), and no comments to options that are not chosen. One pass, since conditions look backwards."""
    known: dict[str, Any] = dict(variables)

    def take(items: Sequence[Item]) -> None:
        for item in items:
            if visible(item, known):
                if item.id in answers and (value := _counting(answers[item.id])) is not None:
                    known[item.id] = value
                take(item.items)

    take(definition.items)
    return known


def _counting(value: Any) -> Any:
    """A choice without the comments to options not chosen; None when nothing is chosen."""
    if not isinstance(value, dict) or "comments" not in value:
        return value
    codes = value.get("codes") or ([value["code"]] if value.get("code") else [])
    if not codes:
        return None
    return {**value, "comments": {code: text for code, text in value["comments"].items() if code in codes}}


def with_fact(sheet: Sheet, source: str, value: str) -> Sheet:
    """The sheet with another text for one fact: a screen shows an identity number masked, paper shows it whole."""

    def changed(node: Node) -> Node:
        facts = tuple(
            f.model_copy(update={"value": value}) if f.source == source and f.value else f for f in node.facts
        )
        return node.model_copy(update={"facts": facts, "items": tuple(map(changed, node.items))})

    return sheet.model_copy(update={"nodes": tuple(map(changed, sheet.nodes))})


def visible(item: Item, known: Mapping[str, Any]) -> bool:
    """Whether the item's own condition lets it be seen; undetermined means not yet."""
    return item.visible_if is None or holds(item.visible_if, known) is True


def is_required(item: Item, known: Mapping[str, Any]) -> bool | Literal["recommended"]:
    """What the item demands with these answers."""
    if isinstance(item.required, dict):
        return holds(item.required["if"], known) is True
    return item.required


def day_text(value: str, language: str) -> str:
    """An ISO date as 5. mars 2026; other text as it is."""
    try:
        return format_date(dt.date.fromisoformat(value), "d. MMMM y", locale=_LOCALE.get(language, "nb_NO"))
    except ValueError:
        return value


@dataclass(frozen=True)
class _Maker:
    language: str
    blank: bool
    answers: Mapping[str, Any]
    context: Context
    known: Mapping[str, Any]

    def nodes(self, items: Sequence[Item]) -> tuple[Node, ...]:
        return tuple(self.node(item) for item in items if self.blank or visible(item, self.known))

    def say(self, texts: Any) -> str:
        return say(texts, self.language)

    def node(self, item: Item) -> Node:
        value = self.answers.get(item.id)
        return Node(
            id=item.id, type=item.type, label=self.say(item.text), help=self.say(item.help),
            examples=tuple(self.say(text) for text in item.examples),
            required=False if self.blank else is_required(item, self.known),
            value=value, shown=self.shown(item, value), options=self.options(item, value),
            columns=tuple(
                SheetColumn(id=c.id, text=self.say(c.text), type=c.type, width=c.width) for c in item.columns
            ),
            table=self.table(item, value),
            facts=tuple(
                SheetFact(source=f.source, label=self.say(f.text), width=f.width,
                          value="" if self.blank else self.context.facts.get(f.source, ""))
                for f in item.facts
            ),
            rows=self.rows(item, value),
            signers=tuple(SheetSigner(role=s.role, label=self.say(s.text), required=s.required) for s in item.signers),
            copies_to=self.say(item.copies_to), unit=self.say(item.unit), blank_rows=item.repeat.blank_rows,
            law_part=item.law_part, print=item.print, items=self.nodes(item.items),
        )  # fmt: skip

    def shown(self, item: Item, value: Any) -> str:
        if item.type == "calculated":
            return self.context.calculated.get(item.id, "")
        if value is None:
            return ""
        match item.type:
            case "date":
                return day_text(value, self.language)
            case "boolean":
                return _YES_NO[self.language][0 if value else 1]
            case "integer":
                return f"{value} {self.say(item.unit)}".strip()
            case "choice" | "multichoice":
                chosen = [o for o in self.options(item, value) if o.chosen]
                return ", ".join(f"{o.text}: {o.comment}" if o.comment else o.text for o in chosen)
            case "text" | "string" | "time":
                return str(value)
        return ""

    def options(self, item: Item, value: Any) -> tuple[SheetOption, ...]:
        """A retired option is shown only where it was chosen."""
        given = value if isinstance(value, dict) else {}
        codes = given.get("codes", [given.get("code")])
        comments = given.get("comments", {})
        return tuple(
            SheetOption(
                code=o.code, text=self.say(o.text), chosen=o.code in codes, comment_kind=o.comment,
                comment=day_text(comments.get(o.code, ""), self.language)
                if o.comment == "date" else comments.get(o.code, ""),
            )
            for o in item.options
            if not o.retired or o.code in codes
        )  # fmt: skip

    def table(self, item: Item, value: Any) -> tuple[dict[str, str], ...]:
        if self.blank:
            return ()
        bound = {
            "measures": self.context.measures,
            "contact_log": self.context.contacts,
            "absence": self.context.absence,
        }
        if item.type in bound:
            return tuple({c.id: row.get(c.id, "") for c in item.columns} for row in bound[item.type])
        if item.type != "table":
            return ()
        dates = {c.id for c in item.columns if c.type == "date"}
        return tuple(
            {
                c.id: day_text(str(row.get(c.id, "")), self.language) if c.id in dates else str(row.get(c.id, "") or "")
                for c in item.columns
            }
            for row in value or []
        )

    def rows(self, item: Item, value: Any) -> tuple[SheetRow, ...]:
        given = value or {}
        return tuple(
            SheetRow(
                id=r.id, when=self.say(r.when), text=self.say(r.text),
                done=day_text(given.get(r.id, {}).get("done", ""), self.language),
                signed=given.get(r.id, {}).get("signed", ""), sent=given.get(r.id, {}).get("sent", ""),
            )
            for r in item.rows
            if not r.repealed or self.blank or r.id in given
        )  # fmt: skip
