"""What a leader should look at in periods of absence, in words. Pure: periods in, notes out; nothing is blocked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise

from forms.texts import N_, Note
from models import FollowUpSettings
from services.absence import GAP_DAYS, Period, SelfDeclared, cases


def of_gaps(periods: Sequence[Period]) -> Iterator[Note]:
    """That Nav counts what comes after 16 days without sick leave as a new absence."""
    for one, other in pairwise(cases(periods)):
        end = one.stretches[-1].end
        yield Note(
            N_("Det er %(days)s dager uten sykmelding mellom %(end)s og %(start)s. Etter Navs regel er det et nytt "
               "sykefravær med egne frister. Del saken, så telles fristene riktig."),
            {"days": (other.first_day - end).days - 1, "end": _day(end), "start": _day(other.first_day)},
        )  # fmt: skip


def of_earlier(periods: Sequence[Period], earlier: Sequence[Period]) -> Iterator[Note]:
    """That Nav counts the absence of a closed case (`earlier`) and this one as the same."""
    first = min((period.from_date for period in periods), default=dt.date.min)
    before = [case for case in cases(earlier) if case.first_day < first]
    if before and (first - before[-1].stretches[-1].end).days <= GAP_DAYS:
        yield Note(
            N_("Forrige sykefravær sluttet mindre enn 16 dager før dette. Etter Navs regel er det samme sykefravær, "
               "og fristene regnes fra første dag i det forrige.")
        )  # fmt: skip


def of_self_declared(used: SelfDeclared, limits: FollowUpSettings) -> Iterator[Note]:
    """That self-declared days exceed ftrl §§ 8-24 and 8-25, as the municipality has widened them."""
    if used.days_now > limits.self_declared_days:
        yield Note(
            N_("Egenmeldingen i dette fraværet er på %(n)s dager. Kommunens grense er %(most)s."),
            {"n": used.days_now, "most": limits.self_declared_days},
        )
    if limits.self_declared_year_days is not None and used.days_year > limits.self_declared_year_days:
        yield Note(
            N_("Det er brukt %(n)s dager egenmelding på tolv måneder. Kommunens grense er %(most)s."),
            {"n": used.days_year, "most": limits.self_declared_year_days},
        )
    if limits.self_declared_times is not None and used.times_year > limits.self_declared_times:
        yield Note(
            N_("Egenmelding er brukt %(n)s ganger på tolv måneder. Kommunens grense er %(most)s."),
            {"n": used.times_year, "most": limits.self_declared_times},
        )


def _day(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"
