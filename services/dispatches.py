"""Letters of a case: written from the municipality's texts, sent on paper or otherwise, and kept as they were."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader, PdfWriter

from forms import writing
from forms.definition import say
from forms.letters import FilledBlock, fill
from forms.texts import N_, Note
from forms.writing import Piece
from models import Case, Dispatch, Document, Employee, db
from models.followup import SENT_HOW
from services import access, documents, letter_case, meetings, milestones, printing
from services.access import Actor
from services.audit import Tag, trail
from services.cases import require_open, too_long
from services.clock import local, today
from services.errors import Invalid
from services.letter_case import OpenLetter

DRAFT = "UTKAST"
MAX_NAME = 120


@dataclass(frozen=True)
class Text:
    """A letter as its sender has it: `pieces` as on the page, `sheets` the keys of the enclosures."""

    language: str
    pieces: Sequence[Piece]
    sheets: Sequence[str] = ()


def of_case(actor: Actor, case: Case) -> list[Dispatch]:
    """The letters of a case that the actor may see, newest first, with the document joined."""
    return list(
        access.dispatches(actor).where(Dispatch.case == case).order_by(Dispatch.sent_on.desc(), Dispatch.id.desc())
    )


def preview(actor: Actor, opened: OpenLetter, text: Text) -> bytes:
    """The letter as PDF, marked as a draft; nothing is kept. Raises Invalid, PrintRefused."""
    letter_case.allow(actor, opened)
    _check_text(text)
    with db.atomic():
        trail(actor, Tag.LETTER_PREVIEWED, opened.row, opened.case.id)
        _number_shown(actor, opened)
    return _pdf(actor, opened, text, DRAFT)


def send(actor: Actor, opened: OpenLetter, text: Text, values: Mapping[str, Any], token: str) -> Dispatch:
    """Keep the letter and note that it was sent. The same `token` twice, as a double click sends it, is one letter.

    `values` are recipient_name, how (SENT_HOW), sent_on and, for the certifier without a meeting, agreed. A letter
    with a meeting is an invitation to it. Raises Invalid, NotEditable, PrintRefused; then nothing is kept.
    """
    letter_case.allow(actor, opened)
    uid = _uid(actor, opened.case, token)
    there = _sent_before(uid)
    if there is not None:
        return there
    require_open(opened.case)
    _check_text(text)
    _check_sending(opened, values)
    pdf = _pdf(actor, opened, text)  # before the transaction: nobody waits for the database meanwhile
    with db.atomic():
        # Take the case's row, so that two at once do not both find nothing.
        Case.update(revision=Case.revision).where(Case.id == opened.case.id).execute()
        return _sent_before(uid) or _keep(actor, opened, text, values, uid, pdf)


def _keep(
    actor: Actor, opened: OpenLetter, text: Text, values: Mapping[str, Any], uid: str, pdf: bytes
) -> Dispatch:  # fmt: skip
    case, title = Case.get_by_id(opened.case.id), say(opened.letter.title, text.language)[:200]
    document = documents.store(actor, case, None, "letter", title, "application/pdf", pdf, unit=case.unit, uid=uid)
    dispatch: Dispatch = Dispatch.create(
        municipality=actor.municipality_id, case=case, document=document, unit=case.unit_id, letter=opened.row.key,
        recipient=opened.letter.recipient, recipient_name=values["recipient_name"].strip(), how=values["how"],
        sent_on=values["sent_on"], sent_by=actor.user_id, meeting=opened.meeting,
    )  # fmt: skip
    trail(actor, Tag.LETTER_SENT, dispatch, case.id, ["agreed"] if values.get("agreed") else [])
    _number_shown(actor, opened)
    if opened.invites:
        meetings.invited(actor, opened.invites.id, opened.letter.recipient, values["sent_on"])
    milestones.refresh(case)
    return dispatch


def _uid(actor: Actor, case: Case, token: str) -> str:
    """The document's uid: always the same for one page, and nobody else's."""
    return hashlib.sha256(f"letter:{actor.user_id}:{case.id}:{token}".encode()).hexdigest()[:32]


def _sent_before(uid: str) -> Dispatch | None:
    found: Dispatch | None = (
        Dispatch.select(Dispatch, Document.id).join(Document).where(Document.uid == uid).first()
    )  # fmt: skip
    return found


def _number_shown(actor: Actor, opened: OpenLetter) -> None:
    if opened.tells_number:
        trail(actor, Tag.NATIONAL_ID_SHOWN, opened.case.employee, opened.case.id)


# --- what may be sent -----------------------------------------------------------------------------------------------


def _check_text(text: Text) -> None:
    faults = {
        name: too_long(written, writing.MAX_TEXT)
        for piece in text.pieces
        for name, written in piece.texts()
        if len(written) > writing.MAX_TEXT
    }
    if not writing.printed(text.pieces):
        faults[""] = Note(N_("Brevet er tomt. Skriv det som skal stå i det."))
    elif writing.size(text.pieces) > writing.MAX_LETTER:
        most = {"most": writing.MAX_LETTER}
        faults[""] = Note(N_("Brevet er for langt. Det kan høyst være %(most)s tegn i alt."), most)
    if faults:
        raise Invalid(faults)


def _check_sending(opened: OpenLetter, values: Mapping[str, Any]) -> None:
    faults: dict[str, Note] = {}
    name, day = (values.get("recipient_name") or "").strip(), values.get("sent_on")
    if not name:
        faults["recipient_name"] = Note(N_("Skriv hvem brevet er til."))
    elif len(name) > MAX_NAME:
        faults["recipient_name"] = too_long(name, MAX_NAME)
    if values.get("how") not in SENT_HOW:
        faults["how"] = Note(N_("Velg hvordan brevet er sendt."))
    if day is None:
        faults["sent_on"] = Note(N_("Skriv datoen."))
    elif day > today():
        faults["sent_on"] = Note(N_("Datoen er ikke kommet ennå. Før brevet når det er sendt."))
    elif day < min(opened.case.first_day, local(opened.case.created_at).date()):
        faults["sent_on"] = Note(N_("Datoen er før første dag i saken."))
    faults.update(_consent_faults(opened, values))
    if faults:
        raise Invalid(faults)


def _consent_faults(opened: OpenLetter, values: Mapping[str, Any]) -> dict[str, Note]:
    if opened.invites and opened.invites.status != "planned":
        return {"meeting": Note(N_("Møtet er holdt eller avlyst. Velg et annet møte, eller ingen."))}
    if opened.invites and not any(p.role == opened.letter.recipient for p in opened.invites.participants):
        return {"meeting": Note(N_("Mottakeren står ikke som deltaker i møtet. Ta mottakeren med i møtet først."))}
    match opened.consent:
        case "missing":
            return {"meeting": Note(letter_case.NOT_AGREED)}
        case "ask" if not values.get("agreed"):
            note = N_("Brevet kan ikke sendes til sykmelder før den ansatte har sagt ja.")
            return {"agreed": Note(note)}
    return {}


# --- paper ----------------------------------------------------------------------------------------------------------


def _pdf(actor: Actor, opened: OpenLetter, text: Text, status: str = "") -> bytes:
    """The letter, and each enclosure from a new page on."""
    head = printing.municipal_head(actor.municipality, status)
    blocks = _with_number(opened, writing.printed(text.pieces))
    papers = [printing.render_letter(say(opened.letter.title, text.language), text.language, blocks, head)]
    for sheet in opened.chosen(text.sheets):
        language = letter_case.language_of(sheet, text.language)
        values = opened.filling(language).values
        enclosed = fill(sheet, language, values, opened.conditions)
        papers.append(printing.render_letter(say(sheet.title, language), language, enclosed, head))
    return papers[0] if len(papers) == 1 else _joined(papers)


def _with_number(opened: OpenLetter, blocks: Sequence[FilledBlock]) -> list[FilledBlock]:
    """The whole national identity number in place of the one that was hidden on screen."""
    if not opened.tells_number:
        return list(blocks)
    employee: Employee = opened.case.employee
    hidden, number = opened.hidden_number, employee.unseal("national_id")

    def whole(text: str) -> str:
        return text.replace(hidden, f"{number[:6]} {number[6:]}") if hidden and number else text

    return [
        block.model_copy(
            update={
                "text": whole(block.text), "items": tuple(map(whole, block.items)),
                "rows": tuple(tuple(map(whole, row)) for row in block.rows),
            }
        )
        for block in blocks
    ]  # fmt: skip


def _joined(papers: Sequence[bytes]) -> bytes:
    writer = PdfWriter()
    for paper in papers:
        writer.append(PdfReader(io.BytesIO(paper)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
