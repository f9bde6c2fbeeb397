"""What people decide about a milestone, one page for each, and the checklist on paper."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from wtforms import BooleanField, RadioField

from admin import words
from admin.base import attempt
from admin.fields import BaseForm, DateField, TidyText, number_of
from admin.listing import actor, own_path
from admin.plan_pages import pdf_response
from admin.set_pages import page_language
from admin.timeline import acts, point_of, title_of
from forms.definition import say
from services import checklist, tasks
from services.clock import today
from services.errors import NotAllowed, StaleRow
from services.tasks import Task

_DONE, _NOT_RELEVANT, _EXEMPT = "done", "not_relevant", "exempt"


class MilestoneView(BaseView):
    """Decisions on the milestones of a case: for leaders and HR."""

    def is_accessible(self) -> bool:
        return actor().may("case.write") or actor().may("set.see")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/done/", methods=("POST",))
    def done(self) -> Any:
        """One click: done today, or on `done_on`."""
        day = _done_form(None, request.form).done_on.data if request.form.get("done_on") else today()
        task = tasks.tick(actor(), _asked(), day, _revision())
        flash(_("Merket som gjort."), "success")
        return self._back(task)

    @expose("/undo/", methods=("POST",))
    def undo(self) -> Any:
        task = tasks.undo(actor(), _asked(), _revision())
        flash(_("Angret. Steget venter igjen."), "success")
        return self._back(task)

    @expose("/", methods=("GET", "POST"))
    def decide(self) -> Any:
        """What it is and what can be done with it; the three decisions are a form each."""
        task = tasks.task_of(actor(), _asked())
        if request.method == "GET":
            return self._page(task)
        what = request.form.get("what", "")
        what = what if what in _FORMS else _DONE
        form = _FORMS[what](task, request.form)
        try:
            decided = attempt(form, lambda: _decide(task, what, form)) if form.validate() else None
        except StaleRow:
            return self._page(tasks.task_of(actor(), task.row.id), what, form, 409)
        if decided is None:
            return self._page(task, what, form, 422)
        flash(_SAID[what](), "success")
        return self._back(decided)

    @expose("/checklist/")
    def checklist(self) -> Any:
        """The municipality's schedule as a paper to tick off: of a case, or blank."""
        case, blank = request.args.get("case"), bool(request.args.get("blank"))
        content = checklist.print_checklist(actor(), case, page_language(), blank=blank or not case)
        return pdf_response(content, "sjekkliste")

    def _back(self, task: Task) -> Any:
        here = own_path(request.values.get("back"))
        return redirect(here or self.get_url("case.details_view", id=task.row.case_id), 303)

    def _page(self, task: Task, what: str = "", form: Any = None, status: int = 200) -> Any:
        case, language, rule = task.row.case, page_language(), task.rule
        forms = {kind: form if kind == what else made(task) for kind, made in _FORMS.items()}
        g.menu_point = "case"
        title, names = title_of(task), tasks.doers(case, [task.row], {rule.code: rule} if rule else {})
        return self.render(
            "milestone/decide.html", task=task, case=case, title=title, forms=forms, what=what, stale=status == 409,
            point=point_of(task, names.get(task.row.id, "")), acts=acts(task.row.who), say=say, language=language,
            about=_about(task), how_done=_how_done(task),
            breadcrumbs=[
                (_("Saker"), self.get_url("case.index_view")),
                (case.employee.name, self.get_url("case.details_view", id=case.id)), (title, None),
            ],
        ), status  # fmt: skip


def _about(task: Task) -> list[tuple[str, str]]:
    """The deadline and what it rests on."""
    rule = task.rule
    law = rule.law if rule else ""
    found = [(_("Frist"), words.format_day(task.row.due)), (_("Hvem gjør det?"), acts(task.row.who))]
    return [*found, (_("Lov eller avtale"), law)] if law else found


def _how_done(task: Task) -> str:
    """When to tick it off by hand."""
    return {
        "contact": _("Fører du kontakten i loggen, blir dette gjort av seg selv."),
        "plan": _(
            "Gjør du ferdig planen her, blir dette gjort av seg selv. Merk det selv bare hvis planen er på papir."
        ),
        "signature": _("Registrerer du signaturene på planen, blir dette gjort av seg selv."),
        "evaluation": _("Gjør du ferdig neste plan her, blir dette gjort av seg selv."),
        "meeting": _("Fører du møtet som holdt her, blir dette gjort av seg selv."),
        "letter": _("Sender du brevet herfra, blir dette gjort av seg selv."),
    }.get(task.rule.done_by if task.rule else "", _("Skriv hvilken dag det ble gjort."))


def _asked() -> str:
    return request.form.get("id") or request.args.get("id", "")


def _revision() -> int | None:
    """The state that the page showed; None when it did not say."""
    given = request.form.get("revision") or request.args.get("revision")
    return number_of(given) if given else None


def _decide(task: Task, what: str, form: Any) -> Task:
    row = task.row
    match what:
        case "not_relevant":
            return tasks.not_relevant(actor(), row.id, form.reason.data, _revision() or 0)
        case "exempt":
            return tasks.exempt(
                actor(), row.id, form.reason_code.data or "", form.reason.data, talked=form.talked.data,
                revision=_revision() or 0,
            )  # fmt: skip
    return tasks.tick(actor(), row.id, form.done_on.data, _revision() or 0)


def _done_form(task: Task | None, data: Any = None) -> Any:
    first = task.row.case.first_day.isoformat() if task else ""
    fields = {
        "done_on": DateField(
            _("Hvilken dag ble det gjort?"), default=today,
            render_kw={"max": today().isoformat(), "min": first},
        ),
    }  # fmt: skip
    return type("DoneForm", (BaseForm,), fields)(data)


def _reason() -> TidyText:
    return TidyText(
        _("Hvorfor?"), render_kw={"maxlength": tasks.MAX_REASON},
        description=_("Kort, om arbeidet og avtalen dere har. Ikke skriv diagnose eller detaljer om helse."),
    )  # fmt: skip


def _not_relevant_form(task: Task, data: Any = None) -> Any:
    return type("NotRelevantForm", (BaseForm,), {"reason": _reason()})(data)


def _exempt_form(task: Task, data: Any = None) -> Any:
    fields = {
        "reason_code": RadioField(
            _("Hva er grunnen?"), choices=dict(words.options(task.exemptions)), validate_choice=False,
        ),
        "reason": _reason(),
        "talked": BooleanField(_("Jeg har snakket med den ansatte om dette")),
    }  # fmt: skip
    return type("ExemptForm", (BaseForm,), fields)(data)


_FORMS: dict[str, Any] = {_DONE: _done_form, _NOT_RELEVANT: _not_relevant_form, _EXEMPT: _exempt_form}
_SAID: dict[str, Any] = {
    _DONE: lambda: _("Merket som gjort."), _NOT_RELEVANT: lambda: _("Satt til ikke aktuelt."),
    _EXEMPT: lambda: _("Unntaket er lagret."),
}  # fmt: skip
