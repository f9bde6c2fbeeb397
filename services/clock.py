"""The clock of the services: moments in UTC, days in Norway. Tests move it with time-machine."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


def today() -> dt.date:
    """The day it is in Norway; deadlines are days."""
    return dt.datetime.now(OSLO).date()


def local(moment: dt.datetime) -> dt.datetime:
    """A stored moment as the wall clock in Norway showed it."""
    return moment.astimezone(OSLO)
