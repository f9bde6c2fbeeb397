"""Letters and information sheets, for reading: the texts, and the paper with blanks where the case fills in."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import BaseView, expose
from flask_babel import get_locale
from flask_babel import gettext as _

from admin.listing import actor
from admin.plan_pages import pdf_response
from forms.definition import say
from forms.letters import Letter, fill
from services.errors import NotAllowed, NotVisible
from services.letters import blank_letter, letters, read_letter

RECIPIENT_NAMES = {"employee": lambda: _("Den ansatte"), "certifier": lambda: _("Sykmelder")}


class LetterView(BaseView):
    """The shipped letters of the library."""

    def is_accessible(self) -> bool:
        return actor().may("set.see")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/")
    def index(self) -> Any:
        language = _language()
        rows = [
            (letter.key, say(letter.title, language), say(letter.description, language),
             RECIPIENT_NAMES[letter.recipient](), letter.kind)
            for letter in letters(actor())
        ]  # fmt: skip
        return self.render("admin/letters.html", rows=rows, breadcrumbs=[])

    @expose("/details/")
    def details(self) -> Any:
        letter, language = self._letter(), _language()
        crumbs = [(_("Brev og informasjon"), self.get_url(".index")), (say(letter.title, language), None)]
        return self.render(
            "admin/letter.html", letter=letter, title=say(letter.title, language), language=language,
            blocks=fill(letter, language, {}), recipient=RECIPIENT_NAMES[letter.recipient](),
            description=say(letter.description, language), breadcrumbs=crumbs,
        )  # fmt: skip

    @expose("/blank/")
    def blank(self) -> Any:
        """The paper, with blanks for what the case fills in."""
        letter = self._letter()
        return pdf_response(blank_letter(actor(), letter, _language()), letter.key)

    @staticmethod
    def _letter() -> Letter:
        try:
            return read_letter(actor(), request.args.get("key", ""))
        except KeyError:
            raise NotVisible from None


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in ("nb", "nn") else str(get_locale() or "nb")[:2]
