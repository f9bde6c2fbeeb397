"""A definition taken apart, so that items, their parts and properties can be changed by id, and put together again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forms.definition import MAX_DEPTH, Item, QuestionSetDefinition
from forms.overlay.outline import KEYS, Outline, Path, Spot, parts


class Forest:
    """Names in order within each other. Every step takes the same time, however many there are."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._first: dict[str, str] = {}
        self._next: dict[str, str] = {}
        self._previous: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._parent

    def parent(self, name: str) -> str:
        return self._parent[name]

    def insert(self, name: str, parent: str, after: str) -> None:
        """Put a name, with what is in it, into `parent` after the sibling `after`, or first; after itself: nowhere."""
        if after == name:
            return
        self.take(name)
        following = self._next.get(after, "") if after else self._first.get(parent, "")
        self._link(parent, after, name)
        self._link(parent, name, following)
        self._parent[name] = parent

    def take(self, name: str) -> None:
        """Take a name out, with what is in it."""
        if name in self._parent:
            self._link(self._parent.pop(name), self._previous.pop(name, ""), self._next.pop(name, ""))

    def _link(self, parent: str, one: str, other: str) -> None:
        if one:
            self._next[one] = other
        else:
            self._first[parent] = other
        if other:
            self._previous[other] = one

    def children(self, parent: str) -> Iterator[str]:
        name = self._first.get(parent, "")
        while name:
            yield name
            name = self._next.get(name, "")

    def walk(self, parent: str = "") -> Iterator[str]:
        for name in self.children(parent):
            yield name
            yield from self.walk(name)

    def lineage(self, name: str) -> Iterator[str]:
        """The name, what it is in, what that is in, …"""
        while name:
            yield name
            name = self._parent.get(name, "")


class _Parts:
    """The options, columns, rows or signers of one item."""

    def __init__(self, found: dict[str, dict[str, Any]]) -> None:
        self.found = found
        self.order = Forest()
        last = ""
        for key in found:
            self.order.insert(key, "", last)
            last = key

    def insert(self, key: str, after: str) -> bool:
        """False when `after` is not there; then it is put last."""
        there = after in self.order and after != key
        self.order.take(key)
        self.order.insert(key, "", after if there or not after else next(reversed([*self.order.children("")]), ""))
        return there or not after

    def listed(self, name: str) -> list[dict[str, Any]]:
        return [{KEYS[name]: key, **self.found[key]} for key in self.order.children("")]


class Workbench:
    """The items of a set, loose."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._items = dict(outline.items)
        self._changed: dict[str, dict[str, Any]] = {}  # JSON of what is not as it was; "" is the set itself
        self._parts: dict[tuple[str, str], _Parts] = {}
        self.forest = Forest()
        for item_id, spot in outline.spots.items():
            self.forest.insert(item_id, *spot)

    def __contains__(self, item_id: str) -> bool:
        return not item_id or item_id in self.forest

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item, spot: Spot) -> None:
        self._items[item.id] = item
        self.forest.insert(item.id, *spot)

    def dissolve(self, item_id: str) -> None:
        """Take an item away. What is in it stays, in its place."""
        last = item_id
        for child in list(self.forest.children(item_id)):
            self.forest.insert(child, self.forest.parent(item_id), last)
            last = child
        self.forest.take(item_id)
        del self._items[item_id]
        self._changed.pop(item_id, None)

    def last(self, parent: str) -> str:
        """After what a new item is put when nothing else is known: last, but before the signatures."""
        found = ""
        for child in self.forest.children(parent):
            if self._items[child].type != "signatures":
                found = child
        return found

    def too_deep(self) -> Iterator[str]:
        """Move out what lies deeper than a set may be, naming each."""
        depth, moved = {"": 0}, dict[str, str]()
        for item_id in list(self.forest.walk()):
            parent = self.forest.parent(item_id)
            if depth[parent] == MAX_DEPTH:
                self.forest.insert(item_id, self.forest.parent(parent), moved.get(parent, parent))
                moved[parent] = item_id
                yield item_id
            depth[item_id] = depth[self.forest.parent(item_id)] + 1

    def data(self, item_id: str) -> dict[str, Any]:
        """The JSON of an item, or of the set for "", to be changed in place. Its parts are in `parts`."""
        if item_id not in self._changed:
            one = self._items[item_id] if item_id else self._outline.definition
            self._changed[item_id] = one.model_dump(mode="json", exclude={"items"})
        return self._changed[item_id]

    def parts(self, item_id: str, name: str) -> _Parts:
        if (item_id, name) not in self._parts:
            self._parts[item_id, name] = _Parts(parts(self.data(item_id), name))
        return self._parts[item_id, name]

    def put(self, item_id: str, path: Path, value: Any) -> bool:
        """Set a property; None takes a text away. False when its part is not there."""
        target, steps = self.data(item_id), path
        if path[0] in KEYS and len(path) > 1:
            found = self.parts(item_id, path[0]).found
            if path[1] not in found:
                return False
            target, steps = found[path[1]], path[2:]
        elif path[0] in KEYS:
            self._parts.pop((item_id, path[0]), None)
        for step in steps[:-1]:
            target = target[step]
        if value is None and len(steps) > 1:
            target.pop(steps[-1], None)
        else:
            target[steps[-1]] = value
        return True

    def finish(self) -> QuestionSetDefinition:
        """The set put together."""
        for (item_id, name), found in self._parts.items():
            if item_id in self._changed:
                self._changed[item_id][name] = found.listed(name)
        head = self._outline.definition
        if "" in self._changed:
            head = QuestionSetDefinition.model_validate({**self._changed[""], "items": []})
        return head.model_copy(update={"items": self._built("")})

    def _built(self, parent: str) -> tuple[Item, ...]:
        return tuple(
            self._item(child).model_copy(update={"items": self._built(child)}) for child in self.forest.children(parent)
        )

    def _item(self, item_id: str) -> Item:
        return Item.model_validate(self._changed[item_id]) if item_id in self._changed else self._items[item_id]
