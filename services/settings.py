"""How a municipality counts and reminds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import peewee as pw

from forms.texts import N_, Note
from models import FollowUpSettings, db
from models.reminding import CLOCKS
from services.access import Actor
from services.audit import Tag, trail
from services.errors import Invalid, StaleRow

# Least and most; None: may be left out, and then there is no limit. Days, times and days between.
LIMITS: dict[str, tuple[int, int, bool]] = {
    "self_declared_days": (3, 365, False),  # ftrl § 8-24 gives three; an agreement may give more
    "self_declared_year_days": (1, 365, True),
    "self_declared_times": (1, 99, True),  # ftrl § 8-25: four, where nothing else is agreed
    "remind_before": (0, 60, False),
    "remind_late_every": (0, 60, False),
}
FIELDS = ("week_clock", *LIMITS, "remind", "remind_leaders", "remind_hr")


def settings_of(municipality_id: int) -> FollowUpSettings:
    """The municipality's choices; the defaults, not stored and of revision 0, while it has made none."""
    row: FollowUpSettings | None = FollowUpSettings.get_or_none(FollowUpSettings.municipality == municipality_id)
    return row or FollowUpSettings(municipality=municipality_id, revision=0)


def change_settings(actor: Actor, values: Mapping[str, Any], revision: int) -> FollowUpSettings:
    """Keep the choices. Raises Invalid, StaleRow, NotAllowed; `revision` is the one the actor looked at."""
    actor.require("settings.write")
    _check(values)
    row = settings_of(actor.municipality_id)
    changed = [name for name in FIELDS if name in values and getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    with db.atomic():
        if row.id is None:
            _insert(row)
        elif not row.save_if_unchanged(revision):
            raise StaleRow
        trail(actor, Tag.SETTINGS_CHANGED, row, fields=changed)
    return row


def _insert(row: FollowUpSettings) -> None:
    """The municipality's first. Raises StaleRow when another administrator was faster."""
    row.revision = 1
    try:
        with db.atomic():
            row.save(force_insert=True)
    except pw.IntegrityError as error:
        raise StaleRow from error


def _check(values: Mapping[str, Any]) -> None:
    faults: dict[str, Note] = {}
    if values.get("week_clock", CLOCKS[0]) not in CLOCKS:
        faults["week_clock"] = Note(N_("Velg ett av alternativene."))
    for name, (least, most, optional) in LIMITS.items():
        value = values.get(name)
        if name in values and not (optional if value is None else least <= value <= most):
            text = N_("Skriv et helt tall fra %(least)s til %(most)s.")
            free = N_("Skriv et helt tall fra %(least)s til %(most)s, eller la feltet stå tomt.")
            faults[name] = Note(free if optional else text, {"least": least, "most": most})
    if values.get("remind") and not (values.get("remind_leaders") or values.get("remind_hr")):
        faults["remind_leaders"] = Note(N_("Velg hvem som skal få påminnelser: lederne, HR eller begge."))
    if faults:
        raise Invalid(faults)
