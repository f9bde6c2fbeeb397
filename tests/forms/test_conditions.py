"""Conditions: three-valued, closed, bounded."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from forms.conditions import OPERATORS, check_condition, comparable, holds, variables
from tests.forms.strategies import VARS, monotone_rules, rules, values


@given(rules, values)
def test_a_rule_gives_true_false_or_undetermined_and_never_raises(rule: Any, given_values: dict[str, Any]) -> None:
    assert check_condition(rule) == []
    assert holds(rule, given_values) in (True, False, None)
    assert set(variables(rule)) <= set(VARS)


@given(rules, values)
def test_not_twice_changes_nothing(rule: Any, given_values: dict[str, Any]) -> None:
    assert holds({"!": {"!": rule}}, given_values) is holds(rule, given_values)


@given(rules, rules, values)
def test_de_morgan(left: Any, right: Any, given_values: dict[str, Any]) -> None:
    neither = {"!": {"or": [left, right]}}
    assert holds(neither, given_values) is holds({"and": [{"!": left}, {"!": right}]}, given_values)


@given(rules, rules, values)
def test_order_does_not_matter(left: Any, right: Any, given_values: dict[str, Any]) -> None:
    for name in ("and", "or"):
        assert holds({name: [left, right]}, given_values) is holds({name: [right, left]}, given_values)


@given(rules, values)
def test_what_decides_alone_decides_beside_the_undetermined(rule: Any, given_values: dict[str, Any]) -> None:
    undetermined = {"==": [{"var": "nobody_answered"}, 1]}
    result = holds(rule, given_values)
    assert holds({"or": [rule, undetermined]}, given_values) is (True if result is True else None)
    assert holds({"and": [rule, undetermined]}, given_values) is (False if result is False else None)


@given(monotone_rules, values, values)
def test_an_answer_more_never_turns_what_was_determined(rule: Any, some: dict[str, Any], more: dict[str, Any]) -> None:
    result = holds(rule, some)
    if result is not None:
        known = {name: value for name, value in some.items() if comparable(value) is not None}
        assert holds(rule, {**more, **known}) is result


@pytest.mark.parametrize(
    ("rule", "answers", "expected"),
    [
        ({"==": [{"var": "a"}, "x"]}, {"a": {"code": "x", "comments": {}}}, True),
        ({"in": ["x", {"var": "a"}]}, {"a": {"codes": ["y", "x"], "comments": {}}}, True),
        ({"in": ["z", {"var": "a"}]}, {"a": {"codes": ["y", "x"], "comments": {}}}, False),
        ({"in": [{"var": "a"}, ["x", "y"]]}, {"a": "y"}, True),
        ({"in": [1, "123"]}, {}, None),
        ({"in": ["x", [{"var": "a"}, "y"]]}, {}, None),
        ({"==": [True, 1]}, {}, False),
        ({"==": [{"var": "a"}, 1]}, {"a": True}, False),
        ({"<": [{"var": "a"}, "2026-03-05"]}, {"a": "2026-03-04"}, True),
        ({"<": [{"var": "a"}, 3]}, {"a": "2"}, None),
        ({"<": [False, True]}, {}, None),
        ({"answered": "a"}, {}, False),
        ({"answered": "a"}, {"a": False}, True),
        ({"answered": "a"}, {"a": 0}, True),
        ({"count": "a"}, {"a": {"codes": ["x", "y"]}}, True),
        ({"==": [{"count": "a"}, 2]}, {"a": {"codes": ["x", "y"]}}, True),
        ({"==": [{"count": "a"}, 1]}, {"a": {"code": "long", "comments": {}}}, True),
        ({"==": [{"count": "a"}, 1]}, {"a": 7}, True),
        ({"==": [{"count": "a"}, 0]}, {}, True),
        (True, {}, True),
        (False, {}, False),
        ({"var": "a"}, {}, None),
    ],
)
def test_by_example(rule: Any, answers: dict[str, Any], expected: bool | None) -> None:
    assert holds(rule, answers) is expected


@pytest.mark.parametrize(
    "rule",
    [
        {"eval": "1"},
        {"var": "a", "==": [1, 1]},
        {"var": ["a"]},
        {"==": [1]},
        {"==": "a"},
        {"!": [1, 2]},
        {"and": []},
        {},
        {"in": ["a", {"__class__": "x"}]},
        {"==": [1, {1, 2}]},
        {"==": [{"var": "a"}, float("nan")]},
        {"<": [{"var": "a"}, float("inf")]},
    ],
)
def test_what_is_no_condition_is_refused_with_a_reason(rule: Any) -> None:
    assert check_condition(rule)


def test_size_and_depth_are_bounded() -> None:
    deep: Any = True
    for _ in range(100_000):
        deep = {"!": deep}
    assert "er for stor" in check_condition(deep)[-1].text
    assert "er for stor" in check_condition({"or": [True] * 100_000})[-1].text


def test_every_operator_is_known_by_the_browser() -> None:
    from pathlib import Path

    script = (Path(__file__).parents[2] / "static" / "plan.js").read_text(encoding="utf-8")
    assert "eval" not in script.replace("evaluate", "")
    assert "new Function" not in script
    assert all(f'"{name}"' in script for name in OPERATORS)
