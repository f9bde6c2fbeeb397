"""Properties by path: what is listed, how it is shown and sent, and what is read from a form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.definition import (
    BOUND_COLUMNS,
    CALCULATIONS,
    FACTS,
    LANGUAGES,
    LAW_PARTS,
    NAV_FIELDS,
    BadDefinition,
    Column,
    Fact,
    Item,
    ItemType,
    Option,
    Print,
    QuestionSetDefinition,
    Repeat,
    shape,
)
from forms.edit import fields, kind_of, mark, marks, properties, property_of, read_bases, read_posted, render
from forms.edit.table import (
    EXCEPTIONS,
    FACT_NAMES,
    ITEM_PROPERTIES,
    LAW_PART_NAMES,
    NAV_FIELD_NAMES,
    SECTIONS,
    SET_PROPERTIES,
)
from tests.forms.strategies import definitions, envelope, question, texts

LIBRARY = sorted((Path(__file__).parents[2] / "forms" / "library").glob("*.json"))
MODEST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def item(kind: str = "text", **more: Any) -> Item:
    return Item.model_validate(question("q", kind, **more))


def untouched(source: Item | QuestionSetDefinition, languages: Iterable[str]) -> dict[str, list[str]]:
    """The request of a form that was shown and sent back."""
    return {name: sent for field in fields(source, languages) for name, sent in field.typed.items()}


# --- what is listed -------------------------------------------------------------------------------------------------


def test_a_text_question_has_its_texts_side_by_side_and_nothing_of_other_types() -> None:
    found = properties(item(help={"nb": "Hjelp"}), ["nb", "nn"])
    assert list(found)[3:7] == ["text.nb", "text.nn", "help.nb", "help.nn"]
    assert (found["text.nb"], found["text.nn"], found["help.nb"]) == ("Spørsmål q", "", "Hjelp")
    assert found["required"] is False
    assert found["max_length"] == 4000
    assert {"print.layout", "print.blank_lines", "visible_if", "carry", "law_part", "nav_field"} <= set(found)
    assert not {path.split(".")[0] for path in found} & {"options", "columns", "rows", "min", "unit", "calculate"}


@pytest.mark.parametrize("kind", get_args(ItemType))
def test_a_type_lists_what_the_table_says_and_no_more(kind: str) -> None:
    listed = set(properties(item(kind), ["nb"]))
    texts = {"text", "long"}
    wanted = {
        f"{pattern}.nb" if (kind, pattern) in EXCEPTIONS or about.kind in texts else pattern
        for pattern, about in ITEM_PROPERTIES.items()
        if kind in about.types and "*" not in pattern
    }
    assert listed == wanted


def test_parts_are_named_by_their_own_ids_and_stand_together() -> None:
    choice = item("choice", options=[{"code": c, "text": {"nb": c.upper()}} for c in ("ja", "nei")])
    found = [path for path in properties(choice, ["nb"]) if path.startswith("options")]
    names = ("text.nb", "comment", "retired", "dead_term")
    assert found == [f"options.{code}.{name}" for code in ("ja", "nei") for name in names]
    assert properties(choice, ["nb"])["options.nei.text.nb"] == "NEI"


def test_parts_without_a_name_or_with_one_that_is_used_twice_go_by_their_place() -> None:
    odd = item(
        "choice",
        options=[{"code": code, "text": {"nb": str(n)}} for n, code in enumerate(["a", "a", "b.c", "", "1"])],
        examples=[{"nb": "Første"}, {"nb": "Andre"}],
        constraints=[{"expr": {"answered": "q"}, "message": {"nb": "Nei"}}],
    )
    found = properties(odd, ["nb"])
    keys = [path.split(".")[1] for path in found if path.startswith("options.") and path.endswith("text.nb")]
    assert keys == ["#0", "#1", "#2", "#3", "1"]
    assert [found[f"options.{key}.text.nb"] for key in keys] == ["0", "1", "2", "3", "4"]
    assert (found["examples.0.nb"], found["examples.1.nb"]) == ("Første", "Andre")
    assert found["constraints.0.expr"] == {"answered": "q"}


def test_what_does_not_belong_is_listed_where_it_is_set_so_that_it_can_be_taken_away() -> None:
    strayed = item("info", required=True, min=3, nav_field="followUp", unit={"nb": "%"})
    found = properties(strayed, ["nb", "nn"])
    assert (found["required"], found["min"], found["nav_field"], found["unit.nn"]) == (True, 3, "followUp", "")
    assert not {"max", "carry", "max_length"} & set(found)


def test_the_set_has_properties_of_its_own() -> None:
    found = properties(shape(envelope([], languages=["nb", "nn"], paper={"revised": "2007"})), ["nb", "nn"])
    assert found["languages"] == ["nb", "nn"]
    assert (found["title.nb"], found["title.nn"], found["paper.revised"]) == ("Et sett", "", "2007")


def test_every_property_of_the_format_is_in_the_table() -> None:
    """A property that is added to the format shall not be forgotten here."""
    structure = {"id", "items"}
    assert {pattern.split(".")[0] for pattern in ITEM_PROPERTIES} == set(Item.model_fields) - structure
    identity = {"schema_version", "key", "version", "items"}
    assert {pattern.split(".")[0] for pattern in SET_PROPERTIES} == set(QuestionSetDefinition.model_fields) - identity
    for prefix, model, left in (
        ("options.*", Option, {"code"}), ("columns.*", Column, {"id"}), ("facts.*", Fact, set()),
        ("repeat", Repeat, set()), ("print", Print, set()),
    ):  # fmt: skip
        named = {pattern.removeprefix(f"{prefix}.") for pattern in ITEM_PROPERTIES if pattern.startswith(f"{prefix}.")}
        assert named == set(model.model_fields) - left


def test_every_value_the_format_allows_has_a_name() -> None:
    assert tuple(LAW_PART_NAMES) == LAW_PARTS
    assert tuple(NAV_FIELD_NAMES) == NAV_FIELDS
    assert tuple(FACT_NAMES) == FACTS
    assert tuple(ITEM_PROPERTIES["calculate.rule"].choices)[1:] == CALCULATIONS
    assert all(about.section in SECTIONS for about in (*ITEM_PROPERTIES.values(), *SET_PROPERTIES.values()))


@pytest.mark.parametrize(
    "path", [path for path, about in ITEM_PROPERTIES.items() if about.kind == "int" and about.high is not None]
)
def test_numbers_have_the_bounds_of_the_format(path: str) -> None:
    about, kind = ITEM_PROPERTIES[path], next(iter(ITEM_PROPERTIES[path].types))

    def fits(number: int | None) -> bool:
        *way, last = path.split(".")
        data: Any = {last: number}
        if "*" in way:
            data |= {"columns": {"id": "c", "type": "date", "text": {}}, "facts": {"source": "x", "text": {}}}[way[0]]
        for step in reversed(way):
            data = [data] if step == "*" else {step: data}
        try:
            return bool(shape(envelope([{"id": "q", "type": kind, **data}])))
        except BadDefinition:
            return False

    assert fits(about.low)
    assert fits(about.high)
    if path != "calculate.weeks":  # the format has no bounds there, dates do
        assert not fits((about.low or 0) - 1)
        assert not fits((about.high or 0) + 1)


# --- controls and marks ---------------------------------------------------------------------------------------------


def test_a_question_that_must_be_answered_sometimes_offers_the_same_choices() -> None:
    item = Item(id="a", type="text", required={"if": {"answered": "b"}})
    required = next(field for field in fields(item) if field.path == "required")
    assert list(required.choices) == ["no", "recommended", "yes", "if"]


def test_a_template_learns_control_label_and_choices_of_a_path() -> None:
    assert kind_of("text", "text.nb") == "text"
    assert kind_of("info", "text.nb") == "long"
    assert kind_of("choice", "options.any_code.comment") == "choice"
    assert kind_of("text", "required") == "required"
    assert kind_of("", "title.nn") == "text"
    about = property_of("text", "law_part")
    assert about
    assert "§ 4-6" in about.label
    assert list(about.choices) == ["", *LAW_PARTS]


@pytest.mark.parametrize(
    "path",
    ["", "text", "text.xx", "text.nb.nb", "required.nb", "options", "options.a", "__class__", "items", "id", "key"],
)
def test_other_names_are_no_properties(path: str) -> None:
    assert kind_of("choice", path) is None


def test_a_choice_that_is_no_longer_offered_is_still_shown() -> None:
    shown = {field.path: field for field in fields(item(nav_field="oldField"), ["nb"])}
    assert shown["nav_field"].choices["oldField"] == "oldField"
    assert "oldField" not in shown["law_part"].choices


def test_marks_tell_values_apart_but_not_line_ends() -> None:
    assert mark(None) == mark("") == mark(" \n") == ""
    assert mark("a\r\nb ") == mark("a\nb")
    different = [None, 0, 1, False, True, "0", "a", "a b", "a\nb", {"var": "a"}, [], {"if": True}]
    assert len({mark(value) for value in different}) == len(different)
    assert len(mark("x" * 10_000)) == 12
    assert marks(item(), ["nb"])["text.nb"] == mark("Spørsmål q")


@MODEST
@given(texts)
def test_a_mark_does_not_change_on_its_way_through_a_form(text: str) -> None:
    path = "text.nb"
    values, _ = read_posted(item("info"), {path: [text]})
    again, _ = read_posted(item("info"), {path: [values[path].replace("\n", "\r\n")]})
    assert again == values
    assert mark(values[path]) == mark(text)


# --- reading a form -------------------------------------------------------------------------------------------------


def test_values_are_read_by_their_kind() -> None:
    choice = item("choice", options=[{"code": "ja", "text": {"nb": "Ja"}}])
    values, errors = read_posted(
        choice,
        {
            "text.nb": ["  Ny\r\ntekst\x00 "], "help.nb": ["En\r\nto"], "options.ja.retired__shown": ["1"],
            "options.ja.dead_term__shown": ["1"], "options.ja.dead_term": ["1"], "options.ja.comment": [""],
            "print.option_columns": [" 3 "], "law_part": ["follow_up"], "required": ["recommended"],
            "visible_if": ['{"answered": "other"}'], "csrf_token": ["x"], "text.nb__base": ["abc"], "type": ["text"],
        },
    )  # fmt: skip
    assert errors == {}
    assert values == {
        "text.nb": "Ny tekst", "help.nb": "En\nto", "options.ja.retired": False, "options.ja.dead_term": True,
        "options.ja.comment": None, "print.option_columns": 3, "law_part": "follow_up", "required": "recommended",
        "visible_if": {"answered": "other"},
    }  # fmt: skip


def test_a_tick_box_that_was_not_part_of_the_form_is_not_taken_away() -> None:
    assert read_posted(item(), {"text.nb": ["A"]}) == ({"text.nb": "A"}, {})
    assert read_posted(item(), {"carry__shown": ["1"]})[0] == {"carry": False}
    assert read_posted(item(), {"text.nb__shown": ["1"]}) == ({}, {})


def test_a_number_typed_wrongly_is_told_at_its_path_and_the_rest_is_read() -> None:
    typed = {"print.blank_lines": ["mange"], "max_length": ["99999999"], "text.nb": ["A"]}
    values, errors = read_posted(item(), typed)
    assert values == {"text.nb": "A"}
    assert errors["print.blank_lines"].say(str) == "Skriv et helt tall fra 0 til 40."
    assert errors["max_length"].say(str) == "Skriv et helt tall fra 1 til 20000."
    number = item("integer", min=3)
    assert read_posted(number, {"min": [""], "max": ["-4"]})[0] == {"min": None, "max": -4}
    assert read_posted(number, {"min": ["3,5"]})[1]["min"].say(str) == "Skriv et helt tall, bare med siffer."
    assert set(read_posted(number, {"max": ["9" * 13]})[1]) == {"max"}


@pytest.mark.parametrize(
    ("posted", "path"),
    [
        ({"visible_if": ["{"]}, "visible_if"),
        ({"visible_if": ['{"call": "os.system"}']}, "visible_if"),
        ({"visible_if": ['"text"']}, "visible_if"),
        ({"visible_if": ["[" * 100_000]}, "visible_if"),
        ({"visible_if": ['{"==": [{"var": "a"}, NaN]}']}, "visible_if"),
        ({"visible_if": ['{"==": [{"var": "a"}, 1e999]}']}, "visible_if"),
        ({"visible_if": ['{"==": [{"var": "a"}, "\\ud800"]}']}, "visible_if"),
        ({"visible_if": ["9" * 10_000]}, "visible_if"),
        ({"required": ["if"], "required__if": [""]}, "required"),
        ({"required": ["if"]}, "required"),
        ({"required": ["maybe"]}, "required"),
        ({"law_part": ["other"]}, "law_part"),
        ({"help.nb": ["x" * 20_001]}, "help.nb"),
    ],
)
def test_what_cannot_be_taken_is_told(posted: dict[str, list[str]], path: str) -> None:
    values, errors = read_posted(item(), posted)
    assert values == {}
    assert list(errors) == [path]
    assert errors[path].say(str)


def test_conditions_and_required_when() -> None:
    rule = '{"==": [{"var": "a"}, true]}'
    values, errors = read_posted(item(), {"visible_if": [rule], "required": ["if"], "required__if": [rule]})
    assert (values, errors) == ({"visible_if": json.loads(rule), "required": {"if": json.loads(rule)}}, {})
    shown = item(visible_if={"answered": "a"}, required={"if": {"answered": "b"}})
    values, _ = read_posted(shown, {"visible_if": [""], "required": ["no"], "required__if": ['{"answered": "b"}']})
    assert values == {"visible_if": None, "required": False}


def test_marks_come_back_with_the_form() -> None:
    assert read_bases({"text.nb__base": ["abc"], "text.nb": ["x"], "required__base": [""]}) == {
        "text.nb": "abc", "required": "",
    }  # fmt: skip


def test_a_part_that_somebody_removed_is_still_read_so_that_its_text_is_not_lost() -> None:
    values, errors = read_posted(item("choice"), {"options.gone.text.nb": ["Min tekst"]})
    assert (values, errors) == ({"options.gone.text.nb": "Min tekst"}, {})


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_a_shipped_set_that_is_shown_and_sent_back_is_the_same(path: Path) -> None:
    definition = shape(path.read_bytes())
    for source in (definition, *definition.walk()):
        shown = properties(source, definition.languages)
        values, errors = read_posted(source, untouched(source, definition.languages))
        assert errors == {}
        assert {name: mark(value) for name, value in values.items()} == {
            name: mark(shown[name]) for name in values if name in shown
        }
        assert set(shown) - set(values) <= {"type", "hidden", "locked", "kind", "languages"}


@MODEST
@given(definitions(), st.data())
def test_a_draft_with_faults_can_be_sent_back_without_errors(data: dict[str, Any], draw: st.DataObject) -> None:
    odd = {"required": {"when": 1}, "visible_if": {"call": "x"}, "nav_field": "old", "calculate": {"rule": "old"}}
    for one in data["items"][0]["items"]:
        one |= {name: odd[name] for name in draw.draw(st.sets(st.sampled_from(sorted(odd))))}
    definition = shape(data)
    for source in definition.walk():
        shown = properties(source, LANGUAGES)
        values, errors = read_posted(source, untouched(source, LANGUAGES))
        assert errors == {}
        assert all(mark(values[path]) == mark(shown[path]) for path in values)


def test_what_is_rendered_is_what_a_browser_sends() -> None:
    about = ITEM_PROPERTIES["required"]
    assert render("required", about, {"if": {"answered": "a"}}) == {
        "required": ["if"], "required__if": ['{"answered":"a"}'],
    }  # fmt: skip
    assert render("carry", ITEM_PROPERTIES["carry"], False) == {"carry__shown": ["1"]}
    assert render("min", ITEM_PROPERTIES["min"], 0) == {"min": ["0"]}


def test_columns_of_the_cases_rows_are_edited_by_their_own_names() -> None:
    columns = [{"id": name, "type": "string", "text": {"nb": name}} for name in BOUND_COLUMNS["measures"]]
    found = properties(item("measures", columns=columns), ["nb"])
    assert found["columns.deadline.text.nb"] == "deadline"
    assert "repeat.blank_rows" in found
    assert "repeat.max" not in found
