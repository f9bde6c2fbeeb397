"""Settings from the environment, read once at start; every fault is named at once and nothing starts on a weak value.

House rule: a new setting gets a row in this table, a line in `Settings.from_env` and a test. The README repeats it.

| setting            | default              | meaning                                                                |
|--------------------|----------------------|------------------------------------------------------------------------|
| ENV                | production           | production, development or test; `make run` sets development           |
| SECRET_KEY         | none                 | at least 32 random characters; signs the cookie and the form tokens    |
| DATABASE_URL       | sqlite:///attende.db | a peewee URL: sqlite:///file or postgresql://user@host/name            |
| DATA_KEYS          | none                 | id:base64 of 32 bytes, comma separated, newest first; seal the columns |
| INDEX_KEY          | none                 | base64 of 32 bytes, none of DATA_KEYS; makes the look-up hashes        |
| ALLOWED_HOSTS      | none                 | comma separated host names that the service answers to                 |
| PROXY_HOPS         | 0                    | trusted proxies in front, 0 to 5: their X-Forwarded-* is believed      |
| SECURE_COOKIES     | 1                    | 0 serves without https; not in production                              |
| ALLOW_SYNTHETIC_ID | 0                    | 1 accepts synthetic national identity numbers; not in production       |
| SHOW_DEMO_LOGINS   | 0                    | 1 shows the demo logins on the login page; not in production           |
| PORT               | 5000                 | port of `make run`, 1 to 65535                                         |
| MAX_CONTENT        | 4194304              | largest request body in bytes, 65536 to 10485760                       |
| MAX_SCAN           | 10485760             | largest scan that may be attached, in bytes, 65536 to 52428800         |
| PUBLIC_URL         | none                 | https://host as people type it, for mail; else first of ALLOWED_HOSTS  |
| WORKER             | 0                    | 1 hands long work to `flask worker`, which must then be running        |
| SMTP_HOST          | none                 | mail server for reminders; without it they are only on screen          |
| SMTP_PORT          | 587                  | 465 with tls, 25 with none                                             |
| SMTP_SECURITY      | starttls             | starttls, tls or none; none only on this machine in production         |
| SMTP_USER          | none                 | user name at the mail server, if it wants one                          |
| SMTP_PASSWORD      | none                 | its password                                                           |
| MAIL_FROM          | none                 | the address that reminders come from; needed with SMTP_HOST            |

In development the keys are made at the first start and kept in `instance/dev.env`, and ALLOWED_HOSTS is localhost and
127.0.0.1, SECURE_COOKIES 0, ALLOW_SYNTHETIC_ID and SHOW_DEMO_LOGINS 1. In test the same, with keys that live as long
as the process.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENVIRONMENTS = ("production", "development", "test")
KEY_NAMES = ("SECRET_KEY", "DATA_KEYS", "INDEX_KEY")
INSTANCE = Path(__file__).resolve().parent / "instance"
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_URL = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.I)
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class ConfigError(Exception):
    """The service must not start; `faults` names every reason, never a value of a key."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("Configuration is not usable:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


class _Reader:
    """Reads typed values and gathers faults."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def flag(self, name: str, default: bool) -> bool:
        text = self.text(name, "1" if default else "0").lower()
        if text not in _TRUE + _FALSE:
            self.faults.append(f"{name} must be 1 or 0")
            return default
        return text in _TRUE

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
        if not low <= number <= high:
            self.faults.append(f"{name} must be a whole number from {low} to {high}")
        return number


@dataclass(frozen=True)
class Settings:
    """What the table above says, checked. Sizes in bytes."""

    env: str
    secret_key: str
    database_url: str
    data_keys: str
    index_key: str
    allowed_hosts: tuple[str, ...]
    proxy_hops: int
    secure_cookies: bool
    allow_synthetic_id: bool
    show_demo_logins: bool
    port: int
    max_content: int
    max_scan: int
    public_url: str
    worker: bool
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    mail_from: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, instance: Path = INSTANCE) -> Settings:
        """Read and check. Raises ConfigError with all faults. In development, makes the key file in `instance`."""
        environ = dict(os.environ if environ is None else environ)
        read = _Reader(environ)
        env = read.text("ENV", "production")
        if env not in ENVIRONMENTS:
            raise ConfigError([f"ENV must be one of {', '.join(ENVIRONMENTS)}"])
        tame = env != "production"
        keys = {name: read.text(name) for name in KEY_NAMES}
        if tame and not all(keys.values()):
            made = _dev_keys(instance) if env == "development" else _fresh_keys()
            keys = {name: value or made[name] for name, value in keys.items()}
        hosts = read.text("ALLOWED_HOSTS", "localhost,127.0.0.1" if tame else "")
        settings = cls(
            env=env,
            secret_key=keys["SECRET_KEY"],
            database_url=read.text("DATABASE_URL", "sqlite:///attende.db"),
            data_keys=keys["DATA_KEYS"],
            index_key=keys["INDEX_KEY"],
            allowed_hosts=tuple(host for host in (part.strip().lower() for part in hosts.split(",")) if host),
            proxy_hops=read.number("PROXY_HOPS", 0, 0, 5),
            secure_cookies=read.flag("SECURE_COOKIES", not tame),
            allow_synthetic_id=read.flag("ALLOW_SYNTHETIC_ID", tame),
            show_demo_logins=read.flag("SHOW_DEMO_LOGINS", tame),
            port=read.number("PORT", 5000, 1, 65535),
            max_content=read.number("MAX_CONTENT", 4 << 20, 1 << 16, 10 << 20),
            max_scan=read.number("MAX_SCAN", 10 << 20, 1 << 16, 50 << 20),
            public_url=read.text("PUBLIC_URL").rstrip("/"),
            worker=read.flag("WORKER", False),
            **_mail_settings(read),
        )
        faults = read.faults + _key_faults(settings) + _address_faults(settings) + _mail_faults(settings)
        if not tame:
            faults += _production_faults(settings, environ, _read_keys(instance / "dev.env"))
        if faults:
            raise ConfigError(faults)
        return settings

    @property
    def site_url(self) -> str:
        """The service's address as people type it, without a slash at the end."""
        host = self.allowed_hosts[0] if self.allowed_hosts else "localhost"
        return self.public_url or (f"https://{host}" if self.secure_cookies else f"http://{host}:{self.port}")

    @property
    def cookie_name(self) -> str:
        """With https the name itself forbids a sibling host to set the cookie."""
        return "__Host-attende" if self.secure_cookies else "attende"

    def to_flask(self) -> dict[str, Any]:
        """The part of Flask's configuration that follows from the settings."""
        return {
            "SETTINGS": self,
            "SECRET_KEY": self.secret_key,
            "DEBUG": False,
            "TESTING": self.env == "test",
            "TRUSTED_HOSTS": list(self.allowed_hosts),
            "MAX_CONTENT_LENGTH": self.max_content,
            "MAX_FORM_MEMORY_SIZE": self.max_content,
            "MAX_FORM_PARTS": 5000,
            "SESSION_COOKIE_NAME": self.cookie_name,
            "SESSION_COOKIE_SECURE": self.secure_cookies,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_PATH": "/",
            "SESSION_COOKIE_DOMAIN": None,
            "PREFERRED_URL_SCHEME": "https" if self.secure_cookies else "http",
            "SEND_FILE_MAX_AGE_DEFAULT": 3600,
            # The token lives as long as the login: a leader may take hours over a plan.
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": True,
        }


def _key_faults(settings: Settings) -> list[str]:
    faults = []
    if not settings.secret_key:
        faults.append("SECRET_KEY is missing")
    elif len(settings.secret_key) < 32 or len(set(settings.secret_key)) < 10:
        faults.append("SECRET_KEY must be at least 32 random characters")
    raw_keys, data_faults = _data_keys(settings.data_keys)
    faults += data_faults
    if not settings.index_key:
        faults.append("INDEX_KEY is missing")
    elif not (raw := _decode(settings.index_key)):
        faults.append("INDEX_KEY must be base64 of 32 random bytes")
    elif raw in raw_keys:
        faults.append("INDEX_KEY must not be one of DATA_KEYS")
    return faults


def _data_keys(text: str) -> tuple[list[bytes], list[str]]:
    if not text:
        return [], ["DATA_KEYS is missing"]
    parts = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    ids, raws = [kid for kid, _, _ in parts], [_decode(value) for _, _, value in parts]
    if not parts or not all(raws) or not all(1 <= len(kid.encode()) <= 16 for kid in ids):
        return [], ["DATA_KEYS must be id:base64 of 32 random bytes each, with an id of 1 to 16 bytes"]
    if len(set(ids)) < len(ids):
        return raws, ["DATA_KEYS has the same id twice"]
    return raws, []


def _decode(text: str) -> bytes:
    """The 32 bytes, or nothing when they are not 32 or plainly not random."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if len(raw) == 32 and len(set(raw)) >= 10 else b""


def _address_faults(settings: Settings) -> list[str]:
    faults = []
    if not all(set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for host in settings.allowed_hosts):
        faults.append("ALLOWED_HOSTS must be plain host names, without scheme, port or *")
    if not settings.database_url.startswith(("sqlite://", "postgresql://", "postgres://")):
        faults.append("DATABASE_URL must begin with sqlite:// or postgresql://")
    return faults


def _mail_settings(read: _Reader) -> dict[str, Any]:
    security = read.text("SMTP_SECURITY", "starttls").lower()
    return {
        "smtp_host": read.text("SMTP_HOST").lower(),
        "smtp_port": read.number("SMTP_PORT", SMTP_PORTS.get(security, 587), 1, 65535),
        "smtp_security": security,
        "smtp_user": read.text("SMTP_USER"),
        "smtp_password": read.text("SMTP_PASSWORD"),
        "mail_from": read.text("MAIL_FROM"),
    }


def _mail_faults(settings: Settings) -> list[str]:
    faults = []
    if settings.public_url and not _URL.fullmatch(settings.public_url):
        faults.append("PUBLIC_URL must be https:// and a host name, without a path")
    if settings.smtp_security not in SMTP_PORTS:
        faults.append(f"SMTP_SECURITY must be one of {', '.join(SMTP_PORTS)}")
    if not set(settings.smtp_host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-:"):
        faults.append("SMTP_HOST must be a plain host name or address")
    if settings.mail_from and not _MAIL.fullmatch(settings.mail_from):
        faults.append("MAIL_FROM must be one plain address, such as attende@municipality.example")
    if settings.smtp_host and not settings.mail_from:
        faults.append("MAIL_FROM is missing; reminders need an address to come from")
    if not (settings.smtp_user + settings.smtp_password).isascii():
        faults.append("SMTP_USER and SMTP_PASSWORD must be plain ASCII: SMTP logs in with nothing else")
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        faults.append("SMTP_USER and SMTP_PASSWORD must be set both or neither")
    return faults


def _production_faults(settings: Settings, environ: Mapping[str, str], dev: Mapping[str, str]) -> list[str]:
    faults = []
    for name, value in zip(KEY_NAMES, (settings.secret_key, settings.data_keys, settings.index_key), strict=True):
        if value and value == dev.get(name):
            faults.append(f"{name} is the one of the development file; make a new one for production")
    if not settings.allowed_hosts:
        faults.append("ALLOWED_HOSTS is missing")
    if environ.get("FLASK_DEBUG", "").strip().lower() not in ("", *_FALSE):
        faults.append("FLASK_DEBUG must not be on in production")
    if environ.get("DEBUG", "").strip().lower() not in ("", *_FALSE):
        faults.append("DEBUG must not be on in production")
    if not settings.secure_cookies:
        faults.append("SECURE_COOKIES must not be off in production")
    if settings.public_url.lower().startswith("http://"):
        faults.append("PUBLIC_URL must begin with https:// in production")
    if settings.smtp_host and settings.smtp_security == "none" and settings.smtp_host not in LOOPBACK:
        faults.append("SMTP_SECURITY must not be none in production, but for a mail server on this machine")
    if settings.allow_synthetic_id:
        faults.append("ALLOW_SYNTHETIC_ID must not be on in production")
    if settings.show_demo_logins:
        faults.append("SHOW_DEMO_LOGINS must not be on in production")
    if faults and not environ.get("ENV"):
        faults.append("ENV is not set, so production is meant; set ENV=development to try the service out")
    return faults


def _fresh_keys() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {"SECRET_KEY": secrets.token_urlsafe(48), "DATA_KEYS": "dev1:" + key(), "INDEX_KEY": key()}


def _read_keys(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs if not name.startswith("#")}


def _dev_keys(instance: Path) -> dict[str, str]:
    """The keys of this checkout, made once: data stay readable from one `make run` to the next."""
    path = instance / "dev.env"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        draft = instance / f"dev.env.{os.getpid()}"
        lines = ["# Keys for development only; made at the first start. Delete the database with them.\n"]
        lines += [f"{name}={value}\n" for name, value in _fresh_keys().items()]
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.writelines(lines)
        try:
            os.link(draft, path)  # whole or not at all, also when two processes start at once
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    keys = _read_keys(path)
    missing = [name for name in KEY_NAMES if not keys.get(name)]
    if missing:
        raise ConfigError([f"instance/dev.env lacks {', '.join(missing)}"])
    return keys
