"""An open draft of a plan and the versions of its set: it may follow to a new one, and loses nothing on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from forms.definition import QuestionSetDefinition
from forms.sheet import Context, Node, build_sheet
from models import Plan, QuestionSet, QuestionSetVersion
from services import access
from services.access import Actor
from services.audit import Tag, trail
from services.questions import content_of, newest_version, version_for

__all__ = [
    "earlier_answers", "follow", "new_questions", "newer_version", "page_version", "version_for",
]  # fmt: skip


def page_version(plan: Plan, number: str) -> QuestionSetVersion:
    """The version that a page was made of, by its number; else the one the plan is on now.

    A form that was opened before a new version began is read as it was made, so that no answer in it is lost.
    """
    if number == str(plan.version.number):
        return plan.version
    row: QuestionSetVersion | None = QuestionSetVersion.get_or_none(
        QuestionSetVersion.question_set == plan.version.question_set_id,
        QuestionSetVersion.number == access.number_of(number),
    ) if number else None  # fmt: skip
    return row or version_for(plan)


def follow(actor: Actor, plan: Plan, version: QuestionSetVersion | None = None) -> None:
    """Pin a draft to `version`, or to the one it follows to, inside the caller's transaction. Answers stay."""
    wanted = version or version_for(plan)
    if wanted.id == plan.version_id:
        return
    Plan.update(version=wanted, moved_from=plan.version_id).where(Plan.id == plan.id, Plan.status == "draft").execute()
    plan.moved_from, plan.version = plan.version, wanted
    trail(actor, Tag.PLAN_MOVED, plan, plan.case_id, [f"version-{wanted.number}"])


def newer_version(plan: Plan, version: QuestionSetVersion) -> QuestionSetVersion | None:
    """The version that new plans are started on, when a draft stays on an older one."""
    if plan.status != "draft":
        return None
    newest = newest_version(QuestionSet.get_by_id(version.question_set_id))
    return newest if newest is not None and newest.number > version.number else None


def new_questions(plan: Plan, version: QuestionSetVersion, definition: QuestionSetDefinition) -> frozenset[str]:
    """What a draft that has moved is asked now and was not asked where it came from."""
    before = plan.version if version.id != plan.version_id else plan.moved_from
    if plan.status != "draft" or before is None or before.number >= version.number:
        return frozenset()
    there = {item.id for item in content_of(before).walk() if not item.hidden}
    return frozenset(item.id for item in definition.questions() if item.id not in there)


def earlier_answers(
    plan: Plan, definition: QuestionSetDefinition, answers: Mapping[str, Any], context: Context
) -> tuple[Node, ...]:
    """Answers whose questions the set no longer has, with the labels they had: "Svar fra tidligere skjema"."""
    asked = {item.id for item in definition.walk()}
    gone = {question: value for question, value in answers.items() if question not in asked}
    if not gone:
        return ()
    versions = (
        QuestionSetVersion.select(QuestionSetVersion, QuestionSet).join(QuestionSet)
        .where(QuestionSetVersion.question_set == plan.version.question_set_id)
        .order_by(QuestionSetVersion.number.desc())
    )  # fmt: skip
    return tuple(_nodes((content_of(row) for row in versions), gone, plan.language, context))


def _nodes(
    definitions: Iterable[QuestionSetDefinition], gone: dict[str, Any], language: str, context: Context
) -> Iterable[Node]:
    left = dict(gone)
    for definition in definitions:
        items = tuple(
            item.model_copy(update={"visible_if": None, "required": False, "hidden": False})
            for item in definition.questions()
            if item.id in left
        )
        yield from build_sheet(definition.model_copy(update={"items": items}), language, left, context).nodes
        for item in items:
            del left[item.id]
        if not left:
            return
