"""National identity numbers: what is taken, what is refused and with which words."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.national_id import fault, masked, normalise
from tests.world import synthetic_id

WRONG = "Fødselsnummeret stemmer ikke. Se etter om et siffer er feil."
SHORT = "Fødselsnummeret skal ha 11 siffer."
TEST = "Dette er et testnummer. Bruk et ekte fødselsnummer."
HELP = "Dette er et hjelpenummer (H-nummer). Bruk fødselsnummer eller D-nummer."
DATE = "Fødselsnummeret begynner ikke med en gyldig dato."


def _with_checks(digits: str, remainder: int = 0) -> str:
    """Nine digits with check digits after them, the first one leaving `remainder`; "" when there are none."""
    weights = (3, 7, 6, 1, 8, 9, 4, 5, 2)
    first = (remainder - sum(w * int(d) for w, d in zip(weights, digits, strict=True))) % 11
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    second = -sum(w * int(d) for w, d in zip(weights, f"{digits}{first}"[:10], strict=False)) % 11
    return f"{digits}{first}{second}" if first < 10 and second < 10 else ""


def _some(start: str, remainder: int = 0) -> str:
    return next(n for s in range(100, 999) if (n := _with_checks(f"{start}{s}", remainder)))


# The vectors of the reference: number, in production, where synthetic ones are allowed.
@pytest.mark.parametrize(("number", "production", "test"), [
    ("10915596784", TEST, None), ("13527248013", HELP, None), ("05908399546", TEST, None),
    ("01898299631", TEST, None), ("02013299997", None, None), ("30108299920", None, None),
    ("30108299939", None, None),  # good by the rule of 2032 only
    ("30108299921", WRONG, WRONG), ("30108299930", WRONG, WRONG), ("20013299997", WRONG, WRONG),
    ("", SHORT, SHORT), ("0201329999", SHORT, SHORT), ("020132999977", SHORT, SHORT),
    ("0201329999a", SHORT, SHORT), ("٠٢٠١٣٢٩٩٩٩٧", SHORT, SHORT), ("02013²99997", SHORT, SHORT),
    ("00000000000", DATE, DATE),
])  # fmt: skip
def test_vectors(number: str, production: str | None, test: str | None) -> None:
    for allowed, wanted in ((False, production), (True, test)):
        note = fault(number, allow_synthetic=allowed)
        assert (note.text if note else None) == wanted


@pytest.mark.parametrize("remainder", [0, 1, 2, 3])
def test_from_2032_the_first_check_digit_may_leave_up_to_three(remainder: int) -> None:
    assert fault(_some("010180", remainder), allow_synthetic=False) is None


@pytest.mark.parametrize("remainder", [4, 5, 6, 7, 8, 9, 10])
def test_other_remainders_are_refused(remainder: int) -> None:
    note = fault(_some("010180", remainder), allow_synthetic=False)
    assert note is not None
    assert note.text == WRONG


@pytest.mark.parametrize(("start", "production", "test"), [
    ("410180", None, None), ("710180", None, None),  # D-numbers: day + 40
    ("014180", HELP, None), ("015280", HELP, None),  # H-numbers and those of Nav's test people: month + 40
    ("018180", TEST, None), ("419280", TEST, None),  # Tenor: month + 80
    ("290201", None, None),  # a leap day; the year cannot be known
    ("300201", DATE, DATE), ("320180", DATE, DATE), ("000180", DATE, DATE), ("011380", DATE, DATE),
    ("010080", DATE, DATE), ("310480", DATE, DATE), ("720180", DATE, DATE), ("016080", DATE, DATE),
])  # fmt: skip
def test_kinds(start: str, production: str | None, test: str | None) -> None:
    number = _some(start)
    for allowed, wanted in ((False, production), (True, test)):
        note = fault(number, allow_synthetic=allowed)
        assert (note.text if note else None) == wanted


@given(st.dates(dt.date(1940, 1, 1), dt.date(2039, 12, 31)), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_seen(born: dt.date, place: int, shift: int) -> None:
    """The second check digit sees every single slip, under the old rule and the new."""
    number = synthetic_id(born)
    assert fault(number, allow_synthetic=True) is None
    slipped = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert fault(slipped, allow_synthetic=True) is not None


@given(st.text(max_size=30))
def test_any_text_is_answered(text: str) -> None:
    note = fault(normalise(text), allow_synthetic=True)
    assert note is None or not note.values  # the message never repeats the number


@pytest.mark.parametrize("typed", ["020132 99997", "02.01.32 99997", "020132-99997", " 020132\u00a099997 "])
def test_spaces_are_taken_as_people_type_them(typed: str) -> None:
    assert normalise(typed) == "02013299997"


def test_masked() -> None:
    assert masked("020132") == "020132 •••••"
    assert masked("") == ""
