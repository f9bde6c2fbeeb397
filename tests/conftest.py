"""What every test may ask for: a fresh database, the app, a client, a small world, a way to log in."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import peewee as pw
import pytest

import models
from config import Settings
from models import keyring
from services import database
from tests.postgres import Server
from tests.world import DATA_KEYS, HASHER, INDEX_KEY, PASSWORD, World, build_world

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

TEMPLATE = "attende_template"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("both_databases"):
        metafunc.fixturenames.append("engine")
        metafunc.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    keyring.load(DATA_KEYS, INDEX_KEY)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, unless the test is marked both_databases, or the whole run is for the other: ENGINE=postgresql."""
    return getattr(request, "param", os.environ.get("ENGINE", "sqlite"))


@pytest.fixture
def only_sqlite(engine: str) -> None:
    """For what only SQLite has: one writer at a time, a file that grows on our disk."""
    if engine != "sqlite":
        pytest.skip("about SQLite only")


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "attende.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server that lives as long as the tests; started only if one asks for it."""
    server = Server()
    try:
        _migrate(server.start().create(TEMPLATE))
        yield server
    finally:
        server.stop()


def _migrate(url: str) -> None:
    fresh = database.connect(url)
    database.upgrade(fresh)
    _close(fresh)


def _close(opened: pw.Database) -> None:
    opened.close()
    if hasattr(opened, "close_all"):
        opened.close_all()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated, empty database that only this test has: a copy, since the trail refuses to be emptied."""
    if engine == "sqlite":
        path = tmp_path / "attende.db"
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgres")
    name = "attende_test"
    yield server.create(name, TEMPLATE)
    server.drop(name)


@pytest.fixture
def db(database_url: str) -> Iterator[pw.Database]:
    """The models' database, open."""
    opened = database.initialize(database_url)
    opened.connect()
    yield opened
    _close(opened)


@pytest.fixture
def world(db: pw.Database) -> World:
    return build_world()


@pytest.fixture
def library(world: World) -> World:
    """The world, where both municipalities also have every shipped question set."""
    from services.questions import ensure_shipped

    for municipality in (world.storvik, world.fjell):
        ensure_shipped(municipality)
    return world


@pytest.fixture
def settings(database_url: str) -> Settings:
    environ = {
        "ENV": "test",
        "DATABASE_URL": database_url,
        "SECRET_KEY": "only for tests: 0123456789 abcdefghijklmnopqrstuvwxyz",
        "DATA_KEYS": DATA_KEYS,
        "INDEX_KEY": INDEX_KEY,
    }
    return Settings.from_env(environ)


@pytest.fixture
def app(db: pw.Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The whole application on this test's database; passwords are hashed as cheaply as the world's."""
    from app import create_app
    from services import passwords

    monkeypatch.setattr(passwords, "_hasher", HASHER)
    made = create_app(settings)
    if models.db.obj is not db:
        db.close()
    yield made
    _close(models.db.obj)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def log_in() -> Callable[..., TestResponse]:
    """`log_in(client, "kari")`: through the real login page, as a browser would."""

    def log_in(client: FlaskClient, username: str, password: str = PASSWORD) -> TestResponse:
        page = client.get("/login").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, "the login page has no form token"
        form = {"username": username, "password": password, "csrf_token": token[1]}
        answer = client.post("/login", data=form)
        assert answer.status_code in (302, 303), f"login of {username} was answered {answer.status_code}"
        return answer

    return log_in


@pytest.fixture
def live_url(app: Flask) -> Iterator[str]:
    """The application on the loopback, for a browser: its address without a slash at the end."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:
            """Nothing: the tests' output is for faults."""

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
