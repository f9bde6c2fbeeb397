"""The sheet of translations: what goes out, what comes back, and files that are something else."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings

from forms.definition import LANGUAGES, QuestionSetDefinition, shape
from forms.edit.properties import properties
from forms.exchange.common import BadFile
from forms.exchange.safe_zip import check_workbook
from forms.exchange.translations import HEADER, SHEET, is_translations, read_translations, rows, write_translations
from forms.library import load_shipped, shipped_keys
from tests.forms.exchange.rich import rich_definitions
from tests.forms.strategies import envelope, question

Text = tuple[str, str, str, str]


def texts(definition: QuestionSetDefinition) -> list[Text]:
    """All texts of a set, by the paths of its properties."""
    found = []
    for item_id, source in [("", definition), *((item.id, item) for item in definition.walk())]:
        for path, value in properties(source, LANGUAGES).items():
            language = path.rsplit(".", 1)[-1]
            if "." in path and language in LANGUAGES and value:
                found.append((item_id, path, language, value))
    return found


def sheet(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))[SHEET]


def lines(content: bytes) -> dict[str, dict[str, Any]]:
    """Rows of the sheet by key, cells by heading."""
    first, *others = sheet(content).iter_rows(values_only=True)
    return {line[0]: dict(zip(first, line, strict=True)) for line in others}


def changed(content: bytes, change: Callable[[Any], None]) -> bytes:
    """The workbook after `change` of its sheet, as Excel would save it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book[SHEET])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cell(page: Any, key: str, language: str) -> Any:
    row = next(row for row in page.iter_rows() if row[0].value == key)
    return row[HEADER.index(language)]


def told(content: bytes, definition: QuestionSetDefinition) -> list[str]:
    return [f"{one.place}: {one.note.say(str)}" for one in read_translations(content, definition)[1]]


def difference(content: bytes, definition: QuestionSetDefinition) -> set[Text]:
    """What a sheet changes."""
    found, _ = read_translations(content, definition)
    return set(found) - set(texts(definition))


SMALL = shape(
    envelope(
        [
            {
                "id": "part", "type": "group", "text": {"nb": "Del 1", "nn": "Del 1 nn"},
                "items": [
                    question("goal", help={"nb": "Kort"}, hidden=True),
                    question("means", "choice", options=[{"code": "car", "text": {"nb": "Bil", "nn": "Bil nn"}}]),
                ],
            },
        ],
        languages=["nb", "nn"],
    )
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rich_definitions())
def test_every_text_goes_out_and_comes_back(definition: QuestionSetDefinition) -> None:
    found, left_out = read_translations(write_translations(definition), definition)
    assert left_out == []
    assert sorted(found) == sorted(texts(definition))


@pytest.mark.parametrize("key", shipped_keys())
def test_shipped_sets_and_the_same_bytes_each_time(key: str) -> None:
    definition = load_shipped(key)
    content = write_translations(definition)
    assert difference(content, definition) == set()
    assert content == write_translations(definition)
    assert is_translations(content)
    assert {line["status"] for line in lines(content).values()} == {"ok"}


def test_one_changed_cell_is_one_change() -> None:
    definition = load_shipped("nordre-land-iop")

    def change(page: Any) -> None:
        cell(page, "how_now.text", "nn").value = "Korleis går det no?"

    assert difference(changed(write_translations(definition), change), definition) == {
        ("how_now", "text.nn", "nn", "Korleis går det no?")
    }


def test_new_language_source_and_emptied_cells_come_in() -> None:
    def change(page: Any) -> None:
        cell(page, "title", "en").value = "A set"
        cell(page, "means.options.car.text", "nb").value = " Min bil\u202e "
        cell(page, "part.text", "nn").value = None

    assert difference(changed(write_translations(SMALL), change), SMALL) == {
        ("", "title.en", "en", "A set"), ("means", "options.car.text.nb", "nb", "Min bil"), ("part", "text.nn", "nn", ""),
    }  # fmt: skip


def test_rows_in_another_order_and_columns_taken_away() -> None:
    def change(page: Any) -> None:
        kept = [[c.value for c in row] for row in page.iter_rows()]
        page.delete_rows(1, page.max_row)
        page.append(["Nøkkel", None, "NN (nynorsk)"])
        for line in reversed(kept[1:]):
            page.append([line[0], None, "nytt" if line[0] == "goal.text" else line[HEADER.index("nn")]])

    assert difference(changed(write_translations(SMALL), change), SMALL) == {("goal", "text.nn", "nn", "nytt")}


def test_status_says_what_is_missing_and_what_is_stale() -> None:
    data = SMALL.model_dump(mode="json")
    data["items"][0]["text"]["nb"] = "Første del"
    data["items"][0]["items"][1]["options"][0]["text"]["nb"] = "Egen bil"
    now = shape(data)
    found = lines(write_translations(now, SMALL))
    assert found["part.text"]["status"] == "nn foreldet"
    assert found["means.options.car.text"]["status"] == "nn foreldet"
    assert found["goal.help"]["status"] == "nn mangler"
    assert lines(write_translations(now))["part.text"]["status"] == "ok"
    assert "part.help" not in found


def test_the_sheet_reads_like_the_form() -> None:
    page = sheet(write_translations(SMALL))
    found = [(row[0].value, row[1].value) for row in page.iter_rows(min_row=2)]
    assert [key for key, _ in found] == [
        "title", "part.text", "goal.text", "goal.help", "means.text", "means.options.car.text",
    ]  # fmt: skip
    places = dict(found)
    assert places["goal.help"].startswith("Del 1 › Spørsmål goal (skjult) – ")
    assert places["means.options.car.text"].endswith(" 1")
    assert (page.freeze_panes, page.auto_filter.ref) == ("C2", "A1:G7")
    assert all(c.number_format == "@" for row in page.iter_rows() for c in row)
    assert cell(page, "goal.help", "nn").fill.fgColor.rgb != cell(page, "goal.help", "nb").fill.fgColor.rgb


def test_texts_that_look_like_formulas_stay_texts() -> None:
    definition = shape(envelope([question("a", text={"nb": "=1+1"}, help={"nb": "_x0041_ +47 @SUM 1e5"})]))
    content = write_translations(definition)
    assert cell(sheet(content), "a.text", "nb").data_type == "s"
    assert difference(content, definition) == set()


def test_what_is_no_text_is_told_and_not_read() -> None:
    def change(page: Any) -> None:
        cell(page, "title", "nn").value = "=CMD()"
        cell(page, "part.text", "nn").value = dt.datetime(2026, 1, 1)
        cell(page, "goal.text", "nn").value = "x" * 20_001
        cell(page, "goal.help", "nn").value = 12
        page.append(["nobody.text", "", "x"])
        page.append(["goal.type", "", "choice"])
        page.append(["title", "", "En gang til"])

    content = changed(write_translations(SMALL), change)
    assert difference(content, SMALL) == {("goal", "help.nn", "nn", "12")}
    found = told(content, SMALL)
    for parts in (
        ("rad 2, nn", "formel"), ("rad 3, nn", "dato"), ("rad 4, nn", "20000"), ("rad 8", "«nobody.text»", "finnes ikke"),
        ("rad 9", "«goal.type»", "finnes ikke"), ("rad 10", "«title»", "flere ganger"),
    ):  # fmt: skip
        assert any(all(part in one for part in parts) for one in found), (parts, found)


def test_merged_cells_take_no_text_away() -> None:
    content = changed(write_translations(SMALL), lambda page: page.merge_cells("C2:D2"))
    assert difference(content, SMALL) == set()
    assert any("sammenslåtte" in one for one in told(content, SMALL))
    found, _ = read_translations(content, SMALL)
    assert all(text for *_, text in found)


def workbook(*page: list[Any], name: str = SHEET) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        made = book.add_worksheet(name)
        for number, line in enumerate(page):
            made.write_row(number, 0, line)
    return out.getvalue()


def test_other_sheets_are_not_mistaken_for_one() -> None:
    content = workbook(["type", "name", "label"], name="survey")
    assert not is_translations(content)
    with pytest.raises(BadFile) as error:
        read_translations(content, SMALL)
    assert "nøkkel" in error.value.told[0].note.text
    found, _ = read_translations(workbook(["key", "nn"], ["goal.text", "Mål"], name="Ark1"), SMALL)
    assert found == [("goal", "text.nn", "nn", "Mål")]


# Workbooks that are not opened


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"xl/workbook.xml": b"<workbook/>", **parts}.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_flag(content: bytes) -> bytes:
    """As if the first part were encrypted."""
    where = content.index(b"PK\x01\x02") + 8
    return content[:where] + b"\x01" + content[where + 1 :]


def bzipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["ikke en Excel-fil"]),
        (b"PK\x03\x04" + b"\x00" * 100, ["ikke en Excel-fil"]),
        (b"x" * 5_000_001, ["5 MB"]),
        (b"\xd0\xcf\x11\xe0", ["passord"]),
        (packed(**{"xl/worksheets/sheet1.xml": b"<a>" + b"\x20" * 60_000_000}), ["50 MB"]),
        (packed(**{"xl/vbaProject.bin": b"x", "a.xml": b"<!DOCTYPE a>"}), ["makroer", "hører hjemme"]),
        (packed(**{"a.xml": b"<a/>" + b" " * 65_530 + b"<!ENTITY lol 'x'>"}), ["hører hjemme"]),
        (packed(**{"a.xml": "<?xml version='1.0'?><!DOCTYPE a>".encode("utf-16-le")}), ["hører hjemme"]),
        (packed(**{f"{n}.xml": b"" for n in range(2001)}), ["pakket"]),
        (with_flag(packed()), ["passord"]),
        (bzipped(), ["pakket"]),
        (packed()[:-30], ["ikke en Excel-fil"]),
    ],
)  # fmt: skip
def test_why_a_workbook_is_not_opened(content: bytes, words: list[str]) -> None:
    found = " ".join(one.note.say(str) for one in check_workbook(content))
    for word in words:
        assert word in found, found
    with pytest.raises(BadFile):
        read_translations(content, SMALL)


def test_a_workbook_that_breaks_halfway_is_refused() -> None:
    with pytest.raises(BadFile):
        read_translations(packed(), SMALL)
    content = write_translations(SMALL)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as copy:
        for part in archive.infolist():
            data = archive.read(part)
            copy.writestr(part.filename, data[: len(data) // 2] if "sheet1" in part.filename else data)
    assert check_workbook(out.getvalue()) == []
    with pytest.raises(BadFile):
        read_translations(out.getvalue(), SMALL)


def test_our_own_files_pass() -> None:
    assert check_workbook(write_translations(SMALL)) == []
    assert len({row.key for row in rows(SMALL)}) == len(list(rows(SMALL)))
