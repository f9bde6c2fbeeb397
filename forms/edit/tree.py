"""What every edit of a question set needs: finding a place in the tree, putting items there, ids, labels, conditions.

Nothing here changes a definition: a new one is made that shares all that is as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from forms.conditions import variables
from forms.definition import ID, MAX_DEPTH, MAX_ITEMS, Item, QuestionSetDefinition, Texts, say, walk
from forms.edit.properties import EditRefused
from forms.texts import N_, Note

Direction = Literal["up", "down", "in", "out"]
LABEL_LENGTH = 60
_ID_LENGTH = 59  # see definition.ID
UNKNOWN = N_("Det du ville endre, finnes ikke i skjemaet.")
_GONE = N_("Det du ville endre, finnes ikke lenger. Noen andre kan ha slettet det.")


class EditConflict(NamedTuple):
    """A property that somebody else changed in the meantime; theirs stands, mine is not written."""

    path: str
    theirs: Any
    mine: Any


class Edited(NamedTuple):
    """What an edit made. `item_id` is what to show next ("" is the set), `path` where in it something new begins, and
    `what` tells of the edit in the history."""

    definition: QuestionSetDefinition
    item_id: str
    what: Note
    conflicts: tuple[EditConflict, ...] = ()
    path: str = ""


class Place(NamedTuple):
    """Where an item stands: the positions that lead to it, the groups around it (outermost first), its row."""

    item: Item
    trail: tuple[int, ...]
    above: tuple[Item, ...]
    siblings: tuple[Item, ...]

    @property
    def at(self) -> int:
        """Its position among the siblings."""
        return self.trail[-1]

    @property
    def group(self) -> tuple[int, ...]:
        """The positions that lead to the group it stands in."""
        return self.trail[:-1]


def locate(definition: QuestionSetDefinition, item_id: str) -> Place:
    """The first item with this id. Raises EditRefused when there is none."""

    def search(items: tuple[Item, ...], trail: tuple[int, ...], above: tuple[Item, ...]) -> Place | None:
        for index, item in enumerate(items):
            if item.id == item_id:
                return Place(item, (*trail, index), above, items)
            if item.items and (found := search(item.items, (*trail, index), (*above, item))):
                return found
        return None

    place = search(definition.items, (), ())
    if place is None:
        raise EditRefused(_GONE)
    return place


def with_siblings(
    definition: QuestionSetDefinition, trail: tuple[int, ...], siblings: tuple[Item, ...]
) -> QuestionSetDefinition:
    """The definition with other items where `trail` leads (to one of them)."""

    def rebuilt(items: tuple[Item, ...], way: tuple[int, ...]) -> tuple[Item, ...]:
        if len(way) == 1:
            return siblings
        here, inside = items[way[0]], rebuilt(items[way[0]].items, way[1:])
        return (*items[: way[0]], here.model_copy(update={"items": inside}), *items[way[0] + 1 :])

    return definition.model_copy(update={"items": rebuilt(definition.items, trail)})


def replaced(definition: QuestionSetDefinition, place: Place, *new: Item) -> QuestionSetDefinition:
    """The definition with `new` items, or nothing, in the place of one."""
    siblings = (*place.siblings[: place.at], *new, *place.siblings[place.at + 1 :])
    return with_siblings(definition, place.trail, siblings)


def insert(
    definition: QuestionSetDefinition, group: tuple[int, ...], index: int | None, item: Item
) -> QuestionSetDefinition:
    """The definition with `item` at `index` (None: last) in the group that the positions `group` lead to, or the set.

    Raises EditRefused when that is no group, or the set becomes too large or too deep."""
    holder: Item | QuestionSetDefinition = definition
    for step in group:
        holder = holder.items[step]
    if isinstance(holder, Item) and holder.type != "group":
        raise EditRefused(N_("«%(item)s» er ikke en del, så ingenting kan ligge i den."), item=label(holder))
    check_room(definition, len(group), item, 1 + sum(1 for _ in walk(item.items)))
    index = len(holder.items) if index is None else index
    return with_siblings(definition, (*group, index), (*holder.items[:index], item, *holder.items[index:]))


def check_room(definition: QuestionSetDefinition, above: int, item: Item, more: int) -> None:
    """Raises EditRefused when `item` under so many groups is too deep, or so many `more` items are too many."""
    if above + height(item) > MAX_DEPTH:
        raise EditRefused(N_("Det kan ikke ligge mer enn %(most)s nivåer inni hverandre."), most=MAX_DEPTH)
    if sum(1 for _ in definition.walk()) + more > MAX_ITEMS:
        raise EditRefused(N_("Et skjema kan høyst ha %(most)s deler."), most=MAX_ITEMS)


def height(item: Item) -> int:
    """How many levels the item takes."""
    return 1 + max((height(inner) for inner in item.items), default=0)


def fresh_id(stem: str, taken: Collection[str]) -> str:
    """The first of stem_1, stem_2 … that is not taken."""
    stem, number = stem[: _ID_LENGTH - 6].rstrip("_"), 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def stem_of(item_id: str) -> str:
    """An id without the number at its end; "" when no id can begin so."""
    stem = re.sub(r"_\d+\Z", "", item_id)
    return stem if ID.match(stem) else ""


def ids_of(definition: QuestionSetDefinition) -> set[str]:
    return {item.id for item in definition.walk()}


def label(item: Item | QuestionSetDefinition) -> str:
    """A short text to know the item by: its own, else the first that stands in it, else its id."""
    if isinstance(item, QuestionSetDefinition):
        return short(item.title) or item.key
    parts: tuple[Any, ...] = (*item.facts, *item.signers)
    own = next(filter(None, (short(texts) for texts in (item.text, *(part.text for part in parts)))), "")
    return own or (label(item.items[0]) if item.items else item.id)


def short(texts: Texts) -> str:
    """Bokmål, else another language, on one line and at most LABEL_LENGTH long."""
    text = " ".join(say(texts, "nb").split())
    return text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 1].rstrip() + "…"


def listed(labels: Iterable[str]) -> str:
    """The first of them, each in quotation marks, and how many more there are."""
    names = [f"«{name}»" for name in dict.fromkeys(labels)]
    return ", ".join(names[:3]) + (f" (+{len(names) - 3})" if len(names) > 3 else "")


def rules_of(item: Item) -> Iterator[Any]:
    """The item's conditions."""
    if item.visible_if is not None:
        yield item.visible_if
    if isinstance(item.required, dict):
        yield item.required
    yield from (constraint.expr for constraint in item.constraints)


def readers(
    definition: QuestionSetDefinition, ids: Collection[str], reads: Callable[[Any], bool] | None = None
) -> list[Item]:
    """Items with a condition that reads one of `ids` (and that `reads` says yes to), other than those items."""
    reads = reads or (lambda rule: any(name in ids for name in variables(rule)))
    return [item for item in definition.walk() if item.id not in ids and any(map(reads, rules_of(item)))]


def reads_option(rule: Any, question: str, code: str) -> bool:
    """Whether a condition compares the answer to `question` with the option `code`."""
    stack = [rule]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack += node.values()
        elif isinstance(node, list):
            if {"var": question} in node and any(
                code == part or (isinstance(part, list) and code in part) for part in node
            ):
                return True
            stack += node
    return False


def renamed(rule: Any, names: Mapping[str, str]) -> Any:
    """A condition that reads other questions, where `names` has a new name for them."""
    if isinstance(rule, list):
        return [renamed(part, names) for part in rule]
    if not isinstance(rule, dict):
        return rule
    return {
        key: names.get(value, value)
        if key in ("var", "answered", "count") and isinstance(value, str)
        else renamed(value, names)
        for key, value in rule.items()
    }
