"""A new version of a shipped set: the municipality's operations done again on it, with what came in by itself, what
both have changed, and what is to be chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

from forms.conditions import variables
from forms.definition import Item, QuestionSetDefinition, Texts, walk
from forms.fault_words import short
from forms.overlay.compare import Change, changes, gathered
from forms.overlay.operations import Operation
from forms.overlay.outline import KEYS, Outline, Path, Spot, alike, is_text
from forms.overlay.replay import Problem, Vanished, redo
from forms.overlay.wording import Reader, label_of, name_of, shown, where
from forms.texts import N_, Note

Side = Literal["ours", "theirs"]

_BOTH = N_("Både kommunen og Attende har endret dette: %(property)s")
_MOVED = N_("Både kommunen og Attende har flyttet dette.")
_GONE = N_("Kommunen har endret dette, men Attende har tatt det ut.")
_READ = N_("Attende har tatt ut dette, men noe kommunen har lagt til eller endret, vises eller kreves ut fra svaret.")
_PART_GONE = N_("Kommunen har endret «%(part)s», men Attende har tatt det ut.")
_PART_TAKEN = N_("Både kommunen og Attende har lagt til «%(part)s».")
_TAKEN = N_("Kommunens «%(item)s» og noe nytt fra Attende har samme navn i systemet.")
_UNSEEN = N_("Kommunen har skjult dette, og Attende har lagt til noe i det. Det nye blir skjult, det også.")
_KEEP, _DROP = N_("Beholdes som kommunens eget"), N_("Tas ut")
_KEEP_BOTH, _ONLY = N_("Begge er med: %(ours)s · %(theirs)s"), N_("Bare det nye fra Attende: %(theirs)s")
_HIDE, _SHOW = N_("Skjult"), N_("Vises: %(new)s")
_BESIDE = N_("«%(item)s» sto ved noe som Attende har tatt ut. Se om det står riktig nå.")
_NO_OPTION = N_("«%(item)s» vises eller kreves ut fra et svar som ikke lenger kan velges. Se om det er riktig nå.")


class Choice(NamedTuple):
    """What the municipality and the shipped set want differently; `ours` and `theirs` say each in plain words.

    In a `conflict` both changed the same; else the default is safe, but worth a look.
    """

    id: str
    item_id: str
    label: Texts
    what: Note
    ours: str
    theirs: str
    conflict: bool = True
    default: Side = "ours"


class Upgrade(NamedTuple):
    """The set on its new base with the choices made, what came in by itself, and what became of operations that did
    not fit (`problems`: nothing to choose, but to be seen)."""

    definition: QuestionSetDefinition
    came_in: tuple[Change, ...]
    choices: tuple[Choice, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def clean(self) -> bool:
        """Nothing needs a choice."""
        return not self.choices


def upgrade(
    old_base: QuestionSetDefinition,
    new_base: QuestionSetDefinition,
    operations: Iterable[Operation],
    choices: Mapping[str, Side] = {},
    language: str = "nb",
    gettext: Callable[[str], str] = str,
) -> Upgrade:
    """Lay the municipality's operations on `old_base` over `new_base`. `choices` by id; a choice that is not made is
    made by its default. `language` and `gettext` are of the one who reads."""
    merge = _Merge(Outline(old_base), Outline(new_base), list(operations), Reader(language, gettext))
    rivals = [*merge.items(), *merge.parts(), *merge.properties(), *merge.places(), *merge.unseen()]
    plan = _Plan(merge.ours)
    for rival in rivals:
        chosen = choices.get(rival.choice.id)
        plan.follow(rival, chosen if chosen in ("ours", "theirs") else rival.choice.default)
    vanished = Vanished(merge.old, merge.gone, merge.closed(plan.kept))
    done = redo(merge.new, plan.operations(), vanished)
    met = merge.agreed.union(*(rival.theirs for rival in rivals), (("remove", kept, ()) for kept in vanished.kept))
    removed = {operation.item for operation in merge.ours if operation.op == "remove"}
    removed -= {item.id for item in done.definition.walk()}  # law may have kept it
    came_in = [one for one in merge.theirs if _key(one[0]) not in met and one[0].item not in removed]
    told = tuple(merge.told(plan.operations(), vanished))
    choosing = tuple(rival.choice for rival in rivals)
    return Upgrade(done.definition, tuple(gathered(came_in, merge.reader)), choosing, done.problems + told)


_Key = tuple[str, str, Path]


def _key(operation: Operation) -> _Key:
    """What an operation is about."""
    kind = operation.op if operation.op in _OF_ITEM or operation.op in _OF_PART else "set"
    return kind, operation.item, operation.path


_OF_ITEM = ("add_after", "move", "remove", "add_language", "remove_language")
_OF_PART = ("add_part", "move_part", "remove_part")
_RULES = ("visible_if", "required", "constraints")


class _Rival(NamedTuple):
    """A choice, and what it is between."""

    choice: Choice
    ours: Sequence[Operation] = ()
    theirs: Sequence[_Key] = ()
    instead: Operation | None = None  # of ours, when the municipality's side wins
    kept: str = ""  # a vanished item that then stays


class _Plan:
    """The municipality's operations after the choices."""

    def __init__(self, ours: Sequence[Operation]) -> None:
        self._steps: dict[int, Operation | None] = {id(operation): operation for operation in ours}
        self.kept: set[str] = set()

    def follow(self, rival: _Rival, side: Side) -> None:
        if side != "ours" or rival.instead:
            self._steps.update(dict.fromkeys(map(id, rival.ours)))
        if side == "ours" and rival.instead:
            self._steps[id(rival.ours[0])] = rival.instead
        if side == "ours" and rival.kept:
            self.kept.add(rival.kept)

    def operations(self) -> list[Operation]:
        return [operation for operation in self._steps.values() if operation is not None]


class _Merge:
    """What both sides did to the old base."""

    def __init__(self, old: Outline, new: Outline, ours: list[Operation], reader: Reader) -> None:
        self.old, self.new, self.ours, self.reader = old, new, ours, reader
        self.theirs = changes(old, new, reader)
        self.gone = [item_id for item_id in old.items if item_id not in new.items]
        self.agreed: set[_Key] = set()  # what both did alike
        self._orders: dict[tuple[str, str], dict[str, str]] = {}

    @cached_property
    def edited(self) -> Outline:
        return Outline(redo(self.old, self.ours).definition)

    def _say(self, text: str, **values: Any) -> str:
        return self.reader.told(text, **values)

    def _choice(self, name: str, item_id: str, what: Note, ours: str, theirs: str, **more: Any) -> Choice:
        item = self.edited.items.get(item_id) or self.new.items.get(item_id) or self.old.items.get(item_id)
        return Choice(name, item_id, label_of(item) if item else {}, what, ours, theirs, **more)

    # --- items that came or went ----------------------------------------------------------------------------------

    def items(self) -> Iterator[_Rival]:
        gone, changed, read = set(self.gone), defaultdict[str, list[Operation]](list), set[str]()
        for operation in self.ours:
            if (
                operation.op == "add_after"
                and operation.item in self.new.items
                and operation.item not in self.old.items
            ):
                yield self._taken(operation)
            if operation.item in gone and (operation.op in _OF_PART or operation.path not in ((), ("hidden",))):
                changed[operation.item].append(operation)
            if operation.item not in gone:
                read |= gone.intersection(_reads(operation))
        for item_id in self.gone:
            if item_id in changed or item_id in read:
                what = Note(_GONE if item_id in changed else _READ)
                choice = self._choice(f"gone:{item_id}", item_id, what, self._say(_KEEP), self._say(_DROP))
                yield _Rival(choice, changed[item_id], [("remove", item_id, ())], kept=item_id)

    def _taken(self, operation: Operation) -> _Rival:
        ours = short(self.reader.text(operation.label) or operation.item)
        theirs = short(self.reader.text(label_of(self.new.items[operation.item])))
        choice = self._choice(
            f"taken:{operation.item}", operation.item, Note(_TAKEN, {"item": ours}),
            self._say(_KEEP_BOTH, ours=ours, theirs=theirs), self._say(_ONLY, theirs=theirs),
        )  # fmt: skip
        return _Rival(choice, [operation], [_key(operation)])

    def closed(self, kept: Iterable[str]) -> set[str]:
        """The vanished items that stay: with a group what was in it, with a condition what it reads."""
        gone, found, queue = set(self.gone), set[str](), list(kept)
        rules = defaultdict[str, list[Operation]](list)
        for operation in self.ours:
            rules[operation.item].append(operation)
        while queue:
            item_id = queue.pop()
            if item_id in found or item_id not in gone:
                continue
            found.add(item_id)
            queue += self.old.children.get(item_id, [])
            queue += _read_by(self.old.items[item_id])
            queue += [name for operation in rules[item_id] for name in _reads(operation)]
        return found

    # --- parts ----------------------------------------------------------------------------------------------------

    def parts(self) -> Iterator[_Rival]:
        lost = defaultdict[tuple[str, Path], list[Operation]](list)
        for operation in self.ours:
            item_id, path = operation.item, operation.path
            if not (item_id in self.old.items and item_id in self.new.items and len(path) > 1 and path[0] in KEYS):
                continue
            was, now = (path[1] in outline.parts(item_id, path[0]) for outline in (self.old, self.new))
            if was and not now and operation.op == "set":
                lost[item_id, path[:2]].append(operation)
            elif now and not was and operation.op == "add_part":
                yield from self._part_taken(operation)
        for (item_id, path), operations in lost.items():
            if path[1] in self.edited.parts(item_id, path[0]):
                yield self._part_gone(item_id, path, operations)

    def _before(self, item_id: str, name: str) -> dict[str, str]:
        """What each part stood after in the old base."""
        if (item_id, name) not in self._orders:
            there = list(self.old.parts(item_id, name))
            self._orders[item_id, name] = dict(zip(there, ["", *there], strict=False))
        return self._orders[item_id, name]

    def _part_taken(self, operation: Operation) -> Iterator[_Rival]:
        item_id, (name, key) = operation.item, operation.path
        theirs = self.new.parts(item_id, name)[key]
        if alike(theirs, operation.value):
            self.agreed.add(_key(operation))
            return
        part = short(self.reader.text(operation.part) or key)
        choice = self._choice(
            f"taken:{item_id}:{name}.{key}", item_id, Note(_PART_TAKEN, {"part": part}),
            self.reader.text(operation.part), self.reader.text(theirs["text"]),
            default="theirs" if self.new.items[item_id].locked else "ours",
        )  # fmt: skip
        yield _Rival(choice, [operation], [_key(operation)])

    def _part_gone(self, item_id: str, path: Path, operations: list[Operation]) -> _Rival:
        name, key = path
        ours = dict(self.edited.parts(item_id, name)[key])
        after = self._before(item_id, name)[key]
        label, text = operations[0].label, ours["text"]
        back = Operation(op="add_part", item=item_id, path=path, value=ours, after=after, label=label, part=text)
        what = Note(_PART_GONE, {"part": short(self.reader.text(ours["text"]) or key)})
        choice = self._choice(
            f"gone:{item_id}:{name}.{key}", item_id, what, self.reader.text(ours["text"]), self._say(_DROP)
        )
        return _Rival(choice, operations, [("remove_part", item_id, path)], instead=back)

    # --- properties and places --------------------------------------------------------------------------------------

    def properties(self) -> Iterator[_Rival]:
        changed = {_key(operation) for operation, _ in self.theirs}
        for operation in self.ours:
            if _key(operation) not in changed or operation.op in (*_OF_ITEM, *_OF_PART):
                continue
            now = self.new.properties(operation.item).get(operation.path)
            if alike(now, operation.value):
                self.agreed.add(_key(operation))
            else:
                yield _Rival(self._differing(operation, now), [operation], [_key(operation)])

    def _differing(self, operation: Operation, now: Any) -> Choice:
        item_id, path = operation.item, operation.path
        named = name_of(path, self.new.items[item_id].type) if item_id else name_of(path)
        if operation.part:
            part = short(self.reader.text(operation.part))
            named = Note(N_("%(property)s, «%(part)s»"), {"property": named, "part": part})
        locked = bool(item_id) and self.new.items[item_id].locked and not (is_text(path) or path == ("examples",))
        return self._choice(
            f"{item_id}:{'.'.join(path)}", item_id, Note(_BOTH, {"property": named}),
            shown(path, operation.value, self.edited.definition, self.reader),
            shown(path, now, self.new.definition, self.reader), default="theirs" if locked else "ours",
        )  # fmt: skip

    def places(self) -> Iterator[_Rival]:
        moved = {operation.item for operation, _ in self.theirs if operation.op == "move"}
        for operation in self.ours:
            if operation.op != "move" or operation.item not in moved:
                continue
            theirs = self.new.spots[operation.item]
            if theirs == Spot(operation.parent, operation.after):
                self.agreed.add(_key(operation))
                continue
            places = (
                where(self.edited, self.edited.spots[operation.item], self.reader),
                where(self.new, theirs, self.reader),
            )
            choice = self._choice(f"{operation.item}:place", operation.item, Note(_MOVED), *places)
            yield _Rival(choice, [operation], [_key(operation)])

    def unseen(self) -> Iterator[_Rival]:
        """What is new in something that the municipality has hidden."""
        for operation in self.ours:
            if operation.op == "hide" and operation.item in self.new.items:
                inside = [i for i in walk(self.new.items[operation.item].items) if i.id not in self.old.items]
                if inside and not any(item.locked for item in inside):
                    names = ", ".join(short(self.reader.text(label_of(item))) for item in inside)
                    texts = self._say(_HIDE), self._say(_SHOW, new=names)
                    name = f"{operation.item}:unseen"
                    yield _Rival(self._choice(name, operation.item, Note(_UNSEEN), *texts, conflict=False), [operation])

    def told(self, operations: Iterable[Operation], vanished: Vanished) -> Iterator[Problem]:
        """What needs no choice, but a look: what stood by something that went, and conditions that lost an option."""
        leaving = set(vanished.ids) - set(vanished.kept)
        for operation in operations:
            named = {"item": short(self.reader.text(operation.label) or operation.item)}
            if operation.op in ("add_after", "move") and leaving & {operation.parent, operation.after}:
                yield Problem(operation, Note(_BESIDE, named))
            if any(self._lost(name) & _values(operation) for name in _reads(operation)):
                yield Problem(operation, Note(_NO_OPTION, named))

    def _lost(self, item_id: str) -> set[str]:
        """The options of a question that could be chosen and cannot any more."""
        was, now = (
            _open(outline.items[item_id]) if item_id in outline.items else set() for outline in (self.old, self.new)
        )
        return was - now if item_id in self.new.items else set()


def _open(item: Item) -> set[str]:
    return {option.code for option in item.options if not option.retired}


def _rules(operation: Operation) -> list[Any]:
    if operation.op == "add_after" and isinstance(operation.value, dict):
        return [operation.value.get(name) for name in _RULES]
    return [operation.value] if operation.path[:1] in [(name,) for name in _RULES] else []


def _reads(operation: Operation) -> set[str]:
    """The questions that the conditions in an operation read."""
    return {name for rule in _rules(operation) for name in variables(rule)}


def _read_by(item: Item) -> set[str]:
    rules = [item.visible_if, item.required, *(constraint.expr for constraint in item.constraints)]
    return {name for rule in rules for name in variables(rule)}


def _values(operation: Operation) -> set[str]:
    """The texts that the conditions in an operation compare with."""
    found, stack = set[str](), _rules(operation)
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            found.add(node)
        elif isinstance(node, dict | list):
            stack += node.values() if isinstance(node, dict) else node
    return found
