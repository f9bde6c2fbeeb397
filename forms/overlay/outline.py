"""A set as an outline: items by id, where each stands, and properties by path. It is what sets are compared by."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from forms.definition import ID, Item, QuestionSetDefinition, canonical

Path = tuple[str, ...]
KEYS = {
    "options": "code",
    "columns": "id",
    "rows": "id",
    "signers": "role",
}  # lists whose parts have a name of their own
IDENTITY = ("schema_version", "key", "version")  # of the set: which one it is, not what it says
_TEXTS = {
    "text", "help", "copies_to", "unit", "title", "subtitle", "description", "when", "head", "made_by", "approved_by",
}  # fmt: skip
_NESTED = {"repeat", "print", "paper"}
_LONGEST_ID = 59


class Spot(NamedTuple):
    """Where an item stands: in which group ("" for none), after which sibling ("" for first)."""

    parent: str
    after: str


class Standing(NamedTuple):
    """What an item is under, itself and its groups together."""

    hidden: bool
    conditions: frozenset[str]  # as canonical JSON; all must hold
    shown: frozenset[str]  # on "screen", on "paper"


class Outline:
    """A definition by id. Of items with the same id, which only a faulty draft has, the later get ids of their own."""

    def __init__(self, definition: QuestionSetDefinition) -> None:
        self.definition = with_unique_ids(definition)
        self.items: dict[str, Item] = {}  # in the order of the form
        self.spots: dict[str, Spot] = {}
        self.children: dict[str, list[str]] = {}
        self._properties: dict[str, dict[Path, Any]] = {}
        self._parts: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self._read("", self.definition.items)

    def _read(self, parent: str, items: Sequence[Item]) -> None:
        self.children[parent] = [item.id for item in items]
        for item, after in zip(items, ["", *self.children[parent]], strict=False):
            self.items[item.id] = item
            self.spots[item.id] = Spot(parent, after)
            if item.items:
                self._read(item.id, item.items)

    def parent(self, item_id: str) -> str:
        return self.spots[item_id].parent

    def lineage(self, item_id: str) -> Iterator[str]:
        """The item, its group, the group around that, …"""
        while item_id:
            yield item_id
            item_id = self.parent(item_id)

    @cached_property
    def standings(self) -> dict[str, Standing]:
        found: dict[str, Standing] = {"": Standing(False, frozenset(), frozenset({"screen", "paper"}))}
        for item_id, item in self.items.items():
            around = found[self.parent(item_id)]
            own = () if item.visible_if is None else (canonical(item.visible_if),)
            shown = around.shown if item.print.show == "both" else around.shown & {item.print.show}
            found[item_id] = Standing(around.hidden or item.hidden, around.conditions.union(own), shown)
        return found

    def data(self, item_id: str) -> dict[str, Any]:
        """The JSON of an item without those in it; of the set without its items for ""."""
        return (self.items[item_id] if item_id else self.definition).model_dump(mode="json", exclude={"items"})

    def properties(self, item_id: str) -> Mapping[Path, Any]:
        """As `properties`, of an item or the set; worked out once."""
        if item_id not in self._properties:
            self._properties[item_id] = properties(self.data(item_id))
        return self._properties[item_id]

    def parts(self, item_id: str, name: str) -> Mapping[str, Mapping[str, Any]]:
        """As `parts`, of an item; worked out once."""
        if (item_id, name) not in self._parts:
            self._parts[item_id, name] = parts(self.data(item_id), name)
        return self._parts[item_id, name]

    def same(self, other: Outline, item_id: str) -> bool:
        """Whether the item, or the set's head for "", is written alike in both."""
        mine, theirs = (o.items[item_id] if item_id else o.definition for o in (self, other))
        return mine.model_dump_json(exclude={"items"}) == theirs.model_dump_json(exclude={"items"})


def with_unique_ids(definition: QuestionSetDefinition) -> QuestionSetDefinition:
    ids = [item.id for item in definition.walk()]
    if len(set(ids)) == len(ids) and "" not in ids:
        return definition
    taken, seen = set(ids), {""}

    def own(items: tuple[Item, ...]) -> tuple[Item, ...]:
        found = []
        for item in items:
            update: dict[str, Any] = {}
            if item.id in seen:
                update["id"] = fresh(item.id or "item", taken)
            seen.add(update.get("id", item.id))
            taken.add(update.get("id", item.id))
            found.append(item.model_copy(update={**update, "items": own(item.items)}))
        return tuple(found)

    return definition.model_copy(update={"items": own(definition.items)})


def fresh(item_id: str, taken: Collection[str]) -> str:
    """An id like `item_id` that is not taken: goals → goals_2."""
    number = 2
    while True:
        tail = f"_{number}"
        found = item_id[: _LONGEST_ID - len(tail)].rstrip("_") + tail
        if found not in taken:
            return found if ID.match(found) else fresh("item", taken)
        number += 1


def anchored(before: Outline, after: Outline) -> set[str]:
    """The items that kept their group and, among those that did, their order: the most that need not be moved."""
    found: set[str] = set()
    for parent, children in after.children.items():
        stayed = [i for i in children if i in before.spots and before.parent(i) == parent]
        if stayed:
            still = set(stayed)
            found |= rising([i for i in before.children[parent] if i in still], stayed)
    return found


def rising(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The most names of `after` that stand there in the order they have in `before`, which holds the same names."""
    place = {name: number for number, name in enumerate(before)}
    lowest: list[int] = []  # end of the best run of each length so far
    run: list[str] = []  # its name
    earlier: dict[str, str] = {}
    for name in after:
        length = bisect_left(lowest, place[name])
        lowest[length : length + 1] = [place[name]]
        run[length : length + 1] = [name]
        earlier[name] = run[length - 1] if length else ""
    kept, name = set[str](), run[-1] if run else ""
    while name:
        kept.add(name)
        name = earlier[name]
    return kept


def properties(data: Mapping[str, Any], whole: Collection[str] = ()) -> dict[Path, Any]:
    """What the JSON of an item says, by path: ("text", "nb"), ("print", "layout"), ("options", "yes", "retired").

    A list whose parts have no name, and every list in `whole`, is one value. A text that is not there has no path.
    """
    found: dict[Path, Any] = {}
    for name, value in data.items():
        if name in ("id", "items"):
            continue
        if name in KEYS and name not in whole:
            for key, part in parts(data, name).items():
                found.update(((name, key, *path), inner) for path, inner in properties(part).items())
        elif name in _TEXTS:
            found.update(((name, language), text) for language, text in value.items())
        elif name in _NESTED:
            found.update(((name, *path), inner) for path, inner in properties(value).items())
        else:
            found[name,] = value
    return found


def parts(data: Mapping[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """The parts of a list by their own names, each without its name."""
    key = KEYS[name]
    return {part[key]: {prop: value for prop, value in part.items() if prop != key} for part in data.get(name) or ()}


def keyed(data: Mapping[str, Any], name: str) -> bool:
    """Whether the parts of a list can be told apart by name."""
    found = parts(data, name)
    return len(found) == len(data.get(name) or ()) and "" not in found


def is_text(path: Path) -> bool:
    """Whether the path is that of a text in one language."""
    return len(path) > 1 and path[-2] in _TEXTS


def is_leaf(path: Path) -> bool:
    """Whether `path` can be one property of an item, the set or a part, and not a bunch of them or a piece of one."""
    inner = _TEXTS | _NESTED
    return bool(path) and path[-1] not in {"id", "items", *inner} and all(step in inner for step in path[:-1])


def alike(one: Any, other: Any) -> bool:
    """Equal and written alike: in a condition, true is not 1."""
    if isinstance(one, dict | list):
        return isinstance(other, dict | list) and canonical(one) == canonical(other)
    return type(one) is type(other) and bool(one == other)
