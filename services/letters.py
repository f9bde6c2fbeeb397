"""Letters and information sheets of a municipality: the shipped ones as it has worded them, and its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.contents import LETTER_KINDS
from forms.definition import say
from forms.letters import Letter, fill
from models import QuestionSet, QuestionSetVersion, SetDraft
from services import access, printing
from services.access import Actor
from services.audit import Tag, trail
from services.errors import NotVisible
from services.publishing import version_numbered
from services.questions import content_of, newest_version, newest_versions, read_content


@dataclass(frozen=True)
class Listed:
    """A letter on the shelf; `version` is None while nothing of it is in use."""

    row: QuestionSet
    letter: Letter
    version: QuestionSetVersion | None


def letters(actor: Actor) -> list[Listed]:
    """Those in use, by title, in two queries; administrators also see those in the making and out of use. Raises
    NotAllowed."""
    actor.require("set.see")
    rows = list(
        access.question_sets(actor).where(QuestionSet.kind.in_(LETTER_KINDS))
        .order_by(QuestionSet.active.desc(), QuestionSet.kind.desc(), QuestionSet.title)
    )  # fmt: skip
    newest = newest_versions(rows)
    if not actor.may("set.write"):
        return [
            Listed(row, content_of(newest[row.id]), newest[row.id]) for row in rows if row.active and row.id in newest
        ]
    waiting = _waiting([row for row in rows if row.id not in newest])
    return [
        Listed(row, content_of(newest[row.id]) if row.id in newest else waiting[row.id], newest.get(row.id))
        for row in rows
        if row.id in newest or row.id in waiting
    ]


def _waiting(rows: Sequence[QuestionSet]) -> dict[int, Letter]:
    """What those letters hold that have nothing in use yet: the draft, else a version that has not begun."""
    kinds = {row.id: row.kind for row in rows}
    versions = QuestionSetVersion.select().where(QuestionSetVersion.question_set.in_(list(kinds)))
    drafts = SetDraft.select().where(SetDraft.question_set.in_(list(kinds)))
    found = [*versions.order_by(QuestionSetVersion.number), *drafts] if kinds else []
    return {one.question_set_id: read_content(kinds[one.question_set_id], one.definition) for one in found}


def read_letter(actor: Actor, set_id: int | str, number: str = "") -> tuple[QuestionSet, QuestionSetVersion, Letter]:
    """One letter as new ones are made from it; with a number, that version of it, for administrators. Raises
    NotVisible, NotAllowed."""
    row: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write" if number else "set.see")
    version = None
    if row.kind in LETTER_KINDS:
        version = version_numbered(actor, row.id, number) if number else newest_version(row)
    if version is None:
        raise NotVisible
    trail(actor, Tag.SET_READ, row)
    return row, version, content_of(version)


def letter_keyed(actor: Actor, key: str, number: str = "") -> tuple[QuestionSet, QuestionSetVersion, Letter]:
    """One letter by its key, to be written: as new ones are made from it, or the version that a page was made of.

    Raises NotVisible, NotAllowed.
    """
    row = access.question_sets(actor).where(QuestionSet.key == key, QuestionSet.kind.in_(LETTER_KINDS)).first()
    if row is None or not (row.active or number):
        raise NotVisible
    actor.require("set.see")
    version = version_numbered(actor, row.id, number) if number else newest_version(row)
    if version is None:
        raise NotVisible
    return row, version, content_of(version)


def blank_letter(actor: Actor, letter: Letter, language: str, status: str = "") -> bytes:
    """The letter as PDF with the municipality's head, and blanks for what a case fills in."""
    blocks = fill(letter, language, {"kommune": actor.municipality.name})
    head = printing.municipal_head(actor.municipality, status)
    return printing.render_letter(say(letter.title, language), language, blocks, head)
