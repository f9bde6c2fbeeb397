"""Edits that only letters have: new blocks, and the bullets, rows and columns of a block. flat_edit has the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from forms.edit.tree import Edited, fresh_id, stem_of
from forms.flat.edit import (
    MISFIT,
    EditConflict,
    EditRefused,
    Way,
    add_language,
    delete,
    edited,
    hide,
    mark,
    marks,
    move,
    move_to,
    neighbour,
    part_of,
    properties,
    read_posted,
    remove_language,
    set_properties,
    show,
)
from forms.flat.overlay import FlatOperation, State
from forms.letters import FILLED_BY, MAX_BLOCKS, MAX_CELLS, MAX_PARTS, Letter
from forms.texts import N_

__all__ = [
    "EditConflict", "EditRefused", "Edited", "add_block", "add_language", "add_part", "delete", "duplicate", "hide",
    "mark", "marks", "move", "move_part", "move_to", "part_keys", "properties", "read_posted", "remove_language",
    "remove_part", "set_properties", "show",
]  # fmt: skip

_Words = tuple[str, str, str, str]  # nb, nn, en, se
_TEXT: dict[str, _Words] = {
    "heading": ("Ny overskrift", "Ny overskrift", "New heading", "Ođđa bajilčála"),
    "paragraph": ("Nytt avsnitt", "Nytt avsnitt", "New paragraph", "Ođđa teakstaoassi"),
    "list": ("Ny liste:", "Ny liste:", "New list:", "Ođđa listu:"),
    "place": ("{enhet}, {dagens_dato}",) * 4,
    "closing": (
        "Vennlig hilsen\n{leder}",
        "Venleg helsing\n{leder}",
        "Kind regards\n{leder}",
        "Dearvvuođaiguin\n{leder}",
    ),
}
_ITEM: _Words = ("Nytt punkt", "Nytt punkt", "New item", "Ođđa čuokkis")
_CELL: _Words = ("Ny rute", "Ny rute", "New cell", "Ođđa ruktu")
_STEMS = {
    "heading": "overskrift", "paragraph": "avsnitt", "list": "liste", "table": "tabell", "place": "sted",
    "closing": "hilsen",
}  # fmt: skip
_CHANGED = N_("Noen andre har endret dette i mellomtiden. Se på det på nytt.")


def add_block(letter: Letter, kind: str, after: str = "", taken: Collection[str] = ()) -> Edited:
    """A new block with starter text in every language of the letter, right after another ("" for first). `taken` holds
    every id ever published."""
    if kind not in _STEMS:
        raise EditRefused(N_("Denne typen finnes ikke."))
    data: dict[str, Any] = {"type": kind}
    if kind in _TEXT:
        data["text"] = _say(_TEXT[kind], letter)
    if kind in FILLED_BY:
        data[FILLED_BY[kind]] = [_say(_ITEM, letter)] if kind == "list" else [_row(letter, 2), _row(letter, 2)]
    return _placed(letter, fresh_id(_STEMS[kind], _ids(letter, taken)), after, data, N_("La til «%(item)s»"))


def duplicate(letter: Letter, block_id: str, taken: Collection[str] = ()) -> Edited:
    """The same block once more, after itself."""
    part_of(letter, block_id, head=False)
    own_id = fresh_id(stem_of(block_id), _ids(letter, taken))
    return _placed(letter, own_id, block_id, State(letter).parts[block_id], N_("Kopierte «%(item)s»"))


def _placed(letter: Letter, own_id: str, after: str, data: dict[str, Any], what: str) -> Edited:
    part_of(letter, after)
    if len(letter.blocks) >= MAX_BLOCKS:
        raise EditRefused(N_("Et brev kan høyst ha %(most)s deler."), most=MAX_BLOCKS)
    state = State(letter)
    state.apply(FlatOperation(op="add_after", part=own_id, after=after, value={**data, "id": own_id}))
    return edited(letter, state, own_id, what)


def part_keys(block: Any, part: str) -> list[str]:
    """What names each bullet ("items"), row ("rows") or column ("columns") in a form: its number, and the mark of what
    it holds, so that nobody takes away another one than they saw."""
    return [f"{number}-{mark(held)}" for number, held in enumerate(_held(block, part))]


def add_part(letter: Letter, block_id: str, part: str) -> Edited:
    """One more bullet, row or column, last, with starter text."""

    def longer(data: dict[str, Any]) -> None:
        rows = data.get("rows", [])
        match part:
            case "items":
                data["items"] = [*data.get("items", []), _say(_ITEM, letter)]
            case "rows":
                data["rows"] = [*rows, _row(letter, len(rows[0]) if rows else 2)]
            case _:
                data["rows"] = [[*row, _say(_CELL, letter)] for row in rows]

    block = _with_part(letter, block_id, part)
    most = MAX_CELLS if part == "columns" else MAX_PARTS
    if len(_held(block, part)) >= most:
        raise EditRefused(N_("Det er ikke plass til flere enn %(most)s."), most=most)
    return _changed(letter, block_id, longer)


def remove_part(letter: Letter, block_id: str, part: str, key: str) -> Edited:
    """Take a bullet, a row or a column away. The last one stays; hide or delete the block instead."""
    order = list(range(len(_held(_with_part(letter, block_id, part), part))))
    at = _at(letter, block_id, part, key)
    if len(order) == 1:
        raise EditRefused(N_("Det siste kan ikke tas bort. Skjul eller slett heller hele delen."))
    return _reordered(letter, block_id, part, [*order[:at], *order[at + 1 :]])


def move_part(letter: Letter, block_id: str, part: str, key: str, way: Way) -> Edited:
    """Let a bullet, a row or a column change places with its neighbour. Refused at the end."""
    order = list(range(len(_held(_with_part(letter, block_id, part), part))))
    at = _at(letter, block_id, part, key)
    to = neighbour(at, way, len(order))
    order[at], order[to] = order[to], order[at]
    return _reordered(letter, block_id, part, order)


def _with_part(letter: Letter, block_id: str, part: str) -> Any:
    block = part_of(letter, block_id, head=False)
    if part not in {"list": ("items",), "table": ("rows", "columns")}.get(block.type, ()):
        raise EditRefused(MISFIT)
    return block


def _held(block: Any, part: str) -> Sequence[Any]:
    if part == "columns":
        return [list(column) for column in zip(*block.rows, strict=False)]
    return [held if isinstance(held, dict) else list(held) for held in getattr(block, part)]


def _at(letter: Letter, block_id: str, part: str, key: str) -> int:
    """Its place. Raises EditRefused when something else stands there now."""
    keys = part_keys(part_of(letter, block_id, head=False), part)
    if key not in keys:
        raise EditRefused(_CHANGED)
    return keys.index(key)


def _reordered(letter: Letter, block_id: str, part: str, order: list[int]) -> Edited:
    def pick(data: dict[str, Any]) -> None:
        if part == "columns":
            data["rows"] = [[row[number] for number in order] for row in data["rows"]]
        else:
            data[part] = [data[part][number] for number in order]

    return _changed(letter, block_id, pick)


def _changed(letter: Letter, block_id: str, change: Callable[[dict[str, Any]], None]) -> Edited:
    state = State(letter)
    change(state.parts[block_id])
    return edited(letter, state, block_id, N_("Endret «%(item)s»"))


def _row(letter: Letter, width: int) -> list[dict[str, str]]:
    return [_say(_CELL, letter) for _ in range(width)]


def _say(words: _Words, letter: Letter) -> dict[str, str]:
    return {code: text for code, text in zip(("nb", "nn", "en", "se"), words, strict=True) if code in letter.languages}


def _ids(letter: Letter, taken: Collection[str]) -> set[str]:
    return {*taken, *(block.id for block in letter.blocks)}
