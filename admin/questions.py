"""Question sets, for reading: which there are, how they look as a form and as paper."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose
from flask_babel import get_locale
from flask_babel import gettext as _

from admin.base import SafeView, actor
from admin.plan_pages import pdf_response
from forms import answers as rules
from models import QuestionSet
from services import access
from services.access import Actor
from services.printing import Head, render_sheet
from services.questions import blank_sheet, definition_of, newest_version, sources, version_counts

KIND_NAMES = {
    "plan": lambda: _("Oppfølgingsplan"), "checklist": lambda: _("Sjekkliste"), "minutes": lambda: _("Referat"),
    "consent": lambda: _("Samtykke"), "preparation": lambda: _("Forberedelse"),
}  # fmt: skip
LAW_NAMES = {
    "assessment": lambda: _("Vurdering av arbeidsoppgaver og arbeidsevne"),
    "employer_measures": lambda: _("Tiltak hos arbeidsgiver"),
    "public_measures": lambda: _("Tiltak med hjelp fra myndighetene"),
    "follow_up": lambda: _("Plan for videre oppfølging"),
}


class QuestionSetView(SafeView):
    heading_text = staticmethod(lambda: _("Skjema"))
    lead_text = staticmethod(lambda: _("Skjemaene kommunen bruker. Se dem på skjermen eller som papir."))
    see_action = "set.see"
    column_list = ("title", "kind", "source", "version")
    column_sortable_list = ("title", "kind")
    order = (QuestionSet.kind, QuestionSet.title)
    labels = {"title": lambda: _("Skjema"), "kind": lambda: _("Hva slags"), "version": lambda: _("Versjon"),
              "source": lambda: _("Kommer fra")}  # fmt: skip
    column_formatters = {
        "kind": lambda v, c, row, n: KIND_NAMES[row.kind](),
        "version": lambda v, c, row, n: str(row.version_count),
    }

    def scope(self, who: Actor) -> Any:
        return access.question_sets(who).where(QuestionSet.active)

    def decorate(self, rows: list[Any]) -> None:
        counts, origins = version_counts([row.id for row in rows]), sources(rows)
        for row in rows:
            row.version_count, row.source = counts.get(row.id, 0), origins.get(row.id, "")

    def row_links(self, row: QuestionSet) -> list[tuple[str, str, bool]]:
        return [
            (_("Se skjemaet"), self.get_url(".details_view", id=row.id), False),
            (_("Tomt skjema (PDF)"), self.get_url(".blank", id=row.id), False),
        ]

    @expose("/details/")
    def details_view(self) -> Any:
        row = access.get(actor(), QuestionSet, request.args.get("id"), "set.see")
        language = _language()
        sheet = blank_sheet(actor(), row.id, language)
        version = newest_version(row)
        definition = definition_of(version) if version else None
        return self.render(
            "admin/question_set.html", model=row, sheet=sheet, language=language, version=version,
            covered=rules.law_coverage(definition, None, {}, True) if definition and row.kind == "plan" else {},
            law_names=LAW_NAMES, languages=definition.languages if definition else (), kind=KIND_NAMES[row.kind](),
        )  # fmt: skip

    @expose("/blank/")
    def blank(self) -> Any:
        """The empty form, for filling in by hand."""
        sheet = blank_sheet(actor(), request.args.get("id") or "", _language())
        municipality = actor().municipality
        head = Head(
            municipality=municipality.name, org_number=municipality.org_number,
            logo=bytes(municipality.logo) if municipality.logo else None,
        )  # fmt: skip
        return pdf_response(render_sheet(sheet, head), sheet.key)


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in ("nb", "nn") else str(get_locale() or "nb")[:2]
