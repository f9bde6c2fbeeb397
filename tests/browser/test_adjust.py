"""What the builder is for: an administrator takes a shipped set, makes it the municipality's own, and publishes it.

With the keyboard alone: nothing is clicked and no control is given the focus but by Tab, arrows and Enter.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from models import Plan, QuestionSetVersion, User
from services import access, plans
from services.questions import content_of, newest_version
from tests.browser import steps
from tests.browser.conftest import Open
from tests.browser.test_builder import _axe, _item, _order, _saved, builders
from tests.front import pdf_text, plan_set
from tests.world import World

__all__ = ["builders"]

pytestmark = pytest.mark.browser

REACH = """wanted => { const at = document.activeElement; return at !== document.body && at.matches(wanted) }"""


def _to(page: Page, wanted: str, most: int = 160, key: str = "Tab") -> None:
    """Press a key until what has the focus is `wanted`, a selector."""
    for _ in range(most):
        if page.evaluate(REACH, wanted):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} cannot be reached with {key} on {page.url}")


def _enter(page: Page, wanted: str) -> None:
    _to(page, wanted)
    page.keyboard.press("Enter")


def _leave(page: Page, wanted: str, address: str) -> None:
    """Follow a link or send a form."""
    _to(page, wanted)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(address))


def _open_item(page: Page, item_id: str) -> None:
    """From anywhere in the builder: to the tree, along it, and into the panel."""
    _to(page, ".tree-link", key="Shift+Tab")
    page.keyboard.press("Home")
    _to(page, f"[id='t-{item_id}']", key="ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_have_attribute("data-item", item_id)


def _write(page: Page, path: str, text: str) -> None:
    _to(page, f"[id='f-{path}']")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def _add(page: Page, kind: str) -> None:
    """From the tree: the menu of types, then the type."""
    before = page.locator("#panel").get_attribute("data-item") or "-"
    _to(page, "#add-menu summary", key="Shift+Tab")
    page.keyboard.press("Enter")
    _enter(page, f"#add-menu button[value='add:{kind}']")
    expect(page.locator("#panel")).not_to_have_attribute("data-item", before)
    expect(page.locator("[id='f-text.nb']")).to_be_focused()


def _add_three(page: Page) -> tuple[str, str, str]:
    """A yes-or-no question, a text that is shown when it is answered yes, and a date; each in both languages."""
    added = []
    texts = {
        "boolean": ("Har dere snakket med verneombudet?", "Har de snakka med verneombodet?"),
        "text": ("Hva ble dere enige om der?", "Kva vart de samde om der?"),
        "date": ("Når møtes dere igjen?", "Når møtest de igjen?"),
    }
    for kind, (nb, nn) in texts.items():
        _add(page, kind)
        page.keyboard.press("Control+a")
        page.keyboard.type(nb)
        _write(page, "text.nn", nn)
        _saved(page)
        added.append(page.locator("#panel").get_attribute("data-item") or "")
        if kind == "text":
            _show_when_yes(page)
    return added[0], added[1], added[2]


def _show_when_yes(page: Page) -> None:
    """Built as a sentence: the question, and that it is answered yes."""
    fold = "details:has(#sentence-visible_if) > summary"
    _to(page, fold)
    page.keyboard.press("Enter")
    _to(page, "[id='s-visible_if-0-question']")
    page.keyboard.type("Har d", delay=40)
    expect(page.locator("[id='s-visible_if-0-operator']")).to_be_visible()
    expect(page.locator("#sentence-visible_if .sentence-words")).to_contain_text("verneomb")
    _saved(page)


def _look(page: Page) -> None:
    """As leader, as employee and as paper, with the real screens and the real PDF."""
    _leave(page, ".look-large", "/admin/skjema/vis/")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_be_visible()
    for way in ("employee", "phone"):
        _leave(page, f"main a[href*='as={way}']", f"as={way}")
        expect(frame.locator("h1")).to_be_visible()
    for way in ("blank", "filled"):
        _leave(page, f"main a[href*='as={way}']", f"as={way}")
        paper = page.request.get(page.locator("iframe").get_attribute("src") or "")
        assert paper.headers["content-type"] == "application/pdf"
        text = " ".join(pdf_text(paper.body()).split())
        assert ("verneombudet" in text) is not ("verneombodet" in text)
    steps.shot(page, "tilpass-papir")


@pytest.mark.parametrize(("username", "leader"), [("anne", "kari"), ("frida", "jon")])
def test_a_shipped_set_becomes_the_municipalitys_own(
    builders: World, open_page: Open, username: str, leader: str
) -> None:
    place = User.get(User.username == username).municipality
    actor = access.load_actor(User.get(User.username == leader).id)
    assert actor
    case = builders.per_case if leader == "kari" else builders.bjarte_case
    plan = plans.start_plan(actor, case.id)
    plans.save_answers(actor, plan.id, {"expectations": "Å bli hørt."}, {})
    row = plan_set(place)

    page = open_page(username)
    assert page.locator("html").get_attribute("lang") == place.language
    _leave(page, "nav.site-nav a[href='/admin/skjema/']", "/admin/skjema/$")
    _leave(page, f"main a[href*='/bygg/?id={row.id}']", "/admin/skjema/bygg/")
    _open_item(page, "how_now")
    _write(page, "text.nb", "Hvordan har du det i dag?")
    _write(page, "text.nn", "Korleis har du det i dag?")
    _saved(page)
    _open_item(page, "work_related")
    _write(page, "text.nb", "Henger fraværet sammen med jobben?")
    _saved(page)
    _open_item(page, "expectations")
    _enter(page, "#do-hide")
    expect(page.locator("[id='row-expectations']")).to_contain_text(re.compile("skjul|gøym", re.I))
    _open_item(page, "how_now")
    first, second, third = _add_three(page)
    assert _item(username, second).visible_if == {"==": [{"var": first}, True]}
    assert {first, second, third} <= set(_order(username, "situation"))
    expect(page.locator(".fault-none")).to_be_visible()
    steps.shot(page, f"tilpass-{place.language}-bygg")
    _look(page)

    page.go_back()
    page.goto(f"/admin/skjema/bygg/?id={row.id}")
    _leave(page, "#builder-bar a.btn-primary", "/admin/skjema/publiser/")
    expect(page.locator("main")).to_contain_text("Hvordan har du det i dag?" if place.language == "nb" else "i dag?")
    _axe(page)
    steps.shot(page, f"tilpass-{place.language}-publiser")
    _to(page, "#note")
    page.keyboard.type("Egne spørsmål")
    _to(page, "[name=drafts]")
    page.keyboard.press("ArrowDown")
    _leave(page, "main form button.btn-primary", "/admin/skjema/publiser/versions/")
    steps.shot(page, f"tilpass-{place.language}-versjoner")

    version = newest_version(row)
    assert version is not None
    assert (version.number, version.note, version.moves_drafts) == (2, "Egne spørsmål", True)
    content = content_of(version)
    assert content.find("expectations").hidden
    assert content.find("how_now").text["nn"] == "Korleis har du det i dag?"
    _as_the_leader_sees_it(open_page, plan, leader, place.language)
    assert QuestionSetVersion.select().where(QuestionSetVersion.question_set == row).count() == 2


def _as_the_leader_sees_it(open_page: Open, plan: Plan, leader: str, language: str) -> None:
    """The plan under way has come along: what is new is marked, and the answer to the hidden question is there."""
    page = open_page(leader)
    page.goto(f"/admin/planer/edit/?id={plan.id}&section=situation")
    expect(page.locator(".plan-section .tag-info:visible")).to_have_count(2)  # the third waits for a yes
    expect(page.locator("#earlier-answers + p + *")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Å bli hørt.")
    _axe(page)
    steps.shot(page, f"tilpass-{language}-leder")
