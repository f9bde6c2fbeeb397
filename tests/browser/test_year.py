"""The follow-up year of one case in a real browser: first day, talk, dialogue meeting with letters, held, minutes."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from models import Case, DialogueMeeting, Dispatch, Document, Employee, LeaderRelation, Milestone, Plan, Unit, User
from services import clock
from tests.browser import steps
from tests.browser.conftest import Open
from tests.world import World, make_employee

pytestmark = pytest.mark.browser

AWAY = dt.timedelta(days=45)


def _new_employee(unit: Unit, leader: User, name: str) -> Employee:
    employee = make_employee(unit, name, dt.date(1988, 5, 17))
    LeaderRelation.create(
        municipality=unit.municipality, leader=leader, employee=employee, from_date=clock.today() - dt.timedelta(days=400)
    )  # fmt: skip
    return employee


def _id_in(page: Page) -> int:
    return int(re.search(r"[?&](?:id|case)=(\d+)", page.url)[1])  # type: ignore[index]


def _open_case(page: Page, name: str, first_day: dt.date) -> int:
    """From the start page, as a leader does on the first day: a new case for one of the employees."""
    page.click(".page-actions a[href*='choose=1']")
    page.locator("tr", has_text=name).locator("a[href*='/saker/new/']").first.click()
    page.fill("[name=first_day]", first_day.isoformat())
    page.fill("[name=grade]", "100")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/saker/details/**")
    return _id_in(page)


def _log_contact(page: Page) -> None:
    page.click(".next-step a[href*='/kontaktlogg/new/']")
    page.locator("textarea").first.fill("Ringte for å høre hvordan det går.")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/saker/details/**")


def _plan_meeting(page: Page, day: dt.date) -> int:
    """From the case's course, with one click; the employee wants the certifier there."""
    page.locator(".timeline a[href*='/moter/new/']").first.click()
    page.fill("[name=day]", day.isoformat())
    page.fill("[name=time]", "10:00")
    page.fill("[name=place]", "Møterom 2")
    page.check("[name=agreed][value=yes]")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/moter/?id=**")
    return _id_in(page)


def _send(page: Page, key: str, how: str, day: dt.date) -> None:
    """Write one of the invitations from the meeting's page, and record that it was sent."""
    page.locator(f".rows a[href*='key={key}']").click()
    expect(page.locator("#missing")).to_have_count(0)  # all that the letter needs is known
    steps.shot(page, f"ar-brev-{key}")
    page.check(f"[name=how][value={how}]")
    page.fill("[name=sent_on]", day.isoformat())
    page.click("button[name=do][value=send]")
    page.wait_for_url("**/moter/?id=**")


def _answer(page: Page, answer: str) -> None:
    page.locator(".rows a[href*='/moter/answer/']").first.click()
    page.check(f"[name=answer][value={answer}]")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/moter/?id=**")


def _minutes(page: Page) -> int:
    """From the meeting that was held to signed minutes."""
    page.click(".next-step .btn-primary")
    if "/planer/start/" in page.url:
        page.click("main form button[type=submit]")
    page.wait_for_url("**/planer/edit/**")
    plan_id = _id_in(page)
    for _part in range(5):
        for area in page.locator("[data-section] textarea:visible").all():
            area.fill("Vi prøver halve dager fra mandag.")
        if page.locator("[data-section] textarea:visible").count():
            steps.expect_saved(page)
        if not steps.go_on(page):
            break
    steps.shot(page, "ar-referat-se-over")
    steps.finish(page)
    return plan_id


@pytest.mark.parametrize(("username", "unit", "name"), [("kari", "home_care", "Nora Ny"), ("jon", "health", "Åse Ny")])
def test_from_first_day_to_minutes(library: World, open_page: Open, username: str, unit: str, name: str) -> None:
    _new_employee(getattr(library, unit), getattr(library, username), name)
    first, held = clock.today() - AWAY, clock.today() - dt.timedelta(days=1)
    page = open_page(username)
    case_id = _open_case(page, name, first)
    steps.shot(page, "ar-1-ny-sak")
    _log_contact(page)
    meeting_id = _plan_meeting(page, held)
    _send(page, "innkalling-dialogmote-ansatt", "digital_post", held - dt.timedelta(days=9))
    _send(page, "innkalling-dialogmote-lege", "post", held - dt.timedelta(days=9))
    _answer(page, "comes")
    steps.shot(page, "ar-2-mote")
    page.click(".next-step .btn-primary")
    page.click("form:has([name=outcome][value=held]) button[type=submit]")
    page.wait_for_url("**/moter/?id=**")
    plan_id = _minutes(page)
    page.goto(f"/admin/saker/details/?id={case_id}")
    steps.shot(page, "ar-3-sak")
    _all_is_there(page, case_id, meeting_id, plan_id, held)


def _all_is_there(page: Page, case_id: int, meeting_id: int, plan_id: int, held: dt.date) -> None:
    assert DialogueMeeting.get_by_id(meeting_id).status == "held"
    done = Milestone.get(Milestone.case == case_id, Milestone.code == "dialogue_1")
    assert (done.state, done.done_on) == ("done", held)
    assert [row.how for row in Dispatch.select().order_by(Dispatch.id)] == ["digital_post", "post"]
    assert Document.select().where(Document.case == case_id, Document.kind == "letter").count() == 2
    assert Plan.get_by_id(plan_id).status == "finished"
    assert Case.get_by_id(case_id).plan_status == "none"  # minutes are no plan
    for where in (f"/moter/?id={meeting_id}", f"/planer/details/?id={plan_id}", "/planer/document/?id="):
        assert page.locator(f"main a[href*='{where}']").count(), where
    letter = page.locator("main a[href*='/planer/document/?id=']").first.get_attribute("href") or ""
    assert page.request.get(letter).body().startswith(b"%PDF")


def test_what_is_due_is_done_from_the_start_page(library: World, open_page: Open) -> None:
    employee = _new_employee(library.home_care, library.kari, "Nora Ny")
    page = open_page("kari")
    _open_case(page, employee.name, clock.today() - dt.timedelta(days=8))
    page.goto("/admin/")
    row = page.locator("tr, li", has_text=employee.name).first
    row.locator("a[href*='/kontaktlogg/new/']").click()
    page.locator("textarea").first.fill("Ringte.")
    page.click("main form button[type=submit]")
    page.goto("/admin/")
    expect(page.locator("main")).not_to_contain_text("1 dag over")
