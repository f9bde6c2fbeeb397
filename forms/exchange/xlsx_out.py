"""A question set as an Excel workbook (XLSForm) that a person can read and edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from forms.exchange.common import BadFile, Told
from forms.exchange.xlsform_columns import (
    EXACT,
    EXTRAS,
    LISTS,
    OPTION_EXTRAS,
    OWN_TYPES,
    PART_EXTRAS,
    README,
    SET_EXTRAS,
    YES_NO_LIST,
    Extra,
)
from forms.exchange.xlsform_readme import about, sections
from forms.exchange.xlsform_rows import Line, Table, tables
from forms.format import QuestionSetDefinition
from forms.texts import N_, Note, translator

_MOST = 32_767  # characters in a cell
_SPARE = 500  # rows below the last with drop-down lists
_WIDTHS = {"type": 26, "name": 26, "label": 44, "hint": 36, "relevant": 30, "constraint": 30, "constraint_message": 30,
           "question": 26, "form_title": 36, "form_id": 24, "list_name": 26}  # fmt: skip
_HEAD = {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top", "border": 1}
_LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "group": {"bg_color": "#E3ECF7", "bold": True},
    "locked": {"bg_color": "#D9D9D9"},
    "hidden": {"font_color": "#7F7F7F", "italic": True, "font_strikeout": True},
    "part": {"bg_color": "#F5F8FC"},
}
_FREE = {"type", "required", "x::required", "list_name", "appearance", "x::rule"}  # other words too may stand there
_ALL_EXTRAS = (*EXTRAS, *PART_EXTRAS, *OPTION_EXTRAS, *SET_EXTRAS)
_NUMBERS = {extra.header for extra in _ALL_EXTRAS if extra.kind == "number"}
_WHOLE = {"validate": "integer", "criteria": "between", "minimum": -1_000_000, "maximum": 1_000_000}


def write_xlsx(definition: QuestionSetDefinition) -> bytes:
    """The workbook. Raises BadFile when a condition is longer than a cell can be."""
    sheets = tables(definition)
    _refuse_long(sheets)
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        _Writer(book, definition).write(sheets)
    return buffer.getvalue()


def _refuse_long(sheets: list[Table]) -> None:
    note = Note(N_("Vilkåret er for langt for Excel. Bruk JSON."))
    told = [
        Told(str(line.cells.get("name", line.cells.get("question", ""))), note)
        for table in sheets
        for line in table.lines
        if any(isinstance(value, str) and len(value) > _MOST for value in line.cells.values())
    ]
    if told:
        raise BadFile(told)


class _Writer:
    def __init__(self, book: Any, definition: QuestionSetDefinition) -> None:
        self.book, self.set = book, definition
        self.say: Callable[[str], str] = translator((*definition.languages, "nb")[0])
        base = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#D0D7E2"}
        self.looks = {name: book.add_format({**base, "num_format": "@", **look}) for name, look in _LOOKS.items()}
        self.numbers = {name: book.add_format({**base, **look}) for name, look in _LOOKS.items()}
        self.head = book.add_format(_HEAD)
        self.lists = self.words()

    def write(self, sheets: list[Table]) -> None:
        self.readme()
        for table in sheets:
            self.table(table)
        self.word_sheet()

    def readme(self) -> None:
        sheet = self.book.add_worksheet(README)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 100)
        title = self.book.add_format({"bold": True, "font_size": 16})
        heading = self.book.add_format({"bold": True, "font_size": 12, "bottom": 1})
        bold = self.book.add_format({"bold": True, "valign": "top", "text_wrap": True})
        plain = self.book.add_format({"text_wrap": True, "valign": "top"})
        sheet.write_string(0, 0, self.say(README), title)
        row = 2
        for text, explained in sections():
            sheet.write_string(row, 0, self.say(text), heading)
            sheet.write_blank(row, 1, None, heading)
            for row, (name, explanation) in enumerate(explained, row + 1):  # noqa: B020
                sheet.write_string(row, 0, name, bold)
                sheet.write_string(row, 1, self.say(explanation), plain)
            row += 2

    def table(self, table: Table) -> None:
        sheet = self.book.add_worksheet(table.name)
        sheet.freeze_panes(1, 2 if table.name in ("survey", "choices") else 1)
        for column, heading in enumerate(table.headings):
            sheet.write_string(0, column, heading, self.head)
            if note := about(heading):
                sheet.write_comment(0, column, self.say(note), {"x_scale": 2})
            hidden = {"hidden": True} if heading in EXACT.values() else {}
            sheet.set_column(column, column, _WIDTHS.get(heading.split("::")[0], 13), None, hidden)
            self.limit(sheet, column, heading, len(table.lines))
        for row, line in enumerate(table.lines, 1):
            self.line(sheet, row, table.headings, line)
        if table.lines:
            sheet.autofilter(0, 0, len(table.lines), len(table.headings) - 1)

    def line(self, sheet: Any, row: int, headings: list[str], line: Line) -> None:
        for column, heading in enumerate(headings):
            value = line.cells.get(heading, "")
            if isinstance(value, int):
                sheet.write_number(row, column, value, self.numbers[line.look])
            elif value:
                sheet.write_string(row, column, value, self.looks[line.look])
            else:
                sheet.write_blank(row, column, None, self.looks[line.look])

    def limit(self, sheet: Any, column: int, heading: str, rows: int) -> None:
        """What may be chosen, or that it must be a whole number."""
        if heading in _NUMBERS:
            sheet.data_validation(1, column, rows + _SPARE, column, _WHOLE | {"error_type": "warning"})
        if heading not in self.lists:
            return
        place = xl_col_to_name(list(self.lists).index(heading))
        source = f"={LISTS}!${place}$2:${place}${len(self.lists[heading]) + 1}"
        rule = {"validate": "list", "source": source, "error_type": "information" if heading in _FREE else "stop"}
        sheet.data_validation(1, column, rows + _SPARE, column, rule)

    def words(self) -> dict[str, list[str]]:
        """What may be chosen, by heading."""
        chosen = [item.id for item in self.set.walk() if item.type in ("choice", "multichoice")]
        types = ["text", "integer", "date", "time", "note", "begin_group", "end_group", "begin_repeat", "end_repeat"]
        selects = [f"{how} {name}" for name in chosen for how in ("select_one", "select_multiple")]
        return {
            "type": [*types, f"select_one {YES_NO_LIST}", *selects],
            "list_name": [*chosen, YES_NO_LIST],
            "appearance": ["multiline"],
            "required": ["yes", "no"],
            "x::required": ["recommended", "yes"],
            "x::type": list(OWN_TYPES),
            **{extra.header: words for extra in _ALL_EXTRAS if (words := list(_choices(extra)))},
        }  # fmt: skip

    def word_sheet(self) -> None:
        sheet = self.book.add_worksheet(LISTS)
        sheet.hide()
        for column, (heading, words) in enumerate(self.lists.items()):
            sheet.write_string(0, column, heading, self.head)
            for row, word in enumerate(words, 1):
                sheet.write_string(row, column, word)


def _choices(extra: Extra) -> Iterator[str]:
    if extra.kind == "yes_no":
        yield from ("yes", "no")
    yield from extra.words
