"""The demo: two municipalities that do not exist, full of cases, made through the real services.

Its logins are public and its national identity numbers synthetic: neither function may be reached in production.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

import peewee as pw
from playhouse.migrations import Runner

from models import QUEUE_TABLES, TABLES, Employee, Municipality, Unit, User, UserRole, db, keyring
from services import access, database, demo_sets, demo_year, national_id, passwords, people, questions
from services.access import Actor
from services.audit import Tag, trail
from services.clock import today
from services.demo_cases import STORIES
from services.demo_data import EMPLOYEES, FORMER_LEADERS, LOGINS, PASSWORD, TOWNS, UNITS, USERS, Login, Person, Town
from services.demo_pictures import shield
from services.demo_stories import Cast, tell
from services.errors import ServiceError

__all__ = ["LOGINS", "AlreadyThere", "Login", "NotHere", "reset", "seed"]

_RANDOM_SEED = 2026
_CERTIFIERS = ("Legesenteret Prøve", "Fastlege Eksempel", "Lege Oppdiktet", "Legevakt Øving")
_STREETS = ("Storgata", "Bakkevegen", "Fjordgløttet", "Øvre Åsen", "Čáhcegeaidnu")
_FIRST, _SECOND = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


class AlreadyThere(ServiceError):
    """The database has municipalities; the demo is not mixed with them."""


class NotHere(ServiceError):
    """Data may not be thrown away here."""


@dataclass
class _Making:
    """What has been made so far, by the keys of demo_data."""

    chance: random.Random
    towns: dict[str, Municipality] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    employees: dict[str, Employee] = field(default_factory=dict)

    def actor(self, town: str, role: str) -> Actor:
        """The first user of the town with that role."""
        username = next(user.username for user in USERS if user.town == town and role in user.roles)
        return _actor(self.users[username])


def seed(if_empty: bool = False) -> list[Login]:
    """Fill an empty, migrated database, all or nothing; gives the logins. Needs the keys and an open database.

    With `if_empty` a database that has a municipality is left as it is; without, raises AlreadyThere.
    """
    if Municipality.select().exists():
        if if_empty:
            return list(LOGINS)
        raise AlreadyThere
    with db.atomic():
        making = _Making(random.Random(_RANDOM_SEED))  # noqa: S311
        for town in TOWNS:
            _make_town(making, town)
        stored = passwords.hash_password(PASSWORD)
        for person in USERS:
            _make_user(making, person, stored)
        demo_sets.adjust(making.actor(TOWNS[0].slug, "administrator"), TOWNS[0].plan_set)
        for town_key, key, name, above in UNITS:
            _make_unit(making, town_key, key, name, above)
        for number, (unit, name, position, percent) in enumerate(EMPLOYEES):
            _make_employee(making, number, unit, name, position, percent)
        for person in USERS:
            _tie_user(making, person)
        told = {}
        for story in STORIES:
            cast = _cast(making, making.employees[story.employee])
            told[story.employee] = (cast, tell(cast, story))
        demo_year.live(told)
    return list(LOGINS)


def reset(*, allowed: bool) -> list[Login]:
    """Throw away every row of this open database and seed it anew, all or nothing. Raises NotHere unless `allowed`."""
    if not allowed:
        raise NotHere
    real: pw.Database = db.obj
    lite = real if isinstance(real, pw.SqliteDatabase) else None
    if lite:
        # Dropping a table empties it first, which rows that point at each other would refuse.
        lite.pragma("foreign_keys", 0)
    try:
        with real.atomic():
            history = Runner(real, directory=str(database.MIGRATIONS)).History
            gone = [*QUEUE_TABLES, *reversed(TABLES), history]
            real.drop_tables(gone, safe=True, **({} if lite else {"cascade": True}))
            database.upgrade(real)
            return seed()
    finally:
        if lite:
            lite.pragma("foreign_keys", 1)


def _make_town(making: _Making, town: Town) -> None:
    made = Municipality.create(
        name=town.name, slug=town.slug, org_number=town.org_number, language=town.language, brand_color=town.color,
        standard_set=town.plan_set, logo=shield(town.color, "wave" if town.slug == "storvik" else "mountain"),
    )  # fmt: skip
    questions.ensure_shipped(made)
    making.towns[town.slug] = made


def _make_user(making: _Making, person: Person, stored: str) -> None:
    town = making.towns[person.town]
    user = User.create(
        municipality=town, username=person.username, name=person.name, password_hash=stored, language=town.language,
        email=f"{person.username}@{town.slug}.example",
    )  # fmt: skip
    people.set_roles(user, person.roles)
    making.users[person.username] = user


def _make_unit(making: _Making, town: str, key: str, name: str, above: str) -> None:
    values = {"name": name, "parent": making.units[above] if above else None, "phone": _phone(making.chance)}
    making.units[key] = people.create_unit(making.actor(town, "administrator"), values)


def _make_employee(making: _Making, number: int, unit: str, name: str, position: str, percent: int) -> None:
    town = next(town for town in TOWNS if making.units[unit].municipality_id == making.towns[town.slug].id)
    chance, admin, born = making.chance, making.actor(town.slug, "administrator"), _national_id(making.chance)
    employee = Employee(
        municipality=making.towns[town.slug], unit=making.units[unit], name=name, position=position,
        position_percent=percent, national_id_index=keyring.index(born), birth_hint=born[:6],
        resource_number=f"{4100 + number * 7}", address=f"{chance.choice(_STREETS)} {chance.randint(1, 90)}",
        postal=f"0000 {town.place}", phone_private=_phone(chance), phone_work=_phone(chance),
        nav_office=f"Nav {town.place}", certifier=chance.choice(_CERTIFIERS), language=town.language,
        occupational_health=chance.random() < 0.8,
    )  # fmt: skip
    employee.seal("national_id", born)
    employee.save(force_insert=True)
    trail(admin, Tag.EMPLOYEE_CREATED, employee)
    leader, former = _leader_of(unit), FORMER_LEADERS.get(name)
    begun = today() - dt.timedelta(days=chance.randint(500, 2500))
    people.set_leader(admin, employee, making.users[former or leader].id, begun)
    if former:
        people.set_leader(admin, employee, making.users[leader].id, today() - dt.timedelta(days=100))
    making.employees[name] = employee


def _leader_of(unit: str) -> str:
    return next(person.username for person in USERS if unit in person.leads)


def _tie_user(making: _Making, person: Person) -> None:
    """What a user can only get when units and employees are there."""
    user = making.users[person.username]
    if person.is_employee:
        user.employee = making.employees[person.is_employee]
        user.save(only=[User.employee])
    for number, unit in enumerate(person.units):
        if number == 0:
            row = UserRole.get(UserRole.user == user, UserRole.role == "hr")
            row.unit = making.units[unit]
            row.save(only=[UserRole.unit])
        else:
            UserRole.create(municipality=user.municipality_id, user=user, role="hr", unit=making.units[unit])


def _cast(making: _Making, employee: Employee) -> Cast:
    town = next(town for town in TOWNS if making.towns[town.slug].id == employee.municipality_id)
    unit = next(key for key, made in making.units.items() if made.id == employee.unit_id)
    return Cast(employee, _actor(making.users[_leader_of(unit)]), making.actor(town.slug, "hr"), town.place)


def _actor(user: User) -> Actor:
    actor = access.load_actor(user.id)
    if actor is None:
        raise LookupError(user.username)
    return actor


def _phone(chance: random.Random) -> str:
    """Eight digits of a series that no subscriber has."""
    return f"00 00 {chance.randint(0, 99):02} {chance.randint(0, 99):02}"


def _national_id(chance: random.Random) -> str:
    """A number of Skatteetaten's test population (month + 80), never one of a person."""
    while True:
        born = dt.date(1960, 1, 1) + dt.timedelta(days=chance.randint(0, 15_000))
        digits = f"{born:%d}{born.month + 80}{born:%y}{chance.randint(0, 499):03}"
        for weights in (_FIRST, _SECOND):
            digits += str(-sum(w * int(d) for w, d in zip(weights, digits, strict=False)) % 11)
        if len(digits) == 11 and national_id.fault(digits, allow_synthetic=True) is None:
            return digits
