"""FHIR R4 Questionnaire, the part of it that we read and write, and reading it from a file without trusting it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from forms.exchange.common import BadFile, Told, bounded, json_object
from forms.texts import N_, Note

HL7 = "http://hl7.org/fhir/StructureDefinition/"
HIDDEN = HL7 + "questionnaire-hidden"
CONTROL = HL7 + "questionnaire-itemControl"
CONTROL_CODES = "http://hl7.org/fhir/questionnaire-item-control"
UNIT = HL7 + "questionnaire-unit"
MIN_VALUE, MAX_VALUE = HL7 + "minValue", HL7 + "maxValue"
MIN_OCCURS, MAX_OCCURS = HL7 + "questionnaire-minOccurs", HL7 + "questionnaire-maxOccurs"
TRANSLATION = HL7 + "translation"
MARKDOWN = HL7 + "rendering-markdown"
SUBLABEL = "http://helsenorge.no/fhir/StructureDefinition/sdf-sublabel"
# Ours: JSON of what R4 has no place for. The same in every language, since Helsenorge's builder copies it over.
OUR_ITEM, OUR_SET = "urn:attende:item", "urn:attende:set"

TAGS = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB", "se": "se-NO"}
TAG_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English", "se": "Davvisámegillii"}
TAG_SYSTEM = "urn:ietf:bcp:47"
MAX_ITEMS = 5000  # of FHIR: columns, rows and help texts are items there


class _Part(BaseModel):
    """What else there is, is kept in `model_extra` and told."""

    model_config = ConfigDict(extra="allow", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data


class Extension(_Part):
    url: str
    extension: list[Extension] = []

    @property
    def value(self) -> Any:
        return next((v for name, v in (self.model_extra or {}).items() if name.startswith("value")), None)


class More(_Part):
    """What FHIR writes beside a primitive value, under its name with _ before."""

    extension: list[Extension] = []

    def translations(self) -> Iterator[tuple[str, str]]:
        for extension in self.extension:
            if extension.url == TRANSLATION:
                parts = {part.url: part.value for part in extension.extension}
                if isinstance(parts.get("lang"), str) and isinstance(parts.get("content"), str):
                    yield parts["lang"], parts["content"]

    def markdown(self) -> str:
        found = (extension.value for extension in self.extension if extension.url == MARKDOWN)
        return next((value for value in found if isinstance(value, str)), "")


NOTHING = More()  # shared: pydantic would copy a default for each of ten thousand items


class Coding(_Part):
    code: str = ""
    display: str = ""
    display_more: More = Field(default_factory=lambda: NOTHING, alias="_display")
    system: str = ""
    id: str = ""


class AnswerOption(_Part):
    valueCoding: Coding | None = None
    id: str = ""

    @property
    def value(self) -> Any:
        return next((v for name, v in (self.model_extra or {}).items() if name.startswith("value")), None)


class EnableWhen(_Part):
    question: str
    operator: str

    @property
    def answer(self) -> Any:
        return next((v for name, v in (self.model_extra or {}).items() if name.startswith("answer")), None)


class FhirItem(_Part):
    linkId: str = ""
    type: str = ""
    id: str = ""
    text: str = ""
    text_more: More = Field(default_factory=lambda: NOTHING, alias="_text")
    prefix: str = ""
    required: bool = False
    repeats: bool = False
    readOnly: bool = False
    maxLength: int | None = None
    enableWhen: list[EnableWhen] = []
    enableBehavior: str = "any"
    answerOption: list[AnswerOption] = []
    answerValueSet: str = ""
    extension: list[Extension] = []
    item: list[FhirItem] = []

    def values(self, url: str) -> list[Any]:
        return [extension.value for extension in self.extension if extension.url == url]

    def controls(self) -> set[str]:
        concepts = [value for value in self.values(CONTROL) if isinstance(value, dict)]
        codings = [part for concept in concepts for part in concept.get("coding") or [] if isinstance(part, dict)]
        return {str(coding.get("code")) for coding in codings}


class Questionnaire(_Part):
    language: str = ""
    id: str = ""
    name: str = ""
    title: str = ""
    title_more: More = Field(default_factory=lambda: NOTHING, alias="_title")
    description: str = ""
    url: str = ""
    version: str = ""
    status: str = ""
    contained: list[dict[str, Any]] = []
    extension: list[Extension] = []
    item: list[FhirItem] = []

    def walk(self) -> Iterator[tuple[FhirItem, FhirItem | None]]:
        """Every item with the one it lies in."""
        stack: list[tuple[FhirItem, FhirItem | None]] = [(item, None) for item in reversed(self.item)]
        while stack:
            item, parent = stack.pop()
            yield item, parent
            stack += [(child, item) for child in reversed(item.item)]


class Loaded(NamedTuple):
    """The resources by our language codes, the leading one first, and what was left out of the file."""

    resources: dict[str, Questionnaire]
    told: list[Told]


def load(content: bytes) -> Loaded:
    """Read a Questionnaire, or a Bundle of one per language. Raises BadFile with all reasons."""
    data = json_object(content)
    told: list[Told] = []
    found = list(_questionnaires(data, told))
    if not found:
        raise BadFile([Told("", Note(N_("Filen har ikke noe FHIR-spørreskjema (Questionnaire).")))])
    faults: list[Told] = []
    read: list[Questionnaire] = []
    for place, resource in found:
        try:
            read.append(Questionnaire.model_validate(resource))
        except ValidationError as error:
            faults += _shape_faults(error, place, resource)
    for questionnaire in read:
        count = sum(1 for _ in questionnaire.walk())
        if count > MAX_ITEMS:
            numbers = {"count": count, "most": MAX_ITEMS}
            faults.append(Told("item", Note(N_("Skjemaet har %(count)s punkter; høyst %(most)s kan leses."), numbers)))
    if faults:
        raise BadFile(bounded(faults))
    return Loaded(_by_language(read, told), told)


def _questionnaires(data: dict[str, Any], told: list[Told]) -> Iterator[tuple[str, dict[str, Any]]]:
    if data.get("resourceType") == "Questionnaire":
        yield "", data
    entries = data.get("entry") if data.get("resourceType") == "Bundle" else None
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if isinstance(resource, dict) and kind == "Questionnaire":
            yield f"entry[{number}].", resource
        else:
            told.append(Told(f"entry[{number}]", Note(N_("Er ikke et spørreskjema, og er ikke tatt med."))))


def _by_language(read: list[Questionnaire], told: list[Told]) -> dict[str, Questionnaire]:
    found: dict[str, Questionnaire] = {}
    for resource in read:
        language = our_language(resource.language)
        if language and language not in found:
            found[language] = resource
        elif language:
            told.append(Told(_place(resource), Note(N_("Det er flere skjemaer på samme språk; det første er brukt."))))
        elif len(read) > 1:
            told.append(Told(_place(resource), Note(N_("Språket er ikke støttet, og teksten er ikke tatt med."))))
    if not found:
        found["nb"] = read[0]
        told.append(Told(_place(read[0]), Note(N_("Språket er ikke oppgitt eller ikke støttet; lest som bokmål."))))
    return found


def our_language(tag: str) -> str:
    """Our code for a language tag, "" when we do not have it."""
    code = re.split("[-_]", tag.strip().lower())[0]
    return {"no": "nb", "nor": "nb", "nob": "nb", "nno": "nn", "eng": "en", "sme": "se"}.get(
        code, code if code in TAGS else ""
    )


def _place(resource: Questionnaire) -> str:
    return f"Questionnaire[language={resource.language}]"


def _shape_faults(error: ValidationError, place: str, data: Any) -> Iterator[Told]:
    """Each value of wrong kind, with the linkId of the item it stands in."""
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        node, where, rest = data, place, list[str]()
        for step in detail["loc"]:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                node = None
            if isinstance(step, int) and isinstance(node, dict) and isinstance(node.get("linkId"), str):
                where, rest = f"{place}item[linkId={node['linkId']}].", []
            else:
                rest.append(f"[{step}]" if isinstance(step, int) else f".{step}" if rest else str(step))
        missing = detail["type"] == "missing"
        note = N_("Mangler i filen.") if missing else N_("Har en verdi av feil slag.")
        yield Told((where + "".join(rest)).removesuffix("."), Note(note))
