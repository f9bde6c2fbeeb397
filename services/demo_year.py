"""What the demo's leaders have done beside the plans: a meeting called in to, one held with minutes, and exemptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from models import Case, MeetingParticipant, Milestone
from services import dispatches, letter_case, meetings, plans, tasks
from services.clock import today
from services.demo_stories import Cast

_LETTERS = (("innkalling-dialogmote-ansatt", "digital_post"), ("innkalling-dialogmote-lege", "post"))
_MINUTES = {
    "topic": "Hvordan Døme kommer videre fra 60 % til vanlig stilling.",
    "background": "Døme har vært borte siden midten av september, de siste ukene med 60 %. Planen er fulgt.",
    "assessment": "Faste brukere og heisløfter virker. Tunge løft alene og korte pauser virker ikke ennå.",
    "conclusion": "Vi prøver 50 % fra neste periode med faste brukere og uten tunge løft. Kari ordner vaktlista. "
    "Bedriftshelsetjenesten gir veiledning på arbeidsstedet.",
}


def live(casts: Mapping[str, tuple[Cast, Case]]) -> None:
    """Let it happen in the cases of these employees, by name."""
    _called_in(*casts["Máret Dáhpáhus"])
    _held(*casts["Døme Ødegård"])
    _spared(*casts["Solveig Utkast"])
    _put_aside(*casts["Håkon Tøysing"])


def _weekday(day: dt.date) -> dt.date:
    """That day, or the Monday after it."""
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _values(cast: Cast, case: Case, day: dt.date, agreed: bool) -> dict[str, object]:
    people = {**meetings.proposal(case, 1), "occupational_health": "Berit Prøvesen"}
    return {
        "day": day, "time": dt.time(10), "place": f"Møterom 2, {case.unit.name}", "link": "", "agreed": agreed,
        "people": people,
    }  # fmt: skip


def _called_in(cast: Cast, case: Case) -> None:
    """A meeting in a few days, with the letters sent, and answers."""
    day = _weekday(today() + dt.timedelta(days=2))
    meeting = meetings.plan_meeting(cast.leader, case.id, 1, _values(cast, case, day, True))
    for key, how in _LETTERS:
        opened = letter_case.open_letter(cast.leader, case.id, key, meeting_id=meeting.id, quiet=True)
        text = dispatches.Text(opened.language, opened.fresh(opened.language))
        values = {
            "recipient_name": opened.recipient_name or "Legesenteret", "how": how, "sent_on": today(), "agreed": True,
        }  # fmt: skip
        dispatches.send(cast.leader, opened, text, values, f"demo-{key}")
    said = {"employee": ("comes", ""), "leader": ("comes", ""), "certifier": ("other_time", "Kan etter klokka 14.")}
    for role, (given, note) in said.items():
        person = MeetingParticipant.get(MeetingParticipant.meeting == meeting, MeetingParticipant.role == role)
        meetings.answer(cast.leader, person.id, given, note, person.revision)


def _held(cast: Cast, case: Case) -> None:
    """A meeting that was held, with its minutes on the municipality's form."""
    planned = meetings.plan_meeting(
        cast.leader, case.id, 1, _values(cast, case, _weekday(today() - dt.timedelta(days=21)), False)
    )
    meeting = meetings.read_meeting(cast.leader, planned.id)
    there = [p.id for p in meeting.participants if p.role != "certifier"]
    meetings.register_held(cast.leader, meeting.id, there, meeting.revision)
    minutes = plans.start_plan(cast.leader, case.id, purpose="minutes", meeting_id=meeting.id)
    plans.save_answers(cast.leader, minutes.id, _MINUTES, {})
    plans.finish_plan(cast.leader, minutes.id)


def _spared(cast: Cast, case: Case) -> None:
    """A plan is obviously unnecessary, for now."""
    row = Milestone.get(Milestone.case == case, Milestone.code == "plan")
    reason = "Avtalt på telefon: tilbake i vanlig stilling fra neste uke."
    tasks.exempt(cast.leader, row.id, "back_soon", reason, talked=True)


def _put_aside(cast: Cast, case: Case) -> None:
    row = Milestone.get(Milestone.case == case, Milestone.code == "nav_need")
    tasks.not_relevant(cast.leader, row.id, "Svarte Nav på telefon at vi klarer oss uten et møte nå.")
