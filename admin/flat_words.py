"""The words of letters and schedules in the builder, to one who is good at Word."""

from __future__ import annotations

from admin.builder_words import TypeWords
from forms.texts import N_

BLOCKS: dict[str, TypeWords] = {
    "paragraph": TypeWords(N_("Avsnitt"), N_("Vanlig tekst.")),
    "heading": TypeWords(N_("Overskrift"), N_("Stor eller liten, over det som kommer etter.")),
    "list": TypeWords(N_("Punktliste"), N_("Punkter under hverandre, gjerne med en linje foran.")),
    "table": TypeWords(N_("Tabell"), N_("Rader og kolonner.")),
    "place": TypeWords(N_("Sted og tid"), N_("En linje om hvor og når.")),
    "closing": TypeWords(N_("Hilsen"), N_("Hilsen og avsender, nederst i brevet.")),
}  # fmt: skip
LEVELS = {"1": N_("Stor"), "2": N_("Liten")}  # of a heading

# What the page calls itself and what it is about.
LETTER_WORDS = {
    "new": N_("Nytt brev. Ingen andre ser det før du publiserer."),
    "live": N_("Slik brevet er nå. Det du endrer, blir en kladd."),
    "draft": N_("Kladd. Ingen andre ser endringene før du publiserer."),
    "more": N_("Mer om brevet"), "all": N_("Hele brevet"), "fold": N_("Beskrivelse, kilde og språk"),
}  # fmt: skip
STEP_WORDS = {
    "new": N_("Nytt løp. Ingen andre ser det før du publiserer."),
    "live": N_("Slik løpet er nå. Det du endrer, blir en kladd."),
    "draft": N_("Kladd. Ingen andre ser endringene før du publiserer."),
    "more": N_("Mer om løpet"), "all": N_("Hele løpet"), "fold": N_("Beskrivelse, kilde og språk"),
}  # fmt: skip

# What can stand between braces, and what it becomes.
PLACEHOLDER_WORDS = {
    "navn": N_("den ansattes navn"), "fodselsnummer": N_("den ansattes fødselsnummer"),
    "stilling": N_("den ansattes stilling"), "enhet": N_("enheten den ansatte er i"),
    "leder": N_("navnet på lederen"), "kommune": N_("navnet på kommunen"),
    "sykmelder": N_("legen eller behandleren som sykmelder"), "forste_dag": N_("første dag i fraværet"),
    "dagens_dato": N_("dagen brevet er skrevet"), "dato": N_("dagen for møtet"),
    "klokkeslett": N_("klokkeslettet for møtet"), "sted": N_("stedet for møtet"),
}  # fmt: skip

# A milestone by what counts as done: the drawing, and what it is.
MILESTONES = {
    "tick": ("boolean", N_("Milepæl")), "contact": ("contact_log", N_("Samtale")),
    "plan": ("set", N_("Oppfølgingsplan")), "signature": ("signatures", N_("Underskrift")),
    "evaluation": ("checklist", N_("Evaluering")), "meeting": ("time", N_("Dialogmøte")),
    "letter": ("text", N_("Brev")),
}  # fmt: skip
