"""The builder in a real browser: with the keyboard alone, by dragging, two at once, without a script, and axe."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import models
from forms.definition import Item, QuestionSetDefinition
from models import LoginSession, SetDraft, User
from services import access, set_drafts
from tests.browser import steps
from tests.browser.conftest import Open
from tests.front import plan_set
from tests.world import PASSWORD, World, make_user

pytestmark = pytest.mark.browser

AXE = Axe()
CHOSEN = "[aria-current=true]"


@pytest.fixture
def builders(library: World) -> World:
    """The library's world with a second administrator, and one in the municipality that writes nynorsk."""
    make_user(library.storvik, "arne", "Arne Administrator", "administrator")
    make_user(library.fjell, "frida", "Frida Administrator", "administrator")
    return library


def _draft(username: str) -> QuestionSetDefinition:
    user = User.get(User.username == username)
    actor = access.load_actor(user.id)
    assert actor
    definition: QuestionSetDefinition = set_drafts.open_draft(actor, plan_set(user.municipality).id).definition
    return definition


def _item(username: str, item_id: str) -> Item:
    found = _draft(username).find(item_id)
    assert found
    return found


def _order(username: str, group: str) -> list[str]:
    return [item.id for item in _item(username, group).items]


def _open(page: Page, username: str, item: str = "") -> Page:
    row = plan_set(User.get(User.username == username).municipality)
    page.goto(f"/admin/skjema/bygg/?id={row.id}" + (f"&item={item}" if item else ""))
    return page


def _saved(page: Page) -> None:
    steps.expect_saved(page)


def _field(page: Page, path: str) -> str:
    return f"[id='f-{path}']"


def _at(page: Page) -> str:
    """The id of what has the focus, which must be seen as such; nothing means that the focus was lost."""
    found, seen = page.evaluate(
        """() => { const at = document.activeElement, style = getComputedStyle(at);
        const heading = at.id === 'panel' ? getComputedStyle(at.querySelector('h2')) : style;
        return [at === document.body ? '' : at.id || at.tagName.toLowerCase(),
                [style, heading].some(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)] }"""
    )
    assert found, "the focus is lost"
    assert seen, f"the focus on {found} cannot be seen"
    return str(found)


def _tab_to(page: Page, wanted: str, most: int = 60, key: str = "Tab") -> None:
    """Press Tab until the control with this id has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if _at(page) == wanted:
            return
    raise AssertionError(f"{wanted} cannot be reached with {key}")


def _axe(page: Page) -> None:
    assert [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in AXE.run(page).response["violations"]] == []


# --- with the keyboard alone ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["anne", "frida"])
def test_a_set_is_changed_with_the_keyboard_alone(builders: World, open_page: Open, username: str) -> None:
    page = _open(open_page(username), username)
    _reword_with_keyboard(page, username)
    _add_with_keyboard(page, username)
    _move_with_keyboard(page, username)
    _axe(page)
    steps.shot(page, f"bygg-{username}")


def _reword_with_keyboard(page: Page, username: str) -> None:
    """To a row with arrows, into its text in both languages."""
    _tab_to(page, "t-")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        if _at(page) == "t-how_now":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_focused()
    expect(page.locator("#panel")).to_have_attribute("data-item", "how_now")
    _tab_to(page, "f-text.nb")
    page.keyboard.press("Control+a")
    page.keyboard.type("Hvordan går det?")
    _tab_to(page, "f-text.nn")
    page.keyboard.press("Control+a")
    page.keyboard.type("Korleis går det?")
    _saved(page)
    assert _at(page) == "f-text.nn"
    assert _item(username, "how_now").text == {"nb": "Hvordan går det?", "nn": "Korleis går det?"}


def _add_with_keyboard(page: Page, username: str) -> None:
    """A yes-or-no question, then a text that is shown when it is answered yes."""
    page.keyboard.press("Escape")
    assert _at(page) == "t-how_now"
    _add(page, 3)
    assert _at(page) == "f-text.nb"
    page.keyboard.type("Har dere hatt møte?")  # the text it began with was marked
    _tab_to(page, "f-text.nn")
    page.keyboard.press("Control+a")
    page.keyboard.type("Har de hatt møte?")
    _add(page, 1)
    page.keyboard.type("Når var det?")
    _tab_to(page, "summary")  # the first folded box
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    _tab_to(page, "s-visible_if-0-question")
    page.keyboard.type("Har de")
    expect(page.locator("[id='s-visible_if-0-operator']")).to_be_visible()
    assert _at(page) == "s-visible_if-0-question"
    expect(page.locator("#sentence-visible_if .sentence-words")).to_contain_text("hatt møte?»")
    first, second = _order(username, "situation")[2:4]
    assert _item(username, second).visible_if == {"==": [{"var": first}, True]}
    assert _item(username, second).text["nb"] == "Når var det?"


def _add(page: Page, stops: int) -> None:
    """Open the menu of types from anywhere and choose the one that so many presses of Tab lead to."""
    page.locator("#add-menu summary").focus()
    page.keyboard.press("Enter")
    for _ in range(stops):
        page.keyboard.press("Tab")
        _at(page)
    before = page.locator("#panel").get_attribute("data-item")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).not_to_have_attribute("data-item", before or "-")
    expect(page.locator(_field(page, "text.nb"))).to_be_focused()


def _move_with_keyboard(page: Page, username: str) -> None:
    """Rows are moved with Alt and an arrow, told of aloud, and undone."""
    said, rows = page.locator("#builder-said"), _order(username, "situation")
    page.keyboard.press("Escape")
    assert _at(page) == f"t-{rows[3]}"
    page.keyboard.press("Alt+ArrowUp")
    expect(said).to_contain_text("3")
    assert _at(page) == f"t-{rows[3]}"
    assert _order(username, "situation")[2:4] == [rows[3], rows[2]]
    expect(page.locator(".fault-count")).to_be_visible()  # it asks about a question that comes later
    page.keyboard.press("Alt+ArrowLeft")
    expect(said).to_contain_text("3")
    page.wait_for_function("id => !document.getElementById(id).closest('ol ol')", arg=f"t-{rows[3]}")
    assert rows[3] not in _order(username, "situation")
    page.keyboard.press("Control+z")
    expect(page.locator(f"ol ol #t-{rows[3]}")).to_be_visible()
    page.locator(f"#t-{rows[3]}").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".fault-none")).to_be_visible()
    assert _order(username, "situation") == rows
    page.locator(f"#t-{rows[3]}").focus()
    page.keyboard.press("Control+y")
    expect(page.locator(".fault-count")).to_be_visible()


def test_the_focus_stays_where_the_button_was(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "participants")
    for button, after in [
        ("do-down", "do-down"), ("do-up", "do-up"), ("do-hide", "do-hide"), ("do-hide", "do-hide"), ("do-copy", "panel"),
        ("do-undo", "do-undo"), ("do-redo", "do-redo"),
    ]:  # fmt: skip
        before = page.locator("#builder-bar").get_attribute("data-revision")
        page.locator(f"#{button}").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#builder-bar")).not_to_have_attribute("data-revision", before or "")
        expect(page.locator(f"#{after}")).to_be_focused()


def test_options_are_written_one_after_the_other(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "how_now")
    page.click("#add-menu summary")
    page.click("button[value='add:choice']")
    expect(page.locator(_field(page, "text.nb"))).to_be_focused()
    item = str(page.locator("#panel").get_attribute("data-item"))
    page.locator(_field(page, "options.valg_1.text.nb")).fill("Hjemme")
    page.keyboard.press("Enter")
    expect(page.locator(_field(page, "options.valg_2.text.nb"))).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("På jobb")
    page.keyboard.press("Enter")
    expect(page.locator(_field(page, "options.valg_3.text.nb"))).to_be_focused()
    page.keyboard.type("Et annet sted")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".parts-options textarea[lang=nb]").nth(1)).to_have_value("Et annet sted")
    expect(page.locator(_field(page, "options.valg_3.text.nb"))).to_be_focused()
    _saved(page)
    assert [option.text["nb"] for option in _item("anne", item).options] == ["Hjemme", "Et annet sted", "På jobb"]


def test_the_tree_is_one_stop_folds_and_finds(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne")
    assert page.locator(".tree-link[tabindex='0']").count() == 1
    page.locator("#t-").focus()
    page.keyboard.press("End")
    assert _at(page) == "t-signatures"
    page.keyboard.press("ArrowLeft")
    assert _at(page) == "t-signing"
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#t-signatures")).to_be_hidden()
    _open(page, "anne")
    expect(page.locator("#t-signatures")).to_be_hidden()  # as one left it
    page.fill("#tree-find", "dialogmøte")
    expect(page.locator(".tree-link:visible")).to_have_count(3)  # the set, the group, the question
    page.fill("#tree-find", "")
    page.locator("#row-signing .tree-fold").click()
    expect(page.locator("#t-signatures")).to_be_visible()


# --- with the mouse ---------------------------------------------------------------------------------------------------


def test_a_row_is_dragged_beside_another_and_into_a_group(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne", height=1600), "anne", "how_now")
    page.drag_and_drop("#row-how_now", "#row-work_related", target_position={"x": 60, "y": 52})
    expect(page.locator("#builder-said")).to_contain_text("4")
    assert _order("anne", "situation")[:4] == ["about_questions", "expectations", "work_related", "how_now"]
    page.drag_and_drop("#row-expectations", "#row-situation", target_position={"x": 60, "y": 40})
    expect(page.locator("#builder-said")).to_contain_text("1")
    assert _order("anne", "situation")[0] == "expectations"
    page.locator("#row-about_you .tree-fold").click()
    page.drag_and_drop("#row-how_now", "#row-about_you", target_position={"x": 60, "y": 22})
    page.wait_for_function("() => document.querySelector('#row-about_you').parentElement.querySelector('#row-how_now')")
    assert _order("anne", "about_you")[-1] == "how_now"


# --- nothing is lost ---------------------------------------------------------------------------------------------------


def test_two_who_write_the_same_text_see_both_and_choose(builders: World, open_page: Open) -> None:
    anne, arne = open_page("anne"), open_page("arne")
    for page, name in ((anne, "anne"), (arne, "arne")):
        _open(page, name, "how_now")
    anne.fill(_field(anne, "text.nb"), "Annes tekst")
    _saved(anne)
    arne.fill(_field(arne, "text.nb"), "Arnes tekst")
    conflict = arne.locator("[data-conflict]")
    expect(conflict).to_contain_text("Annes tekst")
    expect(conflict).to_contain_text("Anne Administrator")
    expect(arne.locator(_field(arne, "text.nb"))).to_have_value("Arnes tekst")
    _axe(arne)
    steps.shot(arne, "bygg-to-samtidig")
    arne.click("#t-expectations")
    expect(arne.locator("#panel")).to_have_attribute("data-item", "how_now")  # first this
    arne.fill(_field(arne, "help.nb"), "Arnes hjelp")
    conflict.get_by_role("button").click()
    expect(conflict).to_have_count(0)
    _saved(arne)
    item = _item("anne", "how_now")
    assert (item.text["nb"], item.help["nb"]) == ("Arnes tekst", "Arnes hjelp")


def test_what_the_other_stored_can_be_taken(builders: World, open_page: Open) -> None:
    anne, arne = open_page("anne"), open_page("arne")
    for page, name in ((anne, "anne"), (arne, "arne")):
        _open(page, name, "how_now")
    anne.fill(_field(anne, "text.nb"), "Annes tekst")
    _saved(anne)
    arne.fill(_field(arne, "text.nb"), "Arnes tekst")
    arne.locator("[data-conflict] a").click()
    expect(arne.locator(_field(arne, "text.nb"))).to_have_value("Annes tekst")
    arne.click("#t-expectations")
    expect(arne.locator("#panel")).to_have_attribute("data-item", "expectations")
    assert _item("anne", "how_now").text["nb"] == "Annes tekst"


def test_text_waits_while_there_is_no_connection(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "how_now")
    page.evaluate(
        """() => { const real = window.fetch; window.down = true;
        window.fetch = (...asked) => (window.down ? Promise.reject(new TypeError()) : real(...asked)); }"""
    )
    page.fill(_field(page, "text.nb"), "Skrevet i tunnelen")
    expect(page.locator("[data-save-state].failed")).to_be_visible()
    page.evaluate("window.down = false")
    expect(page.locator("[data-save-state]:not(.failed)")).to_have_text(steps.SAVED, timeout=20_000)
    assert _item("anne", "how_now").text["nb"] == "Skrevet i tunnelen"


def test_text_survives_being_logged_out_while_writing(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "how_now")
    with models.db.connection_context() if models.db.is_closed() else models.db.atomic():
        LoginSession.update(last_seen_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)).execute()
    page.fill(_field(page, "text.nb"), "Skrevet for sent")
    page.locator("[data-save-state] button").click()
    page.wait_for_url("**/login**")
    page.fill("[name=username]", "anne")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/skjema/bygg/**")
    expect(page.locator(_field(page, "text.nb"))).to_have_value("Skrevet for sent")
    _saved(page)  # by itself
    assert _item("anne", "how_now").text["nb"] == "Skrevet for sent"


def test_what_is_typed_is_stored_before_one_goes_on(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "how_now")
    page.fill(_field(page, "text.nb"), "Straks videre")
    page.click("#t-expectations")
    expect(page.locator("#panel")).to_have_attribute("data-item", "expectations")
    assert _item("anne", "how_now").text["nb"] == "Straks videre"
    page.fill(_field(page, "text.nb"), "Og til publisering")
    page.click(".builder-bar a.btn-primary")
    page.wait_for_url("**/skjema/publiser/**")
    assert _item("anne", "expectations").text["nb"] == "Og til publisering"
    page.go_back()
    expect(page.locator("#panel")).to_have_attribute("data-item", "expectations")


def test_a_number_that_is_none_is_told_at_the_field_and_kept(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "how_now")
    page.click("details[data-fold=answer] summary")
    field = page.locator(_field(page, "max_length"))
    field.fill("mange")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("mange")
    _axe(page)
    field.fill("900")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    _saved(page)
    assert _item("anne", "how_now").max_length == 900


def test_enter_in_a_field_saves_and_takes_nothing_back(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "how_now")
    page.fill(_field(page, "text.nb"), "Ny ordlyd")
    _saved(page)
    page.locator("details:has([id='f-max_length']) > summary").first.click()
    page.fill(_field(page, "max_length"), "900")
    page.press(_field(page, "max_length"), "Enter")
    _saved(page)
    expect(page.locator(_field(page, "text.nb"))).to_have_value("Ny ordlyd")
    item = _item("anne", "how_now")
    assert (item.text["nb"], item.max_length) == ("Ny ordlyd", 900)


def test_undo_that_is_too_late_is_told_and_the_page_follows(builders: World, open_page: Open) -> None:
    anne = _open(open_page("anne"), "anne", "participants")
    anne.click("#do-hide")
    expect(anne.locator("#row-participants")).to_have_class(re.compile("is-hidden"))
    arne = _open(open_page("arne"), "arne", "expectations")
    arne.click("#do-hide")
    expect(arne.locator("#row-expectations")).to_have_class(re.compile("is-hidden"))
    anne.click("#do-undo")
    expect(anne.locator("#builder-notice")).to_contain_text("Arne Administrator")
    expect(anne.locator("#row-expectations")).to_have_class(re.compile("is-hidden"))
    assert _item("anne", "participants").hidden


def test_hiding_what_others_depend_on_asks_first(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "dialogue_meeting_held")
    page.click("#do-hide")
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Eventuell begrunnelse")
    _axe(page)
    dialog.get_by_role("button").first.click()
    assert SetDraft.select().count() == 0
    page.click("#do-hide")
    dialog.get_by_role("button").last.click()
    expect(page.locator("#row-dialogue_meeting_held")).to_have_class(re.compile("is-hidden"))


def test_a_locked_button_tells_why(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "function_now")
    page.locator("#do-hide").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#builder-said")).to_contain_text("§ 4-6")
    assert SetDraft.select().count() == 0


# --- every kind of thing, and every size ----------------------------------------------------------------------------


def test_axe_finds_nothing_and_nothing_is_too_wide(builders: World, open_page: Open) -> None:
    page = open_page("anne")
    kinds = {item.type: item.id for item in _draft("anne").walk()}
    for item in ("", *kinds.values(), "dialogue_meeting_reason", "evaluation_date"):
        _open(page, "anne", item)
        page.evaluate("document.querySelectorAll('#panel details').forEach(box => { box.open = true; })")
        _axe(page)
        for width in (1280, 1000, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (item, width)
        page.set_viewport_size({"width": 1280, "height": 900})
    for menu in ("#add-menu", ".builder-head .menu", ".tree-keys"):
        page.locator(f"{menu} summary").click()
        _axe(page)


def test_the_preview_follows_what_is_written(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne"), "anne", "how_now")
    page.fill(_field(page, "text.nb"), "Står dette i forhåndsvisningen?")
    frame = page.frame_locator("#look-frame")
    expect(frame.get_by_text("Står dette i forhåndsvisningen?").first).to_be_visible()
    page.select_option("#look-language", "nn")
    expect(frame.get_by_text("Korleis har du det no?").first).to_be_visible()
    page.get_by_role("link", name="Ansatt", exact=True).click()
    expect(page.locator(".look-tab[aria-current]")).to_have_text("Ansatt")


# --- without a script -------------------------------------------------------------------------------------------------


def test_all_of_it_without_a_script(builders: World, open_page: Open) -> None:
    page = _open(open_page("anne", scripts=False), "anne", "how_now")
    page.fill(_field(page, "text.nb"), "Uten skript")
    page.click("#add-menu summary")
    page.click("button[value='add:boolean']")
    assert page.locator("#panel-title").inner_text() == "Nytt spørsmål"
    assert page.locator("#row-how_now .tree-label").inner_text() == "Uten skript"
    page.click("details[data-fold=rules] summary")
    page.select_option("[name='visible_if__0__question']", "meeting_date")
    page.click(".builder-bar button[value=save]")
    page.click("details[data-fold=rules] summary")
    expect(page.locator("#sentence-visible_if .sentence-words")).to_contain_text("Samtale/møte dato?")
    page.click("#do-up")
    expect(page.locator("#do-undo")).to_contain_text("Flyttet")
    page.click("#do-undo")
    page.click(f"a[href*='item=how_now']{':not(.fault-menu a)'}")
    expect(page.locator(_field(page, "text.nb"))).to_have_value("Uten skript")
    page.click(".builder-head .menu summary")
    page.click(".builder-head .menu-form button")
    page.wait_for_url("**/skjema/details/**")
    assert SetDraft.select().count() == 0
