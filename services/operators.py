"""What the operator of the machine does from the command line: without a login, but not without a trail.

Events have no actor: that is how the trail says "the operator".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from stdnum.no import orgnr

from forms.texts import N_, Note
from models import Municipality, Plan, User, db
from services import milestones, people, plans, questions
from services.access import Actor
from services.errors import Invalid, NotVisible

SLUG = re.compile(r"^[a-z][a-z0-9-]{1,38}$")
LANGUAGES = ("nb", "nn")


def operator(municipality: Municipality) -> Actor:
    """The operator, acting in one municipality."""
    return Actor(
        user_id=cast(int, None), username="", name="", municipality=municipality,
        roles=frozenset({"administrator", "hr"}), hr_units=None, employee_id=None, language="nb", page_size=20,
    )  # fmt: skip


def slugs() -> list[str]:
    """The municipalities there are, by short name."""
    return [row.slug for row in Municipality.select(Municipality.slug).order_by(Municipality.slug)]


def add_municipality(name: str, slug: str, org_number: str, language: str) -> Municipality:
    """Add a municipality with every shipped question set. Raises Invalid."""
    number = orgnr.compact(org_number)
    faults: dict[str, Note] = {}
    if not name.strip():
        faults["name"] = Note(N_("Skriv navnet."))
    if not SLUG.match(slug):
        faults["slug"] = Note(N_("Kortnavnet kan ha bokstavene a–z, tall og bindestrek."))
    elif slug in slugs():
        faults["slug"] = Note(N_("Kortnavnet er i bruk."))
    if not orgnr.is_valid(number):
        faults["org_number"] = Note(N_("Organisasjonsnummeret stemmer ikke."))
    if language not in LANGUAGES:
        faults["language"] = Note(N_("Velg bokmål eller nynorsk."))
    if faults:
        raise Invalid(faults)
    with db.atomic():
        municipality: Municipality = Municipality.create(
            name=name.strip(), slug=slug, org_number=number, language=language
        )
        questions.ensure_shipped(municipality)
    return municipality


def complete_libraries() -> list[tuple[str, list[str]]]:
    """Give every municipality the shipped sets, letters and steps that it lacks; what was added, by its short name."""
    added = [(row.slug, questions.ensure_shipped(row)) for row in Municipality.select().order_by(Municipality.slug)]
    return [(slug, keys) for slug, keys in added if keys]


def count_cases() -> list[tuple[str, int]]:
    """Give cases from an older version their milestones; how many, by the municipality's short name."""
    counted = [(row.slug, milestones.count_first(row)) for row in Municipality.select().order_by(Municipality.slug)]
    return [(slug, number) for slug, number in counted if number]


def add_user(slug: str, username: str, name: str, roles: Sequence[str], password: str) -> User:
    """Add a user to a municipality. Raises NotVisible when there is no such municipality, Invalid."""
    municipality = Municipality.get_or_none(Municipality.slug == slug)
    if municipality is None:
        raise NotVisible
    values = {"username": username, "name": name, "roles": list(roles), "password": password}
    return people.create_user(operator(municipality), values)


def print_plan(plan_id: int) -> bytes:
    """The PDF of a plan of any municipality. Raises NotVisible, printing.PrintRefused."""
    plan = Plan.get_or_none(Plan.id == plan_id)
    if plan is None:
        raise NotVisible
    return plans.print_plan(operator(plan.municipality), plan.id)
