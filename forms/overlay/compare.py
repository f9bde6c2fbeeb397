"""Two versions of a set held against each other: what changed, how much it means, and which translations it left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from forms.definition import QuestionSetDefinition, Texts
from forms.overlay.levels import LEVELS, Level, level_of
from forms.overlay.operations import Operation, derived
from forms.overlay.outline import IDENTITY, Outline, Path, is_text, properties
from forms.overlay.published import keep_published, reused
from forms.overlay.wording import NORWEGIAN, Reader, label_of, shown, what, where
from forms.texts import N_, Note

__all__ = ["Change", "Level", "Stale", "changes", "compare", "keep_published", "level", "reused", "stale"]

_OUT_OF_SIGHT = Note(N_("Flyttet inn i noe som er skjult"))
_SOMETIMES = Note(N_("Flyttet inn i noe som bare vises i noen tilfeller"))
_ADDED_HIDDEN = Note(N_("Nytt, men skjult"))
_TEXTS = N_("Antall tekster: %(count)s")
_MUST = Note(N_("Nytt spørsmål som må besvares"))


class Change(NamedTuple):
    """One thing that changed, of the item `item_id` ("" is the set itself), as a person reads it."""

    item_id: str
    level: Level
    what: Note
    label: Texts
    before: str
    after: str


class Stale(NamedTuple):
    """A translation that stayed as it was when the text it translates changed. `path` as in forms/edit."""

    item_id: str
    path: str
    language: str
    label: Texts
    source_before: str
    source_after: str
    text: str


def compare(
    old: QuestionSetDefinition | None,
    new: QuestionSetDefinition,
    language: str = "nb",
    gettext: Callable[[str], str] = str,
) -> list[Change]:
    """What changed, in the order of the form; everything is new when there is no `old`. `language` and `gettext` are of
    the one who reads `before` and `after`."""
    reader, after = Reader(language, gettext), Outline(new)
    if old is None:
        added = (
            (item, Operation(op="add_after", item=item.id, value={"type": item.type})) for item in after.items.values()
        )
        return [
            Change(item.id, "minor", what(operation), label_of(item), "", reader.text(item.text))
            for item, operation in added
        ]
    return gathered(changes(Outline(old), after, reader), reader)


def changes(old: Outline, new: Outline, reader: Reader = NORWEGIAN) -> list[tuple[Operation, Change]]:
    """As `compare`, with the operation behind each change."""
    found = [operation for operation in derived(old, new) if operation.item or operation.path[:1] not in _IDENTITY]
    place = _places(old, new)
    return [(o, _change(o, old, new, reader)) for o in sorted(found, key=lambda operation: place[operation.item])]


def gathered(found: Iterable[tuple[Operation, Change]], reader: Reader) -> list[Change]:
    """The changes alone. The texts of a language that came or went are one change, with their number."""
    found = list(found)
    kept, counts = list[tuple[Operation, Change]](), Counter[str]()
    new = {operation.value for operation, _ in found if operation.op == "add_language"}
    gone = {operation.was for operation, _ in found if operation.op == "remove_language"}
    for operation, change in found:
        language = operation.path[-1] if is_text(operation.path) else ""
        if (language in new and operation.was is None) or (language in gone and operation.value is None):
            counts[language] += 1
        else:
            kept.append((operation, change))
    return [_counted(operation, change, counts, reader) for operation, change in kept]


def _counted(operation: Operation, change: Change, counts: Mapping[str, int], reader: Reader) -> Change:
    if operation.op == "add_language":
        return change._replace(after=reader.told(_TEXTS, count=counts[operation.value]))
    if operation.op == "remove_language":
        return change._replace(before=reader.told(_TEXTS, count=counts[operation.was]))
    return change


_IDENTITY = [(name,) for name in IDENTITY]


def _places(old: Outline, new: Outline) -> dict[str, tuple[int, int]]:
    """Where each item is told of: in the order of the new form, what is gone after what it stood behind."""
    places = {item_id: (number, 0) for number, item_id in enumerate(["", *new.items])}
    last = 0
    for number, item_id in enumerate(old.items, 1):
        if item_id in new.items:
            last = places[item_id][0]
        else:
            places[item_id] = (last, number)
    return places


def _change(operation: Operation, old: Outline, new: Outline, reader: Reader) -> Change:
    item_id = operation.item
    outline = new if item_id in new.items else old
    label = label_of(outline.items[item_id]) if item_id else {}
    before, after = _texts(operation, old, new, reader)
    return Change(item_id, level_of(operation, old, new), _what(operation, old, new, reader), label, before, after)


def _what(operation: Operation, old: Outline, new: Outline, reader: Reader) -> Note:
    item_id = operation.item
    if operation.op == "add_after" and new.standings[item_id].hidden:
        return _ADDED_HIDDEN
    if operation.op == "add_after" and new.items[item_id].required is True:
        return _MUST
    if operation.op == "move":
        before, after = (outline.standings[outline.parent(item_id)] for outline in (old, new))
        if after.hidden and not before.hidden:
            return _OUT_OF_SIGHT
        if after.conditions - before.conditions:
            return _SOMETIMES
    return what(operation, reader.language)


def _texts(operation: Operation, old: Outline, new: Outline, reader: Reader) -> tuple[str, str]:
    """Before and after."""
    item_id, path = operation.item, operation.path
    match operation.op:
        case "add_after":
            return "", reader.text(new.items[item_id].text)
        case "remove":
            return reader.text(old.items[item_id].text), ""
        case "move":
            return where(old, old.spots[item_id], reader), where(new, new.spots[item_id], reader)
        case "add_part":
            return "", reader.text(operation.part)
        case "remove_part":
            return reader.text(operation.part), ""
        case "hide" | "show" | "move_part" | "add_language" | "remove_language":
            return "", ""
    before, after = (
        shown(path, operation.was, old.definition, reader),
        shown(path, operation.value, new.definition, reader),
    )
    return (before, after) if before != after else ("", "")


def level(changes: Iterable[Change]) -> Level | None:
    """How much all of it means; None when nothing changed."""
    found = {change.level for change in changes}
    return next((name for name in reversed(LEVELS) if name in found), None)


def stale(old: QuestionSetDefinition, new: QuestionSetDefinition) -> list[Stale]:
    """The translations whose source changed since `old` while they did not, in the order of the form. The source of a
    text is its bokmål, in a set without that the first language."""
    before, after = Outline(old), Outline(new)
    languages = tuple(dict.fromkeys(new.languages))
    source = "nb" if "nb" in languages else next(iter(languages), "nb")
    found = []
    for item_id in ["", *after.items]:
        if (item_id and item_id not in before.items) or before.same(after, item_id):
            continue
        label = label_of(after.items[item_id]) if item_id else {}
        for path, was, now in _translated(before.data(item_id), after.data(item_id)):
            for language in languages:
                text = now.get(language, "").strip()
                if language != source and text and was.get(source, "").strip() and _left(source, language, was, now):
                    name = ".".join((*path, language))
                    found.append(Stale(item_id, name, language, label, was[source], now.get(source, ""), now[language]))
    return found


def _left(source: str, language: str, was: dict[str, str], now: dict[str, str]) -> bool:
    return was[source] != now.get(source, "") and was.get(language) == now[language]


_Texts = dict[str, str]


def _translated(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[Path, _Texts, _Texts]]:
    """Every text that was there before: path without language, what it said then and says now, by language."""
    was, now = _texts_of(properties(before)), _texts_of(properties(after))
    yield from ((path, was[path], said) for path, said in now.items() if path in was)
    for name, inside in (("examples", ()), ("facts", ("text",)), ("constraints", ("message",))):
        earlier = [_inside(part, inside) for part in before.get(name, ())]
        later = [_inside(part, inside) for part in after.get(name, ())]
        for number, (counterpart, said) in enumerate(zip(_counterparts(earlier, later), later, strict=True)):
            if counterpart is not None:
                yield (name, str(number), *inside), counterpart, said


def _texts_of(found: dict[Path, Any]) -> dict[Path, _Texts]:
    texts: dict[Path, _Texts] = {}
    for path, text in found.items():
        if is_text(path):
            texts.setdefault(path[:-1], {})[path[-1]] = text
    return texts


def _inside(part: Any, steps: Path) -> _Texts:
    for step in steps:
        part = part[step]
    return dict(part)


def _counterparts(earlier: list[_Texts], later: list[_Texts]) -> Iterator[_Texts | None]:
    """What each text of a list without names was before, when it has changed: the one in its place if they share a
    language, else the first that does."""
    whole = {frozenset(said.items()) for said in earlier}
    by_text = {pair: said for said in reversed(earlier) for pair in said.items()}
    for number, said in enumerate(later):
        if frozenset(said.items()) in whole:
            yield None
            continue
        same_place = earlier[number] if number < len(earlier) else {}
        shared = same_place.items() & said.items()
        yield same_place if shared else next((by_text[pair] for pair in said.items() if pair in by_text), None)
