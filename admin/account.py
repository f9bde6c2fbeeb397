"""One's own page: reminders by e-mail on or off, the calendar, and the way to a new password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _

from admin.listing import actor
from services import feeds, reminders
from services.errors import NotAllowed
from services.integrations import mail
from services.settings import settings_of


class AccountView(BaseView):
    """What a person decides about themselves."""

    def is_accessible(self) -> bool:
        return actor().may("account.own")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/")
    def index(self) -> Any:
        return self._page()

    def _page(self, address: str = "") -> str:
        who = actor()
        wants, email = reminders.own(who)
        return str(self.render(
            "account/index.html", has_tasks=feeds.may_have(who), wants=wants, email=email,
            sends=mail.is_on() and settings_of(who.municipality_id).remind, feed=feeds.feed_of(who), address=address,
            breadcrumbs=[],
        ))  # fmt: skip

    @expose("/reminders/", methods=("POST",))
    def reminders(self) -> Any:
        wanted = request.form.get("wanted") == "yes"
        reminders.choose(actor(), wanted)
        said = _("Du får påminnelser på e-post.") if wanted else _("Du får ikke flere påminnelser på e-post.")
        flash(said, "success")
        return redirect(self.get_url(".index"), 303)

    @expose("/calendar/", methods=("POST",))
    def calendar(self) -> Any:
        """Make or replace the address. Shown on this answer only: it is stored nowhere, so not led away from."""
        token = feeds.make(actor())
        return self._page(url_for("feed", token=token, _external=True))

    @expose("/calendar/revoke/", methods=("POST",))
    def revoke(self) -> Any:
        feeds.revoke(actor())
        flash(_("Kalenderadressen virker ikke lenger."), "success")
        return redirect(self.get_url(".index"), 303)
