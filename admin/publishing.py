"""From draft to version: what publishing changes and whom it meets, earlier versions, and new ones of shipped sets."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from wtforms import RadioField

from admin.fields import BaseForm, DateField, TidyString, number_of
from admin.listing import actor
from admin.set_pages import (
    AdministratorView,
    asked,
    crumbs,
    edit_url,
    library_page,
    list_page,
    look_url,
    page_language,
    part_label,
    title_in,
    whole_name,
)
from admin.words import told
from forms.contents import SET_KINDS, STEP_KINDS
from forms.definition import say
from forms.edit.table import LAW_PART_NAMES
from forms.plain import add_errors
from models import QuestionSet
from services import access, jobs, publishing, set_drafts, upgrades
from services.clock import today
from services.errors import Invalid, StaleRow
from services.publishing import Outlook


class PublishingView(AdministratorView):
    # --- publishing ---------------------------------------------------------------------------------------------------

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        look = publishing.outlook(actor(), asked())
        form = _publish_form(look)
        if request.method == "GET":
            return self._publish_page(look, form)
        try:
            version = publishing.publish(
                actor(), look.opened.question_set.id, number_of(request.form.get("revision")),
                note=form.note.data or "", starts_on=form.starts_on.data if "starts_on" in form else None,
                move=request.form.get("drafts") == "move",
            ) if form.validate() else None  # fmt: skip
        except Invalid as error:
            add_errors(form, {name: told(note) for name, note in error.messages.items()})
            version = None
        except StaleRow:
            return self._publish_page(publishing.outlook(actor(), asked()), form, 409)
        if version is None:
            return self._publish_page(look, form, 422)
        flash(_("Versjon %(number)s er publisert.", number=version.number), "success")
        if look.opened.question_set.kind in STEP_KINDS and jobs.has_worker():
            flash(_("Fristene i sakene blir regnet ut på nytt nå. Det kan ta noen minutter."), "info")
        return redirect(self.get_url(".versions", id=look.opened.question_set.id), 303)

    def _publish_page(self, look: Outlook, form: Any, status: int = 200) -> Any:
        opened = look.opened
        return self.render(
            "builder/publish.html", look=look, opened=opened, row=opened.question_set, form=form,
            law_names=LAW_PART_NAMES, faults=opened.faults(), title=title_in(opened.definition), stale=status == 409,
            language=page_language(), say=say, link=partial(edit_url, opened.question_set), part_label=part_label,
            whole=whole_name(opened.question_set), set_kinds=SET_KINDS,
            counts={level: sum(c.level == level for c in look.changes) for level in ("major", "minor", "patch")},
            breadcrumbs=crumbs(opened.question_set, _("Publiser")),
        ), status  # fmt: skip

    # --- versions -----------------------------------------------------------------------------------------------------

    @expose("/versions/")
    def versions(self) -> Any:
        opened = set_drafts.open_draft(actor(), asked())
        return self.render(
            "builder/versions.html", row=opened.question_set, opened=opened, title=title_in(opened.definition),
            versions=list(reversed(opened.versions)), today=today(), edit_url=edit_url, look_url=look_url,
            breadcrumbs=crumbs(opened.question_set, _("Versjoner")),
        )  # fmt: skip

    @expose("/compare/")
    def compare(self) -> Any:
        row = access.get(actor(), QuestionSet, request.args.get("id"), "set.write")
        older, newer = sorted((request.args.get("from", ""), request.args.get("to", "")), key=lambda n: (len(n), n))
        changes = publishing.compared(actor(), row.id, older, newer)
        return self.render(
            "builder/compare.html", row=row, found=changes, language=page_language(), say=say, older=older, newer=newer,
            whole=whole_name(row),
            breadcrumbs=crumbs(row, _("Sammenlign")),
        )  # fmt: skip

    @expose("/restore/", methods=("POST",))
    def restore(self) -> Any:
        changed = publishing.restore(actor(), _posted(), request.form.get("number", ""))
        flash(_("Den gamle versjonen ligger nå i kladden. Se over og publiser den som en ny versjon."), "success")
        return redirect(self.get_url(".index", id=changed.opened.question_set.id), 303)

    @expose("/withdraw/", methods=("POST",))
    def withdraw(self) -> Any:
        version = publishing.withdraw(actor(), _posted(), request.form.get("number", ""))
        flash(_("Versjon %(number)s er trukket tilbake.", number=version.number), "success")
        return redirect(self.get_url(".versions", id=version.question_set_id), 303)

    @expose("/discard/", methods=("POST",))
    def discard(self) -> Any:
        row = access.get(actor(), QuestionSet, _posted(), "set.write")
        try:
            stays = set_drafts.discard(actor(), row.id, number_of(request.form.get("revision")))
        except StaleRow:
            flash(_("Kladden ble endret av en annen akkurat nå. Se over den før du forkaster den."), "error")
            return redirect(edit_url(row), 303)
        if not stays:
            flash(_("Kladden er forkastet."), "success")
            return redirect(list_page(row), 303)
        flash(_("Kladden er forkastet. Det som er publisert, gjelder som før."), "success")
        return redirect(library_page(row), 303)

    @expose("/retire/", methods=("POST",))
    def retire(self) -> Any:
        row = access.get(actor(), QuestionSet, _posted(), "set.write")
        if request.form.get("back"):
            publishing.reinstate(actor(), row.id)
            flash(_("%(what)s er i bruk igjen.", what=whole_name(row)), "success")
            return redirect(library_page(row), 303)
        try:
            publishing.retire(actor(), row.id)
        except Invalid as error:
            flash(told(error.messages[""]), "error")
        else:
            said = _("Skjemaet er tatt ut av bruk. Planer som er laget på det, er ikke endret.")
            flash(said if row.kind in SET_KINDS else _("%(what)s er tatt ut av bruk.", what=whole_name(row)), "success")
        return redirect(library_page(row), 303)

    # --- a new version of a shipped set -------------------------------------------------------------------------------

    @expose("/upgrade/", methods=("GET", "POST"))
    def upgrade(self) -> Any:
        choices = {name[2:]: value for name, value in request.form.items() if name.startswith("c_")}
        offer = upgrades.look(actor(), asked(), choices)
        if offer is None:
            flash(_("Dette følger allerede den nyeste versjonen fra Attende."), "info")
            return redirect(library_page(access.get(actor(), QuestionSet, asked(), "set.write")), 303)
        row = offer.opened.question_set
        if request.method == "GET":
            return self.render(
                "builder/upgrade.html", offer=offer, row=row, report=offer.report, back=library_page(row),
                language=page_language(), say=say, whole=whole_name(row), title=title_in(offer.opened.definition),
                breadcrumbs=crumbs(row, _("Ny versjon fra Attende")),
            )  # fmt: skip
        if offer.at_once and request.form.get("publish"):
            version = upgrades.accept_at_once(actor(), row.id, _("Ny versjon fra Attende"))
            flash(_("Versjon %(number)s er publisert.", number=version.number), "success")
            return redirect(self.get_url(".versions", id=row.id), 303)
        upgrades.accept(actor(), row.id, choices)
        flash(_("Endringene fra Attende er tatt inn i kladden. Se over og publiser."), "success")
        return redirect(self.get_url(".index", id=row.id), 303)


def _posted() -> str:
    return request.form.get("id", "")


def _publish_form(look: Outlook) -> Any:
    fields: dict[str, Any] = {
        "note": TidyString(
            _("Hva er endret?"), description=_("Kort, for dem som ser på versjonene senere."),
            render_kw={"maxlength": publishing.NOTE_LENGTH},
        ),
    }  # fmt: skip
    if look.opened.question_set.kind not in STEP_KINDS:
        fields["starts_on"] = DateField(
            _("Gjelder fra"), description=_("La stå tomt hvis det skal gjelde med en gang."),
            render_kw={"min": today().isoformat()},
        )  # fmt: skip
    if look.opened.question_set.kind == "plan" and look.opened.live is not None:
        fields["drafts"] = RadioField(
            _("Hva skal skje med planer som er under arbeid?"), default="stay",
            choices={
                "stay": _("De følger skjemaet de ble startet på."),
                "move": _("De går over til den nye versjonen. Svarene blir med, og nye spørsmål blir merket."),
            },
        )  # fmt: skip
    return type("PublishForm", (BaseForm,), fields)(request.form if request.method == "POST" else None)
