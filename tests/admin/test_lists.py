"""Lists: search, filters, sorting, page size and export, and what odd addresses do to them."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from models import AuditEvent, Case, Employee, Measure, User
from services.cases import refresh
from tests.front import Browser, changes, said, traced
from tests.world import World, make_case, make_employee, make_leader

NAMES = [
    "Åse Ørn", "Ærlig Aas", "Áilu Čáhppe", "Ŋuŧŧá Đuoddar", "Anne-Marie O'Brien", "Jens 100% Hansen", "Jens_B Hansen",
    "Bjørn Äng", "Zoé Čelik", "Per  Dobbelt",
]  # fmt: skip


@pytest.fixture
def many(library: World) -> World:
    """Kari leads people with all kinds of names, each with an open case."""
    for number, name in enumerate(NAMES):
        employee = make_employee(library.home_care, name, dt.date(1970, 1, 1) + dt.timedelta(days=number))
        make_leader(library.kari, employee, library.today - dt.timedelta(days=500))
        case = make_case(employee, library.today - dt.timedelta(days=10 * number), grade=10 + number)
        refresh(case)
    return library


@pytest.fixture
def kari(app: Flask, many: World) -> Browser:
    return Browser(app.test_client(), "kari")


@pytest.fixture
def siri(app: Flask, many: World) -> Browser:
    return Browser(app.test_client(), "siri")


def _hidden(browser: Browser, path: str, words: str) -> str:
    """The words as they stand in the address of the list that answers."""
    answer = browser.post(f"{path}search/", {"search": words})
    assert answer.status_code == 303
    return answer.location.partition("search=")[2]


def _names(browser: Browser, path: str, **query: Any) -> list[str]:
    """The people of a list, in its order."""
    if "search" in query:
        query["search"] = _hidden(browser, path, query["search"])
    answer = browser.get(path, query_string=query)
    assert answer.status_code == 200
    cells = re.findall(r'<th scope="row".*?</th>', answer.text, re.S)
    import html

    texts = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]
    return [
        next((n for n in ["Per Ås", "Lise Øverli-Çelik", *(" ".join(n.split()) for n in NAMES)] if n in t), t)
        for t in texts
    ]


# ---------------------------------------------------------------- search


@pytest.mark.parametrize(("search", "found"), [
    ("åse", ["Åse Ørn"]), ("ÅSE", ["Åse Ørn"]), ("ørn", ["Åse Ørn", "Bjørn Äng"]), ("ÆRLIG", ["Ærlig Aas"]),
    ("čáhppe", ["Áilu Čáhppe"]), ("ČÁHPPE", ["Áilu Čáhppe"]), ("ŋUŦŦÁ", ["Ŋuŧŧá Đuoddar"]), ("đuo", ["Ŋuŧŧá Đuoddar"]),
    ("anne-marie", ["Anne-Marie O'Brien"]), ("o'b", ["Anne-Marie O'Brien"]), ("100%", ["Jens 100% Hansen"]),
    ("%", ["Jens 100% Hansen"]), ("_", ["Jens_B Hansen"]), ("jens_", ["Jens_B Hansen"]),
    ("hansen jens", ["Jens 100% Hansen", "Jens_B Hansen"]), ("  per   dobbelt ", ["Per Dobbelt"]),
    ("A\u030ase", ["Åse Ørn"]), ("\\", []), ("'; DROP TABLE employee;--", []), ("finnesikke", []), ("**", []),
])  # fmt: skip
@pytest.mark.parametrize("path", ["/admin/ansatte/", "/admin/saker/"])
def test_search(kari: Browser, path: str, search: str, found: list[str]) -> None:
    assert sorted(_names(kari, path, search=search)) == sorted(found)


@pytest.mark.parametrize("search", ["per", "ÅS", "Per Ås", "ås per"])
def test_search_in_measures_is_by_person(kari: Browser, many: World, search: str) -> None:
    other = Case.get(Case.employee == Employee.get(Employee.name == "Zoé Čelik"))
    Measure.create(municipality=many.storvik, case=many.per_case, what="Åpne dørene", kind="tasks")
    Measure.create(municipality=many.storvik, case=other, what="Annet", kind="tasks")
    assert _names(kari, "/admin/tiltak/", search=search) == ["Åpne dørene"]


def test_a_search_is_written_nowhere(kari: Browser, many: World) -> None:
    answer = kari.post("/admin/ansatte/search/", {"search": "Ærlig", "unit": many.home_care.id, "active": "yes"})
    assert "rlig" not in answer.location
    assert f"unit={many.home_care.id}" in answer.location
    page = kari.get(answer.location)
    assert 'value="Ærlig"' in page.text
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).get()
    assert (event.tag, event.subject, event.fields) == ("list:read", "employee", "")


def test_a_search_is_its_own_actors(kari: Browser, siri: Browser) -> None:
    hidden = _hidden(kari, "/admin/ansatte/", "Ærlig")
    assert "Åse" not in kari.get("/admin/ansatte/", query_string={"search": hidden}).text
    for words in (hidden, hidden[:-4], "Ærlig", "x" * 5000):
        assert "Åse" in siri.get("/admin/ansatte/", query_string={"search": words}).text


@pytest.mark.parametrize("name", ["_external", "_scheme", "_anchor", "_method", "endpoint", "self", "url", "page"])
def test_a_search_leads_to_its_list_only(kari: Browser, name: str) -> None:
    answer = kari.post("/admin/ansatte/search/", {"search": "", name: "javascript"})
    assert (answer.status_code, answer.location) == (303, "/admin/ansatte/")


@pytest.mark.parametrize("search", ["x" * 5000, "a " * 500, "{{7*7}}", "<script>alert(1)</script>", "Å" * 40])
def test_odd_searches(kari: Browser, search: str) -> None:
    answer = kari.get("/admin/ansatte/", query_string={"search": _hidden(kari, "/admin/ansatte/", search)})
    assert answer.status_code == 200
    assert "Ingen treff" in answer.text or search.startswith("a ")
    assert "<script>alert" not in answer.text


# ---------------------------------------------------------------- sorting, filters, pages


def test_sorting_is_norwegian(kari: Browser) -> None:
    order = [
        "Áilu Čáhppe", "Anne-Marie O'Brien", "Bjørn Äng", "Jens 100% Hansen", "Jens_B Hansen", "Ŋuŧŧá Đuoddar",
        "Per Ås", "Per Dobbelt", "Zoé Čelik", "Ærlig Aas", "Åse Ørn",
    ]  # fmt: skip
    got = _names(kari, "/admin/ansatte/", sort=0)
    assert got.index("Zoé Čelik") < got.index("Ærlig Aas") < got.index("Åse Ørn")
    assert got.index("Áilu Čáhppe") < got.index("Anne-Marie O'Brien") < got.index("Bjørn Äng")
    assert sorted(got) == sorted(order)
    assert _names(kari, "/admin/ansatte/", sort=0, desc=1) == got[::-1]


def test_what_is_due_first_stands_first(kari: Browser) -> None:
    """The oldest case has waited longest; what has no deadline stands last, both ways."""
    got = _names(kari, "/admin/saker/")
    assert got[0] == "Per Dobbelt"
    assert got[-1] == "Per Ås"  # the world's own case has no deadline yet
    down = _names(kari, "/admin/saker/", sort=4, desc=1)
    assert down[-1] == "Per Ås"


@pytest.mark.parametrize("path", [
    "/admin/saker/", "/admin/ansatte/", "/admin/planer/", "/admin/tiltak/", "/admin/kontaktlogg/", "/admin/perioder/",
    "/admin/enheter/", "/admin/skjema/", "/admin/brukere/", "/admin/logg/",
])  # fmt: skip
def test_odd_addresses_are_answered(app: Flask, many: World, path: str) -> None:
    who = {"/admin/brukere/": "anne", "/admin/logg/": "aud"}.get(path, "siri")
    browser = Browser(app.test_client(), who)
    for query in (
        *(f"sort={n}" for n in range(-1, 8)), *(f"sort={n}&desc=1" for n in range(8)), "sort=x", f"sort={'9' * 30}",
        "page=-1", "page=5", "page=x", f"page={'9' * 12}", f"page={'9' * 30}", "page_size=0", "page_size=-5",
        "page_size=100000", "page_size=x", "flt0=1", "flt1_0=x", "search=%00", "search=%FF%FE", "status=eat", "status=%",
        "unit=x", f"unit={'9' * 30}", "leader=-1", "due=x", "running=2026-02-30", "running=2026-1-1", "running=x",
        "running=٢٠٢٦-٠١-٠١", "day=0000-00-00", "day=9999-12-31", "what=%25", "what=login'--", "kind=x", "late=x",
        "active=x", "url=//evil.example",
    ):  # fmt: skip
        answer = browser.get(f"{path}?{query}")
        assert answer.status_code == 200, query


def test_filters(kari: Browser, siri: Browser, many: World) -> None:
    assert len(_names(kari, "/admin/saker/")) == 11
    assert _names(kari, "/admin/saker/", status="closed") == []
    Case.update(status="closed", closed_on=many.today).where(Case.id == many.per_case.id).execute()
    assert _names(kari, "/admin/saker/", status="closed") == ["Per Ås"]
    assert len(_names(kari, "/admin/saker/", status="all")) == 11
    late = _names(kari, "/admin/saker/", due="late")
    assert "Per Dobbelt" in late
    assert "Åse Ørn" not in late
    assert _names(kari, "/admin/saker/", due="week") == ["Åse Ørn"]
    assert _names(siri, "/admin/saker/", unit=many.school.id) == ["Lise Øverli-Çelik"]
    assert _names(siri, "/admin/saker/", leader=many.ola.id) == ["Lise Øverli-Çelik"]
    day = (many.today - dt.timedelta(days=85)).isoformat()
    assert _names(kari, "/admin/saker/", running=day) == ["Per Dobbelt"]
    Employee.update(active=False).where(Employee.name == "Åse Ørn").execute()
    assert _names(kari, "/admin/ansatte/", active="no") == ["Åse Ørn"]


def test_pages(kari: Browser, many: World) -> None:
    first = kari.get("/admin/ansatte/?page_size=10")
    assert "Viser 1–10 av 11" in said(first)
    assert "Side 1 av 2" in said(first)
    assert len(_names(kari, "/admin/ansatte/", page_size=10, page=1)) == 1
    assert len(_names(kari, "/admin/ansatte/", page_size=20)) == 11
    User.update(page_size=10).where(User.id == many.kari.id).execute()
    assert len(_names(kari, "/admin/ansatte/")) == 10  # as the user saved it
    together = _names(kari, "/admin/ansatte/") + _names(kari, "/admin/ansatte/", page=1)
    assert len(set(together)) == 11


def test_a_page_size_is_remembered_once(kari: Browser, many: World) -> None:
    with traced() as statements:
        kari.get("/admin/ansatte/?page_size=10")
    assert changes(statements) == ["UPDATE app_user", "INSERT audit_event"]
    with traced() as statements:
        kari.get("/admin/ansatte/?page_size=10")
    assert changes(statements) == ["INSERT audit_event"]
    assert len(_names(kari, "/admin/ansatte/")) == 10


def test_an_empty_list_says_what_to_do(app: Flask, library: World) -> None:
    text = said(Browser(app.test_client(), "kari").get("/admin/tiltak/"))
    assert "Ingen tiltak ennå. Legg dem inn fra saken de hører til." in text


# ---------------------------------------------------------------- export


def _sheet(browser: Browser, path: str) -> list[list[Any]]:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return [list(row) for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows()]


def test_cells_have_types(siri: Browser, many: World) -> None:
    head, *rows = _sheet(siri, f"/admin/saker/export/xlsx/?search={_hidden(siri, '/admin/saker/', 'Åse')}")
    assert [c.value for c in head][:4] == ["Ansatt", "Enhet", "Hva slags sak", "Første dag"]
    row = {h.value: c for h, c in zip(head, rows[0], strict=True)}
    assert (row["Ansatt"].value, row["Hva slags sak"].value) == ("Åse Ørn", "Sykmelding")
    assert (row["Første dag"].value.date(), row["Første dag"].is_date) == (many.today, True)
    assert (row["Grad i prosent" if "Grad i prosent" in row else "Grad"].value, len(rows)) == (10, 1)


def test_csv_that_excel_opens_rightly(siri: Browser, many: World) -> None:
    answer = siri.get(f"/admin/saker/export/csv/?search={_hidden(siri, '/admin/saker/', 'Åse')}")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("Ansatt;Enhet;")
    assert f"Åse Ørn;Hjemmetjenesten;Sykmelding;{many.today:%d.%m.%Y};Åpen;10;" in lines[1]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="saker.csv"'


def test_an_export_follows_search_and_filters_and_is_noted(siri: Browser, many: World) -> None:
    head, *rows = _sheet(siri, f"/admin/saker/export/xlsx/?unit={many.school.id}&status=open")
    assert [row[0].value for row in rows] == ["Lise Øverli-Çelik"]
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).get()
    assert (event.tag, event.subject) == ("list:exported", "followup_case")
    assert len(event.fields.split()) == len(head)


@pytest.mark.parametrize("name", ["=1+1", "+47 Ola", "-Kari", "@SUM(A1)", "\t=1", "＝1+1", 'a;b"c\nd'])
def test_formulas_are_dead_and_separators_quoted(siri: Browser, many: World, name: str) -> None:
    Employee.update(name=name).where(Employee.id == many.per_employee.id).execute()
    cells = [c for row in _sheet(siri, "/admin/ansatte/export/xlsx/") for c in row]
    assert all(c.data_type != "f" for c in cells)
    assert name in [c.value for c in cells]
    import csv

    text = siri.get("/admin/ansatte/export/csv/").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for row in rows for cell in row)


@pytest.mark.parametrize("view", ["ansatte", "planer", "tiltak", "saker"])
def test_every_export_opens(siri: Browser, many: World, view: str) -> None:
    Measure.create(municipality=many.storvik, case=many.per_case, what="x" * 4000, kind="tasks", deadline=many.today)
    assert _sheet(siri, f"/admin/{view}/export/xlsx/")
    assert siri.get(f"/admin/{view}/export/csv/").status_code == 200
