"""One answer made tidy: read as it was typed, written as it is stored."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from forms.definition import Item

# Control characters but tab and newline, lone surrogates, non-characters, invisible breaks, marks that turn text.
_STRIPPED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_UNSEEN = re.compile("[\\s\u200c\u200d\u2800\u3164\ufe00-\ufe0f]*")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_TYPED = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", re.ASCII)
_TIME = re.compile(r"(?:kl\.? ?)?(\d{1,2})[:.]?(\d{2})(?::\d{2})?", re.ASCII)
_NUMBER = re.compile(r"([-−+]?)(\d{1,12})(?: ?%)?", re.ASCII)
_YES, _NO = ("yes", "ja", "true", "jo"), ("no", "nei", "false", "ii")


def clean(item: Item, value: Any) -> Any:
    """`value` as it is stored, or None when nothing was answered. What cannot be read is left as it is for `check`.

    text, string → str · integer → int · date → "YYYY-MM-DD" · time → "HH:MM" · boolean → bool ·
    choice → {"code", "comments"} · multichoice → {"codes", "comments"} · table → list of rows ·
    checklist → {row: {"done", "signed", "sent"}}. `clean(item, clean(item, x)) == clean(item, x)`.
    """
    match item.type:
        case "text" | "string" | "integer" | "date" | "time":
            return _clean_scalar(item.type, value)
        case "boolean":
            word = value.strip().lower() if isinstance(value, str) else value
            return True if word in _YES else False if word in _NO else None if word == "" else value
        case "choice":
            return _clean_choice(item, value)
        case "multichoice":
            return _clean_multichoice(item, value)
        case "table":
            return _clean_table(item, value)
        case "checklist":
            return _clean_checklist(item, value)
    return None


def clean_text(value: str, *, lines: bool = True) -> str:
    """Text without control characters and turning marks, in NFC, trimmed; one line only unless `lines`."""
    text = _STRIPPED.sub("", _BREAKS.sub("\n", value))
    if not lines:
        text = re.sub(r"[\n\t]+", " ", text)
    text = unicodedata.normalize("NFC", text).strip()
    return "" if _UNSEEN.fullmatch(text) else text


def _clean_scalar(kind: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = clean_text(value, lines=kind == "text")
    if not text:
        return None
    if kind == "integer" and (found := _NUMBER.fullmatch(text.replace("\u00a0", " "))):
        return int(found[2]) * (-1 if found[1] in ("-", "−") and found[1] else 1)
    if kind == "date":
        return _clean_date(text)
    if kind == "time" and (found := _TIME.fullmatch(text)):
        return f"{int(found[1]):02}:{found[2]}"
    return text


def _clean_date(text: str) -> str:
    if found := ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _TYPED.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return text
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return text


def _clean_choice(item: Item, value: Any) -> Any:
    if isinstance(value, str):
        value = {"code": value}
    if not isinstance(value, dict) or not isinstance(value.get("code"), str | None):
        return value
    code, comments = value.get("code") or None, _clean_comments(item, value.get("comments"))
    return {"code": code, "comments": comments} if code or comments else None


def _clean_multichoice(item: Item, value: Any) -> Any:
    if isinstance(value, list):
        value = {"codes": value}
    if not isinstance(value, dict):
        return value
    given = value.get("codes", [])
    if not isinstance(given, list) or not all(isinstance(code, str) for code in given):
        return value
    order = {option.code: place for place, option in enumerate(item.options)}
    codes = sorted({code for code in given if code}, key=lambda code: (order.get(code, len(order)), code))
    comments = _clean_comments(item, value.get("comments"))
    return {"codes": codes, "comments": comments} if codes or comments else None


def _clean_comments(item: Item, given: Any) -> dict[str, Any]:
    """Comments are kept though their option is not ticked: nobody's text is thrown away by a click."""
    if not isinstance(given, dict):
        return {}
    kinds: dict[str, str] = {option.code: option.comment for option in item.options if option.comment}
    tidy = {code: _clean_scalar(kind, given[code]) for code, kind in kinds.items() if code in given}
    return {code: comment for code, comment in tidy.items() if comment is not None}


def _clean_table(item: Item, value: Any) -> Any:
    if value is None or not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return value
    kinds: dict[str, str] = {column.id: column.type for column in item.columns}
    rows = []
    for row in value:
        cells = {name: _clean_scalar(kinds.get(name, "string"), cell) for name, cell in row.items()}
        tidy = {name: str(cell) if type(cell) is int else cell for name, cell in cells.items() if cell is not None}
        if tidy:
            rows.append(tidy)
    return rows or None


def _clean_checklist(item: Item, value: Any) -> Any:
    if not isinstance(value, dict) or not all(isinstance(row, dict) for row in value.values()):
        return value
    rows = {}
    for name, row in value.items():
        cells = {cell: _clean_scalar("date" if cell == "done" else "string", given) for cell, given in row.items()}
        tidy = {cell: given for cell, given in cells.items() if given is not None}
        if tidy:
            rows[name] = tidy
    return rows or None
