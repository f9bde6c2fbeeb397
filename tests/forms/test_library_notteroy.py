"""The four question sets of Nøtterøy's handbook: whole, bilingual, and faithful to the paper."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import forms
from forms.definition import LAW_PARTS, QuestionSetDefinition, parse
from forms.sheet import build_sheet

LIBRARY = Path(forms.__file__).parent / "library"
KEYS = ("notteroy-plan", "notteroy-sjekkliste", "notteroy-dialogmotereferat", "notteroy-samtykke")

IDS = {
    "notteroy-plan": (
        "employee_facts absence_periods dialogue_meeting dialogue_date dialogue_participants dialogue_conclusion "
        "function_assessment workplace_measures public_means goals signatures shown_to_doctor sent_to_nav "
        "contact_log_hint contact_log"
    ),
    "notteroy-sjekkliste": "employee_facts rules_today checklist minimum",
    "notteroy-dialogmotereferat": (
        "employee_facts meeting meeting_place meeting_date meeting_time attendees topic background assessment "
        "conclusion minute_taker"
    ),
    "notteroy-samtykke": "statement may_cooperate may_collect confidentiality signatures",
}
CODES = {
    "workplace_measures": "adapted_tasks temporary_tasks assistance other_place other",
    "public_means": (
        "active_sick_leave active_sick_leave_extension assistive_aids facilitation_grant facilitation_grant_extension "
        "travel_grant graded_sick_leave bought_health_services vocational_rehabilitation exemption_pregnant "
        "exemption_chronic other"
    ),
    "goals": "ordinary_work new_temporary new_permanent other",
}
# Row, the paper's time, its milestone and the start of its text.
CHECKLIST = (
    ("day_1", "1. fraværsdag", "day_1", "Arbeidstaker skal gi beskjed til overordnet om fravær"),
    ("day_8", "8. fraværsdag", "day_8", "Arbeidstaker skal gi skriftlig melding til leder"),
    ("day_9", "9. fraværsdag", "day_9", "Sykemelding leveres til leder"),
    ("week_2", "2. fraværsuke", "week_2", "Leder tar kontakt med den syke"),
    ("week_3", "3. fraværsuke", "week_3", "Leder og ansatt har kontakt"),
    ("week_4", "4. fraværsuke", "week_4", "Leder inviterer til samtale"),
    ("week_6", "6. fraværsuke", "week_6", "Oppfølgingsplan er utarbeidet mellom leder og ansatt"),
    ("ongoing_from_week_6", "Jevnlig", None, "Kontakten opprettholdes jevnlig i hele sykefraværsperioden"),
    ("week_10", "10. fraværsuke", "week_10", "Hvis 100 % syk: innkalle til dialogmøte innen 12. fraværsuke"),
    ("week_12", "12. fraværsuke", "week_12", "Hvis 100 % syk: gjennomføre dialogmøte"),
    ("week_24", "24. fraværsuke", "week_24", "Delta i dialogmøte hos NAV trygd"),
    ("week_38", "38. fraværsuke", "week_38", "Leder har samtale med den syke"),
    ("ongoing_from_week_38", "Jevnlig", None, "Kontakten opprettholdes jevnlig – oppfølgingsplan/logg skrives"),
    ("week_92", "92. fraværsuke", "week_92", "Lederen gjennomfører samtale med den sykemeldte"),
)
# As on paper, spelling mistakes corrected.
SEED = {
    "notteroy-plan": """
        Individuell oppfølgingsplan
        Ansattes navn
        F.nr.:
        Ressursnr:
        Stilling:
        Stillingsdel:
        Oppfølgingsansvarlig:
        Oppfølgingsperiode fra
        Sykmeldt fra/til:
        Forlenget fra/til:
        DIALOGMØTE 12 UKER (100% syk)
        Dato gjennomført:
        Deltagere:
        Vurdering/konklusjon:
        Funksjonsvurdering
        hva er normalt oppgavene i stillingen – hva kan utføres nå
        hva kan utføres nå - hva kan evt. ikke utføres/problem begrensninger –omfang
        Husk dato
        Tiltak som gjennomføres på arbeidsplassen/i virksomheten (Flere kryss kan settes)
        Kommentar/forklaring/beskrivelse (Husk dato)
        Tilpasning av opprinnelige arbeidsoppgaver
        Nye midlertidige arbeidsoppgaver
        Bistand fra kollega/leder
        Utprøving av nye arbeidsoppgaver annet sted i virksomheten
        Virkemidler fra trygdeetaten som benyttes (Flere kryss kan settes)
        Aktiv sykmelding
        Forlengelse av Aktiv sykmelding
        Hjelpemiddelsentralen
        Tilretteleggingstilskudd
        Forlengelse av Tilretteleggings-tilskudd
        Reisetilskudd
        Gradert sykmelding
        Kjøp av helsetjenester
        Yrkesrettet attføring (A-etat)
        Fritak fra arbeidsgiverperioden for gravide
        Fritak fra arbeidsgiverperioden for kronisk syke
        Annet:
        Målet for tilretteleggingen/tiltakene (Flere kryss kan settes)
        Gradvis tilbakeføring til ordinært arbeid
        Gradvis innføring i nye, midlertidige oppgaver
        Gradvis innføring i nye, faste arbeidsoppgaver
        Underskrift arbeidsgiver
        Underskrift arbeidstaker
        Oppfølgingsplan forevist lege:
        Legens underskrift
        Oppfølgingsplan sendt NAV trygd, i ansattes hjemkommune, ved 6 uker, 12 uker og 38 uker
        samt på forespørsel fra NAV trygd.
        Arbeidsgivers underskrift
        Benytt gjerne egen kontaktlogg se nedenfor.
        Kontaktlogg
        Type kontakt
        Resultat/konklusjon
    """,
    "notteroy-sjekkliste": """
        Sjekkliste oppfølging av syke
        Navn:
        Fnr:
        Ressursnr:
        Arbeidssted:
        Funksjon/stilling:
        Stillingsstørrelse:
        Arbeidstaker skal gi beskjed til overordnet om fravær og forventet fraværslengde.
        Leder sjekker forbruk av egenmeldinger (maks 24 dager pr 12 mndr) og evt preutfyller egenmeldingsskjema
        så snart som mulig og seinest første arbeidsdag etter fraværet. (videresendes sektorsekretær)
        obs funksjonsvurdering fra lege - Videre sendes sektorsekretær umiddelbart
        spør hvordan det går og om / og i tilfelle hva arbeidsgiver kan bidra med for å avkorte sykefraværet
        vurderer tilrettelegging – funksjonsvurdering og oppfølgingsplan / logg benyttes.
        Husk at oppfølgingsplanen skal tas med til lege for gjennomlesning, stempling og signering.
        info 1 overleveres samt brosjyre : tettere oppfølging av syke fra 01.03.07
        vurderer tilrettelegging - jf 2. fraværsuke
        info 1 overleveres (forslag til brev 1)
        flaggmelding i WebSak til personalseksjonen v/ lkg
        Kopi sendes NAV trygd i ansattes hjemkommune
        Samtykkeerklæring er skrevet
        inviter BedriftsHelsen hvis lovpålagt - inviter behandlende lege hvis ansatt ønsker det
        forslag til brev ansatt og lege
        Sende oppdatert oppfølgingsplan eller referat fra møte til NAV trygd med vurdering av situasjon og muligheter
        forslag til følgebrev i WebSak og mal referat
        sammen med den ansatte samt evt representant fra personalseksjonen og bedriftshelsen (hvis lovpålagt)
        Vurdere rehabilitering/attføring
        "Hva videre?" info 2 overleveres (forslag til brev 2) (Kopi av oppfølgingsplan sendes NAV trygd)
        evt klargjør for opphør, referat skrives/ oppfølgingsplan
        Ovennevnte er å anse som minimumsaktivitet i forbindelse med sykefravær.
    """,
    "notteroy-dialogmotereferat": """
        Dialogmøte oppfølging av syk
        Ansatt navn:
        Fødsels- og personnummer:
        Arbeidssted:
        Tittel:
        Stillingsstørrelse:
        Syk fra:
        Møtested/ dato/ tid:
        Tilstede:
        Ansatt
        Leder
        Lege
        Bistandsperson
        Tema
        Bakgrunn
        Vurdering
        Konklusjon
        Referent
    """,
    "notteroy-samtykke": """
        Samtykke erklæring
        Undertegnede bekrefter med dette at Nøtterøy kommune s attføringsutvalg kan samhandle
        med tanke på min tilbakeføring til arbeid.
        Undertegnede aksepterer dermed at attføringsutvalget innhenter og håndterer de personlige opplysningene
        som er relevante og nødvendige i denne forbindelsen.
        Tillatelsen er betinget av at attføringsutvalgets medlemmer er underlagt taushetsplikt.
        Sted
        Dato
        Underskrift
        Evt underskrift av bistandsperson
    """,
}
PHRASES = [(key, line.strip()) for key, text in SEED.items() for line in text.strip().splitlines()]


def load(key: str) -> QuestionSetDefinition:
    return parse((LIBRARY / f"{key}.json").read_bytes())


def normal(text: str) -> str:
    """Letters, digits and % only, so that dashes, dots and spaces may be set better than on paper."""
    return re.sub(r"[^a-z0-9æøå%]", "", text.casefold())


def texts(node: Any) -> Iterator[dict[str, str]]:
    """Every text per language in JSON data, in order."""
    if isinstance(node, dict):
        if node and set(node) <= {"nb", "nn", "en", "se"}:
            yield node
            return
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from texts(part)


def raw(key: str) -> dict[str, Any]:
    return json.loads((LIBRARY / f"{key}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("key", KEYS)
def test_is_a_definition_named_as_its_file(key: str) -> None:
    assert load(key).key == key


@pytest.mark.parametrize("key", KEYS)
def test_ids_are_never_changed(key: str) -> None:
    """Stored answers hang on them."""
    assert [item.id for item in load(key).walk()] == IDS[key].split()


@pytest.mark.parametrize("item_id", CODES)
def test_option_codes_are_never_changed(item_id: str) -> None:
    item = load("notteroy-plan").find(item_id)
    assert item is not None
    assert [option.code for option in item.options] == CODES[item_id].split()


@pytest.mark.parametrize("key", KEYS)
def test_every_text_is_in_bokmaal_and_nynorsk(key: str) -> None:
    found = list(texts(raw(key)))
    assert len(found) > 5
    assert [text for text in found if not all(text.get(language, "").strip() for language in ("nb", "nn"))] == []


@pytest.mark.parametrize("key", KEYS)
def test_nynorsk_is_nynorsk(key: str) -> None:
    bokmaal = re.compile(
        r"\b(ikke|hva|hvis|fra|jeg|syk\w*|uke\w*|leder\w*|noen|arbeidsgiver\w*|arbeidstaker\w*|oppgaver)\b"
    )
    assert [t["nn"] for t in texts(raw(key)) if bokmaal.search(t["nn"].casefold())] == []


@pytest.mark.parametrize(("key", "phrase"), PHRASES)
def test_says_what_the_paper_says(key: str, phrase: str) -> None:
    assert normal(phrase) in normal(" ".join(text["nb"] for text in texts(raw(key))))


@pytest.mark.parametrize("key", KEYS)
def test_page_head_is_that_of_the_handbook(key: str) -> None:
    paper = load(key).paper
    assert paper.head["nb"].startswith("Nøtterøy kommune – HMS-håndbok")
    assert paper.made_by["nb"] == "Personalseksjonen"
    assert paper.approved_by["nb"] == "Rådmannen, mai 2004"
    assert paper.revised == "23.03.07"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", ["nb", "nn"])
def test_a_blank_sheet_shows_every_item(key: str, language: str) -> None:
    definition = load(key)
    sheet = build_sheet(definition, language)
    assert len(sheet.nodes) == len(definition.items)
    assert sheet.title


def test_checklist_has_every_row_of_the_paper() -> None:
    item = load("notteroy-sjekkliste").find("checklist")
    assert item is not None
    assert [(r.id, r.when["nb"], r.milestone) for r in item.rows] == [row[:3] for row in CHECKLIST]
    for row, (_, _, _, start) in zip(item.rows, CHECKLIST, strict=True):
        assert row.text["nb"].startswith(start)


def test_checklist_keeps_steps_of_repealed_rules_when_filled_in() -> None:
    sheet = build_sheet(load("notteroy-sjekkliste"), "nb", {})
    node = next(node for node in sheet.nodes if node.id == "checklist")
    assert len(node.rows) == len(CHECKLIST)


def test_plan_covers_the_four_parts_of_the_law_and_locks_them() -> None:
    items = [item for item in load("notteroy-plan").walk() if item.law_part]
    assert {item.law_part for item in items} == set(LAW_PARTS)
    assert all(item.locked for item in items)


def test_dead_terms_are_marked() -> None:
    item = load("notteroy-plan").find("public_means")
    assert item is not None
    dead = {option.code for option in item.options if option.dead_term}
    assert dead == {"active_sick_leave", "active_sick_leave_extension", "vocational_rehabilitation"}


def test_who_signs() -> None:
    signers = {
        (key, signer.role, signer.required)
        for key in KEYS
        for item in load(key).walk()
        for signer in item.signers
    }  # fmt: skip
    assert signers == {
        ("notteroy-plan", "employer", True), ("notteroy-plan", "employee", True), ("notteroy-plan", "doctor", False),
        ("notteroy-samtykke", "employee", True), ("notteroy-samtykke", "assistant", False),
    }  # fmt: skip


def test_free_text_about_health_warns_against_diagnoses() -> None:
    for key in KEYS:
        for item in load(key).walk():
            if item.type == "text":
                assert "Ikke skriv diagnose eller detaljer om helse." in item.help["nb"], item.id
                assert "Ikkje skriv diagnose eller detaljar om helse." in item.help["nn"], item.id
