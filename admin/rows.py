"""The rows inside a case: absence periods, measures and the contact log. Generated, reached from the case page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from admin import words
from admin.base import Filter, SafeView, actor
from admin.cases import case_from_query
from admin.fields import number_of
from models import AbsencePeriod, Case, ContactEntry, Employee, Measure
from services import access, cases, context, followup
from services.access import Actor
from services.clock import today


class InCaseView(SafeView):
    """Rows of one case: made from its page, and back to it when saved."""

    see_action, write_action = "case.see", "case.write"
    creates = True
    made_in_case = True  # no button above the list: a row is made from its case

    def before_create(self) -> None:
        cases.require_open(case_from_query())

    def after(self, row: Any) -> str:
        return str(self.get_url("case.details_view", id=row.case_id))

    def breadcrumbs(self, shown: Any) -> list[tuple[str, str | None]]:
        if "list_columns" in shown:
            return []
        row = shown.get("model")
        case = row.case if row is not None else case_from_query()
        return [
            (_("Saker"), self.get_url("case.index_view")),
            (case.employee.name, self.get_url("case.details_view", id=case.id)),
            (self.create_label if row is None else self.edit_heading(row), None),
        ]

    def _form_page(self, template: str, form: Any, status: int = 0, **shown: Any) -> Any:
        row = shown.get("model")
        back = self.get_url("case.details_view", id=row.case_id if row is not None else request.args.get("case"))
        status = status or (422 if request.method == "POST" else 200)
        return self.render(template, form=form, return_url=back, **shown), status

    def title_of(self, row: Any) -> str:
        return str(row.case.employee.name) if row is not None else self.create_label


class PeriodView(InCaseView):
    heading_text = staticmethod(lambda: _("Fraværsperioder"))
    lead_text = staticmethod(lambda: _("Sykmelding, egenmelding og ferie i sakene dine."))
    create_text = staticmethod(lambda: _("Ny fraværsperiode"))
    edits = True
    column_list = ("case", "kind", "from_date", "to_date", "grade")
    column_sortable_list = (("case", Employee.name_sort), "kind", "from_date", "to_date", "grade")
    search_columns = (Employee.name_fold,)
    order = (AbsencePeriod.from_date.desc(),)
    form_columns = ("kind", "from_date", "to_date", "grade")
    required = ("from_date", "grade")
    shown_when = {"grade": "kind=sick|self_declared"}
    labels = {
        "case": lambda: _("Ansatt"), "kind": lambda: _("Hva slags"), "from_date": lambda: _("Fra og med"),
        "to_date": lambda: _("Til og med"), "grade": lambda: _("Grad i prosent"),
    }  # fmt: skip
    helps = {
        "kind": lambda: _("Ferie og permisjon rett etter sykmelding regnes med i sykefraværet, etter Navs regel."),
        "to_date": lambda: _("La stå tomt hvis du ikke vet."),
        "grade": lambda: _("100 betyr helt sykmeldt. Skriv hvor mye den ansatte er borte."),
    }
    choices = {"kind": lambda: words.options(words.PERIOD_KIND_NAMES)}
    filters = (
        Filter("kind", lambda: _("Hva slags"), lambda v: AbsencePeriod.kind == v,
               lambda: [("", _("Alle")), *words.options(words.PERIOD_KIND_NAMES)]),
    )  # fmt: skip
    column_formatters = {
        "case": lambda v, c, row, n: row.case.employee.name,
        "kind": lambda v, c, row, n: _(words.PERIOD_KIND_NAMES[row.kind]),
        "from_date": lambda v, c, row, n: words.format_day(row.from_date),
        "to_date": lambda v, c, row, n: words.format_day(row.to_date),
        "grade": lambda v, c, row, n: "" if row.kind == "holiday" else f"{row.grade} %",
    }

    def scope(self, who: Actor) -> Any:
        return access.periods(who)

    def form_for(self, row: Any = None) -> Any:
        form: Any = super().form_for(row)
        if request.method == "POST" and form.kind.data == "holiday":
            form.grade.validators = ()  # it has none
        return form

    def create_row(self, values: dict[str, Any]) -> Any:
        return cases.add_period(actor(), request.args.get("case", ""), values)

    def change_row(self, row: Any, values: dict[str, Any], revision: int) -> Any:
        return cases.change_period(actor(), row, values, revision)

    def edit_heading(self, row: Any) -> str:
        return _("Endre fraværsperiode")

    def row_links(self, row: AbsencePeriod) -> list[tuple[str, str, bool]]:
        return [(_("Åpne saken"), self.get_url("case.details_view", id=row.case_id), False)]

    @expose("/remove/", methods=("POST",))
    def remove(self) -> Any:
        """A period that was registered by mistake."""
        case_id = cases.remove_period(actor(), request.form.get("id", ""))
        flash(_("Perioden er fjernet."), "success")
        return redirect(self.get_url("case.details_view", id=case_id), 303)

    @expose("/split/", methods=("POST",))
    def split(self) -> Any:
        """A case that by Nav's rule is two: `id` is the case's."""
        new = cases.split_case(actor(), request.form.get("id", ""), number_of(request.form.get("revision")))
        flash(_("Saken er delt. Dette er den nye saken; den forrige er avsluttet."), "success")
        return redirect(self.get_url("case.details_view", id=new.id), 303)


def _measure_due(value: str) -> Any:
    return (Measure.deadline < today()) & Measure.status.in_(("proposed", "agreed"))


class MeasureView(InCaseView):
    heading_text = staticmethod(lambda: _("Tiltak"))
    lead_text = staticmethod(lambda: _("Alle tiltak i sakene dine."))
    create_text = staticmethod(lambda: _("Nytt tiltak"))
    empty_words = staticmethod(lambda: _("Ingen tiltak ennå. Legg dem inn fra saken de hører til."))
    edits = True
    export_action = "case.export"
    column_list = ("what", "case", "responsible", "deadline", "status")
    column_sortable_list = (("case", Employee.name_sort), "responsible", "deadline", "status")
    search_columns = (Employee.name_fold,)
    order = (Measure.deadline.asc(nulls="last"),)
    export_columns = ("case.employee.name", "what", "kind", "responsible", "deadline", "status", "effect")
    form_columns = (
        "what", "kind", "responsible", "deadline", "status", "declined_by", "declined_reason", "effect",
    )  # fmt: skip
    required = ("what", "kind", "status")
    shown_when = {
        "declined_by": "status=declined", "declined_reason": "status=declined", "effect": "status=agreed|done",
    }  # fmt: skip
    labels = {
        "what": lambda: _("Tiltak"), "kind": lambda: _("Hva slags"), "responsible": lambda: _("Ansvarlig"),
        "deadline": lambda: _("Frist"), "status": lambda: _("Status"), "case": lambda: _("Ansatt"),
        "declined_by": lambda: _("Hvem ønsker det ikke?"), "declined_reason": lambda: _("Hvorfor ikke?"),
        "effect": lambda: _("Hvordan har det virket?"), "case.employee.name": lambda: _("Ansatt"),
    }  # fmt: skip
    helps = {
        "what": lambda: _("Skriv hva dere skal gjøre. Ikke skriv diagnose eller detaljer om helse."),
        "declined_by": lambda: _("Fyll ut bare når tiltaket er foreslått, men ikke ønsket."),
        "effect": lambda: _("Fyll ut når dere har prøvd det en stund."),
    }
    choices = {
        "kind": lambda: words.options(context.MEASURE_KIND_NAMES),
        "status": lambda: words.options(context.MEASURE_STATUS_NAMES),
        "declined_by": lambda: [("", _("Ingen")), *words.options(words.PARTY_NAMES)],
    }
    filters = (
        Filter("status", lambda: _("Status"), lambda v: Measure.status == v,
               lambda: [("", _("Alle")), *words.options(context.MEASURE_STATUS_NAMES)]),
        Filter("late", lambda: _("Frist"), _measure_due, lambda: [("", _("Alle")), ("late", _("Over fristen"))]),
    )  # fmt: skip
    column_formatters = {
        "case": lambda v, c, row, n: row.case.employee.name,
        "deadline": lambda v, c, row, n: words.format_day(row.deadline),
        "status": lambda v, c, row, n: _(context.MEASURE_STATUS_NAMES[row.status]),
    }

    def scope(self, who: Actor) -> Any:
        return access.measures(who)

    def create_row(self, values: dict[str, Any]) -> Any:
        return followup.add_measure(actor(), request.args.get("case", ""), values)

    def change_row(self, row: Any, values: dict[str, Any], revision: int) -> Any:
        return followup.change_measure(actor(), row, values, revision)

    def edit_heading(self, row: Any) -> str:
        return _("Endre tiltak")

    def tone_of(self, row: Measure, column: str) -> str:
        if column == "deadline" and row.deadline and row.status in ("proposed", "agreed") and row.deadline < today():
            return "late"
        return words.MEASURE_TONES[row.status] if column == "status" else ""

    def row_links(self, row: Measure) -> list[tuple[str, str, bool]]:
        links = [(_("Åpne saken"), self.get_url("case.details_view", id=row.case_id), False)]
        return [(_("Endre"), self.get_url(".edit_view", id=row.id), False), *links] if self.can_edit else links


class ContactView(InCaseView):
    heading_text = staticmethod(lambda: _("Kontaktlogg"))
    create_text = staticmethod(lambda: _("Før i loggen"))
    lead_text = staticmethod(lambda: _("Når du har vært i kontakt med de ansatte dine, og hvordan."))
    empty_words = staticmethod(lambda: _("Loggen er tom. Før den fra saken når du har hatt kontakt."))
    column_list = ("at", "case", "kind", "participants")
    column_sortable_list = ("at", ("case", Employee.name_sort), "kind")
    search_columns = (Employee.name_fold,)
    order = (ContactEntry.at.desc(),)
    form_columns = ("at", "kind", "participants", "text", "result")
    required = ("at", "kind")
    labels = {
        "at": lambda: _("Når"), "kind": lambda: _("Hvordan"), "participants": lambda: _("Hvem deltok?"),
        "text": lambda: _("Hva snakket dere om?"), "result": lambda: _("Hva ble resultatet?"),
        "case": lambda: _("Ansatt"),
    }  # fmt: skip
    helps = {
        "text": lambda: _("Ikke skriv diagnose eller detaljer om helse. Skriv hva den ansatte kan gjøre."),
        "participants": lambda: _("For eksempel: leder og ansatt."),
    }
    choices = {"kind": lambda: words.options(context.CONTACT_KIND_NAMES)}
    filters = (
        Filter("kind", lambda: _("Hvordan"), lambda v: ContactEntry.kind == v,
               lambda: [("", _("Alle")), *words.options(context.CONTACT_KIND_NAMES)]),
    )  # fmt: skip
    column_formatters = {
        "at": lambda v, c, row, n: words.format_moment(row.at),
        "case": lambda v, c, row, n: row.case.employee.name,
        "kind": lambda v, c, row, n: _(context.CONTACT_KIND_NAMES[row.kind]),
    }
    form_lead = property(lambda self: _("Det du fører, kan ikke endres etterpå. En rettelse blir en ny linje som viser "
                                        "til den gamle."))  # fmt: skip

    def scope(self, who: Actor) -> Any:
        return access.contacts(who)

    def form_for(self, row: Any = None) -> Any:
        form = super().form_for(row)
        if request.method == "GET":
            form.at.data = dt.datetime.now(dt.UTC)
            if request.args.get("corrects"):
                self._prefill_from(form)
        return form

    @staticmethod
    def _prefill_from(form: Any) -> None:
        old = access.get(actor(), ContactEntry, request.args["corrects"], "case.write")
        form.at.data, form.kind.data, form.participants.data = old.at, old.kind, old.participants
        form.text.data, form.result.data = old.unseal("text"), old.unseal("result")

    def create_row(self, values: dict[str, Any]) -> Any:
        return followup.log_contact(actor(), request.args.get("case", ""), values, request.args.get("corrects"))

    @property
    def create_heading(self) -> str:
        return _("Rett en linje i loggen") if request.args.get("corrects") else _("Før i loggen")

    def row_links(self, row: ContactEntry) -> list[tuple[str, str, bool]]:
        return [(_("Åpne saken"), self.get_url("case.details_view", id=row.case_id), False)]


__all__ = ["Case", "ContactView", "MeasureView", "PeriodView"]
