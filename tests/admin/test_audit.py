"""The auditor's list in words."""

from __future__ import annotations

import pytest
from flask import Flask

import models
from admin.audit_words import SUBJECTS, TAG_GROUPS, TAGS
from models import AuditEvent
from services.audit import Tag, record
from tests.front import Browser, said
from tests.world import World


def test_everything_that_is_recorded_has_words() -> None:
    assert set(TAGS) == set(Tag)
    assert set(TAG_GROUPS) <= {tag.partition(":")[0] for tag in Tag}


def test_what_it_is_recorded_of_has_words(app: Flask, library: World) -> None:
    kari = Browser(app.test_client(), "kari")
    kari.finished_plan(library.per_case)
    kari.get("/admin/")
    kari.get(f"/admin/moter/new/?case={library.per_case.id}&number=1")
    told = {event.subject.partition(".")[0] for event in AuditEvent.select()} - {""}
    assert told
    assert told <= set(SUBJECTS)


@pytest.mark.parametrize("group", TAG_GROUPS)
def test_the_list_is_chosen_from_by_group(app: Flask, world: World, group: str) -> None:
    with models.db.atomic():
        for tag in (t for t in Tag if t.partition(":")[0] == group):
            record(tag, municipality=world.storvik.id, actor=world.kari.id)
        record(
            Tag.EMPLOYEE_READ if group != "employee" else Tag.UNIT_CHANGED, municipality=world.storvik.id, actor=None
        )
    page = Browser(app.test_client(), "aud").get(f"/admin/logg/?what={group}")
    text = said(page)
    assert page.status_code == 200
    assert all(TAGS[tag] in text for tag in Tag if tag.partition(":")[0] == group)
    assert (TAGS[Tag.EMPLOYEE_READ] in text) is (group == "employee")
