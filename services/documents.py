"""Documents of a case: stored sealed, read through the door, scans looked into before they are taken."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Mapping
from typing import Any

from PIL import Image
from pypdf import PdfReader

from forms.sheet import Sheet
from forms.texts import N_, Note
from models import Case, Document, Plan, Signature, Unit, db
from models.plans import SIGNER_ROLES
from services import access
from services import plan_purposes as purposes
from services.access import Actor
from services.audit import Tag, trail
from services.clock import today
from services.errors import Invalid, NotEditable
from services.milestones import refresh

MAX_SCAN = 10 * 1024 * 1024
MAX_PIXELS = 60_000_000
_MAGIC = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_ENDINGS = {
    "application/pdf": (".pdf",), "image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",),
}  # fmt: skip


def store(
    actor: Actor, case: Case, plan: Plan | None, kind: str, title: str, mime: str, content: bytes,
    unit: Unit | None = None, uid: str = "",
) -> Document:  # fmt: skip
    """Keep bytes for good; of a letter with the `unit` that sent it, and its own `uid`. Call it in a transaction."""
    document = Document(
        municipality=actor.municipality_id, case=case, plan=plan, kind=kind, title=title, mime=mime,
        size=len(content), sha256=hashlib.sha256(content).hexdigest(), author=actor.user_id, unit=unit,
    )  # fmt: skip
    document.uid = uid or document.uid
    document.seal("content", content)
    document.save(force_insert=True)
    trail(actor, Tag.DOCUMENT_STORED, document, case.id)
    return document


def read(actor: Actor, document_id: int | str) -> tuple[Document, bytes]:
    """The document with its bytes; leaves a trail. Raises NotVisible."""
    document: Document = access.get(actor, Document, document_id, "document.see")
    trail(actor, Tag.DOCUMENT_READ, document, document.case_id)
    return document, document.unseal_bytes("content") or b""


def check_scan(name: str, content: bytes, most: int = MAX_SCAN) -> str:
    """The type of a scan of at most `most` bytes, found in them. Raises Invalid with the reason it is refused."""
    if not content:
        raise _refused(Note(N_("Filen er tom.")))
    if len(content) > most:
        raise _refused(Note(N_("Filen er for stor. Den kan høyst være %(most)s MB."), {"most": most // 2**20}))
    mime = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    if mime is None:
        raise _refused(Note(N_("Filen er ikke PDF, JPEG eller PNG.")))
    if not name.lower().endswith(_ENDINGS[mime]):
        raise _refused(
            Note(N_("Filnavnet passer ikke til innholdet. Lagre skanningen på nytt som PDF, JPEG eller PNG."))
        )
    if not (_sound_pdf(content) if mime == "application/pdf" else _sound_image(content)):
        raise _refused(Note(N_("Filen er skadet eller låst og kan ikke åpnes. Skann arket en gang til.")))
    return mime


def _refused(note: Note) -> Invalid:
    return Invalid({"scan": note})


def _sound_pdf(content: bytes) -> bool:
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        return not reader.is_encrypted and 0 < len(reader.pages) <= 200 and b"%%EOF" in content[-2048:]
    except Exception:  # a damaged file makes pypdf raise nearly anything
        return False


def _sound_image(content: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > MAX_PIXELS:
                return False
            image.load()
    except Exception:  # likewise Pillow
        return False
    return True


def signers(plan: Plan) -> list[tuple[str, str, bool]]:
    """Role, label and whether needed, as the frozen form has them."""
    sheet = Sheet.model_validate_json(plan.unseal("snapshot"))
    found: dict[str, tuple[str, str, bool]] = {}
    nodes = list(sheet.nodes)
    while nodes:
        node = nodes.pop(0)
        nodes += node.items
        for signer in node.signers:
            found.setdefault(signer.role, (signer.role, signer.label, signer.required))
    return list(found.values())


def signable(plan: Plan) -> bool:
    """Whether signatures may still be registered: it is finished, and no consent that was withdrawn."""
    return plan.status in ("finished", "signed") and plan.withdrawn_on is None


def fully_signed(plan: Plan) -> bool:
    """Every party that must sign has signed."""
    have = {s.role for s in Signature.select(Signature.role).where(Signature.plan == plan)}
    return all(role in have for role, _label, needed in signers(plan) if needed)


def register_signature(
    actor: Actor,
    plan_id: int | str,
    values: Mapping[str, Any],
    scan: tuple[str, bytes] | None = None,
    max_scan: int = MAX_SCAN,
) -> Signature:
    """Register that a party has signed on paper. When all needed parties have, the plan is signed.

    Registering the same party again with the same facts changes nothing. Raises Invalid, NotEditable.
    """
    plan: Plan = access.get(actor, Plan, plan_id, "plan.write")
    if not signable(plan):
        why = purposes.NOT_SIGNABLE[plan.purpose]
        raise NotEditable(Note(why))
    _check_signature(plan, values)
    mime = check_scan(*scan, max_scan) if scan else None
    with db.atomic():
        held = Signature.select().where(Signature.plan == plan, Signature.role == values["role"]).first()
        if held is not None:
            if (held.name, held.signed_on) == (values["name"].strip(), values["signed_on"]):
                return held  # type: ignore[no-any-return]
            raise Invalid({"role": Note(N_("Denne parten er allerede registrert."))})
        document = None
        if scan and mime:
            document = store(actor, plan.case, plan, "scan", N_("Skannet signatur"), mime, scan[1])
        signature: Signature = Signature.create(
            municipality=actor.municipality_id, plan=plan, role=values["role"], name=values["name"].strip(),
            signed_on=values["signed_on"], place=values["place"].strip(), scan=document, registered_by=actor.user_id,
        )  # fmt: skip
        trail(actor, Tag.SIGNATURE_REGISTERED, signature, plan.case_id)
        if fully_signed(plan):
            Plan.update(status="signed").where(Plan.id == plan.id, Plan.status == "finished").execute()
        refresh(Case.get_by_id(plan.case_id))
    return signature


def _check_signature(plan: Plan, values: Mapping[str, Any]) -> None:
    faults: dict[str, Note] = {}
    if values.get("role") not in SIGNER_ROLES or values["role"] not in {role for role, _, _ in signers(plan)}:
        faults["role"] = Note(N_("Velg hvem som har signert."))
    if not (values.get("name") or "").strip():
        faults["name"] = Note(N_("Skriv navnet til den som har signert."))
    if not (values.get("place") or "").strip():
        faults["place"] = Note(N_("Skriv stedet."))
    day = values.get("signed_on")
    if day is None:
        faults["signed_on"] = Note(N_("Skriv datoen på arket."))
    elif day > today():
        faults["signed_on"] = Note(N_("Datoen er ikke kommet ennå."))
    elif plan.finished_at and day < plan.finished_at.date() - dt.timedelta(days=1):
        why = purposes.SIGNED_TOO_EARLY[plan.purpose]
        faults["signed_on"] = Note(why)
    if faults:
        raise Invalid(faults)
