"""The columns of our XLSForm workbook: what XLSForm has itself, and what we add to it. Read by both ways."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

from forms.format import CALCULATIONS, FACTS, LAW_PARTS, NAV_FIELDS, Item, Option, Print, QuestionSetDefinition, Signer
from forms.texts import N_

# How a column is headed, `label::Bokmål (nb)`: the name for people, the code for XForms.
LANGUAGE_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English", "se": "Davvisámegiella"}
YES_NO_LIST = "ja-nei"  # no id of ours has a hyphen
YES_NO = {"nb": ("Ja", "Nei"), "nn": ("Ja", "Nei"), "en": ("Yes", "No"), "se": ("Jo", "Ii")}
FORMAT = "1"  # of the workbook, in settings

# XLSForm's type of what it has no type for is begin_group, begin_repeat or note; x::type then tells ours.
REPEATED = ("table", "measures", "contact_log", "absence")
GROUPED = ("group", "facts", "checklist", "signatures")
NOTED = ("info", "calculated")
OWN_TYPES = ("facts", "checklist", "signatures", "measures", "contact_log", "absence", "calculated")
SIMPLE = {"string": "text", "text": "text", "integer": "integer", "date": "date", "time": "time"}
MULTILINE = "multiline"  # the appearance of a text of several lines

ValueKind = Literal["yes_no", "number", "word", "text"]


class Extra(NamedTuple):
    """A column of ours: where its value stands in an item (or a part of one), and what may be written."""

    header: str
    path: str
    kind: ValueKind
    about: str
    words: tuple[str, ...] = ()


def _words(model: Any, field: str) -> tuple[str, ...]:
    return get_args(model.model_fields[field].annotation)


EXTRAS = (
    Extra("x::hidden", "hidden", "yes_no", N_("yes: spørsmålet verken stilles eller skrives ut, men beholder navnet.")),
    Extra("x::locked", "locked", "yes_no", N_("yes: loven krever spørsmålet. Du kan endre ordene, ikke skjule det.")),
    Extra("x::layout", "print.layout", "word", N_("side: spørsmålet til venstre. stack: over. inline: på linje."),
          _words(Print, "layout")),
    Extra("x::show", "print.show", "word", N_("Hvor det vises: both (begge), screen (skjerm) eller paper (papir)."),
          _words(Print, "show")),
    Extra("x::blank_lines", "print.blank_lines", "number", N_("Tomme linjer når skjemaet skrives ut tomt.")),
    Extra("x::option_columns", "print.option_columns", "number", N_("Antall kolonner svarene står i på papiret, 1–4.")),
    Extra("x::grid_columns", "print.grid_columns", "number", N_("Antall kolonner i ruten med opplysninger, 1–4.")),
    Extra("x::keep_together", "print.keep_together", "yes_no", N_("yes: deles ikke mellom to sider.")),
    Extra("x::hide_if_empty", "print.hide_if_empty", "yes_no", N_("yes: skrives ikke ut når det ikke er svart.")),
    Extra("x::law_part", "law_part", "word", N_("Den delen av aml. § 4-6 som spørsmålet dekker."), LAW_PARTS),
    Extra("x::nav_field", "nav_field", "word", N_("Feltet i Navs oppfølgingsplan som svaret sendes til."), NAV_FIELDS),
    Extra("x::sensitivity", "sensitivity", "word", N_("normal, health (helse) eller identifier (identitet)."),
          _words(Item, "sensitivity")),
    Extra("x::carry", "carry", "yes_no", N_("no: svaret hentes ikke fram i neste plan.")),
    Extra("x::min", "min", "number", N_("Minste tall.")),
    Extra("x::max", "max", "number", N_("Største tall.")),
    Extra("x::max_length", "max_length", "number", N_("Største antall tegn i svaret.")),
    Extra("x::min_rows", "repeat.min", "number", N_("Minste antall rader i en tabell.")),
    Extra("x::max_rows", "repeat.max", "number", N_("Største antall rader i en tabell.")),
    Extra("x::blank_rows", "repeat.blank_rows", "number", N_("Tomme rader når tabellen skrives ut tom.")),
    Extra("x::rule", "calculate.rule", "word", N_("Hvordan verdien regnes ut (type calculated)."), CALCULATIONS),
    Extra("x::weeks", "calculate.weeks", "number", N_("Antall uker i beregningen.")),
)  # fmt: skip
COLUMN_EXTRAS = (Extra("x::width", "width", "number", N_("Bredden på en kolonne (1–12) eller en opplysning (1–4).")),)
FACT_EXTRAS = (
    Extra("x::fact", "source", "word", N_("Opplysningen i saken som feltet fylles ut fra."), FACTS),
    *COLUMN_EXTRAS,
)
ROW_EXTRAS = (
    Extra("x::milestone", "milestone", "text", N_("Oppfølgingspunktet som raden i sjekklisten hører til.")),
    Extra("x::repealed", "repealed", "yes_no", N_("yes: punktet gjelder ikke lenger.")),
)
SIGNER_EXTRAS = (Extra("x::must_sign", "required", "yes_no", N_("no: underskriften er frivillig.")),)
PART_EXTRAS = (*FACT_EXTRAS, *ROW_EXTRAS, *SIGNER_EXTRAS)
# Other columns of the sheet of choices become elements of the XForm, so that their names must be plain.
OPTION_EXTRAS = (
    Extra("x_comment", "comment", "word", N_("text eller date: eget felt når svaret er krysset av."), ("text", "date")),
    Extra("x_retired", "retired", "yes_no", N_("yes: kan ikke velges lenger, men står der det er valgt.")),
    Extra("x_dead_term", "dead_term", "yes_no", N_("yes: et ord som ikke brukes lenger, men står i papirskjemaet.")),
)
SET_EXTRAS = (
    Extra("x::kind", "kind", "word", N_("plan, checklist, minutes (referat), consent (samtykke) eller preparation."),
          _words(QuestionSetDefinition, "kind")),
    Extra("x::source", "source", "text", N_("Papirskjemaet som settet følger.")),
    Extra("x::revised", "paper.revised", "text", N_("Når papirskjemaet sist ble endret; står øverst på hver side.")),
)  # fmt: skip
TEXT_EXTRAS = {
    "x::unit": ("unit", N_("Enheten bak et tall, for eksempel %.")),
    "x::copies_to": ("copies_to", N_("Hvem som får kopi (underskrifter).")),
}
# Rows of the sheet "texts": texts of the set that have no place in settings.
SET_TEXTS = ("title", "subtitle", "description", "paper.head", "paper.made_by", "paper.approved_by")
# The JSON of a condition that XPath cannot say exactly. It counts while the XPath beside it is unchanged.
EXACT = {"relevant": "x::exact_relevant", "required": "x::exact_required", "constraint": "x::exact_constraint"}
SHEETS = ("survey", "choices", "settings", "texts", "constraints", "examples")
README, LISTS = "Les meg", "lists"

_DEFAULTS: dict[str, Any] = Item(id="x", type="text").model_dump() | {
    "columns": {"width": 1}, "facts": {"width": 1}, "rows": {"milestone": None, "repealed": False},
    "signers": {"required": Signer.model_fields["required"].default}, "calculate": {},
    "options": Option(code="x", text={}).model_dump(),
}  # fmt: skip


def default(path: str, part: str = "") -> Any:
    """What a property is when nothing is said about it."""
    return at(_DEFAULTS[part] if part else _DEFAULTS, path)


def at(data: Any, path: str) -> Any:
    """The value at a path of names, None when there is none."""
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a path of names."""
    *outer, last = path.split(".")
    for name in outer:
        data = data.setdefault(name, {})
    data[last] = value


def headed(column: str, language: str) -> str:
    """The heading of a column of texts in one language."""
    return f"{column}::{LANGUAGE_NAMES[language]} ({language})"
