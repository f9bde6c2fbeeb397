"""Refusing a definition: all faults, with item and property, in bounded time."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.definition import MAX_FAULTS, BadDefinition, Fault, parse
from tests.forms.strategies import definitions, envelope, question


def told(found: list[Fault]) -> list[str]:
    """Faults as they are in the source language; `str(fault)` is English."""
    return [f"{fault.item or '(set)'}: {fault.property}: {fault.why.say(str)}" for fault in found]


def faults(data: Any) -> list[str]:
    with pytest.raises(BadDefinition) as refused:
        parse(data)
    return told(refused.value.faults)


def has(found: list[str], *parts: str) -> bool:
    return any(all(part in fault for part in parts) for fault in found)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(definitions())
def test_a_valid_definition_survives_its_own_json(data: dict[str, Any]) -> None:
    definition = parse(json.dumps(data))
    again = parse(definition.model_dump(mode="json"))
    assert again == definition
    assert again.sha256() == definition.sha256()


def test_all_faults_at_once_with_item_and_property() -> None:
    found = faults(
        envelope(
            [
                question("first", colour="red"),
                question("second", max_length="long"),
                question("third", visible_if={"==": [{"var": "nobody"}, 1]}),
                question("third"),
                question("fourth", "choice"),
                question("fifth", "text", nav_field="unknown", required={"when": True}),
                question("sixth", "integer", min=5, max=1, text={}),
                question("seventh", visible_if={"call": "os.system"}),
                question("bad__name"),
                question("eighth", "odd"),
                question("ninth", "calculated", calculate={"rule": "weeks_after_first_day", "weeks": "x"}),
                question("tenth", constraints=[{"expr": {"answered": "tenth"}, "message": {}}]),
            ],
            shade="blue",
        )
    )
    for parts in (
        ("(set): shade: ", "finnes ikke"), ("first: colour: ", "finnes ikke"), ("second: max_length: ", "helt tall"),
        ("third: visible_if: ", "«nobody»"), ("third: id: ", "flere"), ("fourth: options: ", "fylles ut"),
        ("fifth: nav_field: ", "«unknown»"), ("fifth: required: ", "anbefalt"), ("sixth: min: ", "høyere"),
        ("sixth: text: ", "bokmål"), ("seventh: visible_if: ", "«call»"), ("bad__name: id: ", "små bokstaver"),
        ("eighth: type: ", "«odd»", "multichoice"), ("ninth: calculate: ", "helt tall"),
        ("tenth: constraints: ", "bokmål", "«1»"),
    ):  # fmt: skip
        assert has(found, *parts), (parts, found)


def test_every_circle_is_told() -> None:
    found = faults(
        envelope(
            [
                question("a", visible_if={"answered": "b"}),
                question("b", visible_if={"answered": "a"}),
                question("c", visible_if={"!": {"var": "c"}}),
                {"id": "g", "type": "group", "visible_if": {"answered": "inside"}, "items": [question("inside")]},
            ]
        )
    )
    assert has(found, "b: visible_if: går i ring: Spørsmål a → Spørsmål b → Spørsmål a")
    assert has(found, "c: visible_if: går i ring: Spørsmål c → Spørsmål c")
    assert has(found, "inside: visible_if: går i ring: Spørsmål inside → Spørsmål inside")


def test_conditions_look_backwards_only() -> None:
    assert has(
        faults(envelope([question("a", visible_if={"answered": "b"}), question("b")])),
        "a: visible_if: viser til «Spørsmål b», som ikke kommer før",
    )


def test_variables_of_the_case_are_known() -> None:
    parse(envelope([question("a", visible_if={"==": [{"var": "plan.kind"}, "first"]})]))


@pytest.mark.parametrize("count", [1001, 5000, 200_000])
def test_too_many_items_are_refused_in_bounded_time(count: int) -> None:
    items = [{"id": f"q{n}", "type": "text", "text": {"nb": "x"}} for n in range(count)]
    items[7] |= {"colour": "red"}
    start = time.monotonic()
    found = faults(envelope(items))
    assert time.monotonic() - start < 5
    assert has(found, "(set): items: ", str(count))
    assert count > 10_000 or has(found, "q7: colour: ")


def test_many_faults_are_bounded_and_counted() -> None:
    found = faults(envelope([question(f"q{n}", colour="red") for n in range(5000)]))
    assert len(found) == MAX_FAULTS + 1
    assert found[-1] == "(set): file: har 4501 feil til"


def test_dense_conditions_take_bounded_time() -> None:
    items: list[dict[str, Any]] = [question(f"q{n}") for n in range(900)]
    for level in range(7):
        rule = {"and": [{"var": f"q{(n * (level + 1)) % 900}"} for n in range(90)]}
        items = [{"id": f"g{level}", "type": "group", "visible_if": rule, "items": items}]
    start = time.monotonic()
    assert len(faults(envelope(items))) == MAX_FAULTS + 1
    assert time.monotonic() - start < 10


def test_nesting_is_bounded() -> None:
    items = [question("leaf")]
    for level in range(5000):
        items = [{"id": f"g{level}", "type": "group", "items": items}]
    assert has(faults(envelope(items)), "har 5001 nivåer")


@pytest.mark.parametrize(
    "source",
    ["", "{", "[]", "null", '"x"', b"\xff\xfe\x00", "{" * 100_000, "[" * 100_000, '{"items": 5}', " " * 2_000_001],
)
def test_what_is_no_definition_is_refused(source: str | bytes) -> None:
    assert faults(source)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["type", "text", "visible_if", "required", "options", "columns", "items", "calculate", "id", "x"]
        ),
        _json,
    )
)
def test_odd_items_are_refused_with_a_reason_and_never_crash(odd: dict[str, Any]) -> None:
    with contextlib.suppress(BadDefinition):
        parse(envelope([{**question("a"), **odd}]))
        return
    assert all(": " in fault for fault in faults(envelope([{**question("a"), **odd}])))
