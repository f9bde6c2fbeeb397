"""Who is told, of what, when, in which words; and that nobody is told twice."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

import models
from models import AuditEvent, Case, FollowUpSettings, Milestone, Reminder, ReminderItem, Unit, User, UserRole
from services import due, people, reminders
from services.access import load_actor
from services.due import Task
from services.holidays import is_workday, workday_from
from services.integrations import mail
from tests.front import traced
from tests.mailbox import Mailbox, mail_server
from tests.world import World, make_case, make_employee, make_leader

pytestmark = pytest.mark.both_databases

DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 3, 2)  # an ordinary week, without holidays


@pytest.fixture
def clock() -> Iterator[Any]:
    """Nine in the morning in Norway on MONDAY; the test may move it."""
    with time_machine.travel(dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC), tick=True) as traveller:
        yield traveller


@pytest.fixture
def box(clock: Any) -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        mail.use(mailbox.server())
        reminders.use("https://attende.example")
        yield mailbox
        mail.use(None)


@pytest.fixture
def reminding(clock: Any, world: World) -> World:
    """Storvik reminds its leaders four days before, on the day and every seventh day after."""
    FollowUpSettings.create(municipality=world.storvik, remind=True)
    return world


def milestone(case: Case, day: dt.date | None, code: str = "plan", **more: Any) -> Milestone:
    return Milestone.create(municipality=case.municipality_id, case=case, code=code, due=day, **more)


def states() -> list[str]:
    return [row.state for row in Reminder.select().order_by(Reminder.id)]


# --- who and when ---------------------------------------------------------------------------------------------------


def test_a_leader_is_told_once_of_what_is_due(reminding: World, box: Mailbox) -> None:
    milestone(reminding.per_case, MONDAY)
    assert reminders.run(MONDAY) == {"made": 1, "sent": 1}
    assert reminders.run(MONDAY) == {}
    assert box.to == ["kari@example.test"]
    row = Reminder.get()
    assert (row.user_id, row.day, row.state, row.tries, row.fault) == (reminding.kari.id, MONDAY, "sent", 1, "")
    assert row.sent_at is not None
    assert ReminderItem.get().stage == f"due:{MONDAY}"


def test_several_tasks_are_one_mail(reminding: World, box: Mailbox) -> None:
    for number, days in enumerate((-9, 0, 2, 4)):
        milestone(reminding.per_case, MONDAY + days * DAY, f"step{number}")
    reminders.run(MONDAY)
    assert len(box.raw) == 1
    assert "Du har 4 oppgaver i Attende: 1 over fristen, 3 denne uken." in box.texts()[0]
    assert ReminderItem.select().count() == 4


STAGES = [
    (5, ""), (4, "before"), (1, "before"), (0, "due"), (-1, "due"), (-3, ""), (-6, ""), (-7, "late:1"), (-13, "late:1"),
    (-14, "late:2"), (-70, "late:10"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "stage"), STAGES)
def test_stages_of_a_task(left: int, stage: str) -> None:
    """Yesterday was a Sunday."""
    day = MONDAY + left * DAY
    found = reminders.stage_of(Task(1, day, own=True), MONDAY, FollowUpSettings())
    word, _colon, number = stage.partition(":")
    assert found == (f"{word}:{day}" + (f":{number}" if number else "") if stage else "")
    assert len(found) <= ReminderItem.stage.max_length


def test_a_municipality_may_choose_other_days() -> None:
    chosen = FollowUpSettings(remind_before=0, remind_late_every=0)
    for left in (-30, -3, 1, 4):
        assert reminders.stage_of(Task(1, MONDAY + left * DAY, own=True), MONDAY, chosen) == ""
    assert reminders.stage_of(Task(1, MONDAY, own=True), MONDAY, chosen) == f"due:{MONDAY}"


def test_a_task_is_told_at_each_stage_on_days_of_its_own(reminding: World, box: Mailbox, clock: Any) -> None:
    milestone(reminding.per_case, MONDAY + 9 * DAY)
    told = []
    for number in range(40):
        day = MONDAY + number * DAY
        clock.move_to(dt.datetime.combine(day, dt.time(9), dt.UTC))
        if reminders.run(day)["sent"]:
            told.append(number)
    # Before: Friday at the earliest that is four days ahead is Saturday, so Monday. Then the day, and each week after.
    assert told == [7, 9, 16, 23, 30, 37]
    assert len(box.raw) == len(told)


def test_nothing_on_days_off_and_then_the_next_working_day(reminding: World, box: Mailbox) -> None:
    saturday = MONDAY + 5 * DAY
    milestone(reminding.per_case, saturday)
    FollowUpSettings.update(remind_before=0).execute()
    assert reminders.run(saturday) == {}
    assert reminders.run(saturday + DAY) == {}
    assert reminders.run(saturday + 2 * DAY)["sent"] == 1
    assert ReminderItem.get().stage == f"due:{saturday}"


def test_norwegian_holidays() -> None:
    off = ["2026-01-01", "2026-04-02", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25",
           "2026-12-25", "2027-05-17"]  # fmt: skip
    assert [day for day in off if is_workday(dt.date.fromisoformat(day))] == []
    assert is_workday(dt.date(2026, 12, 24))
    assert workday_from(dt.date(2026, 4, 2)) == dt.date(2026, 4, 7)


@pytest.mark.parametrize(
    "why", ["muted", "inactive", "no address", "no role", "municipality", "closed", "others do it"]
)
def test_who_is_not_told(reminding: World, box: Mailbox, why: str) -> None:
    row = milestone(reminding.per_case, MONDAY)
    kari = User.id == reminding.kari.id
    match why:
        case "muted":
            User.update(reminders=False).where(kari).execute()
        case "inactive":
            User.update(active=False).where(kari).execute()
        case "no address":
            User.update(email="").where(kari).execute()
        case "no role":
            UserRole.delete().where(UserRole.user == reminding.kari).execute()
        case "municipality":
            FollowUpSettings.update(remind=False).execute()
        case "closed":
            Case.update(status="closed").where(Case.id == reminding.per_case.id).execute()
        case "others do it":
            Milestone.update(who="nav").where(Milestone.id == row.id).execute()
    assert reminders.run(MONDAY) == {}
    assert (box.raw, Reminder.select().count()) == ([], 0)


def test_nobody_is_told_until_the_municipality_wants_it(world: World, box: Mailbox) -> None:
    milestone(world.per_case, MONDAY)
    assert reminders.run(MONDAY) == {}
    FollowUpSettings.create(municipality=world.storvik)
    assert reminders.run(MONDAY) == {}


def test_without_a_mail_server_everything_stays_on_screen(reminding: World) -> None:
    mail.use(None)
    milestone(reminding.per_case, MONDAY)
    assert reminders.run(MONDAY) == {}
    assert Reminder.select().count() == 0


@pytest.mark.parametrize("state", ["done", "not_relevant", "ended", "exempt"])
def test_what_does_not_wait_is_not_told(reminding: World, box: Mailbox, state: str) -> None:
    milestone(reminding.per_case, MONDAY, state=state, again_on=MONDAY + DAY)
    assert reminders.run(MONDAY) == {}


def test_an_exemption_is_asked_again_on_its_day(reminding: World, box: Mailbox) -> None:
    milestone(reminding.per_case, MONDAY - 28 * DAY, state="exempt", again_on=MONDAY)
    assert reminders.run(MONDAY)["sent"] == 1
    assert "1 denne uken" in box.texts()[0]


def test_only_the_leader_of_the_day_is_told(reminding: World, box: Mailbox, clock: Any) -> None:
    milestone(reminding.per_case, MONDAY + 7 * DAY)
    anne = load_actor(reminding.anne.id)
    assert anne
    people.set_leader(anne, reminding.per_employee, reminding.ola.id, MONDAY + 4 * DAY)
    clock.move_to(dt.datetime(2026, 3, 6, 8, tzinfo=dt.UTC))
    reminders.run(MONDAY + 4 * DAY)
    assert box.to == ["ola@example.test"]


def test_hr_is_told_of_what_is_late_in_its_units(reminding: World, box: Mailbox) -> None:
    FollowUpSettings.update(remind_hr=True, remind_leaders=False).execute()
    milestone(reminding.per_case, MONDAY - 8 * DAY)
    milestone(reminding.per_case, MONDAY - 9 * DAY, "hr_step", who="hr")
    milestone(reminding.per_case, MONDAY, "today")
    milestone(reminding.lise_case, MONDAY - 8 * DAY)
    above = Unit.create(municipality=reminding.storvik, name="Helse")
    Unit.update(parent=above).where(Unit.id == reminding.home_care.id).execute()
    UserRole.create(municipality=reminding.storvik, user=reminding.aud, role="hr", unit=above)
    reminders.run(MONDAY)
    found = dict(zip(box.to, box.texts(), strict=True))
    assert sorted(found) == ["aud@example.test", "siri@example.test"]
    assert "3 oppgaver er over fristen i enhetene du har HR-ansvar for." in found["siri@example.test"]
    assert "2 oppgaver er over fristen i enhetene du har HR-ansvar for." in found["aud@example.test"]


def test_a_moved_deadline_is_told_anew_and_the_old_one_never_again(reminding: World, box: Mailbox, clock: Any) -> None:
    row = milestone(reminding.per_case, MONDAY)
    reminders.run(MONDAY)
    tuesday = MONDAY + DAY
    clock.move_to(dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC))
    Milestone.update(due=tuesday).where(Milestone.id == row.id).execute()
    assert reminders.run(tuesday)["sent"] == 1
    Milestone.update(due=MONDAY).where(Milestone.id == row.id).execute()
    assert reminders.run(tuesday) == {}
    assert len(box.raw) == 2


# --- nothing twice --------------------------------------------------------------------------------------------------


def test_a_clock_set_back_tells_nothing_again(reminding: World, box: Mailbox, clock: Any) -> None:
    milestone(reminding.per_case, MONDAY)
    reminders.run(MONDAY)
    clock.move_to(dt.datetime(2026, 2, 27, 8, tzinfo=dt.UTC))
    friday = MONDAY - 3 * DAY
    assert reminders.run(friday)["sent"] == 1  # that it comes: told before, not again
    clock.move_to(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    for day in (MONDAY, friday, MONDAY):
        assert reminders.run(day) == {}
    assert len({row.stage for row in ReminderItem.select()}) == len(box.raw) == 2


def test_two_workers_at_once_send_each_digest_once(reminding: World, box: Mailbox) -> None:
    for number in range(12):
        employee = make_employee(reminding.home_care, f"Ansatt {number}", dt.date(1960, 1, 1) + number * DAY)
        case = make_case(employee, MONDAY - 20 * DAY)
        user = User.create(municipality=reminding.storvik, username=f"leader{number}", name="En Leder",
                           email=f"leader{number}@example.test", password_hash="x")  # fmt: skip
        UserRole.create(municipality=reminding.storvik, user=user, role="leader")
        make_leader(user, employee, MONDAY - 30 * DAY)
        milestone(case, MONDAY)
    start, faults = threading.Barrier(3), []

    def work() -> None:
        try:
            start.wait(10)
            for _round in range(3):
                reminders.run(MONDAY)
        except Exception as fault:
            faults.append(fault)
        finally:
            models.db.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert faults == []
    assert sorted(box.to) == sorted(f"leader{number}@example.test" for number in range(12))
    assert states() == ["sent"] * 12


@pytest.mark.parametrize("after_delivery", [True, False])
def test_a_crash_while_sending_is_told_and_never_sent_again(
    reminding: World, box: Mailbox, clock: Any, monkeypatch: pytest.MonkeyPatch, after_delivery: bool
) -> None:
    milestone(reminding.per_case, MONDAY)
    real = mail.send

    def die(*args: Any) -> None:
        # Another connection sees the row as it is now, so it was committed before the server heard of it.
        seen = []
        thread = threading.Thread(target=lambda: (seen.extend(states()), models.db.close()))
        thread.start()
        thread.join(10)
        assert seen == ["sending"]
        if after_delivery:
            real(*args)
        raise SystemExit

    monkeypatch.setattr(mail, "send", die)
    with pytest.raises(SystemExit):
        reminders.run(MONDAY)
    monkeypatch.setattr(mail, "send", real)
    assert reminders.run(MONDAY) == {}
    assert states() == ["sending"]
    clock.shift(16 * 60)
    assert reminders.run(MONDAY) == {}
    assert (states(), Reminder.get().fault) == (["unsure"], "lost")
    assert reminders.run(MONDAY + DAY) == {}
    assert len(box.raw) == after_delivery


def test_what_was_done_meanwhile_is_not_told(reminding: World, box: Mailbox) -> None:
    row = milestone(reminding.per_case, MONDAY)
    assert reminders.make(MONDAY) == 1
    Milestone.update(state="done").where(Milestone.id == row.id).execute()
    assert reminders.run(MONDAY) == {"dropped": 1}
    assert (box.raw, Reminder.select().count(), ReminderItem.select().count()) == ([], 0, 0)


# --- words ----------------------------------------------------------------------------------------------------------


def test_nothing_tells_whom_or_what_it_is_about(reminding: World, box: Mailbox) -> None:
    for world_case in (reminding.per_case, reminding.lise_case):
        milestone(world_case, MONDAY - 8 * DAY, "dialogue_1")
    FollowUpSettings.update(remind_hr=True).execute()
    reminders.run(MONDAY)
    assert len(box.raw) == 3
    for raw, text in zip(box.raw, box.texts(), strict=True):
        everything = (raw.decode() + text).lower()
        for word in ("per å", "lise", "kari leder", "storvik k", "hjemmetjenesten", "skole", "syk", "syke", "dialog",
                     "plan", "fravær", "helse", "lege", f"id={reminding.per_case.id}"):  # fmt: skip
            assert word not in everything, word
    message = box.messages()[0]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@storvik.example>")
    assert sorted(message.keys()) == sorted([
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
        "Content-Language", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    ])  # fmt: skip
    assert "https://attende.example/admin/" in box.texts()[0]
    assert "https://attende.example/admin/konto/" in box.texts()[0]


def test_the_trail_tells_that_and_no_more(reminding: World, box: Mailbox) -> None:
    milestone(reminding.per_case, MONDAY)
    reminders.run(MONDAY)
    event = AuditEvent.get(AuditEvent.tag == "reminder:sent")
    assert (event.actor_id, event.subject, event.subject_id) == (None, "reminder", Reminder.get().id)
    assert (event.case_id, event.fields) == (None, "")


COUNTS = [
    ([-1], "Du har 1 oppgave i Attende: 1 over fristen."),
    ([0], "Du har 1 oppgave i Attende: 1 denne uken."),
    ([6, 7], "Du har 2 oppgaver i Attende: 1 denne uken, 1 senere."),
    ([-30, -1, 0, 8], "Du har 4 oppgaver i Attende: 2 over fristen, 1 denne uken, 1 senere."),
]


@pytest.mark.parametrize(("lefts", "said"), COUNTS)
def test_how_many_and_how_near(lefts: list[int], said: str) -> None:
    tasks = [Task(number, MONDAY + left * DAY, own=True) for number, left in enumerate(lefts)]
    assert reminders.text_of(tasks, MONDAY, "nb")[1].startswith(said + "\n")


def test_one_late_task_of_others() -> None:
    text = reminders.text_of([Task(1, MONDAY - DAY, own=False)], MONDAY, "nb")[1]
    assert text.startswith("1 oppgave er over fristen i enhetene du har HR-ansvar for.\n")


@pytest.mark.parametrize(("language", "used"), [("nb", "nb"), ("nn", "nn"), ("en", "en"), ("se", "nb"), ("", "nb")])
def test_the_reader_s_language(
    reminding: World, box: Mailbox, monkeypatch: pytest.MonkeyPatch, language: str, used: str
) -> None:
    asked = []

    def translator(chosen: str) -> Any:
        asked.append(chosen)
        return lambda text: text.replace("Du har", f"[{chosen}]").replace("venter", f"[{chosen}]")

    monkeypatch.setattr(reminders, "translator", translator)
    User.update(language=language).where(User.id == reminding.kari.id).execute()
    milestone(reminding.per_case, MONDAY)
    reminders.run(MONDAY)
    message = box.messages()[0]
    assert (asked, message["Content-Language"]) == ([used], used)
    assert message["Subject"] == f"Oppgaver som [{used}] i Attende"
    assert message.get_content().startswith(f"[{used}] 1 oppgave i Attende: 1 denne uken.")


# --- many -----------------------------------------------------------------------------------------------------------


def test_as_many_queries_for_many_cases(reminding: World) -> None:
    counts = []
    for size in (3, 40):
        with models.db.atomic():
            for number in range(size):
                milestone(reminding.per_case, MONDAY - 8 * DAY, f"step-{size}-{number}")
        settings = FollowUpSettings.get()
        with traced() as statements:
            assert due.tasks(settings, MONDAY, due.people(reminding.storvik.id))
        counts.append(len(statements))
        assert reminders.make(MONDAY + (0 if size == 3 else 1) * DAY) == 1
    assert counts[0] == counts[1] <= 4
