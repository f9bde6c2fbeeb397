"""The page where a letter gets its last look: what was posted, the form around the text, what is missing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from admin import words
from admin.fields import BaseForm, ChoiceField, DateField, TidyString
from admin.listing import actor
from admin.meeting_pages import TimeField
from forms import writing
from forms.definition import say
from forms.flat.properties import BLOCK_TYPES
from forms.texts import Note
from forms.writing import Filling, Gap, Piece
from models import DialogueMeeting
from services.clock import today
from services.dispatches import Text
from services.letter_case import OpenLetter, Where, open_letter

WAS = "was-"  # hidden fields: what the texts on the page were filled with
_MOVING = ("dato", "klokkeslett", "sted", "sykmelder")  # values that the page itself may change


class CheckboxesField(SelectMultipleField):
    """Any of the choices; a forged one is refused by WTForms."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


@dataclass(frozen=True)
class LetterPage:
    """All that the page shows."""

    opened: OpenLetter
    language: str
    pieces: list[Piece]
    form: Any
    typed: bool = False  # it comes from the sender's page
    faults: dict[str, str] = field(default_factory=dict)  # by the name of a text's field

    @property
    def title(self) -> str:
        return say(self.opened.letter.title, self.language)

    @property
    def text(self) -> Text:
        return Text(self.language, self.pieces, self.form.sheets.data or () if "sheets" in self.form else ())

    @property
    def was(self) -> dict[str, str]:
        values = self.opened.filling(self.language).values
        return {f"{WAS}language": self.language, **{WAS + name: values[name] for name in _MOVING}}

    def refused(self, messages: Mapping[str, Note]) -> LetterPage:
        """The page with what a service said of it, each at its field."""
        texts = {name for piece in self.pieces for name, _text in piece.texts()}
        for name, note in messages.items():
            if name in texts:
                self.faults[name] = words.told(note)
            elif name in self.form:
                self.form[name].errors = [*self.form[name].errors, words.told(note)]
            else:
                self.form.form_errors.append(words.told(note))
        return self

    def summary(self) -> list[tuple[str, str]]:
        """What is wrong, and where."""
        found = [(str(text), "") for text in self.form.form_errors]
        for one in self.form:
            first = "-0" if isinstance(one.widget, ListWidget) else ""
            label = str(one.label.text)
            label += "" if label.endswith("?") else ":"
            found += [(f"{label} {text}", one.id + first) for text in one.errors]
        return found + [(text, name) for name, text in self.faults.items()]

    def missing(self) -> list[tuple[str, str]]:
        """What the letter lacks, and the field to write it in."""
        found = writing.gaps(self.opened.letter, self.pieces, self.opened.filling(self.language))
        return [(self._gap(gap), self._anchor(gap)) for gap in found]

    def _gap(self, gap: Gap) -> str:
        return _(writing.VALUE_NAMES[gap.name]) if gap.name else _("noe som skal fylles ut")

    def _anchor(self, gap: Gap) -> str:
        return gap.name if gap.name in self.form else gap.field

    def left_out(self) -> list[str]:
        """Why blocks of the letter are not in it, in words."""
        why = {
            "occupational_health": _("den ansatte ikke har lovpålagt bedriftshelsetjeneste"),
            "full_sick": _("den ansatte ikke er helt sykmeldt nå"),
        }
        return [why[name] for name in writing.left_out(self.opened.letter, self.opened.conditions)]

    @staticmethod
    def type_name(piece: Piece) -> str:
        return _(BLOCK_TYPES[piece.block.type])


def first_page(args: Mapping[str, str]) -> LetterPage:
    """The letter as the case fills it in. Raises NotVisible, NotAllowed, NotEditable."""
    opened = open_letter(actor(), args.get("case"), args.get("key", ""), meeting_id=args.get("meeting"),
                         milestone_id=args.get("milestone", ""))  # fmt: skip
    pieces = opened.fresh(opened.language)
    return LetterPage(opened, opened.language, pieces, _form(opened, None, opened.enclosed(pieces)))


def posted_page(args: Mapping[str, str], posted: Any, language: str = "") -> LetterPage:
    """The page as it was sent, with time and place (and another language) put in. Raises NotVisible, NotAllowed."""

    def opened_with(where: Where) -> OpenLetter:
        return open_letter(
            actor(), args.get("case"), args.get("key", ""), meeting_id=posted.get("meeting", ""),
            milestone_id=args.get("milestone", ""), version=posted.get("version", ""), where=where, quiet=True,
        )  # fmt: skip

    opened = opened_with(Where())
    form = _form(opened, posted)
    form.validate()
    day, time, place = (form[name].data if name in form else None for name in writing.PLACE_VALUES)
    opened = opened_with(Where(day, time, place or ""))
    known = opened.letter.languages
    before = posted.get(f"{WAS}language", "")
    before = before if before in known else opened.language
    after = language if language in known else before
    values = dict(opened.filling(before).values)
    was = Filling(before, {**values, **{name: posted.get(WAS + name, "") for name in _MOVING}})
    pieces = writing.taken(opened.letter, posted, before)
    pieces = writing.filled_anew(opened.letter, pieces, was, opened.filling(after))
    return LetterPage(opened, after, pieces, form, typed=True)


def _form(opened: OpenLetter, posted: Any, enclosed: list[str] | None = None) -> Any:
    """Asked afresh at each request: labels are in the reader's language, and fields only those the letter needs."""
    fields: dict[str, Any] = {
        "token": HiddenField(default=uuid.uuid4().hex), "version": HiddenField(default=str(opened.version.number)),
    }  # fmt: skip
    if opened.letter.kind == "letter" and (opened.planned or opened.meeting):
        fields["meeting"] = ChoiceField(
            _("Innkalling til møte"), choices=lambda: _meetings(opened),
            default=str(opened.meeting.id) if opened.meeting else "",
            description=_("Tid og sted hentes fra møtet, og deltakeren blir ført som innkalt."),
        )  # fmt: skip
    if writing.uses(opened.letter, writing.PLACE_VALUES):
        fields["dato"] = DateField(_("Dato"))
        fields["klokkeslett"] = TimeField(_("Klokkeslett"))
        fields["sted"] = TidyString(_("Sted"), render_kw={"maxlength": 160})
    if opened.sheets:
        fields["sheets"] = CheckboxesField(
            _("Legg ved informasjonsskriv"), choices=lambda: _sheets(opened), default=enclosed or [],
            description=_("Skrivene kommer på egne sider etter brevet."),
        )  # fmt: skip
    fields |= _sending(opened)
    return type("LetterForm", (BaseForm,), fields)(posted)


def _sending(opened: OpenLetter) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "recipient_name": TidyString(_("Mottaker"), default=opened.recipient_name, render_kw={"maxlength": 120}),
        "how": RadioField(
            _("Hvordan er det sendt?"), choices=lambda: words.options(words.SENT_HOW_NAMES), validate_choice=False,
        ),
        "sent_on": DateField(_("Dato sendt"), default=today()),
    }  # fmt: skip
    if opened.consent == "ask":
        fields["agreed"] = BooleanField(_("Den ansatte har sagt ja til at brevet blir sendt til sykmelder"))
    return fields


def _meetings(opened: OpenLetter) -> list[tuple[str, str]]:
    found = {meeting.id: meeting for meeting in opened.planned}
    if opened.meeting is not None:
        found.setdefault(opened.meeting.id, opened.meeting)
    return [("", _("Ingen av møtene i saken")), *((str(key), meeting_name(one)) for key, one in found.items())]


def meeting_name(meeting: DialogueMeeting) -> str:
    """Dialogmøte 1, 5. mars 2026 kl. 10.00."""
    return _("Dialogmøte %(number)s, %(when)s", number=meeting.number, when=words.format_moment(meeting.at))


def _sheets(opened: OpenLetter) -> list[tuple[str, str]]:
    language = opened.language
    return [(one.row.key, say(one.letter.title, language)) for one in opened.sheets]
