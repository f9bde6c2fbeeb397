"""The schedule a municipality uses: what its milestones are called, and what counting needs of them."""

from __future__ import annotations

from typing import Any

from forms.contents import STEP_KINDS
from forms.definition import Texts, say
from forms.library import load_steps, steps_keys
from forms.steps import StepRule, Steps
from models import QuestionSet, QuestionSetVersion
from services import deadlines
from services.questions import begun, content_of
from services.settings import settings_of

STANDARD = "lovens-minimum"


def published_steps(municipality_id: int) -> Steps:
    """The schedule in use, in two queries: the newest version of the one chosen, else the shipped one."""
    key = settings_of(municipality_id).schedule
    version: Any = (
        QuestionSetVersion.select(QuestionSetVersion, QuestionSet).join(QuestionSet)
        .where(
            QuestionSet.municipality == municipality_id, QuestionSet.key == key, QuestionSet.kind.in_(STEP_KINDS),
            QuestionSetVersion.status == "published", begun(),
        )
        .order_by(QuestionSetVersion.number.desc()).first()
    )  # fmt: skip
    steps: Steps = content_of(version) if version is not None else load_steps(key if key in steps_keys() else STANDARD)
    return steps


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
    """What each milestone is called, by code."""
    return {step.code: say(step.text, language) for step in steps.steps}


def own_words(steps: Steps, language: str) -> dict[str, tuple[str, str]]:
    """By code, the name and guidance that the municipality has written itself; empty where it has the product's."""
    shipped = _shipped_words(steps)

    def own(step: StepRule, name: str) -> str:
        texts: Texts = getattr(step, name)
        return "" if any(texts == getattr(one, name) for one in shipped.get(step.code, ())) else say(texts, language)

    return {step.code: (own(step, "text"), own(step, "help")) for step in steps.steps}


def _shipped_words(steps: Steps) -> dict[str, list[StepRule]]:
    """What the product says: in the schedule of the same key, or in any when the municipality made its own of one."""
    keys = steps_keys()
    found: dict[str, list[StepRule]] = {}
    for key in [steps.key] if steps.key in keys else keys:
        for step in load_steps(key).steps:
            found.setdefault(step.code, []).append(step)
    return found
