"""The start page by role, and the figures of HR, as people read them."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from flask import Flask

from models import AuditEvent, Case, Milestone, Unit, UserRole
from services.milestones import refresh
from tests.front import Browser, said, shown
from tests.world import World, make_case, make_employee, make_leader

DAY = dt.timedelta(days=1)
MONDAY = dt.datetime(2026, 11, 16, 8, 0, tzinfo=dt.UTC)
SVG = "{http://www.w3.org/2000/svg}"
_NUMBERS = itertools.count(1)


@pytest.fixture
def monday(app: Flask, library: World) -> Iterator[World]:
    """The world on a Monday morning, with nothing that waits."""
    with time_machine.travel(MONDAY, tick=False):
        library.today = MONDAY.date()
        yield library


def _wait(case: Case, days: int, code: str = "plan", **columns: Any) -> Milestone:
    """A milestone of the case that is due in `days`."""
    due = MONDAY.date() + days * DAY
    row: Milestone = Milestone.create(municipality=case.municipality_id, case=case, code=code, due=due, **columns)
    return row


def _case(unit: Unit, name: str = "", first_day: dt.date | None = None) -> Case:
    number = next(_NUMBERS)
    employee = make_employee(unit, name or f"Ansatt {number}", dt.date(1950, 1, 1) + number * DAY)
    return make_case(employee, first_day or MONDAY.date() - 60 * DAY)


def _start(app: Flask, username: str) -> Any:
    answer = Browser(app.test_client(), username).get("/admin/")
    assert answer.status_code == 200, said(answer)
    return answer


def _sections(page: Any) -> dict[str, str]:
    """What stands in each part of the tasks, by its heading."""
    parts = re.findall(r'<section class="sheet sheet-table tasks".*?</section>', page.text, re.S)
    found = {}
    for part in parts:
        heading = re.search(r"<h2[^>]*>([^<]+)</h2>", part)
        assert heading
        found[heading[1]] = " ".join(re.sub(r"<[^>]+>", " ", part).split())
    return found


# ---------------------------------------------------------------- a leader on a Monday


@pytest.mark.parametrize(("days", "section", "words"), [
    (-3, "Over fristen", "3 dager over"),
    (-1, "Over fristen", "1 dag over"),
    (0, "Denne uken", "i dag"),
    (1, "Denne uken", "i morgen"),
    (6, "Denne uken", "om 6 dager"),
    (7, "Neste uke", "om 7 dager"),
    (13, "Neste uke", "29. november"),
])  # fmt: skip
def test_when_it_is_due(app: Flask, monday: World, days: int, section: str, words: str) -> None:
    _wait(monday.per_case, days)
    found = _sections(_start(app, "kari"))
    assert list(found) == [section]
    assert "Per Ås" in found[section]
    assert words in found[section]


def test_what_is_due_after_next_week_waits(app: Flask, monday: World) -> None:
    _wait(monday.per_case, 14)
    page = _start(app, "kari")
    assert _sections(page) == {}
    assert "Ingenting haster nå" in said(page)
    assert "Mine saker" in said(page)
    assert "Per Ås" in said(page)


def test_one_click_leads_to_what_is_to_be_done(app: Flask, monday: World) -> None:
    _wait(monday.per_case, 2, "contact")
    _wait(monday.per_case, 3, "plan")
    page = _start(app, "kari")
    assert f'href="/admin/kontaktlogg/new/?case={monday.per_case.id}"' in page.text
    assert f'href="/admin/planer/start/?case={monday.per_case.id}"' in page.text
    assert page.text.count("btn-primary") - page.text.count('name="language"') <= 2
    assert "uke" in _sections(page)["Denne uken"]


def test_a_tick_is_one_click_and_comes_back_here(app: Flask, monday: World) -> None:
    """A milestone that is only ticked off is a form on the page; the page is shown again without it."""
    row = _wait(monday.per_case, 2, "own_milestone")
    kari = Browser(app.test_client(), "kari")
    page = shown(kari.get("/admin/"))
    found = next(f for f in re.finditer(r'<form method="post" action="([^"]+)">(.*?)</form>', page, re.S)
                 if "milepeler" in f[1])  # fmt: skip
    assert 'name="back" value="/admin/"' in found[2]
    answer = kari.post(found[1], {"back": "/admin/"})
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert Milestone.get_by_id(row.id).state == "done"


def test_the_tasks_of_an_employee_stand_together(app: Flask, monday: World) -> None:
    for days, code in ((-5, "contact"), (1, "plan"), (2, "dialogue_1"), (3, "sign"), (9, "evaluate")):
        _wait(monday.per_case, days, code)
    found = _sections(_start(app, "kari"))
    assert list(found) == ["Over fristen"]
    assert found["Over fristen"].count("Per Ås") == 5  # the name, three buttons and the link to the rest
    assert "+ 2 til" in found["Over fristen"]


@pytest.mark.parametrize("who", ["nav", "employee", "certifier", "hr"])
def test_what_others_do_is_not_the_leaders_task(app: Flask, monday: World, who: str) -> None:
    _wait(monday.per_case, -3, who=who)
    assert _sections(_start(app, "kari")) == {}


@pytest.mark.parametrize(("state", "again", "there"), [
    ("done", None, False), ("not_relevant", None, False), ("ended", None, False), ("exempt", 5, False),
    ("exempt", 0, True),
])  # fmt: skip
def test_only_what_waits(app: Flask, monday: World, state: str, again: int | None, there: bool) -> None:
    again_on = None if again is None else monday.today + again * DAY
    _wait(monday.per_case, -30, state=state, again_on=again_on)
    found = _sections(_start(app, "kari"))
    assert (list(found) == ["Denne uken"]) is there  # an exemption that ran out is due the day it is asked again


def test_only_ones_own(app: Flask, monday: World) -> None:
    for case in (monday.per_case, monday.lise_case, monday.bjarte_case):
        _wait(case, -3)
    assert "Lise" not in said(_start(app, "kari"))
    page = said(_start(app, "ola"))
    assert "Lise Øverli-Çelik" in page
    assert "Per Ås" not in page
    Milestone.update(due=monday.today).execute()
    Case.update(status="closed").where(Case.id == monday.lise_case.id).execute()
    assert _sections(_start(app, "ola")) == {}


def test_a_hundred_tasks_and_a_link_to_the_rest(app: Flask, monday: World) -> None:
    for number in range(34):
        case = _case(monday.home_care)
        make_leader(monday.kari, case.employee, monday.today - 99 * DAY)
        for code in ("contact", "plan", "dialogue_1"):
            _wait(case, number % 7 - 3, code)
    page = _start(app, "kari")
    assert page.text.count('class="task-step"') == 100
    assert "Du ser det som har frist først." in said(page)
    assert "/admin/saker/?due=late" in page.text


def test_my_cases(app: Flask, monday: World) -> None:
    refresh(monday.per_case)
    calm = _case(monday.home_care, "Rolig Rolf", monday.today)
    make_leader(monday.kari, calm.employee, monday.today - 99 * DAY)
    Case.update(next_step="evaluate", next_due=monday.today + 40 * DAY).where(Case.id == calm.id).execute()
    mine = re.search(r"Mine saker.*", said(_start(app, "kari")))
    assert mine
    assert "Alle saker (2)" in mine[0]
    assert "Rolig Rolf uke 1 · 100 % · Evaluer planen sammen, 26. desember" in mine[0]
    assert "Per Ås" not in mine[0]  # stands above, with what is due


def test_no_figures_for_a_leader(app: Flask, monday: World) -> None:
    page = _start(app, "kari")
    assert "/admin/tall/" not in page.text
    assert not AuditEvent.select().where(AuditEvent.tag == "figures:read").exists()
    kari = Browser(app.test_client(), "kari")
    assert kari.get("/admin/tall/").status_code == 403


# ---------------------------------------------------------------- HR


def test_hr_sees_the_municipality(app: Flask, monday: World) -> None:
    for number in range(6):
        _wait(_case(monday.home_care), -number - 1)
    late = _case(monday.school, "Sen Sverre")
    make_leader(monday.ola, late.employee, monday.today - 99 * DAY)
    _wait(late, -40, "dialogue_1")
    page = _start(app, "siri")
    text = said(page)
    assert _sections(page) == {}
    assert "Hele kommunen" in text
    assert "Oppgaver over fristen 7" in text
    assert "Lengst over fristen" in text
    assert "Sen Sverre" in text
    assert "Leder: Ola Leder" in text
    assert "Har ingen leder" in text
    assert "Mine saker" not in text
    assert text.index("Sen Sverre") < text.index("6 dager over")
    assert "/admin/saker/?due=late" in page.text
    tags = {event.tag for event in AuditEvent.select().where(AuditEvent.subject == "start")}
    assert tags == {"list:read", "figures:read"}


def test_hr_does_what_hr_shall(app: Flask, monday: World) -> None:
    _wait(monday.per_case, 1, who="hr")
    _wait(monday.lise_case, 1)
    found = _sections(_start(app, "siri"))
    assert "Per Ås" in found["Denne uken"]
    assert "Hjemmetjenesten" in found["Denne uken"]
    assert "Lise" not in found["Denne uken"]


def test_hr_of_a_unit(app: Flask, monday: World) -> None:
    UserRole.update(unit=monday.school).where(UserRole.user == monday.siri).execute()
    for case in (monday.per_case, monday.lise_case):
        _wait(case, -3)
    text = said(_start(app, "siri"))
    assert "Dine enheter" in text
    assert "Lise" in text
    assert "Per Ås" not in text


def test_a_leader_who_is_hr_too_has_both(app: Flask, monday: World) -> None:
    UserRole.create(municipality=monday.storvik, user=monday.kari, role="hr")
    _wait(monday.per_case, 1)
    _wait(monday.lise_case, 1)  # is led by Ola
    _wait(monday.lise_case, 2, "sign", who="hr")
    page = _start(app, "kari")
    found = _sections(page)["Denne uken"]
    assert "Per Ås" in found
    assert "Lise" in found
    assert page.text.count('class="task-step"') == 2
    assert "Hele kommunen" in said(page)
    assert "Alle saker (1)" in said(page)


def test_another_municipality_is_not_there(app: Flask, monday: World) -> None:
    for case in (monday.bjarte_case, monday.per_case):
        _wait(case, -3)
        _wait(case, 1, "sign", who="hr")
    text = said(_start(app, "tone"))
    assert "Bjarte" in text
    assert "Per Ås" not in text


@pytest.mark.parametrize(("username", "location"), [
    ("anne", "/admin/brukere/"), ("aud", "/admin/logg/"), ("per", "/admin/saker/details/?id="),
])  # fmt: skip
def test_others_go_to_the_page_they_use(app: Flask, monday: World, username: str, location: str) -> None:
    answer = Browser(app.test_client(), username).get("/admin/")
    assert answer.status_code == 303
    assert answer.location.startswith(location)


# ---------------------------------------------------------------- figures


def _months(world: World) -> None:
    """Six cases in each of two months, half of them with a plan in time; and three in a third."""
    for first, count in (("2026-03-02", 6), ("2026-05-04", 6), ("2026-07-06", 3)):
        for number in range(count):
            case = _case(world.home_care, first_day=dt.date.fromisoformat(first))
            Case.update(
                plan_limit=case.first_day + 28 * DAY, plan_in_time=number % 2 == 0,
                dialogue_limit=case.first_day + 49 * DAY, dialogue_in_time=True,
            ).where(Case.id == case.id).execute()  # fmt: skip


def test_figures_as_text(app: Flask, monday: World) -> None:
    _months(monday)
    page = Browser(app.test_client(), "siri").get("/admin/tall/")
    text = said(page)
    assert "mars 2026 50 % 100 %" in text
    assert "juli 2026 for få saker for få saker" in text
    assert "Skole færre enn 5" in text
    assert "Tall under 5 vises ikke." in text
    for cell in re.findall(r'class="cell-number"[^>]*>(?:<a[^>]*>)?([^<]+)', page.text):
        assert not re.fullmatch(r"[0-4]", cell.strip()), cell


def test_the_chart_has_its_words(app: Flask, monday: World) -> None:
    _months(monday)
    page = Browser(app.test_client(), "siri").get("/admin/tall/")
    drawings = re.findall(r'<svg class="trend .*?</svg>', page.text, re.S)
    assert len(drawings) == 2  # wide and narrow, one of them shown
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        assert root.get("role") == "img"
        named = {child.get("id"): (child.text or "") for child in root if child.tag in ("title", "desc")}
        assert root.get("aria-labelledby", "").split() == list(named)
        title, description = named.values()
        assert title == "Andel i tide, etter måneden fraværet begynte"
        assert "Plan innen fire uker: fra 50 % i mars 2026 til 50 % i mai 2026." in description
        circles, squares = root.findall(".//circle"), root.findall(".//rect")
        assert (len(circles), len(squares)) == (2, 2)  # July has too few
        assert root.findall(".//polyline") == []  # no line over the months without a number
        assert "style" not in root.attrib
    assert "<summary>Vis tallene</summary>" in page.text
    assert page.text.count('<th scope="row">') >= 12


def test_an_empty_municipality(app: Flask, monday: World) -> None:
    Case.update(municipality=monday.fjell, unit=monday.health).execute()
    siri = Browser(app.test_client(), "siri")
    assert "Ingen saker ennå" in said(siri.get("/admin/tall/"))
    assert "Ingen er over fristen." in said(siri.get("/admin/"))


def test_reading_figures_is_noted(app: Flask, monday: World) -> None:
    siri = Browser(app.test_client(), "siri")
    assert siri.get("/admin/tall/").status_code == 200
    event = AuditEvent.get(AuditEvent.tag == "figures:read")
    assert (event.actor_id, event.subject) == (monday.siri.id, "figures")
