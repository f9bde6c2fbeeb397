"""The door handles: log in, log out, change password, choose language, and a sign of life for the proxy."""

from __future__ import annotations

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from admin.errors import wait_text
from admin.security import current_token, safe_target, start_session
from forms.plain import add_errors, login_form, password_form
from models import Municipality
from services import login as sessions
from services.errors import Invalid, Throttled

HOME = "/"


def init_login(app: Flask) -> None:
    """Add the routes. The endpoints `login`, `healthz` and `language` are public in `admin/security.py`."""
    app.add_url_rule("/login", "login", login_page, methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", log_out, methods=["POST"])
    app.add_url_rule("/konto/passord", "password", password_page, methods=["GET", "POST"])
    app.add_url_rule("/sprak", "language", language, methods=["POST"])
    app.add_url_rule("/healthz", "healthz", healthz, methods=["GET"])
    app.context_processor(
        lambda: {
            "account_url": url_for("account.index"),
            "password_url": url_for("password"),
            "logout_url": url_for("logout"),
            "language_url": url_for("language"),
        }
    )


def login_page() -> ResponseReturnValue:
    """One message, one status and one pace for every name that does not get in."""
    target = safe_target(request.args.get("next"))
    if request.method == "GET" and g.actor is not None:
        return redirect(target or HOME, code=303)
    form, status, headers = login_form(_, request.form), 200, {}
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                return _enter(form["username"].data, form["password"].data, target)
        except Invalid as error:
            add_errors(form, {name: note.say(_) for name, note in error.messages.items()})
        except Throttled as error:
            status, headers = 429, {"Retry-After": str(error.seconds)}
            add_errors(form, {"": _("For mange forsøk.") + " " + wait_text(error.seconds)})
    return make_response(render_template("login.html", form=form), status, headers)


def _enter(username: str, password: str, target: str) -> Response:
    agent = request.user_agent.string
    token, _user_id = sessions.log_in(username, password, request.remote_addr or "", agent)
    if current_token():
        sessions.log_out(current_token())
    start_session(token)
    if target:
        session["parked"] = target  # where `admin.security` looks for text that was kept
    return make_response(redirect(target or HOME, code=303))


def log_out() -> ResponseReturnValue:
    """End the login on the server, and what the browser keeps of it."""
    sessions.log_out(current_token())
    session.clear()
    flash(_("Du er logget ut."), "info")
    response = make_response(redirect(url_for("login"), code=303))
    # Not "cookies": the login page that follows needs its token.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def password_page() -> ResponseReturnValue:
    """Change the own password; all other logins of the user end."""
    g.actor.require("account.own")
    form, status = password_form(_, request.form), 200
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                old, new = form["old_password"].data, form["new_password"].data
                sessions.change_password(g.actor.user_id, old, new, current_token(), request.remote_addr or "")
                flash(_("Passordet er byttet. Alle andre innlogginger er avsluttet."), "success")
                return redirect(url_for("password"), code=303)
        except Invalid as error:
            add_errors(form, {name: note.say(_) for name, note in error.messages.items()})
    return render_template("password.html", form=form), status


def language() -> ResponseReturnValue:
    """Bokmål or nynorsk: on the user who is logged in, else for as long as the browser is open."""
    chosen = request.form.get("language", "")
    if g.actor is not None:
        sessions.set_language(g.actor.user_id, chosen)
    elif chosen in sessions.LANGUAGES:
        session["language"] = chosen
    target = safe_target(request.form.get("next"))
    return redirect(target if _opens(target) else HOME, code=303)


def _opens(target: str) -> bool:
    """The address exists and can be opened; a page that answered a POST may have one that cannot."""
    try:
        current_app.create_url_adapter(request).match(target.partition("?")[0], method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return False
    return bool(target)


def healthz() -> ResponseReturnValue:
    """200 when the database answers, else 503."""
    Municipality.select(Municipality.id).exists()
    return Response("ok\n", mimetype="text/plain")
