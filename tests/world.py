"""A small world to test in: two municipalities, every role, one open case per employee, and a leader who was."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from argon2 import PasswordHasher

import models
from models import AbsencePeriod, Case, Employee, LeaderRelation, Municipality, Unit, User, UserRole, keyring
from services import clock

PASSWORD = "riktig hest batteri 42"
# Cheap on purpose: the tests log in hundreds of times.
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = HASHER.hash(PASSWORD)
DATA_KEYS = "test1:dGVzdHMgb25seTogMDEyMzQ1Njc4OWFiY2RlZmdoaWo="
INDEX_KEY = "b25seSB0ZXN0czogcXdlcnR5dWlvcGFzZGZnaGprbHo="


@dataclass
class World:
    """Storvik (bokmål): Kari leads Per in Hjemmetjenesten, Ola led him before and leads Lise in Skole. Fjell (nynorsk)
    is what nobody in Storvik may know of. Users bear first names; the employees Per, Lise and Bjarte are `*_employee`.
    """

    today: dt.date
    storvik: Municipality
    home_care: Unit
    school: Unit
    kari: User
    ola: User
    siri: User
    per: User
    anne: User
    aud: User
    per_employee: Employee
    lise_employee: Employee
    per_case: Case
    lise_case: Case
    fjell: Municipality
    health: Unit
    tone: User
    jon: User
    bjarte_employee: Employee
    bjarte_case: Case

    def refresh(self) -> World:
        """Read every row anew, as the database has it now."""
        for field in fields(self):
            row = getattr(self, field.name)
            if isinstance(row, models.BaseModel):
                setattr(self, field.name, type(row).get_by_id(row.get_id()))
        return self


def synthetic_id(born: dt.date, serial: int = 100) -> str:
    """A national identity number that no person has (month + 80), with valid check digits, from `serial` upwards."""
    for number in range(serial, 1000):
        digits = f"{born:%d}{born.month + 80:02}{born:%y}{number:03}"
        first = _check_digit(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2))
        second = 10 if first > 9 else _check_digit(f"{digits}{first}", (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
        if second < 10:
            return f"{digits}{first}{second}"
    raise ValueError("no number left that day")


def _check_digit(digits: str, weights: tuple[int, ...]) -> int:
    return -sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11


def make_user(municipality: Municipality, username: str, name: str, role: str, unit: Unit | None = None) -> User:
    user = User.create(
        municipality=municipality,
        username=username,
        name=name,
        email=f"{username}@example.test",
        password_hash=PASSWORD_HASH,
        language=municipality.language,
    )
    UserRole.create(municipality=municipality, user=user, role=role, unit=unit)
    return user


def make_employee(unit: Unit, name: str, born: dt.date) -> Employee:
    number = synthetic_id(born)
    employee = Employee(
        municipality=unit.municipality,
        unit=unit,
        name=name,
        birth_hint=number[:6],
        national_id_index=keyring.index(number),
        address="Storgata 1",
        postal="2880 Nord-Torpa",
        phone_private="40 00 00 01",
        phone_work="61 00 00 01",
        position="Fagarbeider",
        nav_office="Nav Storvik",
        certifier="Lege Ly",
        occupational_health=True,
        language=unit.municipality.language,
    )
    employee.save(force_insert=True)
    employee.seal("national_id", number)
    employee.save()
    return employee


def make_case(employee: Employee, first_day: dt.date, grade: int = 100) -> Case:
    case = Case.create(
        municipality=employee.municipality,
        employee=employee,
        unit=employee.unit,
        first_day=first_day,
        ordinary_tasks="Stell og pleie",
        current_grade=grade,
    )
    AbsencePeriod.create(municipality=employee.municipality, case=case, from_date=first_day, grade=grade)
    return case


def make_leader(leader: User, employee: Employee, from_date: dt.date, to_date: dt.date | None = None) -> LeaderRelation:
    return LeaderRelation.create(
        municipality=employee.municipality, leader=leader, employee=employee, from_date=from_date, to_date=to_date
    )


def build_world() -> World:
    """Fill an empty, migrated database. Each employee has been on sick leave for twenty days."""
    today = clock.today()
    years_ago, first_day = today - dt.timedelta(days=900), today - dt.timedelta(days=20)
    with models.db.atomic():
        storvik = Municipality.create(name="Storvik", slug="storvik", org_number="123456785", language="nb")
        fjell = Municipality.create(name="Fjell", slug="fjell", org_number="987654325", language="nn")
        home_care = Unit.create(municipality=storvik, name="Hjemmetjenesten", phone="61 00 00 00")
        school = Unit.create(municipality=storvik, name="Skole")
        health = Unit.create(municipality=fjell, name="Helse og omsorg")
        per_employee = make_employee(home_care, "Per Ås", dt.date(1980, 3, 5))
        lise_employee = make_employee(school, "Lise Øverli-Çelik", dt.date(1991, 11, 24))
        bjarte_employee = make_employee(health, "Bjarte Čáhppe", dt.date(1975, 1, 31))
        kari = make_user(storvik, "kari", "Kari Leder", "leader", home_care)
        ola = make_user(storvik, "ola", "Ola Leder", "leader", school)
        per = make_user(storvik, "per", "Per Ås", "employee")
        User.update(employee=per_employee).where(User.id == per.id).execute()
        per.employee = per_employee
        jon = make_user(fjell, "jon", "Jon Leiar", "leader", health)
        yesterday = first_day - dt.timedelta(days=1)
        make_leader(ola, per_employee, years_ago, yesterday)
        make_leader(kari, per_employee, first_day)
        make_leader(ola, lise_employee, years_ago)
        make_leader(jon, bjarte_employee, years_ago)
        return World(
            today=today, storvik=storvik, home_care=home_care, school=school, kari=kari, ola=ola, per=per,
            siri=make_user(storvik, "siri", "Siri Personal", "hr"),
            anne=make_user(storvik, "anne", "Anne Administrator", "administrator"),
            aud=make_user(storvik, "aud", "Aud Revisor", "auditor"),
            per_employee=per_employee, lise_employee=lise_employee,
            per_case=make_case(per_employee, first_day), lise_case=make_case(lise_employee, first_day, grade=50),
            fjell=fjell, health=health, tone=make_user(fjell, "tone", "Tone Personal", "hr"), jon=jon,
            bjarte_employee=bjarte_employee, bjarte_case=make_case(bjarte_employee, first_day),
        )  # fmt: skip
