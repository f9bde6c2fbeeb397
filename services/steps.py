"""The municipality's own steps: how it names and explains them, and deadlines stricter than the law's."""

from __future__ import annotations

from typing import Any

from forms.definition import Texts, say
from forms.library import load_steps, steps_keys
from forms.steps import StepRule, Steps
from models import QuestionSet, QuestionSetVersion
from services import access, deadlines
from services.access import Actor
from services.errors import NotVisible
from services.questions import content_of


def published_steps(municipality_id: int) -> Steps:
    """The steps in use, in one query: the municipality's, else the shipped ones."""
    version: Any = (
        QuestionSetVersion.select(QuestionSetVersion, QuestionSet).join(QuestionSet)
        .where(
            QuestionSet.municipality == municipality_id, QuestionSet.kind == "steps",
            QuestionSetVersion.status == "published",
        )
        .order_by(QuestionSetVersion.number.desc()).first()
    )  # fmt: skip
    steps: Steps = content_of(version) if version is not None else load_steps(steps_keys()[0])
    return steps


def steps_set(actor: Actor) -> QuestionSet:
    """The set that the municipality's steps are versions of. Raises NotVisible, NotAllowed."""
    actor.require("set.write")
    row: QuestionSet | None = access.question_sets(actor).where(QuestionSet.kind == "steps").first()
    if row is None:
        raise NotVisible
    return row


def rules_for(municipality_id: int) -> tuple[deadlines.Rule, ...]:
    """What a municipality's schedule demands."""
    return rules_of(published_steps(municipality_id))


def rules_of(steps: Steps) -> tuple[deadlines.Rule, ...]:
    """The milestones of a schedule that are in use, as the counting wants them."""
    return tuple(
        deadlines.Rule(
            code=step.code, days=step.days, anchor=step.anchor, done_by=step.done_by, who=step.who,
            applies=step.applies, only_if=step.only_if or "", meeting=step.meeting, letters=step.letters,
            legal=step.legal, valid_from=step.valid_from, valid_to=step.valid_to,
        )
        for step in steps.steps
        if not step.hidden
    )  # fmt: skip


def names_of(steps: Steps, language: str) -> dict[str, str]:
    """What each step is called, by code."""
    return {step.code: say(step.text, language) for step in steps.steps}


def own_words(steps: Steps, language: str) -> dict[str, tuple[str, str]]:
    """By code, the name and guidance that the municipality has written itself; empty where it has the product's."""
    shipped = {step.code: step for step in load_steps(steps_keys()[0]).steps}

    def own(step: StepRule, name: str) -> str:
        product = shipped.get(step.code)
        texts: Texts = getattr(step, name)
        return "" if product is not None and texts == getattr(product, name) else say(texts, language)

    return {step.code: (own(step, "text"), own(step, "help")) for step in steps.steps}
