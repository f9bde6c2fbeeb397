"""The first sheet of our workbooks: what the rest is, for somebody who has never seen one."""

from __future__ import annotations

from collections.abc import Iterator

from forms.exchange.xlsform_columns import (
    EXTRAS,
    FACT_EXTRAS,
    OPTION_EXTRAS,
    ROW_EXTRAS,
    SET_EXTRAS,
    SIGNER_EXTRAS,
    TEXT_EXTRAS,
    YES_NO_LIST,
    Extra,
)
from forms.texts import N_

INTRODUCTION = (
    N_("Dette er et spørsmålssett. Du kan endre det her og laste det opp igjen."),
    N_("Opplasting lager et utkast. Ingenting endres for noen før du har sett forskjellen og publisert."),
    N_("Lagre filen som Excel-arbeidsbok (.xlsx). Åpne skjemaet i Attende og velg «Hent inn fra fil»."),
)
MAY = (
    N_("Endre ordene i kolonnene label, hint og constraint_message, ett språk i hver kolonne."),
    N_("Legge til, flytte og slette rader. En rad er et spørsmål; rekkefølgen er rekkefølgen i skjemaet."),
    N_("Legge til et språk: lag kolonnene for språket, for eksempel label::Nynorsk (nn), i alle arkene."),
)
MAY_NOT = (
    N_("Endre name på et spørsmål som finnes: da blir det et nytt spørsmål, og svarene følger ikke med."),
    N_("Skjule eller løse opp grå rader: loven krever dem. Du kan endre ordene og forklare mer."),
    N_("Bruke formler, makroer eller sammenslåtte celler: de blir ikke lest."),
    N_("Gi arkene eller kolonnene andre navn."),
)
SHEETS = (
    ("survey", N_("Spørsmålene, i rekkefølge. begin_group og end_group står rundt det som hører sammen.")),
    ("choices", N_("Svarene å velge mellom. list_name er navnet på spørsmålet de hører til.")),
    ("settings", N_("Tittel, navn og type for hele settet. Én rad.")),
    ("texts", N_("Undertittel, beskrivelse og det som står øverst på hver side av papiret.")),
    ("constraints", N_("Flere krav til et svar, når det første står i survey. Ett krav på hver rad.")),
    ("examples", N_("Eksempler som står som punkter under et spørsmål. Ett eksempel på hver rad.")),
)
TYPES = (
    ("text", N_("Én linje tekst. Skriv multiline i kolonnen appearance når svaret er flere linjer.")),
    ("integer, date, time", N_("Et helt tall, en dato eller et klokkeslett.")),
    (f"select_one {YES_NO_LIST}", N_("Ja eller nei.")),
    ("select_one navn", N_("Ett svar. Skriv svarene i arket choices med samme navn i list_name.")),
    ("select_multiple navn", N_("Flere svar kan velges.")),
    ("note", N_("Bare tekst.")),
    ("begin_group … end_group", N_("En del av skjemaet, eller en ramme.")),
    ("begin_repeat … end_repeat", N_("En tabell. Radene mellom er kolonnene.")),
)
COLUMNS = (
    ("type, name", N_("Hva det spørres om, og navnet: små bokstaver, tall og _. Navnet brukes aldri om igjen.")),
    ("label, hint", N_("Spørsmålet, og hjelpen som står ved det.")),
    ("required", N_("yes: må besvares. Eller et vilkår, som i relevant.")),
    ("x::required", N_("recommended: bør besvares. For sjekklister står også yes her.")),
    ("relevant", N_("Når spørsmålet stilles. ${navn} er svaret på et spørsmål før. Tomt: alltid.")),
    ("constraint", N_("Hva som kreves av svaret; punktum er svaret selv. constraint_message er meldingen ellers.")),
    ("x::type", N_("Det XLSForm ikke har, som opplysninger fra saken, sjekkliste og underskrifter.")),
    ("x::exact_…", N_("Skjulte kolonner med det vilkåret nøyaktig sier. De gjelder til du endrer vilkåret.")),
)  # fmt: skip
CONDITIONS = (
    ("${navn} = 'ja'", N_("Det er svart ja. (nei for nei.)")),
    ("${navn} = 'kode'", N_("Dette svaret er valgt; koden står i arket choices.")),
    ("selected(${navn}, 'kode')", N_("Dette er ett av svarene som er valgt.")),
    ("${navn} != ''", N_("Spørsmålet er besvart.")),
    ("${tall} >= 50, ${dato} > date('2026-01-31')", N_("Et tall eller en dato sammenlignes.")),
    ("count-selected(${navn}) > 2", N_("Mer enn to svar er valgt.")),
    ("… and …, … or …, not(…)", N_("Vilkår settes sammen.")),
    ("${plan.kind} = 'first'", N_("Den første planen i saken (extension: en senere).")),
)


def sections() -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Headings, each with its rows of name and explanation; all texts are marked and not yet translated."""
    yield N_("Slik bruker du filen"), _alone(INTRODUCTION)
    yield N_("Dette kan du gjøre"), _alone(MAY)
    yield N_("Dette skal du ikke gjøre"), _alone(MAY_NOT)
    yield N_("Arkene"), SHEETS
    yield N_("Typer i kolonnen type"), TYPES
    yield (
        N_("Kolonnene i arket survey"),
        (*COLUMNS, *_about(EXTRAS), *((h, about) for h, (_, about) in TEXT_EXTRAS.items())),
    )
    yield (
        N_("Kolonner for det som står inni tabeller, sjekklister og lignende"),
        _about((*FACT_EXTRAS, *ROW_EXTRAS, *SIGNER_EXTRAS)),
    )
    yield N_("Kolonner i choices og settings"), _about((*OPTION_EXTRAS, *SET_EXTRAS))
    yield N_("Vilkår i relevant, required og constraint"), CONDITIONS


def about(heading: str) -> str:
    """What a column is, for a note on its heading; "" when it needs none."""
    name = heading.removesuffix(")").rsplit("::", 1)[0] if heading.endswith(")") else heading
    known = {extra.header: extra.about for extra in (*EXTRAS, *FACT_EXTRAS, *ROW_EXTRAS, *SIGNER_EXTRAS)}
    known |= {extra.header: extra.about for extra in (*OPTION_EXTRAS, *SET_EXTRAS)}
    known |= {header: text for header, (_, text) in TEXT_EXTRAS.items()}
    known |= {part: text for names, text in COLUMNS for part in names.split(", ")}
    return known.get(name, "")


def _alone(texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(("", text) for text in texts)


def _about(extras: tuple[Extra, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((extra.header, extra.about) for extra in extras)
