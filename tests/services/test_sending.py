"""Sending a letter: what is kept, what is refused, nothing twice, and to the certifier only with the employee's yes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import peewee as pw
import pytest

from forms.writing import Piece
from models import AuditEvent, Case, DialogueMeeting, Dispatch, Document, Employee, MeetingParticipant, User, now
from services import clock, dispatches, letter_case
from services.dispatches import Text
from services.errors import Invalid, NotAllowed, NotEditable, NotVisible
from tests.front import pdf_text
from tests.services.test_dispatches import actor, seen
from tests.world import World

VALUES = {"recipient_name": "Per Ås", "how": "post"}


def sent(
    user: User, case: Case, key: str = "brev-8-uker", *, token: str = "t", on: dt.date | None = None, meeting: str = "",
    changed: Callable[[list[Piece]], list[Piece]] = list, sheets: tuple[str, ...] = (), **values: Any,
) -> Dispatch:  # fmt: skip
    who = actor(user)
    opened = letter_case.open_letter(who, case.id, key, meeting_id=meeting)
    text = Text(opened.language, changed(opened.fresh(opened.language)), sheets)
    return dispatches.send(who, opened, text, {**VALUES, "sent_on": on or clock.today(), **values}, token)


@pytest.mark.both_databases
def test_a_letter_is_kept_sealed_with_unit_and_trail(library: World) -> None:
    dispatch = sent(library.kari, library.per_case)
    document = Document.get_by_id(dispatch.document_id)
    assert (document.kind, document.unit_id, document.title, document.plan_id) == (
        "letter", library.home_care.id, "Invitasjon til samtale", None,
    )  # fmt: skip
    assert b"Per" not in bytes(document.content)
    assert "Til Per Ås" in pdf_text(document.unseal_bytes("content") or b"")
    assert (dispatch.letter, dispatch.recipient, dispatch.recipient_name, dispatch.how, dispatch.sent_by_id) == (
        "brev-8-uker", "employee", "Per Ås", "post", library.kari.id,
    )  # fmt: skip
    tags = [e.tag for e in AuditEvent.select().where(AuditEvent.case_id == library.per_case.id)]
    assert tags.count("letter:sent") == tags.count("document:stored") == 1
    assert dispatches.of_case(actor(library.kari), library.per_case)[0].document.title == "Invitasjon til samtale"


def test_the_same_page_sent_twice_is_one_letter(library: World) -> None:
    first, second = sent(library.kari, library.per_case), sent(library.kari, library.per_case)
    assert first.id == second.id
    assert Dispatch.select().count() == Document.select().count() == 1
    assert sent(library.kari, library.per_case, token="other").id != first.id
    assert sent(library.siri, library.per_case).id != first.id  # somebody else's page with the same token


def test_two_at_once_are_one_letter(library: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is kept while this one's paper is being made."""
    real = dispatches._pdf

    def meanwhile(*args: Any) -> bytes:
        monkeypatch.setattr(dispatches, "_pdf", real)
        sent(library.kari, library.per_case)
        return real(*args)

    monkeypatch.setattr(dispatches, "_pdf", meanwhile)
    dispatch = sent(library.kari, library.per_case)
    assert [row.id for row in Dispatch.select()] == [dispatch.id]


@pytest.mark.parametrize(("values", "field"), [
    ({"how": ""}, "how"), ({"how": "pigeon"}, "how"), ({"recipient_name": "  "}, "recipient_name"),
    ({"recipient_name": "x" * 121}, "recipient_name"), ({"sent_on": None}, "sent_on"),
    ({"sent_on": dt.date(9999, 1, 1)}, "sent_on"), ({"sent_on": dt.date(2001, 1, 1)}, "sent_on"),
])  # fmt: skip
def test_what_cannot_be_registered(library: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        sent(library.kari, library.per_case, **values)
    assert set(refused.value.messages) == {field}
    assert Dispatch.select().count() == Document.select().count() == 0


def test_a_letter_of_a_case_that_begins_later_may_be_sent_today(library: World) -> None:
    Case.update(first_day=library.today + dt.timedelta(days=9)).where(Case.id == library.per_case.id).execute()
    assert sent(library.kari, library.per_case).sent_on == library.today


def blank(pieces: list[Piece]) -> list[Piece]:
    return [piece.with_texts({}) for piece in pieces]


def endless(pieces: list[Piece]) -> list[Piece]:
    return [pieces[1].with_texts({f"t-{pieces[1].id}": "x" * 10_001})]


@pytest.mark.parametrize(("how", "field"), [(blank, ""), (endless, "t-addressee"), (lambda pieces: [], "")])
def test_a_letter_has_some_text_and_an_end(library: World, how: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        sent(library.kari, library.per_case, changed=how)
    assert set(refused.value.messages) == {field}


def test_a_closed_case_takes_no_letters(library: World) -> None:
    Case.update(status="closed", closed_on=library.today).execute()
    with pytest.raises(NotEditable):
        sent(library.kari, library.per_case)


@pytest.mark.parametrize(("name", "error"), [
    ("ola", NotVisible), ("tone", NotVisible), ("anne", NotVisible), ("aud", NotVisible), ("per", NotAllowed),
])  # fmt: skip
def test_others_send_nothing(library: World, name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        sent(getattr(library, name), library.per_case)
    opened = letter_case.open_letter(actor(library.kari), library.per_case.id, "brev-8-uker")
    text = Text("nb", opened.fresh("nb"))
    with pytest.raises(error):
        dispatches.send(actor(getattr(library, name)), opened, text, {**VALUES, "sent_on": library.today}, "t")
    with pytest.raises(error):
        dispatches.preview(actor(getattr(library, name)), opened, text)


def test_the_whole_number_is_on_paper_only_where_the_letter_has_it(library: World) -> None:
    number = Employee.get_by_id(library.per_employee.id).unseal("national_id")
    opened = letter_case.open_letter(actor(library.kari), library.per_case.id, "innkalling-dialogmote-lege")
    on_screen = " ".join(text for piece in opened.fresh("nb") for _name, text in piece.texts())
    assert f"{number[:6]} •••••" in on_screen
    assert number[6:] not in on_screen
    paper = pdf_text(dispatches.preview(actor(library.kari), opened, Text("nb", opened.fresh("nb"))))
    assert f"{number[:6]} {number[6:]}" in paper.replace("\n", " ")
    assert AuditEvent.select().where(AuditEvent.tag == "employee:national-id-shown").count() == 1
    other = letter_case.open_letter(actor(library.kari), library.per_case.id, "brev-8-uker")
    assert "fodselsnummer" in other.filling("nb").values
    assert other.filling("nb").values["fodselsnummer"] == ""


def test_enclosures_come_after_the_letter(library: World) -> None:
    opened = letter_case.open_letter(actor(library.kari), library.per_case.id, "brev-8-uker")
    assert opened.enclosed(opened.fresh("nb")) == ["info-1"]
    dispatch = sent(library.kari, library.per_case, sheets=("info-2", "info-1", "no-such", "brev-38-uker"))
    text = pdf_text(Document.get_by_id(dispatch.document_id).unseal_bytes("content") or b"")
    first, one, two = (text.index(words) for words in ("Til Per Ås", "TIL DEN SYKMELDTE – NR. 1", "SYKEMELDTE – NR. 2"))
    assert first < one < two
    assert "du har vært sykmeldt" not in text


# --- to the certifier -------------------------------------------------------------------------------------------------


def meeting_of(world: World, agreed: bool | None, host: str = "employer", number: int = 1) -> DialogueMeeting:
    meeting: DialogueMeeting = DialogueMeeting.create(
        municipality=world.storvik, case=world.per_case, number=number, host=host, place="Møterom 2",
        at=now() + dt.timedelta(days=5),
    )  # fmt: skip
    for role, name in (("employee", "Per Ås"), ("certifier", "Lege Sol")):
        MeetingParticipant.create(
            municipality=world.storvik, meeting=meeting, role=role, name=name,
            agreed=agreed if role == "certifier" else None,
        )  # fmt: skip
    return meeting


LETTER_TO_DOCTOR = "innkalling-dialogmote-lege"


@pytest.mark.parametrize("agreed", [None, False])
def test_the_certifier_is_not_called_in_without_a_yes(library: World, agreed: bool | None) -> None:
    meeting = meeting_of(library, agreed)
    with pytest.raises(Invalid) as refused:
        sent(library.kari, library.per_case, LETTER_TO_DOCTOR, meeting=str(meeting.id), agreed=True)
    assert set(refused.value.messages) == {"meeting"}
    assert Dispatch.select().count() == 0


def test_the_certifier_is_called_in_with_a_yes(library: World) -> None:
    meeting = meeting_of(library, True)
    opened = letter_case.open_letter(actor(library.kari), library.per_case.id, LETTER_TO_DOCTOR)
    assert opened.meeting == meeting  # found by itself
    assert opened.recipient_name == "Lege Sol"
    dispatch = sent(library.kari, library.per_case, LETTER_TO_DOCTOR, meeting=str(meeting.id))
    assert (dispatch.recipient, dispatch.meeting_id) == ("certifier", meeting.id)
    invited = {p.role: p.invited_on for p in MeetingParticipant.select()}
    assert invited == {"certifier": library.today, "employee": None}
    assert seen(library.per) == set()


@pytest.mark.parametrize("agreed", [False, True])
def test_without_a_meeting_the_sender_must_say_that_the_employee_agrees(library: World, agreed: bool) -> None:
    if agreed:
        sent(library.kari, library.per_case, LETTER_TO_DOCTOR, agreed=True)
        assert AuditEvent.get(AuditEvent.tag == "letter:sent").fields == "agreed"
    else:
        with pytest.raises(Invalid) as refused:
            sent(library.kari, library.per_case, LETTER_TO_DOCTOR)
        assert set(refused.value.messages) == {"agreed"}


@pytest.mark.parametrize("status", ["held", "cancelled", "not_held"])
def test_nobody_is_called_in_to_a_meeting_that_is_over(library: World, status: str) -> None:
    meeting = meeting_of(library, True)
    DialogueMeeting.update(status=status).execute()
    with pytest.raises(Invalid) as refused:
        sent(library.kari, library.per_case, "innkalling-dialogmote-ansatt", meeting=str(meeting.id))
    assert set(refused.value.messages) == {"meeting"}


def test_a_meeting_of_another_case_is_not_there(library: World) -> None:
    meeting = meeting_of(library, True)
    with pytest.raises(NotVisible):
        sent(library.ola, library.lise_case, meeting=str(meeting.id))
    with pytest.raises(NotVisible):
        sent(library.siri, library.lise_case, meeting=str(meeting.id))


def test_a_letter_that_somebody_sent_is_not_deleted(library: World) -> None:
    dispatch = sent(library.kari, library.per_case)
    with pytest.raises(pw.IntegrityError):
        Document.delete().where(Document.id == dispatch.document_id).execute()
