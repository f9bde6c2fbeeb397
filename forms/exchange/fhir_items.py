"""What a FHIR item is to us: its type, its options, and the names that ours take from theirs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from forms.definition import ID
from forms.exchange.fhir_model import FhirItem, Questionnaire, our_language
from forms.format import FACTS
from forms.texts import N_, Note

SIGNERS = ("employer", "employee", "doctor", "assistant")
CELLS = ("done", "signed", "sent")  # of a checklist's row
OTHER = {"nb": "Annet", "nn": "Anna", "en": "Other", "se": "Eará"}
_SAME = ("boolean", "integer", "date", "time", "string", "text")
_COLUMNS = ("string", "text", "date", "integer")
_CHOICES = ("choice", "open-choice", "coding")  # the last is what R5 calls them
_CHOSEN = (*_CHOICES, *_SAME[1:], "decimal", "dateTime", "quantity", "reference")  # may have options
_TEXT_ONLY = {"inline", "sidebar", "highlight", "help"}  # Helsenorge's texts are of type text
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "đ": "d", "ŋ": "n", "ŧ": "t", "ß": "ss"})


def is_help(item: FhirItem) -> bool:
    return "help" in item.controls()


def children(item: FhirItem) -> list[FhirItem]:
    """What lies in an item but for its help."""
    return [child for child in item.item if not is_help(child)]


def kind_of(item: FhirItem) -> tuple[str, Note | None]:
    """The type of ours that an item has, and what is to be told of it."""
    several = item.repeats or "check-box" in item.controls()
    if item.type in _CHOSEN and (item.answerOption or item.answerValueSet or item.type in _CHOICES):
        return "multichoice" if several else "choice", None
    match item.type:
        case "display":
            return "info", None
        case "group":
            return _kind_of_group(item)
        case "string" | "text" if item.readOnly and item.controls() & _TEXT_ONLY:
            return "info", None
        case kind if kind in _SAME:
            return kind, None
        case "attachment":
            return "info", Note(N_("Her kan ingen legge ved filer. Punktet er blitt en opplysning."))
    if children(item):
        return "group", Note(
            N_("Punktet er av et ukjent slag («%(kind)s») og er blitt en gruppe."), {"kind": item.type}
        )
    return "string", Note(
        N_("Slaget «%(kind)s» finnes ikke her. Spørsmålet er blitt et tekstfelt."), {"kind": item.type}
    )


def _kind_of_group(item: FhirItem) -> tuple[str, Note | None]:
    inside = children(item)
    if not inside:
        return "info", None
    if item.repeats:
        if all(child.type not in ("group", "display", "attachment") and not children(child) for child in inside):
            return "table", None
        return "group", Note(N_("Gruppen kan ikke gjentas her; den kan fylles ut én gang."))
    if all(child.type == "string" and child.readOnly and part_of(item, child) in FACTS for child in inside):
        return "facts", None
    if all(child.type == "display" and part_of(item, child) in SIGNERS for child in inside):
        return "signatures", None
    if all(child.type == "group" and [part_of(child, cell) for cell in child.item] == [*CELLS] for child in inside):
        return "checklist", None
    return "group", None


def part_of(item: FhirItem, child: FhirItem) -> str:
    """What a child's linkId has after its parent's, as we write them; "" when it is named otherwise."""
    return child.linkId.removeprefix(f"{item.linkId}.") if child.linkId.startswith(f"{item.linkId}.") else ""


def column_kind(child: FhirItem) -> tuple[str, Note | None]:
    if child.type in _COLUMNS and not child.answerOption:
        return child.type, None
    return "string", Note(
        N_("Slaget «%(kind)s» finnes ikke i tabeller. Kolonnen er blitt tekst."), {"kind": child.type}
    )


def comment_of(item: FhirItem, child: FhirItem) -> str:
    """Whose comment a child of a choice is: the option's code as it stands in the file, "" when it is none."""
    code, dot, rest = part_of(item, child).rpartition(".")
    shown = [(clause.question, clause.operator) for clause in child.enableWhen]
    fits = dot and rest == "comment" and child.type in ("text", "date") and shown == [(item.linkId, "=")]
    return code if fits else ""


class Offered(NamedTuple):
    """An option as it stands in the file."""

    raw: str
    texts: dict[str, str]
    more: tuple[str, ...] = ()  # names of what we do not read


def offered(item: FhirItem, language: str, questionnaire: Questionnaire) -> list[Offered]:
    """The options of an item in one language of the file, with translations that stand beside a text."""
    if item.answerOption:
        return [_option(option, language) for option in item.answerOption]
    value_set = next((v for v in questionnaire.contained if _is_value_set(v, item.answerValueSet)), None)
    return list(_concepts(value_set, language)) if value_set else []


def _option(option: Any, language: str) -> Offered:
    more = [*(option.model_extra or {})]
    if coding := option.valueCoding:
        texts = {our_language(tag): text for tag, text in coding.display_more.translations()}
        extra = [name for name in coding.model_extra or {} if name != "userSelected"]
        return Offered(
            coding.code or coding.display, texts | {language: coding.display or coding.code}, (*more, *extra)
        )
    value = option.value
    if isinstance(value, dict):
        value = value.get("display") or value.get("reference") or value.get("value") or ""
    names = [name for name in more if not name.startswith("value") or isinstance(option.value, dict)]
    return Offered(str(value), {language: str(value)}, tuple(names))


def _is_value_set(resource: dict[str, Any], wanted: str) -> bool:
    return bool(wanted) and wanted in (f"#{resource.get('id')}", resource.get("url"))


def _concepts(value_set: dict[str, Any], language: str) -> Iterator[Offered]:
    compose, expansion = value_set.get("compose"), value_set.get("expansion")
    included = _dicts(compose.get("include") if isinstance(compose, dict) else None)
    stack = [concept for include in included for concept in _dicts(include.get("concept"))]
    stack = stack or _dicts(expansion.get("contains") if isinstance(expansion, dict) else None)
    for concept in stack:
        code, display = str(concept.get("code") or ""), concept.get("display")
        texts = {
            our_language(str(said.get("language") or "")): str(said.get("value") or "")
            for said in _dicts(concept.get("designation"))
        }
        yield Offered(code, texts | {language: display if isinstance(display, str) and display else code})


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def slug(text: str, otherwise: str = "item") -> str:
    """A name by our rule, as like `text` as can be."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or otherwise
    return (name if name[0].isalpha() else f"q_{name}")[:50].rstrip("_")


class Names:
    """Names that are not used twice: what is asked for, or with the first number after it that is free."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._numbers: dict[str, int] = {}

    def free(self, name: str) -> str:
        number, found = self._numbers.get(name, 1), name
        while found in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._numbers[name] = number
        self._taken.add(found)
        return found


def names_for(raws: Iterable[str], otherwise: str) -> list[str]:
    """A name by our rule for each of `raws`, in their order; those that keep the rule keep their name."""
    raws = list(raws)
    kept = {raw for raw in raws if ID.match(raw)}
    names = Names(kept)
    found = []
    for raw in raws:
        found.append(raw if raw in kept else names.free(slug(raw, otherwise)))
        kept.discard(raw)
    return found
