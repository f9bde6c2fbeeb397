"""A browser without a screen: logs in, sends tokens as a page would, and reads what comes back."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.test import TestResponse

import models
from models import AuditEvent, Case, Plan, QuestionSet
from tests.world import PASSWORD

FETCH = {"X-Requested-With": "fetch", "Sec-Fetch-Site": "same-origin"}
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
EVALUATION = dt.date.today() + dt.timedelta(days=60)
# Every answer that a plan on the set of Nordre Land needs, by the section that asks for it.
NORDRE_LAND: dict[str, dict[str, Any]] = {
    "about_you": {"q_meeting_date": "2026-03-05", "q_participants": "Kari og Per"},
    "situation": {"q_how_now": "Det går bedre.", "q_function_now": "Kan sitte."},
    "what_is_needed": {
        "q_most_important": "Roligere vakter", "q_facilitation": "Kontorarbeid", "q_other_means": ["training"],
        "q_other_means__shown": "1", "q_referred__shown": "1",
    },
    "agreed": {"q_conclusion": "Vi prøver kontor i fire uker."},
    "way_forward": {"q_evaluation_date": EVALUATION.isoformat(), "q_dialogue_meeting_held": "yes",
                    "q_dialogue_meeting_held__shown": "1"},
}  # fmt: skip


class Browser:
    """One person at one machine."""

    def __init__(self, client: FlaskClient, username: str = "", password: str = PASSWORD) -> None:
        self.client, self.token, self.username = client, "", username
        if username:
            self.log_in(username, password)

    def log_in(self, username: str, password: str = PASSWORD, path: str = "/login") -> TestResponse:
        found = TOKEN.search(self.client.get(path).text)
        assert found, "the login page has no form token"
        form = {"username": username, "password": password, "csrf_token": found[1]}
        answer = self.client.post(path, data=form)
        assert answer.status_code == 303, f"login of {username} was answered {answer.status_code}"
        again = TOKEN.search(self.client.get("/konto/passord").text)
        assert again
        self.token, self.username = again[1], username
        return answer

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **kwargs)

    def fetch(self, path: str, data: Mapping[str, Any]) -> TestResponse:
        return self.post(path, data, headers=FETCH)

    # --- ways through the product --------------------------------------------------------------------------------

    def start_plan(self, case: Case, **form: Any) -> Plan:
        answer = self.post(f"/admin/planer/start/?case={case.id}", form)
        assert answer.status_code == 303, said(answer)
        return Plan.get_by_id(int(answer.location.rpartition("id=")[2]))

    def save(self, plan: Plan, section: str, data: Mapping[str, Any], **kwargs: Any) -> TestResponse:
        return self.post(f"/admin/planer/edit/?id={plan.id}&section={section}", data, **kwargs)

    def fill(self, plan: Plan, **changed: Any) -> None:
        for section, data in NORDRE_LAND.items():
            answer = self.save(plan, section, {**data, **{k: v for k, v in changed.items() if k in data}})
            assert answer.status_code == 303, said(answer)

    def finish(self, plan: Plan) -> Plan:
        answer = self.post("/admin/planer/finish/", {"id": plan.id})
        assert answer.status_code == 303, said(answer)
        return Plan.get_by_id(plan.id)

    def finished_plan(self, case: Case, **changed: Any) -> Plan:
        plan = self.start_plan(case)
        self.fill(plan, **changed)
        return self.finish(plan)


def said(answer: TestResponse) -> str:
    """What a person reads on the page, in one line."""
    main = re.search(r"<main.*?</main>", answer.text, re.S)
    text = re.sub(r"<[^>]+>", " ", main[0] if main else answer.text)
    return f"{answer.status_code}: " + " ".join(html.unescape(text).split())


def shown(answer: TestResponse) -> str:
    """The page with its entities read, for looking up texts as people typed them."""
    return html.unescape(answer.text)


def pdf_text(content: bytes) -> str:
    assert content.startswith(b"%PDF-")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def refusals() -> int:
    return int(AuditEvent.select().where(AuditEvent.tag == "access:refused").count())


def plan_set(municipality: Any, key: str = "nordre-land-iop") -> QuestionSet:
    return QuestionSet.get(QuestionSet.municipality == municipality, QuestionSet.key == key)


@contextmanager
def traced() -> Iterator[list[str]]:
    """Every statement that the product sends to the database meanwhile."""
    database, seen = models.db.obj, []
    real = database.execute_sql

    def spy(sql: str, *args: Any, **kwargs: Any) -> Any:
        seen.append(sql)
        return real(sql, *args, **kwargs)

    database.execute_sql = spy
    try:
        yield seen
    finally:
        del database.execute_sql


def changes(statements: list[str]) -> list[str]:
    """Those that write, as "VERB table"."""
    pattern = re.compile(r'^\s*(INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO) "?(\w+)', re.I)
    return [f"{found[1].split()[0].upper()} {found[2]}" for sql in statements if (found := pattern.match(sql))]


def rows_by_table() -> dict[str, int]:
    """How many rows each table has, but for the trail and the logins."""
    left_out = {"audit_event", "login_session", "login_attempt"}
    return {t._meta.table_name: t.select().count() for t in models.TABLES if t._meta.table_name not in left_out}


def database_bytes(app: Flask) -> bytes:
    """The file and its log, as one who steals the disk finds them."""
    path = Path(app.config["SETTINGS"].database_url.removeprefix("sqlite:///"))
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]
    return b"".join(file.read_bytes() for file in files if file.exists())
