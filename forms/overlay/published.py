"""What has been published stays: no id or code that may have answers comes back as another thing, and none is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forms.conditions import variables
from forms.definition import Fault, Item, QuestionSetDefinition, say
from forms.fault_words import short, type_name
from forms.overlay.operations import Operation
from forms.overlay.outline import KEYS, Outline
from forms.overlay.replay import redo
from forms.overlay.wording import label_of
from forms.texts import N_, Note

_LISTS = ("options", "columns", "rows")  # whose parts are named in answers
_TYPE = N_("var %(type)s da skjemaet ble publisert, og det finnes svar av den typen; lag heller et nytt spørsmål")
_COLUMN_TYPE = N_("kolonnen «%(part)s» er publisert med en annen type; lag heller en ny kolonne")
_GONE = {
    "options": N_("valget «%(part)s» er publisert og kan ikke fjernes; ta det ut av bruk"),
    "columns": N_("kolonnen «%(part)s» er publisert og kan ikke fjernes"),
    "rows": N_("raden «%(part)s» er publisert og kan ikke fjernes"),
}
_BACK = N_("«%(item)s» manglet. Det er lagt tilbake og skjult, så tidligere svar kan leses.")
_PARTS_BACK = {
    "options": N_("Valget «%(part)s» i «%(item)s» manglet. Det er lagt tilbake og tatt ut av bruk."),
    "columns": N_("Kolonnen «%(part)s» i «%(item)s» manglet. Den er lagt tilbake."),
    "rows": N_("Raden «%(part)s» i «%(item)s» manglet. Den er lagt tilbake."),
}


def reused(published: Sequence[QuestionSetDefinition], new: QuestionSetDefinition) -> list[Fault]:
    """Where `new` uses a published id for another type, or lacks a published option, column or row."""
    now, found = Outline(new), dict[tuple[str, ...], Fault]()
    for old in published:
        for item in old.walk():
            if item.id in now.items:
                found.update(_misused(item, now.items[item.id]))
    place = {item_id: number for number, item_id in enumerate(now.items)}
    return sorted(found.values(), key=lambda fault: place[fault.item])


def _misused(old: Item, new: Item) -> Iterator[tuple[tuple[str, ...], Fault]]:
    if old.type != new.type:
        yield (old.id,), Fault(old.id, "type", Note(_TYPE, {"type": type_name(old.type)}))
        return
    for name in _LISTS:
        before, after = _named(old, name), _named(new, name)
        for key, part in before.items():
            said = {"part": short(say(part.text, "nb") or key)}
            if key not in after:
                yield (old.id, name, key), Fault(old.id, name, Note(_GONE[name], said))
            elif name == "columns" and part.type != after[key].type:
                yield (old.id, name, key), Fault(old.id, name, Note(_COLUMN_TYPE, said))


def keep_published(
    published: Sequence[QuestionSetDefinition], new: QuestionSetDefinition
) -> tuple[QuestionSetDefinition, list[Note]]:
    """`new` with what earlier versions (newest last) had and it leaves out: items come back hidden, options out of use,
    columns and rows as they were, and what was locked is locked again. Tells what came back."""
    versions = [Outline(version) for version in reversed(published)]
    now = Outline(new)
    items = list(_items_back(versions, now))
    order = {item_id: number for number, item_id in enumerate(Outline(redo(now, items).definition).items)}
    with_items = redo(now, [_readable(operation, order) for operation in items])
    parts = list(_parts_back(versions, Outline(with_items.definition)))
    done = redo(Outline(with_items.definition), parts)
    return done.definition, [_told(operation) for operation in (*items, *parts) if operation.op != "set"]


def _items_back(versions: list[Outline], new: Outline) -> Iterator[Operation]:
    """The items to add, from the newest version that has each; groups only when something comes back in them."""
    newest: dict[str, Outline] = {}
    for version in versions:
        for item_id in version.items:
            newest.setdefault(item_id, version)
    wanted: set[str] = set()
    for item_id, version in newest.items():
        if item_id not in new.items and version.items[item_id].type != "group":
            wanted.update(above for above in version.lineage(item_id) if above not in new.items)
    for version in versions:  # so a group comes before what was in it in an older one
        for item_id, item in version.items.items():
            if item_id in wanted and newest[item_id] is version:
                value = item.model_dump(mode="json", exclude={"items"}, exclude_defaults=True) | {"hidden": True}
                parent, after = version.spots[item_id]
                while after and after not in new.items and after not in wanted:
                    after = version.spots[after].after
                label = label_of(item)
                yield Operation(op="add_after", item=item_id, value=value, parent=parent, after=after, label=label)


def _readable(operation: Operation, order: Mapping[str, int]) -> Operation:
    """The added item without rules about questions that no longer come before it; they would be faults of the set."""

    def broken(rule: Any) -> bool:
        here = order.get(operation.item, 0)
        read = [name for name in variables(rule) if "." not in name and name != operation.item]
        return any(order.get(name, here) >= here for name in read)

    value = dict(operation.value)
    for name in ("visible_if", "required", "constraints"):
        if broken(value.get(name)):
            del value[name]
    return operation.model_copy(update={"value": value})


def _parts_back(versions: list[Outline], now: Outline) -> Iterator[Operation]:
    for item_id, item in now.items.items():
        earlier = [old for version in versions if (old := version.items.get(item_id)) and old.type == item.type]
        for name in _LISTS:
            there = set(_named(item, name))
            for old in earlier:
                last = ""
                for key, part in _named(old, name).items():
                    if key not in there:
                        there.add(key)
                        value = part.model_dump(mode="json", exclude={KEYS[name]})
                        value |= {"retired": True} if name == "options" else {}
                        where: dict[str, Any] = {"item": item_id, "path": (name, key), "after": last}
                        yield Operation(op="add_part", value=value, label=label_of(item), part=part.text, **where)
                    last = key
        if earlier and earlier[0].locked and not item.locked:
            yield Operation(op="set", item=item_id, path=("locked",), value=True, was=False, label=label_of(item))


def _named(item: Item, name: str) -> dict[str, Any]:
    return {getattr(part, KEYS[name]): part for part in getattr(item, name)}


def _told(operation: Operation) -> Note:
    said = {"item": short(say(operation.label, "nb") or operation.item)}
    if operation.op == "add_after":
        return Note(_BACK, said)
    name, key = operation.path
    return Note(_PARTS_BACK[name], {**said, "part": short(say(operation.part, "nb") or key)})
