"""Every property of a question set that an administrator can change: where it stands on the form, what control it has,
and what it is called. Paths are as in forms/edit/properties.py, with * for the part and without the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from forms.definition import ANSWERABLE, BOUND_COLUMNS, ItemType
from forms.texts import N_

# text, long: one or several lines in each language · line: one line, the same in all languages · fixed: only shown
# span: a number of days as people write it · ref, several: one or many of what the content or the shelf has
Kind = Literal[
    "text", "long", "line", "bool", "int", "choice", "condition", "required", "fixed", "span", "ref", "several"
]
Part = Literal["options", "columns", "rows", "facts", "signers", "examples", "constraints"]
# The parts of an item, and what names one of them: its own id, or else its place from 0.
PARTS: dict[str, str] = {
    "options": "code", "columns": "id", "rows": "id", "facts": "", "signers": "role", "examples": "", "constraints": "",
}  # fmt: skip

SECTIONS = {
    "texts": N_("Tekster"),
    "answer": N_("Svar og valg"),
    "rules": N_("Må besvares, og vises når"),
    "print": N_("Oppsett og papir"),
    "law": N_("Loven og Nav"),
}

_TYPES = frozenset(ItemType.__args__)  # type: ignore[attr-defined]
_ASKED = frozenset(ANSWERABLE)
_BOUND = frozenset(BOUND_COLUMNS)
_CHOICES = frozenset({"choice", "multichoice"})
_COLUMNS = _BOUND | {"table"}
_ROWS, _FACTS = frozenset({"checklist"}), frozenset({"facts"})
_NUMBER, _CALCULATED, _SIGNED = frozenset({"integer"}), frozenset({"calculated"}), frozenset({"signatures"})
_ONE = _ASKED - {"table", "checklist"}  # one answer, not rows of them


class Property(NamedTuple):
    """What a form says of one property. `low` and `high` bound a number, None leaves it open."""

    section: str
    kind: Kind
    label: str
    help: str = ""
    types: frozenset[str] = _TYPES  # of items that it means something for
    choices: Mapping[str, str] = {}  # as posted, with their labels; "" stands for none
    low: int | None = None
    high: int | None = None
    optional: bool = False  # may be left empty


LAW_PART_NAMES = {
    "assessment": N_("Vurdering av arbeidsoppgaver og arbeidsevne"),
    "employer_measures": N_("Tiltak hos arbeidsgiver"),
    "public_measures": N_("Tiltak med hjelp fra myndighetene"),
    "follow_up": N_("Plan for videre oppfølging"),
}
# As Nav words its own questions.
NAV_FIELD_NAMES = {
    "typicalWorkday": N_("Hvordan ser en vanlig arbeidshverdag ut?"),
    "tasksThatCanStillBeDone": N_("Hvilke ordinære arbeidsoppgaver kan fortsatt utføres?"),
    "tasksThatCanNotBeDone": N_("Hvilke ordinære arbeidsoppgaver kan ikke utføres?"),
    "previousFacilitation": N_("Tilrettelegging tidligere i sykefraværet"),
    "plannedFacilitation": N_("Hvordan skal dere tilrettelegge arbeidshverdagen fremover?"),
    "otherFacilitationOptions": N_("Har dere andre muligheter for tilrettelegging som ikke prøves ut nå?"),
    "followUp": N_("Hvordan skal dere følge opp avtalt tilrettelegging?"),
    "evaluationDate": N_("Når skal dere evaluere denne oppfølgingsplanen?"),
    "employeeHasContributedToPlan": N_("Har arbeidstakeren vært med å lage planen?"),
    "employeeHasNotContributedToPlanDescription": N_("Hvorfor har arbeidstakeren ikke vært med å lage planen?"),
    "additionalInformation": N_("Eventuelle tilleggsopplysninger"),
}
FACT_NAMES = {
    "employee.name": N_("Arbeidstakerens navn"),
    "employee.national_id": N_("Fødselsnummer"),
    "employee.resource_number": N_("Ressursnummer"),
    "employee.address": N_("Adresse"),
    "employee.postal": N_("Postnummer og sted"),
    "employee.phone_private": N_("Telefon privat"),
    "employee.phone_work": N_("Telefon jobb"),
    "employee.position": N_("Stilling"),
    "employee.position_percent": N_("Stillingsprosent"),
    "employee.nav_office": N_("Nav-kontor"),
    "employee.certifier": N_("Sykmelder"),
    "municipality.name": N_("Kommunens navn"),
    "municipality.org_number": N_("Organisasjonsnummer"),
    "unit.name": N_("Enhet"),
    "unit.phone": N_("Enhetens telefon"),
    "leader.name": N_("Nærmeste leder"),
    "leader.phone": N_("Lederens telefon"),
    "case.first_day": N_("Første fraværsdag"),
    "case.grade": N_("Sykmeldingsgrad"),
    "case.sick_pay_end": N_("Når sykepengene tar slutt"),
    "case.ordinary_tasks": N_("Vanlige arbeidsoppgaver"),
    "case.period": N_("Oppfølgingsperiode, fra og til"),
    "plan.kind": N_("Første plan eller forlengelse"),
    "meeting.number": N_("Hvilket dialogmøte"),
    "meeting.date": N_("Dagen for dialogmøtet"),
    "meeting.time": N_("Klokkeslettet for dialogmøtet"),
    "meeting.place": N_("Stedet for dialogmøtet"),
    "meeting.present": N_("De som var med på dialogmøtet"),
}
_CALCULATIONS = {
    "weeks_after_first_day": N_("Et antall uker etter første fraværsdag"),
    "sick_pay_end": N_("Når sykepengene tar slutt"),
    "previous_contact": N_("Forrige kontakt i loggen"),
    "evaluation_date": N_("Når forrige plan skulle evalueres"),
}
_COLUMN_TYPES = {
    "string": N_("Kort tekst"), "text": N_("Lang tekst"), "date": N_("Dato"), "integer": N_("Helt tall"),
}  # fmt: skip
_COMMENTS = {"": N_("Ikke noe eget felt"), "text": N_("Eget felt for tekst"), "date": N_("Eget felt for dato")}
_SENSITIVITIES = {
    "normal": N_("Vanlig"), "health": N_("Kan si noe om helse"), "identifier": N_("Sier hvem det gjelder"),
}  # fmt: skip
_SHOWN = {
    "both": N_("På skjermen og på papiret"), "screen": N_("Bare på skjermen"), "paper": N_("Bare på papiret"),
}  # fmt: skip
_LAYOUTS = {
    "stack": N_("Svaret under spørsmålet"),
    "side": N_("Spørsmålet til venstre, svaret til høyre"),
    "inline": N_("Flere korte svar ved siden av hverandre"),
}
REQUIRED = {
    "no": N_("Nei, kan stå åpent"),
    "recommended": N_("Bør besvares: planen kan ferdigstilles uten"),
    "yes": N_("Må alltid besvares"),
    "if": N_("Må besvares når …"),
}
_NONE = {"": N_("Ingen")}
_WIDTH = N_("Bredde")
_RELATIVE = N_("I forhold til de andre. En kolonne med bredde 4 er dobbelt så bred som en med 2.")

# In the order of the form. What concerns one kind of part stands together.
ITEM_PROPERTIES: dict[str, Property] = {
    "type": Property("texts", "fixed", N_("Type")),
    "hidden": Property("texts", "fixed", N_("Skjult")),
    "locked": Property("texts", "fixed", N_("Låst fordi loven krever det")),
    "text": Property("texts", "text", N_("Ledetekst")),
    "help": Property("texts", "long", N_("Hjelpetekst"), N_("Forklar kort hva som er lurt å skrive her.")),
    "examples.*": Property(
        "texts", "text", N_("Eksempel"), N_("Eksemplene står som punkter under spørsmålet."),
        _TYPES - _FACTS - _SIGNED - _CALCULATED,
    ),
    "unit": Property("texts", "text", N_("Benevning"), N_("Står etter tallet, for eksempel prosent."), _NUMBER),
    "copies_to": Property(
        "texts", "text", N_("Kopi sendes til"), N_("Skrives under underskriftene på papiret."), _SIGNED
    ),
    "options.*.text": Property("answer", "text", N_("Svarvalg"), types=_CHOICES),
    "options.*.comment": Property(
        "answer", "choice", N_("Eget felt når det er krysset av"), types=_CHOICES, choices=_COMMENTS
    ),
    "options.*.retired": Property(
        "answer", "bool", N_("Tatt ut av bruk"), N_("Kan ikke velges lenger, men står der det er valgt før."), _CHOICES
    ),
    "options.*.dead_term": Property(
        "answer", "bool", N_("Eldre betegnelse"), N_("Merkes som et ord som ikke er i bruk lenger."), _CHOICES
    ),
    "columns.*.text": Property("answer", "text", N_("Overskrift på kolonnen"), types=_COLUMNS),
    "columns.*.type": Property(
        "answer", "choice", N_("Hva som skrives i kolonnen"), types=_COLUMNS, choices=_COLUMN_TYPES
    ),
    "columns.*.width": Property("answer", "int", _WIDTH, _RELATIVE, _COLUMNS, low=1, high=12),
    "rows.*.when": Property("answer", "text", N_("Når"), N_("For eksempel: 4. fraværsuke"), _ROWS),
    "rows.*.text": Property("answer", "long", N_("Hva som skal gjøres"), types=_ROWS),
    "rows.*.milestone": Property(
        "answer", "line", N_("Oppfølgingspunkt"), N_("Kode for punktet i oppfølgingsløpet, for eksempel week_4."),
        _ROWS, optional=True,
    ),
    "rows.*.repealed": Property(
        "answer", "bool", N_("Gjelder ikke lenger"), N_("Vises bare der raden er fylt ut før."), _ROWS
    ),
    "facts.*.source": Property("answer", "choice", N_("Opplysning fra saken"), types=_FACTS, choices=FACT_NAMES),
    "facts.*.text": Property("answer", "text", N_("Navn på opplysningen i skjemaet"), types=_FACTS),
    "facts.*.width": Property(
        "answer", "int", _WIDTH, N_("Hvor mange av rutenettets kolonner den tar."), _FACTS, low=1, high=4
    ),
    "signers.*.text": Property("answer", "text", N_("Hvem som underskriver"), types=_SIGNED),
    "signers.*.required": Property("answer", "bool", N_("Må underskrive"), types=_SIGNED),
    "calculate.rule": Property(
        "answer", "choice", N_("Hva som regnes ut"), types=_CALCULATED, choices={**_NONE, **_CALCULATIONS}
    ),
    "calculate.weeks": Property(
        "answer", "int", N_("Antall uker etter første fraværsdag"), types=_CALCULATED, low=0, high=520,
        optional=True,
    ),
    "min": Property("answer", "int", N_("Laveste tall"), types=_NUMBER, optional=True),
    "max": Property("answer", "int", N_("Høyeste tall"), types=_NUMBER, optional=True),
    "max_length": Property(
        "answer", "int", N_("Høyst så mange tegn"), types=frozenset({"text", "string", "table"}), low=1, high=20_000
    ),
    "repeat.min": Property("answer", "int", N_("Minst så mange rader"), types=frozenset({"table"}), low=0, high=50),
    "repeat.max": Property("answer", "int", N_("Høyst så mange rader"), types=frozenset({"table"}), low=1, high=50),
    "carry": Property(
        "answer", "bool", N_("Ta med svaret til neste plan"),
        N_("Svaret står der fra før når neste plan begynner, og kan endres."), _ASKED,
    ),
    "sensitivity": Property(
        "answer", "choice", N_("Hvor følsomt svaret er"), types=_ASKED | _BOUND | _FACTS, choices=_SENSITIVITIES
    ),
    "required": Property("rules", "required", N_("Må spørsmålet besvares?"), types=_ASKED, choices=REQUIRED),
    "visible_if": Property(
        "rules", "condition", N_("Vises bare når"), N_("Uten betingelse vises det alltid."), optional=True
    ),
    "constraints.*.expr": Property("rules", "condition", N_("Svaret godtas bare når"), types=_ASKED),
    "constraints.*.message": Property(
        "rules", "text", N_("Melding når svaret ikke godtas"), N_("Si hva som må til, ikke bare hva som er feil."),
        _ASKED,
    ),
    "print.show": Property("print", "choice", N_("Hvor det er med"), choices=_SHOWN),
    "print.layout": Property("print", "choice", N_("Oppsett på papiret"), types=_ONE | _CALCULATED, choices=_LAYOUTS),
    "print.blank_lines": Property(
        "print", "int", N_("Hvor mange tomme linjer på papiret"), N_("Når skjemaet skrives ut tomt."),
        frozenset({"text"}), low=0, high=40,
    ),
    "repeat.blank_rows": Property(
        "print", "int", N_("Hvor mange tomme rader på papiret"), N_("Når skjemaet skrives ut tomt."), _COLUMNS,
        low=0, high=30,
    ),
    "print.option_columns": Property(
        "print", "int", N_("Hvor mange svarvalg ved siden av hverandre"), types=_CHOICES, low=1, high=4
    ),
    "print.grid_columns": Property(
        "print", "int", N_("Hvor mange kolonner i rutenettet"), types=frozenset({"group", "facts"}), low=1, high=4
    ),
    "print.keep_together": Property("print", "bool", N_("Hold samlet på én side"), types=_CHOICES | {"group"}),
    "print.hide_if_empty": Property(
        "print", "bool", N_("Utelat på papiret når det ikke er besvart"),
        types=_ASKED | _BOUND | _CALCULATED | {"group"},
    ),
    "law_part": Property(
        "law", "choice", N_("Hvilken del av arbeidsmiljøloven § 4-6 spørsmålet dekker"),
        N_("Brukes når planen sjekkes mot loven."), _ASKED | {"group", "measures"}, {**_NONE, **LAW_PART_NAMES},
    ),
    "nav_field": Property(
        "law", "choice", N_("Felt hos Nav"), N_("Hvilket av Navs felt svaret passer i."), _ONE,
        {**_NONE, **NAV_FIELD_NAMES},
    ),
}  # fmt: skip

SET_PROPERTIES: dict[str, Property] = {
    "kind": Property("texts", "fixed", N_("Hva slags skjema")),
    "languages": Property("texts", "fixed", N_("Språk")),
    "title": Property("texts", "text", N_("Tittel")),
    "subtitle": Property("texts", "text", N_("Undertittel")),
    "description": Property("texts", "long", N_("Beskrivelse"), N_("For den som skal velge skjema.")),
    "source": Property("texts", "line", N_("Papirskjema det bygger på")),
    "paper.head": Property("print", "text", N_("Øverst på hver side")),
    "paper.made_by": Property("print", "text", N_("Utarbeidet av")),
    "paper.approved_by": Property("print", "text", N_("Godkjent av")),
    "paper.revised": Property("print", "line", N_("Revidert"), N_("Skriv datoen slik den skal stå på papiret.")),
}

# Where a type calls a property something else, or has another control for it.
_HEADED = ("group", "facts", "signatures", "checklist", "measures", "contact_log", "absence", "table")
EXCEPTIONS: dict[tuple[str, str], Property] = {
    ("info", "text"): Property("texts", "long", N_("Tekst"), N_("Det som skal stå i skjemaet.")),
    **{(kind, "text"): Property("texts", "text", N_("Overskrift")) for kind in _HEADED},
}
# Means something, or is a fault, for any type that has it: listed wherever it is set, so that it can be taken away.
STRAY = frozenset({
    "help", "examples", "unit", "copies_to", *PARTS, "calculate", "min", "max", "repeat", "required", "law_part",
    "nav_field",
})  # fmt: skip
