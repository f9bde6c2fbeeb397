"""Every edit of a question set: what it makes, what it refuses, and what holds for any sequence of them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.conditions import variables
from forms.definition import (
    BOUND_COLUMNS,
    ID,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_OPTIONS,
    Item,
    ItemType,
    QuestionSetDefinition,
    faults,
    shape,
    walk,
)
from forms.edit import (
    PARTS,
    Edited,
    EditRefused,
    add_item,
    add_language,
    add_part,
    change_type,
    delete,
    duplicate,
    fields,
    hide,
    ids_of_parts,
    label,
    mark,
    marks,
    may_have,
    move,
    move_part,
    move_to,
    properties,
    read_bases,
    read_posted,
    remove_language,
    remove_part,
    set_properties,
    show,
)
from forms.texts import translator
from tests.forms.strategies import definitions, envelope, question

LIBRARY = sorted((Path(__file__).parents[2] / "forms" / "library").glob("*.json"))
TYPES = get_args(ItemType)
MODEST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BOTH = ("nb", "nn")


def a_set(*items: dict[str, Any], **more: Any) -> QuestionSetDefinition:
    return shape(envelope(list(items), **more))


def group(item_id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return question(item_id, "group", items=list(items), **more)


def options(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "text": {"nb": code.upper()}} for code in codes]


def outline(definition: QuestionSetDefinition) -> Any:
    """Ids as they lie in each other."""

    def of(items: tuple[Item, ...]) -> list[Any]:
        return [{item.id: of(item.items)} if item.type == "group" else item.id for item in items]

    return of(definition.items)


def got(definition: QuestionSetDefinition, item_id: str) -> Item:
    item = definition.find(item_id)
    assert item is not None
    return item


def refused(edit: Callable[..., Any], *args: Any, **more: Any) -> str:
    with pytest.raises(EditRefused) as told:
        edit(*args, **more)
    return told.value.note.say(translator("nb"))


def one_of_each(languages: tuple[str, ...] = BOTH) -> QuestionSetDefinition:
    made = a_set(languages=languages, title=dict.fromkeys(languages, "Alt"))
    for kind in TYPES:
        made = add_item(made, kind).definition
    return made


def library(name: str) -> QuestionSetDefinition:
    return shape((LIBRARY[0].parent / f"{name}.json").read_bytes())


# --- properties -----------------------------------------------------------------------------------------------------


def write(definition: QuestionSetDefinition, item_id: str, **values: Any) -> Edited:
    """As somebody who saw the definition as it is; __ stands for the point in a path."""
    source = got(definition, item_id) if item_id else definition
    paths = {path.replace("__", "."): value for path, value in values.items()}
    return set_properties(definition, item_id, paths, marks(source, definition.languages))


def test_texts_and_settings_are_written() -> None:
    before = a_set(question("a"), group("g", question("b")), languages=BOTH)
    made = write(
        before, "b", text__nb="Hva gjør du?", text__nn="Kva gjer du?", required="recommended", print__blank_lines=7,
        visible_if={"answered": "a"}, law_part="assessment", nav_field="followUp",
    )  # fmt: skip
    after = got(made.definition, "b")
    assert after.text == {"nb": "Hva gjør du?", "nn": "Kva gjer du?"}
    assert (after.required, after.print.blank_lines, after.visible_if) == ("recommended", 7, {"answered": "a"})
    assert (after.law_part, after.nav_field, made.conflicts, made.item_id) == ("assessment", "followUp", (), "b")
    assert made.what.say(str) == "Endret «Hva gjør du?»"
    assert made.definition.items[0] is before.items[0]


def test_texts_of_parts_are_written() -> None:
    before = a_set(
        question("a", "choice", options=options("ja", "nei"), examples=[{"nb": "X"}]),
        {"id": "f", "type": "facts", "facts": [{"source": "employee.name", "text": {"nb": "Navn"}}]},
    )
    made = write(
        before, "a", options__nei__text__nb="Nei takk", options__nei__comment="text", options__ja__retired=True,
        examples__0__nb="Y",
    )  # fmt: skip
    after = got(made.definition, "a")
    assert [(o.code, o.text["nb"], o.comment, o.retired) for o in after.options] == [
        ("ja", "JA", None, True), ("nei", "Nei takk", "text", False),
    ]  # fmt: skip
    assert after.examples == ({"nb": "Y"},)
    facts = got(set_properties(before, "f", {"facts.0.source": "unit.name"}, marks(before.items[1])).definition, "f")
    assert facts.facts[0].source == "unit.name"


def test_an_empty_text_takes_its_language_away_and_the_last_one_all() -> None:
    before = a_set(question("a", help={"nb": "Hjelp", "nn": "Hjelp", "en": "unseen"}), languages=BOTH)
    once = write(before, "a", help__nn=" ").definition
    assert got(once, "a").help == {"nb": "Hjelp", "en": "unseen"}
    assert got(write(once, "a", help__nb="").definition, "a").help == {}


def test_optional_values_are_emptied() -> None:
    before = a_set(
        question("n", "integer", min=1, law_part="follow_up", visible_if={"answered": "x"}),
        {"id": "c", "type": "calculated", "text": {"nb": "Dato"}, "calculate": {"rule": "sick_pay_end", "weeks": 2}},
    )
    after = got(write(before, "n", min=None, law_part=None, visible_if=None).definition, "n")
    assert (after.min, after.law_part, after.visible_if) == (None, None, None)
    once = write(before, "c", calculate__weeks=None).definition
    assert got(once, "c").calculate == {"rule": "sick_pay_end"}
    assert got(write(once, "c", calculate__rule=None).definition, "c").calculate is None
    assert got(
        write(write(once, "c", calculate__rule=None).definition, "c", calculate__weeks=3).definition, "c"
    ).calculate == {"weeks": 3}


def test_the_set_itself_is_written() -> None:
    made = write(a_set(question("a")), "", title__nb="Ny tittel", paper__head__nb="Kommunen", paper__revised="2026")
    assert made.definition.title == {"nb": "Ny tittel"}
    assert (made.definition.paper.head, made.definition.paper.revised) == ({"nb": "Kommunen"}, "2026")
    assert made.item_id == ""
    assert outline(made.definition) == ["a"]


def test_two_who_change_different_properties_both_win_and_of_the_same_the_first() -> None:
    before = a_set(question("a"))
    seen = marks(got(before, "a"), ["nb"])
    everything = {
        path: value
        for path, value in properties(got(before, "a"), ["nb"]).items()
        if path not in ("type", "hidden", "locked")
    }
    hers = set_properties(before, "a", everything | {"text.nb": "Hennes", "carry": False}, seen)
    his = set_properties(hers.definition, "a", everything | {"text.nb": "Hans", "help.nb": "Hjelp"}, seen)
    after = got(his.definition, "a")
    assert (after.text["nb"], after.help, after.carry) == ("Hennes", {"nb": "Hjelp"}, False)
    assert [tuple(conflict) for conflict in his.conflicts] == [("text.nb", "Hennes", "Hans")]


def test_writing_what_is_already_there_is_no_conflict() -> None:
    before = write(a_set(question("a")), "a", text__nb="Ny").definition
    made = set_properties(before, "a", {"text.nb": "Ny"}, {"text.nb": "stale"})
    assert made.conflicts == ()
    assert made.definition is before


def test_a_text_of_a_part_or_language_that_is_gone_comes_back_as_a_conflict() -> None:
    before = a_set(question("a", "choice", options=options("ja", "nei")), languages=BOTH)
    seen = marks(got(before, "a"), BOTH)
    gone = remove_language(remove_part(before, "a", "options", "nei").definition, "nn").definition
    mine = {
        "options.nei.text.nb": "Nei takk",
        "text.nn": "Kva?",
        "options.nei.retired": False,
        "options.nei.text.nn": "",
    }
    made = set_properties(gone, "a", mine, seen)
    assert made.definition is gone
    assert [tuple(c) for c in made.conflicts] == [("options.nei.text.nb", None, "Nei takk"), ("text.nn", None, "Kva?")]


def test_a_value_without_a_mark_is_written_only_where_nothing_was() -> None:
    before = a_set(question("a"))
    made = set_properties(before, "a", {"help.nb": "Hjelp", "text.nb": "Annet"}, {})
    assert got(made.definition, "a").help == {"nb": "Hjelp"}
    assert [conflict.path for conflict in made.conflicts] == ["text.nb"]


@pytest.mark.parametrize(
    "values",
    [
        {"no.such": 1}, {"type": "date"}, {"hidden": True}, {"locked": True}, {"id": "b"}, {"text": {}}, {"text.nb": 3},
        {"required": "no"}, {"required": {"if": {"call": 1}}}, {"required": {"when": True}}, {"carry": 1},
        {"carry": None}, {"max_length": 0}, {"max_length": True}, {"max_length": "40"}, {"visible_if": [1]},
        {"visible_if": {"var": 1}}, {"law_part": "other"}, {"text.nb": "x" * 20_001}, {"print.show": ""}, {"print.show": {"a": 1}},
    ],
)  # fmt: skip
def test_values_that_the_format_does_not_have_are_refused(values: dict[str, Any]) -> None:
    before = a_set(question("a"))
    assert refused(set_properties, before, "a", values, marks(got(before, "a")))


def test_a_stray_value_can_be_taken_away() -> None:
    before = a_set(question("a", "info", required=True, nav_field="old", min=3))
    after = got(write(before, "a", required=False, nav_field=None, min=None).definition, "a")
    assert (after.required, after.nav_field, after.min) == (False, None, None)


@MODEST
@given(definitions(), st.data())
def test_sending_back_what_was_shown_changes_nothing(data: dict[str, Any], draw: st.DataObject) -> None:
    definition = draw.draw(st.sampled_from([shape(data), one_of_each(), *map(shape, map(Path.read_bytes, LIBRARY))]))
    source = draw.draw(st.sampled_from([definition, *definition.walk()]))
    shown = fields(source, definition.languages)
    posted = {name: sent for field in shown for name, sent in field.typed.items()}
    posted |= {f"{field.path}__base": [field.base] for field in shown}
    values, errors = read_posted(source, posted)
    made = set_properties(definition, source.id if isinstance(source, Item) else "", values, read_bases(posted))
    assert (made.definition, made.conflicts, errors) == (definition, (), {})


@MODEST
@given(st.data())
def test_of_two_forms_sent_one_after_the_other_nothing_is_lost(draw: st.DataObject) -> None:
    definition = one_of_each()
    item = draw.draw(st.sampled_from(list(definition.walk())))
    seen, shown = marks(item, BOTH), properties(item, BOTH)
    paths = st.sampled_from([path for path in shown if path.endswith(("nb", "nn", "show", "hide_if_empty"))])

    def changes() -> dict[str, Any]:
        chosen = draw.draw(st.lists(paths, unique=True, max_size=4))
        return {path: draw.draw(_new_values(path)) for path in chosen}

    hers, his = changes(), changes()
    first = set_properties(definition, item.id, hers, seen).definition
    second = set_properties(first, item.id, his, seen)
    between, after = properties(got(first, item.id), BOTH), properties(got(second.definition, item.id), BOTH)
    conflicts = {conflict.path: conflict for conflict in second.conflicts}
    for path in shown:
        if path in conflicts:
            assert (conflicts[path].theirs, conflicts[path].mine) == (between[path], his[path])
            assert after[path] == hers[path] != his[path] != shown[path] != hers[path]
        elif path in his and his[path] != shown[path]:
            assert after[path] == his[path]
        else:
            assert after[path] == hers.get(path, shown[path])


def _new_values(path: str) -> st.SearchStrategy[Any]:
    if path.endswith("show"):
        return st.sampled_from(["both", "screen", "paper"])
    return st.booleans() if path.endswith("hide_if_empty") else st.sampled_from(["", "A", "B", "C"])


# --- adding and copying ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("languages", [("nb",), ("nn", "en", "se"), ("nb", "nn", "en", "se")])
def test_a_new_item_has_no_faults_and_text_in_every_language(kind: str, languages: tuple[str, ...]) -> None:
    before = a_set(languages=languages, title=dict.fromkeys(languages, "T"))
    made = add_item(before, kind)
    assert faults(made.definition) == []
    new = got(made.definition, made.item_id)
    assert ID.match(new.id)
    for path, value in properties(new, languages).items():
        if path.startswith("text.") or path.endswith((".text.nn", ".message.se")):
            assert value, path


def test_new_items_are_named_in_their_languages() -> None:
    made = one_of_each(("nb", "nn", "en", "se"))
    text = next(item for item in made.items if item.type == "text")
    assert text.text == {
        "nb": "Nytt spørsmål", "nn": "Nytt spørsmål", "en": "New question", "se": "Ođđa gažaldat",
    }  # fmt: skip
    by_type = {item.type: item for item in made.items}
    assert [option.text["nb"] for option in by_type["choice"].options] == ["Alternativ 1", "Alternativ 2"]
    assert [item.type for item in by_type["group"].items] == ["text"]
    assert [signer.role for signer in by_type["signatures"].signers] == ["employer", "employee"]
    assert [fact.source for fact in by_type["facts"].facts] == ["employee.name", "unit.name"]
    for kind, columns in BOUND_COLUMNS.items():
        assert tuple(column.id for column in by_type[kind].columns) == columns


def test_a_new_item_stands_after_another_in_a_group_or_last() -> None:
    before = a_set(question("a"), group("g", question("b")), question("z"))
    assert outline(add_item(before, "text").definition) == ["a", {"g": ["b"]}, "z", "sporsmal_1"]
    assert outline(add_item(before, "date", after="a").definition) == ["a", "sporsmal_1", {"g": ["b"]}, "z"]
    assert outline(add_item(before, "date", after="b").definition) == ["a", {"g": ["b", "sporsmal_1"]}, "z"]
    assert outline(add_item(before, "info", inside="g").definition) == ["a", {"g": ["b", "tekst_1"]}, "z"]
    assert "ikke en del" in refused(add_item, before, "text", inside="a")
    assert refused(add_item, before, "text", after="nobody")
    assert refused(add_item, before, "text", inside="nobody")
    assert refused(add_item, before, "hologram")


def test_ids_are_never_used_again() -> None:
    before = a_set(question("sporsmal_1"))
    assert add_item(before, "text", taken={"sporsmal_2", "sporsmal_4"}).item_id == "sporsmal_3"
    made = add_item(before, "group", taken={"sporsmal_2"})
    assert [item.id for item in made.definition.walk()] == ["sporsmal_1", "gruppe_1", "sporsmal_3"]


def test_a_set_grows_no_larger_or_deeper_than_it_may() -> None:
    full = a_set(*(question(f"q{n}") for n in range(MAX_ITEMS - 1)))
    assert add_item(full, "text").item_id
    assert "høyst" in refused(add_item, full, "group")
    assert "høyst" in refused(change_type, add_item(full, "text").definition, "q0", "group")
    deep: dict[str, Any] = question("bottom")
    for level in range(MAX_DEPTH - 1):
        deep = group(f"g{level}", deep)
    nested = a_set(deep, question("loose"), group("two", question("inner")))
    assert add_item(nested, "text", inside="g0").item_id
    assert "nivåer" in refused(add_item, nested, "group", inside="g0")
    assert "nivåer" in refused(move_to, nested, "two", "g0", "")
    assert "nivåer" in refused(change_type, nested, "bottom", "group")
    assert "nivåer" in refused(move, move_to(nested, "two", "g1", "g0").definition, "two", "in")


def test_a_copy_has_new_ids_and_reads_its_own_questions() -> None:
    before = a_set(
        question("outside", "boolean"),
        group(
            "part", question("asked", "boolean", locked=True, law_part="assessment", nav_field="followUp"),
            question(
                "why_1", visible_if={"==": [{"var": "asked"}, False]}, required={"if": {"answered": "outside"}},
                constraints=[{"expr": {"!": {"==": [{"var": "why_1"}, "x"]}}, "message": {"nb": "Nei"}}],
            ),
        ),
        question("end"),
    )  # fmt: skip
    made = duplicate(before, "part", taken={"part_1"})
    assert outline(made.definition) == [
        "outside", {"part": ["asked", "why_1"]}, {"part_2": ["asked_1", "why_2"]}, "end",
    ]  # fmt: skip
    assert made.item_id == "part_2"
    assert got(made.definition, "part_2").text == {"nb": "Spørsmål part (kopi)"}
    asked, why = got(made.definition, "asked_1"), got(made.definition, "why_2")
    assert (asked.locked, asked.law_part, asked.nav_field) == (False, "assessment", None)
    assert asked.text == {"nb": "Spørsmål asked"}
    assert why.visible_if == {"==": [{"var": "asked_1"}, False]}
    assert why.required == {"if": {"answered": "outside"}}
    assert why.constraints[0].expr == {"!": {"==": [{"var": "why_2"}, "x"]}}
    assert got(made.definition, "part") is got(before, "part")
    assert faults(made.definition) == []


def test_a_copy_of_a_hidden_question_is_seen_and_of_a_very_long_text_is_no_longer() -> None:
    before = a_set(question("a", "info", hidden=True, text={"nb": "x" * 20_000, "nn": ""}))
    copy = got(duplicate(before, "a").definition, "a_1")
    assert not copy.hidden
    assert copy.text == got(before, "a").text
    assert shape(duplicate(before, "a").definition.model_dump()).find("a_1") == copy


# --- moving ---------------------------------------------------------------------------------------------------------

TREE = (question("a"), group("g", question("b"), question("c")), question("d"))


@pytest.mark.parametrize(
    ("item", "direction", "result"),
    [
        ("d", "up", ["a", "d", {"g": ["b", "c"]}]),
        ("a", "down", [{"g": ["b", "c"]}, "a", "d"]),
        ("c", "up", ["a", {"g": ["c", "b"]}, "d"]),
        ("d", "in", ["a", {"g": ["b", "c", "d"]}]),
        ("b", "out", ["a", {"g": ["c"]}, "b", "d"]),
        ("g", "up", [{"g": ["b", "c"]}, "a", "d"]),
    ],
)
def test_items_are_moved_with_the_keyboard(item: str, direction: Any, result: Any) -> None:
    made = move(a_set(*TREE), item, direction)
    assert outline(made.definition) == result
    assert made.item_id == item
    assert made.what.say(str) == f"Flyttet «Spørsmål {item}»"


@pytest.mark.parametrize(
    ("item", "direction", "why"),
    [
        ("a", "up", "allerede øverst"), ("d", "down", "allerede nederst"), ("b", "up", "først i delen"),
        ("c", "down", "sist i delen"), ("a", "in", "ingen del"), ("c", "in", "ingen del"),
        ("a", "out", "ikke i noen del"), ("nobody", "up", "finnes ikke lenger"),
    ],
)  # fmt: skip
def test_moves_that_lead_nowhere_are_refused(item: str, direction: Any, why: str) -> None:
    assert why in refused(move, a_set(*TREE), item, direction)


@pytest.mark.parametrize(
    ("item", "parent", "after", "result"),
    [
        ("d", "", "", ["d", "a", {"g": ["b", "c"]}]),
        ("a", "g", "b", [{"g": ["b", "a", "c"]}, "d"]),
        ("a", "g", "", [{"g": ["a", "b", "c"]}, "d"]),
        ("b", "", "d", ["a", {"g": ["c"]}, "d", "b"]),
        ("b", "g", "c", ["a", {"g": ["c", "b"]}, "d"]),
        ("c", "g", "c", ["a", {"g": ["b", "c"]}, "d"]),
    ],
)
def test_items_are_moved_by_dragging(item: str, parent: str, after: str, result: Any) -> None:
    assert outline(move_to(a_set(*TREE), item, parent, after).definition) == result


def test_nothing_is_moved_into_itself_or_to_where_nothing_is() -> None:
    tree = a_set(group("outer", group("inner", question("q"))), question("z"))
    assert "inn i seg selv" in refused(move_to, tree, "outer", "inner", "")
    assert "inn i seg selv" in refused(move_to, tree, "outer", "outer", "")
    assert "ikke en del" in refused(move_to, tree, "q", "z", "")
    assert refused(move_to, tree, "z", "outer", "q")
    assert refused(move_to, tree, "z", "nobody", "")
    assert refused(move_to, tree, "z", "", "nobody")


def test_a_question_moved_above_what_it_reads_is_a_fault_to_be_shown_not_refused() -> None:
    before = a_set(question("a", "boolean"), question("b", visible_if={"answered": "a"}))
    assert faults(before) == []
    assert [fault.item for fault in faults(move(before, "b", "up").definition)] == ["b"]


@MODEST
@given(definitions(), st.data())
def test_up_and_down_in_and_out_lead_back(data: dict[str, Any], draw: st.DataObject) -> None:
    before = shape(data)
    item = draw.draw(st.sampled_from([item.id for item in before.walk()]))
    for there, back in (("up", "down"), ("down", "up"), ("out", "in")):
        try:
            moved = move(before, item, there).definition  # type: ignore[arg-type]
        except EditRefused:
            continue
        again = move(moved, item, back).definition  # type: ignore[arg-type]
        if there != "out":
            assert again == before
        assert Counter(item.id for item in again.walk()) == Counter(item.id for item in before.walk())


# --- hiding, deleting, other types ----------------------------------------------------------------------------------


@MODEST
@given(definitions(), st.data())
def test_what_is_hidden_and_shown_again_is_as_before(data: dict[str, Any], draw: st.DataObject) -> None:
    before = shape(data)
    item = draw.draw(st.sampled_from([item.id for item in before.walk()]))
    hidden = hide(before, item)
    assert got(hidden.definition, item).hidden
    assert hide(hidden.definition, item).definition is hidden.definition
    assert show(hidden.definition, item).definition == before
    assert show(before, item).definition is before


def test_what_was_published_can_only_be_hidden() -> None:
    before = a_set(group("g", question("a"), question("b")), question("c"))
    assert "kan bare skjules" in refused(delete, before, "a", {"a"})
    assert "«Spørsmål a»" in refused(delete, before, "g", {"a"})
    made = delete(before, "b", {"a"})
    assert outline(made.definition) == [{"g": ["a"]}, "c"]
    assert made.item_id == "a"
    assert delete(before, "c").item_id == "g"
    assert delete(delete(before, "a").definition, "b").item_id == "g"
    assert outline(delete(before, "g").definition) == ["c"]


def test_what_a_condition_reads_is_not_deleted_and_it_says_which() -> None:
    before = a_set(
        group("g", question("a", "boolean"), question("b", visible_if={"answered": "a"})),
        question("c", required={"if": {"==": [{"var": "a"}, True]}}),
        question("d", constraints=[{"expr": {"answered": "c"}, "message": {"nb": "Nei"}}]),
    )
    assert "«Spørsmål b», «Spørsmål c»" in refused(delete, before, "a")
    assert "til «Spørsmål c»." in refused(delete, before, "g")
    assert "«Spørsmål d»" in refused(delete, before, "c")
    free = delete(delete(before, "d").definition, "c").definition
    assert outline(delete(free, "g").definition) == []


@pytest.mark.parametrize("old", TYPES)
def test_any_type_becomes_any_other_without_faults(old: str) -> None:
    made = add_item(a_set(languages=BOTH, title=dict.fromkeys(BOTH, "T")), old)
    before = delete(made.definition, "sporsmal_1").definition if old == "group" else made.definition
    for new in TYPES:
        after = change_type(before, made.item_id, new).definition
        assert got(after, made.item_id).type == new
        fresh = add_item(a_set(languages=BOTH), new)
        assert got(after, made.item_id).text == got(fresh.definition, fresh.item_id).text  # nobody has named it yet
        assert faults(after) == [] or old == new == "group"


def test_a_new_type_keeps_texts_conditions_and_what_both_have() -> None:
    before = a_set(
        question("z"),
        question(
            "a", "choice", options=options("ja", "nei"), help={"nb": "H"}, visible_if={"answered": "z"}, required=True,
            law_part="follow_up", nav_field="followUp", sensitivity="health", print={"layout": "side"}, locked=False,
        ),
    )  # fmt: skip
    several = got(change_type(before, "a", "multichoice").definition, "a")
    assert several == got(before, "a").model_copy(update={"type": "multichoice"})
    info = got(change_type(before, "a", "info").definition, "a")
    assert (info.text, info.help, info.visible_if) == ({"nb": "Spørsmål a"}, {"nb": "H"}, {"answered": "z"})
    assert (info.options, info.required, info.law_part, info.nav_field) == ((), False, None, None)


def test_a_type_is_not_changed_under_answers_conditions_or_content() -> None:
    before = a_set(question("a", "boolean"), question("b", visible_if={"answered": "a"}), group("g", question("c")))
    assert "tatt i bruk" in refused(change_type, before, "c", "date", {"c"})
    assert "«Spørsmål b»" in refused(change_type, before, "a", "text")
    assert "Flytt først ut" in refused(change_type, before, "g", "text")
    assert refused(change_type, before, "b", "hologram")
    assert change_type(before, "b", "text", {"b"}).definition is before
    reads_text = a_set(question("a"), question("b", visible_if={"answered": "a"}))
    assert got(change_type(reads_text, "a", "string").definition, "a").type == "string"


# --- parts ----------------------------------------------------------------------------------------------------------


def test_options_are_added_moved_and_removed() -> None:
    before = a_set(question("a", "choice", options=options("ja", "nei")), languages=BOTH)
    made = add_part(before, "a", "options", taken={"valg_1"})
    assert made.path == "options.valg_2"
    new = got(made.definition, "a").options[-1]
    assert (new.code, new.text) == ("valg_2", {"nb": "Alternativ 3", "nn": "Alternativ 3"})
    up = move_part(made.definition, "a", "options", "valg_2", "up")
    assert [option.code for option in got(up.definition, "a").options] == ["ja", "valg_2", "nei"]
    assert up.path == "options.valg_2"
    left = remove_part(up.definition, "a", "options", "valg_2").definition
    assert left == before
    assert "øverst" in refused(move_part, before, "a", "options", "ja", "up")
    assert "nederst" in refused(move_part, before, "a", "options", "nei", "down")


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_every_kind_can_be_added_until_there_are_enough(part: Any) -> None:
    before = one_of_each()
    for item in before.items:
        if not may_have(item.type, part):
            assert refused(add_part, before, item.id, part)
            continue
        made, most = (
            before,
            {"options": MAX_OPTIONS, "columns": len(BOUND_COLUMNS.get(item.type, range(12))), "signers": 4},
        )
        while len(getattr(got(made, item.id), part)) < most.get(part, 15):
            added = add_part(made, item.id, part)
            assert len(getattr(got(added.definition, item.id), part)) == len(getattr(got(made, item.id), part)) + 1
            made = added.definition
        assert (
            any(path.startswith(f"{added.path}.") for path in properties(got(made, item.id)))
            or item.type in BOUND_COLUMNS
        )
        assert part not in most or refused(add_part, made, item.id, part)
        assert faults(made) == []
        assert shape(made.model_dump_json()) == made


def test_published_options_rows_and_columns_stay() -> None:
    before = a_set(
        question("a", "choice", options=options("ja", "nei")),
        question("t", "table", columns=[{"id": c, "type": "string", "text": {"nb": c}} for c in ("x", "y")]),
        question("l", "checklist", rows=[{"id": "r", "when": {"nb": "Uke 1"}, "text": {"nb": "Ring"}}]),
    )
    kept = {
        part: ids_of_parts([before], item, part) for item, part in (("a", "options"), ("t", "columns"), ("l", "rows"))
    }  # type: ignore[arg-type]
    assert kept == {"options": {"ja", "nei"}, "columns": {"x", "y"}, "rows": {"r"}}
    assert "ut av bruk" in refused(remove_part, before, "a", "options", "ja", kept["options"])
    assert "kolonnen må bli stående" in refused(remove_part, before, "t", "columns", "x", kept["columns"])
    assert "ikke gjelder lenger" in refused(remove_part, before, "l", "rows", "r", kept["rows"])
    assert ids_of_parts([before], "a", "items") == frozenset()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rule",
    [
        {"==": [{"var": "a"}, "ja"]}, {"!=": ["ja", {"var": "a"}]}, {"in": ["ja", {"var": "a"}]},
        {"in": [{"var": "a"}, ["nei", "ja"]]}, {"and": [{"answered": "z"}, {"!": {"==": [{"var": "a"}, "ja"]}}]},
    ],
)  # fmt: skip
def test_an_option_that_a_condition_asks_for_is_not_removed(rule: Any) -> None:
    before = a_set(question("a", "choice", options=options("ja", "nei", "vet_ikke")), question("b", visible_if=rule))
    assert "«Spørsmål b»" in refused(remove_part, before, "a", "options", "ja")
    assert remove_part(before, "a", "options", "vet_ikke").definition != before


def test_options_that_share_a_code_can_be_put_right() -> None:
    before = a_set(
        question("a", "choice", options=options("ja", "ja")), question("b", visible_if={"==": [{"var": "a"}, "ja"]})
    )
    left = remove_part(before, "a", "options", "#1", {"ja"}).definition
    assert [option.code for option in got(left, "a").options] == ["ja"]


def test_parts_that_are_not_there_are_refused() -> None:
    before = a_set(question("a", "choice", options=options("ja")))
    assert refused(remove_part, before, "a", "options", "nei")
    assert refused(move_part, before, "a", "items", "nei", "up")
    assert refused(add_part, before, "a", "__class__")
    assert refused(add_part, before, "nobody", "options")


# --- languages ------------------------------------------------------------------------------------------------------


def test_a_language_is_added_and_taken_away() -> None:
    before = a_set(question("a", help={"nb": "Hjelp"}), group("g", question("b")))
    both = add_language(before, "nn")
    assert both.definition.languages == BOTH
    assert faults(both.definition)
    written = write(both.definition, "a", text__nn="Kva?").definition
    less = remove_language(written, "nn").definition
    assert less.languages == ("nb",)
    assert faults(less) == []
    assert "text.nn" not in properties(got(less, "a"), less.languages)
    assert add_language(less, "nn").definition == written


def test_texts_that_nobody_would_see_do_not_stay_behind_alone() -> None:
    before = a_set(
        group("g", question("a", help={"en": "Help"}), text={"en": "Part"}), languages=["nb", "en"],
        subtitle={"en": "Sub"}, paper={"head": {"en": "Head"}},
    )  # fmt: skip
    after = remove_language(before, "en").definition
    assert (got(after, "a").help, got(after, "g").text, after.subtitle, after.paper.head) == ({}, {}, {}, {})
    assert faults(after) == []


def test_languages_that_cannot_be() -> None:
    before = a_set(question("a"), languages=["nb", "en"])
    assert "allerede" in refused(add_language, before, "en")
    assert "bokmål eller nynorsk" in refused(remove_language, before, "nb")
    assert refused(add_language, before, "de")
    assert refused(remove_language, before, "nn")


# --- any sequence of edits ------------------------------------------------------------------------------------------

_EDITS: dict[str, Callable[..., Edited]] = {
    "add": lambda d, pick, ids: add_item(d, pick(TYPES), after=pick(["", *ids]), taken={"sporsmal_1"}),
    "inside": lambda d, pick, ids: add_item(d, pick(TYPES), inside=pick(["", *ids])),
    "duplicate": lambda d, pick, ids: duplicate(d, pick(ids)),
    "move": lambda d, pick, ids: move(d, pick(ids), pick(["up", "down", "in", "out"])),
    "move_to": lambda d, pick, ids: move_to(d, pick(ids), pick(["", *ids]), pick(["", *ids])),
    "hide": lambda d, pick, ids: hide(d, pick(ids)),
    "show": lambda d, pick, ids: show(d, pick(ids)),
    "delete": lambda d, pick, ids: delete(d, pick(ids), kept=set(ids[:2])),
    "type": lambda d, pick, ids: change_type(d, pick(ids), pick(TYPES), kept=set(ids[:2])),
    "add_part": lambda d, pick, ids: add_part(d, pick(ids), pick(list(PARTS)), {"valg_1"}),
    "remove_part": lambda d, pick, ids: remove_part(d, pick(ids), pick(list(PARTS)), pick(["0", "valg_2", "kolonne_1", "from"])),
    "move_part": lambda d, pick, ids: move_part(d, pick(ids), pick(list(PARTS)), pick(["0", "1", "valg_2", "employer"]), pick(["up", "down"])),
    "language": lambda d, pick, ids: pick([add_language, remove_language])(d, pick(["nb", "nn", "en", "se"])),
    "set": lambda d, pick, ids: _set_anything(d, pick, pick(["", *ids])),
}  # fmt: skip


def _set_anything(definition: QuestionSetDefinition, pick: Callable[[Any], Any], item_id: str) -> Edited:
    source = got(definition, item_id) if item_id else definition
    path = pick(list(properties(source, definition.languages)))
    value = pick(
        [None, "", "Ny tekst", True, False, 0, 3, "date", "follow_up", {"answered": "sporsmal_2"}, {"if": True}]
    )
    return set_properties(definition, item_id, {path: value}, marks(source, definition.languages))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(definitions(), st.lists(st.sampled_from(sorted(_EDITS)), min_size=1, max_size=12), st.data())
def test_whatever_is_done_a_draft_keeps_its_shape_and_its_ids(
    data: dict[str, Any], names: list[str], draw: st.DataObject
) -> None:
    now = shape(data)

    def pick(among: Any) -> Any:
        return draw.draw(st.sampled_from(among))

    for name in names:
        ids = [item.id for item in now.walk()]
        before, types = now, {item.id: item.type for item in now.walk()}
        if not ids and name not in ("add", "inside", "language", "set"):
            continue
        try:
            edited = _EDITS[name](now, pick, ids)
        except EditRefused:
            continue
        now = edited.definition
        after = [item.id for item in now.walk()]
        assert shape(now.model_dump_json(exclude_defaults=True)) == now
        assert len(set(after)) == len(after)
        assert all(map(ID.match, after))
        assert not edited.item_id or edited.item_id in after
        assert len(edited.what.say(str)) < 120
        if name != "type":
            assert all(types.get(item.id, item.type) == item.type for item in now.walk())
        if name not in ("delete", "add", "inside", "duplicate", "type"):
            assert sorted(after) == sorted(ids)
        assert before == shape(before.model_dump())  # what was there is not touched


@MODEST
@given(definitions(), st.data())
def test_a_copy_says_the_same_and_reads_nothing_it_should_not(data: dict[str, Any], draw: st.DataObject) -> None:
    before = shape(data)
    item = draw.draw(st.sampled_from(list(before.walk())))
    made = duplicate(before, item.id)
    copy = got(made.definition, made.item_id)
    old, new = [one.id for one in walk((item,))], [one.id for one in walk((copy,))]
    assert not set(new) & {one.id for one in before.walk()}
    names = dict(zip(old, new, strict=True))
    for one, other in zip(walk((item,)), walk((copy,)), strict=True):
        assert other.type == one.type
        assert other.options == one.options
        rules = [(r.visible_if, r.required if isinstance(r.required, dict) else None) for r in (one, other)]
        for was, is_now in zip(*rules, strict=True):
            assert [names.get(name, name) for name in variables(was)] == list(variables(is_now))
    assert {one.id: one for one in before.walk()}.items() <= {
        one.id: one for one in delete(made.definition, copy.id).definition.walk()
    }.items()
    assert faults(made.definition) == []


def test_labels_are_short_and_on_one_line() -> None:
    assert label(Item(id="a", type="info", text={"nb": "En\n\nto " + "x" * 100})) == "En to " + "x" * 53 + "…"
    assert (
        label(Item.model_validate({"id": "f", "type": "facts", "facts": [{"source": "x", "text": {"nb": "Navn"}}]}))
        == "Navn"
    )
    assert label(Item.model_validate({"id": "g", "type": "group", "items": [question("a")]})) == "Spørsmål a"
    assert label(Item(id="a", type="text")) == "a"


@pytest.mark.parametrize("size", [200, 1000])
def test_large_sets_are_edited_quickly(size: int) -> None:
    rule = {"==": [{"var": "q0_0"}, "ja"]}
    choice = [question(f"q{n}_0", "choice", options=options("ja", "nei")) for n in range(size // 10)]
    groups = [
        group(f"g{n}", one, *(question(f"q{n}_{m}", visible_if=rule if n else None) for m in range(1, 9)))
        for n, one in enumerate(choice)
    ]
    big = a_set(*groups, languages=BOTH)
    last = f"q{size // 10 - 1}_8"
    edits: dict[str, Callable[[], Any]] = {
        "set": lambda: write(big, last, text__nb="Ny"), "move": lambda: move(big, last, "up"),
        "hide": lambda: hide(big, last), "delete": lambda: delete(big, last), "type": lambda: change_type(big, last, "date"),
        "to": lambda: move_to(big, last, "g0", ""), "part": lambda: add_part(big, "q1_0", "options"),
        "nn": lambda: remove_language(big, "nn"),
    }  # fmt: skip
    if size < MAX_ITEMS:
        edits |= {"add": lambda: add_item(big, "text", last), "copy": lambda: duplicate(big, "g3")}
    taken = {}
    for name, edit in edits.items():
        times = []
        for _ in range(3):
            start = time.perf_counter()
            edit()
            times.append(time.perf_counter() - start)
        taken[name] = min(times) * 1000
    assert {name: ms for name, ms in taken.items() if ms > size / 10} == {}, json.dumps(taken)


def test_marks_of_conflicts_can_be_used_to_write_after_all() -> None:
    """Who sees a conflict may choose their own text: with the mark of what stands there now."""
    before = a_set(question("a"))
    stale = set_properties(before, "a", {"text.nb": "Min"}, {"text.nb": "old"})
    (conflict,) = stale.conflicts
    made = set_properties(stale.definition, "a", {conflict.path: conflict.mine}, {conflict.path: mark(conflict.theirs)})
    assert got(made.definition, "a").text == {"nb": "Min"}
