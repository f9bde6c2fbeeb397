"""A new version of a shipped set: the municipality's changes are done again on it; what needs a choice is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.contents import Content, handling
from forms.texts import N_, SILENT, Note
from models import QuestionSet, QuestionSetVersion
from services.access import Actor
from services.publishing import publish, reader
from services.questions import read_content
from services.set_drafts import Changed, OpenDraft, Replaced, change, open_draft


@dataclass(frozen=True)
class Offer:
    """The newest shipped set against the one the draft lies on; `report` as in forms/overlay/upgrade.py."""

    opened: OpenDraft
    base: Content
    report: Any

    @property
    def at_once(self) -> bool:
        """Nothing to choose and nothing unfinished: one click publishes it."""
        return bool(self.report.clean) and not self.opened.revision


def offered(sets: Sequence[QuestionSet]) -> frozenset[int]:
    """Which of the sets lie on an older shipped set than the product has now, in one query."""
    rows = (
        QuestionSetVersion.select(QuestionSetVersion.question_set, QuestionSetVersion.base_definition)
        .where(QuestionSetVersion.question_set.in_([row.id for row in sets]), QuestionSetVersion.status == "published")
        .order_by(QuestionSetVersion.number)
    )
    under = {row.question_set_id: row.base_definition for row in rows}
    return frozenset(row.id for row in sets if row.base and _behind(row, under.get(row.id, "")))


def _behind(row: QuestionSet, under: str) -> bool:
    ways = handling(row.kind)
    return (
        bool(under)
        and row.base in ways.shipped_keys()
        and not _same(read_content(row.kind, under), ways.shipped(row.base))
    )


def _same(one: Content, other: Content) -> bool:
    return bool(one.model_copy(update={"version": other.version}) == other)


def look(actor: Actor, set_id: int | str, choices: Mapping[str, Any] | None = None) -> Offer | None:
    """What the newest shipped set brings; None when the draft lies on it already. Raises NotVisible, NotAllowed."""
    opened = open_draft(actor, set_id)
    row, ways = opened.question_set, opened.handling
    if opened.base is None or row.base not in ways.shipped_keys():
        return None
    newest = ways.shipped(row.base)
    if _same(opened.base, newest):
        return None
    return Offer(opened, newest, _redone(actor, opened, newest, choices or {}))


def _redone(actor: Actor, opened: OpenDraft, newest: Content, choices: Mapping[str, Any]) -> Any:
    """The municipality's changes on the newest shipped set; what was published and is gone from that stays, hidden."""
    ways = opened.handling
    operations = ways.derive(opened.base, opened.definition)
    result = ways.upgrade(opened.base, newest, operations, choices, *reader(actor))
    return result._replace(definition=ways.keep_published(opened.published, result.definition)[0])


def accept(actor: Actor, set_id: int | str, choices: Mapping[str, Any]) -> Changed:
    """Lay the draft on the newest shipped set with these choices: one step, that can be undone."""
    offer = look(actor, set_id, choices)
    if offer is None:
        opened = open_draft(actor, set_id)
        return Changed(opened, Replaced(opened.definition, SILENT))

    def edit(opened: OpenDraft) -> Replaced:
        return Replaced(
            _redone(actor, opened, offer.base, choices).definition, Note(N_("Tok inn ny versjon fra Attende"))
        )

    return change(actor, set_id, edit, base=offer.base)


def accept_at_once(actor: Actor, set_id: int | str, note: str, *, move: bool = False) -> QuestionSetVersion:
    """Take it in and publish. Raises Invalid as `publish` does, with nothing changed in what is published."""
    changed = accept(actor, set_id, {})
    return publish(actor, set_id, changed.opened.revision, note=note, move=move)
