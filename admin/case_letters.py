"""Letters from a case: choose one, look at it a last time, register that it was sent; and the list of those sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_admin import BaseView, expose
from flask_babel import gettext as _

from admin import words
from admin.base import Filter, SafeView, actor
from admin.letter_page import LetterPage, first_page, posted_page
from admin.letters import KIND_NAMES
from admin.plan_pages import pdf_response
from admin.security import parked_fields
from admin.set_pages import page_language
from admin.timeline import step_name
from forms.definition import say
from forms.texts import Note
from models import Case, Dispatch, Document, Employee, Unit
from services import access, dispatches, letter_case
from services.access import Actor
from services.errors import Invalid, NotAllowed, NotEditable
from services.printing import PrintRefused


class CaseLetterView(BaseView):
    """The way from a case to a letter that is sent."""

    def is_accessible(self) -> bool:
        return actor().may("letter.write")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/")
    def index(self) -> Any:
        """What was sent has a list of its own."""
        return redirect(self.get_url("dispatch.index_view"), 303)

    @expose("/choose/")
    def choose(self) -> Any:
        choice = letter_case.choose(actor(), request.args.get("case"), request.args.get("milestone", ""))
        return self.render(
            "case_letter/choose.html", choice=choice, case=choice.case, say=say, language=page_language(),
            recipients=words.LETTER_RECIPIENT_NAMES, kinds=KIND_NAMES, step_name=step_name,
            breadcrumbs=[*self._way(choice.case), (_("Nytt brev"), None)],
        )  # fmt: skip

    @expose("/write/", methods=("GET", "POST"))
    def write(self) -> Any:
        if request.method == "GET":
            kept = parked_fields()  # what was typed when the login ran out
            return self._page(posted_page(request.args, kept) if kept else first_page(request.args))
        verb, _colon, language = request.form.get("do", "").partition(":")
        page = posted_page(request.args, request.form, language if verb == "language" else "")
        if verb == "send":
            return self._told(page, lambda: self._send(page))
        return self._page(page)

    @expose("/preview/", methods=("POST",))
    def preview(self) -> Any:
        """The letter as paper, kept nowhere."""
        page = posted_page(request.args, request.form)
        return self._told(page, lambda: pdf_response(dispatches.preview(actor(), page.opened, page.text), "brev"))

    def _send(self, page: LetterPage) -> Any:
        form = page.form
        if form.errors:
            raise Invalid({})
        values = {name: form[name].data for name in ("recipient_name", "how", "sent_on", "agreed") if name in form}
        dispatches.send(actor(), page.opened, page.text, values, form.token.data or "")
        flash(_("Brevet er lagret og ført som sendt."), "success")
        if page.opened.invites:
            return redirect(self.get_url("meeting.details", id=page.opened.invites.id), 303)
        return redirect(self.get_url("case.details_view", id=page.opened.case.id), 303)

    def _told(self, page: LetterPage, verb: Callable[[], Any]) -> Any:
        """What `verb` answers; when it is refused, the page again with all that was typed."""
        try:
            return verb()
        except Invalid as refused:
            return self._page(page.refused(refused.messages), 422)
        except NotEditable as refused:
            return self._page(page.refused({"": refused.note}), 409)
        except PrintRefused:
            note = Note(_("PDF-en kunne ikke lages nå. Ingenting er lagret, men teksten din står her. Prøv igjen."))
            return self._page(page.refused({"": note}), 503)

    def _page(self, page: LetterPage, status: int = 200) -> Any:
        case = page.opened.case
        html = self.render(
            "case_letter/write.html", page=page, case=case, opened=page.opened, form=page.form,
            recipient=words.LETTER_RECIPIENT_NAMES[page.opened.letter.recipient], step_name=step_name,
            breadcrumbs=[*self._way(case), (_("Nytt brev"), self.get_url(".choose", case=case.id)), (page.title, None)],
        )  # fmt: skip
        return html, status

    def _way(self, case: Case) -> list[tuple[str, str | None]]:
        return [
            (_("Saker"), self.get_url("case.index_view")),
            (case.employee.name, self.get_url("case.details_view", id=case.id)),
        ]


def _units() -> list[tuple[str, str]]:
    rows = access.units(actor()).order_by(Unit.name)
    return [("", _("Alle enheter")), *((str(unit.id), unit.name) for unit in rows)]


class DispatchView(SafeView):
    """The letters that were sent."""

    heading_text = staticmethod(lambda: _("Sendte brev"))
    empty_words = staticmethod(lambda: _("Ingen brev er ført som sendt ennå. Skriv et brev fra saken det gjelder."))
    lead_text = staticmethod(lambda: _("Brev fra sakene, med teksten de hadde da de ble sendt."))
    list_template = "case_letter/list.html"
    see_action = "letter.write"
    column_list = ("letter", "employee", "recipient", "how", "sent_on")
    column_sortable_list = (("letter", Document.title), ("employee", Employee.name_sort), "sent_on")
    search_columns = (Employee.name_fold,)
    order = (Dispatch.sent_on.desc(), Dispatch.id.desc())
    labels = {
        "letter": lambda: _("Brev"), "employee": lambda: _("Ansatt"), "recipient": lambda: _("Til"),
        "how": lambda: _("Hvordan"), "sent_on": lambda: _("Sendt"),
    }  # fmt: skip
    filters = (
        Filter("recipient", lambda: _("Til"), lambda v: Dispatch.recipient == v,
               lambda: [("", _("Alle")), *words.options(words.LETTER_RECIPIENT_NAMES)]),
        Filter("unit", lambda: _("Enhet"), lambda v: Dispatch.unit == int(v), _units),
        Filter("from", lambda: _("Sendt fra og med"), lambda v: Dispatch.sent_on >= v),
        Filter("to", lambda: _("Til og med"), lambda v: Dispatch.sent_on <= v),
    )  # fmt: skip
    column_formatters = {
        "letter": lambda v, c, row, n: row.document.title,
        "employee": lambda v, c, row, n: row.case.employee.name,
        "recipient": lambda v, c, row, n: row.recipient_name,
        "how": lambda v, c, row, n: _(words.SENT_HOW_NAMES[row.how]),
        "sent_on": lambda v, c, row, n: words.format_short(row.sent_on),
    }

    def scope(self, who: Actor) -> Any:
        return access.dispatches(who)

    def decorate(self, rows: list[Any]) -> None:
        """A letter may be of a case that has left the actor's units."""
        visible = access.cases(actor()).where(Case.id.in_([row.case_id for row in rows]))
        seen = {case.id for case in visible}
        for row in rows:
            row.case_is_seen = row.case_id in seen

    def filter_fields(self) -> list[dict[str, Any]]:
        """A leader has one unit: nothing to choose."""
        return [f for f in super().filter_fields() if "hr" in actor().roles or f["name"] != "unit"]

    def row_links(self, row: Dispatch) -> list[tuple[str, str, bool]]:
        links = [(_("Åpne brevet"), self.get_url("plan.document", id=row.document_id), False)]
        if row.case_is_seen:
            links.append((_("Saken"), self.get_url("case.details_view", id=row.case_id), False))
        return links
