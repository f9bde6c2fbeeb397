"""What stands in the demo's plans: answers by question, about work and how it can be fitted, never about health."""

from __future__ import annotations

import datetime as dt
from typing import Any

from forms.definition import Item, QuestionSetDefinition
from forms.tidy import clean

_CARE = {
    "participants": "Den ansatte og nærmeste leder",
    "how_now": "Jeg savner kollegene og brukerne, og vil gjerne i gang med noe. Hele vakter blir for mye nå.",
    "expectations": "Vi blir enige om hvilke oppgaver jeg kan begynne med, og når.",
    "work_related": "Tempoet om morgenen og mange tunge løft har noe å si. Samarbeidet i gruppa er godt.",
    "function_now": (
        "Kan gjøre: medisinrunder, måltider, dokumentasjon, samtaler med brukere og pårørende.\n"
        "Kan ikke gjøre nå: tunge løft alene, lange bilturer og vakter på mer enn fem timer."
    ),
    "other_tasks": "Opplæring av nyansatte, vaktlister, bestilling av utstyr og oppdatering av tiltaksplaner.",
    "most_important": (
        "Selv: si fra når det blir for mye, og komme innom hver uke.\n"
        "Arbeidsgiver: faste brukere og forutsigbare vakter.\n"
        "Andre: råd fra bedriftshelsetjenesten om arbeidsteknikk."
    ),
    "facilitation": "Ja. Dagvakter på fem timer med faste brukere, to på de tyngste stellene og pause midt på dagen.",
    "other_means": {
        "codes": ["graded_or_travel", "facilitation_grant"],
        "comments": {"graded_or_travel": "Gradert fra neste periode", "facilitation_grant": "Søkes av leder"},
    },
    "referred": {"codes": ["occupational_health"], "comments": {}},
    "conclusion": "Vi prøver faste dagvakter i fire uker og ser på det sammen etterpå. Ingen vedlegg.",
    "dialogue_meeting_held": False,
    "dialogue_meeting_reason": "Det er ikke kommet så langt. Vi tar stilling til det når planen evalueres.",
}  # fmt: skip

_LONG = (
    "Vi har gått gjennom en vanlig uke time for time, for å se hva som går greit og hva som tapper.\n\n"
    "Mandag og tirsdag er rolige: to økter før lunsj med egen klasse, og planlegging etterpå. Disse dagene går godt, "
    "og her kan timene økes først. Onsdag er tyngst, med fire økter, tilsyn i to friminutt og trinnmøte til slutt. "
    "Her trengs det færrest mulig skifter. Torsdag er delt klasse i matematikk, som fungerer når grupperommet er "
    "ledig. Fredag er det halv dag med felles samling og rydding.\n\n"
    "Det som hjelper, er å vite dagen før hvem som er til stede, å ha et rom å trekke seg tilbake til, og at beskjeder "
    "kommer skriftlig. Det som ikke hjelper, er vikartimer på kort varsel og møter etter klokka tre.\n\n"
    "Vi er enige om å begynne med norsk og samfunnsfag på 6. trinn. Matematikk på 7. trinn blir hos vikaren fram til "
    "neste samtale. Kontaktlæreransvaret deles: samtaler med foresatte tas sammen med Frøydis, og skriftlige "
    "vurderinger gjøres hjemme. Elevene får vite om ordningen i klassens time, og foresatte får en kort melding."
)

_SCHOOL = {
    **_CARE,
    "how_now": "Jeg følger med på klassen og har vært innom to ganger. Det var hyggelig, og slitsomt.",
    "work_related": "Mange beskjeder på én gang og lite tid mellom timene. Ellers trives jeg.",
    "function_now": _LONG,
    "other_tasks": "Planlegging, retting, leksehjelp i små grupper og ansvar for skolens bøker.",
    "facilitation": "Ja, med to økter om dagen, uten tilsyn i friminutt og med et rom å arbeide i.",
    "other_means": {"codes": ["workplace_assessment"], "comments": {"workplace_assessment": "Lyd i klasserommet"}},
    "conclusion": "To økter om dagen de første ukene. Vikaren beholder 7. trinn.",
}  # fmt: skip

_CARE_NN = {
    "goal": "Attende i full stilling i løpet av våren, med oppgåver som lèt seg planleggje.",
    "ordinary_tasks": "Stell, medisinar, måltid, dokumentasjon og kontakt med pårørande. Turnus med kvar tredje helg.",
    "well_and_hard": "Samarbeidet på avdelinga går godt. Lange vakter og tunge løft er vanskeleg.",
    "partial_tasks": "Ja: medisinrundar, måltid, dokumentasjon og turar med bebuarane.",
    "earlier_measures": "Vi har prøvd kortare vakter. Det fungerte når dei var på dagtid.",
    "workplace": "Faste dagvakter, færre skifte mellom avdelingar og to personar på dei tyngste stella.",
    "cooperation": "Leiaren tek ein prat kvar fredag. Gruppa får vite det ho treng i morgonmøtet.",
    "physical": "Takheis på to rom til. Elles er utstyret godt.",
    "outside_work": "Reisevegen er lang om vinteren. Oppstart klokka ni hjelper.",
    "agreed": "Fem timars dagvakter i fire veker. Gunnhild ordnar turnus, og vi møtest igjen før neste periode.",
    "assistance": "Bedriftshelsetenesta gir råd om arbeidsteknikk. Elles ikkje behov.",
    "next_participants": "Den tilsette, leiaren og gjerne tillitsvald",
    "copy_to": "Den tilsette, leiaren og sjukmeldaren",
}  # fmt: skip

_TECH_NN = {
    "function_assessment": (
        "Normale oppgåver: brøyting, grøfting, skilt og vedlikehald.\n"
        "Kan gjerast no: køyre traktor i inntil to timar, planleggje rundar, følgje opp entreprenørar.\n"
        "Kan ikkje gjerast no: tungt arbeid i grøft og nattvakter."
    ),
    "workplace_measures": {
        "codes": ["adapted_tasks", "assistance"],
        "comments": {"adapted_tasks": "Berre dagtid, pause kvar time", "assistance": "Kjetil tek dei tunge løfta"},
    },
    "public_means": {"codes": ["graded_sick_leave", "assistive_aids"], "comments": {}},
    "goals": {"codes": ["ordinary_work"], "comments": {}},
}  # fmt: skip

STORIES: dict[str, dict[str, Any]] = {
    "care": _CARE,
    "early": {
        **_CARE,
        "how_now": "Jeg er på jobb, men rekker ikke alt. Jeg vil gjerne rydde i oppgavene før det blir for mye.",
        "work_related": "Det er først og fremst mengden: mange små avtaler og lite tid til å føre journal.",
        "function_now": "Kan gjøre alle oppgaver, men ikke alle på samme dag. Fast kontortid ville hjelpe mest.",
        "other_tasks": "Ikke aktuelt. Det handler om rekkefølge og mengde.",
    },
    "school": _SCHOOL,
    "school_2": {
        **_SCHOOL,
        "how_now": "Bedre rytme i hverdagen. To økter om dagen går fint, tre er for mye.",
        "facilitation": "Ja, tre dager i uka med to økter og en dag med planlegging hjemme.",
        "conclusion": "Øker til 40 % arbeid. Håkon tar over matematikk på 6. trinn.",
    },
    "school_3": {
        **_SCHOOL,
        "how_now": "Det meste går godt. Onsdagene er fortsatt lange.",
        "facilitation": "Ja, når trinnmøtet flyttes til morgenen og friminuttene er fri.",
        "conclusion": "60 % arbeid ut perioden. Trinnmøtet flyttes til tirsdag morgen.",
        "dialogue_meeting_held": True,
    },
    "care_nn": _CARE_NN,
    "care_nn_2": {**_CARE_NN, "agreed": "Held fram med faste dagvakter, no seks timar. Takheisane er på plass."},
    "tech_nn": _TECH_NN,
}

_PLAIN = {
    "nb": "Vi har snakket om dette og er enige. Ingenting å legge til nå.",
    "nn": "Vi har snakka om dette og er samde. Ingenting å leggje til no.",
}


def answers(
    definition: QuestionSetDefinition,
    language: str,
    story: str,
    meeting: dt.date,
    evaluation: dt.date,
    *,
    partial: bool,
) -> dict[str, Any]:
    """Answers to the questions of any set, as stored. `partial`: only the first half of what would be answered."""
    told = STORIES[story]
    found = {}
    for item in definition.questions():
        value = told.get(item.id)
        if value is None and item.required is not False:
            value = _plausible(item, language, meeting, evaluation)
        value = clean(item, value) if value is not None else None
        if value is not None:
            found[item.id] = value
    names = list(found)
    return {name: found[name] for name in names[: len(names) // 2]} if partial else found


def _plausible(item: Item, language: str, meeting: dt.date, evaluation: dt.date) -> Any:
    """An answer to a question that no story tells of, by its type."""
    live = [option.code for option in item.options if not option.retired and not option.dead_term]
    match item.type:
        case "text" | "string":
            return _PLAIN.get(language, _PLAIN["nb"])
        case "integer":
            return item.min if item.min is not None else 1
        case "date":
            return (evaluation if item.nav_field == "evaluationDate" else meeting).isoformat()
        case "time":
            return "10:00"
        case "boolean":
            return True
        case "choice":
            return {"code": live[0], "comments": {}} if live else None
        case "multichoice":
            return {"codes": live[:1], "comments": {}} if live else None
        case "table":
            return [_row(item, language, meeting)]
    return None


def _row(item: Item, language: str, meeting: dt.date) -> dict[str, str]:
    kinds = {"date": meeting.isoformat(), "integer": "1"}
    return {column.id: kinds.get(column.type, _PLAIN.get(language, _PLAIN["nb"])) for column in item.columns}
