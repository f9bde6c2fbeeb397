"""A question set as FHIR R4 Questionnaires, one per language, in a Bundle when there are several.

Helsenorge's builder opens them. What R4 has no place for stands in one extension of ours per item, in all languages
and the same in each resource: that builder copies everything but texts from the first resource to the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from forms.exchange import fhir_model as fhir
from forms.exchange.fhir_in import Reader
from forms.exchange.fhir_items import CELLS
from forms.exchange.fhir_model import Questionnaire
from forms.exchange.fhir_rules import CODE, Question, enable_when
from forms.exchange.kept import beside, flatten
from forms.format import ANSWERABLE, FACTS, Item, QuestionSetDefinition, Texts, canonical

Node = dict[str, Any]
_TYPES = {"info": "display", "multichoice": "choice", "calculated": "date"}
_TABLES = ("table", "measures", "contact_log", "absence")
_ASKABLE = ("boolean", "integer", "date", "time", "string", "text", "choice", "multichoice")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_fhir(definition: QuestionSetDefinition) -> bytes:
    """JSON of a Questionnaire, or of a Bundle of them."""
    languages = list(dict.fromkeys(definition.languages)) or ["nb"]
    writers = {language: _Writer(definition, language) for language in languages}
    reader = Reader({name: Questionnaire.model_validate(w.resource) for name, w in writers.items()}, ours=True)
    reader.read()
    ours = flatten({"title": {}, **definition.model_dump(mode="json", exclude_defaults=True)})
    _keep_beside([writer.resource for writer in writers.values()], fhir.OUR_SET, beside(ours, reader.set_flat))
    for link, item in next(iter(writers.values())).items.items():
        own = flatten(item.model_dump(mode="json", exclude_defaults=True))
        nodes = [writer.nodes[link] for writer in writers.values()]
        _keep_beside(nodes, fhir.OUR_ITEM, beside(own, reader.flats[link]))
    resources = [writer.resource for writer in writers.values()]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
    return json.dumps(
        bundle if len(resources) > 1 else resources[0], ensure_ascii=False, separators=(",", ":")
    ).encode()


def _keep_beside(nodes: list[Node], url: str, kept: dict[str, Any]) -> None:
    for node in nodes if kept else ():
        node.setdefault("extension", []).append({"url": url, "valueString": canonical(kept)})


class _Writer:
    """The resource of one language; `items` and `nodes` are ours and theirs by linkId."""

    def __init__(self, definition: QuestionSetDefinition, language: str) -> None:
        self.language, self.key = language, definition.key
        self.items: dict[str, Item] = {}
        self.nodes: dict[str, Node] = {}
        self._links = {""}
        self._questions: dict[str, Question] = {}
        for item in _walk(definition.items):
            if item.type in _ASKABLE and item.id:
                self._questions.setdefault(item.id, Question(item.id, item.type, item.id, system=self._system(item)))
        self.resource = self._resource(definition)

    def _say(self, texts: Texts) -> str:
        text = _CONTROL.sub("", texts.get(self.language, ""))  # type: ignore[call-overload]
        return text if text.strip() else ""

    def _system(self, item: Item) -> str:
        return f"urn:attende:{self.key}:{quote(item.id)}"

    def _resource(self, definition: QuestionSetDefinition) -> Node:
        tag = {"system": fhir.TAG_SYSTEM, "code": fhir.TAGS[self.language], "display": fhir.TAG_NAMES[self.language]}
        return _filled(
            resourceType="Questionnaire",
            id=f"{definition.key}-{self.language}",
            meta={"tag": [tag]},
            language=fhir.TAGS[self.language],
            url=f"urn:attende:{definition.key}",
            version=str(definition.version),
            name=definition.key,
            title=self._say(definition.title),
            status="draft",
            description=self._say(definition.description),
            item=[self._item(item) for item in definition.items],
        )

    def _item(self, item: Item) -> Node:
        link = self._new_link(item.id or "item")
        inside = self._inside(item, link)
        kind = "group" if item.type in _TABLES else _TYPES.get(item.type, item.type)
        if item.type in ("group", "facts", "checklist", "signatures", *_TABLES):
            kind = "group" if inside else "display"  # a group must hold something
        if kind != "display" and (text := self._say(item.help)):
            inside.append(_filled(extension=[_control("help")], linkId=f"{link}.help", text=text, type="display"))
        node = _filled(
            extension=self._extensions(item, kind),
            linkId=link,
            text=self._say(item.text),
            type=kind,
            **enable_when(item.visible_if, self._questions),
            required=True if item.required is True and item.type in ANSWERABLE and kind != "display" else None,
            repeats=True if (kind == "group" and item.type in _TABLES) or item.type == "multichoice" else None,
            readOnly=True if item.type == "calculated" else None,
            maxLength=item.max_length if kind in ("string", "text") else None,
            answerOption=list(self._options(item)),
            item=inside,
        )
        self.items[link], self.nodes[link] = item, node
        return node

    def _new_link(self, name: str) -> str:
        """The linkId of the next item: its id, unless a draft uses that twice."""
        link, number = name, 1
        while link in self._links:
            number += 1
            link = f"{name}-{number}"
        self._links.add(link)
        return link

    def _extensions(self, item: Item, kind: str) -> list[Node]:
        found: list[Node] = []
        if item.hidden:
            found.append({"url": fhir.HIDDEN, "valueBoolean": True})
        if item.type == "integer":
            limits = ((fhir.MIN_VALUE, item.min), (fhir.MAX_VALUE, item.max))
            found += [{"url": url, "valueInteger": n} for url, n in limits if n is not None and abs(n) < 2**31]
            if unit := self._say(item.unit):
                found.append({"url": fhir.UNIT, "valueCoding": {"display": unit}})
        if item.type in _TABLES and kind == "group":
            found += [_control("table"), {"url": fhir.MIN_OCCURS, "valueInteger": item.repeat.min}]
            found.append({"url": fhir.MAX_OCCURS, "valueInteger": item.repeat.max})
        return found

    def _options(self, item: Item) -> Iterator[Node]:
        seen = set[str]()
        for option in item.options if item.type in ("choice", "multichoice") else ():
            if CODE.match(option.code) and option.code not in seen:
                seen.add(option.code)
                coding = _filled(system=self._system(item), code=option.code, display=self._say(option.text))
                yield {"valueCoding": coding}

    def _inside(self, item: Item, link: str) -> list[Node]:
        """What lies in an item: items, or what FHIR has as items and we as parts. Of parts with one name the first."""
        match item.type:
            case "group":
                return [self._item(child) for child in item.items]
            case "choice" | "multichoice":
                return list(_first(self._comments(item, link)))
            case "facts":
                known = [fact for fact in item.facts if fact.source in FACTS]
                nodes = (self._part(link, f.source, f.text, "string", readOnly=True) for f in known)
            case "signatures":
                nodes = (self._part(link, signer.role, signer.text, "display") for signer in item.signers)
            case "checklist":
                nodes = (self._row(link, row.id, row.text, row.when) for row in item.rows)
            case kind if kind in _TABLES:
                nodes = (self._part(link, column.id, column.text, column.type) for column in item.columns)
            case _:
                return []
        return list(_first(nodes))

    def _part(self, link: str, name: str, texts: Texts, kind: str, **more: Any) -> Node:
        return _filled(linkId=f"{link}.{name}", text=self._say(texts), type=kind, **more)

    def _row(self, link: str, name: str, texts: Texts, when: Texts) -> Node:
        row = f"{link}.{name}"
        cells = [
            {"linkId": f"{row}.{cell}", "type": kind}
            for cell, kind in zip(CELLS, ("date", "string", "string"), strict=True)
        ]
        return _filled(linkId=row, prefix=self._say(when), text=self._say(texts), type="group", item=cells)

    def _comments(self, item: Item, link: str) -> Iterator[Node]:
        for option in item.options:
            if option.comment and CODE.match(option.code):
                chosen = {"system": self._system(item), "code": option.code}
                shown = [{"question": link, "operator": "=", "answerCoding": chosen}]
                yield self._part(link, f"{option.code}.comment", option.text, option.comment, enableWhen=shown)


def _walk(items: tuple[Item, ...]) -> Iterator[Item]:
    """Every item that is written as one: only groups hold items."""
    for item in items:
        yield item
        yield from _walk(item.items if item.type == "group" else ())


def _first(nodes: Iterable[Node]) -> Iterator[Node]:
    given = set[str]()
    for node in nodes:
        if node["linkId"] not in given:
            given.add(node["linkId"])
            yield node


def _control(code: str) -> Node:
    coding = [{"system": fhir.CONTROL_CODES, "code": code}]
    return {"url": fhir.CONTROL, "valueCodeableConcept": {"coding": coding}}


def _filled(**given: Any) -> Node:
    """FHIR leaves out what is not there."""
    return {name: value for name, value in given.items() if value not in (None, "", [], {})}
