"""Every route there is, who may use it, and that looking never changes anything."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

import models
from models import ContactEntry, Measure
from services.access import ACTIONS
from tests.front import Browser, changes, refusals, rows_by_table, traced
from tests.world import World

# House rule: a new route gets a line here: endpoint, what it takes, who may use it. "public": anybody. "logged-in":
# anybody with a login. Else an action of services/access.py: who lacks it is refused with 403 or 404.
PLAIN = """
static                     GET       public
bootstrap.static           GET       public
fonts                      GET       public
healthz                    GET       public
language                   POST      public
login                      GET,POST  public
feed                       GET       public
home                       GET       logged-in
logout                     POST      logged-in
password                   GET,POST  account.own
account.index              GET       account.own
account.reminders          POST      account.own
account.calendar           POST      account.own
account.revoke             POST      account.own
follow_up.index            GET,POST  settings.write
admin.static               GET       logged-in
admin.index                GET       logged-in
admin.nothing              GET       logged-in
case.close                 POST      case.write
case.national_id           POST      employee.national_id
period.remove              POST      case.write
period.split               POST      case.write
milestone.decide           GET,POST  case.write
milestone.done             POST      case.write
milestone.undo             POST      case.write
milestone.checklist        GET       case.write|set.see
plan.start                 GET,POST  plan.write
plan.review                GET       plan.write
plan.finish                POST      plan.write
plan.pdf                   GET       plan.see
plan.sign                  GET,POST  plan.write
plan.misregister           GET,POST  plan.misregister
plan.document              GET       document.see
question_set.blank         GET       set.see
plan.move                  POST      plan.write
plan.withdraw              POST      consent.withdraw
builder.index              GET,POST  set.write
publishing.index           GET,POST  set.write
publishing.versions        GET       set.write
publishing.compare         GET       set.write
publishing.restore         POST      set.write
publishing.withdraw        POST      set.write
publishing.discard         POST      set.write
publishing.retire          POST      set.write
publishing.upgrade         GET,POST  set.write
exchange.index             GET,POST  set.write
exchange.export            GET       set.write
exchange.take              POST      set.write
preview.index              GET       set.write
preview.frame              GET       set.write
preview.paper              GET       set.write
case_letter.index          GET       letter.write
case_letter.choose         GET       letter.write
case_letter.write          GET,POST  letter.write
case_letter.preview        POST      letter.write
letter.index               GET       set.see
letter.details             GET       set.see
letter.blank               GET       set.see
letter.create              GET,POST  set.write
meeting.details            GET       case.see
meeting.create             GET,POST  case.write
meeting.edit               GET,POST  case.write
meeting.told               POST      case.write
meeting.answer             GET,POST  case.write|meeting.answer
meeting.result             GET,POST  case.write
meeting.cancel             GET,POST  case.write
meeting.reopen             POST      case.write
flat_builder.index         GET,POST  set.write
flat_builder.paper         GET       set.write
figures.index              GET       figures.see
steps.index                GET       set.write
steps.details              GET       set.write
steps.create               GET,POST  set.write
steps.use                  POST      set.write
user.end_sessions          POST      user.write
"""
# What each generated view has: see, create, edit, details, export, batch. "nobody": the route is there, and shut.
GENERATED = """
case          case.see      case.write      case.write        case.see      case.export  nobody
period        case.see      case.write      case.write        nobody        nobody       nobody
measure       case.see      case.write      case.write        nobody        case.export  nobody
contact       case.see      case.write      nobody            nobody        nobody       nobody
plan          plan.see      nobody          plan.write        plan.see      case.export  plan.batch
employee      employee.see  employee.write  employee.write|employee.correct  employee.see  case.export  nobody
unit          unit.see      unit.write      unit.write        nobody        nobody       nobody
user          user.see      user.write      user.write        nobody        nobody       nobody
question_set  set.see       set.write       nobody            set.see       nobody       nobody
reminder      reminder.see  nobody         nobody            nobody        nobody       nobody
dispatch      letter.write  nobody          nobody            nobody        nobody       nobody
audit         audit.see     nobody          nobody            nobody        nobody       nobody
"""
_PARTS = {
    "index_view": ("GET", 1), "create_view": ("GET,POST", 2), "edit_view": ("GET,POST", 3), "details_view": ("GET", 4),
    "export": ("GET", 5), "action_view": ("POST", 6), "delete_view": ("POST", 0), "ajax_update": ("POST", 0),
    "ajax_lookup": ("GET", 0), "search": ("POST", 1),
}  # fmt: skip


def _table() -> dict[str, tuple[str, str]]:
    """Endpoint to (methods, who)."""
    lines = [line.split() for line in PLAIN.strip().splitlines()]
    table = {endpoint: (methods, who) for endpoint, methods, who in lines}
    for view, *actions in (line.split() for line in GENERATED.strip().splitlines()):
        who = ["nobody", *actions]
        table |= {f"{view}.{part}": (methods, who[place]) for part, (methods, place) in _PARTS.items()}
    return table


TABLE = _table()
USERS = ("kari", "siri", "per", "anne", "aud")
READING = {"INSERT audit_event", "UPDATE login_session"}


def test_every_route_is_listed_and_no_listed_one_is_gone(app: Flask) -> None:
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        found.setdefault(rule.endpoint, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    assert {endpoint: ",".join(sorted(methods)) for endpoint, methods in found.items()} == {
        endpoint: methods for endpoint, (methods, _who) in TABLE.items()
    }


def test_every_action_is_one_of_the_door_and_is_used() -> None:
    named = {one for _methods, who in TABLE.values() for one in who.split("|")} - {"public", "logged-in", "nobody"}
    assert named <= ACTIONS
    # start.see has no page of its own: the start page sends each role to the page it uses most.
    assert ACTIONS - named == {"start.see"}


def _paths(app: Flask, world: World) -> list[tuple[str, str, str, str]]:
    """(endpoint, method, address, who) of every route, with rows that Kari may see where a row is asked for."""
    case, measure = world.per_case, Measure.get()
    ids = {
        "case": case,
        "employee": world.per_employee,
        "unit": world.home_care,
        "user": world.kari,
        "measure": measure,
    }
    adapter, found = app.url_map.bind("localhost"), []
    for endpoint, (methods, who) in TABLE.items():
        view = endpoint.partition(".")[0]
        for method in methods.split(","):
            rule = next(r for r in app.url_map.iter_rules(endpoint))
            values = {name: {"export_type": "csv"}.get(name, "missing") for name in rule.arguments}
            row = ids.get(view)
            query = f"?id={row.id if row else 1}&case={case.id}"
            found.append((endpoint, method, adapter.build(endpoint, values, method=method) + query, who))
    return found


@pytest.mark.parametrize("username", USERS)
def test_who_lacks_the_action_is_refused_and_it_is_noted(
    app: Flask, client: FlaskClient, library: World, username: str
) -> None:
    from services.access import load_actor

    Measure.create(municipality=library.storvik, case=library.per_case, what="Heve bordet", kind="workplace")
    actor = load_actor(getattr(library, username).id)
    assert actor
    browser, faults = Browser(client, username), []
    for endpoint, method, path, who in _paths(app, library):
        if who in ("public", "logged-in") or (who != "nobody" and any(map(actor.may, who.split("|")))):
            continue
        before, rows = refusals(), rows_by_table()
        answer = (
            browser.get(path) if method == "GET" else browser.post(path, {"id": path.partition("id=")[2].split("&")[0]})
        )
        if answer.status_code not in (403, 404) or refusals() != before + 1 or rows_by_table() != rows:
            faults.append((endpoint, method, answer.status_code, refusals() - before))
    assert faults == []


def test_strangers_are_sent_to_the_login_page_and_reach_nothing(
    app: Flask, client: FlaskClient, library: World
) -> None:
    Measure.create(municipality=library.storvik, case=library.per_case, what="Heve bordet", kind="workplace")
    rows = rows_by_table()
    for endpoint, method, path, who in _paths(app, library):
        if who != "public":
            with traced() as statements:
                answer = client.open(path, method=method)
            assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/login"), endpoint
            assert changes(statements) == []
            assert "Per" not in answer.text
    assert rows_by_table() == rows


@pytest.mark.parametrize("username", USERS)
def test_looking_changes_nothing_but_the_trail(app: Flask, client: FlaskClient, library: World, username: str) -> None:
    Measure.create(municipality=library.storvik, case=library.per_case, what="Heve bordet", kind="workplace")
    entry = ContactEntry(municipality=library.storvik, case=library.per_case, at=models.now(), kind="phone",
                         author=library.kari)  # fmt: skip
    entry.seal("text", "Ringte")
    entry.save(force_insert=True)
    plans = _plans(app, library)
    browser, opened = Browser(client, username), 0
    paths = [path for _endpoint, method, path, _who in _paths(app, library) if method == "GET"]
    paths += [
        f"/admin/planer/{page}/?id={p.id}" for p in plans for page in ("edit", "review", "details", "pdf", "sign")
    ]
    for path in paths:
        with traced() as statements:
            answer = browser.get(path)
        assert set(changes(statements)) <= READING, path
        assert answer.status_code < 500, path
        opened += answer.status_code == 200
    assert opened > 3


def _plans(app: Flask, world: World) -> list[models.Plan]:
    """A finished one and a draft of Per."""
    kari = Browser(app.test_client(), "kari")
    return [kari.finished_plan(world.per_case), kari.start_plan(world.per_case)]


def test_other_methods_are_refused(app: Flask, client: FlaskClient, library: World) -> None:
    kari, faults = Browser(client, "kari"), []
    for rule in app.url_map.iter_rules():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - (rule.methods or set()):
            path = rule.rule.replace("<export_type>", "csv").replace("<path:filename>", "x").replace("<name>", "x")
            answer = client.open(path, method=method, data={"csrf_token": kari.token})
            if answer.status_code != 405 or not answer.headers.get("Allow"):
                faults.append((rule.rule, method, answer.status_code))
    assert faults == []
