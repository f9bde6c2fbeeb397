"""Periods from a file to cases with the law's dates, for `flask --app app timeline`. Pure: parsed JSON in, rows out.

House rule: one item's faults are told in it and stop no other. English, as all of the command line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

from services import absence, law
from services.absence import AbsenceCase, Period

KINDS = ("sick", "self_declared", "holiday")
YEARS = (1990, 2100)  # both included
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAMED = 3  # overlaps that are named; the rest are counted


class Fault(Exception):
    """An item that cannot be counted; its text says why."""


def timelines(items: Sequence[Any]) -> list[dict[str, Any]]:
    """One row per item, in order: {"id", "error"?, "cases": [{"first_day", "last_day", "milestones", "max_date"}]}.

    Dates are ISO text. Counted on *Lovens minimum 2026*, whatever year the periods are of.
    """
    return [_timeline(item) for item in items]


def _timeline(item: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"id": None}
    try:
        row["id"] = _id(item)
        periods = [_period(given, number) for number, given in enumerate(_periods(item), 1)]
    except Fault as fault:
        return {**row, "error": str(fault), "cases": []}
    overlap = _overlap(periods)
    if overlap:
        row["error"] = overlap
    return {**row, "cases": [_case(case) for case in absence.cases(periods)]}


# --- reading ----------------------------------------------------------------------------------------------------------


def _id(item: Any) -> str | int:
    if not isinstance(item, dict):
        raise Fault("not an object with id and periods")
    found = item.get("id")
    if found is None:
        raise Fault("id is missing")
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise Fault("id is neither text nor a whole number")
    return found


def _periods(item: dict[str, Any]) -> list[Any]:
    found = item.get("periods")
    if not isinstance(found, list):
        raise Fault("periods is missing" if found is None else "periods is not a list")
    return found


def _period(given: Any, number: int) -> Period:
    """Raises Fault, with the number of the period."""
    where = f"period {number}: "
    if not isinstance(given, dict):
        raise Fault(where + "not an object with from, to and grade")
    kind = given.get("kind", "sick")
    if kind not in KINDS:
        raise Fault(f"{where}kind is none of {', '.join(KINDS)}")
    if given.get("from") is None:
        raise Fault(where + "from is missing")
    start = _day(given["from"], where + "from")
    end = None if given.get("to") is None else _day(given["to"], where + "to")
    if end is not None and end < start:
        raise Fault(f"{where}to ({end}) is before from ({start})")
    return Period(start, end, 100 if kind == "holiday" else _grade(given.get("grade"), where), kind)


def _day(given: Any, where: str) -> dt.date:
    if not isinstance(given, str) or not _ISO.fullmatch(given):
        raise Fault(f"{where} is not a date as YYYY-MM-DD")
    try:
        day = dt.date.fromisoformat(given)
    except ValueError as error:
        raise Fault(f"{where} is a day that does not exist ({given})") from error
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise Fault(f"{where} is not in the years {YEARS[0]} to {YEARS[1]} ({given})")
    return day


def _grade(given: Any, where: str) -> int:
    if given is None:
        raise Fault(where + "grade is missing")
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 100:
        raise Fault(where + "grade is not a whole number from 1 to 100")
    return given


def _overlap(periods: Sequence[Period]) -> str:
    """Says which periods cover the same days; empty when none do."""
    found = [f"{_said(one)} and {_said(other)}" for one, other in _overlapping(periods)]
    more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"periods overlap: {', '.join(found[:_NAMED])}{more}; each day is counted once" if found else ""


def _overlapping(periods: Sequence[Period]) -> Iterator[tuple[Period, Period]]:
    """Each period that begins before an earlier one has ended, with the one that lasts longest of those."""
    longest: Period | None = None
    for period in sorted(periods, key=lambda p: (p.from_date, p.end)):
        if longest is not None and period.from_date <= longest.end:
            yield longest, period
        if longest is None or period.end > longest.end:
            longest = period


def _said(period: Period) -> str:
    return f"{period.from_date}–{period.to_date or ''}"


# --- counting ---------------------------------------------------------------------------------------------------------


def _case(case: AbsenceCase) -> dict[str, Any]:
    """Dates as they stand if the last known period goes on."""
    return {
        "first_day": case.first_day.isoformat(),
        "last_day": case.last_day.isoformat() if case.last_day else None,
        "milestones": dict(_milestones(case)),
        "max_date": absence.sick_pay_end(case.first_day).isoformat(),
    }


def _milestones(case: AbsenceCase) -> Iterator[tuple[str, str]]:
    """What the law demands today; a step from the first day fully away is left out when it does not apply."""
    for row in law.demanded(dt.date.max):
        since = case.first_day if row.anchor == "first_day" else case.full_since(row.days)
        if since is not None:
            yield row.code, (since + dt.timedelta(days=row.days)).isoformat()
