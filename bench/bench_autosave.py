"""Fifty leaders autosaving at once on SQLite, against the application as `make run` serves it.

The server is a process of its own (gunicorn, 1 worker, 8 threads); the leaders are threads here. Forty have a plan
each, ten share five plans two and two and write different answers. Each types for WAIT seconds after an answer came,
as static/autosave.js does, and sends the whole section. A text only grows, so the last one holds all before it.
Hard aims: no error, no acknowledged text lost, one event in the trail per acknowledged save.
Run: python -m bench.bench_autosave [seconds]
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import models
from bench.figures import Figure, Report, finish
from bench.sixty import Page, publish, start_draft
from bench.world import PASSWORD, environ, fill, fresh_database, make_user
from models import Answer, AuditEvent, Case, LeaderRelation, Municipality, Plan, User
from services import passwords
from services.clock import today

LEADERS, PAIRS = 50, 5
WAIT = 1.2  # seconds between an answer and the next save
QUESTIONS = ("s4_text", "s4_string")  # what the first and the second of a pair write


@dataclass
class Writer:
    """One leader at one browser."""

    port: int
    username: str
    plan: int
    question: str
    cookie: str = ""
    page: Page | None = None
    text: str = ""
    acknowledged: str = ""
    saves: int = 0
    latencies: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/admin/planer/edit/?id={self.plan}&section=s4"

    def ask(
        self, method: str, path: str, fields: list[tuple[str, str]] | None = None, fetch: bool = False
    ) -> tuple[int, str]:
        """A connection per request: one that is kept may be closed by the server just as it is used again."""
        headers = {"Cookie": self.cookie} | ({"X-Requested-With": "fetch"} if fetch else {})
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        return answer.status, body

    def enter(self) -> None:
        """Log in and open the page."""
        _status, body = self.ask("GET", "/login")
        token = body.partition('name="csrf_token" value="')[2].partition('"')[0]
        form = [("username", self.username), ("password", PASSWORD), ("csrf_token", token)]
        status, _body = self.ask("POST", "/login", form)
        assert status == 303, f"login of {self.username} was answered {status}"
        status, body = self.ask("GET", self.path)
        assert status == 200, f"{self.path} was answered {status}"
        self.page = Page(body)

    def write(self, until: float) -> None:
        """Type and save until the time is up. After a fault the writing goes on, as the script in the page does."""
        time.sleep(WAIT * self.plan / LEADERS)  # not all in the same instant
        while time.monotonic() < until:
            self.text += f"{self.username} gang {self.saves}: ryggen tåler mer nå, čáhppes ærø. "
            begun = time.perf_counter()
            try:
                self.save()
            except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
                self.errors.append(f"{self.username}: {type(error).__name__}: {error}")
            self.latencies.append((time.perf_counter() - begun) * 1000)
            time.sleep(WAIT)

    def save(self) -> None:
        assert self.page is not None
        self.page.put(f"q_{self.question}", self.text)
        status, body = self.ask("POST", self.path, self.page.fields, fetch=True)
        if status != 200:
            raise ValueError(f"answered {status}")
        told = json.loads(body)
        if told["status"] != 200 or self.question not in told["bases"]:
            raise ValueError(f"not stored: {told}")
        self.page.put(f"b_{self.question}", told["bases"][self.question])
        self.acknowledged, self.saves = self.text, self.saves + 1


@contextmanager
def server(url: str) -> Iterator[tuple[int, str]]:
    """The application under gunicorn on a free port of the loopback: (port, path of its log)."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--workers", "1", "--threads", "8",
        "--no-control-socket", "--log-level", "warning", "app:create_app()",
    ]  # fmt: skip
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **environ(url)}, pass_fds=[listener.fileno()], stdout=log, stderr=log,
            cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
        )  # fmt: skip
        try:
            wait_for(process, listener.getsockname()[1])
            yield listener.getsockname()[1], log.name
        finally:
            listener.close()
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(150):
        assert process.poll() is None, "the server ended while starting"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise TimeoutError("the server did not start")


def prepare() -> list[tuple[str, int, str]]:
    """Leaders with a draft each, the first PAIRS * 2 of them two and two on one: (username, plan, question)."""
    place = fill(LEADERS * 4).storvik
    publish(place)
    hashed = passwords.hash_password(PASSWORD)
    users = [make_user(place, f"skriver{n:02}", "leader", hashed) for n in range(LEADERS)]
    rows = Case.select(Case.employee).where(Case.municipality == place, Case.status == "open").order_by(Case.id)
    employees = [row.employee_id for row in rows.limit(LEADERS - PAIRS)]
    made = []
    for n, user in enumerate(users):
        pair, second = (n // 2, n % 2) if n < PAIRS * 2 else (n - PAIRS, 0)
        lead(place, user, employees[pair])
        made.append((user.username, start_draft(user, employees[pair]).id, QUESTIONS[second]))
    return made


def lead(place: Municipality, user: User, employee: int) -> None:
    LeaderRelation.create(municipality=place, leader=user, employee=employee, from_date=today())


def lost(writers: list[Writer]) -> list[str]:
    """What the database lacks of what was acknowledged."""
    faults = []
    for writer in writers:
        row = Answer.get_or_none((Answer.plan == writer.plan) & (Answer.question == writer.question))
        stored = json.loads(row.unseal("value")) if row is not None and row.value is not None else ""
        if not stored.startswith(writer.acknowledged.strip()):
            faults.append(
                f"{writer.username}: {len(writer.acknowledged)} characters acknowledged, {len(stored)} stored"
            )
    saves = sum(writer.saves for writer in writers)
    events = AuditEvent.select().where(AuditEvent.tag == "plan:saved").count()
    if events < saves or (events > saves and not any(writer.errors for writer in writers)):
        faults.append(f"{saves} saves acknowledged, {events} in the trail")
    return faults


def run(seconds: float = 20) -> Report:
    report = Report(f"{LEADERS} leaders autosaving for {seconds:g} s on SQLite, {PAIRS} pairs on a shared plan")
    with fresh_database() as url:
        with models.db.connection_context():
            wanted = prepare()
            assert Plan.select().count() == LEADERS - PAIRS
        with server(url) as (port, log):
            writers = [Writer(port, *one) for one in wanted]
            for writer in writers:
                writer.enter()
            passed = write_all(writers, seconds)
            with open(log, encoding="utf-8", errors="replace") as file:
                told = file.read().strip()
        with models.db.connection_context():
            report.failures += lost(writers)
    report.failures += [error for writer in writers for error in writer.errors][:10]
    if told:
        report.notes.append(f"the server's log: {told[-600:]}")
    summarise(report, writers, passed)
    return report


def write_all(writers: list[Writer], seconds: float) -> float:
    """All write at once; the seconds that passed."""
    begun = time.monotonic()
    threads = [threading.Thread(target=writer.write, args=(begun + seconds,), daemon=True) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
    assert not any(thread.is_alive() for thread in threads), "a leader is still waiting for an answer"
    return time.monotonic() - begun


def summarise(report: Report, writers: list[Writer], passed: float) -> None:
    saves = sum(writer.saves for writer in writers)
    times = sorted(ms for writer in writers for ms in writer.latencies)
    errors = sum(len(writer.errors) for writer in writers)
    report.figures = [
        Figure("autosave, median", statistics.median(times)),
        Figure("autosave, 95 of 100 within", times[int(len(times) * 0.95)]),
        Figure("autosave, slowest", times[-1]),
    ]
    offered = LEADERS * passed / WAIT
    lacking = sum(1 for failure in report.failures if "acknowledged" in failure)
    report.notes.append(f"{saves} saves, {saves / passed:.1f} a second ({offered:.0f} if answers took no time); "
                        f"errors {errors}, texts lost {lacking}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(finish(run(float(sys.argv[1]) if len(sys.argv) > 1 else 20)))
