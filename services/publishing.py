"""From draft to the version that new plans are started on: what it changes, who it meets, and the way back.

A version is written once and never again. Publishing touches no plan: whether open drafts come along is said by the
version itself, see services/questions.py: version_for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import peewee as pw

from forms import answers as rules
from forms.contents import STEP_KINDS, Content, handling
from forms.definition import canonical, say, without_hidden
from forms.overlay.compare import Change, Stale, level
from forms.texts import N_, Note, translator
from models import Answer, Plan, QuestionSet, QuestionSetVersion, db, now
from services import access, jobs
from services.access import Actor
from services.audit import Tag, trail
from services.clock import today
from services.errors import Invalid, NotEditable, NotVisible
from services.questions import content_of, plan_sets, read_content
from services.set_drafts import Changed, OpenDraft, Replaced, change, draft_at, lock, open_draft, remove

FURTHEST = dt.timedelta(days=730)  # how far ahead a version may be set to begin
NOTE_LENGTH = 300
FILLED_IN = ("plan", "minutes", "consent")  # kinds of set that drafts in cases are made on


@dataclass(frozen=True)
class Outlook:
    """What publishing the draft would do."""

    opened: OpenDraft
    changes: list[Change]
    level: Literal["patch", "minor", "major"] | None
    stale: list[Stale]
    drafts: int  # open drafts of plans on this set
    meets: Mapping[str, int]  # by item id: open drafts with an answer to it
    uncovered: list[str]  # parts of aml § 4-6 that a set for plans does not speak of


def outlook(actor: Actor, set_id: int | str) -> Outlook:
    """The draft against what is published last. Raises NotVisible, NotAllowed."""
    opened = open_draft(actor, set_id)
    ways, live = opened.handling, opened.live
    changes = ways.compare(live, opened.definition, *reader(actor))
    return Outlook(
        opened, changes, level(changes), ways.stale(live, opened.definition) if live is not None else [],
        _open_plans(opened.question_set).count(), _met(opened.question_set), uncovered(opened.definition),
    )  # fmt: skip


def reader(actor: Actor) -> tuple[str, Callable[[str], str]]:
    """The language of one who reads a comparison, and its catalogue."""
    return actor.language, translator(actor.language)


def uncovered(definition: Content) -> list[str]:
    """The parts of aml § 4-6 third paragraph that a set for plans leaves out; nothing for other content."""
    if definition.kind != "plan":
        return []
    return [part for part, there in rules.law_coverage(without_hidden(definition), None, {}, True).items() if not there]


def _open_plans(question_set: QuestionSet) -> pw.ModelSelect[Plan]:
    versions = QuestionSetVersion.select(QuestionSetVersion.id).where(QuestionSetVersion.question_set == question_set)
    return Plan.select(Plan.id).where(Plan.status == "draft", Plan.version.in_(versions))


def _met(question_set: QuestionSet) -> dict[str, int]:
    rows: Any = (
        Answer.select(Answer.question, pw.fn.COUNT(Answer.id))
        .where(Answer.plan.in_(_open_plans(question_set)), Answer.value.is_null(False)).group_by(Answer.question)
    )  # fmt: skip
    return {question: int(count) for question, count in rows.tuples()}


def publish(
    actor: Actor, set_id: int | str, revision: int, *, note: str, starts_on: dt.date | None = None, move: bool = False
) -> QuestionSetVersion:
    """Make the draft the next version, all or nothing. With `move`, open drafts of plans follow when it begins.

    Raises StaleRow when the draft is another than the actor looked at (or is published already), Invalid.
    """
    question_set: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write")
    with db.atomic():
        lock(question_set)
        draft = draft_at(question_set, revision)
        opened = open_draft(actor, set_id)
        _check(opened, note, starts_on)
        number = max((row.number for row in opened.versions), default=0) + 1
        final = opened.definition.model_copy(update={"key": question_set.key, "version": number})
        version: QuestionSetVersion = QuestionSetVersion.create(
            municipality=question_set.municipality_id, question_set=question_set, number=number,
            definition=final.model_dump_json(exclude_defaults=True), sha256=final.sha256(), note=note.strip(),
            published_at=now(), published_by=actor.user_id, base_definition=draft.base_definition,
            operations=_operations(opened), starts_on=starts_on, moves_drafts=move and question_set.kind in FILLED_IN,
        )  # fmt: skip
        QuestionSet.update(title=say(final.title, actor.municipality.language)[:200]).where(
            QuestionSet.id == question_set.id
        ).execute()
        remove(draft)
        trail(actor, Tag.SET_PUBLISHED, question_set, fields=[f"version-{number}"])
    if question_set.kind == "steps":
        jobs.recount_soon(actor.municipality)
    return version


def _check(opened: OpenDraft, note: str, starts_on: dt.date | None) -> None:
    """Raises Invalid."""
    found: dict[str, Note] = {}
    if not note.strip():
        found["note"] = Note(N_("Skriv kort hva som er endret, så andre forstår det senere."))
    elif len(note.strip()) > NOTE_LENGTH:
        found["note"] = Note(N_("Teksten kan høyst være %(most)s tegn."), {"most": NOTE_LENGTH})
    if starts_on is not None and starts_on < today():
        found["starts_on"] = Note(N_("Velg i dag eller en dag som kommer."))
    elif starts_on is not None and starts_on > today() + FURTHEST:
        found["starts_on"] = Note(N_("Velg en dag i løpet av de neste to årene."))
    if starts_on is not None and opened.question_set.kind == "steps":
        found["starts_on"] = Note(N_("Endringer i et løp gjelder med en gang."))
    if opened.faults():
        found[""] = Note(N_("Skjemaet har feil som må rettes først."))
    elif opened.live is not None and not _differs(opened):
        found[""] = Note(N_("Ingenting er endret siden det som er publisert."))
    if found:
        raise Invalid(found)


def _differs(opened: OpenDraft) -> bool:
    return bool(opened.handling.compare(opened.live, opened.definition)) or opened.base != _base_of_live(opened)


def _base_of_live(opened: OpenDraft) -> Content | None:
    text = opened.newest.base_definition if opened.newest is not None else ""
    return read_content(opened.question_set.kind, text) if text else None


def _operations(opened: OpenDraft) -> str:
    """What the municipality changed in the shipped one, ready to be replayed on the next."""
    if opened.base is None:
        return "[]"
    ways = opened.handling
    found = ways.derive(opened.base, opened.definition)
    return canonical([operation.model_dump(mode="json", exclude_defaults=True) for operation in found])


# --- versions and life ----------------------------------------------------------------------------------------------


def version_numbered(actor: Actor, set_id: int | str, number: int | str) -> QuestionSetVersion:
    """One version of a set the actor may read. Raises NotVisible."""
    question_set: QuestionSet = access.get(actor, QuestionSet, set_id, "set.see")
    version: QuestionSetVersion | None = QuestionSetVersion.get_or_none(
        QuestionSetVersion.question_set == question_set,
        QuestionSetVersion.number == access.number_of(number),
    )
    if version is None:
        raise NotVisible
    return version


def compared(actor: Actor, set_id: int | str, older: int | str, newer: int | str) -> list[Change]:
    """What changed between any two versions. Raises NotVisible."""
    before, after = (content_of(version_numbered(actor, set_id, number)) for number in (older, newer))
    return handling(after.kind).compare(before, after, *reader(actor))


def restore(actor: Actor, set_id: int | str, number: int | str) -> Changed:
    """Put an old version into the draft, to be published as a new one. What came later is kept, hidden."""
    old = content_of(version_numbered(actor, set_id, number))

    def edit(opened: OpenDraft) -> Replaced:
        kept, _told = opened.handling.keep_published(opened.published, old)
        return Replaced(kept, Note(N_("Hentet tilbake versjon %(number)s"), {"number": old.version}))

    return change(actor, set_id, edit)


def withdraw(actor: Actor, set_id: int | str, number: int | str) -> QuestionSetVersion:
    """Take back a version that has not begun yet. Raises NotEditable when it has."""
    version = version_numbered(actor, set_id, number)
    actor.require("set.write")
    with db.atomic():
        lock(version.question_set)
        withdrawn = (
            QuestionSetVersion.update(status="retired")
            .where(QuestionSetVersion.id == version.id, QuestionSetVersion.starts_on > today())
            .execute()
        )
        if not withdrawn:
            raise NotEditable(Note(N_("Versjonen er i bruk. Hent heller tilbake en eldre.")))
        trail(actor, Tag.SET_WITHDRAWN, version.question_set, fields=[f"version-{version.number}"])
    return version


def retire(actor: Actor, set_id: int | str) -> QuestionSet:
    """No new plans on this set; what has been made stays. Raises Invalid for steps, and the last set for plans."""
    question_set: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write")
    with db.atomic():
        lock(question_set)
        if question_set.kind in STEP_KINDS:
            raise Invalid({"": Note(N_("Et løp tas ut av bruk ved at et annet tas i bruk."))})
        if question_set.kind == "plan" and [row.id for row in plan_sets(actor.municipality)] == [question_set.id]:
            raise Invalid({"": Note(N_("Kommunen må ha minst ett skjema for oppfølgingsplan."))})
        return _set_active(actor, question_set, False)


def reinstate(actor: Actor, set_id: int | str) -> QuestionSet:
    """Take a retired set into use again."""
    question_set: QuestionSet = access.get(actor, QuestionSet, set_id, "set.write")
    with db.atomic():
        return _set_active(actor, question_set, True)


def _set_active(actor: Actor, question_set: QuestionSet, active: bool) -> QuestionSet:
    if question_set.active != active:
        question_set.active = active
        QuestionSet.update(active=active).where(QuestionSet.id == question_set.id).execute()
        trail(actor, Tag.SET_REINSTATED if active else Tag.SET_RETIRED, question_set)
    return question_set
