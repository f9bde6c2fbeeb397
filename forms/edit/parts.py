"""Adding, removing and moving the parts of an item: options, columns, rows, facts, signers, examples, constraints."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal, NamedTuple

from forms.definition import MAX_OPTIONS, Item, QuestionSetDefinition
from forms.edit.properties import EditRefused, part_keys
from forms.edit.start import new_part
from forms.edit.table import ITEM_PROPERTIES, PARTS, Part
from forms.edit.tree import Edited, Place, label, listed, locate, readers, reads_option, replaced, short
from forms.texts import N_, Note

_MOST = {
    "options": MAX_OPTIONS, "columns": 12, "rows": 200, "facts": 40, "signers": 4, "examples": 50, "constraints": 20,
}  # fmt: skip


class _Said(NamedTuple):
    added: str
    removed: str
    moved: str


_SAID = {
    "options": _Said(
        N_("La til et svarvalg i «%(item)s»"),
        N_("Fjernet et svarvalg i «%(item)s»"),
        N_("Flyttet et svarvalg i «%(item)s»"),
    ),
    "columns": _Said(
        N_("La til en kolonne i «%(item)s»"),
        N_("Fjernet en kolonne i «%(item)s»"),
        N_("Flyttet en kolonne i «%(item)s»"),
    ),
    "rows": _Said(
        N_("La til en rad i «%(item)s»"),
        N_("Fjernet en rad i «%(item)s»"),
        N_("Flyttet en rad i «%(item)s»"),
    ),
    "facts": _Said(
        N_("La til en opplysning i «%(item)s»"),
        N_("Fjernet en opplysning i «%(item)s»"),
        N_("Flyttet en opplysning i «%(item)s»"),
    ),
    "signers": _Said(
        N_("La til en underskrift i «%(item)s»"),
        N_("Fjernet en underskrift i «%(item)s»"),
        N_("Flyttet en underskrift i «%(item)s»"),
    ),
    "examples": _Said(
        N_("La til et eksempel i «%(item)s»"),
        N_("Fjernet et eksempel i «%(item)s»"),
        N_("Flyttet et eksempel i «%(item)s»"),
    ),
    "constraints": _Said(
        N_("La til et krav til svaret i «%(item)s»"),
        N_("Fjernet et krav til svaret i «%(item)s»"),
        N_("Flyttet et krav til svaret i «%(item)s»"),
    ),
}
# What was published has been answered, so it stays; what to do instead.
_KEPT = {
    "options": N_("«%(part)s» kan være valgt i planer som finnes. Ta valget ut av bruk i stedet, så står svarene."),
    "columns": N_("«%(part)s» kan være fylt ut i planer som finnes, så kolonnen må bli stående. Du kan endre teksten."),
    "rows": N_("«%(part)s» kan være fylt ut i planer som finnes. Merk i stedet at raden ikke gjelder lenger."),
}
_GONE = N_("Det du ville endre i «%(item)s», finnes ikke lenger. Noen andre kan ha fjernet det.")


def add_part(definition: QuestionSetDefinition, item_id: str, part: Part, taken: Collection[str] = ()) -> Edited:
    """One more option, column … last, with an id that is not `taken` (every one this item ever published).

    `Edited.path` says where it begins, such as "options.valg_3". Raises EditRefused."""
    place = locate(definition, item_id)
    item = place.item
    there = [thing.model_dump() if hasattr(thing, "model_dump") else thing for thing in _parts(item, part)]
    if not may_have(item.type, part):
        raise EditRefused(N_("«%(item)s» er ikke av en type som kan ha dette."), item=label(item))
    if len(there) >= _MOST[part]:
        raise EditRefused(N_("Det kan høyst være %(most)s her."), most=_MOST[part])
    new = new_part(item.type, item.id, part, there, tuple(dict.fromkeys(definition.languages)), taken)
    if new is None:
        raise EditRefused(N_("«%(item)s» har allerede alle som finnes."), item=label(item))
    changed = Item.model_validate({"id": item.id, "type": item.type, part: [*there, new]})
    edited = _with_parts(definition, place, part, getattr(changed, part), _SAID[part].added)
    return edited._replace(path=f"{part}.{part_keys(changed, part)[-1]}")


def remove_part(
    definition: QuestionSetDefinition, item_id: str, part: Part, key: str, kept: Collection[str] = ()
) -> Edited:
    """Without the part that `key` names in a path. `kept` are the ids that this item ever published, or that the
    shipped set has: such options, columns and rows stay. Raises EditRefused."""
    place = locate(definition, item_id)
    things, at = _parts(place.item, part), _position(place.item, part, key)
    if part in _KEPT and key in kept:
        raise EditRefused(_KEPT[part], part=_name_of(things[at]))
    asking = readers(definition, (), lambda rule: part == "options" and reads_option(rule, item_id, key))
    if asking:
        raise EditRefused(
            N_("«%(part)s» brukes i betingelsen til %(items)s. Endre den først."),
            part=_name_of(things[at]), items=listed(map(label, asking)),
        )  # fmt: skip
    return _with_parts(definition, place, part, (*things[:at], *things[at + 1 :]), _SAID[part].removed)


def move_part(
    definition: QuestionSetDefinition, item_id: str, part: Part, key: str, direction: Literal["up", "down"]
) -> Edited:
    """The part one place up or down. Raises EditRefused."""
    place = locate(definition, item_id)
    things, at = list(_parts(place.item, part)), _position(place.item, part, key)
    to = at + (1 if direction == "down" else -1)
    if not 0 <= to < len(things):
        raise EditRefused(N_("Det står allerede nederst.") if direction == "down" else N_("Det står allerede øverst."))
    things[at], things[to] = things[to], things[at]
    edited = _with_parts(definition, place, part, tuple(things), _SAID[part].moved)
    return edited._replace(path=f"{part}.{part_keys(locate(edited.definition, item_id).item, part)[to]}")


def may_have(kind: str, part: str) -> bool:
    """Whether an item of a type can be given such parts."""
    return any(kind in about.types for pattern, about in ITEM_PROPERTIES.items() if pattern.startswith(f"{part}.*"))


def ids_of_parts(definitions: Iterable[QuestionSetDefinition], item_id: str, part: Part) -> frozenset[str]:
    """The ids of an item's options, columns or rows in any of the definitions: those that are taken, or kept."""
    items = [item for definition in definitions if (item := definition.find(item_id))]
    return frozenset(key for item in items if PARTS.get(part) for key in part_keys(item, part))


def _parts(item: Item, part: str) -> tuple[Any, ...]:
    if part not in PARTS:
        raise EditRefused(_GONE, item=label(item))
    things: tuple[Any, ...] = getattr(item, part)
    return things


def _position(item: Item, part: str, key: str) -> int:
    keys = part_keys(item, part)
    if key not in keys:
        raise EditRefused(_GONE, item=label(item))
    return keys.index(key)


def _name_of(thing: Any) -> str:
    texts = thing if isinstance(thing, dict) else getattr(thing, "text", {})
    return short(texts) or getattr(thing, "code", "") or getattr(thing, "id", "")


def _with_parts(
    definition: QuestionSetDefinition, place: Place, part: str, things: tuple[Any, ...], said: str
) -> Edited:
    item = place.item.model_copy(update={part: things})
    return Edited(replaced(definition, place, item), item.id, Note(said, {"item": label(item)}))
