"""Every page as every role gets it: the header set, and HTML that a browser and a screen reader read alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from models import User
from tests.front import Browser
from tests.rules.test_permissions import READ, ROLES, Rows, _filled, rows
from tests.world import World

__all__ = ["rows"]

HEADERS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}  # fmt: skip
# What a page of ours may show in a frame, and the pages that do.
FRAMED = ("/admin/skjema/vis/frame/", "/admin/skjema/vis/paper/")
FRAMING = ("/admin/skjema/vis/", "/admin/skjema/bygg/")
MORE = """
/
/admin/
/admin/nothing/
/konto/passord
/login
/admin/saker/?status=all&search=per&sort=0&desc=1&page_size=10
/admin/saker/?search=finnesikke
/admin/saker/?due=late&unit={home_care.id}&leader={kari.id}&running=2026-01-01
/admin/saker/details/?id={lise_case.id}
/admin/planer/
/admin/planer/?status=finished
/admin/planer/edit/?id={draft.id}&section=situation
/admin/planer/edit/?id={draft.id}&section=what_is_needed
/admin/planer/edit/?id={draft.id}&section=agreed
/admin/planer/edit/?id={draft.id}&section=way_forward
/admin/planer/edit/?id={draft.id}&section=signing
/admin/planer/edit/?id={draft.id}&section=nowhere
/admin/tiltak/
/admin/kontaktlogg/
/admin/perioder/
/admin/ansatte/?choose=1
/admin/ansatte/?active=no
/admin/skjema/details/?id={own_set.id}&lang=nn
/admin/skjema/vis/?id={own_set.id}&as=phone&lang=nn
/admin/skjema/vis/?id={own_set.id}&as=filled&version=1
/admin/skjema/vis/frame/?id={own_set.id}&section=situation&item=how_now
/admin/skjema/vis/frame/?id={own_set.id}&as=employee&lang=nn
/admin/skjema/vis/frame/?id={own_set.id}&version=9
/admin/skjema/vis/paper/?id={own_set.id}&as=blank
/admin/brev/
/admin/brev/details/?key=info-1
/admin/brev/details/?key=nowhere
/admin/logg/?what=login
/admin/logg/?what=access&day=2026-01-01
/nowhere
/admin/nowhere/
"""
_CONTROLS = ("input", "select", "textarea")
_NO_LABEL = ("hidden", "submit", "button", "image", "reset")
_HANDLER = re.compile(r"on[a-z]+$")


def _tree(answer: TestResponse) -> Any:
    return html5lib.parse(answer.text, treebuilder="etree", namespaceHTMLElements=False)


def _text(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def faults_of_page(answer: TestResponse) -> Iterator[str]:
    """What is wrong with an HTML page."""
    page = _tree(answer)
    if page.get("lang") not in ("nb", "nn"):
        yield f"lang is {page.get('lang')}"
    if not _text(page.find(".//title")).removesuffix("– Attende").strip():
        yield "no title"
    for tag in ("h1", "main"):
        if len(page.findall(f".//{tag}")) != 1:
            yield f"{len(page.findall(f'.//{tag}'))} {tag}"
    if page.find(".//main//h1") is None:
        yield "h1 is outside main"
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    yield from (f"id {name} {count} times" for name, count in ids.items() if count > 1)
    yield from _inline(page)
    yield from _unlabelled(page, ids)
    for element in page.iter():
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            missing = [name for name in (element.get(attribute) or "").split() if name not in ids]
            yield from (f"{attribute} points to {name}, which is not there" for name in missing)


def _inline(page: Any) -> Iterator[str]:
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"inline {element.tag}"
        yield from (f"{element.tag} has {a}" for a in element.keys() if a == "style" or _HANDLER.match(a))  # noqa: SIM118
        if any((element.get(a) or "").strip().lower().startswith("javascript:") for a in ("href", "action", "src")):
            yield "javascript: address"
        tokens = [i for i in element.iter("input") if i.get("name") == "csrf_token" and i.get("value")]
        if element.tag == "form" and element.get("method") == "post" and not tokens:
            yield f"form to {element.get('action')} has no token"


def _unlabelled(page: Any, ids: Counter[str]) -> Iterator[str]:
    labelled = {label.get("for") for label in page.iter("label") if _text(label)}
    inside = {id(c) for label in page.iter("label") if _text(label) for c in label.iter()}
    for tag in _CONTROLS:
        for control in page.iter(tag):
            named = id(control) in inside or control.get("id") in labelled
            if named or control.get("type") in _NO_LABEL or control.get("hidden") is not None:
                continue
            if not (control.get("aria-label") or control.get("aria-labelledby")):
                yield f"{tag} {control.get('name')} has no label"
    for tag in ("button", "a"):
        for element in page.iter(tag):
            if not _text(element) and not element.get("aria-label"):
                yield f"{tag} without words"


def _dressed(answer: TestResponse) -> Iterator[str]:
    path = answer.request.path
    for name, value in {**HEADERS, **({"X-Frame-Options": "SAMEORIGIN"} if path in FRAMED else {})}.items():
        if answer.headers.getlist(name) != [value]:
            yield f"{name}: {answer.headers.getlist(name)}"
    policy = answer.headers.get("Content-Security-Policy", "").split("; ")
    if "default-src 'none'" not in policy or "unsafe" in " ".join(policy):
        yield f"policy {policy}"
    for part, places in (("frame-ancestors", FRAMED), ("frame-src", FRAMING)):
        whom = "'self'" if path in places else "'none'"
        if f"{part} {whom}" not in policy:
            yield f"policy {policy}"
    if answer.mimetype == "text/html" and "charset=utf-8" not in answer.content_type:
        yield f"content type {answer.content_type}"


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("role", ROLES, ids=[role or "nobody" for role in ROLES])
def test_every_page(app: Flask, rows: Rows, role: str, language: str) -> None:
    User.update(language=language).execute()
    browser, faults, pages = Browser(app.test_client(), role), [], 0
    paths = [line.split()[0] for line in READ.strip().splitlines()[1:]] + MORE.split()
    for path in paths:
        address = _filled(path, rows)
        answer = browser.get(address)
        found = list(_dressed(answer))
        if answer.status_code >= 500:
            found.append(f"status {answer.status_code}")
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303):
            pages += 1
            found += faults_of_page(answer)
            if role and f'lang="{language}"' not in answer.text[:400]:
                found.append("not in the reader's language")
        faults += [f"{address}: {fault}" for fault in found]
    assert faults == []
    assert pages > (20 if role else 0)


def test_pages_that_refuse_a_form_are_as_sound(app: Flask, rows: Rows) -> None:
    world: World = rows.world
    siri, anne, faults = Browser(app.test_client(), "siri"), Browser(app.test_client(), "anne"), []
    for browser, path, data in (
        (siri, f"/admin/saker/new/?employee={world.lise_employee.id}", {}),
        (siri, f"/admin/tiltak/new/?case={world.per_case.id}", {"status": "declined"}),
        (siri, f"/admin/kontaktlogg/new/?case={world.per_case.id}", {"at": "x"}),
        (siri, f"/admin/perioder/new/?case={world.per_case.id}", {"from_date": "1.1.2026", "grade": "0"}),
        (siri, "/admin/ansatte/new/", {"national_id": "1"}),
        (siri, f"/admin/planer/sign/?id={rows.finished.id}", {}),
        (siri, f"/admin/planer/misregister/?id={rows.finished.id}", {}),
        (siri, "/admin/planer/finish/", {"id": rows.draft.id}),
        (siri, f"/admin/planer/edit/?id={rows.draft.id}&section=situation", {"q_how_now": "x" * 200_000}),
        (siri, f"/admin/planer/edit/?id={rows.finished.id}&section=situation", {"q_how_now": "For sent"}),
        (siri, f"/admin/saker/edit/?id={world.per_case.id}", {"kind": "sick_leave", "first_day": "2026-01-05"}),
        (anne, "/admin/brukere/new/", {}),
        (anne, "/admin/enheter/new/", {}),
    ):
        answer = browser.post(path, data)
        if answer.status_code not in (409, 422):
            faults.append(f"{path}: status {answer.status_code}")
        faults += [f"{path}: {fault}" for fault in [*_dressed(answer), *faults_of_page(answer)]]
    assert faults == []
