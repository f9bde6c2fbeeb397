"""Letters and information sheets, for reading: the texts, and the paper with blanks where the case fills in."""

from __future__ import annotations

from typing import Any

from flask_admin import BaseView, expose
from flask_babel import gettext as _

from admin.listing import actor
from admin.plan_pages import pdf_response
from admin.set_pages import asked, page_language
from forms.definition import say
from forms.letters import fill
from services.errors import NotAllowed
from services.letters import blank_letter, letters, read_letter
from services.questions import drafted
from services.upgrades import offered

RECIPIENT_NAMES = {"employee": lambda: _("Den ansatte"), "certifier": lambda: _("Sykmelder")}


class LetterView(BaseView):
    """The letters of the municipality."""

    def is_accessible(self) -> bool:
        return actor().may("set.see")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        raise NotAllowed

    @expose("/")
    def index(self) -> Any:
        found = letters(actor())
        rows = [row for row, _letter in found]
        writes = actor().may("set.write")
        return self.render(
            "admin/letters.html", found=found, language=page_language(), say=say, recipients=RECIPIENT_NAMES,
            drafted=drafted([row.id for row in rows]) if writes else (), waiting=offered(rows) if writes else (),
            writes=writes, breadcrumbs=[],
        )  # fmt: skip

    @expose("/details/")
    def details(self) -> Any:
        row, version, letter = read_letter(actor(), asked())
        language, writes = page_language(), actor().may("set.write")
        crumbs = [(_("Brev og informasjon"), self.get_url(".index")), (say(letter.title, language), None)]
        return self.render(
            "admin/letter.html", row=row, version=version, letter=letter, title=say(letter.title, language),
            language=language, blocks=fill(letter, language, {}), recipient=RECIPIENT_NAMES[letter.recipient](),
            description=say(letter.description, language), breadcrumbs=crumbs, writes=writes,
            drafted=writes and bool(drafted([row.id])), waiting=writes and bool(offered([row])),
        )  # fmt: skip

    @expose("/blank/")
    def blank(self) -> Any:
        """The paper, with blanks for what the case fills in."""
        row, _version, letter = read_letter(actor(), asked())
        return pdf_response(blank_letter(actor(), letter, page_language()), row.key)
