"""The trail, for the auditor: who did what, when. No content is stored in it, so none is shown."""

from __future__ import annotations

from typing import Any

import peewee as pw
from flask_babel import gettext as _

from admin import words
from admin.base import Filter, SafeView
from admin.cases import CaseView
from admin.people import EmployeeView, UnitView, UserView
from admin.rows import ContactView, MeasureView, PeriodView
from models import AuditEvent, User
from services.access import Actor
from services.audit import Tag


def _tag_groups() -> list[tuple[str, str]]:
    names = {
        "login": _("Innlogging"), "access": _("Avvist tilgang"), "case": _("Saker"), "plan": _("Planer"),
        "contact": _("Kontaktlogg"), "measure": _("Tiltak"), "period": _("Perioder"), "document": _("Dokumenter"),
        "employee": _("Ansatte"), "user": _("Brukere"), "list": _("Lister og eksport"),
        "reminder": _("Påminnelser"), "feed": _("Kalendere"), "settings": _("Innstillinger"),
    }  # fmt: skip
    return [("", _("Alt")), *names.items()]


class AuditView(SafeView):
    heading_text = staticmethod(lambda: _("Logg over bruk"))
    lead_text = staticmethod(lambda: _("Hvem som har gjort hva, og når. Innholdet i sakene står ikke her."))
    see_action = "audit.see"
    column_list = ("created_at", "actor", "tag", "subject", "fields")
    column_sortable_list = ("created_at", ("actor", User.name), "tag")
    order = (AuditEvent.created_at.desc(), AuditEvent.id.desc())
    page_size = 50
    labels = {
        "created_at": lambda: _("Når"), "actor": lambda: _("Hvem"), "tag": lambda: _("Hva"),
        "subject": lambda: _("Hvilken rad"), "fields": lambda: _("Hvilke felt"),
    }  # fmt: skip
    filters = (
        Filter("what", lambda: _("Hva"), lambda v: AuditEvent.tag.startswith(f"{v}:"), _tag_groups),
        Filter("day", lambda: _("Fra og med"), lambda v: AuditEvent.created_at >= v),
    )
    column_formatters = {
        "created_at": lambda v, c, row, n: words.format_moment(row.created_at),
        "actor": lambda v, c, row, n: row.actor.name if row.actor else "",
        "tag": lambda v, c, row, n: tag_words(row.tag),
        "subject": lambda v, c, row, n: f"{subject_words(row.subject)} {row.subject_id or ''}".strip(),
        "fields": lambda v, c, row, n: field_words(row.fields),
    }

    def scope(self, who: Actor) -> Any:
        return (
            AuditEvent.select(AuditEvent, User).join(User, pw.JOIN.LEFT_OUTER)
            .where(AuditEvent.municipality == who.municipality_id)
        )  # fmt: skip

    def row_links(self, row: AuditEvent) -> list[tuple[str, str, bool]]:
        return []


def subject_words(subject: str) -> str:
    """What kind of row, in words; of a page that was refused, its name."""
    names = {
        "followup_case": _("sak"), "plan": _("plan"), "measure": _("tiltak"), "contact_entry": _("kontaktlogg"),
        "absence_period": _("periode"), "document": _("dokument"), "signature": _("signatur"), "employee": _("ansatt"),
        "unit": _("enhet"), "app_user": _("bruker"), "question_set": _("skjema"), "audit_event": _("logg"),
        "start": _("oversikt"), "leader_relation": _("lederforhold"), "case": _("sak"), "user": _("bruker"),
        "contact": _("kontaktlogg"), "period": _("periode"), "audit": _("logg"),
        "reminder": _("påminnelse"), "calendar_feed": _("kalender"), "follow_up_settings": _("innstillinger"),
        "follow_up": _("innstillinger"), "account": _("konto"),
    }  # fmt: skip
    name = subject.partition(".")[0]
    return names.get(name, name)


def field_words(fields: str) -> str:
    """The names of fields as their forms call them."""
    labels = {name: label for view in _VIEWS for name, label in view.labels.items()}
    return ", ".join(labels[name]() if name in labels else name for name in fields.split())


_VIEWS = (CaseView, MeasureView, ContactView, PeriodView, UnitView, UserView, EmployeeView)


def tag_words(tag: str) -> str:
    """A tag in words."""
    names: dict[str, str] = {
        Tag.LOGIN: _("logget inn"), Tag.LOGIN_FAILED: _("feil passord"), Tag.LOGIN_THROTTLED: _("for mange forsøk"),
        Tag.LOGOUT: _("logget ut"), Tag.SESSION_ENDED: _("innlogging avsluttet"), Tag.REFUSED: _("fikk ikke tilgang"),
        Tag.PASSWORD_CHANGED: _("byttet passord"), Tag.CASE_READ: _("leste sak"), Tag.CASE_CREATED: _("åpnet ny sak"),
        Tag.CASE_CHANGED: _("endret sak"), Tag.CASE_CLOSED: _("avsluttet sak"), Tag.CASE_REOPENED: _("åpnet sak igjen"),
        Tag.LIST_READ: _("leste liste"), Tag.EXPORTED: _("eksporterte liste"), Tag.PERIOD_CREATED: _("la til periode"),
        Tag.PERIOD_CHANGED: _("endret periode"), Tag.PERIOD_REMOVED: _("fjernet periode"),
        Tag.MEASURE_CREATED: _("la til tiltak"), Tag.MEASURE_CHANGED: _("endret tiltak"),
        Tag.CONTACT_CREATED: _("førte kontaktlogg"), Tag.CONTACT_CORRECTED: _("rettet kontaktlogg"),
        Tag.PLAN_STARTED: _("startet plan"), Tag.PLAN_READ: _("leste plan"), Tag.PLAN_SAVED: _("lagret plan"),
        Tag.PLAN_FINISHED: _("ferdigstilte plan"), Tag.PLAN_MISREGISTERED: _("merket plan som feilregistrert"),
        Tag.PLAN_PRINTED: _("skrev ut plan"), Tag.SIGNATURE_REGISTERED: _("registrerte signatur"),
        Tag.DOCUMENT_READ: _("leste dokument"), Tag.DOCUMENT_STORED: _("lagret dokument"),
        Tag.EMPLOYEE_READ: _("leste ansatt"), Tag.EMPLOYEE_CREATED: _("la til ansatt"),
        Tag.EMPLOYEE_CHANGED: _("endret ansatt"), Tag.NATIONAL_ID_SHOWN: _("så fødselsnummer"),
        Tag.UNIT_CREATED: _("la til enhet"), Tag.UNIT_CHANGED: _("endret enhet"), Tag.USER_CREATED: _("la til bruker"),
        Tag.USER_CHANGED: _("endret bruker"), Tag.LEADER_SET: _("endret leder"), Tag.SET_READ: _("leste spørsmålssett"),
        Tag.SETTINGS_CHANGED: _("endret innstillinger"), Tag.REMINDER_SENT: _("påminnelse sendt"),
        Tag.REMINDERS_MUTED: _("slo av påminnelser"), Tag.REMINDERS_UNMUTED: _("slo på påminnelser"),
        Tag.FEED_MADE: _("laget kalenderadresse"), Tag.FEED_REVOKED: _("slo av kalenderen"),
        Tag.FEED_READ: _("kalenderen ble hentet"),
    }  # fmt: skip
    return names.get(tag, tag)
