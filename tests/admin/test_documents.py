"""Signatures on paper, and the scans that come with them."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfWriter
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from models import AuditEvent, Document, Plan, Signature
from services import documents
from tests.front import Browser, said, shown
from tests.world import World


def _pdf(password: str = "") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def _image(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, kind)
    return out.getvalue()


def _bomb() -> bytes:
    """A picture of 10,000 × 10,000 in a few bytes."""
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG", optimize=True)
    return out.getvalue()


@pytest.fixture
def kari(app: Flask, library: World) -> Browser:
    return Browser(app.test_client(), "kari")


@pytest.fixture
def plan(kari: Browser, library: World) -> Plan:
    return kari.finished_plan(library.per_case)


def _sign(kari: Browser, plan: Plan, scan: tuple[bytes, str] | None = None, **changed: str) -> Any:
    day = dt.date.today().isoformat()
    form: dict[str, Any] = {"role": "employee", "name": "Per Ås", "signed_on": day, "place": "Dokka", **changed}
    if scan:
        form["scan"] = FileStorage(io.BytesIO(scan[0]), scan[1])
    boundary, body = encode_multipart({"csrf_token": kari.token, **form})
    kind = f"multipart/form-data; boundary={boundary}"
    return kari.client.post(f"/admin/planer/sign/?id={plan.id}", data=body, content_type=kind)


def test_signed_when_every_needed_party_has(kari: Browser, plan: Plan, library: World) -> None:
    page = kari.get(f"/admin/planer/sign/?id={plan.id}")
    assert "Arbeidstaker" in page.text or "ansatt" in page.text.lower()
    needed = [role for role, _label, must in documents.signers(plan) if must]
    assert {"employee", "employer"} <= set(needed)
    for role in needed:
        assert Plan.get_by_id(plan.id).status == "finished"
        answer = _sign(kari, plan, role=role, name=f"Navn {role}")
        assert answer.status_code == 303, said(answer)
    assert Plan.get_by_id(plan.id).status == "signed"
    assert library.refresh().per_case.plan_status == "signed"
    text = said(kari.get(f"/admin/planer/details/?id={plan.id}"))
    assert "Navn employer, Dokka" in text
    assert AuditEvent.select().where(AuditEvent.tag == "signature:registered").count() == len(needed)


def test_the_same_signature_twice_is_one(kari: Browser, plan: Plan) -> None:
    scan = (_pdf(), "ark.pdf")
    for _ in range(2):
        assert _sign(kari, plan, scan).status_code == 303
    assert Signature.select().count() == 1
    assert Document.select().where(Document.kind == "scan").count() == 1
    other = _sign(kari, plan, name="En annen")
    assert other.status_code == 422
    assert "Denne parten er allerede registrert." in other.text
    assert Signature.get().name == "Per Ås"


@pytest.mark.parametrize(("changed", "message"), [
    ({"role": "king"}, "Velg ett av alternativene."), ({"name": " "}, "Skriv navnet"), ({"place": ""}, "Skriv stedet."),
    ({"signed_on": ""}, "Skriv datoen på arket."), ({"signed_on": "2099-01-01"}, "ikke kommet ennå"),
    ({"signed_on": "2020-01-01"}, "før planen ble ferdigstilt"), ({"signed_on": "x"}, "Skriv datoen som"),
    ({"name": "x" * 121}, "121 tegn"), ({"place": "x" * 121}, "121 tegn"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_kept(kari: Browser, plan: Plan, changed: dict[str, str], message: str) -> None:
    answer = _sign(kari, plan, **changed)
    assert answer.status_code == 422
    assert message in shown(answer)
    assert 'value="Dokka"' in answer.text or "place" in changed
    assert Signature.select().count() == 0


@pytest.mark.parametrize(("name", "content"), [
    ("ark.pdf", _pdf()), ("ARK.PDF", _pdf()), ("ark.jpg", _image("JPEG")), ("ark.jpeg", _image("JPEG")),
    ("ark.png", _image("PNG")), ("../../etc/æøå <b>.pdf", _pdf()),
])  # fmt: skip
def test_scans_are_kept_as_they_came(kari: Browser, plan: Plan, name: str, content: bytes) -> None:
    answer = _sign(kari, plan, (content, name))
    assert answer.status_code == 303, said(answer)
    scan = Document.get(Document.kind == "scan")
    assert "ark" not in scan.title.lower()
    got = kari.get(f"/admin/planer/document/?id={scan.id}")
    assert got.data == content
    assert got.mimetype == scan.mime
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert name not in got.headers["Content-Disposition"]
    assert f"/admin/planer/document/?id={scan.id}" in kari.get(f"/admin/planer/details/?id={plan.id}").text
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).where(AuditEvent.tag == "document:read").get()
    assert event.subject_id == scan.id


REFUSED = {
    "empty": ("ark.pdf", b"", "Filen er tom."),
    "text": ("ark.pdf", b"Ikke en PDF", "ikke PDF, JPEG eller PNG"),
    "html": ("ark.pdf", b"<html><script>alert(1)</script>", "ikke PDF, JPEG eller PNG"),
    "svg": ("ark.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ikke PDF, JPEG eller PNG"),
    "program": ("ark.pdf", b"MZ" + b"\0" * 500, "ikke PDF, JPEG eller PNG"),
    "gif": ("ark.gif", b"GIF89a" + b"\0" * 20, "ikke PDF, JPEG eller PNG"),
    "renamed": ("ark.pdf", _image("PNG"), "Filnavnet passer ikke til innholdet."),
    "renamed-jpg": ("ark.jpg", _pdf(), "Filnavnet passer ikke til innholdet."),
    "no-ending": ("ark", _pdf(), "Filnavnet passer ikke til innholdet."),
    "cut-pdf": ("ark.pdf", _pdf()[:-40], "skadet eller låst"),
    "cut-png": ("ark.png", _image("PNG")[:60], "skadet eller låst"),
    "cut-jpeg": ("ark.jpg", _image("JPEG")[:200], "skadet eller låst"),
    "noise": ("ark.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 20, "skadet eller låst"),
    "locked": ("ark.pdf", _pdf("hemmelig"), "skadet eller låst"),
    "bomb": ("ark.png", _bomb(), "skadet eller låst"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_scans_that_are_refused(kari: Browser, plan: Plan, kind: str) -> None:
    name, content, message = REFUSED[kind]
    answer = _sign(kari, plan, (content, name))
    assert answer.status_code == 422
    assert message in shown(answer)
    assert 'value="Dokka"' in answer.text
    assert (Signature.select().count(), Document.select().where(Document.kind == "scan").count()) == (0, 0)


def test_a_scan_of_three_megabytes_is_taken(kari: Browser, plan: Plan) -> None:
    out = io.BytesIO()
    Image.effect_noise((1300, 1300), 90).convert("RGB").save(out, "PNG")
    assert 1_048_576 < len(out.getvalue()) < 9_000_000  # more than any other form may hold
    assert _sign(kari, plan, (out.getvalue(), "ark.png")).status_code == 303


@pytest.mark.parametrize(("size", "status"), [(10_485_761, 422), (15_000_000, 413)])
def test_a_scan_that_is_too_large(kari: Browser, plan: Plan, size: int, status: int) -> None:
    answer = _sign(kari, plan, (b"%PDF-".ljust(size, b"x"), "ark.pdf"))
    assert answer.status_code == status
    assert "for stor" in said(answer)
    assert ('value="Dokka"' in answer.text) is (status == 422)
    assert Signature.select().count() == 0


def test_a_draft_is_not_signed(kari: Browser, library: World) -> None:
    draft = kari.start_plan(library.per_case)
    assert _sign(kari, draft).status_code == 409
    assert kari.get(f"/admin/planer/sign/?id={draft.id}").status_code == 409
