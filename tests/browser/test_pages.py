"""Every page of every role: no fault that axe knows, no sideways scrolling on a small phone, no name in the title."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from forms import answers as rules
from models import Plan
from services import access, cases, clock, followup, people, plans
from tests.browser.conftest import Open
from tests.world import World

pytestmark = pytest.mark.browser

AXE = Axe()
NOT_PAGES = re.compile(
    r"/(pdf|export|document|blank|paper|action|logout)/|/(fonts|static)/|^/login|/milepeler/checklist/"
)
MOST = 45  # pages per role: one of each kind


@pytest.fixture
def full(library: World) -> World:
    """The library's world with something of everything in it."""
    kari, siri = access.load_actor(library.kari.id), access.load_actor(library.siri.id)
    assert kari
    assert siri
    case = library.per_case.id
    followup.add_measure(kari, case, {
        "what": "Kontorarbeid", "kind": "tasks", "responsible": "Leder", "deadline": library.today, "status": "agreed",
    })  # fmt: skip
    followup.log_contact(kari, case, {"at": dt.datetime.now(dt.UTC) - dt.timedelta(hours=1), "kind": "phone", "participants": "Per",
                                      "text": "Snakket om oppgavene.", "result": "Ny prat."})  # fmt: skip
    finished = plans.start_plan(kari, case)
    _answer(kari, finished)
    plans.finish_plan(kari, finished.id)
    plans.start_plan(kari, case)
    plans.start_plan(siri, library.lise_case.id)
    gone = people.create_employee(siri, {
        "name": "Ferdig Fredriksen", "unit": library.home_care.id, "position": "Kokk", "position_percent": 100,
        "leader": library.kari.id, "leader_from": library.today,
    })  # fmt: skip
    closed = cases.open_case(siri, gone.id, {"kind": "preventive", "first_day": library.today})
    cases.close_case(siri, closed.id, closed.revision)
    return library


def _answer(actor: access.Actor, plan: Plan) -> None:
    """What must be answered, so that the plan can be finished; each date later than the one before."""
    opened = plans.open_plan(actor, plan.id)
    for _round in range(2):  # an answer may open another question
        asked = rules.missing(opened.definition, opened.answers, opened.context.variables)
        values = {m.item_id: _value(opened, m.item_id, 14 + place) for place, m in enumerate(asked)}
        plans.save_answers(actor, plan.id, values, {})
        opened = plans.open_plan(actor, plan.id)


def _value(opened: plans.OpenPlan, question: str, days: int) -> object:
    item = opened.definition.find(question)
    assert item is not None
    match item.type:
        case "date":
            return (clock.today() + dt.timedelta(days=days)).isoformat()
        case "boolean":
            return True
        case "choice":
            return {"code": item.options[0].code, "comments": {}}
        case "multichoice":
            return {"codes": [item.options[0].code], "comments": {}}
    return "Går bra"


def _kind(url: str) -> tuple[str, ...]:
    """What makes two addresses the same page to look at: rows differ, sections of a form do not."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    return (parts.path, asked.get("section", ""), str(asked.get("choose", "")), str("corrects" in asked))


def _crawl(page: Page, first: str) -> list[str]:
    """Each kind of page that links lead to, the first of its kind."""
    waiting, found = [first], {}
    while waiting and len(found) < MOST:
        url = waiting.pop(0)
        if _kind(url) in found:
            continue
        answer = page.goto(url)
        assert answer is not None
        assert answer.status < 400, f"{url} answered {answer.status}"
        found[_kind(url)] = url
        _look(page, url)
        for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))"):
            target = urljoin(url, link)
            path = target if target.startswith("/") else ""
            if path and not NOT_PAGES.search(path):
                waiting.append(path.partition("#")[0])
    return list(found.values())


def _look(page: Page, url: str) -> None:
    faults = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in AXE.run(page).response["violations"]]
    assert not faults, f"{url}: {faults}"
    page.set_viewport_size({"width": 320, "height": 640})
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320, f"{url} is {width} wide on a screen of 320"
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator("h1").count() == 1, url


@pytest.mark.parametrize(
    ("username", "least"), [("kari", 25), ("siri", 25), ("anne", 12), ("aud", 1), ("per", 2), ("jon", 12)]
)
def test_every_page_of_a_role(full: World, open_page: Open, username: str, least: int) -> None:
    page = open_page(username)
    titles: list[str] = []
    page.on("load", lambda loaded: titles.append(loaded.title()))
    seen = _crawl(page, "/admin/")
    page.goto("/konto/passord")
    _look(page, "/konto/passord")
    assert len(seen) >= least, seen
    names = ("Per Ås", "Lise", "Bjarte", "Fredriksen")
    assert not [title for title in titles if any(name in title for name in names)]


def test_pages_for_those_who_are_not_logged_in_and_errors(full: World, open_page: Open) -> None:
    page = open_page()
    for url in ("/login", "/login?next=/admin/saker/"):
        page.goto(url)
        _look(page, url)
    page.click("main form button[type=submit]")
    _look(page, "login with errors")
    kari = open_page("kari")
    for url in ("/admin/finnes-ikke/", "/admin/brukere/", "/admin/saker/details/?id=99999"):
        kari.goto(url)
        _look(kari, url)


@pytest.mark.parametrize("path", ["tiltak/new", "kontaktlogg/new", "perioder/new"])
def test_a_form_with_errors(full: World, open_page: Open, path: str) -> None:
    page = open_page("kari")
    page.goto(f"/admin/{path}/?case={full.per_case.id}")
    for control in page.locator("main .form-control:visible").all():
        control.fill("")
    page.click("main form.sheet button[type=submit]")
    summary = page.locator(".error-summary")
    assert page.evaluate("document.activeElement.matches('.error-summary')")
    summary.locator("a").first.click()
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    _look(page, path)


def test_the_narrow_menu_opens_and_closes_by_keyboard(full: World, open_page: Open) -> None:
    page = open_page("kari", width=390, height=800)
    menu = page.locator("details.nav-menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.locator("nav a").first.is_visible()
    _axe_here(page)
    page.keyboard.press("Escape")
    assert not menu.locator("nav a").first.is_visible()


def _axe_here(page: Page) -> None:
    assert not [v["id"] for v in AXE.run(page).response["violations"]]


def test_text_twice_as_large_needs_no_sideways_scrolling(full: World, open_page: Open, browser: Browser) -> None:
    page = open_page("kari", width=640, height=800)
    for url in ("/admin/", "/admin/saker/", f"/admin/saker/details/?id={full.per_case.id}"):
        page.goto(url)
        page.evaluate("document.documentElement.style.fontSize = '212.5%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, url
