"""The one place where an error becomes an answer: a page with a next step, a form to send again, or JSON for a script.

House rule: no text of an exception and nothing about a person reaches the screen or the log from here. What the log
says is the class, the place in the code, the endpoint and a reference that the person also sees.
"""

from __future__ import annotations

import contextlib
import secrets
import traceback
from dataclasses import dataclass, field
from typing import Any

import peewee as pw
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from playhouse.pool import MaxConnectionsExceeded
from werkzeug.exceptions import HTTPException, SecurityError

from services import errors
from services.audit import Tag, record
from services.database import transaction

_BUSY = (pw.OperationalError, pw.InterfaceError, MaxConnectionsExceeded)


@dataclass(frozen=True)
class Answer:
    """What is said, without form: `kind` is for scripts, the rest for people."""

    status: int
    kind: str
    title: str
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)


def init_errors(app: Flask) -> None:
    """Answer every error of `app`."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """The response to `error`. Refusals are written to the trail, unexpected errors to the log."""
    if isinstance(error, HTTPException) and error.response is not None:
        return make_response(error.response)
    if isinstance(error, SecurityError):
        # An unknown host name: there is no address of ours to build a page with.
        return Response("Unknown host name.\n", status=400, mimetype="text/plain")
    if isinstance(error, errors.NotVisible | errors.NotAllowed) or getattr(error, "code", None) == 403:
        _record_refusal()
    said = _meaning(error)
    reference = _log(error) if said.status >= 500 else ""
    if said.status == 503 and _is_writing():
        fields = posted_fields()
        if fields:
            return resend_page(said.status, said.title, _("Vent litt og trykk på knappen, så sendes teksten på nytt."),
                               fields, first=said.text, headers=said.headers)  # fmt: skip
    return error_page(said, reference)


def _meaning(error: Exception) -> Answer:
    match error:
        case errors.NotVisible():
            return _of_status(404)
        case errors.NotAllowed():
            return _of_status(403)
        case errors.NotEditable():
            return Answer(409, "frozen", _("Dette kan ikke endres"), error.note.say(_))
        case errors.StaleRow():
            return Answer(
                409, "stale", _("Noen andre har lagret imens"), _("Hent siden på nytt og se over før du lagrer.")
            )
        case errors.Invalid():
            messages = {name: note.say(_) for name, note in error.messages.items()}
            return Answer(422, "invalid", _("Noe må rettes"), " ".join(messages.values()), messages=messages)
        case errors.Throttled():
            return Answer(429, "throttled", _("For mange forsøk"), wait_text(error.seconds),
                          headers={"Retry-After": str(error.seconds)})  # fmt: skip
        case HTTPException():
            kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
            return _of_status(error.code or 500, kept)
        case _ if isinstance(error, _BUSY):
            return _busy()
        case _:
            return _of_status(500)


def _busy() -> Answer:
    if request.method in ("GET", "HEAD"):
        return Answer(
            503, "busy", _("Siden er opptatt akkurat nå"), _("Vent litt og prøv igjen."), {"Retry-After": "5"}
        )
    return Answer(503, "busy", _("Kunne ikke lagre akkurat nå"),
                  _("Kunne ikke lagre akkurat nå. Ingenting er endret."), {"Retry-After": "5"})  # fmt: skip


def _of_status(status: int, headers: dict[str, str] | None = None) -> Answer:
    known = {
        400: ("bad_request", _("Vi forstod ikke forespørselen"), _("Gå tilbake, hent siden på nytt og prøv igjen.")),
        403: ("not_allowed", _("Du har ikke tilgang til dette"), _("Rollen din gir ikke lov til å gjøre dette.")),
        404: ("not_found", _("Vi fant ikke siden"), _("Den finnes ikke, eller du har ikke tilgang til den.")),
        405: ("method", _("Siden kan ikke åpnes på denne måten"), _("Gå til oversikten og finn fram derfra.")),
        413: ("too_large", _("Det du sendte, er for stort"), _("Ingenting er lagret. Kort ned teksten eller filen.")),
        415: ("media_type", _("Filtypen kan ikke brukes"), _("Ingenting er lagret.")),
        429: ("throttled", _("For mange forsøk"), _("Vent litt og prøv igjen.")),
    }
    if status in known:
        return Answer(status, *known[status], headers=headers or {})
    if 400 <= status < 500:
        return Answer(status, *known[400], headers=headers or {})
    text = _("Feilen er hos oss, ikke hos deg. Prøv igjen, og si fra hvis det skjer flere ganger.")
    return Answer(status if status >= 500 else 500, "error", _("Noe gikk galt"), text, headers=headers or {})


def wait_text(seconds: int) -> str:
    """How long to wait, in whole minutes."""
    return _("Vent %(minutes)d min før du prøver igjen.", minutes=max(1, -(-seconds // 60)))


def is_fetch() -> bool:
    """A script of ours asks, and reads JSON."""
    return request.headers.get("X-Requested-With") == "fetch"


def here() -> str:
    """The address of this request, within the site: where a form was posted, and where its text comes back."""
    return request.full_path if request.query_string else request.path


def posted_fields() -> list[tuple[str, str]]:
    """The fields of this request as they came, without the token and without passwords."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name.lower()
    ]


def error_page(said: Answer, reference: str = "") -> Response:
    """The answer as a page with a next step, or as JSON for a script."""
    if is_fetch():
        body: dict[str, Any] = {"error": said.kind, "text": said.text}
        if said.messages:
            body["messages"] = said.messages
        response = jsonify(body)
    elif g.get("actor") is None:
        response = _page("errors.html", said, next_label=_("Gå til innlogging"), next_url=url_for("login"))
    else:
        response = _page("errors.html", said, next_label=_("Gå til oversikten"), next_url="/", reference=reference)
    response.status_code = said.status
    response.headers.update(said.headers)
    return response


def resend_page(
    status: int,
    title: str,
    text: str,
    fields: list[tuple[str, str]],
    *,
    first: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    """A page that holds the posted fields and a button that sends them to this address again."""
    said = Answer(status, "resend", title, text)
    response = _page(
        "resend.html", said, first=first, fields=fields, action=here(),
        multipart=request.mimetype == "multipart/form-data", had_files=any(f.filename for f in request.files.values()),
    )  # fmt: skip
    response.status_code = status
    response.headers.update(headers or {})
    return response


def _page(template: str, said: Answer, **values: Any) -> Response:
    """The page; when not even that can be made, its words alone."""
    try:
        return make_response(render_template(template, title=said.title, text=said.text, **values))
    except Exception as error:  # the last resort must not fail
        _log(error)
        return Response(f"{said.title}\n\n{said.text}\n", mimetype="text/plain")


def _is_writing() -> bool:
    return g.get("actor") is not None and request.method == "POST" and not is_fetch()


def _record_refusal() -> None:
    """In a transaction of its own: that of the refused use case is rolled back."""
    actor = g.get("actor")
    if actor is None:
        return
    with contextlib.suppress(*_BUSY), transaction():
        record(Tag.REFUSED, municipality=actor.municipality_id, actor=actor.user_id,
               subject=(request.endpoint or "")[:40], subject_id=_row_asked_for())  # fmt: skip


def _row_asked_for() -> int | None:
    texts = [str(value) for value in [*(request.view_args or {}).values(), request.args.get("id", "")]]
    return next((int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10), None)


def _log(error: Exception) -> str:
    reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    current_app.logger.error("%s at %s in %s, ref %s", type(error).__name__, place, request.endpoint, reference)
    return reference
