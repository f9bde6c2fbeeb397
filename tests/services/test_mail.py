"""What becomes of a digest when the mail server is down, slow, strict or strange; and that nothing is told of it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from models import FollowUpSettings, Reminder, ReminderItem, User
from services import reminders
from services.integrations import mail
from tests.mailbox import (
    PASSWORD,
    SENDER,
    USER,
    free_port,
    mail_server,
    make_certificate,
    scripted_server,
    silent_server,
)
from tests.services.test_reminders import DAY, MONDAY, milestone
from tests.world import World

KARI, OLA = "kari@example.test", "ola@example.test"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC), tick=True) as traveller:
        yield traveller
        mail.use(None)


@pytest.fixture
def due(clock: Any, world: World) -> World:
    """Kari and Ola have one task each today."""
    FollowUpSettings.create(municipality=world.storvik, remind=True)
    milestone(world.per_case, MONDAY)
    milestone(world.lise_case, MONDAY)
    return world


def use(port: int, **changed: Any) -> None:
    plain: dict[str, Any] = {"security": "none", "patience": 0.3}
    mail.use(mail.Server(**{"host": "127.0.0.1", "port": port, "sender": SENDER, **plain, **changed}))


def rows() -> list[tuple[str, int, str]]:
    return [(row.state, row.tries, row.fault) for row in Reminder.select().order_by(Reminder.id)]


def test_a_server_that_is_down_is_tried_again_later_the_same_day(due: World, clock: Any) -> None:
    port = free_port()
    use(port)
    assert reminders.run(MONDAY) == {"made": 2, "waiting": 2}
    # The others are not tried against a server that is not there.
    assert rows() == [("waiting", 1, "down"), ("waiting", 0, "")]
    with mail_server() as box:
        mail.use(box.server())
        assert reminders.run(MONDAY) == {"sent": 1, "waiting": 1}
        clock.shift(14 * 60)
        assert reminders.run(MONDAY) == {"waiting": 1}
        clock.shift(2 * 60)
        assert reminders.run(MONDAY) == {"sent": 1}
        assert sorted(box.to) == [KARI, OLA]
    assert rows() == [("sent", 2, ""), ("sent", 1, "")]


def test_it_is_given_up_in_the_end_and_told_the_next_day(due: World, clock: Any) -> None:
    User.update(active=False).where(User.id == due.ola.id).execute()
    use(free_port())
    tries = 0
    for _quarter in range(4 * 8):
        reminders.run(MONDAY)
        tries = max(tries, Reminder.get().tries)
        clock.shift(15 * 60)
    assert (tries, rows()) == (5, [("failed", 5, "down")])
    assert ReminderItem.select().count() == 0
    FollowUpSettings.update(remind_late_every=1).execute()
    clock.move_to(dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC))
    with mail_server() as box:
        mail.use(box.server())
        assert reminders.run(MONDAY + DAY) == {"made": 1, "sent": 1}
        assert box.to == [KARI]


def test_what_still_waits_in_the_evening_is_told_the_next_day(due: World, clock: Any) -> None:
    use(free_port())
    reminders.run(MONDAY)
    clock.move_to(dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC))
    FollowUpSettings.update(remind_late_every=1).execute()
    with mail_server() as box:
        mail.use(box.server())
        assert reminders.run(MONDAY + DAY) == {"made": 2, "sent": 2}
        assert sorted(box.to) == [KARI, OLA]
    assert rows()[:2] == [("failed", 1, "down"), ("failed", 0, "expired")]


def test_a_server_that_is_slow(due: World) -> None:
    with silent_server() as port:
        use(port)
        assert reminders.run(MONDAY) == {"made": 2, "waiting": 2}
    assert rows()[0] == ("waiting", 1, "slow")


def test_a_server_that_is_slow_after_the_text_may_have_delivered_it(due: World) -> None:
    with mail_server() as box:
        mail.use(box.server(patience=0.3))
        box.data_delay = 1.0
        assert reminders.run(MONDAY) == {"made": 2, "unsure": 2}
        box.data_delay = 0.0
        assert reminders.run(MONDAY) == {}
    assert rows() == [("unsure", 1, "lost")] * 2
    assert sorted(box.to) == [KARI, OLA]


def test_a_refused_address_is_not_tried_again_and_stops_nobody_else(due: World, clock: Any) -> None:
    with mail_server() as box:
        mail.use(box.server())
        box.answers[KARI] = "550 no such user kari"
        assert reminders.run(MONDAY) == {"made": 2, "sent": 1, "failed": 1}
        box.answers.clear()
        clock.shift(3600)
        assert reminders.run(MONDAY) == {}
        assert box.to == [OLA]
    assert [row for row in rows() if row[0] == "failed"] == [("failed", 1, "refused:550")]


@pytest.mark.parametrize(
    "address", ["ikke en adresse", "å@example.test", "a@example.test\nBcc: b@example.test", "<a@example.test>"]
)
def test_an_address_that_is_none(due: World, address: str) -> None:
    User.update(email=address).where(User.id == due.kari.id).execute()
    with mail_server() as box:
        mail.use(box.server())
        assert reminders.run(MONDAY) == {"made": 2, "sent": 1, "failed": 1}
        assert box.to == [OLA]
    assert ("failed", 1, "address") in rows()


def test_a_mailbox_that_is_busy_is_tried_again(due: World, clock: Any) -> None:
    with mail_server() as box:
        mail.use(box.server())
        box.answers[KARI] = "451 try later"
        assert reminders.run(MONDAY) == {"made": 2, "sent": 1, "waiting": 1}
        box.answers.clear()
        clock.shift(16 * 60)
        assert reminders.run(MONDAY) == {"sent": 1}
        assert sorted(box.to) == [KARI, OLA]


@pytest.mark.parametrize(
    ("answer", "state", "fault"),
    [("554 no", "failed", "refused:554"), ("452 full", "waiting", "later:452")],
)
def test_a_server_that_refuses_the_text(due: World, answer: str, state: str, fault: str) -> None:
    with mail_server() as box:
        mail.use(box.server())
        box.data_answer = answer
        reminders.run(MONDAY)
    assert rows() == [(state, 1, fault)] * 2


@pytest.mark.parametrize(
    ("answers", "state", "fault"),
    [
        ([b"554 go away"], "waiting", "server:554"),
        ([b"220 hi", b"250 me", b"550 who are you"], "waiting", "sender:550"),
        ([b"220 hi", b"250 me", b"250 ok", b"250 ok", b"451 not now"], "waiting", "later:451"),
        ([b"220 hi", b"250 me", b"250 ok", b"250 ok", b"354 go on"], "unsure", "lost"),
        ([b"220 hi", b"250 me", b"250 ok"], "waiting", "down"),
        ([b"what?"], "waiting", "server:-1"),
    ],
)
def test_a_server_that_is_strange(due: World, answers: list[bytes], state: str, fault: str) -> None:
    User.update(active=False).where(User.id == due.ola.id).execute()

    def talk(file: Any) -> None:
        for number, answer in enumerate(answers):
            if number:
                file.readline()
            file.write(answer + b"\r\n")
        while not answers[-1].startswith(b"250") and file.readline():
            pass

    with scripted_server(talk) as port:
        use(port)
        reminders.run(MONDAY)
    assert rows() == [(state, 1, fault)]


# --- encryption and login -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_encrypted_server_that_wants_a_login(
    due: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    certificate, context = make_certificate(tmp_path)
    with mail_server(context=context, wrapped=security == "tls") as box:
        secret = {"security": security, "user": USER, "password": PASSWORD}
        mail.use(box.server(**secret))
        reminders.run(MONDAY)
        assert rows()[0] == ("waiting", 1, "tls")  # a certificate that nobody trusts
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        mail.use(box.server(**{**secret, "password": "feil"}))
        reminders.run(MONDAY)
        assert rows()[1] == ("waiting", 1, "login:535")
        Reminder.update(tried_at=None).execute()
        mail.use(box.server(**secret))
        assert reminders.run(MONDAY) == {"sent": 2}
        assert box.encrypted == [True, True]


def test_a_server_without_encryption_gets_nothing_when_it_is_wanted(due: World) -> None:
    with mail_server() as box:
        mail.use(box.server(security="starttls"))
        reminders.run(MONDAY)
        assert box.raw == []
    assert rows()[0] == ("waiting", 1, "tls")


# --- what is told ---------------------------------------------------------------------------------------------------


def test_nothing_of_it_is_logged_or_in_an_error(due: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # the test's own server
    with mail_server() as box:
        mail.use(box.server(user=USER, password=PASSWORD))
        box.answers[KARI] = f"550 {KARI} is unknown here"
        reminders.run(MONDAY)
        with pytest.raises(mail.MailFault) as caught:
            mail.send(KARI, "Emne", "Tekst", "nb")
    told = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail"))
    for secret in (KARI, OLA, PASSWORD, "oppgave", "Tekst"):
        assert secret not in told
        assert secret not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert PASSWORD not in repr(box.server(password=PASSWORD))


def test_mail_that_is_off_sends_nothing() -> None:
    mail.use(None)
    with pytest.raises(LookupError):
        mail.send(KARI, "Emne", "Tekst", "nb")
