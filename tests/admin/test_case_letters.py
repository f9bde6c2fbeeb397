"""A letter from a case, as a person at a browser makes it: choose, fill, change, look, register; and the list."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from models import (
    Case,
    DialogueMeeting,
    Dispatch,
    Document,
    Employee,
    MeetingParticipant,
    Milestone,
    QuestionSet,
    QuestionSetVersion,
    now,
)
from services import clock
from services.access import load_actor
from tests.front import Browser, pdf_text, said, shown, traced
from tests.world import World

WRITE = "/admin/sakbrev/write/?case={}&key={}"


def controls(page: TestResponse) -> dict[str, Any]:
    """What the page's letter form would send if nothing were touched."""
    form = re.search(r'<form[^>]*id="letter-form".*?</form>', page.text, re.S)
    assert form, said(page)
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form[0], re.S):
        found[name] = html.unescape(value).replace("\n", "\r\n")
    for tag in re.findall(r"<input[^>]*>", form[0]):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        found.setdefault(given["name"], []) if given.get("type") == "checkbox" else None
        if given.get("type") == "checkbox":
            found[given["name"]].append(given["value"])
        else:
            found[given["name"]] = html.unescape(given.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.S):
        chosen = re.search(r'<option selected[^>]*value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    del found["csrf_token"]  # each browser has its own
    return found


@pytest.fixture
def kari(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "kari")


@pytest.fixture
def meeting(library: World) -> DialogueMeeting:
    at = dt.datetime.combine(library.today + dt.timedelta(days=5), dt.time(10, 30), clock.OSLO)
    made: DialogueMeeting = DialogueMeeting.create(
        municipality=library.storvik, case=library.per_case, number=1, at=at, place="Møterom 2",
    )  # fmt: skip
    for role, name in (("employee", "Per Ås"), ("certifier", "Lege Sol"), ("leader", "Kari Leder")):
        MeetingParticipant.create(municipality=library.storvik, meeting=made, role=role, name=name)
    return made


def opened(browser: Browser, case: Case, key: str = "brev-8-uker", more: str = "") -> tuple[str, dict[str, Any]]:
    path = WRITE.format(case.id, key) + more
    page = browser.get(path)
    assert page.status_code == 200, said(page)
    return path, controls(page)


def send(browser: Browser, path: str, fields: dict[str, Any], **more: Any) -> TestResponse:
    return browser.post(path, {"how": "post", **fields, "do": "send", **more})


def stored() -> str:
    document = Document.select().order_by(Document.id.desc()).get()
    return pdf_text(document.unseal_bytes("content") or b"")


# --- from task to paper -----------------------------------------------------------------------------------------------

GOLDEN = {
    "nb": """Storvik
Organisasjonsnummer 123456785
Innkalling til dialogmøte
Hjemmetjenesten, {today}
Til Per Ås
Du har nå vært 100 % sykemeldt siden {first} og blir derfor innkalt til dialogmøte (jf. AML § 4-6 og
folketrygdloven § 8-7).
Dato: {day}. Kl. 10.30. Møtested: Møterom 2
Hensikten med møtet er at vi skal prøve å finne løsninger som kan hjelpe deg tilbake i arbeid.
Siden du omfattes av lovbestemt bedriftshelsetjeneste blir de også invitert til møtet.
Du har ellers anledning til å ha med deg en bistandsperson.
Vennlig hilsen
Kari Leder
leder""",
    "nn": """Storvik
Organisasjonsnummer 123456785
Innkalling til dialogmøte
Hjemmetjenesten, {today}
Til Per Ås
Du har no vore 100 % sjukmeld sidan {first}""",
}
CHANGED = {
    "t-purpose": "Hensikten med møtet er at vi skal prøve å finne løsninger som kan hjelpe deg tilbake i arbeid.",
    "t-certifier": "", "t-support_person": "Du har ellers anledning til å ha med deg en bistandsperson.",
}  # fmt: skip


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_an_invitation_from_the_meeting_to_the_stored_paper(
    kari: Browser, library: World, meeting: DialogueMeeting, language: str
) -> None:
    Employee.update(language=language).where(Employee.id == library.per_employee.id).execute()
    path, fields = opened(kari, library.per_case, "innkalling-dialogmote-ansatt", f"&meeting={meeting.id}")
    assert "Gjelder kun" not in " ".join(str(value) for value in fields.values())  # the note is not in the letter
    answer = send(kari, path, {**fields, **CHANGED})
    assert (answer.status_code, answer.location) == (303, f"/admin/moter/?id={meeting.id}")
    days = {"today": library.today, "first": library.per_case.first_day,
            "day": library.today + dt.timedelta(days=5)}  # fmt: skip
    from services.context import day

    wanted = GOLDEN[language].format(**{name: day(value, language) for name, value in days.items()})
    assert words_of(wanted) in words_of(stored())
    dispatch = Dispatch.get()
    assert (dispatch.letter, dispatch.meeting_id, dispatch.recipient_name) == (
        "innkalling-dialogmote-ansatt", meeting.id, "Per Ås",
    )  # fmt: skip
    invited = {p.role: p.invited_on for p in MeetingParticipant.select()}
    assert invited == {"employee": library.today, "certifier": None, "leader": None}


def test_the_note_stands_beside_and_the_reason_for_what_is_left_out_is_told(kari: Browser, library: World) -> None:
    page = kari.get(WRITE.format(library.per_case.id, "innkalling-dialogmote-ansatt"))
    assert "Til deg: Gjelder kun: vaktmestere" in said(page)
    Employee.update(occupational_health=False).execute()
    page = kari.get(WRITE.format(library.per_case.id, "innkalling-dialogmote-ansatt"))
    assert "t-occupational_health" not in page.text
    assert "utelatt fordi den ansatte ikke har lovpålagt bedriftshelsetjeneste" in said(page)


def test_time_and_place_are_pointed_out_and_put_in(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    page = kari.get(path)
    assert 'href="#dato">dato<' in page.text
    assert fields["t-time_and_place"] == "Tid og sted: …… kl. ……, ……"
    filled = kari.post(path, {**fields, "t-get_well": "God bedring, Per!", "dato": "5.3.2027", "klokkeslett": "9:05",
                              "sted": "Kontoret mitt", "do": "fill"})  # fmt: skip
    assert filled.status_code == 200
    after = controls(filled)
    assert after["t-time_and_place"] == "Tid og sted: 5. mars 2027 kl. 09.05, Kontoret mitt"
    assert after["t-get_well"] == "God bedring, Per!"
    assert "Brevet mangler noe" not in said(filled)
    moved = controls(kari.post(path, {**after, "sted": "Rom 4", "do": "fill"}))
    assert moved["t-time_and_place"] == "Tid og sted: 5. mars 2027 kl. 09.05, Rom 4"
    assert Dispatch.select().count() == 0


def test_time_and_place_come_from_the_meeting_that_is_chosen(
    kari: Browser, library: World, meeting: DialogueMeeting
) -> None:
    path, fields = opened(kari, library.per_case)
    assert fields["meeting"] == ""  # the letter at eight weeks is no invitation to a dialogue meeting
    after = controls(kari.post(path, {**fields, "meeting": meeting.id, "do": "fill"}))
    assert "kl. 10.30, Møterom 2" in after["t-time_and_place"]
    invitation = opened(kari, library.per_case, "innkalling-dialogmote-ansatt")[1]
    assert invitation["meeting"] == str(meeting.id)


def test_the_language_is_changed_without_losing_what_was_typed(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    page = kari.post(path, {**fields, "t-get_well": "God bedring!", "do": "language:nn"})
    after = controls(page)
    assert after["t-background"].startswith("Du har no vore sjukmeld")
    assert after["t-get_well"] == "God bedring!"
    assert send(kari, path, after).status_code == 303
    assert "Du har no vore sjukmeld" in words_of(stored())


def test_the_paper_before_it_is_sent_is_marked_and_not_kept(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    with traced() as statements:
        answer = kari.post(path.replace("/write/", "/preview/"), {**fields, "t-get_well": "Bare et utkast"})
    assert answer.mimetype == "application/pdf"
    text = pdf_text(answer.data)
    assert "UTKAST" in text
    assert "Bare et utkast" in text
    assert "INFORMASJON TIL DEN SYKMELDTE" in text  # the enclosure is chosen from the start
    assert not [sql for sql in statements if sql.startswith("INSERT") and "audit_event" not in sql]
    assert send(kari, path, {**fields, "sheets": []}).status_code == 303
    assert "UTKAST" not in stored()
    assert "INFORMASJON TIL DEN SYKMELDTE" not in stored()


def test_letters_of_what_waits_come_first(kari: Browser, library: World) -> None:
    from forms.library import load_steps, steps_keys
    from services.milestones import refresh

    row = QuestionSet.get(QuestionSet.municipality == library.storvik, QuestionSet.kind == "steps")
    content = load_steps(steps_keys()[0]).model_dump(mode="json")
    content["steps"].append({
        "id": "talk", "code": "talk", "text": {"nb": "Samtale ved åtte uker", "nn": "Samtale"}, "days": 56,
        "done_by": "letter", "letters": ["brev-8-uker"],
    })  # fmt: skip
    from forms.steps import shape_steps

    QuestionSetVersion.create(
        municipality=library.storvik, question_set=row, number=2, sha256="x",
        definition=shape_steps(content).model_dump_json(exclude_defaults=True), published_at=now(),
    )  # fmt: skip
    refresh(library.per_case)
    page = kari.get(f"/admin/sakbrev/choose/?case={library.per_case.id}")
    assert "Samtale ved åtte uker" in said(page).partition("Andre brev")[0]
    milestone = Milestone.get(Milestone.code == "talk")
    link = f"/admin/sakbrev/write/?case={library.per_case.id}&key=brev-8-uker&milestone={milestone.id}"
    assert link in shown(page)
    assert "INFORMASJON TIL DEN SYKMELDTE" in said(page).partition("Andre brev")[2]
    assert said(page).index("Dialogmøte 1") < said(page).index("Samtale ved åtte uker")
    asked = said(kari.get(f"/admin/sakbrev/choose/?case={library.per_case.id}&milestone={milestone.id}"))
    assert asked.index("Samtale ved åtte uker") < asked.index("Dialogmøte 1")
    path, fields = opened(kari, library.per_case, "brev-8-uker", f"&milestone={milestone.id}")
    assert send(kari, path, fields).status_code == 303
    done = Milestone.get_by_id(milestone.id)
    assert (done.state, done.done_on) == ("done", library.today)
    assert ">sendt " in kari.get(f"/admin/sakbrev/choose/?case={library.per_case.id}").text


# --- to the certifier -------------------------------------------------------------------------------------------------


def test_the_certifier_only_when_the_employee_agrees(kari: Browser, library: World, meeting: DialogueMeeting) -> None:
    path, fields = opened(kari, library.per_case, "innkalling-dialogmote-lege", f"&meeting={meeting.id}")
    assert "har ikke sagt ja" in said(kari.get(path))
    assert "agreed" not in fields
    answer = send(kari, path, {**fields, "agreed": "y"})
    assert answer.status_code == 422
    assert "Spør først, og før svaret på møtet" in said(answer)
    MeetingParticipant.update(agreed=True).where(MeetingParticipant.role == "certifier").execute()
    path, fields = opened(kari, library.per_case, "innkalling-dialogmote-lege", f"&meeting={meeting.id}")
    assert send(kari, path, fields).status_code == 303
    assert Dispatch.get().recipient_name == "Lege Sol"


def test_without_a_meeting_the_leader_says_that_the_employee_agrees(kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case, "innkalling-dialogmote-lege")
    answer = send(kari, path, fields)
    assert answer.status_code == 422
    assert "før den ansatte har sagt ja" in said(answer)
    assert send(kari, path, {**fields, "agreed": "y"}).location == f"/admin/saker/details/?id={library.per_case.id}"
    number = library.per_employee.unseal("national_id")
    assert f"{number[:6]} {number[6:]}" in words_of(stored())


def test_the_whole_number_is_on_no_page(kari: Browser, library: World) -> None:
    number = library.per_employee.unseal("national_id")
    path, fields = opened(kari, library.per_case, "innkalling-dialogmote-lege")
    for page in (kari.get(path), kari.post(path, {**fields, "do": "fill"}), send(kari, path, fields)):
        assert number[6:] not in page.text
        assert f"{number[:6]} •••••" in shown(page)


# --- who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("ola", 404), ("tone", 404), ("anne", 403), ("aud", 403), ("per", 403)])
def test_others_reach_no_letter_of_the_case(app: Flask, kari: Browser, library: World, name: str, status: int) -> None:
    path, fields = opened(kari, library.per_case)
    other = Browser(app.test_client(), name)
    case = library.per_case.id
    assert other.get(f"/admin/sakbrev/choose/?case={case}").status_code == status
    assert other.get(path).status_code == status
    assert send(other, path, fields).status_code == status
    assert other.post(path.replace("/write/", "/preview/"), fields).status_code == status
    assert Dispatch.select().count() == 0


def test_employees_open_their_own_letter_only(app: Flask, kari: Browser, library: World) -> None:
    for key, more in (("brev-8-uker", {}), ("innkalling-dialogmote-lege", {"agreed": "y"})):
        path, fields = opened(kari, library.per_case, key)
        assert send(kari, path, {**fields, **more}).status_code == 303
    own, other = Dispatch.select().order_by(Dispatch.id)
    per, ola = Browser(app.test_client(), "per"), Browser(app.test_client(), "ola")
    assert "Til Per Ås" in pdf_text(per.get(f"/admin/planer/document/?id={own.document_id}").data)
    assert per.get(f"/admin/planer/document/?id={other.document_id}").status_code == 404
    assert ola.get(f"/admin/planer/document/?id={own.document_id}").status_code == 404


def test_the_list_of_sent_letters(app: Flask, kari: Browser, library: World) -> None:
    path, fields = opened(kari, library.per_case)
    assert send(kari, path, fields).status_code == 303
    siri, ola, per = (Browser(app.test_client(), name) for name in ("siri", "ola", "per"))
    assert siri.get("/admin/sakbrev/").location == "/admin/sendte-brev/"
    row = said(siri.get("/admin/sendte-brev/"))
    for word in ("Invitasjon til samtale", "Per Ås", "brevpost"):
        assert word in row
    assert f"/admin/planer/document/?id={Dispatch.get().document_id}" in siri.get("/admin/sendte-brev/").text
    assert 'aria-current="page">Sendte brev</a>' in siri.get("/admin/sendte-brev/").text
    assert "Per Ås" in said(kari.get("/admin/sendte-brev/"))
    assert ">Sendte brev</a>" not in kari.get("/admin/").text.split("<main")[0]
    assert "Per Ås" not in said(ola.get("/admin/sendte-brev/"))
    assert per.get("/admin/sendte-brev/").status_code == 403
    found = siri.post("/admin/sendte-brev/search/", {"search": "lise"})
    assert "Ingen treff" in said(siri.get(found.location))
    assert "Ingen treff" in said(siri.get("/admin/sendte-brev/?recipient=certifier"))
    assert "Per Ås" in said(siri.get(f"/admin/sendte-brev/?from={library.today}&unit={library.home_care.id}"))


def test_the_former_units_hr_opens_the_letter_but_not_the_case(app: Flask, kari: Browser, library: World) -> None:
    from models import UserRole
    from services import people

    path, fields = opened(kari, library.per_case)
    send(kari, path, fields)
    document = Dispatch.get().document_id
    UserRole.update(unit=library.home_care).where(UserRole.user == library.siri).execute()
    who = load_actor(library.anne.id)
    assert who
    employee = Employee.get_by_id(library.per_employee.id)
    plain = {"name": employee.name, "position_percent": 100, "unit": library.school.id, "leader": library.ola.id}
    people.change_employee(who, employee, plain, employee.revision)
    siri = Browser(app.test_client(), "siri")
    page = siri.get("/admin/sendte-brev/")
    assert "Per Ås" in said(page)
    assert "/admin/saker/details/" not in page.text
    assert siri.get(f"/admin/planer/document/?id={document}").status_code == 200
    assert siri.get(f"/admin/saker/details/?id={library.per_case.id}").status_code == 404
    assert kari.get(f"/admin/planer/document/?id={document}").status_code == 404


def test_the_list_takes_as_many_queries_however_long(kari: Browser, library: World) -> None:
    path, _fields = opened(kari, library.per_case)

    def count() -> int:
        with traced() as statements:
            assert kari.get("/admin/sendte-brev/?page_size=100").status_code == 200
        return len(statements)

    send(kari, path, opened(kari, library.per_case)[1])
    count()  # remembers the size of the page
    few = count()
    for _n in range(4):
        send(kari, path, opened(kari, library.per_case)[1])
    assert Dispatch.select().count() == 5
    assert count() == few
