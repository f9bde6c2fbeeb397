"""What the pages of a form say: of a follow-up plan, the minutes of a dialogue meeting, or a consent."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from admin import words
from forms.texts import N_
from models import Plan
from services.clock import local

PURPOSE_NAMES = {"plan": N_("Oppfølgingsplan"), "minutes": N_("Referat"), "consent": N_("Samtykke")}
PURPOSE_LIST_NAMES = {"plan": N_("Oppfølgingsplaner"), "minutes": N_("Referater"), "consent": N_("Samtykker")}


@dataclass(frozen=True)
class FormWords:
    """Texts in the reader's language; `name` and `short` say which form it is."""

    name: str
    short: str
    changed_set: str
    newer_set: str
    moved: str
    taken: str
    review: str
    lacks: str
    not_ready: str
    right_person: str
    locked: str
    finish: str
    finished: str
    refused: str
    sign_title: str
    sign_help: str
    hash_help: str
    wrong: str
    wrong_person: str
    wrong_stays: str
    too_late_title: str
    too_late: str
    open_finished: str


def words_of(plan: Plan) -> FormWords:
    """What is said of this form."""
    match plan.purpose:
        case "minutes":
            return _of_minutes(_minutes_name(plan), plan.snapshot_hash[:10])
        case "consent":
            name = _("Samtykke %(number)s", number=plan.number) if plan.number > 1 else _("Samtykke")
            return _of_consent(name, plan.snapshot_hash[:10])
    return _of_plan(plan.number, plan.snapshot_hash[:10])


def name_of(plan: Plan) -> str:
    """Which form it is, in a list: Plan 2, Referat fra dialogmøte 1, Samtykke."""
    return words_of(plan).short


def list_heading(purpose: str) -> str:
    """What the list of these forms is called; one of all kinds has a name of its own."""
    return str(_(PURPOSE_LIST_NAMES.get(purpose or "plan", N_("Planer, referater og samtykker"))))


def file_of(plan: Plan) -> str:
    """Name of its file, without an ending; nothing about whom it is of."""
    names = {"plan": _("oppfolgingsplan"), "minutes": _("referat"), "consent": _("samtykke")}
    return str(names[plan.purpose])


def status_of(plan: Plan) -> tuple[str, str]:
    """How far it has come, and its tone. Minutes need no signature to be ready; a consent may be withdrawn."""
    if plan.withdrawn_on is not None and plan.status != "misregistered":
        return _("trukket tilbake"), "late"
    if plan.purpose == "minutes" and plan.status == "finished":
        return _("ferdig"), "done"
    return str(_(words.PLAN_STATUS_NAMES[plan.status])), words.PLAN_STATUS_TONES[plan.status]


def _minutes_name(plan: Plan) -> str:
    if plan.meeting is None:
        return str(_("Referat"))
    return str(_("Referat fra dialogmøte %(number)s", number=plan.meeting.number))


def meeting_day(plan: Plan) -> str:
    """The day of the meeting that minutes are of."""
    return words.format_day(local(plan.meeting.at).date()) if plan.meeting is not None else ""


def _of_plan(number: int, mark: str) -> FormWords:
    return FormWords(
        name=_("Oppfølgingsplan %(number)s", number=number), short=_("Plan %(number)s", number=number),
        changed_set=_("Kommunen har endret skjemaet siden du startet planen. Spørsmål som er nye, er merket «nytt». "
                      "Det du har skrevet, er med."),
        newer_set=_("Kommunen har en nyere versjon av skjemaet. Denne planen følger den gamle."),
        moved=_("Planen følger nå det nyeste skjemaet. Svarene dine er med."),
        taken=_("Planen er ferdigstilt av en annen. Trykk Lagre for å se teksten din."),
        review=_("Se over planen"), lacks=_("Dette mangler før planen kan ferdigstilles"),
        not_ready=_("Alt som må fylles ut, må ha svar før planen kan ferdigstilles. Det du har skrevet, er lagret."),
        right_person=_("Gjelder planen riktig person?"),
        locked=_("Når planen er ferdigstilt, kan den ikke endres. Du kan lage en ny plan som bygger på den."),
        finish=_("Ferdigstill planen"), finished=_("Planen er ferdig. Skriv den ut og signer den sammen."),
        refused=_("PDF-en kunne ikke lages nå. Planen er fortsatt et utkast, og alt du har skrevet, er lagret."),
        sign_title=_("Skriv ut planen og signer sammen"),
        sign_help=_("Skriv ut, signer på papir, og registrer hvem som har signert. Du kan legge ved en skannet kopi."),
        hash_help=_("Merket %(hash)s står også på papiret, så dere ser at det er denne planen som er signert.",
                    hash=mark),
        wrong=_("Planen er feilregistrert:"), wrong_person=_("Er planen laget på feil person?"),
        wrong_stays=_("Planen blir stående, men blir merket."), too_late_title=_("Planen er ferdigstilt"),
        too_late=_("Planen ble ferdigstilt før du lagret, og kan ikke endres. Ingenting av det du skrev, er lagret, "
                   "men det står her så du kan ta vare på det."),
        open_finished=_("Åpne den ferdige planen"),
    )  # fmt: skip


def _of_minutes(name: str, mark: str) -> FormWords:
    return FormWords(
        name=name, short=name,
        changed_set=_("Kommunen har endret skjemaet siden du startet referatet. Spørsmål som er nye, er merket «nytt». "
                      "Det du har skrevet, er med."),
        newer_set=_("Kommunen har en nyere versjon av skjemaet. Dette referatet følger den gamle."),
        moved=_("Referatet følger nå det nyeste skjemaet. Svarene dine er med."),
        taken=_("Referatet er ferdigstilt av en annen. Trykk Lagre for å se teksten din."),
        review=_("Se over referatet"), lacks=_("Dette mangler før referatet kan ferdigstilles"),
        not_ready=_("Alt som må fylles ut, må ha svar før referatet kan ferdigstilles. Det du har skrevet, er lagret."),
        right_person=_("Gjelder referatet riktig person?"),
        locked=_("Når referatet er ferdigstilt, kan det ikke endres. Les gjennom det sammen med den ansatte først."),
        finish=_("Ferdigstill referatet"),
        finished=_("Referatet er ferdig. Skriv det ut og gi det til dem som var med."),
        refused=_("PDF-en kunne ikke lages nå. Referatet er fortsatt et utkast, og alt du har skrevet, er lagret."),
        sign_title=_("Skriv ut referatet og signer det"),
        sign_help=_("Skriv ut, signer på papir, og registrer hvem som har signert. Du kan legge ved en skannet kopi."),
        hash_help=_("Merket %(hash)s står også på papiret, så dere ser at det er dette referatet.", hash=mark),
        wrong=_("Referatet er feilregistrert:"), wrong_person=_("Er referatet laget på feil person?"),
        wrong_stays=_("Referatet blir stående, men blir merket. Dere kan skrive et nytt."),
        too_late_title=_("Referatet er ferdigstilt"),
        too_late=_("Referatet ble ferdigstilt før du lagret, og kan ikke endres. Ingenting av det du skrev, er lagret, "
                   "men det står her så du kan ta vare på det."),
        open_finished=_("Åpne det ferdige referatet"),
    )  # fmt: skip


def _of_consent(name: str, mark: str) -> FormWords:
    return FormWords(
        name=name, short=name,
        changed_set=_("Kommunen har endret skjemaet siden du startet samtykket. Spørsmål som er nye, er merket «nytt». "
                      "Det du har skrevet, er med."),
        newer_set=_("Kommunen har en nyere versjon av skjemaet. Dette samtykket følger den gamle."),
        moved=_("Samtykket følger nå det nyeste skjemaet. Svarene dine er med."),
        taken=_("Samtykket er ferdigstilt av en annen. Trykk Lagre for å se teksten din."),
        review=_("Se over samtykket"), lacks=_("Dette mangler før samtykket kan ferdigstilles"),
        not_ready=_("Alt som må fylles ut, må ha svar før samtykket kan ferdigstilles. Det du har skrevet, er lagret."),
        right_person=_("Gjelder samtykket riktig person?"),
        locked=_("Når samtykket er ferdigstilt, kan det ikke endres. Den ansatte kan alltid trekke det tilbake."),
        finish=_("Ferdigstill samtykket"), finished=_("Samtykket er klart. Skriv det ut, så den ansatte kan signere."),
        refused=_("PDF-en kunne ikke lages nå. Samtykket er fortsatt et utkast, og alt du har skrevet, er lagret."),
        sign_title=_("Skriv ut samtykket, så den ansatte kan signere"),
        sign_help=_("Et samtykke er frivillig. Det gjelder fra den ansatte har signert, til det blir trukket tilbake."),
        hash_help=_("Merket %(hash)s står også på papiret, så dere ser at det er dette samtykket som er signert.",
                    hash=mark),
        wrong=_("Samtykket er feilregistrert:"), wrong_person=_("Er samtykket laget på feil person?"),
        wrong_stays=_("Samtykket blir stående, men blir merket."), too_late_title=_("Samtykket er ferdigstilt"),
        too_late=_("Samtykket ble ferdigstilt før du lagret, og kan ikke endres. Ingenting av det du skrev, er lagret, "
                   "men det står her så du kan ta vare på det."),
        open_finished=_("Åpne det ferdige samtykket"),
    )  # fmt: skip
