"""Letters and information sheets: the texts, the paper with blanks where the case fills in, and new ones."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from wtforms import RadioField

from admin import flat_look
from admin.base import attempt
from admin.fields import BaseForm, ChoiceField, TidyString
from admin.listing import actor
from admin.plan_pages import pdf_response
from admin.set_pages import asked, page_language
from forms.contents import LETTER_KINDS
from forms.definition import say
from forms.letters import Letter
from forms.library import letter_keys, load_letter
from models import QuestionSet
from services import access, own_sets
from services.errors import NotAllowed, NotVisible
from services.letters import Listed, blank_letter, letters, read_letter
from services.questions import drafted
from services.upgrades import offered

RECIPIENT_NAMES = {"employee": lambda: _("Den ansatte"), "certifier": lambda: _("Sykmelder")}
KIND_NAMES = {"letter": lambda: _("Brev"), "information": lambda: _("Informasjonsskriv")}


class LetterView(BaseView):
    """The letters of the municipality."""

    def is_accessible(self) -> bool:
        return actor().may("set.see")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/")
    def index(self) -> Any:
        found = letters(actor())
        return self.render(
            "admin/letters.html", found=found, language=page_language(), say=say, recipients=RECIPIENT_NAMES,
            states=_states(found) if actor().may("set.write") else None, breadcrumbs=[],
        )  # fmt: skip

    @expose("/details/")
    def details(self) -> Any:
        writes, number = actor().may("set.write"), request.args.get("version", "")
        try:
            row, version, letter = read_letter(actor(), asked(), number)
        except NotVisible:
            if not writes or number:
                raise
            return redirect(_builder_of(access.get(actor(), QuestionSet, asked(), "set.write"), self.get_url), 303)
        language = page_language()
        title = say(letter.title, language)
        return self.render(
            "admin/letter.html", row=row, version=version, letter=letter, title=title, language=language, older=number,
            blocks=flat_look.blocks(letter, language, {}), recipient=RECIPIENT_NAMES[letter.recipient](),
            kind=KIND_NAMES[letter.kind](), description=say(letter.description, language), writes=writes,
            drafted=writes and bool(drafted([row.id])), waiting=writes and bool(offered([row])),
            breadcrumbs=[(_("Brev"), self.get_url(".index")), (title, None)],
        )  # fmt: skip

    @expose("/blank/")
    def blank(self) -> Any:
        """The paper, with blanks for what the case fills in."""
        row, _version, letter = read_letter(actor(), asked(), request.args.get("version", ""))
        return pdf_response(blank_letter(actor(), letter, page_language()), row.key)

    @expose("/new/", methods=("GET", "POST"))
    def create(self) -> Any:
        actor().require("set.write")
        form = _new_form()
        if request.method == "POST" and form.validate():
            title, base, kind = (form[name].data or "" for name in ("title", "base", "kind"))
            row = attempt(form, lambda: own_sets.create_set(actor(), kind, title, base))
            if row is not None:
                return redirect(self.get_url("flat_builder.index", id=row.id), 303)
        return self.render(
            "admin/letter_new.html", form=form,
            breadcrumbs=[(_("Brev"), self.get_url(".index")), (_("Nytt brev"), None)],
        ), 422 if request.method == "POST" else 200  # fmt: skip


def _builder_of(row: QuestionSet, url: Any) -> str:
    """Where a letter with nothing in use yet is made. Raises NotVisible."""
    if row.kind not in LETTER_KINDS:
        raise NotVisible
    return str(url("flat_builder.index", id=row.id))


def _states(found: list[Listed]) -> dict[int, tuple[str, str]]:
    """What an administrator should know of each, and its tone."""
    rows = [one.row for one in found]
    waiting, drafts = offered(rows), drafted([row.id for row in rows])
    return {one.row.id: _state(one, one.row.id in waiting, one.row.id in drafts) for one in found}


def _state(one: Listed, waiting: bool, has_draft: bool) -> tuple[str, str]:
    if not one.row.active:
        return _("tatt ut av bruk"), "neutral"
    if waiting:
        return _("ny versjon fra Attende"), "soon"
    if has_draft:
        return (_("har kladd"), "info") if one.version else (_("ikke publisert"), "info")
    return (_("i bruk"), "done") if one.version else (_("planlagt"), "soon")


def _new_form() -> Any:
    """Asked afresh at each request: the shelf of shipped letters is in the reader's language."""
    fields = {
        "title": TidyString(_("Hva skal brevet hete?"), render_kw={"maxlength": own_sets.TITLE_LENGTH}),
        "base": ChoiceField(
            _("Begynn med"), choices=_bases,
            description=_("Bygger du på et brev som følger med, får du tilbud om endringer når det blir fornyet."),
        ),
        "kind": RadioField(
            _("Hva slags tekst er det?"), choices={kind: KIND_NAMES[kind]() for kind in LETTER_KINDS}, default="letter",
        ),
    }  # fmt: skip
    return type("NewLetterForm", (BaseForm,), fields)(request.form if request.method == "POST" else None)


def _bases() -> list[tuple[str, str]]:
    shipped = [(key, load_letter(key)) for key in letter_keys()]
    return [("", _("Et tomt brev"))] + [(key, _told_apart(letter)) for key, letter in shipped]


def _told_apart(letter: Letter) -> str:
    """Several bear the same title."""
    language = page_language()
    about = say(letter.description, language).partition(". ")[0]
    name = f"{say(letter.title, language)} ({RECIPIENT_NAMES[letter.recipient]().lower()})"
    return f"{name}: {about[:80]}" if about else name
