"""Question sets: which there are, how each looks, and what an administrator can do with it."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose
from flask_babel import gettext as _
from wtforms import HiddenField

from admin.base import Filter, SafeView, actor
from admin.fields import BaseForm, ChoiceField, TidyString
from admin.plan_pages import pdf_response
from admin.set_pages import page_language
from forms import answers as rules
from forms.contents import SET_KINDS
from forms.definition import say
from forms.edit.table import LAW_PART_NAMES
from forms.library import load_shipped, shipped_keys
from models import QuestionSet
from services import access, own_sets, questions, upgrades
from services.access import Actor
from services.printing import municipal_head, render_sheet

KIND_NAMES = {
    "plan": lambda: _("Oppfølgingsplan"), "checklist": lambda: _("Sjekkliste"), "minutes": lambda: _("Referat"),
    "consent": lambda: _("Samtykke"), "preparation": lambda: _("Forberedelse"),
}  # fmt: skip


class QuestionSetView(SafeView):
    heading_text = staticmethod(lambda: _("Skjema"))
    lead_text = staticmethod(lambda: _("Skjemaene kommunen bruker. Se dem på skjermen eller som papir."))
    create_text = staticmethod(lambda: _("Nytt skjema"))
    see_action, write_action = "set.see", "set.write"
    creates = True
    column_list = ("title", "kind", "source", "version", "state")
    column_sortable_list = ("title", "kind")
    order = (QuestionSet.kind, QuestionSet.title)
    labels = {"title": lambda: _("Skjema"), "kind": lambda: _("Hva slags"), "version": lambda: _("Versjon"),
              "source": lambda: _("Kommer fra"), "state": lambda: _("Tilstand"),
              "base": lambda: _("Begynn med")}  # fmt: skip
    filters = (
        Filter("used", lambda: _("Bruk"), lambda v: QuestionSet.active == (v == "yes"),
               lambda: [("yes", _("I bruk")), ("no", _("Tatt ut av bruk"))], "yes"),
    )  # fmt: skip
    column_formatters = {
        "kind": lambda v, c, row, n: KIND_NAMES[row.kind](),
        "version": lambda v, c, row, n: str(row.version_count or ""),
        "state": lambda v, c, row, n: _state_words(row),
    }

    def scope(self, who: Actor) -> Any:
        """What has a version; an administrator also sees sets that are being made."""
        sets = access.question_sets(who).where(QuestionSet.kind.in_(SET_KINDS))
        return sets if who.may("set.write") else sets.where(QuestionSet.id.in_(questions.published_sets()))

    def decorate(self, rows: list[Any]) -> None:
        ids = [row.id for row in rows]
        counts, origins = questions.version_counts(ids), questions.sources(rows)
        writes = actor().may("set.write")
        drafted = questions.drafted(ids) if writes else frozenset()
        waiting = upgrades.offered(rows) if writes else frozenset()
        for row in rows:
            row.version_count, row.source = counts.get(row.id, 0), origins.get(row.id, "") or _("kommunen selv")
            row.drafted, row.waiting = row.id in drafted, row.id in waiting

    def tone_of(self, row: Any, column: str) -> str:
        if column != "state":
            return ""
        return "soon" if row.waiting else "info" if row.drafted else "neutral" if not row.active else "done"

    def row_links(self, row: QuestionSet) -> list[tuple[str, str, bool]]:
        if not row.version_count:
            return [(_("Fortsett"), self.get_url("builder.index", id=row.id), False)]
        links = [
            (_("Se skjemaet"), self.get_url(".details_view", id=row.id), False),
            (_("Tomt skjema (PDF)"), self.get_url(".blank", id=row.id), False),
        ]
        if actor().may("set.write"):
            links.insert(1, (_("Endre"), self.get_url("builder.index", id=row.id), False))
        return links

    # --- a new one ------------------------------------------------------------------------------------------------

    def _form_class(self) -> type[BaseForm]:
        fields = {
            "revision": HiddenField(default="0"),
            "title": TidyString(_("Hva skal skjemaet hete?"), render_kw={"maxlength": own_sets.TITLE_LENGTH}),
            "base": ChoiceField(
                _("Begynn med"), choices=_bases,
                description=_("Bygger du på et skjema som følger med, får du tilbud om endringer når loven endres."),
            ),
            "kind": ChoiceField(
                _("Hva slags skjema er det?"), choices=lambda: [(kind, KIND_NAMES[kind]()) for kind in SET_KINDS],
                description=_("Gjelder når du begynner med et tomt skjema."),
            ),
        }  # fmt: skip
        return type("NewSetForm", (BaseForm,), fields)

    def values(self, form: Any) -> dict[str, Any]:
        return {name: form[name].data or "" for name in ("title", "base", "kind")}

    def create_row(self, values: dict[str, Any]) -> Any:
        return own_sets.create_set(actor(), values["kind"], values["title"], values["base"])

    def after(self, row: Any) -> str:
        return str(self.get_url("builder.index", id=row.id))

    # --- one set ----------------------------------------------------------------------------------------------------

    @expose("/details/")
    def details_view(self) -> Any:
        row = access.get(actor(), QuestionSet, request.args.get("id"), "set.see")
        language = page_language()
        sheet = questions.blank_sheet(actor(), row.id, language)
        version = questions.newest_version(row)
        definition = questions.definition_of(version) if version else None
        self.decorate([row])
        return self.render(
            "admin/question_set.html", model=row, sheet=sheet, language=language, version=version,
            covered=rules.law_coverage(definition, None, {}, True) if definition and row.kind == "plan" else {},
            law_names=LAW_PART_NAMES, languages=definition.languages if definition else (), kind=KIND_NAMES[row.kind](),
            writes=actor().may("set.write"),
        )  # fmt: skip

    @expose("/blank/")
    def blank(self) -> Any:
        """The empty form, for filling in by hand."""
        sheet = questions.blank_sheet(actor(), request.args.get("id") or "", page_language())
        return pdf_response(render_sheet(sheet, municipal_head(actor().municipality)), sheet.key)


def _bases() -> list[tuple[str, str]]:
    shipped = [(key, load_shipped(key)) for key in shipped_keys()]
    return [("", _("Et tomt skjema"))] + [
        (key, f"{say(one.title, page_language())} – {one.source}" if one.source else say(one.title, page_language()))
        for key, one in shipped
    ]


def _state_words(row: Any) -> str:
    if row.waiting:
        return _("ny versjon fra Attende")
    if row.drafted:
        return _("har kladd")
    return _("i bruk") if row.active else _("tatt ut av bruk")
