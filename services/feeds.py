"""A person's deadlines as a calendar at a secret address. Only a keyed hash of the address is kept.

Who has the address may read it without logging in, so nothing in it tells whom or what a deadline is about.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Iterator

from icalendar import Calendar, Event

from forms.texts import N_, translator
from models import AuditEvent, CalendarFeed, Case, Milestone, db, keyring, now
from services import access
from services.access import Actor
from services.audit import Tag, trail
from services.clock import OSLO, today
from services.errors import NotVisible
from services.milestones import waits

AHEAD = dt.timedelta(days=365)
_DAY = dt.timedelta(days=1)


def may_have(actor: Actor) -> bool:
    """Whether there is anything to put into a calendar of this person."""
    return bool(actor.roles & {"leader", "hr"})


def feed_of(actor: Actor) -> CalendarFeed | None:
    """The actor's feed; the address itself is known to nobody any more."""
    row: CalendarFeed | None = (
        CalendarFeed.select().where(CalendarFeed.user == actor.user_id, CalendarFeed.revoked_at.is_null())
        .order_by(CalendarFeed.id.desc()).first()
    )  # fmt: skip
    return row


def make(actor: Actor) -> str:
    """A new secret for the address of the feed, given this once; the one before stops working. Raises NotVisible."""
    actor.require("account.own")
    if not may_have(actor):
        raise NotVisible
    token = secrets.token_urlsafe(32)
    with db.atomic():
        _end(actor)
        row = CalendarFeed.create(municipality=actor.municipality_id, user=actor.user_id, token_hash=_hash(token))
        trail(actor, Tag.FEED_MADE, row)
    return token


def revoke(actor: Actor) -> None:
    """Shut the feed; nothing happens when there is none."""
    actor.require("account.own")
    with db.atomic():
        row = feed_of(actor)
        if row is not None:
            _end(actor)
            trail(actor, Tag.FEED_REVOKED, row)


def _end(actor: Actor) -> None:
    own = (CalendarFeed.user == actor.user_id) & CalendarFeed.revoked_at.is_null()
    CalendarFeed.update(revoked_at=now()).where(own).execute()


def _hash(token: str) -> str:
    return keyring.index(f"feed:{token}")


def calendar(token: str, address: str) -> bytes:
    """The calendar at the secret address, each event leading to `address`. At most one audit event a day.

    Raises NotVisible when the address is wrong or shut, or its owner may not have one any more.
    """
    row: CalendarFeed | None = CalendarFeed.get_or_none(
        CalendarFeed.token_hash == _hash(token), CalendarFeed.revoked_at.is_null()
    )
    actor = access.load_actor(row.user_id) if row else None
    if row is None or actor is None or not may_have(actor):
        raise NotVisible
    newest = feed_of(actor)
    if newest is None or newest.id != row.id:  # two were made in the same moment
        raise NotVisible
    _leave_trail(actor, row)
    return _written(actor, address)


def _leave_trail(actor: Actor, row: CalendarFeed) -> None:
    """A calendar is read every few hours for years; one event a day tells as much."""
    midnight = dt.datetime.combine(today(), dt.time(), OSLO).astimezone(dt.UTC)
    seen = AuditEvent.select().where(
        AuditEvent.municipality == actor.municipality_id, AuditEvent.created_at >= midnight,
        AuditEvent.tag == Tag.FEED_READ, AuditEvent.subject_id == row.id,
    )  # fmt: skip
    if not seen.exists():
        trail(actor, Tag.FEED_READ, row)


def _written(actor: Actor, address: str) -> bytes:
    found = Calendar()
    found.add("prodid", "-//Attende//Attende//NO")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", "Attende")
    found.add("refresh-interval", dt.timedelta(hours=6), parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", "PT6H")
    for event in _events(actor, address):
        found.add_component(event)
    return bytes(found.to_ical())


def _events(actor: Actor, address: str) -> Iterator[Event]:
    """One for each milestone, all day on its day; what is late stands on today."""
    _ = translator(actor.language)
    day = today()
    for row in _waiting(actor, day):
        due = max(_due(row), day)
        event = Event()
        event.add("uid", f"{keyring.index(f'feed-event:{row.uid}')[:32]}@attende")
        event.add("dtstamp", row.created_at)
        event.add("dtstart", due)
        event.add("dtend", due + _DAY)
        event.add("summary", _(N_("Frist i Attende")))
        event.add("url", address)
        event.add("transp", "TRANSPARENT")
        event.add("class", "PRIVATE")
        yield event


def _due(row: Milestone) -> dt.date:
    """Of one that is exempt: the day it is asked again."""
    return (row.again_on if row.state == "exempt" else row.due) or dt.date.min


def _waiting(actor: Actor, day: dt.date) -> list[Milestone]:
    """What the leader should do, and what HR itself should; never what others should do. The first day first."""
    found: dict[int, Milestone] = {}
    for role in sorted(actor.roles & {"leader", "hr"}):
        alone = dataclasses.replace(actor, roles=frozenset({role}))
        rows = access.milestones(alone).where(
            Milestone.who == role, Case.status == "open", waits(day),
            (Milestone.state == "exempt") | (Milestone.due <= day + AHEAD),
        )  # fmt: skip
        found |= {row.id: row for row in rows}
    return sorted(found.values(), key=lambda row: (_due(row), row.id))
