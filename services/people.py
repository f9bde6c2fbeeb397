"""Employees, units, users with roles, and who leads whom."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

import peewee as pw

from forms.texts import N_, Note
from models import Case, Employee, LeaderRelation, Unit, User, UserRole, db, fold, keyring, sort_key
from models.people import ROLES
from services import access, national_id, passwords
from services.access import Actor
from services.audit import Tag, trail
from services.cases import apply, write
from services.clock import today
from services.errors import Invalid
from services.login import end_sessions

_EMPLOYEE_FIELDS = (
    "name", "resource_number", "address", "postal", "phone_private", "phone_work", "position", "position_percent",
    "nav_office", "certifier", "occupational_health", "language",
)  # fmt: skip
_HR_FIELDS = (*_EMPLOYEE_FIELDS, "unit", "active")
USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{1,58}$")
LIMITS = {"name": 120, "address": 160, "postal": 80, "position": 120, "nav_office": 120, "certifier": 120}


def create_employee(actor: Actor, values: Mapping[str, Any], *, allow_synthetic: bool = False) -> Employee:
    """Register an employee. Raises Invalid; a national id that is already there is told without repeating it."""
    actor.require("employee.write")
    _check_employee(actor, values)
    employee = Employee(municipality=actor.municipality_id)
    apply(employee, values, _HR_FIELDS)
    _set_national_id(actor, employee, values.get("national_id"), allow_synthetic)
    with db.atomic():
        employee.save(force_insert=True)
        trail(actor, Tag.EMPLOYEE_CREATED, employee)
        _set_leader(actor, employee, values)
    return employee


def change_employee(
    actor: Actor, employee: Employee, values: Mapping[str, Any], revision: int, *, allow_synthetic: bool = False
) -> Employee:
    """Change an employee. A leader may correct facts, not move people. Raises StaleRow, Invalid, NotAllowed."""
    full = actor.may("employee.write")
    employee = access.get(actor, Employee, employee.id, "employee.write" if full else "employee.correct")
    _check_employee(actor, {**_plain(employee), **values})
    changed = apply(employee, values, _HR_FIELDS if full else _EMPLOYEE_FIELDS)
    if full and values.get("national_id"):
        _set_national_id(actor, employee, values["national_id"], allow_synthetic)
        changed.append("national_id")
    with db.atomic():
        employee.name_fold, employee.name_sort = fold(employee.name), sort_key(employee.name)
        write(employee, revision)
        trail(actor, Tag.EMPLOYEE_CHANGED, employee, fields=changed)
        if "unit" in changed:
            _move_cases(actor, employee)
        if full:
            _set_leader(actor, employee, values)
    return employee


def _move_cases(actor: Actor, employee: Employee) -> None:
    """Open cases follow to the employee's unit; closed ones stay, and so do the letters that were sent before."""
    for case in Case.select().where(Case.employee == employee, Case.status == "open", Case.unit != employee.unit_id):
        # A new revision: who reads the case now would otherwise write the former unit back.
        moved = {Case.unit: employee.unit_id, Case.revision: Case.revision + 1}
        Case.update(moved).where(Case.id == case.id).execute()
        trail(actor, Tag.CASE_CHANGED, case, case.id, ["unit"])


def _plain(employee: Employee) -> dict[str, Any]:
    return {name: getattr(employee, name) for name in _HR_FIELDS}


def _check_employee(actor: Actor, values: Mapping[str, Any]) -> None:
    faults: dict[str, Note] = {}
    if not (values.get("name") or "").strip():
        faults["name"] = Note(N_("Skriv navnet."))
    for name, most in LIMITS.items():
        if len(values.get(name) or "") > most:
            faults[name] = Note(N_("Teksten kan høyst være %(most)s tegn."), {"most": most})
    percent = values.get("position_percent")
    if percent is None or not 1 <= percent <= 100:
        faults["position_percent"] = Note(N_("Stillingsprosenten skal være et helt tall fra 1 til 100."))
    unit = values.get("unit")
    if unit is None or not access.units(actor).where(Unit.id == getattr(unit, "id", unit)).exists():
        faults["unit"] = Note(N_("Velg en enhet."))
    if faults:
        raise Invalid(faults)


def _set_national_id(actor: Actor, employee: Employee, text: str | None, allow_synthetic: bool) -> None:
    number = national_id.normalise(text or "")
    if not number:
        return
    wrong = national_id.fault(number, allow_synthetic=allow_synthetic)
    if wrong:
        raise Invalid({"national_id": wrong})
    index = keyring.index(number)
    same = Employee.select().where(
        Employee.municipality == actor.municipality_id,
        Employee.national_id_index == index,
        Employee.id != (employee.id or 0),
    )
    if same.exists():
        raise Invalid({"national_id": Note(N_("En ansatt med dette fødselsnummeret finnes fra før."))})
    employee.seal("national_id", number)
    employee.national_id_index, employee.birth_hint = index, number[:6]


def show_national_id(actor: Actor, employee_id: int | str) -> str:
    """The whole number, for one who needs it; always leaves a trail."""
    employee: Employee = access.get(actor, Employee, employee_id, "employee.national_id")
    trail(actor, Tag.NATIONAL_ID_SHOWN, employee)
    return employee.unseal("national_id")


def _set_leader(actor: Actor, employee: Employee, values: Mapping[str, Any]) -> None:
    if not values.get("leader"):
        return
    set_leader(actor, employee, int(values["leader"]), values.get("leader_from") or today())


def set_leader(actor: Actor, employee: Employee, leader_id: int, from_date: dt.date) -> None:
    """Make a user the nearest leader from a day on; the relation before ends the day before. Idempotent."""
    actor.require("employee.write")
    if not dt.date(2000, 1, 1) <= from_date <= today() + dt.timedelta(days=366):
        raise Invalid({"leader_from": Note(N_("Datoen er for langt unna. Se etter om året er riktig."))})
    leader = User.select().where(User.id == leader_id, User.municipality == actor.municipality_id, User.active).first()
    if leader is None or not UserRole.select().where(UserRole.user == leader, UserRole.role == "leader").exists():
        raise Invalid({"leader": Note(N_("Velg en leder i kommunen."))})
    running = LeaderRelation.select().where(LeaderRelation.employee == employee, LeaderRelation.to_date.is_null())
    with db.atomic():
        for relation in running:
            if relation.leader_id == leader.id:
                return
            ends = max(relation.from_date, from_date - dt.timedelta(days=1))
            LeaderRelation.update(to_date=ends).where(LeaderRelation.id == relation.id).execute()
        LeaderRelation.create(municipality=actor.municipality_id, leader=leader, employee=employee, from_date=from_date)
        trail(actor, Tag.LEADER_SET, employee, fields=["leader"])


# --- units ----------------------------------------------------------------------------------------------------------


def create_unit(actor: Actor, values: Mapping[str, Any]) -> Unit:
    """Add a unit. Raises Invalid, NotAllowed."""
    actor.require("unit.write")
    _check_unit(actor, values, None)
    with db.atomic():
        unit: Unit = Unit.create(
            municipality=actor.municipality_id, name=values["name"].strip(), parent=values.get("parent"),
            phone=values.get("phone") or "",
        )  # fmt: skip
        trail(actor, Tag.UNIT_CREATED, unit)
    return unit


def change_unit(actor: Actor, unit: Unit, values: Mapping[str, Any], revision: int) -> Unit:
    """Rename or move a unit, or retire it. Raises StaleRow, Invalid."""
    unit = access.get(actor, Unit, unit.id, "unit.write")
    _check_unit(actor, values, unit.id)
    changed = apply(unit, values, ("name", "phone", "active"))
    if "parent" in values and unit.parent_id != _id(values["parent"]):
        unit.parent = _id(values["parent"])
        changed.append("parent")
    with db.atomic():
        write(unit, revision)
        trail(actor, Tag.UNIT_CHANGED, unit, fields=changed)
    return unit


def _id(row: Any) -> int | None:
    return getattr(row, "id", row) or None


def _check_unit(actor: Actor, values: Mapping[str, Any], own_id: int | None) -> None:
    if not (values.get("name") or "").strip():
        raise Invalid({"name": Note(N_("Skriv navnet på enheten."))})
    parents = {u.id: u.parent_id for u in access.units(actor)}
    parent = _id(values.get("parent"))
    if parent is not None and parent not in parents:
        raise Invalid({"parent": Note(N_("Velg en enhet."))})
    seen = {own_id}
    while parent is not None:
        if parent in seen:
            raise Invalid({"parent": Note(N_("En enhet kan ikke ligge under seg selv."))})
        seen.add(parent)
        parent = parents.get(parent)


# --- users ----------------------------------------------------------------------------------------------------------


def create_user(actor: Actor, values: Mapping[str, Any]) -> User:
    """Add a user with roles and a first password. Raises Invalid, NotAllowed."""
    actor.require("user.write")
    _check_user(actor, values)
    username = values["username"].strip().lower()
    if User.select().where(User.username == username).exists():
        raise Invalid({"username": Note(N_("Brukernavnet er i bruk."))})
    wrong = passwords.fault(values.get("password") or "", username, values["name"], actor.municipality.name)
    if wrong:
        raise Invalid({"password": wrong})
    number = values.get("employee_number")
    employee = _own_employee(actor, number) if number else None
    with db.atomic():
        user: User = User.create(
            municipality=actor.municipality_id, username=username, name=values["name"].strip(),
            email=values.get("email") or "", language=values.get("language") or actor.municipality.language,
            password_hash=passwords.hash_password(values["password"]), employee=employee,
        )  # fmt: skip
        set_roles(user, values["roles"], values.get("hr_units") or ())
        trail(actor, Tag.USER_CREATED, user)
    return user


def change_user(actor: Actor, user: User, values: Mapping[str, Any], revision: int) -> User:
    """Change name, roles or activity. Losing activity ends the user's sessions. Raises StaleRow, Invalid."""
    user = access.get(actor, User, user.id, "user.write")
    _check_user(actor, {"username": user.username, **values})
    if user.id == actor.user_id and ("administrator" not in values.get("roles", ()) or values.get("active") is False):
        raise Invalid({"roles": Note(N_("Du kan ikke ta fra deg selv rollen som administrator."))})
    changed = apply(user, values, ("name", "email", "language", "active"))
    if values.get("employee_number"):
        user.employee = Employee(id=_own_employee(actor, values["employee_number"]))
        changed.append("employee")
    if values.get("password"):
        wrong = passwords.fault(values["password"], user.username, user.name, actor.municipality.name)
        if wrong:
            raise Invalid({"password": wrong})
        user.password_hash = passwords.hash_password(values["password"])
        changed.append("password")
    with db.atomic():
        write(user, revision)
        set_roles(user, values["roles"], values.get("hr_units") or ())
        trail(actor, Tag.USER_CHANGED, user, fields=[*changed, "roles"])
        if not user.active or values.get("password"):
            end_sessions(user.id, "administrator")
    return user


def set_roles(user: User, roles: Iterable[str], hr_units: Iterable[int] = ()) -> None:
    """Make the user's roles exactly these. HR without named units is HR for the whole municipality."""
    units = sorted(set(hr_units))
    wanted = {(role, unit) for role in roles for unit in (units if role == "hr" and units else [None])}
    held = {(row.role, row.unit_id): row.id for row in UserRole.select().where(UserRole.user == user)}
    UserRole.delete().where(UserRole.id.in_([key for pair, key in held.items() if pair not in wanted] or [0])).execute()
    for role, unit in sorted(wanted - set(held), key=str):
        UserRole.create(municipality=user.municipality_id, user=user, role=role, unit=unit)


def _own_employee(actor: Actor, number: str) -> int | None:
    """Id of the employee with this national identity number. Raises Invalid when there is none."""
    found = Employee.select().where(
        Employee.municipality == actor.municipality_id,
        Employee.national_id_index == keyring.index(national_id.normalise(number)),
    )
    employee = found.first()
    if employee is None:
        raise Invalid({"employee_number": Note(N_("Ingen ansatt i kommunen har dette fødselsnummeret."))})
    return int(employee.id)


def _check_user(actor: Actor, values: Mapping[str, Any]) -> None:
    faults: dict[str, Note] = {}
    if not (values.get("name") or "").strip():
        faults["name"] = Note(N_("Skriv navnet."))
    if not USERNAME.match((values.get("username") or "").strip().lower()):
        faults["username"] = Note(N_("Brukernavnet kan ha bokstavene a–z, tall, punktum, bindestrek og understrek."))
    roles = set(values.get("roles") or ())
    if not roles or not roles <= set(ROLES):
        faults["roles"] = Note(N_("Velg minst én rolle."))
    units = set(values.get("hr_units") or ())
    if units and access.units(actor).where(Unit.id.in_(units)).count() != len(units):
        faults["hr_units"] = Note(N_("Velg enheter i kommunen."))
    if faults:
        raise Invalid(faults)


def end_user_sessions(actor: Actor, user_id: int | str) -> int:
    """An administrator ends all logins of a user; gives how many there were."""
    user = access.get(actor, User, user_id, "user.write")
    return end_sessions(user.id, "administrator")


def remember_page_size(actor: Actor, size: int) -> None:
    """How many rows this user wants to see in lists, until they choose otherwise."""
    User.update(page_size=size).where(User.id == actor.user_id).execute()


def leaders(actor: Actor) -> pw.ModelSelect[User]:
    """Users who may be nearest leader, by name."""
    return (
        User.select(User).join(UserRole, on=(UserRole.user == User.id))
        .where(User.municipality == actor.municipality_id, User.active, UserRole.role == "leader")
        .order_by(User.name)
    )  # fmt: skip
