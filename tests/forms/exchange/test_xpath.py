"""Conditions as XPath and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.conditions import check_condition
from forms.exchange.xpath import Question, Unreadable, from_xpath, to_xpath
from tests.forms.strategies import rules

KINDS = {"a": "boolean", "b": "choice", "c": "multichoice", "n": "integer", "t": "table", "s": "string", "meta": "text"}
SCOPE = {name: Question(name, kind, {"x": "x", "xy": "xy"}) for name, kind in KINDS.items()}
SCOPE["meta."] = SCOPE["meta"]


@pytest.mark.parametrize(
    ("rule", "xpath"),
    [
        ({"==": [{"var": "a"}, False]}, "${a} = 'nei'"), ({"==": [{"var": "b"}, "x"]}, "${b} = 'x'"),
        ({"in": ["x", {"var": "c"}]}, "selected(${c}, 'x')"), ({">": [{"count": "c"}, 1]}, "count-selected(${c}) > 1"),
        ({">=": [{"count": "t"}, 2]}, "count(${t}) >= 2"), ({"answered": "s"}, "${s} != ''"),
        ({"!": {"answered": "s"}}, "not(${s} != '')"), ({"<": [{"var": "n"}, -0.5]}, "${n} < -0.5"),
        ({"==": [{"var": "s"}, "it's \"x\""]}, "${s} = concat('it', \"'\", 's \"x\"')"),
        ({"or": [{"and": [True, {"answered": "s"}]}, False]}, "(true() and ${s} != '') or false()"),
        ({"==": [{"var": "plan.kind"}, "first"]}, "${plan.kind} = 'first'"), ({"answered": "meta"}, "${meta.} != ''"),
        ({"in": ["x", {"var": "s"}]}, "contains(${s}, 'x')"),
    ],
)  # fmt: skip
def test_what_administrators_ask_is_said_exactly(rule: Any, xpath: str) -> None:
    assert to_xpath(rule, KINDS) == xpath
    assert from_xpath(xpath, SCOPE) == rule


def test_a_question_may_speak_of_itself() -> None:
    rule = {"and": [{">": [{"var": "n"}, 5]}, {"answered": "s"}]}
    assert to_xpath(rule, KINDS, "n") == ". > 5 and ${s} != ''"
    assert from_xpath(". > 5 and ${s} != ''", SCOPE, SCOPE["n"]) == rule
    with pytest.raises(Unreadable):
        from_xpath(". > 5", SCOPE)


@given(rules)
def test_every_condition_can_be_written_and_what_is_read_of_it_is_a_condition(rule: Any) -> None:
    text = to_xpath(rule, KINDS)
    assert text
    try:
        again = from_xpath(text, SCOPE)
    except Unreadable:
        return
    assert check_condition(again) == []
    assert to_xpath(again, KINDS)


_pieces = ["${a}", "${b}", "${c}", "${n}", "${zz}", "'x'", '"', "(", ")", " and ", " or ", "not(", "selected(", ",", " = ",
           " < ", "5", "-", ".", "today()", "count-selected(", "true()", "div", "'", "\x00", "${", "é"]  # fmt: skip


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(_pieces), max_size=14).map("".join)))
def test_any_text_is_read_as_a_condition_or_refused_with_a_reason(text: str) -> None:
    why = None
    try:
        rule = from_xpath(text, SCOPE, SCOPE["n"])
    except Unreadable as refusal:
        why = refusal.note.say(str)
    assert why or check_condition(rule) == []


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["var", "and", "==", "in", "!", "x"]), inner, max_size=2),
                    max_leaves=8))  # fmt: skip
def test_what_is_no_condition_at_all_is_written_as_something_harmless(junk: Any) -> None:
    assert isinstance(to_xpath(junk, KINDS), str)
