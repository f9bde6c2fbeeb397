"""Figures for HR: by unit, what is late and why, and how it has gone over the last twelve months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from babel.dates import format_date as in_locale
from flask import url_for
from flask_admin import BaseView, expose
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from admin.chart import Chart, chart
from admin.listing import actor
from forms.texts import N_
from services import steps
from services.errors import NotAllowed
from services.figures import SMALLEST, Count, Figures, Month, read_figures

# What a late milestone waits for, by what counts as doing it.
REASON_NAMES = {
    "contact": N_("Kontakt som ikke er ført i loggen"), "plan": N_("Oppfølgingsplan som ikke er ferdig"),
    "signature": N_("Plan som ikke er signert"), "evaluation": N_("Plan som ikke er evaluert"),
    "meeting": N_("Dialogmøte som ikke er holdt"), "letter": N_("Brev som ikke er sendt"),
    "tick": N_("Andre milepæler som ikke er merket som gjort"),
}  # fmt: skip


class FiguresView(BaseView):
    """For HR: of the municipality, or of the units that are theirs."""

    def is_accessible(self) -> bool:
        return actor().may("figures.see")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/")
    def index(self) -> Any:
        who = actor()
        found = read_figures(who, steps.published_steps(who.municipality_id))
        return self.render(
            "admin/figures.html", figures=found, tiles=tiles(found), count_words=count_words,
            percent_words=percent_words, reason_names=REASON_NAMES, months=_rows(found.months),
            wide=trend(found.months, 960, 300, 1), narrow=trend(found.months, 340, 240, 3),
            description=_description(found.months), smallest=SMALLEST, breadcrumbs=[],
        )  # fmt: skip


def count_words(count: Count) -> str:
    """The number, or why it is not there."""
    if count.number is not None:
        return f"{count.number}"
    return _("færre enn %(n)s", n=SMALLEST) if count.few else _("vises ikke")


def percent_words(percent: int | None) -> str:
    """78 %, or that there are too few cases to tell."""
    return _("for få saker") if percent is None else _("%(n)s %%", n=percent)


def tiles(found: Figures) -> list[tuple[str, str, str, bool]]:
    """(name, number, address, whether the number is one) of what tells most."""
    total = found.total
    late = url_for("case.index_view", due="late")
    return [
        (_("Åpne saker"), count_words(total.open), url_for("case.index_view"), total.open.number is not None),
        (_("Oppgaver over fristen"), count_words(total.late), late, total.late.number is not None),
        (_("Plan innen fire uker"), percent_words(total.plan), "", total.plan is not None),
        (_("Dialogmøte innen sju uker"), percent_words(total.dialogue), "", total.dialogue is not None),
    ]


def trend(months: Sequence[Month], width: int, height: int, every: int) -> Chart:
    """The two shares, month by month."""
    return chart(
        [str(format_date(month.first, "MMM")).rstrip(".") for month in months],
        [(_("Plan innen fire uker"), "circle", [month.plan for month in months]),
         (_("Dialogmøte innen sju uker"), "square", [month.dialogue for month in months])],
        width, height, every,
    )  # fmt: skip


def _rows(months: Sequence[Month]) -> list[tuple[str, str, str]]:
    """The numbers of the chart, the newest first."""
    return [
        (_month_name(month), percent_words(month.plan), percent_words(month.dialogue)) for month in reversed(months)
    ]


def _month_name(month: Month) -> str:
    return str(in_locale(month.first, "LLLL y", locale=get_locale() or "nb"))


def _description(months: Sequence[Month]) -> str:
    """What the chart shows, in words."""
    said = [
        _went(_("Plan innen fire uker"), [(month, month.plan) for month in months]),
        _went(_("Dialogmøte innen sju uker"), [(month, month.dialogue) for month in months]),
    ]
    return " ".join(said)


def _went(name: str, values: Sequence[tuple[Month, int | None]]) -> str:
    known = [(month, value) for month, value in values if value is not None]
    if not known:
        return _("%(name)s: for få saker til å vises.", name=name)
    (first, begun), (last, now) = known[0], known[-1]
    if first is last:
        return _("%(name)s: %(now)s %% i %(last)s.", name=name, now=now, last=_month_name(last))
    return _("%(name)s: fra %(begun)s %% i %(first)s til %(now)s %% i %(last)s.", name=name, begun=begun,
             first=_month_name(first), now=now, last=_month_name(last))  # fmt: skip
