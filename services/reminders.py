"""Who is told by e-mail of what is due: one digest a person and working day, and nothing twice.

The table is the memory. A row (person, day) is one digest; its items say which milestone was told at which stage, and
both are unique, so that a second worker, a crash or a clock set back cannot tell anything again. A digest goes from
"waiting" to "sending", which is committed before the mail server hears of it, and then to "sent", or

* "failed": surely not delivered, and not tried again (the server refused it, or all tries are used up);
* "unsure": the process died or the connection was lost while the text was on its way. Never sent again.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

import peewee as pw

from forms.texts import N_, Note, translator
from models import FollowUpSettings, Milestone, Municipality, Reminder, ReminderItem, User, db, now
from services import due
from services.access import Actor
from services.audit import Tag, record, trail
from services.due import Task
from services.holidays import is_workday, workday_from
from services.integrations import mail

MOST_TRIES = 5
FIRST_PAUSE = dt.timedelta(minutes=15)  # before the second try; each pause is twice the one before
LOST_AFTER = dt.timedelta(minutes=15)  # "sending" for so long: the process that sent it is gone
LANGUAGES = ("nb", "nn", "en")
_address = ""


def use(address: str) -> None:
    """Set the service's address, which mails lead to; without a slash at the end."""
    global _address
    _address = address


# --- the round ------------------------------------------------------------------------------------------------------


def run(day: dt.date) -> Counter[str]:
    """Make and send what is due on `day`: how many were made, and how many rows ended in each state.

    "waiting" are those to be tried again later the same day. Nothing is made when mail is off, or on a day off.
    """
    _tidy(day)
    found: Counter[str] = Counter()
    if not mail.is_on() or not is_workday(day):
        return found
    found["made"] = make(day)
    known: dict[int, dict[int, list[Task]]] = {}
    for row in _ready(day):
        if not _claim(row):
            continue
        if row.municipality_id not in known:
            known[row.municipality_id] = tasks_now(row.municipality_id, day)
        state = _deliver(row, known[row.municipality_id])
        found[state] += 1
        if state == "waiting" and row.fault.partition(":")[0] in _ABOUT_THE_SERVER:
            break  # the rest would fare no better, and would use up its tries
    found["waiting"] = Reminder.select().where(Reminder.day == day, Reminder.state == "waiting").count()
    return +found


def _tidy(day: dt.date) -> None:
    """Mark what was left half sent; give up what waited on an earlier day, so that the next digest tells it."""
    lost = (Reminder.state == "sending") & (Reminder.tried_at < now() - LOST_AFTER)
    Reminder.update(state="unsure", fault="lost").where(lost).execute()
    for row in Reminder.select().where(Reminder.state == "waiting", Reminder.day < day):
        with db.atomic():
            if _move(row, "waiting", "failed", row.fault or "expired"):
                _forget_items(row)


# --- making ---------------------------------------------------------------------------------------------------------


def make(day: dt.date) -> int:
    """Put down the digests of `day` for every municipality that reminds; how many are new. Sends nothing."""
    wanting = FollowUpSettings.select(FollowUpSettings, Municipality).join(Municipality).where(FollowUpSettings.remind)
    return sum(_make_for(settings, day) for settings in wanting)


def _make_for(settings: FollowUpSettings, day: dt.date) -> int:
    people = due.people(settings.municipality_id)
    found = due.tasks(settings, day, people)
    told = _told(settings.municipality_id, day)
    made = 0
    for user_id, tasks in sorted(found.items()):
        stages = [(task, stage) for task in tasks if (stage := stage_of(task, day, settings))]
        fresh = [(task, stage) for task, stage in stages if (user_id, task.milestone_id, stage) not in told]
        made += bool(fresh) and _put_down(settings.municipality_id, user_id, day, fresh)
    return made


def stage_of(task: Task, day: dt.date, settings: FollowUpSettings) -> str:
    """What there is to tell of a task on `day`, by a name that holds the deadline: a moved one is told anew.

    Empty when there is nothing. What falls on a day off is told on the next working day, where it still stands.
    """
    left = (task.due - day).days
    if task.own and 0 < left <= settings.remind_before:
        return f"before:{task.due}"
    if task.own and left <= 0 and day <= workday_from(task.due):
        return f"due:{task.due}"
    every = settings.remind_late_every
    return f"late:{task.due}:{-left // every}" if every and -left >= every else ""


def _told(municipality_id: int, day: dt.date) -> set[tuple[int, int, str]]:
    """Whom we told of what before; everybody who has a digest of the day already is left out by its unique key."""
    rows: Any = ReminderItem.select(ReminderItem.user, ReminderItem.milestone, ReminderItem.stage).where(
        ReminderItem.municipality == municipality_id,
        ReminderItem.milestone.in_(due.waiting(municipality_id, day, due.LONGEST_BEFORE).select(Milestone.id)),
    )
    return set(rows.tuples())


def _put_down(municipality_id: int, user_id: int, day: dt.date, fresh: list[tuple[Task, str]]) -> bool:
    """One digest with its items; False when there is one that day, or another worker was faster."""
    if Reminder.select().where(Reminder.user == user_id, Reminder.day == day).exists():
        return False
    try:
        with db.atomic():
            row = Reminder.create(municipality=municipality_id, user=user_id, day=day)
            items = [
                {"municipality": municipality_id, "reminder": row.id, "user": user_id, "milestone": task.milestone_id,
                 "stage": stage}
                for task, stage in fresh
            ]  # fmt: skip
            for start in range(0, len(items), 500):
                ReminderItem.insert_many(items[start : start + 500]).execute()
    except pw.IntegrityError:
        return False
    return True


# --- sending --------------------------------------------------------------------------------------------------------

_ABOUT_THE_SERVER = ("down", "slow", "tls", "login", "server", "sender")


def _ready(day: dt.date) -> list[Reminder]:
    """Those of the day that wait and whose pause is over, the least tried first."""
    those = (Reminder.day == day) & (Reminder.state == "waiting")
    rows = Reminder.select().where(those).order_by(Reminder.tries, Reminder.id)
    moment = now()
    return [row for row in rows if row.tried_at is None or row.tried_at + pause(row.tries) <= moment]


def pause(tries: int) -> dt.timedelta:
    """How long to wait after so many tries."""
    return FIRST_PAUSE * 2 ** max(tries - 1, 0)


def _claim(row: Reminder) -> bool:
    """Take a digest for this process; only one gets it, and it is committed before anything is sent."""
    taken = (
        Reminder.update(state="sending", tries=Reminder.tries + 1, tried_at=now())
        .where(Reminder.id == row.id, Reminder.state == "waiting", Reminder.tries == row.tries)
        .execute()
    )
    row.tries += taken
    return bool(taken)


def tasks_now(municipality_id: int, day: dt.date) -> dict[int, list[Task]]:
    """By user id, what a digest would tell of now; the reminders may have been turned off since it was made."""
    settings = FollowUpSettings.get_or_none(FollowUpSettings.municipality == municipality_id)
    return due.tasks(settings, day, due.people(municipality_id)) if settings and settings.remind else {}


def _deliver(row: Reminder, known: dict[int, list[Task]]) -> str:
    """Send a claimed digest; its state afterwards, or "dropped" when there is nothing to tell any more."""
    user: User = User.get_by_id(row.user_id)
    if user.id not in known or not (user.active and user.reminders and user.email):
        with db.atomic():
            _forget_items(row)
            Reminder.delete().where(Reminder.id == row.id).execute()
        return "dropped"
    subject, text = text_of(known[user.id], row.day, _language(user))
    try:
        mail.send(user.email, subject, text, _language(user))
    except mail.Refused as fault:
        return _after(row, "failed", fault.code)
    except mail.Later as fault:
        return _after(row, "waiting" if row.tries < MOST_TRIES else "failed", fault.code)
    except mail.Unsure as fault:
        return _after(row, "unsure", fault.code)
    return _after(row, "sent", "")


def _after(row: Reminder, state: str, fault: str) -> str:
    """Keep what became of it. What surely was never told, and is given up, may be told by the next digest."""
    row.fault = fault
    with db.atomic():
        if not _move(row, "sending", state, fault):
            return "unsure"  # so slow that somebody has marked it already
        if state == "sent":
            record(
                Tag.REMINDER_SENT, municipality=row.municipality_id, actor=None, subject="reminder", subject_id=row.id
            )
        if state == "failed" and not fault.startswith(("refused", "address")):
            _forget_items(row)
    return state


def _move(row: Reminder, before: str, after: str, fault: str) -> bool:
    here = (Reminder.id == row.id) & (Reminder.state == before)
    moment = now() if after == "sent" else None
    return bool(Reminder.update(state=after, fault=fault, sent_at=moment).where(here).execute())


def _forget_items(row: Reminder) -> None:
    ReminderItem.delete().where(ReminderItem.reminder == row.id).execute()


# --- words ----------------------------------------------------------------------------------------------------------


def text_of(tasks: list[Task], day: dt.date, language: str) -> tuple[str, str]:
    """Subject and text of a digest. Nothing in it tells whom it is about, or what."""
    _ = translator(language)
    parts = [
        *_counted([task for task in tasks if task.own], [task for task in tasks if not task.own], day),
        Note(N_("Logg inn for å se dem: %(address)s"), {"address": f"{_address}/admin/"}),
        Note(N_("Du får høyst én slik e-post om dagen, og ingen i helger og på helligdager.")),
        Note(N_("Vil du ikke ha dem, kan du slå dem av her: %(address)s"), {"address": f"{_address}/admin/konto/"}),
        Note(N_("E-posten er sendt automatisk, og ingen leser svar på den.")),
    ]
    return Note(N_("Oppgaver som venter i Attende")).say(_), "\n\n".join(part.say(_) for part in parts) + "\n"


def _language(user: User) -> str:
    return user.language if user.language in LANGUAGES else "nb"


def _counted(own: list[Task], others: list[Task], day: dt.date) -> Iterable[Note]:
    """How many, and how near: over the limit, this week, later."""
    sunday = day + dt.timedelta(days=6 - day.weekday())
    if own:
        groups = (
            (sum(task.due < day for task in own), N_("%(n)s over fristen")),
            (sum(day <= task.due <= sunday for task in own), N_("%(n)s denne uken")),
            (sum(task.due > sunday for task in own), N_("%(n)s senere")),
        )
        texts = [Note(text, {"n": count}) for count, text in groups if count]
        said = _listed(texts)
        if len(own) == 1:
            yield Note(N_("Du har 1 oppgave i Attende: %(parts)s."), {"parts": said})
        else:
            yield Note(N_("Du har %(n)s oppgaver i Attende: %(parts)s."), {"n": len(own), "parts": said})
    if len(others) == 1:
        yield Note(N_("1 oppgave er over fristen i enhetene du har HR-ansvar for."))
    elif others:
        yield Note(N_("%(n)s oppgaver er over fristen i enhetene du har HR-ansvar for."), {"n": len(others)})


def _listed(texts: list[Note]) -> Note:
    """Parts with commas between; each is translated with the whole."""
    names = [f"part{number}" for number in range(len(texts))]
    pattern = ", ".join(f"%({name})s" for name in names)
    return Note(pattern, dict(zip(names, texts, strict=True)))


def item_counts(ids: Iterable[int]) -> dict[int, int]:
    """How many tasks each of these digests tells of, in one query."""
    rows: Any = (
        ReminderItem.select(ReminderItem.reminder, pw.fn.COUNT(ReminderItem.id))
        .where(ReminderItem.reminder.in_(list(ids))).group_by(ReminderItem.reminder)
    )  # fmt: skip
    return dict(rows.tuples())


# --- one's own choice -----------------------------------------------------------------------------------------------


def own(actor: Actor) -> tuple[bool, str]:
    """Whether the actor wants reminders, and the address they go to."""
    user: User = User.get_by_id(actor.user_id)
    return bool(user.reminders), user.email


def choose(actor: Actor, wanted: bool) -> None:
    """Turn the actor's own reminders on or off."""
    actor.require("account.own")
    with db.atomic():
        user: User = User.get_by_id(actor.user_id)
        if user.reminders != wanted:
            User.update(reminders=wanted).where(User.id == user.id).execute()
            trail(actor, Tag.REMINDERS_UNMUTED if wanted else Tag.REMINDERS_MUTED, user)
