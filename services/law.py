"""What the law has demanded by when, each row for the time it held. Pure data; cases keep the rules of their first day.

Sources: arbeidsmiljøloven § 4-6 third paragraph (plan) and fourth (dialogue meeting 1), folketrygdloven § 8-7 a
(dialogue meeting 2) and § 8-8 second paragraph (activity); for older rows NAV's report to the ministry on the duties of
2007 and 2011. Nothing is known here of what came before 1 March 2007.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple


class Row(NamedTuple):
    code: str
    days: int  # at most, after the anchor
    anchor: str  # first_day | full_day (the first day fully away)
    law: str
    valid_from: dt.date  # of the first day of the case, both included
    valid_to: dt.date = dt.date.max


_2007, _2011, _2014 = dt.date(2007, 3, 1), dt.date(2011, 7, 1), dt.date(2014, 7, 1)
_DAY = dt.timedelta(days=1)
ROWS: tuple[Row, ...] = (
    Row("plan", 42, "first_day", "aml § 4-6 (2007)", _2007, _2011 - _DAY),
    Row("plan", 28, "first_day", "aml § 4-6 (3)", _2011),
    Row("dialogue_1", 84, "full_day", "aml § 4-6 (2007)", _2007, _2011 - _DAY),
    Row("dialogue_1", 49, "full_day", "aml § 4-6 (4)", _2011),
    Row("activity", 56, "full_day", "ftrl § 8-8 (2)", _2007),
    Row("dialogue_2", 182, "first_day", "ftrl § 8-7 a", _2007),
    Row("report_9_weeks", 63, "full_day", "ftrl § 25-2 (2011)", _2011, _2014 - _DAY),
)


def limit(code: str, first_day: dt.date) -> int | None:
    """Days that the law gave for `code` in a case that began on `first_day`; None when it did not demand it.

    Before the first row there was is that row's."""
    row = row_of(code, first_day)
    return row.days if row else None


def row_of(code: str, first_day: dt.date) -> Row | None:
    """The row that held."""
    day = max(first_day, _2007)
    return next((row for row in ROWS if row.code == code and row.valid_from <= day <= row.valid_to), None)


def demanded(first_day: dt.date) -> list[Row]:
    """Every row that held for a case that began on `first_day`."""
    return [row for code in dict.fromkeys(row.code for row in ROWS) if (row := row_of(code, first_day))]
