"""The calendar at its secret address: the one page that shows something of a person's without a login."""

from __future__ import annotations

import hashlib

from flask import Flask, Response, request, url_for

from admin.security import revalidated
from services import feeds


def init_feed(app: Flask) -> None:
    """Add the route. The endpoint `feed` is public in `admin/security.py`: the secret is in the address."""
    app.add_url_rule("/kalender/<token>.ics", "feed", feed, methods=["GET"])


@revalidated
def feed(token: str) -> Response:
    """The calendar; 304 when the reader has it as it is."""
    content = feeds.calendar(token, url_for("admin.index", _external=True))
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="attende.ics"'
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.make_conditional(request)
    return response
