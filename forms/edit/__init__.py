"""Every edit of a question set that is being made.

Each is a function from a definition to a new one of right shape, which may have faults. What cannot be done raises
EditRefused with the reason. Two who edit at once lose nothing: properties are written only where they still are as the
writer saw them, and `edit_values.set_properties` gives back the others as conflicts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from forms.definition import Item, QuestionSetDefinition, walk
from forms.edit.parts import add_part, ids_of_parts, may_have, move_part, remove_part
from forms.edit.properties import (
    EditRefused,
    Field,
    fields,
    kind_of,
    mark,
    marks,
    properties,
    property_of,
    read_bases,
    read_posted,
    render,
)
from forms.edit.start import content_of, copied, name_of, new_item, stem_of_kind
from forms.edit.table import BOUND_COLUMNS, ITEM_PROPERTIES, PARTS, SECTIONS, Kind, Part, Property
from forms.edit.tree import (
    UNKNOWN,
    Direction,
    EditConflict,
    Edited,
    check_room,
    fresh_id,
    ids_of,
    insert,
    label,
    listed,
    locate,
    readers,
    renamed,
    replaced,
    stem_of,
)
from forms.edit.values import add_language, remove_language, set_properties
from forms.texts import N_, Note

__all__ = [
    "PARTS", "SECTIONS", "Direction", "EditConflict", "EditRefused", "Edited", "Field", "Kind", "Part", "Property",
    "add_item", "add_language", "add_part", "change_type", "delete", "duplicate", "fields", "hide", "ids_of_parts",
    "kind_of", "label", "mark", "marks", "may_have", "move", "move_part", "move_to", "properties", "property_of",
    "read_bases", "read_posted", "remove_language", "remove_part", "render", "set_properties", "show",
]  # fmt: skip

_MOVED = N_("Flyttet «%(item)s»")
_ENDS = {  # why it goes no further up or down: in the set, in a group
    "up": (
        N_("«%(item)s» står allerede øverst."),
        N_("«%(item)s» står først i delen. Flytt ut av delen for å komme lenger opp."),
    ),
    "down": (
        N_("«%(item)s» står allerede nederst."),
        N_("«%(item)s» står sist i delen. Flytt ut av delen for å komme lenger ned."),
    ),
}
_ALIKE = frozenset({"text", "string"})  # types whose answers conditions read in the same way


def add_item(
    definition: QuestionSetDefinition, kind: str, after: str = "", inside: str = "", taken: Collection[str] = ()
) -> Edited:
    """A new item of a type: after another one, or last in a group, or last in the set. Its id is not in `taken` (every
    one ever published). Raises EditRefused."""
    if kind not in ITEM_PROPERTIES["type"].types:
        raise EditRefused(UNKNOWN)
    item = new_item(kind, definition.languages, {*ids_of(definition), *taken})
    if after:
        place = locate(definition, after)
        made = insert(definition, place.group, place.at + 1, item)
    else:
        made = insert(definition, locate(definition, inside).trail if inside else (), None, item)
    return Edited(made, item.id, Note(N_("La til «%(item)s»"), {"item": label(item)}))


def duplicate(definition: QuestionSetDefinition, item_id: str, taken: Collection[str] = ()) -> Edited:
    """A copy right after the item, with all that lies in it. What reads an item inside reads its copy. The law's lock
    and Nav's field stay with the original. Raises EditRefused."""
    place = locate(definition, item_id)
    names, fresh, used = dict[str, str](), list[str](), {*ids_of(definition), *taken}
    for item in walk((place.item,)):
        fresh.append(fresh_id(stem_of(item.id) or stem_of_kind(item.type), used))
        used.add(fresh[-1])
        names.setdefault(item.id, fresh[-1])
    copy = _copied(place.item, names, iter(fresh))
    copy = copy.model_copy(update={"text": copied(copy.text), "hidden": False})
    made = insert(definition, place.group, place.at + 1, copy)
    return Edited(made, copy.id, Note(N_("Kopierte «%(item)s»"), {"item": label(place.item)}))


def _copied(item: Item, names: Mapping[str, str], fresh: Iterator[str]) -> Item:
    changes: dict[str, Any] = {"id": next(fresh), "locked": False, "nav_field": None}
    changes["visible_if"] = renamed(item.visible_if, names)
    changes["required"] = renamed(item.required, names)
    changes["constraints"] = tuple(c.model_copy(update={"expr": renamed(c.expr, names)}) for c in item.constraints)
    changes["items"] = tuple(_copied(inner, names, fresh) for inner in item.items)
    return item.model_copy(update=changes)


def move(definition: QuestionSetDefinition, item_id: str, direction: Direction) -> Edited:
    """One place up or down among its siblings, last into the group right above it, or out after its own group.
    Raises EditRefused."""
    place = locate(definition, item_id)
    name, inside = label(place.item), bool(place.above)
    if direction in ("up", "down"):
        to = place.at + (1 if direction == "down" else -1)
        if not 0 <= to < len(place.siblings):
            raise EditRefused(_ENDS[direction][inside], item=name)
        group, index = place.group, to
    elif direction == "in":
        if not place.at or place.siblings[place.at - 1].type != "group":
            raise EditRefused(N_("Det står ingen del rett over «%(item)s»."), item=name)
        group, index = (*place.group, place.at - 1), len(place.siblings[place.at - 1].items)
    else:
        if not inside:
            raise EditRefused(N_("«%(item)s» ligger ikke i noen del."), item=name)
        group, index = place.group[:-1], place.group[-1] + 1
    return Edited(insert(replaced(definition, place), group, index, place.item), item_id, Note(_MOVED, {"item": name}))


def move_to(definition: QuestionSetDefinition, item_id: str, parent: str, after: str) -> Edited:
    """Into a group, or the set (""), after one of those there, or first (""). Raises EditRefused."""
    place = locate(definition, item_id)
    what = Note(_MOVED, {"item": label(place.item)})
    if parent in {inner.id for inner in walk((place.item,))}:
        raise EditRefused(N_("«%(item)s» kan ikke flyttes inn i seg selv."), item=label(place.item))
    rest = replaced(definition, place)
    group = locate(rest, parent).trail if parent else ()
    if after == item_id:
        return Edited(definition, item_id, what)
    before = locate(rest, after) if after else None
    if before is not None and before.group != group:
        raise EditRefused(UNKNOWN)
    return Edited(insert(rest, group, before.at + 1 if before else 0, place.item), item_id, what)


def hide(definition: QuestionSetDefinition, item_id: str) -> Edited:
    """Neither asked nor printed, with all that lies in it. overlay.locked_faults tells what the law keeps from it."""
    return _with_hidden(definition, item_id, True, N_("Skjulte «%(item)s»"))


def show(definition: QuestionSetDefinition, item_id: str) -> Edited:
    """Asked and printed again."""
    return _with_hidden(definition, item_id, False, N_("Tok fram igjen «%(item)s»"))


def _with_hidden(definition: QuestionSetDefinition, item_id: str, hidden: bool, said: str) -> Edited:
    place = locate(definition, item_id)
    what = Note(said, {"item": label(place.item)})
    if place.item.hidden is hidden:
        return Edited(definition, item_id, what)
    return Edited(replaced(definition, place, place.item.model_copy(update={"hidden": hidden})), item_id, what)


def delete(definition: QuestionSetDefinition, item_id: str, kept: Collection[str] = ()) -> Edited:
    """Without the item and what lies in it. `kept` are ids that were published or belong to the shipped set: they can
    only be hidden. Raises EditRefused for them, and when a condition elsewhere reads an answer that would go."""
    place = locate(definition, item_id)
    name, going = label(place.item), {item.id: item for item in walk((place.item,))}
    if item_id in kept:
        raise EditRefused(N_("«%(item)s» er tatt i bruk eller følger med malen, og kan bare skjules."), item=name)
    if staying := [label(item) for item in going.values() if item.id in kept]:
        why = N_("«%(item)s» kan bare skjules, for den inneholder noe som er tatt i bruk: %(items)s.")
        raise EditRefused(why, item=name, items=listed(staying))
    _refuse_if_read(definition, going, name)
    near = (*place.siblings[place.at + 1 :], *reversed(place.siblings[: place.at]), *reversed(place.above))
    what = Note(N_("Slettet «%(item)s»"), {"item": name})
    return Edited(replaced(definition, place), near[0].id if near else "", what)


def _refuse_if_read(definition: QuestionSetDefinition, ids: Collection[str], name: str) -> None:
    if asking := readers(definition, ids):
        why = N_("Svaret på «%(item)s» brukes i betingelsen til %(items)s. Endre den først.")
        raise EditRefused(why, item=name, items=listed(map(label, asking)))


def change_type(definition: QuestionSetDefinition, item_id: str, kind: str, kept: Collection[str] = ()) -> Edited:
    """Another type; texts and conditions stay, what the new type has no use for goes. Raises EditRefused for ids in
    `kept`, whose answers are of the old type, and when a condition reads the answer."""
    place = locate(definition, item_id)
    old, name = place.item, label(place.item)
    what = Note(N_("Endret typen til «%(item)s»"), {"item": name})
    if kind not in ITEM_PROPERTIES["type"].types:
        raise EditRefused(UNKNOWN)
    if kind == old.type:
        return Edited(definition, item_id, what)
    if item_id in kept:
        why = N_("«%(item)s» er tatt i bruk eller følger med malen. Skjul det, og legg til et nytt i stedet.")
        raise EditRefused(why, item=name)
    if old.items and kind != "group":
        raise EditRefused(N_("Flytt først ut det som ligger i «%(item)s»."), item=name)
    if not {kind, old.type} <= _ALIKE:
        _refuse_if_read(definition, {item_id}, name)
    new = _retyped(old, kind, definition.languages, {*ids_of(definition), *kept})
    check_room(definition, len(place.above), new, len(new.items) - len(old.items))
    return Edited(replaced(definition, place, new), item_id, what)


def _retyped(item: Item, kind: str, languages: tuple[str, ...], taken: Collection[str]) -> Item:
    means = {pattern.split(".")[0] for pattern, about in ITEM_PROPERTIES.items() if kind in about.types}
    data = item.model_dump(exclude={"items"}, exclude_defaults=True)
    data = {name: value for name, value in data.items() if name in means or name in ("id", "examples")}
    data |= {"type": kind, "items": item.items}
    if item.text == name_of(item.type, languages):
        data["text"] = name_of(kind, languages)
    for name, new in content_of(kind, item.id, languages, taken).items():
        if not data.get(name) or kind in BOUND_COLUMNS:
            data[name] = new
    return Item.model_validate(data)
