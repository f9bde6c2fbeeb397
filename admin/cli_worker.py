"""Commands for work in the background: the worker that takes jobs from the queue, and one round of reminders."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import sys
import traceback
from typing import Any

import click
from flask.cli import AppGroup

import models
from admin.cli_base import open_database
from services import jobs, reminders
from services.clock import today
from services.integrations import mail

_STOP = (signal.SIGTERM, signal.SIGINT)
_PATIENCE = 60  # seconds for a job to end, when the worker is told to stop

reminders_group = AppGroup("reminders", help="Reminders by e-mail.")


@reminders_group.command("run")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="As if it were this day (YYYY-MM-DD).")
def run_reminders(day: dt.datetime | None) -> None:
    """Make and send what is due, once; exit code 1 when something was not delivered.

    What was told is not told again, so it does no harm to run it often: what a mail server did not take is tried
    again after a pause.
    """
    with open_database():
        found = reminders.run(day.date() if day else today())
    click.echo(jobs.told(found))
    if not mail.is_on():
        click.echo("mail is off: SMTP_HOST is not set, so reminders are only on screen")
    if found["failed"] or found["unsure"] or found["waiting"]:
        sys.exit(1)


@click.option("--threads", type=click.IntRange(1, 8), default=2, show_default=True, help="Jobs at the same time.")
def worker(threads: int) -> None:
    """Take jobs from the queue until told to stop (SIGTERM or Ctrl-C); a job that runs is finished first."""
    _log_plainly()
    with open_database():
        pass  # says in one line what is wrong with it
    # The scheduler looks for due jobs every 15 s; a worker's longest sleep is 5 s.
    consumer: Any = jobs.queue.create_consumer(
        workers=threads, worker_type="thread", scheduler_interval=15, max_delay=5.0, shutdown_timeout=_PATIENCE
    )
    # Huey would stop in the middle of a job on one of the two, and start itself anew on SIGHUP.
    consumer._signal_actions = dict.fromkeys(_STOP, (False, True))
    click.echo(f"worker {os.getpid()} waits for jobs")
    consumer.run()
    if not models.db.is_closed():
        models.db.close()
    click.echo("worker has stopped")


class _Plain(logging.Formatter):
    """Lines without the text of an exception, which may quote what is in a row."""

    def formatException(self, ei: Any) -> str:
        kind, _error, place = ei
        frames = reversed(traceback.extract_tb(place)[-3:])
        return f"{kind.__name__} at " + " < ".join(f"{frame.name}:{frame.lineno}" for frame in frames)


def _log_plainly() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name, level in (("huey", logging.WARNING), ("attende.jobs", logging.INFO)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
