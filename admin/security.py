"""Who gets in over HTTP, and what every response carries: closed unless public, tokens on every write, the header set.

House rule: no view decides by itself whether it is public. The list is `PUBLIC`, and it stays this short.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import peewee as pw
from flask import Flask, Response, current_app, flash, g, jsonify, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect, validate_csrf
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from wtforms.validators import ValidationError

from admin.errors import Answer, error_page, here, is_fetch, posted_fields, resend_page
from config import Settings
from services import access, login

STATIC = frozenset({"static", "bootstrap.static", "fonts"})
PUBLIC = STATIC | {"login", "healthz", "language", "feed"}
SID = "sid"  # name in the cookie of the session's token; the cookie holds nothing else that tells who it is
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LONGEST_TARGET = 4000

_CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src {frames}; frame-ancestors {framed_by}; base-uri 'none'; "
    "object-src 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: the token check over https compares the Referer with our own host.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
View = TypeVar("View", bound=Callable[..., Any])


def init_security(app: Flask, settings: Settings) -> None:
    """Guard `app`. Call it after the hook that opens the database and before any other hook that reads `g.actor`."""
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_limit_body)
    app.before_request(_let_in)
    CSRFProtect(app)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.after_request(_hand_back)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.context_processor(lambda: {"actor": g.get("actor")})
    # Outermost of all, so that nothing that is answered leaves without.
    app.after_request_funcs.setdefault(None, []).insert(0, _dress)


def takes_scan(view: View) -> View:
    """Mark a view whose request may be as large as a scan."""
    view.takes_scan = True  # type: ignore[attr-defined]
    return view


def shows_frames(view: View) -> View:
    """Mark a view whose page shows other pages of ours in frames."""
    view.shows_frames = True  # type: ignore[attr-defined]
    return view


def revalidated(view: View) -> View:
    """Mark a view whose answer its reader may keep, but must ask about each time."""
    view.revalidated = True  # type: ignore[attr-defined]
    return view


def framed(view: View) -> View:
    """Mark a view that a page of ours may show in a frame."""
    view.framed = True  # type: ignore[attr-defined]
    return view


def csp_nonce() -> str:
    """The nonce of this response."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def start_session(token: str) -> None:
    """Put a new login in the cookie; all that was there goes, also the secret of the form tokens."""
    session.clear()
    session[SID] = token


def current_token() -> str:
    """The token of the cookie, or nothing."""
    token = session.get(SID, "")
    return token if isinstance(token, str) else ""


def parked_fields() -> MultiDict[str, str] | None:
    """The text that was kept for the actor at this address, once; for a view that puts it into its form itself."""
    fields = login.take_parked(g.actor.user_id, here())
    return None if fields is None else MultiDict(fields)


def safe_target(target: str | None) -> str:
    """`target` when it is a path on this site, else nothing."""
    if not target or len(target) > _LONGEST_TARGET or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return ""
    if "\\" in target or any(not c.isprintable() or c.isspace() for c in target):
        return ""
    try:
        parts = urlsplit(target)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else target


def same_origin() -> bool:
    """The browser says that the request comes from a page of ours; a page of others cannot make it say so."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    source = request.headers.get("Origin") or request.referrer or ""
    parts = urlsplit(source)
    return bool(parts.netloc) and (parts.scheme, parts.netloc) == (request.scheme, request.host)


def _limit_body() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_scan", False):
        settings: Settings = current_app.config["SETTINGS"]
        request.max_content_length = settings.max_scan + settings.max_content  # the file, and the form around it


def _let_in() -> ResponseReturnValue | None:
    """Closed unless public. Sets `g.actor`."""
    g.actor = None
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception
    if request.endpoint in STATIC or request.endpoint == "healthz":
        return None
    state = login.resume(current_token())
    g.actor = access.load_actor(state.user_id) if state.user_id is not None else None
    if g.actor is not None or request.endpoint in PUBLIC:
        return None
    if is_fetch():
        return jsonify(error="login"), 401
    parked = state.expired_user_id is not None and _park(state.expired_user_id)
    if parked:
        _flash_once(_("Du var borte en stund og er logget ut. Teksten din er tatt vare på. Logg inn, så får du den."))
    elif state.expired_user_id is not None:
        _flash_once(_("Du var borte en stund og er logget ut. Logg inn igjen."))
    return redirect(_login_url(parked), code=303)


def _login_url(parked: bool) -> str:
    """The login page, which leads back to this address when that can be opened or has text waiting."""
    target = safe_target(here()) if parked or _can_open() else ""
    return url_for("login", next=target) if target not in ("", "/") else url_for("login")


def _can_open() -> bool:
    return request.url_rule is None or "GET" in (request.url_rule.methods or ())


def _park(user_id: int) -> bool:
    """Keep the text of a user whose login ran out while they wrote it."""
    fields = posted_fields() if request.method == "POST" and _our_form() else []
    if fields:
        login.park(user_id, here(), fields)
    return bool(fields)


def _flash_once(message: str) -> None:
    if ("info", message) not in [tuple(pair) for pair in session.get("_flashes", [])]:
        flash(message, "info")


def _our_form() -> bool:
    """Nobody else may plant text that the user is later asked to send."""
    if same_origin():
        return True
    try:
        validate_csrf(request.form.get("csrf_token", ""))
    except ValidationError:
        return False
    return True


def _csrf_failed(error: CSRFError) -> ResponseReturnValue:
    """An own page that is too old may be sent again; all else is refused."""
    token_was_cause = "referrer" not in (error.description or "")
    if g.get("actor") is None or not token_was_cause or not same_origin():
        return error_page(Answer(400, "bad_request", _("Siden var for gammel"), _("Hent siden på nytt og prøv igjen.")))
    if is_fetch():
        return jsonify(error="reload"), 409
    fields = posted_fields()
    if request.endpoint == "login":
        return redirect("/", code=303)  # logged in from another tab in the meantime
    if not fields and _can_open():
        flash(_("Siden var for gammel. Prøv en gang til."), "info")
        return redirect(here(), code=303)
    text = _("Ingenting er lagret ennå, men teksten din er her. Trykk på knappen, så sendes den på nytt.")
    return resend_page(409, _("Siden var for gammel"), text if fields else _("Trykk på knappen en gang til."), fields)


def _hand_back(response: Response) -> Response:
    """The first page after logging in again: text that was kept and that the view did not take, is offered here."""
    actor = g.get("actor")
    if actor is None or request.method != "GET" or is_fetch() or session.get("parked") != here():
        return response
    session.pop("parked")
    try:
        fields = login.take_parked(actor.user_id, here())
    except pw.OperationalError:
        return response
    if not fields:
        return response
    return make_response(
        resend_page(
            200,
            _("Teksten din er tatt vare på"),
            _("Du ble logget ut før teksten ble lagret. Trykk på knappen, så sendes den nå."),
            fields,
        )
    )


def _dress(response: Response) -> Response:
    """The header set, on every response."""
    settings: Settings = current_app.config["SETTINGS"]
    view = current_app.view_functions.get(request.endpoint or "")
    frames, framed_by = ("'self'" if getattr(view, mark, False) else "'none'" for mark in ("shows_frames", "framed"))
    policy = _CSP.format(nonce=csp_nonce(), frames=frames, framed_by=framed_by)
    response.headers.setdefault("Content-Security-Policy", policy)
    if getattr(view, "framed", False):
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint in STATIC and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = f"public, max-age={current_app.config['SEND_FILE_MAX_AGE_DEFAULT']}"
    elif getattr(view, "revalidated", False) and response.status_code in (200, 304):
        response.headers["Cache-Control"] = "private, no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
    if settings.secure_cookies:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    response.headers.pop("Server", None)
    return response
