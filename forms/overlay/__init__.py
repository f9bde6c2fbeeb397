"""A municipality's set laid over a shipped one: the operations, doing them again, and what law keeps as it is."""

from __future__ import annotations

from forms.overlay.locks import locked_faults
from forms.overlay.operations import Operation, derive
from forms.overlay.replay import Problem, Replayed, replay
from forms.overlay.upgrade import Choice, Upgrade, upgrade
from forms.overlay.wording import describe

__all__ = [
    "Choice", "Operation", "Problem", "Replayed", "Upgrade", "derive", "describe", "locked_faults", "replay", "upgrade",
]  # fmt: skip
