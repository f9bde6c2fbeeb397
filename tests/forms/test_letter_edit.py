"""Adjusting a letter: every edit on its own, two at once, and the municipality's changes on a new edition."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from forms.edit.paths import overlap
from forms.flat import letter_edit as edit
from forms.flat.compare import compare, keep_published, reused, stale
from forms.flat.letter_edit import EditRefused, mark, marks, part_keys, properties, read_posted
from forms.flat.overlay import FlatOperation, State, derive, replay
from forms.flat.properties import ONLY_IF, fields
from forms.flat.upgrade import upgrade
from forms.letters import MAX_BLOCKS, Letter, faults_of_letter, shape_letter
from forms.library import letter_keys, load_letter

KINDS = ["heading", "paragraph", "list", "table", "place", "closing"]
quick = settings(max_examples=80, deadline=None)


def letter(*blocks: dict[str, Any], **more: Any) -> Letter:
    return shape_letter({
        "schema_version": 1, "key": "brev", "version": 1, "kind": "letter", "recipient": "employee",
        "languages": ["nb", "nn"], "title": {"nb": "Brev", "nn": "Brev"}, "blocks": list(blocks), **more,
    })  # fmt: skip


def said(text: str) -> dict[str, str]:
    return {"nb": text, "nn": f"{text} (nn)"}


def paragraph(block_id: str, text: str = "Tekst", **more: Any) -> dict[str, Any]:
    return {"id": block_id, "type": "paragraph", "text": said(text), **more}


LIST = {"id": "bullets", "type": "list", "text": said("Husk:"), "items": [said("en"), said("to"), said("tre")]}
TABLE = {"id": "numbers", "type": "table", "rows": [[said("a"), said("b")], [said("c"), {}]]}
BASE = letter(paragraph("one", "Først"), paragraph("two", "Så"), LIST, TABLE)
THREE = letter(paragraph("a"), paragraph("b"), paragraph("c"))


def ids(of: Any) -> list[str]:
    return [block.id for block in of.blocks]


def block(of: Any, block_id: str) -> Any:
    found = of.find(block_id)
    assert found is not None, block_id
    return found


def write(content: Letter, block_id: str, **values: Any) -> Letter:
    """Write values as one who just saw the letter. Paths have __ for a dot."""
    source = content.find(block_id) if block_id else content
    paths = {path.replace("__", "."): value for path, value in values.items()}
    done = edit.set_properties(content, block_id, paths, marks(source))
    assert done.conflicts == ()
    made: Any = done.definition
    return made


def refused(action: Callable[[], Any]) -> str:
    with pytest.raises(EditRefused) as caught:
        action()
    return caught.value.note.say(str)


# ---------------------------------------------------------------- properties and forms


def test_properties_are_named_by_path() -> None:
    assert properties(block(BASE, "bullets"), BASE.languages) == {
        "type": "list", "hidden": False, "text.nb": "Husk:", "text.nn": "Husk: (nn)",
        "items.0.nb": "en", "items.0.nn": "en (nn)", "items.1.nb": "to", "items.1.nn": "to (nn)",
        "items.2.nb": "tre", "items.2.nn": "tre (nn)", "note.nb": "", "note.nn": "", "only_if": None,
    }  # fmt: skip
    assert properties(block(BASE, "numbers"), ["nb"])["rows.1.1.nb"] == ""
    assert properties(BASE, ["nb"]) == {
        "languages": ["nb", "nn"], "title.nb": "Brev", "description.nb": "", "source": "", "kind": "letter",
        "recipient": "employee",
    }  # fmt: skip


def test_a_form_shows_what_applies_to_the_type() -> None:
    shown = {kind: {f.path.split(".")[0] for f in fields(block(made(kind), "x"), ["nb"])} for kind in KINDS}
    assert shown["heading"] == {"type", "hidden", "text", "level", "note", "only_if"}
    assert shown["table"] == {"type", "hidden", "rows", "note", "only_if"}
    assert shown["list"] == {"type", "hidden", "text", "items", "note", "only_if"}
    assert shown["closing"] == shown["paragraph"] == shown["place"] == {"type", "hidden", "text", "note", "only_if"}
    (field,) = (f for f in fields(block(BASE, "one")) if f.path == "only_if")
    assert set(field.choices) == set(ONLY_IF)


def made(kind: str) -> Letter:
    return letter({"id": "x", "type": kind, "text": said("x"), "items": [said("a")], "rows": [[said("b")]]})


def test_what_is_posted_is_read() -> None:
    values, errors = read_posted(block(BASE, "bullets"), {
        "text.nb": [" Husk dette:\r\n"], "items.1.nn": ["to"], "only_if": ["full_sick"], "note.nb": [""],
        "csrf_token": ["x"], "text.nb__base": ["abc"], "type": ["table"], "hidden": ["1"], "id": ["y"],
        "rows.0.0.nb": ["nei"], "items.1": ["x"], "text": ["x"], "text.fr": ["x"],
    })  # fmt: skip
    assert values == {"text.nb": "Husk dette:", "items.1.nn": "to", "only_if": "full_sick", "note.nb": ""}
    assert errors == {}


@pytest.mark.parametrize(("path", "value"), [
    ("only_if", "always"), ("text.nb", "x" * 20_001), ("level", "3"), ("level", "to"), ("level", "9" * 5000),
])  # fmt: skip
def test_what_cannot_be_taken_is_told(path: str, value: str) -> None:
    heading = block(letter({"id": "h", "type": "heading", "text": said("x")}), "h")
    values, errors = read_posted(heading, {path: [value], "note.nb": ["Til deg"]})
    assert (values, list(errors)) == ({"note.nb": "Til deg"}, [path])
    assert errors[path].say(str)


def test_a_form_that_nobody_touched_changes_nothing() -> None:
    for key in letter_keys():
        content = load_letter(key)
        for source in (content, *content.blocks):
            typed = {n: v for f in fields(source, content.languages) for n, v in f.typed.items()}
            values, errors = read_posted(source, typed)
            assert errors == {}
            done = edit.set_properties(content, getattr(source, "id", ""), values, {})
            assert (done.definition, done.conflicts) == (content, ())


# ---------------------------------------------------------------- writing


def test_texts_are_written_and_emptied() -> None:
    found = write(BASE, "one", text__nb="Nytt {navn}", note__nb="Merk", only_if="full_sick")
    assert block(found, "one").text["nb"] == "Nytt {navn}"
    assert (block(found, "one").note, block(found, "one").only_if) == ({"nb": "Merk"}, "full_sick")
    assert write(found, "one", text__nb="Først", note__nb="", only_if=None) == BASE
    assert write(BASE, "numbers", rows__1__1__nb="d").find("numbers").rows[1][1] == {"nb": "d"}  # type: ignore[union-attr]
    assert write(BASE, "", title__nb="Nytt brev", recipient="certifier").recipient == "certifier"


def test_the_history_says_what_was_done() -> None:
    done = edit.set_properties(BASE, "one", {"text.nb": "Hallo"}, marks(block(BASE, "one")))
    assert (done.item_id, done.what.say(str)) == ("one", "Endret «Hallo»")
    json.dumps([done.what.text, dict(done.what.values)])


@pytest.mark.parametrize(("block_id", "path", "value"), [
    ("gone", "text.nb", "x"), ("one", "type", "table"), ("one", "hidden", True), ("one", "id", "z"),
    ("one", "items.0.nb", "x"), ("one", "text.fr", "x"), ("one", "text", "x"), ("one", "", "x"), ("", "key", "x"),
    ("", "blocks", []), ("", "languages", ["nb"]), ("one", "text.nb", 3), ("one", "only_if", "x"), ("", "kind", "x"),
])  # fmt: skip
def test_what_cannot_be_written_is_refused(block_id: str, path: str, value: Any) -> None:
    assert refused(lambda: edit.set_properties(BASE, block_id, {path: value}, {}))


def test_two_at_once_lose_nothing() -> None:
    seen = marks(block(BASE, "one"))
    theirs = write(BASE, "one", text__nb="Deres")
    done = edit.set_properties(theirs, "one", {"text.nb": "Min", "text.nn": "Min òg"}, seen)
    assert block(done.definition, "one").text == {"nb": "Deres", "nn": "Min òg"}
    assert done.conflicts == (edit.EditConflict("text.nb", "Deres", "Min"),)
    same = edit.set_properties(theirs, "one", {"text.nb": "Deres"}, seen)
    assert (same.definition, same.conflicts) == (theirs, ())


def test_a_bullet_that_somebody_took_away_is_a_conflict() -> None:
    seen = marks(block(BASE, "bullets"))
    shorter: Any = edit.remove_part(BASE, "bullets", "items", part_keys(block(BASE, "bullets"), "items")[2]).definition
    done = edit.set_properties(shorter, "bullets", {"items.2.nb": "TRE", "items.0.nb": "EN"}, seen)
    assert done.conflicts == (edit.EditConflict("items.2.nb", None, "TRE"),)
    assert [item["nb"] for item in block(done.definition, "bullets").items] == ["EN", "to"]


# ---------------------------------------------------------------- blocks


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_block_is_usable_at_once(kind: str) -> None:
    done = edit.add_block(BASE, kind, "one")
    assert ids(done.definition)[:2] == ["one", done.item_id]
    assert faults_of_letter(done.definition) == []  # type: ignore[arg-type]
    assert block(done.definition, done.item_id).type == kind


def test_new_ids_are_never_used_again() -> None:
    first = edit.add_block(BASE, "paragraph", "", taken={"avsnitt_1"})
    assert (first.item_id, ids(first.definition)[0]) == ("avsnitt_2", "avsnitt_2")
    again = edit.duplicate(first.definition, "avsnitt_2", taken={"avsnitt_1"})  # type: ignore[arg-type]
    assert ids(again.definition)[:2] == ["avsnitt_2", "avsnitt_3"]
    copied = edit.duplicate(BASE, "bullets")
    assert copied.item_id == "bullets_1"
    assert block(copied.definition, "bullets_1").items == block(BASE, "bullets").items


def test_blocks_are_moved() -> None:
    assert ids(edit.move(THREE, "b", "up").definition) == ["b", "a", "c"]
    assert ids(edit.move(THREE, "b", "down").definition) == ["a", "c", "b"]
    assert ids(edit.move_to(THREE, "c", "").definition) == ["c", "a", "b"]
    assert ids(edit.move_to(THREE, "a", "b").definition) == ["b", "a", "c"]
    assert ids(edit.move_to(THREE, "a", "a").definition) == ["a", "b", "c"]


def test_hidden_and_shown() -> None:
    hidden: Any = edit.hide(BASE, "one").definition
    assert block(hidden, "one").hidden
    assert edit.show(hidden, "one").definition == BASE


def test_only_what_was_never_published_is_deleted() -> None:
    done = edit.delete(THREE, "b", kept={"a"})
    assert (ids(done.definition), done.item_id) == (["a", "c"], "a")
    assert "kan bare skjules" in refused(lambda: edit.delete(THREE, "b", kept={"b"}))
    assert edit.delete(THREE, "a", ()).item_id == ""


def test_languages_come_and_go() -> None:
    wider: Any = edit.add_language(BASE, "se").definition
    assert wider.languages == ("nb", "nn", "se")
    assert {fault.property for fault in faults_of_letter(wider)} >= {"title", "text", "items.0", "rows.0.0"}
    assert edit.remove_language(wider, "se").definition == BASE
    only_nynorsk = write(BASE, "one", note__nn="Berre her")
    without: Any = edit.remove_language(only_nynorsk, "nn").definition
    assert faults_of_letter(without) == []
    assert block(without, "one").note == {}
    assert block(edit.add_language(without, "nn").definition, "one").text == block(BASE, "one").text


FULL = letter(*(paragraph(f"p{n}") for n in range(MAX_BLOCKS)))


@pytest.mark.parametrize("action", [
    lambda: edit.add_block(BASE, "script"), lambda: edit.add_block(BASE, "paragraph", "gone"),
    lambda: edit.add_block(FULL, "paragraph"), lambda: edit.duplicate(FULL, "p0"), lambda: edit.duplicate(BASE, ""),
    lambda: edit.move(BASE, "one", "up"), lambda: edit.move(BASE, "numbers", "down"), lambda: edit.move(BASE, "", "up"),
    lambda: edit.move_to(BASE, "one", "gone"), lambda: edit.move_to(BASE, "gone", ""), lambda: edit.hide(BASE, "gone"),
    lambda: edit.hide(BASE, ""), lambda: edit.show(BASE, "gone"), lambda: edit.delete(BASE, "gone", ()),
    lambda: edit.add_language(BASE, "nn"), lambda: edit.add_language(BASE, "fr"),
    lambda: edit.remove_language(BASE, "se"),
    lambda: edit.remove_language(edit.remove_language(BASE, "nn").definition, "nb"),  # type: ignore[arg-type]
    lambda: edit.add_part(BASE, "one", "items"), lambda: edit.add_part(BASE, "bullets", "rows"),
    lambda: edit.add_part(BASE, "numbers", "cells"), lambda: edit.remove_part(BASE, "bullets", "items", "0"),
    lambda: edit.remove_part(BASE, "bullets", "items", "9-x"), lambda: edit.move_part(BASE, "gone", "items", "0", "up"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(action: Callable[[], Any]) -> None:
    assert refused(action)


# ---------------------------------------------------------------- bullets, rows and columns


def key(block_id: str, part: str, number: int, of: Letter = BASE) -> str:
    return part_keys(block(of, block_id), part)[number]


def bullets(of: Any) -> list[str]:
    return [item["nb"] for item in block(of, "bullets").items]


def cells(of: Any) -> list[list[str]]:
    return [[cell.get("nb", "") for cell in row] for row in block(of, "numbers").rows]


def test_bullets() -> None:
    assert bullets(edit.add_part(BASE, "bullets", "items").definition) == ["en", "to", "tre", "Nytt punkt"]
    assert bullets(edit.remove_part(BASE, "bullets", "items", key("bullets", "items", 1)).definition) == ["en", "tre"]
    assert bullets(edit.move_part(BASE, "bullets", "items", key("bullets", "items", 1), "up").definition) == [
        "to", "en", "tre",
    ]  # fmt: skip
    assert refused(lambda: edit.move_part(BASE, "bullets", "items", key("bullets", "items", 0), "up"))


def test_rows_and_columns() -> None:
    longer: Any = edit.add_part(BASE, "numbers", "rows").definition
    assert cells(longer) == [["a", "b"], ["c", ""], ["Ny rute", "Ny rute"]]
    wider: Any = edit.add_part(BASE, "numbers", "columns").definition
    assert cells(wider) == [["a", "b", "Ny rute"], ["c", "", "Ny rute"]]
    assert cells(edit.move_part(BASE, "numbers", "columns", key("numbers", "columns", 1), "up").definition) == [
        ["b", "a"], ["", "c"],
    ]  # fmt: skip
    assert cells(edit.remove_part(BASE, "numbers", "rows", key("numbers", "rows", 0)).definition) == [["c", ""]]
    narrow: Any = edit.remove_part(BASE, "numbers", "columns", key("numbers", "columns", 0)).definition
    assert cells(narrow) == [["b"], [""]]
    assert refused(lambda: edit.remove_part(narrow, "numbers", "columns", key("numbers", "columns", 0, narrow)))
    assert faults_of_letter(wider) == faults_of_letter(longer) == []


def test_nobody_takes_away_another_bullet_than_they_saw() -> None:
    saw = key("bullets", "items", 1)
    theirs: Any = edit.remove_part(BASE, "bullets", "items", key("bullets", "items", 0)).definition
    assert "i mellomtiden" in refused(lambda: edit.remove_part(theirs, "bullets", "items", saw))


def test_no_more_than_there_is_room_for() -> None:
    wide: Any = BASE
    for _ in range(6):
        wide = edit.add_part(wide, "numbers", "columns").definition
    assert "8" in refused(lambda: edit.add_part(wide, "numbers", "columns"))


# ---------------------------------------------------------------- overlay


@st.composite
def edits(draw: st.DrawFn, base: Letter, most: int = 8) -> Letter:
    """The letter after some edits of any kind."""
    content: Any = base
    for _ in range(draw(st.integers(0, most))):
        try:
            content = _one(draw, content, base).definition
        except EditRefused:
            continue
    return content  # type: ignore[no-any-return]


words = st.sampled_from(["Hei", "Ha det", "{navn}", "", "Punkt", "{", "đŋš"])


def _one(draw: st.DrawFn, content: Letter, base: Letter) -> Any:
    picked = draw(st.sampled_from(content.blocks))
    kept = set(ids(base))
    match draw(st.integers(0, 11)):
        case 0:
            return edit.add_block(
                content, draw(st.sampled_from(KINDS)), draw(st.sampled_from(["", *ids(content)])), kept
            )
        case 1:
            return edit.duplicate(content, picked.id, kept)
        case 2:
            return edit.move_to(content, picked.id, draw(st.sampled_from(["", *ids(content)])))
        case 3:
            return edit.move(content, picked.id, draw(st.sampled_from(["up", "down"])))
        case 4:
            return edit.hide(content, picked.id)
        case 5:
            return edit.show(content, picked.id)
        case 6:
            return edit.delete(content, picked.id, kept)
        case 7:
            return draw(st.sampled_from([edit.add_language, edit.remove_language]))(
                content, draw(st.sampled_from(["nb", "nn", "en", "se"]))
            )
        case 8:
            return edit.add_part(content, picked.id, draw(st.sampled_from(["items", "rows", "columns"])))
        case 9:
            part = draw(st.sampled_from(["items", "rows"]))
            place = draw(st.sampled_from(part_keys(picked, part) or ["x"]))
            return edit.remove_part(content, picked.id, part, place)
        case 10:
            part = draw(st.sampled_from(["items", "rows", "columns"]))
            place = draw(st.sampled_from(part_keys(picked, part) or ["x"]))
            return edit.move_part(content, picked.id, part, place, draw(st.sampled_from(["up", "down"])))
    source: Any = draw(st.sampled_from([content, picked]))
    texts = [f.path for f in fields(source, content.languages) if f.about.kind in ("text", "long")]
    values = draw(st.dictionaries(st.sampled_from(texts), words, max_size=3))
    return edit.set_properties(content, getattr(source, "id", ""), values, marks(source))


bases = st.sampled_from([BASE, THREE, *map(load_letter, ("innkalling-dialogmote-ansatt", "info-2"))])


@quick
@given(st.data())
def test_the_changes_done_again_give_the_same_letter(data: st.DataObject) -> None:
    base = data.draw(bases)
    edited = data.draw(edits(base))
    operations = derive(base, edited)
    stored = TypeAdapter(tuple[FlatOperation, ...]).validate_json(
        json.dumps([operation.model_dump(mode="json", exclude_defaults=True) for operation in operations])
    )
    done = replay(base, stored)
    assert (done.definition, done.problems) == (edited, ())
    assert replay(base, stored) == done
    assert derive(edited, edited) == ()
    assert shape_letter(edited.model_dump_json(exclude_defaults=True)) == edited


@quick
@given(st.data())
def test_any_letter_can_be_told_as_changes_of_another(data: st.DataObject) -> None:
    one, other = data.draw(edits(data.draw(bases))), data.draw(edits(data.draw(bases)))
    assert replay(one, derive(one, other)).definition == other


def test_as_few_blocks_as_possible_are_said_to_have_moved() -> None:
    many = letter(*(paragraph(f"p{n}") for n in range(20)))
    moved: Any = edit.move_to(many, "p0", "p19").definition
    assert [(o.op, o.part, o.after) for o in derive(many, moved)] == [("move", "p0", "p19")]


@pytest.mark.parametrize("operation", [
    FlatOperation(op="set", part="gone", path="text.nb", value="x"),
    FlatOperation(op="set", part="one", path="type", value="script"),
    FlatOperation(op="set", part="one", path="text.nb.x", value="y"),
    FlatOperation(op="set", part="one", path="items.4.nb", value="y"),
    FlatOperation(op="set", part="one", path="id", value="two"),
    FlatOperation(op="set", path="blocks", value=[]), FlatOperation(op="set", path="languages", value="nb"),
    FlatOperation(op="set", path="", value="x"), FlatOperation(op="add_language", value="fr"),
    FlatOperation(op="add_after", part="one", value=paragraph("one")),
    FlatOperation(op="add_after", part="new", value=paragraph("other")),
    FlatOperation(op="add_after", part="new", value="x"), FlatOperation(op="add_after", part="new", after="gone", value=paragraph("new")),
    FlatOperation(op="move", part="gone"), FlatOperation(op="move", part="one", after="one"),
    FlatOperation(op="hide", part="gone"), FlatOperation(op="remove", part="gone"),
])  # fmt: skip
def test_a_change_that_does_not_fit_is_left_out_and_told(operation: FlatOperation) -> None:
    fits = FlatOperation(op="set", part="two", path="text.nb", value="Ja")
    done = replay(BASE, [operation, fits])
    assert done.definition == write(BASE, "two", text__nb="Ja")
    assert [problem.operation for problem in done.problems] == [operation]
    assert "passer ikke" in done.problems[0].note.say(str)


# ---------------------------------------------------------------- a new edition


def carried(new_base: Letter, edited: Letter, base: Letter = BASE, **choices: Any) -> Any:
    return upgrade(base, new_base, derive(base, edited), {k.replace("__", "."): v for k, v in choices.items()})


def test_what_does_not_meet_comes_in_by_itself() -> None:
    new_base = write(BASE, "one", text__nb="Først, rettet")
    new_base = edit.add_block(new_base, "heading", "one").definition  # type: ignore[assignment]
    edited = edit.hide(write(BASE, "two", text__nb="Vårt"), "numbers").definition
    edited = edit.add_block(edited, "closing", "numbers").definition  # type: ignore[arg-type]
    report = carried(new_base, edited)  # type: ignore[arg-type]
    assert (report.clean, report.choices, report.problems) == (True, (), ())
    assert ids(report.definition) == ["one", "overskrift_1", "two", "bullets", "numbers", "hilsen_1"]
    assert block(report.definition, "one").text["nb"] == "Først, rettet"
    assert block(report.definition, "two").text["nb"] == "Vårt"
    assert block(report.definition, "numbers").hidden
    assert [(c.item_id, c.what.say(str), c.before, c.after) for c in report.came_in] == [
        ("overskrift_1", "Ny", "", "Ny overskrift"),
        ("one", "Endret teksten på bokmål", "Først", "Først, rettet"),
    ]


def test_both_changed_the_same_text() -> None:
    edited, new_base = write(BASE, "one", text__nb="Vår"), write(BASE, "one", text__nb="Deres", text__nn="Deira")
    report = carried(new_base, edited)
    (choice,) = report.choices
    assert not report.clean
    assert (choice.id, choice.item_id, choice.ours, choice.theirs, choice.conflict, choice.default) == (
        "one.text.nb", "one", "Vår", "Deres", True, "ours",
    )  # fmt: skip
    assert "teksten på bokmål" in choice.what.say(str)
    assert block(report.definition, "one").text == {"nb": "Vår", "nn": "Deira"}
    assert [c.after for c in report.came_in] == ["Deira"]
    assert carried(new_base, edited, one__text__nb="theirs").definition == new_base
    assert carried(new_base, edited, one__text__nb="nonsense").definition == report.definition


def test_both_changed_alike() -> None:
    same = write(BASE, "one", text__nb="Likt")
    report = carried(same, same)
    assert (report.definition, report.choices, report.came_in) == (same, (), ())


def test_both_changed_the_list() -> None:
    edited: Any = edit.add_part(write(BASE, "bullets", items__0__nb="EN"), "bullets", "items").definition
    new_base = write(BASE, "bullets", items__1__nb="TO", items__2__nb="TRE")
    report = carried(new_base, edited)
    (choice,) = report.choices
    assert (choice.id, choice.ours, choice.theirs) == ("bullets.items", "EN\nto\ntre\nNytt punkt", "en\nTO\nTRE")
    assert bullets(report.definition) == ["EN", "to", "tre", "Nytt punkt"]
    assert carried(new_base, edited, bullets__items="theirs").definition == new_base


def test_texts_in_one_list_meet_one_by_one() -> None:
    report = carried(write(BASE, "bullets", items__1__nb="TO"), write(BASE, "bullets", items__0__nb="EN"))
    assert (bullets(report.definition), report.clean) == (["EN", "TO", "tre"], True)


def test_ours_was_taken_out() -> None:
    edited, new_base = write(BASE, "two", text__nb="Vårt"), edit.delete(BASE, "two", ()).definition
    report = carried(new_base, edited)  # type: ignore[arg-type]
    (choice,) = report.choices
    assert (choice.id, choice.conflict) == ("two", True)
    assert report.definition == edited
    assert report.came_in == ()
    assert carried(new_base, edited, two="theirs").definition == new_base  # type: ignore[arg-type]


def test_what_was_only_hidden_or_moved_may_be_taken_out() -> None:
    new_base: Any = edit.delete(BASE, "two", ()).definition
    for edited in (edit.hide(BASE, "two").definition, edit.move_to(BASE, "two", "").definition, BASE):
        report = carried(new_base, edited)  # type: ignore[arg-type]
        assert (report.definition, report.clean) == (new_base, True)
        assert [(c.item_id, c.what.say(str), c.level) for c in report.came_in] == [("two", "Tatt ut", "major")]


def test_something_hidden_was_changed() -> None:
    edited: Any = edit.hide(BASE, "one").definition
    new_base = write(BASE, "one", text__nb="Viktig")
    report = carried(new_base, edited)
    (choice,) = report.choices
    assert (choice.id, choice.conflict, choice.theirs) == ("one.hidden", False, "Vises: Viktig")
    assert block(report.definition, "one").hidden
    assert block(report.definition, "one").text["nb"] == "Viktig"
    assert carried(new_base, edited, one__hidden="theirs").definition == new_base


def test_both_moved_it() -> None:
    four = letter(*(paragraph(name) for name in "abcd"))
    edited: Any = edit.move_to(four, "a", "d").definition
    new_base: Any = edit.move_to(four, "a", "c").definition
    report = carried(new_base, edited, four)
    assert [(c.id, c.conflict) for c in report.choices] == [("a.order", False)]
    assert ids(report.definition) == ["b", "c", "d", "a"]
    assert ids(carried(new_base, edited, four, a__order="theirs").definition) == ["b", "c", "a", "d"]


def test_both_have_something_new_with_one_id() -> None:
    edited, new_base = (
        edit.add_block(THREE, "heading", "a").definition,
        edit.add_block(THREE, "heading", "c").definition,
    )
    assert carried(new_base, edited, THREE).clean  # type: ignore[arg-type]
    other: Any = edit.add_block(write(THREE, "", title__nb="X"), "heading", "c").definition
    other = write(other, "overskrift_1", text__nb="Annet")
    report = carried(other, edited, THREE)  # type: ignore[arg-type]
    assert [c.id for c in report.choices] == ["overskrift_1"]
    assert block(report.definition, "overskrift_1").text["nb"] == "Ny overskrift"
    assert carried(other, edited, THREE, overskrift_1="theirs").definition == other  # type: ignore[arg-type]


def test_what_ours_stood_after_is_gone() -> None:
    edited: Any = edit.add_block(THREE, "heading", "b").definition
    new_base: Any = edit.delete(THREE, "b", ()).definition
    assert ids(carried(new_base, edited, THREE).definition) == ["a", "overskrift_1", "c"]


def test_our_language_stays_and_theirs_comes() -> None:
    edited: Any = edit.add_language(BASE, "se").definition
    edited = write(edited, "one", text__se="Buorre")
    new_base: Any = edit.add_language(BASE, "en").definition
    report = carried(write(new_base, "one", text__en="Good"), edited)
    assert report.definition.languages == ("nb", "nn", "en", "se")
    assert block(report.definition, "one").text == {**block(BASE, "one").text, "en": "Good", "se": "Buorre"}
    assert carried(edited, edited).definition == edited


def test_a_letter_keeps_a_language_to_be_read_in() -> None:
    edited, new_base = edit.remove_language(BASE, "nn").definition, edit.remove_language(BASE, "nb").definition
    assert carried(new_base, edited).definition == new_base  # type: ignore[arg-type]


@quick
@given(st.data())
def test_a_new_edition_loses_nothing(data: st.DataObject) -> None:
    base = data.draw(bases)
    ours, theirs = data.draw(edits(base, 5)), data.draw(edits(base, 5))
    operations = derive(base, ours)
    report = upgrade(base, theirs, operations)
    assert report == upgrade(base, theirs, operations)
    assert upgrade(base, base, operations).definition == ours
    assert upgrade(base, theirs, ()).definition == theirs
    result: Any = report.definition
    assert set(ids(result)) >= {b.id for b in ours.blocks if b.id not in ids(base)}
    assert set(ids(result)) >= set(ids(theirs))
    assert len(set(ids(result))) == len(ids(result))
    others, end = derive(base, theirs), State(result)
    if not any("language" in o.op for o in (*operations, *others)):
        mine, their = State(ours), State(theirs)
        written = [o for o in operations if o.op == "set"]
        assert all(end.value(o.part, o.path) == mine.value(o.part, o.path) for o in written)
        alone = [o for o in others if o.op == "set" and not any(
            o.part == w.part and overlap(o.path, w.path) for w in written)]  # fmt: skip
        assert all(end.value(o.part, o.path) == their.value(o.part, o.path) for o in alone)
    assert upgrade(theirs, theirs, derive(theirs, result)).definition == result


@quick
@given(st.data())
def test_taking_theirs_everywhere_leaves_only_what_nobody_else_touched(data: st.DataObject) -> None:
    base = data.draw(bases)
    ours, theirs = data.draw(edits(base, 5)), data.draw(edits(base, 5))
    operations = derive(base, ours)
    asked = upgrade(base, theirs, operations).choices
    report: Any = upgrade(base, theirs, operations, {choice.id: "theirs" for choice in asked}).definition
    if any(o.op == "remove_language" for o in operations):
        return  # then texts that only that language has are gone
    for operation in derive(base, theirs):
        if operation.op == "set" and operation.part and block(report, operation.part):
            path = operation.path
            both = block(theirs, operation.part), block(report, operation.part)
            assert properties(both[0]).get(path) == properties(both[1]).get(path)


# ---------------------------------------------------------------- comparing


@pytest.mark.parametrize(("change", "level", "what", "before", "after"), [
    (lambda b: write(b, "one", text__nb="Nå"), "patch", "Endret teksten på bokmål", "Først", "Nå"),
    (lambda b: write(b, "", title__nn="No"), "patch", "Endret tittelen på nynorsk", "Brev", "No"),
    (lambda b: write(b, "bullets", items__1__nb="2"), "patch", "Endret punktene på bokmål", "to", "2"),
    (lambda b: write(b, "one", only_if="full_sick"), "minor", "Endret når den er med", "",
     "Bare når den ansatte er helt sykmeldt"),
    (lambda b: write(b, "", recipient="certifier"), "major", "Endret mottakeren", "Den ansatte", "Sykmelder"),
    (lambda b: edit.move_to(b, "one", "two").definition, "minor", "Flyttet", "", ""),
    (lambda b: edit.hide(b, "one").definition, "major", "Skjult", "", ""),
    (lambda b: edit.delete(b, "one", ()).definition, "major", "Tatt ut", "Først", ""),
    (lambda b: edit.add_block(b, "place").definition, "minor", "Ny", "", "{enhet}, {dagens_dato}"),
    (lambda b: edit.add_part(b, "numbers", "rows").definition, "patch", "Endret tabellen", "a | b\nc | ",
     "a | b\nc | \nNy rute | Ny rute"),
    (lambda b: edit.add_language(b, "en").definition, "minor", "Nytt språk: engelsk", "", ""),
    (lambda b: edit.remove_language(b, "nn").definition, "major", "Språket nynorsk er tatt ut", "", ""),
])  # fmt: skip
def test_what_changed(change: Callable[[Letter], Any], level: str, what: str, before: str, after: str) -> None:
    (found,) = compare(BASE, change(BASE))
    assert (found.level, found.what.say(str), found.before, found.after) == (level, what, before, after)


def test_everything_is_new_at_first_and_nothing_when_nothing_changed() -> None:
    assert [(c.item_id, c.level) for c in compare(None, THREE)] == [("a", "minor"), ("b", "minor"), ("c", "minor")]
    assert compare(BASE, BASE.model_copy(update={"version": 7, "key": "eget-brev"})) == []


def test_changes_are_told_in_the_order_of_the_letter() -> None:
    new = write(write(write(BASE, "bullets", text__nb="x"), "one", text__nb="y"), "", title__nb="z")
    assert [c.item_id for c in compare(BASE, new)] == ["", "one", "bullets"]


def test_translations_that_were_left_behind() -> None:
    new = write(write(BASE, "one", text__nb="Helt ny"), "two", text__nb="Ny", text__nn="Ny òg")
    (found,) = stale(BASE, new)
    assert (found.item_id, found.path, found.language, found.source_before, found.source_after, found.text) == (
        "one", "text.nn", "nn", "Først", "Helt ny", "Først (nn)",
    )  # fmt: skip
    assert [s.path for s in stale(BASE, write(BASE, "bullets", items__2__nb="3"))] == ["items.2.nn"]
    assert stale(BASE, edit.remove_part(BASE, "bullets", "items", key("bullets", "items", 0)).definition) == []  # type: ignore[arg-type]


def test_an_id_is_never_used_for_something_else() -> None:
    other = letter({"id": "b", "type": "heading", "text": said("x")})
    (fault,) = reused([THREE, THREE], other)
    assert (fault.item, fault.property) == ("b", "type")
    assert reused([THREE], BASE) == []


def test_what_was_published_is_put_back_hidden() -> None:
    older = letter(paragraph("a"), paragraph("x", "Gammelt"), paragraph("b"))
    kept, told = keep_published([older, THREE], letter(paragraph("b", "Ny"), paragraph("z")))
    assert [(b.id, b.hidden) for b in kept.blocks] == [
        ("b", False),
        ("c", True),
        ("z", False),
        ("a", True),
        ("x", True),
    ]
    assert len(told) == 3
    assert any("Gammelt" in note.say(str) for note in told)
    assert keep_published([THREE], THREE) == (THREE, [])


# ---------------------------------------------------------------- all of it


def test_nothing_is_changed_in_place() -> None:
    before = copy.deepcopy(BASE.model_dump())
    edit.add_part(write(BASE, "one", text__nb="x"), "numbers", "columns")
    carried(write(BASE, "one", text__nb="y"), edit.add_part(BASE, "bullets", "items").definition)  # type: ignore[arg-type]
    assert BASE.model_dump() == before


def test_marks_are_short_and_say_when_nothing_is_there() -> None:
    assert mark("") == mark(None) == ""
    assert 0 < len(mark("x" * 10_000)) < 20
