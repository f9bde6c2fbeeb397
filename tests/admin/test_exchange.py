"""Question sets in and out of files in the browser: seen before anything is stored, and nothing lost on the way."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from forms.definition import shape
from forms.exchange import FORMATS
from models import AuditEvent, QuestionSet, QuestionSetVersion, SetDraft
from tests.front import Browser, plan_set, rows_by_table, said, shown
from tests.services.test_publishing import item_in
from tests.world import World


@pytest.fixture
def anne(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "anne")


@pytest.fixture
def the_set(library: World) -> QuestionSet:
    return plan_set(library.storvik)


def _export(browser: Browser, row: QuestionSet, form: str) -> bytes:
    answer = browser.get(f"/admin/skjema/fil/export/?id={row.id}&form={form}")
    assert answer.status_code == 200, said(answer)
    return answer.data


def _send(browser: Browser, content: bytes, name: str, row: QuestionSet | None = None) -> TestResponse:
    path = f"/admin/skjema/fil/?id={row.id}" if row else "/admin/skjema/fil/"
    return browser.post(path, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def _take(browser: Browser, page: TestResponse, row: QuestionSet | None = None) -> TestResponse:
    found = re.search(r'name="data" value="([^"]*)"', page.text)
    assert found, said(page)
    return browser.post("/admin/skjema/fil/take/", {"data": html.unescape(found[1]), **({"id": row.id} if row else {})})


def _changed(content: bytes, how: Any) -> bytes:
    data = json.loads(content)
    how(data)
    return json.dumps(data).encode()


def _draft(row: QuestionSet) -> Any:
    return shape(SetDraft.get(SetDraft.question_set == row).definition)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_offered_and_comes_as_a_file(anne: Browser, the_set: QuestionSet, form: str) -> None:
    assert f"form={form}" in shown(anne.get(f"/admin/skjema/fil/export/?id={the_set.id}"))
    answer = anne.get(f"/admin/skjema/fil/export/?id={the_set.id}&form={form}")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="nordre-land-iop.')
    assert AuditEvent.select().where(AuditEvent.tag == "set:exported", AuditEvent.fields == form).count() == 1


def test_an_unknown_format_is_not_there(anne: Browser, the_set: QuestionSet) -> None:
    assert anne.get(f"/admin/skjema/fil/export/?id={the_set.id}&form=pdf").status_code == 404


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "translations"])
def test_a_file_that_changes_nothing_says_so(anne: Browser, the_set: QuestionSet, form: str) -> None:
    page = _send(anne, _export(anne, the_set, form), "sett.xlsx" if form == "xlsx" else "sett.json", the_set)
    assert "Filen er lik det som er publisert" in said(page)
    assert "Dette ble ikke med" not in said(page)


def test_looking_stores_nothing_and_taking_makes_a_draft(anne: Browser, the_set: QuestionSet) -> None:
    content = _changed(_export(anne, the_set, "json"), lambda data: item_in(data, "conclusion")["text"].update(nb="Ny"))
    before = rows_by_table()
    page = _send(anne, content, "sett.json", the_set)
    assert "<ins>Ny</ins>" in shown(page)
    assert rows_by_table() == before
    answer = _take(anne, page, the_set)
    assert answer.status_code == 303
    assert _draft(the_set).find("conclusion").text["nb"] == "Ny"
    assert QuestionSetVersion.select().where(QuestionSetVersion.question_set == the_set).count() == 1


def test_the_same_is_done_in_excel(anne: Browser, the_set: QuestionSet) -> None:
    book = load_workbook(io.BytesIO(_export(anne, the_set, "xlsx")))
    sheet = book["survey"]
    titles = [cell.value for cell in sheet[1]]
    column = next(i for i, title in enumerate(titles, 1) if str(title).startswith("label") and "nb" in str(title))
    name = titles.index("name") + 1
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, name).value == "conclusion":
            sheet.cell(row, column).value = "Hva ble dere enige om?"
    saved = io.BytesIO()
    book.save(saved)
    page = _send(anne, saved.getvalue(), "sett.xlsx", the_set)
    assert "<ins>Hva ble dere enige om?</ins>" in shown(page)
    assert shown(page).count("<ins>") == 1
    _take(anne, page, the_set)
    assert _draft(the_set).find("conclusion").text["nb"] == "Hva ble dere enige om?"


def test_what_the_file_leaves_out_is_hidden_and_told(anne: Browser, the_set: QuestionSet) -> None:
    def without(data: dict[str, Any]) -> None:
        group = item_in(data, "situation")
        group["items"] = [item for item in group["items"] if item["id"] != "how_now"]

    page = _send(anne, _changed(_export(anne, the_set, "json"), without), "sett.json", the_set)
    assert "Dette mangler i filen, men slettes ikke" in said(page)
    _take(anne, page, the_set)
    assert _draft(the_set).find("how_now").hidden


def test_a_new_set_from_a_file(anne: Browser, the_set: QuestionSet) -> None:
    content = _changed(_export(anne, the_set, "json"), lambda data: data.update(key="et-nytt"))
    page = _send(anne, content, "sett.json")
    assert "Lag et nytt skjema" in said(page)
    answer = _take(anne, page)
    row = QuestionSet.get(QuestionSet.key == "et-nytt")
    assert answer.location.endswith(f"id={row.id}")
    assert row.base == ""


def test_translations_come_in_as_texts(anne: Browser, the_set: QuestionSet) -> None:
    book = load_workbook(io.BytesIO(_export(anne, the_set, "translations")))
    sheet = book.worksheets[0]
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, 1).value == "conclusion.text":
            sheet.cell(row, 4).value = "Kva vart de samde om?"
    saved = io.BytesIO()
    book.save(saved)
    answer = _send(anne, saved.getvalue(), "oversettelser.xlsx", the_set)
    assert answer.status_code == 303
    assert _draft(the_set).find("conclusion").text["nn"] == "Kva vart de samde om?"
    assert "1 tekst er endret i kladden." in said(anne.get(answer.location))


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", b"0" * 60_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "tom.xlsx"), (b"hei", "brev.docx"), (b"{", "sett.json"), (b"[1, 2]", "sett.json"), (b"PK\x03\x04", "x.xlsx"),
        (b'{"resourceType": "Patient"}', "fhir.json"), (b"[" * 100_000, "dyp.json"), (_bomb(), "bombe.xlsx"),
    ],
    ids=["empty", "not a form", "broken", "a list", "broken zip", "patient", "deep", "bomb"],
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_stores_nothing(
    anne: Browser, the_set: QuestionSet, content: bytes, name: str
) -> None:
    before = rows_by_table()
    page = _send(anne, content, name, the_set)
    assert page.status_code == 422
    assert "Dette i filen kunne ikke brukes" in said(page) or "field-error" in page.text
    assert rows_by_table() == before


def test_no_file_at_all_is_told_at_the_field(anne: Browser, the_set: QuestionSet) -> None:
    answer = anne.post(f"/admin/skjema/fil/?id={the_set.id}", {}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Velg en fil." in said(answer)


def test_a_file_of_fifty_megabytes_is_refused(anne: Browser, the_set: QuestionSet) -> None:
    before = rows_by_table()
    answer = anne.client.post(  # as bytes: the test client would leave a file of this size open
        f"/admin/skjema/fil/?id={the_set.id}", data=b"0" * 50_000_000, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert "for stort" in said(answer)
    assert rows_by_table() == before


@pytest.mark.parametrize("data", ["", "x", "[]", "{}", '{"key": "a"}', "null"])
def test_forged_content_is_not_taken(anne: Browser, the_set: QuestionSet, data: str) -> None:
    assert anne.post("/admin/skjema/fil/take/", {"data": data, "id": the_set.id}).status_code == 404
    assert SetDraft.select().count() == 0
