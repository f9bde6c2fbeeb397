"""The municipality's schedules for its administrators: which there are, which one is in use, what can belong to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import peewee as pw

from forms.contents import LETTER_KINDS, STEP_KINDS, Content
from forms.definition import say
from forms.steps import Steps
from forms.texts import N_, Note
from models import FollowUpSettings, QuestionSet, QuestionSetVersion, db
from services import access, jobs
from services.access import Actor
from services.audit import Tag, trail
from services.errors import Invalid, NotVisible, StaleRow
from services.publishing import version_numbered
from services.questions import content_of, newest_version, newest_versions, unpublished
from services.settings import settings_of

FORM_KINDS = ("plan", "minutes", "consent")  # that can belong to a milestone


@dataclass(frozen=True)
class Listed:
    """A schedule of the municipality; `version` is None while nothing of it is published."""

    row: QuestionSet
    content: Steps
    version: QuestionSetVersion | None
    in_use: bool


@dataclass(frozen=True)
class Shelf:
    """What can belong to a milestone, by key: titles of the municipality's letters and forms."""

    letters: dict[str, str]
    forms: dict[str, str]


def schedules(actor: Actor) -> list[Listed]:
    """Those of the municipality, the one in use first; also those in the making. Raises NotAllowed."""
    actor.require("set.write")
    rows = list(access.question_sets(actor).where(QuestionSet.kind.in_(STEP_KINDS)).order_by(QuestionSet.title))
    newest, chosen = newest_versions(rows), settings_of(actor.municipality_id).schedule
    waiting = unpublished([row for row in rows if row.id not in newest])
    found = [
        Listed(
            row,
            content_of(newest[row.id]) if row.id in newest else waiting[row.id],
            newest.get(row.id),
            row.key == chosen,
        )
        for row in rows
        if row.id in newest or row.id in waiting
    ]
    return sorted(found, key=lambda one: not one.in_use)


def read_schedule(actor: Actor, set_id: int | str, number: str = "") -> Listed:
    """One schedule, or that version of it. Raises NotVisible (also while nothing of it is published), NotAllowed."""
    row: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write")
    version = None
    if row.kind in STEP_KINDS:
        version = version_numbered(actor, row.id, number) if number else newest_version(row)
    if version is None:
        raise NotVisible
    return Listed(row, content_of(version), version, row.key == settings_of(actor.municipality_id).schedule)


def use_schedule(actor: Actor, set_id: int | str) -> QuestionSet:
    """Take a schedule into use, and count every open case anew by it. Raises NotVisible, NotAllowed, Invalid."""
    row: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write")
    if row.kind not in STEP_KINDS:
        raise NotVisible
    if newest_version(row) is None:
        raise Invalid({"": Note(N_("Løpet må publiseres før det kan tas i bruk."))})
    if settings_of(actor.municipality_id).schedule == row.key:
        return row
    with db.atomic():
        trail(actor, Tag.SETTINGS_CHANGED, _choose(actor, row.key), fields=["schedule"])
    jobs.recount_soon(actor.municipality)
    return row


def _choose(actor: Actor, key: str) -> FollowUpSettings:
    """Only this one choice is written: another administrator may be at the others. Raises StaleRow."""
    mine = FollowUpSettings.municipality == actor.municipality_id
    raised = FollowUpSettings.revision + 1
    if not FollowUpSettings.update(schedule=key, revision=raised).where(mine).execute():
        try:
            with db.atomic():
                FollowUpSettings.create(municipality=actor.municipality_id, schedule=key)
        except pw.IntegrityError as error:
            raise StaleRow from error
    return settings_of(actor.municipality_id)


def shelf(actor: Actor) -> Shelf:
    """The letters and forms that are in use, by title, in two queries. Raises NotAllowed."""
    actor.require("set.write")
    rows = list(
        access.question_sets(actor).where(QuestionSet.active, QuestionSet.kind.in_((*LETTER_KINDS, *FORM_KINDS)))
        .order_by(QuestionSet.title, QuestionSet.key)
    )  # fmt: skip
    letters = [row for row in rows if row.kind in LETTER_KINDS]
    versions = newest_versions(rows)
    abouts = {row.key: _about(row, content_of(versions[row.id]), actor.language) for row in rows if row.id in versions}
    return Shelf(_told_apart(letters, abouts), _told_apart([row for row in rows if row not in letters], abouts))


def _about(row: QuestionSet, content: Content, language: str) -> str:
    """What a letter is for, or where a form is from, in a few words."""
    if row.kind in LETTER_KINDS:
        return say(content.description, language).partition(". ")[0][:80].rstrip(".")
    return str(content.source).partition(",")[0][:80]


def _told_apart(rows: Sequence[QuestionSet], abouts: Mapping[str, str]) -> dict[str, str]:
    """Several bear the same title; what they are for, or their key, tells which."""
    titles = Counter(row.title for row in rows)

    def name(row: QuestionSet) -> str:
        if titles[row.title] == 1:
            return row.title
        return f"{row.title} ({abouts.get(row.key) or row.key})"

    return {row.key: name(row) for row in rows}
