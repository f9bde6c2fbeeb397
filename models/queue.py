"""The tables of the background queue, with the columns that Huey's SQL storage reads and writes.

They hold no tenant and nothing personal: the name of a job, its numbers, and when it is due. See services/jobs.py.
"""

from __future__ import annotations

from typing import Any

import peewee as pw

from models.base import db


class _Bytes(pw.BlobField):
    def python_value(self, value: Any) -> Any:
        return value if value is None else bytes(value)  # PostgreSQL gives a memoryview


class QueueModel(pw.Model):
    class Meta:
        database = db
        legacy_table_names = False


class QueueTask(QueueModel):
    queue = pw.CharField(max_length=40)
    data = _Bytes()
    priority = pw.FloatField(default=0.0)

    class Meta:
        table_name = "queue_task"
        indexes = ((("queue", "priority"), False),)


class QueueSchedule(QueueModel):
    queue = pw.CharField(max_length=40)
    data = _Bytes()
    timestamp = pw.TimestampField(resolution=1000)  # type: ignore[no-untyped-call]

    class Meta:
        table_name = "queue_schedule"
        indexes = ((("queue", "timestamp"), False),)


class QueueValue(QueueModel):
    queue = pw.CharField(max_length=40)
    key = pw.CharField(max_length=255)
    value = _Bytes()

    class Meta:
        table_name = "queue_value"
        primary_key = pw.CompositeKey("queue", "key")


class QueueCounter(QueueModel):
    queue = pw.CharField(max_length=40)
    key = pw.CharField(max_length=255)
    value = pw.IntegerField()

    class Meta:
        table_name = "queue_counter"
        primary_key = pw.CompositeKey("queue", "key")


QUEUE_TABLES: list[type[QueueModel]] = [QueueTask, QueueSchedule, QueueValue, QueueCounter]
