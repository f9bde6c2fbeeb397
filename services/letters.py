"""Letters and information sheets of a municipality: the shipped ones as it has worded them, and its own."""

from __future__ import annotations

from forms.contents import LETTER_KINDS
from forms.definition import say
from forms.letters import Letter, fill
from models import QuestionSet, QuestionSetVersion
from services import access, printing
from services.access import Actor
from services.audit import Tag, trail
from services.errors import NotVisible
from services.questions import content_of, newest_version, newest_versions


def letters(actor: Actor) -> list[tuple[QuestionSet, Letter]]:
    """Those in use, by title, in two queries. Raises NotAllowed."""
    actor.require("set.see")
    rows = list(
        access.question_sets(actor)
        .where(QuestionSet.kind.in_(LETTER_KINDS), QuestionSet.active)
        .order_by(QuestionSet.kind.desc(), QuestionSet.title)
    )
    newest = newest_versions(rows)
    return [(row, content_of(newest[row.id])) for row in rows if row.id in newest]


def read_letter(actor: Actor, set_id: int | str) -> tuple[QuestionSet, QuestionSetVersion, Letter]:
    """One letter as new ones are made from it. Raises NotVisible, NotAllowed."""
    row: QuestionSet = access.get(actor, QuestionSet, set_id, "set.see")
    version = newest_version(row) if row.kind in LETTER_KINDS else None
    if version is None:
        raise NotVisible
    trail(actor, Tag.SET_READ, row)
    return row, version, content_of(version)


def blank_letter(actor: Actor, letter: Letter, language: str, status: str = "") -> bytes:
    """The letter as PDF with the municipality's head, and blanks for what a case fills in."""
    blocks = fill(letter, language, {"kommune": actor.municipality.name})
    head = printing.municipal_head(actor.municipality, status)
    return printing.render_letter(say(letter.title, language), language, blocks, head)
