"""The builder: a question set as a tree, one item of it to fill in, and how it will look.

One address, one form. Without a script every button sends the open panel and the page comes back; with it
(static/builder.js) the same is sent in the background and only what changed comes back, as JSON.
"""

from __future__ import annotations

from typing import Any

from flask import get_template_attribute, jsonify, redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from admin.builder_actions import Outcome, Request, act
from admin.builder_page import Page, anchor_of
from admin.builder_panel import Typed
from admin.builder_tree import changed_rows, item_url, order, position_words, tree
from admin.draft_page import who_and_when
from admin.errors import is_fetch
from admin.listing import actor
from admin.preview import WAYS
from admin.security import parked_fields, shows_frames
from admin.set_pages import AdministratorView, asked, crumbs
from admin.words import told
from forms import edit
from forms.contents import SET_KINDS
from services.errors import NotVisible
from services.set_drafts import OpenDraft, open_draft


class BuilderView(AdministratorView):
    @expose("/", methods=("GET", "POST"))
    @shows_frames
    def index(self) -> Any:
        opened = _opened()
        if request.method == "POST":
            return self._changed(act(_request(), opened))
        item_id = request.args.get("item", "")
        page = Page(opened, item_id, _kept_text())
        if is_fetch():
            return jsonify(page.opened_panel())
        return self._page(page)

    def _changed(self, outcome: Outcome) -> Any:
        typed = _typed(outcome)
        page = Page(outcome.opened, outcome.item_id, typed)
        if is_fetch():
            return jsonify(_told(page, outcome))
        if outcome.held or outcome.refused:
            return self._page(page, 409 if outcome.conflicts or outcome.unstored else 422, outcome)
        anchor = anchor_of(outcome.path) or "panel"
        return redirect(item_url(outcome.opened.question_set.id, outcome.item_id, anchor), 303)

    def _page(self, page: Page, status: int = 200, outcome: Outcome | None = None) -> Any:
        return self.render(
            "builder/edit.html", page=page, ways=WAYS, outcome=outcome, breadcrumbs=crumbs(page.row, _("Endre")),
        ), status  # fmt: skip


def _opened() -> OpenDraft:
    """Raises NotVisible, NotAllowed; letters and steps have pages of their own."""
    opened = open_draft(actor(), asked())
    if opened.question_set.kind not in SET_KINDS:
        raise NotVisible
    return opened


def _request() -> Request:
    return Request(actor(), asked(), request.args.get("item", ""), request.form.to_dict(flat=False))


def _kept_text() -> Typed:
    """What was typed when the login ran out, given back where it was typed."""
    kept = parked_fields()
    return Typed(kept.to_dict(flat=False), all=True) if kept else Typed()


def _typed(outcome: Outcome) -> Typed:
    theirs = {conflict.path: conflict.theirs for conflict in outcome.conflicts}
    posted = request.form.to_dict(flat=False)
    return Typed(posted, outcome.errors, theirs, who_and_when(outcome.before), outcome.unstored)


# --- what the script is told ------------------------------------------------------------------------------------------


def _told(page: Page, outcome: Outcome) -> dict[str, Any]:
    """How it went, and the pieces of the page that are no longer as they were, by id."""
    opened, item = outcome.opened, page.item
    marks = edit.marks(item, opened.definition.languages) if outcome.saved else {}
    told_now: dict[str, Any] = {
        **page.told(), "said": _said(page, outcome), "held": outcome.held,
        "marks": {path: marks[path] for path in outcome.saved if path in marks},
        "errors": {path: told(note) for path, note in outcome.errors.items()},
        "conflicts": [conflict.path for conflict in outcome.conflicts],
        "refused": told(outcome.refused) if outcome.refused else "",
        "focus": anchor_of(outcome.path),
    }  # fmt: skip
    told_now["parts"] = _pieces(page, outcome)
    before = order(tree(outcome.before, page.language))
    if not _is_behind(outcome) and order(page.rows) != before:
        told_now["order"] = order(page.rows)
    return told_now


def _said(page: Page, outcome: Outcome) -> str:
    """For those who do not see what moved."""
    if outcome.what is None:
        return ""
    verb = request.form.get("do", "").partition(":")[0]
    moved = request.form.get("target") or page.item_id
    where = ""
    if verb in ("up", "down", "in", "out", "move"):
        where = position_words(outcome.opened.definition, moved, page.language)
    return " ".join(filter(None, [f"{told(outcome.what)}.", where]))


def _is_behind(outcome: Outcome) -> bool:
    """The page that asks was not made of the draft that was met, so that it lacks what others have done."""
    return outcome.before.revision != _request().revision


def _pieces(page: Page, outcome: Outcome) -> dict[str, str]:
    pieces = {"builder-bar": page.piece("_bar.html", "bar")}
    if _is_behind(outcome):
        pieces["builder-tree"] = page.piece("_tree.html", "tree")
    else:
        row = get_template_attribute("builder/_tree.html", "row")
        changed = changed_rows(tree(outcome.before, page.language), page.rows)
        pieces |= {f"row-{one.id}": str(row(one, page.item_id)) for one in changed}
    verb = request.form.get("do", "save").partition(":")[0]
    if verb != "save" or outcome.held or page.item_id != request.args.get("item", ""):
        pieces |= page.panel_pieces()
    else:
        pieces |= page.small_pieces(set(outcome.saved))
    return pieces
