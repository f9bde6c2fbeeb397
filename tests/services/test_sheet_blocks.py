"""Cutting a sheet into blocks loses nothing and keeps together what belongs together."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from services.printing import render_sheet
from services.sheet_blocks import LINE, LONG, TAIL, blocks, cut, pieces
from tests.services.test_printing import HEAD, SIGNATURES, joined, pages, question, sheet_of, texts


@given(st.text("ab .\n", max_size=2000), st.integers(-10, 2100))
def test_cut_loses_nothing_but_space(text: str, place: int) -> None:
    first, rest = cut(text, place)
    assert "".join((first + rest).split()) == "".join(text.split())


@given(st.text("ab \n", max_size=3000))
def test_pieces_lose_nothing(text: str) -> None:
    assert "\n".join(pieces(text)) == text


@pytest.mark.parametrize("rows", range(1, 60, 7))
def test_signatures_stand_with_the_last_row_of_a_table(rows: int) -> None:
    table = question(
        "t", "table", columns=[{"id": "c", "type": "string", "text": texts("Kolonne")}], repeat={"max": 50}
    )
    sheet = sheet_of(table, SIGNATURES, answers={"t": [{"c": f"rad{number}."} for number in range(min(rows, 50))]})
    page = next(text for text in pages(render_sheet(sheet, HEAD)) if "Arbeidsgivers signatur" in text)
    assert f"rad{min(rows, 50) - 1}." in page


def test_a_long_last_answer_leaves_only_its_end_with_the_signatures() -> None:
    sheet = sheet_of(question("a"), SIGNATURES, answers={"a": "En setning her. " * 200})
    body, kept = blocks(sheet)
    assert kept.kind == "keep"
    assert [part.kind for part in kept.beside] == ["text", "signatures"]
    assert len(kept.beside[0].text) <= TAIL + LINE < LONG < len(body.text)


@pytest.mark.parametrize("layout", ["stack", "side", "inline"])
@pytest.mark.parametrize("answer", ["Ett ord. " * 2200, "x" * 20_000, "linje\n" * 3000], ids=["prose", "word", "lines"])
def test_a_long_answer_flows_over_pages(layout: str, answer: str) -> None:
    pdf = render_sheet(sheet_of(question("a", layout=layout), SIGNATURES, answers={"a": answer}), HEAD)
    found = "".join(joined(pdf).split())
    for word in set(answer.split()):
        assert found.count(word) >= answer.split().count(word) - 5  # a word may be cut between two lines
    assert _smallest_print(pdf) >= 8.5  # nothing is shrunk to fit


def _smallest_print(pdf: bytes) -> float:
    sizes: list[float] = []

    def visit(text: str, matrix: Any, place: Any, font: Any, size: float) -> None:
        if text.strip():
            sizes.append(round(size * abs(matrix[0]), 2))

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=visit)
    return min(sizes)
