"""Sets that an administrator may come to make, or bring from elsewhere: every fault is named, where it is, in bounded
time and number, and in words for somebody who never programmed."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.checks import MAX_ALIKE, MAX_FAULTS, faults
from forms.definition import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_OPTIONS,
    BadDefinition,
    QuestionSetDefinition,
    parse,
    property_name,
    shape,
    without_hidden,
)
from forms.library import load_shipped, shipped_keys
from tests.forms.strategies import definitions, envelope, question
from tests.forms.test_definition import told

Data = dict[str, Any]
YES_NO = [{"code": "yes", "text": {"nb": "Ja"}}, {"code": "no", "text": {"nb": "Nei"}}]


def group(item_id: str, items: list[Data], **more: Any) -> Data:
    return {"id": item_id, "type": "group", "text": {"nb": f"Del {item_id}"}, "items": items, **more}


def reading(rule: Any, *before: Data, **more: Any) -> list[str]:
    """What is wrong with a set whose last question is shown on `rule`."""
    return told(faults(shape(envelope([*before, question("last", visible_if=rule)], **more))))


def refused(data: Data) -> list[str]:
    with pytest.raises(BadDefinition) as caught:
        parse(data)
    return told(caught.value.faults)


# --- references ------------------------------------------------------------------------------------------------------


def test_a_question_that_does_not_exist() -> None:
    assert reading({"answered": "gone"}) == ["last: visible_if: viser til spørsmålet «gone», som ikke finnes"]
    assert reading({"answered": "plan.owner"}) == [
        "last: visible_if: viser til spørsmålet «plan.owner», som ikke finnes"
    ]


def test_a_long_circle_is_told_without_its_middle() -> None:
    items = [question(f"q{n}", visible_if={"answered": f"q{(n + 1) % 12}"}) for n in range(12)]
    (circle,) = (fault for fault in refused(envelope(items)) if "ring" in fault)
    assert circle.endswith("q0 → Spørsmål q1 → Spørsmål q2 → Spørsmål q3 → Spørsmål q4 → Spørsmål q5 → … → Spørsmål q0")


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (question("read", hidden=True), "som er skjult"),
        (group("box", [question("read")], hidden=True), "som er skjult"),
        (question("read", print={"show": "paper"}), "som bare finnes på papir"),
        (group("box", [question("read")], print={"show": "paper"}), "som bare finnes på papir"),
        (question("read", "info"), "som ikke har noe svar"),
        (group("read", [question("inside")]), "som ikke har noe svar"),
        (question("read", "calculated", calculate={"rule": "sick_pay_end"}), "som ikke har noe svar"),
    ],
    ids=str,
)
def test_what_nobody_can_answer_cannot_be_read(item: Data, why: str) -> None:
    (fault,) = reading({"answered": "read"}, item)
    assert fault.startswith("last: visible_if: viser til «")
    assert fault.endswith(why)


def test_hiding_a_whole_group_leaves_its_conditions_in_peace() -> None:
    inside = [question("read"), question("reader", visible_if={"answered": "read"}, text={})]
    assert told(faults(shape(envelope([group("box", inside, hidden=True), question("shown")])))) == []
    assert refused(envelope([group("box", inside), question("shown")])) == ["reader: text: har ingen tekst på bokmål"]


def test_a_set_where_all_is_hidden_shows_nothing() -> None:
    assert refused(envelope([question("a", hidden=True)])) == ["(set): items: har ingenting som vises"]
    assert refused(envelope([])) == ["(set): items: har ingenting som vises"]


# --- comparisons that can never be so --------------------------------------------------------------------------------

ASKED = (
    question("one", "choice", options=YES_NO), question("many", "multichoice", options=YES_NO),
    question("line", "string"), question("number", "integer"), question("day", "date"), question("clock", "time"),
    question("ask", "boolean"), question("rows", "table", columns=[{"id": "c", "type": "string", "text": {"nb": "C"}}]),
)  # fmt: skip


def test_an_option_that_was_deleted_leaves_a_faulty_condition() -> None:
    rule = {"or": [{"==": [{"var": "one"}, "maybe"]}, {"in": ["no", {"var": "many"}]}]}
    kept = question("one", "choice", options=[*YES_NO, {"code": "maybe", "text": {"nb": "Kanskje"}, "retired": True}])
    assert reading(rule, kept, *ASKED[1:]) == []  # taken out of use, but still there for those who chose it
    assert reading(rule, *ASKED) == [
        "last: visible_if: sammenligner «Spørsmål one» med «maybe», som ikke er et av valgene"
    ]
    many = question("many", "multichoice", options=YES_NO[:1])
    assert len(reading(rule, ASKED[0], many)) == 2


@pytest.mark.parametrize(
    "rule",
    [
        {"==": [{"var": "one"}, "yes"]}, {"!=": ["no", {"var": "one"}]}, {"in": [{"var": "one"}, ["yes", "no"]]},
        {"in": ["yes", {"var": "many"}]}, {"in": [{"var": "one"}, {"var": "many"}]}, {"==": [{"var": "many"}, ["yes"]]},
        {">": [{"count": "many"}, 1]}, {"<": [{"count": "many"}, {"var": "number"}]}, {"count": "many"},
        {"==": [{"var": "line"}, "Oslo"]}, {"in": ["Oslo", {"var": "line"}]}, {"in": [{"var": "line"}, ["a", "b"]]},
        {">=": [{"var": "number"}, 2.5]}, {"in": [{"var": "number"}, [1, 2]]}, {"<": ["2026-03-05", {"var": "day"}]},
        {"<=": [{"var": "clock"}, "08:30"]}, {"and": [{"var": "ask"}, {"!": [{"var": "ask"}]}]},
        {"==": [{"var": "ask"}, False]}, {"==": [{"var": "ask"}, {"answered": "line"}]}, {"answered": "rows"},
        {"==": [{"var": "plan.kind"}, "first"]}, {"!=": [{"var": "case.kind"}, "preventive"]}, True, {"==": [1, 1]},
        {"in": ["yes", [{"var": "one"}, "no"]]},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_a_sensible_condition_has_no_fault(rule: Any) -> None:
    assert reading(rule, *ASKED) == []


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"==": [{"var": "number"}, "mye"]}, "sammenligner «Spørsmål number» med «mye», men svaret er et tall"),
        ({"==": [{"var": "number"}, True]}, "sammenligner «Spørsmål number» med «ja», men svaret er et tall"),
        ({">": [{"count": "many"}, "to"]}, "sammenligner «Spørsmål many» med «to», men svaret er et tall"),
        ({"<": [{"var": "day"}, "5.3.2026"]}, "med «5.3.2026», men svaret er en dato"),
        ({"<": [{"var": "day"}, "2026-02-30"]}, "men svaret er en dato"),
        ({"<": [{"var": "day"}, {"var": "number"}]}, "sammenligner «Spørsmål day» med «Spørsmål number», men svaret er"),
        ({">": [{"var": "clock"}, "24:00"]}, "men svaret er et klokkeslett"),
        ({"==": [{"var": "ask"}, "yes"]}, "sammenligner «Spørsmål ask» med «yes», men svaret er ja eller nei"),
        ({"==": [{"var": "ask"}, None]}, "med «ingenting», men svaret er ja eller nei"),
        ({"==": [{"var": "line"}, 5]}, "men svaret er tekst"),
        ({"==": [{"var": "one"}, 1]}, "men svaret er ett av valgene"),
        ({">": [{"var": "one"}, "no"]}, "spør om «Spørsmål one» er mer eller mindre enn noe, men svaret er ett av valgene"),
        ({"<": ["b", {"var": "line"}]}, "spør om «Spørsmål line» er mer eller mindre enn noe, men svaret er tekst"),
        ({"==": [{"var": "many"}, "yes"]}, "med «yes», men svaret er ett eller flere av valgene"),
        ({"==": [{"var": "many"}, ["yes", "maybe"]]}, "med «maybe», som ikke er et av valgene"),
        ({"in": ["maybe", {"var": "many"}]}, "med «maybe», som ikke er et av valgene"),
        ({"in": [{"var": "one"}, ["maybe", "no"]]}, "med «maybe», som ikke er et av valgene"),
        ({"in": ["yes", {"var": "one"}]}, "spør om «yes» er med i «Spørsmål one», men svaret er ett av valgene"),
        ({"in": [{"var": "number"}, {"var": "line"}]}, "spør om «Spørsmål number» er med i «Spørsmål line», men svaret er"),
        ({"in": [5, {"var": "line"}]}, "spør om «5» er med i «Spørsmål line», men svaret er tekst"),
        ({"==": [{"var": "rows"}, "a"]}, "men svaret er rader i en tabell"),
        ({"==": [{"var": "plan.kind"}, "second"]}, "sammenligner «Planen» med «second», som ikke er et av valgene"),
        ({"var": "line"}, "bruker «Spørsmål line» som ja eller nei, men svaret er tekst"),
        ({"!": {"or": [{"var": "one"}, {"var": "ask"}]}}, "bruker «Spørsmål one» som ja eller nei"),
        ({"==": [{"var": "one"}, "x" * 500]}, f"med «{'x' * 59}…», som ikke er et av valgene"),
    ],
    ids=lambda part: json.dumps(part)[:60],
)  # fmt: skip
def test_a_comparison_that_can_never_be_so_is_told(rule: Any, why: str) -> None:
    (fault,) = reading(rule, *ASKED)
    assert why in fault


def test_required_and_constraints_are_read_too() -> None:
    rule = {"==": [{"var": "number"}, "x"]}
    own = {"expr": {">": [{"var": "last"}, "x"]}, "message": {"nb": "Nei"}}
    found = refused(envelope([*ASKED, question("last", "integer", required={"if": rule}, constraints=[own])]))
    assert [fault.split(": ")[:2] for fault in found] == [["last", "required"], ["last", "constraints"]]


# --- languages -------------------------------------------------------------------------------------------------------


def test_a_language_without_texts_is_one_fault() -> None:
    items = [question(f"q{n}") for n in range(300)]
    assert refused(envelope(items, languages=["nb", "nn", "se"])) == [
        "(set): languages: har nynorsk, men ingen tekster på nynorsk",
        "(set): languages: har nordsamisk, men ingen tekster på nordsamisk",
    ]


def test_a_language_with_some_texts_tells_which_are_missing() -> None:
    items = [question("a", text={"nb": "Hva?", "nn": "Kva?"}), question("b", "choice", options=YES_NO)]
    assert refused(envelope(items, languages=["nb", "nn"], subtitle={"nb": "Under", "nn": " "})) == [
        "(set): title: har ingen tekst på nynorsk",
        "(set): subtitle: har ingen tekst på nynorsk",
        "b: text: har ingen tekst på nynorsk",
        "b: options: mangler tekst på nynorsk for «Ja»",
        "b: options: mangler tekst på nynorsk for «Nei»",
    ]


def test_a_language_listed_twice() -> None:
    assert refused(envelope([question("a")], languages=["nb", "nb"])) == [
        "(set): languages: har bokmål mer enn én gang"
    ]


@pytest.mark.parametrize("languages", [[], ["en"]])
def test_a_set_in_no_norwegian(languages: list[str]) -> None:
    found = refused(envelope([question("a", text={"en": "What?"})], title={"en": "A set"}, languages=languages))
    assert found == ["(set): languages: må ha bokmål eller nynorsk"]


# --- size ------------------------------------------------------------------------------------------------------------


def in_time(data: Data, most: float = 3) -> list[str]:
    start = time.monotonic()
    found = refused(data)
    assert time.monotonic() - start < most
    assert len(found) <= 2 * MAX_FAULTS
    return found


def test_two_thousand_items() -> None:
    found = in_time(envelope([question(f"q{n}") for n in range(1999)] + [question("last", nav_field="x")]))
    assert found == [
        f"(set): items: har 2000 punkter; høyst {MAX_ITEMS} er tillatt",
        "last: nav_field: er «x», som ikke finnes hos Nav",
    ]


def test_ten_thousand_options() -> None:
    options = [{"code": f"o{n}", "text": {"nb": f"Valg {n}"}} for n in range(10_000)]
    items = [question("a", "choice", options=options), question("b", visible_if={"==": [{"var": "a"}, "o10000"]})]
    assert in_time(envelope(items)) == [
        f"a: options: har 10000 valg; høyst {MAX_OPTIONS} er tillatt",
        "b: visible_if: sammenligner «Spørsmål a» med «o10000», som ikke er et av valgene",
    ]


def test_ten_thousand_faulty_options_do_not_hide_another_fault() -> None:
    options = [{"code": "Same", "text": {}}] * 10_000
    found = in_time(envelope([question("a", "choice", options=options), question("b", visible_if={"var": "c"})]))
    assert sum(fault.startswith("a: options: ") for fault in found) == MAX_ALIKE + 1
    assert "a: options: har 9983 feil til" in found
    assert "b: visible_if: viser til spørsmålet «c», som ikke finnes" in found


@pytest.mark.parametrize("deep", [MAX_DEPTH + 1, 20, 39])
def test_nesting_is_refused_and_the_rest_told(deep: int) -> None:
    items = [question("leaf", colour="red"), question("other", visible_if={"answered": "gone"})]
    for level in range(deep - 1):
        items = [group(f"g{level}", items)]
    found = in_time(envelope(items))
    assert f"(set): items: har {deep} nivåer i hverandre; høyst {MAX_DEPTH} er tillatt" in found
    assert "leaf: colour: finnes ikke i formatet" in found
    assert "other: visible_if: viser til spørsmålet «gone», som ikke finnes" in found


def test_circles_by_the_thousand_take_bounded_time() -> None:
    items = [question(f"q{n}", visible_if={"answered": f"q{n + 1}"}) for n in range(900)]
    for level in range(30):
        rule = {"and": [{"answered": f"q{(n + 45 * level) % 900}"} for n in range(90)]}
        items = [group(f"g{level}", items, visible_if=rule)]
    found = in_time(envelope(items), most=10)
    assert len(found) == MAX_FAULTS + 1
    assert max(map(len, found)) < 1000


def test_an_edit_of_a_large_set_is_checked_at_once() -> None:
    options = [{"code": f"o{n}", "text": {"nb": f"Valg {n}"}} for n in range(8)]
    rule = {"or": [{"==": [{"var": "q0"}, f"o{n}"]} for n in range(8)]}
    items = [question("q0", "choice", options=options)]
    items += [question(f"q{n}", "choice", options=options, visible_if=rule) for n in range(1, 200)]
    definition = shape(envelope(items))
    took = []
    for _ in range(5):
        start = time.monotonic()
        assert faults(definition) == []
        took.append(time.monotonic() - start)
    assert min(took) < 0.1


# --- shapes, told in words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"text": {"nb": "x" * 20_001}}, "a: text.nb: er for lang; høyst 20000 tegn er tillatt"),
        ({"text": "Hva?"}, "a: text: har feil form"),
        ({"text": {"dk": "Hvad?"}}, "a: text.dk: er «dk», men må være en av: nb, nn, en, se"),
        ({"text": {"nb": 5}}, "a: text.nb: må være tekst"),
        ({"max_length": 0}, "a: max_length: må være 1 eller høyere"),
        ({"max_length": 99_999}, "a: max_length: må være 20000 eller lavere"),
        ({"max_length": 1.5}, "a: max_length: må være et helt tall"),
        ({"carry": "kanskje"}, "a: carry: må være ja eller nei (true eller false)"),
        ({"options": "ja"}, "a: options: må være en liste"),
        ({"options": [{"text": {}}]}, "a: options.0.code: mangler"),
        ({"columns": [{"id": "c", "type": "odd", "text": {}}]},
         "a: columns.0.type: er «odd», men må være en av: string, text, date, integer"),
        ({"required": "always"}, "a: required: har en verdi som ikke passer her"),
        ({"required": None}, "a: required: har en verdi som ikke passer her"),
        ({"visible_if": []}, "a: visible_if: har en verdi som ikke passer her"),
        ({"type": {"x": 1}}, "a: type: har feil form"),
        ({"print": {"show": "wall"}}, "a: print.show: er «wall», men må være en av: both, screen, paper"),
        ({"law_part": "x" * 99}, f"a: law_part: er «{'x' * 59}…», men må være en av: assessment, employer_measures"),
    ],
    ids=lambda part: str(part)[:40],
)  # fmt: skip
def test_wrong_shapes_in_plain_words(change: Data, why: str) -> None:
    found = refused(envelope([question("a") | change]))
    assert any(fault.startswith(why) for fault in found), found
    assert len([fault for fault in found if fault.startswith(why.rsplit(": ", 1)[0])]) == 1


def test_the_set_itself_in_plain_words() -> None:
    found = refused({"schema_version": 2, "key": "Å", "version": 0, "kind": "poem", "languages": ["nb"], "title": {}})
    assert found == [
        "(set): schema_version: er «2», men må være en av: 1",
        "(set): key: må ha små bokstaver, tall og bindestrek, med en bokstav først",
        "(set): version: må være 1 eller høyere",
        "(set): kind: er «poem», men må være en av: plan, checklist, minutes, consent, preparation",
        "(set): items: mangler",
    ]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"\xff\xfe\x00", "er ikke gyldig JSON (tegnene er ikke UTF-8)"),
        ('{\n"a" 1}', "er ikke gyldig JSON (linje 2, kolonne 5)"),
        ("[" * 100_000, "er ikke gyldig JSON (for mange nivåer eller for store tall)"),
        ('{"version": ' + "9" * 5000 + "}", "er ikke gyldig JSON (for mange nivåer eller for store tall)"),
        ("[]", "er ikke et JSON-objekt"),
        (" " * 2_000_001, "er større enn 2000000 byte"),
    ],
    ids=range(6),
)
def test_files_that_are_none(source: str | bytes, why: str) -> None:
    with pytest.raises(BadDefinition) as caught:
        shape(source)
    assert told(caught.value.faults) == [f"(set): file: {why}"]


# --- words -----------------------------------------------------------------------------------------------------------


def test_every_property_has_a_name() -> None:
    schema = QuestionSetDefinition.model_json_schema()
    names = set(schema["properties"]) | set(schema["$defs"]["Item"]["properties"])
    for prop, model in (("print", "Print"), ("repeat", "Repeat"), ("paper", "Paper")):
        names |= {f"{prop}.{name}" for name in schema["$defs"][model]["properties"]}
    for prop, model in (("options", "Option"), ("columns", "Column"), ("rows", "Row"), ("facts", "Fact")):
        names |= {f"{prop}.0.{name}" for name in schema["$defs"][model]["properties"]}
    said = {name: property_name(name).say(str) for name in names}
    assert [name for name, words in said.items() if "«" in words or re.search(r"[a-z]_[a-z]", words)] == []
    whole = {name for name in names if "." not in name}
    assert len({said[name] for name in whole}) == len(whole)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("text", "ledeteksten"), ("text.nn", "ledeteksten på nynorsk"), ("print.layout", "oppsettet"),
        ("options.yes.text.nb", "valgene, teksten på bokmål"), ("options.yes.retired", "valgene, valget om å ta ut av bruk"),
        ("examples.2.nb", "eksemplene på bokmål"), ("paper.head.en", "toppteksten på papir på engelsk"),
        ("colour", "egenskapen «colour»"), ("", "egenskapen «»"), ("text.yes.no.more", "ledeteksten"),
    ],
)  # fmt: skip
def test_names_of_properties(path: str, name: str) -> None:
    assert property_name(path).say(str) == name


def test_operators_read_english() -> None:
    items = [question("a", nav_field="nothing", visible_if={"answered": "b"}), question("b", text={})]
    assert [str(fault) for fault in faults(shape(envelope(items)))] == [
        "a: nav_field: 'nothing' is not a field of Nav's API",
        "a: visible_if: refers to 'b', which does not come before it",
        "b: text: has no text in nb (Norwegian Bokmål)",
    ]


# --- hidden items ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", shipped_keys())
def test_shipped_sets_are_without_faults_and_hide_nothing(key: str) -> None:
    definition = load_shipped(key)
    assert faults(definition) == []
    assert without_hidden(definition) is definition


@settings(max_examples=60, deadline=None)
@given(definitions(), st.data())
def test_without_hidden_drops_the_hidden_and_nothing_else(data: Data, draw: st.DataObject) -> None:
    definition = parse(data)
    ids = [item.id for item in definition.walk()]
    hidden = draw.draw(st.sets(st.sampled_from(ids)))

    def hide(items: Any) -> Any:
        return tuple(item.model_copy(update={"hidden": item.id in hidden, "items": hide(item.items)}) for item in items)

    def left(items: Any) -> list[str]:
        return [name for item in items if item.id not in hidden for name in (item.id, *left(item.items))]

    changed = definition.model_copy(update={"items": hide(definition.items)})
    shown = without_hidden(changed)
    assert [item.id for item in shown.walk()] == left(definition.items)
    assert not any(item.hidden for item in shown.walk())
    assert without_hidden(shown) is shown
    for item in shown.walk():
        kept = definition.find(item.id)
        assert kept is not None
        assert item.model_copy(update={"items": ()}) == kept.model_copy(update={"items": ()})
    assert shown.model_copy(update={"items": ()}) == definition.model_copy(update={"items": ()})
