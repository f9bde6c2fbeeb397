"""What an administrator can do with the draft of a letter or of a schedule: what was posted, done one after the other.

As in admin/builder_actions.py, but all parts are on one page: a field is named "<part>/<path>" ("/title.nb" is the
head's), and a verb names its part: "save", "add:list:greeting", "add:step:plan", "up:greeting",
"part:greeting:items:down:0-ab12".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from admin.builder_actions import Outcome, Posted, Request
from forms.edit.properties import BASE, read_bases
from forms.flat import edit as flat_edit
from forms.flat import letter_edit, step_edit
from forms.flat.edit import EditConflict, Edited, EditRefused
from forms.letters import Block, Letter
from forms.steps import Steps
from forms.texts import N_, Note
from services import set_drafts
from services.errors import Invalid, StaleRow
from services.set_drafts import OpenDraft

_GONE = N_("Det du skrev i, er slettet av en annen. Teksten din står under.")
_SEVERAL = N_("Endret flere deler")
_UNKNOWN = N_("Siden var for gammel. Prøv en gang til.")
_STALE = N_("%(name)s endret kladden mens du så på den. Ingenting er angret. Se over, og prøv igjen.")
_STALE_YOURSELF = N_("Du har endret kladden i et annet vindu. Ingenting er angret. Se over, og prøv igjen.")
_SOMEBODY = N_("En annen")


def act(asked: Request) -> Outcome:
    """Store what was typed, then do what the button says. Raises NotVisible, NotAllowed."""
    outcome = _save(asked)
    if outcome.held or asked.verb == "save":
        return outcome
    (_go if asked.verb in ("undo", "redo") else _press)(asked, outcome)
    return outcome


def name_of(part_id: str, path: str) -> str:
    """The field of a property."""
    return f"{part_id}/{path}"


# --- what was typed ---------------------------------------------------------------------------------------------------


def _save(asked: Request) -> Outcome:
    opened = set_drafts.open_draft(asked.actor, asked.set_id)
    outcome, parts = Outcome(opened, opened), _by_part(asked.posted)
    if not parts:
        return outcome

    def write(opened: OpenDraft) -> Edited:
        outcome.before = opened
        return _written(opened, parts, outcome)

    subject = next(iter(parts)) or "head"
    try:
        changed = set_drafts.change(asked.actor, asked.set_id, write, subject if len(parts) == 1 else "")
    except (EditRefused, Invalid) as refused:
        outcome.refused = refused.note if isinstance(refused, EditRefused) else next(iter(refused.messages.values()))
        outcome.unstored = True
        return outcome
    outcome.opened = changed.opened
    return outcome


def _by_part(posted: Posted) -> dict[str, dict[str, Sequence[str]]]:
    """The fields that came with the mark of what was shown, by part and path."""
    parts: dict[str, dict[str, Sequence[str]]] = {}
    for name, given in posted.items():
        part_id, slash, path = name.rpartition("/")
        if slash and f"{name.removesuffix(BASE)}{BASE}" in posted:
            parts.setdefault(part_id, {})[path] = given
    return parts


def _written(opened: OpenDraft, parts: Mapping[str, Mapping[str, Sequence[str]]], outcome: Outcome) -> Edited:
    content, changed, saved = opened.definition, list[Edited](), list[str]()
    for part_id, fields in parts.items():
        source = content.find(part_id) if part_id else content
        if source is None:
            outcome.refused = Note(_GONE)
            outcome.errors |= {name_of(part_id, path): Note(_GONE) for path in fields}
            continue
        values, errors = flat_edit.read_posted(source, fields)
        edited = flat_edit.set_properties(content, part_id, values, read_bases(fields))
        refused = {conflict.path for conflict in edited.conflicts}
        outcome.errors |= {name_of(part_id, path): note for path, note in errors.items()}
        outcome.conflicts += tuple(EditConflict(name_of(part_id, c.path), c.theirs, c.mine) for c in edited.conflicts)
        saved += [name_of(part_id, path) for path in values if path not in refused]
        if edited.definition != content:
            content = edited.definition
            changed.append(edited)
    outcome.saved = tuple(saved)
    what = changed[0].what if len(changed) == 1 else Note(_SEVERAL)
    return Edited(content, "", what)


# --- what the button says ---------------------------------------------------------------------------------------------


def _press(asked: Request, outcome: Outcome) -> None:
    try:
        changed = set_drafts.change(asked.actor, asked.set_id, _verb(asked, outcome))
    except EditRefused as refused:
        outcome.refused = refused.note
        return
    outcome.opened, edited = changed.opened, changed.edited
    outcome.what, outcome.item_id, outcome.path = edited.what, edited.item_id, edited.path


def _go(asked: Request, outcome: Outcome) -> None:
    """Undo or redo what the person saw on the button, and nothing else."""
    step = outcome.opened.undo if asked.verb == "undo" else outcome.opened.redo
    go = set_drafts.undo if asked.verb == "undo" else set_drafts.redo
    try:
        if outcome.before.revision != asked.revision:
            raise StaleRow
        outcome.opened = go(asked.actor, asked.set_id, outcome.opened.revision)
    except StaleRow:
        outcome.opened = set_drafts.open_draft(asked.actor, asked.set_id)
        by = outcome.opened.saved_by
        own = by == asked.actor.name
        outcome.refused = Note(_STALE_YOURSELF) if own else Note(_STALE, {"name": by or Note(_SOMEBODY)})
        return
    if step is not None:
        said = N_("Angret: %(what)s") if asked.verb == "undo" else N_("Gjort om igjen: %(what)s")
        outcome.what = Note(said, {"what": step.said})


def _verb(asked: Request, outcome: Outcome) -> Callable[[OpenDraft], Edited]:
    """An edit whose path is the id of what gets the focus."""
    word, _colon, rest = asked.verb.partition(":")
    part_id = rest.partition(":")[0]
    match word:
        case "hide" | "show":
            step = flat_edit.hide if word == "hide" else flat_edit.show
            return lambda opened: _at(step(opened.definition, part_id), f"menu-{part_id}")
        case "language":
            return lambda opened: _language(opened, rest, asked.one("language"))
        case "part":
            rest = _with_new_key(outcome, rest)
    return lambda opened: _of_parts(opened, word, rest)


def _with_new_key(outcome: Outcome, rest: str) -> str:
    """The key says what was seen; what was typed there in the same request is stored by now, and changed it."""
    block_id, part, what, key = (*rest.split(":", 3), "", "", "", "")[:4]
    before, now = (opened.definition.find(block_id) for opened in (outcome.before, outcome.opened))
    if not isinstance(before, Block) or not isinstance(now, Block) or part not in ("items", "rows", "columns"):
        return rest
    old, new = letter_edit.part_keys(before, part), letter_edit.part_keys(now, part)
    return ":".join((block_id, part, what, new[old.index(key)])) if key in old and len(old) == len(new) else rest


def _language(opened: OpenDraft, what: str, chosen: str) -> Edited:
    if what == "add":
        return _at(flat_edit.add_language(opened.definition, chosen), "fold-head")
    return _at(flat_edit.remove_language(opened.definition, what.removeprefix("remove:")), "fold-head")


def _of_parts(opened: OpenDraft, word: str, rest: str) -> Edited:
    """Parts can be added, copied, moved and deleted; so can what is in the blocks of a letter."""
    content, (first, _colon, more) = opened.definition, rest.partition(":")
    match word:
        case "add":
            edited = _added(opened, first, more)
            return _at(edited, f"card-{edited.item_id}")
        case "copy":
            copy = step_edit.duplicate if isinstance(content, Steps) else letter_edit.duplicate
            edited = copy(content, first, opened.kept)
            return _at(edited, f"card-{edited.item_id}")
        case "up" | "down":
            return _at(flat_edit.move(content, first, word), f"menu-{first}")
        case "delete":
            edited = flat_edit.delete(content, first, opened.kept)
            return _at(edited, f"card-{edited.item_id}")
        case "part" if isinstance(content, Letter):
            return _part(content, first, more)
    raise EditRefused(_UNKNOWN)


def _added(opened: OpenDraft, kind: str, after: str) -> Edited:
    content = opened.definition
    if isinstance(content, Letter):
        return letter_edit.add_block(content, kind, after, opened.kept)
    if kind != "step":
        raise EditRefused(_UNKNOWN)
    return step_edit.add_step(content, after, opened.kept)


def _part(letter: Letter, block_id: str, rest: str) -> Edited:
    """Bullets, rows and columns; `key` says which one was seen."""
    part, _colon, more = rest.partition(":")
    what, _colon, key = more.partition(":")
    match what:
        case "add":
            edited = letter_edit.add_part(letter, block_id, part)
            last = len(letter_edit.part_keys(edited.definition.find(block_id), part)) - 1
            return _at(edited, f"part-{block_id}/{part}.{last}")
        case "up" | "down":
            edited = letter_edit.move_part(letter, block_id, part, key, what)
            place = int(key.partition("-")[0]) + (1 if what == "down" else -1)
            return _at(edited, f"part-{block_id}/{part}.{place}")
        case "remove":
            return _at(letter_edit.remove_part(letter, block_id, part, key), f"add-{block_id}/{part}")
    raise EditRefused(_UNKNOWN)


def _at(edited: Edited, focus: str) -> Edited:
    return edited._replace(path=focus)
