"""Who gets in, for how long, how fast one may guess, and what happens to text written too late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import peewee as pw
import pytest
from argon2 import PasswordHasher

from models import AuditEvent, LoginAttempt, LoginSession, ParkedForm, User
from services import login, passwords
from services.errors import Invalid, Throttled
from tests.world import PASSWORD, World

START = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
HOME, OTHER = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashing as in the world: the tests log in hundreds of times."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._dummy.cache_clear()
    yield
    passwords._dummy.cache_clear()


def _at(minutes: float = 0) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def _try(username: str = "kari", password: str = PASSWORD, address: str = HOME, at: float = 0) -> str:
    return login.log_in(username, password, address, "Firefox", _at(at))[0]


def _fail(times: int, username: str = "kari", address: str = HOME, at: float = 0) -> None:
    for _ in range(times):
        with pytest.raises(Invalid):
            _try(username, "feil passord 12345", address, at)


def _tags() -> list[str]:
    return [event.tag for event in AuditEvent.select().order_by(AuditEvent.id)]


def test_login_gives_a_token_that_the_database_does_not_hold(world: World) -> None:
    token, user_id = login.log_in(" KARI", PASSWORD, HOME, "Fire\nfox" + "x" * 300, START)
    row = LoginSession.get()
    assert user_id == world.kari.id == row.user_id
    assert len(token) >= 43
    assert token not in (row.token_hash, row.agent)
    assert row.agent.startswith("Firefox")
    assert len(row.agent) == 200
    assert login.resume(token, START) == login.SessionState(user_id=world.kari.id)
    assert _tags() == ["login:succeeded"]


def test_attempts_hold_neither_name_nor_address(world: World) -> None:
    _fail(1)
    row = LoginAttempt.get()
    assert len(row.user_hash) == len(row.address_hash) == 64
    assert row.user_hash != row.address_hash


@pytest.mark.parametrize("who", ["unknown", "wrong", "inactive", "long", "empty"])
def test_every_refusal_is_the_same(world: World, who: str) -> None:
    User.update(active=False).where(User.username == "ola").execute()
    name, password = {
        "unknown": ("nobody", PASSWORD),
        "wrong": ("kari", "feil passord 12345"),
        "inactive": ("ola", PASSWORD),
        "long": ("kari", PASSWORD + "x" * 5000),
        "empty": ("kari", ""),
    }[who]
    with pytest.raises(Invalid) as caught:
        _try(name, password)
    assert caught.value.messages == {"": login.WRONG}
    assert LoginSession.select().count() == 0
    assert _tags() == ["login:failed"]


@pytest.mark.parametrize("name", ["nobody", "kari"])
def test_every_refusal_costs_one_comparison(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda *args: calls.append(1) or real(*args))
    _fail(1, name)
    assert len(calls) == 1


@pytest.mark.parametrize("name", ["kari", "nobody"])
def test_tries_for_a_user_are_slowed_whether_there_is_one_or_not(world: World, name: str) -> None:
    at = 0.0
    _fail(5, name, at=at)
    for delay in (1, 2, 4, 8, 15, 15):
        with pytest.raises(Throttled) as caught:
            _try(name, "feil passord 12345", OTHER, at + delay - 0.1)
        assert caught.value.seconds == 6
        at += delay
        _fail(1, name, at=at)


def test_the_right_password_waits_too_and_then_clears(world: World) -> None:
    _fail(5)
    with pytest.raises(Throttled):
        _try(at=0.5)
    assert _tags()[-1] == "login:throttled"
    _try(at=1)
    _fail(4, at=1)
    _try(at=1)


def test_pressing_again_and_again_does_not_prolong_the_wait(world: World) -> None:
    _fail(5)
    for second in range(1, 50):
        with pytest.raises(Throttled):
            _try(at=second / 60)
    _try(at=1)


def test_old_failures_are_forgotten(world: World) -> None:
    _fail(5)
    _fail(1, at=61)
    _try(at=61)


def test_an_address_is_slowed_over_all_users_but_nobody_elsewhere(world: World) -> None:
    for number in range(20):
        _fail(1, f"user{number}")
    with pytest.raises(Throttled):
        _try("kari")
    _try("kari", address=OTHER)
    with pytest.raises(Throttled):
        _try("ola")
    _try("ola", at=1)


def test_slowing_one_user_slows_no_other(world: World) -> None:
    _fail(5, "kari")
    _try("ola")


@pytest.mark.both_databases
def test_tries_at_once_see_each_other(world: World) -> None:
    """Each try is stored before it is counted, so twenty at once are not twenty first tries."""
    _fail(4)
    first = LoginAttempt.create(
        user_hash=LoginAttempt.get().user_hash, address_hash="other", created_at=START
    )  # one that has been stored and not yet judged
    with pytest.raises(Throttled):
        _try()
    first.delete_instance()
    _try()


def test_a_weaker_hash_is_renewed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    before = world.kari.password_hash
    _try()
    after = User.get_by_id(world.kari.id).password_hash
    assert before != after
    assert passwords.verify(after, PASSWORD)


LIFE = [
    ("just alive", [0, 30], 60, "in"),
    ("idle", [0], 30.1, "expired"),
    ("kept alive", [29 * n for n in range(20)], 580, "in"),
    ("absolute", [29 * n for n in range(21)], 600.1, "expired"),
]


@pytest.mark.parametrize(("name", "seen", "at", "state"), LIFE, ids=[row[0] for row in LIFE])
def test_sessions_run_out(world: World, name: str, seen: list[float], at: float, state: str) -> None:
    token = _try()
    for moment in seen:
        assert login.resume(token, _at(moment)).user_id == world.kari.id
    found = login.resume(token, _at(at))
    assert found == login.SessionState(**{"user_id" if state == "in" else "expired_user_id": world.kari.id})
    if state == "expired":
        assert login.resume(token, _at(at)) == found, "still known a moment later"
        assert LoginSession.get().closed_because == ("idle" if name == "idle" else "absolute")
        assert _tags().count("session:ended") == 1


@pytest.mark.parametrize("token", ["", "x", "\x00", "å" * 500])
def test_nonsense_is_nobody(world: World, token: str) -> None:
    assert login.resume(token, START) == login.NO_SESSION


def test_seen_is_written_at_most_once_a_minute(world: World) -> None:
    token = _try()
    for minutes, stored in ((0.5, 0), (0.99, 0), (1, 1), (1.5, 1), (2, 2)):
        login.resume(token, _at(minutes))
        assert LoginSession.get().last_seen_at == _at(stored)


def test_a_busy_database_does_not_stop_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = _try()

    def locked(*args: object, **kwargs: object) -> None:
        raise pw.OperationalError("database is locked")

    monkeypatch.setattr(LoginSession, "update", locked)
    assert login.resume(token, _at(5)).user_id == world.kari.id


def test_an_inactive_user_is_out_at_once(world: World) -> None:
    token = _try()
    User.update(active=False).where(User.username == "kari").execute()
    assert login.resume(token, START) == login.NO_SESSION
    User.update(active=True).where(User.username == "kari").execute()
    assert login.resume(token, START) == login.NO_SESSION


def test_logging_out_ends_this_login_only(world: World) -> None:
    one, two = _try(), _try()
    login.log_out(one, START)
    login.log_out(one, START)
    login.log_out("", START)
    assert login.resume(one, START) == login.NO_SESSION
    assert login.resume(two, START).user_id == world.kari.id
    assert _tags().count("login:ended") == 1


def test_an_administrator_ends_all_logins_of_a_user(world: World) -> None:
    tokens, other = [_try(), _try()], _try("ola")
    assert login.end_sessions(world.kari.id, "administrator", actor_user_id=world.anne.id, now=START) == 2
    assert login.end_sessions(world.kari.id, "administrator", now=START) == 0
    assert [login.resume(token, START) for token in tokens] == [login.NO_SESSION] * 2
    assert login.resume(other, START).user_id == world.ola.id
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).first()
    assert (event.tag, event.actor_id, event.subject_id) == ("session:ended", world.anne.id, world.kari.id)


NEW = "seks blå elger danser"


def test_a_new_password_ends_the_other_logins(world: World) -> None:
    here, there = _try(), _try()
    login.change_password(world.kari.id, PASSWORD, NEW, here, HOME, START)
    assert login.resume(here, START).user_id == world.kari.id
    assert login.resume(there, START) == login.NO_SESSION
    with pytest.raises(Invalid):
        _try()
    _try(password=NEW)
    assert "password:changed" in _tags()


BAD_NEW = {
    "short": "kort å se",
    "long": "x y" * 43,
    "username": "KARI er best 123",
    "name": "min Leder er snill 1",
    "municipality": "Storvik er fint 99",
    "common": "Sommeren2026!!",
    "leet": "p4ssord12345!",
    "repeated": "passordpassord",
    "keys": "123456789012",
    "few signs": "aabbaabbaabbaa",
    "the same": PASSWORD,
}


@pytest.mark.parametrize("new", BAD_NEW.values(), ids=list(BAD_NEW))
def test_weak_new_passwords_are_refused(world: World, new: str) -> None:
    token = _try()
    with pytest.raises(Invalid) as caught:
        login.change_password(world.kari.id, PASSWORD, new, token, HOME, START)
    assert list(caught.value.messages) == ["new_password"]
    _try()


@pytest.mark.parametrize(
    "good", [NEW, "Ækløft-øre-Åland", "korrekt hest batteri", "čáhppes beana 7 geađgi", "blå hest, " * 12]
)
def test_good_passwords_pass(good: str) -> None:
    assert passwords.fault(good, "kari", "Kari Leder", "Storvik") is None


def test_letters_count_the_same_however_they_are_typed() -> None:
    stored = passwords.hash_password("blåbær på fjellet")
    assert passwords.verify(stored, "bla\u030abær pa\u030a fjellet")
    assert not passwords.verify(stored, "blabær pa fjellet")
    assert not passwords.verify("not a hash", "blåbær på fjellet")


def test_guessing_the_old_password_is_slowed(world: World) -> None:
    token = _try()
    for _ in range(5):
        with pytest.raises(Invalid) as caught:
            login.change_password(world.kari.id, "feil passord 12345", NEW, token, HOME, START)
        assert list(caught.value.messages) == ["old_password"]
    with pytest.raises(Throttled):
        login.change_password(world.kari.id, PASSWORD, NEW, token, HOME, START)


def test_language_is_remembered(world: World) -> None:
    login.set_language(world.kari.id, "nn")
    assert User.get_by_id(world.kari.id).language == "nn"
    with pytest.raises(Invalid):
        login.set_language(world.kari.id, "../../etc")


FIELDS = [("text", "Lang tekst æøå čđŋ\r\n🙂"), ("pick", "a"), ("pick", "b"), ("empty", "")]


@pytest.mark.both_databases
def test_a_parked_form_comes_back_once_to_its_owner(world: World) -> None:
    path = "/admin/plan/edit/?id=7"
    login.park(world.kari.id, path, [("text", "eldre")], START)
    login.park(world.kari.id, path, FIELDS, _at(1))
    assert login.take_parked(world.ola.id, path, _at(2)) is None
    assert login.take_parked(world.kari.id, "/elsewhere", _at(2)) is None
    assert login.take_parked(world.kari.id, path, _at(2)) == FIELDS
    assert login.take_parked(world.kari.id, path, _at(2)) is None


def test_a_parked_form_is_sealed_and_lasts_a_day(world: World) -> None:
    login.park(world.kari.id, "/x", FIELDS, START)
    assert b"Lang tekst" not in bytes(ParkedForm.get().fields)
    assert login.take_parked(world.kari.id, "/x", _at(24 * 60)) is None
    assert login.take_parked(world.kari.id, "/x", _at(24 * 60 - 1)) == FIELDS


def test_a_damaged_parked_form_is_none(world: World) -> None:
    login.park(world.kari.id, "/x", FIELDS, START)
    ParkedForm.update(fields=b"damaged").execute()
    assert login.take_parked(world.kari.id, "/x", START) is None


@pytest.mark.both_databases
def test_long_addresses_have_room(world: World) -> None:
    long = "/admin/case/?" + "x" * 3000
    login.park(world.kari.id, long, FIELDS, START)
    assert login.take_parked(world.kari.id, long + "y", START) is None
    assert login.take_parked(world.kari.id, long, START) == FIELDS


def test_old_rows_are_swept_at_login(world: World) -> None:
    _try()
    _fail(1)
    login.park(world.kari.id, "/x", FIELDS, START)
    _try("ola", at=10)
    assert (LoginSession.select().count(), LoginAttempt.select().count(), ParkedForm.select().count()) == (2, 3, 1)
    _try("ola", at=4 * 24 * 60)
    assert (LoginSession.select().count(), LoginAttempt.select().count(), ParkedForm.select().count()) == (1, 1, 0)


def test_the_trail_tells_no_name_and_no_password(world: World) -> None:
    _fail(6 - 1, "nobody-knows-me")
    with pytest.raises(Throttled):
        _try("nobody-knows-me")
    for event in AuditEvent.select().dicts():
        assert not {"nobody-knows-me", PASSWORD, HOME} & {str(value) for value in event.values()}
