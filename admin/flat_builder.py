"""The builder for letters, information sheets and schedules: all of it on one page, a card for each part.

One address, one form, as in admin/builder.py: without a script every button sends the page and it comes back; with it
(static/flat.js) what was typed is sent in the background, and only what changed comes back, as JSON.
"""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from admin.builder_actions import Outcome, Request
from admin.builder_panel import Typed
from admin.draft_page import who_and_when
from admin.errors import is_fetch
from admin.flat_actions import act
from admin.flat_page import FlatPage
from admin.listing import actor
from admin.plan_pages import pdf_response
from admin.security import parked_fields
from admin.set_pages import AdministratorView, asked, crumbs
from admin.words import told
from forms.contents import LETTER_KINDS, STEP_KINDS
from forms.flat import edit as flat_edit
from forms.texts import N_, translator
from services.errors import NotVisible
from services.letters import blank_letter
from services.printing import PrintRefused
from services.set_drafts import OpenDraft, open_draft

_MARK = N_("EKSEMPEL")


class FlatBuilderView(AdministratorView):
    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        opened = _opened(*LETTER_KINDS, *STEP_KINDS)
        if request.method == "POST":
            return self._changed(act(Request(actor(), asked(), "", request.form.to_dict(flat=False))))
        kept = parked_fields()  # what was typed when the login ran out
        page = FlatPage(opened, Typed(kept.to_dict(flat=False), all=True) if kept else Typed())
        return jsonify(page.looks()) if is_fetch() else self._page(page)

    def _changed(self, outcome: Outcome) -> Any:
        page = FlatPage(outcome.opened, _typed(outcome))
        if is_fetch():
            return jsonify(_told(page, outcome))
        if outcome.held or outcome.refused:
            return self._page(page, 409 if outcome.conflicts or outcome.unstored else 422, outcome)
        return redirect(page.url_of(outcome.path or request.form.get("anchor", "")), 303)

    def _page(self, page: FlatPage, status: int = 200, outcome: Outcome | None = None) -> Any:
        return self.render(
            "builder/flat.html", page=page, outcome=outcome, breadcrumbs=crumbs(page.row, _("Endre")),
        ), status  # fmt: skip

    @expose("/paper/")
    def paper(self) -> Any:
        """The draft of a letter as PDF, marked as an example, with blanks for what the case fills in."""
        page = FlatPage(_opened(*LETTER_KINDS), Typed())
        letter: Any = page.content
        try:
            paper = blank_letter(actor(), letter, page.language, translator(page.language)(_MARK))
        except PrintRefused:
            flash(_("Papiret kan ikke lages slik brevet er nå. Se om noe er uvanlig stort, for eksempel en tabell "
                    "med svært lange ord."), "error")  # fmt: skip
            return redirect(page.url_of(), 303)
        return pdf_response(paper, page.row.key)


def _opened(*kinds: str) -> OpenDraft:
    """Raises NotVisible, NotAllowed; question sets have a builder of their own."""
    opened = open_draft(actor(), asked())
    if opened.question_set.kind not in kinds:
        raise NotVisible
    return opened


def _typed(outcome: Outcome) -> Typed:
    theirs = {conflict.path: conflict.theirs for conflict in outcome.conflicts}
    return Typed(
        request.form.to_dict(flat=False), outcome.errors, theirs, by=who_and_when(outcome.before), all=outcome.unstored
    )


# --- what the script is told ------------------------------------------------------------------------------------------


def _told(page: FlatPage, outcome: Outcome) -> dict[str, Any]:
    """How it went, and the pieces of the page that are no longer as they were, by id."""
    told_now: dict[str, Any] = {
        **page.told(), "said": f"{told(outcome.what)}." if outcome.what else "", "held": outcome.held,
        "marks": _marks(page, outcome), "errors": {path: told(note) for path, note in outcome.errors.items()},
        "conflicts": [conflict.path for conflict in outcome.conflicts],
        "refused": told(outcome.refused) if outcome.refused else "", "focus": outcome.path,
    }  # fmt: skip
    reshaped = any(name.endswith("/done_by") for name in request.form)  # other fields belong to the milestone now
    only_texts = request.form.get("do", "save") == "save" and not outcome.held and not reshaped
    alone = request.form.get("revision") == str(outcome.before.revision)
    written = {name.rpartition("/")[0] for name in request.form}
    told_now |= page.small_pieces(written) if only_texts and alone else page.all_pieces()
    told_now["parts"] |= {"builder-bar": page.piece("_bar.html", "bar"), **page.looks()["parts"]}
    return told_now


def _marks(page: FlatPage, outcome: Outcome) -> dict[str, str]:
    """The marks of what was sent and stands now, by field."""
    marks: dict[str, str] = {}
    for part_id in dict.fromkeys(name.rpartition("/")[0] for name in outcome.saved):
        source = page.content.find(part_id) if part_id else page.content
        if source is not None:
            found = flat_edit.marks(source, page.content.languages)
            marks |= {f"{part_id}/{path}": mark for path, mark in found.items()}
    return {name: marks[name] for name in outcome.saved if name in marks}
