"""The pages of dialogue meetings, as the leader, HR and the employee use them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from models import AuditEvent, DialogueMeeting, Dispatch, MeetingParticipant
from services import clock, documents
from services.access import load_actor
from tests.front import Browser, database_bytes, said, shown
from tests.world import World

NEW = "/admin/moter/new/?case={case}&number={number}"


@pytest.fixture
def kari(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "kari")


@pytest.fixture
def per(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "per")


def form(on: dt.date, **changed: str | None) -> dict[str, str]:
    """As the page sends it; a value of None takes the field away."""
    sent: dict[str, Any] = {
        "day": on.isoformat(), "time": "10:00", "place": "Møterom 2", "link": "", "agreed": "yes", "revision": "0",
        "with_leader": "y", "name_leader": "Kari Leder", "name_certifier": "Lege Ly", **changed,
    }  # fmt: skip
    return {name: value for name, value in sent.items() if value is not None}


def plan(browser: Browser, world: World, number: int = 1, days: int = 3, **changed: str | None) -> DialogueMeeting:
    day = world.today + dt.timedelta(days=days)
    answer = browser.post(NEW.format(case=world.per_case.id, number=number), form(day, **changed))
    assert answer.status_code == 303, said(answer)
    return DialogueMeeting.get_by_id(int(answer.location.rpartition("id=")[2]))


def person(meeting: DialogueMeeting, role: str = "employee") -> MeetingParticipant:
    row: MeetingParticipant = MeetingParticipant.get(
        MeetingParticipant.meeting == meeting, MeetingParticipant.role == role
    )
    return row


def page(meeting: DialogueMeeting) -> str:
    return f"/admin/moter/?id={meeting.id}"


# --- planning -------------------------------------------------------------------------------------------------------


def test_from_an_empty_page_to_a_planned_meeting(kari: Browser, library: World) -> None:
    empty = kari.get(NEW.format(case=library.per_case.id, number=1))
    text = said(empty)
    assert "Planlegg dialogmøte 1" in text
    assert "aml § 4-6" in text
    assert "Ønsker den ansatte at sykmelder er med?" in text
    assert "Tillitsvalgt og verneombud er bare med når den ansatte ønsker det" in text
    assert 'value="Kari Leder"' in empty.text
    assert 'value="Lege Ly"' in empty.text
    meeting = plan(kari, library, with_occupational_health="y", name_other_1="Ada Tolk")
    roles = [(p.role, p.name) for p in MeetingParticipant.select().order_by(MeetingParticipant.id)]
    assert sorted(roles) == [
        ("certifier", "Lege Ly"), ("employee", "Per Ås"), ("leader", "Kari Leder"), ("occupational_health", ""),
        ("other", "Ada Tolk"),
    ]  # fmt: skip
    text = said(kari.get(page(meeting)))
    for part in ("Dialogmøte 1", "planlagt", "Møterom 2", "kl. 10.00", "Per Ås", "Bedriftshelsetjenesten", "Ada Tolk",
                 "Send innkallingen til: den ansatte", "ikke innkalt ennå", "ikke svart"):  # fmt: skip
        assert part in text, part
    assert AuditEvent.select().where(AuditEvent.tag == "meeting:read").count() == 1


def test_navs_meeting_is_registered_and_calls_nobody_in(kari: Browser, library: World) -> None:
    text = said(kari.get(NEW.format(case=library.per_case.id, number=2)))
    assert "folketrygdloven § 8-7 a" in text
    assert "Ønsker den ansatte at sykmelder er med?" not in text
    meeting = plan(kari, library, number=2, agreed=None, with_nav="y", name_nav="Nina Nav")
    assert meeting.host == "nav"
    answer = kari.get(page(meeting))
    assert "Nav kaller inn" in said(answer)
    assert "sakbrev" not in answer.text


@pytest.mark.parametrize(("changed", "message"), [
    ({"day": ""}, "Skriv hvilken dag møtet er."), ({"day": "31.2.2026"}, "Skriv datoen som dag.måned.år"),
    ({"day": "2001-01-01"}, "Dagen er før saken begynte."), ({"day": "2099-01-01"}, "Datoen er for langt unna."),
    ({"time": ""}, "Skriv klokkeslettet."), ({"time": "25:00"}, "Skriv klokkeslettet som time.minutt"),
    ({"time": "ti"}, "Skriv klokkeslettet som time.minutt"), ({"place": ""}, "Skriv hvor møtet er"),
    ({"place": "x" * 161}, "161 tegn"), ({"link": "http://video.example"}, "begynner med https://"),
    ({"link": "https://" + "x" * 300}, "308 tegn"), ({"name_leader": "x" * 121}, "121 tegn"),
    ({"agreed": "maybe"}, "Velg ett av alternativene."),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    kari: Browser, library: World, changed: dict[str, str], message: str
) -> None:
    sent = form(library.today, **{"name_other_1": "Ada <Tolk>", "with_union": "y", **changed})
    answer = kari.post(NEW.format(case=library.per_case.id, number=1), sent)
    assert answer.status_code == 422
    assert message in shown(answer)
    assert 'value="Ada &lt;Tolk&gt;"' in answer.text
    for name in ("day", "time", "place", "link"):
        assert f'value="{sent[name]}"' in shown(answer) or not sent[name]
    assert 'name="with_union" type="checkbox" value="y" checked' in answer.text or "checked" in answer.text
    assert DialogueMeeting.select().count() == 0


def test_typed_times_and_days_are_read_as_norwegians_write_them(kari: Browser, library: World) -> None:
    day = library.today + dt.timedelta(days=2)
    meeting = plan(kari, library, day=f"{day.day}.{day.month}.{day.year}", time="9.30")
    assert clock.local(meeting.at).replace(tzinfo=None) == dt.datetime.combine(day, dt.time(9, 30))


def test_a_second_one_is_refused_and_leads_to_the_first(kari: Browser, library: World) -> None:
    meeting = plan(kari, library)
    address = NEW.format(case=library.per_case.id, number=1)
    assert kari.get(address).location.endswith(page(meeting))
    answer = kari.post(address, form(library.today, place="Kantina"))
    assert answer.status_code == 422
    assert "Dialogmøte 1 er allerede planlagt." in said(answer)
    assert page(meeting) in answer.text


@pytest.mark.parametrize("number", ["0", "4", "x", "-1", "99999999999999999999"])
def test_there_are_three_dialogue_meetings(kari: Browser, library: World, number: str) -> None:
    assert kari.get(NEW.format(case=library.per_case.id, number=number)).status_code == 404


# --- moving and changing --------------------------------------------------------------------------------------------


def test_moving_asks_everybody_again_and_says_so(kari: Browser, per: Browser, library: World) -> None:
    meeting = plan(kari, library)
    row = person(meeting)
    assert per.post(f"/admin/moter/answer/?id={row.id}", {"answer": "other_time", "note": "Heller torsdag",
                                                           "revision": row.revision}).status_code == 303  # fmt: skip
    text = said(kari.get(page(meeting)))
    assert "ønsker en annen tid" in text
    assert "Heller torsdag" in text
    edit = kari.get(f"/admin/moter/edit/?id={meeting.id}")
    assert 'value="10:00"' in edit.text
    day = library.today + dt.timedelta(days=5)
    answer = kari.post(f"/admin/moter/edit/?id={meeting.id}", form(day, revision=str(meeting.revision)))
    assert answer.status_code == 303
    text = said(kari.get(page(meeting)))
    assert "alle må kalles inn på nytt" in text
    assert "Heller torsdag" not in text
    assert person(meeting).answer == "none"


def test_two_who_change_at_once_see_both_texts(app: Flask, kari: Browser, library: World) -> None:
    meeting = plan(kari, library)
    siri = Browser(app.test_client(), "siri")
    day = library.today + dt.timedelta(days=3)
    edit = f"/admin/moter/edit/?id={meeting.id}"
    assert siri.post(edit, form(day, place="Kantina", revision="1")).status_code == 303
    answer = kari.post(edit, form(day, place="Kontoret", name_other_1="Ada Tolk", revision="1"))
    assert answer.status_code == 409
    text = said(answer)
    assert "En annen endret møtet mens du skrev" in text
    assert "Kantina" in text
    assert 'value="Kontoret"' in answer.text
    assert DialogueMeeting.get().place == "Kantina"
    again = kari.post(edit, form(day, place="Kontoret", name_other_1="Ada Tolk", revision="2"))
    assert again.status_code == 303
    assert DialogueMeeting.get().place == "Kontoret"


# --- invitations and answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("agreed", ["", "no"])
def test_no_way_to_call_the_certifier_in_without_a_yes(kari: Browser, library: World, agreed: str) -> None:
    meeting = plan(kari, library, agreed=agreed)
    answer = kari.get(page(meeting))
    assert "innkalling-dialogmote-lege" not in answer.text
    assert ("ønsker ikke at sykmelder" if agreed else "er ikke spurt ennå") in said(answer)
    refused = kari.post("/admin/moter/told/", {"id": meeting.id, "role": "certifier"})
    assert refused.status_code == 422
    assert "bare kalles inn når den ansatte ønsker det" in said(refused)


def test_links_to_the_letters_until_they_are_sent(kari: Browser, library: World) -> None:
    from services import meetings

    meeting = plan(kari, library)
    before = shown(kari.get(page(meeting)))
    employee = f"/admin/sakbrev/write/?case={library.per_case.id}&key=innkalling-dialogmote-ansatt&meeting={meeting.id}"
    certifier = employee.replace("-ansatt", "-lege")
    assert employee in before
    assert certifier in before
    who = load_actor(library.kari.id)
    assert who
    meetings.invited(who, meeting.id, "employee", library.today)
    after = kari.get(page(meeting))
    assert employee not in shown(after)
    assert "innkalt" in said(after)
    assert "Send innkallingen til: sykmelder" in said(after)
    assert kari.post("/admin/moter/told/", {"id": meeting.id, "role": "certifier"}).status_code == 303
    assert "Se over planen sammen før møtet" in said(kari.get(page(meeting)))


def test_those_who_get_no_letter_are_not_forgotten(kari: Browser, library: World) -> None:
    meeting = plan(kari, library, with_occupational_health="y", name_occupational_health="Berit Frisk", agreed="no")
    kari.post("/admin/moter/told/", {"id": meeting.id, "role": "employee"})
    assert "Gi beskjed til: Berit Frisk" in said(kari.get(page(meeting)))
    kari.post("/admin/moter/told/", {"id": meeting.id, "role": "occupational_health"})
    assert "Se over planen sammen før møtet" in said(kari.get(page(meeting)))


def test_the_employee_answers_for_themself_only(kari: Browser, per: Browser, library: World) -> None:
    meeting = plan(kari, library, with_nav="y", name_nav="Nina Nav")
    answer = per.get(page(meeting))
    text = said(answer)
    assert "Jeg kommer" in text
    assert "Flytt eller endre" not in text
    assert "Registrer svar" not in text
    row, nav = person(meeting), person(meeting, "nav")
    nothing = per.post(f"/admin/moter/answer/?id={row.id}", {"revision": row.revision, "note": "Kanskje"})
    assert nothing.status_code == 422
    assert "Velg et svar." in said(nothing)
    assert 'value="Kanskje"' in nothing.text
    sent = per.post(f"/admin/moter/answer/?id={row.id}", {"revision": row.revision, "answer": "comes"})
    assert sent.status_code == 303
    assert "Svaret er lagret." in said(per.get(page(meeting)))
    assert person(meeting).answer == "comes"
    for method in (per.get, per.post):
        assert method(f"/admin/moter/answer/?id={nav.id}").status_code == 403
    kari.post(f"/admin/moter/answer/?id={nav.id}",
              {"revision": nav.revision, "answer": "does_not_come", "note": "hemmelig melding"})  # fmt: skip
    assert "hemmelig melding" in said(kari.get(page(meeting)))
    theirs = said(per.get(page(meeting)))
    assert "kommer ikke" in theirs
    assert "hemmelig melding" not in theirs


def test_an_answer_to_a_meeting_that_was_moved_is_given_back(kari: Browser, per: Browser, library: World) -> None:
    meeting = plan(kari, library)
    row = person(meeting)
    day = library.today + dt.timedelta(days=9)
    kari.post(f"/admin/moter/edit/?id={meeting.id}", form(day, revision="1"))
    late = per.post(f"/admin/moter/answer/?id={row.id}",
                    {"revision": row.revision, "answer": "other_time", "note": "Heller torsdag"})  # fmt: skip
    assert late.status_code == 409
    assert "Møtet er flyttet" in said(late)
    assert 'value="Heller torsdag"' in late.text
    assert person(meeting).answer == "none"
    fresh = per.post(f"/admin/moter/answer/?id={row.id}", {"revision": person(meeting).revision, "answer": "comes"})
    assert fresh.status_code == 303


# --- what came of it ------------------------------------------------------------------------------------------------


def test_held_with_whom_and_the_case_says_so(app: Flask, kari: Browser, library: World) -> None:
    meeting = plan(kari, library, days=-1)
    text = said(kari.get(page(meeting)))
    assert "Ble møtet holdt?" in text
    result = f"/admin/moter/result/?id={meeting.id}"
    assert "Hvem var med?" in said(kari.get(result))
    nobody = kari.post(result, {"outcome": "held", "revision": "1"})
    assert nobody.status_code == 422
    assert "Kryss av for dem som var med." in said(nobody)
    done = kari.post(result, {"outcome": "held", "revision": "1", "attended": [person(meeting).id]})
    assert done.status_code == 303
    text = said(kari.get(page(meeting)))
    assert "holdt" in text
    assert "var med" in text
    assert "Skriv referatet" in text
    assert kari.get(f"/admin/moter/edit/?id={meeting.id}").status_code == 303
    assert library.refresh().per_case.next_step != "dialogue_1"
    assert kari.post("/admin/moter/reopen/", {"id": meeting.id, "revision": "1"}).status_code == 409
    assert kari.post("/admin/moter/reopen/", {"id": meeting.id, "revision": "2"}).status_code == 303
    assert DialogueMeeting.get().status == "planned"


def test_not_held_says_why(app: Flask, kari: Browser, per: Browser, library: World) -> None:
    meeting = plan(kari, library, days=-1)
    result = f"/admin/moter/result/?id={meeting.id}"
    empty = kari.post(result, {"outcome": "not_held", "revision": "1"})
    assert "Skriv kort hvorfor møtet ikke ble holdt." in said(empty)
    stale = kari.post(result, {"outcome": "not_held", "revision": "7", "reason": "kanarifugl"})
    assert stale.status_code == 409
    assert "kanarifugl" in stale.text
    assert kari.post(result, {"outcome": "not_held", "revision": "1", "reason": "kanarifugl"}).status_code == 303
    for browser in (kari, per):
        assert "kanarifugl" in said(browser.get(page(meeting)))
    assert "Planlegg nytt møte" in said(kari.get(page(meeting)))
    assert b"kanarifugl" not in database_bytes(app)
    assert "kanarifugl" not in "".join(event.fields for event in AuditEvent.select())


def test_a_meeting_to_come_is_called_off_not_held(kari: Browser, library: World) -> None:
    meeting = plan(kari, library)
    result = f"/admin/moter/result/?id={meeting.id}"
    assert "Møtet er ikke kommet ennå." in said(kari.get(result))
    early = kari.post(result, {"outcome": "held", "revision": "1", "attended": [person(meeting).id]})
    assert early.status_code == 422
    assert DialogueMeeting.get().status == "planned"
    cancel = f"/admin/moter/cancel/?id={meeting.id}"
    assert "Gi beskjed til dem som er kalt inn" in said(kari.get(cancel))
    assert kari.post(cancel, {"revision": "1", "reason": "x" * 1001}).status_code == 422
    assert kari.post(cancel, {"revision": "1", "reason": ""}).status_code == 303
    assert "avlyst" in said(kari.get(page(meeting)))
    again = plan(kari, library)
    assert again.id != meeting.id


def test_letters_of_the_meeting_are_listed(kari: Browser, per: Browser, library: World) -> None:
    meeting = plan(kari, library)
    who = load_actor(library.kari.id)
    assert who
    case = meeting.case
    letter = documents.store(who, case, None, "letter", "Innkalling til dialogmøte", "application/pdf", b"%PDF-1.4 x")
    Dispatch.create(
        municipality=library.storvik, case=case, document=letter, unit=case.unit, letter="innkalling-dialogmote-lege",
        recipient="certifier", how="post", sent_on=library.today, sent_by=library.kari, meeting=meeting,
    )  # fmt: skip
    assert "Innkalling til dialogmøte" in said(kari.get(page(meeting)))
    assert "Innkalling til dialogmøte" not in said(per.get(page(meeting)))


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("ola", 404), ("tone", 404), ("anne", 403), ("aud", 403), ("siri", 200)])
def test_who_may_know_of_the_meeting(app: Flask, kari: Browser, library: World, name: str, status: int) -> None:
    meeting = plan(kari, library)
    row = person(meeting)
    browser = Browser(app.test_client(), name)
    for path in (page(meeting), f"/admin/moter/edit/?id={meeting.id}", f"/admin/moter/result/?id={meeting.id}",
                 f"/admin/moter/cancel/?id={meeting.id}", f"/admin/moter/answer/?id={row.id}"):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == status, path
        assert "Møterom 2" not in answer.text or status == 200
    if status != 200:
        for path in ("told", "reopen"):
            sent = browser.post(f"/admin/moter/{path}/", {"id": meeting.id, "role": "employee", "revision": "1"})
            assert sent.status_code == status
        assert person(meeting).invited_on is None


def test_the_employee_reads_and_nothing_more(kari: Browser, per: Browser, library: World) -> None:
    meeting = plan(kari, library)
    assert per.get(page(meeting)).status_code == 200
    for path in ("edit", "result", "cancel"):
        for method in (per.get, per.post):
            assert method(f"/admin/moter/{path}/?id={meeting.id}").status_code == 403
    assert per.get(NEW.format(case=library.per_case.id, number=1)).status_code == 403
    assert per.post("/admin/moter/told/", {"id": meeting.id, "role": "employee"}).status_code == 403


def test_names_and_reasons_stay_out_of_titles_and_messages(kari: Browser, library: World) -> None:
    meeting = plan(kari, library, name_other_1="Ada Tolk")
    for path in (page(meeting), f"/admin/moter/edit/?id={meeting.id}"):
        answer = kari.get(path)
        title = answer.text.partition("<title>")[2].partition("</title>")[0]
        assert "Per" not in title
        assert "Ada" not in title
