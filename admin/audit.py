"""The trail, for the auditor: who did what, when. No content is stored in it, so none is shown."""

from __future__ import annotations

from typing import Any

import peewee as pw
from flask_babel import gettext as _

from admin import words
from admin.audit_words import TAG_GROUPS, subject_words, tag_words
from admin.base import Filter, SafeView
from admin.cases import CaseView
from admin.people import EmployeeView, UnitView, UserView
from admin.rows import ContactView, MeasureView, PeriodView
from models import AuditEvent, User
from services.access import Actor


def _tag_groups() -> list[tuple[str, str]]:
    return [("", _("Alt")), *words.options(TAG_GROUPS)]


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


def field_words(fields: str) -> str:
    """The names of fields as their forms call them."""
    labels = {name: label for view in _VIEWS for name, label in view.labels.items()}
    return ", ".join(labels[name]() if name in labels else name for name in fields.split())


_VIEWS = (CaseView, MeasureView, ContactView, PeriodView, UnitView, UserView, EmployeeView)
