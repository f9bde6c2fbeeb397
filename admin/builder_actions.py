"""What an administrator can do with a draft in the builder: what was posted becomes edits, done one after the other.

First what was typed is stored, so that no button loses a text; then what the button says. A verb is a word, or a word
with what it is about after colons: "save", "add:text", "part:options:up:yes".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from admin.builder_sentence import with_rules
from forms import edit
from forms.definition import Fault, Item, QuestionSetDefinition, walk
from forms.edit import Edited, EditRefused
from forms.edit.tree import readers
from forms.texts import N_, Note
from services import set_drafts
from services.access import Actor
from services.errors import Invalid, StaleRow
from services.set_drafts import OpenDraft

Posted = Mapping[str, Sequence[str]]
_LOCKED = N_(
    "«%(item)s» er låst fordi arbeidsmiljøloven § 4-6 krever det i planen. "
    "Du kan endre ordene, forklare mer og kreve mer, men ikke ta det bort eller kreve mindre."
)
_STALE = N_("%(name)s endret skjemaet mens du så på det. Ingenting er angret. Se over, og prøv igjen.")
_STALE_YOURSELF = N_("Du har endret skjemaet i et annet vindu. Ingenting er angret. Se over, og prøv igjen.")
_SOMEBODY = N_("En annen")
_UNKNOWN = N_("Siden var for gammel. Prøv en gang til.")


@dataclass(frozen=True)
class Request:
    """What is asked for: which set, which item is open, what was posted."""

    actor: Actor
    set_id: str
    item_id: str
    posted: Posted

    def one(self, name: str) -> str:
        return next(iter(self.posted.get(name, ())), "")

    @property
    def verb(self) -> str:
        return self.one("do") or "save"

    @property
    def revision(self) -> int:
        """The draft that the page was made of; -1 when that is not told."""
        text = self.one("revision")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


@dataclass
class Outcome:
    """How it went. `before` is the draft as the first edit met it."""

    opened: OpenDraft
    before: OpenDraft
    item_id: str = ""
    path: str = ""  # where in the item something new begins
    what: Note | None = None  # what the button did
    conflicts: tuple[edit.EditConflict, ...] = ()
    errors: dict[str, Note] = field(default_factory=dict)
    refused: Note | None = None
    unstored: bool = False  # nothing of what was typed: somebody deleted the item, or the set became too large
    saved: tuple[str, ...] = ()  # paths that were sent and stand now

    @property
    def held(self) -> bool:
        """Something typed is not stored: the button waits until that is settled."""
        return bool(self.conflicts or self.errors or self.unstored)


def act(asked: Request, opened: OpenDraft) -> Outcome:
    """Store what was typed, then do what the button says. `opened` is the draft as the request met it."""
    outcome = _save(asked, opened)
    word = asked.verb.partition(":")[0]
    if outcome.held or word in ("save", "clause"):
        return outcome
    (_go if word in ("undo", "redo") else _press)(asked, outcome)
    return outcome


# --- what was typed ---------------------------------------------------------------------------------------------------


def _save(asked: Request, opened: OpenDraft) -> Outcome:
    outcome = Outcome(opened, opened, asked.item_id)
    if not any(name.endswith("__base") for name in asked.posted):
        return outcome

    def write(opened: OpenDraft) -> Edited:
        outcome.before = opened
        return _written(opened, asked, outcome)

    try:
        changed = set_drafts.change(asked.actor, asked.set_id, write, asked.item_id or "set")
    except (EditRefused, Invalid) as refused:
        outcome.refused, outcome.unstored = _note(refused), True
        return outcome
    outcome.opened, outcome.conflicts = changed.opened, changed.edited.conflicts
    return outcome


def _written(opened: OpenDraft, asked: Request, outcome: Outcome) -> Edited:
    source = _source(opened.definition, asked.item_id)
    if source is None:
        raise EditRefused(N_("Det du skrev i, er slettet av en annen. Teksten din står under."))
    posted = with_rules(opened.definition, source, asked.posted, asked.verb)
    values, outcome.errors = edit.read_posted(source, posted.fields)
    outcome.errors |= posted.errors
    bases = edit.read_bases(asked.posted)
    edited = edit.set_properties(opened.definition, asked.item_id, values, bases)
    for fault in _loosened(opened, edited):
        root = fault.property.partition(".")[0]
        values = {path: value for path, value in values.items() if path.partition(".")[0] != root}
        outcome.errors[next((p for p in posted.fields if p.partition(".")[0] == root), root)] = _locked(source)
        edited = edit.set_properties(opened.definition, asked.item_id, values, bases)
    outcome.saved = tuple(path for path in values if path not in {c.path for c in edited.conflicts})
    return edited


def _note(refused: EditRefused | Invalid) -> Note:
    return refused.note if isinstance(refused, EditRefused) else next(iter(refused.messages.values()))


def _source(definition: QuestionSetDefinition, item_id: str) -> Item | QuestionSetDefinition | None:
    return definition.find(item_id) if item_id else definition


def _loosened(opened: OpenDraft, edited: Edited) -> list[Fault]:
    """What the edit would take away of that which the law demands."""
    if opened.base is None or edited.definition == opened.definition:
        return []
    check = opened.handling.locked_faults
    before = check(opened.base, opened.definition)
    return [fault for fault in check(opened.base, edited.definition) if fault not in before]


def _locked(item: Item | QuestionSetDefinition) -> Note:
    return Note(_LOCKED, {"item": edit.label(item)})


# --- what the button says ---------------------------------------------------------------------------------------------


def _press(asked: Request, outcome: Outcome) -> None:
    step = _verb(asked)

    def run(opened: OpenDraft) -> Edited:
        edited = step(opened)
        taken = _loosened(opened, edited)
        if taken:
            item = opened.definition.find(taken[0].item)
            raise EditRefused(_LOCKED, item=edit.label(item) if item else taken[0].item)
        return edited

    try:
        changed = set_drafts.change(asked.actor, asked.set_id, run)
    except (EditRefused, Invalid) as refused:
        outcome.refused = _note(refused)
        return
    outcome.opened, edited = changed.opened, changed.edited
    outcome.what, outcome.path = edited.what, edited.path
    if _target(asked) == asked.item_id or edited.item_id != _target(asked):
        outcome.item_id = edited.item_id
    if outcome.item_id and outcome.opened.definition.find(outcome.item_id) is None:
        outcome.item_id = edited.item_id


def _go(asked: Request, outcome: Outcome) -> None:
    """Undo or redo what the person saw on the button, and nothing else."""
    if outcome.before.revision != asked.revision:
        outcome.refused = _stale(asked.actor, outcome.before)
        return
    step = outcome.opened.undo if asked.verb == "undo" else outcome.opened.redo
    go = set_drafts.undo if asked.verb == "undo" else set_drafts.redo
    try:
        outcome.opened = go(asked.actor, asked.set_id, outcome.opened.revision)
    except StaleRow:
        outcome.opened = set_drafts.open_draft(asked.actor, asked.set_id)
        outcome.refused = _stale(asked.actor, outcome.opened)
        return
    if step is not None:
        said = N_("Angret: %(what)s") if asked.verb == "undo" else N_("Gjort om igjen: %(what)s")
        outcome.what = Note(said, {"what": step.said})
    if outcome.item_id and outcome.opened.definition.find(outcome.item_id) is None:
        outcome.item_id = ""


def _stale(who: Actor, opened: OpenDraft) -> Note:
    if opened.saved_by == who.name:
        return Note(_STALE_YOURSELF)
    return Note(_STALE, {"name": opened.saved_by or Note(_SOMEBODY)})


def _target(asked: Request) -> str:
    """The item that is acted on: a row of the tree that has the focus, else the one that is open."""
    return asked.one("target") or asked.item_id


def _verb(asked: Request) -> Callable[[OpenDraft], Edited]:
    word, _colon, rest = asked.verb.partition(":")
    target = _target(asked)
    match word:
        case "add":
            return lambda opened: _add(opened, rest, target, asked.one("where"))
        case "copy":
            return lambda opened: edit.duplicate(opened.definition, target, opened.kept)
        case "up" | "down" | "in" | "out":
            return lambda opened: edit.move(opened.definition, target, word)
        case "move":
            return lambda opened: edit.move_to(opened.definition, target, asked.one("parent"), asked.one("after"))
        case "hide":
            return lambda opened: edit.hide(opened.definition, target)
        case "show":
            return lambda opened: edit.show(opened.definition, target)
        case "delete":
            return lambda opened: edit.delete(opened.definition, target, opened.kept)
        case "type":
            return lambda opened: edit.change_type(opened.definition, target, asked.one("kind"), opened.kept)
        case "part":
            return lambda opened: _part(opened, target, rest)
        case "language":
            return lambda opened: _language(opened, rest, asked.one("language"))
    return lambda opened: _nothing()


def _nothing() -> Edited:
    raise EditRefused(_UNKNOWN)


def _add(opened: OpenDraft, kind: str, target: str, where: str) -> Edited:
    """After the open item; in a group last in it, unless "after" is asked for; in the set last."""
    item = opened.definition.find(target) if target else None
    inside = item is not None and item.type == "group" and where != "after"
    return edit.add_item(
        opened.definition, kind, after="" if item is None or inside else target, inside=target if inside else "",
        taken=opened.kept,
    )  # fmt: skip


def _part(opened: OpenDraft, target: str, rest: str) -> Edited:
    part, _colon, more = rest.partition(":")
    what, _colon, key = more.partition(":")
    known = edit.ids_of_parts([one for one in (*opened.published, opened.base) if one is not None], target, part)  # type: ignore[arg-type]
    if part not in edit.PARTS:
        return _nothing()
    match what:
        case "add":
            return edit.add_part(opened.definition, target, part, known)  # type: ignore[arg-type]
        case "up" | "down":
            return edit.move_part(opened.definition, target, part, key, what)  # type: ignore[arg-type]
        case "remove":
            return edit.remove_part(opened.definition, target, part, key, known)  # type: ignore[arg-type]
        case "retire" | "use":
            return _retire(opened.definition, target, key, what == "retire")
    return _nothing()


def _retire(definition: QuestionSetDefinition, target: str, key: str, retired: bool) -> Edited:
    """Take an option out of use, or into use again."""
    path = f"options.{key}.retired"
    return edit.set_properties(definition, target, {path: retired}, {path: edit.mark(not retired)})


def _language(opened: OpenDraft, what: str, chosen: str) -> Edited:
    if what == "add":
        return edit.add_language(opened.definition, chosen)
    return edit.remove_language(opened.definition, what.removeprefix("remove:"))


# --- what would follow ------------------------------------------------------------------------------------------------


def dependents(definition: QuestionSetDefinition, item: Item) -> list[str]:
    """Labels of the items that a condition shows or demands by an answer in `item`, or in what lies in it."""
    inside = {one.id for one in walk((item,))}
    return [edit.label(one) for one in readers(definition, inside)]
