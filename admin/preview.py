"""A question set as those who will meet it see it: leader, employee, paper and phone, filled in for an example person.

The page holds a frame; what is in it is the product's own screen or paper. Nothing there can be saved.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from admin.listing import actor
from admin.plan_pages import pdf_response
from admin.security import framed, shows_frames
from admin.set_pages import AdministratorView, asked, crumbs, page_language
from admin.words import told
from forms.answers import Section, progress, sections
from forms.builder import Question, build_form, screen
from forms.conditions import variables
from forms.conditions.subjects import VARIABLES
from forms.contents import SET_KINDS
from forms.definition import Item, QuestionSetDefinition, say
from forms.example import EMPLOYEE, Presentable, example_answers, example_context, presentable
from forms.sheet import Context, Node, Sheet, build_sheet
from forms.texts import N_, Note, translator
from models import QuestionSetVersion
from services import set_drafts
from services.audit import Tag, trail
from services.errors import NotVisible
from services.printing import PrintRefused, municipal_head, render_sheet
from services.questions import content_of
from services.set_drafts import OpenDraft

WAYS = {
    "leader": lambda: _("Leder"), "employee": lambda: _("Ansatt"), "phone": lambda: _("Telefon"),
    "blank": lambda: _("Tomt papir"), "filled": lambda: _("Utfylt papir"),
}  # fmt: skip
PAPER = ("blank", "filled")
_MARK = N_("EKSEMPEL")


@dataclass(frozen=True)
class Look:
    """What is looked at, and in which way."""

    opened: OpenDraft
    version: QuestionSetVersion | None  # None: the draft
    shown: Presentable
    language: str
    way: str
    given: dict[str, str]  # what conditions may ask of plan and case, by variable

    @property
    def definition(self) -> QuestionSetDefinition:
        return self.shown.definition

    @property
    def title(self) -> str:
        return say(self.definition.title, self.language) or _("Uten tittel")

    @cached_property
    def asked(self) -> list[str]:
        """The variables that conditions of the set read; only then there is something to choose."""
        rules = (rule for item in self.definition.walk() for rule in (item.visible_if, item.required))
        return sorted({name for rule in rules for name in variables(rule)} & set(self.given))

    @property
    def address(self) -> dict[str, Any]:
        """What a link to the same set, seen in the same way, has in its query."""
        version = self.version.number if self.version else "draft"
        chosen = {_param(name): self.given[name] for name in self.asked}
        return {"id": self.opened.question_set.id, "version": version, "lang": self.language, "as": self.way, **chosen}

    @cached_property
    def answers(self) -> dict[str, Any]:
        return example_answers(self.definition, self.language, *self.given.values())

    @cached_property
    def context(self) -> Context:
        return example_context(self.definition, self.language, *self.given.values())

    @cached_property
    def sheet(self) -> Sheet:
        return build_sheet(self.definition, self.language, self.answers, self.context)


class PreviewView(AdministratorView):
    """For administrators, who may see what is not published."""

    @expose("/")
    @shows_frames
    def index(self) -> Any:
        look = _look()
        row = look.opened.question_set
        trail(actor(), Tag.SET_READ, row)
        section = {"section": request.args["section"]} if "section" in request.args else {}
        return self.render(
            "builder/preview.html", look=look, row=row, ways=WAYS, param=_param, variables=VARIABLES, word=_word,
            frame=self.get_url(".paper" if look.way in PAPER else ".frame", **look.address, **section),
            mended=[say(item.text, look.language) or item.id for item in look.shown.mended],
            breadcrumbs=crumbs(row, _("Forhåndsvisning")),
        )  # fmt: skip

    @expose("/frame/")
    @framed
    def frame(self) -> Any:
        """A screen of the product and no more, or the paper. The place of `item` is scrolled to and marked."""
        look = _look()
        if look.way in PAPER:
            return redirect(self.get_url(".paper", **look.address), 303)
        item = request.args.get("item", "")
        path = _path(look.definition.items, item)
        page = _employee(look) if look.way == "employee" else self._leader(look, path)
        away = bool(item) and item not in page["there"]
        marks = "" if away else " ".join(reversed(path))
        return self.render("builder/frame.html", look=look, employee=EMPLOYEE, marks=marks, away=away, **page)

    def _leader(self, look: Look, path: Sequence[str]) -> dict[str, Any]:
        parts = sections(look.definition)
        part = _section(parts, path)
        if part is None:
            return {"there": ()}
        nav = self._nav(look, parts, part)
        place = next(place for place, line in enumerate(nav) if line["current"])
        form = build_form(look.definition, look.language, look.answers, look.context.variables, only=part.id)()
        shown = screen(form, part.id, look.sheet)
        return {
            "screen": shown, "there": set(_seen(shown.items)), "nav": nav,
            "previous": nav[place - 1] if place else None, "following": next(iter(nav[place + 1 :]), None),
        }  # fmt: skip

    def _nav(self, look: Look, parts: Sequence[Section], current: Section) -> list[dict[str, Any]]:
        """The parts that can be seen, and the one that is looked at even if it cannot."""
        states = {"done": "done", "begun": "started", "empty": "todo"}
        found = progress(look.definition, look.answers, look.context.variables)
        asking = {name: states[part.state] for name, part in found.items() if part.questions}
        return [
            {
                "title": say(part.label, look.language) or _("Uten tittel"), "current": part is current,
                "url": self.get_url(".frame", **look.address, section=part.id),
                "state": asking.get(part.id, "info"),
            }
            for part in parts
            if part.id in found or part is current
        ]  # fmt: skip

    @expose("/paper/")
    @framed
    def paper(self) -> Any:
        """The PDF, marked as an example."""
        look = _look()
        head = municipal_head(actor().municipality, translator(look.language)(_MARK))
        sheet = build_sheet(look.definition, look.language) if look.way == "blank" else look.sheet
        if sheet.kind == "plan" and not sheet.blank:
            head = dataclasses.replace(head, number="1")
        try:
            return pdf_response(render_sheet(sheet, head), sheet.key)
        except PrintRefused:
            return self.render("builder/frame.html", look=look, refused=True), 422


# --- what the address asks for --------------------------------------------------------------------------------------


def _look() -> Look:
    """Raises NotVisible, NotAllowed."""
    opened = set_drafts.open_draft(actor(), asked())
    if opened.question_set.kind not in SET_KINDS:
        raise NotVisible
    version = _version(opened)
    definition: QuestionSetDefinition = opened.definition if version is None else content_of(version)
    language, way = page_language(), request.args.get("as", "")
    return Look(
        opened, version, presentable(definition),
        language if language in definition.languages else next(iter(definition.languages), "nb"),
        way if way in WAYS else "leader", {name: _given(name) for name in ("plan.kind", "case.kind")},
    )  # fmt: skip


def _version(opened: OpenDraft) -> QuestionSetVersion | None:
    """The version that is asked for; None for the draft. Where there is no draft, what is published is in its place."""
    number = request.args.get("version", "draft")
    if number == "draft":
        live = [version for version in opened.versions if version.status == "published"]
        return None if opened.revision else live[-1]
    found = [version for version in opened.versions if str(version.number) == number]
    if not found:
        raise NotVisible
    return found[0]


def _param(variable: str) -> str:
    """plan.kind is plan in the address."""
    return variable.partition(".")[0]


def _given(variable: str) -> str:
    values = [value for value, _label in VARIABLES[variable].values]
    asked_for = request.args.get(_param(variable), "")
    return asked_for if asked_for in values else values[0]


def _word(label: Any) -> str:
    """What forms.conditions.subjects calls a variable or a value of one."""
    return told(label) if isinstance(label, Note) else say(label, page_language())


def _path(items: Sequence[Item], item_id: str) -> list[str]:
    """The ids from the outermost group to the item; empty when it is not there."""
    for item in items:
        inside = [item.id] if item.id == item_id else _path(item.items, item_id)
        if inside:
            return inside if item.id == item_id else [item.id, *inside]
    return []


def _section(parts: Sequence[Section], path: Sequence[str]) -> Section | None:
    """The section that holds the item, else the one asked for, else the first."""
    name = request.args.get("section", "")
    holding = [part for part in parts if path and any(item.id == path[0] for item in part.items)]
    return next(iter((*holding, *(part for part in parts if part.id == name), *parts)), None)


# --- what can be seen -----------------------------------------------------------------------------------------------


def _employee(look: Look) -> dict[str, Any]:
    shown = list(_nodes(look.sheet.nodes))
    signers = [signer for node in shown for signer in node.signers]
    return {"nodes": look.sheet.nodes if shown else (), "signers": signers, "there": {node.id for node in shown}}


def _nodes(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.print.show != "paper":
            yield node
            yield from _nodes(node.items)


def _seen(questions: Sequence[Question]) -> Iterator[str]:
    for question in questions:
        if not question.hidden:
            yield question.item.id
            yield from _seen(question.items)
