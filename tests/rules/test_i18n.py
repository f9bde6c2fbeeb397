"""The catalogues follow the source, are whole in the languages we promise, and carry text only."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog, Message

from tests.rules import catalogues


def test_catalogues_are_fresh() -> None:
    assert catalogues.stale() == [], "run make i18n"


def test_nynorsk_and_english_are_whole() -> None:
    assert catalogues.incomplete() == []


def test_placeholders_survive_translation() -> None:
    assert catalogues.misplaced() == []


def test_translations_carry_no_markup() -> None:
    assert catalogues.markup() == []


@pytest.mark.parametrize(
    ("source", "translated", "agree"),
    [
        ("Uke %(number)s", "Veke %(number)s", True),
        ("Uke %(number)s", "Veke %(numer)s", False),
        ("Uke %(number)s", "Veke", False),
        (("%(n)s dag", "%(n)s dager"), ("%(n)s dag", "%(n)s dagar"), True),
        (("én dag", "%(n)s dager"), ("ein dag", "%(n)s dagar"), True),
        ("{name} leder", "{name} leiar", True),
        ("{name} leder", "{namn} leiar", False),
    ],
)
def test_placeholders_are_compared(source: str, translated: str, agree: bool) -> None:
    assert catalogues._placeholders_agree(Message(source, translated)) is agree


def test_texts_with_the_same_words_and_another_context_are_two() -> None:
    catalog = Catalog()
    catalog.add("Åpen", context="sak")
    catalog.add("Åpen", context="dør")
    assert len(catalogues.texts(catalog)) == 2
