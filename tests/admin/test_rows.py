"""Periods, measures and the contact log of a case, and texts that are up to no good."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import peewee as pw
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from models import AbsencePeriod, AuditEvent, ContactEntry, Measure
from tests.front import Browser, said, shown
from tests.world import World

# As typed, and as stored: no control characters, no invisible marks, everything else untouched.
NASTY = {
    "controls": ("Heve\x00 bord\x1b[31m\x0bet\x7f", "Heve bord[31met"),
    "invisible": ("He\u200bve bor\ufeffdet\u2060", "Heve bordet"),
    "turning": ("\u202etedrob eveH\u202c", "tedrob eveH"),
    "emoji": ("Heve bordet 👩🏽‍💻 🇳🇴 ✅", "Heve bordet 👩🏽‍💻 🇳🇴 ✅"),
    "script": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "attribute": ('"><img src=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>'),
    "template": ("{{7*7}}{% raw %}${7*7}#{7*7}", "{{7*7}}{% raw %}${7*7}#{7*7}"),
    "percent": ("100 % %(name)s %s {0}", "100 % %(name)s %s {0}"),
    "formula": ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    "plus": ("+1+1", "+1+1"), "minus": ("-1+1", "-1+1"), "at": ("@SUM(1)", "@SUM(1)"),
    "sql": ("'; DROP TABLE measure;--", "'; DROP TABLE measure;--"),
    "sami": ("Čáhppe Ŋuŧŧá Đ Š Ž", "Čáhppe Ŋuŧŧá Đ Š Ž"),
    "decomposed": ("A\u030ase O\u0308rn", "Åse Örn"),
    "null-ish": ("None", "None"), "entities": ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
    "non-character": ("Heve\uffff\ufffe", "Heve"),
}  # fmt: skip


@pytest.fixture
def kari(client: FlaskClient, world: World) -> Browser:
    return Browser(client, "kari")


# ---------------------------------------------------------------- absence periods


def _period(kari: Browser, world: World, **form: Any) -> Any:
    return kari.post(f"/admin/perioder/new/?case={world.per_case.id}", form)


def _closed(world: World) -> AbsencePeriod:
    """Per's period, ended two days ago."""
    period = AbsencePeriod.get(AbsencePeriod.case == world.per_case)
    AbsencePeriod.update(to_date=world.today - dt.timedelta(days=2)).where(AbsencePeriod.id == period.id).execute()
    return AbsencePeriod.get_by_id(period.id)


def test_the_next_period(kari: Browser, world: World) -> None:
    _closed(world)
    start = world.today - dt.timedelta(days=1)
    assert _period(kari, world, from_date=start, to_date="", grade="50 %").status_code == 303
    assert {p.grade for p in world.per_case.periods} == {100, 50}
    assert "uke 3 · 50 %" in said(kari.get(f"/admin/saker/details/?id={world.per_case.id}"))


def test_an_overlap_names_the_periods(kari: Browser, world: World) -> None:
    old = _closed(world)
    AbsencePeriod.create(municipality=world.storvik, case=world.per_case, from_date=world.today, grade=40)
    answer = _period(kari, world, from_date=old.to_date, to_date=world.today, grade=80)
    assert answer.status_code == 422
    text = f"Perioden overlapper med {old.from_date:%d.%m.%Y}–{old.to_date:%d.%m.%Y} (100 %), {world.today:%d.%m.%Y}–… (40 %)."
    assert text in shown(answer)
    assert 'value="80"' in answer.text
    between = world.today - dt.timedelta(days=1)
    assert _period(kari, world, from_date=between, to_date=between, grade=80).status_code == 303


@pytest.mark.parametrize(("form", "message"), [
    ({"grade": "0"}, "fra 1 til 100"), ({"grade": "101"}, "fra 1 til 100"), ({"grade": ""}, "Dette må fylles ut."),
    ({"grade": "50.5"}, "Skriv et helt tall."), ({"to_date": "2020-01-01"}, "Til-datoen 01.01.2020 er før fra-datoen"),
    ({"from_date": ""}, "Dette må fylles ut."), ({"from_date": "x"}, "Skriv datoen som dag.måned.år"),
    ({"to_date": "9999-12-31"}, "for langt unna"), ({"from_date": "0001-01-01"}, "for langt unna"),
])  # fmt: skip
def test_wrong_periods(kari: Browser, world: World, form: dict[str, str], message: str) -> None:
    _closed(world)
    answer = _period(kari, world, **{"from_date": world.today.isoformat(), "to_date": "", "grade": "100", **form})
    assert answer.status_code == 422
    assert message in shown(answer)
    assert AbsencePeriod.select().where(AbsencePeriod.case == world.per_case).count() == 1


def test_changing_and_removing_a_period(kari: Browser, world: World) -> None:
    period = AbsencePeriod.get(AbsencePeriod.case == world.per_case)
    form = {"from_date": period.from_date, "to_date": "", "grade": 70, "revision": period.revision}
    path = f"/admin/perioder/edit/?id={period.id}"
    assert kari.post(path, form).status_code == 303
    stale = kari.post(path, {**form, "grade": 20})
    assert stale.status_code == 409
    assert "70" in said(stale)
    assert AbsencePeriod.get_by_id(period.id).grade == 70
    assert kari.post("/admin/perioder/remove/", {"id": period.id}).status_code == 303
    assert kari.post("/admin/perioder/remove/", {"id": period.id}).status_code == 404
    tags = [e.tag for e in AuditEvent.select().where(AuditEvent.tag.startswith("period:")).order_by(AuditEvent.id)]
    assert tags == ["period:changed", "period:removed"]


# ---------------------------------------------------------------- measures

MEASURE = {
    "what": "Heve bordet",
    "kind": "workplace",
    "responsible": "Kari",
    "deadline": "2026-12-01",
    "status": "agreed",
}


def _measure(kari: Browser, world: World, **changed: str) -> Any:
    return kari.post(f"/admin/tiltak/new/?case={world.per_case.id}", {**MEASURE, **changed})


def test_a_measure_from_the_case_and_back(kari: Browser, world: World) -> None:
    answer = _measure(kari, world)
    assert (answer.status_code, answer.location) == (303, f"/admin/saker/details/?id={world.per_case.id}")
    text = said(kari.get(answer.location))
    assert "Heve bordet Kari" in text
    assert "avtalt" in text


@pytest.mark.parametrize(("changed", "messages"), [
    ({"status": "declined"}, ["Velg hvem som ikke ønsker tiltaket.", "Skriv kort hvorfor tiltaket ikke er ønsket."]),
    ({"status": "declined", "declined_by": "employee"}, ["Skriv kort hvorfor"]),
    ({"status": "declined", "declined_reason": "Vil ikke"}, ["Velg hvem som ikke"]),
    ({"status": "declined", "declined_by": "doctor", "declined_reason": "x"}, ["Velg ett av alternativene."]),
    ({"what": " \u200b "}, ["Dette må fylles ut."]), ({"what": "x" * 4001}, ["4001 tegn"]),
    ({"what": "x" * 200_000}, ["200000 tegn"]), ({"deadline": "31.2.2026"}, ["Skriv datoen"]),
    ({"deadline": "0001-01-01"}, ["for langt unna"]), ({"responsible": "x" * 121}, ["121 tegn"]),
    ({"kind": "magic"}, ["Velg ett av alternativene."]), ({"status": ""}, ["Velg ett av alternativene."]),
])  # fmt: skip
def test_wrong_measures(kari: Browser, world: World, changed: dict[str, str], messages: list[str]) -> None:
    answer = _measure(kari, world, **changed)
    assert answer.status_code == 422
    assert all(message in shown(answer) for message in messages)
    for field in ("what", "responsible", "declined_reason"):
        if changed.get(field, "").strip(" \u200b"):
            assert changed[field] in answer.text  # still on the screen
    assert Measure.select().count() == 0


def test_a_declined_measure_says_who_and_why(kari: Browser, world: World) -> None:
    _measure(kari, world, status="declined", declined_by="employee", declined_reason="Har prøvd det før")
    text = said(kari.get(f"/admin/saker/details/?id={world.per_case.id}"))
    assert "foreslått, ikke ønsket Den ansatte: Har prøvd det før" in text


def test_a_stale_measure_shows_both_texts(app: Flask, kari: Browser, world: World) -> None:
    _measure(kari, world)
    measure, siri = Measure.get(), Browser(app.test_client(), "siri")
    path = f"/admin/tiltak/edit/?id={measure.id}"
    assert siri.post(path, {**MEASURE, "effect": "Siri: virker", "revision": 1}).status_code == 303
    mine = {**MEASURE, "effect": "Kari: virker ikke", "revision": 1}
    answer = kari.post(path, mine)
    assert answer.status_code == 409
    text = said(answer)
    assert "Det du skrev Kari: virker ikke Det som er lagret Siri: virker" in text
    assert Measure.get().effect == "Siri: virker"
    assert kari.post(path, {**mine, "revision": 2}).status_code == 303
    assert Measure.get().effect == "Kari: virker ikke"


@pytest.mark.parametrize("kind", NASTY)
def test_nasty_texts_are_only_texts(app: Flask, kari: Browser, world: World, kind: str) -> None:
    typed, stored = NASTY[kind]
    answer = _measure(kari, world, what=typed, responsible=typed)
    assert answer.status_code == 303
    measure = Measure.get()
    assert (measure.what, measure.responsible) == (stored, stored)
    page = kari.get(answer.location)
    assert stored in shown(page)
    form = kari.get(f"/admin/tiltak/edit/?id={measure.id}")
    assert stored in shown(form)
    for html in (page.text, form.text):
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "49" not in said(page).replace("Storvik", "") or kind != "template"
    siri = Browser(app.test_client(), "siri")
    book = load_workbook(io.BytesIO(siri.get("/admin/tiltak/export/xlsx/").data))
    cells = {(cell.value, cell.data_type) for row in book.active.iter_rows(min_row=2) for cell in row if cell.value}
    assert (stored, "s") in cells
    assert not any(kind == "f" for _value, kind in cells)
    csv = siri.get("/admin/tiltak/export/csv/").data.decode("utf-8-sig")
    assert (f"'{stored}" if stored[0] in "=+-@" else stored).replace('"', '""') in csv
    assert Measure.select().count() == 1


# ---------------------------------------------------------------- contact log

CONTACT = {
    "at": "2026-01-05T10:30",
    "kind": "phone",
    "participants": "Kari og Per",
    "text": "Snakket om vakter",
    "result": "",
}


def _contact(kari: Browser, world: World, corrects: int = 0, **changed: str) -> Any:
    more = f"&corrects={corrects}" if corrects else ""
    return kari.post(f"/admin/kontaktlogg/new/?case={world.per_case.id}{more}", {**CONTACT, **changed})


def test_the_log(kari: Browser, world: World) -> None:
    assert _contact(kari, world).status_code == 303
    entry = ContactEntry.get()
    assert (entry.at, entry.unseal("text")) == (dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC), "Snakket om vakter")
    text = said(kari.get(f"/admin/saker/details/?id={world.per_case.id}"))
    assert "Telefon 5. januar 2026 kl. 10.30 · Kari og Per" in text
    assert "Snakket om vakter" in text
    assert world.refresh().per_case.next_step == "plan"


def test_a_correction_is_a_new_entry(kari: Browser, world: World) -> None:
    _contact(kari, world)
    first = ContactEntry.get()
    page = kari.get(f"/admin/kontaktlogg/new/?case={world.per_case.id}&corrects={first.id}")
    assert "Snakket om vakter" in page.text
    assert 'value="2026-01-05T10:30"' in page.text
    assert _contact(kari, world, first.id, text="Snakket om turnus").status_code == 303
    assert [e.unseal("text") for e in ContactEntry.select().order_by(ContactEntry.id)] == [
        "Snakket om vakter", "Snakket om turnus",
    ]  # fmt: skip
    text = said(kari.get(f"/admin/saker/details/?id={world.per_case.id}"))
    assert "rettet senere" in text
    assert "rettelse" in text
    event = AuditEvent.select().where(AuditEvent.tag.startswith("contact:")).order_by(AuditEvent.id.desc()).get()
    assert event.tag == "contact:corrected"


def test_the_log_only_grows(kari: Browser, world: World) -> None:
    _contact(kari, world)
    entry = ContactEntry.get()
    for path in (f"edit/?id={entry.id}", f"details/?id={entry.id}"):
        assert kari.get(f"/admin/kontaktlogg/{path}").status_code == 404
    assert kari.post(f"/admin/kontaktlogg/edit/?id={entry.id}", CONTACT).status_code == 404
    assert kari.post("/admin/kontaktlogg/delete/", {"id": entry.id}).status_code == 404
    with pytest.raises(pw.DatabaseError):
        ContactEntry.update(kind="letter").where(ContactEntry.id == entry.id).execute()
    with pytest.raises(pw.DatabaseError):
        ContactEntry.delete().where(ContactEntry.id == entry.id).execute()


@pytest.mark.parametrize(("changed", "message"), [
    ({"at": ""}, "Dette må fylles ut."), ({"at": "i går"}, "Skriv dag og klokkeslett."),
    ({"at": "0001-01-01T00:00"}, "Skriv dag og klokkeslett."), ({"at": "1850-01-01T00:00"}, "for langt unna"),
    ({"at": "9999-12-31T23:59"}, "er ikke kommet ennå"), ({"text": ""}, "Skriv hva dere snakket om"),
    ({"text": "x" * 4001}, "4001 tegn"), ({"text": "x" * 200_000}, "200000 tegn"), ({"kind": "owl"}, "Velg ett av"),
    ({"participants": "x" * 201}, "201 tegn"),
])  # fmt: skip
def test_wrong_entries(kari: Browser, world: World, changed: dict[str, str], message: str) -> None:
    answer = _contact(kari, world, **changed)
    assert answer.status_code == 422
    assert message in shown(answer)
    assert (changed.get("text", CONTACT["text"])) in answer.text
    assert ContactEntry.select().count() == 0


def test_the_hour_that_comes_twice_and_the_one_that_never_comes(kari: Browser, world: World) -> None:
    for typed in ("2025-10-26T02:30", "2026-03-29T02:30"):
        assert _contact(kari, world, at=typed).status_code == 303
    assert [e.at.isoformat() for e in ContactEntry.select().order_by(ContactEntry.id)] == [
        "2025-10-26T00:30:00+00:00", "2026-03-29T01:30:00+00:00",
    ]  # fmt: skip
