"""What belongs to a type: options, columns, rows, facts, signers, and the limits of a number or a table, from FHIR."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from forms.exchange import fhir_model as fhir
from forms.exchange.fhir_items import (
    OTHER,
    Names,
    Offered,
    children,
    column_kind,
    comment_of,
    names_for,
    offered,
    part_of,
)
from forms.exchange.fhir_model import FhirItem
from forms.exchange.fhir_rest import unread_of_item
from forms.texts import N_, Note

if TYPE_CHECKING:
    from forms.exchange.fhir_in import Reader


class Parts:
    """The parts of items, in the languages that `reader` reads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._offered: dict[int, list[tuple[Offered, str]]] = {}
        self._codes: dict[int, dict[str, str]] = {}

    def of(self, item: FhirItem, kind: str) -> dict[str, Any]:
        match kind:
            case "choice" | "multichoice":
                return {"options": self._options(item)}
            case "table":
                return {"columns": self._columns(item), "repeat": self._repeat(item)}
            case "checklist":
                return {"rows": self._rows(item)}
            case "facts":
                return {"facts": self._named(item, "source")}
            case "signatures":
                return {"signers": self._named(item, "role")}
            case "integer":
                return self._number(item)
        return {}

    def loose(self, item: FhirItem, kind: str) -> list[FhirItem]:
        """The items in an item that are items of ours too."""
        if kind in ("table", "checklist", "facts", "signatures"):
            return []
        return [
            child for child in children(item) if kind not in ("choice", "multichoice") or not self._option(item, child)
        ]

    def codes(self, item: FhirItem) -> dict[str, str]:
        """Our codes by those of the file; of equal ones the first."""
        if id(item) not in self._codes:
            found = self._codes[id(item)] = {}
            for option, code in self._coded(item):
                found.setdefault(option.raw, code)
        return self._codes[id(item)]

    def _coded(self, item: FhirItem) -> list[tuple[Offered, str]]:
        """The options of the leading language, each with our code."""
        if id(item) not in self._offered:
            options = offered(item, self._reader.main, self._reader.leading)
            codes = names_for([option.raw for option in options], "valg")
            self._offered[id(item)] = list(zip(options, codes, strict=True))
        return self._offered[id(item)]

    def _option(self, item: FhirItem, child: FhirItem) -> str:
        """Our code of the option whose comment `child` is."""
        raw = comment_of(item, child)
        return self.codes(item).get(raw, "") if raw else ""

    def _options(self, item: FhirItem) -> list[dict[str, Any]]:
        reader = self._reader
        main = self._coded(item)
        others = {
            language: offered(other, language, reader.resources[language])
            for language, other in reader.same(item).items()
            if language != reader.main
        }
        by_raw = {language: {option.raw: option for option in options} for language, options in others.items()}
        comments = {self._option(item, child): child.type for child in children(item)}
        found = []
        for place, (option, code) in enumerate(main):
            texts = dict(option.texts)
            for language, options in others.items():
                same = by_raw[language].get(option.raw) or (options[place] if len(options) == len(main) else None)
                texts |= same.texts if same else {}
            comment = {"comment": comments[code]} if code in comments else {}
            found.append({"code": code, "text": reader.texts(texts, item), **comment})
        return [*found, self._other(item)] if item.type == "open-choice" else found

    def _other(self, item: FhirItem) -> dict[str, Any]:
        code = Names(code for _, code in self._coded(item)).free("annet")
        texts = {language: OTHER[language] for language in self._reader.resources}
        return {"code": code, "text": texts, "comment": "text"}

    def changed(self, item: FhirItem, data: dict[str, Any]) -> Iterator[Note]:
        """What is to be told of the options that `item` has got as `data`."""
        codes = {option["code"] for option in data.get("options", ())}
        changed = [(option.raw, code) for option, code in self._coded(item) if option.raw != code and code in codes]
        if changed:
            note = N_("%(count)s koder er skrevet om, som «%(before)s» til «%(after)s».")
            yield Note(note, {"count": len(changed), "before": changed[0][0], "after": changed[0][1]})
        if names := sorted({name for option, _ in self._coded(item) for name in option.more}):
            yield Note(N_("Tillegg til svaralternativene er ikke tatt med: %(names)s."), {"names": ", ".join(names)})
        if item.type == "open-choice":
            yield Note(N_("Åpent valg er blitt et alternativ «Annet» med plass til en kommentar."))
        if item.answerValueSet and not self._coded(item):
            note = N_("Svaralternativene ligger utenfor filen: %(address)s.")
            yield Note(note, {"address": item.answerValueSet})

    def _columns(self, item: FhirItem) -> list[dict[str, Any]]:
        inside = children(item)
        named = [part_of(item, child) or child.linkId for child in inside]
        found = []
        for child, name in zip(inside, names_for(named, "kolonne"), strict=True):
            kind, note = column_kind(child)
            if note:
                self._reader.tell(child, note)
            if child.enableWhen:
                self._reader.tell(child, Note(N_("Kolonner vises alltid; vilkåret er ikke tatt med.")))
            if child.required:
                self._reader.tell(child, Note(N_("En kolonne kan ikke være påkrevd for seg.")))
            for unread in unread_of_item(child, kind):
                self._reader.tell(child, unread)
            found.append({"id": name, "type": kind, "text": self._reader.said(child)})
        return found

    def _repeat(self, item: FhirItem) -> dict[str, int]:
        low, high = (self._whole(item, url) for url in (fhir.MIN_OCCURS, fhir.MAX_OCCURS))
        found = {"min": min(max(low or 0, 0), 50)} | ({"max": min(max(high, 1), 50)} if high is not None else {})
        if (low, high) != (found["min"] if low is not None else None, found.get("max")):
            note = N_("En tabell kan ha høyst %(most)s rader; antallet er satt ned.")
            self._reader.tell(item, Note(note, {"most": 50}))
        return found

    def _rows(self, item: FhirItem) -> list[dict[str, Any]]:
        reader = self._reader
        inside = children(item)
        named = names_for([part_of(item, child) or child.linkId for child in inside], "rad")
        return [
            {
                "id": name,
                "text": reader.said(child, prefix=False),
                "when": reader.texts({language: row.prefix for language, row in reader.same(child).items()}, child),
            }
            for child, name in zip(inside, named, strict=True)
        ]

    def _named(self, item: FhirItem, key: str) -> list[dict[str, Any]]:
        return [{key: part_of(item, child), "text": self._reader.said(child)} for child in children(item)]

    def _number(self, item: FhirItem) -> dict[str, Any]:
        found: dict[str, Any] = {"min": self._whole(item, fhir.MIN_VALUE), "max": self._whole(item, fhir.MAX_VALUE)}
        same = self._reader.same(item)
        if self._reader.ours or item.values(fhir.OUR_ITEM):
            same = {
                self._reader.main: item
            }  # Helsenorge's builder copies the unit of the leading language to the others
        units = {}
        for language, other in same.items():
            for value in other.values(fhir.UNIT):
                if isinstance(value, dict):
                    units[language] = str(value.get("display") or value.get("code") or "")
        return found | {"unit": self._reader.texts(units, item)}

    def _whole(self, item: FhirItem, url: str) -> int | None:
        return next((value for value in item.values(url) if type(value) is int), None)
