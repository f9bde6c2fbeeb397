"""The builder over HTTP: every action with and without script, two administrators at once, what is refused and why."""

from __future__ import annotations

import re
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from forms.definition import Item, QuestionSetDefinition
from models import AuditEvent, QuestionSet, QuestionSetVersion, SetDraft
from services import access, publishing, set_drafts
from tests.front import FETCH, Browser, plan_set, said, shown, traced
from tests.world import World, make_user

PATH = "/admin/skjema/bygg/"


class Builder:
    """One administrator with the builder open."""

    def __init__(self, client: FlaskClient, username: str, question_set: QuestionSet) -> None:
        self.browser, self.row = Browser(client, username), question_set
        self.answer: TestResponse | None = None

    def url(self, item: str = "") -> str:
        return f"{PATH}?id={self.row.id}" + (f"&item={item}" if item else "")

    def open(self, item: str = "") -> dict[str, Any]:
        """The fields of the page, as a browser would send them without touching anything."""
        self.answer = self.browser.get(self.url(item))
        assert self.answer.status_code == 200, said(self.answer)
        return controls(self.answer)

    def press(self, verb: str, item: str = "", **typed: Any) -> TestResponse:
        """Without script: the whole panel is sent, with `typed` over it (a name has . and - for __dot__ …)."""
        fields = {**self.open(item), **{named(name): value for name, value in typed.items()}, "do": verb}
        self.answer = self.browser.post(self.url(item), fields)
        return self.answer

    def fetch(self, verb: str, item: str = "", revision: int | None = None, **fields: Any) -> dict[str, Any]:
        """With script: only what changed is sent."""
        sent = {named(name): value for name, value in fields.items()}
        sent |= {"do": verb, "revision": self.revision if revision is None else revision}
        answer = self.browser.fetch(self.url(item), sent)
        assert answer.status_code == 200, said(answer)
        told: dict[str, Any] = answer.get_json()
        return told

    @property
    def draft(self) -> QuestionSetDefinition:
        actor = access.load_actor(self.browser_user)
        assert actor
        definition: QuestionSetDefinition = set_drafts.open_draft(actor, self.row.id).definition
        return definition

    @property
    def browser_user(self) -> int:
        from models import User

        return int(User.get(User.username == self.browser.username).id)

    @property
    def revision(self) -> int:
        row = SetDraft.get_or_none(SetDraft.question_set == self.row)
        return int(row.revision) if row else 0

    def item(self, item_id: str) -> Item:
        found = self.draft.find(item_id)
        assert found, item_id
        return found


def named(name: str) -> str:
    """text_nb → text.nb, text_nb__base → text.nb__base: keyword arguments cannot have dots."""
    return re.sub(r"(?<!_)_(?=(nb|nn|show|layout|blank_lines)(__|$))", ".", name)


def controls(answer: TestResponse) -> dict[str, Any]:
    """What the panel's form sends when nothing is touched."""
    page = html5lib.parse(answer.text, treebuilder="etree", namespaceHTMLElements=False)
    found: dict[str, Any] = {}
    form = page.find(".//form[@id='panel-form']")
    for control in [e for e in form.iter() if e.tag in ("input", "select", "textarea")]:
        name, kind = control.get("name"), control.get("type", "")
        if not name or (kind in ("radio", "checkbox") and control.get("checked") is None):
            continue
        if control.tag == "textarea":
            found[name] = (control.text or "").removeprefix("\n")
        elif control.tag == "select":
            options = list(control.iter("option"))
            chosen = next((o for o in options if o.get("selected") is not None), options[0] if options else None)
            found[name] = chosen.get("value") if chosen is not None else ""
        elif kind == "checkbox" and name in found:  # one of several: as the script sends them, a line for each
            found[name] = f"{found[name]}\n{control.get('value')}".strip()
        else:
            found[name] = control.get("value", "on")
    found.pop("csrf_token")
    return found


@pytest.fixture
def anne(app: Flask, library: World) -> Builder:
    return Builder(app.test_client(), "anne", plan_set(library.storvik))


@pytest.fixture
def arne(app: Flask, library: World) -> Builder:
    """A second administrator."""
    make_user(library.storvik, "arne", "Arne Administrator", "administrator")
    return Builder(app.test_client(), "arne", plan_set(library.storvik))


# --- the page --------------------------------------------------------------------------------------------------------


def test_looking_makes_no_draft_and_touching_nothing_changes_nothing(anne: Builder) -> None:
    for item in ("", *(item.id for item in anne.draft.walk())):
        fields = anne.open(item)
        answer = anne.browser.post(anne.url(item), {**fields, "do": "save"})
        assert answer.status_code == 303, (item, said(answer))
    assert SetDraft.select().count() == 0


def test_every_shipped_set_opens_with_every_item(app: Flask, library: World) -> None:
    rows = QuestionSet.select().where(QuestionSet.municipality == library.storvik)
    browser = Browser(app.test_client(), "anne")
    for row in list(rows.where(QuestionSet.kind.in_(("plan", "checklist", "minutes", "consent")))):
        builder = Builder.__new__(Builder)
        builder.browser, builder.row = browser, row
        for item in builder.draft.walk():
            builder.open(item.id)
            assert f'id="row-{item.id}"' in builder.answer.text  # type: ignore[union-attr]


def test_the_tree_says_in_words_what_is_special(anne: Builder) -> None:
    anne.fetch("hide", "expectations")
    anne.fetch("add:boolean", "how_now")
    anne.open("how_now")
    row = lambda item: re.search(rf'<div class="tree-row[^>]*id="row-{item}".*?</div>', shown(anne.answer), re.S)[0]  # type: ignore[index,arg-type]  # noqa: E731
    assert "skjult" in row("expectations")
    assert "låst" in row("function_now")
    assert "må besvares" in row("function_now")
    assert "vises noen ganger" in row("dialogue_meeting_reason")
    assert "lagt til" in row("sporsmal_1")
    assert "uferdig tekst" in row("sporsmal_1")
    assert "endret" in row("expectations")
    assert 'aria-current="true"' in row("how_now")
    assert "endret" not in row("how_now")


def test_texts_stand_side_by_side_in_each_language_of_the_set(anne: Builder) -> None:
    fields = anne.open("how_now")
    assert fields["text.nb"] == "Hvordan har du det nå?"
    assert fields["text.nn"].startswith("Korleis")
    assert "text.en" not in fields
    anne.fetch("language:add", language="en")
    assert anne.open("how_now")["text.en"] == ""
    assert anne.draft.languages == ("nb", "nn", "en")
    anne.fetch("language:remove:en")
    assert anne.draft.languages == ("nb", "nn")


def test_an_item_that_is_gone_is_told_and_the_set_is_shown(anne: Builder) -> None:
    answer = anne.browser.get(anne.url("nowhere"))
    assert answer.status_code == 200
    assert "finnes ikke lenger" in shown(answer)
    assert 'data-item=""' in answer.text


# --- texts and properties --------------------------------------------------------------------------------------------


def test_a_text_is_stored_without_script(anne: Builder) -> None:
    answer = anne.press("save", "how_now", text_nb="Hvordan går det?", help_nb="Linje én\r\n\r\nLinje to")
    assert answer.status_code == 303
    assert answer.location == anne.url("how_now") + "#panel"
    item = anne.item("how_now")
    assert item.text["nb"] == "Hvordan går det?"
    assert item.help["nb"] == "Linje én\n\nLinje to"
    assert "Lagret" in anne.browser.get(answer.location).text


def test_autosave_sends_one_text_and_is_told_what_to_put_on_the_page(anne: Builder) -> None:
    fields = anne.open("how_now")
    told = anne.fetch("save", "how_now", 0, text_nb="Hvordan går det?", text_nb__base=fields["text.nb__base"])
    assert anne.item("how_now").text["nb"] == "Hvordan går det?"
    assert told["revision"] == anne.revision
    assert re.fullmatch(r"\d\d\.\d\d", told["saved"])
    assert anne.open("how_now")["text.nb__base"] == told["marks"]["text.nb"]
    assert [name for name in told["parts"] if name.startswith("row-")] == ["row-how_now"]
    assert "Hvordan går det?" in told["parts"]["row-how_now"]
    assert "panel" not in told["parts"]  # what is being typed in is let be
    assert "Endret «Hvordan går det?»" in told["parts"]["builder-bar"]


def test_a_page_that_is_behind_gets_the_whole_tree(anne: Builder, arne: Builder) -> None:
    fields = anne.open("how_now")
    arne.fetch("add:text", "expectations")
    told = anne.fetch("save", "how_now", 0, text_nb="Hva nå?", text_nb__base=fields["text.nb__base"])
    assert 'id="row-sporsmal_1"' in told["parts"]["builder-tree"]


def test_numbers_choices_and_ticks(anne: Builder) -> None:
    answer = anne.press(
        "save", "how_now", max_length="500", carry__shown="1", carry="", sensitivity="normal", print_show="paper",
        required="yes", law_part="assessment",
    )  # fmt: skip
    assert answer.status_code == 303, said(answer)
    item = anne.item("how_now")
    assert (item.max_length, item.carry, item.sensitivity, item.print.show) == (500, False, "normal", "paper")
    assert (item.required, item.law_part) == (True, "assessment")


def test_what_cannot_be_stored_is_told_at_the_field_and_kept_there(anne: Builder) -> None:
    answer = anne.press("save", "how_now", max_length="mange", text_nb="Ny tekst")
    assert answer.status_code == 422
    assert 'value="mange"' in answer.text
    assert re.search(r'id="f-max_length"[^>]*aria-invalid="true"', answer.text)
    assert 'id="f-max_length-error"' in answer.text
    assert anne.item("how_now").text["nb"] == "Ny tekst"  # the rest is stored
    assert anne.item("how_now").max_length == 4000


def test_a_button_stores_what_was_typed_first(anne: Builder) -> None:
    answer = anne.press("add:text", "how_now", text_nb="Skrevet før knappen")
    assert answer.location == anne.url("sporsmal_1") + "#panel"
    assert anne.item("how_now").text["nb"] == "Skrevet før knappen"
    assert anne.item("sporsmal_1").type == "text"


def test_a_button_waits_until_what_was_typed_can_be_stored(anne: Builder) -> None:
    answer = anne.press("add:text", "how_now", max_length="mange")
    assert answer.status_code == 422
    assert anne.draft.find("sporsmal_1") is None


# --- the tree --------------------------------------------------------------------------------------------------------


def siblings(builder: Builder, group: str = "") -> list[str]:
    items = builder.item(group).items if group else builder.draft.items
    return [item.id for item in items]


def test_adding_after_an_item_in_a_group_and_last_in_the_set(anne: Builder) -> None:
    assert anne.press("add:boolean", "how_now").location.startswith(anne.url("sporsmal_1"))
    place = siblings(anne, "situation").index("how_now")
    assert siblings(anne, "situation")[place + 1] == "sporsmal_1"
    anne.press("add:date", "situation", where="inside")
    assert siblings(anne, "situation")[-1] == "sporsmal_2"
    anne.press("add:info", "situation", where="after")
    assert siblings(anne)[siblings(anne).index("situation") + 1] == "tekst_1"
    anne.press("add:group")
    assert siblings(anne)[-1] == "gruppe_1"


def test_moving_up_down_out_and_in(anne: Builder) -> None:
    before = siblings(anne, "situation")
    told = anne.fetch("up", "expectations")
    assert siblings(anne, "situation") == [before[0], before[2], before[1], *before[3:]]
    assert "Nå nummer 2 av 6 i «Situasjonen nå»." in told["said"]
    anne.fetch("down", "expectations")
    assert siblings(anne, "situation") == before
    anne.fetch("out", "expectations")
    assert siblings(anne)[siblings(anne).index("situation") + 1] == "expectations"
    anne.fetch("in", "expectations")
    assert siblings(anne, "situation") == [*(i for i in before if i != "expectations"), "expectations"]


def test_a_row_that_is_not_open_is_moved_and_the_open_one_stays(anne: Builder) -> None:
    told = anne.fetch("move", "how_now", target="conclusion", parent="situation", after="")
    assert siblings(anne, "situation")[0] == "conclusion"
    assert told["item"] == "how_now"
    situation = next(inside for row, inside in told["order"] if row == "situation")
    assert situation[0] == ["conclusion", []]
    assert "builder-tree" not in told["parts"]  # the rows themselves read as before


def test_copying_hiding_showing_and_deleting(anne: Builder) -> None:
    told = anne.fetch("copy", "participants")
    assert told["item"] == "participants_1"
    assert anne.item("participants_1").text["nb"] == "Hvem deltar? (kopi)"
    anne.fetch("hide", "participants")
    assert anne.item("participants").hidden
    assert "Vis igjen" in anne.browser.get(anne.url("participants")).text
    anne.fetch("show", "participants")
    assert not anne.item("participants").hidden
    told = anne.fetch("delete", "participants_1")
    assert anne.draft.find("participants_1") is None
    assert told["item"] == "facts_work"


def test_what_has_been_published_is_hidden_and_not_deleted(anne: Builder) -> None:
    anne.open("participants")
    assert 'value="delete"' not in anne.answer.text  # type: ignore[union-attr]
    told = anne.fetch("delete", "participants")
    assert "skjul" in told["refused"].lower()
    assert anne.draft.find("participants") is not None


def test_hiding_asks_first_when_a_condition_reads_the_answer(anne: Builder) -> None:
    anne.open("dialogue_meeting_held")
    button = re.search(r'<button[^>]*value="hide"[^>]*>', shown(anne.answer), re.S)  # type: ignore[arg-type]
    assert button
    assert "data-confirm=" in button[0]
    assert "Eventuell begrunnelse" in button[0]
    anne.open("how_now")
    assert "data-confirm" not in re.search(r'<button[^>]*value="hide"[^>]*>', anne.answer.text, re.S)[0]  # type: ignore[union-attr,index]


def test_the_type_of_a_new_item_can_change_and_that_of_a_published_one_cannot(anne: Builder) -> None:
    anne.press("add:text", "how_now")
    assert anne.press("type", "sporsmal_1", kind="choice").status_code == 303
    assert anne.item("sporsmal_1").type == "choice"
    assert len(anne.item("sporsmal_1").options) == 2
    assert 'name="kind"' not in anne.browser.get(anne.url("how_now")).text
    assert anne.fetch("type", "how_now", kind="choice")["refused"]
    assert anne.item("how_now").type == "text"


def test_parts_are_added_moved_and_taken_away(anne: Builder) -> None:
    anne.press("add:choice", "how_now")
    answer = anne.press("part:options:add", "sporsmal_1")
    assert answer.location == anne.url("sporsmal_1") + "#p-options.valg_3"
    anne.press("part:options:up:valg_3", "sporsmal_1")
    anne.press("part:options:remove:valg_1", "sporsmal_1")
    assert [option.code for option in anne.item("sporsmal_1").options] == ["valg_3", "valg_2"]
    told = anne.fetch("part:examples:add", "sporsmal_1")
    assert told["focus"] == "p-examples.0"
    assert len(anne.item("sporsmal_1").examples) == 1


def test_a_published_option_is_taken_out_of_use_and_into_use_again(anne: Builder) -> None:
    first = anne.item("referred").options[0].code
    anne.open("referred")
    assert f'value="part:options:retire:{first}"' in anne.answer.text  # type: ignore[union-attr]
    assert f'value="part:options:remove:{first}"' not in anne.answer.text  # type: ignore[union-attr]
    assert anne.fetch(f"part:options:remove:{first}", "referred")["refused"]
    told = anne.fetch(f"part:options:retire:{first}", "referred")
    assert not told["refused"]
    assert anne.item("referred").options[0].retired
    assert "Tatt ut av bruk" in told["parts"]["panel"]
    anne.fetch(f"part:options:use:{first}", "referred")
    assert not anne.item("referred").options[0].retired


@pytest.mark.parametrize("verb", ["nonsense", "part:nothing:add", "part:options:nothing", "language:add", "add:"])
def test_verbs_that_nobody_can_press_are_refused(anne: Builder, verb: str) -> None:
    assert anne.fetch(verb, "how_now")["refused"]
    assert SetDraft.select().count() == 0


# --- when it is shown ------------------------------------------------------------------------------------------------


def test_a_condition_is_built_from_lists_without_script(anne: Builder) -> None:
    anne.press("save", "dialogue_meeting_reason", visible_if__1__question="meeting_date")
    rule = anne.item("dialogue_meeting_reason").visible_if
    assert rule == {"and": [{"==": [{"var": "dialogue_meeting_held"}, False]}, {"answered": "meeting_date"}]}
    fields = anne.open("dialogue_meeting_reason")
    assert fields["visible_if__1__operator"] == "answered"
    assert "Vises når" in shown(anne.answer)  # type: ignore[arg-type]
    anne.press("save", "dialogue_meeting_reason", visible_if__joiner="any")
    assert "or" in anne.item("dialogue_meeting_reason").visible_if  # type: ignore[operator]
    anne.press("clause:visible_if:0", "dialogue_meeting_reason")
    assert anne.item("dialogue_meeting_reason").visible_if == {"answered": "meeting_date"}
    anne.press("save", "dialogue_meeting_reason", visible_if__0__question="")
    assert anne.item("dialogue_meeting_reason").visible_if is None


def test_choosing_another_question_gives_a_comparison_that_fits_it(anne: Builder) -> None:
    told = anne.fetch(
        "save", "dialogue_meeting_reason", visible_if__base=anne.open("dialogue_meeting_reason")["visible_if__base"],
        visible_if__joiner="all", visible_if__0__question="other_means", visible_if__0__operator="is",
        visible_if__0__value="false",
    )  # fmt: skip
    first = anne.item("other_means").options[0].code
    assert anne.item("dialogue_meeting_reason").visible_if == {"in": [first, {"var": "other_means"}]}
    assert "har kryss for" in told["parts"]["sentence-visible_if"]


def test_a_sentence_that_lacks_a_value_waits_and_the_old_one_stands(anne: Builder) -> None:
    old = anne.item("dialogue_meeting_reason").visible_if
    answer = anne.press(
        "save", "dialogue_meeting_reason", visible_if__0__question="meeting_date", visible_if__0__operator="lt",
        visible_if__0__value="",
    )  # fmt: skip
    assert answer.status_code == 422
    assert "Fyll ut resten av setningen" in shown(answer)
    fields = controls(answer)
    assert (fields["visible_if__0__question"], fields["visible_if__0__operator"]) == ("meeting_date", "lt")
    assert anne.item("dialogue_meeting_reason").visible_if == old


def test_required_when_something_is_answered(anne: Builder) -> None:
    anne.press("save", "how_now", required="if", required__0__question="meeting_date")
    assert anne.item("how_now").required == {"if": {"answered": "meeting_date"}}
    fields = anne.open("how_now")
    assert (fields["required"], fields["required__0__operator"]) == ("if", "answered")
    assert anne.press("save", "how_now", required="if", required__0__question="").status_code == 422


def test_a_condition_too_nested_for_a_sentence_is_shown_in_words_and_survives_a_save(anne: Builder) -> None:
    rule = {"or": [{"and": [{"answered": "meeting_date"}, {"==": [{"var": "plan.kind"}, "first"]}]},
                   {"and": [{"answered": "participants"}, {"answered": "meeting_date"}]}]}  # fmt: skip
    _put(anne, "how_now", visible_if=rule, required={"if": rule})
    answer = anne.press("save", "how_now", text_nb="Ny tekst")
    assert answer.status_code == 303, said(answer)
    item = anne.item("how_now")
    assert (item.visible_if, item.required, item.text["nb"]) == (rule, {"if": rule}, "Ny tekst")
    assert "Vises når" in shown(anne.browser.get(anne.url("how_now")))
    anne.press("clause:visible_if:all", "how_now")
    assert anne.item("how_now").visible_if is None


def _put(builder: Builder, item_id: str, **changes: Any) -> None:
    """Give an item of the draft properties that no list offers."""
    from forms.edit.tree import Edited, locate, replaced
    from forms.texts import Note

    actor = access.load_actor(builder.browser_user)
    assert actor

    def edit(opened: set_drafts.OpenDraft) -> Edited:
        place = locate(opened.definition, item_id)
        changed = replaced(opened.definition, place, place.item.model_copy(update=changes))
        return Edited(changed, item_id, Note("Prøve"))

    set_drafts.change(actor, builder.row.id, edit)


# --- what the law demands ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["function_now", "situation"])
def test_a_locked_item_is_not_hidden_and_why_is_told(anne: Builder, item: str) -> None:
    told = anne.fetch("hide", item)
    assert "arbeidsmiljøloven § 4-6" in told["refused"]
    assert not anne.item(item).hidden
    assert SetDraft.select().count() == 0
    anne.open(item)
    assert re.search(r'<button[^>]*value="hide"[^>]*aria-disabled="true"[^>]*aria-describedby="lock-why"',
                     anne.answer.text)  # type: ignore[union-attr]  # fmt: skip
    assert "arbeidsmiljøloven § 4-6 krever" in shown(anne.answer)  # type: ignore[arg-type]


def test_a_locked_item_is_not_made_optional_or_conditional_but_its_words_are_stored(anne: Builder) -> None:
    answer = anne.press(
        "save", "function_now", required="no", text_nb="Hva kan du gjøre?", visible_if__0__question="meeting_date"
    )
    assert answer.status_code == 422
    item = anne.item("function_now")
    assert (item.required, item.visible_if, item.text["nb"]) == (True, None, "Hva kan du gjøre?")
    assert shown(answer).count("er låst fordi arbeidsmiljøloven § 4-6") >= 2


def test_a_locked_item_may_be_moved_and_explained(anne: Builder) -> None:
    assert not anne.fetch("up", "function_now")["refused"]
    assert anne.press("save", "function_now", help_nb="Tenk på en vanlig dag.").status_code == 303


# --- back and forth --------------------------------------------------------------------------------------------------


def test_undo_and_redo_say_what_they_do(anne: Builder) -> None:
    anne.press("save", "how_now", text_nb="Hvordan går det?")
    anne.open("how_now")
    assert "Endret «Hvordan går det?»" in shown(anne.answer)  # type: ignore[arg-type]
    told = anne.fetch("undo", "how_now")
    assert told["said"] == "Angret: Endret «Hvordan går det?»."
    assert anne.item("how_now").text["nb"] == "Hvordan har du det nå?"
    assert anne.press("redo", "how_now").status_code == 303
    assert anne.item("how_now").text["nb"] == "Hvordan går det?"


def test_undoing_what_is_open_goes_to_the_set(anne: Builder) -> None:
    anne.press("add:text", "how_now")
    told = anne.fetch("undo", "sporsmal_1")
    assert told["item"] == ""
    assert anne.draft.find("sporsmal_1") is None


def test_undo_on_an_old_page_is_told_plainly_and_undoes_nothing(anne: Builder, arne: Builder) -> None:
    anne.fetch("hide", "expectations")
    seen = anne.revision
    arne.fetch("hide", "participants")
    told = anne.fetch("undo", "how_now", seen)
    assert told["refused"].startswith("Arne Administrator endret skjemaet")
    assert (anne.item("expectations").hidden, anne.item("participants").hidden) == (True, True)
    assert "skjult" in told["parts"]["builder-tree"]
    answer = anne.browser.post(anne.url(), {"do": "undo", "revision": seen})
    assert answer.status_code == 422
    assert "Ingenting er angret" in shown(answer)


def test_undo_says_when_it_was_somebody_else(anne: Builder, arne: Builder) -> None:
    arne.fetch("hide", "participants")
    anne.open()
    page = shown(anne.answer)  # type: ignore[arg-type]
    assert re.search(r"Arne Administrator kl\. \d\d\.\d\d", page)
    assert "Endre det en annen har gjort?" in page


def test_undo_with_nothing_to_undo(anne: Builder) -> None:
    anne.fetch("hide", "participants")
    anne.fetch("undo")
    told = anne.fetch("undo")
    assert not told["refused"]
    assert anne.revision == told["revision"]


# --- two administrators ------------------------------------------------------------------------------------------------


def test_two_who_change_different_things_lose_nothing(anne: Builder, arne: Builder) -> None:
    mine, theirs = anne.open("how_now"), arne.open("how_now")
    assert arne.browser.post(arne.url("how_now"), {**theirs, "help.nb": "Arnes hjelp", "do": "save"}).status_code == 303
    assert anne.browser.post(anne.url("how_now"), {**mine, "text.nb": "Annes tekst", "do": "save"}).status_code == 303
    item = anne.item("how_now")
    assert (item.text["nb"], item.help["nb"]) == ("Annes tekst", "Arnes hjelp")


def test_two_who_change_the_same_text_see_both(anne: Builder, arne: Builder) -> None:
    mine = anne.open("how_now")
    arne.press("save", "how_now", text_nb="Arnes tekst")
    answer = anne.browser.post(anne.url("how_now"), {**mine, "text.nb": "Annes tekst", "help.nb": "Hjelp", "do": "up"})
    assert answer.status_code == 409
    page = shown(answer)
    assert "Arne Administrator lagret dette kl." in page
    assert "Arnes tekst" in page
    again = controls(answer)
    assert again["text.nb"] == "Annes tekst"  # mine stays in the field
    assert anne.item("how_now").text["nb"] == "Arnes tekst"
    assert anne.item("how_now").help["nb"] == "Hjelp"  # the rest is stored
    assert siblings(anne, "situation").index("how_now") == 1  # the button waited
    assert anne.browser.post(anne.url("how_now"), {**again, "do": "save"}).status_code == 303
    assert anne.item("how_now").text["nb"] == "Annes tekst"  # knowingly


def test_a_conflict_is_told_to_the_script_too(anne: Builder, arne: Builder) -> None:
    base = anne.open("how_now")["text.nb__base"]
    arne.press("save", "how_now", text_nb="Arnes tekst")
    told = anne.fetch("save", "how_now", 0, text_nb="Annes tekst", text_nb__base=base)
    assert (told["conflicts"], told["held"]) == (["text.nb"], True)
    assert "Annes tekst" in told["parts"]["panel"]
    assert 'data-value="Arnes tekst"' in told["parts"]["panel"]


def test_text_in_an_item_that_another_deleted_is_given_back(anne: Builder, arne: Builder) -> None:
    anne.press("add:text", "how_now")
    mine = anne.open("sporsmal_1")
    arne.fetch("delete", "sporsmal_1")
    answer = anne.browser.post(anne.url("sporsmal_1"), {**mine, "text.nb": "Min lange tekst", "do": "save"})
    assert answer.status_code == 409
    assert "Min lange tekst" in shown(answer)
    assert "slettet av en annen" in shown(answer)


def test_text_survives_a_login_that_ran_out(app: Flask, anne: Builder) -> None:
    import datetime as dt

    from models import LoginSession

    fields = anne.open("how_now")
    LoginSession.update(last_seen_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)).execute()
    answer = anne.browser.post(anne.url("how_now"), {**fields, "text.nb": "Skrevet for sent", "do": "save"})
    assert answer.location.startswith("/login?next=")
    anne.browser.log_in("anne", path=answer.location)
    fields = anne.open("how_now")
    assert fields["text.nb"] == "Skrevet for sent"
    assert "data-unsaved" in anne.answer.text  # type: ignore[union-attr]
    assert anne.item("how_now").text["nb"] == "Hvordan har du det nå?"
    assert anne.browser.post(anne.url("how_now"), {**fields, "do": "save"}).status_code == 303
    assert anne.item("how_now").text["nb"] == "Skrevet for sent"


# --- faults ----------------------------------------------------------------------------------------------------------


def test_faults_are_listed_with_links_to_their_fields_while_one_works(anne: Builder) -> None:
    anne.open()
    assert "Ingen feil" in shown(anne.answer)  # type: ignore[arg-type]
    told = anne.fetch("save", "how_now", 0, text_nn="", text_nn__base=anne.open("how_now")["text.nn__base"])
    bar = told["parts"]["builder-bar"]
    assert "1 feil" in bar
    assert f'href="{anne.url("how_now").replace("&", "&amp;")}#r-text"' in bar
    assert "nynorsk" in bar
    assert "nynorsk" in told["parts"]["x-r-text"]
    assert "1 feil" in told["parts"]["row-how_now"]
    anne.open("how_now")
    assert 'id="r-text"' in anne.answer.text  # type: ignore[union-attr]


def test_moving_a_question_before_the_one_it_asks_about_is_told_at_once(anne: Builder) -> None:
    told = anne.fetch("move", "dialogue_meeting_reason", target="dialogue_meeting_reason", parent="", after="")
    assert "1 feil" in told["parts"]["builder-bar"]
    assert anne.open("dialogue_meeting_reason")["visible_if__0__question"] == "dialogue_meeting_held"
    assert anne.press("save", "dialogue_meeting_reason", text_nb="Hvorfor?").status_code == 303
    assert anne.item("dialogue_meeting_reason").visible_if is not None


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["kari", "siri", "per", "aud"])
def test_others_than_administrators_are_refused(app: Flask, library: World, username: str) -> None:
    path = f"{PATH}?id={plan_set(library.storvik).id}"
    browser = Browser(app.test_client(), username)
    assert browser.get(path).status_code == 403
    assert browser.post(path, {"do": "add:text"}).status_code == 403
    assert SetDraft.select().count() == 0


def test_sets_of_another_municipality_letters_and_steps_are_not_there(app: Flask, library: World) -> None:
    anne = Browser(app.test_client(), "anne")
    letter = QuestionSet.create(municipality=library.storvik, key="brev", kind="letter", title="Brev")
    QuestionSetVersion.create(municipality=library.storvik, question_set=letter, number=1, definition="{}", sha256="x")
    for row in (plan_set(library.fjell).id, "0", "x", ""):
        assert anne.get(f"{PATH}?id={row}").status_code == 404
        assert anne.post(f"{PATH}?id={row}", {"do": "add:text"}).status_code == 404
    assert SetDraft.select().count() == 0


def test_changes_leave_a_trail_without_the_texts(anne: Builder) -> None:
    anne.press("save", "how_now", text_nb="Hemmelig ordlyd")
    events = AuditEvent.select().where(AuditEvent.tag == "set:changed")
    assert [event.fields for event in events] == ["how_now"]
    assert "Hemmelig" not in str(list(events.dicts()))


# --- size --------------------------------------------------------------------------------------------------------------


def _grown(library: World, items: int) -> QuestionSet:
    """A set of `items` questions in five groups, published as one of the municipality's own."""
    row = QuestionSet.create(municipality=library.storvik, key=f"stor-{items}", kind="plan", title="Stor")
    group = lambda n: {  # noqa: E731
        "id": f"g{n}", "type": "group", "text": {"nb": f"Del {n}", "nn": f"Del {n}"},
        "items": [
            {"id": f"q{n}_{k}", "type": "text", "text": {"nb": f"Spørsmål {k}?", "nn": f"Spørsmål {k}?"}}
            for k in range(items // 5 - 1)
        ],
    }  # fmt: skip
    data = {"schema_version": 1, "key": f"stor-{items}", "version": 1, "kind": "plan", "languages": ["nb", "nn"],
            "title": {"nb": "Stor", "nn": "Stor"}, "items": [group(n) for n in range(5)]}  # fmt: skip
    definition = QuestionSetDefinition.model_validate(data)
    QuestionSetVersion.create(
        municipality=library.storvik, question_set=row, number=1, definition=definition.model_dump_json(),
        sha256=definition.sha256(),
    )  # fmt: skip
    return row


def test_as_many_queries_for_twenty_items_as_for_two_hundred(app: Flask, library: World) -> None:
    counts = []
    for items in (20, 200):
        anne = Builder(app.test_client(), "anne", _grown(library, items))
        assert sum(1 for _ in anne.draft.walk()) == items
        fields = anne.open("q3_0")
        anne.fetch("hide", "q4_0")  # the draft is there
        steps = [
            lambda: anne.browser.get(anne.url("q3_0")),  # noqa: B023
            lambda: anne.fetch("save", "q3_0", text_nb="Ny", text_nb__base=fields["text.nb__base"]),  # noqa: B023
            lambda: anne.fetch("down", "q3_0"),  # noqa: B023
            lambda: anne.fetch("add:choice", "q3_0"),  # noqa: B023
            lambda: anne.fetch("undo", "q3_0"),  # noqa: B023
        ]
        found = []
        for step in steps:
            with traced() as statements:
                step()
            found.append(len(statements))
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 40, counts


def test_a_set_that_is_as_large_as_allowed_says_so(anne: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = anne.open("how_now")
    monkeypatch.setattr(set_drafts, "MAX_BYTES", 1000)
    answer = anne.browser.post(anne.url("how_now"), {**fields, "text.nb": "Enda en tekst", "do": "save"})
    assert answer.status_code == 409
    assert "for stort" in shown(answer)
    assert controls(answer)["text.nb"] == "Enda en tekst"


def test_a_published_draft_starts_anew(anne: Builder) -> None:
    anne.fetch("hide", "participants")
    actor = access.load_actor(anne.browser_user)
    assert actor
    publishing.publish(actor, anne.row.id, anne.revision, note="Skjulte ett spørsmål")
    anne.open("participants")
    assert "Det du endrer, blir en kladd" in shown(anne.answer)  # type: ignore[arg-type]
    assert FETCH["X-Requested-With"] == "fetch"
    told = anne.fetch("show", "participants")
    assert told["revision"] == anne.revision
