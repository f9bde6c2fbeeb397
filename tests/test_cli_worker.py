"""The worker as a process of its own, the queue in our database, and one round of reminders by hand."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

import models
from admin.cli import init_cli
from config import Settings
from models import FollowUpSettings, Milestone, Reminder, db
from models.queue import QueueSchedule, QueueTask
from services import jobs, milestones
from services.clock import today
from services.holidays import workday_from
from services.integrations import mail
from tests.admin.flat import Builder, steps
from tests.front import said
from tests.mailbox import Mailbox, mail_server
from tests.rules.source import ROOT
from tests.world import DATA_KEYS, INDEX_KEY, World

__all__ = ["steps"]
pytestmark = pytest.mark.both_databases

PATIENCE = 60.0


@pytest.fixture
def queued() -> Iterator[None]:
    """As with WORKER=1."""
    jobs.use(True)
    yield
    jobs.use(False)


@pytest.fixture
def run(world: World, settings: Settings) -> Callable[..., Result]:
    app = Flask("attende_cli")
    app.config["SETTINGS"] = settings
    init_cli(app)
    return lambda *words: app.test_cli_runner().invoke(args=list(words))


def wait_for(done: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "the worker did not do it"
        time.sleep(0.1)


# --- the worker -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_does_a_job_and_stops_when_told(
    world: World, database_url: str, queued: None, stop: signal.Signals
) -> None:
    assert jobs.recount_soon(world.storvik) is True
    assert (QueueTask.select().count(), Milestone.select().count()) == (1, 0)
    environment = {
        **os.environ, "ENV": "test", "DATABASE_URL": database_url, "DATA_KEYS": DATA_KEYS, "INDEX_KEY": INDEX_KEY,
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    command = [sys.executable, "-W", "error", "-m", "flask", "--app", "app", "worker", "--threads", "1"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(lambda: Milestone.select().count() > 0, process)
        process.send_signal(stop)
        said, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, said.splitlines()[-1]) == (0, "worker has stopped"), errors
    assert "counted 2 cases anew" in errors
    for word in ("Per", "Error", "Warning"):
        assert word not in errors
    assert QueueTask.select().count() == 0


def test_a_worker_wants_a_database_that_is_up_to_date(settings: Settings, tmp_path: Path) -> None:
    from services import database

    bare = database.initialize(f"sqlite:///{tmp_path / 'bare.db'}")
    app = Flask("attende_cli")
    app.config["SETTINGS"] = settings
    init_cli(app)
    result = app.test_cli_runner().invoke(args=["worker"])
    bare.close()
    assert result.exit_code == 1
    assert "run: flask --app app db upgrade" in result.output


# --- the queue ------------------------------------------------------------------------------------------------------


def test_without_a_worker_it_is_done_at_once(world: World) -> None:
    assert jobs.recount_soon(world.storvik) is False
    assert QueueTask.select().count() == 0
    assert Milestone.select().count() > 0


def test_a_job_is_kept_with_what_it_belongs_to(world: World, queued: None) -> None:
    def fail_after_asking() -> None:
        with db.atomic():
            jobs.recount_soon(world.storvik)
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        fail_after_asking()
    assert QueueTask.select().count() == 0
    jobs.recount_soon(world.storvik)
    stored = QueueTask.get().data
    assert json.loads(stored)[1] == "services.jobs.recount"
    assert b"Storvik" not in stored


def test_a_job_that_fails_is_tried_again(world: World, queued: None, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def fail(municipality: Any) -> int:
        calls.append(municipality.id)
        raise RuntimeError("locked")

    monkeypatch.setattr(milestones, "recount", fail)
    jobs.recount_soon(world.storvik)
    jobs.queue.execute(jobs.queue.dequeue())
    assert (calls, QueueTask.select().count(), QueueSchedule.select().count()) == ([world.storvik.id], 0, 1)
    later = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(seconds=61)
    monkeypatch.undo()
    for job in jobs.queue.read_schedule(later):
        jobs.queue.execute(job, later)
    assert Milestone.select().count() > 0


def test_a_job_about_what_is_gone_does_nothing(world: World, queued: None) -> None:
    jobs.recount(0)
    jobs.queue.execute(jobs.queue.dequeue())
    assert Milestone.select().count() == 0


@pytest.mark.parametrize("with_worker", [True, False])
def test_publishing_a_schedule_hands_the_counting_over(steps: Builder, with_worker: bool) -> None:
    jobs.use(with_worker)
    try:
        steps.press("hide:contact")
        answer = steps.publish()
        assert answer.status_code == 303
        page = said(steps.browser.get(answer.location))
    finally:
        jobs.use(False)
    assert ("Fristene i sakene blir regnet ut på nytt nå." in page) is with_worker
    assert QueueTask.select().count() == with_worker
    assert (Milestone.select().count() == 0) is with_worker


@pytest.mark.parametrize(
    ("moment", "looked"),
    [
        ("2026-01-05 05:00", True), ("2026-01-05 04:45", False), ("2026-01-05 15:45", True),
        ("2026-01-05 16:00", False), ("2026-01-05 10:07", False),  # winter: one hour ahead of UTC
        ("2026-07-06 04:00", True), ("2026-07-06 15:00", False),  # summer: two
        ("2026-01-03 10:00", False), ("2026-05-01 10:00", False),  # a Saturday, and the first of May
    ],
)  # fmt: skip
def test_when_reminders_are_looked_to(moment: str, looked: bool) -> None:
    assert jobs.reminding(dt.datetime.fromisoformat(moment)) is looked


def test_cleaning_counts_and_sweeps_once_a_night(world: World) -> None:
    nights = [hour for hour in range(24) if jobs.nightly(dt.datetime(2026, 1, 5, hour, 30))]
    assert nights == [2]
    models.LoginAttempt.create(user_hash="x", address_hash="y", created_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    jobs.clean.call_local()
    assert models.LoginAttempt.select().count() == 0
    assert {row.municipality_id for row in Milestone.select()} == {world.storvik.id, world.fjell.id}


# --- reminders by hand ----------------------------------------------------------------------------------------------


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        mail.use(mailbox.server())
        yield mailbox
        mail.use(None)


def test_one_round_of_reminders(world: World, run: Callable[..., Result], box: Mailbox) -> None:
    day = workday_from(today() + dt.timedelta(days=1))
    FollowUpSettings.create(municipality=world.storvik, remind=True)
    Milestone.create(municipality=world.storvik, case=world.per_case, code="plan", due=day)
    result = run("reminders", "run", "--date", day.isoformat())
    assert (result.exit_code, result.output) == (
        0, "made 1, sent 1, waiting 0, failed 0, unsure 0, dropped 0\n",
    )  # fmt: skip
    again = run("reminders", "run", "--date", day.isoformat())
    assert (again.exit_code, again.output) == (0, "made 0, sent 0, waiting 0, failed 0, unsure 0, dropped 0\n")
    assert box.to == ["kari@example.test"]


def test_what_could_not_be_sent_is_told_by_the_exit_code(
    world: World, run: Callable[..., Result], box: Mailbox
) -> None:
    day = workday_from(today())
    FollowUpSettings.create(municipality=world.storvik, remind=True)
    Milestone.create(municipality=world.storvik, case=world.per_case, code="plan", due=day)
    box.answers["kari@example.test"] = "550 no"
    result = run("reminders", "run", "--date", day.isoformat())
    assert result.exit_code == 1
    assert "failed 1" in result.output
    assert "kari" not in result.output


def test_mail_that_is_off_is_said(run: Callable[..., Result]) -> None:
    result = run("reminders", "run")
    assert result.exit_code == 0
    assert "mail is off" in result.output
    with models.db.obj.connection_context():
        assert Reminder.select().count() == 0


@pytest.mark.parametrize("date", ["tomorrow", "2026-02-30", "2026-13-01"])
def test_a_date_that_is_none(run: Callable[..., Result], date: str) -> None:
    assert run("reminders", "run", "--date", date).exit_code == 2
