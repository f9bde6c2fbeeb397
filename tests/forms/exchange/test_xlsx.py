"""Our workbooks: out and in again is the same, what a person changes is what is changed, and a bad file is refused."""

from __future__ import annotations

import time
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from pyxform.xls2xform import convert

from forms.definition import LANGUAGES, QuestionSetDefinition, faults, shape
from forms.exchange.common import MAX_FILE, MAX_UNPACKED, BadFile
from forms.exchange.xlsform_book import MAX_CHARACTERS, MAX_ROWS
from forms.exchange.xlsform_columns import LISTS, README
from forms.exchange.xlsx_in import read_xlsx
from forms.exchange.xlsx_out import write_xlsx
from tests.forms.exchange.rich import rich_definitions
from tests.forms.exchange.workbooks import column, edited, read, refused, row_of, rows, told, with_member, workbook
from tests.forms.strategies import envelope, question

SHIPPED = sorted((Path(__file__).parents[3] / "forms" / "library").glob("*.json"))
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def shipped(path: Path) -> QuestionSetDefinition:
    return shape(path.read_bytes())


def a_set(*items: dict[str, object], **more: object) -> QuestionSetDefinition:
    return shape(envelope(list(items), **more))


def open_book(definition: QuestionSetDefinition) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(write_xlsx(definition)))


# Out and in.


@settings(slow, max_examples=80)
@given(rich_definitions())
def test_what_is_written_is_read_again_and_nothing_is_left_out(definition: QuestionSetDefinition) -> None:
    imported = read_xlsx(write_xlsx(definition))
    assert imported.left_out == ()
    assert shape(imported.data) == definition


@settings(slow, max_examples=25)
@given(rich_definitions())
def test_what_is_written_is_an_xlsform_that_survives_being_opened_and_saved(definition: QuestionSetDefinition) -> None:
    content = write_xlsx(definition)
    warnings: list[str] = []
    convert(content, warnings=warnings, validate=False, file_type=".xlsx")
    assert warnings == []
    imported = read_xlsx(edited(content, lambda book: None))
    assert imported.left_out == ()
    assert shape(imported.data) == definition


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_sets_come_back_as_they_went(path: Path) -> None:
    definition = shipped(path)
    imported = read_xlsx(write_xlsx(definition))
    assert imported.left_out == ()
    assert shape(imported.data) == definition


def test_all_seven_sets_are_shipped() -> None:
    assert len(SHIPPED) == 7


@settings(slow, max_examples=25)
@given(rich_definitions(), st.data())
def test_a_draft_with_missing_texts_and_texts_in_other_languages_comes_back(
    definition: QuestionSetDefinition, data: st.DataObject
) -> None:
    spare = [language for language in LANGUAGES if language not in definition.languages]
    items = []
    for item in definition.items:
        texts = dict(item.text)
        if texts and data.draw(st.booleans()):
            texts.pop(definition.languages[0], None)
        if spare and data.draw(st.booleans()):
            texts[data.draw(st.sampled_from(spare))] = "fra før"  # type: ignore[index]
        items.append(item.model_copy(update={"text": texts}))
    draft = definition.model_copy(update={"items": tuple(items)})
    assert read(write_xlsx(draft)) == draft


def test_a_draft_with_faults_comes_back_with_its_faults() -> None:
    draft = a_set(
        question("a", visible_if={"==": [{"var": "b"}, "x"]}),
        question("b", "choice", options=[{"code": "x", "text": {"nb": "X"}}], required={"when": True}),
        question("c", "calculated", calculate={"rule": "nothing", "weeks": "x", "more": [1]}),
        question("d", visible_if={"call": ["os.system"]}, constraints=[{"expr": {"==": [1]}, "message": {}}]),
        question("e", "facts", facts=[{"source": "no.such", "text": {"nb": "X"}}]),
    )
    assert len(faults(draft)) > 4
    assert read(write_xlsx(draft)) == draft


def test_a_thousand_questions_are_written_and_read_in_seconds() -> None:
    items = [question(f"q{n}", visible_if={"answered": f"q{n - 1}"} if n else None) for n in range(1000)]
    definition = a_set(*items)
    started = time.monotonic()
    assert read(write_xlsx(definition)) == definition
    assert time.monotonic() - started < 30


# What a person meets.


def test_the_workbook_explains_itself_and_is_easy_to_fill_in() -> None:
    book = open_book(shipped(next(path for path in SHIPPED if path.stem == "nordre-land-iop")))
    assert book.sheetnames == [README, "survey", "choices", "settings", "texts", "constraints", "examples", LISTS]
    assert book.sheetnames[book.index(book.active)] == README
    assert book[LISTS].sheet_state == "hidden"
    words = "\n".join(str(cell.value) for row in book[README].iter_rows() for cell in row if cell.value)
    for wanted in ("utkast", "survey", "choices", "x::law_part", "selected(${navn}, 'kode')", "formler"):
        assert wanted in words
    for name in book.sheetnames[1:-1]:
        sheet = book[name]
        assert sheet.freeze_panes is not None
        assert all(cell.font.bold for cell in sheet[1])
    survey = book["survey"]
    headings = [cell.value for cell in survey[1]]
    assert {"type", "name", "label::Bokmål (nb)", "label::Nynorsk (nn)", "hint::Nynorsk (nn)"} <= set(headings)
    assert all(cell.alignment.wrap_text for cell in survey[2])
    choosable = with_drop_down(survey)
    for heading in ("type", "required", "x::layout", "x::law_part", "x::nav_field", "x::locked", "x::type", "x::carry"):
        assert column(survey, heading) in choosable
    choices = book["choices"]
    assert {column(choices, "list_name"), column(choices, "x_comment")} <= with_drop_down(choices)
    assert with_drop_down(book["settings"]) == {column(book["settings"], "x::kind")}


def with_drop_down(sheet: Worksheet) -> set[int]:
    """The columns in which one may choose."""
    rules = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    return {cells.min_col for rule in rules for cells in rule.sqref.ranges}


def test_locked_and_hidden_rows_can_be_seen() -> None:
    survey = open_book(a_set(question("a", locked=True), question("b"), question("c", hidden=True)))["survey"]
    colours = [survey.cell(row, 3).fill.fgColor.rgb for row in (2, 3, 4)]
    assert colours[0] != colours[1] == colours[2]
    assert survey.cell(4, 3).font.strike


def test_conditions_are_there_to_be_read() -> None:
    rule = {"and": [{"==": [{"var": "a"}, True]}, {"!": {"in": ["x", {"var": "b"}]}}]}
    definition = a_set(
        question("a", "boolean"),
        question("b", "multichoice", options=[{"code": "x", "text": {"nb": "X"}}]),
        question("c", "date", visible_if=rule, required={"if": {"==": [{"var": "plan.kind"}, "first"]}}),
        question("d", constraints=[{"expr": {">": [{"var": "c"}, "2026-01-31"]}, "message": {"nb": "Senere"}}]),
    )
    survey = open_book(definition)["survey"]
    row = row_of(survey, "c")
    assert survey.cell(row, column(survey, "relevant")).value == "${a} = 'ja' and not(selected(${b}, 'x'))"
    assert survey.cell(row, column(survey, "required")).value == "${plan.kind} = 'first'"
    assert survey.cell(row, column(survey, "x::exact_relevant")).value is None
    row = row_of(survey, "d")
    assert survey.cell(row, column(survey, "constraint")).value == "${c} > date('2026-01-31')"
    assert survey.cell(row, column(survey, "constraint_message::Bokmål (nb)")).value == "Senere"


def test_no_text_becomes_a_formula_or_a_link() -> None:
    words = ["=1+1", "+1", "-1", "@SUM(A1)", "https://example.org/", "0123", "1e5", "{=A1}", "#N/A", "TRUE"]
    definition = a_set(*(question(f"q{n}", text={"nb": word}) for n, word in enumerate(words)))
    survey = open_book(definition)["survey"]
    cells = [survey.cell(row_of(survey, f"q{n}"), 3) for n in range(len(words))]
    assert [cell.data_type for cell in cells] == ["s"] * len(words)
    assert [cell.value for cell in cells] == words
    assert not any(cell.hyperlink for cell in cells)


def test_a_condition_too_long_for_a_cell_is_refused_and_named() -> None:
    long = {"or": [{"==": [{"var": "a"}, "x" * 5000]} for _ in range(8)]}
    with pytest.raises(BadFile) as refusal:
        write_xlsx(a_set(question("a"), question("b", visible_if=long)))
    assert [item.place for item in refusal.value.told] == ["b"]


# Editing.


def test_what_is_changed_in_the_workbook_is_what_is_changed_in_the_set() -> None:
    definition = shipped(next(path for path in SHIPPED if path.stem == "nordre-land-iop"))

    def change(book: openpyxl.Workbook) -> None:
        survey = book["survey"]
        row = row_of(survey, "dialogue_meeting_held")
        survey.cell(row, column(survey, "label::Bokmål (nb)")).value = "Er det holdt møte?"
        survey.insert_rows(row + 1)
        added = {
            "type": "text", "name": "hvorfor_ikke", "label::Bokmål (nb)": "Hvorfor ikke?",
            "label::Nynorsk (nn)": "Kvifor ikkje?", "relevant": "${dialogue_meeting_held} = 'nei'", "required": "yes",
        }  # fmt: skip
        for heading, value in added.items():
            survey.cell(row + 1, column(survey, heading)).value = value
        survey.delete_rows(row_of(survey, "dialogue_meeting_reason"))

    imported = read_xlsx(edited(write_xlsx(definition), change))
    assert imported.left_out == ()
    wanted = definition.model_dump(mode="json")
    new = {
        "id": "hvorfor_ikke", "type": "string", "text": {"nb": "Hvorfor ikke?", "nn": "Kvifor ikkje?"},
        "visible_if": {"==": [{"var": "dialogue_meeting_held"}, False]}, "required": True,
    }  # fmt: skip

    def expect(items: list[dict[str, object]]) -> None:
        for place, item in enumerate(list(items)):
            if item["id"] == "dialogue_meeting_held":
                item["text"] = {**item["text"], "nb": "Er det holdt møte?"}  # type: ignore[dict-item]
                items[place + 1 : place + 1] = [new]
            if item["id"] == "dialogue_meeting_reason":
                items.remove(item)
            expect(item["items"])  # type: ignore[arg-type]

    expect(wanted["items"])
    assert shape(imported.data) == shape(wanted)


def test_the_exact_condition_counts_only_while_the_xpath_beside_it_is_unchanged() -> None:
    exact = {"in": [{"var": "a"}, ["x", "y"]]}
    options = [{"code": code, "text": {"nb": code}} for code in ("x", "y", "z")]
    definition = a_set(question("a", "choice", options=options), question("b", visible_if=exact))
    content = write_xlsx(definition)
    assert read(content) == definition

    def change(book: openpyxl.Workbook) -> None:
        survey = book["survey"]
        cell = survey.cell(row_of(survey, "b"), column(survey, "relevant"))
        cell.value = f"{cell.value} or ${{a}} = 'z'"

    rule = read(edited(content, change)).items[1].visible_if
    assert rule == {"or": [{"==": [{"var": "a"}, code]} for code in ("x", "y", "z")]}


def test_a_language_is_added_by_adding_its_columns() -> None:
    def change(book: openpyxl.Workbook) -> None:
        survey = book["survey"]
        place = survey.max_column + 1
        survey.cell(1, place).value = "label::English (en)"
        survey.cell(2, place).value = "Question"

    definition = read(edited(write_xlsx(a_set(question("a"))), change))
    assert definition.languages == ("nb", "en")
    assert definition.items[0].text == {"nb": "Spørsmål a", "en": "Question"}


def test_a_value_that_does_not_fit_is_told_and_not_used() -> None:
    def change(book: openpyxl.Workbook) -> None:
        survey, choices = book["survey"], book["choices"]
        for heading, value in {
            "x::layout": "diagonal", "x::blank_lines": 99, "x::max_length": "mange", "x::locked": "kanskje", "x::type": "facts",
        }.items():  # fmt: skip
            survey.cell(2, column(survey, heading)).value = value
        choices.cell(row_of(choices, "x"), column(choices, "x_comment")).value = "film"
        choices.cell(row_of(choices, "ja"), column(choices, "label::Bokmål (nb)")).value = "Jepp"
        book["settings"].cell(2, column(book["settings"], "x::kind")).value = "roman"

    original = a_set(question("a"), question("b", "choice", options=[{"code": "x", "text": {"nb": "X"}}]))
    imported = read_xlsx(edited(write_xlsx(original), change))
    assert shape(imported.data) == original
    found = told(imported)
    words = " ".join(found["survey, rad 2"])
    for column_name in ("x::layout", "x::blank_lines", "x::max_length", "x::locked", "x::type"):
        assert column_name in words
    assert "film" in found["choices, rad 4"][0]
    assert "ja og nei" in found["choices, rad 2"][0]
    assert "roman" in found["settings, rad 2"][0]


def test_rows_of_other_sheets_that_point_nowhere_are_told() -> None:
    def change(book: openpyxl.Workbook) -> None:
        for name in ("examples", "constraints"):
            book[name].append(["nobody", "x"])
        book["texts"].append(["motto", "Alltid framover"])
        book["settings"].append(["En til"])

    original = a_set(question("a"))
    imported = read_xlsx(edited(write_xlsx(original), change))
    assert shape(imported.data) == original
    assert set(told(imported)) == {"examples, rad 2", "constraints, rad 2", "texts, rad 8", "settings, rad 3"}


# Bad files.

PLAIN = workbook(survey="type|name|label\ntext|a|Navn", settings="form_title|form_id\nSkjema|skjema")


def test_what_is_no_workbook_is_refused_in_plain_words() -> None:
    assert "ikke en Excel-fil" in refused(b"hei")
    assert "ikke en Excel-fil" in refused(b"")
    assert "ikke en Excel-fil" in refused(PLAIN[:200])
    assert "ikke en Excel-fil" in refused(with_member(b"PK\x05\x06" + b"\0" * 18, "word/document.xml", b"<x/>"))
    assert "passord" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "makroer" in refused(with_member(PLAIN, "xl/vbaProject.bin", b"x"))
    assert "MB" in refused(PLAIN + b"\0" * MAX_FILE)


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = with_member(PLAIN, "xl/media/image1.xml", b"0" * (MAX_UNPACKED + 1))
    assert len(bomb) < 200_000
    assert "pakkes ut" in refused(bomb)


def test_texts_that_a_file_holds_once_and_a_sheet_a_thousand_times_are_not_copied() -> None:
    line = ["text", "a", "x " * 10_000]
    content = rows(survey=[["type", "name", "label"], *[line] * (MAX_CHARACTERS // 20_000 + 2)])
    assert len(content) < 100_000
    assert "for mye tekst" in refused(content)


def test_entities_are_not_resolved() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(PLAIN)) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == "xl/sharedStrings.xml":
                data = data.replace(b"<sst", b'<!DOCTYPE sst [<!ENTITY a "aaaa">]><sst', 1)
            new.writestr(member, data)
    assert refused(buffer.getvalue())


def test_too_many_rows_questions_and_options_are_refused() -> None:
    head = ["type", "name", "label"]
    assert "20000 rader" in refused(rows(survey=[head, *(["text", f"q{n}", "X"] for n in range(MAX_ROWS))]))
    assert "2000 spørsmål" in refused(rows(survey=[head, *(["text", f"q{n}", "X"] for n in range(2000))]))
    # A small file in which many questions share a long list.
    shared = rows(
        survey=[head, *(["select_one l", f"q{n}", "X"] for n in range(500))],
        choices=[["list_name", "name", "label"], *(["l", f"c{n}", "X"] for n in range(5000))],
    )
    started = time.monotonic()
    assert "for mange svar" in refused(shared)
    assert time.monotonic() - started < 30


def test_ten_thousand_options_of_one_question_are_a_fault_that_the_draft_shows() -> None:
    definition = read(
        rows(
            survey=[["type", "name", "label"], ["select_one l", "q", "X"]],
            choices=[["list_name", "name", "label"], *(["l", f"c{n}", "X"] for n in range(10_000))],
        )
    )
    assert len(definition.items[0].options) == 10_000
    assert any("10000" in str(fault) for fault in faults(definition))


def test_a_cell_at_the_far_end_of_the_sheet_costs_nothing() -> None:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("survey")
        sheet.write_row(0, 0, ["type", "name", "label"])
        sheet.write_row(1, 0, ["text", "a", "Navn"])
        sheet.write(1_048_575, 16_383, "x")
    started = time.monotonic()
    assert [item.id for item in read(buffer.getvalue()).items] == ["a"]
    assert time.monotonic() - started < 20


def test_wrong_sheet_names_are_forgiven_or_named() -> None:
    survey = "type|name|label\ntext|a|Navn"
    assert told(read_xlsx(workbook(**{" SUR VEY ": survey, "Settings": "form_id|form_title\nab|X"}))) == {}
    assert told(read_xlsx(workbook(surveys=survey))) == {"surveys": ["Arket er lest som «survey»."]}
    assert "Ark2" in told(read_xlsx(workbook(survey=survey, Ark2="noe|annet")))
    words = refused(workbook(Ark1=survey, Ark2=survey))
    assert all(name in words for name in ("Ark1", "Ark2", "survey", "choices", "settings"))
    assert "type" in refused(workbook(survey="name|label\na|Navn"))


def test_formulas_merged_cells_and_links_are_told_with_sheet_and_row() -> None:
    def change(book: openpyxl.Workbook) -> None:
        survey = book["survey"]
        survey["C2"] = "=CONCATENATE(1,2)"
        survey.append(["text", "b", "Flettet"])
        survey.merge_cells("C3:E3")
        book.create_sheet("Skjult").sheet_state = "hidden"

    content = with_member(edited(PLAIN, change), "xl/externalLinks/externalLink1.xml", b"<x/>")
    imported = read_xlsx(content)
    found = told(imported)
    assert "Formler" in found["survey, rad 2"][0]
    assert "Sammenslåtte" in found["survey, rad 3"][0]
    assert "lenker" in found[""][0]
    first, second = shape(imported.data).items
    assert (first.text, second.text) == ({}, {"nb": "Flettet"})
