"""The demo's cases: one in every state there is, told as days before today."""

from __future__ import annotations

from services.demo_data import Contact, PlannedMeasure, PlannedPlan, Story

_ROUNDS = "Morgenstell, medisinutdeling, måltider og hjemmebesøk etter liste. Dag og annenhver helg."
_CLASS = "Undervisning på 6. og 7. trinn, kontaktlærer, tilsyn i friminutt og samarbeid med foresatte."

# Storvik kommune, bokmål.
STORVIK = (
    Story("Per Eksempelsen", 1, ((1, -6, 100),), tasks="Miljøarbeid i to boliger og veiledning av kolleger."),
    Story("Ingebjørg Tenktsen-Næss", 10, ((10, -4, 100),), tasks="Rengjøring og handling hos ti brukere i uka."),
    Story(
        "Mohamed Al-Prøve", 17, ((17, -11, 100),), tasks=_ROUNDS,
        contacts=(
            Contact(14, "phone", "Ringte for å høre hvordan det går og hva som skjer på jobb.",
                    "Vi møtes på kontoret neste uke. Mohamed tenker gjennom hvilke oppgaver han kan gjøre nå."),
        ),
    ),
    Story("Lise Oppdiktet", 45, ((45, -3, 100),), tasks="Praktisk bistand og følge til lege og tannlege."),
    Story(
        "Áile Ovdamearka", 33, ((33, 20, 100), (19, -9, 100)), tasks=_ROUNDS,
        contacts=(
            Contact(29, "phone", "Første samtale. Vi snakket om vaktene framover.", "Ny samtale om to uker."),
            Contact(15, "meeting", "Samtale på kontoret om hva som skal til for å komme i gang.",
                    "Kari lager utkast til plan, og Áile ser gjennom det."),
            Contact(15, "meeting", "Samtale på kontoret om hva som skal til for å komme i gang.",
                    "Rettelse: Det er Áile som begynner på utkastet, og Kari fyller ut resten.", corrects=True),
        ),
        measures=(
            PlannedMeasure("Dagvakter uten helg i fire uker", "hours", "proposed", 10, "Kari Solbakk"),
        ),
        plans=(PlannedPlan("care", saved=6, partial=True, evaluate=28),),
    ),
    Story(
        "Siv-Åse D'Arcy", 30, ((30, -12, 100),), tasks=_ROUNDS,
        contacts=(
            Contact(26, "phone", "Kort prat om turnus og hva kollegene skal få vite.",
                    "Siv-Åse forteller selv i personalmøtet."),
            Contact(8, "meeting", "Gikk gjennom planen side for side.", "Enige om innholdet."),
        ),
        measures=(
            PlannedMeasure("Faste besøk i boliger med heis", "workplace", "agreed", 7, "Kari Solbakk"),
            PlannedMeasure("Elektrisk sykkel i stedet for bil på korte runder", "equipment", "declined", None, "", {
                "declined_by": "employee", "declined_reason": "Vil heller gå, rundene er korte."}),
        ),
        plans=(PlannedPlan("care", saved=4, finished=4, evaluate=20),),
    ),
    Story(
        "Døme Ødegård", 63, ((63, 36, 100), (35, 8, 60), (7, -21, 50)), tasks=_ROUNDS,
        contacts=(
            Contact(59, "phone", "Ringte dagen etter at sykmeldingen kom.", "Avtalte samtale på kontoret."),
            Contact(42, "meeting", "Samtale om oppgaver. Døme savner kollegene og vil gjerne innom i pausene.",
                    "Døme kommer på lunsj hver onsdag."),
            Contact(20, "dialogue_meeting", "Dialogmøte med Døme, Kari og bedriftshelsetjenesten.",
                    "Prøver 50 % fra neste periode med faste brukere og uten tunge løft."),
            Contact(5, "video", "Kort prat om den første uka med 50 %.", "Går som planlagt."),
        ),
        measures=(
            PlannedMeasure("Heisløfter hos alle faste brukere", "equipment", "done", -18, "Kari Solbakk", {
                "effect": "Montert hos fem av fem. Døme kan ta stellene alene igjen."}),
            PlannedMeasure("To personer på morgenstell mandag og torsdag", "tasks", "agreed", 14, "Kari Solbakk"),
            PlannedMeasure("Ergonomiveiledning på arbeidsstedet", "occupational_health", "agreed", -3,
                           "Bedriftshelsetjenesten"),
            PlannedMeasure("Tre måneder på dagsenteret", "workplace", "proposed", 30, "Siri Øverbø"),
        ),
        plans=(PlannedPlan("care", saved=39, finished=38, signed=36, evaluate=18, scan=True),),
    ),
    Story(
        "Håkon Tøysing", 150, ((150, 121, 100), (120, 61, 60), (60, -14, 40)), tasks=_CLASS,
        contacts=(
            Contact(145, "phone", "Første samtale.", "Vikar er på plass ut måneden."),
            Contact(104, "dialogue_meeting", "Dialogmøte på skolen.", "Øker gradvis, med én klasse om gangen."),
            Contact(62, "meeting", "Evaluerte plan nummer to.", "Ny plan med 60 % arbeid."),
            Contact(34, "meeting", "Evaluerte igjen. Trinnmøtene er tunge på slutten av dagen.",
                    "Flytter trinnmøtet til tirsdag morgen."),
        ),
        measures=(
            PlannedMeasure("Ingen tilsyn i friminutt fram til jul", "tasks", "done", -60, "Torunn Bjørk-Åsli", {
                "effect": "Gir ro mellom timene. Forlenges."}),
            PlannedMeasure("Eget arbeidsrom i stedet for landskap", "workplace", "agreed", 5, "Torunn Bjørk-Åsli"),
            PlannedMeasure("Overta biblioteket to dager i uka", "tasks", "declined", None, "Håkon Tøysing", {
                "declined_by": "employer", "declined_reason": "Stillingen på biblioteket er besatt ut skoleåret."}),
        ),
        plans=(
            PlannedPlan("school", saved=129, finished=128, signed=126, evaluate=-85),
            PlannedPlan("school_2", saved=85, finished=84, signed=84, evaluate=-36),
            PlannedPlan("school_3", saved=36, finished=35, signed=33, evaluate=0),
        ),
    ),
    Story(
        "Máret Dáhpáhus", 46, ((46, -10, 100),), tasks=_ROUNDS,
        contacts=(
            Contact(41, "phone", "Vi snakket om hva gruppa skal få vite.", "Jeg informerer i morgenmøtet."),
            Contact(25, "meeting", "Samtale om veien tilbake.", "Planen er ferdig og signert."),
        ),
        measures=(PlannedMeasure("Følge kollega på vakt to timer i uka", "training", "agreed", 9, "Ánte Čuovga"),),
        plans=(PlannedPlan("care", saved=25, finished=24, signed=22, evaluate=16),),
    ),
    Story(
        "Bjørn-Åge Påfunn", 52, ((52, 25, 80), (24, -11, 50)), tasks=_ROUNDS,
        contacts=(Contact(47, "meeting", "Samtale om oppgaver ved gradert arbeid.", "Starter med dagvakter."),),
        measures=(PlannedMeasure("Dagvakter tre dager i uka", "hours", "agreed", 4, "Ánte Čuovga"),),
        plans=(
            PlannedPlan("care", saved=28, finished=27, evaluate=5,
                        misregistered="Planen ble skrevet i feil sak og gjelder en annen ansatt."),
            PlannedPlan("care", saved=3, partial=True, evaluate=25),
        ),
    ),
    Story(
        "Vilde Aas-Fiksjon", 24, kind="preventive", tasks="Helsestasjon på skolen, samtaler og vaksinering.",
        contacts=(
            Contact(21, "meeting", "Gult lys: Vilde sa fra om at arbeidsmengden er for stor.",
                    "Vi rydder i oppgavene sammen før det blir fravær."),
        ),
        measures=(
            PlannedMeasure("Fast kontordag uten avtaler", "hours", "agreed", 3, "Torunn Bjørk-Åsli"),
            PlannedMeasure("Vaksinering deles med nabokommunen", "tasks", "proposed", 40, "Siri Øverbø"),
        ),
        plans=(PlannedPlan("early", saved=2, partial=True, evaluate=30),),
    ),
    Story(
        "Thị Ví Dụ", 6, kind="preventive", tasks="Daglig renhold av klasserom og gymsal.",
        contacts=(Contact(5, "phone", "Thị ringte og ba om en prat før det blir fravær.", "Møtes på mandag."),),
    ),
    Story("Nils-Ánde Iskkus", 120, ((120, 104, 100), (103, 90, 50)), closed=89, tasks="Turnus og veiledning.",
          contacts=(Contact(115, "phone", "Første samtale.", "Kommer tilbake gradvis."),
                    Contact(92, "meeting", "Avsluttende samtale.", "Tilbake i full stilling fra mandag.")),
          measures=(PlannedMeasure("Hjemmekontor to dager i uka", "workplace", "done", -95, "Ánte Čuovga", {
              "effect": "Fungerte godt i overgangen."}),)),
    Story("Solveig Utkast", 38, ((38, 15, 50), (14, -16, 30)), tasks="Arkiv, sentralbord og fakturering.",
          contacts=(Contact(33, "video", "Samtale om skjermarbeid og pauser.", "Prøver hev- og senkbord."),),
          measures=(PlannedMeasure("Hev- og senkbord og ny skjerm", "equipment", "agreed", -1, "Ánte Čuovga"),)),
    Story("Sunniva Læring", 3, ((3, -10, 50),), tasks="Assistent på 1. trinn og i SFO."),
)  # fmt: skip

# Fjellbygd kommune, nynorsk.
FJELLBYGD = (
    Story("Borghild Øving", 1, ((1, -3, 100),), tasks="Middag til 42 bebuarar og varebestilling."),
    Story(
        "Ragna Tenkt", 34, ((34, -8, 100),), tasks="Medisinar, sårstell og rettleiing av elevar.",
        contacts=(Contact(30, "phone", "Første samtale.", "Vi lagar plan saman neste veke."),),
        plans=(PlannedPlan("care_nn", saved=5, partial=True, evaluate=24),),
    ),
    Story(
        "Sjúrđur Dømi", 70, ((70, 43, 100), (42, 15, 60), (14, -14, 50)), tasks="Stell, måltid og turar med bebuarane.",
        contacts=(
            Contact(66, "phone", "Vi snakka om vaktene framover.", "Samtale på kontoret neste veke."),
            Contact(28, "dialogue_meeting", "Dialogmøte med tillitsvald til stades.", "Held fram med faste dagvakter."),
        ),
        measures=(
            PlannedMeasure("Faste dagvakter på avdeling B", "hours", "done", -20, "Gunnhild Døme-Li", {
                "effect": "Gir føreseielege dagar."}),
            PlannedMeasure("Hjelp av kollega ved tunge løft", "tasks", "agreed", 12, "Gunnhild Døme-Li"),
        ),
        plans=(
            PlannedPlan("care_nn", saved=49, finished=48, signed=47, evaluate=-10),
            PlannedPlan("care_nn_2", saved=9, finished=8, evaluate=27),
        ),
    ),
    Story(
        "Steinar Utkastdal", 58, ((58, -5, 40),), tasks="Brøyting, grøfting og vedlikehald av kommunale vegar.",
        contacts=(Contact(54, "meeting", "Samtale om kva for maskiner Steinar kan køyre.", "Prøver ny stol."),),
        measures=(
            PlannedMeasure("Ny stol i traktoren", "equipment", "agreed", 8, "Olav Tenkjeleg"),
            PlannedMeasure("Arbeid på verkstaden i dei mørke månadene", "tasks", "declined", None, "", {
                "declined_by": "both", "declined_reason": "Det er ikkje nok arbeid der."}),
        ),
        plans=(PlannedPlan("tech_nn", saved=33, finished=32, signed=30, evaluate=20, set_key="notteroy-plan"),),
    ),
    Story("Jozef Príklad", 12, ((12, -2, 100),), tasks="Reinhald på rådhuset og i symjehallen."),
    Story("Åsne Førebilete", 9, kind="preventive", tasks="Byggjesak og tilsyn.",
          contacts=(Contact(8, "meeting", "Gult lys: for mange saker på ein gong.", "Tre saker blir flytta."),)),
    Story("Eilif Fabeland", 90, ((90, 70, 100),), closed=69, tasks="Vakt, øvingar og tilsyn.",
          contacts=(Contact(86, "phone", "Første samtale.", "Eilif er snart attende."),)),
)  # fmt: skip

STORIES = (*STORVIK, *FJELLBYGD)
