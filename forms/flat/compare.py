"""What changed between two editions of a letter or a schedule, how much it means, and what it left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from forms.definition import Fault, Texts, say
from forms.fault_words import LANGUAGE_NAMES, property_name, short
from forms.flat import F, Flat, label_of
from forms.flat.overlay import OWN, FlatOperation, State, derive
from forms.flat.properties import ONLY_IF, RECIPIENTS
from forms.flat.step_properties import ANCHOR_NAMES, APPLIES_NAMES, DONE_NAMES, RECIPIENT_NAMES, WHO_NAMES
from forms.overlay.compare import Change, Level, Stale
from forms.overlay.wording import NORWEGIAN, Reader
from forms.spans import span_words
from forms.texts import N_, Note

_TEXTS = ("title", "description", "text", "when", "help", "avoid", "items", "rows", "note", "law", "source")
_DECIDING = ("kind", "recipient", "type", "code", "at_most", "locked", "legal", "anchor", "done_by", "applies")
_NAMES = {
    "text": Note(N_("teksten")), "items": Note(N_("punktene")), "rows": Note(N_("tabellen")),
    "only_if": Note(N_("når den er med")), "recipient": Note(N_("mottakeren")),
    "kind": Note(N_("hva slags brev det er")),
    # Of a milestone.
    "code": Note(N_("hvilken milepæl det er")), "steps": Note(N_("løpet")), "when": Note(N_("tidspunktet")),
    "help": Note(N_("veiledningen")), "avoid": Note(N_("det man ikke skal spørre om")), "days": Note(N_("fristen")),
    "anchor": Note(N_("det fristen telles fra")), "applies": Note(N_("hvilke saker den gjelder")),
    "who": Note(N_("hvem som gjør det")), "done_by": Note(N_("det som teller som gjort")),
    "meeting": Note(N_("dialogmøtet")), "letters": Note(N_("brevene")), "form": Note(N_("skjemaet")),
    "recipients": Note(N_("mottakerne")), "at_most": Note(N_("lovens frist")),
    "law": Note(N_("hvor loven sier det")), "legal": Note(N_("lovens frist")),
    "valid_from": Note(N_("første dag den gjelder")), "valid_to": Note(N_("siste dag den gjelder")),
}  # fmt: skip
CHOICES = {
    "only_if": ONLY_IF, "recipient": RECIPIENTS, "recipients": RECIPIENT_NAMES, "who": WHO_NAMES,
    "done_by": DONE_NAMES, "applies": APPLIES_NAMES, "anchor": ANCHOR_NAMES,
}  # fmt: skip
_YES, _NO = N_("Ja"), N_("Nei")
_SAID = {
    "add_language": N_("Nytt språk: %(language)s"),
    "remove_language": N_("Språket %(language)s er tatt ut"),
    "remove": N_("Tatt ut"),
    "add_after": N_("Ny"),
    "move": N_("Flyttet"),
    "hide": N_("Skjult"),
    "show": N_("Vises igjen"),
    "set": N_("Endret %(property)s"),
}


def name_of(path: str) -> Note:
    """What a property of a letter, a block, the steps or a step is called, by its path."""
    head, *rest = path.split(".")
    if head not in _NAMES:
        return property_name(path)
    if not rest or rest[-1] not in LANGUAGE_NAMES:
        return _NAMES[head]
    return Note(N_("%(property)s på %(language)s"), {"property": _NAMES[head], "language": LANGUAGE_NAMES[rest[-1]]})


def describe(change: FlatOperation) -> Note:
    """The change in a few words, without to what."""
    values: dict[str, Any] = {}
    if change.op == "set":
        values = {"property": name_of(change.path)}
    elif change.op in ("add_language", "remove_language"):
        values = {"language": LANGUAGE_NAMES[change.value]}
    return Note(_SAID[change.op], values)


def compare(old: F | None, new: F, language: str = "nb", gettext: Callable[[str], str] = str) -> list[Change]:
    """What changed, in the order of `new`; everything is new when there is no `old`. `language` and `gettext` are of
    the one who reads `before` and `after`."""
    reader, after = Reader(language, gettext), State(new)
    if old is None:
        added = (FlatOperation(op="add_after", part=part, label=label_of(new, part)) for part in after.parts)
        return [change_of(change, after, after, reader) for change in added]
    before = State(old)
    found = [change_of(change, before, after, reader) for change in derive(old, new) if not own(change)]
    place = {part: number for number, part in enumerate(dict.fromkeys(["", *after.parts, *before.parts]))}
    return sorted(found, key=lambda change: place[change.item_id])


def own(change: FlatOperation) -> bool:
    """Whether it only says which letter or list this is, not what is in it."""
    return not change.part and change.path in OWN


def change_of(change: FlatOperation, before: State, after: State, reader: Reader = NORWEGIAN) -> Change:
    """One operation that leads from one to the other, as it is told."""
    part, path = change.part, change.path
    values = [state.value(part, path) if change.op == "set" else None for state in (before, after)]
    states = zip(values, (before, after), strict=True)
    texts = [shown(path, named(path, value, state), reader) for value, state in states]
    if change.op in ("add_after", "remove"):
        texts[change.op == "add_after"] = reader.text(change.label)
    return Change(part, _level(change, *values), describe(change), change.label if part else {}, *texts)


def shown(path: str, value: Any, reader: Reader = NORWEGIAN) -> str:
    """A value as plain text."""
    head = path.split(".")[0]
    match value:
        case None:
            return ""
        case int() if head in ("days", "at_most"):
            return span_words(value).say(reader.gettext)
        case bool():
            return reader.gettext(_YES if value else _NO)
        case dict():
            return reader.text(value)
        case list():
            between = " | " if path.startswith("rows.") else "\n"
            return between.join(shown(f"{path}.{number}", one, reader) for number, one in enumerate(value))
    if head in ("letters", "form"):
        return _shipped_title(head, str(value), reader)
    return reader.gettext(CHOICES[head][value]) if value in CHOICES.get(head, {}) else str(value)


def named(path: str, value: Any, state: State) -> Any:
    """A milestone that another counts from, by its name."""
    found = (part for part in state.parts.values() if path == "anchor" and part.get("code") == value)
    return next((part["text"] for part in found if any(part.get("text", {}).values())), value)


def _shipped_title(kind: str, key: str, reader: Reader) -> str:
    """The title of a letter or a form that comes with the product; the municipality's own keys tell what they are."""
    from forms import library

    letters = kind == "letters"
    if key not in (library.letter_keys() if letters else library.shipped_keys()):
        return key
    return reader.text((library.load_letter(key) if letters else library.load_shipped(key)).title)


def _level(change: FlatOperation, before: Any, after: Any) -> Level:
    if change.op in ("remove", "hide", "remove_language"):
        return "major"
    head = change.path.split(".")[0]
    if change.op != "set":
        return "minor"
    if head == "days":
        return "major" if before is None or after is None or after < before else "minor"
    return "major" if head in _DECIDING else "patch" if head in _TEXTS else "minor"


def stale(old: F, new: F) -> list[Stale]:
    """The texts that were not looked at again when the text they translate changed; bokmål is the source, or else the
    first language."""
    source = "nb" if "nb" in new.languages else next(iter(new.languages), "nb")
    before = {(part, path): texts for part, path, texts in old.texts()}
    return list(_stale(before, new, source))


def _stale(before: dict[tuple[str, str], Texts], new: Flat, source: str) -> Iterator[Stale]:
    for part, path, texts in new.texts():
        earlier: dict[Any, str] = dict(before.get((part, path), {}))
        now: dict[Any, str] = dict(texts)
        if not earlier.get(source) or now.get(source) == earlier[source]:
            continue
        for language in new.languages:
            text = now.get(language, "")
            if language != source and text and text == earlier.get(language):
                label = label_of(new, part) if part else {}
                yield Stale(part, f"{path}.{language}", language, label, earlier[source], now.get(source, ""), text)


def reused(published: Sequence[F], new: F) -> list[Fault]:
    """Ids that were published as something else."""
    found = {}
    for old in published:
        for part in old.parts:
            same = new.find(part.id)
            if same is not None and getattr(same, part.TYPE) != getattr(part, part.TYPE):
                found[part.id] = Fault(part.id, part.TYPE, Note(N_("er en annen enn før; lag heller en ny del")))
    return list(found.values())


def keep_published(published: Sequence[F], new: F) -> tuple[F, list[Note]]:
    """`new` with the parts that earlier versions had and it lacks put back, hidden; and what was put back."""
    state, told = State(new), list[Note]()
    for old in reversed(published):
        earlier = State(old)
        for after, part in zip(["", *earlier.parts], earlier.parts, strict=False):
            if part not in state.parts:
                anchor = after if after in state.parts else next(reversed(state.parts), "")
                state.place(part, anchor, {**earlier.parts[part], "hidden": True})
                text = say(label_of(old, part), "nb")
                told.append(Note(N_("«%(part)s» er lagt tilbake, skjult"), {"part": short(text)}))
    return state.content(), told
