"""What the pages of question sets share: titles, the way back, the page a set belongs to."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from forms.contents import LETTER_KINDS, STEP_KINDS, Content
from forms.definition import say
from models import QuestionSet


def asked() -> str:
    """Id of the set in the address."""
    return request.args.get("id", "")


def page_language() -> str:
    """The language asked for in the address, else the reader's."""
    asked = request.args.get("lang", "")
    return asked if asked in ("nb", "nn", "en", "se") else str(get_locale() or "nb")[:2]


def title_in(content: Content) -> str:
    """The title in the reader's language."""
    return say(content.title, page_language())


def library_page(row: QuestionSet) -> str:
    """Where one sees a set, letter or list of steps and what can be done with it."""
    if row.kind in LETTER_KINDS:
        return url_for("letter.details", id=row.id)
    if row.kind in STEP_KINDS:
        return url_for("steps.index")
    return url_for("question_set.details_view", id=row.id)


def crumbs(row: QuestionSet, here: str) -> list[tuple[str, str | None]]:
    """The way back from a page about `row`."""
    if row.kind in LETTER_KINDS:
        return [(_("Brev"), url_for("letter.index")), (row.title, library_page(row)), (here, None)]
    if row.kind in STEP_KINDS:
        return [(row.title, library_page(row)), (here, None)]
    return [(_("Skjema"), url_for("question_set.index_view")), (row.title, library_page(row)), (here, None)]
