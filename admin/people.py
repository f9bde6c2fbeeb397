"""Employees, units and users."""

from __future__ import annotations

from typing import Any

import peewee as pw
from flask import current_app, flash, g, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from wtforms import PasswordField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from admin import words
from admin.base import Filter, SafeView, actor, own_path
from admin.fields import DateField, RowChoice, TidyString
from models import Case, Employee, Unit, User, UserRole
from services import access, context, people
from services.access import Actor
from services.audit import Tag, trail
from services.clock import today
from services.national_id import masked


def _units() -> list[Any]:
    return list(access.units(actor()).where(Unit.active).order_by(Unit.name))


class EmployeeView(SafeView):
    heading_text = staticmethod(lambda: _("Ansatte"))
    create_text = staticmethod(lambda: _("Ny ansatt"))
    empty_words = staticmethod(
        lambda: _("Ingen ansatte her ennå. HR eller administrator legger inn ansatte og hvem som leder dem.")
    )
    see_action, write_action = "employee.see", "employee.write"
    export_action = "case.export"
    creates = edits = True
    column_list = ("name", "position", "unit", "phone_work")
    column_sortable_list = (("name", Employee.name_sort), "position", ("unit", Unit.name))
    search_columns = (Employee.name_fold,)
    order = (Employee.name_sort,)
    export_columns = ("name", "unit.name", "position", "position_percent", "phone_work")
    labels = {
        "name": lambda: _("Navn"), "position": lambda: _("Stilling"), "unit": lambda: _("Enhet"),
        "phone_work": lambda: _("Telefon jobb"), "phone_private": lambda: _("Telefon privat"),
        "position_percent": lambda: _("Stillingsprosent"), "address": lambda: _("Adresse"),
        "postal": lambda: _("Postnummer og sted"), "nav_office": lambda: _("Nav-kontor"),
        "certifier": lambda: _("Sykmelder"), "occupational_health": lambda: _("Bedriftshelsetjeneste er lovpålagt"),
        "language": lambda: _("Språk i planer og brev"), "resource_number": lambda: _("Ressursnummer"),
        "active": lambda: _("Ansatt nå"), "national_id": lambda: _("Fødselsnummer"), "unit.name": lambda: _("Enhet"),
        "leader": lambda: _("Nærmeste leder"), "leader_from": lambda: _("Leder fra og med"),
    }  # fmt: skip
    helps = {
        "certifier": lambda: _("Lege eller annen som skriver sykmeldingen."),
        "occupational_health": lambda: _(
            "Gjelder for eksempel renholdere, vaktmestere, kjøkken, utedrift og nattevakter."
        ),
        "national_id": lambda: _("11 siffer. Lagres kryptert og vises bare når noen ber om det."),
    }
    choices = {"language": lambda: list(words.LANGUAGE_NAMES.items())}
    lookups = {"unit": _units}
    required = ("name", "position_percent")
    form_columns = (
        "name", "unit", "position", "position_percent", "address", "postal", "phone_private", "phone_work",
        "nav_office", "certifier", "occupational_health", "language", "resource_number", "active",
    )  # fmt: skip
    column_formatters = {"unit": lambda v, c, row, n: row.unit.name}
    filters = (
        Filter("unit", lambda: _("Enhet"), lambda v: Employee.unit == int(v),
               lambda: [("", _("Alle enheter")), *((str(u.id), u.name) for u in _units())]),
        Filter("active", lambda: _("Ansatt"), lambda v: Employee.active == (v == "yes"),
               lambda: [("yes", _("Nå")), ("no", _("Sluttet"))], "yes"),
    )  # fmt: skip

    def scope(self, who: Actor) -> Any:
        return access.employees(who)

    @property
    def can_edit(self) -> bool:  # type: ignore[override]
        return self._may("employee.write") or self._may("employee.correct")

    def row_for_writing(self) -> Any:
        action = "employee.write" if actor().may("employee.write") else "employee.correct"
        return access.get(actor(), Employee, request.args.get("id"), action)

    @property
    def heading(self) -> str:
        return _("Ny sak") if request.args.get("choose") else super().heading

    @property
    def lead(self) -> str:
        return _("Velg den ansatte saken gjelder.") if request.args.get("choose") else ""

    def fields(self) -> tuple[str, ...]:
        if actor().may("employee.write"):
            return tuple(self.form_columns)
        return tuple(name for name in self.form_columns if name not in ("unit", "active"))

    def _form_class(self) -> Any:
        form = super()._form_class()
        if actor().may("employee.write"):
            extra = self.helps["national_id"]()
            form.national_id = TidyString(
                self.labels["national_id"](),
                description=extra,
                render_kw={"inputmode": "numeric", "autocomplete": "off"},
            )
            form.leader = RowChoice(
                self.labels["leader"](), rows=lambda: people.leaders(actor()), empty=_("Ingen endring")
            )
            form.leader_from = DateField(self.labels["leader_from"](), default=today)
        return form

    def prefill(self, form: Any, row: Employee) -> None:
        if "national_id" in form:
            form.national_id.data = ""
            form.national_id.description = (f"{masked(row.birth_hint)}. " if row.birth_hint else "") + _(
                "La stå tomt for å beholde nummeret som er lagret."
            )
            leader = context.leader_of(row)
            form.leader.data, form.leader_from.data = (leader.id if leader else None), today()

    def values(self, form: Any) -> dict[str, Any]:
        found = super().values(form)
        for name in ("national_id", "leader", "leader_from"):
            if name in form:
                found[name] = form[name].data
        return found

    @staticmethod
    def _synthetic() -> bool:
        return bool(current_app.config["SETTINGS"].allow_synthetic_id)

    def create_row(self, values: dict[str, Any]) -> Any:
        return people.create_employee(actor(), values, allow_synthetic=self._synthetic())

    def change_row(self, row: Any, values: dict[str, Any], revision: int) -> Any:
        return people.change_employee(actor(), row, values, revision, allow_synthetic=self._synthetic())

    def after(self, row: Employee) -> str:
        return own_path(request.args.get("url")) or str(self.get_url(".details_view", id=row.id))

    def decorate(self, rows: list[Employee]) -> None:
        """When choosing for a new case: those who have an open one are led to it."""
        if request.args.get("choose"):
            opened = access.cases(actor()).where(Case.employee.in_([row.id for row in rows]), Case.status == "open")
            g.open_cases = {case.employee_id: case.id for case in opened}

    def row_links(self, row: Employee) -> list[tuple[str, str, bool]]:
        if request.args.get("choose"):
            case = g.get("open_cases", {}).get(row.id)
            if case:
                return [(_("Har åpen sak"), self.get_url("case.details_view", id=case), False)]
            return [(_("Velg"), self.get_url("case.create_view", employee=row.id), False)]
        return [(_("Åpne"), self.get_url(".details_view", id=row.id), False)]

    @expose("/details/")
    def details_view(self) -> Any:
        who = actor()
        row = access.get(who, Employee, request.args.get("id"), "employee.see")
        trail(who, Tag.EMPLOYEE_READ, row)
        cases = access.cases(who).where(Case.employee == row).order_by(Case.first_day.desc())
        leader = context.leader_of(row)
        return self.render(
            "admin/employee.html", model=row, cases=list(cases) if who.may("case.see") else [],
            leader=leader.name if leader else "", masked=masked(row.birth_hint),
        )  # fmt: skip


class UnitView(SafeView):
    heading_text = staticmethod(lambda: _("Enheter"))
    create_text = staticmethod(lambda: _("Ny enhet"))
    see_action, write_action = "unit.see", "unit.write"
    creates = edits = True
    column_list = ("name", "parent", "phone", "active")
    column_sortable_list = ("name",)
    order = (Unit.name,)
    labels = {
        "name": lambda: _("Navn"), "parent": lambda: _("Ligger under"), "phone": lambda: _("Telefon"),
        "active": lambda: _("I bruk"),
    }  # fmt: skip
    lookups = {"parent": _units}
    required = ("name",)
    form_columns = ("name", "parent", "phone", "active")
    column_formatters = {
        "parent": lambda v, c, row, n: row.parent.name if row.parent else "",
        "active": lambda v, c, row, n: _("Ja") if row.active else _("Nei"),
    }

    def scope(self, who: Actor) -> Any:
        above = Unit.alias()
        return access.units(who).select(Unit, above).join(above, pw.JOIN.LEFT_OUTER, on=(Unit.parent == above.id))

    def fields(self) -> tuple[str, ...]:
        return tuple(n for n in self.form_columns if n != "active" or request.endpoint == "unit.edit_view")

    def create_row(self, values: dict[str, Any]) -> Any:
        return people.create_unit(actor(), values)

    def change_row(self, row: Any, values: dict[str, Any], revision: int) -> Any:
        return people.change_unit(actor(), row, values, revision)

    def row_links(self, row: Unit) -> list[tuple[str, str, bool]]:
        return [(_("Endre"), self.get_url(".edit_view", id=row.id), False)] if self.can_edit else []


class _ManyField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """The service says it in the user's language."""


class UserView(SafeView):
    heading_text = staticmethod(lambda: _("Brukere og roller"))
    create_text = staticmethod(lambda: _("Ny bruker"))
    see_action, write_action = "user.see", "user.write"
    creates = edits = True
    column_list = ("name", "username", "roles", "active")
    column_sortable_list = ("name", "username")
    order = (User.name,)
    labels = {
        "name": lambda: _("Navn"), "username": lambda: _("Brukernavn"), "roles": lambda: _("Roller"),
        "email": lambda: _("E-post"), "language": lambda: _("Språk"), "active": lambda: _("Kan logge inn"),
        "employee": lambda: _("Er selv ansatt"), "password": lambda: _("Passord"),
    }  # fmt: skip
    choices = {"language": lambda: list(words.LANGUAGE_NAMES.items())}
    required = ("name", "username")
    form_columns = ("name", "username", "email", "language", "active")
    column_formatters = {
        "roles": lambda v, c, row, n: ", ".join(row.role_words),
        "active": lambda v, c, row, n: _("Ja") if row.active else _("Nei"),
    }

    def scope(self, who: Actor) -> Any:
        return access.users(who)

    def decorate(self, rows: list[Any]) -> None:
        held: dict[int, set[str]] = {}
        for role in UserRole.select().where(UserRole.user.in_([row.id for row in rows])):
            held.setdefault(role.user_id, set()).add(role.role)
        for row in rows:
            row.role_words = [_(words.ROLE_NAMES[role]) for role in sorted(held.get(row.id, ()))]

    def fields(self) -> tuple[str, ...]:
        new = request.endpoint == "user.create_view"
        return ("name", "username", "email", "language") if new else ("name", "email", "language", "active")

    def _form_class(self) -> Any:
        form = super()._form_class()
        form.roles = _ManyField(self.labels["roles"](), choices=lambda: words.options(words.ROLE_NAMES))
        form.hr_units = _ManyField(
            _("HR for enhetene"), choices=lambda: [(u.id, u.name) for u in _units()], coerce=int,
            description=_(
                "Gjelder rollen HR. Krysser du ikke av noe, gjelder det hele kommunen. Enhetene under er med."
            ),
        )  # fmt: skip
        form.employee_number = TidyString(
            _("Fødselsnummer, hvis brukeren skal se sin egen sak"),
            description=_("Knytter brukeren til den ansatte. La stå tomt for ikke å endre noe."),
            render_kw={"inputmode": "numeric", "autocomplete": "off"},
        )
        new = request.endpoint == "user.create_view"
        form.password = PasswordField(
            self.labels["password"](),
            description=_("Minst 12 tegn.")
            if new
            else _("La stå tomt for å beholde. Et nytt passord logger brukeren ut."),
            render_kw={"autocomplete": "new-password"},
        )
        return form

    def prefill(self, form: Any, row: User) -> None:
        held = list(UserRole.select().where(UserRole.user == row))
        form.roles.data = sorted({r.role for r in held})
        form.hr_units.data = [r.unit_id for r in held if r.role == "hr" and r.unit_id]
        if row.employee is not None:
            form.employee_number.description = _(
                "Knyttet til %(name)s. La stå tomt for ikke å endre noe.", name=row.employee.name
            )

    def values(self, form: Any) -> dict[str, Any]:
        return {
            **super().values(form), "roles": form.roles.data or [], "password": form.password.data or "",
            "hr_units": form.hr_units.data or [], "employee_number": form.employee_number.data or "",
        }  # fmt: skip

    def create_row(self, values: dict[str, Any]) -> Any:
        return people.create_user(actor(), values)

    def change_row(self, row: Any, values: dict[str, Any], revision: int) -> Any:
        return people.change_user(actor(), row, values, revision)

    def row_links(self, row: User) -> list[tuple[str, str, bool]]:
        return [(_("Endre"), self.get_url(".edit_view", id=row.id), False)]

    @expose("/end-sessions/", methods=("POST",))
    def end_sessions(self) -> Any:
        count = people.end_user_sessions(actor(), request.form.get("id", ""))
        flash(_("Innlogginger som er avsluttet: %(n)s.", n=count), "success")
        return redirect(self.get_url(".edit_view", id=request.form.get("id")), 303)
