"""Question sets of a municipality: which there are, and the definition a plan is pinned to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import peewee as pw

from forms.contents import Content, handling
from forms.definition import QuestionSetDefinition, say, without_hidden
from forms.sheet import Sheet, build_sheet
from models import Municipality, Plan, QuestionSet, QuestionSetVersion, SetDraft, db, now
from services import access
from services.access import Actor
from services.audit import Tag, trail
from services.clock import today
from services.errors import NotVisible

SHIPPED_KINDS = ("plan", "letter", "steps")  # one for each kind of library


@lru_cache(maxsize=256)
def read_content(kind: str, text: str) -> Content:
    """Stored content of a kind; read once per process."""
    return handling(kind).shape(text)


@lru_cache(maxsize=64)
def _asked(text: str) -> QuestionSetDefinition:
    return without_hidden(read_content("plan", text))


def content_of(version: QuestionSetVersion) -> Content:
    """All of a version, with what is hidden."""
    return read_content(version.question_set.kind, version.definition)


def definition_of(version: QuestionSetVersion) -> QuestionSetDefinition:
    """What a version of a question set asks and prints."""
    return _asked(version.definition)


def ensure_shipped(municipality: Municipality) -> list[str]:
    """Give the municipality every shipped set, letter and list of steps that it lacks. Idempotent.

    A new version of one that it has is not taken in here but offered to its administrators, see services/upgrades.py.
    """
    there = {row.key for row in QuestionSet.select(QuestionSet.key).where(QuestionSet.municipality == municipality)}
    missing = [(key, load) for key, load in _library() if key not in there]
    with db.atomic():
        for key, load in missing:
            content = load(key)
            row = QuestionSet.create(
                municipality=municipality, key=key, kind=content.kind, base=key,
                title=say(content.title, municipality.language),
            )  # fmt: skip
            text = content.model_dump_json(exclude_defaults=True)
            QuestionSetVersion.create(
                municipality=municipality, question_set=row, number=1, definition=text, base_definition=text,
                sha256=content.sha256(), published_at=now(),
            )  # fmt: skip
    return [key for key, _load in missing]


def _library() -> Iterator[tuple[str, Callable[[str], Content]]]:
    for kind in SHIPPED_KINDS:
        ways = handling(kind)
        for key in ways.shipped_keys():
            yield key, ways.shipped


def newest_version(question_set: QuestionSet) -> QuestionSetVersion | None:
    """The version that new plans are started on: the last published one that has begun."""
    version: QuestionSetVersion | None = (
        _published().where(QuestionSetVersion.question_set == question_set, begun()).first()
    )
    return version


def version_for(plan: Plan) -> QuestionSetVersion:
    """The version a plan is read and written on: its own; but a draft follows to a later one that takes drafts along.

    Nothing is written: the draft keeps the version it is pinned to until somebody saves it.
    """
    pinned = plan.version
    if plan.status != "draft":
        return pinned
    later: QuestionSetVersion | None = (
        _published()
        .where(
            QuestionSetVersion.question_set == pinned.question_set_id, QuestionSetVersion.number > pinned.number,
            QuestionSetVersion.moves_drafts, begun(),
        )
        .first()
    )  # fmt: skip
    return later or pinned


def _published() -> Any:
    """Newest first."""
    return (
        QuestionSetVersion.select().where(QuestionSetVersion.status == "published")
        .order_by(QuestionSetVersion.number.desc())
    )  # fmt: skip


def begun() -> Any:
    """The condition that a version is in use as of today."""
    return QuestionSetVersion.starts_on.is_null() | (QuestionSetVersion.starts_on <= today())


def version_counts(set_ids: list[int]) -> dict[int, int]:
    """How many versions each set has, in one query."""
    counted: Any = (
        QuestionSetVersion.select(QuestionSetVersion.question_set, pw.fn.COUNT(QuestionSetVersion.id))
        .where(QuestionSetVersion.question_set.in_(set_ids)).group_by(QuestionSetVersion.question_set)
    )  # fmt: skip
    return {int(set_id): int(count) for set_id, count in counted.tuples()}


def drafted(set_ids: list[int]) -> frozenset[int]:
    """Which of the sets have a draft, in one query."""
    rows = SetDraft.select(SetDraft.question_set).where(SetDraft.question_set.in_(set_ids))
    return frozenset(row.question_set_id for row in rows)


def published_sets() -> Any:
    """Ids of the sets that have something published, as a query to narrow others by."""
    return QuestionSetVersion.select(QuestionSetVersion.question_set).where(QuestionSetVersion.status == "published")


def plan_sets(municipality: Municipality, kind: str = "plan") -> list[QuestionSet]:
    """The active sets a plan (or minutes, or a consent) can be made on, the municipality's own choice first."""
    rows = QuestionSet.select().where(
        QuestionSet.municipality == municipality, QuestionSet.kind == kind, QuestionSet.active,
        QuestionSet.id.in_(published_sets().where(begun())),
    )  # fmt: skip
    return sorted(rows, key=lambda row: (row.key != municipality.standard_set, row.title))


def newest_versions(sets: Sequence[QuestionSet]) -> dict[int, QuestionSetVersion]:
    """`newest_version` of many, by set id, in one query."""
    rows = {row.id: row for row in sets}
    newest: dict[int, QuestionSetVersion] = {}
    for version in _published().where(QuestionSetVersion.question_set.in_(list(rows)), begun()):
        version.question_set = rows[version.question_set_id]
        newest.setdefault(version.question_set_id, version)
    return newest


def unpublished(sets: Sequence[QuestionSet]) -> dict[int, Content]:
    """What those hold that have nothing in use yet, by set id, in two queries: the draft, else what has not begun."""
    kinds = {row.id: row.kind for row in sets}
    if not kinds:
        return {}
    versions = QuestionSetVersion.select().where(QuestionSetVersion.question_set.in_(list(kinds)))
    drafts = SetDraft.select().where(SetDraft.question_set.in_(list(kinds)))
    found = [*versions.order_by(QuestionSetVersion.number), *drafts]
    return {one.question_set_id: read_content(kinds[one.question_set_id], one.definition) for one in found}


def sources(sets: Sequence[QuestionSet]) -> dict[int, str]:
    """Where each set comes from, by id, in one query: several bear the same title."""
    return {set_id: content_of(version).source for set_id, version in newest_versions(sets).items()}


def blank_sheet(actor: Actor, set_id: int | str, language: str) -> Sheet:
    """The newest version of a set as an empty form. Raises NotVisible."""
    question_set = access.get(actor, QuestionSet, set_id, "set.see")
    version = newest_version(question_set)
    if version is None:
        raise NotVisible
    trail(actor, Tag.SET_READ, question_set)
    return build_sheet(definition_of(version), language)
