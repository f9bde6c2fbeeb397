"""A letter opened for a case: its texts, what the case fills in, who it is for, what may be enclosed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from forms import writing
from forms.letters import Letter
from forms.texts import N_
from forms.writing import Filling, Piece
from models import AbsencePeriod, Case, DialogueMeeting, Dispatch, Milestone, QuestionSet, QuestionSetVersion
from services import absence, access, context, meetings, national_id, steps
from services import milestones as points
from services.access import Actor
from services.audit import Tag, trail
from services.cases import require_open
from services.clock import local, today
from services.errors import NotVisible
from services.letters import Listed, letter_keyed, letters

NOT_AGREED = N_(
    "Den ansatte har ikke sagt ja til at sykmelder blir med i møtet. Spør først, og før svaret på møtet (aml § 4-6)."
)
_INVITATION = "innkalling-dialogmote"  # letters with such keys look for a planned meeting


@dataclass(frozen=True)
class Where:
    """What a letter says of a talk or a meeting; what is not known is empty."""

    day: dt.date | None = None
    time: dt.time | None = None
    place: str = ""


@dataclass(frozen=True)
class OpenLetter:
    """A version of a letter with what it needs from a case."""

    case: Case
    row: QuestionSet
    version: QuestionSetVersion
    letter: Letter
    leader: str
    municipality: str
    conditions: frozenset[str]
    planned: Sequence[DialogueMeeting]  # that the letter may be an invitation to
    meeting: DialogueMeeting | None
    milestone: Milestone | None
    sheets: Sequence[Listed]  # information sheets in use
    where: Where = Where()

    def filling(self, language: str) -> Filling:
        """What the placeholders become. Of the national identity number only the birth date: the rest is on paper."""
        case, employee, where = self.case, self.case.employee, self.time_and_place
        return Filling(language, {
            "navn": employee.name, "fodselsnummer": self.hidden_number, "enhet": case.unit.name,
            "stilling": employee.position, "leder": self.leader, "kommune": self.municipality,
            "forste_dag": context.day(case.first_day, language), "dato": context.day(where.day, language),
            "klokkeslett": f"{where.time:%H.%M}" if where.time else "", "sted": where.place,
            "dagens_dato": context.day(today(), language), "sykmelder": self.certifier,
        })  # fmt: skip

    @property
    def time_and_place(self) -> Where:
        """The meeting's when there is one, else what was written."""
        if self.meeting is None:
            return self.where
        at = local(self.meeting.at)
        return Where(at.date(), at.time(), self.meeting.place or self.meeting.link)

    @cached_property
    def certifier(self) -> str:
        named = [p.name for p in self.meeting.participants if p.role == "certifier"] if self.meeting else []
        return next((name for name in named if name), str(self.case.employee.certifier))

    @property
    def recipient_name(self) -> str:
        """Who the letter is to, as far as is known."""
        return self.certifier if self.letter.recipient == "certifier" else str(self.case.employee.name)

    @property
    def invites(self) -> DialogueMeeting | None:
        """The meeting that the letter calls in to."""
        return self.meeting if self.letter.kind == "letter" else None

    @property
    def consent(self) -> str:
        """Of a letter to the certifier: "given" or "missing" as the meeting has it, or to be asked for ("ask"); ""
        for others (aml § 4-6 (4): the certifier comes only when the employee wants it)."""
        if self.letter.recipient != "certifier":
            return ""
        meeting = self.invites
        if meeting is None:
            return "ask"
        if any(p.agreed for p in meeting.participants if p.role == "certifier"):
            return "given"
        return "missing" if meeting.host == "employer" else "ask"

    @property
    def hidden_number(self) -> str:
        hint = self.case.employee.birth_hint
        return national_id.masked(hint) if self.tells_number and hint else ""

    @cached_property
    def tells_number(self) -> bool:
        """Whether the letter's own text has the national identity number."""
        return writing.uses(self.letter, ("fodselsnummer",))

    @property
    def language(self) -> str:
        """The employee's, when the letter is written in it."""
        return language_of(self.letter, self.case.employee.language)

    def fresh(self, language: str) -> list[Piece]:
        """The letter as it is first shown."""
        return writing.filled(self.letter, self.filling(language), self.conditions)

    def chosen(self, keys: Sequence[str]) -> list[Letter]:
        """The information sheets with these keys, in the order of the list."""
        return [one.letter for one in self.sheets if one.row.key in keys]

    def enclosed(self, pieces: Sequence[Piece]) -> list[str]:
        """Keys of the sheets that the letter says are enclosed: "info nr. 1" is the one with 1 in its key or title."""
        numbers = writing.enclosed(pieces)
        return [one.row.key for one in self.sheets if numbers & _numbers_of(one)]


def _numbers_of(sheet: Listed) -> frozenset[str]:
    titles = [writing.sheet_number(title) for title in sheet.letter.title.values()]
    return frozenset([*titles, sheet.row.key.removeprefix("info-")])


def language_of(letter: Letter, wanted: str) -> str:
    """`wanted` when the letter is written in it, else its first language."""
    return wanted if wanted in letter.languages else letter.languages[0]


def open_letter(
    actor: Actor, case_id: int | str | None, key: str, *, meeting_id: int | str | None = None, milestone_id: str = "",
    version: str = "", where: Where | None = None, quiet: bool = False,
) -> OpenLetter:  # fmt: skip
    """A letter for a case. `meeting_id` None lets an invitation find the planned meeting; "" is no meeting.

    `version` is what the page was made of, empty at first. Raises NotVisible, NotAllowed, NotEditable when the case is
    closed.
    """
    case: Case = access.get(actor, Case, case_id, "letter.write")
    row, found, letter = letter_keyed(actor, key, version)
    planned = [m for m in meetings.of_case(actor, case) if m.status == "planned"]
    if not quiet:
        require_open(case)
        trail(actor, Tag.CASE_READ, case, case.id)
    leader = context.leader_of(case.employee)
    return OpenLetter(
        case=case, row=row, version=found, letter=letter, leader=leader.name if leader else "",
        municipality=actor.municipality.name, conditions=_conditions(case), planned=planned,
        meeting=_meeting(actor, case, key, planned, meeting_id), milestone=_milestone(actor, case, milestone_id),
        sheets=[one for one in letters(actor) if one.version and one.row.active and one.letter.kind == "information"],
        where=where or Where(),
    )  # fmt: skip


def allow(actor: Actor, opened: OpenLetter) -> None:
    """Before what was opened is used: the actor may write in the case. Raises NotVisible, NotAllowed."""
    access.get(actor, Case, opened.case.id, "letter.write")
    if opened.tells_number:
        actor.require("employee.national_id")


def _conditions(case: Case) -> frozenset[str]:
    periods = [
        absence.Period(p.from_date, p.to_date, p.grade, p.kind)
        for p in AbsencePeriod.select().where(AbsencePeriod.case == case)
    ]
    known = {
        "occupational_health": case.employee.occupational_health,
        "full_sick": absence.grade_on(periods, today()) == 100,
    }
    return frozenset(name for name, holds in known.items() if holds)


def _meeting(
    actor: Actor, case: Case, key: str, planned: Sequence[DialogueMeeting], meeting_id: int | str | None
) -> DialogueMeeting | None:
    if meeting_id is None and key.startswith(_INVITATION):
        return next((m for m in planned if m.host == "employer"), None)
    if not meeting_id:
        return None
    meeting = meetings.find_meeting(actor, meeting_id, "letter.write")
    if meeting.case_id != case.id:
        raise NotVisible
    return meeting


def _milestone(actor: Actor, case: Case, milestone_id: str) -> Milestone | None:
    if not milestone_id:
        return None
    row: Milestone = access.get(actor, Milestone, milestone_id, "letter.write")
    if row.case_id != case.id:
        raise NotVisible
    return row


# --- choosing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A milestone that waits, and the letters that belong to it."""

    milestone: Milestone
    letters: Sequence[Listed]


@dataclass(frozen=True)
class Choice:
    """What a letter can be chosen from; `sent` tells when each was last sent in this case."""

    case: Case
    waiting: Sequence[Waiting]
    others: Sequence[Listed]
    sent: dict[str, dt.date]


def choose(actor: Actor, case_id: int | str | None, milestone_id: str = "") -> Choice:
    """The letters in use, those of milestones that wait first, and of the one asked for before all. Raises NotVisible,
    NotAllowed, NotEditable."""
    case: Case = access.get(actor, Case, case_id, "letter.write")
    require_open(case)
    trail(actor, Tag.CASE_READ, case, case.id)
    shelf = {one.row.key: one for one in letters(actor) if one.version and one.row.active}
    keys = {rule.code: rule.letters for rule in steps.published_steps(actor.municipality_id).steps}
    rows = Milestone.select().where(Milestone.case == case, points.waits(today())).order_by(
        Milestone.due.asc(nulls="last"), Milestone.id
    )  # fmt: skip
    waiting = [Waiting(row, [shelf[key] for key in keys.get(row.code, ()) if key in shelf]) for row in rows]
    waiting.sort(key=lambda group: group.milestone.id != access.number_of(milestone_id))
    first = {one.row.key for group in waiting for one in group.letters}
    sent = access.dispatches(actor).where(Dispatch.case == case).order_by(Dispatch.sent_on)
    return Choice(
        case=case, waiting=[group for group in waiting if group.letters],
        others=[one for key, one in shelf.items() if key not in first],
        sent={dispatch.letter: dispatch.sent_on for dispatch in sent},
    )  # fmt: skip
