"""What is typed about a dialogue meeting, looked over before it is stored: when, where and who."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from forms.texts import N_, Note
from models import Case
from services.cases import FURTHEST, too_long
from services.clock import OSLO, local, today
from services.errors import Invalid

MAX_NAME, MAX_PLACE, MAX_LINK = 120, 160, 300


def checked(case: Case, values: Mapping[str, Any]) -> dt.datetime:
    """The moment of the meeting. Raises Invalid with what is wrong, by field."""
    faults: dict[str, Note] = {}
    day, time = values.get("day"), values.get("time")
    at = None
    if day is None:
        faults["day"] = Note(N_("Skriv hvilken dag møtet er."))
    elif day < case.first_day:
        faults["day"] = Note(N_("Dagen er før saken begynte. Se etter om datoen er riktig."))
    elif day > today() + FURTHEST:
        faults["day"] = Note(N_("Datoen er for langt unna. Se etter om året er riktig."))
    if time is None:
        faults["time"] = Note(N_("Skriv klokkeslettet."))
    elif day is not None and "day" not in faults:
        at = _moment(day, time)
        if at is None:
            faults["time"] = Note(N_("Klokka stilles fram den natten, så dette klokkeslettet finnes ikke."))
    faults |= _where_faults(values["place"], values["link"])
    for slot, name in values["people"].items():
        if len(name) > MAX_NAME:
            faults[f"name_{slot}"] = too_long(name, MAX_NAME)
    if faults or at is None:
        raise Invalid(faults)
    return at


def _where_faults(place: str, link: str) -> dict[str, Note]:
    faults: dict[str, Note] = {}
    if not place and not link:
        faults["place"] = Note(N_("Skriv hvor møtet er, eller legg inn lenken til et videomøte."))
    if len(place) > MAX_PLACE:
        faults["place"] = too_long(place, MAX_PLACE)
    if len(link) > MAX_LINK:
        faults["link"] = too_long(link, MAX_LINK)
    elif link and not _safe(link):
        faults["link"] = Note(N_("Lenken må være en hel adresse som begynner med https://."))
    return faults


def _safe(link: str) -> bool:
    if not link.startswith("https://") or any(c.isspace() or not c.isprintable() or c in '\\"<>' for c in link):
        return False
    try:
        address = urlsplit(link)
        return bool(address.hostname) and "@" not in address.netloc and address.port != 0
    except ValueError:
        return False


def _moment(day: dt.date, time: dt.time) -> dt.datetime | None:
    """The moment when clocks in Norway show this; None in the hour that is skipped in spring."""
    shown = dt.datetime.combine(day, time.replace(second=0, microsecond=0))
    at = shown.replace(tzinfo=OSLO).astimezone(dt.UTC)
    return at if local(at).replace(tzinfo=None) == shown else None
