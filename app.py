"""create_app: wires configuration, database, languages, security, screens and the command line. Nobody imports it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import font_source_sans_pro
from flask import Flask, abort, g, redirect, request, send_from_directory, session, url_for
from flask_babel import Babel
from flask_bootstrap import Bootstrap5

from admin.cli import init_cli
from admin.errors import init_errors
from admin.feed import init_feed
from admin.login import init_login
from admin.security import init_security
from admin.views import init_admin
from config import ConfigError, Settings
from models import db, keyring
from services import database, demo, jobs, reminders
from services.integrations import mail

FONTS = Path(font_source_sans_pro.__file__).parent / "files"
FONT_NAMES = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf", "SourceSansPro-Bold.ttf")
LANGUAGES = ("nb", "nn")


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Ends the process with the list of faults when the environment has weak or missing settings."""
    settings = settings or _settings()
    app = Flask(__name__)
    app.config.from_mapping(settings.to_flask())
    app.config.update(BABEL_DEFAULT_LOCALE="nb", BOOTSTRAP_SERVE_LOCAL=True, FLASK_ADMIN_FLUID_LAYOUT=False)
    keyring.load(settings.data_keys, settings.index_key)
    database.initialize(settings.database_url)
    _open_database(app)
    _connect_outside(settings)
    Babel(app, locale_selector=_language)
    Bootstrap5(app)
    init_security(app, settings)
    init_errors(app)
    init_login(app)
    init_feed(app)
    init_admin(app)
    init_cli(app)
    app.context_processor(lambda: {"demo_logins": demo.LOGINS if settings.show_demo_logins else []})
    app.add_url_rule("/", "home", lambda: redirect(url_for("admin.index"), 303))
    app.add_url_rule("/fonts/<name>", "fonts", _font)
    return app


def _settings() -> Settings:
    """From the environment; what is wrong with them is told in plain lines, without a traceback."""
    try:
        return Settings.from_env()
    except ConfigError as error:
        raise SystemExit(str(error)) from None


def _connect_outside(settings: Settings) -> None:
    """Who takes the mail, and who does long work."""
    server = mail.Server(
        settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.mail_from, settings.smtp_user,
        settings.smtp_password,
    )  # fmt: skip
    mail.use(server if settings.smtp_host else None)
    reminders.use(settings.site_url)
    jobs.use(settings.worker)


def _open_database(app: Flask) -> None:
    """A connection per request, opened before anything reads and given back whatever happens."""

    def open_it() -> None:
        if request.endpoint not in ("static", "bootstrap.static", "fonts"):
            db.connect(reuse_if_open=True)

    def close_it(error: BaseException | None) -> None:
        if not db.is_closed():
            db.close()

    app.before_request(open_it)
    app.teardown_request(close_it)


def _language() -> str:
    actor = g.get("actor")
    wanted = actor.language if actor else session.get("language", "")
    return wanted if wanted in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "nb"


def _font(name: str) -> Any:
    if name not in FONT_NAMES:
        abort(404)
    return send_from_directory(FONTS, name)
