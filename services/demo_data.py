"""Who and what the demo holds: two municipalities that do not exist, their people, and a case in every state.

All names are made up, national identity numbers are synthetic, telephone numbers and postal codes are not in use.
Days are counted back from today, so that the demo is as fresh next year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from forms.texts import N_

# One for all logins: the demo is for trying, and refuses to run in production.
PASSWORD = "rolig-fjord-kaffe"  # noqa: S105


class Login(NamedTuple):
    """What the login page shows; `role` is a text of the catalogue."""

    name: str
    role: str
    username: str
    password: str = PASSWORD


class Town(NamedTuple):
    slug: str
    name: str
    org_number: str  # right check digit, but of a series that is not given out
    language: str
    color: str
    plan_set: str
    place: str


TOWNS = (
    Town("storvik", "Storvik kommune", "123456785", "nb", "#0b5c63", "nordre-land-iop", "Storvik"),
    Town("fjellbygd", "Fjellbygd kommune", "234567896", "nn", "#7a2e3a", "avtale-tre-deler", "Fjellbygd"),
)

# Town, key, name, key of the unit above.
UNITS = (
    ("storvik", "helse", "Helse og omsorg", ""),
    ("storvik", "hjem", "Hjemmetjenesten", "helse"),
    ("storvik", "sor", "Hjemmetjenesten sør", "hjem"),
    ("storvik", "skole", "Storvik skole", ""),
    ("fjellbygd", "omsorg", "Helse og omsorg", ""),
    ("fjellbygd", "heim", "Fjellbygd sjukeheim", "omsorg"),
    ("fjellbygd", "drift", "Teknisk drift", ""),
)


class Person(NamedTuple):
    """A user. `leads`: units whose employees they lead; `units`: HR of these only; `is_employee`: name of theirs."""

    town: str
    username: str
    name: str
    roles: tuple[str, ...]
    words: str
    leads: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    is_employee: str = ""


USERS = (
    Person("storvik", "kari", "Kari Solbakk", ("leader",), N_("Leder i Hjemmetjenesten"), ("hjem",)),
    Person("storvik", "ante", "Ánte Čuovga", ("leader",), N_("Leder i Hjemmetjenesten sør"), ("sor",)),
    Person("storvik", "torunn", "Torunn Bjørk-Åsli", ("leader",), N_("Leder ved Storvik skole"), ("skole",)),
    Person("storvik", "siri", "Siri Øverbø", ("hr",), N_("HR i hele Storvik kommune")),
    Person("storvik", "jorunn", "Jorunn Vidfarne", ("hr",), N_("HR for Helse og omsorg"), units=("helse",)),
    Person("storvik", "anne", "Anne Rørvang", ("administrator",), N_("Administrator i Storvik kommune")),
    Person("storvik", "aud", "Aud Kvitberg", ("auditor",), N_("Revisor")),
    Person("storvik", "dome", "Døme Ødegård", ("employee",), N_("Ansatt med oppfølgingsplan"),
           is_employee="Døme Ødegård"),
    Person("fjellbygd", "gunnhild", "Gunnhild Døme-Li", ("leader",), N_("Leder ved Fjellbygd sjukeheim"), ("heim",)),
    Person("fjellbygd", "olav", "Olav Tenkjeleg", ("leader",), N_("Leder i Teknisk drift"), ("drift",)),
    Person("fjellbygd", "jon", "Jon Prøveland", ("administrator", "hr"), N_("Administrator og HR i Fjellbygd kommune")),
)  # fmt: skip

LOGINS = tuple(Login(user.name, user.words, user.username) for user in USERS)

# Unit, name, position, percent.
EMPLOYEES = (
    ("hjem", "Døme Ødegård", "Helsefagarbeider", 100),
    ("hjem", "Áile Ovdamearka", "Sykepleier", 100),
    ("hjem", "Siv-Åse D'Arcy", "Helsefagarbeider", 75),
    ("hjem", "Per Eksempelsen", "Vernepleier", 100),
    ("hjem", "Ingebjørg Tenktsen-Næss", "Hjemmehjelper", 60),
    ("hjem", "Mohamed Al-Prøve", "Sykepleier", 100),
    ("hjem", "Øyvind Ærlig", "Nattevakt", 50),
    ("hjem", "Zofia Przykład", "Helsefagarbeider", 80),
    ("sor", "Máret Dáhpáhus", "Sykepleier", 100),
    ("sor", "Bjørn-Åge Påfunn", "Helsefagarbeider", 100),
    ("sor", "Lise Oppdiktet", "Assistent", 50),
    ("sor", "Nils-Ánde Iskkus", "Fagleder", 100),
    ("sor", "Eirin O'Fantasi", "Sykepleier", 90),
    ("sor", "Torgeir Lånt-Navn", "Helsefagarbeider", 70),
    ("sor", "Solveig Utkast", "Merkantil medarbeider", 100),
    ("skole", "Håkon Tøysing", "Lærer", 100),
    ("skole", "Biret Máhtte Ŋuoskkus", "Lærer", 100),
    ("skole", "Ragnhild Skisse", "Barnepleier i SFO", 80),
    ("skole", "Thị Ví Dụ", "Renholder", 100),
    ("skole", "Frøydis Påskudd", "Spesialpedagog", 100),
    ("skole", "Aksel Øvelsen", "Vaktmester", 100),
    ("skole", "Kjersti Müller-Prøvestein", "Miljøterapeut", 80),
    ("skole", "Sunniva Læring", "Assistent", 60),
    ("skole", "Gaute Fabelvik", "Lærer", 100),
    ("skole", "Oddny Mønster", "Skolesekretær", 50),
    ("skole", "Vilde Aas-Fiksjon", "Helsesykepleier", 100),
    ("heim", "Ragna Tenkt", "Sjukepleiar", 100),
    ("heim", "Sjúrđur Dømi", "Helsefagarbeidar", 80),
    ("heim", "Borghild Øving", "Kokk", 100),
    ("heim", "Anders Påhitt-Å", "Vaktmeister", 100),
    ("heim", "Ljot Oppdikta", "Aktivitør", 60),
    ("heim", "Torbjørg D'Eksempel", "Helsefagarbeidar", 75),
    ("heim", "Inga Láddel", "Sjukepleiar", 100),
    ("drift", "Steinar Utkastdal", "Fagarbeidar veg", 100),
    ("drift", "Målfrid Prøvehaug", "Ingeniør vatn og avløp", 100),
    ("drift", "Kjetil Skissebø", "Maskinførar", 100),
    ("drift", "Jozef Príklad", "Reinhaldar", 100),
    ("drift", "Åsne Førebilete", "Sakshandsamar", 80),
    ("drift", "Eilif Fabeland", "Brannmann", 100),
    ("drift", "Gro Liksom-Vik", "Driftsleiar", 100),
)

# Employee, who led them until a hundred days ago.
FORMER_LEADERS = {"Øyvind Ærlig": "ante", "Solveig Utkast": "kari"}


@dataclass(frozen=True)
class Contact:
    """`ago` days; `corrects`: the entry before this one was wrong."""

    ago: int
    kind: str
    text: str
    result: str = ""
    corrects: bool = False


@dataclass(frozen=True)
class PlannedMeasure:
    """`due` days from today, negative when passed."""

    what: str
    kind: str
    status: str
    due: int | None
    responsible: str = ""
    extra: dict[str, str] = field(default_factory=dict)  # declined_by, declined_reason, effect


@dataclass(frozen=True)
class PlannedPlan:
    """`saved`, `finished`, `signed`: days ago. `evaluate`: days from today. `story` names texts in demo_texts."""

    story: str
    saved: int
    finished: int | None = None
    signed: int | None = None
    evaluate: int = 21
    partial: bool = False
    scan: bool = False
    misregistered: str = ""
    set_key: str = ""


@dataclass(frozen=True)
class Story:
    """A case. `periods`: from days ago, to days ago (None: until further notice, negative: ahead), grade."""

    employee: str
    first: int
    periods: tuple[tuple[int, int | None, int], ...] = ()
    kind: str = "sick_leave"
    tasks: str = ""
    contacts: tuple[Contact, ...] = ()
    measures: tuple[PlannedMeasure, ...] = ()
    plans: tuple[PlannedPlan, ...] = ()
    closed: int | None = None

    def values(self) -> dict[str, Any]:
        return {"kind": self.kind, "ordinary_tasks": self.tasks}
