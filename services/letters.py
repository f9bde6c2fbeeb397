"""Letters and information sheets of the shipped library."""

from __future__ import annotations

from forms.definition import say
from forms.letters import Letter, fill
from forms.library import letter_keys, load_letter
from services import printing
from services.access import Actor
from services.audit import Tag, record


def letters(actor: Actor) -> list[Letter]:
    """All of them. Raises NotAllowed."""
    actor.require("set.see")
    return [load_letter(key) for key in letter_keys()]


def read_letter(actor: Actor, key: str) -> Letter:
    """One letter, for reading. Raises NotAllowed, KeyError."""
    actor.require("set.see")
    letter = load_letter(key)
    record(Tag.SET_READ, municipality=actor.municipality_id, actor=actor.user_id, subject=f"letter {key}"[:40])
    return letter


def blank_letter(actor: Actor, letter: Letter, language: str) -> bytes:
    """The letter as PDF with the municipality's head, and blanks for what a case fills in."""
    municipality = actor.municipality
    head = printing.Head(
        municipality=municipality.name, org_number=municipality.org_number,
        logo=bytes(municipality.logo) if municipality.logo else None,
    )  # fmt: skip
    blocks = fill(letter, language, {"kommune": municipality.name})
    return printing.render_letter(say(letter.title, language), language, blocks, head)
