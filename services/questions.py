"""Question sets of a municipality: which there are, and the definition a plan is pinned to."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import peewee as pw

from forms.definition import QuestionSetDefinition, parse, say
from forms.library import load_shipped, shipped_keys
from forms.sheet import Sheet, build_sheet
from models import Municipality, QuestionSet, QuestionSetVersion, db, now
from services import access
from services.access import Actor
from services.audit import Tag
from services.cases import trail
from services.errors import NotVisible


@lru_cache(maxsize=64)
def _parsed(sha256: str, text: str) -> QuestionSetDefinition:
    return parse(text)


def definition_of(version: QuestionSetVersion) -> QuestionSetDefinition:
    """The checked definition of a version; parsed once per process."""
    return _parsed(version.sha256, version.definition)


def ensure_shipped(municipality: Municipality) -> list[str]:
    """Give the municipality every shipped set, and a new version where the shipped text changed. Idempotent."""
    changed = []
    for key in shipped_keys():
        definition = load_shipped(key)
        question_set, _ = QuestionSet.get_or_create(
            municipality=municipality, key=key,
            defaults={"kind": definition.kind, "title": say(definition.title, municipality.language)},
        )  # fmt: skip
        newest = newest_version(question_set)
        if newest is not None and newest.sha256 == definition.sha256():
            continue
        with db.atomic():
            QuestionSetVersion.create(
                municipality=municipality, question_set=question_set, number=(newest.number if newest else 0) + 1,
                definition=definition.model_dump_json(exclude_defaults=True), sha256=definition.sha256(),
                published_at=now(),
            )  # fmt: skip
        changed.append(key)
    return changed


def newest_version(question_set: QuestionSet) -> QuestionSetVersion | None:
    """The published version that new plans are started on."""
    version: QuestionSetVersion | None = (
        QuestionSetVersion.select()
        .where(QuestionSetVersion.question_set == question_set, QuestionSetVersion.status == "published")
        .order_by(QuestionSetVersion.number.desc())
        .first()
    )
    return version


def version_counts(set_ids: list[int]) -> dict[int, int]:
    """How many versions each set has, in one query."""
    counted: Any = (
        QuestionSetVersion.select(QuestionSetVersion.question_set, pw.fn.COUNT(QuestionSetVersion.id))
        .where(QuestionSetVersion.question_set.in_(set_ids)).group_by(QuestionSetVersion.question_set)
    )  # fmt: skip
    return {int(set_id): int(count) for set_id, count in counted.tuples()}


def plan_sets(municipality: Municipality) -> list[QuestionSet]:
    """The active sets a plan can be made on, the municipality's own choice first."""
    rows = QuestionSet.select().where(
        QuestionSet.municipality == municipality, QuestionSet.kind == "plan", QuestionSet.active
    )
    return sorted(rows, key=lambda row: (row.key != municipality.standard_set, row.title))


def sources(sets: list[QuestionSet]) -> dict[int, str]:
    """Where each set comes from, by id, in one query: several bear the same title."""
    versions = (
        QuestionSetVersion.select()
        .where(QuestionSetVersion.question_set.in_([row.id for row in sets]), QuestionSetVersion.status == "published")
        .order_by(QuestionSetVersion.number)
    )
    newest = {version.question_set_id: version for version in versions}
    return {set_id: definition_of(version).source for set_id, version in newest.items()}


def blank_sheet(actor: Actor, set_id: int | str, language: str) -> Sheet:
    """The newest version of a set as an empty form. Raises NotVisible."""
    question_set = access.get(actor, QuestionSet, set_id, "set.see")
    version = newest_version(question_set)
    if version is None:
        raise NotVisible
    trail(actor, Tag.SET_READ, question_set)
    return build_sheet(definition_of(version), language)
