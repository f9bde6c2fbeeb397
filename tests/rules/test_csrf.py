"""No request that writes is taken without the token of a page of ours, and nothing is written on the way."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models import AuditEvent, Measure
from tests.front import Browser, changes, rows_by_table, traced
from tests.rules.test_routes import TABLE, USERS
from tests.world import World

TOKENS = {
    "none": None, "empty": "", "wrong": "x" * 40,
    "forged": "IjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAi.aaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAA",
}  # fmt: skip


def _unsafe(app: Flask, world: World) -> list[tuple[str, str]]:
    adapter = app.url_map.bind("localhost")
    query = f"?id={world.per_case.id}&case={world.per_case.id}&employee={world.lise_employee.id}"
    return [
        (endpoint, adapter.build(endpoint, {}, method="POST") + query)
        for endpoint, (methods, _who) in TABLE.items()
        if "POST" in methods
    ]


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("username", [*USERS, ""])
def test_every_unsafe_route_wants_the_token(
    app: Flask, client: FlaskClient, library: World, username: str, kind: str
) -> None:
    Measure.create(municipality=library.storvik, case=library.per_case, what="Heve bordet", kind="workplace")
    browser, faults = Browser(client, username), []
    before, trail = rows_by_table(), AuditEvent.select().count()
    data = {"id": library.per_case.id, "what": "close", "revision": 1, "kind": "phone", "language": "nn"}
    if TOKENS[kind] is not None:
        data["csrf_token"] = TOKENS[kind]
    for endpoint, path in _unsafe(app, library):
        with traced() as statements:
            answer = client.post(path, data=data)
        # A stranger is sent to the login page before anything is looked at.
        wanted = 400 if username or TABLE[endpoint][1] == "public" else 303
        if answer.status_code != wanted or set(changes(statements)) - {"UPDATE login_session"}:
            faults.append((endpoint, answer.status_code, changes(statements)))
    assert faults == []
    assert (rows_by_table(), AuditEvent.select().count()) == (before, trail)
    assert browser.client is client


def test_the_token_of_another_person_is_refused(app: Flask, library: World) -> None:
    kari, siri = Browser(app.test_client(), "kari"), Browser(app.test_client(), "siri")
    answer = siri.client.post(
        "/admin/saker/close/", data={"id": library.per_case.id, "revision": 1, "csrf_token": kari.token}
    )
    assert answer.status_code == 400
    assert library.refresh().per_case.status == "open"


def test_the_token_is_read_from_the_body_only(client: FlaskClient, library: World) -> None:
    kari = Browser(client, "kari")
    path = f"/admin/saker/close/?csrf_token={kari.token}"
    assert client.post(path, data={"id": library.per_case.id, "revision": 1}).status_code == 400
    assert library.refresh().per_case.status == "open"
    with_token = {"id": library.per_case.id, "revision": 1, "csrf_token": kari.token}
    assert client.post("/admin/saker/close/", data=with_token).status_code == 303


def test_a_page_of_ours_that_is_too_old_may_be_sent_again(client: FlaskClient, library: World) -> None:
    """Nothing is stored, but the text is on the page, with a button and a token that holds."""
    kari = Browser(client, "kari")
    answer = client.post(
        f"/admin/tiltak/new/?case={library.per_case.id}",
        data={"what": "Lang tekst om pulten", "kind": "tasks", "status": "agreed", "csrf_token": "old"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 409
    assert 'value="Lang tekst om pulten"' in answer.text
    assert Measure.select().count() == 0
    assert kari.token not in answer.location if answer.location else True
