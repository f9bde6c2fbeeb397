"""The shipped plan sets Nordre Land, the agreement in three parts and Nav's questions: whole, bilingual, faithful."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from forms.answers import law_coverage, missing
from forms.definition import LAW_PARTS, QuestionSetDefinition, Texts, parse
from forms.library import letter_keys, load_letter, load_shipped, shipped_file, shipped_keys
from forms.sheet import Context, build_sheet

PLANS = ("nordre-land-iop", "avtale-tre-deler", "nav-2025")

# Golden: an id or a code is never renamed and never reused for something else; new ones are added here.
IDS = {
    "nordre-land-iop": (
        "about_you facts_head intro steps duties meeting_date previous_contact participants facts_work situation "
        "about_questions how_now expectations work_related function_now other_tasks what_is_needed most_important "
        "facilitation other_means referred agreed conclusion measures way_forward evaluation_date "
        "dialogue_meeting_held dialogue_meeting_reason recipients signing signatures"
    ),
    "avtale-tre-deler": (
        "parties facts_head intro guide part_1 part_1_note plan_kind_boxes questions_heading goal ordinary_tasks "
        "well_and_hard partial_tasks earlier_measures part_2 workplace cooperation physical outside_work part_3 "
        "agreed assistance measures next_talk next_participants signing signatures copy_to"
    ),
    "nav-2025": (
        "om_planen opplysninger arbeidsoppgaver typisk_arbeidshverdag arbeidsoppgaver_som_kan_utfores "
        "arbeidsoppgaver_som_ikke_kan_utfores tilrettelegging tidligere_tilrettelegging tilrettelegging_fremover "
        "annen_tilrettelegging tiltak oppfolging hvordan_folge_opp evaluerings_dato har_den_ansatte_medvirket "
        "den_ansatte_har_ikke_medvirket_begrunnelse signering signaturer"
    ),
}
CODES = {
    ("nordre-land-iop", "other_means"): (
        "graded_or_travel facilitation_grant workplace_assessment employer_period_exemption pregnancy_benefit training "
        "health_services not_relevant"
    ),
    ("nordre-land-iop", "referred"): "occupational_health faster_back other",
    ("avtale-tre-deler", "plan_kind_boxes"): "first extension",
}

# Every phrase of the paper forms, in order. Spelling mistakes corrected and abbreviations written out; a box that asks
# for several things is several boxes here, so its phrase is too. The organisation number is a fact of the municipality.
SEED = {
    "nordre-land-iop": """
        INDIVIDUELL OPPFØLGINGSPLAN (IOP)
        for ansatte i Nordre Land kommune som er sykmeldt eller i fare for å bli sykmeldt
        Arbeidstakers navn
        adresse
        telefonnr.
        Personnr.:
        NAV-kontor:
        Organisasjonsnummer
        Enhet/avdeling
        kontaktperson
        telefonnr. kontaktperson
        IOP er et samtaleverktøy for alle oppfølgingssamtaler mellom en arbeidstaker og nærmeste leder.
        Oppfølgingssamtalene skal sikre en god kartlegging av situasjonen og hva som kan/skal gjøres
        for at en arbeidstaker skal kunne unngå sykefravær
        eller komme raskest mulig tilbake til arbeid etter en periode med sykdom.
        Gult lys: Arbeidstaker kontakter arbeidsgiver for samtale. IOP er samtaleverktøy.
        0-4 uker Kontakt mellom arbeidstaker og nærmeste leder i henhold til våre oppfølgingsrutiner.
        4 uker IOP skal være utarbeidet for alle sykmeldte. IOP sendes til sykmelder og Faggruppe HR.
        7 uker Dialogmøte 1. Arbeidsgiver innkaller. Arbeidsgiver, arbeidstaker, bedriftshelsetjeneste og sykmelder.
        Det kan være aktuelt å innkalle NAV/IA-rådgiver, HMS-rådgiver.
        Revidert IOP sendes NAV, HR og sykmelder innen 9 uker (gjaldt til 30. juni 2014)
        7-26 uker Arbeidsgiver og arbeidstaker oppdaterer IOP ved endring. Bistand fra andre ved behov.
        26 uker Dialogmøte 2. NAV innkaller. Arbeidsgiver, arbeidstaker, bedriftshelsetjeneste, sykmelder.
        9 mndr – KLP/SPK-samtale
        26 uker - Arbeidsgiver og arbeidstaker oppdaterer IOP.
        Dialogmøte 3 avholdes innen utløpet av sykepengeperioden.
        Arbeidsgiver og arbeidstaker har et gjensidig ansvar for at oppfølgingen skjer.
        For å beholde retten til å motta sykepenger kreves det at den sykmeldte arbeidstakeren deltar aktivt i egen sak
        og tar ansvar for å gjennomføre nødvendige tiltak for å komme raskest mulig tilbake i arbeid.
        Samtale/møte dato?
        Hvem deltar?
        Stillingsprosent?
        Dato for vår forrige samtale?
        Når ble du sykmeldt?
        Maksdato for sykepenger?
        Sykmeldingsgrad nå?
        Kort beskrivelse av ordinære arbeidsoppgaver:
        De spørsmål/tema som følger vil i de fleste saker være relevant å få avklart.
        Den som er sykmeldt kan med fordel gå gjennom spørsmålene på forhånd før samtalen med sin leder.
        Hvordan har du det nå?
        Hvilke endringer har skjedd i din situasjon siden vår forrige samtale?
        Hvilke forventninger har du til denne samtalen og denne oppfølgingsprosessen?
        I hvilken grad er fraværet ditt relatert til forhold i arbeidssituasjonen?
        Hvordan er din funksjonsevne i dag i forhold til dine ordinære arbeidsoppgaver?
        (Funksjonsevne = hva kan du gjøre til tross for sykdom)
        Hvilke alternative/andre oppgaver tror du at du kan utføre slik situasjonen er nå?
        Hva er det viktigste som må skje for at du skal kunne komme tilbake i din ordinære jobb?
        Hva kan du selv gjøre?
        Hva kan arbeidsgiver gjøre?
        Er det behov for ekstern hjelp?
        Kan du utføre hele eller deler av din ordinære jobb dersom arbeidet ble tilrettelagt bedre?
        Eksempelvis:
        endret arbeidstid/-mengde/andre oppgaver
        ergonomiske tiltak/nytt utstyr/hjelpemidler
        medbestemmelse/større grad av egenkontroll
        Kan bruk av andre virkemidler være et alternativ?
        gradert sykmelding/reisetilskudd
        tilretteleggingstilskudd
        arbeidsplassvurdering m/fysioterapeut
        fritak for arbeidsgiverperioden
        svangerskapspenger
        treningstilbud
        kjøp av helsetjenester
        Henvist
        Bedriftshelsetjeneste
        Raskere tilbake
        Annet:
        Konklusjon, samt tiltak det er enighet om å gjennomføre og/eller tiltak som er foreslått,
        men som en av partene ikke vil/kan gjennomføre. Noter eventuelle vedlegg til planen.
        Tidsfrist:
        Ansvarlig:
        Når skal vi evaluere planen/ møtes neste gang?
        Dato:
        Er dialogmøte avholdt
        Eventuell begrunnelse:
        Planen sendes sykmelder/behandlende lege
        Navn:
        og Faggruppe HR
        Sted/dato
        Arbeidsgivers signatur
        Arbeidstakers signatur
    """,
    "avtale-tre-deler": """
        Individuell oppfølgingsplan
        Avtale mellom arbeidsgiver og arbeidstaker
        Arbeidstaker:
        Født (11 siffer):
        Adresse:
        Postnr./sted:
        Tlf privat
        tlf jobb:
        NAV-kontor:
        Arbeidsgiver:
        Stilling:
        Kontaktperson:
        Forebygging av sykefravær og oppfølging av sykmeldte krever et forsterket samarbeid og en aktiv dialog mellom
        arbeidsgiver og arbeidstaker.
        En forutsetning for at arbeidsgiver skal kunne oppfylle sin plikt til individuell tilrettelegging av arbeidet,
        er at arbeidstaker opplyser om egen funksjonsevne og muligheter, og samarbeider om hensiktsmessige tiltak.
        Se samtaleguiden: Sjekkliste for dialogmøte i regi av arbeidsgiver
        Aktuelle spørsmålsstillinger:
        Mål for oppfølgingen
        Hva er arbeidstakerens ordinære arbeidsoppgaver?
        Hva går bra og hva er vanskelig?
        Oppgaver, arbeidstid, samarbeid, organisering av arbeidet, annet
        Kan arbeidstaker utføre deler av sine ordinære arbeidsoppgaver – i tilfelle hvilke?
        Hvis nei, er det forhold på arbeidsplassen som hindrer arbeidstaker i å komme tilbake i jobb (i tilfelle hva)?
        Hvilke tilretteleggingstiltak er vurdert eller forsøkt tidligere?
        Type oppfølgingstiltak?
        Hva har fungert?
        Hva har ikke fungert?
        1. Beskrivelse av situasjonen i dag
        Ved utarbeiding av nye oppfølgingsplaner behøver man ikke å fylle ut hele pkt. 1 hver gang.
        Kryss av for
        Første oppfølgingsplan i perioden
        Forlengelse av tidligere plan
        Forhold på arbeidsplassen?
        Oppgaver, arbeidsinnhold, arbeidstid, tidskrav, tempo, organisering av arbeidet
        Samhandling med andre, kompetanse, tilbakemelding fra leder, informasjonsrutiner
        sosialt miljø, holdninger, kultur
        Arbeidsplassens fysiske utforming, tekniske hjelpemidler
        Andre forhold utenfor arbeidsplassen som påvirker mulighetene for å jobbe?
        2. Hva skal til for at arbeidstaker skal kunne komme tilbake i jobb (forhold som bør og kan endres)?
        Hva er vi enige om?
        Delmål (milepæler)
        Tidsfrister
        Permanente og midlertidige tiltak
        Behov for bistand fra andre
        trygde-/settekontor, FTK
        attføringsutvalg, lege, arbeidslivssenteret, Aetat (nå Nav)
        Ansvarsfordeling mellom arbeidsgiver, arbeidstaker, andre bidragsytere
        3. Veien videre (hva gjør vi, hvem gjør det og når?)
        Neste oppfølgingssamtale
        (dato)
        Deltakere:
        Avtalepartenes signaturer
        Dato
        Kopi av oppfølgingsplanen skal sendes til
    """,
    "nav-2025": """
        Hvordan ser en vanlig arbeidsdag ut?
        Beskriv hvilke arbeidsoppgaver den ansatte gjør på jobben.
        Hvilke arbeidsoppgaver kan fortsatt utføres?
        Hvilke arbeidsoppgaver kan ikke utføres?
        Tilrettelegging tidligere i sykefraværet
        Hvordan skal dere tilrettelegge arbeidshverdagen fremover?
        Har dere andre muligheter for tilrettelegging som ikke prøves ut nå?
        Hvordan skal dere følge opp avtalt tilrettelegging?
        Når skal dere evaluere planen og eventuelt justere den?
        Har du snakket med den ansatte om innholdet i planen?
        Hvorfor har dere ikke snakket sammen om innholdet i planen?
        Arbeidstakers navn
        Arbeidstakers fødselsnummer
        Bedriftens navn
        Organisasjonsnummer
        Nærmeste leder
    """,
}
# Nav's field for each of its questions.
NAV = {
    "typisk_arbeidshverdag": "typicalWorkday",
    "arbeidsoppgaver_som_kan_utfores": "tasksThatCanStillBeDone",
    "arbeidsoppgaver_som_ikke_kan_utfores": "tasksThatCanNotBeDone",
    "tidligere_tilrettelegging": "previousFacilitation",
    "tilrettelegging_fremover": "plannedFacilitation",
    "annen_tilrettelegging": "otherFacilitationOptions",
    "hvordan_folge_opp": "followUp",
    "evaluerings_dato": "evaluationDate",
    "har_den_ansatte_medvirket": "employeeHasContributedToPlan",
    "den_ansatte_har_ikke_medvirket_begrunnelse": "employeeHasNotContributedToPlanDescription",
}
BOKMAL = re.compile(
    r"\b(ikke|hva|hvem|hvordan|hvilke|hvorfor|jeg|fra|noe|arbeidstaker\w*|arbeidsgiver\w*|sykm\w+|syke\w+)\b", re.I
)


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _texts(definition: QuestionSetDefinition) -> Iterator[tuple[str, Texts]]:
    yield from (("title", definition.title), ("subtitle", definition.subtitle), ("description", definition.description))
    for item in definition.walk():
        for texts in (item.text, item.help, item.copies_to, item.unit, *item.examples):
            yield item.id, texts
        for parts in (item.options, item.columns, item.rows, item.facts, item.signers):
            yield from ((item.id, part.text) for part in parts)  # type: ignore[attr-defined]
        for constraint in item.constraints:
            yield item.id, constraint.message


@pytest.mark.parametrize("key", PLANS)
def test_set_has_no_fault_and_bears_the_name_of_its_file(key: str) -> None:
    definition = parse(shipped_file(key).read_bytes())
    assert (definition.key, definition.kind, definition.languages) == (key, "plan", ("nb", "nn"))
    assert load_shipped(key) == definition
    assert load_shipped(key) is load_shipped(key)


@pytest.mark.parametrize("key", PLANS)
def test_every_text_is_in_both_languages(key: str) -> None:
    for where, texts in _texts(load_shipped(key)):
        assert set(texts) in ({"nb", "nn"}, set()), where
        assert all(text.strip() == text != "" for text in texts.values()), where


@pytest.mark.parametrize("key", PLANS)
def test_nynorsk_is_nynorsk(key: str) -> None:
    for where, texts in _texts(load_shipped(key)):
        if not texts:
            continue
        if len(texts["nb"]) > 30 and " " in texts["nb"]:
            same = texts["nb"] == texts["nn"]
            assert not same or texts["nb"] in SAME, f"{where}: {texts['nn']}"
        assert not BOKMAL.search(texts["nn"]), f"{where}: {texts['nn']}"


# Long texts that are the same in both written languages.
SAME = {
    "arbeidsplassvurdering m/fysioterapeut",
    "Første oppfølgingsplan i perioden",
    "Individuell oppfølgingsplan (IOP)",
    "Noter eventuelle vedlegg til planen.",
    "Er det behov for ekstern hjelp?",
    "Neste oppfølgingssamtale (dato)",
}


@pytest.mark.parametrize("key", PLANS)
def test_every_phrase_of_the_paper_form_is_there(key: str) -> None:
    have = " | ".join(["", *(_normal(texts.get("nb", "")) for _, texts in _texts(load_shipped(key))), ""])
    phrases = [line.strip() for line in SEED[key].strip().splitlines()]
    assert [phrase for phrase in phrases if f" {_normal(phrase)} " not in have] == []


@pytest.mark.parametrize("key", PLANS)
def test_blank_sheet_holds_every_item(key: str) -> None:
    definition = load_shipped(key)
    sheet = build_sheet(definition, "nn")
    stack, shown = list(sheet.nodes), []
    while stack:
        node = stack.pop()
        shown.append(node.id)
        stack.extend(node.items)
    assert sorted(shown) == sorted(item.id for item in definition.walk())


@pytest.mark.parametrize("key", PLANS)
def test_ids_and_codes_are_stable(key: str) -> None:
    definition = load_shipped(key)
    assert [item.id for item in definition.walk()] == IDS[key].split()
    found = {(key, item.id): [o.code for o in item.options] for item in definition.walk() if item.options}
    assert found == {where: codes.split() for where, codes in CODES.items() if where[0] == key}


@pytest.mark.parametrize("key", PLANS)
def test_the_four_parts_of_the_law_are_asked_and_locked(key: str) -> None:
    definition = load_shipped(key)
    assert all(law_coverage(definition, None, {}, has_measures=False).values())
    for part in LAW_PARTS:
        asked = [item for item in definition.questions() if item.law_part == part and item.locked]
        assert any(item.required not in (False, "recommended") for item in asked), part


@pytest.mark.parametrize("key", PLANS)
def test_free_text_about_health_says_what_not_to_write(key: str) -> None:
    for item in load_shipped(key).questions():
        if item.type == "text" and item.sensitivity == "health" and item.id != "conclusion":
            assert "Ikke skriv diagnose eller detaljer om helse." in item.help["nb"], item.id
            assert "Ikkje skriv diagnose eller detaljar om helse." in item.help["nn"], item.id


@pytest.mark.parametrize("key", PLANS)
def test_every_top_level_item_is_a_named_section(key: str) -> None:
    assert all(item.type == "group" and item.text for item in load_shipped(key).items)


@pytest.mark.parametrize("key", PLANS)
def test_signatures_are_of_both_parties(key: str) -> None:
    (block,) = (item for item in load_shipped(key).walk() if item.type == "signatures")
    assert [signer.role for signer in block.signers] == ["employer", "employee"]
    assert block.print.keep_together


@pytest.mark.parametrize(("kind", "wanted"), [("first", True), ("extension", False)])
def test_part_one_of_the_agreement_is_demanded_in_a_first_plan_only(kind: str, wanted: bool) -> None:
    sheet = build_sheet(load_shipped("avtale-tre-deler"), "nb", {}, Context(variables={"plan.kind": kind}))
    part_1 = next(node for node in sheet.nodes if node.id == "part_1")
    asked = [node for node in part_1.items if node.type == "text"]
    assert len(asked) == 5
    assert {node.required for node in asked} == {wanted}
    assert "plan_kind_boxes" not in {node.id for node in part_1.items}


def test_nav_questions_feed_the_fields_of_nav() -> None:
    definition = load_shipped("nav-2025")
    assert {item.id: item.nav_field for item in definition.questions()} == NAV
    assert all(item.max_length == 2000 for item in definition.questions() if item.type == "text")


def test_reason_is_asked_for_when_the_employee_took_no_part() -> None:
    definition = load_shipped("nav-2025")
    reason = "den_ansatte_har_ikke_medvirket_begrunnelse"
    for took_part, wanted in ((True, False), (False, True), (None, False)):
        answers = {} if took_part is None else {"har_den_ansatte_medvirket": took_part}
        assert (reason in {gap.item_id for gap in missing(definition, answers, {})}) is wanted


def test_organisation_number_is_the_municipality_s_own() -> None:
    assert "861381722" not in shipped_file("nordre-land-iop").read_text(encoding="utf-8")
    head = load_shipped("nordre-land-iop").find("facts_head")
    assert head is not None
    assert "municipality.org_number" in {fact.source for fact in head.facts}


def test_dead_terms_are_marked() -> None:
    referred = load_shipped("nordre-land-iop").find("referred")
    assert referred is not None
    assert {option.code for option in referred.options if option.dead_term} == {"faster_back"}


def test_unknown_keys_are_refused() -> None:
    for key in ("nope", "../definition", "letters/info-1", ""):
        with pytest.raises(KeyError):
            load_shipped(key)
        with pytest.raises(KeyError):
            shipped_file(key)
        with pytest.raises(KeyError):
            load_letter(key)


def test_everything_shipped_can_be_read() -> None:
    assert set(PLANS) <= set(shipped_keys())
    assert shipped_keys() == sorted(shipped_keys())
    for key in shipped_keys():
        assert load_shipped(key).key == key
    assert letter_keys()
    for key in letter_keys():
        load_letter(key)
