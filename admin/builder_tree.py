"""The set as a tree of rows with marks in words, and its faults with links: the left of the builder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from admin.builder_words import TYPES
from admin.words import told
from forms.definition import Fault, Item, QuestionSetDefinition, say
from forms.edit.start import name_of
from forms.fault_words import property_name
from services.set_drafts import OpenDraft

MOST_FAULTS = 60  # listed one by one


@dataclass(frozen=True)
class Row:
    """One item as the tree shows it. Two that read alike are equal, whatever lies in them."""

    id: str
    kind: str
    kind_name: str
    label: str
    marks: tuple[str, ...]
    faults: int
    locked: bool
    hidden: bool
    url: str
    rows: tuple[Row, ...] = field(default=(), compare=False)

    @property
    def fault_words(self) -> str:
        return ngettext("%(num)s feil", "%(num)s feil", self.faults) if self.faults else ""


@dataclass(frozen=True)
class FaultLink:
    """A fault and the way to the field that mends it."""

    label: str
    text: str
    url: str
    item_id: str
    anchor: str


def item_url(set_id: int, item_id: str, anchor: str = "") -> str:
    """The builder's page with this item open ("" is the set itself)."""
    return str(url_for("builder.index", id=set_id, item=item_id or None, _anchor=anchor or None))


class _Seen:
    """A draft as the key of a cache: equal when it is made of the very same objects. Content is read once per process,
    and to compare two sets takes as long as to look through one."""

    def __init__(self, opened: OpenDraft) -> None:
        self.opened = opened
        self.made_of = (opened.question_set.id, *map(id, (opened.definition, opened.base, *opened.published)))

    def __hash__(self) -> int:
        return hash(self.made_of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Seen) and other.made_of == self.made_of


def faults_of(opened: OpenDraft) -> list[Fault]:
    """As `opened.faults()`, at once when they were looked for before."""
    return _faults(_Seen(opened))


@lru_cache(maxsize=32)
def _faults(seen: _Seen) -> list[Fault]:
    return seen.opened.faults()


def tree(opened: OpenDraft, language: str) -> tuple[Row, ...]:
    """The rows of the draft, nested as it is."""
    return _tree(_Seen(opened), language, str(get_locale()))


@lru_cache(maxsize=32)
def _tree(seen: _Seen, language: str, reader: str) -> tuple[Row, ...]:
    return _Maker(seen.opened, Counter(fault.item for fault in _faults(seen)), language).rows(
        seen.opened.definition.items
    )


def all_rows(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from all_rows(row.rows)


def changed_rows(before: Sequence[Row], after: Sequence[Row]) -> list[Row]:
    """The rows that are new or read otherwise than before."""
    old = {row.id: row for row in all_rows(before)}
    return [row for row in all_rows(after) if old.get(row.id) != row]


def order(rows: Sequence[Row]) -> list[Any]:
    """Where each row stands: [id, those in it]."""
    return [[row.id, order(row.rows)] for row in rows]


class _Maker:
    def __init__(self, opened: OpenDraft, faults: Counter[str], language: str) -> None:
        self.opened, self.faults, self.language = opened, faults, language
        self.names = {kind: _(words.name) for kind, words in TYPES.items()}
        self.origin, self.is_base = opened.base or opened.live, opened.base is not None
        self.url = item_url(opened.question_set.id, "")
        self.earlier = {item.id: item for item in self.origin.walk()} if self.origin is not None else None

    def rows(self, items: tuple[Item, ...]) -> tuple[Row, ...]:
        return tuple(map(self.row, items))

    def row(self, item: Item) -> Row:
        return Row(
            id=item.id, kind=item.type, kind_name=self.names[item.type], label=item_label(item, self.language),
            marks=tuple(self.marks(item)), faults=self.faults[item.id], locked=item.locked, hidden=item.hidden,
            url=f"{self.url}&item={quote(item.id)}#panel", rows=self.rows(item.items),
        )  # fmt: skip

    def marks(self, item: Item) -> Iterator[str]:
        if item.hidden:
            yield _("skjult")
        if item.required is True:
            yield _("må besvares")
        elif item.required == "recommended":
            yield _("bør besvares")
        elif item.required:
            yield _("må besvares noen ganger")
        if item.visible_if is not None:
            yield _("vises noen ganger")
        if item.print.show == "paper":
            yield _("bare på papir")
        elif item.print.show == "screen":
            yield _("bare på skjerm")
        if starts_unwritten(item, self.opened.definition.languages):
            yield _("uferdig tekst")
        if self.earlier is not None:
            old = self.earlier.get(item.id)
            if old is None:
                yield _("lagt til")
            elif item != old and item.model_copy(update={"items": ()}) != old.model_copy(update={"items": ()}):
                yield _("endret")


def starts_unwritten(item: Item, languages: Collection[str]) -> bool:
    """A text is still what a new item begins with, as "Nytt spørsmål"."""
    given = name_of(item.type, languages)
    generic = say(given, "nb").startswith("Ny")
    return generic and any(item.text.get(code) == text for code, text in given.items())


def item_label(item: Item | QuestionSetDefinition | None, language: str) -> str:
    """What the item is called in the builder: its own text, else what kind of thing it is."""
    if item is None:
        return ""
    if isinstance(item, QuestionSetDefinition):
        return say(item.title, language)
    own = " ".join(say(item.text, language).split())
    return own[:160] if own else _(TYPES[item.type].name)


def fault_links(opened: OpenDraft, faults: Sequence[Fault], language: str) -> list[FaultLink]:
    """The faults in the order of the form, each with the address of its field."""
    items = {item.id: item for item in opened.definition.walk()}
    order = {"": -1, **{item_id: place for place, item_id in enumerate(items)}}
    found = sorted(faults, key=lambda fault: order.get(fault.item, len(order)))
    return [_fault_link(opened, fault, items.get(fault.item), language) for fault in found[:MOST_FAULTS]]


def _fault_link(opened: OpenDraft, fault: Fault, item: Item | None, language: str) -> FaultLink:
    anchor = f"r-{fault.property.partition('.')[0]}"
    shown_id = fault.item if item is not None else ""
    label = item_label(item, language) if item is not None else _("Hele skjemaet")
    url = item_url(opened.question_set.id, shown_id, anchor)
    return FaultLink(label, fault_text(fault), url, shown_id, anchor)


def fault_text(fault: Fault) -> str:
    """A fault as a sentence: what is wrong with which property."""
    text = f"{told(property_name(fault.property))} {told(fault.why)}"
    return text[:1].upper() + text[1:]


def position_words(definition: QuestionSetDefinition, item_id: str, language: str) -> str:
    """Where an item stands: for those who do not see the tree."""

    def search(items: tuple[Item, ...], parent: Item | None) -> str:
        for number, item in enumerate(items, 1):
            if item.id == item_id:
                place: dict[str, Any] = {"number": number, "count": len(items)}
                if parent is None:
                    return _("Nå nummer %(number)s av %(count)s.", **place)
                group = item_label(parent, language)
                return _("Nå nummer %(number)s av %(count)s i «%(group)s».", **place, group=group)
            if found := search(item.items, item):
                return found
        return ""

    return search(definition.items, None)
