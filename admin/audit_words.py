"""The trail in words: what was done, to what kind of row."""

from __future__ import annotations

from flask_babel import gettext as _

from forms.texts import N_
from services.audit import Tag

TAG_GROUPS = {
    "login": N_("Innlogging"), "access": N_("Avvist tilgang"), "case": N_("Saker"), "milestone": N_("Milepæler"),
    "plan": N_("Planer"), "meeting": N_("Dialogmøter"), "letter": N_("Brev"), "consent": N_("Samtykke"),
    "contact": N_("Kontaktlogg"), "measure": N_("Tiltak"), "period": N_("Perioder"), "document": N_("Dokumenter"),
    "employee": N_("Ansatte"), "user": N_("Brukere"), "leader": N_("Ledere"), "set": N_("Skjema, brev og løp"),
    "list": N_("Lister og eksport"), "figures": N_("Tall"), "reminder": N_("Påminnelser"), "feed": N_("Kalendere"),
    "settings": N_("Innstillinger"),
}  # fmt: skip
SUBJECTS = {
    "followup_case": N_("sak"), "plan": N_("plan"), "measure": N_("tiltak"), "contact_entry": N_("kontaktlogg"),
    "absence_period": N_("periode"), "document": N_("dokument"), "signature": N_("signatur"),
    "employee": N_("ansatt"), "unit": N_("enhet"), "app_user": N_("bruker"), "question_set": N_("skjema"),
    "audit_event": N_("logg"), "start": N_("oversikt"), "leader_relation": N_("lederforhold"), "case": N_("sak"),
    "user": N_("bruker"), "contact": N_("kontaktlogg"), "period": N_("periode"), "audit": N_("logg"),
    "reminder": N_("påminnelse"), "calendar_feed": N_("kalender"), "follow_up_settings": N_("innstillinger"),
    "follow_up": N_("innstillinger"), "account": N_("konto"), "milestone": N_("milepæl"),
    "dialogue_meeting": N_("dialogmøte"), "meeting": N_("dialogmøte"), "meeting_participant": N_("møtedeltaker"),
    "dispatch": N_("brev"), "letter": N_("brev"), "case_letter": N_("brev"), "figures": N_("tall"),
    "steps": N_("løp"), "set_draft": N_("skjema"), "question_set_version": N_("skjema"),
}  # fmt: skip
TAGS: dict[str, str] = {
    Tag.LOGIN: N_("logget inn"), Tag.LOGIN_FAILED: N_("feil passord"), Tag.LOGIN_THROTTLED: N_("for mange forsøk"),
    Tag.LOGOUT: N_("logget ut"), Tag.SESSION_ENDED: N_("innlogging avsluttet"), Tag.REFUSED: N_("fikk ikke tilgang"),
    Tag.PASSWORD_CHANGED: N_("byttet passord"), Tag.CASE_READ: N_("leste sak"), Tag.CASE_CREATED: N_("åpnet ny sak"),
    Tag.CASE_CHANGED: N_("endret sak"), Tag.CASE_CLOSED: N_("avsluttet sak"),
    Tag.CASE_REOPENED: N_("åpnet sak igjen"), Tag.CASE_SPLIT: N_("delte sak"),
    Tag.LIST_READ: N_("leste liste"), Tag.EXPORTED: N_("eksporterte liste"),
    Tag.PERIOD_CREATED: N_("la til periode"), Tag.PERIOD_CHANGED: N_("endret periode"),
    Tag.PERIOD_REMOVED: N_("fjernet periode"), Tag.MEASURE_CREATED: N_("la til tiltak"),
    Tag.MEASURE_CHANGED: N_("endret tiltak"), Tag.CONTACT_CREATED: N_("førte kontaktlogg"),
    Tag.CONTACT_CORRECTED: N_("rettet kontaktlogg"), Tag.PLAN_STARTED: N_("startet plan"),
    Tag.PLAN_READ: N_("leste plan"), Tag.PLAN_SAVED: N_("lagret plan"), Tag.PLAN_FINISHED: N_("ferdigstilte plan"),
    Tag.PLAN_MISREGISTERED: N_("merket plan som feilregistrert"), Tag.PLAN_PRINTED: N_("skrev ut plan"),
    Tag.PLAN_MOVED: N_("flyttet plan til ny versjon"), Tag.SIGNATURE_REGISTERED: N_("registrerte signatur"),
    Tag.DOCUMENT_READ: N_("leste dokument"), Tag.DOCUMENT_STORED: N_("lagret dokument"),
    Tag.EMPLOYEE_READ: N_("leste ansatt"), Tag.EMPLOYEE_CREATED: N_("la til ansatt"),
    Tag.EMPLOYEE_CHANGED: N_("endret ansatt"), Tag.NATIONAL_ID_SHOWN: N_("så fødselsnummer"),
    Tag.UNIT_CREATED: N_("la til enhet"), Tag.UNIT_CHANGED: N_("endret enhet"),
    Tag.USER_CREATED: N_("la til bruker"), Tag.USER_CHANGED: N_("endret bruker"), Tag.LEADER_SET: N_("endret leder"),
    Tag.SET_READ: N_("leste spørsmålssett"), Tag.SET_CREATED: N_("laget skjema"), Tag.SET_CHANGED: N_("endret skjema"),
    Tag.SET_DISCARDED: N_("forkastet kladd"), Tag.SET_PUBLISHED: N_("publiserte skjema"),
    Tag.SET_WITHDRAWN: N_("trakk tilbake versjon"), Tag.SET_RETIRED: N_("tok skjema ut av bruk"),
    Tag.SET_REINSTATED: N_("tok skjema i bruk igjen"), Tag.SET_EXPORTED: N_("eksporterte skjema"),
    Tag.CONSENT_WITHDRAWN: N_("trakk samtykke tilbake"), Tag.MILESTONE_DONE: N_("merket milepæl som gjort"),
    Tag.MILESTONE_UNDONE: N_("angret milepæl"), Tag.MILESTONE_NOT_RELEVANT: N_("satte milepæl til ikke aktuelt"),
    Tag.MILESTONE_EXEMPT: N_("gjorde unntak fra milepæl"), Tag.CHECKLIST_PRINTED: N_("skrev ut sjekkliste"),
    Tag.MEETING_CREATED: N_("planla dialogmøte"), Tag.MEETING_CHANGED: N_("endret dialogmøte"),
    Tag.MEETING_READ: N_("leste dialogmøte"), Tag.MEETING_ANSWERED: N_("svarte på innkalling"),
    Tag.LETTER_SENT: N_("førte brev som sendt"), Tag.LETTER_PREVIEWED: N_("så på brev"),
    Tag.FIGURES_READ: N_("leste tall"), Tag.SETTINGS_CHANGED: N_("endret innstillinger"),
    Tag.REMINDER_SENT: N_("påminnelse sendt"), Tag.REMINDERS_MUTED: N_("slo av påminnelser"),
    Tag.REMINDERS_UNMUTED: N_("slo på påminnelser"), Tag.FEED_MADE: N_("laget kalenderadresse"),
    Tag.FEED_REVOKED: N_("slo av kalenderen"), Tag.FEED_READ: N_("kalenderen ble hentet"),
}  # fmt: skip


def subject_words(subject: str) -> str:
    """What kind of row, in words; of a page that was refused, its name."""
    name = subject.partition(".")[0]
    return _(SUBJECTS[name]) if name in SUBJECTS else name


def tag_words(tag: str) -> str:
    """A tag in words."""
    return _(TAGS[tag]) if tag in TAGS else tag
