"""A workbook as rows of text: read without trusting it, with the headings that XLSForm gives meaning to."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

from forms.exchange.common import BadFile, Told
from forms.exchange.safe_zip import opened
from forms.exchange.xlsform_columns import LISTS, README, SHEETS
from forms.texts import N_, Note
from forms.tidy import clean_text

MAX_ROWS = 20_000  # with content, in a sheet
MAX_COLUMNS = 300
MAX_CHARACTERS = 20_000_000  # in a sheet: cells may share a long text that the file holds once
_LAST_ROW = 1_048_576  # of Excel
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]+)(\d+):[A-Z]+\d+["']""")
_NOT_OURS = ("external_choices", "entities", "osm")  # of XLSForm, for what a question set has not
_IGNORED = (README, LISTS)

# ("label", "Bokmål (nb)"), ("bind", "relevant"), ("x", "layout"): a heading as pyxform understands it.
Tokens = tuple[str, ...]


@dataclass
class Row:
    """A row; what is never asked for is told as left out."""

    sheet: str
    number: int
    cells: dict[Tokens, str]
    raw: dict[str, str]  # by heading as it is written
    used: set[Tokens] = field(default_factory=set)

    def get(self, *tokens: str) -> str:
        self.used.add(tokens)
        return self.cells.get(tokens, "")

    def under(self, *path: str) -> dict[str, str]:
        """The cells of a column and of its languages, by language as it is written ("" for none)."""
        found = {t[len(path)] if len(t) > len(path) else "": text for t, text in self.cells.items() if _is(t, path)}
        self.used |= {tokens for tokens in self.cells if _is(tokens, path)}
        return found

    def unused(self) -> dict[Tokens, str]:
        return {tokens: text for tokens, text in self.cells.items() if tokens not in self.used}


class Sheet(NamedTuple):
    name: str
    headings: Mapping[Tokens, str]
    rows: list[Row]


class Message(NamedTuple):
    """Something to tell about a sheet ("" for the file) and a row of it (0 for the whole sheet)."""

    sheet: str
    row: int
    note: Note


class Book(NamedTuple):
    sheets: Mapping[str, Sheet]
    told: list[Message]

    def rows(self, name: str) -> list[Row]:
        return self.sheets[name].rows if name in self.sheets else []


class _Raw(NamedTuple):
    name: str
    rows: list[tuple[int, list[str]]]  # row number and cells, empty rows left out
    formulas: list[int]  # rows
    merged: list[int]


def read_book(content: bytes) -> Book:
    """The sheets of a workbook that we know. Raises BadFile with every reason why it cannot be read."""
    raw = _read(content)
    told = [*_links(content)]
    named = _named(raw, told)
    sheets: dict[str, Sheet] = {}
    for name, sheet in named.items():
        told += [
            Message(name, row, Note(N_("Formler blir ikke lest. Skriv verdien i cellen."))) for row in sheet.formulas
        ]
        merged = Note(N_("Sammenslåtte celler: verdien er lest i den første av dem."))
        told += [Message(name, row, merged) for row in sheet.merged]
        sheets[name] = _sheet(name, sheet.rows, told)
    missing = {("type",), ("name",)} - sheets["survey"].headings.keys()
    if missing:
        columns = ", ".join(sorted(name for (name,) in missing))
        note = Note(N_("Første rad skal ha kolonnenavnene; %(columns)s mangler."), {"columns": columns})
        raise BadFile([*(Told(place(m.sheet, m.row), m.note) for m in told), Told("survey, rad 1", note)])
    return Book(sheets, told)


def place(sheet: str, *rows: int) -> str:
    """Where something is: "survey, rad 2–5, 9"."""
    runs: list[list[int]] = []
    for row in sorted({row for row in rows if row}):
        if runs and row == runs[-1][-1] + 1:
            runs[-1][1:] = [row]
        else:
            runs.append([row])
    numbers = ", ".join("–".join(map(str, run)) for run in runs)
    return f"{sheet}, rad {numbers}" if numbers else sheet


def _is(tokens: Tokens, path: Tokens) -> bool:
    return tokens[: len(path)] == path and len(tokens) <= len(path) + 1


def _read(content: bytes) -> list[_Raw]:
    with opened(content) as workbook, zipfile.ZipFile(BytesIO(content)) as archive:
        return [_raw_sheet(sheet, archive) for sheet in workbook.worksheets]


def _raw_sheet(sheet: Any, archive: zipfile.ZipFile) -> _Raw:
    formulas: list[int] = []
    rows: list[tuple[int, list[str]]] = []
    width, before, size = _width(sheet), None, 0
    for number, cells in enumerate(sheet.iter_rows(min_row=1, max_row=_LAST_ROW, max_col=width), 1):
        if cells is before:
            continue  # one of a run of empty rows
        before = cells
        values = [cell.value for cell in cells]
        if all(value is None for value in values):
            continue
        is_formula = [cell.data_type == "f" for cell in cells]
        if any(is_formula):
            formulas.append(number)
        size += sum(len(value) for value in values if isinstance(value, str))
        if size > MAX_CHARACTERS:
            raise BadFile([Told(sheet.title, Note(N_("Arket har for mye tekst.")))])
        if len(rows) >= MAX_ROWS:
            raise BadFile([Told(sheet.title, Note(N_("Arket har flere enn %(most)s rader."), {"most": MAX_ROWS}))])
        rows.append((number, [_text(v) if not f else "" for v, f in zip(values, is_formula, strict=True)]))
    # openpyxl reads no merged cells row by row; a sheet cannot hold this text but as an element.
    with archive.open(sheet._worksheet_path) as stream:
        merged = [int(row) for _, row in _MERGED.findall(stream.read())]
    return _Raw(sheet.title, rows, formulas, sorted(set(merged))[:MAX_ROWS])


def _width(sheet: Any) -> int:
    """The column of the last heading: what stands beyond it is nobody's."""
    first = next(sheet.iter_rows(min_row=1, max_row=1, max_col=MAX_COLUMNS), ())
    return max((column for column, cell in enumerate(first, 1) if cell.value is not None), default=MAX_COLUMNS)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.time():
            return value.isoformat("minutes")
    return clean_text(str(value).replace("_x000D_", "\n"))


def _links(content: bytes) -> Iterator[Message]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if any(name.lower().startswith("xl/externallinks/") for name in archive.namelist()):
            yield Message("", 0, Note(N_("Filen har lenker til andre filer. De blir ikke fulgt.")))


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "", name).casefold()


def _named(raw: list[_Raw], told: list[Message]) -> dict[str, _Raw]:
    """Our sheets by name; case, spaces and small slips in a name are forgiven, and told."""
    found: dict[str, _Raw] = {}
    known = {_plain(name): name for name in (*SHEETS, *_NOT_OURS, *_IGNORED)}
    rest: list[_Raw] = []
    for sheet in raw:
        name = known.get(_plain(sheet.name))
        if name is None or name in found:
            rest.append(sheet)
        elif name not in _NOT_OURS:
            found[name] = sheet
        elif sheet.rows:
            told.append(Message(name, 0, Note(N_("Arket hører til XLSForm, men brukes ikke i et spørsmålssett."))))
    for sheet in rest:
        missing = [name for name in SHEETS if name not in found]
        near = difflib.get_close_matches(_plain(sheet.name), missing, 1, 0.75)
        if not near and len(raw) == 1:
            near = ["survey"]
        if near:
            found[near[0]] = sheet
            told.append(Message(sheet.name, 0, Note(N_("Arket er lest som «%(sheet)s»."), {"sheet": near[0]})))
        elif sheet.rows:
            told.append(Message(sheet.name, 0, Note(N_("Arket er ikke lest; navnet er ukjent."))))
    if "survey" not in found:
        values = {"found": ", ".join(f"«{sheet.name}»" for sheet in raw), "wanted": ", ".join(SHEETS)}
        text = N_("Fant ikke arket «survey». Filen har %(found)s. Arkene skal hete %(wanted)s.")
        raise BadFile([Told("", Note(text, values))])
    return {name: found[name] for name in SHEETS if name in found}


def _sheet(name: str, raw: list[tuple[int, list[str]]], told: list[Message]) -> Sheet:
    headings: dict[int, tuple[str, Tokens]] = {}
    first = raw[0][1] if raw and raw[0][0] == 1 else []
    double = any("::" in heading for heading in first)
    taken: dict[Tokens, str] = {}
    for column, heading in enumerate(first):
        tokens = _tokens(name, heading, double) if heading else ()
        if tokens in taken:
            told.append(
                Message(
                    name, 1, Note(N_("To kolonner heter «%(column)s». Bare den første er lest."), {"column": heading})
                )
            )
        elif tokens:
            headings[column] = (heading, tokens)
            taken[tokens] = heading
    rows = []
    for number, texts in raw:
        cells = {column: texts[column] for column in headings if texts[column]}
        if cells and number > 1:
            row = Row(
                name,
                number,
                {headings[c][1]: t for c, t in cells.items()},
                {headings[c][0]: t for c, t in cells.items()},
            )
            rows.append(row)
    return Sheet(name, taken, rows)


@cache
def _known(name: str) -> tuple[dict[str, Any], frozenset[str]]:
    """pyxform's other names of columns, and its columns, for a sheet."""
    from pyxform import aliases
    from pyxform.question import MultipleChoiceQuestion, Option
    from pyxform.survey import Survey

    match name:
        case "choices":
            return aliases.list_header, frozenset(Option.get_slot_names())
        case "settings":
            return aliases.settings_header, frozenset(Survey.get_slot_names())
    return aliases.survey_header, frozenset(MultipleChoiceQuestion.get_slot_names())


def _tokens(name: str, heading: str, double: bool) -> Tokens:
    from pyxform.parsing.sheet_headers import process_header

    others, columns = _known(name)
    _, tokens = process_header(heading, double, others, columns)
    # Ours are x::layout in survey and x_comment in choices; either way of writing is understood in both.
    if tokens[0].lower().startswith("x_"):
        tokens = ("x", tokens[0][2:], *tokens[1:])
    return ("x", *(token.lower() for token in tokens[1:2]), *tokens[2:]) if tokens[0].lower() == "x" else tokens
