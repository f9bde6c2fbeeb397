"""The example that a set is looked at with: valid, whole, the same each time, and there whatever a draft holds."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.answers import check_all, missing, sections
from forms.builder import build_form, screen
from forms.definition import (
    ANSWERABLE,
    BOUND_COLUMNS,
    CALCULATIONS,
    FACTS,
    Item,
    QuestionSetDefinition,
    parse,
    shape,
    without_hidden,
)
from forms.example import EMPLOYEE, LEADER, example_answers, example_context, presentable
from forms.library import load_shipped, shipped_keys
from forms.sheet import Node, build_sheet, known_values
from tests.forms.strategies import definitions, envelope, names, question, texts

_slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=120)
OPTIONS = [{"code": code, "text": {"nb": f"Valg {code}"}} for code in ("a", "b", "c")]


def make(*items: dict[str, Any], **more: Any) -> QuestionSetDefinition:
    return parse(envelope(list(items), **more))


def answers_to(*items: dict[str, Any], kind: str = "first") -> dict[str, Any]:
    return example_answers(make(*items), "nb", kind)


def no_faults(definition: QuestionSetDefinition, answers: dict[str, Any], language: str, kind: str = "first") -> bool:
    variables = example_context(definition, language, kind).variables
    return check_all(definition, answers, variables, language, previous={}) == {}


# --- the shipped sets -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["first", "extension"])
@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("key", shipped_keys())
def test_a_shipped_set_is_filled_in_whole(key: str, language: str, kind: str) -> None:
    definition = load_shipped(key)
    answers = example_answers(definition, language, kind)
    context = example_context(definition, language, kind)
    assert no_faults(definition, answers, language, kind)
    assert missing(definition, answers, context.variables) == []
    known = known_values(definition, answers, context.variables)
    assert set(answers) == set(known) - set(context.variables)  # what is hidden has no answer
    nodes = list(_all(build_sheet(definition, language, answers, context).nodes))
    assert [node.id for node in nodes if node.type in ANSWERABLE and not node.answered] == []
    assert [node.id for node in nodes if node.type in ("calculated", *BOUND_COLUMNS) and not _told(node)] == []
    assert example_answers(definition, language, kind) == answers


def _all(nodes: tuple[Node, ...]) -> list[Node]:
    return [found for node in nodes for found in (node, *_all(node.items))]


def _told(node: Node) -> bool:
    return bool(node.shown) or any(any(row.values()) for row in node.table)


def test_the_person_is_invented_and_has_no_number() -> None:
    definition = make(
        {"id": "facts", "type": "facts", "facts": [{"source": source, "text": {"nb": "x"}} for source in FACTS]}
    )
    context = example_context(definition, "nb")
    assert set(context.facts) == set(FACTS)
    assert all(context.facts.values())
    assert EMPLOYEE.endswith("Eksempel")
    assert LEADER.endswith("Eksempel")
    assert not any(re.search(r"\d{11}", value.replace(" ", "")) for value in context.facts.values())
    for rows, kind in ((context.measures, "measures"), (context.contacts, "contact_log"), (context.absence, "absence")):
        assert [set(row) for row in rows] == [set(BOUND_COLUMNS[kind])] * 2


def test_a_plan_that_extends_another_says_so() -> None:
    definition = make(question("a", "string", visible_if={"==": [{"var": "plan.kind"}, "extension"]}))
    assert example_answers(definition, "nb") == {}
    assert set(example_answers(definition, "nb", "extension")) == {"a"}
    first, extension = (example_context(definition, "nb", kind) for kind in ("first", "extension"))
    assert first.facts["plan.kind"] != extension.facts["plan.kind"]
    assert extension.variables["plan.kind"] == "extension"


def test_every_calculation_gives_a_day_in_the_language() -> None:
    rules: list[dict[str, Any]] = [{"rule": rule} for rule in CALCULATIONS] + [
        {"rule": CALCULATIONS[0], "weeks": weeks} for weeks in (7, 10**12, -(10**12))
    ]
    made = shape(envelope([question(f"c{n}", "calculated", calculate=rule) for n, rule in enumerate(rules)]))
    for language, month in (("nb", "januar"), ("en", "January")):
        days = list(example_context(made, language).calculated.values())
        assert all(days[:5])
        assert days[5:] == ["", ""]
        assert month in days[0]


# --- conditions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (question("a", "boolean"), {"==": [{"var": "a"}, False]}),
        (question("a", "boolean"), {"==": [{"var": "a"}, True]}),
        (question("a", "choice", options=OPTIONS), {"==": [{"var": "a"}, "c"]}),
        (question("a", "multichoice", options=OPTIONS), {"in": ["c", {"var": "a"}]}),
        (question("a", "multichoice", options=OPTIONS), {">=": [{"count": "a"}, 2]}),
        (
            question("a", "multichoice", options=OPTIONS),
            {"and": [{"in": ["b", {"var": "a"}]}, {"in": ["c", {"var": "a"}]}]},
        ),
        (question("a", "integer"), {">": [{"var": "a"}, 90]}),
        (question("a", "integer"), {"<": [{"var": "a"}, -3]}),
        (question("a", "date"), {"<": [{"var": "a"}, "2020-01-01"]}),
        (question("a", "string"), {"==": [{"var": "a"}, "fysioterapi"]}),
        (question("a", "text"), {"answered": "a"}),
        (question("a", "table", columns=[{"id": "n", "type": "integer", "text": {"nb": "n"}}]), {"answered": "a"}),
        (question("a", "checklist", rows=[{"id": "r", "when": {}, "text": {"nb": "r"}}]), {"answered": "a"}),
    ],
)
def test_what_decides_is_answered_so_that_more_is_shown(asked: dict[str, Any], rule: Any) -> None:
    made = shape(envelope([asked, question("b", visible_if=rule)]))
    answers = example_answers(made, "nb")
    assert set(answers) == {"a", "b"}
    assert no_faults(made, answers, "nb")


def test_more_is_shown_by_the_answer_that_most_ask_for() -> None:
    no, yes = ({"==": [{"var": "a"}, value]} for value in (False, True))
    found = answers_to(
        question("a", "boolean"), question("b", visible_if=yes), question("c", visible_if=no),
        {"id": "g", "type": "group", "text": {"nb": "g"}, "visible_if": no, "items": [question("d")]},
    )  # fmt: skip
    assert set(found) == {"a", "c", "d"}


def test_a_condition_on_two_answers_is_met_as_a_whole() -> None:
    both = {"and": [{"==": [{"var": "a"}, False]}, {"==": [{"var": "b"}, False]}]}
    found = answers_to(question("a", "boolean"), question("b", "boolean"), question("c", visible_if=both))
    assert (found["a"], found["b"], "c" in found) == (False, False, True)


def test_constraints_hold_even_between_questions() -> None:
    later = {"expr": {">": [{"var": "b"}, {"var": "a"}]}, "message": {"nb": "Senere"}}
    alone = {"expr": {"!": {"and": [{"in": ["a", {"var": "m"}]}, {">": [{"count": "m"}, 1]}]}}, "message": {"nb": "x"}}
    small = {"expr": {"<": [{"var": "n"}, 2]}, "message": {"nb": "Mindre"}}
    made = make(
        question("a", "date", nav_field="evaluationDate"), question("b", "date", constraints=[later]),
        question("m", "multichoice", options=OPTIONS, constraints=[alone]),
        question("n", "integer", min=-5, constraints=[small]),
    )  # fmt: skip
    answers = example_answers(made, "nb")
    assert set(answers) == {"a", "b", "m", "n"}
    assert no_faults(made, answers, "nb")
    never = {"expr": False, "message": {"nb": "Aldri"}}
    assert answers_to(question("a", constraints=[never])) == {}


@pytest.mark.parametrize(
    ("item", "wanted"),
    [
        (question("a", "integer", unit={"nb": "%"}), 50), (question("a", "integer", min=60), 60),
        (question("a", "integer", max=-1), -1), (question("a", "integer", min=0, max=1), 1),
        (question("a", "string", max_length=3), "Et"), (question("a", "time"), "09:30"),
    ],
)  # fmt: skip
def test_limits_are_kept(item: dict[str, Any], wanted: Any) -> None:
    assert answers_to(item) == {"a": wanted}


def test_options_out_of_use_are_not_chosen() -> None:
    options = [
        {"code": "old", "text": {"nb": "Gammelt"}, "dead_term": True}, {"code": "gone", "text": {"nb": "x"}, "retired": True},
        {"code": "plain", "text": {"nb": "Vanlig"}}, {"code": "told", "text": {"nb": "Annet"}, "comment": "date"},
    ]  # fmt: skip
    found = answers_to(
        question("one", "choice", options=options), question("many", "multichoice", options=options),
        question("none", "choice", options=[options[1]]),
        question("rows", "checklist", rows=[{"id": "r", "when": {"nb": "1"}, "text": {"nb": "r"}, "repealed": True}]),
    )  # fmt: skip
    assert set(found) == {"one", "many"}
    assert found["one"] == {"code": "plain", "comments": {}}
    assert found["many"]["codes"] == ["plain", "told"]
    assert list(found["many"]["comments"]) == ["told"]


@_slow
@given(definitions())
def test_every_set_without_faults_is_filled_in(data: dict[str, Any]) -> None:
    definition = parse(data)
    assert presentable(definition) == (definition, ())
    answers = example_answers(definition, "nb")
    assert no_faults(definition, answers, "nb")
    assert missing(definition, answers, {}) == []
    assert example_answers(definition, "nb") == answers


# --- drafts with faults ---------------------------------------------------------------------------------------------

_operators = st.sampled_from(["var", "==", "!=", "<", "in", "and", "or", "!", "answered", "count", "if", "eval"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "b", "plan.kind", ""]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(_operators, part, max_size=2),
    max_leaves=6,
)
_rules = st.dictionaries(_operators, _json, max_size=2) | st.booleans()
_ids = st.sampled_from(["a", "b", "unnamed_1", "", "A b", "q__x", "-", "unnamed_2"]) | names
_says = st.dictionaries(st.sampled_from(["nb", "nn", "en", "se"]), texts.filter(str.isprintable), max_size=2)


@st.composite
def drafts(draw: st.DrawFn) -> QuestionSetDefinition:
    """Anything of right shape."""
    types = st.sampled_from(list(Item.model_fields["type"].annotation.__args__))  # type: ignore[union-attr]

    def items(depth: int) -> list[dict[str, Any]]:
        return [item(depth) for _ in range(draw(st.integers(0, 4 if depth else 2)))]

    def item(depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {"id": draw(_ids), "type": draw(types), "text": draw(_says), "help": draw(_says)}
        few = {
            "visible_if": _rules, "required": st.sampled_from([True, "recommended"]) | st.dictionaries(_operators, _json, max_size=2),
            "constraints": st.lists(st.fixed_dictionaries({"expr": _rules, "message": _says}), max_size=2),
            "options": st.lists(st.fixed_dictionaries({"code": _ids, "text": _says, "comment": st.sampled_from([None, "text", "date"]),
                                                       "retired": st.booleans()}), max_size=3),
            "columns": st.lists(st.fixed_dictionaries({"id": _ids, "type": st.sampled_from(["string", "text", "date", "integer"]), "text": _says}), max_size=3),
            "rows": st.lists(st.fixed_dictionaries({"id": _ids, "when": _says, "text": _says, "repealed": st.booleans()}), max_size=3),
            "facts": st.lists(st.fixed_dictionaries({"source": st.sampled_from(["employee.name", "x"]), "text": _says}), max_size=2),
            "calculate": st.dictionaries(st.sampled_from(["rule", "weeks", "x"]), _json | st.sampled_from(CALCULATIONS), max_size=2),
            "min": st.integers(), "max": st.integers(), "max_length": st.integers(1, 5), "hidden": st.booleans(),
            "repeat": st.fixed_dictionaries({"min": st.integers(0, 50), "max": st.integers(1, 50)}),
            "print": st.fixed_dictionaries({"show": st.sampled_from(["both", "screen", "paper"])}),
            "signers": st.just([{"role": "employer", "text": {}}] * 2), "nav_field": st.text(max_size=3),
        }  # fmt: skip
        for name in draw(st.lists(st.sampled_from(sorted(few)), max_size=5, unique=True)):
            data[name] = draw(few[name])
        return data | {"items": items(depth - 1) if depth and draw(st.booleans()) else []}

    languages = draw(st.lists(st.sampled_from(["nb", "nn", "en", "se"]), max_size=2))
    return shape(json.loads(json.dumps(envelope(items(3), languages=languages, title=draw(_says)))))


@_slow
@given(drafts(), st.sampled_from(["nb", "nn", "en", "se"]), st.sampled_from(["first", "extension"]))
def test_no_draft_is_too_faulty_to_be_looked_at(draft: QuestionSetDefinition, language: str, kind: str) -> None:
    answers, context = example_answers(draft, language, kind), example_context(draft, language, kind)
    shown = presentable(draft).definition
    assert no_faults(shown, answers, language, kind)
    ids = [item.id for item in shown.walk()]
    assert len(set(ids)) == len(ids)
    assert len(ids) == len(list(without_hidden(draft).walk()))  # mending leaves nothing out
    blank, filled = build_sheet(shown, language), build_sheet(shown, language, answers, context)
    assert blank.blank
    assert not filled.blank
    for part in sections(shown):
        form = build_form(shown, language, answers, context.variables, only=part.id)()
        assert screen(form, part.id, filled).id == part.id


def test_a_faulty_condition_leaves_the_question_shown_and_says_which() -> None:
    draft = shape(envelope([
        question("a", visible_if={"==": [{"var": "gone"}, 1]}), question("b", required={"unless": 1}),
        question("a"), question("B!"), question("fine", visible_if={"answered": "a"}),
        question("c", constraints=[{"expr": {"eval": 1}, "message": {"nb": "x"}}]),
    ]))  # fmt: skip
    found = presentable(draft)
    assert [item.id for item in found.mended] == ["a", "b", "a", "B!"]
    assert [item.id for item in found.definition.items] == ["a", "b", "unnamed_1", "unnamed_2", "fine", "c"]
    assert found.definition.items[0].visible_if is None
    assert found.definition.items[4].visible_if == {"answered": "a"}
    assert set(example_answers(draft, "nb")) == {"a", "b", "unnamed_1", "unnamed_2", "fine", "c"}


def test_what_is_hidden_is_not_in_the_example() -> None:
    draft = shape(envelope([
        question("a", hidden=True), {"id": "g", "type": "group", "text": {"nb": "g"}, "hidden": True, "items": [question("b")]},
        question("c"),
    ]))  # fmt: skip
    assert [item.id for item in presentable(draft).definition.walk()] == ["c"]
    assert set(example_answers(draft, "nb")) == {"c"}
