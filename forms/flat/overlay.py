"""A municipality's letters and steps as changes of the shipped ones: found, and done again."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Literal

from forms.definition import LANGUAGES, Strict, Texts, say
from forms.edit.paths import differences, dump, get, put
from forms.fault_words import short
from forms.flat import F, Flat, label_of
from forms.overlay.outline import rising
from forms.overlay.replay import Problem, Replayed
from forms.texts import N_, Note

_MISFIT = N_("En endring av «%(item)s» passer ikke lenger, og er ikke tatt med.")
OWN = ("schema_version", "key", "version")  # of the head: never the municipality's change of the shipped


class FlatOperation(Strict):
    """One change of a part ("" is the head). `after` is the part it comes after ("" for first), `path` as in
    forms/edit/paths.py, `label` what the part was called, for people to read."""

    op: Literal["add_language", "remove_language", "remove", "add_after", "move", "hide", "show", "set"]
    part: str = ""
    after: str = ""
    path: str = ""
    value: Any = None
    label: Texts = {}


class State:
    """Content that is being changed: the head, and each part by id in order."""

    def __init__(self, content: Flat) -> None:
        self.model, self.head = type(content), dump(content)
        self.parts: dict[str, dict[str, Any]] = {part["id"]: part for part in self.head.pop(content.LIST, [])}

    def content(self) -> Any:
        """Raises ValidationError when it has no right shape."""
        return self._with(list(self.parts.values()))

    def _with(self, parts: list[dict[str, Any]]) -> Flat:
        return self.model.model_validate({**self.head, self.model.LIST: parts})

    def of(self, part: str) -> dict[str, Any]:
        """The part, or the head for "". Raises KeyError."""
        return self.parts[part] if part else self.head

    def value(self, part: str, path: str) -> Any:
        """What stands at a path of the part, None when there is nothing."""
        return get(self.parts.get(part) if part else self.head, path)

    def place(self, part: str, after: str, data: dict[str, Any]) -> None:
        """Put a part right after another, "" for first. Raises KeyError when that one is not there."""
        rest = [one for one in self.parts.items() if one[0] != part]
        at = [name for name, _ in rest].index(after) + 1 if after in self.parts and after != part else 0
        if after and not at:
            raise KeyError(after)
        self.parts = dict([*rest[:at], (part, data), *rest[at:]])

    def takes(self, change: FlatOperation) -> bool:
        """Apply the change, unless it does not fit or what it puts in has no right shape."""
        head, parts = copy.deepcopy(self.head), dict(self.parts)
        before = copy.deepcopy(parts.get(change.part))
        try:
            self.apply(change)
            there = [self.parts[change.part]] if change.part in self.parts else []
            kept = [part.id for part in self._with(there).parts] == [change.part] * len(there)
            if kept and self.model.LIST not in self.head:
                return True
        except (KeyError, TypeError, ValueError):  # pydantic's is a ValueError
            pass
        self.head, self.parts = head, parts
        if before is not None:
            self.parts[change.part] = before
        return False

    def apply(self, change: FlatOperation) -> None:
        """Raises KeyError when it does not fit."""
        match change.op:
            case "add_language":
                self.head["languages"] = [*self.head["languages"], change.value]
            case "remove_language":
                self.head["languages"] = [code for code in self.head["languages"] if code != change.value]
                _forget_unseen(self.head["languages"], [self.head, *self.parts.values()])
            case "remove":
                del self.parts[change.part]
            case "add_after" if change.part in self.parts:
                raise KeyError(change.part)
            case "add_after":
                self.place(change.part, change.after, copy.deepcopy(change.value))
            case "move":
                self.place(change.part, change.after, self.parts[change.part])
            case "hide" | "show":
                put(self.parts[change.part], "hidden", True if change.op == "hide" else None)
            case "set":
                put(self.of(change.part), change.path, copy.deepcopy(change.value))


def _forget_unseen(languages: Collection[str], data: Any) -> None:
    """Empty the texts that none of the languages has. Others keep what is unseen, for when its language comes back."""
    if isinstance(data, dict) and data and set(data) <= set(LANGUAGES):
        if not any(data.get(language) for language in languages):
            data.clear()
        return
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        _forget_unseen(languages, inner)


def derive(base: F, edited: F) -> tuple[FlatOperation, ...]:
    """What was changed from `base` to `edited`, in the order in which `replay` does it again."""
    state, goal = State(base), State(edited)
    found: list[FlatOperation] = []
    for stage in (_of_languages, _of_parts, _of_values):
        for change in stage(state, goal):
            state.apply(change)
            label = label_of(edited if change.part in goal.parts else base, change.part)
            found.append(change.model_copy(update={"label": label}))
    return tuple(found)


def replay(base: F, operations: Iterable[FlatOperation]) -> Replayed:
    """Do the operations on `base`. What does not fit is left out and told."""
    state, problems = State(base), list[Problem]()
    for change in operations:
        if not state.takes(change):
            told: Any = change
            problems.append(Problem(told, Note(_MISFIT, {"item": short(say(change.label, "nb") or change.part)})))
    return Replayed(state.content(), tuple(problems))


def _of_languages(state: State, goal: State) -> Iterator[FlatOperation]:
    before, after = list(state.head["languages"]), list(goal.head["languages"])
    kept: list[str] = []
    for language in before:
        if language == next(iter(after[len(kept) :]), None):
            kept.append(language)
        else:
            yield FlatOperation(op="remove_language", value=language)
    for language in after[len(kept) :]:
        yield FlatOperation(op="add_language", value=language)


def _of_parts(state: State, goal: State) -> Iterator[FlatOperation]:
    for part in [part for part in state.parts if part not in goal.parts]:
        yield FlatOperation(op="remove", part=part)
    old, new = list(state.parts), list(goal.parts)
    still = rising(old, [part for part in new if part in state.parts])
    for after, part in zip(["", *new], new, strict=False):
        if part not in state.parts:
            yield FlatOperation(op="add_after", part=part, after=after, value=goal.parts[part])
        elif part not in still:
            yield FlatOperation(op="move", part=part, after=after)


def _of_values(state: State, goal: State) -> Iterator[FlatOperation]:
    for part in ("", *goal.parts):
        for path, _before, after in differences(state.of(part), goal.of(part)):
            if path == "hidden":
                yield FlatOperation(op="hide" if after else "show", part=part)
            else:
                yield FlatOperation(op="set", part=part, path=path, value=after)
