"""A new edition of a shipped letter or list of steps: the municipality's own changes are done again on it."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

from forms.edit.paths import overlap, put
from forms.flat import F, Flat, label_of
from forms.flat.compare import change_of, name_of, named, own, shown
from forms.flat.overlay import FlatOperation, State, derive, replay
from forms.overlay.upgrade import Choice, Upgrade
from forms.overlay.wording import Reader
from forms.steps import DECIDED_BY_LAW
from forms.texts import N_, Note

Side = Literal["ours", "theirs"]
_BOTH = N_("Både kommunen og Attende har endret dette: %(property)s")
_MOVED = N_("Både kommunen og Attende har flyttet dette.")
_GONE = N_("Kommunen har endret dette, men Attende har tatt det ut.")
_TAKEN = N_("Kommunens «%(item)s» og noe nytt fra Attende har samme navn i systemet.")
_UNSEEN = N_("Kommunen har skjult dette, og Attende har endret det.")
_KEEP, _DROP = N_("Beholdes som kommunens eget"), N_("Tas ut")
_HIDE, _SHOW = N_("Skjult"), N_("Vises: %(new)s")
_PLACE, _THEIR_PLACE = N_("Slik kommunen har det"), N_("Slik Attende har det")


def upgrade(
    old_base: F, new_base: F, operations: Sequence[FlatOperation], choices: Mapping[str, Side] = {},
    language: str = "nb", gettext: Callable[[str], str] = str,
) -> Upgrade:  # fmt: skip
    """The municipality's `operations` on `old_base` done again on `new_base`, with what came in by itself and what is
    to be chosen. `choices` by id; a choice that is not made is made by its default. What the law demands always comes
    in. `language` and `gettext` are of the one who reads."""
    merge = _Merge(old_base, new_base, operations, choices, Reader(language, gettext))
    for change in operations:
        merge.do(change)
    return merge.result()


class _Merge:
    def __init__(
        self, old: Flat, new: Flat, operations: Sequence[FlatOperation], chosen: Mapping[str, Side], reader: Reader
    ) -> None:
        self.new, self.chosen, self.reader = new, chosen, reader
        done = replay(old, operations)
        self.ours = cast(Flat, done.definition)
        self.problems = done.problems
        self.before, self.mine, self.their, self.state = State(old), State(self.ours), State(new), State(new)
        self.theirs = derive(old, new)
        self.by_part = defaultdict[str, list[int]](list)
        for number, change in enumerate(self.theirs):
            self.by_part[change.part].append(number)
        self.met = set[int]()  # which of theirs came up against one of ours
        self.choices: dict[str, Choice] = {}

    def result(self) -> Upgrade:
        alone = (change for number, change in enumerate(self.theirs) if number not in self.met and not own(change))
        came_in = tuple(change_of(change, self.before, self.their, self.reader) for change in alone)
        made: Any = self.state.content()
        return Upgrade(made, came_in, tuple(self.choices.values()), self.problems)

    def do(self, change: FlatOperation) -> None:
        part = change.part
        if change.op == "add_after" and part in self.their.parts:
            self._taken(change)
        elif part and change.op != "add_after" and part not in self.state.parts:
            self._gone(change)
        elif change.op == "set" and not own(change):
            self._set(change)
        elif change.op == "hide":
            self._hide(change)
        elif change.op == "move":
            self._move(change)
        elif change.op == "add_after":
            self._place(part, change.after, copy.deepcopy(change.value))
        elif change.op == "remove_language":
            left = {*self.state.head["languages"]} - {change.value}
            if not self._rivals(change) and {"nb", "nn"} & left:
                self.state.takes(change)
        elif change.op != "add_language" or not self._rivals(change):
            self.state.takes(change)

    def _rivals(self, change: FlatOperation) -> list[FlatOperation]:
        """What the new edition did to the same; that did not come in by itself."""
        found = [number for number in self.by_part[change.part] if _meet(change, self.theirs[number])]
        self.met.update(found)
        return [self.theirs[number] for number in found]

    def _chosen(
        self, choice_id: str, change: FlatOperation, what: Note, ours: str, theirs: str, *, conflict: bool = True
    ) -> bool:
        """Whether it shall be as the municipality has it; that is the default."""
        label = label_of(self.ours, change.part) if change.part else {}
        self.choices[choice_id] = Choice(choice_id, change.part, label, what, ours, theirs, conflict, "ours")
        return self.chosen.get(choice_id) != "theirs"

    def _set(self, change: FlatOperation) -> None:
        part, path = change.part, change.path
        if path == "days" and _too_late(self.mine.value(part, path), self.state.of(part)):
            return
        if path in DECIDED_BY_LAW and self.state.of(part).get("locked"):
            return
        rivals = self._rivals(change)
        for rival in rivals:
            path = overlap(path, rival.path) or path
        ours, theirs = (state.value(part, path) for state in (self.mine, self.their))
        states = ((ours, self.mine), (theirs, self.their))
        texts = [shown(path, named(path, value, state), self.reader) for value, state in states]
        what = Note(_BOTH, {"property": name_of(path)})
        if not rivals or ours == theirs or self._chosen(f"{part}.{path}", change, what, *texts):
            put(self.state.of(part), path, copy.deepcopy(ours))

    def _move(self, change: FlatOperation) -> None:
        part = change.part
        texts = self.reader.told(_PLACE), self.reader.told(_THEIR_PLACE)
        if not self._rivals(change) or self._chosen(f"{part}.order", change, Note(_MOVED), *texts, conflict=False):
            self._place(part, change.after, self.state.parts[part])

    def _hide(self, change: FlatOperation) -> None:
        part = change.part
        if self.state.of(part).get("locked"):
            return
        touched = any(self.theirs[number].op == "set" for number in self.by_part[part])
        texts = self.reader.told(_HIDE), self.reader.told(_SHOW, new=self._text(self.new, part))
        if not touched or self._chosen(f"{part}.hidden", change, Note(_UNSEEN), *texts, conflict=False):
            self.state.apply(change)

    def _gone(self, change: FlatOperation) -> None:
        """They took out what ours still has. What was only hidden or moved may go."""
        if change.op not in ("set", "show"):
            return
        self._rivals(FlatOperation(op="remove", part=change.part))
        texts = self.reader.told(_KEEP), self.reader.told(_DROP)
        if self._chosen(change.part, change, Note(_GONE), *texts):
            self._place(change.part, change.after, copy.deepcopy(self.mine.parts[change.part]))

    def _taken(self, change: FlatOperation) -> None:
        """They have something new with the id of ours."""
        part = change.part
        self._rivals(change)
        if self.mine.parts[part] == self.their.parts[part]:
            return
        texts = [self._text(content, part) for content in (self.ours, self.new)]
        if self._chosen(part, change, Note(_TAKEN, {"item": texts[0]}), *texts):
            self.state.parts[part] = copy.deepcopy(self.mine.parts[part])

    def _text(self, content: Flat, part: str) -> str:
        return self.reader.text(label_of(content, part))

    def _place(self, part: str, after: str, data: dict[str, Any]) -> None:
        """Put it after what it stood after, or else after the nearest before that which is still there."""
        order = list(self.mine.parts)
        before = reversed(order[: order.index(part)])
        nearest = next((name for name in before if name in self.state.parts), "")
        self.state.place(part, after if after in self.state.parts else nearest, data)


def _meet(ours: FlatOperation, theirs: FlatOperation) -> bool:
    """Whether both say something about the same, of one part."""
    if ours.op != theirs.op:
        return False
    match ours.op:
        case "set":
            return overlap(ours.path, theirs.path) is not None
        case "add_language" | "remove_language":
            return bool(ours.value == theirs.value)
    return True


def _too_late(days: Any, step: Mapping[str, Any]) -> bool:
    """Whether the law, as the new edition has it, no longer allows so many days."""
    limit = step.get("at_most")
    return limit is not None and (days is None or days > limit)
