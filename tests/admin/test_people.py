"""Employees with their identity numbers, leaders from a day on, units and users."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from models import AuditEvent, Employee, LeaderRelation, LoginSession, Unit, User, UserRole
from tests.front import Browser, said, shown
from tests.world import PASSWORD, World

GOOD, OTHER = "02013299997", "30108299920"


@pytest.fixture
def siri(app: Flask, world: World) -> Browser:
    return Browser(app.test_client(), "siri")


@pytest.fixture
def anne(app: Flask, world: World) -> Browser:
    return Browser(app.test_client(), "anne")


def _form(world: World, **changed: Any) -> dict[str, Any]:
    return {
        "name": "Nina Natt", "unit": world.home_care.id, "position": "Nattevakt", "position_percent": "80",
        "language": "nn", "active": "y", "national_id": GOOD, **changed,
    }  # fmt: skip


# ---------------------------------------------------------------- employees


def test_a_new_employee_with_number_and_leader(siri: Browser, world: World) -> None:
    answer = siri.post("/admin/ansatte/new/", _form(world, leader=world.kari.id, leader_from=world.today))
    employee = Employee.get(Employee.name == "Nina Natt")
    assert (answer.status_code, answer.location) == (303, f"/admin/ansatte/details/?id={employee.id}")
    assert (employee.unseal("national_id"), employee.birth_hint, employee.language) == (GOOD, "020132", "nn")
    assert LeaderRelation.get(LeaderRelation.employee == employee).leader_id == world.kari.id
    page = siri.get(answer.location)
    assert GOOD not in page.text
    assert "020132 •••••" in page.text
    assert GOOD not in siri.get(f"/admin/ansatte/edit/?id={employee.id}").text
    tags = [
        e.tag for e in AuditEvent.select().where(AuditEvent.subject_id == employee.id, AuditEvent.subject == "employee")
    ]
    assert tags[:2] == ["employee:created", "leader:set"]


@pytest.mark.parametrize("typed", ["020132 99997", "02.01.32 99997", "020132-99997"])
def test_numbers_as_people_type_them(siri: Browser, world: World, typed: str) -> None:
    assert siri.post("/admin/ansatte/new/", _form(world, national_id=typed)).status_code == 303
    assert Employee.get(Employee.name == "Nina Natt").unseal("national_id") == GOOD


@pytest.mark.parametrize(("number", "message"), [
    ("02013299998", "stemmer ikke"), ("0201329999", "11 siffer"), ("30108299921", "stemmer ikke"),
    ("٠٢٠١٣٢٩٩٩٩٧", "11 siffer"), ("x" * 11, "11 siffer"), ("1" * 200_000, "11 siffer"),
])  # fmt: skip
def test_wrong_numbers(siri: Browser, world: World, number: str, message: str) -> None:
    answer = siri.post("/admin/ansatte/new/", _form(world, national_id=number))
    assert answer.status_code == 422
    assert message in shown(answer)
    assert 'value="Nina Natt"' in answer.text
    assert not Employee.select().where(Employee.name == "Nina Natt").exists()


@pytest.mark.parametrize(("number", "where", "message"), [
    ("10915596784", "production", "Dette er et testnummer."), ("13527248013", "production", "hjelpenummer"),
    ("05908399546", "production", "Dette er et testnummer."), ("30108299939", "production", ""),
    ("10915596784", "test", ""), ("13527248013", "test", ""), ("30108299939", "test", ""),
])  # fmt: skip
def test_synthetic_numbers_in_production(
    app: Flask, siri: Browser, world: World, number: str, where: str, message: str
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], allow_synthetic_id=where == "test")
    answer = siri.post("/admin/ansatte/new/", _form(world, national_id=number))
    assert answer.status_code == (422 if message else 303)
    assert message in shown(answer)


def test_a_number_that_is_there_is_told_without_repeating_it(siri: Browser, world: World) -> None:
    siri.post("/admin/ansatte/new/", _form(world))
    answer = siri.post("/admin/ansatte/new/", _form(world, name="En annen"))
    assert answer.status_code == 422
    message = "En ansatt med dette fødselsnummeret finnes fra før."
    assert message in shown(answer)
    assert answer.text.count(GOOD) <= 1  # at most where it was typed
    assert "Nina" not in said(answer)
    assert Employee.select().where(Employee.name == "En annen").count() == 0


def test_the_same_number_in_another_municipality_is_no_business_of_ours(
    app: Flask, siri: Browser, world: World
) -> None:
    siri.post("/admin/ansatte/new/", _form(world))
    tone = Browser(app.test_client(), "tone")
    assert tone.post("/admin/ansatte/new/", _form(world, unit=world.health.id)).status_code == 303


def test_a_number_stays_when_left_empty_and_changes_when_given(siri: Browser, world: World) -> None:
    employee = world.per_employee
    old = employee.unseal("national_id")
    path = f"/admin/ansatte/edit/?id={employee.id}"
    siri.post(path, _form(world, name="Per", national_id="", revision=employee.revision))
    assert Employee.get_by_id(employee.id).unseal("national_id") == old
    siri.post(path, _form(world, name="Per", national_id=GOOD, revision=employee.revision + 1))
    assert Employee.get_by_id(employee.id).unseal("national_id") == GOOD
    event = AuditEvent.select().where(AuditEvent.tag == "employee:changed").order_by(AuditEvent.id.desc()).get()
    assert "national_id" in event.fields


@pytest.mark.parametrize(("changed", "message"), [
    ({"name": ""}, "Dette må fylles ut."), ({"name": "\u200b"}, "Dette må fylles ut."), ({"name": "x" * 121}, "121 tegn"),
    ({"unit": ""}, "Velg en enhet."), ({"unit": "999"}, "Velg ett av alternativene."), ({"unit": "x"}, "Velg en enhet."),
    ({"position_percent": "0"}, "fra 1 til 100"), ({"position_percent": "101"}, "fra 1 til 100"),
    ({"position_percent": "full"}, "Skriv et helt tall."), ({"language": "tlh"}, "Velg ett av alternativene."),
    ({"phone_private": "4" * 41}, "41 tegn"), ({"postal": "x" * 81}, "81 tegn"), ({"resource_number": "1" * 21}, "21 tegn"),
    ({"leader": "KARI", "leader_from": "0001-01-01"}, "for langt unna"),
    ({"leader": "KARI", "leader_from": "9999-12-31"}, "for langt unna"),
])  # fmt: skip
def test_wrong_employees(siri: Browser, world: World, changed: dict[str, str], message: str) -> None:
    changed = {name: str(world.kari.id) if value == "KARI" else value for name, value in changed.items()}
    answer = siri.post("/admin/ansatte/new/", _form(world, **changed))
    assert answer.status_code == 422
    assert message in shown(answer)
    assert 'value="Nattevakt"' in answer.text
    assert Employee.select().where(Employee.position == "Nattevakt").count() == 0


def test_a_new_leader_takes_over_from_a_day(app: Flask, siri: Browser, world: World) -> None:
    employee, path = world.per_employee, f"/admin/ansatte/edit/?id={world.per_employee.id}"
    form = _form(
        world, name="Per Ås", national_id="", leader=world.ola.id, leader_from=world.today, revision=employee.revision
    )
    assert siri.post(path, form).status_code == 303
    rows = list(LeaderRelation.select().where(LeaderRelation.employee == employee).order_by(LeaderRelation.id))
    assert rows[-2].to_date == world.today - dt.timedelta(days=1)
    assert (rows[-1].leader_id, rows[-1].from_date, rows[-1].to_date) == (world.ola.id, world.today, None)
    case = f"/admin/saker/details/?id={world.per_case.id}"
    assert Browser(app.test_client(), "kari").get(case).status_code == 404
    assert Browser(app.test_client(), "ola").get(case).status_code == 200
    count = LeaderRelation.select().count()
    siri.post(path, {**form, "revision": employee.revision + 1})
    assert LeaderRelation.select().count() == count


def test_a_stale_employee_shows_both(app: Flask, siri: Browser, world: World) -> None:
    employee, path = world.per_employee, f"/admin/ansatte/edit/?id={world.per_employee.id}"
    kari = Browser(app.test_client(), "kari")
    form = {"name": "Per Ås", "position_percent": 100, "revision": employee.revision, "phone_private": "111"}
    assert kari.post(path, form).status_code == 303
    answer = siri.post(
        path, _form(world, name="Per Ås", phone_private="222", revision=employee.revision, national_id=GOOD)
    )
    assert answer.status_code == 409
    assert "Det du skrev 222 Det som er lagret 111" in said(answer)
    assert Employee.get_by_id(employee.id).phone_private == "111"


def test_the_page_does_not_change_whom_it_does_not_name(siri: Browser, world: World) -> None:
    """Saving what was shown, untouched, leaves the row as it was."""
    employee = world.per_employee
    page = siri.get(f"/admin/ansatte/edit/?id={employee.id}")
    import html5lib

    form = next(f for f in html5lib.parse(page.text, namespaceHTMLElements=False).iter("form")
                if f.find(".//input[@name='position']") is not None)  # fmt: skip
    data = {
        i.get("name"): i.get("value", "") for i in form.iter("input") if i.get("type") not in ("checkbox", "submit")
    }
    data |= {i.get("name"): "y" for i in form.iter("input") if i.get("type") == "checkbox" and "checked" in i.attrib}
    for select in form.iter("select"):
        data[select.get("name")] = next((o.get("value") for o in select.iter("option") if "selected" in o.attrib), "")
    data.pop("csrf_token")
    before = {**Employee.get_by_id(employee.id).__data__}
    assert siri.post(f"/admin/ansatte/edit/?id={employee.id}", data).status_code == 303
    after = {**Employee.get_by_id(employee.id).__data__}
    assert {k: v for k, v in after.items() if k != "revision"} == {k: v for k, v in before.items() if k != "revision"}
    assert LeaderRelation.select().count() == 4
    event = AuditEvent.select().where(AuditEvent.tag == "employee:changed").get()
    assert event.fields == ""


# ---------------------------------------------------------------- units


def test_units(anne: Browser, world: World) -> None:
    form = {"name": "Natt", "parent": world.home_care.id, "phone": "61 11 11 11"}
    assert anne.post("/admin/enheter/new/", form).status_code == 303
    night = Unit.get(Unit.name == "Natt")
    assert (night.parent_id, night.active) == (world.home_care.id, True)
    circle = anne.post(
        f"/admin/enheter/edit/?id={world.home_care.id}", {"name": "Hjemmetjenesten", "parent": night.id, "revision": 1}
    )
    assert circle.status_code == 422
    assert "En enhet kan ikke ligge under seg selv." in circle.text
    itself = anne.post(f"/admin/enheter/edit/?id={night.id}", {"name": "Natt", "parent": night.id, "revision": 1})
    assert itself.status_code == 422
    assert anne.post("/admin/enheter/new/", {"name": " "}).status_code == 422
    assert anne.post("/admin/enheter/new/", {"name": "x" * 121}).status_code == 422


# ---------------------------------------------------------------- users


def _user(**changed: Any) -> dict[str, Any]:
    return {"name": "Nils Ny", "username": "Nils.Ny", "email": "nils@example.test", "language": "nb", "roles": ["leader"],
            "password": "en helt ny setning", **changed}  # fmt: skip


def test_a_new_user_gets_in(app: Flask, anne: Browser, world: World) -> None:
    assert anne.post("/admin/brukere/new/", _user()).status_code == 303
    nils = Browser(app.test_client(), "nils.ny", "en helt ny setning")
    assert nils.get("/admin/saker/").status_code == 200
    user = User.get(User.username == "nils.ny")
    assert [r.role for r in UserRole.select().where(UserRole.user == user)] == ["leader"]
    assert user.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(("changed", "message"), [
    ({"username": "kari"}, "Brukernavnet er i bruk."), ({"username": "TONE"}, "Brukernavnet er i bruk."),
    ({"username": "æøå"}, "bokstavene a–z"), ({"username": ""}, "Dette må fylles ut."), ({"roles": []}, "minst én rolle"),
    ({"roles": ["king"]}, "minst én rolle"), ({"password": "kort"}, "12"), ({"name": ""}, "Dette må fylles ut."),
    ({"email": "x" * 161}, "161 tegn"),
])  # fmt: skip
def test_wrong_users(anne: Browser, world: World, changed: dict[str, Any], message: str) -> None:
    count = User.select().count()
    answer = anne.post("/admin/brukere/new/", _user(**changed))
    assert answer.status_code == 422
    assert message in shown(answer)
    assert "en helt ny setning" not in answer.text
    assert User.select().count() == count


def test_losing_activity_or_password_ends_the_logins(app: Flask, anne: Browser, world: World) -> None:
    kari = Browser(app.test_client(), "kari")
    form = {"name": "Kari Leder", "language": "nb", "roles": ["leader"], "active": "y", "password": "", "revision": 1}
    path = f"/admin/brukere/edit/?id={world.kari.id}"
    assert anne.post(path, form).status_code == 303
    assert kari.get("/admin/").status_code == 200
    assert anne.post(path, {**form, "revision": 2, "password": "en helt ny setning"}).status_code == 303
    assert kari.get("/admin/").status_code == 303
    kari.log_in("kari", "en helt ny setning")
    assert anne.post(path, {**form, "revision": 3, "active": ""}).status_code == 303
    assert kari.get("/admin/").status_code == 303
    assert LoginSession.select().where(LoginSession.user == world.kari, LoginSession.closed_at.is_null()).count() == 0


def test_an_administrator_ends_logins(app: Flask, anne: Browser, world: World) -> None:
    kari = Browser(app.test_client(), "kari")
    answer = anne.post("/admin/brukere/end-sessions/", {"id": world.kari.id})
    assert answer.status_code == 303
    assert "Innlogginger som er avsluttet: 1." in anne.get(answer.location).text
    assert kari.get("/admin/").status_code == 303


def test_a_stale_user_shows_both_but_never_a_password(anne: Browser, world: World) -> None:
    path = f"/admin/brukere/edit/?id={world.kari.id}"
    form = {"name": "Kari Ny", "language": "nb", "roles": ["leader"], "active": "y", "revision": 1}
    assert anne.post(path, form).status_code == 303
    answer = anne.post(
        path, {**form, "name": "Kari Andre", "roles": ["leader", "hr"], "password": "en helt ny setning"}
    )
    assert answer.status_code == 409
    text = said(answer)
    assert "Kari Andre" in text
    assert "Kari Ny" in text
    assert "Det du skrev HR, Leder Det som er lagret Leder" in text
    assert "en helt ny setning" not in answer.text
    assert PASSWORD not in answer.text
