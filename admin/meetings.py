"""Dialogue meetings: plan one, call people in, register what they answer and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_admin import BaseView, expose
from flask_babel import gettext as _

from admin import meeting_pages as pages
from admin.base import attempt
from admin.fields import number_of
from admin.listing import actor
from models import Case, DialogueMeeting, Dispatch, Plan, now
from services import access, meetings
from services.clock import today
from services.errors import NotAllowed, NotVisible, StaleRow

_STALE = object()


class MeetingView(BaseView):
    """The dialogue meetings of a case."""

    def is_accessible(self) -> bool:
        return actor().may("case.see")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/")
    def details(self) -> Any:
        """All about one meeting; the employee it is about answers here."""
        who = actor()
        meeting = meetings.read_meeting(who, request.args.get("id", ""))
        writes = who.may("case.write")
        people, minutes = pages.people_of(meeting, writes), _minutes(meeting)
        own = next((p.row for p in people if meetings.answers_for(who, p.row)), None)
        asked = meeting.status == "planned" and meeting.case.status == "open"
        return self.render(
            "meeting/details.html", meeting=meeting, case=meeting.case, title=pages.title_of(meeting), people=people,
            when=pages.when_of(meeting), writes=writes and meeting.case.status == "open", minutes=minutes,
            next=pages.next_of(meeting, people, minutes) if writes and meeting.case.status == "open" else None,
            certifier=meetings.certifier_of(meeting), past=meeting.at <= now(), tones=pages.STATUS_TONES,
            reason=meeting.unseal("reason"), own=own, guidance=pages.guidance(meeting.number),
            form=pages.answer_form(own, True) if own is not None and asked else None,
            letters=list(access.dispatches(who).where(Dispatch.meeting == meeting).order_by(Dispatch.sent_on)),
            breadcrumbs=pages.crumbs(meeting.case, (pages.title_of(meeting), None)),
        )  # fmt: skip

    # --- planning ------------------------------------------------------------------------------------------------

    @expose("/new/", methods=("GET", "POST"))
    def create(self) -> Any:
        case = access.get(actor(), Case, request.args.get("case"), "case.write")
        number = access.number_of(request.args.get("number") or 1)
        if number not in meetings.NUMBERS:
            raise NotVisible
        there = meetings.planned(case, number)
        if there is not None and request.method == "GET":
            return redirect(self.get_url(".details", id=there.id), 303)
        form = pages.meeting_form(case, number)
        if request.method == "POST" and form.validate():
            meeting = attempt(
                form, lambda: meetings.plan_meeting(actor(), case.id, number, pages.form_values(form))
            )  # fmt: skip
            if meeting is not None:
                flash(_("Møtet er planlagt."), "success")
                return redirect(self.get_url(".details", id=meeting.id), 303)
        return self._form_page(case, number, form, there=there)

    @expose("/edit/", methods=("GET", "POST"))
    def edit(self) -> Any:
        """Move the meeting, or change who takes part."""
        meeting = self._meeting()
        if meeting.status != "planned" and request.method == "GET":
            return redirect(self.get_url(".details", id=meeting.id), 303)
        form = pages.meeting_form(meeting.case, meeting.number, meeting)
        if request.method == "POST" and form.validate():
            revision = number_of(request.form.get("revision"))
            changed = _tried(
                form, lambda: meetings.change_meeting(actor(), meeting.id, pages.form_values(form), revision)
            )  # fmt: skip
            if changed is _STALE:
                return self._conflict(form)
            if changed is not None:
                flash(_said(changed), "success")
                return redirect(self.get_url(".details", id=meeting.id), 303)
        return self._form_page(meeting.case, meeting.number, form, meeting)

    def _conflict(self, form: Any) -> Any:
        meeting = self._meeting()
        stored = pages.meeting_form(meeting.case, meeting.number, meeting, stored=True)
        different = pages.differences(form, stored)
        form.revision.data, form.revision.raw_data = str(meeting.revision), None
        return self._form_page(meeting.case, meeting.number, form, meeting, 409, conflict=different)

    def _form_page(
        self, case: Case, number: int, form: Any, meeting: DialogueMeeting | None = None, status: int = 0, **shown: Any
    ) -> Any:
        if meeting is None:
            title, back = _("Planlegg dialogmøte %(number)s", number=number), None
        else:
            title, back = _("Flytt eller endre møtet"), self.get_url(".details", id=meeting.id)
        way = [(pages.title_of(meeting), back)] if meeting is not None else []
        html = self.render(
            "meeting/form.html", case=case, number=number, form=form, meeting=meeting, title=title,
            slots=pages.SLOTS, others=pages.OTHERS, guidance=pages.guidance(number), role_name=pages.role_name,
            breadcrumbs=pages.crumbs(case, *way, (title, None)), **shown,
        )  # fmt: skip
        return html, status or (422 if request.method == "POST" else 200)

    def _meeting(self) -> DialogueMeeting:
        return meetings.find_meeting(actor(), request.args.get("id"), "case.write")

    # --- invitations and answers ---------------------------------------------------------------------------------

    @expose("/told/", methods=("POST",))
    def told(self) -> Any:
        """A participant was told of the meeting otherwise than by a letter from here."""
        meeting_id = request.form.get("id", "")
        meetings.invited(actor(), meeting_id, request.form.get("role", ""), today())
        flash(_("Merket som innkalt i dag."), "success")
        return redirect(self.get_url(".details", id=meeting_id), 303)

    @expose("/answer/", methods=("GET", "POST"))
    def answer(self) -> Any:
        """What one participant answers. The employee speaks for themself, the leader or HR for the others."""
        person = meetings.find_participant(actor(), request.args.get("id"))
        meeting = person.meeting
        own = meetings.answers_for(actor(), person)
        form = pages.answer_form(person, own)
        status = 422 if request.method == "POST" else 200
        if request.method == "POST" and form.validate():
            given, note = form.answer.data or "", form.note.data or ""
            revision = number_of(request.form.get("revision"))
            saved = _tried(form, lambda: meetings.answer(actor(), person.id, given, note, revision))
            if saved is _STALE:
                person, status = meetings.find_participant(actor(), person.id), 409
                meeting = person.meeting
                form.revision.data, form.revision.raw_data = str(person.revision), None
            elif saved is not None:
                flash(_("Svaret er lagret."), "success")
                return redirect(self.get_url(".details", id=meeting.id), 303)
        title = _("Svar på innkallingen") if own else _("Registrer svar")
        return self.render(
            "meeting/answer.html", meeting=meeting, case=meeting.case, person=person, own=own, form=form, title=title,
            role=pages.role_name(person.role), when=pages.when_of(meeting), stale=status == 409,
            breadcrumbs=self._way(meeting, title),
        ), status  # fmt: skip

    # --- what came of it -----------------------------------------------------------------------------------------

    @expose("/result/", methods=("GET", "POST"))
    def result(self) -> Any:
        """Held with whom, or not held and why."""
        meeting = self._meeting()
        if meeting.status != "planned" and request.method == "GET":
            return redirect(self.get_url(".details", id=meeting.id), 303)
        form, ticked = pages.result_form(meeting), request.form.getlist("attended")
        revision = number_of(request.form.get("revision"))

        def verb() -> DialogueMeeting:
            if request.form.get("outcome") == "held":
                return meetings.register_held(actor(), meeting.id, map(number_of, ticked), revision)
            return meetings.register_not_held(actor(), meeting.id, form.reason.data or "", revision)

        return self._ended(meeting, form, verb, "meeting/result.html", _("Ble møtet holdt?"), ticked=ticked)

    @expose("/cancel/", methods=("GET", "POST"))
    def cancel(self) -> Any:
        meeting = self._meeting()
        if meeting.status != "planned" and request.method == "GET":
            return redirect(self.get_url(".details", id=meeting.id), 303)
        form = pages.cancel_form(meeting)
        revision = number_of(request.form.get("revision"))

        def verb() -> DialogueMeeting:
            return meetings.call_off(actor(), meeting.id, form.reason.data or "", revision)

        return self._ended(meeting, form, verb, "meeting/cancel.html", _("Avlys møtet"))

    def _ended(
        self, meeting: DialogueMeeting, form: Any, verb: Callable[[], Any], template: str, title: str, **shown: Any
    ) -> Any:
        """Run `verb` on a POST and go back to the meeting; else the page, with what was typed."""
        status = 422 if request.method == "POST" else 200
        if request.method == "POST" and form.validate():
            done = _tried(form, verb)
            if done is _STALE:
                meeting, status = self._meeting(), 409
                form.revision.data, form.revision.raw_data = str(meeting.revision), None
            elif done is not None:
                flash(_("Lagret."), "success")
                return redirect(self.get_url(".details", id=meeting.id), 303)
        return self.render(
            template, meeting=meeting, case=meeting.case, form=form, title=title, stale=status == 409,
            when=pages.when_of(meeting), people=pages.people_of(meeting, True), past=meeting.at <= now(),
            breadcrumbs=self._way(meeting, title), **shown,
        ), status  # fmt: skip

    @expose("/reopen/", methods=("POST",))
    def reopen(self) -> Any:
        meeting_id = request.form.get("id", "")
        meetings.reopen(actor(), meeting_id, number_of(request.form.get("revision")))
        flash(_("Møtet står som planlagt igjen."), "success")
        return redirect(self.get_url(".details", id=meeting_id), 303)

    def _way(self, meeting: DialogueMeeting, here: str) -> list[tuple[str, str | None]]:
        return pages.crumbs(
            meeting.case, (pages.title_of(meeting), self.get_url(".details", id=meeting.id)), (here, None)
        )  # fmt: skip


def _tried(form: Any, verb: Callable[[], Any]) -> Any:
    """As `attempt`; _STALE when somebody else wrote meanwhile."""
    try:
        return attempt(form, verb)
    except StaleRow:
        return _STALE


def _minutes(meeting: DialogueMeeting) -> Plan | None:
    found: Plan | None = (
        access.plans(actor()).where(Plan.meeting == meeting, Plan.purpose == "minutes", Plan.status != "misregistered")
        .first()
    )  # fmt: skip
    return found


def _said(changed: meetings.Changed) -> str:
    text = _("Lagret.")
    if changed.moved:
        text = _("Møtet er flyttet. Innkallinger og svar gjaldt den gamle tiden, så alle må kalles inn på nytt.")
    if changed.certifier_out:
        text += " " + _("Sykmelder var kalt inn. Gi beskjed om at det ikke blir noe av.")
    return str(text)
