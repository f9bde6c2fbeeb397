"""Work in the background: Huey's queue in our own database, and the jobs that run from it.

A job is put down in the transaction that wants it, so it exists if and only if that was kept. Without a worker
(WORKER=0) the same work is done at once. Jobs are told of by name and numbers in JSON: nothing that is read from the
database is ever run as code, as the pickles of Huey's own serializer would be.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections import Counter
from contextlib import AbstractContextManager
from typing import Any

import peewee as pw
from huey import Huey
from huey.contrib.sql_huey import SqlStorage
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import BaseStorage

import models
from models import Municipality
from models.queue import QueueCounter, QueueSchedule, QueueTask, QueueValue
from services import login, milestones, reminders
from services.clock import OSLO, today
from services.holidays import is_workday

HOURS = range(6, 17)  # of a working day in Norway, when people may be told of something
EVERY = 15  # minutes
_log = logging.getLogger("attende.jobs")
_with_worker = False


class _Json(Serializer):
    """A job as a list; the only numbers in it are those of rows."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(list(data), default=dt.datetime.isoformat).encode()

    def _deserialize(self, data: bytes) -> Message:
        message = Message(*json.loads(data))
        return message._replace(eta=dt.datetime.fromisoformat(message.eta) if message.eta else None)


class _Storage(SqlStorage):
    """Huey's SQL storage on the tables of our migrations, in whichever database is open."""

    def __init__(self, name: str = "attende", **kwargs: Any) -> None:
        BaseStorage.__init__(self, name)
        self.KV, self.Schedule, self.Task, self.Counter = QueueValue, QueueSchedule, QueueTask, QueueCounter

    @property
    def database(self) -> pw.Database:
        real: pw.Database = models.db.obj
        return real

    @property
    def for_update(self) -> str | None:
        return "FOR UPDATE SKIP LOCKED" if isinstance(self.database, pw.PostgresqlDatabase) else None

    def atomic(self) -> AbstractContextManager[Any]:
        context: AbstractContextManager[Any] = models.db.atomic()
        return context

    # Looked at first without a transaction: one that may write keeps all others waiting in SQLite.

    def dequeue(self) -> Any:
        self.check_conn()
        return super().dequeue() if self.queue_size() else None

    def read_schedule(self, timestamp: dt.datetime) -> Any:
        self.check_conn()
        return super().read_schedule(timestamp) if self.schedule_size() else []


queue = Huey("attende", results=False, storage_class=_Storage, serializer=_Json())


def use(with_worker: bool) -> None:
    """Say whether a worker takes the jobs; without, they are done at once by whoever asks."""
    global _with_worker
    _with_worker = with_worker


def has_worker() -> bool:
    """Whether what was asked for may still be under way."""
    return _with_worker


def recount_soon(municipality: Municipality) -> bool:
    """Count all open cases anew; True when a worker will do it, False when it is done."""
    if _with_worker:
        recount(municipality.id)
        return True
    milestones.recount(municipality)
    return False


# --- the jobs -------------------------------------------------------------------------------------------------------


@queue.task(retries=5, retry_delay=60)
def recount(municipality_id: int) -> None:
    """Count a municipality's open cases anew. Twice does no harm."""
    municipality = Municipality.get_or_none(Municipality.id == municipality_id)
    if municipality is not None:
        _log.info("counted %s cases anew", milestones.recount(municipality))


def reminding(moment: dt.datetime) -> bool:
    """Whether the reminders are looked to in this minute; `moment` is UTC, with or without saying so."""
    here = moment.replace(tzinfo=dt.UTC).astimezone(OSLO)
    return here.minute % EVERY == 0 and here.hour in HOURS and is_workday(here.date())


def nightly(moment: dt.datetime) -> bool:
    here = moment.replace(tzinfo=dt.UTC).astimezone(OSLO)
    return (here.hour, here.minute) == (3, 30)


@queue.periodic_task(reminding)
def remind() -> None:
    """Tell everybody of what is due today; what is told is never told again."""
    _log.info("reminders: %s", told(reminders.run(today())))


@queue.periodic_task(nightly)
def clean() -> None:
    """Remove what time has made useless, and count all cases anew: a job may have died with its worker."""
    login.sweep()
    for municipality in Municipality.select():
        milestones.recount(municipality)


def told(found: Counter[str]) -> str:
    """How a round of reminders went, in English: numbers only."""
    names = ("made", "sent", "waiting", "failed", "unsure", "dropped")
    return ", ".join(f"{name} {found[name]}" for name in names)


@queue.on_shutdown()
def _let_go() -> None:
    """Give a worker's connection back when its thread ends."""
    if not models.db.is_closed():
        models.db.close()
