"""Definitions that use every property of the format, for the laws of import and export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from forms.definition import (
    ANSWERABLE,
    BOUND_COLUMNS,
    CALCULATIONS,
    FACTS,
    LANGUAGES,
    LAW_PARTS,
    NAV_FIELDS,
    QuestionSetDefinition,
    shape,
)
from forms.tidy import clean_text

Data = dict[str, Any]

_SAID = (
    "Hva kan du gjøre?", "Ja: ☐ Nei: ☐", "Hvorfor «nei» – og «hva nå»?", "čđŋšŧž ČĐŊŠŦŽ", "👩‍🚒", "=1+1", "+47 123", "-", "@SUM(A1)",
    "0123", "1e5", "TRUE", "yes", "2026-03-05", "Linje 1\nLinje 2\n\n• punkt", "a  b", "“smart” og ‘enkel’", "100 %",
    "%(item)s", "{navn}", "<b>&amp;</b>", "C:\\x", "https://example.org/?a=1", "a | b", "1", "None", "#N/A", "'x", '"x"',
)  # fmt: skip
_words = st.one_of(st.sampled_from(_SAID), st.text(min_size=1, max_size=12).map(clean_text).filter(bool))
_ids = st.from_regex(r"[a-z](_?[a-z0-9]){0,9}", fullmatch=True)
# Names that mean something elsewhere, and names that look like parts of each other.
_NAMES = (
    "a", "b", "a_b", "c1", "meta", "data", "type", "name", "survey", "audit", "ja", "nei", "yes", "no", "true", "not", "x",
    "group_1", "instance", "label", "q" * 59, "and", "or", "mod", "count", "date", "note", "repeat", "row", "list", "other",
)  # fmt: skip
_codes = st.lists(st.one_of(_ids, st.sampled_from(_NAMES)), min_size=1, max_size=3, unique=True)
_keys = st.from_regex(r"[a-z][a-z0-9-]{1,20}", fullmatch=True)
_yes = st.booleans()
_variables = st.sampled_from(["plan.kind", "case.kind"])
_constants = st.one_of(
    st.booleans(), st.integers(-5, 400), st.sampled_from([0.5, 12.25]), _ids,
    st.sampled_from(["first", "x", "", "it's", '"', "a'b\"c", "2026-03-05", "ja", "08:30"]),
)  # fmt: skip
_leaves = ["group"] * 3 + sorted(ANSWERABLE) * 2 + [
    "info", "facts", "measures", "contact_log", "absence", "calculated", "signatures",
]  # fmt: skip


@st.composite
def rich_definitions(draw: st.DrawFn, most: int = 10) -> QuestionSetDefinition:
    """A definition in one to four languages with up to about `most` items, any property set or left as it is."""
    languages = draw(st.permutations(LANGUAGES).map(list))[: draw(st.integers(1, 4))]
    if not {"nb", "nn"} & set(languages):
        languages[0] = "nb"
    say = _Say(draw, languages)
    start = draw(st.integers(0, len(_NAMES) - 1))
    ids = iter([*_NAMES[start:], *_NAMES[:start], *(f"q{number}" for number in range(most))])
    data: Data = {
        "schema_version": 1,
        "key": draw(_keys),
        "version": draw(st.integers(1, 99)),
        "kind": draw(st.sampled_from(["plan", "checklist", "minutes", "consent", "preparation"])),
        "languages": languages,
        "title": say.must(),
        **say.sometimes("subtitle", "description"),
        "paper": say.sometimes("head", "made_by", "approved_by"),
        "items": [],
    }
    if draw(_yes):
        data["paper"]["revised"] = draw(_words)
    if draw(_yes):
        data["source"] = draw(_words)
    before: list[Data] = []
    data["items"] = _items(draw, say, ids, before, draw(st.integers(1, most)), 1)
    return shape(data)


class _Say:
    """Texts in every language of the set."""

    def __init__(self, draw: st.DrawFn, languages: list[str]) -> None:
        self.draw, self.languages = draw, languages

    def must(self) -> dict[str, str]:
        word = self.draw(_words)
        return {
            language: word if not place else f"{word} ({language})" for place, language in enumerate(self.languages)
        }

    def sometimes(self, *names: str) -> Data:
        return {name: self.must() for name in names if self.draw(_yes)}


def _items(draw: st.DrawFn, say: _Say, ids: Iterator[str], before: list[Data], most: int, depth: int) -> list[Data]:
    """Up to `most` items in the order of the form; `before` holds what a condition may read."""
    made: list[Data] = []
    while most > 0:
        item_id = next(ids)
        kind = draw(st.sampled_from(_leaves))
        if kind == "group" and (depth > 3 or most < 2):
            kind = "text"
        item = _item(draw, say, item_id, kind, before)
        before.append(item)
        most -= 1
        if kind == "group":
            inside = draw(st.integers(1, most))
            item["items"] = _items(draw, say, ids, before, inside, depth + 1)
            most -= inside
        made.append(item)
    return made


def _item(draw: st.DrawFn, say: _Say, item_id: str, kind: str, before: list[Data]) -> Data:
    item: Data = {"id": item_id, "type": kind}
    if kind not in ("facts", "signatures", "group") or draw(_yes):
        item["text"] = say.must()
    item |= say.sometimes("help", "unit", "copies_to") if draw(_yes) else {}
    item |= _parts(draw, say, kind)
    if draw(_yes):
        item["examples"] = [say.must() for _ in range(draw(st.integers(1, 3)))]
    if draw(_yes):
        item["visible_if"] = draw(conditions(before))
    if kind in ANSWERABLE:
        required = draw(st.sampled_from([True, False, "recommended", "if"]))
        item["required"] = {"if": draw(conditions(before))} if required == "if" else required
    if draw(_yes):
        item["constraints"] = [
            {"expr": draw(conditions([*before, item])), "message": say.must()} for _ in range(draw(st.integers(1, 3)))
        ]
    return item | _settings(draw)


def _settings(draw: st.DrawFn) -> Data:
    """Any of the properties that are neither texts, parts nor conditions."""
    low, rows = draw(st.integers(-20, 20)), draw(st.integers(0, 5))
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "repeat": st.fixed_dictionaries(
                    {},
                    optional={
                        "min": st.just(rows), "max": st.integers(max(rows, 1), 50), "blank_rows": st.integers(0, 30),
                    },
                ),
                "min": st.just(low),
                "max": st.integers(low, low + 10**6),
                "max_length": st.integers(1, 20_000),
                "carry": _yes,
                "law_part": st.sampled_from([*LAW_PARTS, None]),
                "nav_field": st.sampled_from([*NAV_FIELDS, None]),
                "locked": _yes,
                "hidden": _yes,
                "sensitivity": st.sampled_from(["normal", "health", "identifier"]),
                "print": st.fixed_dictionaries(
                    {},
                    optional={
                        "layout": st.sampled_from(["side", "stack", "inline"]),
                        "blank_lines": st.integers(0, 40),
                        "option_columns": st.integers(1, 4),
                        "grid_columns": st.integers(1, 4),
                        "keep_together": _yes,
                        "hide_if_empty": _yes,
                        "show": st.sampled_from(["both", "screen", "paper"]),
                    },
                ),
            },
        )
    )  # fmt: skip


def _parts(draw: st.DrawFn, say: _Say, kind: str) -> Data:
    """What belongs to the type: options, columns, rows, facts, signers or a calculation."""
    names = draw(_codes)
    match kind:
        case "choice" | "multichoice":
            more = st.fixed_dictionaries(
                {}, optional={"comment": st.sampled_from(["text", "date", None]), "retired": _yes, "dead_term": _yes}
            )
            return {"options": [{"code": name, "text": say.must()} | draw(more) for name in names]}
        case "table" | "measures" | "contact_log" | "absence":
            bound = list(BOUND_COLUMNS.get(kind, names))
            kinds = st.sampled_from(["string", "text", "date", "integer"])
            return {
                "columns": [
                    {"id": name, "type": draw(kinds), "text": say.must(), "width": draw(st.integers(1, 12))}
                    for name in bound[: draw(st.integers(1, len(bound)))]
                ]
            }
        case "checklist":
            more = st.fixed_dictionaries({}, optional={"milestone": st.none() | _ids, "repealed": _yes})
            return {"rows": [{"id": name, "when": say.must(), "text": say.must()} | draw(more) for name in names]}
        case "facts":
            sources = draw(st.lists(st.sampled_from(FACTS), min_size=1, max_size=4))
            return {"facts": [{"source": s, "text": say.must(), "width": draw(st.integers(1, 4))} for s in sources]}
        case "signatures":
            roles = draw(
                st.lists(st.sampled_from(["employer", "employee", "doctor", "assistant"]), min_size=1, unique=True)
            )
            return {"signers": [{"role": role, "text": say.must(), "required": draw(_yes)} for role in roles]}
        case "calculated":
            weeks = st.fixed_dictionaries({}, optional={"weeks": st.integers(-5, 104)})
            return {"calculate": {"rule": draw(st.sampled_from(CALCULATIONS))} | draw(weeks)}
    return {}


_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "in list", "answered", "var", "constant", *["fitting"] * 4)
_JOINED = ("!", "![]", "and", "or")


@st.composite
def conditions(draw: st.DrawFn, before: list[Data], depth: int = 1) -> Any:
    """A rule that reads only what comes before, fitting what it reads or not; every operator, also nested."""
    operator = draw(_operators if depth < 4 else _flat_operators)
    match operator:
        case "and" | "or":
            return {operator: [draw(conditions(before, depth + 1)) for _ in range(draw(st.integers(1, 3)))]}
        case "!" | "![]":
            inner = draw(conditions(before, depth + 1))
            return {"!": inner if operator == "!" else [inner]}
        case "constant":
            return draw(_yes)
        case "answered" | "var":
            return {operator: _name(draw, before)}
        case "in list":
            return {"in": [_value(draw, before), draw(_lists)]}
        case "fitting" if before:
            return _fitting(draw, draw(st.sampled_from(before)))
        case "fitting":
            return {"==": [{"var": draw(_variables)}, draw(st.sampled_from(["first", "extension"]))]}
    return {operator: [_value(draw, before), _value(draw, before)]}


_flat_operators = st.sampled_from(_OPERATORS)
_operators = st.sampled_from([*_OPERATORS, *_JOINED])
_lists = st.lists(_constants, max_size=3)


def _name(draw: st.DrawFn, before: list[Data]) -> str:
    return draw(st.sampled_from([*(item["id"] for item in before), "plan.kind", "case.kind"]))


def _value(draw: st.DrawFn, before: list[Data]) -> Any:
    kind = draw(st.sampled_from(["var", "var", "count", "constant"]))
    return draw(_constants) if kind == "constant" else {kind: _name(draw, before)}


def _fitting(draw: st.DrawFn, item: Data) -> Any:
    """What an administrator would ask of this question."""
    read = {"var": item["id"]}
    match item["type"]:
        case "boolean":
            return {"==": [read, draw(_yes)]}
        case "choice":
            return {"==": [read, draw(st.sampled_from(item["options"]))["code"]]}
        case "multichoice":
            return {"in": [draw(st.sampled_from(item["options"]))["code"], read]}
        case "integer":
            return {">=": [read, draw(st.integers(0, 100))]}
        case "date":
            return {"<": [read, draw(st.dates()).isoformat()]}
    return {"answered": item["id"]}
