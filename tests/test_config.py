"""The service refuses to start on a weak value, and says all that is wrong at once, without telling a key."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from config import ConfigError, Settings


def _key(start: int = 0) -> str:
    return base64.b64encode(bytes(range(start, start + 32))).decode()


GOOD = {
    "ENV": "production",
    "SECRET_KEY": "Zk3vQ9tLw7xB2mN8rC5yH1jD6gF4sA0p",
    "DATA_KEYS": f"k2:{_key(40)},k1:{_key()}",
    "INDEX_KEY": _key(100),
    "ALLOWED_HOSTS": "attende.storvik.example, Attende.Example",
}

MAIL = {
    "SMTP_HOST": "smtp.storvik.example", "SMTP_USER": "attende", "SMTP_PASSWORD": "kort men hemmelig",
    "MAIL_FROM": "attende@storvik.example",
}  # fmt: skip


def _read(tmp_path: Path, **changes: str | None) -> Settings:
    environ = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return Settings.from_env(environ, tmp_path)


def test_a_sound_production_starts(tmp_path: Path) -> None:
    settings = _read(tmp_path)
    assert settings.allowed_hosts == ("attende.storvik.example", "attende.example")
    assert settings.cookie_name == "__Host-attende"
    assert (settings.allow_synthetic_id, settings.show_demo_logins, settings.proxy_hops) == (False, False, 0)
    flask = settings.to_flask()
    assert flask["SESSION_COOKIE_SECURE"] is True
    assert flask["DEBUG"] is False
    assert flask["MAX_CONTENT_LENGTH"] == 4 << 20
    assert flask["WTF_CSRF_TIME_LIMIT"] is None
    assert list(tmp_path.iterdir()) == []


def test_mail_is_off_until_a_server_is_named(tmp_path: Path) -> None:
    off, on = _read(tmp_path), _read(tmp_path, **MAIL)
    assert (off.smtp_host, off.worker, off.site_url) == ("", False, "https://attende.storvik.example")
    assert (on.smtp_host, on.smtp_port, on.smtp_security) == ("smtp.storvik.example", 587, "starttls")
    assert "hemmelig" not in repr(on)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("TLS", 465), ("none", 25)])
def test_each_way_to_the_mail_server_has_its_port(security: str, port: int, tmp_path: Path) -> None:
    assert _read(tmp_path, **MAIL | {"SMTP_HOST": "localhost", "SMTP_SECURITY": security}).smtp_port == port


def test_the_public_address_may_be_another_than_the_hosts(tmp_path: Path) -> None:
    assert _read(tmp_path, PUBLIC_URL="https://oppfolging.example/").site_url == "https://oppfolging.example"
    assert Settings.from_env({"ENV": "test"}, tmp_path).site_url == "http://localhost:5000"


WEAK = [
    ({"SECRET_KEY": None}, "SECRET_KEY is missing"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY must be at least 32"),
    ({"SECRET_KEY": "a" * 64}, "SECRET_KEY must be at least 32"),
    ({"DATA_KEYS": None}, "DATA_KEYS is missing"),
    ({"DATA_KEYS": "k1:not-base64"}, "DATA_KEYS must be id:base64"),
    ({"DATA_KEYS": _key()}, "DATA_KEYS must be id:base64"),
    ({"DATA_KEYS": "k1:" + base64.b64encode(b"x" * 16).decode()}, "DATA_KEYS must be id:base64"),
    ({"DATA_KEYS": "k1:" + base64.b64encode(bytes(32)).decode()}, "DATA_KEYS must be id:base64"),
    ({"DATA_KEYS": f"k1:{_key()},k1:{_key(40)}"}, "same id twice"),
    ({"INDEX_KEY": None}, "INDEX_KEY is missing"),
    ({"INDEX_KEY": "abc"}, "INDEX_KEY must be base64"),
    ({"INDEX_KEY": _key()}, "INDEX_KEY must not be one of DATA_KEYS"),
    ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is missing"),
    ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is missing"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must be plain"),
    ({"ALLOWED_HOSTS": "https://attende.example"}, "ALLOWED_HOSTS must be plain"),
    ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG must not be on"),
    ({"DEBUG": "true"}, "DEBUG must not be on"),
    ({"SECURE_COOKIES": "0"}, "SECURE_COOKIES must not be off"),
    ({"SECURE_COOKIES": "perhaps"}, "SECURE_COOKIES must be 1 or 0"),
    ({"ALLOW_SYNTHETIC_ID": "1"}, "ALLOW_SYNTHETIC_ID must not be on"),
    ({"SHOW_DEMO_LOGINS": "yes"}, "SHOW_DEMO_LOGINS must not be on"),
    ({"PROXY_HOPS": "-1"}, "PROXY_HOPS must be a whole number"),
    ({"PROXY_HOPS": "99"}, "PROXY_HOPS must be a whole number"),
    ({"PORT": "http"}, "PORT must be a whole number"),
    ({"MAX_CONTENT": "0"}, "MAX_CONTENT must be a whole number"),
    ({"MAX_SCAN": "999999999"}, "MAX_SCAN must be a whole number"),
    ({"DATABASE_URL": "mysql://db/attende"}, "DATABASE_URL must begin with"),
    ({"PUBLIC_URL": "attende.example"}, "PUBLIC_URL must be https://"),
    ({"PUBLIC_URL": "https://attende.example/admin"}, "PUBLIC_URL must be https://"),
    ({"PUBLIC_URL": "http://attende.example"}, "PUBLIC_URL must begin with https://"),
    ({"WORKER": "maybe"}, "WORKER must be 1 or 0"),
    ({**MAIL, "SMTP_HOST": "smtp://mail"}, "SMTP_HOST must be a plain host name"),
    ({**MAIL, "SMTP_PORT": "0"}, "SMTP_PORT must be a whole number"),
    ({**MAIL, "SMTP_SECURITY": "ssl"}, "SMTP_SECURITY must be one of starttls, tls, none"),
    ({**MAIL, "SMTP_SECURITY": "none"}, "SMTP_SECURITY must not be none in production"),
    ({**MAIL, "SMTP_PASSWORD": None}, "SMTP_USER and SMTP_PASSWORD must be set both or neither"),
    ({**MAIL, "SMTP_PASSWORD": "blåbær"}, "SMTP_USER and SMTP_PASSWORD must be plain ASCII"),
    ({**MAIL, "MAIL_FROM": None}, "MAIL_FROM is missing"),
    ({**MAIL, "MAIL_FROM": "Attende <a@storvik.example>"}, "MAIL_FROM must be one plain address"),
    ({**MAIL, "MAIL_FROM": "a@b.example\nBcc: x@y.example"}, "MAIL_FROM must be one plain address"),
    ({"ENV": "staging"}, "ENV must be one of"),
]


@pytest.mark.parametrize(("changes", "fault"), WEAK)
def test_weak_values_are_refused(changes: dict[str, str | None], fault: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _read(tmp_path, **changes)
    assert [found for found in caught.value.faults if fault in found]
    assert len(caught.value.faults) == 1
    for value in filter(None, changes.values()):
        assert len(value) < 16 or value not in str(caught.value)


def test_all_faults_are_told_at_once_and_production_is_what_is_meant(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.from_env({}, tmp_path)
    text = str(caught.value)
    for word in ("SECRET_KEY", "DATA_KEYS", "INDEX_KEY", "ALLOWED_HOSTS", "ENV=development"):
        assert word in text
    assert list(tmp_path.iterdir()) == []


def test_development_makes_its_keys_once(tmp_path: Path) -> None:
    place = tmp_path / "instance"
    first = Settings.from_env({"ENV": "development"}, place)
    again = Settings.from_env({"ENV": "development"}, place)
    assert first == again
    assert first.cookie_name == "attende"
    assert first.allowed_hosts == ("localhost", "127.0.0.1")
    assert [path.name for path in place.iterdir()] == ["dev.env"]
    if os.name == "posix":
        assert stat.S_IMODE((place / "dev.env").stat().st_mode) == 0o600


def test_a_half_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "dev.env").write_text("# mine\nSECRET_KEY=x\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"dev\.env lacks DATA_KEYS, INDEX_KEY"):
        Settings.from_env({"ENV": "development"}, tmp_path)


def test_production_refuses_the_keys_of_development(tmp_path: Path) -> None:
    dev = Settings.from_env({"ENV": "development"}, tmp_path)
    with pytest.raises(ConfigError) as caught:
        _read(tmp_path, SECRET_KEY=dev.secret_key, DATA_KEYS=dev.data_keys, INDEX_KEY=dev.index_key)
    assert [fault.split()[0] for fault in caught.value.faults] == ["SECRET_KEY", "DATA_KEYS", "INDEX_KEY"]


def test_tests_need_no_file(tmp_path: Path) -> None:
    one, two = (Settings.from_env({"ENV": "test"}, tmp_path) for _ in range(2))
    assert one.secret_key != two.secret_key
    assert list(tmp_path.iterdir()) == []


def test_every_setting_stands_in_the_table() -> None:
    import dataclasses

    import config

    rows = [line.split("|")[1].strip() for line in (config.__doc__ or "").splitlines() if line.startswith("| ")]
    assert sorted(rows[1:]) == sorted(field.name.upper() for field in dataclasses.fields(Settings))
