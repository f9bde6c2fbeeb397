"""The properties of a milestone as a form shows them: which there are, what they are called, what can be chosen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from forms.edit.table import Property
from forms.steps import OF_PLANS, StepRule
from forms.texts import N_

WHO_NAMES = {
    "leader": N_("Leder"), "employee": N_("Den ansatte"), "hr": N_("HR"), "nav": N_("Nav"),
    "certifier": N_("Sykmelder"),
}  # fmt: skip
DONE_NAMES = {
    "tick": N_("Krysses av for hånd"), "contact": N_("En samtale er ført i kontaktloggen"),
    "plan": N_("En oppfølgingsplan er ferdig"), "signature": N_("Planen er signert"),
    "evaluation": N_("Planen er evaluert"), "meeting": N_("Dialogmøtet er holdt"), "letter": N_("Brevet er sendt"),
}  # fmt: skip
APPLIES_NAMES = {
    "both": N_("Alle saker"), "sick_leave": N_("Bare sykmelding"), "preventive": N_("Bare gult lys (forebygging)"),
}  # fmt: skip
ANCHOR_NAMES = {
    "first_day": N_("Første dag"), "full_day": N_("Første dag helt borte"), "plan_day": N_("Dagen planen ble ferdig"),
    "sick_pay_end": N_("Siste dag med sykepenger"), "agreed_day": N_("Dagen planen avtaler"),
}  # fmt: skip
RECIPIENT_NAMES = {
    "employee": N_("Den ansatte"), "certifier": N_("Sykmelder"), "nav": N_("Nav"), "hr": N_("HR"),
    "occupational_health": N_("Bedriftshelsetjenesten"), "archive": N_("Arkivet"),
}  # fmt: skip
STEP_ONLY_IF = {
    "": N_("Alltid"),
    "occupational_health": N_("Bare når den ansatte har lovpålagt bedriftshelsetjeneste"),
    "full_sick": N_("Bare når den ansatte er helt sykmeldt"),
}
MEETINGS = {"": N_("Velg møte"), "1": N_("Dialogmøte 1"), "2": N_("Dialogmøte 2"), "3": N_("Dialogmøte 3")}
FIRST_DAYS = 14  # of a new milestone

_OF = ("tick", "contact", "plan", "signature", "evaluation", "meeting", "letter")
_COUNTED = tuple(done_by for done_by in _OF if done_by not in OF_PLANS)


def _of(section: str, kind: Any, label: str, help: str = "", types: Collection[str] = _OF, **more: Any) -> Property:
    return Property(section, kind, label, help, frozenset(types), **more)


# In the order of the form. `types` are what counts as done.
_STEP: tuple[tuple[str, Property], ...] = (
    ("code", _of("texts", "fixed", N_("Milepæl"))),
    ("hidden", _of("texts", "fixed", N_("Av"))),
    ("locked", _of("deadline", "fixed", N_("Låst fordi loven krever det"))),
    ("legal", _of("deadline", "fixed", N_("Loven har en frist"))),
    ("law", _of("deadline", "fixed", N_("Hvor loven sier det"))),
    ("at_most", _of("deadline", "fixed", N_("Lovens frist i dager"))),
    ("valid_from", _of("deadline", "fixed", N_("Gjelder fra"))),
    ("valid_to", _of("deadline", "fixed", N_("Gjelder til"))),
    ("text", _of("texts", "text", N_("Navn på milepælen"))),
    ("days", _of("deadline", "span", N_("Frist"), N_("Skriv for eksempel 28, 28 dager eller 4 uker."),
                 set(_OF) - {"evaluation"}, optional=True)),
    ("anchor", _of("deadline", "ref", N_("Telles fra"), types=_COUNTED, choices=ANCHOR_NAMES)),
    ("who", _of("done", "choice", N_("Hvem gjør det"), choices=WHO_NAMES)),
    ("done_by", _of("done", "choice", N_("Gjort når"), choices=DONE_NAMES)),
    ("meeting", _of("done", "int", N_("Hvilket dialogmøte"), types={"meeting"}, choices=MEETINGS, low=1, high=3,
                    optional=True)),
    ("letters", _of("done", "several", N_("Brev som hører til"))),
    ("help", _of("guidance", "long", N_("Veiledning"), N_("Hva den som har milepælen, skal gjøre."))),
    ("avoid", _of("guidance", "long", N_("Ikke spør om"), N_("Det som ikke skal spørres om eller skrives ned."))),
    ("when", _of("guidance", "text", N_("Tidspunkt på sjekklisten"),
                 N_("Slik papiret sier det, for eksempel «2. fraværsuke». Kan stå tomt."))),
    ("applies", _of("when", "choice", N_("Gjelder"), choices=APPLIES_NAMES)),
    ("only_if", _of("when", "choice", N_("Er med"), choices=STEP_ONLY_IF)),
    ("form", _of("done", "ref", N_("Skjema som hører til"), choices={"": N_("Ingen")}, optional=True)),
    ("recipients", _of("done", "several", N_("Mottakere"), N_("Hvem som skal ha planen, brevet eller referatet."),
                       choices=RECIPIENT_NAMES)),
)  # fmt: skip
_DECIDED = ("anchor", "applies", "only_if")  # where the law has a limit


def step_table(step: StepRule) -> dict[str, Property]:
    """What applies to this milestone, by path; what the law has decided is shown, not changed."""
    table = {path: about for path, about in _STEP if step.done_by in about.types}
    decided = list(_DECIDED if step.legal or step.locked else ())
    if step.legal:  # it is counted from the law's day, not from a plan's
        choices = {name: words for name, words in DONE_NAMES.items() if name not in OF_PLANS}
        table["done_by"] = table["done_by"]._replace(choices=choices)
    if step.locked:
        decided += ["done_by", "meeting", *(["days", "who"] if step.who == "nav" else [])]
    return {path: about._replace(kind="fixed") if path in decided else about for path, about in table.items()}


def settle(data: dict[str, Any]) -> None:
    """What counts as done was changed: signature and evaluation have their own day to count from, others have not."""
    done_by = data.get("done_by", "tick")
    if done_by in OF_PLANS:
        data["anchor"] = OF_PLANS[done_by]
    elif data.get("anchor") in ("agreed_day", "plan_day"):
        data.pop("anchor")
    if done_by == "evaluation":
        data.pop("days", None)
    elif data.get("days") is None:
        data["days"] = FIRST_DAYS
