"""Conditions as sentences: nothing is lost on the way to the lists and back, and everything can be said in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.checks import faults
from forms.conditions import check_condition, holds
from forms.conditions.sentence import (
    WITHOUT_VALUE,
    Clause,
    Sentence,
    from_sentence,
    operators,
    subjects,
    to_sentence,
    values,
    words,
)
from forms.definition import QuestionSetDefinition, Texts, say, shape
from forms.library import load_shipped, shipped_keys
from forms.texts import Note
from tests.forms.strategies import day_texts, envelope, question, rules, time_texts

FEW = settings(max_examples=120, deadline=None)
_OPTIONS = [{"code": code, "text": {"nb": f"Valg {code}", "nn": f"Val {code}"}} for code in ("x", "y", "true")]
DEFINITION = shape(
    envelope(
        [
            question("yes", "boolean", text={"nb": "Har dere hatt møte?", "nn": "Har de hatt møte?"}),
            question("one", "choice", options=_OPTIONS),
            question(
                "many", "multichoice", options=[*_OPTIONS, {"code": "old", "text": {"nb": "Før"}, "retired": True}]
            ),
            question("number", "integer"),
            question("day", "date"),
            question("day2", "date"),
            question("clock", "time"),
            question("line", "string"),
            question("rows", "table", columns=[{"id": "c", "type": "string", "text": {"nb": "C"}}]),
            {"id": "box", "type": "group", "hidden": True, "items": [question("unseen")]},
            question("printed", print={"show": "paper"}),
            question("title", "info"),
            question("asked"),
            question("later"),
        ],
        languages=["nb", "nn"],
    )
)
_codes = st.sampled_from(["x", "y", "true"])
_answers: dict[str, st.SearchStrategy[Any]] = {
    "yes": st.booleans(), "one": _codes.map(lambda code: {"code": code, "comments": {}}), "number": st.integers(-3, 3),
    "many": st.lists(_codes, min_size=1, unique=True).map(lambda codes: {"codes": codes, "comments": {}}),
    "day": day_texts, "day2": day_texts, "clock": time_texts, "line": st.sampled_from(["a", "b"]),
    "rows": st.just([{"c": "1"}]), "plan.kind": st.sampled_from(["first", "extension"]),
}  # fmt: skip
known = st.fixed_dictionaries({}, optional=_answers)
_literals = {
    "yes": st.booleans(), "one": _codes, "number": st.integers(-3, 3), "day": day_texts, "clock": time_texts,
    "plan.kind": st.sampled_from(["first", "extension"]),
}  # fmt: skip


@st.composite
def _plain(draw: st.DrawFn) -> Any:
    """One thing asked of one question, as the lists offer it, but written in any of the ways there are."""
    name = draw(st.sampled_from([*_literals, "many", "count", "answered", "yes"]))
    if name == "answered":
        rule: Any = {
            "answered": draw(st.sampled_from(["yes", "one", "many", "number", "day", "clock", "line", "rows"]))
        }
    elif name == "many":
        rule = {"in": [draw(_codes), {"var": "many"}]}
    elif name == "count":
        sides = [{"count": "many"}, draw(st.integers(1, 5))]
        rule = {draw(st.sampled_from(["<", "<=", ">", ">="])): sides[:: draw(st.sampled_from([1, -1]))]}
    else:
        some = ["==", "!="] + ["<", "<=", ">", ">="] * (name in ("number", "day", "clock"))
        sides = [{"var": name}, draw(_literals[name])]
        rule = {draw(st.sampled_from(some)): sides[:: draw(st.sampled_from([1, -1]))]}
        rule = draw(st.sampled_from([rule, {"var": "yes"}])) if name == "yes" else rule
    return {"!": rule} if draw(st.booleans()) else rule


plain = _plain()
_odd = st.one_of(
    plain, st.booleans(), st.just({"in": [{"var": "one"}, ["x", "y"]]}), st.just({"<": [{"var": "day"}, {"var": "day2"}]}),
    st.just({"==": [{"var": "line"}, "a"]}), st.just({"==": [{"count": "many"}, 2]}), st.just({"answered": "gone"}),
)  # fmt: skip
nested = st.recursive(
    _odd,
    lambda part: st.one_of(
        part.map(lambda rule: {"!": [rule]}),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(part, min_size=1, max_size=3)).map(lambda t: {t[0]: t[1]}),
    ),
    max_leaves=6,
)


@FEW
@given(nested, known)
def test_a_sentence_says_just_what_the_condition_does(rule: Any, answers: dict[str, Any]) -> None:
    sentence = to_sentence(DEFINITION, rule)
    if sentence is not None:
        again = from_sentence(DEFINITION, sentence)
        assert check_condition(again) == []
        assert holds(again, answers) is holds(rule, answers)
        assert to_sentence(DEFINITION, again) == sentence


@FEW
@given(st.sampled_from(["and", "or"]), st.lists(plain, min_size=1, max_size=4), st.booleans())
def test_what_the_lists_offer_is_a_sentence_however_it_is_written(joiner: str, parts: list[Any], negated: bool) -> None:
    rule: Any = {joiner: parts}
    sentence = to_sentence(DEFINITION, {"!": rule} if negated else rule)
    assert sentence is not None
    assert len(sentence.clauses) == len(parts)
    if len(parts) > 1:
        assert sentence.joiner == ("all" if (joiner == "and") is not negated else "any")


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    name = draw(st.sampled_from([*_answers, "case.kind"]))
    operator = draw(st.sampled_from([code for code, _ in operators(DEFINITION, name)]))
    if operator in WITHOUT_VALUE:
        return Clause(name, operator)
    if operator.startswith("count_"):
        return Clause(name, operator, str(draw(st.integers(0, 999))))
    choices = [code for code, _ in values(DEFINITION, name)]
    return Clause(name, operator, draw(st.sampled_from(choices) if choices else _answers[name].map(str)))


@FEW
@given(st.sampled_from(["all", "any"]), st.lists(clauses(), min_size=1, max_size=5))
def test_a_built_sentence_comes_back_as_it_was_built(joiner: Any, built: list[Clause]) -> None:
    sentence = Sentence(joiner if len(built) > 1 else "all", tuple(built))
    rule = from_sentence(DEFINITION, sentence)
    assert rule is not None
    assert to_sentence(DEFINITION, rule) == sentence
    checked = shape(DEFINITION.model_dump(mode="json"))
    asked = checked.find("asked")
    assert asked is not None
    items = tuple(item.model_copy(update={"visible_if": rule}) if item == asked else item for item in checked.items)
    assert [
        f for f in faults(checked.model_copy(update={"items": items})) if f.item == "asked" and f.property != "text"
    ] == []


@pytest.mark.parametrize(
    ("clause", "rule"),
    [
        (Clause("yes", "is", "true"), {"==": [{"var": "yes"}, True]}),
        (Clause("yes", "not_answered"), {"!": {"answered": "yes"}}),
        (Clause("one", "is_not", "x"), {"!=": [{"var": "one"}, "x"]}),
        (Clause("one", "is", "gone"), {"==": [{"var": "one"}, "gone"]}),
        (Clause("many", "holds", "old"), {"in": ["old", {"var": "many"}]}),
        (Clause("many", "holds_not", "x"), {"!": {"in": ["x", {"var": "many"}]}}),
        (Clause("many", "count_ge", "2"), {">=": [{"count": "many"}, 2]}),
        (Clause("number", "lt", " -5 "), {"<": [{"var": "number"}, -5]}),
        (Clause("day", "ge", "5.3.2026"), {">=": [{"var": "day"}, "2026-03-05"]}),
        (Clause("clock", "le", "kl. 9.05"), {"<=": [{"var": "clock"}, "09:05"]}),
        (Clause("line", "answered"), {"answered": "line"}),
        (Clause("case.kind", "is", "preventive"), {"==": [{"var": "case.kind"}, "preventive"]}),
        *((clause, None) for clause in (
            Clause("yes", "is"), Clause("yes", "is", "ja"), Clause("yes", "is_not", "true"), Clause("one", "is"),
            Clause("one", "holds", "x"), Clause("number", "is", "3.5"), Clause("number", "is", "tre"),
            Clause("many", "count_ge", "-1"), Clause("day", "lt", "2026-02-30"), Clause("clock", "is", "25:00"),
            Clause("line", "is", "a"), Clause("rows", "count_ge", "1"), Clause("title", "answered"),
            Clause("gone", "answered"), Clause("plan.kind", "answered"), Clause("", ""),
        )),
    ],
    ids=str,
)  # fmt: skip
def test_clauses_by_example(clause: Clause, rule: Any) -> None:
    assert from_sentence(DEFINITION, Sentence("all", (clause,))) == rule
    whole = Sentence("any", (Clause("yes", "answered"), clause))
    assert from_sentence(DEFINITION, whole) == (None if rule is None else {"or": [{"answered": "yes"}, rule]})


def test_nothing_asked_is_no_condition() -> None:
    assert from_sentence(DEFINITION, Sentence("all", ())) is None
    assert to_sentence(DEFINITION, None) is None


def test_a_list_of_codes_is_any_of_them() -> None:
    rule = {"in": [{"var": "one"}, ["x", "y"]]}
    assert to_sentence(DEFINITION, rule) == Sentence("any", (Clause("one", "is", "x"), Clause("one", "is", "y")))
    assert to_sentence(DEFINITION, {"!": rule}) == Sentence(
        "all", (Clause("one", "is_not", "x"), Clause("one", "is_not", "y"))
    )
    assert to_sentence(DEFINITION, {"and": [rule, {"var": "yes"}]}) is None
    long = {"in": [{"var": "one"}, [f"c{n}" for n in range(60)]]}
    assert check_condition(long) == []
    assert to_sentence(DEFINITION, long) is None  # as a sentence it would be too large to save
    assert words(DEFINITION, long, "nb", str).count("«Spørsmål one» er «c") == 60


@pytest.mark.parametrize("item_id", ["asked", "later", ""])
def test_subjects_come_before_and_can_be_answered(item_id: str) -> None:
    before = ["yes", "one", "many", "number", "day", "day2", "clock", "line", "rows"]
    more: dict[str, list[str]] = {"asked": [], "later": ["asked"], "": ["asked", "later"]}
    found = subjects(DEFINITION, item_id)
    assert [name for name, _label in found] == [*before, *more[item_id], "plan.kind", "case.kind"]
    assert found[0][1] == {"nb": "Har dere hatt møte?", "nn": "Har de hatt møte?"}
    assert isinstance(found[-1][1], Note)
    assert ("asked" in [name for name, _ in subjects(DEFINITION, "asked", itself=True)]) is True


def test_every_subject_has_operators_and_choices_have_values() -> None:
    for name, _label in subjects(DEFINITION, ""):
        assert operators(DEFINITION, name)
    assert [code for code, _ in values(DEFINITION, "many")] == ["x", "y", "true", "old"]
    assert [code for code, _ in values(DEFINITION, "yes")] == ["true", "false"]
    assert [code for code, _ in values(DEFINITION, "plan.kind")] == ["first", "extension"]
    assert values(DEFINITION, "day") == values(DEFINITION, "gone") == operators(DEFINITION, "title") == []


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"var": "yes"}, "«Har dere hatt møte?» er ja"),
        ({"!": {"var": "yes"}}, "«Har dere hatt møte?» er nei"),
        ({"and": [{"var": "yes"}, {"answered": "line"}, {"!": {"answered": "one"}}]},
         "«Har dere hatt møte?» er ja, og «Spørsmål line» er fylt ut, og «Spørsmål one» er ikke besvart"),
        ({"or": [{"var": "yes"}, {"and": [{"==": [{"var": "one"}, "x"]}, {">": [3, {"var": "number"}]}]}]},
         "«Har dere hatt møte?» er ja, eller («Spørsmål one» er «Valg x», og «Spørsmål number» er mindre enn 3)"),
        ({"in": ["old", {"var": "many"}]}, "«Spørsmål many» har kryss for «Før»"),
        ({"!": {"in": ["x", {"var": "many"}]}}, "«Spørsmål many» har ikke kryss for «Valg x»"),
        ({">": [{"count": "many"}, 1]}, "«Spørsmål many» har minst 2 kryss"),
        ({"!=": [{"count": "many"}, 1]}, "antall kryss for «Spørsmål many» er ikke 1"),
        ({">": [{"count": "rows"}, 2]}, "antall rader i «Spørsmål rows» er større enn 2"),
        ({"count": "line"}, "antall svar på «Spørsmål line» er minst 1"),
        ({"!": {"count": "many"}}, "antall kryss for «Spørsmål many» er mindre enn 1"),
        ({"<": [{"var": "day"}, "2026-03-05"]}, "«Spørsmål day» er før 5. mars 2026"),
        ({"!": {"<": [{"var": "day"}, {"var": "day2"}]}}, "«Spørsmål day» er tidligst «Spørsmål day2»"),
        ({"<=": [{"var": "clock"}, "09:30"]}, "«Spørsmål clock» er senest 09:30"),
        ({"==": [{"var": "line"}, "a"]}, "«Spørsmål line» er «a»"),
        ({"in": ["a", {"var": "line"}]}, "«Spørsmål line» inneholder «a»"),
        ({"!": {"in": [{"var": "one"}, [{"var": "line"}, "x"]]}},
         "«Spørsmål one» er ikke en av «Spørsmål line», «Valg x»"),
        ({"==": [{"var": "plan.kind"}, "first"]}, "Planen er «Første oppfølgingsplan i perioden»"),
        ({"answered": "gone"}, "«gone» er besvart"),
        ({"!": {"var": "gone"}}, "«gone» er nei"),
        ({"==": [{"var": "one"}, None]}, "«Spørsmål one» er ingenting"),
        ({"==": [{"answered": "line"}, True]}, "(«Spørsmål line» er fylt ut) er ja"),
        (True, "alltid"), (False, "aldri"), ({"!": True}, "aldri"),
        ({"call": 1}, "en betingelse som ikke kan leses"), ({"and": []}, "en betingelse som ikke kan leses"),
    ],
    ids=str,
)  # fmt: skip
def test_words_by_example(rule: Any, told: str) -> None:
    assert words(DEFINITION, rule, "nb", str) == told


def test_words_speak_the_language_of_the_set_and_of_the_screen() -> None:
    rule = {"and": [{"==": [{"var": "one"}, "x"]}, {"var": "yes"}]}
    english = {"%(first)s, og %(second)s": "%(first)s, and %(second)s", "er": "is", "ja": "yes"}
    said = words(DEFINITION, rule, "nn", lambda text: english.get(text, text))
    assert said == "«Spørsmål one» is «Val x», and «Har de hatt møte?» is yes"


@FEW
@given(st.one_of(nested, rules))
def test_any_condition_can_be_said(rule: Any) -> None:
    assert words(DEFINITION, rule, "nb", str).strip()


@FEW
@given(nested, nested, known)
def test_the_same_words_mean_the_same(one: Any, other: Any, answers: dict[str, Any]) -> None:
    if words(DEFINITION, one, "nb", str) == words(DEFINITION, other, "nb", str):
        assert holds(one, answers) is holds(other, answers)


def _shipped() -> list[tuple[QuestionSetDefinition, str, Any]]:
    found: list[tuple[QuestionSetDefinition, str, Any]] = []
    for definition in map(load_shipped, shipped_keys()):
        for item in definition.walk():
            found += [(definition, item.id, item.visible_if)] * (item.visible_if is not None)
            found += [(definition, item.id, item.required["if"])] if isinstance(item.required, dict) else []
            found += [(definition, item.id, constraint.expr) for constraint in item.constraints]
    return found


def test_the_conditions_of_the_shipped_sets_are_sentences_or_well_said() -> None:
    odd = []
    for definition, item_id, rule in _shipped():
        sentence = to_sentence(definition, rule)
        if sentence is None:
            odd.append((definition.key, item_id, words(definition, rule, "nb", str)))
            continue
        offered = dict(subjects(definition, item_id, itself=True))
        assert all(clause.question in offered for clause in sentence.clauses)
        labels = [_said(offered[clause.question]) for clause in sentence.clauses]
        assert all(label in words(definition, rule, "nb", str) for label in labels)
    assert len(_shipped()) > 8
    assert odd == [
        ("avtale-tre-deler", "plan_kind_boxes", "aldri"),
        ("nordre-land-iop", "evaluation_date",
         "«Når skal vi evaluere planen / møtes neste gang?» er etter «Samtale/møte dato?»"),
    ]  # fmt: skip


def _said(label: Texts | Note) -> str:
    return label.say(str) if isinstance(label, Note) else say(label, "nb")
