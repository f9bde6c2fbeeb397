"""A letter that is being written: filled, changed, filled anew; nothing that was typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from forms import writing
from forms.letters import BLANK, Letter, parse_letter
from forms.library import letter_keys, load_letter
from forms.writing import Filling, Gap

WITHOUT = {"navn": "Per Ås", "leder": "Kari Leder", "enhet": "Skole", "dagens_dato": "1. mars 2026"}
WITH = {**WITHOUT, "dato": "5. mars 2026", "klokkeslett": "10.30", "sted": "Møterom 2"}


def a_letter(*blocks: dict[str, Any], **more: Any) -> Letter:
    made = [{"id": f"b{n}", "type": "paragraph", **block} for n, block in enumerate(blocks)]
    return parse_letter({
        "schema_version": 1, "key": "brev", "version": 1, "kind": "letter", "languages": ["nb", "nn"],
        "title": {"nb": "Brev", "nn": "Brev"}, "recipient": "employee", "blocks": made, **more,
    })  # fmt: skip


def both(nb: str, nn: str = "") -> dict[str, str]:
    return {"nb": nb, "nn": nn or nb}


def posted(pieces: list[writing.Piece], **changed: str) -> dict[str, str]:
    """What a browser would send: the texts, with its line ends."""
    texts = {name: text for piece in pieces for name, text in piece.texts()}
    return {name: text.replace("\n", "\r\n") for name, text in {**texts, **changed}.items()}


MEETING = a_letter(
    {"text": both("Hei {navn}")},
    {
        "type": "place",
        "text": both("Møte {dato} kl. {klokkeslett}, {sted}", "Møte {dato} klokka {klokkeslett}, {sted}"),
    },
    {"type": "list", "text": both("Ta med:"), "items": [both("plan"), both("penn")]},
    {"type": "table", "rows": [[both("a"), {}], [both("{leder}"), both("d")]]},
    {"text": both("Bare for noen"), "only_if": "full_sick"},
    {"text": both("Skjult"), "hidden": True},
)


def test_only_the_blocks_that_hold_are_in_the_letter() -> None:
    shown = [piece.id for piece in writing.filled(MEETING, Filling("nb", WITH), ())]
    assert shown == ["b0", "b1", "b2", "b3"]
    assert [p.id for p in writing.filled(MEETING, Filling("nb", WITH), {"full_sick"})] == [*shown, "b4"]
    assert writing.left_out(MEETING, ()) == ["full_sick"]
    assert writing.left_out(MEETING, {"full_sick"}) == []


def test_what_was_posted_comes_back_as_it_was() -> None:
    pieces = writing.filled(MEETING, Filling("nb", WITH), {"full_sick"})
    assert writing.taken(MEETING, posted(pieces), "nb") == pieces


def test_bullets_are_lines_and_cells_are_kept_in_their_place() -> None:
    pieces = writing.filled(MEETING, Filling("nb", WITH), ())
    typed = posted(pieces, **{"i-b2": "plan\n\n  kaffe  \n", "c-b3-0-1": "ny"})
    taken = {p.id: p.block for p in writing.taken(MEETING, typed, "nb")}
    assert taken["b2"].items == ("plan", "kaffe")
    assert taken["b3"].rows == (("a", "ny"), ("Kari Leder", "d"))


def test_only_blocks_that_the_page_showed_are_taken() -> None:
    taken = writing.taken(MEETING, {"t-b0": "Hei", "t-b5": "forged", "t-nothing": "forged", "i-b1": "forged"}, "nb")
    assert [(p.id, p.block.text) for p in taken] == [("b0", "Hei")]


def test_values_are_put_in_where_blanks_stood() -> None:
    before, after = Filling("nb", WITHOUT), Filling("nb", WITH)
    pieces = writing.filled(MEETING, before, ())
    assert pieces[1].block.text == f"Møte {BLANK} kl. {BLANK}, {BLANK}"
    assert [gap.name for gap in writing.gaps(MEETING, pieces, before)] == ["dato", "klokkeslett", "sted"]
    anew = writing.filled_anew(MEETING, pieces, before, after)
    assert anew == writing.filled(MEETING, after, ())
    assert writing.gaps(MEETING, anew, after) == []


def test_what_was_typed_stays_when_values_are_put_in() -> None:
    before, after = Filling("nb", WITHOUT), Filling("nb", WITH)
    pieces = writing.filled(MEETING, before, ())
    typed = posted(pieces, **{"t-b0": "Kjære Per", "t-b1": f"Vi møtes {BLANK} kl. {BLANK} i {BLANK}. Velkommen!"})
    anew = {p.id: p.block.text for p in writing.filled_anew(
        MEETING, writing.taken(MEETING, typed, "nb"), before, after)}  # fmt: skip
    assert anew["b0"] == "Kjære Per"
    assert anew["b1"] == "Vi møtes 5. mars 2026 kl. 10.30 i Møterom 2. Velkommen!"
    moved = Filling("nb", {**WITH, "dato": "6. mars 2026"})
    pieces = writing.taken(MEETING, {"t-b1": anew["b1"]}, "nb")
    assert writing.filled_anew(MEETING, pieces, after, moved)[0].block.text == (
        "Vi møtes 6. mars 2026 kl. 10.30 i Møterom 2. Velkommen!"
    )


def test_blanks_of_another_number_are_left_to_the_sender() -> None:
    before, after = Filling("nb", WITHOUT), Filling("nb", WITH)
    pieces = writing.taken(MEETING, {"t-b1": f"Vi møtes {BLANK} i {BLANK}"}, "nb")
    assert writing.filled_anew(MEETING, pieces, before, after) == pieces
    assert writing.gaps(MEETING, pieces, before) == [Gap("t-b1", "")]


def test_another_language_keeps_what_was_changed() -> None:
    pieces = writing.filled(MEETING, Filling("nb", WITH), ())
    taken = writing.taken(MEETING, posted(pieces, **{"t-b0": "Kjære Per"}), "nb")
    anew = {p.id: p.block.text for p in writing.filled_anew(MEETING, taken, Filling("nb", WITH), Filling("nn", WITH))}
    assert anew["b0"] == "Kjære Per"
    assert anew["b1"] == "Møte 5. mars 2026 klokka 10.30, Møterom 2"


@pytest.mark.parametrize("text", ["{navn} {dato} {", "<b>Hei</b> & {{ 7*7 }}", "%(navn)s \\1 \\g<0>"])
def test_braces_in_what_is_typed_or_in_values_are_text(text: str) -> None:
    before, after = Filling("nb", WITHOUT), Filling("nb", {**WITH, "sted": text})
    pieces = writing.taken(MEETING, {"t-b0": text, "t-b1": f"{BLANK}{BLANK}{BLANK}"}, "nb")
    anew = writing.filled_anew(MEETING, pieces, before, after)
    assert anew[0].block.text == text
    assert anew[1].block.text == f"5. mars 202610.30{text}"


def test_control_characters_are_left_out() -> None:
    taken = writing.taken(MEETING, {"t-b0": "Hei\x00\x07 \u202ePer\x1b[0m\ufeff\r\nhei"}, "nb")
    assert taken[0].block.text == "Hei Per[0m\nhei"


def test_emptied_blocks_are_not_printed() -> None:
    pieces = writing.taken(MEETING, {"t-b0": "  ", "t-b1": "Møte", "t-b2": "", "i-b2": "\n"}, "nb")
    assert [block.text for block in writing.printed(pieces)] == ["Møte"]


def test_the_number_is_used_only_where_the_printed_text_has_it() -> None:
    assert writing.uses(load_letter("innkalling-dialogmote-lege"), ("fodselsnummer",))
    assert not writing.uses(load_letter("innkalling-dialogmote-ansatt"), ("fodselsnummer",))
    hidden = {"text": both("{fodselsnummer}"), "hidden": True}
    assert not writing.uses(a_letter({"text": both("x"), "note": both("{fodselsnummer}")}, hidden), ("fodselsnummer",))
    assert writing.uses(a_letter({"type": "list", "items": [both("x", "{fodselsnummer}")]}), ("fodselsnummer",))


@pytest.mark.parametrize(("key", "numbers"), [
    ("brev-8-uker", {"1"}), ("brev-38-uker", {"2"}), ("innkalling-dialogmote-ansatt", set()),
])  # fmt: skip
def test_enclosures_are_found_in_the_text(key: str, numbers: set[str]) -> None:
    for language in ("nb", "nn"):
        assert writing.enclosed(writing.filled(load_letter(key), Filling(language, WITH), ())) == numbers


def test_sheets_bear_their_number_in_the_title() -> None:
    assert [writing.sheet_number(text) for text in ("INFORMASJON – NR. 1", "Info nummer 12", "Nr 3", "Velkommen")] == [
        "1", "12", "3", "",
    ]  # fmt: skip


@pytest.mark.parametrize("key", letter_keys())
@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_shipped_letter_passes_through_the_page_unchanged(key: str, language: str) -> None:
    letter = load_letter(key)
    before, after = Filling(language, WITHOUT), Filling(language, WITH)
    pieces = writing.filled(letter, before, {"full_sick", "occupational_health"})
    taken = writing.taken(letter, posted(pieces), language)
    assert writing.filled_anew(letter, taken, before, before) == pieces
    assert writing.filled_anew(letter, taken, before, after) == writing.filled(
        letter, after, {"full_sick", "occupational_health"}
    )
