"""Edits that only schedules have: new milestones, and copies of one. flat_edit has the others."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from forms.edit.tree import Edited, fresh_id
from forms.flat.edit import EditRefused, edited, part_of
from forms.flat.overlay import FlatOperation, State
from forms.flat.step_properties import FIRST_DAYS
from forms.steps import MAX_STEPS, Steps
from forms.texts import N_

_STEM = "milepael"
_TEXT = {"nb": "Ny milepæl", "nn": "Ny milepæl", "en": "New milestone", "se": "Ođđa áigemearri"}
_OF_THE_LAW = ("at_most", "law", "legal", "locked", "hidden")  # not of a copy


def add_step(steps: Steps, after: str = "", taken: Collection[str] = ()) -> Edited:
    """A new milestone two weeks from the first day, right after another ("" for first). `taken` holds every id ever
    published."""
    text = {code: words for code, words in _TEXT.items() if code in steps.languages}
    return _placed(steps, after, {"text": text, "days": FIRST_DAYS}, taken, N_("La til «%(item)s»"))


def duplicate(steps: Steps, step_id: str, taken: Collection[str] = ()) -> Edited:
    """The same once more, after itself, as a milestone of the municipality's own."""
    part_of(steps, step_id, head=False)
    data = {name: value for name, value in State(steps).parts[step_id].items() if name not in _OF_THE_LAW}
    return _placed(steps, step_id, data, taken, N_("Kopierte «%(item)s»"))


def _placed(steps: Steps, after: str, data: dict[str, Any], taken: Collection[str], what: str) -> Edited:
    part_of(steps, after)
    if len(steps.steps) >= MAX_STEPS:
        raise EditRefused(N_("Et løp kan høyst ha %(most)s milepæler."), most=MAX_STEPS)
    used = {name for step in steps.steps for name in (step.id, step.code)}
    own_id = fresh_id(_STEM, {*taken, *used})
    state = State(steps)
    state.apply(FlatOperation(op="add_after", part=own_id, after=after, value={**data, "id": own_id, "code": own_id}))
    return edited(steps, state, own_id, what)
