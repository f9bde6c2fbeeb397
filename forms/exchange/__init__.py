"""Question sets in and out: Excel (XLSForm), FHIR Questionnaire, our own JSON, and the sheet of translations.

What reads and writes a format is imported when it is needed: the packages behind them are large.
"""

from __future__ import annotations

from forms.exchange.common import MAX_FILE, MAX_UNPACKED, BadFile, Imported, Told, json_object
from forms.format import QuestionSetDefinition
from forms.texts import N_, Note

__all__ = [
    "FORMATS", "MAX_FILE", "MAX_UNPACKED", "BadFile", "Imported", "Told", "extension", "is_translations", "mimetype",
    "read", "read_translations", "write",
]  # fmt: skip

FORMATS = ("xlsx", "fhir", "json", "translations")
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS = {
    "xlsx": (".xlsx", _WORKBOOK),
    "fhir": (".json", "application/fhir+json"),
    "json": (".json", "application/json"),
    "translations": (".xlsx", _WORKBOOK),
}
_ZIP, _OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # of encodings


def read(content: bytes, name: str) -> Imported:
    """The set in a file; its format is found by what is in it, `name` only helps to say what is wrong. Raises BadFile
    with all reasons."""
    is_json = content.startswith(_MARKS) or content.lstrip()[:1] in (b"{", b"[")
    if content.startswith((_ZIP, _OLD_EXCEL)) or (not is_json and name.lower().endswith((".xlsx", ".xlsm", ".xls"))):
        return _read_workbook(content)
    if not is_json and not name.lower().endswith(".json"):
        note = N_("Filen er av et slag som ikke kan leses. Bruk Excel (.xlsx), FHIR-spørreskjema eller JSON.")
        raise BadFile([Told("", Note(note))])
    if "resourceType" in json_object(content):
        from forms.exchange.fhir_in import read_fhir

        return read_fhir(content)
    from forms.exchange.our_json import read_json

    return read_json(content)


def _read_workbook(content: bytes) -> Imported:
    from forms.exchange.translations import is_translations
    from forms.exchange.xlsx_in import read_xlsx

    if is_translations(content):
        note = N_("Filen er et oversettelsesark. Det leses inn for et sett som finnes, ikke som et nytt sett.")
        raise BadFile([Told("", Note(note))])
    return read_xlsx(content)


def is_translations(content: bytes) -> bool:
    """Whether a file is a sheet of translations, made by `write`."""
    from forms.exchange import translations

    return content.startswith(_ZIP) and translations.is_translations(content)


def read_translations(
    content: bytes, definition: QuestionSetDefinition
) -> tuple[list[tuple[str, str, str, str]], list[Told]]:
    """Texts of a sheet of translations as (item id, path, language, text), and what was left out. Raises BadFile."""
    from forms.exchange import translations

    return translations.read_translations(content, definition)


def write(definition: QuestionSetDefinition, kind: str, published: QuestionSetDefinition | None = None) -> bytes:
    """The set as a file of one of FORMATS. What is `published` tells which translations are stale. Raises KeyError on
    another format."""
    match kind:
        case "xlsx":
            from forms.exchange.xlsx_out import write_xlsx

            return write_xlsx(definition)
        case "fhir":
            from forms.exchange.fhir_out import write_fhir

            return write_fhir(definition)
        case "json":
            from forms.exchange.our_json import write_json

            return write_json(definition)
        case "translations":
            from forms.exchange.translations import write_translations

            return write_translations(definition, published)
    raise KeyError(kind)


def extension(kind: str) -> str:
    """With its dot. Raises KeyError on an unknown format."""
    return _KINDS[kind][0]


def mimetype(kind: str) -> str:
    return _KINDS[kind][1]
