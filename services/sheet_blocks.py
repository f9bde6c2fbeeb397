"""A sheet cut into blocks that a page can hold: what is boxed together, in which columns, and what may be parted.

Paper only; `services/printing.py` draws them. Nothing here knows of PDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from forms.sheet import Node, Sheet, SheetFact, SheetOption

SHORT = ("string", "integer", "date", "time", "boolean", "calculated")
TABLES = ("table", "measures", "contact_log", "absence")
LINE = 60  # characters that a line break is counted as
LONG = 900  # characters of an answer above which only its end is kept with the signatures
PIECE = 2000  # characters of a paragraph: the renderer's time grows with the square of a paragraph's lines
SHORT_INTRODUCTION = 400
TAIL = 450  # characters of that end
_ENDS = re.compile(r"\n+|(?<=[.!?:;])\s+")

Kind = Literal[
    "heading", "info", "facts", "text", "options", "ticks", "side", "grid", "table", "checklist", "signatures", "keep"
]  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One box of a grid; `span` columns wide, `width` in per cent."""

    span: int
    width: int
    node: Node | None = None
    fact: SheetFact | None = None


@dataclass(frozen=True)
class SideRow:
    """A question at the left, its answer or a part of the answer at the right."""

    node: Node
    text: str
    top: bool = True  # prints the question
    bottom: bool = True  # closes the box


@dataclass(frozen=True)
class Block:
    kind: Kind
    node: Node | None = None
    level: int = 1
    cells: tuple[tuple[Cell, ...], ...] = ()  # grid, facts
    sides: tuple[SideRow, ...] = ()
    text: str = ""  # text: the part of the answer this block prints
    options: tuple[tuple[SheetOption, ...], ...] = ()  # options, in rows
    table: tuple[dict[str, str], ...] = ()
    widths: tuple[int, ...] = ()  # per cent, by column
    top: bool = True  # holds the question or the table's header
    bottom: bool = True  # closes the box
    lead: bool = False  # info: stays with the block after it
    beside: tuple[Block, ...] = ()  # keep: what stands together on a page


def blocks(sheet: Sheet) -> list[Block]:
    """The sheet's blocks in order, signatures tied to the last answer before them."""
    return list(_tied(_led(list(_blocks(sheet.nodes, sheet.blank, 1, 2)))))


def _led(flat: list[Block]) -> list[Block]:
    """A short introduction right under its heading stays with what it introduces."""
    return [
        replace(block, lead=True)
        if block.kind == "info" and block.node and len(block.node.label) < SHORT_INTRODUCTION
        and 0 < place < len(flat) - 1 and flat[place - 1].kind == "heading" and flat[place + 1].kind != "heading"
        else block
        for place, block in enumerate(flat)
    ]  # fmt: skip


def _blocks(nodes: Sequence[Node], blank: bool, level: int, columns: int) -> Iterator[Block]:
    run: list[Node] = []
    for node in nodes:
        if _left_out(node, blank):
            continue
        if run and _gathers(node) != _gathers(run[0]):
            yield _gathered(run, columns)
            run = []
        if _gathers(node):
            run.append(node)
        else:
            yield from _single(node, blank, level)
    if run:
        yield _gathered(run, columns)


def _left_out(node: Node, blank: bool) -> bool:
    if node.print.show == "screen":
        return True
    if blank or not node.print.hide_if_empty:
        return False
    if node.type == "group":
        return not any(_anything(child) for child in node.items)
    return not _anything(node)


def _anything(node: Node) -> bool:
    return node.answered or bool(node.shown) or any(_anything(child) for child in node.items)


def _gathers(node: Node) -> str:
    """What run of boxes the node belongs to: side by side with its question, in a grid, or none."""
    if node.type in ("group", "info", "facts", "checklist", "signatures", *TABLES):
        return ""
    if node.print.layout == "side":
        return "side"
    if node.print.layout == "inline" and weight(node.shown) <= LONG:
        return "inline"
    return "short" if node.type in SHORT else ""


def _gathered(run: list[Node], columns: int) -> Block:
    kind = _gathers(run[0])
    if kind == "side":
        return Block("side", sides=tuple(SideRow(node, node.shown) for node in run))
    return Block("grid", cells=_grid([(node, 1) for node in run], columns if kind == "inline" else 1))


def _grid(parts: Sequence[tuple[Node | SheetFact, int]], columns: int) -> tuple[tuple[Cell, ...], ...]:
    """Fill rows of `columns`; the last cell of a row takes what is left of it."""
    rows: list[list[tuple[Node | SheetFact, int]]] = [[]]
    for part, wish in parts:
        span = min(wish, columns)
        if sum(width for _, width in rows[-1]) + span > columns:
            rows.append([])
        rows[-1].append((part, span))
    return tuple(_grid_row(row, columns) for row in rows)


def _grid_row(row: Sequence[tuple[Node | SheetFact, int]], columns: int) -> tuple[Cell, ...]:
    made, at = [], 0
    for place, (part, span) in enumerate(row, 1):
        end = columns if place == len(row) else at + span
        made.append(_cell(part, end - at, 100 * end // columns - 100 * at // columns))
        at = end
    return tuple(made)


def _cell(part: Node | SheetFact, span: int, width: int) -> Cell:
    return Cell(span, width, node=part) if isinstance(part, Node) else Cell(span, width, fact=part)


def _single(node: Node, blank: bool, level: int) -> Iterator[Block]:
    if node.type == "group":
        inside = list(_blocks(node.items, blank, level + 1, node.print.grid_columns))
        if node.label and (inside or not node.items):
            inside.insert(0, Block("heading", node=node, level=level))
        if node.print.keep_together and inside and _keepable(node):
            yield _kept(inside)
        else:
            yield from inside
    elif node.type == "info":
        yield Block("info", node=node, level=level)
    elif node.type == "facts":
        facts = [(fact, fact.width) for fact in node.facts]
        yield Block("facts", node=node, cells=_grid(facts, node.print.grid_columns))
    elif node.type in ("choice", "multichoice"):
        block = _options(node)
        yield _kept([block]) if node.print.keep_together else block
    elif node.type in TABLES:
        yield Block("table", node=node, table=_rows(node, blank), widths=_widths(node))
    elif node.type == "checklist":
        yield Block("checklist", node=node)
    elif node.type == "signatures":
        yield Block("signatures", node=node)
    else:
        parts = pieces(node.shown)
        for place, part in enumerate(parts, 1):
            yield Block("text", node=node, text=part, top=place == 1, bottom=place == len(parts))


def _keepable(group: Node) -> bool:
    """Short enough for one page, and without signatures, which are tied to what stands before the group."""
    length = 0
    for node in group.items:
        if node.type == "signatures" or (node.type == "group" and not _keepable(node)):
            return False
        length += weight(node.shown)
    return length <= LONG


def _kept(parts: Sequence[Block]) -> Block:
    """One block of all, flat: the renderer cannot measure one kept block inside another."""
    flat = [inner for part in parts for inner in (part.beside if part.kind == "keep" else (part,))]
    return Block("keep", beside=tuple(flat))


def _options(node: Node) -> Block:
    """Options with room for a comment each make a table; one such option ("annet") only a longer line."""
    if sum(option.comment_kind is not None for option in node.options) > 1:
        return Block("ticks", node=node, options=tuple((option,) for option in node.options))
    return Block("options", node=node, options=option_rows(node))


def option_rows(node: Node) -> tuple[tuple[SheetOption, ...], ...]:
    """Options in rows of `print.option_columns`; one that takes a comment has a row of its own."""
    rows: list[list[SheetOption]] = []
    fresh = True
    for option in node.options:
        if fresh or option.comment_kind or len(rows[-1]) == node.print.option_columns:
            rows.append([])
        rows[-1].append(option)
        fresh = option.comment_kind is not None
    return tuple(tuple(row) for row in rows)


def _rows(node: Node, blank: bool) -> tuple[dict[str, str], ...]:
    if node.table:
        return node.table
    return tuple({} for _ in range(max(node.blank_rows, 1) if blank else 1))


def _widths(node: Node) -> tuple[int, ...]:
    """In per cent; the last column takes what rounding leaves."""
    total = sum(column.width for column in node.columns) or 1
    widths = [max(100 * column.width // total, 1) for column in node.columns]
    return (*widths[:-1], max(100 - sum(widths[:-1]), 1))


def weight(text: str) -> int:
    """Characters of `text`, with each line break counted as a line's worth of them."""
    return len(text) + LINE * text.count("\n")


def pieces(text: str) -> list[str]:
    """`text` parted at line breaks, each part about PIECE characters; at least one part."""
    if weight(text) <= PIECE:
        return [text]
    made: list[str] = []
    part: list[str] = []
    room = PIECE
    for line in text.split("\n"):
        if part and room < len(line) + LINE:
            made.append("\n".join(part))
            part, room = [], PIECE
        part.append(line)
        room -= len(line) + LINE
    return [*made, "\n".join(part)]


def _parted_end(text: str) -> tuple[str, str]:
    """A long text without its end, and the end."""
    place = len(text)
    while place and weight(text[place:]) < TAIL:
        place -= min(place, LINE // 2)
    newline = text.find("\n", place)
    if 0 <= newline - place < LINE and newline + 1 < len(text):
        return text[:newline], text[newline + 1 :]
    return cut(text, place)


def cut(text: str, place: int) -> tuple[str, str]:
    """`text` in two near `place`: at the first line or sentence that ends after it, else at a space, else hard."""
    if place <= 0 or place >= len(text):
        return ("", text) if place <= 0 else (text, "")
    found = _ENDS.search(text, place)
    if found and found.start() - place <= place // 2 + 100 and found.end() < len(text):
        return text[: found.start()], text[found.end() :]
    space = text.find(" ", place, place + 80)
    return (text[:space], text[space + 1 :]) if space > 0 else (text[:place], text[place:])


def _tied(flat: list[Block]) -> Iterator[Block]:
    """Tie each signature block to the end of what stands before it."""
    waiting: list[Block] = []
    for block in flat:
        if block.kind != "signatures":
            waiting.append(block)
            continue
        before, last = _last_answer(waiting)
        yield from before
        waiting = [_kept([*last, block])]
    yield from waiting


def _last_answer(waiting: list[Block]) -> tuple[list[Block], list[Block]]:
    """What may go on an earlier page, and the last answer with all after it."""
    place = next((n for n in reversed(range(len(waiting))) if waiting[n].kind not in ("heading", "info")), None)
    if place is None:
        return [], waiting
    first, second = _split_end(waiting[place])
    if first is None:  # a whole block: its own heading comes along
        while place > 0 and waiting[place - 1].kind == "heading":
            place -= 1
            second = [waiting[place], *second]
        return waiting[:place], [*second, *waiting[place + len(second) :]]
    return [*waiting[:place], first], [*second, *waiting[place + 1 :]]


def _split_end(block: Block) -> tuple[Block | None, list[Block]]:
    """A block in its body and its last row or lines, where those can stand by themselves."""
    if block.kind == "text" and weight(block.text) > LONG:
        body, end = _parted_end(block.text)
        return replace(block, text=body, bottom=False), [replace(block, text=end, top=False)]
    if block.kind == "side":
        sides = _parted_sides(block.sides)
        if len(sides) > 1:
            return replace(block, sides=sides[:-1]), [replace(block, sides=sides[-1:], top=False)]
    if block.kind == "table" and len(block.table) > 1:
        return replace(block, table=block.table[:-1], bottom=False), [replace(block, table=block.table[-1:], top=False)]
    if block.kind == "grid" and len(block.cells) > 2:
        return replace(block, cells=block.cells[:-1]), [replace(block, cells=block.cells[-1:], top=False)]
    return None, [block]


def _parted_sides(sides: tuple[SideRow, ...]) -> tuple[SideRow, ...]:
    """The rows with the end of a long last answer in a row of its own."""
    last = sides[-1]
    if weight(last.text) <= LONG:
        return sides
    body, end = _parted_end(last.text)
    return (*sides[:-1], replace(last, text=body, bottom=False), replace(last, text=end, top=False))
