"""FHIR Questionnaires: a round trip that keeps everything, edits elsewhere that win, and foreign forms."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaire import Questionnaire
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.conditions import holds
from forms.definition import Item, QuestionSetDefinition, canonical, faults, shape
from forms.exchange.common import BadFile, Imported
from forms.exchange.fhir_in import read_fhir
from forms.exchange.fhir_model import FhirItem
from forms.exchange.fhir_out import write_fhir
from forms.exchange.fhir_rules import Question, condition, enable_when
from forms.library import load_shipped, shipped_keys
from tests.forms.exchange.rich import rich_definitions
from tests.forms.strategies import envelope, question

Node = dict[str, Any]
LIGHT = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
HL7 = "http://hl7.org/fhir/StructureDefinition/"


def same(one: QuestionSetDefinition, other: QuestionSetDefinition) -> bool:
    """Equal, and 1 is not True."""
    return canonical(one.model_dump(mode="json")) == canonical(other.model_dump(mode="json"))


def resources(content: bytes) -> list[Node]:
    data = json.loads(content)
    return [entry["resource"] for entry in data["entry"]] if data["resourceType"] == "Bundle" else [data]


def nodes(resource: Node) -> Iterator[Node]:
    for node in resource.get("item", []):
        yield node
        yield from nodes(node)


def form(*items: Node, language: str = "nb-NO", **more: Any) -> Node:
    return {
        "resourceType": "Questionnaire",
        "status": "draft",
        "language": language,
        "title": "Skjema",
        "item": [*items],
        **more,
    }


def read(data: Any) -> Imported:
    return read_fhir(json.dumps(data).encode())


def left_out(data: Any) -> list[str]:
    return [f"{told.place}: {told.note.say(str)}" for told in read(data).left_out]


def has(found: list[str], *parts: str) -> bool:
    return any(all(part in told for part in parts) for told in found)


def items(data: Any) -> list[Node]:
    imported = read(data)
    shape(imported.data)
    return imported.data["items"]  # type: ignore[no-any-return]


def refused(content: bytes) -> list[str]:
    with pytest.raises(BadFile) as error:
        read_fhir(content)
    return [f"{told.place}: {told.note.say(str)}" for told in error.value.told]


def extension(name: str, **value: Any) -> Node:
    return {"url": name if ":" in name else HL7 + name, **value}


def control(code: str) -> Node:
    return extension("questionnaire-itemControl", valueCodeableConcept={"coding": [{"code": code}]})


# Our own sets


@LIGHT
@given(rich_definitions())
def test_a_set_comes_back_as_it_was(definition: QuestionSetDefinition) -> None:
    imported = read_fhir(write_fhir(definition))
    assert imported.left_out == ()
    assert same(shape(imported.data), definition)


@LIGHT
@given(rich_definitions())
def test_what_is_written_is_fhir(definition: QuestionSetDefinition) -> None:
    data = json.loads(write_fhir(definition))
    model = Bundle if data["resourceType"] == "Bundle" else Questionnaire
    model.model_validate(data)
    for resource in resources(json.dumps(data).encode()):
        check_invariants(resource)


def check_invariants(resource: Node) -> None:
    """The rules of R4 that its models do not hold (que-1 … que-12)."""
    every = list(nodes(resource))
    links = [node["linkId"] for node in every]
    assert len(links) == len(set(links))
    for node in every:
        kind, inside = node["type"], node.get("item")
        assert kind not in ("group", "display") or (kind == "group") is bool(inside)
        assert "answerOption" not in node or kind == "choice"
        assert kind != "display" or not node.keys() & {"required", "repeats", "readOnly", "code"}
        assert "maxLength" not in node or kind in ("boolean", "integer", "string", "text")
        rules = node.get("enableWhen", [])
        assert len(rules) < 2 or "enableBehavior" in node
        for rule in rules:
            assert rule["question"] in links
            assert sum(name.startswith("answer") for name in rule) == 1
            assert rule["operator"] != "exists" or isinstance(rule["answerBoolean"], bool)


@pytest.mark.parametrize("key", shipped_keys())
def test_shipped_sets_come_back(key: str) -> None:
    definition = load_shipped(key)
    imported = read_fhir(write_fhir(definition))
    assert (imported.left_out, same(shape(imported.data), definition)) == ((), True)


def test_one_resource_for_each_language() -> None:
    found = resources(write_fhir(load_shipped("nav-2025")))
    assert [resource["language"] for resource in found] == ["nb-NO", "nn-NO"]
    assert found[1]["title"] == "Oppfølgingsplan"
    assert {node["linkId"] for node in nodes(found[0])} == {node["linkId"] for node in nodes(found[1])}
    assert json.loads(write_fhir(shape(envelope([question("a")]))))["resourceType"] == "Questionnaire"


def test_how_the_parts_of_a_set_look_in_fhir() -> None:
    definition = shape(
        envelope(
            [
                question("held", "boolean", help={"nb": "Også på telefon"}, required=True),
                question("why", visible_if={"==": [{"var": "held"}, False]}, max_length=500),
                question("percent", "integer", min=0, max=100, unit={"nb": "%"}),
                question("means", "multichoice", options=[{"code": "car", "text": {"nb": "Bil"}, "comment": "text"}]),
                question("sent", "table", columns=[{"id": "day", "type": "date", "text": {"nb": "Dato"}}]),
                question("old", hidden=True),
            ]
        )
    )
    by_link = {node["linkId"]: node for node in nodes(json.loads(write_fhir(definition)))}
    assert by_link["held"]["required"] is True
    assert (by_link["held.help"]["type"], by_link["held.help"]["text"]) == ("display", "Også på telefon")
    assert by_link["why"]["enableWhen"] == [{"question": "held", "operator": "=", "answerBoolean": False}]
    assert by_link["why"]["maxLength"] == 500
    assert {"url": HL7 + "maxValue", "valueInteger": 100} in by_link["percent"]["extension"]
    assert (by_link["means"]["repeats"], by_link["means"]["answerOption"][0]["valueCoding"]["display"]) == (True, "Bil")
    assert by_link["means.car.comment"]["enableWhen"][0]["answerCoding"]["code"] == "car"
    assert (by_link["sent"]["type"], by_link["sent"]["repeats"], by_link["sent.day"]["type"]) == ("group", True, "date")
    assert by_link["old"]["extension"] == [{"url": HL7 + "questionnaire-hidden", "valueBoolean": True}]
    assert all("urn:attende:item" not in json.dumps(by_link[link]) for link in ("held", "why", "percent", "means"))


@pytest.mark.parametrize(
    "item",
    [
        question("a", id="bad__name"),
        question("a", id=""),
        question("a", "group"),
        question("a", "choice"),
        question("a", "choice", options=[{"code": "x y", "text": {}}, {"code": "", "text": {"nb": "Å"}}]),
        question("a", "choice", options=[{"code": "x", "text": {"nb": "1"}}, {"code": "x", "text": {"nb": "2"}}]),
        question("a", "facts", facts=[{"source": "nobody.knows", "text": {"nb": "?"}}]),
        question("a", "info", items=[question("b")]),
        question("a", "integer", min=5 * 10**9, text={"nb": " ", "en": "x\u0000y\u00a0"}),
        question("a", "checklist", rows=[{"id": "1/2", "when": {}, "text": {"nb": "x"}}] * 2),
        question("a", visible_if={"call": "os.system"}, required={"when": 1}),
    ],
)  # fmt: skip
def test_drafts_with_faults_come_back_too(item: Node) -> None:
    draft = shape(envelope([item, question("last"), question("last")]))
    imported = read_fhir(write_fhir(draft))
    assert (imported.left_out, same(shape(imported.data), draft)) == ((), True)


# What others do to our files


def builder(content: bytes) -> list[Node]:
    """What Helsenorge's builder makes of a bundle: other languages are rebuilt from the first, and get its own texts,
    option texts and title back; all else of theirs is lost."""
    main, *others = resources(content)

    def rebuilt(inside: list[Node], texts: dict[str, Node]) -> list[Node]:
        found = []
        for node in inside:
            other = texts.get(node["linkId"], {})
            shown = {o["valueCoding"]["code"]: o["valueCoding"].get("display") for o in other.get("answerOption", [])}
            options = [
                {"valueCoding": {**option["valueCoding"], "display": shown.get(option["valueCoding"]["code"])}}
                for option in node.get("answerOption", [])
            ]
            made = {
                **node,
                "text": other.get("text"),
                "prefix": other.get("prefix"),
                "answerOption": options,
                "item": rebuilt(node.get("item", []), texts),
            }
            found.append({name: value for name, value in made.items() if value not in (None, "", [])})
        return found

    made = [main]
    for other in others:
        texts = {node["linkId"]: node for node in nodes(other)}
        head = {name: other[name] for name in ("language", "title", "id", "description") if name in other}
        made.append({**main, **head, "item": rebuilt(main["item"], texts)})
    return made


def bundle(made: list[Node]) -> Node:
    return {"resourceType": "Bundle", "type": "searchset", "total": len(made), "entry": [{"resource": r} for r in made]}


@LIGHT
@given(rich_definitions())
def test_saving_in_the_builder_of_helsenorge_loses_nothing(definition: QuestionSetDefinition) -> None:
    imported = read(bundle(builder(write_fhir(definition))))
    assert imported.left_out == ()
    assert same(shape(imported.data), definition)


def found(definition: QuestionSetDefinition, item_id: str) -> Item:
    item = definition.find(item_id)
    assert item
    return item


def edited(change: Any, key: str = "nordre-land-iop") -> QuestionSetDefinition:
    """A shipped set after `change` of its resources, by linkId, in each language."""
    made = resources(write_fhir(load_shipped(key)))
    for resource in made:
        change(resource, {node["linkId"]: node for node in nodes(resource)})
    return shape(read(bundle(made)).data)


def test_a_text_changed_elsewhere_wins_and_the_rest_stays() -> None:
    before = load_shipped("nordre-land-iop")

    def change(resource: Node, by_link: dict[str, Node]) -> None:
        if resource["language"] == "nn-NO":
            by_link["how_now"]["text"] = "Korleis går det?"
            by_link["referred"]["answerOption"][0]["valueCoding"]["display"] = "Nytt"

    after = edited(change)
    old = found(before, "how_now")
    assert found(after, "how_now") == old.model_copy(update={"text": {**old.text, "nn": "Korleis går det?"}})
    options = found(after, "referred").options
    assert options[0].text["nn"] == "Nytt"
    assert options[1:] == found(before, "referred").options[1:]


def test_structure_changed_elsewhere_wins() -> None:
    def change(resource: Node, by_link: dict[str, Node]) -> None:
        group = by_link["situation"]["item"]
        group.append(group.pop(1))
        group.append({"linkId": "new_one", "type": "date", "text": "Ny dato"})
        del by_link["about_you"]["item"][1]
        by_link["how_now"]["required"] = True
        by_link["expectations"]["enableWhen"] = [
            {"question": "meeting_date", "operator": "exists", "answerBoolean": True}
        ]
        by_link["participants"] |= {"maxLength": 80, "type": "text"}
        by_link["dialogue_meeting_reason"].pop("enableWhen")
        by_link["referred"]["answerOption"] = [
            {"valueCoding": {"code": "added", "display": "Lagt til"}}, *by_link["referred"]["answerOption"][:1],
        ]  # fmt: skip

    before, after = load_shipped("nordre-land-iop"), edited(change)
    ids = [item.id for item in found(after, "situation").items]
    assert ids == [
        "about_questions",
        "expectations",
        "work_related",
        "function_now",
        "other_tasks",
        "how_now",
        "new_one",
    ]
    assert after.find("intro") is None
    item = found(after, "how_now")
    assert (item.required, item.sensitivity, item.print.blank_lines) == (True, "health", 5)
    assert found(after, "expectations").visible_if == {"answered": "meeting_date"}
    participants = found(after, "participants")
    assert (participants.type, participants.max_length, participants.print.layout) == (
        "text",
        80,
        "inline",
    )
    assert found(after, "dialogue_meeting_reason").visible_if is None
    referred, old = found(after, "referred"), found(before, "referred")
    assert [option.code for option in referred.options] == ["added", old.options[0].code]
    assert referred.options[1] == old.options[0]


def test_rows_facts_and_signers_can_be_reworded_elsewhere() -> None:
    def change(resource: Node, by_link: dict[str, Node]) -> None:
        first = by_link["checklist"]["item"][0]
        first["text"], first["prefix"] = "Ring", "Dag 1"
        by_link["checklist"]["item"] = [
            row for row in by_link["checklist"]["item"] if row["linkId"] != "checklist.week_92"
        ]
        by_link["employee_facts"]["item"][0]["text"] = "Hvem"

    before, after = load_shipped("notteroy-sjekkliste"), edited(change, "notteroy-sjekkliste")
    rows, old = found(after, "checklist").rows, found(before, "checklist").rows
    assert rows[0] == old[0].model_copy(
        update={"text": {"nb": "Ring", "nn": "Ring"}, "when": {"nb": "Dag 1", "nn": "Dag 1"}}
    )
    assert rows[1:] == old[1:-1]
    assert found(after, "employee_facts").facts[0].text["nb"] == "Hvem"


@pytest.mark.parametrize(
    "value",
    ["", "{", "[]", '{"is": 5}', '{"is": {"text": 1, "text/nn": "x"}}', '{"is": {"repeat/min": -1}}', '{"is": {"law_part": "x"}}',
     "[" * 5000, json.dumps({"is": {"visible_if": {"!": 1}}, "read": []}), '{"is": {"options": [["x"]]}}'],
)  # fmt: skip
def test_our_own_extension_is_not_trusted(value: str) -> None:
    ours = {"url": "urn:attende:item", "valueString": value}
    found = items(form({"linkId": "a", "type": "string", "text": "Hva?", "extension": [ours]}))
    assert found[0]["text"] == {"nb": "Hva?"}
    told = left_out(
        form({"linkId": "a", "type": "string", "extension": [ours]}, extension=[{**ours, "url": "urn:attende:set"}])
    )
    assert has(told, "item[linkId=a]", "kan ikke leses")


# Conditions: FHIR's own meaning, in a few lines

QUESTIONS = {
    name: Question(name, kind, name, {"x": "x", "y": "y"}, "s")
    for name, kind in (("b", "boolean"), ("n", "integer"), ("d", "date"), ("t", "time"), ("s", "string"),
                       ("c", "choice"), ("m", "multichoice"))
}  # fmt: skip
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "b": st.booleans(), "n": st.integers(0, 3), "d": st.sampled_from(["2026-01-01", "2026-02-01"]),
        "t": st.sampled_from(["08:00", "09:30"]), "s": st.sampled_from(["x", "ja"]),
        "c": st.sampled_from(["x", "y"]).map(lambda code: {"code": code, "comments": {}}),
        "m": st.lists(st.sampled_from(["x", "y"]), min_size=1, unique=True).map(lambda codes: {"codes": codes, "comments": {}}),
    },
)  # fmt: skip


def enabled(node: Node, answers: dict[str, Any]) -> bool:
    """As R4 says it: = when one of the answers is equal, != when none is, exists when there is one."""
    told = []
    for rule in node.get("enableWhen", []):
        given = answers.get(rule["question"])
        values = (
            [] if given is None else given.get("codes", [given.get("code")]) if isinstance(given, dict) else [given]
        )
        wanted = next(value for name, value in rule.items() if name.startswith("answer"))
        wanted = wanted["code"] if isinstance(wanted, dict) else wanted
        if rule["question"] == "t" and isinstance(wanted, str):
            wanted = wanted[:5]
        told.append(
            {
                "exists": lambda v=values, w=wanted: bool(v) is w,
                "=": lambda v=values, w=wanted: w in v,
                "!=": lambda v=values, w=wanted: w not in v,
                "<": lambda v=values, w=wanted: any(x < w for x in v),
                "<=": lambda v=values, w=wanted: any(x <= w for x in v),
                ">": lambda v=values, w=wanted: any(x > w for x in v),
                ">=": lambda v=values, w=wanted: any(x >= w for x in v),
            }[rule["operator"]]()
        )
    return not told or (all if node.get("enableBehavior") == "all" else any)(told)


WANTED = {
    "b": st.booleans(), "n": st.integers(0, 3), "d": st.sampled_from(["2026-01-01", "2026-01-15"]),
    "t": st.sampled_from(["08:00", "09:00"]), "s": st.sampled_from(["x", "ja"]), "c": st.sampled_from(["x", "y"]),
    "m": st.sampled_from(["x", "y"]),
}  # fmt: skip


@st.composite
def simple_rules(draw: st.DrawFn) -> Any:
    name = draw(st.sampled_from([*QUESTIONS]))
    wanted, operator = draw(WANTED[name]), draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
    rule: Any = draw(
        st.sampled_from(
            [
                {operator: [{"var": name}, wanted]}, {operator: [wanted, {"var": name}]}, {"answered": name}, {"var": name},
                {"in": [wanted, {"var": name}]}, {"in": [{"var": name}, [wanted, draw(WANTED[name])]]},
            ]
        )
    )  # fmt: skip
    return draw(st.sampled_from([rule, {"!": rule}, {"!": [{"!": rule}]}]))


RULES = st.one_of(
    simple_rules(),
    st.tuples(st.sampled_from(["and", "or"]), st.lists(simple_rules(), min_size=1, max_size=3)).map(
        lambda t: {t[0]: t[1]}
    ),
)


@settings(max_examples=400, deadline=None)
@given(RULES, ANSWERS)
def test_enable_when_says_exactly_our_condition(rule: Any, answers: dict[str, Any]) -> None:
    node = enable_when(rule, QUESTIONS)
    if node:
        assert enabled(node, answers) is (holds(rule, answers) is True), node


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({"==": [{"var": "b"}, True]}, True),
        ({"!=": [{"var": "c"}, "x"]}, True),
        ({"in": [{"var": "c"}, ["x", "y"]]}, True),
        ({"and": [{"==": [{"var": "c"}, "x"]}, {">": [{"var": "n"}, 2]}]}, True),
        ({"==": [{"var": "plan.kind"}, "first"]}, False),
        ({"==": [{"var": "n"}, {"var": "n"}]}, False),
        ({"or": [{"and": [{"answered": "b"}, {"answered": "c"}]}, {"answered": "n"}]}, False),
        ({">": [{"count": "m"}, 1]}, False),
        ({"or": [{"!=": [{"var": "c"}, "x"]}, {"answered": "n"}]}, False),
        (False, False),
    ],
)
def test_which_conditions_fhir_can_say(rule: Any, fits: bool) -> None:
    assert bool(enable_when(rule, QUESTIONS)) is fits


@st.composite
def foreign_rules(draw: st.DrawFn) -> Node:
    rules = []
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from([*QUESTIONS]))
        wanted = draw(WANTED[name])
        kind = {"b": "Boolean", "n": "Integer", "d": "Date", "t": "Time", "s": "String"}.get(name, "Coding")
        answer = {"code": wanted} if kind == "Coding" else f"{wanted}:00" if name == "t" else wanted
        operators = ["=", "!="] + (["<", "<=", ">", ">="] if name in "ndt" else [])
        compare = {"question": name, "operator": draw(st.sampled_from(operators)), f"answer{kind}": answer}
        exists = {"question": name, "operator": "exists", "answerBoolean": draw(st.booleans())}
        rules.append(draw(st.sampled_from([compare, compare, exists])))
    return {"enableWhen": rules, "enableBehavior": draw(st.sampled_from(["all", "any"]))}


@settings(max_examples=400, deadline=None)
@given(foreign_rules(), ANSWERS)
def test_a_foreign_condition_means_with_us_what_it_meant(node: Node, answers: dict[str, Any]) -> None:
    rule, told = condition(FhirItem.model_validate({"linkId": "z", "type": "string", **node}), QUESTIONS.get)
    assert told == []
    assert (holds(rule, answers) is True) is enabled(node, answers), rule


# Foreign forms

HELSENORGE = form(
    {"linkId": "68953b26-75bd", "type": "display", "text": "Velkommen",
     "_text": {"extension": [extension("rendering-markdown", valueMarkdown="**Velkommen**")]}, "required": False},
    {"linkId": "1d5c29fc-251a", "type": "group", "text": "Om deg", "item": [
        {"linkId": "3d92a633", "type": "boolean", "text": "På vegne av", "readOnly": True, "extension": [
            extension("questionnaire-hidden", valueBoolean=True),
            extension("http://ehelse.no/fhir/StructureDefinition/sdf-fhirpath", valueString="iif(true)")]},
        {"linkId": "choice-1", "type": "choice", "text": "Hva plager deg?", "prefix": "2.1", "required": True,
         "extension": [control("check-box")], "code": [{"code": "label"}],
         "answerOption": [
             {"valueCoding": {"code": "frykt", "display": "Frykt", "system": "urn:uuid:1"}},
             {"valueCoding": {"code": "hver-måned", "display": "Hver måned", "system": "urn:uuid:1", "extension": [
                 extension("ordinalValue", valueDecimal=2.5)]}}],
         "item": [{"linkId": "help-1", "type": "text", "readOnly": True, "text": "Du kan krysse av flere.",
                   "extension": [control("help")]}]},
        {"linkId": "more", "type": "text", "text": "Mer", "maxLength": 500, "enableWhen": [
            {"question": "choice-1", "operator": "=", "answerCoding": {"system": "urn:uuid:1", "code": "hver-måned"}}],
         "extension": [
             extension("regex", valueString="^[a-z]*$"),
             extension("http://ehelse.no/fhir/StructureDefinition/validationtext", valueString="Bare små bokstaver"),
             extension("http://helsenorge.no/fhir/StructureDefinition/sdf-sublabel", valueMarkdown="Skriv kort")]},
        {"linkId": "often", "type": "choice", "text": "Hvor ofte?", "answerValueSet": "#vs1"},
        {"linkId": "side", "type": "text", "text": "Til siden", "readOnly": True, "extension": [control("sidebar")]},
        {"linkId": "table-1", "type": "group", "repeats": True, "text": "Medisiner", "item": [
            {"linkId": "table-1-navn", "type": "string", "text": "Navn", "required": True},
            {"linkId": "table-1-dose", "type": "quantity", "text": "Dose"}]},
    ]},
    id="250", name="HSO_pakjenning", version="2.0.7", publisher="Helse Sør-Øst",
    meta={"security": [{"code": "3"}], "tag": [{"code": "nb-NO"}]},
    contained=[{"resourceType": "ValueSet", "id": "vs1", "compose": {"include": [{"concept": [
        {"code": "1", "display": "Daglig"}, {"code": "2", "display": "Sjelden"}]}]}}],
)  # fmt: skip


def test_a_form_of_helsenorge() -> None:
    group = items(HELSENORGE)[1]
    assert group["text"] == {"nb": "Om deg"}
    hidden, choice, more, often, side, table = group["items"]
    assert (hidden["type"], hidden["hidden"]) == ("boolean", True)
    assert (choice["type"], choice["required"], choice["id"]) == ("multichoice", True, "choice_1")
    assert choice["text"] == {"nb": "2.1 Hva plager deg?"}
    assert choice["help"] == {"nb": "Du kan krysse av flere."}
    assert [option["code"] for option in choice["options"]] == ["frykt", "hver_maned"]
    assert more["visible_if"] == {"in": ["hver_maned", {"var": "choice_1"}]}
    assert (more["max_length"], more["help"]) == (500, {"nb": "Skriv kort"})
    assert [option["text"]["nb"] for option in often["options"]] == ["Daglig", "Sjelden"]
    assert (side["type"], side["text"]) == ("info", {"nb": "Til siden"})
    assert [(column["id"], column["type"]) for column in table["columns"]] == [
        ("table_1_navn", "string"),
        ("table_1_dose", "string"),
    ]
    data = read(HELSENORGE).data
    assert (data["key"], data["languages"], data["kind"]) == ("hso-pakjenning", ["nb"], "plan")
    assert faults(shape(data)) == []


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("68953b26-75bd", "q_68953b26_75bd"), ("68953b26-75bd", "formatering"), ("3d92a633", "fhirpath"),
        ("3d92a633", "leses"), ("choice-1", "choice_1"), ("choice-1", "hver_maned"), ("choice-1", "code"),
        ("choice-1", "alternativ"), ("more", "regex"), ("more", "validationtext"), ("table-1-dose", "quantity"),
        ("table-1-navn", "påkrevd"), ("", "publisher"), ("", "meta"),
    ],
)  # fmt: skip
def test_what_a_form_of_helsenorge_loses_is_told(place: str, words: str) -> None:
    assert has(left_out(HELSENORGE), f"linkId={place}]" if place else "Questionnaire", words)


def test_formulas_of_sdc_are_told() -> None:
    sdc = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
    formula = {"valueExpression": {"language": "text/fhirpath", "expression": "1 + 1"}}
    told = left_out(
        form(
            {
                "linkId": "a",
                "type": "integer",
                "text": "A",
                "extension": [extension(sdc + "calculatedExpression", **formula)],
            },
            {
                "linkId": "b",
                "type": "integer",
                "text": "B",
                "extension": [extension(sdc + "enableWhenExpression", **formula)],
            },
            {
                "linkId": "c",
                "type": "integer",
                "text": "C",
                "extension": [extension(sdc + "initialExpression", **formula)],
            },
            {
                "linkId": "d",
                "type": "integer",
                "text": "D",
                "extension": [extension("questionnaire-constraint", extension=[])],
            },
            {"linkId": "e", "type": "string", "text": "E", "initial": [{"valueString": "x"}], "definition": "http://x"},
            extension=[extension("variable", **formula)],
            contained=[{"resourceType": "Patient"}],
        )
    )
    for parts in (("=a]", "FHIRPath", "calculatedExpression"), ("=b]", "FHIRPath", "vises nå alltid"), ("=c]", "initialExpression"),
                  ("=d]", "constraint"), ("=e]", "definition, initial"), ("Questionnaire", "Patient, variable")):  # fmt: skip
        assert has(told, *parts), (parts, told)


def test_types_that_we_do_not_have() -> None:
    data = form(
        *({"linkId": kind, "type": kind, "text": kind, "repeats": kind == "url"} for kind in
          ("decimal", "dateTime", "url", "quantity", "reference", "attachment", "mystery")),
        {"linkId": "open", "type": "open-choice", "text": "Velg", "answerOption": [
            {"valueString": "Rød grøt"}, {"valueInteger": 3}, {"valueCoding": {"code": "annet", "display": "Annet sted"}},
            {"valueReference": {"display": "Sykehuset"}, "initialSelected": True}]},
        {"linkId": "r5", "type": "coding", "text": "Velg", "answerOption": [{"valueCoding": {"code": "a"}}]},
        {"linkId": "listed", "type": "string", "text": "Velg", "answerOption": [{"valueString": "Ja"}]},
        {"linkId": "elsewhere", "type": "choice", "text": "Velg", "answerValueSet": "http://example.org/vs"},
    )  # fmt: skip
    found, told = {item["id"]: item for item in items(data)}, left_out(data)
    kinds = ["string"] * 5 + ["info", "string"] + ["choice"] * 4
    assert [item["type"] for item in found.values()] == kinds
    assert [option["code"] for option in found["open"]["options"]] == [
        "rod_grot",
        "q_3",
        "annet",
        "sykehuset",
        "annet_2",
    ]
    assert found["open"]["options"][-1] == {"code": "annet_2", "text": {"nb": "Annet"}, "comment": "text"}
    for kind in ("decimal", "quantity", "mystery"):
        assert has(told, f"linkId={kind}]", kind)
    assert has(told, "linkId=attachment]", "filer")
    assert has(told, "linkId=url]", "flere svar")
    assert has(told, "linkId=open]", "initialSelected")
    assert has(told, "linkId=open]", "Åpent valg")
    assert has(told, "linkId=elsewhere]", "http://example.org/vs")


def test_questions_under_questions_are_moved_out_with_their_condition() -> None:
    data = form(
        {"linkId": "a", "type": "boolean", "text": "A"},
        {"linkId": "b", "type": "string", "text": "B", "enableWhen": [{"question": "a", "operator": "=", "answerBoolean": True}],
         "extension": [extension("questionnaire-hidden", valueBoolean=True)],
         "item": [{"linkId": "c", "type": "string", "text": "C", "enableWhen": [
             {"question": "b", "operator": "exists", "answerBoolean": True}]}]},
    )  # fmt: skip
    found = items(data)
    assert [item["id"] for item in found] == ["a", "b", "c"]
    assert found[2]["visible_if"] == {"and": [{"==": [{"var": "a"}, True]}, {"answered": "b"}]}
    assert found[2]["hidden"] is True
    assert has(left_out(data), "linkId=c]", "«b»")


def test_groups_too_deep_and_groups_that_repeat() -> None:
    node: Node = {"linkId": "leaf", "type": "string", "text": "Bladet"}
    for depth in range(12):
        node = {"linkId": f"g{depth}", "type": "group", "text": f"G{depth}", "item": [node]}
    repeated = {"linkId": "r", "type": "group", "text": "R", "repeats": True, "item": [{"linkId": "x", "type": "group", "item": [
        {"linkId": "y", "type": "string", "text": "Y"}]}]}  # fmt: skip
    data = form(node, repeated)
    definition = shape(read(data).data)
    assert {item.id for item in definition.walk()} == {f"g{n}" for n in range(12)} | {"leaf", "r", "x", "y"}
    assert has(left_out(data), "linkId=g4]", "for dypt")
    assert has(left_out(data), "linkId=r]", "kan ikke gjentas")


def test_names_that_are_used_twice_missing_or_not_ours() -> None:
    data = form(
        {"linkId": "a", "type": "string", "text": "Første"},
        {"linkId": "a", "type": "string", "text": "Andre"},
        {"linkId": "A b/å", "type": "boolean", "text": "Tredje"},
        {"type": "string", "text": "Uten navn"},
        {"linkId": "z", "type": "string", "text": "Z", "enableWhen": [
            {"question": "A b/å", "operator": "=", "answerBoolean": True}, {"question": "a", "operator": "exists", "answerBoolean": True}]},
        {"linkId": "lost", "type": "string", "text": "L", "enableWhen": [{"question": "nobody", "operator": "=", "answerString": "x"}]},
        {"linkId": "odd", "type": "string", "text": "O", "enableWhen": [{"question": "a", "operator": ">", "answerQuantity": {}}]},
    )  # fmt: skip
    found, told = items(data), left_out(data)
    assert [item["id"] for item in found] == ["a", "a_2", "a_b_a", "uten_navn", "z", "lost", "odd"]
    assert found[4]["visible_if"] == {"or": [{"==": [{"var": "a_b_a"}, True]}, {"answered": "a"}]}
    assert "visible_if" not in found[5]
    assert has(told, "linkId=a]", "brukt før", "a_2")
    assert has(told, "linkId=A b/å]", "a_b_a")
    assert has(told, "linkId=lost]", "«nobody»", "alltid")
    assert has(told, "linkId=odd]", "«a»", "alltid")
    assert faults(shape(read(data).data)) == []


def test_languages_of_a_bundle() -> None:
    main = form({"linkId": "a", "type": "string", "text": "Hva?"}, {"linkId": "b", "type": "date", "text": "Når?"})
    nynorsk = form({"linkId": "b", "type": "date", "text": "Når då?"}, {"linkId": "a", "type": "integer", "text": "Kva?"},
                   {"linkId": "c", "type": "string", "text": "Ekstra"}, language="nn-NO")  # fmt: skip
    english = form({"linkId": "a", "type": "string", "text": "What?"}, language="en-US")
    polish, again = form(language="pl-PL"), form(language="no")
    data = bundle([main, nynorsk, english, polish, again])
    data["entry"].append({"resource": {"resourceType": "Patient"}})
    imported, told = read(data), left_out(data)
    assert imported.data["languages"] == ["nb", "nn", "en"]
    assert imported.data["items"][0]["text"] == {"nb": "Hva?", "nn": "Kva?", "en": "What?"}
    for parts in (
        ("=a]", "annerledes", "nn"), ("=c]", "bare på språket nn"), ("=b]", "Mangler", "en"), ("pl-PL", "ikke støttet"),
        ("language=no]", "flere"), ("entry[5]", "ikke et spørreskjema"),
    ):  # fmt: skip
        assert has(told, *parts), (parts, told)


def test_a_single_form_in_a_language_that_we_do_not_have() -> None:
    data = form({"linkId": "a", "type": "string", "text": "Co?"}, language="pl-PL")
    assert items(data)[0]["text"] == {"nb": "Co?"}
    assert has(left_out(data), "pl-PL", "bokmål")


def test_translations_beside_a_text() -> None:
    nynorsk = {
        "url": HL7 + "translation",
        "extension": [{"url": "lang", "valueCode": "nn"}, {"url": "content", "valueString": "Kva?"}],
    }
    data = form({"linkId": "a", "type": "choice", "text": "Hva?", "_text": {"extension": [nynorsk]}, "answerOption": [
        {"valueCoding": {"code": "x", "display": "Hva?", "_display": {"extension": [nynorsk]}}}]})  # fmt: skip
    found = read(data).data
    assert found["languages"] == ["nb", "nn"]
    assert found["items"][0]["text"] == found["items"][0]["options"][0]["text"] == {"nb": "Hva?", "nn": "Kva?"}


def test_texts_are_made_tidy() -> None:
    found = items(
        form(
            {"linkId": "a", "type": "string", "text": " Hva\u202e?\x00\r\n"},
            {"linkId": "b", "type": "string", "text": "x" * 30_000},
        )
    )
    assert found[0]["text"] == {"nb": "Hva?"}
    assert len(found[1]["text"]["nb"]) == 20_000


# Files that cannot be read


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "JSON"),
        (b"{", "linje 1"),
        (b"[1]", "ikke et sp"),
        ('{"resourceType": "Questionnaire", "title": "æ"}'.encode("latin-1"), "UTF-8"),
        (b'{"resourceType": "Patient"}', "Questionnaire"),
        (b'{"resourceType": "Bundle", "entry": 5}', "Questionnaire"),
        (b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}', "Questionnaire"),
        (b'{"resourceType": "Questionnaire", "x": NaN}', "gyldig JSON"),
        (b'{"resourceType": "Questionnaire", "x": 1e999}', "gyldig JSON"),
        (b'{"resourceType": "Questionnaire", "x": ' + b"9" * 10_000 + b"}", "gyldig JSON"),
        (b'{"resourceType": "Questionnaire", "x": ' + b"[" * 900 + b"]" * 900 + b"}", "dypt"),
        (b'{"a":' * 200_000, "dypt"),
        (b'{"resourceType": "Questionnaire", "item": [' + b"{}," * 1_000_000 + b"{}]}", "verdier"),
        (b'{"resourceType": "Questionnaire", "item": [' + b"{}," * 20_000 + b"{}]}", "20001 punkter"),
        (b" " * 5_000_001, "5 MB"),
    ],
)  # fmt: skip
def test_what_is_no_questionnaire_is_refused_in_bounded_time(content: bytes, words: str) -> None:
    start = time.monotonic()
    found = refused(content)
    assert has(found, words), found
    assert time.monotonic() - start < 5


def test_all_values_of_wrong_kind_are_told_at_once() -> None:
    bad = form(
        {"linkId": "a", "type": "string", "text": 5, "required": "yes"},
        {"linkId": "b", "type": "group", "item": [{"linkId": "c", "type": "choice", "answerOption": {}}, "x"]},
        {"linkId": "d", "type": "string", "enableWhen": [{"operator": "="}]},
    )
    found = refused(json.dumps(bundle([bad, {**bad, "title": []}])).encode())
    for place in ("item[linkId=a].text", "item[linkId=a].required", "item[linkId=c].answerOption", "item[linkId=b].item[1]",
                  "item[linkId=d].enableWhen[0].question", "entry[1].title"):  # fmt: skip
        assert has(found, place), (place, found)


def test_too_many_items_are_refused_and_a_thousand_are_read_quickly() -> None:
    def made(count: int) -> bytes:
        rule = [{"question": "q0", "operator": "exists", "answerBoolean": True}]
        return json.dumps(
            form(*({"linkId": f"q{n}", "type": "string", "text": "x", "enableWhen": rule} for n in range(count)))
        ).encode()

    assert has(refused(made(1001)), "1001")
    start = time.monotonic()
    definition = shape(read_fhir(made(1000)).data)
    assert same(shape(read_fhir(write_fhir(definition)).data), definition)
    assert time.monotonic() - start < 5


def test_ten_thousand_options_and_what_is_told_are_bounded() -> None:
    options = [{"valueCoding": {"code": f"Å {n % 7}", "display": "x"}} for n in range(10_000)]
    comments = [{"linkId": f"a.Å {n}.comment", "type": "text", "enableWhen": [
        {"question": "a", "operator": "=", "answerCoding": {"code": f"Å {n}"}}]} for n in range(900)]  # fmt: skip
    start = time.monotonic()
    imported = read(form({"linkId": "a", "type": "choice", "text": "x", "answerOption": options, "item": comments}))
    assert len({option["code"] for option in imported.data["items"][0]["options"]}) == 10_000
    odd = [extension(f"http://x/{n}", valueString="x") for n in range(3000)]
    told = left_out(form({"linkId": "a", "type": "string", "text": "x", "extension": odd}))
    assert len(told) == 1001
    assert has(told, "merknader til")
    assert time.monotonic() - start < 10


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "x", "choice", "group", "nb", "="]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["linkId", "url", "code", "question"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_damage_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    """A value of a sound file replaced by any other: the result has right shape, or the file is refused with reasons."""
    broken = copy.deepcopy(
        data.draw(st.sampled_from([HELSENORGE, bundle(resources(write_fhir(load_shipped("notteroy-plan"))))]))
    )
    node: Any = broken
    for _ in range(data.draw(st.integers(1, 9))):
        keys = [*node] if isinstance(node, dict) else [*range(len(node))]
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or data.draw(st.integers(0, 5)) == 0:
            node[key] = data.draw(JSON_VALUES)
            break
        node = node[key]
    result = outcome(broken)
    if isinstance(result, BadFile):
        assert result.told
    else:
        shape(result.data)


def outcome(data: Any) -> Imported | BadFile:
    try:
        return read(data)
    except BadFile as refusal:
        return refusal
