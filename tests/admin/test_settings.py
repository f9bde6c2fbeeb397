"""The municipality's choices, and the page that shows what was sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask.testing import FlaskClient

from models import AuditEvent, FollowUpSettings, Milestone, Reminder, ReminderItem
from services.integrations import mail
from services.settings import settings_of
from tests.front import Browser, said, shown
from tests.mailbox import SENDER
from tests.world import World

PAGE, LIST = "/admin/oppfolging/", "/admin/paminnelser/"
FORM = {
    "revision": "0", "week_clock": "calendar", "self_declared_days": "3", "self_declared_year_days": "",
    "self_declared_times": "4", "remind_leaders": "y", "remind_before": "4", "remind_late_every": "7",
}  # fmt: skip


def test_the_defaults_are_the_law_s_and_nothing_is_sent(client: FlaskClient, world: World) -> None:
    page = Browser(client, "anne").get(PAGE)
    assert page.status_code == 200
    assert FollowUpSettings.select().count() == 0
    row = settings_of(world.storvik.id)
    assert (row.self_declared_days, row.self_declared_times, row.self_declared_year_days) == (3, 4, None)
    assert (row.remind, row.remind_leaders, row.remind_hr) == (False, True, False)
    assert "/admin/steg/" in page.text or "/admin/lop/" in page.text
    assert "E-post er ikke satt opp" in said(page)


def test_changing_them_is_kept_and_leaves_a_trail(client: FlaskClient, world: World) -> None:
    anne = Browser(client, "anne")
    changed = {**FORM, "week_clock": "nav", "self_declared_days": "8", "self_declared_year_days": "24",
               "self_declared_times": "", "remind": "y", "remind_hr": "y", "remind_before": "2"}  # fmt: skip
    assert anne.post(PAGE, changed).status_code == 303
    row = FollowUpSettings.get()
    assert (row.week_clock, row.self_declared_days, row.self_declared_year_days, row.self_declared_times) == (
        "nav", 8, 24, None,
    )  # fmt: skip
    assert (row.remind, row.remind_leaders, row.remind_hr, row.remind_before, row.remind_late_every) == (
        True, True, True, 2, 7,
    )  # fmt: skip
    event = AuditEvent.get(AuditEvent.tag == "settings:changed")
    assert event.fields == (
        "remind remind_before remind_hr self_declared_days self_declared_times self_declared_year_days week_clock"
    )
    less = {**changed, "revision": str(row.revision)}
    del less["remind_leaders"]
    assert anne.post(PAGE, less).status_code == 303
    assert FollowUpSettings.get().remind_leaders is False


@pytest.mark.parametrize(
    ("field", "value"),
    [("self_declared_days", "2"), ("self_declared_days", ""), ("self_declared_days", "tre"), ("remind_before", "-1"),
     ("remind_before", "61"), ("remind_late_every", "999999999999999999999"), ("self_declared_times", "0"),
     ("self_declared_year_days", "366"), ("week_clock", "moon")],
)  # fmt: skip
def test_what_cannot_be_is_told_at_the_field_and_nothing_is_lost(
    client: FlaskClient, world: World, field: str, value: str
) -> None:
    answer = Browser(client, "anne").post(PAGE, {**FORM, "remind_hr": "y", field: value})
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.text or "has-error" in answer.text
    if field != "week_clock":
        assert f'value="{value}"' in shown(answer)
    assert FollowUpSettings.select().count() == 0


def test_somebody_must_be_told(client: FlaskClient, world: World) -> None:
    form = {name: value for name, value in FORM.items() if name != "remind_leaders"}
    answer = Browser(client, "anne").post(PAGE, {**form, "remind": "y"})
    assert answer.status_code == 422
    assert "Velg hvem som skal få påminnelser" in said(answer)


def test_two_administrators_at_once(client: FlaskClient, world: World) -> None:
    anne = Browser(client, "anne")
    assert anne.post(PAGE, {**FORM, "self_declared_days": "8"}).status_code == 303
    # The other one also looked at the defaults, before anything was stored.
    answer = anne.post(PAGE, {**FORM, "self_declared_days": "5"})
    assert answer.status_code == 409
    assert "En annen endret det samme mens du skrev" in said(answer)
    assert FollowUpSettings.get().self_declared_days == 8
    revision = str(FollowUpSettings.get().revision)
    assert f'value="{revision}"' in answer.text
    assert anne.post(PAGE, {**FORM, "self_declared_days": "5", "revision": revision}).status_code == 303
    assert FollowUpSettings.get().self_declared_days == 5


@pytest.mark.parametrize("username", ["kari", "siri", "per", "aud"])
def test_only_administrators(client: FlaskClient, world: World, username: str) -> None:
    browser = Browser(client, username)
    assert [browser.get(path).status_code for path in (PAGE, LIST)] == [403, 403]
    assert browser.post(PAGE, FORM).status_code == 403
    assert FollowUpSettings.select().count() == 0


def test_each_municipality_has_its_own(client: FlaskClient, world: World) -> None:
    FollowUpSettings.create(municipality=world.fjell, self_declared_days=8, remind=True)
    anne = Browser(client, "anne")
    assert 'value="8"' not in anne.get(PAGE).text
    anne.post(PAGE, FORM)
    assert FollowUpSettings.get(FollowUpSettings.municipality == world.fjell).self_declared_days == 8


# --- what was sent --------------------------------------------------------------------------------------------------


def digest(world: World, user: Any, state: str, fault: str = "", days: int = 0, tries: int = 1) -> Reminder:
    row: Reminder = Reminder.create(
        municipality=user.municipality_id, user=user, day=world.today - dt.timedelta(days=days), state=state,
        fault=fault, tries=tries,
    )  # fmt: skip
    return row


def test_what_was_sent_and_what_was_not(client: FlaskClient, world: World) -> None:
    row = digest(world, world.kari, "sent")
    step = Milestone.create(municipality=world.storvik, case=world.per_case, code="dialogue_1", due=world.today)
    ReminderItem.create(municipality=world.storvik, reminder=row, user=world.kari, milestone=step, stage="due")
    digest(world, world.ola, "failed", "refused:550")
    digest(world, world.siri, "unsure", "lost", days=1)
    digest(world, world.kari, "waiting", "down", days=2, tries=3)
    digest(world, world.tone, "sent")
    anne = Browser(client, "anne")
    page = said(anne.get(LIST))
    for words in ("Kari Leder", "sendt", "Ola Leder", "ikke sendt", "E-posttjeneren avviste mottakeren.", "Svar 550.",
                  "usikkert om den kom fram", "E-posttjeneren svarer ikke."):  # fmt: skip
        assert words in page
    for words in ("Per Ås", "Tone", "dialog", "@"):
        assert words not in page
    only = said(anne.get(LIST + "?state=failed"))
    assert "Ola Leder" in only
    assert "Kari Leder" not in only


def test_a_notice_when_nothing_can_be_sent(client: FlaskClient, world: World) -> None:
    anne = Browser(client, "anne")
    assert "E-post er ikke satt opp på denne tjeneren." in said(anne.get(LIST))
    mail.use(mail.Server("127.0.0.1", 25, "none", SENDER))
    try:
        assert "Kommunen har ikke slått på påminnelser." in said(anne.get(LIST))
        FollowUpSettings.create(municipality=world.storvik, remind=True)
        page = said(anne.get(LIST))
        assert "ikke slått på" not in page
        assert "ikke satt opp" not in page
    finally:
        mail.use(None)
