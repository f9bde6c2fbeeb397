"""Steps through the screens that several tests take. They find things by role in the page, not by language."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from playwright.sync_api import Page, expect

SHOTS = Path(__file__).parent / "shots"
SAVED = re.compile(r"\d\d\.\d\d")


def shot(page: Page, name: str) -> None:
    """Leave a picture of the whole page, for people."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def find_case(page: Page, name: str) -> None:
    """From any page: the list of cases, a search, the case."""
    page.click("nav.site-nav a[href='/admin/saker/']")
    page.fill("#list-search", name)
    page.press("#list-search", "Enter")
    page.wait_for_url("**search=**")
    page.click(".cell-main a")
    expect(page.locator("h1")).to_have_text(name)


def start_plan(page: Page) -> int:
    """From the case page; gives the plan's id."""
    page.locator("a[href*='/admin/planer/start/']").first.click()
    page.click("main form button[type=submit]")
    page.wait_for_url("**/admin/planer/edit/**")
    return int(re.search(r"id=(\d+)", page.url)[1])  # type: ignore[index]


def answer_all(page: Page, text: str, day: dt.date) -> int:
    """Answer every question of the section that can be seen, each date a day after the one before; gives how many."""
    section, touched = page.locator("[data-section]"), 0
    for control in section.locator("textarea:visible, input:visible").all():
        kind = control.get_attribute("type") or "text"
        if kind == "date":
            control.fill((day + dt.timedelta(days=touched)).isoformat())
        elif kind in ("text", "textarea"):
            control.fill(text)
        else:
            continue
        touched += 1
    for group in section.locator("fieldset:visible").all():
        choices = group.locator("input[type=radio]:visible, input[type=checkbox]:visible")
        if choices.count():
            choices.first.check()
            touched += 1
            for comment in group.locator(".option-comment:visible textarea, .option-comment:visible input").all():
                comment.fill(text)
    return touched


def expect_saved(page: Page) -> None:
    """Autosave has told that all is stored, and when."""
    state = page.locator("[data-save-state]:not(.saving):not(.failed)")
    expect(state).to_have_text(SAVED)


def go_on(page: Page) -> bool:
    """Press the section's main button; False when that led to the review."""
    with page.expect_navigation():
        page.click(".save-bar .btn-primary")
    return "/planer/edit/" in page.url


def finish(page: Page) -> None:
    """From the review to the finished plan."""
    expect(page.locator(".error-summary")).to_have_count(0)
    page.click("form[action$='/finish/'] button")
    page.wait_for_url("**/planer/details/**")


def sign_all(page: Page, day: dt.date, scan: Path | None = None) -> int:
    """Register every party that is left; gives how many."""
    parties = page.locator(".columns .rows .tag-soon").count()
    for number in range(1, parties + 1):
        page.click(".next-step a[href*='/planer/sign/']")
        page.fill("[name=name]", f"Underskriver {number}")
        page.fill("[name=signed_on]", day.isoformat())
        page.fill("[name=place]", "Dokka")
        if scan is not None:
            page.set_input_files("[name=scan]", scan)
        page.click("main form button[type=submit]")
        page.wait_for_url("**/planer/details/**")
    return parties
