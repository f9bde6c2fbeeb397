"""The cards of a letter or of a schedule: one for the head, one for each part, with its lines to fill in.

What there is to fill in is told by forms/flat/properties.py; here it is put on cards, given what was typed and what is
wrong. A line is as in admin/builder_panel.py, with the part in its path: "greeting/text".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from admin import flat_steps
from admin.builder_panel import Cell, Line, Typed
from admin.flat_actions import name_of
from admin.flat_words import BLOCKS, LEVELS
from admin.words import TEXT_LANGUAGES, told
from forms.definition import Fault, say
from forms.edit.properties import Field, render
from forms.flat import Flat, Part, label_of
from forms.flat import compare as flat_compare
from forms.flat.letter_edit import part_keys
from forms.flat.properties import ONLY_IF, fields
from forms.letters import Block, Letter
from forms.steps import StepRule, Steps
from services.schedules import Shelf
from services.set_drafts import OpenDraft

_IN_THE_FOLD = ("level", "only_if", "note", "description", "source")
_PARTS = {"list": ("items",), "table": ("rows", "columns")}


@dataclass(frozen=True)
class PartRow:
    """One bullet, or one row of a table."""

    id: str
    key: str
    name: str
    lines: tuple[Line, ...]
    first: bool
    last: bool


@dataclass(frozen=True)
class PartBox:
    """All bullets, or all rows; `columns` of a table have no texts of their own."""

    root: str  # "<part>/items"
    rows: tuple[PartRow, ...]
    columns: tuple[PartRow, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """One part of a letter, one milestone, or the head ("")."""

    id: str
    kind: str
    icon: str
    name: str
    label: str
    marks: tuple[str, ...]
    hidden: bool
    locked: bool
    deletable: bool
    first: bool
    last: bool
    lines: tuple[Line, ...]
    box: PartBox | None
    more: tuple[Line, ...]
    summary: str
    open: bool
    faults: tuple[str, ...]
    about: str = ""  # what the law says of a milestone

    @property
    def rows(self) -> tuple[PartRow, ...]:
        """What can be moved or taken away within the card."""
        return (*self.box.rows, *self.box.columns) if self.box else ()

    @property
    def all_lines(self) -> tuple[Line, ...]:
        inner = (line for row in self.rows for line in row.lines)
        return (*self.lines, *inner, *self.more)


def cards(
    opened: OpenDraft, faults: Sequence[Fault], typed: Typed, language: str, shelf: Shelf,
    only: Collection[str] | None = None,
) -> tuple[Card, ...]:  # fmt: skip
    """The head's card, and one for each part in order; or those with these ids. Letters need nothing of the shelf."""
    maker = _Maker(opened, faults, typed, language, shelf)
    sources = [(getattr(source, "id", ""), source) for source in (opened.definition, *opened.definition.parts)]
    return tuple(maker.card(source) for part_id, source in sources if only is None or part_id in only)


def anchor_of(content: Flat, fault: Fault) -> str:
    """The id of what mends a fault: its line, else the box of its bullets or rows, else its card."""
    part = content.find(fault.item) if fault.item else content
    if part is None:
        return "card-"
    path = _whole(fault.property)
    known = {_path(one) for one in fields(part, content.languages) if one.about.kind != "fixed"}
    if path in known or path in ("items", "rows"):
        return f"r-{name_of(fault.item, path)}"
    return f"card-{fault.item}"


def fault_text(fault: Fault) -> str:
    """A fault as a sentence: what is wrong with which property."""
    text = f"{told(flat_compare.name_of(fault.property))} {told(fault.why)}"
    return text[:1].upper() + text[1:]


def card_name(source: Flat | Part) -> tuple[str, str]:
    """What kind of card it is, as the icon and in plain words."""
    if isinstance(source, Block):
        return source.type, _(BLOCKS[source.type].name)
    if isinstance(source, StepRule):
        return flat_steps.kind_of(source)
    return "set", _("Hele brevet") if isinstance(source, Letter) else _("Hele løpet")


def part_label(content: Flat, part_id: str, language: str) -> str:
    """The first words of a part."""
    return " ".join(say(label_of(content, part_id), language).split())


def lost_texts(made: Sequence[Card], typed: Typed) -> list[str]:
    """Texts that were not stored and whose field is no longer there."""
    shown = {cell.field.path for card in made for line in card.all_lines for cell in line.cells}
    gone = [path for path in typed.posted if typed.has(path) and path not in shown and "/" in path and "__" not in path]
    return [text for path in gone for text in typed.posted[path] if text.strip()]


class _Maker:
    def __init__(self, opened: OpenDraft, faults: Sequence[Fault], typed: Typed, language: str, shelf: Shelf) -> None:
        self.opened, self.typed, self.language, self.shelf = opened, typed, language, shelf
        self.content: Flat = opened.definition
        self.languages = tuple(dict.fromkeys(self.content.languages))
        self.faults: Mapping[str, list[Fault]] = {
            part: list(own) for part, own in groupby(sorted(faults, key=_item), key=_item)
        }
        earlier = opened.base or opened.live
        self.earlier = {part.id: part for part in earlier.parts} if earlier is not None else None

    def card(self, source: Flat | Part) -> Card:
        part_id = source.id if isinstance(source, Part) else ""
        lines = list(self.lines(source, part_id))
        box = self.box(source, lines) if isinstance(source, Block) and source.type in _PARTS else None
        plain = [line for line in lines if box is None or not line.path.startswith(f"{box.root}.")]
        fold = flat_steps.folded(source) if isinstance(source, StepRule) else _IN_THE_FOLD
        folded = (line for line in plain if _root(line) in fold)
        more = tuple(sorted(folded, key=lambda line: fold.index(_root(line))))
        icon, name = card_name(source)
        ids = [part.id for part in self.content.parts]
        return Card(
            id=part_id, kind=_kind(source), icon=icon, name=name,
            label=part_label(self.content, part_id, self.language), marks=tuple(self.marks(source)),
            hidden=isinstance(source, Part) and source.hidden, locked=getattr(source, "locked", False),
            deletable=bool(part_id) and part_id not in self.opened.kept, first=ids[:1] == [part_id],
            last=ids[-1:] == [part_id], lines=tuple(line for line in plain if line not in more), box=box, more=more,
            summary=self.summary(source), open=any(map(_troubled, more)), faults=self.general(part_id, lines, box),
            about=" ".join(flat_steps.law_words(source)) if isinstance(source, StepRule) else "",
        )  # fmt: skip

    def lines(self, source: Flat | Part, part_id: str) -> Iterator[Line]:
        shown = (one for one in fields(source, self.languages) if one.about.kind != "fixed")
        for path, group in groupby(shown, key=_path):
            own = [self.dressed(one._replace(path=name_of(part_id, one.path)), source) for one in group]
            about, name, cells = own[0].about, name_of(part_id, path), tuple(map(self.cell, own))
            label, help_text, kind = _(about.label), _(about.help) if about.help else "", about.kind
            if path == "level":
                cells = (self.cell(_as_choice(own[0]), own[0].base),)
                label, help_text, kind = _("Størrelse"), "", "choice"
            elif path == "days" and isinstance(source, StepRule):
                help_text = flat_steps.limit_words(source)
            elif path == "text" and isinstance(source, Block):
                label, help_text = _("Linje over punktene") if source.type == "list" else label, ""
            yield Line(
                name, kind, label, help_text, cells, self.language, None, f"r-{name}",
                tuple(fault_text(fault) for fault in self.faults.get(part_id, ()) if _whole(fault.property) == path),
            )  # fmt: skip

    def dressed(self, one: Field, source: Flat | Part) -> Field:
        if isinstance(source, StepRule) and isinstance(self.content, Steps):
            return flat_steps.dressed(one, source, self.content, self.shelf, self.language)
        return one

    def cell(self, one: Field, mark: str | None = None) -> Cell:
        path, typed = one.path, self.typed
        values = typed.posted[path] if typed.has(path) and path in typed.posted else self.shown(one, one.value)
        if one.about.kind == "several":
            values = [part for value in values for part in value.split("\n") if part]
        base = one.base if mark is None else mark
        base = next(iter(typed.posted.get(f"{path}__base", [])), base) if typed.all else base
        error = typed.errors.get(path)
        if path not in typed.theirs:
            return Cell(one, values, base, told(error) if error else "")
        given = self.shown(one, typed.theirs[path])
        words = ", ".join(_(one.choices[value]) if one.choices.get(value) else value for value in given)
        return Cell(one, values, base, theirs=words, theirs_value="\n".join(given), by=typed.by)

    def shown(self, one: Field, value: Any) -> list[str]:
        """A value as its control shows it, in the reader's language."""
        if one.about.kind == "span":
            return [flat_steps.span(value)]
        return render(one.path, one.about, value).get(one.path, [])

    def box(self, block: Block, lines: Sequence[Line]) -> PartBox:
        root = name_of(block.id, _PARTS[block.type][0])
        own = [line for line in lines if line.path.startswith(f"{root}.")]
        named = _("Punkt %(number)s") if block.type == "list" else _("Rad %(number)s")
        by_row = {key: list(found) for key, found in groupby(own, key=lambda line: _row_of(line.path, root))}
        rows = self.rows(root, part_keys(block, _PARTS[block.type][0]), named, by_row)
        columns: tuple[PartRow, ...] = ()
        if block.type == "table":
            columns = self.rows(name_of(block.id, "columns"), part_keys(block, "columns"), _("Kolonne %(number)s"), {})
        property_name = root.rpartition("/")[2]
        found = (fault for fault in self.faults.get(block.id, ()) if fault.property == property_name)
        return PartBox(root, rows, columns, tuple(map(fault_text, found)))

    def rows(
        self, root: str, keys: Sequence[str], named: str, lines: Mapping[str, Sequence[Line]]
    ) -> tuple[PartRow, ...]:
        return tuple(
            PartRow(
                f"part-{root}.{number}", key, named % {"number": number + 1}, tuple(lines.get(str(number), ())),
                number == 0, number + 1 == len(keys),
            )
            for number, key in enumerate(keys)
        )  # fmt: skip

    def marks(self, source: Flat | Part) -> Iterator[str]:
        if isinstance(source, StepRule) and source.locked:
            yield _("låst")
        if isinstance(source, Part) and source.hidden:
            yield _("av") if isinstance(source, StepRule) else _("skjult")
        if isinstance(source, Part) and self.earlier is not None:
            old = self.earlier.get(source.id)
            if old is None:
                yield _("lagt til")
            elif source.model_copy(update={"hidden": old.hidden}) != old:
                yield _("endret")

    def general(self, part_id: str, lines: Sequence[Line], box: PartBox | None) -> tuple[str, ...]:
        """Faults of the part that no line and no box shows."""
        shown = {_path_of(line) for line in lines} | ({box.root.rpartition("/")[2]} if box else set())
        return tuple(fault_text(f) for f in self.faults.get(part_id, ()) if _whole(f.property) not in shown)

    def summary(self, source: Flat | Part) -> str:
        """What is chosen in the fold."""
        if isinstance(source, Flat):
            return ", ".join(TEXT_LANGUAGES[code] for code in self.languages)
        if isinstance(source, StepRule):
            return flat_steps.summary(source, self.shelf)
        if not isinstance(source, Block):
            return ""
        words = [_(ONLY_IF[source.only_if]) if source.only_if else _("Alltid med")]
        if source.type == "heading":
            words.insert(0, _("Stor skrift") if source.level == 1 else _("Liten skrift"))
        if any(source.note.values()):
            words.append(_("har merknad"))
        return " · ".join(words)


def _kind(source: Flat | Part) -> str:
    """What the card's look goes by."""
    if isinstance(source, StepRule):
        return "step"
    return str(getattr(source, source.TYPE)) if isinstance(source, Part) else "head"


def _item(fault: Fault) -> str:
    return fault.item


def _path(one: Field) -> str:
    return one.path.removesuffix(f".{one.language}") if one.language else one.path


def _path_of(line: Line) -> str:
    return line.path.rpartition("/")[2]


def _root(line: Line) -> str:
    return _path_of(line).partition(".")[0]


def _whole(path: str) -> str:
    """A path without its language."""
    head, _dot, last = path.rpartition(".")
    return head if head and last in TEXT_LANGUAGES else path


def _row_of(path: str, root: str) -> str:
    return path.removeprefix(f"{root}.").partition(".")[0]


def _as_choice(one: Field) -> Field:
    """The size of a heading is a number; nobody needs to know."""
    return one._replace(about=one.about._replace(kind="choice", choices=LEVELS), value=str(one.value))


def _troubled(line: Line) -> bool:
    return bool(line.faults) or any(cell.error or cell.theirs is not None for cell in line.cells)
