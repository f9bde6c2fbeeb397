"""Minutes of dialogue meetings and consents: the machinery of plans, each purpose counting for itself."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from flask import Flask

from models import Answer, AuditEvent, Case, DialogueMeeting, Document, MeetingParticipant, Milestone, Plan, QuestionSet
from services import clock, meetings, plan_purposes
from services.access import load_actor
from tests.front import Browser, pdf_text, said, shown
from tests.world import World


@pytest.fixture
def kari(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "kari")


@pytest.fixture
def per(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "per")


def hold(world: World, number: int = 1, language: str = "nb", **people: str) -> DialogueMeeting:
    """A meeting held yesterday at ten, with everybody there."""
    who = load_actor(world.kari.id)
    assert who
    values = {
        "day": world.today - dt.timedelta(days=1), "time": dt.time(10, 0), "place": "Møterom 2", "link": "",
        "agreed": True, "people": {"employee": "", "leader": "Kari Leder", "certifier": "Lege Ly", **people},
    }  # fmt: skip
    made = meetings.plan_meeting(who, world.per_case.id, number, values)
    everybody = [p.id for p in MeetingParticipant.select().where(MeetingParticipant.meeting == made)]
    return meetings.register_held(who, made.id, everybody, made.revision)


def start(browser: Browser, case: Case, purpose: str, meeting: DialogueMeeting | None = None, **form: Any) -> Any:
    address = f"/admin/planer/start/?case={case.id}&purpose={purpose}"
    return browser.post(address + (f"&meeting={meeting.id}" if meeting else ""), form)


def started(*args: Any, **kwargs: Any) -> Plan:
    answer = start(*args, **kwargs)
    assert answer.status_code == 303, said(answer)
    plan: Plan = Plan.get_by_id(int(answer.location.rpartition("id=")[2]))
    return plan


def answers(plan: Plan) -> dict[str, Any]:
    return {row.question: json.loads(row.unseal("value")) for row in Answer.select().where(Answer.plan == plan)}


def write(browser: Browser, plan: Plan) -> None:
    """Answer what the shipped minutes still ask for."""
    known = answers(plan)
    there = known["attendees"]
    data = {
        "q_attendees": there["codes"], "q_attendees__shown": "1", "q_topic": "Veien videre",
        "q_conclusion": "Vi prøver kontor i fire uker.", "q_minute_taker": known["minute_taker"],
        **{f"q_attendees__c_{code}": text for code, text in there["comments"].items()},
    }  # fmt: skip
    answer = browser.save(plan, "attendees", data)
    assert answer.status_code == 303, said(answer)


def finished(browser: Browser, world: World, meeting: DialogueMeeting, **form: Any) -> Plan:
    plan = started(browser, world.per_case, "minutes", meeting, **form)
    write(browser, plan)
    return browser.finish(plan)


# --- minutes --------------------------------------------------------------------------------------------------------


def test_minutes_begin_with_what_is_known_of_the_meeting(kari: Browser, library: World) -> None:
    meeting = hold(library, nav="Nina Nav", union="", other_1="Ada (tolk)", assistant="Bo Bistand")
    page = kari.get(f"/admin/planer/start/?case={library.per_case.id}&purpose=minutes&meeting={meeting.id}")
    assert "Referat fra dialogmøte 1" in said(page)
    assert "oppfølgingsplan" not in said(page).lower()
    plan = started(kari, library.per_case, "minutes", meeting)
    assert (plan.purpose, plan.number, plan.kind, plan.meeting_id) == ("minutes", 1, "first", meeting.id)
    known = answers(plan)
    yesterday = library.today - dt.timedelta(days=1)
    assert known["meeting_place"] == "Møterom 2"
    assert known["meeting_date"] == yesterday.isoformat()
    assert known["meeting_time"] == "10:00"
    assert known["minute_taker"] == "Kari Leder"
    assert known["attendees"] == {
        "codes": ["employee", "leader", "doctor", "assistant", "other"],
        "comments": {
            "employee": "Per Ås", "leader": "Kari Leder", "doctor": "Lege Ly", "assistant": "Bo Bistand",
            "other": "Nina Nav (Nav), Tillitsvalgt, Ada (tolk)",
        },
    }  # fmt: skip
    edit = kari.get(f"/admin/planer/edit/?id={plan.id}&section=meeting")
    assert 'value="Møterom 2"' in edit.text
    assert "Referat fra dialogmøte 1" in said(edit)
    assert "oppfølgingsplan" not in said(edit).lower()


def test_minutes_are_finished_locked_and_printed(kari: Browser, per: Browser, library: World) -> None:
    meeting = hold(library)
    plan = started(kari, library.per_case, "minutes", meeting)
    assert per.get(f"/admin/planer/details/?id={plan.id}").status_code == 404
    review = said(kari.get(f"/admin/planer/review/?id={plan.id}"))
    assert "Se over referatet" in review
    assert "Dette mangler før referatet kan ferdigstilles" in review
    assert "§ 4-6" not in review  # what a plan must hold is no business of minutes
    assert kari.post("/admin/planer/finish/", {"id": plan.id}).status_code == 422
    write(kari, plan)
    review = said(kari.get(f"/admin/planer/review/?id={plan.id}"))
    assert "Gjelder referatet riktig person?" in review
    done = kari.finish(plan)
    assert done.status == "finished"
    details = said(kari.get(f"/admin/planer/details/?id={plan.id}"))
    assert "Referatet er ferdig." in details
    assert "Skjemaet har ingen signaturfelt" in details
    assert "ikke signert" not in details
    late = kari.save(plan, "attendees", {"q_conclusion": "Noe annet"})
    assert late.status_code == 409
    assert "Referatet er ferdigstilt" in said(late)
    assert "Lag en ny plan" not in said(late)
    assert per.get(f"/admin/planer/details/?id={plan.id}").status_code == 200
    assert per.get(f"/admin/planer/pdf/?id={plan.id}").status_code == 200
    assert Document.get(Document.plan == plan).kind == "minutes"


@pytest.mark.parametrize(("language", "words"), [
    ("nb", ("Dialogmøte – oppfølging av syk", "Til stede", "Stillingsstørrelse", "Syk fra", "Referent", "Konklusjon")),
    ("nn", ("Dialogmøte – oppfølging av sjuk", "Til stades", "Stillingsstorleik", "Sjuk frå", "Referent")),
])  # fmt: skip
def test_what_the_paper_says(kari: Browser, library: World, language: str, words: tuple[str, ...]) -> None:
    meeting = hold(library, nav="Nina Nav")
    plan = finished(kari, library, meeting, language=language)
    text = " ".join(pdf_text(kari.get(f"/admin/planer/pdf/?id={plan.id}").data).split())
    number = library.per_employee.unseal("national_id")
    first, yesterday = library.per_case.first_day, library.today - dt.timedelta(days=1)
    for part in (
        *words, "Per Ås", number, "Hjemmetjenesten", "Fagarbeider", "100 %", f"{first.day}.", str(first.year), "Møterom 2",
        f"{yesterday.day}.", "10:00", "Kari Leder", "Lege Ly", "Nina Nav (Nav)", "Veien videre",
        "Vi prøver kontor i fire uker.", "Dialogmøte 1", "Storvik", plan.snapshot_hash[:10],
    ):  # fmt: skip
        assert part in text, part
    assert "UTKAST" not in text
    assert "oppfølgingsplan" not in text.lower()
    draft = started(kari, library.per_case, "minutes", hold(library, number=2), language=language)
    assert "UTKAST" in pdf_text(kari.get(f"/admin/planer/pdf/?id={draft.id}").data)


def test_one_set_of_minutes_to_a_meeting(kari: Browser, library: World) -> None:
    meeting = hold(library)
    first = started(kari, library.per_case, "minutes", meeting)
    assert started(kari, library.per_case, "minutes", meeting).id == first.id
    address = f"/admin/planer/start/?case={library.per_case.id}&purpose=minutes&meeting={meeting.id}"
    assert kari.get(address).location.endswith(f"/admin/planer/edit/?id={first.id}")
    write(kari, first)
    kari.finish(first)
    assert started(kari, library.per_case, "minutes", meeting).id == first.id
    other = started(kari, library.per_case, "minutes", hold(library, number=2))
    assert (other.number, other.meeting.number) == (2, 2)
    assert "conclusion" not in answers(other)
    refused = kari.post("/admin/moter/reopen/", {"id": meeting.id, "revision": meeting.revision})
    assert refused.status_code == 409
    assert "Referatet fra møtet er påbegynt" in said(refused)


def test_only_of_a_meeting_that_was_held_and_of_this_case(app: Flask, kari: Browser, library: World) -> None:
    case = library.per_case
    assert start(kari, case, "minutes").status_code == 404
    assert start(kari, case, "poem").status_code == 404
    who = load_actor(library.kari.id)
    assert who
    values = {"day": library.today + dt.timedelta(days=2), "time": dt.time(9), "place": "Her", "link": "",
              "agreed": None, "people": {}}  # fmt: skip
    planned = meetings.plan_meeting(who, case.id, 1, values)
    answer = start(kari, case, "minutes", planned)
    assert answer.status_code == 409
    assert "Registrer at møtet er holdt" in said(answer)
    siri = Browser(app.test_client(), "siri")
    assert start(siri, library.lise_case, "minutes", hold(library, number=2)).status_code == 404
    assert Plan.select().count() == 0


def test_minutes_do_not_count_as_the_plan(kari: Browser, library: World) -> None:
    plan = finished(kari, library, hold(library))
    case = library.refresh().per_case
    assert case.plan_status == "none"
    milestone = Milestone.get(Milestone.case == case, Milestone.code == "plan")
    assert milestone.state == "open"
    first = kari.start_plan(case)
    assert (first.number, first.kind, first.purpose) == (1, "first", "plan")
    assert answers(first) == {}
    kari.fill(first)
    kari.finish(first)
    assert Plan.get_by_id(plan.id).status == "finished"  # not replaced by the plan
    later = finished(kari, library, hold(library, number=2))
    assert (Plan.get_by_id(first.id).status, later.number) == ("finished", 2)
    second = kari.start_plan(case)
    assert (second.number, second.kind) == (2, "extension")
    assert "minute_taker" not in answers(second)


def test_misregistered_minutes_leave_room_for_new_ones(app: Flask, kari: Browser, library: World) -> None:
    siri = Browser(app.test_client(), "siri")
    older = kari.finished_plan(library.per_case)
    Plan.update(status="superseded").where(Plan.id == older.id).execute()
    meeting = hold(library)
    plan = finished(kari, library, meeting)
    page = said(siri.get(f"/admin/planer/misregister/?id={plan.id}"))
    assert "Referat fra dialogmøte 1" in page
    assert "Skriv hvorfor referatet er feilregistrert." in said(
        siri.post(f"/admin/planer/misregister/?id={plan.id}", {"reason": ""})
    )
    assert siri.post(f"/admin/planer/misregister/?id={plan.id}", {"reason": "Feil person"}).status_code == 303
    assert "FEILREGISTRERT" in pdf_text(siri.get(f"/admin/planer/pdf/?id={plan.id}").data)
    assert Plan.get_by_id(older.id).status == "superseded"  # minutes had not replaced it
    assert started(kari, library.per_case, "minutes", meeting).id != plan.id


def test_without_a_form_the_reason_is_said(kari: Browser, library: World) -> None:
    QuestionSet.update(active=False).where(QuestionSet.kind.in_(("minutes", "consent"))).execute()
    answer = start(kari, library.per_case, "minutes", hold(library))
    assert answer.status_code == 422
    assert "Kommunen har ikke noe skjema for møtereferat." in said(answer)
    assert "Kommunen har ikke noe skjema for samtykke." in said(start(kari, library.per_case, "consent"))


# --- consent --------------------------------------------------------------------------------------------------------


def consent(browser: Browser, world: World) -> Plan:
    return browser.finish(started(browser, world.per_case, "consent"))


def test_a_consent_is_given_signed_withdrawn_and_given_again(kari: Browser, per: Browser, library: World) -> None:
    page = said(kari.get(f"/admin/planer/start/?case={library.per_case.id}&purpose=consent"))
    assert "Nytt samtykke" in page
    assert "frivillig" in page
    plan = consent(kari, library)
    assert started(kari, library.per_case, "consent").id == plan.id  # one runs at a time
    details = said(kari.get(f"/admin/planer/details/?id={plan.id}"))
    assert "Samtykke" in details
    assert "ferdig, ikke signert" in details
    sign = {"role": "employee", "name": "Per Ås", "signed_on": clock.today().isoformat(), "place": "Dokka"}
    assert kari.post(f"/admin/planer/sign/?id={plan.id}", sign).status_code == 303
    assert Plan.get_by_id(plan.id).status == "signed"
    assert library.refresh().per_case.plan_status == "none"
    assert "Trekke samtykket tilbake" in said(per.get(f"/admin/planer/details/?id={plan.id}"))
    gone = per.post(f"/admin/planer/withdraw/?id={plan.id}", {"day": clock.today().isoformat()})
    assert gone.status_code == 303
    row = Plan.get_by_id(plan.id)
    assert (row.withdrawn_on, row.withdrawn_by_id, row.status) == (clock.today(), library.per.id, "signed")
    assert AuditEvent.select().where(AuditEvent.tag == "consent:withdrawn").count() == 1
    details = said(kari.get(f"/admin/planer/details/?id={plan.id}"))
    assert "trukket tilbake" in details
    assert "registrert av Per Ås" in details
    text = pdf_text(kari.get(f"/admin/planer/pdf/?id={plan.id}").data)
    assert "TRUKKET TILBAKE" in text
    assert plan.snapshot_hash[:10] in text
    again = kari.post(f"/admin/planer/withdraw/?id={plan.id}", {"day": clock.today().isoformat()})
    assert again.status_code == 303  # sent twice: as it was
    assert AuditEvent.select().where(AuditEvent.tag == "consent:withdrawn").count() == 1
    refused = kari.post(f"/admin/planer/sign/?id={plan.id}", {**sign, "role": "assistant"})
    assert refused.status_code == 409
    new = consent(kari, library)
    assert (new.number, new.id == plan.id) == (2, False)
    assert "Samtykke 2" in said(kari.get(f"/admin/planer/details/?id={new.id}"))
    assert "TRUKKET TILBAKE" not in pdf_text(kari.get(f"/admin/planer/pdf/?id={new.id}").data)


@pytest.mark.parametrize(("day", "message"), [
    ("", "Skriv hvilken dag"), ("2099-01-01", "ikke kommet ennå"), ("2001-01-01", "før samtykket ble ferdigstilt"),
    ("31.2.2026", "Skriv datoen som"),
])  # fmt: skip
def test_a_wrong_day_of_withdrawal_is_said_at_the_field(kari: Browser, library: World, day: str, message: str) -> None:
    plan = consent(kari, library)
    answer = kari.post(f"/admin/planer/withdraw/?id={plan.id}", {"day": day})
    assert answer.status_code == 422
    assert message in shown(answer)
    assert Plan.get_by_id(plan.id).withdrawn_on is None


def test_only_a_finished_consent_is_withdrawn(app: Flask, kari: Browser, library: World) -> None:
    draft = started(kari, library.per_case, "consent")
    plan = kari.finished_plan(library.per_case)
    for row in (draft, plan):
        answer = kari.post(f"/admin/planer/withdraw/?id={row.id}", {"day": clock.today().isoformat()})
        assert answer.status_code == 409
        assert "Bare et ferdigstilt samtykke" in said(answer)
    done = kari.finish(draft)
    for name, status in (("ola", 404), ("tone", 404), ("anne", 403), ("aud", 403)):
        answer = Browser(app.test_client(), name).post(f"/admin/planer/withdraw/?id={done.id}", {"day": "2026-01-01"})
        assert answer.status_code == status
    assert Plan.get_by_id(done.id).withdrawn_on is None


# --- lists ----------------------------------------------------------------------------------------------------------


def test_the_list_shows_plans_unless_asked_for_others(app: Flask, kari: Browser, library: World) -> None:
    siri = Browser(app.test_client(), "siri")
    kari.finished_plan(library.per_case)
    finished(kari, library, hold(library))
    consent(kari, library)
    rows = {
        "": "Plan 1", "?purpose=minutes": "Referat fra dialogmøte 1", "?purpose=consent": "Samtykke",
    }  # fmt: skip
    for query, name in rows.items():
        body = siri.get(f"/admin/planer/{query}").text.partition("<tbody>")[2].partition("</tbody>")[0]
        assert name in body
        assert [other for other in rows.values() if other in body] == [name]
    body = siri.get("/admin/planer/?purpose=all").text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert [name for name in rows.values() if name not in body] == []
    exported = siri.get("/admin/planer/export/csv/?purpose=all").text
    assert all(word in exported for word in ("Oppfølgingsplan", "Referat", "Samtykke"))
    batch = siri.post("/admin/planer/action/", {"action": "print", "rowid": [p.id for p in Plan.select()]})
    assert "Dialogmøte 1" in pdf_text(batch.data)


def test_the_forms_of_a_case_in_one_query(kari: Browser, library: World) -> None:
    from tests.front import traced

    plan = kari.finished_plan(library.per_case)
    meeting = hold(library)
    minutes = finished(kari, library, meeting)
    given = consent(kari, library)
    draft = started(kari, library.per_case, "minutes", hold(library, number=2))
    for user, seen in ((library.kari, {meeting.id, draft.meeting_id}), (library.per, {meeting.id})):
        who = load_actor(user.id)
        assert who
        with traced() as statements:
            forms = plan_purposes.forms_of_case(who, library.per_case)
        assert len(statements) == 1
        assert [p.id for p in forms.plans] == [plan.id]
        assert set(forms.minutes) == seen
        assert forms.minutes[meeting.id].id == minutes.id
        assert forms.consent
        assert forms.consent.id == given.id
