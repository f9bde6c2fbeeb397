"""Lengths of time as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.spans import read_span, span_text


@given(st.integers(-999, 999))
def test_a_length_reads_back(days: int) -> None:
    assert read_span(span_text(days)) == days


@pytest.mark.parametrize(("typed", "days"), [
    ("28", 28), ("28 dager", 28), ("28 dagar", 28), ("4 uker", 28), ("4 veker", 28), ("4u", 28), ("1 UKE", 7), ("1 dag", 1),
    ("-7", -7), ("7 dager før", -7), ("2 uker før", -14), ("\u22127", -7), ("", None), (" 0 ", 0), ("4 weeks", 28),
])  # fmt: skip
def test_lengths_as_typed(typed: str, days: int | None) -> None:
    assert read_span(typed) == days


@pytest.mark.parametrize(
    "typed", ["fire", "1.5", "4 måneder", "dager", "-", "1 2", "2\u096e", "9999999", "4 uker etter", "x" * 9999]
)
def test_what_is_no_length(typed: str) -> None:
    with pytest.raises(ValueError, match="no length"):
        read_span(typed)


@pytest.mark.parametrize(("days", "text"), [
    (28, "4 uker"), (14, "2 uker"), (7, "7 dager"), (1, "1 dag"), (0, "0 dager"), (-14, "2 uker før"), (15, "15 dager"),
])  # fmt: skip
def test_whole_weeks_are_shown_as_weeks_from_two_on(days: int, text: str) -> None:
    assert span_text(days) == text
