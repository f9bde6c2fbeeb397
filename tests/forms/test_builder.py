"""The WTForms class of a request, what is read back from it, and the HTML that carries it between."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.support import NullTranslations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import Form

from forms.answers import clean, merge, sections
from forms.builder import (
    NOT_POSTED,
    QuestionField,
    QuestionForm,
    build_form,
    field_name,
    parse,
    read_posted,
    render,
    screen,
)
from forms.definition import Item, QuestionSetDefinition
from forms.definition import parse as parse_definition
from forms.sheet import Context, build_sheet
from tests.forms.strategies import TYPES, answered, definitions, envelope, question, raw_answers

_slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
LIBRARY = sorted((Path(__file__).parents[2] / "forms" / "library").glob("*.json"))
OPTIONS = [
    {"code": c, "text": {"nb": f"Valg {c}"}, "comment": k} for c, k in (("x", "text"), ("y", "date"), ("z", None))
]
COLUMNS = [
    {"id": "name", "type": "string", "text": {"nb": "Navn"}},
    {"id": "day", "type": "date", "text": {"nb": "Dato"}},
]
ROWS = [{"id": "week_4", "when": {"nb": "4 uker"}, "text": {"nb": "Plan lages"}}]


def make(*items: dict[str, Any]) -> QuestionSetDefinition:
    return parse_definition(envelope(list(items)))


EVERY = make(
    question("text"), question("string", "string"), question("integer", "integer", unit={"nb": "%"}),
    question("date", "date"),
    question("time", "time"), question("boolean", "boolean"), question("choice", "choice", options=OPTIONS),
    question("multichoice", "multichoice", options=OPTIONS),
    question("table", "table", columns=COLUMNS, repeat={"max": 4}),
    question("checklist", "checklist", rows=ROWS),
)  # fmt: skip
FILLED: dict[str, Any] = {
    "text": "To\nlinjer", "string": "En", "integer": 0, "date": "2026-03-05", "time": "09:30", "boolean": False,
    "choice": {"code": "x", "comments": {"x": "fordi"}},
    "multichoice": {"codes": ["y", "z"], "comments": {"y": "2026-03-05"}},
    "table": [{"name": "Kari", "day": "2026-03-05"}, {"name": "Per"}],
    "checklist": {"week_4": {"done": "2026-03-05", "signed": "KN"}},
}  # fmt: skip


def multi(*parts: Mapping[str, list[str]]) -> MultiDict[str, str]:
    return MultiDict([(name, value) for part in parts for name, values in part.items() for value in values])


def bound(
    definition: QuestionSetDefinition, answers: Mapping[str, Any], posted: Mapping[str, list[str]] | None, **more: Any
) -> QuestionForm:
    return build_form(definition, "nb", answers, {}, **more)(None if posted is None else multi(posted))


@pytest.mark.parametrize("kind", TYPES)
@_slow
@given(data=st.data())
def test_round_trip(kind: str, data: st.DataObject) -> None:
    item, value = data.draw(answered(kind))
    sent = multi(render(item, value))
    assert clean(item, parse(item, sent)) == value


@_slow
@given(definitions(), st.data())
def test_a_form_shown_and_sent_back_untouched_changes_nothing(source: dict[str, Any], data: st.DataObject) -> None:
    definition = parse_definition(source)
    answers = merge(
        {}, {q.id: clean(q, data.draw(raw_answers(q))) for q in definition.questions() if data.draw(st.booleans())}
    )
    html = "".join(page(bound(definition, answers, None), part.id) for part in sections(definition))
    form = bound(definition, answers, successful(html))
    assert form.validate()
    assert not form.errors
    found = read_posted(form, definition)
    assert set(found.values) == {q.id for q in definition.questions()}
    assert merge(answers, found.values) == answers


def test_every_type_through_the_browser_and_back() -> None:
    html = page(bound(EVERY, FILLED, None), "text")
    assert merge({}, read_posted(bound(EVERY, {}, successful(html)), EVERY).values) == FILLED
    html = page(bound(EVERY, {}, None), "text")
    assert merge(FILLED, read_posted(bound(EVERY, FILLED, successful(html)), EVERY).values) == {}


def test_a_missing_field_is_not_an_erased_answer() -> None:
    form = bound(EVERY, FILLED, {"q_string": ["Ny"], "unknown": ["x"], "q_nobody": ["x"]})
    assert read_posted(form, EVERY).values == {"string": "Ny"}
    assert merge(FILLED, {"string": "Ny"}) == {**FILLED, "string": "Ny"}
    assert read_posted(bound(EVERY, FILLED, {}), EVERY) == ({}, {}, {})


@pytest.mark.parametrize("name", ["boolean", "choice", "multichoice", "table", "checklist"])
def test_the_marker_tells_that_nothing_is_chosen(name: str) -> None:
    item = EVERY.find(name)
    assert item is not None
    assert parse(item, multi({})) is NOT_POSTED
    assert read_posted(bound(EVERY, FILLED, {f"q_{name}__shown": ["1"]}), EVERY).values == {name: None}


def test_only_one_section() -> None:
    definition = make(
        {"id": "g1", "type": "group", "text": {"nb": "A"}, "items": [question("a")]},
        {"id": "g2", "type": "group", "text": {"nb": "B"}, "items": [question("b")]},
    )
    posted = {"q_a": ["1"], "q_b": ["2"]}
    assert read_posted(bound(definition, {}, posted), definition, "g2").values == {"b": "2"}
    assert read_posted(bound(definition, {}, posted, only="g1"), definition).values == {"a": "1"}
    assert read_posted(multi(posted), definition, "g1").values == {"a": "1"}
    with pytest.raises(KeyError):
        build_form(definition, "nb", {}, {}, only="g3")


def test_what_cannot_be_stored_is_kept_as_typed_and_told_in_norwegian() -> None:
    posted = {
        "q_integer": ["mange"], "q_date": ["31.2.2026"], "q_time": ["25:99"], "q_text": ["å" * 200_000],
        "q_string": ["god"], "q_table-1-day": ["snart"], "q_multichoice__shown": ["1"], "q_multichoice": ["x", "zzz"],
        "q_table__shown": ["1"],
    }  # fmt: skip
    form = bound(EVERY, FILLED, posted)
    found = read_posted(form, EVERY)
    assert found.values == {"string": "god"}
    assert set(found.errors) == {"integer", "date", "time", "text", "multichoice", "table"}
    assert found.raw["q_date"] == ["31.2.2026"]
    assert len(found.raw["q_text"][0]) == 200_000
    assert not form.validate()
    assert "200000 tegn; høyst 4000" in form.errors["q_text"][0]
    html = page(form, "text")
    values = successful(html)
    assert values["q_date"] == ["31.2.2026"]
    assert values["q_integer"] == ["mange"]
    assert values["q_table-1-day"] == ["snart"]
    assert 'aria-invalid="true"' in html
    assert 'id="q_date-error"' in html


def test_a_readable_date_is_shown_as_a_date_control_wants_it() -> None:
    field = bound(EVERY, {}, {"q_date": ["5.3.2026"]}).question("date")
    assert field is not None
    assert (field._value(), field.control_type) == ("2026-03-05", "date")
    field = bound(EVERY, {}, {"q_date": ["5. mars"]}).question("date")
    assert field is not None
    assert (field._value(), field.control_type) == ("5. mars", "text")


def test_constraints_and_retired_options_are_judged_with_what_is_stored() -> None:
    definition = make(
        question("start", "date"),
        question("end", "date", constraints=[
            {"expr": {">=": [{"var": "end"}, {"var": "start"}]}, "message": {"nb": "Slutt før start."}}
        ]),
        question("kind", "choice", options=[{"code": "old", "text": {"nb": "G"}, "retired": True}]),
    )  # fmt: skip
    form = bound(definition, {"start": "2026-03-05"}, {"q_end": ["4.3.2026"]})
    assert not form.validate()
    assert form.errors == {"q_end": ["Slutt før start."]}
    sent = {"q_kind__shown": ["1"], "q_kind": ["old"]}
    assert bound(definition, {"kind": {"code": "old", "comments": {}}}, sent).validate()
    assert not bound(definition, {}, sent).validate()


def test_classes_are_made_anew_and_leave_nothing_behind() -> None:
    before = [{name: repr(value) for name, value in vars(cls).items()} for cls in (Form, QuestionForm, QuestionField)]
    made = []
    for number in range(100):
        made.append(build_form(EVERY, "nb", {"string": str(number)}, {}))
        made[-1](multi({"q_text": [str(number)]})).validate()
    after = [{name: repr(value) for name, value in vars(cls).items()} for cls in (Form, QuestionForm, QuestionField)]
    assert before == after
    assert len(set(made)) == 100
    assert [cls().question("string").data for cls in made] == [str(number) for number in range(100)]  # type: ignore[union-attr]


def test_a_form_for_reading_takes_nothing() -> None:
    form = bound(EVERY, FILLED, {"q_string": ["Ny"]}, readonly=True)
    assert read_posted(form, EVERY).values == {}
    assert form.question("string").data == "En"


def test_a_flood_of_rows_is_refused() -> None:
    posted = {
        "q_table__shown": ["1"],
        **{f"q_table-{n}-name": ["x"] for n in range(1, 300)},
        "q_table-9999999-name": ["x"],
    }
    assert "299 rader" in read_posted(bound(EVERY, {}, posted), EVERY).errors["table"][0].say(str)


# ---------- on screen ----------


class _Page(HTMLParser):
    """What a browser would send, and whether every control has a name of its own for people."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: dict[str, list[str]] = {}
        self.controls: list[dict[str, str | None]] = []
        self.labels: set[str | None] = set()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.area: str | None = None
        self.template = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.template += tag == "template"
        if self.template:
            return
        self.tags.append(tag)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag == "label":
            self.labels.add(given.get("for"))
        if tag in ("input", "textarea"):
            self.controls.append({**given, "type": given.get("type", tag)})
        if tag == "textarea":
            self.area = given["name"]
            self.sent[self.area or ""] = [""]
        elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.sent.setdefault(given["name"] or "", []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.template -= tag == "template"
        if tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None and not self.template:
            self.sent[self.area][0] += data


def read_page(html: str) -> _Page:
    parsed = _Page()
    parsed.feed(html)
    parsed.sent = {  # a browser drops the first line break of a text area
        name: [value.removeprefix("\r\n") if value.startswith("\r\n") else value.removeprefix("\n") for value in values]
        for name, values in parsed.sent.items()
    }
    return parsed


def successful(html: str) -> dict[str, list[str]]:
    return read_page(html).sent


def environment() -> Environment:
    templates = Path(__file__).parents[2] / "templates"
    made = Environment(
        loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"]
    )
    made.install_gettext_translations(NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
    return made


ENV = environment()


def page(form: QuestionForm, section_id: str, context: Context | None = None) -> str:
    sheet = build_sheet(form.definition, form.language, form.answers, context)
    view = screen(form, section_id, sheet)
    links = {name: f"/{name}" for name in ("facts", "measures", "contact_log", "absence")}
    return ENV.get_template("plan/questions.html").module.section(view, links)  # type: ignore[attr-defined, no-any-return]


def read_only(definition: QuestionSetDefinition, answers: Mapping[str, Any]) -> str:
    nodes = build_sheet(definition, "nb", answers).nodes
    return ENV.get_template("plan/questions.html").module.read_only(nodes)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_every_shipped_set_can_be_shown_filled_in_and_read(path: Path) -> None:
    definition = parse_definition(path.read_text(encoding="utf-8"))
    for language in definition.languages:
        form = build_form(definition, language, {}, {})()
        for part in sections(definition):
            seen = read_page(page(form, part.id))
            assert len(seen.ids) == len(set(seen.ids))
            for control in seen.controls:
                named = control["type"] == "hidden" or control.get("aria-label") or control.get("id") in seen.labels
                assert named, control
    assert read_only(definition, {})


def test_nasty_text_is_shown_as_text() -> None:
    nasty = "</textarea><script>alert(1)</script>{{7*7}} =cmd() \"'><img src=x onerror=alert(1)> 👩‍🚒"
    answers = {
        **FILLED,
        "text": nasty,
        "string": nasty,
        "choice": {"code": "x", "comments": {"x": nasty}},
        "table": [{"name": nasty}],
    }
    html = page(bound(EVERY, answers, None), "text")
    seen = read_page(html)
    assert not {"script", "img"} & set(seen.tags)
    assert "49" not in html
    assert (
        seen.sent["q_text"]
        == seen.sent["q_string"]
        == seen.sent["q_choice__c_x"]
        == seen.sent["q_table-1-name"]
        == [nasty]
    )
    assert not {"script", "img"} & set(read_page(read_only(EVERY, answers)).tags)


def test_conditions_go_to_the_browser_as_data() -> None:
    definition = make(
        {"id": "g1", "type": "group", "text": {"nb": "A"}, "items": [question("ask", "boolean"), question("secret")]},
        {"id": "g2", "type": "group", "text": {"nb": "B"}, "items": [
            question("why", visible_if={"==": [{"var": "ask"}, False]}, required={"if": {"answered": "ask"}}),
            question("also", visible_if={"answered": "why"}),
        ]},
    )  # fmt: skip
    form = bound(definition, {"ask": False, "secret": "hemmelig"}, None)
    view = screen(form, "g2")
    assert view.known == '{"ask": false}'
    why, also = view.items[0].items
    assert (why.hidden, why.required, also.hidden) == (False, True, True)
    assert why.visible_if == '{"==": [{"var": "ask"}, false]}'
    assert why.required_if == '{"answered": "ask"}'
    html = page(form, "g2")
    assert "hemmelig" not in html
    assert "data-visible-if=" in html
    posted = screen(bound(definition, {"ask": False}, {"q_why": ["Syk"]}), "g2")
    assert posted.items[0].items[1].hidden is False


def test_rows_for_those_without_script() -> None:
    field = bound(EVERY, FILLED, None).question("table")
    assert field is not None
    assert [number for number, _ in field.table()] == [1, 2, 3, 4]
    assert field.unseen_rows() == 2
    field = bound(EVERY, {}, None).question("table")
    assert field is not None
    assert len(field.table()) == 2
    assert field.unseen_rows() == 1
    full = bound(EVERY, {"table": [{"name": "x"}] * 4}, None).question("table")
    assert full is not None
    assert len(full.table()) == 4
    assert full.unseen_rows() == 0


def test_names_of_fields_cannot_meet() -> None:
    names = [name for item in EVERY.questions() for name in render(item, FILLED[item.id])]
    assert len(names) == len(set(names))
    assert all(name.startswith("q_") for name in names)
    assert field_name("data") == "q_data"
    assert bound(make(question("data"), question("errors"), question("validate")), {}, {"q_data": ["x"]}).validate()


def test_an_item_alone_can_be_rendered() -> None:
    assert render(Item(id="a", type="boolean"), None) == {"q_a__shown": ["1"], "q_a": [""]}
