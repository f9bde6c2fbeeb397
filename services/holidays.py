"""Days on which nobody is disturbed: weekends and Norway's public holidays."""

from __future__ import annotations

import datetime as dt
from functools import cache

from holidays.countries import NO

_DAY = dt.timedelta(days=1)


@cache
def _public(year: int) -> frozenset[dt.date]:
    return frozenset(NO(years=year))


def is_workday(day: dt.date) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < 5 and day not in _public(day.year)


def workday_from(day: dt.date) -> dt.date:
    """The first working day on or after `day`."""
    while not is_workday(day):
        day += _DAY
    return day
