"""What of a FHIR file we do not read, and where its languages are built differently: to be told, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forms.exchange import fhir_model as fhir
from forms.exchange.common import Told
from forms.exchange.fhir_model import FhirItem, Questionnaire
from forms.format import ANSWERABLE, canonical
from forms.texts import N_, Note

_FORMULAS = ("calculatedExpression", "initialExpression", "fhirpath", "cqf-expression", "candidateExpression")
_RULES = ("constraint", "minvalue", "maxvalue", "regex", "minLength", "targetConstraint")
_READ = {fhir.OUR_ITEM, fhir.HIDDEN, fhir.CONTROL, fhir.SUBLABEL}
_ROWS = {fhir.MIN_OCCURS, fhir.MAX_OCCURS}
_READ_OF = {
    "integer": {fhir.UNIT, fhir.MIN_VALUE, fhir.MAX_VALUE},
    "table": _ROWS, "measures": _ROWS, "contact_log": _ROWS, "absence": _ROWS,
}  # fmt: skip
_CONTROLS = {"help", "check-box", "radio-button", "table", "gtable"}
_TEXT_CONTROLS = {"inline", "sidebar", "highlight"}


def unread_of_item(item: FhirItem, kind: str) -> Iterator[Note]:
    """What is not kept of an item that is of type `kind` with us."""
    if item.readOnly and kind in ANSWERABLE:
        yield Note(N_("Kan bare leses i filen; her kan det besvares."))
    if item.repeats and item.type != "group" and kind != "multichoice":
        yield Note(N_("Kan ha flere svar i filen; her kan det ha ett."))
    if item.required and kind not in ANSWERABLE:
        yield Note(N_("Kan ikke være påkrevd her."))
    if item.text_more.markdown().strip() not in ("", item.text.strip()):
        yield Note(N_("Teksten er tatt med uten formatering."))
    for control in sorted(item.controls() - _CONTROLS - (_TEXT_CONTROLS if kind == "info" else set())):
        yield Note(N_("Visningsformen «%(name)s» er ikke tatt med."), {"name": control})
    for extension in item.extension:
        if extension.url not in _READ and extension.url not in _READ_OF.get(kind, ()):
            yield _unread_extension(extension.url)
    names = sorted(item.model_extra or {}) + ["maxLength"] * _has_stray_length(item, kind)
    if names:
        yield Note(N_("Er ikke tatt med: %(names)s."), {"names": ", ".join(names)})


def _has_stray_length(item: FhirItem, kind: str) -> bool:
    return item.maxLength is not None and kind not in ("string", "text")


def _unread_extension(url: str) -> Note:
    name = url.rsplit("/", 1)[-1].removeprefix("sdf-").removeprefix("sdc-").removeprefix("questionnaire-")
    if name == "enableWhenExpression":
        return Note(N_("Vises etter en formel (FHIRPath), som ikke er tatt med. Punktet vises nå alltid."))
    if name in _FORMULAS:
        return Note(N_("Fylles ut av en formel (FHIRPath), som ikke er tatt med (%(name)s)."), {"name": name})
    if name in _RULES:
        return Note(N_("Har en regel for svaret som ikke er tatt med (%(name)s)."), {"name": name})
    return Note(N_("Utvidelsen «%(name)s» er ikke tatt med."), {"name": name})


def unread_of_set(resource: Questionnaire, language: str) -> Iterator[Told]:
    extra = dict(resource.model_extra or {})
    extra.pop("resourceType", None)
    if isinstance(extra.get("meta"), dict) and set(extra["meta"]) <= {"tag"}:
        del extra["meta"]
    urls = {extension.url.rsplit("/", 1)[-1] for extension in resource.extension if extension.url != fhir.OUR_SET}
    kinds = {str(other.get("resourceType")) for other in resource.contained if other.get("resourceType") != "ValueSet"}
    if names := sorted(extra.keys() | urls | kinds):
        note = Note(N_("Opplysninger om skjemaet er ikke tatt med: %(names)s."), {"names": ", ".join(names)})
        yield Told(f"Questionnaire[language={language}]", note)


def differences(main: Questionnaire, other: Questionnaire, leading: str, language: str) -> Iterator[Told]:
    """Where a language of a form is built otherwise than the leading one, which is what is read."""
    ours, theirs = _built(main), _built(other)
    values = {"language": language, "leading": leading}
    for link in [*ours, *(link for link in theirs if link not in ours)]:
        if link not in theirs:
            note = Note(N_("Mangler på språket %(language)s."), values)
        elif link not in ours:
            note = Note(N_("Finnes bare på språket %(language)s og er ikke tatt med."), values)
        elif ours[link] != theirs[link]:
            note = Note(N_("Er bygd annerledes på språket %(language)s; oppsettet på %(leading)s gjelder."), values)
        else:
            continue
        yield Told(f"item[linkId={link}]", note)


def _built(questionnaire: Questionnaire) -> dict[str, str]:
    """All of each item that is not text, and where it stands."""
    found: dict[str, str] = {}
    before: dict[str, str] = {}
    for item, parent in questionnaire.walk():
        above = parent.linkId if parent else ""
        rules = [_rule(clause) for clause in item.enableWhen]
        codes = [option.valueCoding.code if option.valueCoding else "" for option in item.answerOption]
        built = [item.type, item.required, item.repeats, item.readOnly, item.maxLength, item.enableBehavior]
        found.setdefault(item.linkId, canonical([above, before.get(above, ""), *built, rules, codes]))
        before[above] = item.linkId
    return found


def _rule(clause: Any) -> list[Any]:
    answer = clause.answer.get("code") if isinstance(clause.answer, dict) else clause.answer
    return [clause.question, clause.operator, answer]
