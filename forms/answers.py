"""Answers to a question set: made tidy, checked, merged question by question, carried forward and counted.

Pure functions on JSON values; the shape of an answer by type of question stands in `forms.tidy.clean`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from forms.conditions import holds
from forms.definition import ANSWERABLE, LAW_PARTS, Item, QuestionSetDefinition, Texts, say, walk
from forms.sheet import is_required, known_values, visible
from forms.texts import N_, Note
from forms.tidy import ISO, clean, clean_text

__all__ = [
    "Missing", "Progress", "Section", "carry_forward", "check", "check_all", "clean", "clean_text", "hidden_answers",
    "json_schema", "law_coverage", "merge", "missing", "progress", "sections",
]  # fmt: skip

SHORT = 200  # characters in a signature or recipient of a checklist's row
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
CHECKLIST_CELLS = ("done", "signed", "sent")

_SHAPE = Note(N_("Svaret har feil form. Last siden på nytt og prøv igjen."))
_DATE = Note(N_("Skriv datoen med dag, måned og år, for eksempel 5.3.2026."))
_CLOCK = Note(N_("Skriv klokkeslettet med timer og minutter, for eksempel 09:30."))
_WHOLE = Note(N_("Skriv et helt tall, bare med siffer."))
_LONG = N_("%(count)s tegn; høyst %(max)s. Kort ned teksten.")
_OPTION = Note(N_("Ett av valgene finnes ikke i dette skjemaet. Velg på nytt."))
_RETIRED = Note(N_("Ett av valgene er ikke lenger i bruk. Velg et annet."))


class Missing(NamedTuple):
    """A question without the answer it asks for. What is only "recommended" does not hold a plan back."""

    item_id: str
    required: Literal[True, "recommended"]
    label: Texts
    section_id: str


class Section(NamedTuple):
    """What one screen shows: a top-level group, or the items that stand between two of them."""

    id: str  # of its first item
    label: Texts
    items: tuple[Item, ...]


class Progress(NamedTuple):
    """How far a section is; counts are of the questions that can be seen."""

    state: Literal["done", "begun", "empty"]
    answered: int
    questions: int
    missing: int  # required, not only recommended


def check(
    item: Item, value: Any, language: str = "nb", *, previous: Any = None, known: Mapping[str, Any] | None = None
) -> list[Note]:
    """Why a cleaned answer cannot be stored; empty when it can.

    `previous` is the stored answer, whose retired options may stay. `known` (answers and variables) lets the question's
    own constraints be tried; they are told in `language`."""
    if value is None:
        return []
    found = list(_CHECKS[item.type](item, value, previous)) if item.type in ANSWERABLE else [_SHAPE]
    if not found and known is not None:
        values = {**known, item.id: value}
        found = [Note(say(c.message, language)) for c in item.constraints if holds(c.expr, values) is False]
    return found


def _too_long(text: str, limit: int) -> Iterator[Note]:
    if len(text) > limit:
        yield Note(_LONG, {"count": len(text), "max": limit})


def _check_text(item: Item, value: Any, previous: Any) -> Iterator[Note]:
    yield from _too_long(value, item.max_length) if isinstance(value, str) else [_SHAPE]


def _check_integer(item: Item, value: Any, previous: Any) -> Iterator[Note]:
    if type(value) is not int:
        yield _WHOLE
    elif (item.min is not None and value < item.min) or (item.max is not None and value > item.max):
        if item.min is not None and item.max is not None:
            yield Note(N_("Skriv et tall fra %(min)s til %(max)s."), {"min": item.min, "max": item.max})
        elif item.min is not None:
            yield Note(N_("Skriv et tall som er %(min)s eller høyere."), {"min": item.min})
        else:
            yield Note(N_("Skriv et tall som er %(max)s eller lavere."), {"max": item.max})


def _check_date(item: Item | None, value: Any, previous: Any = None) -> Iterator[Note]:
    try:
        year = dt.date.fromisoformat(value).year if isinstance(value, str) and ISO.fullmatch(value) else 0
    except ValueError:
        year = 0
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        yield _DATE


def _check_time(item: Item, value: Any, previous: Any) -> Iterator[Note]:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        yield _CLOCK


def _check_boolean(item: Item, value: Any, previous: Any) -> Iterator[Note]:
    if not isinstance(value, bool):
        yield _SHAPE


def _codes(value: Any) -> list[str]:
    """The chosen codes of a choice or several choices."""
    if not isinstance(value, dict):
        return []
    one = value.get("code")
    return list(value.get("codes") or ([one] if one else []))


def _check_options(item: Item, value: Any, previous: Any) -> Iterator[Note]:
    key, kind = ("code", str | None) if item.type == "choice" else ("codes", list)
    if not isinstance(value, dict) or set(value) != {key, "comments"} or not isinstance(value[key], kind):
        yield _SHAPE
        return
    options = {option.code: option for option in item.options}
    chosen = _codes(value)
    if not all(isinstance(code, str) and code in options for code in chosen):
        yield _OPTION
    elif any(options[code].retired and code not in _codes(previous) for code in chosen):
        yield _RETIRED
    for code, comment in value["comments"].items():
        if options[code].comment == "date":
            yield from _check_date(None, comment)
        else:
            yield from _check_text(item, comment, None)


def _check_table(item: Item, value: Any, previous: Any) -> Iterator[Note]:
    kinds: dict[str, str] = {column.id: column.type for column in item.columns}
    if not isinstance(value, list) or any(not isinstance(row, dict) or not set(row) <= set(kinds) for row in value):
        yield _SHAPE
        return
    if len(value) > item.repeat.max:
        yield Note(N_("%(count)s rader; høyst %(max)s."), {"count": len(value), "max": item.repeat.max})
    for number, row in enumerate(value, 1):
        for name, cell in row.items():
            for note in _check_cell(item, kinds[name], cell):
                yield _in_row(number, note)


def _check_cell(item: Item, kind: str, cell: Any) -> Iterator[Note]:
    if kind == "date":
        yield from _check_date(None, cell)
    elif kind == "integer":
        yield from () if isinstance(cell, str) and re.fullmatch(r"-?\d{1,12}", cell, re.ASCII) else [_WHOLE]
    else:
        yield from _check_text(item, cell, None)


def _check_checklist(item: Item, value: Any, previous: Any) -> Iterator[Note]:
    numbers = {row.id: number for number, row in enumerate(item.rows, 1)}
    if (
        not isinstance(value, dict)
        or not set(value) <= set(numbers)
        or any(not isinstance(row, dict) or not set(row) <= set(CHECKLIST_CELLS) for row in value.values())
    ):
        yield _SHAPE
        return
    for name, row in value.items():
        for cell, given in row.items():
            if cell == "done":
                found = _check_date(None, given)
            else:
                found = _too_long(given, SHORT) if isinstance(given, str) else iter([_SHAPE])
            yield from (_in_row(numbers[name], note) for note in found)


# The same messages with the row they concern; whole sentences, so that each can be translated.
_ROW_TEXTS = {
    _SHAPE.text: N_("Rad %(row)s: Svaret har feil form. Last siden på nytt og prøv igjen."),
    _DATE.text: N_("Rad %(row)s: Skriv datoen med dag, måned og år, for eksempel 5.3.2026."),
    _WHOLE.text: N_("Rad %(row)s: Skriv et helt tall, bare med siffer."),
    _LONG: N_("Rad %(row)s: %(count)s tegn; høyst %(max)s. Kort ned teksten."),
}


def _in_row(number: int, note: Note) -> Note:
    return Note(_ROW_TEXTS[note.text], {**note.values, "row": number})


_CHECKS = {
    "text": _check_text, "string": _check_text, "integer": _check_integer, "date": _check_date, "time": _check_time,
    "boolean": _check_boolean, "choice": _check_options, "multichoice": _check_options, "table": _check_table,
    "checklist": _check_checklist,
}  # fmt: skip


def merge(stored: Mapping[str, Any], posted: Mapping[str, Any]) -> dict[str, Any]:
    """Stored answers with the posted ones put in. A question that was not posted is unchanged; None erases."""
    return {name: value for name, value in {**stored, **posted}.items() if value is not None}


def check_all(
    definition: QuestionSetDefinition,
    answers: Mapping[str, Any],
    variables: Mapping[str, Any],
    language: str,
    *,
    previous: Mapping[str, Any],
    only: Collection[str] | None = None,
) -> dict[str, list[Note]]:
    """`check` for every answer (or those of `only`), by item id. Constraints are tried for visible questions."""
    known = known_values(definition, answers, variables)
    found = {}
    for item in definition.questions():
        if item.id in answers and (only is None or item.id in only):
            around = known if item.id in known else None
            notes = check(item, answers[item.id], language, previous=previous.get(item.id), known=around)
            if notes:
                found[item.id] = notes
    return found


def sections(definition: QuestionSetDefinition) -> tuple[Section, ...]:
    """The screens of a set. Loose items are gathered under the text of the first of them that has one."""
    runs: list[list[Item]] = []
    for item in definition.items:
        if item.print.show == "paper":
            continue
        if item.type == "group" or not runs or runs[-1][0].type == "group":
            runs.append([])
        runs[-1].append(item)
    return tuple(
        Section(run[0].id, next((item.text for item in run if item.text), definition.title), tuple(run)) for run in runs
    )


def _seen(items: Sequence[Item], known: Mapping[str, Any]) -> Iterator[Item]:
    """Visible items; what is for paper only cannot be answered here."""
    for item in items:
        if visible(item, known) and item.print.show != "paper":
            yield item
            yield from _seen(item.items, known)


def missing(
    definition: QuestionSetDefinition, answers: Mapping[str, Any], variables: Mapping[str, Any]
) -> list[Missing]:
    """What a complete plan still needs, in the order of the form. Hidden questions ask for nothing."""
    known = known_values(definition, answers, variables)
    found = []
    for section in sections(definition):
        for item in _seen(section.items, known):
            demand = is_required(item, known) if item.type in ANSWERABLE else False
            if demand and not _is_answered(item, known):
                found.append(Missing(item.id, True if demand is True else "recommended", item.text, section.id))
    return found


def _is_answered(item: Item, known: Mapping[str, Any]) -> bool:
    value = known.get(item.id)
    if item.type == "table":
        return len(value or []) >= max(item.repeat.min, 1)
    return value not in (None, "", [], {})


def hidden_answers(
    definition: QuestionSetDefinition, answers: Mapping[str, Any], variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Answers to questions that cannot be seen now, or that the set does not have. The draft keeps them."""
    known = known_values(definition, answers, variables)
    seen = {item.id for item in _seen(definition.items, known)}
    return {name: value for name, value in answers.items() if name not in seen}


def carry_forward(
    old_definition: QuestionSetDefinition, old_answers: Mapping[str, Any], new_definition: QuestionSetDefinition
) -> dict[str, Any]:
    """Answers offered in the next plan: same id and type, `carry`, still valid once retired options are left out."""
    types = {item.id: item.type for item in old_definition.questions()}
    carried = {}
    for item in new_definition.questions():
        if item.carry and types.get(item.id) == item.type and item.id in old_answers:
            value = clean(item, _still_known(item, old_answers[item.id]))
            if value is not None and not check(item, value):
                carried[item.id] = value
    return carried


def _still_known(item: Item, value: Any) -> Any:
    """The part of an old answer that the new question still has a place for."""
    if item.type == "multichoice" and isinstance(value, dict):
        live = {option.code for option in item.options if not option.retired}
        return {**value, "codes": [code for code in _codes(value) if code in live]}
    if item.type == "table" and isinstance(value, list):
        columns = {column.id for column in item.columns}
        return [{name: cell for name, cell in row.items() if name in columns} for row in value]
    if item.type == "checklist" and isinstance(value, dict):
        return {row.id: value[row.id] for row in item.rows if row.id in value and not row.repealed}
    return value


def law_coverage(
    definition: QuestionSetDefinition,
    answers: Mapping[str, Any] | None,
    variables: Mapping[str, Any],
    has_measures: bool,
) -> dict[str, bool]:
    """Which of the four parts of aml § 4-6 third paragraph the plan speaks of; with `answers=None`, the set alone."""
    known = known_values(definition, answers or {}, variables)
    items = list(definition.walk()) if answers is None else list(_seen(definition.items, known))
    here = {item.id for item in items}
    covered = dict.fromkeys(LAW_PARTS, False)
    for item in items:
        if item.law_part:
            inside = [part for part in (item, *walk(item.items)) if part.id in here]
            covered[item.law_part] |= answers is None or any(
                has_measures if part.type == "measures" else _is_answered(part, known) for part in inside
            )
    return covered


def progress(
    definition: QuestionSetDefinition, answers: Mapping[str, Any], variables: Mapping[str, Any]
) -> dict[str, Progress]:
    """By section id, for sections where something can be seen. Done: nothing required or recommended is missing, and
    something is answered if anything is asked."""
    known = known_values(definition, answers, variables)
    lacking = missing(definition, answers, variables)
    found: dict[str, Progress] = {}
    for section in sections(definition):
        items = list(_seen(section.items, known))
        questions = [item for item in items if item.type in ANSWERABLE]
        answered = sum(_is_answered(item, known) for item in questions)
        needed = [gap for gap in lacking if gap.section_id == section.id]
        demanded = any(is_required(item, known) for item in questions)
        complete = answered == len(questions) or (answered > 0 and demanded and not needed)
        if items:
            found[section.id] = Progress(
                "done" if complete else "begun" if answered else "empty",
                answered, len(questions), sum(gap.required is True for gap in needed),
            )  # fmt: skip
    return found


def json_schema() -> dict[str, Any]:
    """JSON Schema of the definition format, made from the model."""
    return QuestionSetDefinition.model_json_schema()
