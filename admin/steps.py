"""The municipality's schedules, for administrators: which there are, which one is in use, and what each means."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from admin import flat_steps
from admin.base import attempt
from admin.fields import BaseForm, ChoiceField, TidyString
from admin.listing import actor
from admin.schedule_look import ScheduleLook
from admin.set_pages import AdministratorView, asked, page_language
from admin.words import told
from forms.contents import STEP_KINDS
from forms.definition import say
from forms.library import load_steps, steps_keys
from models import QuestionSet
from services import access, own_sets, schedules
from services.clock import today
from services.errors import Invalid, NotVisible
from services.questions import drafted
from services.schedules import Listed
from services.steps import names_of, own_words
from services.upgrades import offered


class StepsView(AdministratorView):
    @expose("/")
    def index(self) -> Any:
        found = schedules.schedules(actor())
        return self.render(
            "admin/schedules.html", found=found, language=page_language(), say=say, states=_states(found),
            counts={one.row.id: sum(not step.hidden for step in one.content.steps) for one in found}, breadcrumbs=[],
        )  # fmt: skip

    @expose("/details/")
    def details(self) -> Any:
        number = request.args.get("version", "")
        try:
            one = schedules.read_schedule(actor(), asked(), number)
        except NotVisible:
            row: QuestionSet = access.get(actor(), QuestionSet, asked(), "set.write")
            if row.kind not in STEP_KINDS or number:
                raise
            return redirect(self.get_url("flat_builder.index", id=row.id), 303)  # nothing of it is published yet
        return self._details_page(one, number)

    def _details_page(self, one: Listed, number: str) -> Any:
        language, row = page_language(), one.row
        names = names_of(one.content, language)

        def look_url(**look: str) -> str:
            about = {"id": row.id, "version": number or None, "lang": request.args.get("lang")}
            return str(self.get_url(".details", **about, **look, _anchor="look"))

        return self.render(
            "admin/steps.html", one=one, row=row, version=one.version, older=number, content=one.content,
            language=language, say=say, title=say(one.content.title, language), about=flat_steps,
            own={code for code, words in own_words(one.content, language).items() if any(words)}, names=names,
            look=ScheduleLook(one.content, language, look_url, today()), drafted=bool(drafted([row.id])),
            waiting=bool(offered([row])), breadcrumbs=[(_("Løp"), self.get_url(".index")), (row.title, None)],
        )  # fmt: skip

    @expose("/use/", methods=("POST",))
    def use(self) -> Any:
        try:
            row = schedules.use_schedule(actor(), request.form.get("id", ""))
        except Invalid as refused:
            flash(told(refused.messages[""]), "error")
        else:
            flash(
                _("«%(title)s» er i bruk. Fristene i alle åpne saker er regnet ut på nytt.", title=row.title), "success"
            )
        return redirect(self.get_url(".index"), 303)

    @expose("/new/", methods=("GET", "POST"))
    def create(self) -> Any:
        form = _new_form()
        if request.method == "POST" and form.validate():
            title, base = form.title.data or "", form.base.data or ""
            row = attempt(form, lambda: own_sets.create_set(actor(), "steps", title, base))
            if row is not None:
                return redirect(self.get_url("flat_builder.index", id=row.id), 303)
        return self.render(
            "admin/schedule_new.html", form=form,
            breadcrumbs=[(_("Løp"), self.get_url(".index")), (_("Nytt løp"), None)],
        ), 422 if request.method == "POST" else 200  # fmt: skip


def _states(found: list[Listed]) -> dict[int, list[tuple[str, str]]]:
    """What an administrator should know of each, with tones."""
    rows = [one.row for one in found]
    waiting, drafts = offered(rows), drafted([row.id for row in rows])
    return {one.row.id: list(_state(one, one.row.id in waiting, one.row.id in drafts)) for one in found}


def _state(one: Listed, waiting: bool, has_draft: bool) -> Any:
    if one.in_use:
        yield _("i bruk"), "done"
    if waiting:
        yield _("ny versjon fra Attende"), "soon"
    if has_draft:
        yield (_("har kladd") if one.version else _("ikke publisert")), "info"


def _new_form() -> Any:
    """Asked afresh at each request: the shelf of shipped schedules is in the reader's language."""
    fields = {
        "title": TidyString(_("Hva skal løpet hete?"), render_kw={"maxlength": own_sets.TITLE_LENGTH}),
        "base": ChoiceField(
            _("Begynn med"), choices=_bases,
            description=_("Bygger du på et løp som følger med, får du tilbud om endringer når det blir fornyet."),
        ),
    }  # fmt: skip
    return type("NewScheduleForm", (BaseForm,), fields)(request.form if request.method == "POST" else None)


def _bases() -> list[tuple[str, str]]:
    shipped = [(key, say(load_steps(key).title, page_language())) for key in steps_keys()]
    return [("", _("Bare det loven krever")), *shipped]
