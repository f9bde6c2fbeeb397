"""The middle of the builder: one item, or the set itself, as boxes of lines to fill in.

What there is to fill in is told by forms/edit/properties.py; here it is put in boxes, with what was typed and what is
wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin.builder_sentence import SentenceView, sentences
from admin.builder_tree import fault_text
from admin.builder_words import PART_WORDS
from admin.words import told
from forms.definition import Fault, Item
from forms.edit.parts import may_have
from forms.edit.properties import Field, Source, fields, part_keys, render
from forms.edit.table import PARTS, SECTIONS
from forms.texts import Note
from services.set_drafts import OpenDraft

# What is seldom changed of a part waits behind "Mer".
SELDOM = {"comment", "retired", "dead_term", "width", "milestone", "repealed"}
_NOT_LINES = ("type", "hidden", "locked", "languages", "kind")


@dataclass(frozen=True)
class Typed:
    """What came with a request and is not stored: the fields by name, why not by path, and what others stored."""

    posted: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, Note] = field(default_factory=dict)
    theirs: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""  # who stored it, as the heading of a conflict
    all: bool = False  # none of it is stored, as after a new login

    def has(self, path: str) -> bool:
        return self.all or path in self.errors or path in self.theirs


@dataclass(frozen=True)
class Cell:
    """One control of a line."""

    field: Field
    values: Sequence[str]
    base: str
    error: str = ""
    theirs: str | None = None  # in words, and as the control has it when that is one value
    theirs_value: str | None = None
    by: str = ""

    @property
    def id(self) -> str:
        return f"f-{self.field.path}"

    @property
    def value(self) -> str:
        return next(iter(self.values), "")

    @property
    def language(self) -> str:
        return self.field.language


@dataclass(frozen=True)
class Line:
    """One property: a control for each language, or a single one."""

    path: str
    kind: str
    label: str
    help: str
    cells: tuple[Cell, ...]
    language: str
    sentence: SentenceView | None = None
    anchor: str = ""  # where links to faults of the property lead
    faults: tuple[str, ...] = ()

    @property
    def root(self) -> str:
        return self.path.partition(".")[0]

    @property
    def name(self) -> str:
        """The last step of the path, as "width" in columns.c1.width; examples have but a number."""
        return self.root if self.root == "examples" else self.path.rpartition(".")[2]


@dataclass(frozen=True)
class PartRow:
    """One option, column … `kept` ones may have answers and are taken out of use rather than away."""

    key: str
    name: str
    lines: tuple[Line, ...]
    more: tuple[Line, ...]
    first: bool
    last: bool
    kept: bool
    retired: bool


@dataclass(frozen=True)
class PartBox:
    """All options, or all columns …"""

    root: str
    heading: str
    add: str
    rows: tuple[PartRow, ...]
    faults: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        return f"r-{self.root}"


@dataclass(frozen=True)
class Section:
    """A box that can be folded; `summary` says in words what is chosen in it."""

    id: str
    title: str
    summary: str
    open: bool
    boxes: tuple[Line | PartBox, ...]


def sections(
    opened: OpenDraft, item: Source, faults: Sequence[Fault], typed: Typed, language: str
) -> tuple[Section, ...]:
    """The boxes of an item or of the set."""
    return _Maker(opened, item, faults, typed, language).sections()


class _Maker:
    def __init__(self, opened: OpenDraft, item: Source, faults: Sequence[Fault], typed: Typed, language: str) -> None:
        self.opened, self.item, self.typed, self.language = opened, item, typed, language
        self.languages = tuple(dict.fromkeys(opened.definition.languages))
        item_id = item.id if isinstance(item, Item) else ""
        self.faults = [fault for fault in faults if fault.item == item_id]
        self.sentences = sentences(opened.definition, item, typed, language) if isinstance(item, Item) else {}
        self.kept = _kept_parts(opened, item_id)
        self.anchored = set[str]()

    def sections(self) -> tuple[Section, ...]:
        shown = [one for one in fields(self.item, self.languages) if one.path not in _NOT_LINES]
        by_section: dict[str, list[Field]] = {section: [] for section in SECTIONS}
        for one in shown:
            by_section[one.about.section].append(one)
        return tuple(made for name, found in by_section.items() if (made := self.section(name, found)))

    def section(self, name: str, found: list[Field]) -> Section | None:
        boxes = [*self.boxes(found), *self.empty_boxes(name, {one.part for one in found})]
        if not boxes:
            return None
        about_answer = name == "answer" and any(isinstance(box, PartBox) for box in boxes)
        trouble = any(_troubled(box) for box in boxes)
        return Section(
            name, _(SECTIONS[name]), self.summary(name), name == "texts" or about_answer or trouble, tuple(boxes)
        )

    def boxes(self, found: Iterable[Field]) -> Iterable[Line | PartBox]:
        for part, own in groupby(found, key=lambda one: one.part):
            if part:
                yield self.part_box(part, list(own))
            else:
                yield from self.lines(own)

    def lines(self, found: Iterable[Field]) -> Iterable[Line]:
        for path, own in groupby(found, key=_path_of):
            group = list(own)
            about, root = group[0].about, path.partition(".")[0]
            first = not group[0].part and root not in self.anchored
            self.anchored.add(root)
            yield Line(
                path, about.kind, _(about.label), _(about.help) if about.help else "", tuple(map(self.cell, group)),
                self.language, self.sentences.get(path), f"r-{root}" if first else "",
                self.faults_of(root) if first else (),
            )  # fmt: skip

    def cell(self, one: Field) -> Cell:
        path, typed = one.path, self.typed
        kept = typed.has(path)
        values = typed.posted.get(path, []) if kept else one.typed.get(path, [])
        base = next(iter(typed.posted.get(f"{path}__base", [])), one.base) if typed.all else one.base
        error = typed.errors.get(path)
        if path not in typed.theirs:
            return Cell(one, values, base, told(error) if error else "")
        given = render(path, one.about, typed.theirs[path]).get(path, [""])
        whole = one.about.kind != "condition" and not isinstance(typed.theirs[path], dict)
        return Cell(one, values, base, "", self.text(one, typed.theirs[path]), given[0] if whole else None, typed.by)

    def text(self, one: Field, value: Any) -> str:
        """A stored value, to be read beside what was typed."""
        if one.about.kind in ("condition", "required"):
            view = self.sentences.get(one.path)
            if view is not None and value not in (True, False, "recommended", None):
                return view.stored_words
        if one.about.kind in ("choice", "required"):
            code = {True: "yes", False: "no", None: ""}.get(value, value)
            return _(one.choices.get(code, str(code)))
        if isinstance(value, bool):
            return _("Ja") if value else _("Nei")
        return "" if value is None else str(value)

    def part_box(self, part: str, found: list[Field]) -> PartBox:
        heading, add, name = (str(_(text)) for text in PART_WORDS[part])
        keys = part_keys(self.item, part)
        rows = []
        for number, (key, own) in enumerate(groupby(found, key=lambda one: one.key), 1):
            lines, thing = list(self.lines(own)), getattr(self.item, part)[number - 1]
            plain, more = (tuple(one for one in lines if (one.name in SELDOM) is seldom) for seldom in (False, True))
            kept, retired = key in self.kept.get(part, ()), bool(getattr(thing, "retired", False))
            rows.append(
                PartRow(key, name % {"number": number}, plain, more, number == 1, number == len(keys), kept, retired)
            )
        return PartBox(part, heading, add, tuple(rows), self.faults_of(part))

    def empty_boxes(self, name: str, there: Collection[str]) -> Iterable[PartBox]:
        """Boxes without anything in them yet: only the button to add the first."""
        if not isinstance(self.item, Item):
            return
        for part, (heading, add, _name) in PART_WORDS.items():
            home = "texts" if part == "examples" else "rules" if part == "constraints" else "answer"
            if home == name and part not in there and may_have(self.item.type, part):
                yield PartBox(part, _(heading), _(add), (), self.faults_of(part))

    def faults_of(self, root: str) -> tuple[str, ...]:
        return tuple(fault_text(fault) for fault in self.faults if fault.property.partition(".")[0] == root)

    def summary(self, name: str) -> str:
        if not isinstance(self.item, Item):
            return ""
        match name:
            case "answer":
                return _answer_words(self.item)
            case "rules":
                return self.rule_words(self.item)
            case "print":
                return self.chosen("print.show")
            case "law":
                return self.chosen("law_part") if self.item.law_part else ""
        return ""

    def rule_words(self, item: Item) -> str:
        required = {True: _("må besvares"), False: "", "recommended": _("bør besvares")}.get(
            item.required if not isinstance(item.required, dict) else "if", _("må besvares noen ganger")
        )
        shown = _("vises alltid") if item.visible_if is None else _("vises noen ganger")
        return ", ".join(filter(None, [required, shown]))

    def chosen(self, path: str) -> str:
        found = next((one for one in fields(self.item, ()) if one.path == path), None)
        return self.text(found, found.value) if found else ""


def _path_of(one: Field) -> str:
    return one.path.removesuffix(f".{one.language}") if one.language else one.path


def _troubled(box: Line | PartBox) -> bool:
    if box.faults:
        return True
    lines = lines_of(Section("", "", "", False, (box,)))
    return any(cell.error or cell.theirs is not None for line in lines for cell in line.cells)


def _answer_words(item: Item) -> str:
    if item.options:
        return ngettext("%(num)s svarvalg", "%(num)s svarvalg", len(item.options))
    if item.columns:
        return ngettext("%(num)s kolonne", "%(num)s kolonner", len(item.columns))
    if item.rows:
        return ngettext("%(num)s rad", "%(num)s rader", len(item.rows))
    return ""


def _kept_parts(opened: OpenDraft, item_id: str) -> dict[str, frozenset[str]]:
    """The options, columns and rows of the item that were published, or came with the shipped set."""
    known = [one for one in (*opened.published, opened.base) if one is not None]
    items = [found for one in known if item_id and (found := one.find(item_id))]
    return {
        part: frozenset(key for item in items for key in part_keys(item, part)) for part, name in PARTS.items() if name
    }


def general_faults(item: Source, faults: Sequence[Fault], made: Sequence[Section]) -> list[str]:
    """Faults of the item that no line shows."""
    item_id = item.id if isinstance(item, Item) else ""
    roots = {box.root for section in made for box in section.boxes}
    return [fault_text(f) for f in faults if f.item == item_id and f.property.partition(".")[0] not in roots]


def lost_texts(made: Sequence[Section], typed: Typed) -> list[str]:
    """Texts that were not stored and whose field is no longer there."""
    shown = {cell.field.path for section in made for line in lines_of(section) for cell in line.cells}
    gone = [path for path in typed.posted if "." in path and "__" not in path and typed.has(path) and path not in shown]
    return [text for path in gone for text in typed.posted[path] if text.strip()]


def lines_of(section: Section) -> list[Line]:
    """Every line of a box, also those of its parts."""
    found: list[Line] = []
    for box in section.boxes:
        found += [box] if isinstance(box, Line) else [line for row in box.rows for line in (*row.lines, *row.more)]
    return found
