"""Doing a municipality's operations again, on the set they were made for or on another: what does not fit is told, and
nothing that law demands is hidden or loosened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from forms.definition import MAX_ITEMS, Item, QuestionSetDefinition, say
from forms.fault_words import short
from forms.overlay.locks import Breach, breaches
from forms.overlay.operations import Operation, fits, whole_part
from forms.overlay.outline import Outline, Spot, fresh
from forms.overlay.workbench import Workbench
from forms.texts import N_, Note

_UNREADABLE = N_("En endring av «%(item)s» kan ikke leses, og er ikke tatt med.")
_GONE = N_("«%(item)s» finnes ikke lenger. Endringen er ikke tatt med.")
_PART_GONE = N_("«%(part)s» i «%(item)s» finnes ikke lenger. Endringen er ikke tatt med.")
_PART_THERE = N_("«%(part)s» i «%(item)s» finnes fra før. Kommunens utgave gjelder.")
_ELSEWHERE = N_("«%(item)s» sto ved noe som ikke finnes lenger. Se om det står riktig nå.")
_INSIDE_ITSELF = N_("«%(item)s» kan ikke flyttes inn i seg selv. Det står der det sto.")
_BOTH = N_("«%(item)s» har samme navn i systemet som noe i skjemaet fra Attende. Begge er med.")
_LAW = N_("Loven krever mer av «%(item)s» enn det kommunen hadde valgt. Endringen er ikke tatt med.")
_DEEP = N_("«%(item)s» ville ligget for dypt, og er flyttet ut.")
_MANY = N_("«%(item)s» er ikke med, for skjemaet kan høyst ha %(most)s spørsmål og deler.")
_OUT_OF_SIGHT = ("hidden", "visible_if", "print")


class Problem(NamedTuple):
    """An operation that could not be done as it was, and what became of it."""

    operation: Operation
    note: Note


class Replayed(NamedTuple):
    definition: QuestionSetDefinition
    problems: tuple[Problem, ...] = ()


class Vanished(NamedTuple):
    """What an older base had and this one lacks. While operations are done it stands where it stood, so that what was
    put beside it finds its place; then it goes, but for what is `kept` as the municipality's own."""

    older: Outline
    ids: Sequence[str]  # in the order of the older form
    kept: Collection[str] = ()


def replay(base: QuestionSetDefinition, operations: Iterable[Operation]) -> Replayed:
    """Do the operations on `base`. Never raises; the same input gives the same result, always of right shape."""
    return redo(Outline(base), operations)


def redo(base: Outline, operations: Iterable[Operation], vanished: Vanished | None = None) -> Replayed:
    """As `replay`, on an outline, knowing what has `vanished` from it."""
    vanished = vanished or Vanished(base, ())
    told: list[Problem] = []
    given = list(operations)
    todo = list(_with_own_ids(given, {*base.items, *vanished.ids}, told))
    origin = dict(zip(map(id, todo), given, strict=True))
    while True:
        work = _Work(base, vanished)
        for operation in todo:
            work.do(operation)
        definition = work.finish()
        after = Outline(definition)
        forbidden = {id(o): o for o in _forbidden(base, after, todo)}
        if not forbidden:
            told += work.problems
            return Replayed(definition, tuple(Problem(origin.get(id(o), o), note) for o, note in told))
        told += [Problem(operation, Note(_LAW, _named(operation))) for operation in forbidden.values()]
        todo = [operation for operation in todo if id(operation) not in forbidden]


def _forbidden(base: Outline, after: Outline, operations: Iterable[Operation]) -> Iterator[Operation]:
    """The operations that took away what law demands."""
    found = list(breaches(base, after))
    by_item = defaultdict[str, list[Operation]](list)
    for operation in operations if found else ():
        by_item[operation.item].append(operation)
    for breach in found:
        yield from _behind(breach, by_item, after)


def _behind(breach: Breach, by_item: Mapping[str, list[Operation]], after: Outline) -> list[Operation]:
    """The operations that made a breach."""
    of_cause = by_item.get(breach.cause, [])
    if breach.path == ("items",):
        return [o for o in of_cause if o.op == "remove"]
    found = [o for o in of_cause if o.path and o.path == breach.path[: len(o.path)] and o.op != "move_part"]
    if found or breach.path[0] not in _OUT_OF_SIGHT:
        return found
    inside = takewhile(lambda item_id: item_id != breach.cause, after.lineage(breach.item))
    return [o for item_id in inside for o in by_item.get(item_id, []) if o.op == "move"]  # moved out of sight


def _named(operation: Operation) -> dict[str, str]:
    return {"item": short(say(operation.label, "nb") or operation.item), "part": short(say(operation.part, "nb"))}


def _with_own_ids(operations: list[Operation], there: set[str], told: list[Problem]) -> Iterator[Operation]:
    """The operations, with ids of their own for added items whose id is taken; conditions follow."""
    taken = there | {operation.item for operation in operations}
    names: dict[str, str] = {}
    added: set[str] = set()
    for operation in operations:
        if operation.op == "add_after" and operation.item in there and operation.item not in names:
            names[operation.item] = fresh(operation.item, taken)
            taken.add(names[operation.item])
            told.append(Problem(operation, Note(_BOTH, _named(operation))))
    for operation in operations:
        if operation.op == "add_after" and operation.item in added:  # twice, in a list that nobody derived
            names = {**names, operation.item: fresh(operation.item, taken)}
            taken.add(names[operation.item])
        if operation.op == "add_after":
            added.add(operation.item)
        yield _renamed(operation, names) if names else operation


def _renamed(operation: Operation, names: dict[str, str]) -> Operation:
    def named(name: str) -> str:
        return names.get(name, name)

    value = operation.value
    if operation.op == "add_after" and isinstance(value, dict):
        rules = {
            name: _reading(value[name], names) for name in ("visible_if", "required", "constraints") if name in value
        }
        value = {**value, **rules, "id": named(operation.item)}
    elif operation.path[:1] in (("visible_if",), ("required",), ("constraints",)):
        value = _reading(value, names)
    update = {"item": named(operation.item), "parent": named(operation.parent), "after": named(operation.after)}
    return operation.model_copy(update={**update, "value": value})


def _reading(rule: Any, names: dict[str, str]) -> Any:
    """A condition that reads the questions by their new names."""
    if isinstance(rule, list):
        return [_reading(part, names) for part in rule]
    if not isinstance(rule, dict):
        return rule
    found = {key: _reading(part, names) for key, part in rule.items()}
    return found | {key: names[rule[key]] for key in ("var", "answered", "count") if _named_in(rule.get(key), names)}


def _named_in(name: Any, names: Mapping[str, str]) -> bool:
    return isinstance(name, str) and name in names


class _Work:
    """One round of doing the operations."""

    def __init__(self, base: Outline, vanished: Vanished) -> None:
        self.problems: list[Problem] = []
        self._bench = Workbench(base)
        self._added: dict[str, Operation] = {}
        self._vanished = vanished
        self._leaving = set(vanished.ids) - set(vanished.kept)
        for item_id in vanished.ids:
            self._bench.add(vanished.older.items[item_id], self._old_spot(item_id))

    def _old_spot(self, item_id: str) -> Spot:
        """Where a vanished item stood: after the nearest sibling before it that is still there."""
        older, forest = self._vanished.older, self._bench.forest
        parent, after = older.spots[item_id]
        while after and not (after in forest and forest.parent(after) == parent):
            after = older.spots[after].after
        return Spot(parent, after)

    def _tell(self, operation: Operation, text: str) -> None:
        self.problems.append(Problem(operation, Note(text, _named(operation))))

    def do(self, operation: Operation) -> None:
        there = operation.item in self._bench
        if not fits(operation):
            self._tell(operation, _UNREADABLE)
        elif operation.op == "add_after":
            self._added[operation.item] = operation
            item = Item.model_validate({**operation.value, "items": []})
            self._bench.add(item, self._spot(operation))
        elif not there:
            if operation.op != "remove":
                self._tell(operation, _GONE)
        elif operation.op == "move":
            self._move(operation)
        elif operation.op == "remove":
            self._bench.dissolve(operation.item)
        elif operation.op in ("add_language", "remove_language"):
            self._language(operation)
        elif operation.op in ("add_part", "move_part", "remove_part"):
            self._part(operation)
        elif not self._bench.put(operation.item, operation.path, operation.value):
            self._tell(operation, _PART_GONE)

    def _move(self, operation: Operation) -> None:
        if self._within(operation.parent, operation.item) or self._within(operation.after, operation.item):
            self._tell(operation, _INSIDE_ITSELF)
        else:
            self._bench.forest.insert(operation.item, *self._spot(operation))

    def _within(self, item_id: str, group: str) -> bool:
        return group in self._bench.forest.lineage(item_id)

    def _spot(self, operation: Operation) -> Spot:
        """Where an operation puts its item, or the nearest place to that."""
        forest, parent, after = self._bench.forest, operation.parent, operation.after
        if after in forest and (forest.parent(after) == parent or parent not in self._added):
            return Spot(forest.parent(after), after)  # what it stood after may have moved, and takes it along
        if parent in self._bench and not after:
            return Spot(parent, "")
        self._tell(operation, _ELSEWHERE)
        parent = parent if parent in self._bench else ""
        return Spot(parent, self._bench.last(parent))

    def _language(self, operation: Operation) -> None:
        languages: list[str] = self._bench.data("")["languages"]
        if operation.op == "add_language" and operation.value not in languages:
            languages.append(operation.value)
        elif operation.op == "remove_language" and operation.was in languages:
            languages.remove(operation.was)

    def _part(self, operation: Operation) -> None:
        name, key = operation.path
        parts = self._bench.parts(operation.item, name)
        if operation.op == "add_part":
            if key in parts.found:
                self._tell(operation, _PART_THERE)
            parts.found[key] = whole_part(operation)
        elif key not in parts.found:
            if operation.op == "move_part":
                self._tell(operation, _PART_GONE)
            return
        elif operation.op == "remove_part":
            del parts.found[key]
            parts.order.take(key)
            return
        parts.insert(key, operation.after)

    def finish(self) -> QuestionSetDefinition:
        for item_id in reversed(self._vanished.ids):
            if item_id in self._leaving and item_id in self._bench:
                self._bench.dissolve(item_id)
        for item_id in self._bench.too_deep():
            if item_id in self._added:
                self._tell(self._added[item_id], _DEEP)
        for item_id, operation in reversed(self._added.items()):
            if len(self._bench) <= MAX_ITEMS:
                break
            if item_id in self._bench:
                self._bench.dissolve(item_id)
                self.problems.append(Problem(operation, Note(_MANY, {**_named(operation), "most": MAX_ITEMS})))
        return self._bench.finish()
