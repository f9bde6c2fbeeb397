"""Sets, letters and schedules of the municipality's own: from scratch, or laid over a shipped one."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from forms.contents import LETTER_KINDS, SET_KINDS, STEP_KINDS, Content, handling
from forms.flat.letter_edit import add_block
from forms.format import Item, QuestionSetDefinition
from forms.letters import Letter
from forms.library import load_steps
from forms.texts import N_, Note
from models import QuestionSet, db
from services import access, set_drafts
from services.access import Actor
from services.audit import Tag, trail
from services.errors import Invalid
from services.questions import SHIPPED_KINDS
from services.steps import STANDARD

TITLE_LENGTH = 200
OWN_KINDS = (*SET_KINDS, *LETTER_KINDS)  # schedules are begun apart: never without what the law demands
_NO_TITLE = {
    **dict.fromkeys(LETTER_KINDS, N_("Skriv hva brevet skal hete.")),
    **dict.fromkeys(STEP_KINDS, N_("Skriv hva løpet skal hete.")),
}


def create_set(actor: Actor, kind: str, title: str, base: str = "") -> QuestionSet:
    """A new set, letter or schedule with a draft and nothing published, begun as the shipped `base` if given. A
    schedule without a base has what the law demands and nothing else. Raises Invalid."""
    actor.require("set.write")
    title = " ".join(title.split())
    kinds = STEP_KINDS if kind in STEP_KINDS else OWN_KINDS
    ways = next((handling(one) for one in kinds if base and base in handling(one).shipped_keys()), None)
    faults: dict[str, Note] = {}
    if not title:
        why = _NO_TITLE.get(kind, N_("Skriv hva skjemaet skal hete."))
        faults["title"] = Note(why)
    elif len(title) > TITLE_LENGTH:
        faults["title"] = Note(N_("Teksten kan høyst være %(most)s tegn."), {"most": TITLE_LENGTH})
    if base and ways is None:
        faults["base"] = Note(N_("Velg et skjema fra listen."))
    if not base and kind not in kinds:
        faults["kind"] = Note(N_("Velg hva slags skjema det er."))
    if faults:
        raise Invalid(faults)
    with db.atomic():
        key = free_key(actor, title)
        under = ways.shipped(base) if ways else load_steps(STANDARD) if kind in STEP_KINDS else None
        content = _laid_over(under, key, title, actor.municipality.language) if under else _blank(key, kind, title)
        if kind in STEP_KINDS and not base:
            content = content.model_copy(update={"steps": tuple(step for step in content.steps if step.locked)})
        return create_row(actor, key, content, under, title)


def create_row(actor: Actor, key: str, content: Content, base: Content | None, title: str) -> QuestionSet:
    """The set and its first draft, inside the caller's transaction. Raises Invalid when the key cannot be used."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,58}", key):
        raise Invalid({"key": Note(N_("Nøkkelen kan ha små bokstaver a–z, tall og bindestrek."))})
    if QuestionSet.select().where(QuestionSet.municipality == actor.municipality_id, QuestionSet.key == key).exists():
        raise Invalid({"key": Note(N_("Kommunen har allerede et skjema med nøkkelen «%(key)s»."), {"key": key})})
    row: QuestionSet = QuestionSet.create(
        municipality=actor.municipality_id, key=key, kind=content.kind, title=title[:TITLE_LENGTH],
        base=base.key if base is not None else "",
    )  # fmt: skip
    set_drafts.begin(actor, row, content, base)
    trail(actor, Tag.SET_CREATED, row)
    return row


def free_key(actor: Actor, title: str) -> str:
    """A key made of the title, that neither the municipality nor the product's library uses."""
    plain = unicodedata.normalize("NFKD", title.casefold().replace("æ", "ae").replace("ø", "o").replace("đ", "d"))
    stem = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
    stem = re.sub(r"^[^a-z]+", "", stem)[:48].strip("-") or "skjema"
    stem = stem if len(stem) > 1 else f"{stem}-skjema"
    taken = {row.key for row in access.question_sets(actor)} | _shipped_keys()
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(key for key in numbered if key not in taken)


def _shipped_keys() -> set[str]:
    return {key for kind in SHIPPED_KINDS for key in handling(kind).shipped_keys()}


def _laid_over(under: Content, key: str, title: str, language: str) -> Content:
    return under.model_copy(update={"key": key, "version": 1, "title": {**under.title, language: title}})


def _blank(key: str, kind: str, title: str) -> Content:
    """In both languages, with something to begin with."""
    return (_blank_letter if kind in LETTER_KINDS else _blank_set)(key, kind, title)


def _blank_letter(key: str, kind: str, title: str) -> Content:
    """Where and when, one paragraph, a greeting."""
    letter: Any = Letter(
        schema_version=1, key=key, version=1, kind=kind, languages=("nb", "nn"),  # type: ignore[arg-type]
        title={"nb": title, "nn": title}, recipient="employee", blocks=(),
    )  # fmt: skip
    for block in ("closing", "paragraph", "place"):
        letter = add_block(letter, block).definition
    return letter


def _blank_set(key: str, kind: str, title: str) -> Content:
    """One part with one question."""
    question = Item(
        id="sporsmal_1", type="text", text={"nb": "Nytt spørsmål", "nn": "Nytt spørsmål"},
    )  # fmt: skip
    part = Item(id="del_1", type="group", text={"nb": "Første del", "nn": "Første del"}, items=(question,))
    return QuestionSetDefinition(
        schema_version=1, key=key, version=1, kind=kind, languages=("nb", "nn"),  # type: ignore[arg-type]
        title={"nb": title, "nn": title}, items=(part,),
    )  # fmt: skip
