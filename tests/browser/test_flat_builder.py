"""Letters and schedules in a real browser: with the keyboard alone, two at once, without a connection, without a script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from models import QuestionSet, User
from services import access, set_drafts
from tests.browser import steps
from tests.browser.conftest import Open
from tests.browser.test_builder import _axe as axe
from tests.browser.test_builder import builders
from tests.front import plan_set
from tests.world import World

__all__ = ["builders"]
pytestmark = pytest.mark.browser

LETTER, STEPS = "innkalling-dialogmote-ansatt", "lovens-minimum"


def row_of(username: str, key: str) -> QuestionSet:
    return plan_set(User.get(User.username == username).municipality, key)


def draft(username: str, key: str = LETTER) -> Any:
    actor = access.load_actor(User.get(User.username == username).id)
    assert actor
    return set_drafts.open_draft(actor, row_of(username, key).id).definition


def opened(open_page: Open, username: str = "anne", key: str = LETTER, **more: Any) -> Page:
    page = open_page(username, **more)
    page.goto(f"/admin/brev/bygg/?id={row_of(username, key).id}")
    return page


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[name='{name}']")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.id"))


def tab_to(page: Page, found: Locator, key: str = "Tab") -> None:
    """By the Tab key alone, as one who has no mouse."""
    for _step in range(60):
        if found.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"the Tab key does not reach {found}")


@pytest.mark.parametrize("username", ["anne", "frida"])
def test_a_letter_is_changed_and_published_with_the_keyboard_alone(
    builders: World, open_page: Open, username: str
) -> None:
    page, keys = opened(open_page, username), None
    keys = page.keyboard
    field(page, "addressee/text.nb").focus()
    keys.press("Control+End")
    keys.type(", ")
    tab_to(page, page.locator("#card-addressee .insert-menu summary"), "Shift+Tab")
    keys.press("Enter")
    tab_to(page, page.locator("#card-addressee [data-insert='{stilling}']"))
    keys.press("Enter")
    assert focused(page) == "addressee/text.nb"
    steps.expect_saved(page)
    assert draft(username).find("addressee").text["nb"] == "Til {navn}, {stilling}"
    expect(page.locator(".look-letter [data-block=addressee]")).to_have_class("letter-block letter-marked")

    tab_to(page, page.locator("#card-addressee + .flat-add summary"))
    keys.press("Enter")
    tab_to(page, page.locator("#card-addressee + .flat-add button[value^='add:list']"))
    keys.press("Enter")
    expect(field(page, "liste_1/text.nb")).to_be_focused()
    keys.type("Ta med:")
    field(page, "liste_1/items.0.nb").focus()
    keys.press("Control+A")
    keys.type("Penn")
    keys.press("Enter")
    expect(field(page, "liste_1/items.1.nb")).to_be_focused()
    keys.type("Papir")
    keys.press("Alt+ArrowUp")
    expect(field(page, "liste_1/items.0.nb")).to_be_focused()
    expect(field(page, "liste_1/items.0.nb")).to_have_value("Papir")
    assert [item["nb"] for item in draft(username).find("liste_1").items] == ["Papir", "Penn"]

    field(page, "summons/text.nb").focus()
    keys.press("Alt+ArrowUp")
    expect(page.locator("[data-card]").nth(3)).to_have_attribute("data-card", "summons")
    expect(field(page, "summons/text.nb")).to_be_focused()
    tab_to(page, page.locator("#menu-summons"), "Shift+Tab")
    keys.press("Enter")
    tab_to(page, page.locator("#card-summons button[value='hide:summons']"))
    keys.press("Enter")
    expect(page.locator("#menu-summons")).to_be_focused()
    expect(page.locator(".look-letter [data-block=summons]")).to_have_count(0)
    keys.press("Control+Z")
    expect(page.locator(".look-letter [data-block=summons]")).to_have_count(1)
    axe(page)

    tab_to(page, page.locator(".builder-bar .btn-primary"), "Shift+Tab")
    with page.expect_navigation():
        keys.press("Enter")
    page.locator("[name=note]").focus()
    keys.type("Egen liste")
    with page.expect_navigation():
        keys.press("Enter")
    expect(page.locator(".cell-main").first).to_contain_text("2")
    assert draft(username).version == 2


def test_a_wrong_field_is_told_while_one_writes_and_the_list_leads_to_it(builders: World, open_page: Open) -> None:
    page = opened(open_page)
    field(page, "purpose/text.nn").fill("Hei {nevn}")
    fault = page.locator("[id='x-r-purpose/text'] .line-fault")
    expect(fault).to_contain_text("{nevn}, som ikke finnes")
    expect(field(page, "purpose/text.nn")).to_be_focused()
    field(page, "/title.nb").focus()
    page.click(".fault-count")
    page.click(".fault-menu a")
    assert focused(page).startswith("purpose/text")
    field(page, "purpose/text.nn").fill("Hei {navn}")
    expect(fault).to_have_count(0)
    expect(page.locator(".fault-none")).to_be_visible()


def test_two_who_write_at_once_lose_nothing_and_choose(builders: World, open_page: Open) -> None:
    anne, arne = opened(open_page), opened(open_page, "arne")
    field(arne, "summons/text.nb").fill("Arnes tekst")
    field(arne, "purpose/text.nb").fill("Arnes andre")
    steps.expect_saved(arne)
    field(anne, "summons/text.nb").fill("Annes tekst")
    conflict = anne.locator("[data-conflict]")
    expect(conflict).to_contain_text("Arne Administrator lagret dette")
    expect(conflict).to_contain_text("Arnes tekst")
    expect(field(anne, "summons/text.nb")).to_have_value("Annes tekst")
    expect(field(anne, "purpose/text.nb")).to_have_value("Arnes andre")
    axe(anne)
    conflict.locator("button").click()
    steps.expect_saved(anne)
    assert draft("anne").find("summons").text["nb"] == "Annes tekst"
    field(arne, "summons/text.nb").fill("Arne igjen")
    expect(arne.locator("[data-conflict]")).to_be_visible()
    arne.click("[data-take]")
    expect(field(arne, "summons/text.nb")).to_have_value("Annes tekst")
    expect(arne.locator("[data-conflict]")).to_have_count(0)
    assert draft("anne").find("summons").text["nb"] == "Annes tekst"


def test_what_one_types_while_the_page_is_renewed_is_kept(builders: World, open_page: Open) -> None:
    page = opened(open_page)
    field(page, "purpose/text.nb").fill("Først")
    steps.expect_saved(page)
    arne = opened(open_page, "arne")
    field(arne, "greeting/text.nb").fill("Arnes hilsen")
    steps.expect_saved(arne)
    field(page, "summons/text.nb").focus()
    page.keyboard.type("A", delay=10)
    page.wait_for_timeout(650)
    page.keyboard.type("nnes tekst", delay=40)  # while the answer with Arne's card comes in
    steps.expect_saved(page)
    expect(field(page, "greeting/text.nb")).to_have_value("Arnes hilsen")
    expect(field(page, "summons/text.nb")).to_be_focused()
    assert "Annes tekst" in draft("anne").find("summons").text["nb"]


def test_text_waits_while_there_is_no_connection(builders: World, open_page: Open) -> None:
    page = opened(open_page)
    page.evaluate(
        """() => { const real = window.fetch; window.down = true;
        window.fetch = (...asked) => (window.down ? Promise.reject(new TypeError()) : real(...asked)); }"""
    )
    field(page, "summons/text.nb").fill("Skrevet på toget")
    expect(page.locator("[data-save-state].failed")).to_be_visible()
    page.evaluate("window.down = false")
    expect(page.locator("[data-save-state]:not(.failed)")).to_have_text(steps.SAVED, timeout=20_000)
    assert draft("anne").find("summons").text["nb"] == "Skrevet på toget"


def test_what_is_typed_is_stored_before_one_goes_on(builders: World, open_page: Open) -> None:
    page = opened(open_page)
    field(page, "summons/text.nb").fill("Rett før jeg går")
    with page.expect_navigation():
        page.click(".builder-bar .btn-primary")
    expect(page.locator("ins", has_text="Rett før jeg går").first).to_be_visible()


def test_the_preview_speaks_the_other_language(builders: World, open_page: Open) -> None:
    page = opened(open_page)
    field(page, "summons/text.nn").fill("Ordet på nynorsk")
    page.click(".look-tab[lang=nn]")
    expect(page.locator(".look-letter")).to_contain_text("Ordet på nynorsk")
    expect(page.locator(".look-tab[aria-current]")).to_have_attribute("lang", "nn")
    assert page.url.endswith("lang=nn")
    paper = page.request.get(page.locator("#look a[target=_blank]").get_attribute("href") or "")
    assert paper.headers["content-type"] == "application/pdf"


def test_a_schedule_shows_what_its_days_mean(builders: World, open_page: Open) -> None:
    page = opened(open_page, key=STEPS)
    expect(field(page, "plan/days")).to_have_value("4 uker")
    field(page, "plan/days").fill("5 uker")
    expect(page.locator("[id='x-r-plan/days']")).to_contain_text("lovens frist")
    field(page, "plan/days").press("Enter")  # saves, as anywhere, and does not undo
    steps.expect_saved(page)
    expect(page.locator("#flat-said")).not_to_contain_text("Angret")
    expect(field(page, "plan/days")).to_have_value("5 uker")
    field(page, "plan/days").fill("2 uker")
    expect(page.locator("#look")).to_contain_text("Kommunens frist. Loven: ")
    expect(page.locator(".fault-none")).to_be_visible()
    page.click("#menu-plan")
    page.locator("#card-plan button[value='hide:plan']").press("Enter")
    expect(page.locator("#flat-said")).to_contain_text("Låst: loven krever denne milepælen")
    assert (draft("anne", STEPS).find("plan").days, draft("anne", STEPS).find("plan").hidden) == (14, False)


def test_a_milestone_is_added_and_filled_in_with_the_keyboard(builders: World, open_page: Open) -> None:
    page = opened(open_page, key=STEPS)
    keys, add = page.keyboard, page.locator("#card-contact + .flat-add button")
    add.focus()
    keys.press("Enter")
    expect(field(page, "milepael_1/text.nb")).to_be_focused()
    keys.type("Ring HR")
    field(page, "milepael_1/text.nn").fill("Ring HR")
    field(page, "milepael_1/days").fill("1 uke før")
    field(page, "milepael_1/anchor").select_option("dialogue_1")
    expect(page.locator("#look .event-link", has_text="Ring HR")).to_be_visible()
    field(page, "milepael_1/done_by").select_option("letter")
    letters = page.locator("#card-milepael_1 [data-several='milepael_1/letters'] [type=checkbox]")
    expect(page.locator("[id='x-r-milepael_1/letters']")).to_contain_text("velg brevet")
    letters.first.focus()
    keys.press("Space")
    expect(page.locator(".fault-none")).to_be_visible()
    steps.expect_saved(page)
    expect(letters.first).to_be_checked()
    made = draft("anne", STEPS).find("milepael_1")
    assert (made.days, made.anchor, made.done_by, len(made.letters)) == (-7, "dialogue_1", "letter", 1)
    page.locator("#card-milepael_1 .fold > summary").click()
    for name in ("hr", "archive"):
        page.locator(f"[id='f-milepael_1/recipients-{name}']").check()
    steps.expect_saved(page)
    expect(page.locator("[id='summary-milepael_1']")).to_contain_text("til: HR, arkivet")
    page.locator("[id='f-milepael_1/recipients-hr']").uncheck()
    expect(page.locator("[id='summary-milepael_1']")).to_contain_text("til: arkivet")
    assert draft("anne", STEPS).find("milepael_1").recipients == ("archive",)
    axe(page)


def test_the_example_is_looked_at_as_a_calendar(builders: World, open_page: Open) -> None:
    page = opened(open_page, key=STEPS)
    look = page.locator("#look")
    expect(look).to_contain_text("Dialogmøte 1")
    page.click("[data-tab='example-graded']")
    expect(page.locator("[data-tab='example-graded']")).to_be_focused()
    expect(look.locator(".event-link", has_text="Dialogmøte 1")).to_have_count(0)
    page.click("[data-tab='view-months']")
    expect(look.locator(".month-grid").first).to_be_visible()
    field(page, "contact/text.nb").fill("Ring")
    steps.expect_saved(page)
    expect(look.locator(".event-link", has_text="Ring")).to_be_visible()  # still graded, month by month
    expect(page.locator("[data-tab='view-months']")).to_have_attribute("aria-current", "true")
    look.locator(".event-link", has_text="Ring").click()
    assert page.url.endswith("#card-contact")
    axe(page)


def test_ticks_that_two_change_are_chosen_between(builders: World, open_page: Open) -> None:
    anne, arne = opened(open_page, key=STEPS), opened(open_page, "arne", key=STEPS)
    for page, name in ((arne, "hr"), (anne, "nav")):
        page.locator("#card-contact .fold > summary").click()
        page.locator(f"[id='f-contact/recipients-{name}']").check()
        if page is arne:
            steps.expect_saved(page)
    conflict = anne.locator("[data-conflict='contact/recipients']")
    expect(conflict).to_contain_text("HR")
    anne.click("[data-take]")
    expect(anne.locator("[id='f-contact/recipients-hr']")).to_be_checked()
    expect(anne.locator("[id='f-contact/recipients-nav']")).not_to_be_checked()
    assert draft("anne", STEPS).find("contact").recipients == ("hr",)


@pytest.mark.parametrize("key", [LETTER, "info-2", STEPS, "notteroy"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(builders: World, open_page: Open, key: str, width: int) -> None:
    page = opened(open_page, key=key, width=width)
    page.evaluate(
        "document.querySelectorAll('details.fold, details.guidance').forEach((fold) => { fold.open = true; })"
    )
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for path in (
        "/admin/brev/",
        f"/admin/brev/details/?id={row_of('anne', 'info-2').id}",
        "/admin/brev/new/",
        "/admin/lop/",
        "/admin/lop/new/",
        f"/admin/lop/details/?id={row_of('anne', 'notteroy').id}",
        f"/admin/lop/details/?id={row_of('anne', 'notteroy').id}&view=months",
    ):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_all_of_it_without_a_script(builders: World, open_page: Open) -> None:
    page = opened(open_page, scripts=False)
    field(page, "summons/text.nb").fill("Uten skript {nevn}")
    page.click("main form button:has-text('Lagre') >> nth=-1")
    expect(page.locator("[id='x-r-summons/text'] .line-fault")).to_contain_text("{nevn}")
    field(page, "summons/text.nb").fill("Uten skript {navn}")
    page.click("#card-summons + .flat-add summary")
    page.click("#card-summons + .flat-add button[value^='add:table']")
    field(page, "tabell_1/rows.0.0.nb").fill("Når")
    page.click("[id='add-tabell_1/columns']")
    assert draft("anne").find("summons").text["nb"] == "Uten skript {navn}"
    assert [len(row) for row in draft("anne").find("tabell_1").rows] == [3, 3]
    assert draft("anne").find("tabell_1").rows[0][0]["nb"] == "Når"
    page.click("#do-undo")
    assert [len(row) for row in draft("anne").find("tabell_1").rows] == [2, 2]
