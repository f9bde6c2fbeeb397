"""Operations and values in plain words, for those who adjust a set and have never programmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from forms.conditions.words import words
from forms.definition import ANSWERABLE, Item, QuestionSetDefinition, Texts, say
from forms.edit.properties import property_of
from forms.fault_words import LANGUAGE_NAMES, TYPE_NAMES, property_name, short, type_name
from forms.overlay.operations import Operation
from forms.overlay.outline import KEYS, Outline, Path, Spot, is_text
from forms.texts import N_, Note, translator

_PLAIN = {
    "move": Note(N_("Flyttet")),
    "remove": Note(N_("Tatt ut")),
    "hide": Note(N_("Skjult")),
    "show": Note(N_("Vises igjen")),
}
_ADDED = {"question": Note(N_("Nytt spørsmål")), "group": Note(N_("Ny del")), "": Note(N_("Nytt innhold"))}
_TEXT = {  # with a new text, and with none
    "text": (N_("Ny tekst (%(language)s)"), N_("Teksten er fjernet (%(language)s)")),
    "title": (N_("Ny tittel (%(language)s)"), N_("Tittelen er fjernet (%(language)s)")),
    "help": (N_("Ny hjelpetekst (%(language)s)"), N_("Hjelpeteksten er fjernet (%(language)s)")),
}
_PART = {
    ("add_part", "options"): N_("Nytt valg: «%(part)s»"),
    ("add_part", "columns"): N_("Ny kolonne: «%(part)s»"),
    ("add_part", "rows"): N_("Ny rad: «%(part)s»"),
    ("add_part", "signers"): N_("Ny underskrift: «%(part)s»"),
    ("remove_part", "options"): N_("Valget «%(part)s» er fjernet"),
    ("remove_part", "columns"): N_("Kolonnen «%(part)s» er fjernet"),
    ("remove_part", "rows"): N_("Raden «%(part)s» er fjernet"),
    ("remove_part", "signers"): N_("Underskriften «%(part)s» er fjernet"),
    ("move_part", "options"): N_("Valget «%(part)s» er flyttet"),
    ("move_part", "columns"): N_("Kolonnen «%(part)s» er flyttet"),
    ("move_part", "rows"): N_("Raden «%(part)s» er flyttet"),
    ("move_part", "signers"): N_("Underskriften «%(part)s» er flyttet"),
    ("relabel", "options"): N_("Ny tekst på valget «%(part)s» (%(language)s)"),
    ("relabel", "columns"): N_("Ny overskrift på kolonnen «%(part)s» (%(language)s)"),
    ("relabel", "rows"): N_("Ny tekst på raden «%(part)s» (%(language)s)"),
    ("relabel", "signers"): N_("Ny tekst på underskriften «%(part)s» (%(language)s)"),
    ("retire", "options"): N_("Valget «%(part)s» er tatt ut av bruk"),
    ("restore", "options"): N_("Valget «%(part)s» er tatt i bruk igjen"),
}
_MUST, _SOMETIMES, _SHOULD, _MAY = (
    N_("Må besvares"), N_("Må besvares når %(condition)s"), N_("Bør besvares"), N_("Kan stå ubesvart"),
)  # fmt: skip
_YES, _NO = N_("Ja"), N_("Nei")


class Reader(NamedTuple):
    """Who something is told to: the language of the set's own texts, and the catalogue for the rest."""

    language: str = "nb"
    gettext: Callable[[str], str] = str

    def text(self, texts: Texts) -> str:
        return say(texts, self.language)

    def told(self, text: str, **values: Any) -> str:
        return Note(text, values).say(self.gettext)


NORWEGIAN = Reader()


def label_of(item: Item) -> Texts:
    """What an item is called: its text, else what type it is."""
    if any(item.text.values()):
        return item.text
    names = {language: TYPE_NAMES[item.type].say(translator(language)) for language in ("nb", "nn", "en")}
    return {language: name[:1].upper() + name[1:] for language, name in names.items()}  # type: ignore[misc]


def describe(operation: Operation, language: str = "nb") -> Note:
    """The operation as one sentence, with what it was done to."""
    if not operation.item:
        return Note(N_("Skjemaet: %(what)s"), {"what": what(operation, language)})
    item = short(say(operation.label, language) or operation.item)
    return Note(N_("«%(item)s»: %(what)s"), {"item": item, "what": what(operation, language)})


def what(operation: Operation, language: str = "nb") -> Note:
    """What was done, without to what."""
    op, path, value = operation.op, operation.path, operation.value
    match op:
        case "add_after":
            kind = value["type"]
            return _ADDED["question" if kind in ANSWERABLE else "group" if kind == "group" else ""]
        case "add_language":
            return Note(N_("Nytt språk: %(language)s"), {"language": LANGUAGE_NAMES[value]})
        case "remove_language":
            return Note(N_("Språket %(language)s er tatt ut"), {"language": LANGUAGE_NAMES[operation.was]})
        case "require" | "relax":
            return _demand(operation)
    if op in _PLAIN:
        return _PLAIN[op]
    if path[0] in KEYS and len(path) > 1:
        return _of_part(operation, language)
    if path == ("visible_if",):
        return _shown_when(operation)
    if is_text(path) and path[0] in _TEXT:
        return Note(_TEXT[path[0]][value is None], {"language": LANGUAGE_NAMES[path[-1]]})
    return _changed(path)


def _demand(operation: Operation) -> Note:
    match operation.value:
        case True:
            return Note(N_("Må nå besvares"))
        case False:
            return Note(N_("Kan nå stå ubesvart"))
        case "recommended":
            less = operation.op == "relax"
            return Note(N_("Må ikke lenger besvares, men bør")) if less else Note(N_("Bør nå besvares"))
    return Note(N_("Må nå besvares i noen tilfeller"))


def _shown_when(operation: Operation) -> Note:
    if operation.value is None:
        return Note(N_("Vises nå alltid"))
    return Note(N_("Vises nå bare i noen tilfeller") if operation.was is None else N_("Vises nå i andre tilfeller"))


def _of_part(operation: Operation, language: str) -> Note:
    name, key, *rest = operation.path
    values: dict[str, Any] = {"part": short(say(operation.part, language) or key)}
    action: str = operation.op
    if rest[:1] == ["text"]:
        action, values = "relabel", {**values, "language": LANGUAGE_NAMES[rest[-1]]}
    elif rest == ["retired"]:
        action = "retire" if operation.value else "restore"
    if (action, name) in _PART:
        return Note(_PART[action, name], values)
    return Note(N_("«%(part)s»: %(what)s"), {**values, "what": _changed(operation.path)})


def _changed(path: Path) -> Note:
    return Note(N_("Endret: %(property)s"), {"property": name_of(path)})


def name_of(path: Path, kind: str = "text") -> Note:
    """What a property is called, as on the form where it is changed; `kind` is the type of the item."""
    for source in (kind, ""):  # the item, the set
        about = property_of(source, ".".join(path))
        if about is not None and is_text(path):
            return Note(
                N_("%(property)s (%(language)s)"), {"property": Note(about.label), "language": LANGUAGE_NAMES[path[-1]]}
            )
        if about is not None:
            return Note(about.label)
    return property_name(".".join(path))


def shown(path: Path, value: Any, definition: QuestionSetDefinition, reader: Reader) -> str:
    """A value of a property as a person reads it."""
    match path:
        case ("required",):
            if isinstance(value, dict):
                rule = words(definition, value.get("if", True), *reader)
                return reader.told(_SOMETIMES, condition=rule)
            return reader.told(_MUST if value is True else _SHOULD if value else _MAY)
        case ("visible_if",):
            return reader.told(N_("Alltid")) if value is None else words(definition, value, *reader)
        case ("type",):
            name = type_name(value).say(reader.gettext)
            return name[:1].upper() + name[1:]
    if value is None or (isinstance(value, str) and is_text(path)):
        return value or ""
    if isinstance(value, bool):
        return reader.told(_YES if value else _NO)
    if isinstance(value, list):
        return "\n".join(_listed(part, reader) for part in value)
    if isinstance(value, dict):
        return ", ".join(_named((*path, str(name)), part, reader) for name, part in value.items())
    return _named(path, value, reader)


def _named(path: Path, value: Any, reader: Reader) -> str:
    about = property_of("text", ".".join(path)) or property_of("", ".".join(path))
    named: Mapping[str, str] = about.choices if about else {}
    return reader.gettext(named[value]) if isinstance(value, str) and value in named else str(value)


def _listed(part: Any, reader: Reader) -> str:
    """One of the parts of a list: an example, a fact, a constraint, a language."""
    if isinstance(part, dict):
        return reader.text(
            part.get("text") or part.get("message") or (part if set(part) <= set(LANGUAGE_NAMES) else {})
        )
    return LANGUAGE_NAMES[part].say(reader.gettext) if part in LANGUAGE_NAMES else str(part)


def where(outline: Outline, spot: Spot, reader: Reader) -> str:
    """A place in the form."""
    if spot.after in outline.items:
        return reader.told(N_("Etter «%(item)s»"), item=short(reader.text(label_of(outline.items[spot.after]))))
    if spot.parent in outline.items:
        return reader.told(N_("Først i «%(item)s»"), item=short(reader.text(label_of(outline.items[spot.parent]))))
    return reader.told(N_("Først i skjemaet"))
