"""Workbooks for tests: written from tables of text, changed cell by cell, or spoilt."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from forms.definition import QuestionSetDefinition, shape
from forms.exchange.common import BadFile, Imported
from forms.exchange.xlsx_in import read_xlsx


def workbook(**sheets: str) -> bytes:
    """A workbook of sheets that are written as tables: one row a line, cells between |. A line without | is one cell."""
    return rows(**{name: [line.split("|") for line in text.strip().splitlines()] for name, text in sheets.items()})


def rows(**sheets: Any) -> bytes:
    """A workbook of sheets that are lists of rows."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    text = cell.strip() if isinstance(cell, str) else cell
                    if text not in ("", None):
                        sheet.write(number, column, text)
    return buffer.getvalue()


def edited(content: bytes, change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """The workbook after somebody opened it, changed it and saved it."""
    book = openpyxl.load_workbook(BytesIO(content))
    change(book)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def column(sheet: Worksheet, heading: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == heading)


def row_of(sheet: Worksheet, name: str, heading: str = "name") -> int:
    place = column(sheet, heading)
    return next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, place).value == name)


def with_member(content: bytes, name: str, data: bytes) -> bytes:
    """The archive with one more file in it."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, old.read(member))
        new.writestr(name, data)
    return buffer.getvalue()


def read(content: bytes) -> QuestionSetDefinition:
    """What is read; it has always the right shape."""
    return shape(read_xlsx(content).data)


def told(imported: Imported) -> dict[str, list[str]]:
    """What was left out, by place."""
    found: dict[str, list[str]] = {}
    for place, note in imported.left_out:
        found.setdefault(place, []).append(note.say(str))
    return found


def refused(content: bytes) -> str:
    """Why a workbook cannot be read: all reasons."""
    try:
        read_xlsx(content)
    except BadFile as error:
        return "\n".join(f"{place}: {note.say(str)}" for place, note in error.told)
    raise AssertionError("was read")
