"""What the builders of question sets, letters and steps have in common: a draft that several may write in."""

from __future__ import annotations

from functools import cached_property

from flask import get_template_attribute, url_for
from flask_babel import gettext as _

from admin.builder_panel import Typed
from admin.listing import actor
from admin.set_pages import page_language
from admin.words import TEXT_LANGUAGES, clock_time, told
from models import QuestionSet
from services.set_drafts import OpenDraft, Step


class DraftPage:
    """The draft, its bar (templates/builder/_bar.html) and its pieces."""

    language_names = TEXT_LANGUAGES

    def __init__(self, opened: OpenDraft, typed: Typed) -> None:
        self.opened, self.typed = opened, typed

    @property
    def row(self) -> QuestionSet:
        return self.opened.question_set

    @cached_property
    def language(self) -> str:
        """The language of labels and of the preview: the one asked for, when the content has it."""
        asked, has = page_language(), self.opened.definition.languages
        return asked if asked in has else next(iter(has), "nb")

    @property
    def languages_left(self) -> list[tuple[str, str]]:
        """Languages that can be added, with their names."""
        return [(code, name) for code, name in TEXT_LANGUAGES.items() if code not in self.opened.definition.languages]

    @property
    def saved(self) -> str:
        """The time of the last change, nothing before the first."""
        return clock_time(self.opened.saved_at) if self.opened.revision else ""

    def step_words(self, step: Step | None) -> str:
        """What a change did."""
        return told(step.said) if step else ""

    def somebody(self, step: Step | None) -> str:
        """Who did it and when, when it was somebody else."""
        if step is None or step.by == actor().name:
            return ""
        return _("%(name)s kl. %(time)s", name=step.by, time=clock_time(step.at))

    @property
    def publish_url(self) -> str:
        return str(url_for("publishing.index", id=self.row.id))

    def piece(self, template: str, macro: str) -> str:
        """A part of the page as HTML, for the script to put in."""
        return str(get_template_attribute(f"builder/{template}", macro)(self))


def who_and_when(opened: OpenDraft) -> str:
    """Above a text that was stored while another was written. Only the last who saved is known: when that is the
    reader, it may be another text that they saved."""
    if not opened.saved_by or opened.saved_by == actor().name:
        return _("Dette ble lagret mens du skrev:")
    time = clock_time(opened.saved_at)
    return _("%(name)s lagret dette kl. %(time)s, mens du skrev:", name=opened.saved_by, time=time)
