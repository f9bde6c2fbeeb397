"""Writing texts and settings of an item or of the set, and the languages it is written in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from forms.definition import LANGUAGES, Item, QuestionSetDefinition, Strict, Texts
from forms.edit.properties import (
    EditRefused,
    Source,
    kind_of_source,
    mark,
    part_keys,
    properties,
    property_of,
    same,
    tidy,
)
from forms.edit.table import PARTS
from forms.edit.tree import UNKNOWN, EditConflict, Edited, label, locate, replaced
from forms.texts import N_, Note

_ADDED = {
    "nb": N_("La til bokmål"), "nn": N_("La til nynorsk"), "en": N_("La til engelsk"), "se": N_("La til nordsamisk"),
}  # fmt: skip
_REMOVED = {
    "nb": N_("Fjernet bokmål"), "nn": N_("Fjernet nynorsk"), "en": N_("Fjernet engelsk"),
    "se": N_("Fjernet nordsamisk"),
}  # fmt: skip
# Texts that may be left out: with none in the languages of the set there is none.
_OF_SET, _OF_PAPER = ("title", "subtitle", "description"), ("head", "made_by", "approved_by")
_OF_ITEM = ("text", "help", "unit", "copies_to")
M = TypeVar("M", bound=Strict)


def set_properties(
    definition: QuestionSetDefinition, item_id: str, values: Mapping[str, Any], bases: Mapping[str, str]
) -> Edited:
    """Write `values` by path, of an item or ("") of the set. `bases` are the marks of what the writer saw; without one,
    nothing was there. What is not touched, or is so already, is let be; what somebody else has changed in the meantime
    comes back as a conflict. Raises EditRefused."""
    source: Source = locate(definition, item_id).item if item_id else definition
    changed, conflicts = _weighed(source, definition.languages, values, bases)
    new = _written(source, changed, definition.languages) if changed else source
    if isinstance(new, QuestionSetDefinition):
        return Edited(new, "", Note(N_("Endret opplysningene om skjemaet")), conflicts)
    after = replaced(definition, locate(definition, item_id), new) if changed else definition
    return Edited(after, item_id, Note(N_("Endret «%(item)s»"), {"item": label(new)}), conflicts)


def _weighed(
    source: Source, languages: Collection[str], values: Mapping[str, Any], bases: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[EditConflict, ...]]:
    """What to write, and what somebody else has written."""
    present, changed, conflicts = properties(source, languages), dict[str, Any](), list[EditConflict]()
    for path, given in values.items():
        about, now, base = property_of(kind_of_source(source), path), present.get(path), bases.get(path, "")
        if about is None:
            raise EditRefused(UNKNOWN)
        if mark(given) in (base, mark(now)):
            continue
        value = tidy(about, given)
        if path in present and same(about, value, now):
            continue
        if path in present and mark(now) == base:
            changed[path] = value
        else:
            conflicts.append(EditConflict(path, now, value))
    return changed, tuple(conflicts)


def _written(source: Source, values: Mapping[str, Any], languages: Collection[str]) -> Source:
    data = source.model_dump(exclude={"items"})
    places = {part: {key: at for at, key in enumerate(part_keys(source, part))} for part in PARTS if part in data}
    for path, value in values.items():
        holder, steps = data, path.split(".")
        if steps[0] in places:
            holder, steps = data[steps[0]][places[steps[0]][steps[1]]], steps[2:]
        _put(holder, steps, value, languages)
    if data.get("calculate") == {}:
        data["calculate"] = None
    try:
        new = type(source).model_validate(data | {"items": ()})
    except ValidationError as error:
        raise EditRefused(N_("Verdien passer ikke her. Last siden på nytt og prøv igjen.")) from error
    return new.model_copy(update={"items": source.items})


def _put(holder: dict[str, Any], steps: Sequence[str], value: Any, languages: Collection[str]) -> None:
    """Write one value; what is empty is taken away, and so are the texts that are left in no language of the set."""
    *way, last = steps
    for step in way:
        if holder[step] is None:
            holder[step] = {}
        holder = holder[step]
    holder[last] = value
    if value is None or (last in LANGUAGES and not value):
        del holder[last]
    if last in LANGUAGES and not any(holder.get(language) for language in languages):
        holder.clear()


def add_language(definition: QuestionSetDefinition, language: str) -> Edited:
    """One language more; the texts that are missing in it are faults until they are written. Raises EditRefused."""
    if language not in LANGUAGES:
        raise EditRefused(UNKNOWN)
    if language in definition.languages:
        raise EditRefused(N_("Skjemaet har allerede dette språket."))
    made = definition.model_copy(update={"languages": (*definition.languages, language)})
    return Edited(made, "", Note(_ADDED[language]))


def remove_language(definition: QuestionSetDefinition, language: str) -> Edited:
    """One language less. Texts in it stay unseen, for when it is added again. Raises EditRefused."""
    if language not in definition.languages:
        raise EditRefused(UNKNOWN)
    left = tuple(code for code in definition.languages if code != language)
    if not {"nb", "nn"} & set(left):
        raise EditRefused(N_("Skjemaet må finnes på bokmål eller nynorsk."))
    made, paper = _seen(definition, _OF_SET, left), _seen(definition.paper, _OF_PAPER, left)
    changes = {"languages": left, "paper": paper, "items": _items_seen(definition.items, left)}
    return Edited(made.model_copy(update=changes), "", Note(_REMOVED[language]))


def _seen(model: M, names: Sequence[str], languages: Collection[str]) -> M:
    """Without texts that exist only in other languages: nobody would see them, yet they would be faults, or printed."""
    texts: dict[str, Texts] = {name: getattr(model, name) for name in names}
    strange: dict[str, Texts] = {
        name: {}
        for name, text in texts.items()
        if text and not {code for code in languages if text.get(code)}  # type: ignore[call-overload]
    }
    return model.model_copy(update=strange) if strange else model


def _items_seen(items: tuple[Item, ...], languages: Collection[str]) -> tuple[Item, ...]:
    made = []
    for item in items:
        own, inside = _seen(item, _OF_ITEM, languages), _items_seen(item.items, languages)
        made.append(own if inside == item.items else own.model_copy(update={"items": inside}))
    return tuple(made)
