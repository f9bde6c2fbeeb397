"""One's own page, and the calendar as a calendar program reads it."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models import AuditEvent, CalendarFeed, FollowUpSettings, Milestone, User
from services.integrations import mail
from tests.front import Browser, said
from tests.mailbox import SENDER
from tests.world import World

ADDRESS = re.compile(r"<code>(http://localhost/kalender/[\w-]+\.ics)</code>")


def address_on(text: str) -> str:
    found = ADDRESS.search(html.unescape(text))
    assert found
    return found[1].removeprefix("http://localhost")


def test_turning_reminders_off_and_on(client: FlaskClient, world: World) -> None:
    kari = Browser(client, "kari")
    assert "Slå av påminnelser" in said(kari.get("/admin/konto/"))
    assert kari.post("/admin/konto/reminders/", {"wanted": "no"}).status_code == 303
    page = said(kari.get("/admin/konto/"))
    assert "Du får ikke flere påminnelser på e-post." in page
    assert "Slå på påminnelser" in page
    assert User.get_by_id(world.kari.id).reminders is False
    kari.post("/admin/konto/reminders/", {"wanted": "no"})
    kari.post("/admin/konto/reminders/", {"wanted": "yes"})
    assert User.get_by_id(world.kari.id).reminders is True
    tags = [
        row.tag for row in AuditEvent.select().where(AuditEvent.tag.startswith("reminder:")).order_by(AuditEvent.id)
    ]
    assert tags == ["reminder:muted", "reminder:unmuted"]


def test_it_says_what_will_really_be_sent(client: FlaskClient, world: World) -> None:
    kari = Browser(client, "kari")
    assert "Kommunen sender ikke påminnelser nå." in said(kari.get("/admin/konto/"))
    FollowUpSettings.create(municipality=world.storvik, remind=True)
    assert "Kommunen sender ikke påminnelser nå." in said(kari.get("/admin/konto/"))
    mail.use(mail.Server("127.0.0.1", 25, "none", SENDER))
    try:
        assert "når noe venter, til kari@example.test" in said(kari.get("/admin/konto/"))
        User.update(email="").where(User.id == world.kari.id).execute()
        assert "Du har ingen e-postadresse i Attende." in said(kari.get("/admin/konto/"))
    finally:
        mail.use(None)


@pytest.mark.parametrize("username", ["per", "anne", "aud"])
def test_who_has_no_tasks_sees_only_the_password(client: FlaskClient, world: World, username: str) -> None:
    browser = Browser(client, username)
    page = said(browser.get("/admin/konto/"))
    assert "Bytt passord" in page
    assert "påminnelse" not in page.lower()
    assert browser.post("/admin/konto/calendar/").status_code == 404
    assert CalendarFeed.select().count() == 0


def test_the_menu_leads_there(client: FlaskClient, world: World) -> None:
    page = Browser(client, "per").get("/admin/konto/").text
    assert re.search(r'<a class="menu-item" href="/admin/konto/">Min konto</a>', page)
    assert re.search(r'<a class="menu-item" href="/konto/passord">Bytt passord</a>', page)


# --- calendar -------------------------------------------------------------------------------------------------------


def test_the_address_is_shown_once_and_read_without_a_login(app: Flask, client: FlaskClient, world: World) -> None:
    Milestone.create(municipality=world.storvik, case=world.per_case, code="plan", due=world.today)
    kari = Browser(client, "kari")
    made = kari.post("/admin/konto/calendar/")
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "no-store")
    path = address_on(made.text)
    assert not ADDRESS.search(html.unescape(kari.get("/admin/konto/").text))
    stranger = app.test_client()
    answer = stranger.get(path)
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Frist i Attende" in answer.text
    assert "URL:http://localhost/admin/" in answer.text
    assert stranger.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    Milestone.update(state="done").execute()
    again = stranger.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, "VEVENT" in again.text) == (200, False)
    assert AuditEvent.select().where(AuditEvent.tag == "feed:read").count() == 1
    assert not [name for name in answer.headers.getlist("Set-Cookie") if "attende" in name]


def test_replacing_and_shutting_it(app: Flask, client: FlaskClient, world: World) -> None:
    kari, stranger = Browser(client, "kari"), app.test_client()
    first = address_on(kari.post("/admin/konto/calendar/").text)
    second = address_on(kari.post("/admin/konto/calendar/").text)
    assert (stranger.get(first).status_code, stranger.get(second).status_code) == (404, 200)
    assert kari.post("/admin/konto/calendar/revoke/").status_code == 303
    assert "Kalenderadressen virker ikke lenger." in said(kari.get("/admin/konto/"))
    assert stranger.get(second).status_code == 404


def test_a_wrong_address_tells_nothing(app: Flask, client: FlaskClient, world: World) -> None:
    kari, stranger = Browser(client, "kari"), app.test_client()
    path = address_on(kari.post("/admin/konto/calendar/").text)
    for wrong in (path[:-5] + ".ics", "/kalender/x.ics", path.replace(".ics", "x.ics")):
        assert stranger.get(wrong).status_code == 404
    User.update(active=False).where(User.id == world.kari.id).execute()
    gone = stranger.get(path)
    assert (gone.status_code, gone.headers["Cache-Control"]) == (404, "no-store")
    assert "Kari" not in gone.text
