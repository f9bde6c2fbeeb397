"""FHIR R4 Questionnaires, ours or foreign, as a question set; what does not carry over is told with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from forms.definition import ID, MAX_DEPTH, BadDefinition, shape
from forms.exchange import fhir_model as fhir
from forms.exchange.common import BadFile, Imported, Told, bounded, too_much
from forms.exchange.fhir_items import Names, is_help, kind_of, slug
from forms.exchange.fhir_model import FhirItem, Questionnaire
from forms.exchange.fhir_parts import Parts
from forms.exchange.fhir_rest import differences, unread_of_item, unread_of_set
from forms.exchange.fhir_rules import Question, condition
from forms.exchange.kept import Flat, flatten, restored, unflatten
from forms.exchange.our_json import told_of
from forms.format import ANSWERABLE, LANGUAGES, Condition, Item
from forms.texts import N_, Note
from forms.tidy import clean_text

MAX_TEXT = 20_000
# What a changed extension of ours may lead to; pydantic's ValidationError is a ValueError.
UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, RecursionError)


def read_fhir(content: bytes) -> Imported:
    """The set in a Questionnaire or a Bundle of one per language. Raises BadFile with all reasons."""
    resources, told = fhir.load(content)
    reader = Reader(resources)
    data = reader.read()
    try:
        shape(data)
    except BadDefinition as error:
        raise BadFile(told_of(error)) from error
    return Imported(data, bounded([*told, *reader.told]))


class Reader:
    """One reading of the resources of a file. `flats` and `set_flat` hold what they say by themselves, without what we
    keep beside it; `ours` reads as if something were kept beside every item."""

    def __init__(self, resources: Mapping[str, Questionnaire], *, ours: bool = False) -> None:
        self.resources, self.ours = resources, ours
        self.main, self.leading = next(iter(resources.items()))
        self.told: list[Told] = []
        self.flats: dict[str, Flat] = {}
        self.set_flat: Flat = {}
        self.languages = [*resources]
        self.indexes: dict[str, dict[str, FhirItem]] = {}
        for language, resource in resources.items():
            index = self.indexes[language] = {}
            for item, _ in resource.walk():
                index.setdefault(item.linkId, item)
        index = self.indexes[self.main]
        self._names = Names(link for link in index if ID.match(link))
        self._ids: dict[int, str] = {id(item): link for link, item in index.items() if ID.match(link)}
        self._questions: dict[str, Question | None] = {}
        self.parts = Parts(self)

    def read(self) -> dict[str, Any]:
        items = self._items(self.leading.item, 1)
        for language, resource in self.resources.items():
            if language != self.main:
                self.told += differences(self.leading, resource, self.main, language)
        return self._set() | {"items": items}

    def tell(self, item: FhirItem, note: Note) -> None:
        self.told.append(Told(f"item[linkId={item.linkId}]", note))

    # Texts

    def texts(self, given: Mapping[str, str], item: FhirItem | None = None) -> dict[str, str]:
        """Texts made tidy, in the languages that we have, none of them empty."""
        found = {}
        for language in LANGUAGES:
            if text := clean_text(given.get(language, "")):
                if len(text) > MAX_TEXT and item:
                    self.tell(item, Note(N_("Teksten er kortet ned til %(most)s tegn."), {"most": MAX_TEXT}))
                found[language] = text[:MAX_TEXT].strip()
                if language not in self.languages:
                    self.languages.append(language)
        return found

    def same(self, item: FhirItem) -> dict[str, FhirItem]:
        """The item in each language of the file."""
        others = {language: index.get(item.linkId) for language, index in self.indexes.items()}
        return {language: other for language, other in others.items() if other} | {self.main: item}

    def said(self, item: FhirItem, *, prefix: bool = True) -> dict[str, str]:
        """The text of an item, with its number before it."""
        found = {fhir.our_language(tag): text for tag, text in item.text_more.translations()}
        for language, other in self.same(item).items():
            text = other.text or other.text_more.markdown()
            found[language] = f"{other.prefix} {text}" if prefix and other.prefix else text
        return self.texts(found, item)

    def helped(self, item: FhirItem) -> dict[str, str]:
        """Help texts under an item, and Helsenorge's text beside the label."""
        gathered: dict[str, list[str]] = {}
        for child in item.item:
            if is_help(child):
                for language, text in self.said(child).items():
                    gathered.setdefault(language, []).append(text)
        for language, other in self.same(item).items():
            gathered.setdefault(language, []).extend(v for v in other.values(fhir.SUBLABEL) if isinstance(v, str))
        return self.texts({language: "\n".join(texts) for language, texts in gathered.items()}, item)

    # Names and conditions

    def id_of(self, item: FhirItem) -> str:
        known = self._ids.get(id(item))
        if known is None:
            named = item.linkId or next(iter(self.said(item).values()), "")
            known = self._ids[id(item)] = self._names.free(slug(named))
        return known

    def question(self, link: str) -> Question | None:
        """What conditions may read under a linkId: the item that is called so, when it takes an answer."""
        item = self.indexes[self.main].get(link)
        if item is None:
            return None
        if link not in self._questions:
            kind = kind_of(item)[0]
            codes = self.parts.codes(item) if kind in ("choice", "multichoice") else {}
            self._questions[link] = Question(self.id_of(item), kind, link, codes) if kind in ANSWERABLE else None
        return self._questions[link]

    # Items

    def _items(self, items: Iterable[FhirItem], depth: int) -> list[dict[str, Any]]:
        return [ours for item in items for ours in self._item(item, depth)]

    def _item(self, item: FhirItem, depth: int) -> list[dict[str, Any]]:
        """An item as ours, and after it what lay in it though only groups hold items with us."""
        kind, note = kind_of(item)
        inside = self.parts.loose(item, kind)
        plain = self._plain(item, kind)
        flat = flatten(Item.model_validate(plain).model_dump(mode="json", exclude_defaults=True))
        self.flats[item.linkId] = flat
        data = self._restored(item, flat, plain)
        is_group = data["type"] == "group"
        if is_group and depth >= MAX_DEPTH and inside:
            self.tell(item, Note(N_("Gruppen ligger for dypt. Det som var i den, er flyttet ut til etter den.")))
            data, is_group = {**data, "type": "info"}, False
        elif is_group:
            data["items"] = self._items(inside, depth + 1)
        if data["id"] == plain["id"] != item.linkId:
            self.tell(item, Note(self._why_renamed(item), {"id": data["id"]}))
        for told in self._to_tell(item, data, note if data["type"] == kind else None):
            self.tell(item, told)
        return [data, *([] if is_group else self._lifted(data, item, inside, depth))]

    def _why_renamed(self, item: FhirItem) -> str:
        if self.indexes[self.main][item.linkId] is not item:
            return N_("Id-en er brukt før i filen; punktet har fått id-en «%(id)s».")
        return N_("Id-en kan ikke brukes her; punktet har fått id-en «%(id)s».")

    def _to_tell(self, item: FhirItem, data: dict[str, Any], of_kind: Note | None) -> Iterator[Note]:
        yield from [of_kind] if of_kind else []
        yield from self.parts.changed(item, data) if data["type"] in ("choice", "multichoice") else ()
        yield from unread_of_item(item, data["type"])
        for child in item.item:
            yield from unread_of_item(child, "info") if is_help(child) else ()

    def _plain(self, item: FhirItem, kind: str) -> dict[str, Any]:
        rule, notes = condition(item, self.question)
        for why in notes:
            self.tell(item, why)
        plain = {
            "id": self.id_of(item),
            "type": kind,
            "text": self.said(item),
            "help": self.helped(item),
            "visible_if": rule,
            "hidden": True in item.values(fhir.HIDDEN),
            **self.parts.of(item, kind),
        }
        if kind in ANSWERABLE:
            plain["required"] = item.required
        if kind in ("string", "text") and item.maxLength is not None:
            plain["max_length"] = min(max(item.maxLength, 1), MAX_TEXT)
        return plain

    def _restored(self, item: FhirItem, flat: Flat, plain: dict[str, Any]) -> dict[str, Any]:
        """`plain` with what was kept beside it, where that is there and can be read."""
        if not item.values(fhir.OUR_ITEM):
            return unflatten(flat)
        try:
            data = unflatten(restored(flat, kept_beside(item.values(fhir.OUR_ITEM))))
            Item.model_validate(data)
        except UNREADABLE:
            self.tell(item, Note(N_("Det som Attende selv la ved punktet, er endret og kan ikke leses.")))
            return unflatten(flat)
        return data

    def _lifted(
        self, parent: dict[str, Any], item: FhirItem, inside: list[FhirItem], depth: int
    ) -> list[dict[str, Any]]:
        """What lay in an item that is no group, after it, and shown when it is shown."""
        found = []
        for child in inside:
            if parent["type"] != "info":
                note = N_("Lå under spørsmålet «%(question)s» og er flyttet ut til etter det.")
                self.tell(child, Note(note, {"question": item.linkId}))
            for data in self._item(child, depth):
                rule = both(parent.get("visible_if"), data.get("visible_if"))
                more = {"visible_if": rule} if rule is not None else {}
                found.append({**data, **more, **({"hidden": True} if parent.get("hidden") else {})})
        return found

    # The set

    def _set(self) -> dict[str, Any]:
        leading = self.leading
        title = {fhir.our_language(tag): text for tag, text in leading.title_more.translations()}
        title |= {language: resource.title or resource.name for language, resource in self.resources.items()}
        plain = {
            "schema_version": 1,
            "key": key_of(leading.name or leading.title),
            "version": int(leading.version) if re.fullmatch(r"[1-9]\d{0,5}", leading.version, re.ASCII) else 1,
            "title": self.texts(title),
            "description": self.texts({language: r.description for language, r in self.resources.items()}),
            "languages": list(self.languages),
        }
        self.set_flat = flatten({name: value for name, value in plain.items() if value != {}})
        for language, resource in self.resources.items():
            self.told += unread_of_set(resource, language)
        return self._set_restored([one.value for one in leading.extension if one.url == fhir.OUR_SET])

    def _set_restored(self, kept: list[Any]) -> dict[str, Any]:
        """The set with what was kept beside it: always its kind, which FHIR has no place for."""
        plain = {"title": {}, "kind": "plan", **unflatten(self.set_flat)}
        if not kept:
            self.told.append(Told("Questionnaire", Note(N_("Filen sier ikke hva slags sett dette er; lest som plan."))))
            return plain
        try:
            data = {"title": {}, **unflatten(restored(self.set_flat, kept_beside(kept)))}
            shape({**data, "items": []})
        except (*UNREADABLE, BadDefinition):
            note = N_("Det som Attende selv la ved skjemaet, er endret og kan ikke leses.")
            self.told.append(Told("Questionnaire", Note(note)))
            return plain
        return data


def kept_beside(values: list[Any]) -> dict[str, Flat]:
    """What our own extension holds. Raises ValueError or TypeError when it is not what we wrote."""
    kept = json.loads(values[0])
    if too_much(kept) or not all(isinstance(kept.get(name, {}), dict) for name in ("is", "read")):
        raise ValueError
    return {name: kept.get(name, {}) for name in ("is", "read")}


def both(one: Condition | None, other: Condition | None) -> Condition | None:
    """The condition that holds when both do; None is no condition."""
    if one is None or other is None:
        return other if one is None else one
    return {"and": [one, other]}


def key_of(text: str) -> str:
    """The key of a set from what it is called."""
    return slug(text, "sett").replace("_", "-").ljust(2, "-") if text else "sett"
