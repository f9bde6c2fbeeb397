"""What the demo's first municipality has done with its set: its own name in the title, and a draft under way."""

from __future__ import annotations

from forms import edit
from models import QuestionSet
from services.access import Actor
from services.publishing import publish
from services.set_drafts import OpenDraft, change

_SUBTITLES = {
    "nb": "for ansatte i %s som er sykmeldt eller i fare for å bli sykmeldt",
    "nn": "for tilsette i %s som er sjukmelde eller står i fare for å bli sjukmelde",
}
_QUESTION = {"nb": "Hvem kan du snakke med på jobben?", "nn": "Kven kan du snakke med på jobben?"}


def adjust(anne: Actor, key: str) -> None:
    """Publish a version with the municipality's own name, and leave a new question in the draft."""
    row = QuestionSet.get(QuestionSet.municipality == anne.municipality_id, QuestionSet.key == key)
    place = anne.municipality.name
    titles = {f"subtitle.{language}": text % place for language, text in _SUBTITLES.items()}
    changed = change(anne, row.id, lambda opened: _put(opened, "", titles))
    publish(anne, row.id, changed.opened.revision, note="Navnet på kommunen i undertittelen")
    added = change(
        anne, row.id, lambda opened: edit.add_item(opened.definition, "string", "how_now", taken=opened.kept)
    )
    texts = {f"text.{language}": text for language, text in _QUESTION.items()}
    change(anne, row.id, lambda opened: _put(opened, added.edited.item_id, texts))


def _put(opened: OpenDraft, item_id: str, values: dict[str, str]) -> edit.Edited:
    part = opened.definition.find(item_id) if item_id else opened.definition
    marks = {path: edit.mark(value) for path, value in edit.properties(part).items()}
    return edit.set_properties(opened.definition, item_id, values, marks)
