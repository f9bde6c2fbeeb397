"""Letters and information sheets: the format refuses what it should, filling is harmless, the texts are the paper's."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

import forms
from forms.definition import ID, BadDefinition
from forms.letters import (
    BLANK,
    MAX_BLOCKS,
    PLACEHOLDERS,
    Letter,
    faults_of_letter,
    fill,
    parse_letter,
    placeholders,
    shape_letter,
)

LETTERS = Path(forms.__file__).parent / "library" / "letters"
BLOCKS = {
    "info-1": ("information", "employee", 19),
    "info-2": ("information", "employee", 20),
    "brev-8-uker": ("letter", "employee", 9),
    "brev-38-uker": ("letter", "employee", 7),
    "innkalling-dialogmote-ansatt": ("letter", "employee", 9),
    "innkalling-dialogmote-lege": ("letter", "certifier", 7),
}
# As on paper, spelling mistakes corrected, dots to fill in left out where a placeholder stands.
SEED = {
    "info-1": """
        INFORMASJON TIL DEN SYKMELDTE – NR. 1
        DINE MULIGHETER SOM SYKMELDT:
        Gradert sykmelding: Det finnes andre løsninger enn full sykmelding.
        Aktiv sykmelding: Betyr at du kan gå på jobb selv om du er sykmeldt.
        Avtalen sendes NAV trygd sammen med oppfølgingsplanen.
        Tilrettelegging Noen helseplager kan forårsake langvarig sykmelding
        tilrettelegging av arbeidsoppgaver
        gradvis tilbakevending til arbeid
        mindre arbeidsoppgaver på samme arbeidsplass
        innkjøp av hjelpemidler
        endret arbeidstid eller arbeidsoppgaver
        veiledning eller opplæring
        hjelp til eventuell konfliktløsning
        omplassering til annen arbeidsplass
        omskolering til annen jobb
        Bistand fra ATU: Attføringsutvalget (ATU) i kommunen kan bistå
        Bedriftshelsen: Bedriftshelsen kan bistå med blant annet arbeidsplassvurdering ved behov
        Yrkesmessig attføring: Hvis du får innvilget yrkesmessig attføring
        Medvirkning: Vi gjør oppmerksom på at du må gi opplysninger til arbeidsgiver og NAV trygd om din funksjonsevne
        (Folketrygdloven § 8-8)
        Fritt sykehusvalg: Vi gjør oppmerksom på at vi i Norge har "fritt sykehusvalg"
        Fritt sykehusvalg Norge: Tlf 800 41 004 Du kan lese mer på internett: http://www.nav.no/page?id=357
    """,
    "info-2": """
        INFORMASJON TIL SYKEMELDTE – nr. 2
        Dette informasjonsskrivet er av generell karakter, og sendes til alle som har vært sykemeldt i ca 38 uker.
        VEDRØRENDE STILLING:
        Ansettelsesforhold: Du beholder normalt ansettelsesforholdet i Nøtterøy kommune i 1 år utover sykepengeåret
        kan du ha fortrinnsrett til andre stillinger i Nøtterøy kommune, forutsatt at du er kvalifisert.
        Tilsettingsmyndigheten avgjør om du er kvalifisert for annen stilling.
        SØKNADER, KRAV OG RETTIGHETER:
        Retten til sykepenger: Retten til sykepenger opphører etter et år
        ikke har rett på sykelønn fra Nøtterøy kommune ved sykdom utover 16 dager (arbeidsgiverperioden)
        (jf Folketrygdloven § 8-12) og (HTA §8.2.2)
        Vi gjør oppmerksom på at du får utbetalt lønn forskuddsvis.
        Attførings-/ rehabiliteringspenger: Du kan nå søke om attførings-/rehabiliteringspenger
        Dette utgjør pt 66% av sykepengegrunnlaget.
        Pensjonskasse: Fra det tidspunkt sykepengerettighetene opphører
        TILBAKEFØRING TIL ARBEID:
        Aktiv sykmelding/ Gradert sykmelding/ Tilrettelegging /Yrkesmessig attføring
        NOEN NYTTIGE TELEFONNUMMER OG INTERNETTADRESSER:
        NAV arbeid og NAV trygd www.nav.no
        Kommunal Landspensjonskasse (KLP) : (for sykepleiere) 22 03 35 00 www.klp.no
        Statens pensjonskasse (SPK) (for lærere) 22 24 15 11 www.spk.no
        Storebrand forsikring: (for øvrige ansatte) 22 31 53 03 www.storebrand.no
    """,
    "brev-8-uker": """
        FORSLAG TIL INNHOLD I BREV VED 8 UKER – INVITASJON TIL SAMTALE
        Til
        Du har nå vært sykemeldt siden
        jeg ønsker derfor en samtale med deg for å diskutere om det er noe vi kan bistå deg med
        Vi må også sammen skrive en oppfølgingsplan hvor vi forplikter oss i forhold til tilrettelegging
        Det finnes flere muligheter for tilbakeføring til arbeid (se vedlegg).
        Dersom tidspunktet ikke passer for deg, gi meg beskjed slik at vi kan finne et nytt tidspunkt.
        Vi håper at du snarest mulig blir frisk igjen!
        Vennlig hilsen
        Vedlegg: Informasjon til sykemeldte - info nr. 1
    """,
    "brev-38-uker": """
        FORSLAG TIL INNHOLD I BREV VED 38 UKER / 9 mndr – INVITASJON TIL SAMTALE
        jeg tror det er viktig at vi ser litt på din situasjon fremover.
        I henhold til arbeidsmiljøloven skal arbeidsgiver, så langt det er mulig, tilrettelegge ditt arbeid
        for å diskutere din situasjon framover.
        Det er fint om du har tenkt igjennom dette på forhånd, slik at vi sammen kan se på de muligheter som fins.
        Vedlegg: Informasjon til sykemeldte - info nr. 2
    """,
    "innkalling-dialogmote-ansatt": """
        Innkalling til dialogmøte ansatt
        Du har nå vært 100% sykemeldt siden
        blir derfor innkalt til dialogmøte (jf AML § 4-6 og folketrygdloven § 8-7).
        møtested
        Hensikten med møtet er at vi skal prøve å finne løsninger som kan hjelpe deg tilbake i arbeid.
        uten at din diagnose blir diskutert.
        Gi beskjed dersom du ønsker at din sykemeldende lege/behandler skal delta i møtet
        Siden du omfattes av lovbestemt bedriftshelsetjeneste blir de også invitert til møtet.
        gjelder kun : vaktmestere, renholdere, kjøkkenpersonell, utedrift og nattevakter.
        Du har ellers anledning til å ha med deg en bistandsperson – tillitsvalgt, verneombud eller andre til møtet.
    """,
    "innkalling-dialogmote-lege": """
        Innkalling til dialogmøte behandlende lege
        har vært 100% sykemeldt siden
        innkalles derfor til dialogmøte (jf AML § 4-6 og folketrygdloven § 8-7).
        Han/Hun ønsker at du deltar i møtet som finner sted
        Vi ønsker deg velkommen til møtet.
    """,
}
PHRASES = [(key, line.strip()) for key, text in SEED.items() for line in text.strip().splitlines()]
SMALL: dict[str, Any] = {
    "schema_version": 1, "key": "brev", "version": 1, "kind": "letter", "languages": ["nb"], "recipient": "employee",
    "title": {"nb": "Brev"}, "blocks": [{"id": "hello", "type": "paragraph", "text": {"nb": "Hei {navn}"}}],
}  # fmt: skip


def load(key: str) -> Letter:
    return parse_letter((LETTERS / f"{key}.json").read_bytes())


def small(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SMALL), **changes}


def normal(text: str) -> str:
    return re.sub(r"[^a-z0-9æøå%]", "", text.casefold())


def shown(letter: Letter, language: str, **values: str) -> str:
    blocks = fill(letter, language, values)
    return "\n".join(
        part
        for block in blocks
        for part in (block.text, block.note, *block.items, *(cell for row in block.rows for cell in row))
    )


def faults(source: Any) -> list[str]:
    with pytest.raises(BadDefinition) as caught:
        parse_letter(source)
    return [f"{fault.item}: {fault.property}: {fault.why.say(str)}" for fault in caught.value.faults]


def paragraph(block_id: str = "hello", text: str = "x", **more: Any) -> dict[str, Any]:
    return {"id": block_id, "type": "paragraph", "text": {"nb": text}, **more}


def test_the_shipped_letters() -> None:
    assert {path.stem for path in LETTERS.glob("*.json")} >= set(BLOCKS)


@pytest.mark.parametrize("key", BLOCKS)
def test_shipped_letter_is_whole(key: str) -> None:
    letter = load(key)
    assert (letter.key, (letter.kind, letter.recipient, len(letter.blocks))) == (key, BLOCKS[key])


@pytest.mark.parametrize("key", BLOCKS)
def test_every_text_is_in_bokmaal_and_nynorsk_with_the_same_placeholders(key: str) -> None:
    for where, prop, texts in load(key).texts():
        if texts:
            assert texts["nb"].strip(), (where, prop)
            assert texts["nn"].strip(), (where, prop)
            assert sorted(placeholders(texts["nb"])) == sorted(placeholders(texts["nn"])), (where, prop)


@pytest.mark.parametrize("key", BLOCKS)
def test_nynorsk_is_nynorsk(key: str) -> None:
    bokmaal = re.compile(r"\b(ikke|hva|hvis|fra|jeg|syk\w*|uker?|leder|noen|arbeidsgiver\w*|du har vært|oppgaver)\b")
    found = [texts["nn"] for _, _, texts in load(key).texts() if texts]
    assert [text for text in found if bokmaal.search(re.sub(r"\{\w+\}", "", text).casefold())] == []


@pytest.mark.parametrize(("key", "phrase"), PHRASES)
def test_says_what_the_paper_says(key: str, phrase: str) -> None:
    letter = load(key)
    text = letter.title["nb"] + letter.description["nb"] + shown(letter, "nb", kommune="Nøtterøy kommune")
    assert normal(phrase) in normal(text)


@pytest.mark.parametrize("key", BLOCKS)
@pytest.mark.parametrize("language", ["nb", "nn", "se"])
@pytest.mark.parametrize("values", [{}, dict.fromkeys(PLACEHOLDERS, "verdi")])
def test_filling_leaves_no_braces(key: str, language: str, values: dict[str, str]) -> None:
    text = shown(load(key), language, **values)
    assert not set("{}") & set(text)
    assert (BLANK in text) is (not values and any(placeholders(t.get("nb", "")) for _, _, t in load(key).texts()))


def test_values_are_put_in_and_missing_ones_become_a_line() -> None:
    letter = load("brev-8-uker")
    text = shown(letter, "nb", navn="Åse Nøkleby", forste_dag="5. mars 2026", leder="  ")
    assert "Til Åse Nøkleby" in text
    assert "sykemeldt siden 5. mars 2026, og jeg" in text
    assert f"Vennlig hilsen\n{BLANK}\nleder" in text


@pytest.mark.parametrize("value", ["{leder}", "{navn}", "{navn.__class__}", "{0}", "{", "}}", "%(leder)s", r"\1 \g<0>"])
def test_braces_in_a_value_stay_text(value: str) -> None:
    assert shown(parse_letter(small()), "nb", navn=value, leder="hemmelig") == f"Hei {value}\n"


@pytest.mark.parametrize(
    "name",
    ["navn.__class__", "navn[0]", "navn!r", "navn:>99", "fodselsdato", "NAVN", "", " navn", "0", "self", "diagnose"],
)
def test_only_listed_placeholders_are_known(name: str) -> None:
    braced = f"Hei {{{name}}}"
    data = small(blocks=[paragraph(text=braced)])
    assert any(fault.startswith("hello: text.nb: har {") and "som ikke finnes" in fault for fault in faults(data))
    unchecked = Letter.model_validate(data)
    assert fill(unchecked, "nb", {name: "x", "navn": "y"})[0].text == braced


def test_placeholders_are_these() -> None:
    assert set(PLACEHOLDERS) == {
        "navn", "fodselsnummer", "enhet", "stilling", "leder", "kommune", "forste_dag", "dato", "klokkeslett", "sted",
        "dagens_dato", "sykmelder",
    }  # fmt: skip


def test_occupational_health_comes_only_where_it_applies() -> None:
    letter = load("innkalling-dialogmote-ansatt")
    assert len(fill(letter, "nb", {})) == 9
    without = fill(letter, "nb", {}, conditions=())
    assert len(without) == 8
    assert not any("bedriftshelsetjeneste" in block.text for block in without)
    (block,) = (b for b in fill(letter, "nb", {}, conditions={"occupational_health"}) if b.only_if)
    assert "bedriftshelsetjeneste" in block.text
    assert "vaktmestere" in block.note
    assert "vaktmestere" not in block.text


def test_letters_do_not_change_the_values() -> None:
    values = {"navn": "Kari"}
    fill(load("info-2"), "nn", values)
    assert values == {"navn": "Kari"}


def test_telephone_table_is_square() -> None:
    (table,) = (block for block in fill(load("info-2"), "nn", {}) if block.type == "table")
    assert [len(row) for row in table.rows] == [4, 4, 4, 4]
    assert table.rows[0] == ("NAV arbeid og NAV trygd", "", "", "www.nav.no")


def test_all_faults_are_named_at_once() -> None:
    data = small(
        title={"nb": "Til {navn}"},
        blocks=[
            {"id": "one", "type": "paragraph", "text": {"nn": "{hemmelig}"}},
            {"id": "two", "type": "list", "text": {"nb": "a } b"}},
            {"id": "three", "type": "table", "rows": [[{"nb": "a"}, {}], [{"nb": "b"}]], "items": [{"nb": "c"}]},
            paragraph("four", level=2),
            paragraph("Five__"),
        ],
    )
    found = " | ".join(faults(data))
    for part in (
        ": title.nb: kan ikke ha {navn}",
        "one: text: har ingen tekst på bokmål",
        "one: text.nn: har {hemmelig}, som ikke finnes; disse finnes: {navn}, {fodselsnummer}",
        "two: text.nb: har en krøllparentes uten maken sin",
        "two: items: mangler",
        "three: items: hører ikke til typen tabell",
        "three: rows: har ikke like mange ruter",
        "four: level: hører ikke til typen avsnitt",
        "Five__: id: må ha små bokstaver",
    ):
        assert part in found


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("[]", ": file: er ikke et JSON-objekt"),
        ("{", ": file: er ikke gyldig JSON"),
        (b"\xff\xfe\x00", ": file: er ikke gyldig JSON"),
        ("[" * 100_000, ": file: er ikke gyldig JSON"),
        (" " * 2_000_001, ": file: er større enn"),
        (small(extra=1), ": extra: finnes ikke i formatet"),
        (
            small(languages=["en"], title={"en": "x"}, blocks=[{"id": "x", "type": "closing", "text": {"en": "x"}}]),
            ": languages: må ha med bokmål eller nynorsk",
        ),
        (small(blocks=[]), ": blocks: har ingenting som vises"),
        (small(blocks=[paragraph(hidden=True)]), ": blocks: har ingenting som vises"),
        (small(blocks=[paragraph(type="script")]), "hello: type: "),
        (small(blocks=[paragraph(only_if="always")]), "hello: only_if: "),
        (small(blocks=[paragraph(hidden="kanskje")]), "hello: hidden: "),
        (small(blocks=[{"type": "paragraph", "text": {"nb": "x"}}]), ": blocks.0.id: mangler"),
        (small(blocks=[paragraph(), paragraph()]), "hello: id: er brukt mer enn én gang"),
        (small(blocks=[paragraph(f"p{n}") for n in range(301)]), ": blocks: har for mange deler; høyst 300 er tillatt"),
        (small(blocks=[paragraph(f"p{n}") for n in range(5000)]), ": blocks: "),
        (small(blocks=[paragraph(items=[{"nb": "x"}] * 101)]), "hello: items: "),
        (small(blocks={"a": 1}), ": blocks: "),
        (small(blocks=[1]), ": blocks.0: "),
        (small(recipient="nav"), ": recipient: "),
        (small(version=0), ": version: "),
    ],
    ids=range(21),
)
def test_bad_letters_are_refused(source: Any, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(source))


def test_a_flood_of_faults_is_told_in_short() -> None:
    blocks = [{"id": f"b{n}", "type": "list", "items": [{}] * 100} for n in range(MAX_BLOCKS)]
    found = faults(small(blocks=blocks))
    assert len(found) == 501
    assert re.search(r"har \d+ feil til", found[-1])


def test_a_draft_may_have_faults() -> None:
    data = small(title={}, blocks=[paragraph(text="{hemmelig}"), {"id": "table", "type": "table"}])
    letter = shape_letter(data)
    assert [block.id for block in letter.blocks] == ["hello", "table"]
    assert {(fault.item, fault.property) for fault in faults_of_letter(letter)} == {
        ("", "title"), ("hello", "text.nb"), ("table", "rows"),
    }  # fmt: skip
    with pytest.raises(BadDefinition):
        parse_letter(data)


def test_what_is_hidden_is_not_printed_and_needs_no_translation() -> None:
    hidden = paragraph("later", "Bare for {leder}", hidden=True)
    letter = parse_letter(small(languages=["nb", "nn"], title={"nb": "Brev", "nn": "Brev"},
                                blocks=[{**paragraph(), "text": {"nb": "Hei", "nn": "Hei"}}, hidden]))  # fmt: skip
    assert [block.text for block in fill(letter, "nn", {})] == ["Hei"]
    assert [block.id for block in letter.without_hidden().blocks] == ["hello"]
    assert [fault.property for fault in faults_of_letter(letter.model_copy(update={"blocks": (
        letter.blocks[0], letter.blocks[1].model_copy(update={"hidden": False}))}))] == ["text"]  # fmt: skip


@pytest.mark.parametrize("key", BLOCKS)
def test_ids_are_readable_and_leave_room_for_the_municipalitys_own(key: str) -> None:
    """Own blocks are numbered (avsnitt_1), so a shipped block that comes later never takes their id."""
    ids = [block.id for block in load(key).blocks]
    assert len(set(ids)) == len(ids)
    assert all(ID.match(block_id) and not re.search(r"_\d+\Z", block_id) for block_id in ids)


def test_json_text_bytes_and_data_are_the_same_letter() -> None:
    text = json.dumps(SMALL)
    assert parse_letter(text) == parse_letter(text.encode()) == parse_letter(SMALL)
