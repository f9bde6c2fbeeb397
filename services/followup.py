"""Measures and the contact log of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from forms.texts import N_, Note
from models import Case, ContactEntry, Measure, db
from models.cases import CONTACT_KINDS, MEASURE_KINDS, MEASURE_STATUSES, PARTIES
from services import access
from services.access import Actor
from services.audit import Tag, trail
from services.cases import FURTHEST, MAX_TEXT, apply, require_open, too_long, write
from services.clock import today
from services.errors import Invalid
from services.milestones import refresh

_MEASURE_FIELDS = (
    "what", "kind", "responsible", "deadline", "status", "declined_by", "declined_reason", "effect",
)  # fmt: skip


def add_measure(actor: Actor, case_id: int | str, values: Mapping[str, Any]) -> Measure:
    """Propose or agree a measure. Raises Invalid, NotEditable."""
    case = access.get(actor, Case, case_id, "case.write")
    require_open(case)
    _check_measure(values)
    with db.atomic():
        given = {name: values.get(name) for name in _MEASURE_FIELDS if values.get(name) is not None}
        measure = Measure.create(municipality=actor.municipality_id, case=case, **given)
        trail(actor, Tag.MEASURE_CREATED, measure, case.id)
    return measure


def change_measure(actor: Actor, measure: Measure, values: Mapping[str, Any], revision: int) -> Measure:
    """Change a measure: agreed, declined, done, its effect. Raises StaleRow, Invalid."""
    measure = access.get(actor, Measure, measure.id, "case.write")
    require_open(measure.case)
    _check_measure({**measure.__data__, **values})
    changed = apply(measure, values, _MEASURE_FIELDS)
    with db.atomic():
        write(measure, revision)
        trail(actor, Tag.MEASURE_CHANGED, measure, measure.case_id, changed)
    return measure


def _check_measure(values: Mapping[str, Any]) -> None:
    faults: dict[str, Note] = {}
    if not (values.get("what") or "").strip():
        faults["what"] = Note(N_("Skriv hva tiltaket er."))
    for name in ("what", "declined_reason", "effect"):
        if len(values.get(name) or "") > MAX_TEXT:
            faults[name] = too_long(values[name], MAX_TEXT)
    if values.get("kind") not in MEASURE_KINDS:
        faults["kind"] = Note(N_("Velg hva slags tiltak dette er."))
    if values.get("status") not in MEASURE_STATUSES:
        faults["status"] = Note(N_("Velg hvor langt dere er kommet med tiltaket."))
    deadline = values.get("deadline")
    if deadline is not None and not dt.date(2000, 1, 1) <= deadline <= today() + 5 * FURTHEST:
        faults["deadline"] = Note(N_("Datoen er for langt unna. Se etter om året er riktig."))
    if values.get("status") == "declined":
        if values.get("declined_by") not in PARTIES:
            faults["declined_by"] = Note(N_("Velg hvem som ikke ønsker tiltaket."))
        if not (values.get("declined_reason") or "").strip():
            faults["declined_reason"] = Note(N_("Skriv kort hvorfor tiltaket ikke er ønsket."))
    if faults:
        raise Invalid(faults)


def log_contact(
    actor: Actor, case_id: int | str, values: Mapping[str, Any], corrects_id: int | str | None = None
) -> ContactEntry:
    """Add to the contact log. An entry is never changed: a correction is a new one that points to the old."""
    case = access.get(actor, Case, case_id, "case.write")
    require_open(case)
    corrected = access.get(actor, ContactEntry, corrects_id, "case.write") if corrects_id else None
    _check_contact(values)
    if corrected is not None and corrected.case_id != case.id:
        raise Invalid({"": Note(N_("Rettelsen hører til en annen sak."))})
    with db.atomic():
        entry = ContactEntry(
            municipality=actor.municipality_id, case=case, at=values["at"], kind=values["kind"],
            participants=values.get("participants") or "", author=actor.user_id, corrects=corrected,
        )  # fmt: skip
        entry.seal("text", values.get("text") or "")
        entry.seal("result", values.get("result") or "")
        entry.save(force_insert=True)
        trail(actor, Tag.CONTACT_CORRECTED if corrected else Tag.CONTACT_CREATED, entry, case.id)
        refresh(case)
    return entry


def _check_contact(values: Mapping[str, Any]) -> None:
    faults: dict[str, Note] = {}
    at = values.get("at")
    if at is None:
        faults["at"] = Note(N_("Skriv dag og klokkeslett."))
    elif at > dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5):
        faults["at"] = Note(N_("Tidspunktet er ikke kommet ennå. Før loggen etter samtalen."))
    elif at.year < 2000:
        faults["at"] = Note(N_("Datoen er for langt unna. Se etter om året er riktig."))
    if values.get("kind") not in CONTACT_KINDS:
        faults["kind"] = Note(N_("Velg hvordan dere hadde kontakt."))
    if not (values.get("text") or "").strip() and not (values.get("result") or "").strip():
        faults["text"] = Note(N_("Skriv hva dere snakket om, eller hva dere ble enige om."))
    for name in ("text", "result"):
        if len(values.get(name) or "") > MAX_TEXT:
            faults[name] = too_long(values[name], MAX_TEXT)
    if faults:
        raise Invalid(faults)
