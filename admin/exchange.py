"""Question sets in and out of files, in the browser: choose a file, see what it would change, make it the draft."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import FileField

from admin.fields import BaseForm
from admin.listing import actor
from admin.security import takes_scan
from admin.set_pages import AdministratorView, asked, crumbs, page_language, title_in
from admin.words import told
from forms import exchange as files
from forms.definition import BadDefinition, say
from forms.exchange import BadFile, Imported
from models import QuestionSet
from services import access, exchange
from services.errors import Invalid, NotVisible
from services.exchange import Arrival

FORM_NAMES = {
    "xlsx": (lambda: _("Excel (XLSForm)"), lambda: _("Skjemaet i et regneark som du kan endre og hente inn igjen.")),
    "translations": (lambda: _("Oversettelsesark"), lambda: _("Alle tekstene, med ett språk i hver kolonne.")),
    "fhir": (lambda: _("FHIR R4"), lambda: _("For Helsenorges skjemabygger og andre systemer i helse.")),
    "json": (lambda: _("JSON"), lambda: _("Attendes eget format, for andre kommuner som bruker Attende.")),
}  # fmt: skip


class ExchangeView(AdministratorView):
    @expose("/export/")
    def export(self) -> Any:
        """The choice of formats, and with `form` the file."""
        row = access.get(actor(), QuestionSet, asked(), "set.write")
        form = request.args.get("form", "")
        if not form:
            return self.render(
                "builder/export.html", row=row, forms=FORM_NAMES,
                breadcrumbs=crumbs(row, _("Last ned")),
            )  # fmt: skip
        try:
            content, name = exchange.export_set(actor(), row.id, form, request.args.get("version", ""))
        except ValueError:
            raise NotVisible from None
        response = Response(content, mimetype=files.mimetype(form))
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @expose("/", methods=("GET", "POST"))
    @takes_scan
    def index(self) -> Any:
        row = access.get(actor(), QuestionSet, asked(), "set.write") if asked() else None
        form = _file_form()
        if request.method == "GET":
            return self._page(row, form)
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            form.file.errors = [_("Velg en fil.")]
            return self._page(row, form, 422)
        content = upload.stream.read(files.MAX_FILE + 1)
        try:
            if row is not None and files.is_translations(content):
                return self._translations(row, content)
            found = exchange.look_at(actor(), content, upload.filename, row.id if row else None)
        except BadFile as refused:
            return self._page(row, form, 422, refused.told)
        except Invalid as refused:
            form.file.errors = [told(note) for note in refused.messages.values()]
            return self._page(row, form, 422)
        return self._arrival(found)

    def _page(self, row: Any, form: Any, status: int = 200, problems: Any = ()) -> Any:
        back = crumbs(row, _("Hent inn fra fil")) if row else [
            (_("Skjema"), self.get_url("question_set.index_view")), (_("Hent inn fra fil"), None)
        ]  # fmt: skip
        return self.render("builder/import.html", row=row, form=form, problems=problems, breadcrumbs=back), status

    def _arrival(self, found: Arrival, status: int = 200) -> Any:
        row = found.question_set
        return self.render(
            "builder/arrival.html", found=found, row=row, title=title_in(found.definition), say=say,
            language=page_language(), data=found.definition.model_dump_json(exclude_defaults=True),
            breadcrumbs=crumbs(row, _("Hent inn fra fil")) if row else [
                (_("Skjema"), self.get_url("question_set.index_view")), (_("Hent inn fra fil"), None)],
        ), status  # fmt: skip

    def _translations(self, row: QuestionSet, content: bytes) -> Any:
        changed, problems = exchange.take_in_translations(actor(), row.id, content)
        if problems:
            return self._page(row, _file_form(), 200 if changed else 422, problems)
        said = ngettext("%(num)s tekst er endret i kladden.", "%(num)s tekster er endret i kladden.", changed)
        flash(said, "success")
        return redirect(self.get_url("publishing.index", id=row.id), 303)

    @expose("/take/", methods=("POST",))
    def take(self) -> Any:
        """The file that was looked at becomes the draft. It comes back as JSON and is read anew: nothing is trusted."""
        try:
            data = json.loads(request.form.get("data", ""))
            found = exchange.arrival(
                actor(), Imported(data if isinstance(data, dict) else {}, ()), request.form.get("id") or None
            )
            row = exchange.take_in(actor(), found)
        except (ValueError, BadDefinition):
            raise NotVisible from None
        except Invalid as refused:
            flash(" ".join(told(note) for note in refused.messages.values()), "error")
            return redirect(self.get_url(".index"), 303)
        flash(_("Filen ligger nå i kladden. Se over, og publiser når den er klar."), "success")
        return redirect(self.get_url("builder.index", id=row.id), 303)


def _file_form() -> Any:
    fields = {
        "file": FileField(
            _("Fil"), description=_("Excel (.xlsx), oversettelsesark, FHIR eller JSON. Høyst 5 MB."),
            render_kw={"accept": ".xlsx,.json"},
        )
    }  # fmt: skip
    return type("FileForm", (BaseForm,), fields)()
