"""What the benchmarks work on: migrated databases filled in bulk, and a log-in that a test client makes once."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import peewee as pw

import models
from config import Settings
from models import AbsencePeriod, Case, Employee, LeaderRelation, Municipality, Unit, User, UserRole, fold, keyring
from models import sort_key as sorted_as
from models.base import now
from services import database, passwords
from services.clock import today

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

PASSWORD = "only for measuring 42"
LEADS = 12  # employees of the one leader whose list is measured
LEADERS = 40  # whom the filter above the list has to offer, at every size
FIRST = (
    "Kari", "Ola", "Åse", "Øyvind", "Ingrid", "Per", "Marit", "Áilu", "Siri", "Jon", "Bjarte", "Tone", "Anne", "Nils",
)  # fmt: skip
LAST = (
    "Hansen", "Ødegård", "Ås", "Berg", "Sara", "Moen", "Nygård", "Lie", "Eira", "Haug", "Bakken", "Strand", "Vik",
)  # fmt: skip
NAMES = [f"{first} {last}" for first, last in product(FIRST, LAST)]
STEPS = ("contact", "plan", "dialogue_1", "sign", "evaluate")


def _key(name: str) -> str:
    return base64.b64encode(hashlib.sha256(f"attende bench {name}".encode()).digest()).decode()


def environ(url: str) -> dict[str, str]:
    """The settings of a server on the loopback, with keys that open only throw-away databases."""
    return {
        "ENV": "test", "DATABASE_URL": url, "SECRET_KEY": _key("secret"), "DATA_KEYS": f"bench:{_key('data')}",
        "INDEX_KEY": _key("index"), "SHOW_DEMO_LOGINS": "0",
    }  # fmt: skip


@contextmanager
def fresh_database() -> Iterator[str]:
    """Address of a migrated, empty SQLite file that the models are connected to; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="attende-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        keyring.load(f"bench:{_key('data')}", _key("index"))
        opened = database.initialize(url)
        database.upgrade(opened)
        try:
            yield url
        finally:
            if not opened.is_closed():
                opened.close()


def make_app(url: str) -> Flask:
    """The application as it is served, on the database at `url`."""
    from app import create_app

    return create_app(Settings.from_env(environ(url)))


def insert(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Many rows, 500 at a time: SQLite takes 32,766 values in one statement."""
    for batch in pw.chunked(rows, 500):
        model.insert_many(batch).execute()


def make_user(place: Municipality, username: str, role: str, hashed: str) -> User:
    user: User = User.create(municipality=place, username=username, name=username.title(), password_hash=hashed)
    UserRole.create(municipality=place, user=user, role=role)
    return user


@dataclass(frozen=True)
class World:
    """A municipality with HR and leaders, and a second one that nobody in the first may know of."""

    storvik: Municipality
    units: list[Unit]
    leader: User


def fill(cases: int) -> World:
    """Write `cases` cases with employee, leader and absence into the open database; one in a hundred in the second."""
    hashed = passwords.hash_password(PASSWORD)
    with models.db.atomic():
        storvik = Municipality.create(name="Storvik", slug="storvik", org_number="123456785")
        fjell = Municipality.create(name="Fjell", slug="fjell", org_number="987654325")
        units = [Unit.create(municipality=storvik, name=f"Enhet {n:02}", phone="61 00 00 00") for n in range(12)]
        far = Unit.create(municipality=fjell, name="Enhet i Fjell")
        make_user(storvik, "hr", "hr", hashed)
        leaders = [make_user(storvik, f"leder{n:02}", "leader", hashed) for n in range(LEADERS)]
        abroad = make_user(fjell, "leiar", "leader", hashed)
        rows = [Row(n, fjell, far, abroad) if n % 100 == 99 else _row(n, storvik, units, leaders) for n in range(cases)]
        insert(Employee, (row.employee() for row in rows))
        insert(Case, (row.case() for row in rows))
        insert(LeaderRelation, (row.relation() for row in rows))
        insert(AbsencePeriod, (row.absence() for row in rows))
    return World(storvik, units, leaders[0])


def _row(n: int, place: Municipality, units: list[Unit], leaders: list[User]) -> Row:
    """The first leader has LEADS employees at every size, the others share the rest."""
    leader = leaders[0] if n % 2 == 0 and n < 2 * LEADS else leaders[1 + n % (LEADERS - 1)]
    return Row(n, place, units[n % len(units)], leader)


@dataclass(frozen=True)
class Row:
    """Case number `n` from 0, with all that belongs to it; ids count from 1."""

    n: int
    place: Municipality
    unit: Unit
    leader: User

    @property
    def first_day(self) -> dt.date:
        return today() - dt.timedelta(days=1 + self.n * 7 % 330)

    def employee(self) -> dict[str, Any]:
        name, uid = NAMES[self.n * 7 % len(NAMES)], f"{self.n:032x}"
        sealed = keyring.seal(f"{self.n:011}".encode(), f"employee.national_id:{uid}")
        return {
            "uid": uid, "municipality": self.place.id, "unit": self.unit.id, "name": name, "name_fold": fold(name),
            "name_sort": sorted_as(name), "national_id": sealed, "national_id_index": keyring.index(f"{self.n:011}"),
            "birth_hint": "010180", "address": "Storgata 1", "postal": "2870 Dokka", "phone_private": "40 00 00 01",
            "position": "Fagarbeider", "nav_office": "Nav Storvik", "certifier": "Lege Ly", "created_at": now(),
        }  # fmt: skip

    def case(self) -> dict[str, Any]:
        is_open = self.n % 10 != 3
        due = today() + dt.timedelta(days=self.n * 13 % 120 - 30) if is_open and self.n % 17 else None
        return {
            "municipality": self.place.id, "employee": self.n + 1, "unit": self.unit.id, "first_day": self.first_day,
            "status": "open" if is_open else "closed", "closed_on": None if is_open else today(),
            "ordinary_tasks": "Stell, pleie og kjøring mellom hjemmene. " * 4,
            "next_step": STEPS[self.n % len(STEPS)] if due else "", "next_due": due,
            "plan_status": ("none", "draft", "finished", "signed")[self.n % 4], "created_at": now(),
        }  # fmt: skip

    def relation(self) -> dict[str, Any]:
        since = today() - dt.timedelta(days=900)
        return {"municipality": self.place.id, "leader": self.leader.id, "employee": self.n + 1, "from_date": since}

    def absence(self) -> dict[str, Any]:
        grade = (100, 50, 80)[self.n % 3]
        return {"municipality": self.place.id, "case": self.n + 1, "from_date": self.first_day, "grade": grade}


def logged_in(app: Flask, username: str) -> FlaskClient:
    """A client that went through the login page."""
    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the login page has no form token"
    answer = client.post("/login", data={"username": username, "password": PASSWORD, "csrf_token": found[1]})
    assert answer.status_code == 303, f"login of {username} was answered {answer.status_code}"
    return client
