"""Faults in plain words: what properties, types and languages are called, and what pydantic's errors mean.

The name of a property and why it is wrong make one sentence: "ledeteksten" "har ingen tekst på nynorsk".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from forms.texts import Note

LANGUAGE_NAMES = {"nb": Note("bokmål"), "nn": Note("nynorsk"), "en": Note("engelsk"), "se": Note("nordsamisk")}

TYPE_NAMES = {
    "group": Note("del"), "info": Note("informasjonstekst"), "facts": Note("opplysninger fra saken"),
    "text": Note("tekst over flere linjer"), "string": Note("kort tekst"), "integer": Note("helt tall"),
    "date": Note("dato"), "time": Note("klokkeslett"), "boolean": Note("ja eller nei"), "choice": Note("ett valg"),
    "multichoice": Note("flere valg"), "table": Note("tabell"), "checklist": Note("sjekkliste"),
    "measures": Note("tiltak"), "contact_log": Note("kontaktlogg"), "absence": Note("sykefravær"),
    "calculated": Note("beregnet"), "signatures": Note("underskrifter"),
    # Blocks of a letter.
    "heading": Note("overskrift"), "paragraph": Note("avsnitt"), "list": Note("liste"),
    "place": Note("tid og sted"), "closing": Note("hilsen"),
}  # fmt: skip

_PROPERTIES = {
    "file": Note("filen"), "value": Note("innholdet"),
    # The set.
    "schema_version": Note("utgaven av formatet"), "key": Note("nøkkelen"), "version": Note("versjonen"),
    "kind": Note("skjematypen"), "languages": Note("språkene"), "title": Note("tittelen"),
    "subtitle": Note("undertittelen"), "description": Note("beskrivelsen"), "source": Note("kilden"),
    "paper": Note("toppen av papiret"), "paper.head": Note("toppteksten på papir"),
    "paper.made_by": Note("teksten om hvem som har laget skjemaet"),
    "paper.approved_by": Note("teksten om hvem som har godkjent skjemaet"),
    "paper.revised": Note("revisjonsdatoen"),
    # One item.
    "id": Note("navnet i systemet"), "type": Note("typen"), "text": Note("ledeteksten"), "help": Note("hjelpeteksten"),
    "examples": Note("eksemplene"), "visible_if": Note("betingelsen for når spørsmålet vises"),
    "required": Note("kravet om svar"), "constraints": Note("kravene til svaret"),
    "options": Note("valgene"), "columns": Note("kolonnene"), "rows": Note("radene"),
    "facts": Note("opplysningene fra saken"), "signers": Note("listen over underskrifter"),
    "copies_to": Note("teksten om kopi"), "repeat": Note("antall rader"), "repeat.min": Note("minste antall rader"),
    "repeat.max": Note("største antall rader"), "repeat.blank_rows": Note("tomme rader på papir"),
    "min": Note("det laveste tallet"), "max": Note("det høyeste tallet"), "unit": Note("enheten etter tallet"),
    "max_length": Note("lengden på svaret"), "calculate": Note("beregningen"),
    "calculate.rule": Note("regelen i beregningen"), "calculate.weeks": Note("antall uker i beregningen"),
    "carry": Note("valget om å ta med svaret til neste plan"), "law_part": Note("lovkravet"),
    "nav_field": Note("feltet hos Nav"), "print": Note("utskriften"), "print.layout": Note("oppsettet"),
    "print.blank_lines": Note("tomme linjer på papir"), "print.option_columns": Note("antall kolonner med valg"),
    "print.grid_columns": Note("antall kolonner med opplysninger"),
    "print.keep_together": Note("valget om å holde samlet på én side"),
    "print.hide_if_empty": Note("valget om å utelate på papir når det er tomt"),
    "print.show": Note("valget av skjerm eller papir"), "locked": Note("låsen"),
    "hidden": Note("skjulingen"), "sensitivity": Note("følsomheten"), "items": Note("innholdet"),
    # A letter.
    "blocks": Note("delene av brevet"), "recipient": Note("mottakeren"), "level": Note("nivået på overskriften"),
    "only_if": Note("betingelsen for at delen er med"), "note": Note("merknaden til den som sender"),
}  # fmt: skip

# What the parts of an item (an option, a column, …) have.
_OF_PARTS = {
    "text": Note("teksten"), "code": Note("koden"), "comment": Note("kommentarfeltet"),
    "retired": Note("valget om å ta ut av bruk"), "dead_term": Note("merket for utgått ord"), "type": Note("typen"),
    "width": Note("bredden"), "when": Note("tidspunktet"), "milestone": Note("oppfølgingspunktet"),
    "repealed": Note("merket for opphevet krav"), "source": Note("kilden"), "role": Note("rollen"),
    "required": Note("kravet"), "message": Note("meldingen"), "expr": Note("betingelsen"),
    "id": Note("navnet i systemet"),
}  # fmt: skip


def property_name(path: str) -> Note:
    """What a property, given by its path ("text", "text.nn", "print.layout", "options.yes.text.nb"), is called."""
    head, *rest = path.split(".")
    language = LANGUAGE_NAMES.get(rest.pop()) if rest and rest[-1] in LANGUAGE_NAMES else None
    whole = ".".join([head, *rest])
    if whole in _PROPERTIES:
        name = _PROPERTIES[whole]
    elif head in _PROPERTIES:
        name = _PROPERTIES[head]
        if len(rest) > 1 and rest[-1] in _OF_PARTS:
            name = Note("%(whole)s, %(part)s", {"whole": name, "part": _OF_PARTS[rest[-1]]})
    else:
        name = Note("egenskapen «%(name)s»", {"name": short(path)})
    return Note("%(property)s på %(language)s", {"property": name, "language": language}) if language else name


def short(value: object, most: int = 60) -> str:
    """A value or a text from a file as it may stand in a message: on one line, cut when it is long."""
    text = " ".join(str(value).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def no_text(language: str, part: str = "") -> Note:
    """A text that is missing in one language; `part` tells which of several."""
    values: dict[str, Any] = {"language": LANGUAGE_NAMES[language]}
    if not part:
        return Note("har ingen tekst på %(language)s", values)
    return Note("mangler tekst på %(language)s for «%(part)s»", {**values, "part": short(part)})


def type_name(kind: str) -> Note:
    return TYPE_NAMES.get(kind) or Note("«%(name)s»", {"name": short(kind)})


_WRONG_SHAPE = Note("har feil form")
_WHOLE = Note("må være et helt tall")
_YES_NO = Note("må være ja eller nei (true eller false)")
_LIST = Note("må være en liste")
_SHAPES = {
    "missing": Note("mangler"),
    "extra_forbidden": Note("finnes ikke i formatet"),
    "string_type": Note("må være tekst"),
    "int_type": _WHOLE, "int_parsing": _WHOLE, "int_from_float": _WHOLE, "int_parsing_size": _WHOLE,
    "bool_type": _YES_NO, "bool_parsing": _YES_NO,
    "list_type": _LIST, "tuple_type": _LIST,
    "string_pattern_mismatch": Note("må ha små bokstaver, tall og bindestrek, med en bokstav først"),
}  # fmt: skip
SEVERAL_SHAPES = Note("har en verdi som ikke passer her")


def shape_note(detail: Mapping[str, Any]) -> Note:
    """What one of pydantic's errors (with its context and input) means."""
    limits = {key: value for key, value in detail.get("ctx", {}).items() if isinstance(value, int | str)}
    match detail["type"]:
        case "string_too_long":
            return Note("er for lang; høyst %(max_length)s tegn er tillatt", limits)
        case "greater_than_equal":
            return Note("må være %(ge)s eller høyere", limits)
        case "less_than_equal":
            return Note("må være %(le)s eller lavere", limits)
        case "too_long":
            return Note("har for mange deler; høyst %(max_length)s er tillatt", limits)
        case "too_short":
            return Note("har for få deler; minst %(min_length)s kreves", limits)
        case "literal_error":
            allowed = ", ".join(re.findall(r"[^',\s]+", str(limits.get("expected", "")).replace(" or ", " ")))
            given = detail.get("input")
            if isinstance(given, dict | list):
                return _WRONG_SHAPE
            return Note("er «%(given)s», men må være en av: %(allowed)s", {"given": short(given), "allowed": allowed})
        case kind:
            return _SHAPES.get(kind, _WRONG_SHAPE)
