"""The texts of a set as a sheet for the one who translates: a row for each text, a column for each language.

Only texts come back in. A key is the item's id and the path of forms/edit/properties.py without its language, as
"goal.options.yes.text"; the set's own texts have the path alone, as "title".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

import xlsxwriter

from forms.definition import LANGUAGES, Item, QuestionSetDefinition, say
from forms.edit.properties import LONGEST, Field, fields, part_keys
from forms.edit.table import PARTS
from forms.exchange.common import BadFile, Told, bounded
from forms.exchange.safe_zip import has_merged_cells, opened
from forms.overlay.compare import stale
from forms.texts import N_, Note
from forms.tidy import clean_text

SHEET = "Oversettelser"
HEADER = ("nøkkel", "hvor", *LANGUAGES, "status")
WIDTHS = (34, 44, *(46 for _ in LANGUAGES), 26)
MAX_ROWS = 50_000
_NAMES = {
    "nøkkel": "key", "nokkel": "key", "key": "key", "bokmål": "nb", "nynorsk": "nn", "engelsk": "en", "samisk": "se",
} | {language: language for language in LANGUAGES}  # fmt: skip
_MADE = dt.datetime(2020, 1, 1)  # noqa: DTZ001  the same set gives the same bytes
_READ_ME = (
    ("Slik bruker du arket", True),
    ("Skriv oversettelsene i kolonnene nb (bokmål), nn (nynorsk), en (engelsk) og se (nordsamisk).", False),
    ("Endre ikke kolonnen «nøkkel»: den sier hvilken tekst raden gjelder. Rekkefølgen på radene er likegyldig.", False),
    ("En tom celle tar bort teksten på det språket. Slett hele kolonnen for et språk som ikke skal endres.", False),
    ("Formler leses ikke. Bare tekstene leses inn; alt annet i settet står som det er.", False),
    ("Kolonnen «status»", True),
    ("ok: teksten finnes på alle språkene i settet.", False),
    ("mangler (rød celle): teksten finnes ikke på dette språket.", False),
    ("foreldet (gul celle): originalen er endret siden settet sist ble publisert, men ikke oversettelsen.", False),
)  # fmt: skip


class Row(NamedTuple):
    """One text in all languages, and where it stands."""

    item_id: str
    path: str  # without language
    where: str
    texts: dict[str, str]
    needed: bool  # there must be a text
    lines: bool  # may have several

    @property
    def key(self) -> str:
        return f"{self.item_id}.{self.path}" if self.item_id else self.path


def rows(definition: QuestionSetDefinition) -> Iterator[Row]:
    """Every text that the set has or could have, in the order of the form."""
    yield from _rows_of(definition, "", "Settet", definition.languages)
    places = dict(_places(definition))
    seen: set[str] = set()
    for item in definition.walk():
        if item.id not in seen:
            seen.add(item.id)
            yield from _rows_of(item, item.id, places[item.id], definition.languages)


def _rows_of(source: Item | QuestionSetDefinition, item_id: str, place: str, languages: Any) -> Iterator[Row]:
    found: dict[str, list[Field]] = {}
    for field in fields(source):
        if field.language:
            found.setdefault(field.path.removesuffix(f".{field.language}"), []).append(field)
    numbers = {
        (part, key): number
        for part in PARTS
        if isinstance(source, Item)
        for number, key in enumerate(part_keys(source, part), 1)
    }
    optional = isinstance(source, Item) and source.type in ("facts", "signatures", "group")
    for path, same in found.items():
        label = same[0].about.label
        if same[0].part:
            label = f"{label} {numbers[same[0].part, same[0].key]}"
        texts = {field.language: field.value for field in same if field.value}
        needed = bool(texts) or path == "title" or (path == "text" and not optional)
        yield Row(item_id, path, f"{place} – {label}", texts, needed, same[0].about.kind == "long")


def _places(definition: QuestionSetDefinition) -> Iterator[tuple[str, str]]:
    """Each item's own and its groups' names."""
    language = next(iter(definition.languages), "nb")

    def within(items: tuple[Item, ...], above: str) -> Iterator[tuple[str, str]]:
        for item in items:
            name = " ".join(say(item.text, language).split()) or item.id
            place = above + (name if len(name) <= 60 else f"{name[:59]}…") + (" (skjult)" if item.hidden else "")
            yield item.id, place
            yield from within(item.items, f"{place} › ")

    yield from within(definition.items, "")


def write_translations(definition: QuestionSetDefinition, published: QuestionSetDefinition | None = None) -> bytes:
    """The sheet. What is stale is told by comparing with what is `published`."""
    old = {
        (one.item_id, one.path.removesuffix(f".{one.language}"), one.language)
        for one in (stale(published, definition) if published else ())
    }
    stream = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": say(definition.title, "nb"), "created": _MADE})
        _write_sheet(book, definition, old)
        _write_read_me(book)
    return stream.getvalue()


def _write_sheet(book: Any, definition: QuestionSetDefinition, old: set[tuple[str, str, str]]) -> None:
    common = {
        "num_format": "@",
        "text_wrap": True,
        "valign": "top",
        "font_size": 10,
        "border": 1,
        "border_color": "#D0D4DA",
    }
    looks = {"key": {"bg_color": "#E9ECEF", "font_color": "#495057"}, "text": {}, "mangler": {"bg_color": "#F8D7DA"},
             "foreldet": {"bg_color": "#FFF3CD"}}  # fmt: skip
    first = {"top": 2, "top_color": "#6C757D"}
    formats = {
        (name, is_first): book.add_format(common | look | (first if is_first else {}))
        for name, look in looks.items()
        for is_first in (False, True)
    }
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 2)
    head = book.add_format(common | {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF"})
    for column, (name, width) in enumerate(zip(HEADER, WIDTHS, strict=True)):
        sheet.set_column(column, column, width, formats["text", False])
        sheet.write_string(0, column, name, head)
    above, line = None, 0
    for row in rows(definition):
        if not row.needed:
            continue
        line += 1
        is_first, above = row.item_id != above, row.item_id
        states: dict[str, str] = {language: _state(row, language, old) for language in definition.languages}
        sheet.write_string(line, 0, row.key, formats["key", is_first])
        sheet.write_string(line, 1, row.where, formats["key", is_first])
        for column, language in enumerate(LANGUAGES, 2):
            look = formats[states.get(language) or "text", is_first]
            text = clean_text(row.texts.get(language, ""))
            sheet.write_string(line, column, text, look) if text else sheet.write_blank(line, column, None, look)
        status = ", ".join(f"{language} {state}" for language, state in states.items() if state) or "ok"
        sheet.write_string(line, len(HEADER) - 1, status, formats["key", is_first])
    sheet.autofilter(0, 0, max(line, 1), len(HEADER) - 1)


def _state(row: Row, language: str, old: set[tuple[str, str, str]]) -> str:
    if not row.texts.get(language, "").strip():
        return "mangler"
    return "foreldet" if (row.item_id, row.path, language) in old else ""


def _write_read_me(book: Any) -> None:
    sheet = book.add_worksheet("Les meg")
    sheet.set_column(0, 0, 110)
    for line, (text, is_heading) in enumerate(_READ_ME):
        sheet.write_string(line, 0, text, book.add_format({"bold": is_heading, "text_wrap": True, "num_format": "@"}))


def is_translations(content: bytes) -> bool:
    """Whether a workbook is a sheet of translations. Raises BadFile when it is no workbook."""
    with opened(content) as book:
        return SHEET in book.sheetnames


def read_translations(
    content: bytes, definition: QuestionSetDefinition
) -> tuple[list[tuple[str, str, str, str]], list[Told]]:
    """Every text of the sheet as (item id, path with language, language, text), "" for one that is taken away, and what
    could not be read. Raises BadFile."""
    known = {row.key: row for row in rows(definition)}
    texts: list[tuple[str, str, str, str]] = []
    told: list[Told] = []
    with opened(content) as book:
        merged = has_merged_cells(content)
        if merged:
            told.append(Told("", Note(N_("Arket har sammenslåtte celler. Tomme celler er ikke lest."))))
        sheet = _sheet(book)
        lines = _lines(sheet, told)
        columns = _columns(lines, sheet.title)
        seen: set[str] = set()
        for number, line in lines:
            place = f"{sheet.title}, rad {number}"
            key = clean_text(str(_value(line, columns["key"]) or ""), lines=False)
            if not key:
                continue
            if key not in known or key in seen:
                note = (
                    N_("Nøkkelen «%(key)s» står flere ganger.")
                    if key in seen
                    else N_("Nøkkelen «%(key)s» finnes ikke.")
                )
                told.append(Told(place, Note(note, {"key": key})))
                continue
            seen.add(key)
            for language in LANGUAGES:
                if language in columns:
                    texts += _read_text(line, columns[language], known[key], language, merged, told, place)
    return texts, list(bounded(told))


def _sheet(book: Any) -> Any:
    return next(
        (sheet for sheet in book.worksheets if sheet.title.strip().lower() == SHEET.lower()), book.worksheets[0]
    )


def _lines(sheet: Any, told: list[Told]) -> Iterator[tuple[int, Any]]:
    """Rows with their number, whatever size the sheet says it has."""
    sheet.reset_dimensions()
    for number, line in enumerate(sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=30), 1):
        if number > MAX_ROWS:
            told.append(Told(sheet.title, Note(N_("Bare de første %(most)s radene er lest."), {"most": MAX_ROWS})))
            return
        yield number, line


def _columns(lines: Iterator[tuple[int, Any]], title: str) -> dict[str, int]:
    """Columns by "key" and language, from the first row that names a key."""
    for number, line in lines:
        names = [_NAMES.get(re.sub(r"\W.*", "", str(cell.value or "").strip().lower()), "") for cell in line]
        if "key" in names and any(language in names for language in LANGUAGES):
            return {name: names.index(name) for name in names if name}
        if number > 20:
            break
    note = N_("Arket har ingen rad med overskriftene nøkkel, nb, nn, en eller se.")
    raise BadFile([Told(title, Note(note))])


def _value(line: Any, column: int) -> Any:
    return line[column].value if column < len(line) else None


def _read_text(
    line: Any, column: int, row: Row, language: str, merged: bool, told: list[Told], place: str
) -> Iterator[tuple[str, str, str, str]]:
    """The text in a cell, as it stands in the set where it is the same but for what nobody sees."""
    value, present = _value(line, column), row.texts.get(language, "")
    place = f"{place}, {language}"
    if value is not None and line[column].data_type not in ("s", "n", "inlineStr", "str"):
        told.append(Told(place, Note(N_("Cellen har en formel, en dato eller en feil. Skriv den som tekst."))))
        return
    text = clean_text(str(value if value is not None else ""), lines=row.lines)
    if len(text) > LONGEST:
        told.append(Told(place, Note(N_("Teksten er lengre enn %(most)s tegn, og er ikke lest."), {"most": LONGEST})))
        return
    if text == clean_text(present, lines=row.lines):
        text = present
    if text or (present and not merged):
        yield row.item_id, f"{row.path}.{language}", language, text
