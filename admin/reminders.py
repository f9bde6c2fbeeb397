"""What was sent of reminders, and what was not, for administrators: day, person, outcome; never about whom or what."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext as _

from admin import words
from admin.base import Filter, SafeView, actor
from forms.texts import N_
from models import Reminder, User
from services import access, reminders
from services.access import Actor
from services.integrations import mail
from services.settings import settings_of

STATE_NAMES = {
    "waiting": N_("venter"), "sending": N_("sendes nå"), "sent": N_("sendt"), "failed": N_("ikke sendt"),
    "unsure": N_("usikkert om den kom fram"),
}  # fmt: skip
STATE_TONES = {"waiting": "soon", "sending": "info", "sent": "done", "failed": "late", "unsure": "late"}
FAULT_WORDS = {
    "down": N_("E-posttjeneren svarer ikke."), "slow": N_("E-posttjeneren brukte for lang tid på å svare."),
    "tls": N_("Forbindelsen til e-posttjeneren ble ikke kryptert som den skal."),
    "login": N_("E-posttjeneren godtok ikke brukernavn og passord."),
    "server": N_("E-posttjeneren ville ikke ta imot nå."), "later": N_("E-posttjeneren ville ikke ta imot nå."),
    "sender": N_("E-posttjeneren godtar ikke avsenderen."),
    "refused": N_("E-posttjeneren avviste mottakeren. Se etter om e-postadressen er riktig."),
    "address": N_("E-postadressen er ikke gyldig."),
    "lost": N_("Forbindelsen ble brutt underveis. Den sendes ikke på nytt."),
    "expired": N_("Den ble ikke sendt den dagen. Oppgavene tas med neste gang."),
}  # fmt: skip


class ReminderView(SafeView):
    heading_text = staticmethod(lambda: _("Påminnelser"))
    lead_text = staticmethod(lambda: _("Hvem som har fått e-post om at noe venter. Hva det gjaldt, står ikke her."))
    empty_words = staticmethod(lambda: _("Ingen påminnelser er sendt ennå."))
    list_template = "settings/reminders.html"
    see_action = "reminder.see"
    column_list = ("day", "user", "state", "items", "tries", "fault")
    column_sortable_list = ("day", ("user", User.name), "state")
    order = (Reminder.day.desc(), Reminder.id.desc())
    page_size = 50
    labels = {
        "day": lambda: _("Dag"), "user": lambda: _("Person"), "state": lambda: _("Hvordan det gikk"),
        "items": lambda: _("Oppgaver"), "tries": lambda: _("Forsøk"), "fault": lambda: _("Hva som gikk galt"),
    }  # fmt: skip
    filters = (
        Filter("state", lambda: _("Hvordan det gikk"), lambda v: Reminder.state == v,
               lambda: [("", _("Alle")), *words.options(STATE_NAMES)]),
        Filter("day", lambda: _("Fra og med"), lambda v: Reminder.day >= v),
    )  # fmt: skip
    column_formatters = {
        "day": lambda v, c, row, n: words.format_short(row.day),
        "user": lambda v, c, row, n: row.user.name,
        "state": lambda v, c, row, n: _(STATE_NAMES[row.state]),
        "items": lambda v, c, row, n: g.reminder_items.get(row.id, 0),
        "tries": lambda v, c, row, n: row.tries,
        "fault": lambda v, c, row, n: fault_words(row.fault),
    }

    def scope(self, who: Actor) -> Any:
        return access.reminders(who)

    def decorate(self, rows: list[Reminder]) -> None:
        g.reminder_items = reminders.item_counts([row.id for row in rows])

    def tone_of(self, row: Reminder, column: str) -> str:
        return STATE_TONES[row.state] if column == "state" else ""

    def row_links(self, row: Reminder) -> list[tuple[str, str, bool]]:
        return []

    @property
    def mail_on(self) -> bool:
        return mail.is_on()

    @property
    def wanted(self) -> bool:
        """The municipality has turned reminders on."""
        return bool(settings_of(actor().municipality_id).remind)


def fault_words(fault: str) -> str:
    """A fault in plain words, with the server's number where there is one."""
    code, _colon, number = fault.partition(":")
    if code not in FAULT_WORDS:
        return fault
    text = str(_(FAULT_WORDS[code]))
    return _("%(text)s (Svar %(number)s.)", text=text, number=number) if number else text
