"""Plans: the generated list, and the flow from first question to the signed paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import peewee as pw
from flask import Response, current_app, flash, jsonify, redirect, request
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin import plan_words, words
from admin.base import Filter, SafeView, actor, attempt
from admin.errors import is_fetch
from admin.fields import BaseForm, TidyString
from admin.plan_pages import (
    BASE,
    asked_language,
    bases_of,
    case_crumbs,
    compared,
    form_of,
    form_title,
    gaps_of,
    may_withdraw,
    pdf_response,
    signature_form,
    start_words,
    texts_of,
    withdraw_form,
)
from admin.security import parked_fields, takes_scan
from forms import answers as rules
from forms.builder import build_form, read_posted, screen
from forms.definition import say
from forms.edit.table import LAW_PART_NAMES
from forms.texts import Note
from models import DialogueMeeting, Document, Employee, Plan, Signature
from services import access, documents, plan_after, plans
from services import plan_purposes as purposes
from services.access import Actor
from services.errors import NotEditable
from services.plans import Conflict, Incomplete, OpenPlan, base_of, open_plan
from services.printing import PrintRefused
from services.questions import plan_sets, sources


class PlanView(SafeView):
    heading_text = staticmethod(lambda: plan_words.list_heading(request.args.get("purpose", "")))
    empty_words = staticmethod(lambda: _("Ingen planer ennå. Start en plan fra saken den gjelder."))
    see_action, write_action, export_action = "plan.see", "plan.write", "case.export"
    edits = True
    column_list = ("employee", "form", "status", "saved_at", "finished_at")
    column_sortable_list = (
        ("employee", Employee.name_sort), ("form", Plan.number), "status", "saved_at", "finished_at",
    )  # fmt: skip
    search_columns = (Employee.name_fold,)
    order = (Plan.created_at.desc(),)
    export_columns = (
        "case.employee.name",
        "purpose",
        "number",
        "kind",
        "status",
        "finished_at",
        "evaluate_on",
        "withdrawn_on",
    )
    labels = {
        "employee": lambda: _("Ansatt"), "form": lambda: _("Hva"), "number": lambda: _("Nummer"),
        "purpose": lambda: _("Hva"), "withdrawn_on": lambda: _("Trukket tilbake"), "status": lambda: _("Status"),
        "saved_at": lambda: _("Sist lagret"), "finished_at": lambda: _("Ferdig"),
        "kind": lambda: _("Første eller forlengelse"),
        "case.employee.name": lambda: _("Ansatt"), "evaluate_on": lambda: _("Skal evalueres"),
    }  # fmt: skip
    choices = {
        "status": lambda: words.options(words.PLAN_STATUS_NAMES),
        "kind": lambda: [("first", _("Første plan")), ("extension", _("Forlengelse"))],
        "purpose": lambda: words.options(plan_words.PURPOSE_NAMES),
    }
    filters = (
        Filter("purpose", lambda: _("Hva"), lambda v: Plan.purpose == v if v != "all" else Plan.id.is_null(False),
               lambda: [*words.options(plan_words.PURPOSE_LIST_NAMES), ("all", _("Alle"))], "plan"),
        Filter("status", lambda: _("Status"), lambda v: Plan.status == v,
               lambda: [("", _("Alle")), *[o for o in words.options(words.PLAN_STATUS_NAMES) if o[0] != "none"]]),
    )  # fmt: skip
    column_formatters = {
        "employee": lambda v, c, row, n: row.case.employee.name,
        "form": lambda v, c, row, n: plan_words.name_of(row),
        "status": lambda v, c, row, n: plan_words.status_of(row)[0],
        "saved_at": lambda v, c, row, n: words.format_moment(row.saved_at),
        "finished_at": lambda v, c, row, n: words.format_moment(row.finished_at),
    }

    def scope(self, who: Actor) -> Any:
        return access.plans(who).select_extend(DialogueMeeting).join_from(Plan, DialogueMeeting, pw.JOIN.LEFT_OUTER)

    def tone_of(self, row: Plan, column: str) -> str:
        return plan_words.status_of(row)[1] if column == "status" else ""

    def row_links(self, row: Plan) -> list[tuple[str, str, bool]]:
        page = ".edit_view" if row.status == "draft" else ".details_view"
        return [(_("Fortsett") if row.status == "draft" else _("Åpne"), self.get_url(page, id=row.id), False)]

    def export_value(self, row: Any, column: str) -> Any:
        value = super().export_value(row, column)
        return value.date() if column == "finished_at" and value else value

    def is_action_allowed(self, name: str) -> bool:
        return name == "print" and actor().may("plan.batch")

    @action("print", _l("Skriv ut som én PDF"))
    def action_print(self, ids: list[str]) -> Any:
        return pdf_response(plans.print_batch(actor(), list(ids)), "planer")

    # --- filling in ----------------------------------------------------------------------------------------------

    @expose("/start/", methods=("GET", "POST"))
    def start(self) -> Any:
        """Start the next plan, the minutes of a meeting or a consent; what is there already is opened instead."""
        case = access.get(actor(), plans.Case, request.args.get("case"), "plan.write")
        purpose, meeting_id = purposes.purpose_of(request.args.get("purpose", "")), request.args.get("meeting")
        if request.method == "POST":
            plan = plans.start_plan(
                actor(), case.id, request.form.get("set") or None, asked_language(request.form.get("language")),
                purpose=purpose, meeting_id=meeting_id,
            )  # fmt: skip
            return redirect(self.get_url(".edit_view", id=plan.id), 303)
        meeting = purposes.meeting_for(actor(), case, purpose, meeting_id)
        there = purposes.running(case, purpose, meeting) if purpose != "plan" else None
        if there is not None:
            return redirect(self.get_url(".edit_view", id=there.id), 303)
        sets = plan_sets(actor().municipality, purpose)
        title, about_form, label = start_words(case, purpose, meeting)
        crumbs = case_crumbs(case, meeting, title)
        return self.render(
            "plan/start.html", case=case, sets=sets, about=sources(sets), breadcrumbs=crumbs, purpose=purpose,
            title=title, about_form=about_form, start_label=label, back=crumbs[-2][1],
        )  # fmt: skip

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        page = request.form.get("version", "")
        opened = open_plan(
            actor(), request.args.get("id") or "", "plan.write", quiet=request.method == "POST", page=page
        )
        if opened.plan.status != "draft":
            if request.method == "POST":
                return self._too_late(opened)
            return redirect(self.get_url(".details_view", id=opened.plan.id), 303)
        parts = rules.sections(opened.definition)
        section = next((p.id for p in parts if p.id == request.args.get("section")), parts[0].id)
        if request.method == "POST":
            return self._save(opened, section)
        kept = parked_fields()
        form = form_of(opened, section, kept)
        bases = bases_of(opened, kept)
        note = _("Her er teksten du skrev da du ble logget ut. Den er ikke lagret ennå.") if kept else ""
        return self._page(opened, section, form, bases, notice=note)

    def _save(self, opened: OpenPlan, section: str) -> Any:
        form = form_of(opened, section, request.form)
        posted = read_posted(form, opened.definition, section)
        bases = {name[len(BASE) :]: value for name, value in request.form.items() if name.startswith(BASE)}
        try:
            saved = plans.save_answers(actor(), opened.plan.id, posted.values, bases)
        except NotEditable:
            return self._too_late(opened)
        fresh = open_plan(actor(), opened.plan.id, "plan.write", quiet=True, page=str(opened.version.number))
        if is_fetch():
            return self._told(fresh, section, saved, posted.errors)
        if saved.conflicts:
            form = form_of(fresh, section, request.form)
            return self._page(fresh, section, form, bases_of(fresh), 409, conflicts=saved.conflicts)
        if posted.errors:
            form = form_of(fresh, section, request.form)
            form.validate()
            return self._page(fresh, section, form, bases_of(fresh), 422)
        return redirect(self._onwards(fresh, section), 303)

    def _told(self, opened: OpenPlan, section: str, saved: plans.Saved, errors: Mapping[str, Any]) -> Response:
        """What autosave is told: time, new marks, what was not stored."""
        return jsonify(
            saved=words.clock_time(saved.saved_at),
            bases={q: base_of(opened.answers.get(q)) for q in saved.written},
            conflicts=[c.question for c in saved.conflicts],
            errors={q: [note.say(lambda t: _(t)) for note in notes] for q, notes in errors.items()},
            status=409 if saved.conflicts else 422 if errors else 200,
        )

    def _onwards(self, opened: OpenPlan, section: str) -> str:
        """Where the pressed button leads."""
        where = request.form.get("go", "stay")
        ids = [part.id for part in rules.sections(opened.definition)]
        if where == "review":
            return str(self.get_url(".review", id=opened.plan.id))
        if where in ids:
            section = where
        return str(self.get_url(".edit_view", id=opened.plan.id, section=section))

    def _page(self, opened: OpenPlan, section: str, form: Any, bases: Mapping[str, str], status: int = 200,
              conflicts: list[Conflict] | None = None, notice: str = "") -> Any:  # fmt: skip
        parts = rules.sections(opened.definition)
        ids = [part.id for part in parts]
        place = ids.index(section)
        shown = screen(form, section, opened.on_screen(), opened.new_questions)
        html = self.render(
            "plan/edit.html", opened=opened, plan=opened.plan, case=opened.case, screen=shown, form=form, bases=bases,
            nav_items=self._nav(opened, section), breadcrumbs=self._crumbs(opened.plan), notice=notice,
            previous=parts[place - 1] if place else None, following=next(iter(parts[place + 1 :]), None),
            links=self._links(opened), conflicts=compared(opened, conflicts or []), title=form_title(opened),
            language=opened.plan.language, say=say, earlier=opened.earlier(), new=opened.new_questions,
            told=plan_words.words_of(opened.plan), meeting_day=plan_words.meeting_day(opened.plan),
        )  # fmt: skip
        return html, status

    def _nav(self, opened: OpenPlan, section: str) -> list[dict[str, Any]]:
        states = {"done": "done", "begun": "started", "empty": "todo"}
        progress = rules.progress(opened.definition, opened.answers, opened.context.variables)
        return [
            {
                "title": say(part.label, opened.plan.language), "current": part.id == section,
                "url": self.get_url(".edit_view", id=opened.plan.id, section=part.id),
                "state": states[progress[part.id].state] if progress[part.id].questions else "info",
            }
            for part in rules.sections(opened.definition)
            if part.id in progress
        ]  # fmt: skip

    def _links(self, opened: OpenPlan) -> dict[str, str]:
        case, here = opened.case, request.full_path
        return {
            "facts": self.get_url("employee.edit_view", id=case.employee_id, url=here),
            "measures": self.get_url("measure.create_view", case=case.id, url=here),
            "contact_log": self.get_url("contact.create_view", case=case.id, url=here),
            "absence": self.get_url("period.create_view", case=case.id, url=here),
        }

    def _crumbs(self, plan: Plan) -> list[tuple[str, str | None]]:
        return case_crumbs(plan.case, plan.meeting, plan_words.words_of(plan).name)

    def _too_late(self, opened: OpenPlan) -> Any:
        """The plan was finished while somebody still wrote: nothing is stored, and the text is given back."""
        if is_fetch():
            return jsonify(error="finished"), 409
        form = build_form(opened.definition, opened.plan.language, opened.answers, opened.context.variables)(
            request.form
        )
        written = {q: v for q, v in form.posted_answers().items() if v is not None and v != opened.answers.get(q)}
        texts = list(texts_of(opened.definition, opened.plan.language, written))
        return self.render(
            "plan/too_late.html", plan=opened.plan, texts=texts, breadcrumbs=self._crumbs(opened.plan),
            told=plan_words.words_of(opened.plan),
        ), 409  # fmt: skip

    @expose("/move/", methods=("POST",))
    def move(self) -> Any:
        """An open draft goes over to the newest version of its question set."""
        plan = plans.move_plan(actor(), request.form.get("id", ""))
        flash(plan_words.words_of(plan).moved, "success")
        return redirect(self.get_url(".edit_view", id=plan.id), 303)

    # --- finishing -----------------------------------------------------------------------------------------------

    @expose("/review/")
    def review(self) -> Any:
        opened = open_plan(actor(), request.args.get("id") or "", "plan.write")
        if opened.plan.status != "draft":
            return redirect(self.get_url(".details_view", id=opened.plan.id), 303)
        return self._review_page(opened)

    def _review_page(self, opened: OpenPlan, status: int = 200, refused: str = "") -> Any:
        gaps = [
            (text, self.get_url(".edit_view", id=opened.plan.id, section=section) + f"#q_{question}", needed)
            for question, needed, text, section in gaps_of(opened)
        ]
        covered = rules.law_coverage(
            opened.definition, opened.answers, opened.context.variables, bool(opened.context.measures)
        )
        html = self.render(
            "plan/review.html", opened=opened, plan=opened.plan, case=opened.case, nodes=opened.on_screen().nodes,
            needed=[g[:2] for g in gaps if g[2] is True], advised=[g for g in gaps if g[2] is not True],
            covered=covered, breadcrumbs=self._crumbs(opened.plan), refused=refused, title=form_title(opened),
            earlier=opened.earlier(), law_names=LAW_PART_NAMES, told=plan_words.words_of(opened.plan),
        )  # fmt: skip
        return html, status

    @expose("/finish/", methods=("POST",))
    def finish(self) -> Any:
        plan_id = request.form.get("id", "")
        try:
            plan = plans.finish_plan(actor(), plan_id)
        except Incomplete:
            return self._review_page(open_plan(actor(), plan_id, "plan.write", quiet=True), 422)
        except PrintRefused:
            opened = open_plan(actor(), plan_id, "plan.write", quiet=True)
            return self._review_page(opened, 503, plan_words.words_of(opened.plan).refused)
        flash(plan_words.words_of(plan).finished, "success")
        return redirect(self.get_url(".details_view", id=plan.id), 303)

    # --- the finished plan ---------------------------------------------------------------------------------------

    @expose("/details/")
    def details_view(self) -> Any:
        plan = access.get(actor(), Plan, request.args.get("id"), "plan.see")
        if plan.status == "draft":
            return redirect(self.get_url(".edit_view", id=plan.id), 303)
        opened = open_plan(actor(), plan.id)
        return self._details_page(opened)

    def _details_page(self, opened: OpenPlan, withdraw: Any = None, status: int = 200) -> Any:
        plan = opened.plan
        frozen = plan.snapshot is not None
        signed = {s.role: s for s in Signature.select().where(Signature.plan == plan)}
        parties = documents.signers(plan) if frozen else []
        html = self.render(
            "plan/details.html", plan=plan, case=opened.case, title=form_title(opened),
            told=plan_words.words_of(plan), status=plan_words.status_of(plan), meeting_day=plan_words.meeting_day(plan),
            withdraw=withdraw or (withdraw_form() if may_withdraw(plan) else None), signed=signed, parties=parties,
            nodes=opened.on_screen().nodes,
            may_sign=actor().may("plan.write") and documents.signable(plan) and len(signed) < len(parties),
            may_mark=actor().may("plan.misregister") and plan.status != "misregistered",
            scans=list(Document.select().where(Document.plan == plan, Document.kind == "scan")),
            breadcrumbs=self._crumbs(plan), earlier=opened.earlier(),
        )  # fmt: skip
        return html, status

    @expose("/pdf/")
    def pdf(self) -> Any:
        plan = access.get(actor(), Plan, request.args.get("id"), "plan.see")
        return pdf_response(plans.print_plan(actor(), plan.id), plan_words.file_of(plan))

    @expose("/sign/", methods=("GET", "POST"))
    @takes_scan
    def sign(self) -> Any:
        opened = open_plan(actor(), request.args.get("id") or "", "plan.write", quiet=True)
        if opened.plan.snapshot is None or opened.plan.withdrawn_on is not None:
            why = purposes.NOT_SIGNABLE[opened.plan.purpose]
            raise NotEditable(Note(why))
        form = signature_form(opened.plan)
        if request.method == "POST" and form.validate():
            upload = request.files.get("scan")
            most = current_app.config["SETTINGS"].max_scan
            scan = (upload.filename or "", upload.read(most + 1)) if upload and upload.filename else None
            values = {name: form[name].data for name in ("role", "name", "signed_on", "place")}
            if (
                attempt(form, lambda: documents.register_signature(actor(), opened.plan.id, values, scan, most))
                is not None
            ):
                flash(_("Signaturen er registrert."), "success")
                return redirect(self.get_url(".details_view", id=opened.plan.id), 303)
        return self.render(
            "plan/sign.html", plan=opened.plan, case=opened.case, form=form, breadcrumbs=self._crumbs(opened.plan),
            told=plan_words.words_of(opened.plan),
        ), (422 if request.method == "POST" else 200)  # fmt: skip

    @expose("/misregister/", methods=("GET", "POST"))
    def misregister(self) -> Any:
        plan = access.get(actor(), Plan, request.args.get("id"), "plan.misregister")
        form = type("ReasonForm", (BaseForm,), {"reason": TidyString(_("Hva er feil?"), render_kw={"maxlength": 300})})(
            request.form if request.method == "POST" else None
        )
        reason = form.reason.data or ""
        if request.method == "POST" and attempt(form, lambda: plan_after.mark_misregistered(actor(), plan.id, reason)):
            flash(_("Merket som feilregistrert."), "success")
            return redirect(self.get_url(".details_view", id=plan.id), 303)
        return self.render(
            "plan/misregister.html", plan=plan, case=plan.case, form=form, breadcrumbs=self._crumbs(plan),
            told=plan_words.words_of(plan),
        ), (422 if request.method == "POST" else 200)  # fmt: skip

    @expose("/withdraw/", methods=("POST",))
    def withdraw(self) -> Any:
        """The employee takes a consent back: themself, or by telling the leader or HR."""
        plan_id = request.args.get("id") or request.form.get("id") or ""
        form = withdraw_form()
        if form.validate() and attempt(form, lambda: plan_after.withdraw_consent(actor(), plan_id, form.day.data)):
            flash(_("Samtykket er trukket tilbake."), "success")
            return redirect(self.get_url(".details_view", id=plan_id), 303)
        access.get(actor(), Plan, plan_id, "consent.withdraw")
        return self._details_page(open_plan(actor(), plan_id, quiet=True), form, 422)

    @expose("/document/")
    def document(self) -> Any:
        document, content = documents.read(actor(), request.args.get("id") or "")
        response = Response(content, mimetype=document.mime)
        ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[document.mime]
        response.headers["Content-Disposition"] = f'inline; filename="dokument.{ending}"'
        return response
