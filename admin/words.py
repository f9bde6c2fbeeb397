"""The leader's words for codes, dates and deadlines on screen."""

from __future__ import annotations

import datetime as dt

from flask_babel import format_date
from flask_babel import gettext as _

from forms.texts import N_, Note
from services.clock import local, today

CASE_KIND_NAMES = {"sick_leave": N_("Sykmelding"), "preventive": N_("Gult lys (forebygging)")}
CASE_STATUS_NAMES = {"open": N_("Åpen"), "closed": N_("Avsluttet")}
PERIOD_KIND_NAMES = {
    "sick": N_("Sykmelding"), "self_declared": N_("Egenmelding"), "holiday": N_("Ferie eller permisjon"),
}  # fmt: skip
PLAN_STATUS_NAMES = {
    "none": N_("ikke begynt"), "draft": N_("utkast"), "finished": N_("ferdig, ikke signert"), "signed": N_("signert"),
    "superseded": N_("erstattet av ny plan"), "misregistered": N_("feilregistrert"),
}  # fmt: skip
PLAN_STATUS_TONES = {
    "none": "neutral", "draft": "soon", "finished": "info", "signed": "done", "superseded": "neutral",
    "misregistered": "late",
}  # fmt: skip
MEASURE_TONES = {"proposed": "soon", "agreed": "info", "declined": "neutral", "done": "done"}
ROLE_NAMES = {
    "administrator": N_("Administrator"), "hr": N_("HR"), "leader": N_("Leder"), "employee": N_("Ansatt"),
    "auditor": N_("Revisor"),
}  # fmt: skip
PARTY_NAMES = {"employee": N_("Den ansatte"), "employer": N_("Arbeidsgiver"), "both": N_("Begge")}
SENT_HOW_NAMES = {
    "handed_over": N_("overlevert"), "post": N_("brevpost"), "digital_post": N_("digital post (eBoks eller Digipost)"),
    "secure_message": N_("sikker melding"), "other": N_("annen måte"),
}  # fmt: skip
LETTER_RECIPIENT_NAMES = {"employee": N_("Den ansatte"), "certifier": N_("Sykmelder")}
LANGUAGE_NAMES = {"nb": "Bokmål", "nn": "Nynorsk"}
TEXT_LANGUAGES = {**LANGUAGE_NAMES, "en": "English", "se": "Davvisámegiella"}  # that a question set may be written in


def told(note: Note) -> str:
    """A service's message in the reader's language."""
    return note.say(lambda text: str(_(text)))


def options(names: dict[str, str]) -> list[tuple[str, str]]:
    """(code, word) pairs in the reader's language."""
    return [(code, _(name)) for code, name in names.items()]


def format_day(value: dt.date | None) -> str:
    """5. mars 2026."""
    return str(format_date(value, "d. MMMM y")) if value else ""


def format_short(value: dt.date | None) -> str:
    """5. mars, with the year only when it is another one."""
    if value is None:
        return ""
    return str(format_date(value, "d. MMMM" if value.year == today().year else "d. MMM y"))


def format_weekday(value: dt.date) -> str:
    """Mandag 5. mars."""
    text = str(format_date(value, "EEEE d. MMMM"))
    return text[:1].upper() + text[1:]


def format_moment(value: dt.datetime | None) -> str:
    """5. mars 2026 kl. 12.04."""
    if value is None:
        return ""
    here = local(value)
    return _("%(day)s kl. %(time)s", day=format_day(here.date()), time=f"{here:%H.%M}")


def clock_time(value: dt.datetime | None) -> str:
    """12.04."""
    return f"{local(value):%H.%M}" if value else ""


def week(value: dt.date) -> int:
    """ISO week number."""
    return value.isocalendar().week


def due_words(due: dt.date | None) -> tuple[str, str]:
    """What a deadline means today, and its tone: ("3 dager over", "late")."""
    if due is None:
        return "", "neutral"
    days = (due - today()).days
    if days < -1:
        return _("%(n)s dager over", n=-days), "late"
    if days == -1:
        return _("1 dag over"), "late"
    if days == 0:
        return _("i dag"), "soon"
    if days == 1:
        return _("i morgen"), "soon"
    if days <= 7:
        return _("om %(n)s dager", n=days), "soon"
    return format_short(due), "neutral"
