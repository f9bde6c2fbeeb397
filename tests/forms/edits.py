"""Random sequences of edits on a definition, such as administrators (and the product's own next version) make."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hypothesis import strategies as st

from forms.definition import ANSWERABLE, MAX_DEPTH, MAX_ITEMS, BadDefinition, QuestionSetDefinition, faults, shape
from forms.library import load_shipped, shipped_keys

shipped_sets = st.sampled_from(shipped_keys()).map(load_shipped)
words = st.sampled_from(
    ["Hva kan du gjøre?", "Kva kan du gjere?", "Kurs", "Avtalt", "Husk dato", "đŋš & <b>%(n)s</b>", " "]
)
plain_words = st.sampled_from(
    ["Hva kan du gjøre?", "Kva kan du gjere?", "Kurs", "Avtalt", "Husk dato", "Neste samtale"]
)
TYPES = ("text", "string", "boolean", "date", "integer", "choice", "multichoice", "table", "checklist", "info")
Data = dict[str, Any]


class Place(NamedTuple):
    """An item with the list it stands in."""

    item: Data
    siblings: list[Data]
    inside: tuple[str, ...]  # ids of the groups around it, outermost first


def places(data: Data) -> list[Place]:
    def found(items: list[Data], inside: tuple[str, ...]) -> Iterator[Place]:
        for item in items:
            yield Place(item, items, inside)
            yield from found(item.get("items", []), (*inside, item["id"]))

    return list(found(data["items"], ()))


class Editor:
    """Draws edits on the JSON of a definition."""

    def __init__(self, draw: st.DrawFn, data: Data, fixed: set[str]) -> None:
        self.draw, self.data, self.fixed = draw, data, fixed

    def texts(self) -> dict[str, str]:
        word = self.draw(plain_words)
        return {language: f"{word} ({language})" for language in self.data["languages"]}

    def some(self, wanted: Callable[[Data], Any] = lambda item: True) -> Place | None:
        found = [place for place in places(self.data) if wanted(place.item)]
        return self.draw(st.sampled_from(found)) if found else None

    def reword(self, texts: dict[str, str]) -> None:
        language = self.draw(st.sampled_from(self.data["languages"]))
        texts[language] = self.draw(words)

    def fresh(self) -> str:
        taken = {place.item["id"] for place in places(self.data)} | self.fixed
        return next(name for n in range(1, 10_000) if (name := f"egen_{n}") not in taken)

    # --- each of these is one edit --------------------------------------------------------------------------------

    def relabel(self) -> None:
        if place := self.some():
            self.reword(place.item.setdefault("text", {}))

    def explain(self) -> None:
        if place := self.some():
            self.reword(place.item.setdefault("help", self.texts()))

    def stop_explaining(self) -> None:
        if place := self.some(lambda item: item.get("help")):
            del place.item["help"]

    def show_examples(self) -> None:
        if place := self.some():
            place.item["examples"] = [self.texts() for _ in range(self.draw(st.integers(0, 3)))]

    def retitle(self) -> None:
        self.reword(
            self.data.setdefault(self.draw(st.sampled_from(["title", "subtitle", "description"])), self.texts())
        )

    def paper(self) -> None:
        head = self.data.setdefault("paper", {})
        head["revised"] = self.draw(plain_words)
        head[self.draw(st.sampled_from(["head", "made_by", "approved_by"]))] = self.texts()

    def hide(self) -> None:
        if place := self.some():
            place.item["hidden"] = not place.item.get("hidden", False)

    def require(self) -> None:
        if place := self.some(lambda item: item["type"] in ANSWERABLE):
            place.item["required"] = self.draw(
                st.sampled_from([True, False, "recommended", {"if": {"==": [{"var": "plan.kind"}, "first"]}}])
            )

    def condition(self) -> None:
        place = self.some()
        if place is None:
            return
        before = places(self.data)
        before = before[: next(n for n, other in enumerate(before) if other.item is place.item)]
        read = [
            other.item for other in before if other.item["type"] in ANSWERABLE and other.item["id"] not in place.inside
        ]
        if not read or self.draw(st.booleans()):
            place.item.pop("visible_if", None)
            return
        question = self.draw(st.sampled_from(read))
        variable = {"var": question["id"]}
        place.item["visible_if"] = {
            "boolean": {"==": [variable, True]},
            "choice": {"==": [variable, question.get("options", [{}])[0].get("code")]},
        }.get(question["type"], {"answered": question["id"]})

    def constrain(self) -> None:
        if place := self.some(lambda item: item["type"] == "integer"):
            rule = {"<": [{"var": place.item["id"]}, self.draw(st.integers(5, 9))]}
            place.item["constraints"] = [{"expr": rule, "message": self.texts()}]

    def limit(self) -> None:
        if place := self.some(lambda item: item["type"] in ("text", "string", "integer")):
            name = "max" if place.item["type"] == "integer" else "max_length"
            place.item[name] = self.draw(st.integers(100, 4000))

    def lay_out(self) -> None:
        if place := self.some():
            looks = {
                "layout": ["side", "stack"],
                "show": ["both", "both", "paper", "screen"],
                "keep_together": [True, False],
            }
            name = self.draw(st.sampled_from(sorted(looks)))
            place.item.setdefault("print", {})[name] = self.draw(st.sampled_from(looks[name]))

    def mark(self) -> None:
        if place := self.some():
            place.item["sensitivity"] = self.draw(st.sampled_from(["normal", "health"]))
            place.item["carry"] = self.draw(st.booleans())

    def add(self) -> None:
        kind = self.draw(st.sampled_from([*TYPES, "group"]))
        item: Data = {"id": self.fresh(), "type": kind, "text": self.texts()}
        if kind in ("choice", "multichoice"):
            item["options"] = [{"code": code, "text": self.texts()} for code in ("ja", "nei", "kanskje")]
        if kind == "table":
            item["columns"] = [{"id": "hva", "type": "string", "text": self.texts()}]
        if kind == "checklist":
            item["rows"] = [{"id": "uke_1", "when": self.texts(), "text": self.texts()}]
        self._put(item)
        if kind == "group":
            place = self.some(lambda other: other is not item and not other.get("items"))
            if place is not None:
                place.siblings[:] = [other for other in place.siblings if other is not place.item]
                item["items"] = [place.item]

    def move(self) -> None:
        place = self.some()
        if place is not None:
            place.siblings[:] = [other for other in place.siblings if other is not place.item]
            self._put(place.item)

    def _put(self, item: Data) -> None:
        groups = [place.item for place in places(self.data) if place.item["type"] == "group"]
        group = self.draw(st.sampled_from([None, *groups])) if groups else None
        siblings = self.data["items"] if group is None else group.setdefault("items", [])
        siblings.insert(self.draw(st.integers(0, len(siblings))), item)

    def delete(self) -> None:
        if place := self.some(lambda item: item["id"] not in self.fixed):
            place.siblings[:] = [other for other in place.siblings if other is not place.item]

    def _parts(self, *names: str) -> tuple[Data, list[Data]] | None:
        place = self.some(lambda item: any(item.get(name) for name in names))
        if place is None:
            return None
        return place.item, place.item[next(name for name in names if place.item.get(name))]

    def reword_part(self) -> None:
        if found := self._parts("options", "columns", "rows", "signers"):
            self.reword(self.draw(st.sampled_from(found[1]))["text"])

    def move_part(self) -> None:
        if found := self._parts("options", "columns", "rows", "signers", "facts"):
            found[1].insert(0, found[1].pop(self.draw(st.integers(0, len(found[1]) - 1))))

    def retire(self) -> None:
        if found := self._parts("options"):
            option = self.draw(st.sampled_from(found[1]))
            option["retired"] = not option.get("retired", False)

    def add_option(self) -> None:
        if found := self._parts("options"):
            codes = {option["code"] for option in found[1]}
            code = next(name for n in range(1, 1000) if (name := f"valg_{n}") not in codes)
            option = {"code": code, "text": self.texts(), "comment": self.draw(st.sampled_from([None, "text", "date"]))}
            found[1].insert(self.draw(st.integers(0, len(found[1]))), option)

    def add_column(self) -> None:
        place = self.some(lambda item: item["type"] == "table")
        if place and not any(column["id"] == "egen" for column in place.item["columns"]):
            column = {"id": "egen", "type": self.draw(st.sampled_from(["string", "date"])), "text": self.texts()}
            place.item["columns"].insert(self.draw(st.integers(0, len(place.item["columns"]))), column)

    def add_row(self) -> None:
        place = self.some(lambda item: item["type"] == "checklist")
        if place and not any(row["id"] == "egen" for row in place.item["rows"]):
            place.item["rows"].append({"id": "egen", "when": self.texts(), "text": self.texts()})

    def reword_fact(self) -> None:
        if found := self._parts("facts"):
            self.reword(found[1][0]["text"])

    def change_language(self) -> None:
        languages = self.data["languages"]
        language = self.draw(st.sampled_from(["nb", "nn", "en", "se"]))
        if language in languages:
            if len(languages) > 1:
                languages.remove(language)
                _each_text(self.data, lambda texts: texts.pop(language, None))
        else:
            languages.insert(self.draw(st.integers(0, len(languages))), language)
            _each_text(
                self.data, lambda texts: texts.update({language: f"{next(iter(texts.values()), '')} ({language})"})
            )

    # --- and these only the product's next version, or an imported file, does -------------------------------------

    def delete_any(self) -> None:
        if place := self.some():
            place.siblings[:] = [other for other in place.siblings if other is not place.item]

    def dissolve(self) -> None:
        if place := self.some(lambda item: item.get("items")):
            where = next(n for n, other in enumerate(place.siblings) if other is place.item)
            place.siblings[where : where + 1] = place.item["items"]

    def delete_part(self) -> None:
        if found := self._parts("options", "columns", "rows", "signers"):
            found[1].pop(self.draw(st.integers(0, len(found[1]) - 1)))

    def retype(self) -> None:
        if place := self.some(lambda item: item["type"] in ("text", "string")):
            place.item["type"] = {"text": "string", "string": "text"}[place.item["type"]]

    def lock(self) -> None:
        if place := self.some(lambda item: item["type"] in ANSWERABLE):
            place.item["locked"] = not place.item.get("locked", False)


_ROUGH = ("delete_any", "dissolve", "delete_part", "retype", "lock")
_ALL = tuple(
    name for name, value in vars(Editor).items()
    if callable(value) and not name.startswith("_") and name not in ("texts", "some", "reword", "fresh")
)  # fmt: skip
EDITS = tuple(name for name in _ALL if name not in _ROUGH)


def _each_text(data: Data, change: Callable[[dict[str, str]], Any]) -> None:
    """Every text that is not empty, wherever it stands."""
    for name, value in data.items():
        if name in _TEXTS and isinstance(value, dict) and value:
            change(value)
        elif isinstance(value, dict) and name == "paper":
            _each_text(value, change)
        elif isinstance(value, list):
            for part in value:
                if name == "examples":
                    change(part)
                elif isinstance(part, dict):
                    _each_text(part, change)


_TEXTS = {
    "text", "help", "copies_to", "unit", "title", "subtitle", "description", "when", "head", "made_by", "approved_by",
    "message",
}  # fmt: skip


@st.composite
def edited_from(
    draw: st.DrawFn, definition: QuestionSetDefinition, *, rough: bool = False, sound: bool = False, most: int = 8
) -> QuestionSetDefinition:
    """`definition` after up to `most` edits of an administrator: it has the right shape, and may have faults.

    `rough`: also what the product's next version or an imported file can do, such as leaving items out. `sound`: only
    edits that leave it without faults, with what is locked untouched, so that it could be published.
    """
    from forms.overlay import locked_faults

    data = definition.model_dump(mode="json", exclude_defaults=True)
    fixed = {item.id for item in definition.walk()}
    result = definition
    for name in draw(st.lists(st.sampled_from(_ALL if rough else EDITS), max_size=most)):
        tried = copy.deepcopy(data)
        getattr(Editor(draw, tried, fixed), name)()
        if _deepest(tried["items"]) > MAX_DEPTH or len(places(tried)) > MAX_ITEMS:
            continue
        try:
            after = shape(tried)
        except BadDefinition:  # pragma: no cover - an edit that no screen offers
            continue
        if sound and (faults(after) or locked_faults(definition, after)):
            continue
        data, result = tried, after
    return result


def _deepest(items: list[Data]) -> int:
    return max((1 + _deepest(item.get("items", [])) for item in items), default=0)


def edited_pairs(**more: Any) -> st.SearchStrategy[tuple[QuestionSetDefinition, QuestionSetDefinition]]:
    """A shipped set and what a municipality made of it."""
    return shipped_sets.flatmap(lambda base: st.tuples(st.just(base), edited_from(base, **more)))


def changed(definition: QuestionSetDefinition, change: Callable[[Data], Any]) -> QuestionSetDefinition:
    """`definition` after `change` was done to its items by id ("" is the set itself)."""
    data = definition.model_dump(mode="json")
    change({"": data, **{place.item["id"]: place.item for place in places(data)}})
    return shape(data)


def without(definition: QuestionSetDefinition, item_id: str) -> QuestionSetDefinition:
    """`definition` without an item and what is in it."""
    data = definition.model_dump(mode="json")
    for place in places(data):
        place.siblings[:] = [item for item in place.siblings if item["id"] != item_id]
    return shape(data)


def put_in(definition: QuestionSetDefinition, item: Data, parent: str = "", after: str = "") -> QuestionSetDefinition:
    """`definition` with an item more."""

    def add(items: Data) -> None:
        siblings = items[parent]["items"]
        siblings.insert(next((n for n, other in enumerate(siblings, 1) if other["id"] == after), 0), item)

    return changed(definition, add)
