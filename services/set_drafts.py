"""The draft of a set: one for each, shared by its administrators, saved at every change, with a way back and forth.

A change is a function from the draft as it is now to the draft as it shall be, run under the set's lock. So two who
work at once lose nothing: their changes are done one after the other.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, cast

from forms.contents import Content, Handling, handling
from forms.definition import MAX_BYTES, Fault, canonical
from forms.texts import N_, SILENT, Note
from models import QuestionSet, QuestionSetVersion, SetDraft, SetDraftState, User, db, now
from services import access
from services.access import Actor
from services.audit import Tag, trail
from services.errors import Invalid, StaleRow
from services.questions import content_of, read_content

STATES = 200  # how far one can go back
ONE_STEP = dt.timedelta(minutes=2)  # changes of one subject by one person within this time are one step back


class EditedContent(Protocol):
    """What an edit gives back, see forms/edit.py."""

    @property
    def definition(self) -> Content: ...
    @property
    def what(self) -> Note: ...


@dataclass(frozen=True)
class Replaced:
    """An edit that puts a whole new content in the draft: an old version, a file, a new shipped set."""

    definition: Content
    what: Note


@dataclass(frozen=True)
class Step:
    """A change that can be undone or done again."""

    said: Note
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class OpenDraft:
    """A set as it is being changed. `revision` is 0 until the first change, when `definition` is what is published."""

    question_set: QuestionSet
    revision: int
    definition: Content
    base: Content | None  # the shipped one it is laid over
    published: tuple[Content, ...]  # oldest first
    versions: tuple[QuestionSetVersion, ...] = ()
    saved_at: dt.datetime | None = None
    saved_by: str = ""
    undo: Step | None = None
    redo: Step | None = None

    @property
    def handling(self) -> Handling:
        return handling(self.question_set.kind)

    @property
    def newest(self) -> QuestionSetVersion | None:
        """What was published last and not withdrawn."""
        return next((row for row in reversed(self.versions) if row.status == "published"), None)

    @property
    def live(self) -> Content | None:
        """The content of `newest`."""
        return content_of(self.newest) if self.newest is not None else None

    @cached_property
    def kept(self) -> frozenset[str]:
        """Ids that may have answers, or belong to the shipped set: they can be hidden, not deleted."""
        return frozenset(part.id for one in (*self.published, *filter(None, [self.base])) for part in one.walk())

    def faults(self) -> list[Fault]:
        """Everything that keeps the draft from being published."""
        ways = self.handling
        found = ways.faults(self.definition) + ways.reused(self.published, self.definition)
        return found + (ways.locked_faults(self.base, self.definition) if self.base is not None else [])


@dataclass(frozen=True)
class Changed:
    """The draft after a change, and what the edit itself told."""

    opened: OpenDraft
    edited: Any


def open_draft(actor: Actor, set_id: int | str) -> OpenDraft:
    """The draft, or what is published when nobody has changed anything yet. Raises NotVisible, NotAllowed."""
    return _open(access.get(actor, QuestionSet, set_id, "set.write"))


def change(
    actor: Actor, set_id: int | str, edit: Callable[[OpenDraft], EditedContent], subject: str = "",
    base: Content | None = None,
) -> Changed:  # fmt: skip
    """Do one edit on the draft as it is now; makes the draft at the first one. What `edit` raises comes through.

    `subject` names what is edited, such as an item: changes of the same subject in a row become one step to undo.
    `base` puts a new shipped set under the draft.
    """
    question_set: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write")
    with db.atomic():
        lock(question_set)
        opened = _open(question_set)
        edited = edit(opened)
        if edited.definition == opened.definition and base is None:
            return Changed(opened, edited)
        text = _text(edited.definition)
        if len(text.encode()) > MAX_BYTES:
            raise Invalid({"": Note(N_("Skjemaet er blitt for stort. Del det i flere skjema."))})
        draft = _row(question_set) or _begin(actor, opened)
        under = _text(base or opened.base)
        _push(actor, draft, json.dumps([text, under]), edited.what, subject)
        draft.definition, draft.base_definition = text, under
        _touch(actor, draft)
        return Changed(_open(question_set), edited)


def undo(actor: Actor, set_id: int | str, revision: int) -> OpenDraft:
    """Take the last change back, whoever made it. Raises StaleRow when the draft is not at `revision` any more."""
    return _go(actor, set_id, revision, -1)


def redo(actor: Actor, set_id: int | str, revision: int) -> OpenDraft:
    """Do what was undone again. Raises StaleRow as `undo`."""
    return _go(actor, set_id, revision, +1)


def discard(actor: Actor, set_id: int | str, revision: int) -> bool:
    """Throw the draft away; what is published stays. A set that never was published goes with it: False when it did.

    Raises StaleRow as `undo`.
    """
    question_set: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write")
    with db.atomic():
        lock(question_set)
        draft = _at(question_set, revision)
        remove(draft)
        trail(actor, Tag.SET_DISCARDED, question_set)
        if QuestionSetVersion.select().where(QuestionSetVersion.question_set == question_set).exists():
            return True
        question_set.delete_instance()
        return False


def remove(draft: SetDraft) -> None:
    """The draft and its states, inside the caller's transaction."""
    SetDraftState.delete().where(SetDraftState.draft == draft).execute()
    draft.delete_instance()


def lock(question_set: QuestionSet) -> None:
    """Hold the set's row for this transaction, on either database."""
    QuestionSet.update(revision=QuestionSet.revision).where(QuestionSet.id == question_set.id).execute()


def draft_at(question_set: QuestionSet, revision: int) -> SetDraft:
    """The stored draft, for a caller that holds the lock. Raises StaleRow when it is another than the caller saw."""
    return _at(question_set, revision)


# --- rows -----------------------------------------------------------------------------------------------------------


def _row(question_set: QuestionSet) -> SetDraft | None:
    draft: SetDraft | None = SetDraft.get_or_none(SetDraft.question_set == question_set)
    return draft


def _at(question_set: QuestionSet, revision: int) -> SetDraft:
    draft = _row(question_set)
    if draft is None or draft.revision != revision:
        raise StaleRow
    return draft


def _text(content: Content | None) -> str:
    return "" if content is None else content.model_dump_json(exclude_defaults=True)


def _open(question_set: QuestionSet) -> OpenDraft:
    rows = tuple(
        QuestionSetVersion.select(QuestionSetVersion, QuestionSet).join(QuestionSet)
        .where(QuestionSetVersion.question_set == question_set).order_by(QuestionSetVersion.number)
    )  # fmt: skip
    published = tuple(content_of(row) for row in rows)
    draft = _row(question_set)
    kind = question_set.kind
    if draft is None:
        newest = max((row for row in rows if row.status == "published"), key=lambda row: row.number, default=None)
        if newest is None:
            raise StaleRow  # its only draft was thrown away by somebody else
        under = newest.base_definition
        return OpenDraft(
            question_set, 0, content_of(newest), read_content(kind, under) if under else None, published, rows,
            newest.published_at,
        )  # fmt: skip
    writer = User.get_or_none(User.id == draft.saved_by_id) if draft.saved_by_id else None
    return OpenDraft(
        question_set, draft.revision, read_content(kind, draft.definition),
        read_content(kind, draft.base_definition) if draft.base_definition else None, published, rows, draft.saved_at,
        writer.name if writer else "", *_steps(draft),
    )  # fmt: skip


def _steps(draft: SetDraft) -> tuple[Step | None, Step | None]:
    """The change that led to this state, unless it is the first, and the one that was undone."""
    near = {
        state.position: state
        for state in SetDraftState.select(
            SetDraftState.position, SetDraftState.said, SetDraftState.made_at, SetDraftState.made_by, User.id, User.name
        )
        .join(User, "LEFT OUTER JOIN")
        .where(SetDraftState.draft == draft, SetDraftState.position.between(draft.position - 1, draft.position + 1))
    }
    here, before, after = (near.get(draft.position + step) for step in (0, -1, 1))
    return (_step(here) if here and before else None), (_step(after) if after else None)


def _step(state: SetDraftState) -> Step:
    said = _unpacked(json.loads(state.said)) if state.said else SILENT
    return Step(said, state.made_by.name if state.made_by is not None else "", state.made_at)


def _packed(note: Note) -> dict[str, Any]:
    """A note as JSON; its values may be notes."""
    values = {name: _packed(value) if isinstance(value, Note) else value for name, value in note.values.items()}
    return {"text": note.text, "values": values}


def _unpacked(stored: dict[str, Any]) -> Note:
    values = stored["values"].items()
    text = stored["text"]
    return Note(text, {name: _unpacked(v) if isinstance(v, dict) else v for name, v in values})


def _begin(actor: Actor, opened: OpenDraft) -> SetDraft:
    text, under = _text(opened.definition), _text(opened.base)
    draft: SetDraft = SetDraft.create(
        municipality=opened.question_set.municipality_id, question_set=opened.question_set, definition=text,
        base_definition=under, saved_by=actor.user_id,
    )  # fmt: skip
    _state(actor, draft, 0, json.dumps([text, under]), SILENT, "")
    return draft


def begin(actor: Actor, question_set: QuestionSet, content: Content, base: Content | None) -> None:
    """The first draft of a set that has nothing published yet, inside the caller's transaction."""
    _begin(actor, OpenDraft(question_set, 0, content, base, ()))


def _state(actor: Actor, draft: SetDraft, position: int, content: str, said: Note, subject: str) -> None:
    SetDraftState.create(
        municipality=draft.municipality_id, draft=draft, position=position, content=zlib.compress(content.encode()),
        said=canonical(_packed(said)), subject=subject, made_by=actor.user_id,
    )  # fmt: skip


def _push(actor: Actor, draft: SetDraft, content: str, said: Note, subject: str) -> None:
    """The next state after the present one; what was undone is gone. Typing on in one text stays one state."""
    states = SetDraftState.draft == draft
    SetDraftState.delete().where(states, SetDraftState.position > draft.position).execute()
    here: SetDraftState = SetDraftState.get(states, SetDraftState.position == draft.position)
    same = subject and (here.subject, here.made_by_id) == (subject, actor.user_id)
    if same and draft.position and now() - here.made_at < ONE_STEP:
        here.content, here.said = zlib.compress(content.encode()), canonical(_packed(said))
        here.save()
        return
    draft.position += 1
    _state(actor, draft, draft.position, content, said, subject)
    SetDraftState.delete().where(states, SetDraftState.position < draft.position - STATES).execute()
    trail(actor, Tag.SET_CHANGED, draft.question_set, fields=[subject] if subject else [])


def _touch(actor: Actor, draft: SetDraft) -> None:
    draft.saved_at, draft.revision = now(), draft.revision + 1
    draft.saved_by = cast(Any, actor.user_id)  # the operator has none
    draft.save()


def _go(actor: Actor, set_id: int | str, revision: int, way: int) -> OpenDraft:
    question_set: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write")
    with db.atomic():
        lock(question_set)
        draft = _at(question_set, revision)
        state: SetDraftState | None = SetDraftState.get_or_none(
            SetDraftState.draft == draft, SetDraftState.position == draft.position + way
        )
        if state is not None:
            draft.definition, draft.base_definition = json.loads(zlib.decompress(bytes(state.content)))
            draft.position = state.position
            _touch(actor, draft)
            trail(actor, Tag.SET_CHANGED, question_set, fields=["undo" if way < 0 else "redo"])
        return _open(question_set)
