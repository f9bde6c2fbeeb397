"""What people decide about a milestone: done, not relevant, or obviously unnecessary; and taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.steps import LEGAL, StepRule
from forms.texts import N_, Note
from models import Case, ContactEntry, Dispatch, Milestone, Plan, Signature, User, db, now
from services import access, milestones, steps
from services.access import Actor
from services.audit import Tag, trail
from services.cases import require_open, too_long, write
from services.clock import local, today
from services.errors import Invalid, NotEditable, StaleRow

MAX_REASON = 2000
# When the law lets plan and first dialogue meeting be (aml § 4-6 "åpenbart unødvendig"), by Nav's checklist for
# employers and Prop. 102 L (2013-14). Of a grave illness only what it means for the work is said.
EXEMPTIONS: dict[str, dict[str, str]] = {
    "plan": {
        "back_soon": N_("Den ansatte er snart tilbake i fullt arbeid, uten tilrettelegging"),
        "graded_works": N_("Den ansatte er gradert sykmeldt, og det virker godt"),
        "no_return": N_("Det er klart at den ansatte ikke kan komme tilbake i arbeid"),
        "employment_ends": N_("Arbeidsforholdet tar snart slutt"),
        "unreachable": N_("Den ansatte er ikke til å få tak i"),
    },
    "dialogue_1": {
        "back_soon": N_("Den ansatte er snart tilbake i fullt arbeid, uten tilrettelegging"),
        "adapted": N_("Tilretteleggingen virker, og den ansatte er snart tilbake i fullt arbeid"),
        "no_return": N_("Det er klart at den ansatte ikke kan komme tilbake i arbeid"),
        "postpone": N_("Møtet kan ikke holdes nå og må utsettes"),
    },
    "dialogue_2": {"nav_dropped": N_("Nav har bestemt at møtet ikke trengs nå")},  # ftrl § 8-7 a: Nav decides
}
ALONE = ("unreachable", "nav_dropped")  # reasons that cannot be talked over with the employee


@dataclass(frozen=True)
class Task:
    """A milestone with its row of the schedule (None when the schedule no longer has it)."""

    row: Milestone
    rule: StepRule | None

    @property
    def locked(self) -> bool:
        """The law demands it: it cannot be called not relevant."""
        return bool(self.rule and self.rule.locked) or self.row.code in LEGAL

    @property
    def exemptions(self) -> dict[str, str]:
        """Why it may be obviously unnecessary; empty when it may not."""
        return EXEMPTIONS.get(self.row.code, {})

    @property
    def waits(self) -> bool:
        """Somebody is to do it, or to decide on it again."""
        again = self.row.again_on is not None and self.row.again_on <= today()
        return self.row.case.status == "open" and (self.row.state == "open" or (self.row.state == "exempt" and again))

    @property
    def may_be_undone(self) -> bool:
        """A person decided it; what is seen from a plan, meeting, letter or contact is undone there."""
        return self.row.state in ("not_relevant", "exempt") or (self.row.state == "done" and self.row.by_hand)


def task_of(actor: Actor, milestone_id: int | str | None) -> Task:
    """The milestone for deciding on. Leaves a trail. Raises NotVisible, NotAllowed."""
    task = _task(actor, milestone_id)
    trail(actor, Tag.CASE_READ, task.row.case, task.row.case_id)
    return task


def tick(actor: Actor, milestone_id: int | str | None, done_on: dt.date | None, revision: int | None = None) -> Task:
    """Say that it was done on a day, today at the latest. Raises Invalid, NotEditable, StaleRow."""
    with db.atomic():
        task = _task(actor, milestone_id)
        row = task.row
        if row.state == "done" and row.by_hand and row.done_on == done_on:
            return task  # sent twice
        _require_undecided(task, revision)
        _check_day(row.case, done_on)
        row.state, row.done_on, row.by_hand, row.again_on = "done", done_on, True, None
        _decide(actor, row, Tag.MILESTONE_DONE)
    return task


def undo(actor: Actor, milestone_id: int | str | None, revision: int | None = None) -> Task:
    """Take back a tick, a "not relevant" or an exemption: it is open again. Raises NotEditable, StaleRow.

    Without a revision it takes back whatever was decided.
    """
    with db.atomic():
        task = _task(actor, milestone_id)
        row = task.row
        require_open(row.case)
        if row.state in ("open", "ended"):
            return task  # sent twice
        if not task.may_be_undone:
            raise NotEditable(Note(N_("Dette er gjort i saken, ikke merket for hånd. Rett det der det er gjort.")))
        if revision is not None and row.revision != revision:
            raise StaleRow
        row.state, row.done_on, row.by_hand, row.again_on = "open", None, False, None
        row.reason_code, row.reason = "", None
        row.decided_by = row.decided_at = None
        _keep(actor, row, Tag.MILESTONE_UNDONE)
    return task


def not_relevant(actor: Actor, milestone_id: int | str | None, reason: str, revision: int | None = None) -> Task:
    """Put aside what the law does not demand, with a reason, which is sealed. Raises Invalid, NotEditable, StaleRow."""
    reason = reason.strip()
    with db.atomic():
        task = _task(actor, milestone_id)
        row = task.row
        if row.state == "not_relevant" and row.unseal("reason") == reason:
            return task  # sent twice
        if task.locked:
            raise NotEditable(Note(N_("Loven krever dette steget, så det kan ikke settes til ikke aktuelt.")))
        _require_undecided(task, revision)
        if faults := _text_faults(reason):
            raise Invalid(faults)
        row.state, row.reason_code = "not_relevant", ""
        row.seal("reason", reason)
        _decide(actor, row, Tag.MILESTONE_NOT_RELEVANT)
    return task


def exempt(
    actor: Actor, milestone_id: int | str | None, reason_code: str, reason: str, *, talked: bool,
    revision: int | None = None,
) -> Task:  # fmt: skip
    """Decide that plan or first dialogue meeting is obviously unnecessary (aml § 4-6), after talking with the employee.

    It is asked again after four weeks if the absence goes on. Raises Invalid, NotEditable, StaleRow.
    """
    reason = reason.strip()
    with db.atomic():
        task = _task(actor, milestone_id)
        row, again = task.row, today() + milestones.ASKED_AGAIN
        same = row.state == "exempt" and (row.reason_code, row.again_on) == (reason_code, again)
        if same and row.unseal("reason") == reason:
            return task  # sent twice
        if not task.exemptions:
            raise NotEditable(Note(N_("Det kan ikke gjøres unntak fra dette steget.")))
        _require_undecided(task, revision)
        _check_exemption(task, reason_code, reason, talked)
        row.state, row.reason_code, row.again_on = "exempt", reason_code, again
        row.seal("reason", reason)
        _decide(actor, row, Tag.MILESTONE_EXEMPT)
    return task


def _task(actor: Actor, milestone_id: int | str | None) -> Task:
    row: Milestone = access.get(actor, Milestone, milestone_id, "case.write")
    published = steps.published_steps(row.municipality_id)
    return Task(row, next((rule for rule in published.steps if rule.code == row.code), None))


def _require_undecided(task: Task, revision: int | None) -> None:
    """Raises NotEditable when there is nothing to decide, StaleRow when somebody else has decided meanwhile."""
    require_open(task.row.case)
    if task.row.state == "ended":
        raise NotEditable(Note(N_("Dette steget gjelder ikke lenger i saken.")))
    if task.row.state not in ("open", "exempt"):
        raise StaleRow
    if task.row.revision != revision and not (revision is None and task.waits):
        raise StaleRow


def _check_day(case: Case, day: dt.date | None) -> None:
    if day is None:
        raise Invalid({"done_on": Note(N_("Skriv hvilken dag det ble gjort."))})
    if day > today():
        raise Invalid({"done_on": Note(N_("Datoen er ikke kommet ennå. Skriv den dagen det ble gjort."))})
    if day < case.first_day:
        first = f"{case.first_day:%d.%m.%Y}"
        raise Invalid({"done_on": Note(N_("Datoen er før saken begynte, %(first)s."), {"first": first})})


def _check_exemption(task: Task, code: str, reason: str, talked: bool) -> None:
    faults = _text_faults(reason)
    if code not in task.exemptions:
        faults["reason_code"] = Note(N_("Velg hvorfor det er åpenbart unødvendig."))
    elif code not in ALONE and not talked:
        faults["talked"] = Note(N_("Snakk med den ansatte først. Et unntak skal være avklart mellom dere."))
    if faults:
        raise Invalid(faults)


def _text_faults(reason: str) -> dict[str, Note]:
    if not reason:
        return {"reason": Note(N_("Skriv kort hvorfor."))}
    return {"reason": too_long(reason, MAX_REASON)} if len(reason) > MAX_REASON else {}


def _decide(actor: Actor, row: Milestone, tag: Tag) -> None:
    """Write it with who and when."""
    row.decided_by, row.decided_at = User(id=actor.user_id), now()
    _keep(actor, row, tag)


def _keep(actor: Actor, row: Milestone, tag: Tag) -> None:
    """Write it, unless somebody else did meanwhile, and count the case anew."""
    write(row, row.revision)
    trail(actor, tag, row, row.case_id)
    milestones.refresh(Case.get_by_id(row.case_id))


# --- who did what ---------------------------------------------------------------------------------------------------


def doers(case: Case, rows: Iterable[Milestone], rules: Mapping[str, StepRule]) -> dict[int, str]:
    """The name of who did or decided each milestone of a case, by its id, where that is known. Five queries."""
    decided = [row for row in rows if row.state in ("done", "not_relevant", "exempt")]
    names = _names(row.decided_by_id for row in decided)
    seen = _seen(case)
    found = {}
    for row in decided:
        rule = rules.get(row.code)
        if row.by_hand or row.state != "done":
            found[row.id] = names.get(row.decided_by_id, "")
        elif rule and row.done_on:
            kind, keys = (rule.done_by, rule.letters) if rule.done_by == "letter" else (_KINDS[rule.done_by], ("",))
            found[row.id] = next((seen[key] for part in keys if (key := (kind, part, row.done_on)) in seen), "")
    return found


_KINDS = {
    "tick": "", "letter": "letter", "meeting": "meeting", "contact": "contact", "plan": "plan", "evaluation": "plan",
    "signature": "signature",
}  # fmt: skip


def _names(ids: Iterable[int | None]) -> dict[int | None, str]:
    return {user.id: user.name for user in User.select(User.id, User.name).where(User.id.in_(list({*ids} - {None})))}


def _seen(case: Case) -> dict[tuple[str, str, dt.date], str]:
    """Who did what happened in a case: by kind, key of the letter, and day."""
    found: dict[tuple[str, str, dt.date], str] = {}
    contacts: Any = (
        ContactEntry.select(ContactEntry.at, ContactEntry.kind, User.name)
        .join(User, on=(ContactEntry.author == User.id))
        .where(ContactEntry.case == case).order_by(ContactEntry.at.desc())
    )  # fmt: skip
    for at, kind, name in contacts.tuples():
        found["contact", "", local(at).date()] = name
        if kind == "dialogue_meeting":
            found["meeting", "", local(at).date()] = name
    plans: Any = (
        Plan.select(Plan.finished_at, User.name).join(User, on=(Plan.finished_by == User.id))
        .where(Plan.case == case, Plan.purpose == "plan", Plan.finished_at.is_null(False))
    )  # fmt: skip
    found |= {("plan", "", local(at).date()): name for at, name in plans.tuples()}
    signed: Any = (
        Signature.select(Signature.signed_on, Signature.name).join(Plan)
        .where(Plan.case == case, Plan.purpose == "plan", Signature.role == "employer")
    )  # fmt: skip
    found |= {("signature", "", day): name for day, name in signed.tuples()}
    letters: Any = (
        Dispatch.select(Dispatch.letter, Dispatch.sent_on, User.name).join(User, on=(Dispatch.sent_by == User.id))
        .where(Dispatch.case == case).order_by(Dispatch.sent_on.desc())
    )  # fmt: skip
    return found | {("letter", key, day): name for key, day, name in letters.tuples()}
