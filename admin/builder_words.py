"""The builder's words: what each type of item is called, and what it is for, to one who is good at Word."""

from __future__ import annotations

from typing import NamedTuple

from forms.texts import N_


class TypeWords(NamedTuple):
    name: str
    use: str


# In the order of the menu: what is asked most first, what is bound to the case last.
TYPE_GROUPS: tuple[tuple[str, dict[str, TypeWords]], ...] = (
    (N_("Spørsmål"), {
        "text": TypeWords(N_("Tekst, flere linjer"), N_("Fritt svar, så langt det trengs.")),
        "string": TypeWords(N_("Kort tekst"), N_("Fritt svar på én linje.")),
        "boolean": TypeWords(N_("Ja eller nei"), N_("Andre spørsmål kan vises når svaret er ja.")),
        "choice": TypeWords(N_("Velg én"), N_("Flere svar å velge mellom, bare ett kan velges.")),
        "multichoice": TypeWords(N_("Velg flere"), N_("Svar å krysse av, gjerne med kommentar eller dato.")),
        "date": TypeWords(N_("Dato"), N_("En dag, for eksempel når dere møtes igjen.")),
        "time": TypeWords(N_("Klokkeslett"), N_("Timer og minutter.")),
        "integer": TypeWords(N_("Tall"), N_("Et helt tall, for eksempel prosent.")),
        "table": TypeWords(N_("Tabell"), N_("Rader som fylles ut, og som kan bli flere.")),
        "checklist": TypeWords(N_("Sjekkliste"), N_("Faste rader: når, hva som gjøres, og hvem som har gjort det.")),
    }),
    (N_("Oppbygning"), {
        "group": TypeWords(N_("Del"), N_("Overskrift med spørsmål under.")),
        "info": TypeWords(N_("Forklarende tekst"), N_("Tekst som skal leses. Ingen skal svare.")),
        "signatures": TypeWords(N_("Underskrifter"), N_("Plass til å skrive under på papiret.")),
    }),
    (N_("Hentes fra saken"), {
        "facts": TypeWords(N_("Opplysninger fra saken"), N_("Navn, stilling og annet som er kjent fra før.")),
        "measures": TypeWords(N_("Tiltak"), N_("Tabellen over tiltak i saken.")),
        "contact_log": TypeWords(N_("Kontaktlogg"), N_("Samtaler og møter som er ført i saken.")),
        "absence": TypeWords(N_("Sykefravær"), N_("Periodene den ansatte har vært sykmeldt.")),
        "calculated": TypeWords(N_("Beregnet dato"), N_("En dato som regnes ut, for eksempel uke 7.")),
    }),
)  # fmt: skip
TYPES: dict[str, TypeWords] = {kind: words for _name, kinds in TYPE_GROUPS for kind, words in kinds.items()}

PART_WORDS: dict[str, tuple[str, str, str]] = {  # heading, button, what one is called
    "examples": (N_("Eksempler"), N_("Legg til eksempel"), N_("Eksempel %(number)s")),
    "options": (N_("Svarvalg"), N_("Legg til svarvalg"), N_("Svarvalg %(number)s")),
    "columns": (N_("Kolonner"), N_("Legg til kolonne"), N_("Kolonne %(number)s")),
    "rows": (N_("Rader"), N_("Legg til rad"), N_("Rad %(number)s")),
    "facts": (N_("Opplysninger"), N_("Legg til opplysning"), N_("Opplysning %(number)s")),
    "signers": (N_("Hvem skal skrive under"), N_("Legg til underskrift"), N_("Underskrift %(number)s")),
    "constraints": (N_("Krav til svaret"), N_("Legg til krav"), N_("Krav %(number)s")),
}  # fmt: skip
