"""Dialogue meetings of a case: planned, moved, called off, held or not; who takes part and what they answer.

Number 1 is the employer's (aml § 4-6 (4)), 2 and 3 are Nav's (ftrl § 8-7 a). The employer calls the certifier in only
when the employee wants it, so that row stands from the beginning and takes part when `agreed` says yes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.texts import N_, Note
from models import Case, DialogueMeeting, MeetingParticipant, Plan, db, now
from models.meetings import ANSWERS, PARTICIPANT_ROLES
from services import access, context
from services.access import Actor
from services.audit import Tag, trail
from services.cases import require_open, too_long, write
from services.clock import today
from services.errors import Invalid, NotEditable, NotVisible
from services.meeting_input import checked
from services.milestones import refresh

NUMBERS = (1, 2, 3)
OTHERS = ("other_1", "other_2", "other_3")  # slots of those who have no role of their own
SLOTS = (*(role for role in PARTICIPANT_ROLES if role != "other"), *OTHERS)
MAX_NOTE, MAX_REASON = 500, 1000


@dataclass(frozen=True)
class Changed:
    """A meeting after a change, and whether it was moved, so that everybody is asked again."""

    meeting: DialogueMeeting
    moved: bool
    certifier_out: bool  # had been invited, and is not to come after all


# --- reading --------------------------------------------------------------------------------------------------------


def of_case(actor: Actor, case: Case) -> list[DialogueMeeting]:
    """The meetings of a case by number and time, each with `participants` as a list; two queries in all."""
    rows = access.meetings(actor).where(DialogueMeeting.case == case)
    return _with_people(list(rows.order_by(DialogueMeeting.number, DialogueMeeting.at, DialogueMeeting.id)))


def read_meeting(actor: Actor, meeting_id: int | str, action: str = "case.see") -> DialogueMeeting:
    """One meeting with `participants` as a list; leaves a trail. Raises NotVisible, NotAllowed."""
    meeting = find_meeting(actor, meeting_id, action)
    trail(actor, Tag.MEETING_READ, meeting, meeting.case_id)
    return meeting


def find_meeting(actor: Actor, meeting_id: int | str | None, action: str) -> DialogueMeeting:
    """As `read_meeting`, without a trail: before a write, which leaves its own."""
    return _with_people([access.get(actor, DialogueMeeting, meeting_id, action)])[0]


def find_participant(actor: Actor, participant_id: int | str | None) -> MeetingParticipant:
    """The participant whose answer the actor may give: an employee's own; anybody's for who follows the case up.

    Raises NotVisible, NotAllowed.
    """
    participant: MeetingParticipant = access.get(actor, MeetingParticipant, participant_id, "case.see")
    if not answers_for(actor, participant):
        actor.require("case.write")
    return participant


def answers_for(actor: Actor, participant: MeetingParticipant) -> bool:
    """Whether the actor is the participant: the employee whom the meeting is about."""
    own = participant.role == "employee" and participant.meeting.case.employee_id == actor.employee_id
    return own and actor.may("meeting.answer")


def taking_part(meeting: DialogueMeeting) -> list[MeetingParticipant]:
    """Those who are called in or to be called in, by role."""
    return [p for p in meeting.participants if not _kept_out(meeting, p)]


def _kept_out(meeting: DialogueMeeting, participant: MeetingParticipant) -> bool:
    return participant.role == "certifier" and meeting.host == "employer" and participant.agreed is not True


def certifier_of(meeting: DialogueMeeting) -> MeetingParticipant | None:
    """The certifier's row, which in the employer's meeting also tells whether the employee wants them there."""
    return next((p for p in meeting.participants if p.role == "certifier"), None)


def slots_of(meeting: DialogueMeeting) -> dict[str, MeetingParticipant]:
    """The participants by slot: their role, or one of OTHERS."""
    others = [p for p in meeting.participants if p.role == "other"]
    return {p.role: p for p in meeting.participants if p.role != "other"} | dict(zip(OTHERS, others, strict=False))


def proposal(case: Case, number: int) -> dict[str, str]:
    """Who a new meeting is proposed with, by slot: name. The certifier's name stands ready, see `agreed`."""
    employee = case.employee
    leader = context.leader_of(employee)
    found = {"employee": employee.name, "leader": leader.name if leader else "", "certifier": employee.certifier}
    if employee.occupational_health:
        found["occupational_health"] = ""
    return found if number == 1 else {"employee": employee.name, "leader": found["leader"], "nav": ""}


def _with_people(meetings: list[DialogueMeeting]) -> list[DialogueMeeting]:
    found: dict[int, list[MeetingParticipant]] = {meeting.id: [] for meeting in meetings}
    rows = MeetingParticipant.select().where(MeetingParticipant.meeting.in_(list(found)))
    for row in sorted(rows, key=lambda p: (PARTICIPANT_ROLES.index(p.role), p.id)):
        found[row.meeting_id].append(row)
    for meeting in meetings:
        meeting.__dict__["participants"] = found[meeting.id]  # in place of the back reference, which asks each time
    return meetings


# --- planning and changing ------------------------------------------------------------------------------------------


def plan_meeting(actor: Actor, case_id: int | str, number: int, values: Mapping[str, Any]) -> DialogueMeeting:
    """Plan a meeting. `values`: day, time (Norway), place, link, agreed (bool or None), people (slot → name).

    The same sent twice gives the same meeting. Raises NotVisible, NotAllowed, NotEditable, Invalid by field.
    """
    case: Case = access.get(actor, Case, case_id, "case.write")
    require_open(case)
    if number not in NUMBERS:
        raise NotVisible
    at = checked(case, values)
    with db.atomic():
        # Takes the case's row, so that two who plan at once do not make two meetings.
        Case.update(revision=Case.revision).where(Case.id == case.id).execute()
        there = planned(case, number)
        if there is not None:
            if (there.at, there.place, there.link) == (at, values["place"], values["link"]):
                return there
            raise Invalid({"": Note(N_("Dialogmøte %(number)s er allerede planlagt. Flytt det i stedet."),
                                    {"number": number})})  # fmt: skip
        meeting: DialogueMeeting = DialogueMeeting.create(
            municipality=case.municipality_id, case=case, number=number, host="employer" if number == 1 else "nav",
            at=at, place=values["place"], link=values["link"],
        )  # fmt: skip
        _seat(meeting, case, values, [])
        trail(actor, Tag.MEETING_CREATED, meeting, case.id)
        refresh(case)
    return meeting


def planned(case: Case, number: int) -> DialogueMeeting | None:
    """The meeting with this number that waits to be held."""
    found: DialogueMeeting | None = DialogueMeeting.get_or_none(
        DialogueMeeting.case == case, DialogueMeeting.number == number, DialogueMeeting.status == "planned"
    )
    return found


def change_meeting(actor: Actor, meeting_id: int | str, values: Mapping[str, Any], revision: int) -> Changed:
    """Move a planned meeting, or change who takes part. When it is moved, everybody is invited and asked again.

    Raises NotVisible, NotAllowed, NotEditable, StaleRow, Invalid.
    """
    meeting = _writable(actor, meeting_id, ("planned",))
    at = checked(meeting.case, values)
    moved = (meeting.at, meeting.place, meeting.link) != (at, values["place"], values["link"])
    meeting.at, meeting.place, meeting.link = at, values["place"], values["link"]
    with db.atomic():
        write(meeting, revision)
        before = certifier_of(meeting)
        was_invited = bool(before and before.invited_on and not _kept_out(meeting, before))
        people = _seat(meeting, meeting.case, values, list(meeting.participants))
        if moved:
            for person in people:
                _forget(person)
        trail(actor, Tag.MEETING_CHANGED, meeting, meeting.case_id, ["at", "place"] if moved else ["participants"])
        refresh(meeting.case)
    after = certifier_of(_with_people([meeting])[0])
    return Changed(meeting, moved, was_invited and (after is None or _kept_out(meeting, after)))


def _writable(actor: Actor, meeting_id: int | str, statuses: Collection[str]) -> DialogueMeeting:
    meeting = find_meeting(actor, meeting_id, "case.write")
    require_open(meeting.case)
    if meeting.status not in statuses:
        raise NotEditable(Note(N_("Møtet er registrert som holdt, ikke holdt eller avlyst. Åpne det igjen først.")))
    return meeting


def _seat(
    meeting: DialogueMeeting, case: Case, values: Mapping[str, Any], there: list[MeetingParticipant]
) -> list[MeetingParticipant]:
    """Bring the participants to what was asked for; who is no longer with them goes. Gives those who remain."""
    people = {slot: name for slot, name in values["people"].items() if slot in SLOTS} | {"employee": case.employee.name}
    own = meeting.host == "employer"
    if own:
        people.setdefault("certifier", case.employee.certifier)
    wanted = [("other" if slot in OTHERS else slot, name.strip()) for slot, name in people.items()]
    left, seated = list(there), []
    for role, name in wanted:
        if role == "other" and not name:
            continue
        row = next((p for p in left if p.role == role and (role != "other" or p.name == name)), None)
        if row is None:
            row = MeetingParticipant(municipality=meeting.municipality_id, meeting=meeting, role=role)
        else:
            left.remove(row)
        agreed = values.get("agreed") if own and role == "certifier" else None
        if row.agreed and not agreed:
            _clear(row)
        row.name, row.agreed = name, agreed
        row.save(force_insert=row.id is None)
        seated.append(row)
    if left:
        MeetingParticipant.delete().where(MeetingParticipant.id.in_([p.id for p in left])).execute()
    return seated


def _forget(person: MeetingParticipant) -> None:
    """Invitation and answer were to another time or place; an answer on its way to them is refused as stale."""
    _clear(person)
    person.revision += 1
    person.save()


def _clear(person: MeetingParticipant) -> None:
    person.invited_on, person.answer, person.answered_at, person.note = None, "none", None, None


# --- invitations and answers ----------------------------------------------------------------------------------------


def invited(actor: Actor, meeting_id: int | str, role: str, sent_on: dt.date) -> None:
    """Those with this role have been told of the meeting, by letter or otherwise.

    Raises NotVisible, NotAllowed, NotEditable when the meeting is not planned any more, and Invalid for the certifier
    whom the employee has not agreed to.
    """
    meeting = _writable(actor, meeting_id, ("planned",))
    people = [p for p in meeting.participants if p.role == role]
    if not people:
        raise NotVisible
    if any(_kept_out(meeting, p) for p in people):
        raise Invalid({"": Note(N_("Sykmelder kan bare kalles inn når den ansatte ønsker det (aml § 4-6)."))})
    if sent_on > today():
        raise Invalid({"sent_on": Note(N_("Datoen er ikke kommet ennå."))})
    with db.atomic():
        MeetingParticipant.update(invited_on=sent_on).where(MeetingParticipant.id.in_([p.id for p in people])).execute()
        trail(actor, Tag.MEETING_CHANGED, meeting, meeting.case_id, ["invited_on"])


def answer(actor: Actor, participant_id: int | str, given: str, note: str, revision: int) -> MeetingParticipant:
    """What a participant answers to the invitation: `given` is one of ANSWERS, `note` is sealed.

    Raises NotVisible, NotAllowed, NotEditable, Invalid, and StaleRow when the meeting was moved meanwhile.
    """
    participant = find_participant(actor, participant_id)
    meeting = participant.meeting
    require_open(meeting.case)
    if meeting.status != "planned" or _kept_out(meeting, participant):
        raise NotEditable(Note(N_("Møtet er ikke planlagt lenger, så det trengs ikke noe svar.")))
    note, faults = note.strip(), dict[str, Note]()
    if given not in ANSWERS or (given == "none" and answers_for(actor, participant)):
        faults["answer"] = Note(N_("Velg et svar."))
    if len(note) > MAX_NOTE:
        faults["note"] = too_long(note, MAX_NOTE)
    elif given == "other_time" and not note:
        faults["note"] = Note(N_("Skriv når det passer bedre."))
    if faults:
        raise Invalid(faults)
    participant.answer, participant.answered_at = given, now() if given != "none" else None
    participant.seal("note", note or None)
    with db.atomic():
        write(participant, revision)
        trail(actor, Tag.MEETING_ANSWERED, participant, meeting.case_id)
    return participant


# --- what came of it ------------------------------------------------------------------------------------------------


def register_held(actor: Actor, meeting_id: int | str, attended: Iterable[int], revision: int) -> DialogueMeeting:
    """The meeting was held with these participants (ids). Raises NotVisible, NotEditable, Invalid, StaleRow."""
    meeting = _writable(actor, meeting_id, ("planned", "held"))
    if meeting.status == "held":
        return meeting  # sent twice
    if meeting.at > now():
        raise Invalid({"": Note(N_("Møtet er ikke kommet ennå. Flytt det hvis det ble holdt en annen dag."))})
    there = set(attended) & {p.id for p in taking_part(meeting)}
    if not there:
        raise Invalid({"attended": Note(N_("Kryss av for dem som var med."))})
    meeting.status = "held"
    with db.atomic():
        write(meeting, revision)
        for person in taking_part(meeting):
            MeetingParticipant.update(attended=person.id in there).where(MeetingParticipant.id == person.id).execute()
        trail(actor, Tag.MEETING_CHANGED, meeting, meeting.case_id, ["status", "attended"])
        refresh(meeting.case)
    return meeting


def register_not_held(actor: Actor, meeting_id: int | str, reason: str, revision: int) -> DialogueMeeting:
    """The time came and the meeting was not held; why is sealed. Raises NotVisible, NotEditable, Invalid, StaleRow."""
    meeting = _writable(actor, meeting_id, ("planned",))
    if meeting.at > now():
        raise Invalid({"": Note(N_("Møtet er ikke kommet ennå. Avlys det hvis det ikke blir noe av."))})
    if not reason.strip():
        raise Invalid({"reason": Note(N_("Skriv kort hvorfor møtet ikke ble holdt."))})
    return _end(actor, meeting, "not_held", reason, revision)


def call_off(actor: Actor, meeting_id: int | str, reason: str, revision: int) -> DialogueMeeting:
    """Call a planned meeting off. It stays in the case. Raises NotVisible, NotEditable, Invalid, StaleRow."""
    return _end(actor, _writable(actor, meeting_id, ("planned",)), "cancelled", reason, revision)


def _end(actor: Actor, meeting: DialogueMeeting, status: str, reason: str, revision: int) -> DialogueMeeting:
    reason = reason.strip()
    if len(reason) > MAX_REASON:
        raise Invalid({"reason": too_long(reason, MAX_REASON)})
    meeting.status = status
    meeting.seal("reason", reason or None)
    with db.atomic():
        write(meeting, revision)
        trail(actor, Tag.MEETING_CHANGED, meeting, meeting.case_id, ["status"])
        refresh(meeting.case)
    return meeting


def reopen(actor: Actor, meeting_id: int | str, revision: int) -> DialogueMeeting:
    """What was registered was wrong: the meeting is planned again. Not when its minutes are begun.

    Raises NotVisible, NotAllowed, NotEditable, StaleRow.
    """
    meeting = _writable(actor, meeting_id, ("planned", "held", "not_held", "cancelled"))
    if meeting.status == "planned":
        return meeting  # sent twice
    with db.atomic():
        Case.update(revision=Case.revision).where(Case.id == meeting.case_id).execute()
        if Plan.select().where(Plan.meeting == meeting, Plan.status != "misregistered").exists():
            raise NotEditable(Note(N_("Referatet fra møtet er påbegynt, så møtet kan ikke åpnes igjen.")))
        if planned(meeting.case, meeting.number) is not None:
            raise NotEditable(Note(N_("Et nytt dialogmøte er planlagt, så dette kan ikke åpnes igjen.")))
        meeting.status, meeting.reason = "planned", None
        write(meeting, revision)
        MeetingParticipant.update(attended=None).where(MeetingParticipant.meeting == meeting).execute()
        trail(actor, Tag.MEETING_CHANGED, meeting, meeting.case_id, ["status"])
        refresh(meeting.case)
    return meeting
