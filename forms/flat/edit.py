"""Edits of a letter or a schedule, one call each: the content as it was in, the content as it shall be out.

As forms/edit.py for question sets. Nothing here makes content that its `shape` refuses; what is refused is told in
EditRefused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from pydantic import ValidationError

from forms.definition import LANGUAGES
from forms.edit.paths import put
from forms.edit.properties import EditRefused, mark, same
from forms.edit.tree import EditConflict, Edited, short
from forms.flat import Flat, label_of
from forms.flat.overlay import FlatOperation, State
from forms.flat.properties import marks, properties, property_of, read_posted, tidied
from forms.flat.step_properties import settle
from forms.steps import StepRule, Steps
from forms.texts import N_, Note

__all__ = [
    "EditConflict", "EditRefused", "Edited", "add_language", "delete", "hide", "mark", "marks", "move", "move_to",
    "properties", "read_posted", "remove_language", "set_properties", "show",
]  # fmt: skip

Way = Literal["up", "down"]
_GONE = N_("Det du ville endre, finnes ikke lenger. Noen andre kan ha slettet det.")
MISFIT = N_("Dette kan ikke endres her. Last siden på nytt.")
_ENDS = {"up": N_("Det står allerede øverst."), "down": N_("Det står allerede nederst.")}


def set_properties(content: Flat, part_id: str, values: Mapping[str, Any], bases: Mapping[str, str]) -> Edited:
    """Write the values of a part ("" for the head) that nobody else has changed since `bases`, the marks of what was
    shown. What is not touched is let be; what somebody else changed to something else is a conflict, and stands."""
    source = part_of(content, part_id)
    current, state, conflicts = properties(source), State(content), list[EditConflict]()
    for path, given in values.items():
        if mark(given) == bases.get(path):
            continue
        value, theirs = tidied(source, path, given), current.get(path)
        about = property_of(source, path)
        if about is not None and same(about, theirs, value):
            continue
        if path not in current or mark(theirs) != bases.get(path, ""):
            conflicts.append(EditConflict(path, theirs, value))
        else:
            put(state.of(part_id), path, None if value == "" else value)
    if isinstance(source, StepRule) and state.of(part_id).get("done_by", "tick") != source.done_by:
        settle(state.of(part_id))
    return edited(content, state, part_id, N_("Endret «%(item)s»"), tuple(conflicts))


def move(content: Flat, part_id: str, way: Way) -> Edited:
    """Change places with the neighbour. Refused at the end."""
    part_of(content, part_id, head=False)
    order = [part.id for part in content.parts]
    to = neighbour(order.index(part_id), way, len(order))
    return move_to(content, part_id, order[to] if way == "down" else ["", *order][to])


def move_to(content: Flat, part_id: str, after: str) -> Edited:
    """Put the part right after another, "" for first."""
    part_of(content, part_id, head=False)
    part_of(content, after)
    state = State(content)
    if after != part_id:
        state.apply(FlatOperation(op="move", part=part_id, after=after))
    return edited(content, state, part_id, N_("Flyttet «%(item)s»"))


def hide(content: Flat, part_id: str) -> Edited:
    """Leave the part out without taking its id away. Refused for what the law demands."""
    if getattr(part_of(content, part_id, head=False), "locked", False):
        raise EditRefused(
            N_("Loven krever «%(item)s». Du kan endre den, men ikke slå den av."), item=_label(content, part_id)
        )
    what = N_("Slo av «%(item)s»") if isinstance(content, Steps) else N_("Skjulte «%(item)s»")
    return _done(content, FlatOperation(op="hide", part=part_id), what)


def show(content: Flat, part_id: str) -> Edited:
    """Take a hidden part in again."""
    part_of(content, part_id, head=False)
    what = N_("Slo på «%(item)s»") if isinstance(content, Steps) else N_("Viste «%(item)s» igjen")
    return _done(content, FlatOperation(op="show", part=part_id), what)


def delete(content: Flat, part_id: str, kept: Collection[str]) -> Edited:
    """Take away a part that has never been published; the others can only be hidden."""
    part_of(content, part_id, head=False)
    if part_id in kept:
        why = N_("«%(item)s» kan bare skjules, for det er brukt før.")
        if isinstance(content, Steps):
            why = N_("«%(item)s» kan bare slås av, for den er brukt før.")
        raise EditRefused(why, item=_label(content, part_id))
    state, name = State(content), _label(content, part_id)
    order = ["", *state.parts]
    state.apply(FlatOperation(op="remove", part=part_id))
    return Edited(_valid(state), order[order.index(part_id) - 1], Note(N_("Slettet «%(item)s»"), {"item": name}))


def add_language(content: Flat, language: str) -> Edited:
    """Take in one more language; its texts are then missing."""
    if language not in LANGUAGES or language in content.languages:
        raise EditRefused(N_("Språket er med fra før, eller kan ikke velges."))
    return _done(content, FlatOperation(op="add_language", value=language), N_("La til et språk"))


def remove_language(content: Flat, language: str) -> Edited:
    """Take a language away. Its texts stay unseen, for when it is added again."""
    if language not in content.languages:
        raise EditRefused(_GONE)
    if not {"nb", "nn"} & (set(content.languages) - {language}):
        raise EditRefused(N_("Bokmål eller nynorsk må være med."))
    return _done(content, FlatOperation(op="remove_language", value=language), N_("Tok bort et språk"))


# --- for forms/flat/letter_edit.py too --------------------------------------------------------------------------------


def part_of(content: Flat, part_id: str, *, head: bool = True) -> Any:
    """The part, or the content itself for "". Raises EditRefused."""
    found = content if head and not part_id else content.find(part_id)
    if found is None:
        raise EditRefused(_GONE)
    return found


def neighbour(at: int, way: Way, count: int) -> int:
    """The place next to `at` of `count`. Raises EditRefused at the end."""
    to = at + (1 if way == "down" else -1)
    if not 0 <= to < count:
        raise EditRefused(_ENDS[way])
    return to


def edited(content: Flat, state: State, part_id: str, what: str, conflicts: tuple[EditConflict, ...] = ()) -> Edited:
    """The state as content. `what` may name the part as %(item)s. Raises EditRefused when it has no right shape."""
    made = _valid(state)
    values = {"item": _label(made, part_id)} if "%(item)s" in what else {}
    return Edited(made, part_id, Note(what, values), conflicts)


def _done(content: Flat, change: FlatOperation, what: str) -> Edited:
    state = State(content)
    state.apply(change)
    return edited(content, state, change.part, what)


def _valid(state: State) -> Any:
    try:
        return state.content()
    except ValidationError as error:
        raise EditRefused(MISFIT) from error


def _label(content: Flat, part_id: str) -> str:
    return short(label_of(content, part_id)) or part_id
