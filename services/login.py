"""Who gets in, and for how long: attempts, server-side sessions, password change, forms of people who were logged out.

House rule: a token, a password or a username never leaves this file in an exception, a log or an audit event.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

import peewee as pw

from forms.texts import N_, Note
from models import LoginAttempt, LoginSession, Municipality, ParkedForm, User, fold, keyring
from models import now as clock
from models.sealing import BadSeal, NoKey
from services import passwords
from services.audit import Tag, record
from services.database import transaction
from services.errors import Invalid, Throttled

IDLE = dt.timedelta(minutes=30)
ABSOLUTE = dt.timedelta(hours=10)
TOUCH = dt.timedelta(minutes=1)
PARKED = dt.timedelta(hours=24)
KEPT = dt.timedelta(days=2)

# Tries in a row are counted over an hour per user, so that the delay can grow to its top and stay there. Per address
# over a quarter only: a whole town hall may share one.
USER_LIMIT, USER_WINDOW = 5, dt.timedelta(hours=1)
ADDRESS_LIMIT, ADDRESS_WINDOW = 20, dt.timedelta(minutes=15)
LONGEST_DELAY = dt.timedelta(minutes=15)

WRONG = Note(N_("Brukernavnet eller passordet er feil."))
LANGUAGES = ("nb", "nn")
_LONGEST_PATH = 200


@dataclass(frozen=True)
class SessionState:
    """What a token is worth. At most one of the two is set."""

    user_id: int | None = None
    expired_user_id: int | None = None  # the login ran out by time: the user is known, but is not logged in


NO_SESSION = SessionState()


def log_in(username: str, password: str, address: str, agent: str, now: dt.datetime | None = None) -> tuple[str, int]:
    """Start a session; the token for the cookie and the user's id.

    Raises Invalid with one and the same message for unknown user, wrong password and inactive user, and Throttled
    (seconds left) after too many tries for the username or from the address, also when the password is right.
    """
    now = now or clock()
    attempt = _attempt(username, address, now)
    user = User.get_or_none(User.username == fold(username))
    if user is None:
        passwords.verify_nobody(password)
    if user is None or not passwords.verify(user.password_hash, password) or not user.active:
        _record_failure(Tag.LOGIN_FAILED, user)
        raise Invalid({"": WRONG})
    token = secrets.token_urlsafe(32)
    # Before the transaction: hashing takes long, and nobody else could write meanwhile.
    stronger = passwords.hash_password(password) if passwords.needs_rehash(user.password_hash) else ""
    with transaction():
        LoginAttempt.update(succeeded=True).where(LoginAttempt.id == attempt.id).execute()
        if stronger:
            User.update(password_hash=stronger).where(User.id == user.id).execute()
        LoginSession.create(
            municipality=user.municipality_id, user=user.id, token_hash=_hash(token), created_at=now,
            last_seen_at=now, agent=_printable(agent)[:200],
        )  # fmt: skip
        record(Tag.LOGIN, municipality=user.municipality_id, actor=user.id)
        sweep(now)
    return token, int(user.id)


def _attempt(username: str, address: str, now: dt.datetime) -> LoginAttempt:
    """Store the try, then count those before it: parallel tries see each other. Raises Throttled."""
    attempt = LoginAttempt.create(
        user_hash=keyring.index(f"login-user:{fold(username)}"),
        address_hash=keyring.index(f"login-address:{address}"),
        created_at=now,
    )
    wait = max(
        _wait(attempt, LoginAttempt.user_hash == attempt.user_hash, USER_LIMIT, USER_WINDOW, since_success=True),
        _wait(attempt, LoginAttempt.address_hash == attempt.address_hash, ADDRESS_LIMIT, ADDRESS_WINDOW),
    )
    if wait <= 0:
        return attempt
    # A refused try does not count: else one who presses the button again and again would never get in.
    attempt.delete_instance()
    _record_failure(Tag.LOGIN_THROTTLED, User.get_or_none(User.username == fold(username)))
    raise Throttled(wait)


def _wait(attempt: LoginAttempt, whose: Any, limit: int, window: dt.timedelta, since_success: bool = False) -> int:
    """Seconds until the next try is looked at: 1, 2, 4 … 15 minutes from the last failure on."""
    recent = LoginAttempt.select().where(
        whose, LoginAttempt.created_at > attempt.created_at - window, LoginAttempt.id != attempt.id
    )
    last_success = None
    if since_success:
        last_success = recent.where(LoginAttempt.succeeded).order_by(LoginAttempt.id.desc()).first()
    failed = recent.where(~LoginAttempt.succeeded, LoginAttempt.id > (last_success.id if last_success else 0))
    count = failed.count()
    if count < limit:
        return 0
    last = failed.order_by(LoginAttempt.created_at.desc()).first()
    delay = min(dt.timedelta(minutes=2 ** min(count - limit, 10)), LONGEST_DELAY)
    return int((last.created_at + delay - attempt.created_at).total_seconds())


def _record_failure(tag: Tag, user: User | None) -> None:
    """No actor: nobody has shown who they are."""
    record(
        tag,
        municipality=user.municipality_id if user else None,
        actor=None,
        subject="app_user" if user else "",
        subject_id=user.id if user else None,
    )


def resume(token: str, now: dt.datetime | None = None) -> SessionState:
    """What the token from the cookie is worth; ends a session that has run out, and notes that it was seen."""
    now = now or clock()
    row = (
        LoginSession.select(LoginSession, User).join(User).where(LoginSession.token_hash == _hash(token)).first()
        if token
        else None
    )
    if row is None:
        return NO_SESSION
    if row.closed_at is not None:
        return SessionState(expired_user_id=row.user_id) if row.closed_because in ("idle", "absolute") else NO_SESSION
    if not row.user.active:
        _close(row, "inactive", now)
        return NO_SESSION
    if now - row.last_seen_at > IDLE or now - row.created_at > ABSOLUTE:
        _close(row, "idle" if now - row.last_seen_at > IDLE else "absolute", now)
        return SessionState(expired_user_id=row.user_id)
    if now - row.last_seen_at >= TOUCH:
        # A busy database must not keep anybody from reading.
        with contextlib.suppress(pw.OperationalError):
            LoginSession.update(last_seen_at=now).where(LoginSession.id == row.id).execute()
    return SessionState(user_id=row.user_id)


def _close(row: LoginSession, because: str, now: dt.datetime) -> None:
    with transaction():
        open_row = (LoginSession.id == row.id) & LoginSession.closed_at.is_null()
        if LoginSession.update(closed_at=now, closed_because=because).where(open_row).execute():
            record(Tag.SESSION_ENDED, municipality=row.municipality_id, actor=None,
                   subject="app_user", subject_id=row.user_id, fields=[because])  # fmt: skip


def log_out(token: str, now: dt.datetime | None = None) -> None:
    """End the session of this token; nothing happens when there is none."""
    with transaction():
        row = LoginSession.get_or_none((LoginSession.token_hash == _hash(token)) & LoginSession.closed_at.is_null())
        if row is not None:
            _end(LoginSession.id == row.id, "logout", now or clock())
            record(Tag.LOGOUT, municipality=row.municipality_id, actor=row.user_id)


def end_sessions(
    user_id: int,
    because: str,
    except_token: str | None = None,
    *,
    actor_user_id: int | None = None,
    now: dt.datetime | None = None,
) -> int:
    """End the user's open sessions, but for that of `except_token`; how many. `because` is one word for the trail."""
    with transaction():
        whose = LoginSession.user == user_id
        if except_token:
            whose &= LoginSession.token_hash != _hash(except_token)
        ended = _end(whose, because, now or clock())
        if ended:
            user = User.get_by_id(user_id)
            record(Tag.SESSION_ENDED, municipality=user.municipality_id, actor=actor_user_id,
                   subject="app_user", subject_id=user_id, fields=[because])  # fmt: skip
    return ended


def _end(whose: Any, because: str, now: dt.datetime) -> int:
    open_rows = whose & LoginSession.closed_at.is_null()
    return int(LoginSession.update(closed_at=now, closed_because=because[:20]).where(open_rows).execute())


def change_password(
    actor_user_id: int, old: str, new: str, current_token: str, address: str = "", now: dt.datetime | None = None
) -> None:
    """Give the user a new password and end their other sessions.

    Raises Invalid for "old_password" or "new_password", and Throttled: guessing the old one is slowed like a login.
    """
    now = now or clock()
    user = User.select(User, Municipality).join(Municipality).where(User.id == actor_user_id).get()
    attempt = _attempt(user.username, address, now)
    if not passwords.verify(user.password_hash, old):
        _record_failure(Tag.LOGIN_FAILED, user)
        raise Invalid({"old_password": Note(N_("Passordet du har nå, er feil."))})
    found = passwords.fault(new, user.username, user.name, user.municipality.name, user.email)
    if found is None and old == new:
        found = Note(N_("Det nye passordet må være et annet enn det gamle."))
    with transaction():
        LoginAttempt.update(succeeded=True).where(LoginAttempt.id == attempt.id).execute()
        if found is None:
            User.update(password_hash=passwords.hash_password(new)).where(User.id == user.id).execute()
            end_sessions(user.id, "password", except_token=current_token, actor_user_id=user.id, now=now)
            record(Tag.PASSWORD_CHANGED, municipality=user.municipality_id, actor=user.id,
                   subject="app_user", subject_id=user.id)  # fmt: skip
    if found is not None:
        raise Invalid({"new_password": found})


def set_language(actor_user_id: int, language: str) -> None:
    """Remember the language the user reads. Raises Invalid for one we do not have."""
    if language not in LANGUAGES:
        raise Invalid({"language": Note(N_("Velg bokmål eller nynorsk."))})
    with transaction():
        user = User.get_by_id(actor_user_id)
        User.update(language=language).where(User.id == user.id).execute()
        record(Tag.USER_CHANGED, municipality=user.municipality_id, actor=user.id,
               subject="app_user", subject_id=user.id, fields=["language"])  # fmt: skip


def park(user_id: int, path: str, fields: list[tuple[str, str]], now: dt.datetime | None = None) -> None:
    """Keep the posted fields of a user who had just been logged out; the last one per user and path wins."""
    with transaction():
        user = User.get_by_id(user_id)
        ParkedForm.delete().where(ParkedForm.user == user_id, ParkedForm.path == _place(path)).execute()
        form = ParkedForm(municipality=user.municipality_id, user=user_id, path=_place(path), created_at=now or clock())
        form.seal("fields", json.dumps(fields, ensure_ascii=False))
        form.save(force_insert=True)


def take_parked(user_id: int, path: str, now: dt.datetime | None = None) -> list[tuple[str, str]] | None:
    """The kept fields, once, within 24 hours; None when there are none."""
    row = (
        ParkedForm.select()
        .where(
            ParkedForm.user == user_id,
            ParkedForm.path == _place(path),
            ParkedForm.created_at > (now or clock()) - PARKED,
        )
        .first()
    )
    # Only the one whose delete hits the row has it: two tabs must not both send it.
    if row is None or not ParkedForm.delete().where(ParkedForm.id == row.id).execute():
        return None
    try:
        return [(str(name), str(value)) for name, value in json.loads(row.unseal("fields"))]
    except (BadSeal, NoKey):
        return None


def sweep(now: dt.datetime | None = None) -> None:
    """Remove what time has made useless: attempts, sessions that ended, forms nobody came back for."""
    now = now or clock()
    LoginAttempt.delete().where(LoginAttempt.created_at < now - KEPT).execute()
    LoginSession.delete().where(LoginSession.created_at < now - ABSOLUTE - KEPT).execute()
    ParkedForm.delete().where(ParkedForm.created_at < now - PARKED).execute()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _place(path: str) -> str:
    return path if len(path) <= _LONGEST_PATH else keyring.index(f"path:{path}")


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
