"""The list of cases at 1,000 and 100,000 rows against stock Flask-Admin on the same rows.

Ours is scoped, audited (a commit to disk per reading), joined and behind a login; the peer is none of these. Both ask
the same question of the same file with the same pragmas, with one connection per request.
Hard aim: as many queries at every size. Run: python -m bench.bench_list [rounds]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from flask_admin import Admin
from flask_admin.contrib.peewee import ModelView
from flask_babel import Babel

import models
from bench.figures import Figure, Report, finish, queries, take_turns
from bench.world import fill, fresh_database, logged_in, make_app
from models import Case, Employee, Unit

SIZES = (1_000, 100_000)
OURS, STOCK = "/admin/saker/", "/admin/case/"


class StockView(ModelView):
    """As the guide of Flask-Admin shows it."""

    column_list = ("employee", "unit", "kind", "first_day", "status", "next_step", "next_due", "plan_status")
    column_searchable_list = (Employee.name,)
    column_filters = ("status", Unit.name)
    column_default_sort = "next_due"
    page_size = 20
    named_filter_urls = True


def stock_app() -> Flask:
    """Flask-Admin alone, on the models' database."""
    app = Flask("stock", template_folder=None, static_folder=None)  # not our templates
    app.secret_key = "stock"
    Babel(app)
    app.before_request(lambda: models.db.connect(reuse_if_open=True) and None)
    app.teardown_request(lambda error: models.db.close())
    Admin(app, name="Stock").add_view(StockView(Case, name="Saker", endpoint="case"))
    return app


# What is asked: name, our parameters, the peer's.
ASKED: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
    ("as it opens (open cases)", {}, {"flt1_status_equals": "open"}),
    ("all, first page", {"status": "all"}, {}),
    ("all, page 50", {"status": "all", "page": "49"}, {"page": "49"}),
    ("search by name", {"status": "all", "search": "hansen"}, {"search": "Hansen"}),
    ("filter by unit", {"status": "all", "unit": "1"}, {"flt1_unit_name_equals": "Enhet 00"}),
)


def hidden(client: FlaskClient, parameters: dict[str, str]) -> dict[str, str]:
    """The parameters after searching as the page does: words are posted, and come back sealed in the address."""
    if "search" not in parameters:
        return parameters
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(OURS).get_data(as_text=True))
    assert token, "the list has no form token"
    answer = client.post(f"{OURS}search/", data={**parameters, "csrf_token": token[1]})
    assert answer.status_code == 303, f"searching was answered {answer.status_code}"
    return dict(parse_qsl(urlsplit(answer.location).query))


def fetch(client: FlaskClient, path: str, parameters: dict[str, str]) -> Callable[[], str]:
    address = f"{path}?{urlencode(parameters)}"

    def get() -> str:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address} was answered {answer.status_code}"
        return answer.get_data(as_text=True)

    return get


def run(rounds: int = 15, sizes: tuple[int, ...] = SIZES) -> Report:
    report = Report("List of cases against stock Flask-Admin (ours: scoped, audited, joined, behind a login)")
    counts: dict[str, list[int]] = {}
    for size in sizes:
        with fresh_database() as url:
            with models.db.connection_context():
                fill(size)
            ours, stock = make_app(url), stock_app().test_client()
            hr, leader = logged_in(ours, "hr"), logged_in(ours, "leder00")
            for name, mine, theirs in ASKED:
                calls = {"ours": fetch(hr, OURS, hidden(hr, mine)), "stock": fetch(stock, STOCK, theirs)}
                _same_rows(calls["ours"](), calls["stock"](), mine)
                sent = {who: queries(call) for who, call in calls.items()}
                counts.setdefault(name, []).append(sent["ours"])
                _note(report, f"{size:,} rows: {name}", take_turns(calls, rounds), sent)
            calls = {"ours": fetch(leader, OURS, {}), "stock": fetch(stock, STOCK, {})}
            sent = {who: queries(call) for who, call in calls.items()}
            counts.setdefault("leader", []).append(sent["ours"])
            _note(report, f"{size:,} rows: a leader's twelve", take_turns(calls, rounds), sent)
    report.failures = [
        f"queries of {name!r} are not constant over {sizes} rows: {found}"
        for name, found in counts.items()
        if len(set(found)) > 1
    ]
    return report


def _note(report: Report, what: str, ms: dict[str, float], sent: dict[str, int]) -> None:
    note = f"queries {sent['ours']} / {sent['stock']}"
    report.figures.append(Figure(what, ms["ours"], ms["stock"], 1.0, note))


def _same_rows(ours: str, stock: str, asked: dict[str, str]) -> None:
    """Neither may be quick because it found nothing, or slow because it did not search."""
    found = re.findall(r'class="name-link"[^>]*>([^<]+)<', ours)
    assert found, f"{asked}: our page has no rows"
    assert 'name="rowid"' in stock, f"{asked}: the peer's page has no rows"
    word = asked.get("search", "")
    assert all(word in name.lower() for name in found), f"{asked}: our page did not search"
    assert not word or stock.lower().count(word) >= 10, f"{asked}: the peer's page did not search"


if __name__ == "__main__":
    sys.exit(finish(run(int(sys.argv[1]) if len(sys.argv) > 1 else 15)))
