"""Any file, by what is in it; any format, by its name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from forms.definition import shape
from forms.exchange import FORMATS, BadFile, extension, mimetype, read, write
from forms.library import load_shipped
from tests.rules.source import ROOT


@pytest.mark.parametrize("kind", ["xlsx", "fhir", "json"])
@pytest.mark.parametrize("name", ["skjema", "skjema.json.xlsx", "../../skjema.JSON"])
def test_the_format_is_found_by_content(kind: str, name: str) -> None:
    definition = load_shipped("nav-2025")
    content = write(definition, kind)
    imported = read(content, name)
    assert (shape(imported.data), imported.left_out) == (definition, ())


def test_every_format_has_its_name_and_kind() -> None:
    assert [extension(kind) for kind in FORMATS] == [".xlsx", ".json", ".json", ".xlsx"]
    assert mimetype("fhir") == "application/fhir+json"
    assert mimetype("xlsx") == mimetype("translations")
    for refuse in (extension, mimetype, lambda kind: write(load_shipped("nav-2025"), kind)):
        with pytest.raises(KeyError):
            refuse("pdf")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7", "skjema.pdf", "Bruk Excel"),
        (b"type,name,label", "skjema.csv", "Bruk Excel"),
        (b"", "tom", "Bruk Excel"),
        (b"", "tom.xlsx", "Excel-fil"),
        (b"PK\x03\x04 not a zip", "skjema", "Excel-fil"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "skjema.xls", "passord"),
        (b"{]", "x", "JSON"),
        (b"hei", "x.json", "JSON"),
        (b'{"resourceType": "Patient"}', "x", "Questionnaire"),
        (write(load_shipped("nav-2025"), "translations"), "x.xlsx", "oversettelsesark"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(content: bytes, name: str, words: str) -> None:
    with pytest.raises(BadFile) as error:
        read(content, name)
    assert any(words in told.note.say(str) for told in error.value.told)


def test_heavy_packages_are_imported_when_they_are_needed() -> None:
    code = "import sys, forms.exchange as e; print([m for m in ('openpyxl','xlsxwriter','pyxform','pydantic_core') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pydantic_core']"
