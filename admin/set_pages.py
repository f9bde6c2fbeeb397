"""What the pages of question sets share: titles, the way back, the page a set belongs to."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_admin import BaseView
from flask_babel import get_locale
from flask_babel import gettext as _

from admin.listing import actor
from forms.contents import LETTER_KINDS, SET_KINDS, STEP_KINDS, Content
from forms.definition import Texts, say
from forms.flat import Flat, label_of
from models import QuestionSet
from services.errors import NotAllowed


class AdministratorView(BaseView):
    """Pages about question sets, letters and schedules: for administrators only; services ask again."""

    def is_accessible(self) -> bool:
        return actor().may("set.write")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed


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
    """Where one sees a set, letter or schedule and what can be done with it."""
    if row.kind in LETTER_KINDS:
        return url_for("letter.details", id=row.id)
    if row.kind in STEP_KINDS:
        return url_for("steps.details", id=row.id)
    return url_for("question_set.details_view", id=row.id)


def list_page(row: QuestionSet) -> str:
    """Where all of its kind are listed."""
    if row.kind in STEP_KINDS:
        return url_for("steps.index")
    return url_for("letter.index" if row.kind in LETTER_KINDS else "question_set.index_view")


def edit_url(row: QuestionSet, part: str = "") -> str:
    """The builder of `row`, where the item, block or step is open."""
    if row.kind in SET_KINDS:
        return url_for("builder.index", id=row.id, item=part or None)
    return url_for("flat_builder.index", id=row.id, _anchor=f"card-{part}" if part else None)


def look_url(row: QuestionSet, version: int) -> str:
    """Where a version is seen as others see it."""
    if row.kind in LETTER_KINDS:
        return url_for("letter.details", id=row.id, version=version)
    if row.kind in STEP_KINDS:
        return url_for("steps.details", id=row.id, version=version)
    return url_for("preview.index", id=row.id, version=version)


def part_label(content: Content, part: str) -> Texts:
    """What an item, block or step is known by; nothing for the whole."""
    if isinstance(content, Flat):
        return label_of(content, part) if part else {}
    item = content.find(part) if part else None
    return item.text if item is not None else {}


def whole_name(row: QuestionSet) -> str:
    """What all of it is called."""
    if row.kind in LETTER_KINDS:
        return _("Brevet")
    return _("Løpet") if row.kind in STEP_KINDS else _("Skjemaet")


def crumbs(row: QuestionSet, here: str) -> list[tuple[str, str | None]]:
    """The way back from a page about `row`; the menu then shows which of its points that is."""
    if row.kind in LETTER_KINDS:
        g.menu_point = "letter"
        return [(_("Brev"), url_for("letter.index")), (row.title, library_page(row)), (here, None)]
    if row.kind in STEP_KINDS:
        g.menu_point = "steps"
        return [(_("Løp"), url_for("steps.index")), (row.title, library_page(row)), (here, None)]
    return [(_("Skjema"), url_for("question_set.index_view")), (row.title, library_page(row)), (here, None)]
