"""Lists as files: xlsx with real numbers and dates, csv that Excel opens rightly. Text stays text."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter
from flask import Response

_STARTS_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\0")
EXPORTS = ("xlsx", "csv")
_MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def export(kind: str, name: str, titles: list[str], rows: Iterable[list[Any]]) -> Response:
    """The rows as a file to save; its name holds the list's name and nothing of its content."""
    body = _xlsx(name, titles, rows) if kind == "xlsx" else _csv(titles, rows)
    response = Response(body, mimetype=_MIME[kind].split(";")[0], content_type=_MIME[kind])
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()) or "liste"
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}.{kind}"'
    return response


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | dt.date | dt.datetime):
        return value
    return str(value)


def _xlsx(name: str, titles: list[str], rows: Iterable[list[Any]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                        "remove_timezone": True})  # fmt: skip
    sheet = book.add_worksheet("".join(c for c in name if c not in "[]:*?/\\'")[:31] or "Liste")
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy"})
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, max(12, min(40, len(title) + 4)))
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, start=1):
        for column, raw in enumerate(row):
            value = _plain(raw)
            if isinstance(value, dt.date):
                sheet.write_datetime(line, column, value, day)
            elif isinstance(value, bool):
                sheet.write_boolean(line, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(line, column, value)
            elif value is not None:
                sheet.write_string(line, column, value)
    book.close()
    return buffer.getvalue()


def _csv(titles: list[str], rows: Iterable[list[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles)
    for row in rows:
        writer.writerow([_cell(_plain(value)) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, dt.date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, str) and value.startswith(_STARTS_FORMULA):
        return "'" + value
    return "" if value is None else value
