"""What the pages of a plan are made of: the section's form, the marks of its answers, texts side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _
from wtforms import FileField

from admin import words
from admin.fields import BaseForm, ChoiceField, DateField, TidyString
from admin.listing import actor
from forms.answers import sections
from forms.builder import build_form
from forms.definition import QuestionSetDefinition, say, walk
from forms.sheet import Node, build_sheet
from models import Case, DialogueMeeting, Plan, Signature
from services import documents
from services.clock import today
from services.plans import Conflict, OpenPlan, base_of, lacking

BASE = "b_"  # name of the hidden mark of an answer as it was when the page was made


def pdf_response(content: bytes, name: str) -> Response:
    """A PDF to look at in the browser; the name holds nothing about a person."""
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


@dataclass(frozen=True)
class Compared:
    """A conflict as the page shows it."""

    question: str
    label: str
    mine: str
    theirs: str
    by: str
    at: str


def asked_language(text: str | None) -> str:
    return text if text in ("nb", "nn") else ""


def form_of(opened: OpenPlan, section: str, data: Any = None) -> Any:
    made = build_form(opened.definition, opened.plan.language, opened.answers, opened.context.variables, only=section)
    return made(data)


def bases_of(opened: OpenPlan, kept: Mapping[str, str] | None = None) -> dict[str, str]:
    if kept:
        return {name[len(BASE) :]: value for name, value in kept.items() if name.startswith(BASE)}
    return {item.id: base_of(opened.answers.get(item.id)) for item in opened.definition.questions()}


def form_title(opened: OpenPlan) -> str:
    return say(opened.definition.title, opened.plan.language)


def gaps_of(opened: OpenPlan) -> Iterator[tuple[str, Any, str, str]]:
    """What the plan lacks, as (question id, how much it is needed, text, section id)."""
    language = opened.plan.language
    homes = {item.id: part.id for part in sections(opened.definition) for item in walk(part.items)}
    for question, needed, note in lacking(opened):
        item = opened.definition.find(question)
        label = say(item.text, language) if item else ""
        yield question, needed, f"{label}: {note.say(lambda t: _(t))}" if note else label, homes.get(question, "")


def compared(opened: OpenPlan, conflicts: list[Conflict]) -> list[Compared]:
    language = opened.plan.language
    return [
        Compared(
            c.question, say(item.text, language), _text(opened.definition, language, c.question, c.mine),
            _text(opened.definition, language, c.question, c.theirs), c.by, words.clock_time(c.at),
        )
        for c in conflicts
        if (item := opened.definition.find(c.question)) is not None
    ]  # fmt: skip


def _text(definition: QuestionSetDefinition, language: str, question: str, value: Any) -> str:
    return next((text for _label, text in texts_of(definition, language, {question: value})), "")


def texts_of(definition: QuestionSetDefinition, language: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(question, answer) as text, for showing what was written."""
    for node in _all(build_sheet(definition, language, {k: v for k, v in values.items() if v is not None}).nodes):
        if node.id in values:
            rows = "\n".join(" · ".join(cell for cell in row.values() if cell) for row in node.table)
            yield node.label, node.shown or rows


def _all(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.items)


def signature_form(plan: Plan) -> Any:
    most = current_app.config["SETTINGS"].max_scan // 2**20
    have = {s.role for s in Signature.select(Signature.role).where(Signature.plan == plan)}
    posting = request.method == "POST"  # who is sent twice is looked at by the service
    left = [(role, label) for role, label, _needed in documents.signers(plan) if posting or role not in have]
    names = {"employee": plan.case.employee.name, "employer": actor().name}
    fields = {
        "role": ChoiceField(_("Hvem har signert?"), choices=lambda: left),
        "name": TidyString(_("Navn"), default=names.get(left[0][0], "") if left else "", render_kw={"maxlength": 120}),
        "signed_on": DateField(_("Dato på arket")),
        "place": TidyString(_("Sted"), render_kw={"maxlength": 120}),
        "scan": FileField(_("Skannet ark"),
                          description=_("PDF, JPEG eller PNG, høyst %(most)s MB. Trengs ikke.", most=most),
                          render_kw={"accept": ".pdf,.jpg,.jpeg,.png"}),
    }  # fmt: skip
    return type("SignatureForm", (BaseForm,), fields)(request.form if request.method == "POST" else None)


# --- ways in and out ------------------------------------------------------------------------------------------------


def case_crumbs(case: Case, meeting: DialogueMeeting | None, here: str) -> list[tuple[str, str | None]]:
    """The way back from a form: to its case, by way of the meeting when it is of one."""
    way: list[tuple[str, str | None]] = [
        (_("Saker"), url_for("case.index_view")), (case.employee.name, url_for("case.details_view", id=case.id)),
    ]  # fmt: skip
    if meeting is not None:
        where = url_for("meeting.details", id=meeting.id)
        way.append((_("Dialogmøte %(number)s", number=meeting.number), where))
    return [*way, (here, None)]


def start_words(case: Case, purpose: str, meeting: DialogueMeeting | None) -> tuple[str, str, str]:
    """Title, what to know first, and the button, of the page that starts a form."""
    if meeting is not None:
        return (_("Referat fra dialogmøte %(number)s", number=meeting.number),
                _("Tid, sted og hvem som var med, er fylt ut. Referatet lagres mens du skriver."),
                _("Start referatet"))  # fmt: skip
    if purpose == "consent":
        return (_("Nytt samtykke"),
                _("Et samtykke er frivillig, og den ansatte kan trekke det tilbake når som helst. Oppfølgingen ellers "
                  "bygger på loven og trenger ikke samtykke."), _("Start samtykket"))  # fmt: skip
    text = (
        _("Svarene fra forrige plan følger med, så dere slipper å skrive dem på nytt.")
        if case.plan_status != "none"
        else _("Planen lagres mens du skriver. Du kan gå fra den og komme tilbake.")
    )
    return _("Ny oppfølgingsplan"), text, _("Start planen")


def may_withdraw(plan: Plan) -> bool:
    """Whether the reader may withdraw this consent now."""
    return plan.purpose == "consent" and documents.signable(plan) and actor().may("consent.withdraw")


def withdraw_form() -> Any:
    fields = {"day": DateField(_("Fra hvilken dag?"), default=today())}
    return type("WithdrawForm", (BaseForm,), fields)(request.form if request.method == "POST" else None)
