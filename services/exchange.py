"""Question sets in and out of files. A file becomes a draft, never a version: somebody looks at it and publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forms import edit, exchange
from forms.contents import SET_KINDS, Content, handling
from forms.definition import Fault, say
from forms.exchange import Imported, Told
from forms.overlay.compare import Change
from forms.texts import N_, Note
from models import QuestionSet, db
from services import access
from services.access import Actor
from services.audit import Tag, trail
from services.errors import Invalid, NotVisible
from services.own_sets import create_row
from services.publishing import reader, version_numbered
from services.questions import content_of
from services.set_drafts import OpenDraft, Replaced, change, open_draft


@dataclass(frozen=True)
class Arrival:
    """What a file would do, before anything is stored."""

    question_set: QuestionSet | None  # None: a new one
    key: str
    definition: Content
    changes: list[Change]
    left_out: tuple[Told, ...]
    kept: list[Note]  # what earlier versions had and the file lacks: hidden or out of use, not gone
    faults: list[Fault]


def export_set(actor: Actor, set_id: int | str, form: str, which: str = "") -> tuple[bytes, str]:
    """A set as a file, and its name. `which` is a version's number or "draft"; empty is what is published last, or the
    draft when nothing is. Raises NotVisible, NotAllowed, ValueError on an unknown format."""
    if form not in exchange.FORMATS:
        raise ValueError(form)
    opened = open_draft(actor, set_id)
    if opened.question_set.kind not in SET_KINDS:
        raise NotVisible
    live = opened.live
    content = opened.definition if which == "draft" or live is None else live
    if which and which != "draft":
        content = content_of(version_numbered(actor, set_id, which))
    content = content.model_copy(update={"key": opened.question_set.key})
    trail(actor, Tag.SET_EXPORTED, opened.question_set, fields=[form])
    return exchange.write(content, form, live), f"{opened.question_set.key}{exchange.extension(form)}"


def look_at(actor: Actor, content: bytes, name: str, set_id: int | str | None = None, key: str = "") -> Arrival:
    """What a file would change. It goes into the set `set_id`, else the one with `key` or the file's own key, else it
    becomes a new set. Raises exchange.BadFile with every reason, NotVisible, NotAllowed."""
    actor.require("set.write")
    return arrival(actor, exchange.read(content, name), set_id, key)


def arrival(actor: Actor, imported: Imported, set_id: int | str | None = None, key: str = "") -> Arrival:
    """As `look_at`, of what has been read already."""
    definition = handling("plan").shape(imported.data)
    question_set = (
        access.get(actor, QuestionSet, set_id, "set.write") if set_id else _with_key(actor, key or definition.key)
    )
    if question_set is None:
        definition = definition.model_copy(update={"key": key or definition.key, "version": 1})
        ways = handling(definition.kind)
        changes = ways.compare(None, definition, *reader(actor))
        faults = ways.faults(definition)
        return Arrival(None, definition.key, definition, changes, imported.left_out, [], faults)
    opened = open_draft(actor, question_set.id)
    fitted, kept = _fit(opened, definition)
    after = _with_definition(opened, fitted)
    return Arrival(question_set, question_set.key, fitted, opened.handling.compare(opened.live, fitted, *reader(actor)),
                   imported.left_out, kept, after.faults())  # fmt: skip


def _with_key(actor: Actor, key: str) -> QuestionSet | None:
    found: QuestionSet | None = access.question_sets(actor).where(QuestionSet.key == key).first()
    if found is not None and found.kind not in SET_KINDS:
        note = N_("«%(key)s» er ikke et skjema, men et brev eller et løp. Velg et annet navn.")
        raise Invalid({"": Note(note, {"key": key})})
    return found


def _fit(opened: OpenDraft, definition: Content) -> tuple[Content, list[Note]]:
    """The file's content as this set's draft: its key and kind, locked where the law has locked, nothing dropped."""
    known = (*([opened.base] if opened.base is not None else []), *opened.published)
    kept, told = opened.handling.keep_published(known, definition)
    update = {"key": opened.question_set.key, "version": opened.definition.version, "kind": opened.question_set.kind}
    return kept.model_copy(update=update), told


def _with_definition(opened: OpenDraft, definition: Content) -> OpenDraft:
    return OpenDraft(
        opened.question_set, opened.revision, definition, opened.base, opened.published, opened.versions,
    )  # fmt: skip


def take_in(actor: Actor, found: Arrival) -> QuestionSet:
    """Make it the draft: one step that can be undone, or a new set with its first draft."""
    said = Note(N_("Hentet inn fra fil"))
    if found.question_set is not None:
        change(actor, found.question_set.id, lambda opened: Replaced(_fit(opened, found.definition)[0], said))
        return found.question_set
    with db.atomic():
        title = say(found.definition.title, actor.municipality.language) or found.key
        return create_row(actor, found.key, found.definition.model_copy(update={"key": found.key}), None, title)


def take_in_translations(actor: Actor, set_id: int | str, content: bytes) -> tuple[int, list[Told]]:
    """Put the texts of a translation sheet into the draft; how many changed, and what could not be used."""
    told: list[Told] = []
    changed = 0

    def apply(opened: OpenDraft) -> Replaced:
        nonlocal changed
        texts, problems = exchange.read_translations(content, opened.definition)
        told.extend(problems)
        definition = opened.definition
        by_item: dict[str, dict[str, Any]] = {}
        unknown = {language for _item, _path, language, text in texts if text} - set(opened.definition.languages)
        told.extend(
            Told(language, Note(N_("Skjemaet er ikke på dette språket. Legg til språket først.")))
            for language in sorted(unknown)
        )
        for item_id, path, language, text in texts:
            if language not in opened.definition.languages:
                continue
            by_item.setdefault(item_id, {})[path] = text
        for item_id, values in by_item.items():
            target = definition.find(item_id) if item_id else definition
            now = edit.properties(target)
            new = {path: value for path, value in values.items() if (now.get(path) or "") != value}
            changed += len(new)
            marks = {path: edit.mark(now.get(path)) for path in new}
            definition = edit.set_properties(definition, item_id, new, marks).definition
        return Replaced(definition, Note(N_("Hentet inn %(count)s oversatte tekster"), {"count": changed}))

    change(actor, set_id, apply)
    return changed, told
