"""What every response carries, who gets in over HTTP, and what becomes of text posted too late."""

from __future__ import annotations

import base64
import datetime as dt
import html
import re
import zlib
from collections.abc import Callable
from dataclasses import replace

import peewee as pw
import pytest
import time_machine
from flask import Flask, g, request
from flask.testing import FlaskClient
from werkzeug.exceptions import Forbidden
from werkzeug.test import TestResponse

from admin.security import parked_fields, safe_target, takes_scan
from config import Settings
from forms.texts import Note
from models import AuditEvent, LoginSession, ParkedForm, User
from services import errors
from tests.world import PASSWORD, World

SECRET = "Per Ås 010180 er syk"
LogIn = Callable[..., TestResponse]
SAME = {"Sec-Fetch-Site": "same-origin"}


def _boom(error: Exception) -> Callable[[], str]:
    def view() -> str:
        raise error

    return view


def _echo() -> str:
    return f"got {sorted(request.form)}" if request.method == "POST" else "the page"


def _takes_back() -> str:
    fields = parked_fields()
    return f"kept {fields['text']}" if fields else "nothing kept"


ERRORS = {
    "not_visible": (errors.NotVisible(SECRET), 404),
    "not_allowed": (errors.NotAllowed(SECRET), 403),
    "forbidden": (Forbidden(SECRET), 403),
    "frozen": (errors.NotEditable(Note("Planen er ferdig.")), 409),
    "stale": (errors.StaleRow(SECRET), 409),
    "invalid": (errors.Invalid({"grade": Note("Feil grad.")}), 422),
    "throttled": (errors.Throttled(61), 429),
    "locked": (pw.OperationalError(SECRET), 503),
    "broken": (RuntimeError(SECRET), 500),
    "duplicate": (pw.IntegrityError(SECRET), 500),
}


@pytest.fixture
def app(app: Flask, world: World) -> Flask:
    """The whole application with a few pages that misbehave."""
    for name, (error, _) in ERRORS.items():
        app.add_url_rule(f"/probe/{name}", f"probe_{name}", _boom(error), methods=["GET", "POST"])
    app.add_url_rule("/probe/echo", "probe_echo", _echo, methods=["GET", "POST"])
    app.add_url_rule("/probe/send", "probe_send", _echo, methods=["POST"])
    app.add_url_rule("/probe/takes", "probe_takes", _takes_back, methods=["GET", "POST"])
    app.add_url_rule("/probe/scan", "probe_scan", takes_scan(lambda: _echo()), methods=["POST"])
    app.add_url_rule("/probe/actor", "probe_actor", lambda: g.actor.username)
    return app


@pytest.fixture
def kari(client: FlaskClient, log_in: LogIn) -> FlaskClient:
    log_in(client, "kari")
    return client


def _token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/konto/passord").get_data(as_text=True))
    assert found
    return found[1]


def _cookie(client: FlaskClient) -> str:
    return client.get_cookie("attende").value  # type: ignore[union-attr]


def _seconds(seconds: float) -> dt.timedelta:
    return dt.timedelta(seconds=seconds)


# ---------------------------------------------------------------- headers

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGES = [
    ("GET", "/login", 200),
    ("GET", "/healthz", 200),
    ("GET", "/probe/echo", 200),
    ("GET", "/static/attende.css", 200),
    ("GET", "/static/missing.css", 404),
    ("GET", "/static/../app.py", 404),
    ("GET", "/probe/nowhere", 404),
    ("GET", "/logout", 405),
    ("POST", "/probe/echo", 400),
    ("GET", "/probe/broken", 500),
    ("GET", "/probe/locked", 503),
    ("OPTIONS", "/probe/echo", 200),
    ("HEAD", "/probe/echo", 200),
]


@pytest.mark.parametrize(("method", "path", "status"), PAGES, ids=[f"{m} {p}" for m, p, _ in PAGES])
def test_every_response_carries_the_header_set(kari: FlaskClient, method: str, path: str, status: int) -> None:
    if path == "/login":
        kari.delete_cookie("attende")
    answer = kari.open(path, method=method, buffered=True)
    assert answer.status_code == status
    _assert_dressed(answer, static=path.startswith("/static/") and status == 200)


def _assert_dressed(answer: TestResponse, static: bool = False) -> None:
    for name, value in EXPECTED.items():
        assert answer.headers.getlist(name) == [value]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'nonce-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"] == ("public, max-age=3600" if static else "no-store")
    assert "Server" not in answer.headers


def test_strangers_get_the_header_set_too(client: FlaskClient) -> None:
    for path in ("/", "/probe/echo", "/probe/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 303
        _assert_dressed(answer)


def test_nonces_differ(client: FlaskClient) -> None:
    policies = {client.get("/login").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


def test_over_https_the_cookie_is_bound_to_the_host(
    db: pw.Database, settings: Settings, world: World, log_in: LogIn
) -> None:
    from app import create_app

    app = create_app(replace(settings, secure_cookies=True))
    client = app.test_client()
    answer = client.get("/login", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-attende=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_without_https_there_is_no_promise_of_it(client: FlaskClient) -> None:
    answer = client.get("/login")
    assert "Strict-Transport-Security" not in answer.headers
    assert "HttpOnly; " in answer.headers["Set-Cookie"] + "; "
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "127.0.0.1.evil"])
@pytest.mark.parametrize("path", ["/login", "/probe/echo", "/healthz", "/static/attende.css"])
def test_other_hosts_are_refused(client: FlaskClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)
    _assert_dressed(answer)


def test_forwarded_headers_of_strangers_are_ignored(client: FlaskClient) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    assert client.get("/login", headers=forged).status_code == 200


def test_a_trusted_proxy_is_believed(db: pw.Database, settings: Settings, world: World) -> None:
    from app import create_app

    client = create_app(replace(settings, proxy_hops=1)).test_client()
    assert client.get("/login", headers={"X-Forwarded-Host": "evil.example"}).status_code == 400
    assert client.get("/login", headers={"X-Forwarded-Host": "localhost"}).status_code == 200


@pytest.mark.parametrize(("path", "kilobytes", "status"), [
    ("/probe/send", 3900, 200), ("/probe/send", 4200, 413), ("/probe/scan", 9000, 200), ("/probe/scan", 15000, 413),
])  # fmt: skip
def test_bodies_are_limited(kari: FlaskClient, path: str, kilobytes: int, status: int) -> None:
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    scan = '--b\r\nContent-Disposition: form-data; name="scan"; filename="a.pdf"\r\n\r\n' + "x" * kilobytes * 1024
    body = part.format("csrf_token", _token(kari)) + scan + "\r\n--b--\r\n"
    answer = kari.post(path, data=body.encode(), content_type="multipart/form-data; boundary=b")
    assert answer.status_code == status
    _assert_dressed(answer)


# ---------------------------------------------------------------- who gets in


def test_closed_unless_public(app: Flask, client: FlaskClient) -> None:
    """Every route there is, without a login; the list of exceptions is written out here too."""
    public = {"login", "static", "bootstrap.static", "fonts", "healthz", "language", "feed"}
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in public:
            continue
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        values = dict.fromkeys(rule.arguments, 1)
        try:
            path = adapter.build(rule.endpoint, values, method=method)
        except Exception:
            path = rule.rule
        answer = client.open(path, method=method)
        assert answer.status_code == 303, rule
        assert answer.location.startswith("/login"), rule
        fetched = client.open(path, method=method, headers={"X-Requested-With": "fetch"})
        assert (fetched.status_code, fetched.get_json()) == (401, {"error": "login"}), rule


def test_the_way_back_after_login(client: FlaskClient, log_in: LogIn) -> None:
    answer = client.get("/probe/echo?id=5&q=å")
    assert answer.location == "/login?next=/probe/echo?id%3D5%26q%3D%C3%A5"
    page = client.get(answer.location).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"username": "kari", "password": PASSWORD, "csrf_token": token[1]}
    answer = client.post(answer.location, data=form)
    assert (answer.status_code, answer.location) == (303, "/probe/echo?id=5&q=%C3%A5")
    assert client.get("/login").location == "/"


EVIL = [
    "//evil.example", "https://evil.example", "http:evil", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "javascript:alert(1)", "evil.example", " /x", "/x\r\nSet-Cookie: a=b", "///evil.example",
    "/" + "x" * 5000, "/x\x00y", "/ /evil", "//[", "/\u2028x", "",
]  # fmt: skip


@pytest.mark.parametrize("target", EVIL)
def test_no_redirect_leads_away(client: FlaskClient, target: str) -> None:
    assert safe_target(target) == ""
    page = client.get("/login", query_string={"next": target}).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"username": "kari", "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/login", query_string={"next": target}, data=form).location == "/"


@pytest.mark.parametrize("target", ["/", "/x", "/admin/case/?search=%C3%A5&x=//y", "/a:b"])
def test_paths_of_ours_are_kept(target: str) -> None:
    assert safe_target(target) == target


def test_refusals_look_the_same(client: FlaskClient) -> None:
    User.update(active=False).where(User.username == "ola").execute()
    seen = set()
    for name in ("kari", "ola", "nobody"):
        page = client.get("/login").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token
        form = {"username": name, "password": "feil passord 12345", "csrf_token": token[1]}
        answer = client.post("/login", data=form)
        text = re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True))
        seen.add((answer.status_code, text))
        assert "Brukernavnet eller passordet er feil." in text
        assert "feil passord 12345" not in answer.get_data(as_text=True)
    assert len(seen) == 1


def test_too_many_tries_are_told_to_wait(client: FlaskClient) -> None:
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"username": "kari", "password": "feil passord 12345", "csrf_token": token[1]}
    answers = [client.post("/login", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    form["password"] = PASSWORD
    assert client.post("/login", data=form).status_code == 429


def test_the_cookie_tells_nothing_about_the_person(kari: FlaskClient, world: World) -> None:
    value = _cookie(kari)
    packed = value.lstrip(".").split(".")[0]
    data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    plain = zlib.decompress(data).decode() if value.startswith(".") else data.decode()
    names = set(re.findall(r'"(\w+)":', plain))
    assert names <= {"sid", "csrf_token", "_flashes"}
    assert "kari" not in plain.lower()
    assert LoginSession.get().token_hash not in plain


def test_a_copied_cookie_is_worth_nothing_after_logout(kari: FlaskClient) -> None:
    stolen = _cookie(kari)
    answer = kari.post("/logout", data={"csrf_token": _token(kari)})
    assert (answer.status_code, answer.location) == (303, "/login")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Du er logget ut." in kari.get("/login").get_data(as_text=True)
    kari.set_cookie("attende", stolen)
    assert kari.get("/probe/actor").status_code == 303


def test_a_planted_session_is_not_kept(client: FlaskClient, log_in: LogIn) -> None:
    """Fixation: neither the cookie from before the login nor its form token works afterwards."""
    client.get("/login")
    with client.session_transaction() as session:
        planted, session["planted"] = session["csrf_token"], "x"
    before = _cookie(client)
    log_in(client, "kari")
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != planted
    client.set_cookie("attende", before)
    assert client.get("/probe/actor").status_code == 303


def test_a_second_login_ends_the_first(kari: FlaskClient, app: Flask) -> None:
    first = _cookie(kari)
    form = {"username": "ola", "password": PASSWORD, "csrf_token": _token(kari)}
    assert kari.post("/login", data=form).status_code == 303
    assert kari.get("/probe/actor").get_data(as_text=True) == "ola"
    kari.set_cookie("attende", first)
    assert kari.get("/probe/actor").status_code == 303


@pytest.mark.parametrize(("pauses", "status"), [
    ([29 * 60], 200), ([30 * 60 + 61], 303), ([25 * 60] * 23, 200), ([25 * 60] * 25, 303),
])  # fmt: skip
def test_logins_run_out(client: FlaskClient, log_in: LogIn, pauses: list[int], status: int) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC), tick=False) as clock:
        log_in(client, "kari")
        for pause in pauses:
            clock.shift(_seconds(pause))
            answer = client.get("/probe/actor")
        assert answer.status_code == status
        if status == 303:
            assert "Du var borte en stund" in client.get(answer.location).get_data(as_text=True)


def test_a_user_who_is_put_out_of_use_is_out_at_once(kari: FlaskClient) -> None:
    User.update(active=False).where(User.username == "kari").execute()
    assert kari.get("/probe/actor").status_code == 303


def test_changing_the_password(kari: FlaskClient, app: Flask, log_in: LogIn) -> None:
    elsewhere = app.test_client()
    log_in(elsewhere, "kari")
    form = {"old_password": PASSWORD, "new_password": "seks blå elger danser", "repeat_password": "noe annet"}
    answer = kari.post("/konto/passord", data={**form, "csrf_token": _token(kari)})
    assert answer.status_code == 422
    assert "De to nye passordene er ikke like." in answer.get_data(as_text=True)
    assert "seks blå" not in answer.get_data(as_text=True)
    form["repeat_password"] = form["new_password"]
    assert kari.post("/konto/passord", data={**form, "csrf_token": _token(kari)}).status_code == 303
    assert kari.get("/probe/actor").status_code == 200
    assert elsewhere.get("/probe/actor").status_code == 303


def test_language(kari: FlaskClient, client: FlaskClient) -> None:
    form = {"language": "nn", "next": "/probe/echo?x=1"}
    answer = kari.post("/sprak", data={**form, "csrf_token": _token(kari)})
    assert answer.location == "/probe/echo?x=1"
    assert User.get(User.username == "kari").language == "nn"
    for target in ("//evil.example", "/logout", "/probe/nowhere"):
        answer = kari.post("/sprak", data={**form, "next": target, "csrf_token": _token(kari)})
        assert answer.location == "/"
    assert kari.post("/sprak", data={"language": "xx", "csrf_token": _token(kari)}).status_code == 422


def test_health_says_when_the_database_is_away(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from models import db

    assert client.get("/healthz").get_data(as_text=True) == "ok\n"

    def away(*args: object, **kwargs: object) -> None:
        raise pw.OperationalError(SECRET)

    monkeypatch.setattr(db.obj, "execute_sql", away)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert SECRET not in answer.get_data(as_text=True)


# ---------------------------------------------------------------- form tokens


def test_every_write_needs_a_token(app: Flask, kari: FlaskClient) -> None:
    csrf = app.extensions["csrf"]
    assert not csrf._exempt_views
    assert not csrf._exempt_blueprints
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        for method in {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            try:
                path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1), method=method)
            except Exception:
                path = rule.rule
            assert kari.open(path, method=method, data={"text": "x"}).status_code == 400, rule


@pytest.mark.parametrize("headers", [
    {}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Referer": "http://localhost.evil.example/"},
    {"Origin": "http://localhost:8080"}, {"Origin": "https://localhost"},
])  # fmt: skip
def test_a_form_from_elsewhere_is_refused_and_not_shown(kari: FlaskClient, headers: dict[str, str]) -> None:
    answer = kari.post("/probe/echo", data={"text": "plantet", "csrf_token": "x"}, headers=headers)
    assert answer.status_code == 400
    assert "plantet" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("headers", [SAME, {"Origin": "http://localhost"}, {"Referer": "http://localhost/probe/echo"}])
def test_an_own_page_that_is_too_old_can_be_sent_again(kari: FlaskClient, headers: dict[str, str]) -> None:
    data = {"text": 'Lang "tekst" <b>', "pick": ["a", "b"], "old_password": "hemmelig", "csrf_token": "old"}
    answer = kari.post("/probe/echo?id=1&x=%22", data=data, headers=headers)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Siden var for gammel" in page
    assert 'action="/probe/echo?id=1&amp;x=%22"' in page
    assert "hemmelig" not in page
    fields = _hidden(page)
    assert ("text", data["text"]) in fields
    assert [value for name, value in fields if name == "pick"] == ["a", "b"]
    again = kari.post("/probe/echo?id=1", data=_as_form(fields), headers=headers)
    assert again.get_data(as_text=True) == "got ['csrf_token', 'pick', 'text']"


def _hidden(page: str) -> list[tuple[str, str]]:
    form = page[
        page.index("Send på nytt") - 2000 if page.index("Send på nytt") > 2000 else 0 : page.index("Send på nytt")
    ]
    form = form[form.rindex("<form") :]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form, re.S)
    return [(html.unescape(name), html.unescape(value)) for name, value in found]


def _as_form(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for name, value in fields:
        made.setdefault(name, []).append(value)
    return made


@pytest.mark.parametrize(("path", "field", "status", "location"), [
    ("/login", "username", 303, "/"),
    ("/konto/passord", "old_password", 303, "/konto/passord"),
    ("/logout", "csrf_token", 409, None),
])  # fmt: skip
def test_old_pages_without_text_ask_for_one_more_press(
    kari: FlaskClient, path: str, field: str, status: int, location: str | None
) -> None:
    answer = kari.post(path, data={field: "x"}, headers=SAME)
    assert (answer.status_code, answer.location) == (status, location)


def test_a_script_with_an_old_token_is_told_to_reload(kari: FlaskClient) -> None:
    answer = kari.post("/probe/echo", data={"text": "x"}, headers={**SAME, "X-Requested-With": "fetch"})
    assert (answer.status_code, answer.get_json()) == (409, {"error": "reload"})


def test_the_token_does_not_age(client: FlaskClient, log_in: LogIn) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC), tick=False) as clock:
        log_in(client, "kari")
        token = _token(client)
        for _ in range(20):
            clock.shift(_seconds(29 * 60))
            client.get("/probe/echo")
        assert client.post("/probe/echo", data={"csrf_token": token, "text": "x"}).status_code == 200


# ---------------------------------------------------------------- text posted too late


def _expire(client: FlaskClient, path: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
    token = _token(client)
    LoginSession.update(last_seen_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).execute()
    return client.post(path, data={"csrf_token": token, **fields}, headers=headers)


def _enter(client: FlaskClient, target: str, username: str = "kari") -> TestResponse:
    page = client.get(target).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    return client.post(target, data={"username": username, "password": PASSWORD, "csrf_token": token[1]})


@pytest.mark.parametrize("path", ["/probe/echo", "/probe/send", "/probe/echo?id=7&url=/x"])
def test_text_survives_an_expired_login(kari: FlaskClient, path: str) -> None:
    text = "Lang tekst æøå\r\n" * 300
    answer = _expire(kari, path, text=text, new_password="hemmelig")
    assert answer.status_code == 303
    assert b"Lang" not in bytes(ParkedForm.get().fields)
    assert "Teksten din er tatt vare på" in kari.get(answer.location).get_data(as_text=True)
    back = _enter(kari, answer.location).location
    assert back == path
    page = kari.get(back)
    assert page.status_code == 200
    _assert_dressed(page)
    shown = page.get_data(as_text=True)
    assert "Teksten din er tatt vare på" in shown
    found = re.search(r'name="text" value="([^"]*)"', shown)
    assert found
    assert html.unescape(found[1]).splitlines() == text.splitlines()
    assert "hemmelig" not in shown
    assert kari.get("/probe/echo").get_data(as_text=True) == "the page"
    assert ParkedForm.select().count() == 0


def test_a_view_may_take_the_text_itself(kari: FlaskClient) -> None:
    answer = _expire(kari, "/probe/takes", text="min tekst")
    back = _enter(kari, answer.location).location
    assert kari.get(back).get_data(as_text=True) == "kept min tekst"
    assert kari.get(back).get_data(as_text=True) == "nothing kept"


def test_another_user_does_not_get_the_text(kari: FlaskClient) -> None:
    answer = _expire(kari, "/probe/echo", text="Karis tekst")
    back = _enter(kari, answer.location, "ola").location
    assert kari.get(back).get_data(as_text=True) == "the page"
    assert ParkedForm.select().count() == 1


def test_nobody_else_can_plant_text(kari: FlaskClient) -> None:
    LoginSession.update(last_seen_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).execute()
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert kari.post("/probe/echo", data={"text": "plantet"}, headers=foreign).status_code == 303
    assert ParkedForm.select().count() == 0


def test_after_logging_out_nothing_is_parked(kari: FlaskClient) -> None:
    stolen, token = _cookie(kari), _token(kari)
    kari.post("/logout", data={"csrf_token": token})
    kari.set_cookie("attende", stolen)
    kari.post("/probe/echo", data={"csrf_token": token, "text": "x"}, headers=SAME)
    assert ParkedForm.select().count() == 0


def test_a_script_is_told_and_keeps_its_text(kari: FlaskClient) -> None:
    answer = _expire(kari, "/probe/echo", headers={"X-Requested-With": "fetch"}, text="x")
    assert (answer.status_code, answer.get_json()) == (401, {"error": "login"})


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("name", list(ERRORS))
@pytest.mark.parametrize("fetch", [False, True])
def test_errors_tell_what_to_do_and_no_more(
    kari: FlaskClient, name: str, fetch: bool, caplog: pytest.LogCaptureFixture
) -> None:
    answer = kari.get(f"/probe/{name}", headers={"X-Requested-With": "fetch"} if fetch else {})
    assert answer.status_code == ERRORS[name][1]
    assert SECRET not in answer.get_data(as_text=True)
    assert SECRET not in caplog.text
    _assert_dressed(answer)
    if fetch:
        assert answer.get_json()["error"]
    else:
        assert "<h1>" in answer.get_data(as_text=True)
        assert 'href="/"' in answer.get_data(as_text=True)
    refused = [event for event in AuditEvent.select() if event.tag == "access:refused"]
    assert len(refused) == (1 if answer.status_code in (403, 404) else 0)
    if answer.status_code == 500:
        assert "view" in caplog.text
        assert type(ERRORS[name][0]).__name__ in caplog.text


def test_the_reference_on_screen_is_the_one_in_the_log(kari: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    page = kari.get("/probe/broken").get_data(as_text=True)
    found = re.search(r"ref ([0-9a-f]{8})", caplog.text)
    assert found
    assert found[1] in page


def test_a_refusal_names_the_row(kari: FlaskClient, world: World) -> None:
    kari.get("/probe/not_visible?id=4711")
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).first()
    assert (event.tag, event.actor_id, event.subject, event.subject_id) == (
        "access:refused", world.kari.id, "probe_not_visible", 4711,
    )  # fmt: skip


def test_text_is_kept_when_the_database_is_locked(kari: FlaskClient) -> None:
    form = {"csrf_token": _token(kari), "text": "lang tekst"}
    answer = kari.post("/probe/locked?id=1", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Kunne ikke lagre akkurat nå. Ingenting er endret." in page
    assert ("text", "lang tekst") in _hidden(page)
    fetched = kari.post("/probe/locked", data=form, headers={"X-Requested-With": "fetch"})
    assert (fetched.status_code, fetched.get_json()["error"]) == (503, "busy")


def test_wrong_fields_are_named_to_scripts(kari: FlaskClient) -> None:
    answer = kari.get("/probe/invalid", headers={"X-Requested-With": "fetch"})
    assert answer.get_json()["messages"] == {"grade": "Feil grad."}


def test_words_remain_when_no_page_can_be_made(kari: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> str:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("admin.errors.render_template", broken)
    answer = kari.get("/probe/not_visible")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert "Vi fant ikke siden" in answer.get_data(as_text=True)
    assert SECRET not in answer.get_data(as_text=True)
