"""Deciding on milestones through the front door: the case page's buttons and the page of decisions."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from models import AuditEvent, Case, FollowUpSettings, Milestone, User
from services import milestones
from services.clock import today
from tests.front import Browser, refusals, rows_by_table, said, shown
from tests.world import World

DAY = dt.timedelta(days=1)


@pytest.fixture
def kari(client: FlaskClient, world: World) -> Browser:
    milestones.refresh(world.per_case)
    return Browser(client, "kari")


def _row(world: World, code: str) -> Milestone:
    return Milestone.get(Milestone.case == world.per_case, Milestone.code == code)


def _page(row: Milestone) -> str:
    return f"/admin/milepeler/?id={row.id}"


def _case(world: World) -> str:
    return f"/admin/saker/details/?id={world.per_case.id}"


def _tags() -> list[str]:
    found = AuditEvent.select().where(AuditEvent.tag.startswith("milestone:")).order_by(AuditEvent.id)
    return [event.tag for event in found]


def _decide(browser: Browser, row: Milestone, what: str, **form: str) -> object:
    return browser.post(_page(row), {"what": what, "revision": row.revision, **form})


# ---------------------------------------------------------------- done


def test_one_click_does_it_today_and_says_who(kari: Browser, world: World) -> None:
    row = _row(world, "activity")
    page = kari.get(_case(world)).text
    path = f"/admin/milepeler/done/?id={row.id}&amp;revision={row.revision}"
    assert path in page
    answer = kari.post(path.replace("&amp;", "&"))
    assert (answer.status_code, answer.location) == (303, _case(world))
    text = said(kari.get(answer.location))
    assert "Merket som gjort." in text
    assert "av Kari Leder" in text
    after = _row(world, "activity")
    assert (after.state, after.done_on, after.by_hand) == ("done", today(), True)
    assert kari.post(path.replace("&amp;", "&")).status_code == 303  # sent twice
    assert _tags() == ["milestone:done"]


def test_going_back_to_where_one_was(kari: Browser, world: World) -> None:
    row = _row(world, "activity")
    for back, where in (("/admin/", "/admin/"), ("//evil.test", _case(world)), ("https://evil.test", _case(world))):
        assert kari.post("/admin/milepeler/done/", {"id": row.id, "back": back}).location == where


def test_done_on_another_day(kari: Browser, world: World) -> None:
    row = _row(world, "contact")
    page = kari.get(_page(row))
    for words in (
        "Ta kontakt og hør hvordan det går", "Fører du kontakten i loggen", "Ikke aktuelt", "feiler den ansatte",
    ):  # fmt: skip
        assert words in said(page)
    assert "Åpenbart unødvendig" not in said(page)
    assert _decide(kari, row, "done", done_on=(today() - 3 * DAY).isoformat()).status_code == 303
    assert _row(world, "contact").done_on == today() - 3 * DAY
    decided = kari.get(_page(row))
    assert decided.status_code == 200
    assert "Slik står det" in said(decided)


@pytest.mark.parametrize(("typed", "words"), [
    ("{tomorrow}", "Datoen er ikke kommet ennå"), ("{before}", "før saken begynte"), ("", "Skriv hvilken dag"),
    ("i går", "Skriv datoen som dag.måned.år"),
])  # fmt: skip
def test_a_day_that_cannot_be_is_said_at_the_field(kari: Browser, world: World, typed: str, words: str) -> None:
    row = _row(world, "contact")
    day = typed.format(tomorrow=today() + DAY, before=world.per_case.first_day - DAY)
    answer = _decide(kari, row, "done", done_on=day)
    assert answer.status_code == 422
    assert words in shown(answer)
    assert f'value="{day}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert (_row(world, "contact").state, _tags()) == ("open", [])


def test_a_future_day_is_refused_with_one_click_too(kari: Browser, world: World) -> None:
    row = _row(world, "contact")
    answer = kari.post("/admin/milepeler/done/", {"id": row.id, "done_on": (today() + DAY).isoformat()})
    assert answer.status_code == 422
    assert kari.post("/admin/milepeler/done/", {"id": row.id, "done_on": "i går"}).status_code == 422
    assert _row(world, "contact").state == "open"


# ---------------------------------------------------------------- not relevant, exempt, undone


def test_not_relevant_with_a_reason_that_only_those_who_write_see(app: Flask, kari: Browser, world: World) -> None:
    row = _row(world, "contact")
    empty = _decide(kari, row, "not_relevant", reason=" ")
    assert empty.status_code == 422
    assert "Skriv kort hvorfor." in shown(empty)
    assert _decide(kari, row, "not_relevant", reason="Vi snakkes hver dag.").status_code == 303
    page = kari.get(_case(world))
    assert "ikke aktuelt, bestemt" in said(page)
    assert "Vi snakkes hver dag." in said(page)
    per = said(Browser(app.test_client(), "per").get(_case(world)))
    assert "ikke aktuelt, bestemt" in per
    assert "Vi snakkes" not in per
    undo = f"/admin/milepeler/undo/?id={row.id}&revision={_row(world, 'contact').revision}"
    assert undo.replace("&", "&amp;") in page.text
    assert kari.post(undo).status_code == 303
    assert kari.post(undo).status_code == 303  # sent twice
    assert _row(world, "contact").state == "open"
    assert "Vi snakkes" not in said(kari.get(_case(world)))
    assert _tags() == ["milestone:not-relevant", "milestone:undone"]


def test_what_the_law_demands_offers_no_way_around(kari: Browser, world: World) -> None:
    for code in ("plan", "dialogue_1", "dialogue_2"):
        row = _row(world, code)
        text = said(kari.get(_page(row)))
        assert "Åpenbart unødvendig" in text
        assert ("Nav avgjør om møtet trengs" in text) is (code == "dialogue_2")
        assert "Sett til ikke aktuelt" not in text
        assert _decide(kari, row, "not_relevant", reason="Trengs ikke").status_code == 409
        assert _row(world, code).state == "open"
    assert _decide(kari, _row(world, "dialogue_2"), "exempt", reason_code="back_soon", reason="x", talked="y") \
        .status_code == 422  # fmt: skip
    assert _tags() == []


def test_an_exemption_is_asked_again_after_four_weeks(app: Flask, kari: Browser, world: World) -> None:
    row = _row(world, "plan")
    form = {"reason_code": "back_soon", "reason": "Tilbake 1. mars.", "talked": "y"}
    assert _decide(kari, row, "exempt", **form).status_code == 303
    assert _decide(kari, row, "exempt", **form).status_code == 303  # sent twice
    page = said(kari.get(_case(world)))
    for words in ("snart tilbake i fullt arbeid", "Spørres igjen", "Tilbake 1. mars.", "Angre"):
        assert words in page
    per = said(Browser(app.test_client(), "per").get(_case(world)))
    assert "unntak" in per
    for words in ("snart tilbake", "Tilbake 1. mars."):
        assert words not in per
    with time_machine.travel(dt.datetime.now(dt.UTC) + 27 * DAY):
        assert "Er det fortsatt åpenbart unødvendig" not in said(Browser(app.test_client(), "kari").get(_case(world)))
    with time_machine.travel(dt.datetime.now(dt.UTC) + 28 * DAY):
        later = Browser(app.test_client(), "kari")
        page = said(later.get(_case(world)))
        assert "Er det fortsatt åpenbart unødvendig" in page
        row = _row(world, "plan")
        assert _decide(later, row, "exempt", **form).status_code == 303
        assert _row(world, "plan").again_on == today() + 28 * DAY
    assert _tags() == ["milestone:exempt", "milestone:exempt"]


@pytest.mark.parametrize(("changed", "words"), [
    ({"reason_code": ""}, "Velg hvorfor det er åpenbart unødvendig."), ({"reason": ""}, "Skriv kort hvorfor."),
    ({"reason_code": "postpone"}, "Velg hvorfor det er åpenbart unødvendig."),
    ({"talked": ""}, "Snakk med den ansatte først."), ({"reason": "x" * 2001}, "Den kan høyst være 2000"),
])  # fmt: skip
def test_what_lacks_in_an_exemption_is_said_and_nothing_is_lost(
    kari: Browser, world: World, changed: dict[str, str], words: str
) -> None:
    form = {"reason_code": "no_return", "reason": "Avklart i møte.", "talked": "y", **changed}
    answer = _decide(kari, _row(world, "plan"), "exempt", **{k: v for k, v in form.items() if v})
    assert answer.status_code == 422
    assert words in shown(answer)
    assert form["reason"] in shown(answer)
    if form["reason_code"] == "no_return":
        assert 'checked class="form-check-input"' in answer.text or "checked" in answer.text
    assert _row(world, "plan").state == "open"


# ---------------------------------------------------------------- two people


def test_the_second_of_two_keeps_the_text_and_sees_what_the_first_decided(
    app: Flask, kari: Browser, world: World
) -> None:
    row, siri = _row(world, "contact"), Browser(app.test_client(), "siri")
    assert _decide(siri, row, "not_relevant", reason="HR ringer selv.").status_code == 303
    answer = _decide(kari, row, "not_relevant", reason="Karis grunn")
    assert answer.status_code == 409
    for words in ("En annen bestemte noe om dette", "av Siri Personal", "HR ringer selv.", "Karis grunn"):
        assert words in shown(answer)
    assert _row(world, "contact").unseal("reason") == "HR ringer selv."
    assert kari.post(f"/admin/milepeler/done/?id={row.id}&revision={row.revision}").status_code == 409
    assert _tags() == ["milestone:not-relevant"]


def test_after_an_undone_decision_the_text_can_be_sent_again(app: Flask, kari: Browser, world: World) -> None:
    row, siri = _row(world, "contact"), Browser(app.test_client(), "siri")
    _decide(siri, row, "done", done_on=today().isoformat())
    siri.post("/admin/milepeler/undo/", {"id": row.id})
    answer = _decide(kari, row, "not_relevant", reason="Karis grunn")
    assert answer.status_code == 409
    assert "Karis grunn</textarea>" in shown(answer).replace("\n", "")
    fresh = _row(world, "contact")
    assert f'name="revision" value="{fresh.revision}"' in answer.text
    assert _decide(kari, fresh, "not_relevant", reason="Karis grunn").status_code == 303


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize(("who", "status"), [("ola", 404), ("per", 403), ("anne", 404), ("aud", 403), ("tone", 404)])
def test_others_are_refused(app: Flask, kari: Browser, world: World, who: str, status: int) -> None:
    row, other = _row(world, "contact"), Browser(app.test_client(), who)
    before = rows_by_table()
    for answer in (
        other.get(_page(row)), _decide(other, row, "done", done_on=today().isoformat()),
        other.post("/admin/milepeler/done/", {"id": row.id}), other.post("/admin/milepeler/undo/", {"id": row.id}),
    ):  # fmt: skip
        assert answer.status_code == status
    assert refusals() == 4
    assert rows_by_table() == before
    assert _row(world, "contact").state == "open"


@pytest.mark.parametrize("asked", ["", "x", "0", "999999", "9" * 40, "-1"])
def test_odd_numbers_are_answered(kari: Browser, world: World, asked: str) -> None:
    assert kari.get(f"/admin/milepeler/?id={asked}").status_code == 404
    assert kari.post("/admin/milepeler/done/", {"id": asked}).status_code == 404
    row = _row(world, "contact")
    assert kari.post(f"/admin/milepeler/done/?id={row.id}&revision={asked or 'x'}").status_code == 409


def test_a_closed_case_shows_but_decides_nothing(kari: Browser, world: World) -> None:
    row = _row(world, "contact")
    kari.post("/admin/milepeler/done/", {"id": row.id})
    revision = Case.get_by_id(world.per_case.id).revision
    kari.post("/admin/saker/close/", {"id": world.per_case.id, "revision": revision, "what": "close"})
    page = kari.get(_case(world))
    assert "gjort" in said(page)
    assert "/admin/milepeler/undo/" not in page.text
    assert kari.post("/admin/milepeler/undo/", {"id": row.id}).status_code == 409
    assert kari.get(_page(row)).status_code == 200


def test_nynorsk(kari: Browser, world: World) -> None:
    User.update(language="nn").where(User.id == world.kari.id).execute()
    answer = kari.get(_page(_row(world, "contact")))
    assert answer.status_code == 200
    assert "Ta kontakt og høyr korleis det går" in shown(answer)


def test_the_weeks_of_both_clocks(kari: Browser, world: World) -> None:
    """Ten days at work in the middle: day 21 is in the third week, of Nav's the second."""
    from models import AbsencePeriod

    case = world.per_case
    AbsencePeriod.update(to_date=case.first_day + 4 * DAY).where(AbsencePeriod.case == case).execute()
    AbsencePeriod.create(municipality=world.storvik, case=case, from_date=case.first_day + 15 * DAY, grade=50)
    text = said(kari.get(_case(world)))
    assert "uke 3 · 50 %" in text
    assert "uke 3 (Nav: uke 2)" in text
    assert "Grad over tid" in kari.get(_case(world)).text
    FollowUpSettings.create(municipality=world.storvik, week_clock="nav")
    text = said(kari.get(_case(world)))
    assert "uke 2 · 50 %" in text
    assert "uke 2 (kalender: uke 3)" in text
