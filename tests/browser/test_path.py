"""The whole path of a leader in a real browser: log in, find the case, fill in the plan, finish, print, sign."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

import models
from models import Answer, LoginSession, Plan
from services import access, clock, plans
from tests.browser import steps
from tests.browser.conftest import Open
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser

LONG = "Kan sitte inntil to timer om gangen. " * 40


def _later() -> dt.date:
    return clock.today() + dt.timedelta(days=14)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "signert.png"
    Image.new("L", (60, 80), 250).save(path)
    return path


@pytest.mark.parametrize(
    ("username", "employee", "language"), [("kari", "Per Ås", "nb"), ("jon", "Bjarte Čáhppe", "nn")]
)
def test_from_login_to_signed_paper(
    library: World, open_page: Open, scan: Path, username: str, employee: str, language: str
) -> None:
    page = open_page(username)
    assert page.locator("html").get_attribute("lang") == language
    steps.shot(page, f"{language}-1-oversikt")
    steps.find_case(page, employee)
    steps.shot(page, f"{language}-2-sak")
    plan_id = steps.start_plan(page)
    for number in range(1, 10):
        if steps.answer_all(page, "Går bra med pauser", _later() + dt.timedelta(days=10 * number)):
            steps.expect_saved(page)
        steps.shot(page, f"{language}-3-del-{number}")
        if not steps.go_on(page):
            break
    steps.shot(page, f"{language}-4-se-over")
    steps.finish(page)
    steps.shot(page, f"{language}-5-ferdig")
    paper = page.request.get(page.locator(".page-actions a[href*='/planer/pdf/']").get_attribute("href") or "")
    assert paper.ok
    assert paper.body().startswith(b"%PDF")
    assert steps.sign_all(page, clock.today(), scan) >= 2
    expect(page.locator("h1 + .tag-done")).to_be_visible()
    steps.shot(page, f"{language}-6-signert")
    assert Plan.get_by_id(plan_id).status == "signed"


def test_a_section_is_saved_without_scripts(library: World, open_page: Open) -> None:
    page = open_page("kari", scripts=False)
    page.goto(f"/admin/planer/start/?case={library.per_case.id}")
    page.click("main form button[type=submit]")
    page.click(".save-bar .btn-primary")
    page.locator("textarea").first.fill("Skrevet uten skript")
    page.click(".save-bar button[value=stay]")
    assert page.locator("textarea").first.input_value() == "Skrevet uten skript"
    expect(page.locator("[data-save-state]")).to_have_text(steps.SAVED)
    assert Answer.select().count() == 1


def _draft(world: World) -> Plan:
    return plans.start_plan(_actor(world), world.per_case.id)


def _actor(world: World) -> access.Actor:
    actor = access.load_actor(world.kari.id)
    assert actor is not None
    return actor


def _text_section(page: Page, plan: Plan) -> None:
    """Open the first section of the plan that asks for text."""
    page.goto(f"/admin/planer/edit/?id={plan.id}")
    for _part in range(10):
        if page.locator("textarea").count():
            return
        steps.go_on(page)


def test_two_who_change_the_same_answer_see_both_texts(library: World, open_page: Open) -> None:
    plan = _draft(library)
    kari, siri = open_page("kari"), open_page("siri")
    for page in (kari, siri):
        _text_section(page, plan)
    kari.locator("textarea").first.fill("Kari skrev dette")
    steps.expect_saved(kari)
    siri.locator("textarea").first.fill("Siri skrev noe annet")
    expect(siri.locator("[data-save-state].failed")).to_be_visible()
    siri.click(".save-bar button[value=stay]")
    sides = siri.locator(".compare-side")
    expect(sides).to_contain_text(["Siri skrev noe annet", "Kari skrev dette"])
    assert siri.locator("textarea").first.input_value() == "Siri skrev noe annet"
    steps.shot(siri, "to-samtidig")
    siri.locator("textarea").first.fill("Begge deler")
    with siri.expect_navigation():
        siri.click(".save-bar button[value=stay]")
    expect(sides).to_have_count(0)
    assert plans.open_plan(_actor(library), plan.id).answers.popitem()[1] == "Begge deler"


def test_text_survives_being_logged_out_while_writing(library: World, open_page: Open) -> None:
    plan = _draft(library)
    page = open_page("kari")
    _text_section(page, plan)
    with models.db.connection_context() if models.db.is_closed() else models.db.atomic():
        LoginSession.update(last_seen_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)).execute()
    page.locator("textarea").first.fill(LONG)
    expect(page.locator("[data-save-state].failed")).to_be_visible()
    page.click(".save-bar button[value=stay]")
    page.wait_for_url("**/login**")
    steps.shot(page, "logget-ut")
    page.fill("[name=username]", "kari")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/planer/edit/**")
    assert page.locator("textarea").first.input_value() == LONG
    assert not Answer.select().exists()
    with page.expect_navigation():
        page.click(".save-bar button[value=stay]")
    assert plans.open_plan(_actor(library), plan.id).answers.popitem()[1].strip() == LONG.strip()


# --- with the keyboard alone -----------------------------------------------------------------------------------------


def _tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the control has the focus; each stop on the way must be visible as such."""
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """selector => { const at = document.activeElement, style = getComputedStyle(at);
            return [at.matches(selector), at.outerHTML.slice(0, 120),
                    at === document.body || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)] }""",
            selector,
        )
        assert stop[2], f"no visible focus on {stop[1]}"
        if stop[0]:
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def _enter(page: Page, selector: str) -> None:
    _tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _type_day(page: Page, selector: str, day: dt.date) -> None:
    """Type a date the way this browser's locale wants it."""
    read = f"document.querySelector({selector!r}).value"
    page.keyboard.type("01022020")
    month_first = page.evaluate(read) == "2020-01-02"
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type(f"{day:%m%d%Y}" if month_first else f"{day:%d%m%Y}")
    assert page.evaluate(read) == day.isoformat()


def _answer_by_keyboard(page: Page, day: dt.date) -> None:
    """Everything that must be answered in this section, in order, with the keyboard."""
    for control in page.evaluate(
        """() => [...document.querySelectorAll('[data-section] .question:not([hidden])')]
            .filter(q => q.querySelector('.required-word:not([hidden])'))
            .map(q => q.querySelector('textarea, input:not([type=hidden])')).filter(c => c && c.offsetParent)
            .map(c => [c.id, c.type])"""
    ):
        name, kind = control
        _tab_to(page, f"[id='{name}']")
        if kind == "date":
            _type_day(page, f"[id='{name}']", day)
        elif kind in ("radio", "checkbox"):
            page.keyboard.press("Space")
        else:
            page.keyboard.type("Går bra")


def test_the_path_with_the_keyboard_alone(library: World, open_page: Open) -> None:
    page = open_page()
    page.goto("/login")
    _tab_to(page, "[name=username]")
    page.keyboard.type("kari")
    _tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url("**/admin/**")
    _enter(page, "nav.site-nav a[href='/admin/saker/']")
    _enter(page, ".cell-main a")
    _enter(page, "a[href*='/planer/start/']")
    _enter(page, "main form button[type=submit]")
    for part in range(10):
        if "/planer/edit/" not in page.url:
            break
        _answer_by_keyboard(page, _later() + dt.timedelta(days=part))
        _enter(page, ".save-bar .btn-primary")
    assert "/planer/review/" in page.url
    _enter(page, "form[action$='/finish/'] button")
    assert "/planer/details/" in page.url
    for _party in range(page.locator(".columns .rows .tag-soon").count()):
        _enter(page, ".next-step a[href*='/planer/sign/']")
        _tab_to(page, "[name=name]")
        page.keyboard.press("Control+a")
        page.keyboard.type("Ola Normann")
        _tab_to(page, "[name=signed_on]")
        _type_day(page, "[name=signed_on]", clock.today())
        _tab_to(page, "[name=place]")
        page.keyboard.type("Dokka")
        _enter(page, "main form button[type=submit]")
        assert re.search(r"/planer/details/", page.url)
    expect(page.locator("h1 + .tag-done")).to_be_visible()
