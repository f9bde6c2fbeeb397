"""What a person told us stays where it belongs: not in logs, addresses, titles, messages, the trail or the bytes on disk.

Canaries go through every flow, and are then looked for where they must not be.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

import models
from models import (
    Answer,
    AuditEvent,
    ContactEntry,
    DialogueMeeting,
    Document,
    Employee,
    LoginAttempt,
    LoginSession,
    MeetingParticipant,
    Milestone,
    ParkedForm,
    Plan,
    User,
)
from models.sealing import BadSeal
from services.login import park
from tests.admin.test_documents import _pdf
from tests.front import Browser, database_bytes, shown
from tests.world import PASSWORD, World

NUMBER = "02013299997"
ANSWER, CONTACT, RESULT, PARKED, SCAN, LETTER, ASIDE, NOTE, WHY = (
    f"kanari{word}xq"
    for word in ("svar", "samtale", "resultat", "parkert", "skann", "brev", "ikkeaktuelt", "motesvar", "avlyst")
)
NAME = "Kanarina Fugleberg"
SECRETS = (NUMBER, ANSWER, CONTACT, RESULT, PARKED, SCAN, LETTER, ASIDE, NOTE, WHY, PASSWORD)


class Watch:
    """A browser that remembers all addresses, cookies' flash texts and pages it was given."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.answers = browser, list[tuple[str, TestResponse]]()

    def get(self, path: str) -> TestResponse:
        return self._kept(path, self.browser.get(path))

    def post(self, path: str, data: dict[str, Any], **kwargs: Any) -> TestResponse:
        answer = self._kept(path, self.browser.post(path, data, **kwargs))
        if answer.status_code == 303:
            self.get(answer.location)
        return answer

    def _kept(self, path: str, answer: TestResponse) -> TestResponse:
        self.answers.append((path, answer))
        return answer

    def pages(self) -> list[TestResponse]:
        return [answer for _path, answer in self.answers if answer.mimetype == "text/html"]

    def addresses(self) -> Iterator[str]:
        for path, answer in self.answers:
            yield from (path, answer.location or "", answer.headers.get("Content-Disposition", ""))
            if answer.mimetype == "text/html":
                yield from re.findall(r'(?:href|src|action)="([^"]*)"', shown(answer))

    def titles(self) -> Iterator[str]:
        for answer in self.pages():
            yield from re.findall(r"<title>(.*?)</title>", shown(answer), re.S)

    def notices(self) -> Iterator[str]:
        for answer in self.pages():
            yield from re.findall(r'<div class="notice.*?</div>', shown(answer), re.S)


@pytest.fixture
def lived(app: Flask, library: World, caplog: pytest.LogCaptureFixture) -> Watch:
    """Everything that can be written about one person, read, printed, refused and broken."""
    caplog.set_level(logging.DEBUG)
    siri = Watch(Browser(app.test_client(), "siri"))
    _write(siri, library)
    _read(siri, library)
    _fail(app, siri, library)
    return siri


def _case_id() -> int:
    employee = Employee.get(Employee.name == NAME)
    return int(models.Case.get(models.Case.employee == employee).id)


def _write(siri: Watch, world: World) -> None:
    siri.post("/admin/ansatte/new/", {
        "name": NAME, "unit": world.home_care.id, "position_percent": "100", "national_id": NUMBER, "active": "y",
        "leader": world.kari.id, "leader_from": world.today, "language": "nb",
    })  # fmt: skip
    employee = Employee.get(Employee.name == NAME)
    siri.post(f"/admin/saker/new/?employee={employee.id}",
              {"kind": "sick_leave", "first_day": world.today, "grade": "100"})  # fmt: skip
    case = _case_id()
    siri.post("/admin/saker/national-id/", {"id": case})
    contact = {"at": "2026-01-05T10:00", "kind": "phone", "text": CONTACT, "result": RESULT}
    siri.post(f"/admin/kontaktlogg/new/?case={case}", contact)
    siri.post("/admin/saker/search/", {"search": NAME})
    _meet(siri, world, case)
    siri.post("/admin/ansatte/search/", {"search": NUMBER})
    plan = siri.browser.finished_plan(models.Case.get_by_id(case), q_how_now=ANSWER, q_conclusion=ANSWER)
    siri.post(f"/admin/planer/sign/?id={plan.id}", {
        "role": "employee", "name": NAME, "signed_on": world.today.isoformat(), "place": "Dokka",
        "scan": (io.BytesIO(_pdf() + SCAN.encode()), f"{NAME} {NUMBER}.pdf"),
    }, content_type="multipart/form-data")  # fmt: skip
    for do, page in (("send", "write"), ("", "preview"), ("fill", "write")):
        siri.post(f"/admin/sakbrev/{page}/?case={case}&key=innkalling-dialogmote-lege", {
            "t-summons": LETTER, "t-wish": f"{NAME}, født", "version": "1", "token": "t", "agreed": "y", "how": "post",
            "recipient_name": NAME, "sent_on": world.today, "do": do,
        })  # fmt: skip
    assert models.Dispatch.select().count() == 1
    draft = siri.browser.start_plan(models.Case.get_by_id(case))
    siri.browser.save(draft, "situation", {"q_expectations": ANSWER})
    park(world.siri.id, "/admin/", [("text", PARKED), ("national_id", NUMBER)])


def _meet(siri: Watch, world: World, case: int) -> None:
    """A milestone put aside, and a meeting that was answered and called off."""
    row = Milestone.get(Milestone.case == case, Milestone.code == "nav_need")
    siri.post(f"/admin/milepeler/?id={row.id}", {"what": "not_relevant", "revision": row.revision, "reason": ASIDE})
    siri.post(f"/admin/moter/new/?case={case}&number=1", {
        "day": world.today.isoformat(), "time": "23:59", "place": "Møterom 2", "agreed": "no", "revision": "0",
        "with_leader": "y", "name_leader": "Kari",
    })  # fmt: skip
    meeting = DialogueMeeting.get(DialogueMeeting.case == case)
    person = MeetingParticipant.get(MeetingParticipant.meeting == meeting, MeetingParticipant.role == "employee")
    answer = {"answer": "other_time", "note": NOTE, "revision": person.revision}
    siri.post(f"/admin/moter/answer/?id={person.id}", answer)
    siri.post(f"/admin/moter/cancel/?id={meeting.id}", {"reason": WHY, "revision": meeting.revision})


def _read(siri: Watch, world: World) -> None:
    case, employee = _case_id(), Employee.get(Employee.name == NAME)
    finished, draft = list(Plan.select().order_by(Plan.number))
    for path in (
        "/admin/", "/admin/saker/", f"/admin/saker/details/?id={case}", f"/admin/saker/edit/?id={case}", "/admin/ansatte/",
        f"/admin/ansatte/details/?id={employee.id}", f"/admin/ansatte/edit/?id={employee.id}", "/admin/planer/",
        f"/admin/planer/details/?id={finished.id}", f"/admin/planer/pdf/?id={finished.id}",
        f"/admin/planer/edit/?id={draft.id}&section=situation", f"/admin/planer/review/?id={draft.id}",
        f"/admin/planer/misregister/?id={finished.id}", f"/admin/planer/sign/?id={finished.id}",
        f"/admin/planer/start/?case={case}", f"/admin/tiltak/new/?case={case}", f"/admin/perioder/new/?case={case}",
        f"/admin/kontaktlogg/new/?case={case}&corrects={ContactEntry.get().id}", "/admin/kontaktlogg/",
        f"/admin/sakbrev/choose/?case={case}", f"/admin/sakbrev/write/?case={case}&key=innkalling-dialogmote-lege",
        "/admin/sendte-brev/", f"/admin/moter/?id={DialogueMeeting.get().id}", f"/admin/milepeler/?id={Milestone.get().id}", "/admin/saker/export/csv/", "/admin/ansatte/export/xlsx/", "/admin/planer/export/csv/",
        f"/admin/saker/new/?employee={employee.id}",
        *(f"/admin/planer/document/?id={d.id}" for d in Document.select()),
    ):  # fmt: skip
        siri.get(path)


def _fail(app: Flask, siri: Watch, world: World) -> None:
    """Forms that are refused, pages that are not there, and a service that breaks with the text in its hands."""
    case = _case_id()
    again = {"name": NAME, "unit": world.home_care.id, "position_percent": "100", "national_id": NUMBER}
    siri.post("/admin/ansatte/new/", again)
    siri.post(f"/admin/kontaktlogg/new/?case={case}", {"at": "x", "kind": "phone", "text": CONTACT})
    siri.get("/admin/saker/details/?id=999999")
    siri.browser.client.post(f"/admin/kontaktlogg/new/?case={case}", data={"text": CONTACT})  # without a token
    app.config["PROPAGATE_EXCEPTIONS"] = False
    from services import followup

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{NAME} {NUMBER} {CONTACT}")

    real = followup.log_contact
    followup.log_contact = broken  # type: ignore[assignment]
    try:
        answer = siri.post(f"/admin/kontaktlogg/new/?case={case}",
                           {"at": "2026-01-05T10:00", "kind": "phone", "text": CONTACT})  # fmt: skip
        assert answer.status_code == 500
        assert not any(secret in answer.text for secret in (*SECRETS, NAME))
    finally:
        followup.log_contact = real


def test_nothing_reaches_the_log(
    lived: Watch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    printed = "".join(capfd.readouterr())
    records = caplog.get_records("setup") + caplog.records
    for record in records:
        text = f"{record.getMessage()} {record.exc_text or ''} {record.args!r}"
        assert not any(secret in text for secret in (*SECRETS, NAME)), record.name
    assert not any(secret in printed for secret in (*SECRETS, NAME))
    assert [r for r in records if r.levelno >= logging.ERROR]  # the one that broke was logged


def test_addresses_hold_no_words(lived: Watch) -> None:
    for address in lived.addresses():
        assert not any(word in address for word in (*SECRETS, NAME, "Kanarina", "Fugleberg"))


def test_titles_name_nobody(lived: Watch) -> None:
    titles = list(lived.titles())
    assert len(titles) > 25
    for title in titles:
        assert not any(word in title for word in (*SECRETS, "Kanarina", "Fugleberg"))


def test_messages_repeat_nothing(lived: Watch) -> None:
    notices = list(lived.notices())
    assert notices
    for notice in notices:
        assert not any(word in notice for word in (*SECRETS, "Kanarina", "Fugleberg"))


def test_the_number_is_on_no_page_but_where_it_was_asked_for(lived: Watch) -> None:
    allowed = ("/admin/saker/national-id/", "/admin/ansatte/new/", "/admin/ansatte/search/", "/admin/ansatte/?search=",
               "/admin/planer/pdf/", "/admin/planer/document/")  # fmt: skip
    for path, answer in lived.answers:
        if not path.startswith(allowed) and answer.mimetype == "text/html":
            digits = re.sub(r"(?<=\d)[ \u00a0](?=\d)", "", answer.text)
            assert NUMBER not in digits, path


def test_the_trail_holds_names_of_fields_only(lived: Watch) -> None:
    known = {name for table in models.TABLES for name in table._meta.fields}
    known |= {"password", "roles", "leader", "idle", "absolute", "administrator", "logout"}
    for event in AuditEvent.select():
        text = f"{event.tag} {event.subject} {event.fields}"
        assert not any(word in text for word in (*SECRETS, "Kanarina", "Fugleberg"))
        assert re.fullmatch(r"[\w. -]*", event.fields), event.fields
        if not event.tag.startswith(("plan:", "list:")):
            assert set(event.fields.split()) <= known, event.fields


def test_bytes_on_disk_hold_no_secret(app: Flask, lived: Watch) -> None:
    raw = database_bytes(app)
    assert NAME.encode() in raw  # names are searchable; the test looks at the right file
    for secret in SECRETS:
        for form in (secret.encode(), secret.encode("utf-16-le"), secret.encode().hex().encode()):
            assert form not in raw, secret
    models.db.execute_sql("VACUUM")
    assert not any(secret.encode() in database_bytes(app) for secret in SECRETS)


SEALED = ((Employee, "national_id"), (Answer, "value"), (ContactEntry, "text"), (ContactEntry, "result"),
          (Plan, "snapshot"), (Document, "content"), (ParkedForm, "fields"), (Milestone, "reason"),
          (DialogueMeeting, "reason"), (MeetingParticipant, "note"))  # fmt: skip


@pytest.mark.parametrize(("model", "column"), SEALED, ids=[f"{m.__name__}.{c}" for m, c in SEALED])
def test_sealed_columns_are_sealed_and_bound_to_their_row(lived: Watch, model: Any, column: str) -> None:
    rows = [row for row in model.select() if getattr(row, column) is not None]
    assert rows
    for row in rows:
        assert bytes(getattr(row, column))[:1] == b"\x01"
        assert row.unseal_bytes(column) is not None
    row = rows[0]
    row.uid = "0" * 32  # another row's place
    with pytest.raises(BadSeal):
        row.unseal_bytes(column)


def test_every_sealed_column_is_in_the_list() -> None:
    """A new column of bytes is sealed, or said here not to be."""
    import peewee as pw

    plain = {("Municipality", "logo"), ("SetDraftState", "content")}  # a coat of arms; questions, not answers
    found = {(t.__name__, f.name) for t in models.TABLES for f in t._meta.sorted_fields if isinstance(f, pw.BlobField)}
    assert found - plain == {(model.__name__, column) for model, column in SEALED}


def test_logins_are_stored_as_hashes(lived: Watch) -> None:
    cookie = lived.browser.client.get_cookie("attende")
    assert cookie
    for row in (*LoginSession.select(), *LoginAttempt.select(), *User.select()):
        stored = " ".join(str(value) for value in row.__data__.values())
        assert PASSWORD not in stored
    for attempt in LoginAttempt.select():
        assert re.fullmatch(r"[0-9a-f]{64}", attempt.user_hash)
        assert re.fullmatch(r"[0-9a-f]{64}", attempt.address_hash)


def test_the_cookie_holds_no_text(lived: Watch) -> None:
    import base64
    import zlib

    cookie = lived.browser.client.get_cookie("attende")
    assert cookie
    payload = cookie.value.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    text = (zlib.decompress(raw) if cookie.value.startswith(".") else raw).decode()
    assert not any(word in text for word in (*SECRETS, "Kanarina", "siri"))
