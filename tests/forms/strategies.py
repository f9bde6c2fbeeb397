"""Definitions, questions and answers for property tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from forms.answers import clean
from forms.definition import ANSWERABLE, Item

TYPES = sorted(ANSWERABLE)
NASTY = (
    "\x00", "\x0b", "\x1b[31m", "\u202eabc", "\u2066x\u2069", "\u200b", "\ufeff", "\r\n", "\r", "\u2028", "\x85", "\t",
    "\ud800", "👩‍🚒", "e\u0301", "<script>alert(1)</script>", "{{7*7}}", "{% raw %}", "=cmd()", "'; DROP TABLE plan;--",
    "%(count)s", "đŋšŧž", "&amp;", "</textarea>", '"><b', "\n",
)  # fmt: skip

names = st.from_regex(r"[a-z](_?[a-z0-9]){0,7}", fullmatch=True)
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=20)), max_size=5).map("".join)
day_texts = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)).map(dt.date.isoformat)
time_texts = st.times().map(lambda clock: f"{clock:%H:%M}")
numbers = st.integers(-(10**12) + 1, 10**12 - 1)


@st.composite
def items(draw: st.DrawFn, kind: str | None = None) -> Item:
    """A question of `kind`, or of any type that takes an answer."""
    kind = kind or draw(st.sampled_from(TYPES))
    codes = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    data: dict[str, Any] = {"id": draw(names), "type": kind, "text": {"nb": "Spørsmål"}}
    if kind in ("choice", "multichoice"):
        comments = st.sampled_from([None, "text", "date"])
        data["options"] = [{"code": code, "text": {"nb": code}, "comment": draw(comments)} for code in codes]
    if kind == "table":
        kinds = st.sampled_from(["string", "text", "date", "integer"])
        data["columns"] = [{"id": code, "type": draw(kinds), "text": {"nb": code}} for code in codes]
    if kind == "checklist":
        data["rows"] = [{"id": code, "when": {"nb": "Uke 1"}, "text": {"nb": code}} for code in codes]
    return Item.model_validate(data)


def typed(kind: str | None) -> st.SearchStrategy[Any]:
    """One value of a kind, as it comes from a person."""
    return {
        "integer": numbers.map(str), "date": day_texts, "time": time_texts, "boolean": st.booleans(),
    }.get(kind or "", texts)  # fmt: skip


def raw_answers(item: Item) -> st.SearchStrategy[Any]:
    """Valid answers before they are made tidy."""
    if item.type in ("choice", "multichoice"):
        codes = st.sampled_from([option.code for option in item.options])
        comments = st.fixed_dictionaries({}, optional={o.code: typed(o.comment) for o in item.options if o.comment})
        chosen = {"code": st.none() | codes} if item.type == "choice" else {"codes": st.lists(codes, unique=True)}
        return st.fixed_dictionaries({**chosen, "comments": comments})
    if item.type == "table":
        row = st.fixed_dictionaries({}, optional={column.id: typed(column.type) for column in item.columns})
        return st.lists(row, max_size=6)
    if item.type == "checklist":
        cells = st.fixed_dictionaries({}, optional={"done": typed("date"), "signed": texts, "sent": texts})
        return st.fixed_dictionaries({}, optional={row.id: cells for row in item.rows})
    return typed(item.type)


@st.composite
def answered(draw: st.DrawFn, kind: str | None = None) -> tuple[Item, Any]:
    """A question and an answer to it as it is stored, or None."""
    item = draw(items(kind))
    return item, clean(item, draw(st.none() | raw_answers(item)))


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """A valid definition: groups of questions, some of them shown or required on the answer to an earlier one."""
    ids = iter(draw(st.lists(names, min_size=12, max_size=12, unique=True)))
    groups, earlier = [], []
    for _ in range(draw(st.integers(1, 3))):
        group: dict[str, Any] = {"id": next(ids), "type": "group", "text": {"nb": "Del"}, "items": []}
        if earlier and draw(st.booleans()):
            group["visible_if"] = {"answered": draw(st.sampled_from(earlier))}
        inside = []
        for _ in range(draw(st.integers(1, 3))):
            data = draw(items()).model_dump(mode="json", exclude_defaults=True) | {"id": next(ids)}
            data["required"] = draw(st.sampled_from([True, False, "recommended"]))
            if earlier and draw(st.booleans()):
                data["visible_if"] = {"answered": draw(st.sampled_from(earlier))}
            if earlier and draw(st.booleans()):
                data["required"] = {"if": {"answered": draw(st.sampled_from(earlier))}}
            inside.append(data["id"])
            group["items"].append(data)
        earlier += inside
        groups.append(group)
    return envelope(groups)


def envelope(items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A definition around `items`, in bokmål."""
    return {
        "schema_version": 1, "key": "a-set", "version": 1, "kind": "plan", "languages": ["nb"],
        "title": {"nb": "Et sett"}, "items": items, **more,
    }  # fmt: skip


def question(item_id: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"id": item_id, "type": kind, "text": {"nb": f"Spørsmål {item_id}"}, **more}


# Conditions on a few answers, and what those answers may be.
VARS = ("a", "b", "c")
values = st.dictionaries(
    st.sampled_from(VARS),
    st.one_of(
        st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "x", "xy", "2026-03-05"]),
        st.sampled_from([{"code": "x", "comments": {}}, {"codes": ["x", "y"], "comments": {}}, {"r": {"sent": "N"}}]),
    ),
)  # fmt: skip
_var = st.sampled_from(VARS).map(lambda name: {"var": name})
_leaf = st.one_of(_var, st.integers(-3, 3), st.booleans(), st.sampled_from(["x", "xy", "2026-03-05"]))
_lists = st.lists(_leaf, max_size=3)


def _compare(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.tuples(names, part, part).map(lambda t: {t[0]: [t[1], t[2]]}),
        st.tuples(part, st.one_of(part, _lists)).map(lambda t: {"in": list(t)}),
    )


def _nest(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        part.map(lambda rule: {"!": rule}),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(part, min_size=1, max_size=3)).map(lambda t: {t[0]: t[1]}),
    )


_asks = st.tuples(st.sampled_from(["answered", "count"]), st.sampled_from(VARS)).map(lambda t: {t[0]: t[1]})
monotone_rules = st.recursive(_compare(_leaf), _nest, max_leaves=6)  # without answered and count
rules = st.recursive(st.one_of(_compare(st.one_of(_leaf, _asks)), _asks), _nest, max_leaves=6)
