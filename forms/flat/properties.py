"""The properties of a letter, a block, a schedule or a milestone as a form shows them, and what comes back from it.

As forms/edit/properties.py for question sets: fields are named by path ("text.nb", "items.2.nn", "rows.0.1.nb" with
numbers from 0), and beside each may stand `<path>__base`, the mark of what was shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from forms.definition import LANGUAGES, Item
from forms.edit.properties import EditRefused, Field, mark, render, tidy
from forms.edit.table import Property
from forms.flat import Flat, Part
from forms.flat.step_properties import step_table
from forms.letters import BlockType, Letter
from forms.steps import StepRule
from forms.texts import N_, Note
from forms.tidy import clean

BLOCK_TYPES: dict[str, str] = {
    "heading": N_("Overskrift"), "paragraph": N_("Avsnitt"), "list": N_("Punktliste"), "table": N_("Tabell"),
    "place": N_("Tid og sted"), "closing": N_("Hilsen"),
}  # fmt: skip
ONLY_IF = {
    "": N_("Alltid"),
    "occupational_health": N_("Bare når den ansatte har lovpålagt bedriftshelsetjeneste"),
    "full_sick": N_("Bare når den ansatte er helt sykmeldt"),
}
RECIPIENTS = {"employee": N_("Den ansatte"), "certifier": N_("Sykmelder")}
_KINDS = {"letter": N_("Brev"), "information": N_("Informasjonsskriv")}
_NUMBER = Item(id="number", type="integer")

_ALL = frozenset(BlockType.__args__)  # type: ignore[attr-defined]
_PLAIN = frozenset({"paragraph", "list", "place", "closing"})


def _of(section: str, kind: Any, label: str, help: str = "", types: Collection[str] = _ALL, **more: Any) -> Property:
    return Property(section, kind, label, help, frozenset(types), **more)


# Pattern by pattern in the order of the form; a * is a number.
_BLOCK = (
    ("type", _of("texts", "fixed", N_("Type"), choices=BLOCK_TYPES)),
    ("hidden", _of("texts", "fixed", N_("Skjult"))),
    ("text", _of("texts", "text", N_("Overskrift"), types={"heading"})),
    ("text", _of("texts", "long", N_("Tekst"), N_("Skriv {navn} der den ansattes navn skal stå."), _PLAIN)),
    ("items.*", _of("texts", "text", N_("Punkt"), types={"list"})),
    ("rows.*.*", _of("texts", "text", N_("Rute"), types={"table"})),
    ("level", _of("texts", "int", N_("Nivå"), N_("1 er størst."), {"heading"}, low=1, high=2)),
    ("note", _of("texts", "long", N_("Merknad til den som sender brevet"), N_("Kommer ikke med i brevet."))),
    ("only_if", _of("when", "choice", N_("Når delen er med i brevet"), choices=ONLY_IF)),
)  # fmt: skip
_HEAD = (
    ("languages", _of("texts", "fixed", N_("Språk"))),
    ("title", _of("texts", "text", N_("Tittel"))),
    ("description", _of("texts", "long", N_("Beskrivelse"), N_("For den som skal velge."))),
    ("source", _of("texts", "line", N_("Kilde"))),
)  # fmt: skip
_LETTER_HEAD = (
    *_HEAD,
    ("kind", _of("texts", "fixed", N_("Hva slags brev"), choices=_KINDS)),
    ("recipient", _of("texts", "choice", N_("Mottaker"), choices=RECIPIENTS)),
)


def _table(source: Flat | Part) -> dict[str, Property]:
    """What applies to this one, by pattern."""
    if isinstance(source, Flat):
        return dict(_LETTER_HEAD if isinstance(source, Letter) else _HEAD)
    if isinstance(source, StepRule):
        return step_table(source)
    kind = getattr(source, source.TYPE)
    return {pattern: about for pattern, about in _BLOCK if kind in about.types}


def fields(source: Flat | Part, languages: Iterable[str] = LANGUAGES) -> list[Field]:
    """All that a form for the part, or for the head, shows, in order. Give the languages of the content."""
    return list(_fields(source, tuple(dict.fromkeys(languages))))


def _fields(source: Flat | Part, languages: Sequence[str]) -> Iterator[Field]:
    for pattern, about in _table(source).items():
        root = pattern.split(".")[0]
        for path, value in _values(getattr(source, root), root, pattern.count("*")):
            key = path.removeprefix(root).removeprefix(".")
            part = (root, key) if key else ("", "")
            if about.kind in ("text", "long"):
                yield from (Field(f"{path}.{code}", about, value.get(code, ""), code, *part) for code in languages)
            else:
                yield Field(path, about, list(value) if isinstance(value, tuple) else value, "", *part)


def _values(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if not depth:
        yield path, value
        return
    for number, inner in enumerate(value):
        yield from _values(inner, f"{path}.{number}", depth - 1)


def properties(source: Flat | Part, languages: Iterable[str] = LANGUAGES) -> dict[str, Any]:
    """The values of `fields` by path. Empty texts are part of it."""
    return {field.path: field.value for field in fields(source, languages)}


def marks(source: Flat | Part, languages: Iterable[str] = LANGUAGES) -> dict[str, str]:
    """The mark of each of the `properties`."""
    return {path: mark(value) for path, value in properties(source, languages).items()}


def property_of(source: Flat | Part, path: str) -> Property | None:
    """What a form says of the property at `path`, None when there is none that can be changed or shown."""
    steps, language = path.split("."), ""
    if steps[-1] in LANGUAGES:
        language = steps.pop()
    about = _table(source).get(".".join("*" if step.isdecimal() else step for step in steps))
    return about if about is not None and bool(language) is (about.kind in ("text", "long")) else None


def read_posted(source: Flat | Part, posted: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, Note]]:
    """Values by path, and why others cannot be taken, by path. Other fields of the request are passed over."""
    values, errors = dict[str, Any](), dict[str, Note]()
    present = properties(source)
    for path, given in posted.items():
        about = property_of(source, path)
        if about is None or about.kind == "fixed":
            continue
        if path in present and list(given) == render(path, about, present[path])[path]:
            values[path] = present[path]
            continue
        try:
            values[path] = tidied(source, path, given if about.kind == "several" else next(iter(given), ""))
        except EditRefused as refused:
            errors[path] = refused.note
    return values, errors


def tidied(source: Flat | Part, path: str, value: Any) -> Any:
    """`value` as it is stored. Raises EditRefused when there is no such property, or it cannot have it."""
    about = property_of(source, path)
    if about is None:
        raise EditRefused(N_("Dette kan ikke endres her. Last siden på nytt."))
    return tidy(about, clean(_NUMBER, value) if about.kind == "int" and isinstance(value, str) else value)
