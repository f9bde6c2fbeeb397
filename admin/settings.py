"""How the municipality counts and reminds, for administrators."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from wtforms import BooleanField, HiddenField, RadioField

from admin.base import Difference, SafeView, attempt
from admin.fields import BaseForm, IntegerField, number_of
from admin.listing import actor
from models import FollowUpSettings
from services.errors import NotAllowed, StaleRow
from services.integrations import mail
from services.settings import FIELDS, LIMITS, change_settings, settings_of


class FollowUpView(BaseView):
    """One form for the whole municipality."""

    def is_accessible(self) -> bool:
        return actor().may("settings.write")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        row = settings_of(actor().municipality_id)
        form = _form(row)
        if request.method == "GET":
            return self._page(row, form)
        values = {name: form[name].data for name in FIELDS}
        try:
            saved = attempt(form, lambda: change_settings(actor(), values, number_of(form.revision.data))) \
                if form.validate() else None  # fmt: skip
        except StaleRow:
            return self._conflict(form)
        if saved is None:
            return self._page(row, form, 422)
        flash(_("Lagret."), "success")
        return redirect(self.get_url(".index"), 303)

    def _conflict(self, form: Any) -> Any:
        """What another administrator saved meanwhile beside what was typed; saving again is a choice made knowingly."""
        row = settings_of(actor().municipality_id)
        stored = _form(row, fresh=True)
        found = [
            Difference(str(form[name].label.text), _text(form[name]), _text(stored[name]))
            for name in FIELDS
            if form[name].data != stored[name].data
        ]
        form.revision.data, form.revision.raw_data = str(row.revision), None
        return self._page(row, form, 409, found)

    def _page(self, row: FollowUpSettings, form: Any, status: int = 200, conflict: Any = ()) -> Any:
        return self.render(
            "settings/follow_up.html", form=form, row=row, mail_on=mail.is_on(), conflict=conflict, breadcrumbs=[],
        ), status  # fmt: skip


def _text(field: Any) -> str:
    if isinstance(field, BooleanField):
        return _("ja") if field.data else _("nei")
    return SafeView.text_of(field)


def _form(row: FollowUpSettings, *, fresh: bool = False) -> Any:
    """Asked afresh at each request: the labels are in the reader's language. `fresh`: as stored, whatever was sent."""
    sent = request.form if request.method == "POST" and not fresh else None
    form = type("FollowUpForm", (BaseForm,), {"revision": HiddenField(), **_counting(), **_reminding()})(sent, obj=row)
    if sent is None:
        form.revision.data = str(row.revision)
    return form


def _counting() -> dict[str, Any]:
    return {
        "week_clock": RadioField(
            _("Uker i fraværet"),
            choices={
                "calendar": _("Fra første dag: uke 1 er de sju første dagene"),
                "nav": _("Som Nav: sju dager med sykefravær er en uke. Dager på jobb imellom teller ikke"),
            },
            description=_("Gjelder ukenummeret som vises i sakene. Frister regnes alltid i dager."),
        ),
        "self_declared_days": _number(
            "self_declared_days", _("Dager med egenmelding for hvert fravær"),
            _("Loven gir tre kalenderdager. Mange kommuner har avtalt åtte. Ftrl. § 8-24."),
        ),
        "self_declared_year_days": _number(
            "self_declared_year_days", _("Dager med egenmelding på tolv måneder"),
            _("La stå tomt hvis det ikke er noen slik grense. Ofte 24, der det er avtalt åtte dager."),
        ),
        "self_declared_times": _number(
            "self_declared_times", _("Ganger med egenmelding på tolv måneder"),
            _("Loven gir fire. La stå tomt hvis det ikke er noen grense. Ftrl. § 8-25."),
        ),
    }  # fmt: skip


def _reminding() -> dict[str, Any]:
    return {
        "remind": BooleanField(
            _("Send påminnelser på e-post"),
            description=_(
                "Høyst én e-post om dagen til hver, aldri i helger og på helligdager. Den forteller bare hvor mange "
                "oppgaver som venter, aldri hvem eller hva de gjelder."
            ),
        ),
        "remind_leaders": BooleanField(
            _("Til lederne, om det de selv skal gjøre"),
            description=_("Før fristen, på dagen og når fristen er over."),
        ),
        "remind_hr": BooleanField(
            _("Til HR, om det som er over fristen"), description=_("Bare for enhetene de har HR-ansvar for."),
        ),
        "remind_before": _number(
            "remind_before", _("Dager før fristen"), _("Første påminnelse. 0 betyr først på dagen."),
        ),
        "remind_late_every": _number(
            "remind_late_every", _("Dager mellom påminnelser når fristen er over"), _("0 betyr ingen slike."),
        ),
    }  # fmt: skip


def _number(name: str, label: str, help_text: str) -> IntegerField:
    least, most, _optional = LIMITS[name]
    return IntegerField(label, description=help_text, render_kw={"min": least, "max": most})
