"""Cases: the list a leader works from, opening a case, and the case page that is the hub of it all."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from wtforms import HiddenField

from admin import words
from admin.base import Filter, SafeView, actor, own_path
from admin.case_page import case_page
from admin.fields import ChoiceField, DateField, IntegerField, TidyText, number_of
from models import AbsencePeriod, Case, Employee, LeaderRelation, Unit
from services import access, cases, people
from services.access import Actor
from services.cases import close_case, open_case, read_case
from services.clock import today


def _units() -> list[tuple[str, str]]:
    rows = access.units(actor()).order_by(Unit.name)
    return [("", _("Alle enheter")), *((str(u.id), u.name) for u in rows)]


def _leaders() -> list[tuple[str, str]]:
    if not actor().may("case.export"):
        return [("", _("Mine"))]
    return [("", _("Alle ledere")), *((str(u.id), u.name) for u in people.leaders(actor()))]


def _led_by(value: str) -> Any:
    day = today()
    return Case.employee.in_(
        LeaderRelation.select(LeaderRelation.employee).where(
            LeaderRelation.leader == int(value), LeaderRelation.from_date <= day,
            LeaderRelation.to_date.is_null() | (LeaderRelation.to_date >= day),
        )
    )  # fmt: skip


def _due(value: str) -> Any:
    import datetime as dt

    day = today()
    if value == "late":
        return Case.next_due < day
    return Case.next_due.between(day, day + dt.timedelta(days=7 if value == "week" else 31))


def _running(value: str) -> Any:
    return Case.id.in_(
        AbsencePeriod.select(AbsencePeriod.case).where(
            AbsencePeriod.from_date <= value, AbsencePeriod.to_date.is_null() | (AbsencePeriod.to_date >= value)
        )
    )


class CaseView(SafeView):
    heading_text = staticmethod(lambda: _("Saker"))
    create_text = staticmethod(lambda: _("Ny sak"))
    empty_words = staticmethod(
        lambda: _("Ingen saker ennå. Åpne en sak når en ansatt blir sykmeldt eller trenger en prat.")
    )
    see_action, write_action, export_action = "case.see", "case.write", "case.export"
    creates = edits = True
    column_list = ("employee", "week", "grade", "step", "due", "plan_status")
    column_sortable_list = (
        ("employee", Employee.name_sort), ("week", Case.first_day), ("due", Case.next_due),
        ("plan_status", Case.plan_status),
    )  # fmt: skip
    search_columns = (Employee.name_fold,)
    order = (Case.next_due.asc(nulls="last"),)
    lean = True
    export_columns = ("employee.name", "unit.name", "kind", "first_day", "status", "grade", "next_due", "plan_status")
    labels = {
        "employee": lambda: _("Ansatt"), "week": lambda: _("Fravær"), "grade": lambda: _("Grad"),
        "step": lambda: _("Neste steg"), "due": lambda: _("Frist"), "plan_status": lambda: _("Plan"),
        "kind": lambda: _("Hva slags sak"), "first_day": lambda: _("Første dag"),
        "to_date": lambda: _("Sykmeldt til og med"), "ordinary_tasks": lambda: _("Ordinære arbeidsoppgaver"),
        "sick_pay_end": lambda: _("Siste dag med sykepenger"), "employee.name": lambda: _("Ansatt"),
        "unit.name": lambda: _("Enhet"), "status": lambda: _("Status"), "next_due": lambda: _("Neste frist"),
    }  # fmt: skip
    helps = {
        "first_day": lambda: _("Første fraværsdag, også når den er egenmelding. Ved gult lys: dagen dere tar det opp."),
        "ordinary_tasks": lambda: _("Kort om hva den ansatte gjør til vanlig. Følger med til planen."),
        "sick_pay_end": lambda: _("La stå tomt for å bruke anslaget. Nav gir den endelige datoen."),
    }
    choices = {
        "kind": lambda: words.options(words.CASE_KIND_NAMES), "status": lambda: words.options(words.CASE_STATUS_NAMES),
        "plan_status": lambda: words.options(words.PLAN_STATUS_NAMES),
    }  # fmt: skip
    required = ("kind", "first_day")
    form_columns = ("kind", "first_day", "ordinary_tasks", "sick_pay_end")
    filters = (
        Filter("status", lambda: _("Status"), lambda v: Case.status == v if v != "all" else Case.id.is_null(False),
               lambda: [("open", _("Åpne")), ("closed", _("Avsluttede")), ("all", _("Alle"))], "open"),
        Filter("due", lambda: _("Frist"), _due, lambda: [("", _("Alle")), ("late", _("Over fristen")),
               ("week", _("Neste sju dager")), ("month", _("Neste måned"))]),
        Filter("unit", lambda: _("Enhet"), lambda v: Case.unit == int(v), _units),
        Filter("leader", lambda: _("Leder"), _led_by, _leaders),
        Filter("running", lambda: _("Sykmeldt denne dagen"), _running),
    )  # fmt: skip
    list_template = "admin/cases.html"

    def scope(self, who: Actor) -> Any:
        return access.cases(who)

    def decorate(self, rows: list[Any]) -> None:
        away = cases.away(rows)
        for row in rows:
            row.away, row.grade = away[row.id], away[row.id].grade

    def filter_fields(self) -> list[dict[str, Any]]:
        """A leader has one unit and one leader: nothing to choose."""
        wide = actor().may("case.export")
        return [f for f in super().filter_fields() if wide or f["name"] not in ("unit", "leader")]

    def export_value(self, row: Any, column: str) -> Any:
        return row.grade if column == "grade" else super().export_value(row, column)

    # --- a new case begins with the employee ----------------------------------------------------------------------

    def before_create(self) -> None:
        self.employee = None
        if request.args.get("employee"):
            self._employee()

    @staticmethod
    def _employee() -> Employee:
        row: Employee = access.get(actor(), Employee, request.args.get("employee"), "case.write")
        return row

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        actor().require("case.write")
        if not request.args.get("employee"):
            return redirect(self.get_url("employee.index_view", choose="1"), 303)
        return super().create_view()

    def _form_class(self) -> Any:
        form = super()._form_class()
        if request.endpoint == "case.create_view":
            form.grade = IntegerField(_("Sykmeldt i prosent"), description=_("La stå tomt ved gult lys."))
            form.to_date = DateField(_("Sykmeldt til og med"), description=_("La stå tomt hvis du ikke vet."))
            form.ordinary_tasks = self.form_field("ordinary_tasks")  # made anew, so that it comes last
            form.sick_pay_end = HiddenField()
        return form

    def values(self, form: Any) -> dict[str, Any]:
        found = super().values(form)
        if "grade" in form:
            found |= {"grade": form.grade.data, "to_date": form.to_date.data, "sick_pay_end": None}
        return found

    def create_row(self, values: dict[str, Any]) -> Any:
        return open_case(actor(), request.args["employee"], values)

    def change_row(self, row: Any, values: dict[str, Any], revision: int) -> Any:
        return cases.change_case(actor(), row, values, revision)

    def after(self, row: Case) -> str:
        return str(self.get_url(".details_view", id=row.id))

    @property
    def create_heading(self) -> str:
        return _("Ny sak for %(name)s", name=self._employee().name) if request.args.get("employee") else _("Ny sak")

    def title_of(self, row: Any) -> str:
        return str(row.employee.name) if row is not None else self.create_label

    # --- the case page ---------------------------------------------------------------------------------------------

    @expose("/details/")
    def details_view(self) -> Any:
        case = read_case(actor(), request.args.get("id") or "")
        return self.render("admin/case.html", model=case, page=case_page(actor(), case), heading=case.employee.name)

    @expose("/close/", methods=("POST",))
    def close(self) -> Any:
        case = close_case(
            actor(), request.form.get("id", ""), number_of(request.form.get("revision")),
            reopen=request.form.get("what") == "reopen",
        )  # fmt: skip
        flash(_("Saken er avsluttet.") if case.status == "closed" else _("Saken er åpnet igjen."), "success")
        return redirect(self.after(case), 303)

    @expose("/national-id/", methods=("POST",))
    def national_id(self) -> Any:
        """The whole number on the case page, for this one view of it; always in the trail."""
        case = read_case(actor(), request.form.get("id") or "")
        number = people.show_national_id(actor(), case.employee_id)
        page = case_page(actor(), case)
        return self.render("admin/case.html", model=case, page=page, heading=case.employee.name, national_id=number)


def case_from_query() -> Case:
    """The case that a row belongs to, by ?case=; through the door."""
    case: Case = access.get(actor(), Case, request.args.get("case"), "case.write")
    if case is None:
        abort(404)
    return case


__all__ = ["CaseView", "ChoiceField", "TidyText", "case_from_query", "own_path"]
