"""The law's last day for the plan and the first dialogue meeting of a case, as figures count them. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from services import absence, deadlines, law

DEMANDED = (("plan", "plan"), ("dialogue_1", "meeting"))  # code of the law's row, and what counts as done


def limits(
    known: deadlines.Facts, closed_on: dt.date | None, spared: Collection[str]
) -> tuple[dt.date | None, dt.date | None]:
    """The last day for the plan (aml § 4-6 third paragraph) and dialogue meeting 1 (fourth), whether done or not.

    None where nothing was demanded: not sick leave, the absence or the case ended by that day, or the code is in
    `spared` (obviously unnecessary, or not relevant). Only cases with a day are counted in the shares.
    """
    if known.kind != "sick_leave":
        return None, None
    found = absence.current(known.periods)
    ends = [day for day in (found.last_day if found else None, closed_on) if day is not None]
    plan, dialogue = (None if code in spared else _limit(known, code, done_by) for code, done_by in DEMANDED)
    return _lasted(plan, ends), _lasted(dialogue, ends)


def _limit(known: deadlines.Facts, code: str, done_by: str) -> dt.date | None:
    row = law.row_of(code, known.first_day)
    if row is None:
        return None
    rule = deadlines.Rule(code, row.days, row.anchor, done_by, legal=True, meeting=1)
    return next((step.due for step in deadlines.steps(known, [rule])), None)


def _lasted(limit: dt.date | None, ends: Collection[dt.date]) -> dt.date | None:
    return None if limit is None or any(day <= limit for day in ends) else limit
