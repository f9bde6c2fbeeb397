"""Periods of absence as a leader writes them: kinds, what is warned of, and one case that is two by Nav's rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask.testing import FlaskClient

from models import AbsencePeriod, AuditEvent, Case, ContactEntry, FollowUpSettings, Milestone
from services import cases, followup, milestones
from services.access import load_actor
from services.context import for_plan
from services.questions import content_of
from tests.front import Browser, said, shown
from tests.world import World, make_case

NEW_ABSENCE = "Etter Navs regel er det et nytt sykefravær"
SAME_ABSENCE = "Etter Navs regel er det samme sykefravær"


@pytest.fixture
def kari(client: FlaskClient, world: World) -> Browser:
    return Browser(client, "kari")


def _add(kari: Browser, case: Case, first: int, last: int | None = None, **form: Any) -> Any:
    """A period by days from the first day of Per's absence."""
    start = _first(case)
    values = {"from_date": start + dt.timedelta(first), "to_date": "", "grade": 100, **form}
    if last is not None:
        values["to_date"] = start + dt.timedelta(last)
    return kari.post(f"/admin/perioder/new/?case={case.id}", values)


def _first(case: Case) -> dt.date:
    return Case.get_by_id(case.id).first_day


def _end(case: Case, last: int, kind: str = "sick") -> AbsencePeriod:
    """Let Per's only period last until then."""
    period: AbsencePeriod = AbsencePeriod.get(AbsencePeriod.case == case)
    period.to_date, period.kind = period.from_date + dt.timedelta(last), kind
    period.save()
    return period


def _warned(case: Case) -> str:
    return " ".join(note.say(str) for note in cases.warnings(Case.get_by_id(case.id)))


def _due(case: Case, code: str) -> dt.date | None:
    row = Milestone.get_or_none(Milestone.case == case, Milestone.code == code, Milestone.state != "ended")
    return row.due if row else None


# ---------------------------------------------------------------- kinds


def test_the_form_asks_for_the_kind(kari: Browser, world: World) -> None:
    page = kari.get(f"/admin/perioder/new/?case={world.per_case.id}")
    for words in ("Ny fraværsperiode", "Sykmelding", "Egenmelding", "Ferie eller permisjon"):
        assert words in shown(page)
    assert 'data-shown-when="kind=sick|self_declared"' in page.text


@pytest.mark.parametrize(("kind", "grade", "stored"), [
    ("sick", "40", ("sick", 40)), ("self_declared", "100", ("self_declared", 100)), ("", "40", None),
    ("holiday", "", ("holiday", 100)), ("holiday", "40", ("holiday", 100)), ("holiday", "0", ("holiday", 100)),
    ("ferie", "100", None), ("sick", "", None), ("self_declared", "0", None), (None, "60", ("sick", 60)),
])  # fmt: skip
def test_kinds(kari: Browser, world: World, kind: str | None, grade: str, stored: tuple[str, int] | None) -> None:
    _end(world.per_case, 9)
    given = {} if kind is None else {"kind": kind}
    answer = _add(kari, world.per_case, 10, 12, grade=grade, **given)
    assert answer.status_code == (303 if stored else 422), said(answer)
    rows = AbsencePeriod.select().where(AbsencePeriod.case == world.per_case, AbsencePeriod.to_date.is_null(False))
    assert [(row.kind, row.grade) for row in rows.order_by(AbsencePeriod.from_date)][1:] == ([stored] if stored else [])


def test_a_changed_kind_and_one_that_was_not_sent(kari: Browser, world: World) -> None:
    period = _end(world.per_case, 9)
    path = f"/admin/perioder/edit/?id={period.id}"
    assert 'selected value="sick"' in kari.get(path).text
    form = {"from_date": period.from_date, "to_date": period.to_date, "grade": 100, "revision": period.revision}
    assert kari.post(path, {**form, "kind": "self_declared"}).status_code == 303
    assert AbsencePeriod.get_by_id(period.id).kind == "self_declared"
    assert kari.post(path, {**form, "revision": period.revision + 1, "grade": 80}).status_code == 303
    row = AbsencePeriod.get_by_id(period.id)
    assert (row.kind, row.grade) == ("self_declared", 80)


def test_the_list_tells_kinds_apart(kari: Browser, world: World) -> None:
    _end(world.per_case, 9)
    assert _add(kari, world.per_case, 10, 12, kind="holiday", grade="").status_code == 303
    text = said(kari.get("/admin/perioder/"))
    assert "Fraværsperioder" in text
    assert "Ferie eller permisjon" in text
    only = said(kari.get("/admin/perioder/?kind=holiday"))
    assert "100 %" not in only


def test_holiday_is_no_sick_leave_where_it_is_shown(kari: Browser, library: World) -> None:
    """Not the grade in lists, nor the table of a plan; but it may not overlap, and says so without a grade."""
    case = library.per_case
    _end(case, 9)
    assert _add(kari, case, 10, None, kind="holiday", grade="").status_code == 303
    assert cases.away([case])[case.id].grade is None
    overlap = _add(kari, case, 12, 14)
    assert overlap.status_code == 422
    assert f"Perioden overlapper med {_first(case) + dt.timedelta(10):%d.%m.%Y}–…." in shown(overlap)
    plan = kari.start_plan(case)
    absence = for_plan(plan, content_of(plan.version)).absence
    assert [row["grade"] for row in absence] == ["100 %"]


# ---------------------------------------------------------------- the first day goes with the periods


def test_self_declared_days_before_the_certificate_are_day_one(kari: Browser, world: World) -> None:
    case = world.per_case
    first = case.first_day
    milestones.refresh(case)
    assert _due(case, "plan") == first + dt.timedelta(days=28)
    assert _add(kari, case, -3, -1, kind="self_declared").status_code == 303
    assert _first(case) == first - dt.timedelta(days=3)
    assert _due(case, "plan") == first + dt.timedelta(days=25)
    event = AuditEvent.select().where(AuditEvent.tag == "period:created").get()
    assert event.fields == "first_day"


def test_a_period_that_was_mistyped(kari: Browser, world: World) -> None:
    period = _end(world.per_case, 9)
    for days in (2, -40, 0):
        start = period.from_date + dt.timedelta(days=days)
        form = {"from_date": start, "to_date": start + dt.timedelta(9), "grade": 100,
                "revision": AbsencePeriod.get_by_id(period.id).revision}  # fmt: skip
        assert kari.post(f"/admin/perioder/edit/?id={period.id}", form).status_code == 303
        assert _first(world.per_case) == start
        assert _due(world.per_case, "plan") == start + dt.timedelta(days=28)


def test_another_absence_long_before_is_not_its_first_day(kari: Browser, world: World) -> None:
    first = world.per_case.first_day
    assert _add(kari, world.per_case, -60, -50).status_code == 303
    assert _first(world.per_case) == first
    assert NEW_ABSENCE in _warned(world.per_case)


def test_a_first_day_of_its_own_is_kept(kari: Browser, world: World) -> None:
    """The leader knows the first day, and has written in only the later periods."""
    case, period = world.per_case, _end(world.per_case, 15)
    Case.update(first_day=period.from_date - dt.timedelta(days=30)).where(Case.id == case.id).execute()
    assert _add(kari, case, 50, 55, grade=50).status_code == 303
    assert _first(case) == period.from_date - dt.timedelta(days=30)
    assert kari.post("/admin/perioder/remove/", {"id": period.id}).status_code == 303
    assert _first(case) == period.from_date - dt.timedelta(days=30)


def test_a_preventive_case_keeps_the_day_it_was_taken_up(kari: Browser, world: World) -> None:
    case = world.per_case
    Case.update(kind="preventive").where(Case.id == case.id).execute()
    first = case.first_day
    assert _add(kari, case, -3, -1).status_code == 303
    assert _first(case) == first
    assert cases.warnings(Case.get_by_id(case.id)) == []


def test_a_milestone_that_was_done_stays_when_the_period_goes(kari: Browser, library: World) -> None:
    case = library.per_case
    actor = load_actor(library.kari.id)
    assert actor
    at = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    followup.log_contact(actor, case.id, {"at": at, "kind": "dialogue_meeting", "text": "Holdt"})
    done = Milestone.get(Milestone.case == case, Milestone.code == "dialogue_1")
    assert (done.state, done.due) == ("done", case.first_day + dt.timedelta(days=49))
    period = AbsencePeriod.get(AbsencePeriod.case == case)
    assert kari.post("/admin/perioder/remove/", {"id": period.id}).status_code == 303
    assert Milestone.get_by_id(done.id).state == "done"
    assert AbsencePeriod.select().where(AbsencePeriod.case == case).count() == 0
    assert kari.get(f"/admin/saker/details/?id={case.id}").status_code == 200


# ---------------------------------------------------------------- warnings


@pytest.mark.parametrize(("gap", "warned"), [(0, False), (15, False), (16, True), (40, True)])
def test_sixteen_days_without_sick_leave(kari: Browser, world: World, gap: int, warned: bool) -> None:
    case = world.per_case
    _end(case, 4)
    assert _add(kari, case, 5 + gap, 6 + gap).status_code == 303
    assert (NEW_ABSENCE in _warned(case)) is warned
    page = shown(kari.get(f"/admin/saker/details/?id={case.id}"))
    assert (NEW_ABSENCE in page) is warned
    assert ("/admin/perioder/split/" in page) is warned
    if warned:
        assert f"{gap} dager uten sykmelding" in page


def test_holiday_right_after_fills_the_gap(kari: Browser, world: World) -> None:
    case = world.per_case
    _end(case, 4)
    assert _add(kari, case, 5, 12, kind="holiday", grade="").status_code == 303
    assert _add(kari, case, 22, 25).status_code == 303
    assert _warned(case) == ""


@pytest.mark.parametrize(("last", "status", "warned"), [
    (-16, "closed", True), (-17, "closed", False), (-1, "closed", True), (-16, "open", False),
])  # fmt: skip
def test_a_case_that_ended_just_before(world: World, last: int, status: str, warned: bool) -> None:
    case = world.per_case
    old = make_case(world.per_employee, case.first_day - dt.timedelta(days=60))
    AbsencePeriod.update(to_date=case.first_day + dt.timedelta(last)).where(AbsencePeriod.case == old).execute()
    Case.update(status=status).where(Case.id == old.id).execute()
    assert (SAME_ABSENCE in _warned(case)) is warned
    assert SAME_ABSENCE not in _warned(old)  # the later case is told of, not the earlier


@pytest.mark.parametrize(("limits", "parts", "warned"), [
    ({}, [(0, 2)], ""), ({}, [(0, 3)], "på 4 dager. Kommunens grense er 3."),
    ({"self_declared_days": 8}, [(0, 7)], ""),
    ({"self_declared_days": 8}, [(0, 8)], "på 9 dager. Kommunens grense er 8."),
    ({}, [(0, 1), (4, 5)], "på 4 dager"),  # within 16 days it is one absence
    ({"self_declared_days": 8, "self_declared_year_days": 4}, [(0, 4)],
     "brukt 5 dager egenmelding på tolv måneder. Kommunens grense er 4."),
    ({"self_declared_days": 8, "self_declared_times": 1}, [(0, 0), (4, 4)],
     "brukt 2 ganger på tolv måneder. Kommunens grense er 1."),
    ({"self_declared_days": 8, "self_declared_times": None}, [(0, 0), (3, 3), (6, 6), (9, 9), (12, 12)], ""),
])  # fmt: skip
def test_self_declared_days_beyond_the_limits(
    kari: Browser, world: World, limits: dict[str, Any], parts: list[tuple[int, int]], warned: str
) -> None:
    """A warning, never a refusal."""
    FollowUpSettings.create(municipality=world.storvik, **limits)
    case, first = world.per_case, world.per_case.first_day
    # No weekend between the parts, whatever day the tests run on.
    monday = first - dt.timedelta(days=first.weekday())
    AbsencePeriod.delete().where(AbsencePeriod.case == case).execute()
    Case.update(first_day=monday).where(Case.id == case.id).execute()
    for one, last in parts:
        assert _add(kari, case, one, last, kind="self_declared").status_code == 303
    assert warned in _warned(case)
    assert bool(_warned(case)) is bool(warned)


def test_self_declared_days_of_earlier_cases_count(world: World) -> None:
    case = world.per_case
    _end(case, 1, "self_declared")
    for number in range(1, 5):
        old = make_case(world.per_employee, case.first_day - dt.timedelta(days=40 * number))
        last = old.first_day + dt.timedelta(days=1)
        AbsencePeriod.update(to_date=last, kind="self_declared").where(AbsencePeriod.case == old).execute()
        Case.update(status="closed").where(Case.id == old.id).execute()
    assert _warned(case) == "Egenmelding er brukt 5 ganger på tolv måneder. Kommunens grense er 4."


# ---------------------------------------------------------------- one case that is two


def _two(kari: Browser, case: Case) -> None:
    """Sick for five days, well for 16, sick again since yesterday."""
    first = Case.get_by_id(case.id).first_day - dt.timedelta(days=2)
    Case.update(first_day=first).where(Case.id == case.id).execute()
    AbsencePeriod.update(from_date=first, to_date=first + dt.timedelta(4)).where(AbsencePeriod.case == case).execute()
    assert _add(kari, case, 21, None, grade=60).status_code == 303


def _split(browser: Browser, case: Case, revision: int | None = None) -> Any:
    row = Case.get_by_id(case.id)
    return browser.post("/admin/perioder/split/", {"id": row.id, "revision": revision or row.revision})


def test_a_case_is_split(kari: Browser, library: World) -> None:
    case = library.per_case
    _two(kari, case)
    actor = load_actor(library.kari.id)
    assert actor
    at = dt.datetime.now(dt.UTC) - dt.timedelta(days=20)
    followup.log_contact(actor, case.id, {"at": at, "kind": "phone", "text": "Hei"})
    answer = _split(kari, case)
    assert answer.status_code == 303
    new = Case.get(Case.employee == library.per_employee, Case.id != case.id)
    assert answer.location.endswith(f"/admin/saker/details/?id={new.id}")
    old = Case.get_by_id(case.id)
    assert (old.status, old.closed_on) == ("closed", old.first_day + dt.timedelta(days=4))
    assert (new.status, new.kind, new.unit_id) == ("open", "sick_leave", old.unit_id)
    assert new.ordinary_tasks == old.ordinary_tasks == "Stell og pleie"
    assert new.first_day == old.first_day + dt.timedelta(days=21)
    assert [(p.from_date, p.grade) for p in new.periods] == [(new.first_day, 60)]
    assert [p.from_date for p in old.periods] == [old.first_day]
    assert (_due(new, "plan"), _due(old, "plan")) == (new.first_day + dt.timedelta(days=28), None)
    assert ContactEntry.get().case_id == old.id
    assert Milestone.get(Milestone.case == old, Milestone.code == "contact").state == "done"
    events = AuditEvent.select().where(AuditEvent.tag.in_(("case:split", "case:created"))).order_by(AuditEvent.id)
    assert [(event.tag, event.case_id) for event in events] == [("case:split", old.id), ("case:created", new.id)]
    page = said(kari.get(answer.location))
    assert "Saken er delt." in page
    assert NEW_ABSENCE not in page


def test_holiday_at_the_end_is_no_sick_day(kari: Browser, world: World) -> None:
    case = world.per_case
    _two(kari, case)
    assert _add(kari, case, 5, 5, kind="holiday", grade="").status_code == 303
    assert _split(kari, case).status_code == 409  # now only 15 days are left
    period = AbsencePeriod.get(AbsencePeriod.case == case, AbsencePeriod.grade == 60)
    AbsencePeriod.update(from_date=period.from_date + dt.timedelta(1)).where(AbsencePeriod.id == period.id).execute()
    assert _split(kari, case).status_code == 303
    assert Case.get_by_id(case.id).closed_on == _first(case) + dt.timedelta(days=4)


def test_three_absences_are_split_one_by_one(kari: Browser, world: World) -> None:
    case = world.per_case
    _end(case, 1)
    first = case.first_day - dt.timedelta(days=60)
    for days in (0, 30):
        AbsencePeriod.create(municipality=world.storvik, case=case, from_date=first + dt.timedelta(days),
                             to_date=first + dt.timedelta(days + 1), grade=100)  # fmt: skip
    Case.update(first_day=first).where(Case.id == case.id).execute()
    assert _split(kari, case).status_code == 303
    second = Case.get(Case.employee == world.per_employee, Case.status == "open")
    assert second.first_day == first + dt.timedelta(days=30)
    assert _split(kari, second).status_code == 303
    third = Case.get(Case.employee == world.per_employee, Case.status == "open")
    assert (third.first_day, third.periods.count()) == (first + dt.timedelta(days=60), 1)
    assert _split(kari, third).status_code == 409


def test_what_cannot_be_split(kari: Browser, world: World, client: FlaskClient) -> None:
    case = world.per_case
    answer = _split(kari, case)
    assert answer.status_code == 409
    assert "så den kan ikke deles" in said(answer)
    _two(kari, case)
    assert _split(kari, case, 999).status_code == 409  # somebody else wrote meanwhile
    assert Case.select().where(Case.employee == world.per_employee).count() == 1
    assert _split(kari, world.lise_case).status_code == 404
    Case.update(kind="preventive").where(Case.id == case.id).execute()
    assert _split(kari, case).status_code == 409
    Case.update(kind="sick_leave", status="closed", closed_on=world.today).where(Case.id == case.id).execute()
    assert _split(kari, case).status_code == 409
    assert AbsencePeriod.select().where(AbsencePeriod.case == case).count() == 2


@pytest.mark.parametrize(("clock", "week"), [("calendar", "uke 7"), ("nav", "uke 5")])
def test_lists_count_weeks_by_the_municipalitys_clock(kari: Browser, world: World, clock: str, week: str) -> None:
    FollowUpSettings.create(municipality=world.storvik, week_clock=clock)
    first = world.today - dt.timedelta(days=45)
    AbsencePeriod.delete().where(AbsencePeriod.case == world.per_case).execute()
    for start, end in ((0, 13), (28, None)):  # two weeks at work between
        AbsencePeriod.create(
            municipality=world.storvik, case=world.per_case, grade=100, from_date=first + dt.timedelta(days=start),
            to_date=first + dt.timedelta(days=end) if end else None,
        )  # fmt: skip
    Case.update(first_day=first).where(Case.id == world.per_case.id).execute()
    milestones.refresh(Case.get_by_id(world.per_case.id))
    for page in ("/admin/saker/", "/admin/", f"/admin/saker/details/?id={world.per_case.id}"):
        assert week in said(kari.get(page)), page
