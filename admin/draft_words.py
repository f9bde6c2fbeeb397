"""What is told of a draft that several may write in: when it was saved, who did what, and who came in between."""

from __future__ import annotations

from flask_babel import gettext as _

from admin.listing import actor
from admin.words import clock_time, told
from services.set_drafts import OpenDraft, Step


def saved_words(opened: OpenDraft) -> str:
    """The time of the last change, nothing before the first."""
    return clock_time(opened.saved_at) if opened.revision else ""


def step_words(step: Step | None) -> str:
    """What a change did."""
    return told(step.said) if step else ""


def somebody(step: Step | None) -> str:
    """Who did it and when, when it was somebody else."""
    if step is None or step.by == actor().name:
        return ""
    return _("%(name)s kl. %(time)s", name=step.by, time=clock_time(step.at))


def who_and_when(opened: OpenDraft) -> str:
    """Above a text that was stored while another was written. Only the last who saved is known: when that is the
    reader, it may be another text that they saved."""
    if not opened.saved_by or opened.saved_by == actor().name:
        return _("Dette ble lagret mens du skrev:")
    time = clock_time(opened.saved_at)
    return _("%(name)s lagret dette kl. %(time)s, mens du skrev:", name=opened.saved_by, time=time)
