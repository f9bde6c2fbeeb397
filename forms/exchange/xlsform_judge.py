"""What pyxform says of an XLSForm: its errors and warnings, with sheet and row, in plain Norwegian."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from forms.exchange.xlsform_book import Book, Message, Row
from forms.exchange.xpath import shortened
from forms.texts import N_, Note

_PASSES = 30  # pyxform stops at its first error: what it stops at is taken away, and it is asked again
_SECONDS = 5.0
_SHEETS = ("survey", "choices", "settings")
_ROW = re.compile(r"\[row : (\d+)\]")
_SHEET = re.compile(r"On the '(\w+)' sheet|on the (\w+) sheet")
_COLUMN = re.compile(r"the '([^']+)' value")
_TEXTS = ("label", "hint", "guidance_hint", "constraint_message", "required_message", "form_title", "x")
_BEGIN_END = re.compile(r"\s*(begin|end)[\s_]", re.IGNORECASE)


class _Meaning(NamedTuple):
    """A message of pyxform and what it means ("" for nothing to us); `ours`: we tell of it ourselves, as a rule."""

    pattern: str
    text: str = ""
    ours: bool = False


_MEANINGS = (
    _Meaning(r"Could not find the name '(?P<name>.*)'\.",
             N_("«%(column)s» viser til «%(name)s», som ikke finnes."), True),
    _Meaning(r"Reference variables must start with",
             N_("En henvisning i «%(column)s» er ikke skrevet ferdig. Skriv ${navn}."), True),
    _Meaning(r"The name '(?P<name>.*)' appears more than once",
             N_("«%(column)s» viser til «%(name)s», men flere rader heter det. Den første er brukt."), True),
    _Meaning(r"unique within their nearest parent|Repeat names must", N_("Navnet er brukt før."), True),
    _Meaning(r"is a case-insensitive match|'meta' is reserved"),
    _Meaning(r"Names must begin with a letter", N_("Et navn kan bare ha bokstaver, tall og _."), True),
    _Meaning(r"Choices must have a name", N_("Svaret mangler name."), True),
    _Meaning(r"Choices should have a label", N_("Svaret mangler tekst (label).")),
    _Meaning(r"Choice names must be unique", N_("To svar i listen har samme name."), True),
    _Meaning(r"Choice names with spaces .* See \[(?P<name>.*)\] in",
             N_("Svaret «%(name)s» har mellomrom i name."), True),
    _Meaning(r"Unmatched 'end_(?P<name>\w+)'", N_("Raden slutter noe som ikke er begynt."), True),
    _Meaning(r"Unmatched 'begin_\w+'.*for the name '(?P<name>.*)'",
             N_("«%(name)s» begynner her, men slutter ikke."), True),
    _Meaning(r"Question with no type", N_("Raden mangler type."), True),
    _Meaning(r"with no name", N_("Raden mangler name."), True),
    _Meaning(r"Missing calculation", N_("Beregningen mangler."), True),
    _Meaning(r"List name not in (?:choices|columns) sheet: (?P<name>.*)",
             N_("Listen «%(name)s» finnes ikke i arket choices.")),
    _Meaning(r"There should be a choices sheet", N_("Filen mangler arket choices, med svarene å velge mellom.")),
    _Meaning(r"external_choices sheet|or_other and translations|max-pixels|no longer supported on most devices"),
    _Meaning(r"Row without name, text, or label|'disabled' column header"),
    _Meaning(r"Repeat has no label", N_("Tabellen mangler overskrift (label).")),
    _Meaning(r"Language 'default' is missing"),
    _Meaning(r"Language '(?P<name>.*)' is missing the (?P<where>\w+) "
             r"(?:(?P<column>\S+) column|columns (?P<columns>.*))\.",
             N_("Språket «%(name)s» mangler i arket %(where)s: %(column)s%(columns)s.")),
    _Meaning(r"different names for the same column were found: '(?P<name>.*)', '(?P<column>.*)'\.",
             N_("Kolonnene «%(name)s» og «%(column)s» er den samme.")),
    _Meaning(r"Column headers must not be empty", N_("En kolonne har et navn med mellomrom. Den er ikke brukt.")),
    _Meaning(r"Parameters must be in the form|accepted parameter keys", N_("«parameters» er skrevet feil."), True),
    _Meaning(r"valid machine-readable codes"),
)  # fmt: skip


def judge(book: Book, told: Collection[tuple[str, int]]) -> list[Message]:
    """Everything that pyxform finds wrong with a workbook and that is not `told` of that sheet and row already."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2json import workbook_to_json
    from pyxform.xls2json_backends import DefinitionData

    sheets = {name: _cells(book.rows(name)) for name in _SHEETS}
    found: list[Message] = []
    started = time.monotonic()
    for _ in range(_PASSES):
        warnings: list[str] = []
        given = {name: [dict(row) for row in rows] for name, rows in sheets.items()}
        heads = {f"{name}_header": [_headings(book, name)] for name in _SHEETS if name in book.sheets}
        data = DefinitionData(**given, **heads, sheet_names=list(book.sheets))
        try:
            workbook_to_json(data, form_name="attende.form", warnings=warnings)
        except PyXFormError as error:
            found += _messages(str(error), error.context, told)
            if _take_away(sheets, str(error), error.context) and time.monotonic() - started < _SECONDS:
                continue
        except Exception:  # whatever a stranger's workbook does to pyxform: we have read it ourselves
            found.append(Message("", 0, Note(N_("XLSForm-kontrollen stoppet. Se ekstra nøye over spørsmålene."))))
        break
    for warning in warnings:
        found += _messages(warning, {}, told)
    return list({(m.sheet, m.row, m.note.text, str(m.note.values)): m for m in found}.values())


def _headings(book: Book, name: str) -> dict[str, None]:
    return dict.fromkeys(book.sheets[name].headings.values())


def _cells(rows: list[Row]) -> list[dict[str, str]]:
    """The rows as pyxform wants them: by heading, with empty ones so that row numbers are right."""
    cells: list[dict[str, str]] = [{} for _ in range(rows[-1].number - 1)] if rows else []
    for row in rows:
        cells[row.number - 2] = {heading: _cell(heading, text) for heading, text in row.raw.items()}
    return cells


def _cell(heading: str, text: str) -> str:
    """Answers within texts are told by ourselves, and in our own columns they are no references."""
    is_text = heading.split(":")[0].strip().lower() in _TEXTS
    return text.replace("${", "$ {") if is_text else text


def _messages(text: str, context: Mapping[str, Any], told: Collection[tuple[str, int]]) -> Iterator[Message]:
    for line in text.split("\n"):
        if not line.strip() or line.startswith("{"):
            continue
        sheet, row, column = _where(line, context)
        meaning, said = _meaning(line)
        if meaning is None:
            values = {"message": shortened(_ROW.sub("", line).strip(), 300)}
            yield Message(sheet, row, Note(N_("XLSForm-kontrollen sier: «%(message)s»"), values))
        elif meaning.text and not (meaning.ours and (sheet, row) in told):
            values = {"column": column, "columns": "", **said}
            used = {name: shortened(value) for name, value in values.items() if f"%({name})s" in meaning.text}
            yield Message(said.get("where", sheet), row, Note(meaning.text, used))


def _meaning(line: str) -> tuple[_Meaning | None, dict[str, str]]:
    for meaning in _MEANINGS:
        if found := re.search(meaning.pattern, line):
            return meaning, {name: value or "" for name, value in found.groupdict().items()}
    return None, {}


def _where(line: str, context: Mapping[str, Any]) -> tuple[str, int, str]:
    row = context.get("row") or next(iter(_ROW.findall(line)), 0)
    named = _SHEET.search(line)
    sheet = context.get("sheet") or (named and (named[1] or named[2])) or ("survey" if row else "")
    column = context.get("column") or next(iter(_COLUMN.findall(line)), "")
    return str(sheet), int(row), str(column)


def _take_away(sheets: dict[str, list[dict[str, str]]], text: str, context: Mapping[str, Any]) -> bool:
    """Take away what pyxform stopped at, so that it can look further. False when that cannot be done."""
    again = False
    for line in text.split("\n"):
        sheet, number, column = _where(line, context)
        rows = sheets.get(sheet, [])
        if not 2 <= number <= len(rows) + 1:
            continue
        row = rows[number - 2]
        if column in row and column not in ("type", "name"):
            again = row.pop(column, None) is not None or again
        elif row and not any(_BEGIN_END.match(value) for value in row.values()):
            row.clear()
            again = True
    return again
