"""Answers: tidied, checked, merged question by question, carried forward, counted."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.answers import (
    carry_forward,
    check,
    check_all,
    clean,
    clean_text,
    hidden_answers,
    json_schema,
    law_coverage,
    merge,
    missing,
    progress,
    sections,
)
from forms.definition import Item, QuestionSetDefinition, parse
from forms.sheet import build_sheet
from tests.forms.strategies import NASTY, answered, definitions, envelope, question, raw_answers, texts

_slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["code", "codes", "comments", "a", "done"]), part)
    ),
    max_leaves=6,
)


def make(*items: dict[str, Any], **more: Any) -> QuestionSetDefinition:
    return parse(envelope(list(items), **more))


def item(kind: str, **more: Any) -> Item:
    return Item.model_validate(question("a", kind, **more))


def said(found: list[Any]) -> str:
    return " ".join(note.say(str) for note in found)


@given(answered())
def test_a_tidy_answer_is_valid_and_stays_as_it_is(pair: tuple[Item, Any]) -> None:
    question_item, value = pair
    assert clean(question_item, value) == value
    assert check(question_item, value) == []


@given(answered(), _anything)
def test_anything_at_all_is_tidied_and_judged_without_crashing(pair: tuple[Item, Any], odd: Any) -> None:
    question_item, _ = pair
    value = clean(question_item, odd)
    for note in check(question_item, value):
        assert note.say(str)
    if value is not None and not check(question_item, value):
        assert clean(question_item, value) == value


@given(texts)
def test_text_is_harmless_and_otherwise_as_typed(text: str) -> None:
    tidy = clean_text(text)
    assert clean_text(tidy) == tidy == unicodedata.normalize("NFC", tidy)
    assert not [c for c in tidy if (ord(c) < 32 and c not in "\n\t") or c in "\x7f\x85\u202e\u2066\u200b\ufeff"]
    tidy.encode()
    assert "\n" not in clean_text(text, lines=False)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a\x0bb\x00c\x1bd", "abcd"),
        ("linje 1\r\nlinje 2\rlinje 3", "linje 1\nlinje 2\nlinje 3"),
        ("👩‍🚒 og ❤️", "👩‍🚒 og ❤️"),
        ("e\u0301", "é"),
        ("\u202egnp.exe", "gnp.exe"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{7*7}} %(count)s", "{{7*7}} %(count)s"),
        ("=cmd()", "=cmd()"),
        ("Čáhčesuolu ŋŧž", "Čáhčesuolu ŋŧž"),
        (" \u200b\u200d \n", None),
    ],
)
def test_nasty_text(typed: str, stored: str | None) -> None:
    assert clean(item("text"), typed) == stored
    assert check(item("text"), stored) == []


@pytest.mark.parametrize("kind", ["text", "string"])
def test_200_000_characters_are_refused_with_count(kind: str) -> None:
    message = said(check(item(kind, max_length=4000), "å" * 200_000))
    assert "200000 tegn" in message
    assert "4000" in message


def test_length_is_counted_in_every_part() -> None:
    long = "x" * 5000
    option = [{"code": "o", "text": {"nb": "O"}, "comment": "text"}]
    column = [{"id": "c", "type": "string", "text": {"nb": "C"}}]
    row = [{"id": "r", "when": {"nb": "Nå"}, "text": {"nb": "R"}}]
    for question_item, value in (
        (item("multichoice", options=option), {"codes": ["o"], "comments": {"o": long}}),
        (item("table", columns=column), [{"c": long}]),
        (item("checklist", rows=row), {"r": {"signed": long}}),
    ):
        assert "5000 tegn" in said(check(question_item, value))


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("date", "5.3.2026", "2026-03-05"), ("date", "05. 03. 2026", "2026-03-05"),
        ("date", "2026-03-05", "2026-03-05"),
        ("date", " ", None), ("time", "9.30", "09:30"), ("time", "0930", "09:30"), ("time", "kl. 09:30:00", "09:30"),
        ("integer", "50 %", 50), ("integer", "−5", -5), ("integer", "007", 7), ("integer", 0, 0),
        ("boolean", "yes", True), ("boolean", "nei", False), ("boolean", "", None), ("boolean", False, False),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(kind: str, typed: Any, stored: Any) -> None:
    assert clean(item(kind), typed) == stored
    assert check(item(kind), stored) == []


@pytest.mark.parametrize(
    ("kind", "typed", "part"),
    [
        ("date", "31.2.2026", "5.3.2026"), ("date", "i morgen", "5.3.2026"), ("date", "5.3.26", "5.3.2026"),
        ("date", "0026-03-05", "5.3.2026"), ("date", 20260305, "5.3.2026"),
        ("time", "25:00", "09:30"), ("time", "9", "09:30"),
        ("integer", "ti", "helt tall"), ("integer", "1.5", "helt tall"), ("integer", 1.5, "helt tall"),
        ("integer", "9" * 5000, "helt tall"), ("integer", True, "helt tall"), ("boolean", "kanskje", "feil form"),
        ("boolean", 1, "feil form"), ("text", ["a"], "feil form"), ("table", "x", "feil form"),
        ("checklist", [], "feil form"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_kept_and_told(kind: str, typed: Any, part: str) -> None:
    value = clean(item(kind), typed)
    assert value is not None
    assert part in said(check(item(kind), value))


def test_numbers_have_limits() -> None:
    assert "fra 0 til 100" in said(check(item("integer", min=0, max=100), 101))
    assert "1 eller høyere" in said(check(item("integer", min=1), 0))
    assert "9 eller lavere" in said(check(item("integer", max=9), 10))
    assert check(item("integer", min=0, max=100), 0) == []


def test_options_unknown_and_retired() -> None:
    kinds = [{"code": "old", "text": {"nb": "Gammel"}, "retired": True}, {"code": "new", "text": {"nb": "Ny"}}]
    several, one = item("multichoice", options=kinds), item("choice", options=kinds)
    assert "finnes ikke" in said(check(several, {"codes": ["new", "other"], "comments": {}}))
    kept = {"codes": ["old", "new"], "comments": {}}
    assert "ikke lenger" in said(check(several, kept))
    assert check(several, kept, previous={"codes": ["old"], "comments": {}}) == []
    assert "ikke lenger" in said(check(one, {"code": "old", "comments": {}}, previous={"code": "new", "comments": {}}))
    assert check(one, {"code": "old", "comments": {}}, previous={"code": "old", "comments": {}}) == []


def test_tables_have_known_columns_and_a_limit_of_rows() -> None:
    table = item("table", columns=[{"id": "d", "type": "date", "text": {"nb": "Dato"}}], repeat={"max": 2})
    assert clean(table, [{"d": "5.3.2026"}, {"d": " "}, {}]) == [{"d": "2026-03-05"}]
    assert "3 rader" in said(check(table, [{"d": "2026-03-05"}] * 3))
    assert "Rad 2: Skriv datoen" in said(check(table, [{"d": "2026-03-05"}, {"d": "snart"}]))
    assert "feil form" in said(check(table, [{"x": "1"}]))


def test_constraints_speak_for_themselves_in_the_language_of_the_plan() -> None:
    definition = make(
        question("start", "date"),
        question("end", "date", constraints=[
            {"expr": {">=": [{"var": "end"}, {"var": "start"}]},
             "message": {"nb": "Slutt før start, 100 %.", "nn": "Slutt føre start."}}
        ]),
    )  # fmt: skip
    answers = {"start": "2026-03-05", "end": "2026-03-04"}
    assert said(check_all(definition, answers, {}, "nb", previous={})["end"]) == "Slutt før start, 100 %."
    assert said(check_all(definition, answers, {}, "nn", previous={})["end"]) == "Slutt føre start."
    assert check_all(definition, {"end": "2026-03-04"}, {}, "nb", previous={}) == {}
    assert check_all(definition, answers, {}, "nb", previous={}, only=["start"]) == {}


_store = st.dictionaries(st.sampled_from("abcde"), st.integers())
_post = st.dictionaries(st.sampled_from("abcde"), st.none() | st.integers())


@given(_store, _post, _post)
def test_merging_is_per_question(stored: dict[str, int], first: dict[str, Any], second: dict[str, Any]) -> None:
    merged = merge(stored, first)
    for name in "abcde":
        assert merged.get(name) == (first[name] if name in first else stored.get(name))
    assert None not in merged.values()
    assert merge(merged, first) == merged
    assert merge(stored, {}) == stored
    assert merge(merge(stored, first), second) == merge(stored, {**first, **second})
    if not set(first) & set(second):
        assert merge(merge(stored, first), second) == merge(merge(stored, second), first)


REASON = (
    question("held", "boolean", required=True),
    question("why_not", visible_if={"==": [{"var": "held"}, False]}, required=True),
    question("when", "date", visible_if={"var": "held"}, required="recommended"),
    question("who", required={"if": {"==": [{"var": "held"}, True]}}),
    question("detail", visible_if={"answered": "why_not"}),
)


def test_missing_follows_what_is_seen() -> None:
    definition = make({"id": "part", "type": "group", "text": {"nb": "Del"}, "items": list(REASON)})

    def asked(answers: dict[str, Any]) -> list[tuple[str, Any]]:
        return [(gap.item_id, gap.required) for gap in missing(definition, answers, {})]

    assert asked({}) == [("held", True)]
    assert asked({"held": True}) == [("when", "recommended"), ("who", True)]
    assert asked({"held": False}) == [("why_not", True)]
    assert asked({"held": False, "why_not": "Syk"}) == []
    gap = missing(definition, {}, {})[0]
    assert gap.section_id == "part"
    assert gap.label["nb"] == "Spørsmål held"


def test_groups_hide_what_they_hold() -> None:
    inner = {"id": "inner", "type": "group", "text": {"nb": "I"}, "items": [question("deep", required=True)]}
    outer = {"id": "outer", "type": "group", "text": {"nb": "Y"}, "items": [inner]}
    definition = make(question("ask", "boolean"), {**outer, "visible_if": {"var": "ask"}})
    assert missing(definition, {}, {}) == []
    assert [gap.item_id for gap in missing(definition, {"ask": True}, {})] == ["deep"]
    assert hidden_answers(definition, {"ask": False, "deep": "x"}, {}) == {"deep": "x"}
    assert "outer" not in progress(definition, {"ask": False}, {})


def test_an_answer_that_is_hidden_opens_nothing() -> None:
    definition = make(*REASON)
    answers = {"held": True, "why_not": "fra før", "detail": "mer"}
    assert hidden_answers(definition, answers, {}) == {"why_not": "fra før", "detail": "mer"}
    assert [node.id for node in build_sheet(definition, "nb", answers).nodes] == ["held", "when", "who"]


@_slow
@given(definitions(), st.data())
def test_hidden_answers_and_sheet_agree(data: dict[str, Any], draw: st.DataObject) -> None:
    definition = parse(data)
    answers = {q.id: clean(q, draw.draw(raw_answers(q))) for q in definition.questions() if draw.draw(st.booleans())}
    answers = merge({}, answers)
    hidden = hidden_answers(definition, answers, {})
    kept = {name: value for name, value in answers.items() if name not in hidden}
    assert hidden_answers(definition, kept, {}) == {}
    assert build_sheet(definition, "nb", kept) == build_sheet(definition, "nb", answers)
    assert missing(definition, kept, {}) == missing(definition, answers, {})
    assert progress(definition, kept, {}) == progress(definition, answers, {})
    assert carry_forward(definition, answers, definition) == answers


def test_comments_to_options_not_chosen_are_kept_but_do_not_count() -> None:
    options = [{"code": c, "text": {"nb": c}, "comment": "text"} for c in "xy"]
    definition = make(question("a", "multichoice", options=options, required=True))
    value = clean(definition.items[0], {"codes": [], "comments": {"x": "skrevet før kryss"}})
    assert value == {"codes": [], "comments": {"x": "skrevet før kryss"}}
    assert [gap.item_id for gap in missing(definition, {"a": value}, {})] == ["a"]
    node = build_sheet(definition, "nb", {"a": {"codes": ["y"], "comments": {"x": "bort", "y": "med"}}}).nodes[0]
    assert node.shown == "y: med"
    assert node.value == {"codes": ["y"], "comments": {"y": "med"}}


def test_carrying_forward() -> None:
    options = [{"code": c, "text": {"nb": c}, "comment": "text"} for c in ("keep", "gone")]
    old = make(
        question("same"), question("retyped"), question("dropped"), question("not_carried"), question("shorter"),
        question("many", "multichoice", options=options), question("one", "choice", options=options),
        question("rows", "table", columns=[{"id": c, "type": "string", "text": {"nb": c}} for c in ("c", "d")]),
    )  # fmt: skip
    options[1]["retired"] = True
    new = make(
        question("same"), question("retyped", "integer"), question("not_carried", carry=False),
        question("shorter", max_length=3), question("added"), question("many", "multichoice", options=options),
        question("one", "choice", options=options),
        question("rows", "table", columns=[{"id": "c", "type": "string", "text": {"nb": "c"}}]),
    )  # fmt: skip
    answers = {
        "same": "ja", "retyped": "5", "dropped": "x", "not_carried": "x", "shorter": "for lang",
        "many": {"codes": ["keep", "gone"], "comments": {"keep": "k"}}, "one": {"code": "gone", "comments": {}},
        "rows": [{"c": "1", "d": "2"}, {"d": "3"}],
    }  # fmt: skip
    assert carry_forward(old, answers, new) == {
        "same": "ja", "many": {"codes": ["keep"], "comments": {"keep": "k"}}, "rows": [{"c": "1"}],
    }  # fmt: skip


def test_the_four_parts_of_the_law() -> None:
    columns = [{"id": "what", "type": "string", "text": {"nb": "Tiltak"}}]
    measures = question("measures", "measures", columns=columns, law_part="employer_measures")
    definition = make(
        question("one", law_part="assessment"),
        {
            "id": "g",
            "type": "group",
            "text": {"nb": "G"},
            "law_part": "follow_up",
            "items": [question("two"), measures],
        },
    )
    nothing = {"assessment": False, "employer_measures": False, "public_measures": False, "follow_up": False}
    assert law_coverage(definition, {}, {}, False) == nothing
    assert law_coverage(definition, {"one": "x"}, {}, False) == {**nothing, "assessment": True}
    assert law_coverage(definition, {}, {}, True) == {**nothing, "employer_measures": True, "follow_up": True}
    assert law_coverage(definition, None, {}, False) == {
        "assessment": True, "employer_measures": True, "public_measures": False, "follow_up": True,
    }  # fmt: skip


def test_sections_and_progress() -> None:
    definition = make(
        question("loose_1"), question("loose_2"),
        {"id": "g", "type": "group", "text": {"nb": "Del"}, "items": [
            question("in_1", required=True), question("in_2"),
        ]},
        {"id": "paper", "type": "info", "text": {"nb": "Papir"}, "print": {"show": "paper"}},
        question("last"),
    )  # fmt: skip
    assert [(part.id, [i.id for i in part.items]) for part in sections(definition)] == [
        ("loose_1", ["loose_1", "loose_2"]), ("g", ["g"]), ("last", ["last"]),
    ]  # fmt: skip
    found = progress(definition, {"loose_1": "x", "in_1": "x"}, {})
    assert {name: part.state for name, part in found.items()} == {"loose_1": "begun", "g": "done", "last": "empty"}
    assert (found["g"].answered, found["g"].questions, found["g"].missing) == (1, 2, 0)


def test_json_schema_is_made_from_the_model() -> None:
    schema = json_schema()
    assert schema["title"] == "QuestionSetDefinition"
    assert schema["additionalProperties"] is False


def test_nasty_pieces_are_all_tried() -> None:
    assert all(clean(item("text"), f"før{piece}etter") for piece in NASTY)
