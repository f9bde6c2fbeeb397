"""The municipality's steps of a follow-up, for administrators: what they are called, by when, and what the law says."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose
from flask_babel import gettext as _

from admin.flat_look import points
from admin.listing import actor
from admin.set_pages import AdministratorView, page_language
from forms.definition import say
from forms.steps import Steps
from services.publishing import version_numbered
from services.questions import content_of, drafted, newest_version
from services.steps import own_words, steps_set
from services.upgrades import offered


class StepsView(AdministratorView):
    @expose("/")
    def index(self) -> Any:
        row, number = steps_set(actor()), request.args.get("version", "")
        version: Any = version_numbered(actor(), row.id, number) if number else newest_version(row)
        content: Steps = content_of(version)
        language = page_language()
        return self.render(
            "admin/steps.html", row=row, version=version, older=number, content=content, language=language, say=say,
            own={code for code, words in own_words(content, language).items() if any(words)}, limit=_limit,
            points=points(content, language), drafted=bool(drafted([row.id])), waiting=bool(offered([row])),
            breadcrumbs=[],
        )  # fmt: skip


def _limit(step: Any) -> str:
    """By when, in plain words."""
    if step.code == "evaluate":
        return _("Avtales i planen")
    if step.code == "dialogue_2":
        return _("Nav bestemmer dagen")
    return {
        "contact": _("%(days)s dager fra første sykedag", days=step.days),
        "plan": _("%(days)s dager fra første sykedag", days=step.days),
        "sign": _("%(days)s dager fra planen var ferdig", days=step.days),
    }.get(step.code) or _("%(days)s dager fra første dag som helt sykmeldt", days=step.days)
