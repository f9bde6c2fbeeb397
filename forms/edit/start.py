"""What a new item or a new part of one begins as: usable at once, with text in every language of the set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from forms.definition import BOUND_COLUMNS, FACTS, Item, Texts
from forms.edit.properties import LONGEST
from forms.edit.table import PARTS
from forms.edit.tree import fresh_id

_Words = tuple[str, str, str, str]  # nb, nn, en, se
_QUESTION: _Words = ("Nytt spørsmål", "Nytt spørsmål", "New question", "Ođđa gažaldat")
_NAMES: dict[str, _Words] = {
    "group": ("Ny del", "Ny del", "New part", "Ođđa oassi"),
    "info": ("Ny tekst", "Ny tekst", "New text", "Ođđa teaksta"),
    "facts": ("Opplysninger fra saken", "Opplysningar frå saka", "Details from the case", "Dieđut áššis"),
    "table": ("Ny tabell", "Ny tabell", "New table", "Ođđa tabealla"),
    "checklist": ("Ny sjekkliste", "Ny sjekkliste", "New checklist", "Ođđa dárkkistanlistu"),
    "measures": ("Tiltak", "Tiltak", "Measures", "Doaibmabijut"),
    "contact_log": ("Kontaktlogg", "Kontaktlogg", "Contact log", "Oktavuođalogga"),
    "absence": ("Sykmeldingsperioder", "Sjukmeldingsperiodar", "Periods of sick leave", "Buohcanáigodagat"),
    "calculated": ("Beregnet dato", "Utrekna dato", "Calculated date", "Rehkenaston beaivi"),
    "signatures": ("Underskrifter", "Underskrifter", "Signatures", "Vuolláičállagat"),
}
_STEMS = {
    "group": "gruppe", "info": "tekst", "facts": "opplysninger", "table": "tabell", "checklist": "sjekkliste",
    "measures": "tiltak", "contact_log": "kontaktlogg", "absence": "fravar", "calculated": "dato",
    "signatures": "underskrifter",
}  # fmt: skip
_PART_NAMES: dict[str, _Words] = {
    "options": ("Alternativ %d", "Alternativ %d", "Option %d", "Molssaeaktu %d"),
    "columns": ("Kolonne %d", "Kolonne %d", "Column %d", "Čuolda %d"),
    "rows": ("Hva som skal gjøres", "Kva som skal gjerast", "What to do", "Mii galgá dahkkot"),
    "facts": ("Ny opplysning", "Ny opplysning", "New detail", "Ođđa diehtu"),
    "examples": ("Eksempel %d", "Døme %d", "Example %d", "Ovdamearka %d"),
    "constraints": (
        "Se over svaret.", "Sjå over svaret.", "Look over the answer.", "Geahča vástádusa ođđasit.",
    ),
}  # fmt: skip
_WHEN: _Words = ("Uke %d", "Veke %d", "Week %d", "Vahkku %d")
_PART_STEMS = {"options": "valg", "columns": "kolonne", "rows": "rad"}
_SIGNERS: dict[str, _Words] = {
    "employer": ("Arbeidsgiver", "Arbeidsgivar", "Employer", "Bargoaddi"),
    "employee": ("Arbeidstaker", "Arbeidstakar", "Employee", "Bargi"),
    "doctor": ("Lege", "Lege", "Doctor", "Doavttir"),
    "assistant": ("Bistandsperson", "Bistandsperson", "Assisting person", "Veahkkeolmmoš"),
}
_FACT_NAMES: dict[str, _Words] = {
    "employee.name": ("Navn", "Namn", "Name", "Namma"),
    "unit.name": ("Enhet", "Eining", "Unit", "Ossodat"),
}
# Columns of the case's own rows: kind of content, width and heading.
_COLUMNS: dict[str, dict[str, tuple[str, int, _Words]]] = {
    "measures": {
        "what": ("text", 8, ("Tiltak", "Tiltak", "Measure", "Doaibmabidju")),
        "kind": ("string", 3, ("Type tiltak", "Type tiltak", "Kind of measure", "Doaibmabiju šládja")),
        "responsible": ("string", 4, ("Ansvarlig", "Ansvarleg", "Responsible", "Ovddasvástideaddji")),
        "deadline": ("date", 3, ("Tidsfrist", "Tidsfrist", "Deadline", "Áigemearri")),
        "status": ("string", 3, ("Status", "Status", "Status", "Dilli")),
        "effect": ("text", 4, ("Virkning", "Verknad", "Effect", "Váikkuhus")),
    },
    "contact_log": {
        "date": ("date", 2, ("Dato", "Dato", "Date", "Beaivi")),
        "kind": ("string", 3, ("Type kontakt", "Type kontakt", "Kind of contact", "Oktavuođa šládja")),
        "participants": ("string", 3, ("Deltakere", "Deltakarar", "Participants", "Oasseváldit")),
        "text": ("text", 5, ("Innhold", "Innhald", "Content", "Sisdoallu")),
        "result": ("text", 5, ("Resultat", "Resultat", "Result", "Boađus")),
    },
    "absence": {
        "from": ("date", 2, ("Fra", "Frå", "From", "Álgá")),
        "to": ("date", 2, ("Til", "Til", "To", "Nohká")),
        "grade": ("integer", 1, ("Grad i prosent", "Grad i prosent", "Grade in per cent", "Proseanta")),
    },
}
_COPY: _Words = ("(kopi)", "(kopi)", "(copy)", "(kopiija)")
_ORDER = ("nb", "nn", "en", "se")


def _say(words: _Words, languages: Collection[str], number: int = 0) -> Texts:
    texts = zip(_ORDER, words, strict=True)
    return {code: text.replace("%d", str(number)) for code, text in texts if code in languages}  # type: ignore[misc]


def stem_of_kind(kind: str) -> str:
    """What ids of items of a type begin with."""
    return _STEMS.get(kind, "sporsmal")


def name_of(kind: str, languages: Collection[str]) -> Texts:
    """What a new item of a type is called."""
    return _say(_NAMES.get(kind, _QUESTION), languages)


def copied(texts: Texts) -> Texts:
    """A text with (kopi) after it, each language in its own words."""
    marks = _say(_COPY, texts)
    longer: Texts = {code: f"{text} {marks[code]}" if text.strip() else text for code, text in texts.items()}
    return longer if all(len(text) <= LONGEST for text in longer.values()) else texts


def new_item(kind: str, languages: Sequence[str], taken: Collection[str]) -> Item:
    """An item of a type with an id that is not `taken`; a group holds one question."""
    item_id = fresh_id(stem_of_kind(kind), taken)
    data: dict[str, Any] = {"id": item_id, "type": kind, "text": name_of(kind, languages)}
    return Item.model_validate(data | content_of(kind, item_id, languages, {*taken, item_id}))


def content_of(kind: str, item_id: str, languages: Sequence[str], taken: Collection[str]) -> dict[str, Any]:
    """What an item of a type cannot do without."""
    match kind:
        case "group":
            return {"items": (new_item("text", languages, taken),)}
        case "choice" | "multichoice":
            return {"options": _several(kind, item_id, "options", 2, languages)}
        case "table":
            return {"columns": _several(kind, item_id, "columns", 2, languages)}
        case "checklist":
            return {"rows": _several(kind, item_id, "rows", 1, languages)}
        case "measures" | "contact_log" | "absence":
            return {"columns": _several(kind, item_id, "columns", len(BOUND_COLUMNS[kind]), languages)}
        case "facts":
            return {"facts": _several(kind, item_id, "facts", len(_FACT_NAMES), languages)}
        case "signatures":
            return {"signers": _several(kind, item_id, "signers", 2, languages)}
        case "calculated":
            return {"calculate": {"rule": "weeks_after_first_day", "weeks": 4}}
    return {}


def _several(kind: str, item_id: str, part: str, count: int, languages: Sequence[str]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for _ in range(count):
        new = new_part(kind, item_id, part, made, languages, ())
        if new is not None:
            made.append(new)
    return made


def new_part(
    kind: str, item_id: str, part: str, there: Sequence[Any], languages: Sequence[str], taken: Collection[str]
) -> dict[str, Any] | None:
    """One more of an item's parts beside those `there`, all as JSON, with an id that is not `taken`; None when there is
    nothing more that such a part can be."""
    number = len(there) + 1
    match part:
        case "columns" if kind in _COLUMNS:
            return _bound_column(kind, {column["id"] for column in there}, languages)
        case "signers":
            role = next((role for role in _SIGNERS if role not in {signer["role"] for signer in there}), None)
            return {"role": role, "text": _say(_SIGNERS[role], languages)} if role else None
        case "facts":
            used = {fact["source"] for fact in there}
            source = next((name for name in (*_FACT_NAMES, *FACTS) if name not in used), FACTS[0])
            return {"source": source, "text": _say(_FACT_NAMES.get(source, _PART_NAMES["facts"]), languages)}
        case "examples":
            return {str(code): text for code, text in _say(_PART_NAMES["examples"], languages, number).items()}
        case "constraints":
            return {"expr": {"answered": item_id}, "message": _say(_PART_NAMES["constraints"], languages)}
    name = PARTS[part]
    own_id = fresh_id(_PART_STEMS[part], {*taken, *(thing[name] for thing in there)})
    more: dict[str, Any] = {"columns": {"type": "string"}, "rows": {"when": _say(_WHEN, languages, number)}}
    return {name: own_id, "text": _say(_PART_NAMES[part], languages, number), **more.get(part, {})}


def _bound_column(kind: str, there: Collection[str], languages: Sequence[str]) -> dict[str, Any] | None:
    column = next((name for name in BOUND_COLUMNS[kind] if name not in there), None)
    if column is None:
        return None
    content, width, heading = _COLUMNS[kind][column]
    return {"id": column, "type": content, "text": _say(heading, languages), "width": width}
