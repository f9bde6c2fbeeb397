"""Conditions as the panel shows and reads them: a sentence of drop-down lists, one row for each thing that is asked.

The fields of a sentence are `<path>__joiner` and, from n = 0, `<path>__<n>__question`, `__operator` and `__value`. The
row after the last is empty: choosing a question there adds to the sentence, so that it works without a script too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from admin.words import told
from forms.conditions.sentence import (
    WITHOUT_VALUE,
    Clause,
    Sentence,
    from_sentence,
    operators,
    subjects,
    to_sentence,
    values,
    words,
)
from forms.definition import Item, QuestionSetDefinition, canonical, say
from forms.edit.properties import Source
from forms.texts import N_, Note

_LACKING = Note(N_("Fyll ut resten av setningen, så blir den lagret."))
_FREE_DEFAULT = "answered"  # where a value would have to be written
_COUNTS = ("count_ge", "count_le", "count_is")


@dataclass(frozen=True)
class ClauseView:
    """One row of drop-downs. `options` is empty where a value is written, in a field of `input_type`."""

    question: str
    operators: list[tuple[str, str]]
    operator: str
    options: list[tuple[str, str]]
    value: str
    input_type: str
    needs_value: bool


@dataclass(frozen=True)
class SentenceView:
    """A condition in the panel. `readable` is False for one that is too nested for a sentence: it is shown in words."""

    path: str
    words: str
    stored_words: str
    readable: bool
    joiner: str
    clauses: tuple[ClauseView, ...]
    questions: list[tuple[str, str]]


@dataclass
class Ruled:
    """Posted fields with the sentences turned into the conditions they say, and why some could not be."""

    fields: dict[str, Sequence[str]]
    errors: dict[str, Note] = field(default_factory=dict)


def rules_of(item: Item) -> dict[str, Any]:
    """The item's conditions by path, also those that it lacks but can have."""
    required = item.required.get("if") if isinstance(item.required, dict) else None
    constraints = {f"constraints.{n}.expr": one.expr for n, one in enumerate(item.constraints)}
    return {"visible_if": item.visible_if, "required": required, **constraints}


def with_rules(
    definition: QuestionSetDefinition, source: Source, posted: Mapping[str, Sequence[str]], verb: str
) -> Ruled:
    """What was posted, as forms/edit/properties.py reads it."""
    made = Ruled(dict(posted))
    if not isinstance(source, Item):
        return made
    for path, stored in rules_of(source).items():
        name = "required__if" if path == "required" else path
        if verb == f"clause:{path}:all":
            made.fields[path] = ["no" if path == "required" else ""]
            continue
        if path == "required" and posted.get(path) != ["if"]:
            continue
        if f"{path}__joiner" not in posted:  # shown in words only
            made.fields |= {name: [canonical(stored)]} if path == "required" and stored is not None else {}
            continue
        sentence = read(definition, path, posted, verb)
        rule = stored if sentence == to_sentence(definition, stored) else from_sentence(definition, sentence)
        if sentence.clauses and rule is None:
            made.errors[path] = _LACKING
            made.fields.pop(path, None)
        else:
            made.fields[name] = [canonical(rule) if sentence.clauses else ""]
    return made


def read(definition: QuestionSetDefinition, path: str, posted: Mapping[str, Sequence[str]], verb: str = "") -> Sentence:
    """The sentence in a request, without the row that `verb` takes out; what does not fit is made to fit."""
    clauses, number = [], 0
    while (asked := _first(posted, f"{path}__{number}__question")) is not None:
        if asked and verb != f"clause:{path}:{number}":
            operator = _first(posted, f"{path}__{number}__operator") or ""
            written = _first(posted, f"{path}__{number}__value") or ""
            clauses += _fitted(definition, Clause(asked, operator, written))
        number += 1
    any_of = _first(posted, f"{path}__joiner") == "any" and len(clauses) > 1
    return Sentence("any" if any_of else "all", tuple(clauses))


def _first(posted: Mapping[str, Sequence[str]], name: str) -> str | None:
    return next(iter(posted.get(name, ())), None)


def _fitted(definition: QuestionSetDefinition, clause: Clause) -> list[Clause]:
    """A row with an operator and a value that its question can have: another question was chosen in it."""
    offered = [name for name, _words in operators(definition, clause.question)]
    if not offered:
        return []
    given = [value for value, _words in values(definition, clause.question)]
    operator = clause.operator
    if operator not in offered:
        operator = offered[0] if given or _FREE_DEFAULT not in offered else _FREE_DEFAULT
    value = "" if operator in WITHOUT_VALUE else clause.value.strip()
    if given and operator not in (*WITHOUT_VALUE, *_COUNTS) and value not in given:
        value = given[0]
    if operator in _COUNTS and not value.isdigit():
        value = "1"
    return [Clause(clause.question, operator, value)]


def sentences(definition: QuestionSetDefinition, item: Item, typed: Any, language: str) -> dict[str, SentenceView]:
    """The item's conditions as the panel shows them, by path."""
    views = {}
    for path, rule in rules_of(item).items():
        was_typed = typed.has(path) and f"{path}__joiner" in typed.posted
        sentence = read(definition, path, typed.posted) if was_typed else to_sentence(definition, rule)
        asked = subjects(definition, item.id, itself=path.startswith("constraints."))
        stored = _words(definition, rule, language)
        shown = from_sentence(definition, sentence) if was_typed and sentence else rule
        views[path] = SentenceView(
            path, _words(definition, shown, language), stored, rule is None or sentence is not None,
            sentence.joiner if sentence else "all",
            tuple(_clause(definition, clause, language) for clause in (sentence.clauses if sentence else ())),
            [(name, _label(label, language)) for name, label in asked],
        )  # fmt: skip
    return views


def _clause(definition: QuestionSetDefinition, clause: Clause, language: str) -> ClauseView:
    counted = clause.operator in _COUNTS
    offered = [] if counted else values(definition, clause.question)
    given = [(value, _label(label, language)) for value, label in offered]
    if given and clause.value and clause.value not in dict(given):
        given.append((clause.value, clause.value))
    item = definition.find(clause.question)
    kind = "number" if counted or (item and item.type == "integer") else item.type if item else "text"
    return ClauseView(
        clause.question, [(name, told(label)) for name, label in operators(definition, clause.question)],
        clause.operator, given, clause.value, kind if kind in ("number", "date", "time") else "text",
        clause.operator not in WITHOUT_VALUE,
    )  # fmt: skip


def _label(label: Any, language: str) -> str:
    text = told(label) if isinstance(label, Note) else say(label, language)
    return text if len(text) <= 90 else text[:89].rstrip() + "…"


def _words(definition: QuestionSetDefinition, rule: Any, language: str) -> str:
    return "" if rule is None else words(definition, rule, language, lambda text: str(_(text)))
