"""What the pages of dialogue meetings are made of: the form, the words, the one next step."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from admin import words
from admin.base import Difference
from admin.fields import BaseForm, DateField, ParsedField, TidyString, TidyText
from admin.listing import actor
from models import Case, DialogueMeeting, MeetingParticipant, Plan
from services import context, meetings
from services.clock import local, today
from services.meeting_input import MAX_LINK, MAX_NAME, MAX_PLACE
from services.meetings import MAX_NOTE, MAX_REASON, OTHERS, SLOTS

STATUS_TONES = {"planned": "info", "held": "done", "not_held": "late", "cancelled": "neutral"}
ANSWER_TONES = {"none": "neutral", "comes": "done", "other_time": "soon", "does_not_come": "late"}
LETTERS = {"employee": "innkalling-dialogmote-ansatt", "certifier": "innkalling-dialogmote-lege"}
_CLOCK = re.compile(r"^(\d{1,2})[:.]?(\d{2})?(?::00)?$")


class _ClockInput(TextInput):
    input_type = "time"


class TimeField(ParsedField):
    """A clock time: from the browser's field, or typed as 9.30 or 0930."""

    widget = _ClockInput()

    def read(self, text: str) -> dt.time:
        typed = _CLOCK.match(text)
        try:
            return dt.time(int(typed[1]), int(typed[2] or 0)) if typed else dt.time.fromisoformat(text)
        except ValueError as error:
            raise ValueError(str(_l("Skriv klokkeslettet som time.minutt, for eksempel 9.30."))) from error

    def write(self, value: dt.time) -> str:
        return f"{value:%H:%M}"


class OneOf(RadioField):
    """Radio buttons; a value that is none of them is refused in the reader's language, none at all by the service."""

    def pre_validate(self, form: Any) -> None:
        known: Any = self.iter_choices()
        if self.data is not None and self.data not in {choice.value for choice in known}:
            raise ValidationError(str(_l("Velg ett av alternativene.")))


# --- planning -------------------------------------------------------------------------------------------------------


def meeting_form(case: Case, number: int, meeting: DialogueMeeting | None = None, *, stored: bool = False) -> Any:
    """The form, bound to the request; as the meeting is `stored`, or proposed, when nothing was sent."""
    known = {slot: p.name for slot, p in meetings.slots_of(meeting).items()} if meeting else None
    people = known if known is not None else meetings.proposal(case, number)
    here = local(meeting.at) if meeting else None
    fields: dict[str, Any] = {
        "revision": HiddenField(default=str(meeting.revision) if meeting else "0"),
        "day": DateField(_("Dag"), default=here.date() if here else None),
        "time": TimeField(_("Klokkeslett"), default=here.time() if here else None),
        "place": TidyString(_("Sted"), default=meeting.place if meeting else "", render_kw={"maxlength": MAX_PLACE}),
        "link": TidyString(
            _("Lenke til videomøte"), default=meeting.link if meeting else "",
            description=_("Bare hvis noen skal være med på video. Begynner med https://."),
            render_kw={"maxlength": MAX_LINK, "inputmode": "url"},
        ),
    }  # fmt: skip
    if number == 1:
        fields["agreed"] = _agreed_field(meeting)
    for slot in SLOTS:
        ticked = slot in people if not (number == 1 and slot == "certifier") else True
        fields[f"with_{slot}"] = BooleanField(role_name(slot), default=ticked)
        fields[f"name_{slot}"] = TidyString(
            _("Navn: %(role)s", role=role_name(slot)), default=people.get(slot, _default_name(case, slot)),
            render_kw={"maxlength": MAX_NAME},
        )  # fmt: skip
    return type("MeetingForm", (BaseForm,), fields)(request.form if request.method == "POST" and not stored else None)


def _agreed_field(meeting: DialogueMeeting | None) -> Any:
    row = meetings.certifier_of(meeting) if meeting else None
    given = {True: "yes", False: "no", None: ""}[row.agreed if row else None]
    return OneOf(
        _("Ønsker den ansatte at sykmelder er med?"), default=given,
        choices={"yes": _("Ja"), "no": _("Nei"), "": _("Ikke spurt ennå")},
        description=_("Spør før du kaller inn. Sykmelder kalles bare inn når den ansatte ønsker det (aml § 4-6)."),
    )  # fmt: skip


def _default_name(case: Case, slot: str) -> str:
    return {"employee": case.employee.name, "certifier": case.employee.certifier}.get(slot, "")


def role_name(slot: str) -> str:
    role = "other" if slot in OTHERS else slot
    return str(_(context.MEETING_ROLE_NAMES[role]))


def form_values(form: Any) -> dict[str, Any]:
    """What the service takes."""
    people = {
        slot: form[f"name_{slot}"].data or ""
        for slot in SLOTS
        if slot == "employee"
        or slot in OTHERS
        or form[f"with_{slot}"].data
        or (slot == "certifier" and "agreed" in form)
    }
    agreed = {"yes": True, "no": False}.get(form.agreed.data or "") if "agreed" in form else None
    return {
        "day": form.day.data, "time": form.time.data, "place": form.place.data or "", "link": form.link.data or "",
        "agreed": agreed, "people": people,
    }  # fmt: skip


def differences(form: Any, stored: Any) -> list[Difference]:
    """What the one who writes has otherwise than what somebody else stored meanwhile."""
    pairs = [(str(form[name].label.text), *(_text(f[name]) for f in (form, stored))) for name in _plain(form)]
    pairs.append((_("Deltakere"), _people(form), _people(stored)))
    return [Difference(label, mine, theirs) for label, mine, theirs in pairs if mine != theirs]


def _plain(form: Any) -> list[str]:
    return [name for name in ("day", "time", "place", "link", "agreed") if name in form]


def _text(field: Any) -> str:
    if hasattr(field, "iter_choices"):
        return next((str(c.label) for c in field.iter_choices() if c.value == (field.data or "")), "")
    return str(field._value())


def _people(form: Any) -> str:
    named = form_values(form)["people"].items()
    return "\n".join(f"{role_name(slot)}: {name}" for slot, name in named if name or slot not in OTHERS)


def result_form(meeting: DialogueMeeting) -> Any:
    """Held with whom, or not held and why; one page, two buttons."""
    fields: dict[str, Any] = {
        "revision": HiddenField(default=str(meeting.revision)),
        "reason": TidyText(_("Hvorfor ble møtet ikke holdt?"), render_kw={"maxlength": MAX_REASON}),
    }
    return type("ResultForm", (BaseForm,), fields)(request.form if request.method == "POST" else None)


def cancel_form(meeting: DialogueMeeting) -> Any:
    fields: dict[str, Any] = {
        "revision": HiddenField(default=str(meeting.revision)),
        "reason": TidyText(
            _("Hvorfor?"), description=_("Trengs ikke. Ikke skriv diagnose eller detaljer om helse."),
            render_kw={"maxlength": MAX_REASON},
        ),
    }  # fmt: skip
    return type("CancelForm", (BaseForm,), fields)(request.form if request.method == "POST" else None)


def answer_form(person: MeetingParticipant, own: bool) -> Any:
    """The answer of one participant; the one who is asked speaks for themself, others are spoken of."""
    mine = {"comes": _("Jeg kommer"), "other_time": _("Jeg ønsker en annen tid"),
            "does_not_come": _("Jeg kommer ikke")}  # fmt: skip
    theirs = {code: str(_(name)) for code, name in context.MEETING_ANSWER_NAMES.items()}
    answered = person.answer if person.answer != "none" or not own else None
    fields: dict[str, Any] = {
        "revision": HiddenField(default=str(person.revision)),
        "answer": OneOf(_("Kan du komme?") if own else _("Hva er svaret?"), choices=mine if own else theirs,
                        default=answered),
        "note": TidyString(
            _("Melding"), default=person.unseal("note"), render_kw={"maxlength": MAX_NOTE},
            description=_("Skriv når det passer bedre, hvis en annen tid er ønsket. Ikke skriv om helse."),
        ),
    }  # fmt: skip
    return type("AnswerForm", (BaseForm,), fields)(request.form if request.method == "POST" else None)


# --- showing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NextStep:
    """What to do now with a meeting; without `url` there is nothing to press."""

    title: str
    text: str
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Person:
    """A participant as the page shows them."""

    row: MeetingParticipant
    role: str
    told: str  # when and whether they were called in
    answer: str
    tone: str
    note: str
    invite_url: str  # the letter that calls them in; empty when another way
    may_tell: bool  # may be marked as told
    may_answer: bool


def title_of(meeting: DialogueMeeting) -> str:
    return str(_("Dialogmøte %(number)s", number=meeting.number))


def when_of(meeting: DialogueMeeting) -> str:
    """Torsdag 5. mars kl. 10.00, with the year when it is another one."""
    here = local(meeting.at)
    day = words.format_weekday(here.date()) + (f" {here.year}" if here.year != today().year else "")
    return str(_("%(day)s kl. %(time)s", day=day, time=f"{here:%H.%M}"))


def crumbs(case: Case, *here: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [
        (_("Saker"), url_for("case.index_view")), (case.employee.name, url_for("case.details_view", id=case.id)), *here,
    ]  # fmt: skip


def people_of(meeting: DialogueMeeting, writes: bool) -> list[Person]:
    """Those who take part; notes are for who follows the case up and for the one who wrote."""
    planned, own_meeting = meeting.status == "planned" and writes, meeting.host == "employer"
    found = []
    for row in meetings.taking_part(meeting):
        mine = meetings.answers_for(actor(), row)
        letter = LETTERS.get(row.role, "") if planned and own_meeting and not row.invited_on else ""
        found.append(Person(
            row, str(_(context.MEETING_ROLE_NAMES[row.role])), _told(meeting, row),
            str(_(context.MEETING_ANSWER_NAMES[row.answer])), ANSWER_TONES[row.answer],
            row.unseal("note") if writes or mine else "",
            url_for("case_letter.write", case=meeting.case_id, key=letter, meeting=meeting.id) if letter else "",
            planned and own_meeting and not row.invited_on and row.role != "leader",
            planned and row.role != "leader",
        ))  # fmt: skip
    return found


def _told(meeting: DialogueMeeting, row: MeetingParticipant) -> str:
    if row.invited_on:
        return str(_("innkalt %(day)s", day=words.format_short(row.invited_on)))
    if meeting.status != "planned" or row.role == "leader":
        return ""
    return str(_("ikke innkalt ennå") if meeting.host == "employer" else _("Nav kaller inn"))


def next_of(meeting: DialogueMeeting, people: list[Person], minutes: Plan | None) -> NextStep:
    """The one next step of a meeting, for who follows the case up."""
    case = meeting.case_id
    if meeting.status in ("not_held", "cancelled"):
        again = url_for("meeting.create", case=case, number=meeting.number)
        return NextStep(_("Planlegg et nytt møte hvis dere fortsatt trenger det"),
                        _("Dette møtet blir stående i saken."), again, _("Planlegg nytt møte"))  # fmt: skip
    if meeting.status == "held":
        return _after(meeting, minutes)
    if meeting.at <= dt.datetime.now(dt.UTC):
        return NextStep(_("Ble møtet holdt?"), _("Registrer hvem som var med, eller hvorfor det ikke ble noe av."),
                        url_for("meeting.result", id=meeting.id), _("Registrer hva som skjedde"))  # fmt: skip
    waiting = [person for person in people if person.invite_url]
    if waiting:
        text = _("Brevet er ferdig utfylt med tid og sted. Se over det før du sender.")
        return NextStep(_("Send innkallingen til: %(who)s", who=waiting[0].role.lower()), text,
                        waiting[0].invite_url, _("Skriv innkallingen"))  # fmt: skip
    moved = [person for person in people if person.row.answer == "other_time"]
    if moved:
        return NextStep(_("Noen ønsker en annen tid"), _("Flytt møtet, eller avtal at tiden står."),
                        url_for("meeting.edit", id=meeting.id), _("Flytt møtet"))  # fmt: skip
    untold = [person.row.name or person.role for person in people if person.may_tell and not person.row.invited_on]
    if untold:
        text = _("De får ikke brev herfra. Trykk «Har fått beskjed» ved navnet når det er gjort.")
        return NextStep(_("Gi beskjed til: %(who)s", who=", ".join(untold)), text)
    text = (
        _("Oppdater oppfølgingsplanen før møtet. Nav vil gjerne ha den en uke før.")
        if meeting.host == "nav"
        else _("Se over planen sammen før møtet, så blir møtet kortere.")
    )
    return NextStep(_("Møtet er %(when)s", when=_lower(when_of(meeting))), text)


def _after(meeting: DialogueMeeting, minutes: Plan | None) -> NextStep:
    if minutes is None:
        return NextStep(_("Skriv referatet"), _("Tid, sted og hvem som var med, er fylt ut."),
                        url_for("plan.start", case=meeting.case_id, purpose="minutes", meeting=meeting.id),
                        _("Skriv referat"))  # fmt: skip
    if minutes.status == "draft":
        return NextStep(_("Gjør ferdig referatet"), _("Det du har skrevet, er lagret."),
                        url_for("plan.edit_view", id=minutes.id), _("Fortsett referatet"))  # fmt: skip
    return NextStep(_("Møtet er holdt og referatet er ferdig"),
                    _("Oppdater planen med det dere ble enige om."),
                    url_for("plan.details_view", id=minutes.id), _("Åpne referatet"))  # fmt: skip


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def guidance(number: int) -> str:
    """What the law says of each meeting, in plain words."""
    texts: Mapping[int, str] = {
        1: _("Du som leder kaller inn, senest når den ansatte har vært helt sykmeldt i sju uker (aml § 4-6). Den "
             "ansatte skal være med. Ved gradert sykmelding holdes møtet når en av dere eller sykmelder har "
             "nytte av det."),
        2: _("Nav kaller inn, senest når fraværet har vart i 26 uker (folketrygdloven § 8-7 a). Før opp tiden Nav har "
             "satt, så har dere den her. Du og den ansatte har plikt til å møte."),
        3: _("Nav kan kalle inn til et møte til når sykepengene nærmer seg slutten. Den ansatte, du eller sykmelder "
             "kan be om det (folketrygdloven § 8-7 a)."),
    }  # fmt: skip
    return texts[number]
