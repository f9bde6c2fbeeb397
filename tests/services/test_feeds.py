"""The calendar at a secret address: whose deadlines, in which words, and who may read it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

import models
from models import AuditEvent, CalendarFeed, Case, Milestone, Unit, User, UserRole
from services import feeds
from services.access import Actor, load_actor
from services.errors import NotVisible
from tests.front import database_bytes, traced
from tests.world import World

pytestmark = pytest.mark.both_databases

DAY = dt.timedelta(days=1)
PAGE = "https://attende.example/admin/"


def actor(user: User) -> Actor:
    found = load_actor(user.id)
    assert found
    return found


def milestone(case: Case, due: dt.date | None, code: str = "plan", **more: Any) -> Milestone:
    return Milestone.create(municipality=case.municipality_id, case=case, code=code, due=due, **more)


def events(token: str) -> list[Any]:
    return list(Calendar.from_ical(feeds.calendar(token, PAGE)).walk("VEVENT"))


def days(token: str) -> list[dt.date]:
    return [event.decoded("dtstart") for event in events(token)]


def test_a_leader_s_own_deadlines(world: World) -> None:
    late, soon = milestone(world.per_case, world.today - 9 * DAY), milestone(world.per_case, world.today + 3 * DAY, "a")
    milestone(world.per_case, world.today + 366 * DAY, "far")
    milestone(world.per_case, None, "without a day")
    milestone(world.per_case, world.today, "done", state="done")
    milestone(world.per_case, world.today, "of Nav", who="nav")
    milestone(world.lise_case, world.today)
    token = feeds.make(actor(world.kari))
    assert days(token) == [world.today, world.today + 3 * DAY]
    one, two = events(token)
    assert one.decoded("dtend") == world.today + DAY
    assert (one["summary"], one["url"], one["class"], one["transp"]) == (
        "Frist i Attende",
        PAGE,
        "PRIVATE",
        "TRANSPARENT",
    )
    assert one["uid"] != two["uid"]
    assert [event["uid"] for event in events(token)] == [one["uid"], two["uid"]]
    Milestone.update(due=world.today + 5 * DAY).where(Milestone.id == soon.id).execute()
    assert events(token)[1]["uid"] == two["uid"]  # moved, not another
    assert late.uid not in str(one["uid"])


def test_nothing_tells_whom_or_what_it_is_about(world: World) -> None:
    milestone(world.per_case, world.today, "dialogue_1")
    text = feeds.calendar(feeds.make(actor(world.kari)), PAGE).decode().lower()
    for word in ("per å", "kari", "storvik", "hjemme", "syk", "dialog", "plan", "id="):
        assert word not in text, word


def test_an_exemption_stands_on_the_day_it_is_asked_again(world: World) -> None:
    milestone(world.per_case, world.today - 30 * DAY, state="exempt", again_on=world.today)
    milestone(world.per_case, world.today, "later", state="exempt", again_on=world.today + DAY)
    assert days(feeds.make(actor(world.kari))) == [world.today]


def test_hr_has_only_what_hr_should_do(world: World) -> None:
    milestone(world.per_case, world.today)
    milestone(world.per_case, world.today + DAY, "hr", who="hr")
    milestone(world.bjarte_case, world.today, "hr", who="hr")
    assert days(feeds.make(actor(world.siri))) == [world.today + DAY]
    other = Unit.create(municipality=world.storvik, name="Teknisk")
    UserRole.update(unit=other).where(UserRole.user == world.siri).execute()
    assert days(feeds.make(actor(world.siri))) == []


def test_who_is_both_has_both_and_no_more(world: World) -> None:
    milestone(world.per_case, world.today)
    milestone(world.lise_case, world.today, "of another leader")
    milestone(world.lise_case, world.today + DAY, "hr", who="hr")
    UserRole.create(municipality=world.storvik, user=world.kari, role="hr")
    assert days(feeds.make(actor(world.kari))) == [world.today, world.today + DAY]


def test_a_new_address_ends_the_old(world: World) -> None:
    kari = actor(world.kari)
    first, second = feeds.make(kari), feeds.make(kari)
    assert feeds.calendar(second, PAGE)
    with pytest.raises(NotVisible):
        feeds.calendar(first, PAGE)
    feeds.revoke(kari)
    feeds.revoke(kari)
    with pytest.raises(NotVisible):
        feeds.calendar(second, PAGE)
    tags = [row.tag for row in AuditEvent.select().where(AuditEvent.tag.startswith("feed:")).order_by(AuditEvent.id)]
    assert tags == ["feed:made", "feed:made", "feed:read", "feed:revoked"]


def test_of_two_made_at_once_only_the_newest_holds(world: World) -> None:
    kari = actor(world.kari)
    first = feeds.make(kari)
    second = feeds.make(kari)
    CalendarFeed.update(revoked_at=None).execute()
    assert feeds.calendar(second, PAGE)
    with pytest.raises(NotVisible):
        feeds.calendar(first, PAGE)


@pytest.mark.parametrize("why", ["inactive", "no role", "employee only", "made up", "empty"])
def test_who_may_not_read(world: World, why: str) -> None:
    token = feeds.make(actor(world.kari))
    kari = UserRole.user == world.kari.id
    match why:
        case "inactive":
            User.update(active=False).where(User.id == world.kari.id).execute()
        case "no role":
            UserRole.delete().where(kari).execute()
        case "employee only":
            UserRole.update(role="employee").where(kari).execute()
        case "made up":
            token = token[:-1] + ("a" if token[-1] != "a" else "b")
        case "empty":
            token = ""
    with pytest.raises(NotVisible):
        feeds.calendar(token, PAGE)
    assert not AuditEvent.select().where(AuditEvent.tag == "feed:read").exists()


@pytest.mark.parametrize("name", ["anne", "aud", "per"])
def test_who_has_no_tasks_gets_no_address(world: World, name: str) -> None:
    with pytest.raises(NotVisible):
        feeds.make(actor(getattr(world, name)))
    assert CalendarFeed.select().count() == 0


def test_the_secret_is_long_and_not_stored(app: Flask, world: World, only_sqlite: None) -> None:
    token = feeds.make(actor(world.kari))
    assert len(token) >= 43
    assert CalendarFeed.get().token_hash != token
    assert token.encode() not in database_bytes(app)


def test_as_many_queries_for_many_deadlines(world: World) -> None:
    token = feeds.make(actor(world.kari))
    feeds.calendar(token, PAGE)
    counts = []
    for size in (3, 60):
        with models.db.atomic():
            for number in range(size):
                milestone(world.per_case, world.today + DAY, f"step-{size}-{number}")
        with traced() as statements:
            feeds.calendar(token, PAGE)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


def test_it_is_in_the_owner_s_language(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "translator", lambda language: lambda text: f"{language}: {text}")
    milestone(world.bjarte_case, world.today)
    assert [event["summary"] for event in events(feeds.make(actor(world.jon)))] == ["nn: Frist i Attende"]
