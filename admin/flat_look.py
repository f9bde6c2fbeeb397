"""How a letter looks: filled in for a person who does not exist."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from flask_babel import gettext as _

from forms.example import EMPLOYEE, LEADER
from forms.flat.properties import ONLY_IF
from forms.letters import FilledBlock, Letter, fill
from forms.sheet import day_text
from forms.texts import N_, translator

_UNIT, _POST, _ROOM = N_("Eksempelavdelingen"), N_("Helsefagarbeider"), N_("Møterom 2")
_DOCTOR = "Lege Eksempel"


def sample_values(language: str, municipality: str, day: dt.date) -> dict[str, str]:
    """What the fields of a letter become for a person who does not exist, on `day`."""
    _ = translator(language)

    def written(days: int) -> str:
        return day_text((day + dt.timedelta(days=days)).isoformat(), language)

    return {
        "navn": EMPLOYEE, "fodselsnummer": "158580 •••••", "stilling": _(_POST), "enhet": _(_UNIT), "leder": LEADER,
        "kommune": municipality, "sykmelder": _DOCTOR, "forste_dag": written(-40), "dagens_dato": written(0),
        "dato": written(9), "klokkeslett": "10.00", "sted": _(_ROOM),
    }  # fmt: skip


class Look(NamedTuple):
    """A block as the letter shows it; `when` tells when it is part of the letter, if not always."""

    id: str
    block: FilledBlock
    when: str


def blocks(letter: Letter, language: str, values: dict[str, str]) -> list[Look]:
    """The letter's blocks with values put in, without the hidden ones."""
    shown = letter.without_hidden()
    return [
        Look(part.id, block, _(ONLY_IF[part.only_if]) if part.only_if else "")
        for part, block in zip(shown.blocks, fill(shown, language, values), strict=True)
    ]
